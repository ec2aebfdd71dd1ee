/* The noise of minibatches at its source: the covariance C of the gradients of single data, beside the Hessian H; and the
 * temperature that it amounts to, beside the one that the particles show.
 *
 * Near a minimum and at small steps, gradient descent in noise of covariance gamma C has <|grad V|^2> / <Tr H> = eta gamma / 2 Tr C
 * H / Tr H (each direction has its own temperature, and the thermometer weighs it by its curvature), while the mean over the
 * coordinates is eta gamma / 2 Tr C / d: the two differ by the anisotropy, d Tr C H / (Tr C Tr H). A measured temperature above
 * both means that the particles are not stationary: a slope is left that the noise does not explain.
 *
 * H, and the slope of the measured temperature, are those of the landscape that is minimised, weight decay included. The first
 * particles are looked at, and only at the cadence. */
#include "statistics/noise_rows.h"
#include "statistics/probes.h"

#include <kramers/data_sum.h>
#include <kramers/observer.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct settings {
    int64_t every, discard, samples, particles, probes;
} settings;

typedef struct gradient_noise {
    kr_observer observer;
    kr_noise_look how;
    size_t dim;
    kr_gradient_noise result;
} gradient_noise;

/* What estimates are made with. */
typedef struct moment {
    const kr_view *view;
    double learning_rate, dim;
    bool pure;   /* all noise is that of minibatches */
    bool linear; /* the temperature is linear in its variance: gradients are not divided by what follows them */
} moment;

/* ---- estimates ---- */

static double alignment(const void *context, const double *mean) {
    (void)context;
    return mean[KR_LOOK_PRODUCT] / sqrt(mean[KR_LOOK_SQUARE_C] * mean[KR_LOOK_SQUARE_H]);
}

static double anisotropy(const void *context, const double *mean) {
    const moment *at = context;
    return at->dim * mean[KR_LOOK_PRODUCT] / (mean[KR_LOOK_COVARIANCE] * mean[KR_LOOK_LAPLACIAN]);
}

static double tail_index(const void *context, const double *mean) {
    (void)context;
    return 1.0 / mean[KR_LOOK_TAIL];
}

static double temperature(const void *context, const double *mean) {
    (void)context;
    return mean[KR_LOOK_TEMPERATURE];
}

static double temperature_weighted(const void *context, const double *mean) {
    const moment *at = context;
    if (!at->pure || !at->linear) return NAN;
    return kr_dynamics_temperature(at->view->dynamics, at->learning_rate, mean[KR_LOOK_VARIANCE] * anisotropy(at, mean));
}

static double temperature_measured(const void *context, const double *mean) {
    (void)context;
    return mean[KR_LOOK_SLOPE] / mean[KR_LOOK_LAPLACIAN];
}

#define BIT(column_) (1u << KR_LOOK_##column_)

static const struct {
    kr_of_means *function;
    unsigned columns;
} estimates[KR_NOISE_ESTIMATES] = {
    [KR_NOISE_ALIGNMENT] = {alignment, BIT(PRODUCT) | BIT(SQUARE_C) | BIT(SQUARE_H)},
    [KR_NOISE_ANISOTROPY] = {anisotropy, BIT(PRODUCT) | BIT(COVARIANCE) | BIT(LAPLACIAN)},
    [KR_NOISE_TAIL_INDEX] = {tail_index, BIT(TAIL)},
    [KR_NOISE_TEMPERATURE] = {temperature, BIT(TEMPERATURE)},
    [KR_NOISE_TEMPERATURE_WEIGHTED] = {temperature_weighted, BIT(VARIANCE) | BIT(PRODUCT) | BIT(COVARIANCE) | BIT(LAPLACIAN)},
    [KR_NOISE_TEMPERATURE_MEASURED] = {temperature_measured, BIT(SLOPE) | BIT(LAPLACIAN)}};

static bool only_minibatches(const kr_noise *noise) {
    size_t drawn = 0;
    for (size_t i = 0; i < kr_noise_part_count(noise); i++) {
        kr_noise part = kr_noise_part_of(noise, i);
        bool minibatch = part.type->sampler;
        if (!minibatch && !part.type->is_zero) return false;
        drawn += minibatch;
    }
    return drawn == 1;
}

