/* Numbers that change with the step in all that a scene is used for: sweeps, files that are gone on with, theories, splitting,
 * starts, ends by events, several invariants at once. */
#include "program.h"

#include <stdbool.h>

#define BATCH "kramers run coupled_batch_size --quiet --json --set ensemble.particles=256 --set ensemble.steps=200 "
#define COOLING                                                                                                                    \
    " --quiet --set 'dynamics={name: sgld, temperature: {name: cosine, value: 0.4, value_min: 0.04}}' "                            \
    "--set ensemble.particles=256 --set ensemble.steps=1000 "

static json_object *kept(json_object *o, size_t i) {
    return json_object_array_get_idx(member(o, "keep"), i);
}

/* What keeps the temperature follows all else that changes it: the friction of momentum, sigma, another model of the noise. */
static void temperature_is_kept_beside_others(void **state) {
    (void)state;
    static const char *const more[] = {
        "--set 'dynamics={name: momentum}' --set 'keep=[friction, temperature]'",
        "--set 'dynamics={name: momentum, momentum: {name: linear, value: 0.9, value_end: 0.5}}' --set keep=temperature",
        "--set 'noise.sigma={name: linear, value: 4, value_end: 8}' --set keep=temperature",
        "--set 'noise=[{name: isotropic, sigma: 4, batch_size: 0.5}, {name: isotropic}]' --set keep=temperature",
        "--set 'dynamics={name: sghmc, alpha: 0.3}' --set 'keep=[friction, temperature]'"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        char command[500];
        snprintf(command, sizeof command, BATCH "%s", more[i]);
        json_object *o = run_json(command, 0), *last = kept(o, json_object_array_length(member(o, "keep")) - 1);
        assert_true(json_number(last, "held_to") < 1e-12);
        assert_close(json_number(last, "temperature_end"), json_number(last, "temperature_start"), 1e-12, 0);
        json_object_put(o);
    }
    /* Where the other model alone is too hot, this one is made as small as it can be, and it is said. */
    run("kramers run coupled_batch_size --quiet --set ensemble.particles=64 "
        "--set 'schedule={name: cyclic, lr: 0.03, lr_min: 0.01, steps_up: 100}' "
        "--set 'noise=[{name: isotropic, sigma: 1}, {name: isotropic, sigma: 4}]' --set keep=temperature",
        0);
    assert_contains("run", "err", "noise.0.batch_size was held at an end of its range");
}

static void an_entry_of_keep_is_set(void **state) {
    (void)state;
    json_object *o = run_json(BATCH "--set noise.batch_size=10 --set keep.0.integer=true", 0);
    assert_true(json_number(kept(o, 0), "held_to") > 0.05);
    json_object_put(o);
    o = run_json(BATCH "--set noise.batch_size=10 --set keep=temperature --set keep.integer=true", 0);
    assert_true(json_number(kept(o, 0), "held_to") > 0.05);
    json_object_put(o);
    o = run_json(BATCH "--set dynamics.weight_decay=0.1 --set 'keep.1=lr*dynamics.weight_decay'", 0);
    assert_int_equal(json_object_array_length(member(o, "keep")), 2);
    json_object_put(o);
    o = run_json(BATCH "--set 'keep=[]'", 0);
    assert_null(member(o, "keep"));
    json_object_put(o);
}

/* There is no one mean while numbers change: passages over steps, as under a learning rate that changes. */
static void passages_are_counted_over_steps(void **state) {
    (void)state;
    static const char *const more[] = {"", "--set ensemble.until_events=20", "--set 'ensemble.start={gibbs: 0, burn_in: 50}'"};
    for (size_t i = 0; i < 3; i++) {
        char command[500];
        snprintf(command, sizeof command, "kramers run --json" COOLING "%s", more[i]);
        json_object *o = run_json(command, 0);
        double events = json_number(o, "escape.events");
        assert_true(events >= 20);
        assert_close(json_number(o, "escape.mfpt_steps"), json_number(o, "escape.exposure_steps") / events, 1e-12, 0);
        json_object_put(o);
    }
    /* One value again, and it is the mean by age. */
    json_object *o = run_json("kramers run --json" COOLING "--set dynamics.temperature=0.4 --set ensemble.steps=4000", 0);
    assert_true(json_number(o, "escape.memory_steps") > 0);
    assert_null(member(o, "driven.dynamics.temperature"));
    json_object_put(o);
    run("kramers run" COOLING "--set escape.method=splitting", 2);
    assert_contains("run", "err", "splitting needs numbers that never change, and dynamics.temperature does");
    run("kramers run" COOLING "--set dynamics.temperature.value=0.04 --set ensemble.steps=50", 0);
    assert_contains("run", "out", "too few events: none");
    char *text = read_file("out");
    assert_null(strstr(text, "splitting")); /* which would be refused */
    free(text);
}

static void theory_says_survival(void **state) {
    (void)state;
    run("kramers theory --verbose --set schedule.lr=0.0125 --set ensemble.steps=1000 "
        "--set 'dynamics.temperature={name: cosine, value: 0.4, value_min: 0.04, steps: 1000}'",
        0);
    assert_contains("theory", "out", "0.22799"); /* the table of PHYSICS: P(some x_k >= 1) */
    assert_contains("theory", "out", "dynamics.temperature changes with the step");
}

