/* How sharp the places are where particles stay: the largest and the smallest curvature, the trace of the Hessian, the rise of the
 * loss around, and learning rate x largest curvature beside the limit of the dynamics, 2 for gradient descent (the edge of
 * stability, Cohen et al. 2021).
 *
 * Of the landscape that is minimised, weight decay included. The first particles are looked at, and only at the cadence: a look
 * costs as much as thousands of steps with minibatches. Particles that have stopped are left out. */
#include "geometry/hessian_ends.h"
#include "statistics/probes.h"
#include "statistics/sharpness_rows.h"
#include <kramers/stability.h>

#include <kramers/observer.h>

#include <math.h>
#include <stdio.h>

typedef struct settings {
    int64_t every, discard, particles, probes, directions, iterations;
    double radius, tolerance;
} settings;

typedef struct sharpness {
    kr_observer observer;
    kr_curvature_look how;
    kr_sharpness result;
} sharpness;

/* ---- samples ---- */

static double *column(const kr_looks *looks, size_t which) {
    return looks->number + which * looks->particles;
}

/* Of learning rate x curvature, or of that over what adaptive dynamics divide gradients by. */
static double limit_of(const kr_dynamics *dynamics, double learning_rate) {
    if (dynamics->type->preconditioned_limit) return dynamics->type->preconditioned_limit(dynamics);
    return kr_stability_limit(dynamics, learning_rate);
}

static kr_status take(sharpness *s, const kr_view *view, kr_looks *looks, kr_error *error) {
    kr_noise minibatch;
    kr_curvature_look how = s->how;
    how.minibatch = kr_noise_sampler_of(view->noise, &minibatch) ? &minibatch : NULL;
    kr_status status = kr_looks_take(looks, view, s->observer.threads, kr_look_at_curvature, &how, error);
    double *stability = column(looks, KR_LOOK_STABILITY);
    for (size_t p = 0; p < looks->particles; p++)
        stability[p] = view->learning_rate * column(looks, KR_LOOK_LARGEST)[p] /
                       kr_gradient_divisor(view->dynamics, column(looks, KR_LOOK_NOISE)[p]);
    return status;
}

static kr_status sample(kr_observer *observer, const kr_view *view, kr_error *error) {
    sharpness *s = (sharpness *)observer;
    kr_look_record *record = &s->result.record;
    kr_status status = take(s, view, &record->last, error);
    if (status != KR_OK) return status;
    double number[KR_SERIES_WIDTH];
    static const int which[] = {KR_LOOK_LARGEST, KR_LOOK_SMALLEST, KR_LOOK_TRACE, KR_LOOK_RISE, KR_LOOK_STABILITY};
    for (size_t i = 0; i < sizeof which / sizeof *which; i++)
        number[i] = kr_looks_summary(&record->last, (size_t)which[i], record->sorted).mean;
    number[KR_SERIES_LIMIT] = limit_of(view->dynamics, view->learning_rate);
    kr_look_record_add(record, view, number);
    return KR_OK;
}

/* ---- results ---- */

static void count_particles(const sharpness *s, kr_sharpness *r) {
    const kr_looks *now = &r->record.now;
    const double *largest = column(now, KR_LOOK_LARGEST), *smallest = column(now, KR_LOOK_SMALLEST);
    const double *residual = column(now, KR_LOOK_RESIDUAL), *error = column(now, KR_LOOK_TRACE_ERROR);
    double square = 0.0, beyond = 0.0;
    r->residual = 0.0;
    r->unconverged = 0;
    for (size_t p = 0; p < now->particles; p++) {
        if (!isfinite(largest[p])) continue;
        r->residual = fmax(r->residual, residual[p]);
        square += error[p] * error[p] / (double)r->particles;
        r->unconverged += residual[p] > s->how.tolerance * fmax(fabs(largest[p]), fabs(smallest[p]));
        beyond += column(now, KR_LOOK_STABILITY)[p] > r->stability_limit;
    }
    r->trace_error = sqrt(square);
    r->beyond_stability = isfinite(r->stability_limit) && r->of[KR_LOOK_STABILITY].count ? beyond / (double)r->particles : NAN;
}

