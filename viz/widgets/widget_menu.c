/* A menu: closed, its name and what is chosen; open, a list above everything else that scrolls when it is long. */
#include "widget_parts.h"

#include <math.h>
#include <string.h>

static int count_names(const char *const *names) {
    int count = 0;
    while (names[count]) count++;
    return count;
}

static void copy_names(kr_widget_state *state, const char *const *names, int count) {
    state->popup_count = count < KR_MENU_NAMES ? count : KR_MENU_NAMES;
    memcpy(state->popup_names, names, (size_t)state->popup_count * sizeof *names);
}

static double row_height(const kr_theme *theme) {
    return floor(0.87 * theme->line);
}

/* Below the control; above when there is more room; as many rows as fit. */
static void place_popup(kr_widgets *widgets, kr_rectangle box) {
    kr_widget_state *state = &widgets->state;
    const kr_theme *theme = widgets->theme;
    double row = row_height(theme), margin = 2 * theme->scale, wide = box.width;
    double below = widgets->canvas->height - (box.y + box.height) - 3 * margin, above = box.y - 3 * margin,
           wanted = row * state->popup_count;
    bool upward = wanted > below && above > below;
    state->popup_rows = (int)fmax(1, fmin(floor((upward ? above : below) / row), state->popup_count));
    for (int i = 0; i < state->popup_count; i++)
        wide = fmax(wide, kr_text_width(widgets->fonts, theme->normal, KR_REGULAR, state->popup_names[i]) + 3 * theme->gap);
    wide = fmin(wide, widgets->canvas->width - 2 * margin);
    double height = row * state->popup_rows + 2 * margin;
    state->popup = (kr_rectangle){fmax(margin, fmin(box.x, widgets->canvas->width - wide - margin)),
                                  upward ? box.y - height - margin : box.y + box.height + margin, wide, height};
    if (state->popup_first > state->popup_count - state->popup_rows) state->popup_first = state->popup_count - state->popup_rows;
    if (state->popup_first < 0) state->popup_first = 0;
}

static void show_marked(kr_widget_state *state) {
    if (state->popup_marked < state->popup_first) state->popup_first = state->popup_marked;
    if (state->popup_marked >= state->popup_first + state->popup_rows)
        state->popup_first = state->popup_marked - state->popup_rows + 1;
}

static void open_menu(kr_widgets *widgets, const char *identity, kr_rectangle box, int chosen) {
    kr_widget_state *state = &widgets->state;
    kr_widget_assign(widgets->open, identity);
    state->popup_marked = chosen >= 0 && chosen < state->popup_count ? chosen : 0;
    state->popup_first = 0;
    state->popup_mouse = widgets->input.mouse;
    place_popup(widgets, box);
    state->popup_first = state->popup_marked - state->popup_rows / 2;
    place_popup(widgets, box);
}

static int row_at(const kr_widgets *widgets, kr_point mouse) {
    const kr_widget_state *state = &widgets->state;
    if (!kr_widget_inside(state->popup, mouse)) return -1;
    int row = (int)floor((mouse.y - state->popup.y - 2 * widgets->theme->scale) / row_height(widgets->theme));
    return row < 0 || row >= state->popup_rows ? -1 : row + state->popup_first;
}

/* A typed letter leads to the next name that begins with it. */
static void find_letter(kr_widgets *widgets) {
    kr_widget_state *state = &widgets->state;
    char letter = widgets->input.text[0];
    for (int i = 1; letter && i <= state->popup_count; i++) {
        int at = (state->popup_marked + i) % state->popup_count;
        if (state->popup_names[at][0] != letter) continue;
        state->popup_marked = at;
        break;
    }
    widgets->input.text[0] = 0;
}

