#include "loss_hdf5.h"

#include "hdf5/hdf5_find.h"
#include "hdf5/hdf5_read.h"
#include "spline_surface.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static kr_status no_such_set(const kr_h5 *h5, const kr_h5_sets *sets, const char *name, kr_error *error) {
    char all[512] = "none";
    size_t used = 0;
    for (size_t i = 0; i < sets->count && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", sets->list[i]);
    const char *near = kr_nearest_name(name, sets->list);
    return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has no data set '%s'%s%s%s; its data sets: %s", h5->path, name,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", all);
}

/* Searches the whole file. found: empty where there is none. */
static kr_status find_anywhere(const kr_h5 *h5, const kr_h5_sets *sets, const char *name, char found[KR_H5_PATH], kr_error *error) {
    *found = 0;
    for (size_t i = 0; i < sets->count; i++) {
        if (strcmp(last_part(sets->list[i]), name) != 0) continue;
        if (*found)
            return kr_fail(error, KR_BAD_ARGUMENT,
                           "'%s' has several data sets '%s', among them %s and %s; name one with its groups", h5->path, name, found,
                           sets->list[i]);
        snprintf(found, KR_H5_PATH, "%s", sets->list[i]);
    }
    return KR_OK;
}

/* The data set that is meant: beside another one (NULL: none), the name itself, or one in some group. */
static kr_status find(kr_h5 *h5, const char *name, const char *beside, char found[KR_H5_PATH], kr_h5_about *about,
                      kr_error *error) {
    *found = 0;
    if (beside) {
        int group = (int)(last_part(beside) - beside);
        snprintf(found, KR_H5_PATH, "%.*s%s", group, beside, name);
        if (kr_h5_describe(h5, found, about)) return KR_OK;
    }
    snprintf(found, KR_H5_PATH, "%s", name);
    if (kr_h5_good(h5) && kr_h5_describe(h5, found, about)) return KR_OK;
    kr_h5_sets sets;
    kr_h5_list_sets(h5, &sets);
    kr_status status = kr_h5_good(h5) ? find_anywhere(h5, &sets, name, found, error) : h5->status;
    if (status == KR_OK && *found && kr_h5_describe(h5, found, about)) return KR_OK;
    if (status == KR_OK && !kr_h5_good(h5)) status = h5->status;
    return status == KR_OK ? no_such_set(h5, &sets, name, error) : status;
}

/* Whether the coordinates are there; an error of the file stays in h5. */
static bool has(kr_h5 *h5, const char *name, const char *beside) {
    char found[KR_H5_PATH];
    kr_h5_about about;
    return find(h5, name, beside, found, &about, NULL) == KR_OK;
}

static kr_status read_axis(kr_h5 *h5, const char *name, const char *beside, size_t *count, double **x, kr_error *error) {
    kr_h5_about about;
    char path[KR_H5_PATH];
    kr_status status = find(h5, name, beside, path, &about, error);
    if (status != KR_OK) return status;
    if (about.rank != 1 || !about.number)
        return kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' must be a one-dimensional array of numbers", path,
                       h5->path);
    if (about.count < KR_SPLINE_MINIMUM_KNOTS)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %llu points along %s; the spline needs at least %d", h5->path,
                       (unsigned long long)about.count, path, KR_SPLINE_MINIMUM_KNOTS);
    *count = (size_t)about.count;
    *x = kr_h5_read_all(h5, path, KR_H5_NUMBER, 1, KR_SPLINE_MAXIMUM_CELLS, NULL);
    return *x ? KR_OK : h5->status;
}

static kr_status find_values(kr_h5 *h5, const char *dataset, char path[KR_H5_PATH], kr_h5_about *about, kr_error *error) {
    if (!dataset || !*dataset)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s': which of its data sets is meant is not said; name it with the key dataset",
                       h5->path);
    kr_status status = find(h5, dataset, NULL, path, about, error);
    if (status == KR_OK && !about->number)
        return kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' does not hold numbers", path, h5->path);
    return status;
}

