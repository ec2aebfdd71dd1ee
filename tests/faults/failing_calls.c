/* Preloaded into the program by tests: calls that change files fail when they are told to, or are written down. What counts are
 * calls on regular files, and those that take names.
 *
 *     FAULT_CALLS    names of calls, with commas between; all: every one
 *     FAULT_AT       the number of the first of them that fails, from 1 on; 0: none
 *     FAULT_LASTING  all that follow fail too
 *     FAULT_ERROR    a number of errno; -1: half of a write is done (short), and the rest with the next call
 *     FAULT_COUNT    a file for how many such calls there were
 *     FAULT_LOG      a file for the calls themselves: "CALL NAME NUMBER NUMBER\n" and bytes: what was written, or
 *                    the new name
 *     FAULT_KILL     the process is killed at that call instead, before it is done */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    char calls[256];
    long at, error, count;
    bool lasting, kills;
    int log;
    char count_file[512];
    pthread_mutex_t mutex;
} fault = {.log = -1, .mutex = PTHREAD_MUTEX_INITIALIZER};

static long number_of(const char *name) {
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void) {
    const char *calls = getenv("FAULT_CALLS"), *count = getenv("FAULT_COUNT"), *log = getenv("FAULT_LOG");
    snprintf(fault.calls, sizeof fault.calls, ",%s,", calls ? calls : "");
    snprintf(fault.count_file, sizeof fault.count_file, "%s", count ? count : "");
    fault.at = number_of("FAULT_AT");
    fault.error = number_of("FAULT_ERROR");
    fault.lasting = number_of("FAULT_LASTING") != 0;
    fault.kills = number_of("FAULT_KILL") != 0;
    if (!log) return;
    int file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    fault.log = fcntl(file, F_DUPFD_CLOEXEC, 500);
    syscall(SYS_close, file);
}

