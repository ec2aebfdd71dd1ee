/* How fast a particle inside a well finds a small target around its minimum. */
#ifndef KR_CAPTURE_RATE_H
#define KR_CAPTURE_RATE_H

#include "solvers/problem/bath.h"

/* In dim >= 2 dimensions, in the Gaussian of a minimum with this logarithm of the Hessian's determinant. */
double kr_capture_rate(const kr_bath *bath, size_t dim, double log_determinant, double radius);

#endif
