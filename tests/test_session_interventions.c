/* What each intervention does, and that one that fails does nothing. */
#include "session_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char three[] =
    "{landscape: double_well, dynamics: {name: langevin, temperature: 0.3}, noise: {name: isotropic, sigma: 1},"
    " schedule: {name: cosine, lr: 0.02},"
    " ensemble: {particles: 333, steps: 500, seed: 8}, escape: {until: {above: 0.5}},"
    " compare: [{name: momentum, momentum: 0.8}, {name: sgld, temperature: 0.3}], lesson: [{caption: one}]}";

/* ---- failures ---- */

static void what_fails_changes_nothing(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"", "'' is no intervention; there are set KEY=VALUE, scene YAML, restart, reset, drop X [Y ...]"},
        {"sett dynamics.temperature=1", "is no intervention"},
        {"restart now", "is no intervention"},
        {"set", "set needs KEY=VALUE"},
        {"set dynamics.temperature", "dynamics.temperature: needs KEY=VALUE"},
        {"set dynamics.temperature=-1", "dynamics.temperature=-1: temperature = -1 is out of range; allowed: "},
        {"set dynamics.temperature=1\ndynamics.heat=2", "dynamics.heat=2: unknown parameter of dynamics 'langevin' 'heat'"},
        {"set dynamics.temprature=1", "did you mean 'temperature'?"},
        {"set dynamics.splitting=AXB", "splitting 'AXB' holds 'X'"},
        {"set compare.1.friction=1", "unknown parameter of dynamics 'sgld' 'friction'"},
        {"set compare.0=[1", "compare.0=[1: "},
        {"set escape.bridge=true", "the Brownian bridge is for sgd and sgld"},
        {"set landscape={name: surface, file: nowhere.h5}", "nowhere.h5"},
        {"set ensemble.start.minimum=7", "there is no minimum 7"},
        {"set ensemble.start.point=0.6", "the start is already in target 0"},
        {"set escape.until.coordinate=3", "coordinate = 3 is out of range"},
        {"set ensemble.particles=1000000000000", "1000000000000 particles in 1 dimensions need 4.8e+04 GB of memory and "},
        {"set landscape={name: harmonic, dim: 1000}\nensemble.particles=8000000000", "particles in 1000 dimensions need "},
        {"drop", "drop has 0 coordinates; the landscape has 1"},
        {"drop 1 2", "drop has 2 coordinates; the landscape has 1"},
        {"drop here", "drop needs coordinates, for instance drop 0.5 -1, not 'here'"},
        {"drop 0.7", "the start is already in target 0"},
        {"drop nan", "drop needs coordinates"},
        {"scene", "the start is already in target 0"}, /* see below */
        {"scene {dynamics: {name: sgldd}}", "did you mean 'sgld'?"},
        {"scene [1, 2", "test:"},
    };
    kr_session *session = make_session(three), *twin = make_session(three);
    advance(session, 57), advance(twin, 57);
    intervene(session, "restart"), intervene(twin, "restart");
    char *before = scene_text(session);
    const kr_intervention *log;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        kr_error error = {.status = KR_OK};
        const char *text = wrong[i].text;
        if (!strcmp(text, "scene")) text = "scene {escape: {until: {below: 0.5}}}";
        kr_status status = kr_session_intervene(session, text, &error);
        if (status == KR_OK) fail_msg("accepted: %s", text);
        assert_int_equal(status, error.status);
        if (!strstr(error.message, wrong[i].message))
            fail_msg("'%s' gives '%s' without '%s'", text, error.message, wrong[i].message);
        assert_int_not_equal(kr_session_intervene(session, text, NULL), KR_OK);
        char *after = scene_text(session);
        assert_string_equal(before, after);
        free(after);
        assert_int_equal(kr_session_digest(session), kr_session_digest(twin));
        assert_int_equal(kr_session_version(session), 0);
        assert_int_equal(kr_session_generation(session), 0);
        assert_int_equal(kr_session_interventions(session, &log), 1);
    }
    advance(session, 100), advance(twin, 100);
    assert_int_equal(kr_session_digest(session), kr_session_digest(twin));
    assert_true(kr_session_learning_rate(session, 60) == kr_session_learning_rate(twin, 60));
    free(before);
    kr_session_destroy(session);
    kr_session_destroy(twin);
}

/* ---- set ---- */

