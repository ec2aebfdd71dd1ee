/* Loss surface read from a file, as the loss-landscape tools write it, made smooth by a bicubic spline.
 *
 * At scale 1, with S the spline, c the point of the grid's rectangle nearest to x and u = x - c:
 *     V = S(c) + u_x S_x(c) + u_y S_y(c) + u_x u_y S_xy(c) + wall |u|^2 / 2
 * Inside, u = 0 and V = S, which is C2. Outside, S goes on linearly; that is the natural extension of a spline whose second
 * derivative vanishes at its ends, so S itself stays C2 everywhere. The mixed term, which is there only beyond corners, is what
 * makes the extensions of two edges meet with one slope. The wall adds a slope that starts at 0: V is C1 everywhere, and only
 * wall's own curvature jumps at the edge. Scale multiplies all of it. */
#include "geometry/spline_surface.h"
#include "geometry/surface_file.h"

#include <kramers/candidates.h>

#include <math.h>
#include <stdlib.h>

typedef struct surface {
    char *file, *dataset;
    double scale, wall;
} surface;

static const kr_parameter parameters[] = {
    {"file", NULL, "HDF5 file with xcoordinates, ycoordinates and the data set", NULL, KR_TEXT, KR_REQUIRED | KR_PATH,
     offsetof(surface, file), .initial_text = NULL},
    {"dataset", NULL, "data set of the loss, [iy][ix]", NULL, KR_TEXT, 0, offsetof(surface, dataset), .initial_text = "train_loss"},
    {"scale", NULL, "factor in front of the energy, wall included", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(surface, scale), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"wall", NULL, "curvature added outside the grid, where value and slope go on from the edge; 0: none", NULL, KR_NUMBER, 0,
     offsetof(surface, wall), .initial = 1, .minimum = 0, .maximum = 1e9},
    KR_END};

static double wall_of(const kr_landscape *self) {
    const surface *v = self->values;
    return v->scale * v->wall;
}

/* Points that are worked on together; what they need in between stays in the first-level cache. */
enum { CHUNK = 256 };

/* Where the points of a chunk are along one axis: cell, offset from the cell's knot, distance beyond the edge (signed). */
typedef struct place {
    int32_t cell[CHUNK];
    double offset[CHUNK], beyond[CHUNK];
} place;

/* NaN stays in offset and beyond; its cell is 0. */
static inline double clamp(double x, double low, double high) {
    double c = x < low ? low : x;
    return c > high ? high : c;
}

static inline int32_t bucket(double c, double low, double per_bucket, double last) {
    double t = (c - low) * per_bucket;
    t = t > 0 ? t : 0;
    return (int32_t)(t < last ? t : last);
}

static void locate_even(const kr_spline_axis *axis, size_t n, const double *restrict x, const double *restrict knot,
                        int32_t *restrict cell, double *restrict offset, double *restrict beyond) {
    const double low = axis->low, high = axis->high, per_bucket = axis->per_bucket, last = axis->last_bucket;
    for (size_t p = 0; p < n; p++) {
        double c = clamp(x[p], low, high);
        int32_t i = bucket(c, low, per_bucket, last);
        cell[p] = i;
        offset[p] = c - knot[i];
        beyond[p] = x[p] - c;
    }
}

static void locate_bucket(const kr_spline_axis *axis, size_t n, const double *restrict x, const int32_t *restrict first,
                          int32_t *restrict cell, double *restrict clamped) {
    const double low = axis->low, high = axis->high, per_bucket = axis->per_bucket, last = axis->last_bucket;
    for (size_t p = 0; p < n; p++) {
        clamped[p] = clamp(x[p], low, high);
        cell[p] = first[bucket(clamped[p], low, per_bucket, last)];
    }
}

static void bisect(int32_t width, size_t n, const double *restrict clamped, const double *restrict knot, int32_t *restrict cell) {
    for (size_t p = 0; p < n; p++) {
        int32_t further = cell[p] + width;
        cell[p] = knot[further] <= clamped[p] ? further : cell[p];
    }
}

static void locate_offset(size_t n, const double *restrict x, const double *restrict knot, const int32_t *restrict cell,
                          double *restrict offset, double *restrict beyond) {
    for (size_t p = 0; p < n; p++) {
        double c = offset[p];
        beyond[p] = x[p] - c;
        offset[p] = c - knot[cell[p]];
    }
}

