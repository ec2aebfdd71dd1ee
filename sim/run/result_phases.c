/* Rows of what was measured phase by phase. */
#include "result_table.h"

#include <stdio.h>

/* ---- a task ---- */

static bool task_name(const void *source, kr_value *value) {
    value->data = ((const kr_task_result *)source)->name;
    return true;
}

#define TASK(member_, quantity_)                                                                                                   \
    static bool member_(const void *source, kr_value *value) {                                                                     \
        return kr_value_number(value, ((const kr_task_result *)source)->mean[quantity_]);                                          \
    }                                                                                                                              \
    static bool member_##_ci95(const void *source, kr_value *value) {                                                              \
        kr_interval interval = ((const kr_task_result *)source)->ci95[quantity_];                                                  \
        return interval.low <= interval.high && kr_value_interval(value, interval);                                                \
    }
TASK(train_loss, KR_TASK_TRAIN_LOSS)
TASK(train_accuracy, KR_TASK_TRAIN_ACCURACY)
TASK(test_loss, KR_TASK_TEST_LOSS)
TASK(test_accuracy, KR_TASK_TEST_ACCURACY)

#define WHY_MATRIX "phase_tasks has them as matrices"
#define TASK_ROWS(member_, doc_)                                                                                                   \
    KR_ROW(#member_, NUMBER, 0, NULL, doc_, KR_BY("the phase's line"), KR_NOT(WHY_MATRIX), KR_NOT(KR_WHY_LIST), .get = member_),   \
        KR_ROW(#member_ "_ci95", INTERVAL, 0, NULL, "its interval, over the particles", KR_BY("the phase's line"),                 \
               KR_NOT(WHY_MATRIX), KR_NOT(KR_WHY_LIST), .get = member_##_ci95)

static const kr_result_row of_task[] = {KR_ROW("name", TEXT, 0, NULL, "of the phase whose data these are",
                                               KR_BY("the phase's line"), KR_NOT(WHY_MATRIX), KR_NOT(KR_WHY_LIST),
                                               .get = task_name),
                                        TASK_ROWS(train_loss, "mean loss on the data to train with"),
                                        TASK_ROWS(train_accuracy, "share of them that is classified rightly"),
                                        TASK_ROWS(test_loss, "mean loss on the data held back"),
                                        TASK_ROWS(test_accuracy, "share of them that is classified rightly"),
                                        KR_RESULT_END};

/* ---- a phase ---- */

static bool name(const void *source, kr_value *value) {
    value->data = ((const kr_phase_result *)source)->name;
    return true;
}

static bool end(const void *source, kr_value *value) {
    const kr_phase_result *r = source;
    return kr_value_count(value, r->begin + r->steps);
}

static bool potential_ci95(const void *source, kr_value *value) {
    const kr_phase_result *r = source;
    return r->potential_ci95.low <= r->potential_ci95.high && kr_value_interval(value, r->potential_ci95);
}

static bool events(const void *source, kr_value *value) {
    const kr_phase_result *r = source;
    return r->escape_measured && kr_value_count(value, r->events);
}

static bool exposure_steps(const void *source, kr_value *value) {
    const kr_phase_result *r = source;
    return r->escape_measured && kr_value_number(value, r->exposure_steps);
}

static bool mfpt_steps_ci95(const void *source, kr_value *value) {
    const kr_phase_result *r = source;
    return r->escape_measured && kr_value_interval(value, r->mfpt_steps_ci95);
}

static bool tasks(const void *source, kr_value *value) {
    const kr_phase_result *r = source;
    return r->task_count && kr_value_list(value, r, r->task_count, 0);
}

static const void *one_task(const void *source, size_t i) {
    return &((const kr_phase_result *)source)->task[i];
}

#define PHASE(name_, kind_, unit_, doc_, ...)                                                                                      \
    KR_ROW(name_, kind_, 0, unit_, doc_, KR_BY("its line"), KR_AT(name_), KR_AT(name_), __VA_ARGS__)

static const kr_result_row of_phase[] = {
    KR_ROW("name", TEXT, 0, NULL, "as in the scene", KR_BY("its line"), KR_AT("name"), KR_NOT("the column's name has it"),
           .get = name),
    PHASE("begin", COUNT, "steps", "step of the run at which it begins", .offset = offsetof(kr_phase_result, begin)),
    PHASE("end", COUNT, "steps", "where it ends, or the run", .get = end),
    PHASE("steps", COUNT, "steps", "done in it", .offset = offsetof(kr_phase_result, steps)),
    PHASE("pruned", NUMBER, NULL, "share of all particles' coordinates that are pruned",
          .offset = offsetof(kr_phase_result, pruned)),
    PHASE("potential", NUMBER, "energy", "mean of V at its end, over the particles that are finite",
          .offset = offsetof(kr_phase_result, potential)),
    KR_ROW("potential_ci95", INTERVAL, 0, "energy", "its interval", KR_BY("its line"),
           KR_NOT("a table has one number in each column"), KR_AT("potential"), .get = potential_ci95),
    PHASE("events", COUNT, NULL, "first passages in it", .get = events),
    PHASE("exposure_steps", NUMBER, "steps", "its particle-steps", .get = exposure_steps),
    PHASE("mfpt_steps", NUMBER, "steps", "the one over the other", .offset = offsetof(kr_phase_result, mfpt_steps)),
    KR_ROW("mfpt_steps_ci95", INTERVAL, 0, "steps", "its interval", KR_BY("its line"),
           KR_NOT("a table has one number in each column"), KR_AT("mfpt_steps"), .get = mfpt_steps_ci95),
    KR_ROW("tasks", RECORDS, 1, NULL, "how well the particles do on the data of each phase so far", KR_BY("its line"),
           KR_NOT(WHY_MATRIX), KR_NOT(KR_WHY_LIST), .get = tasks, .entries = of_task, .entry = one_task),
    KR_RESULT_END};

static bool phases(const void *source, kr_value *value) {
    const kr_result *r = source;
    return r->phase_count && kr_value_list(value, r->phase, r->phase_count, 0);
}

static const void *one_phase(const void *source, size_t i) {
    return &((const kr_result *)source)->phase[i];
}

/* ---- as matrices, for files ---- */

#define MATRIX(member_, quantity_)                                                                                                 \
    static bool member_##_matrix(const void *source, kr_value *value) {                                                            \
        const kr_result *r = source;                                                                                               \
        return kr_value_list(value, r->task_mean[quantity_], r->phase_count, r->phase_count);                                      \
    }                                                                                                                              \
    static bool member_##_ci95_matrix(const void *source, kr_value *value) {                                                       \
        const kr_result *r = source;                                                                                               \
        return kr_value_list(value, r->task_ci95[quantity_], r->phase_count, r->phase_count);                                      \
    }
