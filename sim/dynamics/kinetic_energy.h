/* Kinetic energy of momenta at mass 1, for samplers that weigh or steer by it. */
#ifndef KR_DYNAMICS_KINETIC_ENERGY_H
#define KR_DYNAMICS_KINETIC_ENERGY_H

#include <kramers/block.h>

#include <math.h>
#include <string.h>

static inline void kr_add_kinetic_energy(size_t n, const double *restrict p, double *restrict energy) {
    for (size_t j = 0; j < n; j++) energy[j] = fma(0.5 * p[j], p[j], energy[j]);
}

/* Of each particle, energy[n], with momenta p[dim][n]. */
static inline void kr_kinetic_energy(const kr_block *block, const double *p, double *energy) {
    memset(energy, 0, block->n * sizeof *energy);
    for (size_t i = 0; i < block->dim; i++) kr_add_kinetic_energy(block->n, p + i * block->n, energy);
}

#endif
