/* A loss along a line as numbers: the spline S through up to millions of points, from a list or a file.
 *
 * At scale 1, with c the point of [x_first, x_last] nearest to x and u = x - c:  V = S(c) + u S'(c) + wall u^2 / 2.  Inside, V = S:
 * the natural cubic spline, or a monotone one. Outside, the slope goes on and the wall's, which starts at 0, keeps particles from
 * leaving. V is C1 everywhere. Scale multiplies all of it.
 *
 * The piece is looked up in a table; for a few points that are moved by hand, landscape `spline` is quicker. */
#include "geometry/spline_line.h"
#include "geometry/spline_locate.h"
#include "geometry/spline_options.h"
#include "geometry/table_file.h"

#include <kramers/landscape.h>

#include <math.h>
#include <stdlib.h>

typedef struct table {
    char *file, *dataset;
    kr_list points, columns, x;
    double missing;
    kr_spline_options spline;
} table;

static const kr_parameter parameters[] = {
    {"file", NULL, "text of columns (CSV), .npy or HDF5; not given: the points", NULL, KR_TEXT, KR_PATH, offsetof(table, file),
     .initial_text = NULL},
    {"points", NULL, "[[x, V], ...] where no file is given, at least 3 of them; neither: two wells as an example", NULL, KR_LIST,
     KR_PAIRS, offsetof(table, points), .initial = NAN, .minimum = -1e30, .maximum = 1e30},
    {"columns", NULL, "numbers of the columns of x and V, from 0 on, where the file has others too", NULL, KR_LIST, 0,
     offsetof(table, columns), .initial = NAN, .minimum = 0, .maximum = 63},
    {"x", NULL, "where the file has no coordinates: the first and the last, or all of them", NULL, KR_LIST, 0, offsetof(table, x),
     .initial = NAN, .minimum = -1e300, .maximum = 1e300},
    {"dataset", NULL, "of an HDF5 file: the data set of the loss; xcoordinates are looked for beside it, then elsewhere", NULL,
     KR_TEXT, 0, offsetof(table, dataset), .initial_text = "train_loss"},
    {"missing", NULL, "value that marks points that are not computed; not given: -1 in HDF5 files where no other value is negative",
     NULL, KR_NUMBER, 0, offsetof(table, missing), .initial = NAN, .minimum = -1e300, .maximum = 1e300},
    KR_SPLINE_ROWS(table, spline, "the points"),
    KR_END};

typedef struct table_state {
    kr_spline_line line;
    double wall; /* scale included */
} table_state;

static void energy_at(double wall, size_t n, const double *restrict c, const int32_t *restrict cell, const double *restrict t,
                      const double *restrict u, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = 4 * cell[p];
        double value = kr_cubic(c[k], c[k + 1], c[k + 2], c[k + 3], t[p]),
               slope = kr_cubic_slope(c[k + 1], c[k + 2], c[k + 3], t[p]);
        energy[p] = fma(u[p], fma(0.5 * wall, u[p], slope), value);
    }
}

static void gradient_at(double wall, size_t n, const double *restrict c, const int32_t *restrict cell, const double *restrict t,
                        const double *restrict u, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = 4 * cell[p];
        gradient[p] = fma(wall, u[p], kr_cubic_slope(c[k + 1], c[k + 2], c[k + 3], t[p]));
    }
}

static void curvature_at(double wall, size_t n, const double *restrict c, const int32_t *restrict cell, const double *restrict t,
                         const double *restrict u, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) {
        const int32_t k = 4 * cell[p];
        double inside = kr_cubic_bend(c[k + 2], c[k + 3], t[p]);
        curvature[p] = u[p] != 0 ? wall : inside;
    }
}

typedef void of_places(double wall, size_t n, const double *restrict c, const int32_t *restrict cell, const double *restrict t,
                       const double *restrict u, double *restrict out);

static void evaluate(const kr_landscape *self, of_places *at_places, size_t n, const double *restrict x, double *restrict out) {
    const table_state *s = self->state;
    kr_spline_place at;
    for (size_t p = 0; p < n; p += KR_SPLINE_CHUNK) {
        size_t count = kr_spline_chunk(n, p);
        kr_spline_locate(&s->line.axis, count, x + p, &at);
        at_places(s->wall, count, s->line.piece, at.cell, at.offset, at.beyond, out + p);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    evaluate(self, energy_at, n, x, energy);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    evaluate(self, gradient_at, n, x, gradient);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    evaluate(self, curvature_at, n, x, curvature);
}

static kr_status prepare(kr_landscape *self, kr_error *error) {
    const table *v = self->values;
    const kr_table_source source = {v->file, self->directory, v->dataset, v->points, v->columns, v->x, v->missing};
    kr_table read;
    table_state *s = self->state = calloc(1, sizeof *s);
    if (!s) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a table");
    kr_status status = kr_table_read(&read, &source, error);
    if (status == KR_OK) status = kr_spline_shape(&v->spline, read.count, read.value, "table", v->file, error);
    if (status == KR_OK)
        status = kr_spline_line_create(&s->line, (kr_spline_kind)v->spline.interpolation, read.count, read.x, read.value, error);
    s->wall = isnan(v->spline.wall) ? s->line.fitting_wall : v->spline.scale * v->spline.wall;
    kr_table_destroy(&read);
    return status;
}

static void release(kr_landscape *self) {
    table_state *s = self->state;
    kr_spline_line_destroy(&s->line);
    free(s);
}

/* Where V' + lambda x vanishes: a quadratic equation in each piece, a linear one beyond each end. The caller drops duplicates. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const table_state *s = self->state;
    const kr_spline_axis *knots = &s->line.axis;
    size_t count = 0;
    for (size_t i = 0; i + 1 < knots->count; i++)
        count = kr_spline_piece_zeros(s->line.piece + 4 * i, knots->knot[i], kr_spline_axis_knot(knots, i + 1) - knots->knot[i],
                                      self->weight_decay, count, capacity, points);
    for (int side = -1; side <= 1; side += 2) {
        double end = side > 0 ? knots->high : knots->low, slope;
        gradient(self, 1, &end, &slope);
        count = kr_spline_end_zeros(end, slope, side, s->wall, self->weight_decay, count, capacity, points);
    }
    return count;
}

static size_t knots(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const kr_spline_axis *knots = &((const table_state *)self->state)->line.axis;
    for (size_t i = 0; i < knots->count && i < capacity; i++) points[i] = kr_spline_axis_knot(knots, i);
    return knots->count;
}

static bool warning(const kr_landscape *self, size_t number, char *text, size_t size) {
    const table *v = self->values;
    return number == 0 && kr_spline_range_warning(&((const table_state *)self->state)->line.range, &v->spline, text, size);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .bound = "a particle looks up four coefficients at a place of its own",
              .equation = "V = scale [S(c) + u S'(c) + wall u^2 / 2]\n"
                          "S the spline through the values (clipped; their logarithm with log), c the nearest point of its range "
                          "to x, u = x - c",
              .doc = "A one-dimensional loss as numbers, from a list or a file (CSV, .npy, HDF5): the spline through 3 to 10 "
                     "million points",
              .reference =
                  "C. de Boor, A Practical Guide to Splines, Springer (1978); M. Steffen, Astron. Astrophys. 239, 443 (1990)",
              .parameters = parameters,
              .values_size = sizeof(table)},
    .dim = 1,
    .separable = true,
    .prepare = prepare,
    .release = release,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
    .knots = knots,
    .warning = warning,
};
