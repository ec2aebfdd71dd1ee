/* What a run was made of and what it gave, below /parameters. */
#include "h5md.h"

#include <kramers/version.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MOST = 4096 }; /* entries of an attribute; the format allows 64 KiB */

/* Path, threads and instruction set are no part of a run: they change nothing in it. */
kr_status kr_trajectory_scene_text(const kr_scene *scene, char **text, kr_error *error) {
    kr_scene copy;
    *text = NULL;
    kr_status status = kr_scene_copy(&copy, scene, error);
    if (status != KR_OK) return status;
    kr_trajectory_settings *settings = copy.trajectory.values;
    free(settings->file);
    settings->file = NULL;
    status = kr_scene_write(&copy, text, error);
    kr_scene_destroy(&copy);
    return status;
}

static void write_parameter(kr_h5 *h5, hid_t group, const kr_settings *settings, const kr_parameter *parameter) {
    const void *value = (const char *)settings->values + parameter->offset;
    const kr_list *list = value;
    const char *text;
    switch (parameter->type) {
    case KR_NUMBER: kr_h5_number(h5, group, parameter->name, *(const double *)value); break;
    case KR_INTEGER: kr_h5_integer(h5, group, parameter->name, *(const int64_t *)value); break;
    case KR_SWITCH: kr_h5_integer(h5, group, parameter->name, *(const bool *)value); break;
    case KR_CHOICE: kr_h5_text(h5, group, parameter->name, parameter->choices[*(const int *)value]); break;
    case KR_TEXT:
        text = *(char *const *)value;
        if (text) kr_h5_text(h5, group, parameter->name, text);
        break;
    case KR_LIST:
        if (list->count > 0 && list->count <= LIST_MOST)
            kr_h5_attribute(h5, group, parameter->name, H5T_NATIVE_DOUBLE, list->count, list->value);
        break;
    }
}

/* Everything but the trajectory's file name. */
static void write_settings(kr_h5 *h5, hid_t parent, const char *section, const kr_settings *settings, bool named) {
    hid_t group = kr_h5_group(h5, parent, section);
    if (named) kr_h5_text(h5, group, "name", settings->about->name);
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++)
        if (settings->about != &kr_trajectory_descriptor || strcmp(row->name, "file") != 0)
            write_parameter(h5, group, settings, row);
    kr_h5_close(group);
}

/* escape/until/0 is the first target. */
static void write_escape(kr_h5 *h5, hid_t parent, const kr_scene *scene) {
    char name[32];
    write_settings(h5, parent, "escape", &scene->escape, false);
    for (size_t i = 0; i < scene->target_count; i++) {
        kr_settings target = {.about = &kr_target_descriptor, .values = (void *)(uintptr_t)&scene->targets[i]};
        snprintf(name, sizeof name, "escape/until/%zu", i);
        write_settings(h5, parent, name, &target, false);
    }
}

