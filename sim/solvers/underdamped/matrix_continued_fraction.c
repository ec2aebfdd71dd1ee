/* The density divided by the square root of the Gibbs density and expanded in Hermite functions of p / sqrt(T) obeys (Risken, The
 * Fokker-Planck Equation, chapter 10)
 *
 *     dc_n/dt = -n gamma c_n - sqrt(n) D c_{n-1} + sqrt(n+1) D^T c_{n+1},   D = sqrt(T) (d/dq + V'/(2T)).
 *
 * For a mode e^{-lambda t}, elimination from above, K_n = n gamma - lambda + (n+1) D^T K_{n+1}^{-1} D, leaves
 * lambda c_0 = D^T K_1^{-1} D c_0. Every K_n is symmetric and positive while lambda is below the rates of the other modes.
 *
 * Even and odd levels live on two grids, D leading from one to the other. Without symmetry the odd grid lies between the points
 * of the even one and has one point less; so D has exactly the one null vector that equilibrium is, and D D^T is regular. With
 * symmetry even levels hold odd functions and odd levels even ones, of half the points. The inverse of D^T K_1^{-1} D has
 * the largest eigenvalue of R^{-T} K_1 R^{-1} with R^T R = D D^T: a tiny gap loses only the digits that the condition number of
 * R, about its inverse square root, costs.
 *
 * Phase mixing sends the modes of weakly damped particles up the ladder, and its last level must not throw them back: there K_N is
 * closed by the solution of the recursion for slowly changing levels, a/2 + sqrt(a^2/4 + (N+1) D^T D) with a = N gamma - lambda. */
#include "matrix_continued_fraction.h"

#include "engine/kernels.h"
#include "numerics/eigen.h"
#include "numerics/gsl_guard.h"

#include <kramers/registry.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* sin(pi x) / (pi x) and its derivative at points x = k or k + 1/2 of a grid of spacing 1. */
static double sinc(double x) {
    return x == 0.0 ? 1.0 : x == floor(x) ? 0.0 : sin(pi * x) / (pi * x);
}

static double sinc_slope(double x) {
    if (x == 0.0) return 0.0;
    return x == floor(x) ? cos(pi * x) / x : cos(pi * x) / x - sin(pi * x) / (pi * x * x);
}

/* matrix[to][from], functions on the grid `from` differentiated on the grid `to`. Parity 0: of the line; -1, +1: of odd, even
 * functions given on the right half. */
static void fill_up(const kr_phase_space_grid *g, size_t to_count, const double *to, size_t from_count, const double *from,
                    double spacing, int parity, const double *drift, double *matrix) {
    double middle = 0.5 * (g->low + g->high), root = sqrt(g->temperature);
    for (size_t i = 0; i < to_count; i++)
        for (size_t j = 0; j < from_count; j++) {
            double x = (to[i] - from[j]) / spacing, y = (to[i] + from[j] - 2.0 * middle) / spacing;
            x = 0.5 * round(2.0 * x);
            y = 0.5 * round(2.0 * y);
            double value = sinc(x) + (parity ? parity * sinc(y) : 0.0);
            double slope = sinc_slope(x) + (parity ? parity * sinc_slope(y) : 0.0);
            matrix[i * from_count + j] = root * (slope / spacing + drift[i] * value);
        }
}

static size_t grid_even(const kr_phase_space_grid *g) {
    return g->symmetric ? g->points / 2 : g->points + 1;
}

static size_t grid_odd(const kr_phase_space_grid *g) {
    return g->symmetric ? g->points / 2 : g->points;
}

static bool fill_matrices(kr_continued_fraction *l, const kr_phase_space_grid *g) {
    double spacing = (g->high - g->low) / (double)(g->symmetric ? 2 * l->even : g->points);
    double *x = l->work, *drift = x + l->even + l->odd;
    for (size_t i = 0; i < l->even; i++)
        x[i] = g->symmetric ? 0.5 * (g->low + g->high) + ((double)i + 0.5) * spacing : g->low + (double)i * spacing;
    for (size_t i = 0; i < l->odd; i++) x[l->even + i] = g->symmetric ? x[i] : g->low + ((double)i + 0.5) * spacing;
    kr_problem_1d_evaluate(g->line, l->even + l->odd, x, NULL, drift, NULL);
    for (size_t i = 0; i < l->even + l->odd; i++) {
        if (!isfinite(drift[i])) return false;
        drift[i] /= 2.0 * g->temperature;
    }
    int sign = g->symmetric ? 1 : 0;
    fill_up(g, l->odd, x + l->even, l->even, x, spacing, -sign, drift + l->even, l->up[0]);
    fill_up(g, l->even, x, l->odd, x + l->even, spacing, sign, drift, l->up[1]);
    return true;
}

