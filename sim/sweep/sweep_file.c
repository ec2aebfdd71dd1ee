/* The file of a sweep while it grows: CSV, one write for each finished point, so that a process killed at any moment leaves whole
 * rows and at most one torn one, which the next process drops. Rows come in the order in which points finish and with all columns;
 * at the end they are brought into the order of the grid, and columns without content go. For HDF5 the rows wait in FILE.h5.part
 * until the file is written as a whole.
 *
 * What the sweep is stands beside the rows, in FILE.csv.yaml, with a checksum of each (sweep_about.h): there is no comment that
 * every reader of CSV skips. */
#include "disk/file_bytes.h"
#include "disk/file_lock.h"
#include "disk/file_name.h"
#include "files/store.h"
#include "sweep_lines.h"
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
    int old;              /* of the HDF5 file, locked while rows are collected; -1: there is none */
    char *about;          /* the file that says what the sweep is */
    int about_descriptor; /* to add checksums */
    bool hdf5;
    bool narrow;        /* columns are missing in it */
    bool changed;       /* since it was last written as a whole */
    int64_t size;       /* as this process left it */
    kr_error complaint; /* others have removed, replaced or changed it */
    bool given_up;      /* and it could not be written anew */
};

static kr_status fail_errno(const char *name, kr_error *error) {
    return kr_fail(error, KR_IO, "%s: could not be opened: %s", name, kr_errno_text(errno));
}

static char *join(const char *name, const char *suffix) {
    size_t length = strlen(name) + strlen(suffix) + 1;
    char *text = malloc(length);
    if (text) snprintf(text, length, "%s%s", name, suffix);
    return text;
}

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the file of a sweep");
}

/* ---- whole files ---- */

static void remember_size(kr_sweep_file *file) {
    struct stat about;
    file->size = fstat(file->descriptor, &about) ? -1 : (int64_t)about.st_size;
}

/* The file beside the table, open for checksums: of a table that has none, with those of its lines. */
static kr_status need_about(const kr_sweep *sweep, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    size_t length;
    if (file->about_descriptor >= 0) return KR_OK;
    char *text = kr_sweep_read_descriptor(file->descriptor, &length);
    kr_status status = text ? kr_sweep_replace(sweep, file->about, -1, kr_sweep_write_about, (kr_sweep_contents){.text = text},
                                               &file->about_descriptor, error)
                            : fail_errno(file->journal, error);
    free(text);
    return status;
}

static kr_status add_to_about(const kr_sweep *sweep, const kr_sweep_contents *c, bool sync, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    off_t before = lseek(file->about_descriptor, 0, SEEK_END);
    errno = ENOMEM;
    if (kr_sweep_write_checksums(sweep, file->about_descriptor, c) && (!sync || kr_disk_sync(file->about_descriptor))) return KR_OK;
    kr_status status = kr_sweep_fail_to_write(file->about, error);
    if (before >= 0) kr_disk_cut(file->about_descriptor, (uint64_t)before); /* half a line would spoil the next one */
    return status;
}

