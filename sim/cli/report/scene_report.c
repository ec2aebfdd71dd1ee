/* The scene at the top of a report: a line for each section. */
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LISTED = 4 };

static size_t append(char *line, size_t size, size_t used, const char *format, ...) KR_PRINTF(4, 5);
static size_t append(char *line, size_t size, size_t used, const char *format, ...) {
    if (used >= size) return used;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line + used, size - used, format, arguments);
    va_end(arguments);
    return length < 0 ? used : used + (size_t)length;
}

static size_t append_list(char *line, size_t size, size_t used, const double *value, size_t count) {
    char text[KR_NUMBER_TEXT];
    used = append(line, size, used, count == 1 ? "" : "[");
    for (size_t i = 0; i < count && i < LISTED; i++)
        used = append(line, size, used, "%s%s", i ? ", " : "", kr_number_text(value[i], text));
    if (count > LISTED) used = append(line, size, used, ", ... %zu numbers", count);
    return append(line, size, used, count == 1 ? "" : "]");
}

static bool is_default(const kr_settings *settings, const kr_parameter *row) {
    if (kr_settings_child(settings, row, NULL)) return false;
    if (row->type == KR_TEXT || row->type == KR_LIST || row->type == KR_SCHEDULES) return false;
    double value = kr_get_number(settings, row);
    return value == row->initial || (isnan(value) && isnan(row->initial));
}

static size_t append_parameter(char *line, size_t size, size_t used, const kr_settings *settings, const kr_parameter *row);

/* "cosine: lr 0.1, 500 steps, warmup 20 from 0": what differs from the default, and the rate. */
static size_t append_schedule(char *line, size_t size, size_t used, const kr_parameter *within, const kr_settings *schedule) {
    const kr_settings *warmup = kr_settings_child(schedule, NULL, &kr_warmup_descriptor),
                      *length = kr_settings_child(schedule, NULL, &kr_part_descriptor);
    const kr_parameter *rate = schedule->about->parameters;
    bool part = within->flags & KR_SEVERAL;
    char text[KR_NUMBER_TEXT];
    used = append(line, size, used, "%s ", schedule->about->name);
    for (const kr_parameter *row = rate; row && row->name; row++)
        if (row == rate ? part : !is_default(schedule, row)) used = append_parameter(line, size, used, schedule, row);
    if (length) used = append(line, size, used, ", %" PRId64 " steps", ((const kr_part *)length->values)->steps);
    const kr_warmup *rise = warmup ? warmup->values : NULL;
    if (rise && rise->steps)
        used = append(line, size, used, ", warmup %" PRId64 " from %s", rise->steps, kr_number_text(rise->factor, text));
    return used;
}

static size_t append_schedules(char *line, size_t size, size_t used, const kr_settings *settings, const kr_parameter *row) {
    size_t count = 0;
    for (size_t i = 0; i < settings->child_count; i++) {
        if (settings->child[i].row != row) continue;
        const char *between = used && !strchr(" (", line[used < size ? used - 1 : 0]) ? ", " : "";
        used = count++ ? append(line, size, used, "; ") : append(line, size, used, "%s%s ", between, row->name);
        used = append_schedule(line, size, used, row, &settings->child[i].settings);
    }
    return used;
}

/* "temperature by cosine (value 0.4, value_min 0.04)". */
static size_t append_followed(char *line, size_t size, size_t used, const char *between, const char *name,
                              const kr_settings *schedule) {
    const kr_settings *warmup = kr_settings_child(schedule, NULL, &kr_warmup_descriptor);
    used = append(line, size, used, "%s%s by %s (", between, name, schedule->about->name);
    for (const kr_parameter *of = schedule->about->parameters; of && of->name; of++)
        if (of == schedule->about->parameters || !is_default(schedule, of)) used = append_parameter(line, size, used, schedule, of);
    const kr_warmup *rise = warmup ? warmup->values : NULL;
    if (rise && rise->steps) used = append(line, size, used, ", warmup %" PRId64 " steps", rise->steps);
    return append(line, size, used, ")");
}

