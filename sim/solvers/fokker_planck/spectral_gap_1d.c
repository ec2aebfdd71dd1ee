/* The slow eigenfunction f of L = T d2 - V' d has f' > 0, and T (e^{-V/T} f')' = -lambda e^{-V/T} f integrated twice says
 *
 *     f'(x) / lambda = (Z/T) e^{V(x)/T} int F(min(x, y)) (1 - F(max(x, y))) f'(y) dy
 *
 * with the distribution function F of Gibbs' density e^{-V/T} / Z: 1/lambda is the largest eigenvalue of a positive kernel,
 * symmetric with the weight e^{-V/T}. The kernel is two running integrals, kept as logarithms: nothing cancels at any temperature.
 * Power iteration converges in two or three rounds when the gap is small, and its Rayleigh quotient twice as fast.
 *
 * Steps of gradient descent, x' = x - eta V' + sqrt(2 eta T) xi, relax as the continuous process in V + (eta/4) V'^2 does, up to
 * O(eta^2): see spectral_gap_2d.c.
 */
#include "spectral_gap_1d.h"
#include "geometry/critical_lines.h"
#include "numerics/gauss_legendre.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    NODES = KR_GAUSS_NODES,
    SAMPLES = 17,
    MAX_PANELS = 20000,
    MAX_DEPTH = 60,
    MAX_KNOTS = 256,
    ITERATIONS = 300,
    REFINEMENTS = 5
};
static const double wanted = 1e-12, accepted = 1e-9;
static const double negligible = 60.0; /* in units of T above the outermost minimum */

typedef struct axis {
    kr_landscape landscape; /* the coordinates up to this one; those after it add a constant */
    size_t coordinate;
    double temperature, learning_rate, low, high, widest;
} axis;

static void reduced_energy(const axis *a, size_t n, const double *x, double *phi) {
    size_t dim = a->coordinate + 1;
    double *points = calloc(2 * dim * n, sizeof *points), *gradient = points + dim * n;
    for (size_t p = 0; p < n; p++) phi[p] = NAN;
    if (!points) return;
    memcpy(points + a->coordinate * n, x, n * sizeof *x);
    kr_landscape_energy(&a->landscape, n, points, phi);
    if (a->learning_rate > 0.0) {
        kr_landscape_gradient(&a->landscape, n, points, gradient);
        const double *slope = gradient + a->coordinate * n;
        for (size_t p = 0; p < n; p++) phi[p] += a->learning_rate / 4.0 * slope[p] * slope[p];
    }
    for (size_t p = 0; p < n; p++) phi[p] /= a->temperature;
    free(points);
}

static double reduced_energy_at(const axis *a, double x) {
    double phi;
    reduced_energy(a, 1, &x, &phi);
    return phi;
}

/* From the outermost minimum to where the loss is negligible above it and above every barrier's foot there. */
static bool find_end(const axis *a, double minimum, double direction, double width, double *end) {
    double bottom = reduced_energy_at(a, minimum), reach = 0.01 * width;
    for (int k = 0; k < 400; k++, reach *= 1.1) {
        double phi = reduced_energy_at(a, minimum + direction * reach);
        if (isnan(phi)) return false;
        if (phi < bottom + negligible) continue;
        *end = minimum + direction * reach;
        return true;
    }
    return false;
}

static bool find_domain(axis *a, const char **why) {
    kr_critical_lines lines;
    kr_error error;
    if (kr_critical_lines_find(&a->landscape, a->coordinate, 1, 0, &lines, &error) != KR_OK) {
        *why = "its critical points cannot be found";
        return false;
    }
    size_t count = lines.first[1];
    bool bound = count > 0 && lines.minimum[0] && lines.minimum[count - 1];
    if (bound) {
        double first = lines.x[0], last = lines.x[count - 1];
        double width = fmax(last - first, sqrt(a->temperature / fabs(lines.curvature[0])));
        bound = find_end(a, first, -1.0, width, &a->low) && find_end(a, last, 1.0, width, &a->high);
    }
    kr_critical_lines_destroy(&lines);
    if (!bound) *why = "the loss does not rise on both sides";
    a->widest = (a->high - a->low) / 16.0;
    return bound;
}

typedef struct grid {
    size_t panels;
    double *edge, *phi, *below, *above, *u, *left, *right, *storage;
    kr_gauss_rule rule;
} grid;

/* Bisects [a, b] until V/T varies by no more than limit inside each panel. */
static bool divide(const axis *a, grid *g, double from, double to, double limit, int depth) {
    double x[SAMPLES], phi[SAMPLES], lowest = INFINITY, highest = -INFINITY;
    for (size_t i = 0; i < SAMPLES; i++) x[i] = from + (to - from) * (double)i / (SAMPLES - 1);
    reduced_energy(a, SAMPLES, x, phi);
    for (size_t i = 0; i < SAMPLES; i++) {
        lowest = fmin(lowest, phi[i]);
        highest = fmax(highest, phi[i]);
    }
    if (highest - lowest <= limit && to - from <= a->widest) {
        if (g->panels == MAX_PANELS) return false;
        g->edge[++g->panels] = to;
        return true;
    }
    double middle = from + (to - from) / 2.0;
    if (depth == MAX_DEPTH || !isfinite(highest)) return false;
    return divide(a, g, from, middle, limit, depth + 1) && divide(a, g, middle, to, limit, depth + 1);
}

