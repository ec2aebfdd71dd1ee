/* The surface landscape: its spline against independent ones, its behaviour outside the grid, and what it refuses. */
#include "surface_fixture.h"

#include <kramers/critical_points.h>

#include <gsl/gsl_spline.h>

/* Values made with scipy's CubicSpline(bc_type="natural") along y, then along x: point, S, S_x, S_y, S_xx, S_xy, S_yy. */
static void digits_equal_scipys_natural_spline(void **state) {
    (void)state;
    static const double expected[][8] = {
        {0.1234, 0.777, 0.0365887269064863, 0.000882753030329114, 0.0031809918509598, 0.0043947842127489, 0.00239997582320459,
         0.00639235185879963},
        {8.3, 13.9, 0.035456826871863, -0.000206846740616728, 0.000980836528796444, 0.00190196847004745, 3.86896388396825e-05,
         0.00479456747847429},
        {-5.5, -5.5, 0.0847671963348361, -0.00632257482963391, -0.00818850874867856, 0.000196527439697397, -0.000774046661055727,
         0.000657919068902078},
        {21.3, 19.4, 0.410070016898776, 0.0920874526489754, -0.0170334128119505, 0.00391946659411619, -0.0104891202120983,
         0.00135017956238175},
        {7.0688, 5.485, 1.08800920835394, 1.25485951117102e-06, 2.97835567007489e-06, -0.0738001825768794, -0.0330393452339674,
         -0.139321325089504},
        {3.3333, -5.531, 0.304898420632588, 0.13143333320452, -0.0897960141198274, 0.0462926999488225, -0.0252385838094009,
         8.08042707335018e-06},
    };
    fixture f = fixture_open("surface", 0, "file=" DIGITS_FILE);
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        double gradient[2], hessian[4];
        assert_close(energy_at(&f, expected[k][0], expected[k][1]), expected[k][2], 1e-13, 0);
        kr_landscape_gradient(&f.landscape, 1, expected[k], gradient);
        kr_landscape_hessian(&f.landscape, 1, expected[k], hessian);
        assert_close(gradient[0], expected[k][3], 1e-11, 1e-14);
        assert_close(gradient[1], expected[k][4], 1e-11, 1e-14);
        assert_close(hessian[0], expected[k][5], 1e-10, 1e-13);
        assert_close(hessian[1], expected[k][6], 1e-10, 1e-13);
        assert_close(hessian[3], expected[k][7], 1e-10, 1e-13);
    }
    fixture_close(&f);
}

/* The landscape that the project ships: where training ended, the passes between, and which minima they join. */
static void digits_have_three_minima_joined_by_three_saddles(void **state) {
    (void)state;
    fixture f = fixture_open("surface", 0, "file=" DIGITS_FILE);
    kr_critical_points points;
    assert_int_equal(kr_critical_points_find(&f.landscape, 0, &points, NULL), KR_OK);
    static const size_t index[] = {0, 1, 2, 1, 0, 1, 0};
    static const double trained[][2] = {{0, 0}, {8.43021679, 13.88714225}, {15.80304282, 0}};
    static const size_t joins[][3] = {{1, 0, 4}, {3, 0, 6}, {5, 4, 6}};
    assert_int_equal(points.count, 7);
    for (size_t k = 0, minimum = 0; k < 7; k++) {
        assert_int_equal(points.point[k].index, index[k]);
        if (index[k] != 0) continue;
        assert_close(points.point[k].position[0], trained[minimum][0], 0, 0.3);
        assert_close(points.point[k].position[1], trained[minimum][1], 0, 0.3);
        minimum++;
    }
    for (size_t k = 0; k < 3; k++) {
        size_t ends[2];
        assert_int_equal(kr_saddle_ends(&f.landscape, &points, joins[k][0], ends, NULL), KR_OK);
        assert_int_equal(ends[0], joins[k][1]);
        assert_int_equal(ends[1], joins[k][2]);
    }
    kr_critical_points_destroy(&points);
    fixture_close(&f);
}

