/* Scene cyclical_sgld: where particles are at the ends of 30 cycles, how many modes they have met, and which steps carry them
 * there: at a hundredth of the temperature those of learning rate x curvature above 2, where no minimum is stable, alone; at
 * temperature 1 from about 1 on: 1.8 modes there, more than 6 at 1.33.
 *
 * Runs are the same bits everywhere: counts must equal those of tests/results_cyclical_sgld.csv. After a deliberate change,
 * KRAMERS_WRITE_RESULTS=1 writes them anew. */
#include "plugin_setup.h"
#include "result_rows.h"
#include "sanitized.h"

#include <kramers/kramers.h>

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <stdlib.h>

enum { CYCLES = 30, PERIOD = 1667, MODES = 5 };

/* What a run shows. */
typedef struct visits {
    uint64_t particles, diverged;
    uint64_t mode[MODES];   /* at the end of the last cycle, both axes */
    uint64_t met;           /* different modes in the plane at the start and at the ends of cycles, summed over particles */
    double distinct, error; /* mean over particles, and its standard error */
} visits;

static int mode_of(double x) {
    double number = floor(0.5 * x + 0.5) + 2;
    return number < 0 ? 0 : number > 4 ? 4 : (int)number;
}

static void look(const kr_view *view, visits *v, uint32_t *met, bool last) {
    for (uint64_t p = 0; p < view->particles; p++) {
        int along = mode_of(view->position[p]), across = mode_of(view->position[view->stride + p]);
        met[p] |= UINT32_C(1) << (MODES * along + across);
        if (!last) continue;
        v->mode[along]++;
        v->mode[across]++;
    }
}

static void average(visits *v, const uint32_t *met) {
    double squares = 0, n = (double)v->particles;
    for (uint64_t p = 0; p < v->particles; p++) {
        uint64_t count = 0;
        for (uint32_t rest = met[p]; rest; rest &= rest - 1) count++;
        v->met += count;
        squares += (double)(count * count);
    }
    v->distinct = (double)v->met / n;
    v->error = sqrt((squares / n - v->distinct * v->distinct) / n);
}

static visits run_scene(double lr, double temperature, uint64_t particles, uint64_t seed) {
    kr_error error;
    const kr_registry *registry;
    kr_scene scene;
    kr_model model;
    kr_ensemble *ensemble;
    char text[4][64];
    snprintf(text[0], sizeof text[0], "schedule.lr=%.17g", lr);
    snprintf(text[1], sizeof text[1], "dynamics.temperature=%.17g", temperature);
    snprintf(text[2], sizeof text[2], "ensemble.particles=%llu", (unsigned long long)particles);
    snprintf(text[3], sizeof text[3], "ensemble.seed=%llu", (unsigned long long)seed);
    const char *set[] = {text[0], text[1], text[2], text[3]};
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(&scene, registry, "cyclical_sgld", set, 4, &error), &error);
    require(kr_model_create(&model, &scene, &error), &error);
    kr_ensemble_setup setup = {.registry = registry,
                               .landscape = &model.landscape,
                               .noise = &model.noise,
                               .schedule = &model.schedule,
                               .dynamics = &model.dynamics,
                               .particles = particles,
                               .seed = seed,
                               .start = model.start};
    require(kr_ensemble_create(&ensemble, &setup, &error), &error);
    visits v = {.particles = particles};
    uint32_t *met = calloc(particles, sizeof *met);
    assert_non_null(met);
    for (int cycle = 0; cycle <= CYCLES; cycle++) {
        if (cycle > 0) require(kr_ensemble_advance(ensemble, PERIOD, &error), &error);
        kr_view view = kr_ensemble_view(ensemble);
        look(&view, &v, met, cycle == CYCLES);
        v.diverged = view.diverged;
    }
    average(&v, met);
    free(met);
    kr_ensemble_destroy(ensemble);
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);
    return v;
}

/* The occupation of the modes of one axis at the end of a cycle, from anywhere: the density led through the 1667 steps on a grid.
 */
static const double occupation[MODES] = {0.17548, 0.21394, 0.22117, 0.21394, 0.17548};

/* 1 for the mode of the start, and of each other one the probability not to be missed by 30 independent draws. */
static double expected_distinct(void) {
    double sum = 1;
    for (int i = 0; i < MODES; i++)
        for (int j = 0; j < MODES; j++)
            if (i != 2 || j != 2) sum += 1 - pow(1 - occupation[i] * occupation[j], CYCLES);
    return sum;
}

/* Against those of the cycle, or with the same weight for all. */
static double chi_square(const visits *v, bool equal) {
    double sum = 0, n = 2.0 * (double)v->particles;
    for (int k = 0; k < MODES; k++) {
        double expected = n * (equal ? 1.0 / MODES : occupation[k]), excess = (double)v->mode[k] - expected;
        sum += excess * excess / expected;
    }
    return sum;
}

