/* Sweeps as users meet them: bad input, grids, rows in CSV, HDF5 and JSON. */
#include <kramers/sweep.h>

#include <hdf5.h>
#include <sys/stat.h>

#include "sweep_table.h"

static int enter_with_foreign_files(void **state) {
    if (enter_directory(state)) return -1;
    mkdir("folder.csv", 0777);
    mkdir("folder.h5", 0777);
    write_text("foreign.csv", "a,b\n1,2\n");
    write_text("foreign.h5", "hello\n");
    return 0;
}

/* ---- bad input ---- */

static const struct {
    const char *command;
    int status;
    const char *message;
} bad[] = {
    {"kramers sweep", 2, "kramers: a sweep needs something to vary: --vary KEY=SPEC"},
    {"kramers sweep --vary", 2, "option '--vary' requires an argument"},
    {"kramers sweep --vary dynamics.temperature", 2, "kramers: --vary dynamics.temperature: needs KEY=SPEC"},
    {"kramers sweep --vary =1", 2, "kramers: --vary =1: needs KEY=SPEC"},
    {"kramers sweep --vary schedule.lr=", 2, "kramers: --vary schedule.lr=: needs KEY=SPEC"},
    {"kramers sweep --vary schedule.lr=0.1,,0.2", 2, "a value is missing in the list"},
    {"kramers sweep --vary schedule.lr=0.1,", 2, "a value is missing in the list"},
    {"kramers sweep --vary schedule.lr=0.1:0.2", 2, "this has the wrong number of parts; a range is lo:hi:n or lo:hi:n:log"},
    {"kramers sweep --vary schedule.lr=0.1:0.2:3:log:4", 2, "wrong number of parts"},
    {"kramers sweep --vary schedule.lr=0.1:x:3", 2, "the end is no number"},
    {"kramers sweep --vary schedule.lr=0.1:.inf:3", 2, "the ends must be finite"},
    {"kramers sweep --vary schedule.lr=0.1:0.2:0", 2, "the number of values must be an integer, 1 or more"},
    {"kramers sweep --vary schedule.lr=0.1:0.2:-3", 2, "the number of values must be an integer, 1 or more"},
    {"kramers sweep --vary schedule.lr=0.1:0.2:2.5", 2, "the number of values must be an integer, 1 or more"},
    {"kramers sweep --vary schedule.lr=0.1:0.2:1e9", 2, "these are more than 1000000 values"},
    {"kramers sweep --vary schedule.lr=0.1:0.2:3:lin", 2, "the fourth part can only be 'log'"},
    {"kramers sweep --vary schedule.lr=0:0.2:3:log", 2, "the ends of a logarithmic range must be positive"},
    {"kramers sweep --vary schedule.lr=-1:0.2:3:log", 2, "the ends of a logarithmic range must be positive"},
    {"kramers sweep --vary schedule.lr=0.1,0.2 --vary schedule.lr=0.3", 2, "this key is varied twice"},
    {"kramers sweep --vary dynamics.temperature=0:1:1001 --vary schedule.lr=0:1:1000", 2, "more than 1000000 points"},
    {"kramers sweep --vary dynamics.temprature=0.1,0.2", 2,
     "kramers: point 0 (dynamics.temprature=0.1): --vary dynamics.temprature=0.1: unknown parameter of dynamics 'sgld' "
     "'temprature'; "
     "did you mean 'temperature'?"},
    {"kramers sweep " SMALL "--vary dynamics.temperature=0.1,-0.2", 2,
     "kramers: point 1 (dynamics.temperature=-0.2): --vary dynamics.temperature=-0.2: temperature = -0.2 is out of range"},
    {"kramers sweep " SMALL "--vary dynamics.temperature=0.1,0.2 --vary ensemble.particles=10,0", 2,
     "kramers: point 1 (dynamics.temperature=0.1, ensemble.particles=0): --vary ensemble.particles=0: "},
    {"kramers sweep " SMALL "--vary dynamics.splitting=BAOAB --set dynamics=langevin --vary landscape.name=double_well,doublewell",
     2, "unknown landscape 'doublewell'; did you mean 'double_well'?"},
    {"kramers sweep --vary schedule.lr=0.1 --set ensemble.sed=3", 2, "--set ensemble.sed=3: "},
    /* What no point can have, in a large grid too, is said before anything runs. */
    {"kramers sweep --vary schedule.lr=0.01:0.02:5000 --vary ensemble.particles=-1,0", 2, "ensemble.particles=-1): "},
    {"kramers sweep --vary schedule.lr=0.1,0.2,0.10", 2, "stands there twice; to repeat points vary the seed"},
    {"kramers sweep --vary schedule.lr=0.1 --columns rte", 2, "there is no column 'rte'; did you mean 'rate'?"},
    {"kramers sweep --vary schedule.lr=0.1 --columns ,", 2, "--columns needs all, or names between commas"},
    {"kramers sweep --vary schedule.lr=0.1 --columns rate -o a.h5", 2, "--columns is for CSV"},
    {"kramers sweep --vary schedule.lr=0.1 --part 0/3", 2, "--part needs I/N, part I of N, with I from 1 to N, not '0/3'"},
    {"kramers sweep --vary schedule.lr=0.1 --part 4/3", 2, "--part needs I/N"},
    {"kramers sweep --vary schedule.lr=0.1 --part 2", 2, "--part needs I/N"},
    {"kramers sweep --merge", 2, "--merge needs the files of the parts"},
    {"kramers sweep --merge foreign.csv", 3, "foreign.csv: is no table of a sweep"},
    {"kramers sweep --merge foreign.h5", 3, "foreign.h5: is no table of a sweep"},
    {"kramers sweep --merge foreign.csv --vary schedule.lr=0.1", 2, "takes the files of the parts alone"},
    /* Only the model knows. */
    {"kramers sweep " SMALL "--vary escape.until.above=1,-2", 2,
     "kramers: point 1 (escape.until.above=-2): double_well:7:21: escape.until: the start"},
    {"kramers sweep doublewell --vary schedule.lr=0.1", 2, "did you mean 'double_well'?"},
    {"kramers sweep missing.yaml --vary schedule.lr=0.1", 3, "kramers: missing.yaml: No such file"},
    {"kramers sweep --vary schedule.lr=0.01 -o missing/a.csv", 3,
     "kramers: missing/a.csv: could not be opened: No such file or directory"},
    {"kramers sweep --vary schedule.lr=0.01 -o missing/a.h5", 3,
     "kramers: missing/a.h5.part: could not be opened: No such file or directory"},
    {"kramers sweep --vary schedule.lr=0.01 -o folder.csv", 3, "kramers: folder.csv: is a directory"},
    {"kramers sweep --vary schedule.lr=0.01 -o folder.h5 --force", 3, "kramers: folder.h5: is a directory"},
    {"kramers sweep --vary schedule.lr=0.01 -o /dev/full", 3, "is no regular file; without -o the table goes to stdout"},
    {"kramers sweep --vary schedule.lr=0.01 -o foreign.csv", 3, "foreign.csv exists and is no table of a sweep; --force"},
    {"kramers sweep --vary schedule.lr=0.01 -o foreign.h5", 3, "foreign.h5 exists and is no table of a sweep; --force"},
    {"kramers sweep --threads 0 --vary schedule.lr=0.01", 2, "--threads needs an integer from 1 to 4096"},
    {"kramers sweep " SMALL "--vary schedule.lr=0.01 >/dev/full", 3, "could not be written to stdout: No space left"},
};