/* Checksums of the lines that are there and of those that take their place stand together, until they have taken it. */
static kr_status write_whole(kr_sweep *sweep, const bool *shown, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    kr_sweep_contents table = {.shown = shown};
    if (!shown) return no_memory(error);
    kr_status status = need_about(sweep, error);
    if (!status) status = add_to_about(sweep, &table, sweep->durability != KR_DURABILITY_NONE, error);
    if (!status)
        status = kr_sweep_replace(sweep, file->journal, file->descriptor, kr_sweep_write_rows, table, &file->descriptor, error);
    if (status) return status;
    remember_size(file);
    close(file->about_descriptor); /* and with it the lock on what is replaced */
    file->about_descriptor = -1;
    return kr_sweep_replace(sweep, file->about, -1, kr_sweep_write_about, table, &file->about_descriptor, error);
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

/* What the sweep is, before its rows: what is there must say the same. */
static kr_status begin_about(kr_sweep *sweep, const kr_sweep_about *about, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    struct stat there;
    if (about->text && *about->text) {
        kr_status status = kr_sweep_about_check(about, file->journal, error);
        if (!status) status = kr_sweep_header_check(sweep, file->about, about->text, error);
        if (status || about->format == 1) return status;
        file->about_descriptor = open(file->about, O_RDWR | O_APPEND | O_CLOEXEC);
        bool good = file->about_descriptor >= 0 && kr_disk_cut(file->about_descriptor, about->length);
        return good ? KR_OK : fail_errno(file->about, error);
    }
    if (!lstat(file->about, &there) && !S_ISREG(there.st_mode))
        return kr_fail(error, KR_IO, "%s: is no regular file; what the sweep is would be written there", file->about);
    return kr_sweep_replace(sweep, file->about, -1, kr_sweep_write_about, (kr_sweep_contents){.shown = NULL},
                            &file->about_descriptor, error);
}

/* Accepts the rows of an existing file and drops a torn one, or begins a new file. */
static kr_status continue_with(kr_sweep *sweep, const kr_sweep_about *about, const char *text, size_t length, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    size_t whole = 0;
    kr_status status = length && !about->text ? kr_sweep_header_is_one(file->journal, text, error) : KR_OK;
    if (!status) status = begin_about(sweep, about, error);
    if (!status) status = kr_sweep_read_rows(sweep, about, file->journal, text, length, &whole, &file->narrow, error);
    if (status) return status;
    if (!whole || (file->narrow && sweep->done < sweep->wanted)) {
        status = write_all_columns(sweep, error);
    } else if (whole < length) {
        file->changed = true;
        if (!kr_disk_cut(file->descriptor, whole)) status = kr_sweep_fail_to_write(file->journal, error);
    }
    remember_size(file);
    return status;
}

static kr_status continue_file(kr_sweep *sweep, bool overwrite, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    kr_sweep_about about = {.text = NULL};
    size_t length = 0;
    kr_status status = overwrite ? KR_OK : kr_sweep_about_read(&about, file->journal, error);
    if (status) return status;
    char *text = overwrite ? strdup("") : kr_sweep_read_descriptor(file->descriptor, &length);
    status = text ? continue_with(sweep, &about, text, length, error) : fail_errno(file->journal, error);
    free(text);
    kr_sweep_about_free(&about);
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
    *file = (kr_sweep_file){.descriptor = -1, .old = -1, .about_descriptor = -1, .hdf5 = kr_sweep_is_hdf5(output)};
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

static kr_status append_row(kr_sweep *sweep, const char *line, kr_error *error) {
    kr_sweep_file *file = sweep->file;
    off_t before = lseek(file->descriptor, 0, SEEK_END);
    bool sync = sweep->durability == KR_DURABILITY_FSYNC;
    if (!kr_disk_append(file->descriptor, line, strlen(line)) || (sync && !kr_disk_sync(file->descriptor))) {
        kr_status status = kr_sweep_fail_to_write(file->journal, error);
        if (before >= 0) kr_disk_cut(file->descriptor, (uint64_t)before); /* or else the next process drops a torn row */
        return status;
    }
    return add_to_about(sweep, &(kr_sweep_contents){.text = line}, sync, error);
}

kr_status kr_sweep_file_append(kr_sweep *sweep, size_t point, kr_error *error) {
    kr_status status = check_untouched(sweep, error);
    if (!status) status = need_about(sweep, error);
    if (status) return status;
    char *line = join(sweep->row[point], "\n");
    if (!line) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a row");
    status = append_row(sweep, line, error);
    free(line);
    sweep->file->changed = true;
    remember_size(sweep->file);
    return status;
}

/* Whether it has other columns than it is to have. */
static bool has_other_columns(const kr_sweep *sweep, const bool *shown) {
    size_t length;
    char *line = kr_sweep_line_of(sweep, sweep->heads, shown), *text = kr_sweep_read_descriptor(sweep->file->descriptor, &length);
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
    if (sweep->file->about_descriptor >= 0) close(sweep->file->about_descriptor);
    free(sweep->file->name);
    free(sweep->file->journal);
    free(sweep->file->about);
    free(sweep->file);
    sweep->file = NULL;
}
