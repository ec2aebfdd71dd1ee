/* The test of exponentiality: p-values are uniform when times are exponential, whatever was cut off, and small when they are not.
 */
#include "assert_close.h"

#include <kramers/escape.h>
#include <kramers/exponential.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <math.h>
#include <stdlib.h>

enum { BINS = 10 };

/* Chi-square of the counts in tenths. */
static double uniformity(const int *count, int all) {
    double square = 0, each = (double)all / BINS;
    for (int i = 0; i < BINS; i++) square += (count[i] - each) * (count[i] - each) / each;
    return gsl_cdf_chisq_Q(square, BINS - 1);
}

static void tally(int *count, double p) {
    assert_true(p > 0 && p < 1);
    count[(int)(BINS * p)]++;
}

/* From the fewest times that are allowed to many: the tenths are equally frequent to within chance (p > 1e-3 each), and so are 5 %,
 * 1 % and 0.1 %, to 4 standard errors and the 2 % that the header states. */
static void p_values_are_uniform_for_exponential_times(void **state) {
    (void)state;
    static const size_t sizes[] = {8, 9, 15, 30, 100, 1000};
    static const int trials[] = {200000, 200000, 200000, 100000, 40000, 5000};
    static const double levels[] = {0.05, 0.01, 0.001};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    double time[1000];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int below[3] = {0}, count[BINS] = {0};
        for (int k = 0; k < trials[i]; k++) {
            for (size_t j = 0; j < sizes[i]; j++) time[j] = gsl_ran_exponential(random, 3.7);
            double p = kr_exponential_test(sizes[i], time).p_value;
            tally(count, p);
            for (int l = 0; l < 3; l++) below[l] += p < levels[l];
        }
        double n = trials[i], uniform = uniformity(count, trials[i]);
        print_message("n = %zu: below 0.05 %.4f, 0.01 %.5f, 0.001 %.5f; uniform with p = %.3f\n", sizes[i], below[0] / n,
                      below[1] / n, below[2] / n, uniform);
        for (int l = 0; l < 3; l++) assert_close(below[l] / n, levels[l], 0, 0.02 * levels[l] + 4 * sqrt(levels[l] / n));
        assert_true(uniform > 1e-3);
    }
    gsl_rng_free(random);
}

static void other_laws_are_found_out(void **state) {
    (void)state;
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    double time[500];
    for (int k = 0; k < 20; k++) {
        for (size_t j = 0; j < 500; j++) time[j] = gsl_ran_gamma(random, 1.5, 1);
        kr_exponential gamma = kr_exponential_test(500, time);
        assert_true(gamma.p_value < 1e-3);
        assert_close(gamma.variation, sqrt(1 / 1.5), 0.2, 0);
        for (size_t j = 0; j < 500; j++) time[j] = gsl_ran_exponential(random, gsl_rng_uniform(random) < 0.5 ? 1 : 6);
        assert_true(kr_exponential_test(500, time).p_value < 1e-3);
    }
    assert_true(isnan(kr_exponential_test(7, time).p_value));
    gsl_rng_free(random);
}

/* A renewal process in discrete time, seen for a few mean times only: shape 1 is without memory, 2 is not. */
enum { PARTICLES = 300 };
static kr_exponential renewal(gsl_rng *random, double mean, uint64_t steps, bool absorb, int shape) {
    static kr_event event[PARTICLES * 4000];
    uint64_t departure[PARTICLES] = {0}, stopped[PARTICLES] = {0};
    size_t count = 0;
    for (uint64_t p = 0; p < PARTICLES; p++)
        for (;;) {
            uint64_t duration = 0;
            for (int i = 0; i < shape; i++) duration += gsl_ran_geometric(random, shape / mean);
            if (departure[p] + duration > steps) break;
            departure[p] += duration;
            event[count++] = (kr_event){.step = departure[p], .particle = p, .duration = duration};
            if (!absorb) continue;
            stopped[p] = departure[p];
            departure[p] = KR_ABSORBED;
            break;
        }
    kr_view view = {.step = steps,
                    .particles = PARTICLES,
                    .departure = departure,
                    .stopped_at = stopped,
                    .recent = event,
                    .recent_count = count};
    kr_passages passages = {0};
    assert_true(kr_passages_add(&passages, &view));
    kr_exponential result = kr_passages_test(&passages, &view);
    kr_passages_destroy(&passages);
    return result;
}

