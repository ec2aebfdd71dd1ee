/* Rows of what is measured of first passages. */
#include "result_table.h"

#include <math.h>

#define WHY_TEXT "a text"
#define WHY_DETAIL "a detail; JSON has it"
#define WHY_NOT_RESUMED "a resumed run has not seen all passages, and its file is that of an unbroken one; escape/events has them"

/* ---- escape ---- */

static bool exposure_steps(const void *source, kr_value *value) {
    const kr_result *r = source;
    return !r->splitting && kr_value_count(value, (uint64_t)r->escape.exposure_steps);
}

static bool memory_steps(const void *source, kr_value *value) {
    const kr_result *r = source;
    return !r->splitting && !isnan(r->escape.memory_steps) && kr_value_number(value, r->escape.memory_steps);
}

static bool needed_steps(const void *source, kr_value *value) {
    const kr_result *r = source;
    return r->escape.needed_steps > 0 && kr_value_number(value, r->escape.needed_steps);
}

static bool crossed_fraction(const void *source, kr_value *value) {
    const kr_result *r = source;
    return r->absorbed && kr_value_number(value, r->crossed_fraction);
}

static bool crossed_fraction_ci95(const void *source, kr_value *value) {
    const kr_result *r = source;
    return r->absorbed && kr_value_interval(value, r->crossed_fraction_ci95);
}

/* Of the whole run, beside what is measured. */
static bool arrived_at_end(const kr_survival *s, const double *survival, kr_value *value) {
    return s->count && survival && kr_value_number(value, 1 - survival[s->count - 1]);
}

static bool crossed_fraction_chain(const void *source, kr_value *value) {
    const kr_survival *s = &((const kr_result *)source)->survival;
    return arrived_at_end(s, s->chain, value);
}

static bool crossed_fraction_adiabatic(const void *source, kr_value *value) {
    const kr_survival *s = &((const kr_result *)source)->survival;
    return arrived_at_end(s, s->adiabatic, value);
}

const kr_result_row kr_result_of_escape[] = {
    KR_ROW("escape.events", COUNT, 0, NULL, "first passages", KR_BY("events"), KR_AT("escape/summary/events"), KR_AT("events"),
           .offset = offsetof(kr_result, escape.events)),
    KR_ROW("escape.exposure_steps", COUNT, 0, "steps", "particle-steps under observation, those of passages under way included",
           KR_BY("particle-steps"), KR_WITH("escape/summary/exposure_steps", KR_AS_NUMBER), KR_AT("exposure_steps"),
           .get = exposure_steps),
    KR_ROW("escape.exposure_time", NUMBER, 0, "time", "the same in time", KR_NOT("mean time and mean steps say it"),
           KR_AT("escape/summary/exposure_time"), KR_AT("exposure_time"), .offset = offsetof(kr_result, escape.exposure_time)),
    KR_ROW("escape.mfpt_steps", NUMBER, 0, "steps", "mean number of steps to a first passage", KR_BY("mean steps"),
           KR_AT("escape/summary/mfpt_steps"), KR_AT("mfpt_steps"), .offset = offsetof(kr_result, escape.mfpt_steps)),
    KR_ROW("escape.mfpt_steps_ci95", INTERVAL, 0, "steps", "its interval", KR_BY("mean steps"),
           KR_AT("escape/summary/mfpt_steps_ci95"), KR_AT("mfpt_steps"), .offset = offsetof(kr_result, escape.mfpt_steps_ci95)),
    KR_ROW("escape.mfpt_time", NUMBER, 0, "time", "mean time to a first passage", KR_BY("mean time"),
           KR_AT("escape/summary/mfpt_time"), KR_AT("mfpt_time"), .offset = offsetof(kr_result, escape.mfpt_time)),
    KR_ROW("escape.rate", NUMBER, 0, "1/time", "first passages of a particle in a unit of time", KR_BY("rate"),
           KR_AT("escape/summary/rate"), KR_AT("rate"), .offset = offsetof(kr_result, escape.rate)),
    KR_ROW("escape.rate_ci95", INTERVAL, 0, "1/time", "its interval", KR_BY("rate"), KR_AT("escape/summary/rate_ci95"),
           KR_AT("rate"), .offset = offsetof(kr_result, escape.rate_ci95)),
    KR_ROW("escape.memory_steps", NUMBER, 0, "steps",
           "after which a particle has forgotten the start: the mean is survival summed up to there, and its decay beyond",
           KR_NOT(WHY_DETAIL), KR_AT("escape/summary/memory_steps"), KR_AT("memory_steps"), .get = memory_steps),
    KR_ROW("escape.needed_steps", NUMBER, 0, "steps", "of a run that could say something of the mean, where this one cannot",
           KR_NOT("the warning says it"), KR_AT("escape/summary/needed_steps"), KR_AT("needed_steps"), .get = needed_steps),
    KR_ROW("escape.crossed_fraction", NUMBER, 0, NULL, "fraction of the particles that arrived, each once", KR_BY("arrived"),
           KR_AT("escape/summary/crossed_fraction"), KR_AT("crossed_fraction"), .get = crossed_fraction),
    KR_ROW("escape.crossed_fraction_ci95", INTERVAL, 0, NULL, "its interval", KR_BY("arrived"),
           KR_AT("escape/summary/crossed_fraction_ci95"), KR_AT("crossed_fraction"), .get = crossed_fraction_ci95),
    KR_ROW("escape.crossed_fraction_chain", NUMBER, 0, NULL, "the same as predicted by the chain, propagated step by step",
           KR_NOT("the end of the survival table says it"), KR_AT("escape/summary/crossed_fraction_chain"),
           KR_AT("crossed_fraction_chain"), .get = crossed_fraction_chain),
    KR_ROW("escape.crossed_fraction_adiabatic", NUMBER, 0, NULL, "the same as predicted from the rate at each learning rate",
           KR_NOT("the end of the survival table says it"), KR_AT("escape/summary/crossed_fraction_adiabatic"),
           KR_AT("crossed_fraction_adiabatic"), .get = crossed_fraction_adiabatic),
    KR_RESULT_END};

