#include "hdf5_write.h"

#include <stdio.h>
#include <string.h>

enum { CHUNK_LEAST = 8 << 10, CHUNK_MOST = 1 << 20 }; /* bytes */

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

/* plain: properties of a new one; closed here. */
static hid_t make_group(kr_h5 *h5, hid_t parent, const char *name, hid_t plain) {
    hid_t link = with_parents();
    hid_t group = kr_h5_checked(h5, H5Gcreate2(parent, name, link, plain, H5P_DEFAULT), "create", name);
    H5Pclose(plain);
    H5Pclose(link);
    return group;
}

hid_t kr_h5_group(kr_h5 *h5, hid_t parent, const char *name) {
    if (!kr_h5_good(h5)) return H5I_INVALID_HID;
    if (H5Lexists(parent, name, h5->inside) > 0) return kr_h5_checked(h5, H5Oopen(parent, name, h5->inside), "open", name);
    return make_group(h5, parent, name, without_times(H5P_GROUP_CREATE));
}

void kr_h5_make_way(kr_h5 *h5, const char *path) {
    char part[256];
    H5O_info_t about;
    for (size_t i = 1; kr_h5_good(h5) && path[i] && i < sizeof part; i++) {
        if (path[i] != '/') continue;
        snprintf(part, sizeof part, "%.*s", (int)i, path);
        H5L_info_t link;
        if (H5Lexists(h5->file, part, h5->inside) <= 0) return;
        bool is_group = H5Lget_info(h5->file, part, &link, h5->inside) >= 0 && link.type == H5L_TYPE_HARD &&
                        H5Oget_info_by_name2(h5->file, part, &about, H5O_INFO_BASIC, h5->inside) >= 0 &&
                        about.type == H5O_TYPE_GROUP;
        if (!is_group) kr_h5_checked(h5, H5Ldelete(h5->file, part, h5->inside), "replace", part);
    }
}