MATRIX(train_loss, KR_TASK_TRAIN_LOSS)
MATRIX(train_accuracy, KR_TASK_TRAIN_ACCURACY)
MATRIX(test_loss, KR_TASK_TEST_LOSS)
MATRIX(test_accuracy, KR_TASK_TEST_ACCURACY)

#define MATRIX_ROW(member_, kind_, doc_)                                                                                           \
    {                                                                                                                              \
        .name = "phase_tasks." #member_, .doc = doc_, .kind = KR_VALUE_##kind_, .rank = 2, .terminal = KR_NOT("phases has it"),    \
        .json = KR_NOT("phases has it"), .hdf5 = KR_AT("phase_tasks/" #member_), .sweep = KR_NOT(KR_WHY_LIST),                     \
        .get = member_##_matrix                                                                                                    \
    }

const kr_result_row kr_result_of_phases[] = {KR_ROW("phases", RECORDS, 1, NULL, "what was measured at the end of each phase",
                                                    KR_BY("a line of its own"), KR_AT("phases"), KR_NOT(KR_WHY_LIST), .get = phases,
                                                    .entries = of_phase, .entry = one_phase),
                                             MATRIX_ROW(train_loss, NUMBER, "after each phase, on the data of each"),
                                             MATRIX_ROW(train_loss_ci95, INTERVAL, "its intervals"),
                                             MATRIX_ROW(train_accuracy, NUMBER, "after each phase, on the data of each"),
                                             MATRIX_ROW(train_accuracy_ci95, INTERVAL, "its intervals"),
                                             MATRIX_ROW(test_loss, NUMBER, "after each phase, on the data of each"),
                                             MATRIX_ROW(test_loss_ci95, INTERVAL, "its intervals"),
                                             MATRIX_ROW(test_accuracy, NUMBER, "after each phase, on the data of each"),
                                             MATRIX_ROW(test_accuracy_ci95, INTERVAL, "its intervals"),
                                             KR_RESULT_END};
