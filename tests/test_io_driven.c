/* Numbers that change with the step: exact survival beside the counted one, invariants, files, resumed runs, and what is refused.
 */
#include "program.h"
#include "sanitized.h"

#include <stdbool.h>

#define RUN "kramers run --quiet --json --set escape.renewal=false --set ensemble.steps=1000 "
#define COSINE "--set 'schedule={name: cosine, lr: 0.03, lr_min: 0.006, steps: 1000}' "
#define ISOTROPIC "--set dynamics.name=sgd --set 'noise={name: isotropic, sigma: 4}' "
#define PULSE(phase)                                                                                                               \
    "--set dynamics.name=sgd --set 'noise={name: pulse, high: 6, low: 3, period: 200, width: 50, phase: " phase "}' "              \
    "--set 'schedule={name: cosine_restarts, lr: 0.03, lr_min: 0.01, period: 200}' "
#define COOLING                                                                                                                    \
    "--set schedule.lr=0.0125 "                                                                                                    \
    "--set 'dynamics={name: sgld, temperature: {name: cosine, value: 0.4, value_min: 0.04, steps: 1000}}' "

/* P(some x_k >= 1 within 1000 steps) on double_well from -1, by propagation on two other sets of nodes, elsewhere. */
static const struct {
    const char *setup;
    double passed;
} cases[] = {{PULSE("0"), 0.549172682},
             {PULSE("150"), 0.010741873},
             {COOLING, 0.227991212},
             {COSINE ISOTROPIC "--set 'keep=[lr/noise.batch_size]' ", 0.195524571},
             {COSINE ISOTROPIC, 0.095502281},
             /* the same heat, asked for in other words */
             {COSINE ISOTROPIC "--set 'keep=temperature' ", 0.195524571},
             {COSINE "--set dynamics.name=sgd --set 'noise={name: isotropic, sigma: 4}' "
                     "--set 'noise.batch_size={name: cosine, value: 1, value_min: 0.2, steps: 1000}' ",
              0.195524571}};

/* |z| < 3.5 of each: p = 0.003 that any of the seven is beyond. */
static void survival_is_exact_and_measured(void **state) {
    (void)state;
    const double particles = SANITIZED ? 2000 : 40000;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char command[1000];
        if (SANITIZED && i > 0) break; /* theories take long */
        snprintf(command, sizeof command, RUN "%s --set ensemble.particles=%.0f", cases[i].setup, particles);
        json_object *o = run_json(command, 0);
        double exact = json_number(o, "escape.crossed_fraction_chain"), measured = json_number(o, "escape.crossed_fraction");
        double z = (measured - exact) / sqrt(exact * (1 - exact) / particles);
        printf("%zu: exact %.9f, measured %.6f, z %+.2f, adiabatic %.6f\n", i, exact, measured, z,
               json_number(o, "escape.crossed_fraction_adiabatic"));
        assert_close(exact, cases[i].passed, 0, 1e-6);
        assert_true(fabs(z) < 3.5);
        json_object_put(o);
    }
}

/* Where the numbers change slowly, most of what passes does so as if each step's rate held for long. */
static void adiabatic_survival_is_near_when_slow(void **state) {
    (void)state;
    if (SANITIZED) return;
    json_object *o = run_json("kramers run --quiet --json --set escape.renewal=false --set ensemble.particles=1000 "
                              "--set ensemble.steps=20000 --set schedule.lr=0.01 "
                              "--set 'dynamics={name: sgld, temperature: {name: linear, value: 0.1, value_end: 0.2}}'",
                              0);
    double exact = json_number(o, "escape.crossed_fraction_chain");
    assert_true(exact > 0.01);
    assert_close(json_number(o, "escape.crossed_fraction_adiabatic"), exact, 0.02, 0);
    json_object_put(o);
}

