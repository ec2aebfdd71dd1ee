/* Traces by Hutchinson's estimator, z.Hz with random signs z (Hutchinson 1990): its mean is the trace, its variance twice the sum
 * of the squares beside the diagonal. The rise of the loss is taken along whole lines, both ways, so that the slope drops out.
 *
 * Minibatches: near a minimum with Hessians H_m of single data, a step from a displacement c v along a unit eigenvector v of H, of
 * eigenvalue a, goes to (1 - eta H_B) c v with H_B the mean over the batch. With Var H_B = gamma Var H_m (gamma = (M - B)/(B (M -
 * 1)) without replacement, 1/B with; kr_noise_batch_share),
 *
 *     E |x'|^2 = c^2 ((1 - eta a)^2 + eta^2 gamma s^2),   s^2 = mean_m |H_m v|^2 - |H v|^2,
 *
 * which is Wu, Ma and E's condition (2018, equation 9: non-uniformity s) for the direction of the largest curvature: above 1 the
 * mean square grows, whatever the mean does. */
#include "curvature_looks.h"

#include "geometry/hessian_ends.h"
#include "numerics/column_products.h"
#include "probes.h"

#include <kramers/data_sum.h>
#include <kramers/interrupt.h>

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
        kr_column_products(a->dim, a->n, z, product, a->energy);
        for (size_t p = 0; p < a->n; p++) {
            double sum = a->energy[p], before = trace[p];
            trace[p] += (sum - before) / (double)(k + 1);
            deviation[p] += (sum - before) * (sum - trace[p]); /* Welford 1962 */
        }
    }
    for (size_t p = 0; p < a->n; p++) deviation[p] = count > 1.0 ? sqrt(deviation[p] / (count * (count - 1.0))) : NAN;
    return KR_OK;
}

/* x + length times the unit vector along direction, whose square is square[n]. */
static void walk(const place *a, double length, const double *direction, const double *square, double *to) {
    for (size_t p = 0; p < a->n; p++) {
        double step = length / sqrt(square[p]);
        for (size_t i = 0; i < a->dim; i++) to[i * a->n + p] = a->x[i * a->n + p] + step * direction[i * a->n + p];
    }
}

static void find_rise(const place *a) {
    double *rise = row(a, KR_LOOK_RISE), *direction = array_of(a, PROBE), *to = array_of(a, PRODUCT);
    double *here = a->energy, *there = a->energy + a->n, count = 2.0 * (double)a->how->directions;
    kr_landscape_energy(a->landscape, a->n, a->x, here);
    for (size_t p = 0; p < a->n; p++) rise[p] = 0.0;
    for (size_t k = 0; k < a->how->directions && !kr_interrupt_wanted(); k++) {
        kr_probe probe = probe_of(a, (unsigned)(KR_PROBE_DIRECTION + k));
        kr_probe_normals(&probe, a->first, a->dim, a->n, direction);
        for (double sign = -1.0; sign <= 1.0; sign += 2.0) {
            kr_column_squares(a->dim, a->n, direction, there);
            walk(a, sign * a->how->radius, direction, there, to);
            kr_landscape_energy(a->landscape, a->n, to, there);
            for (size_t p = 0; p < a->n; p++) rise[p] += (there[p] - here[p]) / count;
        }
    }
}

/* The variance of the run's noise, mean over the coordinates. */
static kr_status find_noise(const place *a, kr_error *error) {
    double *variance = array_of(a, PROBE), *mean = row(a, KR_LOOK_NOISE);
    kr_status status = kr_noise_variance(a->view->noise, a->landscape, a->n, a->x, variance, error);
    for (size_t p = 0; status == KR_OK && p < a->n; p++) {
        mean[p] = 0.0;
        for (size_t i = 0; i < a->dim; i++) mean[p] += variance[i * a->n + p] / (double)a->dim;
    }
    return status;
}

/* side[dim][n] = x + sign length[n] v. */
static void step_aside(const place *a, double sign, const double *length, const double *v, double *side) {
    for (size_t i = 0; i < a->dim; i++)
        for (size_t p = 0; p < a->n; p++) side[i * a->n + p] = a->x[i * a->n + p] + sign * length[p] * v[i * a->n + p];
}

/* square[n] = mean_m |H_m v|^2 - |mean_m H_m v|^2 by central differences of the gradients of single data, of data of V alone:
 * weight decay is the same for all. v are the unit vectors of the largest curvature. */
static kr_status spread_of_products(const place *a, size_t count, double *square, kr_error *error) {
    const kr_data_sum *data = kr_landscape_data(a->landscape);
    size_t dim = a->dim, n = a->n;
    const double *v = array_of(a, TOP);
    double *ahead = array_of(a, PROBE), *behind = array_of(a, PRODUCT), *mean = array_of(a, START), *length = a->energy + n;
    double *slope = array_of(a, WORK), *other = array_of(a, SECOND_WORK), share = 1.0 / (double)count;
    uint32_t *index = malloc(n * sizeof *index);
    if (!index) return kr_fail(error, KR_NO_MEMORY, "not enough memory to look at %zu particles", n);
    for (size_t p = 0; p < n; p++) length[p] = kr_difference_step(dim, n, p, a->x, v);
    step_aside(a, 1.0, length, v, ahead);
    step_aside(a, -1.0, length, v, behind);
    memset(mean, 0, dim * n * sizeof *mean);
    memset(square, 0, n * sizeof *square);
    for (size_t m = 0; m < count && !kr_interrupt_wanted(); m++) {
        for (size_t p = 0; p < n; p++) index[p] = (uint32_t)m;
        data->gradient(a->landscape, n, 1, index, NULL, ahead, slope);
        data->gradient(a->landscape, n, 1, index, NULL, behind, other);
        for (size_t i = 0; i < dim; i++)
            for (size_t p = 0; p < n; p++) {
                double product = (slope[i * n + p] - other[i * n + p]) / (2.0 * length[p]);
                mean[i * n + p] += share * product;
                square[p] += share * product * product;
            }
    }
    kr_column_squares(dim, n, mean, slope);
    for (size_t p = 0; p < n; p++) square[p] -= slope[p];
    free(index);
    return KR_OK;
}

static kr_status find_growth(const place *a, kr_error *error) {
    const kr_data_sum *data = kr_landscape_data(a->landscape);
    double *largest = row(a, KR_LOOK_LARGEST), *uneven = row(a, KR_LOOK_NONUNIFORMITY), *growth = row(a, KR_LOOK_GROWTH);
    double *square = a->energy, eta = a->view->learning_rate;
    for (size_t p = 0; p < a->n; p++) uneven[p] = growth[p] = NAN;
    if (!data || !a->how->minibatch || !a->view->dynamics->type->thermal_variance) return KR_OK;
    size_t count = data->data(a->landscape, KR_DATA_TRAIN).count;
    double share = kr_noise_batch_share(a->how->minibatch, count);
    kr_status status = spread_of_products(a, count, square, error);
    for (size_t p = 0; status == KR_OK && p < a->n; p++) {
        double along = 1.0 - eta * largest[p];
        uneven[p] = square[p] < 0.0 ? 0.0 : sqrt(square[p]);
        growth[p] = along * along + eta * eta * share * square[p];
    }
    return status;
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
    if (status == KR_OK) status = find_noise(&a, error);
    if (status == KR_OK) status = find_growth(&a, error);
    if (status == KR_OK) status = kr_interrupt_check(error);
    free(a.array);
    return status;
}
