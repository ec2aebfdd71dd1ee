/* Counts transitions between core sets, residence times, populations and committors.
 *
 * All counts are integers or sums in the order of the particles, so that no thread count can be seen in them. Everything that a
 * resumed run needs lies in two flat arrays. */
#include "statistics/transition_counts.h"

#include <kramers/observer.h>

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024, MOST_PAIRS = 1 << 20 };

/* Of each particle: its windows, last and seen. */
enum { STATE_WORDS = KR_WINDOW_WORDS + 2 };

typedef struct transitions {
    kr_observer observer;
    kr_transition_counts counts;
} transitions;

static kr_transition_counts *counts_of(kr_observer *observer) {
    return &((transitions *)observer)->counts;
}

static size_t group_of(const kr_transition_counts *t, size_t p) {
    return p * t->groups / t->particles;
}

static kr_status classify(kr_transition_counts *t, const kr_view *view, kr_error *error) {
    size_t needed = view->dim * view->stride, chunks = (t->particles + CHUNK - 1) / CHUNK;
    if (needed > t->velocity_size && view->dynamics->type->velocity) {
        double *grown = realloc(t->velocity, needed * sizeof *grown);
        if (!grown) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu velocities", needed);
        t->velocity = grown;
        t->velocity_size = needed;
    }
    bool moving = kr_ensemble_velocity(view, t->velocity), failed = false;
#pragma omp parallel reduction(|| : failed) if (chunks >= 8) num_threads(t->threads)
    {
        double *work = malloc(kr_cores_work(t->cores) * CHUNK * sizeof *work);
        failed = !work;
#pragma omp for schedule(dynamic, 1)
        for (size_t c = 0; c < chunks; c++) {
            size_t first = c * CHUNK, n = t->particles - first < CHUNK ? t->particles - first : CHUNK;
            failed =
                failed || kr_cores_assign(t->cores, n, view->stride, view->position + first, moving ? t->velocity + first : NULL,
                                          t->well + first, t->core + first, work, NULL) != KR_OK;
        }
        free(work);
    }
    return failed ? kr_fail(error, KR_NO_MEMORY, "not enough memory to look for the cores of %zu particles", t->particles) : KR_OK;
}

/* A particle that is in no core: the first time it is seen in a bin since its last core counts there. That moment is a stopping
 * time, so the next core is reached with the committor's probability (strong Markov property); and one particle counts at most once
 * in a bin between two cores, so that counts are independent. */
static void visit_bin(kr_transition_counts *t, size_t p, double x) {
    double width = (t->result.high - t->result.low) / (double)t->result.bins;
    if (!(x >= t->result.low && x < t->result.high)) return;
    size_t bin = (size_t)((x - t->result.low) / width);
    if (bin >= t->result.bins || t->seen[p] >> bin & 1) return;
    t->seen[p] |= UINT64_C(1) << bin;
    t->bin_sum[bin] += x;
    t->bin_seen[bin] += 1.0;
}

static void enter_core(kr_transition_counts *t, size_t p, size_t core) {
    if (t->last[p] && t->last[p] != core + 1) t->count[(t->last[p] - 1) * t->wells + core]++;
    t->last[p] = core + 1;
    for (size_t bin = 0; t->seen[p]; bin++, t->seen[p] >>= 1)
        if (t->seen[p] & 1) t->next[bin * t->wells + core]++;
}

static void keep_row(kr_transition_counts *t, const kr_view *view) {
    uint64_t *row = t->row + t->words[KR_TRANSITION_ROW_COUNT] * t->columns;
    memset(row, 0, t->columns * sizeof *row);
    for (size_t p = 0; p < t->particles; p++) {
        if (view->stopped_at[p]) continue;
        uint64_t *mine = row + group_of(t, p) * (t->wells + 1);
        if (t->well[p] >= 0) mine[t->well[p]]++;
        mine[t->wells]++;
    }
    t->row_step[t->words[KR_TRANSITION_ROW_COUNT]] = view->step;
    t->row_time[t->words[KR_TRANSITION_ROW_COUNT]++] = view->time;
    if (t->words[KR_TRANSITION_ROW_COUNT] < KR_TRANSITION_ROWS) return;
    for (size_t i = 1; i < KR_TRANSITION_ROWS / 2; i++) {
        memcpy(t->row + i * t->columns, t->row + 2 * i * t->columns, t->columns * sizeof *row);
        t->row_step[i] = t->row_step[2 * i];
        t->row_time[i] = t->row_time[2 * i];
    }
    t->words[KR_TRANSITION_ROW_COUNT] = KR_TRANSITION_ROWS / 2;
    t->words[KR_TRANSITION_ROW_STRIDE] *= 2;
}

