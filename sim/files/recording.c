#define _XOPEN_SOURCE 700 /* pread, nanosleep */
/* The file is opened for each frame and closed again: kramers run may be adding to it, and between its flushes what an open file
 * has cached of the trees would no longer be true. That costs about a tenth of a millisecond. */
#include <kramers/recording.h>

#include <kramers/input_file.h>

#include "h5md.h"
#include "hdf5/hdf5_read.h"
#include "scene_record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NAME = 128, PATH = 256 };

struct kr_recording {
    char *file, *scene;
    char group[NAME]; /* below /particles */
    size_t frames, particles, width, dim;
    bool velocity, learning_rate;
    uint64_t commits; /* where they are in the file; 0: it has none */
    double *frame;    /* [particles][width] */
};

/* ---- a file that grows ---- */

/* A flush changes the trees of the data sets, then the number of the commit, then the extents (store_journal.c). What was read
 * between two looks at that number that agree is that of one flush; otherwise it is read again. What cannot be read at all is tried
 * again, too, as long as the file changes. */
enum { TRIES = 100, TRIES_OF_ANY = 3, WAIT = 5 /* milliseconds */ };

typedef struct look {
    uint64_t commit; /* its number, 0: not known */
    struct stat about;
} look;

/* Past HDF5's cache. */
static look look_at(const kr_recording *r) {
    uint64_t rows[2 * KR_COMMIT_FIELDS] = {0};
    look now = {.commit = 0};
    int descriptor;
    if (kr_input_open(r->file, &descriptor, NULL) != KR_OK) return now;
    if (fstat(descriptor, &now.about) == 0 && r->commits &&
        pread(descriptor, rows, sizeof rows, (off_t)r->commits) == (ssize_t)sizeof rows)
        now.commit = rows[0] > rows[KR_COMMIT_FIELDS] ? rows[0] : rows[KR_COMMIT_FIELDS];
    close(descriptor);
    return now;
}

static bool is_unchanged(const look *a, const look *b) {
    return a->commit == b->commit && a->about.st_ino == b->about.st_ino && a->about.st_size == b->about.st_size &&
           a->about.st_mtim.tv_sec == b->about.st_mtim.tv_sec && a->about.st_mtim.tv_nsec == b->about.st_mtim.tv_nsec;
}

typedef kr_status read_once(kr_recording *r, void *context, kr_error *error);

