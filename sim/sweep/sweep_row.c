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

static void add_place(const kr_sweep *sweep, kr_sweep_line *l, size_t point) {
    kr_sweep_add(l, "%zu", point);
    for (size_t a = 0; a < sweep->axis_count; a++) {
        kr_sweep_add(l, ",");
        kr_sweep_add_quoted(l, sweep->axis[a].value[kr_sweep_axis_index(sweep, point, a)]);
    }
}

char *kr_sweep_row_make(const kr_sweep *sweep, size_t point, const kr_scene *scene, const kr_result *result, bool diverged) {
    const kr_ensemble_settings *ensemble = kr_scene_ensemble(scene);
    kr_result_part parts[KR_MAX_PARTS];
    kr_sweep_line l = {0};
    kr_result_parts(sweep->registry, result, parts);
    add_place(sweep, &l, point);
    kr_sweep_add(&l, ",%llu,%s,,%lld", (unsigned long long)ensemble->seed, diverged ? "diverged" : "done",
                 (long long)ensemble->particles);
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

/* Without what some readers of CSV take for the end of a cell or of a line. */
static void add_reason(kr_sweep_line *l, const char *message) {
    for (; *message; message++) {
        char c = *message;
        kr_sweep_add(l, "%c", c == ',' ? ';' : c == '"' ? '\'' : c == '#' || c == '\n' || c == '\r' ? ' ' : c);
    }
}

char *kr_sweep_row_impossible(const kr_sweep *sweep, size_t point, const kr_error *why) {
    kr_sweep_line l = {0};
    bool failed = why->status == KR_IO || why->status == KR_NO_MEMORY;
    add_place(sweep, &l, point);
    kr_sweep_add(&l, ",%llu,%s,", (unsigned long long)kr_sweep_point_seed(sweep, point), failed ? "failed" : "impossible");
    add_reason(&l, why->message);
    kr_sweep_add(&l, ",0");
    for (size_t i = 0; i < sweep->column_count; i++)
        if (sweep->cell[i].row) kr_sweep_add(&l, sweep->column[i].kind == KR_SWEEP_INTEGER ? ",0" : ",");
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

kr_status kr_sweep_heads_read(const kr_sweep *sweep, const char *heads, size_t length, size_t **place, size_t *count,
                              const char *name, kr_error *error) {
    char cell[KR_SWEEP_CELL], *copy = strndup(heads, length);
    bool known = true;
    *count = 0;
    if (!copy || !(*place = malloc(sweep->column_count * sizeof **place)))
        return free(copy), kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
    for (size_t i = 0; i < sweep->column_count; i++) (*place)[i] = SIZE_MAX;
    for (const char *at = copy; at && known; ++*count) {
        at = kr_sweep_read_field(at, cell);
        size_t column = kr_sweep_column_find(sweep, cell);
        known = column != SIZE_MAX && (*place)[column] == SIZE_MAX;
        if (known) (*place)[column] = *count;
    }
    for (size_t i = 0; i <= sweep->axis_count; i++) known = known && (*place)[i] == i;
    free(copy);
    if (known) return KR_OK;
    free(*place);
    *place = NULL;
    return kr_fail(error, KR_IO, "%s: its columns are not those of the sweep: the file is damaged; --force starts anew", name);
}

/* A line of a file, with all columns; malloc'd, NULL: it has another number of fields, or there is no memory. */
static char *widen(const kr_sweep *sweep, const char *line, const size_t *place, size_t count) {
    const char **field = calloc(count + 1, sizeof *field), *at = line;
    size_t found = 0;
    kr_sweep_line l = {0};
    for (; field && at && found < count; at = kr_sweep_read_field(at, NULL)) field[found++] = at;
    if (!field || at || found != count) return free(field), NULL;
    for (size_t i = 0; i < sweep->column_count; i++) {
        const char *own = place[i] < count ? field[place[i]] : NULL, *next = own ? kr_sweep_read_field(own, NULL) : NULL;
        size_t length = !own ? 0 : next ? (size_t)(next - own) - 1 : strlen(own);
        if (own)
            kr_sweep_add(&l, "%s%.*s", i ? "," : "", (int)length, own);
        else
            kr_sweep_add(&l, sweep->column[i].kind == KR_SWEEP_INTEGER ? ",0" : ",");
    }
    free(field);
    return kr_sweep_line_finish(&l);
}

static kr_status damaged(const char *where, kr_error *error) {
    return kr_fail(error, KR_IO, "%s: this row is none of the sweep's: the file is damaged; --force starts anew", where);
}

static kr_status take(kr_sweep *sweep, char *row, const char *where, kr_error *error) {
    char cell[KR_SWEEP_CELL];
    int64_t point;
    kr_sweep_read_field(row, cell);
    if (!kr_integer_parse(cell, &point) || point < 0 || (size_t)point >= sweep->count || !belongs(sweep, (size_t)point, row) ||
        (sweep->row[point] && strcmp(sweep->row[point], row) != 0))
        return free(row), damaged(where, error);
    if (sweep->row[point] || !kr_sweep_is_wanted(sweep, (size_t)point)) return free(row), KR_OK;
    sweep->row[point] = row;
    kr_sweep_cell(sweep, (size_t)point, kr_sweep_column_find(sweep, "status"), cell);
    if (!strcmp(cell, "failed")) {
        sweep->row[point] = NULL;
        return free(row), KR_OK;
    }
    sweep->done++;
    sweep->diverged += !strcmp(cell, "diverged");
    if (!strcmp(cell, "impossible") && !sweep->impossible++) sweep->worst = KR_BAD_ARGUMENT;
    return KR_OK;
}

kr_status kr_sweep_row_accept(kr_sweep *sweep, const char *line, size_t length, const size_t *place, size_t count,
                              const char *where, kr_error *error) {
    char *copy = strndup(line, length), *row = copy && strlen(copy) == length ? widen(sweep, copy, place, count) : NULL;
    free(copy);
    return row ? take(sweep, row, where, error) : damaged(where, error);
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
    return take(sweep, row, place, error);
}
