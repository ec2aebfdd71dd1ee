/* Stationary second moments on harmonic wells against closed forms that are exact in discrete time, at small and large steps.
 *
 * The stationary state is Gaussian, so the mean of q^2 over n independent samples has the relative standard error sqrt(2/n).
 * Samples are particles times instants, GAP steps apart, at which the slowest mode's correlation is below 0.03, that of squares
 * below 0.001: independent for this purpose. Each moment must be within 4.5 standard errors; with about 150 moments a random seed
 * would fail with probability 0.001, and the seeds are fixed. A release build sees a deviation of 2 % as 10 standard errors. */
#include "rig.h"

#include <gsl/gsl_cdf.h>

/* Without NDEBUG the sanitizers are on, and a check of the same kind with larger errors has to do. */
#ifdef NDEBUG
enum { PARTICLES = 8192, INSTANTS = 61 };
#else
enum { PARTICLES = 1024, INSTANTS = 31 };
#endif
enum { BURN_IN = 400, GAP = 70, DIM = 3 };
static const double limit = 4.5;

static double standard_error(void) {
    return sqrt(2.0 / ((double)PARTICLES * INSTANTS));
}

typedef struct moments {
    double q2[DIM], p2[DIM];
} moments;

/* eta = 0.01 throughout. */
static const double eta = 0.01;

static moments measure(const char *stiffness, const char *dynamics, const char *parameters, const char *noise, uint64_t seed) {
    char landscape[200];
    snprintf(landscape, sizeof landscape, "dim=3 stiffness=%s", stiffness);
    rig r = {.landscape = "harmonic",
             .landscape_parameters = landscape,
             .dynamics = dynamics,
             .dynamics_parameters = parameters,
             .noise = noise ? "isotropic" : NULL,
             .noise_parameters = noise,
             .schedule_parameters = "lr=0.01",
             .particles = PARTICLES,
             .seed = seed,
             .steps = 1};
    rig_create(&r);
    kr_view view = rig_advance(&r, BURN_IN);
    double *velocity = malloc(view.stride * view.dim * sizeof *velocity);
    assert_non_null(velocity);
    moments m = {{0}, {0}};
    for (int t = 0; t < INSTANTS; t++) {
        view = rig_advance(&r, GAP);
        bool moves = kr_ensemble_velocity(&view, velocity);
        for (size_t i = 0; i < DIM; i++) {
            double q2 = 0, p2 = 0;
            for (size_t p = 0; p < PARTICLES; p++) {
                double q = view.position[i * view.stride + p], v = moves ? velocity[i * view.stride + p] : NAN;
                q2 += q * q;
                p2 += v * v;
            }
            m.q2[i] += q2 / PARTICLES / INSTANTS;
            m.p2[i] += p2 / PARTICLES / INSTANTS;
        }
    }
    assert_int_equal(view.diverged, 0);
    free(velocity);
    rig_destroy(&r);
    return m;
}

/* Theories. s2 is the variance of the gradient noise, e = eta k. */
typedef struct physics {
    double s2, temperature, mu, tau;
} physics;
typedef void theory(const physics *c, double k, double *q2, double *p2);

static void gradient_descent(const physics *c, double k, double *q2, double *p2) {
    *q2 = (2 * c->temperature + eta * c->s2) / (k * (2 - eta * k));
    *p2 = NAN;
}

static void heavy_ball(const physics *c, double k, double *q2, double *p2) {
    double rate = eta * (1 - c->tau), mu = c->mu, room = 2 * (1 + mu) - rate * k;
    *q2 = rate * c->s2 * (1 + mu) / (k * (1 - mu) * room);
    *p2 = 2 * rate * rate * c->s2 / ((1 - mu) * room) / eta; /* p = v / sqrt(eta) */
}

static void nesterov_sutskever(const physics *c, double k, double *q2, double *p2) {
    double e = eta * k, mu = c->mu;
    *q2 = eta * c->s2 * (1 + mu - e * mu) / (k * (1 - mu + e * mu) * (2 + 2 * mu - e - 2 * e * mu));
    *p2 = NAN;
}

static void nesterov_pytorch(const physics *c, double k, double *q2, double *p2) {
    double e = eta * k, mu = c->mu;
    *q2 = eta * c->s2 * (1 + mu + e * mu + 2 * e * mu * mu) / (k * (1 - mu + e * mu) * (2 + 2 * mu - e - 2 * e * mu));
    *p2 = NAN;
}

