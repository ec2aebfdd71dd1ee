/* C2 bicubic spline with natural ends through the values on a rectangular grid, prepared for fast evaluation of batches; and what
 * splines along a line share with it. */
#ifndef KR_SPLINE_SURFACE_H
#define KR_SPLINE_SURFACE_H

#include <kramers/landscape.h>

/* Look-up of the cell [knot[i], knot[i+1]) that holds x. Equidistant knots: i = (x - low) * per_cell. Otherwise first[b] of the
 * bucket b = (x - low) * per_bucket is the cell at the bucket's left end, and `bisections` steps of bisection lead to i. Knots
 * are followed by infinities, so that bisection needs no test for the end. */
typedef struct kr_spline_axis {
    size_t count; /* knots */
    double *knot; /* [count + padding] */
    double low, high;
    bool equidistant;
    double per_bucket; /* 1 / width of a bucket; of a cell when equidistant */
    double last_bucket;
    int bisections;
    int32_t *first; /* [buckets]; NULL when equidistant */
} kr_spline_axis;

/* Cell (i, j) has its 16 coefficients, two cache lines, at cell[16 * (j * (x.count - 1) + i)]: number 4 m + k belongs to
 * (x - x.knot[i])^m (y - y.knot[j])^k. */
typedef struct kr_spline_surface {
    kr_spline_axis x, y;
    double *cell;
    double corner_twist; /* largest |S_xy| at the four corners: beyond them the wall must outweigh u_x u_y S_xy */
} kr_spline_surface;

enum { KR_SPLINE_MINIMUM_KNOTS = 3 };
/* So that 16 * cells fits into the 32-bit indices of the kernels. */
#define KR_SPLINE_MAXIMUM_CELLS ((size_t)1 << 27)

/* value[ny][nx] at ascending x[nx] and y[ny], all finite. */
kr_status kr_spline_surface_create(kr_spline_surface **surface, size_t nx, const double *x, size_t ny, const double *y,
                                   const double *value, kr_error *error);
void kr_spline_surface_destroy(kr_spline_surface *surface);

/* Candidates for critical points (see candidates.h) of a landscape that is this surface with this wall around it: inside from
 * the signs of the slopes on a grid of twice the density, outside where a falling edge meets the wall. */
size_t kr_spline_surface_candidates(const kr_landscape *self, const kr_spline_surface *surface, double wall, size_t capacity,
                                    double *points);

/* Slopes at the knots of the natural cubic spline through value[count], both with this stride; line[count] is work space. False:
 * out of memory. */
bool kr_spline_slopes(size_t count, const double *knot, const double *value, double *slope, size_t stride, double *line);
/* Cubic through f0 and f1 with slopes d0 and d1 at the ends of an interval of width h: coefficients in ascending order. */
void kr_spline_piece(double h, double f0, double f1, double d0, double d1, double c[4]);

#endif
