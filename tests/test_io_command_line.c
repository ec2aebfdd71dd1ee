/* The command line as users meet it: every broken scene and command has its one message and its exit status; results survive
 * interruption, divergence, full devices and closed pipes. Drives the built program through a shell in a directory of its own. */
#include <kramers/scene.h>
#include <kramers/version.h>

#include "assert_close.h"

#include <errno.h>
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

static char directory[] = "/tmp/kramers_command_XXXXXX";

/* ---- files ---- */

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static char *read_file(const char *name, size_t *length) {
    FILE *file = fopen(name, "rb");
    if (!file) return NULL;
    char *text = malloc(1u << 24);
    assert_non_null(text);
    size_t got = fread(text, 1, (1u << 24) - 1, file);
    text[got] = 0;
    if (length) *length = got;
    fclose(file);
    return text;
}

/* A 4 x 4 surface whose value at [1][2] is bad; without train_loss where name says so. */
static void write_surface(const char *name, double bad, bool complete) {
    const double axis[4] = {-1, 0, 1, 2};
    double loss[4][4] = {{1, 1, 1, 1}, {1, 0, bad, 1}, {1, 0, 0, 1}, {1, 1, 1, 1}};
    hid_t file = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const struct {
        const char *name;
        int rank;
        const void *data;
    } sets[] = {{"xcoordinates", 1, axis}, {"ycoordinates", 1, axis}, {"train_loss", 2, loss}};
    for (size_t i = 0; i < (complete ? 3 : 2); i++) {
        hid_t space = H5Screate_simple(sets[i].rank, (const hsize_t[]){4, 4}, NULL);
        hid_t set = H5Dcreate2(file, sets[i].name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, sets[i].data) >= 0);
        H5Dclose(set);
        H5Sclose(space);
    }
    H5Fclose(file);
}

static bool opens(const char *name) {
    H5E_auto2_t report;
    void *data;
    H5Eget_auto2(H5E_DEFAULT, &report, &data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, report, data);
    if (file >= 0) H5Fclose(file);
    return file >= 0;
}

/* ---- running ---- */

/* `kramers` in command stands for the program; its output lands in the files out and err. */
static int shell(const char *command) {
    char text[4096];
    snprintf(text, sizeof text, "kramers() { '%s' \"$@\"; }; { %s; } >out 2>err", PROGRAM, command);
    int status = system(text);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_contains(const char *command, const char *file, const char *wanted) {
    char *text = read_file(file, NULL);
    assert_non_null(text);
    if (!strstr(text, wanted)) fail_msg("%s\n  %s is: %s\n  without: %s", command, file, text, wanted);
    free(text);
}

static size_t lines(const char *file) {
    char *text = read_file(file, NULL);
    size_t count = 0;
    for (const char *c = text; c && *c; c++) count += *c == '\n';
    free(text);
    return count;
}

static int enter_directory(void **state) {
    (void)state;
    if (!mkdtemp(directory) || chdir(directory)) return -1;
    unsetenv("KRAMERS_ISA");
    setenv("OMP_NUM_THREADS", "2", 1);
    write_file("not_hdf5.h5", "hello\n");
    write_file("readable", "a regular file\n");
    write_surface("no_loss.h5", 0, false);
    write_surface("nan.h5", NAN, true);
    write_surface("unfilled.h5", -1, true);
    mkdir("folder.h5", 0777);
    return 0;
}

static int leave_directory(void **state) {
    (void)state;
    char command[128];
    if (chdir("/")) return -1;
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command) == 0 ? 0 : -1;
}

/* ---- bad input ---- */

