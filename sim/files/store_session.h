/* One HDF5 session as the file sees it: what lies beyond the file's old end is written at once, what overwrites something old waits
 * here (see store.h). */
#ifndef KR_STORE_SESSION_H
#define KR_STORE_SESSION_H

#include <hdf5.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kr_overwrite {
    uint64_t place;
    size_t size;
    H5FD_mem_t kind;
    unsigned char *data;
} kr_overwrite;

typedef struct kr_checksums kr_checksums;
typedef struct kr_h5_witness kr_h5_witness;

typedef struct kr_store_session {
    int descriptor;
    bool writable;
    bool ordered; /* writes reach the disk in the order that a loss of power needs */
    bool gathers; /* HDF5 gathers small writes, as it does by itself; else every write arrives with its kind, as journals need it */
    uint64_t old_end, end; /* of the HDF5 file: before this session, now */
    uint64_t size;         /* of the file, with what waits */
    int problem;           /* errno of the first write that failed in this session */
    kr_overwrite *overwrite;
    size_t count, capacity;
    kr_h5_witness *witness; /* of a file of others, owned; NULL: none */
    kr_checksums *sums;     /* of the file's blocks (store_checksum.h), owned by the store; NULL: it has none */
    /* Of files that are read: HDF5 gets no structures from damaged blocks, and no data unless damage is only to be noted. */
    bool verifies, notes_damage;
    bool damaged; /* something was damaged, last at this place */
    uint64_t damage;
} kr_store_session;

/* What could not be written is kept in memory, and its errno is in problem; false: there is no memory, ENOMEM. */
bool kr_store_session_write(kr_store_session *session, H5FD_mem_t kind, uint64_t place, const void *data, size_t size);
/* false: the file cannot be read. */
bool kr_store_session_read(kr_store_session *session, uint64_t place, void *data, size_t size);
/* The same for HDF5; false too if it is not what was looked through. */
bool kr_store_session_read_seen(kr_store_session *session, H5FD_mem_t kind, uint64_t place, void *data, size_t size);
/* As an overwrite, wherever it is; false: no memory. */
bool kr_store_session_keep(kr_store_session *session, H5FD_mem_t kind, uint64_t place, const void *data, size_t size);
void kr_store_session_forget(kr_store_session *session); /* what waits */

#endif
