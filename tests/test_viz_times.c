/* Escape times and Arrhenius' law in the window: what is drawn are the engine's passages and steps, and agrees with exact theory.
 */
#include "simulated_view.h"

#include "instruments/instruments_parts.h"

#include "assert_close.h"
#include "sanitized.h"

#include <kramers/survival_predicted.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const kr_rectangle column = {950, 38, 330, 762};

typedef struct rig {
    simulated_view view;
    kr_instruments *instruments;
} rig;

static void open_rig(rig *r, const char *name, size_t count, const char *const *overrides, const char *instrument) {
    const kr_registry *registry;
    kr_scene scene;
    kr_error error;
    char all[512] = "";
    memset(r, 0, sizeof *r);
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(&scene, registry, name, overrides, count, &error), &error);
    view_open(&r->view, scene, 1280, 800);
    require(kr_instruments_create(&r->instruments, &error), &error);
    assert_true(kr_instruments_open(r->instruments, instrument, all, sizeof all));
}

static void close_rig(rig *r) {
    kr_instruments_destroy(r->instruments);
    view_close(&r->view);
}

static void go(rig *r, uint64_t steps) {
    view_run(&r->view, steps, true);
    kr_frame frame = view_begin(&r->view, r->view.snapshot);
    kr_instruments_draw(r->instruments, &frame, column);
    view_end(&r->view);
}

static const kr_passage_times *times_of(const rig *r) {
    return &r->view.snapshot->variant[0].times;
}

/* Where each particle arrives once and is seen from the start, the estimate is a plain count: passages over particles and width. */
static void densities_are_counts_where_all_are_seen(void **state) {
    (void)state;
    const char *overrides[] = {"ensemble.particles=4096", "dynamics.temperature=0.35", "escape.renewal=false",
                               "ensemble.steps=20000"};
    rig r;
    open_rig(&r, "double_well", 4, overrides, "Escape times");
    go(&r, 6000);
    const kr_passage_times *t = times_of(&r);
    assert_true(t->count >= 15 && t->count <= KR_PASSAGE_BINS);
    assert_close(t->edge[0], 0, 0, 0);
    uint64_t counted = 0;
    for (size_t k = 0; k < t->count; k++) {
        double width = t->edge[k + 1] - t->edge[k], plain = (double)t->passages[k] / (4096 * width);
        /* The hazard is taken as constant in each of the fine bins, which are 1/16 of their age or one step wide. */
        if (t->passages[k] > 30) assert_close(t->density[k], plain, 0.01, 0);
        assert_true(t->ci95[k].low <= t->density[k] && t->density[k] <= t->ci95[k].high);
        counted += t->passages[k];
    }
    assert_true(counted <= t->events);
    assert_int_equal(t->events + t->under_way, 4096);
    assert_int_equal(t->events, r.view.snapshot->variant[0].events);
    assert_close(kr_times_censored(t), (double)t->under_way / 4096, 1e-12, 0);
    close_rig(&r);
}

/* Sum over bins of (passages - expected)^2 / expected, expected from the exact survival of the chain. Where particles start again
 * the run is cut off for all of them, at half of the mean time here: a plain histogram of those that arrived would be far off.
 * Fixed seeds; the threshold is that of p = 1e-4 (23 bins: chi^2 < 58). */
static void the_law_is_that_of_the_exact_chain(void **state) {
    (void)state;
    static const char *const renewal[] = {"escape.renewal=false", "escape.renewal=true"};
    for (size_t kind = 0; kind < 2; kind++) {
        const char *overrides[] = {"ensemble.particles=8192", "dynamics.temperature=0.35", renewal[kind], "ensemble.steps=2000",
                                   "ensemble.seed=7"};
        rig r;
        char why[256];
        uint64_t step[KR_PASSAGE_BINS + 1];
        double survival[KR_PASSAGE_BINS + 1], accuracy, chi = 0;
        open_rig(&r, "double_well", 5, overrides, "Escape times");
        go(&r, 2000);
        const kr_passage_times *t = times_of(&r);
        for (size_t k = 0; k <= t->count; k++) step[k] = (uint64_t)t->edge[k];
        kr_problem problem = kr_model_problem(&r.view.analysis->model);
        problem.renewal = false;
        assert_true(kr_survival_chain(&problem, t->count + 1, step, survival, &accuracy, why));
        size_t used = 0;
        for (size_t k = 0; k < t->count; k++) {
            double width = t->edge[k + 1] - t->edge[k], expected = (survival[k] - survival[k + 1]) / width;
            if (t->passages[k] < 20) continue;
            double relative = 1 / sqrt((double)t->passages[k]); /* of a count, a little less than that of the density */
            double z = (t->density[k] / expected - 1) / relative;
            chi += z * z;
            used++;
        }
        assert_true(used >= 12 && used <= 30);
        assert_true(chi < 58);
        assert_true(kind == 0 || t->events > 500);
        close_rig(&r);
    }
}

