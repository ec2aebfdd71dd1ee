#include "trajectory_store.h"

#include "hdf5_lock.h"
#include "trajectory_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

long kr_store_stop_after = -1, kr_store_writes = 0;
bool kr_store_tear = false;

/* The last bytes of a file in which the overwrites of a session are not all done. */
typedef struct trailer {
    uint64_t size, end, checksum, magic; /* of the journal before it; of the file without it */
} trailer;
static const uint64_t MAGIC = 0x8a6b72616d657273;      /* not valid text in any encoding */
static const uint64_t MAGIC_UNDO = 0x8a6b72616d756e64; /* the tail is what a provisional session has overwritten */

static bool killed(void) {
    return kr_store_stop_after >= 0 && kr_store_writes >= kr_store_stop_after;
}

/* pwrite until all is written. */
static bool write_all(int descriptor, const void *data, size_t size, uint64_t place) {
    if (killed()) return true; /* a dead process does nothing and notices nothing */
    kr_store_writes++;
    if (killed() && kr_store_tear) size /= 2;
    const char *bytes = data;
    while (size > 0) {
        ssize_t done = pwrite(descriptor, bytes, size, (off_t)place);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        bytes += done;
        place += (uint64_t)done;
        size -= (size_t)done;
    }
    return true;
}

static bool read_all(int descriptor, void *data, size_t size, uint64_t place) {
    char *bytes = data;
    while (size > 0) {
        ssize_t done = pread(descriptor, bytes, size, (off_t)place);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return false;
        if (done == 0) {
            memset(bytes, 0, size); /* beyond the end */
            return true;
        }
        bytes += done;
        place += (uint64_t)done;
        size -= (size_t)done;
    }
    return true;
}

static bool cut(int descriptor, uint64_t size) {
    if (killed()) return true;
    kr_store_writes++;
    return ftruncate(descriptor, (off_t)size) == 0;
}

/* ---- the driver's view ---- */

static bool keep(kr_store *store, H5FD_mem_t kind, uint64_t place, const void *data, size_t size) {
    for (size_t i = store->count; i-- > 0;) {
        kr_overwrite *old = &store->overwrite[i];
        if (old->place == place && old->size == size) {
            memcpy(old->data, data, size);
            return true;
        }
        if (old->place < place + size && place < old->place + old->size) break; /* overlaps: order matters */
    }
    if (store->count == store->capacity) {
        size_t capacity = store->capacity ? 2 * store->capacity : 64;
        kr_overwrite *grown = realloc(store->overwrite, capacity * sizeof *grown);
        if (!grown) return false;
        store->overwrite = grown;
        store->capacity = capacity;
    }
    void *copy = malloc(size > 0 ? size : 1);
    if (!copy) return false;
    memcpy(copy, data, size);
    store->overwrite[store->count++] = (kr_overwrite){.place = place, .size = size, .kind = kind, .data = copy};
    return true;
}

bool kr_store_driver_write(kr_store *store, H5FD_mem_t kind, uint64_t place, const void *data, size_t size) {
    if (place + size > store->size) store->size = place + size;
    if (place >= store->old_end && store->problem == 0 && store->writable) {
        if (write_all(store->descriptor, data, size, place)) return true;
        store->problem = errno ? errno : EIO;
    }
    return keep(store, kind, place, data, size);
}

bool kr_store_driver_read(kr_store *store, uint64_t place, void *data, size_t size) {
    if (!read_all(store->descriptor, data, size, place)) return false;
    for (size_t i = 0; i < store->count; i++) {
        const kr_overwrite *write = &store->overwrite[i];
        uint64_t low = write->place > place ? write->place : place;
        uint64_t high = write->place + write->size < place + size ? write->place + write->size : place + size;
        if (low < high) memcpy((char *)data + (low - place), write->data + (low - write->place), (size_t)(high - low));
    }
    return true;
}

static void forget(kr_store *store) {
    for (size_t i = 0; i < store->count; i++) free(store->overwrite[i].data);
    store->count = 0;
}

/* ---- messages ---- */

static kr_status fail(const kr_store *store, int number, const char *what, kr_error *error) {
    struct statvfs disk;
    if ((number == ENOSPC || number == EDQUOT) && fstatvfs(store->descriptor, &disk) == 0) {
        double needed = store->end > store->old_end ? (double)(store->end - store->old_end) : 0.0;
        double available = (double)disk.f_bavail * (double)disk.f_frsize;
        if (store->fresh)
            return kr_fail(error, KR_IO,
                           "%s: the disk is full: at least %.0f bytes are needed to begin, %.0f are available. Make room, or write "
                           "elsewhere with -o.",
                           store->path, needed, available);
        return kr_fail(
            error, KR_IO,
            "%s: the disk is full: at least %.0f bytes more are needed, %.0f are available. The file is as it was after its "
            "last flush; make room and go on with: kramers resume %s",
            store->path, needed, available, store->path);
    }
    return kr_fail(error, KR_IO, "%s: could not be %s: %s.", store->path, what, strerror(number));
}