static void baoab(const physics *c, double k, double *q2, double *p2) {
    *q2 = c->temperature / k, *p2 = c->temperature * (1 - eta * k / 4);
}

static void aboba(const physics *c, double k, double *q2, double *p2) {
    *q2 = c->temperature / k, *p2 = c->temperature / (1 - eta * k / 4);
}

static void obabo(const physics *c, double k, double *q2, double *p2) {
    *q2 = c->temperature / k / (1 - eta * k / 4), *p2 = c->temperature;
}

static void oabao(const physics *c, double k, double *q2, double *p2) {
    *q2 = c->temperature / k * (1 - eta * k / 4), *p2 = c->temperature;
}

/* Heavy ball with mu = 1 - alpha; alpha stands in mu. */
static void sghmc(const physics *c, double k, double *q2, double *p2) {
    double alpha = c->mu, heated = c->temperature + eta * c->s2 / (2 * alpha), room = 4 - 2 * alpha - eta * k;
    *q2 = 2 * heated * (2 - alpha) / (k * room);
    *p2 = 4 * heated / room;
}

/* x = y + sqrt(eta T/2) xi, y' = (1 - eta k) x + sqrt(eta T/2) xi: T/k whatever eta. Gradient noise as with sgd. */
static void leimkuhler_matthews(const physics *c, double k, double *q2, double *p2) {
    *q2 = c->temperature / k + eta * c->s2 / (k * (2 - eta * k));
    *p2 = NAN;
}

static void boltzmann(const physics *c, double k, double *q2, double *p2) {
    *q2 = c->temperature / k, *p2 = NAN;
}

typedef struct stationary {
    const char *dynamics, *parameters, *noise;
    const char *stiffness; /* of the run */
    double stiff[DIM];     /* effective, with weight decay */
    theory *theory;
    physics physics;
} stationary;

#define E_05_5_15                                                                                                                  \
    "[5,50,150]", {                                                                                                                \
        5, 50, 150                                                                                                                 \
    } /* eta k = 0.05, 0.5, 1.5 */
#define E_05_15_3                                                                                                                  \
    "[5,150,300]", {                                                                                                               \
        5, 150, 300                                                                                                                \
    } /* and 3, where only momentum is stable */
#define E_05_5_12                                                                                                                  \
    "[5,50,120]", {                                                                                                                \
        5, 50, 120                                                                                                                 \
    }

