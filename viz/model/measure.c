/* Means over the first particles: an estimate of 1 / sqrt(4096) relative error is all that a needle can show, and it costs the same
 * with a million particles. */
#include "measure.h"

#include <kramers/basin.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHUNK = 256, MOST_NUMBERS = 1 << 22, MOST_COPIED = 1000000, MOST_FLOATS = 1 << 23 };

/* Shares of the processor's time that the simulation uses. One that sleeps between steps is measured four times a second at least.
 */
static const double mean_share = 0.02, population_share = 0.02, ledger_share = 0.03, long_ago = 0.25;

/* What a measurement took, and when it was done by two clocks. */
typedef struct budget {
    double cost, busy; /* processor seconds of this thread */
    double wall;       /* -INFINITY: not yet */
} budget;

struct kr_measure {
    budget means, population, ledger;
    double *position, *velocity, *auxiliary; /* [dim][count] of the finite ones; auxiliaries one after another */
    double *work;                            /* [dim][CHUNK] positions, gradient, curvature each, and energy */
    size_t position_capacity, velocity_capacity, auxiliary_capacity, work_capacity;
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
    kr_measure_forget(*measure);
    return KR_OK;
}

void kr_measure_forget(kr_measure *m) {
    kr_basins_destroy(m->basins);
    m->basins = NULL;
    m->basins_known = m->noise_known = false;
    m->means.wall = m->population.wall = m->ledger.wall = -INFINITY;
    m->last =
        (kr_snapshot_variant){.potential = NAN, .kinetic = NAN, .kinetic_temperature = NAN, .configurational_temperature = NAN};
}

void kr_measure_destroy(kr_measure *m) {
    if (!m) return;
    kr_basins_destroy(m->basins);
    free(m->position);
    free(m->velocity);
    free(m->auxiliary);
    free(m->work);
    free(m);
}

static bool grow(double **array, size_t *capacity, size_t wanted) {
    if (wanted <= *capacity) return true;
    double *larger = realloc(*array, wanted * sizeof *larger);
    if (!larger) return false;
    *array = larger;
    *capacity = wanted;
    return true;
}

/* The finite ones among the first particles, coordinate by coordinate without gaps. */
static void gather(const double *from, const kr_view *view, size_t first, double *to) {
    for (size_t i = 0; i < view->dim; i++)
        for (size_t p = 0; p < first; p++)
            if (view->stopped_at[p] == 0) *to++ = from[i * view->stride + p];
}

static size_t count_finite(const kr_view *view, size_t first) {
    size_t count = 0;
    for (size_t p = 0; p < first; p++) count += view->stopped_at[p] == 0;
    return count;
}

/* Configurational temperature <|grad V|^2> / <laplacian V> (Rugh 1997; Butler et al. 1998), and the mean potential. */
static kr_status measure_landscape(kr_measure *m, const kr_landscape *landscape, size_t count, kr_error *error) {
    size_t dim = landscape->dim;
    if (!grow(&m->work, &m->work_capacity, (3 * dim + 1) * CHUNK))
        return kr_fail(error, KR_NO_MEMORY, "not enough memory to measure %zu coordinates", dim);
    double *at = m->work, *gradient = at + dim * CHUNK, *curvature = gradient + dim * CHUNK, *energy = curvature + dim * CHUNK;
    double potential = 0.0, slope = 0.0, laplacian = 0.0;
    for (size_t first = 0; first < count; first += CHUNK) {
        size_t n = count - first < CHUNK ? count - first : CHUNK;
        for (size_t i = 0; i < dim; i++) memcpy(at + i * n, m->position + i * count + first, n * sizeof *at);
        kr_landscape_energy(landscape, n, at, energy);
        kr_landscape_gradient(landscape, n, at, gradient);
        kr_landscape_curvature(landscape, n, at, curvature);
        for (size_t p = 0; p < n; p++) potential += energy[p];
        for (size_t k = 0; k < dim * n; k++) slope += gradient[k] * gradient[k], laplacian += curvature[k];
    }
    m->last.potential = potential / (double)count;
    m->last.configurational_temperature = slope / laplacian;
    return KR_OK;
}

static kr_status measure_velocity(kr_measure *m, const kr_model *model, const kr_view *view, const double *known, size_t first,
                                  size_t count, kr_error *error) {
    size_t numbers = view->dim * count;
    if (!grow(&m->velocity, &m->velocity_capacity, numbers))
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for velocities");
    if (known) {
        gather(known, view, first, m->velocity);
    } else {
        const double *auxiliary[KR_MAX_AUXILIARIES] = {NULL};
        if (!grow(&m->auxiliary, &m->auxiliary_capacity, view->auxiliary_count * numbers))
            return kr_fail(error, KR_NO_MEMORY, "not enough memory for velocities");
        for (size_t a = 0; a < view->auxiliary_count; a++) {
            gather(view->auxiliary[a], view, first, m->auxiliary + a * numbers);
            auxiliary[a] = m->auxiliary + a * numbers;
        }
        model->dynamics.type->velocity(&model->dynamics, view->learning_rate, numbers, auxiliary, m->velocity);
    }
    double square = 0.0;
    for (size_t k = 0; k < numbers; k++) square += m->velocity[k] * m->velocity[k];
    m->last.kinetic = 0.5 * square / (double)count;
    m->last.kinetic_temperature = square / (double)numbers;
    return KR_OK;
}

static size_t measured_particles(const kr_view *view) {
    size_t most = MOST_NUMBERS / (view->dim ? view->dim : 1);
    if (most > KR_MEASURED_PARTICLES) most = KR_MEASURED_PARTICLES;
    if (most < 1) most = 1;
    return view->particles < most ? (size_t)view->particles : most;
}

