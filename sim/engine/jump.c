#include "jump.h"

#include "ensemble_state.h"
#include "prune_choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory to prune particles or to go back");
}

static size_t mask_words(const kr_ensemble *e) {
    return e->dim * (e->stride / KR_GRANULE);
}

/* ---- what goes ---- */

/* Of one granule: what its particles are sorted by, [dim][stride]; where they are, were, or a random number. */
static const double *sizes_of(const kr_ensemble *e, const kr_prune *how, size_t granule, const double *initial, double *random,
                              size_t *stride) {
    *stride = e->stride;
    if (how->by == KR_PRUNE_MAGNITUDE) return e->position + granule * KR_GRANULE;
    if (how->by == KR_PRUNE_INITIAL_MAGNITUDE) return initial + granule * KR_GRANULE;
    kr_draw draw = {.seed = e->setup.seed, .first = granule * KR_GRANULE, .step = e->step, .stream = KR_STREAM_PRUNING};
    e->setup.registry->kernels->uniforms(draw, 1, e->dim, KR_GRANULE, random);
    *stride = KR_GRANULE;
    return random;
}

static bool prune_granule(const kr_ensemble *e, const kr_prune *how, const kr_prunable *prunable, size_t granule,
                          const double *initial, uint64_t *kept) {
    kr_prune_rank *rank = malloc(e->dim * sizeof *rank);
    double *random = how->by == KR_PRUNE_RANDOM ? malloc(e->dim * KR_GRANULE * sizeof *random) : NULL;
    bool enough = rank && (random || how->by != KR_PRUNE_RANDOM);
    size_t stride;
    const double *size = enough ? sizes_of(e, how, granule, initial, random, &stride) : NULL;
    for (size_t p = 0; enough && p < KR_GRANULE; p++) {
        uint64_t particle = granule * KR_GRANULE + p;
        if (particle >= e->setup.particles || e->stopped_at[particle]) continue;
        kr_prune_particle(prunable, how, size + p, stride, rank, kept + granule, e->stride / KR_GRANULE, UINT64_C(1) << p);
    }
    free(rank);
    free(random);
    return enough;
}

static kr_status choose(kr_jump *jump, const kr_ensemble *e, const kr_prune *how, const double *initial, kr_error *error) {
    kr_prunable prunable;
    kr_status status = kr_prune_check(how, &e->setup, error);
    if (status != KR_OK) return status;
    bool enough = kr_prunable_find(&prunable, how, e->setup.landscape) == KR_OK;
    jump->kept = enough ? kr_aligned_zeros(mask_words(e), sizeof *jump->kept) : NULL;
    enough = enough && jump->kept;
    if (enough && e->kept) memcpy(jump->kept, e->kept, mask_words(e) * sizeof *jump->kept);
    if (enough && !e->kept) memset(jump->kept, 0xff, mask_words(e) * sizeof *jump->kept);
#pragma omp parallel for schedule(dynamic, 1) num_threads(e->threads) reduction(&& : enough)
    for (size_t g = 0; g < e->stride / KR_GRANULE; g++) enough = enough && prune_granule(e, how, &prunable, g, initial, jump->kept);
    kr_prunable_destroy(&prunable);
    return enough ? KR_OK : no_memory(error);
}

kr_status kr_jump_prepare(kr_jump *jump, const kr_ensemble *e, const kr_prune *how, const double *initial, kr_error *error) {
    jump->kept = NULL;
    if (!(jump->energy = kr_aligned_zeros(2 * e->stride, sizeof *jump->energy))) return no_memory(error);
    return how ? choose(jump, e, how, initial, error) : KR_OK;
}

void kr_jump_drop(kr_jump *jump) {
    free(jump->kept);
    free(jump->energy);
    *jump = (kr_jump){.kept = NULL};
}

/* ---- and is done: nothing here fails ---- */

/* Momenta and buffers go with their coordinate; what proposals keep there instead is of the particle. */
static void clear_pruned(kr_ensemble *e) {
    const kr_kernels *kernels = e->setup.registry->kernels;
    size_t stride = e->stride / KR_GRANULE;
    kernels->clear(e->dim, e->stride, stride, e->kept, e->position);
    for (size_t a = 0; !e->setup.dynamics->type->proposals && a < e->auxiliary_count; a++)
        kernels->clear(e->dim, e->stride, stride, e->kept, e->auxiliary[a]);
}

static void go_back(kr_ensemble *e, const double *position) {
    for (size_t i = 0; i < e->dim; i++)
        for (uint64_t p = 0; p < e->setup.particles; p++)
            if (!e->stopped_at[p]) e->position[i * e->stride + p] = position[i * e->stride + p];
}

void kr_jump_commit(kr_jump *jump, kr_ensemble *e) {
    if (!jump->kept && !jump->position) return;
    if (e->ledger) kr_ensemble_energies(e, jump->energy);
    if (jump->kept) {
        free(e->kept);
        e->kept = jump->kept;
        jump->kept = NULL;
    }
    if (jump->position) go_back(e, jump->position);
    if (e->kept) clear_pruned(e);
    if (e->ledger) kr_ensemble_enter_work(e, jump->energy, jump->energy + e->stride);
}

void kr_jump_begin_anew(kr_jump *jump, kr_ensemble *e) {
    if (e->ledger) kr_ensemble_energies(e, jump->energy);
    kr_ensemble_depart(e, 0);
    if (e->ledger) kr_ensemble_enter_work(e, jump->energy, jump->energy + e->stride);
}

/* ---- checkpoints ---- */

size_t kr_pruned_words(const kr_ensemble *e) {
    return 1 + mask_words(e);
}

void kr_pruned_save(const kr_ensemble *e, uint64_t *words) {
    words[0] = e->kept != NULL;
    if (e->kept) memcpy(words + 1, e->kept, mask_words(e) * sizeof *words);
}

kr_status kr_pruned_restore(kr_ensemble *e, const uint64_t *words, kr_error *error) {
    free(e->kept);
    e->kept = words[0] ? kr_aligned_zeros(mask_words(e), sizeof *e->kept) : NULL;
    if (words[0] && !e->kept) return no_memory(error);
    if (e->kept) memcpy(e->kept, words + 1, mask_words(e) * sizeof *e->kept);
    return KR_OK;
}
