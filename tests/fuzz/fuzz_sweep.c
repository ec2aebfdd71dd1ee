/* Tables of sweeps that are gone on with and merged. The first byte: 0 a table and, behind a line of =, what stands beside it; else
 * a forged HDF5 file (hdf5_recipe.h). */
#include "fuzz.h"

#include "hdf5_recipe.h"
#include "readers.h"
#include "valid_files.h"

#include <kramers/sweep.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static fuzz_hdf5 *valid;

static kr_status merge(const char *file, kr_error *error) {
    kr_sweep *sweep;
    kr_sweep_setup setup = {.registry = fuzz_registry(), .threads = 1};
    kr_status status = kr_sweep_merge(&sweep, fuzz_registry(), &file, 1, &setup, error);
    if (!status) kr_sweep_destroy(sweep);
    return status;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    fuzz_make_file(FUZZ_SWEEP, fuzz_path("valid.h5"));
    valid = fuzz_hdf5_take(fuzz_path("valid.h5"));
    return 0;
}

static void write_table(const uint8_t *data, size_t size, const char *table, const char *about) {
    static const char rule[] = "\n=====\n";
    size_t length = size;
    for (size_t i = 0; i + sizeof rule - 1 <= size && length == size; i++)
        if (!memcmp(data + i, rule, sizeof rule - 1)) length = i + 1;
    fuzz_write(table, data, length);
    size_t rest = length + sizeof rule - 2;
    if (rest <= size)
        fuzz_write(about, data + rest, size - rest);
    else
        unlink(about);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    kr_error error = {.status = KR_OK};
    if (!size) return 0;
    const char *file = data[0] ? fuzz_path("forged.h5") : fuzz_path("table.csv");
    for (int merged = 0; merged < 2; merged++) {
        unlink(fuzz_path("forged.h5.part"));
        unlink(fuzz_path("forged.h5.part.yaml"));
        if (data[0])
            fuzz_hdf5_forge(valid, data + 1, size - 1, file);
        else
            write_table(data + 1, size - 1, file, fuzz_path("table.csv.yaml"));
        fuzz_check_message(merged ? merge(file, &error) : fuzz_sweep(file, false, &error), &error);
        fuzz_check_closed(file);
    }
    return 0;
}
