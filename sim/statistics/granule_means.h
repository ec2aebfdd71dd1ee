/* Sums over granules of particles, whose order is part of the results' bits: ensemble_means.c and the observers add these up. */
#ifndef KR_GRANULE_MEANS_H
#define KR_GRANULE_MEANS_H

#include "engine/kernels.h"

#include <kramers/ensemble_means.h>

/* Of n particles, n a multiple of KR_GRANULE; coordinate i of particle p is at i * n + p. Where a particle is NaN so is the rest.
 */
typedef struct kr_mean_terms {
    size_t dim, n;
    size_t first;                      /* number of the first particle in the ensemble */
    uint64_t seed, step;               /* of the ensemble; at which they are there */
    const double *position, *velocity; /* velocity NULL: there is none */
    double *gradient, *curvature; /* [dim][n]; curvature: its sum over the coordinates is the Laplacian, or has it as its mean */
    double *energy;               /* [n] */
} kr_mean_terms;

/* Fills in gradient, curvature and energy. */
void kr_mean_terms_evaluate(const kr_landscape *landscape, kr_mean_terms *terms);
/* Adds the granule that begins at particle first, without those whose keep is 0; moments[2][dim] about origin[dim], or NULL. */
void kr_mean_terms_add(const kr_sum_kernels *kernels, const kr_mean_terms *terms, size_t first, const uint64_t *keep, double *sums,
                       const double *origin, double *moments);
/* keep[KR_GRANULE]: all bits of those of particles from first up to end, but for the stopped ones. Returns how many. */
size_t kr_keep_moving(const kr_sum_kernels *kernels, const uint64_t *stopped_at, size_t granule, size_t first, size_t end,
                      uint64_t *keep);

#endif
