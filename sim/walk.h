/* The one-dimensional walk x' = m(x) + s(x) xi, m = x - eta V'(x), on Gauss-Legendre nodes (Nystrom's method).
 *
 * The mean number of steps to the target solves n(x) = 1 + int p(x, y) n(y) dy over the region outside the target. n is as
 * smooth as the noise is wide, so panels of about 2.5 s with 16 nodes give it to rounding.
 */
#ifndef KR_WALK_H
#define KR_WALK_H

#include <kramers/theory.h>

#include "panels.h"

typedef struct kr_walk {
    const kr_line *line;
    double left, right;           /* where the region is cut; the target where there is one on that side */
    double width;                 /* of a panel in units of s */
    double cutoff;                /* jumps beyond so many s are left out */
    size_t panels, n;             /* n nodes */
    double *edge;                 /* [panels][2] */
    double *x, *mean, *deviation; /* [n] */
    kr_panel_rule rule;
} kr_walk;

typedef struct kr_walk_result {
    double steps;                 /* mean from the start to the target */
    double second;                /* mean of its square */
    double lost_left, lost_right; /* mean number of moves beyond a cut (such a move is refused: the particle stays) */
    size_t nodes;
} kr_walk_result;

typedef enum kr_walk_outcome { KR_WALK_DONE, KR_WALK_STUCK, KR_WALK_TOO_LARGE, KR_WALK_NOT_FINITE } kr_walk_outcome;

/* Solves with line, left, right, width and cutoff set. */
kr_walk_outcome kr_walk_solve(kr_walk *walk, kr_walk_result *result);

/* Mean and standard deviation of the next position, and |m'|, at n points; any output may be NULL. */
void kr_walk_step(const kr_line *line, size_t n, const double *x, double *mean, double *deviation, double *stretch);

#endif
