/* Two dimensions, or a plane of more: the map, particles on it, side by side for compared dynamics. */
#include "draw/plot_ticks.h"
#include "landscape_surface.h"

#include <math.h>
#include <stdio.h>

enum { MOST_DOTS = 20000 };

size_t kr_landscape_split(kr_rectangle area, size_t count, double gap, kr_rectangle *parts) {
    size_t columns = 1;
    double best = -INFINITY;
    for (size_t tried = 1; tried <= count; tried++) {
        double across = (double)tried, up = (double)((count + tried - 1) / tried);
        double side = fmin((area.width - gap * (across - 1)) / across, (area.height - gap * (up - 1)) / up);
        if (side > best) best = side, columns = tried;
    }
    size_t rows = (count + columns - 1) / columns;
    double width = floor((area.width - gap * (double)(columns - 1)) / (double)columns);
    double height = floor((area.height - gap * (double)(rows - 1)) / (double)rows);
    for (size_t k = 0; k < count; k++)
        parts[k] = (kr_rectangle){area.x + (double)(k % columns) * (width + gap), area.y + (double)(k / columns) * (height + gap),
                                  width, height};
    return columns;
}

static double color_bar_width(const kr_theme *theme) {
    return round(5.6 * theme->small);
}

/* Above the bar what stands for energies beyond it: as long as three stripes, where any are seen. */
static void draw_beyond(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle bar) {
    uint32_t last = frame->theme->energy_map[KR_MAP_COLORS - 1];
    int high = (int)(0.35 * frame->theme->small);
    if (!panel->map.cut) return;
    for (int y = 0; y < high; y++)
        for (int x = 0; x < (int)bar.width; x++) {
            uint32_t color = (x + y) % 5 < 2 ? kr_map_hatched(last) : last;
            kr_canvas_fill(frame->canvas, (kr_rectangle){bar.x + x, bar.y - 1 - y, 1, 1}, color);
        }
}

static void draw_color_bar(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    const kr_tone *tone = &panel->tone;
    kr_rectangle bar = {round(area.x), round(area.y + 2 * theme->small), round(0.9 * theme->small),
                        floor(area.height - 4.6 * theme->small)}; /* whole pixels: blended ones are not the map's colours */
    if (bar.height < 3 * theme->small) return;
    for (int y = 0; y < (int)bar.height; y++) {
        int color = (int)((1 - (y + 0.5) / bar.height) * KR_MAP_COLORS);
        kr_canvas_fill(frame->canvas, (kr_rectangle){bar.x, bar.y + y, bar.width, 1}, theme->energy_map[color]);
    }
    draw_beyond(panel, frame, bar);
    kr_axis axis = {.low = tone->low, .high = tone->high};
    kr_ticks ticks;
    kr_ticks_make(&ticks, &axis, fmax(2, bar.height / (2.6 * theme->small)));
    char label[64];
    snprintf(label, sizeof label, ticks.power[0] ? "V / %s" : "V", ticks.power);
    kr_text_draw(frame->fonts, frame->canvas, bar.x, bar.y - theme->small, theme->small, KR_REGULAR, KR_LEFT, theme->faint_text,
                 label);
    for (size_t k = 0; k < ticks.count; k++) {
        double y = bar.y + bar.height - (ticks.value[k] - tone->low) / (tone->high - tone->low) * bar.height;
        kr_point from = {bar.x + bar.width, y}, to = {bar.x + bar.width + 3 * theme->scale, y};
        kr_canvas_line(frame->canvas, from, to, theme->scale, theme->edge);
        if (ticks.text[k][0])
            kr_text_draw(frame->fonts, frame->canvas, to.x + 2 * theme->scale, fmin(y, bar.y + bar.height - 0.1 * theme->small),
                         theme->small, KR_REGULAR, KR_LEFT, theme->faint_text, ticks.text[k]);
    }
    char number[32];
    double below = bar.y + bar.height, left = bar.x - 0.2 * theme->small;
    kr_text_draw(frame->fonts, frame->canvas, left, below + 0.95 * theme->small, theme->small, KR_REGULAR, KR_LEFT,
                 theme->faint_text, "lines every");
    kr_text_draw(frame->fonts, frame->canvas, left, below + 2.05 * theme->small, theme->small, KR_REGULAR, KR_LEFT,
                 theme->faint_text, kr_text_number(tone->step, 2, number, sizeof number));
}

