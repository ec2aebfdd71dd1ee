/* Sweeps as users meet them: grids, tables in CSV and HDF5 and JSON, bad input, interruption, and going on after SIGKILL to the
 * bytes of an unbroken sweep. Drives the built program through a shell in a directory of its own. */
#include <kramers/number_text.h>
#include <kramers/registry.h>
#include <kramers/run.h>
#include <kramers/sweep.h>

#include "assert_close.h"

#include <fcntl.h>
#include <hdf5.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM KR_BUILD_DIRECTORY "/kramers"
#define SMALL "--quiet --set ensemble.particles=64 --set ensemble.steps=2000 "

static char directory[] = "/tmp/kramers_sweep_XXXXXX";

static char *read_file(const char *name) {
    FILE *file = fopen(name, "rb");
    if (!file) return NULL;
    char *text = malloc(1u << 24);
    assert_non_null(text);
    text[fread(text, 1, (1u << 24) - 1, file)] = 0;
    fclose(file);
    return text;
}

static void write_file(const char *name, const char *text, size_t length) {
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static int shell(const char *command) {
    char text[4096];
    snprintf(text, sizeof text, "kramers() { '%s' \"$@\"; }; { %s; } >out 2>err", PROGRAM, command);
    int status = system(text);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void run(const char *command, int status) {
    int got = shell(command);
    if (got == status) return;
    char *text = read_file("err");
    fail_msg("%s\n  ended with %d, not %d: %s", command, got, status, text);
}

static void assert_contains(const char *command, const char *file, const char *wanted) {
    char *text = read_file(file);
    assert_non_null(text);
    if (!strstr(text, wanted)) fail_msg("%s\n  %s is: %s\n  without: %s", command, file, text, wanted);
    free(text);
}

static int enter_directory(void **state) {
    (void)state;
    if (!mkdtemp(directory) || chdir(directory)) return -1;
    unsetenv("KRAMERS_ISA");
    setenv("OMP_NUM_THREADS", "2", 1);
    mkdir("folder.csv", 0777);
    mkdir("folder.h5", 0777);
    write_file("foreign.csv", "a,b\n1,2\n", 8);
    write_file("foreign.h5", "hello\n", 6);
    return 0;
}

static int leave_directory(void **state) {
    (void)state;
    char command[128];
    if (chdir("/")) return -1;
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command) == 0 ? 0 : -1;
}

/* ---- tables ---- */

/* The lines of a table that are no comments: heads first. */
typedef struct table {
    char *text, *line[512];
    size_t lines;
} table;

static table read_table(const char *name) {
    table t = {.text = read_file(name)};
    assert_non_null(t.text);
    for (char *at = strtok(t.text, "\n"); at && t.lines < 512; at = strtok(NULL, "\n"))
        if (*at != '#') t.line[t.lines++] = at;
    assert_true(t.lines > 0);
    return t;
}

static const char *field(const char *line, size_t number, char cell[256]) {
    for (; number; number--) {
        line = strchr(line, ',');
        if (!line) fail_msg("too few fields");
        line++;
    }
    snprintf(cell, 256, "%.*s", (int)strcspn(line, ","), line);
    return cell;
}

/* The cell of a row (from 0) in the column of this name. Fields with commas inside are not asked for. */
static const char *cell(const table *t, size_t row, const char *column, char text[256]) {
    for (size_t i = 0;; i++) {
        field(t->line[0], i, text);
        if (!strcmp(text, column)) return field(t->line[1 + row], i, text);
    }
}

static double number(const table *t, size_t row, const char *column) {
    char text[256];
    double value;
    if (!kr_number_parse(cell(t, row, column, text), &value)) fail_msg("%s is '%s' in row %zu", column, text, row);
    return value;
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
    {"kramers sweep --vary dynamics.temperature=0.1,-0.2", 2,
     "kramers: point 1 (dynamics.temperature=-0.2): --vary dynamics.temperature=-0.2: temperature = -0.2 is out of range"},
    {"kramers sweep --vary dynamics.temperature=0.1,0.2 --vary ensemble.particles=10,0", 2,
     "kramers: point 1 (dynamics.temperature=0.1, ensemble.particles=0): --vary ensemble.particles=0: "},
    {"kramers sweep --vary dynamics.splitting=BAOAB --set dynamics=langevin --vary landscape.name=double_well,doublewell", 2,
     "unknown landscape 'doublewell'; did you mean 'double_well'?"},
    {"kramers sweep --vary schedule.lr=0.1 --set ensemble.sed=3", 2, "--set ensemble.sed=3: "},
    /* A grid of more than 4096 points has each value checked before anything runs. */
    {"kramers sweep --vary schedule.lr=0.01:0.02:5000 --vary ensemble.particles=10,0", 2, "ensemble.particles=0): "},
    /* Only the model knows: said when the point's turn comes. */
    {"kramers sweep " SMALL "--vary escape.until.above=1,-2", 2,
     "kramers: point 1 (escape.until.above=-2): escape.until: the start"},
    {"kramers sweep doublewell --vary schedule.lr=0.1", 2, "did you mean 'double_well'?"},
    {"kramers sweep missing.yaml --vary schedule.lr=0.1", 3, "kramers: missing.yaml: No such file"},
    {"kramers sweep --vary schedule.lr=0.01 -o missing/a.csv", 3, "kramers: missing/a.csv: No such file or directory"},
    {"kramers sweep --vary schedule.lr=0.01 -o missing/a.h5", 3, "kramers: missing/a.h5.part: No such file or directory"},
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
        assert_true(number(&t, i, "point") == (double)i);
        assert_string_equal(cell(&t, i, "dynamics.temperature", text), temperatures[i / 4]);
        assert_string_equal(cell(&t, i, "ensemble.particles", text), particles[i % 4]); /* the last changes fastest */
        assert_true(number(&t, i, "particles") == number(&t, i, "ensemble.particles"));
        assert_true(number(&t, i, "temperature") == number(&t, i, "dynamics.temperature"));
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
    run("kramers sweep " SMALL "--vary dynamics.temperature=0.2,0.3 --set escape=null", 0);
    table t = read_table("out");
    static const char *const columns[] = {"events",    "exposure_steps",      "mfpt_steps",       "rate",   "rate_high",
                                          "mfpt_time", "kinetic_temperature", "chain.mfpt_steps", "chain.z"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) assert_string_equal(cell(&t, 1, columns[i], text), "");
    free(t.text);
    run("kramers sweep " SMALL "--vary dynamics.temperature=0.01,0.02 -o none.h5", 0);
    run("kramers sweep " SMALL "--vary dynamics.temperature=0.01,0.02", 0);
    t = read_table("out");
    assert_string_equal(cell(&t, 0, "mfpt_steps", text), "");
    assert_string_equal(cell(&t, 0, "mfpt_steps_high", text), "inf");
    assert_string_equal(cell(&t, 0, "events", text), "0");
    assert_true(number(&t, 0, "rate_low") == 0 && number(&t, 0, "rate_high") > 0 && number(&t, 0, "warnings") > 0);
    free(t.text);
    hid_t file = H5Fopen("none.h5", H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, "/columns/mfpt_steps", H5P_DEFAULT);
    double values[2] = {0, 0};
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    assert_true(isnan(values[0]) && isnan(values[1]));
    H5Dclose(set);
    H5Fclose(file);
}

static void transitions_have_their_columns(void **state) {
    (void)state;
    char text[256];
    run("kramers sweep --quiet --set dynamics='{name: langevin, friction: 1, temperature: 0.4}' --set escape=null "
        "--set transitions.every=5 --set schedule.lr=0.01 --set ensemble.particles=256 --set ensemble.steps=4000 "
        "--vary transitions.every=5,10 -o transitions.csv",
        0);
    assert_contains("table", "out", "relaxation");
    table t = read_table("transitions.csv");
    for (size_t i = 0; i < 2; i++) {
        double rate = number(&t, i, "relaxation_rate");
        assert_true(number(&t, i, "relaxation_rate_low") < rate && rate < number(&t, i, "relaxation_rate_high"));
        assert_string_equal(cell(&t, i, "events", text), "");
    }
    free(t.text);
}

/* A point is the run with its values and its seed; it does not know of the others. */
static void a_point_is_a_run(void **state) {
    (void)state;
    char text[256], command[512];
    run("kramers sweep " SMALL "--set ensemble.seed=5 --vary schedule.lr=0.05,0.1 --vary dynamics.temperature=0.3,0.5", 0);
    table t = read_table("out");
    char seed[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)kr_sweep_seed(5, 3));
    assert_string_equal(cell(&t, 3, "seed", text), seed);
    snprintf(command, sizeof command,
             "kramers run --json " SMALL "--set ensemble.seed=%s --set schedule.lr=0.1 --set dynamics.temperature=0.5", seed);
    run(command, 0);
    char *json = read_file("out");
    json_object *o = json_tokener_parse(json), *escape, *value;
    assert_true(o && json_object_object_get_ex(o, "escape", &escape));
    json_object_object_get_ex(escape, "events", &value);
    assert_true(number(&t, 3, "events") > 50 && number(&t, 3, "events") == json_object_get_double(value));
    json_object_object_get_ex(escape, "rate", &value);
    assert_true(number(&t, 3, "rate") == json_object_get_double(value));
    json_object_object_get_ex(escape, "rate_ci95", &value);
    assert_true(number(&t, 3, "rate_low") == json_object_get_double(json_object_array_get_idx(value, 0)));
    json_object_object_get_ex(escape, "theory", &value);
    for (size_t i = 0; i < json_object_array_length(value); i++) {
        json_object *theory = json_object_array_get_idx(value, i), *name, *z, *steps;
        json_object_object_get_ex(theory, "name", &name);
        if (strcmp(json_object_get_string(name), "chain") != 0) continue;
        assert_true(json_object_object_get_ex(theory, "z", &z) && json_object_object_get_ex(theory, "mfpt_steps", &steps));
        assert_true(number(&t, 3, "chain.z") == json_object_get_double(z));
        assert_true(number(&t, 3, "chain.mfpt_steps") == json_object_get_double(steps));
    }
    json_object_put(o);
    free(json);
    free(t.text);
    run("kramers sweep " SMALL "--vary ensemble.seed=7,8,7", 0);
    t = read_table("out");
    assert_true(number(&t, 1, "seed") == 8 && number(&t, 0, "events") == number(&t, 2, "events"));
    assert_true(number(&t, 0, "events") != number(&t, 1, "events") || number(&t, 0, "seed") == number(&t, 2, "seed"));
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
    assert_true(number(&t, 1, "diverged") > 0);
    assert_string_equal(cell(&t, 2, "status", text), "done");
    free(t.text);
    run("kramers sweep harmonic " SMALL "--set escape=null --vary schedule.lr=0.1,2.5,0.2 -o diverged.h5", 4);
    run("kramers sweep harmonic " SMALL "--set escape=null --vary schedule.lr=0.1,2.5,0.2 -o diverged.h5", 4); /* still so */
}

