/* Snapshots: the positions of all particles at the ends of the schedule's cycles, kept in memory and in the file, and what a
 * trajectory's snapshots have to do with each other (statistics/snapshot_results.h).
 *
 * All particles are kept. What is computed of them is of the first ones that are finite in all snapshots: for 256 networks of 610
 * parameters, ten snapshots of 1437 + 360 data, some seconds, nearly all of it for the barriers. */
#include "statistics/snapshot_rows.h"

#include <kramers/block.h>
#include <kramers/observer.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CYCLE_ENDS, END, MOST_SNAPSHOTS = 256 };

typedef struct settings {
    int64_t every, particles;
    int at;
} settings;

typedef struct snapshots {
    kr_observer observer;
    const kr_schedule *schedule; /* NULL: snapshots are taken at multiples of every, or at the end */
    uint64_t steps;              /* of the run */
    size_t dim, particles, stride, wanted;
    size_t count;                     /* taken; those of a run that goes on come back one by one */
    double *position[MOST_SNAPSHOTS]; /* [dim][stride] each; NULL: not back yet */
    uint64_t step[MOST_SNAPSHOTS];
    double time[MOST_SNAPSHOTS];
    size_t *looked_at; /* [wanted] */
    kr_snapshot_results results;
    uint64_t looked_step; /* at which they were computed */
    bool looked, cycles_wanted;
} snapshots;

/* ---- when ---- */

/* The first end of a cycle after this step, within the run. */
static uint64_t next_cycle_end(const kr_schedule *schedule, uint64_t step, uint64_t steps) {
    uint64_t next = step < steps ? kr_schedule_next_cycle(schedule, step) : UINT64_MAX;
    return next <= steps ? next : UINT64_MAX;
}

static uint64_t next_of(const kr_schedule *schedule, uint64_t every, uint64_t step, uint64_t steps) {
    if (every) return step / every < steps / every ? (step / every + 1) * every : UINT64_MAX;
    if (schedule) return next_cycle_end(schedule, step, steps);
    return step < steps ? steps : UINT64_MAX;
}

static uint64_t next(const kr_observer *observer, uint64_t step) {
    const snapshots *s = (const snapshots *)observer;
    return next_of(s->schedule, observer->every, step, s->steps);
}

/* The schedule, where snapshots follow its cycles and one of them ends within the run. */
static const kr_schedule *followed(const settings *wanted, const kr_observer_setup *setup) {
    bool cycles = !wanted->every && wanted->at == CYCLE_ENDS;
    return cycles && next_cycle_end(setup->schedule, 0, setup->steps) != UINT64_MAX ? setup->schedule : NULL;
}

/* How many there will be; MOST_SNAPSHOTS + 1: too many. */
static size_t count_all(const kr_observer_setup *setup) {
    const settings *wanted = setup->values;
    const kr_schedule *schedule = followed(wanted, setup);
    size_t count = 0;
    for (uint64_t step = 0; count <= MOST_SNAPSHOTS; count++) {
        step = next_of(schedule, (uint64_t)wanted->every, step, setup->steps);
        if (step == UINT64_MAX) break;
    }
    return count;
}

/* ---- taking them ---- */

static kr_status make_room(snapshots *s, size_t i, kr_error *error) {
    free(s->position[i]);
    s->position[i] = malloc(s->dim * s->stride * sizeof *s->position[i]);
    if (s->position[i]) return KR_OK;
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for snapshot %zu of %zu particles", i, s->particles);
}

static kr_status sample(kr_observer *observer, const kr_view *view, kr_error *error) {
    snapshots *s = (snapshots *)observer;
    if (view->step == 0) return KR_OK; /* the start is none */
    if (s->count == MOST_SNAPSHOTS)
        return kr_fail(error, KR_BAD_ARGUMENT, "step %llu would be snapshot %d; at most %d are kept",
                       (unsigned long long)view->step, MOST_SNAPSHOTS + 1, MOST_SNAPSHOTS);
    kr_status status = make_room(s, s->count, error);
    if (status != KR_OK) return status;
    for (size_t i = 0; i < s->dim; i++) {
        double *row = s->position[s->count] + i * s->stride;
        memcpy(row, view->position + i * view->stride, s->particles * sizeof *row);
        for (size_t p = 0; p < s->particles; p++)
            if (view->stopped_at[p]) row[p] = NAN;
    }
    s->step[s->count] = view->step;
    s->time[s->count++] = view->time;
    return KR_OK;
}