/* R of up[0]^T = Q R. */
static bool factor_root(kr_continued_fraction *l) {
    kr_gsl_enter();
    gsl_matrix *transposed = gsl_matrix_alloc(l->even, l->odd);
    gsl_vector *tau = gsl_vector_alloc(l->odd);
    bool made = transposed && tau;
    if (made) {
        gsl_matrix_const_view up = gsl_matrix_const_view_array(l->up[0], l->odd, l->even);
        gsl_matrix_transpose_memcpy(transposed, &up.matrix);
        gsl_linalg_QR_decomp(transposed, tau);
        double largest = 0.0, smallest = INFINITY;
        for (size_t i = 0; i < l->odd; i++) {
            for (size_t j = 0; j < l->odd; j++) l->root[i * l->odd + j] = j >= i ? gsl_matrix_get(transposed, i, j) : 0.0;
            largest = fmax(largest, fabs(l->root[i * l->odd + i]));
            smallest = fmin(smallest, fabs(l->root[i * l->odd + i]));
        }
        l->condition = largest / smallest;
    }
    if (transposed) gsl_matrix_free(transposed);
    if (tau) gsl_vector_free(tau);
    kr_gsl_leave();
    return made;
}

/* D^T D = sum over modes of square mode mode^T. */
static bool find_modes(kr_continued_fraction *l, int parity) {
    size_t rows = parity ? l->even : l->odd, n = parity ? l->odd : l->even;
    double *product = l->work;
    gsl_matrix_const_view up = gsl_matrix_const_view_array(l->up[parity], rows, n);
    gsl_matrix_view square = gsl_matrix_view_array(product, n, n);
    gsl_blas_dsyrk(CblasLower, CblasTrans, 1.0, &up.matrix, 0.0, &square.matrix);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) product[i * n + j] = product[j * n + i];
    if (!kr_symmetric_eigen(n, product, l->square[parity], l->mode[parity])) return false;
    for (size_t k = 0; k < n; k++) l->square[parity][k] = fmax(0.0, l->square[parity][k]);
    return true;
}

bool kr_continued_fraction_create(kr_continued_fraction *l, const kr_phase_space_grid *g) {
    size_t even = grid_even(g), odd = grid_odd(g);
    *l = (kr_continued_fraction){.even = even, .odd = odd};
    const kr_registry *registry;
    kr_error error;
    if (kr_registry_find(NULL, &registry, &error) != KR_OK) return false;
    l->kernels = registry->kernels;
    double *block = calloc(2 * even * odd + 2 * odd * odd + even * even + even + odd + 4 * even * even + 4 * even, sizeof *block);
    if (!block) return false;
    double **const arrays[] = {&l->up[0], &l->up[1], &l->root, &l->mode[0], &l->mode[1], &l->square[0], &l->square[1], &l->work};
    const size_t sizes[] = {even * odd, even * odd, odd * odd, even * even, odd * odd, even, odd};
    for (size_t i = 0; i < 8; i++) {
        *arrays[i] = block;
        if (i < 7) block += sizes[i];
    }
    if (fill_matrices(l, g) && factor_root(l) && find_modes(l, 0) && find_modes(l, 1)) return true;
    kr_continued_fraction_destroy(l);
    return false;
}

void kr_continued_fraction_destroy(kr_continued_fraction *l) {
    free(l->up[0]); /* where the block begins */
    *l = (kr_continued_fraction){.even = 0};
}

double kr_continued_fraction_work(const kr_phase_space_grid *g, size_t levels) {
    double n = (double)grid_even(g);
    return n * n * n * (7.0 / 6.0 * (double)levels + 20.0);
}

static void subtract_one(size_t n, double a, const double *restrict x, double *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] -= a * x[i];
}

/* Rows of [K | D], width entries each, K upper: Cholesky's elimination K = U^T U turns D into U^{-T} D. false: K is not positive.
 */
static bool eliminate(const kr_kernels *kernels, size_t n, size_t width, double *rows) {
    for (size_t k = 0; k < n; k += 4) {
        size_t end = k + 4 < n ? k + 4 : n;
        for (size_t p = k; p < end; p++) {
            double *row = rows + p * width, pivot = row[p];
            if (!(pivot > 0.0)) return false;
            double factor = 1.0 / sqrt(pivot);
            for (size_t j = p; j < width; j++) row[j] *= factor;
            for (size_t i = p + 1; i < end; i++) subtract_one(width - i, row[i], row + i, rows + i * width + i);
        }
        if (end < k + 4) break;
        const double *r0 = rows + k * width, *r1 = r0 + width, *r2 = r1 + width, *r3 = r2 + width;
        for (size_t i = end; i < n; i++)
            kernels->accumulate_four(width - i, (const double[4]){-r0[i], -r1[i], -r2[i], -r3[i]}, r0 + i, r1 + i, r2 + i, r3 + i,
                                     rows + i * width + i);
    }
    return true;
}

