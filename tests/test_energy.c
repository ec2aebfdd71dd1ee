/* The energy ledger closes to rounding, whatever the dynamics, its splitting or convention, the noise, the schedule and the
 * arrivals; it changes nothing in the run; and its lines are what they are called. */
#include "plugin_setup.h"
#include "sanitized.h"

#include <kramers/kramers.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef struct setting {
    int threads;
    size_t block_size;
    const char *isa;
} setting;

typedef struct bench {
    const kr_registry *registry;
    kr_scene scene;
    kr_model model;
    kr_ensemble *ensemble;
} bench;

static void make(bench *b, const char *text, bool ledger, setting how) {
    kr_error error;
    kr_ensemble_setup setup;
    require(kr_registry_find(how.isa, &b->registry, &error), &error);
    require(kr_scene_parse(&b->scene, b->registry, "test", NULL, text, NULL, 0, &error), &error);
    require(kr_model_create(&b->model, &b->scene, &error), &error);
    require(kr_model_ensemble_setup(&b->model, &setup, &error), &error);
    setup.ledger = ledger;
    setup.threads = how.threads;
    setup.block_size = how.block_size;
    require(kr_ensemble_create(&b->ensemble, &setup, &error), &error);
}

static void leave(bench *b) {
    kr_ensemble_destroy(b->ensemble);
    kr_model_destroy(&b->model);
    kr_scene_destroy(&b->scene);
}

static kr_energy advance(bench *b, uint64_t steps) {
    kr_error error;
    kr_energy energy;
    require(kr_ensemble_advance(b->ensemble, steps, &error), &error);
    kr_view view = kr_ensemble_view(b->ensemble);
    require(kr_energy_sum(&view, &energy, &error), &error);
    return energy;
}

#define COMMON "ensemble: {particles: 64, seed: 3, steps: 100000, start: {minimum: 0}}"
#define WELL "landscape: {name: double_well, dim: 2, tilt: 0.1}, "
#define NOISY "noise: {name: isotropic, sigma: 2}, "
#define RESTARTS "schedule: {name: cosine_restarts, lr: 0.02, lr_min: 0.001, period: 70}, "
#define UNTIL "escape: {until: {coordinate: 0, above: 0.9}}, "

static const char *const scenes[] = {
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: momentum}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: momentum, convention: sutskever}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: momentum, nesterov: true, weight_decay: 0.1}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: momentum, nesterov: true, convention: sutskever, weight_decay: 0.1}, " COMMON
    "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: momentum, dampening: 0.3}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: momentum, dampening: 0.3, convention: sutskever, nesterov: true}, " COMMON "}",
    "{" WELL "noise: {name: curvature, strength: 3, epsilon: 0.1}, " RESTARTS UNTIL
    "dynamics: {name: momentum, momentum: 0.5}, " COMMON "}",
    "{" WELL "noise: {name: loss, strength: 3, floor: -1, epsilon: 0.1}, " RESTARTS
    "escape: {renewal: false, until: {coordinate: 0, above: 0.9}}, dynamics: {name: momentum}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: langevin, splitting: BAOAB}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: langevin, splitting: ABOBA}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: langevin, splitting: OBABO}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: langevin, splitting: OABAO}, " COMMON "}",
    "{" WELL NOISY RESTARTS "escape: {renewal: false, until: {coordinate: 0, above: 0.9}}, "
    "dynamics: {name: langevin, splitting: BBAOOAB}, " COMMON "}",
    "{" WELL RESTARTS "dynamics: {name: langevin, friction: 0}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: sghmc, weight_decay: 0.1}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: sgnht, diffusion: 2}, " COMMON "}",
    "{landscape: {name: double_well, dim: 5}, " NOISY "dynamics: {name: sgnht}, " COMMON "}",
    "{" WELL NOISY RESTARTS UNTIL "dynamics: {name: microcanonical, weight_decay: 0.1}, " COMMON "}",
    "{landscape: {name: double_well, dim: 5}, dynamics: {name: microcanonical}, " COMMON "}",
    "{" WELL "dynamics: {name: microcanonical, temperature: {name: cosine, value: 0.4, value_min: 0.04, steps: 1000}}, " COMMON "}",
    "{" WELL NOISY "dynamics: {name: sgnht, temperature: {name: cosine, value: 0.8, value_min: 0.3, steps: 1000}}, " COMMON "}",
    "{" WELL RESTARTS "dynamics: {name: hamiltonian}, ensemble: {particles: 64, seed: 3, start: {point: [-1.3, 0.4]}}}",
    "{" WELL "noise: {name: isotropic, sigma: 0.1}, schedule: {name: constant, lr: 0.01}, dynamics: {name: hamiltonian}, "
    "ensemble: {particles: 64, seed: 3, start: {point: [-1.3, 0.4]}}}",
    "{landscape: {name: muller_brown, scale: 0.05}, noise: {name: curvature, full: true, strength: 0.1}, " UNTIL
    "schedule: {name: constant, lr: 0.0005}, dynamics: {name: langevin, temperature: 1}, " COMMON "}",
    "{" WELL NOISY UNTIL "schedule: {name: cosine_restarts, lr: 0.02, lr_min: 0.001, period: 70, warmup: {steps: 30}}, "
    "dynamics: {name: langevin}, ensemble: {particles: 64, seed: 3, start: {gibbs: 0, burn_in: 20}}}",
    "{landscape: {name: mean_of_quadratics, dim: 2, points: 20, stiffness_spread: 0.5}, noise: [{name: minibatch, batch_size: 3}, "
    "{name: isotropic, sigma: 0.1}], " RESTARTS "dynamics: {name: momentum, nesterov: true, weight_decay: 0.1}, " COMMON "}",
    "{landscape: {name: mean_of_quadratics, dim: 2, points: 20}, noise: {name: minibatch, batch_size: 3}, " RESTARTS
    "escape: {until: {coordinate: 0, above: 0.5}}, dynamics: {name: langevin, splitting: BBAOOAB}, " COMMON "}",
};

