/* The columns of a sweep that belong to special measurements hold what a run of the same point says in JSON: transitions, passages
 * of each particle once, splitting, energies, and the theories' own numbers. */
#include <kramers/run.h>

#include <hdf5.h>

#include "sweep_table.h"

/* One point of a sweep, and the run with its seed. settings: --set options. */
static json_object *point_and_run(const char *settings, table *t) {
    char command[2048], seed[256];
    snprintf(command, sizeof command,
             "kramers sweep --quiet %s --vary dynamics.temperature=0.3,0.4 -o point.csv --columns all --force", settings);
    run(command, 0);
    *t = read_table("point.csv");
    snprintf(command, sizeof command, "kramers run --quiet --json %s --set dynamics.temperature=0.4 --set ensemble.seed=%s",
             settings, cell(t, 1, "seed", seed));
    return run_json(command, 0);
}

static void same(const table *t, const char *column, json_object *run, const char *path) {
    double there = json_number(run, path);
    if (cell_number(t, 1, column) != there) fail_msg("%s is %.17g, and %s %.17g", column, cell_number(t, 1, column), path, there);
}

static double end_of(json_object *run, const char *path, size_t index) {
    return json_object_get_double(json_object_array_get_idx(member(run, path), index));
}

static json_object *theory_of(json_object *array, const char *name) {
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *theory = json_object_array_get_idx(array, i);
        if (!strcmp(json_object_get_string(member(theory, "name")), name)) return theory;
    }
    fail_msg("there is no %s", name);
    return NULL;
}

static void transitions_have_their_columns(void **state) {
    (void)state;
    char text[256];
    table t;
    json_object *o = point_and_run("--set dynamics='{name: langevin, friction: 1}' --set escape=null --set transitions.every=5 "
                                   "--set schedule.lr=0.01 --set ensemble.particles=256 --set ensemble.steps=4000",
                                   &t);
    static const char *const numbers[] = {"relaxation_rate", "relaxation_rate_error", "relaxation_lag", "rate_relaxation",
                                          "rate_relaxation_error"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char path[80];
        snprintf(path, sizeof path, "transitions.%s", numbers[i]);
        same(&t, numbers[i], o, path);
    }
    same(&t, "decay_rate", o, "transitions.populations.decay_rate");
    same(&t, "decay_rate_error", o, "transitions.populations.decay_rate_error");
    assert_true(cell_number(&t, 1, "relaxation_rate_low") == end_of(o, "transitions.relaxation_rate_ci95", 0));
    assert_true(cell_number(&t, 1, "relaxation_rate_high") == end_of(o, "transitions.relaxation_rate_ci95", 1));
    json_object *gap = theory_of(member(o, "transitions.theory"), "klein_kramers");
    assert_true(cell_number(&t, 1, "klein_kramers.gap_z") == json_number(gap, "z"));
    assert_string_equal(cell(&t, 1, "events", text), "");
    assert_string_equal(cell(&t, 1, "klein_kramers.z", text), "");
    free(t.text);
    json_object_put(o);
}

static void each_particle_once_has_its_fraction(void **state) {
    (void)state;
    char text[256];
    table t;
    json_object *o = point_and_run("--set escape.renewal=false --set ensemble.particles=500 --set ensemble.steps=800", &t);
    same(&t, "crossed_fraction", o, "escape.crossed_fraction");
    assert_true(cell_number(&t, 1, "crossed_fraction_low") == end_of(o, "escape.crossed_fraction_ci95", 0));
    assert_true(cell_number(&t, 1, "crossed_fraction_high") == end_of(o, "escape.crossed_fraction_ci95", 1));
    size_t last = json_object_array_length(member(o, "escape.survival.chain")) - 1;
    assert_close(cell_number(&t, 1, "crossed_fraction_chain"), 1 - end_of(o, "escape.survival.chain", last), 0, 1e-15);
    assert_close(cell_number(&t, 1, "crossed_fraction_adiabatic"), 1 - end_of(o, "escape.survival.adiabatic", last), 0, 1e-15);
    assert_true(cell_number(&t, 1, "crossed_fraction") > 0.05);
    assert_string_equal(cell(&t, 1, "splitting_repeats", text), "");
    free(t.text);
    json_object_put(o);
}

static void splitting_has_its_rate_and_interval(void **state) {
    (void)state;
    char text[256];
    table t;
    static const char settings[] = "--set escape.method=splitting --set escape.replicas=64 --set escape.repeats=5";
    json_object *o = point_and_run(settings, &t);
    same(&t, "rate", o, "escape.rate");
    same(&t, "mfpt_steps", o, "escape.mfpt_steps");
    assert_true(cell_number(&t, 1, "rate_low") == end_of(o, "escape.rate_ci95", 0));
    assert_true(cell_number(&t, 1, "rate_high") == end_of(o, "escape.rate_ci95", 1));
    same(&t, "splitting_probability", o, "escape.splitting.probability");
    same(&t, "splitting_probability_error", o, "escape.splitting.probability_error");
    same(&t, "splitting_loop_steps", o, "escape.splitting.loop_steps");
    assert_true(cell_number(&t, 1, "splitting_repeats") == 5);
    assert_true(cell_number(&t, 1, "chain.z") == json_number(theory_of(member(o, "escape.theory"), "chain"), "z"));
    /* Student's t at 4 degrees of freedom: 2.776445. */
    double half = 0.5 * (cell_number(&t, 1, "rate_high") - cell_number(&t, 1, "rate_low"));
    assert_close(half, 2.776445 * cell_number(&t, 1, "splitting_rate_error"), 1e-5, 0);
    assert_string_equal(cell(&t, 1, "exposure_steps", text), "");
    free(t.text);
    json_object_put(o);
}

