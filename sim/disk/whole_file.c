#define _XOPEN_SOURCE 700 /* realpath */
#include <kramers/whole_file.h>

#include "file_bytes.h"

#include <kramers/file_path.h>
#include <kramers/fresh_file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static kr_status fail_errno(const char *file, kr_error *error) {
    return kr_fail(error, KR_IO, "%s could not be written: %s", file, kr_errno_text(errno));
}

static kr_status put_directly(const char *file, const void *bytes, size_t size, kr_error *error) {
    int out = open(file, O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC);
    if (out < 0) return fail_errno(file, error);
    kr_status status = kr_disk_append(out, bytes, size) ? KR_OK : fail_errno(file, error);
    if (close(out) && status == KR_OK) status = fail_errno(file, error);
    return status;
}

static kr_status put_beside(const char *file, const void *bytes, size_t size, bool overwrite, kr_error *error) {
    kr_fresh_file fresh;
    kr_status status = kr_fresh_file_begin(&fresh, file, overwrite, -1, error);
    if (status != KR_OK) return status;
    if (!kr_disk_append(fresh.descriptor, bytes, size)) status = fail_errno(file, error);
    if (status == KR_OK) status = kr_fresh_file_publish(&fresh, error);
    kr_fresh_file_end(&fresh);
    return status;
}

/* Of a file that is there. */
static bool directory_takes_no_others(const char *file) {
    char *real = realpath(file, NULL), *directory = real ? kr_path_directory(real) : NULL;
    bool closed = directory && access(directory, W_OK) != 0;
    free(directory);
    free(real);
    return closed;
}

kr_status kr_whole_file_write(const char *file, const void *bytes, size_t size, bool overwrite, kr_error *error) {
    struct stat about;
    bool there = stat(file, &about) == 0;
    if (there && !S_ISDIR(about.st_mode) && (!S_ISREG(about.st_mode) || (overwrite && directory_takes_no_others(file))))
        return put_directly(file, bytes, size, error);
    return put_beside(file, bytes, size, overwrite, error);
}
