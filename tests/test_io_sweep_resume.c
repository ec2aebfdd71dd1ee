/* Interrupted and killed sweeps go on to the bytes of an unbroken one; files of other sweeps, damaged files and full disks. */
#include <hdf5.h>
#include <signal.h>
#include <sys/stat.h>

#include "sanitized.h"
#include "sweep_table.h"

#define GRID                                                                                                                       \
    "sweep", "--set", "ensemble.particles=32", "--set", "ensemble.steps=10000", "--quiet", "--threads", "2", "--vary",             \
        "dynamics.temperature=0.2:0.5:10", "--vary", "schedule.lr=0.02,0.05,0.1", "-o"
#define GRID_TEXT                                                                                                                  \
    "kramers sweep --set ensemble.particles=32 --set ensemble.steps=10000 --quiet --threads 2 "                                    \
    "--vary dynamics.temperature=0.2:0.5:10 --vary schedule.lr=0.02,0.05,0.1 -o "

static pid_t start(const char *file) {
    char name[64];
    snprintf(name, sizeof name, "%s", file);
    char *arguments[] = {"kramers", GRID, name, NULL};
    return start_program(arguments);
}

static off_t size_of(const char *file) {
    struct stat about;
    return stat(file, &about) ? 0 : about.st_size;
}

/* Until the file has grown by so much, or the process is gone. True: it still runs. */
static bool wait_for_growth(pid_t child, const char *file, off_t growth) {
    off_t before = size_of(file);
    for (int i = 0; i < 60000 && size_of(file) < before + growth; i++) {
        siginfo_t gone = {.si_pid = 0};
        assert_int_equal(waitid(P_PID, (id_t)child, &gone, WEXITED | WNOHANG | WNOWAIT), 0);
        if (gone.si_pid) return false;
        wait_seconds(0.0005);
    }
    return true;
}

static void check_kills(const char *file, const char *grows, const char *unbroken) {
    char command[512];
    int kills = 0, status;
    for (bool running = true; running;) {
        pid_t child = start(file);
        running = wait_for_growth(child, grows, 1500);
        if (running) kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        kills += WIFSIGNALED(status);
        running = WIFSIGNALED(status);
        assert_true(kills < 200);
        /* As if the kill had come in the middle of a row. */
        off_t size = size_of(grows);
        if (running && kills % 2 && size > 8000) assert_int_equal(truncate(grows, size - 100), 0);
    }
    assert_true(kills > 3);
    assert_int_equal(WEXITSTATUS(status), 0);
    snprintf(command, sizeof command, "cmp %s %s", file, unbroken);
    run(command, 0);
}

static void killed_sweeps_end_with_the_same_bytes(void **state) {
    (void)state;
    run(GRID_TEXT "unbroken.csv --threads 1", 0);
    run(GRID_TEXT "unbroken.h5 --threads 1", 0);
    check_kills("killed.csv", "killed.csv", "unbroken.csv");
    check_kills("killed.h5", "killed.h5.part", "unbroken.h5");
    assert_int_not_equal(access("killed.h5.part", F_OK), 0);
    /* Every length of the file that a kill could leave, as far as its first rows. */
    char *whole = read_file("unbroken.csv");
    size_t length = strlen(whole);
    for (size_t cut = 0; cut < length; cut += SANITIZED ? 134 + length / 4 : cut < 200 ? 67 : 1 + length / 9) {
        write_file("cut.csv", whole, cut);
        run(GRID_TEXT "cut.csv", 0);
        run("cmp cut.csv unbroken.csv", 0);
    }
    free(whole);
}

static void an_interrupted_sweep_keeps_what_is_finished(void **state) {
    (void)state;
    static const char *const files[][2] = {{"stopped.csv", "stopped.csv"}, {"stopped.h5", "stopped.h5.part"}};
    for (int i = 0; i < 2; i++) {
        pid_t child = start(files[i][0]);
        int status;
        assert_true(wait_for_growth(child, files[i][1], 14000)); /* the line of the columns is 10 kB */
        assert_int_equal(kill(child, SIGINT), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 130);
        assert_contains("SIGINT", "err", "of 30 points done; the same command goes on from here");
        if (i == 0) {
            table t = read_table(files[i][0]);
            assert_true(t.lines > 1 && t.lines < 31);
            for (size_t row = 1; row + 1 < t.lines; row++)
                assert_true(cell_number(&t, row, "point") > cell_number(&t, row - 1, "point"));
            free(t.text);
        } else {
            hid_t file = H5Fopen(files[i][0], H5F_ACC_RDONLY, H5P_DEFAULT); /* what is there can be read */
            assert_true(file >= 0);
            H5Fclose(file);
        }
        char command[512];
        snprintf(command, sizeof command, GRID_TEXT "%s && cmp %s unbroken.%s", files[i][0], files[i][0], i ? "h5" : "csv");
        run(command, 0);
    }
}

