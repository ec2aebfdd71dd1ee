/* Theories about what an optimizer adds to Kramers: finite learning rates, the temperature of gradient noise, noise that depends on
 * the position, linear stability, and the literature estimate for noise that follows the curvature. */
#include "case.h"
#include "landscape_fixture.h"

#include <kramers/stability.h>

#include <kramers/critical_points.h>

#include <gsl/gsl_integration.h>

#include <math.h>
#include <stdlib.h>

#define NONE ((part){"none", ""})
#define SGD ((part){"sgd", ""})

static const part well = {"double_well", ""};

static kr_prediction predict(const char *theory, part landscape, part dynamics, part noise, double eta, double start, double below,
                             double above) {
    problem_case c;
    case_make(&c, landscape, dynamics, noise, eta, start);
    if (isfinite(below) || isfinite(above)) case_target(&c, below, above);
    kr_prediction prediction = case_predict(&c, theory);
    case_free(&c);
    return prediction;
}

/* Without a target. */
static kr_prediction at_rest(const char *theory, part landscape, part dynamics, part noise, double eta, double start) {
    return predict(theory, landscape, dynamics, noise, eta, start, -INFINITY, INFINITY);
}

static double extra(const kr_prediction *p, const char *name) {
    for (size_t i = 0; i < p->extra_count; i++)
        if (!strcmp(p->extra[i].name, name)) return p->extra[i].value;
    return NAN;
}

static void assert_refused(const kr_prediction *p, const char *reason) {
    if (p->applies || !strstr(p->why, reason)) fail_msg("'%s' lacks '%s'", p->why, reason);
    assert_true(isnan(p->mfpt_steps) && isnan(p->mfpt_time) && isnan(p->rate) && isnan(p->temperature));
}

static part sgld(double temperature) {
    static char text[8][64];
    static int next;
    char *values = text[next++ % 8];
    snprintf(values, sizeof text[0], "temperature=%.17g", temperature);
    return (part){"sgld", values};
}

/* ---- finite_rate ---- */

static void finite_rate_is_the_formula(void **state) {
    (void)state;
    double kramers = predict("kramers", well, sgld(0.05), NONE, 0.0125, -1, -INFINITY, 1).rate;
    kr_prediction p = predict("finite_rate", well, sgld(0.05), NONE, 0.0125, -1, -INFINITY, 1);
    assert_close(p.rate, kramers * (1 + 0.0125 / 4 * (8 - 4)), 1e-12, 0);
    assert_close(extra(&p, "correction"), 1.0125, 1e-12, 0);
    assert_close(p.mfpt_steps, 1 / p.rate / 0.0125, 1e-12, 0);
    part sharp_flat = {"sharp_flat", "barrier=2"};
    p = predict("finite_rate", sharp_flat, sgld(0.2), NONE, 0.002, -1, -INFINITY, 1);
    assert_close(extra(&p, "correction"), 1 + 0.002 / 4 * 2 * (17.86079513 - 5.335105539), 1e-9, 0);
    p = predict("finite_rate", sharp_flat, sgld(0.2), NONE, 0.002, 1, -1, INFINITY);
    assert_close(extra(&p, "correction"), 1 + 0.002 / 4 * 2 * (1.373907318 - 5.335105539), 1e-9, 0);
    /* 2 pi^2 h is the curvature of minimum and top: no correction, on either side. */
    p = predict("finite_rate", (part){"washboard", ""}, sgld(0.1), NONE, 0.002, 0, -1, 1);
    assert_close(extra(&p, "correction"), 1, 1e-9, 0);
}

/* next_order is exp(eta^2 / (6T) int V' V''^2), for the double well eta^2 4 / (3 T). */
static void finite_rate_and_its_next_order_lead_to_the_exact_ratio(void **state) {
    (void)state;
    static const double rates[] = {0.005, 0.0125, 0.025};
    for (size_t i = 0; i < 3; i++) {
        double eta = rates[i], miss[2];
        for (size_t cold = 0; cold < 2; cold++) {
            double temperature = cold ? 1.0 / 160 : 1.0 / 40;
            kr_prediction p = predict("finite_rate", well, sgld(temperature), NONE, eta, -1, -INFINITY, 1);
            assert_close(extra(&p, "next_order"), expm1(eta * eta * 4 / (3 * temperature)), 1e-10, 0);
            double exact = predict("quadrature", well, sgld(temperature), NONE, eta, -1, -INFINITY, 1).mfpt_time /
                           predict("chain", well, sgld(temperature), NONE, eta, -1, -INFINITY, 1).mfpt_time;
            miss[cold] = (exact / extra(&p, "correction") - 1) / extra(&p, "next_order") - 1;
        }
        assert_true(fabs(miss[0]) < 0.25); /* the rest is of higher order in T and eta */
        assert_true(fabs(miss[1]) < 0.1);
    }
}

