/* The density of a discrete-time chain under a schedule, propagated step by step: survival without any assumption on how fast the
 * learning rate changes.
 *
 * One coordinate, gradient descent with noise, departing from a point or from the Boltzmann distribution inside a basin, after the
 * problem's burn-in. The density after each step lives on Gauss-Legendre nodes (chain.h) as fine as
 * the narrower of the noises of the step before and the step to come; learning rates (where other numbers change with the step,
 * widths of the noise) within a factor of 1.4 share their nodes, and a step may lead from one set of nodes to another. Survival is
 * kept through the hazard of each step, absorbed / still there, so that small probabilities have their digits and particles that
 * run away count as lost from sight, as in Kaplan and Meier's estimate.
 */
#ifndef KR_PROPAGATION_H
#define KR_PROPAGATION_H

#include <kramers/theory.h>

/* log_survival[i] after step[i] steps (ascending, the first is 0). accuracy: absolute error of the survival, from coarser nodes
 * and from probability lost and gained by quadrature; NULL: not asked for, which saves half of the work. false: refused, with the
 * reason in out->why. */
bool kr_propagate(const kr_problem *problem, size_t count, const uint64_t *step, double *log_survival, double *accuracy,
                  kr_prediction *out);

/* The same as the product of exp(-1/n), n the mean number of steps at the momentary learning rate. */
bool kr_adiabatic(const kr_problem *problem, size_t count, const uint64_t *step, double *log_survival, kr_prediction *out);

#endif
