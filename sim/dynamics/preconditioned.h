/* What adaptive dynamics have in common in the noise of gradients: they divide by a root mean square that is sigma where the noise
 * is far above the slopes, so that they are gradient descent at the rate eta / (sigma + epsilon). */
#ifndef KR_DYNAMICS_PRECONDITIONED_H
#define KR_DYNAMICS_PRECONDITIONED_H

#include <float.h>
#include <math.h>

/* 0 / 0 of a particle at rest is no step, not a divergence: the smallest normal number is below every root that matters. */
static inline double kr_above_zero(double epsilon) {
    return epsilon > DBL_MIN ? epsilon : DBL_MIN;
}

/* Running means in the order of operations, and with the roundings, of PyTorch's kernels. */
static inline double kr_running_mean(double memory, double mean, double g) {
    return fma(1.0 - memory, g, memory * mean);
}

static inline double kr_running_square(double memory, double square, double g) {
    return fma((1.0 - memory) * g, g, memory * square);
}

static inline double kr_noise_preconditioner(double noise_variance, double epsilon) {
    return sqrt(noise_variance) + kr_above_zero(epsilon);
}

/* Gradient descent's eta' sigma^2 / 2 at the rate eta'. */
static inline double kr_preconditioned_temperature(double learning_rate, double noise_variance, double epsilon) {
    return 0.5 * learning_rate * noise_variance / kr_noise_preconditioner(noise_variance, epsilon);
}

static const char *const kr_preconditioned_regime =
    "where the noise is far above the slopes (eta x curvature << sigma) and the mean of squares remembers many steps; each "
    "coordinate has its own";

#endif
