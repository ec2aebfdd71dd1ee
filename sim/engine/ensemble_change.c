/* An ensemble goes on with another setup. */
#include "ensemble_state.h"

#include <kramers/data_sum.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static kr_status check_shape(const kr_ensemble *e, const kr_ensemble_setup *setup, kr_error *error) {
    if (setup->landscape->dim != e->dim)
        return kr_fail(error, KR_BAD_ARGUMENT, "particles in %zu dimensions can't go on in %zu", e->dim, setup->landscape->dim);
    if (setup->particles != e->setup.particles)
        return kr_fail(error, KR_BAD_ARGUMENT, "an ensemble of %llu particles can't go on as one of %llu",
                       (unsigned long long)e->setup.particles, (unsigned long long)setup->particles);
    const char *why = setup->dynamics->type->not_pruned;
    if (e->kept && why)
        return kr_fail(error, KR_BAD_ARGUMENT, "pruned particles can't go on as those of '%s': %s",
                       setup->dynamics->type->about.name, why);
    if (e->kept && setup->bridge)
        return kr_fail(error, KR_BAD_ARGUMENT, "pruned particles can't go on with escape.bridge; turn it off");
    return KR_OK;
}

/* Factor of the first auxiliary that keeps the velocities; 1 where nothing is known of velocities; not finite: impossible. */
static double auxiliary_factor(const kr_dynamics *before, const kr_dynamics *after, double rate) {
    double old = kr_unit_velocity(before, rate), new = kr_unit_velocity(after, rate);
    return old == new || isnan(old) || isnan(new) ? 1.0 : old / new;
}

/* How many of the auxiliaries go on. */
static size_t kept(const kr_ensemble *e, const kr_ensemble *change) {
    const kr_dynamics *before = e->setup.dynamics, *after = change->setup.dynamics;
    if (before->type != after->type) return 0;
    if (!isfinite(auxiliary_factor(before, after, kr_schedule_at(change->setup.schedule, e->step)))) return 0;
    size_t of_before = kr_dynamics_auxiliaries(before), of_after = kr_dynamics_auxiliaries(after);
    if (of_before == of_after && e->setup.noise->type == change->setup.noise->type)
        return e->auxiliary_count < change->auxiliary_count ? e->auxiliary_count : change->auxiliary_count;
    return of_before < of_after ? of_before : of_after; /* memories of other noise begin anew */
}

static bool same_landscape(const kr_landscape *a, const kr_landscape *b) {
    const kr_settings x = {.about = &a->type->about, .values = (void *)(uintptr_t)a->values};
    const kr_settings y = {.about = &b->type->about, .values = (void *)(uintptr_t)b->values};
    return kr_settings_equal(&x, &y) && a->weight_decay == b->weight_decay;
}

/* Whether no particle's energy changes, so that none has to be evaluated: a slider of the temperature costs nothing. */
static bool same_energy(const kr_ensemble *e, const kr_ensemble *change, size_t keep) {
    return keep == e->auxiliary_count && keep == change->auxiliary_count &&
           same_landscape(kr_landscape_now(e), kr_landscape_now(change)) &&
           kr_unit_velocity(kr_dynamics_now(e), kr_schedule_at(e->setup.schedule, e->step)) ==
               kr_unit_velocity(kr_dynamics_now(change), kr_schedule_at(change->setup.schedule, e->step));
}

kr_status kr_ensemble_prepare_change(const kr_ensemble *e, const kr_ensemble_setup *setup, kr_ensemble **result, kr_error *error) {
    *result = NULL;
    kr_status status = check_shape(e, setup, error);
    if (status == KR_OK) status = kr_ensemble_shell(result, setup, e, error);
    kr_ensemble *change = *result;
    if (status != KR_OK) return status;
    change->step = e->step;
    if ((status = kr_ensemble_settle_now(change, error)) != KR_OK) {
        kr_ensemble_destroy(change);
        *result = NULL;
        return status;
    }
    bool enough = true;
    for (size_t a = kept(e, change); enough && a < change->auxiliary_count; a++)
        enough = (change->auxiliary[a] = kr_aligned_zeros(e->dim * e->stride, sizeof(double)));
    /* The rows of a ledger that is opened; or room for the energies before and after, where they differ. */
    if (enough && setup->ledger && !(e->ledger && same_energy(e, change, kept(e, change))))
        enough = (change->ledger = kr_aligned_zeros((e->ledger ? 2 : KR_LEDGER_ROWS) * e->stride, sizeof(double)));
    if (enough) return KR_OK;
    kr_ensemble_destroy(change);
    *result = NULL;
    return kr_fail(error, KR_NO_MEMORY, "not enough memory to go on with other settings");
}

