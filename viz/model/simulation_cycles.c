/* Ends of cycles, where snapshots of networks are taken: steps stop there for a moment. */
#include "simulation_state.h"

#include <kramers/data_sum.h>

#include <string.h>

static bool has_networks(const kr_simulation *s) {
    const kr_model *model = kr_session_model(s->session, 0);
    return kr_landscape_data(&model->landscape) && model->schedule.type;
}

/* Where the schedule has begun: a restart by hand or a phase, whichever came last. */
static uint64_t origin_of(const kr_simulation *s) {
    const kr_intervention *list;
    uint64_t generation = kr_session_generation(s->session), origin = 0;
    size_t count = kr_session_interventions(s->session, &list);
    while (count-- > 0 && list[count].generation == generation)
        if (!strcmp(list[count].text, "restart")) {
            origin = list[count].step;
            break;
        }
    kr_session_phase_now now;
    if (kr_session_phase(s->session, &now) && now.begin > origin && now.begin <= kr_session_step(s->session)) origin = now.begin;
    return origin;
}

uint64_t kr_simulation_to_cycle_end(const kr_simulation *s, uint64_t steps) {
    if (!has_networks(s)) return steps;
    uint64_t step = kr_session_step(s->session), own = step - origin_of(s);
    uint64_t next = kr_schedule_next_cycle(&kr_session_model(s->session, 0)->schedule, own);
    return next > own && next - own < steps ? next - own : steps;
}

kr_status kr_simulation_look_at_cycle(kr_simulation *s, kr_error *error) {
    if (!has_networks(s)) return KR_OK;
    uint64_t own = kr_session_step(s->session) - origin_of(s);
    if (!own || kr_schedule_next_cycle(&kr_session_model(s->session, 0)->schedule, own - 1) != own) return KR_OK;
    kr_status status = KR_OK;
    for (size_t v = 0; status == KR_OK && v < kr_session_variants(s->session); v++) {
        kr_view view = kr_session_view(s->session, v);
        status = kr_measure_cycle_end(s->measure[v], &view, error);
    }
    return status;
}
