/* The simulation in time: how many steps when. */
#include "networks.h"
#include "simulation_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* An advance lasts about so long: short enough for a command to take effect at once and for a few looks between two frames, long
 * enough for its own cost to be negligible.
 * Each reads all of the memory once, which for a million particles costs as much as a step: then it lasts longer, so that it has a
 * few steps. */
static const double chunk_seconds = 0.003, longest_chunk_seconds = 0.05;
enum { FEW_STEPS = 8, LOOKS_OF_A_FRAME = 8 };
static const double idle_seconds = 0.005; /* sleep when there is nothing to do; a command waits no longer */
static const double snapshot_seconds = 1.0 / 120;

static void sleep_for(double seconds) {
    struct timespec pause = {.tv_nsec = (long)(1e9 * fmin(seconds, idle_seconds))};
    nanosleep(&pause, NULL);
}

static void finish_replay(kr_simulation *s) {
    bool same = kr_session_digest(s->session) == s->record.digest;
    kr_simulation_end_replay(s);
    s->playing = false;
    s->waiting_steps = 0;
    kr_simulation_say(s, same ? "end of the recorded session: every number equals the recorded one; play goes on from here"
                              : "end of the recorded session, but the numbers differ from the recorded ones");
}

/* As many of these steps as the record allows; the others are dropped. */
static kr_status replay(kr_simulation *s, uint64_t steps, kr_error *error) {
    const kr_intervention *list;
    size_t before = kr_session_interventions(s->session, &list);
    if (s->next_intervention == s->record.count) {
        uint64_t step = kr_session_step(s->session), left = s->record.step > step ? s->record.step - step : 0;
        if (steps > left) steps = left;
    }
    kr_status status = kr_session_replay(s->session, &s->record, &s->next_intervention, steps, error);
    if (status != KR_OK) return status;
    if (kr_session_interventions(s->session, &list) != before) status = kr_simulation_settings_changed(s, error);
    if (status == KR_OK && s->next_intervention == s->record.count && kr_session_step(s->session) >= s->record.step)
        finish_replay(s);
    return status;
}

static double moving_particles(const kr_simulation *s) {
    double moving = 0.0;
    for (size_t v = 0; v < kr_session_variants(s->session); v++) {
        kr_view view = kr_session_view(s->session, v);
        moving += (double)(view.particles - view.diverged - view.absorbed);
    }
    return moving;
}

static void count_rate(kr_simulation *s, double particle_steps, double now) {
    s->rate_steps += particle_steps;
    double elapsed = now - s->rate_began;
    if (elapsed < 0.25) return;
    double rate = s->rate_steps / elapsed;
    s->rate = s->rate > 0.0 && rate > 0.0 && elapsed < 1.0 ? 0.5 * (s->rate + rate) : rate;
    s->rate_began = now;
    s->rate_steps = 0.0;
}

static void stop_for(kr_simulation *s, const kr_error *error) {
    s->playing = false;
    s->waiting_steps = 0;
    kr_simulation_end_replay(s);
    kr_simulation_say(s, "%s", error->message);
}

/* The chunk follows the processor time of a step (others may use the processor between): it may shrink at once, and doubles at
 * most, so that a wrong guess costs little. */
static void adapt_chunk(kr_simulation *s, uint64_t steps, double seconds) {
    double measured = seconds / (double)steps;
    s->step_seconds = s->step_seconds > 0.0 ? 0.7 * s->step_seconds + 0.3 * measured : measured;
    double step_seconds = fmax(fmax(s->step_seconds, measured), 1e-12), most = 2.0 * (double)s->chunk;
    double wanted = fmax(chunk_seconds / step_seconds, fmin(FEW_STEPS, longest_chunk_seconds / step_seconds));
    s->chunk = wanted > most ? 2 * s->chunk : wanted < 1.0 ? 1 : (uint64_t)wanted;
}

