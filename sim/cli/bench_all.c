/* kramers bench --all: what a step of a coordinate costs with every dynamics, every noise and every landscape, beside sgld on
 * double_well. Measured by the time that the processor is busy, which other programs disturb least. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 1024, REASON = 200, SENTENCE = 1024 };
static const char reference[] = "double_well";
static const double third = 1.0 / 3, seconds_each = 0.2;

typedef struct bench_row {
    const char *kind;
    const kr_descriptor *about;
    kr_bench_run run;
    double share;         /* of the reference's speed for each coordinate */
    char refused[REASON]; /* why it could not be measured; empty: it was */
} bench_row;

typedef struct bench_table {
    bench_row *row; /* the first is the reference */
    size_t count;
} bench_table;

/* Coordinate-steps per second that the processor is busy. */
static double speed_of(const bench_row *row) {
    return row->run.processor_speed * (double)row->run.dim;
}

/* Rates at which steps are stable differ by landscapes; one at which nothing diverges is as fast as any other. */
static const double rates[] = {1e-3, 1e-5, 1e-8, 1e-12};

static bool has_dim(const kr_descriptor *about) {
    return kr_parameter_find(about, "dim") != NULL;
}

/* The first that is a mean over data; all others are measured on the plainest. */
static const char *landscape_for(const bench_row *row, const kr_registry *registry) {
    if (!strcmp(row->kind, "noise") && ((const kr_noise_type *)row->about)->sampler)
        for (size_t i = 0; registry->landscapes[i]; i++)
            if (registry->landscapes[i]->data) return registry->landscapes[i]->about.name;
    return reference;
}

/* The scene of a row; number of the rate. */
static void describe(const bench_row *row, size_t rate, const kr_registry *registry, char text[TEXT]) {
    bool landscape = !strcmp(row->kind, "landscape"), dynamics = !strcmp(row->kind, "dynamics"),
         noise = !strcmp(row->kind, "noise");
    bool lists_minima = !landscape || ((const kr_landscape_type *)row->about)->candidates;
    const char *values = landscape ? row->about->bench : NULL;
    snprintf(text, TEXT,
             "landscape: {name: %s%s%s%s}\ndynamics: {name: %s}\nnoise: {name: %s}\nschedule: {name: constant, lr: %.17g}\n"
             "escape: {until: []}\nensemble: {particles: %d%s}\n",
             landscape ? row->about->name : landscape_for(row, registry), !landscape || has_dim(row->about) ? ", dim: 2" : "",
             values ? ", " : "", values ? values : "",
             dynamics ? row->about->name
             : noise  ? "sgd"
                      : "sgld",
             noise ? row->about->name : "none", rates[rate], lists_minima ? 4096 : 64, /* networks: a step is a pass over data */
             lists_minima ? ", start: {minimum: 0}" : "");
}

static kr_status try(bench_row *row, size_t rate, const kr_options *options, kr_error *error) {
    char text[TEXT];
    kr_scene scene;
    describe(row, rate, options->registry, text);
    kr_status status = kr_scene_parse(&scene, options->registry, row->about->name, NULL, text, NULL, 0, error);
    if (status != KR_OK) return status;
    status = kr_bench_measure_scene(&scene, options->threads ? options->threads : 1,
                                    options->seconds > 0 ? options->seconds : seconds_each, &row->run, error);
    kr_scene_destroy(&scene);
    return status;
}

static void measure(bench_row *row, const kr_options *options) {
    kr_error error = {.status = KR_DIVERGED};
    for (size_t rate = 0; rate < sizeof rates / sizeof *rates && error.status == KR_DIVERGED; rate++) {
        error = (kr_error){.status = KR_OK};
        try(row, rate, options, &error);
    }
    snprintf(row->refused, sizeof row->refused, "%s", error.status ? error.message : "");
}

static void measure_kind(bench_table *table, const char *kind, const void *list, const kr_options *options) {
    for (const kr_descriptor *const *about = list; *about; about++) {
        bench_row *row = &table->row[table->count++];
        *row = (bench_row){.kind = kind, .about = *about, .share = NAN};
        measure(row, options);
        if (!*row->refused) row->share = speed_of(row) / speed_of(&table->row[0]);
    }
}

static size_t count_of(const void *list) {
    size_t count = 0;
    while (((const kr_descriptor *const *)list)[count]) count++;
    return count;
}

/* ---- what is said ---- */

static const char *verdict_of(const bench_row *row) {
    if (*row->refused) return row->refused;
    if (row->share >= third) return "";
    return row->about->bound ? row->about->bound : "NO REASON IS STATED";
}

