/* Files say which generator made their random numbers, and nothing goes on with those of another one. */
#include <kramers/generator.h>

#include "session_fixture.h"

#include "program.h"

#include <hdf5.h>

#define OLDER "philox4x32-10, box-muller"
#define OTHER "mersenne twister, polar"
#define PLACE "/parameters/kramers"
#define RUN "kramers run --quiet --set ensemble.particles=64 --set ensemble.steps=200 --set trajectory.every=10 "
#define SWEEP "kramers sweep --quiet --set ensemble.particles=64 --set ensemble.steps=200 --vary schedule.lr=0.01,0.02 -o "

/* ---- what is in a file ---- */

static void read_attribute(const char *file, const char *place, char text[64]) {
    hid_t opened = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(opened >= 0);
    hid_t attribute = H5Aopen_by_name(opened, place, "generator", H5P_DEFAULT, H5P_DEFAULT), type = H5Aget_type(attribute);
    memset(text, 0, 64);
    assert_true(H5Tget_size(type) < 64);
    assert_true(H5Aread(attribute, type, text) >= 0);
    H5Tclose(type);
    H5Aclose(attribute);
    H5Fclose(opened);
}

static hid_t text_type(const char *text) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(text));
    return type;
}

/* As if the program that has changed it had made its checksums. */
static void renew(const char *file) {
    kr_error error;
    assert_int_equal(kr_file_renew(file, &error), KR_OK);
}

/* NULL: without one, as older versions have left it. */
static void write_attribute(const char *file, const char *generator) {
    hid_t opened = H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT), group = H5Gopen2(opened, PLACE, H5P_DEFAULT);
    assert_true(group >= 0);
    assert_true(H5Adelete(group, "generator") >= 0);
    if (generator) {
        hid_t type = text_type(generator), space = H5Screate(H5S_SCALAR);
        hid_t attribute = H5Acreate2(group, "generator", type, space, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Awrite(attribute, type, generator) >= 0);
        H5Aclose(attribute);
        H5Sclose(space);
        H5Tclose(type);
    }
    H5Gclose(group);
    H5Fclose(opened);
    renew(file);
}

/* The text of the data set /header, as if another version had written it. */
static void write_header(const char *file, const char *header) {
    hid_t opened = H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT), type = text_type(header), space = H5Screate(H5S_SCALAR);
    assert_true(H5Ldelete(opened, "/header", H5P_DEFAULT) >= 0);
    hid_t set = H5Dcreate2(opened, "/header", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, header) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Tclose(type);
    H5Fclose(opened);
    renew(file);
}

/* The command fails with both names, the way out and `more`, and the file keeps its bytes. */
static void assert_refused(const char *command, const char *file, const char *recorded, const char *more) {
    char line[512], quoted[128];
    snprintf(line, sizeof line, "cp %s kept", file);
    run(line, 0);
    run(command, 2);
    snprintf(quoted, sizeof quoted, "those of generator '%s'", recorded);
    assert_contains(command, "err", quoted);
    snprintf(quoted, sizeof quoted, "this version draws those of '%s'", kr_generator_name());
    assert_contains(command, "err", quoted);
    assert_contains(command, "err", "would join two different sequences of random numbers");
    assert_contains(command, "err", "Begin anew, or go on with the kramers that made the file (version ");
    assert_contains(command, "err", more);
    assert_int_equal(lines("err"), 1);
    snprintf(line, sizeof line, "cmp %s kept", file);
    run(line, 0);
}

/* ---- tests ---- */

static void the_generator_is_named(void **state) {
    char text[64];
    (void)state;
    json_object *o = run_json(RUN "--json -o run.h5", 0);
    assert_string_equal(json_object_get_string(member(o, "generator")), kr_generator_name());
    json_object_put(o);
    read_attribute("run.h5", PLACE, text);
    assert_string_equal(text, kr_generator_name());
    o = run_json(SWEEP "sweep.h5 --json", 0);
    assert_string_equal(json_object_get_string(member(o, "generator")), kr_generator_name());
    json_object_put(o);
    read_attribute("sweep.h5", "/", text);
    assert_string_equal(text, kr_generator_name());
    run("kramers --version", 0);
    assert_contains("--version", "out", kr_generator_name());
}