static void finite_rate_refuses_what_it_cannot_correct(void **state) {
    (void)state;
    kr_prediction p = predict("finite_rate", well, sgld(0.2), NONE, 0.0125, -1, -INFINITY, 0);
    assert_refused(&p, "at the top");
    p = predict("finite_rate", well, sgld(0.2), NONE, 0.0625, -1, -INFINITY, 1);
    assert_refused(&p, "too large to trust");
    p = predict("finite_rate", well, sgld(0.005), NONE, 0.05, -1, -INFINITY, 1);
    assert_refused(&p, "too large to trust");
    p = predict("finite_rate", well, SGD, (part){"curvature", "epsilon=1"}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "depends on the position");
    p = predict("finite_rate", well, sgld(0.05), NONE, 0.025, -1, -INFINITY, 1);
    assert_true(p.applies && p.note[0] == 0);
    p = predict("finite_rate", well, sgld(0.05), NONE, 0.04, -1, -INFINITY, 1);
    assert_true(p.applies && strstr(p.note, "next order"));
}

/* ---- effective_temperature, linear_stability ---- */

static void effective_temperature_is_that_of_the_noise(void **state) {
    (void)state;
    part noise = {"isotropic", "sigma=5 batch_size=2.5"};
    assert_close(at_rest("effective_temperature", well, SGD, noise, 0.06, -1).temperature, 0.06 * 25 / 5, 1e-14, 0);
    assert_close(at_rest("effective_temperature", well, sgld(0.2), noise, 0.06, -1).temperature, 0.2 + 0.3, 1e-14, 0);
    assert_close(at_rest("effective_temperature", well, sgld(0.2), NONE, 0.06, -1).temperature, 0.2, 1e-14, 0);
    kr_prediction p = at_rest("effective_temperature", well, (part){"momentum", "momentum=0.8"}, noise, 0.01, -1);
    assert_close(p.temperature, 0.01 * 10 / (2 * 0.2), 1e-14, 0);
    assert_close(extra(&p, "kinetic_temperature"), 2 * p.temperature / 1.8, 1e-14, 0);
    p = at_rest("effective_temperature", well, (part){"momentum", "momentum=0.8 dampening=0.5"}, noise, 0.01, -1);
    assert_close(p.temperature, 0.01 * 0.5 * 10 / (2 * 0.2), 1e-14, 0);
    assert_close(extra(&p, "kinetic_temperature"), 0.01 * 0.25 * 10 / (1 - 0.64), 1e-13, 0); /* eta (1-tau)^2 s^2 / (1-mu^2) */
    assert_true(isnan(extra(&p, "temperature_lowest")) && p.note[0] == 0);
    p = at_rest("effective_temperature", well, (part){"hamiltonian", ""}, noise, 0.01, -1);
    assert_refused(&p, "no stationary temperature");
}

static void effective_temperature_of_local_noise_is_that_at_the_minimum(void **state) {
    (void)state;
    part noise = {"curvature", "strength=3 epsilon=1 batch_size=2"};
    kr_prediction p = at_rest("effective_temperature", well, SGD, noise, 0.02, -0.6);
    assert_close(p.temperature, 0.02 * 3 * 9 / 4, 1e-9, 0);
    assert_non_null(strstr(p.note, "minimum of the start"));
    /* Weight decay moves the minimum to x^2 = 1 - lambda/4 but is not seen by the noise: V'' = 12 x^2 - 4. */
    p = at_rest("effective_temperature", well, (part){"sgd", "weight_decay=0.4"}, noise, 0.02, -0.9);
    assert_close(p.temperature, 0.02 * 3 * (12 * 0.9 - 4 + 1) / 4, 1e-9, 0);
    p = at_rest("effective_temperature", (part){"double_well", "dim=3 stiffness=2"}, SGD, noise, 0.02, -1);
    assert_close(p.temperature, 0.02 * 3 * (9 + 3 + 3) / 3 / 4, 1e-9, 0);
    assert_close(extra(&p, "temperature_lowest"), 0.02 * 3 * 3 / 4, 1e-9, 0);
    assert_close(extra(&p, "temperature_highest"), 0.02 * 3 * 9 / 4, 1e-9, 0);
    p = at_rest("effective_temperature", well, SGD, (part){"loss", "strength=2 epsilon=0.5"}, 0.02, -1);
    assert_close(p.temperature, 0.02 * 2 * 0.5 / 2, 1e-9, 0);
}

