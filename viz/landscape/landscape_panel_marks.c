/* Axes of the panel, and what stands on the plane: minima, saddles, minimum-energy path, start and targets. */
#include "draw/plot_ticks.h"
#include "landscape_panel.h"

#include <math.h>
#include <stdio.h>

double kr_landscape_left_margin(const kr_theme *theme) {
    return round(4.6 * theme->small);
}

double kr_landscape_lower_margin(const kr_theme *theme) {
    return round(2.7 * theme->small);
}

static void axis_label(char *text, size_t size, const char *label, const kr_ticks *ticks) {
    snprintf(text, size, ticks->power[0] ? "%s / %s" : "%s", label, ticks->power);
}

void kr_landscape_ticks_x(const kr_frame *frame, kr_rectangle area, double low, double high, const char *label) {
    const kr_theme *theme = frame->theme;
    kr_axis axis = {.low = low, .high = high};
    kr_ticks ticks;
    kr_ticks_make(&ticks, &axis, fmax(2, area.width / (5 * theme->small)));
    double bottom = area.y + area.height, taken = -INFINITY;
    for (size_t k = 0; k < ticks.count; k++) {
        double x = area.x + (ticks.value[k] - low) / (high - low) * area.width;
        kr_canvas_line(frame->canvas, (kr_point){x, bottom}, (kr_point){x, bottom + 4 * theme->scale}, theme->scale, theme->edge);
        double half = 0.5 * kr_text_width(frame->fonts, theme->small, KR_REGULAR, ticks.text[k]);
        double middle = fmin(fmax(x, area.x + half), area.x + area.width - half);
        if (!ticks.text[k][0] || middle - half < taken) continue;
        kr_text_draw(frame->fonts, frame->canvas, middle, bottom + 0.95 * theme->small, theme->small, KR_REGULAR, KR_CENTER,
                     theme->faint_text, ticks.text[k]);
        taken = middle + half + 0.5 * theme->small;
    }
    char text[64];
    axis_label(text, sizeof text, label, &ticks);
    kr_text_fit(frame->fonts, frame->canvas, area.x + 0.5 * area.width, bottom + 2.1 * theme->small, area.width, theme->small,
                KR_REGULAR, KR_CENTER, theme->faint_text, text);
}

void kr_landscape_ticks_y(const kr_frame *frame, kr_rectangle area, double low, double high, const char *label, bool grid) {
    const kr_theme *theme = frame->theme;
    kr_axis axis = {.low = low, .high = high};
    kr_ticks ticks;
    kr_ticks_make(&ticks, &axis, fmax(2, area.height / (3 * theme->small)));
    for (size_t k = 0; k < ticks.count; k++) {
        double y = area.y + area.height - (ticks.value[k] - low) / (high - low) * area.height;
        double to = grid ? area.x + area.width : area.x;
        kr_canvas_line(frame->canvas, (kr_point){area.x - 4 * theme->scale, y}, (kr_point){to, y}, theme->scale,
                       grid ? theme->grid : theme->edge);
        if (ticks.text[k][0])
            kr_text_draw(frame->fonts, frame->canvas, area.x - 0.5 * theme->small, fmax(y, area.y + 0.5 * theme->small),
                         theme->small, KR_REGULAR, KR_RIGHT, theme->faint_text, ticks.text[k]);
    }
    char text[64];
    axis_label(text, sizeof text, label, &ticks);
    if (kr_text_width(frame->fonts, theme->small, KR_REGULAR, text) < area.height)
        kr_text_upright(frame->fonts, frame->canvas, area.x - kr_landscape_left_margin(theme) + 0.7 * theme->small,
                        area.y + 0.5 * area.height, theme->small, theme->faint_text, text);
}

/* White with a dark edge can be read on every colour of the maps, dark and light. */
static const kr_color bright = 0xffffffff, dark = 0xff101318;

static kr_color line_color(const kr_frame *frame) {
    return frame->theme->dark ? bright : dark;
}

static void cased_line(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t count,
                       const kr_point *world, double width, double dash, kr_color color) {
    kr_landscape_line(panel, frame, camera, count, world, width, dash, color,
                      (color & 0xffffffU) == (dark & 0xffffffU) ? bright : dark);
}

static void draw_path(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera) {
    enum { PIECE = 256 };
    const kr_path *path = &frame->analysis->path;
    const kr_plane *plane = &panel->plane;
    kr_point world[PIECE];
    for (size_t done = 0; path->dim == plane->dim && done + 1 < path->count;) {
        size_t n = path->count - done < PIECE ? path->count - done : PIECE;
        for (size_t k = 0; k < n; k++) world[k] = kr_plane_point(plane, path->position + (done + k) * path->dim);
        cased_line(panel, frame, camera, n, world, 1.7, 0, kr_color_fade(line_color(frame), 0.9));
        done += n - 1;
    }
}

