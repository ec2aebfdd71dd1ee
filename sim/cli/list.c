/* What there is, from the descriptors. */
#include "command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct argp_option rows[] = {KR_ROW_JSON, KR_ROW_PLUGIN, {0}};

static const char doc[] =
    "Lists what there is: landscapes, dynamics, noise, schedules, theories, observers, scenes, the other sections of a scene,\n"
    "the columns of sweeps, and claims about cosine annealing with what was measured of them.\v"
    "With a NAME: its parameters, or the text of a scene, or more of a claim, whose name is its number.\n\n"
    "  kramers list\n"
    "  kramers list schedules\n"
    "  kramers list landscapes double_well\n"
    "  kramers list sections ensemble\n"
    "  kramers list columns\n"
    "  kramers list claims 14\n"
    "  kramers list scenes digits > my.yaml";

typedef struct kind {
    const char *name, *singular, *doc;
    const kr_descriptor *const *list;
} kind;

static const kr_descriptor *const sections[] = {&kr_ensemble_descriptor,
                                                &kr_start_descriptor,
                                                &kr_escape_descriptor,
                                                &kr_target_descriptor,
                                                &kr_warmup_descriptor,
                                                &kr_trajectory_descriptor,
                                                &kr_compare_descriptor,
                                                &kr_lesson_descriptor,
                                                &kr_translation_descriptor,
                                                &kr_phase_descriptor,
                                                &kr_prune_descriptor,
                                                &kr_rewind_descriptor,
                                                NULL};

enum { KINDS = 7 };

static void fill_kinds(const kr_registry *registry, kind kinds[KINDS]) {
    kinds[0] =
        (kind){"landscapes", "landscape", "potentials: what is descended", kr_registry_descriptors(registry, KR_PLUGIN_LANDSCAPE)};
    kinds[1] = (kind){"dynamics", "dynamics", "optimizers and integrators", kr_registry_descriptors(registry, KR_PLUGIN_DYNAMICS)};
    kinds[2] = (kind){"noise", "noise", "gradient noise of minibatches", kr_registry_descriptors(registry, KR_PLUGIN_NOISE)};
    kinds[3] = (kind){"schedules", "schedule", "the learning rate as a function of the step",
                      kr_registry_descriptors(registry, KR_PLUGIN_SCHEDULE)};
    kinds[4] = (kind){"theories", "theory", "predictions, from the simplest to the most exact",
                      kr_registry_descriptors(registry, KR_PLUGIN_THEORY)};
    kinds[5] = (kind){"observers", "observer", "what is measured beside first passages; a section of the scene each",
                      kr_registry_descriptors(registry, KR_PLUGIN_OBSERVER)};
    kinds[6] = (kind){"sections", "section", "the other sections of a scene", sections};
}

/* ---- JSON ---- */

/* value NULL: null. */
static void add(json_object *object, const char *key, json_object *value) {
    json_object_object_add(object, key, value);
}

static json_object *text(const char *value) {
    return value ? json_object_new_string(value) : NULL;
}

static json_object *flag(const kr_parameter *row, unsigned which) {
    return json_object_new_boolean((row->flags & which) != 0);
}

/* Of these kinds numbers may follow a schedule. */
static bool has_driven(const kind *which) {
    static const char *const names[] = {"landscapes", "dynamics", "noise"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(which->name, names[i])) return true;
    return false;
}

static bool is_number(const kr_parameter *row) {
    return row->type == KR_NUMBER || row->type == KR_INTEGER || row->type == KR_LIST;
}

static json_object *parameter_json(const kind *which, const kr_settings *defaults, const kr_parameter *row) {
    static const char *const types[] = {
        [KR_NUMBER] = "number", [KR_INTEGER] = "integer", [KR_NATURAL] = "integer", [KR_SWITCH] = "switch",
        [KR_CHOICE] = "choice", [KR_TEXT] = "text",       [KR_LIST] = "list",       [KR_SCHEDULES] = "schedules"};
    json_object *object = json_object_new_object();
    add(object, "name", text(row->name));
    add(object, "symbol", text(row->symbol));
    add(object, "type", text(types[row->type]));
    add(object, "unit", text(row->unit));
    add(object, "doc", text(row->doc));
    bool bounded = row->minimum != 0 || row->maximum != 0;
    add(object, "required", flag(row, KR_REQUIRED));
    add(object, "default",
        row->flags & KR_REQUIRED    ? NULL
        : row->type == KR_SCHEDULES ? text(row->initial_text)
                                    : kr_json_value(defaults, row));
    add(object, "minimum", bounded ? kr_json_number(row->minimum) : NULL);
    add(object, "maximum", bounded ? kr_json_number(row->maximum) : NULL);
    add(object, "exclusive_minimum", flag(row, KR_ABOVE_MINIMUM));
    add(object, "exclusive_maximum", flag(row, KR_BELOW_MAXIMUM));
    add(object, "log_scale", flag(row, KR_LOG_SCALE));
    add(object, "may_follow", json_object_new_boolean(has_driven(which) && kr_parameter_may_follow(row)));
    json_object *choices = row->type == KR_CHOICE ? json_object_new_array() : NULL;
    for (size_t i = 0; choices && row->choices[i]; i++) json_object_array_add(choices, text(row->choices[i]));
    add(object, "choices", choices);
    return object;
}

