/* One dimension: V(x) as a track with the particles as balls on it, levels of energy, and below it the densities. */
#include "landscape_panel.h"

#include <kramers/critical_points.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_COLUMNS = 8192, MOST_BALLS = KR_LANDSCAPE_BALLS };

static kr_color ground_color(const kr_theme *theme) {
    return kr_color_mix(theme->panel, theme->accent, theme->dark ? 0.16 : 0.13);
}

static void draw_curve(const kr_frame *frame, const kr_camera *camera) {
    const kr_theme *theme = frame->theme;
    size_t n = (size_t)fmin(camera->area.width + 2, MOST_COLUMNS);
    double *x = malloc(2 * n * sizeof *x), *energy = x + n;
    kr_point *points = malloc(n * sizeof *points);
    if (x && points) {
        for (size_t i = 0; i < n; i++)
            x[i] = kr_camera_world(camera, (kr_point){camera->area.x + camera->area.width * (double)i / (double)(n - 1), 0}).x;
        kr_landscape_energy(kr_present_landscape(frame->analysis), n, x, energy);
        double far = 4 * camera->area.height;
        for (size_t i = 0; i < n; i++) {
            points[i] = kr_camera_pixel(camera, x[i], energy[i]);
            points[i].y = fmin(fmax(points[i].y, camera->area.y - far), camera->area.y + camera->area.height + far);
        }
        kr_canvas_area(frame->canvas, n, points, camera->area.y + camera->area.height, ground_color(theme));
        kr_canvas_polyline(frame->canvas, n, points, 2.4 * theme->scale, 0, kr_color_mix(theme->accent, theme->text, 0.35));
    }
    free(x);
    free(points);
}

static void draw_targets(const kr_frame *frame, const kr_camera *camera, kr_landscape_levels *levels) {
    const kr_model *model = &frame->analysis->model;
    const kr_theme *theme = frame->theme;
    kr_rectangle area = camera->area;
    for (size_t t = 0; t < model->target_count; t++) {
        const kr_target *target = &model->targets[t];
        kr_interval side[2] = {{-INFINITY, target->below}, {target->above, INFINITY}};
        if (target->radius > 0) {
            side[0] = (kr_interval){target->center[0] - target->radius, target->center[0] + target->radius};
            side[1] = (kr_interval){INFINITY, INFINITY};
        }
        for (int k = 0; k < 2; k++) {
            double left = fmax(kr_camera_pixel(camera, side[k].low, 0).x, area.x);
            double right = fmin(kr_camera_pixel(camera, side[k].high, 0).x, area.x + area.width);
            if (!(right > left)) continue;
            kr_rectangle band = {left, area.y, right - left, area.height};
            kr_canvas_fill(frame->canvas, band, kr_color_fade(theme->focus, theme->dark ? 0.09 : 0.12));
            const double edge[2] = {side[k].low, side[k].high};
            for (int e = 0; e < 2; e++) {
                if (!isfinite(edge[e])) continue;
                double x = kr_camera_pixel(camera, edge[e], 0).x;
                kr_point line[2] = {{x, area.y}, {x, area.y + area.height}};
                kr_canvas_polyline(frame->canvas, 2, line, 1.5 * theme->scale, 6 * theme->scale, theme->focus);
            }
            if (levels->targets < KR_MOST_LEVELS) levels->target[levels->targets++] = (kr_interval){left, right};
        }
    }
}

/* A level of energy from one side to the other. */
static void draw_level(const kr_frame *frame, kr_landscape_levels *levels, const kr_camera *camera, double energy, kr_color color,
                       const char *name) {
    kr_rectangle area = camera->area;
    double y = kr_camera_pixel(camera, 0, energy).y;
    if (!(y >= area.y && y <= area.y + area.height)) return;
    for (size_t k = 0; k < levels->count; k++) /* barriers of the same height */
        if (levels->level[k].color == color && fabs(levels->level[k].y - y) < 0.5) return;
    kr_point line[2] = {{area.x, y}, {area.x + area.width, y}};
    kr_canvas_polyline(frame->canvas, 2, line, 1.4 * frame->theme->scale, 5 * frame->theme->scale, color);
    if (levels->count < KR_MOST_LEVELS) levels->level[levels->count++] = (kr_level){energy, y, color, name};
}

static void draw_levels(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera,
                        kr_landscape_levels *levels) {
    const kr_places *places = &panel->places;
    const kr_snapshot *snapshot = frame->snapshot;
    const kr_theme *theme = frame->theme;
    bool periodic = frame->analysis->model.landscape.type->period > 0;
    size_t tops = 0;
    for (size_t k = 0; k < places->count && tops < 8; k++)
        if (places->place[k].index == 1 && ++tops)
            draw_level(frame, levels, camera, places->place[k].energy, theme->faint_text, periodic ? "top" : "barrier");
    for (size_t v = 0; snapshot && v < snapshot->variants; v++) {
        const kr_snapshot_variant *variant = &snapshot->variant[v];
        bool alone = snapshot->variants == 1;
        double total = variant->potential + variant->kinetic;
        if (isfinite(variant->potential))
            draw_level(frame, levels, camera, variant->potential, alone ? theme->potential : theme->variant[v % 4], "mean V");
        if (alone && variant->has_velocity && isfinite(total))
            draw_level(frame, levels, camera, total, theme->kinetic, "mean energy");
    }
}

