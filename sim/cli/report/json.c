#include "cli/command.h"

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

json_object *kr_json_numbers(const double *value, size_t n) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < n; i++) json_object_array_add(array, kr_json_number(value[i]));
    return array;
}

static json_object *interval(kr_interval ends) {
    return kr_json_numbers((double[]){ends.low, ends.high}, 2);
}

static void add_if_finite(json_object *object, const char *key, double value) {
    if (isfinite(value)) add(object, key, kr_json_number(value));
}

/* ---- scene ---- */

json_object *kr_json_value(const kr_settings *settings, const kr_parameter *row) {
    const void *at = (const char *)settings->values + row->offset;
    switch (row->type) {
    case KR_NUMBER: return kr_json_number(*(const double *)at);
    case KR_INTEGER: return json_object_new_int64(*(const int64_t *)at);
    case KR_SWITCH: return json_object_new_boolean(*(const bool *)at);
    case KR_CHOICE: return text(row->choices[*(const int *)at]);
    case KR_TEXT: return *(char *const *)at ? text(*(char *const *)at) : NULL;
    case KR_LIST: return kr_json_numbers(((const kr_list *)at)->value, ((const kr_list *)at)->count);
    }
    return NULL;
}

static json_object *section(const kr_settings *settings, bool named) {
    json_object *object = json_object_new_object();
    if (named) add(object, "name", text(settings->about->name));
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++) {
        json_object *value = kr_json_value(settings, row);
        if (value) add(object, row->name, value);
    }
    return object;
}

static json_object *start(const kr_start *start) {
    json_object *object = json_object_new_object();
    if (start->at_point)
        add(object, "point", kr_json_numbers(start->point.value, start->point.count));
    else
        add(object, start->gibbs ? "gibbs" : "minimum", json_object_new_int64(start->minimum));
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
    add_if_finite(object, "above", target->above);
    add_if_finite(object, "below", target->below);
    return object;
}

/* As in the scene: one target, or a list of them. */
static json_object *targets(const kr_scene *scene) {
    if (scene->target_count == 1) return target(&scene->targets[0]);
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < scene->target_count; i++) json_object_array_add(array, target(&scene->targets[i]));
    return array;
}

json_object *kr_json_scene(const kr_scene *scene) {
    json_object *object = json_object_new_object(), *schedule = section(&scene->schedule, true),
                *ensemble = section(&scene->ensemble, false);
    kr_warmup warmup = scene->warmup;
    add(schedule, "warmup", section(&(kr_settings){&kr_warmup_descriptor, &warmup}, false));
    add(ensemble, "start", start(&scene->start));
    add(object, "landscape", section(&scene->landscape, true));
    add(object, "dynamics", section(&scene->dynamics, true));
    add(object, "noise", section(&scene->noise, true));
    add(object, "schedule", schedule);
    add(object, "ensemble", ensemble);
    if (scene->target_count) {
        json_object *escape = section(&scene->escape, false);
        add(escape, "until", targets(scene));
        add(object, "escape", escape);
    }
    for (size_t i = 0; i < KR_MAX_OBSERVERS; i++)
        if (scene->observers[i].about) add(object, scene->observers[i].about->name, section(&scene->observers[i], false));
    add(object, "trajectory", section(&scene->trajectory, false));
    return object;
}

/* ---- results ---- */

json_object *kr_json_theory(const kr_theory_result *theory) {
    const kr_prediction *p = &theory->prediction;
    json_object *object = json_object_new_object();
    add(object, "name", text(theory->type->about.name));
    if (theory->type->about.reference) add(object, "reference", text(theory->type->about.reference));
    add(object, "applies", json_object_new_boolean(p->applies));
    if (!p->applies) {
        add(object, "why", text(p->why));
        return object;
    }
    add_if_finite(object, "mfpt_steps", p->mfpt_steps);
    add_if_finite(object, "mfpt_time", p->mfpt_time);
    add_if_finite(object, "rate", p->rate);
    add_if_finite(object, "spectral_gap", p->spectral_gap);
    add_if_finite(object, "spectral_gap_steps", p->spectral_gap_steps);
    add_if_finite(object, "temperature", p->temperature);
    add_if_finite(object, "variation", p->variation);
    add_if_finite(object, "accuracy", p->accuracy);
    for (size_t i = 0; i < p->extra_count; i++) add(object, p->extra[i].name, kr_json_number(p->extra[i].value));
    if (p->note[0]) add(object, "note", text(p->note));
    add_if_finite(object, "z", theory->z);
    return object;
}

