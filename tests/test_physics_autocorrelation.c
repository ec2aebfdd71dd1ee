/* The observer `autocorrelation`: against sums over every pair of positions, and on a quadratic against the exact q^k and its sum.
 */
#include "assert_close.h"
#include "plugin_setup.h"

#include "run/run_state.h"

#include <kramers/observer.h>
#include <kramers/run.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LAGS = 400 };

typedef struct measured {
    size_t lags;
    uint64_t lag[MOST_LAGS];
    double correlation[MOST_LAGS], error[MOST_LAGS];
    double variance, integrated, integrated_error, window, time;
} measured;

static size_t list_of(const kr_observer *observer, const char *name, void *out) {
    const kr_result_part part = {.rows = observer->type->rows};
    const void *unused;
    kr_value value;
    const kr_result_row *row = kr_result_find(&part, 1, name, &unused);
    assert_true(row && kr_result_get(row, observer, &value) && value.size[0] <= MOST_LAGS);
    memcpy(out, value.data, value.size[0] * 8);
    return value.size[0];
}

static double number_of(const kr_observer *observer, const char *name) {
    const kr_result_part part = {.rows = observer->type->rows, .source = observer};
    return kr_result_number(&part, 1, name);
}

/* positions: [steps + 1][particles] of coordinate 0, NULL: not wanted. */
static void measure(const char *text, int threads, size_t block, measured *m, double *positions) {
    kr_error error;
    kr_scene scene;
    kr_run *run;
    require(kr_scene_parse(&scene, best_registry(), "test", NULL, text, NULL, 0, &error), &error);
    kr_run_options options = {.threads = threads, .block_size = block, .cadence = positions ? 1 : 0};
    require(kr_run_create(&run, &scene, &options, &error), &error);
    for (bool more = true; more; more = !kr_run_finished(run)) {
        kr_view view = kr_run_view(run);
        if (positions) memcpy(positions + view.step * view.particles, view.position, view.particles * sizeof *positions);
        require(kr_run_advance(run, &error), &error);
    }
    kr_view view = kr_run_view(run);
    if (positions) memcpy(positions + view.step * view.particles, view.position, view.particles * sizeof *positions);
    kr_run_result(run);
    const kr_observer *observer = kr_observers_find(&run->observers, "autocorrelation");
    assert_non_null(observer);
    m->lags = list_of(observer, "autocorrelation.lag", m->lag);
    list_of(observer, "autocorrelation.correlation", m->correlation);
    list_of(observer, "autocorrelation.correlation_error", m->error);
    m->variance = number_of(observer, "autocorrelation.variance");
    m->integrated = number_of(observer, "autocorrelation.integrated_steps");
    m->integrated_error = number_of(observer, "autocorrelation.integrated_steps_error");
    m->window = number_of(observer, "autocorrelation.window");
    m->time = number_of(observer, "autocorrelation.integrated_time");
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

/* Covariance of all pairs of samples from `from` on at multiples of every that are lag steps apart, over that at lag 0. */
static double by_hand(const double *x, size_t particles, uint64_t steps, uint64_t from, uint64_t every, uint64_t lag) {
    double covariance[2];
    for (int i = 0; i < 2; i++) {
        uint64_t apart = i ? 0 : lag;
        double n = 0, product = 0, early = 0, late = 0;
        for (uint64_t t = from; t + apart <= steps; t += every)
            for (size_t p = 0; p < particles; p++) {
                double a = x[t * particles + p], b = x[(t + apart) * particles + p];
                n++, product += a * b, early += a, late += b;
            }
        covariance[i] = product / n - early / n * (late / n);
    }
    return covariance[0] / covariance[1];
}

static void every_pair_counts(void **state) {
    (void)state;
    static const char text[] = "landscape: {name: double_well}\ndynamics: {name: sgld, temperature: 0.5}\n"
                               "ensemble: {particles: 70, steps: 1500, seed: 3}\nstatistics: {every: 0}\n"
                               "autocorrelation: {every: 3, discard: 10, length: 300}\n";
    static double x[1501 * 70];
    measured m;
    measure(text, 2, 0, &m, x);
    assert_int_equal(m.lag[m.lags - 1], 3 * 288);
    for (size_t k = 0; k < m.lags; k++) {
        if (k) assert_true(m.lag[k] > m.lag[k - 1]);
        if (m.lag[k] < 96) { /* level 0: all pairs; behind it those that begin at multiples of 2^j samples */
            assert_close(m.correlation[k], by_hand(x, 70, 1500, 12, 3, m.lag[k]), 1e-9, 1e-11);
            continue;
        }
        uint64_t apart = 3;
        while (m.lag[k] >= 32 * apart) apart *= 2;
        double n = 0, product = 0, early = 0, late = 0;
        for (uint64_t t = 12; t + m.lag[k] <= 1500; t += apart)
            for (size_t p = 0; p < 70; p++) {
                double a = x[t * 70 + p], b = x[(t + m.lag[k]) * 70 + p];
                n++, product += a * b, early += a, late += b;
            }
        assert_close(m.correlation[k] * m.variance, product / n - early / n * (late / n), 1e-8, 1e-10);
    }
}

static const char quadratic[] = "landscape: {name: harmonic, stiffness: 2, dim: 1}\ndynamics: {name: sgd}\n"
                                "noise: {name: isotropic}\nschedule: {name: constant, lr: %g}\n"
                                "ensemble: {particles: %d, steps: %d, seed: %d}\n"
                                "autocorrelation: {every: %d, discard: %d, length: 2000, particles: %d}\n";

/* x' = q x + noise, q = 1 - eta k: correlation q^k, integrated every (1/2 + q^every / (1 - q^every)). Each is within 4.5 of its
 * standard errors (2e-4 for one of forty at a random seed); standard errors of the integrated time are right on average. */
static void on_a_quadratic(void **state) {
    (void)state;
    const struct {
        double lr;
        int every, particles, steps, followed;
    } one[] = {{0.05, 1, 256, 4000, 0}, {0.005, 10, 128, 60000, 100}, {0.2, 2, 64, 4000, 0}, {0.002, 1, 512, 20000, 0}};
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        char text[500];
        measured m;
        double q = 1 - 2 * one[i].lr, step = pow(q, one[i].every);
        snprintf(text, sizeof text, quadratic, one[i].lr, one[i].particles, one[i].steps, 5, one[i].every, one[i].steps / 10,
                 one[i].followed);
        measure(text, 2, 0, &m, NULL);
        double exact = one[i].every * (0.5 + step / (1 - step));
        print_message("lr %g, every %d: %.4g +- %.2g, exactly %.4g\n", one[i].lr, one[i].every, m.integrated, m.integrated_error,
                      exact);
        assert_true(fabs(m.integrated - exact) < 4.5 * m.integrated_error + 0.003 * exact); /* e^-6 is cut off */
        assert_true(m.integrated_error < 0.2 * exact && m.window >= 6 * m.integrated);
        assert_close(m.time, m.integrated * one[i].lr, 1e-12, 0);
        for (size_t k = 1; k < m.lags && (double)m.lag[k] < 4 * exact; k++)
            assert_true(fabs(m.correlation[k] - pow(q, (double)m.lag[k])) < 4.5 * m.error[k]);
    }
}

