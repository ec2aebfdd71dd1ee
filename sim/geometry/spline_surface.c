#include "spline_surface.h"

#include "spline_nodes.h"

#include <kramers/candidates.h>
#include <kramers/memory_miss.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void fill_cell(const kr_spline_nodes *v, size_t corner, size_t nx, double width, double height, double *coefficient) {
    double value[2][4], slope[2][4], along_y[4];
    for (size_t side = 0; side < 2; side++) {
        size_t left = corner + side * nx, right = left + 1;
        kr_spline_piece(width, v->f[left], v->f[right], v->fx[left], v->fx[right], value[side]);
        kr_spline_piece(width, v->fy[left], v->fy[right], v->fxy[left], v->fxy[right], slope[side]);
    }
    for (size_t m = 0; m < 4; m++) {
        kr_spline_piece(height, value[0][m], value[1][m], slope[0][m], slope[1][m], along_y);
        memcpy(coefficient + 4 * m, along_y, sizeof along_y);
    }
}

/* Lines into which a cell is cut to see how far it goes. */
enum { LOOKS = 8 };

/* The values of a cell on a fine grid. */
static void look_into(kr_spline_range *range, const double *c, double width, double height) {
    for (int k = 0; k <= LOOKS; k++) {
        double t = height * k / LOOKS, along_x[4];
        for (int m = 0; m < 4; m++) along_x[m] = fma(fma(fma(c[4 * m + 3], t, c[4 * m + 2]), t, c[4 * m + 1]), t, c[4 * m]);
        kr_spline_range_add_piece(range, along_x, width);
    }
}

/* Whether the control points next to this point of the grid, between which the surface lies, leave the range of the values. */
static bool may_leave(const kr_spline_nodes *v, const kr_spline_range *range, size_t i, size_t j) {
    kr_spline_corner corner[4];
    size_t at = j * v->nx + i, count = kr_spline_nodes_corners(v, i, j, corner);
    for (size_t k = 0; k < count; k++) {
        double w = corner[k].width, h = corner[k].height, side = v->f[at] + w * v->fx[at];
        const double point[3] = {side, v->f[at] + h * v->fy[at], side + h * v->fy[at] + w * h * v->fxy[at]};
        for (int p = 0; p < 3; p++)
            if (point[p] < range->data_low || point[p] > range->data_high) return true;
    }
    return false;
}

static void find_range(kr_spline_surface *surface, const kr_spline_nodes *v) {
    surface->range = kr_spline_range_of(v->nx * v->ny, v->f);
    for (size_t j = 0; j < v->ny; j++)
        for (size_t i = 0; i < v->nx; i++) {
            if (!may_leave(v, &surface->range, i, j)) continue;
            for (size_t row = j ? j - 1 : 0; row <= j && row + 1 < v->ny; row++)
                for (size_t column = i ? i - 1 : 0; column <= i && column + 1 < v->nx; column++)
                    look_into(&surface->range, surface->cell + 16 * (row * (v->nx - 1) + column), v->x[column + 1] - v->x[column],
                              v->y[row + 1] - v->y[row]);
        }
}

/* The steepest fall outward at either end of lines along an axis: the slopes of the line's ends are at slope[0] and slope[last]. */
static double fall_of(double steepest, const double *slope, size_t last) {
    return fmax(steepest, fmax(slope[0], -slope[last]));
}

/* A wall that fits, along each axis by itself, so that it does not depend on the units of the axes and of the values: a quarter of
 * the grid's length beyond the edge it has risen by the range of the values, the steepest slope that falls outward is stopped
 * within an eighth of the length, and the product of both is four times what the corners need. */