/* The line beside the bars: its density integrates to what has arrived by then, and its mean is the theory's. */
static void the_line_is_a_density(void **state) {
    (void)state;
    for (size_t kind = 0; kind < 2; kind++) {
        const char *overrides[] = {"ensemble.particles=512", "dynamics.temperature=0.35",
                                   kind ? "escape.renewal=true" : "escape.renewal=false", "ensemble.steps=40000"};
        rig r;
        double age[KR_TIMES_POINTS], density[KR_TIMES_POINTS], sum = 0, mean = 0, chain = NAN;
        char what[128];
        open_rig(&r, "double_well", 4, overrides, "Escape times");
        go(&r, 3000);
        kr_frame frame = view_begin(&r.view, r.view.snapshot);
        size_t count = kr_times_predicted(r.instruments, &frame, 40000, age, density, what, sizeof what);
        assert_true(count > 100);
        assert_string_equal(what, kind ? "exponential (chain)" : "predicted: exact");
        if (!kind) sum = age[0] * density[0]; /* these are in the middle between steps of the survival */
        for (size_t i = 1; i < count; i++) {
            double width = age[i] - age[i - 1], height = 0.5 * (density[i] + density[i - 1]);
            sum += width * height;
            mean += width * height * 0.5 * (age[i] + age[i - 1]);
        }
        for (size_t k = 0; k < r.view.analysis->theory_count; k++)
            if (!strcmp(r.view.analysis->theory[k].type->about.name, "chain"))
                chain = r.view.analysis->theory[k].prediction.mfpt_steps;
        assert_close(sum, 1, 0.02, 0);
        assert_close(mean, chain, 0.03, 0);
        view_end(&r.view);
        close_rig(&r);
    }
}

/* A change of settings begins anew: nothing is mixed. */
static void a_change_begins_anew(void **state) {
    (void)state;
    const char *overrides[] = {"ensemble.particles=1024", "dynamics.temperature=0.4"};
    rig r;
    open_rig(&r, "double_well", 2, overrides, "Escape times");
    go(&r, 2000);
    uint64_t before = times_of(&r)->events;
    assert_true(before > 100);
    assert_true(kr_simulation_intervene(r.view.simulation, "set dynamics.temperature=0.3"));
    go(&r, 50);
    assert_true(times_of(&r)->events < before / 4);
    close_rig(&r);
}

/* Means at all temperatures agree with the chain (|z| < 4.4, p = 1e-5 each, fixed seeds), and so does the slope; the formula's
 * slope is the barrier of the landscape, 1. */
static void arrhenius_agrees_with_theory(void **state) {
    (void)state;
    const char *overrides[] = {"ensemble.particles=64", "schedule.lr=0.02"};
    rig r;
    open_rig(&r, "double_well", 2, overrides, "Arrhenius");
    for (int k = 0; k < 60; k++) go(&r, 10);
    const kr_arrhenius *a = &r.instruments->arrhenius;
    assert_true(a->begun && a->applies);
    assert_int_equal(a->count, KR_ARRHENIUS_POINTS);
    assert_string_equal(a->exact_name, "chain");
    assert_string_equal(a->kramers_name, "kramers");
    for (size_t k = 0; k < a->count; k++) {
        const kr_arrhenius_point *p = &a->point[k];
        assert_close(1 / p->temperature, 5 * (0.55 + 0.55 * (double)k / 4), 1e-9, 0);
        double z = log(p->escape.mfpt_steps / p->exact) / kr_escape_relative_error(&p->escape);
        assert_true(p->escape.events > 100 && fabs(z) < 4.4);
    }
    kr_arrhenius_fit fit = kr_arrhenius_fit_measured(a);
    assert_int_equal(fit.points, 5);
    assert_close(kr_arrhenius_slope_kramers(a), 1, 1e-6, 0);
    assert_true(fit.half_width > 0 && fit.half_width < 0.2);
    assert_true(fabs(fit.slope - kr_arrhenius_slope_exact(a)) < 2 * fit.half_width);
    assert_close(kr_arrhenius_barrier(a), 1, 0, 2 * fit.half_width);
    close_rig(&r);
}

