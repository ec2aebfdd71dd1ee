/* One frame: what a view looks like in the elements' rows. */
#include "h5md.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 4096,    /* particles whose energies are summed together; part of the results' bits */
    SLICE = 256,     /* of those, what a thread takes at once */
    DESCENTS = 1024, /* particles whose minimum is found by descent */
    PASSES = 16      /* particles whose noise is found by a pass over the data */
};

static bool need(double **array, size_t *size, size_t words) {
    if (*size >= words) return true;
    double *grown = realloc(*array, words * sizeof *grown);
    if (!grown) return false;
    *array = grown;
    *size = words;
    return true;
}

static double *row_of(const kr_trajectory *t, const kr_element *element) {
    return element->waiting + (size_t)t->waiting * element->words;
}

/* From [dim][stride] to [particles][width], zeros beyond the landscape's dimension. */
static void transpose(const kr_trajectory *t, const double *from, size_t stride, const uint64_t *stopped_at, double *to) {
    for (size_t p = 0; p < t->particles; p++)
        for (size_t i = 0; i < t->width; i++)
            to[p * t->width + i] = i >= t->dim ? 0.0 : stopped_at[p] != 0 ? NAN : from[i * stride + p];
}

/* Particles first .. first + n - 1 as [dim][n]. */
static void pack(const kr_view *view, size_t first, size_t n, double *x) {
    for (size_t i = 0; i < view->dim; i++) memcpy(x + i * n, view->position + i * view->stride + first, n * sizeof *x);
}

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY,
                   "There is no memory for a frame of the trajectory. Record fewer particles with "
                   "trajectory.particles.");
}

static kr_status fill_force(kr_trajectory *t, const kr_view *view, kr_error *error) {
    size_t n = (size_t)t->particles;
    if (!need(&t->scratch, &t->scratch_size, 2 * n * t->dim)) return no_memory(error);
    double *x = t->scratch, *gradient = x + n * t->dim;
    pack(view, 0, n, x);
    kr_landscape_gradient(view->landscape, n, x, gradient);
    for (size_t k = 0; k < n * t->dim; k++) gradient[k] = 0.0 - gradient[k]; /* 0, not -0, where it is flat */
    transpose(t, gradient, n, view->stopped_at, row_of(t, t->force));
    return KR_OK;
}

/* Temperature of the gradient noise, averaged over coordinates and recorded particles; NAN: it cannot be had. */
static kr_status fill_temperature(kr_trajectory *t, const kr_view *view, kr_error *error) {
    size_t n = (size_t)t->particles, finite = 0;
    double mean = 0.0;
    if (n > PASSES && kr_noise_needs(view->noise, view->landscape->type->separable) == KR_NOISE_INPUT_SPREAD) n = PASSES;
    if (!view->noise->type->is_zero) {
        if (!need(&t->scratch, &t->scratch_size, 2 * t->dim * n)) return no_memory(error);
        double *x = t->scratch, *variance = x + n * t->dim;
        pack(view, 0, n, x);
        kr_noise noise = *view->noise;
        noise.step = view->step;
        kr_status status = kr_noise_long_variance(&noise, view->landscape, n, x, variance, error);
        if (status == KR_NO_MEMORY) return status;
        for (size_t i = 0; status == KR_OK && i < t->dim; i++) {
            for (size_t p = 0; p < n; p++) {
                if (view->stopped_at[p] != 0) continue;
                mean += variance[i * n + p];
                finite++;
            }
        }
        mean = finite > 0 && isfinite(mean) ? mean / (double)finite : NAN;
    }
    *row_of(t, t->temperature) = kr_dynamics_temperature(view->dynamics, view->learning_rate, mean);
    return KR_OK;
}

/* Descents cost far more than a step: where basins are no products of intervals, the first particles are the sample. */
static kr_status fill_population(kr_trajectory *t, const kr_view *view, kr_error *error) {
    size_t n = (size_t)view->particles;
    if (!t->landscape->type->separable && n > DESCENTS) n = DESCENTS;
    return kr_basins_population(t->basins, n, view->stride, view->position, row_of(t, t->population), error);
}

/* energy[count] of the particles from first on; x: room for [dim][count]. */
static void energies(const kr_view *view, size_t first, size_t count, double *x, double *energy) {
#pragma omp parallel for schedule(dynamic, 1) if (view->landscape->type->data && count > SLICE)
    for (size_t begin = 0; begin < count; begin += SLICE) {
        size_t n = count - begin < SLICE ? count - begin : SLICE;
        double *own = x + view->dim * begin;
        pack(view, first + begin, n, own);
        kr_landscape_energy(view->landscape, n, own, energy + begin);
    }
}