static void invariants_are_reported(void **state) {
    (void)state;
    json_object *o = run_json(RUN COSINE ISOTROPIC "--set ensemble.particles=64 --set dynamics.weight_decay=0.1 "
                                                   "--set 'keep=[lr*dynamics.weight_decay, lr/noise.batch_size]'",
                              0);
    json_object *driven = member(o, "driven"), *keep = member(o, "keep");
    json_object *decay = json_object_object_get(driven, "dynamics.weight_decay");
    assert_close(json_number(decay, "start"), 0.1, 1e-14, 0);
    double last = 0.006 + 0.024 * (1 + cos(acos(-1) * 999 / 1000)) / 2;
    assert_close(json_number(decay, "end"), 0.1 * 0.03 / last, 1e-12, 0);
    assert_int_equal(json_object_array_length(keep), 2);
    for (size_t i = 0; i < 2; i++) {
        json_object *one = json_object_array_get_idx(keep, i);
        assert_true(json_number(one, "held_to") < 1e-14);
        assert_close(json_number(one, "temperature_start"), 0.24, 1e-12, 0);
        assert_close(json_number(one, "temperature_end"), 0.24, 1e-12, 0);
    }
    json_object_put(o);
    /* Whole batches: lr / batch_size is held to what rounding leaves, which is said. */
    o = run_json(RUN COSINE "--set ensemble.particles=64 --set dynamics.name=sgd "
                            "--set 'noise={name: isotropic, sigma: 4, batch_size: 10}' "
                            "--set 'keep={product: lr/noise.batch_size, integer: true}'",
                 0);
    json_object *one = json_object_array_get_idx(member(o, "keep"), 0);
    assert_true(json_number(one, "held_to") > 0.05 && json_number(one, "held_to") <= 0.25);
    json_object *batch = json_object_object_get(member(o, "driven"), "noise.batch_size");
    assert_close(json_number(batch, "end"), 2, 0, 0);
    json_object_put(o);
}

/* The friction of heavy ball is (1 - mu) / sqrt(eta). Beyond mu = 0 there is no more to be had. */
static void friction_is_kept(void **state) {
    (void)state;
    json_object *o = run_json(RUN "--set ensemble.particles=64 --set 'dynamics={name: momentum, momentum: 0.9}' "
                                  "--set 'schedule={name: linear, lr: 0.04, lr_end: 0.01}' --set keep=friction",
                              0);
    json_object *mu = json_object_object_get(member(o, "driven"), "dynamics.momentum");
    double last = 0.04 * (1 + (0.25 - 1) * 999 / 1000.0);
    assert_close(json_number(mu, "end"), 1 - 0.1 * sqrt(last / 0.04), 1e-12, 0);
    assert_true(json_number(json_object_array_get_idx(member(o, "keep"), 0), "held_to") < 1e-13);
    json_object_put(o);
    o = run_json("kramers run --quiet --json --set ensemble.steps=100 --set ensemble.particles=64 "
                 "--set 'dynamics={name: momentum, momentum: 0.1}' "
                 "--set 'schedule={name: cyclic, lr: 0.04, lr_min: 0.01, steps_up: 10}' --set keep=friction",
                 0);
    assert_contains("run", "err", "dynamics.momentum was held at an end of its range at");
    json_object_put(o);
}

/* A landscape that changes works on its particles, dynamics that change their friction do not: both close. */
static void the_ledger_closes(void **state) {
    (void)state;
    static const char *const splittings[] = {"BAOAB", "OBABO", "ABOBA"};
    for (size_t i = 0; i < 3; i++) {
        char command[900];
        snprintf(command, sizeof command,
                 "kramers run --quiet --json --set ensemble.particles=64 --set ensemble.steps=3000 --set energy.every=100 "
                 "--set 'noise={name: isotropic, sigma: {name: linear, value: 0, value_end: 1}}' "
                 "--set 'landscape.barrier={name: cosine, value: 2, value_min: 0.5, steps: 500, after: mirror}' "
                 "--set 'dynamics={name: langevin, splitting: %s, friction: {name: linear, value: 2, value_end: 0.1}}'",
                 splittings[i]);
        json_object *o = run_json(command, 0);
        assert_true(json_number(o, "energy.largest_relative_residual") < 1e-13);
        assert_true(fabs(json_number(o, "energy.work")) > 0.01);
        json_object_put(o);
    }
    /* Nothing else moves a particle that rests at a minimum whose depth is a schedule: what is put in is V's change. */
    json_object *o = run_json("kramers run --quiet --json --set ensemble.particles=64 --set ensemble.steps=1000 "
                              "--set energy.every=100 --set 'ensemble.start={point: [0.0]}' --set dynamics.name=hamiltonian "
                              "--set 'landscape={name: double_well, barrier: {name: linear, value: 1, value_end: 3}}'",
                              0);
    assert_close(json_number(o, "energy.work"), 2, 1e-12, 0); /* V(0) = barrier */
    json_object_put(o);
}

