#include "store_driver.h"

#include "store_checksum.h"

#include "hdf5/hdf5_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct driver_file {
    H5FD_t about; /* HDF5's part, first */
    kr_store_session *session;
} driver_file;

static kr_store_session *session_of(const H5FD_t *file) {
    return ((const driver_file *)(const void *)file)->session;
}

/* For the next file: HDF5 1.10 crashes when a driver that it opens has no memory, so that is had before. Under the lock. */
static driver_file *spare;

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t limit) {
    (void)name, (void)flags, (void)limit;
    kr_store_session *const *given = H5Pget_driver_info(access);
    driver_file *file = !given ? NULL : spare ? spare : malloc(sizeof *file);
    if (!file) return NULL;
    spare = NULL;
    *file = (driver_file){.session = *given};
    return &file->about;
}

/* A file is opened, closed and opened again where its first bytes decide how. */
static herr_t driver_close(H5FD_t *file) {
    if (spare)
        free(file);
    else
        spare = (driver_file *)(void *)file;
    return 0;
}

static herr_t driver_query(const H5FD_t *file, unsigned long *flags) {
    static const unsigned long gathering =
        H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA;
    *flags = file && session_of(file)->gathers ? gathering : 0;
    return 0;
}

static haddr_t driver_get_eoa(const H5FD_t *file, H5FD_mem_t kind) {
    (void)kind;
    return session_of(file)->end;
}

static herr_t driver_set_eoa(H5FD_t *file, H5FD_mem_t kind, haddr_t end) {
    (void)kind;
    session_of(file)->end = end;
    return 0;
}

/* The end of what can be read: of the file, or of a session's writes. */
static haddr_t driver_get_eof(const H5FD_t *file, H5FD_mem_t kind) {
    (void)kind;
    const kr_store_session *session = session_of(file);
    uint64_t end = session->size > session->end ? session->size : session->end;
    if (session->notes_damage) return (haddr_t)INT64_MAX / 2; /* what is there of a file that was cut off can be read */
    return session->verifies && session->sums && session->sums->anchor.end > end ? session->sums->anchor.end : end;
}

static herr_t driver_read(H5FD_t *file, H5FD_mem_t kind, hid_t transfer, haddr_t place, size_t size, void *data) {
    (void)transfer;
    kr_store_session *session = session_of(file);
    if (session->verifies && !kr_checksums_hold(session, place, size)) {
        session->damaged = true;
        session->damage = place;
        if (!session->notes_damage || kind != H5FD_MEM_DRAW) return -1;
    }
    return kr_store_session_read_seen(session, kind, place, data, size) ? 0 : -1;
}

static herr_t driver_write(H5FD_t *file, H5FD_mem_t kind, hid_t transfer, haddr_t place, size_t size, const void *data) {
    (void)transfer;
    (void)kr_store_session_write(session_of(file), kind, place, data, size);
    return 0; /* HDF5 cannot close a file whose writes fail: what went wrong is in the session */
}

static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)600, /* of the range left to unregistered drivers */
#endif
    .name = "kramers",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(kr_store_session *),
    .open = driver_open,
    .close = driver_close,
    .query = driver_query,
    .get_eoa = driver_get_eoa,
    .set_eoa = driver_set_eoa,
    .get_eof = driver_get_eof,
    .read = driver_read,
    .write = driver_write,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

/* Earliest format: no consistency flags that a kill leaves set, and every HDF5 since 1.4 reads it. No times. */
static hid_t create(hid_t access) {
    hid_t layout = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_obj_track_times(layout, 0);
    hid_t file = H5Fcreate("kramers", H5F_ACC_TRUNC, layout, access);
    H5Pclose(layout);
    return file;
}

hid_t kr_store_driver_open(kr_store_session *session, bool fresh) {
    struct stat about = {0};
    if (!spare && !(spare = malloc(sizeof *spare))) {
        session->problem = ENOMEM;
        return H5I_INVALID_HID;
    }
    static hid_t known = H5I_INVALID_HID;
    hid_t number = kr_h5_driver_registered(&driver, &known), access = H5Pcreate(H5P_FILE_ACCESS), file = H5I_INVALID_HID;
    if (number >= 0 && access >= 0 && H5Pset_driver(access, number, &session) >= 0 &&
        H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18) >= 0 &&
        H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0 && fstat(session->descriptor, &about) == 0) {
        /* Whoever looks for damage gets every row from the file, with its chunk's other rows left alone. */
        if (session->notes_damage) H5Pset_cache(access, 0, 0, 0, 0);
        bool first = fresh && session->end == 0;
        session->size = (uint64_t)about.st_size;
        session->old_end = first ? 0 : UINT64_MAX; /* until the superblock has said where the file ends */
        session->end = 0;
        file = first ? create(access) : H5Fopen("kramers", session->writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access);
        if (!first) session->old_end = session->end;
    }
    if (access >= 0) H5Pclose(access);
    return file;
}
