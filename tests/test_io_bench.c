/* kramers bench: what it prints, of what it measures, and beside which committed results. */
#include "program.h"
#include "sanitized.h"

#include <kramers/registry.h>

#include <glob.h>
#include <stdbool.h>

/* The speed that bench/results has of this processor; NAN: none. */
static double committed(const char *processor, const char *scene, const char *isa, int threads) {
    double speed = NAN;
    glob_t files;
    assert_int_equal(glob(KR_SOURCE_DIRECTORY "/bench/results/*.json", 0, NULL, &files), 0);
    for (size_t f = 0; f < files.gl_pathc; f++) {
        json_object *root = json_object_from_file(files.gl_pathv[f]), *results = member(root, "results");
        assert_non_null(root);
        bool same = !strcmp(json_object_get_string(member(root, "machine.processor")), processor);
        for (size_t i = 0;
             same && results && json_object_is_type(results, json_type_array) && i < json_object_array_length(results); i++) {
            json_object *result = json_object_array_get_idx(results, i), *runs = member(result, "kramers");
            const char *name = json_object_get_string(member(result, "workload"));
            for (size_t k = 0; name && !strcmp(name, scene + strlen("bench_")) && k < json_object_array_length(runs); k++) {
                json_object *run = json_object_array_get_idx(runs, k);
                if (!strcmp(json_object_get_string(member(run, "isa")), isa) && json_number(run, "threads") == threads)
                    speed = json_number(run, "particle_steps_per_second");
            }
        }
        json_object_put(root);
    }
    globfree(&files);
    return speed;
}

static void json_says_what_the_committed_results_say(void **state) {
    (void)state;
    /* With sanitizers one instruction set and one thread: the others take a minute. */
    json_object *o = run_json(SANITIZED ? "kramers bench --json --seconds 0.02 --isa auto --threads 1"
                                        : "kramers bench --json --seconds 0.02",
                              0),
                *scenes = member(o, "scenes");
    const char *reference = json_object_get_string(member(o, "reference.processor"));
    bool same = json_object_get_boolean(member(o, "reference.same_processor"));
    assert_int_equal(same, !strcmp(reference, json_object_get_string(member(o, "machine.processor"))));
    assert_true(json_number(o, "machine.processors") >= 1);
    assert_int_equal(json_object_array_length(scenes), 3);
    size_t compared = 0;
    for (size_t i = 0; i < 3; i++) {
        json_object *scene = json_object_array_get_idx(scenes, i), *runs = member(scene, "runs");
        for (size_t k = 0; k < json_object_array_length(runs); k++) {
            json_object *run = json_object_array_get_idx(runs, k);
            assert_true(json_number(run, "particle_steps_per_second") > 0);
            if (json_number(run, "threads") == 1) /* a processor is busy for as long as it takes, or for less */
                assert_true(json_number(run, "particle_steps_per_processor_second") >
                            0.9 * json_number(run, "particle_steps_per_second"));
            double speed = committed(reference, json_object_get_string(member(scene, "scene")),
                                     json_object_get_string(member(run, "isa")), (int)json_number(run, "threads"));
            if (isnan(speed)) {
                assert_null(member(run, "reference_particle_steps_per_second"));
                continue;
            }
            assert_close(json_number(run, "reference_particle_steps_per_second"), speed, 1e-14, 0);
            compared++;
        }
    }
    assert_true(compared >= 3); /* at least the baseline of each scene */
    json_object *verdict = member(o, "verdict");
    assert_true(json_object_array_length(verdict) >= 2 && json_object_array_length(verdict) <= 5);
    assert_non_null(strstr(json_object_get_string(json_object_array_get_idx(verdict, 0)), "This machine: "));
    json_object_put(o);
}

