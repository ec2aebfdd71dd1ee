/* Counts transitions between core sets, residence times, populations and committors.
 *
 * All counts are integers or sums in the order of the particles, so that no thread count can be seen in them. Everything that a
 * resumed run needs lies in two flat arrays. */
#include "statistics/transition_counts.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024, MOST_PAIRS = 1 << 20 };

/* Of each particle: its windows, last and seen. */
enum { STATE_WORDS = KR_WINDOW_WORDS + 2 };

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

/* A particle that is in no core: the first time it is seen in a bin since its last core counts there. That moment does not look
 * ahead, so the next core is reached with the committor's probability (strong Markov property); and one particle counts at most
 * once in a bin between two cores, so that counts are independent. */
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

size_t kr_transitions_words(void) {
    return STATE_WORDS;
}

static kr_status sample(kr_observer *observer, const kr_view *view, kr_error *error) {
    kr_transition_counts *t = (kr_transition_counts *)observer;
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
    return kr_transitions_conclude((kr_transition_counts *)observer, view, error);
}

/* ---- state ---- */

static size_t state_words(const kr_observer *observer) {
    const kr_transition_counts *t = (const kr_transition_counts *)observer;
    return t->word_count + t->number_count;
}

static void save(const kr_observer *observer, uint64_t *words) {
    const kr_transition_counts *t = (const kr_transition_counts *)observer;
    memcpy(words, t->words, t->word_count * sizeof *words);
    memcpy(words + t->word_count, t->numbers, t->number_count * sizeof *words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    kr_transition_counts *t = (kr_transition_counts *)observer;
    memcpy(t->words, words, t->word_count * sizeof *words);
    memcpy(t->numbers, words + t->word_count, t->number_count * sizeof *words);
}

static void destroy(kr_observer *observer) {
    kr_transition_counts *t = (kr_transition_counts *)observer;
    if (!t) return;
    kr_transitions *r = &t->result;
    void *all[] = {t->words,     t->numbers,    t->well,         t->core,      t->velocity,       t->mode,           r->rate,
                   r->rate_ci95, r->population, r->bin_position, r->committor, r->committor_ci95, r->committor_exact};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    kr_cores_destroy(t->cores);
    free(t);
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

kr_status kr_transitions_create(kr_observer **observer, const kr_transitions_settings *settings, const kr_landscape *landscape,
                                uint64_t particles, double temperature, double step_deviation, int threads, kr_error *error) {
    *observer = NULL;
    kr_transition_counts *t = calloc(1, sizeof *t);
    if (!t) return kr_fail(error, KR_NO_MEMORY, "not enough memory to count transitions");
    t->observer = (kr_observer){.every = (uint64_t)settings->every,
                                .from = (uint64_t)settings->discard,
                                .sample = sample,
                                .end = end,
                                .state_words = state_words,
                                .save = save,
                                .restore = restore,
                                .destroy = destroy};
    t->landscape = landscape;
    t->particles = (size_t)particles;
    t->groups = particles < KR_TRANSITION_GROUPS ? (size_t)particles : KR_TRANSITION_GROUPS;
    t->temperature = temperature;
    t->threads = threads > 0 ? threads : omp_get_max_threads();
    kr_transitions *r = &t->result;
    kr_status status = kr_cores_create(&t->cores, landscape, settings, temperature, error);
    if (status == KR_OK) {
        size_t coordinate = r->coordinate = (size_t)settings->coordinate;
        t->wells = r->wells = kr_cores_count(t->cores);
        if (t->groups > KR_TRANSITION_FEWEST_GROUPS && KR_WINDOW_LAGS * KR_TRANSITION_GROUPS * 2 * t->wells * t->wells > MOST_PAIRS)
            t->groups = KR_TRANSITION_FEWEST_GROUPS;
        if (kr_cores_extent(t->cores, coordinate, &r->low, &r->high) > 1) r->bins = (size_t)settings->bins;
        if (!kr_cores_gap(t->cores, &coordinate, &t->gap_low, &t->gap_high) || coordinate != r->coordinate)
            t->gap_low = t->gap_high = NAN;
        /* Seen at samples only, a path enters its core later: as if the edge were shifted by 0.5826 standard deviations of the
         * noise between samples (Broadie, Glasserman, Kou 1997). */
        double shift = 0.5825971579 * step_deviation * sqrt((double)settings->every);
        t->gap_low -= shift;
        t->gap_high += shift;
        if (!allocate(t))
            status = kr_fail(error, KR_NO_MEMORY, "not enough memory to count the transitions of %llu particles",
                             (unsigned long long)particles);
    }
    if (status != KR_OK) {
        destroy(&t->observer);
        return status;
    }
    *observer = &t->observer;
    return KR_OK;
}

const kr_transitions *kr_transitions_result(const kr_observer *observer) {
    return &((const kr_transition_counts *)observer)->result;
}

/* ---- results ---- */

static bool count(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->count, t->wells, t->wells);
}

static bool residence_steps(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->residence_steps, t->wells, 0);
}

