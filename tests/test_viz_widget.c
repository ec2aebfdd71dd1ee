/* Controls as a user meets them: buttons, switches, fields, menus, tips, and any input at all. */
#include "widget_window.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WINDOW(a_button_needs_press_and_release_over_it),
        WITH_WINDOW(the_keyboard_presses_what_has_the_focus),
        WITH_WINDOW(tab_visits_every_control_in_order_and_back),
        WITH_WINDOW(keys_that_are_not_used_stay),
        WITH_WINDOW(a_field_is_edited_in_the_middle),
        WITH_WINDOW(a_menu_is_opened_and_chosen_from),
        WITH_WINDOW(a_long_menu_opens_upward_and_scrolls),
        WITH_WINDOW(disabled_controls_are_dead),
        WITH_WINDOW(tips_wait_and_stay_in_the_window),
        WITH_WINDOW(random_input_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