static void locate(const kr_spline_axis *axis, size_t n, const double *restrict x, place *restrict at) {
    if (axis->equidistant) {
        locate_even(axis, n, x, axis->knot, at->cell, at->offset, at->beyond);
        return;
    }
    locate_bucket(axis, n, x, axis->first, at->cell, at->offset);
    for (int k = axis->bisections; k-- > 0;) bisect((int32_t)1 << k, n, at->offset, axis->knot, at->cell);
    locate_offset(n, x, axis->knot, at->cell, at->offset, at->beyond);
}

/* Index of the cell's coefficients, into y->cell. */
static void index_cells(int32_t per_row, size_t n, const int32_t *restrict column, int32_t *restrict row) {
    for (size_t p = 0; p < n; p++) row[p] = 16 * (row[p] * per_row + column[p]);
}

static void locate_both(const kr_spline_surface *s, size_t n, const double *restrict x, const double *restrict y,
                        place *restrict ax, place *restrict ay) {
    locate(&s->x, n, x, ax);
    locate(&s->y, n, y, ay);
    index_cells((int32_t)(s->x.count - 1), n, ax->cell, ay->cell);
}

/* Cubic with these coefficients in ascending order, and its derivatives. */
static inline double cubic(double a, double b, double c, double d, double t) {
    return fma(fma(fma(d, t, c), t, b), t, a);
}
static inline double cubic_slope(double b, double c, double d, double t) {
    return fma(fma(3 * d, t, 2 * c), t, b);
}
static inline double cubic_bend(double c, double d, double t) {
    return fma(6 * d, t, 2 * c);
}

/* Coefficients of (x - knot)^m along y, and the cubic in y or its slope. */
#define ROW(m, f) f(c[k + 4 * (m)], c[k + 4 * (m) + 1], c[k + 4 * (m) + 2], c[k + 4 * (m) + 3], dy[p])
#define ROW_SLOPE(m) cubic_slope(c[k + 4 * (m) + 1], c[k + 4 * (m) + 2], c[k + 4 * (m) + 3], dy[p])
#define ROW_BEND(m) cubic_bend(c[k + 4 * (m) + 2], c[k + 4 * (m) + 3], dy[p])

static void energy_at(double wall, size_t n, const double *restrict c, const int32_t *restrict index, const double *restrict dx,
                      const double *restrict dy, const double *restrict ux, const double *restrict uy, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = index[p];
        double f0 = ROW(0, cubic), f1 = ROW(1, cubic), f2 = ROW(2, cubic), f3 = ROW(3, cubic);
        double g0 = ROW_SLOPE(0), g1 = ROW_SLOPE(1), g2 = ROW_SLOPE(2), g3 = ROW_SLOPE(3);
        double s = cubic(f0, f1, f2, f3, dx[p]), sx = cubic_slope(f1, f2, f3, dx[p]);
        double sy = cubic(g0, g1, g2, g3, dx[p]), sxy = cubic_slope(g1, g2, g3, dx[p]);
        double beyond = fma(ux[p], fma(uy[p], sxy, sx), uy[p] * sy);
        energy[p] = s + fma(0.5 * wall, fma(ux[p], ux[p], uy[p] * uy[p]), beyond);
    }
}

static void gradient_at(double wall, size_t n, const double *restrict c, const int32_t *restrict index, const double *restrict dx,
                        const double *restrict dy, const double *restrict ux, const double *restrict uy, double *restrict gx,
                        double *restrict gy) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = index[p];
        double f1 = ROW(1, cubic), f2 = ROW(2, cubic), f3 = ROW(3, cubic);
        double g0 = ROW_SLOPE(0), g1 = ROW_SLOPE(1), g2 = ROW_SLOPE(2), g3 = ROW_SLOPE(3);
        double sx = cubic_slope(f1, f2, f3, dx[p]), sy = cubic(g0, g1, g2, g3, dx[p]), sxy = cubic_slope(g1, g2, g3, dx[p]);
        gx[p] = fma(wall, ux[p], fma(uy[p], sxy, sx));
        gy[p] = fma(wall, uy[p], fma(ux[p], sxy, sy));
    }
}

/* Beyond an edge the second derivative across it is the wall's alone: the spline's own vanishes there. */
static void curvature_at(double wall, size_t n, const double *restrict c, const int32_t *restrict index, const double *restrict dx,
                         const double *restrict dy, const double *restrict ux, const double *restrict uy, double *restrict xx,
                         double *restrict yy) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = index[p];
        double f2 = ROW(2, cubic), f3 = ROW(3, cubic), g2 = ROW_SLOPE(2), g3 = ROW_SLOPE(3);
        double h0 = ROW_BEND(0), h1 = ROW_BEND(1), h2 = ROW_BEND(2), h3 = ROW_BEND(3);
        double sxx = fma(uy[p], cubic_bend(g2, g3, dx[p]), cubic_bend(f2, f3, dx[p]));
        double syy = fma(ux[p], cubic_slope(h1, h2, h3, dx[p]), cubic(h0, h1, h2, h3, dx[p]));
        xx[p] = sxx + (ux[p] != 0 ? wall : 0);
        yy[p] = syy + (uy[p] != 0 ? wall : 0);
    }
}

