/* Numbers, parameters and scenes as JSON. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add(json_object *object, const char *key, json_object *value) {
    json_object_object_add(object, key, value);
}

json_object *kr_json_number(double value) {
    char text[KR_NUMBER_TEXT];
    if (!isfinite(value)) return NULL; /* null: JSON has no NaN */
    kr_number_text(value, text);
    if (!strpbrk(text, ".e")) strcat(text, ".0"); /* a double stays one for readers that tell them apart */
    return json_object_new_double_s(value, text);
}

static json_object *count(uint64_t value) {
    return json_object_new_uint64(value);
}

static json_object *text(const char *value) {
    return json_object_new_string(value);
}

/* "x, y", with or without brackets, as an array. */
static json_object *names(const char *value) {
    json_object *array = json_object_new_array();
    for (const char *at = value + strspn(value, ", \t\r\n[]"); *at; at += strspn(at, ", \t\r\n[]")) {
        size_t length = strcspn(at, ", \t\r\n[]");
        json_object_array_add(array, json_object_new_string_len(at, (int)length));
        at += length;
    }
    return array;
}

json_object *kr_json_numbers(const double *value, size_t n) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < n; i++) json_object_array_add(array, kr_json_number(value[i]));
    return array;
}

/* ---- scene ---- */

json_object *kr_json_value(const kr_settings *settings, const kr_parameter *row) {
    kr_parameter_value value = kr_get_value(settings, row);
    switch (value.type) {
    case KR_NUMBER: return kr_json_number(value.number);
    case KR_INTEGER: return json_object_new_int64(value.integer);
    case KR_NATURAL: return count(value.natural);
    case KR_SWITCH: return json_object_new_boolean(value.on);
    case KR_CHOICE: return text(row->choices[value.choice]);
    case KR_TEXT: return !value.text ? NULL : row->flags & KR_NAMES ? names(value.text) : text(value.text);
    case KR_LIST: return kr_json_numbers(value.list.value, value.list.count);
    case KR_SCHEDULES: break;
    }
    return NULL;
}

static json_object *section(const kr_settings *settings, bool named);

/* A schedule within another one, with the length and the warmup that are its own. */
static json_object *schedule_within(const kr_parameter *within, const kr_settings *schedule) {
    const kr_settings *warmup = kr_settings_child(schedule, NULL, &kr_warmup_descriptor),
                      *length = kr_settings_child(schedule, NULL, &kr_part_descriptor);
    json_object *object = section(schedule, true);
    json_object_object_del(object, "steps");
    if (!(within->flags & KR_SEVERAL)) json_object_object_del(object, schedule->about->parameters->name);
    if (length) add(object, "steps", json_object_new_int64(((const kr_part *)length->values)->steps));
    if (warmup) add(object, "warmup", section(warmup, false));
    return object;
}

static json_object *schedules_within(const kr_settings *settings, const kr_parameter *row) {
    if (!(row->flags & KR_SEVERAL)) {
        const kr_settings *one = kr_settings_child(settings, row, NULL);
        return one ? schedule_within(row, one) : NULL;
    }
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < settings->child_count; i++)
        if (settings->child[i].row == row) json_object_array_add(array, schedule_within(row, &settings->child[i].settings));
    return array;
}

/* The schedule that a number follows. */
static json_object *followed(const kr_settings *schedule) {
    const kr_settings *warmup = kr_settings_child(schedule, NULL, &kr_warmup_descriptor);
    json_object *object = section(schedule, true);
    if (warmup) add(object, "warmup", section(warmup, false));
    return object;
}

static json_object *value_or_schedule(const kr_settings *settings, const kr_parameter *row) {
    const kr_settings *child = kr_settings_child(settings, row, NULL);
    if (row->type == KR_SCHEDULES) return schedules_within(settings, row);
    return child ? followed(child) : kr_json_value(settings, row);
}

static json_object *section(const kr_settings *settings, bool named) {
    json_object *object = json_object_new_object();
    if (named) add(object, "name", text(settings->about->name));
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++)
        add(object, row->name, value_or_schedule(settings, row));
    return object;
}

static json_object *invariants(const kr_scene *scene) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < scene->keep_count; i++) {
        json_object *one = text(scene->keep[i].invariant);
        if (scene->keep[i].integer) {
            json_object *object = json_object_new_object();
            add(object, "product", one);
            add(object, "integer", json_object_new_boolean(true));
            one = object;
        }
        json_object_array_add(array, one);
    }
    return array;
}

/* One model, or a list of them. */
static json_object *noise_json(const kr_settings *noise) {
    const kr_descriptor *part;
    if (!kr_scene_noise_part(noise, 1)) return section(noise, true);
    json_object *array = json_object_new_array();
    for (size_t i = 0; (part = kr_scene_noise_part(noise, i)); i++) {
        json_object *object = json_object_new_object();
        add(object, "name", text(part->name));
        for (const kr_parameter *row = part->parameters; row && row->name; row++)
            add(object, row->name, value_or_schedule(noise, kr_scene_noise_row(noise, i, row)));
        json_object_array_add(array, object);
    }
    return array;
}