static void runs_do_not_go_on_with_another_generator(void **state) {
    (void)state;
    run(RUN "-o run.h5 --force && kramers resume run.h5 --steps 300 --quiet", 0);
    write_attribute("run.h5", OTHER);
    assert_refused("kramers resume run.h5 --steps 400", "run.h5", OTHER, "");
    assert_refused("kramers resume run.h5 --seed 9 -o branch.h5", "run.h5", OTHER, "");
    assert_int_not_equal(access("branch.h5", F_OK), 0);
    write_attribute("run.h5", "\033[2J");
    assert_refused("kramers resume run.h5 --steps 400", "run.h5", "?[2J", "");
    write_attribute("run.h5", NULL);
    assert_refused("kramers resume run.h5 --steps 400", "run.h5", OLDER, "it names none");
}

/* One whose attribute is no text is damaged. */
static void a_name_is_a_text(void **state) {
    (void)state;
    int64_t number = 10;
    run(RUN "-o run.h5 --force", 0);
    write_attribute("run.h5", NULL);
    hid_t file = H5Fopen("run.h5", H5F_ACC_RDWR, H5P_DEFAULT), group = H5Gopen2(file, PLACE, H5P_DEFAULT);
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(group, "generator", H5T_NATIVE_INT64, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_INT64, &number);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Gclose(group);
    H5Fclose(file);
    renew("run.h5");
    run("kramers resume run.h5 --steps 400", 3);
    assert_contains("resume", "err", "generator");
}

#define OLD_FORM "/^format: /d;/^checksums:/,$d" /* that of files before they had checksums */
static void sweeps_do_not_go_on_with_another_generator(void **state) {
    (void)state;
    char command[512];
    run(SWEEP "sweep.csv && " SWEEP "sweep.csv", 0);
    snprintf(command, sizeof command,
             "cp sweep.csv other.csv; sed '" OLD_FORM ";s/^generator: .*/generator: " OTHER "/' sweep.csv.yaml >other.csv.yaml");
    run(command, 0);
    assert_refused(SWEEP "other.csv", "other.csv", OTHER, "");
    run("cp sweep.csv older.csv; sed '" OLD_FORM ";/^generator: /d' sweep.csv.yaml >older.csv.yaml", 0);
    assert_refused(SWEEP "older.csv", "older.csv", OLDER, "it names none");
    run(SWEEP "older.csv --force && cmp older.csv sweep.csv", 0);

    run(SWEEP "sweep.h5 --force && " SWEEP "sweep.h5 && cp sweep.h5 begun.h5", 0);
    run("cp sweep.csv begun.h5.part; sed '" OLD_FORM ";/^generator: /d' sweep.csv.yaml >begun.h5.part.yaml", 0);
    assert_refused(SWEEP "begun.h5", "begun.h5.part", OLDER, "it names none");
    char *about = read_file("sweep.csv.yaml"), *rest = strstr(about, "points: "), header[1 << 14];
    assert_non_null(rest);
    snprintf(header, sizeof header, "kramers sweep: 0.0.7\n%s", rest);
    write_header("sweep.h5", header);
    assert_refused(SWEEP "sweep.h5", "sweep.h5", OLDER, "(version 0.0.7)");
    free(about);
    run("echo '# kramers 0.0.6 sweep' >old.csv", 0);
    run(SWEEP "old.csv", 2);
    assert_contains("old", "err", "old.csv is a table of an earlier version");
}

static void sessions_are_not_replayed_with_another_generator(void **state) {
    (void)state;
    kr_error error = {.status = KR_OK};
    kr_session_record record;
    bool found;
    kr_session *session = make_session("ensemble: {particles: 5}");
    advance(session, 10);
    intervene(session, "set schedule.lr=0.02");
    succeed(kr_session_save(session, "session.h5", false, &error), &error);
    kr_session_destroy(session);
    succeed(kr_session_record_read(&record, NULL, "session.h5", &found, &error), &error);
    assert_true(found);
    kr_session_record_destroy(&record);
    static const char *const recorded[] = {OTHER, NULL};
    for (int i = 0; i < 2; i++) {
        write_attribute("session.h5", recorded[i]);
        assert_int_equal(kr_session_record_read(&record, NULL, "session.h5", &found, &error), KR_BAD_ARGUMENT);
        assert_non_null(strstr(error.message, recorded[i] ? "generator '" OTHER "'" : "generator '" OLDER "' (it names none"));
        assert_non_null(strstr(error.message, kr_generator_name()));
    }
}

int main(void) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_named),
        cmocka_unit_test(runs_do_not_go_on_with_another_generator),
        cmocka_unit_test(a_name_is_a_text),
        cmocka_unit_test(sweeps_do_not_go_on_with_another_generator),
        cmocka_unit_test(sessions_are_not_replayed_with_another_generator),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
