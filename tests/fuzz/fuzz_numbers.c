/* Files of numbers as text or .npy, for surfaces, tables, mixtures and columns. The first byte says for which, and how the file is
 * called; the rest is the file. */
#include "fuzz.h"

#include "readers.h"

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"numbers.csv", "numbers.npy", "numbers"};
    if (!size) return 0;
    const char *path = fuzz_path(names[data[0] / FUZZ_ARRAY_KINDS % 3]);
    fuzz_write(path, data + 1, size - 1);
    fuzz_read_array(data[0] % FUZZ_ARRAY_KINDS, path, data[0] & 0x80 ? "x" : NULL);
    return 0;
}
