#include "quasi_stationary.h"

#include <math.h>

enum { FIRST_TEST = 64, PATIENCE = 8 };
static const double equal = 1e-12; /* hazards, relative */
static const double still = 1e-12; /* a density that changes by rounding alone */
static const double shaped = 1e-9; /* a density that has its shape, where the hazards themselves say how well */

static void start_again(kr_quasi_stationary *s, double rate, uint64_t steps) {
    *s = (kr_quasi_stationary){.rate = rate, .steps = steps, .next = FIRST_TEST, .low = INFINITY, .high = -INFINITY};
}

/* What still fades at stride k fades over all strides from k/2 on, so hazards that are equal over the last half of them are equal
 * from there on, also those of orbits that repeat after several steps. A fading part that takes longer than the strides watched
 * drifts over them by more than rounding, unless its share in the hazard is below 1e-12 of (time / strides watched). Where the
 * hazard is 0 to the last digit (probabilities below 1e-30 are not followed), the density must have been still for a while. */
static bool is_quasi_stationary(const kr_quasi_stationary *s, double change) {
    if (s->high > 0.0) return s->high - s->low <= equal * s->high && change <= shaped;
    return s->calm && s->strides >= PATIENCE * s->calm;
}

void kr_quasi_stationary_note(kr_quasi_stationary *s, double rate, uint64_t steps, double hazard, double lost, double change) {
    if (rate == s->rate && steps < s->steps) return; /* a row ended within the stride */
    if (rate != s->rate || steps != s->steps) start_again(s, rate, steps);
    s->strides++;
    s->hazard = hazard;
    s->lost = lost;
    s->low = fmin(s->low, hazard);
    s->high = fmax(s->high, hazard);
    if (change > still)
        s->calm = 0;
    else if (!s->calm)
        s->calm = s->strides;
    if (s->strides < s->next) return;
    s->reached = is_quasi_stationary(s, change);
    s->spread = s->high > 0.0 ? (s->high - s->low) / s->high : 0.0;
    s->next *= 2;
    s->low = INFINITY;
    s->high = -INFINITY;
}

static double strides_of(const kr_quasi_stationary *s, uint64_t steps) {
    return (double)steps / (double)s->steps;
}

double kr_quasi_stationary_log(const kr_quasi_stationary *s, uint64_t steps) {
    return s->hazard < 1.0 ? strides_of(s, steps) * log1p(-s->hazard) : -INFINITY;
}

double kr_quasi_stationary_lost(const kr_quasi_stationary *s, uint64_t steps) {
    double all = s->hazard > 0.0 ? -expm1(kr_quasi_stationary_log(s, steps)) / s->hazard : strides_of(s, steps);
    return s->lost * all;
}

/* S changes by S n h (relative error of h), and n h exp(-n h) is at most 1/e. */
double kr_quasi_stationary_error(const kr_quasi_stationary *s, uint64_t steps) {
    return fmin(strides_of(s, steps) * s->hazard, 0.37) * s->spread;
}
