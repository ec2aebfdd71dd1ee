/* Counts transitions between core sets, residence times, populations and committors.
 *
 * All counts are integers, so that neither threads nor the division into parts can be seen in them. Everything that a resumed run
 * needs lies in two flat arrays. */
#include "statistics/transition_look.h"

#include <kramers/block.h>

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PAIRS = 1 << 20, APART = 8 }; /* words between what two threads write */

typedef struct transitions {
    kr_observer observer;
    kr_transition_counts counts;
    omp_lock_t lock[KR_TRANSITION_GROUPS]; /* of each group's windows */
    size_t locks;
} transitions;

static kr_transition_counts *counts_of(kr_observer *observer) {
    return &((transitions *)observer)->counts;
}

static size_t part_sums(const kr_observer *observer) {
    const kr_transition_counts *t = &((const transitions *)observer)->counts;
    return kr_segments_count(&t->segments) * kr_transition_segment_width(t);
}

/* ---- one part ---- */

static void count_windows(transitions *o, const kr_transition_look *l, uint64_t sample) {
    kr_transition_counts *t = &o->counts;
    for (size_t next = l->first, end = l->first + l->count; next < end;) {
        size_t group = kr_segment_at(&t->segments, next, end).group, bound = t->segments.bound[group + 1];
        size_t stop = bound < end ? bound : end;
        omp_set_lock(&o->lock[group]);
        kr_windows_count(&t->windows, sample, group, next, stop - next, l->well + (next - l->first));
        omp_unset_lock(&o->lock[group]);
        next = stop;
    }
}

static kr_status sample_part(kr_observer *observer, const kr_observer_part *part, kr_error *error) {
    kr_transition_counts *t = counts_of(observer);
    kr_transition_look look;
    kr_status status = kr_transition_look_at(t, part, &look, error);
    if (status != KR_OK) return status;
    kr_transition_tally tally = kr_transition_tally_at(t, t->tallies + (size_t)part->thread * (t->tally_count + APART));
    kr_transition_sum_segments(t, &look, part->sums);
    kr_transition_follow(t, &look, &tally);
    count_windows((transitions *)observer, &look, part->view.step / observer->every - t->first_sample);
    return KR_OK;
}

/* ---- all parts of a sample ---- */

static void join_tallies(kr_transition_counts *t, int threads) {
    for (int thread = 0; thread < threads; thread++) {
        uint64_t *own = t->tallies + (size_t)thread * (t->tally_count + APART);
        for (size_t i = 0; i < t->tally_count; i++) t->tally.count[i] += own[i];
        memset(own, 0, t->tally_count * sizeof *own);
    }
}

/* row[columns] of now; inside[wells] of the whole ensemble. */
static void add_segments(const kr_transition_counts *t, const double *sums, uint64_t *row, uint64_t *inside) {
    memset(row, 0, t->columns * sizeof *row);
    for (size_t next = 0; next < t->particles;) {
        kr_segment at = kr_segment_at(&t->segments, next, t->particles);
        const double *own = sums + at.place * kr_transition_segment_width(t);
        uint64_t *mine = row + at.group * (t->wells + 1);
        for (size_t m = 0; m < t->wells; m++) inside[m] += (uint64_t)own[m];
        for (size_t m = 0; m <= t->wells; m++) mine[m] += (uint64_t)own[t->wells + m];
        t->tally.looks[0] += (uint64_t)own[2 * t->wells];
        next = at.end;
    }
}

static void keep_row(kr_transition_counts *t, const kr_view *view) {
    t->row_step[t->words[KR_TRANSITION_ROW_COUNT]] = view->step;
    t->row_time[t->words[KR_TRANSITION_ROW_COUNT]++] = view->time;
    if (t->words[KR_TRANSITION_ROW_COUNT] < KR_TRANSITION_ROWS) return;
    for (size_t i = 1; i < KR_TRANSITION_ROWS / 2; i++) {
        memcpy(t->row + i * t->columns, t->row + 2 * i * t->columns, t->columns * sizeof *t->row);
        t->row_step[i] = t->row_step[2 * i];
        t->row_time[i] = t->row_time[2 * i];
    }
    t->words[KR_TRANSITION_ROW_COUNT] = KR_TRANSITION_ROWS / 2;
    t->words[KR_TRANSITION_ROW_STRIDE] *= 2;
}

