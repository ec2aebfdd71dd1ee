/* Typing into one line: caret, selection of everything, validity. */
#include "draw/utf8.h"
#include "widget_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void kr_edit_begin(kr_widgets *widgets, const char *identity, const char *text) {
    kr_widget_assign(widgets->edited, identity);
    snprintf(widgets->edit_text, sizeof widgets->edit_text, "%s", text);
    widgets->state.caret = strlen(widgets->edit_text);
    widgets->state.select_all = true;
    widgets->state.edit_seen = true;
}

void kr_edit_end(kr_widgets *widgets) {
    widgets->edited[0] = 0;
}

bool kr_edit_is(const kr_widgets *widgets, const char *identity) {
    return widgets->edited[0] && kr_widget_is(widgets->edited, identity);
}

static void erase(kr_widgets *widgets, size_t from, size_t to) {
    char *text = widgets->edit_text;
    memmove(text + from, text + to, strlen(text + to) + 1);
    widgets->state.caret = from;
}

static void insert(kr_widgets *widgets, const char *typed) {
    char *text = widgets->edit_text;
    size_t *caret = &widgets->state.caret, more = strlen(typed);
    if (strlen(text) + more >= sizeof widgets->edit_text) return;
    memmove(text + *caret + more, text + *caret, strlen(text + *caret) + 1);
    memcpy(text + *caret, typed, more);
    *caret += more;
}

static void handle_keys(kr_widgets *widgets) {
    kr_widget_state *state = &widgets->state;
    char *text = widgets->edit_text;
    size_t end = strlen(text);
    if (state->caret > end) state->caret = end;
    while (kr_widgets_key(widgets, SDLK_LEFT))
        state->caret = state->select_all ? 0 : kr_utf8_before(text, state->caret), state->select_all = false;
    while (kr_widgets_key(widgets, SDLK_RIGHT))
        state->caret = state->select_all ? end : kr_utf8_after(text, state->caret), state->select_all = false;
    if (kr_widgets_key(widgets, SDLK_HOME)) state->caret = 0, state->select_all = false;
    if (kr_widgets_key(widgets, SDLK_END)) state->caret = end, state->select_all = false;
    if (widgets->input.control && kr_widgets_key(widgets, SDLK_a)) state->select_all = true;
    bool back = kr_widgets_key(widgets, SDLK_BACKSPACE), forward = kr_widgets_key(widgets, SDLK_DELETE);
    bool typed = widgets->input.text[0] && !widgets->input.control;
    if (state->select_all && (back || forward || typed)) {
        erase(widgets, 0, strlen(text));
        state->select_all = back = forward = false;
    }
    for (; back; back = kr_widgets_key(widgets, SDLK_BACKSPACE)) erase(widgets, kr_utf8_before(text, state->caret), state->caret);
    for (; forward; forward = kr_widgets_key(widgets, SDLK_DELETE)) erase(widgets, state->caret, kr_utf8_after(text, state->caret));
    if (typed) insert(widgets, widgets->input.text);
    widgets->input.text[0] = 0;
}

/* The caret is kept in sight: the text is shifted to the left when it is longer than the field. */
static void draw_line(kr_widgets *widgets, kr_rectangle area, bool wrong) {
    const kr_theme *theme = widgets->theme;
    const kr_widget_state *state = &widgets->state;
    char head[sizeof widgets->edit_text];
    snprintf(head, sizeof head, "%.*s", (int)state->caret, widgets->edit_text);
    double caret = kr_text_width(widgets->fonts, theme->normal, KR_REGULAR, head), pad = 0.5 * theme->gap;
    double shift = fmax(0, caret - (area.width - 2 * pad - 2)), middle = area.y + 0.5 * area.height;
    kr_canvas_fill_round(widgets->canvas, area, 3 * theme->scale, theme->background);
    kr_canvas_frame(widgets->canvas, area, 3 * theme->scale, 1.5 * theme->scale, wrong ? theme->warning : theme->accent);
    kr_rectangle inner = {area.x + pad, area.y, area.width - 2 * pad, area.height}, clip = kr_canvas_clip(widgets->canvas, inner);
    double x = inner.x - shift;
    if (state->select_all)
        kr_canvas_fill(widgets->canvas,
                       (kr_rectangle){x - 1, middle - 0.7 * theme->normal,
                                      kr_text_width(widgets->fonts, theme->normal, KR_REGULAR, widgets->edit_text) + 2,
                                      1.4 * theme->normal},
                       kr_color_fade(theme->accent, 0.4));
    kr_text_draw(widgets->fonts, widgets->canvas, x, middle, theme->normal, KR_REGULAR, KR_LEFT,
                 wrong ? theme->warning : theme->text, widgets->edit_text);
    double line = floor(x + caret + 0.5);
    kr_canvas_fill(widgets->canvas,
                   (kr_rectangle){line, middle - 0.65 * theme->normal, fmax(1, floor(1.5 * theme->scale)), 1.3 * theme->normal},
                   theme->text);
    kr_canvas_unclip(widgets->canvas, clip);
}

kr_edit_result kr_edit_line(kr_widgets *widgets, kr_rectangle area, bool wrong) {
    kr_edit_result result = KR_EDIT_GOES_ON;
    widgets->state.edit_seen = true;
    handle_keys(widgets);
    if (kr_widgets_key(widgets, SDLK_RETURN) || kr_widgets_key(widgets, SDLK_KP_ENTER)) result = KR_EDIT_DONE;
    if (kr_widgets_key(widgets, SDLK_TAB)) {
        result = KR_EDIT_DONE;
        widgets->state.tab_waits = widgets->input.shift ? -1 : 1;
    }
    if (kr_widgets_key(widgets, SDLK_ESCAPE)) result = KR_EDIT_CANCELLED;
    if (widgets->input.pressed && !kr_widget_inside(area, widgets->input.mouse)) result = KR_EDIT_DONE;
    draw_line(widgets, area, wrong);
    return result;
}
