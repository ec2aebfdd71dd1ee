/* Along each particle's path: the loss at its snapshots, the basins they lie in, and what separates neighbours.
 *
 * The barrier on the straight line between two snapshots is what stands above the line between their losses,
 *     max over t of L((1 - t) x_0 + t x_1) - ((1 - t) L(x_0) + t L(x_1)),
 * at 21 points with the ends, and so never below 0 (J. Frankle, G. K. Dziugaite, D. M. Roy, M. Carbin, ICML 2020; T. Garipov et
 * al., NeurIPS 2018). L is the loss of the training data, without weight decay. */
#include "snapshot_results.h"

#include <kramers/basin.h>
#include <kramers/block.h>
#include <kramers/data_sum.h>
#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>

typedef struct room {
    double *before, *after, *between; /* [dim][KR_GRANULE] */
    double *loss;                     /* [KR_GRANULE] */
} room;

static bool make_room(room *r, size_t dim) {
    r->before = malloc((3 * dim + 1) * KR_GRANULE * sizeof *r->before);
    if (!r->before) return false;
    r->after = r->before + dim * KR_GRANULE;
    r->between = r->after + dim * KR_GRANULE;
    r->loss = r->between + dim * KR_GRANULE;
    return true;
}

static void training_loss(const kr_landscape *landscape, size_t n, const double *x, double *loss) {
    const kr_data_sum *data = kr_landscape_data(landscape);
    if (data)
        data->evaluate(landscape, KR_DATA_TRAIN, n, x, loss, NULL);
    else
        landscape->type->energy(landscape, n, x, loss);
}

static double *numbers(kr_snapshot_results *results, int list, size_t i) {
    return results->list[list].length ? results->list[list].number + i * results->particles : NULL;
}

static void measure_losses(const kr_snapshot_set *set, kr_snapshot_results *results, size_t snapshot, size_t first, size_t n,
                           const double *x) {
    const kr_data_sum *data = kr_landscape_data(set->landscape);
    double *loss = numbers(results, KR_SNAPSHOT_TEST_LOSS, snapshot),
           *accuracy = numbers(results, KR_SNAPSHOT_TEST_ACCURACY, snapshot);
    training_loss(set->landscape, n, x, numbers(results, KR_SNAPSHOT_TRAIN_LOSS, snapshot) + first);
    if (loss) data->evaluate(set->landscape, KR_DATA_TEST, n, x, loss + first, accuracy + first);
}

static void measure_distance(size_t dim, size_t n, const double *x0, const double *x1, double *distance) {
    for (size_t p = 0; p < n; p++) distance[p] = 0;
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < n; p++) {
            double d = x1[i * n + p] - x0[i * n + p];
            distance[p] += d * d;
        }
    for (size_t p = 0; p < n; p++) distance[p] = sqrt(distance[p]);
}

static void measure_barrier(const kr_landscape *landscape, size_t n, const room *r, const double *loss0, const double *loss1,
                            double *barrier) {
    for (size_t p = 0; p < n; p++) barrier[p] = 0;
    for (int k = 1; k < KR_BARRIER_POINTS - 1 && !kr_interrupt_wanted(); k++) {
        double t = (double)k / (KR_BARRIER_POINTS - 1);
        for (size_t i = 0; i < landscape->dim * n; i++) r->between[i] = (1 - t) * r->before[i] + t * r->after[i];
        training_loss(landscape, n, r->between, r->loss);
        for (size_t p = 0; p < n; p++) barrier[p] = fmax(barrier[p], r->loss[p] - ((1 - t) * loss0[p] + t * loss1[p]));
    }
}

/* A block of particles through all snapshots. */
static void follow(const kr_snapshot_set *set, kr_snapshot_results *results, room *r, size_t first) {
    size_t left = set->particles - first, n = left < KR_GRANULE ? left : KR_GRANULE;
    for (size_t s = 0; s < set->count && !kr_interrupt_wanted(); s++) {
        kr_snapshot_gather(set, s, set->particle + first, n, r->after);
        measure_losses(set, results, s, first, n, r->after);
        if (s > 0) {
            measure_distance(set->landscape->dim, n, r->before, r->after, numbers(results, KR_SNAPSHOT_DISTANCE, s - 1) + first);
            measure_barrier(set->landscape, n, r, numbers(results, KR_SNAPSHOT_TRAIN_LOSS, s - 1) + first,
                            numbers(results, KR_SNAPSHOT_TRAIN_LOSS, s) + first,
                            numbers(results, KR_SNAPSHOT_BARRIER, s - 1) + first);
        }
        double *swap = r->before;
        r->before = r->after;
        r->after = swap;
    }
}