static void popup_keys(kr_widgets *widgets) {
    kr_widget_state *state = &widgets->state;
    int last = state->popup_count - 1, *marked = &state->popup_marked, was = *marked;
    while (kr_widgets_key(widgets, SDLK_DOWN)) *marked = *marked < last ? *marked + 1 : last;
    while (kr_widgets_key(widgets, SDLK_UP)) *marked = *marked > 0 ? *marked - 1 : 0;
    if (kr_widgets_key(widgets, SDLK_PAGEDOWN)) *marked = *marked + state->popup_rows < last ? *marked + state->popup_rows : last;
    if (kr_widgets_key(widgets, SDLK_PAGEUP)) *marked = *marked > state->popup_rows ? *marked - state->popup_rows : 0;
    if (kr_widgets_key(widgets, SDLK_HOME)) *marked = 0;
    if (kr_widgets_key(widgets, SDLK_END)) *marked = last;
    find_letter(widgets);
    if (*marked != was) show_marked(state);
}

/* The open menu's frame; the entry that was chosen, or -1. */
static int run_popup(kr_widgets *widgets, kr_rectangle box) {
    kr_widget_state *state = &widgets->state;
    kr_input *input = &widgets->input;
    state->open_seen = true;
    place_popup(widgets, box);
    popup_keys(widgets);
    if (input->wheel != 0) {
        state->popup_first -= (int)(input->wheel > 0 ? ceil(input->wheel) : floor(input->wheel));
        input->wheel = 0;
        place_popup(widgets, box);
    }
    int row = input->inside ? row_at(widgets, input->mouse) : -1;
    bool moved = input->mouse.x != state->popup_mouse.x || input->mouse.y != state->popup_mouse.y;
    if (row >= 0 && (moved || input->pressed)) state->popup_marked = row;
    state->popup_mouse = input->mouse;
    int chosen = -1;
    bool close = kr_widgets_key(widgets, SDLK_ESCAPE) || kr_widgets_key(widgets, SDLK_TAB);
    if (kr_widgets_key(widgets, SDLK_RETURN) || kr_widgets_key(widgets, SDLK_KP_ENTER) || kr_widgets_key(widgets, SDLK_SPACE))
        chosen = state->popup_marked;
    if (input->pressed && row >= 0)
        chosen = row;
    else if (input->pressed && !kr_widget_inside(state->popup, input->mouse))
        close = true;
    if (input->pressed) { /* belongs to the menu alone, also when it only closes it */
        input->pressed = false;
        kr_widget_assign(widgets->active, widgets->open);
    }
    if (close || chosen >= 0) widgets->open[0] = 0;
    return chosen;
}

static void draw_closed(kr_widgets *widgets, kr_rectangle box, const char *shown, kr_touch touch) {
    const kr_theme *theme = widgets->theme;
    double middle = box.y + 0.5 * box.height, size = 4 * theme->scale, x = box.x + box.width - theme->gap - size;
    kr_point arrow[3] = {{x - size, middle - 0.5 * size}, {x + size, middle - 0.5 * size}, {x, middle + 0.7 * size}};
    kr_canvas_fill_round(widgets->canvas, box, 4 * theme->scale, kr_widget_face_color(widgets, touch));
    kr_canvas_frame(widgets->canvas, box, 4 * theme->scale, theme->scale, theme->edge);
    kr_text_fit(widgets->fonts, widgets->canvas, box.x + 0.75 * theme->gap, middle, x - size - box.x - 1.25 * theme->gap,
                theme->normal, KR_REGULAR, KR_LEFT, kr_widget_text_color(widgets), shown);
    kr_canvas_polygon(widgets->canvas, 3, arrow, widgets->disabled ? kr_widget_text_color(widgets) : theme->faint_text);
    kr_widget_focus_ring(widgets, box, touch);
}

