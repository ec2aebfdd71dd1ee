/* Mouse and keys on the landscape. */
#include "landscape_panel.h"

#include <SDL.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool within(kr_rectangle area, kr_point at) {
    return at.x >= area.x && at.x < area.x + area.width && at.y >= area.y && at.y < area.y + area.height;
}

/* The picture under a pixel, and the camera that sees it; SIZE_MAX: none. */
static size_t picture_at(kr_landscape_panel *panel, kr_point at, kr_camera *camera) {
    *camera = *kr_landscape_camera(panel);
    for (size_t k = 0; k < panel->pictures; k++) {
        if (!within(panel->picture[k], at)) continue;
        camera->area = panel->picture[k];
        return k;
    }
    return SIZE_MAX;
}

bool kr_landscape_drop_text(const kr_camera *camera, const kr_plane *plane, size_t dim, kr_point pixel, char *text, size_t size) {
    kr_point at = kr_camera_world(camera, pixel);
    int used = snprintf(text, size, "drop");
    for (size_t i = 0; i < dim; i++) {
        double value = at.x, per = camera->per_x;
        if (dim > 1) {
            double reach_x = fabs(plane->along_x[i]), reach_y = fabs(plane->along_y[i]);
            bool off = !plane->principal && i != plane->first && i != plane->second;
            value = plane->principal    ? plane->origin[i] + plane->along_x[i] * at.x + plane->along_y[i] * at.y
                    : off               ? plane->origin[i]
                    : i == plane->first ? at.x
                                        : at.y;
            per = off ? 1e-9 : fmax(reach_x * camera->per_x, reach_y * camera->per_y);
        }
        int decimals = per > 0 ? (int)ceil(1 - log10(per)) : 9;
        decimals = decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
        char number[400];
        snprintf(number, sizeof number, "%.*f", decimals, value);
        char *end = number + strlen(number);
        while (strchr(number, '.') && end[-1] == '0') *--end = 0;
        if (end[-1] == '.') *--end = 0;
        if (used < 0 || (size_t)used >= size) return false;
        used += snprintf(text + used, size - (size_t)used, " %s", strcmp(number, "-0") == 0 ? "0" : number);
    }
    return used > 0 && (size_t)used < size;
}

static void drop(kr_landscape_panel *panel, const kr_frame *frame, kr_point pixel) {
    char text[4096];
    kr_camera camera;
    if (!frame->simulation || picture_at(panel, pixel, &camera) == SIZE_MAX) return;
    kr_point world;
    if (panel->shown == KR_VIEW_PHASE && panel->dim > 1) return; /* the other coordinates are not known there */
    if (!kr_landscape_world(panel, &camera, pixel, &world)) return;
    if (kr_landscape_drop_text(&camera, &panel->plane, panel->dim, kr_camera_pixel(&camera, world.x, world.y), text, sizeof text))
        kr_simulation_intervene(frame->simulation, text);
}

static void follow_nearest(kr_landscape_panel *panel, const kr_frame *frame, kr_point pixel) {
    kr_camera camera;
    size_t picture = picture_at(panel, pixel, &camera);
    const kr_snapshot *snapshot = frame->snapshot;
    if (!snapshot || picture == SIZE_MAX || picture >= snapshot->variants) return;
    uint64_t particle = kr_landscape_nearest(panel, frame->analysis, &snapshot->variant[picture], &camera, pixel, INFINITY);
    if (particle == panel->followed.particle) particle = UINT64_MAX; /* the same particle again: none is followed */
    panel->followed = (kr_followed){.particle = particle, .variant = picture, .told = panel->followed.told, .number = UINT64_MAX};
    if (frame->simulation) kr_simulation_follow(frame->simulation, particle);
}

