/* What the noise models add is distributed as they say: a step of gradient descent on a loss that is next to flat, from 0 at
 * learning rate 1, leaves the particles at minus their noise. Seeds are fixed; each test says with which p-value it would fail at a
 * random one, and the last test shows for two of them that numbers of another scale fail. */
#include "kolmogorov_smirnov.h"
#include "plugin_setup.h"

#include <kramers/ensemble.h>
#include <kramers/model.h>
#include <kramers/registry.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTICLES = 1 << 17 };

typedef struct sample {
    kr_scene scene;
    kr_model model;
    kr_ensemble *ensemble;
} sample;

static void sample_create(sample *s, const char *noise, int dim, int seed) {
    char text[700];
    kr_error error;
    const kr_registry *registry;
    snprintf(text, sizeof text,
             "{landscape: {name: harmonic, stiffness: 1e-12, dim: %d}, dynamics: sgd, noise: %s, schedule: {name: constant, lr: 1},"
             " ensemble: {particles: %d, seed: %d, start: {point: 0}}}",
             dim, noise, PARTICLES, seed);
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_parse(&s->scene, registry, "test", NULL, text, NULL, 0, &error), &error);
    require(kr_model_create(&s->model, &s->scene, &error), &error);
    kr_ensemble_setup setup;
    require(kr_model_ensemble_setup(&s->model, &setup, &error), &error);
    require(kr_ensemble_create(&s->ensemble, &setup, &error), &error);
}

static kr_view sample_step(sample *s, uint64_t steps) {
    kr_error error;
    require(kr_ensemble_advance(s->ensemble, steps, &error), &error);
    return kr_ensemble_view(s->ensemble);
}

static void sample_destroy(sample *s) {
    kr_ensemble_destroy(s->ensemble);
    kr_model_destroy(&s->model);
    kr_scene_destroy(&s->scene);
}

static double kolmogorov(const double *x, distribution_function *distribution, double parameter) {
    return kolmogorov_smirnov_p(PARTICLES, x, distribution, parameter);
}

/* z of the number of |x| beyond a level, where p of them are expected. */
static double tail_z(const double *x, double level, double p) {
    double count = 0, expected = PARTICLES * p;
    for (size_t i = 0; i < PARTICLES; i++) count += fabs(x[i]) > level;
    return (count - expected) / sqrt(expected * (1 - p));
}

/* z of the mean of cos(t x), for the characteristic function exp(-|t|^alpha). */
static double characteristic_z(const double *x, double t, double alpha) {
    double mean = 0, f = exp(-pow(t, alpha)), twice = exp(-pow(2 * t, alpha));
    for (size_t i = 0; i < PARTICLES; i++) mean += cos(t * x[i]) / PARTICLES;
    return (mean - f) / sqrt((0.5 + 0.5 * twice - f * f) / PARTICLES);
}

/* 30 z-values: 4 is passed with p = 0.002. */
static void levy_has_its_characteristic_function_and_tail(void **state) {
    (void)state;
    const double alphas[] = {0.51, 0.8, 1.2, 1.5, 1.9}, times[] = {0.03, 0.2, 0.7, 1.5, 3};
    double worst = 0;
    for (size_t a = 0; a < 5; a++) {
        sample s;
        char noise[80];
        snprintf(noise, sizeof noise, "{name: levy, alpha: %g, sigma: 1}", alphas[a]);
        sample_create(&s, noise, 1, 10 + (int)a);
        kr_view view = sample_step(&s, 1);
        for (size_t t = 0; t < 5; t++) worst = fmax(worst, fabs(characteristic_z(view.position, times[t], alphas[a])));
        /* P(|X| > x) = 2 (C / alpha) x^-alpha; the next order is smaller by that. */
        double constant = 2 * tgamma(alphas[a]) * sin(M_PI_2 * alphas[a]) / M_PI, p = 2e-3;
        double level = pow(constant / p, 1 / alphas[a]);
        if (alphas[a] < 1.9) worst = fmax(worst, fabs(tail_z(view.position, level, p)));
        sample_destroy(&s);
    }
    printf("largest |z| %.2f\n", worst);
    assert_true(worst < 4);
}

static double cauchy(double x, double unit) {
    return gsl_cdf_cauchy_P(x, unit);
}

/* At alpha = 1 and 2 the distribution is known. Of two p-values the least is below 0.001 with p = 0.002. */
static void levy_is_cauchy_and_gauss(void **state) {
    (void)state;
    sample s;
    sample_create(&s, "{name: levy, alpha: 1, sigma: 3, batch_size: 4}", 1, 20);
    assert_true(kolmogorov(sample_step(&s, 1).position, cauchy, 1.5) > 1e-3);
    sample_destroy(&s);
    sample_create(&s, "{name: levy, alpha: 2, sigma: 3, batch_size: 4}", 1, 21);
    assert_true(kolmogorov(sample_step(&s, 1).position, normal_distribution, 1.5 * M_SQRT2) > 1e-3);
    sample_destroy(&s);
}

