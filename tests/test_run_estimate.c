/* What is said of a run before it starts, beside what it then takes: memory, file and time, over scenes of different kinds. Each
 * runs in a process of its own, since the kernel counts the largest memory of a process. KRAMERS_TEST_ALL=1 tries all of them, and
 * KRAMERS_TEST_TABLE=1 prints the table.
 *
 * Other programs take processors from this one. So what is compared is the time of all processors together, as said and as used,
 * which depends little on them; and the time on the clock where the run had the processors for itself. */
#include "plugin_setup.h"
#include "run_estimate_cases.h"
#include "sanitized.h"

#include <kramers/run.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct need {
    double memory, file, seconds, processor;
} need;

typedef struct outcome {
    need said, used;
} outcome;

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
    kr_run_predict(run);
    kr_estimate e = kr_run_estimate(run);
    double began = seconds_now(CLOCK_MONOTONIC), busy = seconds_now(CLOCK_PROCESS_CPUTIME_ID);
    run_to_end(run);
    found.used.seconds = seconds_now(CLOCK_MONOTONIC) - began;
    found.used.processor = seconds_now(CLOCK_PROCESS_CPUTIME_ID) - busy;
    found.used.memory = most_memory();
    found.said = (need){e.process_bytes + e.memory_bytes, e.file_bytes, e.seconds, e.processor_seconds};
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
    printf("%-40s memory %6.1f of %6.1f MB %5.2f  file %6.2f of %6.2f MB %5.2f  processors %5.2f of %5.2f s %5.2f  clock %5.2f of "
           "%5.2f s %5.2f\n",
           c->name, 1e-6 * o->said.memory, 1e-6 * o->used.memory, ratio(o->said.memory, o->used.memory), 1e-6 * o->said.file,
           1e-6 * o->used.file, ratio(o->said.file, o->used.file), o->said.processor, o->used.processor,
           ratio(o->said.processor, o->used.processor), o->said.seconds, o->used.seconds, ratio(o->said.seconds, o->used.seconds));
    fflush(stdout);
}

static bool within(double said, double used, double factor) {
    return said <= factor * used && used <= factor * said;
}

/* Below a tenth of a second what a process begins with counts. */
static bool time_is_right(const scene_case *c, const outcome *o) {
    bool quiet = o->used.processor > 0.9 * o->used.seconds * c->threads;
    if (o->used.processor < 0.1) return true;
    return within(o->said.processor, o->used.processor, 2.0) && (!quiet || within(o->said.seconds, o->used.seconds, 2.0));
}

/* Caches and memory are shared with others all the same: there is another try. */
static outcome tried(const scene_case *c) {
    outcome o = {0};
    for (int i = 0; i < 3; i++) {
        if (c->resumed) run_case(c, "run_estimate.h5", true);
        o = run_case(c, "run_estimate.h5", false);
        if (time_is_right(c, &o)) break;
    }
    return o;
}

/* How many of what is said are wrong. */
static size_t judge(const scene_case *c) {
    outcome o = tried(c);
    show(c, &o);
    bool memory = within(o.said.memory, o.used.memory, 1.2) || fabs(o.said.memory - o.used.memory) < 3e6;
    bool file = !c->output || within(o.said.file, o.used.file, 1.2), time = time_is_right(c, &o);
    if (memory && file && time) return 0;
    print_error(
        "%s: %s%s%s: said %.3g MB of memory, a file of %.3g MB and %.3g s of processors; used %.3g MB, %.3g MB and %.3g s\n",
        c->name, memory ? "" : "memory ", file ? "" : "file ", time ? "" : "time ", 1e-6 * o.said.memory, 1e-6 * o.said.file,
        o.said.processor, 1e-6 * o.used.memory, 1e-6 * o.used.file, o.used.processor);
    return 1;
}

/* Sanitizers have memory and a pace of their own. */
static void needs_are_said_before(void **state) {
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof single_cases / sizeof *single_cases; i++)
        if (single_cases[i].sampled || !is_sampled()) wrong += judge(&single_cases[i]);
    unlink("run_estimate.h5");
    assert_int_equal(wrong, 0);
}

static size_t judge_member(const case_family *family, const char *member) {
    char text[512], name[64];
    snprintf(name, sizeof name, "%s: %s", family->name, member);
    assert_true(snprintf(text, sizeof text, family->format, member) < (int)sizeof text);
    return judge(&(scene_case){.name = name, .text = text, .output = true, .threads = 1});
}

static void needs_of_families_are_said_before(void **state) {
    (void)state;
    size_t wrong = 0;
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        const kr_dynamics_type *const *dynamics = best_registry()->dynamics;
        for (size_t i = 0; families[f].member ? families[f].member[i] != NULL : dynamics[i] != NULL; i++)
            if (i == 0 || !is_sampled())
                wrong += judge_member(&families[f], families[f].member ? families[f].member[i] : dynamics[i]->about.name);
    }
    unlink("run_estimate.h5");
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(needs_are_said_before),
                                       cmocka_unit_test(needs_of_families_are_said_before)};
    return SANITIZED ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
