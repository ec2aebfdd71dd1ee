/* Elementary functions for kernels: plain C that the compiler vectorises, the same bits from every instruction set and
 * compiler (no libm call but sqrt and fma, both exact by IEEE 754).
 *
 * Polynomials are minimax fits made for these intervals (Remez exchange at 60 digits). NaN in gives NaN out. Measured against
 * libm in tests/test_vector_math.c: error below 2 ulp each (kr_log: of results not near 0 by cancellation).
 */
#ifndef KRAMERS_VECTOR_MATH_H
#define KRAMERS_VECTOR_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t kr_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double kr_from_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Below 2^52 an integer put into the low bits of 2^52 is a double without a conversion instruction, which AVX2 lacks. */
#define KR_TWO_52_BITS UINT64_C(0x4330000000000000)
#define KR_TWO_52 0x1p52
/* Adding and subtracting this rounds to the nearest integer (round to even), |x| < 2^51. */
#define KR_ROUND 0x1.8p52

/* scale * log(y * 2^-shift) for normal positive y; shift and scale are literals, scale a power of two with a sign. With y = 2^k m,
 * m in [sqrt(1/2), sqrt(2)) and s = (m-1)/(m+1): log m = 2 s + s^3 P(s^2); the product k log 2 is split so that its high part is
 * exact. */
static inline double kr_log_scaled(double y, double shift, double scale) {
    const uint64_t root_half = UINT64_C(0x3fe6a09e667f3bcd), one = UINT64_C(0x3ff0000000000000);
    uint64_t t = kr_bits(y) + (one - root_half);
    double k = kr_from_bits((t >> 52) | KR_TWO_52_BITS) - (KR_TWO_52 + 1023.0 + shift);
    double m = kr_from_bits((t & UINT64_C(0x000fffffffffffff)) + root_half);
    double s = (m - 1.0) / (m + 1.0);
    double z = s * s;
    double p = scale * 0x1.2e502fc2b9550p-3;
    p = fma(p, z, scale * 0x1.39b534002f9b4p-3);
    p = fma(p, z, scale * 0x1.74656ab60b758p-3);
    p = fma(p, z, scale * 0x1.c71c568fb9938p-3);
    p = fma(p, z, scale * 0x1.2492493b86622p-2);
    p = fma(p, z, scale * 0x1.99999999889a5p-2);
    p = fma(p, z, scale * 0x1.5555555555570p-1);
    double log_m = fma(s * z, p, (2.0 * scale) * s);
    return fma(k, scale * 0x1.62e42fee00000p-1, fma(k, scale * 0x1.a39ef35793c76p-33, log_m));
}

/* log(x) for positive normal x. */
static inline double kr_log(double x) {
    return kr_log_scaled(x, 0.0, 1.0);
}

/* sin and cos of 2 pi r, |r| <= 1/8. */
static inline double kr_sin_eighth(double r) {
    double z = r * r;
    double p = 0x1.e3eeb54d82070p+1;
    p = fma(p, z, -0x1.e3006346e782dp+3);
    p = fma(p, z, 0x1.50782fc9dd878p+5);
    p = fma(p, z, -0x1.32d2cce2d4e0ep+6);
    p = fma(p, z, 0x1.466bc677586fbp+6);
    p = fma(p, z, -0x1.4abbce625be41p+5);
    p = fma(p, z, 0x1.921fb54442d18p+2);
    return r * p;
}

static inline double kr_cos_eighth(double r) {
    double z = r * r;
    double p = 0x1.f3c8fe3d5252fp+2;
    p = fma(p, z, -0x1.a6c9891305086p+4);
    p = fma(p, z, 0x1.e1f4fae000c1ap+5);
    p = fma(p, z, -0x1.55d3c7db77511p+6);
    p = fma(p, z, 0x1.03c1f081aff98p+6);
    p = fma(p, z, -0x1.3bd3cc9be4580p+4);
    return fma(p, z, 1.0);
}

/* Turns sin and cos by this many quarters of a circle (its two low bits). */
static inline void kr_rotate_quarters(uint64_t quarters, double *sine, double *cosine) {
    double s = *sine, c = *cosine;
    uint64_t odd = 0 - (quarters & 1);
    uint64_t s_bits = (kr_bits(c) & odd) | (kr_bits(s) & ~odd);
    uint64_t c_bits = (kr_bits(s) & odd) | (kr_bits(c) & ~odd);
    *sine = kr_from_bits(s_bits ^ ((quarters & 2) << 62));
    *cosine = kr_from_bits(c_bits ^ (((quarters + 1) & 2) << 62));
}

/* sin and cos of 2 pi t, |t| < 2^49. */
static inline void kr_sincos_turns(double t, double *sine, double *cosine) {
    double rounded = 4.0 * t + KR_ROUND;
    double r = fma(rounded - KR_ROUND, -0.25, t);
    *sine = kr_sin_eighth(r);
    *cosine = kr_cos_eighth(r);
    kr_rotate_quarters(kr_bits(rounded), sine, cosine);
}

/* exp(r) - 1 = r + r^2 P(r) for the r of x = k log 2 + r, k = round(x / log 2); *rounded is KR_ROUND + k. */
static inline double kr_exp_reduced(double x, double *rounded) {
    *rounded = fma(x, 0x1.71547652b82fep+0, KR_ROUND);
    double k = *rounded - KR_ROUND;
    double r = fma(k, -0x1.62e42fefa39efp-1, x);
    r = fma(k, -0x1.abc9e3b39803fp-56, r);
    double p = 0x1.af632ad6abee8p-26;
    p = fma(p, r, 0x1.289186d6aea07p-22);
    p = fma(p, r, 0x1.71ddf6b3f10d1p-19);
    p = fma(p, r, 0x1.a019b90bc3fbdp-16);
    p = fma(p, r, 0x1.a01a01b00c2c6p-13);
    p = fma(p, r, 0x1.6c16c1788c44dp-10);
    p = fma(p, r, 0x1.111111110f803p-7);
    p = fma(p, r, 0x1.5555555553d62p-5);
    p = fma(p, r, 0x1.5555555555558p-3);
    p = fma(p, r, 0x1.0000000000001p-1);
    return fma(r * r, p, r);
}

/* exp(x); 0 below -708 (where results would be subnormal), infinity above 709.78. */
static inline double kr_exp(double x) {
    double limited = x < -708.0 ? -708.0 : x, rounded;
    limited = limited > 709.782712893384 ? 709.782712893384 : limited;
    double e = kr_exp_reduced(limited, &rounded) + 1.0;
    /* 2^(k-1) never overflows where the result does not. */
    double scale = kr_from_bits((kr_bits(rounded) - kr_bits(KR_ROUND) + 1022) << 52);
    e = e * scale * 2.0;
    e = x < -708.0 ? 0.0 : e;
    return x > 709.782712893384 ? INFINITY : e;
}

#endif
