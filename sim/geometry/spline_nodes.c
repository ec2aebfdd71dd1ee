#include "spline_nodes.h"

#include <math.h>

/* The spline is the tensor product of natural cubic splines: on each cell it is the bicubic polynomial given by values, slopes
 * and mixed derivatives at the corners, and these follow from one-dimensional splines along rows and columns (de Boor, Journal
 * of Mathematics and Physics 41, 212 (1962)). */
static bool fit_cubic(kr_spline_nodes *v, double *line) {
    size_t nx = v->nx, ny = v->ny;
    bool good = true;
    for (size_t i = 0; good && i < nx; i++) good = kr_spline_slopes(KR_SPLINE_CUBIC, ny, v->y, v->f + i, v->fy + i, nx, line);
    for (size_t j = 0; good && j < ny; j++)
        good = kr_spline_slopes(KR_SPLINE_CUBIC, nx, v->x, v->f + j * nx, v->fx + j * nx, 1, line) &&
               kr_spline_slopes(KR_SPLINE_CUBIC, nx, v->x, v->fy + j * nx, v->fxy + j * nx, 1, line);
    return good;
}

/* Slope at x[i] of the parabola through three values, of the line through two at an end. */
static double difference(const double *x, const double *f, size_t stride, size_t i, size_t count) {
    double right = i + 1 < count ? (f[(i + 1) * stride] - f[i * stride]) / (x[i + 1] - x[i]) : 0;
    double left = i > 0 ? (f[i * stride] - f[(i - 1) * stride]) / (x[i] - x[i - 1]) : right;
    if (i + 1 == count) return left;
    double before = i > 0 ? x[i] - x[i - 1] : 1, after = x[i + 1] - x[i];
    return (left * after + right * before) / (before + after);
}

static double between(double low, double value, double high) {
    return fmin(fmax(value, low), high);
}

/* A bicubic cell stays within the values at its corners when all its sixteen control points (of Bezier) do. Those on its sides do
 * with slopes of monotone curves along the sides; the one inside, next to each corner, is f + w f_x + h f_y + w h f_xy, with thirds
 * of the sides w and h. So that this holds in all four cells around a point, both slopes there are lowered by one factor, and then
 * the mixed derivative is cut off to what is still allowed. */
static void limit(const kr_spline_nodes *v, size_t i, size_t j) {
    kr_spline_corner corner[4];
    size_t at = j * v->nx + i, count = kr_spline_nodes_corners(v, i, j, corner);
    double f = v->f[at], factor = 1, low = -INFINITY, high = INFINITY;
    for (size_t k = 0; k < count; k++) {
        double step = corner[k].width * v->fx[at] + corner[k].height * v->fy[at];
        if (f + step > corner[k].high) factor = fmin(factor, (corner[k].high - f) / step);
        if (f + step < corner[k].low) factor = fmin(factor, (corner[k].low - f) / step);
    }
    v->fx[at] *= factor;
    v->fy[at] *= factor;
    for (size_t k = 0; k < count; k++) {
        double twist = corner[k].width * corner[k].height;
        double step = corner[k].width * v->fx[at] + corner[k].height * v->fy[at];
        double down = fmin(corner[k].low - f - step, 0) / twist, up = fmax(corner[k].high - f - step, 0) / twist;
        low = fmax(low, fmin(down, up));
        high = fmin(high, fmax(down, up));
    }
    v->fxy[at] = between(low, v->fxy[at], high);
}

static bool fit_monotone(kr_spline_nodes *v, double *line) {
    size_t nx = v->nx, ny = v->ny;
    bool good = true;
    for (size_t i = 0; good && i < nx; i++) good = kr_spline_slopes(KR_SPLINE_MONOTONE, ny, v->y, v->f + i, v->fy + i, nx, line);
    for (size_t j = 0; good && j < ny; j++)
        good = kr_spline_slopes(KR_SPLINE_MONOTONE, nx, v->x, v->f + j * nx, v->fx + j * nx, 1, line);
    for (size_t j = 0; good && j < ny; j++)
        for (size_t i = 0; i < nx; i++)
            v->fxy[j * nx + i] = 0.5 * (difference(v->y, v->fx + i, nx, j, ny) + difference(v->x, v->fy + j * nx, 1, i, nx));
    for (size_t j = 0; good && j < ny; j++)
        for (size_t i = 0; i < nx; i++) limit(v, i, j);
    return good;
}

bool kr_spline_nodes_fit(kr_spline_nodes *nodes, kr_spline_kind kind, double *line) {
    return kind == KR_SPLINE_MONOTONE ? fit_monotone(nodes, line) : fit_cubic(nodes, line);
}

size_t kr_spline_nodes_corners(const kr_spline_nodes *v, size_t i, size_t j, kr_spline_corner corner[4]) {
    size_t count = 0;
    for (int side = 0; side < 4; side++) {
        bool right = side & 1, up = side & 2;
        if ((right ? i + 1 == v->nx : i == 0) || (up ? j + 1 == v->ny : j == 0)) continue;
        size_t across = right ? i + 1 : i - 1, along = up ? j + 1 : j - 1;
        const double *here = v->f + j * v->nx, *there = v->f + along * v->nx;
        corner[count++] = (kr_spline_corner){.width = (v->x[across] - v->x[i]) / 3,
                                             .height = (v->y[along] - v->y[j]) / 3,
                                             .low = fmin(fmin(here[i], here[across]), fmin(there[i], there[across])),
                                             .high = fmax(fmax(here[i], here[across]), fmax(there[i], there[across]))};
    }
    return count;
}
