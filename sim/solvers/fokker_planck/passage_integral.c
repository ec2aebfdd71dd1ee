#include "passage_integral.h"

#include "numerics/adaptive_panels.h"
#include "numerics/gauss_legendre.h"
#include "solvers/problem/kinks.h"

#include <math.h>
#include <stdlib.h>

enum { NODES = KR_GAUSS_NODES, MAX_PANELS = 40000, SAMPLES = 1024, MAX_DOUBLINGS = 48, MAX_REFINEMENTS = 4, MAX_EXTENSIONS = 12 };
static const double wanted = 1e-12, accepted = 1e-10;
static const double negligible = 55.0; /* e^-55 is beyond double precision and the length of any tail */

/* The problem turned so that there is a target above: y = sign * x. */
typedef struct interval_problem {
    const kr_problem_1d *line;
    double sign, temperature, low, high, start; /* temperature NAN: D depends on the position */
    bool open;                                  /* no target below; low is a cut */
    double widest;                              /* panel */
    double stuck;                               /* where panels became too narrow; NAN: nowhere */
} interval_problem;

typedef struct grid {
    kr_panels panels;
    double *phi; /* [panels.count * NODES] each: Phi relative to the start, log D, ... */
    double *log_d, *scale_right, *log_high, *from_left, *from_right, *u, *log_f;
    double *storage;
    size_t start; /* edge number */
    kr_gauss_rule rule;
} grid;

/* (V - V(start)) / T: Phi where the noise does not depend on the position. */
static void reduced_energy(const interval_problem *p, size_t n, const double *y, double *phi) {
    double x[SAMPLES], zero;
    for (size_t i = 0; i < n; i++) x[i] = p->sign * y[i];
    kr_problem_1d_evaluate(p->line, 1, &p->line->start, &zero, NULL, NULL);
    kr_problem_1d_evaluate(p->line, n, x, phi, NULL, NULL);
    for (size_t i = 0; i < n; i++) phi[i] = (phi[i] - zero) / p->temperature;
}

/* dPhi/dy = V'/D, and log D. */
static void local_slope(const interval_problem *p, size_t n, const double *y, double *slope, double *log_d) {
    double x[SAMPLES], variance[SAMPLES];
    if (n == 0) return;
    for (size_t i = 0; i < n; i++) x[i] = p->sign * y[i];
    kr_problem_1d_evaluate(p->line, n, x, NULL, slope, NULL);
    kr_problem_1d_variance(p->line, n, x, variance);
    for (size_t i = 0; i < n; i++) {
        double diffusion = variance[i] / (2.0 * p->line->learning_rate);
        slope[i] *= p->sign / diffusion;
        log_d[i] = log(diffusion);
    }
}

/* Phi + log D at n descending points that follow on the last ones, of which *y0, *phi0 and *slope0 are the end. Good enough to see
 * where the weight e^-Phi / D is negligible; what is cut there is checked later. */
static bool march(interval_problem *p, size_t n, const double *y, double *potential, double *y0, double *phi0, double *slope0) {
    if (!isnan(p->temperature)) {
        reduced_energy(p, n, y, potential);
        return true;
    }
    double slope[SAMPLES], log_d[SAMPLES];
    local_slope(p, n, y, slope, log_d);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(log_d[i])) {
            p->stuck = p->sign * y[i];
            return false;
        }
        *phi0 += 0.5 * (slope[i] + *slope0) * (y[i] - *y0);
        *y0 = y[i];
        *slope0 = slope[i];
        potential[i] = *phi0 + log_d[i];
    }
    return true;
}

static double spread(size_t n, const double *value) {
    double lowest = value[0], highest = value[0];
    for (size_t i = 1; i < n; i++) {
        lowest = fmin(lowest, value[i]);
        highest = fmax(highest, value[i]);
    }
    return highest - lowest;
}

typedef struct panel_context {
    const interval_problem *problem;
    const kr_gauss_rule *rule;
} panel_context;

