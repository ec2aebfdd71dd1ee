/* pow and cos for single numbers, where vector_math.h is too coarse or too narrow: learning rates, and whatever else decides about
 * positions. Nothing but IEEE arithmetic and fma, so that every processor, compiler and C library gives the same bits.
 *
 * They compute with pairs of doubles and round once at the end: the error is below 0.53 units of the last place (0.5 is the best
 * that can be had), so that a good libm nearly always gives the same number. */
#ifndef KRAMERS_SCALAR_MATH_H
#define KRAMERS_SCALAR_MATH_H

#include <kramers/api.h>

KR_BEGIN_DECLARATIONS

/* base^exponent for base >= 0, as C has it: 1 for exponent 0 or base 1, 0 or infinity for base 0. NaN for a negative base. Results
 * below 2^-1022 are rounded twice: off by at most one step of the subnormal numbers. */
KR_API double kr_pow(double base, double exponent);

/* cos(x), x in radians, |x| <= 2^30; beyond that NaN. */
KR_API double kr_cos(double x);

KR_END_DECLARATIONS

#endif