static void bad_input_gets_one_message(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        run(bad[i].command, bad[i].status);
        assert_contains(bad[i].command, "err", bad[i].message);
    }
    struct stat about;
    assert_int_equal(stat("foreign.csv", &about), 0);
    assert_int_equal(about.st_size, 8);
    assert_int_not_equal(access("foreign.h5.part", F_OK), 0);
}

/* ---- grids ---- */

static void values_of_ranges_are_round(void **state) {
    (void)state;
    run("kramers sweep " SMALL "--vary dynamics.temperature=0.1:0.5:5 --vary ensemble.particles=10:1000:4:log", 0);
    table t = read_table("out");
    static const char *const temperatures[] = {"0.1", "0.2", "0.3", "0.4", "0.5"}, *const particles[] = {"10", "46", "215", "1000"};
    char text[256];
    assert_int_equal(t.lines, 21);
    for (size_t i = 0; i < 20; i++) {
        assert_true(cell_number(&t, i, "point") == (double)i);
        assert_string_equal(cell(&t, i, "dynamics.temperature", text), temperatures[i / 4]);
        assert_string_equal(cell(&t, i, "ensemble.particles", text), particles[i % 4]); /* the last changes fastest */
        assert_true(cell_number(&t, i, "particles") == cell_number(&t, i, "ensemble.particles"));
        assert_true(cell_number(&t, i, "temperature") == cell_number(&t, i, "dynamics.temperature"));
    }
    free(t.text);
    run("kramers sweep " SMALL "--vary schedule.lr=1e-3:1e-1:5:log --vary dynamics.name=sgld,sgd", 0);
    t = read_table("out");
    assert_int_equal(t.lines, 11);
    assert_string_equal(cell(&t, 2, "schedule.lr", text), "0.00316227766016838");
    assert_string_equal(cell(&t, 9, "schedule.lr", text), "0.1");
    assert_string_equal(cell(&t, 9, "dynamics.name", text), "sgd");
    free(t.text);
}

