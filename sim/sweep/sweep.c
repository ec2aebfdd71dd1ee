/* The grid, and one pool of threads that works on it. Small points run side by side, one thread each; a point that is large by
 * itself waits until the others are done and gets all threads. None of this affects a row: an ensemble's result does not depend on
 * its threads, and a point's seed only on its index. */
#include "sweep_state.h"

#include <kramers/interrupt.h>
#include <kramers/observer.h>

#include <errno.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDE_PARTICLES = 4096 };                   /* a thread, at least, where a point uses all of them */
static const double wide_particle_steps = 0x1p32; /* about ten seconds of one thread */

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
}

/* ---- creation ---- */

static kr_status read_axes(kr_sweep *sweep, const char *const *vary, size_t vary_count, kr_error *error) {
    if (!vary_count)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "a sweep needs something to vary: --vary KEY=SPEC, for instance "
                       "--vary dynamics.temperature=0.1:0.3:5");
    if (vary_count > KR_SWEEP_MOST_KEYS)
        return kr_fail(error, KR_BAD_ARGUMENT, "%zu keys are varied; at most %d can be", vary_count, KR_SWEEP_MOST_KEYS);
    if (!(sweep->axis = calloc(vary_count, sizeof *sweep->axis))) return no_memory(error);
    sweep->count = 1;
    for (size_t a = 0; a < vary_count; a++) {
        kr_status status = kr_sweep_axis_parse(&sweep->axis[a], vary[a], error);
        sweep->axis_count = a + 1;
        if (status) return status;
        for (size_t b = 0; b < a; b++)
            if (!strcmp(sweep->axis[a].key, sweep->axis[b].key))
                return kr_fail(error, KR_BAD_ARGUMENT, "--vary %.80s: this key is varied twice; list all its values at once",
                               vary[a]);
        if (sweep->count > KR_SWEEP_MAX_POINTS / sweep->axis[a].count)
            return kr_fail(error, KR_BAD_ARGUMENT, "the grid has more than %d points; vary fewer keys or values",
                           KR_SWEEP_MAX_POINTS);
        sweep->count *= sweep->axis[a].count;
        sweep->seed_varied = sweep->seed_varied || !strcmp(sweep->axis[a].key, "ensemble.seed");
    }
    return KR_OK;
}

static kr_status round_integers(kr_sweep *sweep, kr_error *error) {
    kr_scene scene;
    kr_status status = kr_scene_source_parse(&scene, sweep->registry, &sweep->source, (const char *const *)sweep->override,
                                             sweep->override_count, sweep->override_count, NULL);
    if (status) return KR_OK; /* said below, where the values are in place */
    for (size_t a = 0; a < sweep->axis_count && !status; a++) {
        const kr_parameter *row = sweep->axis[a].range ? kr_scene_parameter(&scene, sweep->axis[a].key) : NULL;
        if (row && (row->type == KR_INTEGER || row->type == KR_NATURAL)) status = kr_sweep_axis_round(&sweep->axis[a], error);
    }
    kr_scene_destroy(&scene);
    return status;
}

void kr_sweep_init(kr_sweep *sweep, const kr_registry *registry) {
    sweep->registry = registry;
    sweep->part = sweep->parts = 1;
    pthread_mutex_init(&sweep->mutex, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&sweep->changed, &clock);
    pthread_condattr_destroy(&clock);
}

static void count_wanted(kr_sweep *sweep) {
    sweep->wanted = sweep->count / sweep->parts + (sweep->part - 1 < sweep->count % sweep->parts);
}

static kr_status drop_duplicates(kr_sweep *sweep, kr_error *error) {
    for (size_t a = 0; a < sweep->axis_count; a++) {
        bool seeds = !strcmp(sweep->axis[a].key, "ensemble.seed");
        kr_status status = seeds ? KR_OK : kr_sweep_axis_unique(&sweep->axis[a], error);
        if (status) return status;
    }
    sweep->count = 1;
    for (size_t a = 0; a < sweep->axis_count; a++) sweep->count *= sweep->axis[a].count;
    return KR_OK;
}

kr_status kr_sweep_prepare(kr_sweep *sweep, const char *const *vary, size_t vary_count, kr_error *error) {
    kr_status status = read_axes(sweep, vary, vary_count, error);
    if (status) return status;
    char **grown = realloc(sweep->override, (sweep->override_count + vary_count + 1) * sizeof *grown);
    if (!grown) return no_memory(error);
    sweep->override = grown;
    for (size_t i = 0; i <= vary_count; i++) grown[sweep->override_count + i] = NULL;
    status = round_integers(sweep, error);
    if (!status) status = drop_duplicates(sweep, error);
    if (status) return status;
    count_wanted(sweep);
    sweep->row = calloc(sweep->count, sizeof *sweep->row);
    sweep->fresh = calloc(sweep->count, sizeof *sweep->fresh);
    if (!sweep->row || !sweep->fresh) return no_memory(error);
    status = kr_sweep_find_first(sweep, error);
    if (status) return status;
    sweep->scene_seed = kr_scene_ensemble(&sweep->first)->seed;
    status = kr_scene_write(&sweep->first, &sweep->scene_text, error);
    return status ? status : kr_sweep_columns_make(sweep, error);
}