__attribute__((destructor)) static void end(void) {
    char text[32];
    if (!*fault.count_file) return;
    int file = (int)syscall(SYS_openat, AT_FDCWD, fault.count_file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int length = snprintf(text, sizeof text, "%ld\n", fault.count);
    if (syscall(SYS_write, file, text, length) != length) abort();
    syscall(SYS_close, file);
}

static bool is_chosen(const char *call) {
    char name[40];
    snprintf(name, sizeof name, ",%s,", call);
    return strstr(fault.calls, name) || !strcmp(fault.calls, ",all,");
}

/* Whether the call is to fail. */
static bool fails(const char *call) {
    if (!is_chosen(call)) return false;
    pthread_mutex_lock(&fault.mutex);
    long number = ++fault.count;
    pthread_mutex_unlock(&fault.mutex);
    bool now = fault.at && (number == fault.at || (fault.lasting && number > fault.at));
    if (now && fault.kills) raise(SIGKILL);
    if (now && fault.error > 0) errno = (int)fault.error;
    return now;
}

static bool is_regular(int descriptor) {
    struct stat about;
    return descriptor > STDERR_FILENO && descriptor != fault.log && !fstat(descriptor, &about) && S_ISREG(about.st_mode);
}

static void put(const void *data, size_t size) {
    if (syscall(SYS_write, fault.log, data, size) != (long)size) abort();
}

static void note(const char *call, const char *name, long long first, long long second, const void *data, size_t size) {
    char line[2048];
    if (fault.log < 0) return;
    pthread_mutex_lock(&fault.mutex);
    int length = snprintf(line, sizeof line, "%s %s %lld %lld\n", call, name, first, second);
    put(line, (size_t)length);
    if (size) put(data, size);
    pthread_mutex_unlock(&fault.mutex);
}

/* An open file is its number, since names change. */
static void note_file(const char *call, int descriptor, long long first, long long second, const void *data, size_t size) {
    struct stat about;
    char name[32];
    if (fault.log < 0 || fstat(descriptor, &about)) return;
    snprintf(name, sizeof name, "%llu", (unsigned long long)about.st_ino);
    note(call, name, first, second, data, size);
}

static void note_open(const char *path, int flags, int descriptor) {
    struct stat about;
    if (fault.log >= 0 && !fstat(descriptor, &about))
        note(flags & O_TRUNC ? "create" : "open", path, (long long)about.st_ino, 0, NULL, 0);
}

#define REAL(result, name, ...)                                                                                                    \
    static result (*real)(__VA_ARGS__);                                                                                            \
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

/* ---- bytes ---- */

ssize_t pwrite(int descriptor, const void *data, size_t size, off_t place) {
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    if (is_regular(descriptor) && fails("pwrite")) {
        if (fault.error >= 0) return -1;
        if (size > 1) size /= 2;
    }
    ssize_t done = real(descriptor, data, size, place);
    if (done > 0 && is_regular(descriptor)) note_file("pwrite", descriptor, place, done, data, (size_t)done);
    return done;
}

ssize_t pwrite64(int descriptor, const void *data, size_t size, off_t place) {
    return pwrite(descriptor, data, size, place);
}

ssize_t write(int descriptor, const void *data, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    bool regular = is_regular(descriptor);
    if (regular && fails("write")) {
        if (fault.error >= 0) return -1;
        if (size > 1) size /= 2;
    }
    off_t place =
        regular ? (fcntl(descriptor, F_GETFL) & O_APPEND ? lseek(descriptor, 0, SEEK_END) : lseek(descriptor, 0, SEEK_CUR)) : 0;
    ssize_t done = real(descriptor, data, size);
    if (done > 0 && regular) note_file("pwrite", descriptor, place, done, data, (size_t)done);
    return done;
}

int ftruncate(int descriptor, off_t size) {
    REAL(int, ftruncate, int, off_t);
    if (fails("ftruncate") && fault.error >= 0) return -1;
    int failed = real(descriptor, size);
    if (!failed) note_file("ftruncate", descriptor, size, 0, NULL, 0);
    return failed;
}

int ftruncate64(int descriptor, off_t size) {
    return ftruncate(descriptor, size);
}

int fsync(int descriptor) {
    REAL(int, fsync, int);
    if (fails("fsync") && fault.error >= 0) return -1;
    int failed = real(descriptor);
    if (!failed) note_file("fsync", descriptor, 0, 0, NULL, 0);
    return failed;
}

int fdatasync(int descriptor) {
    return fsync(descriptor);
}

/* A descriptor is gone even where closing it reports an error. Files that are read report none: there is nothing that could fail.
 */
int close(int descriptor) {
    REAL(int, close, int);
    bool written = is_regular(descriptor) && (fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_RDONLY;
    bool failing = written && fails("close") && fault.error >= 0;
    int number = errno, failed = real(descriptor);
    if (failing) errno = number;
    return failing ? -1 : failed;
}

/* ---- names ---- */

static int open_as(const char *path, int flags, mode_t mode) {
    bool makes = flags & (O_CREAT | O_TRUNC);
    if (makes && fails("open") && fault.error >= 0) return -1;
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (descriptor >= 0 && makes && is_regular(descriptor)) note_open(path, flags, descriptor);
    return descriptor;
}

static mode_t mode_of(int flags, va_list more) {
    return flags & O_CREAT ? va_arg(more, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return open_as(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return open_as(path, flags, mode);
}

int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    if (fails("rename") && fault.error >= 0) return -1;
    int failed = real(from, to);
    if (!failed) note("rename", from, 0, (long long)strlen(to), to, strlen(to));
    return failed;
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    REAL(int, renameat2, int, const char *, int, const char *, unsigned);
    if (fails("rename") && fault.error >= 0) return -1;
    int failed = real(from_directory, from, to_directory, to, flags);
    if (!failed) note("rename", from, 0, (long long)strlen(to), to, strlen(to));
    return failed;
}

int link(const char *from, const char *to) {
    REAL(int, link, const char *, const char *);
    if (fails("link") && fault.error >= 0) return -1;
    int failed = real(from, to);
    if (!failed) note("link", from, 0, (long long)strlen(to), to, strlen(to));
    return failed;
}

int unlink(const char *path) {
    REAL(int, unlink, const char *);
    if (fails("unlink") && fault.error >= 0) return -1;
    int failed = real(path);
    if (!failed) note("unlink", path, 0, 0, NULL, 0);
    return failed;
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, mkdir, const char *, mode_t);
    if (fails("mkdir") && fault.error >= 0) return -1;
    return real(path, mode);
}