/* How much Phi and log D vary inside a panel. */
static double variation(const void *context, double a, double b) {
    const interval_problem *p = ((const panel_context *)context)->problem;
    const kr_gauss_rule *rule = ((const panel_context *)context)->rule;
    double y[NODES + 2], phi[NODES + 2], slope[NODES], log_d[NODES], sum = 0.0, half = kr_gauss_nodes(rule, 1, a, b, y);
    if (!isnan(p->temperature)) {
        y[NODES] = a;
        y[NODES + 1] = b;
        reduced_energy(p, NODES + 2, y, phi);
        return spread(NODES + 2, phi);
    }
    local_slope(p, NODES, y, slope, log_d);
    for (size_t j = 0; j < NODES; j++) sum += half * rule->weight[j] * fabs(slope[j]);
    return fmax(sum, spread(NODES, log_d));
}

static double last_edge(const grid *g) {
    return g->panels.edge[g->panels.count];
}

/* Panels up to b in which Phi and log D vary by no more than limit. */
static bool divide(interval_problem *p, grid *g, double b, double limit) {
    bool done = kr_panels_append(&g->panels, b, p->widest, limit, variation, &(panel_context){p, &g->rule});
    if (!done && !isnan(g->panels.stuck)) p->stuck = p->sign * g->panels.stuck;
    return done;
}

/* Panels over [a, b] with edges at the kinks of the noise. */
static bool divide_at_kinks(interval_problem *p, grid *g, double a, double b, double limit) {
    double kinks[KR_MAX_KINKS];
    size_t count = p->sign > 0.0 ? kr_problem_kinks(p->line, a, b, kinks) : kr_problem_kinks(p->line, -b, -a, kinks);
    for (size_t i = 0; i < count; i++) {
        double kink = p->sign > 0.0 ? kinks[i] : -kinks[count - 1 - i];
        if (!(kink > last_edge(g) + 1e-12 * (b - a) && kink < b - 1e-12 * (b - a))) continue;
        if (!divide(p, g, kink, limit)) return false;
    }
    return divide(p, g, b, limit);
}

/* From low to the start in intervals that halve, so that kinks near the start are not lost in a long tail. */
static bool divide_all(interval_problem *p, grid *g, double limit) {
    double near = fmin(p->high - p->start, p->start - p->low);
    if (!(near > 0.0)) return false;
    for (double reach = near * ldexp(1.0, (int)floor(log2((p->start - p->low) / near))); reach >= 0.99 * near; reach /= 2.0)
        if (p->start - reach > last_edge(g) && !divide_at_kinks(p, g, last_edge(g), p->start - reach, limit)) return false;
    if (!divide_at_kinks(p, g, last_edge(g), p->start, limit)) return false;
    g->start = g->panels.count;
    return divide_at_kinks(p, g, p->start, p->high, limit);
}

static double panel_nodes(const grid *g, size_t panel, double *y) {
    return kr_gauss_nodes(&g->rule, 1, g->panels.edge[panel], g->panels.edge[panel + 1], y);
}

/* Phi and log D at the nodes, Phi by integration from the start. */
static void integrate_slope(const interval_problem *p, grid *g) {
    double sum = 0.0, at_start = 0.0;
    for (size_t k = 0; k < g->panels.count; k++) {
        double y[NODES], slope[NODES], half = panel_nodes(g, k, y), *phi = g->phi + k * NODES;
        if (k == g->start) at_start = sum;
        local_slope(p, NODES, y, slope, g->log_d + k * NODES);
        for (size_t i = 0; i < NODES; i++) {
            phi[i] = sum;
            for (size_t j = 0; j < NODES; j++) phi[i] += half * g->rule.running[i][j] * slope[j];
        }
        for (size_t j = 0; j < NODES; j++) sum += half * g->rule.weight[j] * slope[j];
    }
    for (size_t i = 0; i < g->panels.count * NODES; i++) g->phi[i] -= at_start;
}

static bool grid_make(interval_problem *p, grid *g, double limit) {
    kr_gauss_rule_make(&g->rule);
    g->storage = NULL;
    if (!kr_panels_create(&g->panels, MAX_PANELS, p->low) || !divide_all(p, g, limit)) return false;
    size_t n = g->panels.count * NODES;
    g->storage = malloc(8 * n * sizeof *g->storage);
    if (!g->storage) return false;
    double **const arrays[8] = {&g->phi, &g->log_d, &g->scale_right, &g->log_high, &g->from_left, &g->from_right, &g->u, &g->log_f};
    for (size_t i = 0; i < 8; i++) *arrays[i] = g->storage + i * n;
    if (isnan(p->temperature)) {
        integrate_slope(p, g);
        return true;
    }
    for (size_t k = 0; k < g->panels.count; k++) {
        double y[NODES];
        panel_nodes(g, k, y);
        reduced_energy(p, NODES, y, g->phi + k * NODES);
    }
    for (size_t i = 0; i < n; i++) g->log_d[i] = log(p->temperature);
    return true;
}

