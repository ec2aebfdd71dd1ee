/* Escape theories against values computed elsewhere to the digits shown, against an independent discretisation, against nested
 * adaptive quadrature, and against direct simulation; and what each of them refuses. */
#include "case.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <math.h>
#include <stdlib.h>

#define NONE ((part){"none", ""})
static const double sharp_flat_top = -0.2481161405;

static part sgld(double temperature) {
    static char text[8][64];
    static int next;
    char *values = text[next++ % 8];
    snprintf(values, sizeof text[0], "temperature=%.17g", temperature);
    return (part){"sgld", values};
}

/* Strength that makes the temperature at the double well's minimum T_a = eta (8 + epsilon) strength / 2. */
static part curvature_noise(double temperature, double eta, double epsilon) {
    static char text[8][64];
    static int next;
    char *values = text[next++ % 8];
    snprintf(values, sizeof text[0], "strength=%.17g epsilon=%.17g", 2.0 * temperature / (eta * (8.0 + epsilon)), epsilon);
    return (part){"curvature", values};
}

static kr_prediction predict(const char *theory, part landscape, part dynamics, part noise, double eta, double start, double below,
                             double above) {
    problem_case c;
    case_make(&c, landscape, dynamics, noise, eta, start);
    case_target(&c, below, above);
    kr_prediction prediction = case_predict(&c, theory);
    case_free(&c);
    if (!prediction.applies && !strcmp(prediction.why, "")) fail_msg("%s refuses without a reason", theory);
    return prediction;
}

static void quadrature_equals_reference_values(void **state) {
    (void)state;
    static const struct {
        const char *landscape, *values;
        double temperature, start, below, above, time;
    } reference[] = {
        {"double_well", "", 1.0 / 3, -1, -INFINITY, 0, 12.69835006},
        {"double_well", "", 1.0 / 3, -1, -INFINITY, 1, 26.64008780},
        {"double_well", "", 0.2, -1, -INFINITY, 0, 90.47593988},
        {"double_well", "", 0.2, -1, -INFINITY, 1, 182.4176730},
        {"double_well", "", 0.2, 1, -1, INFINITY, 182.4176730},
        {"double_well", "", 0.05, -1, -INFINITY, 0, 274830549.2},
        {"double_well", "", 0.05, -1, -INFINITY, 1, 549661100.4},
        {"sharp_flat", "", 0.2, -1, -INFINITY, sharp_flat_top, 49.81826608},
        {"sharp_flat", "", 0.2, -1, -INFINITY, 1, 109.8838747},
        {"sharp_flat", "", 0.2, 1, sharp_flat_top, INFINITY, 186.7480},
        {"sharp_flat", "", 0.2, 1, -1, INFINITY, 347.4237075},
        {"washboard", "", 1.0 / 3, 0, -1, 1, 4.067545896},
    };
    for (size_t i = 0; i < sizeof reference / sizeof *reference; i++) {
        part landscape = {reference[i].landscape, reference[i].values};
        kr_prediction p = predict("quadrature", landscape, sgld(reference[i].temperature), NONE, 0.01, reference[i].start,
                                  reference[i].below, reference[i].above);
        assert_true(p.applies);
        assert_close(p.mfpt_time, reference[i].time, 1e-8, 0);
        assert_close(p.mfpt_steps, reference[i].time / 0.01, 1e-8, 0);
        assert_close(p.rate, 1 / reference[i].time, 1e-8, 0);
    }
}

/* Tilted minima are at the zeros of 4 x (x^2 - 1) + 1/4, which Newton's method gives. */
static double tilted_critical(double x) {
    for (int i = 0; i < 50; i++) x -= (4 * x * (x * x - 1) + 0.25) / (12 * x * x - 4);
    return x;
}

