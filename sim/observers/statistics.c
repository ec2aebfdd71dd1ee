/* Means over the finite particles of the ensemble, at the end and over a cadence.
 *
 * Temperatures: kinetic <p^2> per coordinate; configurational <|grad V|^2> / <laplacian V>, which equals T in a Boltzmann
 * distribution whatever the landscape (Rugh 1997; Butler et al. 1998). Sums run over chunks of fixed size in their order, so that
 * no thread count can be seen in them. */
#include <kramers/basin.h>
#include <kramers/observer.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024, BASIN_PARTICLES = 100000 };

/* Sums over all samples, then one sample's work space. */
typedef struct statistics {
    kr_observer observer;
    kr_statistics result;
    const kr_landscape *landscape;
    kr_basins *basins;
    size_t dim, wells;
    size_t sums_count;
    double *sums;   /* samples, particles, potential, kinetic, gradient^2, laplacian, x[dim], x^2[dim] (about origin), wells */
    double *origin; /* [dim]: moments are taken about it, which loses no digits far from zero */
    double *work;   /* [3 dim + 1][CHUNK]: positions, gradient, curvature, energy */
    double *velocity;
    size_t velocity_capacity;
    bool ended, moving;
} statistics;

enum { SAMPLES, PARTICLES, POTENTIAL, KINETIC, SLOPE, LAPLACIAN, WELL_SAMPLES, FIXED_SUMS };

static size_t gather(const kr_view *view, size_t first, size_t dim, double *at) {
    size_t end = first + CHUNK < view->particles ? first + CHUNK : (size_t)view->particles, count = 0;
    for (size_t p = first; p < end; p++) count += view->frozen_at[p] == 0;
    for (size_t i = 0; i < dim; i++) {
        size_t kept = 0;
        for (size_t p = first; p < end; p++)
            if (view->frozen_at[p] == 0) at[i * count + kept++] = view->position[i * view->stride + p];
    }
    return count;
}

static void add_chunk(statistics *s, size_t count, const double *at) {
    size_t dim = s->dim;
    double *gradient = s->work + dim * CHUNK, *curvature = gradient + dim * CHUNK, *energy = curvature + dim * CHUNK;
    kr_landscape_energy(s->landscape, count, at, energy);
    kr_landscape_gradient(s->landscape, count, at, gradient);
    kr_landscape_curvature(s->landscape, count, at, curvature);
    double *position = s->sums + FIXED_SUMS, *square = position + dim;
    double potential = 0;
    for (size_t p = 0; p < count; p++) potential += energy[p];
    s->sums[POTENTIAL] += potential;
    for (size_t i = 0; i < dim; i++) {
        double x = 0, xx = 0, slope = 0, laplacian = 0;
        for (size_t k = i * count; k < (i + 1) * count; k++) {
            double d = at[k] - s->origin[i];
            x += d;
            xx += d * d;
            slope += gradient[k] * gradient[k];
            laplacian += curvature[k];
        }
        position[i] += x;
        square[i] += xx;
        s->sums[SLOPE] += slope;
        s->sums[LAPLACIAN] += laplacian;
    }
    s->sums[PARTICLES] += (double)count;
}

static kr_status add_kinetic(statistics *s, const kr_view *view, kr_error *error) {
    size_t needed = view->dim * view->stride;
    if (needed > s->velocity_capacity) {
        double *grown = realloc(s->velocity, needed * sizeof *grown);
        if (!grown) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu velocities", needed);
        s->velocity = grown;
        s->velocity_capacity = needed;
    }
    if (!(s->moving = kr_ensemble_velocity(view, s->velocity))) return KR_OK;
    double kinetic = 0;
    for (size_t i = 0; i < view->dim; i++)
        for (size_t p = 0; p < view->particles; p++)
            if (view->frozen_at[p] == 0) kinetic += s->velocity[i * view->stride + p] * s->velocity[i * view->stride + p];
    s->sums[KINETIC] += kinetic;
    return KR_OK;
}

/* Populations by descent cost far more than a step: of a very large ensemble the first particles stand for all. */
static kr_status add_populations(statistics *s, const kr_view *view, kr_error *error) {
    if (!s->wells) return KR_OK;
    double fraction[KR_MAX_BASINS];
    size_t count = view->particles < BASIN_PARTICLES ? (size_t)view->particles : BASIN_PARTICLES;
    kr_status status = kr_basins_population(s->basins, count, view->stride, view->position, fraction, error);
    double *well = s->sums + FIXED_SUMS + 2 * s->dim;
    for (size_t m = 0; status == KR_OK && m < s->wells; m++) well[m] += isfinite(fraction[m]) ? fraction[m] : 0.0;
    s->sums[WELL_SAMPLES] += 1;
    return status;
}

