/* A little window with one control of each kind, led frame by frame with made-up mouse and keyboard. */
#ifndef WIDGET_WINDOW_H
#define WIDGET_WINDOW_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "widgets/widget.h"
#include <SDL_keycode.h>

#include <kramers/number_text.h>

#include "assert_close.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct values {
    double rate, temperature, count, fixed;
    bool on, open;
    int chosen, second;
    char text[64];
    kr_settings settings;
    int presses;
    char changed[64];   /* identity of the last control that reported a change */
    char parameter[64]; /* text of the last change of a parameter */
} values;

typedef struct window {
    kr_canvas canvas;
    kr_fonts *fonts;
    kr_theme theme;
    kr_widgets widgets;
    kr_input input;
    values v;
    double bottom; /* y of the menu near the bottom */
} window;

typedef struct test_values {
    double rate, ratio;
    int64_t batch;
    bool nesterov;
    int mode;
    kr_list list;
} test_values;

static const char *const modes[] = {"hold", "repeat", "mirror", NULL};
static const kr_parameter test_parameters[] = {
    {.name = "learning_rate",
     .symbol = "eta",
     .doc = "Size of a step",
     .type = KR_NUMBER,
     .flags = KR_LOG_SCALE | KR_ABOVE_MINIMUM,
     .offset = offsetof(test_values, rate),
     .initial = 0.01,
     .maximum = INFINITY},
    {.name = "ratio", .doc = "A part", .type = KR_NUMBER, .offset = offsetof(test_values, ratio), .initial = 0.5, .maximum = 1},
    {.name = "batch",
     .doc = "Samples",
     .type = KR_INTEGER,
     .flags = KR_LOG_SCALE,
     .offset = offsetof(test_values, batch),
     .initial = 32,
     .minimum = 1,
     .maximum = 1e9},
    {.name = "nesterov", .doc = "Look ahead", .type = KR_SWITCH, .offset = offsetof(test_values, nesterov)},
    {.name = "mode", .doc = "Afterwards", .type = KR_CHOICE, .offset = offsetof(test_values, mode), .initial = 1, .choices = modes},
    {.name = "list", .doc = "Numbers", .type = KR_LIST, .offset = offsetof(test_values, list), .initial = 1, .maximum = 100},
    KR_END};
static const kr_descriptor test_descriptor = {
    .name = "test", .doc = "", .parameters = test_parameters, .values_size = sizeof(test_values)};

static const char *const few[] = {"alpha", "beta", "gamma", "delta", NULL};
static const char *many[41];

enum { LEFT = 20, WIDE = 260, LINE = 34 };

static inline kr_rectangle row(int i) {
    return (kr_rectangle){LEFT, 10 + LINE * i, WIDE, 30};
}

static inline void note(window *w, const char *identity, bool changed) {
    if (changed) snprintf(w->v.changed, sizeof w->v.changed, "%s", identity);
}

/* On a copy, so that a test says when a change takes effect. */
static inline bool control_parameter(window *w, const kr_parameter *parameter, kr_rectangle area) {
    kr_settings copy;
    kr_error error;
    if (kr_settings_copy(&copy, &w->v.settings, &error)) fail_msg("%s", error.message);
    bool changed = kr_parameter_control(&w->widgets, parameter->name, area, &copy, parameter);
    kr_parameter_value value = kr_get_value(&copy, parameter);
    FILE *out = changed ? fmemopen(w->v.parameter, sizeof w->v.parameter, "w") : NULL;
    if (out && value.type == KR_TEXT)
        fputs(value.text, out);
    else if (out)
        kr_parameter_value_print(out, parameter, value);
    if (out) fclose(out);
    kr_settings_destroy(&copy);
    return changed;
}

