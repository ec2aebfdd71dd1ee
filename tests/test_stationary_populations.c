/* Shares of the minima in the end: against integrals, the harmonic formula, and what particles do. */
#include "assert_close.h"
#include "case.h"
#include "rig.h"

#include <math.h>

static kr_stationary_populations make_populations(const problem_case *c) {
    kr_error error;
    kr_stationary_populations populations;
    require(kr_stationary_populations_create(&populations, &c->problem, NAN, NULL, &error), &error);
    return populations;
}

/* Where V' = 4 x (x^2 - 1) + c = 0 between the wells. */
static double top_of(double c) {
    double top = 0;
    for (int i = 0; i < 100; i++) top = c / 4 + top * top * top;
    return top;
}

static double tilted(double c, double x) {
    return (x * x - 1) * (x * x - 1) + c * x;
}

static void in_one_dimension_integrals_between_the_tops(void **state) {
    (void)state;
    const double c = 0.25, temperature = 0.5;
    double left = 0, all = 0;
    for (int i = -400000; i < 400000; i++) {
        double x = (i + 0.5) * 1e-5, weight = exp(-tilted(c, x) / temperature);
        all += weight;
        if (x < top_of(c)) left += weight;
    }
    problem_case one;
    case_make(&one, (part){"double_well", "tilt=0.25"}, (part){"langevin", "temperature=0.5 friction=1"}, (part){"none", ""}, 1e-4,
              -1);
    kr_stationary_populations populations = make_populations(&one);
    assert_int_equal(populations.law, KR_STATIONARY_BOLTZMANN);
    assert_int_equal(populations.minima, 2);
    assert_false(populations.harmonic);
    assert_null(populations.of_steps); /* it is no gradient descent */
    assert_close(populations.share[0], left / all, 1e-5, 0);
    assert_close(populations.share[0] + populations.share[1], 1, 1e-12, 0);
    kr_prediction p = case_predict(&one, "stationary");
    assert_true(p.applies);
    assert_close(p.temperature, temperature, 1e-12, 0);
    assert_close(kr_theory_extra(&p, "population_0"), left / all, 1e-5, 0);
    kr_stationary_populations_destroy(&populations);
    case_free(&one);
}

/* Weights exp(-V/T) / sqrt(det H), here from the known minima of Mueller and Brown. */
static void in_several_dimensions_harmonic(void **state) {
    (void)state;
    problem_case c;
    kr_critical_points critical;
    kr_error error;
    case_make(&c, (part){"muller_brown", ""}, (part){"sgld", "temperature=15"}, (part){"none", ""}, 1e-5, 0);
    kr_stationary_populations populations = make_populations(&c);
    assert_true(populations.harmonic);
    assert_int_equal(populations.minima, 3);
    require(kr_critical_points_all(&c.landscape, 100, &critical, &error), &error);
    double weight[3], sum = 0;
    size_t minimum = 0;
    for (size_t i = 0; i < critical.count; i++) {
        const kr_critical_point *point = &critical.point[i];
        if (point->index) continue;
        weight[minimum] = exp(-(point->energy + 146.7) / 15) / sqrt(point->eigenvalues[0] * point->eigenvalues[1]);
        sum += weight[minimum++];
    }
    for (size_t i = 0; i < 3; i++) assert_close(populations.share[i], weight[i] / sum, 1e-9, 0);
    kr_critical_points_destroy(&critical);
    kr_stationary_populations_destroy(&populations);
    case_free(&c);
}

static void what_is_unknown_says_why(void **state) {
    (void)state;
    static const struct {
        part landscape, dynamics, noise;
        double target; /* INFINITY: none */
        const char *why;
    } cases[] = {{{"muller_brown", ""}, {"sgld", "temperature=15"}, {"none", ""}, 1, "target"},
                 {{"muller_brown", ""}, {"sgd", ""}, {"curvature", "epsilon=1"}, INFINITY, "depends on the position"},
                 {{"washboard", ""}, {"sgld", ""}, {"none", ""}, INFINITY, "for ever"},
                 {{"double_well", ""}, {"sgd", ""}, {"none", ""}, INFINITY, "no noise"},
                 {{"double_well", ""}, {"langevin", "friction=1"}, {"none", ""}, 1, "valley"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        problem_case c;
        case_make(&c, cases[k].landscape, cases[k].dynamics, cases[k].noise, 1e-4, -0.5);
        if (isfinite(cases[k].target)) case_target(&c, -INFINITY, cases[k].target);
        kr_stationary_populations populations = make_populations(&c);
        assert_int_equal(populations.law, KR_STATIONARY_UNKNOWN);
        assert_int_equal(populations.minima, 0);
        if (!strstr(populations.why, cases[k].why)) fail_msg("'%s' does not say '%s'", populations.why, cases[k].why);
        kr_prediction p = case_predict(&c, "stationary");
        assert_false(p.applies);
        assert_non_null(strstr(p.why, cases[k].why));
        kr_stationary_populations_destroy(&populations);
        case_free(&c);
    }
}

/* 20 000 particles, ten times 2000 steps of eta = 0.06 apart: the share of the left well is that of the steps within 3.5
 * standard errors (p = 0.0005 at a random seed), where that of continuous time is refused. */
static void shares_of_steps_are_what_particles_do(void **state) {
    (void)state;
    enum { PARTICLES = 20000, INSTANTS = 10 };
    rig r = {.landscape = "double_well",
             .landscape_parameters = "tilt=0.25",
             .dynamics = "sgld",
             .dynamics_parameters = "temperature=0.4",
             .schedule_parameters = "lr=0.06",
             .start = {-1},
             .particles = PARTICLES,
             .seed = 11,
             .steps = 1};
    rig_create(&r);
    double top = top_of(0.25), left = 0;
    for (int t = 0; t < INSTANTS; t++) {
        kr_view view = rig_advance(&r, 2000);
        assert_true(view.diverged == 0);
        for (size_t p = 0; p < PARTICLES; p++) left += view.position[p] < top;
    }
    rig_destroy(&r);
    problem_case c;
    case_make(&c, (part){"double_well", "tilt=0.25"}, (part){"sgld", "temperature=0.4"}, (part){"none", ""}, 0.06, -1);
    kr_stationary_populations populations = make_populations(&c);
    assert_non_null(populations.of_steps);
    double measured = left / (PARTICLES * INSTANTS), error = sqrt(measured * (1 - measured) / (PARTICLES * INSTANTS));
    double z = (measured - populations.of_steps[0]) / error, wrong = (measured - populations.share[0]) / error;
    print_message("left: %.5f +- %.5f, of steps %.5f (z %.2f), of continuous time %.5f (z %.2f)\n", measured, error,
                  populations.of_steps[0], z, populations.share[0], wrong);
    assert_true(fabs(z) < 3.5);
    assert_true(fabs(wrong) > 7);
    kr_prediction p = case_predict(&c, "stationary");
    assert_close(kr_theory_extra(&p, "population_0"), populations.of_steps[0], 1e-12, 0);
    kr_stationary_populations_destroy(&populations);
    case_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_one_dimension_integrals_between_the_tops),
        cmocka_unit_test(in_several_dimensions_harmonic),
        cmocka_unit_test(what_is_unknown_says_why),
        cmocka_unit_test(shares_of_steps_are_what_particles_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
