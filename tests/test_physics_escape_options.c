/* Options of escape that the table of results does not use: each particle once, the Brownian bridge, Boltzmann starts, burn-in. */
#include "assert_close.h"
#include "plugin_setup.h"

#include <kramers/boltzmann_sample.h>
#include <kramers/model.h>
#include <kramers/run.h>

#include <math.h>
#include <stdlib.h>

typedef struct measured {
    kr_scene scene;
    kr_run *run;
    const kr_result *result;
} measured;

static void measure(measured *m, const char *text) {
    kr_error error;
    kr_run_options options = {.threads = 0};
    require(kr_scene_parse(&m->scene, best_registry(), "test", NULL, text, NULL, 0, &error), &error);
    require(kr_run_create(&m->run, &m->scene, &options, &error), &error);
    while (!kr_run_finished(m->run)) require(kr_run_advance(m->run, &error), &error);
    require(kr_run_finish(m->run, &error), &error);
    m->result = kr_run_result(m->run);
}

static void release(measured *m) {
    kr_run_destroy(m->run);
    kr_scene_destroy(&m->scene);
}

/* Every particle's clock is counted once, to its arrival or to the end; the curve agrees with the exact chain, and z does. */
static void each_particle_arrives_once(void **state) {
    (void)state;
    measured m;
    measure(&m, "dynamics: {name: sgld, temperature: 0.2}\nschedule: {name: constant, lr: 0.0625}\n"
                "ensemble: {particles: 3000, steps: 2500, seed: 11}\nescape: {until: {coordinate: 0, above: 1}, renewal: false}\n");
    const kr_view *view = &m.result->view;
    uint64_t exposure = 0, arrived = 0;
    for (uint64_t p = 0; p < view->particles; p++) {
        exposure += view->stopped_at[p] ? view->stopped_at[p] : view->step;
        arrived += view->departure[p] == KR_ABSORBED;
    }
    assert_true(m.result->escape.events == arrived && arrived > 1000 && arrived < 3000);
    assert_true(m.result->escape.exposure_steps == (double)exposure);
    assert_close(m.result->crossed_fraction, (double)arrived / 3000, 1e-15, 0);
    const kr_survival *s = &m.result->survival;
    assert_non_null(s->chain);
    assert_close(s->measured[s->count - 1], 1 - (double)arrived / 3000, 1e-12, 0);
    /* 3.5 standard errors at each of ten rows: one in 200 seeds at most. */
    for (size_t row = 20; row < s->count; row += 20)
        assert_close(s->measured[row], s->chain[row], 0, 3.5 * sqrt(s->chain[row] * (1 - s->chain[row]) / 3000));
    for (size_t i = 0; i < m.result->theory_count; i++)
        if (!strcmp(m.result->theory[i].type->about.name, "chain")) assert_true(fabs(m.result->theory[i].z) < 3.5);
    release(&m);
}

static const kr_theory_result *theory_of(const kr_result *result, const char *name) {
    for (size_t i = 0; i < result->theory_count; i++)
        if (!strcmp(result->theory[i].type->about.name, name)) return &result->theory[i];
    fail_msg("there is no theory %s", name);
    return NULL;
}

static double chain_z(const kr_result *result) {
    return theory_of(result, "chain")->z;
}

/* To the top at T/h = 1/5, eta = 0.0125: continuous time says 90.47593988, the walk seen at steps 8119.327 x 0.0125 = 101.49. With
 * the bridge it is the chain with the bridge's own kernel; |z| < 3 fails at one seed in 370. */
static void the_bridge_finds_passages_between_steps(void **state) {
    (void)state;
    for (int bridge = 0; bridge < 2; bridge++) {
        char text[400];
        snprintf(text, sizeof text,
                 "dynamics: {name: sgld, temperature: 0.2}\nschedule: {name: constant, lr: 0.0125}\n"
                 "ensemble: {particles: 1024, steps: 160000, seed: 4}\nescape: {until: {coordinate: 0, above: 0}, bridge: %s}\n",
                 bridge ? "true" : "false");
        measured m;
        measure(&m, text);
        double exact = theory_of(m.result, "chain")->prediction.mfpt_time, z = theory_of(m.result, "quadrature")->z;
        print_message("to the top%s: %.2f, chain %.3f (z %.2f), continuous 90.476 (z %.1f)\n", bridge ? " with the bridge" : "",
                      m.result->escape.mfpt_time, exact, chain_z(m.result), z);
        assert_true(m.result->escape.events > 15000);
        assert_true(fabs(chain_z(m.result)) < 3);
        if (bridge)
            assert_close(exact, 90.47593988, 0.025, 0);
        else
            assert_close(exact, 8119.327144 * 0.0125, 1e-9, 0);
        if (!bridge) assert_true(z < -12);
        release(&m);
    }
}

/* The left well at T/h = 0.4 with tilt 0.3: Kolmogorov and Smirnov's distance from the Boltzmann distribution function by
 * quadrature; 1.95 / sqrt(n) is passed by chance with p = 1e-3. */
