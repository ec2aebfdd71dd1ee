#include <kramers/basin.h>
#include <kramers/boltzmann_sample.h>
#include <kramers/critical_points.h>
#include <kramers/interrupt.h>
#include <kramers/vector_math.h>

#include "numerics/gsl_guard.h"
#include "walls.h"

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_rng.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRID = 4096, CHAIN_STEPS = 400, CHAINS = 256 };
static const double negligible = 40.0; /* weights below e^-40 of that at the minimum are left out */

/* One coordinate through the minimum: distribution function on a grid over its basin. */
typedef struct axis {
    double low, high;
    double cumulative[GRID + 1];
} axis;

static double energy_along(const kr_landscape *landscape, const double *minimum, size_t coordinate, double x, double *point) {
    double energy;
    memcpy(point, minimum, landscape->dim * sizeof *point);
    point[coordinate] = x;
    kr_landscape_energy(landscape, 1, point, &energy);
    return energy;
}

/* From the minimum outwards to the next maximum, or to where the weight is negligible. */
static double find_end(const kr_landscape *landscape, const double *minimum, size_t coordinate, double temperature, double end,
                       double *point) {
    double start = minimum[coordinate], bottom = energy_along(landscape, minimum, coordinate, start, point);
    double sign = end > start ? 1.0 : -1.0, reach = 1e-3;
    while (sign * (start + sign * reach) < sign * end &&
           energy_along(landscape, minimum, coordinate, start + sign * reach, point) < bottom + negligible * temperature &&
           reach < 1e9)
        reach *= 1.1;
    return sign * (start + sign * reach) < sign * end ? start + sign * reach : end;
}

static kr_status find_range(const kr_landscape *landscape, const double *minimum, size_t coordinate, double temperature,
                            double *point, kr_interval *range, kr_error *error) {
    kr_critical_points points;
    kr_status status = kr_critical_points_find(landscape, coordinate, &points, error);
    if (status != KR_OK) return status;
    double low = -INFINITY, high = INFINITY, period = landscape->type->period;
    for (size_t i = 0; i < points.count; i++)
        for (int image = -2; image <= 2 && points.point[i].index == 1; image++) {
            double top =
                points.point[i].position[0] + (period > 0 ? image * period + period * floor(minimum[coordinate] / period) : 0);
            if (top < minimum[coordinate] && top > low) low = top;
            if (top > minimum[coordinate] && top < high) high = top;
        }
    kr_critical_points_destroy(&points);
    range->low = find_end(landscape, minimum, coordinate, temperature, low, point);
    range->high = find_end(landscape, minimum, coordinate, temperature, high, point);
    return KR_OK;
}

static kr_status make_axis(const kr_landscape *landscape, const double *minimum, size_t coordinate, double temperature,
                           double *point, axis *a, kr_error *error) {
    kr_interval range;
    kr_status status = find_range(landscape, minimum, coordinate, temperature, point, &range, error);
    if (status != KR_OK) return status;
    a->low = range.low;
    a->high = range.high;
    double bottom = energy_along(landscape, minimum, coordinate, minimum[coordinate], point), before = 0.0;
    for (size_t i = 0; i <= GRID; i++) {
        double x = a->low + (a->high - a->low) * (double)i / GRID;
        double weight = kr_exp((bottom - energy_along(landscape, minimum, coordinate, x, point)) / temperature);
        a->cumulative[i] = i ? a->cumulative[i - 1] + 0.5 * (before + weight) : 0.0;
        before = weight;
    }
    for (size_t i = 0; i <= GRID; i++) a->cumulative[i] /= a->cumulative[GRID];
    return KR_OK;
}

static double draw(const axis *a, double uniform) {
    size_t low = 0, high = GRID;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (a->cumulative[middle] <= uniform)
            low = middle;
        else
            high = middle;
    }
    double width = a->cumulative[high] - a->cumulative[low];
    double part = width > 0 ? (uniform - a->cumulative[low]) / width : 0.5;
    return a->low + (a->high - a->low) * ((double)low + part) / GRID;
}

static kr_status sample_separable(const kr_landscape *landscape, const double *minimum, double temperature, gsl_rng *random,
                                  size_t count, double *points, kr_error *error) {
    size_t dim = landscape->dim;
    axis *a = malloc(sizeof *a);
    double *point = malloc(dim * sizeof *point);
    kr_status status = a && point ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory to draw starts");
    for (size_t i = 0; status == KR_OK && i < dim; i++) {
        kr_interrupt_progress("starts of the Boltzmann distribution", (double)i / (double)dim);
        status = kr_interrupt_check(error);
        if (status == KR_OK) status = make_axis(landscape, minimum, i, temperature, point, a, error);
        for (size_t p = 0; status == KR_OK && p < count; p++) points[p * dim + i] = draw(a, gsl_rng_uniform(random));
    }
    free(a);
    free(point);
    return status;
}