static void energies_have_their_columns(void **state) {
    (void)state;
    table t;
    json_object *o =
        point_and_run("--set dynamics='{name: langevin, friction: 1}' --set energy.every=100 --set ensemble.particles=64 "
                      "--set ensemble.steps=2000",
                      &t);
    same(&t, "potential", o, "mean.potential");
    same(&t, "energy_kinetic", o, "energy.kinetic");
    same(&t, "energy_potential", o, "energy.potential");
    same(&t, "energy_largest_relative_residual", o, "energy.largest_relative_residual");
    double sum = cell_number(&t, 1, "energy_start");
    for (size_t i = 0; i < KR_ENERGY_ACCOUNTS; i++) {
        char column[64], path[64];
        snprintf(column, sizeof column, "energy_%s", kr_energy_account_names[i]);
        snprintf(path, sizeof path, "energy.%s", kr_energy_account_names[i]);
        same(&t, column, o, path);
        sum += cell_number(&t, 1, column);
    }
    assert_true(cell_number(&t, 1, "energy_thermal_heat") > 0.1);
    assert_close(cell_number(&t, 1, "energy_kinetic") + cell_number(&t, 1, "energy_potential"), sum, 0, 1e-9); /* it closes */
    free(t.text);
    json_object_put(o);
}

/* Every number that theory --json has of its own has a column, in CSV and in HDF5, with the same value. */
static void theories_have_their_own_numbers(void **state) {
    (void)state;
    static const char settings[] = "sharp_or_flat --set noise.epsilon=1 --set ensemble.particles=64 --set ensemble.steps=200 "
                                   "--set ensemble.start.minimum=1 --set 'escape.until={coordinate: 0, below: -1}'";
    char command[1024], text[256];
    snprintf(command, sizeof command, "kramers sweep --quiet %s --vary schedule.lr=0.01,0.02 -o own.csv --columns all", settings);
    run(command, 0);
    snprintf(command, sizeof command, "kramers sweep --quiet %s --vary schedule.lr=0.01,0.02 -o own.h5", settings);
    run(command, 0);
    table t = read_table("own.csv");
    snprintf(command, sizeof command, "kramers theory --json %s --set schedule.lr=0.02", settings);
    json_object *theories = run_json(command, 0), *xie = theory_of(theories, "xie");
    assert_true(cell_number(&t, 1, "xie.s") == 0.5);
    assert_true(cell_number(&t, 1, "xie.s_implied") == json_number(xie, "s_implied"));
    json_object *stability = theory_of(theories, "linear_stability");
    assert_true(cell_number(&t, 1, "linear_stability.lr_times_curvature") == json_number(stability, "lr_times_curvature"));
    hid_t file = H5Fopen("own.h5", H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, "/columns/xie.s_implied", H5P_DEFAULT);
    double values[2];
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    assert_true(values[1] == json_number(xie, "s_implied"));
    H5Dclose(set);
    H5Fclose(file);
    assert_string_equal(cell(&t, 1, "finite_rate.correction", text), "");
    free(t.text);
    json_object_put(theories);
}

/* Of every theory on every shipped scene: a number that .extras does not name would be missing from tables. */
static void every_number_is_announced(void **state) {
    (void)state;
    kr_error error;
    const kr_registry *registry;
    kr_theory_result result[KR_MAX_THEORIES];
    size_t count, numbers = 0;
    assert_int_equal(kr_registry_find(NULL, &registry, &error), KR_OK);
    for (const kr_shipped_scene *shipped = kr_shipped_scenes; shipped->name; shipped++) {
        kr_scene scene;
        if (kr_scene_load(&scene, registry, shipped->name, NULL, 0, &error)) continue; /* its data file is not here */
        if (kr_run_theories(&scene, result, &count, &error)) fail_msg("%s: %s", shipped->name, error.message);
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < result[i].prediction.extra_count; k++, numbers++) {
                const char *const *name = result[i].type->extras, *extra = result[i].prediction.extra[k].name;
                while (name && *name && strcmp(*name, extra) != 0) name++;
                if (!name || !*name) fail_msg("%s: %s does not announce %s", shipped->name, result[i].type->about.name, extra);
            }
        kr_scene_destroy(&scene);
    }
    assert_true(numbers > 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transitions_have_their_columns),      cmocka_unit_test(each_particle_once_has_its_fraction),
        cmocka_unit_test(splitting_has_its_rate_and_interval), cmocka_unit_test(energies_have_their_columns),
        cmocka_unit_test(theories_have_their_own_numbers),     cmocka_unit_test(every_number_is_announced),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
