#include "time_windows.h"

#include <kramers/basin.h>
#include <kramers/transitions.h>

#include <math.h>
#include <string.h>

enum { MOST_GROUPS = 64, FEWEST_GROUPS = 8, MIDDLE = 0, END = 1 };
_Static_assert(KR_MAX_BASINS < 256, "basins fit in bytes");

/* The shorter lag is between this and twice as much of the relaxation time. On the three hot wells of Mueller-Brown at T = 25,
 * where the next mode is only seven times faster, this leaves +0.06 % of it (from the exact modes; a tenth would leave 0.25 %).
 * With little friction the next mode is the energy inside the wells: it decays at 0.8 to 2.5 frictions, and beats with the
 * oscillation. Of the gap of the quartic double well at T = 1/2 of the barrier and friction 0.1 a lag of 0.26 relaxation times
 * leaves +1.2 +- 0.4 % (measured), one of 0.5 leaves 0.06 % (from the exact modes of the Klein-Kramers equation). At T = 1/5 a lag
 * of 0.15 leaves less than 1e-5 for all frictions from 0.1 on. */
const double kr_shortest_lag = 0.15;
static const double longest_wait = 0.3, memories = 3.0;

double kr_forgetting_time(double rate, double memory, double least) {
    return fmax(least / rate, fmin(longest_wait / rate, memories * memory));
}

size_t kr_windows_pairs(const kr_windows *w) {
    return KR_WINDOW_LAGS * w->groups * 2 * w->wells * w->wells;
}

static uint64_t *pairs_of(const kr_windows *w, size_t lag, size_t group, size_t part) {
    return w->pair + ((lag * w->groups + group) * 2 + part) * w->wells * w->wells;
}

/* Few wells: each pair in a vectorised loop of its own. */
static void count_by_pairs(const kr_windows *w, size_t count, const uint8_t *from, const uint8_t *middle, const uint8_t *now,
                           uint64_t *middle_pair, uint64_t *end_pair) {
    enum { MOST = 192 };
    for (size_t first = 0; first < count; first += MOST) {
        size_t n = count - first < MOST ? count - first : MOST;
        for (size_t i = 0; i < w->wells; i++)
            for (size_t j = 0; j < w->wells; j++) {
                uint8_t x = (uint8_t)(i + 1), y = (uint8_t)(j + 1);
                middle_pair[i * w->wells + j] += w->kernels->pairs(n, x, y, from + first, middle + first, now + first);
                end_pair[i * w->wells + j] += w->kernels->pairs(n, x, y, from + first, now + first, middle + first);
            }
    }
}

static void count_one_by_one(const kr_windows *w, size_t count, const uint8_t *from, const uint8_t *middle, const uint8_t *now,
                             uint64_t *middle_pair, uint64_t *end_pair) {
    for (size_t p = 0; p < count; p++) {
        if (!from[p] || !middle[p] || !now[p]) continue;
        middle_pair[(size_t)(from[p] - 1) * w->wells + middle[p] - 1]++;
        end_pair[(size_t)(from[p] - 1) * w->wells + now[p] - 1]++;
    }
}

/* A window begins at every multiple of its lag, so windows overlap by half. Only those count of which all three looks are known:
 * then the middle and the end belong to the same beginnings. */
void kr_windows_count(kr_windows *w, uint64_t sample, size_t group, size_t first, size_t count, const uint8_t *now) {
    enum { FEW_WELLS = 6 };
    for (size_t lag = 0; lag < KR_WINDOW_LAGS && sample % (UINT64_C(1) << lag) == 0; lag++) {
        uint8_t *from = w->before + 2 * lag * w->stride + first, *middle = from + w->stride;
        (w->wells <= FEW_WELLS ? count_by_pairs : count_one_by_one)(w, count, from, middle, now, pairs_of(w, lag, group, MIDDLE),
                                                                    pairs_of(w, lag, group, END));
        memcpy(from, middle, count);
        memcpy(middle, now, count);
    }
}

/* Second eigenvalue of the probabilities P, without one group (groups: with all): 1 - the slowest rate of P - 1. */
static double eigenvalue(const kr_windows *w, size_t lag, size_t part, size_t without, double *work) {
    size_t n = w->wells;
    double *chance = work, *none = work + n * n, *mode = none + n * n, relaxation, unused;
    memset(work, 0, (2 * n * n + n) * sizeof *work);
    for (size_t g = 0; g < w->groups; g++)
        for (size_t i = 0; g != without && i < n * n; i++) chance[i] += (double)pairs_of(w, lag, g, part)[i];
    for (size_t i = 0; i < n; i++) {
        double all = 0.0;
        for (size_t j = 0; j < n; j++) all += chance[i * n + j];
        for (size_t j = 0; j < n; j++) chance[i * n + j] = all > 0 ? chance[i * n + j] / all : NAN;
    }
    return kr_relaxation(n, chance, none, &relaxation, &unused, mode, NULL) == KR_OK ? 1.0 - relaxation : NAN;
}

static double rate_without(const kr_windows *w, size_t lag, size_t without, double time, double *work) {
    return log(eigenvalue(w, lag, MIDDLE, without, work) / eigenvalue(w, lag, END, without, work)) / time;
}

double kr_jackknife(size_t groups, const double *each) {
    double n = (double)groups, mean = 0.0, square = 0.0;
    for (size_t g = 0; g < groups; g++) mean += each[g] / n;
    for (size_t g = 0; g < groups; g++) square += (each[g] - mean) * (each[g] - mean);
    return sqrt((n - 1.0) / n * square);
}

kr_window_rate kr_windows_rate(const kr_windows *w, uint64_t looks, double spacing, double shortest, double *work) {
    kr_window_rate result = {NAN, NAN, NAN};
    double each[MOST_GROUPS];
    uint64_t passed = looks ? looks - 1 : 0;
    size_t lag = 0;
    while (lag < KR_WINDOW_LAGS - 1 && (double)(UINT64_C(1) << lag) * spacing < shortest && passed >> (lag + 2)) lag++;
    if (!(shortest < INFINITY) || !(passed >> (lag + 1)) || w->groups < FEWEST_GROUPS || w->groups > MOST_GROUPS) return result;
    double time = (double)(UINT64_C(1) << lag) * spacing, rate = rate_without(w, lag, w->groups, time, work);
    for (size_t g = 0; g < w->groups; g++) each[g] = rate_without(w, lag, g, time, work);
    double error = kr_jackknife(w->groups, each);
    if (rate > 0 && isfinite(error)) result = (kr_window_rate){rate, error, time};
    return result;
}
