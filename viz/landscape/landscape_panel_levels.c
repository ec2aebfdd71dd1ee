/* Names of levels of energy in one dimension. A name stands on its level where neither the curve with its balls nor another name
 * is, as far right as there is room. */
#include "landscape_panel.h"

#include <math.h>
#include <stdio.h>

enum { PIXELS = 6, MOST_LOOKS = 1024 };

/* Where the curve is, every so many pixels. */
typedef struct slope {
    const kr_rectangle *area;
    double step, clear; /* above the curve are balls */
    size_t count;
    double y[MOST_LOOKS];
} slope;

static void follow(slope *track, const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera) {
    double x[MOST_LOOKS], scale = frame->theme->scale;
    track->area = &camera->area;
    track->step = fmax(PIXELS * scale, camera->area.width / (MOST_LOOKS - 1));
    track->clear = 2 * panel->dot.radius + 2 * scale;
    track->count = (size_t)(camera->area.width / track->step) + 1;
    for (size_t i = 0; i < track->count; i++)
        x[i] = kr_camera_world(camera, (kr_point){camera->area.x + track->step * (double)i, 0}).x;
    kr_landscape_energy(kr_present_landscape(frame->analysis), track->count, x, track->y);
    for (size_t i = 0; i < track->count; i++) track->y[i] = kr_camera_pixel(camera, x[i], track->y[i]).y;
}

/* The curve may be steep: all heights that it passes between two samples count. */
static bool meets_curve(const slope *track, kr_rectangle plate) {
    double left = plate.x - track->area->x, right = left + plate.width;
    size_t first = (size_t)fmax(floor((left - track->clear) / track->step), 0),
           last = (size_t)fmax(ceil((right + track->clear) / track->step), 0);
    for (size_t i = first; i < last && i + 1 < track->count; i++) {
        double high = fmin(track->y[i], track->y[i + 1]) - track->clear, low = fmax(track->y[i], track->y[i + 1]) + 2;
        if (high < plate.y + plate.height && low > plate.y) return true;
    }
    return false;
}

