/* Theories of escape with momentum: against reference values computed elsewhere to the digits shown, against their limits, against
 * each other where they must agree, and what each of them refuses. */
#include "case.h"

#include "sanitized.h"
#include "solvers/underdamped/normal_mode_loss.h"
#include "solvers/underdamped/underdamped_wells.h"

#include <math.h>

#define NONE ((part){"none", ""})
static const double pi = 3.14159265358979323846;

static part langevin(double temperature, double friction) {
    static char text[8][96];
    static int next;
    char *values = text[next++ % 8];
    snprintf(values, sizeof text[0], "temperature=%.17g friction=%.17g", temperature, friction);
    return (part){"langevin", values};
}

static kr_prediction predict(const char *theory, part landscape, part dynamics, double start, double below, double above) {
    problem_case c;
    case_make(&c, landscape, dynamics, NONE, 0.0025, start);
    case_target(&c, below, above);
    kr_prediction prediction = case_predict(&c, theory);
    case_free(&c);
    if (!prediction.applies && !strcmp(prediction.why, "")) fail_msg("%s refuses without a reason", theory);
    return prediction;
}

/* Of the double well, from the left. */
static kr_prediction double_well(const char *theory, const char *parameters, double temperature, double friction) {
    return predict(theory, (part){"double_well", parameters}, langevin(temperature, friction), -1, -INFINITY, 1);
}

static double extra(const kr_prediction *p, const char *name) {
    for (size_t i = 0; i < p->extra_count; i++)
        if (!strcmp(p->extra[i].name, name)) return p->extra[i].value;
    fail_msg("there is no %s", name);
    return NAN;
}

static double gap_of(const char *landscape, const char *parameters, double temperature, double friction, double start, double end) {
    kr_prediction p = predict("klein_kramers", (part){landscape, parameters}, langevin(temperature, friction), start,
                              start < end ? -INFINITY : end, start < end ? end : INFINITY);
    if (!p.applies) fail_msg("%s", p.why);
    return p.spectral_gap;
}

static const struct {
    double friction, gap, digits;
} reference[] = {{0.01, 2.58116e-4, 2e-6}, {0.03, 6.976926e-4, 1e-7}, {0.1, 1.86786954e-3, 3e-9}, {0.3, 3.69408831e-3, 2e-9},
                 {1, 4.43362828e-3, 2e-9}, {3, 2.86777081e-3, 2e-9},  {10, 1.07613126e-3, 5e-9},  {30, 3.68812071e-4, 2e-9}};
enum { REFERENCES = sizeof reference / sizeof *reference };

/* T = 1/5; the accuracy stated must hold too. */
static void klein_kramers_equals_reference_values(void **state) {
    (void)state;
    for (size_t i = 0; i < REFERENCES; i++) {
        kr_prediction p = double_well("klein_kramers", "", 0.2, reference[i].friction);
        assert_true(p.applies);
        assert_close(p.spectral_gap, reference[i].gap, reference[i].digits, 0);
        assert_close(p.spectral_gap, reference[i].gap, p.accuracy + reference[i].digits, 0);
        assert_close(p.rate, p.spectral_gap / 2, 1e-14, 0);
        assert_true(p.accuracy < (reference[i].friction < 0.02 ? 1e-5 : reference[i].friction < 0.05 ? 1e-7 : 1e-9));
    }
}

/* The lowest friction of the turnover's rows, where levels run out before the digits do: beside 1000 levels on 340 points. */
static void klein_kramers_converges_at_very_low_friction(void **state) {
    (void)state;
    if (SANITIZED) skip();
    kr_prediction p = double_well("klein_kramers", "", 0.2, 0.003);
    assert_true(p.applies);
    assert_true(p.accuracy < 5e-4);
    assert_close(p.spectral_gap, 8.2417e-5, p.accuracy, 0);
}

