/* Where things are: the place in the text of a value that is found wrong only when start, targets and landscape are made, and the
 * files of a scene when its run is resumed elsewhere. */
#include "program.h"

#include <kramers/kramers.h>
#include <kramers/recording.h>

#include <hdf5.h>

static const struct {
    const char *scene, *command, *message;
} wrong[] = {
    {"ensemble:\n  start: {minimum: 7}\n", "kramers run scene.yaml", "kramers: scene.yaml:2:20: ensemble.start.minimum: "},
    {"landscape: {name: double_well, dim: 3}\nensemble:\n  start:\n    point: [1, 2]\n", "kramers theory scene.yaml",
     "kramers: scene.yaml:4:12: point has 2 coordinates; "},
    {"escape: {until: {minimum: 9, radius: 0.1}}\n", "kramers run scene.yaml", "kramers: scene.yaml:1:27: escape.until.minimum: "},
    {"escape:\n  until: {coordinate: 0, above: -2}\n", "kramers run scene.yaml",
     "kramers: scene.yaml:2:10: escape.until: the start is already in target 0"},
    {"landscape:\n  name: surface\n  file: missing.h5\n", "kramers run scene.yaml", "kramers: scene.yaml:2:3: landscape: "},
    {"escape:\n  until: {coordinate: 0, above: 1}\n  method: splitting\nensemble: {start: {minimum: 0, burn_in: 5}}\n",
     "kramers run scene.yaml", "kramers: scene.yaml:4:41: ensemble.start.burn_in: a splitting measures by itself"},
    {NULL, "kramers run --set ensemble.start.minimum=7", "kramers: --set ensemble.start.minimum=7: ensemble.start.minimum: "},
};

static void wrong_values_have_their_place(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (wrong[i].scene) write_text("scene.yaml", wrong[i].scene);
        if (shell(wrong[i].command) == 0) fail_msg("%s does not fail", wrong[i].message);
        assert_contains(wrong[i].command, "err", wrong[i].message);
    }
    /* A file that is called like a section. */
    write_text("ensemble.yaml", "ensemble: {start: {minimum: 7}}\n");
    run("kramers run ensemble.yaml", 2);
    assert_contains("ensemble.yaml", "err", "kramers: ensemble.yaml:1:29: ensemble.start.minimum: ");
}

static void same_bytes(const char *a, const char *b) {
    char command[300];
    snprintf(command, sizeof command, "cmp %s %s", a, b);
    if (shell(command)) fail_msg("%s and %s differ", a, b);
}

static void raise_one_value(const char *name) {
    hid_t file = H5Fopen(name, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(file, "train_loss", H5P_DEFAULT);
    hid_t space = H5Dget_space(set);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    double *loss = malloc((size_t)count * sizeof *loss);
    assert_true(loss && H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, loss) >= 0);
    loss[count / 2] += 1e-3;
    assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, loss) >= 0);
    free(loss);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
}

/* Without noise there are no theories, which take longer than all the rest. */
static void write_scene(const char *name, const char *file) {
    char text[400];
    snprintf(text, sizeof text,
             "landscape: {name: surface, file: %s}\ndynamics: {name: sgld, temperature: 0}\n"
             "schedule: {lr: 0.2}\nensemble: {particles: 32, steps: 400}\ntrajectory: {every: 100}\n",
             file);
    write_text(name, text);
}

#define COPY_SURFACE "cp '" KR_SOURCE_DIRECTORY "/data/digits_three_minima.h5' "

