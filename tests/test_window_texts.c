/* Every text of the window can be read: over all shipped scenes and all steps of their lessons, in four sizes, dark and light, no
 * letters lie on others, nothing that is drawn later lies on them, no edge cuts them, and they stand out from what is under them.
 * Every second scene, every third step of lessons and one size of each, another for the next, unless all are asked for
 * (is_sampled), or scenes by their names: test_window_texts NAME... does all of these. */
#include "plugin_setup.h"
#include "sanitized.h"

#include "window/window_state.h"

#include <kramers/data_sum.h>
#include <kramers/kramers.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is wrong with the texts of a frame ---- */

enum { LEAST_CONTRAST = 3 }; /* of large letters and of what is not for reading on (WCAG 2.1); text in panels has more */

typedef enum fault { CUT, COVERED, FAINT, SHORTENED, OVERLAPPING, FAULTS } fault;

typedef struct faults {
    char where[160]; /* scene, step, size, theme; empty: nothing is printed */
    size_t count[FAULTS];
} faults;

static size_t all_of(const faults *found) {
    size_t sum = 0;
    for (int i = 0; i < FAULTS; i++) sum += found->count[i];
    return sum;
}

static void tell(faults *found, fault kind, double amount, const kr_seen_text *text, const kr_seen_text *other) {
    static const char *const words[FAULTS] = {"is cut by an edge, pixels:", "is drawn over, part:", "does not stand out, contrast:",
                                              "has no room for its end, pixels to the edge:", "lies on another text, pixels:"};
    found->count[kind]++;
    if (!*found->where) return;
    print_message("%s: '%s' [%g %g %g %g] %s %.3g", found->where, text->text, text->ink.x, text->ink.y, text->ink.width,
                  text->ink.height, words[kind], amount);
    if (other) print_message(" '%s' [%g %g %g %g]", other->text, other->ink.x, other->ink.y, other->ink.width, other->ink.height);
    print_message("\n");
}

/* Pixels by which two inks reach into each other. */
static double common(kr_rectangle a, kr_rectangle b) {
    double wide = fmin(a.x + a.width, b.x + b.width) - fmax(a.x, b.x), high = fmin(a.y + a.height, b.y + b.height) - fmax(a.y, b.y);
    return fmax(fmin(wide, high), 0);
}

/* Whether the text ends with an ellipsis, and is not what somebody typed into a field that is shorter: settings has that. */
static bool is_cut_off(const char *text, const char *settings) {
    static const char ellipsis[] = "\xe2\x80\xa6";
    size_t length = strlen(text), tail = sizeof ellipsis - 1;
    char begin[128];
    if (length < tail || strcmp(text + length - tail, ellipsis) != 0) return false;
    snprintf(begin, sizeof begin, "%.*s", (int)(length - tail), text);
    return length < tail + 4 || !strstr(settings, begin);
}

/* Of the texts drawn from this one on. */
static void judge(faults *found, const kr_legibility *drawn, size_t from, const char *settings) {
    assert_false(drawn->failed);
    for (size_t i = from; i < drawn->count; i++) {
        const kr_seen_text *text = &drawn->text[i];
        if (text->cut >= 1) tell(found, CUT, text->cut, text, NULL);
        if (text->covered > 0.1) tell(found, COVERED, text->covered, text, NULL);
        if (text->contrast < LEAST_CONTRAST) tell(found, FAINT, text->contrast, text, NULL);
        if (is_cut_off(text->text, settings)) tell(found, SHORTENED, text->clip.x + text->clip.width - text->ink.x, text, NULL);
        for (size_t j = from; j < i; j++) {
            double depth = common(text->ink, drawn->text[j].ink);
            if (depth >= 1) tell(found, OVERLAPPING, depth, text, &drawn->text[j]);
        }
    }
}

/* ---- bad texts are found ---- */

typedef struct sheet {
    kr_canvas canvas;
    kr_fonts *fonts;
    kr_legibility drawn;
} sheet;

static const kr_color paper = 0xffffffff, black = 0xff000000;

static void write_at(sheet *s, double x, double y, kr_color color, const char *text) {
    kr_text_draw(s->fonts, &s->canvas, x, y, 14, KR_REGULAR, KR_LEFT, color, text);
}

static void nothing_else(sheet *s) {
    (void)s;
}

static void another_text(sheet *s) {
    write_at(s, 60, 24, black, "target");
}

static void a_neighbour(sheet *s) {
    write_at(s, 20, 37, black, "barrier 1.51");
}

static void the_edge(sheet *s) {
    write_at(s, 170, 60, black, "density");
}

