#include "hopping.h"

#include "minima_rates.h"
#include "numerics/gth_solver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double largest_work = 2e9;

static const double *position_of(const kr_hopping *h, const kr_graph_point *point) {
    return h->graph.positions + point->position * h->graph.coordinate_count;
}

void kr_hopping_place(kr_hopping *h, const kr_graph_point *point) {
    memcpy(h->point, h->problem->start, h->problem->landscape->dim * sizeof *h->point);
    for (size_t i = 0; i < h->graph.coordinate_count; i++) h->point[h->graph.coordinate[i]] = position_of(h, point)[i];
}

static double energy_here(const kr_hopping *h) {
    double energy;
    kr_landscape_energy(h->problem->landscape, 1, h->point, &energy);
    return energy;
}

static bool minimum_in_target(kr_hopping *h, const kr_graph_point *minimum, const kr_target *target) {
    kr_hopping_place(h, minimum);
    if (kr_target_reached(target, h->problem->landscape->dim, h->point)) return true;
    if (target->radius > 0.0) return false;
    const double level[2] = {target->below, target->above};
    double energy = energy_here(h), at = h->point[target->coordinate];
    for (int side = 0; side < 2; side++) {
        if (!isfinite(level[side]) || fabs(level[side] - at) > 1.0 + fabs(at)) continue;
        h->point[target->coordinate] = level[side];
        bool blocked = false; /* by a saddle in between */
        for (size_t e = 0; e < h->graph.edge_count; e++) {
            const kr_graph_edge *edge = &h->graph.edge[e];
            if (&h->graph.node[edge->end[0]] != minimum && (edge->end[1] == SIZE_MAX || &h->graph.node[edge->end[1]] != minimum))
                continue;
            for (size_t i = 0; i < h->graph.coordinate_count; i++) {
                double saddle = position_of(h, &edge->saddle)[i];
                if (h->graph.coordinate[i] == target->coordinate && (saddle - at) * (saddle - level[side]) < 0.0) blocked = true;
            }
        }
        if (!blocked && energy_here(h) - energy <= h->bath.temperature) return true;
    }
    return false;
}

/* Coordinates that the targets refer to; all of them when one is a ball. */
static size_t choose_coordinates(const kr_problem *problem, size_t *coordinate) {
    size_t dim = problem->landscape->dim, count = 0;
    bool all = problem->target_count == 0;
    for (size_t t = 0; t < problem->target_count; t++) all = all || problem->targets[t].radius > 0.0;
    for (size_t i = 0; i < dim; i++) {
        bool wanted = all;
        for (size_t t = 0; t < problem->target_count && !wanted; t++) wanted = problem->targets[t].coordinate == i;
        if (wanted) coordinate[count++] = i;
    }
    return count;
}

/* The interval of a periodic coordinate 0 that a particle visits before it reaches a target on either side. On an open side the
 * loss must rise, and 40 T higher is the end. */
static bool choose_window(kr_hopping *h, double *low, double *high, kr_prediction *out) {
    const kr_problem *problem = h->problem;
    const kr_landscape *landscape = problem->landscape;
    double period = landscape->type->period, start = problem->start[0];
    *low = -INFINITY;
    *high = INFINITY;
    if (!(period > 0.0)) return true;
    for (size_t t = 0; t < problem->target_count; t++) {
        const kr_target *target = &problem->targets[t];
        bool ball = target->radius > 0.0;
        if (!ball && target->coordinate != 0) continue;
        double below = ball ? target->center[0] + target->radius : target->below;
        double above = ball ? target->center[0] - target->radius : target->above;
        if (below < start) *low = fmax(*low, below);
        if (above > start) *high = fmin(*high, above);
    }
    double *const end[2] = {low, high};
    memcpy(h->point, problem->start, landscape->dim * sizeof *h->point);
    double energy = energy_here(h);
    for (int side = 0; side < 2; side++) {
        double direction = side ? 1.0 : -1.0, rise = 0.0;
        if (isfinite(*end[side])) {
            *end[side] += direction * period; /* the well of the target itself */
            continue;
        }
        size_t periods = 0;
        while (rise < 40.0 * h->bath.temperature && ++periods < KR_GRAPH_MAX_NODES / 2) {
            h->point[0] = start + direction * period * (double)periods;
            rise = energy_here(h) - energy;
        }
        if (rise < 40.0 * h->bath.temperature) {
            kr_theory_refuse(out, "The loss does not rise on the open side, so the mean passage time is infinite.");
            return false;
        }
        *end[side] = start + direction * period * (double)periods;
    }
    return true;
}

