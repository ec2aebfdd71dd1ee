#include "whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* An error number; 0: all is written. */
static int put(const char *name, const void *bytes, size_t size) {
    errno = 0;
    FILE *out = fopen(name, "wb");
    if (!out) return errno;
    int failed = fwrite(bytes, 1, size, out) == size && !fflush(out) ? 0 : errno ? errno : EIO;
    if (fclose(out) && !failed) failed = errno ? errno : EIO;
    return failed;
}

static int put_beside(const char *target, const void *bytes, size_t size, bool *impossible) {
    size_t room = strlen(target) + 32;
    char *beside = malloc(room);
    if (!beside) return ENOMEM;
    snprintf(beside, room, "%s.%ld.part", target, (long)getpid());
    int failed = put(beside, bytes, size);
    *impossible = failed == EACCES || failed == EPERM || failed == EROFS || failed == ENAMETOOLONG;
    if (!failed && rename(beside, target)) failed = errno;
    if (failed) unlink(beside);
    free(beside);
    return failed;
}

kr_status kr_whole_file_write(const char *file, const void *bytes, size_t size, kr_error *error) {
    struct stat about;
    bool there = lstat(file, &about) == 0, direct = there && !S_ISREG(about.st_mode);
    int failed = direct ? 0 : put_beside(file, bytes, size, &direct);
    if (direct) {
        failed = put(file, bytes, size);
        if (failed && !there) unlink(file);
    }
    return failed ? kr_fail(error, KR_IO, "%s could not be written: %s", file, strerror(failed)) : KR_OK;
}

const char *kr_file_extension(const char *file) {
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');
    return dot && dot != base && dot[1] ? dot : NULL;
}

kr_status kr_picture_name_check(const char *file, kr_error *error) {
    const char *extension = kr_file_extension(file);
    if (!extension || !strcasecmp(extension, ".png")) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "%s: pictures of the window are PNG; give a name that ends with .png, not %s. (Figures of a run as PDF or SVG: "
                   "kramers.py FILE.h5 -o FILE.pdf)",
                   file, extension);
}