static void add_residence(kr_transition_counts *t, const kr_view *view, const uint64_t *inside) {
    uint64_t steps = view->step - t->words[KR_TRANSITION_LAST_STEP];
    for (size_t m = 0; m < t->wells; m++) {
        t->residence[m] += inside[m] * steps;
        t->residence_time[m] += (double)inside[m] * (view->time - t->numbers[KR_TRANSITION_LAST_TIME]);
    }
}

static kr_status join(kr_observer *observer, const kr_view *view, const double *sums, kr_error *error) {
    (void)error;
    kr_transition_counts *t = counts_of(observer);
    uint64_t inside[KR_MAX_BASINS] = {0};
    join_tallies(t, observer->threads);
    add_segments(t, sums, t->row + t->words[KR_TRANSITION_ROW_COUNT] * t->columns, inside);
    if (t->words[KR_TRANSITION_SAMPLES])
        add_residence(t, view, inside);
    else
        t->numbers[KR_TRANSITION_FIRST_TIME] = view->time;
    if (t->words[KR_TRANSITION_SAMPLES] % t->words[KR_TRANSITION_ROW_STRIDE] == 0) keep_row(t, view);
    t->words[KR_TRANSITION_SAMPLES]++;
    t->words[KR_TRANSITION_LAST_STEP] = view->step;
    t->numbers[KR_TRANSITION_LAST_TIME] = view->time;
    return KR_OK;
}

static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    return kr_transitions_conclude(counts_of(observer), view, error);
}

/* ---- state ---- */

static size_t state_words(const kr_observer *observer) {
    const kr_transition_counts *t = &((const transitions *)observer)->counts;
    return t->word_count + t->number_count;
}