/* A circle of the plane, which is an ellipse where the axes have different scales. */
static void draw_circle(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, kr_point center,
                        double radius, kr_color color) {
    enum { CORNERS = 72 };
    kr_point world[CORNERS + 1], points[CORNERS + 1];
    bool whole = true;
    for (int k = 0; k <= CORNERS; k++) {
        double angle = 2 * 3.14159265358979 * k / CORNERS;
        world[k] = (kr_point){center.x + radius * cos(angle), center.y + radius * sin(angle)};
        bool shown;
        points[k] = kr_landscape_pixel(panel, camera, world[k].x, world[k].y, &shown);
        whole &= shown;
    }
    if (whole) kr_canvas_polygon(frame->canvas, CORNERS, points, kr_color_fade(color, 0.16));
    cased_line(panel, frame, camera, CORNERS + 1, world, 1.8, 0, color);
}

static void fill_beyond(const kr_frame *frame, const kr_camera *camera, bool vertical, double position, bool above,
                        kr_color color) {
    kr_rectangle area = camera->area, side = area;
    double low = vertical ? area.x : area.y, high = low + (vertical ? area.width : area.height);
    double edge = fmin(fmax(position, low), high);
    bool upper = vertical ? above : !above; /* the side with the larger pixels */
    if (vertical)
        side.x = upper ? edge : low, side.width = upper ? high - edge : edge - low;
    else
        side.y = upper ? edge : low, side.height = upper ? high - edge : edge - low;
    kr_canvas_fill(frame->canvas, side, kr_color_fade(color, 0.14));
}

static void draw_edge(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, bool vertical, double at,
                      bool above, kr_color color) {
    if (!isfinite(at)) return;
    kr_box seen = kr_camera_seen(camera);
    kr_point p = kr_camera_pixel(camera, at, at);
    if (!kr_landscape_solid(panel)) fill_beyond(frame, camera, vertical, vertical ? p.x : p.y, above, color);
    if (vertical ? at < seen.low_x || at > seen.high_x : at < seen.low_y || at > seen.high_y) return;
    enum { POINTS = 33 }; /* a surface needs more than two */
    kr_point world[POINTS];
    for (int k = 0; k < POINTS; k++) {
        double f = (double)k / (POINTS - 1);
        world[k] = vertical ? (kr_point){at, seen.low_y + f * (seen.high_y - seen.low_y)}
                            : (kr_point){seen.low_x + f * (seen.high_x - seen.low_x), at};
    }
    cased_line(panel, frame, camera, POINTS, world, 1.8, 6, color);
}

static void draw_targets(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera) {
    const kr_model *model = &frame->analysis->model;
    const kr_plane *plane = &panel->plane;
    for (size_t t = 0; t < model->target_count; t++) {
        const kr_target *target = &model->targets[t];
        kr_color color = frame->theme->focus;
        if (target->radius > 0) {
            if (target->center) draw_circle(panel, frame, camera, kr_plane_point(plane, target->center), target->radius, color);
            continue;
        }
        if (plane->principal || (target->coordinate != plane->first && target->coordinate != plane->second)) continue;
        draw_edge(panel, frame, camera, target->coordinate == plane->first, target->below, false, color);
        draw_edge(panel, frame, camera, target->coordinate == plane->first, target->above, true, color);
    }
}

static void draw_minimum(const kr_frame *frame, kr_point at, int64_t number, bool named) {
    const kr_theme *theme = frame->theme;
    double radius = (named ? 8.5 : 4) * theme->scale;
    char text[24];
    kr_canvas_disc(frame->canvas, at, radius + 1.2 * theme->scale, dark);
    kr_canvas_disc(frame->canvas, at, radius, bright);
    if (!named) return;
    snprintf(text, sizeof text, "%lld", (long long)number);
    kr_text_draw(frame->fonts, frame->canvas, at.x, at.y, theme->small, KR_BOLD, KR_CENTER, dark, text);
}

static void draw_saddle(const kr_frame *frame, kr_point at) {
    double r = 4.5 * frame->theme->scale, scale = frame->theme->scale;
    kr_color color = line_color(frame), casing = color == dark ? bright : dark;
    kr_point a[2] = {{at.x - r, at.y - r}, {at.x + r, at.y + r}}, b[2] = {{at.x - r, at.y + r}, {at.x + r, at.y - r}};
    const kr_point *const line[2] = {a, b};
    for (int k = 0; k < 2; k++) {
        kr_canvas_polyline(frame->canvas, 2, line[k], 3.8 * scale, 0, kr_color_fade(casing, 0.45));
        kr_canvas_polyline(frame->canvas, 2, line[k], 2 * scale, 0, color);
    }
}

static bool inside(kr_rectangle area, kr_point at, double margin) {
    return at.x >= area.x - margin && at.x <= area.x + area.width + margin && at.y >= area.y - margin &&
           at.y <= area.y + area.height + margin;
}

/* Where a place is drawn; false: it is outside, or hidden by the surface. */
static bool place_of(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, double x, double y,
                     kr_point *at) {
    bool shown;
    *at = kr_landscape_pixel(panel, camera, x, y, &shown);
    return shown && (kr_landscape_solid(panel) || inside(camera->area, *at, 12 * frame->theme->scale));
}

