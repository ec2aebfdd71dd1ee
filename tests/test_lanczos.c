/* Ends of spectra by products with vectors, against whole matrices and known eigenvalues. */
#include "assert_close.h"

#include "geometry/hessian_ends.h"
#include "numerics/eigen.h"
#include "numerics/lanczos.h"

#include "rig.h"

enum { DIM = 40, COLUMNS = 5 };

typedef struct matrices {
    double entry[COLUMNS][DIM][DIM];
    size_t first; /* column 0 of a batch is this matrix */
    int products;
} matrices;

/* Numbers that look random, the same everywhere. */
static double odd(size_t k) {
    double x = sin(12.9898 * (double)k + 1.0) * 43758.5453;
    return 2.0 * (x - floor(x)) - 1.0;
}

static void fill(matrices *m) {
    size_t k = 0;
    memset(m, 0, sizeof *m);
    for (size_t p = 0; p < COLUMNS; p++)
        for (size_t i = 0; i < DIM; i++)
            for (size_t j = 0; j <= i; j++) m->entry[p][i][j] = m->entry[p][j][i] = odd(k++);
}

static kr_status times(void *context, size_t n, const double *direction, double *product, kr_error *error) {
    matrices *m = context;
    (void)error;
    m->products++;
    for (size_t p = 0; p < n; p++)
        for (size_t i = 0; i < DIM; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < DIM; j++) sum += m->entry[m->first + p][i][j] * direction[j * n + p];
            product[i * n + p] = sum;
        }
    return KR_OK;
}

typedef struct found {
    double largest[COLUMNS], smallest[COLUMNS], residual[COLUMNS], vector[DIM * COLUMNS];
} found;

static void find(matrices *m, size_t first, size_t n, const double *start, size_t iterations, double tolerance, found *f) {
    kr_error error;
    m->first = first;
    kr_lanczos l = {.dim = DIM,
                    .n = n,
                    .iterations = iterations,
                    .tolerance = tolerance,
                    .times = times,
                    .context = m,
                    .start = start,
                    .largest = f->largest,
                    .smallest = f->smallest,
                    .residual = f->residual,
                    .vector = f->vector};
    require(kr_lanczos_extremes(&l, &error), &error);
}

static void whole(const matrices *m, size_t p, double *value) {
    double copy[DIM * DIM];
    memcpy(copy, m->entry[p], sizeof copy);
    assert_true(kr_symmetric_eigen(DIM, copy, value, NULL));
}

static void finds_the_ends_of_spectra(void **state) {
    (void)state;
    static matrices m;
    double start[DIM * COLUMNS], value[DIM];
    found f;
    fill(&m);
    for (size_t k = 0; k < DIM * COLUMNS; k++) start[k] = odd(7 * k + 3);
    find(&m, 0, COLUMNS, start, 100, 1e-8, &f);
    for (size_t p = 0; p < COLUMNS; p++) {
        whole(&m, p, value);
        assert_close(f.largest[p], value[DIM - 1], 1e-10, 0);
        assert_close(f.smallest[p], value[0], 1e-10, 0);
        assert_true(f.residual[p] <= 1e-8 * fmax(fabs(value[0]), value[DIM - 1]));
        double square = 0.0, miss = 0.0;
        for (size_t i = 0; i < DIM; i++) {
            double product = 0.0, v = f.vector[i * COLUMNS + p];
            for (size_t j = 0; j < DIM; j++) product += m.entry[p][i][j] * f.vector[j * COLUMNS + p];
            square += v * v;
            miss += (product - f.largest[p] * v) * (product - f.largest[p] * v);
        }
        assert_close(square, 1.0, 1e-12, 0);
        assert_true(sqrt(miss) < 1e-7);
    }
}

/* Stopped early, each residual still has an eigenvalue within it, and the residual is that of the vector. */
static void residuals_bound_what_is_missing(void **state) {
    (void)state;
    static matrices m;
    double start[DIM * COLUMNS], value[DIM];
    found f;
    fill(&m);
    for (size_t k = 0; k < DIM * COLUMNS; k++) start[k] = odd(11 * k + 5);
    find(&m, 0, COLUMNS, start, 10, 1e-8, &f);
    assert_int_equal(m.products, 10);
    for (size_t p = 0; p < COLUMNS; p++) {
        double nearest = INFINITY;
        whole(&m, p, value);
        for (size_t i = 0; i < DIM; i++) nearest = fmin(nearest, fabs(value[i] - f.largest[p]));
        assert_true(f.residual[p] > 1e-4 && nearest <= f.residual[p] && f.largest[p] <= value[DIM - 1] + 1e-12);
    }
}

