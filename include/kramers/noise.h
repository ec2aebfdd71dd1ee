/* Gradient noise: what a minibatch adds to the gradient. */
#ifndef KRAMERS_NOISE_H
#define KRAMERS_NOISE_H

#include <kramers/landscape.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_noise kr_noise;

/* What a noise model needs of the landscape at each point. */
typedef enum kr_noise_input {
    KR_NOISE_INPUT_NONE,
    KR_NOISE_INPUT_ENERGY,
    KR_NOISE_INPUT_CURVATURE,
    KR_NOISE_INPUT_HESSIAN
} kr_noise_input;

typedef struct kr_noise_type {
    kr_descriptor about;
    bool is_zero; /* draws nothing: add and variance are never called */
    /* Where input asks for nothing or for the curvature, the noise is sqrt(variance) xi, each coordinate by itself: the engine adds
     * it from variance() and does not call add, which may be NULL when input never asks for anything else. */
    bool by_coordinate;

    /* separable: the landscape's Hessian is diagonal. NULL: KR_NOISE_INPUT_NONE. */
    kr_noise_input (*input)(const kr_noise *self, bool separable);

    /* gradient[dim][n] += noise made from standard normals [dim][n] and input, which is energy[n], curvature[dim][n] or
     * hessian[dim][dim][n] as kind, the answer of input(), says (and may be overwritten). Batched, vectorised, no libm. */
    void (*add)(const kr_noise *self, kr_noise_input kind, size_t dim, size_t n, double *KR_RESTRICT input,
                const double *KR_RESTRICT normal, double *KR_RESTRICT gradient);

    /* variance[n] of the noise along one coordinate, where V is energy[n] and V'' along it is curvature[n]; for theories, and for
     * the engine's steps when by_coordinate is set. What the model does not ask for may be NULL. */
    void (*variance)(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *variance);
} kr_noise_type;

struct kr_noise {
    const kr_noise_type *type;
    const void *values; /* borrowed from the scene */
};

/* What the model needs in a landscape, separable or not; of noise that is zero nothing. */
KR_API kr_noise_input kr_noise_needs(const kr_noise *noise, bool separable);

/* Whether the noise with this input is the engine's to add, from its variance. */
KR_API bool kr_noise_adds_variance(const kr_noise *noise, kr_noise_input input);

/* Whether the noise is the same everywhere, as one temperature needs it; none at all is. */
KR_API bool kr_noise_is_additive(const kr_noise *noise, bool separable);
/* Then its variance along each coordinate. */
KR_API double kr_noise_additive_variance(const kr_noise *noise);

/* variance[dim][n] of the noise at n points x[dim][n]: along each coordinate, or, when it follows the whole Hessian, along each of
 * its eigenvectors. As in a step, the noise is that of the data, without weight decay. */
KR_API kr_status kr_noise_variance(const kr_noise *noise, const kr_landscape *landscape, size_t n, const double *x,
                                   double *variance, kr_error *error);
/* At one point x[dim], averaged over the coordinates; NAN when it cannot be had. */
KR_API double kr_noise_mean_variance(const kr_noise *noise, const kr_landscape *landscape, const double *x);

KR_END_DECLARATIONS

#endif
