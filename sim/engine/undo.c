#include "undo.h"

#include <kramers/data_sum.h>

#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Before a step has been timed: whether it takes long, by the coordinates of each thread. */
enum { MANY = 1 << 24 };

static bool gives_up(const kr_ensemble_setup *setup) {
    return kr_landscape_data(setup->landscape) ||
           (setup->landscape->dim > 2 && kr_noise_needs(setup->noise, setup->landscape->type->separable) == KR_NOISE_INPUT_HESSIAN);
}

static size_t row_count(const kr_ensemble_setup *setup) {
    return 3 + (setup->ledger ? KR_LEDGER_ROWS : 0);
}

static bool is_wanted(const kr_ensemble_setup *setup, size_t stride, int threads, double step_seconds) {
    if (gives_up(setup)) return true;
    bool many = step_seconds > 0 ? step_seconds > kr_slow_step_seconds : setup->landscape->dim * stride / (size_t)threads >= MANY;
    return many && !setup->finish_steps;
}

double kr_setup_undo_bytes(const kr_ensemble_setup *setup, double step_seconds) {
    size_t stride = kr_padded((size_t)setup->particles);
    int threads = setup->threads ? setup->threads : omp_get_max_threads();
    if (!is_wanted(setup, stride, threads, step_seconds) && !is_wanted(setup, stride, threads, 0.0)) return 0.0;
    double numbers = (double)(setup->landscape->dim * (1 + kr_setup_auxiliaries(setup)) + row_count(setup));
    return sizeof(double) * numbers * (double)stride;
}

/* Copies between the rows that particles have beside their coordinates and those kept, one way or the other. */
static void exchange(kr_ensemble *e, bool back) {
    void *const own[] = {e->departure, e->stopped_at, e->stopped_time, e->ledger};
    double *kept = e->undo.rows;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        size_t numbers = !own[i] ? 0 : own[i] == (void *)e->ledger ? KR_LEDGER_ROWS * e->stride : e->stride;
        if (numbers) memcpy(back ? own[i] : kept, back ? kept : own[i], numbers * sizeof *kept);
        kept += numbers;
    }
}

static bool make_room(kr_ensemble *e) {
    size_t bytes = e->dim * e->stride * sizeof(double);
    for (size_t i = 0; i <= e->auxiliary_count; i++)
        if (!e->undo.array[i] && !(e->undo.array[i] = aligned_alloc(KR_CACHE_LINE, bytes))) return false;
    double *grown = realloc(e->undo.rows, row_count(&e->setup) * e->stride * sizeof *grown);
    if (!grown) return false;
    e->undo.rows = grown;
    return true;
}

bool kr_undo_begin(kr_ensemble *e) {
    double step_seconds = e->undo.rows ? 2 * e->step_seconds : e->step_seconds; /* what is there is not given back at once */
    bool wanted = is_wanted(&e->setup, e->stride, e->threads, step_seconds);
    e->undo.on = wanted && make_room(e);
    if (!e->undo.on) kr_undo_release(e);
    if (wanted && !e->undo.on) return !gives_up(&e->setup); /* others are done to their end, as they can */
    e->undo.time_sum = e->time_sum;
    e->undo.time_rest = e->time_rest;
    e->undo.drawn = e->drawn;
    e->undo.recent = e->recent.count;
    if (e->undo.on) exchange(e, false);
    return true;
}

static void swap(double **a, double **b) {
    double *kept = *a;
    *a = *b;
    *b = kept;
}

void kr_undo_commit(kr_ensemble *e) {
    if (!e->undo.on) return;
    swap(&e->position, &e->undo.array[0]);
    for (size_t a = 0; a < e->auxiliary_count; a++) swap(&e->auxiliary[a], &e->undo.array[1 + a]);
    e->undo.on = false;
}

void kr_undo_chunk(kr_ensemble *e) {
    exchange(e, true);
    e->time_sum = e->undo.time_sum;
    e->time_rest = e->undo.time_rest;
    e->drawn = e->undo.drawn;
    e->recent.count = e->undo.recent;
    for (size_t b = 0; b < e->block_count; b++) e->block_events[b].count = 0;
    e->undo.on = false;
}

void kr_undo_release(kr_ensemble *e) {
    for (size_t i = 0; i <= KR_MAX_AUXILIARIES; i++) free(e->undo.array[i]);
    free(e->undo.rows);
    e->undo = (kr_undo){.on = false};
}
