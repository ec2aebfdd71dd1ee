/* Means over the finite particles of the ensemble, at the end and over a cadence. */
#include "statistics/granule_means.h"
#include "statistics/segments.h"

#include <kramers/basin.h>
#include <kramers/block.h>
#include <kramers/statistics.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BASIN_PARTICLES = 100000, PARTS = KR_MOST_GROUPS, FEWEST_PARTS = 8, MOST_NUMBERS = 1 << 22 };

/* Sums over all samples, and how particles are divided for one. */
typedef struct statistics {
    kr_observer observer;
    kr_statistics result, deviation; /* deviation: standard errors */
    const kr_landscape *landscape;
    kr_basins *basins;
    size_t dim, wells;
    size_t width;
    bool batches; /* parts are successive batches of samples, else groups of particles */
    size_t parts;
    double *sums; /* [parts][width]: samples, particles, potential, kinetic, gradient^2, laplacian, x[dim], x^2[dim] (about origin),
                     wells */
    double *origin; /* [dim]: moments are taken about it, which loses no digits far from zero */
    const kr_sum_kernels *kernels;
    kr_segments segments; /* its groups are the parts, or there is one when those are batches */
    size_t most;          /* particles of a group whose basins are looked for */
    bool ended, moving;
} statistics;

enum { SAMPLES, MEANS, WELL_SAMPLES = MEANS + KR_ENSEMBLE_SUMS, FIXED_SUMS };

/* Of a segment: KR_ENSEMBLE_SUMS, x[dim], x^2[dim], how many were looked at for their basins, and in which they are. */
static size_t segment_width(const statistics *s) {
    return KR_ENSEMBLE_SUMS + 2 * s->dim + 1 + s->wells;
}

static size_t part_sums(const kr_observer *observer) {
    const statistics *s = (const statistics *)observer;
    return kr_segments_count(&s->segments) * segment_width(s);
}

/* Populations by descent cost far more than a step: of a very large ensemble the first particles of each group are the sample. */
static size_t looked_for(const statistics *s, kr_segment at) {
    size_t stop = s->segments.bound[at.group] + s->most;
    return stop < at.first ? at.first : stop < at.end ? stop : at.end;
}

/* Basins of those particles of the part that any segment wants. */
static kr_status find_basins(const statistics *s, const kr_observer_part *part, int32_t *basin, kr_error *error) {
    size_t begin = (size_t)part->first, end = begin + (size_t)part->view.particles, low = end, high = begin;
    for (size_t next = begin; s->wells && next < end;) {
        kr_segment at = kr_segment_at(&s->segments, next, end);
        size_t stop = looked_for(s, at);
        if (stop > at.first) {
            low = at.first < low ? at.first : low;
            high = stop;
        }
        next = at.end;
    }
    if (low >= high) return KR_OK;
    return kr_basins_assign(s->basins, high - low, part->view.stride, part->view.position + (low - begin), basin + (low - begin),
                            error);
}

static void count_basins(const statistics *s, size_t count, const int32_t *basin, double *well) {
    for (size_t m = 0; m < s->wells; m++) {
        int32_t inside = 0;
        for (size_t p = 0; p < count; p++) inside += basin[p] == (int32_t)m;
        well[m] = (double)inside;
    }
}

static void sum_segment(const statistics *s, const kr_observer_part *part, const kr_mean_terms *terms, const int32_t *basin,
                        kr_segment at) {
    size_t begin = (size_t)part->first, granule = at.granule - begin, first = at.first - begin;
    uint64_t keep[KR_GRANULE];
    double *sums = part->sums + at.place * segment_width(s), *moments = sums + KR_ENSEMBLE_SUMS, *looked = moments + 2 * s->dim;
    memset(sums, 0, segment_width(s) * sizeof *sums);
    size_t wanted = looked_for(s, at) - at.first;
    *looked = (double)kr_keep_moving(s->kernels, part->view.stopped_at, granule, first, first + wanted, keep);
    sums[KR_SUM_PARTICLES] = wanted == at.end - at.first
                                 ? *looked
                                 : (double)kr_keep_moving(s->kernels, part->view.stopped_at, granule, first, at.end - begin, keep);
    kr_mean_terms_add(s->kernels, terms, granule, keep, sums, s->origin, moments);
    count_basins(s, wanted, basin + first, looked + 1);
}