static kr_status sample(kr_observer *observer, const kr_view *view, kr_error *error) {
    statistics *s = (statistics *)observer;
    for (size_t first = 0; first < view->particles; first += CHUNK) {
        size_t count = gather(view, first, s->dim, s->work);
        add_chunk(s, count, s->work);
    }
    kr_status status = add_kinetic(s, view, error);
    if (status == KR_OK) status = add_populations(s, view, error);
    s->sums[SAMPLES] += 1;
    return status;
}

static void conclude(statistics *s) {
    kr_statistics *r = &s->result;
    double particles = s->sums[PARTICLES], dim = (double)s->dim;
    const double *position = s->sums + FIXED_SUMS, *square = position + s->dim, *well = square + s->dim;
    r->samples = (uint64_t)s->sums[SAMPLES];
    for (size_t i = 0; i < s->dim; i++) {
        double mean = position[i] / particles;
        r->position[i] = s->origin[i] + mean;
        r->position_variance[i] = square[i] / particles - mean * mean;
    }
    r->potential = s->sums[POTENTIAL] / particles;
    r->kinetic_temperature = s->moving ? s->sums[KINETIC] / (particles * dim) : NAN;
    r->configurational_temperature = s->sums[SLOPE] / s->sums[LAPLACIAN];
    for (size_t m = 0; m < s->wells; m++) r->well_population[m] = well[m] / s->sums[WELL_SAMPLES];
}

/* Without a cadence the ensemble at the end is the sample. */
static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    statistics *s = (statistics *)observer;
    kr_status status = KR_OK;
    if (observer->every == 0 || s->sums[SAMPLES] == 0) {
        memset(s->sums, 0, s->sums_count * sizeof *s->sums);
        status = sample(observer, view, error);
        conclude(s);
        memset(s->sums, 0, s->sums_count * sizeof *s->sums); /* looking changes nothing that a checkpoint keeps */
    } else {
        conclude(s);
    }
    return status;
}

static size_t state_words(const kr_observer *observer) {
    return ((const statistics *)observer)->sums_count;
}

static void save(const kr_observer *observer, uint64_t *words) {
    const statistics *s = (const statistics *)observer;
    memcpy(words, s->sums, s->sums_count * sizeof *words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    statistics *s = (statistics *)observer;
    memcpy(s->sums, words, s->sums_count * sizeof *words);
}

static void destroy(kr_observer *observer) {
    statistics *s = (statistics *)observer;
    if (!s) return;
    kr_basins_destroy(s->basins);
    free(s->sums);
    free(s->origin);
    free(s->work);
    free(s->velocity);
    free(s->result.position);
    free(s->result.position_variance);
    free(s->result.well_population);
    free(s);
}

static bool allocate(statistics *s) {
    s->sums_count = FIXED_SUMS + 2 * s->dim + s->wells;
    s->sums = calloc(s->sums_count, sizeof(double));
    s->origin = calloc(s->dim, sizeof(double));
    s->work = calloc((3 * s->dim + 1) * CHUNK, sizeof(double));
    s->result.position = calloc(s->dim, sizeof(double));
    s->result.position_variance = calloc(s->dim, sizeof(double));
    s->result.well_population = s->wells ? calloc(s->wells, sizeof(double)) : NULL;
    s->result.dim = s->dim;
    s->result.wells = s->wells;
    return s->sums && s->origin && s->work && s->result.position && s->result.position_variance &&
           (!s->wells || s->result.well_population);
}

kr_status kr_statistics_create(kr_observer **observer, const kr_statistics_settings *settings, const double *origin,
                               const kr_landscape *landscape, kr_error *error) {
    *observer = NULL;
    statistics *s = calloc(1, sizeof *s);
    if (!s) return kr_fail(error, KR_NO_MEMORY, "not enough memory for statistics");
    s->observer = (kr_observer){.every = (uint64_t)settings->every,
                                .from = (uint64_t)settings->discard,
                                .sample = sample,
                                .end = end,
                                .state_words = state_words,
                                .save = save,
                                .restore = restore,
                                .destroy = destroy};
    s->landscape = landscape;
    s->dim = landscape->dim;
    kr_status status = kr_basins_create(&s->basins, landscape, error);
    s->wells = kr_basins_count(s->basins);
    if (status == KR_OK && !allocate(s)) status = kr_fail(error, KR_NO_MEMORY, "not enough memory for statistics");
    if (status != KR_OK) {
        destroy(&s->observer);
        return status;
    }
    memcpy(s->origin, origin, s->dim * sizeof(double));
    *observer = &s->observer;
    return KR_OK;
}

const kr_statistics *kr_statistics_result(const kr_observer *observer) {
    return &((const statistics *)observer)->result;
}
