/* The file of a sweep while it grows: CSV, one write for each finished point, so that a process killed at any moment leaves whole
 * rows and at most one torn one, which the next process drops. Rows come in the order in which points finish, and are brought into
 * the order of the grid at the end. For HDF5 the rows wait in FILE.h5.part until the file is written as a whole. */
#include "files/file_lock.h"
#include "sweep_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct kr_sweep_file {
    char *name;    /* as given */
    char *journal; /* where rows are appended */
    int descriptor;
    int old; /* of the HDF5 file, locked while rows are collected; -1: there is none */
    bool hdf5, ordered;
    size_t last; /* point written last, one more; 0: none */
};

static kr_status fail_errno(const char *name, kr_error *error) {
    return kr_fail(error, KR_IO, "%s: %s", name, strerror(errno));
}

static char *join(const char *name, const char *suffix) {
    size_t length = strlen(name) + strlen(suffix) + 1;
    char *text = malloc(length);
    if (text) snprintf(text, length, "%s%s", name, suffix);
    return text;
}

static bool ends_with(const char *name, const char *suffix) {
    size_t length = strlen(name), tail = strlen(suffix);
    return length > tail && !strcmp(name + length - tail, suffix);
}

static bool write_all(int descriptor, const char *text, size_t length) {
    while (length) {
        ssize_t done = write(descriptor, text, length);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        text += done;
        length -= (size_t)done;
    }
    return true;
}

/* ---- existing contents ---- */