static kr_status sample_part(kr_observer *observer, const kr_observer_part *part, kr_error *error) {
    const statistics *s = (const statistics *)observer;
    size_t n = part->view.stride, end = (size_t)(part->first + part->view.particles);
    double *velocity = part->work, *gradient = velocity + s->dim * n, *curvature = gradient + s->dim * n;
    double *energy = curvature + s->dim * n;
    int32_t *basin = (int32_t *)(void *)(energy + n);
    kr_mean_terms terms = {.dim = s->dim,
                           .n = n,
                           .first = (size_t)part->first,
                           .seed = part->view.seed,
                           .step = part->view.step,
                           .position = part->view.position,
                           .velocity = kr_ensemble_velocity(&part->view, velocity) ? velocity : NULL,
                           .gradient = gradient,
                           .curvature = curvature,
                           .energy = energy};
    kr_mean_terms_evaluate(part->view.landscape, &terms);
    kr_status status = find_basins(s, part, basin, error);
    for (size_t next = (size_t)part->first; status == KR_OK && next < end;) {
        kr_segment at = kr_segment_at(&s->segments, next, end);
        sum_segment(s, part, &terms, basin, at);
        next = at.end;
    }
    return status;
}

/* Where sample number k goes when parts are batches: all have the same length, and when the last is full they are joined in
 * pairs. */
static double *open_batch(statistics *s, uint64_t k) {
    uint64_t length = 1;
    while (k > length * s->parts) length *= 2;
    if (k == length * s->parts) {
        for (size_t i = 0; i < s->parts; i++)
            for (size_t j = 0; j < s->width; j++)
                s->sums[i * s->width + j] =
                    i < s->parts / 2 ? s->sums[2 * i * s->width + j] + s->sums[(2 * i + 1) * s->width + j] : 0.0;
        length *= 2;
    }
    return s->sums + (size_t)(k / length) * s->width;
}

static double total(const statistics *s, size_t which) {
    double sum = 0.0;
    for (size_t part = 0; part < s->parts; part++) sum += s->sums[part * s->width + which];
    return sum;
}

static void add_segment(const statistics *s, const double *own, double *sums, double *inside) {
    for (size_t j = 0; j < KR_ENSEMBLE_SUMS; j++) sums[MEANS + j] += own[j];
    for (size_t j = 0; j < 2 * s->dim; j++) sums[FIXED_SUMS + j] += own[KR_ENSEMBLE_SUMS + j];
    for (size_t j = 0; j <= s->wells; j++) inside[j] += own[KR_ENSEMBLE_SUMS + 2 * s->dim + j];
}

static void add_populations(const statistics *s, size_t group, const double *inside, double *sums) {
    size_t size = s->segments.bound[group + 1] - s->segments.bound[group], count = size < s->most ? size : s->most;
    double *well = sums + FIXED_SUMS + 2 * s->dim;
    if (!s->wells || !(inside[0] > 0)) return; /* nobody is nowhere */
    for (size_t m = 0; m < s->wells; m++) well[m] += (double)count * (inside[1 + m] / inside[0]);
    sums[WELL_SAMPLES] += (double)count;
}

static kr_status join(kr_observer *observer, const kr_view *view, const double *segments, kr_error *error) {
    (void)error;
    statistics *s = (statistics *)observer;
    double *sums = s->batches ? open_batch(s, (uint64_t)total(s, SAMPLES)) : s->sums;
    sums[SAMPLES] += 1;
    s->moving = view->dynamics->type->velocity != NULL;
    for (size_t group = 0; group < s->segments.groups; group++, sums += s->width) {
        double inside[1 + KR_MAX_BASINS] = {0};
        for (size_t next = s->segments.bound[group], end = s->segments.bound[group + 1]; next < end;) {
            kr_segment at = kr_segment_at(&s->segments, next, end);
            add_segment(s, segments + at.place * segment_width(s), sums, inside);
            next = at.end;
        }
        add_populations(s, group, inside, sums);
    }
    return KR_OK;
}

