/* Scenes with dynamics to compare and lessons: round trip, --set by number, copies, and errors with their place. */
#include <kramers/scene.h>

#include "assert_close.h"
#include "scene_errors.h"

#include <stdlib.h>
#include <string.h>

static const kr_registry *registry;

static int find_registry(void **state) {
    (void)state;
    return kr_registry_find(NULL, &registry, NULL) == KR_OK ? 0 : -1;
}

static const char full[] = "dynamics: {name: sgld, temperature: 0.2}\n"
                           "compare:\n"
                           "  - {name: momentum, momentum: 0.5}\n"
                           "  - langevin\n"
                           "lesson:\n"
                           "  - caption: \"Heat: it is the \\\"rate\\\"\\nthat counts\"\n"
                           "  - caption: Hotter\n"
                           "    watch: the thermometer, the survival curve\n"
                           "    speed: 0.5\n"
                           "    de: {caption: \"W\u00e4rmer\", watch: das Thermometer}\n"
                           "    fr: {caption: Plus chaud}\n"
                           "    settings: {schedule.lr: 0.02, dynamics.temperature: 0.3}\n"
                           "  - caption: Another optimizer\n"
                           "    settings:\n"
                           "      dynamics: {name: langevin, splitting: \"OBABO\"}\n"
                           "      ensemble.start.point: [-1.2]\n"
                           "      compare.1: {name: sgd}\n"
                           "  - caption: Only it has friction\n"
                           "    settings: {dynamics.friction: 3, compare.1.weight_decay: 0.1}\n";

static void parse(kr_scene *scene, const char *text, const char *set) {
    kr_error error = {0};
    if (kr_scene_parse(scene, registry, "test", ".", text, &set, set ? 1 : 0, &error) != KR_OK) fail_msg("%s", error.message);
}

static void check_full(const kr_scene *scene) {
    assert_int_equal(scene->compare_count, 2);
    assert_string_equal(scene->compare[0].own[KR_COMPARED_DYNAMICS].about->name, "momentum");
    assert_true(kr_get_by_name(scene->compare[0].own[KR_COMPARED_DYNAMICS].about,
                               scene->compare[0].own[KR_COMPARED_DYNAMICS].values, "momentum", 0) == 0.5);
    assert_string_equal(scene->compare[1].own[KR_COMPARED_DYNAMICS].about->name, "langevin");
    assert_int_equal(scene->lesson_count, 4);
    assert_string_equal(scene->lesson[0].caption, "Heat: it is the \"rate\"\nthat counts");
    assert_null(scene->lesson[0].watch);
    assert_int_equal(scene->lesson[0].setting_count, 0);
    assert_string_equal(scene->lesson[1].watch, "the thermometer, the survival curve");
    assert_string_equal(kr_lesson_caption(&scene->lesson[1], "de").caption, "W\u00e4rmer");
    assert_string_equal(kr_lesson_caption(&scene->lesson[1], "de").watch, "das Thermometer");
    assert_string_equal(kr_lesson_caption(&scene->lesson[1], "fr").caption, "Plus chaud");
    assert_null(kr_lesson_caption(&scene->lesson[1], "fr").watch);
    assert_string_equal(kr_lesson_caption(&scene->lesson[1], "it").caption, "Hotter");
    assert_true(scene->lesson[0].speed == 0);
    assert_true(scene->lesson[1].speed == 0.5);
    assert_true(scene->lesson[2].speed == 0);
    assert_string_equal(scene->lesson[1].settings[0], "schedule.lr=0.02");
    assert_string_equal(scene->lesson[1].settings[1], "dynamics.temperature=0.3");
    assert_int_equal(scene->lesson[2].setting_count, 4);
    assert_string_equal(scene->lesson[2].settings[0], "dynamics.name=langevin");
    assert_string_equal(scene->lesson[2].settings[1], "dynamics.splitting=\"OBABO\"");
    assert_string_equal(scene->lesson[2].settings[2], "ensemble.start.point=[-1.2]");
    assert_string_equal(scene->lesson[2].settings[3], "compare.1.name=sgd");
    assert_string_equal(scene->lesson[3].settings[1], "compare.1.weight_decay=0.1");
}

