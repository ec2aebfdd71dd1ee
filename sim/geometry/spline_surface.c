#include "spline_surface.h"
#include <kramers/candidates.h>

#include "numerics/gsl_guard.h"

#include <gsl/gsl_interp.h>
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

static bool axis_create(kr_spline_axis *axis, size_t count, const double *knot) {
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

bool kr_spline_slopes(size_t count, const double *knot, const double *value, double *slope, size_t stride, double *line) {
    kr_gsl_enter();
    gsl_interp *spline = gsl_interp_alloc(gsl_interp_cspline, count);
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

/* Values and slopes at the grid points, [ny][nx] each. */
typedef struct nodes {
    const double *f;
    double *fx, *fy, *fxy;
} nodes;

static void fill_cell(const nodes *v, size_t corner, size_t nx, double width, double height, double *coefficient) {
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

/* The spline is the tensor product of natural cubic splines: on each cell it is the bicubic polynomial given by values, slopes
 * and mixed derivatives at the corners, and these follow from one-dimensional splines along rows and columns (de Boor, Journal
 * of Mathematics and Physics 41, 212 (1962)). */
static bool fit(kr_spline_surface *surface, const double *x, const double *y, const double *value) {
    size_t nx = surface->x.count, ny = surface->y.count, size = nx * ny;
    double *work = malloc((3 * size + nx + ny) * sizeof *work), *line = work + 3 * size;
    nodes v = {.f = value, .fx = work, .fy = work + size, .fxy = work + 2 * size};
    bool good = work != NULL;
    for (size_t i = 0; good && i < nx; i++) good = kr_spline_slopes(ny, y, value + i, v.fy + i, nx, line);
    for (size_t j = 0; good && j < ny; j++)
        good = kr_spline_slopes(nx, x, value + j * nx, v.fx + j * nx, 1, line) &&
               kr_spline_slopes(nx, x, v.fy + j * nx, v.fxy + j * nx, 1, line);
    for (size_t j = 0; good && j + 1 < ny; j++)
        for (size_t i = 0; i + 1 < nx; i++)
            fill_cell(&v, j * nx + i, nx, x[i + 1] - x[i], y[j + 1] - y[j], surface->cell + 16 * (j * (nx - 1) + i));
    for (size_t corner = 0; good && corner < 4; corner++) {
        double twist = v.fxy[(corner & 1 ? nx - 1 : 0) + (corner & 2 ? (ny - 1) * nx : 0)];
        surface->corner_twist = fmax(surface->corner_twist, fabs(twist));
    }
    free(work);
    return good;
}

kr_status kr_spline_surface_create(kr_spline_surface **created, size_t nx, const double *x, size_t ny, const double *y,
                                   const double *value, kr_error *error) {
    size_t cells = (nx - 1) * (ny - 1);
    kr_spline_surface *surface = *created = calloc(1, sizeof *surface);
    if (surface) surface->cell = aligned_alloc(128, 16 * cells * sizeof *surface->cell);
    if (!surface || !surface->cell || !axis_create(&surface->x, nx, x) || !axis_create(&surface->y, ny, y) ||
        !fit(surface, x, y, value)) {
        kr_spline_surface_destroy(surface);
        *created = NULL;
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a surface of %zu x %zu points", ny, nx);
    }
    for (size_t k = 0; k < 16 * cells; k++) {
        if (isfinite(surface->cell[k])) continue;
        kr_spline_surface_destroy(surface);
        *created = NULL;
        return kr_fail(error, KR_BAD_ARGUMENT, "the values differ too much between neighbouring points to be interpolated");
    }
    return KR_OK;
}

void kr_spline_surface_destroy(kr_spline_surface *surface) {
    if (!surface) return;
    free(surface->x.knot);
    free(surface->x.first);
    free(surface->y.knot);
    free(surface->y.first);
    free(surface->cell);
    free(surface);
}

/* Knots and the points half way between them: writes 2 count - 1 numbers. */
static void refine_knots(const kr_spline_axis *axis, double *x) {
    for (size_t i = 0; i + 1 < axis->count; i++) {
        double right = i + 2 < axis->count ? axis->knot[i + 1] : axis->high;
        x[2 * i] = axis->knot[i];
        x[2 * i + 1] = 0.5 * (axis->knot[i] + right);
    }
    x[2 * axis->count - 2] = axis->high;
}

/* Where the slope falls outward at this point of the edge, the wall of this curvature stops it at a distance slope / wall.
 * outward: -1, 0 or 1 along each axis. */
static size_t beyond_edge(const kr_landscape *self, const double edge[2], const int outward[2], double wall, size_t found,
                          size_t capacity, double *points) {
    double slope[2], at[2] = {edge[0], edge[1]};
    kr_landscape_gradient(self, 1, edge, slope);
    for (int i = 0; i < 2; i++) {
        double fall = -slope[i] * outward[i];
        if (outward[i] != 0 && !(fall > 0)) return found;
        at[i] += fall / wall * outward[i];
    }
    if (found < capacity) memcpy(points + 2 * found, at, sizeof at);
    return found + 1;
}

static size_t around_edges(const kr_landscape *self, size_t nx, const double *x, size_t ny, const double *y, double wall,
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

size_t kr_spline_surface_candidates(const kr_landscape *self, const kr_spline_surface *surface, double wall, size_t capacity,
                                    double *points) {
    size_t nx = 2 * surface->x.count - 1, ny = 2 * surface->y.count - 1;
    double *x = malloc((nx + ny) * sizeof *x), *y = x + nx;
    if (!x) return 0;
    refine_knots(&surface->x, x);
    refine_knots(&surface->y, y);
    size_t found = kr_candidates_in_plane(self, nx, x, ny, y, capacity, points);
    double holding = wall + self->weight_decay;
    if (holding > 0) found = around_edges(self, nx, x, ny, y, holding, found, capacity, points);
    free(x);
    return found;
}
