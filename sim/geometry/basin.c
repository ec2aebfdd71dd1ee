#include <kramers/basin.h>
#include <kramers/critical_points.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Separable landscapes: a basin is a product of intervals between maxima, so numbers come from counting the maxima below each
 * coordinate. Others: descent. */
struct kr_basins {
    const kr_landscape *landscape;
    size_t count, dim;
    kr_critical_points *axes; /* [dim], separable only */
    double *minimum;          /* [count][dim] */
    double *capture;          /* [count] squared distance at which a descent has arrived */
};

static size_t minima_of(const kr_critical_points *points) {
    size_t minima = 0;
    for (size_t i = 0; i < points->count; i++) minima += points->point[i].index == 0;
    return minima;
}

static kr_status find_axes(kr_basins *b, kr_error *error) {
    b->axes = calloc(b->dim, sizeof *b->axes);
    if (!b->axes) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu axes", b->dim);
    for (size_t i = 0; i < b->dim; i++) {
        kr_status status = kr_critical_points_find(b->landscape, i, &b->axes[i], error);
        if (status != KR_OK) return status;
    }
    return KR_OK;
}

/* A descent has arrived when it is within a tenth of the way to the nearest other minimum. */
static kr_status find_minima(kr_basins *b, kr_error *error) {
    b->minimum = calloc(b->count * b->dim, sizeof *b->minimum);
    b->capture = calloc(b->count, sizeof *b->capture);
    if (!b->minimum || !b->capture) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu minima", b->count);
    for (size_t m = 0; m < b->count; m++) {
        kr_status status = kr_minimum_position(b->landscape, (int64_t)m, b->minimum + m * b->dim, error);
        if (status != KR_OK) return status;
    }
    for (size_t m = 0; m < b->count; m++) {
        b->capture[m] = INFINITY;
        for (size_t other = 0; other < b->count; other++) {
            if (other == m) continue;
            double square = 0;
            for (size_t i = 0; i < b->dim; i++) {
                double d = b->minimum[m * b->dim + i] - b->minimum[other * b->dim + i];
                square += d * d;
            }
            b->capture[m] = fmin(b->capture[m], 0.01 * square);
        }
    }
    return KR_OK;
}

kr_status kr_basins_create(kr_basins **result, const kr_landscape *landscape, kr_error *error) {
    *result = NULL;
    int64_t count;
    if (landscape->type->period > 0) return KR_OK;
    kr_error none;
    if (kr_minimum_count(landscape, &count, &none) != KR_OK || count < 1 || count > KR_MAX_BASINS) return KR_OK;
    kr_basins *b = calloc(1, sizeof *b);
    if (!b) return kr_fail(error, KR_NO_MEMORY, "not enough memory for basins");
    *b = (kr_basins){.landscape = landscape, .count = (size_t)count, .dim = landscape->dim};
    kr_status status = landscape->type->separable ? find_axes(b, error) : find_minima(b, error);
    if (status != KR_OK) {
        kr_basins_destroy(b);
        return status;
    }
    *result = b;
    return KR_OK;
}

void kr_basins_destroy(kr_basins *b) {
    if (!b) return;
    for (size_t i = 0; b->axes && i < b->dim; i++) kr_critical_points_destroy(&b->axes[i]);
    free(b->axes);
    free(b->minimum);
    free(b->capture);
    free(b);
}

size_t kr_basins_count(const kr_basins *b) {
    return b ? b->count : 0;
}

/* number[n]: of the minimum whose interval between maxima holds x, behind those of the axes before. Numbers of type double, and NaN
 * where x is not finite, so that the loops are vectorised. */
static void add_axis(const kr_critical_points *axis, size_t n, const double *x, double *number) {
    double minima = (double)minima_of(axis);
    for (size_t p = 0; p < n; p++) number[p] = number[p] * minima + (x[p] - x[p]);
    for (size_t i = 0; i < axis->count; i++) {
        double level = axis->point[i].position[0];
        if (axis->point[i].index != 1) continue;
        for (size_t p = 0; p < n; p++) number[p] += x[p] > level ? 1.0 : 0.0;
    }
}

static void assign_separable(const kr_basins *b, size_t n, size_t stride, const double *x, int32_t *basin) {
    enum { BATCH = 64 };
    for (size_t first = 0; first < n; first += BATCH) {
        double number[BATCH] = {0};
        size_t width = n - first < BATCH ? n - first : BATCH;
        for (size_t i = 0; i < b->dim; i++) add_axis(&b->axes[i], width, x + i * stride + first, number);
        for (size_t p = 0; p < width; p++) basin[first + p] = (int32_t)(number[p] > -1.0 ? number[p] : -1.0);
    }
}