/* Every plug-in has a row: a speed, or why there is none. */
static void all_plugins_are_measured(void **state) {
    (void)state;
    json_object *o = run_json("kramers bench --all --json --seconds 0.001 --isa auto", 0), *rows = member(o, "rows");
    const kr_registry *registry;
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    const struct {
        const char *kind;
        const void *list;
    } kinds[] = {{"dynamics", registry->dynamics}, {"noise", registry->noises}, {"landscape", registry->landscapes}};
    size_t number = 0;
    for (size_t k = 0; k < 3; k++)
        for (const kr_descriptor *const *about = kinds[k].list; *about; about++, number++) {
            json_object *row = json_object_array_get_idx(rows, number);
            assert_string_equal(json_object_get_string(member(row, "kind")), kinds[k].kind);
            assert_string_equal(json_object_get_string(member(row, "name")), (*about)->name);
            const char *refused = json_object_get_string(member(row, "refused"));
            if (refused) fail_msg("%s %s: %s", kinds[k].kind, (*about)->name, refused);
            assert_true(json_number(row, "coordinate_steps_per_processor_second") > 0 && json_number(row, "share") > 0);
        }
    assert_int_equal(json_object_array_length(rows), number);
    assert_non_null(strstr(json_object_get_string(member(o, "verdict")), "reach one third of the speed of sgld on double_well"));
    json_object_put(o);
    run("kramers bench --all --set ensemble.seed=2", 2);
    run("kramers bench double_well --all", 2);
}

static void a_scene_with_other_settings_has_nothing_to_compare_with(void **state) {
    (void)state;
    const char *command =
        "kramers bench bench_sgld_double_well --isa baseline --threads 1 --seconds 0.02 --set ensemble.particles=64";
    run(command, 0);
    assert_contains(command, "out", "This machine: ");
    assert_contains(command, "out", "Instruction set: baseline.");
    assert_contains(command, "out", "There is no committed result to compare with");
}

/* The passages are those of a run: nothing is left out, and observers do not change them. */
static void passages_are_those_of_a_run(void **state) {
    (void)state;
    const char *all = "--set histogram.every=100 --set statistics.every=100";
    char command[400];
    snprintf(command, sizeof command, "kramers bench double_well --json --threads 1 --isa baseline --seconds 0.3 %s", all);
    json_object *o = run_json(command, 0);
    json_object *row = json_object_array_get_idx(member(json_object_array_get_idx(member(o, "scenes"), 0), "runs"), 0);
    double exposure = json_number(row, "exposure_steps"), events = json_number(row, "events");
    snprintf(command, sizeof command, "kramers run double_well --json --quiet --set ensemble.steps=%.0f", exposure / 4096);
    json_object *real = run_json(command, 0);
    assert_true(events > 10);
    assert_close(json_number(real, "escape.events"), events, 0, 0);
    json_object_put(real);
    json_object_put(o);
}

/* Ends that the scene asks for do not count, nor do its file and its splitting. */
static void a_run_for_timing_has_no_end_and_no_file(void **state) {
    (void)state;
    run("kramers bench double_well --threads 1 --isa baseline --seconds 0.05 --set ensemble.steps=10 "
        "--set ensemble.until_events=1 --set trajectory.file=written.h5 --set escape.method=splitting",
        0);
    assert_int_equal(access("written.h5", F_OK), -1);
}

static void what_cannot_be_timed_is_said(void **state) {
    (void)state;
    run("kramers bench double_well --threads 1 --isa baseline --seconds 20 --set ensemble.particles=64 --set escape.renewal=false "
        "--set 'escape.until={coordinate: 0, above: -0.999}'",
        2);
    assert_contains("renewal: false", "err", "too early for a measurement");
    run("kramers bench double_well --threads 1 --isa baseline --seconds 0.05 --set schedule.lr=10 --set 'escape.until=[]'", 4);
    assert_contains("diverged", "err", "no longer finite");
    run("kramers bench --isa nothing", 2);
    run("kramers bench no_such_scene", 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_says_what_the_committed_results_say),
        cmocka_unit_test(all_plugins_are_measured),
        cmocka_unit_test(a_scene_with_other_settings_has_nothing_to_compare_with),
        cmocka_unit_test(passages_are_those_of_a_run),
        cmocka_unit_test(a_run_for_timing_has_no_end_and_no_file),
        cmocka_unit_test(what_cannot_be_timed_is_said),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
