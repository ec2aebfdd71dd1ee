/* Loss surface read from a file, as the loss-landscape tools write it, made smooth by a bicubic spline.
 *
 * At scale 1, with S the spline, c the point of the grid's rectangle nearest to x and u = x - c:
 *     V = S(c) + u_x S_x(c) + u_y S_y(c) + u_x u_y S_xy(c) + (wall_x u_x^2 + wall_y u_y^2) / 2
 * Inside, u = 0 and V = S, which is C2 (C1 where it is monotone). Outside, S goes on linearly; that is the natural extension of a
 * spline whose second derivative vanishes at its ends, so S itself stays C2 everywhere. The mixed term, which is there only beyond
 * corners, is what makes the extensions of two edges meet with one slope. The wall adds a slope that starts at 0: V is C1
 * everywhere, and only wall's own curvature jumps at the edge. Scale multiplies all of it. */
#include "geometry/spline_locate.h"
#include "geometry/spline_options.h"
#include "geometry/spline_surface.h"
#include "geometry/surface_file.h"

#include <kramers/candidates.h>

#include <math.h>
#include <stdlib.h>

typedef struct surface_state {
    kr_spline_surface *spline;
    double wall[2], ratio; /* of the second to the first */
} surface_state;

typedef struct surface {
    char *file, *dataset;
    int order;
    kr_list x, y;
    double missing;
    kr_spline_options spline;
} surface;

static const kr_parameter parameters[] = {
    {"file", NULL, "HDF5 file with xcoordinates, ycoordinates and the data set; or .npy; or text of three columns x, y, loss", NULL,
     KR_TEXT, KR_REQUIRED | KR_PATH, offsetof(surface, file), .initial_text = NULL},
    {"dataset", NULL, "data set of the loss, in a group too; the coordinates are looked for beside it, then elsewhere", NULL,
     KR_TEXT, 0, offsetof(surface, dataset), .initial_text = "train_loss"},
    {"order", NULL,
     "axes of the values: yx for [iy][ix], xy for [ix][iy], tool for the loss-landscape tool (shape nx by ny, filled as ny by nx); "
     "auto: yx, or tool where the shape and the file say so",
     NULL, KR_CHOICE, 0, offsetof(surface, order), .choices = kr_surface_orders},
    {"x", NULL, "where the file has no coordinates: the first and the last, or all of them", NULL, KR_LIST, 0, offsetof(surface, x),
     .initial = NAN, .minimum = -1e300, .maximum = 1e300},
    {"y", NULL, "the same along y", NULL, KR_LIST, 0, offsetof(surface, y), .initial = NAN, .minimum = -1e300, .maximum = 1e300},
    {"missing", NULL, "value that marks points that are not computed; not given: -1 in HDF5 files where no other value is negative",
     NULL, KR_NUMBER, 0, offsetof(surface, missing), .initial = NAN, .minimum = -1e300, .maximum = 1e300},
    KR_SPLINE_ROWS(surface, spline, "the grid"),
    KR_END};

static const kr_spline_surface *spline_of(const kr_landscape *self) {
    return ((const surface_state *)self->state)->spline;
}

/* Along x and y, scale included. */
static const double *walls(const kr_landscape *self) {
    return ((const surface_state *)self->state)->wall;
}

/* Index of the cell's coefficients, into y->cell. */
static void index_cells(int32_t per_row, size_t n, const int32_t *restrict column, int32_t *restrict row) {
    for (size_t p = 0; p < n; p++) row[p] = 16 * (row[p] * per_row + column[p]);
}

static void locate_both(const kr_spline_surface *s, size_t n, const double *restrict x, const double *restrict y,
                        kr_spline_place *restrict ax, kr_spline_place *restrict ay) {
    kr_spline_locate(&s->x, n, x, ax);
    kr_spline_locate(&s->y, n, y, ay);
    index_cells((int32_t)(s->x.count - 1), n, ax->cell, ay->cell);
}

/* Coefficients of (x - knot)^m along y, and the cubic in y or its slope. */
#define ROW(m, f) f(c[k + 4 * (m)], c[k + 4 * (m) + 1], c[k + 4 * (m) + 2], c[k + 4 * (m) + 3], dy[p])
#define ROW_SLOPE(m) kr_cubic_slope(c[k + 4 * (m) + 1], c[k + 4 * (m) + 2], c[k + 4 * (m) + 3], dy[p])
#define ROW_BEND(m) kr_cubic_bend(c[k + 4 * (m) + 2], c[k + 4 * (m) + 3], dy[p])

