/* Rows of what a splitting says of itself, beside the rows of escape that it shares with counted events. */
#include "result_table.h"

#define WHY_NO_FILE "a splitting writes no file"
#define WHY_DETAIL "a detail; JSON has it"

/* The error of the rate in a unit of time, from that of a step; source: the result. */
static bool rate_error(const void *source, kr_value *value) {
    const kr_result *r = source;
    const kr_splitting_result *s = r->splitting;
    return s && s->rate_steps > 0 && kr_value_number(value, s->rate_steps_error / s->rate_steps * r->escape.rate);
}

static bool repeats(const void *source, kr_value *value) {
    const kr_splitting_result *s = source;
    return kr_value_list(value, s->repeat, s->repeats, 0);
}

static const void *repeat(const void *source, size_t i) {
    return &((const kr_splitting_result *)source)->repeat[i];
}

#define REPEAT(name_, kind_, unit_, doc_)                                                                                          \
    KR_ROW(#name_, kind_, 0, unit_, doc_, KR_NOT(KR_WHY_LONG), KR_NOT(WHY_NO_FILE), KR_NOT(KR_WHY_LIST),                           \
           .offset = offsetof(kr_splitting_repeat, name_))

static const kr_result_row of_repeat[] = {REPEAT(probability, NUMBER, NULL, "of the target, from an entrance"),
                                          REPEAT(loop_steps, NUMBER, "steps", "mean steps between entrances"),
                                          REPEAT(mfpt_steps, NUMBER, "steps", "mean number of steps to a first passage"),
                                          REPEAT(levels, COUNT, NULL, "at which replicas were killed"),
                                          REPEAT(transitions, COUNT, NULL, "replicas that reached the target"),
                                          KR_RESULT_END};

#define SPLIT(name_, kind_, unit_, doc_, column_, ...)                                                                             \
    {                                                                                                                              \
        .name = "escape.splitting." #name_, .kind = KR_VALUE_##kind_, .unit = unit_, .doc = doc_, .hdf5 = KR_NOT(WHY_NO_FILE),     \
        .sweep = KR_AT("splitting_" column_), .terminal = __VA_ARGS__, .offset = offsetof(kr_splitting_result, name_)              \
    }

const kr_result_row kr_result_of_splitting[] = {
    SPLIT(probability, NUMBER, NULL, "of the target, from an entrance", "probability", KR_BY("p")),
    SPLIT(probability_error, NUMBER, NULL, "its standard error", "probability_error", KR_BY("+-")),
    SPLIT(loop_steps, NUMBER, "steps", "mean steps between entrances", "loop_steps", KR_BY("one excursion in")),
    SPLIT(levels, NUMBER, NULL, "mean number of levels of a repeat", "levels", KR_BY("levels")),
    SPLIT(transitions, COUNT, NULL, "replicas that reached the target", "transitions", KR_BY("transitions")),
    SPLIT(replicas, COUNT, NULL, "replicas of a repeat", "replicas", KR_BY("replicas")),
    SPLIT(wanted, COUNT, NULL, "repeats that were asked for", "wanted", KR_BY("run")),
    SPLIT(basin, NUMBER, NULL, "reaction coordinate that bounds the set of the start", "basin", KR_NOT(WHY_DETAIL)),
    SPLIT(surface, NUMBER, NULL, "reaction coordinate at which a path has entered", "surface", KR_NOT(WHY_DETAIL)),
    SPLIT(energy, NUMBER, "energy", "most that is kinetic and potential in the set of the start", "energy", KR_NOT(WHY_DETAIL)),
    SPLIT(relaxation_steps, COUNT, "steps", "after which the start is forgotten", "relaxation_steps", KR_NOT(WHY_DETAIL)),
    SPLIT(relaxed, SWITCH, NULL, "whether it was forgotten", "relaxed", KR_NOT("a warning says it where it was not")),
    SPLIT(paths, COUNT, NULL, "paths simulated", "paths", KR_NOT(WHY_DETAIL)),
    SPLIT(extinct, COUNT, NULL, "repeats in which all replicas died", "extinct", KR_NOT("a warning says it where there are")),
    KR_ROW("escape.splitting.repeats", RECORDS, 1, NULL, "repeats finished", KR_BY("repeats"), KR_NOT(WHY_NO_FILE),
           KR_AT("splitting_repeats"), .get = repeats, .entries = of_repeat, .entry = repeat),
    KR_RESULT_END};

const kr_result_row kr_result_of_splitting_rate[] = {
    KR_ROW("escape.splitting.rate_error", NUMBER, 0, "1/time", "standard error of the rate, from the repeats",
           KR_NOT("the interval says it"), KR_NOT(WHY_NO_FILE), KR_AT("splitting_rate_error"), .get = rate_error),
    KR_RESULT_END};
