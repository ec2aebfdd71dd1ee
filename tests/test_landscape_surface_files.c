/* How files of surfaces may be arranged, and formats other than HDF5. */
#define SURFACE_TEST "surface_files"
#include "surface_fixture.h"

enum { ACROSS = 5, UP = 4 };
static double asymmetric(double x, double y) {
    return 2 + x - 0.3 * y + 0.1 * x * y + 0.05 * x * x;
}

/* The surface has these values, however they were written. */
static void assert_asymmetric(const char *file, const char *options) {
    char text[600];
    snprintf(text, sizeof text, "file=%s %s", file, options);
    fixture f = fixture_open("surface", 0, text);
    for (int i = 0; i < ACROSS; i++)
        for (int j = 0; j < UP; j++) assert_close(energy_at(&f, i, 10 * j), asymmetric(i, 10 * j), 1e-14, 1e-14);
    fixture_close(&f);
}

typedef double layout(size_t k);
static double value_yx(size_t k) {
    return asymmetric((double)(k % ACROSS), 10 * (double)(k / ACROSS));
}
static double value_xy(size_t k) {
    return asymmetric((double)(k / UP), 10 * (double)(k % UP));
}
static double value_down_x(size_t k) {
    return value_yx(k / ACROSS * ACROSS + ACROSS - 1 - k % ACROSS);
}
static double value_down_both(size_t k) {
    return value_yx(ACROSS * UP - 1 - k);
}

static void write_layout(layout *of, size_t rows, size_t columns, bool down_x, bool down_y, bool tool) {
    double x[ACROSS], y[UP], value[ACROSS * UP];
    for (size_t i = 0; i < ACROSS; i++) x[i] = (double)(down_x ? ACROSS - 1 - i : i);
    for (size_t j = 0; j < UP; j++) y[j] = 10 * (double)(down_y ? UP - 1 - j : j);
    for (size_t k = 0; k < ACROSS * UP; k++) value[k] = of(k);
    write_shaped(ACROSS, x, UP, y, rows, columns, value, H5T_IEEE_F64LE);
    if (!tool) return;
    hid_t file = H5Fopen(TEST_FILE, H5F_ACC_RDWR, H5P_DEFAULT);
    write_array(file, "dir_file", 1, 1, 1, H5T_IEEE_F64LE, (double[]){0});
    H5Fclose(file);
}

static void axes_come_in_any_order_and_direction(void **state) {
    (void)state;
    write_layout(value_yx, UP, ACROSS, false, false, false);
    assert_asymmetric(TEST_FILE, "");
    assert_asymmetric(TEST_FILE, "order=yx");
    assert_written_refused("order=xy", "is 4 x 5; it must be 5 x 4, xcoordinates by ycoordinates, in this landscape.order");
    write_layout(value_xy, ACROSS, UP, false, false, false);
    assert_asymmetric(TEST_FILE, "order=xy");
    assert_written_refused("", "say with landscape.order whether it is xy");
    assert_written_refused("", "its values are smoother as xy");
    write_layout(value_yx, ACROSS, UP, false, false, false);
    assert_asymmetric(TEST_FILE, "order=tool");
    assert_written_refused("", "its values are smoother as tool");
    write_layout(value_yx, ACROSS, UP, false, false, true);
    assert_asymmetric(TEST_FILE, "");
    write_layout(value_down_x, UP, ACROSS, true, false, false);
    assert_asymmetric(TEST_FILE, "");
    write_layout(value_down_both, UP, ACROSS, true, true, false);
    assert_asymmetric(TEST_FILE, "");
    write_layout(value_down_both, ACROSS, UP, true, true, true);
    assert_asymmetric(TEST_FILE, "");
}

