/* Small valid files of all kinds, to be forged (hdf5_recipe.h). */
#ifndef KR_FUZZ_VALID_FILES_H
#define KR_FUZZ_VALID_FILES_H

#include <kramers/status.h>

#include <stdbool.h>

enum { FUZZ_TRAJECTORIES = 3, FUZZ_SESSION = FUZZ_TRAJECTORIES, FUZZ_SWEEP, FUZZ_FILES };

/* Replaces what is there. The program ends when it fails. */
void fuzz_make_file(int which, const char *path);

/* A sweep of the grid of the valid file: begun or gone on with, and computed to its end. */
kr_status fuzz_sweep(const char *output, bool compute, kr_error *error);

#endif
