/* The exact mean first-passage time of dx = -V' dt + sqrt(2 T) dW in one coordinate, and its variance.
 *
 * With the scale function S(p, q) = int_p^q e^{V/T} and the chance p_high(x) = S(low, x) / S(low, high) of leaving above, the
 * Green's function of T u'' - V' u' = -f with u = 0 at both exits gives (Gardiner, Handbook of Stochastic Methods, 5.2)
 *
 *     u(x) = (1/T) [ S(x, high) int_low^x p_high e^{-V/T} f  +  p_high(x) int_x^high S(z, high) e^{-V/T} f dz ],
 *
 * the mean time tau for f = 1 and the mean square for f = 2 tau. Without a target below, low is at infinity and p_high = 1; then
 * it is the familiar (1/T) int_x^high e^{V/T} int_{-inf}^y e^{-V/T}. Every term is positive, and all integrals are kept as
 * logarithms, so nothing cancels and nothing overflows at any temperature.
 *
 * Holds for additive noise at a constant learning rate in the limit of small rates.
 */
#include <kramers/theory.h>

#include "panels.h"

#include <math.h>
#include <stdlib.h>

enum { NODES = KR_PANEL_NODES, MAX_PANELS = 40000, SAMPLES = 1024, MAX_DOUBLINGS = 48, MAX_REFINEMENTS = 4 };
static const double wanted = 1e-12, accepted = 1e-10;
static const double negligible = 55.0; /* e^-55 is beyond double precision and the length of any tail */

/* The problem turned so that there is a target above: y = sign * x. */
typedef struct interval_problem {
    const kr_line *line;
    double sign, temperature, low, high, start;
    bool open;     /* no target below; low is a cut */
    double widest; /* panel */
} interval_problem;

typedef struct grid {
    size_t panels;
    double *edge; /* [panels + 1] */
    double *phi;  /* [panels * NODES] each: V/T relative to the start */
    double *scale_right, *log_high, *from_left, *from_right, *u, *log_f;
    double *storage;
    size_t start; /* edge number */
    kr_panel_rule rule;
} grid;

static void reduced_energy(const interval_problem *p, size_t n, const double *y, double *phi) {
    double x[SAMPLES], zero;
    for (size_t i = 0; i < n; i++) x[i] = p->sign * y[i];
    kr_line_evaluate(p->line, 1, &p->line->start, &zero, NULL, NULL);
    kr_line_evaluate(p->line, n, x, phi, NULL, NULL);
    for (size_t i = 0; i < n; i++) phi[i] = (phi[i] - zero) / p->temperature;
}

/* Goes out in stretches that double, until a whole stretch as long as all before it carries no Gibbs weight. The samples lie
 * irregularly so that a periodic landscape cannot hide from them. */
static bool find_cut(interval_problem *p) {
    double reach = fmax(fmin(p->high - p->start, 1.0), 1e-6 * fabs(p->start)), lowest = 0.0, outermost = p->start, spacing = 0.0;
    double y[SAMPLES], phi[SAMPLES], inner = 0.0;
    for (int k = 0; k < MAX_DOUBLINGS; k++) {
        for (size_t i = 0; i < SAMPLES; i++)
            y[i] = p->start - inner - (reach - inner) * ((double)i + fmod(0.6180339887498949 * (double)i, 1.0)) / SAMPLES;
        reduced_energy(p, SAMPLES, y, phi);
        bool any = false;
        for (size_t i = 0; i < SAMPLES; i++)
            if (phi[i] < lowest) lowest = phi[i];
        for (size_t i = 0; i < SAMPLES; i++) {
            if (!(phi[i] < lowest + negligible)) continue;
            any = true;
            outermost = fmin(outermost, y[i]);
            spacing = 2.0 * (reach - inner) / SAMPLES;
        }
        if (!any) {
            p->low = outermost - spacing;
            return true;
        }
        inner = reach;
        reach *= 2.0;
    }
    return false;
}

static bool add_panel(grid *g, double end) {
    if (g->panels == MAX_PANELS) return false;
    g->edge[++g->panels] = end;
    return true;
}

/* Bisects [a, b] until V/T varies by no more than limit inside each panel. */
static bool divide(const interval_problem *p, grid *g, double a, double b, double limit, int depth) {
    double y[NODES + 2] = {a, b}, phi[NODES + 2];
    for (size_t i = 0; i < NODES; i++) y[i + 2] = a + (b - a) / 2.0 * (1.0 + g->rule.node[i]);
    reduced_energy(p, NODES + 2, y, phi);
    double lowest = phi[0], highest = phi[0];
    for (size_t i = 1; i < NODES + 2; i++) {
        lowest = fmin(lowest, phi[i]);
        highest = fmax(highest, phi[i]);
    }
    if (highest - lowest <= limit && b - a <= p->widest) return add_panel(g, b);
    double middle = a + (b - a) / 2.0;
    if (depth == 60 || !isfinite(highest)) return false;
    return divide(p, g, a, middle, limit, depth + 1) && divide(p, g, middle, b, limit, depth + 1);
}

