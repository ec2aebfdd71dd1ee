/* The window's own parts: bar at the top, time slider of a file at the foot, messages; and where the panels are. */
#include "window_state.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* ---- places ---- */

/* A large window is looked at from far away: text grows with it, in steps, so that it does not change with every pixel. */
double kr_window_scale(const kr_window *w) {
    if (w->options->scale > 0) return w->options->scale;
    double grown = floor(8 * fmin(w->canvas.width / 1280.0, w->canvas.height / 800.0)) / 8;
    return fmax(w->display_scale, grown);
}

enum { CONTROLS_WIDTH = 280, INSTRUMENTS_WIDTH = 330, LANDSCAPE_WIDTH = 340, LESSON_LANDSCAPE_WIDTH = 290 };

/* Columns that are there by themselves give way to the landscape; one that was asked for stays, and the other one goes first. */
static void choose_columns(const kr_window *w, double width, bool *controls, bool *instruments) {
    /* A lesson speaks of instruments, for which the landscape makes some room. */
    double scale = w->theme.scale, need = (kr_lesson_panel_watch(w->lesson) ? LESSON_LANDSCAPE_WIDTH : LANDSCAPE_WIDTH) * scale,
           left = CONTROLS_WIDTH * scale, right = INSTRUMENTS_WIDTH * scale;
    *controls = w->controls_column != KR_COLUMN_HIDDEN;
    *instruments = w->instruments_column != KR_COLUMN_HIDDEN;
    if (*controls && *instruments && width < left + right + need) {
        if (w->controls_column == KR_COLUMN_SHOWN && w->instruments_column != KR_COLUMN_SHOWN)
            *instruments = false;
        else
            *controls = false;
    }
    if (*controls && w->controls_column != KR_COLUMN_SHOWN && width < left + need) *controls = false;
    if (*instruments && w->instruments_column != KR_COLUMN_SHOWN && width < right + need) *instruments = false;
}

/* Networks come first, and get more; where not both have room they get it all, until the landscape is asked for. */
static void divide_middle(kr_window *w) {
    kr_rectangle all = w->landscape_area, *network = &w->network_area, *landscape = &w->landscape_area;
    const double part = 0.58, least_width = 330 * w->theme.scale, least_height = 230 * w->theme.scale;
    *network = (kr_rectangle){all.x, all.y, 0, 0};
    if (w->middle == KR_MIDDLE_LANDSCAPE || !kr_network_panel_applies(w->analysis)) return;
    bool beside = all.width > 1.25 * all.height;
    bool room = beside ? all.width * (1 - part) >= least_width : all.height * (1 - part) >= least_height;
    *network = all;
    if (w->middle == KR_MIDDLE_NETWORK || !room) {
        landscape->width = landscape->height = 0;
    } else if (beside) {
        network->width = floor(part * all.width);
        landscape->x += network->width;
        landscape->width -= network->width;
    } else {
        network->height = floor(part * all.height);
        landscape->y += network->height;
        landscape->height -= network->height;
    }
}

/* The presenter's layout: below the landscape a row of instruments over the whole width, or none where they have no room. */
static void divide_for_room(kr_window *w, double tall) {
    double row = fmin(fmax(0.34 * tall, 140 * w->theme.scale), 0.5 * tall);
    if (w->instruments_column == KR_COLUMN_HIDDEN || row < 90 * w->theme.scale) return;
    row = floor(row);
    w->landscape_area.height -= row;
    w->instruments_area = (kr_rectangle){0, w->landscape_area.y + w->landscape_area.height, w->landscape_area.width, row};
}

void kr_window_place(kr_window *w) {
    const kr_theme *theme = &w->theme;
    double width = w->canvas.width, height = w->canvas.height, bar = theme->line + theme->gap;
    double foot = w->player ? theme->line + theme->gap : 0.0;
    double lesson = fmin(kr_lesson_panel_height(w->lesson, w->fonts, theme, width), 0.4 * height);
    bool controls = false, instruments = false;
    if (!w->presents) choose_columns(w, width, &controls, &instruments);
    double left = controls ? fmin(CONTROLS_WIDTH * theme->scale, width) : 0.0,
           right = instruments ? INSTRUMENTS_WIDTH * theme->scale : 0.0;
    right = fmin(right, width - left);
    double top = bar, tall = fmax(height - bar - lesson - foot, 0.0);
    w->bar_area = (kr_rectangle){0, 0, width, bar};
    w->controls_area = (kr_rectangle){0, top, left, tall};
    w->landscape_area = (kr_rectangle){left, top, width - left - right, tall};
    w->instruments_area = (kr_rectangle){width - right, top, right, tall};
    if (w->presents) divide_for_room(w, tall);
    divide_middle(w);
    w->lesson_area = (kr_rectangle){0, height - foot - lesson, width, lesson};
    w->foot_area = (kr_rectangle){0, height - foot, width, foot};
}

/* ---- bar ---- */

