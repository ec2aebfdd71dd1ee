#include "critical_lines.h"
#include <kramers/candidates.h>
#include <kramers/memory_miss.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Cells per period in which zeros of the slope are looked for when weight decay has broken the period. */
enum { CELLS = 4096, ITERATIONS = 200 };

/* Work space for one point in each coordinate. */
typedef struct state {
    size_t dim;
    double *x, *slope, *step, *trial, *trial_slope, *curvature;
} state;

/* Candidates of one axis: writes at most capacity, returns how many. */
static size_t axis_candidates(const kr_landscape *landscape, size_t axis, int64_t period_number, size_t capacity, double *points) {
    double period = landscape->type->period;
    if (period == 0 || axis > 0) return landscape->type->candidates(landscape, axis, capacity, points);
    double center = period * (double)period_number;
    if (landscape->weight_decay != 0)
        return kr_candidates_on_line(landscape, center - 0.5 * period, center + 0.5 * period, CELLS, capacity, points);
    size_t count = landscape->type->candidates(landscape, axis, capacity, points);
    for (size_t i = 0; i < count && i < capacity; i++) points[i] += center - period * floor(points[i] / period + 0.5);
    return count;
}

/* Damped Newton iteration on the slope of every coordinate at once: a step that does not lower |slope| is halved. The last
 * entries of step are the undamped Newton steps, which tell whether x is a zero. */
static void newton(const kr_landscape *landscape, state *s) {
    size_t dim = s->dim;
    for (size_t i = 0; i < dim; i++) {
        s->slope[i] = INFINITY;
        s->step[i] = 0;
    }
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
        for (size_t i = 0; i < dim; i++) s->trial[i] = s->x[i] + s->step[i];
        kr_landscape_gradient(landscape, 1, s->trial, s->trial_slope);
        kr_landscape_curvature(landscape, 1, s->trial, s->curvature);
        bool moving = false;
        for (size_t i = 0; i < dim; i++) {
            if (fabs(s->trial_slope[i]) < fabs(s->slope[i]) || s->trial[i] == s->x[i]) {
                s->x[i] = s->trial[i];
                s->slope[i] = s->trial_slope[i];
                s->step[i] = s->slope[i] == 0 || s->curvature[i] == 0 ? 0 : -s->slope[i] / s->curvature[i];
            } else {
                s->step[i] *= 0.5;
            }
            if (s->x[i] + s->step[i] != s->x[i]) moving = true;
        }
        if (!moving) break;
    }
    kr_landscape_gradient(landscape, 1, s->x, s->slope);
    kr_landscape_curvature(landscape, 1, s->x, s->curvature);
}

/* Sign of the slope a little to the side of x, for all coordinates, into trial_slope. */
static void slope_beside(const kr_landscape *landscape, state *s, double side) {
    for (size_t i = 0; i < s->dim; i++) s->trial[i] = s->x[i] + side * kr_same_within(s->x[i]);
    kr_landscape_gradient(landscape, 1, s->trial, s->trial_slope);
}

static void insert(kr_critical_lines *lines, size_t begin, size_t *end, double x, double curvature, bool minimum) {
    size_t at = *end;
    while (at > begin && lines->x[at - 1] > x) at--;
    bool known = (at > begin && x - lines->x[at - 1] <= kr_same_within(x)) || (at < *end && lines->x[at] - x <= kr_same_within(x));
    if (known) return;
    memmove(lines->x + at + 1, lines->x + at, (*end - at) * sizeof *lines->x);
    memmove(lines->curvature + at + 1, lines->curvature + at, (*end - at) * sizeof *lines->curvature);
    memmove(lines->minimum + at + 1, lines->minimum + at, (*end - at) * sizeof *lines->minimum);
    lines->x[at] = x;
    lines->curvature[at] = curvature;
    lines->minimum[at] = minimum;
    ++*end;
}

/* Refines the candidates in lines->x, round by round one of each axis, and leaves only true minima and maxima. end[a] counts
 * those of axis a from first[a] on. */
