/* Splines through control points: GSL's natural cubic spline inside, the formula of the wall outside, for every number of points.
 */
#include "landscape_fixture.h"

#include <kramers/critical_points.h>

#include <gsl/gsl_interp.h>

enum { MOST = 64, SAMPLES = 2000 };

/* Uneven knots and irregular values; the same every time. */
static size_t control_points(size_t n, double *x, double *energy) {
    for (size_t i = 0; i < n; i++) {
        double k = (double)i;
        x[i] = 0.3 * k + 0.11 * sin(3.7 * k) - 2;
        energy[i] = 2 * sin(1.9 * k) + 0.1 * k;
    }
    return n;
}

static fixture spline_through(size_t n, const double *x, const double *energy, double wall, kr_status *status, kr_error *error) {
    const kr_landscape_type *type = landscape_type("spline");
    fixture f = {.settings = {.about = NULL}};
    assert_int_equal(kr_settings_create(&f.settings, &type->about, NULL), KR_OK);
    assert_int_equal(kr_set_list(&f.settings, kr_parameter_find(&type->about, "x"), x, n, NULL), KR_OK);
    assert_int_equal(kr_set_list(&f.settings, kr_parameter_find(&type->about, "energy"), energy, n, NULL), KR_OK);
    assert_int_equal(kr_set_number(&f.settings, kr_parameter_find(&type->about, "wall"), wall, NULL), KR_OK);
    *status = kr_landscape_create(&f.landscape, type, f.settings.values, NULL, 0, error);
    return f;
}

static void it_is_the_natural_spline(void **state) {
    (void)state;
    for (size_t n = 4; n <= MOST; n++) {
        double x[MOST], energy[MOST], at[SAMPLES], out[3 * SAMPLES];
        control_points(n, x, energy);
        kr_status status;
        kr_error error;
        fixture f = spline_through(n, x, energy, 1.5, &status, &error);
        if (status) fail_msg("%s", error.message);
        gsl_interp *reference = gsl_interp_alloc(gsl_interp_cspline, n);
        assert_int_equal(gsl_interp_init(reference, x, energy, n), 0);
        for (size_t p = 0; p < SAMPLES; p++) at[p] = x[0] + (x[n - 1] - x[0]) * (double)p / (SAMPLES - 1);
        for (size_t i = 0; i < n; i++) at[7 * i + 3] = x[i];
        kr_landscape_energy(&f.landscape, SAMPLES, at, out);
        kr_landscape_gradient(&f.landscape, SAMPLES, at, out + SAMPLES);
        kr_landscape_curvature(&f.landscape, SAMPLES, at, out + 2 * SAMPLES);
        for (size_t p = 0; p < SAMPLES; p++) {
            double here = fmin(at[p], x[n - 1]);
            assert_close(out[p], gsl_interp_eval(reference, x, energy, here, NULL), 1e-12, 1e-12);
            assert_close(out[SAMPLES + p], gsl_interp_eval_deriv(reference, x, energy, here, NULL), 1e-11, 1e-10);
            assert_close(out[2 * SAMPLES + p], gsl_interp_eval_deriv2(reference, x, energy, here, NULL), 1e-9, 1e-8);
        }
        for (size_t i = 0; i < n; i++) assert_close(out[7 * i + 3], energy[i], 1e-14, 1e-14);
        gsl_interp_free(reference);
        fixture_close(&f);
    }
}

static void beyond_the_ends_slope_and_wall_go_on(void **state) {
    (void)state;
    for (size_t n = 4; n <= MOST; n += 12) {
        double x[MOST], energy[MOST];
        control_points(n, x, energy);
        kr_status status;
        kr_error error;
        fixture f = spline_through(n, x, energy, 2.5, &status, &error);
        for (int side = 0; side < 2; side++)
            for (double u = 1e-6; u < 1e4; u *= 10) {
                double end = side ? x[n - 1] : x[0], beyond = side ? u : -u, at = end + beyond, there, slope, v, g, c;
                double exact = at - end; /* what is left of u */
                kr_landscape_energy(&f.landscape, 1, &end, &there);
                kr_landscape_gradient(&f.landscape, 1, &end, &slope);
                kr_landscape_energy(&f.landscape, 1, &at, &v);
                kr_landscape_gradient(&f.landscape, 1, &at, &g);
                kr_landscape_curvature(&f.landscape, 1, &at, &c);
                assert_close(v, there + slope * exact + 1.25 * exact * exact, 1e-14, 1e-13);
                assert_close(g, slope + 2.5 * exact, 1e-14, 1e-14);
                assert_close(c, 2.5, 0, 1e-9);
            }
        fixture_close(&f);
    }
}

/* Every change of sign of the slope on a fine grid is a critical point that was found, and there are no others. */
static void all_critical_points_are_found(void **state) {
    (void)state;
    for (size_t n = 4; n <= MOST; n++) {
        double x[MOST], energy[MOST];
        control_points(n, x, energy);
        kr_status status;
        kr_error error;
        fixture f = spline_through(n, x, energy, 3, &status, &error);
        double low = x[0] - 20, high = x[n - 1] + 20, before = -1, slope;
        int64_t minima = 0, count;
        for (double at = low; at < high; at += 1e-3) {
            kr_landscape_gradient(&f.landscape, 1, &at, &slope);
            if (before < 0 && slope >= 0) minima++;
            before = slope;
        }
        assert_int_equal(kr_minimum_count(&f.landscape, &count, &error), KR_OK);
        assert_int_equal(count, minima);
        fixture_close(&f);
    }
}

static void bad_points_are_refused(void **state) {
    (void)state;
    static const struct {
        size_t n, m;
        double x[5];
        const char *message;
    } bad[] = {{3, 3, {0, 1, 2}, "takes 4 to 64 control points, not 3"},
               {5, 4, {0, 1, 2, 3, 4}, "x lists 5 points and energy 4"},
               {4, 4, {0, 1, 1, 2}, "x must ascend, but x[2] = 1 comes after 1"},
               {4, 4, {0, 2, 1, 3}, "x must ascend, but x[2] = 1 comes after 2"},
               {4, 4, {0, 4e-324, 1, 3}, "too close to each other"}};
    const kr_landscape_type *type = landscape_type("spline");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double energy[5] = {1, 0, 1, 0, 1};
        kr_error error;
        fixture f = {.settings = {.about = NULL}};
        assert_int_equal(kr_settings_create(&f.settings, &type->about, NULL), KR_OK);
        assert_int_equal(kr_set_list(&f.settings, kr_parameter_find(&type->about, "x"), bad[i].x, bad[i].n, NULL), KR_OK);
        assert_int_equal(kr_set_list(&f.settings, kr_parameter_find(&type->about, "energy"), energy, bad[i].m, NULL), KR_OK);
        assert_int_equal(kr_landscape_create(&f.landscape, type, f.settings.values, NULL, 0, &error), KR_BAD_ARGUMENT);
        if (!strstr(error.message, bad[i].message)) fail_msg("%s", error.message);
        fixture_close(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_natural_spline),
        cmocka_unit_test(beyond_the_ends_slope_and_wall_go_on),
        cmocka_unit_test(all_critical_points_are_found),
        cmocka_unit_test(bad_points_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
