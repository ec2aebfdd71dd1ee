/* Points drawn from the Boltzmann distribution inside one basin. */
#ifndef KRAMERS_BOLTZMANN_SAMPLE_H
#define KRAMERS_BOLTZMANN_SAMPLE_H

#include <kramers/interval.h>
#include <kramers/landscape.h>

KR_BEGIN_DECLARATIONS

/* points[count][dim] from exp(-V / temperature) restricted to the basin of this minimum, deterministic in the seed.
 *
 * Separable landscapes: independent draws, exact to the grid of the inverse distribution function (4096 points a coordinate, linear
 * in between). Others: independent Metropolis chains of 400 steps each from the minimum, proposals shaped by its Hessian. */
KR_API kr_status kr_boltzmann_sample(const kr_landscape *landscape, int64_t minimum, double temperature, uint64_t seed,
                                     size_t count, double *points, kr_error *error);

/* The stretch of a coordinate through this minimum from which its points are drawn: from one maximum to the next, or to where
 * nothing is left of the weight. For separable landscapes, and in one dimension. */
KR_API kr_status kr_boltzmann_range(const kr_landscape *landscape, int64_t minimum, double temperature, size_t coordinate,
                                    kr_interval *range, kr_error *error);

KR_END_DECLARATIONS

#endif
