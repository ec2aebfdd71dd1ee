/* Eyring-Kramers rates in several dimensions: against values computed elsewhere, against Kramers' formula in one dimension, against
 * products of one-dimensional problems, and what is refused. */
#include "case.h"

#include <math.h>

#define NONE ((part){"none", ""})

static part sgld(double temperature) {
    static char text[8][64];
    static int next;
    char *values = text[next++ % 8];
    snprintf(values, sizeof text[0], "temperature=%.17g", temperature);
    return (part){"sgld", values};
}

static void go_to_minimum(problem_case *c, int64_t number) {
    kr_error error;
    case_check(kr_minimum_position(&c->landscape, number, c->start, &error), &error);
}

static void ball_around(problem_case *c, int64_t number, double radius, double *center) {
    kr_error error;
    case_check(kr_minimum_position(&c->landscape, number, center, &error), &error);
    c->target[c->problem.target_count++] =
        (kr_target){.radius = radius, .center = center, .minimum = number, .below = -INFINITY, .above = INFINITY};
}

static kr_prediction from_to(part landscape, double temperature, int64_t from, int64_t to, double radius) {
    problem_case c;
    double center[8];
    case_make(&c, landscape, sgld(temperature), NONE, 1e-3, 0);
    go_to_minimum(&c, from);
    ball_around(&c, to, radius, center);
    kr_prediction p = case_predict(&c, "eyring_kramers");
    case_free(&c);
    return p;
}

static void muller_brown_equals_reference_values(void **state) {
    (void)state;
    kr_prediction p = from_to((part){"muller_brown", ""}, 15, 0, 1, 0.2);
    assert_true(p.applies);
    assert_close(p.rate, 0.2166, 3e-4, 0);
    assert_close(p.spectral_gap, 2.125, 3e-4, 0);
    assert_close(p.variation, 1, 1e-12, 0);
    /* At T = 5, from the middle minimum two exits compete: with the rates of the formula, written out here. */
    const double T = 5, energy[] = {-146.699517210, -80.767818130, -108.166724117, -40.664843509, -72.248940112};
    const double minimum[3][2] = {{410.53, 4068.2}, {221.04, 1479.2}, {543.84, 3005.4}}, unstable[2] = {750.86, 735.25};
    const double stable[2] = {490.24, 510.89};
    double rate[3][2];
    for (int m = 0; m < 3; m++)
        for (int s = 0; s < 2; s++)
            rate[m][s] = sqrt(unstable[s] * minimum[m][0] * minimum[m][1] / stable[s]) / (2 * acos(-1)) *
                         exp(-(energy[3 + s] - energy[m]) / T);
    /* 2 -> 1 -> 0, and back from 1 to 2: tau_1 = (1 + k_12 tau_2) / (k_10 + k_12), tau_2 = 1/k_21 + tau_1 */
    double tau_1 = (1 + rate[1][1] / rate[2][1]) / rate[1][0], tau_2 = 1 / rate[2][1] + tau_1;
    p = from_to((part){"muller_brown", ""}, T, 2, 0, 0.2);
    assert_true(p.applies);
    assert_close(p.mfpt_time, tau_2, 1e-3, 0);
    p = from_to((part){"muller_brown", ""}, T, 1, 0, 0.2);
    assert_close(p.mfpt_time, tau_1, 1e-3, 0);
}

static void one_dimension_equals_kramers(void **state) {
    (void)state;
    static const struct {
        part landscape;
        double temperature, start, below, above;
    } one[] = {
        {{"double_well", ""}, 0.2, -1, -INFINITY, 1},
        {{"double_well", "barrier=3 tilt=0.3"}, 0.4, 1, -1, INFINITY},
        {{"sharp_flat", ""}, 0.1, -1, -INFINITY, 1},
        {{"washboard", "force=0.3"}, 0.2, 0, -0.9, 1},
        {{"styblinski_tang", "dim=5"}, 4, 2.7, -2.9, INFINITY},
    };
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        problem_case c;
        case_make(&c, one[i].landscape, sgld(one[i].temperature), NONE, 1e-3, one[i].start);
        case_target(&c, one[i].below, one[i].above);
        kr_prediction p = case_predict(&c, "eyring_kramers"), kramers = case_predict(&c, "kramers");
        if (!p.applies || !kramers.applies) fail_msg("case %zu: %s %s", i, p.why, kramers.why);
        assert_close(p.rate, kramers.rate, 1e-11, 0);
        case_free(&c);
    }
}

