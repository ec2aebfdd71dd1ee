/* Schedule table: numbers of the scene and of files, what lies between and behind them, what is shared, and what is refused. */
#define SURFACE_TEST "schedule_table"
#include "surface_fixture.h"

#include "plugin_setup.h"

#include <kramers/scene.h>

#include <time.h>

typedef struct made {
    kr_settings settings;
    kr_schedule schedule;
} made;

static kr_status try(made *m, const char *parameters, kr_error *error) {
    const kr_schedule_type *type = find_schedule(best_registry(), "table");
    m->settings = make_settings(&type->about, parameters);
    return kr_schedule_create(&m->schedule, &m->settings, NULL, (kr_warmup){0, 1}, 1000, error);
}

static made make(const char *parameters) {
    made m;
    kr_error error;
    if (try(&m, parameters, &error) != KR_OK) fail_msg("%s", error.message);
    return m;
}

static void drop(made *m) {
    kr_schedule_destroy(&m->schedule);
    kr_settings_destroy(&m->settings);
}

static double rate(const char *parameters, uint64_t k) {
    made m = make(parameters);
    double value = kr_schedule_at(&m.schedule, k);
    drop(&m);
    return value;
}

static void refuse(const char *parameters, kr_status expected, const char *says) {
    made m;
    kr_error error = {.message = ""};
    kr_status status = try(&m, parameters, &error);
    if (status != expected || !strstr(error.message, says))
        fail_msg("%s: status %d, '%s' does not say '%s'", parameters, (int)status, error.message, says);
    drop(&m);
}

static void write_text(const char *text) {
    write_bytes(TEXT_FILE, text, strlen(text));
}

static void numbers_of_the_scene(void **state) {
    (void)state;
    const double value[] = {0.5, 0.25, 0.125, 0.75};
    for (uint64_t k = 0; k < 60; k++) {
        uint64_t i = k / 10 < 3 ? k / 10 : 3;
        double straight = i < 3 ? value[i] + (value[i + 1] - value[i]) * (double)(k % 10) / 10 : 0.75;
        double again = value[k / 10 % 4] + (value[(k / 10 + 1) % 4] - value[k / 10 % 4]) * (double)(k % 10) / 10;
        assert_true(rate("values=[0.5,0.25,0.125,0.75] every=10", k) == value[i]);
        assert_true(rate("values=[0.5,0.25,0.125,0.75] every=10 after=repeat", k) == value[k / 10 % 4]);
        assert_close(rate("values=[0.5,0.25,0.125,0.75] every=10 interpolate=linear", k), straight, 1e-15, 0);
        assert_close(rate("values=[0.5,0.25,0.125,0.75] every=10 interpolate=linear after=repeat", k), again, 1e-15, 0);
        assert_close(rate("values=[0.5,0.25,0.125,0.75] every=10 lr=0.03", k), 0.04 * value[i], 1e-15, 0);
    }
    assert_true(rate("values=[0.5,0.25,0.125,0.75] every=10 lr=0.03", 30) == 0.03);
    assert_true(rate("values=[0.5,0.25] every=1000000000000000000", UINT64_MAX) == 0.25);
    assert_true(rate("values=0.5", 7) == 0.5);
}

static void cycles_of_those_that_repeat(void **state) {
    (void)state;
    made m = make("values=[0.5,0.25,0.125] every=10 after=repeat");
    assert_int_equal(kr_schedule_next_cycle(&m.schedule, 0), 30);
    assert_int_equal(kr_schedule_next_cycle(&m.schedule, 29), 30);
    assert_int_equal(kr_schedule_next_cycle(&m.schedule, 30), 60);
    assert_true(kr_schedule_next_cycle(&m.schedule, UINT64_MAX) == UINT64_MAX);
    drop(&m);
    m = make("values=[0.5,0.25,0.125] every=10");
    assert_true(kr_schedule_next_cycle(&m.schedule, 0) == UINT64_MAX);
    drop(&m);
}

