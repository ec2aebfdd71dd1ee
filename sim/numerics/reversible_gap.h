/* The slowest relaxation rate of a reversible Markov chain in continuous time. */
#ifndef KR_REVERSIBLE_GAP_H
#define KR_REVERSIBLE_GAP_H

#include "gth_solver.h"

/* pinned: -Q without the row and column of state pin (rates as entries, those to pin as excess), eliminated. weight [n + 1]: the
 * stationary distribution of all states, sum 1. f [n + 1]: a function to begin with that is not constant; becomes the slow
 * eigenfunction. Inverse iteration with solutions of -Q x = f that are 0 at the pinned state, so that rates of any smallness keep
 * their relative accuracy. NAN: not enough memory. */
double kr_reversible_gap(const kr_gth *pinned, size_t pin, const double *weight, double *f);

#endif