/* ---- survival ---- */

static bool survival_step(const void *source, kr_value *value) {
    const kr_survival *s = source;
    return kr_value_list(value, s->step, s->count, 0);
}

static bool survival_measured(const void *source, kr_value *value) {
    const kr_survival *s = source;
    return kr_value_list(value, s->measured, s->count, 0);
}

static bool survival_low(const void *source, kr_value *value) {
    const kr_survival *s = source;
    return kr_value_list(value, s->low, s->count, 0);
}

static bool survival_high(const void *source, kr_value *value) {
    const kr_survival *s = source;
    return kr_value_list(value, s->high, s->count, 0);
}

static bool survival_chain(const void *source, kr_value *value) {
    const kr_survival *s = source;
    return kr_value_list(value, s->chain, s->count, 0);
}

static bool survival_adiabatic(const void *source, kr_value *value) {
    const kr_survival *s = source;
    return kr_value_list(value, s->adiabatic, s->count, 0);
}

static bool chain_accuracy(const void *source, kr_value *value) {
    const kr_survival *s = source;
    return s->chain && kr_value_number(value, s->chain_accuracy);
}

const kr_result_row kr_result_of_survival[] = {
    KR_ROW("escape.survival.step", COUNT, 1, "steps", "steps of the survival curve", KR_BY("step"), KR_AT("escape/survival/step"),
           KR_NOT(KR_WHY_LIST), .get = survival_step),
    KR_ROW("escape.survival.measured", NUMBER, 1, NULL, "probability not to have arrived (Kaplan and Meier)", KR_BY("measured"),
           KR_AT("escape/survival/measured"), KR_NOT(KR_WHY_LIST), .get = survival_measured),
    KR_ROW("escape.survival.low", NUMBER, 1, NULL, "lower ends of its intervals", KR_BY("95 % from"), KR_AT("escape/survival/low"),
           KR_NOT(KR_WHY_LIST), .get = survival_low),
    KR_ROW("escape.survival.high", NUMBER, 1, NULL, "upper ends of its intervals", KR_BY("to"), KR_AT("escape/survival/high"),
           KR_NOT(KR_WHY_LIST), .get = survival_high),
    KR_ROW("escape.survival.chain", NUMBER, 1, NULL, "the same as predicted by the chain, propagated step by step", KR_BY("chain"),
           KR_AT("escape/survival/chain"), KR_NOT(KR_WHY_LIST), .get = survival_chain),
    KR_ROW("escape.survival.adiabatic", NUMBER, 1, NULL, "the same as predicted from the rate at each learning rate",
           KR_BY("adiabatic"), KR_AT("escape/survival/adiabatic"), KR_NOT(KR_WHY_LIST), .get = survival_adiabatic),
    KR_ROW("escape.survival.chain_accuracy", NUMBER, 0, NULL, "absolute error of the chain's prediction", KR_NOT(WHY_DETAIL),
           KR_AT("escape/survival/chain_accuracy"), KR_AT("survival_chain_accuracy"), .get = chain_accuracy),
    KR_ROW("escape.survival.chain_why", TEXT, 0, NULL, "why the chain predicts nothing", KR_BY("no chain"),
           KR_AT("escape/survival/chain_why"), KR_NOT(WHY_TEXT), .offset = offsetof(kr_survival, chain_why)),
    KR_ROW("escape.survival.adiabatic_why", TEXT, 0, NULL, "why there is no adiabatic prediction", KR_BY("no adiabatic"),
           KR_AT("escape/survival/adiabatic_why"), KR_NOT(WHY_TEXT), .offset = offsetof(kr_survival, adiabatic_why)),
    KR_RESULT_END};

/* ---- are passages exponential? ---- */

