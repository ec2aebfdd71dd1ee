/* The block engine: many steps of one block of particles before the next block, so that positions stay in the first-level cache.
 *
 * Reproducibility: random numbers depend on (seed, particle, step, stream, coordinate) only; events are ordered by step and
 * particle; time is one compensated sum over the steps in their order. So neither threads nor block size nor the pattern of calls
 * can be seen in a result. */
#include <kramers/ensemble.h>
#include <kramers/interrupt.h>

#include "ensemble_state.h"
#include "first_passage.h"
#include "tiles.h"
#include "undo.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Neumaier's compensated sum. */
static void add_time(kr_ensemble *e, double term) {
    double sum = e->time_sum + term;
    e->time_rest += fabs(e->time_sum) >= fabs(term) ? (e->time_sum - sum) + term : (term - sum) + e->time_sum;
    e->time_sum = sum;
}

static double time_now(const kr_ensemble *e) {
    return e->time_sum + e->time_rest;
}

/* controls[0..steps] (one more: a particle that returns to the start in the last step needs those of the next). times[k] is the
 * time after step k of the chunk. */
static kr_status prepare_chunk(kr_ensemble *e, size_t steps, kr_error *error) {
    for (size_t k = 0; k <= steps; k++) {
        uint64_t step = e->burning_in ? 0 : e->step + k;
        kr_controls *controls = &e->controls[k];
        double rate = kr_schedule_at(e->setup.schedule, step);
        *controls = (kr_controls){.step = e->step + k, .learning_rate = rate, .root_rate = sqrt(rate), .drawn = e->drawn};
        if (e->moments) {
            kr_status status = e->moments[k] ? KR_OK : kr_moment_create(&e->moments[k], e->setup.drive, error);
            if (status == KR_OK) status = kr_moment_set(e->moments[k], step, error);
            controls->moment = e->moments[k];
            if (status != KR_OK) return status;
        }
        if (k == steps) break;
        e->drawn += kr_noise_batch(kr_noise_at(e, controls));
        add_time(e, kr_dynamics_time_step(kr_dynamics_at(e, controls), rate));
        e->times[k] = time_now(e);
    }
    return KR_OK;
}

kr_status kr_ensemble_settle_now(kr_ensemble *e, kr_error *error) {
    return e->now ? kr_moment_set(e->now, e->burning_in ? 0 : e->step, error) : KR_OK;
}

static void load_block(const kr_ensemble *e, size_t number, kr_block *block) {
    size_t first = kr_block_begin(e, number), count = kr_block_begin(e, number + 1) - first;
    block->n = count;
    block->first = first;
    kr_block_prune(block, e);
    for (size_t i = 0; i < e->dim; i++) {
        memcpy(block->position + i * count, e->position + i * e->stride + first, count * sizeof(double));
        for (size_t a = 0; a < e->auxiliary_count; a++)
            memcpy(block->auxiliary[a] + i * count, e->auxiliary[a] + i * e->stride + first, count * sizeof(double));
    }
}

static void store_block(kr_ensemble *e, const kr_block *block) {
    size_t count = block->n, first = block->first;
    double *position = e->undo.on ? e->undo.array[0] : e->position;
    double *const *auxiliary = e->undo.on ? e->undo.array + 1 : e->auxiliary;
    for (size_t i = 0; i < e->dim; i++) {
        memcpy(position + i * e->stride + first, block->position + i * count, count * sizeof(double));
        for (size_t a = 0; a < e->auxiliary_count; a++)
            memcpy(auxiliary[a] + i * e->stride + first, block->auxiliary[a] + i * count, count * sizeof(double));
    }
}

/* ---- energy ledger ---- */

static void attach_ledger(kr_ensemble *e, kr_worker *worker) {
    kr_block *block = &worker->block;
    block->ledger = e->ledger && !e->burning_in ? &worker->ledger : NULL;
    if (!block->ledger) return;
    for (size_t a = 0; a < KR_ENERGY_ACCOUNTS; a++) worker->ledger.account[a] = e->ledger + a * e->stride + block->first;
    worker->ledger.gross = e->ledger + KR_LEDGER_GROSS * e->stride + block->first;
}

