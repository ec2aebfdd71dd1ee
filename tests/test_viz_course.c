/* What lessons do by themselves: the order of the course, pauses at the steps that captions quote, the instruments that they name;
 * and where the simulation pauses otherwise. */
#include "controls_fixture.h"

#include "instruments/instruments_parts.h"
#include "model/course.h"

#include <math.h>
#include <time.h>

/* ---- the course ---- */

static void every_lesson_comes_once(void **state) {
    (void)state;
    const kr_shipped_scene *const *scenes;
    size_t lessons, all = kr_course(&scenes, &lessons), shipped = 0, led_to = 1;
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name; s++) shipped++;
    assert_int_equal(all, shipped);
    for (size_t i = 0; i < all; i++)
        for (size_t k = 0; k < i; k++) assert_ptr_not_equal(scenes[i], scenes[k]);
    for (const char *at = scenes[0]->name; (at = kr_course_next(at)); led_to++) assert_string_equal(at, scenes[led_to]->name);
    assert_int_equal(led_to, lessons);
    assert_string_equal(scenes[0]->name, "lesson_temperature");
    assert_null(kr_course_next("double_well"));
}

static void scenes_say_what_they_are_about(void **state) {
    (void)state;
    char text[300];
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name; s++) {
        size_t length = strlen(kr_course_about(s, text, sizeof text));
        bool ends = length && strchr(".?", text[length - 1]);
        if (length < 20 || strstr(text, "(kramers") || (!ends && length < sizeof text - 1)) fail_msg("%s: %s", s->name, text);
    }
}

/* ---- pauses ---- */

static void quotes_are_read(void **state) {
    (void)state;
    static const struct {
        const char *caption, *watch;
        size_t count;
        uint64_t steps[3];
    } cases[] = {{"At step 500 and at step 20 000, not at step 500 alone.", "From step 12 000 on", 3, {500, 20000, 12000}},
                 {"A step of 0.3, step 0.5 of it, and 10 000 steps.", NULL, 0, {0}},
                 {"Go on when step 1000 is reached", "step 1000.", 1, {1000}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t steps[KR_QUOTED_STEPS];
        kr_lesson_step step = {.caption = (char *)(uintptr_t)cases[i].caption, .watch = (char *)(uintptr_t)cases[i].watch};
        assert_int_equal(kr_lesson_quoted_steps(&step, steps), cases[i].count);
        for (size_t k = 0; k < cases[i].count; k++) assert_int_equal(steps[k], cases[i].steps[k]);
    }
}

/* A simulation in its thread, as fast as it goes. */
static kr_simulation *play(const char *name, const char *const *overrides, size_t count, bool synchronous) {
    kr_simulation *simulation;
    kr_scene scene;
    kr_error error;
    const kr_registry *registry;
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(&scene, registry, name, overrides, count, &error), &error);
    require(kr_simulation_create(&simulation, &scene,
                                 &(kr_simulation_options){.threads = 1, .synchronous = synchronous, .paused = true}, &error),
            &error);
    kr_scene_destroy(&scene);
    return simulation;
}

static const kr_snapshot *until_paused(kr_simulation *simulation) {
    const kr_snapshot *s = NULL;
    assert_true(kr_simulation_play(simulation, true));
    uint64_t before = kr_simulation_snapshot(simulation)->step;
    for (int i = 0; i < 20000; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        s = kr_simulation_snapshot(simulation);
        if (!s->playing && s->step > before) return s;
    }
    fail_msg("it never pauses");
    return s;
}

static void pauses_before_a_step(void **state) {
    (void)state;
    static const char *const few[] = {"ensemble.particles=64"};
    kr_simulation *simulation = play("double_well", few, 1, false);
    assert_true(kr_simulation_pause_at(simulation, KR_PAUSE_STEP, 777));
    assert_int_equal(until_paused(simulation)->step, 777);
    assert_true(kr_simulation_pause_at_steps(simulation, 2, (const uint64_t[]){900, 5000}));
    assert_int_equal(until_paused(simulation)->step, 900);
    const kr_snapshot *last = until_paused(simulation);
    assert_int_equal(last->step, 5000);
    assert_non_null(strstr(last->message, "the lesson speaks of it"));
    kr_simulation_destroy(simulation);
}

static void pauses_at_each_restart(void **state) {
    (void)state;
    static const char *const few[] = {"ensemble.particles=64",
                                      "schedule={name: cosine_restarts, lr: 0.03, lr_min: 0.003, period: 300, period_mult: 2}"};
    kr_simulation *simulation = play("double_well", few, 2, false);
    assert_true(kr_simulation_pause_at(simulation, KR_PAUSE_RESTART, 0));
    static const uint64_t restarts[] = {300, 900, 2100};
    for (size_t i = 0; i < 3; i++) {
        const kr_snapshot *s = until_paused(simulation);
        assert_int_equal(s->step, restarts[i]);
        assert_true(fabs(s->learning_rate - 0.03) < 1e-12);
    }
    kr_simulation_destroy(simulation);
}

