#include "landscape_panel.h"

#include <math.h>

/* Transition densities on an even grid are integrated by the trapezoidal rule, which is exact to rounding for kernels as smooth and
 * wide as these. The stationary vector comes from the elimination of Grassmann, Taksar and Heyman (1985): no subtraction, so that
 * states which hardly ever communicate get their shares right. Steps off the grid are left out. */
void kr_chain_density(size_t count, double spacing, const double *x, const double *mean, const double *deviation, double *work,
                      double *density) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            double u = (x[j] - mean[i]) / deviation[i];
            work[i * count + j] = exp(-0.5 * u * u) / deviation[i];
        }
    for (size_t n = count - 1; n > 0; n--) {
        const double *row = work + n * count;
        double sum = 0;
        for (size_t j = 0; j < n; j++) sum += row[j];
        for (size_t i = 0; i < n; i++) {
            double *into = work + i * count, share = sum > 0 ? into[n] / sum : 0;
            into[n] = share;
            if (share > 0)
                for (size_t j = 0; j < n; j++) into[j] += share * row[j];
        }
    }
    double total = density[0] = 1;
    for (size_t n = 1; n < count; n++) {
        density[n] = 0;
        for (size_t i = 0; i < n; i++) density[n] += density[i] * work[i * count + n];
        total += density[n];
    }
    for (size_t i = 0; i < count; i++) density[i] /= total * spacing;
}