static void mark_minimum(const kr_frame *frame, const kr_camera *camera, double x, int64_t number) {
    const kr_theme *theme = frame->theme;
    kr_point at = kr_camera_pixel(camera, x, kr_landscape_energy_at(kr_present_landscape(frame->analysis), x));
    char text[64], value[32];
    if (!(at.x > camera->area.x && at.x < camera->area.x + camera->area.width)) return;
    kr_canvas_disc(frame->canvas, at, 3 * theme->scale, theme->text);
    if (camera->area.width < 200 * theme->scale || at.y + 1.7 * theme->small > camera->area.y + camera->area.height) return;
    snprintf(text, sizeof text, "minimum %s", kr_text_number((double)number, 15, value, sizeof value));
    double wide = kr_text_width(frame->fonts, theme->small, KR_REGULAR, text) + 0.4 * theme->small; /* over lines of levels */
    bool both = at.y + 2.6 * theme->small < camera->area.y + camera->area.height;
    at.x = fmin(fmax(at.x, camera->area.x + 0.5 * wide), camera->area.x + camera->area.width - 0.5 * wide);
    kr_canvas_fill(frame->canvas,
                   (kr_rectangle){at.x - 0.5 * wide, at.y + 0.5 * theme->small, wide, (both ? 2.3 : 1.15) * theme->small},
                   kr_color_fade(ground_color(theme), 0.85));
    kr_text_draw(frame->fonts, frame->canvas, at.x, at.y + 1.1 * theme->small, theme->small, KR_REGULAR, KR_CENTER, theme->text,
                 text);
    double energy = kr_landscape_energy_at(kr_present_landscape(frame->analysis), x);
    snprintf(text, sizeof text, "V = %s", kr_landscape_energy_text(camera, energy, value, sizeof value));
    if (both)
        kr_text_draw(frame->fonts, frame->canvas, at.x, at.y + 2.2 * theme->small, theme->small, KR_REGULAR, KR_CENTER,
                     theme->faint_text, text);
}

static void draw_minima(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera) {
    enum { PERIODS = 12 };
    const kr_places *places = &panel->places;
    const kr_landscape *landscape = kr_present_landscape(frame->analysis);
    if (landscape->type->period > 0) {
        int64_t middle = (int64_t)floor(fmin(fmax(camera->x / landscape->type->period, -1e9), 1e9));
        for (int64_t number = middle - PERIODS; places->count && number <= middle + PERIODS; number++) {
            double x;
            if (kr_minimum_position(landscape, number, &x, NULL) == KR_OK) mark_minimum(frame, camera, x, number);
        }
        return;
    }
    for (size_t k = 0; k < places->count; k++)
        if (places->place[k].number >= 0) mark_minimum(frame, camera, places->place[k].x, places->place[k].number);
}

static void draw_start(const kr_frame *frame, const kr_camera *camera) {
    double x = frame->analysis->model.start[0], scale = frame->theme->scale;
    kr_point at = kr_camera_pixel(camera, x, kr_landscape_energy_at(kr_present_landscape(frame->analysis), x));
    kr_point top = {at.x, fmax(at.y - 34 * scale, camera->area.y + 12 * scale)};
    kr_canvas_line(frame->canvas, at, top, 1.4 * scale, frame->theme->focus);
    kr_point flag[3] = {{top.x, top.y - 7 * scale}, {top.x + 14 * scale, top.y - 1 * scale}, {top.x, top.y + 5 * scale}};
    kr_canvas_polygon(frame->canvas, 3, flag, frame->theme->focus);
}

/* Places a few pixels wide where there are balls of any variant: many balls at one place look like one. */
static size_t occupied(const kr_snapshot *snapshot, const kr_camera *camera, size_t each, double place) {
    enum { PLACES = 1024 };
    bool taken[PLACES] = {false};
    size_t count = 0;
    for (size_t v = 0; v < snapshot->variants; v++) {
        const kr_snapshot_variant *variant = &snapshot->variant[v];
        for (size_t p = 0; variant->position && variant->dim == 1 && p < variant->count && p < each; p++) {
            double at = (kr_camera_pixel(camera, (double)variant->position[p], 0).x - camera->area.x) / place;
            if (!(at >= 0 && at < PLACES) || taken[(size_t)at]) continue;
            taken[(size_t)at] = true;
            count++;
        }
    }
    return count;
}

