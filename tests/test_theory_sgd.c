/* Theories about what an optimizer adds to Kramers: finite learning rates, the temperature of gradient noise, noise that depends on
 * the position, linear stability, and the literature estimate for noise that follows the curvature. */
#include "case.h"

#include <math.h>
#include <stdlib.h>

#define NONE ((part){"none", ""})
#define SGD ((part){"sgd", ""})

static const part well = {"double_well", ""};

static kr_prediction predict(const char *theory, part landscape, part dynamics, part noise, double eta, double start, double below,
                             double above) {
    problem_case c;
    case_make(&c, landscape, dynamics, noise, eta, start);
    if (isfinite(below) || isfinite(above)) case_target(&c, below, above);
    kr_prediction prediction = case_predict(&c, theory);
    case_free(&c);
    return prediction;
}

/* Without a target. */
static kr_prediction at_rest(const char *theory, part landscape, part dynamics, part noise, double eta, double start) {
    return predict(theory, landscape, dynamics, noise, eta, start, -INFINITY, INFINITY);
}

static double extra(const kr_prediction *p, const char *name) {
    for (size_t i = 0; i < p->extra_count; i++)
        if (!strcmp(p->extra[i].name, name)) return p->extra[i].value;
    return NAN;
}

static void assert_refused(const kr_prediction *p, const char *reason) {
    if (p->applies || !strstr(p->why, reason)) fail_msg("'%s' lacks '%s'", p->why, reason);
    assert_true(isnan(p->mfpt_steps) && isnan(p->mfpt_time) && isnan(p->rate) && isnan(p->temperature));
}

static part sgld(double temperature) {
    static char text[8][64];
    static int next;
    char *values = text[next++ % 8];
    snprintf(values, sizeof text[0], "temperature=%.17g", temperature);
    return (part){"sgld", values};
}

/* ---- finite_rate ---- */

static void finite_rate_is_the_formula(void **state) {
    (void)state;
    double kramers = predict("kramers", well, sgld(0.05), NONE, 0.0125, -1, -INFINITY, 1).rate;
    kr_prediction p = predict("finite_rate", well, sgld(0.05), NONE, 0.0125, -1, -INFINITY, 1);
    assert_close(p.rate, kramers * (1 + 0.0125 / 4 * (8 - 4)), 1e-12, 0);
    assert_close(extra(&p, "correction"), 1.0125, 1e-12, 0);
    assert_close(p.mfpt_steps, 1 / p.rate / 0.0125, 1e-12, 0);
    part sharp_flat = {"sharp_flat", "barrier=2"};
    p = predict("finite_rate", sharp_flat, sgld(0.2), NONE, 0.002, -1, -INFINITY, 1);
    assert_close(extra(&p, "correction"), 1 + 0.002 / 4 * 2 * (17.86079513 - 5.335105539), 1e-9, 0);
    p = predict("finite_rate", sharp_flat, sgld(0.2), NONE, 0.002, 1, -1, INFINITY);
    assert_close(extra(&p, "correction"), 1 + 0.002 / 4 * 2 * (1.373907318 - 5.335105539), 1e-9, 0);
    /* 2 pi^2 h is the curvature of minimum and top: no correction, on either side. */
    p = predict("finite_rate", (part){"washboard", ""}, sgld(0.1), NONE, 0.002, 0, -1, 1);
    assert_close(extra(&p, "correction"), 1, 1e-9, 0);
}

/* next_order is exp(eta^2 / (6T) int V' V''^2), for the double well eta^2 4 / (3 T). */
static void finite_rate_and_its_next_order_lead_to_the_exact_ratio(void **state) {
    (void)state;
    static const double rates[] = {0.005, 0.0125, 0.025};
    for (size_t i = 0; i < 3; i++) {
        double eta = rates[i], miss[2];
        for (size_t cold = 0; cold < 2; cold++) {
            double temperature = cold ? 1.0 / 160 : 1.0 / 40;
            kr_prediction p = predict("finite_rate", well, sgld(temperature), NONE, eta, -1, -INFINITY, 1);
            assert_close(extra(&p, "next_order"), expm1(eta * eta * 4 / (3 * temperature)), 1e-10, 0);
            double exact = predict("quadrature", well, sgld(temperature), NONE, eta, -1, -INFINITY, 1).mfpt_time /
                           predict("chain", well, sgld(temperature), NONE, eta, -1, -INFINITY, 1).mfpt_time;
            miss[cold] = (exact / extra(&p, "correction") - 1) / extra(&p, "next_order") - 1;
        }
        assert_true(fabs(miss[0]) < 0.25); /* the rest is of higher order in T and eta */
        assert_true(fabs(miss[1]) < 0.1);
    }
}