static void draw_icon(kr_window *w, kr_rectangle area, bool pause, bool step) {
    double s = 5.5 * w->theme.scale, x = area.x + 0.5 * area.width, y = area.y + 0.5 * area.height;
    kr_color color = w->theme.text;
    if (pause) {
        kr_canvas_fill(&w->canvas, (kr_rectangle){x - s, y - s, 0.7 * s, 2 * s}, color);
        kr_canvas_fill(&w->canvas, (kr_rectangle){x + 0.3 * s, y - s, 0.7 * s, 2 * s}, color);
        return;
    }
    kr_point triangle[3] = {{x - 0.8 * s, y - s}, {x + (step ? 0.4 : 1.0) * s, y}, {x - 0.8 * s, y + s}};
    kr_canvas_polygon(&w->canvas, 3, triangle, color);
    if (step) kr_canvas_fill(&w->canvas, (kr_rectangle){x + 0.5 * s, y - s, 0.5 * s, 2 * s}, color);
}

/* A button gives the focus back, so that the space bar keeps its meaning after a click. */
static bool button(kr_window *w, const char *identity, double *x, double width, const char *label, const char *tip) {
    kr_rectangle area = {*x, 0.5 * w->theme.gap, width * w->theme.scale, w->theme.line};
    bool by_mouse = w->widgets.input.released, done = kr_button(&w->widgets, identity, area, label, false, tip);
    if (done && by_mouse) w->widgets.focus[0] = '\0';
    *x += area.width + 0.5 * w->theme.gap;
    return done;
}

static void draw_buttons(kr_window *w, double *x, bool roomy) {
    double before = *x;
    bool playing = w->snapshot->playing;
    kr_rectangle area = {before, 0.5 * w->theme.gap, 34 * w->theme.scale, w->theme.line};
    if (button(w, "bar play", x, 34, "", playing ? "Pause (space)" : "Play (space)")) kr_window_play(w, !playing);
    draw_icon(w, area, playing, false);
    area.x = *x;
    if (button(w, "bar step", x, 34, "", w->player ? "Next frame (down)" : "One step (down; with shift 100)"))
        kr_window_steps(w, 1);
    draw_icon(w, area, false, true);
    if (w->player || !roomy) return;
    if (button(w, "bar reset", x, 56, "Reset", "Everything from step 0; the settings stay (Home)")) kr_window_intervene(w, "reset");
    if (button(w, "bar undo", x, 56, "Undo", "Take the last change of a setting back (z)")) kr_window_intervene(w, "undo");
}

static void draw_speed(kr_window *w, double *x) {
    static char texts[KR_SPEEDS][48];
    const char *names[KR_SPEEDS + 1] = {NULL};
    int chosen = w->speed;
    for (int i = 0; i < KR_SPEEDS; i++) {
        char rate[24];
        kr_text_number(kr_speeds[i] * w->unit_speed, 3, rate, sizeof rate);
        if (i == KR_SPEEDS - 1)
            snprintf(texts[i], sizeof texts[i], "max");
        else
            snprintf(texts[i], sizeof texts[i], "%g\xc3\x97  %s /s", kr_speeds[i], rate);
        names[i] = texts[i];
    }
    kr_rectangle area = {*x, 0.5 * w->theme.gap, 132 * w->theme.scale, w->theme.line};
    if (kr_menu(&w->widgets, "bar speed", area, "", names, &chosen,
                w->player ? "Frames of the file per second (comma, period)"
                          : "Steps per second (comma: slower, period: faster, m: max)"))
        kr_window_set_speed(w, chosen);
    *x += area.width + w->theme.gap;
}

/* Numbers at the right end, the most important first: what finds no room is left out. Returns where they begin. */
static double draw_numbers(kr_window *w, double from, double to) {
    const kr_snapshot *s = w->snapshot;
    const kr_theme *theme = &w->theme;
    char number[48], text[4][80] = {"", "", "", ""};
    snprintf(text[0], sizeof text[0], "step %s", kr_text_number((double)s->step, 12, number, sizeof number));
    snprintf(text[1], sizeof text[1], "time %s", kr_text_number(s->time, 4, number, sizeof number));
    double rate = s->particle_steps_per_second, unit = rate >= 1e9 ? 1e9 : rate >= 1e6 ? 1e6 : rate >= 1e4 ? 1e3 : 1;
    if (rate >= 1)
        snprintf(text[2], sizeof text[2], "%s%s particle steps/s", kr_text_number(rate / unit, 3, number, sizeof number),
                 unit == 1e9   ? " billion"
                 : unit == 1e6 ? " million"
                 : unit == 1e3 ? " thousand"
                               : "");
    if (w->display) snprintf(text[3], sizeof text[3], "%.0f frames/s", w->frames_per_second);
    double width[4] = {88, 92, 222, 96}, x = to; /* at least, so that they stand still */
    size_t shown = 0;
    for (double room = x - from; shown < 4 && *text[shown]; shown++) {
        width[shown] =
            fmax(width[shown] * theme->scale, kr_text_width(w->fonts, theme->small, KR_REGULAR, text[shown]) + 1.5 * theme->gap);
        if (room < width[shown]) break;
        room -= width[shown];
    }
    for (size_t i = shown; i-- > 0;) {
        kr_text_draw(w->fonts, &w->canvas, x, w->bar_area.height / 2, theme->small, KR_REGULAR, KR_RIGHT,
                     i == 0 ? theme->text : theme->faint_text, text[i]);
        x -= width[i];
    }
    return x;
}

