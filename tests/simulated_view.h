/* A simulation without a thread, what is known about its scene, and a canvas to draw into: for tests of panels and instruments. */
#ifndef SIMULATED_VIEW_H
#define SIMULATED_VIEW_H

#include "plugin_setup.h"

#include "model/analysis.h"
#include "model/frame.h"

#include <kramers/kramers.h>

#include <stdlib.h>

typedef struct simulated_view {
    kr_scene scene;
    kr_simulation *simulation;
    kr_analyser *analyser;
    kr_canvas canvas;
    kr_fonts *fonts;
    kr_theme theme;
    kr_widgets widgets;
    const kr_snapshot *snapshot;
    const kr_analysis *analysis;
} simulated_view;

/* Takes the scene. */
static inline void view_open(simulated_view *v, kr_scene scene, int width, int height) {
    kr_error error;
    kr_simulation_options options = {.threads = 1, .synchronous = true};
    *v = (simulated_view){.scene = scene};
    require(kr_simulation_create(&v->simulation, &v->scene, &options, &error), &error);
    require(kr_analyser_create(&v->analyser, &error), &error);
    require(kr_canvas_create(&v->canvas, width, height, &error), &error);
    require(kr_fonts_create(&v->fonts, &error), &error);
    kr_theme_make(&v->theme, true, 1);
}

static inline void view_close(simulated_view *v) {
    kr_fonts_destroy(v->fonts);
    kr_canvas_destroy(&v->canvas);
    kr_analyser_destroy(v->analyser);
    kr_simulation_destroy(v->simulation);
    kr_scene_destroy(&v->scene);
}

/* all: with the theories, too. */
static inline void view_run(simulated_view *v, uint64_t steps, bool all) {
    kr_error error;
    if (steps) require(kr_simulation_run_steps(v->simulation, steps, &error), &error);
    v->snapshot = kr_simulation_snapshot(v->simulation);
    require(kr_analyser_update(v->analyser, v->snapshot->version, &v->snapshot->scene, all, &v->analysis, &error), &error);
    kr_analyser_look(v->analyser, v->snapshot, true);
}

/* An intervention takes place. */
static inline void view_intervene(simulated_view *v, const char *text) {
    kr_error error;
    assert_true(kr_simulation_intervene(v->simulation, text));
    require(kr_simulation_run_steps(v->simulation, 0, &error), &error);
    view_run(v, 0, false);
}

/* The frame that a panel draws; view_end after it. */
static inline kr_frame view_begin(simulated_view *v, const kr_snapshot *snapshot) {
    kr_input input = {.inside = true, .mouse = {1, 1}};
    kr_widgets_begin(&v->widgets, &v->canvas, v->fonts, &v->theme, &input);
    return (kr_frame){.canvas = &v->canvas,
                      .fonts = v->fonts,
                      .theme = &v->theme,
                      .widgets = &v->widgets,
                      .snapshot = snapshot,
                      .analysis = v->analysis,
                      .simulation = v->simulation,
                      .still = true};
}

static inline void view_end(simulated_view *v) {
    kr_widgets_end(&v->widgets);
}

enum { UNTOUCHED = 0x123456 };

static inline void view_clear(simulated_view *v) {
    kr_canvas_fill(&v->canvas, (kr_rectangle){0, 0, v->canvas.width, v->canvas.height}, 0xff000000u | UNTOUCHED);
}

/* How many colours there are inside of this area, at most some hundreds; nothing was drawn outside of it since the canvas was
 * cleared. */
static inline size_t view_colours(const simulated_view *v, kr_rectangle area, const char *what) {
    enum { PLACES = 4096 };
    uint32_t seen[PLACES] = {0}, last = 0; /* 0: a free place; pixels are opaque */
    size_t count = 0;
    for (int y = 0; y < v->canvas.height; y++)
        for (int x = 0; x < v->canvas.width; x++) {
            uint32_t pixel = v->canvas.pixel[y * v->canvas.width + x] | 0xff000000u;
            bool inside = x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height;
            if (!inside && pixel != (0xff000000u | UNTOUCHED)) fail_msg("%s: pixel %d %d outside its area was drawn", what, x, y);
            if (!inside || pixel == last || count == PLACES / 2) continue;
            size_t place = pixel * 2654435761u >> 20;
            while (seen[place] && seen[place] != pixel) place = (place + 1) % PLACES;
            count += !seen[place];
            last = seen[place] = pixel;
        }
    return count;
}

#endif