static void quadrature_equals_reference_values_with_tilt(void **state) {
    (void)state;
    part tilted = {"double_well", "tilt=0.25"};
    double left = tilted_critical(-1), top = tilted_critical(0), right = tilted_critical(1);
    assert_close(predict("quadrature", tilted, sgld(1.0 / 3), NONE, 0.01, left, -INFINITY, top).mfpt_time, 25.99002425, 1e-8, 0);
    assert_close(predict("quadrature", tilted, sgld(1.0 / 3), NONE, 0.01, left, -INFINITY, right).mfpt_time, 55.2393232, 1e-8, 0);
    assert_close(predict("quadrature", tilted, sgld(1.0 / 3), NONE, 0.01, right, top, INFINITY).mfpt_time, 6.675501, 1e-7, 0);
    assert_close(predict("quadrature", tilted, sgld(1.0 / 3), NONE, 0.01, right, left, INFINITY).mfpt_time, 14.07289051, 1e-8, 0);
}

static void chain_equals_reference_values(void **state) {
    (void)state;
    static const struct {
        const char *landscape;
        double temperature, eta, start, below, above, steps;
    } reference[] = {
        {"double_well", 1.0 / 3, 0.00125, -1, -INFINITY, 0, 10598.52556},
        {"double_well", 1.0 / 3, 0.00125, -1, -INFINITY, 1, 21321.36167},
        {"double_well", 1.0 / 3, 0.125, -1, -INFINITY, 0, 52.77897762},
        {"double_well", 1.0 / 3, 0.125, -1, -INFINITY, 1, 83.4967788},
        {"double_well", 0.2, 0.0125, -1, -INFINITY, 0, 8119.327144},
        {"double_well", 0.2, 0.0125, -1, -INFINITY, 1, 14389.65248},
        {"double_well", 0.2, 0.0125, 1, -1, INFINITY, 14389.65248},
        {"double_well", 0.2, 0.0625, -1, -INFINITY, 0, 1626.013967},
        {"double_well", 0.2, 0.0625, -1, -INFINITY, 1, 2544.797929},
        {"double_well", 0.05, 0.0125, -1, -INFINITY, 0, 2.467835022e10},
        {"double_well", 0.05, 0.0125, -1, -INFINITY, 1, 4.318594784e10},
        {"sharp_flat", 1.0 / 3, 0.00559885488, -1, -INFINITY, sharp_flat_top, 1359.588738},
        {"sharp_flat", 1.0 / 3, 0.00559885488, -1, -INFINITY, 1, 3018.517075},
        {"sharp_flat", 1.0 / 3, 0.00559885488, 1, -1, INFINITY, 8486.61578},
        {"sharp_flat", 0.2, 0.0279942744, -1, -INFINITY, sharp_flat_top, 1902.435232},
        {"sharp_flat", 0.2, 0.0279942744, -1, -INFINITY, 1, 3361.346936},
        {"sharp_flat", 0.2, 0.0279942744, 1, -1, INFINITY, 12555.2816},
    };
    for (size_t i = 0; i < sizeof reference / sizeof *reference; i++) {
        kr_prediction p = predict("chain", (part){reference[i].landscape, ""}, sgld(reference[i].temperature), NONE,
                                  reference[i].eta, reference[i].start, reference[i].below, reference[i].above);
        assert_true(p.applies);
        assert_close(p.mfpt_steps, reference[i].steps, 1e-8, 0);
        assert_true(p.accuracy < 1e-9);
    }
}

static void chain_with_curvature_noise_equals_reference_values(void **state) {
    (void)state;
    part well = {"double_well", ""}, sgd = {"sgd", ""};
    static const double reference[4][4] = {
        {1, 0.00125, 0, 10594.137}, {1, 0.00125, 1, 20979.623}, {1.0 / 3, 0.125, 0, 63.634076}, {1.0 / 3, 0.125, 1, 86.660508}};
    for (size_t i = 0; i < 4; i++) {
        double eta = reference[i][1];
        kr_prediction p =
            predict("chain", well, sgd, curvature_noise(reference[i][0], eta, 1), eta, -1, -INFINITY, reference[i][2]);
        assert_close(p.mfpt_steps, reference[i][3], 1e-7, 0);
    }
}