static json_object *twins_json(const kr_twin *twin) {
    json_object *array = json_object_new_array();
    for (; twin && twin->library; twin++) {
        json_object *object = json_object_new_object();
        add(object, "library", text(twin->library));
        add(object, "call", text(twin->call));
        add(object, "differs", text(twin->differs));
        json_object_array_add(array, object);
    }
    return array;
}

/* What a step adds to the time of a dynamics; NULL: it is no dynamics. */
static const char *step_of_time(const kind *which, const kr_descriptor *about) {
    if (strcmp(which->name, "dynamics") != 0) return NULL;
    const kr_dynamics_type *dynamics = (const kr_dynamics_type *)(const void *)about;
    return dynamics->time_text ? dynamics->time_text : dynamics->physical_time ? "sqrt(lr)" : "lr";
}

/* Of a schedule: whether its sums, with the default values, do what Robbins and Monro ask. NULL: it is none, or does not say. */
static const kr_schedule_type *sums_of(const kind *which, const kr_descriptor *about, kr_rate_sums *sums) {
    const kr_schedule_type *type = (const kr_schedule_type *)(const void *)about;
    kr_settings defaults;
    kr_schedule schedule;
    if (strcmp(which->name, "schedules") != 0 || kr_settings_create(&defaults, about, NULL)) return NULL;
    bool known =
        !kr_schedule_create(&schedule, &defaults, NULL, (kr_warmup){0, 1}, 1000, NULL) && kr_schedule_sums(&schedule, sums);
    kr_schedule_destroy(&schedule);
    kr_settings_destroy(&defaults);
    return known ? type : NULL;
}

static json_object *sums_json(const kind *which, const kr_descriptor *about) {
    kr_rate_sums sums;
    const kr_schedule_type *type = sums_of(which, about, &sums);
    json_object *object = type ? json_object_new_object() : NULL;
    if (!type) return NULL;
    add(object, "lr_diverges", text(type->diverges));
    add(object, "lr_squared_converges", text(type->squares_converge));
    add(object, "lr_diverges_by_default", json_object_new_boolean(sums.diverges));
    add(object, "lr_squared_converges_by_default", json_object_new_boolean(sums.squares_converge));
    return object;
}

static json_object *descriptor_json(const kind *which, const kr_descriptor *about) {
    json_object *object = json_object_new_object(), *parameters = json_object_new_array();
    kr_settings defaults;
    add(object, "name", text(about->name));
    add(object, "doc", text(about->doc));
    add(object, "reference", text(about->reference));
    add(object, "equation", text(about->equation));
    add(object, "time_per_step", text(step_of_time(which, about)));
    add(object, "sums", sums_json(which, about));
    if (!kr_settings_create(&defaults, about, NULL)) {
        for (const kr_parameter *row = about->parameters; row && row->name; row++)
            json_object_array_add(parameters, parameter_json(which, &defaults, row));
        kr_settings_destroy(&defaults);
    }
    add(object, "parameters", parameters);
    add(object, "twins", twins_json(about->twins));
    return object;
}

static json_object *kind_json(const kind *which) {
    json_object *array = json_object_new_array();
    for (const kr_descriptor *const *about = which->list; *about; about++)
        json_object_array_add(array, descriptor_json(which, *about));
    return array;
}

/* ---- tables ---- */

static void print_kind(const kind *which) {
    for (const kr_descriptor *const *about = which->list; *about; about++) kr_print_named((*about)->name, (*about)->doc);
}