/* ---- going on ---- */

#define GRID                                                                                                                       \
    "sweep", "--set", "ensemble.particles=32", "--set", "ensemble.steps=10000", "--quiet", "--threads", "2", "--vary",             \
        "dynamics.temperature=0.2:0.5:10", "--vary", "schedule.lr=0.02,0.05,0.1", "-o"
#define GRID_TEXT                                                                                                                  \
    "kramers sweep --set ensemble.particles=32 --set ensemble.steps=10000 --quiet --threads 2 "                                    \
    "--vary dynamics.temperature=0.2:0.5:10 --vary schedule.lr=0.02,0.05,0.1 -o "

static pid_t start(const char *file) {
    char name[64];
    snprintf(name, sizeof name, "%s", file);
    char *arguments[] = {"kramers", GRID, name, NULL};
    pid_t child = fork();
    assert_true(child >= 0);
    if (child) return child;
    int out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0666), err = open("err", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(PROGRAM, arguments);
    _exit(127);
}

static void wait_seconds(double seconds) {
    struct timespec time = {(time_t)seconds, (long)(1e9 * (seconds - floor(seconds)))};
    nanosleep(&time, NULL);
}

static off_t size_of(const char *file) {
    struct stat about;
    return stat(file, &about) ? 0 : about.st_size;
}

