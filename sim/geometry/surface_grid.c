#include "surface_grid.h"

#include "spline_axis.h"
#include "spline_surface.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const kr_surface_orders[] = {"auto", "yx", "xy", "tool", NULL};

void kr_surface_file_destroy(kr_surface_file *file) {
    free(file->x);
    free(file->y);
    free(file->value);
    *file = (kr_surface_file){.nx = 0};
}

void kr_raw_grid_destroy(kr_raw_grid *raw) {
    kr_surface_file_destroy(&raw->grid);
    free(raw->value);
    raw->value = NULL;
}

kr_status kr_given_coordinates(const kr_list *given, size_t count, const char *name, const char *path, double **x,
                               kr_error *error) {
    if (given->count == 0)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has no coordinates; give landscape.%s: [FIRST, LAST]", path, name);
    if (given->count != 2 && given->count != count)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "landscape.%s lists %zu coordinates, but '%s' has %zu points along it; give the first and "
                       "the last, or all",
                       name, given->count, path, count);
    /* A file says how many it has before it has any. */
    const size_t most = KR_SPLINE_MAXIMUM_CELLS / (KR_SPLINE_MINIMUM_KNOTS - 1);
    if (count > most)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu points along %s; at most %zu can be used", path, count, name, most);
    double *made = *x = malloc((count + 1) * sizeof *made);
    if (!made) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu coordinates", count);
    if (given->count == count) {
        memcpy(made, given->value, count * sizeof *made);
        return KR_OK;
    }
    for (size_t i = 0; i < count; i++) {
        double part = count > 1 ? (double)i / (double)(count - 1) : 0;
        made[i] = (1 - part) * given->value[0] + part * given->value[1];
    }
    return KR_OK;
}

kr_status kr_check_coordinates(const char *path, const char *name, size_t count, const double *x, bool *descending,
                               kr_error *error) {
    if (count < KR_SPLINE_MINIMUM_KNOTS)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu points along %s; the spline needs at least %d", path, count, name,
                       KR_SPLINE_MINIMUM_KNOTS);
    *descending = x[1] < x[0];
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(x[i])) return kr_fail(error, KR_BAD_ARGUMENT, "'%s': %s[%zu] is not a finite number", path, name, i);
        if (i > 0 && !(*descending ? x[i] < x[i - 1] : x[i] > x[i - 1]))
            return kr_fail(error, KR_BAD_ARGUMENT, "'%s': %s must strictly ascend or descend, but %s[%zu] = %.15g follows %.15g",
                           path, name, name, i, x[i], x[i - 1]);
    }
    return KR_OK;
}

double kr_mark_of_missing(double given, size_t count, const double *value) {
    static const double mark_of_tool = -1;
    if (!isnan(given)) return given;
    for (size_t k = 0; k < count; k++)
        if (value[k] < 0 && value[k] != mark_of_tool) return NAN;
    return mark_of_tool;
}

static const char *place_text(size_t k, size_t columns, char text[64]) {
    if (columns > 0)
        snprintf(text, 64, "[%zu][%zu]", k / columns, k % columns);
    else
        snprintf(text, 64, "[%zu]", k);
    return text;
}

kr_status kr_check_values(const char *path, const char *name, size_t count, size_t columns, const double *value, double missing,
                          kr_error *error) {
    size_t empty = 0, broken = 0, first_empty = 0, first_broken = 0;
    char place[64];
    for (size_t k = count; k-- > 0;) {
        if (value[k] == missing) {
            empty++;
            first_empty = k;
        } else if (!isfinite(value[k])) {
            broken++;
            first_broken = k;
        }
    }
    if (broken > 0)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s%s of '%s' is %s; %zu of %zu values are not finite numbers", name,
                       place_text(first_broken, columns, place), path, isnan(value[first_broken]) ? "NaN" : "infinite", broken,
                       count);
    if (empty > 0)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "%s%s of '%s' is %.15g, the mark of a point that is not computed; %zu of %zu are missing: let the tool that "
                       "wrote the file finish, or give another landscape.missing",
                       name, place_text(first_empty, columns, place), path, missing, empty, count);
    return KR_OK;
}

/* Mean difference of neighbours in memory: small where the order is right. */
static double roughness(const kr_raw_grid *raw, size_t rows, size_t columns) {
    double sum = 0;
    for (size_t j = 0; j + 1 < rows; j++)
        for (size_t i = 0; i + 1 < columns; i++) {
            const double *at = raw->value + j * columns + i;
            sum += fabs(at[1] - at[0]) + fabs(at[columns] - at[0]);
        }
    return sum / (double)(rows * columns);
}

kr_status kr_choose_order(kr_raw_grid *raw, kr_error *error) {
    const size_t nx = raw->grid.nx, ny = raw->grid.ny, *size = raw->size;
    bool yx = size[0] == ny && size[1] == nx, xy = size[0] == nx && size[1] == ny;
    bool x_first = raw->order == KR_ORDER_XY || raw->order == KR_ORDER_TOOL;
    if (raw->order == KR_ORDER_AUTO && !yx && xy && !raw->made_by_tool)
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "the data set '%s' of '%s' is %zu x %zu, xcoordinates by ycoordinates; say with landscape.order whether it is xy "
            "([ix][iy]) or as the loss-landscape tool fills it (tool); its values are smoother as %s",
            raw->name, raw->path, size[0], size[1], roughness(raw, nx, ny) <= roughness(raw, ny, nx) ? "xy" : "tool");
    if (raw->order == KR_ORDER_AUTO ? yx || xy : x_first ? xy : yx) {
        if (raw->order == KR_ORDER_AUTO) raw->order = yx ? KR_ORDER_YX : KR_ORDER_TOOL;
        return KR_OK;
    }
    return kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' is %zu x %zu; it must be %zu x %zu, %s%s", raw->name,
                   raw->path, size[0], size[1], x_first ? nx : ny, x_first ? ny : nx,
                   x_first ? "xcoordinates by ycoordinates" : "ycoordinates by xcoordinates",
                   raw->order == KR_ORDER_AUTO ? "" : ", in this landscape.order");
}

