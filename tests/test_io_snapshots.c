/* Positions that an observer keeps, in files: where they are, equal bytes from a run that was stopped at any of its writes,
 * branches, and files that have been tampered with. */
#include "assert_close.h"

#include <kramers/kramers.h>

#include "killed_process.h"
#include "sanitized.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

enum { PARTICLES = 70, DIM = 2, SNAPSHOTS = 5 };

#define good(call)                                                                                                                 \
    do {                                                                                                                           \
        if ((call) != KR_OK) fail_msg("%s: %s", #call, error.message);                                                             \
    } while (0)

static const char text[] = "landscape: {name: quadruple_well}\ndynamics: {name: langevin, temperature: 0.4}\n"
                           "schedule: {name: cosine_restarts, lr: 0.1, period: 50}\n"
                           "ensemble: {particles: 70, steps: 250}\nescape: {until: []}\n"
                           "trajectory: {every: 20, particles: 5, flush: 1}\nsnapshots: {at: cycle_ends}\n";

static void load(kr_scene *scene, const char *override) {
    const kr_registry *registry;
    kr_error error;
    good(kr_registry_find(NULL, &registry, &error));
    good(kr_scene_parse(scene, registry, "snapshots", NULL, text, &override, override ? 1 : 0, &error));
}

static void run_to(kr_run *run, uint64_t step) {
    kr_error error;
    while (!kr_run_finished(run) && kr_run_view(run).step < step) good(kr_run_advance(run, &error));
}

static void run_all(const char *file, int threads, const char *override) {
    kr_scene scene;
    kr_run *run;
    kr_error error;
    load(&scene, override);
    good(kr_run_create(&run, &scene, &(kr_run_options){.output = file, .overwrite = true, .threads = threads}, &error));
    run_to(run, UINT64_MAX);
    good(kr_run_finish(run, &error));
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

static kr_status resume(const char *file, const char *output, uint64_t steps, const uint64_t *seed, kr_error *error) {
    kr_scene scene = {0};
    kr_run *run;
    kr_run_options options = {.output = output, .overwrite = true, .threads = 2};
    kr_status status = kr_run_resume(&run, &scene, file, steps, seed, &options, error);
    if (status != KR_OK) return status;
    run_to(run, UINT64_MAX);
    status = kr_run_finish(run, error);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    return status;
}

static char *slurp(const char *file, size_t *size) {
    FILE *in = fopen(file, "rb");
    if (!in) fail_msg("%s does not open", file);
    fseek(in, 0, SEEK_END);
    *size = (size_t)ftell(in);
    rewind(in);
    char *bytes = malloc(*size + 1);
    assert_int_equal(fread(bytes, 1, *size, in), *size);
    fclose(in);
    return bytes;
}

static bool same_bytes(const char *a, const char *b) {
    size_t size[2];
    char *bytes[2] = {slurp(a, &size[0]), slurp(b, &size[1])};
    bool same = size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0;
    free(bytes[0]);
    free(bytes[1]);
    return same;
}

static size_t read_numbers(const char *name, const char *path, double *out, size_t most) {
    hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, path, H5P_DEFAULT);
    if (set < 0) fail_msg("%s is not in %s", path, name);
    hid_t space = H5Dget_space(set);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    assert_in_range(count, 0, most);
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
    return (size_t)count;
}

/* The ensemble's own positions at these steps, which no frame has. */
static void they_are_those_of_the_ensemble(void **state) {
    (void)state;
    kr_scene scene;
    kr_run *run;
    kr_error error;
    static double expected[SNAPSHOTS][PARTICLES][DIM], found[SNAPSHOTS][PARTICLES][DIM], step[SNAPSHOTS], time[SNAPSHOTS];
    load(&scene, NULL);
    good(kr_run_create(&run, &scene, &(kr_run_options){.output = "snapshots.h5", .overwrite = true}, &error));
    double times[SNAPSHOTS];
    for (size_t s = 0; s < SNAPSHOTS; s++) {
        run_to(run, 50 * (s + 1));
        kr_view view = kr_run_view(run);
        assert_int_equal(view.step, 50 * (s + 1));
        times[s] = view.time;
        for (size_t p = 0; p < PARTICLES; p++)
            for (size_t i = 0; i < DIM; i++) expected[s][p][i] = view.position[i * view.stride + p];
    }
    good(kr_run_finish(run, &error));
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    assert_int_equal(read_numbers("snapshots.h5", "/particles/snapshots/position/value", found[0][0], sizeof found / 8),
                     sizeof found / 8);
    assert_memory_equal(found, expected, sizeof found);
    assert_int_equal(read_numbers("snapshots.h5", "/particles/snapshots/position/step", step, SNAPSHOTS), SNAPSHOTS);
    assert_int_equal(read_numbers("snapshots.h5", "/particles/snapshots/position/time", time, SNAPSHOTS), SNAPSHOTS);
    for (size_t s = 0; s < SNAPSHOTS; s++) assert_true(step[s] == 50.0 * (double)(s + 1) && time[s] == times[s]);
    run_all("again.h5", 3, NULL);
    assert_true(same_bytes("snapshots.h5", "again.h5"));
}

/* killed.writes when the file has its name. */
static long writes_of_creation(void) {
    kr_scene scene;
    kr_run *run;
    kr_error error;
    load(&scene, NULL);
    killed.writes = 0;
    good(kr_run_create(&run, &scene, &(kr_run_options){.output = "created.h5", .overwrite = true, .threads = 1}, &error));
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    return killed.writes;
}

static void die_after(long writes, bool torn) {
    kr_scene scene;
    kr_run *run;
    kr_error error;
    load(&scene, NULL);
    killed.writes = 0;
    killed.stop_after = writes;
    killed.tear = torn;
    good(kr_run_create(&run, &scene, &(kr_run_options){.output = "killed.h5", .overwrite = true, .threads = 1}, &error));
    while (!kr_run_finished(run) && !is_dead())
        if (kr_run_advance(run, &error) != KR_OK) break; /* what it reads back is not what it wrote */
    if (!is_dead()) kr_run_finish(run, &error);
    kr_run_destroy(run);
    killed.stop_after = -1;
    killed.tear = false;
    kr_scene_destroy(&scene);
}

static void killed_runs_resume_to_the_same_bytes(void **state) {
    (void)state;
    killed.writes = 0;
    run_all("whole.h5", 1, NULL);
    long last = killed.writes, first = writes_of_creation() + 1, tried = 0;
    for (long k = first; k <= last; k += SANITIZED ? 37 : is_sampled() ? 7 : 1, tried++) {
        kr_error error;
        die_after(k, tried % 2);
        if (resume("killed.h5", NULL, 0, NULL, &error) != KR_OK) fail_msg("after %ld writes: %s", k, error.message);
        if (!same_bytes("whole.h5", "killed.h5")) fail_msg("other bytes after %ld of %ld writes", k, last);
    }
    assert_true(tried > 5);
}

/* Further, and with another seed in a file of its own, which has the snapshots before the branch too. */
static void runs_go_on(void **state) {
    (void)state;
    kr_error error;
    const uint64_t seed = 9;
    static double before[7 * PARTICLES * DIM], after[7 * PARTICLES * DIM];
    run_all("longer.h5", 2, NULL);
    good(resume("longer.h5", NULL, 350, NULL, &error));
    size_t row = PARTICLES * DIM;
    assert_int_equal(read_numbers("longer.h5", "/particles/snapshots/position/value", before, 7 * row), 7 * row);
    good(resume("longer.h5", NULL, 350, NULL, &error));
    good(resume("longer.h5", "branch.h5", 350, &seed, &error));
    assert_int_equal(read_numbers("branch.h5", "/particles/snapshots/position/value", after, 7 * row), 7 * row);
    assert_memory_equal(before, after, 7 * row * sizeof *after);
    run_all("short.h5", 2, NULL);
    good(resume("short.h5", "branch.h5", 350, &seed, &error));
    assert_int_equal(read_numbers("branch.h5", "/particles/snapshots/position/value", after, 7 * row), 7 * row);
    assert_memory_equal(before, after, 5 * row * sizeof *after);
    assert_true(memcmp(before + 5 * row, after + 5 * row, 2 * row * sizeof *after) != 0);
}

static void damaged_files_are_refused(void **state) {
    (void)state;
    kr_error error;
    run_all("damaged.h5", 1, NULL);
    hid_t file = H5Fopen("damaged.h5", H5F_ACC_RDWR, H5P_DEFAULT),
          set = H5Dopen2(file, "/particles/snapshots/position/value", H5P_DEFAULT);
    hsize_t size[3] = {2, PARTICLES, DIM};
    assert_true(H5Dset_extent(set, size) >= 0);
    H5Dclose(set);
    H5Fclose(file);
    assert_int_equal(resume("damaged.h5", NULL, 300, NULL, &error), KR_IO);
    assert_non_null(strstr(error.message, "is damaged"));
    good(kr_file_renew("damaged.h5", &error)); /* its checksums do not know */
    assert_int_equal(resume("damaged.h5", NULL, 300, NULL, &error), KR_IO);
    assert_non_null(strstr(error.message, "damaged.h5"));
    assert_non_null(strstr(error.message, "/particles/snapshots/position/value"));
    file = H5Fopen("damaged.h5", H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5Ldelete(file, "/particles/snapshots", H5P_DEFAULT) >= 0);
    H5Fclose(file);
    good(kr_file_renew("damaged.h5", &error));
    assert_int_equal(resume("damaged.h5", NULL, 300, NULL, &error), KR_IO);
}

/* The checkpoint at step 140 knows of two snapshots, the newest one at 160 of three. */
static void an_older_checkpoint_has_fewer(void **state) {
    (void)state;
    kr_scene scene;
    kr_run *run;
    kr_error error;
    uint64_t commit[2][6];
    static double found[SNAPSHOTS * PARTICLES * DIM], expected[SNAPSHOTS * PARTICLES * DIM];
    const size_t all = SNAPSHOTS * PARTICLES * DIM;
    run_all("whole.h5", 1, NULL);
    load(&scene, NULL);
    good(kr_run_create(&run, &scene, &(kr_run_options){.output = "older.h5", .overwrite = true}, &error));
    run_to(run, 160);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    assert_int_equal(read_numbers("older.h5", "/particles/snapshots/position/value", found, all), 3 * PARTICLES * DIM);
    hid_t file = H5Fopen("older.h5", H5F_ACC_RDWR, H5P_DEFAULT),
          set = H5Dopen2(file, "/parameters/kramers/checkpoint/commit", H5P_DEFAULT);
    assert_true(H5Dread(set, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, commit) >= 0);
    H5Dclose(set);
    bool second = commit[1][0] > commit[0][0];
    set = H5Dopen2(file, second ? "/parameters/kramers/checkpoint/slot_1" : "/parameters/kramers/checkpoint/slot_0", H5P_DEFAULT);
    long place = (long)H5Dget_offset(set) + 80;
    H5Dclose(set);
    H5Fclose(file);
    FILE *raw = fopen("older.h5", "r+b");
    fseek(raw, place, SEEK_SET);
    int byte = fgetc(raw);
    fseek(raw, place, SEEK_SET);
    fputc(byte ^ 1, raw);
    fclose(raw);
    good(resume("older.h5", NULL, 0, NULL, &error));
    assert_int_equal(read_numbers("older.h5", "/particles/snapshots/position/value", found, all), all);
    assert_int_equal(read_numbers("whole.h5", "/particles/snapshots/position/value", expected, all), all);
    assert_memory_equal(found, expected, sizeof found);
}

static void another_profile_has_no_room(void **state) {
    (void)state;
    kr_scene scene;
    kr_run *run;
    kr_error error;
    load(&scene, "trajectory.profile=mdanalysis");
    kr_status status = kr_run_create(&run, &scene, &(kr_run_options){.output = "profile.h5", .overwrite = true}, &error);
    assert_int_equal(status, KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "snapshots keeps another"));
    kr_scene_destroy(&scene);
}

