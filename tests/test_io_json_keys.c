/* What programs read: whatever was measured, every key is there, null where there is nothing; and no table says nan. */
#include "program.h"

#include <stdbool.h>

enum { LONGEST = 200 };

/* Keys that differ by right: what was asked for, and the numbers that each theory has of its own. */
static bool is_left_out(const char *key) {
    return !strcmp(key, "scene") || !strcmp(key, "theory");
}

/* One key in each line, sorted as json-c keeps them. */
static void list_keys(json_object *object, const char *path, FILE *out) {
    json_object_object_foreach(object, key, value) {
        char here[LONGEST];
        snprintf(here, sizeof here, "%s.%s", path, key);
        fprintf(out, "%s\n", here);
        if (json_object_is_type(value, json_type_object) && !is_left_out(key)) list_keys(value, here, out);
    }
}

static char *keys_of(json_object *object) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    list_keys(object, "", out);
    fclose(out);
    return text;
}

/* Entries of a list are told apart by their values, never by which keys they have. */
static void entries_have_equal_keys(const char *command, json_object *array, bool theories) {
    static const char *const of_theory[] = {
        "name",        "reference", "applies",  "why",  "mfpt_steps", "mfpt_time", "rate", "spectral_gap", "spectral_gap_steps",
        "temperature", "variation", "accuracy", "note", "z",          "gap_z"};
    char *first = NULL;
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *entry = json_object_array_get_idx(array, i);
        for (size_t k = 0; theories && k < sizeof of_theory / sizeof *of_theory; k++)
            if (!json_object_object_get_ex(entry, of_theory[k], NULL))
                fail_msg("%s: entry %zu has no %s", command, i, of_theory[k]);
        if (theories) continue;
        char *keys = keys_of(entry);
        if (!first) first = strdup(keys);
        if (strcmp(first, keys) != 0) fail_msg("%s: entry %zu has %s, entry 0 %s", command, i, keys, first);
        free(keys);
    }
    free(first);
}

static void every_run_has_the_same_keys(void **state) {
    (void)state;
    static const char *const commands[] = {
        "kramers run --json --quiet --set ensemble.steps=20 --set ensemble.particles=8",
        "kramers run --json --quiet --set ensemble.steps=20 --set ensemble.particles=8 --set escape.until=[]",
        "kramers run --json --quiet --set ensemble.steps=5000 --set ensemble.particles=8 --set escape.renewal=false "
        "--set dynamics.temperature=2", /* all arrive: means of nobody */
        "kramers run --json --quiet --set ensemble.steps=50 --set ensemble.particles=8 --set schedule.lr=1e6 "
        "--set ensemble.max_diverged=1 --set dynamics.name=langevin --set histogram.every=5 --set energy.every=5 --set "
        "statistics.every=5",
        "kramers run --json --quiet --set ensemble.steps=50 --set ensemble.particles=8 --set schedule.name=cosine",
        "kramers run muller_brown --json --quiet --set ensemble.steps=20 --set ensemble.particles=8",
        "kramers run harmonic --json --quiet --set ensemble.steps=20 --set ensemble.particles=8",
        "kramers run splitting --json --quiet --set escape.repeats=2 --set escape.replicas=10",
        "kramers run --json --quiet --set ensemble.steps=200 --set ensemble.particles=8 --set escape.until=[] "
        "--set transitions.every=10"};
    char *first = NULL;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        json_object *o = run_json(commands[i], 0);
        char *keys = keys_of(o);
        if (!first) first = strdup(keys);
        if (strcmp(first, keys) != 0) fail_msg("%s\n has %s\n instead of %s", commands[i], keys, first);
        entries_have_equal_keys(commands[i], member(o, "escape.theory"), true);
        free(keys);
        json_object_put(o);
    }
    assert_true(strstr(first, ".escape.mfpt_steps\n") && strstr(first, ".histogram.") && strstr(first, ".transitions."));
    free(first);
}

static void sweeps_have_every_column_at_every_point(void **state) {
    (void)state;
    const char *command = "kramers sweep --json --quiet --set ensemble.steps=300 --set ensemble.particles=64 "
                          "--vary dynamics.temperature=0.001,2 --vary schedule.name=constant,cosine";
    json_object *o = run_json(command, 0), *points = member(o, "points"), *columns;
    assert_int_equal(json_object_array_length(points), 4);
    entries_have_equal_keys(command, points, false);
    json_object *cold = json_object_array_get_idx(points, 0);
    assert_close(json_number(cold, "events"), 0, 0, 0);
    assert_true(json_object_object_get_ex(cold, "mfpt_steps", &columns) && !columns);
    json_object *theories = member(cold, "theory");
    for (size_t i = 0; i < json_object_array_length(theories); i++)
        assert_true(json_object_object_get_ex(json_object_array_get_idx(theories, i), "z", NULL));
    assert_true(json_object_object_get_ex(member(o, "fit"), "slope", &columns) && !columns);
    assert_true(json_object_object_get_ex(member(o, "fit"), "corrected", NULL));
    assert_false(json_object_get_boolean(member(o, "interrupted")));
    json_object_put(o);
}