/* Integers in sections of observers, whether the scene has them or not, and in sections of sections, too. */
static void ranges_of_integers_are_rounded(void **state) {
    (void)state;
    static const struct {
        const char *key, *value[4];
    } range[] = {{"energy.every", {"1", "2", "5", "10"}},
                 {"ensemble.start.burn_in", {"1", "2", "5", "10"}},
                 {"histogram.bins", {"1", "2", "5", "10"}},
                 {"schedule.warmup.steps", {"1", "2", "5", "10"}}};
    for (size_t i = 0; i < sizeof range / sizeof *range; i++) {
        char command[400], text[256];
        snprintf(command, sizeof command, "kramers sweep " SMALL "--set dynamics=langevin --vary %s=1:10:4:log", range[i].key);
        run(command, 0);
        table t = read_table("out");
        assert_int_equal(t.lines, 5);
        for (size_t k = 0; k < 4; k++) assert_string_equal(cell(&t, k, range[i].key, text), range[i].value[k]);
        free(t.text);
    }
}

static void lists_keep_brackets_together(void **state) {
    (void)state;
    run("kramers sweep harmonic " SMALL "--set escape=null --json --set ensemble.start.minimum=0 --set landscape.dim=2"
        " --vary 'landscape.stiffness=[1, 2],3' -o list.h5",
        0);
    char *text = read_file("out");
    json_object *o = json_tokener_parse(text), *points, *parameters, *value;
    assert_true(o && json_object_object_get_ex(o, "points", &points));
    assert_int_equal(json_object_array_length(points), 2);
    json_object_object_get_ex(json_object_array_get_idx(points, 0), "parameters", &parameters);
    json_object_object_get_ex(parameters, "landscape.stiffness", &value);
    assert_string_equal(json_object_get_string(value), "[1, 2]");
    json_object_object_get_ex(json_object_array_get_idx(points, 1), "parameters", &parameters);
    json_object_object_get_ex(parameters, "landscape.stiffness", &value);
    assert_true(json_object_is_type(value, json_type_string) || json_object_get_double(value) == 3);
    json_object_put(o);
    free(text);
    run("kramers sweep harmonic " SMALL "--set escape=null --json --set ensemble.start.minimum=0 --set landscape.dim=2"
        " --vary 'landscape.stiffness=[1, 2],3' -o list.h5",
        0); /* read back */
}

/* Without a target nothing escapes: cells are empty, never 0; without events the passage time is. */
static void missing_values_are_empty(void **state) {
    (void)state;
    char text[256];
    run("kramers sweep " SMALL "--columns all --vary dynamics.temperature=0.2,0.3 --set escape=null", 0);
    table t = read_table("out");
    static const char *const columns[] = {"events",    "exposure_steps",      "mfpt_steps",       "rate",   "rate_high",
                                          "mfpt_time", "kinetic_temperature", "chain.mfpt_steps", "chain.z"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) assert_string_equal(cell(&t, 1, columns[i], text), "");
    free(t.text);
    run("kramers sweep " SMALL "--vary dynamics.temperature=0.01,0.02 -o none.h5", 0);
    run("kramers sweep " SMALL "--columns all --vary dynamics.temperature=0.01,0.02", 0);
    t = read_table("out");
    assert_string_equal(cell(&t, 0, "mfpt_steps", text), "");
    assert_string_equal(cell(&t, 0, "mfpt_steps_high", text), "inf");
    assert_string_equal(cell(&t, 0, "events", text), "0");
    assert_true(cell_number(&t, 0, "rate_low") == 0 && cell_number(&t, 0, "rate_high") > 0 && cell_number(&t, 0, "warnings") > 0);
    free(t.text);
    hid_t file = H5Fopen("none.h5", H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, "/columns/mfpt_steps", H5P_DEFAULT);
    double values[2] = {0, 0};
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    assert_true(isnan(values[0]) && isnan(values[1]));
    H5Dclose(set);
    H5Fclose(file);
}

