/* How steep and how high a landscape is: for choosing a learning rate, a temperature or what to show. */
#ifndef KRAMERS_LANDSCAPE_SCALES_H
#define KRAMERS_LANDSCAPE_SCALES_H

#include <kramers/landscape.h>

KR_BEGIN_DECLARATIONS

/* NAN: there is none, or it is not known. */
typedef struct kr_landscape_scales {
    double curvature; /* the largest in a minimum */
    double barrier;   /* of the lowest saddle above the deepest minimum */
} kr_landscape_scales;

/* Of a separable landscape along coordinate 0. */
KR_API kr_landscape_scales kr_landscape_scales_find(const kr_landscape *landscape);

/* variance[directions] of exp(-V/T) about a minimum at position[dim] along unit vectors direction[directions][dim], in the harmonic
 * approximation. In two dimensions from the inverse of the Hessian; in more the coordinates are taken as independent. false: it is
 * no minimum, or there is no memory. */
KR_API bool kr_landscape_thermal_variance(const kr_landscape *landscape, const double *position, double temperature,
                                          size_t directions, const double *const *direction, double *variance);

KR_END_DECLARATIONS

#endif
