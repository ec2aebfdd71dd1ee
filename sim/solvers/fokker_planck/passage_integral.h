/* The exact mean first-passage time of dx = -V' dt + sqrt(2 D) dW (Ito) along a line, and its variance.
 *
 * With Phi = int V'/D, the scale function S(p, q) = int_p^q e^Phi and the chance p_high(x) = S(low, x) / S(low, high) of leaving
 * above, the Green's function of D u'' - V' u' = -f with u = 0 at both exits gives (Gardiner, Handbook of Stochastic Methods, 5.2)
 *
 *     u(x) = S(x, high) int_low^x p_high e^-Phi / D f  +  p_high(x) int_x^high S(z, high) e^-Phi / D f dz,
 *
 * the mean time tau for f = 1 and the mean square for f = 2 tau. Without a target below, low is at infinity and p_high = 1; then
 * it is the familiar int_x^high e^Phi int_{-inf}^y e^-Phi / D. Every term is positive, and all integrals are kept as logarithms, so
 * nothing cancels and nothing overflows at any temperature.
 */
#ifndef KR_PASSAGE_INTEGRAL_H
#define KR_PASSAGE_INTEGRAL_H

#include <kramers/theory.h>

/* Mean time, variation and accuracy, or why not. temperature: D, the same everywhere, so that Phi = V/T; NAN: D(x) is half the
 * variance of a step by the learning rate, and Phi is integrated. */
void kr_passage_integral(const kr_problem_1d *line, double temperature, kr_prediction *out);

#endif
