#include "store.h"

#include "disk/file_bytes.h"
#include "disk/file_lock.h"
#include "disk/file_name.h"
#include "store_anchor.h"
#include "store_checksum.h"
#include "store_driver.h"
#include "store_journal.h"

#include <kramers/fresh_file.h>
#include <kramers/input_file.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct kr_store {
    char *path;
    bool fresh; /* it has not got its name yet */
    bool broken;
    bool provisional; /* the next session leaves an undo journal */
    bool foreign;     /* others may have made it: to be looked through before it is opened */
    kr_durability durability;
    bool among_others;  /* a sweep may want the name */
    kr_fresh_file file; /* where it was created; its descriptor is the session's */
    int64_t size;       /* of the file as the last session left it; -1: not known */
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
    return kr_fail(error, KR_IO, "%s: could not be %s: %s.", store->path, what, kr_errno_text(number));
}

/* Of the block that has this place; count: of all damaged ones, 0: not known. */
static kr_status fail_damaged(const kr_store *store, uint64_t place, uint64_t count, kr_error *error) {
    uint64_t block = place / KR_BLOCK * KR_BLOCK;
    char more[64] = "";
    if (count > 1) snprintf(more, sizeof more, " (and %" PRIu64 " further blocks)", count - 1);
    return kr_fail(error, KR_IO,
                   "%s: is damaged: bytes %" PRIu64 " to %" PRIu64 "%s are not as they were written. 'kramers check %s' says what "
                   "that means, and saves what is whole.",
                   store->path, block, block + KR_BLOCK - 1, more, store->path);
}

static kr_store *store_make(const char *path, bool writable) {
    kr_store *store = calloc(1, sizeof *store);
    if (!store) return NULL;
    store->file = (kr_fresh_file){.descriptor = -1, .old = -1};
    store->session.descriptor = -1;
    store->session.writable = writable;
    store->size = -1;
    if ((store->path = strdup(path))) return store;
    kr_store_destroy(store);
    return NULL;
}

/* A table of a sweep that is being made has no file of its name yet: its rows wait beside. */
static kr_status check_sweep(const char *path, kr_error *error) {
    size_t size = strlen(path) + sizeof KR_SWEEP_ROWS;
    char *rows = malloc(size);
    if (!rows) return kr_fail(error, KR_NO_MEMORY, "There is no memory to write %s.", path);
    snprintf(rows, size, "%s" KR_SWEEP_ROWS, path);
    kr_status status = kr_lock_check(rows, error);
    free(rows);
    return status;
}

/* A run can go on from what is there. */
static kr_status refuse_existing(kr_status status, const char *path, kr_error *error) {
    if (status != KR_BAD_ARGUMENT) return status; /* of what was there */
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "%s: the file exists and is not overwritten. Give another name with -o, overwrite it with --force, or go on from it "
        "with: kramers resume %s",
        path, path);
}

static kr_status create(kr_store **store, const char *path, bool overwrite, int held, kr_error *error) {
    *store = NULL;
    kr_store *made = store_make(path, true);
    if (!made) return kr_fail(error, KR_NO_MEMORY, "There is no memory to write %s.", path);
    kr_status status = kr_fresh_file_begin(&made->file, path, overwrite, held, error);
    made->fresh = status == KR_OK;
    made->session.descriptor = made->file.descriptor;
    made->file.descriptor = -1;
    if (status == KR_OK)
        *store = made;
    else
        kr_store_destroy(made);
    return status;
}

/* A sweep locks its rows before it looks for a file of its name, and this the other way round: one of them sees the other. */
kr_status kr_store_create(kr_store **store, const char *path, bool overwrite, kr_error *error) {
    kr_status status = refuse_existing(create(store, path, overwrite, -1, error), path, error);
    if (status == KR_OK && (status = check_sweep(path, error)) != KR_OK) {
        kr_store_destroy(*store);
        *store = NULL;
    }
    if (*store) (*store)->among_others = true;
    return status;
}

kr_status kr_store_replace(kr_store **store, const char *path, int old, kr_error *error) {
    return create(store, path, false, old, error);
}

