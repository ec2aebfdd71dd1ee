/* Phases on the command line: bad input, files, going on from any flush, reports. */
#include "program.h"
#include "sanitized.h"

#include <hdf5.h>
#include <kramers/kramers.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- bad input ---- */

/* Lines 1 to 3 of scene.yaml; what follows begins in line 4. */
#define AROUND                                                                                                                     \
    "landscape: {name: double_well, dim: 2}\n"                                                                                     \
    "ensemble: {particles: 64}\n"                                                                                                  \
    "phases:\n"

/* Lines 1 to 6; the second phase is line 7. */
#define NETWORK                                                                                                                    \
    "landscape: {name: network, data: moons, points: 40, hidden: [3]}\n"                                                           \
    "noise: {name: minibatch, batch_size: 4}\n"                                                                                    \
    "dynamics: sgd\n"                                                                                                              \
    "ensemble: {particles: 8}\n"                                                                                                   \
    "phases:\n"                                                                                                                    \
    "  - {name: a, steps: 5}\n"

static const struct {
    const char *scene, *command;
    const char *message;
} bad[] = {
    {AROUND "  - {name: a, steps: 5}\n  - {name: b, steps: 5, prune: {fraction: 1}}\n", "run",
     "scene.yaml:5:43: fraction = 1 is out of range; allowed: 0 <= fraction < 1"},
    {AROUND "  - {name: a, steps: 5}\n  - {name: b, steps: 5, prune: {fraction: 1.5}}\n", "run", "scene.yaml:5:43: fraction = 1.5"},
    {AROUND "  - {name: a, steps: 5}\n  - {name: b, steps: 5, prune: {by: random}}\n", "run",
     "scene.yaml:5:32: 'prune' needs 'fraction'"},
    {AROUND "  - {name: a, steps: 5}\n  - {name: b, steps: 5, prune: {fraction: 0.5, by: size}}\n", "run",
     "scene.yaml:5:52: by must be one of magnitude, random or initial_magnitude, not 'size'"},
    {AROUND "  - {name: a, steps: 5}\n  - {name: b, steps: 5, prune: {fraction: 0.5, scope: layer}}\n", "run",
     "scene.yaml:5:32: phases.1.prune: scope: layer is for networks, and the landscape 'double_well' has no layers"},
    {AROUND "  - {name: dense, steps: 5}\n  - {name: b, steps: 5, rewind: {phase: dens}}\n", "run",
     "scene.yaml:5:41: there is no phase 'dens'; did you mean 'dense'?"},
    {AROUND "  - {name: a, steps: 5}\n  - {name: b, steps: 5, rewind: {phase: a, step: 6}}\n", "run",
     "scene.yaml:5:50: step 6 is beyond phase 'a', which has 5 steps"},
    {AROUND "  - {name: a, steps: 5, rewind: {phase: b}}\n  - {name: b, steps: 5}\n", "run",
     "scene.yaml:4:41: particles of phase 'a' can go back to an earlier phase only, and 'b' is a later one"},
    {AROUND "  - {name: a, steps: 5, rewind: {phase: a}}\n", "run", "and 'a' is itself"},
    {AROUND "  - {name: a, steps: 5}\n  - {name: a, steps: 5}\n", "run",
     "scene.yaml:5:12: phase 0 is called 'a' already; phases have names of their own"},
    {AROUND "  - {name: 12, steps: 5}\n", "run", "scene.yaml:4:12: '12' is no name for a phase"},
    {AROUND "  - {name: a b, steps: 5}\n", "run", "scene.yaml:4:12: 'a b' is no name for a phase"},
    {AROUND "  - {name: a}\n", "run", "scene.yaml:4:5: 'phases' needs 'steps'"},
    {AROUND "  - {steps: 5}\n", "run", "scene.yaml:4:5: 'phases' needs 'name'"},
    {AROUND "  - {name: a, steps: 0}\n", "run", "scene.yaml:4:22: steps = 0 is out of range"},
    {AROUND "  - {name: a, steps: 5, optimizer: rest}\n", "run", "scene.yaml:4:36: "},
    {AROUND "  - {name: a, stepps: 5}\n", "run", "scene.yaml:4:15: unknown key of a phase 'stepps'; did you mean 'steps'?"},
    {AROUND "  - a\n", "run", "scene.yaml:4:5: a phase must be a mapping such as {name: first, steps: 1000}, not 'a'"},
    {AROUND "  - {name: a, steps: 5}\n  - {name: b, steps: 5, ensemble: {start: {burn_in: 9}}}\n", "run",
     "scene.yaml:5:25: 'ensemble' is of the whole run (a phase goes on with the particles where they are, without start or "
     "burn-in)"},
    {AROUND "  - {name: a, steps: 5, statistics: {every: 5}}\n", "run", "scene.yaml:4:25: 'statistics' is of the whole run"},
    {AROUND "  - {name: a, steps: 5, settings: {ensemble.seed: 5}}\n", "run",
     "scene.yaml:4:36: a phase can't change ensemble.seed"},
    {AROUND "  - {name: a, steps: 5, settings: {schedule.rate: 5}}\n", "run",
     "scene.yaml:4:36: unknown parameter of schedule 'constant' 'rate'"},
    {AROUND "  - {name: a, steps: 5, dynamics: {name: sgdl}}\n", "run",
     "scene.yaml:4:42: unknown dynamics 'sgdl'; did you mean 'sgd'?"},
    {AROUND "  - {name: a, steps: 5}\n  - {name: b, steps: 5, landscape: {name: harmonic, dim: 3}}\n", "run",
     "scene.yaml:5:36: the landscape 'harmonic' of this phase has 3 coordinates and that of the scene has 2; particles keep "
     "theirs"},
    {AROUND "  - {name: a, steps: 5, schedule: {continue: true}}\n", "run",
     "scene.yaml:4:46: there is no phase before the first one, whose schedule could continue"},
    {"ensemble: {steps: 11}\nphases: [{name: a, steps: 5}, {name: b, steps: 5}]\n", "run",
     "scene.yaml:1:19: steps is 11, and those of the phases add up to 10; make them equal, or leave ensemble.steps out"},
    {AROUND "  - {name: a, steps: 5}\n", "run --set ensemble.steps=7",
     "--set ensemble.steps=7: steps is 7, and those of the phases add up to 5"},
    {"escape: {method: splitting, until: {above: 1}}\nphases: [{name: a, steps: 5}]\n", "run",
     "scene.yaml:1:18: a splitting follows paths at settings that stay"},
    {"escape: {until: {above: 1}}\nphases: [{name: a, steps: 5, escape: {renewal: false}}]\n", "run",
     "scene.yaml:2:38: escape.renewal and escape.bridge are of the whole run"},
    {"dynamics: microcanonical\nlandscape: {name: harmonic, dim: 3}\nphases: [{name: a, steps: 5}, {name: b, steps: 5, prune: "
     "{fraction: "
     "0.5}}]\n",
     "run",
     "scene.yaml:3:58: phases.1.prune: particles of the dynamics 'microcanonical' can't be pruned: its momentum has the length of "
     "one with all"},
    {"landscape: {name: harmonic, dim: 3}\nphases: [{name: a, steps: 5}, {name: b, steps: 5, prune: {fraction: 0.5}}, {name: c, "
     "steps: 5, "
     "dynamics: sgnht}]\n",
     "run", "scene.yaml:2:106: phases.2.dynamics: particles of the dynamics 'sgnht' can't be pruned"},
    {"dynamics: langevin\nenergy: {every: 5}\nphases: [{name: a, steps: 5}, {name: b, steps: 5, dynamics: sgd}]\n", "run",
     "scene.yaml:3:31: phases.1: phase 'b': the dynamics 'sgd' has no velocity, so there is no kinetic energy to account for"},
    {NETWORK "  - {name: b, steps: 5, noise: {batch_size: 50}}\n", "run",
     "scene.yaml:7:32: phase 'b': noise: noise 'minibatch': batch_size 50 is more than the 40 training data"},
    {NETWORK "  - {name: b, steps: 5, settings: {noise.batch_size: 50}}\n", "run",
     "scene.yaml:7:54: phase 'b': noise: noise 'minibatch': batch_size 50 is more than the 40 training data"},
    {NETWORK "  - {name: b, steps: 5, landscape: {points: 3}}\n", "run",
     "scene.yaml:2:8: phase 'b': noise: noise 'minibatch': batch_size 4 is more than the 3 training data"},
    {"landscape: {name: network, data: digits, hidden: [3]}\ndynamics: sgd\nensemble: {particles: 8}\n"
     "phases: [{name: a, steps: 5}, {name: b, steps: 5, landscape: {task: {classes: [0, 12]}}}]\n",
     "run", "scene.yaml:4:62: phase 'b': landscape: task.classes has 12; the classes of 'digits' are 0 to 9"},
    {"phases: {name: a, steps: 5}\n", "run", "scene.yaml:1:9: phases must be a list of phases, [{name: first, steps: 1000}, ...]"},
    {AROUND "  - {name: a, steps: 5}\n", "theory --phase b", "--phase: there is no phase 'b'; there are a"},
    {"ensemble: {steps: 5}\n", "theory --phase b", "--phase: there is no phase 'b': the scene has no phases"},
    {AROUND "  - {name: a, steps: 5}\n", "run --set phases.b.steps=3", "--set phases.b.steps=3: "},
};

