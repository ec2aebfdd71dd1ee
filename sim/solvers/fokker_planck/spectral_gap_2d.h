/* Spectral gap of dx = -grad V dt + sqrt(2 T) dW in the plane. */
#ifndef KR_PLANE_GAP_H
#define KR_PLANE_GAP_H

#include <kramers/landscape.h>

/* accuracy: relative, the change at the last refinement. false: not found, and why says so. */
bool kr_plane_gap(const kr_landscape *landscape, double temperature, double *gap, double *accuracy, const char **why);

/* The gap, in units of 1/eta, of the steps x' = x - eta grad V + sqrt(2 eta T) xi over that; up to O(eta^2). NAN: not found. It
 * hardly depends on the grid, so that coarse ones do. */
double kr_plane_gap_factor(const kr_landscape *landscape, double temperature, double learning_rate);

#endif
