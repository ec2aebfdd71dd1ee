/* Traces by Hutchinson's estimator, z.Hz with random signs z (Hutchinson 1990): its mean is the trace, its variance twice the sum
 * of the squares beside the diagonal. The rise of the loss is taken along whole lines, both ways, so that the slope drops out.
 *
 * Minibatches: near a minimum with Hessians H_m of single data, a step from a displacement c v along a unit eigenvector v of H, of
 * eigenvalue a, goes to (1 - eta H_B) c v with H_B the mean over the batch. With Var H_B = gamma Var H_m (gamma = (M - B)/(B (M -
 * 1)) without replacement, 1/B with),
 *
 *     E |x'|^2 = c^2 ((1 - eta a)^2 + eta^2 gamma s^2),   s^2 = mean_m |H_m v|^2 - |H v|^2,
 *
 * which is Wu, Ma and E's condition (2018, equation 9: non-uniformity s) for the direction of the largest curvature: above 1 the
 * mean square grows, whatever the mean does. gamma is read off the noise itself, as its variance over that of single data. */
#include "curvature_looks.h"

#include "geometry/hessian_ends.h"
#include "probes.h"

#include <kramers/data_sum.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Arrays [dim][n] that a look works with. */
enum { START, TOP, PROBE, PRODUCT, WORK, SECOND_WORK, ARRAYS };

typedef struct place {
    const kr_curvature_look *how;
    const kr_view *view;
    const kr_landscape *landscape;
    size_t first, n, dim;
    const double *x;
    double *number; /* [KR_CURVATURE_LOOKS][n] */
    double *array;  /* [ARRAYS][dim][n] */
    double *energy; /* [2][n] */
} place;

static double *array_of(const place *a, size_t which) {
    return a->array + which * a->dim * a->n;
}

static double *row(const place *a, size_t which) {
    return a->number + which * a->n;
}

double kr_curvature_look_bytes(const kr_landscape *landscape, size_t iterations) {
    return 8.0 * (ARRAYS * (double)landscape->dim + 2.0 + kr_hessian_ends_work(landscape, 1, iterations));
}

static kr_probe probe_of(const place *a, unsigned number) {
    return (kr_probe){.seed = a->how->seed, .step = a->view->step, .number = number};
}

static kr_status find_ends(const place *a, kr_error *error) {
    kr_probe start = probe_of(a, KR_PROBE_START);
    kr_hessian_ends ends = {.landscape = a->landscape,
                            .n = a->n,
                            .x = a->x,
                            .start = array_of(a, START),
                            .iterations = a->how->iterations,
                            .tolerance = a->how->tolerance,
                            .largest = row(a, KR_LOOK_LARGEST),
                            .smallest = row(a, KR_LOOK_SMALLEST),
                            .residual = row(a, KR_LOOK_RESIDUAL),
                            .trace = row(a, KR_LOOK_TRACE),
                            .vector = array_of(a, TOP)};
    if (!kr_hessian_is_whole(a->landscape)) kr_probe_normals(&start, a->first, a->dim, a->n, array_of(a, START));
    return kr_hessian_ends_find(&ends, error);
}

static kr_status find_trace(const place *a, kr_error *error) {
    double *trace = row(a, KR_LOOK_TRACE), *deviation = row(a, KR_LOOK_TRACE_ERROR), count = (double)a->how->probes;
    double *z = array_of(a, PROBE), *product = array_of(a, PRODUCT);
    for (size_t p = 0; p < a->n; p++) deviation[p] = 0.0;
    if (kr_hessian_is_whole(a->landscape)) return KR_OK;
    for (size_t p = 0; p < a->n; p++) trace[p] = 0.0;
    for (size_t k = 0; k < a->how->probes; k++) {
        kr_probe probe = probe_of(a, (unsigned)(KR_PROBE_TRACE + k));
        kr_probe_signs(&probe, a->first, a->dim, a->n, z);
        kr_status status = kr_hessian_product(a->landscape, a->n, a->x, z, array_of(a, WORK), product, error);
        if (status != KR_OK) return status;
        for (size_t p = 0; p < a->n; p++) {
            double sum = 0.0, before = trace[p];
            for (size_t i = 0; i < a->dim; i++) sum += z[i * a->n + p] * product[i * a->n + p];
            trace[p] += (sum - before) / (double)(k + 1);
            deviation[p] += (sum - before) * (sum - trace[p]); /* Welford 1962 */
        }
    }
    for (size_t p = 0; p < a->n; p++) deviation[p] = count > 1.0 ? sqrt(deviation[p] / (count * (count - 1.0))) : NAN;
    return KR_OK;
}

/* x + length times the unit vector along direction. */
static void walk(const place *a, double length, const double *direction, double *to) {
    for (size_t p = 0; p < a->n; p++) {
        double square = 0.0;
        for (size_t i = 0; i < a->dim; i++) square += direction[i * a->n + p] * direction[i * a->n + p];
        double step = length / sqrt(square);
        for (size_t i = 0; i < a->dim; i++) to[i * a->n + p] = a->x[i * a->n + p] + step * direction[i * a->n + p];
    }
}

