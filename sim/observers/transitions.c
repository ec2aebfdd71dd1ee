/* Counts transitions between core sets, residence times, populations and committors.
 *
 * All counts are integers or sums in the order of the particles, so that no thread count can be seen in them. Everything that a
 * resumed run needs lies in two flat arrays. */
#include <kramers/survival.h>
#include <kramers/transitions.h>

#include "cores.h"
#include "time_windows.h"

#include <gsl/gsl_integration.h>

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Populations are kept at up to ROWS samples; when they are full every second is dropped. Groups of particles are independent of
 * each other: their scatter is the error of what is fitted to the populations. */
enum { ROWS = 256, GROUPS = 32, FEWEST_GROUPS = 8, CHUNK = 1024, MOST_PAIRS = 1 << 20 };

/* Numbers before the arrays. */
enum { LAST_TIME, FIRST_TIME, HEADER_NUMBERS };

/* Of each particle: its windows, last and seen. */
enum { STATE_WORDS = KR_WINDOW_WORDS + 2 };

enum { SAMPLES, LAST_STEP, ROW_STRIDE, ROW_COUNT, MOVING, IN_CORE, HEADER_WORDS };

typedef struct transitions {
    kr_observer observer;
    kr_transitions result;
    const kr_landscape *landscape;
    kr_cores *cores;
    int threads;
    size_t particles, wells, groups, columns; /* columns of a row: each group's wells and how many particles it has */
    double temperature, gap_low, gap_high;    /* of the exact committor; NAN: none */

    size_t word_count, number_count;
    uint64_t *words; /* header, then the arrays below */
    uint64_t *count, *residence, *next, *row_step, *row;
    kr_windows windows;
    uint64_t *last, *seen; /* [particles] core visited last, plus 1; bins seen since then, as bits */
    double *numbers;       /* header, then the arrays below */
    double *residence_time, *bin_sum, *bin_seen, *row_time;

    int32_t *well, *core; /* [particles] of one sample */
    double *velocity;     /* [dim][stride] */
    size_t velocity_size;
    double *mode; /* [wells] */
} transitions;

static size_t group_of(const transitions *t, size_t p) {
    return p * t->groups / t->particles;
}

