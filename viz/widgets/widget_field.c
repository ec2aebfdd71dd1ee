#include "widget_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool kr_field_with_check(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, char *text, size_t size,
                         const char *tip, kr_text_check check, const void *context) {
    const kr_theme *theme = widgets->theme;
    kr_rectangle box = area;
    double middle = area.y + 0.5 * area.height;
    if (label && *label) {
        double wide = fmin(kr_text_width(widgets->fonts, theme->normal, KR_REGULAR, label) + theme->gap, 0.55 * area.width);
        kr_text_fit(widgets->fonts, widgets->canvas, area.x, middle, wide - 0.5 * theme->gap, theme->normal, KR_REGULAR, KR_LEFT,
                    kr_widget_text_color(widgets), label);
        box.x += wide;
        box.width -= wide;
    }
    box.y += 2 * theme->scale;
    box.height -= 4 * theme->scale;
    const char *complaint = kr_edit_is(widgets, identity) && check ? check(context, widgets->edit_text) : NULL;
    kr_touch touch = kr_widget_touch(widgets, identity, box, complaint ? complaint : tip);
    kr_widget_describe(widgets, "field", identity, box, label, touch, complaint ? complaint : tip);
    kr_describe_text(widgets->description, "value", text);
    kr_describe_text(widgets->description, "typed", kr_edit_is(widgets, identity) ? widgets->edit_text : NULL);
    if (!kr_edit_is(widgets, identity)) {
        bool typed = touch.focused && (kr_widgets_key(widgets, SDLK_RETURN) || kr_widgets_key(widgets, SDLK_KP_ENTER));
        kr_canvas_fill_round(widgets->canvas, box, 3 * theme->scale, kr_widget_face_color(widgets, touch));
        kr_canvas_frame(widgets->canvas, box, 3 * theme->scale, theme->scale, theme->edge);
        kr_text_fit(widgets->fonts, widgets->canvas, box.x + 0.5 * theme->gap, middle, box.width - theme->gap, theme->normal,
                    KR_REGULAR, KR_LEFT, kr_widget_text_color(widgets), text);
        kr_widget_focus_ring(widgets, box, touch);
        if (touch.clicked || typed) {
            kr_widget_focus(widgets, identity);
            kr_edit_begin(widgets, identity, text);
        }
        return false;
    }
    kr_edit_result result = kr_edit_line(widgets, box, complaint != NULL);
    if (result == KR_EDIT_GOES_ON) return false;
    complaint = check ? check(context, widgets->edit_text) : NULL;
    bool left = result == KR_EDIT_DONE && (widgets->input.pressed || widgets->state.tab_waits);
    if (result == KR_EDIT_DONE && complaint && !left) return false; /* Enter stays until it is right; Escape gives up */
    bool changed = result == KR_EDIT_DONE && !complaint && strcmp(widgets->edit_text, text) != 0;
    if (changed) snprintf(text, size, "%s", widgets->edit_text);
    kr_edit_end(widgets);
    return result == KR_EDIT_DONE && !complaint;
}

bool kr_field(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, char *text, size_t size,
              const char *tip) {
    return kr_field_with_check(widgets, identity, area, label, text, size, tip, NULL, NULL);
}
