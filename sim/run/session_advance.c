/* A session goes on: each dynamics by itself to the next stop, from phase to phase. */
#include "sampling.h"
#include "session_phases.h"

static kr_status keep_recent(void *context, const kr_view *view, kr_error *error) {
    kr_event_list *recent = context;
    if (kr_event_list_add(recent, view->recent, view->recent_count)) return KR_OK;
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the first passages; advance by fewer steps at once");
}

static uint64_t next_remembered(const void *context, uint64_t step, uint64_t limit) {
    const kr_history *history = context;
    return kr_next_multiple(step, history->every, limit);
}

static kr_status remember(void *context, const kr_view *view, kr_error *error) {
    (void)error;
    kr_history_sample(context, view);
    return KR_OK;
}

/* The history is of the first. */
static kr_status advance_to(kr_session *session, uint64_t end, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t v = 0; v < session->variants; v++) {
        kr_variant *variant = &session->variant[v];
        size_t before = variant->recent.count;
        const kr_sampler samplers[] = {{&variant->recent, NULL, keep_recent, NULL},
                                       {&session->history, next_remembered, NULL, remember}};
        while (status == KR_OK && variant->ensemble->step < end)
            status = kr_sampled_advance(variant->ensemble, samplers, v == 0 ? 2 : 1, NULL, 0, end, error);
        size_t added = variant->recent.count - before;
        if (added) kr_passage_durations_add(&variant->durations, variant->recent.event + before, added);
    }
    return status == KR_OK ? kr_session_keep_due(session, error) : status;
}

kr_status kr_session_advance(kr_session *session, uint64_t steps, kr_error *error) {
    uint64_t end = kr_session_step(session) + steps;
    kr_status status = KR_OK;
    for (size_t v = 0; v < session->variants; v++) session->variant[v].recent.count = 0;
    while (status == KR_OK && kr_session_step(session) < end) {
        status = kr_session_enter_due(session, error);
        if (status == KR_OK) status = advance_to(session, kr_session_next_stop(session, end), error);
    }
    return status;
}
