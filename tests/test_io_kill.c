/* SIGKILL at random instants, from outside: the file opens with all frames of its flushes and `kramers resume` gives the bytes of
 * the unbroken run. What happens between any two writes is in test_io_trajectory.c. */
#include "assert_close.h"
#include "sanitized.h"

#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
#define BINARY KR_BUILD_DIRECTORY "/kramers"

/* One frame in a flush, so that most of the time goes into writing. Sanitizers make everything several times slower. */
#if defined(__SANITIZE_ADDRESS__)
#define STEPS "2000"
enum { FRAMES = 201, KILLS = 5 };
#else
#define STEPS "4000"
enum { FRAMES = 401, KILLS = 20 };
#endif
#define RUN_WITHOUT_FILE                                                                                                           \
    "run", "double_well", "--quiet", "--threads", "1", "--set", "ensemble.particles=100", "--set", "ensemble.steps=" STEPS,        \
        "--set", "trajectory.every=10", "--set", "trajectory.particles=10", "--set", "trajectory.flush=1"
#define RUN RUN_WITHOUT_FILE, "--set", "dynamics.temperature=0.5", "--set", "schedule.lr=0.05", "-o"
/* In epochs of 101 data, by batches whose size follows the learning rate: every kill is inside one. */
#define EPOCHS                                                                                                                     \
    RUN_WITHOUT_FILE, "--set", "landscape={name: mean_of_quadratics, points: 101}", "--set", "dynamics=sgd", "--set",              \
        "noise={name: minibatch, batch_size: 20}", "--set", "schedule={name: cosine, lr: 0.05, lr_min: 0.01}", "--set",            \
        "keep=[lr/noise.batch_size]", "--set", "ensemble.start={minimum: 0}", "--set", "escape.until=[]", "-o"

static pid_t start(const char *const *arguments) {
    pid_t process;
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "messages.txt", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_int_equal(posix_spawn(&process, BINARY, &quiet, NULL, (char *const *)(uintptr_t)arguments, environ), 0);
    posix_spawn_file_actions_destroy(&quiet);
    return process;
}

/* Exit status; 128 and the signal for those who were killed. */
static int wait_for(pid_t process) {
    int status;
    assert_int_equal(waitpid(process, &status, 0), process);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int call(const char *const *arguments) {
    return wait_for(start(arguments));
}

static const char *messages(void) {
    static char text[4096];
    FILE *in = fopen("messages.txt", "r");
    size_t size = in ? fread(text, 1, sizeof text - 1, in) : 0;
    if (in) fclose(in);
    text[size] = '\0';
    return text;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static bool same_bytes(const char *a, const char *b) {
    char command[256];
    snprintf(command, sizeof command, "cmp -s %s %s", a, b);
    return system(command) == 0;
}

enum { MOST = FRAMES * 10 };

/* Frames of a file, with its positions; read with plain HDF5, as a stranger would. */
static size_t read_frames(const char *name, double *position) {
    hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) fail_msg("%s does not open", name);
    static int64_t step[4096];
    hsize_t size[3] = {0}, steps = 0;
    hid_t set = H5Dopen2(file, "/particles/trajectory/position/value", H5P_DEFAULT), space = H5Dget_space(set);
    H5Sget_simple_extent_dims(space, size, NULL);
    assert_true(size[0] <= FRAMES && size[1] == 10);
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, position) >= 0);
    H5Sclose(space);
    H5Dclose(set);
    set = H5Dopen2(file, "/particles/trajectory/position/step", H5P_DEFAULT);
    space = H5Dget_space(set);
    H5Sget_simple_extent_dims(space, &steps, NULL);
    assert_true(H5Dread(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, step) >= 0);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
    size_t frames = (size_t)(steps < size[0] ? steps : size[0]);
    for (size_t i = 0; i < frames; i++) assert_int_equal(step[i], 10 * i);
    return frames;
}

