#include <kramers/scene.h>

#include "scene_parts.h"
#include <kramers/number_text.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void write_text(FILE *out, const char *text) {
    kr_parameter_value_print(out, NULL, kr_text_value(text));
}

/* Plain where nothing in it means something to YAML. */
void kr_scene_write_scalar(FILE *out, const char *text, bool plain) {
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+-~";
    if (plain && *text && strspn(text, safe) == strlen(text))
        fputs(text, out);
    else
        write_text(out, text);
}

/* Stands for "not given". An empty list does not where another one would be read in its place. */
static bool is_absent(const kr_settings *settings, const kr_parameter *row) {
    return !(row->type == KR_LIST && row->initial_text) && kr_parameter_value_absent(kr_get_value(settings, row));
}

/* "<indent>name: value"; nothing for values that stand for "not given". */
static void write_as(FILE *out, const char *indent, const char *name, const kr_settings *settings, const kr_parameter *row) {
    if (!kr_settings_child(settings, row, NULL) && is_absent(settings, row)) return;
    fprintf(out, "%s%s: ", indent, name);
    kr_scene_value_print(out, settings, row);
    fputc('\n', out);
}

static void write_parameter(FILE *out, const char *indent, const kr_settings *settings, const kr_parameter *row) {
    write_as(out, indent, row->name, settings, row);
}

/* "task: {name: NAME, classes: [0, 1]}", of the row itself and those within it; false: it has none that are given. */
static bool write_within(FILE *out, const char *indent, const kr_settings *settings, const kr_parameter *row) {
    const char *between = "";
    const kr_parameter *within = NULL;
    while ((within = kr_parameter_within(settings->about, row, within))) {
        if (kr_parameter_value_absent(kr_get_value(settings, within))) continue;
        if (!*between) fprintf(out, "%s%s: {", indent, row->name);
        if (!*between && !kr_parameter_value_absent(kr_get_value(settings, row))) {
            fputs("name: ", out);
            kr_scene_value_print(out, settings, row);
            between = ", ";
        }
        fprintf(out, "%s%s: ", between, within->name + strlen(row->name) + 1);
        kr_scene_value_print(out, settings, within);
        between = ", ";
    }
    if (*between) fputs("}\n", out);
    return *between;
}

static void write_section(FILE *out, const char *section, const char *indent, const kr_settings *settings, const char *name,
                          bool file) {
    fprintf(out, "%s:\n", section);
    if (name) fprintf(out, "%sname: %s\n", indent, name);
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++)
        if ((file || strcmp(row->name, KR_TRAJECTORY_FILE) != 0) && !strchr(row->name, '.') &&
            !write_within(out, indent, settings, row))
            write_parameter(out, indent, settings, row);
}

static void write_plugin(FILE *out, const char *section, const kr_settings *settings) {
    write_section(out, section, "  ", settings, settings->about->name, true);
}

/* One model as people write it, or a list of them. */
static void write_noise(FILE *out, const kr_settings *noise) {
    const kr_descriptor *part;
    if (!kr_scene_noise_part(noise, 1)) {
        write_plugin(out, "noise", noise);
        return;
    }
    fputs("noise:\n", out);
    for (size_t i = 0; (part = kr_scene_noise_part(noise, i)); i++) {
        fprintf(out, "  - name: %s\n", part->name);
        for (const kr_parameter *row = part->parameters; row && row->name; row++)
            write_as(out, "    ", row->name, noise, kr_scene_noise_row(noise, i, row));
    }
}

void kr_scene_start_print(FILE *out, const kr_start *start) {
    static const char *const rows[][4] = {[KR_START_MINIMUM] = {"minimum"},
                                          [KR_START_POINT] = {"point"},
                                          [KR_START_GIBBS] = {"gibbs"},
                                          [KR_START_RANDOM] = {"random", "scale", "point"},
                                          [KR_START_FILE] = {"file", "dataset"}};
    const kr_settings settings = {.about = &kr_start_descriptor, .values = (void *)(uintptr_t)start};
    for (const char *const *name = rows[start->kind]; *name; name++) {
        const kr_parameter *row = kr_parameter_find(&kr_start_descriptor, *name);
        if (is_absent(&settings, row)) continue;
        fprintf(out, "%s%s: ", name == rows[start->kind] ? "{" : ", ", *name);
        kr_scene_value_print(out, &settings, row);
    }
    if (start->burn_in) fprintf(out, ", burn_in: %" PRId64, start->burn_in);
    fputc('}', out);
}

static void write_start(FILE *out, const kr_start *start) {
    fputs("  start: ", out);
    kr_scene_start_print(out, start);
    fputc('\n', out);
}

