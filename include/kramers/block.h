/* What the step of a dynamics works on: a block of particles small enough for the first-level cache.
 *
 * All arrays are structures of arrays with stride n: coordinate i of the block's particle p is x[i * n + p]. n is a multiple of
 * KR_GRANULE, so kernels may be written as loops over count = dim * n numbers.
 */
#ifndef KRAMERS_BLOCK_H
#define KRAMERS_BLOCK_H

#include <kramers/dynamics.h>
#include <kramers/landscape.h>
#include <kramers/noise.h>

KR_BEGIN_DECLARATIONS

/* Random numbers come in granules of particles, never by block size: all four outputs of a Philox call belong to particles of
 * one granule. */
enum { KR_GRANULE = 64 };
/* So many particles with those that fill up the last granule. */
static inline size_t kr_padded(size_t particles) {
    return (particles + KR_GRANULE - 1) / KR_GRANULE * KR_GRANULE;
}

/* What a random number is for. Append only: a number's place here is part of every result ever published. */
typedef enum kr_stream {
    KR_STREAM_THERMAL = 0,          /* thermal noise of the dynamics */
    KR_STREAM_GRADIENT_NOISE = 1,   /* gradient noise at the step's evaluation of the gradient */
    KR_STREAM_START_MOMENTUM = 2,   /* thermal momentum at a fresh start */
    KR_STREAM_START_GRADIENT = 3,   /* gradient noise at a fresh start, for dynamics that carry the gradient over */
    KR_STREAM_THERMAL_SECOND = 4,   /* further thermal noises within one step: THERMAL_SECOND + i for the (i+2)-th; 16 places */
    KR_STREAM_GRADIENT_SECOND = 20, /* further evaluations of the gradient within one step; 16 places */
    KR_STREAM_START_POSITION = 36,  /* draw from the pool of starts */
    KR_STREAM_BRIDGE = 37,          /* Brownian bridge: BRIDGE + 2 target + side; 32 places */
    KR_STREAM_SPLITTING = 69,       /* which replica a killed one becomes a copy of */
    KR_STREAM_START_NOISE = 70,     /* memory of the gradient noise at a fresh start */
    KR_STREAM_ACCEPTANCE = 71,      /* whether a proposal is accepted */
    KR_STREAM_PROBE = 72,           /* directions and data that observers look at */
    KR_STREAM_DATA = 73,            /* generated data, whose seed is their own (dataset_points.h) */
    KR_STREAM_START_SPREAD = 74,    /* draw around the start, of each coordinate */
    KR_STREAM_PRUNING = 75          /* which coordinates are pruned at random */
} kr_stream;

/* Energies of the block, when they are asked for: the kr_ledger_ functions below. */
typedef struct kr_ledger kr_ledger;

struct kr_block {
    size_t n, dim;
    size_t coordinate; /* number of the block's first coordinate in the landscape: not 0 when a step goes by tiles of coordinates */
    uint64_t first;    /* number of the block's first particle in the ensemble, a multiple of KR_GRANULE */
    uint64_t seed;
    double *KR_RESTRICT position;                      /* [dim][n] */
    double *KR_RESTRICT auxiliary[KR_MAX_AUXILIARIES]; /* [dim][n] each */
    double *KR_RESTRICT gradient;                      /* [dim][n], of kr_block_gradient */
    double *KR_RESTRICT normal;                        /* [dim][n], of kr_block_normals */
    double *KR_RESTRICT scratch;                       /* [dim][n], free for the dynamics */
    double *KR_RESTRICT work;                          /* [work_numbers][n], free for a dynamics that asks for it */
    double *KR_RESTRICT noise_input;                   /* for the noise model: energy, curvature or Hessian */
    kr_noise_input noise_input_kind;                   /* the most of what its parts need */
    double *KR_RESTRICT uniform;                       /* [uniforms][dim][n], for noise models that ask for them */
    double *KR_RESTRICT sample_work;                   /* of noise that samples */
    size_t memory;                                     /* auxiliaries from this one on are memories of the noise */
    kr_ledger *ledger;                                 /* NULL: no energy ledger is kept */
    double low, high; /* which positions the engine looks for after a step: those not strictly between */
    size_t outside;   /* how many there are, once a step has counted them; SIZE_MAX before */
    const kr_landscape *landscape;
    const kr_noise *noise;
    const struct kr_kernels *kernels;
    /* Which coordinates of which particles move: bit p of word g of [dim][kept_stride] is that of particle 64 g + p of the block.
     * The others are pruned: they stand at 0, have no gradient and get no noise, so that whatever is made of the functions below
     * leaves them there. NULL: all move. */
    const uint64_t *kept;
    size_t kept_stride;
};

