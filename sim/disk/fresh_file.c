#define _GNU_SOURCE /* realpath, renameat2 */
#include <kramers/fresh_file.h>

#include "file_bytes.h"
#include "file_lock.h"
#include "file_name.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MOST = 100, REPLACED_MOST = 100, BASE_MOST = NAME_MAX - 40 };

static kr_status fail_errno(const char *path, kr_error *error) {
    int number = errno;
    bool directory = number == EACCES || number == ENOENT || number == EROFS || number == ENOTDIR;
    return kr_fail(error, KR_IO, "%s: could not be created: %s%s", path, kr_errno_text(number),
                   directory ? ". Is its directory there and writable?" : "");
}

static kr_status refuse_existing(const char *path, kr_error *error) {
    kr_status status = kr_lock_check(path, error);
    if (status) return status;
    return kr_fail(error, KR_BAD_ARGUMENT, "%s: the file exists and is not overwritten; give another name, or use --force", path);
}

/* malloc'd: what a name leads to. A link to nothing is refused: the kernel has rules about who may make files through whose links,
 * which reading the link would go around. */
static kr_status follow(const char *path, char **target, kr_error *error) {
    struct stat about;
    bool link = !lstat(path, &about) && S_ISLNK(about.st_mode);
    *target = link ? realpath(path, NULL) : strdup(path);
    if (*target) return KR_OK;
    if (!link) return kr_fail(error, KR_NO_MEMORY, "%s: there is no memory to write it", path);
    return kr_fail(error, KR_IO, "%s: is a symbolic link that leads nowhere (%s); remove it, or write elsewhere", path,
                   kr_errno_text(errno));
}

/* Beside the target, under a name that nobody has: neither a link nor a file that lies there is opened. */
static kr_status open_beside(kr_fresh_file *f, kr_error *error) {
    const char *slash = strrchr(f->target, '/'), *base = slash ? slash + 1 : f->target;
    size_t size = strlen(f->target) + 64;
    if (!(f->temporary = malloc(size))) return kr_fail(error, KR_NO_MEMORY, "%s: there is no memory to write it", f->path);
    for (int i = 0; i < NAMES_MOST; i++) {
        char number[16] = "";
        if (i) snprintf(number, sizeof number, "-%d", i + 1);
        snprintf(f->temporary, size, "%.*s%.*s.%ld%s.part", (int)(base - f->target), f->target, BASE_MOST, base, (long)getpid(),
                 number);
        kr_status status = kr_lock_open(f->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, &f->descriptor, error);
        if (status || f->descriptor >= 0) return status;
        if (errno != EEXIST) break;
    }
    kr_status status = fail_errno(f->path, error);
    free(f->temporary);
    f->temporary = NULL;
    return status;
}

/* Locks what is there, if there is something. */
static kr_status lock_old(kr_fresh_file *f, kr_error *error) {
    if (f->old >= 0 && !f->held) close(f->old);
    f->held = false;
    f->old = -1;
    kr_status status = kr_lock_open(f->path, O_RDWR, &f->old, error);
    if (status || f->old >= 0 || errno == ENOENT) return status;
    return kr_fail(error, KR_IO, "%s: could not be opened to overwrite it: %s", f->path, kr_errno_text(errno));
}

/* ---- what is being built, for a process that a signal ends ---- */

enum { BUILT_AT_ONCE = 16 };
static struct {
    atomic_int state; /* 0: free, 1: being filled in, 2: there */
    char name[PATH_MAX];
} built[BUILT_AT_ONCE];

static void remember(const char *name) {
    for (size_t i = 0; i < BUILT_AT_ONCE; i++) {
        int none = 0;
        if (!atomic_compare_exchange_strong(&built[i].state, &none, 1)) continue;
        snprintf(built[i].name, sizeof built[i].name, "%s", name);
        atomic_store(&built[i].state, 2);
        return;
    }
}

static void forget(const char *name) {
    for (size_t i = 0; i < BUILT_AT_ONCE; i++)
        if (atomic_load(&built[i].state) == 2 && !strcmp(built[i].name, name)) atomic_store(&built[i].state, 0);
}

void kr_fresh_files_remove(void) {
    for (size_t i = 0; i < BUILT_AT_ONCE; i++)
        if (atomic_load(&built[i].state) == 2) unlink(built[i].name);
}

/* ---- one file ---- */

kr_status kr_fresh_file_begin(kr_fresh_file *f, const char *path, bool overwrite, int held, kr_error *error) {
    struct stat about;
    *f = (kr_fresh_file){.descriptor = -1, .old = held, .held = held >= 0, .overwrite = overwrite};
    bool there = !stat(path, &about);
    if (there && !S_ISREG(about.st_mode)) return kr_fail(error, KR_IO, "%s: is not a regular file", path);
    if (there && !overwrite && held < 0) return refuse_existing(path, error);
    kr_status status = follow(path, &f->target, error);
    if (!status && !(f->path = strdup(path))) status = kr_fail(error, KR_NO_MEMORY, "%s: there is no memory to write it", path);
    if (!status && there && held < 0) status = lock_old(f, error);
    if (!status) status = open_beside(f, error);
    if (!status) remember(f->temporary);
    if (status) kr_fresh_file_end(f);
    return status;
}

void kr_fresh_file_keep(kr_fresh_file *f) {
    if (f->temporary) forget(f->temporary);
    free(f->temporary);
    f->temporary = NULL;
}

static kr_status has_name(kr_fresh_file *f) {
    kr_fresh_file_keep(f);
    return KR_OK;
}

/* As rename, but an existing name is refused (EEXIST). Where the file system cannot do that in one step, a second name does. */
static bool take_free_name(const char *temporary, const char *name) {
#ifdef RENAME_NOREPLACE
    if (!renameat2(AT_FDCWD, temporary, AT_FDCWD, name, RENAME_NOREPLACE)) return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
#endif
    if (link(temporary, name)) return false;
    unlink(temporary);
    return true;
}

/* Only a file that is locked is replaced. Some file systems have neither, and there rename must do. */
kr_status kr_fresh_file_publish(kr_fresh_file *f, kr_error *error) {
    if (!f->temporary) return KR_OK;
    if (f->descriptor >= 0 && !kr_disk_settle(f->descriptor))
        return kr_fail(error, KR_IO, "%s could not be written: %s", f->path, kr_errno_text(errno));
    for (int i = 0; i < REPLACED_MOST; i++) {
        struct stat about;
        bool replaces = f->old >= 0 && kr_name_leads_to(f->target, f->old);
        if (!replaces && take_free_name(f->temporary, f->target)) return has_name(f);
        bool appeared = !replaces && errno == EEXIST, linkless = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
        if (replaces || (linkless && lstat(f->target, &about)))
            return rename(f->temporary, f->target) ? fail_errno(f->path, error) : has_name(f);
        if (!appeared && !linkless) return fail_errno(f->path, error);
        if (!f->overwrite) return refuse_existing(f->path, error);
        kr_status status = lock_old(f, error);
        if (status) return status;
    }
    return kr_fail(error, KR_IO, "%s: other processes keep replacing this file; write elsewhere", f->path);
}

void kr_fresh_file_end(kr_fresh_file *f) {
    if (f->temporary) {
        unlink(f->temporary);
        forget(f->temporary);
    }
    if (f->descriptor >= 0) close(f->descriptor);
    if (f->old >= 0 && !f->held) close(f->old);
    free(f->temporary);
    free(f->target);
    free(f->path);
    *f = (kr_fresh_file){.descriptor = -1, .old = -1};
}
