/* A forged session (hdf5_recipe.h) is replayed. */
#include "fuzz.h"

#include "hdf5_recipe.h"
#include "readers.h"
#include "valid_files.h"

#include <kramers/file_check.h>

static fuzz_hdf5 *valid;

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    fuzz_make_file(FUZZ_SESSION, fuzz_path("valid.h5"));
    valid = fuzz_hdf5_take(fuzz_path("valid.h5"));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_path("forged.h5");
    fuzz_hdf5_forge(valid, data, size, path);
    kr_file_renew(path, NULL); /* its checksums */
    fuzz_replay(path);
    fuzz_read_recording(path);
    return 0;
}