static void a_column_does_not_see_the_others(void **state) {
    (void)state;
    static matrices m;
    double start[DIM * COLUMNS], own[DIM];
    found all, one;
    fill(&m);
    for (size_t k = 0; k < DIM * COLUMNS; k++) start[k] = odd(13 * k + 2);
    find(&m, 0, COLUMNS, start, 100, 1e-5, &all);
    for (size_t p = 0; p < COLUMNS; p++) {
        for (size_t i = 0; i < DIM; i++) own[i] = start[i * COLUMNS + p];
        find(&m, p, 1, own, 100, 1e-5, &one);
        assert_true(one.largest[0] == all.largest[p] && one.smallest[0] == all.smallest[p] && one.residual[0] == all.residual[p]);
        for (size_t i = 0; i < DIM; i++) assert_true(one.vector[i] == all.vector[i * COLUMNS + p]);
    }
}

/* A projector: the basis ends after two vectors; and a matrix that is not finite. */
static void ends_where_nothing_is_new(void **state) {
    (void)state;
    static matrices m;
    double start[2 * DIM], norm = 0.0, v[DIM];
    found f;
    memset(&m, 0, sizeof m);
    for (size_t i = 0; i < DIM; i++) {
        v[i] = odd(i);
        norm += v[i] * v[i];
    }
    for (size_t i = 0; i < DIM; i++)
        for (size_t j = 0; j < DIM; j++) m.entry[0][i][j] = 3.0 * v[i] * v[j] / norm;
    m.entry[1][3][3] = NAN;
    for (size_t k = 0; k < 2 * DIM; k++) start[k] = odd(17 * k + 1);
    find(&m, 0, 2, start, 100, 1e-10, &f);
    assert_close(f.largest[0], 3.0, 1e-12, 0);
    assert_close(f.smallest[0], 0.0, 0, 1e-12);
    assert_true(isnan(f.largest[1]) && isnan(f.smallest[1]) && isnan(f.residual[1]));
}

/* By Lanczos' method with products of whole Hessians, of gradients' differences, and for few dimensions from the whole spectrum. */
static void hessians_of_landscapes(void **state) {
    (void)state;
    static const char *const values[] = {"dim=20", "dim=60", "dim=200"};
    for (size_t c = 0; c < 3; c++) {
        rig r = {.landscape = "phi4_chain",
                 .landscape_parameters = values[c],
                 .dynamics = "sgd",
                 .dynamics_parameters = "weight_decay=0.5"};
        kr_error error;
        rig_make(&r);
        size_t dim = r.made_landscape.dim;
        double *x = calloc(7 * dim * dim, sizeof *x), *start = x + 2 * dim, *hessian = start + 2 * dim,
               *value = hessian + dim * dim;
        double largest[2], smallest[2], residual[2], trace[2];
        for (size_t k = 0; k < 2 * dim; k++) x[k] = 0.3 * odd(k), start[k] = odd(19 * k);
        kr_hessian_ends ends = {.landscape = &r.made_landscape,
                                .n = 2,
                                .x = x,
                                .start = start,
                                .iterations = dim,
                                .tolerance = 1e-9,
                                .largest = largest,
                                .smallest = smallest,
                                .residual = residual,
                                .trace = trace};
        require(kr_hessian_ends_find(&ends, &error), &error);
        for (size_t p = 0; p < 2; p++) {
            double point[200], sum = 0.0;
            for (size_t i = 0; i < dim; i++) point[i] = x[i * 2 + p];
            kr_landscape_hessian(&r.made_landscape, 1, point, hessian);
            for (size_t i = 0; i < dim; i++) sum += hessian[i * dim + i];
            assert_true(kr_symmetric_eigen(dim, hessian, value, NULL));
            assert_close(largest[p], value[dim - 1], 1e-7, 0);
            assert_close(smallest[p], value[0], 1e-7, 1e-7);
            if (kr_hessian_is_whole(&r.made_landscape))
                assert_close(trace[p], sum, 1e-12, 0);
            else
                assert_true(isnan(trace[p]));
        }
        free(x);
        rig_destroy(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_the_ends_of_spectra),
                                       cmocka_unit_test(residuals_bound_what_is_missing),
                                       cmocka_unit_test(a_column_does_not_see_the_others),
                                       cmocka_unit_test(ends_where_nothing_is_new), cmocka_unit_test(hessians_of_landscapes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
