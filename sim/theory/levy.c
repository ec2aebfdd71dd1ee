/* Exit by a single jump of heavy-tailed noise. In one step a particle at the bottom m of its well is thrown over a distance larger
 * than y with probability K (s / y)^alpha to each side, s = eta sigma / sqrt(B), so that it leaves at the rate
 *
 *     sum over the intervals [y1, y2] of jumps after which descent alone leads to the target:  K s^alpha (y1^-alpha - y2^-alpha)
 *
 * in each step. K = C / alpha with C = Gamma(1 + alpha) sin(pi alpha / 2) / pi for alpha-stable noise; for Student's distribution
 * alpha is nu and K = Gamma((nu + 1) / 2) nu^(nu / 2 - 1) / (sqrt(pi) Gamma(nu / 2)). Towards the target the interval begins at the
 * distance b of the top; on the far side at the distance a of the point from which one step of descent lands beyond the top, where
 * the loss is steep enough (double_well: a = sqrt(1 + 1 / (4 eta h)) - 1). Continuous time has no a. The height of the barrier does
 * not matter but for a.
 *
 * Holds for gradient descent with such noise alone in one coordinate, at a constant learning rate, while the walk about the bottom,
 * whose unit on a parabola of curvature k is s (1 - |1 - eta k|^alpha)^(-1/alpha), is far narrower than the distances (Imkeller and
 * Pavlyukevich 2006 in continuous time). */
#include <kramers/theory.h>

#include "numerics/root.h"

#include <math.h>
#include <stdio.h>

static const double pi = 3.14159265358979323846;

/* P(X > x) = constant x^-exponent far out, X in units of the noise. */
typedef struct tail {
    double exponent, constant, unit; /* unit: of a step */
} tail;

/* Of the law in its own unit. */
static double constant_of(const kr_noise_tail *law) {
    double alpha = law->exponent;
    if (law->law == KR_TAIL_STABLE) return tgamma(alpha) * sin(0.5 * pi * alpha) / pi;
    return exp(lgamma(0.5 * (alpha + 1.0)) - lgamma(0.5 * alpha) + (0.5 * alpha - 1.0) * log(alpha)) / sqrt(pi);
}

static bool find_tail(const kr_problem_1d *line, tail *t, kr_prediction *out) {
    const kr_problem *problem = line->problem;
    const kr_dynamics *dynamics = problem->dynamics;
    kr_noise noise = {0};
    for (size_t i = 0; i < kr_noise_part_count(problem->noise); i++) {
        kr_noise part = kr_noise_part_of(problem->noise, i);
        if (part.type->is_zero) continue;
        if (noise.type) {
            kr_theory_refuse(out, "There is more noise than '%s'; this theory is about heavy-tailed noise alone.",
                             noise.type->about.name);
            return false;
        }
        noise = part;
    }
    if (!noise.type || !noise.type->tail) {
        kr_theory_refuse(out, "The noise has no power-law tail, which this theory is about (levy, student_t).");
        return false;
    }
    kr_noise_tail law = noise.type->tail(&noise);
    if (!dynamics->type->thermal_variance || dynamics->type->thermal_variance(dynamics, line->learning_rate) > 0.0) {
        kr_theory_refuse(out, "This theory is about gradient descent with heavy-tailed noise alone (sgd), not '%s'.",
                         dynamics->type->about.name);
        return false;
    }
    *t = (tail){.exponent = law.exponent, .constant = constant_of(&law), .unit = line->learning_rate * law.unit};
    if (!(t->unit > 0.0)) {
        kr_theory_refuse(out, "There is no noise at all, so the path is not random.");
        return false;
    }
    if (law.law == KR_TAIL_STABLE && law.exponent >= 2.0) {
        kr_theory_refuse(out, "With alpha = 2 the noise is Gaussian and has no power-law tail; isotropic noise of sigma sqrt(2) is "
                              "the same.");
        return false;
    }
    return true;
}

/* ---- where descent leads ---- */

static double slope_at(double x, void *line) {
    double value;
    kr_problem_1d_evaluate(line, 1, &x, NULL, &value, NULL);
    return value;
}

static bool reached(const kr_problem_1d *line, double x, double reach) {
    if (x <= line->low + reach || x >= line->high - reach) return true;
    for (size_t i = 0; i < line->interior_target_count; i++)
        if (x >= line->interior_target[i].low - reach && x <= line->interior_target[i].high + reach) return true;
    return false;
}

enum { MOST_STEPS = 20000 };

