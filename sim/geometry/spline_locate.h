/* For landscapes that are splines: in which cell each point of a batch is. In a header, since landscapes are compiled once for each
 * instruction set. */
#ifndef KR_SPLINE_LOCATE_H
#define KR_SPLINE_LOCATE_H

#include "spline_axis.h"

#include <math.h>

/* Points that are worked on together; what they need in between stays in the first-level cache. */
enum { KR_SPLINE_CHUNK = 256 };

/* Where the points of a chunk are along one axis: cell, offset from the cell's knot, distance beyond the edge (signed). NaN stays
 * in offset and beyond; its cell is 0. */
typedef struct kr_spline_place {
    int32_t cell[KR_SPLINE_CHUNK];
    double offset[KR_SPLINE_CHUNK], beyond[KR_SPLINE_CHUNK];
} kr_spline_place;

static inline size_t kr_spline_chunk(size_t n, size_t p) {
    return n - p < KR_SPLINE_CHUNK ? n - p : KR_SPLINE_CHUNK;
}

/* NaN stays. */
static inline double kr_spline_clamp(double x, double low, double high) {
    double c = x < low ? low : x;
    return c > high ? high : c;
}

static inline int32_t kr_spline_bucket(double c, double low, double per_bucket, double last) {
    double t = (c - low) * per_bucket;
    t = t > 0 ? t : 0;
    return (int32_t)(t < last ? t : last);
}

static inline void kr_spline_locate_even(const kr_spline_axis *axis, size_t n, const double *restrict x,
                                         const double *restrict knot, int32_t *restrict cell, double *restrict offset,
                                         double *restrict beyond) {
    const double low = axis->low, high = axis->high, per_bucket = axis->per_bucket, last = axis->last_bucket;
    for (size_t p = 0; p < n; p++) {
        double c = kr_spline_clamp(x[p], low, high);
        int32_t i = kr_spline_bucket(c, low, per_bucket, last);
        cell[p] = i;
        offset[p] = c - knot[i];
        beyond[p] = x[p] - c;
    }
}

static inline void kr_spline_locate_bucket(const kr_spline_axis *axis, size_t n, const double *restrict x,
                                           const int32_t *restrict first, int32_t *restrict cell, double *restrict clamped) {
    const double low = axis->low, high = axis->high, per_bucket = axis->per_bucket, last = axis->last_bucket;
    for (size_t p = 0; p < n; p++) {
        clamped[p] = kr_spline_clamp(x[p], low, high);
        cell[p] = first[kr_spline_bucket(clamped[p], low, per_bucket, last)];
    }
}

static inline void kr_spline_bisect(int32_t width, size_t n, const double *restrict clamped, const double *restrict knot,
                                    int32_t *restrict cell) {
    for (size_t p = 0; p < n; p++) {
        int32_t further = cell[p] + width;
        cell[p] = knot[further] <= clamped[p] ? further : cell[p];
    }
}

static inline void kr_spline_locate_offset(size_t n, const double *restrict x, const double *restrict knot,
                                           const int32_t *restrict cell, double *restrict offset, double *restrict beyond) {
    for (size_t p = 0; p < n; p++) {
        double c = offset[p];
        beyond[p] = x[p] - c;
        offset[p] = c - knot[cell[p]];
    }
}

static inline void kr_spline_locate(const kr_spline_axis *axis, size_t n, const double *restrict x, kr_spline_place *at) {
    if (axis->equidistant) {
        kr_spline_locate_even(axis, n, x, axis->knot, at->cell, at->offset, at->beyond);
        return;
    }
    kr_spline_locate_bucket(axis, n, x, axis->first, at->cell, at->offset);
    for (int k = axis->bisections; k-- > 0;) kr_spline_bisect((int32_t)1 << k, n, at->offset, axis->knot, at->cell);
    kr_spline_locate_offset(n, x, axis->knot, at->cell, at->offset, at->beyond);
}

/* A cubic with these coefficients in ascending order, its slope and its curvature. */
static inline double kr_cubic(double a, double b, double c, double d, double t) {
    return fma(fma(fma(d, t, c), t, b), t, a);
}
static inline double kr_cubic_slope(double b, double c, double d, double t) {
    return fma(fma(3 * d, t, 2 * c), t, b);
}
static inline double kr_cubic_bend(double c, double d, double t) {
    return fma(6 * d, t, 2 * c);
}

#endif