static void a_clip(sheet *s) {
    kr_rectangle before = kr_canvas_clip(&s->canvas, (kr_rectangle){0, 0, 200, 60});
    write_at(s, 20, 58, black, "density");
    kr_canvas_unclip(&s->canvas, before);
}

static void a_turned_text(sheet *s) {
    kr_text_upright(s->fonts, &s->canvas, 30, 30, 14, black, "density");
}

static void a_panel(sheet *s) {
    kr_canvas_fill(&s->canvas, (kr_rectangle){50, 0, 100, 50}, 0xff808080);
}

static void a_curve(sheet *s) {
    for (int x = 22; x < 100; x += 6) kr_canvas_line(&s->canvas, (kr_point){x, 0}, (kr_point){x, 50}, 2, 0xffff0000);
}

static void a_thin_line(sheet *s) {
    kr_canvas_line(&s->canvas, (kr_point){0, 20}, (kr_point){200, 20}, 0.3, 0xff808080);
}

static void a_faint_text(sheet *s) {
    write_at(s, 20, 60, 0xffa0a0a0, "faint");
}

static void a_shortened_text(sheet *s) {
    kr_text_fit(s->fonts, &s->canvas, 20, 60, 60, 14, KR_REGULAR, KR_LEFT, black, "too long by far");
}

static void a_long_value(sheet *s) {
    kr_text_fit(s->fonts, &s->canvas, 20, 60, 60, 14, KR_REGULAR, KR_LEFT, black, "h*(x^2 - 1)^2");
}

static void bad_texts_are_found(void **state) {
    (void)state;
    static const struct {
        void (*draw)(sheet *s);
        size_t expected[FAULTS];
    } cases[] = {{nothing_else, {0}},
                 {another_text, {[OVERLAPPING] = 1}},
                 {a_neighbour, {0}},
                 {the_edge, {[CUT] = 1}},
                 {a_clip, {[CUT] = 1}},
                 {a_turned_text, {[OVERLAPPING] = 1}},
                 {a_panel, {[COVERED] = 1}},
                 {a_curve, {[COVERED] = 1}},
                 {a_thin_line, {0}},
                 {a_faint_text, {[FAINT] = 1}},
                 {a_shortened_text, {[SHORTENED] = 1}},
                 {a_long_value, {0}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sheet s = {.fonts = NULL};
        faults found = {.where = ""};
        kr_error error;
        require(kr_canvas_create(&s.canvas, 200, 100, &error), &error);
        require(kr_fonts_create(&s.fonts, &error), &error);
        kr_canvas_fill(&s.canvas, (kr_rectangle){0, 0, 200, 100}, paper);
        kr_fonts_listen(s.fonts, kr_legibility_add, &s.drawn);
        write_at(&s, 20, 20, black, "barrier 1.51");
        cases[i].draw(&s);
        kr_legibility_end(&s.drawn, &s.canvas);
        judge(&found, &s.drawn, 0, "landscape: {name: formula, formula: h*(x^2 - 1)^2}");
        for (int k = 0; k < FAULTS; k++)
            if (found.count[k] != cases[i].expected[k]) fail_msg("case %zu, fault %d: %zu times", i, k, found.count[k]);
        kr_legibility_destroy(&s.drawn);
        kr_fonts_destroy(s.fonts);
        kr_canvas_destroy(&s.canvas);
    }
}

/* ---- the window ---- */

typedef struct view {
    kr_window window;
    kr_window_options options;
    kr_legibility drawn;
} view;

static void close_view(view *v) {
    kr_window_close(&v->window);
    kr_legibility_destroy(&v->drawn);
    free(v);
}

static void run(view *v, uint64_t steps) {
    kr_error error;
    require(kr_simulation_run_steps(v->window.simulation, steps, &error), &error);
    v->window.snapshot = kr_simulation_snapshot(v->window.simulation);
}

static void draw(view *v) {
    kr_input input = {.mouse = {-1, -1}};
    kr_error error;
    require(kr_window_draw(&v->window, &input, &error), &error);
}

/* Networks are few: they cost more than all drawing. */
static view *open_with(const char *source, const char *const *overrides) {
    view *v = calloc(1, sizeof *v);
    kr_error error;
    assert_non_null(v);
    v->options = (kr_window_options){
        .source = source, .overrides = overrides, .override_count = 1, .frames = 1, .width = 640, .height = 480, .threads = 1};
    v->window.options = &v->options;
    require(kr_registry_find(NULL, &v->window.registry, &error), &error);
    require(kr_window_open(&v->window, &error), &error);
    run(v, 0);
    draw(v);
    return v;
}

static view *open_view(const char *source) {
    static const char *const few[] = {"ensemble.particles=4"}, *const many[] = {"ensemble.particles=256"};
    view *v = open_with(source, few);
    if (kr_landscape_data(&v->window.analysis->model.landscape)) return v;
    close_view(v);
    return open_with(source, many);
}

typedef struct look {
    int width, height;
    bool light;
} look;

static const look looks[] = {{640, 480, false},  {1280, 800, true}, {1920, 1080, false}, {2560, 1440, true},
                             {1280, 800, false}, {640, 480, true},  {2560, 1440, false}, {1920, 1080, true}};
enum { LOOKS = sizeof looks / sizeof *looks };

static void resize(view *v, int width, int height) {
    kr_error error;
    kr_canvas_destroy(&v->window.canvas);
    require(kr_canvas_create(&v->window.canvas, width, height, &error), &error);
}

/* The first text of what lies over the window; a message is broken into lines. */
static size_t first_over(const kr_legibility *drawn, const char *over) {
    enum { SURE = 8 };
    size_t i = 0;
    for (; i < drawn->count; i++) {
        size_t length = strlen(drawn->text[i].text);
        if (length >= SURE && !strncmp(drawn->text[i].text, over, length)) return i;
    }
    fail_msg("'%s' is not drawn", over);
    return i;
}

/* What the list of scenes has to say of all of them, which in a narrow window is cut off in the list. */
static char *all_abstracts(void) {
    size_t size = 1;
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name; s++) size += strlen(s->text) + 1;
    char *all = calloc(size, 1), *end = all;
    assert_non_null(all);
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name; s++)
        for (const char *at = s->text; *at; at++) { /* the comments' lines in one */
            if (*at == '#' || (*at == ' ' && end > all && end[-1] == ' ')) continue;
            *end++ = *at == '\n' ? ' ' : *at;
            if (end > all + 1 && end[-1] == ' ' && end[-2] == ' ') end--;
        }
    return all;
}

