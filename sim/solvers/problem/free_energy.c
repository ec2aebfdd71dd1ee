#include "free_energy.h"

#include "geometry/walls.h"

#include <kramers/candidates.h>
#include <kramers/critical_points.h>

#include <math.h>

/* W and its first and second derivative; any of the outputs may be NULL. */
static void evaluate(const kr_landscape *self, size_t n, const double *x, double *energy, double *slope, double *curvature) {
    const kr_free_energy *w = self->state;
    double *const out[3] = {energy, slope, curvature}, factor = 0.5 * w->temperature * (double)(w->full->dim - 1);
    for (size_t p = 0; p < n; p++) {
        kr_walls walls;
        kr_walls_at(w->full, x[p], &walls);
        for (int i = 0; i < 3; i++)
            if (out[i]) out[i][p] = walls.floor[i] + factor * walls.log_stiffness[i];
    }
}

static void energy(const kr_landscape *self, size_t n, const double *x, double *energy) {
    evaluate(self, n, x, energy, NULL, NULL);
}

static void gradient(const kr_landscape *self, size_t n, const double *x, double *gradient) {
    evaluate(self, n, x, NULL, gradient, NULL);
}

static void curvature(const kr_landscape *self, size_t n, const double *x, double *curvature) {
    evaluate(self, n, x, NULL, NULL, curvature);
}

/* All critical points of V lie inside, and a thermal length around a single one. */
static kr_interval floor_points(const kr_free_energy *w) {
    kr_critical_points points;
    kr_interval range = {0, 0};
    double width = 1;
    if (kr_critical_points_find(w->full, 0, &points, NULL) != KR_OK) return (kr_interval){-1, 1};
    for (size_t i = 0; i < points.count; i++) {
        double x = points.point[i].position[0], bend;
        kr_walls walls;
        kr_walls_at(w->full, x, &walls);
        bend = fabs(walls.floor[2]);
        range = i ? (kr_interval){fmin(range.low, x), fmax(range.high, x)} : (kr_interval){x, x};
        if (i == 0 && bend > 0) width = sqrt(w->temperature / bend);
    }
    kr_critical_points_destroy(&points);
    if (range.high > range.low) return range;
    return (kr_interval){range.low - width, range.high + width};
}

/* Changes of sign of W', out to where W rises on both sides: entropy may move minima far from those of V, so that the shells that
 * are looked at double. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    enum { INNER = 2048, SHELL = 512, SHELLS = 60, LEAST_SHELLS = 3 };
    const kr_free_energy *w = self->state;
    (void)axis;
    kr_interval range = floor_points(w);
    double width = range.high - range.low, end[2] = {range.low - width, range.high + width}, lowest, here;
    size_t found = kr_candidates_on_line(self, end[0], end[1], INNER, capacity, points);
    double middle = 0.5 * (range.low + range.high);
    energy(self, 1, &middle, &lowest);
    for (int side = 0; side < 2; side++) {
        double direction = side ? 1 : -1, reach = width;
        for (int shell = 0; shell < SHELLS; shell++, reach *= 2) {
            double next = end[side] + direction * reach, slope;
            size_t room = found < capacity ? capacity - found : 0;
            found += kr_candidates_on_line(self, fmin(end[side], next), fmax(end[side], next), SHELL, room,
                                           room ? points + found : NULL);
            end[side] = next;
            evaluate(self, 1, &next, &here, &slope, NULL);
            if (!isfinite(here)) break;
            lowest = fmin(lowest, here);
            if (shell >= LEAST_SHELLS && direction * slope > 0 && here > lowest + 60 * w->temperature) break;
        }
    }
    return found;
}

static size_t knots(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    const kr_landscape *full = ((const kr_free_energy *)self->state)->full;
    return full->type->knots ? full->type->knots(full, axis, capacity, points) : 0;
}

static const kr_landscape_type type = {.about = {.name = "free energy"},
                                       .dim = 1,
                                       .separable = true,
                                       .energy = energy,
                                       .gradient = gradient,
                                       .curvature = curvature,
                                       .candidates = candidates,
                                       .knots = knots};

static bool targets_along(const kr_problem *problem, kr_prediction *out) {
    for (size_t t = 0; t < problem->target_count; t++) {
        const kr_target *target = &problem->targets[t];
        if (!(target->radius > 0) && target->coordinate == 0) continue;
        kr_theory_refuse(out,
                         "The free energy is one of coordinate 0, and a target is %s; give escape.until a level of coordinate 0.",
                         target->radius > 0 ? "a ball around a minimum" : "on another one");
        return false;
    }
    return true;
}

bool kr_free_energy_make(const kr_problem *problem, double temperature, bool targets, kr_free_energy *w, kr_prediction *out) {
    const kr_landscape *full = problem->landscape;
    if (!full->type->walls) {
        kr_theory_refuse(out,
                         "The landscape '%s' is no valley between harmonic walls, V = f(x0) + k(x0)/2 sum (x_i - c(x0))^2, along "
                         "which there would be a free energy.",
                         full->type->about.name);
        return false;
    }
    if (!kr_has_walls(full)) {
        kr_theory_refuse(out, "In one dimension there are no walls, and the loss is the free energy: see quadrature.");
        return false;
    }
    if (targets && !targets_along(problem, out)) return false;
    *w = (kr_free_energy){.full = full, .temperature = temperature, .problem = *problem};
    w->landscape = (kr_landscape){.type = &type, .dim = 1, .state = w};
    w->problem.landscape = &w->landscape;
    if (!targets) w->problem.target_count = 0;
    return true;
}

double kr_free_energy_entropic_force(const kr_free_energy *w, double x0) {
    kr_walls walls;
    kr_walls_at(w->full, x0, &walls);
    return 0 - 0.5 * w->temperature * (double)(w->full->dim - 1) * walls.log_stiffness[1];
}
