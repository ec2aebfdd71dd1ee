/* The one-dimensional walk x' = m(x) + s(x) xi, m = x - eta V'(x), on Gauss-Legendre nodes (Nystrom's method).
 *
 * The mean number of steps to the target solves n(x) = 1 + int p(x, y) n(y) dy over the region outside the target. n is as
 * smooth as the noise is wide, so panels of about 2.5 s with 16 nodes give it to rounding.
 */
#ifndef KR_WALK_H
#define KR_WALK_H

#include <kramers/theory.h>

#include "numerics/gauss_legendre.h"

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

/* Panels and nodes alone, with line, left, right, width and cutoff set. */
kr_walk_outcome kr_walk_create(kr_walk *walk);
void kr_walk_destroy(kr_walk *walk);

/* Where a move comes from: its mean and standard deviation. */
typedef struct kr_walk_source {
    double mean, deviation;
} kr_walk_source;

/* Probability that a move ends the walk, and that it goes beyond a cut. */
double kr_walk_absorbed(const kr_walk *walk, kr_walk_source from);
double kr_walk_lost_left(const kr_walk *walk, kr_walk_source from);
double kr_walk_lost_right(const kr_walk *walk, kr_walk_source from);
/* Panels [first, last) that a move reaches, and the probabilities of the moves to their nodes. */
void kr_walk_reached(const kr_walk *walk, kr_walk_source from, size_t *first, size_t *last);
void kr_walk_row(const kr_walk *walk, kr_walk_source from, size_t first, size_t last, double *row);

/* Solves with line, left, right, width and cutoff set. */
kr_walk_outcome kr_walk_solve(kr_walk *walk, kr_walk_result *result);

/* Mean and standard deviation of the next position, and |m'|, at n points; any output may be NULL. */
void kr_walk_step(const kr_line *line, size_t n, const double *x, double *mean, double *deviation, double *stretch);

/* Steps, variation and accuracy of the passage to the line's targets, or why not. */
void kr_walk_passage(const kr_line *line, kr_prediction *out);

/* A first guess of where to cut the open sides: left and right from the line alone. false: an open side does not hold the walk. */
bool kr_walk_first_cuts(kr_walk *walk);

#endif
