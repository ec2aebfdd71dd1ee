#include "minima_graph.h"
#include "critical_lines.h"

#include <kramers/basin.h>
#include <kramers/critical_points.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the graph of minima");
}

static bool allocate(kr_minima_graph *g, size_t coordinates, size_t nodes, size_t edges) {
    *g = (kr_minima_graph){.coordinate_count = coordinates};
    g->coordinate = malloc(coordinates * sizeof *g->coordinate);
    g->node = calloc(nodes + 1, sizeof *g->node);
    g->edge = calloc(edges + 1, sizeof *g->edge);
    g->positions = calloc(nodes + edges + 1, coordinates * sizeof *g->positions);
    return g->coordinate && g->node && g->edge && g->positions;
}

void kr_minima_graph_destroy(kr_minima_graph *g) {
    free(g->coordinate);
    free(g->node);
    free(g->edge);
    free(g->positions);
    *g = (kr_minima_graph){0};
}

/* Coupled coordinates. */

static kr_graph_point point_of(kr_minima_graph *g, const kr_critical_point *p, size_t position) {
    kr_graph_point point = {.position = position, .energy = p->energy, .unstable = fabs(p->eigenvalues[0])};
    for (size_t i = 0; i < g->coordinate_count; i++) point.log_determinant += log(fabs(p->eigenvalues[i]));
    memcpy(g->positions + position * g->coordinate_count, p->position, g->coordinate_count * sizeof *p->position);
    return point;
}

static kr_status make_coupled(kr_minima_graph *g, const kr_landscape *landscape, kr_error *error) {
    kr_critical_points points;
    kr_status status = kr_critical_points_find(landscape, 0, &points, error);
    if (status != KR_OK) return status;
    size_t minima = 0, *number = malloc((points.count + 1) * sizeof *number);
    if (!number || !allocate(g, landscape->dim, points.count, points.count)) status = no_memory(error);
    for (size_t i = 0; status == KR_OK && i < landscape->dim; i++) g->coordinate[i] = i;
    for (size_t i = 0; status == KR_OK && i < points.count; i++) {
        number[i] = points.point[i].index == 0 ? minima++ : SIZE_MAX;
        if (points.point[i].index == 0) g->node[g->node_count++] = point_of(g, &points.point[i], i);
    }
    for (size_t i = 0; status == KR_OK && i < points.count; i++) {
        size_t ends[2];
        if (points.point[i].index != 1) continue;
        status = kr_saddle_ends(landscape, &points, i, ends, error);
        if (status != KR_OK) break;
        kr_graph_edge *edge = &g->edge[g->edge_count++];
        for (int side = 0; side < 2; side++) edge->end[side] = ends[side] == SIZE_MAX ? SIZE_MAX : number[ends[side]];
        edge->saddle = point_of(g, &points.point[i], i);
    }
    free(number);
    kr_critical_points_destroy(&points);
    return status;
}

/* Products. */

typedef struct stop {
    double x, energy, curvature;
    bool minimum;
} stop;

typedef struct axis {
    stop *stop; /* minima and maxima in turn */
    size_t count, minima;
} axis;

static double energy_along(const kr_landscape *landscape, size_t coordinate, double x, double *point) {
    double energy;
    kr_landscape reduced = *landscape; /* coordinates after this one add a constant */
    reduced.dim = coordinate + 1;
    memset(point, 0, reduced.dim * sizeof *point);
    point[coordinate] = x;
    kr_landscape_energy(&reduced, 1, point, &energy);
    return energy;
}

static kr_status add_period(axis *a, const kr_landscape *landscape, size_t coordinate, int64_t period_number, double *point,
                            kr_error *error) {
    kr_critical_lines lines;
    kr_status status = kr_critical_lines_find(landscape, coordinate, 1, period_number, &lines, error);
    if (status != KR_OK) return status;
    stop *larger = realloc(a->stop, (a->count + lines.first[1] + 1) * sizeof *larger);
    if (larger) a->stop = larger;
    for (size_t i = 0; larger && i < lines.first[1]; i++) {
        double x = lines.x[i];
        a->stop[a->count++] = (stop){x, energy_along(landscape, coordinate, x, point), lines.curvature[i], lines.minimum[i]};
        a->minima += lines.minimum[i];
    }
    kr_critical_lines_destroy(&lines);
    return larger ? KR_OK : no_memory(error);
}

