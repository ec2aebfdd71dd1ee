/* From one step to the next: the curve x' = x - lr V'(x) beside the diagonal, and the way of one point between the two. */
#include "landscape_panel.h"
#include "landscape_step.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_COLUMNS = 4096, MOST_ORBITS = 6, WAY = 48 };

static kr_step_map map_of(const kr_frame *frame) {
    return (kr_step_map){kr_present_landscape(frame->analysis), frame->snapshot->learning_rate};
}

static void place_camera(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    if (panel->step.per_x > 0) {
        kr_camera_resize(&panel->step, area, true);
        return;
    }
    kr_box box = kr_landscape_home_line(frame->analysis, &panel->plane, &panel->places, frame->snapshot);
    box.low_y = box.low_x, box.high_y = box.high_x; /* the same numbers on both axes */
    kr_camera_fit(&panel->step, area, box, false);
}

static void draw_curve(const kr_landscape_panel *panel, const kr_frame *frame, const kr_step_map *map) {
    const kr_camera *camera = &panel->step;
    const kr_theme *theme = frame->theme;
    size_t n = (size_t)fmin(camera->area.width + 2, MOST_COLUMNS);
    kr_point *points = malloc(n * sizeof *points);
    kr_box seen = kr_camera_seen(camera);
    double low = fmax(seen.low_x, seen.low_y), high = fmin(seen.high_x, seen.high_y);
    if (high > low)
        kr_canvas_line(frame->canvas, kr_camera_pixel(camera, low, low), kr_camera_pixel(camera, high, high), 1.2 * theme->scale,
                       theme->faint_text);
    if (!points) return;
    for (size_t i = 0; i < n; i++) {
        double x = kr_camera_world(camera, (kr_point){camera->area.x + camera->area.width * (double)i / (double)(n - 1), 0}).x;
        points[i] = kr_camera_pixel(camera, x, kr_step_next(map, x));
    }
    kr_canvas_polyline(frame->canvas, n, points, 2.4 * theme->scale, 0, theme->accent);
    free(points);
}

/* Filled: the step comes back to it. A ring: it leaves it. */
static void draw_fixed_points(const kr_landscape_panel *panel, const kr_frame *frame, const kr_step_map *map) {
    const kr_theme *theme = frame->theme;
    double radius = 5 * theme->scale;
    for (size_t k = 0; k < panel->places.count; k++) {
        double x = panel->places.place[k].x, slope = kr_step_slope(map, x);
        kr_point at = kr_camera_pixel(&panel->step, x, x);
        kr_canvas_disc(frame->canvas, at, radius + 1.5 * theme->scale, theme->background);
        if (fabs(slope) < 1)
            kr_canvas_disc(frame->canvas, at, radius, theme->text);
        else
            kr_canvas_ring(frame->canvas, at, radius, 2.2 * theme->scale, theme->text);
    }
}

static void draw_orbits(kr_landscape_panel *panel, const kr_frame *frame, const kr_step_map *map) {
    const kr_theme *theme = frame->theme;
    const kr_camera *camera = &panel->step;
    kr_box seen = kr_camera_seen(camera);
    kr_step_orbit orbit[MOST_ORBITS];
    double widen = 0.25 * (seen.high_x - seen.low_x);
    panel->orbits = kr_step_orbits(map, seen.low_x - widen, seen.high_x + widen, MOST_ORBITS, orbit);
    panel->stable_orbits = 0;
    for (size_t k = 0; k < panel->orbits; k++) {
        const kr_step_orbit *o = &orbit[k];
        bool stable = fabs(o->multiplier) < 1;
        kr_color color = kr_color_fade(theme->variant[2], stable ? 1 : 0.7);
        kr_point square[5] = {kr_camera_pixel(camera, o->low, o->low), kr_camera_pixel(camera, o->low, o->high),
                              kr_camera_pixel(camera, o->high, o->high), kr_camera_pixel(camera, o->high, o->low),
                              kr_camera_pixel(camera, o->low, o->low)};
        kr_canvas_polyline(frame->canvas, 5, square, (stable ? 2.4 : 1.4) * theme->scale, stable ? 0 : 6 * theme->scale, color);
        panel->stable_orbits += stable;
    }
}

/* Of the mouse where it is on the picture, else of the followed particle, else of the first. */
static double beginning(const kr_landscape_panel *panel, const kr_frame *frame, const char **whose) {
    const kr_snapshot_variant *ensemble = &frame->snapshot->variant[0];
    kr_rectangle area = panel->step.area;
    uint64_t p = panel->followed.particle;
    *whose = "the mouse";
    if (frame->widgets && frame->widgets->input.inside && !kr_widgets_own_mouse(frame->widgets)) {
        kr_point mouse = frame->widgets->input.mouse;
        if (mouse.x >= area.x && mouse.x < area.x + area.width && mouse.y >= area.y && mouse.y < area.y + area.height)
            return kr_camera_world(&panel->step, mouse).x;
    }
    bool followed = p < ensemble->count;
    *whose = followed ? "the followed particle" : "particle 0";
    return ensemble->position && ensemble->count ? (double)ensemble->position[followed ? p : 0] : NAN;
}