static void explain(const kr_view *view, kr_sharpness *r) {
    const kr_dynamics *dynamics = view->dynamics;
    const char *name = dynamics->type->about.name;
    kr_noise minibatch;
    r->why[0] = 0;
    if (r->stability_limit == INFINITY)
        snprintf(r->why, sizeof r->why, "the steps of '%.40s' are stable at any curvature", name);
    else if (dynamics->type->preconditioned_limit && !r->of[KR_LOOK_STABILITY].count)
        snprintf(r->why, sizeof r->why, "what '%.40s' divides by follows the gradients", name);
    else if (r->particles && !kr_noise_sampler_of(view->noise, &minibatch))
        snprintf(r->why, sizeof r->why, "no minibatches, so that the mean decides");
    else if (r->particles && !dynamics->type->thermal_variance)
        snprintf(r->why, sizeof r->why, "the mean square is known for gradient descent only");
}

static void conclude(sharpness *s, const kr_view *view) {
    kr_sharpness *r = &s->result;
    for (size_t c = 0; c < KR_CURVATURE_LOOKS; c++) r->of[c] = kr_looks_summary(&r->record.now, c, r->record.sorted);
    r->particles = r->of[KR_LOOK_LARGEST].count;
    r->stability_limit = limit_of(view->dynamics, kr_look_record_rate(&r->record, view));
    count_particles(s, r);
    explain(view, r);
    if (!isfinite(r->stability_limit)) r->stability_limit = NAN;
}

/* Where the cadence does not divide the run, its last step is looked at in addition. */
static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    sharpness *s = (sharpness *)observer;
    kr_look_record *record = &s->result.record;
    kr_status status = kr_look_record_recall(record, view) ? KR_OK : take(s, view, &record->now, error);
    if (status == KR_OK) conclude(s, view);
    return status;
}

/* Frames show the newest sample. */
static size_t looked_at(const kr_observer *observer) {
    return ((const sharpness *)observer)->result.record.last.particles;
}

#define SHOWN(name_, which_)                                                                                                       \
    static const double *name_##_shown(const kr_observer *observer) {                                                              \
        return column(&((const sharpness *)observer)->result.record.last, which_);                                                 \
    }
SHOWN(largest, KR_LOOK_LARGEST)
SHOWN(smallest, KR_LOOK_SMALLEST)
SHOWN(trace, KR_LOOK_TRACE)
SHOWN(stability, KR_LOOK_STABILITY)

#define FRAME(name_, doc_, which_)                                                                                                 \
    {                                                                                                                              \
        .name = "sharpness_" #name_, .doc = doc_ ", of each particle that is looked at", .count = looked_at,                       \
        .numbers = which_##_shown                                                                                                  \
    }

static const kr_frame_data frame_data[] = {{.name = "sharpness_step",
                                            .doc = "step of the newest sample, at the frame or before it",
                                            .unit = "steps",
                                            .offset = offsetof(sharpness, result.record.shown_step)},
                                           FRAME(largest, "largest eigenvalue of the Hessian", largest),
                                           FRAME(smallest, "smallest eigenvalue of the Hessian", smallest),
                                           FRAME(trace, "trace of the Hessian", trace),
                                           FRAME(lr_times_largest, "learning rate x largest eigenvalue", stability),
                                           {.name = NULL}};

/* ---- life ---- */

static double bytes_of(const settings *wanted, const kr_landscape *landscape) {
    return kr_curvature_look_bytes(landscape, (size_t)wanted->iterations);
}

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    sharpness *s = (sharpness *)observer;
    const settings *wanted = setup->values;
    const kr_landscape *landscape = setup->problem.landscape;
    s->how = (kr_curvature_look){.seed = setup->seed,
                                 .probes = (size_t)wanted->probes,
                                 .directions = (size_t)wanted->directions,
                                 .iterations = (size_t)wanted->iterations,
                                 .radius = wanted->radius,
                                 .tolerance = wanted->tolerance};
    s->result.radius = wanted->radius;
    s->result.whole = kr_hessian_is_whole(landscape);
    return kr_look_record_create(&s->result.record, setup, wanted->particles, KR_CURVATURE_LOOKS, bytes_of(wanted, landscape),
                                 error);
}

