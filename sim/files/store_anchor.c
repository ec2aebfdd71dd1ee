#include "store_anchor.h"

#include "disk/block_hash.h"
#include "h5md_names.h"
#include "hdf5/hdf5_read.h"
#include "hdf5/hdf5_write.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Before the anchor of a new file there is only what HDF5 needs for its groups. */
enum { WORDS = 64, ROWS = 9, SEARCHED = 16 << 10 };
static const char path[] = KR_CHECKSUM_GROUP "/anchor";
static const unsigned char magic[8] = {0x8b, 'k', 'r', 'a', 'm', 'e', 'r', 's'};
_Static_assert(sizeof(kr_anchor) == WORDS * sizeof(uint64_t), "an anchor is a row of the data set");

static uint64_t checksum(const kr_anchor *anchor) {
    return kr_block_hash(anchor, offsetof(kr_anchor, checksum), anchor->format);
}

void kr_anchor_layout(kr_h5 *h5, kr_anchor *anchor) {
    static const hsize_t size = ROWS * WORDS; /* rows between keep the copies apart */
    uint64_t place, words;
    *anchor = (kr_anchor){.format = KR_FILE_FORMAT};
    memcpy(anchor->magic, magic, sizeof magic);
    kr_h5_fixed(h5, h5->file, path, H5T_NATIVE_UINT64, 1, &size, NULL);
    if (!kr_h5_place(h5, path, 1, &place, &words)) return;
    anchor->own[0] = place;
    anchor->own[1] = place + (ROWS - 1) * sizeof *anchor;
}

/* Of the copy at this place in the file; its format, when it is one. */
static bool is_copy(const unsigned char *bytes, uint64_t place, kr_anchor *anchor) {
    memcpy(anchor, bytes, sizeof *anchor);
    return (anchor->own[0] == place || anchor->own[1] == place) && anchor->checksum == checksum(anchor);
}

kr_anchor_state kr_anchor_read(kr_store_session *session, kr_anchor *anchor) {
    unsigned char *bytes = malloc(SEARCHED);
    int copies = 0;
    if (!bytes || !kr_store_session_read(session, 0, bytes, SEARCHED)) return free(bytes), KR_ANCHOR_UNREADABLE;
    for (uint64_t place = 0; place + sizeof *anchor <= SEARCHED; place++) {
        kr_anchor found;
        const unsigned char *next = memchr(bytes + place, magic[0], (size_t)(SEARCHED - sizeof *anchor - place + 1));
        if (!next) break;
        place = (uint64_t)(next - bytes);
        if (memcmp(next, magic, sizeof magic) != 0 || !is_copy(next, place, &found)) continue;
        if (!copies || found.sequence > anchor->sequence) *anchor = found;
        copies++;
    }
    free(bytes);
    if (!copies) return KR_ANCHOR_NONE;
    if (anchor->format > KR_FILE_FORMAT) return KR_ANCHOR_NEWER;
    return copies == 2 ? KR_ANCHOR_GOOD : KR_ANCHOR_HALF;
}

bool kr_anchor_write(kr_store_session *session, kr_anchor *anchor) {
    anchor->checksum = checksum(anchor);
    return kr_store_session_write(session, H5FD_MEM_DRAW, anchor->own[0], anchor, sizeof *anchor) &&
           kr_store_session_write(session, H5FD_MEM_DRAW, anchor->own[1], anchor, sizeof *anchor);
}
