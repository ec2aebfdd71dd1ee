/* What the samplers sample. Densities against exp(-V/T), or against the known other one, by chi-square over 64 bins of equal
 * probability; the temperature that they hold under gradient noise of unknown strength; how far psgld is off without its term
 * Gamma; rates of escape beside exact theory. tests/results_samplers.csv has all of it, and the runs are the same bits everywhere.
 *
 * For a chi-square every particle is looked at once: independent chains, which began where all odd modes vanish and have gone on
 * for ten relaxation times of the even ones. A random seed would fail one of the densities below with probability 0.012, since p >
 * 0.001 is asked of each; the same samplers 5 % hotter are refused by the same test.
 *
 * After a deliberate change of the numbers, write the file anew and look at its difference:
 *
 *     KRAMERS_WRITE_RESULTS=1 build/release/tests/test_physics_samplers
 */
#include "result_rows.h"
#include "rig.h"
#include "sanitized.h"

#include <kramers/run.h>

#include <gsl/gsl_cdf.h>

enum { BINS = 64, NODES = 80001 };
static const double edge = 4; /* of the line: exp(-V/T) is below 1e-80 there */

static const char header[] = "measure,dynamics,parameters,landscape,noise,learning_rate,particles,steps,value,error,theory,z,p";

static result_rows rows = {.name = "results_samplers.csv", .exact = 8, .relative = 2e-3};

/* theory and p may be NAN: empty. */
static void put_row(const char *measure, const rig *r, uint64_t steps, double value, double error, double theory, double p) {
    char text[RESULT_ROW], more[3][40] = {"", "", ""};
    if (!isnan(theory)) snprintf(more[0], sizeof more[0], "%.6g", theory);
    if (!isnan(theory)) snprintf(more[1], sizeof more[1], "%.2f", (value - theory) / error);
    if (!isnan(p)) snprintf(more[2], sizeof more[2], "%.4g", p);
    snprintf(text, sizeof text, "%s,%s,%s,%s %s,%s,%s,%llu,%llu,%.6g,%.3g,%s,%s,%s\n", measure, r->dynamics, r->dynamics_parameters,
             r->landscape, r->landscape_parameters, r->noise ? r->noise_parameters : "none", r->schedule_parameters + 3,
             (unsigned long long)r->particles, (unsigned long long)steps, value, error, more[0], more[1], more[2]);
    result_rows_next(&rows, text);
}

/* ---- densities ---- */

typedef struct density_case {
    const char *dynamics, *parameters, *landscape, *landscape_parameters, *rate;
    uint64_t steps;
    double temperature, epsilon; /* epsilon: the density is (epsilon + |V'|) exp(-V/T) */
} density_case;

#define WELL "double_well", ""
#define PLANE "double_well", "dim=2"
#define MODES "gaussian_mixture", "per_axis=3 variance=0.3 dim=2"

static const density_case densities[] = {
    {"leimkuhler_matthews", "", WELL, "lr=0.01", 500, 0.4, 0},
    {"leimkuhler_matthews", "", MODES, "lr=0.01", 1500, 1, 0},
    {"sghmc", "alpha=0.02", WELL, "lr=0.0004", 900, 0.4, 0},
    {"sghmc", "alpha=0.03", MODES, "lr=0.0004", 1400, 1, 0},
    {"sgnht", "diffusion=1", WELL, "lr=0.0001", 2000, 0.4, 0},
    {"sgnht", "diffusion=1", MODES, "lr=0.0004", 1400, 1, 0},
    {"hmc", "leapfrog=3", WELL, "lr=0.16", 40, 0.4, 0},
    {"hmc", "leapfrog=4", MODES, "lr=0.25", 60, 1, 0},
    {"microcanonical", "", PLANE, "lr=0.0025", 500, 0.4, 0},
    {"microcanonical", "", MODES, "lr=0.0016", 900, 1, 0},
    {"psgld", "alpha=0 epsilon=1", WELL, "lr=0.001", 12000, 1, 1},
};
enum { DENSITIES = sizeof densities / sizeof *densities };

