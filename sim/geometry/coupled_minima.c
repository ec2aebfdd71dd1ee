/* In few coordinates, the minima among the critical points. In many, the Hessian is met only in products with a vector.
 * Newton's equation H s = -g is solved by conjugate gradients (Dembo, Eisenstat, Steihaug 1982), which notice on the way whether H
 * is positive definite. */
#include "coupled_minima.h"

#include <kramers/critical_points.h>
#include <kramers/interrupt.h>
#include <kramers/memory_miss.h>

#include "critical_lines.h"
#include "walls.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    NEWTON_STEPS = 100,
    HALVINGS = 40,
    CONJUGATE_STEPS = 2000,
    LOOKS = 60,
    LANCZOS_STEPS = 120,
    FEW_STEPS = 30,
    MOST_MINIMA = 4096
};
/* Curvatures below this fraction of the largest that was met are zero: differences of gradients are not better. */
static const double flat = 1e-7;
static const double step_tolerance = 1e-9, residual_tolerance = 1e-8;

typedef struct space {
    const kr_landscape *landscape;
    size_t dim;
    double *gradient, *step, *residual, *direction, *product, *point, *trial; /* [dim]; trial [2][dim] */
} space;

static bool space_create(space *s, const kr_landscape *landscape) {
    size_t dim = landscape->dim;
    *s = (space){.landscape = landscape, .dim = dim, .gradient = malloc(8 * dim * sizeof(double))};
    if (!s->gradient) return false;
    s->step = s->gradient + dim;
    s->residual = s->step + dim;
    s->direction = s->residual + dim;
    s->product = s->direction + dim;
    s->point = s->product + dim;
    s->trial = s->point + dim;
    return true;
}

