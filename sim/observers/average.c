/* Weight averaging: each particle's own average over its path, and the loss there beside that of the particle itself.
 *
 * swa (Izmailov et al. 2018): the mean of all samples. ema: a running mean that begins at the first sample and forgets as decay^k
 * over k samples, as PyTorch's AveragedModel and get_ema_avg_fn do. A particle that returns to the start begins a new average.
 *
 * On V = k x^2 / 2 gradient descent has the correlation a = 1 - eta k from step to step, and a stationary running mean over every
 * step the variance (1 - d) (1 + a d) / ((1 + d) (1 - a d)) of the particle's; a mean of n samples has (1 + a) / (1 - a) / n of it
 * for large n: averages find the minimum that the noise keeps particles away from. */
#include "statistics/sample_moments.h"

#include <kramers/block.h>
#include <kramers/observer.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SWA, EMA };

typedef struct settings {
    int64_t every, discard;
    double decay;
    int kind;
} settings;

typedef struct average {
    kr_observer observer;
    const kr_landscape *landscape;
    settings wanted;
    size_t dim, particles, stride; /* stride: particles, padded */
    double *memory;                /* state that checkpoints keep: count[stride], then mean[dim][stride] */
    uint64_t samples;              /* taken */

    /* results */
    double *position, *position_error, *position_variance, *position_variance_error; /* [dim] */
    uint64_t counted;
    double potential, potential_error, particle_potential, particle_potential_error;
    double variance, particle_variance; /* means over the coordinates */
} average;

/* ---- samples ---- */

/* weight[p]: what the new sample counts in the average of particle p; 1: all. */
static void weigh(const average *a, const kr_observer_part *part, double *count, double *weight) {
    uint64_t step = part->view.step, every = a->observer.every;
    for (size_t p = 0; p < (size_t)part->view.particles; p++) {
        bool returned = !part->view.stopped_at[p] && step - part->view.departure[p] < every;
        count[p] = returned ? 1.0 : count[p] + 1.0;
        weight[p] = count[p] > 1.0 && a->wanted.kind == EMA ? 1.0 - a->wanted.decay : 1.0 / count[p];
    }
}

static void blend(size_t n, const double *restrict weight, const double *restrict x, double *restrict mean) {
    for (size_t p = 0; p < n; p++) mean[p] = weight[p] < 1.0 ? fma(weight[p], x[p] - mean[p], mean[p]) : x[p];
}

static kr_status sample_part(kr_observer *observer, const kr_observer_part *part, kr_error *error) {
    (void)error;
    const average *a = (const average *)observer;
    size_t first = (size_t)part->first, count = (size_t)part->view.particles;
    weigh(a, part, a->memory + first, part->work);
    for (size_t i = 0; i < a->dim; i++)
        blend(count, part->work, part->view.position + i * part->view.stride, a->memory + (1 + i) * a->stride + first);
    return KR_OK;
}

static kr_status join(kr_observer *observer, const kr_view *view, const double *sums, kr_error *error) {
    (void)view, (void)sums, (void)error;
    ((average *)observer)->samples++;
    return KR_OK;
}

/* ---- results ---- */

/* NAN where a particle has stopped. */
static kr_status energies(const average *a, const kr_view *view, const double *position, double *energy, kr_error *error) {
    double *x = malloc(a->dim * KR_GRANULE * sizeof *x);
    if (!x) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the energies of averages");
    for (size_t first = 0; first < a->particles; first += KR_GRANULE) {
        size_t count = a->particles - first < KR_GRANULE ? a->particles - first : KR_GRANULE;
        for (size_t i = 0; i < a->dim; i++) memcpy(x + i * count, position + i * a->stride + first, count * sizeof *x);
        kr_landscape_energy(a->landscape, count, x, energy + first);
        for (size_t p = 0; p < count; p++)
            if (view->stopped_at[first + p]) energy[first + p] = NAN;
    }
    free(x);
    return KR_OK;
}

