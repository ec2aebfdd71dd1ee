/* Times a run of a scene from the inside: without its start, its theories and its end, but with everything between: first passages,
 * observers at their cadences, and starting threads for each cadence.
 *
 * A measurement is the fastest of many short repeats of one growing run, after a warm-up; all repeats together give the mean
 * first-passage time, which shows that nothing was left out. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { REPEATS = 50, FEWEST = 5, MOST_TABLES = 8, SHORTEST_CADENCE = 64 };
const int kr_bench_repeats = REPEATS;

static const double default_seconds = 2;
static const int64_t endless = 1000000000000;

static double seconds_of(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double now(void) {
    return seconds_of(CLOCK_MONOTONIC);
}

/* A time for each step: as a clock on the wall shows it, and what processors were busy. */
typedef struct step_time {
    double elapsed, busy;
} step_time;

/* A run that counts events, writes no file and does not end by itself. Its schedule is already that of the scene's own length. */
static void make_endless(kr_scene *scene) {
    kr_ensemble_settings *ensemble = scene->ensemble.values;
    kr_trajectory_settings *trajectory = scene->trajectory.values;
    ensemble->steps = endless;
    ensemble->until_events = 0;
    ensemble->until_relative_error = 0;
    ((kr_escape_settings *)scene->escape.values)->method = KR_METHOD_COUNT;
    free(trajectory->file);
    trajectory->file = NULL;
}

/* How many steps take so long, by what the run expects of itself. */
static double steps_within(const kr_run *run, double seconds) {
    return seconds / kr_run_estimate(run).seconds * (double)endless;
}

/* At least this many steps, to the next cadence; *done: how many it were. */
static kr_status advance(kr_run *run, uint64_t steps, uint64_t *done, kr_error *error) {
    kr_status status = KR_OK;
    uint64_t begin = kr_run_view(run).step;
    do {
        status = kr_run_advance(run, error);
        *done = kr_run_view(run).step - begin;
    } while (status == KR_OK && *done < steps && !kr_run_finished(run));
    return status;
}

/* Warm-up for a tenth of the time, which also tells how many steps a repeat takes; then the repeats. Large ensembles, of which few
 * repeats fit into the time, get at least FEWEST. */
static kr_status time_run(kr_run *run, double seconds, step_time *best, kr_error *error) {
    kr_status status = KR_OK;
    uint64_t warm = 0, done;
    double begin = now(), elapsed = 0;
    while (status == KR_OK && elapsed < 0.1 * seconds && !kr_run_finished(run)) {
        status = advance(run, 1, &done, error);
        warm += done;
        elapsed = now() - begin;
    }
    double fitting = seconds / REPEATS / elapsed * (double)warm, first = now();
    *best = (step_time){INFINITY, INFINITY};
    for (int repeat = 0; repeat < REPEATS && (repeat < FEWEST || now() - first < 1.5 * seconds); repeat++) {
        if (status != KR_OK || kr_run_finished(run)) break;
        double busy = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        begin = now();
        status = advance(run, fitting > 1 ? (uint64_t)fitting : 1, &done, error);
        best->elapsed = fmin(best->elapsed, (now() - begin) / (double)done);
        best->busy = fmin(best->busy, (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - busy) / (double)done);
    }
    if (status == KR_OK && isinf(best->elapsed))
        return kr_fail(error, KR_BAD_ARGUMENT, "the run ends after %llu steps, too early for a measurement",
                       (unsigned long long)kr_run_view(run).step);
    return status;
}

/* A run whose cadence is not longer than a repeat should be, nor so short that particles come and go for a few steps each time. */
static kr_status create(kr_run **run, const kr_scene *scene, int threads, double seconds, kr_error *error) {
    kr_run_options options = {.threads = threads};
    kr_status status = kr_run_create(run, scene, &options, error);
    if (status != KR_OK) return status;
    double fitting = steps_within(*run, seconds / REPEATS);
    kr_run_destroy(*run);
    options.cadence = fitting > 1e9 ? 0 : fitting > SHORTEST_CADENCE ? (uint64_t)fitting : SHORTEST_CADENCE;
    return kr_run_create(run, scene, &options, error);
}

kr_status kr_bench_measure_scene(kr_scene *scene, int threads, double seconds, kr_bench_run *out, kr_error *error) {
    kr_run *run;
    step_time per_step = {NAN, NAN};
    make_endless(scene);
    kr_status status = create(&run, scene, threads, seconds, error);
    if (status == KR_OK) status = time_run(run, seconds, &per_step, error);
    if (status == KR_OK) {
        kr_view view = kr_run_view(run);
        *out = (kr_bench_run){.isa = scene->registry->isa,
                              .threads = threads,
                              .speed = (double)view.particles / per_step.elapsed,
                              .processor_speed = (double)view.particles / per_step.busy,
                              .particles = view.particles,
                              .events = view.events,
                              .exposure_steps = view.exposure_steps,
                              .dim = view.dim};
    }
    kr_run_destroy(run);
    return status;
}

static kr_status measure(const char *name, const char *isa, int threads, const kr_options *options, kr_bench_run *out,
                         kr_error *error) {
    const kr_registry *registry;
    kr_scene scene = {0};
    kr_status status = kr_registry_with_plugins(options, isa, &registry, error);
    if (status == KR_OK) status = kr_scene_load(&scene, registry, name, options->set, options->set_count, error);
    if (status == KR_OK) {
        status = kr_bench_measure_scene(&scene, threads, options->seconds > 0 ? options->seconds : default_seconds, out, error);
        kr_scene_destroy(&scene);
    }
    kr_registry_close(registry);
    return status;
}

kr_status kr_bench_measure(const char *name, const kr_options *options, kr_bench_scene *out, kr_error *error) {
    const kr_registry *tables[MOST_TABLES];
    size_t table_count = options->isa ? 1 : kr_registry_available(tables, MOST_TABLES);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const long threads[] = {options->threads ? options->threads : 1, 2, processors};
    size_t choices = options->threads || processors < 2 ? 1 : processors == 2 ? 2 : 3;
    *out = (kr_bench_scene){.name = name};
    for (size_t choice = 0; choice < choices; choice++)
        for (size_t table = 0; table < (choice ? 1 : table_count) && out->count < KR_BENCH_RUNS; table++) {
            const char *isa = options->isa ? options->isa : tables[table]->isa;
            kr_status status = measure(name, isa, (int)threads[choice], options, &out->runs[out->count], error);
            if (status != KR_OK) return status;
            out->count++;
        }
    return KR_OK;
}
