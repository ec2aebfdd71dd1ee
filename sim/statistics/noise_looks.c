/* With a_m = grad l_m - grad V of M data, C = mean_m a_m a_m'. Traces of products are means over random signs z (Hutchinson 1990),
 * or sums over all unit vectors where these are few:
 *
 *     Tr H = E z.Hz    |H|^2 = E |Hz|^2    Tr C H = E Cz.Hz    |C|^2 = E |Cz|^2.
 *
 * Of m data drawn without replacement, S z = sum (a_i.z) a_i / m has the mean C z, so Tr C H needs no more. |S z|^2 also has the
 * products of each datum with itself, Q = sum_i (a_i.z)^2 |a_i|^2 / m, more often than |C z|^2. The mean over pairs of different
 * data is P = (m^2 |S z|^2 - m Q) / (m (m - 1)), and among M data |C z|^2 = ((M - 1) P + Q) / M in the mean, exactly where m = M.
 *
 * Tail: projections x_i = a_i.z, in random order, as if of a symmetric stable law: sums of K of them are K^(1/alpha) as wide, hence
 * 1/alpha = (mean ln |sums| - mean ln |x|) / ln K (Mohammadi, Mohammadpour, Ogata 2015, with K the root of m; used on networks by
 * Simsekli, Sagun, Guerbuezbalaban 2019, there across components, whose different widths alone make it smaller). 2: as light as
 * normal numbers. */
#include "noise_looks.h"

#include "geometry/hessian_ends.h"
#include "numerics/column_products.h"
#include "probes.h"

#include <kramers/data_sum.h>
#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Arrays [dim][n] beside those of the probes. */
enum { MEAN, OWN, PRODUCT, WORK, SECOND_WORK, ARRAYS };

typedef struct place {
    const kr_noise_look *how;
    const kr_view *view;
    const kr_landscape *landscape;
    const kr_data_sum *data;
    size_t first, n, dim, count, samples, probes; /* count: all data */
    bool whole;                                   /* probes are the unit vectors */
    const double *x;
    double *number;             /* [KR_NOISE_LOOKS][n] */
    double *array;              /* [ARRAYS][dim][n] */
    double *probe, *covariance; /* [probes][dim][n]: z, and sums of (a.z) a */
    double *projection;         /* [samples][probes][n]: a.z */
    double *weighted, *norm;    /* [probes][n]: sums of (a.z)^2 |a|^2; [n] |a|^2 */
    double *uniform;            /* [samples][n] */
    uint32_t *index, *order;    /* [samples][n]; [count] */
} place;

static double *array_of(const place *a, size_t which) {
    return a->array + which * a->dim * a->n;
}

static double *row(const place *a, size_t which) {
    return a->number + which * a->n;
}

/* ---- probes and data ---- */

static void draw_probes(const place *a) {
    size_t size = a->dim * a->n;
    for (size_t k = 0; k < a->probes; k++) {
        kr_probe probe = {.seed = a->how->seed, .step = a->view->step, .number = (unsigned)(KR_PROBE_NOISE + k)};
        if (!a->whole) {
            kr_probe_signs(&probe, a->first, a->dim, a->n, a->probe + k * size);
            continue;
        }
        memset(a->probe + k * size, 0, size * sizeof *a->probe);
        for (size_t p = 0; p < a->n; p++) a->probe[k * size + k * a->n + p] = 1.0;
    }
}

/* Each particle's own, without replacement: the first of a shuffle (Fisher, Yates 1938; Durstenfeld 1964). */
static void draw_data(const place *a) {
    kr_probe probe = {.seed = a->how->seed, .step = a->view->step, .number = KR_PROBE_DATA};
    kr_probe_uniforms(&probe, a->first, a->samples, a->n, a->uniform);
    for (size_t p = 0; p < a->n; p++) {
        for (size_t m = 0; m < a->count; m++) a->order[m] = (uint32_t)m;
        for (size_t i = 0; i < a->samples; i++) {
            size_t other = i + (size_t)(a->uniform[i * a->n + p] * (double)(a->count - i));
            uint32_t drawn = a->order[other];
            a->order[other] = a->order[i];
            a->index[i * a->n + p] = a->order[i] = drawn;
        }
    }
}

/* ---- sums over data ---- */

static void add_multiple(size_t dim, size_t n, const double *restrict factor, const double *restrict x, double *restrict to) {
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < n; p++) to[i * n + p] += factor[p] * x[i * n + p];
}

