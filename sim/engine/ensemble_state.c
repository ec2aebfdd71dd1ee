#include "ensemble_state.h"

#include "first_passage.h"
#include "tiles.h"
#include "undo.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Few blocks are as many for each thread: the largest share is what all wait for. */
static void divide_into_blocks(kr_ensemble *e) {
    enum { FEW = 8 };
    size_t threads = (size_t)e->threads, share = (e->stride + threads - 1) / threads, granules = e->stride / KR_GRANULE;
    size_t size = e->setup.block_size ? kr_block_round(e->setup.block_size) : kr_block_size(&e->setup, share);
    size_t count = (e->stride + size - 1) / size;
    if (count < FEW * threads) count = (count + threads - 1) / threads * threads;
    e->block_count = count < granules ? count : granules;
    e->block_size = (granules + e->block_count - 1) / e->block_count * KR_GRANULE;
    if (threads > e->block_count) e->threads = (int)e->block_count;
}

static bool make_worker(const kr_ensemble *e, kr_worker *worker) {
    worker->storage = kr_block_make(&worker->block, &e->setup, e->block_size);
    worker->granule_storage = kr_block_make(&worker->granule, &e->setup, KR_GRANULE);
    worker->point = kr_aligned_zeros(e->dim, sizeof(double));
    worker->which = kr_aligned_zeros(e->block_size, sizeof(uint32_t));
    worker->before = e->setup.bridge ? kr_aligned_zeros(e->setup.target_count * e->block_size, sizeof(double)) : NULL;
    if (!worker->storage || !worker->granule_storage || !worker->point || !worker->which || (e->setup.bridge && !worker->before))
        return false;
    worker->granule.n = KR_GRANULE;
    kr_watch(e, &worker->block);
    worker->tile = kr_tile_width(&e->setup, e->block_size);
    if (!e->setup.ledger) return true;
    double *room = worker->ledger_storage = kr_aligned_zeros((4 + e->dim) * e->block_size, sizeof(double));
    if (!room) return false;
    worker->ledger.potential = room;
    worker->ledger.earlier = room + e->block_size;
    worker->ledger.energy = room + 2 * e->block_size;
    worker->ledger.before = room + 3 * e->block_size;
    worker->ledger.clean = room + 4 * e->block_size;
    return true;
}

static bool allocate_work(kr_ensemble *e) {
    e->start = kr_aligned_zeros(e->dim, sizeof(double));
    e->controls = kr_aligned_zeros(KR_CHUNK_STEPS + 1, sizeof(kr_controls));
    e->times = kr_aligned_zeros(KR_CHUNK_STEPS + 1, sizeof(double));
    e->workers = kr_aligned_zeros((size_t)e->threads, sizeof *e->workers);
    e->block_events = calloc(e->block_count, sizeof *e->block_events);
    e->stopped = calloc(e->block_count, sizeof *e->stopped);
    bool enough = e->start && e->controls && e->times && e->workers && e->block_events && e->stopped;
    if (!enough) return false;
#pragma omp parallel for schedule(static, 1) num_threads(e->threads) reduction(&& : enough)
    for (int t = 0; t < e->threads; t++) enough = make_worker(e, &e->workers[t]) && enough;
    return enough;
}

static kr_status make_moments(kr_ensemble *e, kr_error *error) {
    const kr_drive *drive = e->setup.drive;
    if (!drive) return KR_OK;
    e->moments = calloc(KR_CHUNK_STEPS + 1, sizeof *e->moments);
    if (!e->moments) return kr_fail(error, KR_NO_MEMORY, "not enough memory for numbers that change with the step");
    return kr_moment_create(&e->now, drive, error);
}

static bool allocate_particles(kr_ensemble *e) {
    size_t count = e->dim * e->stride;
    e->position = kr_aligned_zeros(count, sizeof(double));
    e->departure = kr_aligned_zeros(e->stride, sizeof(uint64_t));
    e->stopped_at = kr_aligned_zeros(e->stride, sizeof(uint64_t));
    e->stopped_time = kr_aligned_zeros(e->stride, sizeof(double));
    bool enough = e->position && e->departure && e->stopped_at && e->stopped_time;
    if (e->setup.ledger) {
        e->ledger = kr_aligned_zeros(KR_LEDGER_ROWS * e->stride, sizeof(double));
        enough = enough && e->ledger;
    }
    for (size_t a = 0; enough && a < e->auxiliary_count; a++) enough = (e->auxiliary[a] = kr_aligned_zeros(count, sizeof(double)));
    return enough;
}