/* Five lengths from a third of a mean time to thirty, coarse steps and fine: the p-values of 2000 runs each are uniform (chi-square
 * of all tenths, p > 1e-3 each). */
static void unfinished_times_do_not_bias_it(void **state) {
    (void)state;
    static const struct {
        double mean;
        uint64_t steps;
        bool absorb;
    } cases[] = {{300, 100, false}, {300, 900, false}, {4, 40, false}, {500, 800, true}, {100, 3000, false}};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum { RUNS = 2000 };
        int count[BINS] = {0};
        for (int k = 0; k < RUNS; k++) tally(count, renewal(random, cases[i].mean, cases[i].steps, cases[i].absorb, 1).p_value);
        double p = uniformity(count, RUNS);
        print_message("mean %g, %d steps%s: uniform with p = %.3f\n", cases[i].mean, (int)cases[i].steps,
                      cases[i].absorb ? ", absorbed" : "", p);
        assert_true(p > 1e-3);
    }
    assert_true(renewal(random, 100, 1000, false, 2).p_value < 1e-6);
    assert_true(renewal(random, 100, 300, true, 2).p_value < 1e-3);
    gsl_rng_free(random);
}

/* Too many passages to keep: those of the first particles stay, all of theirs. */
static void memory_is_bounded(void **state) {
    (void)state;
    enum { MANY = 1000 };
    uint64_t departure[MANY], stopped[MANY] = {0};
    kr_event event[MANY];
    kr_passages passages = {0};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    kr_view view = {.particles = MANY, .departure = departure, .stopped_at = stopped, .recent = event, .recent_count = MANY};
    for (uint64_t turn = 1; turn <= 3000; turn++) { /* all arrive in every turn, at random within it */
        for (uint64_t p = 0; p < MANY; p++) {
            uint64_t step = turn * 1000 + gsl_rng_uniform_int(random, 1000);
            event[p] = (kr_event){.step = step, .particle = p, .duration = turn > 1 ? step - departure[p] : step};
            departure[p] = step;
        }
        view.step = turn * 1000 + 999;
        assert_true(kr_passages_add(&passages, &view));
    }
    assert_true(passages.list.count <= KR_MOST_PASSAGES && passages.particles == MANY / 4);
    assert_int_equal(passages.list.count, 3000 * MANY / 4);
    kr_exponential result = kr_passages_test(&passages, &view);
    assert_int_equal(result.intervals, passages.list.count);
    assert_true(result.p_value < 1e-9 && result.variation < 0.5);
    kr_passages_destroy(&passages);
    gsl_rng_free(random);
}

/* z of absorbed ensembles of a law that is exponential after a delay, from short runs to complete ones: standard normal in mean and
 * spread over 4000 ensembles each, to 4 standard errors. */
static void z_without_renewal_is_standard_normal(void **state) {
    (void)state;
    static const double delays[] = {0, 0.1, 0.3}, lengths[] = {0.5, 2, 20};
    enum { WALKERS = 500, ENSEMBLES = 4000 };
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t d = 0; d < 3; d++)
        for (size_t l = 0; l < 3; l++) {
            double delay = delays[d], length = lengths[l], sum = 0, square = 0;
            for (int e = 0; e < ENSEMBLES; e++) {
                double exposure = 0;
                uint64_t events = 0;
                for (int w = 0; w < WALKERS; w++) {
                    double time = delay + gsl_ran_exponential(random, 1 - delay);
                    events += time < length;
                    exposure += fmin(time, length);
                }
                kr_escape_estimate estimate = kr_escape_estimate_make(events, exposure, exposure, WALKERS);
                double z = kr_escape_absorbed_z(&estimate, 1, 1 - delay);
                sum += z / ENSEMBLES;
                square += z * z / ENSEMBLES;
            }
            assert_close(sum, 0, 0, 4 / sqrt(ENSEMBLES) + 0.5 / sqrt(WALKERS)); /* skewness of complete ensembles: 1/sqrt(N) */
            assert_close(square, 1, 0, 0.12);
        }
    kr_escape_estimate estimate = kr_escape_estimate_make(10, 100, 100, 500);
    assert_true(isnan(kr_escape_absorbed_z(&estimate, 1, NAN)) && isnan(kr_escape_absorbed_z(&estimate, 1, 0.1)));
    gsl_rng_free(random);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p_values_are_uniform_for_exponential_times),
        cmocka_unit_test(other_laws_are_found_out),
        cmocka_unit_test(unfinished_times_do_not_bias_it),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(z_without_renewal_is_standard_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