static kr_status make_axis(axis *a, const kr_landscape *landscape, size_t coordinate, double low, double high, kr_error *error) {
    double *point = malloc((coordinate + 1) * sizeof *point), period = coordinate == 0 ? landscape->type->period : 0.0;
    if (!point) return no_memory(error);
    int64_t first = period > 0.0 ? (int64_t)floor(low / period + 0.5) : 0,
            last = period > 0.0 ? (int64_t)floor(high / period + 0.5) : 0;
    kr_status status = KR_OK;
    if (last - first >= KR_GRAPH_MAX_NODES)
        status = kr_fail(error, KR_BAD_ARGUMENT, "there are more than %d periods between the targets", (int)KR_GRAPH_MAX_NODES);
    for (int64_t number = first; status == KR_OK && number <= last; number++)
        status = add_period(a, landscape, coordinate, number, point, error);
    free(point);
    for (size_t i = 1; status == KR_OK && i < a->count; i++)
        if (a->stop[i].minimum == a->stop[i - 1].minimum)
            status = kr_fail(error, KR_NUMERICAL, "coordinate %zu has two neighbouring %s at %.6g and %.6g", coordinate,
                             a->stop[i].minimum ? "minima" : "maxima", a->stop[i - 1].x, a->stop[i].x);
    if (status == KR_OK && period > 0.0) { /* the window ends in wells */
        while (a->count && !a->stop[a->count - 1].minimum) a->count--;
        while (a->count && !a->stop[0].minimum) memmove(a->stop, a->stop + 1, --a->count * sizeof *a->stop);
    }
    if (status == KR_OK && a->minima == 0)
        status = kr_fail(error, KR_BAD_ARGUMENT, "coordinate %zu of landscape '%s' has no minimum", coordinate,
                         landscape->type->about.name);
    return status;
}

/* The k-th minimum of the axis as an entry of stop. */
static size_t stop_of(const axis *a, size_t k) {
    return 2 * k + !a->stop[0].minimum;
}

static kr_graph_point product_point(kr_minima_graph *g, const axis *axes, const size_t *at, size_t position) {
    kr_graph_point point = {.position = position};
    for (size_t i = 0; i < g->coordinate_count; i++) {
        const stop *s = &axes[i].stop[at[i]];
        point.energy += s->energy;
        point.log_determinant += log(fabs(s->curvature));
        if (!s->minimum) point.unstable = -s->curvature;
        g->positions[position * g->coordinate_count + i] = s->x;
    }
    return point;
}

/* Edges from node to larger coordinates, and those to nowhere at either end. span: distance of node numbers along the axis. */
static void product_edges(kr_minima_graph *g, const axis *axes, size_t node, size_t i, size_t span, size_t *at) {
    const axis *a = &axes[i];
    size_t here = at[i];
    for (int side = 0; side < 2; side++) {
        if (side == 0 && here != 1) continue; /* a maximum below the lowest minimum */
        if (side == 1 && here + 1 >= a->count) continue;
        at[i] = side ? here + 1 : here - 1;
        kr_graph_edge *edge = &g->edge[g->edge_count];
        edge->saddle = product_point(g, axes, at, g->node_count + g->edge_count);
        edge->end[0] = node;
        edge->end[1] = side && here + 2 < a->count ? node + span : SIZE_MAX;
        g->edge_count++;
    }
    at[i] = here;
}

