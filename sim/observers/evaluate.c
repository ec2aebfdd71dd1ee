/* How well each particle does on the data it was trained with and on those held back: loss and accuracy, over the particles their
 * mean, its interval and quantiles.
 *
 * The loss is that of the data alone, without weight decay. Particles that have stopped are left out. Looked at from inside the
 * loop; every particle's numbers wait for those of the others, and are summed and sorted in the order of the particles. */
#include "statistics/particle_looks.h"

#include <kramers/block.h>
#include <kramers/data_sum.h>
#include <kramers/observer.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRAIN_LOSS, TRAIN_ACCURACY, TEST_LOSS, TEST_ACCURACY, QUANTITIES };

typedef struct settings {
    int64_t every, discard;
} settings;

/* Of all particles at one step; eight bytes each, as checkpoints have them. */
typedef struct evaluation {
    uint64_t step, particles, stopped;
    kr_look_summary of[QUANTITIES];
} evaluation;

typedef struct evaluate {
    kr_observer observer;
    size_t particles, padded;
    uint64_t samples;
    evaluation last, now; /* at the newest sample; of the results */
    evaluation shown;     /* at the newest frame */
    double shown_step;
    double *sorted; /* [particles] */
} evaluate;

/* ---- samples ---- */

/* [QUANTITIES][padded], a number of each particle. */
static size_t part_sums(const kr_observer *observer) {
    return QUANTITIES * ((const evaluate *)observer)->padded;
}

static kr_status sample_part(kr_observer *observer, const kr_observer_part *part, kr_error *error) {
    (void)error;
    const evaluate *e = (const evaluate *)observer;
    const kr_view *view = &part->view;
    const kr_data_sum *data = kr_landscape_data(view->landscape);
    size_t n = view->stride;
    double *number = part->work; /* [QUANTITIES][n] */
    data->evaluate(view->landscape, KR_DATA_TRAIN, n, view->position, number + TRAIN_LOSS * n, number + TRAIN_ACCURACY * n);
    data->evaluate(view->landscape, KR_DATA_TEST, n, view->position, number + TEST_LOSS * n, number + TEST_ACCURACY * n);
    for (size_t q = 0; q < QUANTITIES; q++)
        for (size_t p = 0; p < view->particles; p++)
            part->sums[q * e->padded + part->first + p] = view->stopped_at[p] ? NAN : number[q * n + p];
    return KR_OK;
}

static void conclude(const evaluate *e, uint64_t step, const double *number, evaluation *found) {
    for (size_t q = 0; q < QUANTITIES; q++) found->of[q] = kr_look_summary_of(e->particles, number + q * e->padded, e->sorted);
    found->step = step;
    found->particles = found->of[TRAIN_LOSS].count;
    found->stopped = e->particles - found->particles;
}

static kr_status join(kr_observer *observer, const kr_view *view, const double *sums, kr_error *error) {
    (void)error;
    evaluate *e = (evaluate *)observer;
    conclude(e, view->step, sums, &e->last);
    e->samples++;
    return KR_OK;
}

static kr_status join_at_end(kr_observer *observer, const kr_view *view, const double *sums, kr_error *error) {
    (void)error;
    evaluate *e = (evaluate *)observer;
    conclude(e, view->step, sums, &e->now);
    return KR_OK;
}

/* Where the cadence does not divide the run, its last step is looked at in addition. */
static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    static const kr_observer_type at_end = {
        .about = {.name = "evaluate"}, .part_sums = part_sums, .sample_part = sample_part, .join = join_at_end};
    evaluate *e = (evaluate *)observer, once = *e;
    e->now = e->last;
    if (e->samples && e->last.step == view->step) return KR_OK;
    once.observer.type = &at_end;
    kr_status status = kr_observer_sample_parts(&once.observer, view, error);
    e->now = once.now;
    return status;
}

/* Frames show the newest sample: one of their own would cost as much as dozens of steps. */
static kr_status frame(kr_observer *observer, const kr_view *view, kr_error *error) {
    (void)view, (void)error;
    evaluate *e = (evaluate *)observer;
    e->shown = e->last;
    e->shown_step = e->samples ? (double)e->last.step : NAN;
    return KR_OK;
}