/* The estimate before a run counts them: in memory and in the file. */
static void estimates_count_them(void **state) {
    (void)state;
    kr_estimate with[2];
    for (int i = 0; i < 2; i++) {
        kr_scene scene;
        kr_run *run;
        kr_error error;
        load(&scene, i ? "snapshots.every=10" : NULL);
        good(kr_run_create(&run, &scene, &(kr_run_options){.output = "estimate.h5", .overwrite = true}, &error));
        with[i] = kr_run_estimate(run);
        kr_run_destroy(run);
        kr_scene_destroy(&scene);
    }
    double more = 20, digit = 1; /* 25 instead of 5; of the scene, which is in the file already */
    assert_close(with[1].file_bytes - with[0].file_bytes, more * PARTICLES * DIM * 8 + digit, 1e-12, 0);
    assert_close(with[1].memory_bytes - with[0].memory_bytes, more * 128 * DIM * 8, 1e-12, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(they_are_those_of_the_ensemble),
                                       cmocka_unit_test(killed_runs_resume_to_the_same_bytes),
                                       cmocka_unit_test(runs_go_on),
                                       cmocka_unit_test(damaged_files_are_refused),
                                       cmocka_unit_test(an_older_checkpoint_has_fewer),
                                       cmocka_unit_test(another_profile_has_no_room),
                                       cmocka_unit_test(estimates_count_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
