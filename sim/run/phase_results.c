#include "phase_results.h"

#include "engine/block_storage.h"
#include "statistics/sample_moments.h"

#include <kramers/block.h>
#include <kramers/data_sum.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* V, and loss and accuracy on both parts of the data. */
enum { POTENTIAL = KR_TASK_QUANTITIES, NUMBERS };

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the results of phases");
}

kr_status kr_phase_results_create(kr_phase_results *results, const kr_phases *phases, kr_error *error) {
    size_t count = phases->scene->phase_count;
    *results = (kr_phase_results){.count = count};
    if (!count) return KR_OK;
    results->phase = calloc(count, sizeof *results->phase);
    results->task = calloc(count * count, sizeof *results->task);
    results->row = calloc(count, sizeof *results->row);
    results->mean = calloc(KR_TASK_QUANTITIES * count * count, sizeof *results->mean);
    results->ci95 = calloc(KR_TASK_QUANTITIES * count * count, sizeof *results->ci95);
    bool enough = results->phase && results->task && results->row && results->mean && results->ci95;
    return enough ? KR_OK : no_memory(error);
}

void kr_phase_results_destroy(kr_phase_results *results) {
    free(results->phase);
    free(results->task);
    free(results->row);
    free(results->mean);
    free(results->ci95);
    *results = (kr_phase_results){.count = 0};
}

/* ---- measured ---- */

typedef enum looked_at { OF_POTENTIAL, OF_DATA, OF_BOTH } looked_at;

/* Of one granule; number[NUMBERS][n] of all particles, NAN of those that have stopped. */
static void look(const kr_view *view, const kr_landscape *landscape, looked_at what, size_t first, double *x, double *found,
                 double *number, size_t n) {
    const kr_data_sum *data = kr_landscape_data(landscape);
    double *potential = found + POTENTIAL * KR_GRANULE, *loss = found + KR_TASK_TRAIN_LOSS * KR_GRANULE;
    for (size_t i = 0; i < view->dim; i++)
        memcpy(x + i * KR_GRANULE, view->position + i * view->stride + first, KR_GRANULE * sizeof *x);
    for (size_t k = 0; k < NUMBERS * KR_GRANULE; k++) found[k] = NAN;
    if (what == OF_POTENTIAL) kr_landscape_energy(landscape, KR_GRANULE, x, potential);
    if (data && what != OF_POTENTIAL) {
        data->evaluate(landscape, KR_DATA_TRAIN, KR_GRANULE, x, loss, found + KR_TASK_TRAIN_ACCURACY * KR_GRANULE);
        data->evaluate(landscape, KR_DATA_TEST, KR_GRANULE, x, found + KR_TASK_TEST_LOSS * KR_GRANULE,
                       found + KR_TASK_TEST_ACCURACY * KR_GRANULE);
    }
    if (what == OF_BOTH) {
        memcpy(potential, loss, KR_GRANULE * sizeof *potential);
        kr_landscape_add_decay(landscape, KR_GRANULE, x, potential);
    }
    for (size_t q = 0; q < NUMBERS; q++)
        for (size_t p = 0; p < KR_GRANULE && first + p < view->particles; p++)
            number[q * n + first + p] = view->stopped_at[first + p] ? NAN : found[q * KR_GRANULE + p];
}

static kr_status look_at_all(const kr_view *view, const kr_landscape *landscape, looked_at what, int threads, double *number,
                             kr_error *error) {
    bool enough = true;
    size_t n = (size_t)view->particles;
#pragma omp parallel num_threads(threads) reduction(&& : enough)
    {
        double *room = kr_aligned_zeros((view->dim + NUMBERS) * KR_GRANULE, sizeof *room);
        enough = room != NULL;
#pragma omp for schedule(dynamic, 1)
        for (size_t first = 0; first < view->stride; first += KR_GRANULE)
            if (room) look(view, landscape, what, first, room, room + view->dim * KR_GRANULE, number, n);
        free(room);
    }
    return enough ? KR_OK : no_memory(error);
}

static void conclude(const double *number, size_t n, double *mean, kr_interval *ci95) {
    kr_sample_moments moments = kr_sample_moments_of(n, number);
    *mean = moments.mean;
    *ci95 = kr_sample_mean_ci95(&moments);
}

/* The number of an earlier phase on the same landscape, which is looked at once; or its own. */
static size_t first_alike(const kr_phases *phases, size_t number) {
    for (size_t i = 0; i < number; i++)
        if (kr_settings_equal(&phases->stage[i]->scene.landscape, &phases->stage[number]->scene.landscape)) return i;
    return number;
}

/* The present landscape gives V at the same time, unless its numbers change with the step. */
static kr_status measure(kr_phase_measures *m, kr_task_result *task, const kr_phases *phases, const kr_view *view, int threads,
                         double *number, kr_error *error) {
    size_t n = (size_t)view->particles, now = phases->now;
    bool both = kr_landscape_data(view->landscape) && view->landscape == &phases->stage[now]->model.landscape;
    kr_status status = both ? KR_OK : look_at_all(view, view->landscape, OF_POTENTIAL, threads, number, error);
    if (!both && status == KR_OK) conclude(number + POTENTIAL * n, n, &m->potential, &m->potential_ci95);
    for (size_t i = 0; i <= now && status == KR_OK; i++) {
        size_t alike = first_alike(phases, i);
        if (alike < i) {
            task[i] = task[alike];
            continue;
        }
        bool present = both && first_alike(phases, now) == i;
        const kr_landscape *landscape = present ? view->landscape : &phases->stage[i]->model.landscape;
        status = look_at_all(view, landscape, present ? OF_BOTH : OF_DATA, threads, number, error);
        for (size_t q = 0; status == KR_OK && q < KR_TASK_QUANTITIES; q++)
            conclude(number + q * n, n, &task[i].mean[q], &task[i].ci95[q]);
        if (present && status == KR_OK) conclude(number + POTENTIAL * n, n, &m->potential, &m->potential_ci95);
    }
    return status;
}