static bool grid_make(const axis *a, grid *g, double limit) {
    *g = (grid){.edge = malloc((MAX_PANELS + 1) * sizeof *g->edge)};
    kr_gauss_rule_make(&g->rule);
    if (!g->edge) return false;
    g->edge[0] = a->low;
    double knots[MAX_KNOTS];
    size_t count = kr_landscape_knots(&a->landscape, a->coordinate, a->low, a->high, MAX_KNOTS, knots);
    for (size_t i = 0; i < count; i++)
        if (!divide(a, g, g->edge[g->panels], knots[i], limit, 0)) return false;
    if (!divide(a, g, g->edge[g->panels], a->high, limit, 0)) return false;
    size_t n = g->panels * NODES;
    g->storage = malloc(6 * n * sizeof *g->storage);
    if (!g->storage) return false;
    double **const arrays[6] = {&g->phi, &g->below, &g->above, &g->u, &g->left, &g->right};
    for (size_t i = 0; i < 6; i++) *arrays[i] = g->storage + i * n;
    for (size_t k = 0; k < g->panels; k++) {
        double x[NODES], half = (g->edge[k + 1] - g->edge[k]) / 2.0;
        for (size_t i = 0; i < NODES; i++) x[i] = g->edge[k] + half * (1.0 + g->rule.node[i]);
        reduced_energy(a, NODES, x, g->phi + k * NODES);
    }
    return true;
}

static double integral(const grid *g, const double *log_g, double *work) {
    return kr_gauss_log_left(&g->rule, g->panels, g->edge, log_g, work, g->panels);
}

/* One application of the kernel to e^u, without the factor 1/T; u becomes the result less its largest value. Returns log of
 * <u, K u> / <u, u>. */
static double apply(grid *g, double log_z) {
    size_t n = g->panels * NODES;
    double *product = g->right, largest = -INFINITY;
    for (size_t i = 0; i < n; i++) product[i] = 2.0 * g->u[i] - g->phi[i];
    double square = integral(g, product, g->left);
    for (size_t i = 0; i < n; i++) product[i] = g->below[i] + g->u[i];
    kr_gauss_log_left(&g->rule, g->panels, g->edge, product, g->left, g->panels);
    for (size_t i = 0; i < n; i++) product[i] = g->above[i] + g->u[i];
    double *from_right = malloc(n * sizeof *from_right);
    if (!from_right) return NAN;
    kr_gauss_log_right(&g->rule, g->panels, g->edge, product, from_right, 0);
    for (size_t i = 0; i < n; i++) {
        double next = log_z + g->phi[i] + kr_log_add(g->above[i] + g->left[i], g->below[i] + from_right[i]);
        product[i] = g->u[i] + next - g->phi[i];
        g->u[i] = next;
        largest = fmax(largest, next);
    }
    double quotient = integral(g, product, from_right) - square;
    free(from_right);
    for (size_t i = 0; i < n; i++) g->u[i] -= largest;
    return quotient;
}

/* log of 1/lambda on panels this fine. */
static bool log_time(const axis *a, double limit, double *result) {
    grid g;
    bool done = grid_make(a, &g, limit);
    if (done) {
        size_t n = g.panels * NODES;
        for (size_t i = 0; i < n; i++) g.u[i] = -g.phi[i];
        double log_z = kr_gauss_log_left(&g.rule, g.panels, g.edge, g.u, g.below, g.panels), before = INFINITY;
        kr_gauss_log_right(&g.rule, g.panels, g.edge, g.u, g.above, 0);
        for (size_t i = 0; i < n; i++) {
            g.below[i] -= log_z;
            g.above[i] -= log_z;
            g.u[i] = g.phi[i] + g.below[i] + g.above[i];
        }
        *result = NAN;
        for (int k = 0; k < ITERATIONS && !(fabs(*result - before) < 1e-14); k++) {
            before = *result;
            *result = apply(&g, log_z) - log(a->temperature);
        }
        done = isfinite(*result);
    }
    free(g.edge);
    free(g.storage);
    return done;
}

bool kr_spectral_gap_1d(const kr_landscape *landscape, size_t coordinate, double temperature, double learning_rate, double *gap,
                        double *accuracy, const char **why) {
    axis a = {.landscape = *landscape, .coordinate = coordinate, .temperature = temperature, .learning_rate = learning_rate};
    a.landscape.dim = coordinate + 1;
    if (!find_domain(&a, why)) return false;
    double limit = 4.0, now = NAN, change = INFINITY;
    bool done = log_time(&a, limit, &now);
    for (int k = 0; done && k < REFINEMENTS && change > wanted; k++) {
        double before = now;
        limit /= 2.0;
        a.widest /= 2.0;
        done = log_time(&a, limit, &now);
        change = fabs(now - before);
    }
    *gap = exp(-now);
    *accuracy = fmax(change, 1e-13);
    if (done && change<accepted && * gap> 1e-300) return true;
    *why = done && !(*gap > 1e-300) ? "the gap is beyond the range of numbers" : "the integrals did not converge";
    return false;
}
