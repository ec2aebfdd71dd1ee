/* Whoever ends a process politely gets what was measured, a way to go on and 128 + the signal's number; one writer a file; and no
 * going back behind what is done. */
#include "program.h"
#include "sanitized.h"

#include <hdf5.h>

#include <signal.h>
#include <sys/stat.h>

#define ENDLESS "--set", "ensemble.steps=1000000000", "--set", "ensemble.particles=64", "--threads", "1", "--quiet"

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU};
static const char *const names[] = {"SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGXCPU"};
enum { SIGNALS = sizeof signals / sizeof *signals };

static void wait_for_file(const char *file) {
    for (int i = 0; i < 60000 && access(file, F_OK); i++) wait_seconds(0.001);
    wait_seconds(0.05);
}

static int end_of(pid_t child) {
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void every_polite_signal_keeps_the_run(void **state) {
    (void)state;
    for (int i = 0; i < SIGNALS; i++) {
        char file[32], wanted[120];
        snprintf(file, sizeof file, "run_%d.h5", i);
        char *arguments[] = {"kramers", "run", ENDLESS, "-o", file, NULL};
        pid_t child = start_program(arguments);
        wait_for_file(file);
        assert_int_equal(kill(child, signals[i]), 0);
        assert_int_equal(end_of(child), 128 + signals[i]);
        snprintf(wanted, sizeof wanted, "interrupted by %s; 'kramers resume %s' goes on from here", names[i], file);
        assert_contains(names[i], "err", wanted);
        snprintf(wanted, sizeof wanted, "kramers resume %s --steps 1 --quiet", file);
        run(wanted, 2); /* the file has what was measured: more than one step */
        assert_contains(wanted, "err", "steps are done already, more than --steps 1;");
    }
}

static void every_polite_signal_keeps_the_sweep(void **state) {
    (void)state;
    for (int i = 0; i < SIGNALS; i++) {
        char file[32];
        snprintf(file, sizeof file, "sweep_%d.csv", i);
        char *arguments[] = {"kramers", "sweep", ENDLESS, "--vary", "dynamics.temperature=0.2:0.4:5", "-o", file, NULL};
        pid_t child = start_program(arguments);
        wait_for_file(file);
        assert_int_equal(kill(child, signals[i]), 0);
        assert_int_equal(end_of(child), 128 + signals[i]);
        assert_contains(names[i], "err", "of 5 points done; the same command goes on from here");
    }
}

/* nohup: who is told to ignore a hangup does. */
static void an_ignored_hangup_stays_ignored(void **state) {
    (void)state;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGHUP, &ignore, &before);
    char *arguments[] = {"kramers", "run", ENDLESS, "-o", "nohup.h5", NULL};
    pid_t child = start_program(arguments);
    sigaction(SIGHUP, &before, NULL);
    wait_for_file("nohup.h5");
    kill(child, SIGHUP);
    wait_seconds(0.2);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    kill(child, SIGTERM);
    assert_int_equal(end_of(child), 128 + SIGTERM);
}

static void one_writer_a_file(void **state) {
    (void)state;
    char *arguments[] = {"kramers", "run", ENDLESS, "-o", "busy.h5", NULL}, wanted[100];
    pid_t child = start_program(arguments);
    wait_for_file("busy.h5");
    snprintf(wanted, sizeof wanted, "busy.h5: kramers (process %ld) is writing this file", (long)child);
    static const char *const others[] = {"kramers resume busy.h5 --quiet",
                                         "kramers run --quiet --set ensemble.steps=10 -o busy.h5 --force",
                                         "kramers sweep --vary schedule.lr=0.1 -o busy.h5 --force"};
    for (size_t i = 0; i < 3; i++) {
        run(others[i], 3);
        assert_contains(others[i], "err", wanted);
    }
    hid_t reader = H5Fopen("busy.h5", H5F_ACC_RDONLY, H5P_DEFAULT); /* readers are welcome, by the locks of HDF5 too */
    assert_true(reader >= 0);
    H5Fclose(reader);
    kill(child, SIGINT);
    assert_int_equal(end_of(child), 130);
    run("kramers run --quiet --set ensemble.steps=10 -o busy.h5 --force", 0);

    char *sweep[] = {"kramers", "sweep", ENDLESS, "--vary", "dynamics.temperature=0.2:0.4:5", "-o", "busy.csv", NULL};
    child = start_program(sweep);
    wait_for_file("busy.csv");
    snprintf(wanted, sizeof wanted, "busy.csv: kramers (process %ld) is writing this file", (long)child);
    run("kramers sweep --vary schedule.lr=0.1 -o busy.csv --force", 3);
    assert_contains("second sweep", "err", wanted);
    kill(child, SIGINT);
    assert_int_equal(end_of(child), 130);
}