/* Right click removes a control point, double click on the ground adds one. */
static void edit_points(kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_input *input = &frame->widgets->input;
    double reach = 11 * frame->theme->scale;
    if (input->right_pressed) {
        size_t point = kr_control_points_hit(&panel->control, &panel->camera, input->mouse, reach);
        if (point != SIZE_MAX) kr_control_points_remove(&panel->control, point);
    }
    if (input->double_click && kr_control_points_hit(&panel->control, &panel->camera, input->mouse, reach) == SIZE_MAX) {
        kr_point at = kr_camera_world(&panel->camera, input->mouse);
        kr_control_points_add(&panel->control, at.x, at.y);
        panel->drop_waits = false;
        panel->gesture = KR_GESTURE_NONE;
    }
}

static void press(kr_landscape_panel *panel, const kr_frame *frame, bool drawn) {
    const kr_input *input = &frame->widgets->input;
    panel->pressed_at = panel->last_mouse = input->mouse;
    panel->gesture = input->middle_down ? KR_GESTURE_PAN : KR_GESTURE_PRESSED;
    if (!drawn || input->middle_down || input->shift) return;
    size_t point = kr_control_points_hit(&panel->control, &panel->camera, input->mouse, 13 * frame->theme->scale);
    if (point == SIZE_MAX) return;
    panel->gesture = KR_GESTURE_CONTROL_POINT;
    panel->control.held = point;
}

static void click(kr_landscape_panel *panel, const kr_frame *frame, bool drawn) {
    const double double_click = 0.4;
    const kr_input *input = &frame->widgets->input;
    if (input->shift) {
        follow_nearest(panel, frame, panel->pressed_at);
    } else if (!drawn) {
        drop(panel, frame, panel->pressed_at);
    } else if (!input->double_click) { /* where a double click means something else, one must wait for it */
        panel->drop_waits = true;
        panel->drop_at = panel->pressed_at;
        panel->drop_time = input->seconds + double_click;
    }
}

/* What is under the mouse stays there: on a surface so far as it is level. */
static void pan(kr_landscape_panel *panel, double right, double down) {
    if (kr_landscape_solid(panel)) {
        double pixels = 0.5 * fmax(panel->camera.area.width, panel->camera.area.height) / kr_landscape_solid_scale(panel);
        double across = right * pixels, away = -down * pixels / sin(panel->turn.pitch);
        right = across * cos(panel->turn.yaw) - away * sin(panel->turn.yaw);
        down = -(across * sin(panel->turn.yaw) + away * cos(panel->turn.yaw));
    }
    kr_camera_pan(kr_landscape_camera(panel), right, down);
}

static void drag(kr_landscape_panel *panel, const kr_frame *frame, bool drawn) {
    const kr_input *input = &frame->widgets->input;
    const double turn = 0.01 / frame->theme->scale; /* radians to the pixel */
    bool held = input->down || input->middle_down;
    double right = input->mouse.x - panel->last_mouse.x, down = input->mouse.y - panel->last_mouse.y;
    double far = hypot(input->mouse.x - panel->pressed_at.x, input->mouse.y - panel->pressed_at.y);
    /* A short drag may have come to its end in the same frame. */
    if (panel->gesture == KR_GESTURE_PRESSED && far > 5 * frame->theme->scale) {
        panel->gesture = kr_landscape_solid(panel) && !input->middle_down ? KR_GESTURE_TURN : KR_GESTURE_PAN;
        right = input->mouse.x - panel->pressed_at.x;
        down = input->mouse.y - panel->pressed_at.y;
    }
    if (panel->gesture == KR_GESTURE_PAN && (right != 0 || down != 0)) {
        pan(panel, right, down);
        panel->moved = true;
    }
    if (panel->gesture == KR_GESTURE_TURN) kr_landscape_turn(panel, turn * right, turn * down);
    if (panel->gesture == KR_GESTURE_CONTROL_POINT && (right != 0 || down != 0)) {
        kr_point at = kr_camera_world(&panel->camera, input->mouse);
        kr_control_points_move(&panel->control, at.x, at.y);
    }
    panel->last_mouse = input->mouse;
    if (held) return;
    if (panel->gesture == KR_GESTURE_PRESSED) click(panel, frame, drawn);
    panel->control.held = SIZE_MAX;
    panel->gesture = KR_GESTURE_NONE;
}