static kr_status multiply(kr_minima_graph *g, const axis *axes, size_t count, const size_t *coordinate, kr_error *error) {
    size_t nodes = 1;
    for (size_t i = 0; i < count; i++) {
        nodes *= axes[i].minima;
        if (nodes > KR_GRAPH_MAX_NODES)
            return kr_fail(error, KR_BAD_ARGUMENT, "there are more than %d minima", (int)KR_GRAPH_MAX_NODES);
    }
    size_t *at = malloc((count + 1) * sizeof *at);
    if (!at || !allocate(g, count, nodes, 2 * count * nodes)) {
        free(at);
        return no_memory(error);
    }
    memcpy(g->coordinate, coordinate, count * sizeof *coordinate);
    g->node_count = nodes;
    for (size_t node = 0; node < nodes; node++) {
        size_t rest = node, span = 1;
        for (size_t i = count; i-- > 0; rest /= axes[i].minima) at[i] = stop_of(&axes[i], rest % axes[i].minima);
        g->node[node] = product_point(g, axes, at, node);
        for (size_t i = count; i-- > 0; span *= axes[i].minima) product_edges(g, axes, node, i, span, at);
    }
    free(at);
    return KR_OK;
}

static kr_status make_product(kr_minima_graph *g, const kr_landscape *landscape, size_t count, const size_t *coordinate, double low,
                              double high, kr_error *error) {
    axis *axes = calloc(count + 1, sizeof *axes);
    kr_status status = axes ? KR_OK : no_memory(error);
    for (size_t i = 0; status == KR_OK && i < count; i++) status = make_axis(&axes[i], landscape, coordinate[i], low, high, error);
    if (status == KR_OK) status = multiply(g, axes, count, coordinate, error);
    for (size_t i = 0; axes && i < count; i++) free(axes[i].stop);
    free(axes);
    return status;
}

kr_status kr_minima_graph_make(kr_minima_graph *graph, const kr_landscape *landscape, size_t count, const size_t *coordinate,
                               double low, double high, kr_error *error) {
    *graph = (kr_minima_graph){0};
    const char *why = landscape->type->unlisted ? landscape->type->unlisted(landscape) : NULL;
    if (why) return kr_fail(error, KR_BAD_ARGUMENT, "landscape '%s': %s", landscape->type->about.name, why);
    kr_status status = landscape->type->separable ? make_product(graph, landscape, count, coordinate, low, high, error)
                                                  : make_coupled(graph, landscape, error);
    if (status != KR_OK) kr_minima_graph_destroy(graph);
    return status;
}

/* In a product: the minimum that is reached by crossing no maximum along any coordinate. */
static size_t locate_product(const kr_minima_graph *g, const double *x) {
    for (size_t node = 0; node < g->node_count; node++) {
        bool here = true;
        for (size_t e = 0; here && e < g->edge_count; e++) {
            const kr_graph_edge *edge = &g->edge[e];
            if (edge->end[0] != node && edge->end[1] != node) continue;
            const double *minimum = g->positions + g->node[node].position * g->coordinate_count;
            const double *saddle = g->positions + edge->saddle.position * g->coordinate_count;
            for (size_t i = 0; i < g->coordinate_count; i++) {
                double at = x[g->coordinate[i]];
                if (saddle[i] != minimum[i] && (saddle[i] > minimum[i] ? at > saddle[i] : at < saddle[i])) here = false;
            }
        }
        if (here) return node;
    }
    return SIZE_MAX;
}

static size_t nearest_node(const kr_minima_graph *g, const double *x) {
    for (size_t node = 0; node < g->node_count; node++) {
        double farthest = 0.0;
        for (size_t i = 0; i < g->coordinate_count; i++)
            farthest = fmax(farthest, fabs(g->positions[g->node[node].position * g->coordinate_count + i] - x[i]) -
                                          2.0 * kr_same_within(x[i]));
        if (farthest <= 0.0) return node;
    }
    return SIZE_MAX;
}

kr_status kr_minima_graph_locate(const kr_minima_graph *graph, const kr_landscape *landscape, const double *x, size_t *node,
                                 kr_error *error) {
    if (landscape->type->separable) {
        *node = locate_product(graph, x);
        return KR_OK;
    }
    *node = nearest_node(graph, x);
    if (*node != SIZE_MAX) return KR_OK;
    kr_basins *basins;
    int32_t basin = -1;
    kr_status status = kr_basins_create(&basins, landscape, error);
    if (status == KR_OK && basins) status = kr_basins_assign(basins, 1, 1, x, &basin, error);
    kr_basins_destroy(basins);
    *node = basin < 0 ? SIZE_MAX : (size_t)basin;
    return status;
}