static void the_ledger_closes(void **state) {
    (void)state;
    double worst = 0;
    for (size_t i = 0; i < COUNT(scenes); i++) {
        bench b;
        make(&b, scenes[i], true, (setting){0});
        for (int look = 0; look < (SANITIZED ? 2 : 10); look++) {
            kr_energy e = advance(&b, look ? SANITIZED ? 1109 : 11109 : 19);
            double size = fabs(e.residual) / e.throughput;
            if (!(size < 1e-12)) fail_msg("case %zu, look %d: residual %g of throughput %g", i, look, e.residual, e.throughput);
            worst = fmax(worst, size);
        }
        leave(&b);
    }
    print_message("largest residual / throughput: %.2g\n", worst);
}

/* Same particles with and without; same books for any threads, blocks and instruction sets. */
static void nothing_depends_on_it(void **state) {
    (void)state;
    static const setting how[] = {{1, 0, NULL}, {2, 64, NULL}, {1, 128, "baseline"}};
    const uint64_t steps = SANITIZED ? 100 : 300; /* with the first restarts */
    for (size_t i = 0; i < COUNT(scenes); i++) {
        bench first, other;
        make(&first, scenes[i], true, (setting){0});
        kr_energy e = advance(&first, steps);
        kr_view a = kr_ensemble_view(first.ensemble);
        for (size_t s = 0; s < COUNT(how); s++) {
            make(&other, scenes[i], true, how[s]);
            kr_energy f = advance(&other, steps);
            assert_memory_equal(&e, &f, sizeof e);
            leave(&other);
        }
        kr_error error;
        make(&other, scenes[i], false, (setting){0});
        require(kr_ensemble_advance(other.ensemble, steps, &error), &error);
        kr_view plain = kr_ensemble_view(other.ensemble);
        for (size_t k = 0; k < a.dim; k++)
            assert_memory_equal(a.position + k * a.stride, plain.position + k * plain.stride, a.particles * sizeof(double));
        leave(&other);
        leave(&first);
    }
}

static void a_resumed_ensemble_keeps_its_books(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(scenes); i += 3) {
        kr_error error;
        bench b, resumed;
        make(&b, scenes[i], true, (setting){0});
        make(&resumed, scenes[i], true, (setting){0});
        advance(&b, 211);
        uint64_t *words = malloc(kr_ensemble_state_words(b.ensemble) * sizeof *words);
        kr_ensemble_save(b.ensemble, words);
        require(kr_ensemble_restore(resumed.ensemble, words, &error), &error);
        kr_energy e = advance(&b, 100), f = advance(&resumed, 100);
        assert_memory_equal(&e, &f, sizeof e);
        free(words);
        leave(&b);
        leave(&resumed);
    }
}

