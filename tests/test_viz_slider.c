/* Sliders and the controls of parameters: dragging, stepping, typing, ends that make sense. */
#include "widget_window.h"

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

static double parameter_value(const window *w) {
    double value = NAN;
    assert_true(kr_number_parse(w->v.parameter, &value));
    return value;
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
    snprintf(w->widgets.state.held, sizeof w->widgets.state.held, "an entry of a menu"); /* where the first press was */
    press(w, track_x(1), track_y(10));
    assert_string_equal(w->v.parameter, ""); /* it stays at 1 */
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

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WINDOW(a_slider_jumps_and_drags),
        WITH_WINDOW(shift_drags_finely),
        WITH_WINDOW(whole_numbers_stay_whole),
        WITH_WINDOW(arrows_and_wheel_change_by_a_step),
        WITH_WINDOW(a_number_is_typed),
        WITH_WINDOW(a_parameter_without_limits_has_a_slider),
        WITH_WINDOW(typed_parameters_are_checked_in_the_words_of_a_scene),
        WITH_WINDOW(other_parameters_have_their_controls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
