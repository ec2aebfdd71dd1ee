/* Looks at the energies between two snapshots: frames are drawn some sixty times a second, whatever happens between. */
#include "simulation_state.h"

#include <kramers/data_sum.h>

/* They take no more than this part of the time. */
static const double look_share = 0.1;

static void write_look(kr_simulation *s, kr_look *look) {
    look->step = kr_session_step(s->session);
    for (size_t v = 0; v < kr_session_variants(s->session); v++) {
        kr_view view = kr_session_view(s->session, v);
        look->variant[v].learning_rate = view.learning_rate;
        look->variant[v].events = (double)view.events;
        look->variant[v].exposure_steps = (double)view.exposure_steps;
        look->variant[v].particles = view.particles;
        look->variant[v].diverged = view.diverged;
        look->variant[v].absorbed = view.absorbed;
        kr_measure_energies(s->measure[v], &view, &look->variant[v].potential, &look->variant[v].kinetic, NULL);
    }
}

/* Every second one goes, and from now on they are twice as far from each other. */
static void thin(kr_simulation *s) {
    size_t kept = 0;
    for (size_t i = 1; i < s->looks; i += 2) s->look[kept++] = s->look[i];
    s->look_every = 2 * (s->look[kept - 1].step - s->look[0].step) / kept;
    s->looks = kept;
}

bool kr_simulation_wants_looks(const kr_simulation *s) {
    return !kr_landscape_data(&kr_session_model(s->session, 0)->landscape); /* a pass over the data would be too much */
}

void kr_simulation_look(kr_simulation *s, double now) {
    uint64_t step = kr_session_step(s->session), generation = kr_session_generation(s->session);
    if (generation != s->look_generation) kr_simulation_forget_looks(s);
    bool early = s->looks && step < s->look[s->looks - 1].step + s->look_every;
    if (early || now < s->look_next || !kr_simulation_wants_looks(s)) return;
    if (s->looks == KR_LOOKS) thin(s);
    double began = kr_busy_seconds();
    write_look(s, &s->look[s->looks++]);
    s->look_next = now + (kr_busy_seconds() - began) * (1 / look_share - 1);
}

void kr_simulation_forget_looks(kr_simulation *s) {
    s->looks = 0;
    s->look_every = 0;
    s->look_generation = kr_session_generation(s->session);
}

void kr_simulation_publish_looks(kr_simulation *s, kr_snapshot *out) {
    out->looks = 0;
    if (kr_session_generation(s->session) == s->look_generation)
        for (size_t i = 0; i < s->looks; i++)
            if (s->look[i].step < out->step) out->look[out->looks++] = s->look[i];
    kr_simulation_forget_looks(s);
}
