#define _XOPEN_SOURCE 700 /* nanosleep */
#include "hdf5_layer.h"

#include "disk/file_lock.h"
#include "hdf5_lock.h"

#include <kramers/input_file.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef KR_NOTE_MESSAGES /* which messages do tests provoke? */
#include "../../tests/faults/note_messages.h"
#define KR_NOTE(format) kr_note(format)
#else
#define KR_NOTE(format) (void)0
#endif

static pthread_once_t begun = PTHREAD_ONCE_INIT;

/* Called before an external link is followed. */
static herr_t stay_inside(const char *file, const char *group, const char *to_file, const char *to_object, unsigned *flags,
                          hid_t access, void *context) {
    (void)file, (void)group, (void)to_file, (void)to_object, (void)flags, (void)access, (void)context;
    return -1;
}

/* HDF5 would write and close at the end of the process what is still open, which is what has failed (kr_store_end). */
static void leave_alone_at_exit(void) {
    H5dont_atexit();
}

void kr_h5_enter(kr_h5 *h5, const char *path, kr_error *error) {
    *h5 = (kr_h5){.file = H5I_INVALID_HID, .path = path, .error = error, .source.descriptor = -1};
    kr_hdf5_lock();
    pthread_once(&begun, leave_alone_at_exit);
    H5Eget_auto2(H5E_DEFAULT, &h5->print, &h5->print_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    h5->inside = H5Pcreate(H5P_DATASET_ACCESS); /* a list for links, too */
    if (h5->inside < 0 || H5Pset_elink_cb(h5->inside, stay_inside, NULL) < 0) kr_h5_fail(h5, "begin");
}

void kr_h5_leave(kr_h5 *h5) {
    kr_h5_close(h5->inside);
    H5Eset_auto2(H5E_DEFAULT, h5->print, h5->print_data);
    kr_hdf5_unlock();
}

static void say_why(kr_h5 *h5) {
    const char *why = H5Fis_hdf5(h5->path) > 0 ? "cannot be opened as an HDF5 file; it may be damaged, or in use by a writer"
                                               : "is not an HDF5 file, or it is damaged";
    h5->status = kr_fail(h5->error, KR_IO, "%s: %s", h5->path, why);
}

static hid_t open_source(void *source) {
    return kr_h5_source_open(source);
}

void kr_h5_fail_changed(kr_h5 *h5) {
    h5->status =
        kr_fail(h5->error, KR_IO,
                "%s: was changed by another program while it was being read. Read it again when that program is done; a file "
                "that is replaced as a whole (written elsewhere, then renamed) is never met halfway.",
                h5->path);
}

bool kr_h5_look_through(kr_h5 *h5, const kr_h5_survey_of *file, kr_h5_witness **witness) {
    kr_h5_finding finding;
    if (!kr_h5_good(h5) || kr_h5_survey(file, witness, &finding)) return kr_h5_good(h5);
    if (kr_h5_witness_differs(*witness))
        kr_h5_fail_changed(h5);
    else
        kr_h5_refuse(h5, finding.at, finding.is);
    return false;
}

/* Times of files go on by the clock's ticks of up to 10 ms. From here on every change has another time than the last one before. */
static void wait_for_another_time(const struct stat *about) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return;
    double age = (double)(now.tv_sec - about->st_mtim.tv_sec) + 1e-9 * (double)(now.tv_nsec - about->st_mtim.tv_nsec);
    if (age < 0.02 && age > -1) nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

static bool is_as_before(const kr_h5 *h5) {
    struct stat now;
    return fstat(h5->source.descriptor, &now) == 0 && now.st_size == h5->before.st_size &&
           now.st_mtim.tv_sec == h5->before.st_mtim.tv_sec && now.st_mtim.tv_nsec == h5->before.st_mtim.tv_nsec;
}

/* A regular file on which HDF5 does not crash. */
static bool is_sound(kr_h5 *h5) {
    kr_h5_source *source = &h5->source;
    h5->status = kr_input_open(h5->path, &source->descriptor, h5->error);
    if (!kr_h5_good(h5) || fstat(source->descriptor, &h5->before) != 0) return kr_h5_good(h5);
    h5->grows = h5->grows && kr_lock_is_held(source->descriptor);
    if (!h5->grows) wait_for_another_time(&h5->before);
    kr_h5_look_through(h5, &(kr_h5_survey_of){.about = &h5->before, .open = open_source, .context = source, .grows = h5->grows},
                       &source->witness);
    return kr_h5_good(h5);
}

/* What was refused, too, may only be what is half written. */
static void end_source(kr_h5 *h5) {
    if (h5->source.descriptor < 0) return;
    if (!h5->grows && h5->status != KR_NO_MEMORY && (kr_h5_witness_differs(h5->source.witness) || !is_as_before(h5)))
        kr_h5_fail_changed(h5);
    kr_h5_witness_destroy(h5->source.witness);
    close(h5->source.descriptor);
}

static bool open_as(kr_h5 *h5, const char *path, bool grows, kr_error *error) {
    kr_h5_enter(h5, path, error);
    h5->grows = grows;
    if (kr_h5_good(h5) && is_sound(h5)) {
        h5->file = kr_h5_source_open(&h5->source);
        if (h5->file < 0) say_why(h5);
    }
    if (h5->file >= 0) return true;
    end_source(h5);
    kr_h5_leave(h5);
    return false;
}

bool kr_h5_open(kr_h5 *h5, const char *path, kr_error *error) {
    return open_as(h5, path, false, error);
}

bool kr_h5_open_growing(kr_h5 *h5, const char *path, kr_error *error) {
    return open_as(h5, path, true, error);
}

kr_status kr_h5_end(kr_h5 *h5) {
    if (H5Fclose(h5->file) < 0) kr_h5_fail(h5, "close the file");
    end_source(h5);
    kr_h5_leave(h5);
    return h5->status;
}

bool kr_h5_good(const kr_h5 *h5) {
    return h5->status == KR_OK;
}

/* The innermost message of HDF5's error stack, for one thread. */
static herr_t innermost(unsigned depth, const H5E_error2_t *entry, void *text) {
    if (depth == 0) strncat(text, entry->desc ? entry->desc : "no description", 199);
    return 0;
}

void kr_h5_fail(kr_h5 *h5, const char *what) {
    char text[200] = "";
    if (!kr_h5_good(h5)) return;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, text);
    h5->broken = true;
    h5->status = text[0] ? kr_fail(h5->error, KR_IO, "%s: HDF5 could not %s (it says: %s). 'kramers check %s' tells what is whole.",
                                   h5->path, what, text, h5->path)
                         : kr_fail(h5->error, KR_IO, "%s: HDF5 could not %s. 'kramers check %s' tells what is whole.", h5->path,
                                   what, h5->path);
}

