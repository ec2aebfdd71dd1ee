/* The landscape table: from lists and files, its spline against GSL's, a million points, and what it refuses. */
#define SURFACE_TEST "table"
#include "surface_fixture.h"

#include <kramers/critical_points.h>
#include <kramers/run.h>

#include <gsl/gsl_spline.h>

static double along(const fixture *f, double x, double *slope, double *curvature) {
    double value;
    kr_landscape_energy(&f->landscape, 1, &x, &value);
    kr_landscape_gradient(&f->landscape, 1, &x, slope);
    kr_landscape_curvature(&f->landscape, 1, &x, curvature);
    return value;
}

static double loss(double x) {
    return 1e3 * (x * x - 1) * (x * x - 1) + 60 * x;
}

static fixture open_table(const char *options) {
    return fixture_open("table", 0, options);
}

static void assert_table_refused(const char *options, kr_status expected, const char *says) {
    fixture f;
    kr_error error = {.message = ""};
    kr_status status = fixture_try(&f, landscape_type("table"), 0, options, &error);
    fixture_close(&f);
    if (status != expected || !strstr(error.message, says))
        fail_msg("status %d, '%s' does not say '%s'", (int)status, error.message, says);
}

/* Rows x, loss in text. */
static void write_rows(size_t n, double low, double high, const char *format) {
    FILE *out = fopen(TEXT_FILE, "w");
    assert_non_null(out);
    for (size_t i = 0; i < n; i++) {
        double x = low + (high - low) * (double)i / (double)(n - 1);
        fprintf(out, format, x, loss(x));
    }
    fclose(out);
}

static void it_is_the_spline_of_gsl(void **state) {
    (void)state;
    static const gsl_interp_type **const types[] = {&gsl_interp_cspline, &gsl_interp_steffen};
    static const char *const names[] = {"cubic", "monotone"};
    for (int kind = 0; kind < 2; kind++) {
        double x[40], v[40];
        FILE *out = fopen(TEXT_FILE, "w");
        for (size_t i = 0; i < 40; i++) {
            x[i] = 0.3 * (double)i + 0.11 * sin(3.7 * (double)i);
            v[i] = 2 * sin(1.9 * (double)i) + 0.1 * (double)i;
            fprintf(out, "%.17g\t%.17g\n", x[i], v[i]);
        }
        fclose(out);
        char options[300];
        snprintf(options, sizeof options, "scale=2.5 wall=3 interpolation=%s file=%s", names[kind], TEXT_FILE);
        fixture f = open_table(options);
        gsl_spline *reference = gsl_spline_alloc(*types[kind], 40);
        gsl_spline_init(reference, x, v, 40);
        for (double t = x[0]; t < x[39]; t += 0.0137) {
            double slope, curvature, value = along(&f, t, &slope, &curvature);
            assert_close(value, 2.5 * gsl_spline_eval(reference, t, NULL), 1e-12, 1e-12);
            assert_close(slope, 2.5 * gsl_spline_eval_deriv(reference, t, NULL), 1e-10, 1e-10);
            assert_close(curvature, 2.5 * gsl_spline_eval_deriv2(reference, t, NULL), 1e-8, 1e-8);
        }
        double slope, curvature, end = 2.5 * gsl_spline_eval_deriv(reference, x[39], NULL),
                                 value = along(&f, x[39] + 2, &slope, &curvature);
        assert_close(value, 2.5 * v[39] + 2 * end + 7.5 * 2, 1e-12, 0);
        assert_close(slope, end + 7.5 * 2, 1e-12, 0);
        assert_close(curvature, 7.5, 1e-14, 0);
        gsl_spline_free(reference);
        fixture_close(&f);
    }
}

static void points_are_pairs(void **state) {
    (void)state;
    static const char *const same[] = {"points=[[0,3],[1,0],[2,1],[3,5]]", "points=[0,3,1,0,2,1,3,5]",
                                       "points=[[3,5],[1,0],[0,3],[2,1]]"};
    for (size_t i = 0; i < 3; i++) {
        double slope, curvature;
        fixture f = open_table(same[i]);
        assert_close(along(&f, 1, &slope, &curvature), 0, 0, 1e-14);
        assert_close(along(&f, 3, &slope, &curvature), 5, 1e-14, 0);
        fixture_close(&f);
    }
    assert_table_refused("points=[0,3,1,0,2,1,3]", KR_BAD_ARGUMENT, "landscape.points lists 7 numbers; they must be pairs");
    assert_table_refused("points=[0,3,1,0]", KR_BAD_ARGUMENT,
                         "'landscape.points' has 2 points; landscape 'table' takes 3 to 10000000");
    assert_table_refused("points=[0,3,1,0,1,2,3,4]", KR_BAD_ARGUMENT, "two points at x = 1, of values 0 and 2");
}

