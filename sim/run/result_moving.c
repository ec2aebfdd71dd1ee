/* What is said of steps at which nothing moves, and the mean first passage over the others. */
#include "result_table.h"
#include "run_state.h"

#include <math.h>

/* ---- measured ---- */

void kr_run_count_still(kr_run *run, const kr_event *event, size_t count) {
    for (size_t i = 0; i < count; i++) run->still_events += kr_moving_steps_has(&run->moving, event[i].step) ? 0 : 1;
}

static void take(void *run, const kr_event *event, size_t count) {
    kr_run_count_still(run, event, count);
}

kr_status kr_run_recall_still(kr_run *run, const char *file, kr_error *error) {
    if (kr_moving_steps_before(&run->moving, run->steps_resumed) == run->steps_resumed) return KR_OK;
    return kr_trajectory_read_events(file, take, run, error);
}

/* Each particle's own, until it stopped. */
static double exposure(const kr_moving_steps *moving, const kr_view *view) {
    uint64_t stopped = 0, steps = 0;
    for (uint64_t p = 0; view->absorbed + view->diverged && p < view->particles; p++)
        if (view->stopped_at[p]) {
            stopped++;
            steps += kr_moving_steps_before(moving, view->stopped_at[p]);
        }
    return (double)(view->particles - stopped) * (double)kr_moving_steps_before(moving, view->step) + (double)steps;
}

void kr_run_measure_moving(const kr_run *run, const kr_view *view, kr_result *result) {
    kr_moving_estimate *m = &result->moving;
    uint64_t moved = kr_moving_steps_before(&run->moving, view->step);
    *m = (kr_moving_estimate){.still_fraction = view->step ? 1.0 - (double)moved / (double)view->step : NAN, .mfpt_steps = NAN};
    if (!result->escape_measured) return;
    m->events = view->events - run->still_events;
    m->exposure_steps = exposure(&run->moving, view);
    if (moved == view->step) { /* the same mean, with what is known of its memory */
        m->mfpt_steps = result->escape.mfpt_steps;
        m->mfpt_steps_ci95 = result->escape.mfpt_steps_ci95;
        return;
    }
    kr_escape_estimate counted = kr_escape_estimate_make(m->events, m->exposure_steps, NAN, (double)view->particles);
    m->mfpt_steps = counted.mfpt_steps;
    m->mfpt_steps_ci95 = counted.mfpt_steps_ci95;
}

/* ---- rows ---- */

static bool still_fraction(const void *source, kr_value *value) {
    const kr_result *r = source;
    return !r->splitting && kr_value_number(value, r->moving.still_fraction) && isfinite(r->moving.still_fraction);
}

const kr_result_row kr_result_of_still[] = {
    KR_ROW("still_fraction", NUMBER, 0, NULL, "share of the steps at a learning rate of 0 or below 1e-3 of the largest",
           KR_BY("events"), KR_AT("escape/summary/still_fraction"), KR_AT("still_fraction"), .get = still_fraction),
    KR_RESULT_END};

#define MOVING(name_, kind_, unit_, doc_, column_, member_)                                                                        \
    KR_ROW("escape.moving." name_, kind_, 0, unit_, doc_, KR_BY("over those that move"), KR_AT("escape/moving/" name_),            \
           KR_AT(column_), .offset = offsetof(kr_moving_estimate, member_))

const kr_result_row kr_result_of_moving[] = {
    MOVING("events", COUNT, NULL, "first passages at the other steps", "moving_events", events),
    MOVING("exposure_steps", NUMBER, "steps", "particle-steps of these", "moving_exposure_steps", exposure_steps),
    MOVING("mfpt_steps", NUMBER, "steps", "mean number of them to a first passage", "moving_mfpt_steps", mfpt_steps),
    MOVING("mfpt_steps_ci95", INTERVAL, "steps", "its 95 % interval", "moving_mfpt_steps", mfpt_steps_ci95), KR_RESULT_END};
