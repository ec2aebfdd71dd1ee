/* Eyring and Kramers in several dimensions: the particle hops between minima, and the rate from i over a saddle s of index 1 is
 *
 *     k(i -> j) = l / (2 pi) sqrt(det H_i / |det H_s|) exp(-(V_s - V_i) / T)
 *
 * with the growth rate l of the unstable direction at the saddle. Gradient descent with noise: l = |lambda_s|, the negative
 * eigenvalue of the Hessian (Eyring 1935; proofs: Bovier, Eckhoff, Gayrard, Klein 2004). With momentum and one friction gamma for
 * all directions, dq = p dt, dp = -grad V dt - gamma p dt + sqrt(2 gamma T) dW, it is that of the linear motion there, l =
 * sqrt(gamma^2/4 + |lambda_s|) - gamma/2 (Langer 1969), which goes to |lambda_s| / gamma at strong friction and to transition-state
 * theory at none.
 *
 * Rates over several saddles add up. Where the target's minimum is not next to the start's, or wells lie on the way, the mean
 * first-passage time is that of the continuous-time Markov chain on the minima with all these rates: -Q m = 1, and -Q s = 2 m for
 * the mean square, without subtractions (Grassmann, Taksar, Heyman 1985).
 *
 * Holds to leading order for T far below the barriers, additive noise and small learning rates; with momentum, for moderate to
 * strong friction: a particle loses much more than T on one round trip in a well, or wells are not in equilibrium near their
 * saddles and this is too fast. A mean passage time is derived from the rate where in addition gamma >= omega_s / 2 and gamma S >=
 * 6 T at every saddle that matters, omega_s^2 = |lambda_s|; below, particles come and go over a saddle several times before they
 * are caught, and a first passage is another quantity than the rate at which populations decay.
 *
 * A minimum counts as in the target when it lies in it, or when reaching the target's level from there costs no more than T. A
 * target whose edge is within a thermal length of a saddle is another problem: that of being at the top.
 */
#include <kramers/theory.h>

#include "numerics/gth_solver.h"
#include "solvers/network/capture_rate.h"
#include "solvers/network/minima_rates.h"
#include "solvers/network/saddle_action.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double largest_work = 2e9;

typedef struct chain {
    const kr_problem *problem;
    kr_bath bath;
    double mean; /* time of the bath's equation */
    kr_minima_graph graph;
    size_t start;
    bool *inside;  /* [node_count] in a target */
    size_t *state; /* [node_count] number in the chain; SIZE_MAX: not reached, or in a target */
    size_t *queue; /* nodes by that number */
    size_t states;
    double *point; /* [dim] */
} chain;

static const double *position_of(const chain *c, const kr_graph_point *point) {
    return c->graph.positions + point->position * c->graph.coordinate_count;
}

/* The whole point in c->point: the start in coordinates that take no part. */
static void place(chain *c, const kr_graph_point *point) {
    memcpy(c->point, c->problem->start, c->problem->landscape->dim * sizeof *c->point);
    for (size_t i = 0; i < c->graph.coordinate_count; i++) c->point[c->graph.coordinate[i]] = position_of(c, point)[i];
}

static double energy_here(const chain *c) {
    double energy;
    kr_landscape_energy(c->problem->landscape, 1, c->point, &energy);
    return energy;
}

static bool minimum_in_target(chain *c, const kr_graph_point *minimum, const kr_target *target) {
    place(c, minimum);
    if (kr_target_reached(target, c->problem->landscape->dim, c->point)) return true;
    if (target->radius > 0.0) return false;
    const double level[2] = {target->below, target->above};
    double energy = energy_here(c), at = c->point[target->coordinate];
    for (int side = 0; side < 2; side++) {
        if (!isfinite(level[side]) || fabs(level[side] - at) > 1.0 + fabs(at)) continue;
        c->point[target->coordinate] = level[side];
        bool blocked = false; /* by a saddle in between */
        for (size_t e = 0; e < c->graph.edge_count; e++) {
            const kr_graph_edge *edge = &c->graph.edge[e];
            if (&c->graph.node[edge->end[0]] != minimum && (edge->end[1] == SIZE_MAX || &c->graph.node[edge->end[1]] != minimum))
                continue;
            for (size_t i = 0; i < c->graph.coordinate_count; i++) {
                double saddle = position_of(c, &edge->saddle)[i];
                if (c->graph.coordinate[i] == target->coordinate && (saddle - at) * (saddle - level[side]) < 0.0) blocked = true;
            }
        }
        if (!blocked && energy_here(c) - energy <= c->bath.temperature) return true;
    }
    return false;
}

