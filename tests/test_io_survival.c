/* Results survive interruption, divergence, full devices and closed pipes. */
#include <hdf5.h>
#include <signal.h>
#include <sys/stat.h>

#include "program.h"

static bool opens(const char *name) {
    H5E_auto2_t report;
    void *data;
    H5Eget_auto2(H5E_DEFAULT, &report, &data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, report, data);
    if (file >= 0) H5Fclose(file);
    return file >= 0;
}

static void divergence_keeps_what_was_measured(void **state) {
    (void)state;
    const char *command =
        "kramers run --json -o diverged.h5 --set schedule.lr=0.3 --set dynamics.temperature=0.3 --set ensemble.steps=5000 "
        "--set 'escape.until={minimum: 1, radius: 0.2}'";
    json_object *o = run_json(command, 4);
    assert_true(json_number(o, "diverged") > 0);
    assert_true(json_number(o, "first_diverged_step") > 0);
    assert_true(json_number(o, "escape.events") > 0);
    assert_contains(command, "err", "kramers: warning: learning rate x curvature = 2.4 at the start is beyond stability");
    assert_contains(command, "err", "are no longer finite after");
    json_object_put(o);
    assert_true(opens("diverged.h5"));
    assert_int_equal(
        shell("kramers run --quiet --set landscape=harmonic --set schedule.lr=2.5 --set ensemble.steps=5000 --set escape=null"), 4);
    assert_contains("table", "out", "diverged");
}

static void a_full_device_is_one_message(void **state) {
    (void)state;
    assert_int_equal(shell("kramers run --quiet --set ensemble.steps=500 -o full.h5 >/dev/full"), 3);
    assert_contains("full", "err", "kramers: the results could not be written to stdout: No space left on device");
    assert_true(opens("full.h5"));
    assert_int_equal(shell("kramers resume full.h5 --isa v9"), 2);
    assert_contains("resume", "err", "kramers: unknown instruction set 'v9'");
    assert_int_equal(shell("kramers resume full.h5 --isa baseline"), 0); /* it was finished: nothing is left to do */
    assert_int_equal(shell("kramers list --json >/dev/full"), 3);
    assert_int_equal(shell("kramers --version >/dev/full"), 3);
    assert_int_equal(shell("kramers theory --json >/dev/full"), 3);
    assert_int_equal(shell("kramers run --help >/dev/full"), 3);
    assert_int_equal(shell("kramers --help >/dev/full"), 3);
    assert_int_equal(shell("kramers sweep --usage >/dev/full"), 3);
}

/* The file that is opened next would get its number, and the results written into it. */
static void a_closed_stream_is_nobody_s_file(void **state) {
    (void)state;
    static const char *const closed[] = {">&-", ">&- <&-", ">&- 2>&- <&-", "2>&- >/dev/null", "<&- >/dev/null"};
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        char command[300];
        snprintf(command, sizeof command, "sh -c '" PROGRAM " run --quiet --force --set ensemble.steps=500 -o closed.h5 %s'",
                 closed[i]);
        assert_int_equal(shell(command), i < 3 ? 3 : 0);
        if (!opens("closed.h5")) fail_msg("%s", command);
        snprintf(command, sizeof command,
                 "sh -c 'rm -f c.csv; " PROGRAM " sweep --vary dynamics.temperature=0.3,0.4 --set ensemble.steps=500 -o c.csv %s'",
                 closed[i]);
        shell(command);
        char *text = read_file("c.csv");
        assert_non_null(text);
        assert_null(strstr(text, "landscape  "));
        assert_null(strstr(text, "mean steps "));
        free(text);
    }
}

static void a_closed_pipe_is_one_message(void **state) {
    (void)state;
    /* true reads nothing and is gone long before the run ends */
    shell("{ kramers run --quiet --set ensemble.steps=3000 -o pipe.h5; echo $? >status; } | true");
    assert_contains("pipe", "status", "3");
    assert_contains("pipe", "err", "kramers: the results could not be written to stdout: Broken pipe");
    assert_true(opens("pipe.h5"));
}