static void advance(kr_simulation *s, uint64_t steps) {
    kr_error error = {.status = KR_OK};
    double moving = moving_particles(s), began = kr_busy_seconds();
    uint64_t version = s->version;
    kr_status status = s->replaying ? replay(s, steps, &error) : kr_session_advance(s->session, steps, &error);
    if (status == KR_OK) status = kr_simulation_look_at_cycle(s, &error);
    if (s->version == version) adapt_chunk(s, steps, kr_busy_seconds() - began);
    count_rate(s, moving * (double)steps, kr_seconds_now());
    s->dirty = true;
    if (status == KR_OK) kr_simulation_look(s, kr_seconds_now());
    if (status != KR_OK) {
        stop_for(s, &error);
    } else if (moving == 0.0 && !s->replaying) {
        s->playing = false;
        s->waiting_steps = 0;
        kr_simulation_say(s, "no particle moves any more: all have arrived or diverged; reset starts again");
    }
}

/* Steps that are due by now at the chosen speed. Steps that the machine could not do in time are dropped, not caught up with in
 * bursts. */
static uint64_t due_steps(kr_simulation *s, double now) {
    if (!isfinite(s->speed)) return s->chunk;
    double most = fmax(1.0, s->speed * 0.1);
    s->credit = fmin(s->credit + fmin(now - s->last_paced, 0.1) * s->speed, most);
    s->last_paced = now;
    double whole = floor(s->credit);
    return whole < (double)s->chunk ? (uint64_t)whole : s->chunk;
}

/* Does a chunk of what is due; false: there is nothing to do now. */
static bool work(kr_simulation *s) {
    double now = kr_seconds_now();
    if (s->waiting_steps) {
        uint64_t steps = kr_simulation_to_cycle_end(s, s->waiting_steps < s->chunk ? s->waiting_steps : s->chunk);
        s->waiting_steps -= steps;
        advance(s, steps);
        return true;
    }
    if (!s->playing) {
        s->last_paced = now;
        return false;
    }
    uint64_t steps = due_steps(s, now);
    if (!steps) return false;
    steps = kr_simulation_to_pause(s, kr_simulation_to_cycle_end(s, steps));
    if (isfinite(s->speed)) s->credit -= (double)steps;
    uint64_t before = kr_session_step(s->session);
    kr_simulation_begin_pause(s);
    advance(s, steps);
    kr_simulation_pause_where_due(s, before);
    return true;
}

static void publish_when_due(kr_simulation *s) {
    double now = kr_seconds_now();
    bool settled = !s->playing && !s->waiting_steps;
    if (!s->dirty || (!settled && (!kr_exchange_taken(&s->exchange) || now < s->next_copy))) return;
    if (now - s->last_published < snapshot_seconds) return;
    kr_simulation_publish(s, settled ? INFINITY : now);
}

static void keep_unsaved(kr_simulation *s) {
    kr_error error;
    if (kr_simulation_write_unsaved(s, &error) != KR_OK)
        kr_simulation_say(s, "save this session with k, it can't be kept as it happens: %s", error.message);
}

static void *run(void *argument) {
    kr_simulation *s = argument;
    s->rate_began = s->last_paced = kr_seconds_now();
    while (!atomic_load_explicit(&s->stop, memory_order_relaxed)) {
        kr_simulation_read_commands(s);
        bool worked = work(s);
        if (!worked) count_rate(s, 0.0, kr_seconds_now());
        publish_when_due(s);
        keep_unsaved(s);
        if (!worked) sleep_for(s->playing && s->speed > 0.0 ? (1.0 - s->credit) / s->speed : idle_seconds);
    }
    return NULL;
}

kr_status kr_simulation_run_steps(kr_simulation *s, uint64_t steps, kr_error *error) {
    kr_status status = KR_OK;
    /* Looks are at the same steps in every process. */
    uint64_t done = 0, part = kr_simulation_wants_looks(s) ? (steps + LOOKS_OF_A_FRAME - 1) / LOOKS_OF_A_FRAME : steps;
    kr_simulation_read_commands(s);
    while (status == KR_OK && done < steps) {
        bool replaying = s->replaying;
        uint64_t generation = kr_session_generation(s->session), step = kr_session_step(s->session);
        size_t next = s->next_intervention;
        uint64_t some = kr_simulation_to_cycle_end(s, steps - done < part ? steps - done : part);
        status = replaying ? replay(s, some, error) : kr_session_advance(s->session, some, error);
        if (status == KR_OK) status = kr_simulation_look_at_cycle(s, error);
        if (status == KR_OK && done + some < steps) kr_simulation_look(s, INFINITY);
        bool again = kr_session_generation(s->session) != generation;
        uint64_t now = kr_session_step(s->session);
        done += again ? now : now - step;
        if (replaying && (!s->replaying || (!again && now == step && next == s->next_intervention))) break;
    }
    kr_simulation_publish(s, INFINITY);
    return status;
}