/* At strong friction gamma lambda goes to the gap of dx = -V' dt + sqrt(2T) dW, with corrections of order V''/gamma^2. */
static void klein_kramers_goes_to_the_overdamped_gap(void **state) {
    (void)state;
    const double friction = 3e4;
    assert_close(friction * gap_of("double_well", "", 1.0 / 3, friction, -1, 1), 0.08061986086, 1e-7, 0);
    assert_close(friction * gap_of("double_well", "", 0.2, friction, -1, 1), 0.01110456255, 1e-7, 0);
    assert_close(friction * gap_of("double_well", "", 0.05, friction, -1, 1), 3.6386057e-9, 1e-7, 0);
    assert_close(friction * gap_of("double_well", "tilt=0.25", 1.0 / 3, friction, -1, 0.9), 0.09690548237, 1e-7, 0);
    assert_close(friction * gap_of("sharp_flat", "", 0.2, friction, -1, 1), 0.01216342372, 1e-7, 0);
    assert_close(friction * gap_of("sharp_flat", "", 0.2, friction, 1, -1), 0.01216342372, 1e-7, 0);
}

/* The grid of the whole line and the one that uses symmetry are different discretisations. A tilt of 1e-8 is no tilt but to the
 * test of symmetry; it changes the gap in second order. */
static void klein_kramers_needs_no_symmetry(void **state) {
    (void)state;
    const double frictions[] = {0.1, 1, 10};
    for (size_t i = 0; i < 3; i++)
        assert_close(gap_of("double_well", "tilt=1e-8", 0.2, frictions[i], -1, 1),
                     gap_of("double_well", "", 0.2, frictions[i], -1, 1), 3e-9, 0);
}

/* V = h v(q): time goes as 1/sqrt(h) at the same T/h, with gamma / sqrt(h). All theories. */
static void rates_scale_with_the_barrier(void **state) {
    (void)state;
    const char *theories[] = {"transition_state", "kramers_friction",      "energy_diffusion",
                              "melnikov_meshkov", "pollak_grabert_hanggi", "klein_kramers"};
    for (size_t i = 0; i < 6; i++) {
        kr_prediction one = double_well(theories[i], "", 0.15, 0.2), nine = double_well(theories[i], "barrier=9", 1.35, 0.6);
        assert_close(nine.rate, 3 * one.rate, 1e-8, 0);
        assert_close(nine.spectral_gap, 3 * one.spectral_gap, 1e-8, 0);
    }
}

/* Detailed balance: k / k' is the ratio of the populations; and k + k' is the gap from either side. */
static void klein_kramers_rates_are_in_detailed_balance(void **state) {
    (void)state;
    part tilted = {"double_well", "tilt=0.25"}, bath = langevin(0.25, 0.7);
    kr_prediction left = predict("klein_kramers", tilted, bath, -1, -INFINITY, 0.9);
    kr_prediction right = predict("klein_kramers", tilted, bath, 0.9, -1, INFINITY);
    assert_close(left.rate + right.rate, left.spectral_gap, 1e-9, 0);
    assert_close(left.spectral_gap, right.spectral_gap, 1e-12, 0);
    double weight[2] = {0, 0}, top = 0.0627; /* of 4 q (q^2 - 1) + 1/4, by Newton */
    for (int i = 0; i < 20; i++) top -= (4 * top * (top * top - 1) + 0.25) / (12 * top * top - 4);
    const int cells = 20000;
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < cells; i++) {
            double x = top + (side ? 1 : -1) * 2.5 * (i + 0.5) / cells, s = x * x - 1;
            weight[side] += exp(-(s * s + 0.25 * x) / 0.25);
        }
    assert_close(right.rate / left.rate, weight[0] / weight[1], 1e-6, 0);
}

