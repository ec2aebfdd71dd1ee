/* What splines along a line and over a plane share: the look-up of a cell among up to millions of knots, slopes at the knots,
 * pieces. */
#ifndef KR_SPLINE_AXIS_H
#define KR_SPLINE_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

enum { KR_SPLINE_MINIMUM_KNOTS = 3 };

/* Ascending knots, at least KR_SPLINE_MINIMUM_KNOTS of them. false: out of memory; destroy is allowed. */
bool kr_spline_axis_create(kr_spline_axis *axis, size_t count, const double *knot);
void kr_spline_axis_destroy(kr_spline_axis *axis);
/* Of knot i, also the last. */
double kr_spline_axis_knot(const kr_spline_axis *axis, size_t i);

typedef enum kr_spline_kind {
    KR_SPLINE_CUBIC,   /* natural cubic spline: twice continuously differentiable, rings at jumps of the values */
    KR_SPLINE_MONOTONE /* once; between two knots never beyond their values (Steffen 1990) */
} kr_spline_kind;

/* Slopes at the knots of the curve through value[count], both with this stride; line[count] is work space. False: out of memory. */
bool kr_spline_slopes(kr_spline_kind kind, size_t count, const double *knot, const double *value, double *slope, size_t stride,
                      double *line);
/* Cubic through f0 and f1 with slopes d0 and d1 at the ends of an interval of width h: coefficients in ascending order. */
void kr_spline_piece(double h, double f0, double f1, double d0, double d1, double c[4]);

/* How far a spline leaves the values that it goes through. */
typedef struct kr_spline_range {
    double data_low, data_high;
    double low, high; /* of the spline between its knots */
} kr_spline_range;

/* Nothing yet; then the values; then what is reached between them. */
kr_spline_range kr_spline_range_of(size_t count, const double *value);
void kr_spline_range_add(kr_spline_range *range, double value);
/* The lowest and the highest value of a piece of width h, its ends included. */
void kr_spline_range_add_piece(kr_spline_range *range, const double c[4], double h);

#endif