/* The same numbers in every format. */
static void every_format_is_read(void **state) {
    (void)state;
    static const double x[] = {-2, -1, 0, 0.5, 3}, v[] = {4, -1.25, 2, 1, 6};
    double pairs[10], lying[10], more[15];
    for (size_t i = 0; i < 5; i++) {
        pairs[2 * i] = lying[i] = more[3 * i + 2] = x[i];
        pairs[2 * i + 1] = lying[5 + i] = more[3 * i] = v[i];
        more[3 * i + 1] = 77;
    }
    const struct {
        const char *text, *options;
        const double *npy, *h5_x, *h5_v, *h5_pairs;
        const char *shape;
    } cases[] = {{.text = "x,loss\n-2,4\n-1,-1.25\n0,2\n.5,1\n3,6\n"},
                 {.text = "3;6\n-1;-1.25\n0;2\n\n-2;4\n5e-1;1\n"},
                 {.text = "# epoch x loss\n1 3 6\n2 .5 1\n3 0 2\n4 -1 -1.25\n5 -2 4", .options = "columns=[1,2]"},
                 {.text = "4\n-1.25\n2\n1\n6\n", .options = "x=[-2,-1,0,0.5,3]"},
                 {.text = "0 4\n0 -1.25\n0 2\n0 1\n0 6\n", .options = "x=[-2,-1,0,0.5,3] columns=1"},
                 {.npy = pairs, .shape = "(5, 2)"},
                 {.npy = lying, .shape = "(2, 5)"},
                 {.npy = more, .shape = "(5, 3)", .options = "columns=[2,0]"},
                 {.npy = v, .shape = "(5,)", .options = "x=[-2,-1,0,0.5,3]"},
                 {.h5_x = x, .h5_v = v},
                 {.h5_v = v, .options = "x=[-2,-1,0,0.5,3]"},
                 {.h5_pairs = pairs}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char options[400];
        const char *file = cases[i].text ? TEXT_FILE : cases[i].npy ? NPY_FILE : TEST_FILE;
        if (cases[i].text) write_bytes(TEXT_FILE, cases[i].text, strlen(cases[i].text));
        char header[100];
        snprintf(header, sizeof header, "{'descr': '<f8', 'fortran_order': False, 'shape': %s, }", cases[i].shape);
        if (cases[i].npy)
            write_npy(header, cases[i].npy, sizeof(double) * (cases[i].npy == more ? 15 : cases[i].npy == v ? 5 : 10));
        if (cases[i].h5_v || cases[i].h5_pairs) {
            hid_t h5 = H5Fcreate(TEST_FILE, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
            if (cases[i].h5_x) write_array(h5, "xcoordinates", 1, 5, 1, H5T_IEEE_F64LE, x);
            if (cases[i].h5_v) write_array(h5, "train_loss", 1, 5, 1, H5T_IEEE_F64LE, v);
            if (cases[i].h5_pairs) write_array(h5, "train_loss", 2, 5, 2, H5T_IEEE_F64LE, pairs);
            H5Fclose(h5);
        }
        snprintf(options, sizeof options, "file=%s %s", file, cases[i].options ? cases[i].options : "");
        fixture f = open_table(options);
        for (size_t k = 0; k < 5; k++) {
            double slope, curvature;
            assert_close(along(&f, x[k], &slope, &curvature), v[k], 1e-13, 1e-14);
        }
        fixture_close(&f);
    }
}

static void a_million_points_are_as_good_as_the_function(void **state) {
    (void)state;
    write_rows(1000001, -2, 2, "%.17g,%.17g\n");
    fixture f = open_table("scale=1e-3 file=" TEXT_FILE);
    int64_t count;
    double at[2], curvature, slope, minima[2] = {-1.0074172720783314, 0.9924138947981541};
    assert_int_equal(kr_minimum_count(&f.landscape, &count, NULL), KR_OK);
    assert_int_equal(count, 2);
    for (int64_t m = 0; m < 2; m++) {
        assert_int_equal(kr_minimum_position(&f.landscape, m, &at[m], NULL), KR_OK);
        assert_close(at[m], minima[m], 0, 1e-9);
        assert_close(along(&f, at[m], &slope, &curvature), 1e-3 * loss(at[m]), 0, 1e-12);
        assert_close(curvature, 12 * at[m] * at[m] - 4, 1e-4, 0); /* rounding of the values over the square of their distance */
    }
    for (double x = -1.9; x < 2; x += 0.001234) {
        assert_close(along(&f, x, &slope, &curvature), 1e-3 * loss(x), 0, 1e-12);
        assert_close(slope, 4 * x * (x * x - 1) + 0.06, 1e-9, 1e-9);
    }
    fixture_close(&f);
}

/* Mean first-passage times on a table of the double well are those of the double well. */
static double passage(const char *landscape, const char *theory) {
    static const char *const settings[] = {"dynamics.temperature=0.25", "schedule.lr=0.01"};
    kr_theory_result results[KR_MAX_THEORIES];
    size_t count = 0;
    char text[700];
    const kr_registry *registry;
    kr_scene scene;
    kr_error error;
    snprintf(text, sizeof text, "landscape: %s\nescape: {until: {coordinate: 0, above: 0.9}}\n", landscape);
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    if (kr_scene_parse(&scene, registry, "test", ".", text, settings, 2, &error) != KR_OK ||
        kr_run_theories(&scene, results, &count, &error) != KR_OK)
        fail_msg("%s", error.message);
    double steps = NAN;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(results[i].type->about.name, theory)) steps = results[i].prediction.mfpt_steps;
    kr_scene_destroy(&scene);
    assert_true(steps > 1000);
    return steps;
}

