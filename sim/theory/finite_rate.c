/* Kramers' rate with the leading correction for a finite learning rate eta, one coordinate:
 *
 *     rate(eta) = rate(0) [1 + (eta / 4) (V''(a) - |V''(b)|)],   a the minimum, b the top.
 *
 * The chain x' = x - eta V' + sqrt(2 eta T) xi has the stationary density e^{-V/T} [1 + eta (V'^2 / (4T) - V''/2)] to first order.
 * Its exponent changes neither at a nor at b, where V' = 0; what changes is the width of the well and of the top.
 *
 * The next order of the exponent does change. The quasi-potential U of the chain obeys U(x') = min_x [U(x) + (x' - x + eta V'(x))^2
 * / (4 eta)]; expanded in eta, U = V - eta V'^2 / 4 + (eta^2 / 12) int V'^2 V''' + ..., so the second order multiplies the rate by
 *
 *     exp[ eta^2 / (6 T) int_a^b V' V''^2 dx ],
 *
 * which is not part of this formula but says how far to trust it (next_order, less one).
 *
 * Holds where Kramers' formula does, for eta V''(a) well below 1 and eta^2 V''^2 (barrier / T) too, for a target in the other well:
 * at the top arrival is noticed too late by O(sqrt(eta)), a larger effect.
 */
#include "numerics/gauss_legendre.h"
#include "solvers/problem/escape_well.h"
#include "solvers/problem/overdamped.h"

#include <math.h>
#include <stdio.h>

static const double too_large = 0.25, doubtful = 0.02; /* next_order */
static const double overshoots = 0.5;                  /* eta V''(a) */

/* int_a^b V' V''^2 dx on panels, a the minimum. */
static double climb(const kr_problem_1d *line, double a, double b) {
    enum { PANELS = 32, POINTS = PANELS * KR_GAUSS_NODES };
    kr_gauss_rule rule;
    double x[POINTS], slope[POINTS], curvature[POINTS], sum = 0.0;
    kr_gauss_rule_make(&rule);
    double half = kr_gauss_nodes(&rule, PANELS, a, b, x);
    kr_problem_1d_evaluate(line, POINTS, x, NULL, slope, curvature);
    for (size_t i = 0; i < POINTS; i++) sum += half * rule.weight[i % KR_GAUSS_NODES] * slope[i] * curvature[i] * curvature[i];
    return sum;
}

/* The rate through one exit; false: refused. */
static bool add_rate(const kr_problem_1d *line, const kr_escape_well *well, const kr_exit *exit, double temperature,
                     double *without, double *with, double *next, kr_prediction *out) {
    double eta = line->learning_rate, rate = kr_exit_rate(well, exit, temperature);
    if (!exit->in_other_well) {
        kr_exit_refuse(exit, temperature, "This correction", out);
        return false;
    }
    *next = fmax(*next, expm1(eta * eta / (6.0 * temperature) * climb(line, well->position, exit->top)));
    *without += rate;
    *with += rate * (1.0 + eta / 4.0 * (well->curvature + exit->curvature));
    return true;
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_problem_1d line;
    kr_escape_well well;
    double temperature, without = 0.0, with = 0.0, next = 0.0;
    if (!kr_problem_is_chain(problem, out)) return;
    if (!kr_problem_1d_make(problem, &line, out) || !kr_overdamped_temperature(problem, &temperature, out)) return;
    if (!kr_escape_well_find(&line, &well, out) || !kr_escape_well_leave(&line, temperature, &well, out)) return;
    for (size_t i = 0; i < well.exits; i++)
        if (!add_rate(&line, &well, &well.exit[i], temperature, &without, &with, &next, out)) return;
    double product = line.learning_rate * well.curvature;
    if (product >= overshoots || !(next <= too_large)) {
        kr_theory_refuse(out,
                         "The correction is too large to trust: learning rate x curvature = %.3g, and the next order is %.3g "
                         "of the rate; see chain.",
                         product, next);
        return;
    }
    if (!(with > 1e-300)) {
        kr_theory_refuse(out, "The mean passage time is beyond the range of numbers.");
        return;
    }
    out->rate = with;
    out->temperature = temperature;
    out->variation = 1.0;
    kr_theory_add(out, "correction", with / without);
    kr_theory_add(out, "next_order", next);
    if (next > doubtful)
        snprintf(out->note, sizeof out->note, "the next order, left out, adds another %.2g %%: compare with chain", 100.0 * next);
}

KR_THEORY = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "k(eta) = k [1 + (eta / 4) (V''(a) - |V''(b)|)], k Kramers' rate",
              .doc = "Kramers' rate with the leading correction for the learning rate, one coordinate (lr x curvature << 1)",
              .reference = "first order in the learning rate around H. A. Kramers 1940"},
    .rank = 12,
    .discrete_time = true,
    .extras = (const char *const[]){"correction", "next_order", NULL},
    .predict = predict};
