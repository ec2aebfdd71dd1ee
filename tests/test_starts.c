/* Starts at random and from files: what is drawn, by whom, and how a scene says it. */
#include "assert_close.h"
#include "sanitized.h"
#include "scene_errors.h"

#include <kramers/kramers.h>

#include <hdf5.h>

#include <stdlib.h>
#include <string.h>

#define STARTS "test_starts.h5"
#define NETWORK "landscape: {name: network, data: digits, hidden: [8]}, dynamics: {name: sgd}"

typedef struct started {
    kr_scene scene;
    kr_model model;
    kr_ensemble *ensemble;
    kr_view view;
} started;

static const kr_registry *registry;

static void succeed(kr_status status, const kr_error *error) {
    if (status != KR_OK) fail_msg("%s", error->message);
}

static void begin(started *s, const char *isa, int threads, size_t block_size, const char *text) {
    kr_error error = {0};
    kr_ensemble_setup setup;
    const kr_registry *own;
    char braced[600];
    snprintf(braced, sizeof braced, "{%s}", text);
    succeed(kr_registry_find(isa, &own, &error), &error);
    succeed(kr_scene_parse(&s->scene, own, "test", ".", braced, NULL, 0, &error), &error);
    succeed(kr_model_create(&s->model, &s->scene, &error), &error);
    succeed(kr_model_ensemble_setup(&s->model, &setup, &error), &error);
    setup.threads = threads;
    setup.block_size = block_size;
    succeed(kr_ensemble_create(&s->ensemble, &setup, &error), &error);
    s->view = kr_ensemble_view(s->ensemble);
}

static void end(started *s) {
    kr_ensemble_destroy(s->ensemble);
    kr_model_destroy(&s->model);
    kr_scene_destroy(&s->scene);
}

/* ---- what is drawn ---- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The largest distance between the distribution of coordinates [first, last) of all particles and that of one of them, times the
 * root of their number (Kolmogorov): beyond 1.95 in one of 1000 seeds. normal: scale is the standard deviation, else the half
 * width. */
static double distance(const kr_view *view, size_t first, size_t last, double scale, bool normal) {
    size_t n = (last - first) * (size_t)view->particles, at = 0;
    double *value = malloc(n * sizeof *value), most = 0;
    assert_non_null(value);
    for (size_t i = first; i < last; i++)
        for (size_t p = 0; p < view->particles; p++) value[at++] = view->position[i * view->stride + p];
    qsort(value, n, sizeof *value, ascending);
    for (size_t k = 0; k < n; k++) {
        double below = normal ? 0.5 * erfc(-value[k] / scale / sqrt(2)) : 0.5 * (1 + value[k] / scale);
        most = fmax(most, fmax(below - (double)k / (double)n, (double)(k + 1) / (double)n - below));
    }
    if (!normal) assert_true(fabs(value[0]) < scale && fabs(value[n - 1]) < scale && value[n - 1] > 0.999 * scale);
    free(value);
    return most * sqrt((double)n);
}

/* Of neighbours, which are drawn from one counter, and of particles beside each other; in units of its standard error. */
static double correlation(const kr_view *view, size_t dim, double variance, size_t over, size_t along) {
    double sum = 0, count = 0;
    for (size_t i = 0; i + over < dim; i++)
        for (size_t p = 0; p + along < view->particles; p++) {
            sum += view->position[i * view->stride + p] * view->position[(i + over) * view->stride + p + along] / variance;
            count++;
        }
    return fabs(sum) / sqrt(count);
}

/* PyTorch's nn.Linear: both weights and biases of a layer uniform within 1/sqrt(inputs). */
static void kaiming_uniform_is_that_of_pytorch(void **state) {
    (void)state;
    started s;
    begin(&s, "auto", 0, 0, NETWORK ", ensemble: {particles: 300, seed: 11}"); /* the default of networks */
    assert_int_equal(s.scene.start.kind, KR_START_RANDOM);
    assert_int_equal(s.scene.target_count, 0);
    assert_int_equal(s.view.dim, 64 * 8 + 8 + 8 * 10 + 10);
    assert_true(distance(&s.view, 0, 520, 1 / sqrt(64), false) < 1.95);
    assert_true(distance(&s.view, 520, 610, 1 / sqrt(8), false) < 1.95);
    assert_true(correlation(&s.view, 520, 1.0 / 64 / 3, 1, 0) < 3.3); /* in one of 1000 beyond it */
    assert_true(correlation(&s.view, 520, 1.0 / 64 / 3, 2, 0) < 3.3);
    assert_true(correlation(&s.view, 520, 1.0 / 64 / 3, 0, 1) < 3.3);
    end(&s);
}

