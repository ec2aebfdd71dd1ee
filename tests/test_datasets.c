/* Data sets: what comes with the program, files of others, and what is wrong with them. */
#include "datasets/dataset.h"
#include "datasets/dataset_points.h"
#include "numerics/random_pair.h"

#include "assert_close.h"

#include <kramers/block.h>

#include <hdf5.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FILE_NAME "test_datasets.h5"
enum { ROWS = 6 };

static const double inputs[ROWS * 2] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
static const double labels[ROWS] = {0, 1, 2, 0, 1, 2};

/* ---- files ---- */

static hid_t groups(void) {
    hid_t plan = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(plan, 1);
    return plan;
}

static void put(hid_t file, const char *name, hid_t type, int rank, const hsize_t *size, const void *value) {
    hid_t space = rank ? H5Screate_simple(rank, size, NULL) : H5Screate(H5S_SCALAR), plan = groups();
    hid_t set = H5Dcreate2(file, name, type, space, plan, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(set >= 0);
    if (value) assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Dclose(set);
    H5Pclose(plan);
    H5Sclose(space);
}

static void put_part(hid_t file, const char *group, const char *part, hsize_t rows, const double *y) {
    char name[100];
    snprintf(name, sizeof name, "%sx_%s", group, part);
    put(file, name, H5T_NATIVE_FLOAT, 2, (hsize_t[]){rows, 2}, inputs);
    snprintf(name, sizeof name, "%sy_%s", group, part);
    put(file, name, H5T_STD_U8BE, 1, &rows, y);
}

static hid_t begin(void) {
    hid_t file = H5Fcreate(FILE_NAME, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static void refused(const kr_dataset_source *source, const char *says) {
    kr_error error = {0};
    kr_dataset *data;
    if (kr_dataset_create(&data, source, NULL, &error) == KR_OK) fail_msg("accepted, where it is to say: %s", says);
    assert_null(data);
    if (!strstr(error.message, says)) fail_msg("%s\nwithout: %s", error.message, says);
}

static kr_dataset *opened(const kr_dataset_source *source) {
    kr_error error = {0};
    kr_dataset *data;
    if (kr_dataset_create(&data, source, NULL, &error)) fail_msg("%s", error.message);
    return data;
}

static void digits_are_those_of_the_file(void **state) {
    (void)state;
    kr_error error = {0};
    kr_dataset_source source = {.data = "digits"};
    size_t wide, classes;
    assert_int_equal(kr_dataset_shape(&source, "/nowhere", &wide, &classes, &error), KR_OK);
    assert_int_equal(wide, 64);
    assert_int_equal(classes, 10);
    kr_dataset *digits = opened(&source);
    static const size_t count[2] = {1437, 360};
    for (int part = 0; part < 2; part++) {
        const kr_data *data = &digits->part[part];
        assert_int_equal(data->count, count[part]);
        assert_int_equal(data->inputs, 64);
        assert_int_equal(data->classes, 10);
        assert_int_equal(data->rows, 8);
        assert_int_equal(data->columns, 8);
        double largest = 0;
        for (size_t k = 0; k < data->count * data->inputs; k++) largest = fmax(largest, data->input[k]);
        assert_close(largest, 1, 0, 0);
        for (size_t m = 0; m < data->count; m++) assert_true(data->label[m] < 10);
    }
    assert_int_equal(digits->part[0].label[0], 0); /* the first image is a 0, its third pixel 5 of 16 */
    assert_close(digits->part[0].input[2], 5.0 / 16, 0, 0);
    kr_dataset_destroy(digits);
    refused(&(kr_dataset_source){.data = "digit"}, "unknown data 'digit'");
    refused(&(kr_dataset_source){.data = "digits", .task = "even"}, "data 'digits' have no tasks, such as 'even'");
}

static void a_file_is_taken_as_it_is(void **state) {
    (void)state;
    hid_t file = begin();
    put_part(file, "", "train", ROWS, labels);
    put_part(file, "", "test", 3, labels);
    put_part(file, "tasks/first/", "train", 4, (const double[]){0, 0, 1, 1});
    put_part(file, "tasks/second/", "train", 4, (const double[]){0, 0, 7, 7});
    H5Fclose(file);
    kr_dataset_source source = {.data = FILE_NAME};
    kr_dataset *data = opened(&source);
    assert_int_equal(data->part[0].count, ROWS);
    assert_int_equal(data->part[1].count, 3);
    assert_int_equal(data->part[0].classes, 8); /* of all tasks */
    assert_int_equal(data->part[0].rows, 0);
    for (size_t k = 0; k < ROWS * 2; k++) assert_close(data->part[0].input[k], inputs[k], 0, 0);
    for (size_t m = 0; m < ROWS; m++) assert_int_equal(data->part[0].label[m], (int)labels[m]);
    kr_dataset_destroy(data);

    source.task = "second";
    data = opened(&source);
    assert_int_equal(data->part[0].count, 4);
    assert_int_equal(data->part[0].label[3], 7);
    assert_int_equal(data->part[1].count, 0);
    assert_null(data->part[1].input);
    kr_dataset_destroy(data);
    source.task = "secon";
    refused(&source, "there is no task 'secon' in '" FILE_NAME "'; did you mean 'second'? its tasks: first, second");
}

static void images_have_rows_and_columns(void **state) {
    (void)state;
    hid_t file = begin();
    put(file, "x_train", H5T_NATIVE_INT, 3, (hsize_t[]){2, 3, 2}, inputs);
    put(file, "y_train", H5T_NATIVE_DOUBLE, 1, (hsize_t[]){2}, labels);
    H5Fclose(file);
    kr_dataset *data = opened(&(kr_dataset_source){.data = FILE_NAME});
    assert_int_equal(data->part[0].inputs, 6);
    assert_int_equal(data->part[0].rows, 3);
    assert_int_equal(data->part[0].columns, 2);
    assert_close(data->part[0].input[11], 11, 0, 0);
    kr_dataset_destroy(data);
}

static void classes_are_chosen(void **state) {
    (void)state;
    double chosen[] = {2, 0};
    hid_t file = begin();
    put_part(file, "", "train", ROWS, labels);
    put_part(file, "", "test", 2, labels);
    H5Fclose(file);
    kr_dataset_source source = {.data = FILE_NAME, .classes = {chosen, 2}};
    kr_dataset *data = opened(&source);
    static const int kept[] = {0, 2, 3, 5};
    assert_int_equal(data->part[0].count, 4);
    assert_int_equal(data->part[0].classes, 3);
    for (size_t m = 0; m < 4; m++) {
        assert_int_equal(data->part[0].label[m], (int)labels[kept[m]]);
        assert_close(data->part[0].input[2 * m + 1], inputs[2 * kept[m] + 1], 0, 0);
    }
    assert_int_equal(data->part[1].count, 1);
    kr_dataset_destroy(data);
    source.classes.count = 1;
    refused(&source, "none of the test data of '" FILE_NAME "' has one of the task's classes");
    chosen[0] = 3;
    refused(&source, "task.classes has 3; the classes of '" FILE_NAME "' are 0 to 2");
    chosen[0] = 0.5;
    refused(&source, "task.classes has 0.5");
}

typedef struct bad_set {
    const char *name;
    int type; /* of the file: d double, s text, g group */
    int rank;
    hsize_t size[4];
    double value[ROWS];
    const char *says;
} bad_set;

/* Each stands in place of a good one of its name. A size of 0 in the first axis and rank -1: it is left out. */
static const bad_set bad[] = {
    {"y_train", 'd', -1, {0}, {0}, "has no y_train: the class of each row of x_train is needed"},
    {"x_train", 'd', -1, {0}, {0}, "has no x_train"},
    {"y_test", 'd', -1, {0}, {0}, "has no y_test"},
    {"x_test", 'd', -1, {0}, {0}, "has no x_test"},
    {"y_train",
     'd',
     1,
     {ROWS},
     {0, 1, -1, 0, 0, 0},
     "row 2 (from 0) of y_train is -1, which is no class; classes are integers from 0"},
    {"y_train", 'd', 1, {ROWS}, {0, 1, 1, 0.5, 0, 0}, "row 3 (from 0) of y_train is 0.5, which is no class"},
    {"y_train", 'd', 1, {ROWS}, {NAN}, "row 0 (from 0) of y_train is .nan, which is no class"},
    {"y_test",
     'd',
     1,
     {ROWS},
     {0, 4096},
     "row 1 (from 0) of y_test is 4096, which is no class; classes are integers from 0 to 4095"},
    {"y_train", 'd', 1, {ROWS - 1}, {0}, "x_train has 6 rows, but y_train has 5"},
    {"y_train", 'd', 2, {ROWS, 1}, {0}, "y_train has 2 axes; it must be [rows], the class of each row"},
    {"y_train", 's', 1, {ROWS}, {0}, "y_train does not hold numbers; it must be [rows]"},
    {"x_train",
     'd',
     2,
     {3, 2},
     {0, 1, 2, 3, NAN, 5},
     "row 2 (from 0) of x_train has an input that is not a number, number 0 (from 0)"},
    {"x_test",
     'd',
     2,
     {3, 2},
     {0, 1, 2, 3, 4, -INFINITY},
     "row 2 (from 0) of x_test has an input that is infinite, number 1 (from 0)"},
    {"x_train", 'd', 1, {ROWS}, {0}, "x_train has 1 axis; it must be [M][inputs], or images"},
    {"x_train", 'd', 0, {0}, {0}, "x_train has 0 axes"},
    {"x_train", 'd', 4, {1, 2, 1, 1}, {0}, "x_train has 4 axes"},
    {"x_train", 'g', 0, {0}, {0}, "x_train is no data set"},
    {"x_train", 'd', 2, {0, 2}, {0}, "x_train has no rows"},
    {"x_train", 'd', 2, {ROWS, 0}, {0}, "x_train has rows without inputs"},
    {"x_test", 'd', 2, {0, 2}, {0}, "x_test has no rows; leave x_test and y_test out where there are no test data"},
    {"x_test", 'd', 2, {ROWS, 1}, {0}, "rows of x_train have 2 inputs, but rows of x_test have 1"},
    {"x_train", 'd', 2, {1000000000000, 64}, {0}, "x_train has 6.4e+13 numbers, 4.77e+05 GiB in memory; at most 268435456 (2 GiB)"},
    {"x_train", 'd', 2, {100000000, 2}, {0}, "x_train claims more values than the file holds"},
    {"y_train", 'd', 1, {1000000000000}, {0}, "y_train has 1e+12 numbers"},
};

static void write_bad(const bad_set *one) {
    static const struct {
        const char *name;
        int rank;
        hsize_t size[2];
        const double *value;
    } good[] = {{"x_train", 2, {ROWS, 2}, inputs},
                {"y_train", 1, {ROWS}, labels},
                {"x_test", 2, {ROWS, 2}, inputs},
                {"y_test", 1, {ROWS}, labels}};
    hid_t file = begin();
    for (size_t i = 0; i < 4; i++)
        if (strcmp(good[i].name, one->name) != 0)
            put(file, good[i].name, H5T_NATIVE_DOUBLE, good[i].rank, good[i].size, good[i].value);
    hsize_t count = 1;
    for (int i = 0; i < one->rank; i++) count *= one->size[i];
    if (one->type == 'g')
        H5Gclose(H5Gcreate2(file, one->name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    else if (one->type == 's')
        put(file, one->name, H5T_C_S1, one->rank, one->size, NULL);
    else if (one->rank >= 0 && count > ROWS) { /* in pieces that are never written */
        hsize_t piece[] = {1000, 2};
        hid_t plan = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(one->rank, one->size, NULL);
        H5Pset_chunk(plan, one->rank, piece);
        H5Dclose(H5Dcreate2(file, one->name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, plan, H5P_DEFAULT));
        H5Sclose(space);
        H5Pclose(plan);
    } else if (one->rank >= 0)
        put(file, one->name, H5T_NATIVE_DOUBLE, one->rank, one->size, count ? one->value : NULL);
    H5Fclose(file);
}

static void what_is_wrong_is_said(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_bad(&bad[i]);
        refused(&(kr_dataset_source){.data = FILE_NAME}, bad[i].says);
    }
    refused(&(kr_dataset_source){.data = "./no_such_file.h5"}, "no_such_file.h5");
    refused(&(kr_dataset_source){.data = KR_SOURCE_DIRECTORY "/README.md"}, "README.md");
    hid_t file = begin();
    put_part(file, "tasks/a/", "train", ROWS, labels);
    put_part(file, "tasks/b/", "train", ROWS, labels);
    H5Fclose(file);
    refused(&(kr_dataset_source){.data = FILE_NAME}, "has no x_train, but tasks; name one of them as task: a, b");
    file = begin();
    put_part(file, "", "train", ROWS, labels);
    H5Fclose(file);
    refused(&(kr_dataset_source){.data = FILE_NAME, .task = "a"}, "there is no task 'a' in '" FILE_NAME "', which has no tasks");
    file = begin();
    put_part(file, "", "train", ROWS, (const double[ROWS]){0});
    H5Fclose(file);
    refused(&(kr_dataset_source){.data = FILE_NAME, .label_noise = 0.1},
            "label_noise = 0.1 needs another class, but '" FILE_NAME "' has one only");
    refused(&(kr_dataset_source){.data = FILE_NAME, .classes = {(double[]){0.0, 1.0}, 2}},
            "task.classes has 1; the classes of '" FILE_NAME "' are 0 to 0");
}

/* ---- generated ---- */

static void points_follow_the_formulas(void **state) {
    (void)state;
    assert_int_equal(KR_DATASET_STREAM, KR_STREAM_DATA);
    const double pi = acos(-1.0);
    static const char *const names[] = {"moons", "spirals", "rings"};
    for (int kind = 0; kind < 3; kind++) {
        kr_dataset *data = opened(&(kr_dataset_source){.data = (char *)(uintptr_t)names[kind], .points = 101, .seed = 7});
        for (uint32_t part = 0; part < 2; part++)
            for (uint32_t m = 0; m < 101; m++) {
                double u = kr_uniform_pair(m, 0, part, (uint32_t)KR_STREAM_DATA << 24, 7).first, c = m % 2, x, y;
                double a = kind == KR_DATASET_MOONS     ? pi * u
                           : kind == KR_DATASET_SPIRALS ? 2 * pi * (1.75 * u + c / 2)
                                                        : 2 * pi * u;
                double r = kind == KR_DATASET_MOONS ? 1 : kind == KR_DATASET_SPIRALS ? u : (1 + c) / 2;
                x = r * cos(a), y = r * sin(a);
                if (kind == KR_DATASET_MOONS && c > 0) x = 1 - x, y = 0.5 - y;
                const kr_data *own = &data->part[part];
                assert_close(own->input[2 * m], x, 0, 1e-14);
                assert_close(own->input[2 * m + 1], y, 0, 1e-14);
                assert_int_equal(own->label[m], m % 2);
                assert_int_equal(own->classes, 2);
            }
        assert_true(data->part[0].input[0] != data->part[1].input[0]);
        kr_dataset_destroy(data);
    }
}

/* Mean and variance of the noise, of 2 x 100000 normals, at a seed that is fixed: beyond four standard errors one would be
 * in 1.6e4.
 */
static void noise_on_points_is_normal(void **state) {
    (void)state;
    enum { POINTS = 100000 };
    kr_dataset_source source = {.data = "rings", .points = POINTS, .seed = 3};
    kr_dataset *clean = opened(&source);
    source.noise = 0.5;
    kr_dataset *noisy = opened(&source);
    double sum = 0, squares = 0, n = 2.0 * POINTS, product = 0;
    for (size_t m = 0; m < POINTS; m++) {
        double z[2];
        for (size_t i = 0; i < 2; i++) {
            z[i] = (noisy->part[0].input[2 * m + i] - clean->part[0].input[2 * m + i]) / 0.5;
            sum += z[i];
            squares += z[i] * z[i];
        }
        product += z[0] * z[1];
    }
    assert_close(sum / n, 0, 0, 4 / sqrt(n));
    assert_close(squares / n, 1, 0, 4 * sqrt(2 / n));
    assert_close(product / POINTS, 0, 0, 4 / sqrt((double)POINTS));
    kr_dataset_destroy(clean);
    kr_dataset_destroy(noisy);
}

/* The share of 1437 labels that change, and to what: a chi-square of nine further classes would be beyond 24.3 in 2 of 1000 seeds.
 */
static void labels_change_with_the_probability_given(void **state) {
    (void)state;
    kr_dataset_source source = {.data = "digits", .label_noise = 0.3, .seed = 5};
    kr_dataset *clean = opened(&(kr_dataset_source){.data = "digits"}), *noisy = opened(&source);
    double count = 0, further[10] = {0}, square = 0;
    for (size_t m = 0; m < 1437; m++) {
        uint32_t by = (noisy->part[0].label[m] + 10 - clean->part[0].label[m]) % 10;
        count += by > 0;
        further[by]++;
    }
    assert_close(count / 1437, 0.3, 0, 4 * sqrt(0.3 * 0.7 / 1437));
    for (int by = 1; by < 10; by++) square += pow(further[by] - count / 9, 2) / (count / 9);
    assert_true(square < 24.3);
    for (size_t m = 0; m < 360; m++) assert_int_equal(noisy->part[1].label[m], clean->part[1].label[m]);
    /* A task has the same labels as all data have. */
    double three = 3;
    source.classes = (kr_list){&three, 1};
    kr_dataset *task = opened(&source);
    size_t at = 0;
    for (size_t m = 0; m < 1437; m++)
        if (clean->part[0].label[m] == 3) assert_int_equal(task->part[0].label[at++], noisy->part[0].label[m]);
    assert_int_equal(task->part[0].count, at);
    source.label_noise = 1;
    kr_dataset *all = opened(&source);
    for (size_t m = 0; m < at; m++) assert_true(all->part[0].label[m] != 3);
    kr_dataset_destroy(all);
    kr_dataset_destroy(task);
    kr_dataset_destroy(noisy);
    kr_dataset_destroy(clean);
}

int main(void) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_those_of_the_file), cmocka_unit_test(a_file_is_taken_as_it_is),
        cmocka_unit_test(images_have_rows_and_columns), cmocka_unit_test(classes_are_chosen),
        cmocka_unit_test(what_is_wrong_is_said),        cmocka_unit_test(points_follow_the_formulas),
        cmocka_unit_test(noise_on_points_is_normal),    cmocka_unit_test(labels_change_with_the_probability_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
