/* Surfaces between their points and beyond: walls that fit the data, splines that ring at cliffs, monotone ones that do not. */
#define SURFACE_TEST "surface_shape"
#include "surface_fixture.h"

#include <kramers/critical_points.h>

/* ---- a wall that fits ---- */

/* A plane as of a small network: a bowl, tilted and twisted, with a ripple; rises steeply in some corners and falls out of others.
 */
static double plane_of(size_t number, double x, double y) {
    double k = (double)number;
    return 0.3 + (1 + k) * x * x + 0.4 * y * y + 3 * sin(k) * x * y + 0.2 * cos(5 * x + k) * sin(4 * y) + sin(3 * k) * x;
}

static void write_plane(size_t number, double unit_x, double unit_y, double unit) {
    double x[21], y[21], value[441];
    for (size_t i = 0; i < 21; i++) {
        x[i] = unit_x * (-1 + 0.1 * (double)i);
        y[i] = unit_y * (-1 + 0.1 * (double)i);
    }
    for (size_t k = 0; k < 441; k++) value[k] = unit * plane_of(number, -1 + 0.1 * (double)(k % 21), -1 + 0.1 * (double)(k / 21));
    write_surface(21, x, 21, y, value, H5T_IEEE_F64LE);
}

static void the_default_wall_holds_every_plane(void **state) {
    (void)state;
    for (size_t number = 0; number < 24; number++) {
        write_plane(number, 1, 1, 1);
        fixture f = open_written("");
        double lowest = INFINITY, inside = INFINITY;
        for (double angle = 0; angle < 6.29; angle += 0.01) {
            lowest = fmin(lowest, energy_at(&f, 1e3 * cos(angle), 1e3 * sin(angle)));
            for (double r = 0; r < 4; r += 0.1) inside = fmin(inside, energy_at(&f, r * cos(angle), r * sin(angle)));
        }
        assert_true(lowest > 1e5); /* rises everywhere */
        int64_t count;
        assert_int_equal(kr_minimum_count(&f.landscape, &count, NULL), KR_OK);
        for (int64_t m = 0; m < count; m++) {
            double at[2];
            assert_int_equal(kr_minimum_position(&f.landscape, m, at, NULL), KR_OK);
            assert_true(fabs(at[0]) < 1.26 && fabs(at[1]) < 1.26); /* no farther out than an eighth of the plane */
        }
        fixture_close(&f);
    }
}

static void the_default_wall_has_the_units_of_the_data(void **state) {
    (void)state;
    static const double unit_x = 1e-3, unit_y = 70, unit = 1e5;
    write_plane(3, 1, 1, 1);
    fixture one = open_written("");
    write_plane(3, unit_x, unit_y, unit);
    fixture other = open_written("");
    for (double x = -3; x < 3; x += 0.37)
        for (double y = -3; y < 3; y += 0.31)
            assert_close(energy_at(&other, unit_x * x, unit_y * y), unit * energy_at(&one, x, y), 1e-11, 1e-9);
    fixture_close(&one);
    fixture_close(&other);
}

static void the_bound_that_is_named_is_accepted(void **state) {
    (void)state;
    for (size_t number = 1; number < 24; number++) {
        char options[600];
        fixture f;
        kr_error error;
        write_plane(number, 0.1 * (double)number, 1, 1);
        snprintf(options, sizeof options, "file=%s scale=%zu wall=1e-3", TEST_FILE, number);
        assert_int_equal(fixture_try(&f, landscape_type("surface"), 0, options, &error), KR_BAD_ARGUMENT);
        fixture_close(&f);
        const char *bound = strstr(error.message, "give ");
        assert_non_null(bound);
        snprintf(options, sizeof options, "file=%s scale=%zu wall=%.*s", TEST_FILE, number, (int)strcspn(bound + 5, " "),
                 bound + 5);
        if (fixture_try(&f, landscape_type("surface"), 0, options, &error) != KR_OK) fail_msg("%s", error.message);
        fixture_close(&f);
    }
}

/* ---- cliffs ---- */

enum { CLIFF = 51 };

/* A flat valley with a parabola in it and a cliff around. */
static void write_cliff(double height) {
    double x[CLIFF], value[CLIFF * CLIFF];
    for (size_t i = 0; i < CLIFF; i++) x[i] = -1 + 2 * (double)i / (CLIFF - 1);
    for (size_t k = 0; k < CLIFF * CLIFF; k++) {
        double r = hypot(x[k % CLIFF] - 0.04, x[k / CLIFF]);
        value[k] = 0.3 + r * r / 2 + (r > 0.7 ? height : 0);
    }
    write_surface(CLIFF, x, CLIFF, x, value, H5T_IEEE_F64LE);
}

/* The lowest and the highest of 500 x 500 places on the grid. */
static void range_of(const fixture *f, double *low, double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (double x = -1; x <= 1; x += 0.00397)
        for (double y = -1; y <= 1; y += 0.00397) {
            double v = energy_at(f, x, y);
            *low = fmin(*low, v);
            *high = fmax(*high, v);
        }
}

