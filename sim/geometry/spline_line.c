#include "spline_line.h"

#include <gsl/gsl_poly.h>
#include <math.h>
#include <stdlib.h>

/* A quarter of the length beyond an end the wall has risen by the range of the values, and the slope of an end that falls outward
 * is stopped within an eighth of the length. */
static void fit_wall(kr_spline_line *line, const double *slope) {
    double length = line->axis.high - line->axis.low, rise = line->range.data_high - line->range.data_low;
    double fall = fmax(slope[0], -slope[line->axis.count - 1]);
    if (!(rise > 0)) rise = fmax(fabs(line->range.data_high), 1); /* a plain has no scale of its own */
    line->fitting_wall = fmax(32 * rise / (length * length), 8 * fall / length);
}

static kr_status fit(kr_spline_line *line, const double *x, const double *value, const double *slope, kr_error *error) {
    for (size_t i = 0; i + 1 < line->axis.count; i++) {
        double *c = line->piece + 4 * i, width = x[i + 1] - x[i];
        kr_spline_piece(width, value[i], value[i + 1], slope[i], slope[i + 1], c);
        if (!isfinite(c[1]) || !isfinite(c[2]) || !isfinite(c[3]))
            return kr_fail(error, KR_BAD_ARGUMENT, "x = %.15g and %.15g are too close to each other for a slope", x[i], x[i + 1]);
        kr_spline_range_add_piece(&line->range, c, width);
    }
    fit_wall(line, slope);
    return KR_OK;
}

kr_status kr_spline_line_create(kr_spline_line *line, kr_spline_kind kind, size_t count, const double *x, const double *value,
                                kr_error *error) {
    *line = (kr_spline_line){.range = kr_spline_range_of(count, value)};
    double *slope = malloc(2 * count * sizeof *slope);
    line->piece = malloc(4 * (count - 1) * sizeof *line->piece);
    kr_status status = KR_OK;
    if (!slope || !line->piece || !kr_spline_axis_create(&line->axis, count, x) ||
        !kr_spline_slopes(kind, count, x, value, slope, 1, slope + count))
        status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a spline of %zu points", count);
    if (status == KR_OK) status = fit(line, x, value, slope, error);
    free(slope);
    return status;
}

void kr_spline_line_destroy(kr_spline_line *line) {
    kr_spline_axis_destroy(&line->axis);
    free(line->piece);
    *line = (kr_spline_line){.piece = NULL};
}

static size_t keep(double x, double low, double high, size_t count, size_t capacity, double *points) {
    if (!(x >= low && x <= high)) return count;
    if (count < capacity) points[count] = x;
    return count + 1;
}

size_t kr_spline_piece_zeros(const double c[4], double x, double width, double decay, size_t count, size_t capacity,
                             double *points) {
    double margin = 1e-9 * width, root[2];
    int roots = gsl_poly_solve_quadratic(3 * c[3], 2 * c[2] + decay, fma(decay, x, c[1]), root, root + 1);
    for (int k = 0; k < roots; k++) count = keep(x + root[k], x - margin, x + width + margin, count, capacity, points);
    return count;
}

size_t kr_spline_end_zeros(double end, double slope, int side, double wall, double decay, size_t count, size_t capacity,
                           double *points) {
    if (!(wall + decay > 0)) return count;
    double zero = end - fma(decay, end, slope) / (wall + decay);
    return keep(zero, side > 0 ? end : -INFINITY, side > 0 ? INFINITY : end, count, capacity, points);
}
