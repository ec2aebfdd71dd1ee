/* Positions that observers keep at steps of their own (kr_kept_positions): a group of particles each, on a grid of its own. A flush
 * adds those that are new in the session of its checkpoint, whose words say how many there are. */
#include "h5md.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATH = 128 };

static void path_of(const kr_observer *observer, const char *member, char path[PATH]) {
    snprintf(path, PATH, "/particles/%s/%s", observer->type->about.name, member);
}

static const kr_kept_positions *kept_by(const kr_trajectory *t, size_t i) {
    return t->observers[i]->type->kept;
}

static void size_of(const kr_trajectory *t, hsize_t row[2]) {
    row[0] = (hsize_t)kr_scene_ensemble(t->scene)->particles;
    row[1] = t->dim;
}

kr_status kr_trajectory_kept_plan(kr_trajectory *t, kr_error *error) {
    t->kept_written = calloc(t->observer_count + 1, sizeof *t->kept_written);
    if (!t->kept_written) return kr_fail(error, KR_NO_MEMORY, "There is no memory for a trajectory.");
    for (size_t i = 0; t->mdanalysis && i < t->observer_count; i++)
        if (kept_by(t, i))
            return kr_fail(error, KR_BAD_ARGUMENT,
                           "trajectory.profile mdanalysis holds one group of particles, and %s keeps another. Use "
                           "trajectory.profile native.",
                           t->observers[i]->type->about.name);
    return KR_OK;
}

void kr_trajectory_kept_layout(kr_h5 *h5, const kr_trajectory *t) {
    char path[PATH];
    hsize_t row[2];
    size_of(t, row);
    for (size_t i = 0; i < t->observer_count; i++) {
        if (!kept_by(t, i)) continue;
        path_of(t->observers[i], "position/value", path);
        kr_h5_series(h5, h5->file, path, H5T_NATIVE_DOUBLE, 2, row, 1);
        path_of(t->observers[i], "position/step", path);
        kr_h5_series(h5, h5->file, path, H5T_NATIVE_INT64, 0, NULL, 1);
        path_of(t->observers[i], "position/time", path);
        kr_h5_series(h5, h5->file, path, H5T_NATIVE_DOUBLE, 0, NULL, 1);
        path_of(t->observers[i], "position", path);
        hid_t group = kr_h5_group(h5, h5->file, path);
        kr_h5_text(h5, group, "description", "coordinates of all particles at these steps; NaN: the particle is no longer finite");
        kr_h5_close(group);
        path_of(t->observers[i], "box", path);
        kr_h5_link(h5, "/particles/trajectory/box", path);
    }
}

static void append(kr_h5 *h5, const kr_trajectory *t, size_t i, uint64_t number, double *position) {
    char path[PATH];
    hsize_t row[2];
    uint64_t step;
    double time;
    size_of(t, row);
    kept_by(t, i)->get(t->observers[i], (size_t)number, &step, &time, position);
    const int64_t signed_step = (int64_t)step;
    path_of(t->observers[i], "position/value", path);
    kr_h5_append(h5, path, H5T_NATIVE_DOUBLE, 2, row, number, 1, position);
    path_of(t->observers[i], "position/step", path);
    kr_h5_append(h5, path, H5T_NATIVE_INT64, 0, NULL, number, 1, &signed_step);
    path_of(t->observers[i], "position/time", path);
    kr_h5_append(h5, path, H5T_NATIVE_DOUBLE, 0, NULL, number, 1, &time);
}

void kr_trajectory_kept_append(kr_h5 *h5, const kr_trajectory *t) {
    hsize_t row[2];
    size_of(t, row);
    for (size_t i = 0; i < t->observer_count; i++) {
        uint64_t count = kept_by(t, i) ? kept_by(t, i)->count(t->observers[i]) : 0;
        if (count <= t->kept_written[i]) continue;
        double *position = malloc((size_t)(row[0] * row[1]) * sizeof *position);
        if (!position) kr_h5_no_memory(h5, "positions that are kept");
        for (uint64_t k = t->kept_written[i]; position && k < count; k++) append(h5, t, i, k, position);
        free(position);
    }
}

void kr_trajectory_kept_done(kr_trajectory *t) {
    for (size_t i = 0; i < t->observer_count; i++)
        if (kept_by(t, i)) t->kept_written[i] = kept_by(t, i)->count(t->observers[i]);
}

void kr_trajectory_kept_cut(kr_h5 *h5, const kr_trajectory *t) {
    char path[PATH];
    hsize_t row[2];
    size_of(t, row);
    for (size_t i = 0; i < t->observer_count; i++) {
        if (!kept_by(t, i)) continue;
        uint64_t count = kept_by(t, i)->count(t->observers[i]);
        path_of(t->observers[i], "position/value", path);
        kr_h5_cut(h5, path, H5T_NATIVE_DOUBLE, 2, row, count);
        path_of(t->observers[i], "position/step", path);
        kr_h5_cut(h5, path, H5T_NATIVE_INT64, 0, NULL, count);
        path_of(t->observers[i], "position/time", path);
        kr_h5_cut(h5, path, H5T_NATIVE_DOUBLE, 0, NULL, count);
    }
}

/* ---- going on ---- */

static kr_status recall(kr_h5 *h5, kr_observer *observer, const hsize_t row[2], double *position, kr_error *error) {
    const kr_kept_positions *kept = observer->type->kept;
    kr_status status = KR_OK;
    size_t count = kept->count(observer);
    int64_t before = -1;
    for (size_t k = 0; k < count && status == KR_OK; k++) {
        char path[PATH];
        int64_t step;
        double time;
        path_of(observer, "position/value", path);
        bool good = kr_h5_read_row(h5, path, KR_H5_DOUBLE, 3, row, k, position);
        path_of(observer, "position/step", path);
        good = good && kr_h5_read_row(h5, path, KR_H5_INT64, 1, NULL, k, &step);
        if (good && step <= before) kr_h5_refuse(h5, path, "does not ascend from 0 on");
        good = good && kr_h5_good(h5);
        before = good ? step : before;
        path_of(observer, "position/time", path);
        good = good && kr_h5_read_row(h5, path, KR_H5_DOUBLE, 1, NULL, k, &time);
        if (!good) return h5->status;
        status = kept->set(observer, k, (uint64_t)step, time, position, error);
    }
    return status;
}

kr_status kr_trajectory_recall(const char *file, kr_observer *const *observers, size_t observer_count, uint64_t particles,
                               size_t dim, kr_error *error) {
    const hsize_t row[2] = {particles, dim};
    kr_store *store;
    kr_h5 h5;
    size_t kept = 0;
    for (size_t i = 0; i < observer_count; i++)
        if (observers[i]->type->kept) kept += observers[i]->type->kept->count(observers[i]);
    if (!kept) return KR_OK;
    double *position = malloc((size_t)particles * dim * sizeof *position);
    if (!position) return kr_fail(error, KR_NO_MEMORY, "%s: not enough memory for the positions that it keeps", file);
    kr_status status = kr_store_open(&store, file, KR_STORE_READ, error);
    if (status == KR_OK) {
        if (kr_store_begin(store, &h5, error)) {
            for (size_t i = 0; i < observer_count && status == KR_OK; i++)
                if (observers[i]->type->kept) status = recall(&h5, observers[i], row, position, error);
            kr_store_end(store, &h5, false);
        }
        if (status == KR_OK) status = h5.status;
        kr_store_destroy(store);
    }
    free(position);
    return status;
}