static moment moment_of(const gradient_noise *g, const kr_view *view, double learning_rate) {
    return (moment){.view = view,
                    .learning_rate = learning_rate,
                    .dim = (double)g->dim,
                    .pure = only_minibatches(view->noise),
                    .linear = !view->dynamics->type->preconditioned_limit};
}

static kr_look_estimate estimate(const kr_looks *looks, const moment *at, kr_noise_estimate which) {
    return kr_looks_estimate(looks, estimates[which].columns, estimates[which].function, at);
}

/* ---- samples and results ---- */

static kr_status sample(kr_observer *observer, const kr_view *view, kr_error *error) {
    static const kr_noise_estimate shown[] = {KR_NOISE_ALIGNMENT, KR_NOISE_TAIL_INDEX, KR_NOISE_TEMPERATURE,
                                              KR_NOISE_TEMPERATURE_WEIGHTED, KR_NOISE_TEMPERATURE_MEASURED};
    gradient_noise *g = (gradient_noise *)observer;
    kr_look_record *record = &g->result.record;
    kr_status status = kr_looks_take(&record->last, view, observer->threads, kr_look_at_noise, &g->how, error);
    if (status != KR_OK) return status;
    moment at = moment_of(g, view, view->learning_rate);
    double number[KR_SERIES_WIDTH] = {kr_looks_summary(&record->last, KR_LOOK_COVARIANCE, record->sorted).mean};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) number[1 + i] = estimate(&record->last, &at, shown[i]).value;
    kr_look_record_add(record, view, number);
    return KR_OK;
}

/* How many of the data a particle meets. */
static size_t data_of(const kr_landscape *landscape, size_t wanted) {
    size_t all = kr_landscape_data(landscape)->data(landscape, KR_DATA_TRAIN).count;
    return wanted && wanted < all ? wanted : all;
}

static void conclude(gradient_noise *g, const kr_view *view) {
    kr_gradient_noise *r = &g->result;
    moment at = moment_of(g, view, kr_look_record_rate(&r->record, view));
    r->covariance = kr_looks_summary(&r->record.now, KR_LOOK_COVARIANCE, r->record.sorted);
    r->laplacian = kr_looks_summary(&r->record.now, KR_LOOK_LAPLACIAN, r->record.sorted);
    r->particles = r->covariance.count;
    r->data = data_of(view->landscape, g->how.samples);
    r->data_in_all = data_of(view->landscape, 0);
    for (int e = 0; e < KR_NOISE_ESTIMATES; e++) r->estimate[e] = estimate(&r->record.now, &at, (kr_noise_estimate)e);
    r->why[0] = 0;
    if (r->particles && isnan(r->estimate[KR_NOISE_TEMPERATURE].value))
        snprintf(r->why, sizeof r->why, "the dynamics '%.40s' has no stationary temperature in this noise",
                 view->dynamics->type->about.name);
    else if (!at.pure)
        snprintf(r->why, sizeof r->why, "not all of the run's noise, if there is any, is that of minibatches");
    else if (!at.linear)
        snprintf(r->why, sizeof r->why,
                 "'%.40s' divides gradients by what follows them: no direction keeps the noise of its own data",
                 view->dynamics->type->about.name);
}

/* Where the cadence does not divide the run, its last step is looked at in addition. */
static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    gradient_noise *g = (gradient_noise *)observer;
    kr_look_record *record = &g->result.record;
    kr_status status = KR_OK;
    if (!kr_look_record_recall(record, view))
        status = kr_looks_take(&record->now, view, observer->threads, kr_look_at_noise, &g->how, error);
    if (status == KR_OK) conclude(g, view);
    return status;
}

/* Frames show the newest sample. */
static size_t looked_at(const kr_observer *observer) {
    return ((const gradient_noise *)observer)->result.record.last.particles;
}

static const double *covariance_shown(const kr_observer *observer) {
    const kr_looks *last = &((const gradient_noise *)observer)->result.record.last;
    return last->number + KR_LOOK_COVARIANCE * last->particles;
}

static const kr_frame_data frame_data[] = {
    {.name = "gradient_noise_step",
     .doc = "step of the newest sample, at the frame or before it",
     .unit = "steps",
     .offset = offsetof(gradient_noise, result.record.shown_step)},
    {.name = "gradient_noise_covariance_trace",
     .doc = "trace of the covariance of single gradients, of each particle that is looked at",
     .count = looked_at,
     .numbers = covariance_shown},
    {.name = NULL}};

