/* Drives a run to its end: progress, interruption, and what is kept in every case. */
#include "command.h"

#include <kramers/interrupt.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct progress {
    bool shown;
    double began, last;
    uint64_t first_step, first_exposure;
} progress;

/* ---- before the first step ---- */

static double phase_began, phase_shown; /* 0: not shown */

static void show_phase(void *context, const char *doing, double done) {
    (void)context;
    static char before[64];
    double now = seconds_now();
    char line[128], duration[32];
    if (strncmp(before, doing, sizeof before - 1) != 0) {
        snprintf(before, sizeof before, "%s", doing);
        phase_began = now;
    }
    if (now - phase_began < 0.5 || now - phase_shown < 0.2) return;
    phase_shown = now;
    kr_seconds_text(now - phase_began, duration, sizeof duration);
    if (isnan(done))
        snprintf(line, sizeof line, "%s, %s", doing, duration);
    else
        snprintf(line, sizeof line, "%s, %.0f %%", doing, 100 * done);
    fprintf(stderr, "\r%.*s\033[K", kr_width(stderr) - 1, line);
}

void (*kr_phase_progress(const kr_options *options))(void *context, const char *doing, double done) {
    return !options->quiet && kr_erases_lines(stderr) ? show_phase : NULL;
}

void kr_hide_phase(void) {
    if (phase_shown > 0) fputs("\r\033[K", stderr);
    phase_shown = 0;
}

/* ---- the steps ---- */

static void erase(progress *p) {
    if (p->shown && p->last > 0) fputs("\r\033[K", stderr);
}

/* "12 of 20 repeats  85 M/s  12 s  rate 1.61e-09": how long a repeat takes is not known beforehand. */
static void show_splitting(const kr_splitting_result *s, double elapsed) {
    char duration[32], rate[48] = "", line[256];
    if (s->escape.rate > 0) snprintf(rate, sizeof rate, "  rate %.4g", s->escape.rate);
    snprintf(line, sizeof line, "%" PRIu64 " of %" PRIu64 " repeats  %.3g M/s  %s%s", s->repeats, s->wanted,
             1e-6 * (double)s->particle_steps / elapsed, kr_seconds_text(elapsed, duration, sizeof duration), rate);
    fprintf(stderr, "\r%.*s\033[K", kr_width(stderr) - 1, line);
}

/* "43 % [######......]  312 M/s  12 s left  rate 0.00542 (1234 events)"; a few times a second. */
static void show(progress *p, const kr_run *run) {
    double now = seconds_now();
    if (!p->shown || now - p->last < 0.2) return;
    p->last = now;
    if (kr_run_splitting(run)) {
        show_splitting(kr_run_splitting(run), now - p->began);
        return;
    }
    kr_view view = kr_run_view(run);
    uint64_t end = kr_run_steps(run);
    double elapsed = now - p->began, done = end ? (double)view.step / (double)end : 1;
    double advanced = (double)(view.step - p->first_step),
           left = advanced > 0 ? elapsed * (double)(end - view.step) / advanced : NAN;
    char duration[32], bar[21] = "....................", estimate[64] = "", line[256];
    memset(bar, '#', (size_t)(20 * done));
    if (view.events && view.exposure_time > 0)
        snprintf(estimate, sizeof estimate, "  rate %.4g (%" PRIu64 " events)", (double)view.events / view.exposure_time,
                 view.events);
    snprintf(line, sizeof line, "%3.0f %% [%s] %.3g M/s  %s left%s", 100 * done, bar,
             1e-6 * (double)(view.exposure_steps - p->first_exposure) / elapsed, kr_seconds_text(left, duration, sizeof duration),
             estimate);
    fprintf(stderr, "\r%.*s\033[K", kr_width(stderr) - 1, line);
}