bool kr_hopping_make(kr_hopping *h, kr_prediction *out) {
    const kr_problem *problem = h->problem;
    double low, high;
    kr_error error;
    size_t *coordinate = malloc(problem->landscape->dim * sizeof *coordinate);
    h->point = malloc(problem->landscape->dim * sizeof *h->point);
    bool done = coordinate && h->point && choose_window(h, &low, &high, out);
    if (done && kr_minima_graph_make(&h->graph, problem->landscape, choose_coordinates(problem, coordinate), coordinate, low, high,
                                     &error) != KR_OK) {
        kr_theory_refuse(out, "The graph of minima cannot be made: %.180s.", error.message);
        done = false;
    }
    if (done && (kr_minima_graph_locate(&h->graph, problem->landscape, problem->start, &h->start, &error) != KR_OK ||
                 h->start == SIZE_MAX)) {
        kr_theory_refuse(out, "The start belongs to no minimum.");
        done = false;
    }
    free(coordinate);
    size_t nodes = h->graph.node_count;
    h->inside = calloc(nodes + 1, sizeof *h->inside);
    h->state = malloc((2 * nodes + 1) * sizeof *h->state);
    h->queue = h->state + nodes;
    return done && h->inside && h->state;
}

static size_t other_end(const kr_graph_edge *edge, size_t node) {
    return edge->end[0] == node ? edge->end[1] : edge->end[0];
}

bool kr_hopping_leaves(const kr_graph_edge *edge, size_t node) {
    return (edge->end[0] == node) != (edge->end[1] == node);
}

/* A saddle on the way must be left behind before a target begins. */
static bool check_edge(kr_hopping *h, size_t from, const kr_graph_edge *edge, kr_prediction *out) {
    size_t to = other_end(edge, from);
    if (to == SIZE_MAX && !(h->problem->landscape->type->period > 0.0)) {
        kr_theory_refuse(out, "A saddle on the way leads to where there is no minimum.");
        return false;
    }
    kr_hopping_place(h, &edge->saddle);
    for (size_t t = 0; t < h->problem->target_count; t++) {
        double distance = kr_target_distance(&h->problem->targets[t], h->problem->landscape->dim, h->point);
        if (distance * sqrt(edge->saddle.unstable / (2.0 * h->bath.temperature)) >= 1.0) continue;
        kr_theory_refuse(out, "The edge of a target is less than a thermal length beyond a saddle on the way, or before it.");
        return false;
    }
    return true;
}

static bool number_states(kr_hopping *h, kr_prediction *out) {
    const kr_minima_graph *g = &h->graph;
    bool arrives = false;
    for (size_t node = 0; node < g->node_count; node++) {
        h->state[node] = SIZE_MAX;
        for (size_t t = 0; t < h->problem->target_count && !h->inside[node]; t++)
            h->inside[node] = minimum_in_target(h, &g->node[node], &h->problem->targets[t]);
    }
    if (h->inside[h->start]) {
        kr_theory_refuse(out, "The minimum of the start is in a target, or nearly: there is no barrier.");
        return false;
    }
    h->state[h->start] = 0;
    h->queue[h->states++] = h->start;
    for (size_t head = 0; head < h->states; head++)
        for (size_t e = 0; e < g->edge_count; e++) {
            size_t node = h->queue[head], to;
            if (!kr_hopping_leaves(&g->edge[e], node)) continue;
            if (!check_edge(h, node, &g->edge[e], out)) return false;
            to = other_end(&g->edge[e], node);
            if (to == SIZE_MAX) continue; /* the end of the window */
            arrives = arrives || h->inside[to];
            if (h->inside[to] || h->state[to] != SIZE_MAX) continue;
            h->state[to] = h->states;
            h->queue[h->states++] = to;
        }
    if (!arrives) kr_theory_refuse(out, "No saddles lead from the minimum of the start to one in a target.");
    return arrives;
}