/* As people write it: one target, or a list of them. */
static void write_target(FILE *out, const kr_target *target, const char *before) {
    char number[KR_NUMBER_TEXT];
    if (target->radius > 0) {
        fprintf(out, "%s{minimum: %" PRId64 ", radius: %s}\n", before, target->minimum, kr_number_yaml(target->radius, number));
        return;
    }
    fprintf(out, "%s{coordinate: %zu", before, target->coordinate);
    if (isfinite(target->above)) fprintf(out, ", above: %s", kr_number_yaml(target->above, number));
    if (isfinite(target->below)) fprintf(out, ", below: %s", kr_number_yaml(target->below, number));
    fputs("}\n", out);
}

static void write_keep(FILE *out, const kr_scene *scene) {
    if (!scene->keep_count) return;
    fputs("keep:\n", out);
    for (size_t i = 0; i < scene->keep_count; i++) {
        fputs("  - ", out);
        if (scene->keep[i].integer) fputs("{product: ", out);
        kr_scene_write_scalar(out, scene->keep[i].invariant, false);
        fputs(scene->keep[i].integer ? ", integer: true}\n" : "\n", out);
    }
}

static void write_lesson(FILE *out, const kr_scene *scene) {
    if (scene->lesson_count) fputs("lesson:\n", out);
    for (size_t i = 0; i < scene->lesson_count; i++) {
        const kr_lesson_step *step = &scene->lesson[i];
        fputs("  - caption: ", out);
        write_text(out, step->caption);
        if (step->watch) {
            fputs("\n    watch: ", out);
            write_text(out, step->watch);
        }
        for (size_t k = 0; k < step->translation_count; k++) {
            const kr_translation *other = &step->translation[k];
            fprintf(out, "\n    %s: {caption: ", other->language);
            write_text(out, other->text.caption);
            if (other->text.watch) fputs(", watch: ", out);
            if (other->text.watch) write_text(out, other->text.watch);
            fputc('}', out);
        }
        char number[KR_NUMBER_TEXT];
        if (step->speed > 0) fprintf(out, "\n    speed: %s", kr_number_yaml(step->speed, number));
        if (step->setting_count) fputs("\n    settings:", out);
        for (size_t s = 0; s < step->setting_count; s++) {
            int key = (int)strcspn(step->settings[s], "=");
            fprintf(out, "\n      %.*s: %s", key, step->settings[s], step->settings[s] + key + 1);
        }
        fputc('\n', out);
    }
}

static void write_schedule(FILE *out, const kr_scene *scene) {
    kr_warmup warmup = scene->warmup;
    write_plugin(out, "schedule", &scene->schedule);
    write_section(out, "  warmup", "    ", &(kr_settings){.about = &kr_warmup_descriptor, .values = &warmup}, NULL, true);
}

static void write_escape(FILE *out, const kr_scene *scene) {
    write_section(out, "escape", "  ", &scene->escape, NULL, true);
    if (scene->target_count) fputs("  until:", out);
    if (scene->target_count > 1) fputc('\n', out);
    for (size_t i = 0; i < scene->target_count; i++)
        write_target(out, &scene->targets[i], scene->target_count > 1 ? "    - " : " ");
}

/* ---- phases ---- */

/* What a section without a name leaves out would be as it is around, so all of it is there. */
static void write_changes(FILE *out, const kr_phase *phase, unsigned differs) {
    const kr_scene *own = &phase->scene;
    if (differs & KR_PHASE_LANDSCAPE) write_plugin(out, "landscape", &own->landscape);
    if (differs & KR_PHASE_DYNAMICS) write_plugin(out, "dynamics", &own->dynamics);
    if (differs & KR_PHASE_NOISE) write_noise(out, &own->noise);
    if (differs & KR_PHASE_SCHEDULE) write_schedule(out, own);
    if (phase->continues) fputs("  continue: true\n", out);
    if (differs & KR_PHASE_KEEP && own->keep_count) write_keep(out, own);
    if (differs & KR_PHASE_KEEP && !own->keep_count) fputs("keep: []\n", out);
    if (differs & KR_PHASE_ESCAPE) write_escape(out, own);
    if (differs & KR_PHASE_ESCAPE && !own->target_count) fputs("  until: ~\n", out);
}

static void write_phase(FILE *out, const kr_scene *scene, const kr_phase *phase) {
    kr_prune prune = phase->prune;
    fprintf(out, "name: %s\nsteps: %" PRId64 "\noptimizer: %s\n", phase->name, phase->steps,
            phase->optimizer == KR_OPTIMIZER_RESET ? "reset" : "keep");
    if (phase->prunes)
        write_section(out, "prune", "  ", &(kr_settings){.about = &kr_prune_descriptor, .values = &prune}, NULL, true);
    if (phase->rewinds)
        fprintf(out, "rewind: {phase: %s, step: %" PRId64 "}\n", scene->phases[phase->rewind_phase].name, phase->rewind_step);
    write_changes(out, phase, kr_phase_differs(scene, phase));
}

