/* Lanczos (1950) with full reorthogonalisation, twice (Giraud, Langou, Rozloznik 2005: twice is enough), so that no eigenvalue
 * comes back as a ghost. The residual of a Ritz pair is |beta_m s_m|, s_m the last component of the eigenvector of the tridiagonal
 * matrix (Parlett, The Symmetric Eigenvalue Problem, 13.2): an eigenvalue lies within it, and by the square of it over the gap in
 * most cases.
 *
 * Eigenvalues of the tridiagonal matrices are looked at after numbers of products that grow by a quarter: their cubes add up to
 * little. No operation here crosses columns, which is why a column cannot see the others. */
#include "lanczos.h"
#include "column_products.h"
#include "eigen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_LOOK = 8 };

typedef struct run {
    const kr_lanczos *l;
    size_t most, made;                    /* products */
    double *basis;                        /* [most][dim][n] */
    double *alpha, *beta;                 /* [most][n]; beta[j]: the norm of what is left after product j */
    double *next;                         /* [dim][n] */
    double *dot;                          /* [n] */
    bool *done;                           /* [n] */
    double *matrix, *value, *eigenvector; /* [most][most], [most], [most][most] */
} run;

static size_t most_products(size_t dim, size_t iterations) {
    return iterations < dim ? iterations : dim;
}

size_t kr_lanczos_work(size_t dim, size_t n, size_t iterations) {
    size_t most = most_products(dim, iterations);
    return (most + 1) * dim * n + (2 * most + 2) * n + (2 * most + 1) * most;
}

/* ---- columns side by side ---- */

static void subtract(size_t dim, size_t n, const double *restrict factor, const double *restrict x, double *restrict y) {
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < n; p++) y[i * n + p] -= factor[p] * x[i * n + p];
}

static void divide(size_t dim, size_t n, const double *restrict divisor, const double *restrict x, double *restrict y) {
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < n; p++) y[i * n + p] = divisor[p] > 0.0 ? x[i * n + p] / divisor[p] : 0.0;
}

static void norms(size_t dim, size_t n, const double *x, double *norm) {
    kr_column_squares(dim, n, x, norm);
    for (size_t p = 0; p < n; p++) norm[p] = sqrt(norm[p]);
}

/* Sum over the basis of factor[j] times vector j, of column p alone. */
static void combine(const run *r, size_t count, const double *factor, size_t p, double *vector) {
    size_t dim = r->l->dim, n = r->l->n;
    for (size_t i = 0; i < dim; i++) vector[i * n + p] = 0.0;
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < dim; i++) vector[i * n + p] += factor[j] * r->basis[(j * dim + i) * n + p];
}

/* ---- the method ---- */

/* Product number made with the newest vector of the basis, and what is new in it. */
static kr_status multiply(run *r, kr_error *error) {
    size_t dim = r->l->dim, n = r->l->n, m = r->made;
    kr_status status = r->l->times(r->l->context, n, r->basis + m * dim * n, r->next, error);
    if (status != KR_OK) return status;
    kr_column_products(dim, n, r->basis + m * dim * n, r->next, r->alpha + m * n);
    for (int pass = 0; pass < 2; pass++)
        for (size_t j = m + 1; j-- > 0;) {
            kr_column_products(dim, n, r->basis + j * dim * n, r->next, r->dot);
            subtract(dim, n, r->dot, r->basis + j * dim * n, r->next);
        }
    norms(dim, n, r->next, r->beta + m * n);
    r->made++;
    return KR_OK;
}

/* Where nothing new is left but rounding, the basis spans all that the start has in it. */
static void look_at_column(run *r, size_t p, bool last) {
    const kr_lanczos *l = r->l;
    size_t m = 0, n = l->n;
    double scale = 0.0;
    for (; m < r->made; m++) {
        scale = fmax(scale, fabs(r->alpha[m * n + p]) + r->beta[m * n + p]);
        if (r->beta[m * n + p] <= 1e-14 * scale) {
            m++;
            break;
        }
    }
    double left = m < r->made || r->beta[(m - 1) * n + p] <= 1e-14 * scale || m == l->dim ? 0.0 : r->beta[(m - 1) * n + p];
    memset(r->matrix, 0, m * m * sizeof *r->matrix);
    for (size_t j = 0; j < m; j++) {
        r->matrix[j * m + j] = r->alpha[j * n + p];
        if (j + 1 < m) r->matrix[j * m + j + 1] = r->matrix[(j + 1) * m + j] = r->beta[j * n + p];
    }
    if (!kr_symmetric_eigen(m, r->matrix, r->value, r->eigenvector)) {
        l->largest[p] = l->smallest[p] = l->residual[p] = NAN;
        r->done[p] = true;
        return;
    }
    const double *top = r->eigenvector + (m - 1) * m;
    double residual = left * fabs(top[m - 1]), size = fabs(r->value[m - 1]);
    if (!l->largest_only) {
        residual = fmax(residual, left * fabs(r->eigenvector[m - 1]));
        size = fmax(size, fabs(r->value[0]));
    }
    l->largest[p] = r->value[m - 1];
    l->smallest[p] = r->value[0];
    l->residual[p] = residual;
    r->done[p] = residual <= l->tolerance * size;
    if (l->vector && (r->done[p] || last)) combine(r, m, top, p, l->vector);
}

/* Whether there is nothing to go on for. */
static bool look(run *r, bool last) {
    bool all = true;
    for (size_t p = 0; p < r->l->n; p++) {
        if (!r->done[p]) look_at_column(r, p, last);
        all = all && r->done[p];
    }
    return all;
}

static kr_status iterate(run *r, kr_error *error) {
    const kr_lanczos *l = r->l;
    size_t dim = l->dim, n = l->n, next_look = FIRST_LOOK;
    norms(dim, n, l->start, r->dot);
    divide(dim, n, r->dot, l->start, r->basis);
    while (r->made < r->most) {
        kr_status status = multiply(r, error);
        if (status != KR_OK) return status;
        bool last = r->made == r->most;
        if (last || r->made == next_look) {
            if (look(r, last)) break;
            next_look += next_look / 4;
        }
        if (!last) divide(dim, n, r->beta + (r->made - 1) * n, r->next, r->basis + r->made * dim * n);
    }
    return KR_OK;
}

kr_status kr_lanczos_extremes(const kr_lanczos *l, kr_error *error) {
    size_t dim = l->dim, n = l->n, most = most_products(dim, l->iterations);
    if (!n) return KR_OK;
    double *work = malloc(kr_lanczos_work(dim, n, l->iterations) * sizeof *work);
    bool *done = calloc(n, sizeof *done);
    kr_status status = KR_OK;
    if (work && done && most) {
        run r = {.l = l, .most = most, .basis = work, .done = done};
        r.next = r.basis + most * dim * n;
        r.alpha = r.next + dim * n;
        r.beta = r.alpha + most * n;
        r.dot = r.beta + most * n;
        r.matrix = r.dot + 2 * n;
        r.value = r.matrix + most * most;
        r.eigenvector = r.value + most;
        status = iterate(&r, error);
    } else {
        status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu vectors of %zu dimensions", most * n, dim);
    }
    free(work);
    free(done);
    return status;
}
