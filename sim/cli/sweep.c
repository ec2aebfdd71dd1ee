#include "command.h"

#include <kramers/generator.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct argp_option rows[] = {
    {"vary", KR_OPTION_VARY, "KEY=SPEC", 0,
     "vary a parameter of the scene: a,b,c (values or names), lo:hi:n, or lo:hi:n:log; several make the full grid, the last one "
     "changes fastest",
     0},
    KR_ROW_SET,
    {"output", KR_OPTION_OUTPUT, "FILE", 0,
     "write the table to this file: HDF5 for .h5 and .hdf5, else CSV; without it CSV goes to stdout. Called again, a sweep that "
     "was "
     "interrupted or killed goes on",
     0},
    {"columns", KR_OPTION_COLUMNS, "all|NAME,...", 0,
     "columns of CSV, with * and ?; without it those that have content. 'kramers list columns' says what they are", 0},
    {"part", KR_OPTION_PART, "I/N", 0, "only every N-th point, from number I - 1 on: I from 1 to N, as for tasks of a batch job",
     0},
    {"merge", KR_OPTION_MERGE, NULL, 0, "FILE...: make one table (-o) of those of the parts", 0},
    KR_ROW_JSON,
    KR_ROW_THREADS,
    KR_ROW_ISA,
    KR_ROW_QUIET,
    KR_ROW_PLUGIN,
    KR_ROW_DURABILITY,
    {"force", KR_OPTION_FORCE, NULL, 0, "start anew where the output file exists", 0},
    {0}};

static const char doc[] =
    "Runs a scene at every point of a grid of parameters: one row each, with intervals and every theory.\v"
    "Each point has a seed of its own, derived from the scene's and the point's values, unless ensemble.seed is varied. Where one "
    "kind of "
    "temperature is varied (dynamics.temperature, schedule.lr, noise.batch_size, noise.sigma, noise.strength), Arrhenius' law is "
    "fitted to the rates, raw and corrected by the exact theory. With escape.method=auto points without an escape are split.\n\n"
    "  kramers sweep --vary dynamics.temperature=0.15,0.2,0.25,0.3\n"
    "  kramers sweep arrhenius --vary dynamics.temperature=0.16:0.36:6 -o a.csv\n"
    "  kramers sweep heavy_ball --vary schedule.lr=1e-3:1e-2:7:log \\\n"
    "    --vary noise.batch_size=1,4,16 -o grid.h5\n\n"
    "  kramers sweep --vary schedule.lr=1e-3:1e-1:60:log --part 2/10 -o part2.csv\n"
    "  kramers sweep --merge part*.csv -o all.csv\n\n"
    "Points that diverge or cannot be run have rows, too: status 'diverged' makes the exit status 4, else 'impossible' 2 and "
    "'failed' 3 "
    "(a file or memory is missing; going on tries these again). Merged tables that lack points make it 3.";

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- progress ---- */

typedef struct progress {
    bool shown, drawn;
    double began, first;
} progress;

static void show(progress *bar, kr_sweep *sweep) {
    kr_sweep_progress now = kr_sweep_progress_now(sweep);
    if (!bar->shown) return;
    double gained = now.fraction - bar->first, elapsed = seconds_now() - bar->began;
    char duration[32], marks[21] = "....................", line[256];
    memset(marks, '#', (size_t)(20 * fmin(1.0, now.fraction)));
    snprintf(line, sizeof line, "%3.0f %% [%s] %zu of %zu points  %s left", 100 * now.fraction, marks, now.done, now.points,
             kr_seconds_text(gained > 0 ? elapsed * (1 - now.fraction) / gained : NAN, duration, sizeof duration));
    fprintf(stderr, "\r%.*s\033[K", kr_width(stderr) - 1, line);
    bar->drawn = true;
}

/* ---- JSON ---- */

static void add(json_object *object, const char *key, json_object *value) {
    json_object_object_add(object, key, value);
}

static json_object *text(const char *value) {
    return json_object_new_string(value);
}

/* A value of a varied key: a number where it is one. */
static json_object *value_json(const char *value) {
    double number;
    int64_t integer;
    uint64_t natural;
    if (kr_integer_parse(value, &integer)) return json_object_new_int64(integer);
    if (kr_natural_parse(value, &natural)) return json_object_new_uint64(natural);
    return kr_number_parse(value, &number) && isfinite(number) ? kr_json_number(number) : text(value);
}