static int32_t captured_by(const kr_basins *b, const double *x, size_t stride) {
    for (size_t m = 0; m < b->count; m++) {
        double square = 0;
        for (size_t i = 0; i < b->dim; i++) {
            double d = x[i * stride] - b->minimum[m * b->dim + i];
            square += d * d;
        }
        if (square < b->capture[m]) return (int32_t)m;
    }
    return -1;
}

/* Gradient descent of a batch with a step size of each point's own, grown after success and halved after failure. The flow is
 * followed closely near separatrices because a step that raises the energy is never taken and a step is at most a tenth of the
 * least distance between minima. */
static kr_status assign_by_descent(const kr_basins *b, size_t n, size_t stride, const double *x, int32_t *basin, kr_error *error) {
    enum { BATCH = 64, MOST_ITERATIONS = 20000 };
    size_t dim = b->dim;
    double *work = malloc((3 * dim + 3) * BATCH * sizeof *work);
    if (!work) return kr_fail(error, KR_NO_MEMORY, "not enough memory to find basins in %zu dimensions", dim);
    double *at = work, *slope = at + dim * BATCH, *trial = slope + dim * BATCH, *energy = trial + dim * BATCH;
    double *trial_energy = energy + BATCH, *rate = trial_energy + BATCH;
    double longest = INFINITY;
    for (size_t m = 0; m < b->count; m++) longest = fmin(longest, sqrt(b->capture[m]));
    for (size_t first = 0; first < n; first += BATCH) {
        size_t width = n - first < BATCH ? n - first : BATCH, open = width;
        for (size_t p = 0; p < width; p++) {
            bool finite = true;
            for (size_t i = 0; i < dim; i++) {
                at[i * width + p] = x[i * stride + first + p];
                finite = finite && isfinite(at[i * width + p]);
            }
            basin[first + p] = finite ? captured_by(b, at + p, width) : -2;
            open -= basin[first + p] != -1;
            rate[p] = 1e-3;
        }
        kr_landscape_energy(b->landscape, width, at, energy);
        for (size_t iteration = 0; open && iteration < MOST_ITERATIONS; iteration++) {
            kr_landscape_gradient(b->landscape, width, at, slope);
            for (size_t p = 0; p < width; p++) {
                double square = 0;
                for (size_t i = 0; i < dim; i++) square += slope[i * width + p] * slope[i * width + p];
                double limit = longest / sqrt(square);
                double step = rate[p] < limit ? rate[p] : limit;
                for (size_t i = 0; i < dim; i++) trial[i * width + p] = at[i * width + p] - step * slope[i * width + p];
            }
            kr_landscape_energy(b->landscape, width, trial, trial_energy);
            for (size_t p = 0; p < width; p++) {
                if (basin[first + p] != -1) continue;
                bool lower = trial_energy[p] < energy[p];
                rate[p] *= lower ? 1.3 : 0.5;
                if (!lower) continue;
                energy[p] = trial_energy[p];
                for (size_t i = 0; i < dim; i++) at[i * width + p] = trial[i * width + p];
                basin[first + p] = captured_by(b, at + p, width);
                open -= basin[first + p] != -1;
            }
        }
        for (size_t p = 0; p < width; p++)
            if (basin[first + p] < 0) basin[first + p] = -1;
    }
    free(work);
    return KR_OK;
}

kr_status kr_basins_assign(const kr_basins *b, size_t n, size_t stride, const double *x, int32_t *basin, kr_error *error) {
    if (!b->axes) return assign_by_descent(b, n, stride, x, basin, error);
    assign_separable(b, n, stride, x, basin);
    return KR_OK;
}

kr_status kr_basins_population(const kr_basins *b, size_t n, size_t stride, const double *x, double *fraction, kr_error *error) {
    int32_t *basin = malloc((n ? n : 1) * sizeof *basin);
    if (!basin) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the basins of %zu particles", n);
    kr_status status = kr_basins_assign(b, n, stride, x, basin, error);
    uint64_t inside[KR_MAX_BASINS] = {0}, finite = 0;
    for (size_t p = 0; status == KR_OK && p < n; p++) {
        if (basin[p] >= 0) inside[basin[p]]++;
        finite += isfinite(x[p]) != 0;
    }
    for (size_t m = 0; m < b->count; m++) fraction[m] = finite ? (double)inside[m] / (double)finite : NAN;
    free(basin);
    return status;
}
