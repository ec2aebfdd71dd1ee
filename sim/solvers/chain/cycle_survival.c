#include <kramers/cycle_survival.h>

#include "numerics/root.h"
#include "propagation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kr_cycle_survival_destroy(kr_cycle_survival *cycles) {
    free(cycles->cycle);
    *cycles = (kr_cycle_survival){0};
}

/* ---- the rate with which half escape ---- */

typedef struct half {
    const kr_problem *problem;
    uint64_t steps; /* of the first cycle */
    kr_prediction why;
    bool failed;
} half;

static const kr_parameter *rate_row(const kr_schedule *schedule) {
    return kr_parameter_find(&schedule->type->about, "lr");
}

/* log 2 + log of the survival of the first cycle at the largest learning rate exp(log_rate). */
static double excess(double log_rate, void *context) {
    half *h = context;
    const kr_schedule *given = h->problem->schedule;
    char *values = malloc(given->type->about.values_size);
    kr_schedule schedule = *given;
    kr_problem problem = *h->problem;
    double log_survival[2] = {NAN, NAN}, rate = exp(log_rate);
    uint64_t step[2] = {0, h->steps};
    if (!values) {
        h->failed = true;
        return NAN;
    }
    memcpy(values, given->values, given->type->about.values_size);
    memcpy(values + rate_row(given)->offset, &rate, sizeof rate);
    schedule.values = values;
    problem.schedule = &schedule;
    kr_error error;
    if (schedule.type->check && schedule.type->check(&schedule, &error) != KR_OK) {
        kr_theory_refuse(&h->why, "%s", error.message);
        h->failed = true;
    } else {
        h->failed = !kr_propagate(&problem, 2, step, log_survival, NULL, &h->why);
    }
    free(values);
    return h->failed ? NAN : log_survival[1] + log(2.0);
}

/* Two rates between which half escape, from the schedule's own rate up or down. */
static bool bracket(half *h, double *low, double *high, double *at_low, double *at_high) {
    enum { MOST = 60 };
    const double factor = log(1.25);
    double rate = log(kr_schedule_largest(h->problem->schedule));
    double here = excess(rate, h);
    *low = *high = rate;
    *at_low = *at_high = here;
    for (int i = 0; i < MOST && !h->failed && *at_high > 0.0; i++) {
        *low = *high, *at_low = *at_high;
        *high += factor;
        *at_high = excess(*high, h);
    }
    for (int i = 0; i < MOST && !h->failed && *at_low < 0.0; i++) {
        *high = *low, *at_high = *at_low;
        *low -= factor;
        *at_low = excess(*low, h);
    }
    return !h->failed && *at_low >= 0.0 && *at_high <= 0.0;
}

static void find_half(kr_cycle_survival *cycles, const kr_problem *problem) {
    half h = {.problem = problem, .steps = cycles->cycle[0].steps};
    double low, high, at_low, at_high;
    cycles->half_rate = NAN;
    if (!bracket(&h, &low, &high, &at_low, &at_high)) {
        snprintf(cycles->half_why, sizeof cycles->half_why, "%s",
                 h.failed ? h.why.why : "No learning rate within six orders of magnitude makes half escape in the first cycle.");
        return;
    }
    cycles->half_rate = exp(kr_root(excess, &h, low, high, 1e-10, 0.0));
    if (isnan(cycles->half_rate))
        snprintf(cycles->half_why, sizeof cycles->half_why, "%s", h.failed ? h.why.why : "The root was not found.");
}

/* ---- cycles ---- */

static size_t list_cycles(kr_cycle *cycle, const kr_schedule *schedule, uint64_t steps) {
    size_t count = 0;
    for (uint64_t first = 0; first < steps && count < KR_MAX_CYCLES; count++) {
        uint64_t next = kr_schedule_next_cycle(schedule, first), end = next < steps ? next : steps,
                 every = (end - first) / 100000 + 1;
        kr_cycle c = {.first = first, .steps = end - first, .chain = NAN, .adiabatic = NAN};
        c.chain_survival = c.adiabatic_survival = NAN;
        for (uint64_t k = first; k < end; k += every) c.highest = fmax(c.highest, kr_schedule_at(schedule, k));
        cycle[count] = c;
        first = end;
    }
    return count;
}

/* 1 - now / before from the logarithms, so that small probabilities have their digits. */
static double escaped(double log_before, double log_now) {
    return isfinite(log_before) ? -expm1(log_now - log_before) : NAN;
}

kr_status kr_cycle_survival_predict(kr_cycle_survival *cycles, const kr_problem *problem, uint64_t steps, kr_error *error) {
    *cycles = (kr_cycle_survival){.cycle = malloc(KR_MAX_CYCLES * sizeof *cycles->cycle), .half_rate = NAN};
    uint64_t *step = malloc((KR_MAX_CYCLES + 1) * sizeof *step);
    double *chain = malloc((KR_MAX_CYCLES + 1) * sizeof *chain), *adiabatic = malloc((KR_MAX_CYCLES + 1) * sizeof *adiabatic);
    bool enough = cycles->cycle && step && chain && adiabatic;
    if (enough) {
        size_t n = cycles->count = list_cycles(cycles->cycle, problem->schedule, steps);
        step[0] = 0;
        for (size_t i = 0; i < n; i++) step[i + 1] = cycles->cycle[i].first + cycles->cycle[i].steps;
        kr_prediction out = {0};
        bool stepwise = kr_propagate(problem, n + 1, step, chain, &cycles->chain_accuracy, &out);
        if (!stepwise) snprintf(cycles->chain_why, sizeof cycles->chain_why, "%s", out.why);
        bool slowly = kr_adiabatic(problem, n + 1, step, adiabatic, &out);
        if (!slowly) snprintf(cycles->adiabatic_why, sizeof cycles->adiabatic_why, "%s", out.why);
        for (size_t i = 0; i < n; i++) {
            kr_cycle *c = &cycles->cycle[i];
            if (stepwise) c->chain = escaped(chain[i], chain[i + 1]), c->chain_survival = exp(chain[i + 1]);
            if (slowly) c->adiabatic = escaped(adiabatic[i], adiabatic[i + 1]), c->adiabatic_survival = exp(adiabatic[i + 1]);
        }
        if (stepwise && n)
            find_half(cycles, problem);
        else
            snprintf(cycles->half_why, sizeof cycles->half_why, "%s", cycles->chain_why);
    }
    free(step);
    free(chain);
    free(adiabatic);
    if (enough) return KR_OK;
    kr_cycle_survival_destroy(cycles);
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the cycles of a schedule");
}