static void closed_forms(void **state) {
    (void)state;
    /* omega_0 = sqrt 8, omega_b = 2, S = 8/3. */
    const double temperature = 0.2, well = sqrt(8) / (2 * pi) * exp(-5);
    kr_prediction p = double_well("transition_state", "", temperature, 0.7);
    assert_close(p.rate, well, 1e-12, 0);
    assert_close(p.spectral_gap, 2 * well, 1e-12, 0);
    const double frictions[] = {0.01, 1, 1e4};
    for (size_t i = 0; i < 3; i++) {
        double g = frictions[i], kappa = (sqrt(g * g / 4 + 4) - g / 2) / 2, d = g * 8 / 3 / temperature;
        assert_close(double_well("kramers_friction", "", temperature, g).rate, kappa * well, g < 100 ? 1e-12 : 1e-7, 0);
        p = double_well("energy_diffusion", "", temperature, g);
        assert_close(p.spectral_gap, d * well, 1e-9, 0);
        assert_close(p.rate, d * well / 2, 1e-9, 0);
        assert_close(double_well("melnikov_meshkov", "", temperature, g).rate,
                     kappa * well * kr_depopulation(d) * kr_depopulation(d) / kr_depopulation(2 * d), g < 100 ? 1e-9 : 1e-7, 0);
    }
    /* Both barriers of a washboard count: omega_0^2 = omega_b^2 = 2 pi^2. */
    p = predict("transition_state", (part){"washboard", ""}, langevin(0.2, 1), 0, -1, 1);
    assert_close(p.rate, 2 * sqrt(2 * pi * pi) / (2 * pi) * exp(-5), 1e-10, 0);
    assert_true(isnan(p.spectral_gap));
}

/* sqrt(T / 2 pi) e^{-V_b/T} / int e^{-V/T}. */
static void transition_state_with_the_exact_partition_function(void **state) {
    (void)state;
    double sum = 0, temperature = 0.2;
    for (int i = 0; i < 20000; i++) {
        double x = -2.5 * (i + 0.5) / 20000, s = x * x - 1;
        sum += 2.5 / 20000 * exp(-s * s / temperature);
    }
    kr_prediction p = double_well("transition_state", "", temperature, 1);
    assert_close(extra(&p, "rate_exact_partition_function"), sqrt(temperature / (2 * pi)) * exp(-5) / sum, 1e-7, 0);
}

/* Also the names of the numbers that theories show beside the rate. */
static void losses_are_in_units_of_the_temperature(void **state) {
    (void)state;
    kr_prediction p = double_well("melnikov_meshkov", "barrier=4", 0.8, 0.3);
    assert_close(extra(&p, "loss_per_orbit"), 0.3 * 8 / 3 * 2 / 0.8, 1e-9, 0); /* S = 8/3 sqrt h */
    assert_close(extra(&p, "loss_per_orbit_beyond"), 0.3 * 8 / 3 * 2 / 0.8, 1e-9, 0);
    p = double_well("kramers_friction", "", 0.2, 3);
    assert_close(extra(&p, "transmission"), 0.5, 1e-12, 0); /* (sqrt(9/4 + 4) - 3/2) / 2 */
}

/* Y(d) = d (1 - 0.8239 sqrt d) for small d, with |zeta(1/2)| / sqrt(pi) (Mel'nikov 1991). Otherwise the expanded logarithm gives
 * log Y(d) = -sum_n erfc(sqrt(n d) / 2) / n. */
static void depopulation_has_its_limits(void **state) {
    (void)state;
    for (double d = 1e-8; d < 1e-3; d *= 10) assert_close(kr_depopulation(d), d * (1 - 0.823918 * sqrt(d)), 2 * d, 0);
    for (double d = 0.1; d < 100; d *= 1.7) {
        double sum = 0;
        for (int n = 4000; n > 0; n--) sum += erfc(sqrt(n * d) / 2) / n;
        assert_close(log(kr_depopulation(d)), -sum, 1e-9, 1e-13);
    }
    assert_close(kr_depopulation(1e4), 1, 1e-12, 0);
    assert_true(kr_depopulation(0) == 0);
}

static kr_underdamped_wells wells_of(problem_case *c, part landscape, double temperature, double friction, double start,
                                     double end) {
    kr_underdamped_wells w;
    kr_prediction out;
    case_make(c, landscape, langevin(temperature, friction), NONE, 0.01, start);
    case_target(c, start < end ? -INFINITY : end, start < end ? end : INFINITY);
    if (!kr_underdamped_wells_make_single(&c->problem, &w, &out)) fail_msg("%s", out.why);
    return w;
}

/* The loss by the plainest means: the orbit by velocity Verlet, the double integral by two relaxations, step by step; Richardson
 * over two steps. */
