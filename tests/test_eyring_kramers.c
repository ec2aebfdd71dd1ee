/* Eyring-Kramers rates in several dimensions: against values computed elsewhere, against Kramers' formula in one dimension, against
 * products of one-dimensional problems, and what is refused. */
#include "case.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_matrix.h>

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
    require(kr_minimum_position(&c->landscape, number, c->start, &error), &error);
}

static void ball_around(problem_case *c, int64_t number, double radius, double *center) {
    kr_error error;
    require(kr_minimum_position(&c->landscape, number, center, &error), &error);
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

static part langevin(double temperature, double friction) {
    static char text[8][96];
    static int next;
    char *values = text[next++ % 8];
    snprintf(values, sizeof text[0], "temperature=%.17g friction=%.17g", temperature, friction);
    return (part){"langevin", values};
}

/* Kramers' formula at friction, and the mean passage time for the same frictions, with other coordinates beside it. */
static void one_dimension_equals_kramers_friction(void **state) {
    (void)state;
    static const struct {
        part landscape;
        double temperature, start, below, above;
    } one[] = {
        {{"double_well", ""}, 0.2, -1, -INFINITY, 1},
        {{"double_well", "barrier=3 tilt=0.3 dim=3 stiffness=2"}, 0.4, 1, -1, INFINITY},
        {{"sharp_flat", ""}, 0.1, -1, -INFINITY, 1},
        {{"styblinski_tang", "dim=5"}, 4, 2.7, -2.9, INFINITY},
    };
    int passages = 0;
    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
        for (double friction = 0.01; friction < 2000; friction *= 1.7) {
            problem_case c;
            case_make(&c, one[i].landscape, langevin(one[i].temperature, friction), NONE, 1e-3, one[i].start);
            case_target(&c, one[i].below, one[i].above);
            kr_prediction p = case_predict(&c, "eyring_kramers"), kramers = case_predict(&c, "kramers_friction");
            if (!p.applies || !kramers.applies) fail_msg("case %zu: %s %s", i, p.why, kramers.why);
            assert_close(p.rate, kramers.rate, 1e-11, 0);
            assert_int_equal(isnan(p.mfpt_time), isnan(kramers.mfpt_time));
            assert_int_equal(isnan(p.mfpt_time), p.note[0] != 0);
            passages += !isnan(p.mfpt_time);
            if (!isnan(p.mfpt_time)) assert_close(p.mfpt_time * p.rate, 1, 1e-14, 0);
            case_free(&c);
        }
    assert_true(passages > 20 && passages < 80);
}

/* The heavy ball, whose time is the sum of learning rates: T = eta sigma^2 / (2 (1 - mu)), gamma = (1 - mu) / sqrt(eta). */
static void heavy_ball_is_read_as_langevin(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        problem_case c;
        case_make(&c, (part){"double_well", "dim=2"}, (part){"momentum", "momentum=0.9"}, (part){"isotropic", "sigma=2"}, 0.01, -1);
        if (i == 0) case_target(&c, -INFINITY, 1);
        kr_prediction p = case_predict(&c, "eyring_kramers");
        double pi = acos(-1), rate = sqrt(8) / (2 * pi) * (sqrt(0.25 + 4) - 0.5) / 2 * exp(-5);
        assert_close(p.temperature, 0.2, 1e-12, 0);
        assert_close(i == 0 ? p.rate : p.spectral_gap, (i == 0 ? 1 : 2) * rate * sqrt(0.01) / 0.01, 1e-9, 0);
        assert_non_null(strstr(p.note, "heavy ball"));
        if (i == 0) { /* gamma = 1 is half the barrier's frequency; the ball is where kramers_friction gives its passage */
            kr_prediction kramers = case_predict(&c, "kramers_friction");
            assert_close(p.rate, kramers.rate, 1e-11, 0);
            assert_close(p.mfpt_steps, kramers.mfpt_steps, 1e-11, 0);
        }
        case_free(&c);
    }
}

