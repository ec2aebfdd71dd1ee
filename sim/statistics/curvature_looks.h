/* Curvature where single particles are: the ends of the Hessian's spectrum, its trace, how the loss rises around, and what a
 * minibatch makes of it. */
#ifndef KR_CURVATURE_LOOKS_H
#define KR_CURVATURE_LOOKS_H

#include "particle_looks.h"

enum {
    KR_LOOK_LARGEST,
    KR_LOOK_SMALLEST,
    KR_LOOK_TRACE,
    KR_LOOK_RISE,
    KR_LOOK_STABILITY,     /* for the caller: learning rate x largest, over what the dynamics divides gradients by */
    KR_LOOK_NOISE,         /* variance of the gradient noise, mean over the coordinates */
    KR_LOOK_NONUNIFORMITY, /* s, s^2 = mean_m |H_m v|^2 - |H v|^2 along the eigenvector v of the largest; NAN: no minibatches */
    KR_LOOK_GROWTH,        /* (1 - eta a)^2 + eta^2 gamma s^2 */
    KR_LOOK_TRACE_ERROR,   /* standard error of this particle's trace */
    KR_LOOK_RESIDUAL,
    KR_CURVATURE_LOOKS
};

typedef struct kr_curvature_look {
    uint64_t seed;
    size_t probes, directions, iterations;
    double radius, tolerance;
    const kr_noise *minibatch; /* the part of the noise that draws minibatches; NULL: none */
} kr_curvature_look;

/* Bytes that kr_look_at_curvature allocates for each particle. */
double kr_curvature_look_bytes(const kr_landscape *landscape, size_t iterations);
/* context: a kr_curvature_look. */
kr_status kr_look_at_curvature(void *context, const kr_view *view, size_t first, size_t n, const double *x, double *number,
                               kr_error *error);

#endif
