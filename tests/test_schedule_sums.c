/* Robbins and Monro's conditions, as schedules say them of their values, beside sums over octaves of the step. */
#include "plugin_setup.h"

typedef struct row {
    const char *schedule, *parameters;
    bool diverges, squares_converge;
} row;

static const row rows[] = {
    {"inverse_time", "power=0.5", true, false},
    {"inverse_time", "power=0.55", true, true},
    {"inverse_time", "power=1", true, true},
    {"inverse_time", "power=1.2", false, true},
    {"linear", "lr_end=0.001 steps=100", true, false},
    {"linear", "steps=100", false, true},
    {"cosine", "steps=100 lr_min=0.001", true, false},
    {"cosine", "steps=100", false, true},
    {"cosine", "steps=100 after=mirror", true, false},
    {"step", "every=100 factor=1", true, false},
    {"step", "every=100 factor=0.5", false, true},
    {"exponential", "factor=0.99", false, true},
    {"cyclic", "steps_up=100 mode=triangular2 lr_min=0.001", true, false},
    {"cyclic", "steps_up=100 mode=triangular2", false, true},
    {"cyclic", "steps_up=100 mode=exp_range factor=0.999", false, true},
    {"cosine_restarts", "period=1 period_mult=2 amplitude_factor=0.4", false, true},
    {"cosine_restarts", "period=1 period_mult=2 amplitude_factor=0.5", true, true},
    {"cosine_restarts", "period=1 period_mult=2 amplitude_factor=0.7", true, true},
    {"cosine_restarts", "period=1 period_mult=2 amplitude_factor=0.75", true, false},
    {"cosine_restarts", "period=1 period_mult=2 amplitude_factor=0.4 lr_min=0.001", true, false},
    {"cosine_restarts", "period=100 amplitude_factor=0.99", false, true},
    {"one_minus_power", "steps=100", false, true},
    {"table", "values=[0.3,0.2] every=10", true, false},
    {"table", "values=[0.3,0] every=10", false, true},
    {"table", "values=[0.3,0] every=10 after=repeat", true, false},
};

/* Sum of the p-th powers over the steps from 2^n to 2^(n+1) - 1. */
static double octave(const kr_schedule *schedule, int n, int p) {
    double sum = 0;
    for (uint64_t k = UINT64_C(1) << n; k < UINT64_C(2) << n; k++) sum += pow(kr_schedule_at(schedule, k), p);
    return sum;
}

static void PartialSums(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const kr_schedule_type *type = find_schedule(best_registry(), rows[i].schedule);
        kr_settings settings = make_settings(&type->about, rows[i].parameters);
        kr_schedule schedule;
        kr_rate_sums sums;
        assert_int_equal(kr_schedule_create(&schedule, &settings, NULL, (kr_warmup){10, 0}, 1000, NULL), KR_OK);
        assert_true(kr_schedule_sums(&schedule, &sums));
        if (sums.diverges != rows[i].diverges || sums.squares_converge != rows[i].squares_converge)
            fail_msg("%s %s says %d %d", rows[i].schedule, rows[i].parameters, sums.diverges, sums.squares_converge);
        for (int p = 1; p <= 2; p++) {
            double before = octave(&schedule, 14, p), after = octave(&schedule, 15, p);
            bool converges = after < 0.985 * before || after == 0;
            if (converges != (p == 1 ? !rows[i].diverges : rows[i].squares_converge))
                fail_msg("%s %s, power %d: over an octave %g, over the next %g", rows[i].schedule, rows[i].parameters, p, before,
                         after);
        }
        kr_schedule_destroy(&schedule);
        kr_settings_destroy(&settings);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(PartialSums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