static void grid_free(grid *g) {
    kr_panels_destroy(&g->panels);
    free(g->storage);
}

static double run_left(const grid *g, const double *log_g, double *out, size_t stop) {
    return kr_gauss_log_left(&g->rule, g->panels.count, g->panels.edge, log_g, out, stop);
}

static double run_right(const grid *g, const double *log_g, double *out, size_t stop) {
    return kr_gauss_log_right(&g->rule, g->panels.count, g->panels.edge, log_g, out, stop);
}

/* log u at the start, and at all nodes into g->u, for the f whose logarithm is g->log_f. */
static double green(const interval_problem *p, grid *g) {
    size_t n = g->panels.count * NODES;
    double scale_start = run_right(g, g->phi, g->scale_right, g->start), high_start = 0.0;
    for (size_t i = 0; i < n; i++) g->log_high[i] = 0.0;
    if (!p->open) {
        double total = run_left(g, g->phi, g->log_high, g->panels.count);
        high_start = run_left(g, g->phi, g->log_high, g->start) - total;
        for (size_t i = 0; i < n; i++) g->log_high[i] -= total;
    }
    for (size_t i = 0; i < n; i++) g->u[i] = g->log_high[i] - g->phi[i] - g->log_d[i] + g->log_f[i];
    double left_start = run_left(g, g->u, g->from_left, g->start);
    for (size_t i = 0; i < n; i++) g->u[i] = g->scale_right[i] - g->phi[i] - g->log_d[i] + g->log_f[i];
    double right_start = run_right(g, g->u, g->from_right, g->start);
    for (size_t i = 0; i < n; i++) g->u[i] = kr_log_add(g->scale_right[i] + g->from_left[i], g->log_high[i] + g->from_right[i]);
    return kr_log_add(scale_start + left_start, high_start + right_start);
}

/* Which part of the left integral comes from the outer twentieth: what a cut leaves away is less. */
static double tail(const interval_problem *p, const grid *g) {
    size_t k = 0;
    while (k + 1 < g->start && g->panels.edge[k + 1] < p->low + 0.05 * (p->start - p->low)) k++;
    return p->open && g->start > 0 ? exp(g->from_left[k * NODES + NODES - 1] - g->from_left[g->start * NODES - 1]) : 0.0;
}

/* log tau and E[t^2] / tau^2 on panels this fine. */
static bool moments(interval_problem *p, double limit, double *log_tau, double *second) {
    grid g;
    bool made = grid_make(p, &g, limit);
    for (int extension = 0; made; extension++) {
        size_t n = g.panels.count * NODES;
        for (size_t i = 0; i < n; i++) g.log_f[i] = 0.0;
        *log_tau = green(p, &g);
        if (!(tail(p, &g) > 1e-15) || extension == MAX_EXTENSIONS) break;
        p->low -= p->start - p->low;
        grid_free(&g);
        made = grid_make(p, &g, limit);
    }
    if (made) {
        for (size_t i = 0; i < g.panels.count * NODES; i++) g.log_f[i] = g.u[i] - *log_tau;
        *second = 2.0 * exp(green(p, &g) - *log_tau);
    }
    grid_free(&g);
    return made;
}

/* Whether Phi rises from the start out to one period below it. */
static bool rises_over_period(interval_problem *p, double period) {
    grid g = {.storage = NULL};
    double rise = 0.0, path = 0.0;
    kr_gauss_rule_make(&g.rule);
    p->widest = period / 4.0;
    bool made =
        kr_panels_create(&g.panels, MAX_PANELS, p->start - period) && divide_at_kinks(p, &g, p->start - period, p->start, 1.0);
    for (size_t k = 0; made && k < g.panels.count; k++) {
        double y[NODES], slope[NODES], log_d[NODES], half = panel_nodes(&g, k, y);
        local_slope(p, NODES, y, slope, log_d);
        for (size_t j = 0; j < NODES; j++) {
            rise -= half * g.rule.weight[j] * slope[j];
            path += half * g.rule.weight[j] * fabs(slope[j]);
        }
    }
    kr_panels_destroy(&g.panels);
    return made && rise > 1e-9 * path;
}