static void another_sweep_is_refused(void **state) {
    (void)state;
    run("kramers sweep " SMALL "--vary schedule.lr=0.01,0.02 -o other.csv && kramers sweep " SMALL
        "--vary schedule.lr=0.01,0.02 -o other.h5 && cp other.csv kept.csv && cp other.h5 kept.h5",
        0);
    static const char *const ends[] = {"csv", "h5"};
    for (int i = 0; i < 2; i++) {
        char command[512];
        snprintf(command, sizeof command, "kramers sweep " SMALL "--vary schedule.lr=0.01,0.03 -o other.%s", ends[i]);
        run(command, 2);
        assert_contains(command, "err", "is of another sweep: '    schedule.lr=0.01,0.02' stands there where this one has");
        assert_contains(command, "err", "--force");
        snprintf(command, sizeof command, "kramers sweep " SMALL "--vary schedule.lr=0.01,0.02 --set ensemble.seed=2 -o other.%s",
                 ends[i]);
        run(command, 2);
        assert_contains(command, "err", "seed: 1' stands there where this one has");
        snprintf(command, sizeof command, "cmp other.%s kept.%s", ends[i], ends[i]);
        run(command, 0);
        snprintf(command, sizeof command, "kramers sweep " SMALL "--vary schedule.lr=0.01,0.03 --force -o other.%s", ends[i]);
        run(command, 0);
        snprintf(command, sizeof command, "cmp other.%s kept.%s", ends[i], ends[i]);
        run(command, 1);
    }
    run("kramers sweep " SMALL "--vary schedule.lr=0.01,0.02 -o damaged.csv && sed -i 's/^1,0.02,/7,0.02,/' damaged.csv", 0);
    run("kramers sweep " SMALL "--vary schedule.lr=0.01,0.02 -o damaged.csv", 3);
    assert_contains("damaged", "err", "damaged.csv:3: this line is not as it was written: the file is damaged");
}

static void a_full_disk_keeps_whole_rows(void **state) {
    (void)state;
    mkdir("small", 0777);
    if (system("mount -t tmpfs -o size=16k tmpfs small 2>/dev/null")) {
        print_message("a small tmpfs cannot be mounted here\n");
        skip();
    }
    int full = shell(GRID_TEXT "small/a.csv --threads 1");
    char *text = read_file("err"), *table_text = read_file("small/a.csv");
    system("umount small");
    assert_int_equal(full, 3);
    assert_non_null(
        strstr(text, "could not be written: No space left on device; what it has is as it was, and the same command goes on"));
    size_t length = strlen(table_text);
    assert_true(length > 2000 && table_text[length - 1] == '\n');
    free(text);
    free(table_text);
}

/* The table of rows fits, the HDF5 file does not. */
static void a_full_disk_is_no_crash(void **state) {
    (void)state;
    mkdir("small5", 0777);
    if (system("mount -t tmpfs -o size=48k tmpfs small5 2>/dev/null")) {
        print_message("a small tmpfs cannot be mounted here\n");
        skip();
    }
    int full = shell("kramers sweep " SMALL "--vary schedule.lr=0.01,0.02 -o small5/a.h5");
    char *text = read_file("err");
    system("umount small5");
    assert_int_equal(full, 3);
    assert_non_null(strstr(text, "kramers: small5/a.h5: the disk is full"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_sweeps_end_with_the_same_bytes),
        cmocka_unit_test(an_interrupted_sweep_keeps_what_is_finished),
        cmocka_unit_test(another_sweep_is_refused),
        cmocka_unit_test(a_full_disk_keeps_whole_rows),
        cmocka_unit_test(a_full_disk_is_no_crash),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
