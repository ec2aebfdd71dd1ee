#include "store_checksum.h"

#include "disk/block_hash.h"
#include "h5md_names.h"
#include "hdf5/hdf5_read.h"
#include "hdf5/hdf5_write.h"

#include <kramers/memory_miss.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE = 512,         /* words: the page's own checksum and those of blocks */
    ENTRIES = PAGE - 1, /* blocks of a page */
    GULP = 64,          /* blocks that are read at once */
    GAP = 3             /* words that do not differ are written too where a journal's entry would need more */
};

static uint64_t blocks_of(uint64_t bytes) {
    return bytes / KR_BLOCK + (bytes % KR_BLOCK != 0);
}

/* ---- pages ---- */

/* In all segments before this one: 0, 1, 2, 4, ... */
static uint64_t pages_before(uint64_t segment) {
    return segment ? UINT64_C(1) << (segment - 1) : 0;
}

static uint64_t pages_in(uint64_t segment) {
    return segment ? UINT64_C(1) << (segment - 1) : 1;
}

static bool page_place(const kr_anchor *anchor, uint64_t page, uint64_t *place) {
    uint64_t segment = 0;
    while (segment + 1 < anchor->segments && page >= pages_before(segment + 1)) segment++;
    if (segment >= anchor->segments || page - pages_before(segment) >= pages_in(segment)) return false;
    *place = anchor->segment[segment] + (page - pages_before(segment)) * PAGE * sizeof(uint64_t);
    return true;
}

static uint64_t page_hash(const uint64_t *word, uint64_t page) {
    return kr_block_hash(word + 1, ENTRIES * sizeof *word, ~page);
}

static bool page_read(kr_store_session *session, const kr_anchor *anchor, uint64_t page, uint64_t *word) {
    uint64_t place;
    if (!page_place(anchor, page, &place)) return errno = EBADMSG, false;
    return kr_store_session_read(session, place, word, PAGE * sizeof *word);
}

/* Only words that differ are written: each is in the journal. */
static bool page_write(kr_store_session *session, const kr_anchor *anchor, uint64_t page, const uint64_t *old, uint64_t *word) {
    uint64_t place;
    if (!page_place(anchor, page, &place)) return errno = EBADMSG, false;
    word[0] = page_hash(word, page);
    for (size_t i = 0; i < PAGE;) {
        size_t end = i, last = i;
        for (; end < PAGE && end - last <= GAP; end++)
            if (word[end] != old[end]) last = end;
        if (word[i] != old[i] &&
            !kr_store_session_write(session, H5FD_MEM_DRAW, place + i * sizeof *word, word + i, (last + 1 - i) * sizeof *word))
            return errno = ENOMEM, false;
        i = word[i] != old[i] ? last + 1 : i + 1;
    }
    return true;
}

/* ---- blocks ---- */

static void blank(unsigned char *bytes, uint64_t begin, uint64_t end, uint64_t place, uint64_t size) {
    uint64_t low = place > begin ? place : begin, high = place + size < end ? place + size : end;
    if (low < high) memset(bytes + (low - begin), 0, (size_t)(high - low));
}

/* Zeros in place of what is no part of the checksums: they themselves, and what is written past sessions. bytes: from begin on. */
static void leave_out(const kr_anchor *anchor, unsigned char *bytes, uint64_t begin, uint64_t end) {
    for (size_t i = 0; i < 2; i++) blank(bytes, begin, end, anchor->own[i], sizeof *anchor);
    for (size_t i = 0; i < KR_ANCHOR_APART; i++) blank(bytes, begin, end, anchor->apart[i].place, anchor->apart[i].size);
    for (uint64_t i = 0; i < anchor->segments; i++)
        blank(bytes, begin, end, anchor->segment[i], pages_in(i) * PAGE * sizeof(uint64_t));
}

/* Hashes of blocks first .. first + count - 1 of a file that ends as the anchor says; at most GULP. */
static bool hash_blocks(kr_store_session *session, const kr_anchor *anchor, uint64_t first, size_t count, uint64_t *hash) {
    unsigned char bytes[GULP * KR_BLOCK];
    uint64_t begin = first * KR_BLOCK, end = begin + count * KR_BLOCK;
    if (end > anchor->end) end = anchor->end;
    if (!kr_store_session_read(session, begin, bytes, (size_t)(end - begin))) return false;
    leave_out(anchor, bytes, begin, end);
    for (size_t i = 0; i < count; i++) {
        uint64_t at = i * KR_BLOCK, size = end - begin - at < KR_BLOCK ? end - begin - at : KR_BLOCK;
        hash[i] = kr_block_hash(bytes + at, (size_t)size, first + i);
    }
    return true;
}

