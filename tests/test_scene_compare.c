/* What is compared with a scene: entries with sections of their own, as text and as values; and that each runs as it would alone.
 */
#include "session_fixture.h"

#include "scene_errors.h"

static const kr_registry *registry;

static int find_registry(void **state) {
    (void)state;
    return kr_registry_find(NULL, &registry, NULL) == KR_OK ? 0 : -1;
}

static const char scene_text_of[] =
    "dynamics: {name: sgld, temperature: 0.2}\n"
    "schedule: {name: cosine_restarts, lr: 0.02, period: 50, warmup: {steps: 7}}\n"
    "noise: {name: isotropic, sigma: 0.5}\n"
    "ensemble: {particles: 60, steps: 400}\n"
    "compare:\n"
    "  - {schedule: {lr: 0.01}}\n"
    "  - {name: momentum, momentum: 0.5, noise: [{name: isotropic, sigma: 1}, {name: levy}]}\n"
    "  - {dynamics: {temperature: 0.4}, schedule: {name: constant, lr: 0.03, warmup: {steps: 5}}}\n";

static void parse(kr_scene *scene, const char *text, const char *set) {
    kr_error error = {0};
    if (kr_scene_parse(scene, registry, "test", ".", text, &set, set ? 1 : 0, &error) != KR_OK) fail_msg("%s", error.message);
}

static double number_of(const kr_settings *settings, const char *name) {
    return kr_get_by_name(settings->about, settings->values, name, NAN);
}

static void check(const kr_scene *scene) {
    assert_int_equal(scene->compare_count, 3);
    const kr_scene a = kr_scene_variant(scene, 1), b = kr_scene_variant(scene, 2), c = kr_scene_variant(scene, 3);
    /* A section without a name is the scene's in all that it does not give. */
    assert_string_equal(a.schedule.about->name, "cosine_restarts");
    assert_true(number_of(&a.schedule, "lr") == 0.01 && number_of(&a.schedule, "period") == 50 && a.warmup.steps == 7);
    assert_ptr_equal(a.dynamics.values, scene->dynamics.values);
    assert_ptr_equal(a.noise.values, scene->noise.values);
    assert_string_equal(b.dynamics.about->name, "momentum");
    assert_string_equal(kr_scene_noise_part(&b.noise, 0)->name, "isotropic");
    assert_string_equal(kr_scene_noise_part(&b.noise, 1)->name, "levy");
    assert_ptr_equal(b.schedule.values, scene->schedule.values);
    assert_string_equal(c.dynamics.about->name, "sgld");
    assert_true(number_of(&c.dynamics, "temperature") == 0.4);
    assert_string_equal(c.schedule.about->name, "constant");
    assert_int_equal(c.warmup.steps, 5);
    assert_int_equal(kr_scene_variant(scene, 0).compare_count, 0);
}

static void round_trip(void **state) {
    (void)state;
    kr_scene scene, copy, again;
    char *text, *second;
    parse(&scene, scene_text_of, NULL);
    check(&scene);
    assert_int_equal(kr_scene_copy(&copy, &scene, NULL), KR_OK);
    assert_true(kr_scene_equal(&scene, &copy));
    kr_scene_destroy(&scene);
    assert_int_equal(kr_scene_write(&copy, &text, NULL), KR_OK);
    parse(&again, text, NULL);
    check(&again);
    assert_true(kr_scene_equal(&again, &copy));
    assert_int_equal(kr_scene_write(&again, &second, NULL), KR_OK);
    assert_string_equal(text, second);
    kr_scene_destroy(&again);
    parse(&again, text, "compare.2.schedule.warmup.steps=6");
    assert_false(kr_scene_equal(&again, &copy));
    kr_scene_destroy(&again);
    kr_scene_destroy(&copy);
    free(text);
    free(second);
}

