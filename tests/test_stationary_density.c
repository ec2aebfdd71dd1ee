/* The stationary density against closed forms and quadrature, and that of the steps against what particles do. */
#include "assert_close.h"
#include "case.h"
#include "rig.h"

#include <kramers/stationary_populations.h>

#include <math.h>

static const kr_interval anywhere = {NAN, NAN};
static const double pi = 3.14159265358979323846;

/* Of coordinate 0, at the learning rate of the case. */
static kr_stationary_density make_density(const problem_case *c) {
    kr_error error;
    kr_stationary_density density;
    require(kr_stationary_density_create(&density, &c->problem, 0, NAN, anywhere, &error), &error);
    return density;
}

static double energy_at(const problem_case *c, double x) {
    double energy;
    kr_landscape_energy(&c->landscape, 1, &x, &energy);
    return energy;
}

/* By the midpoint rule on pieces far smaller than the grid's. */
static double boltzmann_integral(const problem_case *c, double temperature, double low, double high) {
    double sum = 0;
    enum { PIECES = 200000 };
    for (int k = 0; k < PIECES; k++)
        sum += exp(-energy_at(c, low + (high - low) * (k + 0.5) / PIECES) / temperature) * (high - low) / PIECES;
    return sum;
}

/* From the dynamics' heat, the noise's, or both; with momentum too. */
static void without_a_target_it_is_boltzmanns(void **state) {
    (void)state;
    static const struct {
        part dynamics, noise;
        double temperature;
    } cases[] = {{{"sgld", "temperature=0.2"}, {"none", ""}, 0.2},
                 {{"sgd", ""}, {"isotropic", "sigma=8"}, 0.32},
                 {{"sgld", "temperature=0.1"}, {"isotropic", "sigma=4"}, 0.18},
                 {{"langevin", "temperature=0.2 friction=0.5"}, {"none", ""}, 0.2}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        problem_case c;
        case_make(&c, (part){"double_well", "tilt=0.1"}, cases[k].dynamics, cases[k].noise, 0.01, -1);
        kr_stationary_density density = make_density(&c);
        assert_int_equal(density.law, KR_STATIONARY_BOLTZMANN);
        assert_int_equal(density.part, KR_STATIONARY_ALL);
        assert_close(density.temperature, cases[k].temperature, 1e-12, 0);
        double all = boltzmann_integral(&c, density.temperature, -4, 4);
        for (double x = -1.5; x < 1.6; x += 0.1)
            assert_close(kr_density_at(&density.continuous, x), exp(-energy_at(&c, x) / density.temperature) / all, 0, 3e-5);
        assert_close(kr_density_mass(&density.continuous, -INFINITY, INFINITY), 1, 1e-12, 0);
        assert_close(kr_density_mass(&density.continuous, -0.37, 0.91),
                     boltzmann_integral(&c, density.temperature, -0.37, 0.91) / all, 1e-5, 0);
        assert_true(kr_density_at(&density.continuous, 50) == 0);
        kr_stationary_density_destroy(&density);
        case_free(&c);
    }
}

/* Each coordinate of a separable landscape has its own; coupled ones have none here, and say so. */
static void along_a_coordinate_of_several(void **state) {
    (void)state;
    kr_error error;
    kr_stationary_density density;
    problem_case c;
    case_make(&c, (part){"harmonic", "dim=3 stiffness=[1,4,9]"}, (part){"sgld", "temperature=0.5"}, (part){"none", ""}, 1e-3, 0.3);
    for (size_t i = 0; i < 3; i++) {
        double k = (double)((i + 1) * (i + 1));
        require(kr_stationary_density_create(&density, &c.problem, i, NAN, anywhere, &error), &error);
        for (double x = -1; x < 1.1; x += 0.2)
            assert_close(kr_density_at(&density.continuous, x), sqrt(k / pi) * exp(-k * x * x), 1e-4, 0);
        kr_stationary_density_destroy(&density);
    }
    require(kr_stationary_density_create(&density, &c.problem, 3, NAN, anywhere, &error), &error);
    assert_int_equal(density.law, KR_STATIONARY_UNKNOWN);
    kr_stationary_density_destroy(&density);
    case_free(&c);
    case_make(&c, (part){"muller_brown", ""}, (part){"sgld", "temperature=20"}, (part){"none", ""}, 1e-5, 0);
    density = make_density(&c);
    assert_int_equal(density.law, KR_STATIONARY_UNKNOWN);
    assert_non_null(strstr(density.why, "coupled"));
    kr_stationary_density_destroy(&density);
    case_free(&c);
}