static void particles_go_on(void **state) {
    (void)state;
    static const char *const kinds[] = {"set dynamics.temperature=2",
                                        "set schedule.lr=0.05",
                                        "set landscape.barrier=3",
                                        "set landscape.name=washboard",
                                        "set noise={name: curvature, full: true}",
                                        "set escape.until.above=0.7",
                                        "set escape.until=~",
                                        "set energy.every=5",
                                        "set compare.0.momentum=0.1",
                                        "set dynamics.friction=0"};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        kr_session *session = make_session(three), *twin = make_session(three);
        advance(session, 100), advance(twin, 100);
        intervene(session, kinds[i]);
        for (size_t v = 0; v < 3; v++) { /* nothing has moved */
            kr_view a = kr_session_view(session, v), b = kr_session_view(twin, v);
            a.learning_rate = b.learning_rate;
            assert_same_view(&a, &b);
        }
        assert_int_equal(kr_session_generation(session), 0);
        advance(session, 1), advance(twin, 1);
        bool moves = !strstr(kinds[i], "energy");
        if (!strstr(kinds[i], "escape") && (kr_session_digest(session) != kr_session_digest(twin)) != moves)
            fail_msg("%s", kinds[i]);
        kr_session_destroy(session);
        kr_session_destroy(twin);
    }
}

static void what_particles_begin_with_sets_up_again(void **state) {
    (void)state;
    static const char *const kinds[] = {"set ensemble.particles=200",
                                        "set ensemble.particles=500",
                                        "set ensemble.seed=9",
                                        "set ensemble.start.point=-0.5",
                                        "set ensemble.start.burn_in=20",
                                        "set ensemble.start.gibbs=0",
                                        "set landscape.dim=3",
                                        "set landscape.name=himmelblau\nescape.until.above=3.8",
                                        "set escape.renewal=false",
                                        "set compare=[{name: momentum}]",
                                        "set compare.2.name=hamiltonian",
                                        "drop -0.25",
                                        "scene {ensemble: {particles: 64}}"};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        kr_error error = {.status = KR_OK};
        kr_session *session = make_session(three), *fresh;
        advance(session, 100);
        intervene(session, "restart");
        advance(session, 100);
        intervene(session, kinds[i]);
        assert_int_equal(kr_session_generation(session), 1);
        assert_int_equal(kr_session_step(session), 0);
        assert_int_equal(kr_session_version(session), 1);
        assert_true(kr_session_learning_rate(session, 0) == kr_session_view(session, 0).learning_rate);
        /* From here on as a session that began with these settings. */
        succeed(kr_session_create(&fresh, kr_session_scene(session), 1, &error), &error);
        assert_same_state(session, fresh);
        advance(session, 50), advance(fresh, 50);
        assert_same_state(session, fresh);
        kr_session_destroy(session);
        kr_session_destroy(fresh);
    }
}

static void reset_is_the_beginning(void **state) {
    (void)state;
    kr_session *session = make_session(three), *fresh = make_session(three);
    advance(session, 100);
    intervene(session, "restart");
    advance(session, 100);
    intervene(session, "reset");
    assert_int_equal(kr_session_generation(session), 1);
    assert_int_equal(kr_session_version(session), 0);
    assert_same_state(session, fresh);
    advance(session, 70), advance(fresh, 70);
    assert_same_state(session, fresh);
    kr_session_destroy(session);
    kr_session_destroy(fresh);
}

static void undo_is_a_scene(void **state) {
    (void)state;
    kr_session *session = make_session(three), *twin = make_session(three);
    char *before = scene_text(session), *after;
    char *undo = malloc(strlen(before) + 8);
    advance(session, 100), advance(twin, 100);
    intervene(session, "set dynamics.temperature=2\nschedule.lr=0.1");
    intervene(session, strcat(strcpy(undo, "scene "), before));
    after = scene_text(session);
    assert_string_equal(before, after);
    assert_int_equal(kr_session_scene(session)->lesson_count, 1);
    advance(session, 100), advance(twin, 100);
    assert_int_equal(kr_session_digest(session), kr_session_digest(twin));
    free(before), free(after), free(undo);
    kr_session_destroy(session);
    kr_session_destroy(twin);
}

/* Else what is written could not be read. */
static void a_lesson_is_left_out_while_it_does_not_fit(void **state) {
    (void)state;
    kr_error error = {.status = KR_OK};
    kr_scene scene;
    kr_session *session =
        make_session("{dynamics: sgld, lesson: [{caption: one}, {caption: two, settings: {dynamics.temperature: 1}}]}");
    static const struct {
        const char *text;
        size_t steps;
    } act[] = {{"set schedule.lr=0.1", 2},
               {"set dynamics.name=sgd", 0},
               {"reset", 0},
               {"set noise=none", 0},
               {"set dynamics.name=langevin", 2},
               {"scene {dynamics: sgd}", 0},
               {"scene {lesson: [{caption: other}]}", 2}};
    for (size_t i = 0; i < COUNT(act); i++) {
        intervene(session, act[i].text);
        assert_int_equal(kr_session_scene(session)->lesson_count, act[i].steps);
        char *text = scene_text(session);
        succeed(kr_scene_parse(&scene, kr_session_scene(session)->registry, "test", NULL, text, NULL, 0, &error), &error);
        if (act[i].steps) assert_string_equal(scene.lesson[1].caption, "two");
        kr_scene_destroy(&scene);
        free(text);
    }
    kr_session_destroy(session);
}

