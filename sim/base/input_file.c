#define _XOPEN_SOURCE 700 /* O_CLOEXEC, S_ISSOCK */
#include <kramers/input_file.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *kind_of(mode_t mode) {
    return S_ISDIR(mode)                    ? "a directory"
           : S_ISFIFO(mode)                 ? "a pipe"
           : S_ISSOCK(mode)                 ? "a socket"
           : S_ISCHR(mode) || S_ISBLK(mode) ? "a device"
                                            : "no regular file";
}

static kr_status not_regular(const char *path, mode_t mode, kr_error *error) {
    return kr_fail(error, KR_IO, "cannot read '%s': it is %s, and a regular file is needed", path, kind_of(mode));
}

/* Looked at before it is opened: opening alone wakes who waits to write into a pipe, and does things to devices. And after: it may
 * be another by then, which is not waited for either. */
kr_status kr_input_open(const char *path, int *descriptor, kr_error *error) {
    struct stat about;
    *descriptor = -1;
    if (stat(path, &about) != 0) return kr_fail(error, KR_IO, "cannot open '%s': %s", path, kr_errno_text(errno));
    if (!S_ISREG(about.st_mode)) return not_regular(path, about.st_mode, error);
    *descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*descriptor < 0) return kr_fail(error, KR_IO, "cannot open '%s': %s", path, kr_errno_text(errno));
    if (fstat(*descriptor, &about) == 0 && S_ISREG(about.st_mode)) return KR_OK;
    close(*descriptor);
    *descriptor = -1;
    return not_regular(path, about.st_mode, error);
}

kr_status kr_input_stream(const char *path, FILE **stream, kr_error *error) {
    int descriptor;
    *stream = NULL;
    kr_status status = kr_input_open(path, &descriptor, error);
    if (status != KR_OK || (*stream = fdopen(descriptor, "rb"))) return status;
    close(descriptor);
    return kr_fail(error, KR_NO_MEMORY, "there is not enough memory to read '%s'", path);
}

kr_status kr_input_check(const char *path, kr_error *error) {
    int descriptor;
    kr_status status = kr_input_open(path, &descriptor, error);
    if (descriptor >= 0) close(descriptor);
    return status;
}
