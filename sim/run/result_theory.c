/* What a prediction holds, one row for each number, and the lists of predictions beside what was measured. */
#include "result_table.h"

#include <math.h>

#define WHY_NAME "the column's name begins with it"
#define WHY_TEXT "a text"

static bool name(const void *source, kr_value *value) {
    value->data = ((const kr_theory_result *)source)->type->about.name;
    return true;
}

static bool reference(const void *source, kr_value *value) {
    value->data = ((const kr_theory_result *)source)->type->about.reference;
    return value->data != NULL;
}

static bool numbers(const void *source, kr_value *value) {
    const kr_prediction *p = &((const kr_theory_result *)source)->prediction;
    return kr_value_list(value, p->extra, p->extra_count, 0);
}

#define PREDICTED(name_, unit_, doc_, ...)                                                                                         \
    {                                                                                                                              \
        .name = #name_, .kind = KR_VALUE_NUMBER, .unit = unit_, .doc = doc_, .terminal = __VA_ARGS__, .hdf5 = KR_AT(#name_),       \
        .sweep = KR_AT(#name_), .offset = offsetof(kr_theory_result, prediction.name_)                                             \
    }

const kr_result_row kr_theory_rows[] = {
    KR_ROW("name", TEXT, 0, NULL, "of the theory", KR_BY("the line's name"), KR_AT("name"), KR_NOT(WHY_NAME), .get = name),
    KR_ROW("reference", TEXT, 0, NULL, "paper", KR_BY("beside the line"), KR_AT("reference"),
           KR_NOT("kramers list theories says it"), .get = reference),
    KR_ROW("applies", SWITCH, 0, NULL, "whether it predicts anything here", KR_BY("do not apply"), KR_AT("applies"),
           KR_NOT("its columns are empty where it does not"), .offset = offsetof(kr_theory_result, prediction.applies)),
    KR_ROW("why", TEXT, 0, NULL, "why it does not", KR_BY("kramers theory"), KR_AT("why"), KR_NOT(WHY_TEXT),
           .offset = offsetof(kr_theory_result, prediction.why)),
    PREDICTED(mfpt_steps, "steps", "mean number of steps to a first passage", KR_BY("mean steps")),
    PREDICTED(mfpt_time, "time", "mean time to a first passage", KR_BY("mean time")),
    PREDICTED(rate, "1/time", "rate of escape", KR_BY("rate")),
    PREDICTED(spectral_gap, "1/time", "rate of the slowest relaxation, in continuous time", KR_BY("spectral gap")),
    PREDICTED(spectral_gap_steps, "1/time", "the same of steps of this learning rate", KR_BY("of steps of this size")),
    PREDICTED(temperature, "energy", "temperature", KR_BY("temperature")),
    PREDICTED(variation, NULL, "coefficient of variation of the passage time", KR_NOT("z has it")),
    PREDICTED(accuracy, NULL, "relative numerical error reached", KR_NOT("far below what is measured")),
    KR_ROW("numbers", NAMED, 1, NULL, "numbers of its own, each under its own name", KR_BY("each under its own name"),
           KR_NOT("names differ from theory to theory; " KR_WHY_RECOMPUTED), KR_AT("each under its own name"), .get = numbers),
    KR_ROW("note", TEXT, 0, NULL, "which variant, how far to trust it", KR_BY("below the lines"), KR_AT("note"), KR_NOT(WHY_TEXT),
           .offset = offsetof(kr_theory_result, prediction.note)),
    KR_ROW("z", NUMBER, 0, NULL, "measured less predicted passages, in standard errors", KR_BY("z"), KR_AT("z"), KR_AT("z"),
           .offset = offsetof(kr_theory_result, z)),
    KR_ROW("gap_z", NUMBER, 0, NULL, "measured less predicted rate of the slowest relaxation, in standard errors", KR_BY("z"),
           KR_AT("gap_z"), KR_AT("gap_z"), .offset = offsetof(kr_theory_result, gap_z)),
    KR_RESULT_END};

static bool theories(const void *source, kr_value *value) {
    const kr_result *r = source;
    return kr_value_list(value, r->theory, r->theory_count, 0);
}

static const void *theory(const void *source, size_t i) {
    return &((const kr_result *)source)->theory[i];
}

const kr_result_row kr_result_of_theories[] = {
    KR_ROW("escape.theory", RECORDS, 1, NULL, "every theory, from the simplest to the most exact", KR_BY("a line of its own"),
           KR_AT("escape/theory"), KR_WITH("each with its own columns", KR_EACH_ENTRY), .get = theories, .entries = kr_theory_rows,
           .entry = theory),
    KR_RESULT_END};

/* Beside the measured rate of relaxation: those that predict it. */
static const void *gap(const void *source, size_t i) {
    const kr_theory_result *t = theory(source, i);
    return t->prediction.applies && isfinite(t->prediction.spectral_gap) ? t : NULL;
}

#define WHY_OF_THEORY "that of the theory has it"
#define GAP(name_, unit_, doc_, label_, member_)                                                                                   \
    KR_ROW(name_, NUMBER, 0, unit_, doc_, KR_BY(label_), KR_NOT(WHY_OF_THEORY), KR_NOT(WHY_OF_THEORY),                             \
           .offset = offsetof(kr_theory_result, member_))

static const kr_result_row of_gap[] = {
    KR_ROW("name", TEXT, 0, NULL, "of the theory", KR_BY("the line's name"), KR_NOT(WHY_OF_THEORY), KR_NOT(WHY_NAME), .get = name),
    GAP("spectral_gap", "1/time", "rate of the slowest relaxation, in continuous time", "the line's value",
        prediction.spectral_gap),
    GAP("spectral_gap_steps", "1/time", "the same of steps of this learning rate", "  of steps of this size",
        prediction.spectral_gap_steps),
    GAP("z", NULL, "measured less predicted rate, in standard errors", "z", gap_z), KR_RESULT_END};

const kr_result_row kr_result_of_gaps[] = {KR_ROW("transitions.theory", RECORDS, 1, NULL, "theories of the slowest relaxation",
                                                  KR_BY("a line of its own"), KR_NOT("escape/theory has them"),
                                                  KR_NOT("the columns of each theory"), .get = theories, .entries = of_gap,
                                                  .entry = gap),
                                           KR_RESULT_END};
