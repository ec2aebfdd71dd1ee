/* Files from somebody else: one object of a valid file is replaced by another that HDF5 would read beyond our memory, or that leads
 * out of the file. Every reader refuses it and names the object. */
#include "session_fixture.h"

#include "files/landscape_map.h"
#include "hdf5/hdf5_layer.h"

#include <kramers/file_check.h>

#include <hdf5.h>
#include <stdio.h>
#include <unistd.h>

#define VALID "forged_from.h5"
#define FORGED "forged.h5"
#define VICTIM "victim.txt"
#define SCENE "/parameters/kramers/scene"
#define SLOT "/parameters/kramers/checkpoint/slot_0"
#define COMMIT "/parameters/kramers/checkpoint/commit"
#define POSITION "/particles/trajectory/position/"
#define RATE "/observables/learning_rate/value"
#define SESSION "/parameters/kramers/session"

static double zeros[4096]; /* also as texts and integers */

/* ---- forging ---- */

static void copy_file(const char *from, const char *to) {
    static char bytes[1 << 20];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_true(in && out);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    assert_true(size > 0 && size < sizeof bytes);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(in);
    fclose(out);
}

/* Of a copy of the valid file; the path's object is gone. */
static hid_t open_without(const char *path) {
    copy_file(VALID, FORGED);
    hid_t file = H5Fopen(FORGED, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    if (path) assert_true(H5Ldelete(file, path, H5P_DEFAULT) >= 0);
    return file;
}

static void put(const char *path, hid_t type, int rank, const hsize_t *size) {
    hid_t file = open_without(path), space = rank ? H5Screate_simple(rank, size, NULL) : H5Screate(H5S_SCALAR);
    hid_t set = H5Dcreate2(file, path, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(set >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Fclose(file);
}

static void put_attribute(const char *path, const char *name, hid_t type, hsize_t count) {
    hid_t file = open_without(NULL), object = H5Oopen(file, path, H5P_DEFAULT);
    if (H5Aexists(object, name) > 0) H5Adelete(object, name);
    hid_t space = count ? H5Screate_simple(1, &count, NULL) : H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(attribute >= 0 && H5Awrite(attribute, type, zeros) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Oclose(object);
    H5Fclose(file);
}

static hid_t text(size_t size) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    return type;
}

/* ---- readers ---- */

static kr_status resume(const char *file, kr_error *error) {
    kr_run *run;
    kr_scene scene = {0};
    kr_run_options options = {.threads = 1};
    kr_status status = kr_run_resume(&run, &scene, file, 0, NULL, &options, error);
    if (status == KR_OK) {
        while (status == KR_OK && !kr_run_finished(run)) status = kr_run_advance(run, error);
        if (status == KR_OK) status = kr_run_finish(run, error);
        kr_run_destroy(run);
        kr_scene_destroy(&scene);
    }
    return status;
}

static kr_status view(const char *file, kr_error *error) {
    kr_recording *recording;
    kr_status status = kr_recording_open(&recording, file, error);
    if (status != KR_OK) return status;
    size_t words = kr_recording_dim(recording) * kr_recording_particles(recording);
    double *x = malloc(2 * words * sizeof *x), time, rate;
    for (size_t f = 0; f < kr_recording_frames(recording) && status == KR_OK; f++) {
        uint64_t step;
        status = kr_recording_frame(recording, f, &step, &time, &rate, x, x + words, error);
    }
    free(x);
    kr_recording_close(recording);
    return status;
}

static kr_status replay(const char *file, kr_error *error) {
    kr_session_record record;
    bool found;
    kr_status status = kr_session_record_read(&record, NULL, file, &found, error);
    if (status == KR_OK && found) kr_session_record_destroy(&record);
    return status;
}

typedef kr_status reader(const char *file, kr_error *error);

static void assert_refused(reader *read, const char *name) {
    kr_error error = {.message = "nothing"};
    kr_file_renew(FORGED, &error); /* who forges a file forges its checksums too */
    kr_status status = read(FORGED, &error);
    if (status == KR_OK || !strstr(error.message, name))
        fail_msg("status %d, '%s' does not say '%s'", (int)status, error.message, name);
}

/* ---- trajectories ---- */

static void make_trajectory(void) {
    const kr_registry *registry;
    const char *overrides[] = {"ensemble.particles=10", "ensemble.steps=200", "trajectory.every=10", "trajectory.flush=4"};
    kr_error error;
    kr_scene scene;
    kr_run *run;
    kr_run_options options = {.output = VALID, .overwrite = true, .threads = 1};
    succeed(kr_registry_find(NULL, &registry, &error), &error);
    succeed(kr_scene_load(&scene, registry, NULL, overrides, 4, &error), &error);
    succeed(kr_run_create(&run, &scene, &options, &error), &error);
    while (!kr_run_finished(run)) succeed(kr_run_advance(run, &error), &error);
    succeed(kr_run_finish(run, &error), &error);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    copy_file(VALID, FORGED);
    succeed(view(FORGED, &error), &error);
    succeed(resume(FORGED, &error), &error);
}

static void scenes_that_are_no_text_are_refused(void **state) {
    (void)state;
    make_trajectory();
    hid_t forms[] = {H5Tcopy(H5T_NATIVE_INT64), text(H5T_VARIABLE), text(64), text((size_t)3 << 30)};
    for (size_t i = 0; i < 4; i++) {
        put(SCENE, forms[i], i == 2 ? 1 : 0, (hsize_t[]){3});
        assert_refused(resume, SCENE);
        assert_refused(view, SCENE);
        H5Tclose(forms[i]);
    }
    hid_t file = open_without(SCENE), type = text(40), space = H5Screate(H5S_SCALAR);
    hid_t set = H5Dcreate2(file, SCENE, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, "schedule: {lr: 0.1}\n\0ensemble: {seed: 7}");
    H5Dclose(set);
    H5Sclose(space);
    H5Tclose(type);
    H5Fclose(file);
    assert_refused(resume, SCENE " has a zero inside");
    assert_refused(view, SCENE " has a zero inside");
}

static void series_of_other_shapes_are_refused(void **state) {
    (void)state;
    const hsize_t size[] = {21, 10, 5, 2, 2, 2, 2, 2};
    make_trajectory();
    put(RATE, H5T_NATIVE_DOUBLE, 8, size);
    assert_refused(resume, RATE);
    assert_refused(view, RATE);
    put(POSITION "step", H5T_NATIVE_INT64, 2, size);
    assert_refused(resume, POSITION "step");
    assert_refused(view, POSITION "step");
    put(POSITION "time", H5T_NATIVE_DOUBLE, 3, size);
    assert_refused(resume, POSITION "time");
    assert_refused(view, POSITION "time");
    put(POSITION "value", H5T_NATIVE_DOUBLE, 3, size); /* wider rows */
    assert_refused(resume, POSITION "value");
    put("/parameters/escape/events", H5T_NATIVE_INT64, 4, size);
    assert_refused(resume, "/parameters/escape/events");
    put(POSITION "step", H5T_NATIVE_INT64, 0, NULL);
    hid_t file = H5Fopen(FORGED, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(file, POSITION "step", H5P_DEFAULT);
    hid_t space = H5Screate_simple(1, (hsize_t[]){1000}, NULL);
    H5Aclose(H5Acreate2(set, "offset", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
    assert_refused(view, "offset is no single number");
}

/* As HDF5 would go through all rows that a set says it has, this takes years where it is not refused. */
static void series_without_an_end_are_refused(void **state) {
    static const hsize_t endless = (hsize_t)1 << 40;
    (void)state;
    make_trajectory();
    copy_file(VALID, FORGED);
    hid_t file = H5Fopen(FORGED, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(file, POSITION "time", H5P_DEFAULT);
    assert_true(set >= 0 && H5Dset_extent(set, &endless) >= 0);
    H5Dclose(set);
    H5Fclose(file);
    assert_refused(resume, POSITION "time says that it has more rows than are in the file");
}

static void checkpoints_of_other_shapes_are_refused(void **state) {
    (void)state;
    make_trajectory();
    put(SLOT, H5T_NATIVE_UINT64, 1, (hsize_t[]){1 << 20});
    assert_refused(resume, "/parameters/kramers/checkpoint/slot_");
    put(SLOT, H5T_NATIVE_UINT32, 1, (hsize_t[]){100});
    assert_refused(resume, SLOT);
    put(COMMIT, H5T_NATIVE_UINT64, 2, (hsize_t[]){2, 7});
    assert_refused(resume, COMMIT);
    put(COMMIT, H5T_NATIVE_DOUBLE, 2, (hsize_t[]){2, 6});
    assert_refused(resume, COMMIT);
    put_attribute("/parameters/kramers", "flush", H5T_NATIVE_INT64, 1000);
    assert_refused(resume, "flush is no single number");
    hid_t type = text(64);
    put_attribute("/parameters/kramers", "flush", type, 0);
    assert_refused(resume, "flush does not hold");
    H5Tclose(type);
    put_attribute("/parameters/escape/summary", "steps", H5T_NATIVE_INT64, 1000);
    assert_refused(resume, "steps is no single number");
}

/* What a provisional session has left, but with no room for the old end of the file. */
static void an_undo_journal_without_an_end_is_refused(void **state) {
    (void)state;
    make_trajectory();
    copy_file(VALID, FORGED);
    FILE *file = fopen(FORGED, "ab");
    fseek(file, 0, SEEK_END);
    uint64_t last[4] = {4, (uint64_t)ftell(file), 0, 0x8a6b72616d756e64};
    last[2] = 0x9e3779b97f4a7c15 ^ last[1] ^ last[0]; /* the store's checksum of four zeros */
    for (int i = 0; i < 4; i++) last[2] *= 0x100000001b3;
    fwrite(zeros, 1, 4, file);
    fwrite(last, 1, sizeof last, file);
    fclose(file);
    assert_refused(resume, "what an interrupted run left at its end is damaged");
}

/* In the text of the scene; to: as long as what is replaced. */
static void change_scene(hid_t file, const char *from, const char *to) {
    hid_t set = H5Dopen2(file, SCENE, H5P_DEFAULT), type = H5Dget_type(set);
    char *words = calloc(H5Tget_size(type) + 1, 1);
    assert_non_null(words);
    assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, words) >= 0);
    char *place = strstr(words, from);
    assert_non_null(place);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(place, to, strlen(to));
    assert_true(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, words) >= 0);
    free(words);
    H5Tclose(type);
    H5Dclose(set);
}

static void set_number(hid_t file, const char *path, const char *name, double number) {
    hid_t object = H5Oopen(file, path, H5P_DEFAULT), attribute = H5Aopen(object, name, H5P_DEFAULT);
    assert_true(attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_DOUBLE, &number) >= 0);
    H5Aclose(attribute);
    H5Oclose(object);
}

/* Whoever changes the scene of a run that is going on gets no file of two runs. */
static void a_changed_scene_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *section, *name;
    } change[] = {{"barrier: 1", "barrier: 2", "landscape", "barrier"},
                  {"temperature: 0.2", "temperature: 0.3", "dynamics", "temperature"},
                  {"lr: 0.01", "lr: 0.02", "schedule", "lr"},
                  {"seed: 1", "seed: 2", "ensemble", "seed"},
                  {"name: sgld", "name: sgd ", "dynamics", NULL}};
    make_trajectory();
    for (size_t i = 0; i < sizeof change / sizeof *change; i++) {
        hid_t file = open_without(NULL);
        change_scene(file, change[i].from, change[i].to);
        if (!change[i].name) change_scene(file, "  temperature: 0.2", "# temperature: 0.2");
        H5Fclose(file);
        assert_refused(resume, change[i].name ? change[i].name : change[i].section);
    }
    /* With the attribute, too: the energies of the landscape that stand in the file are of another one. */
    hid_t file = open_without(NULL);
    change_scene(file, "barrier: 1", "barrier: 2");
    set_number(file, "/parameters/kramers/landscape", "barrier", 2);
    H5Fclose(file);
    assert_refused(resume, "its landscape, in /parameters/kramers/landscape_grid, is not the one that its scene describes");
}

static void nothing_leads_out_of_a_file(void **state) {
    (void)state;
    char kept[64] = "";
    make_trajectory();
    FILE *victim = fopen(VICTIM, "w");
    fputs("mine, and not to be touched", victim);
    fclose(victim);

    hid_t file = open_without(RATE), plan = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t frames = 21, unlimited = H5S_UNLIMITED;
    H5Pset_external(plan, VICTIM, 0, H5F_UNLIMITED);
    hid_t space = H5Screate_simple(1, &frames, &unlimited);
    hid_t set = H5Dcreate2(file, RATE, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    assert_true(set >= 0);
    H5Dclose(set);
    H5Pclose(plan);
    H5Fclose(file);
    assert_refused(resume, RATE " has external storage");
    assert_refused(view, RATE " has external storage");

    file = open_without(RATE);
    plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_virtual(plan, space, VALID, RATE, space);
    set = H5Dcreate2(file, RATE, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    assert_true(set >= 0);
    H5Dclose(set);
    H5Pclose(plan);
    H5Sclose(space);
    H5Fclose(file);
    assert_refused(view, RATE " is virtual");

    file = open_without(SCENE);
    H5Lcreate_external(VALID, SCENE, file, SCENE, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_refused(resume, SCENE);
    assert_refused(view, SCENE);

    file = open_without(SCENE); /* by a detour */
    H5Lcreate_external(VALID, "/", file, "/away", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/away" SCENE, file, SCENE, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_refused(resume, SCENE);
    assert_refused(view, SCENE);

    victim = fopen(VICTIM, "r");
    assert_non_null(fgets(kept, sizeof kept, victim));
    fclose(victim);
    assert_string_equal(kept, "mine, and not to be touched");
}

/* Megabytes of zeros that nobody has written. */
static void a_recording_must_hold_its_values(void **state) {
    (void)state;
    make_trajectory();
    hid_t file = open_without(POSITION "value"), plan = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t size[3] = {21, 1 << 30, 4}, chunk[3] = {1, 1024, 4};
    H5Pset_chunk(plan, 3, chunk);
    hid_t space = H5Screate_simple(3, size, NULL);
    hid_t set = H5Dcreate2(file, POSITION "value", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    assert_true(set >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(plan);
    H5Fclose(file);
    assert_refused(view, "the position claims more values than the file holds");
}

static void a_recording_that_was_replaced_says_so(void **state) {
    (void)state;
    kr_recording *recording;
    kr_error error;
    double x[10];
    make_trajectory();
    copy_file(VALID, FORGED);
    succeed(kr_recording_open(&recording, FORGED, &error), &error);
    put(POSITION "value", H5T_NATIVE_DOUBLE, 3, (hsize_t[]){21, 1000, 1});
    assert_int_equal(kr_recording_frame(recording, 3, NULL, NULL, NULL, x, NULL, &error), KR_IO);
    assert_non_null(strstr(error.message, "has the file been replaced"));
    kr_recording_close(recording);
}

/* ---- sessions ---- */

static void sessions_of_other_types_are_refused(void **state) {
    (void)state;
    kr_error error;
    kr_session *session = make_session("ensemble: {particles: 5}");
    advance(session, 10);
    intervene(session, "set schedule.lr=0.02");
    advance(session, 10);
    succeed(kr_session_save(session, VALID, true, &error), &error);
    kr_session_destroy(session);
    copy_file(VALID, FORGED);
    succeed(replay(FORGED, &error), &error);

    put_attribute(SESSION, "digest", H5T_NATIVE_UINT64, 1000);
    assert_refused(replay, "digest is no single number");
    put_attribute(SESSION, "step", H5T_NATIVE_DOUBLE, 0);
    assert_refused(replay, "step does not hold unsigned integers");
    hid_t type = text(64);
    put_attribute(SESSION, "directory", type, 100);
    assert_refused(replay, "directory is no single text");
    H5Tclose(type);
    put(SESSION "/interventions/text", H5T_NATIVE_UINT64, 1, (hsize_t[]){1});
    assert_refused(replay, SESSION "/interventions/text is no list of texts");
    put(SESSION "/interventions/step", H5T_NATIVE_UINT64, 1, (hsize_t[]){1000});
    assert_refused(replay, SESSION "/interventions/step has not the size");
    type = text(8);
    put(SESSION "/interventions/text", type, 1, (hsize_t[]){1 << 20});
    assert_refused(replay, SESSION "/interventions/");
    H5Tclose(type);
}

/* ---- sweeps ---- */

static kr_status go_on_with_sweep(const char *file, kr_error *error) {
    static const char *const fixed[] = {"ensemble.particles=4", "ensemble.steps=10"}, *const varied[] = {"schedule.lr=0.01,0.02"};
    const kr_registry *registry;
    kr_sweep *sweep;
    succeed(kr_registry_find(NULL, &registry, error), error);
    kr_sweep_setup setup = {.registry = registry,
                            .overrides = fixed,
                            .override_count = 2,
                            .vary = varied,
                            .vary_count = 1,
                            .output = file,
                            .threads = 1};
    kr_status status = kr_sweep_create(&sweep, &setup, error);
    if (status != KR_OK) return status;
    while (!kr_sweep_finished(sweep)) succeed(kr_sweep_advance(sweep, 1, error), error);
    status = kr_sweep_finish(sweep, error);
    kr_sweep_destroy(sweep);
    return status;
}

static void sweeps_of_other_types_are_refused(void **state) {
    (void)state;
    kr_error error;
    unlink(VALID);
    succeed(go_on_with_sweep(VALID, &error), &error);
    copy_file(VALID, FORGED);
    succeed(go_on_with_sweep(FORGED, &error), &error);
    put_attribute("/", "points_done", H5T_NATIVE_INT64, 1000);
    assert_refused(go_on_with_sweep, "the table is damaged");
    hid_t type = text(64), variable = text(H5T_VARIABLE);
    put_attribute("/", "points_done", type, 0);
    assert_refused(go_on_with_sweep, "the table is damaged");
    put("/columns/events", type, 1, (hsize_t[]){2});
    assert_refused(go_on_with_sweep, "the table is damaged");
    put("/columns/status", variable, 1, (hsize_t[]){2});
    assert_refused(go_on_with_sweep, "the table is damaged");
    put("/columns/rate", H5T_NATIVE_DOUBLE, 2, (hsize_t[]){2, 500});
    assert_refused(go_on_with_sweep, "the table is damaged");
    put("/header", variable, 0, NULL);
    assert_refused(go_on_with_sweep, "/header is a text of variable length");
    H5Tclose(type);
    H5Tclose(variable);
}

/* ---- the landscape's map ---- */

/* Also of a landscape of which the map is only a slice, about which nothing is said. */
static void nothing_stays_open_behind_a_map(void **state) {
    (void)state;
    const kr_registry *registry;
    static const char *const more[] = {"landscape.dim=3"};
    kr_error error;
    kr_scene scene;
    kr_model model;
    kr_h5 h5;
    make_trajectory();
    succeed(kr_registry_find(NULL, &registry, &error), &error);
    succeed(kr_scene_load(&scene, registry, NULL, more, 1, &error), &error);
    succeed(kr_model_create(&model, &scene, &error), &error);
    assert_true(kr_h5_open(&h5, VALID, &error));
    assert_true(kr_landscape_map_agrees(&h5, &model.landscape));
    assert_int_equal(H5Fget_obj_count(h5.file, H5F_OBJ_ALL | H5F_OBJ_LOCAL), 1);
    assert_int_equal(kr_h5_end(&h5), KR_OK);
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);
}

int main(void) {
    char directory[] = "/tmp/kramers_forged_XXXXXX";
    if (!mkdtemp(directory) || chdir(directory) != 0) return 1;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {cmocka_unit_test(scenes_that_are_no_text_are_refused),
                                       cmocka_unit_test(series_of_other_shapes_are_refused),
                                       cmocka_unit_test(series_without_an_end_are_refused),
                                       cmocka_unit_test(checkpoints_of_other_shapes_are_refused),
                                       cmocka_unit_test(an_undo_journal_without_an_end_is_refused),
                                       cmocka_unit_test(a_changed_scene_is_refused),
                                       cmocka_unit_test(nothing_leads_out_of_a_file),
                                       cmocka_unit_test(a_recording_must_hold_its_values),
                                       cmocka_unit_test(a_recording_that_was_replaced_says_so),
                                       cmocka_unit_test(sessions_of_other_types_are_refused),
                                       cmocka_unit_test(sweeps_of_other_types_are_refused),
                                       cmocka_unit_test(nothing_stays_open_behind_a_map)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    static const char *const files[] = {VALID, FORGED, VICTIM};
    for (size_t i = 0; i < 3; i++) unlink(files[i]);
    if (failed == 0 && chdir("/") == 0) rmdir(directory);
    return failed;
}
