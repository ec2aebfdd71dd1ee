#include "readers.h"

#include "fuzz.h"

#include "datasets/dataset.h"
#include "geometry/column_file.h"
#include "geometry/mixture_file.h"
#include "geometry/surface_file.h"
#include "geometry/table_file.h"

#include <kramers/recording.h>
#include <kramers/run.h>
#include <kramers/session.h>

#include <hdf5.h>
#include <math.h>
#include <stdlib.h>

enum { FRAMES = 30, ADVANCES = 4, MOST_NUMBERS = 100000 };

void fuzz_check_closed(const char *path) {
    const unsigned objects = H5F_OBJ_DATASET | H5F_OBJ_GROUP | H5F_OBJ_DATATYPE | H5F_OBJ_ATTR;
    hid_t id[1];
    char name[200] = "";
    if (H5Fget_obj_count(H5F_OBJ_ALL, objects) == 0) return;
    if (H5Fget_obj_ids(H5F_OBJ_ALL, objects, 1, id) > 0) H5Iget_name(*id, name, sizeof name);
    fuzz_check(false, path, *name ? name : "stays open");
}

static kr_status read_surface(const char *path, kr_error *error) {
    kr_surface_file surface = {0};
    double ends[] = {-1, 1};
    const kr_surface_source source = {.file = path, .dataset = "train_loss", .x = {ends, 2}, .y = {ends, 2}, .missing = NAN};
    kr_status status = kr_surface_file_read(&surface, &source, error);
    for (size_t i = 0; !status && i < surface.nx * surface.ny; i++)
        fuzz_check(isfinite(surface.value[i]), "a loss is not finite", path);
    for (size_t i = 1; !status && i < surface.nx; i++) fuzz_check(surface.x[i] > surface.x[i - 1], "x does not ascend", path);
    for (size_t i = 1; !status && i < surface.ny; i++) fuzz_check(surface.y[i] > surface.y[i - 1], "y does not ascend", path);
    kr_surface_file_destroy(&surface);
    return status;
}

static kr_status read_table(const char *path, kr_error *error) {
    kr_table table = {0};
    const kr_table_source source = {.file = path, .dataset = "train_loss", .missing = NAN};
    kr_status status = kr_table_read(&table, &source, error);
    for (size_t i = 0; !status && i < table.count; i++) {
        fuzz_check(isfinite(table.value[i]) && isfinite(table.x[i]), "a value is not finite", path);
        fuzz_check(!i || table.x[i] > table.x[i - 1], "x does not ascend", path);
    }
    kr_table_destroy(&table);
    return status;
}

static kr_status read_mixture(const char *path, kr_error *error) {
    kr_mixture_file mixture = {0};
    kr_status status = kr_mixture_file_read(&mixture, path, NULL, 2, 0.25, error);
    for (size_t i = 0; !status && i < mixture.count * mixture.dim; i++)
        fuzz_check(isfinite(mixture.center[i]), "a centre is not finite", path);
    for (size_t i = 0; !status && i < mixture.count; i++) fuzz_check(mixture.weight[i] > 0, "a weight is not above 0", path);
    kr_mixture_file_destroy(&mixture);
    return status;
}

static kr_status read_column(const char *path, const char *name, kr_error *error) {
    const kr_column *column;
    const kr_column_source source = {.file = path, .column = name, .dataset = "train_loss", .section = "schedule"};
    kr_status status = kr_column_open(&column, &source, error);
    for (size_t i = 0; !status && i < column->count; i++) fuzz_check(isfinite(column->value[i]), "a number is not finite", path);
    if (!status) kr_column_close(column);
    return status;
}

static kr_status read_data_set(const char *path, const char *task, kr_error *error) {
    kr_dataset *dataset;
    char *file = (char *)(uintptr_t)path, *part = (char *)(uintptr_t)task;
    const kr_dataset_source source = {.data = file, .points = 4, .task = part};
    kr_status status = kr_dataset_create(&dataset, &source, NULL, error);
    if (!status) kr_dataset_destroy(dataset);
    return status;
}

void fuzz_read_array(int kind, const char *path, const char *column) {
    kr_error error = {.status = KR_OK};
    kr_status status = KR_OK;
    switch (kind) {
    case FUZZ_SURFACE: status = read_surface(path, &error); break;
    case FUZZ_TABLE: status = read_table(path, &error); break;
    case FUZZ_MIXTURE: status = read_mixture(path, &error); break;
    case FUZZ_COLUMN: status = read_column(path, column, &error); break;
    default: status = read_data_set(path, column, &error);
    }
    fuzz_check_message(status, &error);
    fuzz_check_closed(path);
}

void fuzz_read_recording(const char *path) {
    kr_recording *recording;
    kr_scene scene = {0};
    kr_error error = {.status = KR_OK};
    kr_status status = kr_recording_open(&recording, path, &error);
    fuzz_check_message(status, &error);
    if (status) fuzz_check_closed(path);
    if (status) return;
    size_t words = kr_recording_dim(recording) * kr_recording_particles(recording);
    double *x = words <= MOST_NUMBERS ? malloc(2 * words * sizeof *x + 1) : NULL;
    for (size_t f = 0; x && f < kr_recording_frames(recording) && f < FRAMES && !status; f++) {
        uint64_t step;
        double time, rate;
        status = kr_recording_frame(recording, f, &step, &time, &rate, x, x + words, &error);
        fuzz_check_message(status, &error);
    }
    free(x);
    if (kr_recording_scene(recording)) {
        status = kr_recording_check_plugins(recording, fuzz_registry(), &error);
        if (!status) status = kr_recording_scene_load(recording, &scene, fuzz_registry(), NULL, 0, &error);
        fuzz_check_message(status, &error);
        if (!status) kr_scene_destroy(&scene);
    }
    kr_recording_close(recording);
    fuzz_check_closed(path);
}

void fuzz_resume(const char *path) {
    kr_run *run;
    kr_scene scene = {.registry = fuzz_registry()};
    kr_run_options options = {.threads = 1, .cadence = 5};
    kr_error error = {.status = KR_OK};
    kr_status status = kr_run_resume(&run, &scene, path, 0, NULL, &options, &error);
    fuzz_check_message(status, &error);
    if (status) fuzz_check_closed(path);
    if (status) return;
    for (int i = 0; i < ADVANCES && !status && !kr_run_finished(run); i++) status = kr_run_advance(run, &error);
    if (!status) status = kr_run_finish(run, &error);
    fuzz_check_message(status, &error);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    fuzz_check_closed(path);
}

void fuzz_replay(const char *path) {
    kr_session_record record;
    kr_session *session;
    kr_error error = {.status = KR_OK};
    bool found = false;
    kr_status status = kr_session_record_read(&record, fuzz_registry(), path, &found, &error);
    fuzz_check_message(status, &error);
    fuzz_check_closed(path);
    if (status || !found) return;
    if (kr_scene_ensemble(&record.scene)->particles <= 1000 && record.scene.start.burn_in <= 100) {
        status = kr_session_create(&session, &record.scene, 1, &error);
        fuzz_check_message(status, &error);
        size_t next = 0;
        if (!status) {
            for (int i = 0; i < ADVANCES && !status; i++) status = kr_session_replay(session, &record, &next, 10, &error);
            fuzz_check_message(status, &error);
            kr_session_destroy(session);
        }
    }
    kr_session_record_destroy(&record);
}