static void coordinates_may_be_in_groups(void **state) {
    (void)state;
    double x[ACROSS], y[UP], value[ACROSS * UP], wrong[UP] = {5, 6, 7, 8};
    for (size_t k = 0; k < ACROSS * UP; k++) {
        x[k % ACROSS] = (double)(k % ACROSS);
        y[k / ACROSS] = 10 * (double)(k / ACROSS);
        value[k] = value_yx(k);
    }
    hid_t file = H5Fcreate(TEST_FILE, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t inside = H5Gcreate2(file, "plane", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    write_array(inside, "xcoordinates", 1, ACROSS, 1, H5T_IEEE_F64LE, x);
    write_array(inside, "ycoordinates", 1, UP, 1, H5T_IEEE_F64LE, y);
    write_array(inside, "train_loss", 2, UP, ACROSS, H5T_IEEE_F64LE, value);
    H5Fflush(file, H5F_SCOPE_GLOBAL); /* the group stays open: what is read is what is in the file */
    H5Fclose(file);
    assert_asymmetric(TEST_FILE, "");
    assert_asymmetric(TEST_FILE, "dataset=plane/train_loss");
    /* Those beside the data set go before others. */
    write_array(file = H5Fopen(TEST_FILE, H5F_ACC_RDWR, H5P_DEFAULT), "ycoordinates", 1, UP, 1, H5T_IEEE_F64LE, wrong);
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    H5Fclose(file);
    assert_asymmetric(TEST_FILE, "");
    assert_int_equal(H5Gclose(inside), 0);

    file = H5Fcreate(TEST_FILE, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    inside = H5Gcreate2(file, "grid", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    write_array(inside, "xcoordinates", 1, ACROSS, 1, H5T_IEEE_F64LE, x);
    write_array(inside, "ycoordinates", 1, UP, 1, H5T_IEEE_F64LE, y);
    H5Gclose(inside);
    write_array(file, "train_loss", 2, UP, ACROSS, H5T_IEEE_F64LE, value);
    H5Fclose(file);
    assert_asymmetric(TEST_FILE, "");
    file = H5Fopen(TEST_FILE, H5F_ACC_RDWR, H5P_DEFAULT);
    inside = H5Gcreate2(file, "other", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    write_array(inside, "xcoordinates", 1, ACROSS, 1, H5T_IEEE_F64LE, x);
    H5Gclose(inside);
    H5Fclose(file);
    assert_written_refused("", "has several data sets 'xcoordinates', among them grid/xcoordinates and other/xcoordinates");
}

static void minus_one_is_a_value_among_negative_ones(void **state) {
    (void)state;
    double x[] = {0, 1, 2, 3}, y[] = {0, 1, 2}, value[12] = {0, 1, 2, 3, 4, 5, -1, 7, 8, 9, 10, 11};
    write_surface(4, x, 3, y, value, H5T_IEEE_F64LE);
    assert_written_refused("", "train_loss[1][2]");
    fixture f = open_written("missing=-9");
    assert_close(energy_at(&f, 2, 1), -1, 1e-14, 0);
    fixture_close(&f);
    value[0] = -0.25;
    write_surface(4, x, 3, y, value, H5T_IEEE_F64LE);
    f = open_written("");
    assert_close(energy_at(&f, 2, 1), -1, 1e-14, 0);
    fixture_close(&f);
    value[3] = -9;
    write_surface(4, x, 3, y, value, H5T_IEEE_F64LE);
    assert_written_refused("missing=-9", "train_loss[0][3] of '");
}

static void losses_along_a_line_are_another_landscape(void **state) {
    (void)state;
    double x[] = {0, 1, 2, 3}, value[] = {3, 1, 2, 4};
    hid_t file = H5Fcreate(TEST_FILE, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    write_array(file, "xcoordinates", 1, 4, 1, H5T_IEEE_F64LE, x);
    write_array(file, "train_loss", 1, 4, 1, H5T_IEEE_F64LE, value);
    H5Fclose(file);
    assert_written_refused("", "landscape={name: table, file: ");
}

static size_t as_it_is(unsigned flags, size_t count, const unsigned *values, size_t bytes, size_t *size, void **buffer) {
    (void)flags, (void)count, (void)values, (void)size, (void)buffer;
    return bytes;
}

static void the_filter_that_is_missing_is_named(void **state) {
    (void)state;
    const H5Z_class2_t lzf = {H5Z_CLASS_T_VERS, 32000, 1, 1, "lzf", NULL, NULL, as_it_is};
    const hsize_t size[2] = {4, 5};
    double value[20] = {0}, x[] = {0, 1, 2, 3, 4};
    assert_true(H5Zregister(&lzf) >= 0);
    hid_t file = H5Fcreate(TEST_FILE, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, 2, size);
    H5Pset_filter(plan, 32000, H5Z_FLAG_MANDATORY, 0, NULL);
    hid_t space = H5Screate_simple(2, size, NULL), set = H5Dcreate2(file, "train_loss", H5T_IEEE_F64LE, space, 0, plan, 0);
    assert_true(set >= 0 && H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(plan);
    write_array(file, "xcoordinates", 1, 5, 1, H5T_IEEE_F64LE, x);
    write_array(file, "ycoordinates", 1, 4, 1, H5T_IEEE_F64LE, x);
    H5Fclose(file);
    assert_true(H5Zunregister(32000) >= 0);
    assert_refused("file=" TEST_FILE, KR_IO,
                   "train_loss is packed with the filter lzf (number 32000), which is not there: it is no part of HDF5; write it");
}

/* ---- other files ---- */

static void three_columns_are_a_plane(void **state) {
    (void)state;
    char text[2000] = "# written by hand\r\nx, y, loss\r\n";
    size_t without_last = 0;
    for (size_t k = 0; k < ACROSS * UP; k++) { /* in no order */
        size_t at = 7 * k % (ACROSS * UP);
        without_last = strlen(text);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%zu,%zu, %.17g\r\n", at % ACROSS, 10 * (at / ACROSS),
                 value_yx(at));
    }
    write_bytes(TEXT_FILE, text, strlen(text));
    assert_asymmetric(TEXT_FILE, "");
    write_bytes(TEXT_FILE, text, without_last);
    assert_refused("file=" TEXT_FILE, KR_BAD_ARGUMENT, "but no value at (");
    memcpy(strrchr(text, ','), ",x", 2);
    write_bytes(TEXT_FILE, text, strlen(text));
    assert_refused("file=" TEXT_FILE, KR_IO, "test_landscape_surface_files.csv:22: 'x");
    write_bytes(TEXT_FILE, "1 2 3\n1 2\n", 10);
    assert_refused("file=" TEXT_FILE, KR_IO, "csv:2: this line has 2 numbers, the lines above have 3");
    write_bytes(TEXT_FILE, "1;2;3\n4;5;6\n7;8;10\n", 19); /* a matrix, where coordinates are given for it */
    fixture f = fixture_open("surface", 0, "x=[0,2] y=[5,6,8] file=" TEXT_FILE);
    assert_close(energy_at(&f, 2, 8), 10, 1e-14, 0);
    assert_close(energy_at(&f, 0, 6), 4, 1e-14, 0);
    fixture_close(&f);
    assert_refused("file=" TEXT_FILE, KR_BAD_ARGUMENT, "has 3 different x and 3 different y");
    write_bytes(TEXT_FILE, "1 2\n3 4\n5 6\n", 12);
    assert_refused("file=" TEXT_FILE, KR_BAD_ARGUMENT, "landscape 'table' reads it");
}

static void arrays_of_numpy_are_read(void **state) {
    (void)state;
    double value[ACROSS * UP], turned[ACROSS * UP], rows[3 * ACROSS * UP];
    float single[ACROSS * UP];
    for (size_t k = 0; k < ACROSS * UP; k++) {
        value[k] = value_yx(k);
        single[k] = (float)value[k];
        turned[k] = value_xy(k);
        rows[3 * k] = (double)(k % ACROSS);
        rows[3 * k + 1] = 10 * (double)(k / ACROSS);
        rows[3 * k + 2] = value[k];
    }
    write_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4, 5), }", value, sizeof value);
    assert_asymmetric(NPY_FILE, "x=[0,4] y=[0,30]");
    assert_refused("file=" NPY_FILE, KR_BAD_ARGUMENT, "has no coordinates; give landscape.x: [FIRST, LAST]");
    assert_refused("x=[0,1,2] y=[0,1] file=" NPY_FILE, KR_BAD_ARGUMENT, "landscape.x lists 3 coordinates, but '");
    write_npy("{'descr': '<f8', 'fortran_order': True, 'shape': (4, 5), }", turned, sizeof turned);
    assert_asymmetric(NPY_FILE, "x=[0,4] y=[0,30]");
    write_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (5, 4), }", turned, sizeof turned);
    assert_asymmetric(NPY_FILE, "x=[0,4] y=[0,30] order=xy");
    write_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (20, 3), }", rows, sizeof rows);
    assert_asymmetric(NPY_FILE, "");
    write_npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 5), }", single, sizeof single);
    fixture f = fixture_open("surface", 0, "x=[0,4] y=[0,30] file=" NPY_FILE);
    assert_close(energy_at(&f, 3, 20), asymmetric(3, 20), 1e-6, 0);
    fixture_close(&f);
    write_npy("{'descr': '>i2', 'fortran_order': False, 'shape': (3, 3), }", "\0\1\0\2\0\3\0\4\0\5\0\6\1\0\0\x8\xff\xfe", 18);
    f = fixture_open("surface", 0, "x=[0,2] y=[0,2] file=" NPY_FILE);
    assert_close(energy_at(&f, 0, 2), 256, 1e-14, 0);
    assert_close(energy_at(&f, 2, 2), -2, 1e-14, 0);
    fixture_close(&f);
}