static kr_status follow_all(const kr_snapshot_set *set, kr_snapshot_results *results, kr_error *error) {
    bool enough = true;
#pragma omp parallel num_threads(set->threads)
    {
        room r = {0};
        bool mine = make_room(&r, set->landscape->dim);
        double *whole = mine ? r.before : NULL;
#pragma omp for schedule(dynamic, 1)
        for (size_t first = 0; first < set->particles; first += KR_GRANULE)
            if (mine) follow(set, results, &r, first);
#pragma omp critical
        enough = enough && mine;
        free(whole);
    }
    return enough ? kr_interrupt_check(error) : kr_fail(error, KR_NO_MEMORY, "not enough memory to follow snapshots");
}

/* ---- basins ---- */

/* basin[count][particles] */
static kr_status find_basins(const kr_snapshot_set *set, const kr_basins *basins, int32_t *basin, kr_error *error) {
    double *x = malloc(set->landscape->dim * set->particles * sizeof *x);
    if (!x) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the basins of snapshots");
    kr_status status = KR_OK;
    for (size_t s = 0; s < set->count && status == KR_OK; s++) {
        kr_snapshot_gather(set, s, set->particle, set->particles, x);
        status = kr_basins_assign(basins, set->particles, set->particles, x, basin + s * set->particles, error);
    }
    free(x);
    return status;
}

static void count_basins(const kr_snapshot_set *set, const int32_t *basin, kr_snapshot_results *results) {
    for (size_t p = 0; p < set->particles; p++) {
        uint64_t seen = 0; /* KR_MAX_BASINS bits */
        for (size_t s = 0; s < set->count; s++) {
            int32_t b = basin[s * set->particles + p];
            if (b < 0) continue;
            seen |= (uint64_t)1 << b;
            results->population[s * results->wells + (size_t)b] += 1.0 / (double)set->particles;
        }
        double distinct = 0;
        for (; seen; seen &= seen - 1) distinct++;
        results->list[KR_SNAPSHOT_DISTINCT].number[p] = distinct;
    }
}

static kr_status measure_basins(const kr_snapshot_set *set, kr_snapshot_results *results, kr_error *error) {
    kr_basins *basins = NULL;
    _Static_assert(KR_MAX_BASINS <= 64, "a bit for each basin");
    kr_status status = kr_basins_create(&basins, set->landscape, error);
    results->wells = kr_basins_count(basins);
    if (status != KR_OK || !results->wells) return status;
    int32_t *basin = malloc((set->count * set->particles + 1) * sizeof *basin);
    results->population = calloc(set->count * results->wells, sizeof *results->population);
    if (!basin || !results->population) status = kr_fail(error, KR_NO_MEMORY, "not enough memory for the basins of snapshots");
    if (status == KR_OK) status = kr_snapshot_list_begin(results, KR_SNAPSHOT_DISTINCT, 1, error);
    if (status == KR_OK) status = find_basins(set, basins, basin, error);
    if (status == KR_OK) count_basins(set, basin, results);
    free(basin);
    kr_basins_destroy(basins);
    return status;
}

/* ---- all of it ---- */

kr_status kr_snapshot_paths(const kr_snapshot_set *set, kr_snapshot_results *results, kr_error *error) {
    static const int lists[] = {KR_SNAPSHOT_TRAIN_LOSS, KR_SNAPSHOT_TEST_LOSS, KR_SNAPSHOT_TEST_ACCURACY, KR_SNAPSHOT_BARRIER,
                                KR_SNAPSHOT_DISTANCE};
    const kr_data_sum *data = kr_landscape_data(set->landscape);
    bool test = data && data->data(set->landscape, KR_DATA_TEST).count > 0;
    size_t pairs = set->count - 1;
    kr_status status = kr_snapshot_list_begin(results, KR_SNAPSHOT_TRAIN_LOSS, set->count, error);
    if (status == KR_OK && test) status = kr_snapshot_list_begin(results, KR_SNAPSHOT_TEST_LOSS, set->count, error);
    if (status == KR_OK && test) status = kr_snapshot_list_begin(results, KR_SNAPSHOT_TEST_ACCURACY, set->count, error);
    if (status == KR_OK) status = kr_snapshot_list_begin(results, KR_SNAPSHOT_BARRIER, pairs, error);
    if (status == KR_OK) status = kr_snapshot_list_begin(results, KR_SNAPSHOT_DISTANCE, pairs, error);
    if (status == KR_OK) status = follow_all(set, results, error);
    if (status == KR_OK) status = measure_basins(set, results, error);
    for (size_t i = 0; i < sizeof lists / sizeof *lists && status == KR_OK; i++) kr_snapshot_list_end(results, lists[i]);
    if (status == KR_OK) kr_snapshot_list_end(results, KR_SNAPSHOT_DISTINCT);
    return status;
}
