/* Errors of kr_pow and kr_cos against long double libm (64 bits), in units of the last place of the exact value, and their bits
 * as numbers, which no processor, compiler or C library may change. */
#include "assert_close.h"

#include <kramers/scalar_math.h>

#include <float.h>
#include <stdint.h>
#include <string.h>

static double error_ulp(double value, long double exact) {
    int exponent;
    frexpl(exact, &exponent);
    if (exponent < DBL_MIN_EXP) exponent = DBL_MIN_EXP;
    return (double)fabsl(((long double)value - exact) / ldexpl(1.0L, exponent - DBL_MANT_DIG));
}

/* A fixed low-discrepancy sequence in (0, 1). */
static double point(uint64_t i) {
    return ((double)((i * UINT64_C(0x9e3779b97f4a7c15)) >> 11) + 0.5) * 0x1p-53;
}

enum { POINTS = 1000000 };
static const double bound = 0.53;

/* Decay factors with whole exponents, fractions of a run with any exponent, and everything between the smallest and the largest
 * number. */
static void PowerIsWithinTheBound(void **state) {
    (void)state;
    double worst = 0;
    for (uint64_t i = 1; i <= POINTS; i++) {
        double u = point(i), v = point(i * UINT64_C(2654435761)), steps = (double)(i % 700);
        double wide = ldexp(1 + u, (int)(i % 2000) - 1000), exponent = (2 * v - 1) * 1020 / (1 + fabs((double)(i % 2000) - 1000));
        worst = fmax(worst, error_ulp(kr_pow(0.4 + 0.6 * u, steps), powl(0.4 + 0.6 * u, steps)));
        worst = fmax(worst, error_ulp(kr_pow(u, 8 * v), powl(u, 8 * v)));
        worst = fmax(worst, error_ulp(kr_pow(1 - 0x1p-20 * u, 0x1p28 * v), powl(1 - 0x1p-20 * u, 0x1p28 * v)));
        worst = fmax(worst, error_ulp(kr_pow(wide, exponent), powl(wide, exponent)));
    }
    print_message("largest error of kr_pow: %.4f ulp\n", worst);
    assert_true(worst < bound);
}

static void PowerAtTheEdges(void **state) {
    (void)state;
    assert_true(kr_pow(0, 0) == 1 && kr_pow(0, 2) == 0 && kr_pow(0, -2) == INFINITY && kr_pow(INFINITY, 0) == 1);
    assert_true(kr_pow(1, 1e300) == 1 && kr_pow(0.7, 0) == 1 && kr_pow(0.7, 1) == 0.7 && kr_pow(3, 4) == 81);
    assert_true(kr_pow(INFINITY, 0.5) == INFINITY && kr_pow(INFINITY, -0.5) == 0);
    assert_true(isnan(kr_pow(-1, 2)) && isnan(kr_pow(NAN, 2)) && isnan(kr_pow(2, NAN)));
    assert_true(kr_pow(0.5, 0x1p64) == 0 && kr_pow(0.5, 1e300) == 0 && kr_pow(2, 1e300) == INFINITY &&
                kr_pow(2, INFINITY) == INFINITY);
    assert_true(kr_pow(2, 1023) == 0x1p1023 && kr_pow(2, 1024) == INFINITY && kr_pow(2, 1023.9999) < INFINITY);
    assert_true(kr_pow(0x1p-1074, 0.5) == 0x1p-537 && kr_pow(2, -1074) == 0x1p-1074 && kr_pow(2, -1076) == 0);
    for (int i = 1; i < 1000; i++) {
        double exponent = -1022 - 0.052 * i, base = 1.9 + 0.0001 * i; /* subnormal results */
        assert_true(error_ulp(kr_pow(base, exponent), powl(base, exponent)) <= 1);
    }
}

static void CosineIsWithinTheBound(void **state) {
    (void)state;
    double worst = 0;
    for (uint64_t i = 1; i <= POINTS; i++) {
        double u = point(i), x = 3.14159265358979323846 * u, far = ldexp(2 * u - 1, (int)(i % 31));
        worst = fmax(worst, fmax(error_ulp(kr_cos(x), cosl(x)), error_ulp(kr_cos(far), cosl(far))));
    }
    /* Nearest to the zeros, where an inexact multiple of pi would show. */
    for (int k = -2001; k < 2001; k += 2)
        worst = fmax(worst, error_ulp(kr_cos(k * 1.57079632679489661923), cosl(k * 1.57079632679489661923)));
    print_message("largest error of kr_cos: %.4f ulp\n", worst);
    assert_true(worst < bound);
    assert_true(kr_cos(0) == 1 && kr_cos(3.14159265358979323846) == -1 && isnan(kr_cos(INFINITY)) && isnan(kr_cos(NAN)));
}

static uint64_t mix(uint64_t hash, double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (hash ^ bits) * UINT64_C(1099511628211);
}

static void BitsAreAlwaysTheSame(void **state) {
    (void)state;
    uint64_t hash = UINT64_C(14695981039346656037);
    for (uint64_t i = 1; i <= 100000; i++) {
        hash = mix(hash, kr_cos(6.3 * point(i)));
        hash = mix(hash, kr_pow(point(i), 50 * point(7 * i)));
    }
    if (hash != UINT64_C(0x02444f0663188ffc)) fail_msg("hash is 0x%016llx", (unsigned long long)hash);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(PowerIsWithinTheBound),
        cmocka_unit_test(PowerAtTheEdges),
        cmocka_unit_test(CosineIsWithinTheBound),
        cmocka_unit_test(BitsAreAlwaysTheSame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