/* scene: text of scene.yaml where there is one. message: in the one line on stderr, which begins with "kramers". */
static const struct {
    const char *scene, *command;
    int status;
    const char *message;
} bad[] = {
    {NULL, "kramers", 2, "Usage: kramers VERB"},
    {NULL, "kramers rum", 2, "kramers: unknown verb 'rum'; did you mean 'run'?"},
    {NULL, "kramers xyzzy", 2, "kramers: unknown verb 'xyzzy'; 'kramers --help' lists them"},
    {NULL, "kramers --json run", 2, "kramers: the verb comes before options such as '--json'"},
    {NULL, "kramers run --colour", 2, "kramers run: unrecognized option '--colour'"},
    {NULL, "kramers run --set", 2, "kramers run: option '--set' requires an argument"},
    {NULL, "kramers run a.yaml b.yaml", 2, "kramers: 'b.yaml' is one argument too many"},
    {NULL, "kramers run --threads 0", 2, "kramers: --threads needs an integer from 1 to 4096, not '0'"},
    {NULL, "kramers run --threads two", 2, "kramers: --threads needs an integer from 1 to 4096, not 'two'"},
    {NULL, "kramers run --threads -3", 2, "kramers: --threads needs an integer from 1 to 4096, not '-3'"},
    {NULL, "kramers run --isa v9", 2, "kramers: unknown instruction set 'v9'; this processor has auto, "},
    {NULL, "KRAMERS_ISA=v9; export KRAMERS_ISA; kramers theory", 2, "kramers: unknown instruction set 'v9' (from KRAMERS_ISA)"},
    {NULL, "kramers run -o ''", 2, "kramers: --output needs a file name, not ''"},
    {NULL, "kramers run doublewell", 2, "kramers: there is no scene and no file 'doublewell'; did you mean 'double_well'?"},
    {NULL, "kramers run missing.yaml", 3, "kramers: missing.yaml: No such file or directory"},
    {NULL, "kramers run .", 3, "kramers: .: is a directory; a scene is a YAML file"},
    {NULL, "kramers run no_loss.h5", 2, "kramers: no_loss.h5: is an HDF5 file, not a scene; 'kramers resume' goes on with a run"},
    {NULL, "kramers run --set landscape.barrer=1", 2,
     "kramers: --set landscape.barrer=1: unknown parameter of landscape 'double_well' 'barrer'; did you mean 'barrier'?"},
    {NULL, "kramers run --set ensemble.steps=-5", 2,
     "kramers: --set ensemble.steps=-5: steps = -5 is out of range; allowed: 1 <= steps"},
    {NULL, "kramers theory --set dynamics.temperature=hot", 2, "temperature must be a number, not 'hot'"},
    {NULL, "kramers run --set schedule.lr=.nan", 2, "kramers: --set schedule.lr=.nan: lr must be finite, not .nan"},
    {NULL, "kramers run --set escape", 2, "kramers: --set escape: needs KEY=VALUE, for instance ensemble.seed=7"},
    {"landscape: {name: doublewell}\n", "kramers run scene.yaml", 2,
     "kramers: scene.yaml:1:19: unknown landscape 'doublewell'; did you mean 'double_well'?"},
    {"landscape:\n  name: double_well\n  barrier: high\n", "kramers run scene.yaml", 2,
     "kramers: scene.yaml:3:12: barrier must be a number, not 'high'"},
    {"landscape:\n  name: double_well\n  barrier: -1\n", "kramers run scene.yaml", 2,
     "kramers: scene.yaml:3:12: barrier = -1 is out of range; allowed: 0 < h"},
    {"ensemble: {steps: -100}\n", "kramers run scene.yaml", 2,
     "kramers: scene.yaml:1:19: steps = -100 is out of range; allowed: 1 <= steps"},
    {"ensemble: {steps: 5}\nensemble: {steps: 6}\n", "kramers run scene.yaml", 2,
     "kramers: scene.yaml:2:1: 'ensemble' stands here for the second time; the first is in line 1"},
    {"noise: &n {name: none}\n", "kramers run scene.yaml", 2, "kramers: scene.yaml:1:"},
    {"schedule: {lr: *x}\n", "kramers run scene.yaml", 2, "aliases are not used in scenes"},
    {"noise: {name: none}\n---\nnoise: {name: none}\n", "kramers run scene.yaml", 2,
     "kramers: scene.yaml:2:1: a second document begins here; a scene is one document"},
    {"noise:\n\tname: none\n", "kramers run scene.yaml", 2, "kramers: scene.yaml:2:1: tab character"},
    {"noise: {name: none\n", "kramers run scene.yaml", 2, "kramers: scene.yaml:2:1: "},
    {"temperature: 0.1\n", "kramers run scene.yaml", 2,
     "kramers: scene.yaml:1:1: unknown section 'temperature'; there are landscape, "},
    {"landscape: {name: surface, file: missing.h5}\n", "kramers run scene.yaml", 3, "missing.h5': No such file or directory"},
    {"landscape: {name: surface}\n", "kramers run scene.yaml", 2, "kramers: scene.yaml:1:12: 'surface' needs 'file'"},
    {"landscape: {name: surface, file: no_loss.h5}\n", "kramers run scene.yaml", 2, "has no data set 'train_loss'"},
    {"landscape: {name: surface, file: not_hdf5.h5}\n", "kramers run scene.yaml", 3, "is not an HDF5 file"},
    {"landscape: {name: surface, file: nan.h5}\n", "kramers run scene.yaml", 2, "train_loss[1][2]"},
    {"landscape: {name: surface, file: unfilled.h5}\n", "kramers run scene.yaml", 2, "train_loss[1][2]"},
    {"landscape: {name: harmonic, stiffness: [1, 2, 3], dim: 2}\n", "kramers run scene.yaml", 2,
     "kramers: scene.yaml:1:12: landscape 'harmonic': stiffness lists 3 numbers for dim 2"},
    {"dynamics: {name: langevin, splitting: BAXAB}\n", "kramers run scene.yaml", 2,
     "kramers: scene.yaml:1:11: splitting 'BAXAB' holds 'X'"},
    {"escape: {until: {coordinate: 0, below: 5}}\n", "kramers run scene.yaml", 2, "the start is already in target 0"},
    {"ensemble: {start: {minimum: 7}}\n", "kramers run scene.yaml", 2, "has 2 minima, numbered 0 to 1; there is no minimum 7"},
    {"escape: {until: {minimum: -1}}\n", "kramers theory scene.yaml", 2, "has 2 minima, numbered 0 to 1; there is no minimum -1"},
    {"escape: {until: {coordinate: 1, above: 1}}\n", "kramers theory scene.yaml", 2,
     "kramers: scene.yaml:1:30: coordinate = 1 is out of range"},
    {NULL, "kramers run --set ensemble.particles=1e12", 3, "of memory and"},
    {NULL, "kramers run -o readable", 2, "kramers: readable: "},
    {NULL, "kramers run -o readable/out.h5", 3, "kramers: readable/out.h5: "},
    {NULL, "kramers run -o nowhere/out.h5", 3, "kramers: nowhere/out.h5: "},
    {NULL, "kramers run -o /proc/out.h5", 3, "kramers: /proc/out.h5: "},
    {NULL, "kramers run -o folder.h5 --force", 3, "kramers: folder.h5: "},
    {NULL, "kramers resume", 2, "kramers: resume needs the HDF5 file of a run"},
    {NULL, "kramers resume missing.h5", 3, "kramers: missing.h5: "},
    {NULL, "kramers resume not_hdf5.h5", 3, "kramers: not_hdf5.h5: "},
    {NULL, "kramers resume no_loss.h5", 3, "kramers: no_loss.h5: "},
    {NULL, "kramers resume x.h5 --seed 2", 2, "kramers: --seed needs -o NEW.h5: a branch goes into a file of its own"},
    {NULL, "kramers resume x.h5 -o y.h5", 2, "kramers: -o is for a branch, with --seed"},
    {NULL, "kramers resume not_hdf5.h5 --isa v9", 2, "kramers: unknown instruction set 'v9'"},
    {NULL, "kramers resume x.h5 --steps 0", 2, "kramers: --steps needs a positive integer, not '0'"},
    {NULL, "kramers list landscape", 0, ""},
    {NULL, "kramers list landscapes doublewell", 2, "kramers: unknown landscape 'doublewell'; did you mean 'double_well'?"},
    {NULL, "kramers list landscpes", 2, "kramers: unknown list 'landscpes'; did you mean 'landscapes'?"},
    {NULL, "kramers list scenes doublewell", 2, "kramers: unknown scene 'doublewell'; did you mean 'double_well'?"},
};

