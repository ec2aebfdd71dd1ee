/* Arrhenius' law measured by sweeps: ln rate against 1/T, where T is the thermostat's temperature, or that of the gradient noise
 * through learning rate and batch size. The slope beside the exact theory must give the barrier to 2 % and within its error, and
 * must not with a theory whose temperature is off by 2 %. Counts must equal those in tests/results_arrhenius.csv to the last event.
 *
 * After a deliberate change of the numbers, write the file anew and look at its difference:
 *
 *     KRAMERS_WRITE_RESULTS=1 build/release/tests/test_physics_arrhenius
 */
#include "plugin_setup.h"
#include "sanitized.h"

#include <kramers/run.h>
#include <kramers/sweep.h>

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <stdlib.h>

enum { MOST_OVERRIDES = 6, MOST_POINTS = 8, TEXT = 512 };

static const struct {
    const char *name, *vary;
    double barrier;
    const char *override[MOST_OVERRIDES];
} cases[] = {
    {"arrhenius", "dynamics.temperature=0.16:0.36:6", 1.0, {NULL}},
    /* T_eff = eta sigma^2 / (2 B) */
    {"batch_size",
     "noise.batch_size=0.45,0.5,0.6,0.8,1",
     1.0,
     {"dynamics={name: sgd}", "noise={name: isotropic, sigma: 4}", "ensemble.particles=2048"}},
    {"learning_rate",
     "schedule.lr=0.02:0.04:5",
     1.0,
     {"dynamics={name: sgd}", "noise={name: isotropic, sigma: 4}", "ensemble.particles=2048", "ensemble.steps=50000"}},
    /* tilted and scaled, out of the shallow well: V has its critical points at x^3 - x + c/(4 h) = 0 */
    {"tilted",
     "dynamics.temperature=0.25:0.5:5",
     1.211358192942404,
     {"landscape={name: double_well, barrier: 1.5, tilt: 0.3}", "ensemble.start.minimum=1",
      "escape.until={coordinate: 0, below: -1}", "ensemble.particles=2048", "ensemble.steps=40000"}},
};
enum { CASES = sizeof cases / sizeof *cases };

typedef struct measured {
    size_t count;
    double value[MOST_POINTS], temperature[MOST_POINTS], seed[MOST_POINTS], events[MOST_POINTS], passages[MOST_POINTS],
        exposure[MOST_POINTS], rate[MOST_POINTS], chain[MOST_POINTS], variation[MOST_POINTS], z[MOST_POINTS];
    kr_sweep_fit fit;
} measured;

static measured results[CASES];

static size_t overrides(size_t number) {
    size_t count = 0;
    while (count < MOST_OVERRIDES && cases[number].override[count]) count++;
    return count;
}

static double cell(const kr_sweep *sweep, size_t point, const char *column) {
    size_t index = kr_sweep_column_find(sweep, column);
    assert_true(index != SIZE_MAX);
    return kr_sweep_number(sweep, point, index);
}

static measured measure(size_t number) {
    kr_error error;
    kr_sweep *sweep;
    measured m = {0};
    kr_sweep_setup setup = {.registry = best_registry(),
                            .scene = "arrhenius",
                            .overrides = cases[number].override,
                            .override_count = overrides(number),
                            .vary = &cases[number].vary,
                            .vary_count = 1};
    require(kr_sweep_create(&sweep, &setup, &error), &error);
    while (!kr_sweep_finished(sweep)) require(kr_sweep_advance(sweep, 10, &error), &error);
    require(kr_sweep_finish(sweep, &error), &error);
    m.count = kr_sweep_progress_now(sweep).points;
    assert_true(m.count <= MOST_POINTS);
    for (size_t i = 0; i < m.count; i++) {
        m.value[i] = kr_sweep_number(sweep, i, 1);
        m.temperature[i] = cell(sweep, i, "temperature");
        m.seed[i] = cell(sweep, i, "seed");
        m.events[i] = cell(sweep, i, "events");
        m.exposure[i] = cell(sweep, i, "exposure_time");
        m.rate[i] = cell(sweep, i, "rate");
        m.chain[i] = cell(sweep, i, "chain.rate");
        m.variation[i] = cell(sweep, i, "chain.variation");
        m.z[i] = cell(sweep, i, "chain.z");
        m.passages[i] = m.events[i] - cell(sweep, i, "particles") * (m.variation[i] * m.variation[i] - 1) / 2;
    }
    kr_sweep_arrhenius(sweep, &m.fit);
    kr_sweep_destroy(sweep);
    return m;
}

