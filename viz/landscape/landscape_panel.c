#include "landscape_surface.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

kr_status kr_landscape_panel_create(kr_landscape_panel **panel, kr_error *error) {
    *panel = calloc(1, sizeof **panel);
    if (*panel) (*panel)->surface = calloc(1, sizeof *(*panel)->surface);
    if (!*panel || !(*panel)->surface) {
        free(*panel);
        *panel = NULL;
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for the landscape panel");
    }
    (*panel)->turn = kr_landscape_first_turn;
    (*panel)->followed.particle = (*panel)->followed.told = UINT64_MAX;
    (*panel)->control.held = SIZE_MAX;
    (*panel)->trail_length = 4;
    (*panel)->version = UINT64_MAX;
    return KR_OK;
}

void kr_landscape_panel_destroy(kr_landscape_panel *panel) {
    if (!panel) return;
    for (size_t v = 0; v < KR_MAX_VARIANTS; v++) {
        kr_density_destroy(&panel->density[v]);
        kr_trails_destroy(&panel->trails[v]);
        kr_stationary_destroy(&panel->stationary[v]);
    }
    kr_map_destroy(&panel->map);
    kr_surface_destroy(panel->surface);
    free(panel->surface);
    kr_plane_destroy(&panel->plane);
    free(panel);
}

/* Whether all that must be visible is in view and not too small. */
static bool still_good(const kr_landscape_panel *panel, kr_box now) {
    const kr_box seen = kr_camera_seen(&panel->camera), then = panel->essential;
    const double hair = 1e-9, small = 0.35;
    double x = hair * (seen.high_x - seen.low_x), y = hair * (seen.high_y - seen.low_y);
    bool inside = now.low_x >= seen.low_x - x && now.high_x <= seen.high_x + x && now.low_y >= seen.low_y - y &&
                  now.high_y <= seen.high_y + y;
    return inside && now.high_x - now.low_x >= small * (then.high_x - then.low_x) &&
           now.high_y - now.low_y >= small * (then.high_y - then.low_y);
}

/* In one dimension the other axis has the energies. */
static kr_box find_essential(const kr_landscape_panel *panel, const kr_analysis *analysis) {
    kr_box box = kr_landscape_essential_box(analysis, &panel->plane, &panel->places);
    if (panel->dim > 1) return box;
    box.low_y = INFINITY;
    box.high_y = -INFINITY;
    for (size_t k = 0; k < panel->places.count; k++) {
        box.low_y = fmin(box.low_y, panel->places.place[k].energy);
        box.high_y = fmax(box.high_y, panel->places.place[k].energy);
    }
    if (panel->places.count == 0) box.low_y = box.high_y = panel->camera.y;
    return box;
}

static void forget_view(kr_landscape_panel *panel) {
    panel->moved = false;
    panel->camera.per_x = panel->phase.per_x = panel->step.per_x = 0;
}

/* Another landscape: all parts begin anew. */
static bool adopt_landscape(kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_analysis *analysis = frame->analysis;
    const kr_landscape *landscape = kr_present_landscape(analysis);
    if (panel->type == landscape->type && panel->dim == landscape->dim) return true;
    panel->type = landscape->type;
    panel->dim = landscape->dim;
    panel->direction_x = 0;
    panel->direction_y = panel->dim > 1;
    panel->density_top = 0;
    panel->tone.step = 0;
    panel->followed.particle = UINT64_MAX;
    panel->essential = kr_empty_box;
    forget_view(panel);
    if (kr_plane_place(&panel->plane, panel->dim, analysis->model.start, 0, panel->dim > 1, NULL) != KR_OK) return false;
    /* Two single weights of a network say little. */
    if (panel->dim > 2 && kr_landscape_data(landscape)) kr_landscape_choose_directions(panel, frame, INT_MAX, INT_MAX);
    return true;
}

/* The landscape moves by itself. The view widens where something leaves it, and is never drawn in again, so that it comes to rest
 * when all has been seen. */
static void follow_landscape(kr_landscape_panel *panel, const kr_analysis *analysis) {
    if (panel->shape == kr_present_shape(analysis)) return;
    panel->shape = kr_present_shape(analysis);
    kr_places_find(&panel->places, analysis, &panel->plane);
    kr_box_join(&panel->reach, panel->essential);
    kr_box_join(&panel->reach, find_essential(panel, analysis));
    if (!panel->moved && panel->camera.per_x > 0 && !still_good(panel, panel->reach)) forget_view(panel);
}

/* Settings have changed. The view stays unless something that must be seen has left it; the temperature does not count, so that a
 * hotter ensemble looks wider. While control points are moved the view stays, too. */
static void adopt_settings(kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_analysis *analysis = frame->analysis;
    if (panel->version == analysis->version && panel->tone_plane == panel->plane.version) {
        follow_landscape(panel, analysis);
        return;
    }
    bool coordinates = panel->dim > 2 && !panel->plane.principal;
    if (coordinates && memcmp(panel->plane.origin, analysis->model.start, panel->dim * sizeof(double)) != 0)
        kr_plane_place(&panel->plane, panel->dim, analysis->model.start, panel->plane.first, panel->plane.second, NULL);
    kr_places_find(&panel->places, analysis, &panel->plane);
    panel->shape = panel->tone_shape = kr_present_shape(analysis);
    panel->tone_plane = panel->plane.version;
    panel->reach = kr_empty_box;
    kr_box essential = find_essential(panel, analysis);
    bool placed = panel->camera.per_x > 0, drawn = panel->control.count > 0;
    if (placed && !panel->moved && !drawn && !still_good(panel, essential)) forget_view(panel);
    if (panel->camera.per_x == 0) panel->essential = essential;
    panel->tone.step = 0;
}

