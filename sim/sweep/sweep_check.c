/* What is whole in a table in CSV, what can be saved of it, and new checksums for one that was changed on purpose. */
#include "disk/file_lock.h"
#include "sweep_lines.h"
#include "sweep_state.h"

#include <kramers/input_file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool kr_sweep_is_table(const char *file) {
    char name[4096], begins[16] = "";
    FILE *about;
    snprintf(name, sizeof name, "%s.yaml", file);
    if (access(name, F_OK) || kr_input_stream(name, &about, NULL) != KR_OK) return false;
    bool is = fgets(begins, sizeof begins, about) && !strcmp(begins, "kramers sweep: ");
    fclose(about);
    return is;
}

/* The rest of the line that begins so. */
static void copy_value(const char *text, const char *begins, char *value, size_t size) {
    const char *at = strstr(text, begins);
    size_t length = at ? strcspn(at += strlen(begins), "\n") : 0;
    snprintf(value, size, "%.*s", (int)(length < size ? length : size - 1), at ? at : "");
    for (char *c = value; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?'; /* what a terminal would obey */
}

static char *read_table(const char *file, size_t *length, kr_error *error) {
    int descriptor;
    if (kr_input_open(file, &descriptor, error) != KR_OK) return NULL;
    char *text = kr_sweep_read_descriptor(descriptor, length);
    if (!text) kr_fail(error, KR_IO, "%s: could not be read: %s", file, kr_errno_text(errno));
    close(descriptor);
    return text;
}

/* Checksums of points that no line is of. */
static kr_status count_missing(const kr_sweep *sweep, const kr_sweep_about *about, const char *text, kr_sweep_table_report *report,
                               kr_error *error) {
    bool *there = calloc(sweep->count + 1, sizeof *there);
    if (!there) return kr_fail(error, KR_NO_MEMORY, "not enough memory to check a table of %zu points", sweep->count);
    for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
        size_t point = kr_sweep_row_point(text);
        if (point < sweep->count) there[point] = true;
    }
    for (size_t i = 0; i < about->count; i++) {
        size_t point = about->checksum[i].place;
        if (point >= sweep->count || there[point]) continue;
        there[point] = true;
        report->missing_rows++;
    }
    free(there);
    return KR_OK;
}

static kr_status look(kr_sweep_table_report *report, const kr_sweep_about *about, const char *text, size_t length,
                      const kr_registry *registry, const char *file, const kr_sweep_setup *setup, kr_error *error) {
    kr_sweep *sweep;
    kr_sweep_setup reading = {.registry = registry, .columns = setup->columns};
    kr_status status = kr_sweep_gather(&sweep, registry, &file, 1, &reading, report, error);
    if (status != KR_OK) return status;
    kr_sweep_progress found = kr_sweep_progress_now(sweep);
    report->points = found.points;
    report->done = found.done;
    if (!report->columns_damaged) status = count_missing(sweep, about, text, report, error);
    report->unfinished_lines += length && text[length - 1] != '\n';
    if (status == KR_OK && setup->output && report->columns_damaged)
        status = kr_fail(error, KR_IO, "%s:1: the line of the columns is damaged, so none of its rows can be saved", file);
    else if (status == KR_OK && setup->output)
        status = kr_sweep_file_open(sweep, setup->output, setup->overwrite, error);
    if (status == KR_OK && setup->output) status = kr_sweep_finish(sweep, error);
    kr_sweep_destroy(sweep);
    return status;
}

kr_status kr_sweep_table_check(kr_sweep_table_report *report, const kr_registry *registry, const char *file, const char *save,
                               bool overwrite, kr_error *error) {
    kr_sweep_setup setup = {.registry = registry, .output = save, .overwrite = overwrite, .columns = "all"};
    kr_sweep_about about;
    kr_error own, who = {.message = ""};
    size_t length = 0;
    if (!error) error = &own;
    *report = (kr_sweep_table_report){.format = 0};
    if (save && kr_sweep_is_hdf5(save))
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "%s: what is saved of a table in CSV is one in CSV, so its name does not end with .h5; 'kramers sweep --merge' "
            "makes HDF5 of it",
            save);
    if (kr_lock_check(file, &who) != KR_OK) snprintf(report->writer, sizeof report->writer, "%.250s", who.message);
    kr_status status = kr_sweep_about_read(&about, file, error);
    if (status != KR_OK) return status;
    report->format = about.format;
    report->damaged_checksums = about.torn;
    if (about.text) {
        copy_value(about.text, "kramers sweep: ", report->version, sizeof report->version);
        copy_value(about.text, "\ngenerator: ", report->generator, sizeof report->generator);
    }
    char *text = read_table(file, &length, error);
    report->sweep_damaged = about.text && about.damaged;
    if (!text)
        status = error->status;
    else if (!report->sweep_damaged)
        status = look(report, &about, text, length, registry, file, &setup, error);
    else if (save)
        status = kr_sweep_about_check(&about, file, error);
    report->whole = !report->sweep_damaged && !report->columns_damaged && !report->damaged_lines && !report->missing_rows &&
                    !report->damaged_checksums;
    free(text);
    kr_sweep_about_free(&about);
    return status;
}

kr_status kr_sweep_table_renew(const char *file, kr_error *error) {
    kr_sweep sweep = {.durability = KR_DURABILITY_FLUSH};
    kr_sweep_about about;
    char name[4096], *text = NULL;
    size_t length;
    int locked, fresh = -1;
    snprintf(name, sizeof name, "%s.yaml", file);
    kr_status status = kr_lock_open(file, O_RDWR, &locked, error);
    if (status == KR_OK && locked < 0) status = kr_fail(error, KR_IO, "%s: %s", file, kr_errno_text(errno));
    if (status != KR_OK) return status;
    status = kr_sweep_about_read(&about, file, error);
    if (status == KR_OK && !about.text)
        status = kr_fail(error, KR_BAD_ARGUMENT, "%s: there is no %s that says what it is", file, name);
    if (status == KR_OK && !(text = read_table(file, &length, error))) status = error ? error->status : KR_IO;
    sweep.header = about.text;
    if (status == KR_OK)
        status = kr_sweep_replace(&sweep, name, -1, kr_sweep_write_about, (kr_sweep_contents){.text = text}, &fresh, error);
    if (fresh >= 0) close(fresh);
    close(locked);
    free(text);
    kr_sweep_about_free(&about);
    return status;
}
