/* Which view of the landscape is shown: as the user wants it where the landscape has it, else the flat one. */
#include "landscape_panel.h"

#include <stdio.h>

const char *const kr_landscape_view_name[KR_LANDSCAPE_VIEWS + 1] = {"flat", "surface", "phase", "step", NULL};

static bool moves(const kr_snapshot *snapshot) {
    for (size_t v = 0; snapshot && v < snapshot->variants; v++)
        if (snapshot->variant[v].has_velocity) return true;
    return false;
}

bool kr_landscape_view_applies(const kr_analysis *analysis, const kr_snapshot *snapshot, kr_landscape_view view, char *why,
                               size_t size) {
    const kr_model *model = &analysis->model;
    const char *dynamics = model->dynamics.type->about.name, *reason = NULL;
    if (view == KR_VIEW_SURFACE && model->landscape.dim < 2)
        reason = "a surface needs two coordinates: of one, the curve shows all of V already";
    if (view == KR_VIEW_PHASE && !moves(snapshot)) reason = "%s has no momentum: there is no phase plane";
    if (view == KR_VIEW_STEP && model->landscape.dim > 1) reason = "from one step to the next can be drawn of one coordinate only";
    if (view == KR_VIEW_STEP && !reason && !model->dynamics.type->thermal_variance)
        reason = "a step of %s depends on more than the position: there is no curve from one to the next";
    if (why && size) snprintf(why, size, reason ? reason : "%.0s", dynamics);
    return !reason;
}

bool kr_landscape_panel_view(kr_landscape_panel *panel, const kr_analysis *analysis, const kr_snapshot *snapshot,
                             kr_landscape_view view, char *why, size_t size) {
    if (!kr_landscape_known(analysis) || !kr_landscape_view_applies(analysis, snapshot, view, why, size)) return false;
    panel->view = view;
    return true;
}

kr_landscape_view kr_landscape_panel_choice(const kr_landscape_panel *panel) {
    return panel->view;
}

void kr_landscape_panel_choose(kr_landscape_panel *panel, kr_landscape_view view) {
    panel->view = view;
}

kr_landscape_view kr_landscape_shown_view(const kr_landscape_panel *panel, const kr_frame *frame) {
    return kr_landscape_view_applies(frame->analysis, frame->snapshot, panel->view, NULL, 0) ? panel->view : KR_VIEW_FLAT;
}

static const char *short_name(kr_landscape_view view, size_t dim) {
    switch (view) {
    case KR_VIEW_SURFACE: return "3-D";
    case KR_VIEW_PHASE: return "x, p";
    case KR_VIEW_STEP: return "step";
    default: return dim > 1 ? "map" : "V(x)";
    }
}

kr_rectangle kr_landscape_view_corner(const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    double width = kr_landscape_left_margin(theme), height = kr_landscape_lower_margin(theme), small = 1.5 * theme->small;
    if (area.width < 220 * theme->scale || area.height < 160 * theme->scale) return (kr_rectangle){0, 0, 0, 0};
    return (kr_rectangle){area.x + 0.4 * theme->gap, area.y + area.height - 0.5 * (height + small) + 0.2 * theme->gap,
                          width - 0.8 * theme->gap, small};
}

/* The next one that there is. Where there is only one there is nothing to choose. */
void kr_landscape_draw_view_button(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    static const char *const what[KR_LANDSCAPE_VIEWS] = {"1 flat", "2 surface", "3 phase plane", "4 from step to step"};
    kr_landscape_view now = kr_landscape_shown_view(panel, frame), next = now;
    kr_rectangle corner = kr_landscape_view_corner(frame, area);
    char tip[256];
    int used = snprintf(tip, sizeof tip, "What is shown, the next; keys:");
    if (!frame->widgets || corner.width <= 0) return;
    for (int k = 0; k < KR_LANDSCAPE_VIEWS; k++)
        if (kr_landscape_view_applies(frame->analysis, frame->snapshot, (kr_landscape_view)k, NULL, 0))
            used += snprintf(tip + used, sizeof tip - (size_t)used, " %s,", what[k]);
    tip[used - 1] = 0;
    do next = (kr_landscape_view)((next + 1) % KR_LANDSCAPE_VIEWS);
    while (next != now && !kr_landscape_view_applies(frame->analysis, frame->snapshot, next, NULL, 0));
    if (next == now) return;
    if (kr_small_button(frame->widgets, "landscape view", corner, short_name(now, panel->dim), tip)) {
        panel->view = next;
        frame->widgets->focus[0] = '\0'; /* so that keys keep their meaning after a click */
    }
}
