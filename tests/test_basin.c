/* Basins of steepest descent against the flow itself, integrated by GSL. */
#include "landscape_fixture.h"

#include <kramers/basin.h>
#include <kramers/critical_points.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <gsl/gsl_rng.h>

#include <math.h>
#include <stdlib.h>

enum { POINTS = 1000, PLANE = 2 };

/* time: after which the flow has arrived from anywhere but a separatrix. */
typedef struct area {
    const char *name, *options;
    double low[PLANE], high[PLANE], time;
} area;

static const area areas[] = {{"muller_brown", "", {-1.5, -0.3}, {1.2, 2}, 1},
                             {"himmelblau", "", {-6, -6}, {6, 6}, 10},
                             {"surface", "file=" DIGITS_FILE, {-8, -8}, {22, 22}, 1e5}};
enum { AREAS = sizeof areas / sizeof *areas };

static int flow(double t, const double x[], double velocity[], void *landscape) {
    (void)t;
    kr_landscape_gradient(landscape, 1, x, velocity);
    for (size_t i = 0; i < PLANE; i++) velocity[i] = -velocity[i];
    return GSL_SUCCESS;
}

/* The minimum that the flow from x comes near to; -1: none in this time. */
static int32_t end_of_flow(kr_landscape *landscape, size_t count, const double *minimum, const double *start, double time) {
    gsl_odeiv2_system system = {flow, NULL, PLANE, landscape};
    gsl_odeiv2_driver *driver = gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rkf45, 1e-6 * time, 1e-9, 1e-9);
    double x[PLANE] = {start[0], start[1]}, t = 0;
    int32_t end = -1;
    for (double until = 1e-3 * time; end < 0 && until <= time; until *= 1.5) {
        assert_int_equal(gsl_odeiv2_driver_apply(driver, &t, until, x), GSL_SUCCESS);
        for (size_t m = 0; m < count; m++)
            if (hypot(x[0] - minimum[PLANE * m], x[1] - minimum[PLANE * m + 1]) < 1e-2) end = (int32_t)m;
    }
    gsl_odeiv2_driver_free(driver);
    return end;
}

static void basins_are_those_of_the_flow(void **state) {
    (void)state;
    kr_error error;
    gsl_rng *random = gsl_rng_alloc(gsl_rng_taus2);
    for (size_t a = 0; a < AREAS; a++) {
        fixture f = fixture_open(areas[a].name, 0, areas[a].options);
        kr_basins *basins;
        assert_int_equal(kr_basins_create(&basins, &f.landscape, &error), KR_OK);
        size_t count = kr_basins_count(basins), wrong = 0, open = 0, each[KR_MAX_BASINS] = {0};
        double minimum[PLANE * KR_MAX_BASINS], x[PLANE * POINTS];
        int32_t number[POINTS], alone;
        for (size_t m = 0; m < count; m++)
            assert_int_equal(kr_minimum_position(&f.landscape, (int64_t)m, minimum + PLANE * m, &error), KR_OK);
        for (size_t i = 0; i < PLANE; i++)
            for (size_t p = 0; p < POINTS; p++)
                x[i * POINTS + p] = areas[a].low[i] + (areas[a].high[i] - areas[a].low[i]) * gsl_rng_uniform(random);
        assert_int_equal(kr_basins_assign(basins, POINTS, POINTS, x, number, &error), KR_OK);
        for (size_t p = 0; p < POINTS; p++) {
            double point[PLANE] = {x[p], x[POINTS + p]};
            assert_int_equal(kr_basins_assign(basins, 1, 1, point, &alone, &error), KR_OK);
            assert_int_equal(alone, number[p]); /* whoever else goes down beside it */
            int32_t end = end_of_flow(&f.landscape, count, minimum, point, areas[a].time);
            open += end < 0;
            wrong += end >= 0 && end != number[p];
            each[number[p]]++;
        }
        print_message("%s: %zu of %d points otherwise than the flow, which has not arrived from %zu\n", areas[a].name, wrong,
                      (int)POINTS, open);
        assert_in_range(wrong, 0, POINTS / 100); /* near a separatrix: steps are up to a tenth of the way between minima */
        assert_in_range(open, 0, POINTS / 500);
        for (size_t m = 0; m < count; m++) assert_true(each[m] > POINTS / 20);
        kr_basins_destroy(basins);
        fixture_close(&f);
    }
    gsl_rng_free(random);
}

static void points_that_are_not_finite_have_no_basin(void **state) {
    (void)state;
    kr_error error;
    fixture f = fixture_open("muller_brown", 0, "");
    kr_basins *basins;
    assert_int_equal(kr_basins_create(&basins, &f.landscape, &error), KR_OK);
    double x[8] = {NAN, 0, INFINITY, -0.56, 0, NAN, 0, 1.44};
    int32_t number[4];
    assert_int_equal(kr_basins_assign(basins, 4, 4, x, number, &error), KR_OK);
    for (size_t p = 0; p < 3; p++) assert_int_equal(number[p], -1);
    assert_int_equal(number[3], 0);
    kr_basins_destroy(basins);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(basins_are_those_of_the_flow),
                                       cmocka_unit_test(points_that_are_not_finite_have_no_basin)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