/* Of exact points on a line the fit is that line; errors are those of the weights: with equal errors e at five equidistant places,
 * Var[slope] = e^2 / (10 d^2). */
static void the_fit_is_a_weighted_line(void **state) {
    (void)state;
    kr_arrhenius a = {.begun = true, .applies = true, .count = 5};
    for (size_t k = 0; k < 5; k++) {
        double x = 2 + 0.5 * (double)k;
        kr_escape_estimate e = kr_escape_estimate_make(1000, 1000 * exp(3 + 1.7 * x), 1, 10);
        a.point[k] =
            (kr_arrhenius_point){.temperature = 1 / x, .escape = e, .exact = exp(2.9 + 1.8 * x), .kramers = exp(2 + 2 * x)};
    }
    kr_arrhenius_fit fit = kr_arrhenius_fit_measured(&a);
    double error = kr_escape_relative_error(&a.point[0].escape);
    assert_close(fit.slope, 1.7, 1e-9, 0);
    assert_close(fit.intercept, 3, 1e-8, 0);
    assert_close(fit.half_width, 1.959963985 * error / sqrt(10 * 0.25), 1e-6, 0);
    assert_close(kr_arrhenius_barrier(&a), 2 + 1.7 - 1.8, 1e-9, 0);
    a.point[0].escape.events = a.point[1].escape.events = a.point[2].escape.events = 9;
    assert_true(isnan(kr_arrhenius_fit_measured(&a).slope));
}

/* Noise alone can be the heat; what cannot be varied is said. */
static void arrhenius_says_where_it_does_not_apply(void **state) {
    (void)state;
    static const struct {
        const char *scene, *setting, *why;
    } rows[] = {{"double_well", "dynamics={name: sgd}", "has a temperature that can be varied"},
                {"warm_restarts", "ensemble.particles=64", "changes with the step"},
                {"lesson_arrhenius", "ensemble.particles=64", NULL},
                {"curvature_noise", "ensemble.particles=64", NULL}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const char *overrides[] = {rows[k].setting};
        kr_arrhenius a;
        kr_arrhenius_runs *runs;
        kr_scene scene;
        kr_error error;
        const kr_registry *registry;
        require(kr_registry_find(NULL, &registry, &error), &error);
        require(kr_scene_load(&scene, registry, rows[k].scene, overrides, 1, &error), &error);
        require(kr_arrhenius_runs_create(&runs, &error), &error);
        kr_arrhenius_runs_look(runs, &scene, 1, true, &a);
        assert_true(a.begun);
        if (rows[k].why && !strstr(a.why, rows[k].why)) fail_msg("%s: %s", rows[k].scene, a.why);
        if (rows[k].why) assert_false(a.applies);
        if (!strcmp(rows[k].scene, "lesson_arrhenius")) assert_true(a.applies && fabs(a.point[0].temperature - 0.2 / 0.55) < 1e-6);
        kr_arrhenius_runs_destroy(runs);
        kr_scene_destroy(&scene);
    }
}

/* In its thread, beside the window, until somebody no longer looks or the settings are others. */
static void arrhenius_runs_in_the_background(void **state) {
    (void)state;
    kr_arrhenius a = {.begun = false};
    kr_arrhenius_runs *runs;
    kr_scene scene;
    kr_error error;
    const kr_registry *registry;
    const char *overrides[] = {"dynamics.temperature=0.4"};
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(&scene, registry, "double_well", overrides, 1, &error), &error);
    require(kr_arrhenius_runs_create(&runs, &error), &error);
    for (uint64_t version = 1; version <= 2; version++) {
        bool there = false;
        for (int k = 0; k < 3000 && !there; k++) {
            struct timespec pause = {.tv_nsec = 10000000};
            kr_arrhenius_runs_look(runs, &scene, version, false, &a);
            there = a.begun && a.applies && a.point[0].escape.events > 50;
            nanosleep(&pause, NULL);
        }
        assert_true(there);
    }
    kr_arrhenius_runs_destroy(runs);
    kr_scene_destroy(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(densities_are_counts_where_all_are_seen),
        cmocka_unit_test(the_law_is_that_of_the_exact_chain),
        cmocka_unit_test(the_line_is_a_density),
        cmocka_unit_test(a_change_begins_anew),
        cmocka_unit_test(the_fit_is_a_weighted_line),
        cmocka_unit_test(arrhenius_agrees_with_theory),
        cmocka_unit_test(arrhenius_says_where_it_does_not_apply),
        cmocka_unit_test(arrhenius_runs_in_the_background),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