static void a_full_disk_is_one_message(void **state) {
    (void)state;
    mkdir("small", 0777);
    if (system("mount -t tmpfs -o size=128k tmpfs small 2>/dev/null")) {
        print_message("a small tmpfs cannot be mounted here\n");
        skip();
    }
    /* Room for the first flush, not for the whole file; the estimate refuses what is known not to fit. */
    int refused = shell("kramers run --quiet --set ensemble.steps=100000 -o small/out.h5");
    char *estimate = read_file("err");
    shell("head -c 120000 /dev/zero >small/other");
    int full = shell("kramers run --json --set ensemble.particles=64 --set ensemble.steps=2000 -o small/other.h5");
    char *text = read_file("err");
    system("umount small");
    assert_int_equal(refused, 3);
    assert_non_null(strstr(estimate, "small/out.h5"));
    assert_int_equal(full, 3);
    assert_non_null(strstr(text, "kramers: small/other.h5"));
    free(estimate);
    free(text);
}

static void interruption_keeps_what_was_measured(void **state) {
    (void)state;
    char *arguments[] = {"kramers", "run", "--json", "--set", "ensemble.particles=1024", "-o", "stopped.h5", NULL};
    unlink("stopped.h5");
    pid_t child = start_program(arguments);
    for (int i = 0; i < 6000 && access("stopped.h5", F_OK); i++) wait_seconds(0.005);
    wait_seconds(0.15);
    assert_int_equal(kill(child, SIGINT), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_contains("SIGINT", "err", "kramers: interrupted by SIGINT; 'kramers resume stopped.h5' goes on from here");
    char *text = read_file("out");
    json_object *o = json_tokener_parse(text);
    assert_non_null(o);
    assert_true(json_object_get_boolean(member(o, "interrupted")));
    double steps = json_number(o, "steps");
    assert_true(steps > 0 && steps < 100000);
    assert_true(json_number(o, "escape.exposure_steps") == 1024 * steps);
    json_object_put(o);
    free(text);

    /* The file holds the frames up to here and the result ... */
    hid_t file = H5Fopen("stopped.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    hid_t set = H5Dopen2(file, "/particles/trajectory/position/value", H5P_DEFAULT), space = H5Dget_space(set);
    hsize_t size[3];
    assert_int_equal(H5Sget_simple_extent_dims(space, size, NULL), 3);
    assert_int_equal(size[0], (hsize_t)steps / 100 + 1);
    assert_true(H5Lexists(file, "/parameters/escape/summary", H5P_DEFAULT) > 0);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);

    /* ... and going on gives the bytes of a run that was never stopped. */
    if (shell("kramers resume --quiet stopped.h5")) fail_msg("%s", read_file("err"));
    assert_int_equal(shell("kramers run --quiet --set ensemble.particles=1024 -o unbroken.h5 --force"), 0);
    assert_int_equal(shell("cmp stopped.h5 unbroken.h5"), 0);
}

static void a_second_interrupt_ends_at_once(void **state) {
    (void)state;
    /* The slowest table and one thread: a cadence lasts seconds. */
    char land[] = "landscape={name: styblinski_tang, dim: 1000}";
    char *arguments[] = {"kramers",
                         "run",
                         "--quiet",
                         "--isa",
                         "baseline",
                         "--threads",
                         "1",
                         "--set",
                         land,
                         "--set",
                         "ensemble.particles=5000",
                         "--set",
                         "escape=null",
                         "--set",
                         "ensemble.steps=1000000",
                         NULL};
    pid_t child = start_program(arguments);
    wait_seconds(0.5);
    kill(child, SIGINT);
    wait_seconds(0.03);
    kill(child, SIGINT);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_int_equal(lines("out"), 0); /* no report: it did not wait for the next cadence */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(divergence_keeps_what_was_measured), cmocka_unit_test(a_full_device_is_one_message),
        cmocka_unit_test(a_closed_stream_is_nobody_s_file),   cmocka_unit_test(a_closed_pipe_is_one_message),
        cmocka_unit_test(a_full_disk_is_one_message),         cmocka_unit_test(interruption_keeps_what_was_measured),
        cmocka_unit_test(a_second_interrupt_ends_at_once),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