static void place_at_start(kr_ensemble *e) {
    double *point = e->workers[0].point;
    for (size_t p = 0; p < e->stride; p++) {
        const double *start = p < e->setup.particles ? kr_start_draw(&e->setup, p, e->step, point) : NULL;
        for (size_t i = 0; i < e->dim; i++) e->position[i * e->stride + p] = start ? start[i] : NAN;
    }
}

static kr_status check_noise(const kr_ensemble_setup *setup, kr_error *error) {
    char why[160];
    bool separable = setup->landscape->type->separable;
    for (size_t i = 0; i < kr_noise_part_count(setup->noise); i++) {
        kr_noise part = kr_noise_part_of(setup->noise, i);
        if (part.type->is_zero || part.type->add || part.type->sampler ||
            kr_noise_adds_variance(&part, kr_noise_needs(&part, separable)))
            continue;
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "the noise '%s' asks for the energy or the Hessian of this landscape, but has no add",
                       part.type->about.name);
    }
    if (kr_setup_auxiliaries(setup) > KR_MAX_AUXILIARIES)
        return kr_fail(
            error, KR_BAD_ARGUMENT, "the dynamics '%s' and the noise '%s' need %zu auxiliary arrays together; there are %d",
            setup->dynamics->type->about.name, setup->noise->type->about.name, kr_setup_auxiliaries(setup), KR_MAX_AUXILIARIES);
    const unsigned no_bridge = KR_NOISE_NO_VARIANCE | KR_NOISE_NOT_GAUSSIAN | KR_NOISE_REMEMBERS | KR_NOISE_LOCAL;
    if (setup->bridge && (!setup->dynamics->type->thermal_variance || setup->dynamics->type->correlated ||
                          kr_noise_objects(setup->noise, separable, no_bridge, why, sizeof why)))
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "the Brownian bridge is for sgd and sgld with Gaussian noise that forgets at once and is the same everywhere; "
            "turn escape.bridge off");
    return KR_OK;
}

kr_status kr_ensemble_check(const kr_ensemble_setup *setup, kr_error *error) {
    if (setup->particles == 0) return kr_fail(error, KR_BAD_ARGUMENT, "an ensemble needs at least one particle");
    if (setup->particles > UINT64_C(1) << 33)
        return kr_fail(error, KR_BAD_ARGUMENT, "%llu particles: at most 2^33 can be numbered by the random number generator",
                       (unsigned long long)setup->particles);
    size_t dim = setup->landscape->dim;
    if (dim == 0 || dim >= 1u << 24) return kr_fail(error, KR_BAD_ARGUMENT, "%zu dimensions: 1 to 2^24 - 1 can be simulated", dim);
    kr_status status = check_noise(setup, error);
    if (status == KR_OK) status = kr_noise_fits(setup->noise, setup->landscape, error);
    if (status == KR_OK) status = kr_dynamics_fits(setup->dynamics, setup->landscape, setup->noise, error);
    if (status != KR_OK) return status;
    if (setup->threads < 0) return kr_fail(error, KR_BAD_ARGUMENT, "%d threads: must be positive, or 0 for all", setup->threads);
    if (setup->ledger && !setup->dynamics->type->velocity)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "the dynamics '%s' has no velocity, so there is no kinetic energy to account for; turn energy.every off",
                       setup->dynamics->type->about.name);
    for (size_t t = 0; t < setup->target_count; t++) {
        const kr_target *target = &setup->targets[t];
        if (!(target->radius > 0) && target->coordinate >= dim)
            return kr_fail(error, KR_BAD_ARGUMENT, "target coordinate %zu: the landscape has coordinates 0 to %zu",
                           target->coordinate, dim - 1);
        if (setup->bridge && target->radius > 0)
            return kr_fail(error, KR_BAD_ARGUMENT, "the Brownian bridge needs targets by coordinate; target %zu is a ball", t);
        if (kr_start_is_one(setup) && kr_target_reached(target, dim, setup->start))
            return kr_fail(error, KR_BAD_ARGUMENT, "the start is already in target %zu: move the start or the target", t);
    }
    return KR_OK;
}

static kr_status no_memory(const kr_ensemble_setup *setup, kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for %llu particles in %zu dimensions",
                   (unsigned long long)setup->particles, setup->landscape->dim);
}