static size_t append_as(char *line, size_t size, size_t used, const char *name, const kr_settings *settings,
                        const kr_parameter *row) {
    kr_parameter_value value = kr_get_value(settings, row);
    char text[KR_NUMBER_TEXT];
    if (row->type == KR_SCHEDULES) return append_schedules(line, size, used, settings, row);
    const char *between = used && !strchr(" (", line[used < size ? used - 1 : 0]) ? ", " : "";
    const kr_settings *followed = kr_settings_child(settings, row, NULL);
    if (followed) return append_followed(line, size, used, between, name, followed);
    if (kr_parameter_value_absent(value)) return used;
    used = append(line, size, used, "%s%s ", between, name);
    switch (value.type) {
    case KR_NUMBER: return append(line, size, used, "%s", kr_number_text(value.number, text));
    case KR_INTEGER: return append(line, size, used, "%" PRId64, value.integer);
    case KR_NATURAL: return append(line, size, used, "%" PRIu64, value.natural);
    case KR_SWITCH: return append(line, size, used, "%s", value.on ? "true" : "false");
    case KR_CHOICE: return append(line, size, used, "%s", row->choices[value.choice]);
    case KR_TEXT: return append(line, size, used, "%s", value.text);
    case KR_LIST: return append_list(line, size, used, value.list.value, value.list.count);
    case KR_SCHEDULES: break;
    }
    return used;
}

static size_t append_parameter(char *line, size_t size, size_t used, const kr_settings *settings, const kr_parameter *row) {
    return append_as(line, size, used, row->name, settings, row);
}

/* always: so many rows are shown even at their default. */
static void print_section(FILE *out, const char *section, const kr_settings *settings, const char *name, size_t always,
                          const char *more) {
    char line[1024] = "";
    size_t used = name ? append(line, sizeof line, 0, "%s", name) : 0, index = 0;
    if (name && settings->about->parameters && settings->about->parameters->name) used = append(line, sizeof line, used, ": ");
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++, index++) {
        if (index < always || !is_default(settings, row)) used = append_parameter(line, sizeof line, used, settings, row);
    }
    append(line, sizeof line, used, "%s", more);
    fprintf(out, "%-11s", section);
    kr_print_wrapped(out, line, 11, 11, kr_width(out));
}

const char *kr_start_text(const kr_scene *scene, char *text, size_t size) {
    static const char *const before[] = {[KR_START_MINIMUM] = "minimum",
                                         [KR_START_POINT] = "point ",
                                         [KR_START_GIBBS] = "Boltzmann in the basin of minimum",
                                         [KR_START_RANDOM] = "random: ",
                                         [KR_START_FILE] = "rows of "};
    const kr_start *start = &scene->start;
    const kr_settings settings = {.about = &kr_start_descriptor, .values = (void *)(uintptr_t)start};
    char number[KR_NUMBER_TEXT];
    size_t used = append(text, size, 0, "%s", before[start->kind]);
    switch (start->kind) {
    case KR_START_MINIMUM:
    case KR_START_GIBBS: append(text, size, used, " %" PRId64, start->minimum); break;
    case KR_START_POINT: append_list(text, size, used, start->point.value, start->point.count); break;
    case KR_START_RANDOM:
        used = append(text, size, used, "%s", kr_parameter_find(settings.about, "random")->choices[start->random]);
        if (start->scale != 1) used = append(text, size, used, " x %s", kr_number_text(start->scale, number));
        if (start->point.count) used = append(text, size, used, " around ");
        if (start->point.count) append_list(text, size, used, start->point.value, start->point.count);
        break;
    case KR_START_FILE: append(text, size, used, "%s in %s", start->dataset, start->file); break;
    }
    return text;
}

const char *kr_target_text(const kr_target *target, char *text, size_t size) {
    char above[KR_NUMBER_TEXT], below[KR_NUMBER_TEXT];
    kr_number_text(target->above, above);
    kr_number_text(target->below, below);
    if (target->radius > 0)
        snprintf(text, size, "within %s of minimum %" PRId64, kr_number_text(target->radius, above), target->minimum);
    else if (isfinite(target->above) && isfinite(target->below))
        snprintf(text, size, "x%zu <= %s or x%zu >= %s", target->coordinate, below, target->coordinate, above);
    else if (isfinite(target->above))
        snprintf(text, size, "x%zu >= %s", target->coordinate, above);
    else
        snprintf(text, size, "x%zu <= %s", target->coordinate, below);
    return text;
}