static void mixed_at(size_t n, const double *restrict c, const int32_t *restrict index, const double *restrict dx,
                     const double *restrict dy, double *restrict xy, double *restrict yx) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = index[p];
        double g1 = ROW_SLOPE(1), g2 = ROW_SLOPE(2), g3 = ROW_SLOPE(3);
        double sxy = cubic_slope(g1, g2, g3, dx[p]);
        xy[p] = sxy;
        yx[p] = sxy;
    }
}

static size_t chunk_of(size_t n, size_t p) {
    return n - p < CHUNK ? n - p : CHUNK;
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const kr_spline_surface *s = self->state;
    const double wall = wall_of(self);
    place ax, ay;
    for (size_t p = 0; p < n; p += CHUNK) {
        locate_both(s, chunk_of(n, p), x + p, x + n + p, &ax, &ay);
        energy_at(wall, chunk_of(n, p), s->cell, ay.cell, ax.offset, ay.offset, ax.beyond, ay.beyond, energy + p);
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const kr_spline_surface *s = self->state;
    const double wall = wall_of(self);
    place ax, ay;
    for (size_t p = 0; p < n; p += CHUNK) {
        locate_both(s, chunk_of(n, p), x + p, x + n + p, &ax, &ay);
        gradient_at(wall, chunk_of(n, p), s->cell, ay.cell, ax.offset, ay.offset, ax.beyond, ay.beyond, gradient + p,
                    gradient + n + p);
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    const kr_spline_surface *s = self->state;
    const double wall = wall_of(self);
    place ax, ay;
    for (size_t p = 0; p < n; p += CHUNK) {
        locate_both(s, chunk_of(n, p), x + p, x + n + p, &ax, &ay);
        curvature_at(wall, chunk_of(n, p), s->cell, ay.cell, ax.offset, ay.offset, ax.beyond, ay.beyond, curvature + p,
                     curvature + n + p);
    }
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    const kr_spline_surface *s = self->state;
    const double wall = wall_of(self);
    place ax, ay;
    for (size_t p = 0; p < n; p += CHUNK) {
        double *at = hessian + p;
        locate_both(s, chunk_of(n, p), x + p, x + n + p, &ax, &ay);
        curvature_at(wall, chunk_of(n, p), s->cell, ay.cell, ax.offset, ay.offset, ax.beyond, ay.beyond, at, at + 3 * n);
        mixed_at(chunk_of(n, p), s->cell, ay.cell, ax.offset, ay.offset, at + n, at + 2 * n);
    }
}

static kr_status check_wall(const surface *v, const kr_spline_surface *spline, kr_error *error) {
    double twist = spline->corner_twist / v->scale;
    if (v->wall == 0 || v->wall > twist) return KR_OK;
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "landscape 'surface': wall %.15g cannot hold the surface beyond its corners, where its mixed derivative is %.6g; give a "
        "wall above that, or 0 for none",
        v->wall, twist);
}

static kr_status prepare(kr_landscape *self, kr_error *error) {
    const surface *v = self->values;
    kr_surface_file file;
    kr_spline_surface *spline = NULL;
    kr_status status = kr_surface_file_read(&file, v->file, self->directory, v->dataset, error);
    for (size_t k = 0; status == KR_OK && k < file.nx * file.ny; k++) file.value[k] *= v->scale;
    if (status == KR_OK) status = kr_spline_surface_create(&spline, file.nx, file.x, file.ny, file.y, file.value, error);
    if (status == KR_OK) status = check_wall(v, spline, error);
    kr_surface_file_destroy(&file);
    self->state = spline;
    return status;
}

static void release(kr_landscape *self) {
    kr_spline_surface_destroy(self->state);
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    return kr_spline_surface_candidates(self, self->state, wall_of(self), capacity, points);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = scale [S(c) + u_x S_x(c) + u_y S_y(c) + u_x u_y S_xy(c) + wall |u|^2 / 2]\n"
                          "S the bicubic spline, c the nearest point of the grid's rectangle to x, u = x - c",
              .doc = "Two-dimensional loss surface read from an HDF5 file of the loss-landscape tools",
              .reference = "H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein, NeurIPS (2018)",
              .parameters = parameters,
              .values_size = sizeof(surface)},
    .dim = 2,
    .prepare = prepare,
    .release = release,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
};
