/* The observer `average`: variances of averages along gradient descent in parabolas against sums that are exact at any length, and
 * the closed forms that these become. Fixed seeds; |z| < 3.5 has p = 5e-4 at a random one. */
#include "assert_close.h"
#include "plugin_setup.h"

#include "run/run_state.h"

#include <kramers/observer.h>
#include <kramers/run.h>

#include <math.h>
#include <string.h>

typedef struct measured {
    double samples, particles, potential, particle_potential, variance, particle_variance;
    double position[2], position_variance[2];
} measured;

static void read_list(const kr_observer *observer, const char *name, double *to, size_t most) {
    const kr_result_part part = {.rows = observer->type->rows};
    const void *unused;
    const kr_result_row *row = kr_result_find(&part, 1, name, &unused);
    kr_value value;
    assert_non_null(row);
    assert_true(kr_result_get(row, observer, &value) && value.size[0] <= most);
    memcpy(to, value.data, value.size[0] * sizeof *to);
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
    const kr_observer *observer = kr_observers_find(&run->observers, "average");
    assert_non_null(observer);
    const kr_result_part part = {.rows = observer->type->rows, .source = observer};
    *m = (measured){.samples = kr_result_number(&part, 1, "average.samples"),
                    .particles = kr_result_number(&part, 1, "average.particles"),
                    .potential = kr_result_number(&part, 1, "average.potential"),
                    .particle_potential = kr_result_number(&part, 1, "average.particle_potential"),
                    .variance = kr_result_number(&part, 1, "average.variance"),
                    .particle_variance = kr_result_number(&part, 1, "average.particle_variance")};
    read_list(observer, "average.position", m->position, 2);
    read_list(observer, "average.position_variance", m->position_variance, 2);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

/* ---- gradient descent, x' = a x - eta n, from a fixed start ---- */

enum { PARTICLES = 20000, STEPS = 300, EVERY = 3, DISCARD = 20 };

static const double rate = 0.1, sigma = 2, stiffness[2] = {1, 4};

/* Of a sum of weight[j] x at step step[j]: from the start 0 the covariance is that of the stationary state less what the start has
 * taken from it. */
static double variance_of(double k, size_t n, const double *weight, const int *step) {
    double a = 1 - rate * k, stationary = rate * rate * sigma * sigma / (1 - a * a), sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            int apart = step[i] > step[j] ? step[i] - step[j] : step[j] - step[i];
            sum += weight[i] * weight[j] * stationary * (pow(a, apart) - pow(a, step[i] + step[j]));
        }
    return sum;
}

/* decay < 0: the mean. Returns how many samples there are. */
static size_t weights(double decay, double *weight, int *step) {
    size_t n = 0;
    for (int k = 0; k <= STEPS; k++)
        if (k % EVERY == 0 && k >= DISCARD) step[n++] = k;
    for (size_t j = 0; j < n; j++) weight[j] = decay < 0 ? 1.0 / (double)n : pow(decay, (double)(n - 1 - j)) * (j ? 1 - decay : 1);
    return n;
}

static void check_kind(const char *kind, double decay, measured *m) {
    char text[600];
    double weight[STEPS], potential = 0;
    int step[STEPS];
    size_t n = weights(decay, weight, step);
    snprintf(
        text, sizeof text,
        "{landscape: {name: harmonic, dim: 2, stiffness: [%g, %g]}, dynamics: {name: sgd}, noise: {name: isotropic, sigma: %g},"
        " schedule: {name: constant, lr: %g}, ensemble: {particles: %d, steps: %d, seed: 5, start: {point: [0, 0]}},"
        " escape: null, average: {%s, every: %d, discard: %d}}",
        stiffness[0], stiffness[1], sigma, rate, PARTICLES, STEPS, kind, EVERY, DISCARD);
    measure(text, m);
    assert_true(m->samples == (double)n && m->particles == PARTICLES);
    for (size_t i = 0; i < 2; i++) {
        double exact = variance_of(stiffness[i], n, weight, step);
        double z = (m->position_variance[i] / exact - 1) * sqrt(0.5 * PARTICLES), independent = 0;
        for (size_t j = 0; j < n; j++) independent += weight[j] * weight[j];
        independent *= variance_of(stiffness[i], 1, &(double){1}, &(int){STEPS});
        if (!(fabs(z) < 3.5)) fail_msg("%s, coordinate %zu: %g instead of %g", kind, i, m->position_variance[i], exact);
        assert_true(fabs(m->position_variance[i] / independent - 1) * sqrt(0.5 * PARTICLES) > 10); /* the test sees correlations */
        assert_true(fabs(m->position[i]) < 3.5 * sqrt(exact / PARTICLES));
        potential += 0.5 * stiffness[i] * (m->position_variance[i] + m->position[i] * m->position[i]);
    }
    assert_close(m->potential, potential, 1e-10, 0);
    assert_close(m->variance, 0.5 * (m->position_variance[0] + m->position_variance[1]), 1e-12, 0);
    assert_true(m->potential < 0.5 * m->particle_potential && m->variance < 0.5 * m->particle_variance);
}

static void a_mean_of_samples(void **state) {
    (void)state;
    measured m;
    check_kind("kind: swa", -1, &m);
}

static void a_running_mean(void **state) {
    (void)state;
    measured m;
    check_kind("kind: ema, decay: 0.9", 0.9, &m);
    /* Stationary: the particle's variance times (1 - d)(1 + a d) / ((1 + d)(1 - a d)), a from sample to sample. */
    for (size_t i = 0; i < 2; i++) {
        double weight[STEPS], a = pow(1 - rate * stiffness[i], EVERY), one = 1 - rate * stiffness[i];
        int step[STEPS];
        double exact = variance_of(stiffness[i], weights(0.9, weight, step), weight, step);
        double closed = rate * rate * sigma * sigma / (1 - one * one) * 0.1 / 1.9 * (1 + 0.9 * a) / (1 - 0.9 * a);
        assert_close(exact, closed, 1e-3, 0);
    }
}

/* Without noise all is known: the average is of the path since the last return. */
static void a_return_begins_anew(void **state) {
    (void)state;
    for (int every = 1; every <= 3; every += 2)
        for (int ema = 0; ema < 2; ema++) {
            char text[600];
            snprintf(text, sizeof text,
                     "{landscape: {name: double_well, tilt: -5}, dynamics: {name: sgd}, schedule: {name: constant, lr: 0.003},"
                     " ensemble: {particles: 3, steps: 100, seed: 5, start: {point: 0.9}}, escape: {until: {coordinate: 0, above: "
                     "1.2}}, average: {kind: %s, decay: 0.7, every: %d}}",
                     ema ? "ema" : "swa", every);
            measured m;
            measure(text, &m);
            double x = 0.9, mean = 0;
            int count = 0, returns = 0;
            for (int k = 0; k <= 100; k++) {
                if (k > 0) x -= 0.003 * (4 * x * (x * x - 1) - 5);
                if (x >= 1.2) x = 0.9, count = 0, returns++;
                if (k % every) continue;
                count++;
                mean = count == 1 ? x : mean + (ema ? 1 - 0.7 : 1.0 / count) * (x - mean);
            }
            assert_true(returns > 3);
            assert_close(m.position[0], mean, 1e-12, 0);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mean_of_samples),
        cmocka_unit_test(a_running_mean),
        cmocka_unit_test(a_return_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
