/* A slider: above, its name and its number, which can be typed; below, the track. */
#include "widget_parts.h"

#include <kramers/number_text.h>
#include <math.h>
#include <stdio.h>

static double fraction_of(const kr_slider_rules *rules, double value) {
    double low = rules->low, high = rules->high;
    double fraction = rules->logarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low);
    return fraction >= 1 ? 1 : fraction > 0 ? fraction : 0; /* NAN, and the logarithm of what is not positive: 0 */
}

/* To as many places as one can tell apart on the track: three digits of a logarithmic value, a thousandth of the range. */
static double rounded(const kr_slider_rules *rules, double value) {
    char text[40];
    if (rules->integer) return round(value);
    double unit = rules->logarithmic ? pow(10, floor(log10(fabs(value))) - 2) : pow(10, floor(log10(rules->high - rules->low)) - 3);
    double tidy = round(value / unit) * unit;
    snprintf(text, sizeof text, "%.12g", tidy); /* 0.30000000000000004 becomes 0.3 */
    return kr_number_parse(text, &tidy) ? tidy : value;
}

static double value_at(const kr_slider_rules *rules, double fraction) {
    double low = rules->low, high = rules->high;
    if (fraction <= 0) return low;
    if (fraction >= 1) return high;
    double value = rules->logarithmic ? low * exp(fraction * log(high / low)) : low + fraction * (high - low);
    return fmin(fmax(rounded(rules, value), low), high);
}

/* One notch of the wheel or one arrow: a twentieth of a decade, or about a hundredth of the range; ten of them with page keys. */
static double stepped(const kr_slider_rules *rules, double value, double steps) {
    double next;
    if (rules->logarithmic) {
        next = rounded(rules, fmax(value, rules->low) * pow(10, steps / 20));
        if (next == value) next = value + (steps > 0 ? 1 : -1) * (rules->integer ? 1 : 0.01 * fabs(value));
    } else {
        double unit = pow(10, floor(log10(rules->high - rules->low)) - 2);
        if (rules->integer) unit = fmax(1, round(unit));
        next = rounded(rules, value + steps * unit);
    }
    /* From outside the ends a step leads towards them or further on as it was; never past them from inside. */
    if (steps > 0 && value <= rules->high) next = fmin(next, rules->high);
    if (steps < 0 && value >= rules->low) next = fmax(next, rules->low);
    return next;
}

typedef struct parts {
    kr_rectangle track, number;
} parts;

static parts lay_out(const kr_widgets *widgets, kr_rectangle area) {
    const kr_theme *theme = widgets->theme;
    double foot = fmin(12 * theme->scale, 0.4 * area.height), head = area.height - foot;
    double wide = fmin(0.45 * area.width, 84 * theme->scale);
    return (parts){.track = {area.x + 5 * theme->scale, area.y + head, area.width - 10 * theme->scale, foot},
                   .number = {area.x + area.width - wide, area.y, wide, head}};
}

static void draw_track(kr_widgets *widgets, kr_rectangle track, const kr_slider_rules *rules, double value, kr_touch touch) {
    const kr_theme *theme = widgets->theme;
    double middle = track.y + 0.5 * track.height, thick = 4 * theme->scale, at = track.x + fraction_of(rules, value) * track.width;
    bool outside = !(value >= rules->low && value <= rules->high);
    kr_color rail = kr_color_mix(theme->panel, theme->text, 0.2), lit = widgets->disabled ? rail : theme->accent;
    kr_canvas_fill_round(widgets->canvas, (kr_rectangle){track.x, middle - 0.5 * thick, track.width, thick}, 0.5 * thick, rail);
    kr_canvas_fill_round(widgets->canvas, (kr_rectangle){track.x, middle - 0.5 * thick, at - track.x, thick}, 0.5 * thick, lit);
    double radius = (touch.held || touch.hot ? 6 : 5) * theme->scale;
    kr_color knob = widgets->disabled ? theme->faint_text
                    : touch.held      ? theme->text
                                      : kr_color_mix(theme->accent, theme->text, 0.35);
    if (outside)
        kr_canvas_ring(widgets->canvas, (kr_point){at, middle}, radius - theme->scale, 2 * theme->scale, knob);
    else
        kr_canvas_disc(widgets->canvas, (kr_point){at, middle}, radius, knob);
}

