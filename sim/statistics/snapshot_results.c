#include "snapshot_results.h"

#include "sample_moments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

kr_status kr_snapshot_results_create(kr_snapshot_results *results, const kr_snapshot_set *set, kr_error *error) {
    size_t members = set->count < KR_MOST_MEMBERS ? set->count : KR_MOST_MEMBERS;
    *results = (kr_snapshot_results){.particles = set->particles, .snapshots = set->count, .members = members};
    results->step = malloc((set->count + 1) * sizeof *results->step);
    results->independent_step = malloc((members + 1) * sizeof *results->independent_step);
    if (!results->step || !results->independent_step)
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for what snapshots say");
    memcpy(results->step, set->step, set->count * sizeof *results->step);
    for (size_t m = 0; m < members; m++) results->independent_step[m] = NAN;
    return KR_OK;
}

void kr_snapshot_results_destroy(kr_snapshot_results *results) {
    for (size_t i = 0; i < KR_SNAPSHOT_LISTS; i++) {
        free(results->list[i].number);
        free(results->list[i].mean);
        free(results->list[i].ci95);
    }
    free(results->step);
    free(results->independent_step);
    free(results->population);
    *results = (kr_snapshot_results){0};
}

kr_status kr_snapshot_list_begin(kr_snapshot_results *results, int list, size_t length, kr_error *error) {
    kr_snapshot_list *l = &results->list[list];
    size_t numbers = length * results->particles;
    l->number = malloc((numbers + 1) * sizeof *l->number);
    l->mean = malloc((length + 1) * sizeof *l->mean);
    l->ci95 = malloc((length + 1) * sizeof *l->ci95);
    if (!l->number || !l->mean || !l->ci95) return kr_fail(error, KR_NO_MEMORY, "not enough memory for what snapshots say");
    for (size_t i = 0; i < numbers; i++) l->number[i] = NAN;
    l->length = length;
    return KR_OK;
}

void kr_snapshot_list_end(kr_snapshot_results *results, int list) {
    kr_snapshot_list *l = &results->list[list];
    for (size_t i = 0; i < l->length; i++) {
        kr_sample_moments moments = kr_sample_moments_of(results->particles, l->number + i * results->particles);
        l->mean[i] = moments.mean;
        l->ci95[i] = kr_sample_mean_ci95(&moments);
    }
}

void kr_snapshot_gather(const kr_snapshot_set *set, size_t snapshot, const size_t *particle, size_t n, double *x) {
    for (size_t i = 0; i < set->landscape->dim; i++) {
        const double *from = set->position[snapshot] + i * set->stride;
        for (size_t p = 0; p < n; p++) x[i * n + p] = from[particle[p]];
    }
}
