/* kramers bench: particle-steps per second of whole runs, for each instruction set and for one and several threads, and what they
 * mean beside the committed results. bench/ in the source tree puts other programs beside it. */
#include "bench.h"

#include <kramers/generator.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_SCENES = 3, SENTENCE = 1024 };
static const char *const scenes[MOST_SCENES + 1] = {"bench_sgld_double_well", "bench_langevin_muller_brown",
                                                    "bench_sgd_styblinski_tang", NULL};

static void add(json_object *object, const char *key, json_object *value) {
    json_object_object_add(object, key, value);
}

static json_object *runs_json(const kr_bench_scene *scene, const kr_bench_verdict *verdict) {
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < scene->count; i++) {
        const kr_bench_run *run = &scene->runs[i];
        double reference = kr_bench_reference_speed(verdict->table, verdict->reference, scene->name, run);
        json_object *row = json_object_new_object();
        add(row, "isa", json_object_new_string(run->isa));
        add(row, "threads", json_object_new_int(run->threads));
        add(row, "particle_steps_per_second", kr_json_number(run->speed));
        add(row, "particle_steps_per_processor_second", kr_json_number(run->processor_speed));
        add(row, "reference_particle_steps_per_second", kr_json_number(reference));
        add(row, "events", json_object_new_int64((int64_t)run->events));
        add(row, "exposure_steps", json_object_new_int64((int64_t)run->exposure_steps));
        add(row, "mfpt_steps", kr_json_number((double)run->exposure_steps / (double)run->events));
        json_object_array_add(list, row);
    }
    return list;
}

static json_object *reference_json(const kr_bench_verdict *verdict) {
    if (!verdict->reference) return NULL;
    json_object *object = json_object_new_object();
    add(object, "processor", json_object_new_string(verdict->reference));
    add(object, "same_processor", json_object_new_boolean(verdict->same_processor));
    return object;
}

static void print_json(const kr_bench_verdict *verdict) {
    json_object *root = json_object_new_object(), *list = json_object_new_array(), *sentences = json_object_new_array();
    for (size_t i = 0; i < verdict->count; i++) {
        const kr_bench_scene *scene = &verdict->scenes[i];
        json_object *entry = json_object_new_object();
        add(entry, "scene", json_object_new_string(scene->name));
        add(entry, "particles", json_object_new_int64((int64_t)scene->runs[0].particles));
        add(entry, "dim", json_object_new_int64((int64_t)scene->runs[0].dim));
        add(entry, "runs", runs_json(scene, verdict));
        json_object_array_add(list, entry);
    }
    char text[SENTENCE];
    for (size_t i = 0; kr_bench_sentence(verdict, i, text, sizeof text); i++)
        json_object_array_add(sentences, json_object_new_string(text));
    add(root, "version", json_object_new_string(KR_VERSION));
    add(root, "generator", json_object_new_string(kr_generator_name()));
    add(root, "repeats", json_object_new_int(kr_bench_repeats));
    add(root, "machine", kr_bench_machine_json(verdict->machine));
    add(root, "reference", reference_json(verdict));
    add(root, "scenes", list);
    add(root, "verdict", sentences);
    kr_json_print(root);
}

/* 80 columns. */
static void print_header(void) {
    printf("%-28s%-8s%8s%10s%9s%10s%7s\n", "scene", "isa", "threads", "million/s", "relative", "committed", "steps");
}

static void print_rows(const kr_bench_scene *scene, const kr_bench_verdict *verdict) {
    for (size_t i = 0; i < scene->count; i++) {
        const kr_bench_run *run = &scene->runs[i];
        double share = run->speed / kr_bench_reference_speed(verdict->table, verdict->reference, scene->name, run);
        char committed[16] = "", steps[16] = "";
        if (isfinite(share)) snprintf(committed, sizeof committed, "%.0f %%", 100 * share);
        if (run->events) snprintf(steps, sizeof steps, "%.0f", (double)run->exposure_steps / (double)run->events);
        printf("%-28s%-8s%8d%10.1f%9.2f%10s%7s\n", i ? "" : scene->name, run->isa, run->threads, 1e-6 * run->speed,
               run->speed / scene->runs[0].speed, committed, steps);
    }
    fflush(stdout);
}

static void print_sentences(const kr_bench_verdict *verdict) {
    char text[SENTENCE];
    putchar('\n');
    for (size_t i = 0; kr_bench_sentence(verdict, i, text, sizeof text); i++)
        kr_print_wrapped(stdout, text, 0, 0, kr_width(stdout));
}

static const struct argp_option rows[] = {
    KR_ROW_SET,
    KR_ROW_JSON,
    KR_ROW_THREADS,
    KR_ROW_ISA,
    KR_ROW_PLUGIN,
    {"seconds", KR_OPTION_SECONDS, "S", 0, "time of one measurement (2; with --all 0.2)", 0},
    {"all", KR_OPTION_ALL, NULL, 0, "every dynamics, noise and landscape instead, for each coordinate", 0},
    {0}};

static const char doc[] =
    "Particle-steps per second of whole runs, first passages and observers included: of a scene, or of the three that the project "
    "measures itself by. By default on one thread with each instruction set, then on two and on all processors with the best. A "
    "run for this does not end by itself and writes no file.\v"
    "million/s are particle-steps, relative is to the first row, committed to the result that the project keeps of this processor, "
    "or of the one with the most similar name; steps is the measured mean first-passage time. What all this means is said below "
    "the table.\n\n"
    "  kramers bench\n"
    "  kramers bench muller_brown --isa v3 --threads 1 --json";

int kr_command_bench(int argc, char **argv) {
    kr_options options;
    kr_options_parse(&options, 1, rows, "[SCENE]", doc, argc, argv);
    const char *const one[] = {options.argument[0], NULL}, *const *name = one[0] ? one : scenes;
    kr_bench_machine machine = kr_bench_this_machine();
    kr_bench_scene measured[MOST_SCENES];
    kr_bench_verdict verdict = {.machine = &machine, .scenes = measured, .table = kr_bench_references};
    if (!options.set_count) verdict.reference = kr_bench_nearest(verdict.table, machine.processor);
    verdict.same_processor = verdict.reference && !strcmp(verdict.reference, machine.processor);
    kr_error error = {.status = KR_OK};
    if (options.all) {
        if (one[0] || options.set_count)
            kr_fail(&error, KR_BAD_ARGUMENT, "bench: --all chooses scenes by itself; leave the scene and --set out");
        else
            kr_bench_all(&options, &machine, &error);
        kr_options_free(&options);
        return error.status ? kr_complain(&error) : 0;
    }
    if (!options.json) print_header();
    for (; *name && kr_bench_measure(*name, &options, &measured[verdict.count], &error) == KR_OK; name++) {
        if (!options.json) print_rows(&measured[verdict.count], &verdict);
        verdict.count++;
    }
    if (!error.status && options.json) print_json(&verdict);
    if (!error.status && !options.json) print_sentences(&verdict);
    kr_options_free(&options);
    return error.status ? kr_complain(&error) : 0;
}