static json_object *cell_json(const kr_sweep *sweep, size_t point, size_t column, const char *cell) {
    int64_t integer;
    uint64_t natural;
    switch (kr_sweep_column_at(sweep, column).kind) {
    case KR_SWEEP_TEXT: return text(cell);
    case KR_SWEEP_INTEGER:
    case KR_SWEEP_COUNT:
        return kr_natural_parse(cell, &natural)   ? json_object_new_uint64(natural)
               : kr_integer_parse(cell, &integer) ? json_object_new_int64(integer)
                                                  : NULL;
    case KR_SWEEP_NUMBER: return kr_json_number(kr_sweep_number(sweep, point, column));
    }
    return NULL;
}

/* The entry of a theory in the list, made at its first number. */
static json_object *theory_entry(json_object *list, const char *name, size_t length) {
    size_t count = json_object_array_length(list);
    json_object *last = count ? json_object_array_get_idx(list, count - 1) : NULL, *called = NULL;
    if (last && json_object_object_get_ex(last, "name", &called) && strlen(json_object_get_string(called)) == length &&
        !strncmp(json_object_get_string(called), name, length))
        return last;
    last = json_object_new_object();
    add(last, "name", json_object_new_string_len(name, (int)length));
    json_object_array_add(list, last);
    return last;
}

/* Every column, null where it is empty. */
static json_object *point_json(const kr_sweep *sweep, size_t point) {
    json_object *object = json_object_new_object(), *parameters = json_object_new_object(), *theories = json_object_new_array();
    char cell[KR_SWEEP_CELL];
    size_t axes = kr_sweep_axes(sweep);
    for (size_t i = 0; i < kr_sweep_columns(sweep); i++) {
        const char *name = kr_sweep_column_at(sweep, i).name, *dot = strchr(name, '.');
        bool empty = !*kr_sweep_cell(sweep, point, i, cell);
        if (i == 1) add(object, "parameters", parameters);
        if (i >= 1 && i <= axes)
            add(parameters, name, value_json(cell));
        else
            add(dot ? theory_entry(theories, name, (size_t)(dot - name)) : object, dot ? dot + 1 : name,
                empty ? NULL : cell_json(sweep, point, i, cell));
    }
    add(object, "theory", theories);
    return object;
}

/* null where there is nothing: without a theory, or without a fit at all. */
static json_object *corrected_json(const kr_sweep_fit *fit) {
    if (!fit->applies || !fit->exact) return NULL;
    json_object *exact = json_object_new_object();
    add(exact, "theory", text(fit->exact));
    add(exact, "slope", kr_json_number(fit->corrected));
    add(exact, "slope_error", kr_json_number(fit->deviation_error));
    add(exact, "deviation", kr_json_number(fit->deviation));
    add(exact, "deviation_error", kr_json_number(fit->deviation_error));
    add(exact, "chi_square", kr_json_number(fit->exact_chi_square));
    add(exact, "p", kr_json_number(fit->exact_p));
    add(exact, "log_ratio", kr_json_number(fit->log_ratio));
    add(exact, "log_ratio_error", kr_json_number(fit->log_ratio_error));
    return exact;
}

static json_object *fit_json(const kr_sweep_fit *fit) {
    json_object *object = json_object_new_object();
    bool there = fit->applies;
    add(object, "law", text("arrhenius"));
    add(object, "applies", json_object_new_boolean(there));
    add(object, "why", there ? NULL : text(fit->why));
    add(object, "key", there ? text(fit->key) : NULL);
    add(object, "quantity", there ? text(fit->quantity) : NULL);
    add(object, "points", there ? json_object_new_uint64(fit->points) : NULL);
    add(object, "left_out", there ? json_object_new_uint64(fit->left_out) : NULL);
    add(object, "barrier", there ? kr_json_number(fit->barrier) : NULL);
    add(object, "slope", there ? kr_json_number(fit->slope) : NULL);
    add(object, "slope_error", there ? kr_json_number(fit->slope_error) : NULL);
    add(object, "chi_square", there ? kr_json_number(fit->chi_square) : NULL);
    add(object, "degrees_of_freedom", there ? json_object_new_uint64(fit->freedom) : NULL);
    add(object, "p", there ? kr_json_number(fit->p) : NULL);
    add(object, "corrected", corrected_json(fit));
    return object;
}