static void draw_head(kr_widgets *widgets, kr_rectangle area, parts place, const char *label, double value, bool integer,
                      bool over) {
    const kr_theme *theme = widgets->theme;
    char text[64];
    double middle = place.number.y + 0.5 * place.number.height;
    kr_text_number(value, integer ? 9 : 4, text, sizeof text);
    double wide = fmin(kr_text_width(widgets->fonts, theme->normal, KR_REGULAR, text), place.number.width);
    if (over && !widgets->disabled) {
        kr_canvas_fill_round(widgets->canvas, place.number, 3 * theme->scale,
                             kr_widget_face_color(widgets, (kr_touch){.hot = true}));
    }
    kr_text_fit(widgets->fonts, widgets->canvas, area.x + area.width - 0.5 * theme->gap, middle, place.number.width, theme->normal,
                KR_REGULAR, KR_RIGHT, kr_widget_text_color(widgets), text);
    kr_text_fit(widgets->fonts, widgets->canvas, area.x + 2 * theme->scale, middle, area.width - wide - 2 * theme->gap,
                theme->normal, KR_REGULAR, KR_LEFT, widgets->disabled ? kr_widget_text_color(widgets) : theme->text, label);
}

static void describe(kr_widgets *widgets, const char *identity, kr_rectangle area, parts place, const char *label, double value,
                     const kr_slider_rules *rules, kr_touch touch, const char *tip) {
    kr_description *description = widgets->description;
    if (!description) return;
    char text[64];
    bool editing = kr_edit_is(widgets, identity);
    kr_widget_describe(widgets, "slider", identity, area, label, touch, tip);
    kr_describe_number(description, "value", value);
    kr_describe_text(description, "shown", editing ? NULL : kr_text_number(value, rules->integer ? 9 : 4, text, sizeof text));
    kr_describe_text(description, "typed", editing ? widgets->edit_text : NULL);
    kr_describe_number(description, "low", rules->low);
    kr_describe_number(description, "high", rules->high);
    kr_describe_flag(description, "logarithmic", rules->logarithmic);
    kr_describe_flag(description, "integer", rules->integer);
    kr_describe_area(description, "track", place.track);
    kr_describe_area(description, "number", place.number);
    kr_describe_number(description, "knob", place.track.x + fraction_of(rules, value) * place.track.width);
}

/* Moves by the mouse's way, a tenth of it with Shift; a press on the track beside the knob jumps there first. */
static double drag(kr_widgets *widgets, kr_rectangle track, const kr_slider_rules *rules, double value, bool begins) {
    kr_widget_state *state = &widgets->state;
    double mouse = widgets->input.mouse.x;
    if (begins) {
        double knob = track.x + fraction_of(rules, value) * track.width;
        state->drag_fraction = fraction_of(rules, value);
        state->drag_mouse = mouse;
        bool on_track = widgets->input.mouse.y >= track.y - 2 * widgets->theme->scale;
        if (on_track && fabs(mouse - knob) > 7 * widgets->theme->scale) {
            state->drag_fraction = fmin(fmax((mouse - track.x) / track.width, 0), 1);
            return value_at(rules, state->drag_fraction);
        }
        return value;
    }
    if (mouse == state->drag_mouse) return value;
    state->drag_fraction += (mouse - state->drag_mouse) / track.width * (widgets->input.shift ? 0.1 : 1);
    state->drag_mouse = mouse;
    return value_at(rules, state->drag_fraction);
}

static double by_keys(kr_widgets *widgets, const kr_slider_rules *rules, double value) {
    double fine = widgets->input.shift ? 0.1 : 1;
    while (kr_widgets_key(widgets, SDLK_RIGHT)) value = stepped(rules, value, fine);
    while (kr_widgets_key(widgets, SDLK_LEFT)) value = stepped(rules, value, -fine);
    while (kr_widgets_key(widgets, SDLK_PAGEUP)) value = stepped(rules, value, 10);
    while (kr_widgets_key(widgets, SDLK_PAGEDOWN)) value = stepped(rules, value, -10);
    if (kr_widgets_key(widgets, SDLK_HOME)) value = rules->low;
    if (kr_widgets_key(widgets, SDLK_END)) value = rules->high;
    if (!isnan(rules->reset) && (kr_widgets_key(widgets, SDLK_DELETE) || kr_widgets_key(widgets, SDLK_BACKSPACE)))
        value = rules->reset;
    return value;
}

