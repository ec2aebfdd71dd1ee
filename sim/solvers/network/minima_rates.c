#include "minima_rates.h"
#include "numerics/reversible_gap.h"

#include <math.h>
#include <stdlib.h>

static const double two_pi = 6.28318530717958647693;
static const double largest_work = 2e9;

double kr_minima_log_rate(const kr_minima_graph *graph, size_t from, const kr_graph_point *saddle, const kr_bath *bath) {
    const kr_graph_point *minimum = &graph->node[from];
    return log(kr_bath_growth(bath, saddle->unstable) / two_pi) + 0.5 * (minimum->log_determinant - saddle->log_determinant) -
           (saddle->energy - minimum->energy) / bath->temperature;
}

/* -Q without the row and column of the deepest state, which the chain ends in. */
typedef struct pinned {
    size_t pin, n;
    double shift; /* rates are in units of e^shift */
    double *weight, *f;
    kr_gth matrix;
} pinned;

static size_t number_of(const pinned *p, size_t node) {
    return node < p->pin ? node : node - 1;
}

static void fill(const kr_minima_graph *g, const kr_bath *bath, pinned *p) {
    p->shift = -INFINITY;
    for (size_t e = 0; e < g->edge_count; e++)
        for (int side = 0; side < 2; side++)
            if (g->edge[e].end[!side] != SIZE_MAX && g->edge[e].end[side] != SIZE_MAX)
                p->shift = fmax(p->shift, kr_minima_log_rate(g, g->edge[e].end[side], &g->edge[e].saddle, bath));
    for (size_t e = 0; e < g->edge_count; e++)
        for (int side = 0; side < 2; side++) {
            size_t from = g->edge[e].end[side], to = g->edge[e].end[!side];
            if (from == SIZE_MAX || to == SIZE_MAX || from == to || from == p->pin) continue;
            double rate = exp(kr_minima_log_rate(g, from, &g->edge[e].saddle, bath) - p->shift);
            if (to == p->pin)
                p->matrix.excess[number_of(p, from)] += rate;
            else
                p->matrix.row[number_of(p, from)][number_of(p, to) - p->matrix.first[number_of(p, from)]] += rate;
        }
}

/* exp(-V/T) / sqrt(det H) of each node, normalised; the heaviest is pinned. */
static void weigh(const kr_minima_graph *g, double temperature, pinned *p) {
    double highest = -INFINITY, sum = 0.0;
    for (size_t i = 0; i < g->node_count; i++) {
        p->weight[i] = -g->node[i].energy / temperature - 0.5 * g->node[i].log_determinant;
        if (p->weight[i] > highest) {
            highest = p->weight[i];
            p->pin = i;
        }
    }
    for (size_t i = 0; i < g->node_count; i++) sum += p->weight[i] = exp(p->weight[i] - highest);
    for (size_t i = 0; i < g->node_count; i++) p->weight[i] /= sum;
}

double kr_minima_gap(const kr_minima_graph *g, const kr_bath *bath) {
    if (g->node_count < 2) return NAN;
    size_t nodes = g->node_count, *band = calloc(2 * nodes, sizeof *band);
    pinned p = {.n = nodes - 1, .weight = calloc(2 * nodes, sizeof(double))};
    double gap = NAN;
    if (band && p.weight) {
        p.f = p.weight + nodes;
        weigh(g, bath->temperature, &p);
        for (size_t i = 0; i < nodes; i++) p.f[i] = i == p.pin ? 0.0 : 1.0 + 0.1 * (double)(i % 7);
        for (size_t i = 0; i < p.n; i++) band[nodes + i] = p.n;
        if (kr_gth_create(&p.matrix, p.n, band, band + nodes, largest_work)) {
            fill(g, bath, &p);
            if (kr_gth_eliminate(&p.matrix)) gap = exp(log(kr_reversible_gap(&p.matrix, p.pin, p.weight, p.f)) + p.shift);
        }
    }
    kr_gth_destroy(&p.matrix);
    free(band);
    free(p.weight);
    return gap > 0.0 && isfinite(gap) ? gap : NAN;
}