static bool copy_start(kr_ensemble *e) {
    memcpy(e->start, e->setup.start, e->dim * sizeof *e->start);
    e->setup.start = e->start;
    if (!e->setup.spread) return true;
    if (!(e->spread = kr_aligned_zeros(e->dim, sizeof *e->spread))) return false;
    e->setup.spread = memcpy(e->spread, e->setup.spread, e->dim * sizeof *e->spread);
    return true;
}

static bool copy_pool(kr_ensemble *e, const kr_ensemble *pooled) {
    size_t count = e->setup.pool_count * e->dim;
    e->pool_source = e->setup.pool;
    e->setup.pool = NULL;
    if (!count || (pooled && pooled->pool_source == e->pool_source && pooled->setup.pool_count == e->setup.pool_count)) return true;
    if (!(e->pool = kr_aligned_zeros(count, sizeof(double)))) return false;
    e->setup.pool = memcpy(e->pool, e->pool_source, count * sizeof *e->pool);
    return true;
}

kr_status kr_ensemble_shell(kr_ensemble **result, const kr_ensemble_setup *setup, const kr_ensemble *pooled, kr_error *error) {
    *result = NULL;
    kr_status status = kr_ensemble_check(setup, error);
    if (status != KR_OK) return status;
    kr_ensemble *e = calloc(1, sizeof *e);
    if (!e) return no_memory(setup, error);
    e->setup = *setup;
    e->dim = setup->landscape->dim;
    e->auxiliary_count = kr_setup_auxiliaries(setup);
    e->stride = kr_padded((size_t)setup->particles);
    e->threads = setup->threads ? setup->threads : omp_get_max_threads();
    divide_into_blocks(e);
    if (!allocate_work(e) || !copy_start(e) || !copy_pool(e, pooled)) {
        kr_ensemble_destroy(e);
        return no_memory(setup, error);
    }
    if ((status = make_moments(e, error)) != KR_OK) {
        kr_ensemble_destroy(e);
        return status;
    }
    *result = e;
    return KR_OK;
}

kr_status kr_ensemble_begin(kr_ensemble *e, kr_error *error) {
    e->pace = 1; /* nobody knows yet how long it takes */
    e->step_seconds = 0.0;
    e->burning_in = e->setup.burn_in > 0;
    e->step = 0 - e->setup.burn_in;
    e->time_sum = e->time_rest = 0.0;
    e->events = e->diverged = e->absorbed = e->drawn = 0;
    e->recent.count = 0;
    memset(e->departure, 0, e->stride * sizeof *e->departure);
    memset(e->stopped_at, 0, e->stride * sizeof *e->stopped_at);
    memset(e->stopped_time, 0, e->stride * sizeof *e->stopped_time);
    memset(e->stopped, 0, e->block_count * sizeof *e->stopped);
    free(e->kept);
    e->kept = NULL;
    place_at_start(e);
    kr_status status = kr_ensemble_settle_now(e, error);
    if (status != KR_OK) return status;
    kr_ensemble_depart(e, 0);
    status = kr_ensemble_burn_in(e, error);
    if (status != KR_OK || !e->ledger) return status;
    memset(e->ledger, 0, KR_LEDGER_ROWS * e->stride * sizeof *e->ledger);
    kr_ensemble_energies(e, e->ledger + KR_LEDGER_START * e->stride);
    return status;
}

kr_status kr_ensemble_create(kr_ensemble **result, const kr_ensemble_setup *setup, kr_error *error) {
    kr_status status = kr_ensemble_shell(result, setup, NULL, error);
    kr_ensemble *e = *result;
    if (status != KR_OK) return status;
    status = allocate_particles(e) ? kr_ensemble_begin(e, error) : no_memory(setup, error);
    if (status != KR_OK) {
        kr_ensemble_destroy(e);
        *result = NULL;
    }
    return status;
}

void kr_ensemble_destroy(kr_ensemble *e) {
    if (!e) return;
    for (int t = 0; e->workers && t < e->threads; t++) {
        free(e->workers[t].storage);
        free(e->workers[t].point);
        free(e->workers[t].granule_storage);
        free(e->workers[t].which);
        free(e->workers[t].before);
        free(e->workers[t].ledger_storage);
        free(e->workers[t].observer_work);
    }
    for (size_t b = 0; e->block_events && b < e->block_count; b++) kr_event_list_destroy(&e->block_events[b]);
    for (size_t a = 0; a < e->auxiliary_count; a++) free(e->auxiliary[a]);
    kr_event_list_destroy(&e->recent);
    for (size_t k = 0; e->moments && k <= KR_CHUNK_STEPS; k++) kr_moment_destroy(e->moments[k]);
    kr_moment_destroy(e->now);
    kr_undo_release(e);
    free(e->moments);
    free(e->block_events);
    free(e->stopped);
    free(e->workers);
    free(e->times);
    free(e->controls);
    free(e->stopped_time);
    free(e->stopped_at);
    free(e->departure);
    free(e->position);
    free(e->kept);
    free(e->start);
    free(e->spread);
    free(e->pool);
    free(e->ledger);
    free(e);
}

