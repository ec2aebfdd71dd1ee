/* Candidates for critical points: looked for when they are first asked for, which most runs of a sweep and most moves of a slider
 * never do, and kept. */
#include "formula.h"

#include <kramers/candidates.h>
#include <kramers/critical_points.h>

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_CELLS = 8192, PLANE_CELLS = 256, HALVINGS = 80 };

struct kr_formula_points {
    pthread_mutex_t lock;
    bool known;
    size_t end[KR_MOST_VARIABLES]; /* where those of each axis end; end[0] for all, where it is no sum over coordinates */
    double *value;                 /* owned */
};

struct kr_formula_points *kr_formula_points_create(void) {
    struct kr_formula_points *points = calloc(1, sizeof *points);
    if (points) pthread_mutex_init(&points->lock, NULL);
    return points;
}

void kr_formula_points_destroy(struct kr_formula_points *points) {
    if (!points) return;
    pthread_mutex_destroy(&points->lock);
    free(points->value);
    free(points);
}

static double entry(const kr_list *list, size_t axis) {
    return list->value[list->count == 1 ? 0 : axis];
}

static void box_of(const kr_landscape *self, double *low, double *high) {
    const kr_formula_values *v = self->values;
    for (size_t i = 0; i < self->dim; i++) {
        low[i] = entry(&v->center, i) - entry(&v->reach, i);
        high[i] = entry(&v->center, i) + entry(&v->reach, i);
    }
}

/* Where the slope along axis changes its sign, by halving: a kink has no second derivative that Newton's method could use. */
static double halve(const kr_landscape *self, size_t axis, double left, double right, bool rises) {
    double x[KR_MOST_VARIABLES] = {0}, slope[KR_MOST_VARIABLES];
    for (int k = 0; k < HALVINGS; k++) {
        double middle = x[axis] = 0.5 * (left + right);
        if (middle <= left || middle >= right) break;
        kr_landscape_gradient(self, 1, x, slope);
        if (slope[axis] == 0) return middle;
        if ((slope[axis] < 0) == rises)
            left = middle;
        else
            right = middle;
    }
    return 0.5 * (left + right);
}

/* Points of all axes at once: the slope along an axis depends on that coordinate alone. */
static bool find_on_axes(const kr_landscape *self, struct kr_formula_points *points) {
    enum { COUNT = LINE_CELLS + 1 };
    size_t dim = self->dim, found = 0;
    double low[KR_MOST_VARIABLES], high[KR_MOST_VARIABLES];
    double *x = calloc(2 * dim * COUNT, sizeof *x), *slope = x + dim * COUNT;
    points->value = malloc(dim * COUNT * sizeof *points->value);
    if (!x || !points->value) return free(x), false;
    box_of(self, low, high);
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < COUNT; p++) x[i * COUNT + p] = low[i] + (high[i] - low[i]) * ((double)p / LINE_CELLS);
    kr_landscape_gradient(self, COUNT, x, slope);
    for (size_t i = 0; i < dim; i++) {
        const double *at = x + i * COUNT, *g = slope + i * COUNT;
        for (size_t p = 0; p < COUNT; p++) {
            if (g[p] == 0)
                points->value[found++] = at[p];
            else if (p && (g[p - 1] < 0) != (g[p] < 0) && g[p - 1] != 0 && !isnan(g[p - 1]) && !isnan(g[p]))
                points->value[found++] = halve(self, i, at[p - 1], at[p], g[p - 1] < 0);
        }
        points->end[i] = found;
    }
    free(x);
    return true;
}

static bool find_in_plane(const kr_landscape *self, struct kr_formula_points *points) {
    double low[KR_MOST_VARIABLES], high[KR_MOST_VARIABLES];
    box_of(self, low, high);
    size_t count = kr_candidates_in_box(self, low, high, PLANE_CELLS, 0, NULL);
    points->value = malloc((2 * count + 1) * sizeof *points->value);
    if (points->value) points->end[0] = kr_candidates_in_box(self, low, high, PLANE_CELLS, count, points->value);
    return points->value;
}

/* Fewer starts for formulas that are long: a search asks for some hundred gradients from each. */
static size_t starts_of(const kr_landscape *self) {
    enum { LEAST = 200, MOST = 2000, STEPS = 1 << 22 };
    const kr_formula_program *program = self->state;
    size_t starts = STEPS / (program->gradient->count + program->hessian.count + 1);
    return starts < LEAST ? LEAST : starts > MOST ? MOST : starts;
}

static bool find_in_space(const kr_landscape *self, struct kr_formula_points *points) {
    double low[KR_MOST_VARIABLES], high[KR_MOST_VARIABLES];
    kr_critical_points all;
    box_of(self, low, high);
    if (kr_critical_points_search_in(self, low, high, starts_of(self), &all, NULL)) return false;
    points->value = malloc((all.count * all.dim + 1) * sizeof *points->value);
    for (size_t k = 0; points->value && k < all.count; k++) {
        const double *x = all.point[k].position;
        bool inside = true;
        for (size_t i = 0; i < all.dim; i++) inside = inside && x[i] >= low[i] && x[i] <= high[i];
        if (inside) memcpy(points->value + all.dim * points->end[0]++, x, all.dim * sizeof *x);
    }
    kr_critical_points_destroy(&all);
    return points->value;
}

size_t kr_formula_candidates(const kr_landscape *self, size_t axis, size_t capacity, double *candidates) {
    struct kr_formula_points *points = ((const kr_formula_program *)self->state)->points;
    bool separable = self->type->separable;
    kr_landscape whole = *self; /* others look at a part of the coordinates */
    whole.dim = self->type->dim;
    whole.coordinate = 0;
    pthread_mutex_lock(&points->lock);
    if (!points->known) {
        memset(points->end, 0, sizeof points->end);
        points->known = separable        ? find_on_axes(&whole, points)
                        : self->dim == 2 ? find_in_plane(&whole, points)
                                         : find_in_space(&whole, points);
    }
    size_t begin = separable && axis ? points->end[axis - 1] : 0, end = points->known ? points->end[separable ? axis : 0] : begin;
    size_t count = end - begin, doubles = (count < capacity ? count : capacity) * (separable ? 1 : self->dim);
    if (doubles) memcpy(candidates, points->value + begin * (separable ? 1 : self->dim), doubles * sizeof *candidates);
    pthread_mutex_unlock(&points->lock);
    return count;
}
