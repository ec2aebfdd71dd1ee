#include "player.h"

#include "measure.h"
#include "networks.h"

#include <kramers/recording.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct kr_player {
    kr_recording *recording;
    kr_scene scene;
    kr_model model;
    kr_moment *moment; /* of the frame; NULL: nothing changes with the step */
    kr_measure *measure;
    size_t frames, particles, dim;
    double *position, *velocity; /* [dim][particles] */
    uint64_t *stopped_at;        /* [particles] */
    kr_snapshot snapshot;
    double at, speed, last; /* frame, with its fraction; frames per second; when it was looked at last, NAN: never */
    size_t shown;           /* SIZE_MAX: none */
    bool stale;             /* that one is to be measured again */
    bool playing;
    uint64_t followed;
};

static kr_status find_scene(kr_player *p, const kr_registry *registry, const char *file, const char *const *overrides, size_t count,
                            kr_error *error) {
    if (kr_recording_scene(p->recording)) {
        kr_error why;
        kr_status status = kr_recording_scene_load(p->recording, &p->scene, registry, overrides, count, error);
        if (status == KR_OK || kr_recording_check_plugins(p->recording, registry, &why) == KR_OK) return status;
        *error = why;
        return why.status;
    }
    if (count) return kr_scene_load(&p->scene, registry, NULL, overrides, count, error);
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "%s has no /parameters/kramers/scene to say on which landscape its particles moved; name it with --set, for instance --set "
        "landscape.name=harmonic --set landscape.dim=%zu",
        file, p->dim);
}

static kr_status prepare(kr_player *p, const char *file, kr_error *error) {
    kr_status status = kr_model_create(&p->model, kr_scene_at_start(&p->scene), error);
    if (status == KR_OK && p->model.landscape.dim != p->dim)
        status = kr_fail(
            error, KR_BAD_ARGUMENT,
            "%s: its particles have %zu coordinates, the landscape %s has %zu; choose another with --set landscape.name=...", file,
            p->dim, p->model.landscape.type->about.name, p->model.landscape.dim);
    if (status == KR_OK && p->model.drive) status = kr_moment_create(&p->moment, p->model.drive, error);
    if (status == KR_OK) status = kr_scene_copy(&p->snapshot.scene, &p->scene, error);
    if (status == KR_OK) status = kr_measure_create(&p->measure, error);
    if (status != KR_OK) return status;
    p->position = calloc(p->dim * p->particles + 1, sizeof *p->position);
    p->velocity = calloc(p->dim * p->particles + 1, sizeof *p->velocity);
    p->stopped_at = calloc(p->particles + 1, sizeof *p->stopped_at);
    if (p->position && p->velocity && p->stopped_at) return KR_OK;
    return kr_fail(error, KR_NO_MEMORY, "%s: not enough memory for %zu particles", file, p->particles);
}

kr_status kr_player_open(kr_player **player, const kr_registry *registry, const char *file, const char *const *overrides,
                         size_t override_count, kr_error *error) {
    *player = NULL;
    kr_player *p = calloc(1, sizeof *p);
    if (!p) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the window");
    p->last = NAN;
    p->speed = 30;
    p->shown = SIZE_MAX;
    p->followed = UINT64_MAX;
    kr_status status = kr_recording_open(&p->recording, file, error);
    if (status == KR_OK) {
        p->frames = kr_recording_frames(p->recording);
        p->particles = kr_recording_particles(p->recording);
        p->dim = kr_recording_dim(p->recording);
        status = find_scene(p, registry, file, overrides, override_count, error);
    }
    if (status == KR_OK) status = prepare(p, file, error);
    if (status == KR_OK)
        *player = p;
    else
        kr_player_close(p);
    return status;
}

void kr_player_close(kr_player *p) {
    if (!p) return;
    kr_measure_destroy(p->measure);
    kr_moment_destroy(p->moment);
    kr_model_destroy(&p->model);
    kr_scene_destroy(&p->scene);
    kr_recording_close(p->recording);
    kr_scene_destroy(&p->snapshot.scene);
    kr_snapshot_networks_free(&p->snapshot.variant[0].networks);
    free(p->snapshot.variant[0].position);
    free(p->snapshot.variant[0].velocity);
    free(p->position);
    free(p->velocity);
    free(p->stopped_at);
    free(p);
}

