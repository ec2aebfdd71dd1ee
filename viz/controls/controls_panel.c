/* The column of parameters: it scrolls, and its controls are made from the descriptors. */
#include "controls_panel.h"
#include "widgets/widget_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

kr_status kr_controls_panel_create(kr_controls_panel **panel, kr_error *error) {
    *panel = calloc(1, sizeof **panel);
    if (!*panel) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the controls");
    (*panel)->scroll_wanted = (*panel)->last_temperature = NAN;
    (*panel)->prune = (kr_prune){.fraction = 0.9, .iterative = true};
    return KR_OK;
}

void kr_controls_panel_destroy(kr_controls_panel *panel) {
    if (!panel) return;
    if (panel->known) kr_scene_destroy(&panel->shown);
    free(panel);
}

const char *kr_controls_panel_news(kr_controls_panel *panel) {
    if (!panel->news[0]) return NULL;
    memcpy(panel->told, panel->news, sizeof panel->told);
    panel->news[0] = 0;
    return panel->told;
}

/* ---- the settings ---- */

/* Sections without effect so far begin closed. */
static void open_first_sections(kr_controls_panel *panel) {
    for (int s = 0; s < KR_SECTION_COUNT; s++) panel->open[s] = s < KR_SECTION_ENSEMBLE;
    panel->open[KR_SECTION_NOISE] = strcmp(panel->shown.noise.about->name, "none") != 0;
    panel->open[KR_SECTION_COMPARE] = panel->shown.compare_count > 0;
}

static void adopt_settings(kr_controls_panel *panel, const kr_analysis *analysis) {
    kr_scene plain = analysis->scene, copy;
    plain.lesson = NULL;
    plain.lesson_count = 0;
    if (kr_scene_copy(&copy, &plain, NULL) != KR_OK) return;
    bool heated = panel->known && !strcmp(panel->shown.noise.about->name, "none") && strcmp(copy.noise.about->name, "none");
    bool first = !panel->known, more = !first && copy.compare_count > panel->shown.compare_count;
    if (panel->known) kr_scene_destroy(&panel->shown);
    panel->shown = copy;
    panel->known = true;
    panel->version = analysis->version;
    if (first) open_first_sections(panel);
    if (heated) panel->open[KR_SECTION_NOISE] = true;
    if (more) panel->scroll_wanted = INFINITY; /* a new dynamics stands at the end */
}

/* While a control is held its own value counts: the simulation's answers come a little later and would pull the knob back. */
static void follow(kr_controls_panel *panel, const kr_frame *frame) {
    const kr_analysis *analysis = frame->analysis;
    const kr_snapshot *snapshot = frame->snapshot;
    bool held = !strncmp(frame->widgets->active, "controls.", 9), refused = false;
    if (snapshot && snapshot->message_number != panel->message_number) {
        panel->message_number = snapshot->message_number;
        if (panel->waiting) {
            kr_controls_say(panel, panel->changed, false, snapshot->message);
            panel->promise[0] = 0;
            refused = true;
        }
    }
    if (snapshot && snapshot->interventions > panel->sent_at) {
        if (panel->waiting) snprintf(panel->news, sizeof panel->news, "%s", panel->promise);
        panel->waiting = false;
        panel->promise[0] = 0;
    }
    if (!analysis) return;
    if (!panel->known || refused || (analysis->version != panel->version && !held)) adopt_settings(panel, analysis);
}

/* ---- drawing ---- */

/* A knob as long as the part that is seen; it can be dragged. */
static void draw_scrollbar(kr_controls_panel *panel, kr_rectangle area) {
    static const char identity[] = "controls.scrollbar";
    const kr_theme *theme = panel->frame->theme;
    kr_widgets *widgets = panel->frame->widgets;
    double seen = panel->view.height, all = panel->content;
    if (!(all > seen + 1)) return;
    double wide = 8 * theme->scale, length = fmax(seen * seen / all, 3 * wide), way = seen - length;
    kr_rectangle rail = {area.x + area.width - wide - theme->scale, panel->view.y, wide, seen};
    bool over = widgets->input.inside && kr_widget_inside(rail, widgets->input.mouse) && !widgets->active[0] && !widgets->open[0];
    if (over) kr_widget_assign(widgets->hot, identity);
    if (over && widgets->input.pressed) kr_widget_assign(widgets->active, identity);
    bool held = kr_widget_is(widgets->active, identity);
    if (held && widgets->input.down) panel->scroll_wanted = (widgets->input.mouse.y - rail.y - 0.5 * length) / way * (all - seen);
    kr_rectangle knob = {rail.x + 2 * theme->scale, rail.y + panel->scroll / (all - seen) * way, wide - 4 * theme->scale, length};
    kr_canvas_fill_round(panel->frame->canvas, knob, 2 * theme->scale, kr_color_fade(theme->text, held || over ? 0.5 : 0.22));
}

static void scroll(kr_controls_panel *panel, kr_rectangle area) {
    kr_input *input = &panel->frame->widgets->input;
    double most = fmax(0, panel->content - panel->view.height);
    if (input->inside && input->wheel != 0 && kr_widget_inside(area, input->mouse) && !panel->frame->widgets->open[0]) {
        panel->scroll_wanted = panel->scroll - 2.5 * panel->frame->theme->line * input->wheel;
        input->wheel = 0;
    }
    if (!isnan(panel->scroll_wanted)) panel->scroll = panel->scroll_wanted;
    panel->scroll = floor(fmin(fmax(panel->scroll, 0), most));
    panel->scroll_wanted = NAN;
}

void kr_controls_panel_draw(kr_controls_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    kr_widgets *widgets = frame->widgets;
    panel->frame = frame;
    follow(panel, frame);
    kr_canvas_fill(frame->canvas, area, theme->panel);
    kr_canvas_fill(frame->canvas, (kr_rectangle){area.x + area.width - theme->scale, area.y, theme->scale, area.height},
                   theme->edge);
    if (!panel->known) return;
    double margin = theme->gap;
    panel->view = (kr_rectangle){area.x + margin, area.y + margin, area.width - 2.5 * margin, area.height - 2 * margin};
    panel->y = panel->view.y - panel->scroll;
    panel->indent = 0;
    kr_rectangle before = kr_canvas_clip(frame->canvas, (kr_rectangle){area.x, area.y, area.width - theme->scale, area.height});
    bool disabled = widgets->disabled;
    widgets->disabled = disabled || !frame->simulation;
    double top = panel->y;
    kr_controls_buttons(panel);
    kr_controls_phases(panel);
    kr_controls_plugins(panel);
    kr_controls_ensemble(panel);
    kr_controls_escape(panel);
    kr_controls_compare(panel);
    kr_controls_pruning(panel);
    widgets->disabled = disabled;
    panel->content = panel->y - top;
    draw_scrollbar(panel, area);
    kr_canvas_unclip(frame->canvas, before);
    scroll(panel, area);
    kr_widget_assign(panel->focus_before, widgets->focus);
}