static double student(double x, double nu) {
    return gsl_cdf_tdist_P(x, nu);
}

/* The least of five p-values is below 0.001 with p = 0.005, one of five |z| above 4 with p = 0.0003. */
static void student_t_is_students(void **state) {
    (void)state;
    const double nus[] = {0.5, 1.7, 3, 12, 1e6};
    for (size_t i = 0; i < 5; i++) {
        sample s;
        char noise[80];
        snprintf(noise, sizeof noise, "{name: student_t, nu: %g}", nus[i]);
        sample_create(&s, noise, 1, 30 + (int)i);
        kr_view view = sample_step(&s, 1);
        double p = kolmogorov(view.position, student, nus[i]);
        double z = tail_z(view.position, gsl_cdf_tdist_Qinv(1e-3, nus[i]), 2e-3);
        printf("nu %g: p %.3g, tail z %+.2f\n", nus[i], p, z);
        assert_true(p > 1e-3 && fabs(z) < 4);
        sample_destroy(&s);
    }
}

/* The variance that theories ask for, where there is one: that of the numbers. |z| < 4; the standard error of Student's has its
 * fourth moment, 3 + 6 / (nu - 4) times the square of the variance. */
static void variances_are_those_of_the_numbers(void **state) {
    (void)state;
    static const struct {
        const char *noise;
        double variance, kurtosis; /* NAN: the fourth moment does not exist either */
    } cases[] = {{"{name: student_t, nu: 12, sigma: 3, batch_size: 4}", 2.25 * 1.2, 3.75},
                 {"{name: student_t, nu: 6, sigma: 3, batch_size: 4}", 2.25 * 1.5, 6},
                 {"{name: student_t, nu: 2.5}", 5, NAN},
                 {"{name: student_t, nu: 2}", INFINITY, NAN},
                 {"{name: student_t, nu: 0.5}", INFINITY, NAN},
                 {"{name: student_t, nu: 0.5, sigma: 0}", 0, NAN},
                 {"{name: levy, alpha: 1.99}", INFINITY, NAN},
                 {"{name: levy, alpha: 2, sigma: 3, batch_size: 4}", 2 * 2.25, 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sample s;
        kr_error error;
        double start[1] = {0}, sum = 0, expected = cases[i].variance, said;
        sample_create(&s, cases[i].noise, 1, 80 + (int)i);
        require(kr_noise_variance(&s.model.noise, &s.model.landscape, 1, start, &said, &error), &error);
        if (isinf(expected))
            assert_true(isinf(said) && isnan(kr_noise_mean_variance(&s.model.noise, &s.model.landscape, start)));
        else
            assert_close(said, expected, 1e-14, 0);
        if (!isnan(cases[i].kurtosis)) {
            kr_view view = sample_step(&s, 1);
            for (size_t p = 0; p < PARTICLES; p++) sum += view.position[p] * view.position[p] / PARTICLES;
            double z = (sum / expected - 1) / sqrt((cases[i].kurtosis - 1) / PARTICLES);
            printf("%s: z %+.2f\n", cases[i].noise, z);
            assert_true(fabs(z) < 4);
        }
        sample_destroy(&s);
    }
}

static double correlation(const double *x, const double *y) {
    double xy = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < PARTICLES; i++) xy += x[i] * y[i], xx += x[i] * x[i], yy += y[i] * y[i];
    return xy / sqrt(xx * yy);
}

/* Standard normal from the first step on, correlation exp(-j / time) after j steps: 7 z-values, of which one passes 4 with
 * p = 0.0004, and two p-values. */
static void coloured_noise_remembers(void **state) {
    (void)state;
    sample s;
    double *first = malloc(PARTICLES * sizeof *first);
    sample_create(&s, "{name: coloured, sigma: 2, time: 4, batch_size: 16}", 1, 40);
    kr_view view = kr_ensemble_view(s.ensemble);
    assert_int_equal(view.auxiliary_count, 1);
    assert_true(kolmogorov(view.auxiliary[0], normal_distribution, 1) > 1e-3);
    view = sample_step(&s, 1);
    for (size_t i = 0; i < PARTICLES; i++) assert_true(fabs(view.position[i] + 0.5 * view.auxiliary[0][i]) < 1e-9);
    memcpy(first, view.auxiliary[0], PARTICLES * sizeof *first);
    for (int j = 1; j <= 6; j++) {
        view = sample_step(&s, 1);
        double rho = exp(-j / 4.0), z = (correlation(first, view.auxiliary[0]) - rho) * sqrt(PARTICLES) / (1 - rho * rho);
        if (fabs(z) > 4) fail_msg("after %d steps: z = %g", j, z);
    }
    assert_true(kolmogorov(view.auxiliary[0], normal_distribution, 1) > 1e-3);
    /* A sum over many steps: the variance is as many times larger as persistence says, but for the ends. */
    double spread = 0, rho = exp(-0.25), steps = 2000, start[1] = {0};
    view = sample_step(&s, 2000 - view.step);
    for (size_t i = 0; i < PARTICLES; i++) spread += view.position[i] * view.position[i] / PARTICLES;
    double ends = 2 * rho * (1 - pow(rho, steps)) / ((1 - rho) * (1 - rho)) / steps;
    double mean = kr_noise_mean_variance(&s.model.noise, &s.model.landscape, start);
    assert_close(mean, 0.25 * (1 + rho) / (1 - rho), 1e-12, 0);
    assert_true(fabs(spread / (steps * (mean - 0.25 * ends)) - 1) < 4 * sqrt(2.0 / PARTICLES));
    free(first);
    sample_destroy(&s);
}