/* Coordinates that the targets look at; all of them when one is a ball. */
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

/* The stretch of a periodic coordinate 0 that the walk visits before it reaches a target on either side. On an open side it must
 * go uphill, and 40 T up is the end. */
static bool choose_window(chain *c, double *low, double *high, kr_prediction *out) {
    const kr_problem *problem = c->problem;
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
    memcpy(c->point, problem->start, landscape->dim * sizeof *c->point);
    double energy = energy_here(c);
    for (int side = 0; side < 2; side++) {
        double direction = side ? 1.0 : -1.0, rise = 0.0;
        if (isfinite(*end[side])) {
            *end[side] += direction * period; /* the well of the target itself */
            continue;
        }
        size_t periods = 0;
        while (rise < 40.0 * c->bath.temperature && ++periods < KR_GRAPH_MAX_NODES / 2) {
            c->point[0] = start + direction * period * (double)periods;
            rise = energy_here(c) - energy;
        }
        if (rise < 40.0 * c->bath.temperature) {
            kr_theory_refuse(out, "The loss does not rise on the open side, so the mean passage time is infinite.");
            return false;
        }
        *end[side] = start + direction * period * (double)periods;
    }
    return true;
}

static bool make_graph(chain *c, kr_prediction *out) {
    const kr_problem *problem = c->problem;
    double low, high;
    kr_error error;
    size_t *coordinate = malloc(problem->landscape->dim * sizeof *coordinate);
    c->point = malloc(problem->landscape->dim * sizeof *c->point);
    bool done = coordinate && c->point && choose_window(c, &low, &high, out);
    if (done && kr_minima_graph_make(&c->graph, problem->landscape, choose_coordinates(problem, coordinate), coordinate, low, high,
                                     &error) != KR_OK) {
        kr_theory_refuse(out, "The graph of minima cannot be made: %.180s.", error.message);
        done = false;
    }
    if (done && (kr_minima_graph_locate(&c->graph, problem->landscape, problem->start, &c->start, &error) != KR_OK ||
                 c->start == SIZE_MAX)) {
        kr_theory_refuse(out, "The start belongs to no minimum.");
        done = false;
    }
    free(coordinate);
    size_t nodes = c->graph.node_count;
    c->inside = calloc(nodes + 1, sizeof *c->inside);
    c->state = malloc((2 * nodes + 1) * sizeof *c->state);
    c->queue = c->state + nodes;
    return done && c->inside && c->state;
}

static size_t other_end(const kr_graph_edge *edge, size_t node) {
    return edge->end[0] == node ? edge->end[1] : edge->end[0];
}

static bool leaves(const kr_graph_edge *edge, size_t node) {
    return (edge->end[0] == node) != (edge->end[1] == node);
}

/* A saddle on the way must be left behind before a target begins. */
static bool check_edge(chain *c, size_t from, const kr_graph_edge *edge, kr_prediction *out) {
    size_t to = other_end(edge, from);
    if (to == SIZE_MAX && !(c->problem->landscape->type->period > 0.0)) {
        kr_theory_refuse(out, "A saddle on the way leads to where there is no minimum.");
        return false;
    }
    place(c, &edge->saddle);
    for (size_t t = 0; t < c->problem->target_count; t++) {
        double distance = kr_target_distance(&c->problem->targets[t], c->problem->landscape->dim, c->point);
        if (distance * sqrt(edge->saddle.unstable / (2.0 * c->bath.temperature)) >= 1.0) continue;
        kr_theory_refuse(out, "The edge of a target is less than a thermal length beyond a saddle on the way, or before it.");
        return false;
    }
    return true;
}

/* Numbers the minima that are reached from the start without passing a target. */
static bool explore(chain *c, kr_prediction *out) {
    const kr_minima_graph *g = &c->graph;
    bool arrives = false;
    for (size_t node = 0; node < g->node_count; node++) {
        c->state[node] = SIZE_MAX;
        for (size_t t = 0; t < c->problem->target_count && !c->inside[node]; t++)
            c->inside[node] = minimum_in_target(c, &g->node[node], &c->problem->targets[t]);
    }
    if (c->inside[c->start]) {
        kr_theory_refuse(out, "The minimum of the start is in a target, or nearly: there is no barrier.");
        return false;
    }
    c->state[c->start] = 0;
    c->queue[c->states++] = c->start;
    for (size_t head = 0; head < c->states; head++)
        for (size_t e = 0; e < g->edge_count; e++) {
            size_t node = c->queue[head], to;
            if (!leaves(&g->edge[e], node)) continue;
            if (!check_edge(c, node, &g->edge[e], out)) return false;
            to = other_end(&g->edge[e], node);
            if (to == SIZE_MAX) continue; /* the end of the window */
            arrives = arrives || c->inside[to];
            if (c->inside[to] || c->state[to] != SIZE_MAX) continue;
            c->state[to] = c->states;
            c->queue[c->states++] = to;
        }
    if (!arrives) kr_theory_refuse(out, "No saddles lead from the minimum of the start to one in a target.");
    return arrives;
}