static void arrays_that_are_damaged_are_refused(void **state) {
    (void)state;
    double value[20] = {0};
    static const struct {
        const char *header, *says;
    } bad[] = {{"{'descr': '<f8', 'fortran_order': False, 'shape': (4, 6), }", "ends after 20 of the 24 numbers"},
               {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", "at most"},
               {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 5, 2), }", "has 3 axes"},
               {"{'descr': '<c16', 'fortran_order': False, 'shape': (4, 5), }", "must be integers, or floating-point"},
               {"{'descr': '|O', 'fortran_order': False, 'shape': (4, 5), }", "must be integers, or floating-point"},
               {"{'shape': (4, 5), }", "must be integers, or floating-point"},
               {"{'descr': '<f8', 'fortran_order': False, 'shape': (4, -5), }", "-1 axes"},
               {"{'descr': '<f8', 'fortran_order': False, 'shape': (4, 5", "axes"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fixture f;
        kr_error error;
        write_npy(bad[i].header, value, sizeof value);
        assert_true(fixture_try(&f, landscape_type("surface"), 0, "x=[0,1] y=[0,1] file=" NPY_FILE, &error) != KR_OK);
        if (!strstr(error.message, bad[i].says)) fail_msg("%s: %s", bad[i].header, error.message);
        fixture_close(&f);
    }
    write_bytes(NPY_FILE, "\x93NUMPY\x01", 7);
    assert_refused("x=[0,1] y=[0,1] file=" NPY_FILE, KR_IO, "is not a .npy file, or it is damaged");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(axes_come_in_any_order_and_direction),
        cmocka_unit_test(coordinates_may_be_in_groups),
        cmocka_unit_test(minus_one_is_a_value_among_negative_ones),
        cmocka_unit_test(losses_along_a_line_are_another_landscape),
        cmocka_unit_test(the_filter_that_is_missing_is_named),
        cmocka_unit_test(three_columns_are_a_plane),
        cmocka_unit_test(arrays_of_numpy_are_read),
        cmocka_unit_test(arrays_that_are_damaged_are_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(TEST_FILE);
    unlink(TEXT_FILE);
    unlink(NPY_FILE);
    return failed;
}
