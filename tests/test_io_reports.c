/* What commands print: JSON, tables, lists; the same for any number of threads and instruction set. */
#include <kramers/scene.h>
#include <kramers/version.h>

#include "program.h"
#include "sanitized.h"

static void json_has_the_promised_shape(void **state) {
    (void)state;
    const double particles = SANITIZED ? 512 : 4096;
    char command[200];
    snprintf(command, sizeof command,
             "kramers run --json --set ensemble.steps=20000 --set ensemble.seed=5 --set dynamics.temperature=0.25 "
             "--set ensemble.particles=%g",
             particles);
    json_object *o = run_json(command, 0);
    assert_string_equal(json_object_get_string(member(o, "version")), KR_VERSION);
    assert_close(json_number(o, "scene.dynamics.temperature"), 0.25, 0, 0);
    assert_close(json_number(o, "scene.ensemble.seed"), 5, 0, 0);
    assert_close(json_number(o, "scene.landscape.barrier"), 1, 0, 0);
    assert_close(json_number(o, "scene.escape.until.above"), 1, 0, 0);
    assert_close(json_number(o, "scene.ensemble.start.minimum"), 0, 0, 0);
    assert_close(json_number(o, "particle_steps"), particles * 20000, 0, 0);
    assert_true(json_number(o, "wall_seconds") > 0);
    assert_close(json_number(o, "diverged"), 0, 0, 0);
    assert_int_equal(json_object_array_length(member(o, "mean.position")), 1);
    assert_int_equal(json_object_array_length(member(o, "mean.position_variance")), 1);
    assert_int_equal(json_object_array_length(member(o, "mean.well_population")), 2);
    assert_true(json_number(o, "mean.potential") > 0);
    assert_null(member(o, "mean.kinetic_temperature")); /* absent: sgld has no velocity */
    assert_true(json_number(o, "mean.configurational_temperature") > 0);
    double events = json_number(o, "escape.events"), mfpt = json_number(o, "escape.mfpt_steps");
    assert_true(events > 0.25 * particles);
    /* Three mean passages long: exposure over events has the climb of the first, 0.6 %. */
    assert_close(mfpt, json_number(o, "escape.exposure_steps") / events, 0.01, 0);
    assert_true(mfpt < json_number(o, "escape.exposure_steps") / events);
    assert_true(json_number(o, "escape.memory_steps") >= 12 / (0.01 * 4)); /* twelve relaxation times of the saddle */
    assert_null(member(o, "escape.needed_steps"));
    json_object *interval = member(o, "escape.mfpt_steps_ci95"), *rate = member(o, "escape.rate_ci95");
    assert_true(json_object_get_double(json_object_array_get_idx(interval, 0)) < mfpt);
    assert_true(json_object_get_double(json_object_array_get_idx(interval, 1)) > mfpt);
    assert_true(json_object_get_double(json_object_array_get_idx(rate, 0)) < json_number(o, "escape.rate"));
    assert_close(json_number(o, "escape.mfpt_time"), 1 / json_number(o, "escape.rate"), 1e-12, 0);
    assert_int_equal(json_object_get_type(member(o, "warnings")), json_type_array);
    json_object *theories = member(o, "escape.theory");
    bool chain = false;
    for (size_t i = 0; i < json_object_array_length(theories); i++) {
        json_object *theory = json_object_array_get_idx(theories, i);
        assert_non_null(member(theory, "name"));
        if (strcmp(json_object_get_string(member(theory, "name")), "chain") != 0) continue;
        chain = true;
        assert_true(fabs(json_number(theory, "z")) < 4); /* 6e-5 at a random seed; this one is fixed */
        assert_true(json_number(theory, "mfpt_steps") > 1000);
        assert_non_null(member(theory, "reference"));
    }
    assert_true(chain);
    json_object_put(o);
}