/* Gradient noise of one variance is temperature: T = eta sigma^2 / (2B). */
static void isotropic_noise_is_temperature(void **state) {
    (void)state;
    part well = {"double_well", ""}, noise = {"isotropic", "sigma=8 batch_size=2"};
    double eta = 0.0125, temperature = eta * 64 / 4;
    const char *theories[] = {"kramers", "quadrature", "chain"};
    for (size_t i = 0; i < 3; i++)
        assert_close(predict(theories[i], well, (part){"sgd", ""}, noise, eta, -1, -INFINITY, 1).mfpt_steps,
                     predict(theories[i], well, sgld(temperature), NONE, eta, -1, -INFINITY, 1).mfpt_steps, 1e-11, 0);
}

/* The chain by another method: midpoint rule on a uniform grid, plain elimination, Richardson extrapolation. The landscape's
 * formula stands here once more. */
typedef struct plain_walk {
    double (*slope)(double x, double parameter);
    double parameter, eta, deviation, left, low, high, start;
} plain_walk;

static double tail(double z) {
    return 0.5 * erfc(z / sqrt(2.0));
}

static double plain_steps(const plain_walk *w, size_t cells, double *second) {
    double step = (w->high - w->left) / (double)cells;
    size_t n = cells + 1; /* state 0 is the start, which no move leads to */
    double *p = calloc(n * n, sizeof *p), *end = malloc(4 * n * sizeof *end), *b = end + n, *pivot = b + n, *m2 = pivot + n;
    for (size_t i = 0; i < n; i++) {
        double x = i ? w->left + ((double)i - 0.5) * step : w->start, mean = x - w->eta * w->slope(x, w->parameter);
        for (size_t j = 1; j < n; j++) {
            double z = (w->left + ((double)j - 0.5) * step - mean) / w->deviation;
            p[i * n + j] = step * exp(-0.5 * z * z) / (w->deviation * sqrt(8 * atan(1.0)));
        }
        end[i] = tail((w->high - mean) / w->deviation) + (isfinite(w->low) ? tail((mean - w->low) / w->deviation) : 0.0);
        b[i] = 1;
    }
    for (size_t k = n; k-- > 0;) {
        pivot[k] = end[k];
        for (size_t j = 0; j < k; j++) pivot[k] += p[k * n + j];
        for (size_t i = 0; i < k; i++) {
            double factor = p[i * n + k] /= pivot[k];
            for (size_t j = 0; j < k; j++) p[i * n + j] += factor * p[k * n + j];
            end[i] += factor * end[k];
        }
    }
    for (int moment = 0; moment < 2; moment++) {
        double *v = moment ? m2 : b;
        for (size_t i = n; i-- > 0;)
            for (size_t k = i + 1; k < n; k++) v[i] += p[i * n + k] * v[k];
        for (size_t k = 0; k < n; k++) {
            for (size_t j = 0; j < k; j++) v[k] += p[k * n + j] * v[j];
            v[k] /= pivot[k];
            if (!moment) m2[k] = 2 * v[k] - 1;
        }
    }
    double steps = b[0];
    *second = m2[0];
    free(p);
    free(end);
    return steps;
}

static void assert_plain(const kr_prediction *p, const plain_walk *w, size_t cells) {
    double mean[3], second[3];
    for (size_t i = 0; i < 3; i++) mean[i] = plain_steps(w, cells << i, &second[i]);
    for (size_t order = 1; order < 3; order++)
        for (size_t i = 0; i + order < 3; i++) {
            double factor = pow(4, (double)order);
            mean[i] = (factor * mean[i + 1] - mean[i]) / (factor - 1);
            second[i] = (factor * second[i + 1] - second[i]) / (factor - 1);
        }
    assert_true(p->applies);
    assert_close(p->mfpt_steps, mean[0], 1e-6, 0);
    assert_close(p->variation, sqrt(second[0] / (mean[0] * mean[0]) - 1), 2e-6, 0);
}

static double well_slope(double x, double tilt) {
    return 4 * x * (x * x - 1) + tilt;
}

static double washboard_slope(double x, double force) {
    double pi = 4 * atan(1.0);
    return pi * sin(2 * pi * x) - force;
}

static double spring_slope(double x, double stiffness) {
    return stiffness * x;
}

