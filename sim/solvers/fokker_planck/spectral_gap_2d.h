/* Spectral gap of dx = -grad V dt + sqrt(2 T) dW in the plane. */
#ifndef KR_SPECTRAL_GAP_2D_H
#define KR_SPECTRAL_GAP_2D_H

#include <kramers/landscape.h>

/* accuracy: relative, the change at the last refinement. false: not found, and why says so. */
bool kr_spectral_gap_2d(const kr_landscape *landscape, double temperature, double *gap, double *accuracy, const char **why);

/* The gap, in units of 1/eta, of the steps x' = x - eta grad V + sqrt(2 eta T) xi over that; up to O(eta^2). NAN: not found. It
 * hardly depends on the grid, so that coarse ones do. */
double kr_spectral_gap_2d_factor(const kr_landscape *landscape, double temperature, double learning_rate);

#endif
