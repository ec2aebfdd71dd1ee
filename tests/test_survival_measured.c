/* Kaplan and Meier's estimate against a worked example, the binomial case, and the coverage of its interval. */
#include "assert_close.h"

#include <kramers/confidence.h>
#include <kramers/survival.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <math.h>
#include <stdlib.h>

static bool flag(const void *context, uint64_t particle) {
    return ((const bool *)context)[particle];
}

static void measure(kr_survival *s, uint64_t particles, uint64_t reached, const uint64_t *until, const bool *arrived) {
    kr_error error;
    assert_int_equal(kr_survival_create(s, reached, reached, &error), KR_OK);
    assert_int_equal(kr_survival_measure(s, particles, reached, until, flag, arrived, &error), KR_OK);
}

/* Remission times of leukaemia patients under 6-MP (Freireich et al. 1963), the textbook case: estimates and Greenwood's standard
 * errors as in Klein and Moeschberger, table 4.1B. */
static void freireichs_patients(void **state) {
    (void)state;
    static const uint64_t until[21] = {6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35};
    static const bool arrived[21] = {1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0};
    static const struct {
        uint64_t step;
        double survival, error;
    } table[] = {{5, 1, 0},           {6, 0.857, 0.0764},  {7, 0.807, 0.0869},  {10, 0.753, 0.0963}, {13, 0.690, 0.1068},
                 {16, 0.627, 0.1141}, {22, 0.538, 0.1282}, {23, 0.448, 0.1346}, {35, 0.448, 0.1346}};
    kr_survival s;
    measure(&s, 21, 35, until, arrived);
    assert_int_equal(s.count, 36);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t row = (size_t)table[i].step;
        assert_int_equal(s.step[row], row);
        assert_close(s.measured[row], table[i].survival, 0, 0.0006);
        if (table[i].error == 0) {
            assert_true(s.high[row] == 1);
            assert_close(s.low[row], pow(0.05, 1.0 / 21), 1e-12, 0); /* nobody of 21 */
            continue;
        }
        double z = gsl_cdf_ugaussian_Qinv(0.025), value = s.measured[row];
        double spread = (log(-log(s.low[row])) - log(-log(s.high[row]))) / (2 * z); /* of log(-log S) */
        assert_close(spread * value * -log(value), table[i].error, 0, 0.0006);
    }
    kr_survival_destroy(&s);
}

static void without_losses_it_is_the_fraction_left(void **state) {
    (void)state;
    enum { PARTICLES = 1000, STEPS = 5000 };
    uint64_t until[PARTICLES];
    bool arrived[PARTICLES];
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t p = 0; p < PARTICLES; p++) {
        uint64_t at = 1 + (uint64_t)gsl_ran_exponential(random, 2000);
        arrived[p] = at <= STEPS;
        until[p] = arrived[p] ? at : 0;
    }
    kr_survival s;
    measure(&s, PARTICLES, STEPS, until, arrived);
    assert_int_equal(s.count, KR_SURVIVAL_ROWS);
    assert_int_equal(s.step[s.count - 1], STEPS);
    for (size_t row = 0; row < s.count; row++) {
        size_t left = 0;
        for (size_t p = 0; p < PARTICLES; p++) left += !arrived[p] || until[p] > s.step[row];
        assert_close(s.measured[row], (double)left / PARTICLES, 0, 1e-12);
        assert_true(s.low[row] >= 0 && s.high[row] <= 1 && s.low[row] <= s.measured[row] && s.measured[row] <= s.high[row]);
    }
    gsl_rng_free(random);
    kr_survival_destroy(&s);
}

/* 95 % intervals hold the truth in 95 % of 4000 experiments with losses, to 4 standard errors and the small excess of the method:
 * a correct 95 % fails this with p < 1e-4. */
static void the_interval_covers(void **state) {
    (void)state;
    enum { PARTICLES = 200, STEPS = 1000, EXPERIMENTS = 4000 };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    int covered[3] = {0};
    for (int e = 0; e < EXPERIMENTS; e++) {
        uint64_t until[PARTICLES];
        bool arrived[PARTICLES];
        for (size_t p = 0; p < PARTICLES; p++) {
            uint64_t at = 1 + (uint64_t)gsl_ran_exponential(random, 800), lost = 1 + (uint64_t)gsl_ran_exponential(random, 1500);
            arrived[p] = at <= lost;
            until[p] = arrived[p] ? at : lost;
        }
        kr_survival s;
        measure(&s, PARTICLES, STEPS, until, arrived);
        for (int i = 0; i < 3; i++) {
            size_t row = (size_t)(i == 0 ? 20 : i == 1 ? 100 : 200);
            double truth = exp(-(double)s.step[row] / 800);
            covered[i] += s.low[row] <= truth && truth <= s.high[row];
        }
        kr_survival_destroy(&s);
    }
    gsl_rng_free(random);
    print_message("covered: %.4f %.4f %.4f\n", (double)covered[0] / EXPERIMENTS, (double)covered[1] / EXPERIMENTS,
                  (double)covered[2] / EXPERIMENTS);
    for (int i = 0; i < 3; i++) assert_true(covered[i] > 0.936 * EXPERIMENTS && covered[i] < 0.964 * EXPERIMENTS);
}

static void everybody_and_nobody(void **state) {
    (void)state;
    static const uint64_t until[3] = {1, 2, 2}, none[3] = {0};
    static const bool all[3] = {1, 1, 1}, lost[3] = {0};
    kr_survival s;
    measure(&s, 3, 2, until, all);
    assert_true(s.measured[2] == 0 && s.low[2] == 0);
    assert_close(s.high[2], 1 - pow(0.05, 1.0 / 3), 1e-12, 0);
    kr_survival_destroy(&s);
    measure(&s, 3, 2, none, lost);
    assert_true(s.measured[2] == 1 && s.high[2] == 1);
    kr_survival_destroy(&s);
    measure(&s, 3, 2, until, lost); /* all are lost: nothing is known but that nobody was seen to arrive */
    assert_true(s.measured[2] == 1 && s.low[2] == 0);
    kr_survival_destroy(&s);
    measure(&s, 3, 0, none, lost);
    assert_int_equal(s.count, 1);
    kr_survival_destroy(&s);
}

/* The ends are defined by tails of the binomial distribution of exactly half of what is left. */
static void binomial_interval_keeps_its_promise(void **state) {
    (void)state;
    for (unsigned n = 2; n < 3000000; n = 3 * n + 1)
        for (unsigned k = 1; k < n; k = 5 * k + 2) {
            kr_interval interval = kr_binomial_interval(k, n, 0.95);
            assert_close(gsl_cdf_binomial_Q(k - 1, interval.low, n), 0.025, 1e-6, 0);
            assert_close(gsl_cdf_binomial_P(k, interval.high, n), 0.025, 1e-6, 0);
        }
    assert_close(pow(1 - kr_binomial_interval(0, 10, 0.95).high, 10), 0.05, 1e-12, 0); /* one-sided */
    assert_close(pow(kr_binomial_interval(10, 10, 0.95).low, 10), 0.05, 1e-12, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(freireichs_patients),
        cmocka_unit_test(without_losses_it_is_the_fraction_left),
        cmocka_unit_test(the_interval_covers),
        cmocka_unit_test(everybody_and_nobody),
        cmocka_unit_test(binomial_interval_keeps_its_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
