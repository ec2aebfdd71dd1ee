/* What a file says of itself near its beginning, where it is found without HDF5: its format, where it ends, and where the checksums
 * of its blocks are. Two copies in different blocks, each with a checksum of its own: one damaged copy does no harm.
 */
#ifndef KR_STORE_ANCHOR_H
#define KR_STORE_ANCHOR_H

#include "h5md_names.h"
#include "hdf5/hdf5_layer.h"
#include "store_session.h"

enum { KR_ANCHOR_SEGMENTS = 44, KR_ANCHOR_APART = 2 };

typedef struct kr_range {
    uint64_t place, size;
} kr_range;

typedef struct kr_anchor {
    unsigned char magic[8];
    uint64_t format, own[2];         /* own: where the copies are */
    uint64_t sequence;               /* of the session that wrote it, from 1 */
    uint64_t end;                    /* of the HDF5 file */
    uint64_t provisional;            /* 1: what undoes the session stands behind the end (store.h) */
    kr_range apart[KR_ANCHOR_APART]; /* what is written between sessions, and has checksums of its own; size 0: nothing */
    uint64_t segments, segment[KR_ANCHOR_SEGMENTS]; /* where the pages of checksums are (store_checksum.c) */
    uint64_t spare[7], checksum;
} kr_anchor;

typedef enum kr_anchor_state {
    KR_ANCHOR_NONE, /* a file of format 1, or of others */
    KR_ANCHOR_GOOD,
    KR_ANCHOR_HALF,  /* one of its copies is damaged */
    KR_ANCHOR_NEWER, /* of a format after KR_FILE_FORMAT; only format counts */
    KR_ANCHOR_UNREADABLE
} kr_anchor_state;

/* In the first session of a new file, before anything else is written. */
void kr_anchor_layout(kr_h5 *h5, kr_anchor *anchor);
kr_anchor_state kr_anchor_read(kr_store_session *session, kr_anchor *anchor);
/* Both copies, with their checksum; false: no memory. */
bool kr_anchor_write(kr_store_session *session, kr_anchor *anchor);

#endif
