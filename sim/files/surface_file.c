#include "geometry/spline_surface.h"
#include "hdf5_lock.h"

#include <kramers/scene.h>

#include <errno.h>
#include <hdf5.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Values at points that the loss-landscape tools have not computed yet. */
static const double unfilled = -1;

static char *join(const char *directory, const char *path) {
    size_t size = strlen(directory) + strlen(path) + 2;
    char *full = malloc(size);
    if (full) snprintf(full, size, "%s/%s", directory, path);
    return full;
}

/* A relative path starts at directory; what is not there may be among the shipped data. malloc'd. */
static char *resolve(const char *path, const char *directory) {
    if (path[0] == '/') return strdup(path);
    char *full = directory ? join(directory, path) : strdup(path);
    if (!full || access(full, F_OK) == 0) return full;
    char *shipped = join(kr_shipped_directory(), path);
    bool use_shipped = shipped && access(shipped, F_OK) == 0;
    free(use_shipped ? full : shipped);
    return use_shipped ? shipped : full;
}

enum { NAMES = 32, NAME_SIZE = 64 };
typedef struct names {
    size_t count;
    char text[NAMES][NAME_SIZE];
    const char *list[NAMES + 1]; /* ends with NULL */
} names;

static herr_t collect(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    (void)info;
    names *found = context;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object >= 0 && H5Iget_type(object) == H5I_DATASET && found->count < NAMES) {
        snprintf(found->text[found->count], NAME_SIZE, "%s", name);
        found->list[found->count] = found->text[found->count];
        found->count++;
    }
    if (object >= 0) H5Oclose(object);
    return 0;
}

static kr_status no_such_dataset(hid_t file, const char *path, const char *name, kr_error *error) {
    names found = {.count = 0};
    H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, NULL, collect, &found);
    char all[512] = "none";
    size_t used = 0;
    for (size_t i = 0; i < found.count && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", found.list[i]);
    const char *near = kr_nearest_name(name, found.list);
    return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has no data set '%s'%s%s%s; its data sets: %s", path, name,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", all);
}

static bool is_number(hid_t dataset) {
    hid_t type = H5Dget_type(dataset);
    H5T_class_t class = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    if (type >= 0) H5Tclose(type);
    return class == H5T_FLOAT || class == H5T_INTEGER;
}

/* Rank and lengths of an open data set. */
static int shape_of(hid_t dataset, hsize_t length[2]) {
    hid_t space = H5Dget_space(dataset);
    int rank = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    if (rank == 1 || rank == 2) H5Sget_simple_extent_dims(space, length, NULL);
    if (space >= 0) H5Sclose(space);
    return rank;
}

/* Reads all of an open data set of numbers. */
static kr_status read_numbers(hid_t dataset, const char *path, const char *name, size_t count, double **value, kr_error *error) {
    *value = malloc(count * sizeof **value);
    if (!*value)
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the %zu values of '%s' in '%s'", count, name, path);
    if (H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *value) >= 0) return KR_OK;
    return kr_fail(error, KR_IO, "the data set '%s' of '%s' cannot be read; the file may be damaged", name, path);
}

static kr_status check_ascending(const char *path, const char *name, size_t count, const double *x, kr_error *error) {
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(x[i])) return kr_fail(error, KR_BAD_ARGUMENT, "'%s': %s[%zu] is not a finite number", path, name, i);
        if (i > 0 && !(x[i] > x[i - 1]))
            return kr_fail(error, KR_BAD_ARGUMENT, "'%s': %s must be strictly ascending, but %s[%zu] = %.15g follows %.15g", path,
                           name, name, i, x[i], x[i - 1]);
    }
    return KR_OK;
}

static kr_status read_axis(hid_t file, const char *path, const char *name, size_t *count, double **x, kr_error *error) {
    hid_t dataset = H5Dopen(file, name, H5P_DEFAULT);
    if (dataset < 0) return no_such_dataset(file, path, name, error);
    hsize_t length[2] = {0, 0};
    int rank = shape_of(dataset, length);
    kr_status status;
    if (rank != 1 || !is_number(dataset))
        status =
            kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' must be a one-dimensional array of numbers", name, path);
    else if (length[0] < KR_SPLINE_MINIMUM_KNOTS)
        status = kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %llu points along %s; the spline needs at least %d", path,
                         (unsigned long long)length[0], name, KR_SPLINE_MINIMUM_KNOTS);
    else
        status = read_numbers(dataset, path, name, (size_t)length[0], x, error);
    H5Dclose(dataset);
    *count = (size_t)length[0];
    return status == KR_OK ? check_ascending(path, name, *count, *x, error) : status;
}