const kr_scene *kr_player_scene(const kr_player *p) {
    return &p->scene;
}

size_t kr_player_frames(const kr_player *p) {
    return p->frames;
}

size_t kr_player_frame(const kr_player *p) {
    return (size_t)p->at;
}

void kr_player_play(kr_player *p, bool play) {
    if (play && kr_player_frame(p) + 1 >= p->frames) p->at = 0;
    p->playing = play;
}

void kr_player_seek(kr_player *p, size_t frame) {
    p->at = (double)(frame < p->frames ? frame : p->frames - 1);
}

void kr_player_move(kr_player *p, int64_t frames) {
    p->playing = false;
    double at = floor(p->at) + (double)frames;
    p->at = fmin(fmax(at, 0.0), (double)(p->frames - 1));
}

void kr_player_speed(kr_player *p, double frames_per_second) {
    p->speed = frames_per_second;
}

void kr_player_follow(kr_player *p, uint64_t particle) {
    p->followed = particle;
    p->stale = true;
}

/* A frame as the view of an ensemble. */
static kr_status show(kr_player *p, size_t frame, kr_error *error) {
    kr_view view = {.seed = kr_scene_ensemble(&p->scene)->seed,
                    .particles = p->particles,
                    .stride = p->particles,
                    .dim = p->dim,
                    .position = p->position,
                    .stopped_at = p->stopped_at,
                    .landscape = p->moment ? p->moment->landscape : &p->model.landscape,
                    .dynamics = p->moment ? p->moment->dynamics : &p->model.dynamics,
                    .noise = p->moment ? p->moment->noise : &p->model.noise};
    kr_snapshot *out = &p->snapshot;
    kr_status status =
        kr_recording_frame(p->recording, frame, &view.step, &view.time, &view.learning_rate, p->position, p->velocity, error);
    if (status == KR_OK && p->moment) status = kr_moment_set(p->moment, view.step, error);
    if (status != KR_OK) return status;
    bool moving = false;
    for (size_t k = 0; k < p->dim * p->particles; k++) moving |= isfinite(p->velocity[k]);
    for (size_t q = 0; q < p->particles; q++) {
        bool finite = true;
        for (size_t i = 0; i < p->dim; i++) finite &= isfinite(p->position[i * p->particles + q]);
        p->stopped_at[q] = finite ? 0 : 1;
        view.diverged += !finite;
    }
    if (isnan(view.learning_rate)) view.learning_rate = kr_schedule_at(&p->model.schedule, view.step);
    out->number++;
    out->version = 1;
    out->step = view.step;
    out->time = view.time;
    out->learning_rate = view.learning_rate;
    out->particle_steps_per_second = NAN;
    out->variants = 1;
    out->followed = p->followed;
    strncpy(out->variant[0].name, p->model.dynamics.type->about.name, sizeof out->variant[0].name - 1);
    p->shown = frame;
    return kr_measure_variant(p->measure, &p->model, &view, moving ? p->velocity : NULL, INFINITY, p->followed, &out->variant[0],
                              error);
}

kr_status kr_player_advance(kr_player *p, double seconds, const kr_snapshot **snapshot, kr_error *error) {
    static const double longest = 1.0; /* that is caught up with: a program that was stopped goes on where it was */
    if (p->playing && isfinite(p->last)) p->at += fmin(fmax(0.0, seconds - p->last), longest) * p->speed;
    p->last = seconds;
    if (p->at > (double)(p->frames - 1)) {
        p->at = (double)(p->frames - 1);
        p->playing = false;
    }
    *snapshot = &p->snapshot;
    if (p->snapshot.playing != p->playing) p->snapshot.number++;
    p->snapshot.playing = p->playing;
    if (kr_player_frame(p) == p->shown && !p->stale) return KR_OK;
    p->stale = false;
    kr_status status = show(p, kr_player_frame(p), error);
    if (status != KR_OK && p->shown != SIZE_MAX) {
        p->at = (double)p->shown;
        p->playing = p->snapshot.playing = false;
    }
    return status;
}