static double styblinski_tang_slope(double x, double unused) {
    (void)unused;
    return 2 * x * x * x - 16 * x + 2.5;
}

static double decayed_well_slope(double x, double decay) {
    return 4 * x * (x * x - 1) + decay * x;
}

static void chain_equals_another_method(void **state) {
    (void)state;
    static const struct {
        const char *landscape, *values, *dynamics;
        double temperature, eta, start, below, above, cut;
        double (*slope)(double x, double parameter);
        double parameter;
        size_t cells;
    } cases[] = {
        {"double_well", "", "", 0.2, 0.2375, -1, -INFINITY, 1, -2.9, well_slope, 0, 150},      /* eta V'' = 1.9 */
        {"double_well", "", "", 1.0 / 30, 0.0125, -1, -INFINITY, 1, -1.6, well_slope, 0, 300}, /* 1e15 steps */
        {"double_well", "tilt=0.25", "", 0.25, 0.03, -1, -INFINITY, 0.9, -2.4, well_slope, 0.25, 150},
        {"double_well", "", " weight_decay=0.3", 0.2, 0.05, -1, -INFINITY, 0.9, -2.2, decayed_well_slope, 0.3, 150},
        {"washboard", "force=0.5", "", 0.3, 0.02, 0, -1, 1, -1, washboard_slope, 0.5, 150},
        {"washboard", "force=1", "", 0.5, 0.02, 0, -INFINITY, 1, -13, washboard_slope, 1, 300},
        {"harmonic", "stiffness=2", "", 1, 0.3, 0.5, -2.5, 3, -2.5, spring_slope, 2, 100},
        {"styblinski_tang", "dim=3", "", 8, 0.01, -2.9, -INFINITY, 2.7, -5.5, styblinski_tang_slope, 0, 200},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        snprintf(text, sizeof text, "temperature=%.17g%s", cases[i].temperature, cases[i].dynamics);
        kr_prediction p = predict("chain", (part){cases[i].landscape, cases[i].values}, (part){"sgld", text}, NONE, cases[i].eta,
                                  cases[i].start, cases[i].below, cases[i].above);
        plain_walk w = {cases[i].slope, cases[i].parameter, cases[i].eta,   sqrt(2 * cases[i].eta * cases[i].temperature),
                        cases[i].cut,   cases[i].below,     cases[i].above, cases[i].start};
        assert_plain(&p, &w, cases[i].cells);
    }
}

/* Noise that vanishes at the inflections, and targets that can be jumped over: against simulation with GSL's generator, fixed
 * seed. |z| < 4 has p = 6e-5 at a random seed. */
typedef struct simulation {
    double eta, strength, epsilon, temperature, hole_low, hole_high, above;
} simulation;

static double simulate(const simulation *s, int passages, unsigned long seed, double *error) {
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, seed);
    double sum = 0, squares = 0;
    for (int i = 0; i < passages; i++) {
        double x = -1, steps = 0;
        while (!(x >= s->above || (x >= s->hole_low && x <= s->hole_high))) {
            double variance = 2 * s->eta * s->temperature + s->eta * s->eta * s->strength * (fabs(12 * x * x - 4) + s->epsilon);
            x += -s->eta * well_slope(x, 0) + sqrt(variance) * gsl_ran_gaussian_ziggurat(random, 1);
            steps++;
        }
        sum += steps;
        squares += steps * steps;
    }
    gsl_rng_free(random);
    double mean = sum / passages;
    *error = sqrt((squares / passages - mean * mean) / passages);
    return mean;
}

static void chain_equals_simulation_where_noise_vanishes(void **state) {
    (void)state;
    double error, eta = 0.125;
    kr_prediction p =
        predict("chain", (part){"double_well", ""}, (part){"sgd", ""}, curvature_noise(1.0 / 3, eta, 0), eta, -1, -INFINITY, 1);
    simulation s = {eta, 2.0 / 3 / (8 * eta), 0, 0, 9, -9, 1};
    double mean = simulate(&s, 200000, 1, &error);
    assert_true(p.accuracy < 1e-7);
    assert_close(p.mfpt_steps, mean, 0, 4 * error);

    eta = 0.03;
    p = predict("chain", (part){"double_well", ""}, (part){"sgd", ""}, curvature_noise(1.5, eta, 0), eta, -1, -INFINITY, 1);
    s = (simulation){eta, 3 / (8 * eta), 0, 0, 9, -9, 1};
    mean = simulate(&s, 20000, 2, &error);
    assert_close(p.mfpt_steps, mean, 0, 4 * error);
}

