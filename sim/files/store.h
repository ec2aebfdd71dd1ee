/* A file whose HDF5 sessions are transactions: either all of a session is in the file or nothing of it.
 *
 * A session goes through a file driver of our own. What lies beyond the old end of the file is written at once (no reader looks
 * there yet); what overwrites something old is kept in memory. When HDF5 has closed the file, the overwrites are appended to it as
 * a journal, then done in an order in which the file can be opened at every moment (end of file, trees from the root, object
 * headers), then the journal is cut off. Opening a file that ends in a whole journal does its writes again; any other tail is
 * dropped. HDF5 itself never meets a full disk: a write that fails is kept in memory like an overwrite, and the session fails when
 * it ends, leaving the file as it was.
 *
 * A file has checksums of its blocks (store_checksum.h). One that is opened for writing is looked at as a whole before; of one that
 * is read, what is read. Damage is refused, before HDF5 can see it.
 *
 * A provisional session leaves behind itself what it has overwritten. Readers see its result; opening the file with this module
 * takes it back, so that a run that was stopped between two flushes goes on with the bytes it would have had.
 */
#ifndef KR_STORE_H
#define KR_STORE_H

#include "hdf5/hdf5_layer.h"

#include <kramers/durability.h>

typedef struct kr_store kr_store;

typedef enum kr_store_use {
    KR_STORE_READ,
    KR_STORE_READ_SHOWN, /* with what a provisional session has written, as other programs see it */
    KR_STORE_EXAMINE,    /* the same of a file that may be damaged */
    KR_STORE_RENEW,      /* whatever its bytes are; the next session gives all of them new checksums */
    KR_STORE_WRITE
} kr_store_use;

/* Behind the name of a table that a sweep makes: its rows, locked as long as the sweep goes on. */
#define KR_SWEEP_ROWS ".part"

/* A new file is built under a temporary name beside it and gets its own with kr_store_publish. */
kr_status kr_store_create(kr_store **store, const char *path, bool overwrite, kr_error *error);
/* The same in the place of a file that the caller has locked, and of no other; old -1: there must be none. */
kr_status kr_store_replace(kr_store **store, const char *path, int old, kr_error *error);
/* Before the first session of a new file that will have no other: HDF5 gathers small writes in blocks. */
void kr_store_write_once(kr_store *store);
/* Completes or drops an interrupted session, and takes back a provisional one: in the file where it is to be written, otherwise in
 * memory only. */
kr_status kr_store_open(kr_store **store, const char *path, kr_store_use use, kr_error *error);
void kr_store_destroy(kr_store *store);
const char *kr_store_path(const kr_store *store);
uint64_t kr_store_format(const kr_store *store); /* of the file: store_anchor.h */
/* Of a file that is examined. */
typedef struct kr_store_health {
    uint64_t format, bytes;
    uint64_t blocks, damaged; /* 0: without checksums */
    uint64_t first;           /* damaged byte, by blocks */
    uint64_t unchecked;       /* blocks whose checksums are damaged; among the damaged ones */
    uint64_t missing;         /* bytes at the end that are not there */
    uint64_t sequence;        /* of the newest session; another one: it is being written */
    bool half;                /* one copy of what says where the checksums are is damaged, which does no harm */
} kr_store_health;
kr_status kr_store_inspect(kr_store *store, kr_store_health *health, kr_error *error);
/* Whether something that HDF5 read since the last call was damaged, of a file that is examined. */
bool kr_store_damage_met(kr_store *store);
/* FSYNC: from here on every session is on the disk when it has ended, and a loss of power at any moment leaves the file as after
 * one of its sessions. The file and its name are on the disk then. */
kr_status kr_store_durable(kr_store *store, kr_durability durability, kr_error *error);
/* Waits for the disk, unless with NONE. */
kr_status kr_store_sync(kr_store *store, kr_error *error);

/* One HDF5 session. false: its status says why, and there is nothing to end. Otherwise exactly one end, which saves when nothing
 * has failed and save is true; else it is as if the session had not been. Gives the session's first failure. */
bool kr_store_begin(kr_store *store, kr_h5 *h5, kr_error *error);
kr_status kr_store_end(kr_store *store, kr_h5 *h5, bool save);
/* The next session is provisional. */
void kr_store_provisional(kr_store *store);
kr_status kr_store_publish(kr_store *store, kr_error *error);
/* After the last session: whether the file system has taken all of it. */
kr_status kr_store_settle(kr_store *store, kr_error *error);

/* Between sessions, past HDF5: bytes of a contiguous data set at its place in the file. leave_out: in the session that makes such
 * a set; it is no part of the checksums. */
void kr_store_leave_out(kr_store *store, uint64_t place, uint64_t size);
kr_status kr_store_write_at(kr_store *store, uint64_t place, const void *data, size_t size, kr_error *error);
kr_status kr_store_read_at(kr_store *store, uint64_t place, void *data, size_t size, kr_error *error);

#endif
