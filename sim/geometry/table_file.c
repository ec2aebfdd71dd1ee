#include "table_file.h"

#include "loss_hdf5.h"
#include "spline_axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of the columns of x and of the value; x: -1 where it is given otherwise. */
typedef struct choice {
    ptrdiff_t x, value;
} choice;

static kr_status check_column(double number, const kr_number_array *rows, const char *path, kr_error *error) {
    if (number == floor(number) && number >= 0 && number < (double)rows->columns) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT, "landscape.columns: '%s' has no column %.15g; its columns are 0 to %zu", path, number,
                   rows->columns - 1);
}

static kr_status choose_columns(const kr_table_source *source, const kr_number_array *rows, const char *path, choice *chosen,
                                kr_error *error) {
    const kr_list *columns = &source->columns;
    bool x_given = source->x.count > 0;
    size_t wanted = x_given ? 1 : 2;
    *chosen = (choice){x_given ? -1 : 0, x_given ? 0 : 1};
    if (columns->count == 0 && rows->columns == wanted) return KR_OK;
    if (columns->count == 0 && rows->columns == 1) return KR_OK; /* without coordinates, which is said there */
    if (columns->count == 0)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "'%s' has %zu columns; say which are x and the loss, for instance landscape.columns: %s", path,
                       rows->columns, x_given ? "[1]" : "[0, 1]");
    if (columns->count != wanted)
        return kr_fail(error, KR_BAD_ARGUMENT, "landscape.columns must list %zu columns, %s, not %zu", wanted,
                       x_given ? "that of the loss, since landscape.x gives the coordinates" : "that of x and that of the loss",
                       columns->count);
    kr_status status = KR_OK;
    for (size_t i = 0; i < wanted && status == KR_OK; i++) status = check_column(columns->value[i], rows, path, error);
    if (status == KR_OK) chosen->value = (ptrdiff_t)columns->value[wanted - 1];
    if (status == KR_OK && !x_given) chosen->x = (ptrdiff_t)columns->value[0];
    return status;
}

/* Two lines of many numbers are columns that lie down. */
static double entry(const kr_number_array *rows, size_t row, size_t column, bool lying) {
    return lying ? rows->value[column * rows->columns + row] : rows->value[row * rows->columns + column];
}

static kr_status from_rows(kr_table *table, const kr_table_source *source, const kr_number_array *rows, const char *path,
                           kr_error *error) {
    bool lying = rows->rank == 2 && rows->rows == 2 && rows->columns > 2 && source->columns.count == 0 && source->x.count == 0;
    kr_number_array seen = *rows;
    if (lying) {
        seen.rows = rows->columns;
        seen.columns = 2;
    }
    choice chosen;
    kr_status status = choose_columns(source, &seen, path, &chosen, error);
    if (status != KR_OK) return status;
    bool coordinates = seen.columns > 1 && chosen.x >= 0;
    table->count = seen.rows;
    table->value = malloc((seen.rows + 1) * sizeof *table->value);
    if (coordinates) table->x = malloc((seen.rows + 1) * sizeof *table->x);
    if (!table->value || (coordinates && !table->x))
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu points", seen.rows);
    if (!coordinates) {
        status = kr_given_coordinates(&source->x, seen.rows, "x", path, &table->x, error);
        if (status != KR_OK) return status;
        chosen.value = seen.columns > 1 ? chosen.value : 0;
    }
    for (size_t i = 0; i < seen.rows; i++) {
        table->value[i] = entry(rows, i, (size_t)chosen.value, lying);
        if (coordinates) table->x[i] = entry(rows, i, (size_t)chosen.x, lying);
    }
    return KR_OK;
}

/* ---- order and checks ---- */

typedef struct point {
    double x, value;
} point;

static int ascending(const void *a, const void *b) {
    double x = ((const point *)a)->x, y = ((const point *)b)->x;
    return (x > y) - (x < y);
}

static bool ascends(const kr_table *table) {
    for (size_t i = 1; i < table->count; i++)
        if (!(table->x[i] > table->x[i - 1])) return false;
    return true;
}