static bool check_barrier(const kr_hopping *h, kr_prediction *out) {
    double lowest = INFINITY;
    for (size_t e = 0; e < h->graph.edge_count; e++)
        if (kr_hopping_leaves(&h->graph.edge[e], h->start))
            lowest = fmin(lowest, h->graph.edge[e].saddle.energy - h->graph.node[h->start].energy);
    if (lowest >= h->bath.temperature) return true;
    kr_theory_refuse(out, "The barrier, %.4g, is not higher than the temperature, %.4g.", lowest, h->bath.temperature);
    return false;
}

bool kr_hopping_explore(kr_hopping *h, kr_prediction *out) {
    return number_states(h, out) && check_barrier(h, out);
}

static double log_rate(const kr_hopping *h, size_t from, const kr_graph_point *saddle) {
    return kr_minima_log_rate(&h->graph, from, saddle, &h->bath);
}

/* Rates are taken in units of e^shift, the fastest, which cannot overflow. */
static void fill(kr_hopping *h, kr_gth *m, double shift) {
    for (size_t i = 0; i < h->states; i++)
        for (size_t e = 0; e < h->graph.edge_count; e++) {
            size_t from = h->queue[i];
            if (!kr_hopping_leaves(&h->graph.edge[e], from)) continue;
            size_t to = other_end(&h->graph.edge[e], from);
            double rate = exp(log_rate(h, from, &h->graph.edge[e].saddle) - shift);
            if (to == SIZE_MAX) continue;
            if (h->inside[to])
                m->excess[i] += rate;
            else
                m->row[i][h->state[to] - m->first[i]] += rate;
        }
}

static double fastest(const kr_hopping *h) {
    double highest = -INFINITY;
    for (size_t i = 0; i < h->states; i++)
        for (size_t e = 0; e < h->graph.edge_count; e++)
            if (kr_hopping_leaves(&h->graph.edge[e], h->queue[i]))
                highest = fmax(highest, log_rate(h, h->queue[i], &h->graph.edge[e].saddle));
    return highest;
}

bool kr_hopping_solve(kr_hopping *h, kr_prediction *out) {
    size_t n = h->states, *band = malloc(2 * n * sizeof *band);
    double *mean = malloc(2 * n * sizeof *mean), shift = fastest(h);
    for (size_t i = 0; band && i < n; i++) {
        band[i] = 0;
        band[n + i] = n;
    }
    kr_gth m = {0};
    bool done = band && mean && kr_gth_create(&m, n, band, band + n, largest_work);
    if (done) {
        double *square = mean + n;
        fill(h, &m, shift);
        done = kr_gth_eliminate(&m);
        for (size_t i = 0; done && i < n; i++) mean[i] = 1.0;
        if (done) kr_gth_solve(&m, mean);
        for (size_t i = 0; done && i < n; i++) square[i] = 2.0 * (mean[i] / mean[0]);
        if (done) kr_gth_solve(&m, square);
        double log_mean = done ? log(mean[0]) - shift : 0.0;
        done = done && isfinite(mean[0]) && fabs(log_mean) < 690.0;
        h->mean = exp(log_mean);
        out->rate = h->bath.rate_unit / h->mean;
        out->variation = done ? sqrt(fmax(0.0, square[0] / mean[0] - 1.0)) : NAN;
    }
    kr_gth_destroy(&m);
    free(band);
    free(mean);
    if (!done) kr_theory_refuse(out, "The mean passage time is beyond the range of numbers.");
    return done;
}

double kr_hopping_gap(const kr_hopping *h) {
    const kr_landscape *landscape = h->problem->landscape;
    bool whole = landscape->type->period == 0.0 && h->graph.coordinate_count == landscape->dim;
    return whole ? h->bath.rate_unit * kr_minima_gap(&h->graph, &h->bath) : NAN;
}

void kr_hopping_destroy(kr_hopping *h) {
    kr_minima_graph_destroy(&h->graph);
    free(h->inside);
    free(h->state);
    free(h->point);
}