/* All blocks, and drops what an interrupted session has left behind the end. */
static kr_status verify(kr_store *store, kr_error *error) {
    kr_store_session *session = &store->session;
    struct stat about;
    uint64_t damaged, first;
    int number = kr_checksums_verify(session, &damaged, &first);
    if (number != 0) return fail(store, number, "read", error);
    if (damaged) return fail_damaged(store, first * KR_BLOCK, damaged, error);
    if (fstat(session->descriptor, &about) != 0 ||
        ((uint64_t)about.st_size > session->sums->anchor.end && !kr_disk_cut(session->descriptor, session->sums->anchor.end)))
        return fail(store, errno, "recovered", error);
    return KR_OK;
}

/* What the file says of its checksums. */
static kr_status read_anchor(kr_store *store, kr_store_use use, kr_error *error) {
    kr_store_session *session = &store->session;
    kr_anchor anchor;
    kr_anchor_state state = kr_anchor_read(session, &anchor);
    if (state == KR_ANCHOR_NONE) return KR_OK;
    if (state == KR_ANCHOR_UNREADABLE) return fail(store, errno ? errno : ENOMEM, "read", error);
    if (state == KR_ANCHOR_NEWER)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "%s: is of file format %" PRIu64 ", and this version reads formats up to %d; a newer kramers reads it.",
                       store->path, anchor.format, KR_FILE_FORMAT);
    session->sums = kr_checksums_of(&anchor, state == KR_ANCHOR_HALF);
    if (!session->sums) return fail(store, ENOMEM, "read", error);
    session->verifies = !session->writable;
    session->notes_damage = use == KR_STORE_EXAMINE;
    if (use == KR_STORE_RENEW) kr_checksums_renew(session->sums);
    if (anchor.provisional && (use == KR_STORE_READ || use == KR_STORE_WRITE))
        return kr_fail(error, KR_IO,
                       "%s: is damaged: its end is lost, from which a run that was stopped between two flushes goes on. 'kramers "
                       "check %s' says what can be saved.",
                       store->path, store->path);
    return use == KR_STORE_WRITE ? verify(store, error) : KR_OK;
}

kr_status kr_store_open(kr_store **store, const char *path, kr_store_use use, kr_error *error) {
    *store = NULL;
    bool writable = use >= KR_STORE_RENEW;
    kr_store *made = store_make(path, writable);
    if (!made) return kr_fail(error, KR_NO_MEMORY, "There is no memory to open %s.", path);
    kr_status status = KR_OK;
    made->foreign = true;
    if (writable) status = kr_input_check(path, error);
    if (writable && status == KR_OK)
        status = kr_lock_open(path, O_RDWR, &made->session.descriptor, error);
    else if (!writable)
        status = kr_input_open(path, &made->session.descriptor, error);
    if (status == KR_OK && made->session.descriptor < 0)
        status = kr_fail(error, KR_IO, "%s: could not be opened: %s.", path, kr_errno_text(errno));
    if (status == KR_OK) {
        int number = kr_journal_recover(&made->session, use == KR_STORE_READ || writable);
        if (number != 0) status = fail(made, number, "recovered", error);
    }
    if (status == KR_OK) status = read_anchor(made, use, error);
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
    kr_h5_witness_destroy(store->session.witness);
    free(store->session.overwrite);
    kr_checksums_destroy(store->session.sums);
    if (store->session.descriptor >= 0) close(store->session.descriptor);
    kr_fresh_file_end(&store->file);
    free(store->path);
    free(store);
}

const char *kr_store_path(const kr_store *store) {
    return store->path;
}

uint64_t kr_store_format(const kr_store *store) {
    return store->session.sums ? store->session.sums->anchor.format : 1;
}

kr_status kr_store_inspect(kr_store *store, kr_store_health *health, kr_error *error) {
    kr_store_session *session = &store->session;
    struct stat about;
    *health = (kr_store_health){.format = kr_store_format(store)};
    if (fstat(session->descriptor, &about) != 0) return fail(store, errno, "read", error);
    health->bytes = (uint64_t)about.st_size;
    if (!session->sums) return KR_OK;
    int number = kr_checksums_verify(session, &health->damaged, &health->first);
    if (number != 0) return fail(store, number, "read", error);
    health->blocks = session->sums->blocks;
    health->unchecked = 0;
    for (uint64_t i = 0; i < health->blocks; i++) health->unchecked += session->sums->state[i] == KR_BLOCK_UNCHECKED;
    health->first *= KR_BLOCK;
    health->missing = session->sums->anchor.end > health->bytes ? session->sums->anchor.end - health->bytes : 0;
    health->half = session->sums->half;
    health->sequence = session->sums->anchor.sequence;
    return KR_OK;
}

