/* Rows of the table as lines of CSV, and cells out of them. */
#include "sweep_state.h"

#include <kramers/number_text.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A value of rank 0 as a number; NAN: there is none. */
static double as_number(const kr_result_row *row, const kr_value *value, int form) {
    const kr_interval *ends = value->data;
    if (form == KR_CELL_LENGTH) return (double)value->size[0];
    switch (row->kind) {
    case KR_VALUE_NUMBER: return *(const double *)value->data;
    case KR_VALUE_COUNT: return (double)*(const uint64_t *)value->data;
    case KR_VALUE_SWITCH: return *(const bool *)value->data;
    case KR_VALUE_INTERVAL: return form == KR_CELL_LOW ? ends->low : ends->high;
    default: return NAN;
    }
}

static double own_number(const kr_value *value, const char *name) {
    const kr_named_number *number = value->data;
    for (size_t i = 0; i < value->size[0]; i++)
        if (!strcmp(number[i].name, name)) return number[i].value;
    return NAN;
}

static double cell_value(const kr_sweep_cell_source *cell, const kr_result_part *parts) {
    const void *source = parts[cell->part].source;
    const kr_result_row *row = cell->entry_row ? cell->entry_row : cell->row;
    kr_value value;
    if (source && cell->entry_row) source = cell->row->entry(source, cell->entry);
    if (!kr_result_get(row, source, &value)) return NAN;
    return cell->number ? own_number(&value, cell->number) : as_number(row, &value, (int)cell->form);
}

char *kr_sweep_row_make(const kr_sweep *sweep, size_t point, const kr_scene *scene, const kr_result *result, bool diverged) {
    const kr_ensemble_settings *ensemble = kr_scene_ensemble(scene);
    kr_result_part parts[KR_MAX_PARTS];
    kr_sweep_line l = {0};
    kr_result_parts(sweep->registry, result, parts);
    kr_sweep_add(&l, "%zu", point);
    for (size_t a = 0; a < sweep->axis_count; a++) {
        kr_sweep_add(&l, ",");
        kr_sweep_add_quoted(&l, sweep->axis[a].value[kr_sweep_axis_index(sweep, point, a)]);
    }
    kr_sweep_add(&l, ",%lld,%s,%lld", (long long)ensemble->seed, diverged ? "diverged" : "done", (long long)ensemble->particles);
    for (size_t i = 0; i < sweep->column_count; i++) {
        if (!sweep->cell[i].row) continue;
        double value = cell_value(&sweep->cell[i], parts);
        if (sweep->column[i].kind == KR_SWEEP_INTEGER)
            kr_sweep_add(&l, ",%.0f", isnan(value) ? 0.0 : value);
        else
            kr_sweep_add_number(&l, value);
    }
    return kr_sweep_line_finish(&l);
}

const char *kr_sweep_row(const kr_sweep *sweep, size_t point) {
    return point < sweep->count ? sweep->row[point] : NULL;
}

const char *kr_sweep_cell(const kr_sweep *sweep, size_t point, size_t column, char buffer[KR_SWEEP_CELL]) {
    const char *at = kr_sweep_row(sweep, point);
    if (!at || column >= sweep->column_count) return NULL;
    for (size_t i = 0; i < column && at; i++) at = kr_sweep_read_field(at, NULL);
    *buffer = 0;
    if (at) kr_sweep_read_field(at, buffer);
    return buffer;
}

double kr_sweep_number(const kr_sweep *sweep, size_t point, size_t column) {
    char text[KR_SWEEP_CELL];
    double value;
    if (!kr_sweep_cell(sweep, point, column, text)) return NAN;
    if (!strcmp(text, "inf") || !strcmp(text, "-inf")) return *text == '-' ? -INFINITY : INFINITY;
    return kr_number_parse(text, &value) ? value : NAN;
}

static bool belongs(const kr_sweep *sweep, size_t point, const char *text) {
    char cell[KR_SWEEP_CELL];
    const char *at = kr_sweep_read_field(text, NULL);
    for (size_t a = 0; a < sweep->axis_count; a++) {
        if (!at) return false;
        at = kr_sweep_read_field(at, cell);
        if (strncmp(cell, sweep->axis[a].value[kr_sweep_axis_index(sweep, point, a)], KR_SWEEP_CELL - 1) != 0) return false;
    }
    return true;
}

kr_status kr_sweep_row_accept(kr_sweep *sweep, const char *text, size_t length, const char *place, kr_error *error) {
    char cell[KR_SWEEP_CELL];
    int64_t point;
    size_t fields = 1;
    char *row = strndup(text, length);
    if (!row) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
    for (const char *at = kr_sweep_read_field(row, cell); at; fields++) at = kr_sweep_read_field(at, NULL);
    if (fields != sweep->column_count || !kr_integer_parse(cell, &point) || point < 0 || (size_t)point >= sweep->count ||
        sweep->row[point] || strlen(row) != length || !belongs(sweep, (size_t)point, row)) {
        free(row);
        return kr_fail(error, KR_IO, "%s: this row is none of the sweep's: the file is damaged; --force starts anew", place);
    }
    sweep->row[point] = row;
    sweep->done++;
    sweep->diverged += strstr(row, ",diverged,") != NULL;
    return KR_OK;
}

kr_status kr_sweep_row_restore(kr_sweep *sweep, const int64_t *integer, const double *number, char *const *text, const char *place,
                               kr_error *error) {
    if (integer[0] < 0 || (uint64_t)integer[0] >= sweep->count)
        return kr_fail(error, KR_IO, "%s: point %lld is none of the sweep's: the file is damaged; --force starts anew", place,
                       (long long)integer[0]);
    kr_sweep_line l = {0};
    kr_sweep_add(&l, "%lld", (long long)integer[0]);
    for (size_t i = 1; i < sweep->column_count; i++) {
        if (i > sweep->axis_count && (sweep->column[i].kind == KR_SWEEP_NUMBER || sweep->column[i].kind == KR_SWEEP_COUNT)) {
            kr_sweep_add_number(&l, number[i]);
            continue;
        }
        kr_sweep_add(&l, ",");
        if (i <= sweep->axis_count) /* as it was typed */
            kr_sweep_add_quoted(&l, sweep->axis[i - 1].value[kr_sweep_axis_index(sweep, (size_t)integer[0], i - 1)]);
        else if (sweep->column[i].kind == KR_SWEEP_INTEGER)
            kr_sweep_add(&l, "%lld", (long long)integer[i]);
        else
            kr_sweep_add_quoted(&l, text[i]);
    }
    char *row = kr_sweep_line_finish(&l);
    if (!row) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
    kr_status status = kr_sweep_row_accept(sweep, row, strlen(row), place, error);
    free(row);
    return status;
}
