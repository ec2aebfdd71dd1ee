/* Minima of landscapes that are no sums over coordinates, in the order of their numbers. */
#ifndef KR_COUPLED_MINIMA_H
#define KR_COUPLED_MINIMA_H

#include "hessian_ends.h"

typedef struct kr_coupled_minima {
    size_t dim, count;
    double *position; /* [count][dim] */
} kr_coupled_minima;

/* Whether there are so many coupled coordinates that saddles and eigenvalues of Hessians are not looked for. */
bool kr_coupled_is_large(const kr_landscape *landscape);

/* Those of the landscape's candidates that lead to one. In many coordinates by Newton's method with conjugate gradients, which
 * takes a few vectors of memory. */
kr_status kr_coupled_minima_find(const kr_landscape *landscape, kr_coupled_minima *minima, kr_error *error);
void kr_coupled_minima_destroy(kr_coupled_minima *minima);

/* The least and the largest curvature at x, of any direction, by Lanczos' method; only_largest: the least may be above the true
 * one. false: they are not finite, or there is no memory. */
bool kr_large_curvature_range(const kr_landscape *landscape, const double *x, bool only_largest, double *least, double *largest);

#endif
