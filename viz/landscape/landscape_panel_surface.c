/* The panel as a surface in three dimensions: the box, the particles as balls on it, and how it is turned. */
#include "landscape_surface.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double least_pitch = 0.12, most_pitch = 1.5707963267948966, turn_of_key = 0.1308996938995747; /* 7.5 degrees */

const kr_turn kr_landscape_first_turn = {0.5, 0.9};

double kr_landscape_solid_scale(const kr_landscape_panel *panel) {
    return panel->surface->solid.scale;
}

bool kr_landscape_solid(const kr_landscape_panel *panel) {
    return panel->shown == KR_VIEW_SURFACE && panel->dim > 1 && panel->surface->capacity && panel->map.shown;
}

void kr_landscape_turn(kr_landscape_panel *panel, double right, double up) {
    const double full = 2 * 3.141592653589793;
    panel->turn.yaw = remainder(panel->turn.yaw + right, full);
    panel->turn.pitch = fmin(fmax(panel->turn.pitch + up, least_pitch), most_pitch);
}

void kr_landscape_turn_by_keys(kr_landscape_panel *panel, int right, int up) {
    kr_landscape_turn(panel, right * turn_of_key, up * turn_of_key);
}

static kr_point offset_of(const kr_landscape_panel *panel, const kr_camera *camera) {
    return (kr_point){camera->area.x - panel->picture[0].x, camera->area.y - panel->picture[0].y};
}

static kr_solid_point project(const kr_landscape_panel *panel, double x, double y) {
    return kr_solid_project(&panel->surface->solid, x, y, panel->map.tone.low + kr_map_value(&panel->map, x, y));
}

static bool on_base(const kr_landscape_panel *panel, double x, double y) {
    kr_box seen = kr_camera_seen(&panel->surface->solid.ground);
    return x >= seen.low_x && x <= seen.high_x && y >= seen.low_y && y <= seen.high_y;
}

kr_point kr_landscape_pixel(const kr_landscape_panel *panel, const kr_camera *camera, double x, double y, bool *shown) {
    if (shown) *shown = true;
    if (!kr_landscape_solid(panel)) return kr_camera_pixel(camera, x, y);
    kr_point offset = offset_of(panel, camera);
    kr_solid_point at = project(panel, x, y);
    bool there = on_base(panel, x, y);
    if (shown) *shown = there && kr_surface_shows(panel->surface, &at);
    return there ? (kr_point){at.pixel.x + offset.x, at.pixel.y + offset.y} : (kr_point){NAN, NAN};
}

bool kr_landscape_world(const kr_landscape_panel *panel, const kr_camera *camera, kr_point pixel, kr_point *world) {
    *world = kr_camera_world(camera, pixel);
    if (!kr_landscape_solid(panel)) return true;
    kr_point offset = offset_of(panel, camera), at = {pixel.x - offset.x, pixel.y - offset.y};
    double away = kr_surface_away(panel->surface, at);
    *world = kr_solid_ground(&panel->surface->solid, at, away);
    return isfinite(away);
}

/* What is hidden stays as a faint line. */
static void draw_part(const kr_frame *frame, size_t count, const kr_point *points, bool shown, double width, double dash,
                      kr_color color, kr_color casing) {
    double scale = frame->theme->scale;
    if (count < 2) return;
    if (shown) kr_canvas_polyline(frame->canvas, count, points, (width + 1.8) * scale, 0, kr_color_fade(casing, 0.45));
    kr_canvas_polyline(frame->canvas, count, points, (shown ? width : 1) * scale, shown ? dash * scale : 3 * scale,
                       shown ? color : kr_color_fade(color, 0.4));
}