/* A point is the run with its values and its seed; it does not know of the others. */
static void a_point_is_a_run(void **state) {
    (void)state;
    char text[256], command[512];
    run("kramers sweep " SMALL "--set ensemble.seed=5 --vary schedule.lr=0.05,0.1 --vary dynamics.temperature=0.3,0.5", 0);
    table t = read_table("out");
    char seed[32];
    static const char *const values[] = {"dynamics.temperature=5e-1", "schedule.lr=0.1"};
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)kr_sweep_seed(5, values, 2));
    assert_string_equal(cell(&t, 3, "seed", text), seed);
    snprintf(command, sizeof command,
             "kramers run --json " SMALL "--set ensemble.seed=%s --set schedule.lr=0.1 --set dynamics.temperature=0.5", seed);
    run(command, 0);
    char *json = read_file("out");
    json_object *o = json_tokener_parse(json), *escape, *value;
    assert_true(o && json_object_object_get_ex(o, "escape", &escape));
    json_object_object_get_ex(escape, "events", &value);
    assert_true(cell_number(&t, 3, "events") > 50 && cell_number(&t, 3, "events") == json_object_get_double(value));
    json_object_object_get_ex(escape, "rate", &value);
    assert_true(cell_number(&t, 3, "rate") == json_object_get_double(value));
    json_object_object_get_ex(escape, "rate_ci95", &value);
    assert_true(cell_number(&t, 3, "rate_low") == json_object_get_double(json_object_array_get_idx(value, 0)));
    json_object_object_get_ex(escape, "theory", &value);
    for (size_t i = 0; i < json_object_array_length(value); i++) {
        json_object *theory = json_object_array_get_idx(value, i), *name, *z, *steps;
        json_object_object_get_ex(theory, "name", &name);
        if (strcmp(json_object_get_string(name), "chain") != 0) continue;
        assert_true(json_object_object_get_ex(theory, "z", &z) && json_object_object_get_ex(theory, "mfpt_steps", &steps));
        assert_true(cell_number(&t, 3, "chain.z") == json_object_get_double(z));
        assert_true(cell_number(&t, 3, "chain.mfpt_steps") == json_object_get_double(steps));
    }
    json_object_put(o);
    free(json);
    free(t.text);
    run("kramers sweep " SMALL "--vary ensemble.seed=7,8,7", 0);
    t = read_table("out");
    assert_true(cell_number(&t, 1, "seed") == 8 && cell_number(&t, 0, "events") == cell_number(&t, 2, "events"));
    assert_true(cell_number(&t, 0, "events") != cell_number(&t, 1, "events") ||
                cell_number(&t, 0, "seed") == cell_number(&t, 2, "seed"));
    free(t.text);
}

static void threads_never_change_a_row(void **state) {
    (void)state;
    /* The last point, alone and large, gets all threads. */
    static const char grid[] = "--quiet --set ensemble.steps=300 --vary dynamics.temperature=0.3:0.6:5 "
                               "--vary ensemble.particles=10,20000 -o";
    char command[512];
    for (int threads = 1; threads <= 4; threads++) {
        snprintf(command, sizeof command, "kramers sweep --threads %d %s t%d.csv && kramers sweep --threads %d %s t%d.h5", threads,
                 grid, threads, threads, grid, threads);
        run(command, 0);
    }
    run("cmp t1.csv t2.csv && cmp t1.csv t3.csv && cmp t1.csv t4.csv && cmp t1.h5 t2.h5 && cmp t1.h5 t3.h5 && cmp t1.h5 t4.h5", 0);
    run("kramers sweep --threads 1 --quiet --set ensemble.steps=300 --vary ensemble.particles=20000 >one", 0);
    run("kramers sweep --threads 2 --quiet --set ensemble.steps=300 --vary ensemble.particles=20000 >two", 0);
    run("cmp one two", 0);
    run("kramers sweep --isa baseline --quiet --set ensemble.steps=300 --vary ensemble.particles=20000 | cmp - one", 0);
}

