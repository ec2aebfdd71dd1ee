/* The spectral gap of the Klein-Kramers equation in one coordinate, by numbers: how fast populations of two wells relax at any
 * friction. The reference for the other theories of escape with momentum.
 *
 * Grid and number of levels are refined together until the gap does not change any more, or the work becomes too large; the last
 * change is the accuracy stated. The rate of leaving the start's well is the gap's share k = lambda p', p' the equilibrium
 * population of the other well, since k + k' = lambda and k p = k' p'; half the gap for a symmetric landscape. */
#include "numerics/integral.h"
#include "numerics/root.h"
#include "solvers/underdamped/matrix_continued_fraction.h"
#include "solvers/underdamped/underdamped_wells.h"

#include <math.h>

/* Work: multiplications in all, under a second with AVX-512. */
static const double most_work = 1e10, wanted = 1e-10, accepted = 2e-2;
static const double cut = 40.0; /* in units of T above the lower minimum: e^-20 of the symmetrised density */

typedef struct task {
    const kr_underdamped_wells *wells;
    kr_phase_space_grid grid;
    double lowest, fastest; /* energy; frequency */
} task;

static double energy_at(const task *t, double x) {
    double value;
    kr_problem_1d_evaluate(&t->wells->line, 1, &x, &value, NULL, NULL);
    return value;
}

static double above_cut(double x, void *context) {
    const task *t = context;
    return energy_at(t, x) - t->lowest - cut * t->wells->temperature;
}

static bool is_symmetric(const task *t, double center, double reach) {
    enum { SAMPLES = 64 };
    for (int i = 1; i <= SAMPLES; i++) {
        double x = reach * (i - 0.381966) / SAMPLES, left = energy_at(t, center - x), right = energy_at(t, center + x);
        if (!(fabs(left - right) <= 1e-13 * (fabs(left) + fabs(right)) + 1e-12 * t->wells->temperature)) return false;
    }
    return true;
}

static bool task_make(task *t, const kr_underdamped_wells *w, kr_prediction *out) {
    const kr_barrier *b = &w->barrier[0];
    *t = (task){.wells = w, .lowest = fmin(w->well.energy, b->beyond.energy)};
    double left = fmin(w->well.position, b->beyond.position), right = fmax(w->well.position, b->beyond.position);
    t->fastest = fmax(b->frequency, fmax(w->well.frequency, b->beyond.frequency));
    t->grid = (kr_phase_space_grid){.line = &w->line,
                                    .temperature = w->temperature,
                                    .low = kr_first_positive(above_cut, t, left, -1.0, b->position - left),
                                    .high = kr_first_positive(above_cut, t, right, 1.0, right - b->position)};
    if (isnan(t->grid.low) || isnan(t->grid.high)) {
        kr_theory_refuse(out, "The loss does not rise on both sides, so there is no slowest mode.");
        return false;
    }
    double reach = fmax(t->grid.high - b->position, b->position - t->grid.low);
    t->grid.symmetric = is_symmetric(t, b->position, reach);
    if (t->grid.symmetric) {
        t->grid.low = b->position - reach;
        t->grid.high = b->position + reach;
    }
    return true;
}

/* Structure in p as fine as the highest Hermite function, k = sqrt(N/T), becomes structure in q as fine as k times a
 * frequency. */
static void set_points(task *t, size_t levels) {
    double finest = 1.1 * t->fastest * sqrt(((double)levels + 24.0) / t->grid.temperature);
    t->grid.points = 2 * (size_t)ceil(0.5 * (t->grid.high - t->grid.low) * finest / 3.14159265358979);
}

/* One grid: lambda from mu at the guess and the slope of mu, which comes from two evaluations when it is not known. */
static double refine(const task *t, size_t levels, double guess, double *slope, double *rounding) {
    double friction = t->wells->friction;
    kr_continued_fraction ladder;
    if (!kr_continued_fraction_create(&ladder, &t->grid)) return NAN;
    if (isnan(*slope)) {
        double first = kr_continued_fraction_map(&ladder, friction, levels, 0.0);
        double second = kr_continued_fraction_map(&ladder, friction, levels, first);
        *slope = (second - first) / first;
        guess = first / (1.0 - *slope);
    }
    double value = kr_continued_fraction_map(&ladder, friction, levels, guess);
    *rounding = 4e-16 * ladder.condition;
    kr_continued_fraction_destroy(&ladder);
    return (value - *slope * guess) / (1.0 - *slope);
}

static void find_gap(task *t, double *gap, double *accuracy) {
    double friction = t->wells->friction, slope = NAN, work = 0.0, rounding, change = INFINITY;
    size_t levels = 12 + (size_t)fmin(150.0, 0.5 * t->fastest / friction);
    *gap = NAN;
    for (;;) {
        set_points(t, levels);
        work += kr_continued_fraction_work(&t->grid, levels) * (isnan(slope) ? 3.0 : 1.0);
        if (work > most_work && isfinite(change)) break;
        if (work > 20.0 * most_work) return;
        double next = refine(t, levels, *gap, &slope, &rounding);
        if (isnan(next)) {
            *gap = NAN;
            return;
        }
        change = isnan(*gap) ? INFINITY : fabs(next / *gap - 1.0);
        *accuracy = fmax(change, rounding);
        *gap = next;
        if (*accuracy < wanted || change < rounding) break;
        levels += levels / 2;
    }
}

static double boltzmann(double x, void *context) {
    const task *t = context;
    return exp(-(energy_at(t, x) - t->lowest) / t->wells->temperature);
}

/* Equilibrium population of the other well. */
static double share_beyond(task *t) {
    const kr_underdamped_wells *w = t->wells;
    const double end[5] = {t->grid.low, fmin(w->well.position, w->barrier[0].beyond.position), w->barrier[0].position,
                           fmax(w->well.position, w->barrier[0].beyond.position), t->grid.high};
    if (t->grid.symmetric) return 0.5;
    double part[4];
    for (int i = 0; i < 4; i++) part[i] = kr_integral(boltzmann, t, end[i], end[i + 1], 1e-11, 1e-11);
    double left = part[0] + part[1], right = part[2] + part[3];
    return (w->well.position < w->barrier[0].position ? right : left) / (left + right);
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_underdamped_wells w;
    task t;
    if (!kr_underdamped_wells_make_single(problem, &w, out)) return;
    if (!w.two) {
        kr_theory_refuse(out, "The loss does not rise on both sides, so there is no slowest mode.");
        return;
    }
    if (!task_make(&t, &w, out)) return;
    double gap, accuracy = NAN;
    find_gap(&t, &gap, &accuracy);
    if (isnan(gap) || !(gap > 0.0)) {
        kr_theory_refuse(out, "No slow mode stands out: the barrier is too low for this temperature, or the friction too small.");
        return;
    }
    if (!(accuracy <= accepted)) {
        kr_theory_refuse(out, "The numbers did not converge (last change %.1e): friction %.3g needs more levels than are computed.",
                         accuracy, w.friction);
        return;
    }
    double share = share_beyond(&t);
    kr_underdamped_wells_predict(&w, (kr_well_rates){gap * share, gap * (1.0 - share)}, out);
    kr_underdamped_wells_predict_passage(&w, out);
    out->accuracy = accuracy;
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .doc = "spectral gap of the Klein-Kramers equation, numerically, two wells in one coordinate, any friction",
                       .reference = "H. Risken, The Fokker-Planck Equation, chapter 10"},
             .rank = 40,
             .extras = (const char *const[]){"friction", NULL},
             .predict = predict};
