/* The barrier of a landscape that an Arrhenius slope is compared with. */
#include "geometry/minima_graph.h"
#include "sweep_state.h"

#include <kramers/critical_points.h>
#include <kramers/model.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN = 4096 };

/* ---- out of the start ---- */

static double energy_at(const kr_landscape *landscape, const double *start, size_t coordinate, double x, double *point) {
    double energy;
    memcpy(point, start, landscape->dim * sizeof *point);
    point[coordinate] = x;
    kr_landscape_energy(landscape, 1, point, &energy);
    return energy;
}

/* Highest V on the way from the start to an end along one coordinate, less V at the start; between grid points the parabola through
 * three of them has the top. */
static double climb(const kr_landscape *landscape, const double *start, size_t coordinate, double end, double *point) {
    double from = start[coordinate], h = (end - from) / SCAN, bottom = energy_at(landscape, start, coordinate, from, point);
    double last = bottom, here = bottom, top = bottom;
    for (int i = 1; i <= SCAN; i++) {
        double next = energy_at(landscape, start, coordinate, i < SCAN ? from + i * h : end, point), bend = last - 2 * here + next;
        top = fmax(top, here);
        if (i > 1 && here >= last && here >= next && bend < 0) top = fmax(top, here - (next - last) * (next - last) / (8 * bend));
        last = here;
        here = next;
    }
    return fmax(top, here) - bottom;
}

static double barrier_along(const kr_model *model) {
    double lowest = INFINITY, *point = malloc(model->landscape.dim * sizeof *point);
    for (size_t t = 0; t < model->target_count && point; t++) {
        const kr_target *target = &model->targets[t];
        double ends[2] = {target->below, target->above};
        size_t coordinate = target->coordinate;
        if (target->radius > 0) {
            if (model->landscape.dim > 1) return free(point), NAN;
            coordinate = 0;
            double side = target->center[0] > model->start[0] ? -target->radius : target->radius;
            ends[0] = ends[1] = target->center[0] + side;
        }
        for (int i = 0; i < 2; i++)
            if (isfinite(ends[i])) lowest = fmin(lowest, climb(&model->landscape, model->start, coordinate, ends[i], point));
    }
    free(point);
    return isfinite(lowest) ? lowest : NAN;
}

/* The lowest saddle that joins the start's minimum to another. */
static double barrier_over_saddles(const kr_model *model) {
    kr_critical_points points;
    const kr_landscape *landscape = &model->landscape;
    if (kr_critical_points_find(landscape, 0, &points, NULL)) return NAN;
    size_t home = SIZE_MAX, ends[2];
    double nearest = 1e-6, lowest = INFINITY;
    for (size_t i = 0; i < points.count; i++) {
        double distance = 0;
        for (size_t k = 0; k < landscape->dim; k++) distance = fmax(distance, fabs(points.point[i].position[k] - model->start[k]));
        if (points.point[i].index == 0 && distance <= nearest) home = i;
    }
    for (size_t i = 0; i < points.count && home != SIZE_MAX; i++)
        if (points.point[i].index == 1 && !kr_saddle_ends(landscape, &points, i, ends, NULL) && ends[0] != ends[1] &&
            (ends[0] == home || ends[1] == home))
            lowest = fmin(lowest, points.point[i].energy - points.point[home].energy);
    kr_critical_points_destroy(&points);
    return isfinite(lowest) ? lowest : NAN;
}

/* ---- of the slowest relaxation ---- */

static size_t deepest(const size_t *parent, size_t node) {
    while (parent[node] != node) node = parent[node];
    return node;
}

static int by_energy(const void *left, const void *right) {
    double a = (*(const kr_graph_edge *const *)left)->saddle.energy, b = (*(const kr_graph_edge *const *)right)->saddle.energy;
    return (a > b) - (a < b);
}

/* Saddles are crossed from the lowest up. Where one joins two lakes, the shallower one's deepest minimum gets its barrier: in the
 * limit of low temperature the eigenvalues of the relaxation are exp(-barrier / T), one for each minimum but the deepest (Bovier,
 * Gayrard, Klein 2005), and the slowest has the highest barrier. */
static double highest_barrier(const kr_minima_graph *graph) {
    size_t *parent = malloc((graph->node_count + 1) * sizeof *parent);
    const kr_graph_edge **edge = malloc((graph->edge_count + 1) * sizeof *edge);
    double highest = -INFINITY;
    if (parent && edge) {
        for (size_t i = 0; i < graph->node_count; i++) parent[i] = i;
        for (size_t i = 0; i < graph->edge_count; i++) edge[i] = &graph->edge[i];
        qsort(edge, graph->edge_count, sizeof *edge, by_energy);
        for (size_t i = 0; i < graph->edge_count; i++) {
            if (edge[i]->end[0] == SIZE_MAX || edge[i]->end[1] == SIZE_MAX) continue;
            size_t a = deepest(parent, edge[i]->end[0]), b = deepest(parent, edge[i]->end[1]);
            if (a == b) continue;
            bool first = graph->node[a].energy <= graph->node[b].energy;
            size_t low = first ? a : b, high = first ? b : a;
            highest = fmax(highest, edge[i]->saddle.energy - graph->node[high].energy);
            parent[high] = low;
        }
    }
    free(parent);
    free(edge);
    return isfinite(highest) ? highest : NAN;
}

static double graph_barrier(const kr_landscape *landscape, size_t count, const size_t *coordinate) {
    kr_minima_graph graph;
    if (kr_minima_graph_make(&graph, landscape, count, coordinate, -INFINITY, INFINITY, NULL)) return NAN;
    double barrier = highest_barrier(&graph);
    kr_minima_graph_destroy(&graph);
    return barrier;
}

/* Coordinates of a product relax each by itself. */
static double barrier_of_relaxation(const kr_landscape *landscape) {
    if (landscape->type->period > 0) return NAN; /* there is no deepest minimum to relax to */
    if (!landscape->type->separable) return graph_barrier(landscape, 0, NULL);
    double highest = NAN;
    for (size_t k = 0; k < landscape->dim; k++) highest = fmax(highest, graph_barrier(landscape, 1, &k));
    return highest;
}

double kr_sweep_barrier(const kr_sweep *sweep, bool relaxation) {
    kr_model model;
    if (kr_model_create(&model, kr_scene_at_start(&sweep->first), NULL)) return NAN;
    bool line = model.landscape.dim == 1 || model.landscape.type->separable;
    double barrier = relaxation ? barrier_of_relaxation(&model.landscape)
                     : line     ? barrier_along(&model)
                                : barrier_over_saddles(&model);
    kr_model_destroy(&model);
    return barrier;
}
