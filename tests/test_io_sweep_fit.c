/* Fits of sweeps: Arrhenius slopes of escape and of relaxation, and where there is none. */
#include "sweep_table.h"

static void fits_stand_where_they_mean_something(void **state) {
    (void)state;
    run("kramers sweep --quiet --set ensemble.steps=5000 --vary dynamics.temperature=0.2:0.4:5 --json", 0);
    char *text = read_file("out");
    json_object *o = json_tokener_parse(text), *fit, *value, *corrected;
    assert_true(o && json_object_object_get_ex(o, "fit", &fit));
    assert_true(json_object_object_get_ex(fit, "barrier", &value));
    assert_close(json_object_get_double(value), 1, 1e-9, 0);
    assert_true(json_object_object_get_ex(fit, "corrected", &corrected));
    json_object_object_get_ex(corrected, "theory", &value);
    assert_string_equal(json_object_get_string(value), "chain");
    json_object *slope, *slope_error;
    json_object_object_get_ex(corrected, "slope", &slope);
    json_object_object_get_ex(corrected, "slope_error", &slope_error);
    assert_true(json_object_get_double(slope_error) < 0.02);
    assert_true(fabs(json_object_get_double(slope) - 1) < 4 * json_object_get_double(slope_error));
    json_object_put(o);
    free(text);
    run("kramers sweep --quiet --set ensemble.steps=5000 --vary dynamics.temperature=0.2:0.4:5 -o fit.csv", 0);
    assert_contains("table", "out", "Arrhenius slope ");
    assert_contains("table", "out", "the barrier is 1");
    assert_contains("table", "out", "corrected by chain: ");
    static const char *const none[] = {"--vary schedule.lr=0.01,0.02,0.03", "--vary dynamics.temperature=0.3,0.4",
                                       "--vary dynamics.temperature=0.3,0.4,0.5 --vary landscape.barrier=1,2",
                                       "--vary dynamics.temperature=0.3,0.4,0.5 --set escape=null", "--vary ensemble.seed=1,2,3"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        char command[512];
        snprintf(command, sizeof command, "kramers sweep --json " SMALL "%s", none[i]);
        run(command, 0);
        assert_contains(command, "out", "\"applies\": false");
        assert_contains(command, "out", "\"why\": ");
    }
    run("kramers sweep muller_brown --json --quiet --set ensemble.particles=256 --set ensemble.steps=20000 "
        "--vary dynamics.temperature=20:40:4",
        0);
    text = read_file("out");
    o = json_tokener_parse(text);
    assert_true(o && json_object_object_get_ex(o, "fit", &fit));
    if (json_object_object_get_ex(fit, "barrier", &value)) /* from the deepest minimum over the first saddle */
        assert_close(json_object_get_double(value), -40.664843509 + 146.699517210, 1e-8, 0);
    json_object_put(o);
    free(text);
}

static json_object *fit_of(const char *command) {
    json_object *o = run_json(command, 0), *fit = json_object_get(member(o, "fit"));
    json_object_put(o);
    return fit;
}

/* |corrected slope - barrier| < 4 standard errors, which are small enough to tell the uncorrected slope's kind of error. At a
 * random seed: 6e-5, with a splitting's few repeats 1e-3. */
static void assert_fit(json_object *fit, const char *quantity, const char *theory, double barrier, double error) {
    assert_string_equal(json_object_get_string(member(fit, "quantity")), quantity);
    assert_close(json_number(fit, "barrier"), barrier, 1e-9, 0);
    assert_string_equal(json_object_get_string(member(fit, "corrected.theory")), theory);
    double slope = json_number(fit, "corrected.slope"), found = json_number(fit, "corrected.slope_error");
    if (!(found > 0 && found < error && fabs(slope - barrier) < 4 * found))
        fail_msg("%s: the slope %g +- %g is not the barrier %g to %g", quantity, slope, found, barrier, error);
    json_object_put(fit);
}

