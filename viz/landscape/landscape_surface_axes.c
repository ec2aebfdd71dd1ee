/* The box that the surface stands in, with numbers along its edges. */
#include "draw/plot_ticks.h"
#include "landscape_surface.h"

#include <math.h>
#include <stdio.h>

/* A corner or an edge's point of the box: a, b of the base and z in units of it. */
static kr_point at(const kr_solid *solid, double a, double b, double z) {
    double away = b * solid->cos_yaw - a * solid->sin_yaw;
    return (kr_point){solid->origin.x + solid->scale * (a * solid->cos_yaw + b * solid->sin_yaw),
                      solid->origin.y - solid->scale * (away * solid->sin_pitch + z * solid->cos_pitch)};
}

/* The sides of the base that are nearer to the viewer. */
static double near_a(const kr_solid *solid) {
    return solid->sin_yaw >= 0 ? solid->half_x : -solid->half_x;
}

static double near_b(const kr_solid *solid) {
    return solid->cos_yaw >= 0 ? -solid->half_y : solid->half_y;
}

static bool upright_seen(const kr_solid *solid, const kr_theme *theme) {
    return solid->height * solid->scale * solid->cos_pitch > 2.4 * theme->small;
}

static void energy_ticks(const kr_solid *solid, const kr_theme *theme, kr_ticks *ticks) {
    kr_axis axis = {.low = solid->tone.low, .high = solid->tone.high};
    kr_ticks_make(ticks, &axis, fmax(2, solid->height * solid->scale * solid->cos_pitch / (2.6 * theme->small)));
}

static double height_of(const kr_solid *solid, double energy) {
    return solid->height * (energy - solid->tone.low) / (solid->tone.high - solid->tone.low);
}

void kr_solid_draw_back(const kr_solid *solid, const kr_frame *frame) {
    const kr_theme *theme = frame->theme;
    double a = -near_a(solid), b = -near_b(solid), width = theme->scale;
    kr_ticks ticks;
    if (!upright_seen(solid, theme)) return;
    energy_ticks(solid, theme, &ticks);
    const kr_color color = kr_color_mix(theme->background, theme->faint_text, 0.3);
    for (size_t k = 0; k < ticks.count; k++) {
        if (ticks.minor[k]) continue;
        double z = height_of(solid, ticks.value[k]);
        kr_point wall[3] = {at(solid, -a, b, z), at(solid, a, b, z), at(solid, a, -b, z)};
        kr_canvas_polyline(frame->canvas, 3, wall, width, 0, color);
    }
    const double corner[3][2] = {{-a, b}, {a, b}, {a, -b}};
    for (int k = 0; k < 3; k++)
        kr_canvas_line(frame->canvas, at(solid, corner[k][0], corner[k][1], 0),
                       at(solid, corner[k][0], corner[k][1], solid->height), width, theme->edge);
}

