/* Gaussian noise of a given covariance, the same everywhere: n = L xi / sqrt(B) with L L^T = matrix (Cholesky), computed once. The
 * matrix may be singular; then there is no noise along its null space. */
#include <kramers/noise.h>
#include <kramers/parameter_rows.h>

#include <math.h>
#include <stdlib.h>

typedef struct values {
    kr_list matrix;
    double batch_size;
} values;

static const kr_parameter parameters[] = {
    {.name = "matrix",
     .symbol = "C",
     .doc = "covariance of one sample's gradient, [[a, b], [b, c]]; d numbers: its diagonal, the "
            "rest 0; one number: the variance of each coordinate",
     .type = KR_LIST,
     .flags = KR_PAIRS | KR_FIXED,
     .offset = offsetof(values, matrix),
     .initial = 1,
     .minimum = -1e18,
     .maximum = 1e18},
    KR_ROW_BATCH_SIZE(values),
    KR_END};

/* An entry of the matrix in any of its three forms. */
static double entry(const kr_list *matrix, size_t dim, size_t i, size_t j) {
    if (matrix->count == 1) return i == j ? matrix->value[0] : 0;
    if (matrix->count == dim) return i == j ? matrix->value[i] : 0;
    return matrix->value[i * dim + j];
}

static kr_status check(const kr_list *matrix, size_t dim, kr_error *error) {
    if (matrix->count != 1 && matrix->count != dim && matrix->count != dim * dim)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "matrix has %zu numbers; in %zu dimensions it is one number, a diagonal of %zu or a matrix of %zu",
                       matrix->count, dim, dim, dim * dim);
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < i; j++)
            if (entry(matrix, dim, i, j) != entry(matrix, dim, j, i))
                return kr_fail(error, KR_BAD_ARGUMENT, "matrix is no covariance: [%zu][%zu] is %g, but [%zu][%zu] is %g", i, j,
                               entry(matrix, dim, i, j), j, i, entry(matrix, dim, j, i));
    return KR_OK;
}

/* Column j of the factor. Pivots that are 0 but for rounding are 0. false: there is none. */
static bool factor_column(const kr_list *matrix, size_t dim, size_t j, double *factor) {
    double pivot = entry(matrix, dim, j, j), least = (double)dim * 0x1p-50 * fabs(pivot);
    for (size_t k = 0; k < j; k++) pivot -= factor[j * dim + k] * factor[j * dim + k];
    if (!(pivot >= -least)) return false;
    double root = pivot > least ? sqrt(pivot) : 0, scale = root > 0 ? 1 / root : 0;
    factor[j * dim + j] = root;
    for (size_t i = j + 1; i < dim; i++) {
        double sum = entry(matrix, dim, i, j);
        for (size_t k = 0; k < j; k++) sum -= factor[i * dim + k] * factor[j * dim + k];
        if (root == 0 && fabs(sum) > (double)dim * 0x1p-50 * sqrt(fabs(entry(matrix, dim, i, i) * entry(matrix, dim, j, j))))
            return false;
        factor[i * dim + j] = scale * sum;
    }
    return true;
}

static kr_status prepare(kr_noise *self, size_t dim, kr_error *error) {
    const kr_list *matrix = &((const values *)self->values)->matrix;
    kr_status status = check(matrix, dim, error);
    if (status) return status;
    bool dense = matrix->count > dim; /* a diagonal has its roots alone */
    double *factor = self->data = calloc(dense ? dim * dim : dim, sizeof *factor);
    if (!factor) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a covariance in %zu dimensions", dim);
    for (size_t j = 0; j < dim; j++) {
        bool found = dense ? factor_column(matrix, dim, j, factor) : entry(matrix, dim, j, j) >= 0;
        if (!dense && found) factor[j] = sqrt(entry(matrix, dim, j, j));
        if (found) continue;
        free(factor);
        self->data = NULL;
        return kr_fail(error, KR_BAD_ARGUMENT, "matrix is no covariance: it has a negative eigenvalue (found at row %zu)", j);
    }
    return KR_OK;
}

static void destroy(kr_noise *self) {
    free(self->data);
}

static void add_scaled(size_t n, double factor, const double *restrict normal, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = fma(factor, normal[p], gradient[p]);
}

/* Two columns at once: half the loads and stores of the gradient. */
static void add_two(size_t n, double a, double b, const double *restrict x, const double *restrict y, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = fma(b, y[p], fma(a, x[p], gradient[p]));
}

static void add(const kr_noise *self, kr_noise_input kind, size_t dim, size_t n, double *restrict input,
                const double *restrict random, double *restrict gradient) {
    const values *v = self->values;
    const double *factor = self->data;
    double scale = 1 / sqrt(v->batch_size);
    (void)kind, (void)input;
    for (size_t i = 0; i < dim; i++) {
        size_t j = 0;
        if (v->matrix.count <= dim) {
            add_scaled(n, scale * factor[i], random + i * n, gradient + i * n);
            continue;
        }
        const double *row = factor + i * dim;
        for (; j + 1 <= i; j += 2)
            add_two(n, scale * row[j], scale * row[j + 1], random + j * n, random + (j + 1) * n, gradient + i * n);
        if (j == i) add_scaled(n, scale * row[i], random + i * n, gradient + i * n);
    }
}

static void variance(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *out) {
    (void)energy, (void)curvature;
    const values *v = self->values;
    double own = entry(&v->matrix, self->dim, self->coordinate, self->coordinate);
    for (size_t p = 0; p < n; p++) out[p] = own / v->batch_size;
}

static unsigned traits(const kr_noise *self) {
    return ((const values *)self->values)->matrix.count > 1 ? KR_NOISE_DIRECTED : 0;
}

KR_NOISE = {.about = {.name = KR_PLUGIN_NAME,
                      .equation = "n = L xi / sqrt(B),  L L^T = C",
                      .doc = "Gaussian noise of a given covariance matrix, the same everywhere",
                      .reference = "S. Mandt, M. Hoffman, D. Blei, Stochastic gradient descent as approximate Bayesian inference, "
                                   "JMLR 18 (2017)",
                      .parameters = parameters,
                      .values_size = sizeof(values)},
            .add = add,
            .variance = variance,
            .traits = traits,
            .prepare = prepare,
            .destroy = destroy};