/* A line for each model. */
static void print_noise(FILE *out, const kr_settings *noise) {
    const kr_descriptor *part;
    for (size_t i = 0; (part = kr_scene_noise_part(noise, i)); i++) {
        char line[1024] = "";
        size_t used = append(line, sizeof line, 0, "%s%s", part->name, part->parameters && part->parameters->name ? ": " : "");
        for (const kr_parameter *row = part->parameters; row && row->name; row++)
            used = append_as(line, sizeof line, used, row->name, noise, kr_scene_noise_row(noise, i, row));
        fprintf(out, "%-11s", i ? "" : "noise");
        kr_print_wrapped(out, line, 11, 11, kr_width(out));
    }
}

/* What is not as above. */
static void print_phases(FILE *out, const kr_scene *scene) {
    static const char *const by[] = {"magnitude", "random", "initial_magnitude"};
    for (size_t i = 0; i < scene->phase_count; i++) {
        const kr_phase *phase = &scene->phases[i];
        char line[1200], number[KR_NUMBER_TEXT];
        unsigned differs = kr_phase_differs(scene, phase);
        size_t used = append(line, sizeof line, 0, "%s: %" PRId64 " steps", phase->name, phase->steps);
        if (phase->prunes)
            used = append(line, sizeof line, used, ", prune %s by %s%s%s%s", kr_number_text(phase->prune.fraction, number),
                          by[phase->prune.by], phase->prune.scope == KR_PRUNE_LAYER ? ", by layer" : "",
                          phase->prune.biases ? ", biases too" : "", phase->prune.iterative ? "" : ", of all");
        if (phase->rewinds)
            used = append(line, sizeof line, used, ", rewind to step %" PRId64 " of %s", phase->rewind_step,
                          scene->phases[phase->rewind_phase].name);
        if (phase->optimizer == KR_OPTIMIZER_RESET) used = append(line, sizeof line, used, ", optimizer anew");
        if (phase->continues) used = append(line, sizeof line, used, ", schedule goes on");
        if (differs)
            used = append(line, sizeof line, used, "; other%s%s%s%s%s%s", differs & KR_PHASE_LANDSCAPE ? " landscape" : "",
                          differs & KR_PHASE_DYNAMICS ? " dynamics" : "", differs & KR_PHASE_NOISE ? " noise" : "",
                          differs & KR_PHASE_SCHEDULE && !phase->continues ? " schedule" : "",
                          differs & KR_PHASE_KEEP ? " keep" : "", differs & KR_PHASE_ESCAPE ? " escape" : "");
        fprintf(out, "%-11s", i ? "" : "phases");
        kr_print_wrapped(out, line, 11, 11, kr_width(out));
    }
}

void kr_report_scene(FILE *out, const kr_scene *scene) {
    char text[256], more[300];
    kr_warmup warmup = scene->warmup;
    print_section(out, "landscape", &scene->landscape, scene->landscape.about->name, SIZE_MAX, "");
    print_section(out, "dynamics", &scene->dynamics, scene->dynamics.about->name, SIZE_MAX, "");
    print_noise(out, &scene->noise);
    print_section(out, "schedule", &scene->schedule, scene->schedule.about->name, SIZE_MAX, "");
    if (warmup.steps)
        print_section(out, "  warmup", &(kr_settings){.about = &kr_warmup_descriptor, .values = &warmup}, NULL, SIZE_MAX, "");
    for (size_t i = 0; i < scene->keep_count; i++)
        fprintf(out, "%s%s%s", i ? ", " : "keep       ", scene->keep[i].invariant,
                scene->keep[i].integer ? " in whole numbers" : "");
    if (scene->keep_count) fputc('\n', out);
    snprintf(more, sizeof more, ", start %s", kr_start_text(scene, text, sizeof text));
    if (kr_scene_escape(scene)->method == KR_METHOD_SPLITTING) /* which asks for neither particles nor steps */
        fprintf(out, "%-11sseed %" PRIu64 "%s\n", "ensemble", kr_scene_ensemble(scene)->seed, more);
    else
        print_section(out, "ensemble", &scene->ensemble, NULL, 3, more);
    print_phases(out, scene);
}
