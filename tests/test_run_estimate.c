/* What is said of a run before it starts, beside what it then takes: memory, file and time, over scenes of different kinds. Each
 * runs in a process of its own, since the kernel counts the largest memory of a process. KRAMERS_TEST_TABLE=1 prints the table. */
#include "plugin_setup.h"
#include "sanitized.h"

#include <kramers/run.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 2 };

typedef struct scene_case {
    const char *name, *text;
    bool output;
    int threads;
    uint64_t resumed; /* steps of a run before it that this one goes on from; 0: begins anew */
} scene_case;

typedef struct need {
    double memory, file, seconds;
} need;

typedef struct outcome {
    need said, used;
} outcome;

static const scene_case cases[] = {
    {"many particles", "ensemble: {particles: 400000, steps: 300}\n", true, 1, 0},
    {"without a file", "ensemble: {particles: 400000, steps: 300}\n", false, 1, 0},
    {"many dimensions",
     "landscape: {name: harmonic, dim: 10000}\nensemble: {particles: 256, steps: 60}\ntrajectory: {every: 20, particles: 16}\n",
     true, 1, 0},
    {"every step in the file", "ensemble: {particles: 8, steps: 100000}\ntrajectory: {every: 1}\n", true, 1, 0},
    {"very many passages",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 20000, steps: 8000}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\ntrajectory: {every: 1000, particles: 64}\n",
     true, 1, 0},
    {"passages without a file",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 20000, steps: 8000}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\n",
     false, 1, 0},
    {"waits for events",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 20000, steps: 1000000000, until_events: 300000}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\n",
     true, 1, 0},
    {"absorbed",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 200000, steps: 1000}\n"
     "escape: {renewal: false, until: {coordinate: 0, above: 0.5}}\ntrajectory: {every: 100, particles: 64}\n",
     true, 1, 0},
    {"observers",
     "ensemble: {particles: 20000, steps: 4000}\nstatistics: {every: 10}\ntransitions: {every: 10}\nhistogram: {every: 10}\n"
     "autocorrelation: {every: 10, length: 100}\naverage: {every: 10}\ntrajectory: {every: 1000, particles: 64}\n",
     true, 1, 0},
    {"network",
     "landscape: {name: network, data: digits, hidden: [8], loss: cross_entropy}\ndynamics: sgd\n"
     "noise: {name: minibatch, batch_size: 16}\nschedule: {name: constant, lr: 0.1}\n"
     "ensemble: {particles: 256, steps: 200, start: {random: kaiming_uniform}}\nevaluate: {every: 50}\n"
     "trajectory: {every: 50, particles: 16}\n",
     true, 1, 0},
    {"snapshots",
     "landscape: {name: harmonic, dim: 20}\nensemble: {particles: 4096, steps: 1000}\nsnapshots: {every: 100}\n"
     "trajectory: {every: 1000, particles: 16}\n",
     true, 1, 0},
    {"phases",
     "ensemble: {particles: 100000}\nphases:\n  - {name: first, steps: 500}\n"
     "  - {name: second, steps: 500, schedule: {lr: 0.02}}\ntrajectory: {every: 100, particles: 64}\n",
     true, 1, 0},
    {"ledger",
     "dynamics: {name: langevin, temperature: 0.2}\nensemble: {particles: 40000, steps: 1000}\nenergy: {every: 50}\n"
     "trajectory: {every: 100, particles: 256}\n",
     true, 1, 0},
    {"two threads", "ensemble: {particles: 100000, steps: 2000}\ntrajectory: {every: 20, particles: 1000}\n", true, THREADS, 0},
    {"goes on", "ensemble: {particles: 100000, steps: 2000}\ntrajectory: {every: 20, particles: 1000}\n", true, 1, 1000},
};

