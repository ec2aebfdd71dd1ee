/* Control points of a spline: one more, one less. They are moved with the mouse in the landscape, or typed into the lists. */
#include "controls_panel.h"

#include <math.h>
#include <string.h>

enum { LEAST = 4, MOST = 64 };

typedef struct points {
    size_t count;
    double scale, x[MOST], energy[MOST]; /* scale: of the curve, which the energies are drawn with */
} points;

static bool read_points(const kr_settings *landscape, points *p) {
    const kr_parameter *row[2] = {kr_parameter_find(landscape->about, "x"), kr_parameter_find(landscape->about, "energy")};
    if (strcmp(landscape->about->name, "spline") || !row[0] || !row[1] || row[0]->type != KR_LIST || row[1]->type != KR_LIST)
        return false;
    const kr_list *x = (const void *)((const char *)landscape->values + row[0]->offset);
    const kr_list *energy = (const void *)((const char *)landscape->values + row[1]->offset);
    if (x->count != energy->count || x->count > MOST) return false;
    p->count = x->count;
    p->scale = kr_get_by_name(landscape->about, landscape->values, "scale", 1);
    memcpy(p->x, x->value, x->count * sizeof *p->x);
    memcpy(p->energy, energy->value, x->count * sizeof *p->energy);
    return true;
}

static void send(kr_controls_panel *panel, const char *identity, points *p) {
    const kr_setting both[] = {{"landscape.x", kr_list_value(&(kr_list){p->x, p->count})},
                               {"landscape.energy", kr_list_value(&(kr_list){p->energy, p->count})}};
    kr_controls_set_all(panel, identity, both, 2);
}

/* In the middle of the widest gap, on the curve: the loss hardly changes until the point is moved. */
static bool add_point(const kr_frame *frame, points *p) {
    size_t at = 0;
    double gap = 0, energy;
    if (p->count == MOST || !frame->analysis) return false;
    for (size_t i = 0; i + 1 < p->count; i++)
        if (p->x[i + 1] - p->x[i] > gap * (1 + 1e-9)) {
            gap = p->x[i + 1] - p->x[i];
            at = i + 1;
        }
    double x = 0.5 * (p->x[at - 1] + p->x[at]);
    const kr_landscape *landscape = &frame->analysis->model.landscape;
    landscape->type->energy(landscape, 1, &x, &energy);
    memmove(p->x + at + 1, p->x + at, (p->count - at) * sizeof *p->x);
    memmove(p->energy + at + 1, p->energy + at, (p->count - at) * sizeof *p->energy);
    p->x[at] = round(1e6 * x) / 1e6;
    p->energy[at] = round(1e6 * energy / p->scale) / 1e6;
    p->count++;
    return p->x[at] > p->x[at - 1] && p->x[at] < p->x[at + 1];
}

/* The inner point that is nearest to the line between its neighbours. */
static bool remove_point(points *p) {
    if (p->count <= LEAST) return false;
    size_t at = 1;
    double nearest = INFINITY;
    for (size_t i = 1; i + 1 < p->count; i++) {
        double share = (p->x[i] - p->x[i - 1]) / (p->x[i + 1] - p->x[i - 1]);
        double off = fabs(p->energy[i] - (p->energy[i - 1] + share * (p->energy[i + 1] - p->energy[i - 1])));
        if (off < nearest) {
            nearest = off;
            at = i;
        }
    }
    memmove(p->x + at, p->x + at + 1, (p->count - at - 1) * sizeof *p->x);
    memmove(p->energy + at, p->energy + at + 1, (p->count - at - 1) * sizeof *p->energy);
    p->count--;
    return true;
}

void kr_controls_points(kr_controls_panel *panel) {
    static const char *const identity[] = {"controls.points.add", "controls.points.remove"};
    points p;
    if (!read_points(&panel->shown.landscape, &p)) return;
    kr_widgets *widgets = panel->frame->widgets;
    double gap = 0.75 * panel->frame->theme->gap;
    kr_rectangle row = kr_controls_place(panel, 1);
    kr_rectangle left = {row.x, row.y, 0.5 * (row.width - gap), row.height}, right = left;
    right.x += left.width + gap;
    bool disabled = widgets->disabled;
    widgets->disabled = disabled || p.count == MOST;
    if (kr_button(widgets, identity[0], left, "Add a point", false, "One more control point in the widest gap.") &&
        add_point(panel->frame, &p))
        send(panel, identity[0], &p);
    widgets->disabled = disabled || p.count <= LEAST;
    if (kr_button(widgets, identity[1], right, "Remove one", false,
                  "One control point less: the one that shapes the curve least.") &&
        remove_point(&p))
        send(panel, identity[1], &p);
    widgets->disabled = disabled;
    for (int i = 0; i < 2; i++) kr_controls_after(panel, identity[i], row);
}