static void settings_without_effect_are_no_physics(void **state) {
    (void)state;
    kr_session *session = make_session(three), *twin = make_session(three);
    advance(session, 40), advance(twin, 40);
    intervene(session, "set dynamics.temperature=0.3");
    intervene(session, "set trajectory.every=7");
    intervene(session, "set statistics.every=3");
    assert_int_equal(kr_session_version(session), 0);
    intervene(session, "set dynamics.temperature=0.4");
    assert_int_equal(kr_session_version(session), 1);
    intervene(session, "set dynamics.temperature=0.3");
    assert_int_equal(kr_session_version(session), 2);
    advance(session, 40), advance(twin, 40);
    assert_int_equal(kr_session_digest(session), kr_session_digest(twin));
    kr_session_destroy(session);
    kr_session_destroy(twin);
}

/* ---- restart ---- */

static void restart_begins_the_schedule_anew(void **state) {
    (void)state;
    kr_session *session =
        make_session("{schedule: {name: cosine, lr: 0.02, lr_min: 0.001, warmup: {steps: 10}}, ensemble: {steps: 110}}");
    double at_0 = kr_session_learning_rate(session, 0), at_10 = kr_session_learning_rate(session, 10),
           at_60 = kr_session_learning_rate(session, 60);
    assert_true(at_10 == 0.02 && at_0 < 0.01 && at_60 < 0.012);
    advance(session, 60);
    intervene(session, "restart");
    assert_true(kr_session_learning_rate(session, 60) == at_0 && kr_session_learning_rate(session, 120) == at_60);
    assert_true(kr_session_view(session, 0).learning_rate == at_0);
    assert_true(kr_session_learning_rate(session, 10) == at_10); /* the past stays */
    advance(session, 70);
    intervene(session, "restart");
    assert_true(kr_session_learning_rate(session, 140) == at_10 && kr_session_learning_rate(session, 120) == at_60);
    intervene(session, "set schedule.lr=0.04"); /* the schedule goes on from the last restart */
    assert_close(kr_session_learning_rate(session, 140), 0.04, 1e-15, 0);
    assert_true(kr_session_view(session, 0).learning_rate == kr_session_learning_rate(session, 130));
    const kr_schedule *schedule = &kr_session_model(session, 0)->schedule;
    assert_int_equal(schedule->origin, 130);
    intervene(session, "reset");
    assert_true(kr_session_learning_rate(session, 140) == kr_session_learning_rate(session, 130));
    kr_session_destroy(session);
}

static void cycles_count_from_the_restart(void **state) {
    (void)state;
    kr_session *session = make_session("schedule: {name: cosine_restarts, lr: 0.02, period: 100, warmup: {steps: 10}}");
    advance(session, 45);
    intervene(session, "restart");
    const kr_schedule *schedule = &kr_session_model(session, 0)->schedule;
    assert_int_equal(kr_schedule_next_cycle(schedule, 0), 45); /* cut short by the restart */
    assert_int_equal(kr_schedule_next_cycle(schedule, 45), 155);
    assert_int_equal(kr_schedule_next_cycle(schedule, 155), 255);
    kr_session_destroy(session);
}

/* The particles see the rate that is told: gradient descent without noise on a parabola is a product. */
static void particles_see_the_restart(void **state) {
    (void)state;
    kr_session *session = make_session("{landscape: harmonic, dynamics: sgd, schedule: {name: exponential, lr: 0.1},"
                                       " ensemble: {particles: 1, start: {point: 1}}}");
    double x = 1;
    for (uint64_t k = 0; k < 40; k++) {
        if (k == 13 || k == 25) intervene(session, "restart");
        x *= 1 - kr_session_learning_rate(session, k);
        advance(session, 1);
    }
    assert_close(kr_session_view(session, 0).position[0], x, 1e-13, 0);
    kr_session_destroy(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fails_changes_nothing),
        cmocka_unit_test(particles_go_on),
        cmocka_unit_test(what_particles_begin_with_sets_up_again),
        cmocka_unit_test(reset_is_the_beginning),
        cmocka_unit_test(undo_is_a_scene),
        cmocka_unit_test(a_lesson_is_left_out_while_it_does_not_fit),
        cmocka_unit_test(settings_without_effect_are_no_physics),
        cmocka_unit_test(restart_begins_the_schedule_anew),
        cmocka_unit_test(cycles_count_from_the_restart),
        cmocka_unit_test(particles_see_the_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