static kr_status prepare(kr_sweep *sweep, const kr_sweep_setup *setup, kr_error *error) {
    if (setup->parts > 0 && (setup->part < 1 || setup->part > setup->parts))
        return kr_fail(error, KR_BAD_ARGUMENT, "part %zu of %zu: parts are numbered from 1", setup->part, setup->parts);
    if (setup->parts > 0) {
        sweep->part = setup->part;
        sweep->parts = setup->parts;
    }
    kr_status status = kr_scene_source_read(&sweep->source, setup->scene, error);
    if (status) return status;
    if (!(sweep->override = calloc(setup->override_count + 1, sizeof *sweep->override))) return no_memory(error);
    for (; sweep->override_count < setup->override_count; sweep->override_count++)
        if (!(sweep->override[sweep->override_count] = strdup(setup->overrides[sweep->override_count]))) return no_memory(error);
    status = kr_sweep_prepare(sweep, setup->vary, setup->vary_count, error);
    if (!status) status = kr_sweep_columns_choose(sweep, setup->columns, error);
    return status ? status : kr_sweep_header_make(sweep, error);
}

static kr_status start_pool(kr_sweep *sweep, int threads, kr_error *error) {
    size_t wanted = threads > 0 ? (size_t)threads : (size_t)omp_get_max_threads();
    sweep->threads = wanted;
    if (!(sweep->slot = calloc(wanted, sizeof *sweep->slot))) return no_memory(error);
    for (size_t i = 0; i < wanted; i++) sweep->slot[i].sweep = sweep;
    return KR_OK;
}

kr_status kr_sweep_create(kr_sweep **result, const kr_sweep_setup *setup, kr_error *error) {
    *result = NULL;
    kr_sweep *sweep = calloc(1, sizeof *sweep);
    if (!sweep) return no_memory(error);
    kr_sweep_init(sweep, setup->registry);
    sweep->durability = setup->durability;
    kr_status status = prepare(sweep, setup, error);
    if (!status) status = start_pool(sweep, setup->threads, error);
    if (!status && setup->output) status = kr_sweep_file_open(sweep, setup->output, setup->overwrite, error);
    if (status) {
        kr_sweep_destroy(sweep);
        return status;
    }
    sweep->resumed = sweep->done;
    *result = sweep;
    return KR_OK;
}

/* ---- threads ---- */

/* Called with the mutex held, as the next two are: the row of a point that is done; NULL: there was no memory for it. */
static void keep_row(kr_sweep *sweep, size_t point, char *row) {
    if (row) {
        sweep->row[point] = row;
        sweep->fresh[sweep->fresh_count++] = point;
        sweep->done++;
        return;
    }
    if (!sweep->error.status) sweep->error.status = no_memory(&sweep->error);
    sweep->stop = true;
}

static void note_impossible(kr_sweep *sweep, kr_status status) {
    if (!sweep->impossible++) sweep->worst = status;
}

/* The next point that is not done, or false when there is none or the sweep stops. */
static bool next_point(kr_sweep *sweep, size_t *point, kr_scene *scene, bool *wide) {
    kr_error error;
    for (;;) {
        while (sweep->next < sweep->count && (sweep->row[sweep->next] || !kr_sweep_is_wanted(sweep, sweep->next))) sweep->next++;
        if (sweep->stop || sweep->next == sweep->count) return false;
        if (sweep->wide) {
            pthread_cond_wait(&sweep->changed, &sweep->mutex);
            continue;
        }
        error.status = kr_sweep_scene(sweep, sweep->next, false, scene, &error);
        if (error.status) {
            keep_row(sweep, sweep->next, kr_sweep_row_impossible(sweep, sweep->next, &error));
            note_impossible(sweep, error.status);
            sweep->next++;
            pthread_cond_broadcast(&sweep->changed);
            continue;
        }
        const kr_ensemble_settings *ensemble = kr_scene_ensemble(scene);
        double particles = (double)ensemble->particles;
        bool room = particles >= WIDE_PARTICLES * (double)sweep->threads;
        bool large = room && particles * (double)ensemble->steps >= wide_particle_steps;
        bool alone = room && sweep->active == 0 && sweep->next + 1 == sweep->count;
        *wide = sweep->threads > 1 && (large || alone);
        if (!*wide || sweep->active == 0) break;
        kr_scene_destroy(scene);
        pthread_cond_wait(&sweep->changed, &sweep->mutex);
    }
    *point = sweep->next++;
    sweep->active++;
    sweep->wide = *wide;
    return true;
}