static kr_status read_whole(kr_recording *r, read_once *read, void *context, kr_error *error) {
    kr_status status = KR_OK;
    for (int i = 0; i < TRIES; i++) {
        look before = look_at(r);
        status = read(r, context, error);
        if (status == KR_NO_MEMORY) break;
        if (status != KR_OK) nanosleep(&(struct timespec){.tv_nsec = 1000000L * WAIT}, NULL);
        look after = look_at(r);
        if (status == KR_OK ? before.commit == after.commit : i + 1 >= TRIES_OF_ANY && is_unchanged(&before, &after)) break;
    }
    return status;
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

static kr_status find_group(kr_recording *r, kr_h5 *h5, kr_error *error) {
    groups found = {.count = 0};
    if (!kr_h5_exists(h5, "/h5md"))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "%s: is no H5MD file (it has no group /h5md), so there is no trajectory in it to be shown", r->file);
    if (kr_h5_exists(h5, "/particles")) {
        hid_t group = H5Oopen(h5->file, "/particles", h5->inside);
        if (group >= 0) H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, collect, &found);
        kr_h5_close(group);
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
static kr_status measure(kr_recording *r, kr_h5 *h5, kr_error *error) {
    char path[PATH];
    kr_h5_about position, other;
    path_of(r, "position/value", path);
    if (!kr_h5_describe(h5, path, &position) || position.rank != 3 || !position.number) {
        kr_h5_about fixed; /* of H5MD's positions that do not change */
        char alone[PATH];
        path_of(r, "position", alone);
        if (kr_h5_good(h5) && kr_h5_describe(h5, alone, &fixed)) path_of(r, "position", path);
        return kr_h5_good(h5) ? kr_fail(error, KR_BAD_ARGUMENT,
                                        "%s: %s does not change with time as [frame][particle][coordinate], so there are no "
                                        "frames to show",
                                        r->file, path)
                              : h5->status;
    }
    r->frames = (size_t)position.size[0];
    r->particles = (size_t)position.size[1];
    r->width = r->dim = (size_t)position.size[2];
    static const char *const clocks[] = {"position/step", "position/time"};
    for (size_t i = 0; i < 2; i++) {
        path_of(r, clocks[i], path);
        if (kr_h5_describe(h5, path, &other) && other.rank > 0 && other.size[0] < r->frames) r->frames = (size_t)other.size[0];
    }
    if (!r->frames || !r->particles || !r->width)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s: %s has no frames yet", r->file, (path_of(r, "position/value", path), path));
    if (!kr_h5_holds_its_values(&position)) kr_h5_refuse(h5, "the position", "claims more values than the file holds");
    path_of(r, "velocity/value", path);
    r->velocity = kr_h5_describe(h5, path, &other) && other.number && other.rank == 3 && other.size[0] >= r->frames &&
                  other.size[1] == position.size[1] && other.size[2] == position.size[2];
    r->learning_rate = kr_h5_describe(h5, "/observables/learning_rate/value", &other) && other.number && other.rank == 1 &&
                       other.size[0] >= r->frames;
    return h5->status;
}

/* The text of the scene, and how many of the coordinates are the landscape's: for other programs there may be zeros behind them. */
static kr_status read_scene(kr_recording *r, kr_h5 *h5) {
    kr_h5_about start;
    if (!kr_h5_exists(h5, KR_H5_SCENE_TEXT)) return h5->status;
    r->scene = kr_h5_read_text(h5, KR_H5_SCENE_TEXT, KR_H5_SCENE_MOST);
    if (kr_h5_describe(h5, "/parameters/kramers/landscape_grid/start", &start) && start.rank == 1 && start.size[0] > 0 &&
        start.size[0] <= r->width)
        r->dim = (size_t)start.size[0];
    return h5->status;
}

/* Files of others have none. */
static void find_commits(kr_recording *r, kr_h5 *h5) {
    uint64_t words = 0;
    r->commits = 0;
    if (kr_h5_exists(h5, KR_COMMITS) && kr_h5_place(h5, KR_COMMITS, 2, &r->commits, &words) && words != 2 * KR_COMMIT_FIELDS)
        kr_h5_refuse(h5, KR_COMMITS, "has not the size that it must have");
}

static kr_status inspect(kr_recording *r, void *context, kr_error *error) {
    (void)context;
    kr_h5 h5;
    if (!kr_h5_open_growing(&h5, r->file, error)) return h5.status;
    free(r->scene);
    r->scene = NULL;
    kr_status status = find_group(r, &h5, error);
    if (status == KR_OK) {
        kr_h5md_check_format(&h5, 0);
        status = h5.status;
    }
    if (status == KR_OK) status = measure(r, &h5, error);
    if (status == KR_OK) status = read_scene(r, &h5);
    if (status == KR_OK) {
        find_commits(r, &h5);
        status = h5.status;
    }
    if (status != KR_OK) h5.status = status;
    return kr_h5_end(&h5);
}

kr_status kr_recording_open(kr_recording **recording, const char *file, kr_error *error) {
    *recording = NULL;
    kr_recording *r = calloc(1, sizeof *r);
    if (r) r->file = strdup(file);
    if (!r || !r->file) {
        free(r);
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory to open %s", file);
    }
    kr_status status = read_whole(r, inspect, NULL, error);
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

kr_status kr_recording_scene_load(const kr_recording *recording, kr_scene *scene, const kr_registry *registry,
                                  const char *const *overrides, size_t count, kr_error *error) {
    return kr_scene_record_parse(scene, registry, recording->file, NULL, recording->scene, overrides, count, error);
}

kr_status kr_recording_check_plugins(const kr_recording *recording, const kr_registry *registry, kr_error *error) {
    kr_h5 h5;
    if (!kr_h5_open_growing(&h5, recording->file, error)) return h5.status;
    kr_h5md_check_plugins(&h5, registry);
    return kr_h5_end(&h5);
}

/* ---- frames ---- */

/* [particles][width] of one frame as [dim][particles]. */
static void read_particles(kr_recording *r, kr_h5 *h5, const char *element, size_t frame, double *out) {
    char path[PATH];
    hsize_t size[2] = {r->particles, r->width};
    path_of(r, element, path);
    if (!kr_h5_read_row(h5, path, KR_H5_NUMBER, 3, size, frame, r->frame)) return;
    for (size_t i = 0; i < r->dim; i++)
        for (size_t p = 0; p < r->particles; p++) out[i * r->particles + p] = r->frame[p * r->width + i];
}

/* Step or time of a frame. H5MD lets both be one number, the increment, with the first one as attribute offset. false: the file
 * has none. */
static bool read_clock(kr_recording *r, kr_h5 *h5, const char *element, size_t frame, double *value) {
    char path[PATH];
    kr_h5_about about;
    double offset = 0;
    path_of(r, element, path);
    if (!kr_h5_describe(h5, path, &about)) return false;
    if (about.rank > 0) return kr_h5_read_row(h5, path, KR_H5_NUMBER, 1, NULL, frame, value);
    if (!kr_h5_read(h5, path, KR_H5_NUMBER, 0, NULL, value)) return false;
    if (kr_h5_has_attribute(h5, path, "offset") && !kr_h5_read_attribute(h5, path, "offset", KR_H5_NUMBER, &offset)) return false;
    *value = offset + *value * (double)frame;
    return true;
}

/* Steps are integers of up to 64 bits; a file without them counts its frames. */
static void read_step(kr_recording *r, kr_h5 *h5, size_t frame, uint64_t *step) {
    char path[PATH];
    kr_h5_about about;
    int64_t integer;
    double number;
    path_of(r, "position/step", path);
    if (kr_h5_describe(h5, path, &about) && about.rank == 1 && about.class == H5T_INTEGER)
        *step = kr_h5_read_row(h5, path, KR_H5_INTEGER, 1, NULL, frame, &integer) && integer > 0 ? (uint64_t)integer : 0;
    else
        *step = read_clock(r, h5, "position/step", frame, &number) && number >= 0 && number < 0x1p63 ? (uint64_t)number : frame;
}

typedef struct frame_wanted {
    size_t frame;
    uint64_t *step;
    double *time, *learning_rate, *position, *velocity; /* NULL: not wanted */
} frame_wanted;

static kr_status read_frame(kr_recording *r, void *context, kr_error *error) {
    const frame_wanted *want = context;
    kr_h5 h5;
    if (!kr_h5_open_growing(&h5, r->file, error)) return h5.status;
    if (want->step) read_step(r, &h5, want->frame, want->step);
    if (want->time && !read_clock(r, &h5, "position/time", want->frame, want->time)) *want->time = NAN;
    if (want->learning_rate) *want->learning_rate = NAN;
    if (want->learning_rate && r->learning_rate)
        kr_h5_read_row(&h5, "/observables/learning_rate/value", KR_H5_NUMBER, 1, NULL, want->frame, want->learning_rate);
    if (want->position) read_particles(r, &h5, "position/value", want->frame, want->position);
    for (size_t k = 0; want->velocity && k < r->dim * r->particles; k++) want->velocity[k] = NAN;
    if (want->velocity && r->velocity) read_particles(r, &h5, "velocity/value", want->frame, want->velocity);
    return kr_h5_end(&h5);
}

kr_status kr_recording_frame(kr_recording *recording, size_t frame, uint64_t *step, double *time, double *learning_rate,
                             double *position, double *velocity, kr_error *error) {
    if (frame >= recording->frames)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s: has frames 0 to %zu, not %zu", recording->file, recording->frames - 1, frame);
    kr_error why;
    frame_wanted want = {frame, step, time, learning_rate, position, velocity};
    kr_status status = read_whole(recording, read_frame, &want, &why);
    return status == KR_OK
               ? KR_OK
               : kr_fail(error, KR_IO,
                         "%s: frame %zu cannot be read; has the file been replaced or damaged since it was opened? (%s)",
                         recording->file, frame, why.message);
}