static kr_status measure_means(kr_measure *m, const kr_model *model, const kr_view *view, const double *velocity, kr_error *error) {
    size_t first = measured_particles(view), count = count_finite(view, first), numbers = view->dim * first;
    m->last.potential = m->last.kinetic = m->last.kinetic_temperature = m->last.configurational_temperature = NAN;
    if (!grow(&m->position, &m->position_capacity, numbers))
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu numbers", numbers);
    if (!count) return KR_OK;
    gather(view->position, view, first, m->position);
    kr_status status = measure_landscape(m, &model->landscape, count, error);
    if (status == KR_OK && m->last.has_velocity) status = measure_velocity(m, model, view, velocity, first, count, error);
    return status;
}

/* Which minimum a particle belongs to takes a descent each. */
static kr_status measure_population(kr_measure *m, const kr_model *model, const kr_view *view, kr_error *error) {
    if (!m->basins_known) {
        kr_error none = {.status = KR_OK};
        m->basins_known = true;
        if (kr_basins_create(&m->basins, &model->landscape, &none) != KR_OK) m->basins = NULL;
    }
    m->last.wells = kr_basins_count(m->basins);
    if (!m->last.wells) return KR_OK;
    return kr_basins_population(m->basins, measured_particles(view), view->stride, view->position, m->last.population, error);
}

/* At the start, once: eigenvalues of a large Hessian take their time. */
static double noise_variance(kr_measure *m, const kr_model *model) {
    if (!m->noise_known) m->noise_variance = kr_noise_mean_variance(&model->noise, &model->landscape, model->start);
    m->noise_known = true;
    return m->noise_variance;
}

/* The temperature that was set, and what theory expects at the momentary learning rate. */
static void predict(kr_measure *m, const kr_model *model, double learning_rate) {
    const kr_dynamics *dynamics = &model->dynamics;
    m->last.set_temperature = kr_get_by_name(&dynamics->type->about, dynamics->values, "temperature", NAN);
    double temperature = isfinite(learning_rate) ? kr_dynamics_temperature(dynamics, learning_rate, noise_variance(m, model)) : NAN;
    if (dynamics->type->velocity && dynamics->type->kinetic_temperature)
        temperature = dynamics->type->kinetic_temperature(dynamics, temperature);
    m->last.predicted_kinetic_temperature = temperature;
}

static void follow(kr_measure *m, const kr_model *model, const kr_view *view, const double *velocity, uint64_t p) {
    kr_snapshot_variant *out = &m->last;
    for (size_t i = 0; i < KR_PICKED_NUMBERS; i++) out->followed_position[i] = out->followed_velocity[i] = NAN;
    out->followed_energy = NAN;
    out->followed_departure = 0;
    if (p >= view->particles) return;
    size_t dim = view->dim, seen = dim < KR_PICKED_NUMBERS ? dim : KR_PICKED_NUMBERS;
    double *work = calloc((2 + KR_MAX_AUXILIARIES) * dim, sizeof *work);
    if (!work) return;
    double *position = work, *moving = work + dim, *auxiliaries = moving + dim, energy = NAN, kinetic = 0.0;
    const double *auxiliary[KR_MAX_AUXILIARIES] = {NULL};
    for (size_t i = 0; i < dim; i++) position[i] = view->position[i * view->stride + p];
    kr_landscape_energy(&model->landscape, 1, position, &energy);
    for (size_t a = 0; a < view->auxiliary_count; a++) {
        for (size_t i = 0; i < dim; i++) auxiliaries[a * dim + i] = view->auxiliary[a][i * view->stride + p];
        auxiliary[a] = auxiliaries + a * dim;
    }
    if (out->has_velocity && velocity)
        for (size_t i = 0; i < dim; i++) moving[i] = velocity[i * view->stride + p];
    else if (out->has_velocity)
        model->dynamics.type->velocity(&model->dynamics, view->learning_rate, dim, auxiliary, moving);
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
    size_t dim = view->dim < KR_PICKED_NUMBERS ? view->dim : KR_PICKED_NUMBERS, most = MOST_FLOATS / dim;
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

/* Everything but what the caller fills in and the positions, which stay. */
static void copy_numbers(const kr_measure *m, kr_snapshot_variant *out) {
    kr_snapshot_variant before = *out;
    *out = m->last;
    memcpy(out->name, before.name, sizeof out->name);
    out->dim = before.dim;
    out->count = before.count;
    out->position = before.position;
    out->escape_measured = before.escape_measured;
    out->escape = before.escape;
}

/* The processor's time, not the clock's, as far as the simulation is busy: on a machine that others use too a share of the clock's
 * time would be a larger one of what is left for the simulation. */
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

kr_status kr_measure_variant(kr_measure *m, const kr_model *model, const kr_view *view, const double *velocity, double now,
                             uint64_t followed, kr_snapshot_variant *out, kr_error *error) {
    kr_snapshot_variant *last = &m->last;
    kr_status status = KR_OK;
    last->particles = view->particles;
    last->diverged = view->diverged;
    last->absorbed = view->absorbed;
    last->events = view->events;
    last->has_velocity = velocity || (model->dynamics.type->velocity && view->auxiliary_count > 0);
    last->has_ledger = view->ledger[0] != NULL;
    WHEN_DUE(&m->means, mean_share, measure_means(m, model, view, velocity, error));
    WHEN_DUE(&m->population, population_share, measure_population(m, model, view, error));
    if (last->has_ledger) WHEN_DUE(&m->ledger, ledger_share, kr_energy_sum(view, &last->ledger, error));
    predict(m, model, view->learning_rate);
    follow(m, model, view, velocity, followed);
    copy_numbers(m, out);
    return status == KR_OK ? copy_positions(view, out, error) : status;
}
