/* Mean, variance and quantiles of one number of each particle. What is not finite belongs to particles that have stopped, and is
 * left out; sums run in the order of the particles. */
#ifndef KR_SAMPLE_MOMENTS_H
#define KR_SAMPLE_MOMENTS_H

#include <kramers/interval.h>

#include <stddef.h>
#include <stdint.h>

/* NAN where there are too few. */
typedef struct kr_sample_moments {
    uint64_t count;                    /* of those that are finite */
    double mean, variance;             /* variance: divided by count */
    double mean_error, variance_error; /* standard errors, from the second and fourth moments */
} kr_sample_moments;

kr_sample_moments kr_sample_moments_of(size_t n, const double *x);

/* 95 % of the mean, normal; both ends NAN with fewer than two numbers. */
kr_interval kr_sample_mean_ci95(const kr_sample_moments *moments);

/* The numbers at these probabilities, interpolated between order statistics (definition 7 of Hyndman and Fan 1996); NAN where there
 * are none. work[n]. */
void kr_sample_quantiles(size_t n, const double *x, size_t count, const double *probability, double *work, double *quantile);

#endif
