#include "correlator.h"
#include "segments.h"
#include "time_windows.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double windows = 6.0;
enum { FEWEST_GROUPS = 8 };

kr_lags kr_lags_up_to(uint64_t longest) {
    kr_lags lags = {0};
    for (; lags.levels < KR_CORRELATOR_LEVELS; lags.levels++) {
        uint64_t begin = lags.levels ? KR_CORRELATOR_SLOTS / 2 : 0;
        if (begin << lags.levels > longest) break;
        lags.first[lags.levels] = lags.count;
        for (uint64_t slot = begin; slot < KR_CORRELATOR_SLOTS && slot << lags.levels <= longest; slot++) lags.count++;
    }
    lags.first[lags.levels] = lags.count;
    return lags;
}

size_t kr_lag_level(const kr_lags *lags, size_t k) {
    size_t level = 0;
    while (level + 1 < lags->levels && lags->first[level + 1] <= k) level++;
    return level;
}

uint64_t kr_lag_slots(const kr_lags *lags, size_t k) {
    size_t level = kr_lag_level(lags, k);
    return k - lags->first[level] + (level ? KR_CORRELATOR_SLOTS / 2 : 0);
}

uint64_t kr_lag_samples(const kr_lags *lags, size_t k) {
    return kr_lag_slots(lags, k) << kr_lag_level(lags, k);
}

/* The means of the earlier and of the later samples, each by itself, take most of the error out that their scatter makes. */
static double covariance(const double *pair) {
    double n = pair[KR_PAIR_COUNT];
    return n > 0.0 ? pair[KR_PAIR_PRODUCT] / n - pair[KR_PAIR_EARLIER] / n * (pair[KR_PAIR_LATER] / n) : NAN;
}

void kr_correlations(const kr_lags *lags, const double *sums, double *correlation) {
    double variance = covariance(sums);
    for (size_t k = 0; k < lags->count; k++) correlation[k] = variance > 0.0 ? covariance(sums + k * KR_PAIR_SUMS) / variance : NAN;
}

/* The sum over the samples behind lag number k - 1 up to lag number k, on a straight line. */
static double stretch(const kr_lags *lags, const double *correlation, size_t k) {
    double length = (double)(kr_lag_samples(lags, k) - kr_lag_samples(lags, k - 1));
    return 0.5 * (length * (correlation[k] + correlation[k - 1]) + correlation[k] - correlation[k - 1]);
}

kr_integrated_time kr_integrated_time_of(const kr_lags *lags, const double *correlation) {
    double time = 0.5;
    for (size_t k = 1; k < lags->count; k++) {
        time += stretch(lags, correlation, k);
        if ((double)kr_lag_samples(lags, k) >= windows * time) return (kr_integrated_time){time, k};
    }
    return (kr_integrated_time){NAN, lags->count ? lags->count - 1 : 0};
}

static double integrated_up_to(const kr_lags *lags, const double *correlation, size_t window) {
    double time = 0.5;
    for (size_t k = 1; k <= window && k < lags->count; k++) time += stretch(lags, correlation, k);
    return time;
}

/* Of all groups but one (groups: of all). pairs: [lags][KR_PAIR_SUMS]. */
static void correlate(const kr_lags *lags, size_t groups, const double *sums, size_t without, double *pairs, double *correlation) {
    size_t numbers = lags->count * KR_PAIR_SUMS;
    memset(pairs, 0, numbers * sizeof *pairs);
    for (size_t g = 0; g < groups; g++)
        for (size_t i = 0; g != without && i < numbers; i++) pairs[i] += sums[g * numbers + i];
    kr_correlations(lags, pairs, correlation);
}

/* Without each group: every correlation, and the integral up to the same window. each: [groups][lags]. Returns the latter's error.
 */
static double scatter(const kr_lags *lags, size_t groups, const double *sums, size_t window, double *pairs, double *each,
                      double *error) {
    double one[KR_MOST_GROUPS];
    for (size_t g = 0; g < groups; g++) correlate(lags, groups, sums, g, pairs, each + g * lags->count);
    for (size_t k = 0; k < lags->count; k++) {
        for (size_t g = 0; g < groups; g++) one[g] = each[g * lags->count + k];
        error[k] = kr_jackknife(groups, one);
    }
    for (size_t g = 0; g < groups; g++) one[g] = integrated_up_to(lags, each + g * lags->count, window);
    return kr_jackknife(groups, one);
}

kr_status kr_correlator_conclude(const kr_lags *lags, size_t groups, const double *sums, double *correlation,
                                 double *correlation_error, kr_correlator_result *result, kr_error *error) {
    double *pairs = malloc(lags->count * (KR_PAIR_SUMS + groups) * sizeof *pairs), *each = pairs + lags->count * KR_PAIR_SUMS;
    if (!pairs) return kr_fail(error, KR_NO_MEMORY, "not enough memory for an autocorrelation");
    correlate(lags, groups, sums, groups, pairs, correlation);
    double n = pairs[KR_PAIR_COUNT];
    kr_integrated_time t = kr_integrated_time_of(lags, correlation);
    bool known = !isnan(t.samples);
    *result = (kr_correlator_result){.variance = covariance(pairs),
                                     .integrated = t.samples,
                                     .window = known ? (double)kr_lag_samples(lags, t.window) : NAN,
                                     .independent = n / (2.0 * t.samples)};
    result->integrated_error = t.samples * sqrt(2.0 * (2.0 * result->window + 1.0) / n); /* Madras and Sokal */
    for (size_t k = 0; k < lags->count; k++) correlation_error[k] = NAN;
    if (groups >= FEWEST_GROUPS) {
        double deviation = scatter(lags, groups, sums, t.window, pairs, each, correlation_error);
        if (known) result->integrated_error = deviation;
    }
    free(pairs);
    return KR_OK;
}
