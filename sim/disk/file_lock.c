#define _GNU_SOURCE /* F_OFD_SETLK */
#include "file_lock.h"

#include "file_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REPLACED_MOST = 100, NAMELESS_MOST = 3, PATH = 300 };

/* ---- who it is ---- */

/* Whether a process has the file open under a lock. */
static bool holds(long process, const struct stat *about) {
    char name[PATH], line[256];
    bool found = false;
    snprintf(name, sizeof name, "/proc/%ld/fd", process);
    DIR *directory = opendir(name);
    for (struct dirent *entry; directory && !found && (entry = readdir(directory));) {
        struct stat other;
        snprintf(name, sizeof name, "/proc/%ld/fd/%.20s", process, entry->d_name);
        if (*entry->d_name == '.' || stat(name, &other) || !kr_same_file(&other, about)) continue;
        snprintf(name, sizeof name, "/proc/%ld/fdinfo/%.20s", process, entry->d_name);
        FILE *file = fopen(name, "r");
        while (file && !found && fgets(line, sizeof line, file)) found = strstr(line, "OFDLCK") && strstr(line, "WRITE");
        if (file) fclose(file);
    }
    if (directory) closedir(directory);
    return found;
}

/* The kernel does not say whose a lock is that belongs to an open file. 0: not known, as on another machine. */
static long holder_of(const struct stat *about) {
    long found = 0;
    DIR *processes = opendir("/proc");
    for (struct dirent *entry; processes && !found && (entry = readdir(processes));) {
        long process = strtol(entry->d_name, NULL, 10);
        if (process > 0 && holds(process, about)) found = process;
    }
    if (processes) closedir(processes);
    return found;
}

static void name_of(long process, char name[64]) {
    char path[64];
    *name = 0;
    snprintf(path, sizeof path, "/proc/%ld/comm", process);
    FILE *file = fopen(path, "r");
    if (file && fgets(name, 64, file)) name[strcspn(name, "\n")] = 0;
    if (file) fclose(file);
}

static kr_status refuse(const char *path, long process, kr_error *error) {
    char name[64];
    if (!process)
        return kr_fail(error, KR_IO, "%s: another process is writing this file; wait for it, or write elsewhere with -o", path);
    name_of(process, name);
    return kr_fail(error, KR_IO, "%s: %s (process %ld) is writing this file; wait for it, end it, or write elsewhere with -o", path,
                   *name ? name : "another program", process);
}

/* ---- the lock ---- */

/* One of the open file, which closing another descriptor of the same file leaves alone; and not flock's, which HDF5 takes for
 * reading: a file that grows can be read. */
static bool is_free(int descriptor) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return !fcntl(descriptor, F_OFD_SETLK, &whole) || (errno != EAGAIN && errno != EACCES);
}

/* A file that was replaced between opening and locking is another one now. */
kr_status kr_lock_open(const char *path, int flags, int *descriptor, kr_error *error) {
    int nameless = 0;
    for (int i = 0; i < REPLACED_MOST; i++) {
        struct stat opened, named;
        if ((*descriptor = open(path, flags | O_CLOEXEC, 0666)) < 0 || fstat(*descriptor, &opened)) return KR_OK;
        bool ours = is_free(*descriptor);
        if (ours && !stat(path, &named) && kr_same_file(&named, &opened)) return KR_OK;
        close(*descriptor);
        *descriptor = -1;
        if (ours) continue;
        long process = holder_of(&opened);
        if (process || ++nameless == NAMELESS_MOST) return refuse(path, process, error); /* else it has just ended */
    }
    return kr_fail(error, KR_IO, "%s: other processes keep replacing this file; write elsewhere with -o", path);
}

bool kr_lock_is_held(int descriptor) {
    struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    return !fcntl(descriptor, F_OFD_GETLK, &whole) && whole.l_type != F_UNLCK;
}

kr_status kr_lock_check(const char *path, kr_error *error) {
    int descriptor;
    kr_status status = kr_lock_open(path, O_RDWR, &descriptor, error);
    if (descriptor >= 0) close(descriptor);
    return status;
}
