/* Landscape gaussian_mixture with modes from a file: loops over modes, for a chunk of points at a time that stays in the
 * first-level cache. Each point meets all modes twice, once for the largest term of the sum and once for the terms beside it; the
 * distance to a mode is computed anew, which for a few coordinates costs less than one exponential. */
#ifndef KR_MIXTURE_MODES_H
#define KR_MIXTURE_MODES_H

#include "geometry/mixture_file.h"

#include <kramers/landscape.h>
#include <kramers/vector_math.h>

#include <math.h>
#include <stdlib.h>

typedef struct gaussian_mixture {
    char *file;
    int64_t per_axis;
    double spacing, variance;
    int64_t dim;
} gaussian_mixture;

enum { CHUNK = 128 };

static size_t chunk_of(size_t n, size_t begin) {
    return n - begin < CHUNK ? n - begin : CHUNK;
}

static const double two_pi = 6.28318530717958647692;

static void fill(size_t n, double value, double *restrict row) {
    for (size_t p = 0; p < n; p++) row[p] = value;
}

static void copy(size_t n, const double *restrict from, double *restrict to) {
    for (size_t p = 0; p < n; p++) to[p] = from[p];
}

/* The weights of the state become logarithms of shares. */
static kr_status prepare(kr_landscape *self, kr_error *error) {
    const gaussian_mixture *v = self->values;
    kr_mixture_file *m = self->state = calloc(1, sizeof *m);
    if (!m) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a mixture");
    kr_status status = kr_mixture_file_read(m, v->file, self->directory, self->dim, v->variance, error);
    double sum = 0, unit = 1;
    if (status != KR_OK) return status;
    for (size_t k = 0; k < m->count; k++) sum += m->weight[k];
    if (!isfinite(sum)) { /* in parts of the largest it is no more than their number */
        unit = sum = 0;
        for (size_t k = 0; k < m->count; k++) unit = fmax(unit, m->weight[k]);
        for (size_t k = 0; k < m->count; k++) sum += m->weight[k] / unit;
    }
    for (size_t k = 0; k < m->count; k++) m->weight[k] = kr_log(m->weight[k] / unit / sum);
    return KR_OK;
}

static void release(kr_landscape *self) {
    kr_mixture_file_destroy(self->state);
    free(self->state);
}

static const kr_mixture_file *modes_of(const kr_landscape *self) {
    return self->state;
}

static double half_precision(const kr_landscape *self) {
    return 0.5 / ((const gaussian_mixture *)self->values)->variance;
}

static void add_distance(double center, double half, size_t n, const double *restrict x, double *restrict exponent) {
    for (size_t p = 0; p < n; p++) {
        double d = x[p] - center;
        exponent[p] = fma(-half * d, d, exponent[p]);
    }
}

/* log w_k - |x - mu_k|^2 / (2 s^2) of a chunk of points; stride: between coordinates of x. */
static void exponents(const kr_landscape *self, size_t k, size_t n, size_t stride, const double *x, double *exponent) {
    const kr_mixture_file *m = modes_of(self);
    fill(n, m->weight[k], exponent);
    for (size_t i = 0; i < self->dim; i++)
        add_distance(m->center[k * self->dim + i], half_precision(self), n, x + i * stride, exponent);
}

/* NaN stays. */
static void raise(size_t n, const double *restrict exponent, double *restrict largest) {
    for (size_t p = 0; p < n; p++) largest[p] = exponent[p] <= largest[p] ? largest[p] : exponent[p];
}

/* Terms beside the largest; equal ones are 1 even where both are infinite. */
static void terms_of(size_t n, const double *restrict exponent, const double *restrict largest, double *restrict term,
                     double *restrict total) {
    for (size_t p = 0; p < n; p++) {
        double e = kr_exp(exponent[p] - largest[p]);
        term[p] = exponent[p] == largest[p] ? 1 : e;
        total[p] += term[p];
    }
}

/* What the points of a chunk share among modes. */
typedef struct shares {
    double exponent[CHUNK], largest[CHUNK], term[CHUNK], total[CHUNK];
} shares;

static void find_largest(const kr_landscape *self, size_t n, size_t stride, const double *x, shares *s) {
    fill(n, -INFINITY, s->largest);
    fill(n, 0, s->total);
    for (size_t k = 0; k < modes_of(self)->count; k++) {
        exponents(self, k, n, stride, x, s->exponent);
        raise(n, s->exponent, s->largest);
    }
}

static void next_terms(const kr_landscape *self, size_t k, size_t n, size_t stride, const double *x, shares *s) {
    exponents(self, k, n, stride, x, s->exponent);
    terms_of(n, s->exponent, s->largest, s->term, s->total);
}

static void logarithm(double constant, size_t n, const double *restrict largest, const double *restrict total,
                      double *restrict energy) {
    for (size_t p = 0; p < n; p++) energy[p] = constant - largest[p] - kr_log(total[p]);
}

static void energy_of_file(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    shares s;
    double constant = 0.5 * (double)self->dim * kr_log(two_pi * ((const gaussian_mixture *)self->values)->variance);
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        size_t count = chunk_of(n, begin);
        find_largest(self, count, n, x + begin, &s);
        for (size_t k = 0; k < modes_of(self)->count; k++) next_terms(self, k, count, n, x + begin, &s);
        logarithm(constant, count, s.largest, s.total, energy + begin);
    }
}