static double log_density(const density_case *c, double x) {
    if (!strcmp(c->landscape, "double_well")) {
        double well = x * x - 1, slope = 4 * x * well;
        return -well * well / c->temperature + (c->epsilon > 0 ? log(c->epsilon + fabs(slope)) : 0);
    }
    double sum = 0;
    for (int k = -1; k < 2; k++) sum += exp(-pow(x - 2 * k, 2) / (2 * 0.3));
    return log(sum) / c->temperature;
}

/* Edges of bins of equal probability. */
static void find_edges(const density_case *c, double *edges) {
    double *sum = malloc(NODES * sizeof *sum), step = 2 * edge / (NODES - 1);
    assert_non_null(sum);
    sum[0] = 0;
    for (int i = 1; i < NODES; i++) sum[i] = sum[i - 1] + exp(log_density(c, -edge + (i - 0.5) * step));
    for (int b = 1, i = 1; b < BINS; b++) {
        double wanted = sum[NODES - 1] * b / BINS;
        while (sum[i] < wanted) i++;
        edges[b - 1] = -edge + (i - 1 + (wanted - sum[i - 1]) / (sum[i] - sum[i - 1])) * step;
    }
    free(sum);
}

static int bin_of(const double *edges, double x) {
    int low = 0, high = BINS - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (x < edges[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* In the mixture each coordinate is a sample of its own, and all have the same density. */
static double chi_square(const density_case *c, const kr_view *view) {
    double edges[BINS - 1], counts[BINS] = {0}, sum = 0;
    size_t dim = strcmp(c->landscape, "double_well") ? view->dim : 1;
    double expected = (double)(dim * view->particles) / BINS;
    find_edges(c, edges);
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < view->particles; p++) counts[bin_of(edges, view->position[i * view->stride + p])]++;
    for (int b = 0; b < BINS; b++) sum += pow(counts[b] - expected, 2) / expected;
    return sum;
}

/* p of the density at this temperature of the dynamics. */
static double measure_density(const density_case *c, double temperature, uint64_t seed, bool record) {
    char parameters[120];
    snprintf(parameters, sizeof parameters, "%s%stemperature=%g", c->parameters, *c->parameters ? " " : "", temperature);
    rig r = {.landscape = c->landscape,
             .landscape_parameters = c->landscape_parameters,
             .dynamics = c->dynamics,
             .dynamics_parameters = parameters,
             .schedule_parameters = c->rate,
             .particles = c->epsilon > 0                        ? 16384
                          : strcmp(c->landscape, "double_well") ? 98304
                                                                : 131072,
             .seed = seed,
             .steps = 1};
    rig_create(&r);
    kr_view view = rig_advance(&r, c->steps);
    assert_int_equal(view.diverged, 0);
    double sum = chi_square(c, &view), p = gsl_cdf_chisq_Q(sum, BINS - 1);
    if (record) put_row("chi_square_of_the_density", &r, c->steps, sum, sqrt(2.0 * (BINS - 1)), BINS - 1, p);
    rig_destroy(&r);
    return p;
}

/* Without is_sampled(), 20 seconds. */
static bool is_left_out(size_t i) {
    bool well = !strcmp(densities[i].landscape, "double_well"), quick = densities[i].steps <= 2000;
    return SANITIZED ? i % 4 != 2 : is_sampled() && !(well && quick) && strcmp(densities[i].dynamics, "hmc");
}

static void DensitiesAreBoltzmanns(void **state) {
    (void)state;
    for (size_t i = 0; i < DENSITIES; i++) {
        const density_case *c = &densities[i];
        if (is_left_out(i)) {
            result_rows_next(&rows, NULL);
            continue;
        }
        double p = measure_density(c, c->temperature, 40 + i, true);
        print_message("%s %s on %s: p = %.3g\n", c->dynamics, c->parameters, c->landscape, p);
        if (!(p > 0.001)) fail_msg("%s %s on %s: p = %g", c->dynamics, c->parameters, c->landscape, p);
    }
}

/* Of psgld, that its density is not Boltzmann's. */
static void FivePercentHotterIsSeen(void **state) {
    (void)state;
    for (size_t i = 0; i < DENSITIES; i++) {
        density_case wrong = densities[i];
        if (is_left_out(i) || (is_sampled() && i % 4 != 2)) continue;
        wrong.epsilon = 0;
        double p = measure_density(&wrong, densities[i].epsilon > 0 ? 1 : 1.05, 40 + i, false);
        if (!(p < 0.001)) fail_msg("%s on %s: 5 %% hotter is not seen, p = %g", wrong.dynamics, wrong.landscape, p);
    }
}

/* ---- second moments on a parabola ---- */

/* k <x^2> over all coordinates, k = 1. */
static double second_moment(rig *r, uint64_t steps, double *error) {
    rig_create(r);
    kr_view view = rig_advance(r, steps);
    double sum = 0, count = (double)(view.dim * view.particles);
    for (size_t i = 0; i < view.dim; i++)
        for (size_t p = 0; p < view.particles; p++) sum += pow(view.position[i * view.stride + p], 2);
    assert_int_equal(view.diverged, 0);
    *error = sqrt(2 / count) * sum / count;
    rig_destroy(r);
    return sum / count;
}

/* h = 0.01. With friction alpha / h = 1 noise heats sghmc by h s^2 / 2; sgnht answers with friction zeta = A + h s^2 / (2T), and is
 * off by h zeta / 2, the error of its step, alone. */
static void UnknownNoiseDoesNotHeatANoseHooverThermostat(void **state) {
    (void)state;
    static const int sigma[] = {0, 10, 20, 40};
    const double temperature = 1, h = 0.01;
    for (int i = 0; i < 8; i++) {
        char noise[40];
        bool thermostat = i % 2;
        double heat = 0.5 * h * sigma[i / 2] * sigma[i / 2], error;
        snprintf(noise, sizeof noise, "sigma=%d", sigma[i / 2]);
        rig r = {.landscape = "harmonic",
                 .landscape_parameters = "dim=64",
                 .dynamics = thermostat ? "sgnht" : "sghmc",
                 .dynamics_parameters = thermostat ? "diffusion=1 temperature=1" : "alpha=0.01 temperature=1",
                 .noise = "isotropic",
                 .noise_parameters = noise,
                 .schedule_parameters = "lr=0.0001",
                 .particles = 128,
                 .seed = 70 + (uint64_t)i,
                 .steps = 1};
        if (SANITIZED ? i != 5 : is_sampled() && i < 4) {
            result_rows_next(&rows, NULL);
            continue;
        }
        double value = second_moment(&r, 6000, &error), alpha = h * (1 + heat / temperature);
        double theory = thermostat ? temperature * (1 - alpha / 2) : 2 * (temperature + heat) * (2 - 0.01) / (4 - 2 * 0.01 - h * h);
        put_row("k_x_squared", &r, 6000, value, error, theory, NAN);
        if (!(fabs(value - theory) < 4 * error)) fail_msg("%s, %s: %g, theory %g", r.dynamics, noise, value, theory);
    }
}

/* From Boltzmann's, where the steps are large and the memory is longer than the relaxation, towards twice that. The memory is of
 * 100 steps; the relaxation takes sqrt(0.2) / lr, 4 to 4000 steps: in the first two cases less than a quarter of the way is gone.
 */
static void PsgldIsUpToTwiceTooHot(void **state) {
    (void)state;
    static const struct {
        const char *rate;
        uint64_t steps;
    } cases[] = {{"lr=0.1", 2000}, {"lr=0.01", 3000}, {"lr=0.001", 12000}, {"lr=0.0001", 60000}};
    double before = 0;
    for (int i = 0; i < 4; i++) {
        rig r = {.landscape = "harmonic",
                 .landscape_parameters = "dim=16",
                 .dynamics = "psgld",
                 .dynamics_parameters = "temperature=0.2",
                 .schedule_parameters = cases[i].rate,
                 .particles = 512,
                 .seed = 80 + (uint64_t)i,
                 .steps = 1};
        if (is_sampled() && i > 1 + !SANITIZED) {
            result_rows_next(&rows, NULL);
            continue;
        }
        double error, value = second_moment(&r, cases[i].steps, &error);
        put_row("k_x_squared", &r, cases[i].steps, value, error, NAN, NAN);
        print_message("psgld %s: %.3f T\n", cases[i].rate, value / 0.2);
        assert_true(i < 2 ? value > 0.2 + 3 * error && value < 0.25 : value > before + 3 * error && value < 0.4 + 3 * error);
        before = value;
    }
}

/* ---- rates of escape ---- */

static const kr_result *run_to_the_end(kr_run **run, const kr_scene *scene) {
    kr_error error;
    require(kr_run_create(run, scene, &(kr_run_options){.threads = 0}, &error), &error);
    while (!kr_run_finished(*run)) require(kr_run_advance(*run, &error), &error);
    return kr_run_result(*run);
}

static const kr_theory_result *theory_called(const kr_result *result, const char *name) {
    for (size_t i = 0; i < result->theory_count; i++)
        if (!strcmp(result->theory[i].type->about.name, name)) return &result->theory[i];
    fail_msg("no theory %s", name);
    return NULL;
}

/* Populations of sghmc relax with the gap of the Klein-Kramers equation at friction alpha / sqrt(lr) = 1; the first passage of
 * leimkuhler_matthews takes as long as in continuous time. T = 1/3. */
static void RatesAreThoseOfContinuousTime(void **state) {
    (void)state;
    static const struct {
        const char *dynamics, *parameters, *rate, *scene, *measure, *theory;
        uint64_t particles, steps;
    } cases[] = {
        {"sghmc", "alpha=0.01 temperature=0.33333333333333333", "lr=0.0001",
         "{landscape: {name: double_well}, dynamics: {name: sghmc, alpha: 0.01, temperature: 0.33333333333333333}, schedule: "
         "{name: "
         "constant, lr: 0.0001}, ensemble: {particles: 4096, steps: 60000, seed: 91}, transitions: {every: 200}}",
         "relaxation_rate", "klein_kramers", 4096, 60000},
        {"leimkuhler_matthews", "temperature=0.33333333333333333", "lr=0.00125",
         "{landscape: {name: double_well}, dynamics: {name: leimkuhler_matthews, temperature: 0.33333333333333333}, schedule: "
         "{name: "
         "constant, lr: 0.00125}, ensemble: {particles: 4096, steps: 60000, seed: 92}, escape: {until: {coordinate: 0, above: 1}}}",
         "mfpt_steps", "quadrature", 4096, 60000}};
    for (int i = 0; i < 2; i++) {
        kr_scene scene;
        kr_error error;
        kr_run *run;
        if (is_sampled() && i == 0) { /* two seconds and a half */
            result_rows_next(&rows, NULL);
            continue;
        }
        if (SANITIZED) {
            result_rows_next(&rows, NULL);
            continue;
        }
        require(kr_scene_parse(&scene, best_registry(), "rate", NULL, cases[i].scene, NULL, 0, &error), &error);
        const kr_result *result = run_to_the_end(&run, &scene);
        const kr_theory_result *theory = theory_called(result, cases[i].theory);
        double value, deviation, expected;
        if (i == 0) {
            value = result->transitions->relaxation_rate;
            deviation = result->transitions->relaxation_rate_error;
            expected = theory->prediction.spectral_gap;
        } else {
            value = result->escape.mfpt_steps;
            expected = theory->prediction.mfpt_steps;
            deviation = fabs((value - expected) / theory->z);
        }
        rig named = {.landscape = "double_well",
                     .landscape_parameters = "",
                     .dynamics = cases[i].dynamics,
                     .dynamics_parameters = cases[i].parameters,
                     .schedule_parameters = cases[i].rate,
                     .particles = cases[i].particles};
        put_row(cases[i].measure, &named, cases[i].steps, value, deviation, expected, NAN);
        print_message("%s: %.6g +- %.2g, %s %.6g\n", cases[i].dynamics, value, deviation, cases[i].theory, expected);
        assert_true(fabs(value - expected) < 3.5 * deviation && deviation < 0.02 * expected);
        kr_run_destroy(run);
        kr_scene_destroy(&scene);
    }
}

static int open_rows(void **state) {
    (void)state;
    result_rows_open(&rows, !SANITIZED, header);
    return 0;
}

static int close_rows(void **state) {
    (void)state;
    result_rows_close(&rows);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(DensitiesAreBoltzmanns),
        cmocka_unit_test(FivePercentHotterIsSeen),
        cmocka_unit_test(UnknownNoiseDoesNotHeatANoseHooverThermostat),
        cmocka_unit_test(PsgldIsUpToTwiceTooHot),
        cmocka_unit_test(RatesAreThoseOfContinuousTime),
    };
    return cmocka_run_group_tests(tests, open_rows, close_rows);
}
