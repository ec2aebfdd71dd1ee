/* A forged trajectory (hdf5_recipe.h): it is looked through and gone on with. The first byte chooses the valid file.
 * Its checksums are made anew, or nobody would read what was changed, unless the highest bit is set. */
#include "fuzz.h"

#include "hdf5_recipe.h"
#include "readers.h"
#include "valid_files.h"

#include <kramers/file_check.h>

static fuzz_hdf5 *valid[FUZZ_TRAJECTORIES];

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    for (int i = 0; i < FUZZ_TRAJECTORIES; i++) {
        fuzz_make_file(i, fuzz_path("valid.h5"));
        valid[i] = fuzz_hdf5_take(fuzz_path("valid.h5"));
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_path("forged.h5");
    if (!size) return 0;
    fuzz_hdf5_forge(valid[(data[0] & 0x7f) % FUZZ_TRAJECTORIES], data + 1, size - 1, path);
    if (!(data[0] & 0x80)) kr_file_renew(path, NULL);
    fuzz_read_recording(path);
    fuzz_resume(path);
    return 0;
}