/* Goes out in intervals that double, until one as long as all before it carries no weight. The samples lie irregularly
 * so that a periodic landscape cannot hide from them, and where D varies they are close enough to see every period. */
static bool find_cut(interval_problem *p) {
    double reach = fmax(fmin(p->high - p->start, 1.0), 1e-6 * fabs(p->start)), outermost = p->start, spacing = 0.0, inner = 0.0;
    double y[SAMPLES], potential[SAMPLES], y0 = p->start, phi0 = 0.0, slope0 = 0.0, lowest = 0.0, none;
    double period = isnan(p->temperature) ? p->line->problem->landscape->type->period : 0.0;
    if (isnan(p->temperature)) {
        local_slope(p, 1, &y0, &slope0, &none);
        lowest = none;
    }
    if (period > 0.0 && !rises_over_period(p, period)) return false;
    for (int k = 0; k < MAX_DOUBLINGS; k++) {
        bool any = false;
        double blocks = period > 0.0 ? ceil((reach - inner) / (period * SAMPLES / 64.0)) : 1.0;
        if (blocks > 1024.0) return false;
        for (double block = 0.0; block < blocks; block += 1.0) {
            double width = (reach - inner) / blocks, begin = p->start - inner - width * block;
            for (size_t i = 0; i < SAMPLES; i++)
                y[i] = begin - width * ((double)i + fmod(0.6180339887498949 * (double)i, 1.0)) / SAMPLES;
            if (!march(p, SAMPLES, y, potential, &y0, &phi0, &slope0)) return false;
            for (size_t i = 0; i < SAMPLES; i++)
                if (potential[i] < lowest) lowest = potential[i];
            for (size_t i = 0; i < SAMPLES; i++) {
                if (!(potential[i] < lowest + negligible + log1p(p->start - y[i]))) continue;
                any = true;
                outermost = fmin(outermost, y[i]);
                spacing = 2.0 * width / SAMPLES;
            }
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

static void refuse_vanishing(double x, kr_prediction *out) {
    kr_theory_refuse(out,
                     "The noise vanishes, or nearly so, at %.6g between the places the path has to visit: the integral "
                     "diverges there, and only the chain in discrete time (see chain) can jump across.",
                     x);
}

static bool make_interval(const kr_problem_1d *line, double temperature, interval_problem *p, kr_prediction *out) {
    kr_interval exits = kr_problem_1d_exits(line);
    p->stuck = NAN;
    p->line = line;
    p->temperature = temperature;
    p->sign = isfinite(exits.high) ? 1.0 : -1.0;
    p->start = p->sign * line->start;
    p->high = p->sign > 0.0 ? exits.high : -exits.low;
    p->open = !isfinite(exits.low) || !isfinite(exits.high);
    p->low = exits.low;
    if (p->open && !find_cut(p)) {
        if (isnan(p->stuck))
            kr_theory_refuse(out, "The loss does not rise on the open side, so the mean passage time is infinite.");
        else
            refuse_vanishing(p->stuck, out);
        return false;
    }
    double period = line->problem->landscape->type->period;
    p->widest = (p->high - p->low) / 16.0;
    if (period > 0.0) p->widest = fmin(p->widest, period / 4.0);
    return true;
}

void kr_passage_integral(const kr_problem_1d *line, double temperature, kr_prediction *out) {
    interval_problem p;
    if (!make_interval(line, temperature, &p, out)) return;
    double log_tau, second, change = INFINITY, limit = 2.0;
    bool done = moments(&p, limit, &log_tau, &second);
    for (int i = 0; done && i < MAX_REFINEMENTS && change > wanted; i++) {
        double before = log_tau;
        limit /= 2.0;
        p.widest /= 2.0;
        done = moments(&p, limit, &log_tau, &second);
        change = fabs(log_tau - before);
    }
    if (!done && !isnan(p.stuck) && isnan(temperature)) {
        refuse_vanishing(p.stuck, out);
        return;
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
    out->accuracy = fmax(change, 1e-13);
}