bool kr_store_damage_met(kr_store *store) {
    bool met = store->session.damaged;
    store->session.damaged = false;
    return met;
}

kr_status kr_store_sync(kr_store *store, kr_error *error) {
    if (store->durability == KR_DURABILITY_NONE) return KR_OK;
    if (kr_disk_sync(store->session.descriptor) && kr_disk_sync_directory(store->path)) return KR_OK;
    return fail(store, errno, "brought to the disk", error);
}

kr_status kr_store_durable(kr_store *store, kr_durability durability, kr_error *error) {
    store->durability = durability;
    store->session.ordered = durability == KR_DURABILITY_FSYNC;
    return store->session.ordered ? kr_store_sync(store, error) : KR_OK;
}

/* Others who write into the file: its checkpoints and its trees would not fit together any more. */
static kr_status check_untouched(kr_store *store, kr_error *error) {
    struct stat about;
    if (store->size < 0 || fstat(store->session.descriptor, &about) || about.st_size == store->size) return KR_OK;
    store->broken = true;
    return kr_fail(error, KR_IO,
                   "%s: another program has changed the file while it was being written (it has %lld bytes, not %lld)", store->path,
                   (long long)about.st_size, (long long)store->size);
}

/* HDF5 meets what was there when the file was opened, and what this process wrote. */
static void say_who(const kr_store *store, kr_h5 *h5) {
    bool strange = h5->broken || h5->refused || store->session.damaged;
    if (!strange || !store->session.writable || store->size < 0 || !h5->error) return;
    kr_error what = *h5->error;
    kr_fail(h5->error, what.status,
            "%s It was whole before: another program has changed it while it was being written, or the disk has.", what.message);
}

static void remember_size(kr_store *store) {
    struct stat about;
    store->size = fstat(store->session.descriptor, &about) ? -1 : (int64_t)about.st_size;
}

static hid_t open_to_look(void *store) {
    kr_store_session *session = &((kr_store *)store)->session;
    return kr_store_driver_open(session, false);
}

static bool is_sound(kr_store *store, kr_h5 *h5) {
    struct stat about;
    kr_store_session *session = &store->session;
    if (store->foreign && fstat(session->descriptor, &about) == 0)
        kr_h5_look_through(h5,
                           &(kr_h5_survey_of){.about = &about,
                                              .open = open_to_look,
                                              .context = store,
                                              .to_change = session->writable,
                                              .grows = !session->writable && kr_lock_is_held(session->descriptor)},
                           &session->witness);
    store->foreign = store->foreign && !kr_h5_good(h5);
    uint64_t damaged, first;
    if (!kr_h5_good(h5) && store->session.verifies && kr_checksums_verify(&store->session, &damaged, &first) == 0 && damaged)
        h5->status = fail_damaged(store, first * KR_BLOCK, damaged, h5->error); /* the child's process has seen it, not this one */
    return kr_h5_good(h5);
}

bool kr_store_begin(kr_store *store, kr_h5 *h5, kr_error *error) {
    if (store->broken) {
        *h5 = (kr_h5){.file = H5I_INVALID_HID};
        h5->status = kr_fail(error, KR_IO, "%s: an earlier error stopped all writing to this file.", store->path);
        return false;
    }
    kr_h5_enter(h5, store->path, error);
    store->session.problem = 0;
    if (kr_h5_good(h5)) h5->status = check_untouched(store, error);
    store->session.damaged = false;
    bool first = store->fresh && store->session.end == 0;
    if (kr_h5_good(h5) && is_sound(store, h5)) h5->file = kr_store_driver_open(&store->session, store->fresh);
    if (h5->file >= 0 && first) store->session.sums = kr_checksums_layout(h5);
    if (h5->file >= 0) return true;
    if (kr_h5_witness_differs(store->session.witness))
        kr_h5_fail_changed(h5);
    else if (store->session.damaged)
        h5->status = fail_damaged(store, store->session.damage, 0, h5->error);
    else if (store->session.problem == ENOMEM)
        kr_h5_no_memory(h5, "the file");
    else if (kr_h5_good(h5) && !store->fresh && H5Fis_hdf5(store->path) <= 0)
        h5->status = kr_fail(h5->error, KR_IO, "%s: is not an HDF5 file, or it is damaged.", store->path);
    else
        kr_h5_fail(h5, store->fresh ? "create the file" : "open the file");
    say_who(store, h5);
    store->broken = true;
    kr_h5_leave(h5);
    return false;
}

