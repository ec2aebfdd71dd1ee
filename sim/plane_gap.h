/* Spectral gap of dx = -grad V dt + sqrt(2 T) dW in the plane. */
#ifndef KR_PLANE_GAP_H
#define KR_PLANE_GAP_H

#include <kramers/landscape.h>

/* accuracy: relative, the change at the last refinement. false: not found, and why says so. */
bool kr_plane_gap(const kr_landscape *landscape, double temperature, double *gap, double *accuracy, const char **why);

#endif