/* A surface beside its scene; the run's file elsewhere. */
static void a_surface_is_found_again(void **state) {
    (void)state;
    run("mkdir -p scenes runs away moved", 0);
    run(COPY_SURFACE "scenes/loss.h5", 0);
    write_scene("scenes/s.yaml", "loss.h5");
    run("kramers run --quiet scenes/s.yaml -o runs/part.h5", 0);
    run("cd scenes; kramers run --quiet s.yaml -o ../runs/again.h5", 0);
    same_bytes("runs/part.h5", "runs/again.h5");
    run("cd away; kramers resume ../runs/part.h5 --quiet --steps 800", 0); /* from wherever */
    run("cp runs/part.h5 runs/whole.h5; cp runs/again.h5 runs/part.h5", 0);
    /* Not where it was: one message, and the file as it was. A surface of that name elsewhere is not taken. */
    run("cp scenes/loss.h5 runs/; mv scenes/loss.h5 moved/", 0);
    run("cd runs; kramers resume part.h5 --quiet --steps 800", 3);
    assert_contains("nowhere", "err", "part.h5: its scene needs '../scenes/loss.h5', which is not there, as seen from");
    same_bytes("runs/part.h5", "runs/again.h5");
    run("cd away; kramers resume ../runs/part.h5 --quiet --steps 800 --directory .", 3);
    assert_contains("wrong directory", "err", "./../scenes/loss.h5: No such file");
    /* Another surface of the same name. */
    run("cp moved/loss.h5 scenes/loss.h5", 0);
    raise_one_value("scenes/loss.h5");
    run("kramers resume runs/part.h5 --quiet --steps 800", 2);
    assert_contains("other surface", "err", "the landscape in runs/../scenes/loss.h5 is not the one that this run is on");
    same_bytes("runs/part.h5", "runs/again.h5");
    run("rm scenes/loss.h5; cd away; kramers resume ../runs/part.h5 --quiet --steps 800 --directory ../moved", 0);
    run("kramers resume runs/part.h5 --quiet --steps 900", 0); /* it is known now where the surface is */
    /* Both were moved together. */
    run("mkdir -p other/scenes other/runs; mv moved/loss.h5 other/scenes; cp runs/again.h5 other/runs/part.h5", 0);
    run("kramers resume other/runs/part.h5 --quiet --steps 800", 0);
    same_bytes("other/runs/part.h5", "runs/whole.h5");
}

/* Relative to the scene that names it, on the command line to the working directory; a shipped file has only its own scene. */
static const struct {
    const char *command;
    int status;
    const char *message;
} paths[] = {
    {"cd apart; kramers VERB ../mine/s.yaml", 0, NULL},
    {"cd mine; kramers VERB s.yaml --set landscape.file=loss.h5", 0, NULL},
    {"kramers VERB mine/s.yaml --set landscape.file=mine/loss.h5", 0, NULL},
    {"cd mine; kramers VERB ../apart/s.yaml --set landscape.file=loss.h5", 0, NULL},
    {"cd mine; kramers VERB ../apart/s.yaml --set 'landscape={name: surface, file: loss.h5}'", 0, NULL},
    {"cd mine; kramers VERB --set landscape.name=surface --set landscape.file=loss.h5", 0, NULL},
    {"kramers VERB digits", 0, NULL},
    {"cd mine; kramers VERB digits --set landscape.file=loss.h5", 0, NULL},
    {"kramers VERB apart/s.yaml", 3, "'apart/loss.h5'"},
    {"kramers VERB mine/s.yaml --set landscape.file=loss.h5", 3, "/loss.h5': No such file"},
    {"kramers VERB mine/s.yaml --set landscape.file=data/digits_three_minima.h5", 3, "No such file"},
    {"kramers VERB --set landscape.name=surface --set landscape.file=data/digits_three_minima.h5", 3, "No such file"},
    {"kramers VERB apart/shipped.yaml", 3, "apart/data/digits_three_minima.h5': No such file; the shipped one of this name is /"},
};

static void one_rule_for_paths_in_every_verb(void **state) {
    (void)state;
    static const char *const verbs[] = {
        "theory --set dynamics.temperature=0", "run --quiet --set ensemble.steps=200 --set dynamics.temperature=0",
        "sweep --vary schedule.lr=0.1,0.2 --set ensemble.steps=200 --set ensemble.particles=8 --set dynamics.temperature=0"};
    run("mkdir -p mine apart", 0);
    run(COPY_SURFACE "mine/loss.h5", 0);
    write_scene("mine/s.yaml", "loss.h5");
    write_scene("apart/s.yaml", "loss.h5");
    write_scene("apart/shipped.yaml", "data/digits_three_minima.h5");
    for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++)
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
            char command[1000];
            const char *verb = strstr(paths[i].command, "VERB");
            snprintf(command, sizeof command, "%.*s%s%s", (int)(verb - paths[i].command), paths[i].command, verbs[v], verb + 4);
            run(command, paths[i].status);
            if (paths[i].message) assert_contains(command, "err", paths[i].message);
        }
}

