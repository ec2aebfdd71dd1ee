/* A schedule drawn by hand: nodes follow the mouse, the others stay, and what is sent is the table that was seen. */
#include "simulated_view.h"

#include "instruments/instruments_parts.h"

#include "assert_close.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void nodes_follow_the_line(void **state) {
    (void)state;
    kr_hand_schedule drawn = {.count = 11, .origin = 100, .every = 10};
    for (size_t i = 0; i < drawn.count; i++) drawn.value[i] = 1;
    kr_hand_move(&drawn, 118, 2, 152, 5.4);
    for (size_t i = 0; i < drawn.count; i++) {
        double step = 100 + 10 * (double)i;
        assert_close(drawn.value[i], step >= 118 && step <= 152 ? 2 + 0.1 * (step - 118) : 1, 1e-12, 0);
    }
    kr_hand_move(&drawn, 152, 5.4, 118, 2); /* backwards the same */
    assert_close(drawn.value[3], 2 + 0.1 * 12, 1e-12, 0);
    kr_hand_move(&drawn, 171, 3, 172, 3.5); /* between two nodes: the nearest */
    assert_true(drawn.value[7] >= 3 && drawn.value[7] <= 3.5 && drawn.value[6] == 1 && drawn.value[8] == 1);
    kr_hand_move(&drawn, -1000, 4, 5000, -4); /* beyond both ends, and below 0 */
    for (size_t i = 0; i < drawn.count; i++) assert_true(drawn.value[i] >= 0);
}

typedef struct shown {
    simulated_view view;
    kr_instruments *instruments;
} shown;

static void frame_with(shown *s, kr_input input) {
    view_run(&s->view, 1, true);
    kr_widgets_begin(&s->view.widgets, &s->view.canvas, s->view.fonts, &s->view.theme, &input);
    kr_frame frame = {.canvas = &s->view.canvas,
                      .fonts = s->view.fonts,
                      .theme = &s->view.theme,
                      .widgets = &s->view.widgets,
                      .snapshot = s->view.snapshot,
                      .analysis = s->view.analysis,
                      .simulation = s->view.simulation,
                      .still = true};
    kr_instruments_draw(s->instruments, &frame, (kr_rectangle){0, 0, 400, 800});
    kr_widgets_end(&s->view.widgets);
}

static double rate_at(const shown *s, uint64_t step) {
    return kr_schedule_at(kr_present_schedule(s->view.analysis, 0), step);
}

/* From the first third to the second of the plot, upwards on the screen. */
static void a_drag_becomes_the_schedule(void **state) {
    (void)state;
    shown s;
    const kr_registry *registry;
    kr_scene scene;
    kr_error error;
    static const char *const overrides[] = {"ensemble.particles=64", "ensemble.steps=12000",
                                            "schedule={name: cosine, lr: 0.02, lr_min: 0.002}"};
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(&scene, registry, "double_well", overrides, 3, &error), &error);
    view_open(&s.view, scene, 400, 800);
    require(kr_instruments_create(&s.instruments, &error), &error);
    kr_input mouse = {.inside = true, .mouse = {150, 60}};
    frame_with(&s, mouse);
    double early = rate_at(&s, 500), late = rate_at(&s, 11500);
    mouse.pressed = mouse.down = true; /* a click alone */
    frame_with(&s, mouse);
    mouse.pressed = false;
    mouse.released = true;
    mouse.down = false;
    frame_with(&s, mouse);
    frame_with(&s, (kr_input){.inside = true});
    assert_string_equal(s.view.snapshot->scene.schedule.about->name, "cosine");
    mouse = (kr_input){.inside = true, .mouse = {150, 60}, .pressed = true, .down = true};
    frame_with(&s, mouse);
    assert_true(s.instruments->drawn.active);
    mouse.pressed = false;
    for (int i = 1; i <= 10; i++) {
        mouse.mouse.x = 150 + 10 * i;
        mouse.mouse.y = 60 - i;
        frame_with(&s, mouse);
    }
    kr_hand_schedule drawn = s.instruments->drawn;
    assert_true(drawn.moved);
    mouse.down = false;
    mouse.released = true;
    frame_with(&s, mouse);
    frame_with(&s, (kr_input){.inside = true});
    assert_string_equal(s.view.snapshot->scene.schedule.about->name, "table");
    size_t changed = 0;
    for (size_t i = 0; i < drawn.count; i++) {
        uint64_t step = i * drawn.every;
        assert_close(rate_at(&s, step), drawn.value[i], 5e-4, 0); /* four digits */
        double part = fmin(1, (double)step / 12000), cosine = 0.002 + 0.009 * (1 + cos(3.14159265358979 * part));
        changed += fabs(drawn.value[i] - cosine) > 0.03 * cosine;
    }
    assert_true(changed > 20 && changed < 80);      /* what the mouse came by, 100 of some 350 pixels */
    assert_close(rate_at(&s, 500), early, 1e-3, 0); /* by straight lines, of four digits */
    assert_close(rate_at(&s, 11500), late, 1e-3, 0);
    view_intervene(&s.view, "undo");
    assert_string_equal(s.view.snapshot->scene.schedule.about->name, "cosine");
    kr_instruments_destroy(s.instruments);
    view_close(&s.view);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nodes_follow_the_line), cmocka_unit_test(a_drag_becomes_the_schedule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
