/* Means over the first particles: an estimate of 1 / sqrt(4096) relative error is all that an instrument can show, and it costs the
 * same with a million particles. */
#include "measure.h"

#include "networks.h"

#include <kramers/basin.h>
#include <kramers/ensemble_means.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_NUMBERS = 1 << 22, MOST_COPIED = 1000000, MOST_FLOATS = 1 << 23, MOST_WEIGHTS = 4096 };

/* Shares of the processor's time that the simulation uses. One that sleeps between steps is measured four times a second at least.
 */
static const double mean_share = 0.02, population_share = 0.02, ledger_share = 0.03, noise_share = 0.02, score_share = 0.1,
                    map_share = 0.15, long_ago = 0.25;

/* What a measurement took, and when it was done by two clocks. */
typedef struct budget {
    double cost, busy; /* processor seconds of this thread */
    double wall;       /* -INFINITY: not yet */
} budget;

struct kr_measure {
    budget means, population, ledger, noise, scores, map;
    kr_networks *networks;
    uint64_t scored;  /* network that was followed then */
    double *velocity; /* [dim][first particles] */
    double *work;     /* of kr_ensemble_sums_add */
    size_t velocity_capacity, work_capacity;
    kr_basins *basins;
    bool basins_known, noise_known;
    double noise_variance;
    kr_snapshot_variant last; /* numbers as they were measured last */
};

double kr_seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double kr_busy_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

kr_status kr_measure_create(kr_measure **measure, kr_error *error) {
    *measure = calloc(1, sizeof **measure);
    if (!*measure) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the window's measurements");
    kr_status status = kr_networks_create(&(*measure)->networks, error);
    if (status == KR_OK) {
        kr_measure_forget(*measure);
        return KR_OK;
    }
    free(*measure);
    *measure = NULL;
    return status;
}

void kr_measure_forget(kr_measure *m) {
    kr_basins_destroy(m->basins);
    m->basins = NULL;
    m->basins_known = m->noise_known = false;
    m->means.wall = m->population.wall = m->ledger.wall = m->noise.wall = -INFINITY;
    m->scores.wall = m->map.wall = -INFINITY;
    kr_networks_forget(m->networks);
    m->last =
        (kr_snapshot_variant){.potential = NAN, .kinetic = NAN, .kinetic_temperature = NAN, .configurational_temperature = NAN};
}

void kr_measure_destroy(kr_measure *m) {
    if (!m) return;
    kr_basins_destroy(m->basins);
    kr_networks_destroy(m->networks);
    free(m->velocity);
    free(m->work);
    free(m);
}

kr_status kr_measure_cycle_end(kr_measure *m, const kr_view *view, kr_error *error) {
    return kr_networks_keep(m->networks, view, error);
}

static bool grow(double **array, size_t *capacity, size_t wanted) {
    if (wanted <= *capacity) return true;
    double *larger = realloc(*array, wanted * sizeof *larger);
    if (!larger) return false;
    *array = larger;
    *capacity = wanted;
    return true;
}

enum { GRADIENT_PASSES = 10 }; /* what energy, gradient and a Hessian product of a network cost, in evaluations */

static size_t measured_particles(const kr_view *view) {
    size_t most = MOST_NUMBERS / (view->dim ? view->dim : 1);
    if (most > KR_MEASURED_PARTICLES) most = KR_MEASURED_PARTICLES;
    if (most < 1) most = 1;
    if (view->particles < most) most = (size_t)view->particles;
    return kr_networks_affordable(view->landscape, GRADIENT_PASSES, most);
}

/* Of the first particles; known: from a recording. */
static kr_status find_velocity(kr_measure *m, const kr_view *view, const double *known, size_t first, const double **velocity,
                               size_t *stride, kr_error *error) {
    *velocity = known;
    *stride = view->stride;
    if (known || !m->last.has_velocity) return KR_OK;
    if (!grow(&m->velocity, &m->velocity_capacity, view->dim * first))
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for velocities");
    kr_ensemble_velocity_of(view, 0, first, m->velocity);
    *velocity = m->velocity;
    *stride = first;
    return KR_OK;
}

static kr_status measure_means(kr_measure *m, const kr_view *view, const double *known, kr_error *error) {
    double sums[KR_ENSEMBLE_SUMS] = {0};
    const double *velocity;
    size_t first = measured_particles(view), stride;
    m->last.potential = m->last.kinetic = m->last.kinetic_temperature = m->last.configurational_temperature = NAN;
    if (!grow(&m->work, &m->work_capacity, kr_ensemble_sums_work(view->dim)))
        return kr_fail(error, KR_NO_MEMORY, "not enough memory to measure %zu coordinates", view->dim);
    kr_status status = find_velocity(m, view, known, first, &velocity, &stride, error);
    if (status != KR_OK) return status;
    kr_ensemble_sums_add(view, view->landscape, 0, first, velocity, stride, m->work, sums);
    double particles = sums[KR_SUM_PARTICLES];
    if (!(particles > 0)) return KR_OK;
    m->last.potential = sums[KR_SUM_POTENTIAL] / particles;
    m->last.configurational_temperature = kr_sums_configurational_temperature(sums);
    if (!velocity) return KR_OK;
    m->last.kinetic = 0.5 * sums[KR_SUM_KINETIC] / particles;
    m->last.kinetic_temperature = kr_sums_kinetic_temperature(sums, view->dim);
    return KR_OK;
}

