/* Every first passage in a file without frames (trajectory.every 0): the table is complete, and a run that was killed goes on to
 * the same bytes. */
#include "program.h"

#include <hdf5.h>

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

#define SMALL                                                                                                                      \
    "--set ensemble.particles=512 --set ensemble.steps=40000 --set dynamics.temperature=0.3 --set trajectory.every=0 --quiet"

typedef struct passage {
    uint64_t step, particle, duration;
} passage;

static passage *read_passages(const char *file, size_t *count, hsize_t *frames) {
    hid_t h5 = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT), row = H5Tcreate(H5T_COMPOUND, sizeof(passage));
    assert_true(h5 >= 0);
    hid_t table = H5Dopen2(h5, "/parameters/escape/events", H5P_DEFAULT), space = H5Dget_space(table);
    hid_t steps = H5Dopen2(h5, "/particles/trajectory/position/step", H5P_DEFAULT), length = H5Dget_space(steps);
    H5Tinsert(row, "step", offsetof(passage, step), H5T_NATIVE_UINT64);
    H5Tinsert(row, "particle", offsetof(passage, particle), H5T_NATIVE_UINT64);
    H5Tinsert(row, "duration", offsetof(passage, duration), H5T_NATIVE_UINT64);
    *count = (size_t)H5Sget_simple_extent_npoints(space);
    *frames = (hsize_t)H5Sget_simple_extent_npoints(length);
    passage *passages = malloc((*count + 1) * sizeof *passages);
    assert_non_null(passages);
    assert_true(H5Dread(table, row, H5S_ALL, H5S_ALL, H5P_DEFAULT, passages) >= 0);
    H5Sclose(length), H5Dclose(steps), H5Sclose(space), H5Dclose(table), H5Tclose(row), H5Fclose(h5);
    return passages;
}

static void the_table_has_every_passage(void **state) {
    (void)state;
    json_object *o = run_json("kramers run --json -o all.h5 " SMALL, 0);
    size_t count;
    hsize_t frames;
    passage *passages = read_passages("all.h5", &count, &frames);
    static uint64_t left[512]; /* the step at which each particle last left the start */
    assert_int_equal(frames, 0);
    assert_int_equal(count, (size_t)json_number(o, "escape.events"));
    assert_true(count > 1000);
    for (size_t i = 0; i < count; i++) {
        passage p = passages[i];
        assert_true(p.particle < 512 && p.step <= 40000 && (i == 0 || p.step >= passages[i - 1].step));
        assert_int_equal(p.duration, p.step - left[p.particle]);
        left[p.particle] = p.step;
    }
    free(passages);
    json_object_put(o);
    run("kramers view all.h5 --frames 1", 2);
    assert_contains("view", "err", "has no frames");
}

static void a_killed_run_goes_on(void **state) {
    (void)state;
    run("kramers run --force -o all.h5 " SMALL, 0);
    for (int i = 1; i <= 5; i++) {
        char *arguments[] = {"kramers",   "run",
                             "--set",     "ensemble.particles=512",
                             "--set",     "ensemble.steps=40000",
                             "--set",     "dynamics.temperature=0.3",
                             "--set",     "trajectory.every=0",
                             "--quiet",   "--force",
                             "--threads", "1",
                             "-o",        "killed.h5",
                             NULL};
        pid_t child = start_program(arguments);
        wait_seconds(0.01 * i);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        if (access("killed.h5", F_OK)) continue; /* killed before it was there */
        run("kramers resume killed.h5 --quiet", 0);
        run("cmp killed.h5 all.h5", 0);
        remove("killed.h5");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_table_has_every_passage), cmocka_unit_test(a_killed_run_goes_on)};
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