/* Threads that this much work keeps busy: waking one costs some ten microseconds, as much as twenty thousand coordinate-steps. */
static int useful_threads(const kr_ensemble *e, size_t steps) {
    double work = (double)steps * (double)e->stride * (double)e->dim / 20000.0;
    return work < 1.0 ? 1 : work < (double)e->threads ? (int)work : e->threads;
}

void kr_ensemble_energies(kr_ensemble *e, double *energy) {
    double rate = kr_schedule_at(e->setup.schedule, e->step);
#pragma omp parallel for schedule(dynamic, 1) num_threads(useful_threads(e, 1))
    for (size_t b = 0; b < e->block_count; b++) {
        kr_worker *worker = &e->workers[omp_get_thread_num()];
        kr_block *block = &worker->block;
        load_block(e, b, block);
        kr_block_enter(block, e->now);
        attach_ledger(e, worker);
        kr_ledger_begin(block);
        kr_ledger_energy(kr_dynamics_now(e), block, rate, worker->ledger.potential, energy + block->first);
    }
}

/* ---- observers ---- */

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY,
                   "not enough memory for the first passages of one cadence; use a shorter one or fewer particles");
}

/* next: of the step that comes next. */
static kr_observer_part part_of(const kr_ensemble *e, kr_worker *worker, uint64_t step, double time, const kr_controls *next) {
    const kr_block *block = &worker->block;
    size_t first = (size_t)block->first, left = (size_t)e->setup.particles - first;
    kr_observer_part part = {.first = first, .thread = (int)(worker - e->workers), .work = worker->observer_work};
    part.view = (kr_view){.step = step,
                          .time = time,
                          .learning_rate = next->learning_rate,
                          .seed = e->setup.seed,
                          .particles = left < block->n ? left : block->n,
                          .stride = block->n,
                          .dim = e->dim,
                          .auxiliary_count = e->auxiliary_count,
                          .position = block->position,
                          .departure = e->departure + first,
                          .kept = block->kept,
                          .kept_stride = block->kept_stride,
                          .stopped_at = e->stopped_at + first,
                          .landscape = block->landscape,
                          .dynamics = kr_dynamics_at(e, next),
                          .noise = block->noise};
    for (size_t a = 0; a < e->auxiliary_count; a++) part.view.auxiliary[a] = block->auxiliary[a];
    if (!block->ledger) return part;
    for (size_t a = 0; a < KR_ENERGY_ACCOUNTS; a++) part.view.ledger[a] = worker->ledger.account[a];
    part.view.ledger_gross = worker->ledger.gross;
    part.view.ledger_start = e->ledger + KR_LEDGER_START * e->stride + first;
    return part;
}

static kr_status look(const kr_ensemble *e, kr_worker *worker, uint64_t step, double time, const kr_controls *next) {
    if (worker->block.ledger) kr_ledger_settle(&worker->block);
    kr_observer_part part = part_of(e, worker, step, time, next);
    return kr_observed_look(&e->observed, e->step, &part, &worker->error);
}

/* steps steps of the block of this number. Why it failed is in worker->error. */
static kr_status advance_block(kr_ensemble *e, kr_worker *worker, size_t number, size_t steps) {
    kr_block *block = &worker->block;
    kr_event_list *events = &e->block_events[number];
    uint64_t next_look = kr_observed_next(&e->observed, e->step);
    load_block(e, number, block);
    kr_block_enter(block, e->controls[0].moment);
    attach_ledger(e, worker);
    if (block->ledger) kr_ledger_begin(block);
    worker->stopped = &e->stopped[number];
    kr_count_still(e, worker);
    worker->ledger.whole = worker->still == 0;
    for (size_t k = 0; k < steps; k++) {
        uint64_t done = e->step + k + 1;
        if (e->undo.on && kr_interrupt_wanted()) return KR_OK; /* all of the chunk is given up */
        if (kr_step(e, worker, &e->controls[k])) {
            if (!kr_first_passages(e, worker, events, done, e->times[k], &e->controls[k + 1])) return no_memory(&worker->error);
            worker->ledger.whole = worker->still == 0;
        }
        if (done == next_look) {
            kr_status status = look(e, worker, done, e->times[k], &e->controls[k + 1]);
            if (status != KR_OK) return status;
            next_look = kr_observed_next(&e->observed, done);
        }
    }
    if (block->ledger) kr_ledger_settle(block);
    store_block(e, block);
    return KR_OK;
}