static void turn_wheel(kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_input *input = &frame->widgets->input;
    kr_camera camera;
    if (input->wheel == 0 || picture_at(panel, input->mouse, &camera) == SIZE_MAX) return;
    double factor = pow(1.2, fmin(fmax(input->wheel, -20), 20));
    kr_point about = input->mouse, world;
    if (panel->dim > 1 && kr_landscape_world(panel, &camera, about, &world)) about = kr_camera_pixel(&camera, world.x, world.y);
    /* The energy axis of one dimension by itself, with shift. */
    kr_camera_zoom(&camera, about, panel->dim == 1 && input->shift ? 1 : factor, panel->dim == 1 && !input->shift ? 1 : factor);
    camera.area = panel->camera.area;
    panel->camera = camera;
    panel->moved = true;
}

void kr_landscape_input(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    if (!frame->widgets) return;
    const kr_input *input = &frame->widgets->input;
    bool drawn = panel->dim == 1 && panel->control.count > 0 && panel->shown == KR_VIEW_FLAT;
    kr_camera camera;
    bool on_ground = input->inside && within(area, input->mouse) && picture_at(panel, input->mouse, &camera) != SIZE_MAX &&
                     !kr_widgets_own_mouse(frame->widgets);
    if (on_ground && panel->gesture == KR_GESTURE_NONE) {
        turn_wheel(panel, frame);
        if (drawn) edit_points(panel, frame);
        if (input->pressed || input->middle_down) press(panel, frame, drawn);
    }
    if (panel->gesture != KR_GESTURE_NONE) drag(panel, frame, drawn);
    if (panel->drop_waits && input->seconds > panel->drop_time) {
        panel->drop_waits = false;
        drop(panel, frame, panel->drop_at);
    }
    kr_control_points_send(&panel->control, frame);
}

/* Directions are coordinates, and behind them the principal directions, which come together. */
static int choices(const kr_landscape_panel *panel) {
    return (int)(panel->dim < KR_PICKED_NUMBERS ? panel->dim : KR_PICKED_NUMBERS);
}

bool kr_landscape_choose_directions(kr_landscape_panel *panel, const kr_frame *frame, int x, int y) {
    int count = choices(panel);
    bool principal = x >= count || y >= count;
    if (principal) {
        if (!frame->snapshot || !frame->snapshot->variants || !kr_plane_principal(&panel->plane, &frame->snapshot->variant[0]))
            return false;
        x = y = count;
    } else if (x == y) {
        return false;
    } else if (kr_plane_place(&panel->plane, panel->dim, frame->analysis->model.start, (size_t)x, (size_t)y, NULL) != KR_OK) {
        return false;
    }
    panel->direction_x = x;
    panel->direction_y = y;
    if (frame->snapshot) {
        panel->plane_step = frame->snapshot->step;
        panel->plane_generation = frame->snapshot->generation;
    }
    panel->moved = false;
    panel->camera.per_x = panel->phase.per_x = 0;
    return true;
}

