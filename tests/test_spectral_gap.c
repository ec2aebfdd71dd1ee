/* Spectral gaps against values computed elsewhere, closed forms, each other, and Eyring-Kramers at low temperature. */
#include "case.h"
#include "solvers/fokker_planck/spectral_gap_2d.h"

#include <math.h>

#define NONE ((part){"none", ""})

static kr_prediction gap_of(const char *theory, part landscape, double temperature) {
    problem_case c;
    char values[64];
    snprintf(values, sizeof values, "temperature=%.17g", temperature);
    case_make(&c, landscape, (part){"sgld", values}, NONE, 1e-3, 0);
    kr_error error;
    require(kr_minimum_position(&c.landscape, 0, c.start, &error), &error);
    int64_t count;
    require(kr_minimum_count(&c.landscape, &count, &error), &error);
    if (count > 1) {
        require(kr_minimum_position(&c.landscape, 1, c.center, &error), &error);
        c.target[c.problem.target_count++] =
            (kr_target){.radius = 0.2, .center = c.center, .minimum = 1, .below = -INFINITY, .above = INFINITY};
    }
    kr_prediction p = case_predict(&c, theory);
    case_free(&c);
    return p;
}

static double exact(part landscape, double temperature) {
    kr_prediction p = gap_of("spectral_gap", landscape, temperature);
    if (!p.applies) fail_msg("%s: %s", landscape.name, p.why);
    assert_true(isnan(p.mfpt_time) && isnan(p.rate));
    return p.spectral_gap;
}

static void one_dimension_equals_reference_values(void **state) {
    (void)state;
    static const struct {
        part landscape;
        double temperature, gap;
    } reference[] = {
        {{"double_well", ""}, 1.0 / 3, 0.08061986086}, {{"double_well", ""}, 1.0 / 5, 0.01110456255},
        {{"double_well", ""}, 1.0 / 20, 3.6386057e-9}, {{"double_well", "tilt=0.25"}, 1.0 / 3, 0.09690548237},
        {{"sharp_flat", ""}, 1.0 / 5, 0.01216342372},
    };
    const double digits[] = {1e-9, 1e-9, 2e-8, 1e-9, 1e-9};
    for (size_t i = 0; i < sizeof reference / sizeof *reference; i++)
        assert_close(exact(reference[i].landscape, reference[i].temperature), reference[i].gap, digits[i], 0);
    /* times scale as 1/h at fixed T/h */
    assert_close(exact((part){"double_well", "barrier=7.5"}, 1.5), 7.5 * exact((part){"double_well", ""}, 0.2), 1e-11, 0);
}

static void a_parabola_relaxes_at_its_stiffness(void **state) {
    (void)state;
    for (double temperature = 1e-3; temperature < 1e4; temperature *= 100)
        assert_close(exact((part){"harmonic", "stiffness=3.7"}, temperature), 3.7, 1e-11, 0);
    assert_close(exact((part){"harmonic", "stiffness=[3,0.2,5] dim=3"}, 0.3), 0.2, 1e-11, 0);
}

/* The correction of the harmonic approximation is of order T: lambda / lambda_EK = 1 - c T, and c from two temperatures agrees. */
static void approaches_eyring_kramers_when_cold(void **state) {
    (void)state;
    const part landscape[] = {{"double_well", ""}, {"double_well", "tilt=0.5"}, {"sharp_flat", ""}};
    for (size_t i = 0; i < 3; i++) {
        double slope[2], T[2] = {4e-3, 8e-3};
        for (int k = 0; k < 2; k++)
            slope[k] = (exact(landscape[i], T[k]) / gap_of("eyring_kramers", landscape[i], T[k]).spectral_gap - 1) / T[k];
        printf("%s %s: %g %g\n", landscape[i].name, landscape[i].values, slope[0], slope[1]);
        assert_close(slope[1], slope[0], 0.1, 0);
        if (i == 0) assert_close(2 * slope[0] - slope[1], -3.0 / 8, 1e-3, 0); /* known for h (x^2 - 1)^2 */
    }
    /* muller_brown at T = 3: ratio near 1 too */
    double ratio = exact((part){"muller_brown", ""}, 3) / gap_of("eyring_kramers", (part){"muller_brown", ""}, 3).spectral_gap;
    assert_true(ratio > 0.85 && ratio < 1);
}

static void muller_brown_in_two_dimensions(void **state) {
    (void)state;
    kr_prediction p = gap_of("spectral_gap", (part){"muller_brown", ""}, 15);
    assert_true(p.applies);
    printf("muller_brown, T = 15: %.9g, accuracy %.2g\n", p.spectral_gap, p.accuracy);
    assert_true(p.accuracy < 1e-4);
    assert_close(p.spectral_gap, 1.55442, 4e-6, 0);
}

/* The finite volumes do not know that these are independent coordinates. */
static void the_plane_agrees_with_the_line(void **state) {
    (void)state;
    static const struct {
        part landscape;
        double temperature;
    } one[] = {{{"double_well", "dim=2 stiffness=3 tilt=0.2"}, 0.2},
               {{"styblinski_tang", "dim=2"}, 5},
               {{"harmonic", "dim=2 stiffness=[1,4]"}, 0.5}};
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        problem_case c;
        double gap, accuracy;
        const char *why;
        case_make(&c, one[i].landscape, (part){"sgld", ""}, NONE, 1e-3, 0);
        if (!kr_spectral_gap_2d(&c.landscape, one[i].temperature, &gap, &accuracy, &why)) fail_msg("%s", why);
        double line = exact(one[i].landscape, one[i].temperature);
        printf("%s: %.9g in the plane, accuracy said to be %.2g, is %.2g\n", one[i].landscape.name, gap, accuracy, gap / line - 1);
        assert_close(gap, line, accuracy, 0);
        assert_true(accuracy < 1e-5);
        case_free(&c);
    }
}

static void refusals(void **state) {
    (void)state;
    kr_prediction p = gap_of("spectral_gap", (part){"washboard", ""}, 0.2);
    assert_true(!p.applies && strstr(p.why, "does not rise"));
    problem_case c;
    case_make(&c, (part){"double_well", ""}, (part){"langevin", ""}, NONE, 1e-3, -1);
    p = case_predict(&c, "spectral_gap");
    assert_true(!p.applies && strstr(p.why, "langevin"));
    case_free(&c);
    case_make(&c, (part){"double_well", ""}, (part){"sgd", ""}, (part){"curvature", ""}, 1e-3, -1);
    p = case_predict(&c, "spectral_gap");
    assert_true(!p.applies && strstr(p.why, "depends on the position"));
    case_free(&c);
    p = gap_of("spectral_gap", (part){"muller_brown", ""}, 0.01);
    assert_true(!p.applies);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_dimension_equals_reference_values), cmocka_unit_test(a_parabola_relaxes_at_its_stiffness),
        cmocka_unit_test(approaches_eyring_kramers_when_cold),   cmocka_unit_test(muller_brown_in_two_dimensions),
        cmocka_unit_test(the_plane_agrees_with_the_line),        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
