/* Which coordinates go. */
#include <kramers/prune.h>

#include <kramers/data_sum.h>

#include "prune_choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

kr_status kr_prune_check(const kr_prune *how, const kr_ensemble_setup *setup, kr_error *error) {
    const kr_landscape *landscape = setup->landscape;
    const char *why = setup->dynamics->type->not_pruned;
    if (why)
        return kr_fail(error, KR_BAD_ARGUMENT, "particles of the dynamics '%s' can't be pruned: %s",
                       setup->dynamics->type->about.name, why);
    if (setup->bridge) return kr_fail(error, KR_BAD_ARGUMENT, "particles can't be pruned with escape.bridge; turn it off");
    if (how->scope == KR_PRUNE_LAYER && !kr_prune_has_layers(landscape))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "scope: layer is for networks, and the landscape '%s' has no layers; use scope: global",
                       landscape->type->about.name);
    return KR_OK;
}

bool kr_prune_has_layers(const kr_landscape *landscape) {
    const kr_data_sum *data = kr_landscape_data(landscape);
    return data && data->layers && data->layers(landscape, NULL) > 0;
}

static size_t add_range(size_t *coordinate, size_t count, size_t first, size_t length) {
    for (size_t i = 0; i < length; i++) coordinate[count + i] = first + i;
    return count + length;
}

/* Biases stay unless they are asked for: a unit without one is another kind of unit, and there are few. */
static kr_status find_layers(kr_prunable *p, const kr_prune *how, const kr_landscape *landscape) {
    const kr_data_sum *data = kr_landscape_data(landscape);
    size_t layers = data->layers(landscape, NULL), count = 0;
    kr_network_layer *layer = calloc(layers, sizeof *layer);
    p->end = calloc(layers, sizeof *p->end);
    if (!layer || !p->end) {
        free(layer);
        return KR_NO_MEMORY;
    }
    data->layers(landscape, layer);
    for (size_t l = 0; l < layers; l++) {
        count = add_range(p->coordinate, count, layer[l].weight, layer[l].inputs * layer[l].outputs);
        if (how->biases) count = add_range(p->coordinate, count, layer[l].bias, layer[l].outputs);
        if (how->scope == KR_PRUNE_LAYER) p->end[p->groups++] = count;
    }
    if (how->scope == KR_PRUNE_GLOBAL) p->end[p->groups++] = count;
    free(layer);
    return KR_OK;
}

kr_status kr_prunable_find(kr_prunable *p, const kr_prune *how, const kr_landscape *landscape) {
    *p = (kr_prunable){.coordinate = calloc(landscape->dim, sizeof *p->coordinate)};
    if (!p->coordinate) return KR_NO_MEMORY;
    if (kr_prune_has_layers(landscape)) return find_layers(p, how, landscape);
    if (!(p->end = calloc(1, sizeof *p->end))) return KR_NO_MEMORY;
    p->end[p->groups++] = add_range(p->coordinate, 0, 0, landscape->dim);
    return KR_OK;
}

void kr_prunable_destroy(kr_prunable *p) {
    free(p->coordinate);
    free(p->end);
    *p = (kr_prunable){.groups = 0};
}

/* ---- one particle ---- */

static int before(const void *a, const void *b) {
    const kr_prune_rank *x = a, *y = b;
    if (x->size != y->size) return x->size < y->size ? -1 : 1;
    return x->coordinate < y->coordinate ? -1 : x->coordinate > y->coordinate;
}

/* How many of those that are still there go, of `all` in the group. */
static size_t how_many(const kr_prune *how, size_t there, size_t all) {
    double gone = (double)(all - there), wanted = nearbyint(how->fraction * (double)(how->iterative ? there : all));
    double more = how->iterative ? wanted : wanted - gone;
    return more <= 0 ? 0 : more >= (double)there ? there : (size_t)more;
}

void kr_prune_particle(const kr_prunable *p, const kr_prune *how, const double *size, size_t stride, kr_prune_rank *rank,
                       uint64_t *kept, size_t kept_stride, uint64_t bit) {
    for (size_t g = 0; g < p->groups; g++) {
        size_t first = g ? p->end[g - 1] : 0, there = 0;
        for (size_t k = first; k < p->end[g]; k++) {
            size_t i = p->coordinate[k];
            if (kept[i * kept_stride] & bit) rank[there++] = (kr_prune_rank){fabs(size[i * stride]), i};
        }
        size_t gone = how_many(how, there, p->end[g] - first);
        if (gone) qsort(rank, there, sizeof *rank, before);
        for (size_t k = 0; k < gone; k++) kept[rank[k].coordinate * kept_stride] &= ~bit;
    }
}

/* ---- how many are ---- */

double kr_ensemble_pruned(const kr_view *view) {
    double pruned = 0, all = 0;
    for (uint64_t p = 0; view->kept && p < view->particles; p++) {
        if (view->stopped_at[p]) continue;
        size_t gone = 0;
        for (size_t i = 0; i < view->dim; i++) gone += !(view->kept[i * view->kept_stride + p / 64] >> p % 64 & 1);
        pruned += (double)gone;
        all += (double)view->dim;
    }
    return all > 0 ? pruned / all : 0;
}
