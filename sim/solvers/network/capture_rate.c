#include "capture_rate.h"

#include <math.h>

static const double two_pi = 6.28318530717958647693;

/* Smoluchowski's flux to a sphere from the density at the minimum. With momentum the diffusion coefficient is T / gamma, and the
 * ballistic flux, of particles that move straight into the ball, is an upper limit: the two times add up. */
double kr_capture_rate(const kr_bath *bath, size_t dimensions, double log_determinant, double radius) {
    double dim = (double)dimensions, area = 2.0 * pow(two_pi / 2.0, dim / 2.0) / tgamma(dim / 2.0);
    double width = sqrt(bath->temperature) * exp(-0.5 * log_determinant / dim), u = radius / width;
    double density = pow(two_pi, -dim / 2.0);
    double capacity = dim > 2.0 ? (dim - 2.0) * pow(u, dim - 2.0) : 1.0 / fmax(0.5, log(1.0 / u));
    double diffusing = area * capacity * density * bath->temperature / (width * width);
    if (isnan(bath->friction)) return diffusing;
    double ballistic = area * density * pow(u, dim - 1.0) / width * sqrt(bath->temperature / two_pi);
    diffusing /= bath->friction;
    return diffusing * ballistic / (diffusing + ballistic);
}