static void print_json(kr_sweep *sweep, bool interrupted) {
    json_object *object = json_object_new_object(), *vary = json_object_new_object(), *points = json_object_new_array();
    kr_sweep_fit fit;
    add(object, "version", text(KR_VERSION));
    add(object, "generator", text(kr_generator_name()));
    add(object, "scene", kr_json_scene(kr_sweep_first_scene(sweep)));
    for (size_t a = 0; a < kr_sweep_axes(sweep); a++) {
        json_object *values = json_object_new_array();
        for (size_t i = 0; i < kr_sweep_values(sweep, a); i++)
            json_object_array_add(values, value_json(kr_sweep_value(sweep, a, i)));
        add(vary, kr_sweep_column_at(sweep, 1 + a).name, values);
    }
    add(object, "vary", vary);
    add(object, "interrupted", json_object_new_boolean(interrupted));
    size_t count = kr_sweep_points(sweep);
    for (size_t i = 0; i < count; i++)
        if (kr_sweep_row(sweep, i)) json_object_array_add(points, point_json(sweep, i));
    add(object, "points", points);
    kr_sweep_arrhenius(sweep, &fit);
    add(object, "fit", fit_json(&fit));
    kr_json_print(object);
}

/* ---- tables ---- */

static void print_csv(kr_sweep *sweep) {
    char *table = kr_sweep_table(sweep);
    if (table) fputs(table, stdout);
    free(table);
}

/* The fit is of a table that is on stdout or in the file; CSV on stdout stays plain, and the fit goes to stderr. */
static int report(kr_sweep *sweep, const kr_options *options, bool interrupted) {
    kr_sweep_fit fit;
    if (options->json) {
        print_json(sweep, interrupted);
        return kr_flush_output(0);
    }
    kr_sweep_arrhenius(sweep, &fit);
    if (options->output) {
        kr_report_sweep(sweep, fit.exact);
        kr_report_fit(stdout, &fit);
        return kr_flush_output(0);
    }
    print_csv(sweep);
    int status = kr_flush_output(0);
    kr_report_fit(stderr, &fit);
    return status;
}

/* ---- running ---- */

/* Points that cannot be run: the first few by name. */
static void say_impossible(const kr_sweep *sweep) {
    enum { SHOWN = 5 };
    char how[KR_SWEEP_CELL], value[KR_SWEEP_CELL];
    size_t status = kr_sweep_column_find(sweep, "status"), reason = kr_sweep_column_find(sweep, "reason"), found = 0;
    for (size_t i = 0; i < kr_sweep_points(sweep) && found <= SHOWN; i++) {
        if (!kr_sweep_cell(sweep, i, status, how) || (strcmp(how, "impossible") != 0 && strcmp(how, "failed") != 0)) continue;
        if (++found > SHOWN) break;
        fprintf(stderr, "kramers: point %zu (", i);
        for (size_t a = 1; a <= kr_sweep_axes(sweep); a++)
            fprintf(stderr, "%s%s=%s", a > 1 ? ", " : "", kr_sweep_column_at(sweep, a).name, kr_sweep_cell(sweep, i, a, value));
        fprintf(stderr, "): %s\n", kr_sweep_cell(sweep, i, reason, value));
    }
    if (found > SHOWN) fputs("kramers: and others; the column reason says why\n", stderr);
}

/* What became of the points, as the exit status; earlier: of the report. */
static int judge(kr_sweep *sweep, int earlier) {
    kr_sweep_progress now = kr_sweep_progress_now(sweep);
    if (now.impossible) {
        say_impossible(sweep);
        fprintf(stderr, "kramers: %zu of %zu points could not be run; the others are not affected\n", now.impossible, now.points);
    }
    if (now.diverged)
        fprintf(stderr, "kramers: %zu of %zu points diverged; lower the learning rate there\n", now.diverged, now.points);
    if (earlier) return earlier;
    return now.diverged ? 4 : now.impossible ? kr_status_exit(now.worst) : 0;
}