static void place_camera(kr_landscape_panel *panel, const kr_frame *frame) {
    kr_rectangle before = panel->camera.area, now = panel->picture[0];
    bool resized = before.width != now.width || before.height != now.height;
    if (panel->moved || (panel->camera.per_x > 0 && !resized)) {
        kr_camera_resize(&panel->camera, panel->picture[0], false);
        return;
    }
    kr_box box = kr_landscape_home_box(frame->analysis, &panel->plane, &panel->places, frame->snapshot);
    kr_box_join(&box, panel->reach);
    kr_camera_fit(&panel->camera, panel->picture[0], box, true);
}

/* A landscape that moves keeps its colours, so that it is seen to move, until they no longer fit. */
static bool differs(const kr_tone *before, const kr_tone *now) {
    const double most = 0.25;
    double span = before->high - before->low;
    return fabs(now->low - before->low) > most * span || fabs(now->high - before->high) > most * span;
}

static void place_tone(kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_analysis *analysis = frame->analysis;
    bool moves = panel->tone_shape != kr_present_shape(analysis);
    if (panel->tone.step > 0 && !moves) return;
    kr_box home = kr_landscape_starts_anywhere(analysis) ? kr_camera_seen(&panel->camera)
                                                         : kr_landscape_home_box(analysis, &panel->plane, &panel->places, NULL);
    kr_tone tone = panel->tone;
    if (kr_tone_choose(&tone, kr_present_landscape(analysis), &panel->plane, home, &panel->places, NULL) != KR_OK) return;
    if (!(panel->tone.step > 0) || differs(&panel->tone, &tone)) panel->tone = tone;
    panel->tone_shape = kr_present_shape(analysis);
}

static void draw_dots(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera,
                      const kr_snapshot_variant *ensemble, kr_color color) {
    kr_color rim = frame->theme->dark ? 0xa0101318 : kr_color_fade(kr_color_mix(color, 0xff000000, 0.6), 0.7);
    kr_projected at;
    for (size_t from = 0; from < ensemble->count; from += KR_PLANE_BATCH) {
        size_t n = ensemble->count - from < KR_PLANE_BATCH ? ensemble->count - from : KR_PLANE_BATCH;
        kr_plane_project(&panel->plane, ensemble, from, n, &at);
        for (size_t p = 0; p < n; p++) {
            kr_point pixel = kr_camera_pixel(camera, (double)at.x[p], (double)at.y[p]);
            if (isfinite(pixel.x) && isfinite(pixel.y)) kr_dot_draw(&panel->dot, frame->canvas, pixel.x, pixel.y, color, rim);
        }
    }
}

static kr_point from_first(const kr_landscape_panel *panel, const kr_camera *camera) {
    return (kr_point){camera->area.x - panel->picture[0].x, camera->area.y - panel->picture[0].y};
}

static void draw_density(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t v) {
    kr_density *density = &panel->density[v];
    const kr_theme *theme = frame->theme;
    uint32_t soft[KR_MAP_COLORS];
    /* No more cells than are quickly gone through. */
    int cell = (int)fmax(round(2 * theme->scale), ceil(sqrt(camera->area.width * camera->area.height / 250e3)));
    if (kr_density_count(density, camera, &panel->plane, &frame->snapshot->variant[v], cell, NULL) != KR_OK) return;
    if (!kr_landscape_solid(panel))
        kr_density_paint(density, frame->canvas, camera, theme->density_map);
    else if (kr_density_tones(density, theme->density_map, soft))
        kr_surface_paint_density(panel->surface, density, soft, frame->canvas, from_first(panel, camera));
}

static void draw_trails(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t v, kr_color color) {
    kr_trails *trails = &panel->trails[v];
    if (kr_trails_update(trails, camera, &panel->plane, &frame->snapshot->variant[v], frame->snapshot->number, panel->trail_length,
                         NULL) != KR_OK)
        return;
    if (!kr_landscape_solid(panel))
        kr_trails_paint(trails, frame->canvas, color);
    else if (panel->trail_length)
        kr_surface_paint_trails(panel->surface, trails, frame->canvas, from_first(panel, camera), color);
}

