/* Bicubic surface through the values on a rectangular grid, prepared for fast evaluation of batches: the C2 spline with natural
 * ends, or a C1 surface that stays within the values at the corners of each cell. */
#ifndef KR_SPLINE_SURFACE_H
#define KR_SPLINE_SURFACE_H

#include "spline_axis.h"

#include <kramers/landscape.h>

/* Cell (i, j) has its 16 coefficients, two cache lines, at cell[16 * (j * (x.count - 1) + i)]: number 4 m + k belongs to
 * (x - x.knot[i])^m (y - y.knot[j])^k. */
typedef struct kr_spline_surface {
    kr_spline_axis x, y;
    double *cell;
    double corner_twist;    /* largest |S_xy| at the four corners: beyond them the wall must outweigh u_x u_y S_xy */
    double fitting_wall[2]; /* along x and y: holds the surface, whatever its units */
    kr_spline_kind kind;
    kr_spline_range range;
} kr_spline_surface;

/* So that 16 * cells fits into the 32-bit indices of the kernels. */
#define KR_SPLINE_MAXIMUM_CELLS ((size_t)1 << 27)

/* value[ny][nx] at ascending x[nx] and y[ny], all finite. */
kr_status kr_spline_surface_create(kr_spline_surface **surface, kr_spline_kind kind, size_t nx, const double *x, size_t ny,
                                   const double *y, const double *value, kr_error *error);
void kr_spline_surface_destroy(kr_spline_surface *surface);

/* Candidates for critical points (see candidates.h) of a landscape that is this surface with these walls around it: inside from
 * the signs of the slopes on a grid of twice the density, outside where a falling edge meets the wall. */
size_t kr_spline_surface_candidates(const kr_landscape *self, const kr_spline_surface *surface, const double wall[2],
                                    size_t capacity, double *points);

#endif
