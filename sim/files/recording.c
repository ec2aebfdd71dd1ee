/* The file is opened for each frame and closed again: kramers run may be adding to it, and between its flushes what an open file
 * has cached of the trees would no longer be true. That costs about a tenth of a millisecond. */
#include <kramers/recording.h>

#include "hdf5_lock.h"

#include <hdf5.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 128, PATH = 256 };

struct kr_recording {
    char *file, *scene;
    char group[NAME]; /* below /particles */
    size_t frames, particles, width, dim;
    bool velocity, learning_rate;
    double *frame; /* [particles][width] */
};

/* ---- HDF5, between open_file and close_file ---- */

typedef struct reading {
    hid_t file;
    H5E_auto2_t print;
    void *print_data;
} reading;

static bool open_file(reading *r, const char *name) {
    kr_hdf5_lock();
    H5Eget_auto2(H5E_DEFAULT, &r->print, &r->print_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    r->file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    return r->file >= 0;
}

static void close_file(reading *r) {
    if (r->file >= 0) H5Fclose(r->file);
    H5Eset_auto2(H5E_DEFAULT, r->print, r->print_data);
    kr_hdf5_unlock();
}

/* Rank and sizes of a data set of numbers; -1: there is none. */
static int shape_of(hid_t file, const char *path, hsize_t size[4]) {
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    if (set < 0) return -1;
    hid_t space = H5Dget_space(set), type = H5Dget_type(set);
    H5T_class_t class = H5Tget_class(type);
    int rank = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    if ((class != H5T_FLOAT && class != H5T_INTEGER) || rank > 4) rank = -1;
    if (rank > 0) H5Sget_simple_extent_dims(space, size, NULL);
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(set);
    return rank;
}

/* Row number `row` of a data set, or all of a scalar. */
static bool read_row(hid_t file, const char *path, hid_t type, uint64_t row, void *out) {
    hsize_t size[4] = {0}, begin[4] = {row};
    int rank = shape_of(file, path, size);
    if (rank < 0 || (rank > 0 && row >= size[0])) return false;
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(set);
    size[0] = 1;
    hid_t memory = rank > 0 ? H5Screate_simple(rank, size, NULL) : H5Screate(H5S_SCALAR);
    if (rank > 0) H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, size, NULL);
    bool good = H5Dread(set, type, memory, space, H5P_DEFAULT, out) >= 0;
    H5Sclose(memory);
    H5Sclose(space);
    H5Dclose(set);
    return good;
}

/* Step or time of a frame. H5MD lets both be one number, the increment, with the first one as attribute offset. */
static bool read_clock(hid_t file, const char *path, uint64_t frame, double *value) {
    hsize_t size[4];
    int rank = shape_of(file, path, size);
    if (rank < 0 || !read_row(file, path, H5T_NATIVE_DOUBLE, frame, value)) return false;
    if (rank > 0) return true;
    double offset = 0;
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    if (H5Aexists(set, "offset") > 0) {
        hid_t attribute = H5Aopen(set, "offset", H5P_DEFAULT);
        H5Aread(attribute, H5T_NATIVE_DOUBLE, &offset);
        H5Aclose(attribute);
    }
    H5Dclose(set);
    *value = offset + *value * (double)frame;
    return true;
}

/* ---- opening ---- */

typedef struct groups {
    size_t count;
    char first[NAME], all[NAME];
    bool native; /* one of them is called trajectory */
} groups;

static herr_t collect(hid_t parent, const char *name, const H5L_info_t *info, void *context) {
    (void)parent, (void)info;
    groups *found = context;
    size_t used = strlen(found->all);
    if (!found->count++) snprintf(found->first, NAME, "%s", name);
    snprintf(found->all + used, NAME - used, "%s%s", used ? ", " : "", name);
    if (!strcmp(name, "trajectory")) found->native = true;
    return 0;
}

