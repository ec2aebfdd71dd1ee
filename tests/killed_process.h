/* A process that is killed after so many writes to its files, played by this one: the C library's calls that change a file are
 * replaced in this program by such that do nothing, and notice nothing, once it is dead. Include it in one file of a test. */
#ifndef KILLED_PROCESS_H
#define KILLED_PROCESS_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

/* stop_after negative: never. tear: the last write is half done. writes counts. */
static struct {
    long stop_after, writes;
    bool tear;
} killed = {.stop_after = -1};

static bool is_dead(void) {
    return killed.stop_after >= 0 && killed.writes >= killed.stop_after;
}

/* The C library's own. */
#define REAL(result, name, ...)                                                                                                    \
    static result (*real)(__VA_ARGS__);                                                                                            \
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

ssize_t pwrite(int descriptor, const void *data, size_t size, off_t place) {
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    if (is_dead()) return (ssize_t)size;
    killed.writes++;
    if (!is_dead() || !killed.tear) return real(descriptor, data, size, place);
    ssize_t done = real(descriptor, data, size / 2, place);
    return done < 0 ? done : (ssize_t)size;
}

int ftruncate(int descriptor, off_t size) {
    REAL(int, ftruncate, int, off_t);
    if (is_dead()) return 0;
    killed.writes++;
    return real(descriptor, size);
}

int unlink(const char *path) {
    REAL(int, unlink, const char *);
    return is_dead() ? 0 : real(path);
}

int link(const char *from, const char *to) {
    REAL(int, link, const char *, const char *);
    return is_dead() ? 0 : real(from, to);
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    REAL(int, renameat2, int, const char *, int, const char *, unsigned);
    return is_dead() ? 0 : real(from_directory, from, to_directory, to, flags);
}

int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    return is_dead() ? 0 : real(from, to);
}

#endif
