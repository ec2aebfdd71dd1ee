/* What a run was made of, below /parameters, and the type of an event. */
#include "generator_record.h"
#include "h5md.h"
#include "scene/scene_parts.h"
#include "scene_record.h"

#include <kramers/version.h>

#include <stdlib.h>
#include <string.h>

enum { LIST_MOST = 4096 }; /* entries of an attribute; the format allows 64 KiB */

static void write_parameter(kr_h5 *h5, hid_t group, const kr_settings *settings, const kr_parameter *parameter) {
    kr_parameter_value value = kr_get_value(settings, parameter);
    switch (value.type) {
    case KR_NUMBER: kr_h5_number(h5, group, parameter->name, value.number); break;
    case KR_INTEGER: kr_h5_integer(h5, group, parameter->name, value.integer); break;
    case KR_NATURAL: kr_h5_natural(h5, group, parameter->name, value.natural); break;
    case KR_SWITCH: kr_h5_integer(h5, group, parameter->name, value.on); break;
    case KR_CHOICE: kr_h5_text(h5, group, parameter->name, parameter->choices[value.choice]); break;
    case KR_TEXT:
        if (value.text) kr_h5_text(h5, group, parameter->name, value.text);
        break;
    case KR_LIST:
        if (value.list.count > 0 && value.list.count <= LIST_MOST)
            kr_h5_attribute(h5, group, parameter->name, H5T_NATIVE_DOUBLE, value.list.count, value.list.value);
        break;
    case KR_SCHEDULES: break;
    }
}

static void write_settings(kr_h5 *h5, hid_t parent, const char *section, const kr_settings *settings, bool named);

/* Schedules within the settings are groups: decay, or parts/0, parts/1, ...; their lengths are attributes steps. */
static void write_schedules(kr_h5 *h5, hid_t group, const kr_settings *settings) {
    size_t number = 0;
    for (size_t i = 0; i < settings->child_count; i++) {
        const kr_child *child = &settings->child[i];
        char name[64];
        if (child->settings.about == &kr_part_descriptor) {
            kr_h5_integer(h5, group, "steps", ((const kr_part *)child->settings.values)->steps);
            continue;
        }
        if (child->row && child->row->type != KR_SCHEDULES) continue;
        if (child->row && child->row->flags & KR_SEVERAL && number == 0) kr_h5_close(kr_h5_group(h5, group, child->row->name));
        if (child->row && child->row->flags & KR_SEVERAL)
            snprintf(name, sizeof name, "%s/%zu", child->row->name, number++);
        else
            snprintf(name, sizeof name, "%s", child->row ? child->row->name : child->settings.about->name);
        write_settings(h5, group, name, &child->settings, child->row != NULL);
    }
}

/* Everything but the trajectory's file name. */
static void write_settings(kr_h5 *h5, hid_t parent, const char *section, const kr_settings *settings, bool named) {
    hid_t group = kr_h5_group(h5, parent, section);
    if (named) kr_h5_text(h5, group, "name", settings->about->name);
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++)
        if (settings->about != &kr_trajectory_descriptor || strcmp(row->name, "file") != 0)
            write_parameter(h5, group, settings, row);
    write_schedules(h5, group, settings);
    kr_h5_close(group);
}

/* A target as a scene writes it: a coordinate with the sides that it has, or a minimum with a radius. */
static void write_target(kr_h5 *h5, hid_t parent, const char *name, const kr_target *target) {
    bool ball = target->radius > 0;
    kr_settings settings;
    if (kr_settings_create(&settings, &kr_target_descriptor, NULL) != KR_OK) {
        kr_h5_no_memory(h5, "the settings of a target");
        return;
    }
    kr_target_values_of(target, ball, settings.values);
    hid_t group = kr_h5_group(h5, parent, name);
    for (const kr_parameter *row = settings.about->parameters; row->name; row++)
        if (kr_target_is_ball_key(row->name) == ball && !kr_parameter_value_absent(kr_get_value(&settings, row)))
            write_parameter(h5, group, &settings, row);
    kr_h5_close(group);
    kr_settings_destroy(&settings);
}

/* escape/until/0 is the first target. */
static void write_escape(kr_h5 *h5, hid_t parent, const kr_scene *scene) {
    char name[32];
    write_settings(h5, parent, "escape", &scene->escape, false);
    for (size_t i = 0; i < scene->target_count; i++) {
        snprintf(name, sizeof name, "escape/until/%zu", i);
        write_target(h5, parent, name, &scene->targets[i]);
    }
}

void kr_h5md_scene(kr_h5 *h5, const kr_scene *scene, const char *text, uint64_t flush) {
    hid_t group = kr_h5_group(h5, h5->file, "/parameters/kramers");
    kr_h5_text(h5, group, "version", KR_VERSION);
    kr_h5_generator(h5, group);
    kr_h5_natural(h5, group, "seed", kr_scene_ensemble(scene)->seed);
    if (flush) kr_h5_integer(h5, group, "flush", (int64_t)flush);
    kr_h5md_plugins(h5, group, scene->registry);
    kr_scene_record_paths(h5, group, scene);
    kr_h5_remove(h5, "/parameters/kramers/scene");
    kr_h5_fixed_text(h5, group, "scene", text);
    write_settings(h5, group, "landscape", &scene->landscape, true);
    write_settings(h5, group, "dynamics", &scene->dynamics, true);
    write_settings(h5, group, "noise", &scene->noise, true);
    write_settings(h5, group, "schedule", &scene->schedule, true);
    write_settings(h5, group, "ensemble", &scene->ensemble, false);
    write_escape(h5, group, scene);
    for (size_t i = 0; i < KR_MAX_OBSERVERS; i++)
        if (scene->observers[i].about) write_settings(h5, group, scene->observers[i].about->name, &scene->observers[i], false);
    write_settings(h5, group, "trajectory", &scene->trajectory, false);
    kr_settings start = {.about = &kr_start_descriptor, .values = (void *)(uintptr_t)&scene->start};
    write_settings(h5, group, "ensemble/start", &start, false);
    kr_settings warmup = {.about = &kr_warmup_descriptor, .values = (void *)(uintptr_t)&scene->warmup};
    write_settings(h5, group, "schedule/warmup", &warmup, false);
    kr_h5_close(group);
}
