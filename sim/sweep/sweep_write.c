/* What a table in CSV and the file beside it get, and how they take the place of what was there. */
#include "disk/file_bytes.h"
#include "files/store.h"
#include "sweep_lines.h"
#include "sweep_state.h"

#include <kramers/fresh_file.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

kr_status kr_sweep_fail_to_write(const char *name, kr_error *error) {
    return kr_fail(error, errno == ENOMEM ? KR_NO_MEMORY : KR_IO,
                   "%s: could not be written: %s; what it has is as it was, and the same command goes on with it", name,
                   kr_errno_text(errno));
}

bool kr_sweep_write_rows(const kr_sweep *sweep, int descriptor, const kr_sweep_contents *c) {
    for (size_t i = 0; i <= sweep->count; i++) {
        const char *row = i ? sweep->row[i - 1] : sweep->heads;
        char *line = row ? kr_sweep_line_of(sweep, row, c->shown) : NULL;
        bool good = !row || (line && kr_disk_append(descriptor, line, strlen(line)) && kr_disk_append(descriptor, "\n", 1));
        free(line);
        if (!good) return false;
    }
    return true;
}

static void add_checksum(kr_sweep_line *all, size_t place, const char *line, size_t length) {
    char text[64];
    kr_sweep_about_line(place, line, length, text);
    kr_sweep_add(all, "%s", text);
}

static void add_checksums_of_text(kr_sweep_line *all, const char *text) {
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        size_t point = kr_sweep_row_point(text);
        add_checksum(all, point == KR_SWEEP_OF_SWEEP ? KR_SWEEP_OF_COLUMNS : point, text, (size_t)(end - text));
    }
}

bool kr_sweep_write_checksums(const kr_sweep *sweep, int descriptor, const kr_sweep_contents *c) {
    kr_sweep_line all = {0};
    kr_sweep_add(&all, "%s", "");
    for (size_t i = 0; c->shown && i <= sweep->count; i++) {
        const char *row = i ? sweep->row[i - 1] : sweep->heads;
        char *line = row ? kr_sweep_line_of(sweep, row, c->shown) : NULL;
        all.failed = all.failed || (row && !line);
        if (line) add_checksum(&all, i ? i - 1 : KR_SWEEP_OF_COLUMNS, line, strlen(line));
        free(line);
    }
    if (c->text) add_checksums_of_text(&all, c->text);
    char *text = kr_sweep_line_finish(&all);
    bool good = text && kr_disk_append(descriptor, text, strlen(text));
    free(text);
    return good;
}

bool kr_sweep_write_about(const kr_sweep *sweep, int descriptor, const kr_sweep_contents *c) {
    char *text = kr_sweep_about_text(sweep->header);
    bool good = text && kr_disk_append(descriptor, text, strlen(text)) && kr_sweep_write_checksums(sweep, descriptor, c);
    free(text);
    return good;
}

/* Rows that have no file: the one of their name is somebody else's. */
static kr_status keep_apart(kr_fresh_file *fresh, const char *name, kr_error *error) {
    kr_status status = kr_fail(error, KR_IO,
                               "%s: another file took this one's place while it was being written, and is left as it is; all rows "
                               "are in %s",
                               name, fresh->temporary);
    kr_fresh_file_keep(fresh);
    return status;
}

kr_status kr_sweep_replace(const kr_sweep *sweep, const char *name, int held, kr_sweep_writer *write, kr_sweep_contents c,
                           int *result, kr_error *error) {
    kr_fresh_file fresh;
    kr_status status = kr_fresh_file_begin(&fresh, name, held < 0, held, error);
    if (status) return status;
    errno = ENOMEM; /* what fails without saying why */
    bool good = write(sweep, fresh.descriptor, &c) && (sweep->durability == KR_DURABILITY_NONE || kr_disk_sync(fresh.descriptor));
    if (!good) status = kr_sweep_fail_to_write(name, error);
    if (!status) status = kr_fresh_file_publish(&fresh, error);
    if (!status && sweep->durability != KR_DURABILITY_NONE && !kr_disk_sync_directory(name))
        status = kr_sweep_fail_to_write(name, error);
    if (status == KR_BAD_ARGUMENT) status = keep_apart(&fresh, name, error);
    if (!status) {
        if (*result >= 0) close(*result);
        *result = fresh.descriptor;
        fresh.descriptor = -1;
    }
    kr_fresh_file_end(&fresh);
    return status;
}