static bool overlap(kr_rectangle a, kr_rectangle b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

static bool meets_any(const kr_landscape_levels *levels, kr_rectangle plate) {
    for (size_t k = 0; k < levels->taken; k++)
        if (overlap(levels->place[k], plate)) return true;
    return false;
}

/* Another level just above this one: the name then goes below, so that it is clear whose it is. */
static bool close_below_another(const kr_landscape_levels *levels, const kr_level *level, double room) {
    for (size_t k = 0; k < levels->count; k++) {
        double above = level->y - levels->level[k].y;
        if (above > 0.5 && above < room) return true;
    }
    return false;
}

/* On the level, else below it, or the other way round; from the right end to the left one. */
static bool find_place(const kr_landscape_levels *levels, const slope *track, double y, bool below_first, kr_rectangle *plate) {
    kr_rectangle area = *track->area;
    double margin = 0.15 * plate->height;
    for (int second = 0; second < 2; second++) {
        bool below = below_first != (second == 1);
        plate->y = below ? y + margin : y - margin - plate->height;
        if (plate->y < area.y || plate->y + plate->height > area.y + area.height) continue;
        for (plate->x = area.x + area.width - margin - plate->width; plate->x > area.x + margin; plate->x -= track->step)
            if (!meets_curve(track, *plate) && !meets_any(levels, *plate)) return true;
    }
    return false;
}

/* Names and values below the minima stay free, and the flag of the start. */
static void reserve_minima(kr_landscape_levels *levels, const kr_landscape_panel *panel, const kr_frame *frame,
                           const kr_camera *camera, double small) {
    const kr_places *places = &panel->places;
    const kr_landscape *landscape = kr_present_landscape(frame->analysis);
    if (landscape->type->period > 0) { /* places has those of one period */
        int64_t middle = (int64_t)floor(fmin(fmax(camera->x / landscape->type->period, -1e9), 1e9));
        for (int64_t number = middle - 3; places->count && number <= middle + 3 && levels->taken < KR_MOST_LEVELS; number++) {
            double x, energy;
            if (kr_minimum_position(landscape, number, &x, NULL) != KR_OK) continue;
            kr_landscape_energy(landscape, 1, &x, &energy);
            kr_point at = kr_camera_pixel(camera, x, energy);
            levels->place[levels->taken++] = (kr_rectangle){at.x - 3.2 * small, at.y, 6.4 * small, 2.9 * small};
        }
        return;
    }
    for (size_t k = 0; k < places->count && levels->taken < KR_MOST_LEVELS; k++) {
        if (places->place[k].index != 0) continue;
        kr_point at = kr_camera_pixel(camera, places->place[k].x, places->place[k].energy);
        levels->place[levels->taken++] = (kr_rectangle){at.x - 3.2 * small, at.y, 6.4 * small, 2.9 * small};
    }
}

static void reserve_start(kr_landscape_levels *levels, const kr_frame *frame, const kr_camera *camera) {
    double x = frame->analysis->model.start[0], energy, scale = frame->theme->scale;
    kr_landscape_energy(kr_present_landscape(frame->analysis), 1, &x, &energy);
    kr_point at = kr_camera_pixel(camera, x, energy);
    if (levels->taken < KR_MOST_LEVELS)
        levels->place[levels->taken++] = (kr_rectangle){at.x - 4 * scale, at.y - 44 * scale, 22 * scale, 44 * scale};
}

/* As high as there is room within the band, in its middle first. */
static bool find_place_within(const kr_landscape_levels *levels, const slope *track, kr_interval band, kr_rectangle *plate) {
    enum { ROWS = 12, SHIFTS = 9 };
    const kr_rectangle *area = track->area;
    double room = band.high - band.low - plate->width;
    for (int row = 0; room >= 0 && row < ROWS; row++)
        for (int shift = 0; shift < SHIFTS; shift++) {
            double side = (shift % 2 ? 1 : -1) * ((shift + 1) / 2) / (double)(SHIFTS - 1); /* 0, 1/8, -1/8, ... */
            plate->x = band.low + (0.5 + side) * room;
            plate->y = area->y + (0.2 + row) * plate->height;
            if (plate->y + plate->height > area->y + area->height) return false;
            if (!meets_curve(track, *plate) && !meets_any(levels, *plate)) return true;
        }
    return false;
}

/* Within the band; where that is too narrow at its edge. */
static void name_target(kr_landscape_levels *levels, const slope *track, const kr_frame *frame, kr_interval band, kr_color ground) {
    static const char name[] = "target";
    const kr_theme *theme = frame->theme;
    const kr_rectangle *area = track->area;
    double small = theme->small, wide = kr_text_width(frame->fonts, small, KR_REGULAR, name) + 0.6 * small, beside = 1.2 * wide;
    kr_rectangle plate = {.width = wide, .height = 1.3 * small};
    kr_interval right = {band.high, fmin(band.high + beside, area->x + area->width)},
                left = {fmax(band.low - beside, area->x), band.low};
    if (!find_place_within(levels, track, band, &plate) && !find_place_within(levels, track, right, &plate) &&
        !find_place_within(levels, track, left, &plate))
        return;
    kr_canvas_fill_round(frame->canvas, plate, 3 * theme->scale, kr_color_fade(ground, 0.85));
    kr_text_draw(frame->fonts, frame->canvas, plate.x + 0.3 * small, plate.y + 0.5 * plate.height, small, KR_REGULAR, KR_LEFT,
                 theme->dark ? theme->focus : kr_color_mix(theme->focus, theme->text, 0.3), name);
    if (levels->taken < KR_MOST_LEVELS) levels->place[levels->taken++] = plate;
}

const char *kr_landscape_energy_text(const kr_camera *camera, double energy, char *text, size_t size) {
    return kr_text_number(fabs(energy) < 0.05 * camera->per_y ? 0 : energy, 3, text, size);
}

void kr_landscape_name_levels(kr_landscape_levels *levels, const kr_landscape_panel *panel, const kr_frame *frame,
                              const kr_camera *camera, kr_color ground) {
    const kr_theme *theme = frame->theme;
    kr_rectangle area = camera->area;
    double small = theme->small;
    slope track;
    if (area.width < 260 * theme->scale) return;
    follow(&track, panel, frame, camera);
    levels->taken = 0;
    reserve_minima(levels, panel, frame, camera, small);
    reserve_start(levels, frame, camera);
    for (size_t k = 0; k < levels->targets; k++) name_target(levels, &track, frame, levels->target[k], ground);
    for (size_t k = 0; k < levels->count; k++) {
        const kr_level *level = &levels->level[k];
        char text[96], number[32];
        snprintf(text, sizeof text, "%s %s", level->name, kr_landscape_energy_text(camera, level->energy, number, sizeof number));
        kr_rectangle plate = {.width = kr_text_width(frame->fonts, small, KR_REGULAR, text) + 0.6 * small, .height = 1.3 * small};
        if (!find_place(levels, &track, level->y, close_below_another(levels, level, 1.7 * small), &plate)) {
            plate.x = area.x + area.width - plate.width - 0.2 * small;
            plate.y = fmax(level->y - 1.5 * small, area.y);
            if (meets_any(levels, plate)) continue;
        }
        kr_canvas_fill_round(frame->canvas, plate, 3 * theme->scale, kr_color_fade(ground, 0.85));
        kr_text_draw(frame->fonts, frame->canvas, plate.x + 0.3 * small, plate.y + 0.5 * plate.height, small, KR_REGULAR, KR_LEFT,
                     frame->theme->dark ? level->color : kr_color_mix(level->color, frame->theme->text, 0.4), text);
        if (levels->taken < KR_MOST_LEVELS) levels->place[levels->taken++] = plate;
    }
}