/* The step at which the same scene, a step at a time, has its first one. */
static void pauses_at_the_first_escape(void **state) {
    (void)state;
    static const char *const few[] = {"ensemble.particles=64"};
    kr_error error;
    kr_simulation *slow = play("double_well", few, 1, true), *fast = play("double_well", few, 1, false);
    uint64_t first = 0;
    while (!kr_simulation_snapshot(slow)->variant[0].events && first++ < 100000)
        require(kr_simulation_run_steps(slow, 1, &error), &error);
    assert_true(kr_simulation_pause_at(fast, KR_PAUSE_ESCAPE, 0));
    const kr_snapshot *s = until_paused(fast);
    assert_int_equal(s->step, first);
    assert_true(s->variant[0].events >= 1 && s->pause == KR_PAUSE_NEVER);
    kr_simulation_destroy(slow);
    kr_simulation_destroy(fast);
}

static void what_cannot_come_is_refused(void **state) {
    (void)state;
    static const char *const none[] = {"escape.until=[]"};
    kr_simulation *simulation = play("double_well", none, 1, true);
    const kr_snapshot *s = kr_simulation_snapshot(simulation);
    assert_non_null(kr_pause_refused(s, KR_PAUSE_ESCAPE));
    assert_non_null(kr_pause_refused(s, KR_PAUSE_RESTART));
    assert_null(kr_pause_refused(s, KR_PAUSE_STEP));
    kr_simulation_destroy(simulation);
}

/* ---- instruments ---- */

/* The window's bar, and the column beside the smallest landscape. */
enum { BAR = 38, COLUMN = 330, SMALL_WIDTH = 640, SMALL_HEIGHT = 480 };

static void draw_instruments(desk *d, kr_instruments *instruments) {
    kr_frame frame = desk_begin(d);
    frame.watch = kr_lesson_panel_watch(d->lesson);
    double bar = kr_lesson_panel_height(d->lesson, d->fonts, &d->theme, SMALL_WIDTH);
    kr_instruments_draw(instruments, &frame, (kr_rectangle){0, BAR, COLUMN, SMALL_HEIGHT - BAR - bar});
    kr_widgets_end(&d->widgets);
}

/* The one that is named first in any case; of all that are named nine in ten. */
static void what_a_lesson_names_is_open_in_a_small_window(void **state) {
    (void)state;
    size_t named = 0, steps = 0, closed = 0;
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name; s++) {
        static const char *const few[] = {"ensemble.particles=8"};
        if (!strstr(s->text, "\nlesson:")) continue;
        desk d;
        desk_open(&d, s->name, few, 1, SMALL_WIDTH, SMALL_HEIGHT, true, 1);
        for (size_t step = 0; step < kr_lesson_panel_steps(d.lesson); step++) {
            kr_instruments *instruments;
            kr_error error;
            require(kr_instruments_create(&instruments, &error), &error);
            kr_lesson_panel_go(d.lesson, d.simulation, step);
            require(kr_simulation_run_steps(d.simulation, 1, &error), &error);
            desk_look(&d);
            draw_instruments(&d, instruments);
            draw_instruments(&d, instruments);
            uint64_t latest = 0;
            for (size_t i = 0; i < KR_INSTRUMENTS; i++)
                if (instruments->named[i] && instruments->choice_time[i] > latest) latest = instruments->choice_time[i];
            for (size_t i = 0; i < KR_INSTRUMENTS; i++) {
                named += instruments->named[i];
                closed += instruments->named[i] && !instruments->open[i];
                if (instruments->named[i] && instruments->choice_time[i] == latest && !instruments->open[i])
                    fail_msg("%s, step %zu: instrument %zu is not open for \"%s\"", s->name, step + 1, i,
                             kr_lesson_panel_watch(d.lesson));
            }
            steps++;
            kr_instruments_destroy(instruments);
        }
        desk_close(&d);
    }
    print_message("%zu steps of lessons name %zu instruments, of which %zu have no room\n", steps, named, closed);
    assert_true(named >= steps && 10 * closed <= named);
}

/* What the user closes stays closed until the next step. */
static void the_user_has_the_say(void **state) {
    (void)state;
    desk d;
    kr_instruments *instruments;
    kr_error error;
    desk_open(&d, "lesson_temperature", NULL, 0, SMALL_WIDTH, SMALL_HEIGHT, true, 1);
    require(kr_instruments_create(&instruments, &error), &error);
    draw_instruments(&d, instruments);
    size_t first = 0;
    while (!instruments->named[first]) first++;
    assert_true(instruments->open[first]);
    instruments->choice[first] = KR_CLOSED;
    draw_instruments(&d, instruments);
    assert_false(instruments->open[first]);
    kr_lesson_panel_go(d.lesson, d.simulation, 1);
    require(kr_simulation_run_steps(d.simulation, 1, &error), &error);
    desk_look(&d);
    draw_instruments(&d, instruments);
    assert_true(instruments->named[first] && instruments->open[first]);
    kr_instruments_destroy(instruments);
    desk_close(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_lesson_comes_once),
                                       cmocka_unit_test(scenes_say_what_they_are_about),
                                       cmocka_unit_test(quotes_are_read),
                                       cmocka_unit_test(pauses_before_a_step),
                                       cmocka_unit_test(pauses_at_each_restart),
                                       cmocka_unit_test(pauses_at_the_first_escape),
                                       cmocka_unit_test(what_cannot_come_is_refused),
                                       cmocka_unit_test(what_a_lesson_names_is_open_in_a_small_window),
                                       cmocka_unit_test(the_user_has_the_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
