/* Roots of functions of one variable, and the place where a condition ceases. */
#ifndef KR_ROOT_H
#define KR_ROOT_H

#include <stdbool.h>

/* Brent's method between a and b (in any order), at which f has different signs or is 0. It ends when the root is known to
 * absolute or to relative of its size; both 0: to rounding. NAN: the signs are equal, f is not finite somewhere on the way, or
 * there is not enough memory. */
double kr_root(double (*f)(double x, void *context), void *context, double a, double b, double absolute, double relative);

/* The relative accuracy of a root that is known to rounding. */
#define KR_ROOT_ROUNDING 4e-16

/* Where on this side of x (-1 or 1), at up to many times this distance, f first becomes positive; f <= 0 beside x. NAN: nowhere. */
double kr_first_positive(double (*f)(double x, void *context), void *context, double x, double side, double distance);

/* Bisection of the interval between a place at which the condition holds and one at which it does not, until no number lies
 * between them. */
void kr_bisect(bool (*holds)(double x, void *context), void *context, double *inside, double *outside);

#endif
