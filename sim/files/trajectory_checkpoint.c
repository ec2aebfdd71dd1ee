/* The state that a resumed run needs, in the file it goes on with.
 *
 * Two slots of fixed place and size are written in turn, past HDF5 and before the session that makes them count: until that
 * session's commit the other slot is the newest. So a checkpoint is written once and needs no journal. Each commit carries a
 * checksum of its words: a slot that was half written when the machine failed is ignored.
 */
#include "disk/block_hash.h"
#include "h5md.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const slot_path[2] = {"/parameters/kramers/checkpoint/slot_0", "/parameters/kramers/checkpoint/slot_1"};
_Static_assert(sizeof(kr_commit) == KR_COMMIT_FIELDS * sizeof(uint64_t), "a commit is a row of the data set");

/* Of files of format 1. */
static uint64_t words_checksum(const uint64_t *words, size_t count) {
    uint64_t sum = 0x9e3779b97f4a7c15 ^ count;
    for (size_t i = 0; i < count; i++) { /* a bijection of the sum for every word: any single change shows */
        sum = (sum ^ words[i]) * 0xff51afd7ed558ccd;
        sum ^= sum >> 32;
    }
    return sum;
}

/* Of the words and of what the commit says of them. */
static uint64_t checksum(const kr_commit *commit, const uint64_t *words) {
    uint64_t own = kr_block_hash(commit, offsetof(kr_commit, checksum), commit->words);
    return kr_block_hash(words, (size_t)commit->words * sizeof *words, own);
}

static bool is_whole(const kr_store *store, const kr_commit *commit, const uint64_t *words) {
    return commit->checksum ==
           (kr_store_format(store) == 1 ? words_checksum(words, (size_t)commit->words) : checksum(commit, words));
}

void kr_checkpoint_leave_out(kr_h5 *h5, kr_store *store) {
    uint64_t place, count;
    for (int slot = 0; slot < 2; slot++)
        if (kr_h5_exists(h5, slot_path[slot]) && kr_h5_place(h5, slot_path[slot], 1, &place, &count))
            kr_store_leave_out(store, place, count * sizeof count);
}

void kr_checkpoint_layout(kr_h5 *h5, const kr_trajectory *t) {
    hsize_t words = t->checkpoint_words > 0 ? t->checkpoint_words : 1, commits[2] = {2, KR_COMMIT_FIELDS};
    for (int slot = 0; slot < 2; slot++) kr_h5_fixed(h5, h5->file, slot_path[slot], H5T_NATIVE_UINT64, 1, &words, NULL);
    kr_checkpoint_leave_out(h5, t->store);
    kr_h5_fixed(h5, h5->file, KR_COMMITS, H5T_NATIVE_UINT64, 2, commits, NULL);
    hid_t group = kr_h5_group(h5, h5->file, "/parameters/kramers/checkpoint");
    kr_h5_text(h5, group, "commit_columns", "number frames events step words checksum");
    kr_h5_close(group);
}

/* size: of both, in words. */
static void slot_places(kr_h5 *h5, uint64_t place[2], uint64_t *size) {
    uint64_t words[2] = {0};
    if (!kr_h5_exists(h5, KR_COMMITS)) kr_h5_refuse(h5, KR_COMMITS, "is not there: was the file written by kramers?");
    for (int slot = 0; slot < 2; slot++) kr_h5_place(h5, slot_path[slot], 1, &place[slot], &words[slot]);
    if (words[0] != words[1]) kr_h5_refuse(h5, slot_path[1], "has not the size of slot_0");
    *size = words[0];
}

static void read_commits(kr_h5 *h5, kr_commit commit[2]) {
    static const hsize_t size[2] = {2, KR_COMMIT_FIELDS};
    kr_h5_read(h5, KR_COMMITS, KR_H5_UINT64, 2, size, commit);
}