static bool check_barrier(const chain *c, kr_prediction *out) {
    double lowest = INFINITY;
    for (size_t e = 0; e < c->graph.edge_count; e++)
        if (leaves(&c->graph.edge[e], c->start))
            lowest = fmin(lowest, c->graph.edge[e].saddle.energy - c->graph.node[c->start].energy);
    if (lowest >= c->bath.temperature) return true;
    kr_theory_refuse(out, "The barrier, %.4g, is not higher than the temperature, %.4g.", lowest, c->bath.temperature);
    return false;
}

static double log_rate(const chain *c, size_t from, const kr_graph_point *saddle) {
    return kr_minima_log_rate(&c->graph, from, saddle, &c->bath);
}

/* Rates are taken in units of e^shift, the fastest, which cannot overflow. */
static void fill(chain *c, kr_gth *m, double shift) {
    for (size_t i = 0; i < c->states; i++)
        for (size_t e = 0; e < c->graph.edge_count; e++) {
            size_t from = c->queue[i];
            if (!leaves(&c->graph.edge[e], from)) continue;
            size_t to = other_end(&c->graph.edge[e], from);
            double rate = exp(log_rate(c, from, &c->graph.edge[e].saddle) - shift);
            if (to == SIZE_MAX) continue;
            if (c->inside[to])
                m->excess[i] += rate;
            else
                m->row[i][c->state[to] - m->first[i]] += rate;
        }
}

static double fastest(const chain *c) {
    double highest = -INFINITY;
    for (size_t i = 0; i < c->states; i++)
        for (size_t e = 0; e < c->graph.edge_count; e++)
            if (leaves(&c->graph.edge[e], c->queue[i])) highest = fmax(highest, log_rate(c, c->queue[i], &c->graph.edge[e].saddle));
    return highest;
}

static bool solve(chain *c, kr_prediction *out) {
    size_t n = c->states, *band = malloc(2 * n * sizeof *band);
    double *mean = malloc(2 * n * sizeof *mean), shift = fastest(c);
    for (size_t i = 0; band && i < n; i++) {
        band[i] = 0;
        band[n + i] = n;
    }
    kr_gth m = {0};
    bool done = band && mean && kr_gth_create(&m, n, band, band + n, largest_work);
    if (done) {
        double *square = mean + n;
        fill(c, &m, shift);
        done = kr_gth_eliminate(&m);
        for (size_t i = 0; done && i < n; i++) mean[i] = 1.0;
        if (done) kr_gth_solve(&m, mean);
        for (size_t i = 0; done && i < n; i++) square[i] = 2.0 * (mean[i] / mean[0]);
        if (done) kr_gth_solve(&m, square);
        double log_mean = done ? log(mean[0]) - shift : 0.0;
        done = done && isfinite(mean[0]) && fabs(log_mean) < 690.0;
        c->mean = exp(log_mean);
        out->rate = c->bath.rate_unit / c->mean;
        out->variation = done ? sqrt(fmax(0.0, square[0] / mean[0] - 1.0)) : NAN;
    }
    kr_gth_destroy(&m);
    free(band);
    free(mean);
    if (!done) kr_theory_refuse(out, "The mean passage time is beyond the range of numbers.");
    return done;
}

/* Particles that come into the well of a small ball must find it before they leave again. */
static bool check_balls(chain *c, kr_prediction *out) {
    if (c->graph.coordinate_count < 2) return true;
    for (size_t node = 0; node < c->graph.node_count; node++) {
        double leaving = 1.0 / c->mean, finding = 0.0;
        bool ball = false;
        place(c, &c->graph.node[node]);
        for (size_t t = 0; t < c->problem->target_count; t++) {
            const kr_target *target = &c->problem->targets[t];
            if (!kr_target_reached(target, c->problem->landscape->dim, c->point)) continue;
            ball = target->radius > 0.0;
            finding =
                ball ? kr_capture_rate(&c->bath, c->graph.coordinate_count, c->graph.node[node].log_determinant, target->radius)
                     : INFINITY;
        }
        if (!ball) continue;
        for (size_t e = 0; e < c->graph.edge_count; e++)
            if (leaves(&c->graph.edge[e], node)) leaving += exp(log_rate(c, node, &c->graph.edge[e].saddle));
        if (finding > 10.0 * leaving) continue;
        kr_theory_refuse(out, "A target of radius %.4g is so small that particles leave its well without having found it.",
                         c->problem->targets[0].radius);
        return false;
    }
    return true;
}

