/* What adaptive optimizers and those with decay of their own mean for the rest: theories, invariants, minibatches. */
#include "rig.h"

#include <kramers/block.h>
#include <kramers/drive.h>
#include <kramers/model.h>
#include <kramers/problem.h>
#include <kramers/theory.h>

#include <math.h>

/* ---- decay apart from the landscape ---- */

static void DecoupledDecayIsNoPartOfTheLandscape(void **state) {
    (void)state;
    static const struct {
        const char *dynamics;
        double landscape, own;
    } cases[] = {{"adam", 0.3, 0}, {"rmsprop", 0.3, 0}, {"sam", 0.3, 0}, {"adamw", 0, 0.3}, {"lion", 0, 0.3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rig r = {.landscape = "harmonic", .dynamics = cases[i].dynamics, .dynamics_parameters = "weight_decay=0.3", .particles = 1};
        rig_create(&r);
        assert_true(kr_dynamics_weight_decay(&r.made_dynamics) == cases[i].landscape);
        assert_true(kr_dynamics_decoupled_decay(&r.made_dynamics) == cases[i].own);
        assert_true(r.made_landscape.weight_decay == cases[i].landscape);
        rig_destroy(&r);
    }
}

/* x' = (1 - eta lambda) x - eta u, lambda = 1/2, eta = 0.1: AdamW where epsilon leaves nothing of u, Lion where u = 1. */
static void DecoupledDecayShrinksByItself(void **state) {
    (void)state;
    static const struct {
        const char *dynamics, *parameters, *landscape;
        double end;
    } cases[] = {{"adamw", "weight_decay=0.5 epsilon=1", "stiffness=1e-200", 0}, {"lion", "weight_decay=0.5", "stiffness=1", -2}};
    for (size_t i = 0; i < 2; i++) {
        rig r = {.landscape = "harmonic",
                 .landscape_parameters = cases[i].landscape,
                 .dynamics = cases[i].dynamics,
                 .dynamics_parameters = cases[i].parameters,
                 .schedule_parameters = "lr=0.1",
                 .start = {2},
                 .particles = 1};
        rig_create(&r);
        kr_view view = rig_advance(&r, 10);
        assert_close(view.position[0], cases[i].end + (2 - cases[i].end) * pow(0.95, 10), 1e-13, 0);
        rig_destroy(&r);
    }
}

/* ---- theories ---- */

static kr_prediction predict(const char *theory, const char *dynamics, const char *noise) {
    kr_error error;
    kr_problem *problem;
    kr_prediction p;
    const kr_theory_type *const *type = best_registry()->theories;
    while (strcmp((*type)->about.name, theory) != 0) type++;
    const kr_problem_text text = {.landscape = "harmonic stiffness=3",
                                  .dynamics = dynamics,
                                  .noise = noise,
                                  .schedule = "constant lr=0.1",
                                  .start = "point=0"};
    require(kr_problem_create(&problem, &text, &error), &error);
    kr_theory_predict(*type, problem, &p);
    kr_problem_destroy(problem);
    return p;
}

static void TheoriesSayWhereTheyHold(void **state) {
    (void)state;
    kr_prediction p = predict("effective_temperature", "adam epsilon=1", "isotropic sigma=4");
    assert_true(p.applies && strstr(p.note, "far above the slopes"));
    assert_close(p.temperature, 0.5 * 0.1 * 16 / 5, 1e-14, 0);
    p = predict("effective_temperature", "rmsprop momentum=0.5", "isotropic sigma=4");
    assert_close(p.temperature, 0.1 * 4 / 2 / 0.5, 1e-7, 0);
    p = predict("effective_temperature", "sign_gd", "isotropic sigma=4");
    assert_close(p.temperature, 0.1 * 4 * sqrt(3.14159265358979323846 / 8), 1e-14, 0);
    kr_prediction q = predict("effective_temperature", "lion beta1=0 beta2=0.9", "isotropic sigma=4");
    assert_close(q.temperature, p.temperature, 1e-14, 0);
    p = predict("effective_temperature", "adam amsgrad=true", "isotropic sigma=4");
    assert_true(!p.applies && strstr(p.why, "amsgrad"));
    p = predict("effective_temperature", "adagrad", "isotropic sigma=4");
    assert_true(!p.applies && strstr(p.why, "for ever"));
    p = predict("linear_stability", "adam", "isotropic sigma=4");
    assert_close(kr_theory_extra(&p, "lr_times_curvature"), 0.1 * 3 / 4, 1e-7, 0);
    assert_close(kr_theory_extra(&p, "stability_limit"), 38, 1e-12, 0);
    p = predict("linear_stability", "adam", "none");
    assert_true(!p.applies && strstr(p.why, "follows the gradients"));
    p = predict("linear_stability", "sign_gd", "none");
    assert_true(!p.applies && strstr(p.why, "at any curvature"));
}

/* ---- one minibatch for both gradients of a step ---- */

static void SamHasOneMinibatchInAStep(void **state) {
    (void)state;
    static const char *const noises[][2] = {{"isotropic", "sigma=2"}, {"coloured", "sigma=2 time=5"}, {"student_t", "sigma=2"}};
    for (size_t n = 0; n < 3; n++) {
        double x[2];
        for (int sam = 0; sam < 2; sam++) { /* with rho = 0 it is gradient descent, to the last bit */
            rig r = {.landscape = "double_well",
                     .dynamics = sam ? "sam" : "sgd",
                     .dynamics_parameters = sam ? "rho=0" : "",
                     .noise = noises[n][0],
                     .noise_parameters = noises[n][1],
                     .schedule_parameters = "lr=0.01",
                     .start = {-1},
                     .particles = 3,
                     .seed = 4};
            rig_create(&r);
            kr_view view = rig_advance(&r, 50);
            x[sam] = view.position[2];
            rig_destroy(&r);
        }
        assert_true(x[0] == x[1]);
    }
}

/* ---- invariants ---- */

static void expect_kept(const char *dynamics, const char *noise, double expected) {
    char text[600];
    kr_error error;
    kr_scene scene;
    kr_model model;
    snprintf(text, sizeof text,
             "{landscape: {name: harmonic}, dynamics: %s, noise: %s, schedule: {name: step, lr: 0.2, every: 10, factor: 0.5},"
             " ensemble: {particles: 10, steps: 20, start: {point: 0}}, escape: null, keep: [temperature]}",
             dynamics, noise);
    require(kr_scene_parse(&scene, best_registry(), "test", NULL, text, NULL, 0, &error), &error);
    require(kr_model_create(&model, &scene, &error), &error);
    assert_int_equal(kr_drive_count(model.drive), 1);
    assert_close(kr_drive_value(model.drive, 0, 5, NULL), 1, 1e-14, 0);
    assert_close(kr_drive_value(model.drive, 0, 15, NULL), expected, 1e-12, 0);
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);
}