static void bad_phases_are_refused(void **state) {
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char command[400];
        const char *options = strchr(bad[i].command, ' ');
        write_text("scene.yaml", bad[i].scene);
        snprintf(command, sizeof command, "kramers %.*s scene.yaml %s", (int)strcspn(bad[i].command, " "), bad[i].command,
                 options ? options : "");
        int status = shell(command);
        char *text = read_file("err");
        if (status != 2 || lines("err") != 1 || !strstr(text, bad[i].message)) {
            wrong++;
            print_message("%s%s\n  ended with %d and %s  instead of %s\n", bad[i].scene, command, status, text, bad[i].message);
        }
        free(text);
    }
    assert_int_equal(wrong, 0);
}

/* ---- files ---- */

static void succeed(kr_status status, const kr_error *error) {
    if (status != KR_OK) fail_msg("%s", error->message);
}

static const char phased[] =
    "landscape: {name: double_well, dim: 3}\n"
    "dynamics: {name: momentum, momentum: 0.8}\n"
    "noise: {name: isotropic, sigma: 1}\n"
    "schedule: {lr: 0.02}\n"
    "ensemble: {particles: 70}\n"
    "escape: {until: {coordinate: 0, above: 1}}\n"
    "statistics: {every: 7}\n"
    "trajectory: {every: 10, flush: 1, particles: 3}\n"
    "phases:\n"
    "  - {name: a, steps: 95}\n"
    "  - {name: b, steps: 60, prune: {fraction: 0.4}, rewind: {phase: a, step: 33}, schedule: {name: cosine, "
    "lr: 0.04}}\n"
    "  - {name: c, steps: 45, dynamics: {name: adam}, prune: {fraction: 0.5, by: random}}\n"
    "  - {name: d, steps: 50, rewind: {phase: b, step: 0}, settings: {dynamics.temperature: 0.5}, dynamics: "
    "{name: langevin}}\n";

