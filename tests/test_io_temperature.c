/* Temperatures that files keep, where the noise depends on the position and there is weight decay: the noise of a step is that of
 * the data and knows nothing of weight decay, and where it differs between coordinates the temperature is the mean over them. */
#include "assert_close.h"

#include <kramers/kramers.h>

#include <hdf5.h>
#include <string.h>

enum { FRAMES = 6, PARTICLES = 50, DIM = 2 };
static const double rate = 0.05, stiffness[DIM] = {1, 4};

#define good(call)                                                                                                                 \
    do {                                                                                                                           \
        if ((call) != KR_OK) fail_msg("%s: %s", #call, error.message);                                                             \
    } while (0)

/* Noise of strength 3, V = (x^2 + 4 y^2) / 2, weight decay 2. */
static void run_scene(const char *file, const char *noise, const char *dynamics) {
    const char *overrides[] = {"landscape={name: harmonic, dim: 2, stiffness: [1, 4]}",
                               noise,
                               dynamics,
                               "schedule.lr=0.05",
                               "escape={}",
                               "ensemble={particles: 50, steps: 50, seed: 3, start: {point: [1, 2]}}",
                               "trajectory={every: 10, particles: 50}"};
    kr_error error;
    kr_scene scene;
    kr_run *run;
    const kr_registry *registry;
    good(kr_registry_find(NULL, &registry, &error));
    good(kr_scene_load(&scene, registry, NULL, overrides, sizeof overrides / sizeof *overrides, &error));
    kr_run_options options = {.output = file, .overwrite = true};
    good(kr_run_create(&run, &scene, &options, &error));
    while (!kr_run_finished(run)) good(kr_run_advance(run, &error));
    good(kr_run_finish(run, &error));
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

static hid_t open_file(const char *name) {
    hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) fail_msg("%s does not open", name);
    return file;
}

static void read_set(hid_t file, const char *path, size_t count, double *out) {
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(set);
    assert_int_equal(H5Sget_simple_extent_npoints(space), count);
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);
    H5Sclose(space);
    H5Dclose(set);
}

static double map_temperature(hid_t file) {
    double temperature;
    hid_t attribute = H5Aopen_by_name(file, "/parameters/kramers/landscape_grid", "temperature", H5P_DEFAULT, H5P_DEFAULT);
    assert_true(attribute >= 0);
    assert_true(H5Aread(attribute, H5T_NATIVE_DOUBLE, &temperature) >= 0);
    H5Aclose(attribute);
    return temperature;
}

/* T = eta / 2 times the mean variance, which is 3 k along a coordinate of curvature k. */
static void of_curvature_noise(void **state) {
    (void)state;
    double recorded[FRAMES], expected = 0.5 * rate * 3 * (stiffness[0] + stiffness[1]) / 2;
    run_scene("temperature.h5", "noise={name: curvature, strength: 3}", "dynamics={name: sgd, weight_decay: 2}");
    hid_t file = open_file("temperature.h5");
    read_set(file, "/observables/temperature/value", FRAMES, recorded);
    for (int k = 0; k < FRAMES; k++) assert_close(recorded[k], expected, 1e-12, 0);
    assert_close(map_temperature(file), expected, 1e-12, 0);
    H5Fclose(file);
}

static void of_loss_noise(void **state) {
    (void)state;
    static double position[FRAMES * PARTICLES * DIM];
    double recorded[FRAMES];
    run_scene("temperature.h5", "noise={name: loss, strength: 3}", "dynamics={name: sgd, weight_decay: 2}");
    hid_t file = open_file("temperature.h5");
    read_set(file, "/observables/temperature/value", FRAMES, recorded);
    read_set(file, "/particles/trajectory/position/value", sizeof position / sizeof *position, position);
    for (int k = 0; k < FRAMES; k++) {
        double mean = 0;
        for (size_t p = 0; p < PARTICLES; p++) {
            const double *x = position + ((size_t)k * PARTICLES + p) * DIM;
            mean += 0.5 * (stiffness[0] * x[0] * x[0] + stiffness[1] * x[1] * x[1]) / PARTICLES;
        }
        assert_close(recorded[k], 0.5 * rate * 3 * mean, 1e-12, 0);
    }
    assert_close(map_temperature(file), 0.5 * rate * 3 * 0.5 * (1 + 4 * 4), 1e-12, 0);
    H5Fclose(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_curvature_noise),
        cmocka_unit_test(of_loss_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