kr_status kr_checkpoint_read(kr_store *store, uint64_t place[2], kr_commit *newest, uint64_t **words, kr_error *error) {
    kr_commit commit[2] = {0};
    uint64_t size = 0;
    kr_h5 h5;
    *newest = (kr_commit){0};
    if (!kr_store_begin(store, &h5, error)) return h5.status;
    slot_places(&h5, place, &size);
    read_commits(&h5, commit);
    kr_status status = h5.status;
    kr_store_end(store, &h5, false);
    if (status != KR_OK) return status;
    uint64_t *read = malloc((size_t)size * sizeof *read + 8);
    if (!read) return kr_fail(error, KR_NO_MEMORY, "There is no memory for the checkpoint of %s.", kr_store_path(store));
    for (int tries = 0; tries < 2 && newest->number == 0 && status == KR_OK; tries++) {
        int slot = (commit[0].number >= commit[1].number ? 0 : 1) ^ tries;
        if (commit[slot].number == 0 || commit[slot].words > size) continue;
        status = kr_store_read_at(store, place[slot], read, (size_t)commit[slot].words * sizeof *read, error);
        if (status == KR_OK && is_whole(store, &commit[slot], read)) *newest = commit[slot];
    }
    if (status == KR_OK && newest->number == 0 && commit[0].number + commit[1].number > 0)
        status = kr_fail(error, KR_IO,
                         "%s: both checkpoints (" KR_COMMITS ") are damaged; the frames can be read, but the run cannot go on.",
                         kr_store_path(store));
    if (status == KR_OK && words && newest->number > 0)
        *words = read;
    else
        free(read);
    return status;
}

kr_status kr_checkpoint_fell_back(kr_store *store, const kr_commit *commit, bool *fell_back, kr_error *error) {
    kr_commit both[2] = {0};
    kr_h5 h5;
    *fell_back = false;
    if (!kr_store_begin(store, &h5, error)) return h5.status;
    read_commits(&h5, both);
    *fell_back = both[0].number > commit->number || both[1].number > commit->number;
    kr_store_end(store, &h5, false);
    return h5.status;
}

bool kr_checkpoint_owns(const char *path) {
    return !strcmp(path, slot_path[0]) || !strcmp(path, slot_path[1]) || !strcmp(path, KR_COMMITS);
}

static void save_slot(kr_store *source, kr_h5 *to, int slot, uint64_t place, kr_commit *commit, hsize_t size, bool fits) {
    uint64_t *words = calloc((size_t)size + 1, sizeof *words);
    if (!words) {
        kr_h5_no_memory(to, "a checkpoint");
        return;
    }
    fits = fits && commit->number > 0 && commit->words <= size &&
           kr_store_read_at(source, place, words, (size_t)commit->words * sizeof *words, NULL) == KR_OK &&
           is_whole(source, commit, words);
    if (fits) commit->checksum = checksum(commit, words);
    kr_h5_fixed(to, to->file, slot_path[slot], H5T_NATIVE_UINT64, 1, &size, fits ? words : NULL);
    if (!fits && commit->number > 0) *commit = (kr_commit){.number = commit->number};
    free(words);
}

void kr_checkpoint_save(kr_h5 *from, kr_store *source, kr_h5 *to, uint64_t frames, uint64_t events) {
    static const hsize_t size[2] = {2, KR_COMMIT_FIELDS};
    kr_commit commit[2] = {{.number = 1}, {.number = 2}};
    uint64_t place[2] = {0}, words = 0;
    kr_error ignored;
    kr_h5 own = *from;
    own.error = &ignored;
    slot_places(&own, place, &words);
    read_commits(&own, commit);
    if (!kr_h5_good(&own)) words = 1;
    for (int i = 0; i < 2; i++)
        save_slot(source, to, i, place[i], &commit[i], words,
                  kr_h5_good(&own) && commit[i].frames <= frames && commit[i].events <= events);
    kr_h5_fixed(to, to->file, KR_COMMITS, H5T_NATIVE_UINT64, 2, size, commit);
}

kr_status kr_checkpoint_write(kr_trajectory *t, const uint64_t *words, kr_commit *commit, kr_error *error) {
    *commit = (kr_commit){.number = t->commits + 1,
                          .frames = t->frames_written + t->waiting,
                          .events = t->events_written + t->events.count,
                          .step = (uint64_t)(t->last_step < 0 ? 0 : t->last_step),
                          .words = t->checkpoint_words};
    commit->checksum = kr_store_format(t->store) == 1 ? words_checksum(words, t->checkpoint_words) : checksum(commit, words);
    return kr_store_write_at(t->store, t->place[commit->number % 2], words, t->checkpoint_words * sizeof *words, error);
}

void kr_checkpoint_commit(kr_h5 *h5, const kr_commit *commit) {
    static const hsize_t fields = KR_COMMIT_FIELDS;
    kr_h5_replace_row(h5, KR_COMMITS, H5T_NATIVE_UINT64, 1, &fields, commit->number % 2, commit);
}
