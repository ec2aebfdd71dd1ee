#include "network_panel.h"
#include "widgets/widget_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

kr_status kr_network_panel_create(kr_network_panel **panel, kr_error *error) {
    *panel = calloc(1, sizeof **panel);
    return *panel ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for the network panel");
}

void kr_network_panel_destroy(kr_network_panel *panel) {
    if (!panel) return;
    for (size_t k = 0; k < 2 * KR_MAX_VARIANTS; k++) kr_region_picture_destroy(&panel->picture[k]);
    free(panel->one);
    free(panel->mean);
    free(panel);
}

/* ---- the choice of networks ---- */

static const char *const names[KR_WHOSE + 1] = {"one network", "mean of networks", "one and mean", NULL};

static void choose(kr_network_panel *panel, const kr_frame *frame, kr_rectangle *area) {
    const kr_theme *theme = frame->theme;
    double height = theme->line, width = fmin(260 * theme->scale, area->width);
    if (!frame->widgets || width < 130 * theme->scale || area->height < 6 * height) return;
    kr_rectangle place = {area->x, area->y, width, height};
    int chosen = (int)panel->whose;
    if (kr_menu(frame->widgets, "network whose", place, "classes of", names, &chosen,
                "Whose classes are shown (y): the followed network (x), or the mean of the probabilities of many"))
        panel->whose = (kr_whose)chosen;
    area->y += height + 0.5 * theme->gap;
    area->height -= height + 0.5 * theme->gap;
}

/* Weights need the room; beside them, or below, the image. */
static void draw_images(kr_network_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    kr_rectangle weights = area, image = area;
    double least = 210 * theme->scale;
    if (area.width > 1.15 * area.height) {
        double side = fmin(fmax(least, 0.36 * area.width), 0.5 * area.width);
        weights.width = area.width - side - 2 * theme->gap;
        image.x = area.x + area.width - side;
        image.width = side;
    } else {
        double side = fmin(fmax(0.36 * area.height, 150 * theme->scale), 0.5 * area.height);
        weights.height = area.height - side - theme->gap;
        image.y = area.y + area.height - side;
        image.height = side;
    }
    kr_network_draw_weights(panel, frame, weights);
    kr_network_draw_image(panel, frame, image);
}

void kr_network_panel_draw(kr_network_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    kr_data train, test;
    kr_canvas_fill(frame->canvas, area, theme->background);
    const kr_data_sum *sum = kr_network_data(frame, &train, &test);
    double pad = theme->gap;
    kr_rectangle inside = {area.x + pad, area.y + 0.75 * pad, area.width - 2 * pad, area.height - 1.25 * pad};
    if (!sum || inside.width < 40 || inside.height < 40) return;
    kr_rectangle before = kr_canvas_clip(frame->canvas, area);
    if (train.inputs == 2) {
        choose(panel, frame, &inside);
        kr_network_draw_regions(panel, frame, inside);
    } else {
        draw_images(panel, frame, inside);
    }
    kr_canvas_unclip(frame->canvas, before);
}

bool kr_network_panel_key(kr_network_panel *panel, const kr_frame *frame, int32_t key) {
    kr_data train, test;
    if (!kr_network_data(frame, &train, &test)) return false;
    size_t count = test.count ? test.count : train.count;
    switch (key) {
    case SDLK_y: panel->whose = (kr_whose)((panel->whose + 1) % KR_WHOSE); return true;
    case SDLK_RIGHTBRACKET: panel->image = panel->image + 1 < count ? panel->image + 1 : 0; return true;
    case SDLK_LEFTBRACKET: panel->image = panel->image ? panel->image - 1 : count - 1; return true;
    default: return false;
    }
}