/* The frame as it is, in this size, without messages, which pass; over: of what lies over the window from this text on, and of
 * nothing else. */
static void inspect(view *v, faults *found, const char *what, const look *how, const char *over) {
    kr_window *w = &v->window;
    if (!over) *w->message = '\0';
    resize(v, how->width, how->height);
    w->dark = !how->light;
    snprintf(found->where, sizeof found->where, "%s, %s, %d x %d %s", w->name, what, how->width, how->height,
             how->light ? "light" : "dark");
    kr_legibility_begin(&v->drawn);
    kr_fonts_listen(w->fonts, kr_legibility_add, &v->drawn);
    draw(v);
    kr_fonts_listen(w->fonts, NULL, NULL);
    kr_legibility_end(&v->drawn, &w->canvas);
    char *settings = NULL;
    kr_error error;
    if (w->menu.open)
        settings = all_abstracts();
    else
        require(kr_scene_write(&w->snapshot->scene, &settings, &error), &error);
    judge(found, &v->drawn, over ? first_over(&v->drawn, over) : 0, settings);
    free(settings);
}

/* So many frames of the present step, in a small window. */
static void play(view *v, int frames) {
    kr_window *w = &v->window;
    resize(v, 640, 480);
    uint64_t steps = (uint64_t)fmax(1, round(w->unit_speed / KR_FILM_RATE));
    for (int i = 0; i < frames; i++) {
        run(v, steps);
        draw(v);
    }
}

/* ---- tests ---- */

static size_t turn;              /* of the looks */
static char *const *names_asked; /* ends with NULL; empty: all scenes */

static bool part_only(void) {
    return is_sampled() && !*names_asked;
}

static bool is_asked(const char *name, size_t place) {
    char *const *asked = names_asked;
    if (!*asked) return !is_sampled() || place % (SANITIZED ? 12 : 2) == 0;
    while (*asked && strcmp(*asked, name) != 0) asked++;
    return *asked != NULL;
}

static void inspect_all(view *v, faults *found, const char *what) {
    for (size_t i = 0; i < LOOKS; i++)
        if (!part_only() || i == turn % LOOKS) inspect(v, found, what, &looks[i], NULL);
    turn++;
}

static void inspect_scene(const char *name, faults *found) {
    view *v = open_view(name);
    size_t steps = kr_lesson_panel_steps(v->window.lesson);
    for (size_t step = 0; step < (steps ? steps : 1); step++) {
        char what[64];
        if (steps && part_only() && (turn + step) % (SANITIZED ? 10 : 3)) continue;
        if (step) kr_lesson_panel_go(v->window.lesson, v->window.simulation, step);
        kr_window_apply_lesson_speed(&v->window);
        play(v, 1);
        snprintf(what, sizeof what, "step %zu at once", step + 1);
        inspect_all(v, found, what);
        play(v, kr_landscape_data(&v->window.analysis->model.landscape) ? 3 : 30);
        snprintf(what, sizeof what, "step %zu", step + 1);
        inspect_all(v, found, what);
    }
    close_view(v);
}

