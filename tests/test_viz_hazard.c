/* The escape rate over time: its intervals cover, its prediction is the derivative that it says, and beside a real run both agree
 * where the rate changes by a hundred within a cycle. Fixed seeds. */
#include "simulated_view.h"

#include "instruments/instruments_parts.h"

#include "assert_close.h"

#include <kramers/confidence.h>

#include <math.h>
#include <stdlib.h>

/* One sample a step; each of the particles escapes with this probability at each step, and begins again. */
static void fill(kr_history *history, size_t steps, double particles, double probability) {
    double events = 0;
    *history = (kr_history){.count = steps};
    for (size_t k = 0; k <= steps; k++) {
        kr_sample *sample = k < steps ? &history->sample[k] : &history->newest;
        sample->step = (double)k;
        sample->exposure[0] = particles * (double)k;
        sample->events[0] = events;
        for (size_t p = 0; p < (size_t)particles; p++) events += (double)rand() / RAND_MAX < probability;
    }
}

/* 95 % of 200 runs of up to 32 windows; the windows of a run share its events, so the count is held to a wide binomial interval of
 * p = 1e-6. */
static void intervals_cover(void **state) {
    (void)state;
    static kr_history history;
    static const double probability[] = {0.0003, 0.01};
    srand(7);
    for (size_t c = 0; c < 2; c++) {
        uint64_t trials = 0, covered = 0;
        for (int run = 0; run < 200; run++) {
            kr_hazard_window window[KR_HAZARD_WINDOWS];
            fill(&history, 300, 40, probability[c]);
            size_t count = kr_hazard_windows(&history, 0, window);
            assert_true(count >= 4 && count <= KR_HAZARD_WINDOWS);
            for (size_t i = 0; i < count; i++) {
                if (i) assert_true(window[i].from == window[i - 1].to); /* nothing is left out or counted twice */
                covered += window[i].ci95.low <= probability[c] && probability[c] <= window[i].ci95.high;
                trials++;
            }
            assert_true(window[0].from == 0 && window[count - 1].to == 300);
        }
        kr_interval share = kr_binomial_interval(covered, trials, 1 - 1e-6);
        if (!(share.high > 0.95)) fail_msg("%llu of %llu intervals cover", (unsigned long long)covered, (unsigned long long)trials);
        if (c) assert_true(share.low < 0.98); /* nor are they much too wide, but for few events, where a count's must be */
    }
}

static void the_prediction_is_the_derivative_of_survival(void **state) {
    (void)state;
    kr_survival survival;
    kr_error error = {.status = KR_OK};
    double step[KR_SURVIVAL_ROWS], hazard[KR_SURVIVAL_ROWS], survivors[KR_SURVIVAL_ROWS];
    assert_int_equal(kr_survival_create(&survival, 1000, 1000, &error), KR_OK);
    for (size_t i = 0; i < survival.count; i++) survivors[i] = exp(-1e-5 * pow((double)survival.step[i], 2));
    size_t count = kr_hazard_predicted(&survival, survivors, step, hazard);
    assert_true(count > 100);
    for (size_t i = 0; i < count; i++) assert_close(hazard[i], 2e-5 * step[i], 1e-9, 0);
    assert_int_equal(kr_hazard_predicted(&survival, NULL, step, hazard), 0);
    kr_survival_destroy(&survival);
}

/* Warm restarts: each window is as the prediction says on average over it. Of 32 windows at most as many may lie outside as a
 * binomial count of 5 % allows with p = 1e-4. */
static void a_run_agrees_with_its_prediction(void **state) {
    (void)state;
    simulated_view view;
    kr_instruments *instruments;
    const kr_registry *registry;
    kr_scene scene;
    kr_error error;
    static const char *const overrides[] = {"ensemble.particles=40000"};
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(&scene, registry, "lesson_restart", overrides, 1, &error), &error);
    view_open(&view, scene, 400, 800);
    require(kr_instruments_create(&instruments, &error), &error);
    for (int i = 0; i < 300; i++) {
        view_run(&view, 10, true);
        kr_frame frame = view_begin(&view, view.snapshot);
        kr_instruments_draw(instruments, &frame, (kr_rectangle){0, 0, 400, 800});
        view_end(&view);
    }
    const kr_survival *survival = &view.analysis->survival;
    kr_hazard_window window[KR_HAZARD_WINDOWS];
    size_t count = kr_hazard_windows(&instruments->history, 0, window), outside = 0;
    assert_int_equal(count, KR_HAZARD_WINDOWS);
    assert_non_null(survival->chain);
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < count; i++) {
        double whole = 0, seen = 0;
        for (size_t k = 1; k < survival->count; k++) { /* the mean over the window, by pieces of rows */
            double from = fmax(window[i].from, (double)survival->step[k - 1]), to = fmin(window[i].to, (double)survival->step[k]);
            if (to <= from) continue;
            double length = (double)(survival->step[k] - survival->step[k - 1]);
            whole += (to - from) * log(survival->chain[k - 1] / survival->chain[k]) / length;
            seen += to - from;
        }
        outside += whole / seen < window[i].ci95.low || whole / seen > window[i].ci95.high;
        least = fmin(least, window[i].rate), most = fmax(most, window[i].rate);
    }
    assert_true(most > 20 * least);
    assert_true(kr_binomial_interval(outside, count, 1 - 2e-4).low < 0.05);
    kr_instruments_destroy(instruments);
    view_close(&view);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_cover),
                                       cmocka_unit_test(the_prediction_is_the_derivative_of_survival),
                                       cmocka_unit_test(a_run_agrees_with_its_prediction)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