/* In step k the standard deviation is high or low; phases may lie before step 0. */
static void pulses_come_in_time(void **state) {
    (void)state;
    sample s;
    double *before = calloc(PARTICLES, sizeof *before);
    sample_create(&s, "{name: pulse, high: 3, low: 0, period: 7, width: 2, phase: -6}", 1, 50);
    for (int k = 0; k < 20; k++) {
        kr_view view = sample_step(&s, 1);
        double spread = 0;
        for (size_t i = 0; i < PARTICLES; i++) {
            spread += pow(view.position[i] - before[i], 2) / PARTICLES;
            before[i] = view.position[i];
        }
        bool high = (k + 6) % 7 < 2;
        assert_true(high ? fabs(spread / 9 - 1) < 4 * sqrt(2.0 / PARTICLES) : spread < 1e-15);
    }
    free(before);
    sample_destroy(&s);
}

/* Sample covariances, 5 sigma: of 6 z-values one is as large with p = 4e-6. */
static void a_covariance_is_that_of_the_matrix(void **state) {
    (void)state;
    const double c[3][3] = {{4, 2, -1}, {2, 1, -0.5}, {-1, -0.5, 2}}; /* singular */
    sample s;
    sample_create(&s, "{name: full_covariance, matrix: [[4, 2, -1], [2, 1, -0.5], [-1, -0.5, 2]], batch_size: 2}", 3, 60);
    kr_view view = sample_step(&s, 1);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0, error = sqrt((c[i][i] * c[j][j] + c[i][j] * c[i][j]) / PARTICLES) / 2;
            for (size_t p = 0; p < PARTICLES; p++)
                sum += view.position[i * view.stride + p] * view.position[j * view.stride + p] / PARTICLES;
            if (!(fabs(sum - c[i][j] / 2) < 5 * error)) fail_msg("[%zu][%zu] is %g, not %g", i, j, sum, c[i][j] / 2);
        }
    for (size_t p = 0; p < PARTICLES; p++) /* along its null space there is no noise */
        assert_true(fabs(view.position[p] - 2 * view.position[view.stride + p]) < 1e-14 * (1 + fabs(view.position[p])));
    sample_destroy(&s);
}

/* A single model's numbers are the first part's; others are independent of them, variances add. */
static void parts_of_a_sum_are_independent(void **state) {
    (void)state;
    sample one, both;
    double *other = malloc(PARTICLES * sizeof *other);
    sample_create(&one, "{name: isotropic, sigma: 3}", 1, 70);
    sample_create(&both, "[{name: isotropic, sigma: 3}, {name: isotropic, sigma: 4}]", 1, 70);
    kr_view a = sample_step(&one, 1), b = sample_step(&both, 1);
    for (size_t i = 0; i < PARTICLES; i++) other[i] = b.position[i] - a.position[i];
    assert_true(kolmogorov(other, normal_distribution, 4) > 1e-3);
    assert_true(kolmogorov(b.position, normal_distribution, 5) > 1e-3);
    assert_true(fabs(correlation(a.position, other)) < 4 / sqrt(PARTICLES));
    double start[1] = {0};
    assert_close(kr_noise_mean_variance(&both.model.noise, &both.model.landscape, start), 25, 1e-15, 0);
    free(other);
    sample_destroy(&one);
    sample_destroy(&both);
}

/* Numbers that are 2 % too large fail. */
static void another_scale_is_seen(void **state) {
    (void)state;
    sample s;
    sample_create(&s, "{name: levy, alpha: 1.5, sigma: 1.02}", 1, 13);
    kr_view view = sample_step(&s, 1);
    assert_true(fabs(characteristic_z(view.position, 0.7, 1.5)) > 4);
    sample_destroy(&s);
    sample_create(&s, "{name: student_t, sigma: 1.02}", 1, 32);
    assert_true(kolmogorov(sample_step(&s, 1).position, student, 3) < 1e-3);
    sample_destroy(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levy_has_its_characteristic_function_and_tail),
        cmocka_unit_test(levy_is_cauchy_and_gauss),
        cmocka_unit_test(student_t_is_students),
        cmocka_unit_test(variances_are_those_of_the_numbers),
        cmocka_unit_test(coloured_noise_remembers),
        cmocka_unit_test(pulses_come_in_time),
        cmocka_unit_test(a_covariance_is_that_of_the_matrix),
        cmocka_unit_test(parts_of_a_sum_are_independent),
        cmocka_unit_test(another_scale_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