static void texts_of_all_scenes_and_lessons_can_be_read(void **state) {
    (void)state;
    faults found = {.where = ""};
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name; s++)
        if (is_asked(s->name, (size_t)(s - kr_shipped_scenes))) inspect_scene(s->name, &found);
    if (all_of(&found)) fail_msg("%zu texts cannot be read", all_of(&found));
}

static void columns_and_what_lies_over_the_window_can_be_read(void **state) {
    (void)state;
    static const char message[] = "learning rate x curvature = 2.4 at the start is beyond stability (2): the minimum cannot hold "
                                  "particles; take a smaller learning rate, or another landscape";
    faults found = {.where = ""};
    view *v = open_view("heavy_ball");
    kr_window *w = &v->window;
    play(v, 20);
    for (size_t i = 0; i < LOOKS; i++) {
        w->help = true;
        inspect(v, &found, "help", &looks[i], "Keys and mouse");
        w->help = false;
        kr_window_open_menu(w);
        inspect(v, &found, "menu", &looks[i], "Lessons and scenes");
        w->menu.open = false;
        kr_window_say(w, "%s", message);
        inspect(v, &found, "message", &looks[i], message);
        w->controls_column = KR_COLUMN_SHOWN;
        inspect(v, &found, "controls", &looks[i], NULL);
        w->controls_column = KR_COLUMN_AUTOMATIC;
        w->instruments_column = KR_COLUMN_SHOWN;
        inspect(v, &found, "instruments", &looks[i], NULL);
        w->instruments_column = KR_COLUMN_AUTOMATIC;
    }
    close_view(v);
    if (all_of(&found)) fail_msg("%zu texts cannot be read", all_of(&found));
}

/* Whichever a landscape has. */
static void views_of_landscapes_can_be_read(void **state) {
    (void)state;
    static const char *const scenes[] = {"heavy_ball", "catapult", "muller_brown", "bath", "styblinski_tang", "digits"};
    faults found = {.where = ""};
    for (size_t k = 0; k < sizeof scenes / sizeof *scenes; k++) {
        view *v = open_view(scenes[k]);
        kr_window *w = &v->window;
        play(v, 10);
        for (int how = 1; how < KR_LANDSCAPE_VIEWS; how++) {
            char why[256];
            if (!kr_landscape_panel_view(w->landscape, w->analysis, w->snapshot, (kr_landscape_view)how, why, sizeof why)) continue;
            for (size_t i = is_sampled() ? turn++ % 4 : 0; i < LOOKS; i += is_sampled() ? 4 : 1)
                inspect(v, &found, kr_landscape_view_name[how], &looks[i], NULL);
        }
        close_view(v);
    }
    if (all_of(&found)) fail_msg("%zu texts cannot be read", all_of(&found));
}

/* Also those that open on demand only. */
static void instruments_that_are_opened_can_be_read(void **state) {
    (void)state;
    static const char *const scenes[] = {"turnover", "interference", "catapult", "double_well", "warm_restarts", "muller_brown"};
    faults found = {.where = ""};
    for (size_t k = 0; k < sizeof scenes / sizeof *scenes; k++) {
        static const char *const titles[] = {"Escape times",          "Arrhenius",  "Stability", "Survival",
                                             "Escape rate over time", "Populations"};
        view *v = open_view(scenes[k]);
        play(v, 30);
        for (size_t t = 0; t < sizeof titles / sizeof *titles; t++) {
            char all[512];
            if (!kr_instruments_open(v->window.instruments, titles[t], all, sizeof all)) fail_msg("%s: none of %s", titles[t], all);
            v->window.instruments_column = KR_COLUMN_SHOWN;
            for (size_t i = is_sampled() ? turn++ % 8 : 0; i < LOOKS; i += is_sampled() ? 8 : 1)
                inspect(v, &found, titles[t], &looks[i], NULL);
        }
        close_view(v);
    }
    if (all_of(&found)) fail_msg("%zu texts cannot be read", all_of(&found));
}

int main(int count, char **arguments) {
    names_asked = arguments + (count > 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_texts_are_found),
        cmocka_unit_test(texts_of_all_scenes_and_lessons_can_be_read),
        cmocka_unit_test(columns_and_what_lies_over_the_window_can_be_read),
        cmocka_unit_test(views_of_landscapes_can_be_read),
        cmocka_unit_test(instruments_that_are_opened_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
