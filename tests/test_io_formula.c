/* Losses spelled out, as users meet them: runs, theories, files, sweeps, and what goes wrong while particles move. */
#include "program.h"
#include "sanitized.h"

#include <kramers/file_check.h>

static const char well[] =
    "landscape: {name: formula, potential: \"h*(x^2 - 1)^2 + c*x + k*y^2/2\", variables: [x, y], h: 1, c: 0.1, k: 1}\n";
static const char twin[] = "landscape: {name: double_well, barrier: 1, tilt: 0.1, dim: 2}\n";
static const char rest[] = "dynamics: {name: sgld, temperature: 0.3}\n"
                           "ensemble: {particles: 512, steps: 4000}\n"
                           "escape: {until: {coordinate: 0, above: 0.9}}\n";

static void write_scene(const char *name, const char *landscape, const char *more) {
    char text[2000];
    snprintf(text, sizeof text, "%s%s", landscape, more);
    write_text(name, text);
}

static int enter(void **state) {
    if (enter_directory(state)) return -1;
    write_scene("formula.yaml", well, rest);
    write_scene("twin.yaml", twin, rest);
    return 0;
}

static json_object *out(const char *command) {
    run(command, 0);
    char *text = read_file("out");
    json_object *object = json_tokener_parse(text);
    assert_non_null(object);
    free(text);
    return object;
}

static double number(json_object *object, const char *path) {
    json_object *value = member(object, path);
    if (!value) fail_msg("there is no %s", path);
    return json_object_get_double(value);
}

/* The same particles: rounding differs, the chaos of so few steps does not reach the mean. Theory to its accuracy. */
static void a_run_is_that_of_the_built_in_landscape(void **state) {
    (void)state;
    if (SANITIZED) skip(); /* minutes of theories, which test_formula looks into */
    json_object *formula = out("kramers run formula.yaml --json --quiet"), *other = out("kramers run twin.yaml --json --quiet");
    double a = number(formula, "escape.mfpt_steps"), b = number(other, "escape.mfpt_steps");
    assert_true(number(formula, "escape.events") > 300);
    assert_close(a, b, 0.02, 0);
    assert_close(number(formula, "mean.potential"), number(other, "mean.potential"), 0.1, 0);
    json_object_put(formula);
    json_object_put(other);
    json_object *theories = out("kramers theory formula.yaml --json"), *theirs = out("kramers theory twin.yaml --json");
    size_t seen = 0, count = json_object_array_length(theories);
    assert_int_equal(count, json_object_array_length(theirs));
    for (size_t i = 0; i < count; i++) {
        json_object *mine = member(json_object_array_get_idx(theories, i), "mfpt_time"),
                    *its = member(json_object_array_get_idx(theirs, i), "mfpt_time");
        assert_int_equal(mine != NULL, its != NULL);
        if (!mine) continue;
        assert_close(json_object_get_double(mine), json_object_get_double(its), 1e-6, 0);
        seen++;
    }
    assert_true(seen >= 5); /* kramers, eyring_kramers, quadrature, chain, finite_rate */
    json_object_put(theories);
    json_object_put(theirs);
}

static void threads_and_instruction_sets_do_not_matter(void **state) {
    (void)state;
    char *first = NULL;
    static const char *const options[] = {"--threads 1", "--threads 2", "--isa baseline --threads 2"};
    for (size_t i = 0; i < 3; i++) {
        char command[300];
        snprintf(command, sizeof command,
                 "kramers run formula --set ensemble.particles=300 --set ensemble.steps=300 --quiet --json %s | grep -A2 -m1 "
                 "'\"position\": \\['",
                 options[i]);
        run(command, 0);
        char *text = read_file("out");
        assert_true(strlen(text) > 30);
        if (first) assert_string_equal(first, text);
        if (!first) first = strdup(text);
        free(text);
    }
    free(first);
}

static void a_file_keeps_the_formula(void **state) {
    (void)state;
    if (SANITIZED) skip(); /* minutes of theories, which test_formula looks into */
    run("kramers run formula.yaml -o short.h5 --quiet --set landscape.h=0.9", 0);
    json_object *whole = out("kramers run formula.yaml --set ensemble.steps=8000 --set landscape.h=0.9 --json --quiet");
    json_object *resumed = out("kramers resume short.h5 --steps 8000 --json --quiet");
    assert_true(number(resumed, "scene.landscape.h") == 0.9);
    assert_true(number(resumed, "escape.events") == number(whole, "escape.events"));
    assert_true(number(resumed, "mean.potential") == number(whole, "mean.potential"));
    assert_string_equal(json_object_get_string(member(resumed, "scene.landscape.potential")),
                        json_object_get_string(member(whole, "scene.landscape.potential")));
    json_object_put(whole);
    json_object_put(resumed);
}

