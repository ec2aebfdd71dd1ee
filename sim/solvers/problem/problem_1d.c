#include <kramers/theory.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The edges of a ball in one dimension, where |x - center| <= radius just holds. */
static kr_interval target_interval(const kr_target *target) {
    return (kr_interval){target->center[0] - target->radius, target->center[0] + target->radius};
}

static void add_interior_target(kr_problem_1d *line, kr_interval target) {
    size_t i = 0;
    while (i < line->interior_target_count) {
        if (line->interior_target[i].high < target.low || line->interior_target[i].low > target.high) {
            i++;
            continue;
        }
        target.low = fmin(target.low, line->interior_target[i].low);
        target.high = fmax(target.high, line->interior_target[i].high);
        line->interior_target[i] = line->interior_target[--line->interior_target_count];
        i = 0;
    }
    for (i = line->interior_target_count++; i > 0 && line->interior_target[i - 1].low > target.low; i--)
        line->interior_target[i] = line->interior_target[i - 1];
    line->interior_target[i] = target;
}

/* Balls that touch the outer targets belong to them. */
static void merge_outer(kr_problem_1d *line) {
    while (line->interior_target_count && line->interior_target[0].low <= line->low) {
        line->low = fmax(line->low, line->interior_target[0].high);
        memmove(line->interior_target, line->interior_target + 1, --line->interior_target_count * sizeof line->interior_target[0]);
    }
    while (line->interior_target_count && line->interior_target[line->interior_target_count - 1].high >= line->high)
        line->high = fmin(line->high, line->interior_target[--line->interior_target_count].low);
}

/* Whether the coordinates are independent of each other. */
static bool independent(const kr_problem *problem, kr_prediction *out) {
    size_t dim = problem->landscape->dim;
    if (!problem->landscape->type->separable && dim > 1) {
        kr_theory_refuse(out, "The problem has %zu coupled coordinates; this theory is one-dimensional.", dim);
        return false;
    }
    bool follows_loss = false;
    for (size_t i = 0; i < kr_noise_part_count(problem->noise); i++) {
        kr_noise part = kr_noise_part_of(problem->noise, i);
        follows_loss = follows_loss || kr_noise_needs(&part, true) == KR_NOISE_INPUT_ENERGY;
    }
    if (dim > 1 && follows_loss) {
        kr_theory_refuse(out, "Gradient noise that follows the loss couples the %zu coordinates; this theory is one-dimensional.",
                         dim);
        return false;
    }
    return true;
}

/* Whether all targets lie on the line's coordinate. */
static bool one_coordinate(const kr_problem *problem, const kr_problem_1d *line, kr_prediction *out) {
    size_t dim = problem->landscape->dim;
    for (size_t t = 0; t < problem->target_count; t++) {
        const kr_target *target = &problem->targets[t];
        if (target->radius > 0.0 && dim > 1) {
            kr_theory_refuse(out, "A ball around a minimum in %zu dimensions is no one-dimensional target.", dim);
            return false;
        }
        if (!(target->radius > 0.0) && target->coordinate != line->coordinate) {
            kr_theory_refuse(out, "The targets lie on different coordinates (%zu and %zu); this theory is one-dimensional.",
                             line->coordinate, target->coordinate);
            return false;
        }
    }
    return true;
}

static bool place_targets(const kr_problem *problem, kr_problem_1d *line, kr_prediction *out) {
    line->low = -INFINITY;
    line->high = INFINITY;
    line->start = problem->start[line->coordinate];
    for (size_t t = 0; t < problem->target_count; t++) {
        const kr_target *target = &problem->targets[t];
        if (kr_target_reached(target, problem->landscape->dim, problem->start)) {
            kr_theory_refuse(out, "The start, %g, lies in a target already.", line->start);
            return false;
        }
        if (target->radius > 0.0) {
            if (line->interior_target_count == KR_MAX_INTERIOR_TARGETS) {
                kr_theory_refuse(out, "There are more than %d targets of the kind 'minimum'.", KR_MAX_INTERIOR_TARGETS);
                return false;
            }
            add_interior_target(line, target_interval(target));
            continue;
        }
        line->low = fmax(line->low, target->below);
        line->high = fmin(line->high, target->above);
    }
    merge_outer(line);
    return true;
}