static kr_run *begin(const char *file, uint64_t cadence) {
    kr_error error = {.status = KR_OK};
    const kr_registry *registry;
    kr_scene scene;
    kr_run *run;
    succeed(kr_registry_find("auto", &registry, &error), &error);
    succeed(kr_scene_parse(&scene, registry, "test", NULL, phased, NULL, 0, &error), &error);
    succeed(
        kr_run_create(&run, &scene, &(kr_run_options){.threads = 1, .output = file, .overwrite = true, .cadence = cadence}, &error),
        &error);
    kr_scene_destroy(&scene);
    return run;
}

static void complete(kr_run *run) {
    kr_error error = {.status = KR_OK};
    while (!kr_run_finished(run)) succeed(kr_run_advance(run, &error), &error);
    succeed(kr_run_finish(run, &error), &error);
    kr_run_destroy(run);
}

/* A process that is gone after step k leaves the last flush before it: inside of each phase, and just between two. */
static void a_run_goes_on_from_any_flush(void **state) {
    (void)state;
    kr_error error = {.status = KR_OK};
    complete(begin("whole.h5", 0));
    for (uint64_t stop = 0; stop < 250; stop += SANITIZED ? 50 : 5) {
        kr_run *run = begin("part.h5", 5);
        kr_scene scene = {.registry = NULL};
        while (kr_run_view(run).step < stop) succeed(kr_run_advance(run, &error), &error);
        kr_run_destroy(run);
        succeed(kr_run_resume(&run, &scene, "part.h5", 0, NULL, &(kr_run_options){.threads = 2}, &error), &error);
        complete(run);
        kr_scene_destroy(&scene);
        if (system("cmp -s whole.h5 part.h5") != 0) fail_msg("stopped at step %d: the file has other bytes", (int)stop);
    }
}

