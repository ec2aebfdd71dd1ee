/* Every schedule of the registry: finite, never above lr, a pure function of the step, continued by its warmup. */
#include "plugin_setup.h"

static const uint64_t queries[] = {0,
                                   1,
                                   2,
                                   3,
                                   9,
                                   10,
                                   11,
                                   99,
                                   100,
                                   101,
                                   199,
                                   200,
                                   201,
                                   999,
                                   1000,
                                   1001,
                                   1999,
                                   2000,
                                   2001,
                                   4000,
                                   12345,
                                   UINT64_C(1) << 32,
                                   (UINT64_C(1) << 53) + 1,
                                   UINT64_C(1) << 60,
                                   (UINT64_C(1) << 60) + 1,
                                   UINT64_MAX};
enum { QUERIES = sizeof queries / sizeof *queries };

typedef void schedule_check(const kr_schedule *schedule, double lr);

/* Each schedule with its defaults, and for every choice and switch with every value of it, with and without warmup. */
static void check_with(const kr_settings *settings, schedule_check *check) {
    const kr_warmup warmups[] = {{0, 1.0 / 3}, {1, 0}, {7, 0.25}, {1000, 1}, {INT64_C(1) << 60, 0.5}};
    for (size_t w = 0; w < sizeof warmups / sizeof *warmups; w++) {
        kr_schedule schedule;
        kr_error error;
        if (kr_schedule_create(&schedule, settings, NULL, warmups[w], 1000, &error) != KR_OK) fail_msg("%s", error.message);
        check(&schedule, kr_schedule_largest(&schedule));
        kr_schedule_destroy(&schedule);
    }
}

static void for_all(schedule_check *check) {
    const kr_registry *registry = best_registry();
    for (size_t i = 0; registry->schedules[i]; i++) {
        const kr_schedule_type *type = registry->schedules[i];
        kr_settings settings = make_settings(&type->about, "");
        check_with(&settings, check);
        for (const kr_parameter *p = type->about.parameters; p->name; p++) {
            for (size_t c = 0; p->type == KR_CHOICE && p->choices[c]; c++) {
                assert_int_equal(kr_set_text(&settings, p, p->choices[c], NULL), KR_OK);
                check_with(&settings, check);
            }
            if (p->type == KR_SWITCH) {
                assert_int_equal(kr_set_switch(&settings, p, true, NULL), KR_OK);
                check_with(&settings, check);
            }
        }
        kr_settings_destroy(&settings);
    }
}

static void FirstParameterIsTheLargestRate(void **state) {
    (void)state;
    const kr_registry *registry = best_registry();
    for (size_t i = 0; registry->schedules[i]; i++) {
        const kr_parameter *first = registry->schedules[i]->about.parameters;
        assert_string_equal(first->name, "lr");
        assert_int_equal(first->type, KR_NUMBER);
        assert_non_null(registry->schedules[i]->about.doc);
    }
}

static void check_range(const kr_schedule *schedule, double lr) {
    for (size_t i = 0; i < QUERIES; i++) {
        double rate = kr_schedule_at(schedule, queries[i]);
        assert_true(isfinite(rate) && rate >= 0 && rate <= lr * (1 + 4e-16));
    }
}

static void FiniteAndNeverAboveLr(void **state) {
    (void)state;
    for_all(check_range);
}

static void check_order(const kr_schedule *schedule, double lr) {
    (void)lr;
    double forward[QUERIES];
    for (size_t i = 0; i < QUERIES; i++) forward[i] = kr_schedule_at(schedule, queries[i]);
    for (size_t i = QUERIES; i-- > 0;)
        for (size_t repeat = 0; repeat < 2; repeat++) {
            double again = kr_schedule_at(schedule, queries[i]);
            assert_memory_equal(&again, &forward[i], sizeof again);
        }
}

static void IndependentOfTheOrderOfQueries(void **state) {
    (void)state;
    for_all(check_order);
}

