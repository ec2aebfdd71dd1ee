/* The minimum of a function of one variable. */
#ifndef KR_MINIMUM_H
#define KR_MINIMUM_H

/* Brent's method between low and high, from a point between them at which f is lower than at both, until the minimum is known to
 * `absolute`. The point itself: f is not lower there, is not finite somewhere on the way, or there is not enough memory. */
double kr_minimum(double (*f)(double x, void *context), void *context, double low, double point, double high, double absolute);

#endif
