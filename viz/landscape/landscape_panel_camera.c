#include "landscape_panel.h"

#include <math.h>

const kr_box kr_empty_box = {INFINITY, -INFINITY, INFINITY, -INFINITY};

void kr_box_join(kr_box *box, kr_box other) {
    kr_box_add(box, other.low_x, other.low_y);
    kr_box_add(box, other.high_x, other.high_y);
}

void kr_box_add(kr_box *box, double x, double y) {
    if (!isfinite(x) || !isfinite(y)) return;
    box->low_x = fmin(box->low_x, x);
    box->high_x = fmax(box->high_x, x);
    box->low_y = fmin(box->low_y, y);
    box->high_y = fmax(box->high_y, y);
}

void kr_box_widen(kr_box *box, double fraction) {
    double x = fraction * (box->high_x - box->low_x), y = fraction * (box->high_y - box->low_y);
    if (!(box->low_x <= box->high_x && box->low_y <= box->high_y)) return;
    *box = (kr_box){box->low_x - x, box->high_x + x, box->low_y - y, box->high_y + y};
}

kr_point kr_camera_pixel(const kr_camera *camera, double x, double y) {
    return (kr_point){camera->area.x + 0.5 * camera->area.width + (x - camera->x) / camera->per_x,
                      camera->area.y + 0.5 * camera->area.height - (y - camera->y) / camera->per_y};
}

kr_point kr_camera_world(const kr_camera *camera, kr_point pixel) {
    return (kr_point){camera->x + (pixel.x - camera->area.x - 0.5 * camera->area.width) * camera->per_x,
                      camera->y - (pixel.y - camera->area.y - 0.5 * camera->area.height) * camera->per_y};
}

kr_box kr_camera_seen(const kr_camera *camera) {
    double x = 0.5 * camera->area.width * camera->per_x, y = 0.5 * camera->area.height * camera->per_y;
    return (kr_box){camera->x - x, camera->x + x, camera->y - y, camera->y + y};
}

/* Beyond these, positions next to each other can no longer be told apart by a double, or overflow. */
static double scale_within(double per, double middle) {
    double least = 1e-12 * fmax(fabs(middle), 1e-3);
    return fmin(fmax(per, least), 1e12);
}

void kr_camera_fit(kr_camera *camera, kr_rectangle area, kr_box box, bool equal) {
    enum { NARROW = 6 }; /* a box that would fill less than this part of the area along one axis is widened */
    if (!(box.low_x <= box.high_x && box.low_y <= box.high_y)) box = (kr_box){-1, 1, -1, 1};
    double width = box.high_x - box.low_x, height = box.high_y - box.low_y;
    if (width <= 0) width = equal && height > 0 ? height : 1;
    if (height <= 0) height = equal ? width : 1;
    *camera = (kr_camera){.area = area, .x = 0.5 * (box.low_x + box.high_x), .y = 0.5 * (box.low_y + box.high_y)};
    double per_x = width / fmax(area.width, 1), per_y = height / fmax(area.height, 1), larger = fmax(per_x, per_y);
    if (equal && larger < NARROW * fmin(per_x, per_y)) per_x = per_y = larger;
    camera->per_x = scale_within(per_x, camera->x);
    camera->per_y = scale_within(per_y, camera->y);
}

void kr_camera_resize(kr_camera *camera, kr_rectangle area, bool span) {
    if (span) {
        camera->per_x *= fmax(camera->area.width, 1) / fmax(area.width, 1);
        camera->per_y *= fmax(camera->area.height, 1) / fmax(area.height, 1);
    }
    camera->area = area;
}

void kr_camera_zoom(kr_camera *camera, kr_point about, double factor_x, double factor_y) {
    kr_point before = kr_camera_world(camera, about);
    camera->per_x = scale_within(camera->per_x / factor_x, camera->x);
    camera->per_y = scale_within(camera->per_y / factor_y, camera->y);
    kr_point after = kr_camera_world(camera, about);
    camera->x += before.x - after.x;
    camera->y += before.y - after.y;
}

void kr_camera_pan(kr_camera *camera, double right, double down) {
    camera->x -= right * camera->per_x;
    camera->y += down * camera->per_y;
    camera->per_x = scale_within(camera->per_x, camera->x);
    camera->per_y = scale_within(camera->per_y, camera->y);
}

bool kr_camera_same(const kr_camera *a, const kr_camera *b) {
    return a->area.x == b->area.x && a->area.y == b->area.y && a->area.width == b->area.width && a->area.height == b->area.height &&
           a->x == b->x && a->y == b->y && a->per_x == b->per_x && a->per_y == b->per_y;
}

kr_camera *kr_landscape_camera(kr_landscape_panel *panel) {
    return panel->shown == KR_VIEW_PHASE ? &panel->phase : panel->shown == KR_VIEW_STEP ? &panel->step : &panel->camera;
}
