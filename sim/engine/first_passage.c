/* The test for first passages after every step, and what is done when there is one.
 *
 * The test is one pass over a coordinate of the block; what follows it is rare for one particle, but not for a block, so it looks
 * only at the granules in which something is new, and what a dynamics draws for particles that begin anew it draws for a granule.
 */
#include "first_passage.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* An absent side stands at the largest finite number, so that infinity is outside. */
static double lowest(const kr_target *target) {
    return fmax(target->below, -DBL_MAX);
}

static double highest(const kr_target *target) {
    return fmin(target->above, DBL_MAX);
}

void kr_watch(const kr_ensemble *e, kr_block *block) {
    block->low = -DBL_MAX;
    block->high = DBL_MAX;
    for (size_t t = 0; e->dim == 1 && t < e->setup.target_count; t++) {
        const kr_target *target = &e->setup.targets[t];
        if (target->radius > 0) continue;
        block->low = fmax(block->low, lowest(target));
        block->high = fmin(block->high, highest(target));
    }
}

/* How many of the block's positions are not strictly between its bounds: as the step has counted, or counted now. NaN counts in
 * this and in every test below, so each count is compared with the number of lanes that are known to be NaN. */
static size_t not_between(const kr_block *block) {
    if (block->outside != SIZE_MAX) return block->outside;
    return block->kernels->outside(block->dim * block->n, block->position, block->low, block->high);
}

/* Whether one of count particles from `start` on is at a side, of a coordinate of the block, that kr_watch does not know. */
static bool at_a_side(const kr_ensemble *e, const kr_block *block, size_t start, size_t count, size_t still) {
    for (size_t t = 0; e->dim > 1 && t < e->setup.target_count; t++) {
        const kr_target *target = &e->setup.targets[t];
        size_t i = target->coordinate - block->coordinate; /* a huge number when it is one of an earlier tile */
        if (target->radius > 0 || i >= block->dim) continue;
        if (block->kernels->outside(count, block->position + i * block->n + start, lowest(target), highest(target)) != still)
            return true;
    }
    return false;
}

static bool in_a_ball(const kr_ensemble *e, const kr_block *block, size_t start, size_t count, size_t still) {
    for (size_t t = 0; t < e->setup.target_count; t++) {
        const kr_target *target = &e->setup.targets[t];
        if (target->radius > 0 &&
            block->kernels->within(e->dim, count, block->n, block->position + start, target->center, target->radius) != still)
            return true;
    }
    return false;
}

static bool moves(const kr_ensemble *e, uint64_t particle) {
    return particle < e->setup.particles && e->stopped_at[particle] == 0;
}

void kr_count_still(const kr_ensemble *e, kr_worker *worker) {
    size_t first = (size_t)worker->block.first, left = (size_t)e->setup.particles - first;
    size_t padding = left < worker->block.n ? worker->block.n - left : 0;
    worker->still = padding + worker->stopped->diverged + worker->stopped->absorbed;
}

bool kr_anything_new(const kr_ensemble *e, const kr_block *block, size_t still) {
    return not_between(block) != block->dim * still || at_a_side(e, block, 0, block->n, still);
}

bool kr_in_a_ball(const kr_ensemble *e, const kr_block *block, size_t still) {
    return in_a_ball(e, block, 0, block->n, still);
}

static bool anything_new_in_granule(const kr_ensemble *e, const kr_block *block, size_t start, size_t still) {
    for (size_t i = 0; i < e->dim; i++)
        if (block->kernels->outside(KR_GRANULE, block->position + i * block->n + start, block->low, block->high) != still)
            return true;
    return at_a_side(e, block, start, KR_GRANULE, still) || in_a_ball(e, block, start, KR_GRANULE, still);
}

static void set_particle(const kr_ensemble *e, kr_block *block, size_t p, const double *position, double auxiliary) {
    for (size_t i = 0; i < e->dim; i++) {
        block->position[i * block->n + p] = !position ? NAN : kr_block_keeps(block, i, p) ? position[i] : 0.0;
        for (size_t a = 0; a < e->auxiliary_count; a++) block->auxiliary[a][i * block->n + p] = auxiliary;
    }
}