void kr_h5_refuse(kr_h5 *h5, const char *name, const char *is) {
    if (!kr_h5_good(h5)) return;
    h5->refused = true;
    KR_NOTE(is);
    h5->status = kr_fail(h5->error, KR_IO, "%s: %s %s.", h5->path, name, is);
}

void kr_h5_no_memory(kr_h5 *h5, const char *what) {
    if (kr_h5_good(h5)) h5->status = kr_fail(h5->error, KR_NO_MEMORY, "%s: there is no memory for %s.", h5->path, what);
}

hid_t kr_h5_checked(kr_h5 *h5, hid_t result, const char *what, const char *name) {
    char text[160];
    if (result >= 0) return result;
    snprintf(text, sizeof text, "%s %s", what, name);
    kr_h5_fail(h5, text);
    return H5I_INVALID_HID;
}

void kr_h5_close(hid_t object) {
    if (object >= 0) H5Idec_ref(object);
}

/* HDF5 cannot say whether it is there. In a group that is damage; in what is no group there is nothing. */
static void refuse_unknown(kr_h5 *h5, const char *path) {
    char parent[256];
    snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(path, '/') - path), path);
    hid_t group = H5Oopen(h5->file, *parent ? parent : "/", h5->inside);
    if (group >= 0 && H5Iget_type(group) == H5I_GROUP) kr_h5_refuse(h5, path, "cannot be looked for: the file is damaged");
    kr_h5_close(group);
}