/* The scene of a recording, whatever the scene and the recording are called from. */
static void recordings_know_where_their_files_are(void **state) {
    (void)state;
    static const struct {
        const char *command, *file, *kept;
    } made[] = {
        {"kramers run --quiet mine/s.yaml -o mine/beside.h5", "mine/beside.h5", "file: \"loss.h5\""},
        {"cd mine; kramers run --quiet s.yaml -o ../apart/below.h5", "apart/below.h5", "file: \"../mine/loss.h5\""},
        {"kramers run --quiet apart/s.yaml --set landscape.file=mine/loss.h5 -o typed.h5", "typed.h5", "file: \"mine/loss.h5\""},
        {"kramers run --quiet digits --set ensemble.steps=100 --set dynamics.temperature=0 -o shipped.h5", "shipped.h5",
         "file: \"data/digits_three_minima.h5\""}};
    const kr_registry *registry;
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        kr_error error;
        kr_recording *recording;
        kr_scene scene;
        kr_model model;
        run(made[i].command, 0);
        if (kr_recording_open(&recording, made[i].file, &error)) fail_msg("%s", error.message);
        if (!strstr(kr_recording_scene(recording), made[i].kept)) fail_msg("%s", kr_recording_scene(recording));
        if (kr_recording_scene_load(recording, &scene, registry, NULL, 0, &error) || kr_model_create(&model, &scene, &error))
            fail_msg("%s: %s", made[i].command, error.message);
        kr_model_destroy(&model);
        kr_scene_destroy(&scene);
        kr_recording_close(recording);
    }
}

/* A scene that is saved elsewhere names the same file. */
static void a_saved_scene_names_the_same_file(void **state) {
    (void)state;
    const kr_registry *registry;
    static const char *const scenes[][2] = {{"mine/s.yaml", "file: \"../mine/loss.h5\""}, {"digits", "file: \"/"}};
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    for (size_t i = 0; i < 2; i++) {
        kr_scene scene;
        char *text;
        assert_int_equal(kr_scene_load(&scene, registry, scenes[i][0], NULL, 0, NULL), KR_OK);
        assert_int_equal(kr_scene_write_beside(&scene, "apart/saved.yaml", &text, NULL), KR_OK);
        if (i == 0 || strncmp(KR_SOURCE_DIRECTORY, "/tmp/", 5) != 0)
            if (!strstr(text, scenes[i][1])) fail_msg("%s", text);
        write_text("apart/saved.yaml", text);
        run("kramers theory apart/saved.yaml", 0);
        free(text);
        kr_scene_destroy(&scene);
    }
}

/* So does the scene in a result, kept where it was printed. */
static void the_scene_of_a_result_names_the_same_file(void **state) {
    (void)state;
    static const char *const scenes[] = {"../mine/s.yaml", "digits"};
    for (size_t i = 0; i < 2; i++) {
        char command[200];
        snprintf(command, sizeof command, "cd apart; kramers run --quiet --json %s --set ensemble.steps=100", scenes[i]);
        json_object *result = run_json(command, 0), *scene;
        assert_true(json_object_object_get_ex(result, "scene", &scene));
        write_text("apart/result.yaml", json_object_to_json_string(scene));
        run("kramers theory apart/result.yaml", 0);
        json_object_put(result);
    }
}

static void a_trajectory_lies_beside_the_scene_that_names_it(void **state) {
    (void)state;
    char *scene = read_file("mine/s.yaml"), *end = strstr(scene, "{every: 100}");
    assert_non_null(end);
    strcpy(end, "{every: 100, file: named.h5}\n");
    write_text("mine/named.yaml", scene);
    free(scene);
    run("kramers run --quiet mine/named.yaml; test -f mine/named.h5 && test ! -f named.h5", 0);
    run("cd apart; kramers run --quiet ../mine/named.yaml --set trajectory.file=there.h5; test -f there.h5", 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_values_have_their_place),
        cmocka_unit_test(a_surface_is_found_again),
        cmocka_unit_test(one_rule_for_paths_in_every_verb),
        cmocka_unit_test(recordings_know_where_their_files_are),
        cmocka_unit_test(a_saved_scene_names_the_same_file),
        cmocka_unit_test(the_scene_of_a_result_names_the_same_file),
        cmocka_unit_test(a_trajectory_lies_beside_the_scene_that_names_it),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