static void find_rise(const place *a) {
    double *rise = row(a, KR_LOOK_RISE), *direction = array_of(a, PROBE), *to = array_of(a, PRODUCT);
    double *here = a->energy, *there = a->energy + a->n, count = 2.0 * (double)a->how->directions;
    kr_landscape_energy(a->landscape, a->n, a->x, here);
    for (size_t p = 0; p < a->n; p++) rise[p] = 0.0;
    for (size_t k = 0; k < a->how->directions; k++) {
        kr_probe probe = probe_of(a, (unsigned)(KR_PROBE_DIRECTION + k));
        kr_probe_normals(&probe, a->first, a->dim, a->n, direction);
        for (double sign = -1.0; sign <= 1.0; sign += 2.0) {
            walk(a, sign * a->how->radius, direction, to);
            kr_landscape_energy(a->landscape, a->n, to, there);
            for (size_t p = 0; p < a->n; p++) rise[p] += (there[p] - here[p]) / count;
        }
    }
}

/* Noise of this variance, mean over the coordinates, into mean[n]. */
static kr_status noise_of(const place *a, const kr_noise *noise, double *variance, double *mean, kr_error *error) {
    kr_status status = kr_noise_variance(noise, a->landscape, a->n, a->x, variance, error);
    for (size_t p = 0; status == KR_OK && p < a->n; p++) {
        mean[p] = 0.0;
        for (size_t i = 0; i < a->dim; i++) mean[p] += variance[i * a->n + p] / (double)a->dim;
    }
    return status;
}

/* square[n] = mean_m |H_m v|^2 - |mean_m H_m v|^2 by central differences of the gradients of single data, of data of V alone:
 * weight decay is the same for all. */
static kr_status spread_of_products(const place *a, size_t count, double *square, kr_error *error) {
    const kr_data_sum *data = kr_landscape_data(a->landscape);
    size_t dim = a->dim, n = a->n;
    double *right = array_of(a, PROBE), *left = array_of(a, PRODUCT), *mean = array_of(a, START), step = 1e-5;
    double *slope = array_of(a, WORK), *other = array_of(a, SECOND_WORK);
    uint32_t *index = malloc(n * sizeof *index);
    if (!index) return kr_fail(error, KR_NO_MEMORY, "not enough memory to look at %zu particles", n);
    walk(a, step, array_of(a, TOP), right);
    walk(a, -step, array_of(a, TOP), left);
    memset(mean, 0, dim * n * sizeof *mean);
    for (size_t p = 0; p < n; p++) square[p] = 0.0;
    for (size_t m = 0; m < count; m++) {
        for (size_t p = 0; p < n; p++) index[p] = (uint32_t)m;
        data->gradient(a->landscape, n, 1, index, NULL, right, slope);
        data->gradient(a->landscape, n, 1, index, NULL, left, other);
        for (size_t i = 0; i < dim; i++)
            for (size_t p = 0; p < n; p++) {
                double product = (slope[i * n + p] - other[i * n + p]) / (2.0 * step);
                mean[i * n + p] += product / (double)count;
                square[p] += product * product / (double)count;
            }
    }
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < n; p++) square[p] -= mean[i * n + p] * mean[i * n + p];
    free(index);
    return KR_OK;
}

static kr_status find_growth(const place *a, kr_error *error) {
    const kr_data_sum *data = kr_landscape_data(a->landscape);
    double *largest = row(a, KR_LOOK_LARGEST), *uneven = row(a, KR_LOOK_NONUNIFORMITY), *growth = row(a, KR_LOOK_GROWTH);
    double *square = a->energy, *noise = a->energy + a->n, *spread = array_of(a, PROBE), eta = a->view->learning_rate;
    for (size_t p = 0; p < a->n; p++) uneven[p] = growth[p] = NAN;
    if (!data || !a->how->minibatch || !a->view->dynamics->type->thermal_variance) return KR_OK;
    kr_status status = spread_of_products(a, data->data(a->landscape, KR_DATA_TRAIN).count, square, error);
    if (status == KR_OK) status = noise_of(a, a->how->minibatch, spread, noise, error);
    if (status != KR_OK) return status;
    data->spread(a->landscape, a->n, a->x, spread);
    for (size_t p = 0; p < a->n; p++) {
        double single = 0.0, along = 1.0 - eta * largest[p];
        for (size_t i = 0; i < a->dim; i++) single += spread[i * a->n + p] / (double)a->dim;
        uneven[p] = sqrt(fmax(square[p], 0.0));
        growth[p] = along * along + eta * eta * noise[p] / single * square[p];
    }
    return KR_OK;
}

kr_status kr_look_at_curvature(void *context, const kr_view *view, size_t first, size_t n, const double *x, double *number,
                               kr_error *error) {
    const kr_landscape *landscape = view->landscape;
    place a = {.how = context,
               .view = view,
               .landscape = landscape,
               .first = first,
               .n = n,
               .dim = landscape->dim,
               .x = x,
               .number = number};
    a.array = malloc((ARRAYS * a.dim + 2) * n * sizeof *a.array);
    if (!a.array) return kr_fail(error, KR_NO_MEMORY, "not enough memory to look at %zu particles in %zu dimensions", n, a.dim);
    a.energy = array_of(&a, ARRAYS);
    kr_status status = find_ends(&a, error);
    if (status == KR_OK) status = find_trace(&a, error);
    if (status == KR_OK) find_rise(&a);
    if (status == KR_OK) status = noise_of(&a, view->noise, array_of(&a, PROBE), row(&a, KR_LOOK_NOISE), error);
    if (status == KR_OK) status = find_growth(&a, error);
    free(a.array);
    return status;
}
