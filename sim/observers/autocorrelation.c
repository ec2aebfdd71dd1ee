/* How long particles remember: autocorrelation of a coordinate, a velocity or the potential over the cadence, and its integrated
 * time.
 *
 * Each particle's last samples are kept in memory of its own (statistics/correlator.h). Sums of a sample are made by segments,
 * added up in the order of the particles, and kept by groups of particles; the scatter of the groups gives errors by the jackknife.
 * With fewer particles than that the error of the integrated time is that of one long series (Madras and Sokal 1988). */
#include "statistics/correlator.h"
#include "statistics/segments.h"

#include <kramers/block.h>
#include <kramers/observer.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POSITION, VELOCITY, POTENTIAL, ALIVE = 0, NOW = 1, BY_LAG = 2 };

typedef struct settings {
    int64_t every, discard, length, coordinate, particles;
    int of;
} settings;

typedef struct autocorrelation {
    kr_observer observer;
    const kr_landscape *landscape;
    int of;
    size_t coordinate, particles, stride; /* those that are followed, and padded */
    double origin;                        /* sums are about it */
    uint64_t first_step;
    kr_lags lags;
    kr_segments segments;
    double *history;  /* [levels][KR_CORRELATOR_SLOTS][stride] */
    double *sums;     /* [groups][lags][KR_PAIR_SUMS] */
    uint64_t samples; /* taken */

    /* results */
    uint64_t *lag;               /* [lags] in steps */
    double *correlation, *error; /* [lags] */
    double variance, time_per_step;
    double integrated, integrated_error, window, effective; /* in steps */
} autocorrelation;

/* ---- samples ---- */

/* Of a segment: how many particles are alive, the sum of what they are, then for each lag the sum of what they were and that of the
 * products. */
static size_t segment_width(const autocorrelation *a) {
    return BY_LAG + 2 * a->lags.count;
}

static size_t part_sums(const kr_observer *observer) {
    const autocorrelation *a = (const autocorrelation *)observer;
    return kr_segments_count(&a->segments) * segment_width(a);
}

static double *slot_of(const autocorrelation *a, size_t level, uint64_t number) {
    return a->history + (level * KR_CORRELATOR_SLOTS + (size_t)(number % KR_CORRELATOR_SLOTS)) * a->stride;
}

/* In a fixed order, whatever the instruction set: eight sums side by side. */
static double dot(size_t n, const double *restrict x, const double *restrict y) {
    enum { LANES = 8 };
    double lane[LANES] = {0.0}, sum = 0.0;
    size_t p = 0;
    for (; p + LANES <= n; p += LANES)
        for (size_t l = 0; l < LANES; l++) lane[l] += x[p + l] * y[p + l];
    for (; p < n; p++) lane[p % LANES] += x[p] * y[p];
    for (size_t l = 0; l < LANES; l++) sum += lane[l];
    return sum;
}

/* now: what they are, 0 where alive is; both of these particles alone. */
static void sum_segment(const autocorrelation *a, uint64_t sample, kr_segment at, const double *now, const double *alive,
                        double *sums) {
    size_t n = at.end - at.first;
    memset(sums, 0, segment_width(a) * sizeof *sums);
    sums[ALIVE] = dot(n, alive, alive);
    sums[NOW] = dot(n, alive, now);
    for (size_t level = 0; level < a->lags.levels && sample % (UINT64_C(1) << level) == 0; level++)
        for (size_t k = a->lags.first[level]; k < a->lags.first[level + 1]; k++) {
            uint64_t number = sample >> level, back = k - a->lags.first[level] + (level ? KR_CORRELATOR_SLOTS / 2 : 0);
            if (number < back) break;
            const double *before = slot_of(a, level, number - back) + at.first;
            sums[BY_LAG + 2 * k] = dot(n, alive, before);
            sums[BY_LAG + 2 * k + 1] = dot(n, now, before);
        }
}

/* What is followed, about the origin, of all particles of the part. */
static const double *observe(const autocorrelation *a, const kr_observer_part *part) {
    double *value = part->work + a->landscape->dim * part->view.stride;
    if (a->of == POSITION) return part->view.position + a->coordinate * part->view.stride;
    if (a->of == VELOCITY) {
        kr_ensemble_velocity(&part->view, part->work);
        return part->work + a->coordinate * part->view.stride;
    }
    kr_landscape_energy(a->landscape, part->view.stride, part->view.position, value);
    return value;
}

