/* The observer `histogram`: counts of nearly independent positions against the stationary density, by chi-square at fixed seeds.
 * The p-values are those at a random seed. */
#include "assert_close.h"
#include "plugin_setup.h"

#include "run/run_state.h"

#include <kramers/observer.h>
#include <kramers/run.h>

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BINS = 400 };

typedef struct measured {
    size_t bins;
    double low, high, positions, total_variation;
    uint64_t count[MOST_BINS], below, above;
    bool known;
    double expected[MOST_BINS];
    char why[160];
} measured;

static const void *value_of(const kr_observer *observer, const char *name, kr_value *value) {
    const kr_result_part part = {.rows = observer->type->rows};
    const void *unused;
    const kr_result_row *row = kr_result_find(&part, 1, name, &unused);
    assert_non_null(row);
    return kr_result_get(row, observer, value) ? value->data : NULL;
}

static double number_of(const kr_observer *observer, const char *name) {
    const kr_result_part part = {.rows = observer->type->rows, .source = observer};
    return kr_result_number(&part, 1, name);
}

/* Reads the rows, as whoever shows results does. */
static void read_rows(const kr_observer *observer, measured *m) {
    kr_value value;
    memset(m, 0, sizeof *m);
    m->low = number_of(observer, "histogram.low");
    m->high = number_of(observer, "histogram.high");
    m->positions = number_of(observer, "histogram.positions");
    m->below = (uint64_t)number_of(observer, "histogram.below");
    m->above = (uint64_t)number_of(observer, "histogram.above");
    m->total_variation = number_of(observer, "histogram.total_variation");
    const uint64_t *count = value_of(observer, "histogram.count", &value);
    assert_true(count && value.size[0] <= MOST_BINS);
    memcpy(m->count, count, (m->bins = value.size[0]) * sizeof *count);
    const double *expected = value_of(observer, "histogram.expected", &value);
    if ((m->known = expected)) memcpy(m->expected, expected, m->bins * sizeof *expected);
    const char *why = value_of(observer, "histogram.why", &value);
    snprintf(m->why, sizeof m->why, "%s", why ? why : "");
}

static void measure(const char *text, measured *m) {
    kr_error error;
    kr_scene scene;
    kr_run *run;
    require(kr_scene_parse(&scene, best_registry(), "test", NULL, text, NULL, 0, &error), &error);
    kr_run_options options = {.threads = 2};
    require(kr_run_create(&run, &scene, &options, &error), &error);
    while (!kr_run_finished(run)) require(kr_run_advance(run, &error), &error);
    kr_run_result(run);
    const kr_observer *observer = kr_observers_find(&run->observers, "histogram");
    assert_non_null(observer);
    read_rows(observer, m);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

/* Of counts against probabilities; what is expected less than 10 times is one cell. */
static double p_value(const measured *m, const double *expected) {
    double chi2 = 0, rest = m->positions, rest_expected = m->positions, n = m->positions;
    size_t cells = 0;
    for (size_t i = 0; i < m->bins; i++) {
        double mean = n * expected[i], count = (double)m->count[i];
        if (mean < 10) continue;
        chi2 += (count - mean) * (count - mean) / mean;
        rest -= count;
        rest_expected -= mean;
        cells++;
    }
    if (rest_expected > 10) {
        chi2 += (rest - rest_expected) * (rest - rest_expected) / rest_expected;
        cells++;
    }
    return gsl_cdf_chisq_Q(chi2, (double)cells - 1);
}

/* Samples are several relaxation times apart, and the first comes after many of them. */
typedef struct trial {
    const char *name, *scene;
} trial;

static void print_scene(char *text, size_t size, const trial *t, double temperature, const char *ensemble, const char *histogram) {
    char with[600];
    snprintf(with, sizeof with, t->scene, temperature);
    snprintf(text, size, "%s\nensemble: {%s}\nhistogram: {%s}\n", with, ensemble, histogram);
}

static void counts_follow_the_stationary_density(void **state) {
    (void)state;
    static const trial trials[] = {
        {"double well", "landscape: {name: double_well, barrier: 1, tilt: 0.1}\ndynamics: {name: sgld, temperature: %g}\n"
                        "schedule: {lr: 0.01}"},
        {"harmonic, large steps", "landscape: {name: harmonic}\ndynamics: {name: sgld, temperature: %g}\nschedule: {lr: 0.1}"},
        {"langevin",
         "landscape: {name: harmonic}\ndynamics: {name: langevin, temperature: %g, friction: 1}\nschedule: {lr: 0.0004}"}};
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        char text[1000];
        measured m, hot;
        print_scene(text, sizeof text, &trials[i], 0.5, "particles: 65536, steps: 12000, seed: 11",
                    "every: 2000, discard: 4000, bins: 50");
        measure(text, &m);
        assert_true(m.known && m.bins == 50 && m.positions == 5 * 65536);
        char range[100];
        snprintf(range, sizeof range, "every: 1, bins: 50, low: %.17g, high: %.17g", m.low, m.high);
        print_scene(text, sizeof text, &trials[i], 0.525, "particles: 8, steps: 1", range);
        measure(text, &hot);
        double p = p_value(&m, m.expected), wrong = p_value(&m, hot.expected);
        print_message("%s: %g .. %g, p = %.3g, at 1.05 T %.3g; total variation %.4f; outside %g\n", trials[i].name, m.low, m.high,
                      p, wrong, m.total_variation, (double)(m.below + m.above));
        assert_true(p > 0.001);
        assert_true(wrong < 1e-6);
    }
}