static void xavier_leaves_biases_at_zero(void **state) {
    (void)state;
    started s;
    begin(&s, "auto", 0, 0, NETWORK ", ensemble: {particles: 300, seed: 12, start: {random: xavier, scale: 0.5}}");
    assert_true(distance(&s.view, 0, 512, 0.5 * sqrt(6.0 / 72), false) < 1.95);
    assert_true(distance(&s.view, 520, 600, 0.5 * sqrt(6.0 / 18), false) < 1.95);
    for (size_t i = 512; i < 610; i++)
        for (size_t p = 0; p < 300 && (i < 520 || i >= 600); p++) assert_close(s.view.position[i * s.view.stride + p], 0, 0, 0);
    end(&s);
}

static void normal_starts_are_around_a_point(void **state) {
    (void)state;
    started s, around;
    begin(&s, "auto", 0, 0,
          "landscape: {name: harmonic, dim: 5}, ensemble: {particles: 20000, seed: 13, start: {random: normal, scale: 2}}");
    begin(&around, "auto", 0, 0,
          "landscape: {name: harmonic, dim: 5}, ensemble: {particles: 20000, seed: 13, start: {random: normal, scale: 2,"
          " point: [1, 2, 3, 4, 5]}}");
    for (size_t i = 0; i < 5; i++) {
        assert_true(distance(&s.view, i, i + 1, 2, true) < 1.95);
        for (size_t p = 0; p < 20000; p++)
            assert_close(around.view.position[i * s.view.stride + p], s.view.position[i * s.view.stride + p] + (double)(i + 1), 0,
                         1e-14);
    }
    assert_true(correlation(&s.view, 5, 4, 1, 0) < 3.3);
    assert_true(correlation(&s.view, 5, 4, 0, 1) < 3.3);
    end(&s);
    end(&around);
}

/* Each return draws anew, at its own step: by what a particle that has just come back is at, and whether any two are the same. */
static void returns_draw_anew(void **state) {
    (void)state;
    started s;
    kr_error error = {0};
    begin(&s, "auto", 0, 0,
          "landscape: {name: double_well}, dynamics: {name: sgld, temperature: 0.4}, schedule: {name: constant, lr: 0.05},"
          " ensemble: {particles: 200, seed: 14, start: {random: normal, scale: 0.05, point: -1}}, escape: {until: {coordinate: 0, "
          "above: 0}}");
    double back[64];
    size_t count = 0;
    for (int step = 0; step < 2000 && count < 64; step++) {
        succeed(kr_ensemble_advance(s.ensemble, 1, &error), &error);
        s.view = kr_ensemble_view(s.ensemble);
        for (size_t k = 0; k < s.view.recent_count && count < 64; k++) back[count++] = s.view.position[s.view.recent[k].particle];
    }
    assert_int_equal(count, 64);
    double sum = 0, squares = 0;
    for (size_t k = 0; k < count; k++) {
        double z = (back[k] + 1) / 0.05;
        sum += z / 64;
        squares += z * z / 64;
        for (size_t j = 0; j < k; j++) assert_true(back[j] != back[k]);
    }
    assert_close(sum, 0, 0, 3.3 / 8); /* in one of 1000 beyond these */
    assert_close(squares, 1, 0, 3.3 * sqrt(2.0) / 8);
    end(&s);
}

/* ---- the same bits ---- */

