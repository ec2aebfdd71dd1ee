#include <kramers/basin.h>
#include <kramers/critical_points.h>
#include <kramers/scalar_math.h>

#include "coupled_minima.h"
#include "walls.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Separable landscapes: a basin is a product of intervals between maxima, so numbers come from counting the maxima below each
 * coordinate. Others: descent; between straight walls in the plane of x0 and the distance from it, whatever the dimension. */
struct kr_basins {
    const kr_landscape *landscape, *all; /* where descents go, and where points are */
    kr_landscape plane;
    size_t count, dim;
    kr_critical_points *axes; /* [dim], separable only */
    double *minimum;          /* [count][dim] */
    double *capture;          /* [count] squared distance at which a descent has arrived */
    double *metric;           /* [count][dim][dim] Hessians of the minima; NULL: not in these dimensions */
    double *trapped;          /* [count] (x - m) H (x - m) below which steepest descent ends in m; 0: nothing is known */
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
    kr_coupled_minima minima;
    kr_status status = kr_coupled_minima_find(b->landscape, &minima, error);
    if (status != KR_OK) return status;
    b->minimum = minima.position;
    b->capture = calloc(b->count, sizeof *b->capture);
    if (!b->capture) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu minima", b->count);
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

/* Along steepest descent q = (x - m) H (x - m) falls at the rate 2 g H (x - m), H the Hessian of the minimum m. Where that is
 * positive all over q < Q, descent from there ends in m. Of a quadratic it is positive everywhere; elsewhere Q follows from a look
 * along rays, the first change of sign less a tenth. Only in two dimensions, where rays are dense. */
enum { RAYS = 256, STOPS = 128, PLANE = 2 };
static const double two_pi = 6.28318530717958647692, farthest = 3.0,
                    taken = 0.9; /* looked at: so many distances to the nearest other minimum */

static double first_turn(const kr_basins *b, const double *minimum, const double *hessian, const double *direction, double reach) {
    double x[PLANE * STOPS], slope[PLANE * STOPS];
    for (size_t k = 0; k < STOPS; k++)
        for (size_t i = 0; i < PLANE; i++) x[i * STOPS + k] = minimum[i] + reach * (double)(k + 1) / STOPS * direction[i];
    kr_landscape_gradient(b->landscape, STOPS, x, slope);
    double along[PLANE] = {hessian[0] * direction[0] + hessian[1] * direction[1],
                           hessian[2] * direction[0] + hessian[3] * direction[1]};
    size_t k = 0;
    while (k < STOPS && slope[k] * along[0] + slope[STOPS + k] * along[1] > 0) k++; /* false for NaN */
    return reach * (double)k / STOPS;
}

static kr_status find_traps(kr_basins *b, kr_error *error) {
    if (b->dim != PLANE || b->count < 2) return KR_OK;
    b->metric = calloc(b->count * PLANE * PLANE, sizeof *b->metric);
    b->trapped = calloc(b->count, sizeof *b->trapped);
    if (!b->metric || !b->trapped) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu minima", b->count);
    for (size_t m = 0; m < b->count; m++) {
        const double *minimum = b->minimum + m * PLANE;
        double *hessian = b->metric + m * PLANE * PLANE, reach = farthest * 10 * sqrt(b->capture[m]), least = INFINITY;
        kr_landscape_hessian(b->landscape, 1, minimum, hessian);
        for (size_t ray = 0; ray < RAYS; ray++) {
            double angle = two_pi * (double)ray / RAYS, direction[PLANE] = {kr_cos(angle), kr_cos(angle - 0.25 * two_pi)};
            double turn = taken * first_turn(b, minimum, hessian, direction, reach);
            double stretch = hessian[0] * direction[0] * direction[0] + 2 * hessian[1] * direction[0] * direction[1] +
                             hessian[3] * direction[1] * direction[1];
            least = fmin(least, turn * turn * stretch);
        }
        b->trapped[m] = least > 0 ? least : 0;
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
    *b = (kr_basins){.landscape = landscape, .all = landscape, .count = (size_t)count, .dim = landscape->dim};
    if (kr_has_walls(landscape) && landscape->dim > PLANE && !kr_walls_bend(landscape)) {
        b->plane = kr_walls_plane(landscape);
        b->landscape = &b->plane;
        b->dim = PLANE;
    }
    landscape = b->landscape;
    kr_status status = landscape->type->separable ? find_axes(b, error) : find_minima(b, error);
    if (status == KR_OK && !landscape->type->separable) status = find_traps(b, error);
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
    free(b->metric);
    free(b->trapped);
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

static bool is_trapped(const kr_basins *b, size_t m, const double *x, size_t stride) {
    const double *h = b->metric + m * PLANE * PLANE, *minimum = b->minimum + m * PLANE;
    double u = x[0] - minimum[0], v = x[stride] - minimum[1];
    return h[0] * u * u + 2 * h[1] * u * v + h[3] * v * v < b->trapped[m];
}

static int32_t captured_by(const kr_basins *b, const double *x, size_t stride) {
    for (size_t m = 0; m < b->count; m++) {
        if (b->metric && is_trapped(b, m, x, stride)) return (int32_t)m;
        double square = 0;
        for (size_t i = 0; i < b->dim; i++) {
            double d = x[i * stride] - b->minimum[m * b->dim + i];
            square += d * d;
        }
        if (square < b->capture[m]) return (int32_t)m;
    }
    return -1;
}

/* Points on their way down, side by side; each has a step size of its own. */
typedef struct descent {
    size_t width, dim;
    double *at, *slope, *trial; /* [dim][width] */
    double *energy, *trial_energy, *rate;
    size_t *point; /* which one it is */
    double *storage;
} descent;

static bool descent_make(descent *d, size_t dim, size_t most) {
    d->dim = dim;
    d->storage = malloc((3 * dim + 3) * most * sizeof *d->storage);
    d->point = malloc(most * sizeof *d->point);
    if (!d->storage || !d->point) return false;
    d->at = d->storage;
    d->slope = d->at + dim * most;
    d->trial = d->slope + dim * most;
    d->energy = d->trial + dim * most;
    d->trial_energy = d->energy + most;
    d->rate = d->trial_energy + most;
    return true;
}

/* Points from *next on that no minimum has captured yet, up to `most`; the others are assigned at once. */
static void descent_fill(descent *d, const kr_basins *b, size_t n, size_t stride, const double *x, size_t most, size_t *next,
                         int32_t *basin) {
    d->width = 0;
    for (; *next < n && d->width < most; ++*next) {
        bool finite = true;
        for (size_t i = 0; i < d->dim; i++) finite = finite && isfinite(x[i * stride + *next]);
        basin[*next] = finite ? captured_by(b, x + *next, stride) : -1;
        if (!finite || basin[*next] >= 0) continue;
        d->rate[d->width] = 1e-3;
        d->point[d->width++] = *next;
    }
    for (size_t i = 0; i < d->dim; i++)
        for (size_t p = 0; p < d->width; p++) d->at[i * d->width + p] = x[i * stride + d->point[p]];
    if (d->width) kr_landscape_energy(b->landscape, d->width, d->at, d->energy);
}

/* A step is never longer than `longest`, and one that would raise the energy is not taken but halved. */
static void descent_step(descent *d, const kr_basins *b, double longest) {
    size_t width = d->width;
    kr_landscape_gradient(b->landscape, width, d->at, d->slope);
    for (size_t p = 0; p < width; p++) {
        double square = 0;
        for (size_t i = 0; i < d->dim; i++) square += d->slope[i * width + p] * d->slope[i * width + p];
        double step = fmin(d->rate[p], longest / sqrt(square));
        for (size_t i = 0; i < d->dim; i++) d->trial[i * width + p] = d->at[i * width + p] - step * d->slope[i * width + p];
    }
    kr_landscape_energy(b->landscape, width, d->trial, d->trial_energy);
    for (size_t p = 0; p < width; p++) {
        bool lower = d->trial_energy[p] < d->energy[p];
        d->rate[p] *= lower ? 1.3 : 0.5;
        if (!lower) continue;
        d->energy[p] = d->trial_energy[p];
        for (size_t i = 0; i < d->dim; i++) d->at[i * width + p] = d->trial[i * width + p];
    }
}

/* Assigns those that have arrived, and closes the ranks. Each point does what it would do alone, so its neighbours do not matter.
 */
static void descent_drop(descent *d, const kr_basins *b, int32_t *basin) {
    size_t kept = 0, width = d->width, *from = d->point;
    double *row = d->trial; /* free until the next step */
    for (size_t p = 0; p < width; p++) {
        int32_t number = captured_by(b, d->at + p, width);
        basin[d->point[p]] = number;
        if (number >= 0) continue;
        row[kept] = (double)p;
        d->energy[kept] = d->energy[p];
        d->rate[kept] = d->rate[p];
        from[kept++] = d->point[p];
    }
    if (kept == width) return;
    for (size_t i = 0; i < d->dim; i++)
        for (size_t p = 0; p < kept; p++) d->at[i * kept + p] = d->at[i * width + (size_t)row[p]];
    d->width = kept;
}

/* Gradient descent. The flow is followed closely near separatrices because no step raises the energy, and a step is at most a tenth
 * of the least distance between minima. */
static kr_status assign_by_descent(const kr_basins *b, size_t n, size_t stride, const double *x, int32_t *basin, kr_error *error) {
    enum { NUMBERS = 4096, LEAST = 64, MOST_ITERATIONS = 20000 };
    size_t most = NUMBERS / b->dim < LEAST ? LEAST : NUMBERS / b->dim;
    descent d = {0};
    if (!descent_make(&d, b->dim, most < n ? most : n ? n : 1)) {
        free(d.storage);
        free(d.point);
        return kr_fail(error, KR_NO_MEMORY, "not enough memory to find basins in %zu dimensions", b->dim);
    }
    double longest = INFINITY;
    for (size_t m = 0; m < b->count; m++) longest = fmin(longest, sqrt(b->capture[m]));
    for (size_t next = 0; next < n;) {
        descent_fill(&d, b, n, stride, x, most, &next, basin);
        for (size_t iteration = 0; d.width && iteration < MOST_ITERATIONS; iteration++) {
            descent_step(&d, b, longest);
            descent_drop(&d, b, basin);
        }
    }
    free(d.storage);
    free(d.point);
    return KR_OK;
}

kr_status kr_basins_assign(const kr_basins *b, size_t n, size_t stride, const double *x, int32_t *basin, kr_error *error) {
    if (b->axes) {
        assign_separable(b, n, stride, x, basin);
        return KR_OK;
    }
    if (b->all == b->landscape) return assign_by_descent(b, n, stride, x, basin, error);
    double *points = malloc(PLANE * (n ? n : 1) * sizeof *points);
    if (!points) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the basins of %zu particles", n);
    kr_walls_flatten(b->all, n, stride, x, points);
    kr_status status = assign_by_descent(b, n, n, points, basin, error);
    free(points);
    return status;
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