static kr_status classify(transitions *t, const kr_view *view, kr_error *error) {
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
static void visit_bin(transitions *t, size_t p, double x) {
    double width = (t->result.high - t->result.low) / (double)t->result.bins;
    if (!(x >= t->result.low && x < t->result.high)) return;
    size_t bin = (size_t)((x - t->result.low) / width);
    if (bin >= t->result.bins || t->seen[p] >> bin & 1) return;
    t->seen[p] |= UINT64_C(1) << bin;
    t->bin_sum[bin] += x;
    t->bin_seen[bin] += 1.0;
}

static void enter_core(transitions *t, size_t p, size_t core) {
    if (t->last[p] && t->last[p] != core + 1) t->count[(t->last[p] - 1) * t->wells + core]++;
    t->last[p] = core + 1;
    for (size_t bin = 0; t->seen[p]; bin++, t->seen[p] >>= 1)
        if (t->seen[p] & 1) t->next[bin * t->wells + core]++;
}

static void keep_row(transitions *t, const kr_view *view) {
    uint64_t *row = t->row + t->words[ROW_COUNT] * t->columns;
    memset(row, 0, t->columns * sizeof *row);
    for (size_t p = 0; p < t->particles; p++) {
        if (view->frozen_at[p]) continue;
        uint64_t *mine = row + group_of(t, p) * (t->wells + 1);
        if (t->well[p] >= 0) mine[t->well[p]]++;
        mine[t->wells]++;
    }
    t->row_step[t->words[ROW_COUNT]] = view->step;
    t->row_time[t->words[ROW_COUNT]++] = view->time;
    if (t->words[ROW_COUNT] < ROWS) return;
    for (size_t i = 1; i < ROWS / 2; i++) {
        memcpy(t->row + i * t->columns, t->row + 2 * i * t->columns, t->columns * sizeof *row);
        t->row_step[i] = t->row_step[2 * i];
        t->row_time[i] = t->row_time[2 * i];
    }
    t->words[ROW_COUNT] = ROWS / 2;
    t->words[ROW_STRIDE] *= 2;
}

/* The time since the last sample belonged to the core visited before it. */
static void add_residence(transitions *t, const kr_view *view) {
    uint64_t inside[KR_MAX_BASINS] = {0}, steps = view->step - t->words[LAST_STEP];
    for (size_t p = 0; p < t->particles; p++)
        if (t->last[p] && !view->frozen_at[p]) inside[t->last[p] - 1]++;
    for (size_t m = 0; m < t->wells; m++) {
        t->residence[m] += inside[m] * steps;
        t->residence_time[m] += (double)inside[m] * (view->time - t->numbers[LAST_TIME]);
    }
}

size_t kr_transitions_words(void) {
    return STATE_WORDS;
}

static kr_status sample(kr_observer *observer, const kr_view *view, kr_error *error) {
    transitions *t = (transitions *)observer;
    kr_status status = classify(t, view, error);
    if (status != KR_OK) return status;
    if (t->words[SAMPLES]) add_residence(t, view);
    for (size_t p = 0; p < t->particles; p++) {
        if (view->frozen_at[p]) continue;
        t->words[MOVING]++;
        t->words[IN_CORE] += t->core[p] >= 0;
        if (t->core[p] >= 0)
            enter_core(t, p, (size_t)t->core[p]);
        else if (t->result.bins)
            visit_bin(t, p, view->position[t->result.coordinate * view->stride + p]);
    }
    kr_windows_count(&t->windows, t->words[SAMPLES], t->well, view->frozen_at);
    if (t->words[SAMPLES] == 0) t->numbers[FIRST_TIME] = view->time;
    if (t->words[SAMPLES] % t->words[ROW_STRIDE] == 0) keep_row(t, view);
    t->words[SAMPLES]++;
    t->words[LAST_STEP] = view->step;
    t->numbers[LAST_TIME] = view->time;
    return KR_OK;
}

/* ---- what the counts say ---- */

static kr_status conclude_rates(transitions *t, kr_error *error) {
    kr_transitions *r = &t->result;
    size_t n = t->wells;
    double *variance = calloc(n * n, sizeof *variance);
    if (!variance) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a matrix of rates");
    for (size_t i = 0; i < n * n; i++) {
        double time = t->residence_time[i / n], count = (double)t->count[i];
        bool known = i / n != i % n && time > 0;
        kr_interval ends = kr_poisson_interval(t->count[i], 0.95);
        r->rate[i] = known ? count / time : NAN;
        r->rate_ci95[i] = known ? (kr_interval){ends.low / time, ends.high / time} : (kr_interval){NAN, NAN};
        variance[i] = known ? count / (time * time) : 0.0;
    }
    kr_status status = kr_relaxation(n, r->rate, variance, &r->rate_relaxation, &r->rate_relaxation_error, t->mode, error);
    free(variance);
    return status;
}

static kr_status conclude_relaxation(transitions *t, kr_error *error) {
    kr_transitions *r = &t->result;
    uint64_t looks = t->words[SAMPLES];
    double spacing = (t->numbers[LAST_TIME] - t->numbers[FIRST_TIME]) / ((double)looks - 1.0);
    double *work = malloc((2 * t->wells + 1) * t->wells * sizeof *work);
    if (!work) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu wells", t->wells);
    kr_window_rate found = kr_windows_rate(&t->windows, looks, spacing, r->rate_relaxation, work);
    free(work);
    bool known = isfinite(found.lag);
    r->relaxation_rate = known ? found.rate : r->rate_relaxation;
    r->relaxation_rate_error = known ? found.error : r->rate_relaxation_error;
    r->relaxation_lag = found.lag;
    double spread = exp(1.9599639845400545 * r->relaxation_rate_error / r->relaxation_rate);
    r->relaxation_rate_ci95 = (kr_interval){r->relaxation_rate / spread, r->relaxation_rate * spread};
    return KR_OK;
}

/* The slow mode's value in every row, without one group (groups: with all). */
static void mode_values(const transitions *t, size_t without, double *value) {
    for (size_t i = 0; i < t->result.rows; i++) {
        double sum = 0.0, all = 0.0;
        for (size_t g = 0; g < t->groups; g++) {
            const uint64_t *mine = t->row + i * t->columns + g * (t->wells + 1);
            if (g == without) continue;
            for (size_t m = 0; m < t->wells; m++) sum += t->mode[m] * (double)mine[m];
            all += (double)mine[t->wells];
        }
        value[i] = sum / all;
    }
}

/* Fast modes are left out: they have died after a tenth of the slow one's time. Fits over less than one relaxation time cannot
 * tell the rate from the final populations. */
static void conclude_decay(transitions *t) {
    kr_transitions *r = &t->result;
    double value[ROWS], guess = r->relaxation_rate, each[GROUPS];
    r->decay_rate = r->decay_rate_error = NAN;
    if (!(guess > 0) || r->rows < 8 || !(guess * (r->time[r->rows - 1] - r->time[0]) > 1.0)) return;
    double from = r->time[0] + 0.1 / guess;
    mode_values(t, t->groups, value);
    r->decay_rate = kr_decay_fit(r->rows, r->time, value, from, guess);
    if (t->groups < FEWEST_GROUPS) return;
    for (size_t g = 0; g < t->groups; g++) {
        mode_values(t, g, value);
        each[g] = kr_decay_fit(r->rows, r->time, value, from, guess);
    }
    r->decay_rate_error = kr_jackknife(t->groups, each);
}

static void conclude_populations(transitions *t) {
    kr_transitions *r = &t->result;
    r->rows = t->words[ROW_COUNT];
    for (size_t i = 0; i < r->rows; i++)
        for (size_t m = 0; m < t->wells; m++) {
            uint64_t inside = 0, all = 0;
            for (size_t g = 0; g < t->groups; g++) {
                inside += t->row[i * t->columns + g * (t->wells + 1) + m];
                all += t->row[i * t->columns + g * (t->wells + 1) + t->wells];
            }
            r->population[i * t->wells + m] = (double)inside / (double)all;
        }
}

/* exp((V - V_middle) / T) along the coordinate with the others at 0, which cancel in the committor. */
typedef struct barrier {
    const transitions *t;
    double *point, reference;
} barrier;

static double boltzmann_inverse(double x, void *context) {
    const barrier *b = context;
    double energy;
    b->point[b->t->result.coordinate] = x;
    kr_landscape_energy(b->t->landscape, 1, b->point, &energy);
    return exp((energy - b->reference) / b->t->temperature);
}

static double integrate(const gsl_integration_glfixed_table *rule, barrier *b, double from, double to) {
    enum { PIECES = 4 };
    gsl_function f = {.function = boltzmann_inverse, .params = b};
    double sum = 0.0, width = (to - from) / PIECES;
    for (int i = 0; i < PIECES; i++) sum += gsl_integration_glfixed(&f, from + i * width, from + (i + 1) * width, rule);
    return sum;
}

/* Overdamped in one dimension: q' is proportional to e^(V/T) between the cores. */
static void conclude_exact(transitions *t) {
    kr_transitions *r = &t->result;
    barrier b = {.t = t, .point = calloc(t->landscape->dim, sizeof(double))};
    gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(32);
    if (isfinite(t->gap_low) && b.point && rule) {
        double x = t->gap_low, sum = 0.0;
        b.point[r->coordinate] = 0.5 * (t->gap_low + t->gap_high);
        kr_landscape_energy(t->landscape, 1, b.point, &b.reference);
        for (size_t i = 0; i < r->bins; i++) {
            double next = r->bin_position[i];
            if (!(next > t->gap_low && next < t->gap_high)) continue;
            sum += integrate(rule, &b, x, next);
            r->committor_exact[i] = sum;
            x = next;
        }
        sum += integrate(rule, &b, x, t->gap_high);
        for (size_t i = 0; i < r->bins; i++) r->committor_exact[i] /= sum;
    }
    if (rule) gsl_integration_glfixed_table_free(rule);
    free(b.point);
}

static void conclude_committor(transitions *t) {
    kr_transitions *r = &t->result;
    for (size_t i = 0; i < r->bins; i++) {
        r->bin_position[i] = t->bin_seen[i] > 0 ? t->bin_sum[i] / t->bin_seen[i] : NAN;
        r->committor[i] = r->committor_exact[i] = NAN;
        r->committor_ci95[i] = (kr_interval){NAN, NAN};
        uint64_t up = t->wells == 2 ? t->next[2 * i + 1] : 0, all = t->wells == 2 ? t->next[2 * i] + up : 0;
        if (!all) continue;
        r->committor[i] = (double)up / (double)all;
        r->committor_ci95[i] = kr_binomial_interval(up, all, 0.95);
    }
    if (r->bins) conclude_exact(t);
}

static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    transitions *t = (transitions *)observer;
    (void)view;
    t->result.samples = t->words[SAMPLES];
    t->result.core_fraction = t->words[MOVING] ? (double)t->words[IN_CORE] / (double)t->words[MOVING] : NAN;
    kr_status status = conclude_rates(t, error);
    if (status == KR_OK) status = conclude_relaxation(t, error);
    conclude_populations(t);
    conclude_decay(t);
    conclude_committor(t);
    return status;
}