static const char *number_complaint(const kr_slider_rules *rules, const char *text, double *value) {
    if (!kr_number_parse(text, value) || isnan(*value)) return "This is not a number. Write it like 0.01 or 1e-2.";
    if (rules->integer && *value != round(*value)) return "This must be a whole number.";
    return rules->check ? rules->check(rules->context, *value) : NULL;
}

/* True when a number was typed and is good. */
static bool type_number(kr_widgets *widgets, kr_rectangle box, const kr_slider_rules *rules, double *value) {
    double typed = NAN;
    kr_edit_result result = kr_edit_line(widgets, box, number_complaint(rules, widgets->edit_text, &typed) != NULL);
    if (result == KR_EDIT_GOES_ON) return false;
    const char *complaint = number_complaint(rules, widgets->edit_text, &typed);
    bool left = widgets->input.pressed || widgets->state.tab_waits;
    if (result == KR_EDIT_DONE && complaint && !left) return false; /* Enter stays until it is right; Escape gives up */
    kr_edit_end(widgets);
    if (result != KR_EDIT_DONE || complaint || typed == *value) return false;
    *value = typed;
    return true;
}

bool kr_slider_with_rules(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, double *value,
                          const kr_slider_rules *rules, const char *tip) {
    double before = *value, next = before, typed;
    parts place = lay_out(widgets, area);
    bool editing = kr_edit_is(widgets, identity);
    const char *complaint = editing ? number_complaint(rules, widgets->edit_text, &typed) : NULL;
    kr_touch touch = kr_widget_touch(widgets, identity, area, complaint ? complaint : tip);
    bool over_number = touch.hot && kr_widget_inside(place.number, widgets->input.mouse);
    if (editing) {
        describe(widgets, identity, area, place, label, before, rules, touch, complaint ? complaint : tip);
        draw_track(widgets, place.track, rules, before, touch);
        kr_text_fit(widgets->fonts, widgets->canvas, area.x + 2 * widgets->theme->scale, place.number.y + 0.5 * place.number.height,
                    area.width - place.number.width - widgets->theme->gap, widgets->theme->normal, KR_REGULAR, KR_LEFT,
                    widgets->theme->text, label);
        return type_number(widgets, place.number, rules, value);
    }
    if (touch.pressed) {
        kr_widget_focus(widgets, identity);
        widgets->state.drag_number = over_number;
    }
    bool twice = !widgets->state.held[0] || kr_widget_is(widgets->state.held, identity);
    if (touch.pressed && widgets->input.double_click && twice && !over_number) {
        if (!isnan(rules->reset)) next = rules->reset;
        widgets->state.drag_number = true; /* this press drags nothing */
    } else if (touch.held && !widgets->state.drag_number) {
        next = drag(widgets, place.track, rules, before, touch.pressed);
    }
    if (touch.hot && widgets->input.wheel != 0 && (touch.focused || over_number)) {
        next = stepped(rules, next, widgets->input.wheel * (widgets->input.shift ? 0.1 : 1));
        widgets->input.wheel = 0;
    }
    if (touch.focused) next = by_keys(widgets, rules, next);
    bool enter = touch.focused && (kr_widgets_key(widgets, SDLK_RETURN) || kr_widgets_key(widgets, SDLK_KP_ENTER));
    if (enter || (touch.clicked && over_number && widgets->state.drag_number)) {
        char text[KR_NUMBER_TEXT];
        kr_edit_begin(widgets, identity, kr_number_text(next, text));
    }
    draw_track(widgets, place.track, rules, next, touch);
    draw_head(widgets, area, place, label, next, rules->integer, over_number);
    describe(widgets, identity, area, place, label, next, rules, touch, tip);
    kr_widget_focus_ring(widgets, area, touch);
    *value = next;
    return next != before && !(isnan(next) && isnan(before));
}

bool kr_slider(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, double *value, double low,
               double high, bool logarithmic, bool integer, const char *tip) {
    kr_slider_rules rules = {low, high, NAN, logarithmic && low > 0 && high > low, integer, NULL, NULL};
    if (!(rules.high > rules.low)) rules.high = rules.low + 1;
    return kr_slider_with_rules(widgets, identity, area, label, value, &rules, tip);
}
