/* Survival under a schedule as theory has it: step by step, and adiabatically. */
#include "chain.h"
#include "numerics/gsl_guard.h"
#include "propagation.h"

#include <kramers/survival_predicted.h>

#include <gsl/gsl_chebyshev.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double most_steps = 2e8; /* whose rates are added up */

/* ---- hazard of a step at a constant learning rate, 1 / n_chain(eta) ---- */

typedef struct hazard {
    const kr_problem *problem;
    kr_prediction *out;      /* why not */
    double low, high;        /* learning rates; below low the hazard is negligible */
    gsl_cheb_series *series; /* log n as a function of log eta; NULL: one learning rate */
    double constant;
} hazard;

/* log of the mean number of steps at this rate; NAN: out says why. */
static double log_steps(const hazard *h, double rate) {
    kr_problem_1d line;
    if (!kr_problem_is_chain(h->problem, h->out) || !kr_problem_1d_make_at(h->problem, rate, &line, h->out)) return NAN;
    h->out->applies = true;
    kr_chain_passage(&line, h->out);
    return h->out->applies ? log(h->out->mfpt_steps) : NAN;
}

static double log_steps_at(double log_rate, void *context) {
    return log_steps(context, exp(log_rate));
}

/* Where cold steps hardly contribute they are left out: their equation is the most expensive one. */
static bool find_low(hazard *h, double lowest) {
    double top = log_steps(h, h->high);
    h->low = h->high;
    while (!isnan(top) && h->low > lowest) {
        h->low = fmax(lowest, h->low / 1.6);
        double here = log_steps(h, h->low);
        if (isnan(here)) return false;
        if (here - top > 32.0) break;
    }
    return !isnan(top);
}

static bool hazard_make(hazard *h, const kr_problem *problem, double lowest, double highest, kr_prediction *out) {
    enum { ORDER = 10 };
    *h = (hazard){.problem = problem, .out = out, .high = highest};
    if (!find_low(h, lowest)) return false;
    if (!(h->low < h->high * (1.0 - 1e-12))) {
        h->constant = exp(-log_steps(h, h->high));
        return isfinite(h->constant);
    }
    kr_gsl_enter();
    h->series = gsl_cheb_alloc(ORDER);
    kr_gsl_leave();
    if (!h->series) {
        kr_theory_refuse(out, "There is not enough memory.");
        return false;
    }
    gsl_function f = {.function = log_steps_at, .params = h};
    gsl_cheb_init(h->series, &f, log(h->low), log(h->high));
    for (size_t i = 0; i <= ORDER; i++)
        if (!isfinite(h->series->c[i])) return false;
    return true;
}

static double hazard_at(const hazard *h, double rate) {
    if (!h->series) return rate > 0.0 ? h->constant : 0.0;
    return rate < h->low ? 0.0 : exp(-gsl_cheb_eval(h->series, log(fmin(rate, h->high))));
}

static void hazard_free(hazard *h) {
    if (h->series) gsl_cheb_free(h->series);
    h->series = NULL;
}

/* ---- numbers that change with the step ---- */

/* The sum over steps of 1 / n of each: smooth between jumps of the numbers, so that it is taken at ends and middles of intervals
 * that are halved until the logarithm is linear enough. */
typedef struct changing {
    const kr_problem *problem;
    kr_problem now;
    kr_moment *moment; /* NULL: only the noise changes */
    kr_noise noise;
    kr_prediction *out;
    double tolerance; /* of an interval's sum */
    uint64_t steps;   /* of the run */
    double hottest;   /* temperature of a step, s^2 / (2 eta), at most */
    bool refused;
    size_t solved;
} changing;

static bool set(changing *c, uint64_t step) {
    kr_error error;
    if (c->moment && kr_moment_set(c->moment, step, &error) != KR_OK) {
        kr_theory_refuse(c->out, "%s", error.message);
        c->refused = true;
        return false;
    }
    if (c->moment) {
        c->now.landscape = c->moment->landscape;
        c->now.dynamics = c->moment->dynamics;
    }
    c->noise = *(c->moment ? c->moment->noise : c->problem->noise);
    c->noise.step = step;
    c->now.noise = &c->noise;
    return true;
}

