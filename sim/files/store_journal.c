/* See store.h for what a journal is, and for how long it is at the end of a file. */
#include "store_journal.h"

#include "disk/file_bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The last bytes of a file in which the overwrites of a session are not all done. */
typedef struct trailer {
    uint64_t size, end, checksum, magic; /* of the journal before it; of the file without it */
} trailer;
static const uint64_t MAGIC = 0x8a6b72616d657273;      /* not valid text in any encoding */
static const uint64_t MAGIC_UNDO = 0x8a6b72616d756e64; /* the tail is what a provisional session has overwritten */

static uint64_t checksum(const unsigned char *data, size_t size, uint64_t end) {
    uint64_t sum = 0x9e3779b97f4a7c15 ^ end ^ size; /* Fowler-Noll-Vo, 64 bits */
    for (size_t i = 0; i < size; i++) sum = (sum ^ data[i]) * 0x100000001b3;
    return sum;
}

/* Overwrites are done in this order, so that a reader finds a whole file at every moment: no header or tree names what is not there
 * yet. Nodes of a higher level come before their children, which keep the entries that a split has moved until the parent refers to
 * the new node. */
static int rank(const kr_overwrite *write) {
    switch (write->kind) {
    case H5FD_MEM_SUPER: return 0;
    case H5FD_MEM_LHEAP:
    case H5FD_MEM_GHEAP: return 1;
    case H5FD_MEM_BTREE:
        /* "TREE", node type, level; symbol table nodes are below the leaves */
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

/* end: of the file without it. */
static unsigned char *journal_make(const kr_store_session *session, uint64_t end, size_t *size) {
    *size = sizeof(trailer);
    for (size_t i = 0; i < session->count; i++) *size += 2 * sizeof(uint64_t) + session->overwrite[i].size;
    unsigned char *journal = malloc(*size);
    const kr_overwrite **order = malloc((session->count + 1) * sizeof *order);
    if (!journal || !order) {
        free(journal);
        free(order);
        return NULL;
    }
    for (size_t i = 0; i < session->count; i++) order[i] = &session->overwrite[i];
    qsort(order, session->count, sizeof *order, in_order);
    unsigned char *out = journal;
    for (size_t i = 0; i < session->count; i++) {
        uint64_t head[2] = {order[i]->place, order[i]->size};
        memcpy(out, head, sizeof head);
        memcpy(out + sizeof head, order[i]->data, order[i]->size);
        out += sizeof head + order[i]->size;
    }
    trailer last = {.size = *size - sizeof last, .end = end, .magic = MAGIC};
    last.checksum = checksum(journal, (size_t)last.size, last.end);
    memcpy(out, &last, sizeof last);
    free(order);
    return journal;
}

/* Does the journal's writes, or keeps them in memory as overwrites of a file opened for reading. 0, or errno's number. */
static int apply(kr_store_session *session, const unsigned char *journal, size_t size, bool in_memory) {
    for (size_t at = 0; at + 2 * sizeof(uint64_t) <= size;) {
        uint64_t head[2];
        memcpy(head, journal + at, sizeof head);
        at += sizeof head;
        if (head[1] > size - at || head[0] > INT64_MAX - head[1]) return EBADMSG;
        bool good = in_memory ? kr_store_session_keep(session, H5FD_MEM_DRAW, head[0], journal + at, (size_t)head[1])
                              : kr_disk_write(session->descriptor, journal + at, (size_t)head[1], head[0]);
        if (!good) return in_memory ? ENOMEM : errno;
        at += (size_t)head[1];
    }
    return 0;
}

/* The old end of the file, what stands where the session overwrites, and a trailer. NULL: no memory, or it cannot be read. */
static unsigned char *undo_make(const kr_store_session *session, size_t *size) {
    uint64_t lost = session->end < session->old_end ? session->old_end - session->end : 0;
    *size = sizeof session->old_end + sizeof(trailer) + 2 * sizeof(uint64_t) + (size_t)lost;
    for (size_t i = 0; i < session->count; i++) *size += 2 * sizeof(uint64_t) + session->overwrite[i].size;
    unsigned char *undo = malloc(*size), *out = undo;
    if (!undo) return NULL;
    memcpy(out, &session->old_end, sizeof session->old_end);
    out += sizeof session->old_end;
    bool good = true;
    for (size_t i = 0; i <= session->count && good; i++) {
        const kr_overwrite *write = i < session->count ? &session->overwrite[i] : NULL;
        uint64_t head[2] = {write ? write->place : session->end, write ? write->size : lost};
        if (head[0] >= session->old_end) continue;
        if (head[0] + head[1] > session->old_end) head[1] = session->old_end - head[0];
        memcpy(out, head, sizeof head);
        good = kr_disk_read(session->descriptor, out + sizeof head, (size_t)head[1], head[0]);
        out += sizeof head + head[1];
    }
    trailer last = {.size = (uint64_t)(out - undo), .end = session->end, .magic = MAGIC_UNDO};
    last.checksum = checksum(undo, (size_t)last.size, last.end);
    memcpy(out, &last, sizeof last);
    *size = (size_t)last.size + sizeof last;
    if (good) return undo;
    free(undo);
    return NULL;
}

/* In the order that a loss of power needs: no write of a later line is on the disk before all of an earlier one. */
static bool ordered(const kr_store_session *session) {
    return !session->ordered || kr_disk_sync(session->descriptor);
}

/* What undoes the session (size 0: nothing) and then the journal behind the end of the file. */
static bool write_tail(const kr_store_session *session, const unsigned char *undo, size_t undo_size, const unsigned char *journal,
                       size_t size) {
    return kr_disk_cut(session->descriptor, session->end) && kr_disk_write(session->descriptor, undo, undo_size, session->end) &&
           ordered(session) && kr_disk_write(session->descriptor, journal, size, session->end + undo_size) && ordered(session);
}

/* With the journal written, and its writes done. */
static int overwrite(kr_store_session *session, const unsigned char *undo, size_t undo_size, bool *broken) {
    size_t size;
    unsigned char *journal = journal_make(session, session->end + undo_size, &size);
    if (!journal) return ENOMEM;
    if (!write_tail(session, undo, undo_size, journal, size)) {
        int number = errno;
        session->end += size + undo_size;
        kr_disk_cut(session->descriptor, session->old_end);
        free(journal);
        return number;
    }
    int number = apply(session, journal, size - sizeof(trailer), false);
    if (number == 0 && (!ordered(session) || !kr_disk_cut(session->descriptor, session->end + undo_size))) number = errno;
    free(journal);
    *broken = number != 0; /* the journal stays, to be completed when the file is opened next */
    return number;
}

int kr_journal_commit(kr_store_session *session, bool provisional, bool *broken) {
    size_t size = 0;
    errno = 0;
    unsigned char *undo = provisional && !session->problem ? undo_make(session, &size) : NULL;
    if (session->problem == 0 && provisional && !undo) session->problem = errno ? errno : ENOMEM;
    if (session->problem != 0) {
        kr_disk_cut(session->descriptor, session->old_end);
        return session->problem;
    }
    int number = overwrite(session, undo, size, broken);
    free(undo);
    return number;
}

/* A whole journal that ends at `last.end + last.size`. */
static int replay(kr_store_session *session, const unsigned char *journal, const trailer *last) {
    uint64_t end = last->end, skip = last->magic == MAGIC_UNDO ? sizeof end : 0;
    if (last->size < skip) return EBADMSG;
    if (skip) memcpy(&end, journal, sizeof end);
    int number = apply(session, journal + skip, (size_t)(last->size - skip), !session->writable);
    if (number == 0 && session->writable && !kr_disk_cut(session->descriptor, end)) number = errno;
    return number;
}

/* Of a file that is so long; *size becomes its length without what was replayed, 0: nothing was. */
static int recover(kr_store_session *session, bool take_back, uint64_t *size) {
    trailer last;
    uint64_t whole = *size;
    *size = 0;
    if (whole <= sizeof last) return 0;
    if (!kr_disk_read(session->descriptor, &last, sizeof last, whole - sizeof last)) return errno;
    if ((last.magic != MAGIC && last.magic != MAGIC_UNDO) || last.size > whole - sizeof last ||
        last.end != whole - sizeof last - last.size || (last.magic == MAGIC_UNDO && !take_back))
        return 0;
    unsigned char *journal = malloc((size_t)last.size + 1);
    if (!journal) return ENOMEM;
    int number = kr_disk_read(session->descriptor, journal, (size_t)last.size, last.end) ? 0 : errno;
    if (number == 0 && last.checksum == checksum(journal, (size_t)last.size, last.end)) {
        number = replay(session, journal, &last);
        if (last.magic == MAGIC) *size = last.end; /* it may have been provisional */
    }
    free(journal);
    return number;
}

int kr_journal_recover(kr_store_session *session, bool take_back) {
    struct stat about;
    if (fstat(session->descriptor, &about) != 0) return errno;
    uint64_t size = (uint64_t)about.st_size;
    int number = recover(session, take_back, &size);
    return number == 0 && size > 0 ? recover(session, take_back, &size) : number;
}