static void a_spline_that_rings_at_a_cliff_says_so(void **state) {
    (void)state;
    char text[256];
    double low, high, said_low, said_high;
    write_cliff(1e4);
    fixture f = open_written("");
    assert_true(f.landscape.type->warning(&f.landscape, 0, text, sizeof text));
    assert_non_null(strstr(text, "landscape.interpolation: monotone stays within"));
    const char *from = strstr(text, "goes from ");
    assert_int_equal(sscanf(from, "goes from %lf to %lf", &said_low, &said_high), 2);
    range_of(&f, &low, &high);
    assert_true(low < -500);
    assert_close(said_low, low, 0.02, 0); /* it is looked for on a grid of its own */
    assert_close(said_high, high, 0.02, 0);
    assert_false(f.landscape.type->warning(&f.landscape, 1, text, sizeof text));
    fixture_close(&f);
    f = fixture_open("surface", 0, "file=" DIGITS_FILE);
    assert_false(f.landscape.type->warning(&f.landscape, 0, text, sizeof text));
    fixture_close(&f);
}

static void monotone_surfaces_stay_within_their_values(void **state) {
    (void)state;
    static const char *const options[] = {"interpolation=monotone", "interpolation=monotone clip=2",
                                          "interpolation=monotone log=true"};
    static const double lows[] = {0.3, 0.3, -1.2039728043259361};
    double highs[] = {1e4 + 0.3 + (1.04 * 1.04 + 1) / 2, 2, 0};
    highs[2] = log(highs[0]);
    write_cliff(1e4);
    for (size_t k = 0; k < 3; k++) {
        char text[256];
        double low, high, position[2];
        int64_t count;
        fixture f = open_written(options[k]);
        range_of(&f, &low, &high);
        assert_true(low >= lows[k] - 1e-12 && high <= highs[k] * (1 + 1e-12));
        assert_false(f.landscape.type->warning(&f.landscape, 0, text, sizeof text));
        assert_int_equal(kr_minimum_count(&f.landscape, &count, NULL), KR_OK);
        assert_int_equal(count, 1);
        assert_int_equal(kr_minimum_position(&f.landscape, 0, position, NULL), KR_OK);
        assert_close(position[0], 0.04, 0, 1e-12);
        assert_close(position[1], 0, 0, 1e-12);
        fixture_close(&f);
    }
}

/* Values without any order: still within those of each cell's corners, through all of them, and with one slope from cell to cell.
 */
static void monotone_surfaces_are_smooth(void **state) {
    (void)state;
    double x[NX], y[NY], value[NX * NY];
    for (size_t k = 0; k < NX * NY; k++) {
        x[k % NX] = irregular(k % NX, NX);
        y[k / NX] = two_scales(k / NX, NY);
        value[k] = sin((double)(k * k)) * exp(3 * cos(1.3 * (double)k));
    }
    write_surface(NX, x, NY, y, value, H5T_IEEE_F64LE);
    fixture f = open_written("interpolation=monotone");
    for (size_t j = 0; j + 1 < NY; j++)
        for (size_t i = 0; i + 1 < NX; i++) {
            const double *v = value + j * NX + i, corner[4] = {v[0], v[1], v[NX], v[NX + 1]};
            double low = fmin(fmin(corner[0], corner[1]), fmin(corner[2], corner[3]));
            double high = fmax(fmax(corner[0], corner[1]), fmax(corner[2], corner[3]));
            assert_close(energy_at(&f, x[i], y[j]), v[0], 1e-14, 1e-14);
            for (double s = 0.05; s < 1; s += 0.1)
                for (double t = 0.05; t < 1; t += 0.1) {
                    double e = energy_at(&f, x[i] + s * (x[i + 1] - x[i]), y[j] + t * (y[j + 1] - y[j]));
                    assert_true(e >= low - 1e-12 && e <= high + 1e-12);
                }
            for (double t = 0.1; t < 1 && i > 0; t += 0.4) {
                double at = y[j] + t * (y[j + 1] - y[j]), before[2], after[2];
                kr_landscape_gradient(&f.landscape, 1, (double[]){nextafter(x[i], -9), at}, before);
                kr_landscape_gradient(&f.landscape, 1, (double[]){x[i], at}, after);
                for (int c = 0; c < 2; c++) assert_close(after[c], before[c], 1e-9, 1e-9);
            }
        }
    fixture_close(&f);
}

static void what_is_clipped_or_has_no_logarithm(void **state) {
    (void)state;
    write_cliff(1e4);
    fixture f = open_written("clip=5 wall=0");
    assert_close(energy_at(&f, -1, -1), 5, 1e-14, 0);
    assert_close(energy_at(&f, 0.04, 0), 0.3, 1e-12, 0);
    fixture_close(&f);
    f = open_written("log=true scale=3");
    assert_close(energy_at(&f, 0.04, 0), 3 * log(0.3), 1e-12, 0);
    fixture_close(&f);
    write_cliff(-1);
    assert_written_refused("log=true", "log needs values above 0, but the smallest of '");
    write_cliff(1);
    assert_written_refused("log=true clip=0", "where clip has put it");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_wall_holds_every_plane),         cmocka_unit_test(the_default_wall_has_the_units_of_the_data),
        cmocka_unit_test(the_bound_that_is_named_is_accepted),        cmocka_unit_test(a_spline_that_rings_at_a_cliff_says_so),
        cmocka_unit_test(monotone_surfaces_stay_within_their_values), cmocka_unit_test(monotone_surfaces_are_smooth),
        cmocka_unit_test(what_is_clipped_or_has_no_logarithm),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(TEST_FILE);
    return failed;
}