static double dot(size_t n, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* product = H direction at x. */
static void multiply(space *s, const double *x, const double *direction, double *product) {
    kr_status status = kr_hessian_product(s->landscape, 1, x, direction, s->trial, product, NULL);
    if (status == KR_OK) return;
    if (status != KR_INTERRUPTED) kr_memory_miss();
    product[0] = NAN;
}

typedef enum shape { CONVEX, FLAT, CURVED_DOWN } shape;

/* H step = right by conjugate gradients from 0, in at most this many steps. */
static shape solve(space *s, const double *x, const double *right, size_t most) {
    size_t dim = s->dim;
    double square = dot(dim, right, right), target = residual_tolerance * residual_tolerance * square, steepest = 0;
    memset(s->step, 0, dim * sizeof *s->step);
    memcpy(s->residual, right, dim * sizeof *s->residual);
    memcpy(s->direction, right, dim * sizeof *s->direction);
    for (size_t k = 0; k < most && square > target; k++) {
        multiply(s, x, s->direction, s->product);
        double length = dot(dim, s->direction, s->direction), bend = dot(dim, s->direction, s->product), curvature = bend / length;
        steepest = fmax(steepest, fabs(curvature));
        if (!(curvature > flat * steepest)) return curvature >= -flat * steepest ? FLAT : CURVED_DOWN;
        double t = square / bend, before = square;
        for (size_t i = 0; i < dim; i++) s->step[i] += t * s->direction[i];
        for (size_t i = 0; i < dim; i++) s->residual[i] -= t * s->product[i];
        square = dot(dim, s->residual, s->residual);
        for (size_t i = 0; i < dim; i++) s->direction[i] = s->residual[i] + square / before * s->direction[i];
    }
    return CONVEX;
}

/* A direction with all of them in it. */
static void odd_direction(size_t dim, double *direction) {
    for (size_t i = 0; i < dim; i++) {
        double t = (double)(i + 1) * 0.61803398874989485;
        direction[i] = t - floor(t) - 0.4385;
    }
}

/* From x to the minimum nearby; false: there is none. */
static bool refine(space *s, double *x) {
    size_t dim = s->dim;
    kr_landscape_gradient(s->landscape, 1, x, s->gradient);
    for (int iteration = 0; iteration < NEWTON_STEPS && !kr_interrupt_wanted(); iteration++) {
        double before = sqrt(dot(dim, s->gradient, s->gradient)), moved = 0;
        if (!isfinite(before)) return false;
        if (before == 0) break;
        for (size_t i = 0; i < dim; i++) s->point[i] = -s->gradient[i];
        if (solve(s, x, s->point, CONJUGATE_STEPS) == CURVED_DOWN) return false;
        for (size_t i = 0; i < dim; i++) moved = fmax(moved, fabs(s->step[i]) / fmax(1, fabs(x[i])));
        bool last = moved <= step_tolerance;
        double t = 1;
        for (int halving = 0;; halving++, t *= 0.5) {
            for (size_t i = 0; i < dim; i++) s->point[i] = x[i] + t * s->step[i];
            kr_landscape_gradient(s->landscape, 1, s->point, s->gradient);
            if (last || sqrt(dot(dim, s->gradient, s->gradient)) < before) break;
            if (halving == HALVINGS) return false;
        }
        memcpy(x, s->point, dim * sizeof *x);
        if (last) break;
        if (iteration + 1 == NEWTON_STEPS) return false;
    }
    odd_direction(dim, s->point);
    shape found = solve(s, x, s->point, LOOKS);
    bool continuous = s->landscape->type->unlisted && s->landscape->type->unlisted(s->landscape);
    return found == CONVEX || (found == FLAT && continuous);
}

/* Negative, 0 or positive, as a comes before b; 1e-6 apart counts as equal. */
static int order(size_t dim, const double *a, const double *b) {
    for (size_t i = 0; i < dim; i++)
        if (fabs(a[i] - b[i]) > kr_same_within(a[i])) return a[i] < b[i] ? -1 : 1;
    return 0;
}

static void insert(kr_coupled_minima *minima, const double *x) {
    size_t dim = minima->dim, at = minima->count;
    for (; at > 0; at--) {
        int side = order(dim, minima->position + (at - 1) * dim, x);
        if (side == 0) return;
        if (side < 0) break;
    }
    double *place = minima->position + at * dim;
    memmove(place + dim, place, (minima->count - at) * dim * sizeof *place);
    memcpy(place, x, dim * sizeof *x);
    minima->count++;
}

static kr_status find_large(const kr_landscape *landscape, kr_coupled_minima *minima, kr_error *error) {
    unsigned long misses = kr_memory_misses();
    size_t dim = landscape->dim, count = landscape->type->candidates(landscape, 0, 0, NULL);
    *minima = (kr_coupled_minima){.dim = dim};
    if (count > MOST_MINIMA) count = MOST_MINIMA;
    double *candidate = malloc((count + 1) * dim * sizeof *candidate);
    minima->position = malloc((count + 1) * dim * sizeof *minima->position);
    space s = {0};
    kr_status status = KR_OK;
    if (!candidate || !minima->position || !space_create(&s, landscape))
        status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu candidates in %zu dimensions", count, dim);
    if (status == KR_OK) landscape->type->candidates(landscape, 0, count, candidate);
    if (status == KR_OK && kr_memory_misses() != misses)
        status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu candidates in %zu dimensions", count, dim);
    for (size_t c = 0; status == KR_OK && c < count; c++)
        if (refine(&s, candidate + c * dim)) insert(minima, candidate + c * dim);
    if (status == KR_OK) status = kr_interrupt_check(error);
    if (status == KR_OK && kr_memory_misses() != misses)
        status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory to find minima in %zu dimensions", dim);
    free(s.gradient);
    free(candidate);
    if (status != KR_OK) kr_coupled_minima_destroy(minima);
    return status;
}

static kr_status find_few(const kr_landscape *landscape, kr_coupled_minima *minima, kr_error *error) {
    kr_critical_points points;
    kr_status status = kr_critical_points_find(landscape, 0, &points, error);
    if (status != KR_OK) return status;
    size_t dim = minima->dim = points.dim;
    minima->position = malloc((points.count + 1) * dim * sizeof *minima->position);
    if (!minima->position) status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu minima", points.count);
    for (size_t i = 0; status == KR_OK && i < points.count; i++)
        if (points.point[i].index == 0)
            memcpy(minima->position + minima->count++ * dim, points.point[i].position, dim * sizeof *minima->position);
    kr_critical_points_destroy(&points);
    return status;
}

bool kr_coupled_is_large(const kr_landscape *landscape) {
    return !landscape->type->separable && landscape->dim > KR_MOST_COUPLED && !kr_has_walls(landscape);
}

kr_status kr_coupled_minima_find(const kr_landscape *landscape, kr_coupled_minima *minima, kr_error *error) {
    *minima = (kr_coupled_minima){.dim = landscape->dim};
    kr_status status = kr_need_candidates(landscape, error);
    if (status != KR_OK) return status;
    return kr_coupled_is_large(landscape) ? find_large(landscape, minima, error) : find_few(landscape, minima, error);
}

void kr_coupled_minima_destroy(kr_coupled_minima *minima) {
    free(minima->position);
    *minima = (kr_coupled_minima){.dim = 0};
}

/* A product of a large network is a pass over all data. The least of its curvatures, which converges late, is then an upper bound,
 * and the largest, whose error is the square of its residual over the gap, good to some six digits. */
static bool products_are_dear(const kr_landscape *landscape) {
    enum { MANY = 2000 };
    return landscape->type->data && landscape->dim > MANY;
}

bool kr_large_curvature_range(const kr_landscape *landscape, const double *x, bool only_largest, double *least, double *largest) {
    double residual, trace, *start = malloc(landscape->dim * sizeof *start);
    bool dear = products_are_dear(landscape);
    kr_error error;
    if (!start) return false;
    odd_direction(landscape->dim, start);
    kr_hessian_ends ends = {.landscape = landscape,
                            .n = 1,
                            .x = x,
                            .start = start,
                            .iterations = dear ? FEW_STEPS : LANCZOS_STEPS,
                            .tolerance = dear           ? 1e-3
                                         : only_largest ? 1e-6
                                                        : 1e-9,
                            .largest_only = only_largest,
                            .largest = largest,
                            .smallest = least,
                            .residual = &residual,
                            .trace = &trace};
    bool done = kr_hessian_ends_find(&ends, &error) == KR_OK && isfinite(*largest);
    free(start);
    return done;
}