kr_status kr_measure_energies(kr_measure *m, const kr_view *view, double *potential, double *kinetic, kr_error *error) {
    kr_status status = measure_means(m, view, NULL, error);
    *potential = m->last.potential;
    *kinetic = m->last.kinetic;
    return status;
}

/* Which minimum a particle belongs to takes a descent each. */
static kr_status measure_population(kr_measure *m, const kr_model *model, const kr_view *view, kr_error *error) {
    if (!m->basins_known) {
        kr_error none = {.status = KR_OK};
        m->basins_known = view->landscape == &model->landscape; /* else it is another one at every step */
        kr_basins_destroy(m->basins);
        if (kr_basins_create(&m->basins, view->landscape, &none) != KR_OK) m->basins = NULL;
    }
    m->last.wells = kr_basins_count(m->basins);
    if (!m->last.wells) return KR_OK;
    return kr_basins_population(m->basins, measured_particles(view), view->stride, view->position, m->last.population, error);
}

/* At the start, and anew where numbers change with the step: eigenvalues of a large Hessian take their time. */
static kr_status measure_noise(kr_measure *m, const kr_model *model, const kr_view *view) {
    kr_noise noise = *view->noise;
    noise.step = view->step;
    m->noise_variance = kr_noise_mean_variance(&noise, view->landscape, model->start);
    m->noise_known = !kr_problem_changes(&(kr_problem){.drive = model->drive, .noise = &noise, .landscape = view->landscape});
    return KR_OK;
}

/* The temperature that was set, and what theory expects at the momentary learning rate. */
static void predict(kr_measure *m, const kr_dynamics *dynamics, double learning_rate) {
    m->last.set_temperature = kr_get_by_name(&dynamics->type->about, dynamics->values, "temperature", NAN);
    double temperature = isfinite(learning_rate) ? kr_dynamics_temperature(dynamics, learning_rate, m->noise_variance) : NAN;
    m->last.predicted_kinetic_temperature =
        dynamics->type->velocity ? kr_dynamics_kinetic_temperature(dynamics, temperature) : temperature;
}

static void follow(kr_measure *m, const kr_view *view, const double *velocity, uint64_t p) {
    kr_snapshot_variant *out = &m->last;
    for (size_t i = 0; i < KR_PICKED_NUMBERS; i++) out->followed_position[i] = out->followed_velocity[i] = NAN;
    out->followed_energy = NAN;
    out->followed_departure = 0;
    if (p >= view->particles) return;
    size_t dim = view->dim, seen = dim < KR_PICKED_NUMBERS ? dim : KR_PICKED_NUMBERS;
    double *work = calloc(2 * dim, sizeof *work);
    if (!work) return;
    double *position = work, *moving = work + dim, energy = NAN, kinetic = 0.0;
    for (size_t i = 0; i < dim; i++) position[i] = view->position[i * view->stride + p];
    kr_landscape_energy(view->landscape, 1, position, &energy);
    if (out->has_velocity && velocity)
        for (size_t i = 0; i < dim; i++) moving[i] = velocity[i * view->stride + p];
    else if (out->has_velocity)
        kr_ensemble_velocity_of(view, (size_t)p, 1, moving);
    for (size_t i = 0; i < dim; i++) kinetic += 0.5 * moving[i] * moving[i];
    memcpy(out->followed_position, position, seen * sizeof *position);
    if (out->has_velocity) memcpy(out->followed_velocity, moving, seen * sizeof *moving);
    out->followed_energy = out->has_velocity ? energy + kinetic : energy;
    out->followed_departure = view->departure ? view->departure[p] : 0;
    free(work);
}

/* A loop of its own, so that it is vectorised. */
static void to_floats(size_t n, const double *restrict from, float *restrict to) {
    for (size_t k = 0; k < n; k++) to[k] = (float)from[k];
}

static kr_status copy_positions(const kr_view *view, kr_snapshot_variant *out, kr_error *error) {
    size_t seen = kr_landscape_data(view->landscape) ? MOST_WEIGHTS : KR_PICKED_NUMBERS;
    size_t dim = view->dim < seen ? view->dim : seen, most = MOST_FLOATS / dim;
    size_t count = view->particles < MOST_COPIED ? (size_t)view->particles : MOST_COPIED;
    if (count > most) count = most;
    if (dim * count > out->dim * out->count || !out->position) {
        float *larger = realloc(out->position, (dim * count + 1) * sizeof *larger);
        if (!larger) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu positions in the window", count);
        out->position = larger;
    }
    out->dim = dim;
    out->count = count;
    for (size_t i = 0; i < dim; i++) to_floats(count, view->position + i * view->stride, out->position + i * count);
    return KR_OK;
}

