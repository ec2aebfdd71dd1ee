/* Survival under a schedule as theory has it: step by step, and adiabatically. */
#ifndef KRAMERS_SURVIVAL_PREDICTED_H
#define KRAMERS_SURVIVAL_PREDICTED_H

#include <kramers/survival.h>
#include <kramers/theory.h>

KR_BEGIN_DECLARATIONS

/* Survival from the problem's start (or Boltzmann starts, after the burn-in), predicted at steps step[count] (ascending, the first
 * is 0), for gradient descent with noise in one coordinate; false: why says why not, in one sentence.
 *
 * chain propagates the density of the discrete-time chain from step to step with the learning rate of each: exact up to accuracy,
 * an absolute error. adiabatic multiplies exp(-1/n), n the exact mean number of steps at the momentary learning rate: right when
 * the rate changes slowly against the relaxation within the well. (n is the mean over the starts; burn-in does not enter.) */
KR_API bool kr_survival_chain(const kr_problem *problem, size_t count, const uint64_t *step, double *survival, double *accuracy,
                              char why[256]);
KR_API bool kr_survival_adiabatic(const kr_problem *problem, size_t count, const uint64_t *step, double *survival, char why[256]);

/* Both on the rows of survival. */
KR_API kr_status kr_survival_predict(kr_survival *survival, const kr_problem *problem, kr_error *error);

KR_END_DECLARATIONS

#endif
