/* Lines "KEY=SPEC", as --vary takes them, beside the scene of double_well. */
#include "fuzz.h"

#include <kramers/sweep.h>

#include <stdlib.h>
#include <string.h>

enum { MOST = 3 };

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    fuzz_registry();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const small[] = {"ensemble.particles=3", "ensemble.steps=10"};
    const char *vary[MOST];
    size_t count = 0;
    char *text = strndup((const char *)data, size);
    kr_sweep *sweep;
    kr_error error = {.status = KR_OK};
    if (!text) return 0;
    for (char *line = strtok(text, "\n"); line && count < MOST; line = strtok(NULL, "\n")) vary[count++] = line;
    const kr_sweep_setup setup = {
        .registry = fuzz_registry(), .overrides = small, .override_count = 2, .vary = vary, .vary_count = count, .threads = 1};
    kr_status status = kr_sweep_create(&sweep, &setup, &error);
    fuzz_check_message(status, &error);
    if (!status) {
        char *table = kr_sweep_table(sweep);
        free(table);
        kr_sweep_destroy(sweep);
    }
    free(text);
    return 0;
}
