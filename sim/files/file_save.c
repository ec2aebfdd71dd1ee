/* A whole file from what is whole in a damaged one. */
#include "file_examine.h"
#include "h5md.h"

#include <kramers/file_check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 20 };

typedef struct salvage {
    kr_h5 *from, *to;
    kr_store *source;
    const kr_examined *examined;
    uint64_t frames, rows; /* of trajectories, of tables */
} salvage;

static bool begins(const char *text, const char *with) {
    return !strncmp(text, with, strlen(with));
}

/* ---- how much of a data set ---- */

/* The fewest whole rows of the data sets whose paths begin so. */
static uint64_t fewest(const kr_examined *examined, const char *path, size_t length) {
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < examined->count; i++)
        if (!strncmp(examined->set[i].path, path, length) && examined->set[i].whole < least) least = examined->set[i].whole;
    return least;
}

/* false: nothing of it. Series that belong together keep the same rows. */
static bool rows_to_keep(const salvage *s, const kr_examined_set *set, uint64_t *rows) {
    *rows = set->rows;
    if (begins(set->path, "/columns/"))
        *rows = s->rows;
    else if (set->series && (begins(set->path, "/particles/trajectory/") || begins(set->path, "/observables/")))
        *rows = s->frames;
    else if (set->series && begins(set->path, "/particles/"))
        *rows = fewest(s->examined, set->path, (size_t)(strrchr(set->path, '/') + 1 - set->path));
    else if (set->series)
        *rows = set->whole;
    else
        return !set->damaged;
    if (*rows > set->whole) *rows = set->whole;
    return true;
}

/* ---- objects ---- */

typedef struct attribute_copy {
    salvage *s;
    hid_t to;
} attribute_copy;