/* Until the file has grown by so much, or the process is gone. True: it still runs. */
static bool wait_for_growth(pid_t child, const char *file, off_t growth) {
    off_t before = size_of(file);
    for (int i = 0; i < 60000 && size_of(file) < before + growth; i++) {
        siginfo_t gone = {.si_pid = 0};
        assert_int_equal(waitid(P_PID, (id_t)child, &gone, WEXITED | WNOHANG | WNOWAIT), 0);
        if (gone.si_pid) return false;
        wait_seconds(0.0005);
    }
    return true;
}

static void check_kills(const char *file, const char *grows, const char *unbroken) {
    char command[512];
    int kills = 0, status;
    for (bool running = true; running;) {
        pid_t child = start(file);
        running = wait_for_growth(child, grows, 1500);
        if (running) kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        kills += WIFSIGNALED(status);
        running = WIFSIGNALED(status);
        assert_true(kills < 200);
        /* As if the kill had come in the middle of a row. */
        off_t size = size_of(grows);
        if (running && kills % 2 && size > 8000) assert_int_equal(truncate(grows, size - 100), 0);
    }
    assert_true(kills > 3);
    assert_int_equal(WEXITSTATUS(status), 0);
    snprintf(command, sizeof command, "cmp %s %s", file, unbroken);
    run(command, 0);
}