static void bad_input_gets_one_message(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (bad[i].scene) write_file("scene.yaml", bad[i].scene);
        int status = shell(bad[i].command);
        if (status != bad[i].status) {
            char *text = read_file("err", NULL);
            fail_msg("%s (%s): exit status %d, not %d: %s", bad[i].command, bad[i].scene ? bad[i].scene : "", status, bad[i].status,
                     text);
        }
        assert_contains(bad[i].command, "err", bad[i].message);
        if (!status) continue;
        assert_contains(bad[i].command, "err", "kramers");
        /* One line; argp's own add "Try ..." and the bare command its help. */
        bool by_argp = strstr(bad[i].message, "kramers run: ") != NULL;
        if (i && lines("err") != (by_argp ? 2u : 1u)) fail_msg("%s: %zu lines on stderr", bad[i].command, lines("err"));
        assert_int_equal(lines("out"), 0);
    }
}

static void an_existing_file_needs_force(void **state) {
    (void)state;
    const char *run = "kramers run --quiet --set ensemble.steps=500 -o exists.h5";
    assert_int_equal(shell(run), 0);
    size_t first, again;
    char *before = read_file("exists.h5", &first);
    assert_int_equal(shell(run), 2);
    assert_contains(run, "err", "exists.h5: the file exists");
    assert_contains(run, "err", "--force");
    assert_int_equal(shell("kramers run --quiet --set ensemble.steps=500 -o exists.h5 --force"), 0);
    char *after = read_file("exists.h5", &again);
    assert_int_equal(first, again);
    assert_memory_equal(before, after, first);
    free(before);
    free(after);
}

