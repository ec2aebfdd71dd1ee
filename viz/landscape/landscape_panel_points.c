/* Control points of the landscape spline: drawn as handles on the curve and moved while particles run on it. */
#include "landscape_panel.h"

#include <kramers/number_text.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const kr_list *list_of(const kr_settings *settings, const char *name) {
    const kr_parameter *parameter = kr_parameter_find(settings->about, name);
    if (!parameter || parameter->type != KR_LIST) return NULL;
    return (const kr_list *)(const void *)((const char *)settings->values + parameter->offset);
}

bool kr_control_points_load(kr_control_points *control, const kr_analysis *analysis, double seconds) {
    const kr_settings *settings = &analysis->scene.landscape;
    const kr_list *x = NULL, *energy = NULL;
    if (settings->about && strcmp(settings->about->name, "spline") == 0) {
        x = list_of(settings, "x");
        energy = list_of(settings, "energy");
    }
    if (!x || !energy || x->count != energy->count || x->count > KR_CONTROL_POINTS) {
        *control = (kr_control_points){.held = SIZE_MAX};
        return false;
    }
    if (control->ours && control->held == SIZE_MAX && !control->changed &&
        (analysis->version != control->version || seconds > control->until))
        control->ours = false;
    if (control->ours) return true;
    control->count = x->count;
    if (control->held >= control->count) control->held = SIZE_MAX;
    control->version = analysis->version;
    memcpy(control->x, x->value, x->count * sizeof *x->value);
    control->scale = kr_get_by_name(settings->about, settings->values, "scale", 1);
    for (size_t k = 0; k < x->count; k++) control->energy[k] = control->scale * energy->value[k];
    return true;
}

size_t kr_control_points_hit(const kr_control_points *control, const kr_camera *camera, kr_point pixel, double reach) {
    size_t nearest = SIZE_MAX;
    double least = reach;
    for (size_t k = 0; k < control->count; k++) {
        kr_point at = kr_camera_pixel(camera, control->x[k], control->energy[k]);
        double distance = hypot(at.x - pixel.x, at.y - pixel.y);
        if (distance >= least) continue;
        least = distance;
        nearest = k;
    }
    return nearest;
}

/* Points keep their order: a point goes no further than a little before its neighbour. */
void kr_control_points_move(kr_control_points *control, double x, double energy) {
    size_t k = control->held;
    if (k >= control->count || !isfinite(x) || !isfinite(energy)) return;
    double room = 0.01 * (control->x[control->count - 1] - control->x[0]) / (double)control->count;
    if (k > 0) x = fmax(x, control->x[k - 1] + room);
    if (k + 1 < control->count) x = fmin(x, control->x[k + 1] - room);
    if (x == control->x[k] && energy == control->energy[k]) return;
    control->x[k] = x;
    control->energy[k] = energy;
    control->ours = control->changed = true;
}

bool kr_control_points_add(kr_control_points *control, double x, double energy) {
    size_t k = 0;
    if (control->count >= KR_CONTROL_POINTS || !isfinite(x) || !isfinite(energy)) return false;
    while (k < control->count && control->x[k] < x) k++;
    if (k < control->count && control->x[k] == x) return false;
    memmove(control->x + k + 1, control->x + k, (control->count - k) * sizeof *control->x);
    memmove(control->energy + k + 1, control->energy + k, (control->count - k) * sizeof *control->energy);
    control->x[k] = x;
    control->energy[k] = energy;
    control->count++;
    control->ours = control->changed = true;
    return true;
}

bool kr_control_points_remove(kr_control_points *control, size_t point) {
    enum { LEAST = 4 }; /* of the landscape */
    if (point >= control->count || control->count <= LEAST) return false;
    control->count--;
    memmove(control->x + point, control->x + point + 1, (control->count - point) * sizeof *control->x);
    memmove(control->energy + point, control->energy + point + 1, (control->count - point) * sizeof *control->energy);
    control->held = SIZE_MAX;
    control->ours = control->changed = true;
    return true;
}

/* Seven digits: more than a pixel can say, and the log stays legible. */
static double rounded(double value) {
    char text[32];
    snprintf(text, sizeof text, "%.7g", value);
    kr_number_parse(text, &value);
    return value;
}

/* Both lists together: there must be as many numbers in one as in the other. */
void kr_control_points_settings(kr_control_points *control, kr_setting setting[2]) {
    for (size_t k = 0; k < control->count; k++) {
        control->sent[0][k] = rounded(control->x[k]);
        control->sent[1][k] = rounded(control->energy[k] / control->scale);
    }
    setting[0] = (kr_setting){"landscape.x", kr_list_value(&(kr_list){control->sent[0], control->count})};
    setting[1] = (kr_setting){"landscape.energy", kr_list_value(&(kr_list){control->sent[1], control->count})};
}

void kr_control_points_send(kr_control_points *control, const kr_frame *frame) {
    kr_setting both[2];
    if (!control->changed || !frame->simulation) return;
    kr_control_points_settings(control, both);
    if (!kr_simulation_set_all(frame->simulation, both, 2)) return;
    control->changed = false;
    control->version = frame->analysis->version;
    control->until = frame->widgets->input.seconds + 1;
}

static void describe(const kr_control_points *control, size_t k, const kr_frame *frame, kr_point at, double radius) {
    kr_description *description = frame->widgets ? frame->widgets->description : NULL;
    char identity[KR_IDENTITY];
    if (!description) return;
    snprintf(identity, sizeof identity, "landscape.point.%zu", k);
    kr_describe_item(description, "controls");
    kr_describe_text(description, "kind", "point");
    kr_describe_text(description, "identity", identity);
    kr_describe_place(description, frame->canvas, (kr_rectangle){at.x - radius, at.y - radius, 2 * radius, 2 * radius});
    kr_describe_flag(description, "enabled", frame->simulation != NULL);
    kr_describe_numbers(description, "value", 2, (double[2]){control->x[k], control->energy[k]});
}

void kr_control_points_draw(const kr_control_points *control, const kr_frame *frame, const kr_camera *camera) {
    const kr_theme *theme = frame->theme;
    for (size_t k = 0; k < control->count; k++) {
        kr_point at = kr_camera_pixel(camera, control->x[k], control->energy[k]);
        double radius = (k == control->held ? 9 : 6.5) * theme->scale;
        describe(control, k, frame, at, radius);
        kr_canvas_disc(frame->canvas, at, radius + 1.5 * theme->scale, theme->background);
        kr_canvas_disc(frame->canvas, at, radius, k == control->held ? theme->focus : theme->text);
        kr_canvas_disc(frame->canvas, at, 0.5 * radius, theme->panel);
    }
}