void kr_landscape_menus(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    static char names[KR_PICKED_NUMBERS][8];
    const char *list[KR_PICKED_NUMBERS + 2];
    const kr_theme *theme = frame->theme;
    int count = choices(panel), x = panel->direction_x, y = panel->direction_y;
    bool stacked;
    double width = kr_landscape_menu_width(panel, frame, area, &stacked), height = theme->line;
    bool labelled = width > 145 * theme->scale;
    if (width <= 0) return;
    for (int i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "x%d", i);
        list[i] = names[i];
    }
    list[count] = "principal";
    list[count + 1] = NULL;
    kr_rectangle right = {area.x + area.width - width - 0.5 * theme->gap, area.y + 0.5 * theme->gap, width, height}, left = right;
    if (stacked)
        right.y += height + 0.2 * theme->gap;
    else
        left.x -= width + 0.5 * theme->gap;
    kr_rectangle plate = {left.x - 0.3 * theme->gap, left.y - 0.3 * theme->gap, right.x - left.x + width + 0.6 * theme->gap,
                          right.y - left.y + height + 0.6 * theme->gap};
    kr_canvas_fill_round(frame->canvas, plate, 4 * theme->scale, kr_color_fade(theme->panel, 0.85));
    if (kr_menu(frame->widgets, "landscape.horizontal", left, labelled ? "across" : "", list, &x,
                "coordinate shown from left to right")) {
        if (x < count && panel->direction_y >= count) y = x == 0;
        if (x == y) y = panel->direction_x < count ? panel->direction_x : 0;
        kr_landscape_choose_directions(panel, frame, x, y);
    } else if (kr_menu(frame->widgets, "landscape.vertical", right, labelled ? "up" : "", list, &y,
                       "coordinate shown from bottom to top")) {
        if (y < count && panel->direction_x >= count) x = y == 0;
        if (x == y) x = panel->direction_y < count ? panel->direction_y : 0;
        kr_landscape_choose_directions(panel, frame, x, y);
    }
}

static bool next_direction(kr_landscape_panel *panel, const kr_frame *frame, bool vertical) {
    int count = choices(panel), x = panel->direction_x, y = panel->direction_y;
    if (panel->dim < 3) return false;
    if (x >= count) return kr_landscape_choose_directions(panel, frame, 0, 1);
    int *turned = vertical ? &y : &x;
    do *turned = (*turned + 1) % count;
    while (x == y);
    return kr_landscape_choose_directions(panel, frame, x, y);
}

static bool zoom_by_key(kr_landscape_panel *panel, double factor) {
    kr_camera *camera = kr_landscape_camera(panel);
    kr_rectangle area = camera->area;
    if (!(camera->per_x > 0)) return false;
    kr_camera_zoom(camera, (kr_point){area.x + 0.5 * area.width, area.y + 0.5 * area.height}, factor,
                   panel->dim == 1 && panel->shown == KR_VIEW_FLAT ? 1 : factor);
    panel->moved = true;
    return true;
}

/* With shift the other way: up and down. */
static bool turn_by_key(kr_landscape_panel *panel, const kr_frame *frame, int way) {
    bool tilt = frame->widgets && frame->widgets->input.shift;
    if (!kr_landscape_solid(panel)) return false;
    kr_landscape_turn_by_keys(panel, tilt ? 0 : way, tilt ? way : 0);
    return true;
}

bool kr_landscape_panel_key(kr_landscape_panel *panel, const kr_frame *frame, int32_t key) {
    if (!kr_landscape_known(frame->analysis) || panel->dim == 0) return false;
    switch (key) {
    case SDLK_8: return zoom_by_key(panel, 1 / 1.2);
    case SDLK_9: return zoom_by_key(panel, 1.2);
    case SDLK_LEFT:
    case SDLK_RIGHT: return turn_by_key(panel, frame, key == SDLK_RIGHT ? 1 : -1);
    case SDLK_r:
        panel->turn = kr_landscape_first_turn;
        panel->moved = false;
        panel->camera.per_x = panel->phase.per_x = panel->step.per_x = 0;
        return true;
    case SDLK_x:
        if (!frame->widgets || !frame->widgets->input.inside) return false;
        follow_nearest(panel, frame, frame->widgets->input.mouse);
        return true;
    case SDLK_o:
        if (panel->trail_length > 0) panel->trail_length--;
        return true;
    case SDLK_i:
        if (panel->trail_length < KR_TRAIL_LENGTHS - 1) panel->trail_length++;
        return true;
    case SDLK_b: panel->look = panel->look == KR_LOOK_DENSITY ? KR_LOOK_AUTO : KR_LOOK_DENSITY; return panel->dim > 1;
    case SDLK_j: return next_direction(panel, frame, false);
    case SDLK_l: return next_direction(panel, frame, true);
    case SDLK_p: return panel->dim > 2 && kr_landscape_choose_directions(panel, frame, choices(panel), choices(panel));
    default: return false;
    }
}
