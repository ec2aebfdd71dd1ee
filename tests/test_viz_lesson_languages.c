/* Captions in other languages: every step of a shipped lesson has German with the numbers of the English caption, bars leave room
 * in it, the environment and a button choose; and a replayed session shows the step of its lesson that it has come to. */
#include "controls_fixture.h"
#include "sanitized.h"

#include <ctype.h>
#include <unistd.h>

enum { MOST_NUMBERS = 64, NUMBER = 24 };

typedef struct numbers {
    char text[MOST_NUMBERS][NUMBER];
    size_t count;
} numbers;

static int by_text(const void *a, const void *b) {
    return strcmp(a, b);
}

/* The numbers of a text, with a minus sign (U+2212) before them and a point in them, in order of their digits. */
static void numbers_of(numbers *found, const char *text) {
    static const char minus[] = "\u2212";
    *found = (numbers){.count = 0};
    for (const char *at = text; text && *at;) {
        if (!isdigit((unsigned char)*at)) {
            at++;
            continue;
        }
        size_t length = strspn(at, "0123456789");
        if (at[length] == '.' && isdigit((unsigned char)at[length + 1])) length += 1 + strspn(at + length + 1, "0123456789");
        bool negative = at >= text + strlen(minus) && !strncmp(at - strlen(minus), minus, strlen(minus));
        assert_true(found->count < MOST_NUMBERS);
        snprintf(found->text[found->count++], NUMBER, "%s%.*s", negative ? "-" : "", (int)length, at);
        at += length;
    }
    qsort(found->text, found->count, NUMBER, by_text);
}

static void same_numbers(const char *name, size_t step, const char *english, const char *other) {
    numbers a, b;
    numbers_of(&a, english);
    numbers_of(&b, other);
    for (size_t i = 0; i < a.count || i < b.count; i++)
        if (i >= a.count || i >= b.count || strcmp(a.text[i], b.text[i]) != 0)
            fail_msg("%s, step %zu: '%s' and '%s' of\n%s\n%s", name, step + 1, i < a.count ? a.text[i] : "nothing",
                     i < b.count ? b.text[i] : "nothing", english, other);
}

static void load(kr_scene *scene, const char *name) {
    kr_error error;
    const kr_registry *registry;
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(scene, registry, name, NULL, 0, &error), &error);
}

static void numbers_are_found(void **state) {
    (void)state;
    numbers n;
    numbers_of(&n, "T = 0.0125 · 16 / 2 = 0.1: at −0.18, 10⁻⁵. Step 20 000");
    assert_int_equal(n.count, 8);
    assert_string_equal(n.text[0], "-0.18");
    assert_string_equal(n.text[1], "0.0125");
    assert_string_equal(n.text[7], "20");
}

static void every_step_has_german_with_the_same_numbers(void **state) {
    (void)state;
    size_t steps = 0;
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name; s++) {
        kr_scene scene;
        if (!strstr(s->text, "\nlesson:")) continue;
        load(&scene, s->name);
        for (size_t i = 0; i < scene.lesson_count; i++, steps++) {
            const kr_lesson_step *step = &scene.lesson[i];
            kr_caption german = kr_lesson_caption(step, "de");
            if (german.caption == step->caption) fail_msg("%s, step %zu has no German caption", s->name, i + 1);
            assert_string_not_equal(german.caption, step->caption);
            assert_int_equal(german.watch != NULL, step->watch != NULL);
            same_numbers(s->name, i, step->caption, german.caption);
            same_numbers(s->name, i, step->watch, german.watch);
            assert_ptr_equal(kr_lesson_caption(step, "fr").caption, step->caption); /* English where there is no other */
            assert_ptr_equal(kr_lesson_caption(step, NULL).watch, step->watch);
        }
        kr_scene_destroy(&scene);
    }
    assert_true(steps >= 94);
}

/* As in English (test_viz_lessons.c). */
static void german_bars_leave_room(void **state) {
    (void)state;
    static const struct {
        int width, height;
        double scale;
    } sizes[] = {{640, 480, 1}, {1280, 800, 1}, {1920, 1080, 1.35}, {3840, 2160, 2.5}};
    bool failed = false;
    kr_fonts *fonts;
    kr_error error;
    require(kr_fonts_create(&fonts, &error), &error);
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name; s++) {
        kr_scene scene;
        kr_lesson_panel *panel;
        if (!strstr(s->text, "\nlesson:")) continue;
        load(&scene, s->name);
        require(kr_lesson_panel_create(&panel, &scene, &error), &error);
        kr_lesson_panel_speak(panel, "de");
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            kr_theme theme;
            kr_theme_make(&theme, true, sizes[i].scale);
            double height = kr_lesson_panel_height(panel, fonts, &theme, sizes[i].width);
            if (!(height > 40 && height <= 0.4 * sizes[i].height))
                print_error("%s: %g pixels of %d x %d\n", s->name, height, sizes[i].width, sizes[i].height), failed = true;
        }
        kr_lesson_panel_destroy(panel);
        kr_scene_destroy(&scene);
    }
    kr_fonts_destroy(fonts);
    assert_false(failed);
}

