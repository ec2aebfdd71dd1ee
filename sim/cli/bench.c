/* kramers bench: particle-steps per second of the whole loop, for each instruction set and for one and several threads.
 *
 * A measurement is the fastest of many short repeats of one growing ensemble, after a warm-up; all repeats together give the mean
 * first-passage time, which shows that nothing was left out. bench/ in the source tree puts other programs beside it. */
#include "command.h"

#include <kramers/model.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { REPEATS = 50, FEWEST = 5, MOST_TABLES = 8, MOST_RUNS = 16, CHUNK = 1024 };

static const char *const scenes[] = {"bench_sgld_double_well", "bench_langevin_muller_brown", "bench_sgd_styblinski_tang", NULL};
static const double default_seconds = 2;

typedef struct measurement {
    const char *isa;
    int threads;
    double speed; /* particle-steps per second */
    uint64_t particles, events, exposure_steps;
    size_t dim;
} measurement;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Warm-up for a tenth of the time in ever larger calls, which also tells how many steps a repeat takes; then the repeats. Large
 * ensembles, of which few repeats fit into the time, get at least FEWEST. */
static kr_status time_ensemble(kr_ensemble *ensemble, double seconds, double *seconds_per_step, kr_error *error) {
    kr_status status = KR_OK;
    uint64_t steps = 0, call = 1;
    double begin = now(), elapsed = 0;
    while (status == KR_OK && elapsed < 0.1 * seconds) {
        status = kr_ensemble_advance(ensemble, call, error);
        steps += call;
        call = call < CHUNK ? 2 * call : CHUNK;
        elapsed = now() - begin;
    }
    double fitting = seconds / REPEATS / elapsed * (double)steps;
    steps = fitting > CHUNK ? CHUNK * (uint64_t)(fitting / CHUNK) : fitting > 1 ? (uint64_t)fitting : 1;
    double best = INFINITY, first = now();
    for (int repeat = 0; repeat < REPEATS && status == KR_OK && (repeat < FEWEST || now() - first < 1.5 * seconds); repeat++) {
        begin = now();
        status = kr_ensemble_advance(ensemble, steps, error);
        best = fmin(best, now() - begin);
    }
    *seconds_per_step = best / (double)steps;
    return status;
}

static kr_status measure_model(kr_model *model, int threads, double seconds, measurement *out, kr_error *error) {
    kr_ensemble_setup setup;
    kr_status status = kr_model_ensemble_setup(model, &setup, error);
    if (status != KR_OK) return status;
    setup.threads = threads;
    kr_ensemble *ensemble = NULL;
    double per_step = NAN;
    status = kr_ensemble_create(&ensemble, &setup, error);
    if (status == KR_OK) status = time_ensemble(ensemble, seconds, &per_step, error);
    if (status == KR_OK) {
        kr_view view = kr_ensemble_view(ensemble);
        *out = (measurement){.isa = model->scene->registry->isa,
                             .threads = threads,
                             .speed = (double)view.particles / per_step,
                             .particles = view.particles,
                             .events = view.events,
                             .exposure_steps = view.exposure_steps,
                             .dim = view.dim};
    }
    kr_ensemble_destroy(ensemble);
    return status;
}

static kr_status measure(const char *name, const kr_registry *registry, int threads, const kr_options *options, measurement *out,
                         kr_error *error) {
    kr_scene scene;
    kr_model model;
    kr_status status = kr_scene_load(&scene, registry, name, options->set, options->set_count, error);
    if (status != KR_OK) return status;
    status = kr_model_create(&model, &scene, error);
    if (status == KR_OK) {
        double seconds = options->seconds > 0 ? options->seconds : default_seconds;
        status = measure_model(&model, threads, seconds, out, error);
        kr_model_destroy(&model);
    }
    kr_scene_destroy(&scene);
    return status;
}

