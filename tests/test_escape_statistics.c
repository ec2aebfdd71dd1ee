/* What a count of first passages says: intervals by their defining property, z by simulated renewal processes. */
#include "assert_close.h"

#include <kramers/escape.h>
#include <kramers/target.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_gamma.h>

#include <math.h>

static void interval_equals_garwoods_table(void **state) {
    (void)state;
    static const double table[][3] = {{1, 0.02531781, 5.571643}, {10, 4.795389, 18.39036}, {100, 81.36393, 121.6268}};
    for (size_t i = 0; i < 3; i++) {
        kr_interval interval = kr_poisson_interval((uint64_t)table[i][0], 0.95);
        assert_close(interval.low, table[i][1], 1e-6, 0);
        assert_close(interval.high, table[i][2], 1e-6, 0);
    }
}

/* P(N >= n) at the low end and P(N <= n) at the high end are half of what is left, at any count. */
static void interval_keeps_its_promise_up_to_huge_counts(void **state) {
    (void)state;
    for (double n = 1; n < 2e12; n = floor(3.1 * n)) {
        for (double confidence = 0.68; confidence < 1; confidence += 0.315) {
            kr_interval interval = kr_poisson_interval((uint64_t)n, confidence);
            double half = (1 - confidence) / 2;
            assert_true(interval.low < n && interval.high > n);
            if (n < 2e4) { /* where GSL's incomplete gamma function is accurate */
                assert_close(gsl_sf_gamma_inc_P(n, interval.low), half, 1e-5, 0);
                assert_close(gsl_sf_gamma_inc_Q(n + 1, interval.high), half, 1e-5, 0);
            } else { /* normal, with the skewness (z^2 - 1) / 3 +- 1/2 */
                /* the next terms, z (z^2 - 7) / (36 sqrt n) and z / (2 sqrt n), and rounding */
                double z = gsl_cdf_ugaussian_Qinv(half), rest = 2 / sqrt(n) + 1e-15 * n;
                assert_close(interval.low, n - z * sqrt(n) + (z * z - 1) / 3, 0, rest);
                assert_close(interval.high, n + z * sqrt(n) + (z * z - 1) / 3 + 1, 0, rest);
            }
        }
    }
    /* Every count has its place: no gap where the method changes and none where GSL's inverse fails (its error at 2250 is 891). */
    double last = 0;
    for (uint64_t n = 1; n < 20000; n++) {
        double high = kr_poisson_interval(n, 0.95).high, step = 1 + 0.98 / sqrt((double)n);
        if (n > 10) assert_close(high - last, step, 0, 0.01);
        last = high;
    }
}

static void estimate_without_events_is_one_sided(void **state) {
    (void)state;
    kr_escape_estimate e = kr_escape_estimate_make(0, 1e6, 1e4, 100);
    double most = -log(0.05);
    assert_true(isnan(e.mfpt_steps) && isnan(e.mfpt_time));
    assert_true(e.rate == 0 && e.rate_ci95.low == 0 && isinf(e.mfpt_steps_ci95.high));
    assert_close(e.rate_ci95.high, most / 1e4, 1e-12, 0);
    assert_close(e.mfpt_steps_ci95.low, 1e6 / most, 1e-12, 0);
    e = kr_escape_estimate_make(0, 0, 0, 100);
    assert_true(isnan(e.rate) && isnan(e.mfpt_steps));
}

static void estimate_is_exposure_over_events(void **state) {
    (void)state;
    kr_escape_estimate e = kr_escape_estimate_make(10, 1e6, 1e4, 100);
    assert_close(e.mfpt_steps, 1e5, 1e-15, 0);
    assert_close(e.mfpt_time, 1e3, 1e-15, 0);
    assert_close(e.rate, 1e-3, 1e-15, 0);
    assert_close(e.mfpt_steps_ci95.low, 1e6 / 18.39036, 1e-6, 0);
    assert_close(e.mfpt_steps_ci95.high, 1e6 / 4.795389, 1e-6, 0);
    assert_close(e.rate_ci95.high, 18.39036e-4, 1e-6, 0);
}

