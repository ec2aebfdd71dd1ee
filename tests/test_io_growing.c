#define _DEFAULT_SOURCE /* usleep */
/* A file is read while a run writes every frame of it at once: whatever a reader gets is what the finished file has, and every read
 * succeeds. Under KRAMERS_TEST_ALL 20000 reads, otherwise a few hundred. */
#include "session_fixture.h"

#include <kramers/recording.h>
#include <kramers/run.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_NAME "growing.h5"
enum { PARTICLES = 20, EVERY = 10, FRAMES = 200000 };

static uint64_t seen[FRAMES]; /* a hash of each frame that was read; 0: none yet */

static void write_frames(void) {
    const kr_registry *registry;
    char particles[40], steps[40], every[40];
    const char *overrides[] = {particles, steps, every, "trajectory.flush=1"};
    kr_error error;
    kr_scene scene;
    kr_run *run;
    kr_run_options options = {.output = FILE_NAME, .overwrite = true, .threads = 1};
    snprintf(particles, sizeof particles, "ensemble.particles=%d", PARTICLES);
    snprintf(steps, sizeof steps, "ensemble.steps=%d", EVERY * (FRAMES - 1));
    snprintf(every, sizeof every, "trajectory.every=%d", EVERY);
    if (kr_registry_find(NULL, &registry, &error) || kr_scene_load(&scene, registry, NULL, overrides, 4, &error) ||
        kr_run_create(&run, &scene, &options, &error))
        _exit(1);
    while (!kr_run_finished(run))
        if (kr_run_advance(run, &error)) _exit(2);
    _exit(kr_run_finish(run, &error) ? 3 : 0);
}

static uint64_t hash(uint64_t step, double time, double rate, const double *x) {
    uint64_t sum = step, word;
    double number[2] = {time, rate};
    for (size_t i = 0; i < PARTICLES + 2; i++) {
        memcpy(&word, i < 2 ? &number[i] : &x[i - 2], sizeof word);
        sum = (sum ^ word) * 0x100000001b3 + 1;
    }
    return sum | 1;
}

static void read_frame(kr_recording *recording, size_t frame) {
    uint64_t step;
    double time, rate, x[PARTICLES];
    kr_error error;
    succeed(kr_recording_frame(recording, frame, &step, &time, &rate, x, NULL, &error), &error);
    assert_int_equal(step, EVERY * frame);
    uint64_t now = hash(step, time, rate, x);
    if (seen[frame] && seen[frame] != now) fail_msg("frame %zu was another one before", frame);
    seen[frame] = now;
}

static void what_is_read_meanwhile_is_what_remains(void **state) {
    (void)state;
    kr_recording *recording;
    kr_error error;
    size_t reads = getenv("KRAMERS_TEST_ALL") ? 20000 : 400, most = 0;
    pid_t writer = fork();
    if (writer == 0) write_frames();
    assert_true(writer > 0);
    for (int i = 0; i < 6000 && (access(FILE_NAME, F_OK) != 0 || kr_recording_open(&recording, FILE_NAME, &error) != KR_OK); i++)
        usleep(5000);
    kr_recording_close(recording);
    for (size_t i = 0; i < reads && waitpid(writer, NULL, WNOHANG) == 0; i++) {
        succeed(kr_recording_open(&recording, FILE_NAME, &error), &error);
        size_t frames = kr_recording_frames(recording);
        if (frames < most) fail_msg("%zu frames, and %zu before", frames, most);
        most = frames;
        read_frame(recording, frames - 1);
        read_frame(recording, i * 7919 % frames);
        if (frames > 1) read_frame(recording, frames - 2);
        kr_recording_close(recording);
    }
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    succeed(kr_recording_open(&recording, FILE_NAME, &error), &error);
    assert_true(most > 1 && kr_recording_frames(recording) >= most);
    for (size_t frame = 0; frame < most; frame++)
        if (seen[frame]) read_frame(recording, frame);
    kr_recording_close(recording);
}

int main(void) {
    char directory[] = "/tmp/kramers_growing_XXXXXX";
    if (!mkdtemp(directory) || chdir(directory) != 0) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_read_meanwhile_is_what_remains)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed == 0 && unlink(FILE_NAME) == 0 && chdir("/") == 0) rmdir(directory);
    return failed;
}