static bool advance(kr_sweep *sweep, kr_sweep_slot *slot, kr_run *run, bool *diverged, kr_error *error) {
    double steps = (double)kr_run_steps(run);
    bool stop = false;
    while (!stop && !kr_run_finished(run)) {
        kr_status status = kr_run_advance(run, error);
        if (status == KR_INTERRUPTED) return false;
        *diverged = status == KR_DIVERGED;
        if (status && !*diverged) return false;
        pthread_mutex_lock(&sweep->mutex);
        slot->fraction = (double)kr_run_view(run).step / steps;
        stop = sweep->stop;
        pthread_mutex_unlock(&sweep->mutex);
    }
    return kr_run_finished(run);
}

/* A point that counted nothing, where escape.method is auto: another row in place of this one. What can't be split, and says so,
 * keeps the row. */
static char *split_instead(kr_sweep *sweep, kr_sweep_slot *slot, size_t point, const kr_scene *scene, int threads, char *row) {
    kr_run_options options = {.threads = threads};
    kr_scene split;
    kr_run *run = NULL;
    kr_error why;
    bool diverged = false;
    if (kr_sweep_split_scene(&split, scene, &why)) return row;
    char *better = NULL;
    kr_status status = kr_run_create(&run, &split, &options, &why);
    bool ended = !status && advance(sweep, slot, run, &diverged, &why);
    if (ended && !diverged) better = kr_sweep_row_make(sweep, point, scene, kr_run_result(run), false);
    bool stopped = status == KR_INTERRUPTED || (!status && !ended && !kr_run_finished(run));
    kr_run_destroy(run);
    kr_scene_destroy(&split);
    if (!better && !stopped) return row;
    free(row);
    return better; /* stopped: the point is not done */
}

/* NULL with KR_OK: stopped. A point that cannot be run has a row too, and its error. */
static char *compute(kr_sweep *sweep, kr_sweep_slot *slot, size_t point, const kr_scene *scene, int threads, bool *diverged,
                     kr_error *error) {
    kr_run_options options = {.threads = threads};
    kr_run *run = NULL;
    char *row = NULL;
    omp_set_num_threads(threads); /* for code that sets no number of threads itself; for this thread alone */
    error->status = kr_run_create(&run, scene, &options, error);
    if (!error->status && advance(sweep, slot, run, diverged, error)) {
        error->status = KR_OK;
        unsigned long heeded = kr_interrupt_heeded();
        const kr_result *result = kr_run_result(run);
        if (kr_interrupt_heeded() == heeded) { /* else it lacks something */
            row = kr_sweep_row_make(sweep, point, scene, result, *diverged);
            if (!row) error->status = KR_NO_MEMORY;
        }
        if (row && !*diverged && kr_sweep_counted_nothing(scene, kr_run_result(run)))
            row = split_instead(sweep, slot, point, scene, threads, row);
    } else if (error->status && error->status != KR_INTERRUPTED) {
        row = kr_sweep_row_impossible(sweep, point, error);
    }
    kr_run_destroy(run);
    return row;
}

static void *work(void *argument) {
    kr_sweep_slot *slot = argument;
    kr_sweep *sweep = slot->sweep;
    kr_scene scene;
    size_t point;
    bool wide;
    pthread_mutex_lock(&sweep->mutex);
    while (next_point(sweep, &point, &scene, &wide)) {
        pthread_mutex_unlock(&sweep->mutex);
        kr_error error = {.status = KR_OK};
        bool diverged = false;
        char *row = compute(sweep, slot, point, &scene, wide ? (int)sweep->threads : 1, &diverged, &error);
        kr_scene_destroy(&scene);
        pthread_mutex_lock(&sweep->mutex);
        slot->fraction = 0;
        sweep->active--;
        if (wide) sweep->wide = false;
        bool stopped = error.status == KR_INTERRUPTED;
        if (row || (error.status && !stopped)) keep_row(sweep, point, row);
        if (stopped) sweep->stop = true;
        if (row && error.status) note_impossible(sweep, error.status);
        sweep->diverged += diverged;
        pthread_cond_broadcast(&sweep->changed);
    }
    pthread_cond_broadcast(&sweep->changed);
    pthread_mutex_unlock(&sweep->mutex);
    return NULL;
}

static kr_status start_threads(kr_sweep *sweep, kr_error *error) {
    size_t left = sweep->wanted - sweep->done, wanted = left < sweep->threads ? left : sweep->threads;
    for (size_t i = 0; i < wanted && !sweep->slot[i].started; i++) {
        int failed = pthread_create(&sweep->slot[i].thread, NULL, work, &sweep->slot[i]);
        if (failed && i == 0) return kr_fail(error, KR_NO_MEMORY, "no thread can be started: %s", kr_errno_text(failed));
        if (failed) return KR_OK;
        sweep->slot[i].started = true;
    }
    return KR_OK;
}