/* The innermost message of HDF5's error stack, for one thread. */
static herr_t innermost(unsigned depth, const H5E_error2_t *entry, void *text) {
    if (depth == 0) strncat(text, entry->desc ? entry->desc : "no description", 199);
    return 0;
}

kr_status kr_store_fail_hdf5(kr_store *store, const char *what, kr_error *error) {
    char text[200] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, text);
    store->broken = true;
    return kr_fail(error, KR_IO, "%s: HDF5 could not %s (%s).", store->path, what, text[0] ? text : "no reason given");
}

/* ---- journal ---- */

static uint64_t checksum(const unsigned char *data, size_t size, uint64_t end) {
    uint64_t sum = 0x9e3779b97f4a7c15 ^ end ^ size; /* Fowler-Noll-Vo, 64 bits */
    for (size_t i = 0; i < size; i++) sum = (sum ^ data[i]) * 0x100000001b3;
    return sum;
}

/* Overwrites are done in this order, so that a reader finds a whole file at every moment: no header or tree names what is not
 * there yet. Nodes of a higher level come before their children, which keep what a split has moved until the parent knows. */
static int rank(const kr_overwrite *write) {
    switch (write->kind) {
    case H5FD_MEM_SUPER: return 0;
    case H5FD_MEM_LHEAP:
    case H5FD_MEM_GHEAP: return 1;
    case H5FD_MEM_BTREE:
        /* "TREE", node type, level; symbol table nodes are the leaves' leaves */
        return write->size > 5 && memcmp(write->data, "TREE", 4) == 0 ? 300 - write->data[5] : 301;
    case H5FD_MEM_OHDR: return 400;
    default: return 350; /* raw data beyond the present extents */
    }
}

static int in_order(const void *a, const void *b) {
    const kr_overwrite *const *x = a, *const *y = b;
    if (rank(*x) != rank(*y)) return rank(*x) < rank(*y) ? -1 : 1;
    return *x < *y ? -1 : *x > *y; /* as written */
}

static unsigned char *journal_make(const kr_store *store, size_t *size) {
    *size = sizeof(trailer);
    for (size_t i = 0; i < store->count; i++) *size += 2 * sizeof(uint64_t) + store->overwrite[i].size;
    unsigned char *journal = malloc(*size);
    const kr_overwrite **order = malloc((store->count + 1) * sizeof *order);
    if (!journal || !order) {
        free(journal);
        free(order);
        return NULL;
    }
    for (size_t i = 0; i < store->count; i++) order[i] = &store->overwrite[i];
    qsort(order, store->count, sizeof *order, in_order);
    unsigned char *out = journal;
    for (size_t i = 0; i < store->count; i++) {
        uint64_t head[2] = {order[i]->place, order[i]->size};
        memcpy(out, head, sizeof head);
        memcpy(out + sizeof head, order[i]->data, order[i]->size);
        out += sizeof head + order[i]->size;
    }
    trailer last = {.size = *size - sizeof last, .end = store->end, .magic = MAGIC};
    last.checksum = checksum(journal, (size_t)last.size, last.end);
    memcpy(out, &last, sizeof last);
    free(order);
    return journal;
}

/* Does the journal's writes, or keeps them in memory as overwrites of a file opened for reading. */
static bool journal_apply(kr_store *store, const unsigned char *journal, size_t size, bool in_memory) {
    for (size_t at = 0; at + 2 * sizeof(uint64_t) <= size;) {
        uint64_t head[2];
        memcpy(head, journal + at, sizeof head);
        at += sizeof head;
        if (head[1] > size - at) return false;
        bool good = in_memory ? keep(store, H5FD_MEM_DRAW, head[0], journal + at, (size_t)head[1])
                              : write_all(store->descriptor, journal + at, (size_t)head[1], head[0]);
        if (!good) return false;
        at += (size_t)head[1];
    }
    return true;
}