/* ---- what runs print ---- */

static json_object *member(json_object *object, const char *path) {
    char copy[200];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *key = strtok(copy, "."); key && object; key = strtok(NULL, ".")) object = json_object_object_get(object, key);
    return object;
}

static double number(json_object *object, const char *path) {
    json_object *found = member(object, path);
    if (!found) fail_msg("no %s", path);
    return json_object_get_double(found);
}

static json_object *run_json(const char *command, int status) {
    int got = shell(command);
    char *text = read_file("out", NULL);
    if (got != status) fail_msg("%s: exit status %d, %s", command, got, read_file("err", NULL));
    json_object *object = json_tokener_parse(text);
    if (!object) fail_msg("%s: no JSON: %s", command, text);
    assert_null(strstr(text, "NaN"));
    assert_null(strstr(text, "Infinity"));
    free(text);
    return object;
}

static void json_has_the_promised_shape(void **state) {
    (void)state;
    json_object *o =
        run_json("kramers run --json --set ensemble.steps=20000 --set ensemble.seed=5 --set dynamics.temperature=0.25", 0);
    assert_string_equal(json_object_get_string(member(o, "version")), KR_VERSION);
    assert_close(number(o, "scene.dynamics.temperature"), 0.25, 0, 0);
    assert_close(number(o, "scene.ensemble.seed"), 5, 0, 0);
    assert_close(number(o, "scene.landscape.barrier"), 1, 0, 0);
    assert_close(number(o, "scene.escape.until.above"), 1, 0, 0);
    assert_close(number(o, "scene.ensemble.start.minimum"), 0, 0, 0);
    assert_close(number(o, "particle_steps"), 4096 * 20000.0, 0, 0);
    assert_true(number(o, "wall_seconds") > 0);
    assert_close(number(o, "diverged"), 0, 0, 0);
    assert_int_equal(json_object_array_length(member(o, "mean.position")), 1);
    assert_int_equal(json_object_array_length(member(o, "mean.position_variance")), 1);
    assert_int_equal(json_object_array_length(member(o, "mean.well_population")), 2);
    assert_true(number(o, "mean.potential") > 0);
    assert_null(member(o, "mean.kinetic_temperature")); /* absent: sgld has no velocity */
    assert_true(number(o, "mean.configurational_temperature") > 0);
    double events = number(o, "escape.events"), mfpt = number(o, "escape.mfpt_steps");
    assert_true(events > 1000);
    assert_close(mfpt, number(o, "escape.exposure_steps") / events, 1e-15, 0);
    json_object *interval = member(o, "escape.mfpt_steps_ci95"), *rate = member(o, "escape.rate_ci95");
    assert_true(json_object_get_double(json_object_array_get_idx(interval, 0)) < mfpt);
    assert_true(json_object_get_double(json_object_array_get_idx(interval, 1)) > mfpt);
    assert_true(json_object_get_double(json_object_array_get_idx(rate, 0)) < number(o, "escape.rate"));
    assert_close(number(o, "escape.mfpt_time"), 1 / number(o, "escape.rate"), 1e-12, 0);
    assert_int_equal(json_object_get_type(member(o, "warnings")), json_type_array);
    json_object *theories = member(o, "escape.theory");
    bool chain = false;
    for (size_t i = 0; i < json_object_array_length(theories); i++) {
        json_object *theory = json_object_array_get_idx(theories, i);
        assert_non_null(member(theory, "name"));
        if (strcmp(json_object_get_string(member(theory, "name")), "chain") != 0) continue;
        chain = true;
        assert_true(fabs(number(theory, "z")) < 4); /* 6e-5 at a random seed; this one is fixed */
        assert_true(number(theory, "mfpt_steps") > 1000);
        assert_non_null(member(theory, "reference"));
    }
    assert_true(chain);
    json_object_put(o);
}