/* Within the list, each line is four further to the right. */
static void write_phases(FILE *out, const kr_scene *scene) {
    if (scene->phase_count) fputs("phases:\n", out);
    for (size_t i = 0; i < scene->phase_count; i++) {
        char *text = NULL;
        size_t size;
        FILE *own = open_memstream(&text, &size);
        if (own) write_phase(own, scene, &scene->phases[i]);
        if (!own || fclose(own)) {
            free(text);
            return;
        }
        const char *before = "  - ";
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1, before = "    ")
            fprintf(out, "%s%.*s\n", before, (int)strcspn(line, "\n"), line);
        free(text);
    }
}

/* ---- what is compared ---- */

/* ", key: value" of all rows; between: what stands before the first. */
static const char *write_flow(FILE *out, const char *between, const kr_settings *settings) {
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++) {
        if (!kr_settings_child(settings, row, NULL) && is_absent(settings, row)) continue;
        fprintf(out, "%s%s: ", between, row->name);
        kr_scene_value_print(out, settings, row);
        between = ", ";
    }
    return between;
}

static void write_flow_noise(FILE *out, const kr_settings *noise) {
    const kr_descriptor *part;
    bool several = kr_scene_noise_part(noise, 1);
    if (several) fputc('[', out);
    for (size_t i = 0; (part = kr_scene_noise_part(noise, i)); i++) {
        fprintf(out, "%s{name: %s", i ? ", " : "", part->name);
        for (const kr_parameter *row = part->parameters; row && row->name; row++) {
            const kr_parameter *own = kr_scene_noise_row(noise, i, row);
            if (!kr_settings_child(noise, own, NULL) && is_absent(noise, own)) continue;
            fprintf(out, ", %s: ", row->name);
            kr_scene_value_print(out, noise, own);
        }
        fputc('}', out);
    }
    if (several) fputc(']', out);
}

static void write_flow_schedule(FILE *out, const kr_settings *schedule, kr_warmup warmup) {
    fprintf(out, "{name: %s", schedule->about->name);
    write_flow(out, ", ", schedule);
    fputs(", warmup: {", out);
    write_flow(out, "", &(kr_settings){.about = &kr_warmup_descriptor, .values = &warmup});
    fputs("}}", out);
}

void kr_scene_compared_print(FILE *out, const kr_compared *compared) {
    const kr_settings *dynamics = &compared->own[KR_COMPARED_DYNAMICS], *noise = &compared->own[KR_COMPARED_NOISE],
                      *schedule = &compared->own[KR_COMPARED_SCHEDULE];
    const char *between = "";
    fputc('{', out);
    if (dynamics->about) {
        fprintf(out, "name: %s", dynamics->about->name);
        between = write_flow(out, ", ", dynamics);
    }
    if (noise->about) {
        fprintf(out, "%snoise: ", between);
        write_flow_noise(out, noise);
        between = ", ";
    }
    if (schedule->about) {
        fprintf(out, "%sschedule: ", between);
        write_flow_schedule(out, schedule, compared->warmup);
    }
    fputc('}', out);
}

static void write_compare(FILE *out, const kr_scene *scene) {
    if (scene->compare_count) fputs("compare:\n", out);
    for (size_t i = 0; i < scene->compare_count; i++) {
        fputs("  - ", out);
        kr_scene_compared_print(out, &scene->compare[i]);
        fputc('\n', out);
    }
}

static void write_scene(FILE *out, const kr_scene *scene) {
    write_plugin(out, "landscape", &scene->landscape);
    write_plugin(out, "dynamics", &scene->dynamics);
    write_noise(out, &scene->noise);
    write_schedule(out, scene);
    write_keep(out, scene);
    write_section(out, "ensemble", "  ", &scene->ensemble, NULL, true);
    write_start(out, &scene->start);
    write_escape(out, scene);
    write_phases(out, scene);
    for (size_t i = 0; i < KR_MAX_OBSERVERS; i++)
        if (scene->observers[i].about) write_section(out, scene->observers[i].about->name, "  ", &scene->observers[i], NULL, true);
    write_section(out, "trajectory", "  ", &scene->trajectory, NULL, false);
    write_compare(out, scene);
    write_lesson(out, scene);
}

kr_status kr_scene_write(const kr_scene *scene, char **text, kr_error *error) {
    size_t size;
    *text = NULL;
    FILE *out = open_memstream(text, &size);
    if (!out) return kr_fail(error, KR_NO_MEMORY, "out of memory while writing a scene");
    write_scene(out, scene);
    bool failed = ferror(out) != 0;
    if (!fclose(out) && !failed) return KR_OK;
    free(*text);
    *text = NULL;
    return kr_fail(error, KR_NO_MEMORY, "out of memory while writing a scene");
}