/* The well of the tilted landscape that is left last is the shallower one, at either end. Energies of its critical points, from
 * V = (x^2 - 1)^2 + x / 10: 4 x (x^2 - 1) + 1/10 = 0. */
static void relaxation_rates_have_their_slope(void **state) {
    (void)state;
    double minimum = 1, top = 0;
    for (int i = 0; i < 60; i++) {
        minimum -= (4 * minimum * (minimum * minimum - 1) + 0.1) / (12 * minimum * minimum - 4);
        top -= (4 * top * (top * top - 1) + 0.1) / (12 * top * top - 4);
    }
    double a = minimum * minimum - 1, b = top * top - 1, barrier = b * b + 0.1 * top - a * a - 0.1 * minimum;
    for (int start = 0; start < 2; start++) {
        char command[512];
        snprintf(
            command, sizeof command,
            "kramers sweep --json --quiet --set dynamics=sgld --set escape=null --set transitions.every=10 --set schedule.lr=0.01 "
            "--set landscape.tilt=0.1 --set ensemble.start.minimum=%d --set ensemble.particles=4096 --set ensemble.steps=20000 "
            "--vary dynamics.temperature=0.18,0.2,0.22,0.25",
            start);
        assert_fit(fit_of(command), "relaxation_rate", "spectral_gap", barrier, 0.05);
    }
    run("kramers sweep --quiet --set dynamics=sgld --set escape=null --set transitions.every=10 --set ensemble.particles=256 "
        "--set ensemble.steps=4000 --vary dynamics.temperature=0.25,0.3,0.35 -o relaxation.csv",
        0);
    assert_contains("table", "out", "Arrhenius slope of relaxation rates");
}

/* At a finite learning rate the gap of the steps is another than that of continuous time, by 4 % here: z and the fit are about the
 * first, as those of a run are. */
static void relaxation_is_compared_with_the_gap_of_the_steps(void **state) {
    (void)state;
    json_object *o = run_json("kramers sweep --json --quiet --set dynamics=sgld --set escape=null --set transitions.every=5 "
                              "--set schedule.lr=0.05 --set ensemble.particles=512 --set ensemble.steps=4000 "
                              "--vary dynamics.temperature=0.2,0.25,0.3",
                              0);
    json_object *points = member(o, "points");
    double weights = 0, sum = 0;
    for (size_t i = 0; i < json_object_array_length(points); i++) {
        json_object *point = json_object_array_get_idx(points, i), *theories = member(point, "theory"), *theory = NULL;
        for (size_t k = 0; k < json_object_array_length(theories) && !theory; k++) {
            json_object *one = json_object_array_get_idx(theories, k);
            if (!strcmp(json_object_get_string(member(one, "name")), "spectral_gap")) theory = one;
        }
        assert_non_null(theory);
        double rate = json_number(point, "relaxation_rate"), error = json_number(point, "relaxation_rate_error"),
               gap = json_number(theory, "spectral_gap_steps"), weight = (rate / error) * (rate / error);
        assert_true(fabs(gap / json_number(theory, "spectral_gap") - 1) > 0.02);
        assert_close(json_number(theory, "gap_z"), (rate - gap) / error, 1e-9, 0);
        weights += weight;
        sum += weight * log(rate / gap);
    }
    assert_close(json_number(o, "fit.corrected.log_ratio"), sum / weights, 1e-9, 0);
    json_object_put(o);
}

static void splitting_has_its_slope(void **state) {
    (void)state;
    assert_fit(
        fit_of("kramers sweep --json --quiet --set escape.method=splitting --set escape.replicas=256 --set escape.repeats=12 "
               "--set schedule.lr=0.0125 --vary dynamics.temperature=0.06:0.12:4"),
        "rate", "chain", 1, 0.03);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_stand_where_they_mean_something),
        cmocka_unit_test(relaxation_rates_have_their_slope),
        cmocka_unit_test(relaxation_is_compared_with_the_gap_of_the_steps),
        cmocka_unit_test(splitting_has_its_slope),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