void kr_window_draw_bar(kr_window *w) {
    const kr_theme *theme = &w->theme;
    double x = theme->gap, middle = 0.5 * w->bar_area.height;
    kr_canvas_fill(&w->canvas, w->bar_area, theme->panel);
    kr_canvas_fill(&w->canvas, (kr_rectangle){0, w->bar_area.height - 1, w->bar_area.width, 1}, theme->edge);
    /* The number of the step comes first. Where there are controls the buttons are among them. */
    double name = fmin(kr_text_width(w->fonts, theme->normal, KR_BOLD, w->title), 220 * theme->scale) + 2 * theme->gap;
    double all = (2 * 34 + 2 * 56 + 132 + 88 + 2 * 28) * theme->scale + 6.5 * theme->gap + name;
    draw_buttons(w, &x, all <= w->bar_area.width && w->controls_area.width <= 0);
    draw_speed(w, &x);
    kr_rectangle help = {w->canvas.width - theme->gap - 28 * theme->scale, 0.5 * theme->gap, 28 * theme->scale, theme->line};
    if (kr_button(&w->widgets, "bar help", help, "?", w->help, "Keys (h)")) w->help = !w->help, w->widgets.focus[0] = '\0';
    kr_rectangle menu = help;
    menu.x -= menu.width + 0.5 * theme->gap;
    if (kr_button(&w->widgets, "bar menu", menu, "\xe2\x98\xb0", w->menu.open, "Lessons and scenes (F2)"))
        kr_window_open_menu(w), w->widgets.focus[0] = '\0';
    /* A lesson speaks of steps: their number comes before the end of the name. */
    if (kr_lesson_panel_steps(w->lesson)) name = fmin(name, fmax(0, menu.x - theme->gap - x - 88 * theme->scale));
    double end = draw_numbers(w, x + name, menu.x - theme->gap);
    kr_text_fit(w->fonts, &w->canvas, x, middle, end - x - theme->gap, theme->normal, KR_BOLD, KR_LEFT, theme->text, w->title);
}

/* ---- foot ---- */

void kr_window_draw_foot(kr_window *w) {
    if (!w->player) return;
    const kr_theme *theme = &w->theme;
    kr_rectangle area = w->foot_area;
    double last = (double)(kr_player_frames(w->player) - 1), frame = (double)kr_player_frame(w->player);
    kr_canvas_fill(&w->canvas, area, theme->panel);
    kr_canvas_fill(&w->canvas, (kr_rectangle){area.x, area.y, area.width, 1}, theme->edge);
    kr_rectangle slider = {area.x + theme->gap, area.y + 0.5 * theme->gap, area.width - 2 * theme->gap, theme->line};
    if (last > 0 && kr_slider(&w->widgets, "foot frame", slider, "frame", &frame, 0, last, false, true, "Frame of the file"))
        kr_player_seek(w->player, frame > 0 ? (size_t)(frame + 0.5) : 0);
}

/* ---- messages ---- */

void kr_window_draw_message(kr_window *w) {
    const kr_theme *theme = &w->theme;
    if (!*w->message || w->seconds > w->message_until) return;
    kr_rectangle middle_area = w->network_area.width > 0 ? w->network_area : w->landscape_area;
    double most = fmin(middle_area.width - 4 * theme->gap, 640 * theme->scale);
    if (most < 100 * theme->scale) most = w->canvas.width - 4 * theme->gap;
    double width = fmin(most, kr_text_width(w->fonts, theme->normal, KR_REGULAR, w->message) + 1);
    double height = kr_text_wrap(w->fonts, NULL, 0, 0, width, theme->normal, KR_REGULAR, theme->text, w->message);
    double middle = middle_area.x + 0.5 * middle_area.width;
    if (middle_area.width < most) middle = 0.5 * w->canvas.width;
    kr_rectangle box = {middle - 0.5 * width - theme->gap, middle_area.y + 1.5 * theme->gap, width + 2 * theme->gap,
                        height + theme->gap};
    kr_canvas_fill_round(&w->canvas, box, 6 * theme->scale, kr_color_fade(theme->panel, 0.95));
    kr_canvas_frame(&w->canvas, box, 6 * theme->scale, theme->scale, theme->accent);
    kr_text_wrap(w->fonts, &w->canvas, box.x + theme->gap, box.y + 0.5 * theme->gap, width, theme->normal, KR_REGULAR, theme->text,
                 w->message);
}