static void fit_walls(kr_spline_surface *surface, const kr_spline_nodes *v) {
    double rise = surface->range.data_high - surface->range.data_low, fall[2] = {0, 0};
    double length[2] = {surface->x.high - surface->x.low, surface->y.high - surface->y.low};
    if (!(rise > 0)) rise = fmax(fabs(surface->range.data_high), 1); /* a plain has no scale of its own */
    for (size_t corner = 0; corner < 4; corner++)
        surface->corner_twist =
            fmax(surface->corner_twist, fabs(v->fxy[(corner & 1 ? v->nx - 1 : 0) + (corner & 2 ? (v->ny - 1) * v->nx : 0)]));
    for (size_t j = 0; j < v->ny; j++) fall[0] = fall_of(fall[0], v->fx + j * v->nx, v->nx - 1);
    for (size_t i = 0; i < v->nx; i++) fall[1] = fall_of(fall[1], v->fy + i, (v->ny - 1) * v->nx);
    for (int i = 0; i < 2; i++)
        surface->fitting_wall[i] = fmax(fmax(32 * rise / (length[i] * length[i]), 8 * fall[i] / length[i]),
                                        2 * surface->corner_twist * length[1 - i] / length[i]);
}

static bool fit(kr_spline_surface *surface, const double *x, const double *y, const double *value) {
    size_t nx = surface->x.count, ny = surface->y.count, size = nx * ny;
    double *work = malloc((3 * size + nx + ny) * sizeof *work);
    kr_spline_nodes v = {nx, ny, x, y, value, work, work + size, work + 2 * size};
    bool good = work && kr_spline_nodes_fit(&v, surface->kind, work + 3 * size);
    for (size_t j = 0; good && j + 1 < ny; j++)
        for (size_t i = 0; i + 1 < nx; i++)
            fill_cell(&v, j * nx + i, nx, x[i + 1] - x[i], y[j + 1] - y[j], surface->cell + 16 * (j * (nx - 1) + i));
    if (good) {
        find_range(surface, &v);
        fit_walls(surface, &v);
    }
    free(work);
    return good;
}

kr_status kr_spline_surface_create(kr_spline_surface **created, kr_spline_kind kind, size_t nx, const double *x, size_t ny,
                                   const double *y, const double *value, kr_error *error) {
    size_t cells = (nx - 1) * (ny - 1);
    kr_spline_surface *surface = *created = calloc(1, sizeof *surface);
    if (surface) surface->kind = kind;
    if (surface) surface->cell = aligned_alloc(128, 16 * cells * sizeof *surface->cell);
    if (!surface || !surface->cell || !kr_spline_axis_create(&surface->x, nx, x) || !kr_spline_axis_create(&surface->y, ny, y) ||
        !fit(surface, x, y, value)) {
        kr_spline_surface_destroy(surface);
        *created = NULL;
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a surface of %zu x %zu points", ny, nx);
    }
    for (size_t k = 0; k < 16 * cells; k++) {
        if (isfinite(surface->cell[k])) continue;
        kr_spline_surface_destroy(surface);
        *created = NULL;
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "the values differ too much between neighbouring points to be interpolated; landscape.clip cuts off the "
                       "highest, landscape.log takes logarithms");
    }
    return KR_OK;
}

void kr_spline_surface_destroy(kr_spline_surface *surface) {
    if (!surface) return;
    kr_spline_axis_destroy(&surface->x);
    kr_spline_axis_destroy(&surface->y);
    free(surface->cell);
    free(surface);
}

/* Knots and the points half way between them: writes 2 count - 1 numbers. */
static void refine_knots(const kr_spline_axis *axis, double *x) {
    for (size_t i = 0; i + 1 < axis->count; i++) {
        x[2 * i] = axis->knot[i];
        x[2 * i + 1] = 0.5 * (axis->knot[i] + kr_spline_axis_knot(axis, i + 1));
    }
    x[2 * axis->count - 2] = axis->high;
}

/* Where the slope falls outward at this point of the edge, walls of this curvature stop it at a distance slope / wall.
 * outward: -1, 0 or 1 along each axis. */
