/* Recordings are read back as what was written: native and MDAnalysis profiles, files that still grow, files of other programs, and
 * clear messages for the rest. */
#include "assert_close.h"

#include <kramers/kramers.h>
#include <kramers/recording.h>

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define good(call)                                                                                                                 \
    do {                                                                                                                           \
        if ((call) != KR_OK) fail_msg("%s: %s", #call, error.message);                                                             \
    } while (0)

enum { PARTICLES = 7, STEPS = 200, EVERY = 10, FRAMES = STEPS / EVERY + 1 };

static const char two_dimensions[] =
    "landscape: {name: double_well, dim: 2, stiffness: 3}\ndynamics: {name: langevin, temperature: "
    "0.4}\nschedule: {name: cosine, lr: 0.02}\n";

static void load(kr_scene *scene, const char *profile) {
    const kr_registry *registry;
    kr_error error;
    const char *overrides[] = {"ensemble.particles=30",  "ensemble.steps=200", "trajectory.every=10",
                               "trajectory.particles=7", "trajectory.flush=3", profile};
    good(kr_registry_find(NULL, &registry, &error));
    good(kr_scene_parse(scene, registry, "test", NULL, two_dimensions, overrides, 6, &error));
}

typedef struct expected {
    double position[2 * PARTICLES], velocity[2 * PARTICLES], time, learning_rate;
} expected;

/* Runs and keeps what the ensemble was at each frame. */
static void record(const char *file, const char *profile, expected *frames) {
    kr_scene scene;
    kr_error error;
    kr_run *run;
    load(&scene, profile);
    kr_run_options options = {.output = file, .overwrite = true};
    good(kr_run_create(&run, &scene, &options, &error));
    for (size_t f = 0; f < FRAMES; f++) {
        while (kr_run_view(run).step < EVERY * f) good(kr_run_advance(run, &error));
        kr_view view = kr_run_view(run);
        double *speed = malloc(view.dim * view.stride * sizeof *speed);
        assert_int_equal(view.step, EVERY * f);
        assert_true(kr_ensemble_velocity(&view, speed));
        frames[f].time = view.time;
        frames[f].learning_rate = view.learning_rate;
        for (size_t i = 0; i < 2; i++)
            for (size_t p = 0; p < PARTICLES; p++) {
                frames[f].position[i * PARTICLES + p] = view.position[i * view.stride + p];
                frames[f].velocity[i * PARTICLES + p] = speed[i * view.stride + p];
            }
        free(speed);
    }
    good(kr_run_finish(run, &error));
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

static void assert_frame(kr_recording *recording, size_t f, const expected *frame) {
    uint64_t step;
    expected read;
    kr_error error;
    good(kr_recording_frame(recording, f, &step, &read.time, &read.learning_rate, read.position, read.velocity, &error));
    assert_int_equal(step, EVERY * f);
    assert_memory_equal(&read, frame, sizeof read);
}

static void check_profile(const char *file, const char *profile) {
    static expected frames[FRAMES];
    kr_recording *recording;
    kr_error error;
    record(file, profile, frames);
    good(kr_recording_open(&recording, file, &error));
    assert_int_equal(kr_recording_frames(recording), FRAMES);
    assert_int_equal(kr_recording_particles(recording), PARTICLES);
    assert_int_equal(kr_recording_dim(recording), 2);
    const char *text = kr_recording_scene(recording);
    assert_non_null(text);
    const kr_registry *registry;
    kr_scene scene;
    good(kr_registry_find(NULL, &registry, &error));
    good(kr_scene_parse(&scene, registry, "recorded", NULL, text, NULL, 0, &error));
    assert_string_equal(scene.dynamics.about->name, "langevin");
    kr_scene_destroy(&scene);
    for (size_t f = FRAMES; f-- > 0;) assert_frame(recording, f, &frames[f]); /* in any order */
    assert_frame(recording, 11, &frames[11]);
    good(kr_recording_frame(recording, 0, NULL, NULL, NULL, NULL, NULL, &error));
    assert_int_equal(kr_recording_frame(recording, FRAMES, NULL, NULL, NULL, NULL, NULL, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "has frames 0 to 20, not 21"));
    kr_recording_close(recording);
}

static void native_profile(void **state) {
    (void)state;
    check_profile("recording_native.h5", "trajectory.profile=native");
}

static void mdanalysis_profile(void **state) {
    (void)state;
    check_profile("recording_mdanalysis.h5", "trajectory.profile=mdanalysis");
}

static void a_growing_file_has_the_frames_of_its_opening(void **state) {
    (void)state;
    static expected frames[FRAMES];
    const char *file = "recording_growing.h5";
    record(file, "trajectory.profile=native", frames);
    kr_scene scene;
    kr_error error;
    kr_run *run;
    kr_recording *early, *late;
    load(&scene, "trajectory.profile=native");
    kr_run_options options = {.output = file, .overwrite = true};
    good(kr_run_create(&run, &scene, &options, &error));
    while (kr_run_view(run).step < 80) good(kr_run_advance(run, &error));
    good(kr_recording_open(&early, file, &error));
    size_t before = kr_recording_frames(early);
    assert_in_range(before, 3, 9); /* three a flush */
    while (!kr_run_finished(run)) {
        good(kr_run_advance(run, &error));
        for (size_t f = 0; f < before; f++) assert_frame(early, f, &frames[f]);
    }
    good(kr_run_finish(run, &error));
    assert_int_equal(kr_recording_frames(early), before);
    good(kr_recording_open(&late, file, &error));
    assert_int_equal(kr_recording_frames(late), FRAMES);
    for (size_t f = 0; f < FRAMES; f++) assert_frame(late, f, &frames[f]);
    kr_recording_close(early);
    kr_recording_close(late);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

/* ---- files of other programs ---- */

static void put(hid_t file, const char *path, hid_t type, int rank, const hsize_t *size, const void *data) {
    hid_t link = H5Pcreate(H5P_LINK_CREATE), space = rank ? H5Screate_simple(rank, size, NULL) : H5Screate(H5S_SCALAR);
    H5Pset_create_intermediate_group(link, 1);
    hid_t set = H5Dcreate2(file, path, type, space, link, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(link);
}

static hid_t new_file(const char *name, bool h5md) {
    /* The newest format, as h5py with libver='latest' writes it. */
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    hid_t file = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    if (h5md) H5Gclose(H5Gcreate2(file, "h5md", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    return file;
}

static const float foreign[2][3][2] = {{{1, 2}, {3, 4}, {5, 6}}, {{10, 20}, {30, 40}, {50, 60}}};

static void another_program_s_file(void **state) {
    (void)state;
    hid_t file = new_file("recording_foreign.h5", true);
    int increment = 5;
    double time[2] = {0.25, 0.5}, offset = 100;
    put(file, "particles/water/position/value", H5T_NATIVE_FLOAT, 3, (hsize_t[]){2, 3, 2}, foreign);
    put(file, "particles/water/position/step", H5T_NATIVE_INT, 0, NULL, &increment);
    put(file, "particles/water/position/time", H5T_NATIVE_DOUBLE, 1, (hsize_t[]){2}, time);
    hid_t set = H5Dopen2(file, "particles/water/position/step", H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(set, "offset", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_DOUBLE, &offset);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);

    kr_recording *recording;
    kr_error error;
    good(kr_recording_open(&recording, "recording_foreign.h5", &error));
    assert_int_equal(kr_recording_frames(recording), 2);
    assert_int_equal(kr_recording_particles(recording), 3);
    assert_int_equal(kr_recording_dim(recording), 2);
    assert_null(kr_recording_scene(recording));
    for (size_t f = 0; f < 2; f++) {
        uint64_t step;
        double now, rate, position[6], velocity[6];
        good(kr_recording_frame(recording, f, &step, &now, &rate, position, velocity, &error));
        assert_int_equal(step, 100 + 5 * f);
        assert_true(now == time[f]);
        assert_true(isnan(rate));
        for (size_t p = 0; p < 3; p++)
            for (size_t i = 0; i < 2; i++) {
                assert_true(position[i * 3 + p] == (double)foreign[f][p][i]);
                assert_true(isnan(velocity[i * 3 + p]));
            }
    }
    kr_recording_close(recording);
}

static void assert_refused(const char *name, kr_status status, const char *message) {
    kr_recording *recording;
    kr_error error;
    assert_int_equal(kr_recording_open(&recording, name, &error), status);
    assert_null(recording);
    if (!strstr(error.message, message) || !strstr(error.message, name)) fail_msg("%s", error.message);
}

static void what_is_no_recording_is_refused(void **state) {
    (void)state;
    assert_refused("recording_missing.h5", KR_IO, "cannot open");
    FILE *text = fopen("recording_text.h5", "w");
    fputs("no HDF5\n", text);
    fclose(text);
    assert_refused("recording_text.h5", KR_IO, "is not an HDF5 file");

    hid_t file = new_file("recording_plain.h5", false);
    put(file, "particles/a/position/value", H5T_NATIVE_FLOAT, 3, (hsize_t[]){2, 3, 2}, foreign);
    H5Fclose(file);
    assert_refused("recording_plain.h5", KR_BAD_ARGUMENT, "is no H5MD file");

    H5Fclose(new_file("recording_empty.h5", true));
    assert_refused("recording_empty.h5", KR_BAD_ARGUMENT, "has no group of particles");

    file = new_file("recording_two.h5", true);
    put(file, "particles/a/position/value", H5T_NATIVE_FLOAT, 3, (hsize_t[]){2, 3, 2}, foreign);
    put(file, "particles/b/position/value", H5T_NATIVE_FLOAT, 3, (hsize_t[]){2, 3, 2}, foreign);
    H5Fclose(file);
    assert_refused("recording_two.h5", KR_BAD_ARGUMENT, "2 groups of particles (a, b)");

    file = new_file("recording_static.h5", true);
    put(file, "particles/a/position", H5T_NATIVE_FLOAT, 2, (hsize_t[]){3, 2}, foreign);
    H5Fclose(file);
    assert_refused("recording_static.h5", KR_BAD_ARGUMENT, "does not change with time");

    file = new_file("recording_none.h5", true);
    put(file, "particles/a/position/value", H5T_NATIVE_FLOAT, 3, (hsize_t[]){0, 3, 2}, foreign);
    H5Fclose(file);
    assert_refused("recording_none.h5", KR_BAD_ARGUMENT, "has no frames yet");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(native_profile),
        cmocka_unit_test(mdanalysis_profile),
        cmocka_unit_test(a_growing_file_has_the_frames_of_its_opening),
        cmocka_unit_test(another_program_s_file),
        cmocka_unit_test(what_is_no_recording_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