/* Saved words: a header (step, time twice, events), then departure, stopped_at, stopped_time, positions and auxiliaries of the
 * particles without padding, the rows of the energy ledger where one is kept, and the number of data drawn where noise samples. */
enum { HEADER_WORDS = 4 };

static bool samples(const kr_ensemble *e) {
    return kr_noise_batch(e->setup.noise) > 0;
}

double kr_setup_work_bytes(const kr_ensemble_setup *setup) {
    kr_ensemble e = {.setup = *setup,
                     .stride = kr_padded((size_t)setup->particles),
                     .threads = setup->threads ? setup->threads : omp_get_max_threads()};
    divide_into_blocks(&e);
    return sizeof(double) * (double)kr_block_doubles(setup) * (double)(e.block_size + KR_GRANULE) * (double)e.threads;
}

size_t kr_setup_words(const kr_ensemble_setup *setup) {
    size_t arrays = 1 + kr_setup_auxiliaries(setup);
    return HEADER_WORDS + (size_t)setup->particles * (3 + setup->landscape->dim * arrays + (setup->ledger ? KR_LEDGER_ROWS : 0)) +
           (kr_noise_batch(setup->noise) > 0);
}

size_t kr_ensemble_state_words(const kr_ensemble *e) {
    return kr_setup_words(&e->setup);
}

void kr_ensemble_save(const kr_ensemble *e, uint64_t *words) {
    size_t n = (size_t)e->setup.particles, bytes = n * sizeof(uint64_t);
    words[0] = e->step;
    memcpy(words + 1, &e->time_sum, sizeof(double));
    memcpy(words + 2, &e->time_rest, sizeof(double));
    words[3] = e->events;
    words += HEADER_WORDS;
    memcpy(words, e->departure, bytes), words += n;
    memcpy(words, e->stopped_at, bytes), words += n;
    memcpy(words, e->stopped_time, bytes), words += n;
    for (size_t i = 0; i < e->dim; i++, words += n) memcpy(words, e->position + i * e->stride, bytes);
    for (size_t a = 0; a < e->auxiliary_count; a++)
        for (size_t i = 0; i < e->dim; i++, words += n) memcpy(words, e->auxiliary[a] + i * e->stride, bytes);
    for (size_t r = 0; e->ledger && r < KR_LEDGER_ROWS; r++, words += n) memcpy(words, e->ledger + r * e->stride, bytes);
    if (samples(e)) *words = e->drawn;
}

kr_status kr_ensemble_restore(kr_ensemble *e, const uint64_t *words, kr_error *error) {
    size_t n = (size_t)e->setup.particles, bytes = n * sizeof(uint64_t);
    for (size_t p = 0; p < n; p++)
        if ((words[HEADER_WORDS + p] > words[0] && words[HEADER_WORDS + p] != KR_ABSORBED) ||
            words[HEADER_WORDS + n + p] > words[0])
            return kr_fail(error, KR_IO, "the checkpoint is damaged: particle %zu has a clock ahead of step %llu", p,
                           (unsigned long long)words[0]);
    e->step = words[0];
    memcpy(&e->time_sum, words + 1, sizeof(double));
    memcpy(&e->time_rest, words + 2, sizeof(double));
    e->events = words[3];
    e->recent.count = 0;
    words += HEADER_WORDS;
    memcpy(e->departure, words, bytes), words += n;
    memcpy(e->stopped_at, words, bytes), words += n;
    memcpy(e->stopped_time, words, bytes), words += n;
    for (size_t i = 0; i < e->dim; i++, words += n) memcpy(e->position + i * e->stride, words, bytes);
    for (size_t a = 0; a < e->auxiliary_count; a++)
        for (size_t i = 0; i < e->dim; i++, words += n) memcpy(e->auxiliary[a] + i * e->stride, words, bytes);
    for (size_t r = 0; e->ledger && r < KR_LEDGER_ROWS; r++, words += n) memcpy(e->ledger + r * e->stride, words, bytes);
    e->drawn = samples(e) ? *words : 0;
    kr_ensemble_count_stopped(e);
    return kr_ensemble_settle_now(e, error);
}