static void boltzmann_starts_have_the_distribution(void **state) {
    (void)state;
    enum { COUNT = 20000, GRID = 200000 };
    kr_error error;
    kr_scene scene;
    kr_model model;
    require(kr_scene_parse(&scene, best_registry(), "test", NULL, "landscape: {name: double_well, tilt: 0.3}", NULL, 0, &error),
            &error);
    require(kr_model_create(&model, &scene, &error), &error);
    double *x = malloc(COUNT * sizeof *x), top = 0.0, below = 0, all = 0, distance = 0;
    for (int i = 0; i < 50; i++) top -= (4 * top * (top * top - 1) + 0.3) / (12 * top * top - 4);
    require(kr_boltzmann_sample(&model.landscape, 0, 0.4, 5, COUNT, x, &error), &error);
    size_t inside[101] = {0};
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(x[i] <= top + 1e-9);
        for (int q = 0; q <= 100; q++) inside[q] += x[i] <= -2.5 + (top + 2.5) * q / 100;
    }
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < GRID; i++) {
            double at = -2.5 + (top + 2.5) * (i + 0.5) / GRID, well = at * at - 1;
            double weight = exp(-(well * well + 0.3 * at) / 0.4);
            if (!pass) all += weight;
            if (pass) below += weight;
            if (pass && (i + 1) % (GRID / 100) == 0)
                distance = fmax(distance, fabs(below / all - (double)inside[(i + 1) / (GRID / 100)] / COUNT));
        }
    print_message("Kolmogorov-Smirnov distance %.5f of %.5f\n", distance, 1.95 / sqrt(COUNT));
    assert_true(distance < 1.95 / sqrt(COUNT));
    free(x);
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);
}

/* On a harmonic well from a point far out: after burn-in the clocks stand at 0 and the mean is that of 100 steps,
 * 30 (1 - 0.05)^(100 + 1), to 4 standard errors. */
static void burn_in_is_not_counted(void **state) {
    (void)state;
    measured m;
    measure(&m, "landscape: harmonic\ndynamics: {name: sgld, temperature: 0.01}\nschedule: {name: constant, lr: 0.05}\n"
                "ensemble: {particles: 4000, steps: 1, start: {point: 30, burn_in: 100}}\n");
    assert_int_equal(m.result->steps, 1);
    assert_true(m.result->particle_steps == 4000);
    assert_close(m.result->time, 0.05, 1e-12, 0);
    assert_close(m.result->mean->position[0], 30 * pow(0.95, 101), 0, 4 * sqrt(0.0103 / 4000));
    release(&m);
}

/* Survival from Boltzmann starts, at once and after a burn-in in which who arrives departs again, against the density led step by
 * step; and the mean with renewal. Beside the prediction for a point, which is far off at the beginning. */
static void survival_from_boltzmann_starts(void **state) {
    (void)state;
    for (int burn_in = 0; burn_in <= 8; burn_in += 8) {
        char text[512];
        snprintf(text, sizeof text,
                 "dynamics: {name: sgld, temperature: 0.4}\nschedule: {name: cosine, lr: 0.05, lr_min: 0.01}\n"
                 "ensemble: {particles: 40000, steps: 100, seed: 3, start: {gibbs: 0, burn_in: %d}}\n"
                 "escape: {until: {coordinate: 0, above: 0.3}, renewal: false}\n",
                 burn_in);
        measured m;
        measure(&m, text);
        const kr_survival *s = &m.result->survival;
        if (!s->chain || !s->adiabatic) fail_msg("%s %s", s->chain_why, s->adiabatic_why);
        print_message("burn-in %d: after 10 steps %.4f, chain %.4f, adiabatic %.4f; after 100 steps %.4f, %.4f, %.4f\n", burn_in,
                      s->measured[10], s->chain[10], s->adiabatic[10], s->measured[100], s->chain[100], s->adiabatic[100]);
        /* 3.5 standard errors at each of ten rows: one in 200 seeds at most. Starts come from a pool of 16 for each particle, whose
         * own scatter is at most a 16th of the variance. */
        for (size_t row = 10; row < s->count; row += 10)
            assert_close(s->measured[row], s->chain[row], 0, 3.5 * sqrt(s->chain[row] * (1 - s->chain[row]) * (17.0 / 16) / 40000));
        release(&m);
    }
    measured m;
    measure(&m, "dynamics: {name: sgld, temperature: 0.4}\nschedule: {name: constant, lr: 0.05}\n"
                "ensemble: {particles: 2000, steps: 4000, seed: 3, start: {gibbs: 0}}\n"
                "escape: {until: {coordinate: 0, above: 1}}\n");
    print_message("z of the mean from Boltzmann starts %.2f\n", chain_z(m.result));
    assert_true(m.result->escape.events > 20000 && fabs(chain_z(m.result)) < 3.5);
    release(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_particle_arrives_once),
        cmocka_unit_test(the_bridge_finds_passages_between_steps),
        cmocka_unit_test(boltzmann_starts_have_the_distribution),
        cmocka_unit_test(burn_in_is_not_counted),
        cmocka_unit_test(survival_from_boltzmann_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
