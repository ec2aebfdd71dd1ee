/* The lines of a table in CSV, each held to its checksum. */
#include "sweep_lines.h"
#include "sweep_state.h"

#include <kramers/input_file.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *kr_sweep_read_descriptor(int descriptor, size_t *length) {
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

/* Where a file is damaged that is only to be looked at, that is noted, and the line left out. */
static kr_status refuse_line(kr_sweep *sweep, const char *name, size_t number, const char *remedy, kr_error *error) {
    kr_sweep_table_report *report = sweep->report;
    if (!report)
        return kr_fail(error, KR_IO, "%s:%zu: this line is not as it was written: the file is damaged; %s", name, number, remedy);
    if (!report->damaged_lines++) report->first_damaged_line = number;
    return KR_OK;
}

/* A row, unless it has no checksum: then it is as if it were not there, and made again. */
static kr_status read_row(kr_sweep *sweep, const kr_sweep_about *about, const char *name, size_t number, const char *row,
                          size_t length, const size_t *place, size_t count, kr_error *error) {
    char where[300];
    size_t point = kr_sweep_row_point(row);
    kr_line_state state = kr_sweep_about_judge(about, point, row, length);
    if (state == KR_LINE_DAMAGED || (state == KR_LINE_UNKNOWN && point >= sweep->count))
        return refuse_line(sweep, name, number, "without that line the same command makes the point again", error);
    if (state == KR_LINE_UNKNOWN) {
        if (sweep->report) sweep->report->unfinished_lines++;
        return KR_OK;
    }
    snprintf(where, sizeof where, "%.200s:%zu", name, number);
    return kr_sweep_row_accept(sweep, row, length, place, count, where, error);
}

kr_status kr_sweep_read_rows(kr_sweep *sweep, const kr_sweep_about *about, const char *name, const char *text, size_t length,
                             size_t *whole, bool *narrow, kr_error *error) {
    size_t *place, count, number = 2, done = sweep->done;
    const char *end = strchr(text, '\n');
    *whole = 0;
    if (!end && strlen(text) == length) return KR_OK; /* killed while the heads were written */
    size_t heads = end ? (size_t)(end - text) : 0;
    if (!end || kr_sweep_about_judge(about, KR_SWEEP_OF_COLUMNS, text, heads) == KR_LINE_DAMAGED) {
        if (sweep->report) sweep->report->columns_damaged = true;
        return refuse_line(sweep, name, 1, "bring back a copy, or start the sweep anew with --force", error);
    }
    kr_status status = kr_sweep_heads_read(sweep, text, heads, &place, &count, name, error);
    if (status) return status;
    *whole = heads + 1;
    size_t rows = 0;
    for (; !status && (end = strchr(text + *whole, '\n')); number++, rows++) {
        const char *row = text + *whole;
        status = read_row(sweep, about, name, number, row, (size_t)(end - row), place, count, error);
        *whole = (size_t)(end - text) + 1;
    }
    if (!status && strlen(text) != length && !sweep->file) /* going on drops it, as what a loss of power leaves */
        status = refuse_line(sweep, name, number, "without what follows the same command makes the points again", error);
    *narrow = count < sweep->column_count || rows != sweep->done - done || about->format == 1;
    free(place);
    return status;
}

kr_status kr_sweep_file_rows(kr_sweep *sweep, const char *name, kr_error *error) {
    size_t length = 0, whole;
    int descriptor;
    bool narrow;
    kr_sweep_about about;
    kr_status status = kr_sweep_about_read(&about, name, error);
    if (status) return status;
    status = kr_input_open(name, &descriptor, error);
    char *text = status ? NULL : kr_sweep_read_descriptor(descriptor, &length);
    if (!status && !text) status = kr_fail(error, KR_IO, "%s: could not be read: %s", name, kr_errno_text(errno));
    if (!status) status = kr_sweep_read_rows(sweep, &about, name, text, length, &whole, &narrow, error);
    if (descriptor >= 0) close(descriptor);
    free(text);
    kr_sweep_about_free(&about);
    return status;
}
