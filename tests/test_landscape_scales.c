/* Curvature, barrier and thermal widths against closed forms. */
#include "assert_close.h"
#include "plugin_setup.h"

#include <kramers/landscape_scales.h>

#include <math.h>

static kr_settings make(kr_landscape *landscape, const char *name, const char *parameters) {
    kr_error error;
    const kr_landscape_type *type = find_landscape(best_registry(), name);
    kr_settings settings = make_settings(&type->about, parameters);
    if (kr_landscape_create(landscape, type, settings.values, NULL, 0, &error) != KR_OK) fail_msg("%s", error.message);
    return settings;
}

static void curvature_and_barrier(void **state) {
    (void)state;
    kr_landscape landscape;
    kr_settings settings = make(&landscape, "double_well", "barrier=3");
    kr_landscape_scales scales = kr_landscape_scales_find(&landscape);
    assert_close(scales.curvature, 8 * 3, 1e-9, 0); /* V = 3 (x^2 - 1)^2 */
    assert_close(scales.barrier, 3, 1e-9, 0);
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
    settings = make(&landscape, "harmonic", "dim=1 stiffness=7");
    scales = kr_landscape_scales_find(&landscape);
    assert_close(scales.curvature, 7, 1e-9, 0);
    assert_true(isnan(scales.barrier));
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
}

/* T / k along the axes, T (1/k1 + 1/k2) / 2 along the diagonal. */
static void thermal_variance(void **state) {
    (void)state;
    const double x[3] = {0}, axis[3] = {0, 1, 0}, diagonal[3] = {sqrt(0.5), sqrt(0.5), 0};
    const double *const direction[2] = {axis, diagonal};
    double variance[2];
    for (int dim = 2; dim <= 3; dim++) {
        kr_landscape landscape;
        kr_settings settings = make(&landscape, "harmonic", dim == 2 ? "dim=2 stiffness=[2,5]" : "dim=3 stiffness=[2,5,9]");
        assert_true(kr_landscape_thermal_variance(&landscape, x, 0.3, 2, direction, variance));
        assert_close(variance[0], 0.3 / 5, 1e-12, 0);
        assert_close(variance[1], 0.3 * (1.0 / 2 + 1.0 / 5) / 2, 1e-12, 0);
        kr_landscape_destroy(&landscape);
        kr_settings_destroy(&settings);
    }
    /* Coupled: by the inverse of the Hessian; and no minimum is refused. */
    kr_landscape landscape;
    kr_settings settings = make(&landscape, "muller_brown", "");
    const double minimum[2] = {0.6234994, 0.0280377}, saddle[2] = {-0.8220015, 0.6243128};
    double h[4];
    kr_landscape_hessian(&landscape, 1, minimum, h);
    assert_true(kr_landscape_thermal_variance(&landscape, minimum, 10, 1, direction, variance));
    assert_close(variance[0], 10 * h[0] / (h[0] * h[3] - h[1] * h[2]), 1e-12, 0);
    assert_false(kr_landscape_thermal_variance(&landscape, saddle, 10, 1, direction, variance));
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(curvature_and_barrier), cmocka_unit_test(thermal_variance)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
