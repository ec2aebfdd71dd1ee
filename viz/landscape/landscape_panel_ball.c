/* A particle on the curve of a loss of one coordinate: a ball that lies on it. */
#include "landscape_panel.h"

#include <math.h>

double kr_landscape_energy_at(const kr_landscape *landscape, double x) {
    double energy;
    kr_landscape_energy(landscape, 1, &x, &energy);
    return energy;
}

kr_point kr_landscape_ball_at(const kr_camera *camera, double radius, double x, double left, double energy, double right) {
    kr_point at = kr_camera_pixel(camera, x, energy);
    double rise = (left - right) / camera->per_y, long_side = hypot(rise, 1); /* the pixels' y points down */
    return (kr_point){at.x + radius * rise / long_side, at.y - radius / long_side};
}

kr_point kr_landscape_ball(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, double x) {
    const kr_landscape *landscape = kr_present_landscape(frame->analysis);
    double reach = 0.5 * camera->per_x;
    return kr_landscape_ball_at(camera, panel->dot.radius, x, kr_landscape_energy_at(landscape, x - reach),
                                kr_landscape_energy_at(landscape, x), kr_landscape_energy_at(landscape, x + reach));
}
