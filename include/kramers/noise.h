/* Gradient noise: what a minibatch adds to the gradient. */
#ifndef KRAMERS_NOISE_H
#define KRAMERS_NOISE_H

#include <kramers/landscape.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_noise kr_noise;
typedef struct kr_noise_type kr_noise_type;

/* What a noise model needs of the landscape at each point. */
typedef enum kr_noise_input {
    KR_NOISE_INPUT_NONE,
    KR_NOISE_INPUT_SPREAD, /* variance of the gradient over the data (data_sum.h), of models that sample: for theories alone */
    KR_NOISE_INPUT_ENERGY,
    KR_NOISE_INPUT_CURVATURE,
    KR_NOISE_INPUT_HESSIAN
} kr_noise_input;

/* What sets a model apart from Gaussian numbers that forget at once and are the same everywhere, at all steps and in all
 * directions: theories may be about those only. */
typedef enum kr_noise_trait {
    KR_NOISE_NO_VARIANCE = 1,
    KR_NOISE_NOT_GAUSSIAN = 2,
    KR_NOISE_REMEMBERS = 4, /* numbers of different steps depend on each other */
    KR_NOISE_CHANGES = 8,   /* from step to step */
    KR_NOISE_LOCAL = 16,    /* depends on the position */
    KR_NOISE_DIRECTED = 32  /* differs between the coordinates, or couples them */
} kr_noise_trait;

/* Noise unit X along each coordinate, with P(X > x) ~ x^-exponent far out. */
typedef enum kr_tail_law {
    KR_TAIL_NONE,
    KR_TAIL_STABLE, /* symmetric: E exp(i t X) = exp(-|t|^exponent); Gaussian at 2 */
    KR_TAIL_STUDENT /* Student's distribution with exponent degrees of freedom */
} kr_tail_law;

typedef struct kr_noise_tail {
    kr_tail_law law;
    double exponent, unit;
} kr_noise_tail;

/* One of the models of a sum, and where its values lie in those of the sum. */
typedef struct kr_noise_part {
    const kr_noise_type *type;
    size_t offset;
} kr_noise_part;

enum { KR_MAX_NOISE_PARTS = 8, KR_MAX_NOISE_DRAWS = 8 };

/* Which batch a gradient is of. Random numbers follow from these and from nothing else. */
typedef struct kr_sampling {
    const kr_landscape *landscape;
    const struct kr_kernels *kernels;
    uint64_t seed, first, step; /* first: number of the first of n particles, a multiple of KR_GRANULE */
    uint64_t drawn;             /* data that each particle has drawn in the steps before */
    unsigned stream, number;    /* KR_SAMPLER_DRAWS of them, from number on */
    size_t n;
} kr_sampling;

/* Random numbers of a model that samples: which data, and two for what is done to them. */
enum { KR_SAMPLER_DRAWS = 3 };

/* A model that samples: the gradient is that of a batch of the data, which each particle draws for itself, and not one with noise
 * added. At most one of a sum. Weight decay is no matter of it. */
typedef struct kr_noise_sampler {
    size_t size;                             /* offset among the values of the KR_INTEGER that says how many data a batch has */
    uint64_t (*batch)(const kr_noise *self); /* data of a gradient */
    /* The most that this may be on a landscape that fits. */
    uint64_t (*most)(const kr_noise *self, const kr_landscape *landscape);
    /* Doubles of each particle that gradient works with. */
    size_t (*work)(const kr_noise *self, const kr_landscape *landscape);
    /* gradient[dim][n]; spare[dim][n] and work may be overwritten. */
    void (*gradient)(const kr_noise *self, const kr_sampling *sampling, const double *x, double *spare, double *work,
                     double *gradient);
} kr_noise_sampler;

struct kr_noise_type {
    kr_descriptor about;
    bool is_zero; /* draws nothing: add and variance are never called */
    /* Each coordinate gets its noise by itself. Where moreover input asks for nothing or for the curvature and there are no
     * uniforms, the noise is sqrt(variance) xi: the engine adds it from variance() and does not call add, which may be NULL when
     * input never asks for anything else. */
    bool by_coordinate;
    /* add makes the noise of so many uniform numbers for each coordinate, in (0, 1), [uniforms][dim][n]; 0: of one standard normal,
     * [dim][n]. */
    unsigned uniforms;

    /* separable: the landscape's Hessian is diagonal. NULL: KR_NOISE_INPUT_NONE. */
    kr_noise_input (*input)(const kr_noise *self, bool separable);

    /* gradient[dim][n] += noise made from these random numbers and input, which is energy[n], curvature[dim][n] or
     * hessian[dim][dim][n] as kind, the answer of input(), says (and may be overwritten). Batched, vectorised, no libm. */
    void (*add)(const kr_noise *self, kr_noise_input kind, size_t dim, size_t n, double *KR_RESTRICT input,
                const double *KR_RESTRICT random, double *KR_RESTRICT gradient);

    const kr_noise_sampler *sampler; /* NULL: it does not sample, but adds */
    /* Optional: refuses a landscape that it is not made for, with the reason and the remedy. */
    kr_status (*fits)(const kr_noise *self, const kr_landscape *landscape, kr_error *error);

    /* variance[n] of the noise at step self->step along coordinate self->coordinate, where V is energy[n] and V'' along it is
     * curvature[n] (with KR_NOISE_INPUT_SPREAD this is the variance over self->samples data); INFINITY where it has none. For
     * theories, and for the engine's steps as by_coordinate says. What the model does not ask for may be NULL. */
    void (*variance)(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *variance);