static kr_status find_group(kr_recording *r, hid_t file, kr_error *error) {
    groups found = {.count = 0};
    if (H5Lexists(file, "h5md", H5P_DEFAULT) <= 0)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "%s: is no H5MD file (it has no group /h5md), so there is no trajectory in it to be shown", r->file);
    if (H5Lexists(file, "particles", H5P_DEFAULT) > 0) {
        hid_t group = H5Gopen2(file, "particles", H5P_DEFAULT);
        if (group >= 0) H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, collect, &found);
        if (group >= 0) H5Gclose(group);
    }
    if (!found.count) return kr_fail(error, KR_BAD_ARGUMENT, "%s: has no group of particles, so there is nothing to show", r->file);
    if (found.count > 1 && !found.native)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "%s: has %zu groups of particles (%s); only files with one, or with one called "
                       "trajectory, can be shown",
                       r->file, found.count, found.all);
    snprintf(r->group, NAME, "%s", found.native ? "trajectory" : found.first);
    return KR_OK;
}

static void path_of(const kr_recording *r, const char *element, char *path) {
    snprintf(path, PATH, "/particles/%s/%s", r->group, element);
}

/* Frames that the position, its steps and its times all have: a file may be growing. */
static kr_status measure(kr_recording *r, hid_t file, kr_error *error) {
    char path[PATH];
    hsize_t size[4] = {0}, other[4] = {0};
    path_of(r, "position/value", path);
    if (shape_of(file, path, size) != 3) {
        path_of(r, "position", path);
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "%s: %s does not change with time as [frame][particle][coordinate], so there are no "
                       "frames to show",
                       r->file, path);
    }
    r->frames = (size_t)size[0];
    r->particles = (size_t)size[1];
    r->width = r->dim = (size_t)size[2];
    static const char *const clocks[] = {"position/step", "position/time"};
    for (size_t i = 0; i < 2; i++) {
        path_of(r, clocks[i], path);
        if (shape_of(file, path, other) > 0 && other[0] < r->frames) r->frames = (size_t)other[0];
    }
    if (!r->frames || !r->particles || !r->width) return kr_fail(error, KR_BAD_ARGUMENT, "%s: has no frames yet", r->file);
    path_of(r, "velocity/value", path);
    r->velocity = shape_of(file, path, other) == 3 && other[0] >= r->frames && other[1] == size[1] && other[2] == size[2];
    r->learning_rate = shape_of(file, "/observables/learning_rate/value", other) == 1 && other[0] >= r->frames;
    return KR_OK;
}

/* The text of the scene, and how many of the coordinates are the landscape's: for other programs there may be zeros behind them. */
static kr_status read_scene(kr_recording *r, hid_t file, kr_error *error) {
    hsize_t size[4];
    if (H5Lexists(file, "parameters", H5P_DEFAULT) <= 0 || H5Lexists(file, "parameters/kramers", H5P_DEFAULT) <= 0 ||
        H5Lexists(file, "parameters/kramers/scene", H5P_DEFAULT) <= 0)
        return KR_OK;
    hid_t set = H5Dopen2(file, "parameters/kramers/scene", H5P_DEFAULT), type = set >= 0 ? H5Dget_type(set) : H5I_INVALID_HID;
    size_t length = type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) <= 0 ? H5Tget_size(type) : 0;
    if (length) r->scene = calloc(length + 1, 1);
    bool good = length && r->scene && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, r->scene) >= 0;
    if (type >= 0) H5Tclose(type);
    if (set >= 0) H5Dclose(set);
    if (!good) return kr_fail(error, KR_IO, "%s: the scene in it cannot be read; the file may be damaged", r->file);
    if (H5Lexists(file, "parameters/kramers/landscape_grid", H5P_DEFAULT) > 0 &&
        shape_of(file, "parameters/kramers/landscape_grid/start", size) == 1 && size[0] && size[0] <= r->width)
        r->dim = (size_t)size[0];
    return KR_OK;
}

