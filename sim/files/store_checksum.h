/* Checksums of all of a file, block by block: data and HDF5's own structures alike. What is written in a session changes those of
 * its blocks in the same session. Between sessions nothing but the checkpoint's slots changes, which have checksums of their own.
 *
 * A block of 4096 bytes has a checksum of 64 bits; 511 of them are a page, with the page's own. Pages lie in data sets below
 * /parameters/kramers/checksums, each of which doubles their number. */
#ifndef KR_STORE_CHECKSUM_H
#define KR_STORE_CHECKSUM_H

#include "hdf5/hdf5_layer.h"
#include "store_anchor.h"
#include "store_session.h"

enum { KR_BLOCK = 4096 };

typedef enum kr_block_state {
    KR_BLOCK_UNKNOWN,
    KR_BLOCK_GOOD,
    KR_BLOCK_DAMAGED,
    KR_BLOCK_UNCHECKED /* its checksum is damaged */
} kr_block_state;

struct kr_checksums {
    kr_anchor anchor;
    bool half;            /* one copy of the anchor is damaged */
    bool renews;          /* the next update is of all blocks */
    unsigned char *state; /* [blocks], of what was in the file when it was opened; NULL: nobody has asked */
    uint64_t blocks;
};

/* Of a new file, in its first session. NULL: no memory, and h5 has failed. */
kr_checksums *kr_checksums_layout(kr_h5 *h5);
/* Of a file that was opened; a good anchor. NULL: no memory. */
kr_checksums *kr_checksums_of(const kr_anchor *anchor, bool half);
void kr_checksums_destroy(kr_checksums *sums);

/* In a session, after everything else: place for the checksums of the file as it will be. */
void kr_checksums_room(kr_store_session *session, kr_h5 *h5);
/* After HDF5 has closed the file and before the session is committed. 0, or a number of errno. */
int kr_checksums_update(kr_store_session *session, bool provisional);
/* All blocks anew at the end of the next session. What was left out is left out no more. */
void kr_checksums_renew(kr_checksums *sums);
/* Between sessions, bytes that are written past them; at most KR_ANCHOR_APART pieces. */
void kr_checksums_leave_out(kr_checksums *sums, uint64_t place, uint64_t size);

/* Whether all blocks of this piece are as they were written: of the file as it was opened, without what a session has changed. A
 * piece without checksums is. What was looked at is not looked at again. */
bool kr_checksums_hold(kr_store_session *session, uint64_t place, uint64_t size);
/* The same for all of the file; *first: the first block that is not. 0, or a number of errno. */
int kr_checksums_verify(kr_store_session *session, uint64_t *damaged, uint64_t *first);

#endif