static const stationary cases[] = {
    {"sgd", "", "sigma=3 batch_size=4", E_05_5_15, gradient_descent, {.s2 = 2.25}},
    {"sgd", "weight_decay=20", "sigma=2", "[5,50,150]", {25, 70, 170}, gradient_descent, {.s2 = 4}},
    {"sgld", "temperature=0.7", NULL, E_05_5_15, gradient_descent, {.temperature = 0.7}},
    {"sgld", "temperature=0.02", "sigma=2 batch_size=0.5", E_05_5_15, gradient_descent, {.temperature = 0.02, .s2 = 8}},
    {"momentum", "momentum=0.9", "sigma=1", E_05_15_3, heavy_ball, {.mu = 0.9, .s2 = 1}},
    {"momentum", "momentum=0.9 convention=sutskever", "sigma=1", E_05_15_3, heavy_ball, {.mu = 0.9, .s2 = 1}},
    {"momentum", "momentum=0.5", "sigma=2", E_05_5_15, heavy_ball, {.mu = 0.5, .s2 = 4}},
    {"momentum", "momentum=0", "sigma=2", E_05_5_15, heavy_ball, {.mu = 0, .s2 = 4}},
    {"momentum",
     "momentum=0.9 dampening=0.6",
     "sigma=1",
     "[20,300,800]",
     {20, 300, 800},
     heavy_ball,
     {.mu = 0.9, .tau = 0.6, .s2 = 1}},
    {"momentum",
     "momentum=0.9 dampening=0.6 convention=sutskever",
     "sigma=1",
     "[20,300,800]",
     {20, 300, 800},
     heavy_ball,
     {.mu = 0.9, .tau = 0.6, .s2 = 1}},
    {"momentum", "momentum=0.9 weight_decay=10", "sigma=1", "[5,150,300]", {15, 160, 310}, heavy_ball, {.mu = 0.9, .s2 = 1}},
    {"momentum", "momentum=0.9 nesterov=true", "sigma=1", E_05_5_12, nesterov_pytorch, {.mu = 0.9, .s2 = 1}},
    {"momentum", "momentum=0.6 nesterov=true", "sigma=1", E_05_5_12, nesterov_pytorch, {.mu = 0.6, .s2 = 1}},
    {"momentum", "momentum=0.9 nesterov=true convention=sutskever", "sigma=1", E_05_5_12, nesterov_sutskever, {.mu = 0.9, .s2 = 1}},
    {"momentum", "momentum=0.6 nesterov=true convention=sutskever", "sigma=1", E_05_5_12, nesterov_sutskever, {.mu = 0.6, .s2 = 1}},
    {"langevin", "friction=4 temperature=0.5", NULL, E_05_15_3, baoab, {.temperature = 0.5}},
    {"langevin", "friction=4 temperature=0.5 splitting=ABOBA", NULL, E_05_15_3, aboba, {.temperature = 0.5}},
    {"langevin", "friction=4 temperature=0.5 splitting=OBABO", NULL, E_05_15_3, obabo, {.temperature = 0.5}},
    {"langevin", "friction=4 temperature=0.5 splitting=OABAO", NULL, E_05_15_3, oabao, {.temperature = 0.5}},
    {"langevin", "friction=1e6 temperature=0.5", NULL, E_05_15_3, baoab, {.temperature = 0.5}},
    {"sghmc", "temperature=0.5", NULL, E_05_15_3, sghmc, {.mu = 0.1, .temperature = 0.5}},
    {"sghmc", "alpha=1 temperature=0.5", NULL, E_05_5_15, sghmc, {.mu = 1, .temperature = 0.5}},
    {"sghmc",
     "alpha=0.4 temperature=0.2 weight_decay=10",
     "sigma=6",
     "[5,150,280]",
     {15, 160, 290},
     sghmc,
     {.mu = 0.4, .temperature = 0.2, .s2 = 36}},
    {"leimkuhler_matthews", "temperature=0.5", NULL, E_05_5_15, leimkuhler_matthews, {.temperature = 0.5}},
    {"leimkuhler_matthews",
     "temperature=0.02",
     "sigma=2 batch_size=0.5",
     E_05_5_15,
     leimkuhler_matthews,
     {.temperature = 0.02, .s2 = 8}},
    {"hmc", "temperature=0.5 leapfrog=4", NULL, E_05_15_3, boltzmann, {.temperature = 0.5}},
    {"hmc", "temperature=0.5 leapfrog=1 weight_decay=20", NULL, "[30,80,280]", {50, 100, 300}, boltzmann, {.temperature = 0.5}},
};
enum { CASES = sizeof cases / sizeof *cases };

/* z of the measured moments, all that have a theory, times how wrong the theory is taken to be. Returns how many. */
static size_t compare(const moments *m, const double *stiff, theory *law, const physics *setup, double wrong, double *z) {
    size_t count = 0;
    for (size_t i = 0; i < DIM; i++) {
        double q2, p2;
        law(setup, stiff[i], &q2, &p2);
        z[count++] = (m->q2[i] / (wrong * q2) - 1) / standard_error();
        if (!isnan(p2)) z[count++] = (m->p2[i] / (wrong * p2) - 1) / standard_error();
    }
    return count;
}

static void MomentsEqualTheClosedForms(void **state) {
    (void)state;
    double chi_square = 0, wrong = 1 + 10 * standard_error();
#ifdef NDEBUG
    assert_true(wrong < 1.0201);
#endif
    size_t tested = 0;
    for (size_t c = 0; c < CASES; c++) {
        const stationary *s = &cases[c];
        moments m = measure(s->stiffness, s->dynamics, s->parameters, s->noise, 100 + c);
        double z[2 * DIM];
        size_t count = compare(&m, s->stiff, s->theory, &s->physics, 1, z);
        for (size_t i = 0; i < count; i++) {
            if (!(fabs(z[i]) < limit)) fail_msg("%s %s, moment %zu: z = %.2f", s->dynamics, s->parameters, i, z[i]);
            chi_square += z[i] * z[i];
        }
        tested += count;
        /* The same check refuses a theory that is 2 % off, in every moment. */
        compare(&m, s->stiff, s->theory, &s->physics, wrong, z);
        for (size_t i = 0; i < count; i++)
            if (!(fabs(z[i]) > limit)) fail_msg("%s %s, moment %zu can't see 2 %%: z = %.2f", s->dynamics, s->parameters, i, z[i]);
    }
    /* The errors have the size they are said to have. <q^2> and <p^2> of one run are slightly correlated, hence the wide band. */
    double p = gsl_cdf_chisq_P(chi_square, (double)tested);
    print_message("%zu moments, sum of z^2 %.1f, P = %.4f\n", tested, chi_square, p);
    assert_true(p > 1e-4 && p < 1 - 1e-4);
}