static void starts_are_the_same_whatever_runs_them(void **state) {
    (void)state;
    static const char *const isas[] = {"baseline", "auto"};
    static const char *const texts[] = {
        "landscape: {name: network, data: moons, hidden: [5]}, dynamics: {name: sgd}, noise: {name: isotropic, sigma: 1},"
        " schedule: {name: constant, lr: 0.1},"
        " ensemble: {particles: 200, seed: 15, start: {random: kaiming_uniform}}, escape: {until: {coordinate: 0, above: 0.75}}",
        "landscape: {name: double_well, dim: 3}, dynamics: {name: langevin}, schedule: {name: constant, lr: 0.01}, ensemble: "
        "{particles: 200, seed: 16,"
        " start: {random: normal, point: [-1, -1, -1], scale: 0.3, burn_in: 20}}, escape: {until: {coordinate: 1, above: -0.5}}"};
    for (size_t t = 0; t < 2; t++) {
        started first;
        kr_error error = {0};
        begin(&first, "auto", 1, 0, texts[t]);
        succeed(kr_ensemble_advance(first.ensemble, 100, &error), &error);
        first.view = kr_ensemble_view(first.ensemble);
        assert_true(first.view.events > 0);
        for (int v = 0; v < 4; v++) {
            started other;
            begin(&other, isas[v % 2], 1 + v, v < 2 ? 64 : 128, texts[t]);
            succeed(kr_ensemble_advance(other.ensemble, 37, &error), &error);
            succeed(kr_ensemble_advance(other.ensemble, 63, &error), &error);
            other.view = kr_ensemble_view(other.ensemble);
            assert_int_equal(other.view.events, first.view.events);
            for (size_t i = 0; i < first.view.dim; i++)
                assert_memory_equal(other.view.position + i * other.view.stride, first.view.position + i * first.view.stride,
                                    200 * sizeof(double));
            end(&other);
        }
        end(&first);
    }
}

/* ---- files ---- */

static void put(hid_t file, const char *name, hid_t type, int rank, const hsize_t *size, const double *value) {
    hid_t space = H5Screate_simple(rank, size, NULL);
    hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(set >= 0);
    if (value) assert_true(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

static void write_starts(void) {
    static const double rows[] = {1, 2, 3, 4, 5, 6}, bad[] = {1, 2, 3, NAN}, far[] = {1, 2, 3, 1.7e308};
    hid_t file = H5Fcreate(STARTS, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    put(file, "rows", H5T_NATIVE_FLOAT, 2, (hsize_t[]){3, 2}, rows);
    put(file, "one", H5T_NATIVE_INT, 1, (hsize_t[]){2}, rows);
    put(file, "long", H5T_NATIVE_DOUBLE, 2, (hsize_t[]){2, 3}, rows);
    put(file, "bad", H5T_NATIVE_DOUBLE, 2, (hsize_t[]){2, 2}, bad);
    put(file, "far", H5T_NATIVE_DOUBLE, 2, (hsize_t[]){2, 2}, far);
    put(file, "none", H5T_NATIVE_DOUBLE, 2, (hsize_t[]){0, 2}, NULL);
    put(file, "cube", H5T_NATIVE_DOUBLE, 3, (hsize_t[]){1, 3, 2}, rows);
    put(file, "text", H5T_C_S1, 1, (hsize_t[]){2}, NULL);
    H5Fclose(file);
}

static void particles_take_rows_in_turn(void **state) {
    (void)state;
    started s;
    write_starts();
    begin(&s, "auto", 0, 0,
          "landscape: {name: harmonic, dim: 2}, ensemble: {particles: 100, start: {file: " STARTS ", dataset: rows}}");
    for (size_t p = 0; p < 100; p++)
        for (size_t i = 0; i < 2; i++) assert_close(s.view.position[i * s.view.stride + p], (double)(2 * (p % 3) + i + 1), 0, 0);
    assert_close(s.model.start[0], 3, 0, 0); /* their mean */
    assert_true(kr_model_problem(&s.model).start_spread);
    end(&s);
    begin(&s, "auto", 0, 0,
          "landscape: {name: harmonic, dim: 2}, ensemble: {particles: 3, start: {file: " STARTS ", dataset: one}}");
    for (size_t p = 0; p < 3; p++) assert_close(s.view.position[s.view.stride + p], 2, 0, 0);
    end(&s);
}

static void bad_files_of_starts_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *file, *set, *says;
    } bad[] = {{STARTS, "long", "'" STARTS "' has rows of 3 numbers in 'long'; the landscape has 2 coordinates"},
               {STARTS, "bad", "row 1 (from 0) of 'bad' has a number that is not finite, number 1 (from 0)"},
               {STARTS, "far", "at row 1 (from 0) of 'far' the loss is not finite"},
               {STARTS, "none", "has no rows in 'none'"},
               {STARTS, "cube", "has 3 dimensions; rows of numbers have one or two"},
               {STARTS, "text", "does not hold numbers"},
               {STARTS, "row", "has no data set 'row'; did you mean 'rows'?"},
               {"no_such.h5", "rows", "no_such.h5"}};
    write_starts();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        kr_scene scene;
        kr_model model;
        kr_error error = {0};
        char text[300];
        snprintf(text, sizeof text, "landscape: {name: harmonic, dim: 2}\nensemble:\n  start: {file: %s, dataset: %s}\n",
                 bad[i].file, bad[i].set);
        succeed(kr_scene_parse(&scene, registry, "test", ".", text, NULL, 0, &error), &error);
        assert_int_not_equal(kr_model_create(&model, &scene, &error), KR_OK);
        if (!strstr(error.message, bad[i].says)) fail_msg("%s\nwithout: %s", error.message, bad[i].says);
        assert_int_equal(strncmp(error.message, "test:3:17: ", 11), 0);
        kr_scene_destroy(&scene);
    }
}

