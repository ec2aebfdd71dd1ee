/* Transition densities on an even grid are integrated by the trapezoidal rule, which is exact to rounding for kernels as smooth and
 * wide as these; the stationary vector comes from subtraction-free elimination. */
#include "stationary_chain.h"

#include "chain.h"
#include "numerics/gth_solver.h"

#include <math.h>
#include <stdlib.h>

static void fill_row(size_t count, const double *x, double mean, double deviation, double *row) {
    for (size_t j = 0; j < count; j++) {
        double u = (x[j] - mean) / deviation;
        row[j] = exp(-0.5 * u * u) / deviation;
    }
}

static bool make_matrix(kr_gth *matrix, size_t count, const double *x, const double *mean, const double *deviation) {
    size_t *first = calloc(2 * count, sizeof *first), *last = first + count;
    if (!first) return false;
    for (size_t i = 0; i < count; i++) last[i] = count;
    bool made = kr_gth_create(matrix, count, first, last, INFINITY);
    free(first);
    for (size_t i = 0; made && i < count; i++) fill_row(count, x, mean[i], deviation[i], matrix->row[i]);
    if (made) matrix->excess[0] = 1.0; /* what ends there begins there again */
    return made;
}

/* Where a step from the density on the nodes leads is the same density at any place, and smooth between the nodes. */
static void interpolate(size_t nodes, const double *mean, const double *deviation, const double *probability,
                        kr_density_curve *curve) {
    double spacing = (curve->high - curve->low) / (double)(curve->count - 1), row, sum = 0.0;
    for (size_t j = 0; j < curve->count; j++) {
        double at = curve->low + spacing * (double)j;
        curve->value[j] = 0.0;
        for (size_t i = 0; i < nodes; i++) {
            fill_row(1, &at, mean[i], deviation[i], &row);
            curve->value[j] += probability[i] * row;
        }
        sum += curve->value[j] * (j == 0 || j + 1 == curve->count ? 0.5 : 1.0);
    }
    for (size_t j = 0; j < curve->count; j++) {
        curve->value[j] /= sum * spacing;
        curve->largest = fmax(curve->largest, curve->value[j]);
    }
}

bool kr_stationary_chain(const kr_problem_1d *line, size_t nodes, kr_density_curve *curve) {
    double *x = calloc(4 * nodes, sizeof *x), *mean = x + nodes, *deviation = mean + nodes, *probability = deviation + nodes;
    kr_gth matrix = {0};
    if (!x) return false;
    for (size_t i = 0; i < nodes; i++) x[i] = curve->low + (curve->high - curve->low) * (double)i / (double)(nodes - 1);
    kr_chain_step(line, nodes, x, mean, deviation, NULL);
    bool solved = make_matrix(&matrix, nodes, x, mean, deviation) && kr_gth_eliminate(&matrix);
    if (solved) {
        kr_gth_stationary(&matrix, probability);
        interpolate(nodes, mean, deviation, probability, curve);
    }
    kr_gth_destroy(&matrix);
    free(x);
    return solved;
}