/* T = eta sigma^2 / (2 B) of gradient descent, eta sigma / (2 sqrt(B)) of Adam, and between them with a large epsilon. */
static void TheTemperatureIsKept(void **state) {
    (void)state;
    expect_kept("sgd", "{name: isotropic, sigma: 3, batch_size: 1}", 0.5);
    expect_kept("{name: adam, epsilon: 0}", "{name: isotropic, sigma: 3, batch_size: 1}", 0.25);
    expect_kept("sign_gd", "{name: isotropic, sigma: 3, batch_size: 1}", 0.25);
    /* eta s^2 / (s + 1), s = 3 / sqrt(B), is the same at eta 0.1 as at 0.2: s^2 / (s + 1) = 9 / 2. */
    double wanted = 2 * 9.0 / 4, s = 0.5 * (wanted + sqrt(wanted * wanted + 4 * wanted));
    expect_kept("{name: adam, epsilon: 1}", "{name: isotropic, sigma: 3, batch_size: 1}", 9 / (s * s));
}

static void WhatHasNoFrictionKeepsNone(void **state) {
    (void)state;
    static const char *const dynamics[] = {"{name: rmsprop, momentum: 0.9}", "psgld", "adam"};
    for (size_t i = 0; i < 3; i++) {
        char text[300];
        kr_error error;
        kr_scene scene;
        snprintf(text, sizeof text, "{dynamics: %s, schedule: {name: cosine, lr: 0.1}, keep: [friction]}", dynamics[i]);
        assert_int_equal(kr_scene_parse(&scene, best_registry(), "test", NULL, text, NULL, 0, &error), KR_BAD_ARGUMENT);
        if (!strstr(error.message, "friction needs dynamics with a")) fail_msg("%s", error.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(DecoupledDecayIsNoPartOfTheLandscape),
        cmocka_unit_test(DecoupledDecayShrinksByItself),
        cmocka_unit_test(TheoriesSayWhereTheyHold),
        cmocka_unit_test(SamHasOneMinibatchInAStep),
        cmocka_unit_test(TheTemperatureIsKept),
        cmocka_unit_test(WhatHasNoFrictionKeepsNone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
