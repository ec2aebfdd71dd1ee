/* The distribution of starts along one coordinate: a point, or the Boltzmann distribution inside a basin. */
#ifndef KR_INITIAL_DISTRIBUTION_H
#define KR_INITIAL_DISTRIBUTION_H

#include <kramers/theory.h>

typedef struct kr_initial_distribution {
    size_t count;
    double *x, *weight; /* [count] quadrature: weights sum to 1 */
} kr_initial_distribution;

/* false: refused, with the reason in out. */
bool kr_initial_distribution_make(kr_initial_distribution *initial, const kr_problem_1d *line, kr_prediction *out);
void kr_initial_distribution_destroy(kr_initial_distribution *initial);

#endif