/* ---- life ---- */

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    evaluate *e = (evaluate *)observer;
    e->particles = (size_t)setup->particles;
    e->padded = kr_padded(e->particles);
    e->sorted = malloc(e->padded * sizeof *e->sorted);
    if (!e->sorted) return kr_fail(error, KR_NO_MEMORY, "not enough memory to evaluate %zu particles", e->particles);
    for (size_t q = 0; q < QUANTITIES; q++) e->last.of[q] = kr_look_summary_of(0, NULL, e->sorted);
    return KR_OK;
}

static void destroy(kr_observer *observer) {
    free(((evaluate *)observer)->sorted);
}

static size_t state_words(const kr_observer *observer) {
    (void)observer;
    return 1 + sizeof(evaluation) / sizeof(uint64_t);
}

static void save(const kr_observer *observer, uint64_t *words) {
    const evaluate *e = (const evaluate *)observer;
    words[0] = e->samples;
    memcpy(words + 1, &e->last, sizeof e->last);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    evaluate *e = (evaluate *)observer;
    e->samples = words[0];
    memcpy(&e->last, words + 1, sizeof e->last);
}

static kr_status check(const void *values, const kr_observer_scene *scene, const char **key, kr_error *error) {
    (void)values, (void)key;
    if (scene->data) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "evaluate needs a landscape that is a mean over data, such as network; '%s' has none, and mean.potential is its "
                   "loss",
                   scene->landscape);
}

static kr_observer_need need(const kr_observer_setup *setup) {
    double padded = (double)kr_padded((size_t)setup->particles);
    return (kr_observer_need){.words = (double)state_words(NULL), .scratch = 8.0 * (1.0 + QUANTITIES) * padded};
}

/* ---- results ---- */

#define MEAN(q_) (offsetof(evaluate, shown.of[q_].mean))

static size_t quantiles(const kr_observer *observer) {
    (void)observer;
    return KR_LOOK_QUANTILES;
}

#define GETTERS(name_, q_)                                                                                                         \
    static const double *name_##_shown(const kr_observer *observer) {                                                              \
        return ((const evaluate *)observer)->shown.of[q_].quantile;                                                                \
    }                                                                                                                              \
    static bool name_##_ci95(const void *source, kr_value *value) {                                                                \
        const kr_interval *interval = &((const evaluate *)source)->now.of[q_].ci95;                                                \
        return isfinite(interval->low) && kr_value_interval(value, *interval);                                                     \
    }                                                                                                                              \
    static bool name_##_quantiles(const void *source, kr_value *value) {                                                           \
        const double *quantile = ((const evaluate *)source)->now.of[q_].quantile;                                                  \
        return isfinite(quantile[0]) && kr_value_list(value, quantile, KR_LOOK_QUANTILES, 0);                                      \
    }
GETTERS(train_loss, TRAIN_LOSS)
GETTERS(train_accuracy, TRAIN_ACCURACY)
GETTERS(test_loss, TEST_LOSS)
GETTERS(test_accuracy, TEST_ACCURACY)

/* Names for readers that want every observable below the root. */
#define FRAME(name_, q_, doc_)                                                                                                     \
    {.name = "evaluate_" #name_, .doc = doc_ ", mean over the particles at the newest evaluation", .offset = MEAN(q_)}, {          \
        .name = "evaluate_" #name_ "_quantiles", .doc = "its quantiles over the particles, at 0.05, 0.25, 0.5, 0.75 and 0.95",     \
        .count = quantiles, .numbers = name_##_shown                                                                               \
    }

static const kr_frame_data frame_data[] = {{.name = "evaluate_step",
                                            .doc = "step of the newest evaluation, at the frame or before it",
                                            .unit = "steps",
                                            .offset = offsetof(evaluate, shown_step)},
                                           FRAME(train_loss, TRAIN_LOSS, "mean loss of the training data"),
                                           FRAME(train_accuracy, TRAIN_ACCURACY, "share of the training data predicted rightly"),
                                           FRAME(test_loss, TEST_LOSS, "mean loss of the test data"),
                                           FRAME(test_accuracy, TEST_ACCURACY, "share of the test data predicted rightly"),
                                           {.name = NULL}};

