/* The stationary density of the steps of gradient descent themselves, x' = m(x) + s(x) xi, at any learning rate. */
#ifndef KR_STATIONARY_CHAIN_H
#define KR_STATIONARY_CHAIN_H

#include <kramers/density_curve.h>
#include <kramers/theory.h>

/* Solved on so many nodes between the curve's ends, no further apart than the least s(x), and filled into its count values. Steps
 * that leave the ends are left out. false: there is not enough memory, or the steps do not connect the nodes. */
bool kr_stationary_chain(const kr_problem_1d *line, size_t nodes, kr_density_curve *curve);

#endif
