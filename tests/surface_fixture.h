/* Files of surfaces and what is said of them, for tests. */
#ifndef SURFACE_FIXTURE_H
#define SURFACE_FIXTURE_H

#include "landscape_fixture.h"

#include <fcntl.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SURFACE_TEST
#define SURFACE_TEST "surface"
#endif
#define TEST_FILE KR_BUILD_DIRECTORY "/test_landscape_" SURFACE_TEST ".h5"

/* A file as the loss-landscape tools write it. */
static inline void write_array(hid_t file, const char *name, int rank, hsize_t rows, hsize_t columns, hid_t type,
                               const double *value) {
    hsize_t length[2] = {rows, columns};
    hid_t space = H5Screate_simple(rank, length, NULL);
    hid_t dataset = H5Dcreate(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(dataset >= 0 && H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
}

/* Values of an array of rows x columns; coordinates only where there are some. */
static inline void write_shaped(size_t nx, const double *x, size_t ny, const double *y, size_t rows, size_t columns,
                                const double *value, hid_t type) {
    hid_t file = H5Fcreate(TEST_FILE, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(file >= 0);
    if (nx) write_array(file, "xcoordinates", 1, nx, 1, H5T_IEEE_F64LE, x);
    if (ny) write_array(file, "ycoordinates", 1, ny, 1, H5T_IEEE_F64LE, y);
    if (value) write_array(file, "train_loss", 2, rows, columns, type, value);
    H5Fclose(file);
}

static inline void write_surface(size_t nx, const double *x, size_t ny, const double *y, const double *value, hid_t type) {
    write_shaped(nx, x, ny, y, ny, nx, value, type);
}

#define TEXT_FILE KR_BUILD_DIRECTORY "/test_landscape_" SURFACE_TEST ".csv"
#define NPY_FILE KR_BUILD_DIRECTORY "/test_landscape_" SURFACE_TEST ".npy"

static inline void write_bytes(const char *path, const void *bytes, size_t size) {
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(out);
}

/* Version 1.0 of the format. */
static inline void write_npy(const char *header, const void *values, size_t size) {
    char bytes[1024];
    memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    memset(bytes + 10, ' ', 118);
    memcpy(bytes + 10, header, strlen(header));
    bytes[127] = '\n';
    memcpy(bytes + 128, values, size);
    write_bytes(NPY_FILE, bytes, 128 + size);
}

static inline fixture open_written(const char *options) {
    char text[512];
    snprintf(text, sizeof text, "file=%s %s", TEST_FILE, options);
    return fixture_open("surface", 0, text);
}

static inline double energy_at(const fixture *f, double x, double y) {
    double energy;
    kr_landscape_energy(&f->landscape, 1, (double[]){x, y}, &energy);
    return energy;
}

/* Knots of every kind. */
enum { NX = 40, NY = 23 };
typedef double spacing(size_t i, size_t count);
static inline double even(size_t i, size_t count) {
    return -1 + 3.7 * (double)i / (double)(count - 1);
}
static inline double single_precision(size_t i, size_t count) {
    return (double)(float)even(i, count);
}
static inline double logarithmic(size_t i, size_t count) {
    return pow(10, -6 * (1 - (double)i / (double)(count - 1)));
}
static inline double irregular(size_t i, size_t count) {
    return even(i, count) + 0.03 * sin(7.0 * (double)(i * i));
}
static inline double two_scales(size_t i, size_t count) {
    return i < count / 2 ? 0.01 * (double)i : (double)i;
}
static spacing *const spacings[] = {even, single_precision, logarithmic, irregular, two_scales};
enum { SPACINGS = sizeof spacings / sizeof *spacings };

/* What HDF5 or anything else writes to stderr in between. */
static inline int silence_begin(char *name) {
    int kept = dup(2), sink = mkstemp(name);
    assert_true(kept >= 0 && sink >= 0);
    dup2(sink, 2);
    close(sink);
    return kept;
}
static inline long silence_end(int kept, const char *name) {
    struct stat about;
    fflush(stderr);
    dup2(kept, 2);
    close(kept);
    assert_int_equal(stat(name, &about), 0);
    unlink(name);
    return (long)about.st_size;
}

static inline void assert_refused(const char *options, kr_status expected, const char *says) {
    fixture f;
    kr_error error = {.message = ""};
    char name[] = "/tmp/kramers_test_XXXXXX";
    int kept = silence_begin(name);
    kr_status status = fixture_try(&f, landscape_type("surface"), 0, options, &error);
    long printed = silence_end(kept, name);
    fixture_close(&f);
    if (status != expected || !strstr(error.message, says))
        fail_msg("status %d, '%s' does not say '%s'", (int)status, error.message, says);
    assert_int_equal(printed, 0);
}

static inline void assert_written_refused(const char *more, const char *says) {
    char options[512];
    snprintf(options, sizeof options, "file=%s %s", TEST_FILE, more);
    assert_refused(options, KR_BAD_ARGUMENT, says);
}

#endif
