/* Theory levy: the formula on the double well, the same on any landscape, and what it is not about. */
#include "assert_close.h"
#include "case.h"

#include <gsl/gsl_math.h>

static kr_prediction predict(part landscape, part noise, double learning_rate, double start, double below, double above) {
    problem_case c;
    case_make(&c, landscape, (part){"sgd", ""}, noise, learning_rate, start);
    case_target(&c, below, above);
    kr_prediction p = case_predict(&c, "levy");
    case_free(&c);
    return p;
}

/* s^alpha (C / alpha) (b^-alpha + a^-alpha) */
static double formula(double alpha, double unit, double near, double far) {
    double constant = tgamma(1 + alpha) * sin(M_PI_2 * alpha) / M_PI / alpha;
    return 1 / (constant * pow(unit, alpha) * (pow(near, -alpha) + pow(far, -alpha)));
}

static void the_double_well(void **state) {
    (void)state;
    const double alphas[] = {0.6, 1, 1.5, 1.9}, rates[] = {0.02, 0.005}, barriers[] = {1, 3};
    for (size_t a = 0; a < 4; a++)
        for (size_t r = 0; r < 2; r++)
            for (size_t h = 0; h < 2; h++) {
                char noise[80], landscape[40];
                snprintf(noise, sizeof noise, "alpha=%g sigma=0.3 batch_size=4", alphas[a]);
                snprintf(landscape, sizeof landscape, "barrier=%g", barriers[h]);
                kr_prediction p = predict((part){"double_well", landscape}, (part){"levy", noise}, rates[r], -1, -INFINITY, 0.9);
                double far = sqrt(1 + 1 / (4 * rates[r] * barriers[h])) - 1;
                assert_true(p.applies);
                assert_close(kr_theory_extra(&p, "distance"), 1, 1e-5, 0);
                assert_close(kr_theory_extra(&p, "distance_far"), far, 1e-9, 0);
                assert_close(p.mfpt_steps, formula(alphas[a], rates[r] * 0.15, 1, far), 1e-5, 0);
            }
    /* 1.23 times faster for the far side at eta = 0.02 */
    assert_close(formula(1.5, 0.01, 1, INFINITY) / formula(1.5, 0.01, 1, 2.674234614), 1.2287, 1e-4, 0);
}

/* Without a wall that throws back there is no far side; targets on both sides add. */
static void other_landscapes(void **state) {
    (void)state;
    part levy = {"levy", "alpha=1.2 sigma=0.5"};
    kr_prediction p = predict((part){"washboard", "barrier=2"}, levy, 0.01, 0, -INFINITY, 0.95);
    assert_true(p.applies);
    assert_close(kr_theory_extra(&p, "distance"), 0.5, 1e-4, 0);
    assert_true(isnan(kr_theory_extra(&p, "distance_far")));
    kr_prediction both = predict((part){"washboard", "barrier=2"}, levy, 0.01, 0, -0.95, 0.95);
    assert_close(p.mfpt_steps / both.mfpt_steps, 2, 1e-6, 0);
    /* Its own target is the top: a jump that falls short of it slides back. */
    kr_prediction top = predict((part){"double_well", ""}, levy, 0.01, -1, -INFINITY, 0);
    kr_prediction other = predict((part){"double_well", ""}, levy, 0.01, -1, -INFINITY, 1);
    assert_close(top.mfpt_steps, other.mfpt_steps, 1e-5, 0);
}

static void students_tail(void **state) {
    (void)state;
    double nu = 1.5, far = sqrt(1 + 1 / 0.08) - 1;
    kr_prediction p = predict((part){"double_well", ""}, (part){"student_t", "nu=1.5 sigma=0.5"}, 0.02, -1, -INFINITY, 0.9);
    double constant = tgamma(1.25) * pow(nu, nu / 2 - 1) / (sqrt(M_PI) * tgamma(0.75));
    assert_close(p.mfpt_steps, 1 / (constant * pow(0.01, nu) * (1 + pow(far, -nu))), 1e-5, 0);
}

static void refuses(part dynamics, part noise, double above, const char *why) {
    problem_case c;
    case_make(&c, (part){"double_well", ""}, dynamics, noise, 0.01, -1);
    case_target(&c, -INFINITY, above);
    kr_prediction p = case_predict(&c, "levy");
    if (p.applies || !strstr(p.why, why)) fail_msg("'%s', which is not about '%s'", p.why, why);
    case_free(&c);
}

static void what_it_is_not_about(void **state) {
    (void)state;
    refuses((part){"sgd", ""}, (part){"isotropic", ""}, 1, "no power-law tail");
    refuses((part){"sgd", ""}, (part){"levy", "alpha=2"}, 1, "Gaussian");
    refuses((part){"sgd", ""}, (part){"levy", "sigma=0"}, 1, "no noise");
    refuses((part){"sgld", ""}, (part){"levy", ""}, 1, "alone");
    refuses((part){"momentum", ""}, (part){"levy", ""}, 1, "alone");
    refuses((part){"sgd", ""}, (part){"levy", ""}, -1.5, "already");
}

/* Theories of Gaussian steps and of one temperature say why not; at alpha = 2 they do. */
static void others_refuse_heavy_tails(void **state) {
    (void)state;
    static const struct {
        part noise;
        const char *why;
    } cases[] = {{{"levy", ""}, "no variance"},
                 {{"student_t", "nu=2"}, "no variance"},
                 {{"student_t", "nu=3"}, "not Gaussian"},
                 {{"coloured", ""}, "remembers"},
                 {{"pulse", ""}, "changes"}};
    static const char *const theories[] = {"kramers", "quadrature", "chain", "ito", "finite_rate", "spectral_gap", "stationary"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        problem_case c;
        case_make(&c, (part){"double_well", ""}, (part){"sgd", ""}, cases[i].noise, 0.01, -1);
        case_target(&c, -INFINITY, 1);
        for (size_t t = 0; t < sizeof theories / sizeof *theories; t++) {
            kr_prediction p = case_predict(&c, theories[t]);
            if (p.applies || !strstr(p.why, cases[i].why)) fail_msg("%s of %s: '%s'", theories[t], cases[i].noise.name, p.why);
        }
        assert_true(isnan(kr_problem_temperature(&c.problem, 0.01)) == !strcmp(cases[i].why, "no variance"));
        case_free(&c);
    }
    problem_case levy, gauss;
    case_make(&levy, (part){"double_well", ""}, (part){"sgd", ""}, (part){"levy", "alpha=2 sigma=5"}, 0.01, -1);
    case_make(&gauss, (part){"double_well", ""}, (part){"sgd", ""}, (part){"isotropic", "sigma=5 batch_size=0.5"}, 0.01, -1);
    case_target(&levy, -INFINITY, 1);
    case_target(&gauss, -INFINITY, 1);
    assert_close(case_predict(&levy, "chain").mfpt_steps, case_predict(&gauss, "chain").mfpt_steps, 1e-12, 0);
    case_free(&levy);
    case_free(&gauss);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_double_well),      cmocka_unit_test(other_landscapes),          cmocka_unit_test(students_tail),
        cmocka_unit_test(what_it_is_not_about), cmocka_unit_test(others_refuse_heavy_tails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