static void finite_rate_refuses_what_it_cannot_correct(void **state) {
    (void)state;
    kr_prediction p = predict("finite_rate", well, sgld(0.2), NONE, 0.0125, -1, -INFINITY, 0);
    assert_refused(&p, "at the top");
    p = predict("finite_rate", well, sgld(0.2), NONE, 0.0625, -1, -INFINITY, 1);
    assert_refused(&p, "too large to trust");
    p = predict("finite_rate", well, sgld(0.005), NONE, 0.05, -1, -INFINITY, 1);
    assert_refused(&p, "too large to trust");
    p = predict("finite_rate", well, SGD, (part){"curvature", "epsilon=1"}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "depends on the position");
    p = predict("finite_rate", well, sgld(0.05), NONE, 0.025, -1, -INFINITY, 1);
    assert_true(p.applies && p.note[0] == 0);
    p = predict("finite_rate", well, sgld(0.05), NONE, 0.04, -1, -INFINITY, 1);
    assert_true(p.applies && strstr(p.note, "next order"));
}

/* ---- effective_temperature, linear_stability ---- */

static void effective_temperature_is_that_of_the_noise(void **state) {
    (void)state;
    part noise = {"isotropic", "sigma=5 batch_size=2.5"};
    assert_close(at_rest("effective_temperature", well, SGD, noise, 0.06, -1).temperature, 0.06 * 25 / 5, 1e-14, 0);
    assert_close(at_rest("effective_temperature", well, sgld(0.2), noise, 0.06, -1).temperature, 0.2 + 0.3, 1e-14, 0);
    assert_close(at_rest("effective_temperature", well, sgld(0.2), NONE, 0.06, -1).temperature, 0.2, 1e-14, 0);
    kr_prediction p = at_rest("effective_temperature", well, (part){"momentum", "momentum=0.8"}, noise, 0.01, -1);
    assert_close(p.temperature, 0.01 * 10 / (2 * 0.2), 1e-14, 0);
    assert_close(extra(&p, "kinetic_temperature"), 2 * p.temperature / 1.8, 1e-14, 0);
    p = at_rest("effective_temperature", well, (part){"momentum", "momentum=0.8 dampening=0.5"}, noise, 0.01, -1);
    assert_close(p.temperature, 0.01 * 0.5 * 10 / (2 * 0.2), 1e-14, 0);
    assert_close(extra(&p, "kinetic_temperature"), 0.01 * 0.25 * 10 / (1 - 0.64), 1e-13, 0); /* eta (1-tau)^2 s^2 / (1-mu^2) */
    assert_true(isnan(extra(&p, "temperature_lowest")) && p.note[0] == 0);
    p = at_rest("effective_temperature", well, (part){"hamiltonian", ""}, noise, 0.01, -1);
    assert_refused(&p, "no stationary temperature");
}

static void effective_temperature_of_local_noise_is_that_at_the_minimum(void **state) {
    (void)state;
    part noise = {"curvature", "strength=3 epsilon=1 batch_size=2"};
    kr_prediction p = at_rest("effective_temperature", well, SGD, noise, 0.02, -0.6);
    assert_close(p.temperature, 0.02 * 3 * 9 / 4, 1e-9, 0);
    assert_non_null(strstr(p.note, "minimum of the start"));
    /* Weight decay moves the minimum to x^2 = 1 - lambda/4 but is not seen by the noise: V'' = 12 x^2 - 4. */
    p = at_rest("effective_temperature", well, (part){"sgd", "weight_decay=0.4"}, noise, 0.02, -0.9);
    assert_close(p.temperature, 0.02 * 3 * (12 * 0.9 - 4 + 1) / 4, 1e-9, 0);
    p = at_rest("effective_temperature", (part){"double_well", "dim=3 stiffness=2"}, SGD, noise, 0.02, -1);
    assert_close(p.temperature, 0.02 * 3 * (9 + 3 + 3) / 3 / 4, 1e-9, 0);
    assert_close(extra(&p, "temperature_lowest"), 0.02 * 3 * 3 / 4, 1e-9, 0);
    assert_close(extra(&p, "temperature_highest"), 0.02 * 3 * 9 / 4, 1e-9, 0);
    p = at_rest("effective_temperature", well, SGD, (part){"loss", "strength=2 epsilon=0.5"}, 0.02, -1);
    assert_close(p.temperature, 0.02 * 2 * 0.5 / 2, 1e-9, 0);
}

/* The whole Hessian's noise has a temperature along each eigenvector. */
static void effective_temperature_of_full_noise_is_along_eigenvectors(void **state) {
    (void)state;
    problem_case c;
    case_make(&c, (part){"muller_brown", ""}, SGD, (part){"curvature", "strength=3 full=true"}, 1e-4, 0);
    c.start[0] = -0.5;
    c.start[1] = 1.4;
    kr_prediction p = case_predict(&c, "effective_temperature");
    const double x[2] = {-0.558223634633, 1.441725841805};
    double h[4];
    kr_landscape_hessian(&c.landscape, 1, x, h);
    double mean = (h[0] + h[3]) / 2, difference = hypot((h[0] - h[3]) / 2, h[1]);
    assert_close(p.temperature, 1e-4 * 3 * mean / 2, 1e-7, 0);
    assert_close(extra(&p, "temperature_lowest"), 1e-4 * 3 * (mean - difference) / 2, 1e-6, 0);
    assert_close(extra(&p, "temperature_highest"), 1e-4 * 3 * (mean + difference) / 2, 1e-6, 0);
    case_free(&c);
}

