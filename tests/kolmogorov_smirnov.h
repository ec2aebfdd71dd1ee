/* Kolmogorov and Smirnov: whether numbers have a distribution. */
#ifndef KOLMOGOROV_SMIRNOV_H
#define KOLMOGOROV_SMIRNOV_H

#include "assert_close.h"

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* P(X < x). */
typedef double distribution_function(double x, double parameter);

/* Of the normal distribution with this standard deviation. */
static inline double normal_distribution(double x, double deviation) {
    return gsl_cdf_gaussian_P(x, deviation);
}

static inline int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* sqrt(n) times the largest distance between both distribution functions. */
static inline double kolmogorov_smirnov_distance(size_t n, const double *x, distribution_function *distribution, double parameter) {
    double *sorted = malloc(n * sizeof *sorted), most = 0;
    assert_non_null(sorted);
    memcpy(sorted, x, n * sizeof *x);
    qsort(sorted, n, sizeof *sorted, ascending);
    for (size_t i = 0; i < n; i++) {
        double f = distribution(sorted[i], parameter);
        most = fmax(most, fmax(((double)i + 1) / (double)n - f, f - (double)i / (double)n));
    }
    free(sorted);
    return sqrt((double)n) * most;
}

/* p from the asymptotic law at Stephens' (1970) effective distance. */
static inline double kolmogorov_smirnov_p(size_t n, const double *x, distribution_function *distribution, double parameter) {
    double root = sqrt((double)n), p = 0;
    double distance = kolmogorov_smirnov_distance(n, x, distribution, parameter) * (1 + (0.12 + 0.11 / root) / root);
    for (int k = 1; k < 100; k++) p += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * distance * distance);
    return fmin(1, fmax(0, p));
}

#endif