static size_t beyond_edge(const kr_landscape *self, const double edge[2], const int outward[2], const double wall[2], size_t found,
                          size_t capacity, double *points) {
    double slope[2], at[2] = {edge[0], edge[1]};
    kr_landscape_gradient(self, 1, edge, slope);
    for (int i = 0; i < 2; i++) {
        double fall = -slope[i] * outward[i];
        if (outward[i] != 0 && !(fall > 0)) return found;
        at[i] += fall / wall[i] * outward[i];
    }
    if (found < capacity) memcpy(points + 2 * found, at, sizeof at);
    return found + 1;
}

static size_t around_edges(const kr_landscape *self, size_t nx, const double *x, size_t ny, const double *y, const double wall[2],
                           size_t found, size_t capacity, double *points) {
    for (int side = -1; side <= 1; side += 2) {
        for (size_t i = 0; i < nx; i++)
            found =
                beyond_edge(self, (double[]){x[i], side < 0 ? y[0] : y[ny - 1]}, (int[]){0, side}, wall, found, capacity, points);
        for (size_t j = 0; j < ny; j++)
            found =
                beyond_edge(self, (double[]){side < 0 ? x[0] : x[nx - 1], y[j]}, (int[]){side, 0}, wall, found, capacity, points);
        for (int other = -1; other <= 1; other += 2)
            found = beyond_edge(self, (double[]){side < 0 ? x[0] : x[nx - 1], other < 0 ? y[0] : y[ny - 1]}, (int[]){side, other},
                                wall, found, capacity, points);
    }
    return found;
}

/* Whether both slopes vanish at a point of the grid, and its value is another than those of its neighbours; refined numbers. */
static bool is_critical_point(const kr_landscape *self, size_t nx, const double *x, size_t ny, const double *y, size_t i,
                              size_t j) {
    double at[2] = {x[i], y[j]}, slope[2];
    kr_landscape_gradient(self, 1, at, slope);
    if (slope[0] != 0 || slope[1] != 0) return false;
    const double left = x[i < 2 ? i : i - 2], right = x[i + 2 < nx ? i + 2 : i];
    const double down = y[j < 2 ? j : j - 2], up = y[j + 2 < ny ? j + 2 : j];
    const double around[10] = {x[i], left, right, x[i], x[i], y[j], y[j], y[j], down, up};
    double value[5];
    kr_landscape_energy(self, 5, around, value);
    return value[1] != value[0] && value[2] != value[0] && value[3] != value[0] && value[4] != value[0];
}

/* Extrema of a monotone surface lie on points of the grid, where its curvature jumps and Newton's method may not get to. */
static size_t at_points(const kr_landscape *self, size_t nx, const double *x, size_t ny, const double *y, size_t found,
                        size_t capacity, double *points) {
    for (size_t j = 0; j < ny; j += 2)
        for (size_t i = 0; i < nx; i += 2) {
            if (!is_critical_point(self, nx, x, ny, y, i, j)) continue;
            if (found < capacity) memcpy(points + 2 * found, (double[]){x[i], y[j]}, 2 * sizeof *points);
            found++;
        }
    return found;
}

size_t kr_spline_surface_candidates(const kr_landscape *self, const kr_spline_surface *surface, const double wall[2],
                                    size_t capacity, double *points) {
    size_t nx = 2 * surface->x.count - 1, ny = 2 * surface->y.count - 1;
    double *x = malloc((nx + ny) * sizeof *x), *y = x + nx;
    if (!x) return kr_memory_miss(), 0;
    refine_knots(&surface->x, x);
    refine_knots(&surface->y, y);
    bool monotone = surface->kind == KR_SPLINE_MONOTONE;
    size_t found = (monotone ? kr_candidates_off_plains : kr_candidates_in_plane)(self, nx, x, ny, y, capacity, points);
    if (monotone) found = at_points(self, nx, x, ny, y, found, capacity, points);
    const double holding[2] = {wall[0] + self->weight_decay, wall[1] + self->weight_decay};
    if (holding[0] > 0) found = around_edges(self, nx, x, ny, y, holding, found, capacity, points);
    free(x);
    return found;
}
