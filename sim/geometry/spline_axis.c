#include "spline_axis.h"

#include "numerics/gsl_guard.h"

#include <gsl/gsl_interp.h>
#include <gsl/gsl_poly.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Spacings equal to this fraction count as equidistant: a point that is taken for its neighbour's by so little is wrong by its
 * cube times the jump of the third derivative, which is below rounding. */
static const double equidistance = 1e-6;
/* Look-up by bucket: this many buckets per cell on average. */
enum { BUCKETS_PER_CELL = 4 };

static bool is_equidistant(size_t count, const double *knot) {
    double width = (knot[count - 1] - knot[0]) / (double)(count - 1);
    for (size_t i = 0; i < count; i++)
        if (fabs(knot[i] - (knot[0] + width * (double)i)) > equidistance * width) return false;
    return true;
}

/* The bucket of a knot by the same operations as in the kernel: monotone in x, which is all that the look-up needs. */
static size_t bucket_of(const kr_spline_axis *axis, double x) {
    double t = (x - axis->low) * axis->per_bucket;
    return (size_t)(t < axis->last_bucket ? t : axis->last_bucket);
}

bool kr_spline_axis_create(kr_spline_axis *axis, size_t count, const double *knot) {
    *axis = (kr_spline_axis){.count = count, .low = knot[0], .high = knot[count - 1], .equidistant = is_equidistant(count, knot)};
    size_t buckets = axis->equidistant ? count - 1 : BUCKETS_PER_CELL * (count - 1);
    axis->per_bucket = (double)buckets / (axis->high - axis->low);
    axis->last_bucket = (double)(buckets - 1);
    size_t fullest = 0;
    if (!axis->equidistant) {
        axis->first = calloc(buckets, sizeof *axis->first);
        if (!axis->first) return false;
        size_t below = 0; /* inner knots in earlier buckets */
        for (size_t b = 0, next = 1; b < buckets; b++) {
            axis->first[b] = (int32_t)below;
            while (next < count - 1 && bucket_of(axis, knot[next]) == b) next++;
            if (next - 1 - below > fullest) fullest = next - 1 - below;
            below = next - 1;
        }
    }
    while (((size_t)1 << axis->bisections) < fullest + 1) axis->bisections++;
    size_t padding = (size_t)1 << axis->bisections;
    axis->knot = malloc((count + padding) * sizeof *axis->knot);
    if (!axis->knot) return false;
    memcpy(axis->knot, knot, count * sizeof *knot);
    /* A point on the last knot belongs to the last cell. */
    for (size_t i = 0; i <= padding; i++) axis->knot[count - 1 + i] = INFINITY;
    return true;
}

void kr_spline_axis_destroy(kr_spline_axis *axis) {
    free(axis->knot);
    free(axis->first);
    *axis = (kr_spline_axis){.count = 0};
}

double kr_spline_axis_knot(const kr_spline_axis *axis, size_t i) {
    return i + 1 < axis->count ? axis->knot[i] : axis->high;
}

bool kr_spline_slopes(kr_spline_kind kind, size_t count, const double *knot, const double *value, double *slope, size_t stride,
                      double *line) {
    kr_gsl_enter();
    gsl_interp *spline = gsl_interp_alloc(kind == KR_SPLINE_MONOTONE ? gsl_interp_steffen : gsl_interp_cspline, count);
    for (size_t i = 0; i < count; i++) line[i] = value[i * stride];
    bool good = spline && gsl_interp_init(spline, knot, line, count) == 0;
    gsl_interp_accel accelerator = {.cache = 0};
    for (size_t i = 0; good && i < count; i++) slope[i * stride] = gsl_interp_eval_deriv(spline, knot, line, knot[i], &accelerator);
    if (spline) gsl_interp_free(spline);
    kr_gsl_leave();
    return good;
}

void kr_spline_piece(double h, double f0, double f1, double d0, double d1, double c[4]) {
    double secant = (f1 - f0) / h;
    c[0] = f0;
    c[1] = d0;
    c[2] = (3 * secant - 2 * d0 - d1) / h;
    c[3] = (d0 + d1 - 2 * secant) / (h * h);
}

kr_spline_range kr_spline_range_of(size_t count, const double *value) {
    kr_spline_range range = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (size_t i = 0; i < count; i++) kr_spline_range_add(&range, value[i]);
    range.data_low = range.low;
    range.data_high = range.high;
    return range;
}

void kr_spline_range_add(kr_spline_range *range, double value) {
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

void kr_spline_range_add_piece(kr_spline_range *range, const double c[4], double h) {
    double root[2];
    int roots = gsl_poly_solve_quadratic(3 * c[3], 2 * c[2], c[1], root, root + 1);
    for (int k = 0; k < 2; k++) {
        double t = k < roots ? fmin(fmax(root[k], 0), h) : k * h;
        kr_spline_range_add(range, fma(fma(fma(c[3], t, c[2]), t, c[1]), t, c[0]));
    }
}