static void stop_particle(kr_ensemble *e, kr_worker *worker, size_t p, uint64_t done, double time, size_t *stopped) {
    kr_block *block = &worker->block;
    worker->still++;
    ++*stopped;
    e->stopped_at[block->first + p] = e->burning_in ? 1 : done;
    e->stopped_time[block->first + p] = e->burning_in ? 0.0 : time;
    set_particle(e, block, p, NULL, NAN);
}

/* One particle that moves: stopped when it is not finite, and when it has arrived recorded and put back at the start, or stopped
 * there. *returned: it has been put back. Returns false when memory is short. */
static bool inspect(kr_ensemble *e, kr_worker *worker, kr_event_list *events, size_t p, uint64_t done, double time,
                    bool *returned) {
    kr_block *block = &worker->block;
    uint64_t particle = block->first + p;
    bool finite = true;
    for (size_t i = 0; i < e->dim; i++) {
        worker->point[i] = block->position[i * block->n + p];
        finite = finite && isfinite(worker->point[i]);
    }
    if (!finite) {
        stop_particle(e, worker, p, done, time, &worker->stopped->diverged);
        return true;
    }
    for (size_t t = 0; t < e->setup.target_count; t++) {
        if (!kr_target_reached(&e->setup.targets[t], e->dim, worker->point)) continue;
        kr_event event = {.step = done, .particle = particle, .duration = done - e->departure[particle], .target = (uint32_t)t};
        if (!e->burning_in && !kr_event_list_add(events, &event, 1)) return false;
        if (e->setup.absorb && !e->burning_in) {
            stop_particle(e, worker, p, done, time, &worker->stopped->absorbed);
            e->departure[particle] = KR_ABSORBED;
        } else {
            e->departure[particle] = done;
            set_particle(e, block, p, kr_start_draw(&e->setup, particle, done, worker->point), 0.0);
            *returned = true;
        }
        return true;
    }
    return true;
}

/* First-step rule for particles of one granule, in a block of its own: random numbers come by the granule. */
static void depart(const kr_ensemble *e, kr_worker *worker, size_t start, const kr_controls *next, const uint32_t *which,
                   size_t count) {
    kr_block *block = &worker->block, *granule = &worker->granule;
    enum { BYTES = KR_GRANULE * sizeof(double) };
    granule->first = block->first + start;
    kr_block_prune(granule, e);
    for (size_t i = 0; i < e->dim; i++) {
        memcpy(granule->position + i * KR_GRANULE, block->position + i * block->n + start, BYTES);
        for (size_t a = 0; a < e->auxiliary_count; a++)
            memcpy(granule->auxiliary[a] + i * KR_GRANULE, block->auxiliary[a] + i * block->n + start, BYTES);
    }
    kr_block_enter(granule, next->moment);
    kr_block_start_noise(granule, next, which, count);
    if (e->setup.dynamics->type->start) e->setup.dynamics->type->start(kr_dynamics_at(e, next), next, granule, which, count);
    for (size_t i = 0; i < e->dim; i++)
        for (size_t a = 0; a < e->auxiliary_count; a++)
            memcpy(block->auxiliary[a] + i * block->n + start, granule->auxiliary[a] + i * KR_GRANULE, BYTES);
}

static bool inspect_granule(kr_ensemble *e, kr_worker *worker, kr_event_list *events, size_t start, uint64_t done, double time,
                            const kr_controls *next) {
    const uint64_t first = worker->block.first + start;
    uint32_t which[KR_GRANULE];
    size_t still = 0, count = 0;
    for (size_t p = 0; worker->still && p < KR_GRANULE; p++) still += !moves(e, first + p);
    if (!anything_new_in_granule(e, &worker->block, start, still)) return true;
    for (size_t p = 0; p < KR_GRANULE; p++) {
        bool returned = false;
        if (moves(e, first + p) && !inspect(e, worker, events, start + p, done, time, &returned)) return false;
        if (returned) which[count++] = (uint32_t)p;
    }
    if (count && (e->setup.dynamics->type->start || kr_noise_memories(e->setup.noise)))
        depart(e, worker, start, next, which, count);
    return true;
}

