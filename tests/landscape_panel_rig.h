/* A scene made into the frame that the landscape panel draws, without a window and without a simulation: for tests, pictures and
 * the benchmark. */
#ifndef LANDSCAPE_PANEL_RIG_H
#define LANDSCAPE_PANEL_RIG_H

#include "model/frame.h"
#include "model/present.h"

#include <kramers/data_sum.h>
#include <kramers/session.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct rig {
    kr_session *session;
    kr_analysis analysis;
    kr_snapshot snapshot;
    kr_canvas canvas;
    kr_fonts *fonts;
    kr_theme theme;
    kr_widgets widgets;
    kr_landscape_panel *panel;
    kr_frame frame;
} rig;

static inline void rig_check(kr_status status, const kr_error *error) {
    if (status == KR_OK) return;
    fprintf(stderr, "%s\n", error->message);
    abort();
}

static inline double rig_potential(const kr_view *view) {
    size_t n = view->particles < 4096 ? (size_t)view->particles : 4096, finite = 0;
    double *x = malloc(n * (view->dim + 1) * sizeof *x), *energy = x + n * view->dim, sum = 0;
    for (size_t i = 0; i < view->dim; i++)
        for (size_t p = 0; p < n; p++) x[i * n + p] = view->position[i * view->stride + p];
    kr_landscape_energy(view->landscape, n, x, energy);
    for (size_t p = 0; p < n; p++)
        if (isfinite(energy[p])) sum += energy[p], finite++;
    free(x);
    return finite ? sum / (double)finite : NAN;
}

/* Takes the positions over, as the simulation's thread does for the window. */
static inline void rig_look(rig *r) {
    kr_snapshot *snapshot = &r->snapshot;
    snapshot->number++;
    snapshot->followed = UINT64_MAX;
    snapshot->step = kr_session_step(r->session);
    snapshot->generation = kr_session_generation(r->session);
    snapshot->variants = kr_session_variants(r->session);
    for (size_t v = 0; v < snapshot->variants; v++) {
        kr_view view = kr_session_view(r->session, v);
        kr_snapshot_variant *out = &snapshot->variant[v];
        size_t most = kr_landscape_data(view.landscape) ? 4096 : KR_PICKED_NUMBERS, copied = view.dim < most ? view.dim : most;
        free(out->position);
        free(out->velocity);
        *out = (kr_snapshot_variant){.particles = view.particles, .dim = copied, .count = (size_t)view.particles};
        snprintf(out->name, sizeof out->name, "%s", view.dynamics->type->about.name);
        out->position = malloc(copied * out->count * sizeof *out->position);
        for (size_t i = 0; i < copied; i++)
            for (size_t p = 0; p < out->count; p++) out->position[i * out->count + p] = (float)view.position[i * view.stride + p];
        out->potential = rig_potential(&view);
        out->kinetic = NAN;
        out->has_velocity = view.dynamics->type->velocity != NULL;
        out->followed_velocity[0] = NAN;
        double *velocity = malloc(view.dim * out->count * sizeof *velocity);
        if (out->has_velocity && kr_ensemble_velocity_of(&view, 0, out->count, velocity)) {
            out->moving = out->count;
            out->velocity = malloc(copied * out->count * sizeof *out->velocity);
            for (size_t k = 0; k < copied * out->count; k++) out->velocity[k] = (float)velocity[k];
        }
        free(velocity);
        snapshot->time = view.time;
        snapshot->learning_rate = view.learning_rate;
    }
}

/* From analysis.scene. */
static inline void rig_learn(rig *r, uint64_t version) {
    kr_error error;
    kr_analysis *analysis = &r->analysis;
    rig_check(kr_model_create(&analysis->model, &analysis->scene, &error), &error);
    analysis->version = version;
    kr_critical_points_all(&analysis->model.landscape, 1024, &analysis->critical, NULL);
    kr_present_create(analysis);
    const kr_model *model = &analysis->model;
    if (model->landscape.dim > 1 && model->target_count && model->targets[0].center)
        kr_path_create(&analysis->path, &model->landscape, model->start, model->targets[0].center, 0, NULL);
    else if (model->landscape.dim == 2 && analysis->critical.count > 1)
        kr_path_create(&analysis->path, &model->landscape, analysis->critical.point[0].position,
                       analysis->critical.point[analysis->critical.count - 1].position, 0, NULL);
}

static inline void rig_forget(rig *r) {
    kr_present_destroy(&r->analysis);
    kr_path_destroy(&r->analysis.path);
    kr_critical_points_destroy(&r->analysis.critical);
    kr_model_destroy(&r->analysis.model);
    kr_scene_destroy(&r->analysis.scene);
    r->analysis = (kr_analysis){.version = 0};
}

/* overrides ends with NULL. */
static inline void rig_open(rig *r, const char *source, const char *const *overrides, int width, int height, bool dark,
                            double scale) {
    kr_error error;
    kr_scene scene;
    const kr_registry *registry;
    size_t count = 0;
    memset(r, 0, sizeof *r);
    while (overrides && overrides[count]) count++;
    rig_check(kr_registry_find(NULL, &registry, &error), &error);
    rig_check(kr_scene_load(&scene, registry, source, overrides, count, &error), &error);
    rig_check(kr_session_create(&r->session, &scene, 1, &error), &error);
    kr_scene_destroy(&scene);
    rig_check(kr_scene_copy(&r->analysis.scene, kr_session_scene(r->session), &error), &error);
    rig_learn(r, kr_session_version(r->session));
    rig_look(r);
    rig_check(kr_canvas_create(&r->canvas, width, height, &error), &error);
    rig_check(kr_fonts_create(&r->fonts, &error), &error);
    rig_check(kr_landscape_panel_create(&r->panel, &error), &error);
    kr_theme_make(&r->theme, dark, scale);
    r->frame = (kr_frame){.canvas = &r->canvas,
                          .fonts = r->fonts,
                          .theme = &r->theme,
                          .widgets = &r->widgets,
                          .snapshot = &r->snapshot,
                          .analysis = &r->analysis,
                          .still = true};
}

static inline void rig_close(rig *r) {
    rig_forget(r);
    for (size_t v = 0; v < KR_MAX_VARIANTS; v++) free(r->snapshot.variant[v].position), free(r->snapshot.variant[v].velocity);
    kr_session_destroy(r->session);
    kr_landscape_panel_destroy(r->panel);
    kr_fonts_destroy(r->fonts);
    kr_canvas_destroy(&r->canvas);
}

static inline void rig_advance(rig *r, uint64_t steps) {
    kr_error error;
    rig_check(kr_session_advance(r->session, steps, &error), &error);
    rig_look(r);
}

static inline void rig_draw(rig *r, kr_rectangle area, const kr_input *input) {
    static const kr_input nothing = {.inside = false};
    kr_widgets_begin(&r->widgets, &r->canvas, r->fonts, &r->theme, input ? input : &nothing);
    kr_landscape_panel_draw(r->panel, &r->frame, area);
    kr_widgets_end(&r->widgets);
}

#endif