/* The whole Hessian's noise has a temperature along each eigenvector. */
static void effective_temperature_of_full_noise_is_along_eigenvectors(void **state) {
    (void)state;
    problem_case c;
    case_make(&c, (part){"muller_brown", ""}, SGD, (part){"curvature", "strength=3 full=true"}, 1e-4, 0);
    c.start[0] = -0.5;
    c.start[1] = 1.4;
    kr_prediction p = case_predict(&c, "effective_temperature");
    const double x[2] = {-0.558223634633, 1.441725841805};
    double h[4];
    kr_landscape_hessian(&c.landscape, 1, x, h);
    double mean = (h[0] + h[3]) / 2, difference = hypot((h[0] - h[3]) / 2, h[1]);
    assert_close(p.temperature, 1e-4 * 3 * mean / 2, 1e-7, 0);
    assert_close(extra(&p, "temperature_lowest"), 1e-4 * 3 * (mean - difference) / 2, 1e-6, 0);
    assert_close(extra(&p, "temperature_highest"), 1e-4 * 3 * (mean + difference) / 2, 1e-6, 0);
    case_free(&c);
}

static void linear_stability_is_flagged(void **state) {
    (void)state;
    kr_prediction p = at_rest("linear_stability", well, sgld(0.2), NONE, 0.24, -1);
    assert_close(extra(&p, "lr_times_curvature"), 1.92, 1e-12, 0);
    assert_true(extra(&p, "stability_limit") == 2 && p.note[0] == 0);
    p = at_rest("linear_stability", well, sgld(0.2), NONE, 0.26, -1);
    assert_non_null(strstr(p.note, "beyond stability"));
    p = at_rest("linear_stability", well, (part){"momentum", ""}, NONE, 0.26, -1);
    assert_true(p.note[0] == 0 && fabs(extra(&p, "stability_limit") - 3.8) < 1e-12);
    p = at_rest("linear_stability", (part){"sharp_flat", ""}, SGD, NONE, 0.12, -1); /* sharp: 17.86; flat: 1.37 */
    assert_non_null(strstr(p.note, "beyond stability"));
    p = at_rest("linear_stability", (part){"sharp_flat", ""}, SGD, NONE, 0.12, 1);
    assert_true(p.applies && p.note[0] == 0);
    p = at_rest("linear_stability", well, SGD, NONE, 0.1, 0);
    assert_refused(&p, "not positive");
}

/* At maxima and saddles too the largest eigenvalue counts with its sign, not by its size. */
static void the_largest_curvature_has_a_sign(void **state) {
    (void)state;
    static const char *const landscapes[] = {"himmelblau", "muller_brown"};
    size_t saddles = 0;
    for (size_t k = 0; k < sizeof landscapes / sizeof *landscapes; k++) {
        fixture f = fixture_open(landscapes[k], 0, "");
        kr_critical_points points;
        kr_error error;
        if (kr_critical_points_find(&f.landscape, 0, &points, &error) != KR_OK) fail_msg("%s", error.message);
        for (size_t i = 0; i < points.count; i++) {
            double largest = points.point[i].eigenvalues[1];
            assert_close(kr_largest_curvature(&f.landscape, points.point[i].position), largest, 1e-12, 0);
            saddles += points.point[i].eigenvalues[0] < -fabs(largest);
        }
        kr_critical_points_destroy(&points);
        fixture_close(&f);
    }
    assert_true(saddles > 0);
}

/* ---- xie ---- */

