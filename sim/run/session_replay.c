/* A session that repeats a record. */
#include "session_state.h"

/* Whether intervention number next is at this step, or can't be reached from it. */
static kr_status is_due(const kr_session *session, const kr_session_record *record, size_t next, bool *due, kr_error *error) {
    const kr_intervention *intervention = &record->intervention[next];
    uint64_t generation = kr_session_generation(session), step = kr_session_step(session);
    *due = intervention->generation == generation && intervention->step == step;
    if (intervention->generation == generation && intervention->step >= step) return KR_OK;
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "intervention %zu of the record is at step %llu of generation %llu; the session is at step %llu of generation %llu", next,
        (unsigned long long)intervention->step, (unsigned long long)intervention->generation, (unsigned long long)step,
        (unsigned long long)generation);
}

static kr_status apply_due(kr_session *session, const kr_session_record *record, size_t *next, kr_error *error) {
    while (*next < record->count) {
        bool due;
        kr_status status = is_due(session, record, *next, &due, error);
        if (status != KR_OK || !due) return status;
        if ((status = kr_session_intervene(session, record->intervention[*next].text, error)) != KR_OK) return status;
        ++*next;
    }
    return KR_OK;
}

kr_status kr_session_replay(kr_session *session, const kr_session_record *record, size_t *next, uint64_t steps, kr_error *error) {
    kr_status status = apply_due(session, record, next, error);
    if (status != KR_OK) return status;
    bool more = *next < record->count;
    uint64_t done = kr_session_step(session), stop = more ? record->intervention[*next].step : record->step;
    bool bounded = more || (kr_session_generation(session) == record->generation && done < stop);
    if (bounded && stop - done < steps) steps = stop - done;
    status = kr_session_advance(session, steps, error);
    return status == KR_OK ? apply_due(session, record, next, error) : status;
}