/* The current T p' + V' p = T exp(-V/T) (p exp(V/T))' of a density at a point of its grid: what is differentiated is smooth. */
static double current_at(const problem_case *c, const kr_density_curve *curve, double temperature, size_t i) {
    double u[2], spacing = (curve->high - curve->low) / (double)(curve->count - 1), x = curve->low + spacing * (double)i;
    for (int k = 0; k < 2; k++) {
        size_t j = k ? i + 8 : i - 8;
        u[k] = curve->value[j] * exp(energy_at(c, curve->low + spacing * (double)j) / temperature);
    }
    return temperature * exp(-energy_at(c, x) / temperature) * (u[1] - u[0]) / (16 * spacing);
}

/* Particles that return from the target at 1 to the start at -1: all current flows between the two, and it is the rate of escape,
 * 1 / tau with tau = 1/T int_-1^1 exp(V(y)/T) int_-inf^y exp(-V(z)/T) dz dy. Without returns the current grows along the way. */
static void with_a_target(void **state) {
    (void)state;
    for (int renewal = 0; renewal < 2; renewal++) {
        problem_case c;
        case_make(&c, (part){"double_well", ""}, (part){"sgld", "temperature=0.2"}, (part){"none", ""}, 0.01, -1);
        case_target(&c, -INFINITY, 1);
        c.problem.renewal = renewal;
        kr_stationary_density density = make_density(&c);
        const kr_density_curve *curve = &density.continuous;
        assert_int_equal(density.part, renewal ? KR_STATIONARY_RETURNS : KR_STATIONARY_REMAINING);
        assert_true(kr_density_at(curve, 1.001) == 0);
        double inner = 0, tau = 0, step = 1e-4;
        for (int k = -30000; k < 10000; k++) {
            double x = (k + 0.5) * step, v = energy_at(&c, x);
            inner += step * exp(-v / 0.2);
            if (x > -1) tau += step * exp(v / 0.2) * inner / 0.2;
        }
        size_t end = curve->count - 20;
        double left = 0, spacing = (curve->high - curve->low) / (double)(curve->count - 1), rate = 1 / tau;
        if (!renewal) rate = -current_at(&c, curve, 0.2, end);
        if (!renewal) assert_close(rate * tau, 1, 0, 0.02);
        for (size_t i = 1; i < end; i++) {
            double x = curve->low + spacing * (double)i;
            left += 0.5 * spacing * (curve->value[i] + curve->value[i - 1]);
            if (x < -1.4) continue;
            if (renewal && fabs(x + 1) > 0.02) assert_close(-current_at(&c, curve, 0.2, i) / rate, x > -1, 0, 1e-3);
            if (!renewal) assert_close(-current_at(&c, curve, 0.2, i) / rate, left, 0, 2e-3);
        }
        kr_stationary_density_destroy(&density);
        case_free(&c);
    }
}

/* With momentum there is no closed form with a target: the start's valley stands for it, up to the top at 0. */
static void with_a_target_and_momentum_it_is_that_of_the_valley(void **state) {
    (void)state;
    problem_case c;
    case_make(&c, (part){"double_well", ""}, (part){"langevin", "temperature=0.2 friction=1"}, (part){"none", ""}, 0.01, -1);
    case_target(&c, -INFINITY, 1);
    kr_stationary_density density = make_density(&c);
    assert_int_equal(density.part, KR_STATIONARY_VALLEY);
    double all = boltzmann_integral(&c, 0.2, -3, 0);
    for (double x = -1.5; x < -0.05; x += 0.1)
        assert_close(kr_density_at(&density.continuous, x), exp(-energy_at(&c, x) / 0.2) / all, 0, 1e-5);
    assert_true(kr_density_at(&density.continuous, 0.01) == 0);
    kr_stationary_density_destroy(&density);
    case_free(&c);
}