static void add_product(double factor, size_t n, const double *restrict term, double *restrict sum) {
    for (size_t p = 0; p < n; p++) sum[p] = fma(factor, term[p], sum[p]);
}

static void divide(size_t n, const double *restrict total, double *restrict sum) {
    for (size_t p = 0; p < n; p++) sum[p] /= total[p];
}

/* mean[dim][stride]: of the modes' centres, weighted with the terms. */
static void find_means(const kr_landscape *self, size_t n, size_t x_stride, const double *x, size_t stride, shares *s,
                       double *mean) {
    const kr_mixture_file *m = modes_of(self);
    size_t dim = self->dim;
    find_largest(self, n, x_stride, x, s);
    for (size_t i = 0; i < dim; i++) fill(n, 0, mean + i * stride);
    for (size_t k = 0; k < m->count; k++) {
        next_terms(self, k, n, x_stride, x, s);
        for (size_t i = 0; i < dim; i++) add_product(m->center[k * dim + i], n, s->term, mean + i * stride);
    }
    for (size_t i = 0; i < dim; i++) divide(n, s->total, mean + i * stride);
}

static void slope_of(double precision, size_t n, const double *restrict x, double *restrict mean) {
    for (size_t p = 0; p < n; p++) mean[p] = precision * (x[p] - mean[p]);
}

static void gradient_of_file(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    shares s;
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        size_t count = chunk_of(n, begin);
        find_means(self, count, n, x + begin, n, &s, gradient + begin);
        for (size_t i = 0; i < self->dim; i++)
            slope_of(2 * half_precision(self), count, x + i * n + begin, gradient + i * n + begin);
    }
}

static void add_covariance(double a, double b, size_t n, const double *restrict term, const double *restrict mean_a,
                           const double *restrict mean_b, double *restrict sum) {
    for (size_t p = 0; p < n; p++) sum[p] = fma(term[p], (a - mean_a[p]) * (b - mean_b[p]), sum[p]);
}

static void bend_of(double diagonal, double precision, size_t n, const double *restrict total, double *restrict sum) {
    for (size_t p = 0; p < n; p++) sum[p] = fma(-precision * precision, sum[p] / total[p], diagonal);
}

/* Entries (i, j) and (j, i), j <= i, of the Hessian delta_ij / s^2 - cov_ij / s^4 at out + (i row + j column); only i = j where
 * column is 0 and the diagonal is wanted. mean: work space [dim][CHUNK]. */
static void bends(const kr_landscape *self, size_t n, size_t stride, const double *x, double *mean, size_t row, size_t column,
                  double *out) {
    const kr_mixture_file *m = modes_of(self);
    size_t dim = self->dim;
    double precision = 2 * half_precision(self);
    shares s;
    find_means(self, n, stride, x, CHUNK, &s, mean);
    for (size_t i = 0; i < dim; i++)
        for (size_t j = column ? 0 : i; j <= i; j++) fill(n, 0, out + i * row + j * column);
    fill(n, 0, s.total);
    for (size_t k = 0; k < m->count; k++) {
        next_terms(self, k, n, stride, x, &s);
        for (size_t i = 0; i < dim; i++)
            for (size_t j = column ? 0 : i; j <= i; j++)
                add_covariance(m->center[k * dim + i], m->center[k * dim + j], n, s.term, mean + i * CHUNK, mean + j * CHUNK,
                               out + i * row + j * column);
    }
    for (size_t i = 0; i < dim; i++)
        for (size_t j = column ? 0 : i; j <= i; j++) {
            bend_of(i == j ? precision : 0, precision, n, s.total, out + i * row + j * column);
            if (i != j) copy(n, out + i * row + j * column, out + j * row + i * column);
        }
}

static void all_bends(const kr_landscape *self, size_t n, const double *x, size_t row, size_t column, double *out) {
    double *mean = malloc(self->dim * CHUNK * sizeof *mean);
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        if (mean) bends(self, chunk_of(n, begin), n, x + begin, mean, row, column, out + begin);
        for (size_t i = 0; !mean && i < self->dim; i++) fill(chunk_of(n, begin), NAN, out + i * (row + column) + begin);
    }
    free(mean);
}

static void curvature_of_file(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    all_bends(self, n, x, n, 0, curvature);
}

static void hessian_of_file(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    all_bends(self, n, x, self->dim * n, n, hessian);
}

/* Minima are near the modes, and saddles between two of them, which are looked for while there are not too many pairs. */
enum { MOST_PAIRED = 64, MOST_PAIRED_COORDINATES = 16 };

static bool pairs_listed(const kr_landscape *self) {
    return modes_of(self)->count <= MOST_PAIRED && self->dim <= MOST_PAIRED_COORDINATES;
}

static size_t candidates_of_file(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const kr_mixture_file *m = modes_of(self);
    size_t dim = self->dim, count = 0;
    for (size_t k = 0; k < m->count; k++)
        for (size_t l = k; l < m->count && (l == k || pairs_listed(self)); l++, count++)
            for (size_t i = 0; count < capacity && i < dim; i++)
                points[count * dim + i] = 0.5 * (m->center[k * dim + i] + m->center[l * dim + i]);
    return count;
}

static const char *unlisted_of_file(const kr_landscape *self) {
    return pairs_listed(self) ? NULL : "of more than 64 modes, or 16 coordinates, only the minima are listed, and no saddle";
}

#endif