static herr_t copy_attribute(hid_t from, const char *name, const H5A_info_t *info, void *context) {
    (void)info;
    const attribute_copy *c = context;
    hid_t old = H5Aopen(from, name, H5P_DEFAULT), type = old >= 0 ? H5Aget_type(old) : H5I_INVALID_HID,
          space = old >= 0 ? H5Aget_space(old) : H5I_INVALID_HID;
    hssize_t count = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
    size_t width = type >= 0 ? H5Tget_size(type) : 0; /* not info->data_size, which is a product that may have overflowed */
    void *values = width && count > 0 && (size_t)count < PIECE / width ? calloc((size_t)count, width) : NULL;
    if (values && H5Aread(old, type, values) >= 0 && H5Aexists(c->to, name) <= 0) {
        hid_t made = H5Acreate2(c->to, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
        if (made >= 0) kr_h5_checked(c->s->to, H5Awrite(made, type, values), "write attribute", name);
        kr_h5_close(made);
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
    }
    free(values);
    kr_h5_close(space);
    kr_h5_close(type);
    kr_h5_close(old);
    return 0;
}

static void copy_attributes(salvage *s, hid_t from, hid_t to) {
    hsize_t index = 0;
    if (to >= 0) H5Aiterate2(from, H5_INDEX_NAME, H5_ITER_NATIVE, &index, copy_attribute, &(attribute_copy){s, to});
}

static void copy_group(salvage *s, hid_t from, const char *path) {
    hid_t plan = H5Gget_create_plist(from), made = H5I_INVALID_HID;
    if (plan >= 0) H5Pset_obj_track_times(plan, false); /* equal files have equal bytes, whenever they are made */
    if (kr_h5_exists(s->to, path))
        made = H5Oopen(s->to->file, path, s->to->inside);
    else if (plan >= 0)
        made = kr_h5_checked(s->to, H5Gcreate2(s->to->file, path, H5P_DEFAULT, plan, H5P_DEFAULT), "create", path);
    copy_attributes(s, from, made);
    kr_h5_close(made);
    kr_h5_close(plan);
}

static void copy_rows(salvage *s, hid_t from, hid_t to, hid_t type, const char *path, uint64_t rows, size_t row_bytes) {
    uint64_t piece = row_bytes && row_bytes < PIECE ? PIECE / row_bytes : 1;
    void *bytes = calloc((size_t)piece, row_bytes + 1);
    if (!bytes) kr_h5_no_memory(s->to, path);
    for (uint64_t row = 0; bytes && kr_h5_good(s->to) && row < rows; row += piece) {
        uint64_t some = rows - row < piece ? rows - row : piece;
        bool good = kr_h5_raw_rows(from, type, row, some, bytes, false) && kr_h5_raw_rows(to, type, row, some, bytes, true);
        kr_h5_checked(s->to, good ? 0 : -1, "copy", path);
    }
    free(bytes);
}

/* The first rows of it, and its attributes. */
static void copy_set(salvage *s, hid_t from, const char *path, uint64_t rows) {
    hsize_t size[KR_H5_RANK] = {0}, most[KR_H5_RANK] = {0};
    hid_t type = H5Dget_type(from), plan = H5Dget_create_plist(from), old = H5Dget_space(from);
    int rank = old >= 0 ? H5Sget_simple_extent_ndims(old) : -1;
    if (type < 0 || plan < 0 || rank < 0 || rank > KR_H5_RANK) return;
    size_t row_bytes = H5Tget_size(type);
    H5Pset_obj_track_times(plan, false);
    if (rank > 0) H5Sget_simple_extent_dims(old, size, most);
    size[0] = rank > 0 ? rows : 0;
    for (int i = 1; i < rank; i++) row_bytes *= size[i];
    if (rank > 0 && most[0] != H5S_UNLIMITED) most[0] = rows;
    hid_t space = rank > 0 ? H5Screate_simple(rank, size, most) : H5Screate(H5S_SCALAR);
    hid_t to = kr_h5_checked(s->to, H5Dcreate2(s->to->file, path, type, space, H5P_DEFAULT, plan, H5P_DEFAULT), "create", path);
    if (to >= 0 && (rows || rank == 0)) copy_rows(s, from, to, type, path, rank > 0 ? rows : 1, row_bytes);
    copy_attributes(s, from, to);
    kr_h5_close(to);
    kr_h5_close(space);
    kr_h5_close(old);
    kr_h5_close(plan);
    kr_h5_close(type);
}

static void copy_object(void *context, hid_t object, const char *path, const char *same) {
    salvage *s = context;
    uint64_t rows;
    if (!kr_h5_good(s->to)) return;
    if (same) {
        if (kr_h5_exists(s->to, same)) kr_h5_link(s->to, same, path);
        return;
    }
    if (H5Iget_type(object) == H5I_GROUP) {
        copy_group(s, object, path);
        return;
    }
    const kr_examined_set *set = kr_examined_find(s->examined, path);
    if (!set || kr_checkpoint_owns(path) || !rows_to_keep(s, set, &rows)) return;
    hid_t type = H5Dget_type(object);
    bool variable = type >= 0 && H5Tis_variable_str(type) > 0; /* HDF5 knows best how to copy them */
    kr_h5_close(type);
    if (!variable)
        copy_set(s, object, path, rows);
    else if (rows == set->rows)
        kr_h5_checked(s->to, H5Ocopy(s->from->file, path, s->to->file, path, H5P_DEFAULT, H5P_DEFAULT), "copy", path);
}

static void lose(void *context, const char *path) {
    (void)context, (void)path; /* the report has it */
}

/* ---- the file ---- */

static void set_number(salvage *s, const char *place, const char *name, uint64_t value) {
    if (!kr_h5_exists(s->to, place) && strcmp(place, "/") != 0) return;
    hid_t group = H5Oopen(s->to->file, place, s->to->inside);
    if (group >= 0) kr_h5_natural(s->to, group, name, value);
    kr_h5_close(group);
}

static void copy_all(salvage *s, const kr_file_report *report) {
    hid_t from = H5Oopen(s->from->file, "/", s->from->inside), to = H5Oopen(s->to->file, "/", s->to->inside);
    if (from >= 0) copy_attributes(s, from, to);
    kr_h5_close(from);
    kr_h5_close(to);
    kr_h5_visit(s->from, copy_object, lose, s);
    const kr_examined_set *events = kr_examined_find(s->examined, kr_events_path);
    if (report->kind == KR_FILE_TRAJECTORY) kr_checkpoint_save(s->from, s->source, s->to, s->frames, events ? events->whole : 0);
    if (report->kind == KR_FILE_SWEEP) set_number(s, "/", "points_done", s->rows);
    set_number(s, report->kind == KR_FILE_SWEEP ? "/" : "/parameters/kramers", KR_FORMAT_ATTRIBUTE, KR_FILE_FORMAT);
}

static kr_status save_into(kr_store *made, salvage *s, const kr_file_report *report, kr_error *error) {
    kr_h5 to;
    if (!kr_store_begin(made, &to, error)) return to.status;
    /* cppcheck-suppress autoVariables ; until the end of copy_all */
    s->to = &to;
    copy_all(s, report);
    s->to = NULL;
    if (report->kind == KR_FILE_TRAJECTORY) kr_checkpoint_leave_out(&to, made);
    return kr_store_end(made, &to, true);
}

kr_status kr_file_save(kr_file_report *report, const char *file, const char *output, bool overwrite, kr_error *error) {
    kr_store *old = NULL, *made = NULL;
    kr_h5 from;
    kr_examined examined = {.count = 0};
    kr_status status = kr_file_check(report, file, error);
    if (status == KR_OK && report->kind == KR_FILE_OTHER)
        status =
            report->checksums
                ? kr_fail(error, KR_IO, "%s: so much of HDF5's own structures is damaged that nothing can be read.", file)
                : kr_fail(error, KR_BAD_ARGUMENT, "%s: kramers has not written it, and cannot tell what is whole in it.", file);
    if (status == KR_OK) status = kr_store_open(&old, file, KR_STORE_EXAMINE, error);
    if (status == KR_OK) status = kr_store_create(&made, output, overwrite, error);
    if (status == KR_OK && kr_store_begin(old, &from, error)) {
        salvage s = {.from = &from, .source = old, .examined = &examined, .frames = report->whole_frames};
        if (!kr_examine(&from, old, &examined)) status = kr_fail(error, KR_NO_MEMORY, "%s: there is no memory to save it.", file);
        s.rows = fewest(&examined, "/columns/", strlen("/columns/"));
        if (status == KR_OK) status = save_into(made, &s, report, error);
        kr_store_end(old, &from, false);
    } else if (status == KR_OK) {
        status = from.status;
    }
    if (status == KR_OK) status = kr_store_sync(made, error);
    if (status == KR_OK) status = kr_store_publish(made, error);
    if (status == KR_OK) status = kr_store_sync(made, error);
    kr_examined_destroy(&examined);
    kr_store_destroy(made);
    kr_store_destroy(old);
    return status;
}