/* Weight decay gives a periodic landscape ends: all valleys are one density, also behind barriers that nothing passes (the lower
 * temperature: exp(-48) at the tops). */
static void periods_that_weight_decay_holds_together(void **state) {
    (void)state;
    static const char *const dynamics[] = {"temperature=0.25 weight_decay=1", "temperature=0.25 weight_decay=0.1",
                                           "temperature=0.02 weight_decay=0.1"};
    static const double temperatures[] = {0.25, 0.25, 0.02};
    for (size_t k = 0; k < 3; k++) {
        problem_case c;
        case_make(&c, (part){"washboard", "barrier=1 force=0.3"}, (part){"sgld", dynamics[k]}, (part){"none", ""}, 0.005, 0);
        kr_stationary_density density = make_density(&c);
        assert_int_equal(density.law, KR_STATIONARY_BOLTZMANN);
        assert_int_equal(density.part, KR_STATIONARY_ALL);
        double all = boltzmann_integral(&c, temperatures[k], -20, 26);
        for (double x = -2.5; x < 6; x += 1)
            assert_close(kr_density_mass(&density.continuous, x, x + 1), boltzmann_integral(&c, temperatures[k], x, x + 1) / all, 0,
                         1e-4);
        kr_stationary_density_destroy(&density);
        case_free(&c);
    }
    problem_case c;
    kr_error error;
    kr_stationary_populations populations;
    case_make(&c, (part){"washboard", ""}, (part){"sgld", "temperature=0.25 weight_decay=1"}, (part){"none", ""}, 0.005, 0);
    require(kr_stationary_populations_create(&populations, &c.problem, NAN, NULL, &error), &error);
    assert_int_equal(populations.law, KR_STATIONARY_UNKNOWN); /* only the minima around 0 are listed */
    kr_stationary_populations_destroy(&populations);
    case_free(&c);
}

/* Noise of variance s (V + epsilon) on V = k x^2 / 2 gives D = a (x^2 + b) with a = eta s k / 4, b = 2 epsilon / k, and so
 * Student's p ~ (x^2 + b)^-(1 + (k + lambda) / (2 a)): weight decay pulls, but the noise knows nothing of it. */
static void noise_of_the_loss_gives_students_density(void **state) {
    (void)state;
    const double rate = 0.1, s = 4, k = 2, epsilon = 0.3;
    for (int decays = 0; decays < 2; decays++) {
        problem_case c;
        case_make(&c, (part){"harmonic", "dim=1 stiffness=2"}, (part){"sgd", decays ? "weight_decay=1.5" : ""},
                  (part){"loss", "strength=4 epsilon=0.3"}, rate, 0.1);
        kr_stationary_density density = make_density(&c);
        assert_int_equal(density.law, KR_STATIONARY_ITO);
        assert_true(isnan(density.temperature));
        double a = rate * s * k / 4, b = 2 * epsilon / k, power = 1 + (k + (decays ? 1.5 : 0)) / (2 * a);
        double all = sqrt(pi) * tgamma(power - 0.5) / tgamma(power) * pow(b, 0.5 - power);
        for (double x = -3; x < 3.1; x += 0.25)
            assert_close(kr_density_at(&density.continuous, x), pow(x * x + b, -power) / all, 0, 1e-3 * pow(b, -power) / all);
        kr_stationary_density_destroy(&density);
        case_free(&c);
    }
}