static void energy_at(double wall, double ratio, size_t n, const double *restrict c, const int32_t *restrict index,
                      const double *restrict dx, const double *restrict dy, const double *restrict ux, const double *restrict uy,
                      double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = index[p];
        double f0 = ROW(0, kr_cubic), f1 = ROW(1, kr_cubic), f2 = ROW(2, kr_cubic), f3 = ROW(3, kr_cubic);
        double g0 = ROW_SLOPE(0), g1 = ROW_SLOPE(1), g2 = ROW_SLOPE(2), g3 = ROW_SLOPE(3);
        double s = kr_cubic(f0, f1, f2, f3, dx[p]), sx = kr_cubic_slope(f1, f2, f3, dx[p]);
        double sy = kr_cubic(g0, g1, g2, g3, dx[p]), sxy = kr_cubic_slope(g1, g2, g3, dx[p]);
        double beyond = fma(ux[p], fma(uy[p], sxy, sx), uy[p] * sy);
        energy[p] = s + fma(0.5 * wall, fma(ux[p], ux[p], ratio * uy[p] * uy[p]), beyond);
    }
}

static void gradient_at(double wall_x, double wall_y, size_t n, const double *restrict c, const int32_t *restrict index,
                        const double *restrict dx, const double *restrict dy, const double *restrict ux, const double *restrict uy,
                        double *restrict gx, double *restrict gy) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = index[p];
        double f1 = ROW(1, kr_cubic), f2 = ROW(2, kr_cubic), f3 = ROW(3, kr_cubic);
        double g0 = ROW_SLOPE(0), g1 = ROW_SLOPE(1), g2 = ROW_SLOPE(2), g3 = ROW_SLOPE(3);
        double sx = kr_cubic_slope(f1, f2, f3, dx[p]), sy = kr_cubic(g0, g1, g2, g3, dx[p]),
               sxy = kr_cubic_slope(g1, g2, g3, dx[p]);
        gx[p] = fma(wall_x, ux[p], fma(uy[p], sxy, sx));
        gy[p] = fma(wall_y, uy[p], fma(ux[p], sxy, sy));
    }
}

/* Beyond an edge the second derivative across it is the wall's alone: the surface goes on linearly there. */
static void curvature_at(double wall_x, double wall_y, size_t n, const double *restrict c, const int32_t *restrict index,
                         const double *restrict dx, const double *restrict dy, const double *restrict ux, const double *restrict uy,
                         double *restrict xx, double *restrict yy) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = index[p];
        double f2 = ROW(2, kr_cubic), f3 = ROW(3, kr_cubic), g2 = ROW_SLOPE(2), g3 = ROW_SLOPE(3);
        double h0 = ROW_BEND(0), h1 = ROW_BEND(1), h2 = ROW_BEND(2), h3 = ROW_BEND(3);
        double sxx = fma(uy[p], kr_cubic_bend(g2, g3, dx[p]), kr_cubic_bend(f2, f3, dx[p]));
        double syy = fma(ux[p], kr_cubic_slope(h1, h2, h3, dx[p]), kr_cubic(h0, h1, h2, h3, dx[p]));
        xx[p] = ux[p] != 0 ? wall_x : sxx;
        yy[p] = uy[p] != 0 ? wall_y : syy;
    }
}

