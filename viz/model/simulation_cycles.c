/* Ends of cycles, where snapshots of networks are taken: steps stop there for a moment. */
#include "simulation_state.h"

#include <kramers/data_sum.h>

static bool has_networks(const kr_simulation *s) {
    const kr_model *model = kr_session_model(s->session, 0);
    return kr_landscape_data(&model->landscape) && model->schedule.type;
}

uint64_t kr_simulation_next_cycle(const kr_simulation *s, uint64_t step) {
    return kr_schedule_next_cycle(&kr_session_model(s->session, 0)->schedule, step);
}

uint64_t kr_simulation_to_cycle_end(const kr_simulation *s, uint64_t steps) {
    kr_session_phase_now now;
    uint64_t step = kr_session_step(s->session);
    if (!has_networks(s)) return steps;
    /* The next phase has a schedule of its own, and begins with its first step. */
    if (kr_session_phase(s->session, &now) && steps > 0) {
        uint64_t left = step < now.end ? now.end - step : 1;
        if (left < steps) steps = left;
    }
    uint64_t next = kr_simulation_next_cycle(s, step);
    return next > step && next - step < steps ? next - step : steps;
}

kr_status kr_simulation_look_at_cycle(kr_simulation *s, kr_error *error) {
    if (!has_networks(s)) return KR_OK;
    uint64_t step = kr_session_step(s->session);
    bool begins = step <= kr_session_model(s->session, 0)->schedule.origin;
    if (begins || kr_simulation_next_cycle(s, step - 1) != step) return KR_OK;
    kr_status status = KR_OK;
    for (size_t v = 0; status == KR_OK && v < kr_session_variants(s->session); v++) {
        kr_view view = kr_session_view(s->session, v);
        status = kr_measure_cycle_end(s->measure[v], &view, error);
    }
    return status;
}