static void without_events_the_intervals_are_one_sided(void **state) {
    (void)state;
    json_object *o = run_json("kramers run --json --set ensemble.steps=10 --set dynamics.temperature=0.01", 0);
    assert_close(number(o, "escape.events"), 0, 0, 0);
    assert_true(json_object_object_get_ex(member(o, "escape"), "mfpt_steps", NULL));
    assert_null(member(o, "escape.mfpt_steps"));
    assert_close(number(o, "escape.rate"), 0, 0, 0);
    json_object *steps = member(o, "escape.mfpt_steps_ci95"), *rate = member(o, "escape.rate_ci95");
    assert_true(json_object_get_double(json_object_array_get_idx(steps, 0)) > 0);
    assert_null(json_object_array_get_idx(steps, 1));
    assert_close(json_object_get_double(json_object_array_get_idx(rate, 0)), 0, 0, 0);
    assert_true(json_object_get_double(json_object_array_get_idx(rate, 1)) > 0);
    assert_true(json_object_array_length(member(o, "warnings")) > 0);
    assert_contains("warnings", "err", "kramers: warning: too few events");
    json_object_put(o);
}

static void critical_points_and_paths(void **state) {
    (void)state;
    json_object *o = run_json("kramers theory muller_brown --critical-points --json", 0);
    json_object *points = member(o, "points"), *saddles = member(o, "saddles");
    assert_int_equal(json_object_array_length(points), 5);
    assert_int_equal(json_object_array_length(saddles), 2);
    json_object *saddle = json_object_array_get_idx(saddles, 0);
    assert_close(json_object_get_double(json_object_array_get_idx(member(saddle, "barrier"), 0)), 106.034673701, 1e-9, 0);
    assert_close(number(saddle, "path.highest"), -40.664843509, 1e-9, 0);
    assert_int_equal(json_object_get_int(json_object_array_get_idx(member(saddle, "joins"), 1)), 1);
    assert_int_equal(json_object_array_length(member(saddle, "path.position")), json_object_get_int(member(saddle, "path.images")));
    json_object_put(o);
    o = run_json("kramers theory styblinski_tang --critical-points --json", 0); /* 3^8 products: each coordinate alone */
    assert_int_equal(json_object_array_length(member(o, "coordinates")), 8);
    json_object_put(o);
}

