#include "file_bytes.h"

#include <kramers/file_path.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A write of nothing is no error to the system. */
static bool no_progress(ssize_t done) {
    if (done == 0) errno = EIO;
    return false;
}

bool kr_disk_write(int descriptor, const void *data, size_t size, uint64_t place) {
    const char *bytes = data;
    while (size > 0) {
        ssize_t done = pwrite(descriptor, bytes, size, (off_t)place);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return no_progress(done);
        bytes += done;
        place += (uint64_t)done;
        size -= (size_t)done;
    }
    return true;
}

bool kr_disk_append(int descriptor, const void *data, size_t size) {
    const char *bytes = data;
    while (size > 0) {
        ssize_t done = write(descriptor, bytes, size);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return no_progress(done);
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

bool kr_disk_read(int descriptor, void *data, size_t size, uint64_t place) {
    char *bytes = data;
    while (size > 0) {
        ssize_t done = pread(descriptor, bytes, size, (off_t)place);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return false;
        if (done == 0) {
            memset(bytes, 0, size); /* beyond the end */
            return true;
        }
        bytes += done;
        place += (uint64_t)done;
        size -= (size_t)done;
    }
    return true;
}

bool kr_disk_cut(int descriptor, uint64_t size) {
    int failed;
    do failed = ftruncate(descriptor, (off_t)size);
    while (failed && errno == EINTR);
    return !failed;
}

/* Every closing of a descriptor tells it, not only the last one. */
bool kr_disk_settle(int descriptor) {
    int copy = dup(descriptor);
    return copy < 0 || !close(copy) || errno == EINTR;
}

/* Some file systems have nothing to wait for, and say so. */
static bool synced(int result) {
    return result == 0 || errno == EINVAL || errno == ENOTSUP;
}

bool kr_disk_sync(int descriptor) {
    return synced(fdatasync(descriptor));
}

bool kr_disk_sync_directory(const char *path) {
    char *name = kr_path_directory(path);
    int descriptor = name ? open(*name ? name : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(name);
    if (descriptor < 0) return name ? errno == EACCES : false; /* one that may not be read */
    bool good = synced(fsync(descriptor));
    close(descriptor);
    return good;
}