static void says(const char *all, const char *messages, const char *lang, const char *expected) {
    const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"}, *const values[] = {all, messages, lang};
    for (int i = 0; i < 3; i++) values[i] ? setenv(names[i], values[i], 1) : unsetenv(names[i]);
    const char *found = kr_lesson_language_of_environment();
    if (!expected)
        assert_null(found);
    else
        assert_string_equal(found, expected);
}

static void the_environment_chooses(void **state) {
    (void)state;
    says(NULL, NULL, "de_DE.UTF-8", "de");
    says(NULL, "fr_FR", "de_DE.UTF-8", "fr");
    says("C", NULL, "de_DE.UTF-8", NULL);
    says("", "", "de", "de");
    says("de@euro", NULL, NULL, "de");
    says(NULL, NULL, "en_GB.UTF-8", NULL);
    says(NULL, NULL, "deadbeef", NULL);
    says(NULL, NULL, "xx_XX", NULL);
    says(NULL, NULL, NULL, NULL);
}

static void a_button_changes_the_language(void **state) {
    (void)state;
    desk d;
    desk_open(&d, "lesson_temperature", NULL, 0, 1280, 800, true, 1);
    desk_frame(&d);
    assert_string_equal(kr_lesson_panel_language(d.lesson), "en");
    desk_focus(&d, "lesson.language");
    desk_key(&d, SDLK_SPACE);
    assert_string_equal(kr_lesson_panel_language(d.lesson), "de");
    assert_int_equal(kr_lesson_panel_step(d.lesson), 0);
    desk_focus(&d, "lesson.language");
    desk_key(&d, SDLK_SPACE);
    assert_string_equal(kr_lesson_panel_language(d.lesson), "en");
    desk_close(&d);
}

/* A session that goes through steps 1, 3, 2, with a change by hand between them. */
static void record_session(const char *name, const char *file) {
    desk d;
    kr_error error;
    desk_open(&d, name, NULL, 0, 640, 480, true, 1);
    static const size_t way[] = {2, 1};
    for (int i = 0; i < 2; i++) {
        assert_true(kr_lesson_panel_go(d.lesson, d.simulation, way[i]));
        require(kr_simulation_run_steps(d.simulation, 10, &error), &error);
        assert_true(kr_simulation_intervene(d.simulation, "set schedule.lr=0.01"));
        require(kr_simulation_run_steps(d.simulation, 10, &error), &error);
    }
    require(kr_simulation_finish(d.simulation, file, true, &error), &error);
    desk_close(&d);
}

static void replays_show_the_captions_of_their_steps(void **state) {
    (void)state;
    static const char *const names[] = {"lesson_temperature", "lesson_digits", "lesson_heavy_ball"};
    static const size_t expected[] = {0, 2, 2, 1, 1};
    for (int k = 0; k < (SANITIZED ? 1 : 3); k++) {
        char file[64];
        snprintf(file, sizeof file, "lesson_replay_%d.h5", (int)getpid());
        record_session(names[k], file);
        kr_session_record record;
        bool found;
        kr_error error;
        require(kr_session_record_read(&record, NULL, file, &found, &error), &error);
        assert_true(found);
        assert_int_equal(record.count, 4);
        desk d;
        desk_open(&d, names[k], NULL, 0, 640, 480, true, 1);
        require(kr_lesson_panel_follow(d.lesson, &record, &error), &error);
        for (uint64_t done = 0; done <= record.count; done++) {
            kr_snapshot then = *d.snapshot;
            const kr_snapshot *now = d.snapshot;
            then.interventions = done;
            d.snapshot = &then;
            desk_frame(&d);
            if (kr_lesson_panel_step(d.lesson) != expected[done])
                fail_msg("%s: step %zu after %d interventions", names[k], kr_lesson_panel_step(d.lesson) + 1, (int)done);
            d.snapshot = now;
        }
        kr_lesson_panel_go(d.lesson, d.simulation, 0); /* from here on it is the user's */
        require(kr_simulation_run_steps(d.simulation, 0, &error), &error);
        desk_look(&d);
        desk_frame(&d);
        assert_int_equal(kr_lesson_panel_step(d.lesson), 0);
        desk_close(&d);
        kr_session_record_destroy(&record);
        remove(file);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_found),
        cmocka_unit_test(every_step_has_german_with_the_same_numbers),
        cmocka_unit_test(german_bars_leave_room),
        cmocka_unit_test(the_environment_chooses),
        cmocka_unit_test(a_button_changes_the_language),
        cmocka_unit_test(replays_show_the_captions_of_their_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