static void killed_sweeps_end_with_the_same_bytes(void **state) {
    (void)state;
    run(GRID_TEXT "unbroken.csv --threads 1", 0);
    run(GRID_TEXT "unbroken.h5 --threads 1", 0);
    check_kills("killed.csv", "killed.csv", "unbroken.csv");
    check_kills("killed.h5", "killed.h5.part", "unbroken.h5");
    assert_int_not_equal(access("killed.h5.part", F_OK), 0);
    /* Every length of the file that a kill could leave, as far as its first rows. */
    char *whole = read_file("unbroken.csv");
    size_t length = strlen(whole);
    for (size_t cut = 0; cut < length; cut += cut < 200 ? 67 : 1 + length / 9) {
        write_file("cut.csv", whole, cut);
        run(GRID_TEXT "cut.csv", 0);
        run("cmp cut.csv unbroken.csv", 0);
    }
    free(whole);
}

static void an_interrupted_sweep_keeps_what_is_finished(void **state) {
    (void)state;
    static const char *const files[][2] = {{"stopped.csv", "stopped.csv"}, {"stopped.h5", "stopped.h5.part"}};
    for (int i = 0; i < 2; i++) {
        pid_t child = start(files[i][0]);
        int status;
        assert_true(wait_for_growth(child, files[i][1], 6000));
        assert_int_equal(kill(child, SIGINT), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 130);
        assert_contains("SIGINT", "err", "of 30 points done; the same command goes on from here");
        if (i == 0) {
            table t = read_table(files[i][0]);
            assert_true(t.lines > 1 && t.lines < 31);
            for (size_t row = 1; row + 1 < t.lines; row++) assert_true(number(&t, row, "point") > number(&t, row - 1, "point"));
            free(t.text);
        } else {
            hid_t file = H5Fopen(files[i][0], H5F_ACC_RDONLY, H5P_DEFAULT); /* what is there can be read */
            assert_true(file >= 0);
            H5Fclose(file);
        }
        char command[512];
        snprintf(command, sizeof command, GRID_TEXT "%s && cmp %s unbroken.%s", files[i][0], files[i][0], i ? "h5" : "csv");
        run(command, 0);
    }
}

static void another_sweep_is_refused(void **state) {
    (void)state;
    run("kramers sweep " SMALL "--vary schedule.lr=0.01,0.02 -o other.csv && kramers sweep " SMALL
        "--vary schedule.lr=0.01,0.02 -o other.h5 && cp other.csv kept.csv && cp other.h5 kept.h5",
        0);
    static const char *const ends[] = {"csv", "h5"};
    for (int i = 0; i < 2; i++) {
        char command[512];
        snprintf(command, sizeof command, "kramers sweep " SMALL "--vary schedule.lr=0.01,0.03 -o other.%s", ends[i]);
        run(command, 2);
        assert_contains(command, "err", "is of another sweep: '#   schedule.lr=0.01,0.02' stands there where this one has");
        assert_contains(command, "err", "--force");
        snprintf(command, sizeof command, "kramers sweep " SMALL "--vary schedule.lr=0.01,0.02 --set ensemble.seed=2 -o other.%s",
                 ends[i]);
        run(command, 2);
        assert_contains(command, "err", "seed: 1' stands there where this one has");
        snprintf(command, sizeof command, "cmp other.%s kept.%s", ends[i], ends[i]);
        run(command, 0);
        snprintf(command, sizeof command, "kramers sweep " SMALL "--vary schedule.lr=0.01,0.03 --force -o other.%s", ends[i]);
        run(command, 0);
        snprintf(command, sizeof command, "cmp other.%s kept.%s", ends[i], ends[i]);
        run(command, 1);
    }
    run("kramers sweep " SMALL "--vary schedule.lr=0.01,0.02 -o damaged.csv && sed -i 's/^1,0.02,/7,0.02,/' damaged.csv", 0);
    run("kramers sweep " SMALL "--vary schedule.lr=0.01,0.02 -o damaged.csv", 3);
    assert_contains("damaged", "err", "this row is none of the sweep's: the file is damaged");
}