static double plain_loss(double friction, double step) {
    const double stiffness = 4; /* double_well, h = 1: V_1 = q^4 */
    double growth = sqrt(friction * friction / 4 + stiffness) - friction / 2, a = growth + friction;
    double u = sqrt(2 * growth / (2 * growth + friction));
    /* rho'^2 = growth^2 rho^2 - 2 u^4 rho^4 */
    double rho = 1e-5, v = growth * rho * sqrt(1 - 2 * pow(u, 4) * rho * rho / (growth * growth)), y = 0, x = 0, sum = 0;
    y = -4 * pow(u * rho, 3) / (4 * growth); /* F grows as e^{3 growth t} */
    x = -4 * pow(u * rho, 3) / (3 * growth + a);
    double force = -4 * pow(u * rho, 3), decay_y = exp(-growth * step), decay_x = exp(-a * step);
    for (bool back = false; !back || rho > 1e-5;) {
        double acceleration = growth * growth * rho - u * 4 * pow(u * rho, 3);
        v += step / 2 * acceleration;
        rho += step * v;
        v += step / 2 * (growth * growth * rho - u * 4 * pow(u * rho, 3));
        if (v < 0) back = true;
        double next = -4 * pow(u * rho, 3), before = force * (a * x - growth * y);
        y = decay_y * y + step / 2 * (decay_y * force + next);
        x = decay_x * x + step / 2 * (decay_x * force + next);
        sum += step / 2 * (before + next * (a * x - growth * y));
        force = next;
    }
    return sum / (2 * growth + friction);
}

static void normal_mode_loss_equals_plain_integration(void **state) {
    (void)state;
    const double frictions[] = {0.3, 1, 3, 10};
    for (size_t i = 0; i < 4; i++) {
        problem_case c;
        kr_underdamped_wells w = wells_of(&c, (part){"double_well", ""}, 0.2, frictions[i], -1, 1);
        double accuracy, loss = kr_normal_mode_loss(&w, 0, -1, &accuracy);
        double coarse = plain_loss(frictions[i], 2e-4), fine = plain_loss(frictions[i], 1e-4);
        assert_close(loss, (4 * fine - coarse) / 3, 1e-6, 0);
        assert_close(kr_normal_mode_loss(&w, 0, 1, &accuracy), loss, 1e-10, 0);
        assert_true(accuracy < 1e-9);
        case_free(&c);
    }
}

/* gamma times the action, which here is that of the orbit in each well. */
static void normal_mode_loss_at_weak_friction(void **state) {
    (void)state;
    static const struct {
        part landscape;
        double start, end;
    } wells[] = {{{"double_well", ""}, -1, 1}, {{"double_well", "tilt=0.25"}, -1, 0.9}, {{"sharp_flat", ""}, -1, 1}};
    const double friction = 1e-6;
    for (size_t i = 0; i < 3; i++) {
        problem_case c;
        kr_underdamped_wells w = wells_of(&c, wells[i].landscape, 0.2, friction, wells[i].start, wells[i].end);
        for (int side = -1; side <= 1; side += 2) {
            double accuracy;
            assert_close(kr_normal_mode_loss(&w, 0, side, &accuracy), friction * kr_barrier_action(&w, 0, side), 1e-5, 0);
        }
        case_free(&c);
    }
}

/* What is known of them at barriers of 5 T: the ratios to the exact gap. */
static void turnover_theories_are_as_good_as_they_say(void **state) {
    (void)state;
    for (size_t i = 0; i < REFERENCES; i++) {
        double g = reference[i].friction, mm = double_well("melnikov_meshkov", "", 0.2, g).spectral_gap / reference[i].gap;
        double pgh = double_well("pollak_grabert_hanggi", "", 0.2, g).spectral_gap / reference[i].gap;
        if (g >= 0.3) {
            assert_in_range((int)(1000 * mm), 1000, 1102);
            assert_in_range((int)(1000 * pgh), 960, 1040);
        } else {
            assert_in_range((int)(1000 * mm), 1120, 1315);
        }
    }
    /* 5 to 15 % low at 3 T */
    const double frictions[] = {0.3, 1, 10};
    for (size_t i = 0; i < 3; i++) {
        double ratio = double_well("pollak_grabert_hanggi", "", 1.0 / 3, frictions[i]).spectral_gap /
                       double_well("klein_kramers", "", 1.0 / 3, frictions[i]).spectral_gap;
        assert_in_range((int)(1000 * ratio), 845, 950);
    }
}