/* ---- scenes ---- */

static void scenes_come_back_as_they_are(void **state) {
    (void)state;
    static const struct {
        const char *text, *set[2], *written;
    } texts[] = {
        {"landscape: {name: network, data: moons}", {NULL}, "start: {random: kaiming_uniform, scale: 1}\n"},
        {"landscape: {name: network, data: moons}, ensemble: {start: {random: xavier, burn_in: 3}}",
         {"ensemble.start.scale=2"},
         "start: {random: xavier, scale: 2, burn_in: 3}\n"},
        {"landscape: {name: network, data: moons}", {"ensemble.start.scale=2"}, "start: {random: kaiming_uniform, scale: 2}\n"},
        {"landscape: {name: network, data: moons}, ensemble: {start: {point: 0.1}}",
         {"ensemble.start.random=normal"},
         "start: {random: normal, scale: 1, point: [0.1]}\n"},
        {"landscape: {name: network, data: moons}, ensemble: {start: {random: kaiming_uniform}}",
         {"ensemble.start.point=0.1"},
         "start: {point: [0.1]}\n"},
        {"ensemble: {start: {file: a.h5, dataset: D}}", {NULL}, "start: {file: \"a.h5\", dataset: \"D\"}\n"},
        {"ensemble: {start: {file: a.h5, dataset: D}}", {"ensemble.start.minimum=1"}, "start: {minimum: 1}\n"},
        {"ensemble: {start: {minimum: 1}}, escape: {until: {coordinate: 0, above: 1}}",
         {"landscape.name=network"},
         "start: {random: kaiming_uniform, scale: 1}\nescape:\n  renewal: true\n"},
        {"landscape: network, ensemble: {start: {random: xavier}}", {"landscape=double_well"}, "start: {minimum: 0}\n"},
        {"landscape: {name: network, data: digits, task: {classes: [0, 1]}}", {NULL}, "  task: {classes: [0, 1]}\n"},
        {"landscape: {name: network, data: digits}", {"landscape.task.classes=[3, 4]"}, "  task: {classes: [3, 4]}\n"},
        {"landscape: {name: network, data: a.h5, task: even}", {NULL}, "  task: \"even\"\n"},
        {"landscape: {name: network, data: a.h5, task: even}",
         {"landscape.task.classes=1"},
         "  task: {name: \"even\", classes: [1]}\n"},
        {"landscape: {name: network, data: a.h5, task: {name: even, classes: [1]}}", {"landscape.task=odd"}, "  task: \"odd\"\n"},
        {"landscape: {name: network, data: moons, hidden: []}", {NULL}, "  hidden: []\n"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        kr_scene scene, back;
        kr_error error = {0};
        char *written, *again, braced[400];
        snprintf(braced, sizeof braced, "{%s}", texts[i].text);
        succeed(kr_scene_parse(&scene, registry, "test", ".", braced, texts[i].set, texts[i].set[0] ? 1 : 0, &error), &error);
        succeed(kr_scene_write(&scene, &written, &error), &error);
        if (!strstr(written, texts[i].written)) fail_msg("%s\n%s\nwithout: %s", braced, written, texts[i].written);
        succeed(kr_scene_parse(&back, registry, "back", ".", written, NULL, 0, &error), &error);
        succeed(kr_scene_write(&back, &again, &error), &error);
        assert_string_equal(written, again);
        assert_true(kr_scene_equal(&scene, &back));
        kr_scene_destroy(&back);
        succeed(kr_scene_copy(&back, &scene, &error), &error);
        assert_true(kr_scene_equal(&scene, &back));
        kr_scene_destroy(&back);
        kr_scene_destroy(&scene);
        free(written);
        free(again);
    }
}

static void errors_of_starts_have_their_place(void **state) {
    (void)state;
    static const broken_scene broken[] = {
        {"ensemble: {start: {random: kaiming_uniform}}", NULL,
         "test:1:28: random = kaiming_uniform draws weights by the sizes of layers, and landscape 'double_well' has none; take "
         "normal"},
        {"ensemble: {start: {random: xavir}}", NULL, "test:1:28: random must be one of"},
        {"ensemble: {start: {random: normal, scale: 0}}", NULL, "test:1:43: scale = 0 is out of range"},
        {"ensemble: {start: {minimum: 0, scale: 2}}", NULL, "test:1:32: scale is of starts {random: ...}, which is not given"},
        {"ensemble: {start: {dataset: D}}", NULL, "test:1:20: dataset is of starts {file: ...}, which is not given"},
        {"ensemble: {start: {file: a.h5}}", NULL, "test:1:26: a start from a file needs the name of the data set"},
        {"ensemble: {start: {file: a.h5, dataset: D, minimum: 0}}", NULL, "only one of them can be given"},
        {"{landscape: {name: network, data: moons}, ensemble: {start: {random: xavier, point: 0}}}", NULL,
         "only one of them can be given"},
        {"{landscape: {name: network, data: moons}, ensemble: {start: {minimum: 0}}}", NULL,
         "test:1:71: minimum: the minima of landscape 'network' are not known, so nothing can start in one; take {random: "
         "kaiming_uniform}"},
        {"{landscape: {name: network, data: moons}, ensemble: {start: {gibbs: 0}}}", NULL, "test:1:69: gibbs: the minima"},
        {"{landscape: {name: network, data: moons}, escape: {until: {minimum: 0, radius: 1}}}", NULL,
         "test:1:69: minimum: the minima of landscape 'network' are not known, so none can be a target"},
        {"{landscape: {name: network, data: moons}, ensemble: {start: {random: normal, point: [1, 2]}}}", NULL,
         "test:1:85: point has 2 coordinates; landscape 'network' has 42"},
        {"landscape: {name: network, data: digit}", NULL,
         "test:1:34: unknown data 'digit'; did you mean 'digits'? there are digits, moons, spirals or rings; a file has a '.' or a "
         "'/'"},
        {"landscape: {name: network, data: moons, task: {clases: [1]}}", NULL,
         "test:1:48: unknown key of task 'clases'; did you mean 'classes'?"},
        {"landscape: {name: network, data: moons, task: even}", NULL, "test:1:12: data 'moons' have no tasks, such as 'even'"},
    };
    refuse_scenes(registry, broken, sizeof broken / sizeof *broken);
}

/* Names of data are no files: nothing is looked for where the scene is, and nothing is written as a path. */
static void names_of_data_are_no_files(void **state) {
    (void)state;
    kr_scene scene;
    kr_error error = {0};
    char *text;
    static const char *const set[] = {"landscape.data=rings"};
    succeed(kr_scene_parse(&scene, registry, "test", "/no/such/place", "landscape: {name: network, data: digits}", set, 1, &error),
            &error);
    succeed(kr_scene_move(&scene, "/tmp", &error), &error);
    succeed(kr_scene_write(&scene, &text, &error), &error);
    assert_non_null(strstr(text, "data: \"rings\""));
    free(text);
    kr_scene_destroy(&scene);
}

static int find_registry(void **state) {
    (void)state;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return (int)kr_registry_find(NULL, &registry, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kaiming_uniform_is_that_of_pytorch),     cmocka_unit_test(xavier_leaves_biases_at_zero),
        cmocka_unit_test(normal_starts_are_around_a_point),       cmocka_unit_test(returns_draw_anew),
        cmocka_unit_test(starts_are_the_same_whatever_runs_them), cmocka_unit_test(particles_take_rows_in_turn),
        cmocka_unit_test(bad_files_of_starts_are_refused),        cmocka_unit_test(scenes_come_back_as_they_are),
        cmocka_unit_test(errors_of_starts_have_their_place),      cmocka_unit_test(names_of_data_are_no_files),
    };
    return cmocka_run_group_tests(tests, find_registry, NULL);
}
