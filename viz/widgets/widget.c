#include "widget_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool kr_widget_inside(kr_rectangle area, kr_point point) {
    return point.x >= area.x && point.x < area.x + area.width && point.y >= area.y && point.y < area.y + area.height;
}

void kr_widget_assign(char *state, const char *identity) {
    snprintf(state, KR_IDENTITY, "%s", identity);
}

bool kr_widgets_key(kr_widgets *widgets, int32_t key) {
    kr_input *input = &widgets->input;
    for (size_t i = 0; i < input->key_count; i++) {
        if (input->key[i] != key) continue;
        input->key_count--;
        memmove(input->key + i, input->key + i + 1, (input->key_count - i) * sizeof *input->key);
        return true;
    }
    return false;
}

void kr_widget_focus(kr_widgets *widgets, const char *identity) {
    kr_widget_assign(widgets->focus, identity);
    widgets->state.focus_by_key = false;
}

static bool mouse_is_free(const kr_widgets *widgets, const char *identity) {
    if (widgets->open[0] && !kr_widget_is(widgets->open, identity)) return false;
    return !widgets->active[0] || kr_widget_is(widgets->active, identity);
}

static bool within_clip(const kr_canvas *canvas, kr_point point) {
    return point.x >= canvas->clip_left && point.x < canvas->clip_right && point.y >= canvas->clip_top &&
           point.y < canvas->clip_bottom;
}

kr_touch kr_widget_touch(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *tip) {
    const kr_input *input = &widgets->input;
    kr_widget_state *state = &widgets->state;
    kr_touch touch = {0};
    bool over = input->inside && kr_widget_inside(area, input->mouse) && within_clip(widgets->canvas, input->mouse);
    if (widgets->disabled) {
        if (over && mouse_is_free(widgets, "")) {
            widgets->tip = tip;
            kr_widget_assign(widgets->hot, identity);
            state->hot_area = area;
            state->tip_of_focus = false;
        }
        return touch;
    }
    if (state->order_count < KR_MAX_FOCUS) kr_widget_assign(state->order[state->order_count++], identity);
    if (state->wanted[0] && kr_widget_is(state->wanted, identity)) {
        kr_widget_assign(widgets->focus, identity);
        state->wanted[0] = 0;
    }
    touch.hot = over && mouse_is_free(widgets, identity);
    if (touch.hot) {
        kr_widget_assign(widgets->hot, identity);
        state->hot_area = area;
    }
    touch.pressed = touch.hot && input->pressed;
    if (touch.pressed) kr_widget_assign(widgets->active, identity);
    touch.held = widgets->active[0] && kr_widget_is(widgets->active, identity);
    touch.clicked = touch.held && touch.hot && input->released;
    if (touch.held && input->released) widgets->active[0] = 0;
    touch.focused = widgets->focus[0] && kr_widget_is(widgets->focus, identity);
    if (touch.focused) state->focus_area = area;
    if (touch.hot || (touch.focused && state->focus_by_key && !widgets->hot[0])) {
        widgets->tip = tip;
        state->tip_of_focus = !touch.hot;
    }
    return touch;
}

void kr_widget_describe(kr_widgets *widgets, const char *kind, const char *identity, kr_rectangle area, const char *label,
                        kr_touch touch, const char *tip) {
    kr_description *description = widgets->description;
    if (!description) return;
    kr_describe_item(description, "controls");
    kr_describe_text(description, "kind", kind);
    kr_describe_text(description, "identity", identity);
    kr_describe_text(description, "label", label ? label : "");
    kr_describe_place(description, widgets->canvas, area);
    kr_describe_flag(description, "enabled", !widgets->disabled);
    kr_describe_flag(description, "focused", touch.focused);
    kr_describe_flag(description, "held", touch.held);
    kr_describe_text(description, "tip", tip ? tip : "");
}

bool kr_widgets_own_mouse(const kr_widgets *widgets) {
    return widgets->hot[0] || widgets->state.hovered[0] || widgets->active[0] || widgets->open[0];
}

bool kr_widgets_own_keyboard(const kr_widgets *widgets) {
    return widgets->edited[0] || widgets->open[0];
}

kr_color kr_widget_text_color(const kr_widgets *widgets) {
    const kr_theme *theme = widgets->theme;
    return widgets->disabled ? kr_color_mix(theme->panel, theme->faint_text, 0.8) : theme->text;
}

kr_color kr_widget_face_color(const kr_widgets *widgets, kr_touch touch) {
    const kr_theme *theme = widgets->theme;
    double part = widgets->disabled ? 0.04 : touch.held ? 0.28 : touch.hot ? 0.19 : 0.11;
    return kr_color_mix(theme->panel, theme->text, part);
}

void kr_widget_focus_ring(kr_widgets *widgets, kr_rectangle area, kr_touch touch) {
    if (!touch.focused) return;
    double unit = widgets->theme->scale;
    kr_rectangle around = {area.x - unit, area.y - unit, area.width + 2 * unit, area.height + 2 * unit};
    kr_canvas_frame(widgets->canvas, around, 5 * unit, 2 * unit, widgets->theme->focus);
}