/* The maximum of the rate over friction lies where energy diffusion gives way to spatial diffusion. */
static void the_turnover_has_its_maximum(void **state) {
    (void)state;
    double best = 0, at = 0;
    for (double g = 0.4; g < 1.4; g *= 1.05) {
        double gap = double_well("klein_kramers", "", 0.2, g).spectral_gap;
        if (gap > best) {
            best = gap;
            at = g;
        }
    }
    assert_true(at > 0.6 && at < 1);
    assert_true(best > 4.43362828e-3 && best < 4.7e-3);
}

static void passages_are_predicted_at_strong_friction_only(void **state) {
    (void)state;
    const char *theories[] = {"kramers_friction", "melnikov_meshkov", "pollak_grabert_hanggi", "klein_kramers"};
    for (size_t i = 0; i < 4; i++) {
        kr_prediction low = double_well(theories[i], "", 0.2, 0.3), high = double_well(theories[i], "", 0.2, 1);
        assert_true(low.applies && low.rate > 0 && isnan(low.mfpt_time) && isnan(low.mfpt_steps));
        assert_close(high.mfpt_time, 1 / high.rate, 1e-12, 0);
        assert_close(high.mfpt_steps, high.mfpt_time / 0.05, 1e-12, 0); /* h = sqrt(0.0025) */
        /* the top is not the other well */
        kr_prediction top = predict(theories[i], (part){"double_well", ""}, langevin(0.2, 1), -1, -INFINITY, 0);
        assert_true(top.applies && isnan(top.mfpt_time));
        assert_close(top.rate, high.rate, 1e-12, 0);
    }
}

/* T = eta sigma^2 / (2 B (1 - mu)), gamma = (1 - mu) / sqrt(eta); a unit of its time, the sum of eta, is 1 / sqrt(eta) of
 * Langevin's. */
static void heavy_ball_is_read_as_langevin(void **state) {
    (void)state;
    const double eta = 0.01, mu = 0.9, sigma = 2.5;
    const char *theories[] = {"transition_state", "melnikov_meshkov", "klein_kramers"};
    for (size_t i = 0; i < 3; i++) {
        problem_case c;
        case_make(&c, (part){"double_well", ""}, (part){"momentum", "momentum=0.9"}, (part){"isotropic", "sigma=2.5"}, eta, -1);
        case_target(&c, -INFINITY, 1);
        kr_prediction ball = case_predict(&c, theories[i]);
        case_free(&c);
        double temperature = eta * sigma * sigma / (2 * (1 - mu)), friction = (1 - mu) / sqrt(eta);
        assert_close(ball.temperature, temperature, 1e-12, 0);
        assert_close(ball.rate, double_well(theories[i], "", temperature, friction).rate / sqrt(eta), 1e-9, 0);
        assert_close(extra(&ball, "friction"), friction, 1e-12, 0);
        assert_true(strlen(ball.note) > 0);
    }
    problem_case c;
    case_make(&c, (part){"double_well", ""}, (part){"momentum", "nesterov=true"}, (part){"isotropic", ""}, eta, -1);
    case_target(&c, -INFINITY, 1);
    assert_false(case_predict(&c, "klein_kramers").applies);
    case_free(&c);
}

/* The exact chain of the heavy ball, computed elsewhere: 628.7124 steps from well to well. */
static void heavy_ball_takes_as_many_steps(void **state) {
    (void)state;
    problem_case c;
    char noise[64];
    snprintf(noise, sizeof noise, "sigma=%.17g", sqrt(2 * 0.1 / (0.01 * 3))); /* T = 1/3 */
    case_make(&c, (part){"double_well", ""}, (part){"momentum", "momentum=0.9"}, (part){"isotropic", noise}, 0.01, -1);
    case_target(&c, -INFINITY, 1);
    kr_prediction p = case_predict(&c, "klein_kramers");
    case_free(&c);
    assert_close(p.temperature, 1.0 / 3, 1e-12, 0);
    assert_close(p.mfpt_steps, 628.7124, 0.07, 0);
}