/* known: as of kr_measure_variant. */
static kr_status copy_velocities(kr_measure *m, const kr_view *view, const double *known, kr_snapshot_variant *out,
                                 kr_error *error) {
    enum { MOST_VELOCITIES = 1 << 18 };
    const double *velocity;
    size_t count = out->count < KR_MEASURED_PARTICLES ? out->count : KR_MEASURED_PARTICLES, stride;
    if (count * view->dim > MOST_VELOCITIES) count = MOST_VELOCITIES / view->dim;
    out->moving = 0;
    if (!m->last.has_velocity || !count) return KR_OK;
    if (out->dim * count > out->velocity_capacity) {
        float *larger = realloc(out->velocity, out->dim * count * sizeof *larger);
        if (!larger) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu velocities in the window", count);
        out->velocity = larger;
        out->velocity_capacity = out->dim * count;
    }
    kr_status status = find_velocity(m, view, known, count, &velocity, &stride, error);
    if (status != KR_OK) return status;
    for (size_t i = 0; i < out->dim; i++) to_floats(count, velocity + i * stride, out->velocity + i * count);
    out->moving = count;
    return KR_OK;
}

/* Everything but what the caller fills in and the positions, which stay. */
static void copy_numbers(const kr_measure *m, kr_snapshot_variant *out) {
    kr_snapshot_variant before = *out;
    *out = m->last;
    memcpy(out->name, before.name, sizeof out->name);
    out->dim = before.dim;
    out->count = before.count;
    out->position = before.position;
    out->velocity = before.velocity;
    out->velocity_capacity = before.velocity_capacity;
    out->escape_measured = before.escape_measured;
    out->escape = before.escape;
    out->times = before.times;
    out->pruned = before.pruned;
    out->networks = before.networks;
}

/* Costs are compared with processor time, not with elapsed time, while the simulation is busy: on a machine under other load a
 * share of the elapsed time would be a larger share of the simulation's own. */
static bool is_due(const budget *b, double share, double now) {
    double least = b->cost / share;
    return now == INFINITY || kr_busy_seconds() - b->busy >= least || now - b->wall >= fmax(long_ago, 4 * least);
}

/* Does the work when its time has come. */
#define WHEN_DUE(budget_, share, work)                                                                                             \
    do {                                                                                                                           \
        if (status == KR_OK && is_due(budget_, share, now)) {                                                                      \
            double began = kr_busy_seconds();                                                                                      \
            status = (work);                                                                                                       \
            (budget_)->busy = kr_busy_seconds();                                                                                   \
            (budget_)->cost = (budget_)->busy - began;                                                                             \
            (budget_)->wall = kr_seconds_now();                                                                                    \
        }                                                                                                                          \
    } while (0)

/* Somebody who follows another network sees it at once. */
static kr_status measure_networks(kr_measure *m, const kr_view *view, double now, uint64_t followed, kr_snapshot_variant *out,
                                  kr_error *error) {
    kr_status status = KR_OK;
    if (!kr_landscape_data(view->landscape)) {
        out->networks.evaluated = out->networks.regions.columns = 0;
        return KR_OK;
    }
    if (m->scored != followed) m->scores.wall = m->map.wall = -INFINITY;
    m->scored = followed;
    WHEN_DUE(&m->scores, score_share, kr_networks_score(m->networks, view, followed, error));
    WHEN_DUE(&m->map, map_share, kr_networks_map(m->networks, view, followed, error));
    return status == KR_OK ? kr_networks_copy(m->networks, view, followed, &out->networks, error) : status;
}

kr_status kr_measure_variant(kr_measure *m, const kr_model *model, const kr_view *view, const double *velocity, double now,
                             uint64_t followed, kr_snapshot_variant *out, kr_error *error) {
    kr_snapshot_variant *last = &m->last;
    kr_status status = KR_OK;
    last->particles = view->particles;
    last->learning_rate = view->learning_rate;
    last->diverged = view->diverged;
    last->absorbed = view->absorbed;
    last->events = view->events;
    last->exposure_steps = (double)view->exposure_steps;
    last->has_velocity = velocity || (model->dynamics.type->velocity && view->auxiliary_count > 0);
    last->has_ledger = view->ledger[0] != NULL;
    WHEN_DUE(&m->means, mean_share, measure_means(m, view, velocity, error));
    WHEN_DUE(&m->population, population_share, measure_population(m, model, view, error));
    if (last->has_ledger) WHEN_DUE(&m->ledger, ledger_share, kr_energy_sum(view, &last->ledger, error));
    if (!m->noise_known) WHEN_DUE(&m->noise, noise_share, measure_noise(m, model, view));
    predict(m, view->dynamics, view->learning_rate);
    follow(m, view, velocity, followed);
    copy_numbers(m, out);
    if (status == KR_OK) status = measure_networks(m, view, now, followed, out, error);
    if (status == KR_OK) status = copy_positions(view, out, error);
    return status == KR_OK ? copy_velocities(m, view, velocity, out, error) : status;
}