/* Of a product u(x) v(y) the spline is the product of the one-dimensional splines: for any spacing of the knots, at knots, next
 * to them and between. */
static void splines_of_products_are_products_of_gsls_splines(void **state) {
    (void)state;
    for (size_t a = 0; a < SPACINGS; a++) {
        for (size_t b = 0; b < SPACINGS; b++) {
            double x[NX], y[NY], u[NX], v[NY], value[NX * NY];
            for (size_t i = 0; i < NX; i++) {
                x[i] = spacings[a](i, NX);
                u[i] = 2 + sin(2.3 * (double)i);
            }
            for (size_t j = 0; j < NY; j++) {
                y[j] = spacings[b](j, NY);
                v[j] = 3 + cos(1.9 * (double)j);
            }
            for (size_t k = 0; k < NX * NY; k++) value[k] = u[k % NX] * v[k / NX];
            write_surface(NX, x, NY, y, value, H5T_IEEE_F64LE);
            fixture f = open_written("wall=0");
            gsl_spline *su = gsl_spline_alloc(gsl_interp_cspline, NX), *sv = gsl_spline_alloc(gsl_interp_cspline, NY);
            gsl_spline_init(su, x, u, NX);
            gsl_spline_init(sv, y, v, NY);
            for (size_t i = 0; i < NX; i++) {
                for (size_t j = 0; j < NY; j++) {
                    double px[] = {x[i], nextafter(x[i], x[0]), nextafter(x[i], x[NX - 1]),
                                   i + 1 < NX ? 0.3 * x[i] + 0.7 * x[i + 1] : x[i]};
                    double py[] = {y[j], nextafter(y[j], y[NY - 1]), nextafter(y[j], y[0]),
                                   j + 1 < NY ? 0.6 * y[j] + 0.4 * y[j + 1] : y[j]};
                    for (size_t k = 0; k < 4; k++) {
                        double gradient[2], cu = gsl_spline_eval(su, px[k], NULL), cv = gsl_spline_eval(sv, py[k], NULL);
                        double du = gsl_spline_eval_deriv(su, px[k], NULL), dv = gsl_spline_eval_deriv(sv, py[k], NULL);
                        assert_close(energy_at(&f, px[k], py[k]), cu * cv, 1e-12, 1e-12);
                        kr_landscape_gradient(&f.landscape, 1, (double[]){px[k], py[k]}, gradient);
                        assert_close(gradient[0], du * cv, 1e-9, 1e-9 / (x[1] - x[0]));
                        assert_close(gradient[1], cu * dv, 1e-9, 1e-9 / (y[1] - y[0]));
                        if (k == 0) assert_close(energy_at(&f, px[k], py[k]), value[j * NX + i], 1e-14, 0);
                    }
                }
            }
            gsl_spline_free(su);
            gsl_spline_free(sv);
            fixture_close(&f);
        }
    }
}

/* Across inner grid lines value, slopes and second derivatives go on; across the edge all but the wall's curvature. */
static void assert_smooth(const fixture *f, const double at[2], int axis, double jump) {
    const double h = 1e-9;
    double before[2] = {at[0], at[1]}, after[2] = {at[0], at[1]}, g0[2], g1[2], h0[4], h1[4];
    before[axis] -= h;
    after[axis] += h;
    assert_close(energy_at(f, after[0], after[1]), energy_at(f, before[0], before[1]), 0, 1e-8);
    kr_landscape_gradient(&f->landscape, 1, before, g0);
    kr_landscape_gradient(&f->landscape, 1, after, g1);
    kr_landscape_hessian(&f->landscape, 1, before, h0);
    kr_landscape_hessian(&f->landscape, 1, after, h1);
    for (int i = 0; i < 2; i++) assert_close(g1[i], g0[i], 0, 1e-8);
    for (int k = 0; k < 4; k++) assert_close(h1[k] - h0[k], k == 3 * axis ? jump : 0, 0, 1e-8);
}