/* The last phase is longer then, and what came before is as it was. */
static void more_steps_are_of_the_last_phase(void **state) {
    (void)state;
    write_text("scene.yaml", phased);
    run("kramers run scene.yaml -o longer.h5 --quiet", 0);
    run("kramers resume longer.h5 --steps 155 --quiet", 2);
    assert_contains("resume", "err",
                    "longer.h5: --steps makes the last phase longer or shorter, and 'd' begins at step 200; give more");
    json_object *object = run_json("kramers resume longer.h5 --steps 300 --quiet --json", 0);
    assert_int_equal(json_number(object, "steps"), 300);
    json_object *last = json_object_array_get_idx(member(object, "phases"), 3);
    assert_int_equal(json_number(last, "end"), 300);
    assert_int_equal(json_number(last, "steps"), 100);
    json_object *whole = run_json("kramers run scene.yaml --set phases.d.steps=100 --quiet --json", 0);
    assert_true(json_number(json_object_array_get_idx(member(whole, "phases"), 3), "potential") == json_number(last, "potential"));
    json_object_put(object);
    json_object_put(whole);
}

static void phases_are_in_json_and_in_the_file(void **state) {
    (void)state;
    write_text("scene.yaml", phased);
    json_object *object = run_json("kramers run scene.yaml -o all.h5 --force --quiet --json", 0);
    json_object *phases = member(object, "phases");
    static const struct {
        const char *name;
        int begin, end;
        double pruned;
    } expected[] = {{"a", 0, 95, 0}, {"b", 95, 155, 1.0 / 3}, {"c", 155, 200, 2.0 / 3}, {"d", 200, 250, 2.0 / 3}};
    assert_int_equal(json_object_array_length(phases), 4);
    double events = 0;
    for (size_t i = 0; i < 4; i++) {
        json_object *one = json_object_array_get_idx(phases, i);
        assert_string_equal(json_object_get_string(member(one, "name")), expected[i].name);
        assert_int_equal(json_number(one, "begin"), expected[i].begin);
        assert_int_equal(json_number(one, "end"), expected[i].end);
        assert_close(json_number(one, "pruned"), expected[i].pruned, 1e-12, 1e-12);
        assert_true(json_number(one, "exposure_steps") == 70.0 * (expected[i].end - expected[i].begin));
        events += json_number(one, "events");
        assert_null(member(one, "tasks"));
    }
    assert_true(events == json_number(object, "escape.events"));
    json_object *theories = member(object, "escape.theory");
    for (size_t i = 0; i < json_object_array_length(theories); i++)
        assert_false(json_object_get_boolean(member(json_object_array_get_idx(theories, i), "applies")));
    json_object_put(object);
    hid_t file = H5Fopen("all.h5", H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, "/parameters/phases", H5P_DEFAULT);
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(uint64_t));
    uint64_t end[4];
    H5Tinsert(type, "end", 0, H5T_NATIVE_UINT64);
    assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, end) >= 0);
    for (size_t i = 0; i < 4; i++) assert_int_equal(end[i], expected[i].end);
    /* The rate of the step that comes next, also where a phase begins. */
    double rate[26];
    hid_t rates = H5Dopen2(file, "/observables/learning_rate/value", H5P_DEFAULT);
    assert_true(H5Dread(rates, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, rate) >= 0);
    assert_true(rate[9] == 0.02 && rate[10] < 0.04 && rate[10] > 0.039 && rate[16] == 0.02 && rate[20] == 0.02);
    H5Dclose(rates);
    H5Tclose(type);
    H5Dclose(set);
    H5Fclose(file);
    /* The scene of the JSON is the same scene. */
    run("kramers run scene.yaml --quiet", 0);
    assert_contains("run", "out", "b: 60 steps, prune 0.4 by magnitude, rewind to step 33 of a; other\n");
    assert_contains("run", "out", "c                        155         200   66.67%");
}

