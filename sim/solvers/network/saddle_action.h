/* How much friction takes from a particle that has come over a saddle. */
#ifndef KR_SADDLE_ACTION_H
#define KR_SADDLE_ACTION_H

#include "solvers/problem/bath.h"

/* Action int p dq, there and back at the saddle's energy, of the straight line from a saddle through a minimum to where the loss is
 * that of the saddle again: in one dimension the closed orbit, whose loss of energy at friction gamma is gamma times this; in
 * several an estimate of it. Stretches where the line rises above the saddle count nothing. NAN: the loss does not rise so high. */
double kr_saddle_action(const kr_landscape *landscape, const double *saddle, const double *minimum);

/* Whether friction is so high that a particle which has come over the saddle into the well of this minimum stays there for long:
 * gamma >= omega_s / 2, omega_s^2 = unstable, and gamma times the action >= 6 T. */
bool kr_saddle_catches(const kr_landscape *landscape, const kr_bath *bath, double unstable, const double *saddle,
                       const double *minimum);

#endif