kr_status kr_phase_results_measure(kr_phase_results *results, const kr_phases *phases, const kr_view *view, int threads,
                                   kr_error *error) {
    if (!results->count) return KR_OK;
    kr_phase_measures *m = &results->phase[phases->now];
    if (m->steps && m->steps == view->step - phases->scene->phases[phases->now].begin) return KR_OK; /* at its end */
    kr_phase_measures found = {.steps = view->step - phases->scene->phases[phases->now].begin,
                               .events = view->events,
                               .exposure_steps = view->exposure_steps,
                               .pruned = kr_ensemble_pruned(view)};
    double *number = malloc(NUMBERS * (size_t)view->particles * sizeof *number);
    if (!number) return no_memory(error);
    kr_status status = measure(&found, results->task + phases->now * results->count, phases, view, threads, number, error);
    if (status == KR_OK) *m = found;
    free(number);
    return status;
}

/* ---- for the table ---- */

static void fill_row(const kr_phase_results *results, const kr_phases *phases, size_t i, uint64_t particles, kr_phase_result *row) {
    const kr_phase_measures *m = &results->phase[i], none = {0}, *before = i ? &results->phase[i - 1] : &none;
    bool data = false;
    for (size_t q = 0; q <= i; q++) data = data || kr_landscape_data(&phases->stage[q]->model.landscape);
    *row = (kr_phase_result){.name = phases->scene->phases[i].name,
                             .begin = phases->scene->phases[i].begin,
                             .steps = m->steps,
                             .pruned = m->pruned,
                             .potential = m->potential,
                             .potential_ci95 = m->potential_ci95,
                             .escape_measured = phases->stage[i]->model.target_count > 0,
                             .events = m->events - before->events,
                             .exposure_steps = (double)(m->exposure_steps - before->exposure_steps),
                             .mfpt_steps = NAN,
                             .task = results->task + i * results->count,
                             .task_count = data ? i + 1 : 0};
    if (!row->escape_measured) return;
    kr_escape_estimate counted = kr_escape_estimate_make(row->events, row->exposure_steps, NAN, (double)particles);
    row->mfpt_steps = counted.mfpt_steps;
    row->mfpt_steps_ci95 = counted.mfpt_steps_ci95;
}

/* Of `count` phases; what a phase has not seen yet is NAN. */
static void fill_matrix(kr_phase_results *results, size_t quantity, size_t count, const double **mean, const kr_interval **ci95) {
    double *to = results->mean + quantity * results->count * results->count;
    kr_interval *ends = results->ci95 + quantity * results->count * results->count;
    for (size_t i = 0; i < count; i++)
        for (size_t q = 0; q < count; q++) {
            const kr_task_result *task = &results->task[i * results->count + q];
            to[i * count + q] = q <= i ? task->mean[quantity] : NAN;
            ends[i * count + q] = q <= i ? task->ci95[quantity] : (kr_interval){NAN, NAN};
        }
    *mean = to;
    *ci95 = ends;
}

void kr_phase_results_fill(kr_phase_results *results, const kr_phases *phases, uint64_t particles, kr_result *result) {
    size_t count = results->count ? phases->now + 1 : 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t q = 0; q <= i; q++) results->task[i * results->count + q].name = phases->scene->phases[q].name;
        fill_row(results, phases, i, particles, &results->row[i]);
    }
    result->phase = results->row;
    result->phase_count = count;
    bool data = count && results->row[count - 1].task_count;
    for (size_t q = 0; data && q < KR_TASK_QUANTITIES; q++)
        fill_matrix(results, q, count, &result->task_mean[q], &result->task_ci95[q]);
}

/* ---- checkpoints ---- */

enum { PHASE_WORDS = sizeof(kr_phase_measures) / sizeof(uint64_t), TASK_WORDS = 3 * KR_TASK_QUANTITIES };
_Static_assert(sizeof(kr_phase_measures) == PHASE_WORDS * sizeof(uint64_t), "whole words");

size_t kr_phase_results_words(const kr_phase_results *results) {
    return results->count * PHASE_WORDS + results->count * results->count * TASK_WORDS;
}

void kr_phase_results_save(const kr_phase_results *results, uint64_t *words) {
    for (size_t i = 0; i < results->count; i++, words += PHASE_WORDS) memcpy(words, &results->phase[i], sizeof results->phase[i]);
    for (size_t i = 0; i < results->count * results->count; i++, words += TASK_WORDS) {
        memcpy(words, results->task[i].mean, sizeof results->task[i].mean);
        memcpy(words + KR_TASK_QUANTITIES, results->task[i].ci95, sizeof results->task[i].ci95);
    }
}

void kr_phase_results_restore(kr_phase_results *results, const uint64_t *words) {
    for (size_t i = 0; i < results->count; i++, words += PHASE_WORDS) memcpy(&results->phase[i], words, sizeof results->phase[i]);
    for (size_t i = 0; i < results->count * results->count; i++, words += TASK_WORDS) {
        memcpy(results->task[i].mean, words, sizeof results->task[i].mean);
        memcpy(results->task[i].ci95, words + KR_TASK_QUANTITIES, sizeof results->task[i].ci95);
    }
}
