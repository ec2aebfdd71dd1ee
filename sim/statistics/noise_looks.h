/* What the gradients of single data do where particles are: their covariance C beside the Hessian H, their tail, the temperature
 * that they amount to. Of landscapes that are means over data. */
#ifndef KR_NOISE_LOOKS_H
#define KR_NOISE_LOOKS_H

#include "particle_looks.h"

enum {
    KR_LOOK_COVARIANCE,  /* Tr C, exact */
    KR_LOOK_LAPLACIAN,   /* Tr H; H, and the slope, with weight decay */
    KR_LOOK_PRODUCT,     /* Tr C H */
    KR_LOOK_SQUARE_C,    /* |C|^2, the sum of the squares of its entries */
    KR_LOOK_SQUARE_H,    /* |H|^2 */
    KR_LOOK_SLOPE,       /* |grad V|^2 */
    KR_LOOK_TAIL,        /* 1 / alpha */
    KR_LOOK_VARIANCE,    /* of the run's noise in the long run, mean over the coordinates */
    KR_LOOK_TEMPERATURE, /* that this amounts to, mean over the coordinates; NAN: none */
    KR_NOISE_LOOKS
};

typedef struct kr_noise_look {
    uint64_t seed;
    size_t probes;  /* random vectors, where there are more than KR_WHOLE_HESSIAN coordinates */
    size_t samples; /* data of each particle; 0, or more than there are: all */
} kr_noise_look;

/* Bytes that kr_look_at_noise allocates for each particle, with so many data. */
double kr_noise_look_bytes(const kr_landscape *landscape, size_t probes, size_t data);
/* context: a kr_noise_look. */
kr_status kr_look_at_noise(void *context, const kr_view *view, size_t first, size_t n, const double *x, double *number,
                           kr_error *error);

#endif
