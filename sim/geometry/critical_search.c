/* Critical points of a landscape without further information: GSL's root finder on the gradient (Powell's hybrid method) and its
 * minimiser (BFGS) from many starts on a Sobol or Halton sequence. */
#include <kramers/critical_points.h>
#include <kramers/interrupt.h>

#include "numerics/gsl_guard.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <gsl/gsl_multiroots.h>
#include <gsl/gsl_qrng.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STARTS = 2000, MOST_COORDINATES = 1229, ITERATIONS = 200, SCALES = 6, LARGEST = 1 << (SCALES - 1) };

typedef struct search {
    const kr_landscape *landscape;
    size_t dim, count, capacity;
    double *found;               /* [count][dim] where a finder ended */
    const double *center, *half; /* [dim] of the largest box to begin with; NULL: 0 and LARGEST */
    double *low, *high;
    double *work; /* [dim * dim + dim] */
} search;

static bool keep(search *s, const gsl_vector *x) {
    if (s->count == s->capacity) return false;
    for (size_t i = 0; i < s->dim; i++) {
        if (!isfinite(gsl_vector_get(x, i))) return true;
        s->found[s->count * s->dim + i] = gsl_vector_get(x, i);
    }
    s->count++;
    return true;
}

static void point_of(const search *s, const gsl_vector *x) {
    for (size_t i = 0; i < s->dim; i++) s->work[i] = gsl_vector_get(x, i);
}

static double energy_of(const gsl_vector *x, void *self) {
    const search *s = self;
    double energy;
    point_of(s, x);
    kr_landscape_energy(s->landscape, 1, s->work, &energy);
    return energy;
}

static int slope_of(const gsl_vector *x, void *self, gsl_vector *slope) {
    const search *s = self;
    double *gradient = s->work + s->dim;
    point_of(s, x);
    kr_landscape_gradient(s->landscape, 1, s->work, gradient);
    int status = GSL_SUCCESS;
    for (size_t i = 0; i < s->dim; i++) {
        gsl_vector_set(slope, i, gradient[i]);
        if (!isfinite(gradient[i])) status = GSL_EBADFUNC;
    }
    return status;
}

static void gradient_of(const gsl_vector *x, void *self, gsl_vector *gradient) {
    slope_of(x, self, gradient);
}

static void energy_and_gradient(const gsl_vector *x, void *self, double *energy, gsl_vector *gradient) {
    *energy = energy_of(x, self);
    slope_of(x, self, gradient);
}

static int bend_of(const gsl_vector *x, void *self, gsl_matrix *bend) {
    const search *s = self;
    double *hessian = s->work + s->dim;
    point_of(s, x);
    kr_landscape_hessian(s->landscape, 1, s->work, hessian);
    int status = GSL_SUCCESS;
    for (size_t i = 0; i < s->dim; i++)
        for (size_t j = 0; j < s->dim; j++) {
            gsl_matrix_set(bend, i, j, hessian[i * s->dim + j]);
            if (!isfinite(hessian[i * s->dim + j])) status = GSL_EBADFUNC;
        }
    return status;
}

static int slope_and_bend(const gsl_vector *x, void *self, gsl_vector *slope, gsl_matrix *bend) {
    int status = slope_of(x, self, slope);
    return status == GSL_SUCCESS ? bend_of(x, self, bend) : status;
}

/* One minimisation; false: no room left. */
static bool minimise(search *s, gsl_multimin_fdfminimizer *minimiser, const gsl_vector *start, double scale) {
    gsl_multimin_function_fdf f = {energy_of, gradient_of, energy_and_gradient, s->dim, s};
    if (!isfinite(energy_of(start, s)) || gsl_multimin_fdfminimizer_set(minimiser, &f, start, 0.01 * scale, 0.1)) return true;
    for (int k = 0; k < ITERATIONS && !kr_interrupt_wanted(); k++)
        if (gsl_multimin_fdfminimizer_iterate(minimiser)) break;
    return keep(s, minimiser->x);
}

static bool find_root(search *s, gsl_multiroot_fdfsolver *solver, const gsl_vector *start) {
    gsl_multiroot_function_fdf f = {slope_of, bend_of, slope_and_bend, s->dim, s};
    if (!isfinite(energy_of(start, s)) || gsl_multiroot_fdfsolver_set(solver, &f, start)) return true;
    for (int k = 0; k < ITERATIONS && !kr_interrupt_wanted(); k++)
        if (gsl_multiroot_fdfsolver_iterate(solver)) break;
    return keep(s, gsl_multiroot_fdfsolver_root(solver));
}

static void next_start(const search *s, gsl_qrng *sequence, double *unit, gsl_vector *start) {
    gsl_qrng_get(sequence, unit);
    for (size_t i = 0; i < s->dim; i++) gsl_vector_set(start, i, s->low[i] + (s->high[i] - s->low[i]) * unit[i]);
}