/* ---- life ---- */

static double bytes_of(const settings *wanted, const kr_landscape *landscape) {
    return kr_noise_look_bytes(landscape, (size_t)wanted->probes, data_of(landscape, (size_t)wanted->samples));
}

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    gradient_noise *g = (gradient_noise *)observer;
    const settings *wanted = setup->values;
    const kr_landscape *landscape = setup->problem.landscape;
    g->how = (kr_noise_look){.seed = setup->seed, .probes = (size_t)wanted->probes, .samples = (size_t)wanted->samples};
    g->dim = landscape->dim;
    return kr_look_record_create(&g->result.record, setup, wanted->particles, KR_NOISE_LOOKS, bytes_of(wanted, landscape), error);
}

static void destroy(kr_observer *observer) {
    kr_look_record_destroy(&((gradient_noise *)observer)->result.record);
}

static size_t state_words(const kr_observer *observer) {
    return kr_look_record_words(&((const gradient_noise *)observer)->result.record);
}

static void save(const kr_observer *observer, uint64_t *words) {
    kr_look_record_save(&((const gradient_noise *)observer)->result.record, words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    kr_look_record_restore(&((gradient_noise *)observer)->result.record, words);
}

static kr_status check(const void *values, const kr_observer_scene *scene, const char **key, kr_error *error) {
    const settings *wanted = values;
    if (wanted->samples == 1) {
        *key = "samples";
        return kr_fail(error, KR_BAD_ARGUMENT, "gradient_noise.samples = 1 has no pairs of data; it must be 0 (all) or at least 2");
    }
    if (scene->data) return KR_OK;
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "gradient_noise needs a landscape that is a mean over data, such as network; the noise of '%s' is what its scene "
        "says, and the theory effective_temperature has its temperature",
        scene->landscape);
}

static kr_observer_need need(const kr_observer_setup *setup) {
    const settings *wanted = setup->values;
    return kr_look_record_need(setup, wanted->particles, KR_NOISE_LOOKS, bytes_of(wanted, setup->problem.landscape));
}

static const void *result(const kr_observer *observer) {
    return &((const gradient_noise *)observer)->result;
}

static const kr_parameter parameters[] = {
    KR_OBSERVER_EVERY(settings, 1000, "steps between looks; 0: none"),
    KR_OBSERVER_DISCARD(settings, "steps before the first look"),
    {.name = "samples",
     .doc = "data whose gradients are looked at, each particle's own choice; 0, or more than there are: all",
     .type = KR_INTEGER,
     .offset = offsetof(settings, samples),
     .initial = 512,
     .minimum = 0,
     .maximum = 1e9},
    {.name = "particles",
     .doc = "how many are looked at, the first ones; 0: all",
     .type = KR_INTEGER,
     .offset = offsetof(settings, particles),
     .initial = 64,
     .minimum = 0,
     .maximum = 1e12},
    {.name = "probes",
     .doc = "random vectors for traces of matrices, in more than 32 coordinates",
     .type = KR_INTEGER,
     .offset = offsetof(settings, probes),
     .initial = 16,
     .minimum = 2,
     .maximum = KR_MOST_PROBES},
    KR_END};

KR_OBSERVER = {
    .about = {.name = KR_PLUGIN_NAME,
              .doc = "covariance of the gradients of single data beside the Hessian, their tail, and the temperature of it",
              .reference = "Z. Zhu et al., The anisotropic noise in stochastic gradient descent, ICML 2019; U. Simsekli, L. "
                           "Sagun, M. Guerbuezbalaban, ICML 2019; M. Mohammadi et al., Metrika 78, 549 (2015)",
              .parameters = parameters,
              .values_size = sizeof(settings),
              .rank = 9},
    .presence = KR_OBSERVER_WITH_SECTION,
    .check = check,
    .need = need,
    .size = sizeof(gradient_noise),
    .begin = begin,
    .sample = sample,
    .end = end,
    .frame_data = frame_data,
    .destroy = destroy,
    .state_words = state_words,
    .save = save,
    .restore = restore,
    .rows = kr_gradient_noise_rows,
    .result = result};