/* All that the run takes from its beginning: that a part of it is over is said where it is long. */
static void say_estimate(const kr_run *run) {
    kr_estimate e = kr_run_estimate(run);
    char memory[32], file[32], duration[32], passed[32], disk[64] = "", over[64] = "";
    double memory_bytes = e.memory_bytes + (isnan(e.process_bytes) ? 0.0 : e.process_bytes), all = e.seconds_before + e.seconds;
    if (!(all > 10) && !(memory_bytes > 1e9) && !(e.file_bytes > 1e9)) return;
    if (e.file_bytes > 0) snprintf(disk, sizeof disk, ", a file of %s", kr_bytes_text(e.file_bytes, file, sizeof file));
    if (e.seconds_before > 1)
        snprintf(over, sizeof over, ", of which its start took %s", kr_seconds_text(e.seconds_before, passed, sizeof passed));
    fprintf(stderr, "kramers: this run needs about %s of memory%s and %s%s\n", kr_bytes_text(memory_bytes, memory, sizeof memory),
            disk,
            isnan(all) ? "a time that depends on how rare the escape is"
            : all > 1  ? kr_seconds_text(all, duration, sizeof duration)
                       : "a few seconds",
            over);
}

/* The table shows warnings too: where both streams end in the same place they would stand there twice. */
static bool same_place(void) {
    struct stat out, err;
    return !fstat(STDOUT_FILENO, &out) && !fstat(STDERR_FILENO, &err) && out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

static void report(const kr_scene *scene, const kr_result *result, const kr_options *options, uint64_t before) {
    bool table_says_it = !options->json && kr_is_terminal(stdout) && same_place();
    for (size_t i = 0; i < result->warning_count && !table_says_it; i++)
        fprintf(stderr, "kramers: warning: %s\n", result->warnings[i]);
    if (options->json)
        kr_json_print(kr_json_result(scene, result));
    else
        kr_report_result(stdout, scene, result, before, options->verbose);
}

int kr_lead(kr_run *run, const kr_scene *scene, const kr_options *options, const char *output) {
    kr_view view = kr_run_view(run);
    kr_interrupts_keep();
    kr_run_predict(run);
    kr_hide_phase();
    progress bar = {.shown = !options->quiet && kr_erases_lines(stderr),
                    .began = seconds_now(),
                    .first_step = view.step,
                    .first_exposure = view.exposure_steps};
    if (!options->quiet) say_estimate(run);

    kr_error error = {.status = KR_OK}, closing = {.status = KR_OK};
    while (!kr_run_finished(run) && !kr_interrupted() && !error.status) {
        error.status = kr_run_advance(run, &error);
        show(&bar, run);
    }
    erase(&bar);
    if (error.status == KR_INTERRUPTED) error.status = KR_OK;
    bool interrupted = kr_interrupted() && !kr_run_finished(run);
    kr_interrupts_conclude();
    unsigned long heeded = kr_interrupt_heeded();
    /* After a failure of the file nothing more is written to it; a diverged run keeps what it has. */
    if (!error.status || error.status == KR_DIVERGED) closing.status = kr_run_finish(run, &closing);
    kr_hide_phase();
    report(scene, kr_run_result(run), options, bar.first_exposure);
    if (closing.status == KR_INTERRUPTED) closing.status = KR_OK;
    interrupted = interrupted || (kr_interrupted() && kr_interrupt_heeded() != heeded); /* some of the results are missing */
    int status = kr_flush_output(0);
    if (closing.status) status = kr_complain(&closing);
    if (error.status) status = kr_complain(&error);
    if (interrupted && !error.status && !closing.status) {
        kr_interrupts_answered();
        if (kr_run_splitting(run))
            fprintf(stderr, "kramers: interrupted by %s; the result is that of the repeats that were finished\n",
                    kr_interrupted_by());
        else if (output)
            fprintf(stderr, "kramers: interrupted by %s; 'kramers resume %s' goes on from here\n", kr_interrupted_by(), output);
        else
            fprintf(stderr, "kramers: interrupted by %s; with a file (-o FILE.h5) a run can be resumed\n", kr_interrupted_by());
        if (!status) status = 128 + kr_interrupted();
    }
    return status;
}
