/* Critical points of separable landscapes: each coordinate is a one-dimensional problem, and all of them are solved at once. */
#ifndef KR_CRITICAL_LINES_H
#define KR_CRITICAL_LINES_H

#include <kramers/landscape.h>

/* Two coordinates closer than this are the same: 1e-6, or the rounding of large ones. */
static inline double kr_same_within(double x) {
    double rounding = 1e-14 * (x < 0 ? -x : x);
    return rounding > 1e-6 ? rounding : 1e-6;
}

/* Refuses a landscape that lists no candidates for its minima. */
kr_status kr_need_candidates(const kr_landscape *landscape, kr_error *error);

/* Point j of axis a is entry first[a - axis] + j; ascending along each axis. */
typedef struct kr_critical_lines {
    size_t axis, axis_count;
    size_t *first; /* [axis_count + 1] */
    double *x;     /* minima and maxima, weight decay included; points of inflection are left out */
    double *curvature;
    bool *minimum;
} kr_critical_lines;

/* Of the axes axis .. axis + axis_count - 1. period_number: which period of a periodic landscape. */
kr_status kr_critical_lines_find(const kr_landscape *landscape, size_t axis, size_t axis_count, int64_t period_number,
                                 kr_critical_lines *lines, kr_error *error);
void kr_critical_lines_destroy(kr_critical_lines *lines);

#endif