static void add_datum(const place *a, size_t i) {
    size_t size = a->dim * a->n;
    double *own = array_of(a, OWN), *mean = array_of(a, MEAN);
    a->data->gradient(a->landscape, a->n, 1, a->index + i * a->n, NULL, a->x, own);
    for (size_t k = 0; k < size; k++) own[k] -= mean[k];
    kr_column_squares(a->dim, a->n, own, a->norm);
    for (size_t k = 0; k < a->probes; k++) {
        double *projection = a->projection + (i * a->probes + k) * a->n, *weighted = a->weighted + k * a->n;
        kr_column_products(a->dim, a->n, a->probe + k * size, own, projection);
        add_multiple(a->dim, a->n, projection, own, a->covariance + k * size);
        for (size_t p = 0; p < a->n; p++) weighted[p] += projection[p] * projection[p] * a->norm[p];
    }
}

/* ---- traces ---- */

static kr_status add_probe(const place *a, size_t k, kr_error *error) {
    size_t n = a->n, size = a->dim * n;
    double m = (double)a->samples, all = (double)a->count, weight = a->whole ? 1.0 : 1.0 / (double)a->probes;
    const double *z = a->probe + k * size, *covariance = a->covariance + k * size, *weighted = a->weighted + k * n;
    double *product = array_of(a, PRODUCT), *sum = a->norm;
    kr_status status = kr_hessian_product(a->landscape, n, a->x, z, array_of(a, WORK), product, error);
    if (status != KR_OK) return status;
    kr_column_products(a->dim, n, z, product, sum);
    for (size_t p = 0; p < n; p++) row(a, KR_LOOK_LAPLACIAN)[p] += weight * sum[p];
    kr_column_squares(a->dim, n, product, sum);
    for (size_t p = 0; p < n; p++) row(a, KR_LOOK_SQUARE_H)[p] += weight * sum[p];
    kr_column_products(a->dim, n, covariance, product, sum);
    for (size_t p = 0; p < n; p++) row(a, KR_LOOK_PRODUCT)[p] += weight * sum[p] / m;
    kr_column_squares(a->dim, n, covariance, sum);
    for (size_t p = 0; p < n; p++) {
        double pairs = m > 1.0 ? (sum[p] - weighted[p]) / (m * (m - 1.0)) : all > 1.0 ? NAN : 0.0;
        row(a, KR_LOOK_SQUARE_C)[p] += weight * ((all - 1.0) * pairs + weighted[p] / m) / all;
    }
    return KR_OK;
}

static double projection_of(const place *a, size_t i, size_t k, size_t p) {
    return a->projection[(i * a->probes + k) * a->n + p];
}

/* NAN where a number is zero: its logarithm says nothing. */
static double tail_along(const place *a, size_t k, size_t p) {
    size_t length = (size_t)sqrt((double)a->samples), groups = length > 1 ? a->samples / length : 0;
    double single = 0.0, summed = 0.0;
    for (size_t g = 0; g < groups; g++) {
        double sum = projection_of(a, g * length, k, p);
        single += log(fabs(sum));
        for (size_t i = g * length + 1; i < (g + 1) * length; i++) {
            single += log(fabs(projection_of(a, i, k, p)));
            sum += projection_of(a, i, k, p);
        }
        summed += log(fabs(sum));
    }
    double inverse = (summed / (double)groups - single / (double)(groups * length)) / log((double)length);
    return isfinite(inverse) ? inverse : NAN;
}

static void find_tail(const place *a) {
    for (size_t p = 0; p < a->n; p++) {
        double sum = 0.0, count = 0.0;
        for (size_t k = 0; k < a->probes; k++) {
            double inverse = tail_along(a, k, p);
            if (isfinite(inverse)) sum += inverse, count += 1.0;
        }
        row(a, KR_LOOK_TAIL)[p] = sum / count;
    }
}

/* ---- temperatures ---- */

/* variance[dim][n] of the run's noise in the long run; that of a batch follows from the spread, which is known already. */
static kr_status find_variance(const place *a, const double *spread, double *own, double *variance, kr_error *error) {
    size_t size = a->dim * a->n;
    kr_status status = KR_OK;
    memset(variance, 0, size * sizeof *variance);
    for (size_t i = 0; status == KR_OK && i < kr_noise_part_count(a->view->noise); i++) {
        kr_noise part = kr_noise_part_of(a->view->noise, i);
        const double *from = part.type->sampler ? spread : own;
        double factor = part.type->sampler ? kr_noise_batch_share(&part, a->count) : 1.0;
        if (!part.type->sampler) status = kr_noise_long_variance(&part, a->landscape, a->n, a->x, own, error);
        for (size_t k = 0; status == KR_OK && k < size; k++) variance[k] += factor * from[k];
    }
    return status;
}