/* Mean potential energy of all finite particles. */
static kr_status fill_potential(kr_trajectory *t, const kr_view *view, kr_error *error) {
    uint64_t finite = 0;
    double sum = 0.0;
    size_t most = view->particles < CHUNK ? (size_t)view->particles : CHUNK;
    if (!need(&t->scratch, &t->scratch_size, (t->dim + 1) * most)) return no_memory(error);
    double *x = t->scratch, *energy = x + t->dim * most;
    for (size_t first = 0; first < view->particles; first += CHUNK) {
        size_t n = view->particles - first < CHUNK ? (size_t)view->particles - first : CHUNK;
        double part = 0.0;
        energies(view, first, n, x, energy);
        for (size_t p = 0; p < n; p++) {
            if (view->stopped_at[first + p] != 0) continue;
            part += energy[p];
            finite++;
        }
        sum += part;
    }
    *row_of(t, t->potential) = sum / (double)finite;
    return KR_OK;
}

static kr_status fill_velocity(kr_trajectory *t, const kr_view *view, kr_error *error) {
    if (!need(&t->speed, &t->speed_size, view->dim * view->stride)) return no_memory(error);
    uint64_t finite = 0;
    double sum = 0.0;
    if (!kr_ensemble_velocity(view, t->speed))
        for (size_t k = 0; k < view->dim * view->stride; k++) t->speed[k] = NAN;
    transpose(t, t->speed, view->stride, view->stopped_at, row_of(t, t->velocity));
    for (size_t first = 0; first < view->particles; first += CHUNK) {
        size_t end = view->particles - first < CHUNK ? (size_t)view->particles : first + CHUNK;
        double part = 0.0;
        for (size_t p = first; p < end; p++) {
            if (view->stopped_at[p] != 0) continue;
            finite++;
            for (size_t i = 0; i < view->dim; i++) part += t->speed[i * view->stride + p] * t->speed[i * view->stride + p];
        }
        sum += part;
    }
    *row_of(t, t->kinetic) = 0.5 * sum / (double)finite;
    return KR_OK;
}

static kr_status make_room(kr_trajectory *t, kr_error *error) {
    if (t->waiting < t->capacity) return KR_OK;
    uint64_t capacity = t->capacity == 0 ? (t->flush < 16 ? t->flush : 16) : 2 * t->capacity; /* a short run needs little */
    bool good = true;
    for (size_t i = 0; i < t->elements && good; i++) {
        double *grown = realloc(t->element[i].waiting, (size_t)capacity * t->element[i].words * sizeof *grown);
        good = grown != NULL;
        if (good) t->element[i].waiting = grown;
    }
    int64_t *step = good ? realloc(t->step, (size_t)capacity * sizeof *step) : NULL;
    if (step) t->step = step;
    double *time = step ? realloc(t->time, (size_t)capacity * sizeof *time) : NULL;
    if (!time) return no_memory(error);
    t->time = time;
    t->capacity = capacity;
    return KR_OK;
}

static void fill_driven(kr_trajectory *t, uint64_t step) {
    const kr_drive *drive = t->drives ? t->drive[t->present] : NULL;
    for (size_t k = 0; k < t->driven_count; k++) {
        double *to = row_of(t, t->driven + k);
        *to = NAN;
        for (size_t i = 0; i < kr_drive_count(drive); i++)
            if (!strcmp(kr_drive_number(drive, i)->name, t->driven[k].name)) *to = kr_drive_value(drive, i, step, NULL);
    }
}

kr_status kr_trajectory_frame(kr_trajectory *t, const kr_view *view, kr_error *error) {
    kr_status status = make_room(t, error);
    if (status != KR_OK) return status;
    t->step[t->waiting] = (int64_t)view->step;
    t->time[t->waiting] = view->time;
    transpose(t, view->position, view->stride, view->stopped_at, row_of(t, t->position));
    *row_of(t, t->learning_rate) = view->learning_rate;
    fill_driven(t, view->step);
    if (t->temperature) status = fill_temperature(t, view, error);
    if (status == KR_OK) status = fill_potential(t, view, error);
    if (status == KR_OK && t->population) status = fill_population(t, view, error);
    if (status == KR_OK && t->velocity) status = fill_velocity(t, view, error);
    if (status == KR_OK && t->force) status = fill_force(t, view, error);
    if (status == KR_OK) status = kr_trajectory_observed_frame(t, view, error);
    if (status == KR_OK) t->waiting++;
    return status;
}