/* The time since the last sample belonged to the core visited before it. */
static void add_residence(kr_transition_counts *t, const kr_view *view) {
    uint64_t inside[KR_MAX_BASINS] = {0}, steps = view->step - t->words[KR_TRANSITION_LAST_STEP];
    for (size_t p = 0; p < t->particles; p++)
        if (t->last[p] && !view->stopped_at[p]) inside[t->last[p] - 1]++;
    for (size_t m = 0; m < t->wells; m++) {
        t->residence[m] += inside[m] * steps;
        t->residence_time[m] += (double)inside[m] * (view->time - t->numbers[KR_TRANSITION_LAST_TIME]);
    }
}

static kr_status sample(kr_observer *observer, const kr_view *view, kr_error *error) {
    kr_transition_counts *t = counts_of(observer);
    kr_status status = classify(t, view, error);
    if (status != KR_OK) return status;
    if (t->words[KR_TRANSITION_SAMPLES]) add_residence(t, view);
    for (size_t p = 0; p < t->particles; p++) {
        if (view->stopped_at[p]) continue;
        t->words[KR_TRANSITION_MOVING]++;
        t->words[KR_TRANSITION_IN_CORE] += t->core[p] >= 0;
        if (t->core[p] >= 0)
            enter_core(t, p, (size_t)t->core[p]);
        else if (t->result.bins)
            visit_bin(t, p, view->position[t->result.coordinate * view->stride + p]);
    }
    kr_windows_count(&t->windows, t->words[KR_TRANSITION_SAMPLES], t->well, view->stopped_at);
    if (t->words[KR_TRANSITION_SAMPLES] == 0) t->numbers[KR_TRANSITION_FIRST_TIME] = view->time;
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
    void *all[] = {t->words,     t->numbers,    t->well,         t->core,      t->velocity,       t->mode,           r->rate,
                   r->rate_ci95, r->population, r->bin_position, r->committor, r->committor_ci95, r->committor_exact};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    kr_cores_destroy(t->cores);
}

static bool allocate(kr_transition_counts *t) {
    size_t n = t->wells, bins = t->result.bins;
    kr_transitions *r = &t->result;
    t->columns = t->groups * (n + 1);
    t->windows = (kr_windows){.particles = t->particles, .wells = n, .groups = t->groups};
    t->word_count = KR_TRANSITION_HEADER_WORDS + n * n + n + bins * n + KR_TRANSITION_ROWS + KR_TRANSITION_ROWS * t->columns +
                    kr_windows_pairs(&t->windows) + STATE_WORDS * t->particles;
    t->number_count = KR_TRANSITION_HEADER_NUMBERS + n + 2 * bins + KR_TRANSITION_ROWS;
    t->words = calloc(t->word_count, sizeof *t->words);
    t->numbers = calloc(t->number_count, sizeof *t->numbers);
    t->well = calloc(t->particles, sizeof *t->well);
    t->core = calloc(t->particles, sizeof *t->core);
    t->mode = calloc(n, sizeof *t->mode);
    r->rate = calloc(n * n, sizeof *r->rate);
    r->rate_ci95 = calloc(n * n, sizeof *r->rate_ci95);
    r->population = calloc(KR_TRANSITION_ROWS * n, sizeof *r->population);
    r->bin_position = calloc(bins + 1, sizeof *r->bin_position);
    r->committor = calloc(bins + 1, sizeof *r->committor);
    r->committor_ci95 = calloc(bins + 1, sizeof *r->committor_ci95);
    r->committor_exact = calloc(bins + 1, sizeof *r->committor_exact);
    if (!t->words || !t->numbers || !t->well || !t->core || !t->mode || !r->rate || !r->rate_ci95 || !r->population ||
        !r->bin_position || !r->committor || !r->committor_ci95 || !r->committor_exact)
        return false;
    uint64_t *word = t->words + KR_TRANSITION_HEADER_WORDS;
    t->count = word, word += n * n;
    t->residence = word, word += n;
    t->next = word, word += bins * n;
    t->row_step = word, word += KR_TRANSITION_ROWS;
    t->row = word, word += KR_TRANSITION_ROWS * t->columns;
    t->windows.pair = word, word += kr_windows_pairs(&t->windows);
    t->windows.before = word, word += KR_WINDOW_WORDS * t->particles;
    t->last = word, word += t->particles;
    t->seen = word;
    double *number = t->numbers + KR_TRANSITION_HEADER_NUMBERS;
    t->residence_time = number, number += n;
    t->bin_sum = number, number += bins;
    t->bin_seen = number, number += bins;
    t->row_time = number;
    t->words[KR_TRANSITION_ROW_STRIDE] = 1;
    r->count = t->count;
    r->residence_steps = t->residence;
    r->residence_time = t->residence_time;
    r->step = t->row_step;
    r->time = t->row_time;
    r->next = t->next;
    return true;
}