static kr_status commit_journal(kr_store *store, kr_error *error) {
    if (store->problem != 0) {
        cut(store->descriptor, store->old_end);
        return fail(store, store->problem, "written", error);
    }
    size_t size;
    unsigned char *journal = journal_make(store, &size);
    if (!journal) return kr_fail(error, KR_NO_MEMORY, "There is no memory for a flush of %s.", store->path);
    if (!cut(store->descriptor, store->end) || !write_all(store->descriptor, journal, size, store->end)) {
        int number = errno;
        store->end += size;
        cut(store->descriptor, store->old_end);
        free(journal);
        return fail(store, number, "written", error);
    }
    bool good = journal_apply(store, journal, size - sizeof(trailer), false) && cut(store->descriptor, store->end);
    int number = errno;
    free(journal);
    if (good) return KR_OK;
    store->broken = true; /* the journal stays for whoever opens the file */
    return fail(store, number, "written", error);
}

/* The old end of the file, what stands where the session overwrites, and a trailer. NULL: no memory, or it cannot be read. */
static unsigned char *undo_make(const kr_store *store, size_t *size) {
    uint64_t lost = store->end < store->old_end ? store->old_end - store->end : 0;
    *size = sizeof store->old_end + sizeof(trailer) + 2 * sizeof(uint64_t) + (size_t)lost;
    for (size_t i = 0; i < store->count; i++) *size += 2 * sizeof(uint64_t) + store->overwrite[i].size;
    unsigned char *undo = malloc(*size), *out = undo;
    if (!undo) return NULL;
    memcpy(out, &store->old_end, sizeof store->old_end);
    out += sizeof store->old_end;
    bool good = true;
    for (size_t i = 0; i <= store->count && good; i++) {
        const kr_overwrite *write = i < store->count ? &store->overwrite[i] : NULL;
        uint64_t head[2] = {write ? write->place : store->end, write ? write->size : lost};
        if (head[0] >= store->old_end) continue;
        if (head[0] + head[1] > store->old_end) head[1] = store->old_end - head[0];
        memcpy(out, head, sizeof head);
        good = read_all(store->descriptor, out + sizeof head, (size_t)head[1], head[0]);
        out += sizeof head + head[1];
    }
    trailer last = {.size = (uint64_t)(out - undo), .end = store->end, .magic = MAGIC_UNDO};
    last.checksum = checksum(undo, (size_t)last.size, last.end);
    memcpy(out, &last, sizeof last);
    *size = (size_t)last.size + sizeof last;
    if (good) return undo;
    free(undo);
    return NULL;
}

static kr_status commit(kr_store *store, kr_error *error) {
    size_t size = 0;
    unsigned char *undo = store->provisional && store->problem == 0 ? undo_make(store, &size) : NULL;
    store->provisional = false;
    kr_status status = commit_journal(store, error);
    /* Without a way back the file is whole all the same; a resumed run then goes on from here, with other bytes. */
    if (status == KR_OK && undo && !write_all(store->descriptor, undo, size, store->end)) cut(store->descriptor, store->end);
    free(undo);
    return status;
}

/* Completes an interrupted session when its journal is whole; takes back a provisional one. */
static kr_status recover(kr_store *store, kr_error *error) {
    struct stat about;
    trailer last;
    if (fstat(store->descriptor, &about) != 0) return fail(store, errno, "read", error);
    uint64_t size = (uint64_t)about.st_size;
    if (size <= sizeof last) return KR_OK;
    if (!read_all(store->descriptor, &last, sizeof last, size - sizeof last)) return fail(store, errno, "read", error);
    if ((last.magic != MAGIC && last.magic != MAGIC_UNDO) || last.size > size - sizeof last ||
        last.end != size - sizeof last - last.size)
        return KR_OK;
    unsigned char *journal = malloc((size_t)last.size + 1);
    if (!journal) return kr_fail(error, KR_NO_MEMORY, "There is no memory to recover %s.", store->path);
    bool good = read_all(store->descriptor, journal, (size_t)last.size, last.end);
    if (good && last.checksum == checksum(journal, (size_t)last.size, last.end)) {
        uint64_t end = last.end, skip = last.magic == MAGIC_UNDO ? sizeof end : 0;
        if (skip) memcpy(&end, journal, sizeof end);
        good = journal_apply(store, journal + skip, (size_t)(last.size - skip), !store->writable) &&
               (!store->writable || cut(store->descriptor, end));
    }
    free(journal);
    return good ? KR_OK : fail(store, errno, "recovered", error);
}

/* ---- public ---- */

static kr_store *store_make(const char *path, bool writable) {
    kr_store *store = calloc(1, sizeof *store);
    if (!store) return NULL;
    size_t length = strlen(path) + 1;
    store->path = malloc(length);
    store->temporary = malloc(length + 5);
    if (!store->path || !store->temporary) {
        kr_store_destroy(store);
        return NULL;
    }
    memcpy(store->path, path, length);
    memcpy(store->temporary, path, length);
    memcpy(store->temporary + length - 1, ".part", 6);
    store->descriptor = -1;
    store->writable = writable;
    return store;
}