static kr_status sort(kr_table *table, kr_error *error) {
    if (ascends(table)) return KR_OK;
    point *points = malloc((table->count + 1) * sizeof *points);
    if (!points) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu points", table->count);
    for (size_t i = 0; i < table->count; i++) points[i] = (point){table->x[i], table->value[i]};
    qsort(points, table->count, sizeof *points, ascending);
    for (size_t i = 0; i < table->count; i++) {
        table->x[i] = points[i].x;
        table->value[i] = points[i].value;
    }
    free(points);
    return KR_OK;
}

static kr_status check(kr_table *table, const char *path, double missing, kr_error *error) {
    size_t n = table->count;
    if (n < KR_SPLINE_MINIMUM_KNOTS || n > KR_TABLE_MOST_POINTS)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu points; landscape 'table' takes %d to %zu", path, n,
                       KR_SPLINE_MINIMUM_KNOTS, KR_TABLE_MOST_POINTS);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(table->x[i])) return kr_fail(error, KR_BAD_ARGUMENT, "'%s': x of point %zu is not a finite number", path, i);
    kr_status status = kr_check_values(path, "value", n, 0, table->value, missing, error);
    if (status == KR_OK) status = sort(table, error);
    for (size_t i = 1; i < n && status == KR_OK; i++)
        if (!(table->x[i] > table->x[i - 1]))
            status = kr_fail(error, KR_BAD_ARGUMENT, "'%s' has two points at x = %.15g, of values %.15g and %.15g", path,
                             table->x[i], table->value[i - 1], table->value[i]);
    return status;
}

/* *paired: the rows are x and value, whatever the source says of columns. */
static kr_status read_file(kr_number_array *rows, bool *paired, const kr_table_source *source, const char *path,
                           kr_data_format format, kr_error *error) {
    const size_t most = 64 * KR_TABLE_MOST_POINTS;
    *paired = false;
    if (format == KR_DATA_HDF5)
        return kr_line_hdf5_read(rows, paired, path, source->dataset, &source->x, source->columns.count > 0, error);
    return format == KR_DATA_NPY ? kr_npy_read(rows, path, most, error) : kr_columns_read(rows, path, most, error);
}

static kr_status from_file(kr_table *table, const kr_table_source *source, const char *path, kr_data_format format,
                           kr_error *error) {
    kr_number_array rows = {.rank = 0};
    const kr_table_source pairs = {.missing = NAN};
    bool paired;
    kr_status status = read_file(&rows, &paired, source, path, format, error);
    if (status == KR_OK) status = from_rows(table, paired ? &pairs : source, &rows, path, error);
    kr_number_array_destroy(&rows);
    if (status != KR_OK) return status;
    double missing = format == KR_DATA_HDF5 ? kr_mark_of_missing(source->missing, table->count, table->value) : source->missing;
    return check(table, path, missing, error);
}

static kr_status from_points(kr_table *table, const kr_list *points, kr_error *error) {
    const kr_number_array rows = {.rows = points->count / 2, .columns = 2, .rank = 2, .value = points->value};
    const kr_table_source pairs = {.missing = NAN};
    if (points->count % 2)
        return kr_fail(error, KR_BAD_ARGUMENT, "landscape.points lists %zu numbers; they must be pairs of x and energy",
                       points->count);
    kr_status status = from_rows(table, &pairs, &rows, "landscape.points", error);
    return status == KR_OK ? check(table, "landscape.points", NAN, error) : status;
}

kr_status kr_table_read(kr_table *table, const kr_table_source *source, kr_error *error) {
    char *full;
    kr_data_format format = KR_DATA_TEXT;
    *table = (kr_table){.count = 0};
    double example[] = {-2, 3.5, -1.5, 0.95, -1, 0, -0.5, 0.45, 0, 1, 0.5, 0.8, 1, 0.3, 1.5, 0.9, 2, 3};
    const kr_list wells = {example, sizeof example / sizeof *example};
    if (!source->file || !*source->file) return from_points(table, source->points.count ? &source->points : &wells, error);
    kr_status status = kr_data_file_find("table", source->file, source->directory, &full, &format, error);
    if (status == KR_OK) status = from_file(table, source, full, format, error);
    free(full);
    return status;
}

void kr_table_destroy(kr_table *table) {
    free(table->x);
    free(table->value);
    *table = (kr_table){.count = 0};
}
