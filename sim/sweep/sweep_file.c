/* The file of a sweep while it grows: CSV, one write for each finished point, so that a process killed at any moment leaves whole
 * rows and at most one torn one, which the next process drops. Rows come in the order in which points finish and with all columns;
 * at the end they are brought into the order of the grid, and columns without content go. For HDF5 the rows wait in FILE.h5.part
 * until the file is written as a whole.
 *
 * What the sweep is stands beside the rows, in FILE.csv.yaml: there is no comment that every reader of CSV skips. */
#include "disk/file_bytes.h"
#include "disk/file_lock.h"
#include "disk/file_name.h"
#include "files/store.h"
#include "sweep_state.h"

#include <kramers/fresh_file.h>
#include <kramers/input_file.h>

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
    int old;     /* of the HDF5 file, locked while rows are collected; -1: there is none */
    char *about; /* the file that says what the sweep is */
    bool hdf5;
    bool narrow;        /* columns are missing in it */
    bool changed;       /* since it was last written as a whole */
    int64_t size;       /* as this process left it */
    kr_error complaint; /* others have removed, replaced or changed it */
    bool given_up;      /* and it could not be written anew */
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

/* ---- existing contents ---- */

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the file of a sweep");
}

/* All of a file, malloc'd, with a 0 behind it; NULL: errno says why. */
static char *read_descriptor(int descriptor, size_t *length) {
    struct stat about;
    char *text = fstat(descriptor, &about) ? NULL : malloc((size_t)about.st_size + 1);
    *length = 0;
    while (text && *length < (size_t)about.st_size) {
        ssize_t got = pread(descriptor, text + *length, (size_t)about.st_size - *length, (off_t)*length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return free(text), NULL;
        if (!got) break;
        *length += (size_t)got;
    }
    if (text) text[*length] = 0;
    return text;
}

static char *read_named(const char *name, size_t *length) {
    int descriptor;
    char *text = kr_input_open(name, &descriptor, NULL) != KR_OK ? NULL : read_descriptor(descriptor, length);
    if (descriptor >= 0) close(descriptor);
    return text;
}

char *kr_sweep_file_header(const char *name) {
    size_t length;
    char *about = join(name, ".yaml"), *text = about ? read_named(about, &length) : NULL;
    free(about);
    return text;
}

/* ---- whole files ---- */

static bool write_rows(const kr_sweep *sweep, int descriptor, const bool *shown) {
    char *line = kr_sweep_line_of(sweep, sweep->heads, shown);
    bool good = line && kr_disk_append(descriptor, line, strlen(line)) && kr_disk_append(descriptor, "\n", 1);
    free(line);
    for (size_t i = 0; i < sweep->count && good; i++) {
        if (!sweep->row[i]) continue;
        line = kr_sweep_line_of(sweep, sweep->row[i], shown);
        good = line && kr_disk_append(descriptor, line, strlen(line)) && kr_disk_append(descriptor, "\n", 1);
        free(line);
    }
    return good;
}

/* Rows that have no file: the one of their name is somebody else's. */
static kr_status keep_apart(kr_fresh_file *fresh, const char *name, kr_error *error) {
    kr_status status = kr_fail(error, KR_IO,
                               "%s: another file took this one's place while it was being written, and is left as it is; all rows "
                               "are in %s",
                               name, fresh->temporary);
    free(fresh->temporary);
    fresh->temporary = NULL;
    return status;
}

/* A new file that takes the old one's place at once, locked: at no moment is there less than before. held: the old one, -1:
 * whatever is there. shown NULL: text instead. */
static kr_status replace(const kr_sweep *sweep, const char *name, int held, const bool *shown, const char *text, int *result,
                         kr_error *error) {
    kr_fresh_file fresh;
    kr_status status = kr_fresh_file_begin(&fresh, name, held < 0, held, error);
    if (status) return status;
    bool good = text ? kr_disk_append(fresh.descriptor, text, strlen(text)) : write_rows(sweep, fresh.descriptor, shown);
    good = good && (sweep->durability == KR_DURABILITY_NONE || kr_disk_sync(fresh.descriptor));
    if (!good) status = fail_errno(name, error);
    if (!status) status = kr_fresh_file_publish(&fresh, error);
    if (!status && sweep->durability != KR_DURABILITY_NONE && !kr_disk_sync_directory(name)) status = fail_errno(name, error);
    if (status == KR_BAD_ARGUMENT) status = keep_apart(&fresh, name, error);
    if (!status && result) {
        *result = fresh.descriptor;
        fresh.descriptor = -1;
    }
    kr_fresh_file_end(&fresh);
    return status;
}

static void remember_size(kr_sweep_file *file) {
    struct stat about;
    file->size = fstat(file->descriptor, &about) ? -1 : (int64_t)about.st_size;
}

static kr_status write_whole(kr_sweep *sweep, const bool *shown, kr_error *error) {
    int descriptor;
    if (!shown) return no_memory(error);
    kr_status status = replace(sweep, sweep->file->journal, sweep->file->descriptor, shown, NULL, &descriptor, error);
    if (status) return status;
    close(sweep->file->descriptor);
    sweep->file->descriptor = descriptor;
    remember_size(sweep->file);
    return KR_OK;
}

static kr_status write_all_columns(kr_sweep *sweep, kr_error *error) {
    bool *all = calloc(sweep->column_count, sizeof *all);
    for (size_t i = 0; all && i < sweep->column_count; i++) all[i] = true;
    kr_status status = write_whole(sweep, all, error);
    free(all);
    sweep->file->changed = true;
    return status;
}

/* ---- existing contents ---- */

/* Rows of a text; *whole: the length up to the last whole one. */
static kr_status read_rows(kr_sweep *sweep, const char *name, const char *text, size_t *whole, bool *narrow, kr_error *error) {
    size_t *place, count, number = 2, done = sweep->done;
    const char *end = strchr(text, '\n');
    *whole = 0;
    if (!end) return KR_OK; /* killed while the heads were written */
    kr_status status = kr_sweep_heads_read(sweep, text, (size_t)(end - text), &place, &count, name, error);
    if (status) return status;
    *whole = (size_t)(end - text) + 1;
    size_t rows = 0;
    for (; !status && (end = strchr(text + *whole, '\n')); number++, rows++) {
        char where[300];
        const char *row = text + *whole;
        snprintf(where, sizeof where, "%.200s:%zu", name, number);
        status = kr_sweep_row_accept(sweep, row, (size_t)(end - row), place, count, where, error);
        *whole = (size_t)(end - text) + 1;
    }
    *narrow = count < sweep->column_count || rows != sweep->done - done;
    free(place);
    return status;
}

kr_status kr_sweep_file_rows(kr_sweep *sweep, const char *name, kr_error *error) {
    size_t length, whole;
    bool narrow;
    char *text = read_named(name, &length);
    kr_status status = text ? read_rows(sweep, name, text, &whole, &narrow, error) : fail_errno(name, error);
    free(text);
    return status;
}

/* What the sweep is, before its rows. */
static kr_status write_about(kr_sweep *sweep, bool overwrite, kr_error *error) {
    size_t length;
    char *before = overwrite ? NULL : read_named(sweep->file->about, &length);
    kr_status status = KR_OK;
    if (before && *before) status = kr_sweep_header_check(sweep, sweep->file->about, before, error);
    struct stat about;
    if (!before || !*before)
        status = !lstat(sweep->file->about, &about) && !S_ISREG(about.st_mode)
                     ? kr_fail(error, KR_IO, "%s: is no regular file; what the sweep is would be written there", sweep->file->about)
                     : replace(sweep, sweep->file->about, -1, NULL, sweep->header, NULL, error);
    free(before);
    return status;
}

/* Accepts the rows of an existing file and drops a torn one, or begins a new file. */
static kr_status continue_file(kr_sweep *sweep, bool overwrite, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    size_t length = 0, whole;
    char *text = overwrite ? strdup("") : read_descriptor(file->descriptor, &length), *about = kr_sweep_file_header(file->journal);
    kr_status status = text ? KR_OK : fail_errno(file->journal, error);
    if (!status && length && !about) status = kr_sweep_header_is_one(file->journal, text, error);
    if (!status) status = write_about(sweep, overwrite, error);
    if (!status) status = read_rows(sweep, file->journal, text, &whole, &file->narrow, error);
    free(text);
    free(about);
    if (status) return status;
    if (!whole || (file->narrow && sweep->done < sweep->wanted)) {
        status = write_all_columns(sweep, error);
    } else if (whole < length) {
        file->changed = true;
        if (!kr_disk_cut(file->descriptor, whole)) status = fail_errno(file->journal, error);
    }
    remember_size(file);
    return status;
}

/* ---- opening ---- */

static kr_status check_kind(const kr_sweep_file *file, kr_error *error) {
    struct stat about, link;
    bool there = !stat(file->name, &about);
    if (there && S_ISDIR(about.st_mode)) return kr_fail(error, KR_IO, "%s: is a directory", file->name);
    if (there && !S_ISREG(about.st_mode))
        return kr_fail(error, KR_IO, "%s: is no regular file; without -o the table goes to stdout", file->name);
    if (!there && !lstat(file->name, &link))
        return kr_fail(error, KR_IO, "%s: is a symbolic link that leads nowhere; remove it, or write elsewhere", file->name);
    return KR_OK;
}

/* Nobody has asked for the name of a journal: what is not a file of its own there is not followed. */
static kr_status open_journal(kr_sweep_file *file, kr_error *error) {
    struct stat about;
    int flags = O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | (file->hdf5 ? O_NOFOLLOW : 0);
    kr_status status = kr_lock_open(file->journal, flags, &file->descriptor, error);
    if (status) return status;
    bool strange = file->descriptor < 0 ? errno == ELOOP : !fstat(file->descriptor, &about) && !S_ISREG(about.st_mode);
    if (strange) return kr_fail(error, KR_IO, "%s: is no regular file, and the rows of a sweep belong there", file->journal);
    return file->descriptor < 0 ? fail_errno(file->journal, error) : KR_OK;
}

/* A run that has begun since the name was looked at: it has looked at the journal afterwards, or is seen now. */
static kr_status check_appeared(const kr_sweep_file *file, kr_error *error) {
    struct stat about;
    if (file->old >= 0 || stat(file->name, &about)) return KR_OK;
    kr_status status = kr_lock_check(file->name, error);
    if (status) return status;
    return kr_fail(error, KR_IO, "%s: another process has just made this file; write elsewhere, or call again", file->name);
}

/* The HDF5 file of an earlier process must be of this sweep; its rows count, and those that are under way. */
static kr_status open_hdf5(kr_sweep *sweep, bool overwrite, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    bool made = !access(file->name, F_OK) && !overwrite, begun = !access(file->journal, F_OK) && !overwrite;
    kr_status status = kr_lock_open(file->name, O_RDWR, &file->old, error);
    if (status) return status;
    if (file->old < 0 && errno != ENOENT) return fail_errno(file->name, error);
    if (made) status = kr_sweep_hdf5_read(sweep, file->name, error);
    if (status || (made && !begun && sweep->done == sweep->wanted)) return status;
    status = open_journal(file, error);
    if (!status) status = check_appeared(file, error);
    return status ? status : continue_file(sweep, overwrite, error); /* rows of the HDF5 file go into a new journal */
}

kr_status kr_sweep_file_open(kr_sweep *sweep, const char *output, bool overwrite, kr_error *error) {
    kr_sweep_file *file = sweep->file = calloc(1, sizeof *file);
    if (!file) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the file of a sweep");
    *file = (kr_sweep_file){.descriptor = -1, .old = -1, .hdf5 = ends_with(output, ".h5") || ends_with(output, ".hdf5")};
    file->name = join(output, "");
    file->journal = join(output, file->hdf5 ? KR_SWEEP_ROWS : "");
    file->about = file->journal ? join(file->journal, ".yaml") : NULL;
    if (!file->name || !file->about) return no_memory(error);
    if (file->hdf5 && (sweep->asked || sweep->all_columns))
        return kr_fail(error, KR_BAD_ARGUMENT, "--columns is for CSV: an HDF5 file has all columns (%s)", output);
    kr_status status = check_kind(file, error);
    if (status) return status;
    if (file->hdf5) return open_hdf5(sweep, overwrite, error);
    status = open_journal(file, error);
    return status ? status : continue_file(sweep, overwrite, error);
}

/* ---- growing and ending ---- */

static kr_status complain(const kr_sweep_file *file, kr_error *error) {
    if (error) *error = file->complaint;
    return file->complaint.status;
}

/* What others have done to the file is told at the end: the rows, which are all known here, are written anew where the name is free
 * or the file still ours. Where they cannot be, the sweep ends. */
static kr_status check_untouched(kr_sweep *sweep, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    struct stat about;
    kr_error complaint = {.status = KR_OK};
    if (file->given_up) return complain(file, error);
    bool changed = file->size >= 0 && !fstat(file->descriptor, &about) && about.st_size != file->size;
    if (kr_name_check(file->journal, file->descriptor, &complaint) == KR_OK && changed)
        kr_fail(&complaint, KR_IO, "%s: another program has changed the file while it was being written", file->journal);
    if (complaint.status == KR_OK) return KR_OK;
    file->complaint = complaint;
    kr_status status = write_all_columns(sweep, error);
    if (status == KR_OK)
        kr_fail(&file->complaint, KR_IO, "%s; it has been written anew, with all rows", complaint.message);
    else if (error)
        file->complaint = *error;
    file->given_up = status != KR_OK;
    return status;
}

kr_status kr_sweep_file_append(kr_sweep *sweep, size_t point, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    kr_status status = check_untouched(sweep, error);
    if (status) return status;
    char *line = join(sweep->row[point], "\n");
    if (!line) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a row");
    off_t before = lseek(file->descriptor, 0, SEEK_END);
    if (!kr_disk_append(file->descriptor, line, strlen(line)) ||
        (sweep->durability == KR_DURABILITY_FSYNC && !kr_disk_sync(file->descriptor))) {
        status = fail_errno(file->journal, error);
        if (before >= 0 && !kr_disk_cut(file->descriptor, (uint64_t)before)) errno = 0; /* the next process drops a torn row then */
    }
    free(line);
    file->changed = true;
    remember_size(file);
    return status;
}

/* Whether it has other columns than it is to have. */
static bool has_other_columns(const kr_sweep *sweep, const bool *shown) {
    size_t length;
    char *line = kr_sweep_line_of(sweep, sweep->heads, shown), *text = read_descriptor(sweep->file->descriptor, &length);
    bool other = !line || !text || strncmp(text, line, strlen(line)) != 0 || text[strlen(line)] != '\n';
    free(line);
    free(text);
    return other;
}

static kr_status finish_hdf5(kr_sweep *sweep, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    kr_status status = kr_sweep_hdf5_write(sweep, file->name, file->old, error);
    if (status == KR_BAD_ARGUMENT)
        return kr_fail(error, KR_IO,
                       "%s: another file has taken this name while the sweep was running; move it away, and the same command makes "
                       "the table from the rows in %s",
                       file->name, file->journal);
    if (!status && sweep->done == sweep->wanted) {
        unlink(file->journal);
        unlink(file->about);
    }
    return status;
}

static kr_status finish_csv(kr_sweep *sweep, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    bool *shown = kr_sweep_columns_shown(sweep, sweep->done == sweep->wanted);
    kr_status status = KR_OK;
    if (!shown || file->changed || has_other_columns(sweep, shown)) status = write_whole(sweep, shown, error);
    if (!status) file->changed = false;
    free(shown);
    return status;
}

kr_status kr_sweep_file_finish(kr_sweep *sweep, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    if (file->descriptor < 0) return KR_OK; /* it was complete */
    kr_status status = check_untouched(sweep, error);
    if (!status) status = file->hdf5 ? finish_hdf5(sweep, error) : finish_csv(sweep, error);
    return status ? status : complain(file, error);
}

void kr_sweep_file_close(kr_sweep *sweep) {
    if (!sweep->file) return;
    if (sweep->file->descriptor >= 0) close(sweep->file->descriptor);
    if (sweep->file->old >= 0) close(sweep->file->old);
    free(sweep->file->name);
    free(sweep->file->journal);
    free(sweep->file->about);
    free(sweep->file);
    sweep->file = NULL;
}