static void theory_needs_no_run(void **state) {
    (void)state;
    json_object *array =
        run_json("kramers theory --json --set dynamics.temperature=0.3333333333333333 --set schedule.lr=0.00125", 0);
    bool quadrature = false, chain = false;
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *theory = json_object_array_get_idx(array, i);
        const char *name = json_object_get_string(member(theory, "name"));
        if (!strcmp(name, "quadrature")) quadrature = true, assert_close(number(theory, "mfpt_time"), 26.64008780, 1e-8, 0);
        if (!strcmp(name, "chain")) chain = true, assert_close(number(theory, "mfpt_steps"), 21321.36167, 1e-6, 0);
    }
    assert_true(quadrature && chain);
    json_object_put(array);
    array = run_json("kramers theory --json --set dynamics.name=hamiltonian", 0);
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        json_object *theory = json_object_array_get_idx(array, i);
        if (json_object_get_boolean(member(theory, "applies"))) continue;
        assert_true(strlen(json_object_get_string(member(theory, "why"))) > 10);
    }
    json_object_put(array);
}

static void tables_fit_into_80_columns(void **state) {
    (void)state;
    const char *commands[] = {"kramers --help",
                              "kramers run --quiet --set ensemble.steps=3000",
                              "kramers theory",
                              "kramers list",
                              "kramers run --quiet washboard --set ensemble.steps=3000",
                              "kramers list landscapes double_well",
                              "kramers list sections ensemble",
                              "kramers theory muller_brown",
                              "kramers run --help"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (shell(commands[i])) fail_msg("%s: %s", commands[i], read_file("err", NULL));
        char *text = read_file("out", NULL);
        assert_true(strlen(text) > 100);
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
            if (strcspn(line, "\n") > 80) fail_msg("%s: wider than 80 columns: %.120s", commands[i], line);
        free(text);
    }
}

static void list_prints_every_scene_as_it_is(void **state) {
    (void)state;
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
        char command[200];
        snprintf(command, sizeof command, "kramers list scenes %s", scene->name);
        assert_int_equal(shell(command), 0);
        char *text = read_file("out", NULL);
        assert_string_equal(text, scene->text);
        free(text);
    }
    json_object *all = run_json("kramers list --json", 0);
    assert_true(json_object_array_length(member(all, "landscapes")) >= 7);
    assert_true(json_object_array_length(member(all, "scenes")) >= 5);
    json_object_put(all);
}

/* Each as it is shipped, but shorter. */
static void every_shipped_scene_runs(void **state) {
    (void)state;
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
        char command[300];
        bool splitting = strstr(scene->text, "method: splitting") != NULL;
        snprintf(command, sizeof command, "kramers run %s --json --set ensemble.seed=3 %s", scene->name,
                 splitting ? "--set escape.replicas=64 --set escape.repeats=3"
                           : "--set ensemble.particles=64 --set ensemble.steps=300");
        json_object *object = run_json(command, 0);
        assert_true(json_object_get_double(member(object, "particle_steps")) >= (splitting ? 10000 : 64));
        bool escape = strstr(scene->text, "\nescape:") != NULL;
        assert_int_equal(json_object_object_get_ex(object, "escape", NULL), escape);
        json_object_put(object);
    }
    assert_int_not_equal(
        shell("kramers run splitting --threads 2 --set escape.replicas=10000000 --set escape.repeats=64 --set landscape.dim=100"),
        0);
    char *text = read_file("err", NULL);
    if (!strstr(text, "escape.replicas: the paths of 10000000 replicas need about ")) fail_msg("%s", text);
    free(text);
}

