/* Spline along a line through up to millions of points. */
#ifndef KR_SPLINE_LINE_H
#define KR_SPLINE_LINE_H

#include "spline_axis.h"

#include <kramers/status.h>

/* Piece i has its four coefficients, of powers of x - knot[i], at piece[4 * i]. */
typedef struct kr_spline_line {
    kr_spline_axis axis;
    double *piece;
    double fitting_wall; /* holds the curve, whatever its units */
    kr_spline_range range;
} kr_spline_line;

/* value[count] at ascending x[count], all finite. The caller destroys it, also after an error. */
kr_status kr_spline_line_create(kr_spline_line *line, kr_spline_kind kind, size_t count, const double *x, const double *value,
                                kr_error *error);
void kr_spline_line_destroy(kr_spline_line *line);

/* Where S' + decay x vanishes on a piece of this width that begins at x; writes what there is room for behind the first count and
 * returns how many there are then. Zeros of one piece within rounding of its ends are offered by both neighbours. */
size_t kr_spline_piece_zeros(const double c[4], double x, double width, double decay, size_t count, size_t capacity,
                             double *points);
/* The same beyond an end, where the slope goes on and a wall is added; side: -1 or 1. */
size_t kr_spline_end_zeros(double end, double slope, int side, double wall, double decay, size_t count, size_t capacity,
                           double *points);

#endif