/* The first value that is wrong, and how many there are. */
static kr_status check_values(const kr_surface_file *f, const char *path, const char *name, kr_error *error) {
    size_t empty = 0, broken = 0, first_empty = 0, first_broken = 0, size = f->nx * f->ny;
    for (size_t k = size; k-- > 0;) {
        if (f->value[k] == unfilled) {
            empty++;
            first_empty = k;
        } else if (!isfinite(f->value[k])) {
            broken++;
            first_broken = k;
        }
    }
    if (broken > 0)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s[%zu][%zu] of '%s' is %s; %zu of %zu values are not finite numbers", name,
                       first_broken / f->nx, first_broken % f->nx, path, isnan(f->value[first_broken]) ? "NaN" : "infinite", broken,
                       size);
    if (empty > 0)
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "%s[%zu][%zu] of '%s' is -1, the mark of a point that is not computed; %zu of %zu are missing: let the tool that "
            "wrote the file finish",
            name, first_empty / f->nx, first_empty % f->nx, path, empty, size);
    return KR_OK;
}

static kr_status read_values(hid_t file, kr_surface_file *f, const char *path, const char *name, kr_error *error) {
    hid_t dataset = H5Dopen(file, name, H5P_DEFAULT);
    if (dataset < 0) return no_such_dataset(file, path, name, error);
    hsize_t length[2] = {0, 0};
    int rank = shape_of(dataset, length);
    kr_status status = KR_OK;
    if (rank != 2)
        status = kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' has %d dimensions; it must have two, [iy][ix]", name,
                         path, rank);
    else if (length[0] != f->ny || length[1] != f->nx)
        status = kr_fail(error, KR_BAD_ARGUMENT,
                         "the data set '%s' of '%s' is %llu x %llu; it must be %zu x %zu, ycoordinates by xcoordinates", name, path,
                         (unsigned long long)length[0], (unsigned long long)length[1], f->ny, f->nx);
    else if (!is_number(dataset))
        status = kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' does not hold numbers", name, path);
    else
        status = read_numbers(dataset, path, name, f->nx * f->ny, &f->value, error);
    H5Dclose(dataset);
    return status == KR_OK ? check_values(f, path, name, error) : status;
}

static kr_status read_open(hid_t file, kr_surface_file *f, const char *path, const char *name, kr_error *error) {
    kr_status status = read_axis(file, path, "xcoordinates", &f->nx, &f->x, error);
    if (status == KR_OK) status = read_axis(file, path, "ycoordinates", &f->ny, &f->y, error);
    if (status == KR_OK && f->nx - 1 > KR_SPLINE_MAXIMUM_CELLS / (f->ny - 1))
        status = kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu x %zu points; at most %zu cells can be used", path, f->ny, f->nx,
                         KR_SPLINE_MAXIMUM_CELLS);
    if (status == KR_OK) status = read_values(file, f, path, name, error);
    return status;
}

static kr_status open_and_read(kr_surface_file *f, const char *path, const char *name, kr_error *error) {
    /* The system says better than HDF5 why a file cannot be opened. */
    FILE *probe = fopen(path, "rb");
    if (!probe) return kr_fail(error, KR_IO, "cannot open '%s': %s", path, strerror(errno));
    fclose(probe);
    if (H5Fis_hdf5(path) <= 0) return kr_fail(error, KR_IO, "'%s' is not an HDF5 file", path);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) return kr_fail(error, KR_IO, "cannot open '%s' as an HDF5 file; it may be damaged or in use by a writer", path);
    kr_status status = read_open(file, f, path, name, error);
    H5Fclose(file);
    return status;
}

kr_status kr_surface_file_read(kr_surface_file *file, const char *path, const char *directory, const char *dataset,
                               kr_error *error) {
    *file = (kr_surface_file){.nx = 0};
    if (!path || !*path) return kr_fail(error, KR_BAD_ARGUMENT, "landscape 'surface' needs a file; give landscape.file");
    if (!dataset || !*dataset) return kr_fail(error, KR_BAD_ARGUMENT, "landscape 'surface' needs the name of a data set");
    char *full = resolve(path, directory);
    if (!full) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory");
    kr_status status = KR_OK;
    kr_hdf5_lock();
    /* HDF5 would print its own account of each error. */
    H5E_BEGIN_TRY {
        status = open_and_read(file, full, dataset, error);
    }
    H5E_END_TRY
    kr_hdf5_unlock();
    free(full);
    return status;
}

void kr_surface_file_destroy(kr_surface_file *file) {
    free(file->x);
    free(file->y);
    free(file->value);
    *file = (kr_surface_file){.nx = 0};
}
