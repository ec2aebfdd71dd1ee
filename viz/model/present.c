#include "present.h"

#include "measure.h"

#include <kramers/data_sum.h>
#include <kramers/stability.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CRITICAL_POINTS = 256, MOST_CURVED = 1024 };

/* Critical points take no more than this part of the time. */
static const double critical_share = 0.1;

/* One of the dynamics. */
typedef struct part {
    kr_scene scene; /* its settings are those of the analysis */
    kr_model model;
    kr_moment *moment; /* NULL: nothing is driven */
    kr_noise noise;    /* the present one, at its step */
} part;

struct kr_present {
    size_t count;
    part part[KR_MAX_VARIANTS];
    double value[KR_MAX_DRIVEN]; /* of the main dynamics */
    uint64_t shape, moment;
    kr_critical_points critical;
    uint64_t critical_shape; /* of the landscape that they are of; 0: those of the analysis */
    double critical_cost, critical_made;
    double curvature; /* at the start, of the landscape of critical_shape */
};

static bool make_part(part *p, const kr_analysis *analysis, size_t variant) {
    p->scene = kr_scene_variant(&analysis->scene, variant);
    if (kr_model_create_from(&p->model, &p->scene, &analysis->model, true, NULL) != KR_OK) return false;
    p->noise = p->model.noise;
    if (!p->model.drive || kr_moment_create(&p->moment, p->model.drive, NULL) == KR_OK) return true;
    kr_model_destroy(&p->model);
    return false;
}

static double start_curvature(const kr_analysis *analysis) {
    const kr_landscape *landscape = kr_present_landscape(analysis);
    bool dear = kr_landscape_data(landscape) || landscape->dim > MOST_CURVED;
    return dear ? NAN : kr_largest_curvature(landscape, analysis->model.start);
}

void kr_present_create(kr_analysis *analysis) {
    kr_present *present = calloc(1, sizeof *present);
    if (!present) return;
    while (present->count <= analysis->scene.compare_count && make_part(&present->part[present->count], analysis, present->count))
        present->count++;
    for (size_t i = 0; i < KR_MAX_DRIVEN; i++) present->value[i] = NAN;
    present->critical_made = -INFINITY;
    analysis->present = present;
    present->curvature = start_curvature(analysis);
    kr_present_set(analysis, 0, 0, true);
}

void kr_present_destroy(kr_analysis *analysis) {
    kr_present *present = analysis->present;
    if (!present) return;
    for (size_t v = 0; v < present->count; v++) {
        kr_moment_destroy(present->part[v].moment);
        kr_model_destroy(&present->part[v].model);
    }
    kr_critical_points_destroy(&present->critical);
    free(present);
    analysis->present = NULL;
}

/* Weight decay is part of the landscape that is descended. */
static bool shapes_landscape(const kr_driven *driven) {
    return !strncmp(driven->name, "landscape.", 10) || !strcmp(driven->name, "dynamics.weight_decay");
}

static void note_changes(kr_present *present, uint64_t step) {
    const kr_drive *drive = present->part[0].model.drive;
    bool changed = false, shaped = false;
    for (size_t i = 0; i < kr_drive_count(drive); i++) {
        double value = kr_drive_value(drive, i, step, NULL);
        if (value == present->value[i]) continue;
        changed = true;
        shaped |= shapes_landscape(kr_drive_number(drive, i));
        present->value[i] = value;
    }
    present->moment += changed;
    present->shape += shaped;
}

static void find_critical(kr_analysis *analysis, bool whole) {
    kr_present *present = analysis->present;
    double began = kr_seconds_now();
    if (!present->count || present->critical_shape == present->shape) return;
    if (!whole && began - present->critical_made < present->critical_cost / critical_share) return;
    kr_critical_points_destroy(&present->critical);
    if (kr_critical_points_all(kr_present_landscape(analysis), MOST_CRITICAL_POINTS, &present->critical, NULL) != KR_OK)
        present->critical = (kr_critical_points){0};
    present->curvature = start_curvature(analysis);
    present->critical_shape = present->shape;
    present->critical_made = kr_seconds_now();
    present->critical_cost = present->critical_made - began;
}

void kr_present_set(kr_analysis *analysis, uint64_t step, uint64_t origin, bool whole) {
    kr_present *present = analysis->present;
    if (!present || !present->count) return;
    for (size_t v = 0; v < present->count; v++) {
        part *p = &present->part[v];
        p->model.schedule.origin = origin;
        if (p->moment)
            kr_moment_set(p->moment, step, NULL); /* values that do not fit together stop the simulation, which says so */
        p->noise = p->moment ? *p->moment->noise : p->model.noise;
        p->noise.step = step;
    }
    note_changes(present, step);
    find_critical(analysis, whole);
}

/* ---- what is there now ---- */