static kr_status refuse_existing(const char *path, kr_error *error) {
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "%s: the file exists and is not overwritten. Give another name with -o, overwrite it with --force, or go on from it "
        "with: kramers resume %s",
        path, path);
}

kr_status kr_store_create(kr_store **store, const char *path, bool overwrite, kr_error *error) {
    struct stat about;
    *store = NULL;
    if (stat(path, &about) == 0) {
        if (!S_ISREG(about.st_mode)) return kr_fail(error, KR_IO, "%s: is not a regular file; an HDF5 file needs one.", path);
        if (!overwrite) return refuse_existing(path, error);
    }
    kr_store *made = store_make(path, true);
    if (!made) return kr_fail(error, KR_NO_MEMORY, "There is no memory to write %s.", path);
    made->overwrite_file = overwrite;
    made->descriptor = open(made->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (made->descriptor < 0) {
        int number = errno;
        kr_store_destroy(made);
        return kr_fail(error, KR_IO, "%s: could not be created: %s. Is its directory there and writable?", path, strerror(number));
    }
    made->fresh = true;
    *store = made;
    return KR_OK;
}

kr_status kr_store_open(kr_store **store, const char *path, bool writable, kr_error *error) {
    *store = NULL;
    kr_store *made = store_make(path, writable);
    if (!made) return kr_fail(error, KR_NO_MEMORY, "There is no memory to open %s.", path);
    made->descriptor = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    kr_status status = KR_OK;
    if (made->descriptor < 0) status = kr_fail(error, KR_IO, "%s: could not be opened: %s.", path, strerror(errno));
    if (status == KR_OK) status = recover(made, error);
    if (status != KR_OK)
        kr_store_destroy(made);
    else
        *store = made;
    return status;
}

void kr_store_destroy(kr_store *store) {
    if (!store) return;
    forget(store);
    free(store->overwrite);
    if (store->descriptor >= 0) close(store->descriptor);
    if (store->fresh && !killed()) unlink(store->temporary);
    free(store->path);
    free(store->temporary);
    free(store);
}

const char *kr_store_path(const kr_store *store) {
    return store->path;
}

kr_status kr_store_begin(kr_store *store, hid_t *file, kr_error *error) {
    *file = H5I_INVALID_HID;
    if (store->broken) return kr_fail(error, KR_IO, "%s: an earlier error stopped all writing to this file.", store->path);
    kr_hdf5_lock();
    H5Eget_auto2(H5E_DEFAULT, &store->print, &store->print_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    store->problem = 0;
    *file = kr_store_driver_open(store);
    if (*file >= 0) return KR_OK;
    kr_status status = kr_store_fail_hdf5(store, store->fresh ? "create the file" : "open the file", error);
    H5Eset_auto2(H5E_DEFAULT, store->print, store->print_data);
    kr_hdf5_unlock();
    return status;
}

kr_status kr_store_end(kr_store *store, hid_t file, bool save, kr_error *error) {
    kr_status status = KR_OK;
    if (H5Fclose(file) < 0 && save) status = kr_store_fail_hdf5(store, "close the file", error);
    H5Eset_auto2(H5E_DEFAULT, store->print, store->print_data);
    kr_hdf5_unlock();
    if (!store->writable) return status;
    if (status == KR_OK && save) {
        status = commit(store, error);
    } else if (!killed()) {
        cut(store->descriptor, store->old_end);
    }
    forget(store);
    return status;
}

void kr_store_provisional(kr_store *store) {
    store->provisional = true;
}

kr_status kr_store_publish(kr_store *store, kr_error *error) {
    if (!store->fresh || killed()) return KR_OK;
    /* link refuses an existing name in one step; some file systems lack it, and there rename must do. */
    bool done = !store->overwrite_file && link(store->temporary, store->path) == 0;
    if (done) {
        unlink(store->temporary);
    } else if (!store->overwrite_file && errno == EEXIST) {
        return refuse_existing(store->path, error);
    } else if (rename(store->temporary, store->path) != 0) {
        return fail(store, errno, "created", error);
    }
    store->fresh = false;
    return KR_OK;
}

kr_status kr_store_write_at(kr_store *store, uint64_t place, const void *data, size_t size, kr_error *error) {
    return write_all(store->descriptor, data, size, place) ? KR_OK : fail(store, errno, "written", error);
}

kr_status kr_store_read_at(kr_store *store, uint64_t place, void *data, size_t size, kr_error *error) {
    return kr_store_driver_read(store, place, data, size) ? KR_OK : fail(store, errno, "read", error);
}
