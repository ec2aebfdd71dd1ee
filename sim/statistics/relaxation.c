/* From rates between wells, or the decay of their populations, to the slowest relaxation. */
#include <kramers/transitions.h>

#include "numerics/gsl_guard.h"
#include "numerics/minimum.h"

#include <gsl/gsl_eigen.h>

#include <math.h>
#include <stdlib.h>

/* Eigenvectors of the generator (or of its transpose) belonging to the eigenvalue whose real part is the second largest. */
typedef struct eigen {
    gsl_matrix *matrix;
    gsl_vector_complex *value;
    gsl_matrix_complex *vector;
    gsl_eigen_nonsymmv_workspace *space;
} eigen;

static bool eigen_make(eigen *e, size_t n) {
    *e = (eigen){gsl_matrix_calloc(n, n), gsl_vector_complex_alloc(n), gsl_matrix_complex_alloc(n, n), gsl_eigen_nonsymmv_alloc(n)};
    return e->matrix && e->value && e->vector && e->space;
}

static void eigen_free(eigen *e) {
    gsl_matrix_free(e->matrix);
    gsl_vector_complex_free(e->value);
    gsl_matrix_complex_free(e->vector);
    gsl_eigen_nonsymmv_free(e->space);
}

static bool eigen_solve(eigen *e, const size_t *well, size_t n, size_t wells, const double *rate, bool transposed, double *second,
                        double *vector) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double k = rate[well[i] * wells + well[j]];
            if (i == j || !(k > 0)) continue;
            if (transposed)
                *gsl_matrix_ptr(e->matrix, j, i) += k;
            else
                *gsl_matrix_ptr(e->matrix, i, j) += k;
            *gsl_matrix_ptr(e->matrix, i, i) -= k;
        }
    if (gsl_eigen_nonsymmv(e->matrix, e->value, e->vector, e->space)) return false;
    size_t largest = 0, next = SIZE_MAX;
    for (size_t i = 1; i < n; i++)
        if (GSL_REAL(gsl_vector_complex_get(e->value, i)) > GSL_REAL(gsl_vector_complex_get(e->value, largest))) largest = i;
    for (size_t i = 0; i < n; i++)
        if (i != largest &&
            (next == SIZE_MAX || GSL_REAL(gsl_vector_complex_get(e->value, i)) > GSL_REAL(gsl_vector_complex_get(e->value, next))))
            next = i;
    *second = GSL_REAL(gsl_vector_complex_get(e->value, next));
    for (size_t i = 0; i < n; i++) vector[i] = GSL_REAL(gsl_matrix_complex_get(e->vector, i, next));
    return true;
}

/* First-order perturbation: the generator's eigenvalue moves by l_i (r_j - r_i) / (l . r) for each unit of the rate i -> j, l and r
 * its left and right eigenvectors. */
static double propagate(const size_t *well, size_t n, size_t wells, const double *variance, const double *left,
                        const double *right) {
    double product = 0.0, sum = 0.0;
    for (size_t i = 0; i < n; i++) product += left[i] * right[i];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double slope = left[i] * (right[j] - right[i]) / product;
            if (i != j) sum += slope * slope * variance[well[i] * wells + well[j]];
        }
    return sqrt(sum);
}

/* Wells that were visited: they have rates. */
static size_t visited(size_t wells, const double *rate, size_t *well) {
    size_t n = 0;
    for (size_t i = 0; i < wells; i++)
        if (isfinite(rate[i * wells + (i ? 0 : 1)])) well[n++] = i;
    return n;
}

kr_status kr_relaxation(size_t wells, const double *rate, const double *variance, double *relaxation, double *standard_error,
                        double *mode, kr_error *error) {
    *relaxation = *standard_error = NAN;
    for (size_t i = 0; i < wells; i++) mode[i] = 0.0;
    size_t *well = malloc((wells ? wells : 1) * sizeof *well);
    double *vectors = calloc(2 * wells + 1, sizeof *vectors), *left = vectors, *right = vectors + wells;
    size_t n = well && vectors && wells > 1 ? visited(wells, rate, well) : 0;
    kr_status status = well && vectors ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu wells", wells);
    eigen of_rows, of_columns;
    kr_gsl_enter();
    if (n > 1) {
        bool made = eigen_make(&of_rows, n);
        made = eigen_make(&of_columns, n) && made;
        double value, same;
        if (made && eigen_solve(&of_rows, well, n, wells, rate, false, &value, right) &&
            eigen_solve(&of_columns, well, n, wells, rate, true, &same, left)) {
            double fastest = 0.0;
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++) fastest = fmax(fastest, i == j ? 0.0 : rate[well[i] * wells + well[j]]);
            bool connected = -value > 1e-13 * fastest;
            *relaxation = connected ? -value : 0.0;
            if (connected) *standard_error = propagate(well, n, wells, variance, left, right);
            for (size_t i = 0; i < n; i++) mode[well[i]] = right[i];
        } else {
            status = kr_fail(error, KR_NUMERICAL, "the eigenvalues of the rates between %zu wells could not be found", n);
        }
        eigen_free(&of_rows);
        eigen_free(&of_columns);
    }
    kr_gsl_leave();
    free(well);
    free(vectors);
    return status;
}

typedef struct decay {
    size_t rows;
    const double *time, *value;
    double from;
} decay;

/* The sum of squares left when c and a, which enter linearly, are best at this rate. */
static double misfit(double log_rate, void *context) {
    const decay *d = context;
    double n = 0, e = 0, y = 0, ee = 0, ey = 0, yy = 0, rate = exp(log_rate);
    for (size_t i = 0; i < d->rows; i++) {
        if (d->time[i] < d->from) continue;
        double basis = exp(-rate * (d->time[i] - d->from)), value = d->value[i];
        n += 1;
        e += basis;
        y += value;
        ee += basis * basis;
        ey += basis * value;
        yy += value * value;
    }
    double spread = ee - e * e / n, slope = ey - e * y / n;
    return yy - y * y / n - (spread > 0 ? slope * slope / spread : 0.0);
}

double kr_decay_fit(size_t rows, const double *time, const double *value, double from, double guess) {
    enum { GRID = 60 };
    decay d = {rows, time, value, from};
    double low = log(guess / 20), high = log(guess * 20), step = (high - low) / GRID, best = INFINITY, result = NAN;
    int at = 0;
    for (int i = 0; i <= GRID; i++) {
        double sum = misfit(low + i * step, &d);
        if (sum < best) {
            best = sum;
            at = i;
        }
    }
    if (at == 0 || at == GRID || !isfinite(best)) return NAN;
    result = low + at * step;
    result = kr_minimum(misfit, &d, result - step, result, result + step, 1e-8);
    return exp(result);
}