/* Networks move away from where they began, and with them the directions in which they differ: the plane is laid anew whenever
 * there have been half as many steps again, until the user moves it. */
static void follow_networks(kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_snapshot *snapshot = frame->snapshot;
    if (!snapshot || !panel->plane.principal || panel->moved || !kr_landscape_data(kr_present_landscape(frame->analysis))) return;
    bool again = snapshot->generation != panel->plane_generation || snapshot->step < panel->plane_step;
    if (again || snapshot->step >= 16 + panel->plane_step + panel->plane_step / 2)
        kr_landscape_choose_directions(panel, frame, INT_MAX, INT_MAX);
}

/* Which part of the plane each picture shows. */
static void describe_surface(const kr_landscape_panel *panel, kr_description *description, size_t k) {
    const double degrees = 57.29577951308232;
    const kr_surface *surface = panel->surface;
    char text[160];
    kr_landscape_surface_caption(panel, text, sizeof text);
    kr_describe_text(description, "projection", text);
    kr_describe_numbers(description, "turned", 2, (double[2]){degrees * panel->turn.yaw, degrees * panel->turn.pitch});
    kr_describe_numbers(description, "heights", 2, (double[2]){surface->solid.tone.low, surface->solid.tone.high});
    kr_describe_flag(description, "cut_above", surface->cut_above);
    kr_describe_flag(description, "cut_below", surface->cut_below);
    kr_describe_count(description, "cell", (uint64_t)surface->cell);
    kr_describe_count(description, "balls", panel->balls[k]);
    kr_describe_count(description, "hidden_balls", panel->hidden_balls[k]);
}

static void describe(kr_landscape_panel *panel, const kr_frame *frame) {
    kr_description *description = frame->widgets ? frame->widgets->description : NULL;
    for (size_t k = 0; description && k < panel->pictures; k++) {
        kr_camera camera = *kr_landscape_camera(panel);
        camera.area = panel->picture[k];
        kr_box seen = kr_camera_seen(&camera);
        kr_describe_item(description, "pictures");
        kr_describe_place(description, frame->canvas, camera.area);
        kr_describe_text(description, "view", kr_landscape_view_name[panel->shown]);
        if (kr_landscape_solid(panel)) describe_surface(panel, description, k);
        if (panel->shown == KR_VIEW_PHASE) kr_describe_numbers(description, "separatrix", panel->separatrices, panel->separatrix);
        if (panel->shown == KR_VIEW_STEP) {
            kr_describe_count(description, "orbits", panel->orbits);
            kr_describe_count(description, "stable_orbits", panel->stable_orbits);
        }
        kr_describe_numbers(description, "across", 2, (double[2]){seen.low_x, seen.high_x});
        kr_describe_numbers(description, "up", 2, (double[2]){seen.low_y, seen.high_y});
        kr_describe_numbers(description, "directions", 2, (double[2]){panel->direction_x, panel->direction_y});
        kr_describe_count(description, "trail_length", (uint64_t)panel->trail_length);
        kr_describe_text(description, "look",
                         panel->look == KR_LOOK_DENSITY ? "density"
                         : panel->look == KR_LOOK_DOTS  ? "dots"
                                                        : "automatic");
    }
}

/* Axes and text need room; below this there is nothing to see. */
static const double least_size = 8;

void kr_landscape_panel_draw(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    area = (kr_rectangle){ceil(area.x), ceil(area.y), floor(area.width), floor(area.height)};
    kr_canvas_fill(frame->canvas, area, frame->theme->background);
    if (!(area.width >= least_size && area.height >= least_size) || !kr_landscape_known(frame->analysis)) return;
    if (!adopt_landscape(panel, frame)) return;
    follow_networks(panel, frame);
    adopt_settings(panel, frame);
    kr_rectangle before = kr_canvas_clip(frame->canvas, area);
    if (panel->dim == 1)
        kr_control_points_load(&panel->control, frame->analysis, frame->widgets ? frame->widgets->input.seconds : 0);
    else
        panel->control = (kr_control_points){.held = SIZE_MAX};
    kr_landscape_input(panel, frame, area);
    kr_landscape_follow_update(panel, frame);
    panel->shown = kr_landscape_shown_view(panel, frame);
    if (panel->shown == KR_VIEW_PHASE)
        kr_landscape_draw_phase(panel, frame, area);
    else if (panel->shown == KR_VIEW_STEP)
        kr_landscape_draw_step(panel, frame, area);
    else if (panel->dim == 1)
        kr_landscape_draw_line(panel, frame, area);
    else
        kr_landscape_draw_plane(panel, frame, area);
    kr_landscape_draw_readout(panel, frame);
    kr_landscape_draw_view_button(panel, frame, area);
    panel->version = frame->analysis->version;
    describe(panel, frame);
    if (panel->dim > 2) kr_landscape_menus(panel, frame, panel->picture[panel->columns - 1]);
    kr_canvas_unclip(frame->canvas, before);
}