static const char scene[] =
    "landscape: {name: double_well, tilt: {name: cosine, value: -0.2, value_min: 0.1, steps: 300, after: mirror}}\n"
    "dynamics: {name: sgld, temperature: {name: step, value: 0.3, every: 100, factor: 0.9, "
    "warmup: {steps: 50, factor: 0.5}}, weight_decay: 0.01}\n"
    "noise: [{name: isotropic, sigma: {name: linear, value: 0.2, value_end: 0.4}}, {name: pulse}]\n"
    "schedule: {name: cosine, lr: 0.02, lr_min: 0.01}\n"
    "keep: [lr*dynamics.weight_decay, {product: lr/noise.isotropic.batch_size, integer: true}]\n"
    "ensemble: {particles: 300, steps: 20000}\n"
    "trajectory: {every: 100, particles: 3, flush: 1}\n";

/* The run takes a second, and is told to stop as soon as its file is there. */
static void stop_on_the_way(void) {
    char *arguments[] = {"kramers", "run", "driven.yaml", "--quiet", "-o", "c.h5", NULL};
    pid_t child = start_program(arguments);
    for (int i = 0; i < 60000 && access("c.h5", F_OK) != 0; i++) wait_seconds(0.001);
    assert_int_equal(kill(child, SIGINT), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_contains("SIGINT", "err", "kramers: interrupted by SIGINT; 'kramers resume c.h5' goes on from here");
}

/* Threads, a stop and the stored scene leave no trace. */
static void files_are_the_same(void **state) {
    (void)state;
    write_text("driven.yaml", scene);
    run("rm -f a.h5 b.h5 c.h5", 0);
    json_object *a = run_json("kramers run driven.yaml --quiet --json --threads 1 -o a.h5", 0);
    run("kramers run driven.yaml --quiet --threads 2 -o b.h5", 0);
    run("cmp a.h5 b.h5", 0);
    stop_on_the_way();
    run("kramers resume c.h5 --quiet 2>&1; cmp a.h5 c.h5", 0);
    /* The scene of the JSON is YAML, and gives the same. */
    write_text("again.yaml", json_object_to_json_string(member(a, "scene")));
    run("kramers run again.yaml --quiet --force -o b.h5", 0);
    run("h5diff a.h5 b.h5 /observables", 0);
    run("h5dump -d /observables/landscape.tilt/value a.h5", 0);
    assert_contains("h5dump", "out", "-0.2,");
    assert_contains("h5dump", "out", "0.1,");
    run("h5ls a.h5/observables", 0);
    assert_contains("h5ls", "out", "dynamics.temperature");
    assert_contains("h5ls", "out", "dynamics.weight_decay");
    assert_contains("h5ls", "out", "noise.isotropic.sigma");
    json_object_put(a);
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *set, *said;
    } wrong[] = {{"landscape.dim={name: cosine}", "dim can't follow a schedule"},
                 {"dynamics.temperature={value: 1}", "or the schedule that it follows: {name: cosine, value: ...}"},
                 {"dynamics.temperature={name: cosin}", "unknown schedule 'cosin'; did you mean 'cosine'?"},
                 {"dynamics.temperature={name: cosine, lr: 1}", "unknown parameter of schedule 'cosine' of temperature 'lr'"},
                 {"dynamics.temperature={name: cosine, value: -1}", "value = -1 is out of range"},
                 {"schedule.lr={name: cosine}", "lr must be a number, not a mapping"},
                 {"ensemble.particles={name: cosine}", "particles must be an integer, not a mapping"},
                 {"keep=[lr]", "'lr' is no invariant; there are lr*NUMBER, lr/NUMBER"},
                 {"keep=[lr*dynamics.temperatur]", "names 'dynamics.temperatur', which this scene does not have"},
                 {"keep=[temperature]", "needs gradient noise with a batch_size or a sigma that can follow; 'none' has none"},
                 {"keep=[friction]", "needs dynamics with a momentum or an alpha that can follow; 'sgld' has none"},
                 {"keep=[lr*dynamics.temperature, lr/dynamics.temperature]", "can't follow two things"},
                 {"keep={integer: true}", "an invariant needs 'product'"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char command[300];
        snprintf(command, sizeof command, "kramers run --quiet --set '%s'", wrong[i].set);
        run(command, 2);
        assert_contains(command, "err", wrong[i].said);
    }
    run("kramers run --quiet --set 'noise={name: isotropic}' --set 'noise.batch_size={name: linear, value: 1, steps: 50}' "
        "--set ensemble.particles=64",
        2);
    assert_contains("run", "err", "noise.batch_size is 0 at step");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survival_is_exact_and_measured),
        cmocka_unit_test(adiabatic_survival_is_near_when_slow),
        cmocka_unit_test(invariants_are_reported),
        cmocka_unit_test(friction_is_kept),
        cmocka_unit_test(the_ledger_closes),
        cmocka_unit_test(files_are_the_same),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
