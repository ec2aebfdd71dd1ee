/* The simplest mean over data: one parabola for each datum, V = (1/M) sum_m k_m |x - c_m|^2 / 2. All of a minibatch's theory is
 * exact here. With K = mean k_m and x* = mean k_m c_m / K
 *
 *   V = K |x - x*|^2 / 2 + V(x*),
 *
 * and the gradients k_m (x - c_m) of the data have the variance x^2 var(k) - 2 x cov(k, k c) + var(k c) along each coordinate,
 * which is the same everywhere when all k_m are equal.
 *
 * Data are uniform numbers u in (0, 1) of the generator of all data (kr_uniform_pair): of datum m and coordinates 2 j and 2 j + 1
 * the two of the counter (m, j, KR_DATASET_PARABOLAS, KR_DATASET_STREAM << 24), c_mi = spread sqrt(12) (u - 1/2), which has the
 * standard deviation spread; and k_m = k (1 + s (2 u - 1)) with the first of j = 2^32 - 1. */
#include "datasets/dataset_points.h"
#include "numerics/random_pair.h"

#include <kramers/data_sum.h>
#include <kramers/parameter_rows.h>

#include <math.h>
#include <stdlib.h>

typedef struct mean_of_quadratics {
    int64_t points, dim;
    double stiffness, stiffness_spread, spread;
    uint64_t seed;
} mean_of_quadratics;

static const kr_parameter parameters[] = {
    {"points", "M", "number of data", NULL, KR_INTEGER, KR_LOG_SCALE | KR_FIXED, offsetof(mean_of_quadratics, points),
     .initial = 100, .minimum = 1, .maximum = 1e7},
    {"stiffness", "k", "curvature, mean of its distribution over the data", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(mean_of_quadratics, stiffness), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"stiffness_spread", "s", "curvatures are uniform from k (1 - s) to k (1 + s)", NULL, KR_NUMBER, KR_BELOW_MAXIMUM,
     offsetof(mean_of_quadratics, stiffness_spread), .initial = 0, .minimum = 0, .maximum = 1},
    {"spread", "sigma", "standard deviation of the centers, per coordinate", NULL, KR_NUMBER, KR_LOG_SCALE,
     offsetof(mean_of_quadratics, spread), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"seed", NULL, "of the data", NULL, KR_NATURAL, KR_FIXED, offsetof(mean_of_quadratics, seed), .initial = 1, .minimum = 0,
     .maximum = 0},
    KR_ROW_DIM(mean_of_quadratics, 1, 1),
    KR_END};

typedef struct parabolas {
    double *center;                /* [M][dim] */
    double *stiffness;             /* [M] */
    double *minimum;               /* [dim] */
    double *covariance, *variance; /* [dim]: cov(k, k c) and var(k c) */
    double mean, variance_of_stiffness, floor;
} parabolas;

static kr_random_pair pair_of(uint64_t seed, size_t m, uint32_t number) {
    return kr_uniform_pair((uint32_t)m, number, KR_DATASET_PARABOLAS, KR_DATASET_STREAM << 24, seed);
}

static void draw(const mean_of_quadratics *v, size_t m, size_t dim, double *center, double *stiffness) {
    double unit = v->spread * sqrt(12.0);
    *stiffness = 1 + v->stiffness_spread * (2 * pair_of(v->seed, m, UINT32_MAX).first - 1);
    for (size_t i = 0; i < dim; i += 2) {
        kr_random_pair u = pair_of(v->seed, m, (uint32_t)(i / 2));
        center[i] = unit * (u.first - 0.5);
        if (i + 1 < dim) center[i + 1] = unit * (u.second - 0.5);
    }
}

/* Two passes, so that variances keep their digits; while stiffness holds weights w_m = k_m / k, so that k may be any. */
static void sum_up(size_t count, size_t dim, double k, parabolas *s) {
    double m = (double)count, mean = 0, variance = 0, sum = 0;
    for (size_t j = 0; j < count; j++) mean += s->stiffness[j] / m;
    for (size_t j = 0; j < count; j++) variance += (s->stiffness[j] - mean) * (s->stiffness[j] - mean) / m;
    for (size_t i = 0; i < dim; i++) {
        double moment = 0;
        for (size_t j = 0; j < count; j++) moment += s->stiffness[j] * s->center[j * dim + i] / m;
        s->minimum[i] = moment / mean;
        for (size_t j = 0; j < count; j++) {
            double w = s->stiffness[j], c = s->center[j * dim + i], rest = w * c - moment, away = c - s->minimum[i];
            s->covariance[i] += k * k * (w - mean) * rest / m;
            s->variance[i] += k * k * rest * rest / m;
            sum += 0.5 * w * away * away / m;
        }
    }
    s->mean = k * mean;
    s->variance_of_stiffness = k * k * variance;
    s->floor = k * sum;
}