/* step[dim][dim]: lower triangle; step step^T = (2.38^2 / dim) T H^-1 (Roberts, Gelman, Gilks 1997). */
static kr_status proposal_shape(const kr_landscape *landscape, const double *minimum, double temperature, gsl_matrix *step,
                                kr_error *error) {
    size_t dim = landscape->dim;
    kr_landscape_hessian(landscape, 1, minimum, step->data);
    int failed = gsl_linalg_cholesky_decomp1(step) || gsl_linalg_cholesky_invert(step) || gsl_linalg_cholesky_decomp1(step);
    if (failed)
        return kr_fail(error, KR_NUMERICAL,
                       "the Hessian at the minimum is not positive definite: no Boltzmann start there; start at a point, or at "
                       "another minimum");
    gsl_matrix_scale(step, 2.38 * sqrt(temperature / (double)dim));
    return KR_OK;
}

/* Box and Muller's method rather than one of GSL's, which call libm: the bits of starts must not depend on it. */
static void draw_normals(gsl_rng *random, size_t count, double *normal) {
    for (size_t i = 0; i < count; i += 2) {
        double radius = sqrt(-2 * kr_log(gsl_rng_uniform_pos(random))), sine, cosine;
        kr_sincos_turns(gsl_rng_uniform(random), &sine, &cosine);
        normal[i] = radius * cosine;
        if (i + 1 < count) normal[i + 1] = radius * sine;
    }
}

/* CHAINS chains at a time, each from the minimum; their last points are kept. */
static void run_chains(const kr_landscape *landscape, const double *minimum, double temperature, const gsl_matrix *step,
                       gsl_rng *random, double *work, double *last) {
    size_t dim = landscape->dim;
    double *at = work, *trial = at + dim * CHAINS, *energy = trial + dim * CHAINS, *trial_energy = energy + CHAINS;
    double *normal = trial_energy + CHAINS;
    for (size_t i = 0; i < dim; i++)
        for (size_t c = 0; c < CHAINS; c++) at[i * CHAINS + c] = minimum[i];
    kr_landscape_energy(landscape, CHAINS, at, energy);
    for (int k = 0; k < CHAIN_STEPS && !kr_interrupt_wanted(); k++) {
        for (size_t c = 0; c < CHAINS; c++) {
            draw_normals(random, dim, normal);
            for (size_t i = 0; i < dim; i++) {
                double move = 0;
                for (size_t j = 0; j <= i; j++) move += gsl_matrix_get(step, i, j) * normal[j];
                trial[i * CHAINS + c] = at[i * CHAINS + c] + move;
            }
        }
        kr_landscape_energy(landscape, CHAINS, trial, trial_energy);
        for (size_t c = 0; c < CHAINS; c++) {
            double uniform = gsl_rng_uniform_pos(random);
            if (!(kr_log(uniform) < (energy[c] - trial_energy[c]) / temperature)) continue;
            energy[c] = trial_energy[c];
            for (size_t i = 0; i < dim; i++) at[i * CHAINS + c] = trial[i * CHAINS + c];
        }
    }
    memcpy(last, at, dim * CHAINS * sizeof *last);
}

static kr_status sample_by_chains(const kr_landscape *landscape, int64_t number, const double *minimum, double temperature,
                                  gsl_rng *random, size_t count, double *points, kr_error *error) {
    size_t dim = landscape->dim, kept = 0;
    kr_basins *basins = NULL;
    gsl_matrix *step = gsl_matrix_alloc(dim, dim);
    double *work = malloc((3 * dim + 2 + dim) * CHAINS * sizeof *work);
    kr_status status = step && work ? proposal_shape(landscape, minimum, temperature, step, error)
                                    : kr_fail(error, KR_NO_MEMORY, "not enough memory to draw starts");
    if (status == KR_OK) status = kr_basins_create(&basins, landscape, error);
    double *last = work ? work + (2 * dim + 2 + dim) * CHAINS : NULL;
    for (int round = 0; status == KR_OK && kept < count; round++) {
        int32_t basin[CHAINS];
        run_chains(landscape, minimum, temperature, step, random, work, last);
        kr_interrupt_progress("starts of the Boltzmann distribution", (double)kept / (double)count);
        if ((status = kr_interrupt_check(error)) != KR_OK) break;
        if (basins) status = kr_basins_assign(basins, CHAINS, CHAINS, last, basin, error);
        for (size_t c = 0; c < CHAINS && kept < count; c++) {
            if (basins && basin[c] != number) continue;
            for (size_t i = 0; i < dim; i++) points[kept * dim + i] = last[i * CHAINS + c];
            kept++;
        }
        if ((size_t)round > 100 * (count / CHAINS + 1))
            status = kr_fail(error, KR_NUMERICAL,
                             "hardly a point of the Boltzmann distribution at temperature %g lies in the basin of minimum %lld; "
                             "lower the temperature, or start in the minimum",
                             temperature, (long long)number);
    }
    kr_basins_destroy(basins);
    if (step) gsl_matrix_free(step);
    free(work);
    return status;
}

/* Between walls: x0 from e^{-V/T} integrated over the others, e^{-f/T} k^{-(d-1)/2}, and these from their normal distributions. The
 * range of x0 is that of the whole landscape, since the basin's rim is not at one x0. */