static bool place_at(const kr_problem *problem, double learning_rate, kr_problem_1d *line, kr_prediction *out) {
    *line = (kr_problem_1d){.problem = problem, .learning_rate = learning_rate};
    if (problem->target_count == 0) {
        kr_theory_refuse(out, "No target is given, so there is no escape to predict.");
        return false;
    }
    if (!(learning_rate > 0.0)) {
        kr_theory_refuse(out, "The learning rate is not constant.");
        return false;
    }
    line->coordinate = problem->targets[0].radius > 0.0 ? 0 : problem->targets[0].coordinate;
    return independent(problem, out) && one_coordinate(problem, line, out) && place_targets(problem, line, out);
}

bool kr_problem_1d_along(const kr_problem *problem, size_t coordinate, double learning_rate, kr_problem_1d *line,
                         kr_prediction *out) {
    const kr_dynamics *dynamics = problem->dynamics;
    *line = (kr_problem_1d){.problem = problem, .learning_rate = learning_rate, .coordinate = coordinate, .thermal_variance = NAN};
    if (coordinate >= problem->landscape->dim) {
        kr_theory_refuse(out, "There is no coordinate %zu in %zu dimensions.", coordinate, problem->landscape->dim);
        return false;
    }
    if (dynamics->type->thermal_variance) line->thermal_variance = dynamics->type->thermal_variance(dynamics, learning_rate);
    return independent(problem, out) && one_coordinate(problem, line, out) && place_targets(problem, line, out);
}

/* Whether the noise has none of these traits, which a chain of Gaussian steps does not know. */
static bool gaussian(const kr_problem *problem, unsigned traits, kr_prediction *out) {
    char why[160];
    if (!kr_noise_objects(problem->noise, true, traits, why, sizeof why)) return true;
    kr_theory_refuse(out, "T%s; this theory is about Gaussian steps, independent and always alike.", why + 1);
    return false;
}

bool kr_problem_1d_place(const kr_problem *problem, kr_problem_1d *line, kr_prediction *out) {
    return place_at(problem, kr_schedule_constant(problem->schedule), line, out);
}

bool kr_problem_1d_make_at(const kr_problem *problem, double learning_rate, kr_problem_1d *line, kr_prediction *out) {
    if (!place_at(problem, learning_rate, line, out)) return false;
    const kr_dynamics *dynamics = problem->dynamics;
    if (!dynamics->type->thermal_variance) {
        kr_theory_refuse(out, "The dynamics '%s' is not gradient descent with noise, which this theory is about.",
                         dynamics->type->about.name);
        return false;
    }
    line->thermal_variance = dynamics->type->thermal_variance(dynamics, line->learning_rate);
    return gaussian(problem, KR_NOISE_NO_VARIANCE | KR_NOISE_NOT_GAUSSIAN | KR_NOISE_REMEMBERS, out);
}

bool kr_problem_is_chain(const kr_problem *problem, kr_prediction *out) {
    const kr_dynamics_type *type = problem->dynamics->type;
    if (!type->correlated) return true;
    kr_theory_refuse(out, "The noise of '%s' is correlated from step to step, so that its positions are no Markov chain.",
                     type->about.name);
    return false;
}

bool kr_problem_1d_make(const kr_problem *problem, kr_problem_1d *line, kr_prediction *out) {
    return kr_problem_1d_make_at(problem, kr_schedule_constant(problem->schedule), line, out) &&
           gaussian(problem, KR_NOISE_CHANGES, out);
}

kr_interval kr_problem_1d_exits(const kr_problem_1d *line) {
    kr_interval exits = {line->low, line->high};
    for (size_t i = 0; i < line->interior_target_count; i++) {
        if (line->interior_target[i].high < line->start) exits.low = line->interior_target[i].high;
        if (line->interior_target[i].low > line->start) exits.high = fmin(exits.high, line->interior_target[i].low);
    }
    return exits;
}