static void evaluate(const statistics *s, const double *sums, kr_statistics *r) {
    const double *means = sums + MEANS;
    double particles = means[KR_SUM_PARTICLES];
    const double *position = sums + FIXED_SUMS, *square = position + s->dim, *well = square + s->dim;
    for (size_t i = 0; i < s->dim; i++) {
        double mean = position[i] / particles;
        r->position[i] = s->origin[i] + mean;
        r->position_variance[i] = square[i] / particles - mean * mean;
    }
    r->potential = means[KR_SUM_POTENTIAL] / particles;
    r->kinetic_temperature = s->moving ? kr_sums_kinetic_temperature(means, s->dim) : NAN;
    r->configurational_temperature = kr_sums_configurational_temperature(means);
    for (size_t m = 0; m < s->wells; m++) r->well_population[m] = well[m] / sums[WELL_SAMPLES];
}

/* Numbers of a result one after another, so that errors need no names. */
static double *number_of(const statistics *s, kr_statistics *r, size_t i) {
    if (i < s->dim) return &r->position[i];
    if (i < 2 * s->dim) return &r->position_variance[i - s->dim];
    if (i < 2 * s->dim + s->wells) return &r->well_population[i - 2 * s->dim];
    i -= 2 * s->dim + s->wells;
    return i == 0 ? &r->potential : i == 1 ? &r->kinetic_temperature : &r->configurational_temperature;
}

/* Jackknife (Miller 1974): with theta_g the result without part g, var = (n - 1)/n sum (theta_g - mean)^2. Right for ratios and
 * variances too. sums: of all, then work space of the same size; moments: two numbers for each number of a result. */
static void estimate_errors(statistics *s, size_t parts, const double *all, double *without, kr_statistics *trial,
                            double *moments) {
    size_t numbers = 2 * s->dim + s->wells + 3;
    double n = (double)parts;
    for (size_t part = 0; part < parts; part++) {
        for (size_t j = 0; j < s->width; j++) without[j] = all[j] - s->sums[part * s->width + j];
        evaluate(s, without, trial);
        for (size_t i = 0; i < numbers; i++) {
            /* About the result itself, so that no digits are lost. */
            double d = *number_of(s, trial, i) - *number_of(s, &s->result, i);
            moments[2 * i] += d / n;
            moments[2 * i + 1] += d * d / n;
        }
    }
    for (size_t i = 0; i < numbers; i++) {
        double variance = (n - 1.0) * (moments[2 * i + 1] - moments[2 * i] * moments[2 * i]);
        *number_of(s, &s->deviation, i) = sqrt(variance < 0.0 ? 0.0 : variance);
    }
}

static bool allocate_result(const statistics *s, kr_statistics *r) {
    r->position = calloc(s->dim, sizeof(double));
    r->position_variance = calloc(s->dim, sizeof(double));
    r->well_population = s->wells ? calloc(s->wells, sizeof(double)) : NULL;
    r->dim = s->dim;
    r->wells = s->wells;
    return r->position && r->position_variance && (!s->wells || r->well_population);
}

static void free_result(kr_statistics *r) {
    free(r->position);
    free(r->position_variance);
    free(r->well_population);
}

static void conclude(statistics *s) {
    size_t numbers = 2 * s->dim + s->wells + 3, parts = 0;
    double *all = calloc(2 * s->width + 2 * numbers, sizeof *all);
    kr_statistics trial = {0};
    bool enough = all && allocate_result(s, &trial);
    s->result.samples = (uint64_t)total(s, SAMPLES);
    s->result.error = NULL;
    for (size_t part = 0; part < s->parts; part++) parts += s->sums[part * s->width + MEANS + KR_SUM_PARTICLES] > 0;
    for (size_t j = 0; all && j < s->width; j++) all[j] = total(s, j);
    if (all) evaluate(s, all, &s->result);
    if (enough && parts >= FEWEST_PARTS) {
        estimate_errors(s, parts, all, all + s->width, &trial, all + 2 * s->width);
        s->result.error = &s->deviation;
    }
    free_result(&trial);
    free(all);
}

