#include "surface_file.h"

#include "loss_hdf5.h"
#include "spline_surface.h"

#include <kramers/file_path.h>
#include <kramers/input_file.h>
#include <kramers/shipped_files.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && !strcasecmp(text + length - tail, end);
}

/* By the first bytes; where they say nothing, by the name. HDF5 itself says what is wrong with a file that is named so. */
static kr_data_format format_of(FILE *in, const char *path) {
    char begin[8] = "";
    size_t count = fread(begin, 1, sizeof begin, in);
    if (count == 8 && !memcmp(begin, "\x89HDF\r\n\x1a\n", 8)) return KR_DATA_HDF5;
    if (count >= 6 && !memcmp(begin, "\x93NUMPY", 6)) return KR_DATA_NPY;
    if (ends_with(path, ".npy")) return KR_DATA_NPY;
    return ends_with(path, ".h5") || ends_with(path, ".hdf5") || ends_with(path, ".he5") || ends_with(path, ".nc") ? KR_DATA_HDF5
                                                                                                                   : KR_DATA_TEXT;
}

static kr_status look_at(const char *path, kr_data_format *format, kr_error *error) {
    FILE *in;
    kr_status status = kr_input_stream(path, &in, error);
    if (status != KR_OK) return status;
    *format = format_of(in, path);
    fclose(in);
    if (ends_with(path, ".npz"))
        return kr_fail(error, KR_IO, "'%s' is an archive of arrays; save one array with numpy.save as .npy", path);
    return KR_OK;
}

kr_status kr_data_file_find(const char *landscape, const char *path, const char *directory, char **full, kr_data_format *format,
                            kr_error *error) {
    *full = NULL;
    if (!path || !*path) return kr_fail(error, KR_BAD_ARGUMENT, "landscape '%s' needs a file; give landscape.file", landscape);
    *full = kr_path_join(directory, path);
    if (!*full) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the surface of a file");
    kr_status status = kr_shipped_check(*full, path, error);
    return status == KR_OK ? look_at(*full, format, error) : status;
}

/* ---- planes that are no HDF5 ---- */

/* Every array of three columns whose rows are a grid is taken for x, y, value. */
static kr_status from_array(kr_raw_grid *raw, kr_number_array *array, const kr_surface_source *source, kr_error *error) {
    bool x_first = source->order == KR_ORDER_XY || source->order == KR_ORDER_TOOL;
    if (array->rank == 2 && array->columns == 3 && source->x.count == 0 && source->y.count == 0) {
        kr_status status = kr_grid_from_columns(array, raw->path, raw, error);
        raw->order = KR_ORDER_YX;
        return status;
    }
    if (array->rank != 2 || ((array->rows == 2 || array->columns <= 2) && source->x.count == 0))
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has losses along one direction; landscape 'table' reads it", raw->path);
    raw->value = array->value;
    array->value = NULL;
    raw->size[0] = array->rows;
    raw->size[1] = array->columns;
    raw->grid.nx = raw->size[x_first ? 0 : 1];
    raw->grid.ny = raw->size[x_first ? 1 : 0];
    kr_status status = kr_given_coordinates(&source->x, raw->grid.nx, "x", raw->path, &raw->grid.x, error);
    if (status == KR_OK) status = kr_given_coordinates(&source->y, raw->grid.ny, "y", raw->path, &raw->grid.y, error);
    return status;
}

static kr_status read_array(kr_raw_grid *raw, const kr_surface_source *source, kr_data_format format, kr_error *error) {
    kr_number_array array;
    kr_status status = format == KR_DATA_NPY ? kr_npy_read(&array, raw->path, KR_SPLINE_MAXIMUM_CELLS, error)
                                             : kr_columns_read(&array, raw->path, KR_SPLINE_MAXIMUM_CELLS, error);
    if (status == KR_OK) status = from_array(raw, &array, source, error);
    kr_number_array_destroy(&array);
    if (status == KR_OK) status = kr_choose_order(raw, error);
    if (status == KR_OK)
        status = kr_check_values(raw->path, "value", raw->size[0] * raw->size[1], raw->size[1], raw->value, source->missing, error);
    return status;
}

kr_status kr_surface_file_read(kr_surface_file *file, const kr_surface_source *source, kr_error *error) {
    char *full;
    kr_data_format format = KR_DATA_TEXT;
    *file = (kr_surface_file){.nx = 0};
    kr_raw_grid raw = {.order = source->order};
    kr_status status = kr_data_file_find("surface", source->file, source->directory, &full, &format, error);
    raw.path = full;
    raw.name = "array";
    if (status == KR_OK)
        status = format == KR_DATA_HDF5 ? kr_surface_hdf5_read(&raw, source, error) : read_array(&raw, source, format, error);
    if (status == KR_OK) status = kr_arrange(&raw, file, error);
    kr_raw_grid_destroy(&raw);
    free(full);
    return status;
}