static void other_lists_have_equal_entries(void **state) {
    (void)state;
    const char *command =
        "kramers theory --json --set schedule.name=cosine_restarts --set schedule.period=50 --set ensemble.steps=200";
    json_object *o = run_json(command, 0);
    entries_have_equal_keys(command, o, true); /* escape by cycles among them */
    json_object *cycles = member(json_object_array_get_idx(o, json_object_array_length(o) - 1), "cycles");
    assert_true(json_object_array_length(cycles) > 1);
    entries_have_equal_keys(command, cycles, false);
    json_object_put(o);
    command = "kramers theory muller_brown --critical-points --json";
    o = run_json(command, 0);
    entries_have_equal_keys(command, member(o, "points"), false);
    entries_have_equal_keys(command, member(o, "saddles"), false);
    char *few = keys_of(o);
    json_object_put(o);
    o = run_json("kramers theory styblinski_tang --critical-points --json", 0);
    char *many = keys_of(o);
    assert_string_equal(few, many);
    free(few);
    free(many);
    json_object_put(o);
    command = "kramers list --json";
    o = run_json(command, 0);
    json_object_object_foreach(o, kind, entries) {
        entries_have_equal_keys(kind, entries, false);
        for (size_t i = 0; i < json_object_array_length(entries); i++) {
            json_object *parameters = member(json_object_array_get_idx(entries, i), "parameters");
            if (parameters) entries_have_equal_keys(kind, parameters, false);
        }
    }
    json_object_put(o);
}

/* A scene of JSON is a scene: its nulls are what is not given. */
static void the_scene_of_a_result_runs_again(void **state) {
    (void)state;
    json_object *o = run_json("kramers run --json --quiet --set ensemble.steps=20 --set ensemble.particles=8 "
                              "--set histogram.every=5 --set histogram.high=3",
                              0),
                *nothing;
    assert_true(json_object_object_get_ex(member(o, "scene.escape.until"), "below", &nothing) && !nothing);
    assert_true(json_object_object_get_ex(member(o, "scene.histogram"), "low", &nothing) && !nothing);
    assert_true(json_object_object_get_ex(member(o, "scene.trajectory"), "file", &nothing) && !nothing);
    write_text("again.yaml", json_object_to_json_string(member(o, "scene")));
    json_object *again = run_json("kramers run again.yaml --json --quiet", 0);
    assert_true(json_object_equal(member(o, "scene"), member(again, "scene")));
    assert_true(json_object_equal(member(o, "histogram"), member(again, "histogram")));
    json_object_put(o);
    json_object_put(again);
    run("kramers run --set dynamics.temperature=null", 2); /* which has a default: nothing is no value of it */
    assert_contains("null", "err", "temperature must be a number, not empty");
}

static void no_table_says_nan(void **state) {
    (void)state;
    static const char *const commands[] = {
        "kramers run --quiet --set ensemble.steps=100000 --set ensemble.particles=8 --set escape.renewal=false "
        "--set dynamics.temperature=2 --set statistics.every=10",
        "kramers run --quiet --set ensemble.steps=50 --set ensemble.particles=8 --set schedule.lr=1e6 --set "
        "ensemble.max_diverged=1 "
        "--set dynamics.name=langevin --set histogram.every=5 --set energy.every=5 --set escape.renewal=false",
        "kramers run --quiet --set ensemble.steps=50 --set ensemble.particles=8 --set schedule.lr=1e6 --set "
        "ensemble.max_diverged=1 "
        "--set escape.until=[] --set transitions.every=5",
        "kramers theory --set schedule.name=cosine --set schedule.warmup.steps=10 --set ensemble.steps=300",
        "kramers run splitting --quiet --set escape.repeats=2 --set escape.replicas=10 --set dynamics.temperature=0.02"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        run(commands[i], 0);
        char *text = read_file("out");
        for (char *c = text; (c = strstr(c, "nan")); c++)
            if ((c == text || strchr(" -+", c[-1])) && strchr(" \n,", c[3])) fail_msg("%s says nan: %s", commands[i], text);
        free(text);
        if (i == 0) assert_contains(commands[i], "out", "  position                    ");
        if (i != 1) continue;
        assert_contains(commands[i], "out", "  position                    unknown\n");
        assert_contains(commands[i], "out", "  population of the wells     unknown\n");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_run_has_the_same_keys),
        cmocka_unit_test(sweeps_have_every_column_at_every_point),
        cmocka_unit_test(other_lists_have_equal_entries),
        cmocka_unit_test(the_scene_of_a_result_runs_again),
        cmocka_unit_test(no_table_says_nan),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