/* Noise of variance s |V''| on a parabola is the same everywhere: T = eta s k / 2 in the well k + lambda. */
static void noise_of_the_curvature_with_weight_decay(void **state) {
    (void)state;
    const double rate = 0.01, s = 30, k = 2, decay = 1.5, temperature = rate * s * k / 2;
    problem_case c;
    case_make(&c, (part){"harmonic", "dim=1 stiffness=2"}, (part){"sgd", "weight_decay=1.5"}, (part){"curvature", "strength=30"},
              rate, 0.1);
    kr_stationary_density density = make_density(&c);
    assert_int_equal(density.law, KR_STATIONARY_BOLTZMANN);
    assert_close(density.temperature, temperature, 1e-12, 0);
    double variance = temperature / (k + decay);
    for (double x = -1; x < 1.1; x += 0.2)
        assert_close(kr_density_at(&density.continuous, x), exp(-x * x / (2 * variance)) / sqrt(2 * pi * variance), 1e-4, 1e-9);
    kr_stationary_density_destroy(&density);
    case_free(&c);
}

/* On a double well with decay: p D has the slope -V' p, by differences; |V''| has kinks where V'' = 0. */
static void noise_of_the_curvature_in_two_wells(void **state) {
    (void)state;
    const double rate = 0.05;
    problem_case c;
    case_make(&c, (part){"double_well", ""}, (part){"sgd", "weight_decay=0.5"}, (part){"curvature", "strength=2 epsilon=1"}, rate,
              -1);
    kr_stationary_density density = make_density(&c);
    assert_int_equal(density.law, KR_STATIONARY_ITO);
    for (double x = -1.2; x < 1.25; x += 0.1) {
        double flux[2], slope;
        for (int side = 0; side < 2; side++) {
            double y = x + (side ? 0.02 : -0.02);
            flux[side] = kr_density_at(&density.continuous, y) * rate * 2 * (fabs(12 * y * y - 4) + 1) / 2;
        }
        kr_landscape_gradient(&c.landscape, 1, &x, &slope);
        double left = (flux[1] - flux[0]) / 0.04, right = -slope * kr_density_at(&density.continuous, x);
        if (fabs(fabs(x) - 0.57735) > 0.05) assert_close(left, right, 0, 0.01 * density.continuous.largest);
    }
    kr_stationary_density_destroy(&density);
    case_free(&c);
}