static void mixed_at(size_t n, const double *restrict c, const int32_t *restrict index, const double *restrict dx,
                     const double *restrict dy, double *restrict xy, double *restrict yx) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = index[p];
        double g1 = ROW_SLOPE(1), g2 = ROW_SLOPE(2), g3 = ROW_SLOPE(3);
        double sxy = kr_cubic_slope(g1, g2, g3, dx[p]);
        xy[p] = sxy;
        yx[p] = sxy;
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const kr_spline_surface *s = spline_of(self);
    const double *wall = walls(self);
    kr_spline_place ax, ay;
    for (size_t p = 0; p < n; p += KR_SPLINE_CHUNK) {
        locate_both(s, kr_spline_chunk(n, p), x + p, x + n + p, &ax, &ay);
        energy_at(wall[0], ((const surface_state *)self->state)->ratio, kr_spline_chunk(n, p), s->cell, ay.cell, ax.offset,
                  ay.offset, ax.beyond, ay.beyond, energy + p);
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const kr_spline_surface *s = spline_of(self);
    const double *wall = walls(self);
    kr_spline_place ax, ay;
    for (size_t p = 0; p < n; p += KR_SPLINE_CHUNK) {
        locate_both(s, kr_spline_chunk(n, p), x + p, x + n + p, &ax, &ay);
        gradient_at(wall[0], wall[1], kr_spline_chunk(n, p), s->cell, ay.cell, ax.offset, ay.offset, ax.beyond, ay.beyond,
                    gradient + p, gradient + n + p);
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    const kr_spline_surface *s = spline_of(self);
    const double *wall = walls(self);
    kr_spline_place ax, ay;
    for (size_t p = 0; p < n; p += KR_SPLINE_CHUNK) {
        locate_both(s, kr_spline_chunk(n, p), x + p, x + n + p, &ax, &ay);
        curvature_at(wall[0], wall[1], kr_spline_chunk(n, p), s->cell, ay.cell, ax.offset, ay.offset, ax.beyond, ay.beyond,
                     curvature + p, curvature + n + p);
    }
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    const kr_spline_surface *s = spline_of(self);
    const double *wall = walls(self);
    kr_spline_place ax, ay;
    for (size_t p = 0; p < n; p += KR_SPLINE_CHUNK) {
        double *at = hessian + p;
        locate_both(s, kr_spline_chunk(n, p), x + p, x + n + p, &ax, &ay);
        curvature_at(wall[0], wall[1], kr_spline_chunk(n, p), s->cell, ay.cell, ax.offset, ay.offset, ax.beyond, ay.beyond, at,
                     at + 3 * n);
        mixed_at(kr_spline_chunk(n, p), s->cell, ay.cell, ax.offset, ay.offset, at + n, at + 2 * n);
    }
}

/* A wall that is given holds both axes alike. Four digits that are a thousandth above what is needed are above it themselves. */
static kr_status choose_wall(surface_state *s, const surface *v, kr_error *error) {
    double scale = v->spline.scale, given = v->spline.wall, twist = s->spline->corner_twist / scale;
    for (int i = 0; i < 2; i++) s->wall[i] = isnan(given) ? s->spline->fitting_wall[i] : scale * given;
    s->ratio = s->wall[0] > 0 ? s->wall[1] / s->wall[0] : 1;
    if (isnan(given) || given == 0 || given > twist) return KR_OK;
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "landscape 'surface': wall %.15g cannot hold the surface beyond its corners, where its mixed derivative is %.6g; "
        "give %.4g or more, 0 for none, or leave it out for one that fits (%.3g along x, %.3g along y)",
        given, twist, 1.001 * twist, s->spline->fitting_wall[0] / scale, s->spline->fitting_wall[1] / scale);
}

static kr_status prepare(kr_landscape *self, kr_error *error) {
    const surface *v = self->values;
    kr_surface_file file;
    const kr_surface_source source = {v->file, self->directory, v->dataset, (kr_surface_order)v->order, v->x, v->y, v->missing};
    surface_state *s = self->state = calloc(1, sizeof *s);
    if (!s) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a surface");
    kr_status status = kr_surface_file_read(&file, &source, error);
    if (status == KR_OK) status = kr_spline_shape(&v->spline, file.nx * file.ny, file.value, "surface", v->file, error);
    if (status == KR_OK)
        status = kr_spline_surface_create(&s->spline, (kr_spline_kind)v->spline.interpolation, file.nx, file.x, file.ny, file.y,
                                          file.value, error);
    if (status == KR_OK) status = choose_wall(s, v, error);
    kr_surface_file_destroy(&file);
    return status;
}

static void release(kr_landscape *self) {
    surface_state *s = self->state;
    kr_spline_surface_destroy(s->spline);
    free(s);
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    return kr_spline_surface_candidates(self, spline_of(self), walls(self), capacity, points);
}

static bool warning(const kr_landscape *self, size_t number, char *text, size_t size) {
    const surface *v = self->values;
    return number == 0 && kr_spline_range_warning(&spline_of(self)->range, &v->spline, text, size);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .bench = "file: data/digits_three_minima.h5, wall: 1",
              .bound = "a particle looks up sixteen coefficients at a place of its own",
              .equation = "V = scale [S(c) + u_x S_x(c) + u_y S_y(c) + u_x u_y S_xy(c) + (wall_x u_x^2 + wall_y u_y^2) / 2]\n"
                          "S the bicubic or monotone surface through the values (clipped; their logarithm with log), c the nearest "
                          "point of the grid's rectangle to x, u = x - c",
              .doc =
                  "Two-dimensional loss surface read from a file: HDF5 of the loss-landscape tools, .npy, or three columns of text",
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
    .warning = warning,
};