void kr_landscape_line(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t count,
                       const kr_point *world, double width, double dash, kr_color color, kr_color casing) {
    enum { PIECE = 256, PARTS = 64 };
    const double apart = 5; /* pixels of the map between points that are raised to the surface */
    kr_point points[PIECE];
    size_t used = 0;
    bool before = true;
    for (size_t k = 0; k < count; k++) {
        kr_point next = world[k + 1 < count ? k + 1 : k];
        double far = hypot((next.x - world[k].x) / camera->per_x, (next.y - world[k].y) / camera->per_y);
        int parts = kr_landscape_solid(panel) && isfinite(far) ? (int)fmin(fmax(ceil(far / apart), 1), PARTS) : 1;
        for (int i = 0; i < parts; i++) {
            double f = (double)i / parts;
            bool shown;
            kr_point at = kr_landscape_pixel(panel, camera, world[k].x + f * (next.x - world[k].x),
                                             world[k].y + f * (next.y - world[k].y), &shown);
            if (used == PIECE || (used && shown != before)) {
                kr_point last = points[used - 1];
                draw_part(frame, used, points, before, width, dash, color, casing);
                points[0] = last;
                used = 1;
            }
            before = shown;
            points[used++] = at;
        }
    }
    draw_part(frame, used, points, before, width, dash, color, casing);
}

/* ---- particles ---- */

/* From the farthest to the nearest. */
static void order(size_t count, const kr_ball *ball, uint32_t *index) {
    enum { PLACES = 1024 };
    size_t first[PLACES + 1] = {0};
    float low = INFINITY, high = -INFINITY;
    for (size_t k = 0; k < count; k++) {
        low = ball[k].away < low ? ball[k].away : low;
        high = ball[k].away > high ? ball[k].away : high;
    }
    float per = high > low ? (PLACES - 1) / (high - low) : 0;
    for (size_t k = 0; k < count; k++) first[(size_t)((high - ball[k].away) * per) + 1]++;
    for (size_t k = 0; k < PLACES; k++) first[k + 1] += first[k];
    for (size_t k = 0; k < count; k++) index[first[(size_t)((high - ball[k].away) * per)]++] = (uint32_t)k;
}

static size_t find_balls(const kr_landscape_panel *panel, const kr_snapshot_variant *ensemble, kr_ball *ball) {
    size_t used = 0;
    kr_projected at;
    for (size_t from = 0; from < ensemble->count; from += KR_PLANE_BATCH) {
        size_t n = ensemble->count - from < KR_PLANE_BATCH ? ensemble->count - from : KR_PLANE_BATCH;
        kr_plane_project(&panel->plane, ensemble, from, n, &at);
        for (size_t p = 0; p < n; p++) {
            double x = (double)at.x[p], y = (double)at.y[p];
            if (!on_base(panel, x, y)) continue; /* nor what is no number */
            kr_solid_point here = project(panel, x, y);
            ball[used++] =
                (kr_ball){(float)here.pixel.x, (float)here.pixel.y, (float)here.away, kr_surface_shows(panel->surface, &here)};
        }
    }
    return used;
}

/* A ball that cannot be seen leaves a point where it would be. Seen ones lie on the surface, with a light on their upper left. */
static void draw_balls(kr_landscape_panel *panel, const kr_frame *frame, kr_point offset, size_t count, const kr_ball *ball,
                       const uint32_t *index, kr_color color) {
    const kr_theme *theme = frame->theme;
    double radius = panel->dot.radius, rise = radius * panel->surface->solid.cos_pitch;
    kr_color rim = kr_color_fade(kr_color_mix(color, 0xff000000, 0.75), 0.8), light = kr_color_mix(color, 0xffffffff, 0.75);
    kr_color hidden = kr_color_fade(color, 0.6);
    for (size_t k = 0; k < count; k++)
        if (!ball[k].shown)
            kr_dot_draw(&panel->glint, frame->canvas, (double)ball[k].x + offset.x, (double)ball[k].y + offset.y, hidden,
                        kr_color_fade(theme->dark ? 0xff000000 : 0xffffffff, 0.25));
    for (size_t k = 0; k < count; k++) {
        const kr_ball *b = &ball[index[k]];
        if (!b->shown) continue;
        double x = (double)b->x + offset.x, y = (double)b->y + offset.y - rise;
        kr_dot_draw(&panel->dot, frame->canvas, x, y, color, rim);
        if (radius > 1.6) kr_dot_draw(&panel->glint, frame->canvas, x - 0.33 * radius, y - 0.36 * radius, light, 0);
    }
}