/* Passages with a gamma law of mean 100 and c^2 = 1/shape, over K = turns * 100 steps per particle. Mean and variance of z over
 * many runs; fixed seed, bounds at five standard errors (p = 6e-7 each). */
static void check_z(double shape, double turns) {
    enum { RUNS = 4000, PARTICLES = 50 };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, 7);
    double sum = 0, squares = 0, length = 100 * turns;
    for (int run = 0; run < RUNS; run++) {
        uint64_t events = 0;
        for (int p = 0; p < PARTICLES; p++)
            for (double t = gsl_ran_gamma(random, shape, 100 / shape); t <= length; t += gsl_ran_gamma(random, shape, 100 / shape))
                events++;
        kr_escape_estimate e = kr_escape_estimate_make(events, PARTICLES * length, PARTICLES * length, PARTICLES);
        double z = kr_escape_z(&e, 100, 1 / sqrt(shape));
        sum += z;
        squares += z * z;
    }
    gsl_rng_free(random);
    assert_close(sum / RUNS, 0, 0, 5 / sqrt(RUNS));
    /* The variance's own correction is of the order 1 / turns. */
    assert_close(squares / RUNS, 1, 0, 5 * sqrt(2.0 / RUNS) + 0.3 * fabs(1 / shape - 1) / turns);
}

static void z_is_standard_normal_for_renewals(void **state) {
    (void)state;
    check_z(1, 0.5);
    check_z(1, 20);
    check_z(2, 5);
    check_z(2, 30);
    check_z(1.0 / 1.3, 20);
    check_z(1.05, 2); /* as escapes from a well are: c = 0.976 */
}

static void z_is_withheld_where_nothing_is_known(void **state) {
    (void)state;
    kr_escape_estimate e = kr_escape_estimate_make(19 * 50, 50 * 1900.0, 1, 50);
    assert_true(isnan(kr_escape_z(&e, 100, NAN)));
    assert_true(isnan(kr_escape_z(&e, 2000, 0.5)));
    assert_true(isnan(kr_escape_z(&e, NAN, 1)));
    assert_true(isnan(kr_escape_z(&e, INFINITY, 1)));
    e = kr_escape_estimate_make(2100, 100 * 2000.0, 1, 100);
    assert_close(kr_escape_z(&e, 100, NAN), 100 / sqrt(2000.0), 1e-12, 0);
    e = kr_escape_estimate_make(2100, 100 * 2000.0, 1, 100);
    assert_close(kr_escape_z(&e, 100, 0.5), (2100 - 100 * (20 - 0.375)) / sqrt(500.0), 1e-12, 0);
}

static void targets_contain_their_edges(void **state) {
    (void)state;
    kr_target sides = {.coordinate = 1, .below = -1, .above = 2};
    double inside[2] = {9, 0}, on[2] = {0, 2}, under[2] = {0, -1.5}, lost[2] = {0, NAN};
    assert_false(kr_target_reached(&sides, 2, inside));
    assert_true(kr_target_reached(&sides, 2, on));
    assert_true(kr_target_reached(&sides, 2, under));
    assert_false(kr_target_reached(&sides, 2, lost));
    double center[2] = {1, 1}, edge[2] = {1, 1.5}, near[2] = {1.4, 1.4};
    kr_target ball = {.radius = 0.5, .center = center, .below = -INFINITY, .above = INFINITY};
    assert_true(kr_target_reached(&ball, 2, edge));
    assert_false(kr_target_reached(&ball, 2, near));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_equals_garwoods_table),       cmocka_unit_test(interval_keeps_its_promise_up_to_huge_counts),
        cmocka_unit_test(estimate_without_events_is_one_sided), cmocka_unit_test(estimate_is_exposure_over_events),
        cmocka_unit_test(z_is_standard_normal_for_renewals),    cmocka_unit_test(z_is_withheld_where_nothing_is_known),
        cmocka_unit_test(targets_contain_their_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