/* What was learned first is asked for after each phase, with a result for each earlier one. */
static void tasks_are_asked_for_again(void **state) {
    (void)state;
    write_text("scene.yaml",
               "landscape: {name: network, data: digits, hidden: [4], task: {classes: [0, 1]}}\n"
               "dynamics: {name: sgd}\nnoise: {name: minibatch, batch_size: 8}\nschedule: {lr: 0.2}\n"
               "ensemble: {particles: 64, start: {random: kaiming_uniform}}\n"
               "phases: [{name: first, steps: 150}, {name: second, steps: 150, landscape: {task: {classes: [2, 3]}}}]\n");
    json_object *object = run_json("kramers run scene.yaml --quiet --json -o tasks.h5 --force", 0),
                *phases = member(object, "phases");
    json_object *before = member(json_object_array_get_idx(phases, 0), "tasks"),
                *after = member(json_object_array_get_idx(phases, 1), "tasks");
    assert_int_equal(json_object_array_length(before), 1);
    assert_int_equal(json_object_array_length(after), 2);
    double first = json_number(json_object_array_get_idx(before, 0), "test_accuracy"),
           forgotten = json_number(json_object_array_get_idx(after, 0), "test_accuracy"),
           second = json_number(json_object_array_get_idx(after, 1), "test_accuracy");
    assert_true(first > 0.95 && forgotten < 0.3 && second > 0.9);
    json_object *interval = member(json_object_array_get_idx(after, 1), "test_accuracy_ci95");
    assert_true(json_object_get_double(json_object_array_get_idx(interval, 0)) < second);
    json_object_put(object);
    double matrix[2][2];
    hid_t file = H5Fopen("tasks.h5", H5F_ACC_RDONLY, H5P_DEFAULT),
          set = H5Dopen2(file, "/parameters/phase_tasks/test_accuracy", H5P_DEFAULT);
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, matrix) >= 0);
    assert_true(matrix[0][0] == first && isnan(matrix[0][1]) && matrix[1][0] == forgotten && matrix[1][1] == second);
    H5Dclose(set);
    H5Fclose(file);
}

static void keys_of_phases_are_set_and_swept(void **state) {
    (void)state;
    write_text("scene.yaml", phased);
    json_object *object =
        run_json("kramers run scene.yaml --quiet --json --set phases.b.steps=10 --set phases.2.prune.fraction=0 --set "
                 "phases.b.schedule.lr=0.03",
                 0);
    assert_int_equal(json_number(object, "steps"), 200);
    assert_close(json_number(json_object_array_get_idx(member(object, "phases"), 3), "pruned"), 1.0 / 3, 1e-12, 0);
    assert_close(json_number(json_object_array_get_idx(member(object, "scene.phases"), 1), "schedule.lr"), 0.03, 0, 0);
    json_object_put(object);
    run("kramers sweep scene.yaml --quiet --vary phases.1.schedule.lr=0.01:0.04:2 --vary phases.b.prune.fraction=0.2,0.4 -o "
        "sweep.csv",
        0);
    assert_int_equal(lines("sweep.csv") >= 5, 1);
    run("kramers theory scene.yaml --phase d", 0);
    assert_contains("theory", "out", "dynamics   langevin");
    run("kramers theory scene.yaml", 0);
    assert_contains("theory", "err", "theories are of the first of 4 phases, 'a'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_phases_are_refused),           cmocka_unit_test(a_run_goes_on_from_any_flush),
        cmocka_unit_test(more_steps_are_of_the_last_phase), cmocka_unit_test(phases_are_in_json_and_in_the_file),
        cmocka_unit_test(tasks_are_asked_for_again),        cmocka_unit_test(keys_of_phases_are_set_and_swept)};
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
