/* A forged file (hdf5_recipe.h) is looked at, what is whole of it is saved, and it is accepted as it is. The first byte chooses the
 * valid file and, with its highest bit, that the checksums are made anew before; else what was changed is damage. */
#include "fuzz.h"

#include "hdf5_recipe.h"
#include "readers.h"
#include "valid_files.h"

#include <kramers/file_check.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static fuzz_hdf5 *valid[FUZZ_FILES];

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    for (int i = 0; i < FUZZ_FILES; i++) {
        fuzz_make_file(i, fuzz_path("valid.h5"));
        valid[i] = fuzz_hdf5_take(fuzz_path("valid.h5"));
    }
    return 0;
}

static void check_report(const kr_file_report *report, const char *path) {
    fuzz_check(report->whole_frames <= report->frames, "more whole frames than frames", path);
    fuzz_check(!report->whole || (!report->damages && !report->lost && !report->damaged_blocks), "whole and damaged", path);
    fuzz_check(!report->resumable || !*report->not_resumable, "can be gone on with, and cannot", path);
}

static kr_status look(kr_file_report *report, const char *path) {
    kr_error error = {.status = KR_OK};
    kr_status status = kr_file_check(report, path, &error);
    fuzz_check_message(status, &error);
    fuzz_check_closed(path);
    if (!status) check_report(report, path);
    return status;
}

/* Only reads, and what it makes is whole. */
static void save(const char *path) {
    size_t size = 0, size_after = 0;
    uint8_t *before = fuzz_read(path, &size);
    const char *saved = fuzz_path("saved.h5");
    kr_file_report report;
    kr_error error = {.status = KR_OK};
    unlink(saved);
    kr_status status = kr_file_save(&report, path, saved, false, &error);
    fuzz_check_message(status, &error);
    fuzz_check_closed(path);
    uint8_t *after = fuzz_read(path, &size_after);
    fuzz_check(size == size_after && !memcmp(before, after, size), "saving has changed the file", path);
    free(after);
    free(before);
    fuzz_check(!status == !access(saved, F_OK), status ? "a file is left after a failure" : "there is no file", error.message);
    if (status) return;
    fuzz_check(!look(&report, saved), "what was saved cannot be looked at", saved);
    fuzz_check(!report.damaged_blocks && !report.missing_bytes, "what was saved is damaged", saved);
}

static void accept_as_it_is(const char *path) {
    kr_file_report report;
    kr_error error = {.status = KR_OK};
    kr_status status = kr_file_renew(path, &error);
    fuzz_check_message(status, &error);
    fuzz_check_closed(path);
    if (!status && !look(&report, path)) fuzz_check(!report.damaged_blocks, "it was accepted, and is damaged", path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_path("forged.h5");
    kr_file_report report;
    if (!size) return 0;
    fuzz_hdf5_forge(valid[(data[0] & 0x7f) % FUZZ_FILES], data + 1, size - 1, path);
    if (data[0] & 0x80) kr_file_renew(path, NULL);
    look(&report, path);
    save(path);
    accept_as_it_is(path);
    return 0;
}
