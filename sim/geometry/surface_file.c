#include "surface_file.h"

#include "hdf5/hdf5_read.h"
#include "spline_surface.h"

#include <kramers/file_path.h>
#include <kramers/shipped_files.h>

#include <errno.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Values at points that the loss-landscape tools have not computed yet. */
static const double unfilled = -1;

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

static kr_status no_such_dataset(kr_h5 *h5, const char *path, const char *name, kr_error *error) {
    names found = {.count = 0};
    H5Literate(h5->file, H5_INDEX_NAME, H5_ITER_INC, NULL, collect, &found);
    char all[512] = "none";
    size_t used = 0;
    for (size_t i = 0; i < found.count && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", found.list[i]);
    const char *near = kr_nearest_name(name, found.list);
    return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has no data set '%s'%s%s%s; its data sets: %s", path, name,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", all);
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

/* Whether the data set is there; false with KR_OK never: the status says what is wrong. */
static kr_status find(kr_h5 *h5, const char *path, const char *name, kr_h5_about *about, kr_error *error) {
    if (kr_h5_describe(h5, name, about)) return KR_OK;
    return kr_h5_good(h5) ? no_such_dataset(h5, path, name, error) : h5->status;
}

static kr_status read_axis(kr_h5 *h5, const char *path, const char *name, size_t *count, double **x, kr_error *error) {
    kr_h5_about about;
    kr_status status = find(h5, path, name, &about, error);
    if (status != KR_OK) return status;
    if (about.rank != 1 || !about.number)
        return kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' must be a one-dimensional array of numbers", name, path);
    if (about.count < KR_SPLINE_MINIMUM_KNOTS)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %llu points along %s; the spline needs at least %d", path,
                       (unsigned long long)about.count, name, KR_SPLINE_MINIMUM_KNOTS);
    *count = (size_t)about.count;
    *x = kr_h5_read_all(h5, name, KR_H5_NUMBER, 1, KR_SPLINE_MAXIMUM_CELLS, NULL);
    return *x ? check_ascending(path, name, *count, *x, error) : h5->status;
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

static kr_status read_values(kr_h5 *h5, kr_surface_file *f, const char *path, const char *name, kr_error *error) {
    kr_h5_about about;
    kr_status status = find(h5, path, name, &about, error);
    if (status != KR_OK) return status;
    if (about.rank != 2)
        return kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' has %d dimensions; it must have two, [iy][ix]", name,
                       path, about.rank);
    if (about.size[0] != f->ny || about.size[1] != f->nx)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "the data set '%s' of '%s' is %llu x %llu; it must be %zu x %zu, ycoordinates by xcoordinates", name, path,
                       (unsigned long long)about.size[0], (unsigned long long)about.size[1], f->ny, f->nx);
    if (!about.number) return kr_fail(error, KR_BAD_ARGUMENT, "the data set '%s' of '%s' does not hold numbers", name, path);
    f->value = kr_h5_read_all(h5, name, KR_H5_NUMBER, 2, f->nx * f->ny, NULL);
    return f->value ? check_values(f, path, name, error) : h5->status;
}

static kr_status read_open(kr_h5 *h5, kr_surface_file *f, const char *path, const char *name, kr_error *error) {
    kr_status status = read_axis(h5, path, "xcoordinates", &f->nx, &f->x, error);
    if (status == KR_OK) status = read_axis(h5, path, "ycoordinates", &f->ny, &f->y, error);
    if (status == KR_OK && f->nx - 1 > KR_SPLINE_MAXIMUM_CELLS / (f->ny - 1))
        status = kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu x %zu points; at most %zu cells can be used", path, f->ny, f->nx,
                         KR_SPLINE_MAXIMUM_CELLS);
    if (status == KR_OK) status = read_values(h5, f, path, name, error);
    return status;
}

static kr_status open_and_read(kr_surface_file *f, const char *path, const char *name, kr_error *error) {
    /* The system says better than HDF5 why a file cannot be opened. */
    FILE *probe = fopen(path, "rb");
    if (!probe) return kr_fail(error, KR_IO, "cannot open '%s': %s", path, strerror(errno));
    fclose(probe);
    kr_h5 h5;
    if (!kr_h5_open(&h5, path, error)) return h5.status;
    kr_status status = read_open(&h5, f, path, name, error);
    if (status != KR_OK) h5.status = status;
    return kr_h5_end(&h5);
}

kr_status kr_surface_file_read(kr_surface_file *file, const char *path, const char *directory, const char *dataset,
                               kr_error *error) {
    *file = (kr_surface_file){.nx = 0};
    if (!path || !*path) return kr_fail(error, KR_BAD_ARGUMENT, "landscape 'surface' needs a file; give landscape.file");
    if (!dataset || !*dataset) return kr_fail(error, KR_BAD_ARGUMENT, "landscape 'surface' needs the name of a data set");
    char *full = kr_path_join(directory, path);
    if (!full) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory");
    kr_status status = kr_shipped_check(full, path, error);
    if (status == KR_OK) status = open_and_read(file, full, dataset, error);
    free(full);
    return status;
}

void kr_surface_file_destroy(kr_surface_file *file) {
    free(file->x);
    free(file->y);
    free(file->value);
    *file = (kr_surface_file){.nx = 0};
}
