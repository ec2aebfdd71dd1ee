/* A sweep as HDF5: one dataset for each column below /columns, in the order of the table, rows in the order of the grid; /header
 * says which sweep it is, attributes say the same to people. No times inside: equal sweeps make equal files. */
#include "sweep_state.h"

#include <kramers/version.h>

#include <hdf5.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct output {
    const kr_sweep *sweep;
    hid_t file;
    bool failed;
} output;

static void close_object(hid_t object) {
    if (object >= 0) H5Idec_ref(object);
}

static hid_t without_times(hid_t class) {
    hid_t list = H5Pcreate(class);
    H5Pset_obj_track_times(list, 0);
    return list;
}

static hid_t text_type(size_t length) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length ? length : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

/* count 0: a scalar. */
static void put(output *out, hid_t parent, const char *name, hid_t type, size_t count, const void *data, bool scalar) {
    hsize_t size = count;
    hid_t space = scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &size, NULL), plain = without_times(H5P_DATASET_CREATE);
    hid_t set = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, plain, H5P_DEFAULT);
    if (set < 0 || (count && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)) out->failed = true;
    close_object(set);
    H5Pclose(plain);
    H5Sclose(space);
}

static void put_attribute(output *out, const char *name, hid_t type, const void *data) {
    hid_t space = H5Screate(H5S_SCALAR), attribute = H5Acreate2(out->file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, data) < 0) out->failed = true;
    close_object(attribute);
    H5Sclose(space);
}

static void put_text_attribute(output *out, const char *name, const char *text) {
    hid_t type = text_type(strlen(text));
    put_attribute(out, name, type, text);
    H5Tclose(type);
}

static void put_texts(output *out, hid_t parent, size_t column) {
    const kr_sweep *sweep = out->sweep;
    char cell[KR_SWEEP_CELL];
    size_t width = 1, row = 0;
    for (size_t i = 0; i < sweep->count; i++)
        if (kr_sweep_cell(sweep, i, column, cell) && strlen(cell) > width) width = strlen(cell);
    char *texts = calloc(sweep->done + 1, width);
    if (!texts) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < sweep->count; i++)
        if (kr_sweep_cell(sweep, i, column, cell)) memcpy(texts + width * row++, cell, strlen(cell));
    hid_t type = text_type(width);
    put(out, parent, sweep->column[column].name, type, sweep->done, texts, false);
    H5Tclose(type);
    free(texts);
}

static void put_numbers(output *out, hid_t parent, size_t column) {
    const kr_sweep *sweep = out->sweep;
    bool integers = sweep->column[column].kind == KR_SWEEP_INTEGER;
    double *number = calloc(sweep->done + 1, sizeof *number);
    int64_t *integer = calloc(sweep->done + 1, sizeof *integer);
    char cell[KR_SWEEP_CELL];
    size_t row = 0;
    for (size_t i = 0; i < sweep->count && number && integer; i++) {
        if (!kr_sweep_cell(sweep, i, column, cell)) continue;
        if (integers)
            integer[row++] = strtoll(cell, NULL, 10);
        else
            number[row++] = kr_sweep_number(sweep, i, column);
    }
    if (!number || !integer)
        out->failed = true;
    else if (integers)
        put(out, parent, sweep->column[column].name, H5T_STD_I64LE, sweep->done, integer, false);
    else
        put(out, parent, sweep->column[column].name, H5T_IEEE_F64LE, sweep->done, number, false);
    free(number);
    free(integer);
}

static void put_all(output *out) {
    const kr_sweep *sweep = out->sweep;
    hid_t plain = without_times(H5P_GROUP_CREATE), type = text_type(strlen(sweep->header));
    H5Pset_link_creation_order(plain, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    put_text_attribute(out, "creator", "kramers");
    put_text_attribute(out, "version", KR_VERSION);
    int64_t points = (int64_t)sweep->count, done = (int64_t)sweep->done;
    put_attribute(out, "points", H5T_NATIVE_INT64, &points);
    put_attribute(out, "points_done", H5T_NATIVE_INT64, &done);
    put(out, out->file, "header", type, 1, sweep->header, true);
    H5Tclose(type);
    type = text_type(strlen(sweep->scene_text));
    put(out, out->file, "scene", type, 1, sweep->scene_text, true);
    H5Tclose(type);
    hid_t columns = H5Gcreate2(out->file, "columns", H5P_DEFAULT, plain, H5P_DEFAULT);
    out->failed = out->failed || columns < 0;
    for (size_t i = 0; i < sweep->column_count && !out->failed; i++) {
        if (sweep->column[i].kind == KR_SWEEP_TEXT)
            put_texts(out, columns, i);
        else
            put_numbers(out, columns, i);
    }
    close_object(columns);
    H5Pclose(plain);
}

static kr_status write_file(const kr_sweep *sweep, const char *name, const char *fresh, kr_error *error) {
    output out = {.sweep = sweep};
    errno = 0;
    hid_t create = without_times(H5P_FILE_CREATE);
    out.file = H5Fcreate(fresh, H5F_ACC_TRUNC, create, H5P_DEFAULT);
    H5Pclose(create);
    out.failed = out.file < 0;
    if (!out.failed) put_all(&out);
    if (out.file >= 0 && H5Fclose(out.file) < 0) out.failed = true;
    if (!out.failed && !rename(fresh, name)) return KR_OK;
    kr_status status =
        kr_fail(error, KR_IO, "%s: the table could not be written: %s", name, errno ? strerror(errno) : "HDF5 refused");
    unlink(fresh);
    return status;
}

kr_status kr_sweep_hdf5_write(const kr_sweep *sweep, const char *name, kr_error *error) {
    size_t length = strlen(name) + 5;
    char *fresh = malloc(length);
    kr_status status;
    if (!fresh) return kr_fail(error, KR_NO_MEMORY, "not enough memory to write %s", name);
    snprintf(fresh, length, "%s.new", name);
    H5E_BEGIN_TRY {
        status = write_file(sweep, name, fresh, error);
    }
    H5E_END_TRY
    free(fresh);
    return status;
}

/* ---- reading ---- */

/* A text of one dataset, malloc'd; NULL: there is none. */
static char *get_text(hid_t file, const char *name) {
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT), type = set >= 0 ? H5Dget_type(set) : -1;
    size_t size = type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 ? H5Tget_size(type) : 0;
    char *text = size ? calloc(size + 1, 1) : NULL;
    hid_t space = set >= 0 ? H5Dget_space(set) : -1;
    if (text && (H5Sget_simple_extent_npoints(space) != 1 || H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0)) {
        free(text);
        text = NULL;
    }
    close_object(space);
    close_object(type);
    close_object(set);
    return text;
}