typedef void kr_batch(const kr_landscape *landscape, size_t n, const double *x, double *out);

enum { CHUNK = 64 };

/* In a sum of functions of one coordinate each, the coordinates after this one add a constant and cost time: leave them out. */
static kr_landscape reduced(const kr_problem_1d *line) {
    kr_landscape landscape = *line->problem->landscape;
    landscape.dim = line->coordinate + 1;
    return landscape;
}

/* A few points at a time with the other coordinates at the start. */
static void place_points(const kr_problem_1d *line, size_t n, const double *x, double *points) {
    for (size_t i = 0; i <= line->coordinate; i++)
        for (size_t p = 0; p < n; p++) points[i * n + p] = i == line->coordinate ? x[p] : line->problem->start[i];
}

static void fill_nan(size_t n, double *values) {
    for (size_t p = 0; values && p < n; p++) values[p] = NAN;
}

/* Batches of the whole landscape whose results are [1][n] (rows = false) or [dim][n]. */
static void evaluate(const kr_problem_1d *line, kr_batch *batch, bool rows, size_t n, const double *x, double *points,
                     double *results, double *out) {
    kr_landscape landscape = reduced(line);
    for (size_t done = 0; done < n; done += CHUNK) {
        size_t count = n - done < CHUNK ? n - done : CHUNK;
        place_points(line, count, x + done, points);
        batch(&landscape, count, points, results);
        memcpy(out + done, results + (rows ? line->coordinate * count : 0), count * sizeof(double));
    }
}

void kr_problem_1d_evaluate(const kr_problem_1d *line, size_t n, const double *x, double *energy, double *slope,
                            double *curvature) {
    size_t dim = line->coordinate + 1, chunk = n < CHUNK ? n : CHUNK;
    double *points = malloc(2 * dim * chunk * sizeof(double) + 1);
    if (!points) {
        fill_nan(n, energy);
        fill_nan(n, slope);
        fill_nan(n, curvature);
        return;
    }
    double *results = points + dim * chunk;
    if (energy) evaluate(line, kr_landscape_energy, false, n, x, points, results, energy);
    if (slope) evaluate(line, kr_landscape_gradient, true, n, x, points, results, slope);
    if (curvature) evaluate(line, kr_landscape_curvature, true, n, x, points, results, curvature);
    free(points);
}

void kr_problem_1d_noise_variance(const kr_problem_1d *line, size_t n, const double *x, double *variance) {
    kr_landscape landscape = reduced(line);
    size_t dim = landscape.dim, chunk = n < CHUNK ? n : CHUNK;
    for (size_t p = 0; p < n; p++) variance[p] = 0.0;
    if (line->problem->noise->type->is_zero) return;
    double *points = malloc(2 * dim * chunk * sizeof(double) + 1), *results = points + dim * chunk;
    bool good = points != NULL;
    for (size_t done = 0; good && done < n; done += CHUNK) {
        size_t count = n - done < CHUNK ? n - done : CHUNK;
        place_points(line, count, x + done, points);
        good = kr_noise_variance(line->problem->noise, &landscape, count, points, results, NULL) == KR_OK;
        memcpy(variance + done, results + line->coordinate * count, count * sizeof(double));
    }
    if (!good) fill_nan(n, variance);
    free(points);
}

void kr_problem_1d_variance(const kr_problem_1d *line, size_t n, const double *x, double *variance) {
    double factor = line->learning_rate * line->learning_rate;
    kr_problem_1d_noise_variance(line, n, x, variance);
    for (size_t p = 0; p < n; p++) variance[p] = line->thermal_variance + factor * variance[p];
}

double kr_problem_1d_temperature(const kr_problem_1d *line) {
    if (kr_noise_traits(line->problem->noise, true) & ~(unsigned)(KR_NOISE_DIRECTED | KR_NOISE_CHANGES)) return NAN;
    double variance;
    kr_problem_1d_variance(line, 1, &line->start, &variance);
    return variance / (2.0 * line->learning_rate);
}
