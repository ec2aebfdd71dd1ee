/* The one-dimensional chain x' = m(x) + s(x) xi, m = x - eta V'(x), on Gauss-Legendre nodes (Nystrom's method).
 *
 * The mean number of steps to the target solves n(x) = 1 + int p(x, y) n(y) dy over the region outside the target. n is as
 * smooth as the noise is wide, so panels of about 2.5 s with 16 nodes give it to rounding.
 */
#ifndef KR_CHAIN_H
#define KR_CHAIN_H

#include <kramers/theory.h>

#include "numerics/gauss_legendre.h"

typedef struct kr_chain {
    const kr_problem_1d *line;
    double left, right;           /* where the region is cut; the target where there is one on that side */
    double width;                 /* of a panel in units of s */
    double cutoff;                /* jumps beyond so many s are left out */
    size_t panels, n;             /* n nodes */
    double *edge;                 /* [panels][2] */
    double *x, *mean, *deviation; /* [n] */
    kr_gauss_rule rule;
} kr_chain;

typedef struct kr_chain_result {
    double steps;                 /* mean from the start to the target */
    double second;                /* mean of its square */
    double lost_left, lost_right; /* mean number of moves beyond a cut (such a move is refused: the particle stays) */
    size_t nodes;
} kr_chain_result;

typedef enum kr_chain_outcome { KR_CHAIN_DONE, KR_CHAIN_STUCK, KR_CHAIN_TOO_LARGE, KR_CHAIN_NOT_FINITE } kr_chain_outcome;

/* Panels and nodes alone, with line, left, right, width and cutoff set. */
kr_chain_outcome kr_chain_create(kr_chain *chain);
void kr_chain_destroy(kr_chain *chain);

/* Where a move comes from: its mean and standard deviation. */
typedef struct kr_chain_source {
    double mean, deviation;
} kr_chain_source;

/* Probability that a move ends the chain, and that it goes beyond a cut. */
double kr_chain_absorbed(const kr_chain *chain, kr_chain_source from);
double kr_chain_lost_left(const kr_chain *chain, kr_chain_source from);
double kr_chain_lost_right(const kr_chain *chain, kr_chain_source from);
/* Panels [first, last) that a move reaches, and the probabilities of the moves to their nodes. */
void kr_chain_reached(const kr_chain *chain, kr_chain_source from, size_t *first, size_t *last);
void kr_chain_row(const kr_chain *chain, kr_chain_source from, size_t first, size_t last, double *row);

/* Solves with line, left, right, width and cutoff set. */
kr_chain_outcome kr_chain_solve(kr_chain *chain, kr_chain_result *result);

/* Mean and standard deviation of the next position, and |m'|, at n points; any output may be NULL. */
void kr_chain_step(const kr_problem_1d *line, size_t n, const double *x, double *mean, double *deviation, double *factor);

/* Steps, variation and accuracy of the passage to the line's targets, or why not. */
void kr_chain_passage(const kr_problem_1d *line, kr_prediction *out);

/* The mean number of steps to some four digits, for sums over many steps; NAN where kr_chain_passage would say why not. */
double kr_chain_quick_steps(const kr_problem_1d *line);

/* A first guess of where to cut the open sides: left and right from the line alone. false: an open side does not hold the chain. */
bool kr_chain_first_cuts(kr_chain *chain);

#endif
