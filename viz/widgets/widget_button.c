/* Buttons, switches and headings. */
#include "widget_parts.h"

#include <math.h>

/* A click, or Space or Enter with the focus. */
static bool fired(kr_widgets *widgets, kr_touch touch) {
    if (touch.clicked) return true;
    return touch.focused &&
           (kr_widgets_key(widgets, SDLK_SPACE) || kr_widgets_key(widgets, SDLK_RETURN) || kr_widgets_key(widgets, SDLK_KP_ENTER));
}

/* What a switch and the heading of a section have in common: two states, of which the arrows choose one. */
static bool toggled(kr_widgets *widgets, const char *kind, const char *identity, kr_rectangle area, const char *label, bool *on,
                    const char *tip, kr_touch *touch) {
    *touch = kr_widget_touch(widgets, identity, area, tip);
    bool done = fired(widgets, *touch);
    if (touch->focused && !done) done = kr_widgets_key(widgets, *on ? SDLK_LEFT : SDLK_RIGHT);
    if (done) *on = !*on;
    kr_widget_describe(widgets, kind, identity, area, label, *touch, tip);
    kr_describe_flag(widgets->description, "value", *on);
    return done;
}

static bool button(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, double letters, bool lit,
                   const char *tip) {
    const kr_theme *theme = widgets->theme;
    kr_touch touch = kr_widget_touch(widgets, identity, area, tip);
    bool done = fired(widgets, touch);
    kr_widget_describe(widgets, "button", identity, area, label, touch, tip);
    kr_describe_flag(widgets->description, "lit", lit);
    double radius = 4 * theme->scale;
    kr_color face = kr_widget_face_color(widgets, touch), text = kr_widget_text_color(widgets);
    if (lit && !widgets->disabled) {
        face = kr_color_mix(theme->accent, theme->text, touch.held ? 0.3 : touch.hot ? 0.15 : 0);
        text = theme->dark ? theme->background : theme->panel;
    }
    kr_canvas_fill_round(widgets->canvas, area, radius, face);
    kr_canvas_frame(widgets->canvas, area, radius, theme->scale, lit ? face : theme->edge);
    kr_text_fit(widgets->fonts, widgets->canvas, area.x + 0.5 * area.width, area.y + 0.5 * area.height,
                area.width - (letters < theme->normal ? 0 : 0.75 * theme->gap), letters, KR_REGULAR, KR_CENTER, text, label);
    kr_widget_focus_ring(widgets, area, touch);
    return done;
}

bool kr_button(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, bool lit, const char *tip) {
    return button(widgets, identity, area, label, widgets->theme->normal, lit, tip);
}

bool kr_small_button(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, const char *tip) {
    return button(widgets, identity, area, label, widgets->theme->small, false, tip);
}

bool kr_switch(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, bool *on, const char *tip) {
    const kr_theme *theme = widgets->theme;
    kr_touch touch;
    bool done = toggled(widgets, "switch", identity, area, label, on, tip, &touch);
    double height = 16 * theme->scale, width = 30 * theme->scale, middle = area.y + 0.5 * area.height;
    kr_rectangle track = {area.x + area.width - width, middle - 0.5 * height, width, height};
    kr_color face = *on && !widgets->disabled ? theme->accent : kr_color_mix(theme->panel, theme->text, touch.hot ? 0.3 : 0.22);
    kr_canvas_fill_round(widgets->canvas, track, 0.5 * height, face);
    kr_point knob = {*on ? track.x + width - 0.5 * height : track.x + 0.5 * height, middle};
    kr_canvas_disc(widgets->canvas, knob, 0.5 * height - 2 * theme->scale, widgets->disabled ? theme->faint_text : 0xffffffffu);
    kr_text_fit(widgets->fonts, widgets->canvas, area.x, middle, area.width - width - theme->gap, theme->normal, KR_REGULAR,
                KR_LEFT, kr_widget_text_color(widgets), label);
    kr_widget_focus_ring(widgets, track, touch);
    return done;
}

bool kr_section(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, bool *open, const char *tip) {
    const kr_theme *theme = widgets->theme;
    kr_touch touch;
    bool done = toggled(widgets, "section", identity, area, label, open, tip, &touch);
    double size = 4.5 * theme->scale, middle = area.y + 0.5 * area.height, x = area.x + 0.5 * theme->gap + size;
    kr_color color = touch.hot ? theme->text : theme->faint_text;
    kr_point down[3] = {{x - size, middle - 0.6 * size}, {x + size, middle - 0.6 * size}, {x, middle + 0.7 * size}};
    kr_point right[3] = {{x - 0.6 * size, middle - size}, {x + 0.7 * size, middle}, {x - 0.6 * size, middle + size}};
    if (touch.hot) kr_canvas_fill_round(widgets->canvas, area, 4 * theme->scale, kr_color_fade(theme->text, 0.06));
    kr_canvas_polygon(widgets->canvas, 3, *open ? down : right, color);
    double start = x + size + theme->gap;
    double room = area.x + area.width - start;
    kr_face face = kr_text_width(widgets->fonts, theme->normal, KR_BOLD, label) > room ? KR_REGULAR : KR_BOLD; /* narrower */
    kr_text_fit(widgets->fonts, widgets->canvas, start, middle, room, theme->normal, face, KR_LEFT, kr_widget_text_color(widgets),
                label);
    kr_widget_focus_ring(widgets, area, touch);
    return done;
}