static void destroy(kr_observer *observer) {
    kr_look_record_destroy(&((sharpness *)observer)->result.record);
}

static size_t state_words(const kr_observer *observer) {
    return kr_look_record_words(&((const sharpness *)observer)->result.record);
}

static void save(const kr_observer *observer, uint64_t *words) {
    kr_look_record_save(&((const sharpness *)observer)->result.record, words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    kr_look_record_restore(&((sharpness *)observer)->result.record, words);
}

static kr_observer_need need(const kr_observer_setup *setup) {
    const settings *wanted = setup->values;
    return kr_look_record_need(setup, wanted->particles, KR_CURVATURE_LOOKS, bytes_of(wanted, setup->problem.landscape));
}

static bool warning(const kr_observer *observer, size_t number, char *text, size_t size) {
    const sharpness *s = (const sharpness *)observer;
    const kr_sharpness *r = &s->result;
    if (number > 0 || !r->unconverged) return false;
    snprintf(
        text, size,
        "curvatures of %llu of %llu particles are known to %.2g only; give a larger sharpness.iterations than %zu, or a larger "
        "sharpness.tolerance",
        (unsigned long long)r->unconverged, (unsigned long long)r->particles, r->residual, s->how.iterations);
    return true;
}

static const void *result(const kr_observer *observer) {
    return &((const sharpness *)observer)->result;
}

static const kr_parameter parameters[] = {
    KR_OBSERVER_EVERY(
        settings, 1000,
        "steps between looks; 0: none. One look at a network costs as much as some hundred of its gradients over all data"),
    KR_OBSERVER_DISCARD(settings, "steps before the first look"),
    {.name = "particles",
     .doc = "how many are looked at, the first ones; 0: all",
     .type = KR_INTEGER,
     .offset = offsetof(settings, particles),
     .initial = 64,
     .minimum = 0,
     .maximum = 1e12},
    {.name = "iterations",
     .doc = "most products with each Hessian for its largest and smallest eigenvalue",
     .type = KR_INTEGER,
     .flags = KR_LOG_SCALE,
     .offset = offsetof(settings, iterations),
     .initial = 100,
     .minimum = 1,
     .maximum = 2000},
    {.name = "tolerance",
     .doc = "residual of these eigenvalues that is small enough, relative to the larger of them",
     .type = KR_NUMBER,
     .flags = KR_LOG_SCALE | KR_ABOVE_MINIMUM,
     .offset = offsetof(settings, tolerance),
     .initial = 1e-4,
     .minimum = 0,
     .maximum = 1},
    {.name = "probes",
     .doc = "random vectors for the trace, in more than 32 coupled coordinates",
     .type = KR_INTEGER,
     .offset = offsetof(settings, probes),
     .initial = 10,
     .minimum = 2,
     .maximum = KR_MOST_PROBES},
    {.name = "radius",
     .symbol = "r",
     .doc = "distance at which the rise of the loss is measured",
     .unit = "length",
     .type = KR_NUMBER,
     .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     .offset = offsetof(settings, radius),
     .initial = 1,
     .minimum = 0,
     .maximum = 1e9},
    {.name = "directions",
     .doc = "random lines on which it is measured, both ways",
     .type = KR_INTEGER,
     .offset = offsetof(settings, directions),
     .initial = 10,
     .minimum = 1,
     .maximum = KR_MOST_PROBES},
    KR_END};

KR_OBSERVER = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "largest curvature beside the limit of stability, trace of the Hessian, rise of the loss around",
                         .reference =
                             "J. Cohen et al., Gradient descent on neural networks typically occurs at the edge of stability, "
                             "ICLR 2021; L. Wu, C. Ma, W. E, NeurIPS 2018",
                         .parameters = parameters,
                         .values_size = sizeof(settings),
                         .rank = 8},
               .presence = KR_OBSERVER_WITH_SECTION,
               .need = need,
               .size = sizeof(sharpness),
               .begin = begin,
               .sample = sample,
               .end = end,
               .frame_data = frame_data,
               .destroy = destroy,
               .state_words = state_words,
               .save = save,
               .restore = restore,
               .rows = kr_sharpness_rows,
               .result = result,
               .warning = warning};