static void parameters_are_swept(void **state) {
    (void)state;
    if (SANITIZED) skip(); /* minutes of theories, which test_formula looks into */
    json_object *sweep = out("kramers sweep formula.yaml --vary landscape.h=0.5:1:3 --json --quiet");
    char *text = read_file("out");
    assert_non_null(strstr(text, "landscape.h"));
    free(text);
    json_object_put(sweep);
    run("kramers sweep formula.yaml --vary landscape.hh=0.5,1 --quiet", 2);
    assert_contains("sweep", "err", "unknown parameter of landscape 'formula' 'hh'; did you mean 'h'?");
}

/* The logarithm of a negative number is no number: those particles are frozen and counted, and too many are a failure. */
static void what_is_not_finite_has_diverged(void **state) {
    (void)state;
    write_scene("hole.yaml", "landscape: {name: formula, potential: \"x - log(x)\", variables: [x]}\n",
                "dynamics: {name: sgld, temperature: 2}\nensemble: {particles: 100, steps: 1000}\n"
                "schedule: {name: constant, lr: 0.1}\n");
    run("kramers run hole.yaml --quiet", 4);
    assert_contains("hole", "err", "diverged");
    write_scene("pole.yaml", "landscape: {name: formula, potential: \"x^2 + 1/x\", variables: [x]}\n",
                "ensemble: {particles: 10, steps: 10, start: {point: [0]}}\n");
    assert_true(shell("kramers run pole.yaml --quiet") != 0);
}

static void splitting_and_noise_take_any_formula(void **state) {
    (void)state;
    if (SANITIZED) skip();
    run("kramers run formula --quiet --set escape.method=splitting --set escape.replicas=64 --set escape.repeats=4 "
        "--set dynamics.temperature=0.15",
        0);
    run("kramers run formula --quiet --set noise.name=curvature --set ensemble.steps=200 --set ensemble.particles=64", 0);
    run("kramers run formula --quiet --set dynamics.name=langevin --set ensemble.steps=200 --set ensemble.particles=64 "
        "--set ensemble.start='{gibbs: 0}'",
        0);
    run("kramers theory formula --critical-points", 0);
    assert_contains("formula", "out", "0 - 1 ");
}

/* A scene in a file of somebody else is a text like any other. */
static void forged_formulas_are_refused(void **state) {
    (void)state;
    run("kramers run formula.yaml -o forged.h5 --quiet", 0);
    char command[300];
    static const char *const by[][2] = {
        {"c*x + k", "((((((("}, {"c*x + k", "q*x + k"}, {"(x^2 - 1)", "(x^2 - z)"}, {"k*y^2/2", "k*y^2/0"}};
    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        char *bytes = malloc(1u << 24);
        FILE *file = fopen("forged.h5", "rb");
        assert_true(bytes && file);
        size_t size = fread(bytes, 1, 1u << 24, file), length = strlen(by[i][0]), changed = 0;
        fclose(file);
        assert_int_equal(length, strlen(by[i][1]));
        for (size_t k = 0; k + length <= size; k++)
            if (!memcmp(bytes + k, by[i][0], length)) {
                memcpy(bytes + k, by[i][1], length);
                changed++;
            }
        assert_true(changed > 0);
        write_file("other.h5", bytes, size);
        free(bytes);
        kr_error error;
        if (kr_file_renew("other.h5", &error) != KR_OK) fail_msg("%s", error.message); /* as who forges it would */
        snprintf(command, sizeof command, "kramers resume other.h5 --quiet");
        run(command, 2);
        assert_contains(command, "err", "potential, column ");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_that_of_the_built_in_landscape),
        cmocka_unit_test(threads_and_instruction_sets_do_not_matter),
        cmocka_unit_test(a_file_keeps_the_formula),
        cmocka_unit_test(parameters_are_swept),
        cmocka_unit_test(what_is_not_finite_has_diverged),
        cmocka_unit_test(splitting_and_noise_take_any_formula),
        cmocka_unit_test(forged_formulas_are_refused),
    };
    return cmocka_run_group_tests(tests, enter, leave_directory);
}
