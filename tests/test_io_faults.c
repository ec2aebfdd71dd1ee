/* The n-th call that changes a file fails, is half done, or is where the process is killed: there is one message and status 3,
 * nothing else lies about, and going on gives the bytes of a process that nothing happened to. */
#include "faulty_program.h"
#include "sanitized.h"

#include <errno.h>

#define SMALL                                                                                                                      \
    "--quiet --threads 1 --set ensemble.particles=2 --set trajectory.every=2 --set trajectory.flush=2 --set "                      \
    "dynamics.temperature=0 "
#define RUN "run " SMALL "--set ensemble.steps=12 -o t.h5"
#define SWEEP "sweep " SMALL "--set ensemble.steps=6 --vary schedule.lr=0.01,0.02,0.03 -o "
#define RESUME "resume t.h5 --quiet --threads 1"
#define VIEW "view --threads 1 --set ensemble.particles=20 --frames 2 --size 320x240 "

static const struct {
    const char *prepare, *command, *result;
    const char *go_on;  /* NULL: the command makes it anew */
    const char *before; /* what the result may still be; NULL: nothing */
    bool whole;         /* without the name the result never was there */
} cases[] = {
    {":", RUN, "t.h5", RESUME, NULL, true},
    {"cp old.h5 t.h5", RUN " --force", "t.h5", RESUME, "old.h5", false},
    {"cp half.h5 t.h5", RESUME " --steps 16", "t.h5", RESUME " --steps 16", NULL, false},
    {":", SWEEP "t.csv", "t.csv", SWEEP "t.csv", NULL, false},
    {":", SWEEP "t.h5", "t.h5", SWEEP "t.h5", NULL, false},
#ifdef KR_HAVE_WINDOW
    {":", VIEW "--screenshot t.png --describe t.json -o t.h5", "t.h5", NULL, NULL, true},
    {":", VIEW "--record film", "film/000002.png", NULL, NULL, true},
#endif
};
enum { CASES = sizeof cases / sizeof *cases };

static const int errors[] = {EIO, ENOSPC, EDQUOT, EINTR, -1, EROFS};
enum { ERRORS = sizeof errors / sizeof *errors };

static long tried, gone_on;

static void clean(void) {
    run("rm -rf film t.*", 0);
}

static void begin(size_t i) {
    clean();
    run(cases[i].prepare, 0);
}

static void judge(size_t i, const fault *f, int status) {
    const char *result = cases[i].result;
    char what[400];
    char *text = read_file("err");
    snprintf(what, sizeof what, "%s: call %ld%s %s %d: status %d: %.120s", cases[i].command, f->at,
             f->lasting ? " and all others" : "", f->kills ? "kills" : "fails with", f->error, status, text);
    free(text);
    tried++;
    if (f->kills ? status != 137 && status != 0 : status != 3 && status != 0) fail_msg("%s", what);
    if (status == 0 && !same_files(result, "whole")) fail_msg("%s, and other bytes", what);
    if (status == 3 && strncmp(cases[i].command, "view", 4) != 0 && messages() != 1) fail_msg("%s: not one message", what);
    if (!f->kills && shell("ls *.[0-9]*.part film/*.[0-9]*.part") == 0) fail_msg("%s: a file stays behind", what);
    if (status == 0 || !cases[i].go_on || (cases[i].whole && access(result, F_OK))) return;
    if (cases[i].before && same_files(result, cases[i].before)) return;
    char command[600];
    snprintf(command, sizeof command, "kramers %s", cases[i].go_on);
    if (shell(command)) fail_msg("%s, and then not to be gone on with", what);
    if (!same_files(result, "whole")) fail_msg("%s, and gone on with to other bytes", what);
    gone_on++;
}

static void attempt(size_t i, fault f) {
    begin(i);
    judge(i, &f, run_with_fault(&f, cases[i].command));
}

static void nothing_is_lost_by_a_failing_call(void **state) {
    (void)state;
    if (SANITIZED) skip();
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    run("kramers run " SMALL "--set ensemble.steps=40 -o old.h5; kramers " RUN "; mv t.h5 half.h5", 0);
    for (size_t i = 0; i < CASES; i++) {
        begin(i);
        if (run_with_fault(&(fault){.at = 0}, cases[i].command)) fail_msg("%s fails by itself", cases[i].command);
        long calls = calls_made(), every = is_sampled() && calls > 24 ? calls / 6 : 1;
        assert_in_range(calls, 10, 100000);
        char command[100];
        snprintf(command, sizeof command, "cp %s whole", cases[i].result);
        run(command, 0);
        for (long at = 1 + (long)i % every; at <= calls; at += every) {
            int error = errors[(at + (long)i) % ERRORS];
            attempt(i, (fault){.at = at, .error = error});
            if (error > 0 && error != EINTR && (!is_sampled() || at % 2))
                attempt(i, (fault){.at = at, .error = error, .lasting = true});
            attempt(i, (fault){.at = at, .kills = true});
        }
        print_message("%s: %ld calls, every %ld. fails\n", cases[i].command, calls, every);
    }
    print_message("%ld faults, %ld files gone on with to the same bytes\n", tried, gone_on);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_lost_by_a_failing_call)};
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