static bool grid_make(const interval_problem *p, grid *g, double limit) {
    kr_panel_rule_make(&g->rule);
    g->panels = 0;
    g->storage = NULL;
    g->edge = malloc((MAX_PANELS + 1) * sizeof *g->edge);
    if (!g->edge) return false;
    g->edge[0] = p->low;
    if (!divide(p, g, p->low, p->start, limit, 0)) return false;
    g->start = g->panels;
    if (!divide(p, g, p->start, p->high, limit, 0)) return false;
    size_t n = g->panels * NODES;
    g->storage = malloc(7 * n * sizeof *g->storage);
    if (!g->storage) return false;
    double **const arrays[7] = {&g->phi, &g->scale_right, &g->log_high, &g->from_left, &g->from_right, &g->u, &g->log_f};
    for (size_t i = 0; i < 7; i++) *arrays[i] = g->storage + i * n;
    for (size_t k = 0; k < g->panels; k++) {
        double y[NODES];
        for (size_t i = 0; i < NODES; i++) y[i] = g->edge[k] + (g->edge[k + 1] - g->edge[k]) / 2.0 * (1.0 + g->rule.node[i]);
        reduced_energy(p, NODES, y, g->phi + k * NODES);
    }
    return true;
}

static void grid_free(grid *g) {
    free(g->edge);
    free(g->storage);
}

static double run_left(const grid *g, const double *log_g, double *out, size_t stop) {
    return kr_panels_log_left(&g->rule, g->panels, g->edge, log_g, out, stop);
}

static double run_right(const grid *g, const double *log_g, double *out, size_t stop) {
    return kr_panels_log_right(&g->rule, g->panels, g->edge, log_g, out, stop);
}

/* log u at the start, and at all nodes into g->u, for the f whose logarithm is g->log_f. */
static double green(const interval_problem *p, grid *g) {
    size_t n = g->panels * NODES;
    double scale_start = run_right(g, g->phi, g->scale_right, g->start), high_start = 0.0;
    for (size_t i = 0; i < n; i++) g->log_high[i] = 0.0;
    if (!p->open) {
        double total = run_left(g, g->phi, g->log_high, g->panels);
        high_start = run_left(g, g->phi, g->log_high, g->start) - total;
        for (size_t i = 0; i < n; i++) g->log_high[i] -= total;
    }
    for (size_t i = 0; i < n; i++) g->u[i] = g->log_high[i] - g->phi[i] + g->log_f[i];
    double left_start = run_left(g, g->u, g->from_left, g->start);
    for (size_t i = 0; i < n; i++) g->u[i] = g->scale_right[i] - g->phi[i] + g->log_f[i];
    double right_start = run_right(g, g->u, g->from_right, g->start), log_t = log(p->temperature);
    for (size_t i = 0; i < n; i++)
        g->u[i] = kr_log_add(g->scale_right[i] + g->from_left[i], g->log_high[i] + g->from_right[i]) - log_t;
    return kr_log_add(scale_start + left_start, high_start + right_start) - log_t;
}

/* log tau and E[t^2] / tau^2 on panels this fine. */
static bool moments(const interval_problem *p, double limit, double *log_tau, double *second) {
    grid g;
    bool made = grid_make(p, &g, limit);
    if (made) {
        size_t n = g.panels * NODES;
        for (size_t i = 0; i < n; i++) g.log_f[i] = 0.0;
        *log_tau = green(p, &g);
        for (size_t i = 0; i < n; i++) g.log_f[i] = g.u[i] - *log_tau;
        *second = 2.0 * exp(green(p, &g) - *log_tau);
    }
    grid_free(&g);
    return made;
}

static bool make_interval(const kr_line *line, double temperature, interval_problem *p, kr_prediction *out) {
    kr_interval exits = kr_line_exits(line);
    p->line = line;
    p->temperature = temperature;
    p->sign = isfinite(exits.high) ? 1.0 : -1.0;
    p->start = p->sign * line->start;
    p->high = p->sign > 0.0 ? exits.high : -exits.low;
    p->open = !isfinite(exits.low) || !isfinite(exits.high);
    p->low = exits.low;
    if (p->open && !find_cut(p)) {
        kr_theory_refuse(out, "The loss does not rise on the open side, so the mean passage time is infinite.");
        return false;
    }
    double period = line->problem->landscape->type->period;
    p->widest = (p->high - p->low) / 16.0;
    if (period > 0.0) p->widest = fmin(p->widest, period / 4.0);
    return true;
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_line line;
    if (!kr_line_make(problem, &line, out)) return;
    double temperature = kr_line_temperature(&line);
    if (isnan(temperature)) {
        kr_theory_refuse(out, "The noise depends on the position, and this theory is about one temperature.");
        return;
    }
    if (!(temperature > 0.0)) {
        kr_theory_refuse(out, "The temperature is 0: without noise the path is not random.");
        return;
    }
    interval_problem p;
    if (!make_interval(&line, temperature, &p, out)) return;
    double log_tau, second, change = INFINITY, limit = 2.0;
    bool done = moments(&p, limit, &log_tau, &second);
    for (int i = 0; done && i < MAX_REFINEMENTS && change > wanted; i++) {
        double before = log_tau;
        limit /= 2.0;
        p.widest /= 2.0;
        done = moments(&p, limit, &log_tau, &second);
        change = fabs(log_tau - before);
    }
    if (!done || !(change <= accepted)) {
        kr_theory_refuse(out, "The integrals did not converge%s.", done ? "" : " within the largest number of panels");
        return;
    }
    if (log_tau > 690.0) {
        kr_theory_refuse(out, "The mean passage time, e^%.4g, is beyond the range of numbers.", log_tau);
        return;
    }
    out->mfpt_time = exp(log_tau);
    out->variation = sqrt(fmax(0.0, second - 1.0));
    out->temperature = temperature;
    out->accuracy = fmax(change, 1e-13);
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .doc = "exact mean passage time in continuous time, one coordinate, one temperature (small learning rates)",
                       .reference = "Gardiner, Handbook of Stochastic Methods, section 5.2"},
             .rank = 20,
             .predict = predict};