static void without_events_the_intervals_are_one_sided(void **state) {
    (void)state;
    json_object *o = run_json("kramers run --json --set ensemble.steps=400 --set dynamics.temperature=0.01", 0);
    assert_close(json_number(o, "escape.events"), 0, 0, 0);
    assert_true(json_object_object_get_ex(member(o, "escape"), "mfpt_steps", NULL));
    assert_null(member(o, "escape.mfpt_steps"));
    assert_close(json_number(o, "escape.rate"), 0, 0, 0);
    json_object *steps = member(o, "escape.mfpt_steps_ci95"), *rate = member(o, "escape.rate_ci95");
    assert_true(json_object_get_double(json_object_array_get_idx(steps, 0)) > 0);
    assert_null(json_object_array_get_idx(steps, 1));
    assert_close(json_object_get_double(json_object_array_get_idx(rate, 0)), 0, 0, 0);
    assert_true(json_object_get_double(json_object_array_get_idx(rate, 1)) > 0);
    assert_true(json_object_array_length(member(o, "warnings")) > 0);
    assert_contains("warnings", "err", "kramers: warning: too few events: none");
    assert_contains("warnings", "err", "(an example: kramers run splitting)");
    /* Which is advice that can be followed. */
    json_object_put(o);
    o = run_json("kramers run --json --set escape.method=splitting --set escape.replicas=256 --set escape.repeats=4 "
                 "--set dynamics.temperature=0.05",
                 0);
    assert_true(json_number(o, "escape.mfpt_steps") > 1e8);
    json_object_put(o);
}

static void a_run_too_short_for_a_mean_says_so(void **state) {
    (void)state;
    static const char *const unknown[] = {"mfpt_steps", "mfpt_time", "rate"};
    static const char *const shortened = SANITIZED ? "ensemble.particles=200000" : "ensemble.particles=1000000";
    char command[200];
    snprintf(command, sizeof command, "kramers run --json --set ensemble.steps=100 --set %s", shortened);
    json_object *o = run_json(command, 0);
    assert_true(json_number(o, "escape.events") > (SANITIZED ? 20 : 100));
    for (size_t i = 0; i < 3; i++) {
        json_object *value = o;
        assert_true(json_object_object_get_ex(member(o, "escape"), unknown[i], &value));
        assert_null(value);
    }
    for (size_t i = 0; i < 2; i++)
        for (size_t end = 0; end < 2; end++)
            assert_null(json_object_array_get_idx(member(o, i ? "escape.rate_ci95" : "escape.mfpt_steps_ci95"), end));
    assert_close(json_number(o, "escape.needed_steps"), 600, 0, 0);
    assert_contains("warnings", "err", "run at least 600 steps");
    json_object_put(o);
    if (SANITIZED) return; /* half a minute of what the first run has looked into */
    run("kramers run --set ensemble.steps=100 --set ensemble.particles=1000000", 0);
    assert_contains("report", "out", "measured                            -");
    o = run_json("kramers run --json --set ensemble.steps=600 --set ensemble.particles=1000000 --set ensemble.seed=2", 0);
    json_object *interval = member(o, "escape.mfpt_steps_ci95"); /* exact: 18046 */
    assert_true(json_object_get_double(json_object_array_get_idx(interval, 0)) < 18046);
    assert_true(json_object_get_double(json_object_array_get_idx(interval, 1)) > 18046);
    json_object_put(o);
}

static void critical_points_and_paths(void **state) {
    (void)state;
    json_object *o = run_json("kramers theory muller_brown --critical-points --json", 0);
    json_object *points = member(o, "points"), *saddles = member(o, "saddles");
    assert_int_equal(json_object_array_length(points), 5);
    assert_int_equal(json_object_array_length(saddles), 2);
    json_object *saddle = json_object_array_get_idx(saddles, 0);
    assert_close(json_object_get_double(json_object_array_get_idx(member(saddle, "barrier"), 0)), 106.034673701, 1e-9, 0);
    assert_close(json_number(saddle, "path.highest"), -40.664843509, 1e-9, 0);
    assert_int_equal(json_object_get_int(json_object_array_get_idx(member(saddle, "joins"), 1)), 1);
    assert_int_equal(json_object_array_length(member(saddle, "path.position")), json_object_get_int(member(saddle, "path.images")));
    json_object_put(o);
    o = run_json("kramers theory styblinski_tang --critical-points --json", 0); /* 3^8 products: each coordinate alone */
    assert_int_equal(json_object_array_length(member(o, "coordinates")), 8);
    json_object_put(o);
}