static void refine(const kr_landscape *landscape, kr_critical_lines *lines, const double *candidate, state *s, size_t *end) {
    size_t rounds = 0;
    for (size_t a = 0; a < lines->axis_count; a++) {
        size_t count = lines->first[a + 1] - lines->first[a];
        end[a] = lines->first[a];
        if (count > rounds) rounds = count;
    }
    for (size_t round = 0; round < rounds; round++) {
        memset(s->x, 0, s->dim * sizeof *s->x);
        for (size_t a = 0; a < lines->axis_count; a++)
            if (lines->first[a] + round < lines->first[a + 1]) s->x[lines->axis + a] = candidate[lines->first[a] + round];
        newton(landscape, s);
        slope_beside(landscape, s, -1);
        memcpy(s->step, s->trial_slope, s->dim * sizeof *s->step);
        slope_beside(landscape, s, 1);
        for (size_t a = 0; a < lines->axis_count; a++) {
            size_t i = lines->axis + a;
            bool minimum = s->step[i] < 0 && s->trial_slope[i] > 0, maximum = s->step[i] > 0 && s->trial_slope[i] < 0;
            if ((minimum || maximum) && lines->first[a] + round < lines->first[a + 1])
                insert(lines, lines->first[a], &end[a], s->x[i], s->curvature[i], minimum);
        }
    }
}

/* Closes the gaps that false candidates left. */
static void compact(kr_critical_lines *lines, const size_t *end) {
    size_t to = 0;
    for (size_t a = 0; a < lines->axis_count; a++) {
        size_t from = lines->first[a], count = end[a] - from;
        memmove(lines->x + to, lines->x + from, count * sizeof *lines->x);
        memmove(lines->curvature + to, lines->curvature + from, count * sizeof *lines->curvature);
        memmove(lines->minimum + to, lines->minimum + from, count * sizeof *lines->minimum);
        lines->first[a] = to;
        to += count;
    }
    lines->first[lines->axis_count] = to;
}

static kr_status find(const kr_landscape *landscape, size_t axis, size_t axis_count, int64_t period_number,
                      kr_critical_lines *lines, kr_error *error) {
    *lines = (kr_critical_lines){.axis = axis, .axis_count = axis_count};
    unsigned long misses = kr_memory_misses();
    size_t dim = landscape->dim, total = 0, *end = malloc(axis_count * sizeof *end);
    double *work = malloc(6 * dim * sizeof *work), *candidate = NULL;
    lines->first = malloc((axis_count + 1) * sizeof *lines->first);
    if (!end || !work || !lines->first) goto no_memory;
    for (size_t a = 0; a < axis_count; a++) {
        lines->first[a] = total;
        total += axis_candidates(landscape, axis + a, period_number, 0, NULL);
    }
    lines->first[axis_count] = total;
    candidate = malloc((total + 1) * sizeof *candidate);
    lines->x = malloc((total + 1) * sizeof *lines->x);
    lines->curvature = malloc((total + 1) * sizeof *lines->curvature);
    lines->minimum = malloc((total + 1) * sizeof *lines->minimum);
    if (!candidate || !lines->x || !lines->curvature || !lines->minimum) goto no_memory;
    for (size_t a = 0; a < axis_count; a++)
        axis_candidates(landscape, axis + a, period_number, lines->first[a + 1] - lines->first[a], candidate + lines->first[a]);
    if (kr_memory_misses() != misses) goto no_memory;
    refine(landscape, lines, candidate,
           &(state){.dim = dim,
                    .x = work,
                    .slope = work + dim,
                    .step = work + 2 * dim,
                    .trial = work + 3 * dim,
                    .trial_slope = work + 4 * dim,
                    .curvature = work + 5 * dim},
           end);
    compact(lines, end);
    free(candidate);
    free(work);
    free(end);
    return KR_OK;
no_memory:
    free(candidate);
    free(work);
    free(end);
    kr_critical_lines_destroy(lines);
    return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the critical points of %zu coordinates", dim);
}

kr_status kr_need_candidates(const kr_landscape *landscape, kr_error *error) {
    if (landscape->type->candidates) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "landscape '%s' lists no minima: where they are is not known before a run; give the start as a point, a file "
                   "or at random, and no minimum as a target",
                   landscape->type->about.name);
}

kr_status kr_critical_lines_find(const kr_landscape *landscape, size_t axis, size_t axis_count, int64_t period_number,
                                 kr_critical_lines *lines, kr_error *error) {
    *lines = (kr_critical_lines){.first = NULL};
    kr_status status = kr_need_candidates(landscape, error);
    if (status != KR_OK) return status;
    if (axis_count != 1 || !landscape->type->alike) return find(landscape, axis, axis_count, period_number, lines, error);
    kr_landscape one = *landscape; /* any axis is the first one of as many as one likes */
    one.dim = 1;
    status = find(&one, 0, 1, period_number, lines, error);
    lines->axis = axis;
    return status;
}

void kr_critical_lines_destroy(kr_critical_lines *lines) {
    free(lines->first);
    free(lines->x);
    free(lines->curvature);
    free(lines->minimum);
    *lines = (kr_critical_lines){.first = NULL};
}
