#include <kramers/critical_points.h>
#include <kramers/interrupt.h>

#include "numerics/eigen.h"
#include "numerics/gsl_guard.h"
#include "walls.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steepest descent x' = -grad V leaves the saddle along the eigenvector of its negative eigenvalue. It is followed until it is
 * this close to a minimum, relative to the minimum's distance from the saddle. */
static const double arrival = 1e-3;
static const double departure = 1e-4;
enum { STEPS = 100000 };

static int descent(double time, const double *x, double *velocity, void *landscape) {
    (void)time;
    const kr_landscape *self = landscape;
    kr_landscape_gradient(self, 1, x, velocity);
    for (size_t i = 0; i < self->dim; i++) {
        velocity[i] = -velocity[i];
        if (!isfinite(velocity[i])) return GSL_EBADFUNC;
    }
    return GSL_SUCCESS;
}

static double distance(size_t dim, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < dim; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

static size_t arrived(const kr_critical_points *points, const double *saddle, const double *x) {
    for (size_t k = 0; k < points->count; k++) {
        const double *minimum = points->point[k].position;
        if (points->point[k].index == 0 && distance(points->dim, x, minimum) < arrival * distance(points->dim, saddle, minimum))
            return k;
    }
    return SIZE_MAX;
}

/* Follows the descent from x; the minimum it reaches. */
static size_t follow(const kr_landscape *landscape, const kr_critical_points *points, size_t saddle, double *x) {
    const kr_critical_point *from = &points->point[saddle];
    gsl_odeiv2_system flow = {.function = descent, .dimension = points->dim, .params = (void *)(uintptr_t)landscape};
    kr_gsl_enter();
    gsl_odeiv2_step *step = gsl_odeiv2_step_alloc(gsl_odeiv2_step_rkck, points->dim);
    gsl_odeiv2_control *control = gsl_odeiv2_control_y_new(1e-8, 1e-8);
    gsl_odeiv2_evolve *evolve = gsl_odeiv2_evolve_alloc(points->dim);
    double time = 0, h = 0.1 / fabs(from->eigenvalues[0]);
    size_t end = SIZE_MAX;
    for (int i = 0; step && control && evolve && i < STEPS && end == SIZE_MAX && !kr_interrupt_wanted(); i++) {
        if (gsl_odeiv2_evolve_apply(evolve, control, step, &flow, &time, INFINITY, &h, x) != GSL_SUCCESS) break;
        end = arrived(points, from->position, x);
    }
    if (evolve) gsl_odeiv2_evolve_free(evolve);
    if (control) gsl_odeiv2_control_free(control);
    if (step) gsl_odeiv2_step_free(step);
    kr_gsl_leave();
    return end;
}

/* Unit eigenvector of the lowest eigenvalue of the Hessian at x. */
static bool unstable_direction(const kr_landscape *landscape, const double *x, double *direction) {
    size_t dim = landscape->dim;
    if (kr_has_walls(landscape)) {
        kr_walls_lowest_direction(landscape, x, direction);
        return true;
    }
    double *hessian = malloc((2 * dim + 1) * dim * sizeof *hessian);
    if (!hessian) return false;
    double *eigenvector = hessian + dim * dim, *eigenvalue = eigenvector + dim * dim;
    kr_landscape_hessian(landscape, 1, x, hessian);
    bool found = kr_symmetric_eigen(dim, hessian, eigenvalue, eigenvector);
    if (found) memcpy(direction, eigenvector, dim * sizeof *direction);
    free(hessian);
    return found;
}

/* Without a bend descent from a saddle goes along x0, to the next minimum on either side. */
static void ends_between_walls(const kr_critical_points *points, size_t saddle, size_t ends[2]) {
    double at = points->point[saddle].position[0];
    ends[0] = ends[1] = SIZE_MAX;
    for (size_t k = 0; k < points->count; k++) {
        double x = points->point[k].position[0];
        if (points->point[k].index != 0) continue;
        if (x < at) ends[0] = k;
        if (x > at && ends[1] == SIZE_MAX) ends[1] = k;
    }
}

kr_status kr_saddle_ends(const kr_landscape *landscape, const kr_critical_points *points, size_t saddle, size_t ends[2],
                         kr_error *error) {
    size_t dim = points->dim;
    if (dim != landscape->dim)
        return kr_fail(error, KR_BAD_ARGUMENT, "the points have %zu of the %zu coordinates of landscape '%s'", dim, landscape->dim,
                       landscape->type->about.name);
    if (saddle >= points->count || points->point[saddle].index != 1)
        return kr_fail(error, KR_BAD_ARGUMENT, "critical point %zu is not a saddle of index 1", saddle);
    if (kr_has_walls(landscape) && !kr_walls_bend(landscape)) {
        ends_between_walls(points, saddle, ends);
        return KR_OK;
    }
    const double *at = points->point[saddle].position;
    double *direction = malloc(2 * dim * sizeof *direction), *x = direction + dim;
    if (!direction || !unstable_direction(landscape, at, direction)) {
        free(direction);
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the ends of saddles");
    }
    double nearest = INFINITY;
    for (size_t k = 0; k < points->count; k++)
        if (k != saddle) nearest = fmin(nearest, distance(dim, at, points->point[k].position));
    if (!isfinite(nearest)) nearest = 1;
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < dim; i++) x[i] = at[i] + (side ? departure : -departure) * nearest * direction[i];
        ends[side] = follow(landscape, points, saddle, x);
    }
    if (ends[0] > ends[1]) {
        size_t swap = ends[0];
        ends[0] = ends[1];
        ends[1] = swap;
    }
    free(direction);
    return KR_OK;
}