static kr_status make_floor(const kr_landscape *landscape, double minimum, double temperature, axis *a, kr_error *error) {
    double weight[GRID + 1], others = (double)(landscape->dim - 1), reach = 1e-3, most = -INFINITY, before = 0;
    a->low = a->high = minimum;
    for (int round = 0;; round++) { /* out to where nothing is left */
        most = -INFINITY;
        for (size_t i = 0; i <= GRID; i++) {
            kr_walls walls;
            kr_walls_at(landscape, a->low + (a->high - a->low) * (double)i / GRID, &walls);
            weight[i] = -walls.floor[0] / temperature - 0.5 * others * walls.log_stiffness[0];
            most = fmax(most, weight[i]);
        }
        bool left = weight[0] > most - negligible, right = weight[GRID] > most - negligible;
        if (round > 0 && !left && !right) break;
        if (reach > 1e9)
            return kr_fail(
                error, KR_NUMERICAL,
                "the Boltzmann distribution at temperature %g has no end along coordinate 0; start at a minimum or a point",
                temperature);
        if (left) a->low -= reach;
        if (right) a->high += reach;
        reach *= 1.1;
    }
    for (size_t i = 0; i <= GRID; i++) {
        double now = kr_exp(weight[i] - most);
        a->cumulative[i] = i ? a->cumulative[i - 1] + 0.5 * (before + now) : 0;
        before = now;
    }
    for (size_t i = 0; i <= GRID; i++) a->cumulative[i] /= a->cumulative[GRID];
    return KR_OK;
}

static kr_status sample_between_walls(const kr_landscape *landscape, int64_t number, const double *minimum, double temperature,
                                      gsl_rng *random, size_t count, double *points, kr_error *error) {
    size_t dim = landscape->dim, kept = 0;
    kr_basins *basins = NULL;
    axis *a = malloc(sizeof *a);
    kr_status status = a ? make_floor(landscape, minimum[0], temperature, a, error)
                         : kr_fail(error, KR_NO_MEMORY, "not enough memory to draw starts");
    if (status == KR_OK) status = kr_basins_create(&basins, landscape, error);
    for (size_t tried = 0; status == KR_OK && kept < count; tried++) {
        if (tried % CHAINS == 0 && (status = kr_interrupt_check(error)) != KR_OK) break;
        if (tried % CHAINS == 0) kr_interrupt_progress("starts of the Boltzmann distribution", (double)kept / (double)count);
        double *point = points + kept * dim;
        int32_t basin = (int32_t)number;
        kr_walls walls;
        point[0] = draw(a, gsl_rng_uniform(random));
        kr_walls_at(landscape, point[0], &walls);
        double width = sqrt(temperature * kr_exp(-walls.log_stiffness[0]));
        draw_normals(random, dim - 1, point + 1);
        for (size_t i = 1; i < dim; i++) point[i] = fma(width, point[i], walls.place[0]);
        if (basins) status = kr_basins_assign(basins, 1, 1, point, &basin, error);
        kept += basin == number;
        if (status == KR_OK && tried > 1000 + 10000 * kept)
            status = kr_fail(error, KR_NUMERICAL,
                             "hardly a point of the Boltzmann distribution at temperature %g lies in the basin of minimum %lld; "
                             "lower the temperature, or start in the minimum",
                             temperature, (long long)number);
    }
    kr_basins_destroy(basins);
    free(a);
    return status;
}

kr_status kr_boltzmann_sample(const kr_landscape *landscape, int64_t minimum, double temperature, uint64_t seed, size_t count,
                              double *points, kr_error *error) {
    if (!(temperature > 0))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "a Boltzmann start needs a temperature above 0; this dynamics has %g at its first learning rate",
                       temperature);
    double *position = malloc(landscape->dim * sizeof *position);
    kr_gsl_enter();
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    if (random) gsl_rng_set(random, (unsigned long)(seed ^ seed >> 32) + 1);
    kr_status status = position && random ? kr_minimum_position(landscape, minimum, position, error)
                                          : kr_fail(error, KR_NO_MEMORY, "not enough memory to draw starts");
    if (status == KR_OK)
        status = landscape->type->separable ? sample_separable(landscape, position, temperature, random, count, points, error)
                 : kr_has_walls(landscape)
                     ? sample_between_walls(landscape, minimum, position, temperature, random, count, points, error)
                     : sample_by_chains(landscape, minimum, position, temperature, random, count, points, error);
    if (random) gsl_rng_free(random);
    kr_gsl_leave();
    free(position);
    return status;
}

kr_status kr_boltzmann_range(const kr_landscape *landscape, int64_t minimum, double temperature, size_t coordinate,
                             kr_interval *range, kr_error *error) {
    double *position = malloc(2 * landscape->dim * sizeof *position);
    if (!position) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a basin");
    kr_status status = kr_minimum_position(landscape, minimum, position, error);
    if (status == KR_OK) status = find_range(landscape, position, coordinate, temperature, position + landscape->dim, range, error);
    free(position);
    return status;
}