#define SWAP(type, a, b)                                                                                                           \
    do {                                                                                                                           \
        type kept_ = (a);                                                                                                          \
        (a) = (b);                                                                                                                 \
        (b) = kept_;                                                                                                               \
    } while (0)

/* Everything a setup makes, but for the particles. */
static void swap_work(kr_ensemble *e, kr_ensemble *change) {
    SWAP(kr_ensemble_setup, e->setup, change->setup);
    SWAP(size_t, e->block_size, change->block_size);
    SWAP(size_t, e->block_count, change->block_count);
    SWAP(int, e->threads, change->threads);
    SWAP(kr_controls *, e->controls, change->controls);
    SWAP(kr_moment **, e->moments, change->moments);
    SWAP(kr_moment *, e->now, change->now);
    SWAP(double *, e->times, change->times);
    SWAP(kr_worker *, e->workers, change->workers);
    SWAP(kr_event_list *, e->block_events, change->block_events);
    SWAP(kr_stopped *, e->stopped, change->stopped);
    SWAP(double *, e->start, change->start);
    SWAP(double *, e->spread, change->spread);
    SWAP(const double *, e->pool_source, change->pool_source);
    if (e->setup.pool || !e->setup.pool_count) SWAP(double *, e->pool, change->pool);
    e->setup.pool = e->pool;
}

static void change_auxiliaries(kr_ensemble *e, kr_ensemble *change, const kr_dynamics *before, size_t keep) {
    double factor = keep ? auxiliary_factor(before, e->setup.dynamics, kr_schedule_at(e->setup.schedule, e->step)) : 1.0;
    for (size_t a = keep; a < KR_MAX_AUXILIARIES; a++) SWAP(double *, e->auxiliary[a], change->auxiliary[a]);
    SWAP(size_t, e->auxiliary_count, change->auxiliary_count);
    for (size_t k = 0; factor != 1.0 && k < e->dim * e->stride; k++) e->auxiliary[0][k] *= factor;
    kr_ensemble_depart(e, keep);
}

void kr_ensemble_enter_work(kr_ensemble *e, const double *before, double *after) {
    kr_ensemble_energies(e, after);
    double *work = e->ledger + KR_ENERGY_WORK * e->stride, *gross = e->ledger + KR_LEDGER_GROSS * e->stride;
    for (size_t p = 0; p < e->setup.particles; p++) {
        double amount = after[p] - before[p];
        if (!isfinite(amount)) continue;
        work[p] += amount;
        gross[p] += fabs(amount);
    }
}

static void open_ledger(kr_ensemble *e) {
    double *start = e->ledger + KR_LEDGER_START * e->stride;
    kr_ensemble_energies(e, start);
    for (size_t p = 0; p < e->stride; p++)
        if (!isfinite(start[p])) start[p] = 0.0; /* of particles that have stopped */
}

static uint64_t samples(const kr_ensemble *e) {
    const kr_landscape *landscape = kr_landscape_now(e);
    bool has = kr_noise_batch(e->setup.noise) && landscape->type->data;
    return has ? landscape->type->data->data(landscape, KR_DATA_TRAIN).count : 0;
}

/* An epoch goes on over the same number of data; over another one, the next begins. */
static void change_epoch(kr_ensemble *e, uint64_t before) {
    uint64_t now = samples(e);
    if (!now)
        e->drawn = 0;
    else if (now != before)
        e->drawn += (now - e->drawn % now) % now;
}

void kr_ensemble_commit_change(kr_ensemble *e, kr_ensemble *change) {
    size_t keep = kept(e, change);
    uint64_t data = samples(e);
    bool had = e->ledger != NULL, has = change->setup.ledger, works = had && has && change->ledger;
    if (works) kr_ensemble_energies(e, change->ledger);
    swap_work(e, change);
    kr_ensemble_count_stopped(e);
    change_epoch(e, data);
    change_auxiliaries(e, change, change->setup.dynamics, keep);
    if (had != has) {
        SWAP(double *, e->ledger, change->ledger);
        if (has) open_ledger(e);
    } else if (works) {
        kr_ensemble_enter_work(e, change->ledger, change->ledger + e->stride);
    }
    kr_ensemble_destroy(change);
}