    /* Optional, of noise with power-law tails: which. */
    kr_noise_tail (*tail)(const kr_noise *self);

    /* A kr_noise_trait for each bit, but for those that input, remember and next_change tell. NULL: none. */
    unsigned (*traits)(const kr_noise *self);

    /* A memory: one number for each coordinate, standard normal at a fresh start, takes the place of xi in a model by_coordinate.
     * Called with new normals before the step's first gradient: memory[count] becomes that of this step, again standard normal.
     * NULL: xi is new in each step. */
    void (*remember)(const kr_noise *self, size_t count, const double *KR_RESTRICT normal, double *KR_RESTRICT memory);
    /* Of such a model: the variance of a sum of its numbers over many steps, for each step, over that of one. */
    double (*persistence)(const kr_noise *self);

    /* The first step after self->step at which variance() is another one; UINT64_MAX: there is none. NULL: it never changes. */
    uint64_t (*next_change)(const kr_noise *self);

    /* Optional: checks the values for so many dimensions, and makes what add works with into self->data. Pure; depends on values
     * that no schedule can drive alone. */
    kr_status (*prepare)(kr_noise *self, size_t dim, kr_error *error);
    void (*destroy)(kr_noise *self); /* frees data */

    const kr_noise_part *parts; /* of a sum (kr_noise_sum), which has no functions of its own; NULL: it is none */
    size_t part_count;
};

struct kr_noise {
    const kr_noise_type *type;
    const void *values; /* borrowed from the scene */
    size_t dim;         /* of the landscape; 0: not known */
    void *data;         /* of prepare; NULL before: variances can be asked for all the same */
    size_t samples;     /* training data of the landscape, while a model that samples is asked about its variance */
    uint64_t step;      /* what is asked about: this step and this coordinate */
    size_t coordinate;
};

/* Checked and prepared for a landscape of so many dimensions. */
KR_API kr_status kr_noise_create(kr_noise *self, const kr_noise_type *type, const void *values, size_t dim, kr_error *error);
KR_API void kr_noise_destroy(kr_noise *self);

/* Several models at once: each draws its own random numbers, and what they add is summed. Parameters are called part.parameter,
 * where two parts have the same name number.parameter, which is understood for all. Equal lists give the same type, which stays
 * valid. */
KR_API kr_status kr_noise_sum(const kr_noise_type *const *part, size_t count, const kr_noise_type **sum, kr_error *error);
/* Parts of a noise; it is its only one when it is no sum. */
KR_API size_t kr_noise_part_count(const kr_noise *noise);
KR_API kr_noise kr_noise_part_of(const kr_noise *noise, size_t number);
/* Random numbers of a model for each coordinate and step, and memories of it, or of all parts of a sum. */
KR_API size_t kr_noise_draws(const kr_noise *noise);
KR_API size_t kr_noise_memories(const kr_noise *noise);

/* The part that samples; false: none does. */
KR_API bool kr_noise_sampler_of(const kr_noise *noise, kr_noise *part);
/* Data of a gradient; 0: of all. */
KR_API uint64_t kr_noise_batch(const kr_noise *noise);
/* Variance of a batch's gradient over that of a single datum, among so many data: 1 / B with replacement; without it 0 where the
 * batch is all of them. NAN: none samples. */
KR_API double kr_noise_batch_share(const kr_noise *noise, size_t data);
/* Whether the noise is made for this landscape; the message says why not. */
KR_API kr_status kr_noise_fits(const kr_noise *noise, const kr_landscape *landscape, kr_error *error);

/* What the model, or any part of it, needs in a landscape, separable or not: the most of it; of noise that is zero nothing. */
KR_API kr_noise_input kr_noise_needs(const kr_noise *noise, bool separable);

/* Whether the noise with this input is the engine's to add, from its variance. Of a part. */
KR_API bool kr_noise_adds_variance(const kr_noise *noise, kr_noise_input input);

/* The traits of the noise, of all parts together. */
KR_API unsigned kr_noise_traits(const kr_noise *noise, bool separable);
/* Whether it has one of these traits; then why, "the noise depends on the position". */
KR_API bool kr_noise_objects(const kr_noise *noise, bool separable, unsigned traits, char *why, size_t size);
/* Whether it has no trait at all, as one temperature needs it; none at all is. */
KR_API bool kr_noise_is_additive(const kr_noise *noise, bool separable);
/* The variance of noise that does not depend on the position, at its step along its coordinate. */
KR_API double kr_noise_additive_variance(const kr_noise *noise);

/* variance[dim][n] of the noise at n points x[dim][n], at its step: along each coordinate, or, when it follows the whole Hessian,
 * along each of its eigenvectors. As in a step, the noise is that of the data, without weight decay. */
KR_API kr_status kr_noise_variance(const kr_noise *noise, const kr_landscape *landscape, size_t n, const double *x,
                                   double *variance, kr_error *error);
/* The same, and of noise that remembers in the long run: what temperatures follow from. */
KR_API kr_status kr_noise_long_variance(const kr_noise *noise, const kr_landscape *landscape, size_t n, const double *x,
                                        double *variance, kr_error *error);
/* That at one point x[dim], averaged over the coordinates; NAN when it cannot be had. */
KR_API double kr_noise_mean_variance(const kr_noise *noise, const kr_landscape *landscape, const double *x);

KR_END_DECLARATIONS

#endif