static kr_status inspect(kr_recording *r, kr_error *error) {
    reading r5;
    kr_status status = KR_OK;
    if (open_file(&r5, r->file)) {
        status = find_group(r, r5.file, error);
        if (status == KR_OK) status = measure(r, r5.file, error);
        if (status == KR_OK) status = read_scene(r, r5.file, error);
    } else {
        FILE *there = fopen(r->file, "rb");
        status = there ? kr_fail(error, KR_IO, "%s: is not an HDF5 file, or it is damaged", r->file)
                       : kr_fail(error, KR_IO, "%s: could not be opened; is it there and readable?", r->file);
        if (there) fclose(there);
    }
    close_file(&r5);
    return status;
}

kr_status kr_recording_open(kr_recording **recording, const char *file, kr_error *error) {
    *recording = NULL;
    kr_recording *r = calloc(1, sizeof *r);
    if (r) r->file = malloc(strlen(file) + 1);
    if (!r || !r->file) {
        free(r);
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory to open %s", file);
    }
    strcpy(r->file, file);
    kr_status status = inspect(r, error);
    if (status == KR_OK) r->frame = malloc(r->particles * r->width * sizeof *r->frame);
    if (status == KR_OK && !r->frame) status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a frame of %s", file);
    if (status == KR_OK)
        *recording = r;
    else
        kr_recording_close(r);
    return status;
}

void kr_recording_close(kr_recording *recording) {
    if (!recording) return;
    free(recording->frame);
    free(recording->scene);
    free(recording->file);
    free(recording);
}

size_t kr_recording_frames(const kr_recording *recording) {
    return recording->frames;
}

size_t kr_recording_particles(const kr_recording *recording) {
    return recording->particles;
}

size_t kr_recording_dim(const kr_recording *recording) {
    return recording->dim;
}

const char *kr_recording_scene(const kr_recording *recording) {
    return recording->scene;
}

/* ---- frames ---- */

/* [particles][width] of one frame as [dim][particles]. */
static bool read_particles(kr_recording *r, hid_t file, const char *element, size_t frame, double *out) {
    char path[PATH];
    path_of(r, element, path);
    if (!read_row(file, path, H5T_NATIVE_DOUBLE, frame, r->frame)) return false;
    for (size_t i = 0; i < r->dim; i++)
        for (size_t p = 0; p < r->particles; p++) out[i * r->particles + p] = r->frame[p * r->width + i];
    return true;
}

static bool read_frame(kr_recording *r, hid_t file, size_t frame, uint64_t *step, double *time, double *learning_rate,
                       double *position, double *velocity) {
    char path[PATH];
    double number;
    path_of(r, "position/step", path);
    /* Steps are integers of up to 64 bits; a file without them counts its frames. */
    if (step) {
        hsize_t size[4];
        if (shape_of(file, path, size) == 1) {
            if (!read_row(file, path, H5T_NATIVE_UINT64, frame, step)) return false;
        } else {
            *step = read_clock(file, path, frame, &number) && number >= 0 ? (uint64_t)number : frame;
        }
    }
    path_of(r, "position/time", path);
    if (time && !read_clock(file, path, frame, time)) *time = NAN;
    if (learning_rate &&
        !(r->learning_rate && read_row(file, "/observables/learning_rate/value", H5T_NATIVE_DOUBLE, frame, learning_rate)))
        *learning_rate = NAN;
    if (position && !read_particles(r, file, "position/value", frame, position)) return false;
    if (velocity && r->velocity) return read_particles(r, file, "velocity/value", frame, velocity);
    for (size_t k = 0; velocity && k < r->dim * r->particles; k++) velocity[k] = NAN;
    return true;
}

kr_status kr_recording_frame(kr_recording *recording, size_t frame, uint64_t *step, double *time, double *learning_rate,
                             double *position, double *velocity, kr_error *error) {
    if (frame >= recording->frames)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s: has frames 0 to %zu, not %zu", recording->file, recording->frames - 1, frame);
    reading r5;
    bool good =
        open_file(&r5, recording->file) && read_frame(recording, r5.file, frame, step, time, learning_rate, position, velocity);
    close_file(&r5);
    return good ? KR_OK
                : kr_fail(error, KR_IO, "%s: frame %zu cannot be read; has the file been replaced or damaged since it was opened?",
                          recording->file, frame);
}