/* ---- making ---- */

kr_checksums *kr_checksums_of(const kr_anchor *anchor, bool half) {
    kr_checksums *sums = calloc(1, sizeof *sums);
    if (!sums) return NULL;
    sums->anchor = *anchor;
    sums->half = half;
    sums->blocks = blocks_of(anchor->end);
    return sums;
}

kr_checksums *kr_checksums_layout(kr_h5 *h5) {
    kr_anchor anchor;
    kr_anchor_layout(h5, &anchor);
    kr_checksums *sums = kr_h5_good(h5) ? kr_checksums_of(&anchor, false) : NULL;
    if (!sums) kr_h5_no_memory(h5, "its checksums");
    return sums;
}

void kr_checksums_destroy(kr_checksums *sums) {
    if (!sums) return;
    free(sums->state);
    free(sums);
}

void kr_checksums_leave_out(kr_checksums *sums, uint64_t place, uint64_t size) {
    for (size_t i = 0; sums && i < KR_ANCHOR_APART; i++) {
        if (sums->anchor.apart[i].size) continue;
        sums->anchor.apart[i] = (kr_range){place, size};
        return;
    }
}

void kr_checksums_renew(kr_checksums *sums) {
    memset(sums->anchor.apart, 0, sizeof sums->anchor.apart);
    sums->renews = true;
}

/* What HDF5 still keeps in memory is written first, since only then the file has its length; another segment makes it longer. */
void kr_checksums_room(kr_store_session *session, kr_h5 *h5) {
    kr_anchor *anchor = &session->sums->anchor;
    char path[64];
    if (kr_h5_good(h5)) kr_h5_checked(h5, H5Fflush(h5->file, H5F_SCOPE_LOCAL), "write", "what waits");
    while (kr_h5_good(h5) && pages_before(anchor->segments) * ENTRIES < blocks_of(session->end)) {
        uint64_t place, words, number = anchor->segments;
        if (number == KR_ANCHOR_SEGMENTS) {
            kr_h5_refuse(h5, "the file", "is too long for its checksums");
            return;
        }
        hsize_t size = pages_in(number) * PAGE;
        snprintf(path, sizeof path, KR_CHECKSUM_GROUP "/%llu", (unsigned long long)number);
        kr_h5_fixed(h5, h5->file, path, H5T_NATIVE_UINT64, 1, &size, NULL);
        if (!kr_h5_place(h5, path, 1, &place, &words)) return;
        anchor->segment[anchor->segments++] = place;
        kr_h5_checked(h5, H5Fflush(h5->file, H5F_SCOPE_LOCAL), "write", "what waits");
    }
}

/* ---- what a session changes ---- */

typedef struct page_writer {
    kr_store_session *session;
    const kr_anchor *anchor;
    uint64_t page; /* UINT64_MAX: none */
    bool changed;
    uint64_t old[PAGE], word[PAGE];
} page_writer;

static bool turn_to(page_writer *w, uint64_t page) {
    if (w->page == page) return true;
    if (w->page != UINT64_MAX && (memcmp(w->old, w->word, sizeof w->old) != 0 || w->old[0] != page_hash(w->word, w->page))) {
        if (!page_write(w->session, w->anchor, w->page, w->old, w->word)) return false;
        w->changed = true;
    }
    w->page = page;
    if (page == UINT64_MAX) return true;
    if (!page_read(w->session, w->anchor, page, w->old)) return false;
    memcpy(w->word, w->old, sizeof w->word);
    return true;
}

static bool set_blocks(page_writer *w, uint64_t first, uint64_t end) {
    uint64_t hash[GULP];
    for (uint64_t block = first; block < end;) {
        size_t count = end - block < GULP ? (size_t)(end - block) : GULP;
        if (!hash_blocks(w->session, w->anchor, block, count, hash)) return false;
        for (size_t i = 0; i < count; i++, block++) {
            if (!turn_to(w, block / ENTRIES)) return false;
            w->word[1 + block % ENTRIES] = hash[i];
        }
    }
    return true;
}