static void chain_is_continuous_as_the_noise_floor_goes_to_zero(void **state) {
    (void)state;
    part well = {"double_well", ""}, sgd = {"sgd", ""};
    double eta = 0.0125, limit = predict("chain", well, sgd, curvature_noise(1, eta, 0), eta, -1, -INFINITY, 1).mfpt_steps;
    double near = predict("chain", well, sgd, curvature_noise(1, eta, 1e-7), eta, -1, -INFINITY, 1).mfpt_steps;
    double further = predict("chain", well, sgd, curvature_noise(1, eta, 1e-3), eta, -1, -INFINITY, 1).mfpt_steps;
    assert_close(near, limit, 1e-6, 0);
    assert_true(fabs(further / limit - 1) > 1e-3);
}

static void chain_jumps_over_a_small_target(void **state) {
    (void)state;
    double eta = 0.05, error;
    problem_case c;
    case_make(&c, (part){"double_well", ""}, sgld(0.5), NONE, eta, -1);
    case_ball(&c, 0.3, 0.02);
    kr_prediction p = case_predict(&c, "chain");
    simulation s = {eta, 0, 0, 0.5, 0.3 - 0.02, 0.3 + 0.02, INFINITY};
    double mean = simulate(&s, 100000, 3, &error);
    assert_true(p.applies);
    assert_close(p.mfpt_steps, mean, 0, 4 * error);
    kr_prediction edge = predict("chain", (part){"double_well", ""}, sgld(0.5), NONE, eta, -1, -INFINITY, 0.28);
    assert_true(p.mfpt_steps > 1.5 * edge.mfpt_steps);
    case_target(&c, -INFINITY, 1.2); /* and one behind it */
    p = case_predict(&c, "chain");
    s.above = 1.2;
    mean = simulate(&s, 100000, 4, &error);
    assert_close(p.mfpt_steps, mean, 0, 4 * error);
    case_free(&c);
}

/* tau = (1/T) int_a^b e^{V/T} int_{-inf}^y e^{-V/T} by nested adaptive quadrature. */
static double inner_density(double z, void *temperature) {
    double u = z * z - 1;
    return exp(-(u * u + 0.1 * z) / *(double *)temperature);
}

static double outer_integrand(double y, void *temperature) {
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(1000);
    gsl_function f = {.function = inner_density, .params = temperature};
    double value, error;
    gsl_integration_qag(&f, -6, y, 0, 1e-11, 1000, GSL_INTEG_GAUSS61, workspace, &value, &error);
    gsl_integration_workspace_free(workspace);
    return value / inner_density(y, temperature) / *(double *)temperature;
}

static void quadrature_equals_nested_adaptive_quadrature(void **state) {
    (void)state;
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(1000);
    for (double temperature = 0.07; temperature < 5; temperature *= 2.5) {
        gsl_function f = {.function = outer_integrand, .params = &temperature};
        double value, error;
        gsl_integration_qag(&f, -1.2, 0.8, 0, 1e-10, 1000, GSL_INTEG_GAUSS61, workspace, &value, &error);
        kr_prediction p =
            predict("quadrature", (part){"double_well", "tilt=0.1"}, sgld(temperature), NONE, 0.01, -1.2, -INFINITY, 0.8);
        assert_close(p.mfpt_time, value, 1e-9, 0);
    }
    gsl_integration_workspace_free(workspace);
}

/* An unbiased walk on a flat line of length 2 L: tau = (L^2 - x^2) / (2T), variance from E[t^2] = (5 L^4 - 6 L^2 x^2 + x^4) / (12
 * T^2). The spring is weak enough to be nothing. */
