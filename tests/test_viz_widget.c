/* Controls as a user meets them: frames with made-up mouse and keyboard, and what the controls say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <SDL_keycode.h>
#include <widget.h>

#include <kramers/number_text.h>

#include "assert_close.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a little window ---- */

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

static kr_rectangle row(int i) {
    return (kr_rectangle){LEFT, 10 + LINE * i, WIDE, 30};
}

static void note(window *w, const char *identity, bool changed) {
    if (changed) snprintf(w->v.changed, sizeof w->v.changed, "%s", identity);
}

/* One frame with all controls; afterwards what happened in it is over. */
static void frame(window *w) {
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
        note(w, test_parameters[i].name,
             kr_parameter_control(&w->widgets, test_parameters[i].name, row(9 + i), &v->settings, &test_parameters[i], v->parameter,
                                  sizeof v->parameter));
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

static int set_up(void **state) {
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

static int tear_down(void **state) {
    window *w = *state;
    kr_settings_destroy(&w->v.settings);
    kr_fonts_destroy(w->fonts);
    kr_canvas_destroy(&w->canvas);
    free(w);
    return 0;
}

static void move(window *w, double x, double y) {
    w->input.mouse = (kr_point){x, y};
    frame(w);
}

static void press(window *w, double x, double y) {
    w->input.mouse = (kr_point){x, y};
    w->input.pressed = w->input.down = true;
    frame(w);
}

static void let_go(window *w) {
    w->input.down = false;
    w->input.released = true;
    frame(w);
}

static void click(window *w, double x, double y) {
    press(w, x, y);
    let_go(w);
}

static void key(window *w, int32_t code) {
    w->input.key[w->input.key_count++] = code;
    frame(w);
}

static void type(window *w, const char *text) {
    snprintf(w->input.text, sizeof w->input.text, "%s", text);
    frame(w);
}

static void tab_to(window *w, const char *identity) {
    for (int i = 0; i < 40; i++) {
        key(w, SDLK_TAB);
        if (strcmp(w->widgets.focus, identity) == 0) return;
    }
    fail_msg("Tab never comes to %s", identity);
}

static double middle(int i) {
    return row(i).y + 15;
}

/* The track of a slider is in the lower part of its row, five pixels shorter on both sides. */
static double track_y(int i) {
    return row(i).y + 24;
}

static double track_x(double fraction) {
    return LEFT + 5 + fraction * (WIDE - 10);
}

/* ---- tests ---- */

static void a_button_needs_press_and_release_over_it(void **state) {
    window *w = *state;
    click(w, 100, middle(0));
    assert_int_equal(w->v.presses, 1);
    press(w, 100, middle(0));
    assert_true(kr_widgets_own_mouse(&w->widgets));
    move(w, 600, 300);
    let_go(w);
    assert_int_equal(w->v.presses, 1); /* taken back by leaving */
    press(w, 600, 300);
    move(w, 100, middle(0));
    let_go(w);
    assert_int_equal(w->v.presses, 1);           /* pressed elsewhere */
    w->input.pressed = w->input.released = true; /* both within one frame */
    frame(w);
    assert_int_equal(w->v.presses, 2);
    move(w, 600, 300);
    frame(w);
    assert_false(kr_widgets_own_mouse(&w->widgets));
}

static void the_keyboard_presses_what_has_the_focus(void **state) {
    window *w = *state;
    key(w, SDLK_SPACE);
    assert_int_equal(w->v.presses, 0); /* nobody has it: the window's own key */
    tab_to(w, "button");
    key(w, SDLK_SPACE);
    key(w, SDLK_RETURN);
    assert_int_equal(w->v.presses, 2);
    tab_to(w, "switch");
    key(w, SDLK_SPACE);
    assert_true(w->v.on);
    assert_string_equal(w->v.changed, "switch");
    key(w, SDLK_LEFT);
    assert_false(w->v.on);
    tab_to(w, "section");
    key(w, SDLK_RIGHT);
    assert_true(w->v.open);
    key(w, SDLK_ESCAPE);
    assert_string_equal(w->widgets.focus, "");
    /* A click on a button leaves the keyboard to the window. */
    click(w, 100, middle(0));
    assert_string_equal(w->widgets.focus, "");
}

static void tab_visits_every_control_in_order_and_back(void **state) {
    window *w = *state;
    static const char *const order[] = {"button",        "rate",  "temperature", "count",    "switch", "menu", "field", "section",
                                        "learning_rate", "ratio", "batch",       "nesterov", "mode",   "list", "many",  "button"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        key(w, SDLK_TAB);
        assert_string_equal(w->widgets.focus, order[i]);
    }
    w->input.shift = true;
    key(w, SDLK_TAB);
    assert_string_equal(w->widgets.focus, "many");
    key(w, SDLK_TAB);
    assert_string_equal(w->widgets.focus, "list");
    w->input.shift = false;
}

static void keys_that_are_not_used_stay(void **state) {
    window *w = *state;
    tab_to(w, "temperature");
    w->input.key[0] = SDLK_DOWN;
    w->input.key[1] = SDLK_SPACE;
    w->input.key[2] = SDLK_RIGHT;
    w->input.key_count = 3;
    frame(w);
    assert_true(kr_widgets_key(&w->widgets, SDLK_DOWN));
    assert_true(kr_widgets_key(&w->widgets, SDLK_SPACE));
    assert_false(kr_widgets_key(&w->widgets, SDLK_RIGHT));
}

static void a_slider_jumps_and_drags(void **state) {
    window *w = *state;
    press(w, track_x(0.5), track_y(1));
    assert_close(w->v.rate, 0.01, 1e-9, 0); /* the middle of 1e-4 to 1 */
    press(w, track_x(0.75), track_y(1));
    assert_close(w->v.rate, 0.1, 0.01, 0);
    move(w, track_x(0.25), 600); /* held, wherever the mouse is */
    assert_close(w->v.rate, 0.001, 0.01, 0);
    move(w, -500, 0);
    assert_close(w->v.rate, 1e-4, 0, 0);
    assert_string_equal(w->v.changed, "rate");
    frame(w);
    assert_string_equal(w->v.changed, ""); /* said once */
    let_go(w);
    move(w, track_x(0.9), track_y(1));
    assert_close(w->v.rate, 1e-4, 0, 0);
}

static void shift_drags_finely(void **state) {
    window *w = *state;
    w->v.temperature = 1;
    press(w, track_x(0.5), track_y(2));
    assert_close(w->v.temperature, 1, 0, 0); /* taken by its knob: no jump */
    w->input.shift = true;
    move(w, track_x(0.6), track_y(2));
    assert_close(w->v.temperature, 1.02, 1e-9, 0);
    w->input.shift = false;
    move(w, track_x(0.7), track_y(2));
    assert_close(w->v.temperature, 1.22, 1e-9, 0);
    let_go(w);
}

static void whole_numbers_stay_whole(void **state) {
    window *w = *state;
    press(w, track_x(0.25), track_y(3));
    for (int i = 0; i < 100; i++) {
        move(w, track_x(i / 100.0), track_y(3));
        assert_close(w->v.count, round(w->v.count), 0, 0);
        assert_close(w->v.count, 20 * i / 100.0, 0, 0.51);
    }
    let_go(w);
    tab_to(w, "count");
    double before = w->v.count;
    key(w, SDLK_LEFT);
    assert_close(w->v.count, before - 1, 0, 0);
    key(w, SDLK_HOME);
    assert_close(w->v.count, 0, 0, 0);
    key(w, SDLK_LEFT);
    assert_close(w->v.count, 0, 0, 0);
    key(w, SDLK_END);
    assert_close(w->v.count, 20, 0, 0);
}

static void arrows_and_wheel_change_by_a_step(void **state) {
    window *w = *state;
    tab_to(w, "temperature");
    key(w, SDLK_RIGHT);
    assert_close(w->v.temperature, 0.51, 1e-12, 0);
    key(w, SDLK_PAGEDOWN);
    assert_close(w->v.temperature, 0.41, 1e-12, 0);
    tab_to(w, "rate");
    for (int i = 0; i < 20; i++) key(w, SDLK_RIGHT);
    assert_close(w->v.rate, 0.1, 0.01, 0); /* twenty steps a decade */
    /* The wheel over a slider without the focus scrolls the panel; over its number, or with the focus, it is the slider's. */
    w->input.wheel = 1;
    move(w, track_x(0.5), track_y(2));
    assert_close(w->v.temperature, 0.41, 1e-12, 0);
    w->input.wheel = 1;
    move(w, LEFT + WIDE - 10, row(2).y + 5);
    assert_close(w->v.temperature, 0.42, 1e-12, 0);
    assert_true(w->widgets.input.wheel == 0);
}

static void a_number_is_typed(void **state) {
    window *w = *state;
    click(w, LEFT + WIDE - 10, row(1).y + 6);
    assert_true(kr_widgets_own_keyboard(&w->widgets));
    type(w, "0.0");
    type(w, "3");
    assert_string_equal(w->widgets.edit_text, "0.03"); /* what was there was selected and went */
    key(w, SDLK_RETURN);
    assert_close(w->v.rate, 0.03, 0, 0);
    assert_string_equal(w->v.changed, "rate");
    assert_false(kr_widgets_own_keyboard(&w->widgets));
    key(w, SDLK_RETURN); /* it kept the focus: once more */
    type(w, "5");
    key(w, SDLK_RETURN);
    assert_close(w->v.rate, 5, 0, 0); /* beyond the slider's end is allowed */
    key(w, SDLK_RETURN);
    type(w, "nonsense");
    key(w, SDLK_RETURN);
    assert_true(kr_widgets_own_keyboard(&w->widgets)); /* stays until it is right */
    key(w, SDLK_ESCAPE);
    assert_false(kr_widgets_own_keyboard(&w->widgets));
    assert_close(w->v.rate, 5, 0, 0);
    key(w, SDLK_RETURN);
    type(w, "x1");
    click(w, 600, 300); /* left with what is wrong: nothing changes */
    assert_false(kr_widgets_own_keyboard(&w->widgets));
    assert_close(w->v.rate, 5, 0, 0);
    click(w, LEFT + WIDE - 10, row(3).y + 6);
    type(w, "7.5");
    key(w, SDLK_RETURN);
    assert_true(kr_widgets_own_keyboard(&w->widgets));
    key(w, SDLK_BACKSPACE);
    key(w, SDLK_BACKSPACE);
    key(w, SDLK_TAB); /* leaves and goes on */
    assert_close(w->v.count, 7, 0, 0);
    frame(w);
    assert_string_equal(w->widgets.focus, "switch");
}

static void a_field_is_edited_in_the_middle(void **state) {
    window *w = *state;
    click(w, LEFT + WIDE - 60, middle(6));
    key(w, SDLK_END);
    key(w, SDLK_LEFT);
    type(w, "\xce\xb7\xe2\x82\x80");
    assert_string_equal(w->widgets.edit_text, "ab\xce\xb7\xe2\x82\x80"
                                              "c");
    key(w, SDLK_LEFT);
    key(w, SDLK_BACKSPACE); /* a whole character */
    assert_string_equal(w->widgets.edit_text, "ab\xe2\x82\x80"
                                              "c");
    key(w, SDLK_DELETE);
    key(w, SDLK_HOME);
    type(w, "x");
    key(w, SDLK_RETURN);
    assert_string_equal(w->v.text, "xabc");
    assert_string_equal(w->v.changed, "field");
    key(w, SDLK_RETURN);
    for (int i = 0; i < 200; i++) type(w, "long");
    key(w, SDLK_RETURN);
    assert_true(strlen(w->v.text) < sizeof w->v.text);
}

static void a_menu_is_opened_and_chosen_from(void **state) {
    window *w = *state;
    click(w, LEFT + WIDE - 30, middle(5));
    assert_string_equal(w->widgets.open, "menu");
    kr_rectangle popup = w->widgets.state.popup;
    assert_true(popup.y >= row(5).y + 26);
    double line = (popup.height - 4) / 4;
    click(w, popup.x + 20, popup.y + 2 + 2.5 * line); /* over the section below, which must not notice */
    assert_int_equal(w->v.chosen, 2);
    assert_false(w->v.open);
    assert_string_equal(w->widgets.open, "");
    click(w, LEFT + WIDE - 30, middle(5));
    click(w, 600, 300);
    assert_string_equal(w->widgets.open, "");
    assert_int_equal(w->v.chosen, 2);
    tab_to(w, "menu");
    key(w, SDLK_LEFT);
    assert_int_equal(w->v.chosen, 1);
    key(w, SDLK_SPACE);
    key(w, SDLK_DOWN);
    key(w, SDLK_DOWN);
    key(w, SDLK_RETURN);
    assert_int_equal(w->v.chosen, 3);
    assert_string_equal(w->v.changed, "menu");
    key(w, SDLK_SPACE);
    type(w, "b");
    key(w, SDLK_RETURN);
    assert_int_equal(w->v.chosen, 1);
    key(w, SDLK_SPACE);
    key(w, SDLK_ESCAPE);
    assert_int_equal(w->v.chosen, 1);
}

static void a_long_menu_opens_upward_and_scrolls(void **state) {
    window *w = *state;
    click(w, LEFT + 50, 585);
    kr_widget_state *menu = &w->widgets.state;
    assert_true(menu->popup.y >= 0 && menu->popup.y + menu->popup.height <= w->bottom + 5);
    assert_in_range(menu->popup_rows, 15, 25);
    assert_in_range(20, menu->popup_first, menu->popup_first + menu->popup_rows - 1); /* what is chosen is in sight */
    w->input.mouse = (kr_point){menu->popup.x + 20, menu->popup.y + 20};
    w->input.wheel = -100;
    frame(w);
    assert_int_equal(menu->popup_first, 40 - menu->popup_rows);
    key(w, SDLK_HOME);
    assert_int_equal(menu->popup_first, 0);
    key(w, SDLK_END);
    key(w, SDLK_RETURN);
    assert_int_equal(w->v.second, 39);
}

static void disabled_controls_are_dead(void **state) {
    window *w = *state;
    press(w, track_x(0.8), track_y(8));
    move(w, track_x(0.2), track_y(8));
    let_go(w);
    assert_close(w->v.fixed, 0, 0, 0);
    for (int i = 0; i < 100; i++) frame(w);
    assert_true(w->widgets.state.tip_area.width > 0); /* but say why */
}

static void tips_wait_and_stay_in_the_window(void **state) {
    window *w = *state;
    move(w, 100, middle(0));
    for (int i = 0; i < 20; i++) frame(w);
    assert_true(w->widgets.state.tip_area.width == 0);
    for (int i = 0; i < 40; i++) frame(w);
    assert_true(w->widgets.state.tip_area.width > 0);
    move(w, 100, track_y(1));
    assert_true(w->widgets.state.tip_area.width == 0);
    for (int corner = 0; corner < 4; corner++) {
        w->input.mouse = (kr_point){corner % 2 ? 639 : 0, corner / 2 ? 619 : 0};
        kr_rectangle whole = {0, 0, 640, 620};
        for (int i = 0; i < 100; i++) {
            w->input.seconds += 0.02;
            kr_widgets_begin(&w->widgets, &w->canvas, w->fonts, &w->theme, &w->input);
            kr_button(
                &w->widgets, "everything", whole, "", false,
                "A long explanation that goes on for more than a line and says what this is for, and then some more.\nAnd a line.");
            kr_widgets_end(&w->widgets);
        }
        kr_rectangle tip = w->widgets.state.tip_area;
        assert_true(tip.width > 100 && tip.x >= 0 && tip.y >= 0 && tip.x + tip.width <= 640 && tip.y + tip.height <= 620);
    }
    tab_to(w, "rate");
    w->input.inside = false;
    for (int i = 0; i < 80; i++) frame(w);
    assert_true(w->widgets.state.tip_area.width > 0); /* of the keyboard's focus */
}

static double parameter_value(const window *w) {
    double value = NAN;
    assert_true(kr_number_parse(w->v.parameter, &value));
    return value;
}

static void apply(window *w, const char *name) {
    kr_error error;
    if (kr_set_from_text(&w->v.settings, kr_parameter_find(&test_descriptor, name), w->v.parameter, &error))
        fail_msg("%s", error.message);
}

/* A range from 0 to infinity gives a slider about the default; its ends do not run away under the mouse. */
static void a_parameter_without_limits_has_a_slider(void **state) {
    window *w = *state;
    w->input.mouse = (kr_point){track_x(0.5), track_y(9)};
    w->input.pressed = w->input.down = true;
    frame(w);
    double last = 0.01;
    for (int i = 51; i <= 100; i++) {
        w->input.mouse.x = track_x(i / 100.0);
        frame(w);
        if (!w->v.parameter[0]) continue;
        assert_true(parameter_value(w) > last);
        last = parameter_value(w);
        apply(w, "learning_rate");
    }
    assert_close(last, 1, 0, 0); /* two decades above the default */
    for (int i = 0; i < 50; i++) {
        w->input.mouse.x += 3;
        frame(w);
        assert_string_equal(w->v.parameter, "");
    }
    let_go(w);
    frame(w);
    /* Typed far away: the slider comes along. */
    click(w, LEFT + WIDE - 10, row(9).y + 6);
    type(w, "250");
    key(w, SDLK_RETURN);
    assert_close(parameter_value(w), 250, 0, 0);
    apply(w, "learning_rate");
    frame(w);
    key(w, SDLK_RIGHT);
    assert_true(parameter_value(w) > 250);
    key(w, SDLK_DELETE);
    assert_close(parameter_value(w), 0.01, 0, 0);
}

static void typed_parameters_are_checked_in_the_words_of_a_scene(void **state) {
    window *w = *state;
    click(w, LEFT + WIDE - 10, row(10).y + 6);
    type(w, "1.5");
    key(w, SDLK_RETURN);
    assert_string_equal(w->v.parameter, "");
    assert_true(kr_widgets_own_keyboard(&w->widgets));
    key(w, SDLK_BACKSPACE);
    key(w, SDLK_BACKSPACE);
    key(w, SDLK_BACKSPACE);
    type(w, "0.25");
    key(w, SDLK_RETURN);
    assert_close(parameter_value(w), 0.25, 0, 0);
    apply(w, "ratio");
    /* Narrow limits are the ends, and a double click goes back to the default. */
    press(w, track_x(1), track_y(10));
    assert_close(parameter_value(w), 1, 0, 0);
    apply(w, "ratio");
    let_go(w);
    w->input.double_click = true;
    press(w, track_x(1), track_y(10));
    assert_close(parameter_value(w), 0.5, 0, 0);
    let_go(w);
}

static void other_parameters_have_their_controls(void **state) {
    window *w = *state;
    click(w, LEFT + WIDE - 15, middle(12));
    assert_string_equal(w->v.parameter, "true");
    tab_to(w, "mode");
    key(w, SDLK_RIGHT);
    assert_string_equal(w->v.parameter, "mirror");
    tab_to(w, "list");
    key(w, SDLK_RETURN);
    type(w, "[1, 200]");
    key(w, SDLK_RETURN);
    assert_string_equal(w->v.parameter, "");
    key(w, SDLK_ESCAPE);
    key(w, SDLK_RETURN);
    type(w, "[1, 2.5]");
    key(w, SDLK_RETURN);
    assert_string_equal(w->v.parameter, "[1, 2.5]");
    apply(w, "list");
    key(w, SDLK_RETURN);
    assert_string_equal(w->widgets.edit_text, "[1, 2.5]");
    key(w, SDLK_ESCAPE);
    tab_to(w, "batch");
    for (int i = 0; i < 10; i++) {
        key(w, SDLK_RIGHT);
        double value = parameter_value(w);
        assert_close(value, round(value), 0, 0);
        apply(w, "batch");
    }
}

/* Whatever is pressed and typed, values stay within what they may be and nothing is read or written where it should not. */
static void random_input_does_no_harm(void **state) {
    window *w = *state;
    static const int32_t keys[] = {SDLK_TAB,   SDLK_LEFT,   SDLK_RIGHT,  SDLK_UP,     SDLK_DOWN,
                                   SDLK_SPACE, SDLK_RETURN, SDLK_HOME,   SDLK_END,    SDLK_BACKSPACE,
                                   SDLK_a,     SDLK_DELETE, SDLK_ESCAPE, SDLK_PAGEUP, SDLK_PAGEDOWN};
    static const char *const texts[] = {"1", "-", ".", "e9", "[", "nan", "\xce\xb7", "\xff", "0", "inf", "x, y"};
    srand(5);
    for (int i = 0; i < 20000; i++) {
        if (rand() % 3 == 0) w->input.mouse = (kr_point){rand() % 700 - 30, rand() % 700 - 30};
        w->input.inside = rand() % 20 != 0;
        if (rand() % 4 == 0) {
            w->input.pressed = !w->input.down;
            w->input.released = w->input.down;
            w->input.down = !w->input.down;
            w->input.double_click = w->input.pressed && rand() % 3 == 0;
        }
        w->input.shift = rand() % 4 == 0;
        w->input.control = rand() % 8 == 0;
        while (rand() % 2 && w->input.key_count < KR_MAX_KEYS)
            w->input.key[w->input.key_count++] = keys[(size_t)rand() % (sizeof keys / sizeof *keys)];
        if (rand() % 3 == 0)
            snprintf(w->input.text, sizeof w->input.text, "%s", texts[(size_t)rand() % (sizeof texts / sizeof *texts)]);
        if (rand() % 5 == 0) w->input.wheel = rand() % 9 - 4;
        frame(w);
        assert_true(w->v.chosen >= 0 && w->v.chosen < 4 && w->v.second >= 0 && w->v.second < 40);
        assert_true(!isnan(w->v.rate) && !isnan(w->v.temperature));
        const kr_parameter *changed = kr_parameter_find(&test_descriptor, w->v.changed);
        if (changed && w->v.parameter[0]) apply(w, changed->name); /* always one that is allowed */
        assert_close(w->v.fixed, 0, 0, 0);
    }
}

#define WITH_WINDOW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WINDOW(a_button_needs_press_and_release_over_it),
        WITH_WINDOW(the_keyboard_presses_what_has_the_focus),
        WITH_WINDOW(tab_visits_every_control_in_order_and_back),
        WITH_WINDOW(keys_that_are_not_used_stay),
        WITH_WINDOW(a_slider_jumps_and_drags),
        WITH_WINDOW(shift_drags_finely),
        WITH_WINDOW(whole_numbers_stay_whole),
        WITH_WINDOW(arrows_and_wheel_change_by_a_step),
        WITH_WINDOW(a_number_is_typed),
        WITH_WINDOW(a_field_is_edited_in_the_middle),
        WITH_WINDOW(a_menu_is_opened_and_chosen_from),
        WITH_WINDOW(a_long_menu_opens_upward_and_scrolls),
        WITH_WINDOW(disabled_controls_are_dead),
        WITH_WINDOW(tips_wait_and_stay_in_the_window),
        WITH_WINDOW(a_parameter_without_limits_has_a_slider),
        WITH_WINDOW(typed_parameters_are_checked_in_the_words_of_a_scene),
        WITH_WINDOW(other_parameters_have_their_controls),
        WITH_WINDOW(random_input_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
