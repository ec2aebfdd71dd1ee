/* Which data sets of a file are whole, row by row: what was read of them without meeting a damaged block. */
#ifndef KR_FILE_EXAMINE_H
#define KR_FILE_EXAMINE_H

#include "store.h"

typedef struct kr_examined_set {
    char *path;
    uint64_t rows, whole, damaged; /* whole: before the first damaged one; a scalar is one row */
    bool series;                   /* it grows along its first axis */
} kr_examined_set;

typedef struct kr_examined {
    kr_examined_set *set;
    size_t count, capacity;
    size_t lost; /* objects and groups that HDF5 could not open */
    char lost_first[256];
} kr_examined;

/* In a session of a store that is open to be examined. What cannot be read is no failure of h5. false: no memory. */
bool kr_examine(kr_h5 *h5, kr_store *store, kr_examined *examined);
void kr_examined_destroy(kr_examined *examined);
const kr_examined_set *kr_examined_find(const kr_examined *examined, const char *path);

/* What is called for every link to an object of the file, but for those to checksums. A path that leads to an object that was
 * called before comes with that one's path as `same`. */
typedef void kr_h5_visitor(void *context, hid_t object, const char *path, const char *same);
/* lost: called for what cannot be opened. */
bool kr_h5_visit(kr_h5 *h5, kr_h5_visitor *visit, void (*lost)(void *context, const char *path), void *context);

/* Rows first .. first + count - 1 of a data set as they are in the file; false: they cannot be read. */
bool kr_h5_raw_rows(hid_t set, hid_t type, uint64_t first, uint64_t count, void *rows, bool write);

#endif