static void diverged_points_keep_their_rows(void **state) {
    (void)state;
    char text[256];
    run("kramers sweep harmonic " SMALL "--set escape=null --vary schedule.lr=0.1,2.5,0.2", 4);
    assert_contains("diverged", "err", "kramers: 1 of 3 points diverged");
    table t = read_table("out");
    assert_int_equal(t.lines, 4);
    assert_string_equal(cell(&t, 1, "status", text), "diverged");
    assert_true(cell_number(&t, 1, "diverged") > 0);
    assert_string_equal(cell(&t, 2, "status", text), "done");
    free(t.text);
    run("kramers sweep harmonic " SMALL "--set escape=null --vary schedule.lr=0.1,2.5,0.2 -o diverged.h5", 4);
    run("kramers sweep harmonic " SMALL "--set escape=null --vary schedule.lr=0.1,2.5,0.2 -o diverged.h5", 4); /* still so */
}

/* Cannot be read, cannot be placed, diverges, is well: each is a row, and none of the others is touched. */
static void impossible_points_are_rows(void **state) {
    (void)state;
    static const char *const grid = "kramers sweep harmonic " SMALL "--set escape=null "
                                    "--vary schedule.lr=0.1,-1,2.5,0.2 --vary ensemble.start.minimum=0,7 -o";
    static const char *const status[] = {"done",     "impossible", "impossible", "impossible",
                                         "diverged", "impossible", "done",       "impossible"};
    char command[512], text[256];
    const char *const files[] = {"rows.csv", "rows.h5"};
    for (int f = 0; f < 2; f++)
        for (int again = 0; again < 2; again++) {
            snprintf(command, sizeof command, "%s %s", grid, files[f]);
            run(command, 4);
            assert_contains(command, "err", "kramers: 5 of 8 points could not be run");
            assert_contains(command, "err", "kramers: 1 of 8 points diverged");
            assert_contains(command, "out", "impossible");
        }
    table t = read_table("rows.csv");
    assert_int_equal(t.lines, 9);
    for (size_t i = 0; i < 8; i++) assert_string_equal(cell(&t, i, "status", text), status[i]);
    assert_non_null(strstr(cell(&t, 1, "reason", text), "ensemble.start.minimum"));
    assert_non_null(strstr(cell(&t, 2, "reason", text), "lr = -1 is out of range"));
    assert_string_equal(cell(&t, 6, "reason", text), "");
    double potential = cell_number(&t, 6, "potential");
    free(t.text);
    run("kramers sweep harmonic " SMALL "--set escape=null --vary ensemble.start.minimum=0 "
        "--vary schedule.lr=0.2",
        0);
    t = read_table("out");
    assert_true(cell_number(&t, 0, "potential") == potential); /* a point does not know of the grid around it */
    free(t.text);
    run("kramers sweep harmonic " SMALL "--vary ensemble.start.minimum=0,7 --json", 2);
    assert_contains("JSON", "out", "\"status\": \"impossible\"");
    assert_contains("JSON", "out", "\"reason\": \"");
}

/* What fails for want of a file is tried again. */
static void failed_points_are_tried_again(void **state) {
    (void)state;
    static const char grid[] = "kramers sweep digits " SMALL "--vary landscape.file=here.h5,gone.h5 -o failed.csv";
    char text[256];
    run("cp '" KR_SOURCE_DIRECTORY "/data/digits_three_minima.h5' here.h5", 0);
    run(grid, 3);
    table t = read_table("failed.csv");
    assert_string_equal(cell(&t, 1, "status", text), "failed");
    free(t.text);
    run(grid, 3);
    run("cp here.h5 gone.h5", 0);
    run(grid, 2); /* it is another sweep: with another file */
    assert_contains(grid, "err", "is of another sweep");
    run("cp here.h5 other.h5 && echo more >>here.h5", 0);
    run(grid, 2);
    run("rm gone.h5", 0);
    run(grid, 2);
    assert_contains(grid, "err", "here.h5 has changed since this sweep was begun");
    run("mv other.h5 here.h5", 0);
    run(grid, 3);
}