void kr_h5md_scene(kr_h5 *h5, const kr_scene *scene, const char *text, uint64_t flush) {
    hid_t group = kr_h5_group(h5, h5->file, "/parameters/kramers");
    kr_h5_text(h5, group, "version", KR_VERSION);
    kr_h5_integer(h5, group, "seed", kr_scene_ensemble(scene)->seed);
    if (flush) kr_h5_integer(h5, group, "flush", (int64_t)flush);
    kr_h5md_plugins(h5, group, scene->registry);
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

/* ---- escape ---- */

hid_t kr_event_type(bool packed) {
    static const kr_h5_column columns[] = {{"particle", KR_H5_MEMBER_UINT64, offsetof(kr_event, particle), 0},
                                           {"step", KR_H5_MEMBER_UINT64, offsetof(kr_event, step), 0},
                                           {"duration", KR_H5_MEMBER_UINT64, offsetof(kr_event, duration), 0},
                                           {"target", KR_H5_MEMBER_UINT32, offsetof(kr_event, target), 0},
                                           {NULL, 0, 0, 0}};
    return kr_h5_table_type(columns, sizeof(kr_event), packed);
}

static void write_interval(kr_h5 *h5, hid_t group, const char *name, kr_interval interval) {
    double ends[2] = {interval.low, interval.high};
    kr_h5_attribute(h5, group, name, H5T_NATIVE_DOUBLE, 2, ends);
}

static void write_summary(kr_h5 *h5, hid_t parent, const kr_result *result) {
    const kr_escape_estimate *escape = &result->escape;
    hid_t group = kr_h5_group(h5, parent, "summary");
    kr_h5_integer(h5, group, "steps", (int64_t)result->steps);
    kr_h5_integer(h5, group, "diverged", (int64_t)result->diverged);
    if (result->escape_measured) {
        kr_h5_integer(h5, group, "events", (int64_t)escape->events);
        kr_h5_number(h5, group, "exposure_steps", escape->exposure_steps);
        kr_h5_number(h5, group, "exposure_time", escape->exposure_time);
        kr_h5_number(h5, group, "mfpt_steps", escape->mfpt_steps);
        write_interval(h5, group, "mfpt_steps_ci95", escape->mfpt_steps_ci95);
        kr_h5_number(h5, group, "mfpt_time", escape->mfpt_time);
        kr_h5_number(h5, group, "rate", escape->rate);
        write_interval(h5, group, "rate_ci95", escape->rate_ci95);
        if (result->target_count > 0)
            kr_h5_attribute(h5, group, "target_events", H5T_NATIVE_UINT64, result->target_count, result->target_events);
    }
    kr_h5_close(group);
}

typedef struct theory_row {
    char name[32], reference[160];
    double mfpt_steps, mfpt_time, rate, spectral_gap, temperature, z;
    uint8_t applies;
    char why[256];
} theory_row;

static hid_t theory_type(void) {
    static const kr_h5_column columns[] = {
        {"name", KR_H5_MEMBER_TEXT, offsetof(theory_row, name), sizeof(((theory_row *)0)->name)},
        {"reference", KR_H5_MEMBER_TEXT, offsetof(theory_row, reference), sizeof(((theory_row *)0)->reference)},
        {"mfpt_steps", KR_H5_MEMBER_DOUBLE, offsetof(theory_row, mfpt_steps), 0},
        {"mfpt_time", KR_H5_MEMBER_DOUBLE, offsetof(theory_row, mfpt_time), 0},
        {"rate", KR_H5_MEMBER_DOUBLE, offsetof(theory_row, rate), 0},
        {"spectral_gap", KR_H5_MEMBER_DOUBLE, offsetof(theory_row, spectral_gap), 0},
        {"temperature", KR_H5_MEMBER_DOUBLE, offsetof(theory_row, temperature), 0},
        {"z", KR_H5_MEMBER_DOUBLE, offsetof(theory_row, z), 0},
        {"applies", KR_H5_MEMBER_UINT8, offsetof(theory_row, applies), 0},
        {"why", KR_H5_MEMBER_TEXT, offsetof(theory_row, why), sizeof(((theory_row *)0)->why)},
        {NULL, 0, 0, 0}};
    return kr_h5_table_type(columns, sizeof(theory_row), false);
}

static void write_theories(kr_h5 *h5, hid_t parent, const kr_result *result) {
    kr_h5_remove(h5, "/parameters/escape/theory");
    theory_row *rows = calloc(result->theory_count + 1, sizeof *rows); /* zeros: padding goes into the file, too */
    if (!rows) {
        kr_h5_no_memory(h5, "the theories");
        return;
    }
    for (size_t i = 0; i < result->theory_count; i++) {
        const kr_theory_result *theory = &result->theory[i];
        const kr_prediction *p = &theory->prediction;
        theory_row *row = &rows[i];
        snprintf(row->name, sizeof row->name, "%s", theory->type->about.name);
        snprintf(row->reference, sizeof row->reference, "%s", theory->type->about.reference ? theory->type->about.reference : "");
        if (!p->applies) snprintf(row->why, sizeof row->why, "%s", p->why);
        row->mfpt_steps = p->applies ? p->mfpt_steps : NAN;
        row->mfpt_time = p->applies ? p->mfpt_time : NAN;
        row->rate = p->applies ? p->rate : NAN;
        row->spectral_gap = p->applies ? p->spectral_gap : NAN;
        row->temperature = p->applies ? p->temperature : NAN;
        row->z = theory->z;
        row->applies = p->applies;
    }
    hsize_t size = result->theory_count;
    hid_t type = theory_type();
    if (size > 0) kr_h5_fixed(h5, parent, "theory", type, 1, &size, rows);
    H5Tclose(type);
    free(rows);
}

/* Whose clocks ended, and when, without a passage: what an estimate from the events must know besides. */
static void write_diverged(kr_h5 *h5, hid_t parent, const kr_result *result) {
    kr_h5_remove(h5, "/parameters/escape/diverged");
    hsize_t size[2] = {result->diverged, 2};
    if (result->diverged == 0) return;
    uint64_t *rows = malloc((size_t)result->diverged * sizeof *rows * 2), count = 0;
    if (!rows) {
        kr_h5_no_memory(h5, "the list of diverged particles");
        return;
    }
    const kr_view *view = &result->view;
    for (uint64_t p = 0; p < view->particles && count < result->diverged; p++) {
        if (view->stopped_at[p] != 0 && view->departure[p] != KR_ABSORBED) {
            rows[2 * count] = p;
            rows[2 * count + 1] = view->stopped_at[p];
            count++;
        }
    }
    size[0] = count;
    kr_h5_fixed(h5, parent, "diverged", H5T_NATIVE_UINT64, 2, size, rows);
    free(rows);
}

static void write_survival(kr_h5 *h5, hid_t parent, const kr_result *result) {
    const kr_survival *s = &result->survival;
    const struct {
        const char *name;
        const double *value;
    } columns[] = {{"measured", s->measured}, {"low", s->low}, {"high", s->high}, {"chain", s->chain}, {"adiabatic", s->adiabatic}};
    hsize_t size = s->count;
    kr_h5_remove(h5, "/parameters/escape/survival");
    if (!s->count) return;
    hid_t group = kr_h5_group(h5, parent, "survival");
    kr_h5_fixed(h5, group, "step", H5T_NATIVE_UINT64, 1, &size, s->step);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (columns[i].value) kr_h5_fixed(h5, group, columns[i].name, H5T_NATIVE_DOUBLE, 1, &size, columns[i].value);
    if (s->chain_why[0]) kr_h5_text(h5, group, "chain_why", s->chain_why);
    if (s->adiabatic_why[0]) kr_h5_text(h5, group, "adiabatic_why", s->adiabatic_why);
    kr_h5_close(group);
}

static void write_transitions(kr_h5 *h5, const kr_result *result) {
    const kr_transitions *t = result->transitions;
    kr_h5_remove(h5, "/parameters/transitions");
    if (!t) return;
    hsize_t square[2] = {t->wells, t->wells}, rows[2] = {t->rows, t->wells};
    hid_t group = kr_h5_group(h5, h5->file, "/parameters/transitions");
    kr_h5_fixed(h5, group, "count", H5T_NATIVE_UINT64, 2, square, t->count);
    kr_h5_fixed(h5, group, "rate", H5T_NATIVE_DOUBLE, 2, square, t->rate);
    kr_h5_fixed(h5, group, "residence_time", H5T_NATIVE_DOUBLE, 1, square, t->residence_time);
    if (t->rows) kr_h5_fixed(h5, group, "population_step", H5T_NATIVE_UINT64, 1, rows, t->step);
    if (t->rows) kr_h5_fixed(h5, group, "population_time", H5T_NATIVE_DOUBLE, 1, rows, t->time);
    if (t->rows) kr_h5_fixed(h5, group, "population", H5T_NATIVE_DOUBLE, 2, rows, t->population);
    kr_h5_number(h5, group, "relaxation_rate", t->relaxation_rate);
    kr_h5_number(h5, group, "relaxation_rate_error", t->relaxation_rate_error);
    kr_h5_close(group);
}

void kr_trajectory_write_result(kr_h5 *h5, const kr_result *result) {
    hid_t group = kr_h5_group(h5, h5->file, "/parameters/escape");
    write_summary(h5, group, result);
    write_diverged(h5, group, result);
    write_theories(h5, group, result);
    write_survival(h5, group, result);
    kr_h5_close(group);
    write_transitions(h5, result);
}
