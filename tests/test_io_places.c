/* Where things are: the place in the text of a value that is found wrong only when start, targets and landscape are made, and the
 * files of a scene when its run is resumed elsewhere. */
#include "program.h"

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

/* A surface beside its scene; the run's file elsewhere. */
static void a_surface_is_found_again(void **state) {
    (void)state;
    run("mkdir -p scenes runs away", 0);
    run("cp '" KR_SOURCE_DIRECTORY "/data/digits_three_minima.h5' scenes/loss.h5", 0);
    write_text("scenes/s.yaml", "landscape: {name: surface, file: loss.h5}\ndynamics: {name: sgld, temperature: 0.15}\n"
                                "schedule: {lr: 0.2}\nensemble: {particles: 32, steps: 400}\ntrajectory: {every: 100}\n");
    run("kramers run --quiet scenes/s.yaml -o runs/part.h5", 0);
    run("cd scenes; kramers run --quiet s.yaml -o ../runs/again.h5", 0);
    same_bytes("runs/part.h5", "runs/again.h5");
    /* Nowhere near: one message, and the file as it was. */
    run("cd away; kramers resume ../runs/part.h5 --quiet --steps 800", 3);
    assert_contains("nowhere", "err", "its landscape is in 'loss.h5', which lies neither beside it, nor in the working directory");
    same_bytes("runs/part.h5", "runs/again.h5");
    run("cd away; kramers resume ../runs/part.h5 --quiet --steps 800 --directory ../runs", 3);
    assert_contains("wrong directory", "err", "../runs/loss.h5: No such file");
    /* Another surface of the same name. */
    run("cp scenes/loss.h5 runs/loss.h5", 0);
    raise_one_value("runs/loss.h5");
    run("kramers resume runs/part.h5 --quiet --steps 800", 2);
    assert_contains("other surface", "err", "the landscape in runs/loss.h5 is not the one that this run is on");
    same_bytes("runs/part.h5", "runs/again.h5");
    run("cd away; kramers resume ../runs/part.h5 --quiet --steps 800 --directory ../scenes", 0);
    run("cp runs/part.h5 runs/whole.h5", 0);
    run("cp runs/again.h5 runs/part.h5; cp scenes/loss.h5 runs/loss.h5", 0);
    run("cd away; kramers resume ../runs/part.h5 --quiet --steps 800", 0); /* beside it */
    same_bytes("runs/part.h5", "runs/whole.h5");
    run("rm runs/loss.h5; cp runs/again.h5 runs/part.h5; cd scenes; kramers resume ../runs/part.h5 --quiet --steps 800", 0);
    same_bytes("runs/part.h5", "runs/whole.h5");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_values_have_their_place),
        cmocka_unit_test(a_surface_is_found_again),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