static void set_by_number(void **state) {
    (void)state;
    kr_scene scene;
    parse(&scene, scene_text_of, "compare.0.schedule.name=constant"); /* drops what that does not have */
    assert_string_equal(kr_scene_variant(&scene, 1).schedule.about->name, "constant");
    assert_true(number_of(&scene.compare[0].own[KR_COMPARED_SCHEDULE], "lr") == 0.01);
    kr_scene_destroy(&scene);
    parse(&scene, scene_text_of, "compare.0.noise.sigma=2"); /* had no noise of its own */
    assert_true(number_of(&scene.compare[0].own[KR_COMPARED_NOISE], "sigma") == 2);
    kr_scene_destroy(&scene);
    parse(&scene, scene_text_of, "compare.0.temperature=0.3"); /* nor a dynamics */
    assert_true(number_of(&scene.compare[0].own[KR_COMPARED_DYNAMICS], "temperature") == 0.3);
    kr_scene_destroy(&scene);
    parse(&scene, scene_text_of, "compare.1.dynamics.momentum=0.25"); /* the other way to say it */
    assert_true(number_of(&scene.compare[1].own[KR_COMPARED_DYNAMICS], "momentum") == 0.25);
    kr_scene_destroy(&scene);
}

static const broken_scene broken[] = {
    {"compare: [{}]", NULL, "test:1:11: an entry of compare says what differs from the scene, as in "},
    {"compare: [~]", NULL, "test:1:11: an entry of compare says what differs from the scene, as in "},
    {"compare: [{landscape: quadratic}]", NULL,
     "test:1:12: an entry of compare can change dynamics, noise and schedule, not landscape"},
    {"compare: [{name: sgd, dynamics: {weight_decay: 1}}]", NULL,
     "test:1:23: the dynamics stands both in the entry of compare and in its section dynamics"},
    {"compare: [sgd, {schedule: {lr: -1}}]", NULL, "test:1:32: lr = -1 is out of range"},
    {"compare: [sgd, {schedule: {rate: 1}}]", NULL, "test:1:28: unknown parameter of schedule 'constant' 'rate'"},
    {"compare: [{noise: {name: isotropc}}]", NULL, "test:1:26: unknown noise 'isotropc'; did you mean 'isotropic'?"},
    {"compare: [{schedule: {name: cosine, lr: 0.1, lr_min: 0.2}}]", NULL, "test:1:22: lr_min = 0.2 is larger than lr = 0.1"},
    {"{landscape: {name: harmonic, dim: 2}, compare: [{noise: {name: full_covariance, matrix: [1, 2, 3]}}]}", NULL, "test:1:57: "},
};

static void errors_have_their_place(void **state) {
    (void)state;
    refuse_scenes(registry, broken, sizeof broken / sizeof *broken);
}

/* Side by side or alone, before and after their own settings and those of the scene change: the same numbers to the bit. */
static void each_runs_as_it_would_alone(void **state) {
    (void)state;
    static const char *const changes[][4] = {
        /* in the comparison, and in each of the scenes alone */
        {"set compare.0.schedule.lr=0.005", NULL, "set schedule.lr=0.005", NULL},
        {"set noise.sigma=0.25", "set noise.sigma=0.25", "set noise.sigma=0.25", NULL},
        {"set compare.1.noise=[{name: isotropic, sigma: 0.1}]", NULL, NULL, "set noise={name: isotropic, sigma: 0.1}"},
        {"restart", "restart", "restart", "restart"}};
    kr_session *together = make_session(scene_text_of), *alone[3];
    kr_error error = {.status = KR_OK};
    for (size_t v = 0; v < 3; v++) {
        const kr_scene variant = kr_scene_variant(kr_session_scene(together), v);
        succeed(kr_session_create(&alone[v], &variant, 1, &error), &error);
    }
    for (size_t c = 0; c <= sizeof changes / sizeof *changes; c++) {
        advance(together, 90);
        for (size_t v = 0; v < 3; v++) {
            advance(alone[v], 90);
            kr_view a = kr_session_view(together, v), b = kr_session_view(alone[v], 0);
            assert_same_view(&a, &b);
        }
        if (c == sizeof changes / sizeof *changes) break;
        intervene(together, changes[c][0]);
        for (size_t v = 0; v < 3; v++)
            if (changes[c][v + 1]) intervene(alone[v], changes[c][v + 1]);
    }
    kr_view first = kr_session_view(together, 0), half = kr_session_view(together, 1);
    assert_true(half.learning_rate < first.learning_rate);
    for (size_t v = 0; v < 3; v++) kr_session_destroy(alone[v]);
    kr_session_destroy(together);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(set_by_number),
                                       cmocka_unit_test(errors_have_their_place), cmocka_unit_test(each_runs_as_it_would_alone)};
    return cmocka_run_group_tests(tests, find_registry, NULL);
}