/* reference writes whole.h5, again killed.h5. */
static void kill_and_resume(const char *const *reference, const char *const *again, int kills) {
    static double whole[MOST], killed[MOST];
    const char *resume[] = {"kramers", "resume", "killed.h5", "--quiet", "--threads", "1", NULL};
    double began = now();
    if (call(reference) != 0) fail_msg("%s", messages());
    double lasted = now() - began;
    assert_int_equal(read_frames("whole.h5", whole), FRAMES);
    uint64_t random = 20;
    int within = 0;
    print_message("an unbroken run lasts %.2f s; frames in the killed files:", lasted);
    for (int trial = 0; trial < kills; trial++) {
        unlink("killed.h5");
        random = random * 6364136223846793005 + 1442695040888963407;
        double delay = lasted * (0.02 + 0.96 * (double)(random >> 11) * 0x1p-53);
        struct timespec pause = {.tv_sec = (time_t)delay, .tv_nsec = (long)(1e9 * (delay - (double)(time_t)delay))};
        pid_t process = start(again);
        nanosleep(&pause, NULL);
        kill(process, SIGKILL);
        int status = wait_for(process);
        assert_true(status == 128 + SIGKILL || status == 0);
        if (access("killed.h5", F_OK) != 0) { /* before there was a file */
            print_message(" none");
            continue;
        }
        size_t frames = read_frames("killed.h5", killed);
        print_message(" %zu", frames);
        assert_memory_equal(killed, whole, frames * 10 * sizeof *whole);
        within += frames > 0 && frames < FRAMES;
        if (call(resume) != 0) fail_msg("%s", messages());
        if (!same_bytes("killed.h5", "whole.h5")) fail_msg("killed with %zu frames: the resumed file has other bytes", frames);
    }
    print_message("\n");
    assert_true(4 * within >= kills); /* else the delays are wrong */
}

static void killed_runs_resume_to_the_same_bytes(void **state) {
    (void)state;
    if (access(BINARY, X_OK) != 0) skip();
    const char *reference[] = {"kramers", RUN, "whole.h5", "--force", NULL},
               *again[] = {"kramers", RUN, "killed.h5", "--force", NULL};
    kill_and_resume(reference, again, is_sampled() && KILLS > 7 ? 7 : KILLS); /* the first of them */
}

static void killed_inside_an_epoch(void **state) {
    (void)state;
    if (access(BINARY, X_OK) != 0) skip();
    const char *reference[] = {"kramers", EPOCHS, "whole.h5", "--force", NULL},
               *again[] = {"kramers", EPOCHS, "killed.h5", "--force", NULL};
    kill_and_resume(reference, again, is_sampled() ? 4 : KILLS);
}

/* Momenta go on in the second, which goes back to a step of the first; the last begins anew. */
#define PHASES                                                                                                                     \
    "run", "double_well", "--quiet", "--threads", "1", "--set", "ensemble.particles=100", "--set", "trajectory.every=10", "--set", \
        "trajectory.particles=10", "--set", "trajectory.flush=1", "--set", "dynamics={name: langevin, temperature: 0.5}", "--set", \
        "schedule.lr=0.02", "--set",                                                                                               \
        "phases=[{name: a, steps: " STEPS_OF_A "}, {name: b, steps: " STEPS_OF_B                                                   \
        ", rewind: {phase: a, step: 305}, schedule: {name: "                                                                       \
        "cosine, lr: 0.05}}, {name: c, steps: " STEPS_OF_C ", optimizer: reset, landscape: {barrier: 0.5}}]",                      \
        "-o"
#if defined(__SANITIZE_ADDRESS__)
#define STEPS_OF_A "605"
#define STEPS_OF_B "700"
#define STEPS_OF_C "695"
#else
#define STEPS_OF_A "1305"
#define STEPS_OF_B "1350"
#define STEPS_OF_C "1345"
#endif

static void killed_inside_a_phase(void **state) {
    (void)state;
    if (access(BINARY, X_OK) != 0) skip();
    const char *reference[] = {"kramers", PHASES, "whole.h5", "--force", NULL},
               *again[] = {"kramers", PHASES, "killed.h5", "--force", NULL};
    kill_and_resume(reference, again, is_sampled() ? 5 : KILLS);
}

