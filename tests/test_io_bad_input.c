/* Every broken scene and command has its one message and its exit status. */
#include <hdf5.h>
#include <sys/stat.h>

#include "program.h"

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

static int enter_with_broken_files(void **state) {
    if (enter_directory(state)) return -1;
    write_text("not_hdf5.h5", "hello\n");
    write_text("readable", "a regular file\n");
    write_surface("no_loss.h5", 0, false);
    write_surface("nan.h5", NAN, true);
    write_surface("unfilled.h5", -1, true);
    mkdir("folder.h5", 0777);
    return 0;
}

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
    {NULL, "kramers resume missing.h5", 3, "kramers: cannot open 'missing.h5': "},
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
    {NULL, "kramers list claims 19", 2, "kramers: there is no claim '19'; 'kramers list claims' numbers them"},
    {NULL, "kramers list claims 4x", 2, "kramers: there is no claim '4x'"},
    {NULL, "kramers list claim ''", 2, "kramers: there is no claim ''"},
};

static void bad_input_gets_one_message(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (bad[i].scene) write_text("scene.yaml", bad[i].scene);
        int status = shell(bad[i].command);
        if (status != bad[i].status) {
            char *text = read_file("err");
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
    const char *again = "kramers run --quiet --set ensemble.steps=500 -o exists.h5";
    run(again, 0);
    run("cp exists.h5 kept.h5", 0);
    run(again, 2);
    assert_contains(again, "err", "exists.h5: the file exists");
    assert_contains(again, "err", "--force");
    run("kramers run --quiet --set ensemble.steps=500 -o exists.h5 --force", 0);
    run("cmp exists.h5 kept.h5", 0);
}

static void write_set(hid_t file, const char *name, int rank, hsize_t rows, const double *data) {
    hid_t space = H5Screate_simple(rank, (const hsize_t[]){rows, 2}, NULL);
    hid_t set = H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

/* A mixture with fewer weights than modes. */
static void weights_must_be_as_many_as_centres(void **state) {
    (void)state;
    static const double numbers[] = {0, 0, 1, 1, 2, 2};
    hid_t file = H5Fcreate("mixture.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    write_set(file, "centres", 2, 3, numbers);
    write_set(file, "weights", 1, 2, numbers);
    H5Fclose(file);
    run("kramers run --quiet --set 'landscape={name: gaussian_mixture, file: mixture.h5}'", 2);
    assert_contains("run", "err", "mixture.h5' must be 3 numbers, as there are centres");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_input_gets_one_message),
        cmocka_unit_test(an_existing_file_needs_force),
        cmocka_unit_test(weights_must_be_as_many_as_centres),
    };
    return cmocka_run_group_tests(tests, enter_with_broken_files, leave_directory);
}
