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
#include "numerics/adaptive_panels.h"
#include "numerics/gauss_legendre.h"

#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = KR_GAUSS_NODES, SAMPLES = 17, MAX_PANELS = 20000, MAX_KNOTS = 256, ITERATIONS = 300, REFINEMENTS = 5 };
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
    kr_panels panels;
    double *phi, *below, *above, *u, *left, *right, *storage;
    kr_gauss_rule rule;
} grid;

/* How much V/T varies inside a panel. */
static double variation(const void *context, double from, double to) {
    double x[SAMPLES], phi[SAMPLES], lowest = INFINITY, highest = -INFINITY;
    for (size_t i = 0; i < SAMPLES; i++) x[i] = from + (to - from) * (double)i / (SAMPLES - 1);
    reduced_energy(context, SAMPLES, x, phi);
    for (size_t i = 0; i < SAMPLES; i++) {
        lowest = fmin(lowest, phi[i]);
        highest = fmax(highest, phi[i]);
    }
    return isfinite(highest) ? highest - lowest : NAN;
}

static bool grid_make(const axis *a, grid *g, double limit) {
    *g = (grid){.storage = NULL};
    kr_gauss_rule_make(&g->rule);
    if (!kr_panels_create(&g->panels, MAX_PANELS, a->low)) return false;
    double knots[MAX_KNOTS];
    size_t count = kr_landscape_knots(&a->landscape, a->coordinate, a->low, a->high, MAX_KNOTS, knots);
    for (size_t i = 0; i < count; i++)
        if (!kr_panels_append(&g->panels, knots[i], a->widest, limit, variation, a)) return false;
    if (!kr_panels_append(&g->panels, a->high, a->widest, limit, variation, a)) return false;
    size_t n = g->panels.count * NODES;
    g->storage = malloc(6 * n * sizeof *g->storage);
    if (!g->storage) return false;
    double **const arrays[6] = {&g->phi, &g->below, &g->above, &g->u, &g->left, &g->right};
    for (size_t i = 0; i < 6; i++) *arrays[i] = g->storage + i * n;
    for (size_t k = 0; k < g->panels.count; k++) {
        double x[NODES];
        kr_gauss_nodes(&g->rule, 1, g->panels.edge[k], g->panels.edge[k + 1], x);
        reduced_energy(a, NODES, x, g->phi + k * NODES);
    }
    return true;
}

/* Running integrals from the left, and their logarithm up to the right end. */
static double integrate(const grid *g, const double *log_g, double *running) {
    return kr_gauss_log_left(&g->rule, g->panels.count, g->panels.edge, log_g, running, g->panels.count);
}

static void integrate_from_right(const grid *g, const double *log_g, double *running) {
    kr_gauss_log_right(&g->rule, g->panels.count, g->panels.edge, log_g, running, 0);
}

/* One application of the kernel to e^u, without the factor 1/T; u becomes the result less its largest value. Returns log of
 * <u, K u> / <u, u>. */
static double apply(grid *g, double log_z) {
    size_t n = g->panels.count * NODES;
    double *product = g->right, largest = -INFINITY;
    for (size_t i = 0; i < n; i++) product[i] = 2.0 * g->u[i] - g->phi[i];
    double square = integrate(g, product, g->left);
    for (size_t i = 0; i < n; i++) product[i] = g->below[i] + g->u[i];
    integrate(g, product, g->left);
    for (size_t i = 0; i < n; i++) product[i] = g->above[i] + g->u[i];
    double *from_right = malloc(n * sizeof *from_right);
    if (!from_right) return NAN;
    integrate_from_right(g, product, from_right);
    for (size_t i = 0; i < n; i++) {
        double next = log_z + g->phi[i] + kr_log_add(g->above[i] + g->left[i], g->below[i] + from_right[i]);
        product[i] = g->u[i] + next - g->phi[i];
        g->u[i] = next;
        largest = fmax(largest, next);
    }
    double quotient = integrate(g, product, from_right) - square;
    free(from_right);
    for (size_t i = 0; i < n; i++) g->u[i] -= largest;
    return quotient;
}

/* log of 1/lambda on panels this fine. */
static bool log_time(const axis *a, double limit, double *result) {
    grid g;
    bool done = grid_make(a, &g, limit);
    if (done) {
        size_t n = g.panels.count * NODES;
        for (size_t i = 0; i < n; i++) g.u[i] = -g.phi[i];
        double log_z = integrate(&g, g.u, g.below), before = INFINITY;
        integrate_from_right(&g, g.u, g.above);
        for (size_t i = 0; i < n; i++) {
            g.below[i] -= log_z;
            g.above[i] -= log_z;
            g.u[i] = g.phi[i] + g.below[i] + g.above[i];
        }
        *result = NAN;
        for (int k = 0; k < ITERATIONS && !(fabs(*result - before) < 1e-14); k++) {
            if (kr_interrupt_wanted()) *result = NAN;
            if (k && isnan(*result)) break;
            before = *result;
            *result = apply(&g, log_z) - log(a->temperature);
        }
        done = isfinite(*result);
    }
    kr_panels_destroy(&g.panels);
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
