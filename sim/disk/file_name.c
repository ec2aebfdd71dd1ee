#include "file_name.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool kr_same_file(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

bool kr_name_leads_to(const char *path, int descriptor) {
    struct stat open, named;
    return !fstat(descriptor, &open) && !stat(path, &named) && kr_same_file(&open, &named);
}

/* The present name of an open file; empty: not known. */
static void name_of(int descriptor, char *name, size_t size) {
    char link[64];
    struct stat open, named;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, name, size - 1);
    name[length > 0 ? length : 0] = 0;
    if (fstat(descriptor, &open) || stat(name, &named) || !kr_same_file(&open, &named)) *name = 0;
}

kr_status kr_name_check(const char *path, int descriptor, kr_error *error) {
    struct stat open, named;
    char name[500];
    if (fstat(descriptor, &open)) return kr_fail(error, KR_IO, "%s: the file that is being written is gone", path);
    bool there = !stat(path, &named);
    if (there && kr_same_file(&open, &named)) return KR_OK;
    if (there && !open.st_nlink)
        return kr_fail(error, KR_IO, "%s: another file took this one's place while it was being written", path);
    if (!open.st_nlink) return kr_fail(error, KR_IO, "%s: the file was removed while it was being written", path);
    name_of(descriptor, name, sizeof name);
    if (*name)
        return kr_fail(error, KR_IO, "%s: the file was renamed while it was being written; what was measured is in %s", path, name);
    return kr_fail(error, KR_IO, "%s: this name does not lead to the file any more that is being written", path);
}