static void save(const kr_observer *observer, uint64_t *words) {
    const kr_transition_counts *t = &((const transitions *)observer)->counts;
    memcpy(words, t->words, t->word_count * sizeof *words);
    memcpy(words + t->word_count, t->numbers, t->number_count * sizeof *words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    kr_transition_counts *t = counts_of(observer);
    memcpy(t->words, words, t->word_count * sizeof *words);
    memcpy(t->numbers, words + t->word_count, t->number_count * sizeof *words);
}

static void destroy(kr_observer *observer) {
    kr_transition_counts *t = counts_of(observer);
    kr_transitions *r = &t->result;
    void *all[] = {t->words,     t->numbers,        t->tallies,         t->mode,
                   r->rate,      r->rate_ci95,      r->population,      r->bin_position,
                   r->committor, r->committor_ci95, r->committor_exact, r->committor_minima};
    transitions *o = (transitions *)observer;
    for (size_t i = 0; i < o->locks; i++) omp_destroy_lock(&o->lock[i]);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    kr_cores_destroy(t->cores);
}

/* Words for so many bytes. */
static size_t bytes(size_t count) {
    return (count + sizeof(uint64_t) - 1) / sizeof(uint64_t);
}

static size_t state_per_particle(void) {
    return 1 + bytes(1 + 2 * KR_WINDOW_LAGS);
}

static void place_words(kr_transition_counts *t) {
    size_t n = t->wells;
    uint64_t *word = t->words + KR_TRANSITION_HEADER_WORDS;
    t->tally = kr_transition_tally_at(t, word), word += t->tally_count;
    t->residence = word, word += n;
    t->row_step = word, word += KR_TRANSITION_ROWS;
    t->row = word, word += KR_TRANSITION_ROWS * t->columns;
    t->windows.pair = word, word += kr_windows_pairs(&t->windows);
    t->windows.before = (uint8_t *)word, word += bytes(2 * KR_WINDOW_LAGS * t->windows.stride);
    t->seen = word, word += t->windows.stride;
    t->last = (uint8_t *)word;
    double *number = t->numbers + KR_TRANSITION_HEADER_NUMBERS;
    t->residence_time = number, number += n;
    t->row_time = number;
    t->words[KR_TRANSITION_ROW_STRIDE] = 1;
}

static bool allocate(kr_transition_counts *t, int threads) {
    size_t n = t->wells, bins = t->result.bins, stride = kr_padded(t->particles);
    kr_transitions *r = &t->result;
    t->columns = t->segments.groups * (n + 1);
    t->windows = (kr_windows){.kernels = kr_kernels_here()->census, .wells = n, .groups = t->segments.groups, .stride = stride};
    t->tally_count = n * n + bins * n + 3 * bins + 2;
    t->word_count = KR_TRANSITION_HEADER_WORDS + t->tally_count + n + KR_TRANSITION_ROWS + KR_TRANSITION_ROWS * t->columns +
                    kr_windows_pairs(&t->windows) + bytes(2 * KR_WINDOW_LAGS * stride) + stride + bytes(stride);
    t->number_count = KR_TRANSITION_HEADER_NUMBERS + n + KR_TRANSITION_ROWS;
    t->words = calloc(t->word_count, sizeof *t->words);
    t->numbers = calloc(t->number_count, sizeof *t->numbers);
    t->tallies = calloc((size_t)threads * (t->tally_count + APART), sizeof *t->tallies);
    t->mode = calloc(n, sizeof *t->mode);
    r->rate = calloc(n * n, sizeof *r->rate);
    r->rate_ci95 = calloc(n * n, sizeof *r->rate_ci95);
    r->population = calloc(KR_TRANSITION_ROWS * n, sizeof *r->population);
    r->bin_position = calloc(bins + 1, sizeof *r->bin_position);
    r->committor = calloc(bins + 1, sizeof *r->committor);
    r->committor_ci95 = calloc(bins + 1, sizeof *r->committor_ci95);
    r->committor_exact = calloc(bins + 1, sizeof *r->committor_exact);
    r->committor_minima = calloc(bins + 1, sizeof *r->committor_minima);
    if (!t->words || !t->numbers || !t->tallies || !t->mode || !r->rate || !r->rate_ci95 || !r->population || !r->bin_position ||
        !r->committor || !r->committor_ci95 || !r->committor_exact || !r->committor_minima)
        return false;
    place_words(t);
    r->count = t->tally.count;
    r->residence_steps = t->residence;
    r->residence_time = t->residence_time;
    r->step = t->row_step;
    r->time = t->row_time;
    r->next = t->tally.next;
    return true;
}

/* Of the noise of one step where the dynamics is overdamped with additive noise at a constant learning rate, so that an exact
 * committor is known; NAN elsewhere. */
static double step_deviation(const kr_problem *problem, double temperature) {
    bool additive = kr_noise_is_additive(problem->noise, problem->landscape->type->separable);
    if (!additive || !problem->dynamics->type->thermal_variance) return NAN;
    return sqrt(2.0 * temperature * kr_problem_constant_rate(problem));
}

/* Edges of the cores between which there is an exact committor. Seen at samples only, a path enters its core later: as if the edge
 * were shifted by 0.5826 standard deviations of the noise between samples (Broadie, Glasserman, Kou 1997). */
static void find_gap(kr_transition_counts *t, const kr_problem *problem, int64_t every) {
    size_t coordinate = t->result.coordinate;
    if (!kr_cores_gap(t->cores, &coordinate, &t->gap_low, &t->gap_high) || coordinate != t->result.coordinate)
        t->gap_low = t->gap_high = NAN;
    double shift = 0.5825971579 * step_deviation(problem, t->temperature) * sqrt((double)every);
    t->gap_low -= shift;
    t->gap_high += shift;
}

/* Particle p belongs to group p groups / particles. */
static void divide(kr_segments *segments, size_t particles, size_t groups) {
    *segments = (kr_segments){.particles = particles, .groups = groups};
    for (size_t g = 0; g <= groups; g++) segments->bound[g] = (g * particles + groups - 1) / groups;
}

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    kr_transition_counts *t = counts_of(observer);
    const kr_transitions_settings *settings = setup->values;
    kr_transitions *r = &t->result;
    t->landscape = setup->problem.landscape;
    t->particles = (size_t)setup->particles;
    size_t groups = t->particles < KR_TRANSITION_GROUPS ? t->particles : KR_TRANSITION_GROUPS;
    t->temperature = kr_problem_temperature(&setup->problem, kr_schedule_at(setup->problem.schedule, 0));
    if (observer->every) t->first_sample = (observer->from + observer->every - 1) / observer->every;
    kr_status status = kr_cores_create(&t->cores, t->landscape, settings, t->temperature, error);
    if (status != KR_OK) return status;
    r->coordinate = (size_t)settings->coordinate;
    t->wells = r->wells = kr_cores_count(t->cores);
    if (groups > KR_TRANSITION_FEWEST_GROUPS && KR_WINDOW_LAGS * KR_TRANSITION_GROUPS * 2 * t->wells * t->wells > MOST_PAIRS)
        groups = KR_TRANSITION_FEWEST_GROUPS;
    divide(&t->segments, t->particles, groups);
    transitions *o = (transitions *)observer;
    for (; o->locks < groups; o->locks++) omp_init_lock(&o->lock[o->locks]);
    if (kr_cores_extent(t->cores, r->coordinate, &r->low, &r->high) > 1) r->bins = (size_t)settings->bins;
    find_gap(t, &setup->problem, settings->every);
    if (allocate(t, observer->threads)) return KR_OK;
    return kr_fail(error, KR_NO_MEMORY, "not enough memory to count the transitions of %zu particles", t->particles);
}

