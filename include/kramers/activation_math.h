/* The functions of neurons for kernels, as vector_math.h: plain C that the compiler vectorises, the same bits from every
 * instruction set and compiler. NaN in gives NaN out. Errors are relative ones, measured against libm in
 * tests/test_vector_math.c: below 2 ulp each.
 */
#ifndef KRAMERS_ACTIVATION_MATH_H
#define KRAMERS_ACTIVATION_MATH_H

#include <kramers/vector_math.h>

/* (n + n_error) / (d + d_error) = result + *rest, where the errors are below the last places of n and d. */
static inline double kr_quotient(double n, double n_error, double d, double d_error, double *rest) {
    double inverse = 1.0 / d, q = n * inverse;
    *rest = (fma(-q, d, n) + fma(-q, d_error, n_error)) * inverse;
    return q;
}

/* exp(x) for x <= 0 as a sum; 0 below -708. */
static inline double kr_exp_below(double x, double *error) {
    double limited = x < -708.0 ? -708.0 : x, rounded;
    double e = kr_exp_reduced(limited, &rounded);
    double scale = kr_from_bits((kr_bits(rounded) - kr_bits(KR_ROUND) + 1023) << 52);
    scale = x < -708.0 ? 0.0 : scale;
    double y = 1.0 + e;
    *error = scale * ((1.0 - y) + e);
    return scale * y;
}

/* tanh |x| = -n / d with n = exp(-2 |x|) - 1 and d = n + 2. Of exp(-2 |x|) = 2^k (1 + e) both are sums of two terms. */
static inline double kr_tanh(double x) {
    double size = fabs(x), limited = size > 20.0 ? 20.0 : size, rounded;
    double e = kr_exp_reduced(-2.0 * limited, &rounded);
    double scale = kr_from_bits((kr_bits(rounded) - kr_bits(KR_ROUND) + 1023) << 52);
    double rest = scale * e, below = scale - 1.0, above = scale + 1.0;
    double n = below + rest, d = above + rest;
    double correction, t = kr_quotient(n, (below - n) + rest, d, (above - d) + rest, &correction);
    return copysign(t + correction, x);
}

/* 1 / (1 + exp(-x)); 0 below -708. */
static inline double kr_sigmoid(double x) {
    double error, rest, y = kr_exp_below(-fabs(x), &error), d = 1.0 + y;
    double q = kr_quotient(x < 0.0 ? y : 1.0, x < 0.0 ? error : 0.0, d, (1.0 - d) + y + error, &rest);
    return q + rest;
}

/* log(1 + exp(x)); 0 below -708. With y = exp(-|x|), and s = (m - 1) / (m + 1) of m = 1 + y, or of m = (1 + y) / 2 where that is
 * nearer to 1: log m = 2 s + s^3 P(s^2), as in kr_log. */
static inline double kr_softplus(double x) {
    double error, rest, y = kr_exp_below(-fabs(x), &error);
    double upper = y > 0x1.a827999fcef32p-2 ? 1.0 : 0.0; /* sqrt(2) - 1 */
    double d = y + (2.0 + upper), s = kr_quotient(y - upper, error, d, ((2.0 + upper) - d) + y + error, &rest);
    double z = s * s;
    double p = 0x1.2e502fc2b9550p-3;
    p = fma(p, z, 0x1.39b534002f9b4p-3);
    p = fma(p, z, 0x1.74656ab60b758p-3);
    p = fma(p, z, 0x1.c71c568fb9938p-3);
    p = fma(p, z, 0x1.2492493b86622p-2);
    p = fma(p, z, 0x1.99999999889a5p-2);
    p = fma(p, z, 0x1.5555555555570p-1);
    double log_m = 2.0 * s + fma(s * z, p, 2.0 * rest);
    log_m = fma(upper, 0x1.62e42fee00000p-1, fma(upper, 0x1.a39ef35793c76p-33, log_m));
    return (x < 0.0 ? 0.0 : x) + log_m;
}

/* erf(x). Below 1 x + x P(x^2); above 1 - exp(Q(|x| - 5/4)) with Q the logarithm of 1 - erf, fitted where that is not lost in
 * rounding: to 6.6e-18 of the result. */
static inline double kr_erf_small(double x) {
    double z = x * x;
    double p = -0x1.acde315c65f52p-31;
    p = fma(p, z, 0x1.d783f4396bcf0p-27);
    p = fma(p, z, -0x1.5c16cb048190fp-23);
    p = fma(p, z, 0x1.b98276fc0392ap-20);
    p = fma(p, z, -0x1.f4ca942917aa8p-17);
    p = fma(p, z, 0x1.f9a2bf6c4630ep-14);
    p = fma(p, z, -0x1.c02db0729d796p-11);
    p = fma(p, z, 0x1.565bccfa981fep-8);
    p = fma(p, z, -0x1.b82ce31206181p-6);
    p = fma(p, z, 0x1.ce2f21a041013p-4);
    p = fma(p, z, -0x1.812746b0379c2p-2);
    p = fma(p, z, 0x1.06eba8214db68p-3);
    return fma(x, p, x);
}

static inline double kr_erf(double x) {
    double size = fabs(x), limited = size > 5.95 ? 5.95 : size;
    double t = limited - 1.25;
    double q = -0x1.56395ae58599cp-38;
    q = fma(q, t, 0x1.b1b8c0726eccbp-34);
    q = fma(q, t, -0x1.e55f46f46b508p-31);
    q = fma(q, t, 0x1.2f56f070752fap-28);
    q = fma(q, t, -0x1.81da740f18e44p-27);
    q = fma(q, t, -0x1.6d12ad3778bf1p-27);
    q = fma(q, t, 0x1.1501f3239df43p-22);
    q = fma(q, t, -0x1.84f400eb43e48p-20);
    q = fma(q, t, 0x1.5abdcb9d1990bp-18);
    q = fma(q, t, -0x1.6b6908a447ab3p-17);
    q = fma(q, t, -0x1.50f2dc7525f09p-17);
    q = fma(q, t, 0x1.02c592b9c9c6cp-12);
    q = fma(q, t, -0x1.a540a71db0415p-10);
    q = fma(q, t, 0x1.fea76c4a5348ep-8);
    q = fma(q, t, -0x1.0bc5a0298270bp-5);
    q = fma(q, t, -0x1.bddad46f5045ep-1);
    q = fma(q, t, -0x1.88ab2d9950133p+1);
    q = fma(q, t, -0x1.48050902770fdp+1);
    double large = 1.0 - kr_exp(q);
    large = size > 5.95 ? 1.0 : large;
    return size < 1.0 ? kr_erf_small(x) : x == x ? copysign(large, x) : x;
}

#endif