static bool overlap(kr_rectangle a, kr_rectangle b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/* A text whose middle lies this far out from a point; false: there is no room for it. */
static bool put(const kr_solid *solid, const kr_frame *frame, kr_letters *letters, kr_point from, kr_point way, double far,
                const char *text) {
    const kr_theme *theme = frame->theme;
    double width = kr_text_width(frame->fonts, theme->small, KR_REGULAR, text), height = 1.2 * theme->small;
    double reach = far + 0.5 * (fabs(way.x) * width + fabs(way.y) * height);
    kr_point middle = {from.x + reach * way.x, from.y + reach * way.y};
    double margin = 0.3 * theme->small;
    kr_rectangle place = {middle.x - 0.5 * width - margin, middle.y - 0.5 * height, width + 2 * margin, height};
    const kr_rectangle *area = &solid->area;
    if (place.x < area->x || place.y < area->y || place.x + place.width > area->x + area->width ||
        place.y + place.height > area->y + area->height || letters->count == KR_SOLID_LETTERS)
        return false;
    for (size_t k = 0; k < letters->count; k++)
        if (overlap(place, letters->place[k])) return false;
    letters->place[letters->count++] = place;
    kr_text_draw(frame->fonts, frame->canvas, middle.x, middle.y, theme->small, KR_REGULAR, KR_CENTER, theme->faint_text, text);
    return true;
}

static kr_point unit(kr_point from, kr_point to) {
    double x = to.x - from.x, y = to.y - from.y, length = fmax(hypot(x, y), 1e-9);
    return (kr_point){x / length, y / length};
}

/* One axis from one point to another; out: which way its numbers lie. */
static void draw_axis(const kr_solid *solid, const kr_frame *frame, kr_letters *letters, const kr_ticks *ticks, double low,
                      double high, kr_point from, kr_point to, kr_point out, const char *label, bool label_at_end) {
    const kr_theme *theme = frame->theme;
    double scale = theme->scale;
    kr_canvas_line(frame->canvas, from, to, 1.4 * scale, theme->faint_text);
    char text[64];
    snprintf(text, sizeof text, ticks->power[0] ? "%s / %s" : "%s", label, ticks->power);
    for (size_t k = 0; k < ticks->count; k++) {
        double f = (ticks->value[k] - low) / (high - low);
        if (!(f > -1e-9 && f < 1 + 1e-9)) continue;
        kr_point here = {from.x + f * (to.x - from.x), from.y + f * (to.y - from.y)};
        double length = (ticks->minor[k] ? 3 : 5) * scale;
        kr_canvas_line(frame->canvas, here, (kr_point){here.x + length * out.x, here.y + length * out.y}, scale, theme->faint_text);
        if (ticks->text[k][0]) put(solid, frame, letters, here, out, length + 2 * scale, ticks->text[k]);
    }
    if (label_at_end) {
        put(solid, frame, letters, to, unit(from, to), 4 * scale, text);
        return;
    }
    static const double tried[] = {0.5, 0.35, 0.65, 0.2, 0.8};
    for (size_t k = 0; k < sizeof tried / sizeof *tried; k++) {
        kr_point here = {from.x + tried[k] * (to.x - from.x), from.y + tried[k] * (to.y - from.y)};
        if (put(solid, frame, letters, here, out, 8 * scale + 1.5 * theme->small, text)) return;
    }
}

static void draw_base_axis(const kr_solid *solid, const kr_frame *frame, kr_letters *letters, bool up, const char *name) {
    const kr_theme *theme = frame->theme;
    kr_box seen = kr_camera_seen(&solid->ground);
    double a = near_a(solid), b = near_b(solid);
    kr_axis axis = {.low = up ? seen.low_y : seen.low_x, .high = up ? seen.high_y : seen.high_x};
    kr_point from = up ? at(solid, a, -solid->half_y, 0) : at(solid, -solid->half_x, b, 0),
             to = up ? at(solid, a, solid->half_y, 0) : at(solid, solid->half_x, b, 0),
             inside = up ? at(solid, -a, -solid->half_y, 0) : at(solid, -solid->half_x, -b, 0);
    double length = hypot(to.x - from.x, to.y - from.y);
    kr_ticks ticks = {.count = 0};
    if (length < 2 * theme->small) return;
    kr_ticks_make(&ticks, &axis, fmax(2, length / (4.5 * theme->small)));
    draw_axis(solid, frame, letters, &ticks, axis.low, axis.high, from, to, unit(inside, from), name, false);
}

void kr_solid_draw_axes(const kr_solid *solid, const kr_frame *frame, const char *x_name, const char *y_name, kr_letters *letters) {
    draw_base_axis(solid, frame, letters, false, x_name);
    draw_base_axis(solid, frame, letters, true, y_name);
    if (!upright_seen(solid, frame->theme)) return;
    /* The corner furthest to the left is at the edge of what is seen however it is turned. */
    double a = solid->cos_yaw >= 0 ? -solid->half_x : solid->half_x, b = solid->sin_yaw >= 0 ? -solid->half_y : solid->half_y;
    kr_ticks ticks;
    energy_ticks(solid, frame->theme, &ticks);
    draw_axis(solid, frame, letters, &ticks, solid->tone.low, solid->tone.high, at(solid, a, b, 0), at(solid, a, b, solid->height),
              (kr_point){-1, 0}, "V", true);
}