/* A thermostat that is 2 % too warm is seen. */
static void WrongTemperatureIsSeen(void **state) {
    (void)state;
    char parameters[100];
    const struct {
        const char *dynamics, *more;
        theory *theory;
    } tries[] = {{"sgld", "", gradient_descent},
                 {"langevin", "friction=4", baoab},
                 {"langevin", "friction=4 splitting=OBABO", obabo},
                 {"leimkuhler_matthews", "", leimkuhler_matthews},
                 {"hmc", "", boltzmann},
                 {"sghmc", "alpha=0.4", sghmc}};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        snprintf(parameters, sizeof parameters, "temperature=%.17g %s", 0.5 * (1 + 10 * standard_error()), tries[i].more);
        moments m = measure("[5,50,150]", tries[i].dynamics, parameters, NULL, 200 + i);
        double stiff[] = {5, 50, 150}, z[2 * DIM];
        size_t count = compare(&m, stiff, tries[i].theory, &(physics){.temperature = 0.5, .mu = 0.4}, 1, z);
        for (size_t j = 0; j < count; j++) assert_true(z[j] > limit);
    }
}

/* Any splitting, with gradient noise: the covariance of (q, p, w), w the noise of the gradient at the present position, led through
 * the letters until it is stationary. w is drawn anew by the first kick after a drift. */