static double seconds_now(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Of this process, as the kernel says. */
static double most_memory(void) {
    FILE *file = fopen("/proc/self/status", "r");
    char line[128];
    double kilobytes = 0;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %lf kB", &kilobytes) == 1) break;
    if (file) fclose(file);
    return 1024 * kilobytes;
}

static void must(kr_status status, const kr_error *error) {
    if (status == KR_OK) return;
    fprintf(stderr, "%s\n", error->message);
    _exit(1);
}

static void run_to_end(kr_run *run) {
    kr_error error;
    while (!kr_run_finished(run)) must(kr_run_advance(run, &error), &error);
    must(kr_run_finish(run, &error), &error);
    kr_run_result(run);
}

static outcome measured(const scene_case *c, const char *file, bool first) {
    kr_scene scene = {.registry = best_registry()};
    kr_error error;
    kr_run *run;
    kr_run_options options = {.threads = c->threads, .output = c->output ? file : NULL, .overwrite = true};
    outcome found = {0};
    if (c->resumed && !first) {
        must(kr_run_resume(&run, &scene, file, 2 * c->resumed, NULL, &options, &error), &error);
    } else {
        char steps[64];
        const char *override[] = {steps};
        snprintf(steps, sizeof steps, "ensemble.steps=%llu", (unsigned long long)c->resumed);
        must(kr_scene_parse(&scene, scene.registry, "test", NULL, c->text, override, c->resumed > 0, &error), &error);
        must(kr_run_create(&run, &scene, &options, &error), &error);
    }
    kr_estimate e = kr_run_estimate(run);
    double began = seconds_now(c->threads > 1 ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID);
    run_to_end(run);
    found.used.seconds = seconds_now(c->threads > 1 ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID) - began;
    found.used.memory = most_memory();
    found.said = (need){e.process_bytes + e.memory_bytes, e.file_bytes, e.seconds};
    kr_run_destroy(run);
    struct stat about;
    if (c->output && stat(file, &about) == 0) found.used.file = (double)about.st_size;
    return found;
}

/* In a process of its own. */
static outcome run_case(const scene_case *c, const char *file, bool first) {
    int ends[2], status;
    outcome found = {0};
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        found = measured(c, file, first);
        _exit(write(ends[1], &found, sizeof found) == (ssize_t)sizeof found ? 0 : 1);
    }
    assert_true(child > 0);
    close(ends[1]);
    ssize_t got = read(ends[0], &found, sizeof found);
    close(ends[0]);
    waitpid(child, &status, 0);
    if (got != (ssize_t)sizeof found || status != 0) fail_msg("%s: the run failed", c->name);
    return found;
}

static double ratio(double said, double used) {
    return used > 0 ? said / used : 1.0;
}

static void show(const scene_case *c, const outcome *o) {
    if (!getenv("KRAMERS_TEST_TABLE")) return;
    printf("%-24s memory %6.1f of %6.1f MB %5.2f  file %6.2f of %6.2f MB %5.2f  time %5.2f of %5.2f s %5.2f\n", c->name,
           1e-6 * o->said.memory, 1e-6 * o->used.memory, ratio(o->said.memory, o->used.memory), 1e-6 * o->said.file,
           1e-6 * o->used.file, ratio(o->said.file, o->used.file), o->said.seconds, o->used.seconds,
           ratio(o->said.seconds, o->used.seconds));
}

static bool within(double said, double used, double factor) {
    return said <= factor * used && used <= factor * said;
}

/* Other tests run beside this one, and take from the moment in which the pace is measured and from the run: so a factor of 3 where
 * a quiet machine has 2, another try, and nothing that depends on getting two processors at once. */
static bool time_is_right(const scene_case *c, const outcome *o) {
    return c->threads > 1 || o->used.seconds < 0.5 || within(o->said.seconds, o->used.seconds, 3.0);
}

static outcome tried(const scene_case *c) {
    outcome o = {0};
    for (int i = 0; i < 3; i++) {
        if (c->resumed) run_case(c, "run_estimate.h5", true);
        o = run_case(c, "run_estimate.h5", false);
        if (time_is_right(c, &o)) break;
    }
    return o;
}

/* Sanitizers have memory and a pace of their own. */
static void needs_are_said_before(void **state) {
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const scene_case *c = &cases[i];
        outcome o = tried(c);
        show(c, &o);
        bool memory = within(o.said.memory, o.used.memory, 1.2) || fabs(o.said.memory - o.used.memory) < 3e6;
        bool file = within(o.said.file, o.used.file, 1.2), time = time_is_right(c, &o);
        if (memory && file && time) continue;
        wrong++;
        print_error("%s: %s%s%s: said %.3g MB of memory, a file of %.3g MB and %.3g s; used %.3g MB, %.3g MB and %.3g s\n", c->name,
                    memory ? "" : "memory ", file ? "" : "file ", time ? "" : "time ", 1e-6 * o.said.memory, 1e-6 * o.said.file,
                    o.said.seconds, 1e-6 * o.used.memory, 1e-6 * o.used.file, o.used.seconds);
    }
    unlink("run_estimate.h5");
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(needs_are_said_before)};
    return SANITIZED ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