/* The fewer balls, the larger; a small change of their number leaves the size as it is. */
static void size_balls(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t each) {
    double scale = frame->theme->scale, shown = (double)occupied(frame->snapshot, camera, each, 4 * scale);
    double radius = fmax(3, 9.5 - 3.2 * log10(fmax(shown, 1))) * scale;
    if (camera->area.width < 200 * scale) radius *= 0.7;
    radius = kr_dot_radius(radius);
    if (fabs(panel->dot.radius - radius) > 0.7 * scale || panel->dot.radius > 9.5 * scale) kr_dot_make(&panel->dot, radius);
}

/* Balls lie on the track: their middle is a radius away from it, at a right angle. */
static void draw_balls(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera) {
    const kr_snapshot *snapshot = frame->snapshot;
    const kr_theme *theme = frame->theme;
    if (!snapshot || !snapshot->variants) return;
    size_t each = MOST_BALLS / snapshot->variants;
    size_balls(panel, frame, camera, each);
    double x[3 * MOST_BALLS], energy[3 * MOST_BALLS], reach = 0.5 * camera->per_x;
    for (size_t v = snapshot->variants; v-- > 0;) {
        const kr_snapshot_variant *variant = &snapshot->variant[v];
        size_t n = variant->count < each ? variant->count : each;
        if (!variant->position || variant->dim != 1) continue;
        for (size_t p = 0; p < n; p++)
            for (size_t k = 0; k < 3; k++) x[k * n + p] = (double)variant->position[p] + reach * ((double)k - 1);
        kr_landscape_energy(kr_present_landscape(frame->analysis), 3 * n, x, energy);
        for (size_t p = 0; p < n; p++) {
            kr_point at = kr_landscape_ball_at(camera, panel->dot.radius, x[n + p], energy[p], energy[n + p], energy[2 * n + p]);
            if (isfinite(at.x) && isfinite(at.y))
                kr_dot_draw(&panel->dot, frame->canvas, at.x, at.y, theme->variant[v % 4], 0xff101318);
        }
    }
}

static void split(kr_rectangle area, const kr_theme *theme, kr_rectangle *track, kr_rectangle *strip) {
    bool axes = area.width >= 150 * theme->scale && area.height >= 120 * theme->scale;
    double left = axes ? kr_landscape_left_margin(theme) : 0, below = axes ? kr_landscape_lower_margin(theme) : 0;
    double gap = round(0.6 * theme->gap);
    *track = (kr_rectangle){area.x + left, area.y, area.width - left - (axes ? gap : 0), area.height - below};
    *strip = (kr_rectangle){0, 0, 0, 0};
    if (area.height < 230 * theme->scale || !axes) return;
    double height = round(0.3 * track->height);
    *strip = (kr_rectangle){track->x, track->y + track->height - height, track->width, height};
    track->height -= height + gap;
}

static void place_camera(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle track) {
    if (!panel->moved && panel->camera.per_x == 0) {
        kr_box box = kr_landscape_home_line(frame->analysis, &panel->plane, &panel->places, frame->snapshot);
        /* Below the wells there must be room for their names. */
        kr_box_join(&box, panel->reach);
        double names = 2.9 * frame->theme->small / track.height, there = 0.11;
        if (names > there && names < 0.4) box.low_y -= (names - there) * (box.high_y - box.low_y);
        kr_camera_fit(&panel->camera, track, box, false);
    } else
        kr_camera_resize(&panel->camera, track, true);
    panel->pictures = panel->columns = 1;
    panel->picture[0] = track;
}

void kr_landscape_draw_line(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    kr_rectangle track, strip;
    split(area, frame->theme, &track, &strip);
    place_camera(panel, frame, track);
    const kr_camera *camera = &panel->camera;
    kr_box seen = kr_camera_seen(camera);
    bool axes = track.x > area.x;
    if (axes) {
        kr_landscape_ticks_y(frame, track, seen.low_y, seen.high_y, "V", true);
        kr_rectangle lowest = strip.height > 0 ? strip : track;
        kr_landscape_ticks_x(frame, lowest, seen.low_x, seen.high_x, "x");
    }
    kr_rectangle before = kr_canvas_clip(frame->canvas, track);
    kr_landscape_levels levels = {0};
    draw_targets(frame, camera, &levels);
    draw_curve(frame, camera);
    draw_levels(panel, frame, camera, &levels);
    draw_minima(panel, frame, camera);
    draw_start(frame, camera);
    draw_balls(panel, frame, camera);
    kr_landscape_name_levels(&levels, panel, frame, camera, ground_color(frame->theme));
    kr_landscape_draw_followed(panel, frame, camera, 0);
    kr_control_points_draw(&panel->control, frame, camera);
    kr_canvas_unclip(frame->canvas, before);
    if (strip.height > 0) kr_landscape_draw_density_strip(panel, frame, strip);
}
