/* Spectral gap of dx = -V' dt + sqrt(2 T) dW on a line. */
#ifndef KR_SPECTRAL_GAP_1D_H
#define KR_SPECTRAL_GAP_1D_H

#include <kramers/landscape.h>

/* Along one coordinate of a separable landscape. learning_rate: 0, or that of steps x' = x - eta V' + sqrt(2 eta T) xi, whose gap
 * in units of 1/eta is then found up to O(eta^2). accuracy: change at the last refinement. false: it does not converge, or the loss
 * does not rise on both sides; why says so. */
bool kr_spectral_gap_1d(const kr_landscape *landscape, size_t coordinate, double temperature, double learning_rate, double *gap,
                        double *accuracy, const char **why);

#endif