static void a_full_disk_keeps_whole_rows(void **state) {
    (void)state;
    mkdir("small", 0777);
    if (system("mount -t tmpfs -o size=16k tmpfs small 2>/dev/null")) {
        print_message("a small tmpfs cannot be mounted here\n");
        skip();
    }
    int full = shell(GRID_TEXT "small/a.csv --threads 1");
    char *text = read_file("err"), *table_text = read_file("small/a.csv");
    system("umount small");
    assert_int_equal(full, 3);
    assert_non_null(strstr(text, "kramers: small/a.csv: No space left on device"));
    size_t length = strlen(table_text);
    assert_true(length > 2000 && table_text[length - 1] == '\n');
    free(text);
    free(table_text);
}

/* ---- fits ---- */

static void fits_stand_where_they_mean_something(void **state) {
    (void)state;
    run("kramers sweep --quiet --set ensemble.steps=5000 --vary dynamics.temperature=0.2:0.4:5 --json", 0);
    char *text = read_file("out");
    json_object *o = json_tokener_parse(text), *fit, *value, *corrected;
    assert_true(o && json_object_object_get_ex(o, "fit", &fit));
    assert_true(json_object_object_get_ex(fit, "barrier", &value));
    assert_close(json_object_get_double(value), 1, 1e-9, 0);
    assert_true(json_object_object_get_ex(fit, "corrected", &corrected));
    json_object_object_get_ex(corrected, "theory", &value);
    assert_string_equal(json_object_get_string(value), "chain");
    json_object *slope, *slope_error;
    json_object_object_get_ex(corrected, "slope", &slope);
    json_object_object_get_ex(corrected, "slope_error", &slope_error);
    assert_true(json_object_get_double(slope_error) < 0.02);
    assert_true(fabs(json_object_get_double(slope) - 1) < 4 * json_object_get_double(slope_error));
    json_object_put(o);
    free(text);
    run("kramers sweep --quiet --set ensemble.steps=5000 --vary dynamics.temperature=0.2:0.4:5 -o fit.csv", 0);
    assert_contains("table", "out", "Arrhenius slope ");
    assert_contains("table", "out", "the barrier is 1");
    assert_contains("table", "out", "corrected by chain: ");
    static const char *const none[] = {"--vary schedule.lr=0.01,0.02,0.03", "--vary dynamics.temperature=0.3,0.4",
                                       "--vary dynamics.temperature=0.3,0.4,0.5 --vary landscape.barrier=1,2",
                                       "--vary dynamics.temperature=0.3,0.4,0.5 --set escape=null", "--vary ensemble.seed=1,2,3"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        char command[512];
        snprintf(command, sizeof command, "kramers sweep --json " SMALL "%s", none[i]);
        run(command, 0);
        assert_contains(command, "out", "\"applies\": false");
        assert_contains(command, "out", "\"why\": ");
    }
    run("kramers sweep muller_brown --json --quiet --set ensemble.particles=256 --set ensemble.steps=20000 "
        "--vary dynamics.temperature=20:40:4",
        0);
    text = read_file("out");
    o = json_tokener_parse(text);
    assert_true(o && json_object_object_get_ex(o, "fit", &fit));
    if (json_object_object_get_ex(fit, "barrier", &value)) /* from the deepest minimum over the first saddle */
        assert_close(json_object_get_double(value), -40.664843509 + 146.699517210, 1e-8, 0);
    json_object_put(o);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_input_gets_one_message),
        cmocka_unit_test(values_of_ranges_are_round),
        cmocka_unit_test(lists_keep_brackets_together),
        cmocka_unit_test(missing_values_are_empty),
        cmocka_unit_test(transitions_have_their_columns),
        cmocka_unit_test(a_point_is_a_run),
        cmocka_unit_test(threads_never_change_a_row),
        cmocka_unit_test(diverged_points_keep_their_rows),
        cmocka_unit_test(killed_sweeps_end_with_the_same_bytes),
        cmocka_unit_test(an_interrupted_sweep_keeps_what_is_finished),
        cmocka_unit_test(another_sweep_is_refused),
        cmocka_unit_test(a_full_disk_keeps_whole_rows),
        cmocka_unit_test(fits_stand_where_they_mean_something),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