/* The session's checksums, and the session. */
static int commit(kr_store *store) {
    bool provisional = store->provisional;
    store->provisional = false;
    int number = store->session.sums ? kr_checksums_update(&store->session, provisional) : 0;
    if (number != 0 && store->session.problem == 0) store->session.problem = number;
    return kr_journal_commit(&store->session, provisional, &store->broken);
}

static void forget_witness(kr_store_session *session) {
    kr_h5_witness_destroy(session->witness);
    session->witness = NULL;
}

kr_status kr_store_end(kr_store *store, kr_h5 *h5, bool save) {
    kr_store_session *session = &store->session;
    /* A call that has failed leaves metadata half made, which HDF5 can crash on when it closes them. */
    bool left_open = h5->broken && session->writable;
    if (!left_open && session->writable && save && session->sums) kr_checksums_room(session, h5);
    if (!left_open && H5Fclose(h5->file) < 0 && save) kr_h5_fail(h5, "close the file");
    kr_h5_leave(h5);
    store->broken = store->broken || h5->broken;
    if (session->damaged && !session->notes_damage) h5->status = fail_damaged(store, session->damage, 0, h5->error);
    say_who(store, h5);
    if (kr_h5_witness_differs(session->witness)) kr_h5_fail_changed(h5);
    if (session->writable) forget_witness(session); /* what was looked through is no more */
    if (session->writable && kr_h5_good(h5) && save) {
        int number = commit(store);
        if (number != 0) h5->status = fail(store, number, "written", h5->error);
    } else if (session->writable) {
        kr_disk_cut(session->descriptor, session->old_end);
    }
    if (!session->writable) return h5->status;
    kr_store_session_forget(session);
    remember_size(store);
    /* What was written is kept all the same, where there is still a file. */
    if (!kr_h5_good(h5) || store->fresh || !save) return h5->status;
    h5->status = kr_name_check(store->path, store->session.descriptor, h5->error);
    store->broken = store->broken || h5->status != KR_OK;
    return h5->status;
}

void kr_store_provisional(kr_store *store) {
    store->provisional = true;
}

kr_status kr_store_publish(kr_store *store, kr_error *error) {
    if (!store->fresh) return KR_OK;
    kr_status status = kr_store_settle(store, error);
    if (status != KR_OK) return status;
    status = kr_fresh_file_publish(&store->file, error);
    if (status != KR_OK) return store->among_others ? refuse_existing(status, store->path, error) : status;
    store->fresh = false;
    if (store->among_others && store->file.old < 0 && (status = check_sweep(store->path, error)) != KR_OK) unlink(store->path);
    return status;
}

kr_status kr_store_settle(kr_store *store, kr_error *error) {
    return kr_disk_settle(store->session.descriptor) ? KR_OK : fail(store, errno, "written", error);
}

void kr_store_leave_out(kr_store *store, uint64_t place, uint64_t size) {
    kr_checksums_leave_out(store->session.sums, place, size);
}

kr_status kr_store_write_at(kr_store *store, uint64_t place, const void *data, size_t size, kr_error *error) {
    kr_status status = check_untouched(store, error);
    if (status != KR_OK) return status;
    return kr_disk_write(store->session.descriptor, data, size, place) ? KR_OK : fail(store, errno, "written", error);
}

kr_status kr_store_read_at(kr_store *store, uint64_t place, void *data, size_t size, kr_error *error) {
    return kr_store_session_read(&store->session, place, data, size) ? KR_OK : fail(store, errno, "read", error);
}
