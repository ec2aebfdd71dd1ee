/* Two wells whose sharpness is chosen: barrier and curvatures are what was asked for, V goes on across the joints, and rates turn
 * with the one knob as Kramers says. */
#include "landscape_fixture.h"

#include <kramers/critical_points.h>
#include <kramers/run.h>

static const double numbers[] = {1e-3, 0.7, 1, 42, 1e5};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

typedef void check(const fixture *f, double barrier, double left, double right, double top);

static void for_all(check *run) {
    for (int h = 0; h < NUMBERS; h++)
        for (int l = 0; l < NUMBERS; l++)
            for (int r = 0; r < NUMBERS; r++)
                for (int t = 0; t < NUMBERS; t++) {
                    char options[300];
                    snprintf(options, sizeof options, "barrier=%g sharpness_left=%g sharpness_right=%g sharpness_top=%g",
                             numbers[h], numbers[l], numbers[r], numbers[t]);
                    fixture f = fixture_open("parabolic_wells", 0, options);
                    run(&f, numbers[h], numbers[l], numbers[r], numbers[t]);
                    fixture_close(&f);
                }
}

static void has_what_is_asked_for(const fixture *f, double barrier, double left, double right, double top) {
    kr_critical_points points;
    kr_error error;
    if (kr_critical_points_find(&f->landscape, 0, &points, &error) != KR_OK) fail_msg("%s", error.message);
    assert_int_equal(points.count, 3);
    const double curvature[3] = {left, -top, right};
    for (size_t i = 0; i < 3; i++) {
        assert_close(points.point[i].eigenvalues[0], curvature[i], 1e-15, 0);
        assert_close(points.point[i].energy, i == 1 ? barrier : 0, 1e-14, 1e-12 * barrier);
    }
    kr_critical_points_destroy(&points);
}

static void barrier_and_sharpness_are_free(void **state) {
    (void)state;
    for_all(has_what_is_asked_for);
}

static void goes_on_across_joints(const fixture *f, double barrier, double left, double right, double top) {
    double joint[2], energy[4], slope[4];
    assert_int_equal(f->landscape.type->knots(&f->landscape, 0, 2, joint), 2);
    const double x[4] = {nextafter(joint[0], -INFINITY), joint[0], joint[1], nextafter(joint[1], INFINITY)};
    kr_landscape_energy(&f->landscape, 4, x, energy);
    kr_landscape_gradient(&f->landscape, 4, x, slope);
    for (int k = 0; k < 4; k += 2) {
        double steepest = fmax(k ? right : left, top) * fabs(x[k]); /* how much rounding of x can do */
        assert_close(energy[k + 1], energy[k], 0, 1e-12 * barrier);
        assert_close(slope[k + 1], slope[k], 0, 1e-15 * steepest);
    }
}

static void value_and_slope_go_on(void **state) {
    (void)state;
    for_all(goes_on_across_joints);
}

/* Rate of leaving a minimum for good by a theory, at a twelfth of the barrier. */
static double rate_out(int minimum, double left, double right, const char *name) {
    const kr_registry *registry;
    kr_scene scene;
    kr_error error;
    kr_theory_result results[KR_MAX_THEORIES];
    size_t count = 0;
    char text[600];
    snprintf(
        text, sizeof text,
        "landscape: {name: parabolic_wells, sharpness_left: %g, sharpness_right: %g}\ndynamics: {name: sgld, temperature: %.17g}\n"
        "schedule: {name: constant, lr: 1e-5}\nensemble: {start: {minimum: %d}}\n"
        "escape: {until: {coordinate: 0, %s}}\n",
        left, right, 1 / 12.0, minimum, minimum ? "below: -0.6" : "above: 0.6");
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    if (kr_scene_parse(&scene, registry, "test", NULL, text, NULL, 0, &error) != KR_OK ||
        kr_run_theories(&scene, results, &count, &error) != KR_OK)
        fail_msg("%s", error.message);
    double rate = NAN;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(results[i].type->about.name, name)) rate = results[i].prediction.rate;
    kr_scene_destroy(&scene);
    return rate;
}

/* sqrt(k_0 k_i) / (2 pi) exp(-h / T): a well a hundred times as sharp is left ten times as often, and the other one is left as
 * before. */
static void rates_turn_with_the_sharpness(void **state) {
    (void)state;
    double kramers = sqrt(5 * 2.0) / 6.283185307179586 * exp(-12);
    assert_close(rate_out(0, 2, 2, "kramers"), kramers, 1e-5, 0);
    assert_close(rate_out(0, 200, 2, "kramers"), 10 * kramers, 1e-5, 0);
    assert_close(rate_out(1, 200, 2, "kramers"), kramers, 1e-5, 0);
}

/* 1 / rate = int e^(V/T) [int e^(-V/T)] / T from the minimum to the target, by sums over fine steps. */
static double rate_by_sums(double left) {
    enum { STEPS = 400000 };
    char options[100];
    snprintf(options, sizeof options, "sharpness_left=%g sharpness_right=2", left);
    fixture f = fixture_open("parabolic_wells", 0, options);
    double start = -sqrt(2 * (1 / left + 1 / 5.0)), low = start - 3, step = (0.6 - low) / STEPS, inner = 0, time = 0;
    for (int i = 0; i < STEPS; i++) {
        double x = low + (i + 0.5) * step, energy;
        kr_landscape_energy(&f.landscape, 1, &x, &energy);
        inner += exp(-12 * energy) * step;
        if (x > start) time += 12 * exp(12 * energy) * (inner - 0.5 * exp(-12 * energy) * step) * step;
    }
    fixture_close(&f);
    return 1 / time;
}

static void quadrature_cuts_at_the_joints(void **state) {
    (void)state;
    assert_close(rate_out(0, 20, 2, "quadrature"), rate_by_sums(20), 1e-4, 0);
    assert_close(rate_out(0, 2000, 2, "quadrature"), rate_by_sums(2000), 1e-4, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(barrier_and_sharpness_are_free),
        cmocka_unit_test(value_and_slope_go_on),
        cmocka_unit_test(rates_turn_with_the_sharpness),
        cmocka_unit_test(quadrature_cuts_at_the_joints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
