/* Survival under a schedule as theory has it: step by step, and adiabatically. */
#include "adiabatic_steps.h"
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

/* ---- survival ---- */

bool kr_adiabatic(const kr_problem *problem, size_t count, const uint64_t *step, double *log_survival, kr_prediction *out) {
    uint64_t last = count ? step[count - 1] : 0;
    double lowest = INFINITY, highest = 0.0, constant = kr_schedule_constant(problem->schedule);
    for (size_t i = 0; i < count; i++) log_survival[i] = 0.0;
    if (kr_problem_changes(problem)) return kr_adiabatic_of_steps(problem, count, step, log_survival, out);
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