static void theories_of_a_table_are_those_of_its_function(void **state) {
    (void)state;
    static const char *const theories[] = {"kramers", "quadrature", "chain"};
    write_rows(100001, -2.5, 2.5, "%.17g %.17g\n");
    for (size_t i = 0; i < 3; i++)
        assert_close(passage("{name: table, scale: 1e-3, file: " TEXT_FILE "}", theories[i]),
                     passage("{name: double_well, tilt: 0.06}", theories[i]), i == 2 ? 1e-6 : 1e-8, 0);
}

static void what_is_no_table_is_refused(void **state) {
    (void)state;
    write_bytes(TEXT_FILE, "1,2,3\n4,5,6\n7,8,9\n", 18);
    assert_table_refused("file=" TEXT_FILE, KR_BAD_ARGUMENT,
                         "has 3 columns; say which are x and the loss, for instance landscape.columns");
    assert_table_refused("columns=[0,3] file=" TEXT_FILE, KR_BAD_ARGUMENT, "has no column 3; its columns are 0 to 2");
    assert_table_refused("columns=[0,0.5] file=" TEXT_FILE, KR_BAD_ARGUMENT, "has no column 0.5");
    assert_table_refused("columns=1 file=" TEXT_FILE, KR_BAD_ARGUMENT, "landscape.columns must list 2 columns");
    write_bytes(TEXT_FILE, "1\n2\n3\n", 6);
    assert_table_refused("file=" TEXT_FILE, KR_BAD_ARGUMENT, "has no coordinates; give landscape.x: [FIRST, LAST]");
    write_bytes(TEXT_FILE, "0 1\n1 nan\n2 3\n", 14);
    assert_table_refused("file=" TEXT_FILE, KR_BAD_ARGUMENT, "value[1] of '");
    write_bytes(TEXT_FILE, "0 1\n1 -1\n2 3\n", 13);
    assert_table_refused("missing=-1 file=" TEXT_FILE, KR_BAD_ARGUMENT,
                         "is -1, the mark of a point that is not computed; 1 of 3 are missing");
    fixture f = open_table("file=" TEXT_FILE); /* only the loss-landscape tool has such a mark */
    fixture_close(&f);
    write_bytes(TEXT_FILE, "", 0);
    assert_table_refused("file=" TEXT_FILE, KR_IO, "has no numbers");
    assert_table_refused("file=/nowhere.csv", KR_IO, "cannot open '/nowhere.csv': No such file");
    assert_table_refused("file=" DIGITS_FILE, KR_BAD_ARGUMENT, "has 2 dimensions; a table has one");
}

static void a_table_that_rings_says_so(void **state) {
    (void)state;
    char text[256];
    fixture f = open_table("points=[0,0,1,0,2,0,3,100,4,100,5,100]");
    assert_true(f.landscape.type->warning(&f.landscape, 0, text, sizeof text));
    assert_non_null(strstr(text, "leaves the range of its values, 0 to 100: between them it goes from -"));
    fixture_close(&f);
    f = open_table("points=[0,0,1,0,2,0,3,100,4,100,5,100] interpolation=monotone");
    assert_false(f.landscape.type->warning(&f.landscape, 0, text, sizeof text));
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_spline_of_gsl),
        cmocka_unit_test(points_are_pairs),
        cmocka_unit_test(every_format_is_read),
        cmocka_unit_test(a_million_points_are_as_good_as_the_function),
        cmocka_unit_test(theories_of_a_table_are_those_of_its_function),
        cmocka_unit_test(what_is_no_table_is_refused),
        cmocka_unit_test(a_table_that_rings_says_so),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(TEST_FILE);
    unlink(TEXT_FILE);
    unlink(NPY_FILE);
    return failed;
}