static void interrupted_run_can_be_resumed(void **state) {
    (void)state;
    if (access(BINARY, X_OK) != 0) skip();
    static double whole[MOST], stopped[MOST];
    const char *again[] = {"kramers", RUN, "stopped.h5", "--force", NULL},
               *resume[] = {"kramers", "resume", "stopped.h5", "--threads", "1", NULL};
    pid_t process = start(again);
    struct timespec pause = {.tv_nsec = 10000000};
    while (access("stopped.h5", F_OK) != 0) nanosleep(&pause, NULL);
    nanosleep(&pause, NULL);
    kill(process, SIGINT);
    assert_int_equal(wait_for(process), 130);
    assert_non_null(strstr(messages(), "kramers resume stopped.h5"));
    size_t frames = read_frames("stopped.h5", stopped);
    assert_in_range(frames, 1, FRAMES - 1);
    assert_int_equal(call(resume), 0);
    assert_int_equal(read_frames("stopped.h5", stopped), FRAMES);
    assert_int_equal(read_frames("whole.h5", whole), FRAMES);
    assert_memory_equal(stopped, whole, sizeof whole);
}

/* Of a file that is being written; 0 also where a flush has come between. */
static size_t frames_now(const char *name) {
    hsize_t size[3] = {0};
    H5E_auto2_t print;
    void *data;
    H5Eget_auto2(H5E_DEFAULT, &print, &data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT),
          set = file >= 0 ? H5Dopen2(file, "/particles/trajectory/position/value", H5P_DEFAULT) : H5I_INVALID_HID,
          space = set >= 0 ? H5Dget_space(set) : H5I_INVALID_HID;
    if (space >= 0) {
        H5Sget_simple_extent_dims(space, size, NULL);
        H5Sclose(space);
    }
    if (set >= 0) H5Dclose(set);
    if (file >= 0) H5Fclose(file);
    H5Eset_auto2(H5E_DEFAULT, print, data);
    return size[0];
}

/* The disk is filled behind the run's back once it has flushed some frames: a disk that is too small from the beginning is refused
 * before the run starts. */
static void a_full_disk_keeps_what_was_flushed(void **state) {
    (void)state;
    if (access(BINARY, X_OK) != 0) skip();
    if (mkdir("disk", 0777) != 0 || system("mount -t tmpfs -o size=4m tmpfs disk 2>/dev/null") != 0) {
        print_message("skipped: mounting a small tmpfs needs root\n");
        skip();
    }
    static double whole[MOST], kept[MOST];
    const char *run[] = {"kramers", RUN, "disk/full.h5", NULL},
               *resume[] = {"kramers", "resume", "disk/full.h5", "--threads", "1", NULL};
    pid_t process = start(run);
    struct timespec pause = {.tv_nsec = 1000000};
    while (access("disk/full.h5", F_OK) != 0 || frames_now("disk/full.h5") < 2) nanosleep(&pause, NULL);
    bool filled = system("dd if=/dev/zero of=disk/other bs=4096 2>/dev/null") != 0;
    int status = wait_for(process);
    size_t frames = read_frames("disk/full.h5", kept);
    bool beginning = memcmp(kept, whole, 0) == 0 && read_frames("whole.h5", whole) == FRAMES &&
                     memcmp(kept, whole, frames * 10 * sizeof *whole) == 0;
    char text[4096];
    snprintf(text, sizeof text, "%s", messages());
    int refused = call(resume); /* still full */
    unlink("disk/other");
    int resumed = call(resume);
    bool same = same_bytes("disk/full.h5", "whole.h5");
    bool unmounted = system("umount disk") == 0;
    print_message("%zu frames were in the file when the disk was full: %s\n", frames, text);
    assert_true(filled && unmounted && beginning && frames > 0 && frames < FRAMES);
    assert_int_equal(status, 3);
    assert_non_null(strstr(text, "disk/full.h5"));
    assert_non_null(strstr(text, "the disk is full"));
    assert_int_equal(refused, 3);
    assert_int_equal(resumed, 0);
    assert_true(same);
}

int main(void) {
    char directory[] = "/tmp/kramers_kill_XXXXXX", command[64];
    if (!mkdtemp(directory) || chdir(directory) != 0) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(killed_inside_an_epoch), cmocka_unit_test(killed_inside_a_phase),
                                       cmocka_unit_test(killed_runs_resume_to_the_same_bytes),
                                       cmocka_unit_test(interrupted_run_can_be_resumed),
                                       cmocka_unit_test(a_full_disk_keeps_what_was_flushed)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    if (failed == 0 && (chdir("/") != 0 || system(command) != 0)) return 1;
    return failed;
}