/* One frame with all controls; afterwards what happened in it is over. */
static inline void frame(window *w) {
    values *v = &w->v;
    w->v.changed[0] = w->v.parameter[0] = 0;
    kr_widgets_begin(&w->widgets, &w->canvas, w->fonts, &w->theme, &w->input);
    if (kr_button(&w->widgets, "button", row(0), "Restart", false, "A kick")) v->presses++;
    note(w, "rate", kr_slider(&w->widgets, "rate", row(1), "rate", &v->rate, 1e-4, 1, true, false, "log"));
    note(w, "temperature", kr_slider(&w->widgets, "temperature", row(2), "temperature", &v->temperature, 0, 2, false, false, NULL));
    note(w, "count", kr_slider(&w->widgets, "count", row(3), "count", &v->count, 0, 20, false, true, NULL));
    note(w, "switch", kr_switch(&w->widgets, "switch", row(4), "on", &v->on, NULL));
    note(w, "menu", kr_menu(&w->widgets, "menu", row(5), "mode", few, &v->chosen, NULL));
    note(w, "field", kr_field(&w->widgets, "field", row(6), "name", v->text, sizeof v->text, NULL));
    note(w, "section", kr_section(&w->widgets, "section", row(7), "Section", &v->open, NULL));
    w->widgets.disabled = true;
    note(w, "fixed", kr_slider(&w->widgets, "fixed", row(8), "fixed", &v->fixed, 0, 1, false, false, "cannot be changed"));
    w->widgets.disabled = false;
    for (int i = 0; test_parameters[i].name; i++)
        note(w, test_parameters[i].name, control_parameter(w, &test_parameters[i], row(9 + i)));
    note(
        w, "many",
        kr_menu(&w->widgets, "many", (kr_rectangle){LEFT, w->bottom, WIDE, 30}, NULL, (const char *const *)many, &v->second, NULL));
    kr_widgets_end(&w->widgets);
    w->input.pressed = w->input.released = w->input.double_click = false;
    w->input.key_count = 0;
    w->input.wheel = 0;
    w->input.text[0] = 0;
    w->input.seconds += 1.0 / 60;
}

static inline int set_up(void **state) {
    window *w = calloc(1, sizeof *w);
    kr_error error;
    assert_non_null(w);
    for (int i = 0; i < 40; i++) {
        static char names[40][16];
        snprintf(names[i], sizeof names[i], "entry %d", i);
        many[i] = names[i];
    }
    if (kr_canvas_create(&w->canvas, 640, 620, &error) || kr_fonts_create(&w->fonts, &error) ||
        kr_settings_create(&w->v.settings, &test_descriptor, &error))
        fail_msg("%s", error.message);
    kr_theme_make(&w->theme, true, 1);
    w->input.inside = true;
    w->input.mouse = (kr_point){600, 300};
    w->bottom = 570;
    w->v.rate = 0.01;
    w->v.temperature = 0.5;
    w->v.count = 5;
    w->v.chosen = 1;
    w->v.second = 20;
    strcpy(w->v.text, "abc");
    frame(w);
    *state = w;
    return 0;
}

static inline int tear_down(void **state) {
    window *w = *state;
    kr_settings_destroy(&w->v.settings);
    kr_fonts_destroy(w->fonts);
    kr_canvas_destroy(&w->canvas);
    free(w);
    return 0;
}

static inline void move(window *w, double x, double y) {
    w->input.mouse = (kr_point){x, y};
    frame(w);
}

static inline void press(window *w, double x, double y) {
    w->input.mouse = (kr_point){x, y};
    w->input.pressed = w->input.down = true;
    frame(w);
}

static inline void let_go(window *w) {
    w->input.down = false;
    w->input.released = true;
    frame(w);
}

static inline void click(window *w, double x, double y) {
    press(w, x, y);
    let_go(w);
}

static inline void key(window *w, int32_t code) {
    w->input.key[w->input.key_count++] = code;
    frame(w);
}

static inline void type(window *w, const char *text) {
    snprintf(w->input.text, sizeof w->input.text, "%s", text);
    frame(w);
}

static inline void tab_to(window *w, const char *identity) {
    for (int i = 0; i < 40; i++) {
        key(w, SDLK_TAB);
        if (strcmp(w->widgets.focus, identity) == 0) return;
    }
    fail_msg("Tab never comes to %s", identity);
}

static inline double middle(int i) {
    return row(i).y + 15;
}

/* The track of a slider is in the lower part of its row, five pixels shorter on both sides. */
static inline double track_y(int i) {
    return row(i).y + 24;
}

static inline double track_x(double fraction) {
    return LEFT + 5 + fraction * (WIDE - 10);
}

static inline void apply(window *w, const char *name) {
    kr_error error;
    if (kr_set_from_text(&w->v.settings, kr_parameter_find(&test_descriptor, name), w->v.parameter, &error))
        fail_msg("%s", error.message);
}

#define WITH_WINDOW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
