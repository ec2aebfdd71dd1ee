/* The section noise as a list: read, changed by --set in the text and in place, written back, and what is refused. */
#include "assert_close.h"

#include <kramers/scene.h>

#include <stdlib.h>
#include <string.h>

#include "scene/scene_parts.h"

static const char list[] = "{noise: [{name: isotropic, sigma: 3}, levy, {name: isotropic, batch_size: 2}]}";

static kr_status parse(kr_scene *scene, const char *text, const char *set, kr_error *error) {
    const kr_registry *registry;
    if (kr_registry_find(NULL, &registry, error) != KR_OK) fail_msg("%s", error->message);
    return kr_scene_parse(scene, registry, "test.yaml", NULL, text, &set, set ? 1 : 0, error);
}

static double number(const kr_scene *scene, const char *key) {
    const kr_parameter *row = kr_scene_parameter(scene, key);
    if (!row) fail_msg("there is no %s", key);
    return kr_get_number(&scene->noise, row);
}

static void expect(const char *text, const char *set, const char *names, const char *key, double value) {
    kr_scene scene, again;
    kr_error error;
    char *written;
    if (parse(&scene, text, set, &error) != KR_OK) fail_msg("%s", error.message);
    assert_string_equal(scene.noise.about->name, names);
    assert_close(number(&scene, key), value, 0, 0);
    assert_int_equal(kr_scene_write(&scene, &written, &error), KR_OK);
    if (parse(&again, written, NULL, &error) != KR_OK) fail_msg("%s\n%s", error.message, written);
    assert_true(kr_scene_equal(&scene, &again));
    free(written);
    kr_scene_destroy(&again);
    kr_scene_destroy(&scene);
}

static void lists_are_read_and_written(void **state) {
    (void)state;
    expect(list, NULL, "isotropic + levy + isotropic", "noise.0.sigma", 3);
    expect(list, NULL, "isotropic + levy + isotropic", "noise.levy.alpha", 1.5);
    expect(list, NULL, "isotropic + levy + isotropic", "noise.1.alpha", 1.5);
    expect(list, NULL, "isotropic + levy + isotropic", "noise.2.batch_size", 2);
    expect("{noise: [{name: levy, sigma: 4}]}", NULL, "levy", "noise.sigma", 4);
    expect("{noise: [pulse, {name: full_covariance, matrix: [[2]]}]}", NULL, "pulse + full_covariance", "noise.pulse.width", 25);
    expect("{noise: [{name: isotropic, sigma: {name: cosine, value: 2, value_min: 1, steps: 9}}, levy]}", NULL, "isotropic + levy",
           "noise.isotropic.sigma", 2);
}

static void set_finds_a_part(void **state) {
    (void)state;
    expect(list, "noise.levy.sigma=0.2", "isotropic + levy + isotropic", "noise.1.sigma", 0.2);
    expect(list, "noise.2.sigma=7", "isotropic + levy + isotropic", "noise.2.sigma", 7);
    expect(list, "noise.levy.name=student_t", "isotropic + student_t + isotropic", "noise.student_t.nu", 3);
    expect(list, "noise.3.name=pulse", "isotropic + levy + isotropic + pulse", "noise.pulse.high", 2);
    expect(list, "noise.name=loss", "loss", "noise.strength", 1);
    expect("{noise: {name: isotropic, sigma: 3}}", "noise.1={name: levy, sigma: 2}", "isotropic + levy", "noise.levy.sigma", 2);
    expect("{noise: isotropic}", "noise=[levy, coloured]", "levy + coloured", "noise.coloured.time", 10);
}

/* As a slider does it, and as the window's menu. */
static void values_change_in_place(void **state) {
    (void)state;
    kr_scene scene, changed;
    kr_error error;
    assert_int_equal(parse(&scene, list, NULL, &error), KR_OK);
    const kr_setting settings[] = {{"noise.levy.sigma", kr_number_value(0.25)}, {"noise.0.sigma", kr_number_value(5)}};
    if (kr_scene_change_values(&changed, &scene, settings, 2, "base", &error) != KR_OK) fail_msg("%s", error.message);
    assert_close(number(&changed, "noise.1.sigma"), 0.25, 0, 0);
    assert_close(number(&changed, "noise.0.sigma"), 5, 0, 0);
    assert_close(number(&changed, "noise.2.batch_size"), 2, 0, 0);
    kr_scene_destroy(&changed);
    const kr_setting names[] = {{"noise.1.name", kr_text_value("student_t")}, {"noise.name", kr_text_value("isotropic")}};
    const char *const found[] = {"isotropic + student_t + isotropic", "isotropic"};
    for (int i = 0; i < 2; i++) {
        if (kr_scene_change_values(&changed, &scene, &names[i], 1, "base", &error) != KR_OK) fail_msg("%s", error.message);
        assert_string_equal(changed.noise.about->name, found[i]);
        kr_scene_destroy(&changed);
    }
    kr_scene_destroy(&scene);
}

static void bad_lists_are_refused(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"{noise: []}", NULL, "1 to 8"},
        {"{noise: [{sigma: 1}]}", NULL, "test.yaml:1:10: an entry of noise names a model"},
        {"{noise: [[levy]]}", NULL, "names a model"},
        {"{noise: [levy, levi]}", NULL, "did you mean 'levy'"},
        {"{noise: [{name: levy, alpa: 1}, loss]}", NULL, "test.yaml:1:23: unknown parameter of noise 'levy' 'alpa'"},
        {"{noise: [{name: levy, alpha: 0.5}, loss]}", NULL, "levy.alpha = 0.5"},
        {"{noise: [levy, levy, levy, levy, levy]}", NULL, "10 random numbers"},
        {"{noise: {name: full_covariance, matrix: [[1, 2], [2, 1]]}}", NULL, "in 1 dimensions"},
        {"{landscape: {name: himmelblau}, noise: {name: full_covariance, matrix: [[1, 2], [2, 1]]}}", NULL, "negative eigenvalue"},
        {"{landscape: {name: himmelblau}, noise: {name: full_covariance, matrix: [[1, 2], [3, 9]]}}", NULL, "[1][0] is 3"},
        {list, "noise.isotropic.sigma=1", "2 entries of the list are called 'isotropic'"},
        {list, "noise.loss.strength=1", "by the numbers of its entries"},
        {list, "noise.5.sigma=1", "there is no entry 5"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kr_scene scene;
        kr_error error;
        assert_int_equal(parse(&scene, cases[i][0], cases[i][1], &error), KR_BAD_ARGUMENT);
        if (!strstr(error.message, cases[i][2])) fail_msg("%s: '%s'", cases[i][0], error.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read_and_written),
        cmocka_unit_test(set_finds_a_part),
        cmocka_unit_test(values_change_in_place),
        cmocka_unit_test(bad_lists_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
