/* Seeds use all their 64 bits, from the command line to files and back. */
#include "program.h"

#include <stdbool.h>
#include <stdint.h>

static uint64_t seed_of(json_object *o) {
    return json_object_get_uint64(member(o, "scene.ensemble.seed"));
}

static void all_64_bits(void **state) {
    (void)state;
    static const uint64_t seeds[] = {0, 1, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX};
    double mean[6];
    for (int i = 0; i < 6; i++) {
        char command[300];
        snprintf(
            command, sizeof command,
            "kramers run --json --quiet --set ensemble.steps=20 --set ensemble.particles=64 --set ensemble.seed=%llu -o s%d.h5",
            (unsigned long long)seeds[i], i);
        json_object *o = run_json(command, 0);
        assert_true(seed_of(o) == seeds[i]);
        mean[i] = json_number(o, "mean.potential");
        for (int k = 0; k < i; k++) assert_true(mean[i] != mean[k]); /* other random numbers */
        write_text("again.yaml", json_object_to_json_string(member(o, "scene")));
        json_object_put(o);
        json_object *again = run_json("kramers run again.yaml --json --quiet", 0);
        assert_true(seed_of(again) == seeds[i] && json_number(again, "mean.potential") == mean[i]);
        json_object_put(again);
        snprintf(command, sizeof command, "kramers resume s%d.h5 --json --quiet --steps 40", i);
        json_object *resumed = run_json(command, 0);
        assert_true(seed_of(resumed) == seeds[i]);
        json_object_put(resumed);
    }
    json_object *branch = run_json("kramers resume s1.h5 --json --quiet --seed 18446744073709551615 --steps 60 -o branch.h5", 0);
    assert_true(seed_of(branch) == UINT64_MAX);
    json_object_put(branch);
    run("kramers run --quiet --set ensemble.steps=20 --set ensemble.particles=64 --set ensemble.seed=18446744073709551615", 0);
    assert_contains("table", "out", "seed 18446744073709551615");
}

static void sweeps_keep_them(void **state) {
    (void)state;
    const char *command = "kramers sweep --json --quiet --set ensemble.steps=20 --set ensemble.particles=8 --vary "
                          "ensemble.seed=1,9223372036854775808,18446744073709551615";
    json_object *o = run_json(command, 0), *points = member(o, "points");
    json_object *last = json_object_array_get_idx(points, 2);
    assert_true(json_object_get_uint64(member(last, "seed")) == UINT64_MAX);
    assert_true(json_object_get_uint64(json_object_object_get(member(last, "parameters"), "ensemble.seed")) == UINT64_MAX);
    json_object_put(o);
    run("kramers sweep --quiet --set ensemble.steps=20 --set ensemble.particles=8 --vary ensemble.seed=18446744073709551615", 0);
    assert_contains("csv", "out", ",18446744073709551615,");
}

static void beyond_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"-1", "18446744073709551616", "1e20", "1.5", "abc"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char command[200];
        snprintf(command, sizeof command, "kramers run --set ensemble.seed=%s", wrong[i]);
        run(command, 2);
        assert_contains(command, "err", i < 3 ? "allowed: 0 <= seed <= 18446744073709551615" : "seed must be an integer");
        snprintf(command, sizeof command, "kramers resume s1.h5 --seed=%s -o x.h5", wrong[i]);
        run(command, 2);
        assert_contains(command, "err", "an integer from 0 to 18446744073709551615");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_64_bits),
        cmocka_unit_test(sweeps_keep_them),
        cmocka_unit_test(beyond_is_refused),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