static void surface_is_smooth_across_knots_edges_and_corners(void **state) {
    (void)state;
    fixture f = fixture_open("surface", 0, "file=" DIGITS_FILE " wall=0.7 scale=1.3");
    const double low_x = -5.531064986233049, high_x = 21.33410780404176, low_y = low_x, high_y = 19.418207236443486;
    const double wall = 0.7 * 1.3, width = (high_x - low_x) / 120, height = (high_y - low_y) / 120;
    for (size_t i = 1; i < 120; i += 7) {
        double knot_x = low_x + width * (double)i, knot_y = low_y + height * (double)i;
        /* inside, and beyond the edges that the line runs into */
        for (double t = -8; t < 25; t += 1.1) {
            assert_smooth(&f, (double[]){knot_x, t}, 0, 0);
            assert_smooth(&f, (double[]){t, knot_y}, 1, 0);
        }
    }
    /* the four edges and what goes on from them beyond the corners */
    for (double t = -10.03; t < 26; t += 0.37) {
        assert_smooth(&f, (double[]){low_x, t}, 0, -wall);
        assert_smooth(&f, (double[]){high_x, t}, 0, wall);
        assert_smooth(&f, (double[]){t, low_y}, 1, -wall);
        assert_smooth(&f, (double[]){t, high_y}, 1, wall);
    }
    fixture_close(&f);
}

/* A bilinear function is its own spline and its own linear continuation. */
static double bilinear(double x, double y) {
    return 1.7 - 0.4 * x + 0.9 * y + 0.2 * x * y;
}

static void outside_value_and_slope_go_on_and_the_wall_rises(void **state) {
    (void)state;
    double x[NX], y[NY], value[NX * NY];
    for (size_t k = 0; k < NX * NY; k++) {
        x[k % NX] = irregular(k % NX, NX);
        y[k / NX] = even(k / NX, NY);
        value[k] = bilinear(irregular(k % NX, NX), even(k / NX, NY));
    }
    write_surface(NX, x, NY, y, value, H5T_IEEE_F64LE);
    fixture f = open_written("wall=3 scale=2");
    for (double px = -6; px < 7; px += 0.31) {
        for (double py = -6; py < 7; py += 0.29) {
            double dx = fmax(fmax(x[0] - px, px - x[NX - 1]), 0), dy = fmax(fmax(y[0] - py, py - y[NY - 1]), 0);
            assert_close(energy_at(&f, px, py), 2 * (bilinear(px, py) + 1.5 * (dx * dx + dy * dy)), 1e-12, 1e-12);
        }
    }
    fixture_close(&f);
    /* 0.2 beyond the corners: a weaker wall would let the energy fall without end. */
    char options[512];
    snprintf(options, sizeof options, "file=%s wall=0.19", TEST_FILE);
    kr_error error;
    assert_int_equal(fixture_try(&f, landscape_type("surface"), 0, options, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "cannot hold the surface beyond its corners"));
    fixture_close(&f);
}

static void minima_beyond_the_edge_are_found(void **state) {
    (void)state;
    double x[NX], y[NX], value[NX * NX];
    for (size_t k = 0; k < NX * NX; k++) {
        x[k % NX] = y[k % NX] = even(k % NX, NX);
        value[k] = -even(k % NX, NX) + even(k / NX, NX) * even(k / NX, NX);
    }
    write_surface(NX, x, NX, y, value, H5T_IEEE_F64LE);
    fixture f = open_written("wall=2");
    double position[2];
    assert_int_equal(kr_minimum_position(&f.landscape, 0, position, NULL), KR_OK);
    assert_close(position[0], 2.7 + 0.5, 0, 1e-9);
    assert_close(position[1], 0, 0, 1e-3); /* natural ends bend the parabola a little */
    fixture_close(&f);
    f = open_written("wall=0");
    int64_t count;
    assert_int_equal(kr_minimum_count(&f.landscape, &count, NULL), KR_BAD_ARGUMENT);
    fixture_close(&f);
}