static kr_status sample_part(kr_observer *observer, const kr_observer_part *part, kr_error *error) {
    (void)error;
    const autocorrelation *a = (const autocorrelation *)observer;
    size_t first = (size_t)part->first, end = first + (size_t)part->view.particles;
    if (end > a->particles) end = a->particles;
    if (first >= end) return KR_OK;
    uint64_t sample = (part->view.step - a->first_step) / observer->every;
    const double *value = observe(a, part);
    double *now = part->work + (a->landscape->dim + 1) * part->view.stride, *alive = now + part->view.stride;
    for (size_t p = 0; p < end - first; p++) {
        alive[p] = part->view.stopped_at[p] ? 0.0 : 1.0;
        now[p] = part->view.stopped_at[p] ? 0.0 : value[p] - a->origin;
    }
    for (size_t level = 0; level < a->lags.levels && sample % (UINT64_C(1) << level) == 0; level++)
        memcpy(slot_of(a, level, sample >> level) + first, now, (end - first) * sizeof *now);
    for (size_t next = first; next < end;) {
        kr_segment at = kr_segment_at(&a->segments, next, end);
        sum_segment(a, sample, at, now + (at.first - first), alive + (at.first - first), part->sums + at.place * segment_width(a));
        next = at.end;
    }
    return KR_OK;
}

static void add_segment(const autocorrelation *a, uint64_t sample, const double *own, double *group) {
    for (size_t level = 0; level < a->lags.levels && sample % (UINT64_C(1) << level) == 0; level++)
        for (size_t k = a->lags.first[level]; k < a->lags.first[level + 1]; k++) {
            double *pair = group + k * KR_PAIR_SUMS;
            if (kr_lag_samples(&a->lags, k) > sample) break;
            pair[KR_PAIR_COUNT] += own[ALIVE];
            pair[KR_PAIR_LATER] += own[NOW];
            pair[KR_PAIR_EARLIER] += own[BY_LAG + 2 * k];
            pair[KR_PAIR_PRODUCT] += own[BY_LAG + 2 * k + 1];
        }
}

static kr_status join(kr_observer *observer, const kr_view *view, const double *segments, kr_error *error) {
    (void)error;
    autocorrelation *a = (autocorrelation *)observer;
    uint64_t sample = (view->step - a->first_step) / observer->every;
    for (size_t next = 0; next < a->particles;) {
        kr_segment at = kr_segment_at(&a->segments, next, a->particles);
        add_segment(a, sample, segments + at.place * segment_width(a), a->sums + at.group * a->lags.count * KR_PAIR_SUMS);
        next = at.end;
    }
    a->samples = sample + 1;
    return KR_OK;
}

/* ---- results ---- */

static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    autocorrelation *a = (autocorrelation *)observer;
    double every = (double)observer->every;
    kr_correlator_result r;
    kr_status status = kr_correlator_conclude(&a->lags, a->segments.groups, a->sums, a->correlation, a->error, &r, error);
    if (status != KR_OK) return status;
    a->variance = r.variance;
    a->time_per_step = view->step ? view->time / (double)view->step : NAN;
    a->integrated = r.integrated * every;
    a->integrated_error = r.integrated_error * every;
    a->window = r.window * every;
    a->effective = r.independent;
    return KR_OK;
}

/* ---- life ---- */

static size_t followed(const kr_observer_setup *setup) {
    uint64_t wanted = (uint64_t)((const settings *)setup->values)->particles;
    return (size_t)(wanted && wanted < setup->particles ? wanted : setup->particles);
}

static size_t groups_of(size_t particles) {
    return particles < KR_MOST_GROUPS ? particles : KR_MOST_GROUPS;
}

static bool allocate(autocorrelation *a) {
    size_t lags = a->lags.count;
    a->history = calloc(a->lags.levels * KR_CORRELATOR_SLOTS * a->stride, sizeof *a->history);
    a->sums = calloc(a->segments.groups * lags * KR_PAIR_SUMS, sizeof *a->sums);
    a->lag = calloc(lags, sizeof *a->lag);
    a->correlation = calloc(lags, sizeof *a->correlation);
    a->error = calloc(lags, sizeof *a->error);
    return a->history && a->sums && a->lag && a->correlation && a->error;
}

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    autocorrelation *a = (autocorrelation *)observer;
    const settings *wanted = setup->values;
    a->landscape = setup->problem.landscape;
    a->of = wanted->of;
    a->coordinate = (size_t)wanted->coordinate;
    a->particles = followed(setup);
    a->stride = kr_padded(a->particles);
    a->origin = a->of == POSITION ? setup->problem.start[a->coordinate] : 0.0;
    if (a->of == POTENTIAL) kr_landscape_energy(a->landscape, 1, setup->problem.start, &a->origin);
    if (observer->every) a->first_step = (observer->from + observer->every - 1) / observer->every * observer->every;
    a->lags = kr_lags_up_to((uint64_t)wanted->length);
    a->segments = (kr_segments){.particles = a->particles, .groups = groups_of(a->particles)};
    for (size_t g = 0; g <= a->segments.groups; g++)
        a->segments.bound[g] = (g * a->particles + a->segments.groups - 1) / a->segments.groups;
    if (!allocate(a))
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for the autocorrelation of %zu particles", a->particles);
    for (size_t k = 0; k < a->lags.count; k++) a->lag[k] = kr_lag_samples(&a->lags, k) * observer->every;
    return KR_OK;
}