static kr_status find_temperature(const place *a, const double *spread, kr_error *error) {
    double *variance = array_of(a, PRODUCT), *mean = row(a, KR_LOOK_VARIANCE), *temperature = row(a, KR_LOOK_TEMPERATURE);
    double dim = (double)a->dim;
    kr_status status = find_variance(a, spread, array_of(a, WORK), variance, error);
    for (size_t p = 0; status == KR_OK && p < a->n; p++)
        for (size_t i = 0; i < a->dim; i++) {
            double v = variance[i * a->n + p];
            mean[p] += v / dim;
            temperature[p] += kr_dynamics_temperature(a->view->dynamics, a->view->learning_rate, v) / dim;
        }
    return status;
}

/* What the spread of the data says, and what their mean does. */
static kr_status find_moments(const place *a, kr_error *error) {
    double *mean = array_of(a, MEAN), *spread = array_of(a, OWN), *total = row(a, KR_LOOK_COVARIANCE);
    a->data->spread(a->landscape, a->n, a->x, spread);
    for (size_t i = 0; i < a->dim; i++)
        for (size_t p = 0; p < a->n; p++) total[p] += spread[i * a->n + p];
    kr_landscape_gradient(a->landscape, a->n, a->x, mean);
    kr_column_squares(a->dim, a->n, mean, row(a, KR_LOOK_SLOPE));
    for (size_t k = 0; k < a->dim * a->n; k++) mean[k] -= a->landscape->weight_decay * a->x[k]; /* of the data alone */
    return find_temperature(a, spread, error);
}

/* ---- a look ---- */

static size_t numbers_for_each(size_t dim, size_t probes, size_t samples) {
    return (ARRAYS + 2 * probes) * dim + samples * (probes + 1) + probes + 1;
}

static size_t probes_of(const kr_landscape *landscape, size_t probes) {
    return landscape->dim <= KR_WHOLE_HESSIAN ? landscape->dim : probes;
}

double kr_noise_look_bytes(const kr_landscape *landscape, size_t probes, size_t data) {
    return 8.0 * (double)numbers_for_each(landscape->dim, probes_of(landscape, probes), data) + 4.0 * (double)data;
}

static kr_status look(place *a, kr_error *error) {
    memset(a->number, 0, KR_NOISE_LOOKS * a->n * sizeof *a->number);
    memset(a->covariance, 0, a->probes * a->dim * a->n * sizeof *a->covariance);
    memset(a->weighted, 0, a->probes * a->n * sizeof *a->weighted);
    kr_status status = find_moments(a, error);
    if (status != KR_OK) return status;
    draw_probes(a);
    draw_data(a);
    for (size_t i = 0; i < a->samples && status == KR_OK; i++) {
        add_datum(a, i);
        status = kr_interrupt_check(error);
    }
    for (size_t k = 0; status == KR_OK && k < a->probes; k++) status = add_probe(a, k, error);
    find_tail(a);
    return status;
}

kr_status kr_look_at_noise(void *context, const kr_view *view, size_t first, size_t n, const double *x, double *number,
                           kr_error *error) {
    const kr_landscape *landscape = view->landscape;
    place a = {.how = context,
               .view = view,
               .landscape = landscape,
               .data = kr_landscape_data(landscape),
               .first = first,
               .n = n,
               .dim = landscape->dim,
               .x = x,
               .number = number};
    a.count = a.data->data(landscape, KR_DATA_TRAIN).count;
    a.samples = a.how->samples && a.how->samples < a.count ? a.how->samples : a.count;
    a.whole = landscape->dim <= KR_WHOLE_HESSIAN;
    a.probes = probes_of(landscape, a.how->probes);
    a.array = malloc(numbers_for_each(a.dim, a.probes, a.samples) * n * sizeof *a.array);
    a.index = malloc((a.samples * n + a.count) * sizeof *a.index);
    kr_status status;
    if (a.array && a.index) {
        a.probe = a.array + ARRAYS * a.dim * n;
        a.covariance = a.probe + a.probes * a.dim * n;
        a.projection = a.covariance + a.probes * a.dim * n;
        a.uniform = a.projection + a.samples * a.probes * n;
        a.weighted = a.uniform + a.samples * n;
        a.norm = a.weighted + a.probes * n;
        a.order = a.index + a.samples * n;
        status = look(&a, error);
    } else {
        status =
            kr_fail(error, KR_NO_MEMORY, "not enough memory to look at the gradients of %zu data at %zu particles", a.samples, n);
    }
    free(a.array);
    free(a.index);
    return status;
}
