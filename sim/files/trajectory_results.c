/* What a run gave, below /parameters: a loop over its rows. One value is an attribute of its group, a list a data set, records a
 * table of their own. */
#include "h5md.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 160 };

static const void *element(const kr_result_row *row, const kr_value *value, size_t i) {
    static const size_t sizes[] = {[KR_VALUE_NUMBER] = sizeof(double),
                                   [KR_VALUE_COUNT] = sizeof(uint64_t),
                                   [KR_VALUE_SWITCH] = sizeof(bool),
                                   [KR_VALUE_INTERVAL] = sizeof(kr_interval)};
    return (const char *)value->data + i * (row->kind == KR_VALUE_TEXT ? value->size[1] : sizes[row->kind]);
}

/* ---- one value ---- */

static void write_attribute(kr_h5 *h5, hid_t group, const char *name, const kr_result_row *row, const kr_value *value) {
    const kr_interval *ends = value->data;
    switch (row->kind) {
    case KR_VALUE_NUMBER: kr_h5_number(h5, group, name, *(const double *)value->data); break;
    case KR_VALUE_COUNT:
        if (row->hdf5.flags & KR_AS_NUMBER)
            kr_h5_number(h5, group, name, (double)*(const uint64_t *)value->data);
        else
            kr_h5_integer(h5, group, name, (int64_t) * (const uint64_t *)value->data);
        break;
    case KR_VALUE_SWITCH: kr_h5_integer(h5, group, name, *(const bool *)value->data); break;
    case KR_VALUE_INTERVAL: kr_h5_attribute(h5, group, name, H5T_NATIVE_DOUBLE, 2, (const double[]){ends->low, ends->high}); break;
    case KR_VALUE_TEXT: kr_h5_text(h5, group, name, value->data); break;
    case KR_VALUE_NAMED:
    case KR_VALUE_RECORDS: break;
    }
}

/* ---- lists and matrices ---- */

static void write_texts(kr_h5 *h5, const char *path, const kr_result_row *row, const kr_value *value) {
    hsize_t count = value->size[0];
    size_t width = 1;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(element(row, value, i));
        width = length > width ? length : width;
    }
    char *texts = calloc(count, width);
    if (!texts) {
        kr_h5_no_memory(h5, "texts");
        return;
    }
    for (size_t i = 0; i < count; i++) memcpy(texts + i * width, element(row, value, i), strlen(element(row, value, i)));
    hid_t type = kr_h5_text_type(width);
    kr_h5_fixed(h5, h5->file, path, type, 1, &count, texts);
    H5Tclose(type);
    free(texts);
}

static void write_list(kr_h5 *h5, const char *path, const kr_result_row *row, const kr_value *value) {
    hsize_t size[3] = {value->size[0], value->size[1], 2};
    size_t rank = (size_t)row->rank;
    if (row->kind == KR_VALUE_TEXT) {
        write_texts(h5, path, row, value);
        return;
    }
    if (row->kind == KR_VALUE_INTERVAL) size[rank++] = 2; /* its ends */
    hid_t type = row->kind == KR_VALUE_COUNT    ? H5T_NATIVE_UINT64
                 : row->kind == KR_VALUE_SWITCH ? H5T_NATIVE_HBOOL
                                                : H5T_NATIVE_DOUBLE;
    kr_h5_fixed(h5, h5->file, path, type, rank, size, value->data);
}

/* ---- records: a compound type with a member for each of the entries' rows ---- */

enum { MOST_MEMBERS = 32 };

typedef struct table {
    const kr_result_row *member[MOST_MEMBERS];
    size_t offset[MOST_MEMBERS], size[MOST_MEMBERS], members, width;
    const void **entry;
    size_t count;
} table;

static void measure_member(table *t, const kr_result_row *row) {
    size_t size = row->kind == KR_VALUE_SWITCH ? 1 : sizeof(double);
    for (size_t i = 0; row->kind == KR_VALUE_TEXT && i < t->count; i++) {
        kr_value value;
        size_t length = kr_result_get(row, t->entry[i], &value) ? strlen(value.data) : 0;
        if (!i) size = 1;
        size = length > size ? length : size;
    }
    t->member[t->members] = row;
    t->offset[t->members] = t->width;
    t->size[t->members++] = size;
    t->width += size;
}

static kr_h5_member member_of(const kr_result_row *row) {
    switch (row->kind) {
    case KR_VALUE_TEXT: return KR_H5_MEMBER_TEXT;
    case KR_VALUE_SWITCH: return KR_H5_MEMBER_UINT8;
    case KR_VALUE_COUNT: return KR_H5_MEMBER_UINT64;
    default: return KR_H5_MEMBER_DOUBLE;
    }
}

static hid_t table_type(const table *t) {
    kr_h5_column column[MOST_MEMBERS + 1] = {{.name = NULL}};
    for (size_t m = 0; m < t->members; m++)
        column[m] = (kr_h5_column){t->member[m]->hdf5.name, member_of(t->member[m]), t->offset[m], t->size[m]};
    return kr_h5_table_type(column, t->width, false);
}

