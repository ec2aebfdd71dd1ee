/* What every control of the column needs: its place, its message, the heading above it, and how its change is sent. */
#include "controls_panel.h"
#include "widgets/widget_parts.h"

#include <kramers/number_text.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double message_seconds = 8;

/* The answer comes with a later snapshot. */
static void expect(kr_controls_panel *panel, const char *identity, bool sent) {
    kr_widget_assign(panel->changed, identity);
    panel->failed[0] = 0;
    panel->sent_at = panel->frame->snapshot ? panel->frame->snapshot->interventions : 0;
    panel->waiting = sent;
    if (!sent) kr_controls_say(panel, identity, false, "The simulation is busy; try again.");
}

void kr_controls_send(kr_controls_panel *panel, const char *identity, const char *text) {
    kr_simulation *simulation = panel->frame->simulation;
    if (simulation) expect(panel, identity, kr_simulation_intervene(simulation, text));
}

void kr_controls_set_all(kr_controls_panel *panel, const char *identity, const kr_setting *setting, size_t count) {
    kr_simulation *simulation = panel->frame->simulation;
    if (simulation) expect(panel, identity, kr_simulation_set_all(simulation, setting, count));
}

void kr_controls_set(kr_controls_panel *panel, const char *identity, const char *key, kr_parameter_value value) {
    kr_controls_set_all(panel, identity, &(kr_setting){key, value}, 1);
}

void kr_controls_say(kr_controls_panel *panel, const char *identity, bool good, const char *text) {
    kr_widget_assign(panel->failed, identity);
    snprintf(panel->message, sizeof panel->message, "%s", text);
    panel->message_since = panel->frame->widgets->input.seconds;
    panel->message_is_good = good;
    panel->waiting = false;
}

void kr_controls_promise(kr_controls_panel *panel, const char *text) {
    snprintf(panel->promise, sizeof panel->promise, "%s", text);
}

void kr_controls_append(char *text, size_t size, const char *line) {
    size_t used = strlen(text);
    if (used + 1 < size) snprintf(text + used, size - used, "%s", line);
}

void kr_controls_append_number(char *text, size_t size, const char *key, double value) {
    char number[KR_NUMBER_TEXT], line[160];
    snprintf(line, sizeof line, "\n%s=%s", key, kr_number_text(value, number));
    kr_controls_append(text, size, line);
}

/* A row that the upper or the lower edge would cut is left out: from there on, or up to there, the clip ends at the row. */
static void clip_rows(const kr_controls_panel *panel, kr_rectangle row) {
    kr_canvas *canvas = panel->frame->canvas;
    kr_rectangle clip = kr_canvas_clip_area(canvas);
    double top = clip.y, bottom = clip.y + clip.height, end = row.y + row.height;
    if (row.y < top && end > top) top = end;
    if (row.y < bottom && end > bottom) bottom = row.y;
    kr_canvas_clip(canvas, (kr_rectangle){clip.x, top, clip.width, fmax(bottom - top, 0)});
}

kr_rectangle kr_controls_place(kr_controls_panel *panel, double lines) {
    const kr_theme *theme = panel->frame->theme;
    double height = floor(lines * theme->line);
    kr_rectangle area = {panel->view.x + panel->indent, panel->y, panel->view.width - panel->indent, height};
    clip_rows(panel, area);
    panel->y += height + floor(0.5 * theme->gap);
    return area;
}

/* Brings the area into view at the next frame, with a line to spare. */
static void scroll_to(kr_controls_panel *panel, kr_rectangle area) {
    double spare = panel->frame->theme->line, top = area.y - spare, bottom = area.y + area.height + spare;
    if (top < panel->view.y)
        panel->scroll_wanted = panel->scroll + top - panel->view.y;
    else if (bottom > panel->view.y + panel->view.height)
        panel->scroll_wanted = panel->scroll + fmin(bottom - panel->view.y - panel->view.height, top - panel->view.y);
}

void kr_controls_after(kr_controls_panel *panel, const char *identity, kr_rectangle area) {
    const kr_frame *frame = panel->frame;
    kr_widgets *widgets = frame->widgets;
    const kr_theme *theme = frame->theme;
    if (widgets->focus[0] && kr_widget_is(widgets->focus, identity) && !kr_widget_is(panel->focus_before, identity) &&
        widgets->state.focus_by_key)
        scroll_to(panel, area);
    if (!panel->failed[0] || !kr_widget_is(panel->failed, identity)) return;
    if (widgets->input.seconds - panel->message_since > message_seconds) {
        panel->failed[0] = 0;
        return;
    }
    kr_color color = panel->message_is_good ? theme->accent : theme->warning;
    double bar = 3 * theme->scale, x = panel->view.x + bar + theme->gap, width = panel->view.width - bar - theme->gap;
    double height = kr_text_wrap(frame->fonts, frame->canvas, x, panel->y, width, theme->small, KR_REGULAR, color, panel->message);
    kr_canvas_fill(frame->canvas, (kr_rectangle){panel->view.x, panel->y, bar, height}, color);
    kr_rectangle all = {area.x, area.y, area.width, panel->y + height - area.y};
    if (widgets->input.seconds == panel->message_since) scroll_to(panel, all);
    panel->y += height + theme->gap;
}

void kr_controls_heading(kr_controls_panel *panel, const char *text) {
    const kr_frame *frame = panel->frame;
    kr_rectangle area = kr_controls_place(panel, 0.7);
    kr_text_fit(frame->fonts, frame->canvas, area.x + 2 * frame->theme->scale, area.y + 0.6 * area.height, area.width,
                frame->theme->small, KR_BOLD, KR_LEFT, frame->theme->faint_text, text);
}

bool kr_controls_open(kr_controls_panel *panel, kr_controls_section section, const char *title, const char *name, const char *tip) {
    const kr_frame *frame = panel->frame;
    char identity[KR_IDENTITY], label[160];
    snprintf(identity, sizeof identity, "controls.section.%d", (int)section);
    snprintf(label, sizeof label, name ? "%s: %s" : "%s", title, name);
    kr_rectangle line = kr_controls_place(panel, 0);
    if (section > 0)
        kr_canvas_fill(frame->canvas, (kr_rectangle){line.x, line.y, line.width, frame->theme->scale}, frame->theme->grid);
    kr_rectangle area = kr_controls_place(panel, 1);
    bool disabled = frame->widgets->disabled;
    frame->widgets->disabled = false; /* what a file was made with may be looked at */
    kr_section(frame->widgets, identity, area, label, &panel->open[section], tip);
    frame->widgets->disabled = disabled;
    kr_controls_after(panel, identity, area);
    return panel->open[section];
}