/* next[m][stride], upper = diagonal + factor Y^T Y with Y[n] the last m of width entries of rows. */
static void gather(const kr_kernels *kernels, size_t n, size_t width, const double *rows, size_t m, double diagonal, double factor,
                   size_t stride, double *next) {
    const double *y = rows + (width - m);
    for (size_t i = 0; i < m; i++) {
        double *row = next + i * stride;
        memset(row, 0, m * sizeof *row);
        row[i] = diagonal;
        size_t k = 0;
        for (; k + 4 <= n; k += 4) {
            const double *r0 = y + k * width, *r1 = r0 + width, *r2 = r1 + width, *r3 = r2 + width;
            kernels->accumulate_four(m - i, (const double[4]){factor * r0[i], factor * r1[i], factor * r2[i], factor * r3[i]},
                                     r0 + i, r1 + i, r2 + i, r3 + i, row + i);
        }
        for (; k < n; k++) subtract_one(m - i, -factor * y[k * width + i], y + k * width + i, row + i);
    }
}

static void close_ladder(const kr_continued_fraction *l, double friction, size_t levels, double lambda, size_t stride,
                         double *rows) {
    size_t parity = levels % 2, n = parity ? l->odd : l->even;
    double half = 0.5 * ((double)levels * friction - lambda);
    for (size_t i = 0; i < n; i++) memset(rows + i * stride, 0, n * sizeof *rows);
    for (size_t k = 0; k < n; k++) {
        const double *mode = l->mode[parity] + k * n;
        double value = half + sqrt(half * half + ((double)levels + 1.0) * l->square[parity][k]);
        for (size_t i = 0; i < n; i++) subtract_one(n - i, -value * mode[i], mode + i, rows + i * stride + i);
    }
}

/* The largest eigenvalue of R^{-T} K R^{-1} by power iteration: the next one belongs to relaxation inside the wells and is
 * much smaller. */
static double largest_eigenvalue(const kr_continued_fraction *l, size_t stride, double *k, double *work) {
    enum { ITERATIONS = 3000 };
    size_t n = l->odd;
    gsl_vector_view y = gsl_vector_view_array(work, n), w = gsl_vector_view_array(work + n, n),
                    v = gsl_vector_view_array(work + 2 * n, n);
    gsl_matrix_const_view root = gsl_matrix_const_view_array(l->root, n, n);
    gsl_matrix_view matrix = gsl_matrix_view_array_with_tda(k, n, n, stride);
    double value = 0.0;
    for (size_t i = 0; i < n; i++) gsl_vector_set(&y.vector, i, 1.0 + 0.1 * sin((double)i));
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
        double before = value, norm = gsl_blas_dnrm2(&y.vector);
        gsl_vector_scale(&y.vector, 1.0 / norm);
        gsl_vector_memcpy(&v.vector, &y.vector);
        gsl_blas_dtrsv(CblasUpper, CblasNoTrans, CblasNonUnit, &root.matrix, &v.vector);
        gsl_blas_dsymv(CblasUpper, 1.0, &matrix.matrix, &v.vector, 0.0, &w.vector);
        gsl_blas_dtrsv(CblasUpper, CblasTrans, CblasNonUnit, &root.matrix, &w.vector);
        gsl_blas_ddot(&y.vector, &w.vector, &value);
        gsl_vector_memcpy(&y.vector, &w.vector);
        if (iteration > 2 && fabs(value - before) <= 1e-15 * value) break;
    }
    return value;
}

double kr_continued_fraction_map(const kr_continued_fraction *l, double friction, size_t levels, double lambda) {
    size_t stride = 2 * l->even;
    double *rows = l->work, *next = rows + l->even * stride, *vectors = next + l->even * stride;
    close_ladder(l, friction, levels, lambda, stride, rows);
    for (size_t level = levels; level-- > 1;) {
        /* rows holds K of level + 1 */
        size_t n = level % 2 ? l->even : l->odd, m = level % 2 ? l->odd : l->even;
        const double *up = l->up[level % 2];
        for (size_t i = 0; i < n; i++) memcpy(rows + i * stride + n, up + i * m, m * sizeof *rows);
        /* the elimination works on width n + m in rows of this stride */
        if (n + m != stride)
            for (size_t i = 1; i < n; i++) memmove(rows + i * (n + m), rows + i * stride, (n + m) * sizeof *rows);
        if (!eliminate(l->kernels, n, n + m, rows)) return NAN;
        gather(l->kernels, n, n + m, rows, m, (double)level * friction - lambda, (double)level + 1.0, stride, next);
        double *swap = rows;
        rows = next;
        next = swap;
    }
    double largest = largest_eigenvalue(l, stride, rows, vectors);
    return largest > 0.0 ? 1.0 / largest : NAN;
}
