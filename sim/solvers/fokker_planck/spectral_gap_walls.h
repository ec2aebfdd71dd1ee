/* Spectral gap of dx = -grad V dt + sqrt(2 T) dW in a valley between harmonic walls, in any number of dimensions. */
#ifndef KR_SPECTRAL_GAP_WALLS_H
#define KR_SPECTRAL_GAP_WALLS_H

#include "solvers/problem/free_energy.h"

typedef struct kr_wall_gap {
    double gap, accuracy; /* accuracy: relative, the change at the last refinement */
    double rise; /* the steps of gradient descent have the gap (1 + learning rate * rise) gap, to first order; NAN: not known */
} kr_wall_gap;

/* Of the functions of x0, the distance from the valley's floor and the place along the bend, to which motion along x0 belongs: what
 * is odd in another direction across relaxes by itself, about as fast as the walls pull. false: not found, and why says so. */
bool kr_spectral_gap_walls(const kr_free_energy *free_energy, kr_wall_gap *result, const char **why);

#endif
