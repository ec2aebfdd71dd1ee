/* Spectral gap of dx = -V' dt + sqrt(2 T) dW on a line. */
#ifndef KR_LINE_GAP_H
#define KR_LINE_GAP_H

#include <kramers/landscape.h>

/* Along one coordinate of a separable landscape. accuracy: change at the last refinement. false: it does not converge, or the loss
 * does not rise on both sides; why says so. */
bool kr_line_gap(const kr_landscape *landscape, size_t coordinate, double temperature, double *gap, double *accuracy,
                 const char **why);

#endif
