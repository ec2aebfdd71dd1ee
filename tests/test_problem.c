/* Problems from names and texts. */
#include "assert_close.h"

#include <kramers/kramers.h>

#include <stdlib.h>
#include <string.h>

static kr_problem *made(const kr_problem_text *text) {
    kr_problem *problem;
    kr_error error;
    if (kr_problem_create(&problem, text, &error) != KR_OK) fail_msg("%s", error.message);
    return problem;
}

static void refused(const kr_problem_text *text, const char *message) {
    kr_problem *problem;
    kr_error error;
    assert_int_equal(kr_problem_create(&problem, text, &error), KR_BAD_ARGUMENT);
    assert_null(problem);
    if (!strstr(error.message, message) || strstr(error.message, "--set")) fail_msg("'%s' instead of '%s'", error.message, message);
    assert_int_equal(kr_problem_create(&problem, text, NULL), KR_BAD_ARGUMENT);
}

static void test_defaults(void **state) {
    (void)state;
    kr_problem *problem = made(&(kr_problem_text){.landscape = NULL});
    assert_string_equal(problem->landscape->type->about.name, "double_well");
    assert_string_equal(problem->dynamics->type->about.name, "sgld");
    assert_string_equal(problem->noise->type->about.name, "none");
    assert_string_equal(problem->schedule->type->about.name, "constant");
    assert_close(problem->start[0], -1, 1e-12, 0);
    assert_int_equal(problem->target_count, 0);
    kr_problem_destroy(problem);
    kr_problem_destroy(NULL);
}

static void test_texts(void **state) {
    (void)state;
    kr_problem *problem = made(&(kr_problem_text){.landscape = "  styblinski_tang dim=2 ",
                                                  .dynamics = "sgld temperature=0.5 weight_decay=0.25",
                                                  .noise = "isotropic sigma=2\tbatch_size=8",
                                                  .schedule = "cosine lr=0.1 steps=500",
                                                  .start = "point=[0.5, -2]",
                                                  .until = "coordinate=1 above=1.5; coordinate=0 below=-4;"});
    assert_int_equal(problem->landscape->dim, 2);
    assert_close(problem->landscape->weight_decay, 0.25, 0, 0);
    assert_close(problem->start[0], 0.5, 0, 0);
    assert_close(problem->start[1], -2, 0, 0);
    assert_int_equal(problem->target_count, 2);
    assert_int_equal(problem->targets[0].coordinate, 1);
    assert_close(problem->targets[0].above, 1.5, 0, 0);
    assert_close(problem->targets[1].below, -4, 0, 0);
    assert_close(kr_schedule_at(problem->schedule, 0), 0.1, 0, 0);
    assert_close(kr_get_by_name(&problem->noise->type->about, problem->noise->values, "batch_size", 0), 8, 0, 0);
    kr_problem_destroy(problem);
}

static void test_messages(void **state) {
    (void)state;
    refused(&(kr_problem_text){.landscape = "doublewell"}, "did you mean 'double_well'?");
    refused(&(kr_problem_text){.landscape = "double_well barier=1"}, "did you mean 'barrier'?");
    refused(&(kr_problem_text){.landscape = "double_well barrier=-1"}, "barrier");
    refused(&(kr_problem_text){.landscape = "double_well barrier"}, "'barrier' is no KEY=VALUE");
    refused(&(kr_problem_text){.dynamics = "sgld temperature=warm"}, "temperature");
    refused(&(kr_problem_text){.start = "minimum"}, "'minimum' is no KEY=VALUE");
    refused(&(kr_problem_text){.start = "gibbs=0"}, "are for scenes");
    refused(&(kr_problem_text){.until = "abov=1"}, "abov");
    refused(&(kr_problem_text){.until = "coordinate=3 above=1"}, "coordinate");
}

/* The same events as those of the scene. */
static void test_ensemble(void **state) {
    (void)state;
    kr_error error;
    kr_problem *problem = made(&(kr_problem_text){.dynamics = "sgld temperature=0.5", .until = "above=1"});
    kr_ensemble_setup setup = kr_ensemble_setup_default(problem);
    setup.particles = 640;
    kr_ensemble *ensemble;
    if (kr_ensemble_create(&ensemble, &setup, &error) || kr_ensemble_advance(ensemble, 2000, &error)) fail_msg("%s", error.message);
    uint64_t events = kr_ensemble_view(ensemble).events;
    kr_ensemble_destroy(ensemble);

    const char *overrides[] = {"ensemble.steps=2000", "ensemble.particles=640", "dynamics.temperature=0.5"};
    kr_scene scene;
    kr_run *run;
    kr_run_options options = {.threads = 1};
    if (kr_scene_load(&scene, setup.registry, NULL, overrides, 3, &error) || kr_run_create(&run, &scene, &options, &error))
        fail_msg("%s", error.message);
    while (!kr_run_finished(run)) assert_int_equal(kr_run_advance(run, &error), KR_OK);
    assert_true(events > 0);
    assert_int_equal(events, kr_run_result(run)->escape.events);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);

    const kr_theory_type *chain;
    kr_prediction prediction;
    assert_int_equal(kr_find_theory(setup.registry, "chain", &chain, &error), KR_OK);
    kr_theory_predict(chain, problem, &prediction);
    assert_true(prediction.applies && prediction.mfpt_steps > 0);
    kr_problem_destroy(problem);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults), cmocka_unit_test(test_texts),
                                       cmocka_unit_test(test_messages), cmocka_unit_test(test_ensemble)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