static void quadrature_on_a_flat_line_is_the_textbook_formula(void **state) {
    (void)state;
    part flat = {"harmonic", "stiffness=1e-13"};
    kr_prediction p = predict("quadrature", flat, sgld(0.5), NONE, 0.01, 0.3, -2, 2);
    double x2 = 0.09, tau = 4 - x2, second = (5 * 16 - 6 * 4 * x2 + x2 * x2) / 3;
    assert_close(p.mfpt_time, tau, 1e-10, 0);
    assert_close(p.variation, sqrt(second / (tau * tau) - 1), 1e-9, 0);
}

static void quadrature_does_not_overflow(void **state) {
    (void)state;
    part well = {"double_well", ""};
    kr_prediction p = predict("quadrature", well, sgld(1.0 / 600), NONE, 0.01, -1, -INFINITY, 1);
    kr_prediction k = predict("kramers", well, sgld(1.0 / 600), NONE, 0.01, -1, -INFINITY, 1);
    assert_true(p.applies);
    /* The first correction of Kramers' rate is of the order T/h. */
    assert_close(p.mfpt_time / k.mfpt_time, 1, 0, 1e-3);
    assert_false(predict("quadrature", well, sgld(1.0 / 800), NONE, 0.01, -1, -INFINITY, 1).applies);
    /* One exit behind a barrier of 800 T does not disturb the other. */
    p = predict("quadrature", (part){"double_well", "tilt=0"}, sgld(1.0 / 800), NONE, 0.01, -1, -1.05, 1);
    kr_prediction one = predict("quadrature", (part){"double_well", ""}, sgld(1.0 / 800), NONE, 0.01, -1, -1.05, 0);
    assert_true(p.applies && one.applies);
    assert_close(p.mfpt_time, one.mfpt_time, 1e-10, 0);
}

static void theories_agree_in_their_limits(void **state) {
    (void)state;
    part landscapes[] = {{"double_well", ""}, {"sharp_flat", ""}};
    for (size_t i = 0; i < 2; i++) {
        double target = i ? 1 : 1;
        kr_prediction slow = predict("chain", landscapes[i], sgld(0.2), NONE, 1e-5, -1, -INFINITY, target);
        kr_prediction exact = predict("quadrature", landscapes[i], sgld(0.2), NONE, 1e-5, -1, -INFINITY, target);
        assert_close(slow.mfpt_time, exact.mfpt_time, 1e-3, 0);
        assert_close(slow.variation, exact.variation, 1e-3, 0);
        kr_prediction cold = predict("kramers", landscapes[i], sgld(0.005), NONE, 1e-4, -1, -INFINITY, target);
        exact = predict("quadrature", landscapes[i], sgld(0.005), NONE, 1e-4, -1, -INFINITY, target);
        assert_close(cold.mfpt_time, exact.mfpt_time, 0.02, 0);
    }
}

static void kramers_is_the_formula(void **state) {
    (void)state;
    double pi = 4 * atan(1.0), rate = sqrt(32.0) / (2 * pi) * exp(-5);
    part well = {"double_well", ""};
    assert_close(predict("kramers", well, sgld(0.2), NONE, 0.01, -1, -INFINITY, 1).rate, rate, 1e-12, 0);
    assert_close(predict("kramers", well, sgld(0.2), NONE, 0.01, -1, -INFINITY, 1).mfpt_steps, 100 / rate, 1e-12, 0);
    assert_close(predict("kramers", well, sgld(0.2), NONE, 0.01, -1, -INFINITY, 0).rate, 2 * rate, 1e-12, 0);
    assert_close(predict("kramers", well, sgld(0.2), NONE, 0.01, -0.7, -INFINITY, 1).rate, rate, 1e-9, 0);
    assert_close(predict("kramers", well, sgld(0.2), NONE, 0.01, 1, -1, INFINITY).rate, rate, 1e-12, 0);
    double sharp = sqrt(17.86079513 * 5.335105539) / (2 * pi) * exp(-5);
    assert_close(predict("kramers", (part){"sharp_flat", ""}, sgld(0.2), NONE, 0.01, -1, -INFINITY, 1).rate, sharp, 1e-9, 0);
    assert_close(predict("kramers", (part){"sharp_flat", ""}, sgld(0.2), NONE, 0.01, -1, -INFINITY, sharp_flat_top).rate, 2 * sharp,
                 1e-8, 0);
    /* Both sides: 2 pi^2 h is the curvature of minimum and top. */
    assert_close(predict("kramers", (part){"washboard", ""}, sgld(0.2), NONE, 0.01, 0, -1, 1).rate, 2 * pi * exp(-5), 1e-9, 0);
}

