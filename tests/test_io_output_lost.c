/* What others do to an output while it is being written: removed, replaced, renamed, shortened, its directory gone, its file system
 * unmounted. The end is a message and status 3, and what was measured is told. */
#include "program.h"
#include "sanitized.h"

#include <sys/mount.h>
#include <sys/stat.h>

#define RUN                                                                                                                        \
    "kramers", "run", "double_well", "--set", "ensemble.particles=64", "--set", "ensemble.steps=100000000", "--set",               \
        "trajectory.every=1000", "--set", "trajectory.flush=1", "--threads", "1", "--quiet", "-o"
/* The last point takes so long that nothing is done before the end is asked for. */
#define SWEEP                                                                                                                      \
    "kramers", "sweep", "--set", "ensemble.particles=64", "--set", "ensemble.steps=20000", "--vary",                               \
        "dynamics.temperature=0.2:0.4:400", "--threads", "1", "--quiet", "-o"

static void wait_for(const char *file, off_t size) {
    struct stat about;
    for (int i = 0; i < 60000 && (stat(file, &about) || about.st_size < size); i++) wait_seconds(0.001);
    if (stat(file, &about)) fail_msg("%s: is not there", file);
}

/* 600 s at the most. */
static int end_of(pid_t child, const char *what) {
    int status;
    for (int i = 0; i < 60000; i++) {
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child && !WIFEXITED(status)) fail_msg("%s: signal %d", what, WTERMSIG(status));
        if (ended == child) return WEXITSTATUS(status);
        wait_seconds(0.01);
    }
    kill(child, SIGKILL);
    fail_msg("%s: nothing was noticed", what);
    return -1;
}

static const struct {
    const char *what, *says;
} happens[] = {
    {"rm d/a.h5", "a.h5: the file was removed while it was being written"},
    {"echo other >d/b; mv d/b d/a.h5", "a.h5: another file took this one's place while it was being written"},
    {"mv d/a.h5 d/moved.h5", "a.h5: the file was renamed while it was being written; what was measured is in "},
    {"truncate -s 100 d/a.h5", "another program has changed "},
    {"cp other.h5 d/a.h5", "another program has changed "},
    {"rm d/a.h5; mkdir d/a.h5", " while it was being written"},
    {"rm -r d", "a.h5: the file was removed while it was being written"},
    {"mv d e", "a.h5: the file was renamed while it was being written; what was measured is in "},
};
enum { HAPPENS = sizeof happens / sizeof *happens };

static void a_run_tells_what_became_of_its_file(void **state) {
    (void)state;
    run("kramers run --quiet --set ensemble.steps=100 --set ensemble.particles=8 -o other.h5", 0);
    for (size_t i = 0; i < HAPPENS; i++) {
        run("rm -rf d e; mkdir d", 0);
        char *arguments[] = {RUN, "d/a.h5", NULL};
        pid_t child = start_program(arguments);
        wait_for("d/a.h5", 10000);
        wait_seconds(0.05);
        if (system(happens[i].what)) fail_msg("%s", happens[i].what);
        assert_int_equal(end_of(child, happens[i].what), 3);
        assert_contains(happens[i].what, "err", happens[i].says);
        assert_contains(happens[i].what, "out", "measured");
        if (strstr(happens[i].what, "b d/a.h5")) run("test \"$(cat d/a.h5)\" = other", 0);
        if (strstr(happens[i].what, "mv d/a.h5")) run("kramers resume --steps 1 --quiet d/moved.h5", 2); /* more are in it */
    }
}