/* The gap of a two-state chain is the sum of its rates, however small. */
static void gap_has_full_relative_accuracy(void **state) {
    (void)state;
    for (double temperature = 0.5; temperature > 5e-4; temperature /= 2) {
        problem_case c;
        case_make(&c, (part){"double_well", "tilt=0.3"}, sgld(temperature), NONE, 1e-3, -1);
        case_target(&c, -INFINITY, 0.9);
        kr_prediction there = case_predict(&c, "eyring_kramers");
        c.problem.target_count = 0;
        c.start[0] = 0.9;
        case_target(&c, -1, INFINITY);
        kr_prediction back = case_predict(&c, "eyring_kramers");
        case_free(&c);
        if (temperature < 1e-3) {
            assert_false(there.applies); /* e^-1300 */
            break;
        }
        assert_close(there.spectral_gap, there.rate + back.rate, 1e-13, 0);
    }
}

/* Two independent coordinates, each with two wells: from the corner where both are shallow to the one where both are deep. Each
 * coordinate is a chain of its own, deep and shallow. */
static void product_of_wells(void **state) {
    (void)state;
    const double T = 3;
    kr_prediction p = from_to((part){"styblinski_tang", "dim=2"}, T, 3, 0, 1.0);
    assert_true(p.applies);
    /* coordinate by coordinate: minima at -2.903534 and 2.746803, maximum at 0.156731; V = (x^4 - 16 x^2 + 5 x) / 2 */
    double x[3] = {-2.903534, 0.156731, 2.746803}, v[3], w[3];
    for (int i = 0; i < 3; i++) {
        v[i] = (pow(x[i], 4) - 16 * x[i] * x[i] + 5 * x[i]) / 2;
        w[i] = 6 * x[i] * x[i] - 16;
    }
    double deep = sqrt(-w[0] * w[1]) / (2 * acos(-1)) * exp(-(v[1] - v[0]) / T);
    double shallow = sqrt(-w[2] * w[1]) / (2 * acos(-1)) * exp(-(v[1] - v[2]) / T);
    /* both shallow (2): 2 s (m2 - m1) = 1; one deep (1): (s + d) m1 = 1 + d m2, target: both deep */
    double m1 = (1 + deep / (2 * shallow)) / shallow, m2 = m1 + 1 / (2 * shallow);
    assert_close(p.mfpt_time, m2, 1e-4, 0);
    assert_close(p.spectral_gap, deep + shallow, 1e-4, 0);
    assert_true(p.variation > 0.5 && p.variation < 1);
}

/* Three wells of a washboard away: force 0, so a symmetric walk that leaves +-3 after 9 hops of mean duration 1/(2k). */
static void washboard_is_a_walk_between_wells(void **state) {
    (void)state;
    problem_case c;
    case_make(&c, (part){"washboard", ""}, sgld(0.1), NONE, 1e-3, 0);
    case_target(&c, -2.95, 2.95);
    kr_prediction far = case_predict(&c, "eyring_kramers");
    c.problem.target_count = 0;
    case_target(&c, -0.95, 0.95);
    kr_prediction near = case_predict(&c, "eyring_kramers");
    case_free(&c);
    assert_close(far.mfpt_time, 9 * near.mfpt_time, 1e-12, 0);
    assert_close(near.variation, 1, 1e-12, 0);
    assert_close(far.variation * far.variation, 57.0 / 81, 1e-12, 0); /* n = 9 hops, variance of n 2/3 (81 - 9) */
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        part landscape;
        double temperature, start, below, above;
        const char *why;
    } one[] = {
        {{"double_well", ""}, 0.2, -1, -INFINITY, 0, "thermal length"},
        {{"double_well", ""}, 2, -1, -INFINITY, 1, "not higher than the temperature"},
        {{"double_well", "tilt=2"}, 0.2, -1, -INFINITY, 1, "No saddles lead"},
        {{"double_well", ""}, 0.2, -0.5, -0.99, INFINITY, "there is no barrier"},
        {{"washboard", "force=1"}, 0.2, 0, -3, INFINITY, "infinite"},
    };
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        problem_case c;
        case_make(&c, one[i].landscape, sgld(one[i].temperature), NONE, 1e-3, one[i].start);
        case_target(&c, one[i].below, one[i].above);
        kr_prediction p = case_predict(&c, "eyring_kramers");
        if (p.applies || !strstr(p.why, one[i].why)) fail_msg("case %zu: '%s'", i, p.why);
        case_free(&c);
    }
    kr_prediction p = from_to((part){"styblinski_tang", "dim=8"}, 3, 255, 0, 0.01);
    assert_true(!p.applies && strstr(p.why, "so small"));
    problem_case c;
    case_make(&c, (part){"double_well", ""}, (part){"langevin", ""}, NONE, 1e-3, -1);
    case_target(&c, -INFINITY, 1);
    p = case_predict(&c, "eyring_kramers");
    assert_true(!p.applies && strstr(p.why, "langevin"));
    case_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(muller_brown_equals_reference_values), cmocka_unit_test(one_dimension_equals_kramers),
        cmocka_unit_test(gap_has_full_relative_accuracy),       cmocka_unit_test(product_of_wells),
        cmocka_unit_test(washboard_is_a_walk_between_wells),    cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