hid_t kr_h5_ordered_group(kr_h5 *h5, hid_t parent, const char *name) {
    if (!kr_h5_good(h5)) return H5I_INVALID_HID;
    hid_t plain = without_times(H5P_GROUP_CREATE);
    H5Pset_link_creation_order(plain, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    return make_group(h5, parent, name, plain);
}

void kr_h5_attribute(kr_h5 *h5, hid_t parent, const char *name, hid_t type, size_t count, const void *values) {
    if (!kr_h5_good(h5)) return;
    if (H5Aexists(parent, name) > 0 && H5Adelete(parent, name) < 0) {
        kr_h5_fail(h5, "replace an attribute");
        return;
    }
    hsize_t size = count;
    hid_t space = count > 0 ? H5Screate_simple(1, &size, NULL) : H5Screate(H5S_SCALAR);
    hid_t attribute = kr_h5_checked(h5, H5Acreate2(parent, name, type, space, H5P_DEFAULT, H5P_DEFAULT), "create attribute", name);
    if (attribute >= 0) kr_h5_checked(h5, H5Awrite(attribute, type, values), "write attribute", name);
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

void kr_h5_natural(kr_h5 *h5, hid_t parent, const char *name, uint64_t value) {
    if (value <= INT64_MAX)
        kr_h5_integer(h5, parent, name, (int64_t)value);
    else
        kr_h5_attribute(h5, parent, name, H5T_NATIVE_UINT64, 0, &value);
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
    hid_t set = kr_h5_checked(h5, H5Dcreate2(parent, path, type, space, link, plain, H5P_DEFAULT), "create", path);
    if (set >= 0 && data) kr_h5_checked(h5, H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "write", path);
    kr_h5_close(set);
    H5Pclose(plain);
    H5Pclose(link);
    H5Sclose(space);
}

void kr_h5_plain(kr_h5 *h5, hid_t parent, const char *path, hid_t type, size_t rank, const hsize_t *size, const void *data) {
    if (!kr_h5_good(h5)) return;
    bool empty = false;
    for (size_t i = 0; i < rank; i++) empty = empty || size[i] == 0;
    hid_t space = rank > 0 ? H5Screate_simple((int)rank, size, NULL) : H5Screate(H5S_SCALAR);
    hid_t plain = without_times(H5P_DATASET_CREATE);
    hid_t set = kr_h5_checked(h5, H5Dcreate2(parent, path, type, space, H5P_DEFAULT, plain, H5P_DEFAULT), "create", path);
    if (set >= 0 && !empty) kr_h5_checked(h5, H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "write", path);
    kr_h5_close(set);
    H5Pclose(plain);
    H5Sclose(space);
}

void kr_h5_fixed_text(kr_h5 *h5, hid_t parent, const char *path, const char *text) {
    hid_t type = kr_h5_text_type(strlen(text));
    kr_h5_fixed(h5, parent, path, type, 0, NULL, text[0] ? text : NULL);
    H5Tclose(type);
}

void kr_h5_fixed_texts(kr_h5 *h5, hid_t parent, const char *path, size_t count, const char *const *texts) {
    hid_t type = H5Tcopy(H5T_C_S1);
    hsize_t size = count;
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    kr_h5_fixed(h5, parent, path, type, 1, &size, texts);
    H5Tclose(type);
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
    hsize_t size[1 + KR_H5_ROW_RANK] = {0}, limit[1 + KR_H5_ROW_RANK] = {H5S_UNLIMITED}, chunk[1 + KR_H5_ROW_RANK];
    for (size_t i = 0; i < rank; i++) size[1 + i] = limit[1 + i] = row[i];
    choose_chunk(H5Tget_size(type), rank, row, flush, chunk);
    hid_t space = H5Screate_simple((int)rank + 1, size, limit);
    hid_t plain = without_times(H5P_DATASET_CREATE), link = with_parents();
    H5Pset_chunk(plain, (int)rank + 1, chunk);
    kr_h5_close(kr_h5_checked(h5, H5Dcreate2(parent, path, type, space, link, plain, H5P_DEFAULT), "create", path));
    H5Pclose(plain);
    H5Pclose(link);
    H5Sclose(space);
}

/* Its rows as they are now; false: it is no series of such rows, which has failed. */
static bool rows_of(kr_h5 *h5, hid_t set, const char *path, size_t rank, const hsize_t *row, hsize_t *rows) {
    hsize_t size[1 + KR_H5_ROW_RANK] = {0};
    hid_t space = set >= 0 ? H5Dget_space(set) : H5I_INVALID_HID;
    bool fits =
        space >= 0 && H5Sget_simple_extent_ndims(space) == (int)rank + 1 && H5Sget_simple_extent_dims(space, size, NULL) > 0;
    for (size_t i = 0; i < rank && fits; i++) fits = size[1 + i] == row[i];
    if (!fits) kr_h5_refuse(h5, path, "has not the axes that this scene gives it");
    kr_h5_close(space);
    *rows = size[0];
    return fits;
}

/* Rows begin .. begin + rows - 1, which are there. */
static void write_rows(kr_h5 *h5, hid_t set, const char *path, hid_t type, size_t rank, const hsize_t *row, uint64_t begin,
                       uint64_t rows, const void *data) {
    hsize_t size[1 + KR_H5_ROW_RANK] = {rows}, first[1 + KR_H5_ROW_RANK] = {begin};
    for (size_t i = 0; i < rank; i++) size[1 + i] = row[i];
    hid_t space = kr_h5_checked(h5, H5Dget_space(set), "open", path);
    hid_t memory = kr_h5_checked(h5, H5Screate_simple((int)rank + 1, size, NULL), "describe", path);
    if (kr_h5_good(h5)) {
        H5Sselect_hyperslab(space, H5S_SELECT_SET, first, NULL, size, NULL);
        kr_h5_checked(h5, H5Dwrite(set, type, memory, space, H5P_DEFAULT, data), "write", path);
    }
    kr_h5_close(memory);
    kr_h5_close(space);
}

void kr_h5_replace_row(kr_h5 *h5, const char *path, hid_t type, size_t rank, const hsize_t *row_size, uint64_t row,
                       const void *data) {
    if (!kr_h5_good(h5)) return;
    hid_t set = kr_h5_open_set(h5, path);
    hsize_t there;
    if (rows_of(h5, set, path, rank, row_size, &there)) {
        if (row < there)
            write_rows(h5, set, path, type, rank, row_size, row, 1, data);
        else
            kr_h5_refuse(h5, path, "has not the row that is to be written");
    }
    kr_h5_close(set);
}

void kr_h5_append(kr_h5 *h5, const char *path, hid_t type, size_t rank, const hsize_t *row, uint64_t from, uint64_t rows,
                  const void *data) {
    if (!kr_h5_good(h5) || rows == 0) return;
    hid_t set = kr_h5_open_set(h5, path);
    hsize_t there, size[1 + KR_H5_ROW_RANK] = {from + rows};
    for (size_t i = 0; i < rank; i++) size[1 + i] = row[i];
    if (rows_of(h5, set, path, rank, row, &there)) {
        if (there != from) /* never: the commit's counts are the extents */
            kr_h5_fail(h5, "append in the right place");
        else if (kr_h5_checked(h5, H5Dset_extent(set, size), "extend", path) >= 0)
            write_rows(h5, set, path, type, rank, row, from, rows, data);
    }
    kr_h5_close(set);
}

/* Whether it grows, and with values of this type; tables of other versions may have other columns. */
static bool is_series(kr_h5 *h5, hid_t set, const char *path, hid_t type) {
    hsize_t limit[1 + KR_H5_ROW_RANK];
    hid_t plan = H5Dget_create_plist(set), space = H5Dget_space(set), stored = H5Dget_type(set);
    bool grows = plan >= 0 && space >= 0 && H5Pget_layout(plan) == H5D_CHUNKED &&
                 H5Sget_simple_extent_dims(space, NULL, limit) > 0 && limit[0] == H5S_UNLIMITED;
    if (!grows)
        kr_h5_refuse(h5, path, "has a fixed size, but it must grow");
    else if (stored < 0 ||
             (H5Tget_class(type) == H5T_COMPOUND ? H5Tget_class(stored) != H5T_COMPOUND : H5Tequal(stored, type) <= 0))
        kr_h5_refuse(h5, path, "has values of another type than this scene gives it");
    kr_h5_close(stored);
    kr_h5_close(space);
    kr_h5_close(plan);
    return kr_h5_good(h5);
}

/* HDF5 looks at the place of every chunk that goes, also of those that were never written: a set that says it is endless would keep
 * it busy without an end. */
static bool is_filled(kr_h5 *h5, hid_t set, const char *path, hsize_t rows) {
    hsize_t chunk[1 + KR_H5_ROW_RANK] = {0}, chunks = 0;
    hid_t plan = H5Dget_create_plist(set), space = H5Dget_space(set);
    bool known = plan >= 0 && H5Pget_chunk(plan, 1 + KR_H5_ROW_RANK, chunk) > 0 && H5Dget_num_chunks(set, space, &chunks) >= 0;
    if (!known)
        kr_h5_fail(h5, "count the chunks of a series");
    else if (rows / chunk[0] > chunks)
        kr_h5_refuse(h5, path, "says that it has more rows than are in the file");
    kr_h5_close(space);
    kr_h5_close(plan);
    return kr_h5_good(h5);
}

void kr_h5_cut(kr_h5 *h5, const char *path, hid_t type, size_t rank, const hsize_t *row, uint64_t rows) {
    if (!kr_h5_good(h5)) return;
    hid_t set = kr_h5_open_set(h5, path);
    hsize_t there, size[1 + KR_H5_ROW_RANK] = {rows};
    for (size_t i = 0; i < rank; i++) size[1 + i] = row[i];
    if (rows_of(h5, set, path, rank, row, &there) && is_series(h5, set, path, type)) {
        if (there > rows && is_filled(h5, set, path, there))
            kr_h5_checked(h5, H5Dset_extent(set, size), "shorten", path);
        else if (there < rows)
            kr_h5_refuse(h5, path, "has not all the rows that were flushed");
    }
    kr_h5_close(set);
}

void kr_h5_remove(kr_h5 *h5, const char *path) {
    if (kr_h5_exists(h5, path)) kr_h5_checked(h5, H5Ldelete(h5->file, path, H5P_DEFAULT), "replace", path);
}

void kr_h5_remove_attribute(kr_h5 *h5, hid_t parent, const char *name) {
    if (!kr_h5_good(h5) || H5Aexists(parent, name) <= 0) return;
    if (H5Adelete(parent, name) < 0) kr_h5_fail(h5, "remove an attribute");
}

void kr_h5_link(kr_h5 *h5, const char *from, const char *to) {
    if (kr_h5_good(h5)) kr_h5_checked(h5, H5Lcreate_hard(h5->file, from, h5->file, to, H5P_DEFAULT, H5P_DEFAULT), "link", to);
}

static hid_t member_type(const kr_h5_column *column) {
    switch (column->member) {
    case KR_H5_MEMBER_DOUBLE: return H5Tcopy(H5T_NATIVE_DOUBLE);
    case KR_H5_MEMBER_UINT64: return H5Tcopy(H5T_NATIVE_UINT64);
    case KR_H5_MEMBER_UINT32: return H5Tcopy(H5T_NATIVE_UINT32);
    case KR_H5_MEMBER_UINT8: return H5Tcopy(H5T_NATIVE_UINT8);
    default: return kr_h5_text_type(column->size);
    }
}

hid_t kr_h5_table_type(const kr_h5_column *columns, size_t row_bytes, bool packed) {
    hid_t table = H5Tcreate(H5T_COMPOUND, row_bytes);
    for (const kr_h5_column *column = columns; column->name; column++) {
        hid_t type = member_type(column);
        H5Tinsert(table, column->name, column->offset, type);
        H5Tclose(type);
    }
    if (packed) H5Tpack(table);
    return table;
}