static void conclude_coordinates(average *a, const kr_view *view, double *value) {
    double variance = 0, particle = 0;
    for (size_t i = 0; i < a->dim; i++) {
        const double *mean = a->memory + (1 + i) * a->stride;
        for (size_t p = 0; p < a->particles; p++) value[p] = view->stopped_at[p] ? NAN : mean[p];
        kr_sample_moments m = kr_sample_moments_of(a->particles, value);
        a->position[i] = m.mean;
        a->position_error[i] = m.mean_error;
        a->position_variance[i] = m.variance;
        a->position_variance_error[i] = m.variance_error;
        variance += m.variance;
        particle += kr_sample_moments_of(a->particles, view->position + i * view->stride).variance;
    }
    a->variance = variance / (double)a->dim;
    a->particle_variance = particle / (double)a->dim;
}

static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    average *a = (average *)observer;
    if (!a->samples) {
        a->potential = a->potential_error = a->particle_potential = a->particle_potential_error = NAN;
        a->variance = a->particle_variance = NAN;
        return KR_OK;
    }
    double *value = malloc(a->stride * sizeof *value);
    if (!value) return kr_fail(error, KR_NO_MEMORY, "not enough memory for averages");
    kr_status status = energies(a, view, a->memory + a->stride, value, error);
    kr_sample_moments m = kr_sample_moments_of(a->particles, value);
    a->counted = m.count;
    a->potential = m.mean;
    a->potential_error = m.mean_error;
    if (status == KR_OK) status = energies(a, view, view->position, value, error);
    m = kr_sample_moments_of(a->particles, value);
    a->particle_potential = m.mean;
    a->particle_potential_error = m.mean_error;
    conclude_coordinates(a, view, value);
    free(value);
    return status;
}

/* ---- life ---- */

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    average *a = (average *)observer;
    a->landscape = setup->problem.landscape;
    a->wanted = *(const settings *)setup->values;
    a->dim = a->landscape->dim;
    a->particles = (size_t)setup->particles;
    a->stride = kr_padded(a->particles);
    a->memory = calloc((1 + a->dim) * a->stride, sizeof *a->memory);
    a->position = calloc(4 * a->dim, sizeof *a->position);
    if (!a->memory || !a->position)
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for the averages of %zu particles", a->particles);
    a->position_error = a->position + a->dim;
    a->position_variance = a->position_error + a->dim;
    a->position_variance_error = a->position_variance + a->dim;
    return KR_OK;
}

static void destroy(kr_observer *observer) {
    average *a = (average *)observer;
    free(a->memory);
    free(a->position);
}

static size_t state_words(const kr_observer *observer) {
    const average *a = (const average *)observer;
    return 1 + (1 + a->dim) * a->stride;
}