/* Moves the blocks' events of a chunk behind those of earlier chunks of this advance, by step and then by particle: each block has
 * its own in that order, and blocks are in the order of their particles, so that counting those of each step is enough. */
static bool collect_events(kr_ensemble *e) {
    size_t before = e->recent.count, place[KR_CHUNK_STEPS + 1] = {0}; /* of the events of each step */
    for (size_t b = 0; b < e->block_count; b++) {
        const kr_event_list *events = &e->block_events[b];
        if (!kr_event_list_add(&e->recent, events->event, events->count)) return false;
        for (size_t i = 0; i < events->count; i++) place[events->event[i].step - e->step - 1]++;
    }
    for (size_t k = 0, next = before; k <= KR_CHUNK_STEPS; k++) {
        size_t count = place[k];
        place[k] = next;
        next += count;
    }
    for (size_t b = 0; b < e->block_count; b++) {
        kr_event_list *events = &e->block_events[b];
        for (size_t i = 0; i < events->count; i++) e->recent.event[place[events->event[i].step - e->step - 1]++] = events->event[i];
        events->count = 0;
    }
    e->events += e->recent.count - before;
    return true;
}

void kr_ensemble_sum_stopped(kr_ensemble *e) {
    e->diverged = e->absorbed = 0;
    for (size_t b = 0; b < e->block_count; b++) {
        e->diverged += e->stopped[b].diverged;
        e->absorbed += e->stopped[b].absorbed;
    }
}

void kr_ensemble_count_stopped(kr_ensemble *e) {
    for (size_t b = 0; b < e->block_count; b++) {
        kr_stopped stopped = {0};
        for (size_t p = kr_block_begin(e, b); p < kr_block_begin(e, b + 1) && p < e->setup.particles; p++) {
            stopped.absorbed += e->departure[p] == KR_ABSORBED;
            stopped.diverged += e->stopped_at[p] != 0 && e->departure[p] != KR_ABSORBED;
        }
        e->stopped[b] = stopped;
    }
    kr_ensemble_sum_stopped(e);
}

static kr_status advance_blocks(kr_ensemble *e, size_t steps, kr_error *error) {
    int worst = KR_OK;
    for (int t = 0; t < e->threads; t++) e->workers[t].error.status = KR_OK;
#pragma omp parallel for schedule(dynamic, 1) num_threads(useful_threads(e, steps)) reduction(max : worst)
    for (size_t b = 0; b < e->block_count; b++) {
        kr_worker *worker = &e->workers[omp_get_thread_num()];
        if (worker->error.status != KR_OK) continue;
        int status = (int)advance_block(e, worker, b, steps);
        worst = status > worst ? status : worst;
    }
    for (int t = 0; worst != KR_OK && t < e->threads; t++) {
        if ((int)e->workers[t].error.status != worst) continue;
        if (error) *error = e->workers[t].error;
        break;
    }
    return (kr_status)worst;
}