static void threads_and_instruction_sets_never_change_a_result(void **state) {
    (void)state;
    const kr_registry *tables[8];
    size_t count = kr_registry_available(tables, 8);
    char first[64] = "";
    for (size_t i = 0; i < count + 2; i++) {
        char command[300], digits[64];
        snprintf(command, sizeof command,
                 "kramers run --json --isa %s --threads %zu --set ensemble.steps=600 --set ensemble.particles=1000",
                 i < count ? tables[i]->isa : "auto", i < count ? (size_t)1 : i - count + 2);
        json_object *o = run_json(command, 0);
        snprintf(digits, sizeof digits, "%.17g", number(o, "mean.potential"));
        if (!*first) strcpy(first, digits);
        assert_string_equal(digits, first);
        json_object_put(o);
    }
}

/* ---- what survives ---- */

static void divergence_keeps_what_was_measured(void **state) {
    (void)state;
    const char *command =
        "kramers run --json -o diverged.h5 --set schedule.lr=0.3 --set dynamics.temperature=0.3 --set ensemble.steps=5000 "
        "--set 'escape.until={minimum: 1, radius: 0.2}'";
    json_object *o = run_json(command, 4);
    assert_true(number(o, "diverged") > 0);
    assert_true(number(o, "first_diverged_step") > 0);
    assert_true(number(o, "escape.events") > 0);
    assert_contains(command, "err", "kramers: warning: learning rate x curvature = 2.4 at the start is beyond stability");
    assert_contains(command, "err", "are no longer finite after");
    json_object_put(o);
    assert_true(opens("diverged.h5"));
    assert_int_equal(
        shell("kramers run --quiet --set landscape=harmonic --set schedule.lr=2.5 --set ensemble.steps=5000 --set escape=null"), 4);
    assert_contains("table", "out", "diverged");
}

static void a_full_device_is_one_message(void **state) {
    (void)state;
    assert_int_equal(shell("kramers run --quiet --set ensemble.steps=500 -o full.h5 >/dev/full"), 3);
    assert_contains("full", "err", "kramers: the results could not be written to stdout: No space left on device");
    assert_true(opens("full.h5"));
    assert_int_equal(shell("kramers resume full.h5 --isa v9"), 2);
    assert_contains("resume", "err", "kramers: unknown instruction set 'v9'");
    assert_int_equal(shell("kramers resume full.h5 --isa baseline"), 0); /* it was finished: nothing is left to do */
    assert_int_equal(shell("kramers list --json >/dev/full"), 3);
    assert_int_equal(shell("kramers --version >/dev/full"), 3);
    assert_int_equal(shell("kramers theory --json >/dev/full"), 3);
}

static void a_closed_pipe_is_one_message(void **state) {
    (void)state;
    /* true reads nothing and is gone long before the run ends */
    shell("{ kramers run --quiet --set ensemble.steps=3000 -o pipe.h5; echo $? >status; } | true");
    assert_contains("pipe", "status", "3");
    assert_contains("pipe", "err", "kramers: the results could not be written to stdout: Broken pipe");
    assert_true(opens("pipe.h5"));
}

static void a_full_disk_is_one_message(void **state) {
    (void)state;
    mkdir("small", 0777);
    if (system("mount -t tmpfs -o size=128k tmpfs small 2>/dev/null")) {
        print_message("a small tmpfs cannot be mounted here\n");
        skip();
    }
    /* Room for the first flush, not for the whole file; the estimate refuses what is known not to fit. */
    int refused = shell("kramers run --quiet --set ensemble.steps=100000 -o small/out.h5");
    char *estimate = read_file("err", NULL);
    shell("head -c 120000 /dev/zero >small/other");
    int full = shell("kramers run --json --set ensemble.particles=64 --set ensemble.steps=2000 -o small/other.h5");
    char *text = read_file("err", NULL);
    system("umount small");
    assert_int_equal(refused, 3);
    assert_non_null(strstr(estimate, "small/out.h5"));
    assert_int_equal(full, 3);
    assert_non_null(strstr(text, "kramers: small/other.h5"));
    free(estimate);
    free(text);
}

