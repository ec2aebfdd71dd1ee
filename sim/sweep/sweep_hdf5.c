/* A sweep as HDF5: one dataset for each column below /columns, in the order of the table, rows in the order of the grid; /header
 * says which sweep it is, attributes say the same in words. No time stamps: equal sweeps make equal files. */
#include "sweep_state.h"

#include "files/generator_record.h"
#include "files/h5md.h"
#include "files/store.h"
#include "hdf5/hdf5_read.h"
#include "hdf5/hdf5_write.h"

#include <kramers/version.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_texts(kr_h5 *h5, hid_t parent, const kr_sweep *sweep, size_t column) {
    char cell[KR_SWEEP_CELL];
    size_t width = 1, row = 0;
    for (size_t i = 0; i < sweep->count; i++)
        if (kr_sweep_cell(sweep, i, column, cell) && strlen(cell) > width) width = strlen(cell);
    char *texts = calloc(sweep->done + 1, width);
    if (!texts) {
        kr_h5_no_memory(h5, sweep->column[column].name);
        return;
    }
    for (size_t i = 0; i < sweep->count; i++)
        if (kr_sweep_cell(sweep, i, column, cell)) memcpy(texts + width * row++, cell, strlen(cell));
    hid_t type = kr_h5_text_type(width);
    hsize_t rows = sweep->done;
    kr_h5_plain(h5, parent, sweep->column[column].name, type, 1, &rows, texts);
    H5Tclose(type);
    free(texts);
}

static void put_numbers(kr_h5 *h5, hid_t parent, const kr_sweep *sweep, size_t column) {
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
    hsize_t rows = sweep->done;
    if (!number || !integer)
        kr_h5_no_memory(h5, sweep->column[column].name);
    else if (integers)
        kr_h5_plain(h5, parent, sweep->column[column].name, H5T_STD_I64LE, 1, &rows, integer);
    else
        kr_h5_plain(h5, parent, sweep->column[column].name, H5T_IEEE_F64LE, 1, &rows, number);
    free(number);
    free(integer);
}

static void put_text(kr_h5 *h5, const char *name, const char *text) {
    hid_t type = kr_h5_text_type(strlen(text));
    kr_h5_plain(h5, h5->file, name, type, 0, NULL, text);
    H5Tclose(type);
}

static void put_all(kr_h5 *h5, const kr_sweep *sweep) {
    kr_h5_text(h5, h5->file, "creator", "kramers");
    kr_h5_text(h5, h5->file, "version", KR_VERSION);
    kr_h5_generator(h5, h5->file);
    kr_h5_integer(h5, h5->file, KR_FORMAT_ATTRIBUTE, KR_FILE_FORMAT);
    kr_h5_integer(h5, h5->file, "points", (int64_t)sweep->wanted);
    kr_h5_integer(h5, h5->file, "points_done", (int64_t)sweep->done);
    put_text(h5, "header", sweep->header);
    put_text(h5, "scene", sweep->scene_text);
    hid_t columns = kr_h5_ordered_group(h5, h5->file, "columns");
    for (size_t i = 0; i < sweep->column_count && kr_h5_good(h5); i++) {
        if (sweep->column[i].kind == KR_SWEEP_TEXT)
            put_texts(h5, columns, sweep, i);
        else
            put_numbers(h5, columns, sweep, i);
    }
    kr_h5_close(columns);
}

kr_status kr_sweep_hdf5_write(const kr_sweep *sweep, const char *name, int old, kr_error *error) {
    kr_store *store;
    kr_h5 h5;
    kr_status status = kr_store_replace(&store, name, old, error);
    if (status) return status;
    kr_store_write_once(store);
    if (kr_store_begin(store, &h5, error)) {
        put_all(&h5, sweep);
        status = kr_store_end(store, &h5, true);
    } else {
        status = h5.status;
    }
    if (!status) status = kr_store_durable(store, sweep->durability, error);
    if (!status) status = kr_store_sync(store, error);
    if (!status) status = kr_store_publish(store, error);
    if (!status) status = kr_store_sync(store, error); /* its name */
    kr_store_destroy(store);
    return status;
}

/* ---- reading ---- */

enum { TEXT_MOST = 64 << 20 }; /* bytes of a header */

/* A column of rows values, malloc'd, texts with *width places each; NULL: not there, or not so long. */
static void *get_column(kr_h5 *h5, const kr_sweep_column *column, size_t rows, size_t *width) {
    char path[512];
    hsize_t size = rows;
    snprintf(path, sizeof path, "/columns/%s", column->name);
    *width = sizeof(double);
    if (column->kind == KR_SWEEP_TEXT) return kr_h5_read_fixed_texts(h5, path, rows, width);
    void *data = calloc(rows + 1, *width);
    if (!data) kr_h5_no_memory(h5, path);
    if (data && kr_h5_read(h5, path, column->kind == KR_SWEEP_INTEGER ? KR_H5_INT64 : KR_H5_DOUBLE, 1, &size, data)) return data;
    free(data);
    return NULL;
}

typedef struct table {
    void **data;
    size_t *width;
    int64_t *integer;
    double *number;
    char **text; /* [columns], each of KR_SWEEP_CELL places where it is one */
} table;