static void assert_refused(const kr_prediction *p, const char *reason) {
    if (p->applies || !strstr(p->why, reason)) fail_msg("'%s' lacks '%s'", p->why, reason);
    assert_true(isnan(p->mfpt_steps) && isnan(p->mfpt_time) && isnan(p->rate));
}

static void assert_all_refuse(const problem_case *c, const char *reason) {
    const char *theories[] = {"kramers", "quadrature", "chain"};
    for (size_t i = 0; i < 3; i++) {
        kr_prediction p = case_predict(c, theories[i]);
        assert_refused(&p, reason);
    }
}

/* One coordinate of a separable landscape is one problem, whatever the others are and however many. */
static void other_coordinates_do_not_matter(void **state) {
    (void)state;
    const char *theories[] = {"kramers", "quadrature", "chain"};
    for (size_t i = 0; i < 3; i++) {
        double steps[3];
        for (size_t k = 0; k < 3; k++) {
            static const char *dims[] = {"dim=1", "dim=3", "dim=1000000"};
            problem_case c;
            case_make(&c, (part){"styblinski_tang", dims[k]}, sgld(8), NONE, 0.01, -2.9);
            double *start = calloc(c.landscape.dim, sizeof *start);
            for (size_t j = 0; j < 3 && j < c.landscape.dim; j++) start[j] = -2.9;
            c.problem.start = start;
            case_target(&c, -INFINITY, 2.7);
            c.target[0].coordinate = k == 1 ? 2 : 0;
            steps[k] = case_predict(&c, theories[i]).mfpt_steps;
            free(start);
            case_free(&c);
        }
        assert_close(steps[1], steps[0], 1e-10, 0);
        assert_close(steps[2], steps[0], 1e-10, 0);
    }
}

/* Where both sides are open and a large step throws particles out for good, there is no mean time; where it does so very rarely,
 * there is one to that accuracy. */
static void a_walk_that_runs_away_is_refused(void **state) {
    (void)state;
    problem_case c;
    case_make(&c, (part){"double_well", ""}, sgld(0.3), NONE, 0.22, -1);
    case_ball(&c, 1, 0.05);
    kr_prediction p = case_predict(&c, "chain");
    assert_refused(&p, "");
    case_free(&c);
    case_make(&c, (part){"harmonic", ""}, sgld(1), NONE, 2.5, 0);
    case_ball(&c, 2, 0.05);
    p = case_predict(&c, "chain");
    assert_refused(&p, "");
    case_free(&c);
    case_make(&c, (part){"double_well", ""}, sgld(0.3), NONE, 0.1, -1);
    case_ball(&c, 1, 0.05);
    p = case_predict(&c, "chain");
    simulation rare = {0.1, 0, 0, 0.3, 0.95, 1.05, INFINITY};
    double error, mean = simulate(&rare, 100000, 5, &error);
    assert_true(p.applies && p.accuracy > 1e-8 && p.accuracy < 1e-5);
    assert_close(p.mfpt_steps, mean, 0, 4 * error);
    case_free(&c);
    case_make(&c, (part){"double_well", ""}, sgld(0.3), NONE, 0.05, -1);
    case_ball(&c, 1, 0.05);
    p = case_predict(&c, "chain");
    assert_true(p.applies && p.accuracy < 1e-7);
    case_free(&c);
}