/* A column of rows values, malloc'd, texts with *width places each; NULL: not there, or not so long. */
static void *get_column(hid_t file, const kr_sweep_column *column, size_t rows, size_t *width) {
    char path[512];
    snprintf(path, sizeof path, "/columns/%s", column->name);
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT), space = set >= 0 ? H5Dget_space(set) : -1;
    hid_t type = set < 0                            ? -1
                 : column->kind == KR_SWEEP_TEXT    ? H5Dget_type(set)
                 : column->kind == KR_SWEEP_INTEGER ? H5Tcopy(H5T_NATIVE_INT64)
                                                    : H5Tcopy(H5T_NATIVE_DOUBLE);
    void *data = NULL;
    *width = type >= 0 ? H5Tget_size(type) : 0;
    if (*width && H5Sget_simple_extent_npoints(space) == (hssize_t)rows) data = calloc(rows + 1, *width);
    if (data && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) {
        free(data);
        data = NULL;
    }
    close_object(type);
    close_object(space);
    close_object(set);
    return data;
}

typedef struct table {
    void **data;
    size_t *width;
    int64_t *integer;
    double *number;
    char **text;
} table;

static kr_status accept_rows(kr_sweep *sweep, const table *t, size_t rows, const char *name, kr_error *error) {
    kr_status status = KR_OK;
    char buffer[KR_SWEEP_CELL];
    for (size_t r = 0; r < rows && !status; r++) {
        for (size_t c = 0; c < sweep->column_count; c++) {
            const char *at = (const char *)t->data[c] + r * t->width[c];
            if (sweep->column[c].kind == KR_SWEEP_INTEGER)
                memcpy(&t->integer[c], at, sizeof(int64_t));
            else if (sweep->column[c].kind != KR_SWEEP_TEXT)
                memcpy(&t->number[c], at, sizeof(double));
            else if (c > sweep->axis_count) { /* the status is the only text; axes are known */
                size_t width = t->width[c] < sizeof buffer - 1 ? t->width[c] : sizeof buffer - 1;
                memcpy(buffer, at, width);
                buffer[width] = 0;
                t->text[c] = buffer;
            }
        }
        status = kr_sweep_row_restore(sweep, t->integer, t->number, t->text, name, error);
    }
    return status;
}

static kr_status read_rows(kr_sweep *sweep, hid_t file, const char *name, kr_error *error) {
    size_t columns = sweep->column_count;
    int64_t rows = -1;
    hid_t attribute = H5Aopen(file, "points_done", H5P_DEFAULT);
    if (attribute < 0 || H5Aread(attribute, H5T_NATIVE_INT64, &rows) < 0 || rows < 0 || (uint64_t)rows > sweep->count) rows = -1;
    close_object(attribute);
    table t = {.data = calloc(columns, sizeof *t.data),
               .width = calloc(columns, sizeof *t.width),
               .integer = calloc(columns, sizeof *t.integer),
               .number = calloc(columns, sizeof *t.number),
               .text = calloc(columns, sizeof *t.text)};
    bool memory = t.data && t.width && t.integer && t.number && t.text, good = memory && rows >= 0;
    for (size_t c = 0; c < columns && good; c++)
        good = (t.data[c] = get_column(file, &sweep->column[c], (size_t)rows, &t.width[c])) != NULL;
    kr_status status = good ? accept_rows(sweep, &t, (size_t)rows, name, error)
                            : kr_fail(error, memory ? KR_IO : KR_NO_MEMORY, "%s: the table is damaged; --force starts anew", name);
    for (size_t c = 0; c < columns && t.data; c++) free(t.data[c]);
    free(t.data);
    free(t.width);
    free(t.integer);
    free(t.number);
    free(t.text);
    return status;
}

kr_status kr_sweep_hdf5_read(kr_sweep *sweep, const char *name, kr_error *error) {
    kr_status status;
    H5E_BEGIN_TRY {
        hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
        char *header = file >= 0 ? get_text(file, "/header") : NULL;
        if (!header)
            status = kr_fail(error, KR_IO, "%s exists and is no table of a sweep; --force overwrites it", name);
        else
            status = kr_sweep_header_check(sweep, name, header, error);
        if (!status) status = read_rows(sweep, file, name, error);
        free(header);
        if (file >= 0) H5Fclose(file);
    }
    H5E_END_TRY
    return status;
}