static void sweeps_vary_them(void **state) {
    (void)state;
    run("kramers sweep" COOLING "--set escape.renewal=false --vary dynamics.temperature.value=0.3,0.4 -o a.csv --force", 0);
    assert_int_equal(lines("a.csv"), 3);
    run("kramers sweep interference --quiet --set ensemble.particles=64 --set ensemble.steps=200 --vary noise.phase=0:150:4 -o "
        "b.csv --force",
        0);
    assert_int_equal(lines("b.csv"), 5);
    run("kramers sweep coupled_batch_size --quiet --set ensemble.particles=64 --set ensemble.steps=100 --vary "
        "keep=lr/noise.batch_size,temperature "
        "--vary schedule.lr_min=0.006,0.03 -o c.csv --force",
        0);
    assert_int_equal(lines("c.csv"), 5);
    run("kramers sweep coupled_batch_size --quiet --vary keep=lr/noise.batch_siz,temperature -o d.csv", 2);
    assert_contains("sweep", "err", "which this scene does not have");
}

/* A longer run has the same schedules, which end where they ended. */
static void schedules_keep_their_length(void **state) {
    (void)state;
    static const char *const temperature[] = {
        "{name: cosine, value: 0.4, value_min: 0.04}",
        "{name: linear, value: 0.4, value_end: 0.04, warmup: {steps: 100, factor: 0.5}}",
        "{name: sequence, parts: [{name: constant, value: 0.4, steps: 300}, {name: linear, value: 0.4, value_end: 0.04}]}"};
    for (size_t i = 0; i < 3; i++) {
        char command[500];
        snprintf(command, sizeof command,
                 "rm -f a.h5; kramers run --quiet --set ensemble.particles=64 --set ensemble.steps=1000 --set trajectory.every=500 "
                 "-o a.h5 --set 'dynamics.temperature=%s' --set 'noise=[{name: isotropic, sigma: 0.1}, {name: none}]' "
                 "--set 'noise.isotropic.sigma={name: linear, value: 0.1, value_end: 0.7}'",
                 temperature[i]);
        run(command, 0);
        run("kramers resume a.h5 --steps 2000 --quiet", 0);
        run("h5dump -d /observables/dynamics.temperature/value a.h5", 0);
        assert_contains("h5dump", "out", " 0.04, 0.04, 0.04");
        run("h5dump -d /observables/noise.isotropic.sigma/value a.h5", 0);
        assert_contains("h5dump", "out", " 0.7, 0.7, 0.7");
    }
}

/* psgld divides the noise by its root beside heat of its own: heat goes as eta sqrt(variance), so that the batch falls as eta^2. */
static void temperature_is_kept_where_it_is_no_product(void **state) {
    (void)state;
    json_object *o = run_json("kramers run --quiet --json --set ensemble.particles=64 --set ensemble.steps=100 "
                              "--set dynamics.name=psgld --set 'noise={name: isotropic, sigma: 3}' "
                              "--set 'schedule={name: cosine, lr: 0.01, lr_min: 0.001}' --set keep=temperature",
                              0);
    json_object *kept = json_object_array_get_idx(member(o, "keep"), 0);
    json_object *batch = json_object_object_get(member(o, "driven"), "noise.batch_size");
    double last = 0.001 + 0.009 * (1 + cos(acos(-1) * 99 / 100)) / 2;
    assert_true(json_number(kept, "held_to") < 1e-13);
    assert_close(json_number(kept, "temperature_end"), json_number(kept, "temperature_start"), 1e-13, 0);
    assert_close(json_number(batch, "end"), last * last / 1e-4, 1e-4, 0); /* but for epsilon, 1e-5 beside a root of 3 */
    json_object_put(o);
}

/* Batches of less than one sample are none: held at one, which is said. True is a switch here as it is everywhere. */
static void whole_batches_have_a_sample(void **state) {
    (void)state;
    run("kramers run --quiet --set ensemble.particles=64 --set ensemble.steps=100 --set dynamics.name=sgd "
        "--set 'noise={name: isotropic, batch_size: 2}' --set 'schedule={name: cosine, lr: 0.01, lr_min: 0.001}' "
        "--set 'keep={product: lr/noise.batch_size, integer: True}'",
        0);
    assert_contains("run", "err", "noise.batch_size was held at an end of its range at 45 % of the steps");
}

static void several_numbers_are_not_kept(void **state) {
    (void)state;
    run("kramers run --quiet --set 'landscape={name: harmonic, dim: 2, stiffness: [1, 2]}' --set 'keep=[lr*landscape.stiffness]'",
        2);
    assert_contains("run", "err", "landscape.stiffness is 2 numbers, and one can follow the learning rate");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(temperature_is_kept_beside_others),
        cmocka_unit_test(an_entry_of_keep_is_set),
        cmocka_unit_test(passages_are_counted_over_steps),
        cmocka_unit_test(theory_says_survival),
        cmocka_unit_test(sweeps_vary_them),
        cmocka_unit_test(schedules_keep_their_length),
        cmocka_unit_test(temperature_is_kept_where_it_is_no_product),
        cmocka_unit_test(whole_batches_have_a_sample),
        cmocka_unit_test(several_numbers_are_not_kept),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