static void columns_of_files(void **state) {
    (void)state;
    const double value[] = {0.1, 1, 0.2, 2, 0.3, 3};
    write_text("step,\"lr\",'train loss'\n0, 0.1, 5\n1, 0.2, 6\n2, 0.3, 7\n");
    for (uint64_t k = 0; k < 4; k++) {
        assert_true(rate("file=" TEXT_FILE " column=1", k) == value[2 * (k < 2 ? k : 2)]);
        assert_true(rate("file=" TEXT_FILE " column=lr", k) == value[2 * (k < 2 ? k : 2)]);
        assert_close(rate("file=" TEXT_FILE " column=lr lr=0.6", k), 2 * value[2 * (k < 2 ? k : 2)], 1e-15, 0);
    }
    write_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }", value, sizeof value);
    assert_true(rate("file=" NPY_FILE " column=1", 1) == 2);
    write_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (6,), }", value, sizeof value);
    assert_true(rate("file=" NPY_FILE, 2) == 0.2);
    hid_t file = H5Fcreate(TEST_FILE, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    write_array(file, "rates", 1, 6, 1, H5T_IEEE_F64LE, value);
    write_array(file, "both", 2, 3, 2, H5T_IEEE_F32LE, value);
    H5Fclose(file);
    assert_true(rate("file=" TEST_FILE " dataset=rates", 4) == 0.3);
    assert_true(rate("file=" TEST_FILE " dataset=/both column=1", 1) == 2);
    refuse("file=" TEST_FILE " dataset=rate", KR_BAD_ARGUMENT, "did you mean 'rates'?");
    refuse("file=" TEST_FILE " dataset=both", KR_BAD_ARGUMENT, "has 2 columns; say which with schedule.column");
}

static void what_is_wrong_is_refused(void **state) {
    (void)state;
    write_text("step,lr\n0,0.1\n1,0.2\n");
    refuse("file=" TEXT_FILE, KR_BAD_ARGUMENT, "has 2 columns; say which with schedule.column");
    refuse("file=" TEXT_FILE " column=rate", KR_BAD_ARGUMENT, "no column 'rate'; its columns are 0 to 1; they are called step, lr");
    refuse("file=" TEXT_FILE " column=2", KR_BAD_ARGUMENT, "no column '2'");
    refuse("file=" TEXT_FILE " column=lr values=[1,2]", KR_BAD_ARGUMENT, "are both given");
    refuse("column=1", KR_BAD_ARGUMENT, "give file:");
    refuse("file=" KR_BUILD_DIRECTORY "/nothing.csv", KR_IO, "No such file");
    refuse("values=[0,0] lr=0.1", KR_BAD_ARGUMENT, "leave lr out");
    write_text("0.1\n-0.2\n");
    refuse("file=" TEXT_FILE, KR_BAD_ARGUMENT, "the number -0.2");
    write_text("0.1\nnan\n");
    refuse("file=" TEXT_FILE, KR_BAD_ARGUMENT, "number 1 of column 0 is not finite");
    write_text("0\n0\n");
    refuse("file=" TEXT_FILE " lr=0.1", KR_BAD_ARGUMENT, "leave lr out");
    assert_true(rate("file=" TEXT_FILE, 1) == 0);
}

/* Who asks for a file that is in use gets the same numbers at once; a file that has changed is read anew. */
static void a_file_is_read_once(void **state) {
    (void)state;
    enum { ROWS = 300000, ASKED = 2000 };
    FILE *out = fopen(TEXT_FILE, "w");
    for (int i = 0; i < ROWS; i++) fprintf(out, "%d\n", i);
    fclose(out);
    made first = make("file=" TEXT_FILE), other;
    clock_t begin = clock();
    for (int i = 0; i < ASKED; i++) {
        other = make("file=" TEXT_FILE " lr=1");
        assert_true(kr_schedule_at(&other.schedule, ROWS) == 1);
        drop(&other);
    }
    assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 5); /* reading it takes 40 ms */
    write_text("0.5\n");
    other = make("file=" TEXT_FILE);
    assert_true(kr_schedule_at(&other.schedule, 9) == 0.5 && kr_schedule_at(&first.schedule, 9) == 9);
    drop(&first);
    drop(&other);
}

/* A scene can be read where its file is not. */
static void a_scene_names_a_file_beside_it(void **state) {
    (void)state;
    kr_scene scene, again;
    kr_error error;
    char *text;
    const char *given = "schedule: {name: table, file: rates.csv, column: 1, every: 5}";
    assert_int_equal(kr_scene_parse(&scene, best_registry(), "x", "/somewhere", given, NULL, 0, &error), KR_OK);
    assert_int_equal(kr_scene_write(&scene, &text, &error), KR_OK);
    assert_int_equal(kr_scene_parse(&again, best_registry(), "y", "/somewhere", text, NULL, 0, &error), KR_OK);
    assert_true(kr_settings_equal(&scene.schedule, &again.schedule));
    free(text);
    kr_scene_destroy(&scene);
    kr_scene_destroy(&again);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_the_scene), cmocka_unit_test(cycles_of_those_that_repeat),
        cmocka_unit_test(columns_of_files),     cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(a_file_is_read_once),  cmocka_unit_test(a_scene_names_a_file_beside_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(TEST_FILE);
    unlink(TEXT_FILE);
    unlink(NPY_FILE);
    return failed;
}
