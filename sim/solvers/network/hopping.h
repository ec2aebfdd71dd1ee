/* Hopping between minima: the continuous-time Markov chain on the minima that a particle visits between the start and the targets,
 * with a rate over every saddle (minima_rates.h).
 *
 *     kr_hopping hopping = {.problem = problem, .bath = bath};
 *     bool done = kr_hopping_make(&hopping, out) && kr_hopping_explore(&hopping, out) && kr_hopping_solve(&hopping, out);
 *     ...
 *     kr_hopping_destroy(&hopping);
 *
 * Functions that return false have refused, with the reason in out. */
#ifndef KR_HOPPING_H
#define KR_HOPPING_H

#include "geometry/minima_graph.h"
#include "solvers/problem/bath.h"

typedef struct kr_hopping {
    const kr_problem *problem;
    kr_bath bath;
    double mean; /* time of the bath's equation until the first passage */
    kr_minima_graph graph;
    size_t start;  /* node */
    bool *inside;  /* [node_count] in a target */
    size_t *state; /* [node_count] number in the chain; SIZE_MAX: not reached, or in a target */
    size_t *queue; /* nodes by that number */
    size_t states;
    double *point; /* [dim] */
} kr_hopping;

/* The graph of minima and saddles in the coordinates that the targets refer to, and the start's place in it. problem and bath are
 * given, all else is 0. */
bool kr_hopping_make(kr_hopping *hopping, kr_prediction *out);
void kr_hopping_destroy(kr_hopping *hopping);

/* Numbers the minima that are reached from the start without passing a target. A minimum counts as in the target when it lies in
 * it, or when reaching the target's level from there costs no more than T. Refuses when there is no barrier higher than T, no way
 * to a target, or the edge of a target near a saddle. */
bool kr_hopping_explore(kr_hopping *hopping, kr_prediction *out);

/* The mean first-passage time: -Q m = 1, and -Q s = 2 m for the mean square, without subtractions. Fills in mean, out->rate and
 * out->variation. */
bool kr_hopping_solve(kr_hopping *hopping, kr_prediction *out);

/* Relaxation between all wells, where the graph has them all; else NAN. */
double kr_hopping_gap(const kr_hopping *hopping);

/* The whole point in hopping->point: the start in coordinates that take no part. */
void kr_hopping_place(kr_hopping *hopping, const kr_graph_point *point);

/* Whether the edge joins this node to another one. */
bool kr_hopping_leaves(const kr_graph_edge *edge, size_t node);

#endif
