/* Numbers of landscape, dynamics and noise that follow a schedule: temperature: {name: cosine, value: 0.4, value_min: 0.04}. The
 * schedule is a child of the settings (scene_assign.c); the number itself is what the schedule says at step 0. */
#include "scene_parts.h"

#include <kramers/number_text.h>

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- values at step 0 ---- */

/* Steps at which the schedule's values are compared with the limits before a run; the values between are held to them by the
 * engine. */
enum { LOOKS = 4096 };

static kr_status out_of_range(const kr_parameter *row, const char *key, double value, uint64_t step, kr_error *error) {
    char text[KR_NUMBER_TEXT], range[256];
    return kr_fail(error, KR_BAD_ARGUMENT, "%s is %s at step %" PRIu64 " of its schedule, which is out of range; allowed: %s", key,
                   kr_number_text(value, text), step, kr_parameter_range(row, range, sizeof range));
}

static kr_status settle(kr_settings *settings, const kr_child *child, uint64_t steps, const char *key, kr_error *error) {
    kr_schedule schedule;
    if (kr_schedule_reads_file(&child->settings)) return kr_schedule_check_child(&child->settings, steps, error);
    kr_status status = kr_schedule_create_child(&schedule, &child->settings, NULL, steps, error);
    for (uint64_t i = 0, looks = steps < LOOKS ? steps : LOOKS; i < looks && !status; i++) {
        uint64_t step = looks < 2 ? 0 : (uint64_t)((double)i / (double)(looks - 1) * (double)(steps - 1));
        double value = kr_schedule_at(&schedule, step);
        if (!kr_parameter_allows(child->row, value)) status = out_of_range(child->row, key, value, step, error);
    }
    double first = status ? NAN : kr_schedule_at(&schedule, 0);
    kr_schedule_destroy(&schedule);
    return status ? status : kr_set_number(settings, child->row, child->row->type == KR_INTEGER ? nearbyint(first) : first, error);
}

static kr_status settle_section(kr_scene *scene, kr_settings *settings, const char *section, char key[KR_SCENE_KEY],
                                kr_error *error) {
    for (size_t i = 0; i < settings->child_count; i++) {
        const kr_child *child = &settings->child[i];
        if (!child->row || !child->settings.about->drives) continue;
        snprintf(key, KR_SCENE_KEY, "%s.%s", section, child->row->name);
        kr_status status = settle(settings, child, kr_scene_schedule_steps(scene), key, error);
        if (status) return status;
    }
    return KR_OK;
}

kr_status kr_scene_settle_driven(kr_scene *scene, char key[KR_SCENE_KEY], kr_error *error) {
    kr_status status = settle_section(scene, &scene->landscape, "landscape", key, error);
    if (!status) status = settle_section(scene, &scene->dynamics, "dynamics", key, error);
    if (!status) status = settle_section(scene, &scene->noise, "noise", key, error);
    for (size_t i = 0; i < scene->compare_count * KR_COMPARED_SECTIONS && !status; i++) {
        char section[KR_SCENE_KEY / 2];
        size_t number = i / KR_COMPARED_SECTIONS, own = i % KR_COMPARED_SECTIONS;
        kr_compared_key(section, sizeof section, number, (kr_compared_section)own);
        if (own != KR_COMPARED_SCHEDULE) status = settle_section(scene, &scene->compare[number].own[own], section, key, error);
    }
    return status;
}

/* ---- as text ---- */

/* within: the row of the schedule around, which says the rest; NULL: there is none. */
static bool is_said_around(const kr_parameter *within, const kr_settings *schedule, const kr_parameter *row) {
    if (!within || within->type != KR_SCHEDULES) return false;
    return !strcmp(row->name, "steps") || (!(within->flags & KR_SEVERAL) && row == schedule->about->parameters);
}

static void write_rows(FILE *out, const kr_settings *settings, const kr_parameter *within, bool first) {
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++) {
        if (is_said_around(within, settings, row)) continue;
        if (!kr_settings_child(settings, row, NULL) && kr_parameter_value_absent(kr_get_value(settings, row))) continue;
        fprintf(out, "%s%s: ", first ? "" : ", ", row->name);
        kr_scene_value_print(out, settings, row);
        first = false;
    }
}

/* "{name: cosine, value: 1, ...}". */
static void write_schedule(FILE *out, const kr_parameter *within, const kr_settings *schedule) {
    const kr_settings *warmup = kr_settings_child(schedule, NULL, &kr_warmup_descriptor),
                      *length = kr_settings_child(schedule, NULL, &kr_part_descriptor);
    fprintf(out, "{name: %s", schedule->about->name);
    write_rows(out, schedule, within, false);
    if (length) write_rows(out, length, NULL, false);
    if (warmup) {
        fputs(", warmup: {", out);
        write_rows(out, warmup, NULL, true);
        fputc('}', out);
    }
    fputc('}', out);
}

void kr_scene_value_print(FILE *out, const kr_settings *settings, const kr_parameter *row) {
    const kr_settings *child = kr_settings_child(settings, row, NULL);
    if (!child) {
        kr_parameter_value_print(out, row, kr_get_value(settings, row));
        return;
    }
    bool several = row->flags & KR_SEVERAL;
    if (several) fputc('[', out);
    for (size_t i = 0, count = 0; i < settings->child_count; i++) {
        if (settings->child[i].row != row) continue;
        if (count++) fputs(", ", out);
        write_schedule(out, row, &settings->child[i].settings);
    }
    if (several) fputc(']', out);
}