/* Of the noise of one step where the dynamics is overdamped with additive noise at a constant learning rate, so that an exact
 * committor is known; NAN elsewhere. */
static double step_deviation(const kr_observer_setup *setup) {
    const kr_problem *problem = &setup->problem;
    bool additive = kr_noise_is_additive(problem->noise, problem->landscape->type->separable);
    if (!additive || !problem->dynamics->type->thermal_variance) return NAN;
    return sqrt(2.0 * setup->temperature * kr_schedule_constant(problem->schedule));
}

/* Edges of the cores between which there is an exact committor. Seen at samples only, a path enters its core later: as if the edge
 * were shifted by 0.5826 standard deviations of the noise between samples (Broadie, Glasserman, Kou 1997). */
static void find_gap(kr_transition_counts *t, const kr_observer_setup *setup, int64_t every) {
    size_t coordinate = t->result.coordinate;
    if (!kr_cores_gap(t->cores, &coordinate, &t->gap_low, &t->gap_high) || coordinate != t->result.coordinate)
        t->gap_low = t->gap_high = NAN;
    double shift = 0.5825971579 * step_deviation(setup) * sqrt((double)every);
    t->gap_low -= shift;
    t->gap_high += shift;
}

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    kr_transition_counts *t = counts_of(observer);
    const kr_transitions_settings *settings = setup->values;
    kr_transitions *r = &t->result;
    t->landscape = setup->problem.landscape;
    t->particles = (size_t)setup->particles;
    t->groups = t->particles < KR_TRANSITION_GROUPS ? t->particles : KR_TRANSITION_GROUPS;
    t->temperature = setup->temperature;
    t->threads = setup->threads > 0 ? setup->threads : omp_get_max_threads();
    kr_status status = kr_cores_create(&t->cores, t->landscape, settings, t->temperature, error);
    if (status != KR_OK) return status;
    r->coordinate = (size_t)settings->coordinate;
    t->wells = r->wells = kr_cores_count(t->cores);
    if (t->groups > KR_TRANSITION_FEWEST_GROUPS && KR_WINDOW_LAGS * KR_TRANSITION_GROUPS * 2 * t->wells * t->wells > MOST_PAIRS)
        t->groups = KR_TRANSITION_FEWEST_GROUPS;
    if (kr_cores_extent(t->cores, r->coordinate, &r->low, &r->high) > 1) r->bins = (size_t)settings->bins;
    find_gap(t, setup, settings->every);
    if (allocate(t)) return KR_OK;
    return kr_fail(error, KR_NO_MEMORY, "not enough memory to count the transitions of %zu particles", t->particles);
}

static kr_status check(const void *values, const kr_observer_scene *scene, const char **key, kr_error *error) {
    const kr_transitions_settings *settings = values;
    *key = NULL;
    if (!settings->every || !scene->target_count) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "transitions need particles that nobody takes away: a scene with transitions.every has no escape.until");
}

/* Scratch: basin and core of each particle, 32 bits each, and velocities. */
static kr_observer_need need(const kr_observer_setup *setup) {
    double particles = (double)setup->particles, dim = (double)setup->problem.landscape->dim;
    bool velocity = setup->problem.dynamics->type->velocity != NULL;
    return (kr_observer_need){.words = STATE_WORDS * particles, .scratch = 8.0 * particles * (1.0 + (velocity ? dim : 0.0))};
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
    {.name = "discard",
     .doc = "steps before the first look",
     .unit = "steps",
     .type = KR_INTEGER,
     .offset = offsetof(kr_transitions_settings, discard),
     .minimum = 0,
     .maximum = 1e18},
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
               .sample = sample,
               .end = end,
               .destroy = destroy,
               .state_words = state_words,
               .save = save,
               .restore = restore,
               .rows = kr_transitions_rows,
               .result = result,
               .warning = warning};
