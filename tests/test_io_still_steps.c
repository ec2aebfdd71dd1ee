/* Steps at a learning rate at which nothing moves: named, left out of a mean of their own, and counted the same after a resume. */
#include "program.h"

#include <stdbool.h>

static const char scene[] = "schedule: {name: linear, lr: 0.05, steps: 2000}\n"
                            "ensemble: {particles: 512, steps: 20000}\n"
                            "escape: {until: {coordinate: 0, above: 1.0}}\n";

static void a_finished_schedule_is_named(void **state) {
    (void)state;
    write_text("zero.yaml", scene);
    json_object *o = run_json("kramers run zero.yaml --json", 0);
    assert_contains("run", "err",
                    "90 % of the steps are at a learning rate below 1e-3 of the largest, where nothing moves, and count");
    assert_close(json_number(o, "still_fraction"), 1 - 1999.0 / 20000, 1e-12, 0);
    assert_close(json_number(o, "escape.moving.exposure_steps"), 512 * 1999, 0, 0);
    assert_close(json_number(o, "escape.moving.events"), json_number(o, "escape.events"), 0, 0);
    assert_close(json_number(o, "escape.moving.mfpt_steps"), 512 * 1999 / json_number(o, "escape.events"), 1e-14, 0);
    json_object *short_one = run_json("kramers run zero.yaml --json --set ensemble.steps=1999", 0);
    assert_true(json_object_equal(member(o, "escape.moving"), member(short_one, "escape.moving")));
    assert_close(json_number(short_one, "still_fraction"), 0, 0, 0);
    json_object_put(o);
    json_object_put(short_one);
    run("kramers run zero.yaml", 0);
    assert_contains("run", "out", "90 % of the steps are at a learning rate below 1e-3 of the largest");
    run("kramers run --quiet --set ensemble.steps=100", 0);
    char *text = read_file("out");
    assert_null(strstr(text, "of the steps are at a learning rate")); /* constant: nothing is to be said */
    free(text);
}

/* Hot enough for passages at a rate of 5e-4 of the first. No theory has a chain of this dynamics: predicting survival at such steps
 * would take a hundred times as long as the runs, and says nothing here. */
enum { MOVING = 200, SHORT = 2 * MOVING, LONG = 20 * MOVING };
static const char steps[] = "schedule: {name: sequence, parts: [{name: constant, lr: 0.05, steps: %d},"
                            " {name: constant, lr: 0.000025, steps: 1}]}\n"
                            "ensemble: {particles: 512, steps: %d}\n"
                            "dynamics: {name: psgld, temperature: 20}\n"
                            "escape: {until: {coordinate: 0, above: 1.0}%s}\n"
                            "trajectory: {every: %d, particles: 1, flush: 1}\n";

static void goes_on_as_if_never_stopped(const char *more) {
    char text[600], command[200];
    snprintf(text, sizeof text, steps, MOVING, SHORT, more, MOVING / 2);
    write_text("steps.yaml", text);
    run("rm -f a.h5 b.h5", 0);
    snprintf(command, sizeof command, "kramers run steps.yaml --json --quiet -o a.h5 --set ensemble.steps=%d", LONG);
    json_object *whole = run_json(command, 0);
    run("kramers run steps.yaml --quiet -o b.h5", 0);
    snprintf(command, sizeof command, "kramers resume b.h5 --json --quiet --steps %d", LONG);
    json_object *resumed = run_json(command, 0);
    assert_true(json_object_equal(member(whole, "escape.moving"), member(resumed, "escape.moving")));
    assert_true(json_number(whole, "escape.moving.exposure_steps") <= 512.0 * MOVING);
    if (!*more) { /* else both end when all have arrived, the second later, where it was resumed */
        double still = json_number(whole, "escape.events") - json_number(whole, "escape.moving.events");
        assert_true(still > 20 && json_number(whole, "escape.moving.events") > 100);
        assert_close(json_number(whole, "escape.moving.exposure_steps"), 512.0 * MOVING, 0, 0);
        assert_close(json_number(whole, "still_fraction"), 1 - (double)MOVING / LONG, 1e-12, 0);
        assert_close(json_number(resumed, "still_fraction"), 1 - (double)MOVING / LONG, 1e-12, 0);
    }
    json_object_put(whole);
    json_object_put(resumed);
}

static void a_resumed_run_knows_all_passages(void **state) {
    (void)state;
    goes_on_as_if_never_stopped("");
    goes_on_as_if_never_stopped(", renewal: false");
}

static void a_branch_knows_those_before_it(void **state) {
    (void)state;
    char command[200];
    snprintf(command, sizeof command, "kramers run steps.yaml --json --quiet --set ensemble.steps=%d", LONG);
    json_object *branch = run_json("kramers resume b.h5 --json --quiet --seed 7 -o branch.h5", 0), *before = run_json(command, 0);
    assert_true(json_object_equal(member(branch, "escape.moving"), member(before, "escape.moving")));
    json_object_put(branch);
    json_object_put(before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finished_schedule_is_named),
        cmocka_unit_test(a_resumed_run_knows_all_passages),
        cmocka_unit_test(a_branch_knows_those_before_it),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
