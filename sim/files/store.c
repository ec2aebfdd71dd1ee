#include "store.h"

#include "file_lock.h"
#include "store_disk.h"
#include "store_driver.h"
#include "store_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct kr_store {
    char *path, *temporary;
    bool fresh, overwrite_file, broken;
    bool provisional; /* the next session leaves an undo journal */
    int old;          /* of the file that is to be overwritten, locked; -1: there is none */
    kr_store_session session;
};

/* For a number of errno. */
static kr_status fail(const kr_store *store, int number, const char *what, kr_error *error) {
    const kr_store_session *session = &store->session;
    struct statvfs disk;
    if (number == ENOMEM) return kr_fail(error, KR_NO_MEMORY, "%s: there is not enough memory.", store->path);
    if (number == EBADMSG) return kr_fail(error, KR_IO, "%s: what an interrupted run left at its end is damaged.", store->path);
    if ((number == ENOSPC || number == EDQUOT) && fstatvfs(session->descriptor, &disk) == 0) {
        double needed = session->end > session->old_end ? (double)(session->end - session->old_end) : 0.0;
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

static kr_store *store_make(const char *path, bool writable) {
    kr_store *store = calloc(1, sizeof *store);
    if (!store) return NULL;
    size_t length = strlen(path) + 1;
    store->path = strdup(path);
    store->temporary = malloc(length + 5);
    if (!store->path || !store->temporary) {
        kr_store_destroy(store);
        return NULL;
    }
    memcpy(store->temporary, path, length);
    memcpy(store->temporary + length - 1, ".part", 6);
    store->session.descriptor = store->old = -1;
    store->session.writable = writable;
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
    kr_status status = overwrite ? kr_lock_open(path, O_RDWR, &made->old, error) : KR_OK;
    if (status == KR_OK) status = kr_lock_open(made->temporary, O_RDWR | O_CREAT, &made->session.descriptor, error);
    if (status == KR_OK && (made->session.descriptor < 0 || ftruncate(made->session.descriptor, 0)))
        status = kr_fail(error, KR_IO, "%s: could not be created: %s. Is its directory there and writable?", path, strerror(errno));
    if (status != KR_OK) return kr_store_destroy(made), status;
    made->fresh = true;
    *store = made;
    return KR_OK;
}

kr_status kr_store_open(kr_store **store, const char *path, bool writable, kr_error *error) {
    *store = NULL;
    kr_store *made = store_make(path, writable);
    if (!made) return kr_fail(error, KR_NO_MEMORY, "There is no memory to open %s.", path);
    kr_status status = KR_OK;
    if (writable)
        status = kr_lock_open(path, O_RDWR, &made->session.descriptor, error);
    else
        made->session.descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (status == KR_OK && made->session.descriptor < 0)
        status = kr_fail(error, KR_IO, "%s: could not be opened: %s.", path, strerror(errno));
    if (status == KR_OK) {
        int number = kr_journal_recover(&made->session);
        if (number != 0) status = fail(made, number, "recovered", error);
    }
    if (status != KR_OK)
        kr_store_destroy(made);
    else
        *store = made;
    return status;
}

void kr_store_write_once(kr_store *store) {
    store->session.gathers = true;
}

void kr_store_destroy(kr_store *store) {
    if (!store) return;
    kr_store_session_forget(&store->session);
    free(store->session.overwrite);
    if (store->session.descriptor >= 0) close(store->session.descriptor);
    if (store->old >= 0) close(store->old);
    if (store->fresh) unlink(store->temporary);
    free(store->path);
    free(store->temporary);
    free(store);
}

const char *kr_store_path(const kr_store *store) {
    return store->path;
}

bool kr_store_begin(kr_store *store, kr_h5 *h5, kr_error *error) {
    if (store->broken) {
        *h5 = (kr_h5){.file = H5I_INVALID_HID};
        h5->status = kr_fail(error, KR_IO, "%s: an earlier error stopped all writing to this file.", store->path);
        return false;
    }
    kr_h5_enter(h5, store->path, error);
    store->session.problem = 0;
    if (kr_h5_good(h5)) h5->file = kr_store_driver_open(&store->session, store->fresh);
    if (h5->file >= 0) return true;
    kr_h5_fail(h5, store->fresh ? "create the file" : "open the file");
    store->broken = true;
    kr_h5_leave(h5);
    return false;
}

kr_status kr_store_end(kr_store *store, kr_h5 *h5, bool save) {
    if (H5Fclose(h5->file) < 0 && save) kr_h5_fail(h5, "close the file");
    kr_h5_leave(h5);
    store->broken = store->broken || h5->broken;
    bool provisional = store->provisional;
    if (store->session.writable && kr_h5_good(h5) && save) {
        store->provisional = false;
        int number = kr_journal_commit(&store->session, provisional, &store->broken);
        if (number != 0) h5->status = fail(store, number, "written", h5->error);
    } else if (store->session.writable) {
        kr_disk_cut(store->session.descriptor, store->session.old_end);
    }
    if (store->session.writable) kr_store_session_forget(&store->session);
    return h5->status;
}

void kr_store_provisional(kr_store *store) {
    store->provisional = true;
}

kr_status kr_store_publish(kr_store *store, kr_error *error) {
    if (!store->fresh) return KR_OK;
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
    return kr_disk_write(store->session.descriptor, data, size, place) ? KR_OK : fail(store, errno, "written", error);
}

kr_status kr_store_read_at(kr_store *store, uint64_t place, void *data, size_t size, kr_error *error) {
    return kr_store_session_read(&store->session, place, data, size) ? KR_OK : fail(store, errno, "read", error);
}
