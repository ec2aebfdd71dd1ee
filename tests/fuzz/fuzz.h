/* What the harnesses share. A harness is fuzz_NAME.c with LLVMFuzzerInitialize and LLVMFuzzerTestOneInput: libFuzzer calls them in
 * the build `fuzz`, replay.c in the tests. What it makes of its input must either succeed or fail with one message, with whatever
 * is asked for. */
#ifndef KR_FUZZ_H
#define KR_FUZZ_H

#include <kramers/registry.h>
#include <kramers/scene.h>

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Changes data, of this size and capacity, at one place; of libFuzzer or of replay.c. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t capacity);

/* That of the baseline instruction set, the same on all machines. */
const kr_registry *fuzz_registry(void);

/* A file of this name in a directory of this process that is in memory where there is such a place, and is removed at the end;
 * malloc'd once and kept for each name. */
const char *fuzz_path(const char *name);
void fuzz_write(const char *path, const void *data, size_t size);
/* malloc'd, with a zero behind it. */
uint8_t *fuzz_read(const char *path, size_t *size);

/* Ends the program when it is not so: a finding. */
void fuzz_check(bool good, const char *what, const char *detail);
/* The status is KR_OK, or the message is one that can be shown. */
void fuzz_check_message(kr_status status, const kr_error *error);

/* Lines of a text that begin with `option` and a blank, without both and without their ends; what stands behind the last place of
 * `list` is left out. Freed with free(*copy). Returns how many. */
size_t fuzz_options(const uint8_t *data, size_t size, const char *option, char **copy, const char **list, size_t most);

#endif