/* "31 of 34 reach a third of sgld's speed on double_well; for the others a reason is stated." */
static void summary(const bench_table *table, char text[SENTENCE]) {
    size_t fast = 0, measured = 0, used;
    char silent[SENTENCE / 2] = "";
    used = 0;
    for (size_t i = 1; i < table->count; i++) {
        const bench_row *row = &table->row[i];
        if (*row->refused) continue;
        measured++;
        fast += row->share >= third;
        if (row->share < third && !row->about->bound && used < sizeof silent)
            used += (size_t)snprintf(silent + used, sizeof silent - used, "%s%s %s", used ? ", " : "", row->kind, row->about->name);
    }
    used = (size_t)snprintf(text, SENTENCE, "%zu of %zu reach one third of the speed of sgld on double_well", fast, measured);
    if (*silent)
        snprintf(text + used, SENTENCE - used, "; no reason is stated for %s.", silent);
    else
        snprintf(text + used, SENTENCE - used, fast < measured ? "; for the others a reason is stated." : ".");
}

/* Columns where verdicts stand: beside the numbers, or below them. */
enum { BESIDE = 68, BELOW = 10 };

static bool has_room(void) {
    return kr_width(stdout) >= 100;
}

static void print_row(const bench_row *row) {
    printf("%-10s%-24s", row->kind, row->about->name);
    if (*row->refused)
        printf("%5s%11s%8s%8s", "-", "-", "-", "-");
    else
        printf("%5zu%11.1f%8.3f%8.2f", row->run.dim, 1e-6 * speed_of(row), 1e9 / speed_of(row), row->share);
    if (*verdict_of(row)) {
        if (has_room())
            fputs("  ", stdout);
        else
            printf("\n%*s", BELOW, "");
        int column = has_room() ? BESIDE : BELOW;
        kr_print_wrapped(stdout, verdict_of(row), column, column, kr_width(stdout));
    } else
        putchar('\n');
    fflush(stdout);
}

static void print_table(const bench_table *table) {
    char text[SENTENCE];
    printf("%-10s%-24s%5s%11s%8s%8s%s\n", "kind", "name", "dim", "million/s", "ns", "share",
           has_room() ? "  where the share is below 1/3" : "");
    for (size_t i = 1; i < table->count; i++) print_row(&table->row[i]);
    summary(table, text);
    putchar('\n');
    kr_print_wrapped(stdout, text, 0, 0, kr_width(stdout));
}

static void print_json(const bench_table *table, const kr_bench_machine *machine) {
    json_object *root = json_object_new_object(), *list = json_object_new_array();
    char text[SENTENCE];
    for (size_t i = 1; i < table->count; i++) {
        const bench_row *row = &table->row[i];
        json_object *object = json_object_new_object();
        bool known = !*row->refused;
        json_object_object_add(object, "kind", json_object_new_string(row->kind));
        json_object_object_add(object, "name", json_object_new_string(row->about->name));
        json_object_object_add(object, "isa", known ? json_object_new_string(row->run.isa) : NULL);
        json_object_object_add(object, "dim", known ? json_object_new_int64((int64_t)row->run.dim) : NULL);
        json_object_object_add(object, "coordinate_steps_per_processor_second", known ? kr_json_number(speed_of(row)) : NULL);
        json_object_object_add(object, "share", known ? kr_json_number(row->share) : NULL);
        json_object_object_add(object, "bound", row->about->bound ? json_object_new_string(row->about->bound) : NULL);
        json_object_object_add(object, "refused", known ? NULL : json_object_new_string(row->refused));
        json_object_array_add(list, object);
    }
    summary(table, text);
    json_object_object_add(root, "version", json_object_new_string(KR_VERSION));
    json_object_object_add(root, "machine", kr_bench_machine_json(machine));
    json_object_object_add(root, "rows", list);
    json_object_object_add(root, "verdict", json_object_new_string(text));
    kr_json_print(root);
}

kr_status kr_bench_all(kr_options *options, const kr_bench_machine *machine, kr_error *error) {
    kr_status status = kr_options_registry(options, error);
    if (status != KR_OK) return status;
    const kr_registry *r = options->registry;
    bench_table table = {.row =
                             calloc(2 + count_of(r->landscapes) + count_of(r->dynamics) + count_of(r->noises), sizeof *table.row)};
    if (!table.row) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of bench");
    const kr_landscape_type *well;
    status = kr_find_landscape(r, reference, &well, error);
    if (status == KR_OK) {
        table.row[table.count++] = (bench_row){.kind = "landscape", .about = &well->about};
        measure(&table.row[0], options);
        if (*table.row[0].refused) status = kr_fail(error, KR_BAD_ARGUMENT, "%s", table.row[0].refused);
    }
    if (status == KR_OK) {
        measure_kind(&table, "dynamics", r->dynamics, options);
        measure_kind(&table, "noise", r->noises, options);
        measure_kind(&table, "landscape", r->landscapes, options);
        if (options->json)
            print_json(&table, machine);
        else
            print_table(&table);
    }
    free(table.row);
    return status;
}
