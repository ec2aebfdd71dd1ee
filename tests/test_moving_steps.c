/* Which steps move, against every step asked one by one. */
#include "plugin_setup.h"
#include "statistics/moving_steps.h"

typedef struct case_of_schedule {
    const char *name, *parameters;
    kr_warmup warmup;
    uint64_t steps;
} case_of_schedule;

static const case_of_schedule cases[] = {
    {"linear", "lr=0.05 steps=2000", {0, 1}, 100000},
    {"linear", "lr=0.05 lr_end=0.01 steps=2000", {0, 1}, 10000}, /* ends high: all move */
    {"linear", "lr=0.05 lr_end=4.9e-5 steps=2000", {0, 1}, 10000},
    {"cosine", "lr=0.3 steps=1000", {0, 1}, 5000},
    {"cosine", "lr=0.3 steps=1000 after=mirror", {0, 1}, 5000},
    {"cosine_restarts", "lr=0.1 period=50 period_mult=2", {0, 1}, 20000},
    {"cosine_restarts", "lr=0.1 period=50", {100, 0}, 20000}, /* rises from 0 */
    {"exponential", "lr=0.3 factor=0.97", {0, 1}, 2000},
    {"step", "lr=0.3 every=100 factor=0.1", {0, 1}, 1000},
    {"polynomial", "lr=0.4 steps=150 power=3", {10, 0.5}, 700},
    {"one_cycle", "lr=0.2 steps=500", {0, 1}, 900},
    {"constant", "lr=0.1", {0, 1}, 1000},
    {"constant", "lr=0.1", {0, 1}, 1},
};

static void as_asked_one_by_one(void **state) {
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const kr_schedule_type *type = find_schedule(best_registry(), cases[c].name);
        kr_settings settings = make_settings(&type->about, cases[c].parameters);
        kr_schedule schedule;
        kr_moving_steps moving;
        kr_error error;
        double largest = 0;
        uint64_t count = 0;
        assert_int_equal(kr_schedule_create(&schedule, &settings, NULL, cases[c].warmup, cases[c].steps, &error), KR_OK);
        assert_int_equal(kr_moving_steps_create(&moving, &schedule, cases[c].steps, &error), KR_OK);
        for (uint64_t k = 0; k < cases[c].steps; k++) largest = fmax(largest, kr_schedule_at(&schedule, k));
        assert_false(kr_moving_steps_has(&moving, 0));
        for (uint64_t k = 0; k < cases[c].steps; k++) {
            double rate = kr_schedule_at(&schedule, k);
            bool moves = rate > 0 && rate >= 1e-3 * largest;
            if (kr_moving_steps_before(&moving, k) != count || kr_moving_steps_has(&moving, k + 1) != moves)
                fail_msg("%s %s: step %d", cases[c].name, cases[c].parameters, (int)k);
            count += moves;
        }
        assert_int_equal(kr_moving_steps_before(&moving, cases[c].steps), count);
        kr_moving_steps_destroy(&moving);
        kr_settings_destroy(&settings);
    }
}

/* The linear one has 1999 steps that move, wherever its run ends; and cycles that are too many to ask are sampled. */
static void of_very_long_runs(void **state) {
    (void)state;
    const struct {
        const char *name, *parameters;
        uint64_t steps;
        double moving, tolerance;
    } runs[] = {{"linear", "lr=0.05 steps=2000000000", 1000000000000, 1998000000, 2},
                {"linear", "lr=0.05 steps=1000000000000000000", 1000000000000000000, 9.99e17, 1e7},
                {"constant", "lr=0.05", 1000000000000000000, 1e18, 0},
                {"cosine_restarts", "lr=0.05 period=1000", 1000000000, 980000000, 1e4}}; /* k with 1 + cos(pi k / 1000) >= 2e-3 */
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        const kr_schedule_type *type = find_schedule(best_registry(), runs[i].name);
        kr_settings settings = make_settings(&type->about, runs[i].parameters);
        kr_schedule schedule;
        kr_moving_steps moving;
        kr_error error;
        assert_int_equal(kr_schedule_create(&schedule, &settings, NULL, (kr_warmup){0, 1}, runs[i].steps, &error), KR_OK);
        assert_int_equal(kr_moving_steps_create(&moving, &schedule, runs[i].steps, &error), KR_OK);
        assert_close((double)kr_moving_steps_before(&moving, runs[i].steps), runs[i].moving, 0, runs[i].tolerance);
        kr_moving_steps_destroy(&moving);
        kr_settings_destroy(&settings);
    }
}

static void at_rate_0_throughout_nothing_moves(void **state) {
    (void)state;
    const kr_schedule_type *type = find_schedule(best_registry(), "cosine");
    kr_settings settings = make_settings(&type->about, "lr=0.1 steps=10");
    kr_schedule schedule;
    kr_moving_steps moving;
    kr_error error;
    assert_int_equal(kr_schedule_create(&schedule, &settings, NULL, (kr_warmup){100, 0}, 100, &error), KR_OK);
    assert_int_equal(kr_moving_steps_create(&moving, &schedule, 1, &error), KR_OK); /* the rise begins at 0 */
    assert_int_equal(kr_moving_steps_before(&moving, 1), 0);
    assert_false(kr_moving_steps_has(&moving, 1));
    kr_moving_steps_destroy(&moving);
    kr_settings_destroy(&settings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_asked_one_by_one),
        cmocka_unit_test(of_very_long_runs),
        cmocka_unit_test(at_rate_0_throughout_nothing_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
