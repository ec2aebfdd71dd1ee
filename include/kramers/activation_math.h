/* The functions of neurons for kernels, as vector_math.h: plain C that the compiler vectorises, the same bits from every
 * instruction set and compiler. NaN in gives NaN out. Errors are relative ones, measured against libm in
 * tests/test_vector_math.c: below 2 ulp each.
 */
#ifndef KRAMERS_ACTIVATION_MATH_H
#define KRAMERS_ACTIVATION_MATH_H

#include <kramers/vector_math.h>

/* exp(x) - 1 for x <= 0, accurate where it is small: 2^k (1 + e) - 1, of which 2^k - 1 is exact where it matters. */
static inline double kr_expm1_negative(double x) {
    double limited = x < -60.0 ? -60.0 : x, rounded;
    double e = kr_exp_reduced(limited, &rounded);
    double scale = kr_from_bits((kr_bits(rounded) - kr_bits(KR_ROUND) + 1023) << 52);
    return fma(scale, e, scale - 1.0);
}

/* tanh |x| = -e / (2 + e) with e = exp(-2 |x|) - 1. */
static inline double kr_tanh(double x) {
    double e = kr_expm1_negative(-2.0 * fabs(x));
    return copysign(e / (2.0 + e), x);
}

/* log(1 + y) for 0 <= y <= 1. With s = (m - 1) / (m + 1) of m = 1 + y, or of m = (1 + y) / 2 where that is nearer to 1:
 * log m = 2 s + s^3 P(s^2), as in kr_log. */
static inline double kr_log1p_unit(double y) {
    double upper = y > 0x1.a827999fcef32p-2 ? 1.0 : 0.0; /* sqrt(2) - 1 */
    double s = (y - upper) / (y + 2.0 + upper);
    double z = s * s;
    double p = 0x1.2e502fc2b9550p-3;
    p = fma(p, z, 0x1.39b534002f9b4p-3);
    p = fma(p, z, 0x1.74656ab60b758p-3);
    p = fma(p, z, 0x1.c71c568fb9938p-3);
    p = fma(p, z, 0x1.2492493b86622p-2);
    p = fma(p, z, 0x1.99999999889a5p-2);
    p = fma(p, z, 0x1.5555555555570p-1);
    double log_m = fma(s * z, p, 2.0 * s);
    return fma(upper, 0x1.62e42fee00000p-1, fma(upper, 0x1.a39ef35793c76p-33, log_m));
}

/* log(1 + exp(x)); 0 below -708. */
static inline double kr_softplus(double x) {
    double above = x < 0.0 ? 0.0 : x;
    return above + kr_log1p_unit(kr_exp(-fabs(x)));
}

/* 1 / (1 + exp(-x)); 0 below -708. */
static inline double kr_sigmoid(double x) {
    double e = kr_exp(-fabs(x));
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

/* erf(x). Below 1 x + x P(x^2); above 1 - exp(Q(|x| - 3)) with Q the logarithm of 1 - erf, fitted where that is not lost in
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
    double t = limited - 3.0;
    double q = -0x1.56395ae58599cp-38;
    q = fma(q, t, -0x1.9533c920ab3a7p-35);
    q = fma(q, t, -0x1.43a518a2fcf60p-33);
    q = fma(q, t, -0x1.0bcff27bea811p-32);
    q = fma(q, t, 0x1.d965c48187024p-32);
    q = fma(q, t, 0x1.302706cea0a35p-31);
    q = fma(q, t, 0x1.0d371d638168ap-29);
    q = fma(q, t, 0x1.7f7ed3fa57403p-27);
    q = fma(q, t, -0x1.2905566956b4dp-23);
    q = fma(q, t, 0x1.1e95cbcb7626fp-20);
    q = fma(q, t, -0x1.dd80feffaff0cp-18);
    q = fma(q, t, 0x1.6967936783521p-15);
    q = fma(q, t, -0x1.01a057726dcc2p-12);
    q = fma(q, t, 0x1.62c3201e292e2p-10);
    q = fma(q, t, -0x1.e5bee9368ea86p-8);
    q = fma(q, t, -0x1.ea2f93366defbp-1);
    q = fma(q, t, -0x1.9370b35013b14p+2);
    q = fma(q, t, -0x1.570d36cb51c13p+3);
    double large = 1.0 - kr_exp(q);
    large = size > 5.95 ? 1.0 : large;
    return size < 1.0 ? kr_erf_small(x) : x == x ? copysign(large, x) : x;
}

#endif