static kr_prediction muller_brown_at(double temperature, double friction, int64_t from, int64_t to) {
    problem_case c;
    double center[8];
    case_make(&c, (part){"muller_brown", ""}, langevin(temperature, friction), NONE, 1e-5, 0);
    go_to_minimum(&c, from);
    ball_around(&c, to, 0.2, center);
    kr_prediction p = case_predict(&c, "eyring_kramers");
    case_free(&c);
    return p;
}

/* In two coupled dimensions: growth rates as eigenvalues of the linear motion of (q, p) at the saddles, the chain of hops solved by
 * hand. */
static void muller_brown_with_friction(void **state) {
    (void)state;
    const double T = 5, energy[] = {-146.699517210, -80.767818130, -108.166724117, -40.664843509, -72.248940112};
    const double saddle[2][2] = {{-0.822001558733, 0.624312802815}, {0.212486582001, 0.292988325107}};
    const double minimum[3][2] = {{410.53, 4068.2}, {221.04, 1479.2}, {543.84, 3005.4}};
    problem_case c;
    case_make(&c, (part){"muller_brown", ""}, (part){"sgld", ""}, NONE, 1e-5, 0);
    for (double friction = 2; friction < 3000; friction *= 6) {
        double rate[3][2];
        for (int s = 0; s < 2; s++) {
            double hessian[4], growth = 0;
            kr_landscape_hessian(&c.landscape, 1, saddle[s], hessian);
            gsl_matrix *motion = gsl_matrix_calloc(4, 4);
            gsl_vector_complex *value = gsl_vector_complex_alloc(4);
            gsl_eigen_nonsymm_workspace *work = gsl_eigen_nonsymm_alloc(4);
            for (size_t i = 0; i < 2; i++) {
                gsl_matrix_set(motion, i, 2 + i, 1);
                gsl_matrix_set(motion, 2 + i, 2 + i, -friction);
                for (size_t j = 0; j < 2; j++) gsl_matrix_set(motion, 2 + i, j, -hessian[2 * i + j]);
            }
            assert_int_equal(gsl_eigen_nonsymm(motion, value, work), 0);
            for (size_t i = 0; i < 4; i++) growth = fmax(growth, GSL_REAL(gsl_vector_complex_get(value, i)));
            gsl_eigen_nonsymm_free(work);
            gsl_vector_complex_free(value);
            gsl_matrix_free(motion);
            double determinant = fabs(hessian[0] * hessian[3] - hessian[1] * hessian[2]);
            for (int m = 0; m < 3; m++)
                rate[m][s] = growth * sqrt(minimum[m][0] * minimum[m][1] / determinant) / (2 * acos(-1)) *
                             exp(-(energy[3 + s] - energy[m]) / T);
        }
        double tau_1 = (1 + rate[1][0] / rate[0][0]) / rate[1][1], tau_0 = 1 / rate[0][0] + tau_1;
        kr_prediction p = muller_brown_at(T, friction, 0, 2);
        if (!p.applies) fail_msg("%s", p.why);
        assert_close(p.rate, 1 / tau_0, 1e-3, 0);
        /* The saddles' frequencies are 27.4 and 27.1; the loss per round trip in the middle well decides. */
        if (friction < 13.5) assert_true(isnan(p.mfpt_time) && strstr(p.note, "no mean passage time"));
        if (friction > 400) assert_close(p.mfpt_time, tau_0, 1e-3, 0);
    }
    case_free(&c);
    /* gamma times the rate goes to that of gradient flow, with a relative correction of -|lambda| / gamma^2. */
    kr_prediction flow = from_to((part){"muller_brown", ""}, T, 0, 1, 0.2), strong = muller_brown_at(T, 1e4, 0, 1);
    assert_close(1e4 * strong.rate, flow.rate, 1.1 * 751e-8, 0);
    assert_close(1e4 * strong.spectral_gap, flow.spectral_gap, 1.1 * 751e-8, 0);
    assert_true(fabs(1e4 * strong.rate / flow.rate - 1) > 0.9 * 735e-8);
}

