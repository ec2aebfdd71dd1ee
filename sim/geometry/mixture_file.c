#include "mixture_file.h"

#include "hdf5/hdf5_read.h"
#include "surface_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NUMBERS = 100000000, MOST_COLUMNS_OF_TEXT = 64 };

static kr_status allocate(kr_mixture_file *file, size_t count, size_t dim, kr_error *error) {
    *file = (kr_mixture_file){.count = count, .dim = dim};
    file->center = malloc((count * dim + 1) * sizeof *file->center);
    file->weight = malloc((count + 1) * sizeof *file->weight);
    if (file->center && file->weight) return KR_OK;
    return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu modes in %zu dimensions", count, dim);
}

static kr_status from_rows(kr_mixture_file *file, const kr_number_array *rows, size_t dim, const char *path, kr_error *error) {
    size_t columns = rows->columns;
    if (columns != dim && columns != dim + 1)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "'%s' has %zu columns; with landscape.dim %zu it must have %zu (a centre a row) or %zu (with its weight)",
                       path, columns, dim, dim, dim + 1);
    kr_status status = allocate(file, rows->rows, dim, error);
    for (size_t k = 0; status == KR_OK && k < rows->rows; k++) {
        memcpy(file->center + k * dim, rows->value + k * columns, dim * sizeof *file->center);
        file->weight[k] = columns > dim ? rows->value[k * columns + dim] : 1;
    }
    return status;
}

static kr_status read_rows(kr_mixture_file *file, const char *path, bool npy, size_t dim, kr_error *error) {
    kr_number_array rows = {.rank = 0};
    if (!npy && dim >= MOST_COLUMNS_OF_TEXT)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s': text is read with up to %d columns; give %zu coordinates as .npy or HDF5",
                       path, (int)MOST_COLUMNS_OF_TEXT, dim);
    kr_status status = npy ? kr_npy_read(&rows, path, MOST_NUMBERS, error) : kr_columns_read(&rows, path, MOST_NUMBERS, error);
    if (status == KR_OK) status = from_rows(file, &rows, dim, path, error);
    kr_number_array_destroy(&rows);
    return status;
}

static kr_status read_sets(kr_h5 *h5, kr_mixture_file *file, size_t dim, kr_error *error) {
    kr_h5_about about;
    const char *name = kr_h5_exists(h5, "centres") ? "centres" : "centers";
    if (!kr_h5_describe(h5, name, &about))
        return kr_h5_good(h5) ? kr_fail(error, KR_BAD_ARGUMENT, "'%s' has no data set 'centres'", h5->path) : h5->status;
    if (about.rank != 2 || !about.number || about.size[1] != dim)
        return kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' must be numbers [modes][%zu], as many as landscape.dim",
                       name, h5->path, dim);
    *file = (kr_mixture_file){.count = (size_t)about.size[0], .dim = dim};
    file->center = kr_h5_read_all(h5, name, KR_H5_NUMBER, 2, MOST_NUMBERS, NULL);
    if (!file->center) return h5->status;
    bool weighted = kr_h5_describe(h5, "weights", &about);
    if (!weighted && kr_h5_exists(h5, "weights")) kr_h5_refuse(h5, "weights", "is no data set in the file");
    if (!kr_h5_good(h5)) return h5->status;
    if (weighted && (about.rank != 1 || !about.number || about.count != file->count))
        return kr_fail(error, KR_BAD_ARGUMENT, "the data set 'weights' of '%s' must be %zu numbers, as there are centres", h5->path,
                       file->count);
    file->weight = weighted ? kr_h5_read_all(h5, "weights", KR_H5_NUMBER, 1, MOST_NUMBERS, NULL)
                            : malloc((file->count + 1) * sizeof *file->weight);
    if (!file->weight) return weighted ? h5->status : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the weights");
    for (size_t k = 0; !weighted && k < file->count; k++) file->weight[k] = 1;
    return KR_OK;
}

static kr_status read_hdf5(kr_mixture_file *file, const char *path, size_t dim, kr_error *error) {
    kr_h5 h5;
    if (!kr_h5_open(&h5, path, error)) return h5.status;
    kr_status status = read_sets(&h5, file, dim, error);
    if (status != KR_OK) h5.status = status;
    return kr_h5_end(&h5);
}

/* Drops modes without weight. */
static kr_status check(kr_mixture_file *file, const char *path, double variance, kr_error *error) {
    size_t dim = file->dim, kept = 0;
    for (size_t k = 0; k < file->count; k++) {
        double weight = file->weight[k];
        if (!(weight >= 0 && isfinite(weight)))
            return kr_fail(error, KR_BAD_ARGUMENT, "'%s': the weight of mode %zu is %g; it must be a finite number of at least 0",
                           path, k, weight);
        for (size_t i = 0; i < dim; i++)
            if (!isfinite(file->center[k * dim + i]))
                return kr_fail(error, KR_BAD_ARGUMENT, "'%s': coordinate %zu of the centre of mode %zu is not a finite number",
                               path, i, k);
        for (size_t i = 0; i < dim; i++) {
            double x = fabs(file->center[k * dim + i]);
            if (nextafter(x, INFINITY) - x > sqrt(variance))
                return kr_fail(
                    error, KR_BAD_ARGUMENT,
                    "'%s': coordinate %zu of the centre of mode %zu is %g, where numbers are further apart than a mode of "
                    "variance %g is wide; bring the centres nearer to 0, or raise landscape.variance",
                    path, i, k, file->center[k * dim + i], variance);
        }
        if (weight == 0) continue;
        file->weight[kept] = weight;
        memmove(file->center + kept++ * dim, file->center + k * dim, dim * sizeof *file->center);
    }
    file->count = kept;
    return kept ? KR_OK : kr_fail(error, KR_BAD_ARGUMENT, "'%s' has no mode whose weight is above 0", path);
}

kr_status kr_mixture_file_read(kr_mixture_file *file, const char *path, const char *directory, size_t dim, double variance,
                               kr_error *error) {
    char *full;
    kr_data_format format = KR_DATA_TEXT;
    *file = (kr_mixture_file){.count = 0};
    kr_status status = kr_data_file_find("gaussian_mixture", path, directory, &full, &format, error);
    if (status == KR_OK)
        status =
            format == KR_DATA_HDF5 ? read_hdf5(file, full, dim, error) : read_rows(file, full, format == KR_DATA_NPY, dim, error);
    if (status == KR_OK) status = check(file, full, variance, error);
    free(full);
    return status;
}

void kr_mixture_file_destroy(kr_mixture_file *file) {
    free(file->center);
    free(file->weight);
    *file = (kr_mixture_file){.count = 0};
}
