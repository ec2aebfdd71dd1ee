#include "h5md.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_LEAST = 8 << 10, CHUNK_MOST = 1 << 20 }; /* bytes */

kr_status kr_store_fail_hdf5(kr_store *store, const char *what, kr_error *error);

bool kr_h5_begin(kr_h5 *h5, kr_store *store, kr_error *error) {
    *h5 = (kr_h5){.store = store, .error = error};
    h5->status = kr_store_begin(store, &h5->file, error);
    return h5->status == KR_OK;
}

kr_status kr_h5_end(kr_h5 *h5) {
    if (h5->file < 0) return h5->status;
    kr_status closed = kr_store_end(h5->store, h5->file, h5->status == KR_OK, h5->error);
    return h5->status != KR_OK ? h5->status : closed;
}

void kr_h5_fail(kr_h5 *h5, const char *what) {
    if (h5->status == KR_OK) h5->status = kr_store_fail_hdf5(h5->store, what, h5->error);
}

bool kr_h5_good(const kr_h5 *h5) {
    return h5->status == KR_OK;
}

void kr_h5_close(hid_t object) {
    if (object >= 0) H5Idec_ref(object);
}

/* Checks what a call gave back. */
static hid_t checked(kr_h5 *h5, hid_t result, const char *what, const char *name) {
    char text[160];
    if (result >= 0) return result;
    snprintf(text, sizeof text, "%s %s", what, name);
    kr_h5_fail(h5, text);
    return H5I_INVALID_HID;
}

static hid_t without_times(hid_t class) {
    hid_t list = H5Pcreate(class);
    H5Pset_obj_track_times(list, 0); /* equal runs make equal files */
    return list;
}

static hid_t with_parents(void) {
    hid_t list = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(list, 1);
    return list;
}

bool kr_h5_exists(kr_h5 *h5, const char *path) {
    char part[256];
    for (size_t i = 1; kr_h5_good(h5) && path[i - 1]; i++) { /* HDF5 asks level by level */
        if (path[i] && path[i] != '/') continue;
        snprintf(part, sizeof part, "%.*s", (int)i, path);
        if (strcmp(part, "/") != 0 && H5Lexists(h5->file, part, H5P_DEFAULT) <= 0) return false;
    }
    return kr_h5_good(h5);
}

hid_t kr_h5_group(kr_h5 *h5, hid_t parent, const char *name) {
    if (!kr_h5_good(h5)) return H5I_INVALID_HID;
    if (H5Lexists(parent, name, H5P_DEFAULT) > 0) return checked(h5, H5Gopen2(parent, name, H5P_DEFAULT), "open", name);
    hid_t plain = without_times(H5P_GROUP_CREATE), link = with_parents();
    hid_t group = checked(h5, H5Gcreate2(parent, name, link, plain, H5P_DEFAULT), "create", name);
    H5Pclose(plain);
    H5Pclose(link);
    return group;
}

hid_t kr_h5_text_type(size_t length) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length > 0 ? length : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

void kr_h5_attribute(kr_h5 *h5, hid_t parent, const char *name, hid_t type, size_t count, const void *values) {
    if (!kr_h5_good(h5)) return;
    if (H5Aexists(parent, name) > 0 && H5Adelete(parent, name) < 0) {
        kr_h5_fail(h5, "replace an attribute");
        return;
    }
    hsize_t size = count;
    hid_t space = count > 0 ? H5Screate_simple(1, &size, NULL) : H5Screate(H5S_SCALAR);
    hid_t attribute = checked(h5, H5Acreate2(parent, name, type, space, H5P_DEFAULT, H5P_DEFAULT), "create attribute", name);
    if (attribute >= 0) checked(h5, H5Awrite(attribute, type, values), "write attribute", name);
    kr_h5_close(attribute);
    H5Sclose(space);
}

void kr_h5_text(kr_h5 *h5, hid_t parent, const char *name, const char *text) {
    hid_t type = kr_h5_text_type(strlen(text));
    kr_h5_attribute(h5, parent, name, type, 0, text);
    H5Tclose(type);
}

void kr_h5_integer(kr_h5 *h5, hid_t parent, const char *name, int64_t value) {
    kr_h5_attribute(h5, parent, name, H5T_NATIVE_INT64, 0, &value);
}

void kr_h5_number(kr_h5 *h5, hid_t parent, const char *name, double value) {
    kr_h5_attribute(h5, parent, name, H5T_NATIVE_DOUBLE, 0, &value);
}

void kr_h5_fixed(kr_h5 *h5, hid_t parent, const char *path, hid_t type, size_t rank, const hsize_t *size, const void *data) {
    if (!kr_h5_good(h5)) return;
    hid_t space = rank > 0 ? H5Screate_simple((int)rank, size, NULL) : H5Screate(H5S_SCALAR);
    hid_t plain = without_times(H5P_DATASET_CREATE), link = with_parents();
    H5Pset_layout(plain, H5D_CONTIGUOUS);
    H5Pset_alloc_time(plain, H5D_ALLOC_TIME_EARLY);
    /* Zeros are really written, so that the disk cannot be full later; texts of any length need them anyhow. */
    bool variable = H5Tis_variable_str(type) > 0;
    H5Pset_fill_time(plain, data && !variable ? H5D_FILL_TIME_NEVER : H5D_FILL_TIME_ALLOC);
    hid_t set = checked(h5, H5Dcreate2(parent, path, type, space, link, plain, H5P_DEFAULT), "create", path);
    if (set >= 0 && data) checked(h5, H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "write", path);
    kr_h5_close(set);
    H5Pclose(plain);
    H5Pclose(link);
    H5Sclose(space);
}