/* Relaxation between all wells, where the graph has them all. */
static double gap_of(const chain *c) {
    const kr_landscape *landscape = c->problem->landscape;
    bool whole = landscape->type->period == 0.0 && c->graph.coordinate_count == landscape->dim;
    return whole ? c->bath.rate_unit * kr_minima_gap(&c->graph, &c->bath) : NAN;
}

/* Without a target: the relaxation between all wells. */
static bool predict_gap(chain *c, kr_prediction *out) {
    if (c->problem->landscape->type->period > 0.0) {
        kr_theory_refuse(out, "No target is given, and a periodic landscape has no slowest relaxation.");
        return false;
    }
    if (!make_graph(c, out)) return false;
    out->spectral_gap = gap_of(c);
    if (isfinite(out->spectral_gap)) return true;
    kr_theory_refuse(out, "No target is given, and no two wells are joined by saddles (or too slowly for numbers).");
    return false;
}

/* Whether who comes over this saddle stays, on either side. */
static bool caught(chain *c, const kr_graph_edge *edge, double *point) {
    place(c, &edge->saddle);
    memcpy(point, c->point, c->problem->landscape->dim * sizeof *point);
    for (int side = 0; side < 2; side++) {
        if (edge->end[side] == SIZE_MAX) continue;
        place(c, &c->graph.node[edge->end[side]]);
        if (!kr_saddle_catches(c->problem->landscape, &c->bath, edge->saddle.unstable, point, c->point)) return false;
    }
    return true;
}

/* The mean passage time, where it is one over the rate. */
static void predict_passage(chain *c, kr_prediction *out) {
    out->population_rate = !isnan(c->bath.friction);
    bool all = true;
    double *point = out->population_rate ? malloc(c->problem->landscape->dim * sizeof *point) : NULL;
    for (size_t i = 0; point && all && i < c->states; i++)
        for (size_t e = 0; all && e < c->graph.edge_count; e++)
            if (leaves(&c->graph.edge[e], c->queue[i])) all = caught(c, &c->graph.edge[e], point);
    bool unknown = out->population_rate && !point;
    free(point);
    if (all && !unknown) {
        out->mfpt_time = 1.0 / out->rate;
        return;
    }
    out->variation = NAN;
    size_t used = strlen(out->note);
    snprintf(out->note + used, sizeof out->note - used,
             "%sfriction below half the frequency of a saddle, or below 6 T of loss per round trip: particles recross before they "
             "are caught, so no mean passage time, and no z",
             used ? "; " : "");
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    chain c = {.problem = problem};
    if (!kr_bath_make(problem, &c.bath, out)) return;
    if (problem->target_count == 0) {
        if (predict_gap(&c, out)) out->temperature = c.bath.temperature;
    } else if (make_graph(&c, out) && explore(&c, out) && check_barrier(&c, out) && solve(&c, out) && check_balls(&c, out)) {
        out->temperature = c.bath.temperature;
        out->spectral_gap = gap_of(&c);
    }
    if (out->applies) kr_bath_describe(&c.bath, out);
    if (out->applies && out->rate > 0.0) predict_passage(&c, out);
    if (out->applies && isnan(out->temperature)) kr_theory_refuse(out, "There is not enough memory.");
    kr_minima_graph_destroy(&c.graph);
    free(c.inside);
    free(c.state);
    free(c.point);
}

KR_THEORY = {
    .about =
        {.name = KR_PLUGIN_NAME,
         .doc =
             "Eyring-Kramers rates over all saddles in any dimension (barriers high above T, small learning rates; with momentum "
             "moderate to strong friction)",
         .reference = "Bovier, Eckhoff, Gayrard, Klein, J. Eur. Math. Soc. 6, 399 (2004); with friction J. S. Langer, Ann. Phys. "
                      "54, 258 (1969)"},
    .rank = 14,
    .extras = (const char *const[]){"friction", NULL},
    .predict = predict};