static void xie_is_the_formula_and_implies_an_s(void **state) {
    (void)state;
    double eta = 0.03, strength = 4, batch = 2, sharp = 17.86079513, top = 5.335105539, two_pi = 8 * atan(1.0);
    part landscape = {"sharp_flat", ""}, noise = {"curvature", "strength=4 batch_size=2"};
    kr_prediction p = predict("xie", landscape, SGD, noise, eta, -1, -INFINITY, 1);
    double climb = 2 * batch / (strength * eta);
    assert_close(p.mfpt_time, two_pi / top * exp(climb * (0.5 / sharp + 0.5 / top)), 1e-8, 0);
    assert_close(p.mfpt_steps, p.mfpt_time / eta, 1e-12, 0);
    assert_true(extra(&p, "s") == 0.5);
    double exact = predict("chain", landscape, SGD, noise, eta, -1, -INFINITY, 1).mfpt_time, s = extra(&p, "s_implied");
    assert_close(two_pi / top * exp(climb * (s / sharp + (1 - s) / top)), exact, 1e-7, 0);
    /* Without a floor the quiet gap costs more than any s between 0 and 1 grants. */
    p = predict("xie", landscape, SGD, (part){"curvature", "strength=4"}, 0.01, -1, -INFINITY, 1);
    assert_true(extra(&p, "s_implied") < 0 && strstr(p.note, "does not lie between"));
    p = predict("xie", landscape, SGD, (part){"curvature", "strength=4 epsilon=1"}, 0.01, -1, -INFINITY, 1);
    assert_non_null(strstr(p.note, "floor epsilon"));
}

static void xie_refuses_other_noise(void **state) {
    (void)state;
    part curvature = {"curvature", "strength=4"};
    kr_prediction p = predict("xie", well, SGD, (part){"isotropic", ""}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "follows the curvature");
    p = predict("xie", well, sgld(0.1), curvature, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "follows the curvature");
    p = predict("xie", well, SGD, (part){"curvature", "strength=0"}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "noise is 0");
    p = predict("xie", well, SGD, curvature, 0.01, -1, -INFINITY, 0);
    assert_refused(&p, "is at the top");
    p = predict("xie", well, SGD, curvature, 0.01, -1, -INFINITY, 0.3);
    assert_refused(&p, "beyond the top at 0, but where V'' is still negative");
    p = predict("xie", (part){"washboard", ""}, SGD, curvature, 0.002, 0, -1, 1);
    assert_refused(&p, "one barrier");
    p = predict("xie", well, SGD, (part){"curvature", "strength=0.001"}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "beyond the range");
}

/* ---- ito ---- */

