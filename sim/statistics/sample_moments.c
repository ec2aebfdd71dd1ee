/* R. J. Hyndman, Y. Fan, Am. Stat. 50, 361 (1996). */
#include "sample_moments.h"

#include <kramers/confidence.h>

#include <math.h>
#include <stdlib.h>

kr_sample_moments kr_sample_moments_of(size_t n, const double *x) {
    double sum = 0, second = 0, fourth = 0, number = 0;
    for (size_t p = 0; p < n; p++)
        if (isfinite(x[p])) sum += x[p], number += 1;
    double mean = sum / number;
    for (size_t p = 0; p < n; p++) {
        double square = (x[p] - mean) * (x[p] - mean);
        if (isfinite(square)) second += square, fourth += square * square;
    }
    second /= number;
    fourth /= number;
    return (kr_sample_moments){.count = (uint64_t)number,
                               .mean = mean,
                               .variance = second,
                               .mean_error = number > 1 ? sqrt(second / (number - 1)) : NAN,
                               .variance_error = number > 1 ? sqrt(fmax(fourth - second * second, 0) / (number - 1)) : NAN};
}

kr_interval kr_sample_mean_ci95(const kr_sample_moments *moments) {
    double half = KR_NORMAL_95 * moments->mean_error;
    return (kr_interval){moments->mean - half, moments->mean + half};
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void kr_sample_quantiles(size_t n, const double *x, size_t count, const double *probability, double *work, double *quantile) {
    size_t finite = 0;
    for (size_t p = 0; p < n; p++)
        if (isfinite(x[p])) work[finite++] = x[p];
    if (finite) qsort(work, finite, sizeof *work, ascending);
    for (size_t i = 0; i < count; i++) {
        double place = finite ? probability[i] * (double)(finite - 1) : 0.0, below = floor(place);
        size_t low = (size_t)below, high = low + 1 < finite ? low + 1 : low;
        quantile[i] = finite ? work[low] + (place - below) * (work[high] - work[low]) : NAN;
    }
}
