/* Points drawn from the Boltzmann distribution inside one basin. */
#ifndef KRAMERS_GIBBS_H
#define KRAMERS_GIBBS_H

#include <kramers/landscape.h>

/* points[count][dim] from exp(-V / temperature) restricted to the basin of this minimum, deterministic in the seed.
 *
 * Separable landscapes: independent draws, exact to the grid of the inverse distribution function (4096 points a coordinate, linear
 * in between). Others: independent Metropolis chains of 400 steps each from the minimum, proposals shaped by its Hessian. */
kr_status kr_gibbs_sample(const kr_landscape *landscape, int64_t minimum, double temperature, uint64_t seed, size_t count,
                          double *points, kr_error *error);

#endif