/* s^2 / (2 eta) at the start, of a step. */
static double heat(const kr_problem_1d *line) {
    double variance;
    kr_problem_1d_variance(line, 1, &line->start, &variance);
    return variance / (2.0 * line->learning_rate);
}

/* exp(-E), E the largest rise of 2 eta V' / s^2 from the start towards the nearer exit, is about what a step's hazard is at most;
 * less of E is taken, since steps that are not small see lower barriers. */
static double at_most(const kr_problem_1d *line) {
    enum { POINTS = 257 };
    double least = INFINITY, x[POINTS], slope[POINTS], variance[POINTS];
    kr_interval exits = kr_problem_1d_exits(line);
    for (int side = 0; side < 2; side++) {
        double end = side ? exits.high : exits.low, rise = 0.0, most = 0.0;
        if (!isfinite(end)) continue;
        for (size_t i = 0; i < POINTS; i++) x[i] = line->start + (end - line->start) * (double)i / (POINTS - 1);
        kr_problem_1d_evaluate(line, POINTS, x, NULL, slope, NULL);
        kr_problem_1d_variance(line, POINTS, x, variance);
        for (size_t i = 0; i < POINTS; i++) {
            rise += 2.0 * line->learning_rate * slope[i] / variance[i] * (x[1] - x[0]);
            most = fmax(most, rise);
        }
        least = fmin(least, most);
    }
    return exp(-0.85 * least);
}

/* Of one step, 0 where too few pass in a step like it for the sum to notice. */
static double hazard_of_step(changing *c, uint64_t step) {
    enum { MOST_SOLVED = 2000 };
    double rate = kr_schedule_at(c->problem->schedule, step);
    kr_problem_1d line;
    if (!(rate > 0.0) || c->refused || !set(c, step)) return 0.0;
    if (!kr_problem_1d_make_at(&c->now, rate, &line, c->out)) return c->refused = true, 0.0;
    if (!(heat(&line) > 0.0) || (double)c->steps * at_most(&line) < 0.1 * c->tolerance) return 0.0;
    double steps = c->solved++ < MOST_SOLVED ? kr_chain_quick_steps(&line) : NAN;
    if (isfinite(steps)) return 1.0 / steps;
    c->refused = true;
    if (c->solved > MOST_SOLVED)
        kr_theory_refuse(c->out, "Too many of the run's steps differ.");
    else
        kr_theory_refuse(c->out, "The exact equation has no solution for step %llu.", (unsigned long long)step);
    return 0.0;
}

/* Number i of what changes: those of the drive, then the learning rate, then the variance of the noise. */
static double number_at(const changing *c, size_t i, uint64_t step) {
    size_t driven = kr_drive_count(c->problem->drive);
    if (i < driven) return kr_drive_value(c->problem->drive, i, step, NULL);
    if (i == driven) return kr_schedule_at(c->problem->schedule, step);
    kr_noise noise = *c->problem->noise;
    noise.step = step;
    return kr_noise_additive_variance(&noise);
}

/* Whether some number goes up and down between these steps: its way there is longer than the distance. */
static bool turns(const changing *c, uint64_t from, uint64_t to) {
    enum { LOOKS = 512 };
    uint64_t every = (to - from) / LOOKS + 1;
    for (size_t i = 0; i < kr_drive_count(c->problem->drive) + 2; i++) {
        double first = number_at(c, i, from), last = number_at(c, i, to), before = first, way = 0.0, largest = fabs(first);
        for (uint64_t k = from; k < to; k += every) {
            double value = number_at(c, i, k);
            way += fabs(value - before);
            largest = fmax(largest, fabs(value));
            before = value;
        }
        way += fabs(last - before);
        if (way > fabs(last - first) + 1e-3 * largest) return true;
    }
    return false;
}