/* ---- a plane ---- */

static kr_status along_one_direction(const kr_h5 *h5, const char *path, kr_error *error) {
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "'%s' has losses along one direction, no ycoordinates, and '%s' has one axis; landscape 'table' reads it: "
                   "landscape={name: table, file: %s}",
                   h5->path, path, h5->path);
}

/* Along axis 0 (x) or 1: from the file, or as given for so many points. */
static kr_status plane_axis(kr_h5 *h5, const kr_surface_source *source, int axis, const kr_raw_grid *raw, size_t *count, double **x,
                            kr_error *error) {
    static const char *const names[] = {"xcoordinates", "ycoordinates"}, *const keys[] = {"x", "y"};
    const kr_list *given = axis ? &source->y : &source->x;
    if (given->count == 0) return read_axis(h5, names[axis], raw->name, count, x, error);
    bool first = (source->order == KR_ORDER_XY || source->order == KR_ORDER_TOOL) == (axis == 0);
    *count = raw->size[first ? 0 : 1];
    return kr_given_coordinates(given, *count, keys[axis], h5->path, x, error);
}

static kr_status read_plane(kr_h5 *h5, kr_raw_grid *raw, const kr_surface_source *source, char path[KR_H5_PATH], kr_error *error) {
    kr_h5_about about;
    kr_surface_file *grid = &raw->grid;
    kr_status status = find_values(h5, source->dataset, path, &about, error);
    if (status != KR_OK) return status;
    raw->name = path;
    if (about.rank == 1 && source->y.count == 0 && !has(h5, "ycoordinates", path)) return along_one_direction(h5, path, error);
    for (int i = 0; i < 2; i++) raw->size[i] = about.rank == 2 ? (size_t)about.size[i] : 0;
    if (status == KR_OK) status = plane_axis(h5, source, 0, raw, &grid->nx, &grid->x, error);
    if (status == KR_OK) status = plane_axis(h5, source, 1, raw, &grid->ny, &grid->y, error);
    if (status != KR_OK) return status;
    if (about.rank != 2)
        return kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' has %d dimensions; it must have two, [iy][ix]", path,
                       h5->path, about.rank);
    if (grid->nx > 1 && grid->ny > 1 && grid->nx - 1 > KR_SPLINE_MAXIMUM_CELLS / (grid->ny - 1))
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu x %zu points; at most %zu cells can be used", h5->path, grid->ny,
                       grid->nx, KR_SPLINE_MAXIMUM_CELLS);
    raw->made_by_tool = kr_h5_exists(h5, "dir_file");
    if (about.count != (hsize_t)grid->nx * grid->ny) return KR_OK; /* the order says what is wrong */
    raw->value = kr_h5_read_all(h5, path, KR_H5_NUMBER, 2, grid->nx * grid->ny, NULL);
    return raw->value ? KR_OK : h5->status;
}

/* ---- a line ---- */

static kr_status pair(kr_number_array *rows, size_t count, double *x, const double *value, kr_error *error) {
    *rows = (kr_number_array){.rows = count, .columns = 2, .rank = 2, .value = malloc((2 * count + 1) * sizeof *rows->value)};
    for (size_t i = 0; rows->value && i < count; i++) {
        rows->value[2 * i] = x[i];
        rows->value[2 * i + 1] = value[i];
    }
    free(x);
    return rows->value ? KR_OK : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu points", count);
}

