/* Survival under a schedule: the density led step by step against published and independent numbers, the adiabatic product beside
 * it. */
#include "assert_close.h"
#include "case.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

static void use_schedule(problem_case *c, const char *name, const char *values, uint64_t steps) {
    kr_error error;
    kr_settings_destroy(&c->settings[3]);
    const kr_schedule_type *type = case_settings(&c->settings[3], "schedule", c->registry->schedules, (part){name, values});
    case_check(kr_schedule_create(&c->schedule, type, c->settings[3].values, (kr_warmup){0, 1.0}, steps, &error), &error);
}

typedef struct curve {
    double chain, adiabatic, accuracy;
} curve;

static curve at_end(const problem_case *c, uint64_t steps) {
    uint64_t step[2] = {0, steps};
    double chain[2], adiabatic[2], accuracy;
    char why[256];
    if (!kr_survival_chain(&c->problem, 2, step, chain, &accuracy, why)) fail_msg("%s", why);
    if (!kr_survival_adiabatic(&c->problem, 2, step, adiabatic, why)) fail_msg("%s", why);
    return (curve){1 - chain[1], 1 - adiabatic[1], accuracy};
}

/* SGD on the double well through one cosine, noise variance 16. */
static void one_cosine_cycle(void **state) {
    (void)state;
    static const struct { double above, escaped; } cases[] = {{0.0, 0.0523364}, {1.0, 0.0312497}};
    for (size_t i = 0; i < 2; i++) {
        problem_case c;
        case_make(&c, (part){"double_well", ""}, (part){"sgd", ""}, (part){"isotropic", "sigma=4"}, 0.01, -1.0);
        use_schedule(&c, "cosine", "lr=0.025 lr_min=0.0025 steps=1000", 1000);
        case_target(&c, -INFINITY, cases[i].above);
        clock_t before = clock();
        curve got = at_end(&c, 1000);
        printf("%.9g %.9g accuracy %.2g, %.2f s\n", got.chain, got.adiabatic, got.accuracy,
               (double)(clock() - before) / CLOCKS_PER_SEC);
        assert_close(got.chain, cases[i].escaped, 0, 5e-8);
        assert_true(got.accuracy < 1e-9);
        assert_close(got.adiabatic, got.chain, 0.15, 0);
        case_free(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_cosine_cycle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