static kr_status accept_rows(kr_sweep *sweep, const table *t, size_t rows, const char *name, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t r = 0; r < rows && !status; r++) {
        for (size_t c = 0; c < sweep->column_count; c++) {
            const char *at = (const char *)t->data[c] + r * t->width[c];
            if (sweep->column[c].kind == KR_SWEEP_INTEGER)
                memcpy(&t->integer[c], at, sizeof(int64_t));
            else if (sweep->column[c].kind != KR_SWEEP_TEXT)
                memcpy(&t->number[c], at, sizeof(double));
            else if (c > sweep->axis_count) { /* axes are known */
                size_t width = t->width[c] < KR_SWEEP_CELL - 1 ? t->width[c] : KR_SWEEP_CELL - 1;
                memcpy(t->text[c], at, width);
                t->text[c][width] = 0;
            }
        }
        status = kr_sweep_row_restore(sweep, t->integer, t->number, t->text, name, error);
    }
    return status;
}

/* With what is wrong, if HDF5 or the checks of its values have said so. */
static kr_status damaged(const char *name, const kr_h5 *h5, kr_error *error) {
    char why[sizeof error->message] = "points_done is no number of its points";
    if (!kr_h5_good(h5) && error) snprintf(why, sizeof why, "%s", error->message);
    return kr_fail(error, KR_IO, "%s: the table is damaged; --force starts anew (%s)", name, why);
}

static kr_status read_rows(kr_sweep *sweep, kr_h5 *h5, const char *name, kr_error *error) {
    size_t columns = sweep->column_count;
    int64_t rows = -1;
    if (!kr_h5_read_attribute(h5, "/", "points_done", KR_H5_INT64, &rows) || rows < 0 || (uint64_t)rows > sweep->count) rows = -1;
    table t = {.data = calloc(columns, sizeof *t.data),
               .width = calloc(columns, sizeof *t.width),
               .integer = calloc(columns, sizeof *t.integer),
               .number = calloc(columns, sizeof *t.number),
               .text = calloc(columns, sizeof *t.text)};
    bool memory = t.data && t.width && t.integer && t.number && t.text;
    for (size_t c = 0; c < columns && memory; c++)
        memory = sweep->column[c].kind != KR_SWEEP_TEXT || (t.text[c] = malloc(KR_SWEEP_CELL));
    bool good = memory && rows >= 0;
    for (size_t c = 0; c < columns && good; c++)
        good = (t.data[c] = get_column(h5, &sweep->column[c], (size_t)rows, &t.width[c])) != NULL;
    kr_status status = good     ? accept_rows(sweep, &t, (size_t)rows, name, error)
                       : memory ? damaged(name, h5, error)
                                : kr_fail(error, KR_NO_MEMORY, "%s: there is no memory for its rows", name);
    for (size_t c = 0; c < columns && t.data; c++) free(t.data[c]);
    for (size_t c = 0; c < columns && t.text; c++) free(t.text[c]);
    free(t.data);
    free(t.width);
    free(t.integer);
    free(t.number);
    free(t.text);
    return status;
}

/* *ours: whether the file has the checksums of one of ours, so that what cannot be read in it is damaged. NULL: h5's status says
 * why. */
static kr_store *open_table(const char *name, kr_h5 *h5, bool *ours, kr_error *error) {
    kr_store *store;
    *h5 = (kr_h5){.status = kr_store_open(&store, name, KR_STORE_READ_SHOWN, error)};
    *ours = h5->status == KR_OK ? kr_store_format(store) > 1 : h5->status == KR_BAD_ARGUMENT;
    if (h5->status) return NULL;
    if (kr_store_begin(store, h5, error)) {
        kr_h5_check_format(h5, "/", kr_store_format(store));
        return store;
    }
    kr_store_destroy(store);
    return NULL;
}

static kr_status close_table(kr_store *store, kr_h5 *h5) {
    kr_status status = kr_store_end(store, h5, false);
    kr_store_destroy(store);
    return status;
}

kr_status kr_sweep_hdf5_header(const char *name, char **header, kr_error *error) {
    kr_h5 h5;
    bool ours;
    *header = NULL;
    kr_store *store = open_table(name, &h5, &ours, error);
    if (!store) return ours ? h5.status : KR_OK;
    *header = kr_h5_read_text(&h5, "/header", TEXT_MOST);
    kr_status status = close_table(store, &h5);
    return ours ? status : KR_OK;
}

kr_status kr_sweep_hdf5_rows(kr_sweep *sweep, const char *name, kr_error *error) {
    kr_h5 h5;
    bool ours;
    kr_store *store = open_table(name, &h5, &ours, error);
    if (!store) return h5.status;
    kr_status status = h5.status ? h5.status : read_rows(sweep, &h5, name, error), closed = close_table(store, &h5);
    return ours && closed ? closed : status;
}

kr_status kr_sweep_hdf5_read(kr_sweep *sweep, const char *name, kr_error *error) {
    kr_error why = {.message = "it has no text /header"};
    char *header;
    kr_status status = kr_sweep_hdf5_header(name, &header, &why);
    if (status)
        status = kr_fail(error, status, "%s", why.message);
    else if (header)
        status = kr_sweep_header_check(sweep, name, header, error);
    else
        status = kr_fail(error, KR_IO, "%s exists and is no table of a sweep; --force overwrites it (%s)", name, why.message);
    free(header);
    return status ? status : kr_sweep_hdf5_rows(sweep, name, error);
}