static void what_is_not_one_dimensional_is_refused(void **state) {
    (void)state;
    problem_case c;
    case_make(&c, (part){"muller_brown", ""}, sgld(15), NONE, 1e-4, 0.5);
    case_target(&c, -0.5, INFINITY);
    assert_all_refuse(&c, "one-dimensional");
    case_free(&c);
    case_make(&c, (part){"styblinski_tang", "dim=2"}, sgld(5), NONE, 1e-3, -2.9);
    assert_all_refuse(&c, "No target");
    case_target(&c, -INFINITY, 2.7);
    c.target[1] = (kr_target){.coordinate = 1, .below = -INFINITY, .above = 2.7};
    c.problem.target_count = 2;
    assert_all_refuse(&c, "different coordinates");
    c.problem.target_count = 1;
    c.target[0] = (kr_target){.radius = 0.5, .center = c.center};
    assert_all_refuse(&c, "ball");
    case_free(&c);
    case_make(&c, (part){"styblinski_tang", "dim=2"}, (part){"sgd", ""}, (part){"loss", "floor=-100"}, 1e-3, -2.9);
    case_target(&c, -INFINITY, 2.7);
    assert_all_refuse(&c, "couples");
    case_free(&c);
}

static void what_cannot_be_predicted_is_refused(void **state) {
    (void)state;
    part well = {"double_well", ""};
    const char *theories[] = {"kramers", "quadrature", "chain"};
    for (size_t i = 0; i < 3; i++) {
        kr_prediction p = predict(theories[i], well, sgld(0.2), NONE, 0.01, 1.5, -INFINITY, 1);
        assert_refused(&p, "target already");
        assert_false(predict(theories[i], well, (part){"sgd", ""}, NONE, 0.01, -1, -INFINITY, 1).applies);
        /* A flat washboard without a wall: the mean is infinite. */
        assert_false(predict(theories[i], (part){"washboard", ""}, sgld(0.3), NONE, 0.01, 0, -INFINITY, 1).applies);
        assert_false(predict(theories[i], (part){"washboard", "force=-1"}, sgld(0.3), NONE, 0.01, 0, -INFINITY, 1).applies);
    }
    kr_prediction p = predict("kramers", well, sgld(2), NONE, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "not higher than the temperature");
    p = predict("kramers", (part){"washboard", ""}, sgld(0.2), NONE, 0.01, 0, -2, 2);
    assert_refused(&p, "more than one barrier");
    p = predict("kramers", well, sgld(0.2), NONE, 0.01, -1, -INFINITY, -0.7);
    assert_refused(&p, "no barrier");
    p = predict("quadrature", well, (part){"sgd", ""}, curvature_noise(1, 0.0125, 1), 0.0125, -1, -INFINITY, 1);
    assert_refused(&p, "depends on the position");
    p = predict("chain", well, (part){"sgd", ""}, (part){"loss", "strength=40"}, 0.0125, -1, -INFINITY, 1);
    assert_refused(&p, "noise vanishes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quadrature_equals_reference_values),
        cmocka_unit_test(quadrature_equals_reference_values_with_tilt),
        cmocka_unit_test(chain_equals_reference_values),
        cmocka_unit_test(chain_with_curvature_noise_equals_reference_values),
        cmocka_unit_test(isotropic_noise_is_temperature),
        cmocka_unit_test(chain_equals_another_method),
        cmocka_unit_test(chain_equals_simulation_where_noise_vanishes),
        cmocka_unit_test(chain_is_continuous_as_the_noise_floor_goes_to_zero),
        cmocka_unit_test(chain_jumps_over_a_small_target),
        cmocka_unit_test(quadrature_equals_nested_adaptive_quadrature),
        cmocka_unit_test(quadrature_on_a_flat_line_is_the_textbook_formula),
        cmocka_unit_test(quadrature_does_not_overflow),
        cmocka_unit_test(theories_agree_in_their_limits),
        cmocka_unit_test(kramers_is_the_formula),
        cmocka_unit_test(other_coordinates_do_not_matter),
        cmocka_unit_test(a_walk_that_runs_away_is_refused),
        cmocka_unit_test(what_is_not_one_dimensional_is_refused),
        cmocka_unit_test(what_cannot_be_predicted_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