/* Against the numerical Klein-Kramers gap, in a plane: the ratio goes to 1 linearly in T. */
static void approaches_klein_kramers_when_cold(void **state) {
    (void)state;
    double slope[2];
    for (int i = 0; i < 2; i++) {
        double T = 0.04 / (i + 1);
        problem_case c;
        case_make(&c, (part){"double_well", "tilt=0.1 dim=2 stiffness=3"}, langevin(T, 3), NONE, 1e-3, -1);
        c.start[1] = 0;
        case_target(&c, -INFINITY, 0.95);
        kr_prediction p = case_predict(&c, "eyring_kramers"), exact = case_predict(&c, "klein_kramers");
        if (!p.applies || !exact.applies) fail_msg("%s %s", p.why, exact.why);
        slope[i] = (exact.rate / p.rate - 1) / T;
        assert_true(fabs(slope[i]) * T < 0.05);
        case_free(&c);
    }
    print_message("Klein-Kramers / Eyring-Kramers = 1 %+.3f T, then 1 %+.3f T\n", slope[0], slope[1]);
    assert_close(slope[0], slope[1], 0.1, 0);
}

/* Two balls around one minimum, of which the larger one is found in time, in either order. Around two minima: the radius that the
 * message names is that of the ball which is too small. */
static void of_several_balls_the_largest_counts(void **state) {
    (void)state;
    double center[2][8];
    for (int first = 0; first < 2; first++) {
        problem_case c;
        case_make(&c, (part){"muller_brown", ""}, sgld(15), NONE, 1e-3, 0);
        go_to_minimum(&c, 0);
        ball_around(&c, 1, first ? 1e-9 : 0.2, center[0]);
        ball_around(&c, 1, first ? 0.2 : 1e-9, center[1]);
        kr_prediction p = case_predict(&c, "eyring_kramers");
        if (!p.applies) fail_msg("large ball %s: %s", first ? "last" : "first", p.why);
        case_free(&c);
    }
    problem_case c;
    case_make(&c, (part){"muller_brown", ""}, sgld(15), NONE, 1e-3, 0);
    go_to_minimum(&c, 0);
    ball_around(&c, 1, 0.2, center[0]);
    ball_around(&c, 2, 1e-9, center[1]);
    kr_prediction p = case_predict(&c, "eyring_kramers");
    assert_true(!p.applies);
    assert_non_null(strstr(p.why, "radius 1e-09"));
    case_free(&c);
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
    static const part none[] = {{"langevin", "friction=0"}, {"momentum", "nesterov=true"}, {"hamiltonian", ""}};
    static const char *const why[] = {"friction is 0", "Nesterov", "hamiltonian"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        problem_case c;
        case_make(&c, (part){"double_well", ""}, none[i], (part){"isotropic", ""}, 1e-3, -1);
        case_target(&c, -INFINITY, 1);
        p = case_predict(&c, "eyring_kramers");
        if (p.applies || !strstr(p.why, why[i])) fail_msg("%s: '%s'", none[i].name, p.why);
        case_free(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(muller_brown_equals_reference_values),
        cmocka_unit_test(one_dimension_equals_kramers),
        cmocka_unit_test(gap_has_full_relative_accuracy),
        cmocka_unit_test(product_of_wells),
        cmocka_unit_test(washboard_is_a_walk_between_wells),
        cmocka_unit_test(one_dimension_equals_kramers_friction),
        cmocka_unit_test(heavy_ball_is_read_as_langevin),
        cmocka_unit_test(muller_brown_with_friction),
        cmocka_unit_test(approaches_klein_kramers_when_cold),
        cmocka_unit_test(of_several_balls_the_largest_counts),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