static kr_status read_line(kr_h5 *h5, kr_number_array *rows, bool *paired, const char *dataset, const kr_list *given,
                           bool columns_chosen, kr_error *error) {
    kr_h5_about about;
    char path[KR_H5_PATH];
    double *x = NULL, *value = NULL;
    size_t count;
    kr_status status = find_values(h5, dataset, path, &about, error);
    if (status != KR_OK) return status;
    *paired = about.rank == 1;
    if (about.rank == 2 && (about.size[1] == 2 || columns_chosen)) {
        *rows = (kr_number_array){.rows = (size_t)about.size[0], .columns = (size_t)about.size[1], .rank = 2};
        rows->value = kr_h5_read_all(h5, path, KR_H5_NUMBER, 2, 2 * KR_SPLINE_MAXIMUM_CELLS, NULL);
        return rows->value ? KR_OK : h5->status;
    }
    if (about.rank != 1)
        return kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' has %d dimensions; a table has one%s", path, h5->path,
                       about.rank, about.rank == 2 ? ", or rows of x and value; landscape 'surface' reads planes" : "");
    count = (size_t)about.count;
    status = given->count ? kr_given_coordinates(given, count, "x", h5->path, &x, error)
                          : read_axis(h5, "xcoordinates", path, &count, &x, error);
    for (size_t i = 0; status == KR_OK && !given->count && i < count; i++)
        if (!isfinite(x[i]))
            status = kr_fail(error, KR_BAD_ARGUMENT, "xcoordinates[%zu] of '%s' is not a finite number", i, h5->path);
    if (status == KR_OK && count != about.count)
        status = kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu xcoordinates, but %llu values in '%s'", h5->path, count,
                         (unsigned long long)about.count, path);
    if (status == KR_OK && !(value = kr_h5_read_all(h5, path, KR_H5_NUMBER, 1, KR_SPLINE_MAXIMUM_CELLS, NULL))) status = h5->status;
    if (status == KR_OK)
        status = pair(rows, count, x, value, error);
    else
        free(x);
    free(value);
    return status;
}

/* ---- files ---- */

static kr_status end(kr_h5 *h5, kr_status status) {
    if (status != KR_OK) h5->status = status;
    return kr_h5_end(h5);
}

kr_status kr_surface_hdf5_read(kr_raw_grid *raw, const kr_surface_source *source, kr_error *error) {
    kr_h5 h5;
    char path[KR_H5_PATH];
    if (!kr_h5_open(&h5, raw->path, error)) return h5.status;
    kr_status status = read_plane(&h5, raw, source, path, error);
    if (status == KR_OK) status = kr_choose_order(raw, error);
    size_t count = raw->size[0] * raw->size[1];
    if (status == KR_OK)
        status = kr_check_values(raw->path, path, count, raw->size[1], raw->value,
                                 kr_mark_of_missing(source->missing, count, raw->value), error);
    return end(&h5, status);
}

kr_status kr_line_hdf5_read(kr_number_array *rows, bool *paired, const char *path, const char *dataset, const kr_list *x,
                            bool columns_chosen, kr_error *error) {
    kr_h5 h5;
    if (!kr_h5_open(&h5, path, error)) return h5.status;
    return end(&h5, read_line(&h5, rows, paired, dataset, x, columns_chosen, error));
}

static kr_status read_rows(kr_h5 *h5, kr_number_array *rows, const char *dataset, size_t most, kr_error *error) {
    kr_h5_about about;
    char path[KR_H5_PATH];
    kr_status status = find_values(h5, dataset, path, &about, error);
    if (status != KR_OK) return status;
    if (about.rank != 1 && about.rank != 2)
        return kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' has %d dimensions; rows of numbers have one or two", path,
                       h5->path, about.rank);
    *rows = (kr_number_array){
        .rows = (size_t)about.size[0], .columns = about.rank == 2 ? (size_t)about.size[1] : 1, .rank = about.rank};
    rows->value = kr_h5_read_all(h5, path, KR_H5_NUMBER, about.rank, most, NULL);
    return rows->value ? KR_OK : h5->status;
}

kr_status kr_rows_hdf5_read(kr_number_array *rows, const char *path, const char *dataset, size_t most, kr_error *error) {
    kr_h5 h5;
    if (!kr_h5_open(&h5, path, error)) return h5.status;
    return end(&h5, read_rows(&h5, rows, dataset, most, error));
}