static void round_trip(void **state) {
    (void)state;
    kr_scene scene, copy, again;
    char *text, *second;
    parse(&scene, full, NULL);
    check_full(&scene);
    assert_int_equal(kr_scene_copy(&copy, &scene, NULL), KR_OK);
    kr_scene_destroy(&scene);
    check_full(&copy);
    assert_int_equal(kr_scene_write(&copy, &text, NULL), KR_OK);
    kr_scene_destroy(&copy);
    parse(&again, text, NULL);
    check_full(&again);
    assert_int_equal(kr_scene_write(&again, &second, NULL), KR_OK);
    assert_string_equal(text, second);
    kr_scene_destroy(&again);
    free(text);
    free(second);
}

static void nothing_of_it_is_written_where_there_is_none(void **state) {
    (void)state;
    kr_scene scene;
    char *text;
    parse(&scene, "{lesson: [], compare: ~}", NULL);
    assert_int_equal(kr_scene_write(&scene, &text, NULL), KR_OK);
    assert_null(strstr(text, "compare"));
    assert_null(strstr(text, "lesson"));
    free(text);
    kr_scene_destroy(&scene);
}

static void set_by_number(void **state) {
    (void)state;
    kr_scene scene;
    parse(&scene, full, "compare.0.momentum=0.25");
    assert_true(kr_get_by_name(scene.compare[0].own[KR_COMPARED_DYNAMICS].about, scene.compare[0].own[KR_COMPARED_DYNAMICS].values,
                               "momentum", 0) == 0.25);
    kr_scene_destroy(&scene);
    parse(&scene, full, "compare.0.name=sgd"); /* drops what sgd does not have */
    assert_string_equal(scene.compare[0].own[KR_COMPARED_DYNAMICS].about->name, "sgd");
    kr_scene_destroy(&scene);
    parse(&scene, full, "compare.2.name=hamiltonian");
    assert_int_equal(scene.compare_count, 3);
    kr_scene_destroy(&scene);
    parse(&scene, "", "compare.0.name=sgd");
    assert_int_equal(scene.compare_count, 1);
    kr_scene_destroy(&scene);
    parse(&scene, "landscape: {name: harmonic, dim: 3, stiffness: [1, 2, 3]}", "landscape.stiffness.1=5");
    const kr_list *list = scene.landscape.values;
    assert_int_equal(list->count, 3);
    assert_true(list->value[0] == 1 && list->value[1] == 5 && list->value[2] == 3);
    kr_scene_destroy(&scene);
}