/* Every instruction set on one thread, then the best of them on two and on all processors. */
static kr_status measure_scene(const char *name, const kr_options *options, measurement *runs, size_t *count, kr_error *error) {
    const kr_registry *tables[MOST_TABLES];
    size_t table_count = options->isa ? 1 : kr_registry_available(tables, MOST_TABLES);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const long threads[] = {options->threads ? options->threads : 1, 2, processors};
    size_t choices = options->threads || processors < 2 ? 1 : processors == 2 ? 2 : 3;
    *count = 0;
    for (size_t choice = 0; choice < choices; choice++)
        for (size_t table = 0; table < (choice ? 1 : table_count) && *count < MOST_RUNS; table++, ++*count) {
            const kr_registry *registry;
            kr_status status =
                kr_registry_with_plugins(options, options->isa ? options->isa : tables[table]->isa, &registry, error);
            if (status == KR_OK) status = measure(name, registry, (int)threads[choice], options, &runs[*count], error);
            kr_registry_close(registry);
            if (status != KR_OK) return status;
        }
    return KR_OK;
}

static json_object *json_of(const char *name, const measurement *runs, size_t count) {
    json_object *entry = json_object_new_object(), *list = json_object_new_array();
    json_object_object_add(entry, "scene", json_object_new_string(name));
    json_object_object_add(entry, "particles", json_object_new_int64((int64_t)runs[0].particles));
    json_object_object_add(entry, "dim", json_object_new_int64((int64_t)runs[0].dim));
    for (size_t i = 0; i < count; i++) {
        const measurement *run = &runs[i];
        json_object *row = json_object_new_object();
        json_object_object_add(row, "isa", json_object_new_string(run->isa));
        json_object_object_add(row, "threads", json_object_new_int(run->threads));
        json_object_object_add(row, "particle_steps_per_second", kr_json_number(run->speed));
        json_object_object_add(row, "events", json_object_new_int64((int64_t)run->events));
        json_object_object_add(row, "exposure_steps", json_object_new_int64((int64_t)run->exposure_steps));
        json_object_object_add(row, "mfpt_steps", kr_json_number((double)run->exposure_steps / (double)run->events));
        json_object_array_add(list, row);
    }
    json_object_object_add(entry, "runs", list);
    return entry;
}

static void print_rows(const char *name, const measurement *runs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const measurement *run = &runs[i];
        printf("%-28s%-9s%8d%11.1f%10.2f", i ? "" : name, run->isa, run->threads, 1e-6 * run->speed, run->speed / runs[0].speed);
        if (run->events) printf("%14.1f", (double)run->exposure_steps / (double)run->events);
        putchar('\n');
    }
    fflush(stdout);
}

static const struct argp_option rows[] = {
    KR_ROW_SET, KR_ROW_JSON,   KR_ROW_THREADS,
    KR_ROW_ISA, KR_ROW_PLUGIN, {"seconds", KR_OPTION_SECONDS, "S", 0, "time of one measurement (2)", 0},
    {0}};

static const char doc[] =
    "Particle-steps per second of the whole loop, first passages included: of a scene, or of the three that the "
    "project measures itself by. By default on one thread with each instruction set, then on two and on all "
    "processors with the best.\v"
    "  kramers bench\n"
    "  kramers bench muller_brown --isa v3 --threads 1 --json";

int kr_command_bench(int argc, char **argv) {
    kr_options options;
    kr_options_parse(&options, 1, rows, "[SCENE]", doc, argc, argv);
    const char *const one[] = {options.argument[0], NULL}, *const *name = one[0] ? one : scenes;
    kr_error error = {.status = KR_OK};
    json_object *list = json_object_new_array();
    if (!options.json) printf("%-28s%-9s%8s%11s%10s%14s\n", "scene", "isa", "threads", "million/s", "relative", "mean steps");
    for (; *name; name++) {
        measurement runs[MOST_RUNS];
        size_t count = 0;
        if (measure_scene(*name, &options, runs, &count, &error) != KR_OK) break;
        if (options.json)
            json_object_array_add(list, json_of(*name, runs, count));
        else
            print_rows(*name, runs, count);
    }
    if (!error.status && options.json) {
        json_object *root = json_object_new_object();
        json_object_object_add(root, "version", json_object_new_string(KR_VERSION));
        json_object_object_add(root, "repeats", json_object_new_int(REPEATS));
        json_object_object_add(root, "scenes", json_object_get(list));
        kr_json_print(root);
    }
    json_object_put(list);
    kr_options_free(&options);
    return error.status ? kr_complain(&error) : 0;
}