static void destroy(kr_observer *observer) {
    autocorrelation *a = (autocorrelation *)observer;
    free(a->history);
    free(a->sums);
    free(a->lag);
    free(a->correlation);
    free(a->error);
}

static size_t history_words(const autocorrelation *a) {
    return a->lags.levels * KR_CORRELATOR_SLOTS * a->stride;
}

static size_t sum_words(const autocorrelation *a) {
    return a->segments.groups * a->lags.count * KR_PAIR_SUMS;
}

static size_t state_words(const kr_observer *observer) {
    const autocorrelation *a = (const autocorrelation *)observer;
    return 1 + sum_words(a) + history_words(a);
}

static void save(const kr_observer *observer, uint64_t *words) {
    const autocorrelation *a = (const autocorrelation *)observer;
    words[0] = a->samples;
    memcpy(words + 1, a->sums, sum_words(a) * sizeof *words);
    memcpy(words + 1 + sum_words(a), a->history, history_words(a) * sizeof *words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    autocorrelation *a = (autocorrelation *)observer;
    a->samples = words[0];
    memcpy(a->sums, words + 1, sum_words(a) * sizeof *words);
    memcpy(a->history, words + 1 + sum_words(a), history_words(a) * sizeof *words);
}

static kr_observer_need need(const kr_observer_setup *setup) {
    const settings *s = setup->values;
    kr_lags lags = kr_lags_up_to((uint64_t)s->length);
    double particles = (double)kr_padded(followed(setup)), groups = (double)groups_of(followed(setup));
    double of_level = (double)KR_CORRELATOR_SLOTS * particles, samples = (double)setup->steps / (double)s->every;
    double reached = fmin((double)lags.levels, 1.0 + floor(log2(fmax(samples, 1.0)))); /* the others get no memory before */
    return (kr_observer_need){.words = 1.0 + groups * (double)lags.count * KR_PAIR_SUMS + (double)lags.levels * of_level,
                              .scratch = 8.0 * (particles / KR_GRANULE + groups) * (double)(BY_LAG + 2 * lags.count) -
                                         8.0 * ((double)lags.levels - reached) * of_level};
}

static kr_status check(const void *values, const kr_observer_scene *scene, const char **key, kr_error *error) {
    const settings *s = values;
    *key = "of";
    if (s->of != VELOCITY || scene->velocity) return KR_OK;
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "of = velocity: the dynamics '%s' has none; take position or potential, or dynamics with momentum, such as langevin",
        scene->dynamics);
}

static bool warning(const kr_observer *observer, size_t number, char *text, size_t size) {
    const autocorrelation *a = (const autocorrelation *)observer;
    if (number > 0 || !isnan(a->integrated) || !(a->variance > 0.0)) return false;
    uint64_t longest = a->lag[a->lags.count - 1], seen = (a->samples ? a->samples - 1 : 0) * observer->every;
    if (seen < longest)
        snprintf(
            text, size,
            "no integrated time: in %llu steps of samples the autocorrelation has not fallen to nothing; the run must be longer",
            (unsigned long long)seen);
    else
        snprintf(text, size,
                 "no integrated time: the autocorrelation has not fallen to nothing at the longest lag, %llu steps; give a longer "
                 "autocorrelation.length",
                 (unsigned long long)longest);
    return true;
}

/* ---- rows ---- */

static bool lag(const void *source, kr_value *value) {
    const autocorrelation *a = source;
    return kr_value_list(value, a->lag, a->lags.count, 0);
}

static bool correlation(const void *source, kr_value *value) {
    const autocorrelation *a = source;
    return kr_value_list(value, a->correlation, a->lags.count, 0);
}

static bool correlation_error(const void *source, kr_value *value) {
    const autocorrelation *a = source;
    return kr_value_list(value, a->error, a->lags.count, 0);
}

static bool particles(const void *source, kr_value *value) {
    return kr_value_count(value, ((const autocorrelation *)source)->particles);
}

static bool integrated_time(const void *source, kr_value *value) {
    const autocorrelation *a = source;
    return kr_value_number(value, a->integrated * a->time_per_step) && isfinite(value->own.number);
}

static bool integrated_time_error(const void *source, kr_value *value) {
    const autocorrelation *a = source;
    return kr_value_number(value, a->integrated_error * a->time_per_step) && isfinite(value->own.number);
}