static bool inspect_all(kr_ensemble *e, kr_worker *worker, kr_event_list *events, uint64_t done, double time,
                        const kr_controls *next) {
    for (size_t start = 0; start < worker->block.n; start += KR_GRANULE)
        if (!inspect_granule(e, worker, events, start, done, time, next)) return false;
    return true;
}

/* With ledger entries for the energy that returns to the start add or remove. */
bool kr_first_passages(kr_ensemble *e, kr_worker *worker, kr_event_list *events, uint64_t done, double time,
                       const kr_controls *next) {
    kr_block *block = &worker->block;
    kr_ledger *ledger = block->ledger;
    const kr_dynamics *dynamics = kr_dynamics_at(e, next);
    if (!ledger) return inspect_all(e, worker, events, done, time, next);
    kr_ledger_settle(block);
    kr_ledger_energy(dynamics, block, next->learning_rate, ledger->potential, ledger->before);
    if (!inspect_all(e, worker, events, done, time, next)) return false;
    kr_ledger_begin(block);
    kr_ledger_energy(dynamics, block, next->learning_rate, ledger->potential, ledger->energy);
    for (size_t p = 0; p < block->n; p++) {
        uint64_t particle = block->first + p;
        if (particle >= e->setup.particles) continue;
        if (!e->stopped_at[particle])
            kr_ledger_post(ledger, KR_ENERGY_RETURN, p, ledger->energy[p] - ledger->before[p]);
        else if (e->stopped_at[particle] == done && e->departure[particle] == KR_ABSORBED)
            kr_ledger_post(ledger, KR_ENERGY_RETURN, p, -ledger->before[p]);
        else if (e->stopped_at[particle] == done)
            kr_ledger_close(ledger, p);
    }
    return true;
}

/* Brownian-bridge correction towards continuous time. Between two ends x and x' on the same side of the level b, a Brownian path
 * of variance s^2 has crossed with probability exp(-2 (b - x)(b - x') / s^2). Particles that have are put on the level, where the
 * test that follows finds them. For additive noise, where the step is Gaussian given its ends. */
void kr_bridge_keep(const kr_ensemble *e, kr_worker *worker) {
    for (size_t t = 0; t < e->setup.target_count; t++)
        memcpy(worker->before + t * e->block_size, worker->block.position + e->setup.targets[t].coordinate * worker->block.n,
               worker->block.n * sizeof(double));
}

void kr_bridge(const kr_ensemble *e, kr_worker *worker, const kr_controls *controls) {
    kr_block *block = &worker->block;
    const kr_dynamics *dynamics = kr_dynamics_at(e, controls);
    double rate = controls->learning_rate, thermal = dynamics->type->thermal_variance(dynamics, rate);
    kr_noise noise = *block->noise;
    noise.step = controls->step;
    for (size_t t = 0; t < e->setup.target_count; t++) {
        const kr_target *target = &e->setup.targets[t];
        noise.coordinate = target->coordinate;
        double variance = thermal + rate * rate * kr_noise_additive_variance(&noise);
        if (!(variance > 0)) continue;
        double *after = block->position + target->coordinate * block->n;
        for (int side = 0; side < 2; side++) {
            double level = side ? target->above : target->below;
            if (!isfinite(level)) continue;
            unsigned stream = (unsigned)KR_STREAM_BRIDGE + (unsigned)(2 * t) + (unsigned)side;
            block->kernels->bridge(e->setup.seed, block->first, controls->step, stream, block->n, side ? 1.0 : -1.0, level,
                                   -2.0 / variance, worker->before + t * e->block_size, after);
        }
    }
}
