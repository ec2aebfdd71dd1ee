#include "engine/kernels.h"
#include "splitting_state.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool kr_walkers_make(kr_walkers *w, const kr_splitting_plan *plan, uint64_t first, size_t capacity) {
    *w = (kr_walkers){.plan = plan, .capacity = kr_block_round(capacity), .step = KR_SPLITTING_FIRST_STEP};
    w->storage = kr_block_make(&w->block, &plan->setup, w->capacity);
    w->value = kr_aligned_zeros(w->capacity, sizeof(double));
    if (plan->inertial) w->energy = kr_aligned_zeros(2 * w->capacity, sizeof(double));
    w->inner = plan->inertial ? w->energy + w->capacity : w->value;
    w->point = kr_aligned_zeros(plan->setup.landscape->dim, sizeof(double));
    if (!w->storage || !w->value || !w->point || (plan->inertial && !w->energy)) return false;
    w->block.first = first;
    w->block.n = KR_GRANULE;
    for (size_t i = 0; i < w->block.dim * w->block.n; i++) w->block.position[i] = NAN;
    return true;
}

void kr_walkers_free(kr_walkers *w) {
    free(w->storage);
    free(w->value);
    free(w->energy);
    free(w->point);
}

/* array[dim][n] from one stride to another; new places are NaN. */
static void change_stride(double *array, size_t dim, size_t from, size_t to) {
    size_t kept = from < to ? from : to;
    if (to < from)
        for (size_t i = 1; i < dim; i++) memmove(array + i * to, array + i * from, kept * sizeof *array);
    else
        for (size_t i = dim; i-- > 0;) {
            memmove(array + i * to, array + i * from, kept * sizeof *array);
            for (size_t p = kept; p < to; p++) array[i * to + p] = NAN;
        }
}

void kr_walkers_resize(kr_walkers *w, size_t active) {
    kr_block *block = &w->block;
    size_t n = kr_block_round(active);
    if (n != block->n) {
        change_stride(block->position, block->dim, block->n, n);
        for (size_t a = 0; a < w->plan->auxiliaries; a++) change_stride(block->auxiliary[a], block->dim, block->n, n);
        block->n = n;
    }
    for (size_t p = active; p < w->active && p < n; p++) kr_walkers_put(w, p, NULL);
    w->active = active;
}

void kr_walkers_put(kr_walkers *w, size_t place, const double *state) {
    kr_block *block = &w->block;
    for (size_t i = 0; i < block->dim; i++) block->position[i * block->n + place] = state ? *state++ : NAN;
    for (size_t a = 0; a < w->plan->auxiliaries; a++)
        for (size_t i = 0; i < block->dim; i++) block->auxiliary[a][i * block->n + place] = state ? *state++ : NAN;
}

void kr_walkers_get(const kr_walkers *w, size_t place, double *state) {
    const kr_block *block = &w->block;
    for (size_t i = 0; i < block->dim; i++) *state++ = block->position[i * block->n + place];
    for (size_t a = 0; a < w->plan->auxiliaries; a++)
        for (size_t i = 0; i < block->dim; i++) *state++ = block->auxiliary[a][i * block->n + place];
}

static kr_controls controls_now(const kr_walkers *w) {
    double rate = w->plan->learning_rate;
    uint64_t drawn = (w->step - KR_SPLITTING_FIRST_STEP) * kr_noise_batch(w->plan->setup.noise);
    return (kr_controls){.step = w->step, .learning_rate = rate, .root_rate = sqrt(rate), .drawn = drawn};
}

static void add_kinetic(size_t n, const double *restrict velocity, double *restrict energy) {
    for (size_t p = 0; p < n; p++) energy[p] += 0.5 * velocity[p] * velocity[p];
}

static void keep_where_low(size_t n, const double *restrict energy, double limit, const double *restrict value,
                           double *restrict inner) {
    for (size_t p = 0; p < n; p++) inner[p] = energy[p] <= limit ? value[p] : INFINITY;
}

static void evaluate(kr_walkers *w) {
    kr_block *block = &w->block;
    const kr_dynamics *dynamics = w->plan->setup.dynamics;
    kr_reaction_coordinate_evaluate(&w->plan->coordinate, block->n, block->position, w->value);
    if (!w->energy) return;
    kr_landscape_energy(block->landscape, block->n, block->position, w->energy);
    dynamics->type->velocity(dynamics, w->plan->learning_rate, block->dim * block->n, (const double *const *)block->auxiliary,
                             block->scratch);
    for (size_t i = 0; i < block->dim; i++) add_kinetic(block->n, block->scratch + i * block->n, w->energy);
    keep_where_low(block->n, w->energy, w->plan->energy, w->value, w->inner);
}

void kr_walkers_depart(kr_walkers *w, const uint32_t *which, size_t count) {
    const kr_ensemble_setup *setup = &w->plan->setup;
    kr_block *block = &w->block;
    for (size_t j = 0; j < count; j++) {
        size_t p = which[j];
        const double *start = kr_start_draw(setup, block->first + p, w->step, w->point);
        for (size_t i = 0; i < block->dim; i++) {
            block->position[i * block->n + p] = start[i];
            for (size_t a = 0; a < w->plan->auxiliaries; a++) block->auxiliary[a][i * block->n + p] = 0.0;
        }
    }
    kr_controls controls = controls_now(w);
    kr_block_start_noise(block, &controls, which, count);
    if (setup->dynamics->type->start) setup->dynamics->type->start(setup->dynamics, &controls, block, which, count);
    evaluate(w);
}

void kr_walkers_step(kr_walkers *w) {
    kr_controls controls = controls_now(w);
    w->plan->setup.dynamics->type->step(w->plan->setup.dynamics, &controls, &w->block);
    w->step++;
    evaluate(w);
}

/* NaN counts in every test of a block: a count equal to that of unused places means that no walker has arrived or diverged. */
bool kr_walkers_any_arrived(const kr_walkers *w) {
    const kr_block *block = &w->block;
    const kr_target *target = w->plan->setup.targets;
    size_t unused = block->n - w->active;
    size_t near = target->radius > 0
                      ? block->kernels->within(block->dim, block->n, block->n, block->position, target->center, target->radius)
                      : block->kernels->outside(block->n, block->position + target->coordinate * block->n,
                                                fmax(target->below, -DBL_MAX), fmin(target->above, DBL_MAX));
    if (near != unused) return true;
    return block->kernels->outside(block->dim * block->n, block->position, -DBL_MAX, DBL_MAX) != block->dim * unused;
}

bool kr_walkers_finite(const kr_walkers *w, size_t place) {
    for (size_t i = 0; i < w->block.dim; i++)
        if (!isfinite(w->block.position[i * w->block.n + place])) return false;
    return true;
}

bool kr_walkers_arrived(const kr_walkers *w, size_t place) {
    for (size_t i = 0; i < w->block.dim; i++) w->point[i] = w->block.position[i * w->block.n + place];
    return kr_target_reached(w->plan->setup.targets, w->block.dim, w->point);
}