static size_t kept_count(const kr_observer *observer) {
    return ((const snapshots *)observer)->count;
}

static void get(const kr_observer *observer, size_t i, uint64_t *step, double *time, double *position) {
    const snapshots *s = (const snapshots *)observer;
    *step = s->step[i];
    *time = s->time[i];
    for (size_t p = 0; p < s->particles; p++)
        for (size_t j = 0; j < s->dim; j++) position[p * s->dim + j] = s->position[i][j * s->stride + p];
}

static kr_status set(kr_observer *observer, size_t i, uint64_t step, double time, const double *position, kr_error *error) {
    snapshots *s = (snapshots *)observer;
    kr_status status = make_room(s, i, error);
    if (status != KR_OK) return status;
    for (size_t p = 0; p < s->particles; p++)
        for (size_t j = 0; j < s->dim; j++) s->position[i][j * s->stride + p] = position[p * s->dim + j];
    s->step[i] = step;
    s->time[i] = time;
    return KR_OK;
}

/* ---- what they say ---- */

static bool is_finite(const snapshots *s, size_t p) {
    for (size_t i = 0; i < s->count; i++)
        for (size_t j = 0; j < s->dim; j++)
            if (!isfinite(s->position[i][j * s->stride + p])) return false;
    return true;
}

static size_t choose(const snapshots *s) {
    size_t chosen = 0;
    for (size_t i = 0; i < s->count; i++)
        if (!s->position[i]) return 0;
    for (size_t p = 0; p < s->particles && chosen < s->wanted; p++)
        if (is_finite(s, p)) s->looked_at[chosen++] = p;
    return chosen;
}

static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    snapshots *s = (snapshots *)observer;
    if (s->looked && s->looked_step == view->step) return KR_OK;
    kr_snapshot_set all = {.landscape = view->landscape,
                           .count = s->count,
                           .position = (const double *const *)s->position,
                           .step = s->step,
                           .stride = s->stride,
                           .particle = s->looked_at,
                           .particles = s->count ? choose(s) : 0,
                           .threads = observer->threads};
    kr_snapshot_results_destroy(&s->results);
    kr_status status = kr_snapshot_results_create(&s->results, &all, error);
    if (status == KR_OK && all.particles) status = kr_snapshot_paths(&all, &s->results, error);
    if (status == KR_OK && all.particles) status = kr_snapshot_ensembles(&all, &s->results, error);
    if (status != KR_OK) kr_snapshot_results_destroy(&s->results); /* half a result is none */
    s->looked = status == KR_OK;
    s->looked_step = view->step;
    return status;
}

static const void *result(const kr_observer *observer) {
    return &((const snapshots *)observer)->results;
}

static bool warning(const kr_observer *observer, size_t number, char *text, size_t size) {
    const snapshots *s = (const snapshots *)observer;
    if (number > 0) return false;
    if (!s->count) {
        snprintf(text, size, "no snapshot was taken: the first would have been after step %llu",
                 (unsigned long long)next_of(s->schedule, observer->every, 0, observer->every ? UINT64_MAX - 1 : s->steps));
        return true;
    }
    if (!s->results.particles) {
        snprintf(text, size, "snapshots say nothing: no particle is finite in all of them");
        return true;
    }
    if (!s->cycles_wanted || s->schedule) return false;
    snprintf(text, size,
             "no cycle of the learning rate ends within the run, so that its last step is the only snapshot; snapshots.every takes "
             "them at other steps");
    return true;
}

