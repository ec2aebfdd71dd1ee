/* How soon a particle in a well forgets where it was. */
#ifndef KR_RELAXATION_H
#define KR_RELAXATION_H

#include <kramers/theory.h>

/* Steps in which the distribution in the well forgets its beginning by a factor e, in the harmonic approximation of the well and of
 * the lowest saddle (searched for in up to three dimensions); along the targets' coordinates alone where the landscape is
 * separable. NAN: the start lies in no well, or nothing decays. */
double kr_relaxation_steps(const kr_problem *problem, double learning_rate);

#endif