static void files_that_are_none_are_refused(void **state) {
    (void)state;
    assert_refused("", KR_BAD_ARGUMENT, "needs a file");
    assert_refused("file=/nowhere/loss.h5", KR_IO, "cannot open '/nowhere/loss.h5': No such file or directory");
    assert_refused("file=" KR_SOURCE_DIRECTORY "/CMakeLists.txt", KR_IO, "CMakeLists.txt:2: 'project(kramers' is not a number");
    assert_refused("file=/tmp", KR_IO, "cannot read '/tmp': it is a directory");
    assert_refused("file=" DIGITS_FILE " dataset=train_lose", KR_BAD_ARGUMENT, "did you mean 'train_loss'?");
    assert_refused("file=" DIGITS_FILE " dataset=minima", KR_BAD_ARGUMENT, "is 3 x 2; it must be 121 x 121");
    assert_refused("file=" DIGITS_FILE " dataset=xcoordinates", KR_BAD_ARGUMENT, "has 1 dimensions; it must have two");
    write_bytes(TEST_FILE, "not hdf5", 8);
    assert_refused("file=" TEST_FILE, KR_IO, "is not an HDF5 file");
}

static void truncated_files_are_refused(void **state) {
    (void)state;
    char bytes[100000];
    FILE *in = fopen(DIGITS_FILE, "rb"), *out = fopen(TEST_FILE, "wb");
    assert_true(in && out);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    fwrite(bytes, 1, size, out);
    fclose(in);
    fclose(out);
    assert_refused("file=" TEST_FILE, KR_IO, "it may be damaged");
}

