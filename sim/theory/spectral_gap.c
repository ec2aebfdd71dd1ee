/* The spectral gap of the Fokker-Planck equation, overdamped: the slowest rate at which a population relaxes to Gibbs' density. For
 * two wells it is the sum of the rates there and back; for symmetric ones twice the rate. A mean first-passage time follows from it
 * only in that limit, so none is given.
 *
 * One coordinate: exact at any temperature, from an integral kernel (spectral_gap_1d.c). Two coupled coordinates: finite volumes
 * with square-root approximation, extrapolated (spectral_gap_2d.c); its accuracy is the change at the last refinement. Independent
 * coordinates: of the one that the targets refer to, else the smallest. A valley between harmonic walls: any number of dimensions,
 * by an expansion across the valley (spectral_gap_walls.c): of x0 and the distance from the
 * floor (and the place along the bend), without modes that are odd across, which relax about as fast as the walls pull.
 *
 * Holds for additive noise; nothing is assumed of the barriers. Of the steps of a finite learning rate the relaxation rates are
 * those of the loss V + (eta/4) |grad V|^2, up to O(eta^2): spectral_gap_steps. It is given while that changes the gap by no more
 * than 5 %, which makes the next order of the square of that, or a few times it where curvatures differ much (1 % of the gap of
 * Mueller-Brown at T = 25 where the change is 3 %).
 */
#include <kramers/critical_points.h>
#include <kramers/theory.h>

#include "geometry/walls.h"
#include "solvers/fokker_planck/spectral_gap_1d.h"
#include "solvers/fokker_planck/spectral_gap_2d.h"
#include "solvers/fokker_planck/spectral_gap_walls.h"
#include "solvers/problem/overdamped.h"

#include <math.h>
#include <stdio.h>

enum { MOST_COORDINATES = 32 };
static const double largest_change = 0.05;

/* The one coordinate of all targets; SIZE_MAX: none, or several. */
static size_t common_coordinate(const kr_problem *problem) {
    if (problem->landscape->dim == 1) return 0;
    for (size_t t = 0; t < problem->target_count; t++)
        if (problem->targets[t].radius > 0.0 || problem->targets[t].coordinate != problem->targets[0].coordinate) return SIZE_MAX;
    return problem->target_count ? problem->targets[0].coordinate : SIZE_MAX;
}

static bool smallest(const kr_problem *problem, double temperature, kr_prediction *out, const char **why) {
    size_t only = common_coordinate(problem), first = only == SIZE_MAX ? 0 : only, dim = problem->landscape->dim;
    size_t last = only == SIZE_MAX ? dim : only + 1;
    if (last - first > MOST_COORDINATES) {
        *why = "there are too many coordinates";
        return false;
    }
    for (size_t i = first; i < last; i++) {
        double gap, accuracy, steps, unused, rate = kr_schedule_constant(problem->schedule);
        const char *none;
        if (!kr_spectral_gap_1d(problem->landscape, i, temperature, 0.0, &gap, &accuracy, why)) return false;
        if (out->spectral_gap <= gap) continue; /* NAN at first */
        out->spectral_gap = gap;
        out->accuracy = accuracy;
        out->spectral_gap_steps = !problem->dynamics->type->correlated &&
                                          kr_spectral_gap_1d(problem->landscape, i, temperature, rate, &steps, &unused, &none)
                                      ? steps
                                      : NAN;
    }
    return true;
}

/* The least k of the minima of the free energy. */
static double slowest_walls(const kr_free_energy *w) {
    kr_critical_points points;
    double least = INFINITY;
    if (kr_critical_points_find(&w->landscape, 0, &points, NULL) != KR_OK) return least;
    for (size_t i = 0; i < points.count; i++) {
        kr_walls walls;
        if (points.point[i].index > 0) continue;
        kr_walls_at(w->full, points.point[i].position[0], &walls);
        least = fmin(least, exp(walls.log_stiffness[0]));
    }
    kr_critical_points_destroy(&points);
    return least;
}

static bool between_walls(const kr_problem *problem, double temperature, kr_prediction *out, const char **why) {
    kr_free_energy w;
    kr_wall_gap found;
    *why = out->why;
    if (!kr_free_energy_make(problem, temperature, false, &w, out) || !kr_spectral_gap_walls(&w, &found, why)) return false;
    out->spectral_gap = found.gap;
    out->accuracy = found.accuracy;
    if (!problem->dynamics->type->correlated)
        out->spectral_gap_steps = found.gap * (1 + kr_schedule_constant(problem->schedule) * found.rise);
    double pull = slowest_walls(&w);
    if (pull < found.gap)
        snprintf(
            out->note, sizeof out->note,
            "of motion along the valley; in a minimum of the free energy the walls pull back at the rate %.3g, which is slower",
            pull);
    return true;
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    double temperature;
    const char *why = "";
    const kr_landscape *landscape = problem->landscape;
    if (!kr_overdamped_temperature(problem, &temperature, out)) return;
    bool line = landscape->type->separable || landscape->dim == 1, walls = kr_has_walls(landscape);
    if (!line && !walls && landscape->dim > 2) {
        kr_theory_refuse(out, "The problem has %zu coupled coordinates; this theory takes one or two.", landscape->dim);
        return;
    }
    bool done = line    ? smallest(problem, temperature, out, &why)
                : walls ? between_walls(problem, temperature, out, &why)
                        : kr_spectral_gap_2d(landscape, temperature, &out->spectral_gap, &out->accuracy, &why);
    if (done && !line && !walls && !problem->dynamics->type->correlated)
        out->spectral_gap_steps =
            out->spectral_gap * kr_spectral_gap_2d_factor(landscape, temperature, kr_schedule_constant(problem->schedule));
    if (!(fabs(out->spectral_gap_steps / out->spectral_gap - 1.0) <= largest_change)) out->spectral_gap_steps = NAN;
    if (done)
        out->temperature = temperature;
    else
        kr_theory_refuse(out, "The gap cannot be found: %s.", why);
}

KR_THEORY = {
    .about =
        {.name = KR_PLUGIN_NAME,
         .doc =
             "spectral gap of the Fokker-Planck equation in one or two dimensions, or between walls in any number; any temperature "
             "(small learning rates)",
         .reference = "Risken, The Fokker-Planck Equation, chapter 5; Lie, Fackeldey, Weber, SIAM J. Matrix Anal. 34, 738 (2013)"},
    .rank = 22,
    .predict = predict};