static const part *part_of(const kr_analysis *analysis, size_t variant) {
    return analysis->present && variant < analysis->present->count ? &analysis->present->part[variant] : NULL;
}

const kr_landscape *kr_present_landscape(const kr_analysis *analysis) {
    const part *p = part_of(analysis, 0);
    return p && p->moment ? p->moment->landscape : &analysis->model.landscape;
}

const kr_critical_points *kr_present_critical(const kr_analysis *analysis) {
    return analysis->present && analysis->present->critical_shape ? &analysis->present->critical : &analysis->critical;
}

uint64_t kr_present_shape(const kr_analysis *analysis) {
    return analysis->present ? analysis->present->shape : 0;
}

uint64_t kr_present_moment(const kr_analysis *analysis) {
    return analysis->present ? analysis->present->moment : 0;
}

bool kr_present_problem(const kr_analysis *analysis, size_t variant, kr_problem *problem) {
    const part *p = part_of(analysis, variant);
    if (!p && variant) return false;
    *problem = kr_model_problem(p ? &p->model : &analysis->model);
    problem->drive = NULL;
    if (!p) return true;
    problem->noise = &p->noise;
    if (!p->moment) return true;
    problem->landscape = p->moment->landscape;
    problem->dynamics = p->moment->dynamics;
    return true;
}

const kr_schedule *kr_present_schedule(const kr_analysis *analysis, size_t variant) {
    const part *p = part_of(analysis, variant);
    return p ? &p->model.schedule : &analysis->model.schedule;
}

bool kr_present_value(const kr_analysis *analysis, size_t variant, const char *name, uint64_t step, double *value) {
    const part *p = part_of(analysis, variant);
    for (size_t i = 0; p && i < kr_drive_count(p->model.drive); i++) {
        if (strcmp(kr_drive_number(p->model.drive, i)->name, name) != 0) continue;
        *value = kr_drive_value(p->model.drive, i, step, NULL);
        return true;
    }
    return false;
}

/* ---- stability ---- */

double kr_present_curvature(const kr_analysis *analysis) {
    return analysis->present ? analysis->present->curvature : NAN;
}

double kr_present_stability_limit(const kr_analysis *analysis, double learning_rate) {
    kr_problem now;
    kr_present_problem(analysis, 0, &now);
    return kr_stability_limit(now.dynamics, learning_rate);
}

double kr_present_largest_product(const kr_analysis *analysis) {
    return kr_schedule_largest(&analysis->model.schedule) * kr_present_curvature(analysis);
}

bool kr_present_stability_warning(const kr_analysis *analysis, char *text, size_t size) {
    kr_problem now;
    kr_present_problem(analysis, 0, &now);
    return kr_stability_warning(now.dynamics, kr_schedule_largest(&analysis->model.schedule), kr_present_curvature(analysis), text,
                                size);
}

/* ---- curves ---- */

/* The model of gradient noise behind a curve; type NULL: the curve is of a driven number. */
static kr_noise changing_noise(const part *p, size_t curve) {
    size_t driven = kr_drive_count(p->model.drive), seen = driven;
    for (size_t k = 0; curve >= driven && k < kr_noise_part_count(&p->noise); k++) {
        kr_noise one = kr_noise_part_of(&p->noise, k);
        if (one.type->next_change && !one.type->is_zero && seen++ == curve) return one;
    }
    return (kr_noise){.type = NULL};
}

size_t kr_present_curves(const kr_analysis *analysis) {
    const part *p = part_of(analysis, 0);
    size_t count = p ? kr_drive_count(p->model.drive) : 0;
    while (p && count < KR_MAX_CURVES && changing_noise(p, count).type) count++;
    return count;
}

const char *kr_present_curve_name(const kr_analysis *analysis, size_t curve, char *text, size_t size) {
    const part *p = part_of(analysis, 0);
    kr_noise noise = changing_noise(p, curve);
    if (noise.type)
        snprintf(text, size, "noise.%s", noise.type->about.name);
    else
        snprintf(text, size, "%s", kr_drive_number(p->model.drive, curve)->name);
    return text;
}

double kr_present_curve_at(const kr_analysis *analysis, size_t curve, uint64_t step) {
    const part *p = part_of(analysis, 0);
    kr_noise noise = changing_noise(p, curve);
    if (!noise.type) return kr_drive_value(p->model.drive, curve, step, NULL);
    noise.step = step;
    return sqrt(kr_noise_additive_variance(&noise));
}

uint64_t kr_present_curve_jump(const kr_analysis *analysis, size_t curve, uint64_t step) {
    const part *p = part_of(analysis, 0);
    kr_noise noise = changing_noise(p, curve);
    if (!noise.type) {
        const kr_driven *driven = kr_drive_number(p->model.drive, curve);
        return kr_schedule_next_cycle(driven->schedule.type ? &driven->schedule : &p->model.schedule, step);
    }
    noise.step = step;
    return noise.type->next_change(&noise);
}