static void surfaces_that_cannot_be_interpolated_are_refused(void **state) {
    (void)state;
    double x[] = {0, 1, 2, 3}, y[] = {0, 1, 2}, value[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    write_shaped(0, x, 3, y, 3, 4, value, H5T_IEEE_F64LE);
    assert_written_refused("", "has no data set 'xcoordinates'");
    write_shaped(4, x, 0, y, 3, 4, value, H5T_IEEE_F64LE);
    assert_written_refused("", "has no data set 'ycoordinates'");
    write_surface(4, x, 3, y, NULL, H5T_IEEE_F64LE);
    assert_written_refused("", "has no data set 'train_loss'; its data sets: xcoordinates, ycoordinates");
    write_surface(4, x, 2, y, value, H5T_IEEE_F64LE);
    assert_written_refused("", "2 points along ycoordinates; the spline needs at least 3");

    value[6] = NAN;
    write_surface(4, x, 3, y, value, H5T_IEEE_F64LE);
    assert_written_refused("", "train_loss[1][2]");
    assert_written_refused("", "NaN; 1 of 12 values are not finite");
    value[6] = INFINITY;
    write_surface(4, x, 3, y, value, H5T_IEEE_F64LE);
    assert_written_refused("", "is infinite");
    value[6] = value[11] = -1;
    write_surface(4, x, 3, y, value, H5T_IEEE_F64LE);
    assert_written_refused("", "train_loss[1][2]");
    assert_written_refused("", "is -1, the mark of a point that is not computed; 2 of 12 are missing");
    value[6] = -1.5; /* a loss may be negative */
    value[11] = 1e308;
    value[10] = -1e308;
    write_surface(4, x, 3, y, value, H5T_IEEE_F64LE);
    assert_written_refused("", "differ too much");
    value[10] = value[11] = 0;

    x[2] = x[1];
    write_surface(4, x, 3, y, value, H5T_IEEE_F64LE);
    assert_written_refused("", "xcoordinates must strictly ascend or descend, but xcoordinates[2] = 1 follows 1");
    x[2] = NAN;
    write_surface(4, x, 3, y, value, H5T_IEEE_F64LE);
    assert_written_refused("", "xcoordinates[2] is not a finite number");
    x[2] = 2;
    write_surface(4, x, 3, y, value, H5T_IEEE_F64LE);
    fixture f = open_written("wall=100");
    assert_close(energy_at(&f, 2, 1), -1.5, 1e-15, 0);
    fixture_close(&f);
}

/* Kilobytes of a file that claims to be gigabytes. */
static void values_that_nobody_wrote_are_refused(void **state) {
    (void)state;
    const hsize_t size = 1 << 26, chunk = 1024;
    hid_t file = H5Fcreate(TEST_FILE, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), plan = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(1, &size, NULL);
    H5Pset_chunk(plan, 1, &chunk);
    H5Dclose(H5Dcreate2(file, "xcoordinates", H5T_IEEE_F64LE, space, H5P_DEFAULT, plan, H5P_DEFAULT));
    write_array(file, "train_loss", 2, 1, 1, H5T_IEEE_F64LE, (double[]){0});
    H5Sclose(space);
    H5Pclose(plan);
    H5Fclose(file);
    assert_refused("file=" TEST_FILE, KR_IO, "xcoordinates claims more values than the file holds");
}

static void data_of_other_types_are_read(void **state) {
    (void)state;
    double x[] = {0, 1, 2, 3}, y[] = {0, 1, 2}, value[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const hid_t types[] = {H5T_IEEE_F32LE, H5T_IEEE_F64BE, H5T_STD_I32LE, H5T_STD_U8LE};
    for (size_t t = 0; t < 4; t++) {
        write_surface(4, x, 3, y, value, types[t]);
        fixture f = open_written("");
        assert_close(energy_at(&f, 3, 2), 11, 1e-15, 0);
        assert_close(energy_at(&f, 0.5, 0.5), 2.5, 1e-14, 0);
        fixture_close(&f);
    }
}

static kr_status open_at(const char *file, kr_error *error) {
    const kr_landscape_type *type = landscape_type("surface");
    kr_settings settings;
    kr_landscape landscape;
    assert_int_equal(kr_settings_create(&settings, &type->about, NULL), KR_OK);
    assert_int_equal(kr_set_text(&settings, kr_parameter_find(&type->about, "file"), file, NULL), KR_OK);
    kr_status status = kr_landscape_create(&landscape, type, settings.values, KR_SOURCE_DIRECTORY "/data", 0, error);
    if (status == KR_OK) kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
    return status;
}

static void relative_files_start_at_the_scene_alone(void **state) {
    (void)state;
    kr_error error;
    static const char *const files[] = {"digits_three_minima.h5", "../data/digits_three_minima.h5"};
    for (size_t i = 0; i < 2; i++)
        if (open_at(files[i], &error) != KR_OK) fail_msg("%s", error.message);
    assert_int_equal(open_at("data/digits_three_minima.h5", &error), KR_IO); /* it is only that of the shipped scene */
    assert_non_null(strstr(error.message, "data/data/digits_three_minima.h5': No such file; the shipped one of this name is "));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_equal_scipys_natural_spline),
        cmocka_unit_test(digits_have_three_minima_joined_by_three_saddles),
        cmocka_unit_test(splines_of_products_are_products_of_gsls_splines),
        cmocka_unit_test(surface_is_smooth_across_knots_edges_and_corners),
        cmocka_unit_test(outside_value_and_slope_go_on_and_the_wall_rises),
        cmocka_unit_test(minima_beyond_the_edge_are_found),
        cmocka_unit_test(files_that_are_none_are_refused),
        cmocka_unit_test(truncated_files_are_refused),
        cmocka_unit_test(values_that_nobody_wrote_are_refused),
        cmocka_unit_test(surfaces_that_cannot_be_interpolated_are_refused),
        cmocka_unit_test(data_of_other_types_are_read),
        cmocka_unit_test(relative_files_start_at_the_scene_alone),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(TEST_FILE);
    return failed;
}