/* Numbers that are not there are NAN, counts 0, texts empty. */
static void fill_cell(const table *t, size_t m, const void *entry, char *cell) {
    kr_value value;
    const kr_result_row *row = t->member[m];
    bool there = kr_result_get(row, entry, &value);
    double nothing = NAN;
    if (row->kind == KR_VALUE_TEXT)
        memcpy(cell, there ? value.data : "", there ? strlen(value.data) : 0);
    else if (there)
        memcpy(cell, value.data, t->size[m]);
    else if (row->kind == KR_VALUE_NUMBER)
        memcpy(cell, &nothing, sizeof nothing);
}

static void write_table(kr_h5 *h5, const char *path, const table *t) {
    hsize_t count = t->count;
    char *cells = calloc(t->count, t->width);
    if (!cells) {
        kr_h5_no_memory(h5, "a table");
        return;
    }
    for (size_t i = 0; i < t->count; i++)
        for (size_t m = 0; m < t->members; m++) fill_cell(t, m, t->entry[i], cells + i * t->width + t->offset[m]);
    hid_t type = table_type(t);
    kr_h5_fixed(h5, h5->file, path, type, 1, &count, cells);
    H5Tclose(type);
    free(cells);
}

static void write_records(kr_h5 *h5, const char *path, const kr_result_row *row, const kr_value *value, const void *source) {
    table t = {.entry = calloc(value->size[0] + 1, sizeof *t.entry)};
    if (!t.entry) {
        kr_h5_no_memory(h5, "a table");
        return;
    }
    for (size_t i = 0; i < value->size[0]; i++)
        if ((t.entry[t.count] = row->entry(source, i))) t.count++;
    for (const kr_result_row *member = row->entries; member->name && t.members < MOST_MEMBERS; member++)
        if (member->hdf5.name) measure_member(&t, member);
    if (t.count && t.members) write_table(h5, path, &t);
    free(t.entry);
}

/* ---- rows ---- */

/* A number that could be there and is not known stays as NAN; other values that are not there have no attribute. */
static void write_single(kr_h5 *h5, const char *path, const kr_result_row *row, const kr_value *value, bool there) {
    char group_path[PATH];
    const char *name = strrchr(path, '/') + 1;
    bool known = there || (row->kind == KR_VALUE_NUMBER && value->data);
    snprintf(group_path, sizeof group_path, "%.*s", (int)(name - 1 - path), path);
    if (!known && !kr_h5_exists(h5, group_path)) return;
    hid_t group = kr_h5_group(h5, h5->file, group_path);
    if (known && row->rank)
        kr_h5_attribute(h5, group, name, row->kind == KR_VALUE_COUNT ? H5T_NATIVE_UINT64 : H5T_NATIVE_DOUBLE, value->size[0],
                        value->data);
    else if (known)
        write_attribute(h5, group, name, row, value);
    else
        kr_h5_remove_attribute(h5, group, name);
    kr_h5_close(group);
}

static void write_row(kr_h5 *h5, const kr_result_row *row, const void *source) {
    char path[PATH];
    kr_value value;
    bool there = kr_result_get(row, source, &value);
    snprintf(path, sizeof path, "/parameters/%s", row->hdf5.name);
    kr_h5_make_way(h5, path);
    if (!row->rank || (row->hdf5.flags & KR_AS_ATTRIBUTE)) {
        write_single(h5, path, row, &value, there);
        return;
    }
    kr_h5_remove(h5, path);
    if (!there || !value.size[0]) return;
    if (row->kind == KR_VALUE_RECORDS)
        write_records(h5, path, row, &value, source);
    else
        write_list(h5, path, row, &value);
}

/* Particles that diverged, and when: an estimate from the events needs their exposure too. */
static void write_diverged(kr_h5 *h5, const kr_view *view) {
    static const char path[] = "/parameters/escape/diverged";
    kr_h5_make_way(h5, path);
    kr_h5_remove(h5, path);
    if (view->diverged == 0) return;
    uint64_t *rows = malloc((size_t)view->diverged * sizeof *rows * 2), count = 0;
    if (!rows) {
        kr_h5_no_memory(h5, "the list of diverged particles");
        return;
    }
    for (uint64_t p = 0; p < view->particles && count < view->diverged; p++) {
        if (view->stopped_at[p] != 0 && view->departure[p] != KR_ABSORBED) {
            rows[2 * count] = p;
            rows[2 * count + 1] = view->stopped_at[p];
            count++;
        }
    }
    kr_h5_fixed(h5, h5->file, path, H5T_NATIVE_UINT64, 2, (const hsize_t[]){count, 2}, rows);
    free(rows);
}

void kr_trajectory_write_result(kr_h5 *h5, const kr_trajectory_result *result) {
    for (size_t i = 0; i < result->count; i++)
        for (const kr_result_row *row = result->parts[i].rows; row->name; row++)
            if (row->hdf5.name) write_row(h5, row, result->parts[i].source);
    write_diverged(h5, result->view);
}