const kr_result_row kr_result_of_exponential[] = {
    KR_ROW("escape.exponential.intervals", COUNT, 0, NULL, "times between passages that the test saw", KR_BY("intervals"),
           KR_NOT(WHY_NOT_RESUMED), KR_AT("exponential_intervals"), .offset = offsetof(kr_exponential, intervals)),
    KR_ROW("escape.exponential.variation", NUMBER, 0, NULL, "their standard deviation over their mean", KR_BY("variation"),
           KR_NOT(WHY_NOT_RESUMED), KR_AT("exponential_variation"), .offset = offsetof(kr_exponential, variation)),
    KR_ROW("escape.exponential.statistic", NUMBER, 0, NULL, "Anderson and Darling's, corrected for the number of times",
           KR_NOT("its p-value says it"), KR_NOT(WHY_NOT_RESUMED), KR_AT("exponential_statistic"),
           .offset = offsetof(kr_exponential, statistic)),
    KR_ROW("escape.exponential.p_value", NUMBER, 0, NULL, "of the hypothesis that they are exponential",
           KR_BY("times exponential?"), KR_NOT(WHY_NOT_RESUMED), KR_AT("exponential_p_value"),
           .offset = offsetof(kr_exponential, p_value)),
    KR_RESULT_END};

/* ---- targets ---- */

static bool target_coordinate(const void *source, kr_value *value) {
    const kr_target *t = ((const kr_target_result *)source)->target;
    return !(t->radius > 0) && kr_value_count(value, t->coordinate);
}

static bool target_above(const void *source, kr_value *value) {
    const kr_target *t = ((const kr_target_result *)source)->target;
    return !(t->radius > 0) && isfinite(t->above) && kr_value_number(value, t->above);
}

static bool target_below(const void *source, kr_value *value) {
    const kr_target *t = ((const kr_target_result *)source)->target;
    return !(t->radius > 0) && isfinite(t->below) && kr_value_number(value, t->below);
}

static bool target_minimum(const void *source, kr_value *value) {
    const kr_target *t = ((const kr_target_result *)source)->target;
    return t->radius > 0 && kr_value_count(value, (uint64_t)t->minimum);
}

static bool target_radius(const void *source, kr_value *value) {
    const kr_target *t = ((const kr_target_result *)source)->target;
    return t->radius > 0 && kr_value_number(value, t->radius);
}

static bool target_interval(const void *source, kr_value *value) {
    const kr_target_result *t = source;
    return isfinite(t->probability) && kr_value_interval(value, t->probability_ci95);
}

#define TARGET(name_, kind_, unit_, doc_, ...)                                                                                     \
    {                                                                                                                              \
        .name = name_, .kind = KR_VALUE_##kind_, .unit = unit_, .doc = doc_,                                                       \
        .hdf5 = KR_NOT("the scene says it, and target_events"), .sweep = KR_NOT(KR_WHY_LIST), .terminal = __VA_ARGS__              \
    }

static const kr_result_row of_target[] = {
    TARGET("until.coordinate", COUNT, NULL, "coordinate of the target", KR_BY("target"), .get = target_coordinate),
    TARGET("until.above", NUMBER, "length", "reached there and above", KR_BY("target"), .get = target_above),
    TARGET("until.below", NUMBER, "length", "reached there and below", KR_BY("target"), .get = target_below),
    TARGET("until.minimum", COUNT, NULL, "minimum in the middle of the target", KR_BY("target"), .get = target_minimum),
    TARGET("until.radius", NUMBER, "length", "of the target about it", KR_BY("target"), .get = target_radius),
    TARGET("events", COUNT, NULL, "first passages that ended there", KR_BY("events"), .offset = offsetof(kr_target_result, events)),
    TARGET("probability", NUMBER, NULL, "their part of all", KR_BY("of all"), .offset = offsetof(kr_target_result, probability)),
    TARGET("probability_ci95", INTERVAL, NULL, "its interval", KR_NOT(WHY_DETAIL), .get = target_interval),
    KR_RESULT_END};

static bool target_events(const void *source, kr_value *value) {
    const kr_result *r = source;
    return r->target_count && kr_value_list(value, r->target_events, r->target_count, 0);
}

static bool targets(const void *source, kr_value *value) {
    const kr_result *r = source;
    return r->target_count && kr_value_list(value, r->target, r->target_count, 0);
}

static const void *target(const void *source, size_t i) {
    return &((const kr_result *)source)->target[i];
}

const kr_result_row kr_result_of_targets[] = {KR_ROW("escape.targets", RECORDS, 1, NULL, "each target by itself", KR_BY("target"),
                                                     KR_NOT("target_events has the counts"), KR_NOT(KR_WHY_LIST), .get = targets,
                                                     .entries = of_target, .entry = target),
                                              {.name = "escape.target_events",
                                               .doc = "first passages that ended in each target",
                                               .kind = KR_VALUE_COUNT,
                                               .rank = 1,
                                               .terminal = KR_NOT("the lines of the targets say it"),
                                               .json = KR_NOT("escape.targets says it"),
                                               .hdf5 = KR_WITH("escape/summary/target_events", KR_AS_ATTRIBUTE),
                                               .sweep = KR_NOT(KR_WHY_LIST),
                                               .get = target_events},
                                              KR_RESULT_END};