static void default_text(const kr_settings *defaults, const kr_parameter *row, char *out, size_t size) {
    json_object *value = kr_json_value(defaults, row);
    char number[KR_NUMBER_TEXT];
    if (row->flags & KR_REQUIRED)
        snprintf(out, size, "required");
    else if (row->type == KR_NUMBER || row->type == KR_INTEGER || row->type == KR_NATURAL)
        snprintf(out, size, "%s", isnan(row->initial) ? "not given" : kr_number_text(row->initial, number));
    else if ((row->type == KR_LIST || row->type == KR_SCHEDULES) && row->initial_text)
        snprintf(out, size, "%s", row->initial_text);
    else if (row->type == KR_LIST)
        snprintf(out, size, "%s", isnan(row->initial) ? "not given" : kr_number_text(row->initial, number));
    else if (row->flags & KR_NAMES)
        snprintf(out, size, "[%s]", row->initial_text);
    else if (row->type == KR_TEXT || row->type == KR_CHOICE)
        snprintf(out, size, "%s", value ? json_object_get_string(value) : "not given");
    else
        snprintf(out, size, "%s", row->initial != 0 ? "true" : "false");
    json_object_put(value);
}

static void print_parameters(const kind *which, const kr_descriptor *about) {
    kr_settings defaults;
    if (kr_settings_create(&defaults, about, NULL)) return;
    for (const kr_parameter *row = about->parameters; row && row->name; row++) {
        char initial[200], range[200], line[700];
        default_text(&defaults, row, initial, sizeof initial);
        kr_parameter_range(row, range, sizeof range);
        bool stays = has_driven(which) && is_number(row) && !kr_parameter_may_follow(row);
        snprintf(line, sizeof line, "%s%s%s. Default: %s.%s%s%s%s", row->doc, row->unit ? ", in " : "", row->unit ? row->unit : "",
                 initial, row->type == KR_TEXT ? "" : " Allowed: ", row->type == KR_TEXT ? "" : range,
                 row->type == KR_TEXT ? "" : ".", stays ? " It can't follow a schedule." : "");
        kr_print_named(row->name, line);
    }
    if (!about->parameters || !about->parameters->name) puts("  no parameters");
    kr_settings_destroy(&defaults);
}

static void print_twins(const kr_twin *twin) {
    if (twin && twin->library) puts("\nElsewhere");
    for (; twin && twin->library; twin++) {
        char line[600];
        if (twin->call)
            snprintf(line, sizeof line, "%s: %s", twin->call, twin->differs ? twin->differs : "equal");
        else
            snprintf(line, sizeof line, "%s", twin->differs);
        kr_print_named(twin->library, line);
    }
}

/* Each line by itself. */
static void print_equation(const char *line) {
    putchar('\n');
    for (const char *next; line; line = next ? next + 1 : NULL) {
        char one[256];
        next = strchr(line, '\n');
        snprintf(one, sizeof one, "%.*s", (int)(next ? next - line : (long)strlen(line)), line);
        fputs("    ", stdout);
        kr_print_wrapped(stdout, one, 4, 8, kr_width(stdout));
    }
}

static void print_time(const char *step) {
    if (!step) return;
    bool flow = strcmp(step, "lr") == 0;
    fputs("\n  ", stdout);
    kr_print_wrapped(
        stdout,
        flow ? "Time: a step lasts lr, as in the gradient flow dx = -g dt: time = lr x steps, or the sum of their rates."
             : "Time: a step lasts sqrt(lr), as in an equation of motion of second order: time = sqrt(lr) x steps.",
        2, 2, kr_width(stdout));
}

static void print_sums(const kind *which, const kr_descriptor *about) {
    kr_rate_sums sums;
    const kr_schedule_type *type = sums_of(which, about, &sums);
    char line[600];
    if (!type) return;
    snprintf(line, sizeof line,
             "Over all steps (Robbins and Monro): the sum of lr diverges %s; the sum of lr^2 converges %s. By default: %s, %s.",
             type->diverges, type->squares_converge, sums.diverges ? "yes" : "no", sums.squares_converge ? "yes" : "no");
    fputs("\n  ", stdout);
    kr_print_wrapped(stdout, line, 2, 2, kr_width(stdout));
}

static void print_descriptor(const kind *which, const kr_descriptor *about) {
    printf("%s: ", about->name);
    kr_print_wrapped(stdout, about->doc ? about->doc : "", (int)strlen(about->name) + 2, 2, kr_width(stdout));
    if (about->reference) {
        fputs("  ", stdout);
        kr_print_wrapped(stdout, about->reference, 2, 2, kr_width(stdout));
    }
    if (about->equation) print_equation(about->equation);
    print_time(step_of_time(which, about));
    print_sums(which, about);
    putchar('\n');
    print_parameters(which, about);
    print_twins(about->twins);
}

/* ---- the verb ---- */