static void theory_needs_no_run(void **state) {
    (void)state;
    json_object *array =
        run_json("kramers theory --json --set dynamics.temperature=0.3333333333333333 --set schedule.lr=0.00125", 0);
    bool quadrature = false, chain = false;
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *theory = json_object_array_get_idx(array, i);
        const char *name = json_object_get_string(member(theory, "name"));
        if (!strcmp(name, "quadrature")) quadrature = true, assert_close(json_number(theory, "mfpt_time"), 26.64008780, 1e-8, 0);
        if (!strcmp(name, "chain")) chain = true, assert_close(json_number(theory, "mfpt_steps"), 21321.36167, 1e-6, 0);
    }
    assert_true(quadrature && chain);
    json_object_put(array);
    array = run_json("kramers theory --json --set dynamics.name=hamiltonian", 0);
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *theory = json_object_array_get_idx(array, i);
        if (json_object_get_boolean(member(theory, "applies"))) continue;
        assert_true(strlen(json_object_get_string(member(theory, "why"))) > 10);
    }
    json_object_put(array);
}

/* What JSON has of them stands on the terminal too, with a target and without. */
static void theories_are_printed_with_and_without_a_target(void **state) {
    (void)state;
    const char *gap = "spectral gap = 0.0111, of";
    assert_int_equal(shell("kramers theory"), 0);
    assert_contains("theory", "out", gap);
    assert_int_equal(shell("kramers run --quiet --set ensemble.steps=100 --set ensemble.particles=64"), 0);
    assert_contains("run", "out", gap);
    assert_int_equal(shell("kramers run harmonic --quiet --set ensemble.steps=100 --set ensemble.particles=64"), 0);
    assert_contains("run without a target", "out", "effective_temperature   temperature = 0.0125");
    assert_contains("run without a target", "out", "do not apply (--verbose says why): kramers,");
    const char *transitions = "kramers run --quiet --set ensemble.steps=100 --set ensemble.particles=64 --set 'escape.until=[]' "
                              "--set transitions.every=10";
    assert_int_equal(shell(transitions), 0);
    char *text = read_file("out"); /* the table of transitions has the gaps */
    assert_non_null(strstr(text, "of steps of this size"));
    assert_null(strstr(text, "spectral gap"));
    free(text);
    assert_int_equal(shell("kramers theory --verbose"), 0);
    assert_contains("verbose", "out", "spectral_gap            spectral gap of steps of this size 0.01121207");
    assert_contains("verbose", "out", "linear_stability        lr_times_curvature 0.08\n");
}

static void tables_fit_into_80_columns(void **state) {
    (void)state;
    const char *commands[] = {"kramers --help",
                              "kramers run --quiet --set ensemble.steps=3000",
                              "kramers theory",
                              "kramers list",
                              "kramers run --quiet washboard --set ensemble.steps=3000",
                              "kramers list landscapes double_well",
                              "kramers list sections ensemble",
                              "kramers theory muller_brown",
                              "kramers run --help"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (shell(commands[i])) fail_msg("%s: %s", commands[i], read_file("err"));
        char *text = read_file("out");
        assert_true(strlen(text) > 100);
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
            if (strcspn(line, "\n") > 80) fail_msg("%s: wider than 80 columns: %.120s", commands[i], line);
        free(text);
    }
}

static void list_says_equations_and_what_time_is(void **state) {
    (void)state;
    static const char *const wanted[][3] = {
        {"dynamics sgld", "\n    x' = x - eta (g + n + lambda x) + sqrt(2 eta T) xi\n", "time = lr x steps"},
        {"dynamics langevin", "\n    A: x += h p; B: p -= h (g + n)\n", "a step lasts sqrt(lr)"},
        {"dynamics hamiltonian", "x' = x + h p+", "a step lasts sqrt(lr)"},
        {"dynamics momentum", "b' = mu b + (1 - tau) g~", "a step lasts lr, "},
        {"landscapes washboard", "\n    V = h (1 - cos 2 pi x)/2 - F x\n", "F x"},
        {"schedules step", "\n    eta_k = lr factor^floor(k / every)\n", "eta_k"},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        char command[100];
        snprintf(command, sizeof command, "kramers list %s", wanted[i][0]);
        run(command, 0);
        assert_contains(command, "out", wanted[i][1]);
        assert_contains(command, "out", wanted[i][2]);
    }
    json_object *o = run_json("kramers list dynamics langevin --json", 0);
    assert_string_equal(json_object_get_string(member(o, "time_per_step")), "sqrt(lr)");
    assert_non_null(strstr(json_object_get_string(member(o, "equation")), "dx = p dt"));
    json_object_put(o);
}