/* Mean square of (measured - exact) / error over seeds: 1 within the scatter of so many; many particles (jackknife) and one
 * (Madras and Sokal). */
static void errors_are_right(void **state) {
    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        double square = 0, exact = 0.5 + 0.9 / 0.1;
        int seeds = 60;
        for (int seed = 1; seed <= seeds; seed++) {
            char text[500];
            measured m;
            snprintf(text, sizeof text, quadratic, 0.05, alone ? 1 : 64, alone ? 40000 : 1500, seed, 1, 200, 0);
            measure(text, 1, 0, &m, NULL);
            square += pow((m.integrated - exact) / m.integrated_error, 2) / seeds;
        }
        print_message("%s: mean square of z %.2f\n", alone ? "one particle" : "64 particles", square);
        assert_true(square > 0.55 && square < 1.6); /* 1 +- 0.18; 3 standard deviations, and errors that scatter by an eighth */
    }
}

static void threads_and_blocks_cannot_be_seen(void **state) {
    (void)state;
    static const char text[] =
        "landscape: muller_brown\ndynamics: {name: langevin, temperature: 15}\nschedule: {name: constant, lr: 1e-4}\n"
        "ensemble: {particles: 1000, steps: 600, seed: 2}\n"
        "autocorrelation: {every: 4, length: 100, of: %s, coordinate: 1, particles: 700}\n";
    static const char *const of[] = {"position", "velocity", "potential"};
    for (int i = 0; i < 3; i++) {
        char scene[500];
        measured first, other;
        snprintf(scene, sizeof scene, text, of[i]);
        measure(scene, 1, 0, &first, NULL);
        assert_true(first.variance > 0 && first.correlation[0] == 1 && fabs(first.correlation[1]) < 1);
        const struct {
            int threads;
            size_t block;
        } how[] = {{3, 0}, {2, 64}, {1, 320}, {4, 128}};
        for (size_t k = 0; k < sizeof how / sizeof *how; k++) {
            memset(&other, 0, sizeof other);
            measure(scene, how[k].threads, how[k].block, &other, NULL);
            assert_memory_equal(first.correlation, other.correlation, first.lags * sizeof(double));
            assert_memory_equal(first.error, other.error, first.lags * sizeof(double));
            assert_memory_equal(&first.integrated_error, &other.integrated_error, sizeof(double));
        }
    }
}

/* Too short a run, or lags that end too early: nothing is made up. */
static void what_cannot_be_said(void **state) {
    (void)state;
    char text[500];
    measured m;
    snprintf(text, sizeof text, quadratic, 0.0005, 64, 500, 1, 1, 0, 0);
    measure(text, 2, 0, &m, NULL);
    assert_true(isnan(m.integrated) && isnan(m.integrated_error) && isnan(m.window));
    assert_true(isnan(m.correlation[m.lags - 1])); /* no pair is so far apart */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_counts),   cmocka_unit_test(on_a_quadratic),
        cmocka_unit_test(errors_are_right),    cmocka_unit_test(threads_and_blocks_cannot_be_seen),
        cmocka_unit_test(what_cannot_be_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
