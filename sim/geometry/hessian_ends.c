#include "hessian_ends.h"

#include "numerics/eigen.h"
#include "numerics/lanczos.h"

#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- products ---- */

/* 1e-5 of the point's size balances the third derivative and rounding. */
double kr_difference_step(size_t dim, size_t n, size_t p, const double *x, const double *direction) {
    double far = 1.0, most = 0.0;
    for (size_t i = 0; i < dim; i++) {
        far = fmax(far, fabs(x[i * n + p]));
        most = fmax(most, fabs(direction[i * n + p]));
    }
    return most > 0.0 ? 1e-5 * far / most : 0.0;
}

static void step_aside(size_t dim, size_t n, double sign, const double *x, const double *direction, double *side) {
    for (size_t p = 0; p < n; p++) {
        double length = sign * kr_difference_step(dim, n, p, x, direction);
        for (size_t i = 0; i < dim; i++) side[i * n + p] = x[i * n + p] + length * direction[i * n + p];
    }
}

static void divide_by_steps(size_t dim, size_t n, const double *x, const double *direction, const double *slope, double *product) {
    for (size_t p = 0; p < n; p++) {
        double both = 2.0 * kr_difference_step(dim, n, p, x, direction);
        for (size_t i = 0; i < dim; i++) product[i * n + p] = both > 0.0 ? (product[i * n + p] - slope[i * n + p]) / both : 0.0;
    }
}

kr_status kr_hessian_product(const kr_landscape *landscape, size_t n, const double *x, const double *direction, double *work,
                             double *product, kr_error *error) {
    size_t dim = landscape->dim;
    const kr_landscape_type *type = landscape->type;
    kr_status status = kr_interrupt_check(error);
    if (status != KR_OK) return status;
    if (type->hessian_times || type->separable || dim <= KR_MOST_COUPLED)
        return kr_landscape_hessian_times(landscape, n, x, direction, product, error);
    double *side = work, *slope = work + dim * n;
    step_aside(dim, n, 1.0, x, direction, side);
    kr_landscape_gradient(landscape, n, side, product);
    step_aside(dim, n, -1.0, x, direction, side);
    kr_landscape_gradient(landscape, n, side, slope);
    divide_by_steps(dim, n, x, direction, slope, product);
    return KR_OK;
}

/* ---- whole spectra ---- */

bool kr_hessian_is_whole(const kr_landscape *landscape) {
    return landscape->type->separable || landscape->dim <= KR_WHOLE_HESSIAN;
}

static void from_diagonal(const kr_hessian_ends *e, const double *curvature) {
    size_t dim = e->landscape->dim, n = e->n;
    for (size_t p = 0; p < n; p++) {
        double low = curvature[p], high = curvature[p], sum = 0.0;
        size_t top = 0;
        for (size_t i = 0; i < dim; i++) {
            double k = curvature[i * n + p];
            sum += k;
            if (k < low) low = k;
            if (k > high) high = k, top = i;
        }
        bool known = isfinite(sum);
        e->largest[p] = known ? high : NAN;
        e->smallest[p] = known ? low : NAN;
        e->trace[p] = known ? sum : NAN;
        e->residual[p] = known ? 0.0 : NAN;
        for (size_t i = 0; e->vector && i < dim; i++) e->vector[i * n + p] = i == top ? 1.0 : 0.0;
    }
}

static void from_matrix(const kr_hessian_ends *e, size_t p, const double *columns, double *matrix, double *value, double *vector) {
    size_t dim = e->landscape->dim, n = e->n;
    double sum = 0.0;
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < dim; j++)
            matrix[i * dim + j] = 0.5 * (columns[(j * dim + i) * n + p] + columns[(i * dim + j) * n + p]);
    for (size_t i = 0; i < dim; i++) sum += matrix[i * dim + i];
    bool known = kr_symmetric_eigen(dim, matrix, value, vector);
    e->largest[p] = known ? value[dim - 1] : NAN;
    e->smallest[p] = known ? value[0] : NAN;
    e->trace[p] = known ? sum : NAN;
    e->residual[p] = known ? 0.0 : NAN;
    for (size_t i = 0; e->vector && i < dim; i++) e->vector[i * n + p] = known ? vector[(dim - 1) * dim + i] : NAN;
}

/* From products with all unit vectors. columns[dim][dim][n]. */
static kr_status find_whole(const kr_hessian_ends *e, double *columns, kr_error *error) {
    size_t dim = e->landscape->dim, n = e->n;
    double *unit = columns + dim * dim * n, *matrix = unit + 3 * dim * n, *value = matrix + dim * dim, *vector = value + dim;
    kr_status status = KR_OK;
    for (size_t j = 0; status == KR_OK && j < dim; j++) {
        memset(unit, 0, dim * n * sizeof *unit);
        for (size_t p = 0; p < n; p++) unit[j * n + p] = 1.0;
        status = kr_hessian_product(e->landscape, n, e->x, unit, unit + dim * n, columns + j * dim * n, error);
    }
    for (size_t p = 0; status == KR_OK && p < n; p++) from_matrix(e, p, columns, matrix, value, vector);
    return status;
}

/* ---- Lanczos' method ---- */

typedef struct products {
    const kr_hessian_ends *ends;
    double *work;
} products;

static kr_status times(void *context, size_t n, const double *direction, double *product, kr_error *error) {
    const products *of = context;
    return kr_hessian_product(of->ends->landscape, n, of->ends->x, direction, of->work, product, error);
}

static kr_status find_ends(const kr_hessian_ends *e, double *work, kr_error *error) {
    products of = {.ends = e, .work = work};
    kr_lanczos method = {.dim = e->landscape->dim,
                         .n = e->n,
                         .iterations = e->iterations,
                         .tolerance = e->tolerance,
                         .largest_only = e->largest_only,
                         .times = times,
                         .context = &of,
                         .start = e->start,
                         .largest = e->largest,
                         .smallest = e->smallest,
                         .residual = e->residual,
                         .vector = e->vector};
    for (size_t p = 0; p < e->n; p++) e->trace[p] = NAN;
    return kr_lanczos_extremes(&method, error);
}

static double own_work(const kr_landscape *landscape, double n) {
    double dim = (double)landscape->dim;
    if (landscape->type->separable) return dim * n;
    return dim <= KR_WHOLE_HESSIAN ? (dim + 3.0) * dim * n + (2.0 * dim + 1.0) * dim : 2.0 * dim * n;
}

double kr_hessian_ends_work(const kr_landscape *landscape, size_t n, size_t iterations) {
    double own = own_work(landscape, (double)n);
    return kr_hessian_is_whole(landscape) ? own : own + (double)kr_lanczos_work(landscape->dim, n, iterations);
}

kr_status kr_hessian_ends_find(const kr_hessian_ends *e, kr_error *error) {
    size_t dim = e->landscape->dim;
    double *work = malloc(((size_t)own_work(e->landscape, (double)e->n) + 1) * sizeof *work);
    if (!work)
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the Hessians of %zu points in %zu dimensions", e->n,
                       dim);
    kr_status status = KR_OK;
    if (e->landscape->type->separable) {
        kr_landscape_curvature(e->landscape, e->n, e->x, work);
        from_diagonal(e, work);
    } else {
        status = dim <= KR_WHOLE_HESSIAN ? find_whole(e, work, error) : find_ends(e, work, error);
    }
    free(work);
    return status;
}
