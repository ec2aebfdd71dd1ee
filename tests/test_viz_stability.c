/* The gauge of learning rate times curvature: the window warns of what a run is warned of, in the same words, and of nothing else.
 */
#include "simulated_view.h"

#include "assert_close.h"
#include "instruments/instruments_parts.h"

#include <kramers/stability.h>

typedef struct example {
    const char *scene, *dynamics, *schedule;
    bool unstable;
    double product, limit; /* at step 0, and of that dynamics */
} example;

/* double_well has curvature 8 in its minima. */
static const example examples[] = {
    {"double_well", "sgd", "schedule.lr=0.1", false, 0.8, 2},
    {"double_well", "sgd", "schedule.lr=0.3", true, 2.4, 2},
    {"double_well", "{name: momentum, momentum: 0.9}", "schedule.lr=0.3", false, 2.4, 3.8},
    {"double_well", "{name: momentum, momentum: 0.9}", "schedule.lr=0.5", true, 4, 3.8},
    {"double_well", "sgld", "schedule={name: cosine, lr: 0.3}", true, 2.4, 2},
    {"double_well", "langevin", "schedule.lr=0.3", false, 2.4, 4},
    {"catapult", "sgd", "schedule.lr=0.1", false, 1.8, 2},
    {"catapult", "sgd", "schedule.lr=0.2", true, 3.6, 2},
};

static kr_scene load(const example *e) {
    char dynamics[80];
    const char *const overrides[] = {dynamics, e->schedule, "ensemble.particles=16", "ensemble.steps=10", "noise={name: none}"};
    kr_scene scene;
    kr_error error;
    const kr_registry *registry;
    snprintf(dynamics, sizeof dynamics, "dynamics=%s%s%s", *e->dynamics == '{' ? "" : "{name: ", e->dynamics,
             *e->dynamics == '{' ? "" : "}");
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(&scene, registry, e->scene, overrides, 5, &error), &error);
    return scene;
}

/* What a run says of it. */
static bool run_warns(const example *e, char text[256]) {
    kr_scene scene = load(e);
    kr_run *run;
    kr_error error;
    bool warned = false;
    require(kr_run_create(&run, &scene, &(kr_run_options){.threads = 1}, &error), &error);
    while (!kr_run_finished(run)) require(kr_run_advance(run, &error), &error);
    const kr_result *result = kr_run_result(run);
    for (size_t i = 0; i < result->warning_count && !warned; i++) {
        warned = strstr(result->warnings[i], "beyond stability") != NULL;
        snprintf(text, 256, "%s", result->warnings[i]);
    }
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    return warned;
}

static void the_window_warns_as_a_run(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const example *e = &examples[i];
        simulated_view view;
        char text[256], said[256];
        view_open(&view, load(e), 700, 500);
        view_run(&view, 1, false);
        bool warned = kr_present_stability_warning(view.analysis, text, sizeof text);
        if (warned != e->unstable) fail_msg("%s, %s, %s: %s", e->scene, e->dynamics, e->schedule, warned ? text : "no warning");
        assert_int_equal(run_warns(e, said), warned);
        if (warned) assert_string_equal(text, said);
        double rate = kr_schedule_at(&view.analysis->model.schedule, 0);
        assert_close(rate * kr_present_curvature(view.analysis), e->product, 0.01, 0);
        assert_close(kr_present_stability_limit(view.analysis, rate), e->limit, 1e-8,
                     0); /* that of Langevin splittings is searched for */
        view_close(&view);
    }
}

/* What stands in the title, in every size of the column. */
static void the_gauge_shows_the_product(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const example *e = &examples[i];
        simulated_view view;
        char text[160];
        kr_instruments *instruments;
        kr_error error;
        view_open(&view, load(e), 700, 900);
        view_run(&view, 1, false);
        require(kr_instruments_create(&instruments, &error), &error);
        for (double height = 150; height <= 900; height += 250) {
            kr_frame frame = view_begin(&view, view.snapshot);
            kr_instruments_draw(instruments, &frame, (kr_rectangle){0, 0, 330, height});
            assert_true(kr_stability_instrument.applies(instruments, &frame));
            kr_stability_instrument.headline(instruments, &frame, text, sizeof text);
            assert_int_equal(strstr(text, "unstable") != NULL, e->product >= e->limit);
            view_end(&view);
        }
        kr_instruments_destroy(instruments);
        view_close(&view);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_window_warns_as_a_run), cmocka_unit_test(the_gauge_shows_the_product)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