/* factor s(0) at step 0, s(0) at step W, straight between them, and the schedule from its own step 0 afterwards. */
static void check_warmup(const kr_schedule *schedule, double lr) {
    (void)lr;
    uint64_t rise = (uint64_t)schedule->warmup.steps;
    double first = schedule->type->at(schedule, 0), factor = schedule->warmup.factor;
    if (rise > 0) assert_close(kr_schedule_at(schedule, 0), factor * first, 1e-15, 0);
    if (rise > 1)
        assert_close(kr_schedule_at(schedule, rise / 2), first * (factor + (1 - factor) * (double)(rise / 2) / (double)rise), 1e-15,
                     0);
    for (uint64_t k = 0; k < 50; k++) {
        double late = kr_schedule_at(schedule, rise + k), own = schedule->type->at(schedule, k);
        assert_memory_equal(&late, &own, sizeof own);
    }
    if (rise > 0) /* the last step of the rise is one rise's slope below the first of the schedule */
        assert_close(kr_schedule_at(schedule, rise - 1), first * (1 - (1 - factor) / (double)rise), 1e-14, 0);
}

static void WarmupLeadsToTheFirstRate(void **state) {
    (void)state;
    for_all(check_warmup);
}

/* The next cycle is behind the present step; every step of a cycle names the same one. */
static void check_cycles(const kr_schedule *schedule, double lr) {
    (void)lr;
    for (size_t i = 0; i < QUERIES; i++) {
        uint64_t next = kr_schedule_next_cycle(schedule, queries[i]);
        assert_true(next > queries[i] || next == UINT64_MAX);
        if (next == UINT64_MAX) continue;
        assert_true(kr_schedule_next_cycle(schedule, next - 1) == next);
        assert_true(kr_schedule_next_cycle(schedule, queries[i] + (next - queries[i]) / 2) == next);
        assert_true(kr_schedule_next_cycle(schedule, next) > next);
    }
}

static void CyclesFollowEachOther(void **state) {
    (void)state;
    for_all(check_cycles);
}

/* Sum of the rates' p-th powers over the steps 2^n to 2^(n+1) - 1. */
static double octave(const kr_schedule *schedule, int n, int p) {
    double sum = 0;
    for (uint64_t k = UINT64_C(1) << n; k < UINT64_C(2) << n; k++) {
        double rate = schedule->type->at(schedule, k);
        sum += p == 1 ? rate : rate * rate;
    }
    return sum;
}

/* A sum over all steps converges where that over an octave falls from one to the next by a factor, as every power does; a thousand
 * steps are the length of those that end. */
static void check_sums(const kr_schedule *schedule, double lr) {
    enum { LATE = 14 };
    (void)lr;
    kr_rate_sums sums;
    assert_true(kr_schedule_sums(schedule, &sums));
    assert_non_null(schedule->type->diverges);
    assert_non_null(schedule->type->squares_converge);
    if (schedule->warmup.steps > 0) return;
    for (int p = 1; p <= 2; p++) {
        double before = octave(schedule, LATE, p), after = octave(schedule, LATE + 1, p);
        bool converges = after < 0.99 * before || after == 0;
        if (converges != (p == 1 ? !sums.diverges : sums.squares_converge))
            fail_msg("%s: sum over an octave %g, over the next %g", schedule->type->about.name, before, after);
    }
}

static void SumsAreAsSaid(void **state) {
    (void)state;
    for_all(check_sums);
}

static void check_constant(const kr_schedule *schedule, double lr) {
    bool rises = schedule->warmup.steps > 0 && schedule->warmup.factor < 1;
    double constant = kr_schedule_constant(schedule);
    if (schedule->type->constant && !rises) assert_true(constant == lr);
    if (rises) assert_true(isnan(constant));
    if (!isnan(constant))
        for (size_t i = 0; i < QUERIES; i++) assert_true(kr_schedule_at(schedule, queries[i]) == constant);
}

static void ConstantMeansConstant(void **state) {
    (void)state;
    for_all(check_constant);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(FirstParameterIsTheLargestRate), cmocka_unit_test(FiniteAndNeverAboveLr),
        cmocka_unit_test(IndependentOfTheOrderOfQueries), cmocka_unit_test(WarmupLeadsToTheFirstRate),
        cmocka_unit_test(CyclesFollowEachOther),          cmocka_unit_test(SumsAreAsSaid),
        cmocka_unit_test(ConstantMeansConstant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
