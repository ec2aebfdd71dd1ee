#include "relaxation.h"

#include <kramers/stability.h>

#include <kramers/critical_points.h>

#include <math.h>
#include <stdlib.h>

/* The curvature of the slowest motion in the well, and the negative one of the lowest saddle; NAN: there is none. */
typedef struct curvatures {
    double well, top;
} curvatures;

static double lowest_saddle(const kr_landscape *landscape, size_t axis) {
    kr_critical_points points;
    double energy = INFINITY, curvature = NAN;
    if (kr_critical_points_find(landscape, axis, &points, NULL) != KR_OK) return NAN;
    for (size_t i = 0; i < points.count; i++) {
        const kr_critical_point *point = &points.point[i];
        if (point->index != 1 || !(point->energy < energy)) continue;
        energy = point->energy;
        curvature = point->eigenvalues[0];
    }
    kr_critical_points_destroy(&points);
    return curvature;
}

/* Coordinates of a separable landscape without a target have nothing to do with the escape. */
static bool leaves_by_coordinate(const kr_problem *problem) {
    bool side = problem->landscape->type->separable && problem->target_count > 0;
    for (size_t t = 0; t < problem->target_count; t++) side = side && !(problem->targets[t].radius > 0);
    return side;
}

static curvatures by_coordinate(const kr_problem *problem) {
    const kr_landscape *landscape = problem->landscape;
    curvatures least = {INFINITY, NAN};
    double *curvature = malloc(landscape->dim * sizeof *curvature);
    if (!curvature) return (curvatures){NAN, NAN};
    kr_landscape_curvature(landscape, 1, problem->start, curvature);
    for (size_t t = 0; t < problem->target_count; t++) {
        size_t axis = problem->targets[t].coordinate;
        least.well = fmin(least.well, curvature[axis]);
        least.top = fmax(least.top, lowest_saddle(landscape, axis)); /* NAN is no number */
    }
    free(curvature);
    return least;
}

static curvatures find_curvatures(const kr_problem *problem) {
    enum { FEW_DIMENSIONS = 3 };
    const kr_landscape *landscape = problem->landscape;
    if (leaves_by_coordinate(problem)) return by_coordinate(problem);
    kr_interval range = kr_curvature_range(landscape, problem->start);
    bool searched = !landscape->type->separable && landscape->dim <= FEW_DIMENSIONS;
    return (curvatures){range.low > 0 ? range.low : range.high, searched ? lowest_saddle(landscape, 0) : NAN};
}

/* x'' = -V'' x - gamma x' has exponents -gamma/2 +- sqrt(gamma^2/4 - V''); without inertia x' = -V'' x. From the saddle a particle
 * departs with the positive one. Both limit how soon a particle forgets: at low temperature the spectrum of the Fokker-Planck
 * operator is that of all harmonic wells and saddles together (Simon 1983). */
double kr_relaxation_steps(const kr_problem *problem, double learning_rate) {
    const kr_dynamics *dynamics = problem->dynamics;
    curvatures c = find_curvatures(problem);
    double variance = kr_noise_mean_variance(problem->noise, problem->landscape, problem->start);
    double rate = c.well, top = -c.top;
    learning_rate /= kr_gradient_divisor(dynamics, variance);
    if (!(rate > 0) || !(learning_rate > 0)) return NAN;
    if (dynamics->type->velocity || dynamics->type->friction) {
        double friction = dynamics->type->friction ? dynamics->type->friction(dynamics, learning_rate) : NAN;
        double half = 0.5 * friction, square = half * half - c.well;
        rate = half - (square > 0 ? sqrt(square) : 0.0);
        top = sqrt(half * half + top) - half;
        learning_rate = sqrt(learning_rate);
    }
    rate = top > 0 ? fmin(rate, top) : rate;
    return rate > 0 ? 1.0 / (rate * learning_rate) : NAN;
}
