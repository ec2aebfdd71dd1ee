/* Random starts and starts from files, stopped and gone on with; data and starts where a file says they are. */
#include "program.h"

#include <hdf5.h>

#define NETWORK                                                                                                                    \
    "landscape: {name: network, data: moons, hidden: [4]}\ndynamics: {name: momentum, momentum: 0.5}\n"                            \
    "noise: {name: isotropic, sigma: 1}\nschedule: {name: constant, lr: 0.1}\nescape: {until: {coordinate: 0, above: 0.8}}\n"

static void write_rows(const char *file, const char *name, hsize_t rows, hsize_t columns, double step) {
    hid_t opened = H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT);
    if (opened < 0) opened = H5Fcreate(file, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    double value[400];
    assert_true(rows * columns <= 400);
    for (size_t k = 0; k < rows * columns; k++) value[k] = step * (double)(k % 7);
    hid_t space = H5Screate_simple(columns > 1 ? 2 : 1, (hsize_t[]){rows, columns}, NULL);
    hid_t set = H5Dcreate2(opened, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(set >= 0 && H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Fclose(opened);
}

/* What is measured, as text. */
static void measured(const char *command, char text[8192]) {
    json_object *all = run_json(command, 0);
    snprintf(text, 8192, "%s\n%.0f %.0f", json_object_get_string(member(all, "mean")), json_number(all, "escape.events"),
             json_number(all, "escape.exposure_steps"));
    assert_true(json_number(all, "escape.events") > 20);
    json_object_put(all);
}

/* In one go, and in two; arrivals after the stop start anew as they would have. */
static void assert_goes_on(const char *scene) {
    char whole[8192], parts[8192], command[400];
    write_text("scene.yaml", scene);
    measured("kramers run scene.yaml --json --quiet", whole);
    snprintf(command, sizeof command,
             "kramers run scene.yaml --quiet --set ensemble.steps=130 --set trajectory.every=13 -o part.h5 --force");
    run(command, 0);
    measured("kramers resume part.h5 --steps 400 --json --quiet", parts);
    assert_string_equal(whole, parts);
}

static void runs_go_on(void **state) {
    (void)state;
    assert_goes_on(NETWORK "ensemble: {particles: 100, steps: 400, seed: 5, start: {random: kaiming_uniform}}\n");
    assert_goes_on(
        NETWORK "ensemble: {particles: 100, steps: 400, seed: 6, start: {random: normal, scale: 0.2, point: 0.1, burn_in: 9}}\n");
    write_rows("starts.h5", "D", 10, 22, 0.1);
    assert_goes_on(NETWORK "ensemble: {particles: 100, steps: 400, seed: 7, start: {file: starts.h5, dataset: D}}\n");
}

/* Beside the scene; the file of a run says where that was, and asks for it when it is gone. */
static void files_are_found_from_the_file_that_names_them(void **state) {
    (void)state;
    run("mkdir -p scenes runs elsewhere", 0);
    write_rows("scenes/starts.h5", "D", 3, 13, 0.1);
    write_rows("scenes/data.h5", "x_train", 20, 2, 0.5);
    write_rows("scenes/data.h5", "y_train", 20, 1, 0);
    write_text("scenes/s.yaml", "landscape: {name: network, data: data.h5, hidden: [3]}\ndynamics: sgd\n"
                                "ensemble: {particles: 10, steps: 20, start: {file: starts.h5, dataset: D}}\n");
    run("kramers run scenes/s.yaml --quiet -o runs/run.h5 --set trajectory.every=5", 0);
    run("kramers resume runs/run.h5 --steps 30 --quiet", 0);
    run("mv scenes/data.h5 elsewhere/", 0);
    run("kramers run scenes/s.yaml --quiet", 3);
    assert_contains("run", "err", "scenes/data.h5': No such file");
    assert_contains("run", "err", "scenes/s.yaml:1:12: landscape: ");
    run("kramers resume runs/run.h5 --steps 40 --quiet", 3);
    assert_contains("resume", "err", "its scene needs '../scenes/data.h5', which is not there");
    run("mv scenes/starts.h5 elsewhere/ && kramers resume runs/run.h5 --steps 40 --quiet --directory elsewhere", 0);
    run("cd elsewhere && kramers run ../scenes/s.yaml --quiet --set landscape.data=data.h5 --set ensemble.start.file=starts.h5", 0);
    run("cd elsewhere && kramers run ../scenes/s.yaml --quiet --set landscape.data=data.h5", 3);
    assert_contains("run", "err", "starts.h5': No such file");
}

/* A directory called as a name of data is no data. */
static void names_of_data_mean_the_shipped_ones(void **state) {
    (void)state;
    run("mkdir -p digits moons && kramers run --quiet --set landscape=network --set ensemble.steps=2 --set ensemble.particles=4 -o "
        "d.h5 && "
        "cd / && kramers resume $OLDPWD/d.h5 --steps 3 --quiet",
        0);
    run("kramers theory --set landscape=network --set landscape.data=moons", 0);
    run("kramers run --set landscape=network --set landscape.data=digit", 2);
    assert_contains("run", "err", "--set landscape.data=digit: unknown data 'digit'; did you mean 'digits'?");
}

int main(void) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_go_on),
        cmocka_unit_test(files_are_found_from_the_file_that_names_them),
        cmocka_unit_test(names_of_data_mean_the_shipped_ones),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