static void ito_equals_quadrature_where_noise_is_additive(void **state) {
    (void)state;
    static const struct {
        part landscape;
        double temperature, start, below, above;
    } cases[] = {
        {{"double_well", ""}, 1.0 / 3, -1, -INFINITY, 0},
        {{"double_well", ""}, 0.2, -1, -INFINITY, 1},
        {{"double_well", ""}, 0.05, 1, -1, INFINITY},
        {{"double_well", "tilt=0.25"}, 0.1, -1, -1.6, 0.9},
        {{"sharp_flat", ""}, 0.2, -1, -INFINITY, 1},
        {{"sharp_flat", ""}, 0.2, 1, -1, INFINITY},
        {{"washboard", ""}, 1.0 / 3, 0, -1, 1},
        {{"washboard", "force=0.5"}, 0.25, 0, -INFINITY, 1},
        {{"harmonic", ""}, 1, 0, -INFINITY, 5},
        {{"harmonic", "stiffness=1e-4"}, 1, 0.5, -INFINITY, 0.6},
        {{"double_well", "barrier=30"}, 0.1, -1, -INFINITY, 1},
        {{"styblinski_tang", "dim=3"}, 8, -2.9, -INFINITY, 2.7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kr_prediction p[2];
        for (int k = 0; k < 2; k++)
            p[k] = predict(k ? "ito" : "quadrature", cases[i].landscape, sgld(cases[i].temperature), NONE, 0.01, cases[i].start,
                           cases[i].below, cases[i].above);
        assert_true(p[0].applies && p[1].applies);
        assert_true(p[1].accuracy <= 1e-10);
        assert_close(p[1].mfpt_time, p[0].mfpt_time, 2e-10, 0);
        assert_close(p[1].variation, p[0].variation, 1e-8, 0);
    }
}

/* D = T + c W, W = V - floor + epsilon, gives Phi = log(D) / c in closed form; nested adaptive quadrature of that. */
typedef struct closed_form {
    double tilt, temperature, c, offset, low, y;
} closed_form;

static double diffusion(double x, const closed_form *f) {
    return f->temperature + f->c * ((x * x - 1) * (x * x - 1) + f->tilt * x + f->offset);
}

static double inner(double z, void *context) {
    const closed_form *f = context;
    return exp((log(diffusion(f->y, f)) - log(diffusion(z, f))) / f->c) / diffusion(z, f);
}

static double outer(double y, void *context) {
    closed_form *f = context;
    double below, middle, error;
    f->y = y;
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(1000);
    gsl_function function = {.function = inner, .params = f};
    gsl_integration_qagil(&function, -2.5, 0, 1e-11, 1000, workspace, &below, &error);
    gsl_integration_qag(&function, -2.5, y, 0, 1e-12, 1000, GSL_INTEG_GAUSS61, workspace, &middle, &error);
    gsl_integration_workspace_free(workspace);
    return below + middle;
}

static void ito_equals_the_closed_form_for_loss_noise(void **state) {
    (void)state;
    static const double table[][5] = {/* tilt, T, strength, floor, epsilon; eta 0.0125 */
                                      {0, 0, 40, 0, 0.5},  {0, 0, 15, -0.1, 0},     {0.25, 0, 40, -0.5, 0.1}, {0, 0.1, 40, 0, 0},
                                      {0, 0, 40, 0, 0.01}, {0, 0.02, 10, 0.5, 0.5}, {0, 0, 400, 0, 0.1},      {0, 0, 2, -0.5, 0}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const double *t = table[i];
        double eta = 0.0125, result, error;
        char landscape[64], dynamics[64], noise[128];
        snprintf(landscape, sizeof landscape, "tilt=%g", t[0]);
        snprintf(dynamics, sizeof dynamics, "temperature=%g", t[1]);
        snprintf(noise, sizeof noise, "strength=%g floor=%g epsilon=%g", t[2], t[3], t[4]);
        kr_prediction p = predict("ito", (part){"double_well", landscape}, (part){"sgld", dynamics}, (part){"loss", noise}, eta, -1,
                                  -INFINITY, 1);
        closed_form f = {.tilt = t[0], .temperature = t[1], .c = eta * t[2] / 2, .offset = t[4] - t[3]};
        gsl_function function = {.function = outer, .params = &f};
        gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(1000);
        gsl_integration_qag(&function, -1, 1, 0, 1e-11, 1000, GSL_INTEG_GAUSS61, workspace, &result, &error);
        gsl_integration_workspace_free(workspace);
        if (!p.applies) fail_msg("row %zu: %s", i, p.why);
        assert_true(p.accuracy <= 1e-10);
        assert_close(p.mfpt_time, result, 1e-9, 0);
    }
}

/* The power law: escape depends on the barrier through log(loss at the top / loss at the minimum) / c (Mori et al. 2022). */
static void ito_is_a_power_law_for_loss_noise(void **state) {
    (void)state;
    double c = 0.1, log_time[2];
    for (int i = 0; i < 2; i++) {
        char noise[64];
        snprintf(noise, sizeof noise, "strength=%.17g epsilon=%g", 2 * c / 0.01, i ? 1e-4 : 1e-3);
        log_time[i] = log(predict("ito", well, SGD, (part){"loss", noise}, 0.01, -1, -INFINITY, 1).mfpt_time);
    }
    /* (1 / epsilon)^(1/c) less one half power for the width of the well, in which 1/D weighs epsilon^(-1/c - 1) epsilon^(1/2) */
    assert_close((log_time[1] - log_time[0]) / log(10), 1 / c + 0.5, 2e-3, 0);
}

/* Computed elsewhere, on a fine composite rule: T_a = 1, epsilon = 1. */
static void ito_equals_a_reference_value_for_curvature_noise(void **state) {
    (void)state;
    kr_prediction p =
        predict("ito", well, SGD, (part){"curvature", "strength=22.222222222222222222 epsilon=1"}, 0.01, -1, -INFINITY, 1);
    assert_close(p.mfpt_time, 26.8016298048, 1e-10, 0);
}

/* At fixed D the discrete walk comes to the integral as a series in sqrt(eta) (the target is tested at steps). Extrapolated three
 * times, over eta, eta/4, eta/16 and eta/64, what is left is of the order eta^2: a quarter of eta later a 16th of it. */
static double extrapolate(const double *miss) {
    return (64 * miss[3] - 56 * miss[2] + 14 * miss[1] - miss[0]) / 21;
}

static void chain_comes_to_ito_as_the_learning_rate_falls(void **state) {
    (void)state;
    static const struct {
        part landscape;
        double eta, scale, epsilon, start, below, above; /* D = scale (|V''| + epsilon) */
    } cases[] = {{{"double_well", ""}, 0.0016, 1.0 / 9, 1, -1, -INFINITY, 1},
                 {{"double_well", "tilt=0.2"}, 0.0016, 0.05, 3, 1, -1, INFINITY},
                 {{"sharp_flat", ""}, 0.0007, 0.05, 2, -1, -INFINITY, 1},
                 {{"washboard", ""}, 0.0006, 0.02, 2, 0, -1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double miss[5], numerical = 0;
        for (int k = 0; k < 5; k++) {
            double eta = cases[i].eta / (1 << (2 * k));
            char noise[128];
            snprintf(noise, sizeof noise, "strength=%.17g epsilon=%g", 2 * cases[i].scale / eta, cases[i].epsilon);
            kr_prediction p[2];
            for (int chain = 0; chain < 2; chain++)
                p[chain] = predict(chain ? "chain" : "ito", cases[i].landscape, SGD, (part){"curvature", noise}, eta,
                                   cases[i].start, cases[i].below, cases[i].above);
            if (!p[0].applies || !p[1].applies) fail_msg("case %zu: %s %s", i, p[0].why, p[1].why);
            miss[k] = p[1].mfpt_time / p[0].mfpt_time - 1;
            numerical = fmax(numerical, p[0].accuracy + p[1].accuracy);
        }
        double early = extrapolate(miss), late = extrapolate(miss + 1);
        print_message("%s: off by %.3g and at last %.3g; extrapolated %.3g, then %.3g, then %.3g\n", cases[i].landscape.name,
                      miss[0], miss[4], early, late, (16 * late - early) / 15);
        /* A wrong limit would stay in all three; each is to lose its leading order, to a factor of two. */
        assert_true(fabs(late) <= fabs(early) / 8 + 10 * numerical);
        assert_true(fabs(16 * late - early) / 15 <= fabs(late) / 2 + 10 * numerical);
    }
}

static void ito_refuses_where_noise_vanishes(void **state) {
    (void)state;
    kr_prediction p = predict("ito", well, SGD, (part){"curvature", "strength=20"}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "vanishes, or nearly so, at -0.57735");
    p = predict("ito", (part){"sharp_flat", ""}, SGD, (part){"curvature", "strength=20"}, 0.01, 1, -1, INFINITY);
    assert_refused(&p, "vanishes");
    p = predict("ito", well, SGD, (part){"loss", "strength=20"}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "no noise at the start");
    p = predict("ito", well, SGD, (part){"loss", "strength=20"}, 0.01, -0.5, -INFINITY, 1);
    assert_refused(&p, "vanishes, or nearly so, at -1");
    p = predict("ito", well, SGD, (part){"loss", "strength=20 floor=0.5"}, 0.01, -0.1, -INFINITY, 0.9);
    assert_refused(&p, "vanishes");
    p = predict("ito", (part){"washboard", ""}, SGD, (part){"curvature", "epsilon=1"}, 0.05, 0, -INFINITY, 1);
    assert_refused(&p, "does not rise");
    p = predict("ito", well, SGD, (part){"curvature", "strength=0.05 epsilon=1"}, 0.01, -1, -INFINITY, 1);
    assert_refused(&p, "beyond the range");
    p = predict("ito", (part){"muller_brown", ""}, SGD, (part){"isotropic", ""}, 1e-4, 0, -INFINITY, 1);
    assert_refused(&p, "one-dimensional");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finite_rate_is_the_formula),
        cmocka_unit_test(finite_rate_and_its_next_order_lead_to_the_exact_ratio),
        cmocka_unit_test(finite_rate_refuses_what_it_cannot_correct),
        cmocka_unit_test(effective_temperature_is_that_of_the_noise),
        cmocka_unit_test(effective_temperature_of_local_noise_is_that_at_the_minimum),
        cmocka_unit_test(effective_temperature_of_full_noise_is_along_eigenvectors),
        cmocka_unit_test(linear_stability_is_flagged),
        cmocka_unit_test(the_largest_curvature_has_a_sign),
        cmocka_unit_test(xie_is_the_formula_and_implies_an_s),
        cmocka_unit_test(xie_refuses_other_noise),
        cmocka_unit_test(ito_equals_quadrature_where_noise_is_additive),
        cmocka_unit_test(ito_equals_the_closed_form_for_loss_noise),
        cmocka_unit_test(ito_is_a_power_law_for_loss_noise),
        cmocka_unit_test(ito_equals_a_reference_value_for_curvature_noise),
        cmocka_unit_test(chain_comes_to_ito_as_the_learning_rate_falls),
        cmocka_unit_test(ito_refuses_where_noise_vanishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
