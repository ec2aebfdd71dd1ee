#include "session_history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of one frame, and of all of them. */
static const size_t frame_most = 4096, all_most = (size_t)1 << 22;
/* An ensemble of more coordinates than this would leave the cache for every frame: its first cadence is longer. */
static const double small_ensemble = 0x1p14;

static size_t remembered(uint64_t particles, size_t dim) {
    size_t most = dim < frame_most / KR_HISTORY_PARTICLES ? KR_HISTORY_PARTICLES : frame_most / dim;
    if (most < 1) most = 1;
    return particles < most ? (size_t)particles : most;
}

bool kr_history_fits(const kr_history *history, uint64_t particles, size_t dim) {
    return history->dim == dim && history->particles == remembered(particles, dim);
}

void kr_history_clear(kr_history *history) {
    history->frames = 0;
    history->every = history->first_every;
    history->velocity = false;
}

kr_status kr_history_create(kr_history *history, uint64_t particles, size_t dim, kr_error *error) {
    *history = (kr_history){.dim = dim, .particles = remembered(particles, dim), .first_every = 1};
    size_t words = history->particles * dim, frames = all_most / words / 2 * 2;
    history->capacity = frames > KR_HISTORY_FRAMES ? KR_HISTORY_FRAMES : frames < 8 ? 8 : frames;
    while ((double)history->first_every * small_ensemble < (double)particles * (double)dim) history->first_every *= 2;
    frames = history->capacity;
    history->step = malloc(frames * sizeof *history->step);
    history->time = malloc(frames * sizeof *history->time);
    history->learning_rate = malloc(frames * sizeof *history->learning_rate);
    history->position = malloc(frames * words * sizeof *history->position);
    history->speed = malloc(frames * words * sizeof *history->speed);
    kr_history_clear(history);
    if (history->step && history->time && history->learning_rate && history->position && history->speed) return KR_OK;
    kr_history_destroy(history);
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the history of a session in %zu dimensions", dim);
}

void kr_history_destroy(kr_history *history) {
    free(history->step);
    free(history->time);
    free(history->learning_rate);
    free(history->position);
    free(history->speed);
    *history = (kr_history){.dim = 0};
}

/* From [dim][n] of stride to [n][dim]. */
static void transpose(const kr_history *history, const double *from, size_t stride, double *to) {
    for (size_t p = 0; p < history->particles; p++)
        for (size_t i = 0; i < history->dim; i++) to[p * history->dim + i] = from[i * stride + p];
}

static void velocities(const kr_history *history, const kr_view *view, double *to) {
    const kr_dynamics_type *type = view->dynamics->type;
    double speed[KR_HISTORY_PARTICLES];
    for (size_t i = 0; i < history->dim; i++) {
        const double *auxiliary[KR_MAX_AUXILIARIES] = {NULL};
        for (size_t a = 0; a < view->auxiliary_count; a++) auxiliary[a] = view->auxiliary[a] + i * view->stride;
        if (type->velocity) type->velocity(view->dynamics, view->learning_rate, history->particles, auxiliary, speed);
        for (size_t p = 0; p < history->particles; p++) to[p * history->dim + i] = type->velocity ? speed[p] : NAN;
    }
}

void kr_history_frame(const kr_history *history, const kr_view *view, double *position, double *speed) {
    transpose(history, view->position, view->stride, position);
    velocities(history, view, speed);
}

static void write_frame(kr_history *history, size_t frame, const kr_view *view) {
    size_t words = history->particles * history->dim;
    history->step[frame] = (int64_t)view->step;
    history->time[frame] = view->time;
    history->learning_rate[frame] = view->learning_rate;
    kr_history_frame(history, view, history->position + frame * words, history->speed + frame * words);
    history->velocity = history->velocity || view->dynamics->type->velocity;
}

static void thin(kr_history *history) {
    size_t words = history->particles * history->dim, kept = 0;
    for (size_t frame = 0; frame < history->frames; frame += 2, kept++) {
        history->step[kept] = history->step[frame];
        history->time[kept] = history->time[frame];
        history->learning_rate[kept] = history->learning_rate[frame];
        memmove(history->position + kept * words, history->position + frame * words, words * sizeof(double));
        memmove(history->speed + kept * words, history->speed + frame * words, words * sizeof(double));
    }
    history->frames = kept;
    history->every *= 2;
}

void kr_history_sample(kr_history *history, const kr_view *view) {
    if (view->step % history->every != 0) return;
    if (history->frames && (uint64_t)history->step[history->frames - 1] == view->step) history->frames--;
    if (history->frames == history->capacity) thin(history); /* capacity is even, so this frame stays on the cadence */
    write_frame(history, history->frames++, view);
}
