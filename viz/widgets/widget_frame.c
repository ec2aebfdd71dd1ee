/* What happens to all controls at the begin and at the end of a frame: focus, open menu, tip. */
#include "widget_parts.h"

#include <math.h>
#include <string.h>

/* Tab moves along the order in which the controls were drawn in the frame before. */
static void move_focus(kr_widgets *widgets, bool back) {
    kr_widget_state *state = &widgets->state;
    size_t count = state->order_count, at = 0;
    if (count == 0) return;
    while (at < count && !kr_widget_is(state->order[at], widgets->focus)) at++;
    size_t next = at == count ? (back ? count - 1 : 0) : (at + (back ? count - 1 : 1)) % count;
    kr_widget_assign(state->wanted, state->order[next]);
    widgets->focus[0] = 0;
    state->focus_by_key = true;
}

void kr_widgets_begin(kr_widgets *widgets, kr_canvas *canvas, kr_fonts *fonts, const kr_theme *theme, const kr_input *input) {
    kr_widget_state *state = &widgets->state;
    widgets->canvas = canvas;
    widgets->fonts = fonts;
    widgets->theme = theme;
    widgets->input = *input;
    if (widgets->input.key_count > KR_MAX_KEYS) widgets->input.key_count = KR_MAX_KEYS;
    widgets->disabled = false;
    widgets->tip = NULL;
    /* On a touch screen, or with a fast mouse, pointer and press reach a new place in one frame. */
    kr_widget_assign(state->hovered, kr_widget_inside(state->hot_area, input->mouse) ? widgets->hot : "");
    state->hot_area = (kr_rectangle){0};
    widgets->hot[0] = 0;
    state->edit_seen = state->open_seen = false;
    state->wanted[0] = 0;
    /* The button was released outside the window. */
    if (!input->down && !input->released) widgets->active[0] = 0;
    if (!widgets->edited[0] && !widgets->open[0]) {
        int waits = state->tab_waits;
        state->tab_waits = 0;
        if (waits)
            move_focus(widgets, waits < 0);
        else if (kr_widgets_key(widgets, SDLK_TAB))
            move_focus(widgets, input->shift);
        else if (widgets->focus[0] && kr_widgets_key(widgets, SDLK_ESCAPE))
            widgets->focus[0] = 0;
    }
    if (input->pressed && !widgets->edited[0]) {
        /* A press beside all controls gives the keyboard back to the window; a control that is hit takes it again. */
        widgets->focus[0] = 0;
        state->focus_by_key = false;
    }
    state->order_count = 0;
}

/* The tip appears when the mouse or the focus has rested, near it and inside the window. */
static void draw_tip(kr_widgets *widgets) {
    const kr_theme *theme = widgets->theme;
    kr_widget_state *state = &widgets->state;
    const char *owner = state->tip_of_focus ? widgets->focus : widgets->hot;
    double now = widgets->input.seconds;
    bool busy = widgets->active[0] || widgets->open[0] || !widgets->tip || !widgets->tip[0];
    if (busy || !kr_widget_is(state->tipped, owner)) {
        kr_widget_assign(state->tipped, busy ? "" : owner);
        state->tip_since = now;
        return;
    }
    if (now - state->tip_since < (state->tip_of_focus ? 0.9 : 0.55)) return;
    kr_canvas *canvas = widgets->canvas;
    double most = fmin(360 * theme->scale, canvas->width - 4 * theme->gap), pad = theme->gap;
    double width = fmin(kr_text_width(widgets->fonts, theme->small, KR_REGULAR, widgets->tip), most);
    if (strchr(widgets->tip, '\n')) width = most;
    double height = kr_text_wrap(widgets->fonts, NULL, 0, 0, width + 1, theme->small, KR_REGULAR, theme->text, widgets->tip);
    kr_rectangle box = {0, 0, width + 2 * pad, height + 1.2 * pad};
    kr_rectangle at = state->focus_area;
    if (!state->tip_of_focus)
        at = (kr_rectangle){widgets->input.mouse.x + 4 * theme->scale, widgets->input.mouse.y, 0, 14 * theme->scale};
    box.x = fmax(pad, fmin(at.x, canvas->width - box.width - pad));
    box.y = at.y + at.height + 6 * theme->scale;
    if (box.y + box.height > canvas->height - 2) box.y = at.y - box.height - 6 * theme->scale;
    box.y = fmax(2, fmin(box.y, canvas->height - box.height - 2));
    state->tip_area = box;
    kr_canvas_fill_round(canvas, (kr_rectangle){box.x + 2, box.y + 3, box.width, box.height}, 5 * theme->scale, 0x50000000u);
    kr_canvas_fill_round(canvas, box, 5 * theme->scale, kr_color_mix(theme->panel, theme->text, 0.08));
    kr_canvas_frame(canvas, box, 5 * theme->scale, theme->scale, theme->edge);
    kr_text_wrap(widgets->fonts, canvas, box.x + pad, box.y + 0.6 * pad, width + 1, theme->small, KR_REGULAR, theme->text,
                 widgets->tip);
}

void kr_widgets_end(kr_widgets *widgets) {
    kr_widget_state *state = &widgets->state;
    kr_canvas *canvas = widgets->canvas;
    kr_rectangle before = {canvas->clip_left, canvas->clip_top, canvas->clip_right - canvas->clip_left,
                           canvas->clip_bottom - canvas->clip_top};
    kr_canvas_unclip(canvas, (kr_rectangle){0, 0, canvas->width, canvas->height});
    /* A field or menu that is no longer drawn is closed. */
    if (widgets->edited[0] && !state->edit_seen) kr_edit_end(widgets);
    if (widgets->open[0] && !state->open_seen) widgets->open[0] = 0;
    if (widgets->active[0]) kr_widget_assign(state->held, widgets->active);
    if (widgets->input.released) widgets->active[0] = 0;
    state->tip_area = (kr_rectangle){0};
    if (widgets->open[0]) kr_menu_draw_popup(widgets);
    draw_tip(widgets);
    kr_canvas_unclip(canvas, before);
}
