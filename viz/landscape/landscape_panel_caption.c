#include "landscape_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

double kr_landscape_menu_width(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area, bool *stacked) {
    const kr_theme *theme = frame->theme;
    double most = 150 * theme->scale, least = 95 * theme->scale, width = fmin(most, 0.5 * area.width - theme->gap);
    *stacked = width < least;
    if (*stacked) width = fmin(most, area.width - theme->gap);
    return panel->dim >= 3 && frame->widgets && width >= least && area.height >= 140 * theme->scale ? width : 0;
}

double kr_landscape_menus_height(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    bool stacked;
    if (kr_landscape_menu_width(panel, frame, area, &stacked) <= 0) return 0;
    return (stacked ? 2 : 1) * frame->theme->line + 1.2 * frame->theme->gap;
}

double kr_landscape_caption_room(const kr_frame *frame, kr_rectangle area) {
    return area.width - frame->theme->gap - 0.9 * frame->theme->small;
}

void kr_landscape_caption(const kr_frame *frame, kr_rectangle area, bool right, bool below, kr_color color, const char *text) {
    const kr_theme *theme = frame->theme;
    double width = fmin(kr_text_width(frame->fonts, theme->small, KR_REGULAR, text) + theme->small,
                        kr_landscape_caption_room(frame, area) + 0.9 * theme->small);
    kr_rectangle plate = {area.x + 0.5 * theme->gap, area.y + 0.5 * theme->gap, width, 1.6 * theme->small};
    if (area.width < 80 * theme->scale || area.height < 50 * theme->scale) return;
    if (below) plate.y = area.y + area.height - plate.height - 0.5 * theme->gap;
    if (right) plate.x = area.x + area.width - plate.width - 0.5 * theme->gap;
    kr_canvas_fill_round(frame->canvas, plate, 3 * theme->scale, kr_color_fade(theme->panel, 0.82));
    kr_text_fit(frame->fonts, frame->canvas, plate.x + 0.5 * theme->small, plate.y + 0.5 * plate.height, width - 0.9 * theme->small,
                theme->small, KR_REGULAR, KR_LEFT, color, text);
}

static double energy_on_plane(const kr_landscape_panel *panel, const kr_landscape *landscape, kr_point at) {
    double energy = NAN, *position = malloc(panel->dim * sizeof *position);
    if (position) {
        kr_plane_lift(&panel->plane, 1, &at.x, &at.y, position);
        kr_landscape_energy(landscape, 1, position, &energy);
    }
    free(position);
    return energy;
}

/* On the level above the caption that says which plane it is. */
void kr_landscape_draw_readout(kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_theme *theme = frame->theme;
    if (!frame->widgets || !frame->widgets->input.inside || kr_widgets_own_mouse(frame->widgets)) return;
    kr_point mouse = frame->widgets->input.mouse;
    for (size_t k = 0; k < panel->pictures; k++) {
        kr_rectangle area = panel->picture[k];
        if (!(mouse.x >= area.x && mouse.x < area.x + area.width && mouse.y >= area.y && mouse.y < area.y + area.height)) continue;
        kr_camera camera = *kr_landscape_camera(panel);
        camera.area = area;
        kr_point at;
        if (!kr_landscape_world(panel, &camera, mouse, &at)) continue;
        char x[32], y[32], energy[32], text[128];
        kr_text_number(at.x, 3, x, sizeof x);
        kr_text_number(at.y, 3, y, sizeof y);
        if (panel->dim == 1) at.y = at.x;
        kr_text_number(energy_on_plane(panel, kr_present_landscape(frame->analysis), at), 4, energy, sizeof energy);
        if (panel->shown == KR_VIEW_PHASE)
            snprintf(text, sizeof text, "x = %s, p = %s", x, y);
        else if (panel->dim == 1)
            snprintf(text, sizeof text, "x = %s, V = %s", x, energy);
        else
            snprintf(text, sizeof text, "(%s, %s), V = %s", x, y, energy);
        if (panel->dim > 2 && k == 0 && area.width < 600 * theme->scale) area.height -= 2 * theme->small;
        kr_landscape_caption(frame, area, true, true, theme->text, text);
    }
}
