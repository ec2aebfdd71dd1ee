/* A simulation without a thread, what is known about its scene, and the controls drawn into a canvas: for tests of the left column
 * and of lessons, driven by made-up mouse and keys. */
#ifndef CONTROLS_FIXTURE_H
#define CONTROLS_FIXTURE_H

#include "plugin_setup.h"

#include "model/analysis.h"
#include "model/frame.h"
#include <SDL_keycode.h>
#include <kramers/kramers.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct desk {
    kr_canvas canvas;
    kr_fonts *fonts;
    kr_theme theme;
    kr_widgets widgets;
    kr_input input; /* of the next frame */
    kr_simulation *simulation;
    kr_analyser *analyser;
    kr_controls_panel *controls;
    kr_lesson_panel *lesson;
    const kr_analysis *analysis;
    const kr_snapshot *snapshot;
    double bar; /* height of the lesson's */
} desk;

static inline void desk_look(desk *d) {
    kr_error error;
    d->snapshot = kr_simulation_snapshot(d->simulation);
    require(kr_analyser_update(d->analyser, d->snapshot->version, &d->snapshot->scene, false, &d->analysis, &error), &error);
    kr_analyser_look(d->analyser, d->snapshot, true);
}

static inline void desk_open(desk *d, const char *source, const char *const *overrides, size_t count, int width, int height,
                             bool dark, double scale) {
    kr_scene scene;
    kr_error error;
    const kr_registry *registry;
    kr_simulation_options options = {.threads = 1, .synchronous = true, .paused = true};
    *d = (desk){.bar = 0};
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(&scene, registry, source, overrides, count, &error), &error);
    require(kr_simulation_create(&d->simulation, &scene, &options, &error), &error);
    require(kr_analyser_create(&d->analyser, &error), &error);
    require(kr_lesson_panel_create(&d->lesson, &scene, &error), &error);
    kr_scene_destroy(&scene);
    require(kr_canvas_create(&d->canvas, width, height, &error), &error);
    require(kr_fonts_create(&d->fonts, &error), &error);
    require(kr_controls_panel_create(&d->controls, &error), &error);
    kr_theme_make(&d->theme, dark, scale);
    d->input = (kr_input){.inside = true, .mouse = {-100, -100}};
    require(kr_simulation_run_steps(d->simulation, 1, &error), &error);
    desk_look(d);
}

static inline void desk_close(desk *d) {
    kr_lesson_panel_destroy(d->lesson);
    kr_controls_panel_destroy(d->controls);
    kr_fonts_destroy(d->fonts);
    kr_canvas_destroy(&d->canvas);
    kr_analyser_destroy(d->analyser);
    kr_simulation_destroy(d->simulation);
}

/* For what a test draws itself: an empty canvas, with the input; kr_widgets_end(&d->widgets) ends it. */
static inline kr_frame desk_begin(desk *d) {
    kr_widgets_begin(&d->widgets, &d->canvas, d->fonts, &d->theme, &d->input);
    kr_canvas_fill(&d->canvas, (kr_rectangle){0, 0, d->canvas.width, d->canvas.height}, d->theme.background);
    return (kr_frame){.canvas = &d->canvas,
                      .fonts = d->fonts,
                      .theme = &d->theme,
                      .widgets = &d->widgets,
                      .snapshot = d->snapshot,
                      .analysis = d->analysis,
                      .simulation = d->simulation};
}

/* One frame of the window: draws, then lets the simulation take what was asked for and do a step. Presses and keys are used up. */
static inline void desk_frame(desk *d) {
    kr_error error;
    d->input.seconds += 1.0 / 60;
    const kr_frame frame = desk_begin(d);
    d->bar = kr_lesson_panel_height(d->lesson, d->fonts, &d->theme, d->canvas.width);
    double wide = 280 * d->theme.scale;
    kr_controls_panel_draw(d->controls, &frame, (kr_rectangle){0, 0, wide, d->canvas.height - d->bar});
    kr_lesson_panel_draw(d->lesson, &frame, (kr_rectangle){0, d->canvas.height - d->bar, d->canvas.width, d->bar});
    for (size_t i = 0; i < d->widgets.input.key_count; i++) kr_lesson_panel_key(d->lesson, &frame, d->widgets.input.key[i]);
    kr_widgets_end(&d->widgets);
    d->input.pressed = d->input.released = d->input.double_click = false;
    d->input.wheel = 0;
    d->input.key_count = 0;
    d->input.text[0] = 0;
    require(kr_simulation_run_steps(d->simulation, 1, &error), &error);
    desk_look(d);
}

static inline void desk_key(desk *d, int32_t key) {
    d->input.key[d->input.key_count++] = key;
    desk_frame(d);
}

static inline void desk_type(desk *d, const char *text) {
    snprintf(d->input.text, sizeof d->input.text, "%s", text);
    desk_frame(d);
}

static inline bool desk_focused(const desk *d, const char *identity) {
    return !strncmp(d->widgets.focus, identity, KR_IDENTITY - 1);
}

/* Tab until the control has the keyboard. */
static inline void desk_focus(desk *d, const char *identity) {
    for (int i = 0; i < 300; i++) {
        if (desk_focused(d, identity)) return;
        desk_key(d, SDLK_TAB);
    }
    fail_msg("Tab never comes to %s", identity);
}

#endif
