/* What `kramers bench` says of its numbers: which machine it compares with, and when it calls one slow. */
#include "cli/bench.h"

#include "assert_close.h"

#include <math.h>
#include <string.h>

static const kr_bench_reference table[] = {
    {"Maker A 1 (family 7)", "one", "v4", 1, 100e6}, {"Maker A 1 (family 7)", "one", "v4", 2, 190e6},
    {"Maker A 1 (family 7)", "two", "v4", 1, 10e6},  {"Maker A 2 (family 8)", "one", "v4", 1, 200e6},
    {"Maker B x (family 7)", "one", "v3", 1, 50e6},  {NULL, NULL, NULL, 0, 0}};

static void nearest_machine_is_itself_or_of_the_most_similar_name(void **state) {
    (void)state;
    assert_string_equal(kr_bench_nearest(table, "Maker A 2 (family 8)"), "Maker A 2 (family 8)");
    assert_string_equal(kr_bench_nearest(table, "Maker A 2 (family 9)"), "Maker A 2 (family 8)");
    assert_string_equal(kr_bench_nearest(table, "Maker A 1"), "Maker A 1 (family 7)");
    assert_string_equal(kr_bench_nearest(table, "Maker B"), "Maker B x (family 7)");
    assert_non_null(kr_bench_nearest(table, ""));
    assert_null(kr_bench_nearest(table + 5, "Maker A 1 (family 7)"));
}

static void a_result_is_of_one_scene_instruction_set_and_number_of_threads(void **state) {
    (void)state;
    kr_bench_run run = {.isa = "v4", .threads = 2};
    assert_close(kr_bench_reference_speed(table, "Maker A 1 (family 7)", "one", &run), 190e6, 0, 0);
    assert_true(isnan(kr_bench_reference_speed(table, "Maker A 1 (family 7)", "two", &run)));
    assert_true(isnan(kr_bench_reference_speed(table, "Maker A 2 (family 8)", "one", &run)));
    run.isa = "baseline";
    assert_true(isnan(kr_bench_reference_speed(table, "Maker A 1 (family 7)", "one", &run)));
    assert_true(isnan(kr_bench_reference_speed(table, NULL, "one", &run)));
}

/* All sentences of a measurement of both scenes with v4, one behind the other. */
static const char *verdict(const char *processor, const char *build, double one, double two) {
    static char text[4096];
    const kr_bench_machine machine = {.processors = 2, .virtual_machine = true, .load = 1.25, .build = build};
    const kr_bench_scene scenes[] = {{"one",
                                      3,
                                      {{.isa = "v4", .threads = 1, .speed = one},
                                       {.isa = "v3", .threads = 1, .speed = one / 2},
                                       {.isa = "v4", .threads = 2, .speed = 1.5 * one}}},
                                     {"two",
                                      3,
                                      {{.isa = "v4", .threads = 1, .speed = two},
                                       {.isa = "v3", .threads = 1, .speed = two / 3},
                                       {.isa = "v4", .threads = 2, .speed = 1.5 * two}}}};
    kr_bench_verdict v = {.machine = &machine, .scenes = scenes, .count = 2, .table = table};
    v.reference = kr_bench_nearest(table, processor);
    v.same_processor = !strcmp(v.reference, processor);
    *text = 0;
    char sentence[1024];
    size_t count = 0;
    for (; kr_bench_sentence(&v, count, sentence, sizeof sentence); count++) {
        strcat(text, sentence);
        strcat(text, "\n");
    }
    assert_true(count >= 2 && count <= 5);
    return text;
}

static void assert_says(const char *text, const char *wanted, bool expected) {
    if ((strstr(text, wanted) != NULL) != expected) fail_msg("%s'%s' in: %s", expected ? "no " : "", wanted, text);
}

static void machine_and_instruction_sets(void **state) {
    (void)state;
    const char *text = verdict("Maker A 1 (family 7)", "optimised", 100e6, 10e6);
    assert_says(text, "2 processors of a virtual machine, load 1.2 before", true);
    assert_says(text, "v3 takes 2.0 to 3.0 times as long; 2 threads are 1.5 times as fast as one.", true);
    assert_says(text, "without optimisation", false);
    assert_says(verdict("Maker A 1 (family 7)", "not optimised", 100e6, 10e6), "without optimisation", true);
}

static void slower_than_its_own_result_is_said_with_reasons(void **state) {
    (void)state;
    const char *own = "Maker A 1 (family 7)", *slow = "two is below 85 % of this processor's own committed result. ";
    const char *text = verdict(own, "optimised", 100e6, 8.51e6);
    assert_says(text, "one 100 M particle-steps/s, 100 % of the committed result of this processor (100 M/s); two 8.51 M", true);
    assert_says(text, "as fast as this processor should be", true);
    assert_says(text, slow, false);
    text = verdict(own, "not optimised", 100e6, 8.49e6);
    assert_says(text, "reason is other programs", true);
    assert_says(text, slow, true);
    assert_says(text, "load 1.2 on 2 processors", true);
    assert_says(text, "not an optimised one", true);
    assert_says(text, "as fast as this processor should be", false);
    assert_says(verdict(own, "optimised", 84.9e6, 8e6), "one and two are below 85 %", true);
    assert_says(verdict(own, "optimised", 1350.4e6, 1e9), "one 1350 M particle-steps/s, 1350 % of", true);
}

static void another_processor_is_named_and_not_called_slow(void **state) {
    (void)state;
    const char *text = verdict("Maker A 2 (family 9)", "optimised", 20e6, 1e6);
    assert_says(text, "one 20 M particle-steps/s, 10 % of the committed result of Maker A 2 (family 8) (200 M/s); two 1 M", true);
    assert_says(text, "compares two processors", true);
    assert_says(text, "below", false);
    text = verdict("Maker B", "optimised", 20e6, 1e6); /* which has results of v3 alone */
    assert_says(text, "one 20 M particle-steps/s; two 1 M particle-steps/s.", true);
    assert_says(text, "no committed result to compare with", true);
}

static void a_short_buffer_cuts_a_sentence(void **state) {
    (void)state;
    const kr_bench_machine machine = {.processors = 1, .load = NAN, .build = "optimised"};
    const kr_bench_scene scene = {"one", 1, {{.isa = "v4", .threads = 1, .speed = 1e6}}};
    const kr_bench_verdict v = {.machine = &machine, .scenes = &scene, .count = 1, .table = table};
    char text[16];
    for (size_t i = 0; kr_bench_sentence(&v, i, text, sizeof text); i++) assert_true(strlen(text) < sizeof text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_machine_is_itself_or_of_the_most_similar_name),
        cmocka_unit_test(a_result_is_of_one_scene_instruction_set_and_number_of_threads),
        cmocka_unit_test(machine_and_instruction_sets),
        cmocka_unit_test(slower_than_its_own_result_is_said_with_reasons),
        cmocka_unit_test(another_processor_is_named_and_not_called_slow),
        cmocka_unit_test(a_short_buffer_cuts_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
