#include "file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { REPLACED_MOST = 100 };

/* Who holds a lock on this file, as the kernel lists it: "1: FLOCK ADVISORY WRITE 1234 08:01:5678 0 EOF"; 0: not known, as when it
 * is on another machine. */
static long holder_of(const struct stat *about) {
    char line[256];
    long found = 0;
    FILE *locks = fopen("/proc/locks", "r");
    while (locks && !found && fgets(line, sizeof line, locks)) {
        long process;
        unsigned major_number, minor_number;
        unsigned long long file;
        if (sscanf(line, "%*[^:]: FLOCK %*s WRITE %ld %x:%x:%llu", &process, &major_number, &minor_number, &file) == 4 &&
            file == (unsigned long long)about->st_ino && major_number == major(about->st_dev) &&
            minor_number == minor(about->st_dev))
            found = process;
    }
    if (locks) fclose(locks);
    return found > 0 ? found : 0;
}

static void name_of(long process, char name[64]) {
    char path[64];
    *name = 0;
    snprintf(path, sizeof path, "/proc/%ld/comm", process);
    FILE *file = fopen(path, "r");
    if (file && fgets(name, 64, file)) name[strcspn(name, "\n")] = 0;
    if (file) fclose(file);
}

static kr_status refuse(const char *path, const struct stat *about, kr_error *error) {
    char name[64];
    long process = holder_of(about);
    if (!process)
        return kr_fail(error, KR_IO, "%s: another process is writing this file; wait for it, or write elsewhere with -o", path);
    name_of(process, name);
    return kr_fail(error, KR_IO, "%s: %s (process %ld) is writing this file; wait for it, end it, or write elsewhere with -o", path,
                   *name ? name : "another program", process);
}

/* A file that was replaced between opening and locking is another one now. */
kr_status kr_lock_open(const char *path, int flags, int *descriptor, kr_error *error) {
    for (int i = 0; i < REPLACED_MOST; i++) {
        struct stat opened, named;
        if ((*descriptor = open(path, flags | O_CLOEXEC, 0666)) < 0 || fstat(*descriptor, &opened)) return KR_OK;
        if (flock(*descriptor, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
            close(*descriptor);
            *descriptor = -1;
            return refuse(path, &opened, error);
        }
        if (!stat(path, &named) && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev) return KR_OK;
        close(*descriptor);
        *descriptor = -1;
    }
    return kr_fail(error, KR_IO, "%s: other processes keep replacing this file; write elsewhere with -o", path);
}