/* ---- state ---- */

static size_t state_words(const kr_observer *observer) {
    const transitions *t = (const transitions *)observer;
    return t->word_count + t->number_count;
}

static void save(const kr_observer *observer, uint64_t *words) {
    const transitions *t = (const transitions *)observer;
    memcpy(words, t->words, t->word_count * sizeof *words);
    memcpy(words + t->word_count, t->numbers, t->number_count * sizeof *words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    transitions *t = (transitions *)observer;
    memcpy(t->words, words, t->word_count * sizeof *words);
    memcpy(t->numbers, words + t->word_count, t->number_count * sizeof *words);
}

static void destroy(kr_observer *observer) {
    transitions *t = (transitions *)observer;
    if (!t) return;
    kr_transitions *r = &t->result;
    void *all[] = {t->words,     t->numbers,    t->well,         t->core,      t->velocity,       t->mode,           r->rate,
                   r->rate_ci95, r->population, r->bin_position, r->committor, r->committor_ci95, r->committor_exact};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    kr_cores_destroy(t->cores);
    free(t);
}

static bool allocate(transitions *t) {
    size_t n = t->wells, bins = t->result.bins;
    kr_transitions *r = &t->result;
    t->columns = t->groups * (n + 1);
    t->windows = (kr_windows){.particles = t->particles, .wells = n, .groups = t->groups};
    t->word_count =
        HEADER_WORDS + n * n + n + bins * n + ROWS + ROWS * t->columns + kr_windows_pairs(&t->windows) + STATE_WORDS * t->particles;
    t->number_count = HEADER_NUMBERS + n + 2 * bins + ROWS;
    t->words = calloc(t->word_count, sizeof *t->words);
    t->numbers = calloc(t->number_count, sizeof *t->numbers);
    t->well = calloc(t->particles, sizeof *t->well);
    t->core = calloc(t->particles, sizeof *t->core);
    t->mode = calloc(n, sizeof *t->mode);
    r->rate = calloc(n * n, sizeof *r->rate);
    r->rate_ci95 = calloc(n * n, sizeof *r->rate_ci95);
    r->population = calloc(ROWS * n, sizeof *r->population);
    r->bin_position = calloc(bins + 1, sizeof *r->bin_position);
    r->committor = calloc(bins + 1, sizeof *r->committor);
    r->committor_ci95 = calloc(bins + 1, sizeof *r->committor_ci95);
    r->committor_exact = calloc(bins + 1, sizeof *r->committor_exact);
    if (!t->words || !t->numbers || !t->well || !t->core || !t->mode || !r->rate || !r->rate_ci95 || !r->population ||
        !r->bin_position || !r->committor || !r->committor_ci95 || !r->committor_exact)
        return false;
    uint64_t *word = t->words + HEADER_WORDS;
    t->count = word, word += n * n;
    t->residence = word, word += n;
    t->next = word, word += bins * n;
    t->row_step = word, word += ROWS;
    t->row = word, word += ROWS * t->columns;
    t->windows.pair = word, word += kr_windows_pairs(&t->windows);
    t->windows.before = word, word += KR_WINDOW_WORDS * t->particles;
    t->last = word, word += t->particles;
    t->seen = word;
    double *number = t->numbers + HEADER_NUMBERS;
    t->residence_time = number, number += n;
    t->bin_sum = number, number += bins;
    t->bin_seen = number, number += bins;
    t->row_time = number;
    t->words[ROW_STRIDE] = 1;
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
    transitions *t = calloc(1, sizeof *t);
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
    t->groups = particles < GROUPS ? (size_t)particles : GROUPS;
    t->temperature = temperature;
    t->threads = threads > 0 ? threads : omp_get_max_threads();
    kr_transitions *r = &t->result;
    kr_status status = kr_cores_create(&t->cores, landscape, settings, temperature, error);
    if (status == KR_OK) {
        size_t coordinate = r->coordinate = (size_t)settings->coordinate;
        t->wells = r->wells = kr_cores_count(t->cores);
        if (t->groups > FEWEST_GROUPS && KR_WINDOW_LAGS * GROUPS * 2 * t->wells * t->wells > MOST_PAIRS) t->groups = FEWEST_GROUPS;
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
    return &((const transitions *)observer)->result;
}