static void write_row(const result_rows *rows, double lr, double temperature, const visits *v) {
    char row[RESULT_ROW];
    size_t used = (size_t)snprintf(row, sizeof row, "%g,%g,%llu,%llu", lr, temperature, (unsigned long long)v->particles,
                                   (unsigned long long)v->diverged);
    for (int k = 0; k < MODES; k++)
        used += (size_t)snprintf(row + used, sizeof row - used, ",%llu", (unsigned long long)v->mode[k]);
    snprintf(row + used, sizeof row - used, ",%llu,%.6g,%.3g,%.6g\n", (unsigned long long)v->met, v->distinct, v->error, lr / 0.03);
    result_rows_next(rows, row);
}

/* For the figure: what is measured and what is expected of one axis. */
static void write_occupation(const visits *v) {
    result_rows rows = {.name = "results_cyclical_occupation.csv", .exact = 2, .relative = 1e-5};
    result_rows_open(&rows, true, "mode,count,share,low,high,expected");
    for (int k = 0; k < MODES; k++) {
        char row[RESULT_ROW];
        uint64_t all = 2 * v->particles;
        kr_interval ends = kr_binomial_interval(v->mode[k], all, 0.95);
        snprintf(row, sizeof row, "%d,%llu,%.6f,%.6f,%.6f,%.5f\n", k, (unsigned long long)v->mode[k],
                 (double)v->mode[k] / (double)all, ends.low, ends.high, occupation[k]);
        result_rows_next(&rows, row);
    }
    result_rows_close(&rows);
}

enum { CONTROLS = 12, FEW = 128, MANY = 2048 };

/* The curvature of a mode is 1/0.03, so 0.06 is where learning rate x curvature is 2. */
static const double rates[CONTROLS] = {0.02, 0.03, 0.04, 0.045, 0.05, 0.055, 0.0575, 0.0594, 0.0606, 0.0625, 0.065, 0.07};

/* The right occupation fails with probability 0.01 at a random seed, the right number of modes with 0.003; equal weights must be
 * found out. */
static void occupation_at_the_ends_of_cycles(const result_rows *rows) {
    if (SANITIZED) {
        result_rows_next(rows, NULL);
        return;
    }
    visits v = run_scene(0.07, 1, MANY, 20261130);
    write_row(rows, 0.07, 1, &v);
    double p = gsl_cdf_chisq_Q(chi_square(&v, false), MODES - 1), p_equal = gsl_cdf_chisq_Q(chi_square(&v, true), MODES - 1);
    double expected = expected_distinct(), z = (v.distinct - expected) / v.error;
    print_message("p: occupation %.3g, equal weights %.3g; distinct modes %.3f, expected %.3f, z %.2f\n", p, p_equal, v.distinct,
                  expected, z);
    write_occupation(&v);
    assert_close(expected, 17.76, 0, 0.005);
    assert_int_equal(v.diverged, 0);
    assert_true(p > 0.01);
    assert_true(p_equal < 1e-4);
    assert_true(fabs(z) < 3);
}

/* At a hundredth of the temperature nothing leaves below the limit of stability; just above it some do, and from 2.08 on particles
 * see 12 modes and more. At temperature 1 they also leave below the limit, where one step takes a kick across; in continuous time a
 * mode holds them for 10^5 units of time, and 30 cycles last less than 1800. */
static void which_steps_carry_particles(const result_rows *rows) {
    for (int cold = 0; cold < 2; cold++)
        for (int i = 0; i < CONTROLS; i++) {
            if (is_sampled() && (cold ? i < 7 || i > 9 : i != 0 && i != 2)) {
                result_rows_next(rows, NULL);
                continue;
            }
            visits v = run_scene(rates[i], cold ? 0.01 : 1, FEW, 7);
            write_row(rows, rates[i], cold ? 0.01 : 1, &v);
            assert_int_equal(v.diverged, 0);
            if (cold && rates[i] < 0.06) assert_int_equal(v.met, FEW);
            if (cold && rates[i] > 0.06) assert_true(rates[i] < 0.062 ? v.distinct > 1 + 4 * v.error : v.distinct > 10);
            if (!cold) assert_true(rates[i] < 0.03 ? v.distinct < 1.2 : rates[i] < 0.04 ? v.distinct < 2 : v.distinct > 6);
        }
}

static void cyclical_sgld(void **state) {
    (void)state;
    result_rows rows = {.name = "results_cyclical_sgld.csv", .exact = 10, .relative = 1e-5};
    result_rows_open(&rows, !SANITIZED,
                     "lr,temperature,particles,diverged,mode_0,mode_1,mode_2,mode_3,mode_4,met,distinct,error,lr_times_curvature");
    occupation_at_the_ends_of_cycles(&rows);
    which_steps_carry_particles(&rows);
    result_rows_close(&rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cyclical_sgld),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
