/* Integrals of functions of one variable by GSL's adaptive quadratures. */
#ifndef KR_INTEGRAL_H
#define KR_INTEGRAL_H

/* Of a function that is smooth inside (a, b): Gauss-Kronrod rules of 31 points on intervals that are halved where the error is
 * largest, to this part `wanted` of the result. Where that is not reached, an estimated error below the part `accepted` will do.
 * NAN: nor is that; f is not finite somewhere; not enough memory. */
double kr_integral(double (*f)(double x, void *context), void *context, double a, double b, double wanted, double accepted);

/* The same for a function with integrable singularities at the ends. Accuracies are absolute, and wanted is relative as well. */
double kr_integral_singular(double (*f)(double x, void *context), void *context, double a, double b, double wanted,
                            double accepted);

#endif