/* An interval of steps in which the hazards are those of a parabola through its ends and its middle. */
typedef struct piece {
    uint64_t from, to;
    double first, half, last;
} piece;

/* Sum over [from, upto): the parabola's integral, and half of the difference of the ends. */
static double part_of(const piece *p, uint64_t upto) {
    double length = (double)(p->to - p->from), u = (double)(upto - p->from) / length;
    if (p->to - p->from == 1) return upto > p->from ? p->first : 0.0;
    double slope = -3.0 * p->first + 4.0 * p->half - p->last, bend = 2.0 * (p->first - 2.0 * p->half + p->last);
    double end = p->first + u * (slope + u * bend);
    return length * u * (p->first + u * (slope / 2.0 + u * bend / 3.0)) + 0.5 * (p->first - end);
}

/* Rows of the curve, filled in as the intervals come in their order. */
typedef struct rows {
    size_t count, next;
    const uint64_t *step;
    double *log_survival;
    double sum; /* of all intervals before */
} rows;

static void add_piece(rows *r, const piece *p) {
    while (r->next < r->count && r->step[r->next] <= p->to) {
        r->log_survival[r->next] = -(r->sum + fmax(0.0, part_of(p, r->step[r->next])));
        r->next++;
    }
    r->sum += fmax(0.0, part_of(p, p->to));
}

/* Halves the piece until the parabolas of its halves give the same sum, as in adaptive Simpson quadrature; where it is a few steps
 * long, each has its own hazard, so that jumps cost nothing but their bisection. */
static void add_hazards(changing *c, rows *r, const piece *whole) {
    enum { FEW = 4 };
    uint64_t middle = whole->from + (whole->to - whole->from) / 2;
    if (c->refused) return;
    if (whole->to - whole->from <= FEW) {
        for (uint64_t k = whole->from; k < whole->to; k++) {
            double own = k == whole->from ? whole->first : k == middle ? whole->half : hazard_of_step(c, k);
            add_piece(r, &(piece){.from = k, .to = k + 1, .first = own, .half = own, .last = own});
        }
        return;
    }
    piece left = {.from = whole->from, .to = middle, .first = whole->first, .last = whole->half};
    piece right = {.from = middle, .to = whole->to, .first = whole->half, .last = whole->last};
    left.half = hazard_of_step(c, left.from + (left.to - left.from) / 2);
    right.half = hazard_of_step(c, right.from + (right.to - right.from) / 2);
    double coarse = part_of(whole, whole->to), fine = part_of(&left, left.to) + part_of(&right, right.to);
    bool smooth = fabs(fine - coarse) <= c->tolerance && !turns(c, whole->from, whole->to);
    if (smooth) {
        add_piece(r, &left);
        add_piece(r, &right);
        return;
    }
    add_hazards(c, r, &left);
    add_hazards(c, r, &right);
}

/* The temperature of the hottest step, and the sum that its hazard would give if all were like it: what is small is small beside
 * that. */
static void find_hottest(changing *c, uint64_t last) {
    enum { LOOKS = 20000 };
    uint64_t hot = 0, every = last / LOOKS + 1;
    kr_problem_1d line;
    for (uint64_t k = 0; k < last; k += every) {
        double rate = kr_schedule_at(c->problem->schedule, k);
        if (!(rate > 0.0)) continue;
        if (!set(c, k)) return;
        if (!kr_problem_1d_make_at(&c->now, rate, &line, c->out)) {
            c->refused = true;
            return;
        }
        double temperature = heat(&line);
        if (temperature > c->hottest) c->hottest = temperature, hot = k;
    }
    c->tolerance = 1e-5 * fmin(1.0, (double)last * hazard_of_step(c, hot));
}