bool kr_menu(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, const char *const *names, int *chosen,
             const char *tip) {
    const kr_theme *theme = widgets->theme;
    kr_widget_state *state = &widgets->state;
    int count = count_names(names), before = *chosen;
    kr_rectangle box = area;
    if (label && *label) {
        double wide = fmin(kr_text_width(widgets->fonts, theme->normal, KR_REGULAR, label) + theme->gap, 0.5 * area.width);
        kr_text_fit(widgets->fonts, widgets->canvas, area.x, area.y + 0.5 * area.height, wide - 0.5 * theme->gap, theme->normal,
                    KR_REGULAR, KR_LEFT, kr_widget_text_color(widgets), label);
        box.x += wide;
        box.width -= wide;
    }
    box.y += 2 * theme->scale;
    box.height -= 4 * theme->scale;
    bool was_open = widgets->open[0] && kr_widget_is(widgets->open, identity);
    kr_touch touch = kr_widget_touch(widgets, identity, box, tip);
    if (widgets->disabled && was_open) widgets->open[0] = 0, was_open = false;
    if (was_open) {
        copy_names(state, names, count);
        int picked = count > 0 ? run_popup(widgets, box) : -1;
        if (picked >= 0) *chosen = picked;
    } else if (count > 0) {
        bool key = touch.focused && (kr_widgets_key(widgets, SDLK_SPACE) || kr_widgets_key(widgets, SDLK_RETURN) ||
                                     kr_widgets_key(widgets, SDLK_KP_ENTER));
        if (touch.focused && kr_widgets_key(widgets, SDLK_RIGHT) && *chosen + 1 < count) ++*chosen;
        if (touch.focused && kr_widgets_key(widgets, SDLK_LEFT) && *chosen > 0) --*chosen;
        if (touch.pressed || key) {
            copy_names(state, names, count);
            open_menu(widgets, identity, box, *chosen);
            state->open_seen = true;
        }
    }
    kr_widget_describe(widgets, "menu", identity, box, label, touch, tip);
    kr_describe_text(widgets->description, "value", *chosen >= 0 && *chosen < count ? names[*chosen] : NULL);
    kr_describe_names(widgets->description, "entries", names);
    kr_describe_flag(widgets->description, "open", widgets->open[0] && kr_widget_is(widgets->open, identity));
    draw_closed(widgets, box, *chosen >= 0 && *chosen < count ? names[*chosen] : "", touch);
    return *chosen != before;
}

void kr_menu_draw_popup(kr_widgets *widgets) {
    const kr_theme *theme = widgets->theme;
    const kr_widget_state *state = &widgets->state;
    kr_rectangle popup = state->popup;
    double radius = 4 * theme->scale, row = row_height(theme), pad = 2 * theme->scale;
    kr_canvas_fill_round(widgets->canvas, (kr_rectangle){popup.x + 2, popup.y + 3, popup.width, popup.height}, radius, 0x60000000u);
    kr_canvas_fill_round(widgets->canvas, popup, radius, kr_color_mix(theme->panel, theme->text, 0.05));
    kr_canvas_frame(widgets->canvas, popup, radius, theme->scale, theme->edge);
    bool scrolls = state->popup_count > state->popup_rows;
    for (int i = 0; i < state->popup_rows && state->popup_first + i < state->popup_count; i++) {
        int at = state->popup_first + i;
        kr_rectangle line = {popup.x + pad, popup.y + pad + i * row, popup.width - 2 * pad - (scrolls ? 3 * pad : 0), row};
        bool marked = at == state->popup_marked;
        kr_widget_describe(widgets, "entry", widgets->open, line, state->popup_names[at], (kr_touch){.focused = marked}, NULL);
        if (marked) kr_canvas_fill_round(widgets->canvas, line, radius - theme->scale, theme->accent);
        kr_text_fit(widgets->fonts, widgets->canvas, line.x + 0.75 * theme->gap, line.y + 0.5 * row, line.width - theme->gap,
                    theme->normal, KR_REGULAR, KR_LEFT, marked ? (theme->dark ? theme->background : theme->panel) : theme->text,
                    state->popup_names[at]);
    }
    if (!scrolls) return;
    double room = popup.height - 2 * pad, size = room * state->popup_rows / state->popup_count;
    kr_rectangle bar = {popup.x + popup.width - 3 * pad, popup.y + pad + room * state->popup_first / state->popup_count, 2 * pad,
                        size};
    kr_canvas_fill_round(widgets->canvas, bar, pad, kr_color_mix(theme->panel, theme->text, 0.4));
}