static json_object *plugins_json(const kr_registry *registry) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < registry->plugin_count; i++) {
        json_object *object = json_object_new_object();
        add(object, "name", text(registry->plugins[i].name));
        add(object, "file", text(registry->plugins[i].path));
        add(object, "hash", text(registry->plugins[i].hash));
        json_object_array_add(array, object);
    }
    return array;
}

static void print_plugins(const kr_registry *registry) {
    for (size_t i = 0; i < registry->plugin_count; i++) {
        char line[4400];
        snprintf(line, sizeof line, "%s, hash %s", registry->plugins[i].path, registry->plugins[i].hash);
        kr_print_named(registry->plugins[i].name, line);
    }
}

static int list_plugins(const kr_registry *registry, bool json) {
    if (json)
        kr_json_print(plugins_json(registry));
    else if (registry->plugin_count)
        print_plugins(registry);
    else
        puts("  none; --plugin FILE.so loads one");
    return 0;
}

static int list_all(const kr_registry *registry, const kind kinds[KINDS], bool json) {
    json_object *object = json ? json_object_new_object() : NULL;
    for (size_t i = 0; i < KINDS; i++) {
        if (json) {
            add(object, kinds[i].name, kind_json(&kinds[i]));
            continue;
        }
        printf("%s: %s\n", kinds[i].name, kinds[i].doc);
        print_kind(&kinds[i]);
        putchar('\n');
    }
    if (json) {
        add(object, "scenes", kr_scenes_json());
        add(object, "plugins", plugins_json(registry));
        kr_json_print(object);
    } else {
        puts("scenes: shipped ones, by name");
        kr_list_scenes();
        if (registry->plugin_count) puts("\nplugins: shared objects that more of these came from");
        print_plugins(registry);
    }
    return 0;
}

static int list_scenes(const char *name, bool json) {
    if (name) return kr_list_scene(name, json);
    if (json)
        kr_json_print(kr_scenes_json());
    else
        kr_list_scenes();
    return 0;
}

static int list_kind(const kind *which, const char *name, bool json) {
    const kr_descriptor *about = NULL;
    kr_error error;
    if (name && kr_descriptor_find(which->singular, which->list, name, &about, &error)) return kr_complain(&error);
    if (json)
        kr_json_print(about ? descriptor_json(which, about) : kind_json(which));
    else if (about)
        print_descriptor(which, about);
    else
        print_kind(which);
    return 0;
}

static int unknown_kind(const char *name, const kind kinds[KINDS]) {
    const char *names[KINDS + 5] = {NULL};
    for (size_t i = 0; i < KINDS; i++) names[i] = kinds[i].name;
    names[KINDS] = "scenes";
    names[KINDS + 1] = "plugins";
    names[KINDS + 2] = "columns";
    names[KINDS + 3] = "claims";
    const char *near = kr_nearest_name(name, names);
    fprintf(
        stderr, "kramers: unknown list '%.80s'; %s%s%s\n", name,
        near ? "did you mean '"
             : "there are landscapes, dynamics, noise, schedules, theories, observers, sections, scenes, columns, claims, plugins",
        near ? near : "", near ? "'?" : "");
    return 2;
}

static int list(const kr_options *options) {
    const char *which = options->argument[0], *name = options->argument[1];
    kind kinds[KINDS];
    fill_kinds(options->registry, kinds);
    if (!which) return list_all(options->registry, kinds, options->json);
    if (!strcmp(which, "scenes") || !strcmp(which, "scene")) return list_scenes(name, options->json);
    if (!strcmp(which, "columns") || !strcmp(which, "column")) return kr_list_columns(options->registry, name, options->json);
    if (!strcmp(which, "claims") || !strcmp(which, "claim")) return kr_list_claims(name, options->json);
    if (!strcmp(which, "plugins") || !strcmp(which, "plugin")) return list_plugins(options->registry, options->json);
    for (size_t i = 0; i < KINDS; i++)
        if (!strcmp(which, kinds[i].name) || !strcmp(which, kinds[i].singular)) return list_kind(&kinds[i], name, options->json);
    return unknown_kind(which, kinds);
}

int kr_command_list(int argc, char **argv) {
    kr_options options;
    kr_options_parse(&options, 2, rows,
                     "[landscapes|dynamics|noise|schedules|theories|observers|sections|scenes|columns|claims|plugins [NAME]]", doc,
                     argc, argv);
    kr_error error;
    int status = kr_options_registry(&options, &error) ? kr_complain(&error) : list(&options);
    kr_options_free(&options);
    return status;
}