static void draw_particles(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t v) {
    const kr_snapshot_variant *ensemble = &frame->snapshot->variant[v];
    const kr_theme *theme = frame->theme;
    if (!ensemble->position || !ensemble->count || ensemble->dim != panel->plane.dim) return;
    bool dots = panel->look == KR_LOOK_DOTS || (panel->look == KR_LOOK_AUTO && ensemble->count <= MOST_DOTS);
    kr_color color = frame->snapshot->variants > 1 ? theme->variant[v % 4] : theme->variant[0];
    if (!dots || ensemble->count > MOST_DOTS) {
        draw_density(panel, frame, camera, v);
        return;
    }
    double radius = fmax(1.1, 5.6 - 1.15 * log10(fmax((double)ensemble->count, 1))) * frame->theme->scale;
    if (panel->dot.radius != kr_dot_radius(radius)) kr_dot_make(&panel->dot, radius);
    draw_trails(panel, frame, camera, v, kr_color_fade(kr_color_mix(color, theme->dark ? 0xffffffff : 0xff000000, 0.2), 0.85));
    if (kr_landscape_solid(panel))
        kr_landscape_draw_balls(panel, frame, camera, v, color);
    else
        draw_dots(panel, frame, camera, ensemble, color);
}

static void direction_name(const kr_plane *plane, bool vertical, char *text, size_t size) {
    if (plane->principal)
        snprintf(text, size, "principal direction %d", vertical ? 2 : 1);
    else
        snprintf(text, size, "x%zu", vertical ? plane->second : plane->first);
}

/* The name in the colour of the variant's numbers elsewhere, and how many particles there are. */
static void draw_title(const kr_frame *frame, kr_rectangle area, size_t v) {
    const kr_snapshot_variant *variant = &frame->snapshot->variant[v];
    char text[128], number[32];
    snprintf(text, sizeof text, "%s, %s particles", variant->name,
             kr_text_number((double)variant->particles, 15, number, sizeof number));
    kr_landscape_caption(frame, area, false, false, frame->theme->variant[v % 4], text);
}

static void draw_solid_axes(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    char x[64], y[64];
    direction_name(&panel->plane, false, x, sizeof x);
    direction_name(&panel->plane, true, y, sizeof y);
    for (size_t k = 0; k < panel->pictures; k++) {
        kr_camera camera = panel->camera;
        camera.area = panel->picture[k];
        kr_landscape_draw_surface_axes(panel, frame, &camera, x, y, kr_landscape_view_corner(frame, area));
    }
}

static void draw_flat_axes(const kr_landscape_panel *panel, const kr_frame *frame) {
    kr_box seen = kr_camera_seen(&panel->camera);
    char name[64];
    for (size_t k = 0; k < panel->pictures; k++) {
        kr_rectangle picture = panel->picture[k];
        bool lowest = k + panel->columns >= panel->pictures, leftmost = k % panel->columns == 0;
        direction_name(&panel->plane, false, name, sizeof name);
        if (lowest) kr_landscape_ticks_x(frame, picture, seen.low_x, seen.high_x, name);
        direction_name(&panel->plane, true, name, sizeof name);
        if (leftmost) kr_landscape_ticks_y(frame, picture, seen.low_y, seen.high_y, name, false);
    }
}

/* The longest of what may be said that finds room. */
static void draw_plane_caption(const kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_plane *plane = &panel->plane;
    kr_rectangle area = panel->picture[0];
    char text[3][96];
    const char *all[] = {text[0], text[1], text[2], NULL};
    double share = 100 * (plane->share[0] + plane->share[1]);
    if (plane->principal) {
        snprintf(text[0], sizeof *text, "V on the plane through the ensemble's mean, %.0f %% of its variance", share);
        snprintf(text[1], sizeof *text, "plane through the mean, %.0f %% of variance", share);
        snprintf(text[2], sizeof *text, "%.0f %% of variance", share);
    } else {
        snprintf(text[0], sizeof *text, "V with the other %zu coordinates at the start's values", plane->dim - 2);
        if (plane->dim == 3) snprintf(text[0], sizeof *text, "V with the other coordinate at the start's value");
        snprintf(text[1], sizeof *text, "others as at the start");
        *text[2] = '\0';
    }
    const char *chosen = kr_text_choose(frame->fonts, frame->theme->small, KR_REGULAR, kr_landscape_caption_room(frame, area), all);
    if (*chosen) kr_landscape_caption(frame, area, false, true, frame->theme->text, chosen);
}

