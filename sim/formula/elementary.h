/* Elementary functions of formulas, as those of vector_math.h: branch-free, the same bits everywhere. Measured against long double
 * in tests/test_formula.c: below 3 units of the last place (the tangent 4.5), but for kr_power, whose error grows with |b log a|.
 * NaN stays NaN. */
#ifndef KR_FORMULA_ELEMENTARY_H
#define KR_FORMULA_ELEMENTARY_H

#include <kramers/vector_math.h>

#define KR_EULER 0x1.5bf0a8b145769p+1
#define KR_PI 0x1.921fb54442d18p+1

/* The first where they are equal. */
static inline double kr_least(double a, double b) {
    double least = a < b ? a : b;
    return a != a ? a : least;
}

static inline double kr_most(double a, double b) {
    double most = a < b ? b : a;
    return b != b ? b : most;
}

static inline double kr_sign(double x) {
    double sign = x > 0 ? 1.0 : x;
    return x < 0 ? -1.0 : sign;
}

static inline double kr_positive(double x) {
    return x < 0 ? NAN : x;
}

/* log of any number: that of what is subnormal too, -infinity at 0, NaN below. */
static inline double kr_log_any(double x) {
    int small = x < 0x1p-1022;
    double y = kr_log(small ? x * 0x1p54 : x);
    y = small ? y - 0x1.2b708872320e2p+5 : y; /* 54 log 2 */
    y = x < INFINITY ? y : x;
    y = x > 0 ? y : NAN;
    return x == 0 ? -INFINITY : y;
}

/* a^b for a >= 0, NaN for a < 0; b is not 0. */
static inline double kr_power(double a, double b) {
    return kr_exp(b * kr_log_any(a));
}

/* x in radians, |x| <= 2^30; beyond that, where neighbours are further apart than a ten-millionth of a turn, NaN. */
static inline void kr_sincos(double x, double *sine, double *cosine) {
    double known = fabs(x) <= 0x1p30 ? x : NAN;
    double rounded = fma(known, 0x1.45f306dc9c883p-1, KR_ROUND); /* quarters of a turn */
    double k = rounded - KR_ROUND;
    double r = fma(k, -0x1.921fb54442d18p+0, known);
    r = fma(k, -0x1.1a62633145c07p-54, r);
    r = fma(k, 0x1.f1976b7ed8fbcp-110, r);
    double turns = r * 0x1.45f306dc9c883p-3;
    double s = kr_sin_eighth(turns), c = kr_cos_eighth(turns);
    kr_rotate_quarters(kr_bits(rounded), &s, &c);
    *sine = known == known ? s : known; /* the rotation swaps bits, those of NaN too */
    *cosine = known == known ? c : known;
}

/* exp(x) - 1 for x >= 0. */
static inline double kr_exp_minus_1(double x) {
    double limited = x > 709.782712893384 ? 709.782712893384 : x, rounded;
    double e = kr_exp_reduced(limited, &rounded);
    double half = kr_from_bits((kr_bits(rounded) - kr_bits(KR_ROUND) + 1022) << 52); /* 2^(k-1) */
    e = fma(e, half, half - 0.5) * 2.0;
    return x > 709.782712893384 ? INFINITY : e;
}

static inline double kr_sinh(double x) {
    double a = fabs(x), e = kr_exp_minus_1(a);
    double s = a > 40.0 ? 0.5 * e : 0.5 * (e + e / (e + 1.0));
    return copysign(s, x);
}

static inline double kr_cosh(double x) {
    double e = kr_exp(fabs(x));
    return fma(0.5, e, 0.5 / e);
}

static inline double kr_tanh(double x) {
    double a = fabs(x), limited = a > 22.0 ? 22.0 : a, e = kr_exp_minus_1(2.0 * limited);
    return copysign(e / (e + 2.0), x);
}

/* With t = x, (x - 1) / (x + 1) or -1 / x, |t| <= tan(pi / 8): atan(x) = 0, pi / 4 or pi / 2, and t + t^3 P(t^2). */
static inline double kr_atan(double x) {
    double a = fabs(x);
    int middle = a > 0x1.a827999fcef32p-2, far = a > 0x1.3504f333f9de6p+1;
    double above = middle ? a - 1.0 : a, below = middle ? a + 1.0 : 1.0;
    above = far ? -1.0 : above;
    below = far ? a : below;
    double base = middle ? 0x1.921fb54442d18p-1 : 0.0, rest = middle ? 0x1.1a62633145c07p-55 : 0.0;
    base = far ? 0x1.921fb54442d18p+0 : base;
    rest = far ? 0x1.1a62633145c07p-54 : rest;
    double t = above / below, z = t * t;
    double p = 0x1.f1e4e7aee7244p-7;
    p = fma(p, z, -0x1.12366e652e00fp-5);
    p = fma(p, z, 0x1.70ec8ea446378p-5);
    p = fma(p, z, -0x1.ab7d49317df5cp-5);
    p = fma(p, z, 0x1.e171f61442ab6p-5);
    p = fma(p, z, -0x1.110c723ca1ad2p-4);
    p = fma(p, z, 0x1.3b136e23202d1p-4);
    p = fma(p, z, -0x1.745d14b93ebd5p-4);
    p = fma(p, z, 0x1.c71c71b747260p-4);
    p = fma(p, z, -0x1.2492492475686p-3);
    p = fma(p, z, 0x1.999999999964bp-3);
    p = fma(p, z, -0x1.5555555555554p-2);
    double y = base + (fma(t * z, p, rest) + t);
    return copysign(a == a ? y : a, x);
}

#endif
