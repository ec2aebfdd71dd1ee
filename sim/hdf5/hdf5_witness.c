#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "hdf5_witness.h"

#include "disk/block_hash.h"
#include "disk/file_bytes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    BLOCK = 4096,
    GULP = 16,       /* blocks that are read at once */
    SLOTS = 1 << 19, /* a power of two: structures of 1.5 GiB */
    MOST = SLOTS / 4 * 3
};

typedef struct note {
    uint64_t block; /* its number + 1; 0: free */
    uint64_t hash;  /* the last bit: numbers that filters unpack */
} note;

typedef struct notes {
    bool differs, full, packed; /* packed: some are numbers */
    size_t count;
    note slot[SLOTS];
} notes;

struct kr_h5_witness {
    notes *shared;
    size_t owners;
    bool writes, unpacks;
    uint64_t own; /* first block that the reader has changed */
};

kr_h5_witness *kr_h5_witness_make(void) {
    kr_h5_witness *w = malloc(sizeof *w);
    void *shared = w ? mmap(NULL, sizeof *w->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
    if (shared == MAP_FAILED) return free(w), NULL;
    *w = (kr_h5_witness){.shared = shared, .owners = 1, .own = UINT64_MAX};
    return w;
}

kr_h5_witness *kr_h5_witness_share(kr_h5_witness *w) {
    if (w) w->owners++;
    return w;
}

void kr_h5_witness_destroy(kr_h5_witness *w) {
    if (!w || --w->owners) return;
    munmap(w->shared, sizeof *w->shared);
    free(w);
}

void kr_h5_witness_begin(kr_h5_witness *w) {
    if (w) w->writes = true;
}

void kr_h5_witness_unpacks(kr_h5_witness *w, bool unpacks) {
    if (w) w->unpacks = unpacks;
}

void kr_h5_witness_leave_out(kr_h5_witness *w, uint64_t from) {
    if (w && from / BLOCK < w->own) w->own = from / BLOCK;
}

bool kr_h5_witness_differs(const kr_h5_witness *w) {
    return w && w->shared->differs;
}

bool kr_h5_witness_is_full(const kr_h5_witness *w) {
    return w && w->shared->full;
}

/* Neighbours in the file are neighbours here, so that few pages of the table are used. */
static note *find(notes *all, uint64_t block) {
    size_t at = (size_t)(block % SLOTS);
    while (all->slot[at].block && all->slot[at].block != block + 1) at = (at + 1) % SLOTS;
    return &all->slot[at];
}

/* In the child. A block that is another one when it is read again was changed meanwhile. */
static bool add(kr_h5_witness *w, uint64_t block, uint64_t hash) {
    note *here = find(w->shared, block);
    if (here->block) {
        if ((here->hash | 1) != (hash | 1)) w->shared->differs = true;
        here->hash |= w->unpacks;
        return !w->shared->differs;
    }
    if (w->shared->count == MOST) return w->shared->full = true, false;
    *here = (note){block + 1, (hash & ~UINT64_C(1)) | w->unpacks};
    w->shared->count++;
    w->shared->packed = w->shared->packed || w->unpacks;
    return true;
}

/* Structures must have been seen, and numbers be the same if they were seen as packed ones. */
static bool compare(kr_h5_witness *w, uint64_t block, uint64_t hash, bool structure) {
    const note *here = find(w->shared, block);
    if (block >= w->own || (!structure && !(here->block && here->hash & 1))) return true;
    if (here->block && (here->hash | 1) == (hash | 1)) return true;
    w->shared->differs = true;
    return false;
}

static bool is_watched(const kr_h5_witness *w, bool structure) {
    return w && (structure || (w->writes ? w->unpacks : w->shared->packed));
}

/* By whole blocks: what is handed on is what was compared. */
bool kr_h5_witness_read(kr_h5_witness *w, int descriptor, H5FD_mem_t kind, uint64_t place, size_t size, void *data) {
    unsigned char bytes[GULP * BLOCK];
    bool structure = kind != H5FD_MEM_DRAW;
    if (!is_watched(w, structure)) return kr_disk_read(descriptor, data, size, place);
    for (uint64_t end = place + size, block = place / BLOCK; block * BLOCK < end;) {
        uint64_t begin = block * BLOCK, left = (end - begin + BLOCK - 1) / BLOCK, count = left < GULP ? left : GULP;
        if (!kr_disk_read(descriptor, bytes, (size_t)count * BLOCK, begin)) return false;
        uint64_t low = begin > place ? begin : place, high = begin + count * BLOCK < end ? begin + count * BLOCK : end;
        for (uint64_t i = 0; i < count; i++, block++) {
            uint64_t hash = kr_block_hash(bytes + i * BLOCK, BLOCK, block);
            if (w->writes ? !add(w, block, hash) : !compare(w, block, hash, structure)) return false;
        }
        memcpy((unsigned char *)data + (low - place), bytes + (low - begin), (size_t)(high - low));
    }
    return true;
}
