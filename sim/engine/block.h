/* What the step of a dynamics works on: a block of particles small enough for the first-level cache.
 *
 * All arrays are structures of arrays with stride n: coordinate i of the block's particle p is x[i * n + p]. n is a multiple of
 * KR_GRANULE, so kernels may be written as loops over count = dim * n numbers.
 */
#ifndef KR_BLOCK_H
#define KR_BLOCK_H

#include <kramers/dynamics.h>
#include <kramers/landscape.h>
#include <kramers/noise.h>

#include "kernels.h"

/* Energies of the block, when they are asked for: ledger.h. */
typedef struct kr_ledger kr_ledger;

struct kr_block {
    size_t n, dim;
    uint64_t first; /* number of the block's first particle in the ensemble, a multiple of KR_GRANULE */
    uint64_t seed;
    double *restrict position;                      /* [dim][n] */
    double *restrict auxiliary[KR_MAX_AUXILIARIES]; /* [dim][n] each */
    double *restrict gradient;                      /* [dim][n], of kr_block_gradient */
    double *restrict normal;                        /* [dim][n], of kr_block_normals */
    double *restrict scratch;                       /* [dim][n], free for the dynamics */
    double *restrict noise_input;                   /* for the noise model: energy, curvature or Hessian */
    kr_noise_input noise_input_kind;
    kr_ledger *ledger; /* NULL: no energy ledger is kept */
    const kr_landscape *landscape;
    const kr_noise *noise;
    const kr_kernels *kernels;
};

/* g~ = grad V + weight decay * x + gradient noise at position (any [dim][n] array, usually block->position) into block->gradient,
 * which is returned. Overwrites block->normal. stream: KR_STREAM_GRADIENT_NOISE for the one evaluation of a step. */
double *kr_block_gradient(kr_block *block, const kr_controls *controls, const double *position, kr_stream stream);

/* Standard normals of this step and stream into block->normal, which is returned. */
double *kr_block_normals(kr_block *block, const kr_controls *controls, kr_stream stream);

#endif