bool kr_h5_exists(kr_h5 *h5, const char *path) {
    char part[256];
    for (size_t i = 1; kr_h5_good(h5) && path[i - 1]; i++) { /* HDF5 asks level by level */
        if (path[i] && path[i] != '/') continue;
        snprintf(part, sizeof part, "%.*s", (int)i, path);
        htri_t there = strcmp(part, "/") != 0 ? H5Lexists(h5->file, part, h5->inside) : 1;
        if (there < 0 && *part == '/') refuse_unknown(h5, part);
        if (there <= 0) return false;
    }
    return kr_h5_good(h5);
}

/* Filters that data are often packed with and that are no part of HDF5 (their registered numbers). */
static const struct {
    H5Z_filter_t id;
    const char *name;
} foreign_filters[] = {{305, "lzo"},          {307, "bzip2"}, {32000, "lzf"},  {32001, "blosc"}, {32004, "lz4"},
                       {32008, "bitshuffle"}, {32013, "zfp"}, {32015, "zstd"}, {32017, "sz"},    {32026, "blosc2"}};

static const char *filter_name(H5Z_filter_t id, const char *stored) {
    for (size_t i = 0; i < sizeof foreign_filters / sizeof *foreign_filters; i++)
        if (foreign_filters[i].id == id) return foreign_filters[i].name;
    return id == H5Z_FILTER_SZIP ? "szip" : *stored ? stored : "unknown";
}

/* Whether a filter is needed that is not there; is: says which. */
static bool lacks_filter(hid_t plan, char *is, size_t size) {
    int filters = H5Pget_nfilters(plan);
    for (int i = 0; i < filters; i++) {
        unsigned flags, config;
        char stored[40] = "";
        size_t values = 0;
        H5Z_filter_t id = H5Pget_filter2(plan, (unsigned)i, &flags, &values, NULL, sizeof stored, stored, &config);
        stored[sizeof stored - 1] = 0;
        if (id >= 0 && id < H5Z_FILTER_RESERVED && H5Zfilter_avail(id) > 0) continue;
        snprintf(is, size,
                 "is packed with the filter %.40s (number %d), which is not there%s; write it packed with gzip, or unpacked",
                 filter_name(id, stored), (int)id, id >= H5Z_FILTER_RESERVED ? ": it is no part of HDF5" : "");
        return true;
    }
    return false;
}

/* Whether its values cannot be had from the file alone; is: says why. */
static bool outside(hid_t set, char *is, size_t size) {
    hid_t plan = H5Dget_create_plist(set);
    const char *found = plan < 0                             ? "cannot be read"
                        : H5Pget_layout(plan) == H5D_VIRTUAL ? "is virtual: its values are in other files"
                        : H5Pget_external_count(plan) != 0   ? "has external storage: its values are in other files"
                                                             : NULL;
    if (found) snprintf(is, size, "%s", found);
    bool lacks = !found && lacks_filter(plan, is, size);
    kr_h5_close(plan);
    return found || lacks;
}

hid_t kr_h5_open_set(kr_h5 *h5, const char *path) {
    if (!kr_h5_good(h5)) return H5I_INVALID_HID;
    hid_t set = kr_h5_checked(h5, H5Dopen2(h5->file, path, h5->inside), "open", path);
    char is[200];
    if (set < 0 || !outside(set, is, sizeof is)) return set;
    kr_h5_refuse(h5, path, is);
    kr_h5_close(set);
    return H5I_INVALID_HID;
}

hid_t kr_h5_text_type(size_t length) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length > 0 ? length : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}
