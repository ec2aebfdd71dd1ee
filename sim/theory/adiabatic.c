/* A valley along x0 between harmonic walls, V = f(x0) + k(x0)/2 sum_{i>0} (x_i - c(x0))^2, whose walls are so fast that x0 feels
 * their mean: it moves as in one dimension in the free energy
 *
 *     W = f + (T/2) (d - 1) ln k,
 *
 * whose stationary density e^{-W/T} is exact for any d and any speed. Rates are not: they hold where the walls relax, at the rate
 * 2 k, faster than x0 moves, and are too high otherwise, since slow walls drag (Kramers' friction; Zwanzig 1992 for tubes). How
 * fast the walls are is shown: 2 k over the curvature |W''| at the barrier on the way, or at the minimum where there is none. The
 * theory spectral_gap has the exact relaxation for any d.
 *
 * A straight valley at constant d - 1 times ln(k_right/k_left): the more coordinates share a change of stiffness, the less each
 * fluctuates, and the better this is; a bend drags whatever the walls' speed, as the particle has a longer way than x0 tells.
 */
#include <kramers/critical_points.h>

#include "geometry/walls.h"
#include "solvers/fokker_planck/passage_integral.h"
#include "solvers/fokker_planck/spectral_gap_1d.h"
#include "solvers/problem/free_energy.h"
#include "solvers/problem/overdamped.h"

#include <math.h>
#include <stdio.h>

/* Entropic force, and 2 k over |W''|: at the highest top of the free energy, or at its minimum where there is no top. Returns the
 * latter. */
static double describe_walls(const kr_free_energy *w, kr_prediction *out) {
    kr_critical_points points;
    double speed = NAN, highest = -INFINITY, force = NAN;
    if (kr_critical_points_find(&w->landscape, 0, &points, NULL) != KR_OK) return NAN;
    for (size_t i = 0; i < points.count; i++) {
        const kr_critical_point *point = &points.point[i];
        kr_walls walls;
        if (!(point->energy > highest)) continue;
        highest = point->energy;
        kr_walls_at(w->full, point->position[0], &walls);
        speed = 2 * exp(walls.log_stiffness[0]) / fabs(point->eigenvalues[0]);
        force = kr_free_energy_entropic_force(w, point->position[0]);
    }
    kr_critical_points_destroy(&points);
    kr_theory_add(out, "entropic_force", force);
    kr_theory_add(out, "wall_speed", speed);
    return speed;
}

static void predict_gap(const kr_free_energy *w, kr_prediction *out) {
    double gap, accuracy;
    const char *why = "";
    if (kr_spectral_gap_1d(&w->landscape, 0, w->temperature, 0, &gap, &accuracy, &why)) {
        out->spectral_gap = gap;
        if (isnan(out->accuracy)) out->accuracy = accuracy;
    } else if (w->problem.target_count == 0) {
        kr_theory_refuse(out, "The gap of the free energy cannot be found: %s.", why);
    }
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_free_energy w;
    kr_problem_1d line;
    double temperature;
    bool target = problem->target_count > 0;
    if (!problem->landscape->type->walls || problem->landscape->dim < 2) {
        kr_free_energy_make(problem, NAN, true, &w, out); /* says why */
        return;
    }
    if (!kr_overdamped_temperature(problem, &temperature, out)) return;
    if (!kr_free_energy_make(problem, temperature, true, &w, out)) return;
    if (target && !kr_problem_1d_make(&w.problem, &line, out)) return;
    if (target) kr_passage_integral(&line, temperature, out);
    if (out->applies) predict_gap(&w, out);
    if (!out->applies) return;
    out->temperature = temperature;
    snprintf(out->note, sizeof out->note,
             "approximate: walls that relax %.3g times as fast as the particle moves along them are taken to be infinitely fast%s",
             describe_walls(&w, out), kr_walls_bend(w.full) ? ", and the bend's longer way is left out" : "");
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .equation = "W = f(x0) + (T/2) (d - 1) ln k(x0) of V = f(x0) + k(x0)/2 sum_{i>0} (x_i - c(x0))^2\n"
                                   "tau = (1/T) int_start^target e^{W(y)/T} int_-inf^y e^{-W(z)/T} dz dy",
                       .doc = "passage time and gap in the free energy along a valley, any dimension (fast walls, small learning "
                              "rates)",
                       .reference = "R. Zwanzig, J. Phys. Chem. 96, 3926 (1992)"},
             .rank = 18,
             .extras = (const char *const[]){"entropic_force", "wall_speed", NULL},
             .predict = predict};
