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
#include <kramers/critical_points.h>
#include <kramers/theory.h>

#include "geometry/walls.h"
#include "solvers/network/capture_rate.h"
#include "solvers/network/hopping.h"
#include "solvers/network/minima_rates.h"
#include "solvers/network/saddle_action.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Particles that come into the well of a small ball must find it before they leave again. Of several targets around one minimum the
 * largest counts. */
static bool check_balls(kr_hopping *h, kr_prediction *out) {
    if (h->graph.coordinate_count < 2) return true;
    for (size_t node = 0; node < h->graph.node_count; node++) {
        double leaving = 1.0 / h->mean, finding, radius = 0.0;
        kr_hopping_place(h, &h->graph.node[node]);
        for (size_t t = 0; t < h->problem->target_count; t++) {
            const kr_target *target = &h->problem->targets[t];
            if (!kr_target_reached(target, h->problem->landscape->dim, h->point)) continue;
            radius = target->radius > 0.0 ? fmax(radius, target->radius) : INFINITY;
        }
        if (!(radius > 0.0 && isfinite(radius))) continue;
        finding = kr_capture_rate(&h->bath, h->graph.coordinate_count, h->graph.node[node].log_determinant, radius);
        for (size_t e = 0; e < h->graph.edge_count; e++)
            if (kr_hopping_leaves(&h->graph.edge[e], node))
                leaving += exp(kr_minima_log_rate(&h->graph, node, &h->graph.edge[e].saddle, &h->bath));
        if (finding > 10.0 * leaving) continue;
        kr_theory_refuse(out, "A target of radius %.4g is so small that particles leave its well without having found it.", radius);
        return false;
    }
    return true;
}

/* Without a target: the relaxation between all wells. */
static bool predict_gap(kr_hopping *h, kr_prediction *out) {
    if (h->problem->landscape->type->period > 0.0) {
        kr_theory_refuse(out, "No target is given, and a periodic landscape has no slowest relaxation.");
        return false;
    }
    if (!kr_hopping_make(h, out)) return false;
    out->spectral_gap = kr_hopping_gap(h);
    if (isfinite(out->spectral_gap)) return true;
    kr_theory_refuse(out, "No target is given, and no two wells are joined by saddles (or too slowly for numbers).");
    return false;
}

/* Whether particles that cross this saddle stay, on either side. */
static bool caught(kr_hopping *h, const kr_graph_edge *edge, double *point) {
    kr_hopping_place(h, &edge->saddle);
    memcpy(point, h->point, h->problem->landscape->dim * sizeof *point);
    for (int side = 0; side < 2; side++) {
        if (edge->end[side] == SIZE_MAX) continue;
        kr_hopping_place(h, &h->graph.node[edge->end[side]]);
        if (!kr_saddle_catches(h->problem->landscape, &h->bath, edge->saddle.unstable, point, h->point)) return false;
    }
    return true;
}

/* The mean passage time, where it is one over the rate. */
static void predict_passage(kr_hopping *h, kr_prediction *out) {
    out->population_rate = !isnan(h->bath.friction);
    bool all = true;
    double *point = out->population_rate ? malloc(h->problem->landscape->dim * sizeof *point) : NULL;
    for (size_t i = 0; point && all && i < h->states; i++)
        for (size_t e = 0; all && e < h->graph.edge_count; e++)
            if (kr_hopping_leaves(&h->graph.edge[e], h->queue[i])) all = caught(h, &h->graph.edge[e], point);
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

/* Between walls the entropic force F = (T/2)(d - 1)(ln k)' moves minima and saddles of the free energy away from those of the loss
 * by F / f'', which changes barriers by F^2 / (2 |f''|): nothing to leading order in T, but it grows as d^2. Returns the largest of
 * these over T, which is the error of a rate's logarithm. */
static double entropic_error(const kr_problem *problem, double temperature) {
    const kr_landscape *landscape = problem->landscape;
    double largest = 0;
    kr_critical_points points;
    if (!kr_has_walls(landscape) || kr_critical_points_find(landscape, 0, &points, NULL) != KR_OK) return 0;
    for (size_t i = 0; i < points.count; i++) {
        kr_walls walls;
        kr_walls_at(landscape, points.point[i].position[0], &walls);
        double force = 0.5 * temperature * (double)(landscape->dim - 1) * walls.log_stiffness[1];
        largest = fmax(largest, force * force / (2 * fabs(walls.floor[2]) * temperature));
    }
    kr_critical_points_destroy(&points);
    return largest;
}

static bool check_entropy(const kr_problem *problem, double temperature, kr_prediction *out) {
    if (!(entropic_error(problem, temperature) > 1)) return true;
    kr_theory_refuse(out,
                     "In %zu dimensions the entropic force of the walls moves minima and saddles of the free energy by more than a "
                     "thermal length, so that curvatures at those of the loss say nothing; see adiabatic.",
                     problem->landscape->dim);
    return false;
}

static void describe_entropy(const kr_problem *problem, double temperature, kr_prediction *out) {
    double error = entropic_error(problem, temperature);
    size_t used = strlen(out->note);
    if (!(error > 0.02)) return;
    snprintf(out->note + used, sizeof out->note - used,
             "%sthe entropic force of the walls moves the barrier, which makes rates wrong by a factor of about e^%.2g; adiabatic "
             "knows it",
             used ? "; " : "", error);
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_hopping h = {.problem = problem};
    if (!kr_bath_make(problem, &h.bath, out) || !check_entropy(problem, h.bath.temperature, out)) return;
    if (problem->target_count == 0) {
        if (predict_gap(&h, out)) out->temperature = h.bath.temperature;
    } else if (kr_hopping_make(&h, out) && kr_hopping_explore(&h, out) && kr_hopping_solve(&h, out) && check_balls(&h, out)) {
        out->temperature = h.bath.temperature;
        out->spectral_gap = kr_hopping_gap(&h);
    }
    if (out->applies) {
        kr_bath_describe(&h.bath, out);
        describe_entropy(problem, h.bath.temperature, out);
    }
    if (out->applies && out->rate > 0.0) predict_passage(&h, out);
    if (out->applies && isnan(out->temperature)) kr_theory_refuse(out, "There is not enough memory.");
    kr_hopping_destroy(&h);
}

KR_THEORY = {
    .about =
        {.name = KR_PLUGIN_NAME,
         .equation = "k(i -> j) = l / (2 pi) sqrt(det H_i / |det H_s|) exp(-(V_s - V_i) / T)\n"
                     "l = |lambda_s|; with friction l = sqrt(gamma^2 / 4 + |lambda_s|) - gamma / 2",
         .doc =
             "Eyring-Kramers rates over all saddles in any dimension (barriers high above T, small learning rates; with momentum "
             "moderate to strong friction)",
         .reference = "Bovier, Eckhoff, Gayrard, Klein, J. Eur. Math. Soc. 6, 399 (2004); with friction J. S. Langer, Ann. Phys. "
                      "54, 258 (1969)"},
    .rank = 14,
    .extras = (const char *const[]){"friction", NULL},
    .predict = predict};