#define WHY_NO_DETAIL "the page has the mean with its interval; JSON and files have more"
/* The place in a report comes last: it may have a comma. */
#define ROW(name_, kind_, rank_, unit_, doc_, sweep_, place_, ...)                                                                 \
    {                                                                                                                              \
        .name = "evaluate." #name_, .kind = KR_VALUE_##kind_, .rank = rank_, .unit = unit_, .doc = doc_,                           \
        .hdf5 = KR_AT("evaluate/" #name_), .sweep = sweep_, place_, .terminal = __VA_ARGS__                                        \
    }
#define ROWS(name_, q_, unit_, doc_, label_)                                                                                       \
    ROW(name_, NUMBER, 0, unit_, doc_ ", mean over the particles", KR_AT("evaluate_" #name_),                                      \
        .offset = offsetof(evaluate, now.of[q_].mean), KR_AT(label_)),                                                             \
        ROW(name_##_ci95, INTERVAL, 0, unit_, "95 % interval of this mean", KR_AT("evaluate_" #name_ "_ci95"),                     \
            .get = name_##_ci95, KR_BY(label_)),                                                                                   \
        ROW(name_##_deviation, NUMBER, 0, unit_, "standard deviation over the particles", KR_AT("evaluate_" #name_ "_deviation"),  \
            .offset = offsetof(evaluate, now.of[q_].deviation), KR_NOT(WHY_NO_DETAIL)),                                            \
        ROW(name_##_quantiles, NUMBER, 1, unit_, "quantiles over the particles, at 0.05, 0.25, 0.5, 0.75 and 0.95",                \
            KR_NOT(KR_WHY_LIST), .get = name_##_quantiles, KR_AT("  5, 25, 50, 75, 95 %"))

static const kr_result_row rows[] = {
    ROW(samples, COUNT, 0, NULL, "evaluations at the cadence", KR_AT("evaluate_samples"), .offset = offsetof(evaluate, samples),
        KR_NOT(WHY_NO_DETAIL)),
    ROW(particles, COUNT, 0, NULL, "particles that were evaluated at the end", KR_AT("evaluate_particles"),
        .offset = offsetof(evaluate, now.particles), KR_AT("particles")),
    ROW(stopped, COUNT, 0, NULL, "particles that are left out: they diverged or are away", KR_AT("evaluate_stopped"),
        .offset = offsetof(evaluate, now.stopped), KR_WITH("left out", KR_UNLESS_ZERO)),
    ROWS(train_loss, TRAIN_LOSS, "energy", "mean loss of the training data, without weight decay", "training loss"),
    ROWS(train_accuracy, TRAIN_ACCURACY, NULL, "share of the training data predicted rightly", "training accuracy"),
    ROWS(test_loss, TEST_LOSS, "energy", "mean loss of the test data", "test loss"),
    ROWS(test_accuracy, TEST_ACCURACY, NULL, "share of the test data predicted rightly", "test accuracy"),
    KR_RESULT_END};

static const kr_parameter parameters[] = {
    KR_OBSERVER_EVERY(settings, 1000,
                      "steps between evaluations; 0: none. One over all of digits costs as much as 40 steps of 16 data"),
    KR_OBSERVER_DISCARD(settings, "steps before the first evaluation"), KR_END};

KR_OBSERVER = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "loss and accuracy on the training and the test data",
                         .parameters = parameters,
                         .values_size = sizeof(settings),
                         .rank = 7},
               .presence = KR_OBSERVER_WITH_SECTION,
               .check = check,
               .need = need,
               .size = sizeof(evaluate),
               .begin = begin,
               .sample = kr_observer_sample_parts,
               .part_sums = part_sums,
               .sample_part = sample_part,
               .join = join,
               .end = end,
               .frame = frame,
               .frame_data = frame_data,
               .destroy = destroy,
               .state_words = state_words,
               .save = save,
               .restore = restore,
               .rows = rows};