static void stop_threads(kr_sweep *sweep) {
    pthread_mutex_lock(&sweep->mutex);
    sweep->stop = true;
    pthread_cond_broadcast(&sweep->changed);
    pthread_mutex_unlock(&sweep->mutex);
    for (size_t i = 0; sweep->slot && i < sweep->threads; i++)
        if (sweep->slot[i].started) {
            pthread_join(sweep->slot[i].thread, NULL);
            sweep->slot[i].started = false;
        }
}

/* ---- the caller's side ---- */

static kr_status write_fresh(kr_sweep *sweep, kr_error *error) {
    kr_status status = KR_OK;
    for (;;) {
        pthread_mutex_lock(&sweep->mutex);
        bool more = sweep->written < sweep->fresh_count;
        size_t point = more ? sweep->fresh[sweep->written] : 0;
        pthread_mutex_unlock(&sweep->mutex);
        if (!more || status) return status;
        if (sweep->file) status = kr_sweep_file_append(sweep, point, error);
        if (!status) sweep->written++;
    }
}

static struct timespec after(double seconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    seconds = fmin(fmax(seconds, 0.0), 1e6);
    until.tv_sec += (time_t)seconds;
    until.tv_nsec += (long)(1e9 * (seconds - floor(seconds)));
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    return until;
}

bool kr_sweep_finished(const kr_sweep *sweep) {
    return sweep->resumed + sweep->written == sweep->wanted;
}

kr_status kr_sweep_advance(kr_sweep *sweep, double seconds, kr_error *error) {
    if (kr_sweep_finished(sweep)) return KR_OK;
    kr_status status = start_threads(sweep, error);
    if (status) return status;
    struct timespec until = after(seconds);
    pthread_mutex_lock(&sweep->mutex);
    int waited = 0;
    while (waited != ETIMEDOUT && sweep->written == sweep->fresh_count && !sweep->error.status)
        waited = pthread_cond_timedwait(&sweep->changed, &sweep->mutex, &until);
    bool failed = sweep->error.status != KR_OK;
    pthread_mutex_unlock(&sweep->mutex);
    if (failed) stop_threads(sweep); /* what the others have finished is kept */
    status = write_fresh(sweep, error);
    if (status || !failed) return status;
    if (error) *error = sweep->error;
    return sweep->error.status;
}

kr_status kr_sweep_finish(kr_sweep *sweep, kr_error *error) {
    stop_threads(sweep);
    kr_status status = write_fresh(sweep, error);
    return status || !sweep->file ? status : kr_sweep_file_finish(sweep, error);
}

kr_sweep_progress kr_sweep_progress_now(kr_sweep *sweep) {
    pthread_mutex_lock(&sweep->mutex);
    kr_sweep_progress now = {.points = sweep->wanted,
                             .done = sweep->done,
                             .resumed = sweep->resumed,
                             .diverged = sweep->diverged,
                             .impossible = sweep->impossible,
                             .worst = sweep->worst};
    double done = (double)sweep->done;
    for (size_t i = 0; i < sweep->threads; i++) done += sweep->slot[i].fraction;
    pthread_mutex_unlock(&sweep->mutex);
    now.fraction = sweep->wanted ? done / (double)sweep->wanted : 1;
    return now;
}

/* Those of keys and seed are there once there are rows. */
static size_t override_texts(const kr_sweep *sweep) {
    return sweep->override_count + (sweep->row ? sweep->axis_count + 1 : 0);
}

void kr_sweep_destroy(kr_sweep *sweep) {
    if (!sweep) return;
    stop_threads(sweep);
    kr_sweep_file_close(sweep);
    for (size_t i = 0; sweep->override && i < override_texts(sweep); i++) free(sweep->override[i]);
    for (size_t i = 0; sweep->row && i < sweep->count; i++) free(sweep->row[i]);
    kr_sweep_columns_free(sweep->column, sweep->column_count);
    for (size_t a = 0; a < sweep->axis_count; a++) kr_sweep_axis_destroy(&sweep->axis[a]);
    free(sweep->override);
    free(sweep->row);
    free(sweep->fresh);
    free(sweep->cell);
    free(sweep->axis);
    free(sweep->slot);
    free(sweep->heads);
    free(sweep->asked);
    for (size_t i = 0; i < KR_SWEEP_MOST_KEYS; i++) free(sweep->owned_vary[i]);
    free(sweep->header);
    free(sweep->scene_text);
    kr_scene_source_destroy(&sweep->source);
    if (sweep->first.registry) kr_scene_destroy(&sweep->first);
    pthread_cond_destroy(&sweep->changed);
    pthread_mutex_destroy(&sweep->mutex);
    free(sweep);
}