static pid_t start(char *const arguments[]) {
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

static void interruption_keeps_what_was_measured(void **state) {
    (void)state;
    char *arguments[] = {"kramers", "run", "--json", "--set", "ensemble.particles=1024", "-o", "stopped.h5", NULL};
    unlink("stopped.h5");
    pid_t child = start(arguments);
    for (int i = 0; i < 6000 && access("stopped.h5", F_OK); i++) wait_seconds(0.005);
    wait_seconds(0.15);
    assert_int_equal(kill(child, SIGINT), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_contains("SIGINT", "err", "kramers: interrupted; 'kramers resume stopped.h5' goes on from here");
    char *text = read_file("out", NULL);
    json_object *o = json_tokener_parse(text);
    assert_non_null(o);
    assert_true(json_object_get_boolean(member(o, "interrupted")));
    double steps = number(o, "steps");
    assert_true(steps > 0 && steps < 100000);
    assert_true(number(o, "escape.exposure_steps") == 1024 * steps);
    json_object_put(o);
    free(text);

    /* The file holds the frames up to here and the result ... */
    hid_t file = H5Fopen("stopped.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    hid_t set = H5Dopen2(file, "/particles/trajectory/position/value", H5P_DEFAULT), space = H5Dget_space(set);
    hsize_t size[3];
    assert_int_equal(H5Sget_simple_extent_dims(space, size, NULL), 3);
    assert_int_equal(size[0], (hsize_t)steps / 100 + 1);
    assert_true(H5Lexists(file, "/parameters/escape/summary", H5P_DEFAULT) > 0);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);

    /* ... and going on gives the bytes of a run that was never stopped. */
    if (shell("kramers resume --quiet stopped.h5")) fail_msg("%s", read_file("err", NULL));
    assert_int_equal(shell("kramers run --quiet --set ensemble.particles=1024 -o unbroken.h5 --force"), 0);
    assert_int_equal(shell("cmp stopped.h5 unbroken.h5"), 0);
}

static void a_second_interrupt_ends_at_once(void **state) {
    (void)state;
    /* The slowest table and one thread: a cadence lasts seconds. */
    char land[] = "landscape={name: styblinski_tang, dim: 1000}";
    char *arguments[] = {"kramers",
                         "run",
                         "--quiet",
                         "--isa",
                         "baseline",
                         "--threads",
                         "1",
                         "--set",
                         land,
                         "--set",
                         "ensemble.particles=5000",
                         "--set",
                         "escape=null",
                         "--set",
                         "ensemble.steps=1000000",
                         NULL};
    pid_t child = start(arguments);
    wait_seconds(0.5);
    kill(child, SIGINT);
    wait_seconds(0.03);
    kill(child, SIGINT);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_int_equal(lines("out"), 0); /* no report: it did not wait for the next cadence */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_input_gets_one_message),
        cmocka_unit_test(an_existing_file_needs_force),
        cmocka_unit_test(json_has_the_promised_shape),
        cmocka_unit_test(without_events_the_intervals_are_one_sided),
        cmocka_unit_test(critical_points_and_paths),
        cmocka_unit_test(theory_needs_no_run),
        cmocka_unit_test(tables_fit_into_80_columns),
        cmocka_unit_test(list_prints_every_scene_as_it_is),
        cmocka_unit_test(every_shipped_scene_runs),
        cmocka_unit_test(threads_and_instruction_sets_never_change_a_result),
        cmocka_unit_test(divergence_keeps_what_was_measured),
        cmocka_unit_test(a_full_device_is_one_message),
        cmocka_unit_test(a_closed_pipe_is_one_message),
        cmocka_unit_test(a_full_disk_is_one_message),
        cmocka_unit_test(interruption_keeps_what_was_measured),
        cmocka_unit_test(a_second_interrupt_ends_at_once),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