static void draw_way(const kr_landscape_panel *panel, const kr_frame *frame, const kr_step_map *map, double x) {
    const kr_camera *camera = &panel->step;
    const kr_theme *theme = frame->theme;
    kr_point before = kr_camera_pixel(camera, x, kr_camera_seen(camera).low_y);
    if (!isfinite(x)) return;
    for (int k = 0; k < WAY && isfinite(x) && fabs(x) < 1e12; k++) {
        double next = kr_step_next(map, x);
        kr_point up = kr_camera_pixel(camera, x, next), over = kr_camera_pixel(camera, next, next);
        kr_color color = kr_color_fade(theme->focus, 1 - 0.75 * k / WAY);
        if (!isfinite(up.y) || !isfinite(over.x)) return;
        kr_point corner[3] = {before, up, over};
        kr_canvas_polyline(frame->canvas, 3, corner, 1.7 * theme->scale, 0, color);
        if (k == 0) kr_canvas_disc(frame->canvas, up, 4 * theme->scale, theme->focus);
        before = over;
        x = next;
    }
}

static void draw_particles(kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_snapshot_variant *ensemble = &frame->snapshot->variant[0];
    size_t n = ensemble->count < KR_LANDSCAPE_BALLS ? ensemble->count : KR_LANDSCAPE_BALLS;
    double radius = 2.6 * frame->theme->scale;
    if (panel->dot.radius != kr_dot_radius(radius)) kr_dot_make(&panel->dot, radius);
    for (size_t p = 0; ensemble->position && p < n; p++) {
        double x = (double)ensemble->position[p];
        kr_point at = kr_camera_pixel(&panel->step, x, x);
        if (isfinite(at.x))
            kr_dot_draw(&panel->dot, frame->canvas, at.x, at.y, frame->theme->variant[0],
                        frame->theme->dark ? 0xa0101318 : kr_color_mix(frame->theme->variant[0], 0xff000000, 0.5));
    }
}

/* What lr x curvature is where it is largest, and what follows. */
static void draw_captions(const kr_landscape_panel *panel, const kr_frame *frame, const kr_step_map *map, const char *whose) {
    kr_rectangle area = panel->step.area;
    double largest = -INFINITY;
    char text[200], number[32];
    for (size_t k = 0; k < panel->places.count; k++)
        if (panel->places.place[k].index == 0) largest = fmax(largest, 1 - kr_step_slope(map, panel->places.place[k].x));
    snprintf(text, sizeof text, "one step without noise, from %s; \xce\xb7 = %s", whose,
             kr_text_number(map->learning_rate, 3, number, sizeof number));
    kr_landscape_caption(frame, area, false, false, frame->theme->text, text);
    if (!isfinite(largest)) return;
    area.y += 2 * frame->theme->small, area.height -= 2 * frame->theme->small;
    const char *then = largest > 2 ? panel->stable_orbits ? " > 2: it swings to and fro" : " > 2: unstable" : " < 2: stable";
    snprintf(text, sizeof text, "\xce\xb7 \xc3\x97 curvature of the minima up to %s%s",
             kr_text_number(largest, 3, number, sizeof number), then);
    kr_landscape_caption(frame, area, false, false, largest > 2 ? frame->theme->warning : frame->theme->text, text);
}

void kr_landscape_draw_step(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    bool axes = area.width >= 150 * theme->scale && area.height >= 120 * theme->scale;
    double left = axes ? kr_landscape_left_margin(theme) : 0, below = axes ? kr_landscape_lower_margin(theme) : 0;
    kr_rectangle inner = {area.x + left, area.y, area.width - left - (axes ? round(0.6 * theme->gap) : 0), area.height - below};
    panel->pictures = panel->columns = 1;
    panel->picture[0] = inner;
    place_camera(panel, frame, inner);
    if (!frame->snapshot || !frame->snapshot->variants) return;
    kr_box seen = kr_camera_seen(&panel->step);
    kr_step_map map = map_of(frame);
    const char *whose;
    double x = beginning(panel, frame, &whose);
    if (axes) {
        kr_landscape_ticks_x(frame, inner, seen.low_x, seen.high_x, "x");
        kr_landscape_ticks_y(frame, inner, seen.low_y, seen.high_y, "x \xe2\x88\x92 \xce\xb7 V\xe2\x80\xb2(x)", false);
    }
    kr_rectangle before = kr_canvas_clip(frame->canvas, inner);
    draw_curve(panel, frame, &map);
    draw_orbits(panel, frame, &map);
    draw_particles(panel, frame);
    draw_way(panel, frame, &map, x);
    draw_fixed_points(panel, frame, &map);
    draw_captions(panel, frame, &map, whose);
    kr_canvas_unclip(frame->canvas, before);
}