/* Samples of the chunk's steps, in their order. */
static kr_status join_samples(kr_ensemble *e, size_t steps, kr_error *error) {
    kr_status status = KR_OK;
    if (!e->observed.count) return status;
    for (uint64_t step = kr_observed_next(&e->observed, e->step); status == KR_OK && step <= e->step + steps;
         step = kr_observed_next(&e->observed, step)) {
        size_t k = (size_t)(step - e->step);
        const kr_view view = {.step = step,
                              .time = e->times[k - 1],
                              .learning_rate = e->controls[k].learning_rate,
                              .seed = e->setup.seed,
                              .particles = e->setup.particles,
                              .stride = e->stride,
                              .dim = e->dim,
                              .auxiliary_count = e->auxiliary_count,
                              .landscape = e->moments ? e->moments[k]->landscape : e->setup.landscape,
                              .dynamics = kr_dynamics_at(e, &e->controls[k]),
                              .noise = kr_noise_at(e, &e->controls[k])};
        status = kr_observed_join(&e->observed, e->step, &view, error);
    }
    return status;
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Chunks that take about this long can be interrupted between them, and waking threads does not count. */
static const double chunk_seconds = 0.05;

static void pace(kr_ensemble *e, size_t steps, double seconds) {
    double fitting = (double)steps * chunk_seconds / seconds;
    e->step_seconds = seconds / (double)steps;
    e->pace = !(fitting < KR_CHUNK_STEPS) ? KR_CHUNK_STEPS : fitting > 1 ? (size_t)fitting : 1;
}

static void say_burn_in(const kr_ensemble *e) {
    uint64_t steps = e->setup.burn_in, left = 0 - e->step;
    if (e->burning_in) kr_interrupt_progress("burn-in", 1 - (double)left / (double)steps);
}

/* What was given up in the middle of a step takes the whole chunk with it. */
static kr_status undo(kr_ensemble *e, kr_error *error) {
    kr_undo_chunk(e);
    kr_ensemble_count_stopped(e);
    kr_status status = kr_ensemble_settle_now(e, error);
    return status == KR_OK ? kr_fail(error, KR_INTERRUPTED, "interrupted") : status;
}

/* Between chunks all particles are at the same step: whoever interrupts can go on from there. */
static kr_status advance(kr_ensemble *e, uint64_t steps, kr_error *error) {
    e->recent.count = 0;
    kr_status status = KR_OK;
    while (steps > 0 && (status = kr_interrupt_check(error)) == KR_OK) {
        double began = seconds_now();
        say_burn_in(e);
        size_t chunk = kr_observed_reach(&e->observed, e->step, steps < e->pace ? (size_t)steps : e->pace);
        if (!kr_undo_begin(e)) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a copy of the particles");
        unsigned long heeded = kr_interrupt_heeded();
        status = prepare_chunk(e, chunk, error);
        if (status == KR_OK) status = advance_blocks(e, chunk, error);
        if (e->undo.on && kr_interrupt_heeded() != heeded) {
            status = undo(e, error);
            break;
        }
        kr_undo_commit(e);
        if (status == KR_OK) status = join_samples(e, chunk, error);
        if (status == KR_OK && !collect_events(e)) status = no_memory(error);
        if (status != KR_OK) return status;
        e->step += chunk;
        steps -= chunk;
        pace(e, chunk, seconds_now() - began);
    }
    kr_ensemble_sum_stopped(e);
    kr_status settled = kr_ensemble_settle_now(e, status == KR_OK ? error : NULL);
    return status == KR_OK ? settled : status;
}

kr_status kr_ensemble_advance(kr_ensemble *e, uint64_t steps, kr_error *error) {
    return advance(e, steps, error);
}

static bool make_observer_work(kr_ensemble *e) {
    bool enough = true;
    for (int t = 0; enough && t < e->threads; t++) {
        double **work = &e->workers[t].observer_work;
        if (!*work) *work = kr_aligned_zeros((3 * e->dim + 4) * e->block_size, sizeof **work);
        enough = *work != NULL;
    }
    return enough;
}

kr_status kr_ensemble_advance_observed(kr_ensemble *e, uint64_t steps, kr_observer *const *observer, size_t count,
                                       kr_error *error) {
    if (count && !make_observer_work(e)) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the work of observers");
    kr_status status = kr_observed_create(&e->observed, observer, count, e->setup.particles, steps, error);
    if (status == KR_OK) status = advance(e, steps, error);
    kr_observed_destroy(&e->observed);
    return status;
}

/* Particles that stand still are NaN in every array. */
static void begin_auxiliaries(const kr_ensemble *e, kr_worker *worker, size_t keep) {
    kr_block *block = &worker->block;
    size_t count = 0;
    for (size_t p = 0; p < block->n; p++) {
        bool moves = block->first + p < e->setup.particles && e->stopped_at[block->first + p] == 0;
        if (moves) worker->which[count++] = (uint32_t)p;
        for (size_t a = keep; a < e->auxiliary_count; a++)
            for (size_t i = 0; i < e->dim; i++) block->auxiliary[a][i * block->n + p] = moves ? 0.0 : NAN;
    }
    kr_block_enter(block, e->now);
    kr_block_start_noise(block, &e->controls[0], worker->which, count);
    if (e->setup.dynamics->type->start)
        e->setup.dynamics->type->start(kr_dynamics_now(e), &e->controls[0], block, worker->which, count);
}

void kr_ensemble_depart(kr_ensemble *e, size_t keep) {
    if (keep == e->auxiliary_count) return;
    double rate = kr_schedule_at(e->setup.schedule, e->burning_in ? 0 : e->step);
    e->controls[0] =
        (kr_controls){.step = e->step, .learning_rate = rate, .root_rate = sqrt(rate), .drawn = e->drawn, .moment = e->now};
#pragma omp parallel for schedule(dynamic, 1) num_threads(e->threads)
    for (size_t b = 0; b < e->block_count; b++) {
        kr_worker *worker = &e->workers[omp_get_thread_num()];
        kr_block *block = &worker->block;
        load_block(e, b, block);
        begin_auxiliaries(e, worker, keep);
        for (size_t a = keep; a < e->auxiliary_count; a++)
            for (size_t i = 0; i < e->dim; i++)
                memcpy(e->auxiliary[a] + i * e->stride + block->first, block->auxiliary[a] + i * block->n,
                       block->n * sizeof(double));
    }
}

/* Steps before step 0, at the rate of step 0, with random numbers of steps that no run reaches (counted down from 2^64). Particles
 * that arrive meanwhile start again and are not counted. */
kr_status kr_ensemble_burn_in(kr_ensemble *e, kr_error *error) {
    uint64_t steps = e->setup.burn_in;
    if (!steps) return KR_OK;
    kr_status status = kr_ensemble_advance(e, steps, error);
    e->burning_in = false;
    e->step = e->drawn = 0;
    e->time_sum = e->time_rest = 0.0;
    memset(e->departure, 0, e->stride * sizeof *e->departure);
    return status == KR_OK ? kr_ensemble_settle_now(e, error) : status;
}

kr_view kr_ensemble_view(const kr_ensemble *e) {
    kr_view view = {.step = e->step,
                    .time = time_now(e),
                    .learning_rate = kr_schedule_at(e->setup.schedule, e->step),
                    .seed = e->setup.seed,
                    .particles = e->setup.particles,
                    .stride = e->stride,
                    .dim = e->dim,
                    .auxiliary_count = e->auxiliary_count,
                    .position = e->position,
                    .departure = e->departure,
                    .kept = e->kept,
                    .kept_stride = e->stride / KR_GRANULE,
                    .stopped_at = e->stopped_at,
                    .diverged = e->diverged,
                    .absorbed = e->absorbed,
                    .events = e->events,
                    .recent = e->recent.event,
                    .recent_count = e->recent.count,
                    .landscape = kr_landscape_now(e),
                    .dynamics = kr_dynamics_now(e),
                    .noise = e->now ? e->now->noise : e->setup.noise};
    for (size_t a = 0; a < e->auxiliary_count; a++) view.auxiliary[a] = e->auxiliary[a];
    for (size_t a = 0; e->ledger && a < KR_ENERGY_ACCOUNTS; a++) view.ledger[a] = e->ledger + a * e->stride;
    if (e->ledger) {
        view.ledger_gross = e->ledger + KR_LEDGER_GROSS * e->stride;
        view.ledger_start = e->ledger + KR_LEDGER_START * e->stride;
    }
    uint64_t stopped = e->diverged + e->absorbed;
    view.exposure_steps = (e->setup.particles - stopped) * e->step;
    view.exposure_time = (double)(e->setup.particles - stopped) * view.time;
    for (uint64_t p = 0; stopped && p < e->setup.particles; p++)
        if (e->stopped_at[p]) {
            view.exposure_steps += e->stopped_at[p];
            view.exposure_time += e->stopped_time[p];
        }
    return view;
}

bool kr_ensemble_velocity(const kr_view *view, double *velocity) {
    if (!view->dynamics->type->velocity) return false;
    view->dynamics->type->velocity(view->dynamics, view->learning_rate, view->dim * view->stride, view->auxiliary, velocity);
    return true;
}

bool kr_ensemble_velocity_of(const kr_view *view, size_t first, size_t count, double *velocity) {
    if (!view->dynamics->type->velocity) return false;
    for (size_t i = 0; i < view->dim; i++) {
        const double *auxiliary[KR_MAX_AUXILIARIES] = {NULL};
        for (size_t a = 0; a < view->auxiliary_count; a++) auxiliary[a] = view->auxiliary[a] + i * view->stride + first;
        view->dynamics->type->velocity(view->dynamics, view->learning_rate, count, auxiliary, velocity + i * count);
    }
    return true;
}