static void what_is_unknown_says_why(void **state) {
    (void)state;
    static const struct {
        part landscape, dynamics, noise;
        const char *why;
    } cases[] = {{{"double_well", ""}, {"sgd", ""}, {"none", ""}, "no noise"},
                 {{"double_well", ""}, {"sgd", ""}, {"curvature", "strength=2"}, "no noise at x = "},
                 {{"double_well", ""}, {"momentum", ""}, {"curvature", "strength=2 epsilon=1"}, "depends on the position"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        problem_case c;
        case_make(&c, cases[k].landscape, cases[k].dynamics, cases[k].noise, 0.05, -1);
        kr_stationary_density density = make_density(&c);
        assert_int_equal(density.law, KR_STATIONARY_UNKNOWN);
        if (!strstr(density.why, cases[k].why)) fail_msg("'%s' does not say '%s'", density.why, cases[k].why);
        assert_true(kr_density_at(&density.continuous, 0) == 0 && kr_density_mass(&density.continuous, -1, 1) == 0);
        if (k == 1) assert_close(fabs(density.no_noise_at), sqrt(1.0 / 3), 0, 2e-3);
        kr_stationary_density_destroy(&density);
        case_free(&c);
    }
}

/* A linear drift: Gaussian with the variance s^2 / (1 - (1 - eta k)^2). */
static void steps_on_a_parabola(void **state) {
    (void)state;
    const double rate = 0.3, k = 7.0 / 3, temperature = 0.15, s2 = 2 * rate * temperature, keep = 1 - rate * k;
    const double variance = s2 / (1 - keep * keep);
    problem_case c;
    case_make(&c, (part){"harmonic", "dim=1 stiffness=2.3333333333333335"}, (part){"sgld", "temperature=0.15"}, (part){"none", ""},
              rate, 0.1);
    kr_stationary_density density = make_density(&c);
    assert_true(density.steps.count > 0 && density.steps_differ);
    for (size_t i = 0; i < density.steps.count; i++) {
        double x = density.steps.low + (density.steps.high - density.steps.low) * (double)i / (double)(density.steps.count - 1);
        assert_close(density.steps.value[i], exp(-x * x / (2 * variance)) / sqrt(2 * pi * variance), 0, 1e-7);
    }
    kr_stationary_density_destroy(&density);
    case_free(&c);
}

#ifdef NDEBUG
enum { PARTICLES = 20000, INSTANTS = 20 };
#else
enum { PARTICLES = 4000, INSTANTS = 10 }; /* under sanitizers */
#endif
enum { BINS = 30, BURN_IN = 400, GAP = 200 };

/* chi^2 of counts in |x|, which forgets within the wells, against a curve. */
static double chi_square(const double *counted, const kr_density_curve *curve) {
    double sum = 0;
    for (int k = 0; k < BINS; k++) {
        double low = 0.05 * k, high = k + 1 < BINS ? low + 0.05 : INFINITY;
        double expected = (kr_density_mass(curve, low, high) + kr_density_mass(curve, -high, -low)) * PARTICLES * INSTANTS;
        sum += (counted[k] - expected) * (counted[k] - expected) / expected;
    }
    return sum;
}

/* 400 000 samples at a learning rate where continuous time is far off. A random seed would fail with p = 0.001; a temperature that
 * is wrong by 5 % and continuous time are refused. */
static void steps_are_what_particles_do(void **state) {
    (void)state;
    const double limit = 58.3; /* 29 degrees of freedom, p = 0.001 */
    double counted[BINS] = {0};
    rig r = {.landscape = "double_well",
             .dynamics = "sgld",
             .dynamics_parameters = "temperature=0.4",
             .schedule_parameters = "lr=0.05",
             .start = {-1},
             .particles = PARTICLES,
             .seed = 5,
             .steps = 1};
    rig_create(&r);
    rig_advance(&r, BURN_IN);
    for (int t = 0; t < INSTANTS; t++) {
        kr_view view = rig_advance(&r, GAP);
        assert_true(view.diverged == 0);
        for (size_t p = 0; p < PARTICLES; p++) {
            double bin = fabs(view.position[p]) / 0.05;
            counted[bin < BINS ? (int)bin : BINS - 1]++;
        }
    }
    rig_destroy(&r);
    static const char *const temperatures[] = {"temperature=0.4", "temperature=0.42"};
    for (int wrong = 0; wrong < 2; wrong++) {
        problem_case c;
        case_make(&c, (part){"double_well", ""}, (part){"sgld", temperatures[wrong]}, (part){"none", ""}, 0.05, -1);
        kr_stationary_density density = make_density(&c);
        double of_steps = chi_square(counted, &density.steps), of_time = chi_square(counted, &density.continuous);
        print_message("%s: chi^2 %.1f, of continuous time %.1f (refused above %.1f)\n", temperatures[wrong], of_steps, of_time,
                      limit);
        assert_true(wrong ? of_steps > limit : of_steps < limit);
        assert_true(of_time > limit);
        kr_stationary_density_destroy(&density);
        case_free(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_target_it_is_boltzmanns),
        cmocka_unit_test(along_a_coordinate_of_several),
        cmocka_unit_test(with_a_target),
        cmocka_unit_test(with_a_target_and_momentum_it_is_that_of_the_valley),
        cmocka_unit_test(periods_that_weight_decay_holds_together),
        cmocka_unit_test(noise_of_the_loss_gives_students_density),
        cmocka_unit_test(noise_of_the_curvature_with_weight_decay),
        cmocka_unit_test(noise_of_the_curvature_in_two_wells),
        cmocka_unit_test(what_is_unknown_says_why),
        cmocka_unit_test(steps_on_a_parabola),
        cmocka_unit_test(steps_are_what_particles_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