static json_object *start(const kr_start *start) {
    json_object *object = json_object_new_object();
    if (start->kind == KR_START_MINIMUM || start->kind == KR_START_GIBBS)
        add(object, start->kind == KR_START_GIBBS ? "gibbs" : "minimum", json_object_new_int64(start->minimum));
    if (start->kind == KR_START_RANDOM) {
        add(object, "random", text(kr_parameter_find(&kr_start_descriptor, "random")->choices[start->random]));
        add(object, "scale", kr_json_number(start->scale));
    }
    if (start->kind == KR_START_FILE) {
        add(object, "file", text(start->file));
        add(object, "dataset", text(start->dataset));
    }
    if (start->kind == KR_START_POINT || start->point.count)
        add(object, "point", kr_json_numbers(start->point.value, start->point.count));
    if (start->burn_in) add(object, "burn_in", json_object_new_int64(start->burn_in));
    return object;
}

static json_object *target(const kr_target *target) {
    json_object *object = json_object_new_object();
    if (target->radius > 0) {
        add(object, "minimum", json_object_new_int64(target->minimum));
        add(object, "radius", kr_json_number(target->radius));
        return object;
    }
    add(object, "coordinate", count(target->coordinate));
    add(object, "above", kr_json_number(target->above));
    add(object, "below", kr_json_number(target->below));
    return object;
}

/* As in the scene: one target, or a list of them. */
static json_object *targets(const kr_scene *scene) {
    if (scene->target_count == 1) return target(&scene->targets[0]);
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < scene->target_count; i++) json_object_array_add(array, target(&scene->targets[i]));
    return array;
}

static json_object *schedule_json(const kr_scene *scene) {
    json_object *object = section(&scene->schedule, true);
    kr_warmup warmup = scene->warmup;
    add(object, "warmup", section(&(kr_settings){.about = &kr_warmup_descriptor, .values = &warmup}, false));
    return object;
}

static json_object *escape_json(const kr_scene *scene) {
    json_object *object = section(&scene->escape, false);
    add(object, "until", targets(scene));
    return object;
}

static json_object *phase_json(const kr_scene *scene, const kr_phase *phase) {
    json_object *object = json_object_new_object();
    const kr_scene *own = &phase->scene;
    kr_prune prune = phase->prune;
    unsigned differs = kr_phase_differs(scene, phase);
    add(object, "name", text(phase->name));
    add(object, "steps", json_object_new_int64(phase->steps));
    add(object, "optimizer", text(phase->optimizer == KR_OPTIMIZER_RESET ? "reset" : "keep"));
    if (phase->prunes) add(object, "prune", section(&(kr_settings){.about = &kr_prune_descriptor, .values = &prune}, false));
    if (phase->rewinds) {
        json_object *back = json_object_new_object();
        add(back, "phase", text(scene->phases[phase->rewind_phase].name));
        add(back, "step", json_object_new_int64(phase->rewind_step));
        add(object, "rewind", back);
    }
    if (differs & KR_PHASE_LANDSCAPE) add(object, "landscape", section(&own->landscape, true));
    if (differs & KR_PHASE_DYNAMICS) add(object, "dynamics", section(&own->dynamics, true));
    if (differs & KR_PHASE_NOISE) add(object, "noise", noise_json(&own->noise));
    if (differs & KR_PHASE_SCHEDULE) {
        json_object *schedule = schedule_json(own);
        if (phase->continues) add(schedule, "continue", json_object_new_boolean(true));
        add(object, "schedule", schedule);
    }
    if (differs & KR_PHASE_KEEP) add(object, "keep", invariants(own));
    if (differs & KR_PHASE_ESCAPE) add(object, "escape", escape_json(own));
    return object;
}

static json_object *phases_json(const kr_scene *scene) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < scene->phase_count; i++) json_object_array_add(array, phase_json(scene, &scene->phases[i]));
    return array;
}

static json_object *scene_json(const kr_scene *scene) {
    json_object *object = json_object_new_object(), *ensemble = section(&scene->ensemble, false);
    add(ensemble, "start", start(&scene->start));
    add(object, "landscape", section(&scene->landscape, true));
    add(object, "dynamics", section(&scene->dynamics, true));
    add(object, "noise", noise_json(&scene->noise));
    add(object, "schedule", schedule_json(scene));
    if (scene->keep_count) add(object, "keep", invariants(scene));
    add(object, "ensemble", ensemble);
    if (scene->target_count) add(object, "escape", escape_json(scene));
    if (scene->phase_count) add(object, "phases", phases_json(scene));
    for (size_t i = 0; i < KR_MAX_OBSERVERS; i++)
        if (scene->observers[i].about) add(object, scene->observers[i].about->name, section(&scene->observers[i], false));
    add(object, "trajectory", section(&scene->trajectory, false));
    return object;
}

/* Kept in a file of the working directory it is the same scene. */
json_object *kr_json_scene(const kr_scene *scene) {
    kr_scene here;
    if (kr_scene_copy(&here, scene, NULL) != KR_OK) return scene_json(scene);
    kr_scene_move(&here, ".", NULL);
    json_object *object = scene_json(&here);
    kr_scene_destroy(&here);
    return object;
}

void kr_json_print(json_object *object) {
    puts(
        json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}