/* Chunks hold a whole number of flushes, or a flush is a whole number of chunks, so that flushes seldom touch old chunks. */
static void choose_chunk(size_t bytes, size_t rank, const hsize_t *row, uint64_t flush, hsize_t *chunk) {
    uint64_t row_bytes = bytes, rows = flush;
    for (size_t i = 0; i < rank; i++) {
        chunk[1 + i] = row[i];
        row_bytes *= row[i];
    }
    if (row_bytes > CHUNK_MOST && rank > 0) { /* a part of a row */
        uint64_t parts = (row_bytes + CHUNK_MOST - 1) / CHUNK_MOST;
        chunk[1] = (row[0] + parts - 1) / parts;
        rows = 1;
    } else if (rows * row_bytes > CHUNK_MOST) {
        while (rows * row_bytes > CHUNK_MOST) { /* the largest divisor that fits */
            uint64_t divisor = 2;
            while (rows % divisor != 0) divisor++;
            rows /= divisor;
        }
        if (rows * row_bytes < CHUNK_LEAST) rows = CHUNK_MOST / row_bytes; /* flush has no good divisor */
    } else if (rows * row_bytes < CHUNK_LEAST) {
        rows *= (CHUNK_LEAST + rows * row_bytes - 1) / (rows * row_bytes);
    }
    chunk[0] = rows;
}

void kr_h5_series(kr_h5 *h5, hid_t parent, const char *path, hid_t type, size_t rank, const hsize_t *row, uint64_t flush) {
    if (!kr_h5_good(h5)) return;
    hsize_t size[3] = {0}, limit[3] = {H5S_UNLIMITED}, chunk[3];
    for (size_t i = 0; i < rank; i++) size[1 + i] = limit[1 + i] = row[i];
    choose_chunk(H5Tget_size(type), rank, row, flush, chunk);
    hid_t space = H5Screate_simple((int)rank + 1, size, limit);
    hid_t plain = without_times(H5P_DATASET_CREATE), link = with_parents();
    H5Pset_chunk(plain, (int)rank + 1, chunk);
    kr_h5_close(checked(h5, H5Dcreate2(parent, path, type, space, link, plain, H5P_DEFAULT), "create", path));
    H5Pclose(plain);
    H5Pclose(link);
    H5Sclose(space);
}

void kr_h5_append(kr_h5 *h5, const char *path, hid_t type, uint64_t from, uint64_t rows, const void *data) {
    if (!kr_h5_good(h5) || rows == 0) return;
    hid_t set = checked(h5, H5Dopen2(h5->file, path, H5P_DEFAULT), "open", path), space = H5I_INVALID_HID, memory = H5I_INVALID_HID;
    hsize_t size[3] = {0}, begin[3] = {from};
    if (set >= 0) space = checked(h5, H5Dget_space(set), "open", path);
    int rank = space >= 0 ? H5Sget_simple_extent_dims(space, size, NULL) : 0;
    kr_h5_close(space);
    if (rank < 1) goto end;
    if (size[0] != from) { /* never: the commit's counts are the extents */
        kr_h5_fail(h5, "append in the right place");
        goto end;
    }
    size[0] = from + rows;
    checked(h5, H5Dset_extent(set, size), "extend", path);
    space = checked(h5, H5Dget_space(set), "open", path);
    size[0] = rows;
    memory = checked(h5, H5Screate_simple(rank, size, NULL), "describe", path);
    if (kr_h5_good(h5)) {
        H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, size, NULL);
        checked(h5, H5Dwrite(set, type, memory, space, H5P_DEFAULT, data), "write", path);
    }
    kr_h5_close(space);
    kr_h5_close(memory);
end:
    kr_h5_close(set);
}

void kr_h5_cut(kr_h5 *h5, const char *path, uint64_t rows) {
    if (!kr_h5_good(h5)) return;
    hid_t set = checked(h5, H5Dopen2(h5->file, path, H5P_DEFAULT), "open", path);
    hid_t space = set >= 0 ? H5Dget_space(set) : H5I_INVALID_HID;
    hsize_t size[3] = {0};
    if (space >= 0 && H5Sget_simple_extent_dims(space, size, NULL) > 0 && size[0] > rows) {
        size[0] = rows;
        checked(h5, H5Dset_extent(set, size), "shorten", path);
    } else if (set >= 0 && size[0] < rows) {
        kr_h5_fail(h5, "find all flushed rows");
    }
    kr_h5_close(space);
    kr_h5_close(set);
}

void kr_h5_remove(kr_h5 *h5, const char *path) {
    if (kr_h5_exists(h5, path)) checked(h5, H5Ldelete(h5->file, path, H5P_DEFAULT), "replace", path);
}