#define ROW(name_, kind_, unit_, doc_, place_, ...)                                                                                \
    {                                                                                                                              \
        .name = "autocorrelation." #name_, .kind = KR_VALUE_##kind_, .unit = unit_, .doc = doc_,                                   \
        .hdf5 = KR_AT("autocorrelation/" #name_), .sweep = KR_AT("autocorrelation_" #name_), place_, .terminal = __VA_ARGS__       \
    }
#define FROM(member_) .offset = offsetof(autocorrelation, member_)

static const kr_result_row rows[] = {
    ROW(samples, COUNT, NULL, "samples taken", FROM(samples), KR_AT("samples")),
    ROW(particles, COUNT, NULL, "particles that were followed, the first ones", .get = particles, KR_AT("particles")),
    ROW(variance, NUMBER, NULL, "variance of what is followed", FROM(variance), KR_AT("variance")),
    ROW(integrated_steps, NUMBER, "steps", "integrated autocorrelation time: half a sample and the sum of the autocorrelation",
        FROM(integrated), KR_WITH("integrated time, in steps", KR_OR_UNKNOWN)),
    ROW(integrated_steps_error, NUMBER, "steps", "its standard error", FROM(integrated_error), KR_BY("integrated time, in steps")),
    ROW(integrated_time, NUMBER, "time", "the same as time", .get = integrated_time, KR_AT("integrated time")),
    ROW(integrated_time_error, NUMBER, "time", "its standard error", .get = integrated_time_error, KR_BY("integrated time")),
    ROW(window, NUMBER, "steps", "lag at which the sum ends, the first beyond six integrated times", FROM(window),
        KR_AT("summed up to lag")),
    ROW(independent, NUMBER, NULL, "so many independent samples are worth as much", FROM(effective), KR_AT("independent samples")),
    KR_ROW("autocorrelation.lag", COUNT, 1, "steps", "lags, finer at the beginning", KR_NOT(KR_WHY_LONG),
           KR_AT("autocorrelation/lag"), KR_NOT(KR_WHY_LIST), .get = lag),
    KR_ROW("autocorrelation.correlation", NUMBER, 1, NULL, "autocorrelation at each lag, 1 at lag 0", KR_NOT(KR_WHY_LONG),
           KR_AT("autocorrelation/correlation"), KR_NOT(KR_WHY_LIST), .get = correlation),
    KR_ROW("autocorrelation.correlation_error", NUMBER, 1, NULL, "its standard errors, from groups of particles",
           KR_NOT(KR_WHY_LONG), KR_AT("autocorrelation/correlation_error"), KR_NOT(KR_WHY_LIST), .get = correlation_error),
    KR_RESULT_END};

static const char *const quantities[] = {"position", "velocity", "potential", NULL};

static const kr_parameter parameters[] = {
    KR_OBSERVER_EVERY(settings, 10, "steps between samples; 0: no autocorrelation"),
    KR_OBSERVER_DISCARD(settings, "steps before the first sample; particles should have forgotten the start by then"),
    {.name = "length",
     .doc = "longest lag, in samples; time and memory grow like its logarithm",
     .unit = "samples",
     .type = KR_INTEGER,
     .flags = KR_LOG_SCALE,
     .offset = offsetof(settings, length),
     .initial = 1000,
     .minimum = 1,
     .maximum = 1e12},
    {.name = "of",
     .doc = "what is followed: the position or velocity along a coordinate, or the potential",
     .type = KR_CHOICE,
     .offset = offsetof(settings, of),
     .initial = POSITION,
     .choices = quantities},
    {.name = "coordinate",
     .symbol = "i",
     .doc = "the coordinate that is looked at",
     .type = KR_INTEGER,
     .offset = offsetof(settings, coordinate),
     .minimum = 0,
     .maximum = 1e9},
    {.name = "particles",
     .doc = "how many are followed, the first ones; 0: all",
     .type = KR_INTEGER,
     .offset = offsetof(settings, particles),
     .initial = 4096,
     .minimum = 0,
     .maximum = 1e12},
    KR_END};

KR_OBSERVER = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "autocorrelation and its integrated time",
                         .reference = "A. D. Sokal, Monte Carlo methods in statistical mechanics, 1989; N. Madras, A. D. Sokal, J. "
                                      "Stat. Phys. 50, 109 (1988)",
                         .parameters = parameters,
                         .values_size = sizeof(settings),
                         .rank = 5},
               .presence = KR_OBSERVER_WITH_SECTION,
               .check = check,
               .need = need,
               .size = sizeof(autocorrelation),
               .begin = begin,
               .sample = kr_observer_sample_parts,
               .part_sums = part_sums,
               .sample_part = sample_part,
               .join = join,
               .end = end,
               .destroy = destroy,
               .state_words = state_words,
               .save = save,
               .restore = restore,
               .rows = rows,
               .warning = warning};