static bool adiabatic_of_changing(const kr_problem *problem, size_t count, const uint64_t *step, double *log_survival,
                                  kr_prediction *out) {
    changing c = {.problem = problem, .now = *problem, .out = out};
    if (!kr_problem_is_chain(problem, out)) return false;
    kr_error error;
    if (problem->drive && kr_moment_create(&c.moment, problem->drive, &error) != KR_OK) {
        kr_theory_refuse(out, "%s", error.message);
        return false;
    }
    c.steps = count ? step[count - 1] : 0;
    find_hottest(&c, c.steps);
    rows r = {.count = count, .next = count > 0, .step = step, .log_survival = log_survival};
    if (c.steps > 0)
        add_hazards(&c, &r,
                    &(piece){.to = c.steps,
                             .first = hazard_of_step(&c, 0),
                             .half = hazard_of_step(&c, c.steps / 2),
                             .last = hazard_of_step(&c, c.steps - 1)});
    kr_moment_destroy(c.moment);
    return !c.refused;
}

/* ---- survival ---- */

bool kr_adiabatic(const kr_problem *problem, size_t count, const uint64_t *step, double *log_survival, kr_prediction *out) {
    uint64_t last = count ? step[count - 1] : 0;
    double lowest = INFINITY, highest = 0.0, constant = kr_schedule_constant(problem->schedule);
    for (size_t i = 0; i < count; i++) log_survival[i] = 0.0;
    if (kr_problem_changes(problem)) return adiabatic_of_changing(problem, count, step, log_survival, out);
    if (isnan(constant) && (double)last > most_steps) {
        kr_theory_refuse(out, "The run has too many steps (%.3g) for the rates of all of them to be added.", (double)last);
        return false;
    }
    for (uint64_t k = 0; isnan(constant) && k < last; k++) {
        double rate = kr_schedule_at(problem->schedule, k);
        highest = fmax(highest, rate);
        if (rate > 0.0) lowest = fmin(lowest, rate);
    }
    if (!isnan(constant)) lowest = highest = constant;
    if (!(highest > 0.0)) return true;
    hazard h;
    bool made = hazard_make(&h, problem, lowest, highest, out);
    double sum = 0.0;
    for (size_t row = 1; made && row < count; row++) {
        double part = isnan(constant) ? 0.0 : (double)(step[row] - step[row - 1]) * h.constant;
        for (uint64_t k = step[row - 1]; isnan(constant) && k < step[row]; k++)
            part += hazard_at(&h, kr_schedule_at(problem->schedule, k));
        sum += part;
        log_survival[row] = -sum;
    }
    hazard_free(&h);
    return made;
}

bool kr_survival_chain(const kr_problem *problem, size_t count, const uint64_t *step, double *survival, double *accuracy,
                       char why[256]) {
    kr_prediction out = {.applies = true};
    bool done = kr_propagate(problem, count, step, survival, accuracy, &out);
    for (size_t i = 0; i < count; i++) survival[i] = done ? exp(survival[i]) : NAN;
    snprintf(why, 256, "%s", done ? "" : out.why);
    return done;
}

bool kr_survival_adiabatic(const kr_problem *problem, size_t count, const uint64_t *step, double *survival, char why[256]) {
    kr_prediction out = {.applies = true};
    bool done = kr_adiabatic(problem, count, step, survival, &out);
    for (size_t i = 0; i < count; i++) survival[i] = done ? exp(survival[i]) : NAN;
    snprintf(why, 256, "%s", done ? "" : out.why);
    return done;
}

static double *column(const kr_survival *s) {
    return malloc((s->count ? s->count : 1) * sizeof(double));
}

kr_status kr_survival_predict(kr_survival *s, const kr_problem *problem, kr_error *error) {
    double *chain = column(s), *slow = column(s);
    if (!chain || !slow) {
        free(chain);
        free(slow);
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for a survival curve");
    }
    free(s->chain);
    free(s->adiabatic);
    s->chain = chain;
    s->adiabatic = slow;
    if (!kr_survival_chain(problem, s->count, s->step, chain, &s->chain_accuracy, s->chain_why)) {
        free(chain);
        s->chain = NULL;
    }
    if (!kr_survival_adiabatic(problem, s->count, s->step, slow, s->adiabatic_why)) {
        free(slow);
        s->adiabatic = NULL;
    }
    return KR_OK;
}
