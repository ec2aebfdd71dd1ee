/* Snapshots. */
#include "simulation_state.h"
#include "variant_title.h"

#include <kramers/data_sum.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kr_simulation_say(kr_simulation *s, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(s->message, sizeof s->message, format, arguments);
    va_end(arguments);
    s->message_number++;
    s->dirty = true;
}

/* Going through all particles for them is not worth more than a twentieth of the time. */
static void write_times(kr_simulation *s, size_t v, double now, kr_snapshot_variant *out) {
    const double share = 0.05, least = 0.1;
    uint64_t version = kr_session_version(s->session), generation = kr_session_generation(s->session);
    double began = kr_seconds_now();
    bool other = s->times_version[v] != version || s->times_generation[v] != generation;
    if (out->escape_measured && (now == INFINITY || other || began >= s->times_next[v])) {
        kr_session_passage_times(s->session, v, &s->times[v]);
        s->times_version[v] = version;
        s->times_generation[v] = generation;
        double ended = kr_seconds_now();
        s->times_next[v] = ended + fmax(least, (ended - began) / share);
    }
    out->times = s->times[v];
}

static kr_status write_variant(kr_simulation *s, size_t v, double now, kr_snapshot_variant *out, kr_error *error) {
    const kr_model *model = kr_session_model(s->session, v);
    kr_view view = kr_session_view(s->session, v);
    kr_variant_title(kr_session_scene(s->session), v, out->name, sizeof out->name);
    kr_view few = view; /* all lose the same share */
    if (few.particles > 64) few.particles = 64;
    out->pruned = kr_ensemble_pruned(&few);
    out->escape_measured = kr_session_escape(s->session, v, &out->escape);
    write_times(s, v, now, out);
    return kr_measure_variant(s->measure[v], model, &view, NULL, now, s->followed, out, error);
}

static bool has_diverged(const kr_simulation *s, const kr_snapshot *out) {
    double most = kr_scene_ensemble(kr_session_scene(s->session))->max_diverged;
    bool diverged = false;
    for (size_t v = 0; v < out->variants; v++)
        diverged |= (double)out->variant[v].diverged > most * (double)out->variant[v].particles;
    return diverged;
}

/* The last restart by hand in this generation. */
static uint64_t schedule_origin(uint64_t generation, size_t count, const kr_intervention *list) {
    while (count-- > 0 && list[count].generation == generation)
        if (strcmp(list[count].text, "restart") == 0) return list[count].step;
    return 0;
}

static void name_phase(kr_snapshot_phase *out, const char *name, uint64_t begin, uint64_t end) {
    snprintf(out->name, sizeof out->name, "%s", name ? name : "");
    out->begin = begin;
    out->end = end;
}

static void write_phases(const kr_session *session, kr_snapshot_phases *out) {
    kr_session_phase_now now;
    const kr_phase *phases = kr_session_phases(session, &out->count);
    if (out->count > KR_SHOWN_PHASES) out->count = KR_SHOWN_PHASES;
    for (size_t k = 0; k < out->count; k++)
        name_phase(&out->phase[k], phases[k].name, phases[k].begin, phases[k].begin + (uint64_t)phases[k].steps);
    out->any = kr_session_phase(session, &now);
    if (!out->any) return;
    name_phase(&out->now, now.name, now.begin, now.end);
    out->number = now.number;
}

static kr_status write_snapshot(kr_simulation *s, double now, kr_snapshot *out, kr_error *error) {
    kr_status status = KR_OK;
    if (out->version != s->version) {
        kr_scene copy;
        if ((status = kr_scene_copy(&copy, &s->scene, error)) != KR_OK) return status;
        kr_scene_destroy(&out->scene);
        out->scene = copy;
        out->version = s->version;
    }
    out->variants = kr_session_variants(s->session);
    for (size_t v = 0; status == KR_OK && v < out->variants; v++) status = write_variant(s, v, now, &out->variant[v], error);
    kr_view view = kr_session_view(s->session, 0);
    const kr_intervention *list;
    out->number = ++s->number;
    out->generation = kr_session_generation(s->session);
    out->step = kr_session_step(s->session);
    out->made = kr_seconds_now();
    out->busy = kr_busy_seconds();
    out->time = view.time;
    out->learning_rate = view.learning_rate;
    out->particle_steps_per_second = s->synchronous ? NAN : s->rate;
    out->playing = s->playing;
    out->pause = s->pause;
    out->pause_step = s->pause_step;
    out->followed = s->followed;
    out->diverged = has_diverged(s, out);
    write_phases(s->session, &out->phases);
    out->interventions = kr_session_interventions(s->session, &list);
    kr_simulation_publish_looks(s, out);
    out->schedule_origin = schedule_origin(out->generation, out->interventions, list);
    return status;
}

void kr_simulation_publish(kr_simulation *s, double now) {
    kr_snapshot *out = &s->snapshot[s->exchange.back];
    kr_error error = {.status = KR_OK};
    double began = kr_seconds_now();
    if (write_snapshot(s, now, out, &error) != KR_OK) {
        s->playing = out->playing = false;
        kr_simulation_say(s, "%s", error.message);
        if (!out->scene.registry) return; /* nobody can show a snapshot without a scene: the one before stays */
    }
    memcpy(out->message, s->message, sizeof out->message);
    out->message_number = s->message_number;
    s->dirty = false;
    kr_exchange_publish(&s->exchange);
    s->last_published = kr_seconds_now();
    /* A million positions are copied at most a tenth of the time; of networks most of it are looks, which have shares of their own.
     */
    bool networks = kr_landscape_data(&kr_session_model(s->session, 0)->landscape);
    s->next_copy = s->last_published + (networks ? 1.0 : 9.0) * (s->last_published - began);
}

const kr_snapshot *kr_simulation_snapshot(kr_simulation *s) {
    kr_exchange_receive(&s->exchange);
    return &s->snapshot[s->exchange.front];
}
