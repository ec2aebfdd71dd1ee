/* What theories of dx = -grad V dt + sqrt(2 T) dW ask of a problem in any number of dimensions. */
#ifndef KR_OVERDAMPED_H
#define KR_OVERDAMPED_H

#include <kramers/theory.h>

/* The one temperature of gradient descent with noise that does not depend on the position, T > 0. false: refused, with the reason
 * in out. */
bool kr_overdamped_temperature(const kr_problem *problem, double *temperature, kr_prediction *out);

#endif