/* Which plane it is, and how it is seen. */
static void draw_captions(const kr_landscape_panel *panel, const kr_frame *frame) {
    char text[160];
    kr_landscape_draw_legend(panel, frame, panel->picture[panel->columns - 1]);
    if (kr_landscape_solid(panel)) {
        const kr_rectangle *last = &panel->picture[panel->pictures - 1], *widest = &panel->picture[panel->columns - 1];
        kr_rectangle area = panel->picture[0];
        area.width = widest->x + widest->width - area.x;
        area.height = last->y + last->height - area.y;
        kr_landscape_surface_caption(panel, text, sizeof text);
        bool below = panel->pictures > 1;                                           /* where there is room for it */
        if (panel->plane.dim > 2) area.y += frame->theme->line + frame->theme->gap; /* below the menus */
        kr_landscape_caption(frame, area, false, below, frame->theme->text, text);
    }
    if (panel->plane.dim > 2) draw_plane_caption(panel, frame);
}

static void draw_picture(kr_landscape_panel *panel, const kr_frame *frame, size_t k) {
    kr_camera camera = panel->camera;
    camera.area = panel->picture[k];
    bool solid = kr_landscape_solid(panel);
    kr_rectangle shown = camera.area, before;
    if (solid) {
        kr_point offset = from_first(panel, &camera);
        shown = panel->surface->solid.area;
        shown.x += offset.x, shown.y += offset.y;
    }
    before = kr_canvas_clip(frame->canvas, shown);
    if (solid)
        kr_landscape_draw_surface(panel, frame, &camera);
    else
        kr_canvas_copy(frame->canvas, (int)camera.area.x, (int)camera.area.y, panel->map.width, panel->map.height,
                       panel->map.pixel);
    if (frame->snapshot && k < frame->snapshot->variants) draw_particles(panel, frame, &camera, k);
    kr_landscape_draw_marks(panel, frame, &camera);
    kr_landscape_draw_followed(panel, frame, &camera, k);
    if (panel->pictures > 1 && frame->snapshot) draw_title(frame, camera.area, k);
    kr_canvas_unclip(frame->canvas, before);
}

static void lay_out(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area, bool *axes, bool *bar) {
    const kr_theme *theme = frame->theme;
    *axes = area.width >= 220 * theme->scale && area.height >= 160 * theme->scale;
    *bar = area.width >= 340 * theme->scale && area.height >= 160 * theme->scale;
    double left = *axes ? kr_landscape_left_margin(theme) : 0, below = *axes ? kr_landscape_lower_margin(theme) : 0;
    double right = *bar ? color_bar_width(theme) + round(theme->gap) : 0;
    kr_rectangle inner = {area.x + left, area.y, area.width - left - right, area.height - below};
    panel->pictures = frame->snapshot && frame->snapshot->variants > 1 ? frame->snapshot->variants : 1;
    panel->columns = kr_landscape_split(inner, panel->pictures, round(0.5 * theme->gap), panel->picture);
}

void kr_landscape_draw_plane(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    bool axes, bar;
    lay_out(panel, frame, area, &axes, &bar);
    if (panel->picture[0].width < 1 || panel->picture[0].height < 1) return;
    place_camera(panel, frame);
    place_tone(panel, frame);
    if (kr_map_update(&panel->map, kr_present_landscape(frame->analysis),
                      frame->analysis->version + (kr_present_shape(frame->analysis) << 32), &panel->plane, &panel->camera,
                      &panel->tone, theme, frame->still, NULL) != KR_OK)
        return;
    bool solid = panel->shown == KR_VIEW_SURFACE && kr_landscape_place_surface(panel, frame, area);
    for (size_t k = 0; k < panel->pictures; k++) draw_picture(panel, frame, k);
    if (axes && solid) draw_solid_axes(panel, frame, area);
    if (axes && !solid) draw_flat_axes(panel, frame);
    if (bar)
        draw_color_bar(panel, frame,
                       (kr_rectangle){area.x + area.width - color_bar_width(theme), area.y, color_bar_width(theme), area.height});
    draw_captions(panel, frame);
}