/* ---- life ---- */

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    snapshots *s = (snapshots *)observer;
    const settings *wanted = setup->values;
    s->schedule = followed(wanted, setup);
    s->cycles_wanted = !wanted->every && wanted->at == CYCLE_ENDS;
    s->steps = setup->steps;
    s->dim = setup->problem.landscape->dim;
    s->particles = (size_t)setup->particles;
    s->stride = kr_padded(s->particles);
    s->wanted = (size_t)wanted->particles < s->particles ? (size_t)wanted->particles : s->particles;
    s->looked_at = malloc(s->wanted * sizeof *s->looked_at);
    if (!s->looked_at) return kr_fail(error, KR_NO_MEMORY, "not enough memory for snapshots");
    if (count_all(setup) <= MOST_SNAPSHOTS) return KR_OK;
    if (wanted->every)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "snapshots.every = %lld makes %llu snapshots in %llu steps; at most %d are kept: take at least %llu",
                       (long long)wanted->every, (unsigned long long)(setup->steps / (uint64_t)wanted->every),
                       (unsigned long long)setup->steps, MOST_SNAPSHOTS,
                       (unsigned long long)((setup->steps + MOST_SNAPSHOTS - 1) / MOST_SNAPSHOTS));
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "snapshots.at cycle_ends: more than %d cycles end within %llu steps, and at most so many snapshots are kept; "
                   "snapshots.every takes fewer",
                   MOST_SNAPSHOTS, (unsigned long long)setup->steps);
}

static void destroy(kr_observer *observer) {
    snapshots *s = (snapshots *)observer;
    for (size_t i = 0; i < MOST_SNAPSHOTS; i++) free(s->position[i]);
    free(s->looked_at);
    kr_snapshot_results_destroy(&s->results);
}

static size_t state_words(const kr_observer *observer) {
    (void)observer;
    return 1;
}

static void save(const kr_observer *observer, uint64_t *words) {
    words[0] = ((const snapshots *)observer)->count;
}

static void restore(kr_observer *observer, const uint64_t *words) {
    snapshots *s = (snapshots *)observer;
    s->count = words[0] < MOST_SNAPSHOTS ? (size_t)words[0] : MOST_SNAPSHOTS;
    s->looked = false;
}

static kr_observer_need need(const kr_observer_setup *setup) {
    double dim = (double)setup->problem.landscape->dim, particles = (double)setup->particles;
    double count = (double)count_all(setup), looked_at = (double)((const settings *)setup->values)->particles;
    /* Of each snapshot on training and test data, of the points between it and the next, and of the ensemble that it is the last
     * of. */
    double of_each = 3.0 + (KR_BARRIER_POINTS - 2);
    return (kr_observer_need){.words = 1,
                              .scratch = 8.0 * dim * (count * (double)kr_padded((size_t)setup->particles) + particles),
                              .file = 8.0 * count * dim * particles,
                              .evaluations = count * of_each * fmin(looked_at, particles)};
}

static const char *const places[] = {"cycle_ends", "end", NULL};

static const kr_parameter parameters[] = {
    {.name = "at",
     .doc = "cycle_ends: after the last step of each cycle of the learning rate; end: after the run's last step",
     .type = KR_CHOICE,
     .offset = offsetof(settings, at),
     .initial = CYCLE_ENDS,
     .choices = places},
    {.name = "every",
     .doc = "steps between snapshots, instead; 0: as `at` says",
     .unit = "steps",
     .type = KR_INTEGER,
     .offset = offsetof(settings, every),
     .minimum = 0,
     .maximum = 1e18},
    {.name = "particles",
     .doc = "so many of the first particles are looked at for losses, barriers and ensembles; all are kept in the file",
     .type = KR_INTEGER,
     .flags = KR_LOG_SCALE,
     .offset = offsetof(settings, particles),
     .initial = 256,
     .minimum = 1,
     .maximum = 1e9},
    KR_END};

KR_OBSERVER = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "snapshots of all particles: losses, barriers, basins, and ensembles of the last of them",
                         .reference =
                             "G. Huang, Y. Li, G. Pleiss, Z. Liu, J. E. Hopcroft, K. Q. Weinberger, ICLR 2017; T. Garipov, P. "
                             "Izmailov, D. Podoprikhin, D. Vetrov, A. G. Wilson, NeurIPS 2018",
                         .parameters = parameters,
                         .values_size = sizeof(settings),
                         .rank = 8},
               .presence = KR_OBSERVER_WITH_SECTION,
               .need = need,
               .size = sizeof(snapshots),
               .begin = begin,
               .sample = sample,
               .next = next,
               .end = end,
               .destroy = destroy,
               .state_words = state_words,
               .save = save,
               .restore = restore,
               .kept = &(const kr_kept_positions){.count = kept_count, .get = get, .set = set},
               .rows = kr_snapshot_rows,
               .result = result,
               .warning = warning};