/* Whether descent from x comes to the target: at one of its steps, or where it comes to rest but for the noise. rest: where. */
static bool arrives(kr_problem_1d *line, double x, double unit, double *rest) {
    for (int i = 0; i < MOST_STEPS; i++) {
        if (reached(line, x, 0.0)) return true;
        double step = line->learning_rate * slope_at(x, line);
        if (!isfinite(step)) return false;
        x -= step;
        if (fabs(step) < 1e-7 * unit) break;
    }
    *rest = x;
    return reached(line, x, unit);
}

/* The bottom of the well of the start. NAN: descent does not rest before it arrives. */
static double find_bottom(kr_problem_1d *line, double unit) {
    double x = line->start, rest = NAN;
    if (arrives(line, x, 0.01 * unit, &rest)) return NAN;
    return rest;
}

typedef struct jump {
    kr_problem_1d *line;
    double bottom, direction, unit;
    bool arrives;
} jump;

static bool same(double log_distance, void *context) {
    const jump *j = context;
    double rest;
    return arrives(j->line, j->bottom + j->direction * exp(log_distance), j->unit, &rest) == j->arrives;
}

/* Sum of y1^-alpha - y2^-alpha over the jumps to one side that arrive; *first: the shortest of them, INFINITY: there is none. */
static double jumps(kr_problem_1d *line, double bottom, double direction, const tail *t, double *first) {
    enum { DECADES = 7, EACH = 60 };
    const double shortest = log(2.0 * t->unit), step = log(10.0) / EACH;
    jump j = {.line = line, .bottom = bottom, .direction = direction, .unit = t->unit};
    double sum = 0.0;
    *first = INFINITY;
    for (int i = 1; i <= DECADES * EACH; i++) {
        double from = shortest + (i - 1) * step, to = shortest + i * step;
        if (same(to, &j)) continue;
        double last = from, edge = to;
        kr_bisect(same, &j, &last, &edge);
        j.arrives = !j.arrives;
        sum += (j.arrives ? 1.0 : -1.0) * exp(-t->exponent * edge);
        if (j.arrives && isinf(*first)) *first = exp(edge);
    }
    return sum;
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_problem_1d line;
    tail t;
    double right, left;
    if (!kr_problem_1d_place(problem, &line, out) || !find_tail(&line, &t, out)) return;
    double bottom = find_bottom(&line, t.unit);
    if (isnan(bottom)) {
        kr_theory_refuse(out, "Descent from the start leads to the target, without a barrier.");
        return;
    }
    double curvature = NAN;
    kr_problem_1d_evaluate(&line, 1, &bottom, NULL, NULL, &curvature);
    double contraction = line.learning_rate * curvature;
    if (!(contraction > 20.0 / MOST_STEPS && contraction < 2.0)) {
        kr_theory_refuse(out,
                         "Descent does not come to rest in the well of the start within %d steps: learning rate x curvature is "
                         "%.3g there.",
                         MOST_STEPS, contraction);
        return;
    }
    double kept = pow(fabs(1.0 - contraction), t.exponent);
    double sum = jumps(&line, bottom, 1.0, &t, &right) + jumps(&line, bottom, -1.0, &t, &left);
    kr_interval exits = kr_problem_1d_exits(&line); /* near: towards the target */
    double near = isinf(exits.low) ? right : isinf(exits.high) ? left : fmin(right, left);
    double far = near == right ? left : right;
    if (!(sum > 0.0)) {
        kr_theory_refuse(out, "No single jump from the bottom, %.4g, leads to the target: there is another well in between.",
                         bottom);
        return;
    }
    out->mfpt_steps = 1.0 / (t.constant * pow(t.unit, t.exponent) * sum);
    out->variation = 1.0;
    kr_theory_add(out, "distance", near);
    kr_theory_add(out, "distance_far", far);
    kr_theory_add(out, "noise_unit", t.unit);
    double width = t.unit * pow(1.0 - kept, -1.0 / t.exponent);
    kr_theory_add(out, "width", width);
    snprintf(out->note, sizeof out->note,
             "by single jumps from the bottom; the walk there is about %.2g %% as wide as the way out%s", 100.0 * width / near,
             width < 0.1 * near ? "" : ", so that jumps together count too");
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .equation = "rate of a step = (eta sigma / sqrt(B))^alpha (C / alpha) (b^-alpha + a^-alpha),  C = Gamma(1 + "
                                   "alpha) sin(pi alpha / 2) / pi",
                       .doc = "mean time until a single jump of heavy-tailed noise leads out of the well, however high the barrier",
                       .reference = "P. Imkeller, I. Pavlyukevich, First exit times of SDEs driven by stable Levy processes, "
                                    "Stoch. Proc. Appl. 116, 611 (2006)"},
             .rank = 24,
             .discrete_time = true,
             .extras = (const char *const[]){"distance", "distance_far", "noise_unit", "width", NULL},
             .predict = predict};
