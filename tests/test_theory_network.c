/* Theories see a network at its start alone: each predicts something there or says why it does not apply, and none of them goes to
 * work on a matrix of all its coordinates. */
#include "plugin_setup.h"
#include "sanitized.h"

#include "numerics/eigen.h"

#include <kramers/model.h>
#include <kramers/run.h>

#include <math.h>
#include <stdlib.h>

static kr_theory_result results[KR_MAX_THEORIES];

static size_t predict(const char *text) {
    kr_scene scene;
    kr_error error;
    size_t count = 0;
    require(kr_scene_parse(&scene, best_registry(), "test", NULL, text, NULL, 0, &error), &error);
    require(kr_run_theories(&scene, results, &count, &error), &error);
    kr_scene_destroy(&scene);
    return count;
}

static const kr_prediction *prediction_of(const char *name, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(results[i].type->about.name, name)) return &results[i].prediction;
    fail_msg("there is no theory %s", name);
    return NULL;
}

/* All dynamics, with and without a target, many coordinates and few. */
static void every_theory_answers(void **state) {
    (void)state;
    static const char *const networks[] = {"data: digits, hidden: [8]", "data: moons, points: 50, hidden: [2]"};
    static const char *const noises[] = {"noise: {name: minibatch}\n", "noise: {name: isotropic}\n", ""};
    static const char *const targets[] = {"", "escape: {until: {coordinate: 0, above: 1}}\n"};
    for (const kr_dynamics_type *const *type = best_registry()->dynamics; *type; type++)
        for (size_t c = SANITIZED; c < 12; c += 1 + SANITIZED) { /* of the small one alone with sanitizers */
            char text[500];
            kr_scene scene;
            kr_error error;
            size_t count = 0;
            snprintf(text, sizeof text,
                     "landscape: {name: network, %s}\ndynamics: {name: %s}\n%sschedule: {lr: 0.1}\n"
                     "ensemble: {particles: 4, steps: 10, start: {point: 0.05}}\n%s",
                     networks[c % 2], (*type)->about.name, noises[c / 2 % 3], targets[c / 6]);
            if (kr_scene_parse(&scene, best_registry(), "test", NULL, text, NULL, 0, &error) != KR_OK) continue; /* by design */
            if (kr_run_theories(&scene, results, &count, &error) == KR_OK) {
                for (size_t i = 0; i < count; i++) {
                    const kr_prediction *p = &results[i].prediction;
                    if (!p->applies && strlen(p->why) < 20)
                        fail_msg("%s does not say why it does not apply to\n%s", results[i].type->about.name, text);
                }
            } else {
                assert_true(strlen(error.message) > 40); /* a dynamics that is not made for this noise */
            }
            kr_scene_destroy(&scene);
        }
}

/* By Lanczos' method in 202 coordinates, against the whole Hessian. */
static void linear_stability_is_that_of_the_start(void **state) {
    (void)state;
    static const char text[] = "landscape: {name: network, data: moons, points: 60, hidden: [40]}\ndynamics: {name: sgd}\n"
                               "schedule: {lr: 0.1}\nensemble: {particles: 4, steps: 10, start: {point: 0.05}}\n";
    const kr_prediction *p = prediction_of("linear_stability", predict(text));
    assert_true(p->applies && strstr(p->note, "sharpness"));
    kr_scene scene;
    kr_error error;
    kr_model model;
    require(kr_scene_parse(&scene, best_registry(), "test", NULL, text, NULL, 0, &error), &error);
    require(kr_model_create(&model, &scene, &error), &error);
    size_t dim = model.landscape.dim;
    assert_int_equal(dim, 202);
    double *hessian = malloc((dim + 1) * dim * sizeof *hessian), *value = hessian + dim * dim;
    kr_landscape_hessian(&model.landscape, 1, model.start, hessian);
    assert_true(kr_symmetric_eigen(dim, hessian, value, NULL));
    assert_close(kr_theory_extra(p, "lr_times_curvature"), 0.1 * value[dim - 1], 1e-9, 0);
    free(hessian);
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);
}

static void what_needs_minima_says_so(void **state) {
    (void)state;
    size_t count = predict("landscape: {name: network, data: moons, hidden: [3]}\ndynamics: {name: sgld, temperature: 0.01}\n"
                           "schedule: {lr: 0.1}\nensemble: {particles: 4, steps: 10, start: {point: 0.05}}\n"
                           "escape: {until: {coordinate: 0, above: 1}}\n");
    static const char *const needy[] = {"stationary", "eyring_kramers"};
    for (size_t i = 0; i < sizeof needy / sizeof *needy; i++) {
        const kr_prediction *p = prediction_of(needy[i], count);
        if (p->applies || !strstr(p->why, "no minima")) fail_msg("%s: %s", needy[i], p->why);
    }
    assert_true(prediction_of("effective_temperature", count)->applies);
}

/* Each step would go through all data as often as there are coordinates. */
static void noise_that_follows_the_curvature_is_refused(void **state) {
    (void)state;
    kr_scene scene;
    kr_error error;
    size_t count;
    kr_status status = kr_scene_parse(&scene, best_registry(), "test", NULL,
                                      "landscape: {name: network, data: digits, hidden: [8]}\nnoise: {name: curvature}\n"
                                      "ensemble: {start: {point: 0.05}}\n",
                                      NULL, 0, &error);
    if (status == KR_OK) {
        status = kr_run_theories(&scene, results, &count, &error);
        kr_scene_destroy(&scene);
    }
    assert_int_equal(status, KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "610 times in each step; the noise minibatch"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_theory_answers), cmocka_unit_test(linear_stability_is_that_of_the_start),
        cmocka_unit_test(what_needs_minima_says_so), cmocka_unit_test(noise_that_follows_the_curvature_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