static kr_status prepare(kr_landscape *self, kr_error *error) {
    const mean_of_quadratics *v = self->values;
    size_t count = (size_t)v->points, dim = self->dim, numbers = count + 3 * dim;
    parabolas *s = dim < (SIZE_MAX / 16 - numbers) / count ? calloc(1, sizeof *s + (numbers + count * dim) * sizeof(double)) : NULL;
    if (!s)
        return kr_fail(error, KR_NO_MEMORY, "landscape 'mean_of_quadratics': not enough memory for %zu data of %zu numbers", count,
                       dim);
    s->minimum = (double *)(s + 1);
    s->covariance = s->minimum + dim;
    s->variance = s->covariance + dim;
    s->stiffness = s->variance + dim;
    s->center = s->stiffness + count;
    for (size_t m = 0; m < count; m++) draw(v, m, dim, s->center + m * dim, &s->stiffness[m]);
    sum_up(count, dim, v->stiffness, s);
    for (size_t m = 0; m < count; m++) s->stiffness[m] *= v->stiffness;
    self->state = s;
    return KR_OK;
}

static void release(kr_landscape *self) {
    free(self->state);
}

static void energy_of(double k, double minimum, size_t n, const double *restrict x, double *restrict energy) {
    double half = 0.5 * k;
    for (size_t p = 0; p < n; p++) energy[p] = fma(half * (x[p] - minimum), x[p] - minimum, energy[p]);
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const parabolas *s = self->state;
    for (size_t p = 0; p < n; p++) energy[p] = s->floor;
    for (size_t i = 0; i < self->dim; i++) energy_of(s->mean, s->minimum[i], n, x + i * n, energy);
}

static void gradient_of(double k, double minimum, size_t n, const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = k * (x[p] - minimum);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const parabolas *s = self->state;
    for (size_t i = 0; i < self->dim; i++) gradient_of(s->mean, s->minimum[i], n, x + i * n, gradient + i * n);
}

/* NaN stays. */
static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    double k = ((const parabolas *)self->state)->mean;
    for (size_t i = 0; i < self->dim * n; i++) curvature[i] = x[i] == x[i] ? k : x[i];
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    const parabolas *s = self->state;
    if (capacity) points[0] = s->minimum[axis] / (1 + self->weight_decay / s->mean);
    return 1;
}

/* ---- as a mean over data ---- */

static kr_data data(const kr_landscape *self, kr_data_part part) {
    const parabolas *s = self->state;
    if (part == KR_DATA_TEST) return (kr_data){.inputs = self->dim};
    return (kr_data){.count = (size_t)((const mean_of_quadratics *)self->values)->points, .inputs = self->dim, .input = s->center};
}

static void pull_stored(size_t n, size_t dim, const double *restrict stiffness, const double *restrict center,
                        const uint32_t *restrict index, const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = fma(stiffness[index[p]], x[p] - center[(size_t)index[p] * dim], gradient[p]);
}

static void pull_given(size_t n, const double *restrict stiffness, const double *restrict center, const uint32_t *restrict index,
                       const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = fma(stiffness[index[p]], x[p] - center[p], gradient[p]);
}

static void divide(size_t count, double divisor, double *restrict x) {
    for (size_t i = 0; i < count; i++) x[i] /= divisor;
}

static void batch_gradient(const kr_landscape *self, size_t n, size_t batch, const uint32_t *restrict index,
                           const double *restrict input, const double *restrict x, double *restrict gradient) {
    const parabolas *s = self->state;
    size_t dim = self->dim;
    for (size_t i = 0; i < dim * n; i++) gradient[i] = 0;
    for (size_t i = 0; i < dim; i++)
        for (size_t b = 0; b < batch; b++) {
            if (input)
                pull_given(n, s->stiffness, input + (b * dim + i) * n, index + b * n, x + i * n, gradient + i * n);
            else
                pull_stored(n, dim, s->stiffness, s->center + i, index + b * n, x + i * n, gradient + i * n);
        }
    divide(dim * n, (double)batch, gradient);
}

static void spread_of(double of_stiffness, double covariance, double variance, size_t n, const double *restrict x,
                      double *restrict spread) {
    for (size_t p = 0; p < n; p++) {
        double sum = fma(x[p], fma(x[p], of_stiffness, -2 * covariance), variance);
        spread[p] = sum < 0 ? 0 : sum; /* NaN stays NaN */
    }
}

static void spread(const kr_landscape *self, size_t n, const double *restrict x, double *restrict spread) {
    const parabolas *s = self->state;
    for (size_t i = 0; i < self->dim; i++)
        spread_of(s->variance_of_stiffness, s->covariance[i], s->variance[i], n, x + i * n, spread + i * n);
}

static void evaluate(const kr_landscape *self, kr_data_part part, size_t n, const double *restrict x, double *restrict loss,
                     double *restrict correct) {
    if (loss && part == KR_DATA_TRAIN) energy(self, n, x, loss);
    for (size_t p = 0; loss && part == KR_DATA_TEST && p < n; p++) loss[p] = NAN;
    for (size_t p = 0; correct && p < n; p++) correct[p] = NAN;
}

static const kr_data_sum sum = {.data = data, .gradient = batch_gradient, .spread = spread, .evaluate = evaluate};

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = 1/M sum_m k_m |x - c_m|^2 / 2,  k_m uniform in k (1 -+ s),  c_m uniform of standard deviation sigma",
              .doc = "A mean over data whose minibatches are known exactly: a parabola around each of M random points",
              .reference =
                  "S. Mandt, M. Hoffman, D. Blei, Stochastic gradient descent as approximate Bayesian inference, JMLR 2017",
              .parameters = parameters,
              .values_size = sizeof(mean_of_quadratics)},
    .separable = true,
    .prepare = prepare,
    .release = release,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .data = &sum,
    .candidates = candidates,
};