/* ---- the committed rows ---- */

static const char header[] = "sweep,varied,temperature,seed,events,rate,chain,z,slope,corrected,error,barrier\n";

/* The last row of a sweep has the slopes. */
static void write_row(char *row, const measured *m, size_t number, size_t i) {
    int used = snprintf(row, TEXT, "%s,%.12g,%.12g,%.0f,%.0f,%.9g,%.9g,%.3f", cases[number].name, m->value[i], m->temperature[i],
                        m->seed[i], m->events[i], m->rate[i], m->chain[i], m->z[i]);
    if (i + 1 < m->count)
        snprintf(row + used, TEXT - (size_t)used, ",,,,\n");
    else
        snprintf(row + used, TEXT - (size_t)used, ",%.7g,%.7g,%.3g,%.9g\n", m->fit.slope, m->fit.corrected, m->fit.deviation_error,
                 m->fit.barrier);
}

/* Counts are exact; what has gone through libm is compared as numbers. */
static void compare_rows(const char *now, const char *committed) {
    for (const char *a = now, *b = committed; *a || *b;) {
        size_t m = strcspn(a, ",\n"), n = strcspn(b, ",\n");
        char *end_a, *end_b;
        double x = strtod(a, &end_a), y = strtod(b, &end_b);
        bool numbers = m && n && end_a == a + m && end_b == b + n;
        if (!(m == n && !strncmp(a, b, m)) &&
            !(numbers && x != floor(x) && fabs(x - y) <= 2e-3 * fmin(1, fabs(y)) && y != floor(y)))
            fail_msg("results_arrhenius.csv has\n%sand the sweep gave\n%s", committed, now);
        a += m + (a[m] != 0);
        b += n + (b[n] != 0);
    }
}

static void every_count_is_the_committed_one(void **state) {
    (void)state;
    if (SANITIZED) skip();
    const char *name = KR_SOURCE_DIRECTORY "/tests/results_arrhenius.csv";
    bool write = getenv("KRAMERS_WRITE_RESULTS") != NULL;
    FILE *file = fopen(name, write ? "w" : "r");
    if (!file) fail_msg("%s cannot be opened", name);
    char row[TEXT], committed[TEXT];
    if (write)
        fputs(header, file);
    else
        assert_string_equal(fgets(committed, sizeof committed, file), header);
    for (size_t c = 0; c < CASES; c++) {
        results[c] = measure(c);
        for (size_t i = 0; i < results[c].count; i++) {
            write_row(row, &results[c], c, i);
            if (write)
                fputs(row, file);
            else if (!fgets(committed, sizeof committed, file))
                fail_msg("%s has no row for %s, point %zu", name, cases[c].name, i);
            else
                compare_rows(row, committed);
        }
    }
    fclose(file);
}

/* ---- what they say ---- */

/* |z| of a slope or a mean beyond 3.5: p = 4.7e-4 each, 3.7e-3 for the eight of them; chi-square below 0.002 in one of four: 8e-3.
 */
static void slopes_are_the_barrier(void **state) {
    (void)state;
    if (SANITIZED) skip();
    for (size_t c = 0; c < CASES; c++) {
        const kr_sweep_fit *fit = &results[c].fit;
        print_message("%s: slope %.4f, corrected by %s %.4f +- %.4f, barrier %.4f; p = %.3f\n", cases[c].name, fit->slope,
                      fit->exact, fit->corrected, fit->deviation_error, fit->barrier, fit->exact_p);
        assert_true(fit->applies && fit->points == results[c].count);
        assert_string_equal(fit->exact, "chain");
        assert_true(fabs(fit->barrier - cases[c].barrier) < 1e-9);
        assert_true(fabs(fit->corrected - fit->barrier) < 0.02 * fit->barrier);
        assert_true(fit->deviation_error < 0.006 * fit->barrier);
        assert_true(fabs(fit->deviation) < 3.5 * fit->deviation_error);
        assert_true(fabs(fit->log_ratio) < 3.5 * fit->log_ratio_error);
        assert_true(fit->exact_p > 0.002);
    }
}