/* Where counting sees nothing, the rate is still that of the exact theory. */
static void points_without_events_are_split(void **state) {
    (void)state;
    char text[256];
    run("kramers sweep " SMALL
        "--set escape.method=auto --set escape.replicas=256 --vary dynamics.temperature=0.05,0.5 --columns all",
        0);
    table t = read_table("out");
    assert_string_equal(cell(&t, 1, "splitting_repeats", text), "");
    assert_true(cell_number(&t, 1, "events") > 50);
    assert_true(cell_number(&t, 0, "splitting_repeats") == 20);
    double ratio = cell_number(&t, 0, "rate") / cell_number(&t, 0, "chain.rate");
    if (!(fabs(log(ratio)) < 0.5)) fail_msg("%g times the exact rate", ratio);
    assert_true(cell_number(&t, 0, "rate") < 1e-6);
    free(t.text);
}

/* ---- parts ---- */

static void parts_make_the_whole(void **state) {
    (void)state;
    static const char grid[] =
        "--quiet --set ensemble.particles=64 --set ensemble.steps=2000 --vary dynamics.temperature=0.3:0.6:7 "
        "--vary schedule.lr=0.02,0.05";
    static const char *const ends[] = {"csv", "h5"};
    char command[600];
    for (int e = 0; e < 2; e++) {
        snprintf(command, sizeof command, "kramers sweep %s -o whole.%s", grid, ends[e]);
        run(command, 0);
        for (int i = 1; i <= 4; i++) {
            snprintf(command, sizeof command, "kramers sweep %s --part %d/4 -o part%d.%s", grid, i, i, ends[e]);
            run(command, 0);
        }
        snprintf(command, sizeof command, "kramers sweep --merge part4.%s part[1-3].%s -o merged.%s && cmp merged.%s whole.%s",
                 ends[e], ends[e], ends[e], ends[e], ends[e]);
        run(command, 0);
        assert_contains(command, "out", "          0.6  0.05  "); /* what a sweep in one piece says */
        snprintf(command, sizeof command, "kramers sweep --merge part1.%s part3.%s -o some.%s", ends[e], ends[e], ends[e]);
        run(command, 3);
        assert_contains(command, "err", "kramers: 7 of 14 points are in none of these files: 1, 3, 5, 7, 9, 11, 13");
    }
    run("cmp merged.csv.yaml whole.csv.yaml", 0);
    run("kramers sweep --merge part[1-4].h5 >merged && kramers sweep --merge part[1-4].csv | cmp - merged", 0);
    /* Parts and the whole are different files; other sweeps are no parts of this one. */
    snprintf(command, sizeof command, "kramers sweep %s --part 2/4 -o part1.csv", grid);
    run(command, 2);
    assert_contains(command, "err", "is of another sweep: 'part: 1/4' stands there where this one has 'part: 2/4'");
    run("kramers sweep " SMALL "--vary schedule.lr=0.01 -o small.csv", 0);
    run("kramers sweep --merge part1.csv small.csv", 2);
    assert_contains("other sweep", "err", "small.csv is of another sweep");
    run("kramers sweep " SMALL "--vary schedule.lr=0.01 --part 3/7 -o none.csv", 0); /* more parts than points */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_input_gets_one_message),     cmocka_unit_test(values_of_ranges_are_round),
        cmocka_unit_test(ranges_of_integers_are_rounded), cmocka_unit_test(lists_keep_brackets_together),
        cmocka_unit_test(missing_values_are_empty),       cmocka_unit_test(a_point_is_a_run),
        cmocka_unit_test(threads_never_change_a_row),     cmocka_unit_test(diverged_points_keep_their_rows),
        cmocka_unit_test(impossible_points_are_rows),     cmocka_unit_test(failed_points_are_tried_again),
        cmocka_unit_test(parts_make_the_whole),           cmocka_unit_test(points_without_events_are_split),
    };
    return cmocka_run_group_tests(tests, enter_with_foreign_files, leave_directory);
}