static void turn_round(double *x, size_t count) {
    for (size_t i = 0; i < count / 2; i++) {
        double kept = x[i];
        x[i] = x[count - 1 - i];
        x[count - 1 - i] = kept;
    }
}

kr_status kr_arrange(kr_raw_grid *raw, kr_surface_file *file, kr_error *error) {
    size_t nx = raw->grid.nx, ny = raw->grid.ny;
    bool down_x, down_y;
    kr_status status = kr_check_coordinates(raw->path, "xcoordinates", nx, raw->grid.x, &down_x, error);
    if (status == KR_OK) status = kr_check_coordinates(raw->path, "ycoordinates", ny, raw->grid.y, &down_y, error);
    if (status != KR_OK) return status;
    double *value = malloc(nx * ny * sizeof *value);
    if (!value) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a surface of %zu x %zu points", ny, nx);
    for (size_t j = 0; j < ny; j++)
        for (size_t i = 0; i < nx; i++) {
            size_t row = down_y ? ny - 1 - j : j, column = down_x ? nx - 1 - i : i;
            value[j * nx + i] = raw->value[raw->order == KR_ORDER_XY ? column * ny + row : row * nx + column];
        }
    *file = raw->grid;
    raw->grid = (kr_surface_file){.nx = 0};
    file->value = value;
    if (down_x) turn_round(file->x, nx);
    if (down_y) turn_round(file->y, ny);
    return KR_OK;
}

/* ---- rows of x, y, value ---- */

/* Coordinates that differ by less than this fraction of their extent are one, written down twice. */
static const double same_coordinate = 1e-9;

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The different numbers of a column, ascending, malloc'd. NULL: no memory. */
static double *different(const kr_number_array *rows, size_t column, size_t *count) {
    double *x = malloc((rows->rows + 1) * sizeof *x);
    *count = 0;
    if (!x) return NULL;
    for (size_t k = 0; k < rows->rows; k++) x[k] = rows->value[k * 3 + column];
    qsort(x, rows->rows, sizeof *x, ascending);
    double least = rows->rows ? same_coordinate * (x[rows->rows - 1] - x[0]) : 0;
    for (size_t k = 0; k < rows->rows; k++)
        if (*count == 0 || x[k] - x[*count - 1] > least) x[(*count)++] = x[k];
    return x;
}

/* The last that is not above x, but for rounding: x is one of them or nearly. */
static size_t place_of(const double *sorted, size_t count, double x) {
    size_t low = 0, high = count;
    double least = same_coordinate * (sorted[count - 1] - sorted[0]);
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (sorted[middle] <= x + 0.5 * least)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static kr_status fill(const kr_number_array *rows, const char *path, kr_raw_grid *raw, unsigned char *seen, kr_error *error) {
    size_t nx = raw->grid.nx, ny = raw->grid.ny;
    for (size_t k = 0; k < rows->rows; k++) {
        const double *row = rows->value + 3 * k;
        size_t at = place_of(raw->grid.y, ny, row[1]) * nx + place_of(raw->grid.x, nx, row[0]);
        if (seen[at]++)
            return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has two values at (%.15g, %.15g), one of them in row %zu", path, row[0],
                           row[1], k + 1);
        raw->value[at] = row[2];
    }
    size_t empty = 0, first = 0;
    for (size_t at = nx * ny; at-- > 0;)
        if (!seen[at]) {
            empty++;
            first = at;
        }
    if (empty == 0) return KR_OK;
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "'%s' has %zu different x and %zu different y, but no value at (%.15g, %.15g); %zu of %zu are missing for a grid", path, nx,
        ny, raw->grid.x[first % nx], raw->grid.y[first / nx], empty, nx * ny);
}

kr_status kr_grid_from_columns(const kr_number_array *rows, const char *path, kr_raw_grid *raw, kr_error *error) {
    for (size_t k = 0; k < 3 * rows->rows; k++)
        if (k % 3 < 2 && !isfinite(rows->value[k]))
            return kr_fail(error, KR_BAD_ARGUMENT, "'%s': %c in row %zu is not a finite number", path, "xy"[k % 3], k / 3 + 1);
    raw->grid.x = different(rows, 0, &raw->grid.nx);
    raw->grid.y = different(rows, 1, &raw->grid.ny);
    size_t nx = raw->size[1] = raw->grid.nx, ny = raw->size[0] = raw->grid.ny;
    if (raw->grid.x && raw->grid.y && (nx < KR_SPLINE_MINIMUM_KNOTS || ny < KR_SPLINE_MINIMUM_KNOTS))
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu different x and %zu different y; the spline needs at least %d of each",
                       path, nx, ny, KR_SPLINE_MINIMUM_KNOTS);
    /* So that a scatter of points cannot ask for the square of their number. */
    if (raw->grid.x && raw->grid.y && nx > 4 * rows->rows / ny + 1)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu rows, but %zu different x and %zu different y: they are not on a grid",
                       path, rows->rows, nx, ny);
    unsigned char *seen = calloc(nx * ny + 1, 1);
    raw->value = malloc((nx * ny + 1) * sizeof *raw->value);
    kr_status status = seen && raw->value && raw->grid.x && raw->grid.y
                           ? fill(rows, path, raw, seen, error)
                           : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a surface of %zu x %zu points", ny, nx);
    free(seen);
    return status;
}