static void linear_stability_is_flagged(void **state) {
    (void)state;
    kr_prediction p = at_rest("linear_stability", well, sgld(0.2), NONE, 0.24, -1);
    assert_close(extra(&p, "lr_times_curvature"), 1.92, 1e-12, 0);
    assert_true(extra(&p, "stability_limit") == 2 && p.note[0] == 0);
    p = at_rest("linear_stability", well, sgld(0.2), NONE, 0.26, -1);
    assert_non_null(strstr(p.note, "beyond stability"));
    p = at_rest("linear_stability", well, (part){"momentum", ""}, NONE, 0.26, -1);
    assert_true(p.note[0] == 0 && fabs(extra(&p, "stability_limit") - 3.8) < 1e-12);
    p = at_rest("linear_stability", (part){"sharp_flat", ""}, SGD, NONE, 0.12, -1); /* sharp: 17.86; flat: 1.37 */
    assert_non_null(strstr(p.note, "beyond stability"));
    p = at_rest("linear_stability", (part){"sharp_flat", ""}, SGD, NONE, 0.12, 1);
    assert_true(p.applies && p.note[0] == 0);
    p = at_rest("linear_stability", well, SGD, NONE, 0.1, 0);
    assert_refused(&p, "not positive");
}

/* ---- xie ---- */

static void xie_is_the_formula_and_implies_an_s(void **state) {
    (void)state;
    double eta = 0.03, strength = 4, batch = 2, sharp = 17.86079513, top = 5.335105539, two_pi = 8 * atan(1.0);
    part landscape = {"sharp_flat", ""}, noise = {"curvature", "strength=4 batch_size=2"};
    kr_prediction p = predict("xie", landscape, SGD, noise, eta, -1, -INFINITY, 1);
    double climb = 2 * batch / (strength * eta);
    assert_close(p.mfpt_time, two_pi / top * exp(climb * (0.5 / sharp + 0.5 / top)), 1e-8, 0);
    assert_close(p.mfpt_steps, p.mfpt_time / eta, 1e-12, 0);
    assert_true(extra(&p, "s") == 0.5);
    double exact = predict("chain", landscape, SGD, noise, eta, -1, -INFINITY, 1).mfpt_time, s = extra(&p, "s_implied");
    assert_close(two_pi / top * exp(climb * (s / sharp + (1 - s) / top)), exact, 1e-7, 0);
    /* Without a floor the quiet gap costs more than any s between 0 and 1 grants. */
    p = predict("xie", landscape, SGD, (part){"curvature", "strength=4"}, 0.01, -1, -INFINITY, 1);
    assert_true(extra(&p, "s_implied") < 0 && strstr(p.note, "does not lie between"));
    p = predict("xie", landscape, SGD, (part){"curvature", "strength=4 epsilon=1"}, 0.01, -1, -INFINITY, 1);
    assert_non_null(strstr(p.note, "floor epsilon"));
}

static void xie_refuses_other_noise(void **state) {
    (void)state;
    part curvature = {"curvature", "strength=4"};
    kr_prediction p = predict("xie", well, SGD, (part){"isotropic", ""}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "follows the curvature");
    p = predict("xie", well, sgld(0.1), curvature, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "follows the curvature");
    p = predict("xie", well, SGD, (part){"curvature", "strength=0"}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "noise is 0");
    p = predict("xie", well, SGD, curvature, 0.01, -1, -INFINITY, 0);
    assert_refused(&p, "in the well beyond");
    p = predict("xie", (part){"washboard", ""}, SGD, curvature, 0.002, 0, -1, 1);
    assert_refused(&p, "one barrier");
    p = predict("xie", well, SGD, (part){"curvature", "strength=0.001"}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "beyond the range");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finite_rate_is_the_formula),
        cmocka_unit_test(finite_rate_and_its_next_order_lead_to_the_exact_ratio),
        cmocka_unit_test(finite_rate_refuses_what_it_cannot_correct),
        cmocka_unit_test(effective_temperature_is_that_of_the_noise),
        cmocka_unit_test(effective_temperature_of_local_noise_is_that_at_the_minimum),
        cmocka_unit_test(effective_temperature_of_full_noise_is_along_eigenvectors),
        cmocka_unit_test(linear_stability_is_flagged),
        cmocka_unit_test(xie_is_the_formula_and_implies_an_s),
        cmocka_unit_test(xie_refuses_other_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
