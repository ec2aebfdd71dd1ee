/* Errors of the inline elementary functions against long double libm, in units of the last place of the exact value. */
#include "assert_close.h"

#include <kramers/activation_math.h>

#include <float.h>
#include <stdbool.h>

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

enum { POINTS = 2000000 };

static void exponential_is_within_two_ulp(void **state) {
    (void)state;
    double worst = 0;
    for (uint64_t i = 0; i < POINTS; i++) {
        double x = -708.0 + 1417.7 * point(i), small = 2.0 * point(i) - 1.0;
        worst = fmax(worst, fmax(error_ulp(kr_exp(x), expl(x)), error_ulp(kr_exp(small), expl(small))));
    }
    print_message("largest error of kr_exp: %.3f ulp\n", worst);
    assert_true(worst < 2.0);
}

static void exponential_at_the_edges(void **state) {
    (void)state;
    assert_true(kr_exp(0.0) == 1.0);
    assert_true(kr_exp(-709.0) == 0.0);
    assert_true(kr_exp(-INFINITY) == 0.0);
    assert_true(kr_exp(710.0) == INFINITY);
    assert_true(kr_exp(INFINITY) == INFINITY);
    assert_true(isnan(kr_exp(NAN)));
    assert_close(kr_exp(709.7), exp(709.7), 1e-15, 0);
}

static void logarithm_is_within_two_ulp(void **state) {
    (void)state;
    double worst = 0;
    for (uint64_t i = 0; i < POINTS; i++) {
        double wide = ldexp(1.0 + point(i), (int)(i % 2000) - 1000), near = 0.5 + 1.5 * point(i);
        worst = fmax(worst, fmax(error_ulp(kr_log(wide), logl(wide)), error_ulp(kr_log(near), logl(near))));
    }
    print_message("largest error of kr_log: %.3f ulp\n", worst);
    assert_true(worst < 2.0);
}

static void sine_and_cosine_are_within_two_ulp(void **state) {
    (void)state;
    const long double pi = acosl(-1.0L);
    double worst = 0;
    for (uint64_t i = 0; i < POINTS; i++) {
        double t = 8.0 * point(i) - 4.0, sine, cosine;
        kr_sincos_turns(t, &sine, &cosine);
        /* Reduced exactly before the long double product, so that the reference keeps its digits near the zeros. */
        long double quarter = roundl(4.0L * (long double)t), r = 2.0L * pi * ((long double)t - quarter / 4.0L);
        int q = (int)((long)quarter & 3);
        long double s = q == 0 ? sinl(r) : q == 1 ? cosl(r) : q == 2 ? -sinl(r) : -cosl(r);
        long double c = q == 0 ? cosl(r) : q == 1 ? -sinl(r) : q == 2 ? -cosl(r) : sinl(r);
        worst = fmax(worst, fmax(error_ulp(sine, s), error_ulp(cosine, c)));
    }
    print_message("largest error of kr_sincos_turns: %.3f ulp\n", worst);
    assert_true(worst < 2.0);
    double sine, cosine;
    kr_sincos_turns(NAN, &sine, &cosine);
    assert_true(isnan(sine) && isnan(cosine));
}

/* ---- functions of neurons ---- */

static long double softplus_exact(long double x) {
    return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}

static long double sigmoid_exact(long double x) {
    return 1.0L / (1.0L + expl(-x));
}

typedef struct neuron {
    const char *name;
    double (*ours)(double);
    long double (*exact)(long double);
    double widest;  /* |x| up to which there is something to see */
    double ends[2]; /* at minus and plus infinity */
    bool odd;
} neuron;

static const neuron neurons[] = {{"kr_tanh", kr_tanh, tanhl, 25, {-1, 1}, true},
                                 {"kr_erf", kr_erf, erfl, 7, {-1, 1}, true},
                                 {"kr_softplus", kr_softplus, softplus_exact, 700, {0, INFINITY}, false},
                                 {"kr_sigmoid", kr_sigmoid, sigmoid_exact, 700, {0, 1}, false}};

/* Near 0 and far away, evenly and in orders of magnitude. */
static void functions_of_neurons_are_within_two_ulp(void **state) {
    (void)state;
    for (size_t f = 0; f < sizeof neurons / sizeof *neurons; f++) {
        double worst = 0;
        for (uint64_t i = 0; i < POINTS; i++) {
            double side = i % 2 ? 1 : -1, small = ldexp(1.0 + point(i), -(int)(i % 300)), of_order = 4.0 * point(i);
            double xs[] = {side * neurons[f].widest * point(i), side * small, side * of_order};
            for (size_t k = 0; k < 3; k++)
                worst = fmax(worst, error_ulp(neurons[f].ours(xs[k]), neurons[f].exact((long double)xs[k])));
        }
        print_message("largest error of %s: %.3f ulp\n", neurons[f].name, worst);
        assert_true(worst < 2.0);
    }
}

static void functions_of_neurons_at_the_edges(void **state) {
    (void)state;
    static const double far[] = {710, 1e6, 1e300, INFINITY};
    for (size_t f = 0; f < sizeof neurons / sizeof *neurons; f++) {
        const neuron *n = &neurons[f];
        assert_true(isnan(n->ours(NAN)));
        for (size_t k = 0; k < 4; k++) {
            assert_true(n->ours(-far[k]) == n->ends[0]);
            assert_true(n->ours(far[k]) == (isinf(n->ends[1]) ? far[k] : n->ends[1]));
        }
        if (n->odd) assert_true(n->ours(0.0) == 0 && !signbit(n->ours(0.0)) && signbit(n->ours(-0.0)));
        if (n->odd) assert_true(n->ours(5e-324) == 5e-324 && n->ours(-0x1p-1000) == n->ours(0x1p-1000) * -1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential_is_within_two_ulp),
        cmocka_unit_test(exponential_at_the_edges),
        cmocka_unit_test(logarithm_is_within_two_ulp),
        cmocka_unit_test(sine_and_cosine_are_within_two_ulp),
        cmocka_unit_test(functions_of_neurons_are_within_two_ulp),
        cmocka_unit_test(functions_of_neurons_at_the_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