/* The uncorrected slope is not: without the chain this test would fail. */
static void raw_slopes_are_not(void **state) {
    (void)state;
    if (SANITIZED) skip();
    for (size_t c = 0; c < CASES; c++)
        assert_true(fabs(results[c].fit.slope - results[c].fit.barrier) > 8 * results[c].fit.slope_error);
}

/* ---- with the wrong temperature ---- */

static void scale(kr_settings *settings, const char *name, double factor) {
    const kr_parameter *parameter = kr_parameter_find(settings->about, name);
    if (parameter) assert_int_equal(kr_set_number(settings, parameter, factor * kr_get_number(settings, parameter), NULL), KR_OK);
}

/* ln of the chain's rate at one point when its temperature is off by this factor. */
static double log_chain(size_t number, double value, double factor) {
    kr_scene scene;
    kr_error error;
    const char *set[MOST_OVERRIDES + 1];
    char varied[128];
    size_t count = overrides(number);
    memcpy(set, cases[number].override, count * sizeof *set);
    snprintf(varied, sizeof varied, "%.*s=%.17g", (int)strcspn(cases[number].vary, "="), cases[number].vary, value);
    set[count++] = varied;
    require(kr_scene_load(&scene, best_registry(), "arrhenius", set, count, &error), &error);
    scale(&scene.dynamics, "temperature", factor);
    scale(&scene.noise, "sigma", sqrt(factor));
    kr_theory_result theory[KR_MAX_THEORIES];
    size_t theories;
    double rate = NAN;
    require(kr_run_theories(&scene, theory, &theories, &error), &error);
    for (size_t i = 0; i < theories; i++)
        if (!strcmp(theory[i].type->about.name, "chain")) rate = theory[i].prediction.rate;
    kr_scene_destroy(&scene);
    return log(rate);
}

/* The slope of ln(rate / chain) over 1/T in units of its error, by the normal equations; and the weighted mean in the same way. */
static void deviations(size_t number, double factor, double *slope_z, double *mean_z) {
    const measured *m = &results[number];
    double w = 0, wx = 0, wy = 0, sxx = 0, sxy = 0, weight[MOST_POINTS], x[MOST_POINTS], y[MOST_POINTS];
    for (size_t i = 0; i < m->count; i++) {
        x[i] = 1 / m->temperature[i];
        y[i] = log(m->passages[i] / m->exposure[i]) - log_chain(number, m->value[i], factor);
        weight[i] = m->events[i] / (m->variation[i] * m->variation[i]);
        w += weight[i];
        wx += weight[i] * x[i];
        wy += weight[i] * y[i];
    }
    for (size_t i = 0; i < m->count; i++) {
        sxx += weight[i] * (x[i] - wx / w) * (x[i] - wx / w);
        sxy += weight[i] * (x[i] - wx / w) * (y[i] - wy / w);
    }
    *slope_z = sxy / sqrt(sxx);
    *mean_z = wy / sqrt(w);
}

static void a_temperature_off_by_two_percent_is_seen(void **state) {
    (void)state;
    if (SANITIZED) skip();
    double slope, mean, all_hot = 0, all_cold = 0;
    for (size_t c = 0; c < CASES; c++) {
        const kr_sweep_fit *fit = &results[c].fit;
        deviations(c, 1, &slope, &mean);
        assert_true(fabs(slope + fit->deviation / fit->deviation_error) < 1e-3); /* the library's fit, independently */
        assert_true(fabs(mean - fit->log_ratio / fit->log_ratio_error) < 1e-3);
        deviations(c, 1.02, &slope, &mean);
        print_message("%s: 2 %% hot: slope off by %.1f sigma, mean by %.1f", cases[c].name, slope, mean);
        assert_true(fabs(mean) > 15);
        all_hot += slope;
        deviations(c, 1 / 1.02, &slope, &mean);
        print_message("; cold: %.1f, %.1f\n", slope, mean);
        assert_true(fabs(mean) > 15);
        all_cold += slope;
    }
    /* the slopes alone, taken together */
    assert_true(fabs(all_hot) / sqrt(CASES) > 6 && fabs(all_cold) / sqrt(CASES) > 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_count_is_the_committed_one),
        cmocka_unit_test(slopes_are_the_barrier),
        cmocka_unit_test(raw_slopes_are_not),
        cmocka_unit_test(a_temperature_off_by_two_percent_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