/* Without a cadence the ensemble at the end is the sample. */
static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    statistics *s = (statistics *)observer;
    kr_status status = KR_OK;
    s->moving = view->dynamics->type->velocity != NULL; /* a resumed run may have taken no sample yet */
    if (observer->every == 0 || total(s, SAMPLES) == 0) {
        memset(s->sums, 0, s->parts * s->width * sizeof *s->sums);
        status = kr_observer_sample_parts(observer, view, error);
        conclude(s);
        memset(s->sums, 0, s->parts * s->width * sizeof *s->sums); /* a result changes nothing that a checkpoint keeps */
    } else {
        conclude(s);
    }
    return status;
}

static size_t state_words(const kr_observer *observer) {
    const statistics *s = (const statistics *)observer;
    return s->parts * s->width;
}

static void save(const kr_observer *observer, uint64_t *words) {
    const statistics *s = (const statistics *)observer;
    memcpy(words, s->sums, s->parts * s->width * sizeof *words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    statistics *s = (statistics *)observer;
    memcpy(s->sums, words, s->parts * s->width * sizeof *words);
}

static void destroy(kr_observer *observer) {
    statistics *s = (statistics *)observer;
    kr_basins_destroy(s->basins);
    free(s->sums);
    free(s->origin);
    free_result(&s->result);
    free_result(&s->deviation);
}

static bool allocate(statistics *s) {
    s->sums = calloc(s->parts * s->width, sizeof(double));
    s->origin = calloc(s->dim, sizeof(double));
    bool enough = allocate_result(s, &s->result);
    return allocate_result(s, &s->deviation) && enough && s->sums && s->origin;
}

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    statistics *s = (statistics *)observer;
    s->landscape = setup->problem.landscape;
    s->dim = s->landscape->dim;
    kr_status status = kr_basins_create(&s->basins, s->landscape, error);
    if (status != KR_OK) return status;
    s->wells = kr_basins_count(s->basins);
    s->width = FIXED_SUMS + 2 * s->dim + s->wells;
    s->batches = setup->particles < FEWEST_PARTS;
    s->parts = s->batches || setup->particles > PARTS ? PARTS : (size_t)setup->particles;
    if (s->parts * s->width > MOST_NUMBERS) s->parts = 1; /* means of so many coordinates have no errors */
    if (s->parts == 1) s->batches = false;
    s->segments.particles = (size_t)setup->particles;
    s->segments.groups = s->batches ? 1 : s->parts;
    s->most = BASIN_PARTICLES / s->segments.groups;
    for (size_t g = 0; g <= s->segments.groups; g++)
        s->segments.bound[g] =
            s->segments.particles / s->segments.groups * g + s->segments.particles % s->segments.groups * g / s->segments.groups;
    s->kernels = kr_kernels_here()->sums;
    if (!allocate(s)) return kr_fail(error, KR_NO_MEMORY, "not enough memory for statistics");
    memcpy(s->origin, setup->problem.start, s->dim * sizeof(double));
    return KR_OK;
}

static const void *result(const kr_observer *observer) {
    return &((const statistics *)observer)->result;
}

const kr_statistics *kr_statistics_result(const kr_observer *observer) {
    return observer ? result(observer) : NULL;
}

static const kr_parameter parameters[] = {{.name = "every",
                                           .doc = "steps between samples of the means; 0: only at the end",
                                           .unit = "steps",
                                           .type = KR_INTEGER,
                                           .offset = offsetof(kr_statistics_settings, every),
                                           .minimum = 0,
                                           .maximum = 1e18},
                                          KR_OBSERVER_DISCARD(kr_statistics_settings, "steps before the first sample"),
                                          KR_END};

KR_OBSERVER = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "means over the ensemble",
                         .parameters = parameters,
                         .values_size = sizeof(kr_statistics_settings),
                         .rank = 1},
               .presence = KR_OBSERVER_ALWAYS,
               .size = sizeof(statistics),
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
               .rows = kr_statistics_rows,
               .result = result};