/* Gradient noise heats: gamma T' = h s^2 / 2. */
static void gradient_noise_adds_to_the_temperature(void **state) {
    (void)state;
    problem_case c;
    case_make(&c, (part){"double_well", ""}, langevin(0.1, 0.5), (part){"isotropic", "sigma=2 batch_size=2"}, 0.0025, -1);
    case_target(&c, -INFINITY, 1);
    kr_prediction p = case_predict(&c, "melnikov_meshkov");
    case_free(&c);
    assert_close(p.temperature, 0.1 + 0.05 * 2 / (2 * 0.5), 1e-12, 0);
    assert_close(p.rate, double_well("melnikov_meshkov", "", p.temperature, 0.5).rate, 1e-12, 0);
}

/* One coordinate of several counts, the others do not. */
static void a_separable_landscape_is_one_dimensional(void **state) {
    (void)state;
    assert_close(gap_of("double_well", "dim=3 stiffness=2", 0.2, 1, -1, 1), 4.43362828e-3, 2e-9, 0);
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        const char *theory;
        part landscape, dynamics;
        double start, end;
    } cases[] = {{"transition_state", {"double_well", ""}, {"sgld", "temperature=0.2"}, -1, 1},
                 {"transition_state", {"harmonic", ""}, {"langevin", ""}, 0, 3},
                 {"kramers_friction", {"double_well", ""}, {"langevin", "friction=0"}, -1, 1},
                 {"klein_kramers", {"double_well", ""}, {"langevin", "temperature=0"}, -1, 1},
                 {"klein_kramers", {"double_well", ""}, {"langevin", "temperature=2"}, -1, 1},
                 {"klein_kramers", {"double_well", ""}, {"langevin", "friction=1e-5"}, -1, 1},
                 {"klein_kramers", {"washboard", ""}, {"langevin", ""}, 0, 1},
                 {"melnikov_meshkov", {"washboard", ""}, {"langevin", ""}, 0, 1},
                 {"pollak_grabert_hanggi", {"muller_brown", ""}, {"langevin", "temperature=15"}, 0.6, 2},
                 {"energy_diffusion", {"double_well", ""}, {"hamiltonian", ""}, -1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kr_prediction p = predict(cases[i].theory, cases[i].landscape, cases[i].dynamics, cases[i].start, -INFINITY, cases[i].end);
        if (p.applies) fail_msg("%s applies to case %zu", cases[i].theory, i);
        assert_true(isnan(p.rate) && isnan(p.spectral_gap) && isnan(p.mfpt_time));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(klein_kramers_equals_reference_values),
        cmocka_unit_test(klein_kramers_converges_at_very_low_friction),
        cmocka_unit_test(klein_kramers_goes_to_the_overdamped_gap),
        cmocka_unit_test(klein_kramers_needs_no_symmetry),
        cmocka_unit_test(rates_scale_with_the_barrier),
        cmocka_unit_test(klein_kramers_rates_are_in_detailed_balance),
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(transition_state_with_the_exact_partition_function),
        cmocka_unit_test(losses_are_in_units_of_the_temperature),
        cmocka_unit_test(depopulation_has_its_limits),
        cmocka_unit_test(normal_mode_loss_equals_plain_integration),
        cmocka_unit_test(normal_mode_loss_at_weak_friction),
        cmocka_unit_test(turnover_theories_are_as_good_as_they_say),
        cmocka_unit_test(the_turnover_has_its_maximum),
        cmocka_unit_test(passages_are_predicted_at_strong_friction_only),
        cmocka_unit_test(heavy_ball_is_read_as_langevin),
        cmocka_unit_test(heavy_ball_takes_as_many_steps),
        cmocka_unit_test(gradient_noise_adds_to_the_temperature),
        cmocka_unit_test(a_separable_landscape_is_one_dimensional),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