static void save(const kr_observer *observer, uint64_t *words) {
    const average *a = (const average *)observer;
    words[0] = a->samples;
    memcpy(words + 1, a->memory, (1 + a->dim) * a->stride * sizeof *words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    average *a = (average *)observer;
    a->samples = words[0];
    memcpy(a->memory, words + 1, (1 + a->dim) * a->stride * sizeof *words);
}

static kr_observer_need need(const kr_observer_setup *setup) {
    double dim = (double)setup->problem.landscape->dim, stride = (double)kr_padded((size_t)setup->particles);
    return (kr_observer_need){.words = 1.0 + (1.0 + dim) * stride, .scratch = 8.0 * stride};
}

/* ---- rows ---- */

#define LIST(member_)                                                                                                              \
    static bool member_(const void *source, kr_value *value) {                                                                     \
        const average *a = source;                                                                                                 \
        return a->samples && kr_value_list(value, a->member_, a->dim, 0);                                                          \
    }
LIST(position)
LIST(position_error)
LIST(position_variance)
LIST(position_variance_error)

#define WHY_ERROR "errors are in JSON and in files"
#define ROW(name_, kind_, rank_, unit_, doc_, sweep_, place_, ...)                                                                 \
    {                                                                                                                              \
        .name = "average." #name_, .kind = KR_VALUE_##kind_, .rank = rank_, .unit = unit_, .doc = doc_,                            \
        .hdf5 = KR_AT("average/" #name_), .sweep = sweep_, place_, .terminal = __VA_ARGS__                                         \
    }
#define NUMBER_ROW(name_, unit_, doc_, ...)                                                                                        \
    ROW(name_, NUMBER, 0, unit_, doc_, KR_AT("average_" #name_), .offset = offsetof(average, name_), __VA_ARGS__)
#define LIST_ROW(name_, unit_, doc_, ...) ROW(name_, NUMBER, 1, unit_, doc_, KR_NOT(KR_WHY_LIST), .get = name_, __VA_ARGS__)

static const kr_result_row rows[] = {
    ROW(samples, COUNT, 0, NULL, "samples taken", KR_AT("average_samples"), .offset = offsetof(average, samples), KR_AT("samples")),
    ROW(particles, COUNT, 0, NULL, "moving particles whose averages are counted", KR_AT("average_particles"),
        .offset = offsetof(average, counted), KR_AT("particles")),
    NUMBER_ROW(potential, "energy", "mean of the energy at the particles' averages", KR_AT("potential at the average")),
    NUMBER_ROW(potential_error, "energy", "its standard error", KR_BY("potential at the average")),
    NUMBER_ROW(particle_potential, "energy", "mean of the energy of the particles at the same time",
               KR_AT("potential of the particle")),
    NUMBER_ROW(particle_potential_error, "energy", "its standard error", KR_BY("potential of the particle")),
    NUMBER_ROW(variance, "length^2", "variance of the averages, mean over the coordinates", KR_AT("variance of the average")),
    NUMBER_ROW(particle_variance, "length^2", "variance of the particles at the same time, mean over the coordinates",
               KR_AT("variance of the particle")),
    LIST_ROW(position, "length", "mean of the averages along each coordinate", KR_AT("position of the average")),
    LIST_ROW(position_error, "length", "their standard errors", KR_NOT(WHY_ERROR)),
    LIST_ROW(position_variance, "length^2", "variance of the averages along each coordinate", KR_NOT(KR_WHY_LONG)),
    LIST_ROW(position_variance_error, "length^2", "their standard errors", KR_NOT(WHY_ERROR)),
    KR_RESULT_END};

static const char *const kinds[] = {"swa", "ema", NULL};

static const kr_parameter parameters[] = {KR_OBSERVER_EVERY(settings, 1, "steps between samples of the positions; 0: no average"),
                                          KR_OBSERVER_DISCARD(settings, "steps before the first sample"),
                                          {.name = "kind",
                                           .doc = "swa: the mean of all samples; ema: a running mean, which forgets",
                                           .type = KR_CHOICE,
                                           .offset = offsetof(settings, kind),
                                           .initial = SWA,
                                           .choices = kinds},
                                          {.name = "decay",
                                           .symbol = "d",
                                           .doc = "for ema: what one sample leaves of the mean before it",
                                           .type = KR_NUMBER,
                                           .flags = KR_BELOW_MAXIMUM,
                                           .offset = offsetof(settings, decay),
                                           .initial = 0.999,
                                           .minimum = 0,
                                           .maximum = 1},
                                          KR_END};

KR_OBSERVER = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "weight averages of each particle (SWA, EMA) and the loss there",
                         .reference = "P. Izmailov, D. Podoprikhin, T. Garipov, D. Vetrov, A. G. Wilson, UAI 2018; B. Polyak, A. "
                                      "Juditsky, SIAM J. Control Optim. 30, 838 (1992)",
                         .parameters = parameters,
                         .values_size = sizeof(settings),
                         .rank = 6},
               .presence = KR_OBSERVER_WITH_SECTION,
               .need = need,
               .size = sizeof(average),
               .begin = begin,
               .sample = kr_observer_sample_parts,
               .sample_part = sample_part,
               .join = join,
               .end = end,
               .destroy = destroy,
               .state_words = state_words,
               .save = save,
               .restore = restore,
               .rows = rows};
