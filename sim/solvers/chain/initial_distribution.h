/* Where a walk along one coordinate departs: from a point, or from the Boltzmann distribution inside a basin. */
#ifndef KR_DEPARTURES_H
#define KR_DEPARTURES_H

#include <kramers/theory.h>

typedef struct kr_departures {
    size_t count;
    double *x, *weight; /* [count] quadrature: weights sum to 1 */
} kr_departures;

/* false: refused, with the reason in out. */
bool kr_departures_make(kr_departures *departures, const kr_line *line, kr_prediction *out);
void kr_departures_destroy(kr_departures *departures);

#endif