static json_object *mean(const kr_statistics *s) {
    json_object *object = json_object_new_object();
    add(object, "position", kr_json_numbers(s->position, s->dim));
    add(object, "position_variance", kr_json_numbers(s->position_variance, s->dim));
    add_if_finite(object, "potential", s->potential);
    add_if_finite(object, "kinetic_temperature", s->kinetic_temperature);
    add_if_finite(object, "configurational_temperature", s->configurational_temperature);
    if (s->well_population) add(object, "well_population", kr_json_numbers(s->well_population, s->wells));
    add(object, "samples", count(s->samples));
    const kr_statistics *e = s->error;
    if (!e) return object;
    add(object, "position_error", kr_json_numbers(e->position, e->dim));
    add(object, "position_variance_error", kr_json_numbers(e->position_variance, e->dim));
    add(object, "potential_error", kr_json_number(e->potential));
    add_if_finite(object, "kinetic_temperature_error", e->kinetic_temperature);
    add_if_finite(object, "configurational_temperature_error", e->configurational_temperature);
    if (e->well_population) add(object, "well_population_error", kr_json_numbers(e->well_population, e->wells));
    return object;
}

static json_object *by_target(const kr_scene *scene, const kr_result *result) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < result->target_count; i++) {
        json_object *entry = json_object_new_object();
        add(entry, "until", target(&scene->targets[i]));
        add(entry, "events", count(result->target_events[i]));
        if (result->escape.events) {
            add(entry, "probability", kr_json_number((double)result->target_events[i] / (double)result->escape.events));
            add(entry, "probability_ci95", interval(kr_binomial_interval(result->target_events[i], result->escape.events, 0.95)));
        }
        json_object_array_add(array, entry);
    }
    return array;
}

static json_object *splitting(const kr_splitting_result *s) {
    json_object *object = json_object_new_object(), *repeats = json_object_new_array();
    add(object, "probability", kr_json_number(s->probability));
    add(object, "probability_error", kr_json_number(s->probability_error));
    add(object, "loop_steps", kr_json_number(s->loop_steps));
    add(object, "levels", kr_json_number(s->levels));
    add(object, "basin", kr_json_number(s->basin));
    add(object, "surface", kr_json_number(s->surface));
    add_if_finite(object, "energy", s->energy);
    add(object, "relaxation_steps", count(s->relaxation_steps));
    add(object, "paths", count(s->paths));
    add(object, "extinct", count(s->extinct));
    for (size_t r = 0; r < s->repeats; r++) {
        json_object *entry = json_object_new_object();
        add(entry, "probability", kr_json_number(s->repeat[r].probability));
        add(entry, "loop_steps", kr_json_number(s->repeat[r].loop_steps));
        add(entry, "mfpt_steps", kr_json_number(s->repeat[r].mfpt_steps));
        add(entry, "levels", count(s->repeat[r].levels));
        add(entry, "transitions", count(s->repeat[r].transitions));
        json_object_array_add(repeats, entry);
    }
    add(object, "repeats", repeats);
    return object;
}

static json_object *escape(const kr_scene *scene, const kr_result *result) {
    const kr_escape_estimate *e = &result->escape;
    json_object *object = json_object_new_object(), *theories = json_object_new_array();
    add(object, "events", count(e->events));
    if (!result->splitting) add(object, "exposure_steps", count((uint64_t)e->exposure_steps));
    add(object, "mfpt_steps", kr_json_number(e->mfpt_steps));
    add(object, "mfpt_steps_ci95", interval(e->mfpt_steps_ci95));
    add(object, "mfpt_time", kr_json_number(e->mfpt_time));
    add(object, "rate", kr_json_number(e->rate));
    add(object, "rate_ci95", interval(e->rate_ci95));
    kr_json_add_measured(object, result);
    if (result->splitting) add(object, "splitting", splitting(result->splitting));
    if (result->target_count > 1) add(object, "targets", by_target(scene, result));
    for (size_t i = 0; i < result->theory_count; i++) json_object_array_add(theories, kr_json_theory(&result->theory[i]));
    add(object, "theory", theories);
    return object;
}

json_object *kr_json_result(const kr_scene *scene, const kr_result *result, bool interrupted) {
    json_object *object = json_object_new_object(), *warnings = json_object_new_array();
    add(object, "version", text(KR_VERSION));
    add(object, "scene", kr_json_scene(scene));
    if (!result->splitting) {
        add(object, "steps", count(result->steps));
        add(object, "time", kr_json_number(result->time));
    }
    add(object, "particle_steps", count(result->particle_steps));
    add(object, "wall_seconds", kr_json_number(result->wall_seconds));
    add(object, "diverged", count(result->diverged));
    if (result->diverged && !result->splitting) {
        add(object, "first_diverged_step", count(result->first_diverged_step));
        add(object, "first_diverged_particle", count(result->first_diverged_particle));
    }
    if (interrupted) add(object, "interrupted", json_object_new_boolean(true));
    if (result->mean) add(object, "mean", mean(result->mean));
    if (result->escape_measured) add(object, "escape", escape(scene, result));
    if (result->transitions) add(object, "transitions", kr_json_transitions(result));
    if (result->energy) add(object, "energy", kr_json_energy(result->energy));
    for (size_t i = 0; i < result->warning_count; i++) json_object_array_add(warnings, text(result->warnings[i]));
    add(object, "warnings", warnings);
    return object;
}

void kr_json_print(json_object *object) {
    puts(
        json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}