static const broken_scene broken[] = {
    {"compare: sgd", NULL, "test:1:10: compare must be a list, [{name: momentum}, {schedule: {lr: 0.1}}, ...], not 'sgd'"},
    {"compare: [{momentum: 0.9}]", NULL,
     "test:1:12: unknown parameter of dynamics 'sgld' 'momentum'; it is a parameter of 'momentum', 'rmsprop'"},
    {"compare: [momentun]", NULL, "test:1:11: unknown dynamics 'momentun'; did you mean 'momentum'?"},
    {"compare:\n  - {name: momentum, momentun: 0.9}", NULL,
     "test:2:22: unknown parameter of dynamics 'momentum' 'momentun'; did you mean 'momentum'?"},
    {"compare:\n  - {name: momentum, momentum: 2}", NULL, "test:2:32: momentum = 2 is out of range; allowed: "},
    {"compare: [{name: langevin, splitting: BX}]", NULL, "test:1:11: splitting 'BX' holds 'X'"},
    {"compare: [sgd, sgd, sgd, sgd]", NULL, "test:1:26: there may be at most 3 entries of compare beside the scene itself"},
    {"compare: [sgd]", "compare.0.momentum=1",
     "--set compare.0.momentum=1: unknown parameter of dynamics 'sgd' 'momentum'; it is a parameter of 'momentum'"},
    {"compare: [sgd]", "compare.5.name=sgd",
     "--set compare.5.name=sgd: there is no entry 5; the list has 1, and the next would be 1"},
    {"compare: [sgd]", "compare.x.name=sgd",
     "--set compare.x.name=sgd: a list is set as a whole, [...], or by the numbers of its entries, from 0"},
    {"lesson: {caption: a}", NULL, "test:1:9: lesson must be a list of steps, [{caption: ...}, ...], not a mapping"},
    {"lesson: [a]", NULL, "test:1:10: a step of a lesson must be a mapping such as "},
    {"lesson: [{watch: a}]", NULL, "test:1:10: 'lesson' needs 'caption': what the step says"},
    {"lesson: [{caption: a, wach: a}]", NULL, "test:1:23: unknown key of a step of the lesson 'wach'; did you mean 'watch'?"},
    {"lesson: [{caption: a, settings: [1]}]", NULL, "test:1:33: settings must be a mapping {key: value, ...}, not a list"},
    {"lesson: [{caption: a, settings: {schedule.lr: }}]", NULL,
     "test:1:34: settings are {KEY: VALUE}, for instance {schedule.lr: 0.1}"},
    {"lesson:\n  - caption: one\n  - caption: two\n    settings:\n      schedule.lr: 0.1\n      dynamics.heat: 2\n", NULL,
     "test:6:7: unknown parameter of dynamics 'sgld' 'heat'; there are "},
    {"lesson:\n  - caption: one\n    settings: {dynamics.name: sgd}\n  - caption: two\n    settings: {dynamics.temperature: 1}\n",
     NULL,
     "test:5:16: unknown parameter of dynamics 'sgd' 'temperature'; it is a parameter of 'hmc', 'langevin', 'leimkuhler_matthews', "
     "'microcanonical', 'psgld', 'sghmc', 'sgld', 'sgnht'"},
    {"lesson:\n  - caption: one\n    xx: {caption: a}\n", NULL,
     "test:3:5: 'xx' is no language of captions; there are de (German), es (Spanish), fr (French), it (Italian)"},
    {"lesson:\n  - caption: one\n    de: eins\n", NULL, "test:3:9: a step of a lesson in another language"},
    {"lesson:\n  - caption: one\n    de: {watch: a}\n", NULL, "caption"},
    {"lesson:\n  - caption: one\n    de: {caption: a, wach: b}\n", NULL, "did you mean 'watch'?"},
    {"lesson:\n  - caption: one\n    settings: {dynamics.temperature: -1}\n", NULL, "test:3:16: temperature = -1 is out of range"},
    {"lesson:\n  - caption: one\n    settings: {landscape: {name: harmonic, dim: 3, stiffness: [1, 2]}}\n", NULL,
     "landscape 'harmonic': stiffness lists 2 numbers for dim 3"},
    {"lesson:\n  - caption: one\n    settings: {energy.every: 1, escape.untill: 3}\n", NULL,
     "test:3:33: unknown key of escape 'untill'; did you mean 'until'?"},
};

static void errors_have_their_place(void **state) {
    (void)state;
    refuse_scenes(registry, broken, sizeof broken / sizeof *broken);
}

static void too_many_steps(void **state) {
    (void)state;
    char text[1000] = "lesson:\n";
    for (int i = 0; i <= KR_MAX_LESSON_STEPS; i++) strcat(text, "- caption: a\n");
    kr_scene scene;
    kr_error error = {0};
    assert_int_equal(kr_scene_parse(&scene, registry, "test", ".", text, NULL, 0, &error), KR_BAD_ARGUMENT);
    assert_string_equal(error.message, "test:2:1: the lesson has 33 steps; at most 32 are allowed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),     cmocka_unit_test(nothing_of_it_is_written_where_there_is_none),
        cmocka_unit_test(set_by_number),  cmocka_unit_test(errors_have_their_place),
        cmocka_unit_test(too_many_steps),
    };
    return cmocka_run_group_tests(tests, find_registry, NULL);
}