static void propagate(const char *splitting, double k, double h, double gamma, double temperature, double s2, double *q2,
                      double *p2) {
    double m[3][3] = {{0}}, count[3] = {0};
    const char letters[] = "ABO";
    for (const char *s = splitting; *s; s++) count[strchr(letters, *s) - letters]++;
    bool drawn = false;
    for (int step = 0; step < 20000; step++)
        for (const char *s = splitting; *s; s++) {
            double map[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, next[3][3] = {{0}}, added = 0;
            if (*s == 'A') {
                map[0][1] = h / count[0];
                drawn = false;
            } else if (*s == 'B') {
                if (!drawn) {
                    for (int i = 0; i < 3; i++) m[2][i] = m[i][2] = 0;
                    m[2][2] = s2;
                }
                drawn = true;
                map[1][0] = -h / count[1] * k, map[1][2] = -h / count[1];
            } else {
                map[1][1] = exp(-gamma * h / count[2]);
                added = temperature * (1 - map[1][1] * map[1][1]);
            }
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    for (int a = 0; a < 3; a++)
                        for (int b = 0; b < 3; b++) next[i][j] += map[i][a] * m[a][b] * map[j][b];
            memcpy(m, next, sizeof m);
            m[1][1] += added;
        }
    *q2 = m[0][0], *p2 = m[1][1];
}

static void PropagationKnowsTheClosedForms(void **state) {
    (void)state;
    const char *const splittings[] = {"BAOAB", "ABOBA", "OBABO", "OABAO"};
    theory *const theories[] = {baoab, aboba, obabo, oabao};
    for (int i = 0; i < 4; i++) {
        double q2, p2, expected_q2, expected_p2;
        propagate(splittings[i], 150, sqrt(eta), 4, 0.5, 0, &q2, &p2);
        theories[i](&(physics){.temperature = 0.5}, 150, &expected_q2, &expected_p2);
        assert_close(q2, expected_q2, 1e-12, 0);
        assert_close(p2, expected_p2, 1e-12, 0);
    }
}

static void AnySplittingWithGradientNoise(void **state) {
    (void)state;
    const char *const splittings[] = {"BAOAB", "OBABO",   "ABOBA",   "AOB",        "BAO",
                                      "BABO",  "OBAOBAB", "ABAOABA", "BAABOOBABA", "BBOAOBOB"};
    const double stiff[] = {5, 50, 150};
    for (size_t i = 0; i < sizeof splittings / sizeof *splittings; i++) {
        char parameters[100];
        snprintf(parameters, sizeof parameters, "friction=4 temperature=0.1 splitting=%s", splittings[i]);
        moments m = measure("[5,50,150]", "langevin", parameters, "sigma=4", 300 + i);
        for (size_t d = 0; d < DIM; d++) {
            double q2, p2;
            propagate(splittings[i], stiff[d], sqrt(eta), 4, 0.1, 16, &q2, &p2);
            double zq = (m.q2[d] / q2 - 1) / standard_error(), zp = (m.p2[d] / p2 - 1) / standard_error();
            if (!(fabs(zq) < limit && fabs(zp) < limit)) fail_msg("%s, k = %g: z = %.2f and %.2f", splittings[i], stiff[d], zq, zp);
        }
    }
}

/* kr_dynamics_type.temperature is k <q^2> in the limit of small steps. */
static void LeadingOrderTemperature(void **state) {
    (void)state;
    for (size_t c = 0; c < CASES; c++) {
        const stationary *s = &cases[c];
        const kr_dynamics_type *type = find_dynamics(best_registry(), s->dynamics);
        kr_settings settings = make_settings(&type->about, s->parameters);
        kr_dynamics dynamics;
        kr_error error;
        require(kr_dynamics_create(&dynamics, type, settings.values, &error), &error);
        double q2, p2, k = 1e-4;
        s->theory(&s->physics, k, &q2, &p2);
        assert_close(type->temperature(&dynamics, eta, s->physics.s2), k * q2, 1e-5, 0);
        kr_settings_destroy(&settings);
    }
    const char *const splittings[] = {"BAOAB", "OBABO", "ABOBA", "BABO", "OBAOBAB", "BAABOOBABA"};
    for (size_t i = 0; i < sizeof splittings / sizeof *splittings; i++) {
        char parameters[100];
        snprintf(parameters, sizeof parameters, "friction=1 temperature=0.1 splitting=%s", splittings[i]);
        const kr_dynamics_type *type = find_dynamics(best_registry(), "langevin");
        kr_settings settings = make_settings(&type->about, parameters);
        kr_dynamics dynamics;
        kr_error error;
        require(kr_dynamics_create(&dynamics, type, settings.values, &error), &error);
        double q2, p2, h = 0.003;
        propagate(splittings[i], 1, h, 1, 0.1, 400, &q2, &p2); /* noise of 0.1 to 0.6 on top of 0.1 */
        assert_close(type->temperature(&dynamics, h * h, 400), q2, 0.01, 0);
        kr_settings_destroy(&settings);
    }
}

/* Langevin momenta are thermal at the start of the run and again, independently, whenever a particle is put back to the start. */
static void MomentaStartThermal(void **state) {
    (void)state;
    enum { N = 4096 };
    kr_target target = {.coordinate = 0, .below = -INFINITY, .above = 1.2};
    rig r = {.landscape = "double_well",
             .landscape_parameters = "dim=2 tilt=-5",
             .dynamics = "langevin",
             .dynamics_parameters = "temperature=0.7 friction=0.1",
             .schedule_parameters = "lr=0.01",
             .start = {0.9, 0},
             .particles = N,
             .seed = 400,
             .targets = &target,
             .target_count = 1};
    rig_create(&r);
    kr_view view = kr_ensemble_view(r.ensemble);
    double *velocity = malloc(2 * view.stride * sizeof *velocity), *earlier = malloc(2 * view.stride * sizeof *velocity);
    assert_true(velocity && earlier && kr_ensemble_velocity(&view, earlier));
    double square = 0, again = 0, product = 0;
    for (size_t p = 0; p < N; p++)
        for (size_t i = 0; i < 2; i++) square += pow(earlier[i * view.stride + p], 2);
    assert_close(square / (2 * N), 0.7, limit * sqrt(2.0 / (2 * N)), 0);
    size_t events = 0;
    while (events < 20 * N) {
        view = rig_advance(&r, 1);
        kr_ensemble_velocity(&view, velocity);
        for (size_t e = 0; e < view.recent_count; e++, events++)
            for (size_t i = 0; i < 2; i++) {
                double *last = &earlier[i * view.stride + view.recent[e].particle],
                       now = velocity[i * view.stride + view.recent[e].particle];
                again += now * now;
                product += now * *last;
                *last = now;
            }
    }
    double samples = 2 * (double)events;
    assert_close(again / samples, 0.7, limit * sqrt(2 / samples), 0);
    assert_close(product / samples, 0, 0, 0.7 * limit * sqrt(1 / samples));
    free(velocity), free(earlier);
    rig_destroy(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(MomentsEqualTheClosedForms),     cmocka_unit_test(WrongTemperatureIsSeen),
        cmocka_unit_test(PropagationKnowsTheClosedForms), cmocka_unit_test(AnySplittingWithGradientNoise),
        cmocka_unit_test(LeadingOrderTemperature),        cmocka_unit_test(MomentaStartThermal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