void kr_landscape_draw_balls(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t variant,
                             kr_color color) {
    const kr_snapshot_variant *ensemble = &frame->snapshot->variant[variant];
    kr_ball *ball = malloc(ensemble->count * sizeof *ball);
    uint32_t *index = malloc(ensemble->count * sizeof *index);
    double glint = fmax(0.3 * panel->dot.radius, 0.5);
    if (panel->glint.radius != kr_dot_radius(glint)) kr_dot_make(&panel->glint, glint);
    size_t count = ball && index ? find_balls(panel, ensemble, ball) : 0;
    if (count) order(count, ball, index);
    draw_balls(panel, frame, offset_of(panel, camera), count, ball, index, color);
    panel->balls[variant] = panel->hidden_balls[variant] = 0;
    for (size_t k = 0; k < count; k++) {
        panel->balls[variant]++;
        panel->hidden_balls[variant] += !ball[k].shown;
    }
    free(ball);
    free(index);
}

/* ---- the panel ---- */

/* A single picture has the room of the flat axes as well; the surface's area is on whole pixels. */
bool kr_landscape_place_surface(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const double rest = 0.15; /* seconds without a change until it is drawn as finely as it can be */
    kr_rectangle picture = panel->picture[0];
    if (panel->pictures == 1) {
        picture.width += picture.x - area.x;
        picture.x = area.x;
        picture.height = area.height;
    }
    if (panel->dim > 2) { /* menus above, captions below */
        double above = frame->theme->line + frame->theme->gap;
        double below = area.y + area.height - panel->picture[0].y - panel->picture[0].height + 4.2 * frame->theme->small;
        if (picture.height > 2 * (above + below)) picture.y += above, picture.height -= above + below;
    }
    kr_solid solid;
    double margin = fmin(3.4 * frame->theme->small, 0.13 * fmin(picture.width, picture.height));
    picture = (kr_rectangle){floor(picture.x), floor(picture.y), floor(picture.width), floor(picture.height)};
    kr_solid_place(&solid, picture, &panel->camera, &panel->map.tone, panel->turn, margin);
    if (!panel->map.shown) return false;
    double now = frame->widgets ? frame->widgets->input.seconds : 0;
    const kr_solid *before = &panel->surface->solid;
    if (before->yaw != solid.yaw || before->pitch != solid.pitch || panel->surface->made != panel->map.made)
        panel->stirred_at = now;
    panel->stirred = now - panel->stirred_at < rest;
    return kr_surface_update(panel->surface, &solid, &panel->map, frame->theme, !frame->still && panel->stirred, NULL) == KR_OK;
}

void kr_landscape_draw_surface(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera) {
    kr_solid solid = panel->surface->solid;
    kr_point offset = offset_of(panel, camera);
    solid.area.x += offset.x, solid.area.y += offset.y;
    solid.origin.x += offset.x, solid.origin.y += offset.y;
    kr_canvas_fill(frame->canvas, solid.area, frame->theme->background);
    kr_solid_draw_back(&solid, frame);
    kr_surface_paint(panel->surface, frame->canvas, offset);
}

void kr_landscape_draw_surface_axes(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera,
                                    const char *x_name, const char *y_name, kr_rectangle corner) {
    kr_solid solid = panel->surface->solid;
    kr_point offset = offset_of(panel, camera);
    solid.area.x += offset.x, solid.area.y += offset.y;
    solid.origin.x += offset.x, solid.origin.y += offset.y;
    kr_letters letters = {.count = 1, .place = {corner}};
    kr_solid_draw_axes(&solid, frame, x_name, y_name, &letters);
}

/* What kind of picture it is, and what of it is not as it is. */
void kr_landscape_surface_caption(const kr_landscape_panel *panel, char *text, size_t size) {
    const kr_surface *surface = panel->surface;
    char low[32], high[32];
    kr_text_number(surface->solid.tone.low, 3, low, sizeof low);
    kr_text_number(surface->solid.tone.high, 3, high, sizeof high);
    int used = snprintf(text, size, "parallel projection");
    if (surface->cut_above) used += snprintf(text + used, size - (size_t)used, "; hatched: cut off at V = %s", high);
    if (surface->cut_below)
        snprintf(text + used, size - (size_t)used, surface->cut_above ? " and %s" : "; hatched: cut off at V = %s", low);
}