static kr_status check(const void *values, const kr_observer_scene *scene, const char **key, kr_error *error) {
    const kr_transitions_settings *settings = values;
    *key = NULL;
    if (!settings->every || !scene->target_count) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "transitions need particles that nobody takes away: a scene with transitions.every has no escape.until");
}

static kr_observer_need need(const kr_observer_setup *setup) {
    return (kr_observer_need){.words = (double)state_per_particle() * (double)setup->particles};
}

/* A core that is hardly ever visited makes a state that means nothing. */
static bool warning(const kr_observer *observer, size_t number, char *text, size_t size) {
    double fraction = ((const transitions *)observer)->counts.result.core_fraction;
    if (number > 0 || !(fraction < 0.02)) return false;
    snprintf(text, size,
             "only %.2g of the samples are in a core: barriers of a few temperatures, or many dimensions; raise or lower "
             "transitions.margin, or use core: radius",
             fraction);
    return true;
}

static const void *result(const kr_observer *observer) {
    return &((const transitions *)observer)->counts.result;
}

const kr_transitions *kr_transitions_result(const kr_observer *observer) {
    return observer ? result(observer) : NULL;
}

static const char *const cores[] = {[KR_CORE_ENERGY] = "energy", [KR_CORE_RADIUS] = "radius", NULL};

static const kr_parameter parameters[] = {
    {.name = "every",
     .doc = "steps between looks at who is in which core; 0: transitions are not counted",
     .unit = "steps",
     .type = KR_INTEGER,
     .offset = offsetof(kr_transitions_settings, every),
     .minimum = 0,
     .maximum = 1e18},
    KR_OBSERVER_DISCARD(kr_transitions_settings, "steps before the first look"),
    {.name = "core",
     .doc = "the settled part of a well: energy (total energy well below its lowest barrier) or radius (about its minimum)",
     .type = KR_CHOICE,
     .offset = offsetof(kr_transitions_settings, core),
     .initial = KR_CORE_ENERGY,
     .choices = cores},
    {.name = "margin",
     .doc = "for core: energy, so many temperatures below the barrier, but not less than one above the minimum",
     .unit = "temperatures",
     .type = KR_NUMBER,
     .offset = offsetof(kr_transitions_settings, margin),
     .initial = 2,
     .minimum = 0,
     .maximum = 1e6},
    {.name = "radius",
     .symbol = "r",
     .doc = "for core: radius, the distance from the minimum",
     .type = KR_NUMBER,
     .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     .offset = offsetof(kr_transitions_settings, radius),
     .initial = 0.2,
     .minimum = 0,
     .maximum = 1e9},
    {.name = "coordinate",
     .symbol = "i",
     .doc = "the coordinate along which the committor is measured",
     .type = KR_INTEGER,
     .offset = offsetof(kr_transitions_settings, coordinate),
     .minimum = 0,
     .maximum = 1e9},
    {.name = "bins",
     .doc = "bins of the committor between the outermost minima; 0: no committor",
     .type = KR_INTEGER,
     .offset = offsetof(kr_transitions_settings, bins),
     .initial = 40,
     .minimum = 0,
     .maximum = 64},
    KR_END};

KR_OBSERVER = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "transitions between wells, counted with core sets",
                         .reference = "Schuette, Noe, Lu, Sarich, Vanden-Eijnden, J. Chem. Phys. 134, 204105 (2011)",
                         .parameters = parameters,
                         .values_size = sizeof(kr_transitions_settings),
                         .rank = 2},
               .presence = KR_OBSERVER_WITH_CADENCE,
               .check = check,
               .need = need,
               .size = sizeof(transitions),
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
               .rows = kr_transitions_rows,
               .result = result,
               .warning = warning};