/* Its rows are known, and are written anew where that is possible. */
static void a_sweep_tells_it_and_keeps_its_rows(void **state) {
    (void)state;
    static const struct {
        const char *file, *journal, *what, *says;
        bool rows; /* all in the file */
    } lost[] = {
        {"d/a.csv", "d/a.csv", "rm d/a.csv", "removed while it was being written; it has been written anew, with all rows", true},
        {"d/a.csv", "d/a.csv", "mv d/a.csv d/b.csv", "; it has been written anew, with all rows", true},
        {"d/a.csv", "d/a.csv", "truncate -s 100 d/a.csv", "has changed the file while it was being written; it has been", true},
        {"d/a.csv", "d/a.csv", "echo other >d/b; mv d/b d/a.csv", "and is left as it is; all rows are in d/a.csv.", false},
        {"d/a.h5", "d/a.h5.part", "rm d/a.h5.part", "removed while it was being written; it has been written anew, with all rows",
         true},
        {"d/a.h5", "d/a.h5.part", "echo other >d/a.h5", "another file has taken this name while the sweep was running", false},
        {"d/a.csv", "d/a.csv", "rm -r d", "d/a.csv: could not be created: No such file or directory", false},
    };
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        run("rm -rf d; mkdir d", 0);
        char file[20];
        snprintf(file, sizeof file, "%s", lost[i].file);
        char *arguments[] = {SWEEP, file, NULL};
        pid_t child = start_program(arguments);
        wait_for(lost[i].journal, 20000);
        if (system(lost[i].what)) fail_msg("%s", lost[i].what);
        wait_seconds(SANITIZED ? 2 : 0.5);
        kill(child, SIGINT);
        assert_int_equal(end_of(child, lost[i].what), 3);
        assert_contains(lost[i].what, "err", lost[i].says);
        assert_contains(lost[i].what, "out", "temperature"); /* the table */
        assert_int_equal(rename("out", "told"), 0);
        if (!lost[i].rows && strstr(lost[i].what, "b d/a.csv")) {
            run("test \"$(cat d/a.csv)\" = other", 0);
            run("head -1 d/a.csv.*.part | grep -q '^point,'", 0);
        }
        if (lost[i].rows && strstr(file, "csv")) run("test $(grep -c '^ *0[.][0-9]*  ' told) -eq $(($(wc -l <d/a.csv) - 1))", 0);
    }
}

static void a_file_system_that_goes_away(void **state) {
    (void)state;
    static const struct {
        const char *what, *says;
    } ways[] = {{"umount -l d", "d/a.h5: "}, {"mount -o remount,ro d 2>/dev/null || umount -l d", "d/a.h5: "}};
    for (size_t i = 0; i < 2; i++) {
        run("rm -rf d; mkdir d", 0);
        if (system("mount -t tmpfs -o size=1g tmpfs d 2>/dev/null")) {
            print_message("mounting a small tmpfs needs root\n");
            skip();
        }
        char *arguments[] = {RUN, "d/a.h5", NULL};
        pid_t child = start_program(arguments);
        wait_for("d/a.h5", 1);
        wait_seconds(SANITIZED ? 2 : 0.5);
        int failed = system(ways[i].what);
        int status = end_of(child, ways[i].what);
        umount2("d", MNT_DETACH);
        assert_int_equal(failed, 0);
        assert_int_equal(status, 3);
        assert_contains(ways[i].what, "err", ways[i].says);
        assert_contains(ways[i].what, "out", "measured");
    }
}

/* A session is written as a whole at its end: what lies there then is not the window's. */
static void a_session_replaces_nobody(void **state) {
    (void)state;
#ifdef KR_HAVE_WINDOW
    char *arguments[] = {"kramers", "view", "--set", "ensemble.particles=64", "--frames", "100000", "--size", "320x240",
                         "-o",      "s.h5", NULL};
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    pid_t child = start_program(arguments);
    wait_seconds(SANITIZED ? 4 : 1);
    write_text("s.h5", "other");
    kill(child, SIGINT);
    assert_int_equal(end_of(child, "a session"), 3);
    assert_contains("a session", "err", "s.h5: the file exists and is not overwritten");
    assert_contains("a session", "err", "session is in kramers-double_well-0001.h5");
    run("kramers view kramers-double_well-0001.h5 --frames 2", 0);
    run("test \"$(cat s.h5)\" = other", 0);
#else
    skip();
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_tells_what_became_of_its_file),
        cmocka_unit_test(a_sweep_tells_it_and_keeps_its_rows),
        cmocka_unit_test(a_file_system_that_goes_away),
        cmocka_unit_test(a_session_replaces_nobody),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