/* At one step of a schedule the buffer keeps b, the velocity v. */
static void work_of_a_kick(void **state) {
    (void)state;
    static const char *const conventions[] = {"pytorch", "sutskever"};
    for (int c = 0; c < 2; c++) {
        char text[512];
        snprintf(text, sizeof text,
                 "{" WELL "schedule: {name: step, lr: 0.04, every: 50, factor: 0.25}, dynamics: {name: momentum, convention: %s}, "
                 "ensemble: {particles: 3, start: {point: [-1.4, 0.3]}}}",
                 conventions[c]);
        bench b;
        make(&b, text, true, (setting){0});
        kr_energy before = advance(&b, 49);
        assert_close(before.account[KR_ENERGY_WORK], 0, 0, 0);
        assert_close(before.account[KR_ENERGY_NOISE], 0, 0, 0);
        kr_energy after = advance(&b, 1);
        kr_view view = kr_ensemble_view(b.ensemble);
        double x = view.auxiliary[0][0], y = view.auxiliary[0][view.stride], square = x * x + y * y;
        double work = c ? square / 2 * (1 / 0.01 - 1 / 0.04) : square / 2 * (0.01 - 0.04);
        assert_close(after.account[KR_ENERGY_WORK], work, 1e-12, 0);
        assert_close(after.kinetic, c ? square / 2 / 0.01 : square / 2 * 0.01, 1e-12, 0);
        leave(&b);
    }
}

/* Heavy ball on k q^2/2 with noise of variance s^2: in the steady state friction takes (1 - mu^2) <v^2> / (2 eta) a step with
 * <v^2> = 2 eta^2 s^2 / ((1 - mu)(2 (1 + mu) - eta k)), and the noise gives eta s^2 / 2; the rest is the integrator's. Relative
 * standard errors are 0.2 % (friction) and below, twice that of a quarter of the steps. */
static void steady_heavy_ball(void **state) {
    (void)state;
    double eta = 0.2, mu = 0.8, k = 2, s2 = 4, tolerance = SANITIZED ? 0.016 : 0.008;
    bench b;
    make(&b,
         "{landscape: {name: harmonic, stiffness: 2}, noise: {name: isotropic, sigma: 2}, schedule: {name: constant, lr: 0.2}, "
         "dynamics: {name: momentum, momentum: 0.8}, ensemble: {particles: 1000, seed: 5}}",
         true, (setting){0});
    const uint64_t steps = SANITIZED ? 1000 : 4000;
    kr_energy warm = advance(&b, 500), e = advance(&b, steps);
    double v2 = 2 * eta * eta * s2 / ((1 - mu) * (2 * (1 + mu) - eta * k));
    double friction = (e.account[KR_ENERGY_FRICTION] - warm.account[KR_ENERGY_FRICTION]) / (double)steps;
    double noise = (e.account[KR_ENERGY_NOISE] - warm.account[KR_ENERGY_NOISE]) / (double)steps;
    assert_close(friction, -(1 - mu * mu) * v2 / (2 * eta), tolerance, 0);
    assert_close(noise, eta * s2 / 2, tolerance, 0);
    leave(&b);
}

/* Nothing but the integrator's error changes the energy of velocity Verlet, and that by O(h^2) of what is exchanged. */
static void verlet_has_one_line(void **state) {
    (void)state;
    double size[2];
    for (int i = 0; i < 2; i++) {
        bench b;
        make(&b,
             i ? "{" WELL "schedule: {name: constant, lr: 0.0001}, dynamics: {name: hamiltonian}, "
                 "ensemble: {particles: 1, start: {point: [-1.3, 0]}}}"
               : "{" WELL "schedule: {name: constant, lr: 0.0004}, dynamics: {name: hamiltonian}, "
                 "ensemble: {particles: 1, start: {point: [-1.3, 0]}}}",
             true, (setting){0});
        size[i] = 0;
        for (int look = 0; look < 100; look++) {
            kr_energy e = advance(&b, i ? 10 : 5); /* at the same times */
            size[i] = fmax(size[i], fabs(e.account[KR_ENERGY_SHADOW]));
            for (int a = 0; a < KR_ENERGY_ACCOUNTS; a++)
                if (a != KR_ENERGY_SHADOW) assert_true(e.account[a] == 0);
        }
        leave(&b);
    }
    assert_close(size[0] / size[1], 4, 0.02, 0);
}

static void dynamics_without_velocity_are_refused(void **state) {
    (void)state;
    kr_error error;
    kr_scene scene;
    const kr_registry *registry;
    kr_run *run;
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_parse(&scene, registry, "test", NULL, "{dynamics: {name: sgld}, energy: {every: 10}}", NULL, 0, &error),
            &error);
    assert_int_equal(kr_run_create(&run, &scene, &(kr_run_options){0}, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "no velocity"));
    kr_scene_destroy(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ledger_closes),
        cmocka_unit_test(nothing_depends_on_it),
        cmocka_unit_test(a_resumed_ensemble_keeps_its_books),
        cmocka_unit_test(work_of_a_kick),
        cmocka_unit_test(steady_heavy_ball),
        cmocka_unit_test(verlet_has_one_line),
        cmocka_unit_test(dynamics_without_velocity_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
