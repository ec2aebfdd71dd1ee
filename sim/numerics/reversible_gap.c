#include "reversible_gap.h"

#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>

enum { ITERATIONS = 1000 };

static double mean_of(size_t n, const double *weight, const double *f) {
    double mean = 0.0;
    for (size_t i = 0; i < n; i++) mean += weight[i] * f[i];
    return mean;
}

/* x [states] from f of mean zero; one step. Returns the Rayleigh quotient <x, f> / <x, x>. */
static double step(const kr_gth *pinned, size_t pin, const double *weight, const double *f, double *x) {
    size_t states = pinned->n + 1;
    for (size_t i = 0, k = 0; i < states; i++)
        if (i != pin) x[k++] = f[i];
    kr_gth_solve(pinned, x);
    for (size_t i = states; i-- > 0;) x[i] = i == pin ? 0.0 : x[i < pin ? i : i - 1];
    double mean = mean_of(states, weight, x), top = 0.0, bottom = 0.0;
    for (size_t i = 0; i < states; i++) {
        x[i] -= mean;
        top += weight[i] * x[i] * f[i];
        bottom += weight[i] * x[i] * x[i];
    }
    return top / bottom;
}

double kr_reversible_gap(const kr_gth *pinned, size_t pin, const double *weight, double *f) {
    size_t states = pinned->n + 1;
    double *x = malloc(states * sizeof *x), gap = NAN;
    for (int k = 0; x && k < ITERATIONS; k++) {
        double mean = mean_of(states, weight, f), before = gap, largest = 0.0;
        for (size_t i = 0; i < states; i++) f[i] -= mean;
        gap = step(pinned, pin, weight, f, x);
        for (size_t i = 0; i < states; i++) largest = fmax(largest, fabs(x[i]));
        for (size_t i = 0; i < states; i++) f[i] = x[i] / largest;
        if (kr_interrupt_wanted()) gap = NAN;
        if (isnan(gap) || fabs(gap - before) < 1e-14 * gap) break;
    }
    free(x);
    return gap;
}