/* Minima from boxes around one point that double, so that wells of any size are met; then the box around all of them. */
static bool find_box(search *s, size_t starts, gsl_qrng *sequence, double *unit, gsl_vector *start, kr_status *status,
                     kr_error *error) {
    gsl_multimin_fdfminimizer *minimiser = gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, s->dim);
    bool room = minimiser != NULL;
    for (int k = 0; room && k < SCALES; k++)
        for (size_t p = 0; room && !kr_interrupt_wanted() && p < starts / (2 * SCALES); p++) {
            kr_interrupt_progress("search for critical points",
                                  ((double)k + (double)p * 2 * SCALES / (double)starts) / (2 * SCALES));
            double part = (double)(1 << k) / LARGEST, scale = 0;
            for (size_t i = 0; i < s->dim; i++) {
                double center = s->center ? s->center[i] : 0, half = part * (s->half ? s->half[i] : LARGEST);
                s->high[i] = center + half;
                s->low[i] = center - half;
                scale = fmax(scale, half);
            }
            next_start(s, sequence, unit, start);
            room = minimise(s, minimiser, start, scale);
        }
    if (minimiser) gsl_multimin_fdfminimizer_free(minimiser);
    if (!room) return false;
    kr_critical_points minima;
    *status = kr_critical_points_refine(s->landscape, s->count, s->found, &minima, error);
    if (*status != KR_OK) return true;
    for (size_t i = 0; i < s->dim; i++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t k = 0; k < minima.count; k++) {
            if (minima.point[k].index != 0) continue;
            low = fmin(low, minima.point[k].position[i]);
            high = fmax(high, minima.point[k].position[i]);
        }
        double margin = 0.5 * (high - low) + 0.5;
        s->low[i] = low <= high ? low - margin : -2.0;
        s->high[i] = low <= high ? high + margin : 2.0;
    }
    kr_critical_points_destroy(&minima);
    return true;
}

static bool find_roots(search *s, size_t starts, gsl_qrng *sequence, double *unit, gsl_vector *start) {
    gsl_multiroot_fdfsolver *solver = gsl_multiroot_fdfsolver_alloc(gsl_multiroot_fdfsolver_hybridsj, s->dim);
    bool room = solver != NULL;
    for (size_t p = 0; room && !kr_interrupt_wanted() && p < starts / 2; p++) {
        kr_interrupt_progress("search for critical points", 0.5 + (double)p / (double)starts);
        next_start(s, sequence, unit, start);
        room = find_root(s, solver, start);
    }
    if (solver) gsl_multiroot_fdfsolver_free(solver);
    return room;
}

/* One period, [-1/2, 1/2) of it. */
static void fold(const search *s) {
    double period = s->landscape->type->period;
    if (!(period > 0.0) || s->landscape->weight_decay != 0) return;
    for (size_t k = 0; k < s->count; k++) s->found[k * s->dim] -= period * floor(s->found[k * s->dim] / period + 0.5);
}

/* A degenerate point, where the whole Hessian vanishes, is approached but not met: what is left there is rounding. */
static void drop_flat(kr_critical_points *points) {
    double steepest = 0;
    size_t kept = 0;
    for (size_t i = 0; i < points->count; i++)
        steepest = fmax(steepest, fmax(fabs(points->point[i].eigenvalues[0]), fabs(points->point[i].eigenvalues[points->dim - 1])));
    for (size_t i = 0; i < points->count; i++) {
        const double *eigenvalue = points->point[i].eigenvalues;
        double here = fmax(fabs(eigenvalue[0]), fabs(eigenvalue[points->dim - 1]));
        if (here > 1e-7 * steepest) points->point[kept++] = points->point[i];
    }
    points->count = kept;
}

static kr_status search_around(const kr_landscape *landscape, const double *center, const double *half, size_t starts,
                               kr_critical_points *points, kr_error *error) {
    size_t dim = landscape->dim;
    if (starts == 0) starts = STARTS;
    if (starts < 2 * SCALES) starts = 2 * SCALES;
    if (dim > MOST_COORDINATES)
        return kr_fail(error, KR_BAD_ARGUMENT, "a search for critical points takes at most %d coordinates, not %zu",
                       (int)MOST_COORDINATES, dim);
    search s = {.landscape = landscape, .dim = dim, .capacity = starts, .center = center, .half = half};
    double *unit = malloc(3 * dim * sizeof *unit);
    s.found = malloc(starts * dim * sizeof *s.found);
    s.work = malloc((dim * dim + dim) * sizeof *s.work);
    kr_gsl_enter();
    gsl_qrng *sequence = gsl_qrng_alloc(dim <= 40 ? gsl_qrng_sobol : gsl_qrng_halton, (unsigned)dim);
    gsl_vector *start = gsl_vector_alloc(dim);
    kr_status status = KR_OK;
    bool done = unit && s.found && s.work && sequence && start;
    if (done) {
        s.low = unit + dim;
        s.high = s.low + dim;
        done = find_box(&s, starts, sequence, unit, start, &status, error) &&
               (status != KR_OK || find_roots(&s, starts, sequence, unit, start));
    }
    if (!done) status = kr_fail(error, KR_NO_MEMORY, "not enough memory for a search in %zu dimensions", dim);
    if (status == KR_OK) status = kr_interrupt_check(error);
    if (status == KR_OK) fold(&s);
    if (status == KR_OK) status = kr_critical_points_refine(landscape, s.count, s.found, points, error);
    if (status == KR_OK) drop_flat(points);
    if (start) gsl_vector_free(start);
    if (sequence) gsl_qrng_free(sequence);
    kr_gsl_leave();
    free(unit);
    free(s.found);
    free(s.work);
    return status;
}

kr_status kr_critical_points_search(const kr_landscape *landscape, size_t starts, kr_critical_points *points, kr_error *error) {
    return search_around(landscape, NULL, NULL, starts, points, error);
}

kr_status kr_critical_points_search_in(const kr_landscape *landscape, const double *low, const double *high, size_t starts,
                                       kr_critical_points *points, kr_error *error) {
    size_t dim = landscape->dim;
    double *center = malloc(2 * dim * sizeof *center), *half = center + dim;
    if (!center) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a search in %zu dimensions", dim);
    for (size_t i = 0; i < dim; i++) {
        center[i] = 0.5 * (low[i] + high[i]);
        half[i] = 0.5 * (high[i] - low[i]);
    }
    kr_status status = search_around(landscape, center, half, starts, points, error);
    free(center);
    return status;
}