static void list_prints_every_scene_as_it_is(void **state) {
    (void)state;
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
        char command[200];
        snprintf(command, sizeof command, "kramers list scenes %s", scene->name);
        assert_int_equal(shell(command), 0);
        char *text = read_file("out");
        assert_string_equal(text, scene->text);
        free(text);
    }
    json_object *all = run_json("kramers list --json", 0);
    assert_true(json_object_array_length(member(all, "landscapes")) >= 7);
    assert_true(json_object_array_length(member(all, "scenes")) >= 5);
    json_object_put(all);
}

/* Each as it is shipped, but shorter; with sanitizers every third, and no network, whose kernels and observers are tested so on
 * smaller ones. */
static void every_shipped_scene_runs(void **state) {
    (void)state;
    size_t number = 0;
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
        if (SANITIZED && (number++ % 3 != 0 || strstr(scene->text, "name: network"))) continue;
        char command[300];
        bool splitting = strstr(scene->text, "method: splitting") != NULL, phases = strstr(scene->text, "\nphases:") != NULL;
        snprintf(command, sizeof command, "kramers run %s --json --set ensemble.seed=3 %s", scene->name,
                 splitting ? "--set escape.replicas=64 --set escape.repeats=3"
                 : phases  ? "--set ensemble.particles=16" /* which say how long they are */
                           : "--set ensemble.particles=64 --set ensemble.steps=300");
        json_object *object = run_json(command, 0);
        assert_true(json_object_get_double(member(object, "particle_steps")) >= (splitting ? 10000 : 16));
        bool escape = strstr(scene->text, "\nescape:") != NULL;
        assert_true(json_object_object_get_ex(member(object, "escape"), "events", NULL)); /* null without a target */
        assert_int_equal(member(object, "escape.events") != NULL, escape);
        json_object_put(object);
    }
    assert_int_not_equal(
        shell("kramers run splitting --threads 2 --set escape.replicas=10000000 --set escape.repeats=64 --set landscape.dim=100"),
        0);
    char *text = read_file("err");
    if (!strstr(text, "escape.replicas: the paths of 10000000 replicas need about ")) fail_msg("%s", text);
    free(text);
}

static void threads_and_instruction_sets_never_change_a_result(void **state) {
    (void)state;
    const kr_registry *tables[8];
    size_t count = kr_registry_available(tables, 8);
    char first[64] = "";
    for (size_t i = 0; i < count + 2; i++) {
        char command[300], digits[64];
        snprintf(command, sizeof command,
                 "kramers run --json --isa %s --threads %zu --set ensemble.steps=600 --set ensemble.particles=1000",
                 i < count ? tables[i]->isa : "auto", i < count ? (size_t)1 : i - count + 2);
        json_object *o = run_json(command, 0);
        snprintf(digits, sizeof digits, "%.17g", json_number(o, "mean.potential"));
        if (!*first) strcpy(first, digits);
        assert_string_equal(digits, first);
        json_object_put(o);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_the_promised_shape),
        cmocka_unit_test(without_events_the_intervals_are_one_sided),
        cmocka_unit_test(a_run_too_short_for_a_mean_says_so),
        cmocka_unit_test(critical_points_and_paths),
        cmocka_unit_test(theory_needs_no_run),
        cmocka_unit_test(theories_are_printed_with_and_without_a_target),
        cmocka_unit_test(tables_fit_into_80_columns),
        cmocka_unit_test(list_says_equations_and_what_time_is),
        cmocka_unit_test(list_prints_every_scene_as_it_is),
        cmocka_unit_test(every_shipped_scene_runs),
        cmocka_unit_test(threads_and_instruction_sets_never_change_a_result),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