static bool residence_time(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->residence_time, t->wells, 0);
}

static bool rate(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->rate, t->wells, t->wells);
}

static bool rate_ci95(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->rate_ci95, t->wells, t->wells);
}

static bool population_step(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->step, t->rows, 0);
}

static bool population_time(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->time, t->rows, 0);
}

static bool population(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->population, t->rows, t->wells);
}

static bool committor_coordinate(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && kr_value_count(value, t->coordinate);
}

static bool bin_position(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && kr_value_list(value, t->bin_position, t->bins, 0);
}

static bool next_core(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && kr_value_list(value, t->next, t->bins, t->wells);
}

static bool committor(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && t->wells == 2 && kr_value_list(value, t->committor, t->bins, 0);
}

static bool committor_ci95(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && t->wells == 2 && kr_value_list(value, t->committor_ci95, t->bins, 0);
}

static bool committor_exact(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && t->wells == 2 && kr_value_list(value, t->committor_exact, t->bins, 0);
}

#define WHY_ERROR_SAYS_IT "its line has the standard error"

const kr_result_row kr_transitions_rows[] = {
    KR_ROW("transitions.samples", COUNT, 0, NULL, "samples taken, each of the whole ensemble", KR_BY("samples"),
           KR_AT("transitions/samples"), KR_AT("transitions_samples"), .offset = offsetof(kr_transitions, samples)),
    KR_ROW("transitions.core_fraction", NUMBER, 0, NULL, "fraction of the samples that were inside some core",
           KR_BY("of them in a core"), KR_AT("transitions/core_fraction"), KR_AT("core_fraction"),
           .offset = offsetof(kr_transitions, core_fraction)),
    KR_ROW("transitions.count", COUNT, 2, NULL, "transitions from the core of the row to that of the column", KR_BY("count"),
           KR_AT("transitions/count"), KR_NOT(KR_WHY_LIST), .get = count),
    KR_ROW("transitions.residence_steps", COUNT, 1, "steps", "particle-steps that belonged to each core",
           KR_NOT("the time in the well says it"), KR_AT("transitions/residence_steps"), KR_NOT(KR_WHY_LIST),
           .get = residence_steps),
    KR_ROW("transitions.residence_time", NUMBER, 1, "time", "time that belonged to each core", KR_BY("time in well"),
           KR_AT("transitions/residence_time"), KR_NOT(KR_WHY_LIST), .get = residence_time),
    KR_ROW("transitions.rate", NUMBER, 2, "1/time", "transitions for each unit of time in the core of the row", KR_BY("rate"),
           KR_AT("transitions/rate"), KR_NOT(KR_WHY_LIST), .get = rate),
    KR_ROW("transitions.rate_ci95", INTERVAL, 2, "1/time", "exact Poisson intervals of these rates", KR_BY("95 %"),
           KR_AT("transitions/rate_ci95"), KR_NOT(KR_WHY_LIST), .get = rate_ci95),
    KR_ROW("transitions.relaxation_rate", NUMBER, 0, "1/time", "rate of the slowest relaxation between wells",
           KR_AT("relaxation rate"), KR_AT("transitions/relaxation_rate"), KR_AT("relaxation_rate"),
           .offset = offsetof(kr_transitions, relaxation_rate)),
    KR_ROW("transitions.relaxation_rate_error", NUMBER, 0, "1/time", "its standard error", KR_BY("+-"),
           KR_AT("transitions/relaxation_rate_error"), KR_AT("relaxation_rate_error"),
           .offset = offsetof(kr_transitions, relaxation_rate_error)),
    KR_ROW("transitions.relaxation_rate_ci95", INTERVAL, 0, "1/time", "its interval, log-normal", KR_NOT(WHY_ERROR_SAYS_IT),
           KR_AT("transitions/relaxation_rate_ci95"), KR_AT("relaxation_rate"),
           .offset = offsetof(kr_transitions, relaxation_rate_ci95)),
    KR_ROW("transitions.relaxation_lag", NUMBER, 0, "time",
           "the shorter of the two lags that it was taken from; none: it is rate_relaxation",
           KR_NOT("where there is none, one line less says so"), KR_AT("transitions/relaxation_lag"), KR_AT("relaxation_lag"),
           .offset = offsetof(kr_transitions, relaxation_lag)),
    KR_ROW("transitions.rate_relaxation", NUMBER, 0, "1/time", "second eigenvalue of the matrix of rates",
           KR_WITH(" from these rates alone", KR_UNLESS_SAME), KR_AT("transitions/rate_relaxation"), KR_AT("rate_relaxation"),
           .offset = offsetof(kr_transitions, rate_relaxation)),
    KR_ROW("transitions.rate_relaxation_error", NUMBER, 0, "1/time", "its standard error", KR_BY("+-"),
           KR_AT("transitions/rate_relaxation_error"), KR_AT("rate_relaxation_error"),
           .offset = offsetof(kr_transitions, rate_relaxation_error)),
    KR_ROW("transitions.populations.step", COUNT, 1, "steps", "steps of the samples of the populations", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/population_step"), KR_NOT(KR_WHY_LIST), .get = population_step),
    KR_ROW("transitions.populations.time", NUMBER, 1, "time", "times of the samples of the populations", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/population_time"), KR_NOT(KR_WHY_LIST), .get = population_time),
    KR_ROW("transitions.populations.fraction", NUMBER, 2, NULL,
           "fraction of the particles in the basin of each minimum, for each sample", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/population"), KR_NOT(KR_WHY_LIST), .get = population),
    KR_ROW("transitions.populations.decay_rate", NUMBER, 0, "1/time", "rate at which the slowest mode of the populations decays",
           KR_AT("decay of the populations"), KR_AT("transitions/decay_rate"), KR_AT("decay_rate"),
           .offset = offsetof(kr_transitions, decay_rate)),
    KR_ROW("transitions.populations.decay_rate_error", NUMBER, 0, "1/time", "its standard error", KR_BY("+-"),
           KR_AT("transitions/decay_rate_error"), KR_AT("decay_rate_error"), .offset = offsetof(kr_transitions, decay_rate_error)),
    KR_ROW("transitions.committor.coordinate", COUNT, 0, NULL, "coordinate along which the committor is taken", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/committor/coordinate"), KR_NOT("the scene says it"), .get = committor_coordinate),
    KR_ROW("transitions.committor.position", NUMBER, 1, "length", "mean of the coordinate in each bin", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/committor/position"), KR_NOT(KR_WHY_LIST), .get = bin_position),
    KR_ROW("transitions.committor.next", COUNT, 2, NULL, "particles of each bin that came to each core next", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/committor/next"), KR_NOT(KR_WHY_LIST), .get = next_core),
    KR_ROW("transitions.committor.measured", NUMBER, 1, NULL, "fraction of them that came to the core of minimum 1",
           KR_NOT(KR_WHY_LONG), KR_AT("transitions/committor/measured"), KR_NOT(KR_WHY_LIST), .get = committor),
    KR_ROW("transitions.committor.measured_ci95", INTERVAL, 1, NULL, "its exact binomial intervals", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/committor/measured_ci95"), KR_NOT(KR_WHY_LIST), .get = committor_ci95),
    KR_ROW("transitions.committor.exact", NUMBER, 1, NULL, "the same in continuous time without inertia", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/committor/exact"), KR_NOT(KR_WHY_LIST), .get = committor_exact),
    KR_RESULT_END};
