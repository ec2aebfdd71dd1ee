/* One frame. */
#include "window_state.h"

#include "model/course.h"
#include "model/present.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void draw_panel(kr_window *w, kr_rectangle area, const kr_frame *frame, int which) {
    if (area.width < 1 || area.height < 1) return;
    kr_rectangle before = kr_canvas_clip(&w->canvas, area);
    if (which == 0) kr_landscape_panel_draw(w->landscape, frame, area);
    if (which == 1) kr_controls_panel_draw(w->controls, frame, area);
    if (which == 2 && !w->presents) kr_instruments_draw(w->instruments, frame, area);
    if (which == 2 && w->presents) kr_instruments_present(w->instruments, frame, area);
    if (which == 3) kr_lesson_panel_draw(w->lesson, frame, area);
    if (which == 4) kr_network_panel_draw(w->network, frame, area);
    kr_canvas_unclip(&w->canvas, before);
}

static void draw_edges(kr_window *w) {
    double line = fmax(1.0, floor(w->theme.scale));
    kr_rectangle left = w->controls_area, right = w->instruments_area;
    if (w->network_area.width > 0 && w->landscape_area.width > 0) {
        bool beside = w->landscape_area.x > w->network_area.x;
        kr_rectangle next = w->landscape_area;
        next.width = beside ? line : next.width;
        next.height = beside ? next.height : line;
        kr_canvas_fill(&w->canvas, next, w->theme.edge);
    }
    if (left.width > 0) kr_canvas_fill(&w->canvas, (kr_rectangle){left.width - line, left.y, line, left.height}, w->theme.edge);
    if (right.width > 0 && w->presents) right.height = line;
    if (right.width > 0)
        kr_canvas_fill(&w->canvas, (kr_rectangle){right.x, right.y, w->presents ? right.width : line, right.height}, w->theme.edge);
}

/* While the help page is open, panels get keys but no mouse. */
static kr_input only_keys(const kr_input *input) {
    kr_input quiet = *input;
    quiet.mouse = (kr_point){-1, -1};
    quiet.inside = quiet.down = quiet.pressed = quiet.released = quiet.double_click = false;
    quiet.right_down = quiet.right_pressed = quiet.middle_down = false;
    quiet.wheel = 0;
    return quiet;
}

/* As the command line wants it: once, when it is known what the scene has. */
static kr_status open_view(kr_window *w, kr_error *error) {
    const char *wanted = w->options->view;
    char why[256] = "", all[128] = "";
    if (!wanted || w->view_opened) return KR_OK;
    w->view_opened = true;
    for (int k = 0; k < KR_LANDSCAPE_VIEWS; k++) {
        const char *name = kr_landscape_view_name[k];
        if (!strcmp(wanted, name))
            return kr_landscape_panel_view(w->landscape, w->analysis, w->snapshot, (kr_landscape_view)k, why, sizeof why)
                       ? KR_OK
                       : kr_fail(error, KR_BAD_ARGUMENT, "--view %s: %s", name, why);
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", k ? ", " : "", name);
    }
    return kr_fail(error, KR_BAD_ARGUMENT, "--view %.100s: there are %s", wanted, all);
}

/* Text of the presenter's layout beside that of the other. */
static const double presented_scale = 1.375;

/* When it becomes so. */
static void warn_of_stability(kr_window *w) {
    char text[200];
    bool unstable = kr_present_stability_warning(w->analysis, text, sizeof text);
    if (unstable && !w->unstable) kr_window_say(w, "%s", text);
    w->unstable = unstable;
}

kr_status kr_window_draw(kr_window *w, const kr_input *input, kr_error *error) {
    kr_status status =
        kr_analyser_update(w->analyser, w->snapshot->version, &w->snapshot->scene, w->display == NULL, &w->analysis, error);
    if (!w->analysis) return status;
    kr_window_name_shown(w);
    kr_analyser_look(w->analyser, w->snapshot, w->display == NULL);
    if (status == KR_OK) status = open_view(w, error);
    if (status != KR_OK) return status;
    bool help = w->help, menu = w->menu.open, clicked = input->pressed;
    kr_input passed = help || menu ? only_keys(input) : *input;
    w->menu_input = *input;
    if (menu) {
        passed.key_count = 0;
        passed.text[0] = '\0';
    }
    double scale = kr_window_scale(w) * w->zoom * (w->presents ? presented_scale : 1);
    if (w->theme.dark != w->dark || w->theme.scale != scale) kr_theme_make(&w->theme, w->dark, scale);
    kr_window_place(w);
    kr_canvas_fill(&w->canvas, (kr_rectangle){0, 0, w->canvas.width, w->canvas.height}, w->theme.background);
    kr_widgets_begin(&w->widgets, &w->canvas, w->fonts, &w->theme, &passed);
    kr_frame frame = {.canvas = &w->canvas,
                      .fonts = w->fonts,
                      .theme = &w->theme,
                      .widgets = &w->widgets,
                      .snapshot = w->snapshot,
                      .analysis = w->analysis,
                      .simulation = w->simulation,
                      .watch = kr_lesson_panel_watch(w->lesson),
                      .still = w->display == NULL};
    kr_window_describe(w);
    draw_panel(w, w->controls_area, &frame, 1);
    draw_panel(w, w->landscape_area, &frame, 0);
    draw_panel(w, w->network_area, &frame, 4);
    draw_panel(w, w->instruments_area, &frame, 2);
    draw_panel(w, w->lesson_area, &frame, 3);
    warn_of_stability(w);
    const char *news = kr_controls_panel_news(w->controls);
    if (news) kr_window_say(w, "%s", news);
    draw_edges(w);
    kr_window_draw_bar(w);
    kr_window_draw_foot(w);
    kr_window_keys(w, &frame);
    kr_window_apply_lesson_speed(w);
    kr_window_draw_message(w);
    kr_window_draw_help(w);
    if (menu) kr_window_draw_menu(w); /* from the frame after the key on that opened it */
    kr_widgets_end(&w->widgets);
    if (kr_lesson_panel_finished(w->lesson)) kr_window_want(w, kr_course_next(w->name));
    if (help && clicked) w->help = false;
    return kr_window_described(w, error);
}