static int run_points(kr_sweep *sweep, const kr_options *options) {
    progress bar = {.shown = !options->quiet && kr_erases_lines(stderr), .began = seconds_now()};
    kr_sweep_progress before = kr_sweep_progress_now(sweep);
    bar.first = before.fraction;
    if (before.resumed && !options->quiet)
        fprintf(stderr, "kramers: %s has %zu of %zu points already\n", options->output, before.resumed, before.points);
    kr_error error = {.status = KR_OK}, closing = {.status = KR_OK};
    kr_interrupts_keep();
    kr_hide_phase();
    while (!kr_sweep_finished(sweep) && !kr_interrupted() && !error.status) {
        error.status = kr_sweep_advance(sweep, 0.2, &error);
        show(&bar, sweep);
    }
    closing.status = kr_sweep_finish(sweep, &closing);
    if (bar.drawn) fputs("\r\033[K", stderr);
    bool interrupted = kr_interrupted() && !kr_sweep_finished(sweep);
    int status = judge(sweep, report(sweep, options, interrupted));
    if (closing.status && !error.status) status = kr_complain(&closing);
    if (error.status) status = kr_complain(&error);
    if (interrupted && !error.status && !closing.status) {
        kr_sweep_progress now = kr_sweep_progress_now(sweep);
        fprintf(stderr, "kramers: interrupted by %s with %zu of %zu points done; %s\n", kr_interrupted_by(), now.done, now.points,
                options->output ? "the same command goes on from here" : "with a file (-o) the same command would go on from here");
        status = 128 + kr_interrupted();
    }
    return status;
}

/* ---- merging ---- */

static int report_merged(kr_sweep *sweep, const kr_options *options) {
    enum { SHOWN = 10 };
    kr_error error = {.status = KR_OK};
    error.status = kr_sweep_finish(sweep, &error);
    int status = judge(sweep, report(sweep, options, false));
    if (error.status) return kr_complain(&error);
    size_t count = kr_sweep_points(sweep), missing = 0;
    for (size_t i = 0; i < count; i++) missing += !kr_sweep_row(sweep, i);
    if (!missing) return status;
    fprintf(stderr, "kramers: %zu of %zu points are in none of these files:", missing, count);
    for (size_t i = 0, shown = 0; i < count && shown < SHOWN; i++)
        if (!kr_sweep_row(sweep, i)) fprintf(stderr, "%s %zu", shown++ ? "," : "", i);
    fputs(missing > SHOWN ? ", ...\n" : "\n", stderr);
    return 3;
}

static int refuse_merge(const char *why) {
    fprintf(stderr, "kramers: --merge %s\n", why);
    return 2;
}

static int merge(kr_options *options, const kr_sweep_setup *setup) {
    kr_error error = {.status = KR_OK};
    kr_sweep *sweep = NULL;
    if (options->vary_count || options->set_count || options->parts)
        return refuse_merge("takes the files of the parts alone; they say what was varied and set");
    error.status = kr_sweep_merge(&sweep, options->registry, options->merge, options->merge_count, setup, &error);
    int status = error.status ? kr_complain(&error) : report_merged(sweep, options);
    kr_sweep_destroy(sweep);
    return status;
}

/* ---- the verb ---- */

int kr_command_sweep(int argc, char **argv) {
    kr_options options;
    kr_options_parse(&options, 1, rows, "[SCENE]\n--merge FILE...", doc, argc, argv);
    kr_interrupts_begin(kr_phase_progress(&options));
    kr_error error = {.status = KR_OK};
    kr_sweep *sweep = NULL;
    kr_sweep_setup setup = {.scene = options.argument[0],
                            .overrides = options.set,
                            .override_count = options.set_count,
                            .vary = options.vary,
                            .vary_count = options.vary_count,
                            .threads = options.threads,
                            .output = options.output,
                            .overwrite = options.force,
                            .durability = options.durability,
                            .columns = options.columns,
                            .part = (size_t)options.part,
                            .parts = (size_t)options.parts};
    error.status = kr_options_registry(&options, &error);
    setup.registry = options.registry;
    if (!error.status && !options.merges) error.status = kr_sweep_create(&sweep, &setup, &error);
    int status = error.status     ? kr_complain_or_stop(&error)
                 : options.merges ? merge(&options, &setup)
                                  : run_points(sweep, &options);
    kr_sweep_destroy(sweep);
    kr_options_free(&options);
    return status;
}