void kr_landscape_draw_marks(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera) {
    enum { NAMED = 32 };
    const kr_analysis *analysis = frame->analysis;
    const kr_places *places = &panel->places;
    double radius = 13 * frame->theme->scale;
    bool named = places->count <= 2 * NAMED && camera->area.width > 200 * frame->theme->scale;
    kr_point at;
    draw_targets(panel, frame, camera);
    draw_path(panel, frame, camera);
    for (size_t k = 0; k < places->count; k++) {
        const kr_place *place = &places->place[k];
        if (place->index == 1 && place_of(panel, frame, camera, place->x, place->y, &at)) draw_saddle(frame, at);
    }
    for (size_t k = 0; k < places->count; k++) {
        const kr_place *place = &places->place[k];
        if (place->index == 0 && place_of(panel, frame, camera, place->x, place->y, &at))
            draw_minimum(frame, at, place->number, named && place->number >= 0);
    }
    if (kr_landscape_starts_anywhere(analysis)) return;
    kr_point start = kr_plane_point(&panel->plane, analysis->model.start);
    if (!place_of(panel, frame, camera, start.x, start.y, &at)) return;
    kr_canvas_ring(frame->canvas, at, radius, 4 * frame->theme->scale, kr_color_fade(dark, 0.5));
    kr_canvas_ring(frame->canvas, at, radius, 2 * frame->theme->scale, frame->theme->focus);
}

/* ---- what the marks mean ---- */

enum { START_SIGN, TARGET_SIGN, HATCHED_SIGN, SIGNS };

static void draw_sign(const kr_frame *frame, int sign, kr_point at, bool circle) {
    const kr_theme *theme = frame->theme;
    double scale = theme->scale, radius = 5 * scale;
    if (sign == START_SIGN) {
        kr_canvas_disc(frame->canvas, at, 3 * scale, bright);
        kr_canvas_ring(frame->canvas, at, radius, 2 * scale, theme->focus);
    } else if (sign == TARGET_SIGN && circle) {
        kr_canvas_disc(frame->canvas, at, radius, kr_color_fade(theme->focus, 0.16));
        kr_canvas_ring(frame->canvas, at, radius, 1.8 * scale, theme->focus);
    } else if (sign == TARGET_SIGN) {
        kr_point ends[2] = {{at.x, at.y - radius}, {at.x, at.y + radius}};
        kr_canvas_polyline(frame->canvas, 2, ends, 1.8 * scale, 3 * scale, theme->focus);
    } else {
        uint32_t last = theme->energy_map[KR_MAP_COLORS - 1];
        int half = (int)radius;
        for (int y = -half; y < half; y++)
            for (int x = -half; x < half; x++)
                kr_canvas_fill(frame->canvas, (kr_rectangle){floor(at.x) + x, floor(at.y) + y, 1, 1},
                               (x + y + 2 * half) % 5 < 2 ? kr_map_hatched(last) : last);
    }
}

void kr_landscape_draw_legend(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    const kr_model *model = &frame->analysis->model;
    bool shown[SIGNS] = {!kr_landscape_starts_anywhere(frame->analysis), model->target_count > 0,
                         panel->map.cut && !kr_landscape_solid(panel)};
    char number[32], text[SIGNS][64] = {"start", "target", ""};
    snprintf(text[HATCHED_SIGN], sizeof text[0], "V above %s", kr_text_number(panel->tone.high, 3, number, sizeof number));
    double width = 0, row = 1.5 * theme->small, sign = 1.6 * theme->small, y = 0,
           menus = kr_landscape_menus_height(panel, frame, area);
    size_t count = 0;
    area.y += menus;
    area.height -= menus;
    for (int i = 0; i < SIGNS; i++) {
        if (!shown[i]) continue;
        count++;
        width = fmax(width, kr_text_width(frame->fonts, theme->small, KR_REGULAR, text[i]) + sign + theme->gap);
    }
    if (!count || area.width < 2.5 * width || area.height < 4 * row * (double)count) return;
    kr_rectangle plate = {area.x + area.width - width - 0.5 * theme->gap, area.y + 0.5 * theme->gap, width,
                          row * (double)count + 0.5 * theme->gap};
    kr_canvas_fill_round(frame->canvas, plate, 3 * theme->scale, kr_color_fade(theme->panel, 0.82));
    for (int i = 0; i < SIGNS; i++) {
        if (!shown[i]) continue;
        double middle = plate.y + 0.25 * theme->gap + (y + 0.5) * row;
        draw_sign(frame, i, (kr_point){plate.x + 0.5 * theme->gap + 0.5 * theme->small, middle},
                  model->target_count && model->targets[0].radius > 0);
        kr_text_draw(frame->fonts, frame->canvas, plate.x + 0.5 * theme->gap + sign, middle, theme->small, KR_REGULAR, KR_LEFT,
                     theme->text, text[i]);
        y += 1;
    }
}