static int in_order(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Blocks before `end` that overwrites touch, each once, in order; malloc'd. NULL: no memory. */
static uint64_t *touched(const kr_store_session *session, uint64_t end, size_t *count) {
    size_t most = 0;
    *count = 0;
    for (size_t i = 0; i < session->count; i++) most += session->overwrite[i].size / KR_BLOCK + 2;
    uint64_t *block = malloc((most + 1) * sizeof *block);
    for (size_t i = 0; block && i < session->count; i++) {
        const kr_overwrite *write = &session->overwrite[i];
        for (uint64_t b = write->place / KR_BLOCK; b * KR_BLOCK < write->place + write->size && b < end; b++) block[(*count)++] = b;
    }
    if (!block) return NULL;
    qsort(block, *count, sizeof *block, in_order);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (!kept || block[kept - 1] != block[i]) block[kept++] = block[i];
    *count = kept;
    return block;
}

/* All blocks from `appended` on, and what overwrites touch before. */
static bool set_changed(page_writer *w, uint64_t appended, uint64_t end) {
    size_t count;
    uint64_t *block = touched(w->session, appended, &count);
    bool good = block != NULL;
    if (!good) errno = ENOMEM;
    for (size_t i = 0; i < count && good; i++) good = set_blocks(w, block[i], block[i] + 1);
    free(block);
    return good && set_blocks(w, appended, end) && turn_to(w, UINT64_MAX);
}

/* A session that has changed nothing changes nothing here: whoever goes on leaves the bytes of a run that was never stopped. */
int kr_checksums_update(kr_store_session *session, bool provisional) {
    kr_checksums *sums = session->sums;
    kr_anchor *anchor = &sums->anchor;
    uint64_t shorter = session->end < session->old_end ? session->end : session->old_end, end = blocks_of(session->end);
    uint64_t appended = sums->renews ? 0 : session->end == session->old_end ? end : shorter / KR_BLOCK;
    bool moved = anchor->end != session->end || anchor->provisional != provisional || sums->renews;
    page_writer *writer = calloc(1, sizeof *writer);
    if (!writer) return ENOMEM;
    errno = 0;
    anchor->end = session->end;
    anchor->provisional = provisional;
    writer->session = session;
    writer->anchor = anchor;
    writer->page = UINT64_MAX;
    bool good = set_changed(writer, appended, end);
    if (good && (moved || writer->changed)) {
        anchor->sequence++;
        good = kr_anchor_write(session, anchor);
        if (!good) errno = ENOMEM;
    }
    free(writer);
    sums->renews = false;
    return good ? 0 : errno ? errno : EIO;
}

/* ---- looking ---- */

static bool states_make(kr_checksums *sums) {
    if (!sums->state) sums->state = calloc((size_t)sums->blocks + 1, 1);
    return sums->state != NULL;
}

/* Blocks first .. end - 1 of one page. false: errno says why. */
static bool look_at(kr_store_session *session, uint64_t first, uint64_t end) {
    kr_checksums *sums = session->sums;
    uint64_t word[PAGE], hash[GULP], page = first / ENTRIES;
    if (!page_read(session, &sums->anchor, page, word)) return false;
    bool whole = word[0] == page_hash(word, page);
    for (uint64_t block = first; block < end;) {
        size_t count = end - block < GULP ? (size_t)(end - block) : GULP;
        if (!hash_blocks(session, &sums->anchor, block, count, hash)) return false;
        for (size_t i = 0; i < count; i++, block++)
            sums->state[block] = hash[i] == word[1 + block % ENTRIES] ? KR_BLOCK_GOOD
                                 : whole                              ? KR_BLOCK_DAMAGED
                                                                      : KR_BLOCK_UNCHECKED;
    }
    return true;
}

bool kr_checksums_hold(kr_store_session *session, uint64_t place, uint64_t size) {
    kr_checksums *sums = session->sums;
    if (!sums || !size) return true;
    if (!states_make(sums)) return kr_memory_miss(), false;
    bool good = true;
    for (uint64_t block = place / KR_BLOCK; block < sums->blocks && block * KR_BLOCK < place + size; block++) {
        if (sums->state[block] == KR_BLOCK_UNKNOWN && !look_at(session, block, block + 1)) return false;
        good = good && sums->state[block] == KR_BLOCK_GOOD;
    }
    return good;
}

int kr_checksums_verify(kr_store_session *session, uint64_t *damaged, uint64_t *first) {
    kr_checksums *sums = session->sums;
    *damaged = *first = 0;
    if (!states_make(sums)) return ENOMEM;
    for (uint64_t block = 0; block < sums->blocks; block += ENTRIES) {
        uint64_t end = block + ENTRIES < sums->blocks ? block + ENTRIES : sums->blocks;
        if (!look_at(session, block, end)) return errno ? errno : EIO;
        for (uint64_t b = block; b < end; b++)
            if (sums->state[b] != KR_BLOCK_GOOD && !(*damaged)++) *first = b;
    }
    return 0;
}
