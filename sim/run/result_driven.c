/* What became of the numbers that change with the step, and how well invariants were held. */
#include "result_table.h"
#include "run_state.h"
#include "solvers/problem/problem_at_step.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Steps at which they are looked at, evenly over those that were done. */
enum { LOOKS = 2000 };

static double temperature_at(kr_problem_at_step *problem, uint64_t step) {
    if (kr_problem_at_step_set(problem, step, NULL) != KR_OK) return NAN;
    return kr_problem_temperature(&problem->now, kr_schedule_at(problem->now.schedule, step));
}

/* Means and extremes over the steps from begin on and before `done`. */
static kr_driven_result follow(const kr_drive *drive, size_t i, uint64_t begin, uint64_t done) {
    uint64_t count = done - begin, last = count ? done - 1 : begin, looks = count < LOOKS ? count : LOOKS;
    kr_driven_result r = {.start = kr_drive_value(drive, i, begin, NULL), .end = kr_drive_value(drive, i, last, NULL)};
    snprintf(r.name, sizeof r.name, "%s", kr_drive_number(drive, i)->name);
    snprintf(r.invariant, sizeof r.invariant, "%s", kr_drive_number(drive, i)->invariant);
    for (uint64_t k = 0; k < looks; k++) {
        uint64_t step = begin + (looks < 2 ? 0 : (uint64_t)((double)k / (double)(looks - 1) * (double)(last - begin)));
        bool clamped;
        r.mean += kr_drive_value(drive, i, step, &clamped) / (double)looks;
        r.clamped += clamped ? 1.0 / (double)looks : 0.0;
        r.held_to = fmax(r.held_to, fabs(kr_drive_held(drive, i, step) - 1.0));
    }
    if (!looks) r.mean = r.start;
    return r;
}

void kr_run_measure_driven(const kr_run *run, uint64_t done, kr_result *result) {
    const kr_model *model = &run->stage->model;
    const kr_problem problem = kr_model_problem(model);
    kr_problem_at_step present;
    result->driven_count = kr_drive_count(model->drive);
    if (!result->driven_count) return;
    bool made = kr_problem_at_step_create(&present, &problem, NULL) == KR_OK;
    const size_t now = run->phases.now; /* those of the present phase */
    uint64_t begin = run->scene->phase_count ? run->scene->phases[now].begin : 0;
    double first = made ? temperature_at(&present, begin) : NAN,
           last = made ? temperature_at(&present, done > begin ? done - 1 : begin) : NAN;
    double measured = result->mean ? result->mean->configurational_temperature : NAN;
    for (size_t i = 0; i < result->driven_count; i++) {
        result->driven[i] = follow(model->drive, i, begin, done);
        result->driven[i].temperature_start = first;
        result->driven[i].temperature_end = last;
        result->driven[i].measured_temperature = measured > 0 ? measured : NAN; /* far from a stationary state it may be anything */
    }
    kr_problem_at_step_destroy(&present);
}

/* ---- rows ---- */

static const kr_result_row of_driven[] = {
    KR_ROW("name", TEXT, 0, NULL, "number of the scene", KR_BY("itself"), KR_AT("name"), KR_NOT(KR_WHY_LIST),
           .offset = offsetof(kr_driven_result, name)),
    KR_ROW("start", NUMBER, 0, NULL, "at step 0", KR_BY("its name"), KR_AT("start"), KR_NOT(KR_WHY_LIST),
           .offset = offsetof(kr_driven_result, start)),
    KR_ROW("end", NUMBER, 0, NULL, "at the last step", KR_BY("its name"), KR_AT("end"), KR_NOT(KR_WHY_LIST),
           .offset = offsetof(kr_driven_result, end)),
    KR_ROW("mean", NUMBER, 0, NULL, "over the steps", KR_BY("its name"), KR_AT("mean"), KR_NOT(KR_WHY_LIST),
           .offset = offsetof(kr_driven_result, mean)),
    KR_ROW("clamped", NUMBER, 0, NULL, "share of the steps at which it was held at an end of its range", KR_BY("its name"),
           KR_AT("clamped"), KR_NOT(KR_WHY_LIST), .offset = offsetof(kr_driven_result, clamped)),
    KR_RESULT_END};

static const kr_result_row of_keep[] = {
    KR_ROW("invariant", TEXT, 0, NULL, "as in the scene", KR_BY("itself"), KR_AT("invariant"), KR_NOT(KR_WHY_LIST),
           .offset = offsetof(kr_driven_result, invariant)),
    KR_ROW("number", TEXT, 0, NULL, "that follows the learning rate", KR_BY("invariant"), KR_AT("number"), KR_NOT(KR_WHY_LIST),
           .offset = offsetof(kr_driven_result, name)),
    KR_ROW("held_to", NUMBER, 0, NULL, "largest relative deviation from its value at step 0", KR_BY("invariant"), KR_AT("held_to"),
           KR_NOT(KR_WHY_LIST), .offset = offsetof(kr_driven_result, held_to)),
    KR_ROW("temperature_start", NUMBER, 0, "energy", "leading-order temperature at the start of step 0", KR_BY("invariant"),
           KR_AT("temperature_start"), KR_NOT(KR_WHY_LIST), .offset = offsetof(kr_driven_result, temperature_start)),
    KR_ROW("temperature_end", NUMBER, 0, "energy", "the same of the last step", KR_BY("invariant"), KR_AT("temperature_end"),
           KR_NOT(KR_WHY_LIST), .offset = offsetof(kr_driven_result, temperature_end)),
    KR_ROW("measured_temperature", NUMBER, 0, "energy", "configurational temperature of the ensemble at the end",
           KR_BY("invariant"), KR_AT("measured_temperature"), KR_NOT(KR_WHY_LIST),
           .offset = offsetof(kr_driven_result, measured_temperature)),
    KR_RESULT_END};

static bool driven(const void *source, kr_value *value) {
    const kr_result *r = source;
    return r->driven_count && kr_value_list(value, r->driven, r->driven_count, 0);
}

static const void *one_driven(const void *source, size_t i) {
    return &((const kr_result *)source)->driven[i];
}

static const void *one_kept(const void *source, size_t i) {
    const kr_driven_result *one = one_driven(source, i);
    return one->invariant[0] ? one : NULL;
}

static bool kept(const void *source, kr_value *value) {
    const kr_result *r = source;
    bool any = false;
    for (size_t i = 0; i < r->driven_count; i++) any = any || r->driven[i].invariant[0];
    return any && driven(source, value);
}

const kr_result_row kr_result_of_driven[] = {{.name = "driven",
                                              .doc = "numbers that change with the step",
                                              .kind = KR_VALUE_RECORDS,
                                              .rank = 1,
                                              .terminal = KR_BY("driven"),
                                              .json = {.flags = KR_KEYED},
                                              .hdf5 = KR_AT("driven"),
                                              .sweep = KR_NOT(KR_WHY_LIST),
                                              .get = driven,
                                              .entries = of_driven,
                                              .entry = one_driven},
                                             KR_ROW("keep", RECORDS, 1, NULL, "invariants, and how well they were held",
                                                    KR_BY("keep"), KR_AT("keep"), KR_NOT(KR_WHY_LIST), .get = kept,
                                                    .entries = of_keep, .entry = one_kept),
                                             KR_RESULT_END};