/* g~ = grad V (with noise that samples: that of a batch) + weight decay * x + gradient noise at position (any [dim][n] array,
 * usually block->position) into block->gradient, which is returned. May overwrite block->normal. stream: KR_STREAM_GRADIENT_NOISE
 * for the one evaluation of a step. */
KR_API double *kr_block_gradient(kr_block *block, const kr_controls *controls, const double *position, kr_stream stream);

/* The same of the same minibatch: with the random numbers that stream had before in this step. */
KR_API double *kr_block_gradient_again(kr_block *block, const kr_controls *controls, const double *position, kr_stream stream);

/* Standard normals of this step and stream into block->normal, which is returned. */
KR_API double *kr_block_normals(kr_block *block, const kr_controls *controls, kr_stream stream);

/* The same normals, added to an array without a pass of their own; block->normal stays.
 * y[dim][n] = keep y + amplitude normal. */
KR_API void kr_block_shake(kr_block *block, const kr_controls *controls, kr_stream stream, double amplitude, double keep,
                           double *y);
/* y[dim][n] += sqrt(variance[dim][n]) normal. */
KR_API void kr_block_spread(kr_block *block, const kr_controls *controls, kr_stream stream, const double *variance, double *y);
/* position = (position + descent direction[dim][n]) + amplitude normal, as the last thing that a step does to the positions: the
 * engine's test for first passages is made at once. */
KR_API void kr_block_descend_and_shake(kr_block *block, const kr_controls *controls, kr_stream stream, double amplitude,
                                       double descent, const double *direction);

/* One number of each particle into uniform[n], between 0 and 1, both excluded. */
KR_API void kr_block_uniforms(const kr_block *block, const kr_controls *controls, kr_stream stream, double *uniform);
/* V of each particle, with weight decay, at position[dim][n] into energy[n]. */
KR_API void kr_block_energy(const kr_block *block, const double *position, double *energy);

/* What dynamics with a velocity report to the energy ledger, when block->ledger is there. Call each just before what it is named
 * after, but for kr_ledger_moved, which comes whenever positions have changed; what that did to the potential is entered once a
 * step, when it is over. None of them changes the particles. */

/* m becomes mu m + kick share g~, kinetic energy scale m^2 / 2 per coordinate; g~ is gradient, taken at where. share[dim][n] may be
 * NULL: 1. What mu takes is friction; what the noiseless gradient changes is an exchange with the potential; the rest is the noise.
 */
KR_API void kr_ledger_kick(kr_block *block, double scale, double mu, const double *m, double kick, const double *share,
                           const double *where, const double *gradient);
/* p becomes c p + amplitude normal, kinetic energy p^2 / 2. */
KR_API void kr_ledger_thermostat(kr_block *block, double c, double amplitude, const double *normal, const double *p);
/* Each particle's kinetic energy, before[n] and after[n], when it changes in another way: by a friction or a thermostat that is not
 * the same for all of them. */
KR_API void kr_ledger_friction(kr_block *block, const double *before, const double *after);
KR_API void kr_ledger_heat(kr_block *block, const double *before, const double *after);
KR_API void kr_ledger_moved(kr_block *block);

KR_END_DECLARATIONS

#endif