static void without_a_theory_there_are_counts_alone(void **state) {
    (void)state;
    measured m;
    measure("landscape: muller_brown\nschedule: {lr: 0.00001}\nensemble: {particles: 100, steps: 100}\nhistogram: {every: 10, "
            "coordinate: 1, bins: 20}\n",
            &m);
    assert_false(m.known);
    assert_true(strlen(m.why) > 5 && isnan(m.total_variation));
    assert_true(m.low < -0.2 && m.high > 1.5); /* minima are at y = 1.44, 0.47, 0.03 */
    uint64_t all = m.below + m.above;
    for (size_t i = 0; i < m.bins; i++) all += m.count[i];
    assert_true((double)all == m.positions && m.positions == 1100);
}

/* Why there is no theory is said of the scene, not of another one. */
static void what_has_no_theory_says_why(void **state) {
    (void)state;
    measured m;
    measure("landscape: double_well\ndynamics: {name: langevin, temperature: 0.2}\nschedule: {lr: 0.001}\n"
            "ensemble: {particles: 10, steps: 10}\nescape: {until: {coordinate: 0, above: 1}}\nhistogram: {every: 5}\n",
            &m);
    assert_false(m.known);
    assert_string_equal(m.why, "with a target it is known for gradient descent only");
    measure("landscape: washboard\ndynamics: {name: sgld, temperature: 0.2}\nschedule: {lr: 0.001}\n"
            "ensemble: {particles: 10, steps: 10}\nhistogram: {every: 5}\n",
            &m);
    assert_false(m.known);
    assert_string_equal(m.why, "the landscape goes on without end; nothing is stationary");
}

/* One sample at the start, where everybody is. */
static void positions_fall_into_their_bins(void **state) {
    (void)state;
    static const char scene[] =
        "landscape: harmonic\nschedule: {lr: 1e-9}\nensemble: {particles: 10, steps: 1, start: {point: %s}}\n"
        "histogram: {every: 5, bins: 4, low: 0, high: 1}\n";
    static const struct {
        const char *start;
        int bin; /* -1: below, 4: above */
    } cases[] = {{"-0.001", -1}, {"0", 0}, {"0.2499", 0}, {"0.25", 1}, {"0.999", 3}, {"1", 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[400];
        measured m;
        snprintf(text, sizeof text, scene, cases[i].start);
        measure(text, &m);
        for (int bin = 0; bin < 4; bin++) assert_int_equal(m.count[bin], bin == cases[i].bin ? 10 : 0);
        assert_int_equal(m.below, cases[i].bin < 0 ? 10 : 0);
        assert_int_equal(m.above, cases[i].bin > 3 ? 10 : 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_follow_the_stationary_density), cmocka_unit_test(without_a_theory_there_are_counts_alone),
        cmocka_unit_test(what_has_no_theory_says_why), cmocka_unit_test(positions_fall_into_their_bins)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