static void no_going_back(void **state) {
    (void)state;
    run("kramers run --quiet --set ensemble.steps=1000 -o done.h5; cp done.h5 kept.h5", 0);
    run("kramers resume done.h5 --steps 999 --quiet", 2);
    assert_contains("fewer steps", "err",
                    "kramers: done.h5: 1000 steps are done already, more than --steps 999; give at least as many");
    run("kramers resume done.h5 --steps 999 --seed 3 -o branch.h5 --quiet", 2);
    run("cmp done.h5 kept.h5 && test ! -e branch.h5", 0);
    run("kramers resume done.h5 --steps 1000 --quiet && cmp done.h5 kept.h5", 0);
    run("kramers resume done.h5 --steps 1001 --quiet", 0);
}

/* ---- batch jobs ---- */

#define SLURM KR_SOURCE_DIRECTORY "/examples/slurm/"

/* srun with a time limit, scontrol that only remembers. */
static void make_stubs(void) {
    run("mkdir -p stubs", 0);
    write_text("stubs/srun", "#!/bin/sh\nexec timeout --preserve-status -s USR1 ${LIMIT:-600} \"$@\"\n");
    write_text("stubs/scontrol", "#!/bin/sh\necho \"$@\" >>requeued\n");
    run("chmod +x stubs/*", 0);
    run("for script in " SLURM "*.sh; do bash -n $script || exit 1; done", 0);
    setenv("KRAMERS", PROGRAM, 1);
}

/* A job that is stopped queues itself again, and ends with the bytes of an unbroken one. */
static void a_batch_job_goes_on(void **state) {
    (void)state;
    make_stubs();
    static const char start[] = "PATH=$PWD/stubs:$PATH SLURM_JOB_ID=7 bash " SLURM "job.sh ";
    const char *settings = SANITIZED ? "double_well --set ensemble.particles=256 --set ensemble.steps=400000"
                                     : "double_well --set ensemble.particles=256 --set ensemble.steps=3000000";
    char command[600], job[400];
    snprintf(job, sizeof job, "%s%s", start, settings);
    snprintf(command, sizeof command, "LIMIT=0.5 %s", job);
    run(command, 128 + SIGUSR1);
    assert_contains(command, "requeued", "requeue 7");
    snprintf(command, sizeof command, "rm requeued; %s && test ! -e requeued", job);
    run(command, 0);
    snprintf(command, sizeof command, "kramers run %s --quiet -o unbroken.h5 && cmp unbroken.h5 kramers_7.h5", settings);
    run(command, 0);
}

static void an_array_of_jobs_makes_one_table(void **state) {
    (void)state;
    make_stubs();
    run("for task in 1 2 3; do PATH=$PWD/stubs:$PATH SLURM_ARRAY_JOB_ID=8 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=3 "
        "SLURM_ARRAY_TASK_ID=$task bash " SLURM "array.sh --set ensemble.particles=512 --set ensemble.steps=2000 "
        "--set escape.replicas=16 --set escape.repeats=3 || exit 1; done; bash " SLURM "merge.sh",
        0);
    assert_int_equal(lines("sweep.csv"), 41);
    run("rm part_2.csv; bash " SLURM "merge.sh", 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_polite_signal_keeps_the_run),
        cmocka_unit_test(every_polite_signal_keeps_the_sweep),
        cmocka_unit_test(an_ignored_hangup_stays_ignored),
        cmocka_unit_test(one_writer_a_file),
        cmocka_unit_test(no_going_back),
        cmocka_unit_test(a_batch_job_goes_on),
        cmocka_unit_test(an_array_of_jobs_makes_one_table),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