static int default_threads(void) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors > 2 ? (int)processors - 1 : 1;
}

static kr_status prepare(kr_simulation *s, const kr_scene *scene, const kr_simulation_options *options, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t v = 0; status == KR_OK && v < KR_MAX_VARIANTS; v++) status = kr_measure_create(&s->measure[v], error);
    if (status == KR_OK && options->replay) {
        bool found;
        status = kr_session_record_read(&s->record, scene ? scene->registry : NULL, options->replay, &found, error);
        if (status == KR_OK && !found) status = kr_fail(error, KR_BAD_ARGUMENT, "%s is no recorded session", options->replay);
        s->replaying = status == KR_OK;
    }
    int threads = options->threads > 0 ? options->threads : default_threads();
    if (status == KR_OK) status = kr_session_create(&s->session, s->replaying ? &s->record.scene : scene, threads, error);
    if (status == KR_OK) status = kr_simulation_settings_changed(s, error);
    return status;
}

kr_status kr_simulation_create(kr_simulation **simulation, const kr_scene *scene, const kr_simulation_options *options,
                               kr_error *error) {
    *simulation = NULL;
    kr_simulation *s = aligned_alloc(_Alignof(kr_simulation), sizeof *s);
    if (!s) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the simulation");
    memset(s, 0, sizeof *s);
    kr_exchange_init(&s->exchange);
    s->synchronous = options->synchronous;
    s->playing = !options->paused;
    s->speed = INFINITY;
    s->followed = UINT64_MAX;
    s->step_seconds = NAN;
    s->chunk = 1;
    kr_status status = prepare(s, scene, options, error);
    if (status == KR_OK) {
        kr_simulation_publish(s, INFINITY);
        if (!kr_simulation_snapshot(s)->scene.registry) status = kr_fail(error, KR_NO_MEMORY, "%s", s->message);
        if (status == KR_OK && !s->synchronous) {
            s->started = pthread_create(&s->thread, NULL, run, s) == 0;
            if (!s->started) status = kr_fail(error, KR_NO_MEMORY, "no thread could be started for the simulation");
        }
    }
    if (status != KR_OK)
        kr_simulation_destroy(s);
    else
        *simulation = s;
    return status;
}

static void stop_thread(kr_simulation *s) {
    atomic_store(&s->stop, true);
    if (s->started) pthread_join(s->thread, NULL);
    s->started = false;
}

static void stop(kr_simulation *s) {
    stop_thread(s);
    kr_simulation_read_commands(s);
}

kr_status kr_simulation_finish(kr_simulation *s, const char *file, bool overwrite, kr_error *error) {
    stop(s);
    kr_status status = kr_session_save(s->session, file, overwrite, error);
    if (status == KR_OK) kr_simulation_forget_unsaved(s);
    return status;
}

kr_status kr_simulation_keep(kr_simulation *s, char *file, size_t size, kr_error *error) {
    stop(s);
    kr_status status = kr_simulation_finish_unsaved(s, error);
    snprintf(file, size, "%s", s->unsaved_file);
    return status;
}

void kr_simulation_discard(kr_simulation *s) {
    stop(s);
    kr_simulation_forget_unsaved(s);
}

void kr_simulation_destroy(kr_simulation *s) {
    if (!s) return;
    stop_thread(s);
    kr_command command;
    while (kr_ring_take(&s->ring, &command)) {
        free(command.text);
        free(command.setting);
    }
    kr_simulation_end_replay(s);
    for (size_t v = 0; v < KR_MAX_VARIANTS; v++) kr_measure_destroy(s->measure[v]);
    kr_session_destroy(s->session);
    for (size_t i = 0; i < 3; i++) {
        kr_scene_destroy(&s->snapshot[i].scene);
        for (size_t v = 0; v < KR_MAX_VARIANTS; v++) {
            kr_snapshot_networks_free(&s->snapshot[i].variant[v].networks);
            free(s->snapshot[i].variant[v].position);
            free(s->snapshot[i].variant[v].velocity);
        }
    }
    for (size_t i = 0; i < s->undo_count; i++) kr_scene_destroy(&s->undo[i]);
    kr_scene_destroy(&s->scene);
    free(s);
}