static kr_status read_all(const kr_sweep_file *file, char **text, size_t *length, kr_error *error) {
    struct stat about;
    if (fstat(file->descriptor, &about)) return fail_errno(file->journal, error);
    if (!S_ISREG(about.st_mode))
        return kr_fail(error, KR_IO, "%s: is no regular file; without -o the table goes to stdout", file->journal);
    *length = 0;
    if (!(*text = malloc((size_t)about.st_size + 1)))
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for %s", file->journal);
    while (*length < (size_t)about.st_size) {
        ssize_t got = pread(file->descriptor, *text + *length, (size_t)about.st_size - *length, (off_t)*length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(file->journal, error);
        if (!got) break;
        *length += (size_t)got;
    }
    (*text)[*length] = 0;
    return KR_OK;
}

static void note_order(kr_sweep_file *file, size_t point) {
    if (point + 1 <= file->last) file->ordered = false;
    file->last = point + 1;
}

/* Rows behind the header; *whole becomes the length up to the last whole one. */
static kr_status read_rows(kr_sweep *sweep, const char *text, size_t *whole, kr_error *error) {
    size_t number = 1;
    for (const char *c = sweep->header; *c; c++) number += *c == '\n';
    for (const char *end; (end = strchr(text + *whole, '\n')); number++) {
        char place[300];
        const char *row = text + *whole;
        snprintf(place, sizeof place, "%.200s:%zu", sweep->file->journal, number);
        kr_status status = kr_sweep_row_accept(sweep, row, (size_t)(end - row), place, error);
        if (status) return status;
        note_order(sweep->file, (size_t)strtoull(row, NULL, 10));
        *whole = (size_t)(end - text) + 1;
    }
    return KR_OK;
}

/* Accepts the rows of an existing file and drops a torn one, or writes the header of a new file. */
static kr_status continue_file(kr_sweep *sweep, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    char *text = NULL;
    size_t length = 0, whole = strlen(sweep->header);
    kr_status status = read_all(file, &text, &length, error);
    if (!status && length < whole && !memcmp(text, sweep->header, length)) {
        /* killed while the header was written */
        if (ftruncate(file->descriptor, 0) || !write_all(file->descriptor, sweep->header, whole))
            status = fail_errno(file->journal, error);
    } else if (!status) {
        status = kr_sweep_header_check(sweep, file->journal, text, error);
        if (!status) status = read_rows(sweep, text, &whole, error);
        if (!status && whole < length && ftruncate(file->descriptor, (off_t)whole)) status = fail_errno(file->journal, error);
    }
    free(text);
    return status;
}

/* ---- opening ---- */

static kr_status open_journal(kr_sweep_file *file, bool overwrite, kr_error *error) {
    struct stat about;
    if (!stat(file->name, &about) && !S_ISREG(about.st_mode))
        return S_ISDIR(about.st_mode)
                   ? kr_fail(error, KR_IO, "%s: is a directory", file->name)
                   : kr_fail(error, KR_IO, "%s: is no regular file; without -o the table goes to stdout", file->name);
    kr_status status = kr_lock_open(file->journal, O_RDWR | O_CREAT | O_APPEND, &file->descriptor, error);
    if (status) return status;
    if (file->descriptor < 0) return fail_errno(file->journal, error);
    if (overwrite && ftruncate(file->descriptor, 0)) return fail_errno(file->journal, error);
    return KR_OK;
}

static void forget_rows(kr_sweep *sweep) {
    for (size_t i = 0; i < sweep->count; i++) {
        free(sweep->row[i]);
        sweep->row[i] = NULL;
    }
    sweep->done = sweep->diverged = 0;
}

/* The HDF5 file of an earlier process must be of this sweep; its rows count where nothing is under way. */
static kr_status open_hdf5(kr_sweep *sweep, bool overwrite, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    bool made = !access(file->name, F_OK) && !overwrite, begun = !access(file->journal, F_OK) && !overwrite;
    kr_status status = kr_lock_open(file->name, O_RDWR, &file->old, error);
    if (status) return status;
    if (made) status = kr_sweep_hdf5_read(sweep, file->name, error);
    if (status || (made && !begun && sweep->done == sweep->count)) return status;
    if (begun) forget_rows(sweep);
    status = open_journal(file, overwrite, error);
    if (status || begun || !sweep->done) return status ? status : continue_file(sweep, error);
    if (!write_all(file->descriptor, sweep->header, strlen(sweep->header))) return fail_errno(file->journal, error);
    for (size_t i = 0; i < sweep->count && !status; i++)
        if (sweep->row[i]) status = kr_sweep_file_append(sweep, i, error);
    return status;
}

kr_status kr_sweep_file_open(kr_sweep *sweep, const char *output, bool overwrite, kr_error *error) {
    kr_sweep_file *file = sweep->file = calloc(1, sizeof *file);
    if (!file) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the file of a sweep");
    *file = (kr_sweep_file){
        .descriptor = -1, .old = -1, .ordered = true, .hdf5 = ends_with(output, ".h5") || ends_with(output, ".hdf5")};
    file->name = join(output, "");
    file->journal = join(output, file->hdf5 ? ".part" : "");
    if (!file->name || !file->journal) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the file of a sweep");
    if (file->hdf5) return open_hdf5(sweep, overwrite, error);
    kr_status status = open_journal(file, overwrite, error);
    return status ? status : continue_file(sweep, error);
}

/* ---- growing and ending ---- */

kr_status kr_sweep_file_append(kr_sweep *sweep, size_t point, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    char *line = join(sweep->row[point], "\n");
    if (!line) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a row");
    off_t before = lseek(file->descriptor, 0, SEEK_END);
    kr_status status = KR_OK;
    if (!write_all(file->descriptor, line, strlen(line))) {
        status = fail_errno(file->journal, error);
        if (before >= 0 && ftruncate(file->descriptor, before)) errno = 0; /* a torn row is dropped by the next process then */
    }
    free(line);
    if (!status) note_order(file, point);
    return status;
}

static bool write_ordered(const kr_sweep *sweep, int descriptor) {
    bool good = write_all(descriptor, sweep->header, strlen(sweep->header));
    for (size_t i = 0; i < sweep->count && good; i++)
        if (sweep->row[i]) good = write_all(descriptor, sweep->row[i], strlen(sweep->row[i])) && write_all(descriptor, "\n", 1);
    return good;
}

/* A new file that takes the old one's place at once: at no moment is there less than before. */
static kr_status reorder(kr_sweep *sweep, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    char *name = join(file->journal, ".new");
    if (!name) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the file of a sweep");
    int descriptor;
    kr_status status = kr_lock_open(name, O_WRONLY | O_CREAT | O_APPEND, &descriptor, error);
    if (status) return free(name), status;
    if (descriptor < 0 || ftruncate(descriptor, 0) || !write_ordered(sweep, descriptor) || fsync(descriptor) ||
        rename(name, file->journal))
        status = fail_errno(name, error);
    if (status) {
        if (descriptor >= 0) close(descriptor);
        unlink(name);
    } else {
        close(file->descriptor);
        file->descriptor = descriptor;
        file->ordered = true;
    }
    free(name);
    return status;
}

kr_status kr_sweep_file_finish(kr_sweep *sweep, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    if (!file->hdf5) return file->ordered ? KR_OK : reorder(sweep, error);
    if (file->descriptor < 0) return KR_OK; /* it was complete */
    kr_status status = kr_sweep_hdf5_write(sweep, file->name, error);
    if (!status && sweep->done == sweep->count) unlink(file->journal);
    return status;
}

void kr_sweep_file_close(kr_sweep *sweep) {
    if (!sweep->file) return;
    if (sweep->file->descriptor >= 0) close(sweep->file->descriptor);
    if (sweep->file->old >= 0) close(sweep->file->old);
    free(sweep->file->name);
    free(sweep->file->journal);
    free(sweep->file);
    sweep->file = NULL;
}
