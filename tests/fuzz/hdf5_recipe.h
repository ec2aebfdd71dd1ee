/* Forged HDF5 files: a valid one, changed as the bytes of an input say. Six bytes are one change: what is done, to which object
 * (two bytes), and three that say how. So what a fuzzer changes in its input always gives a file that can be opened, with another
 * fault. */
#ifndef KR_FUZZ_HDF5_RECIPE_H
#define KR_FUZZ_HDF5_RECIPE_H

#include <stddef.h>
#include <stdint.h>

typedef struct fuzz_hdf5 fuzz_hdf5;

/* Of a file that exists; kept until the program ends. */
fuzz_hdf5 *fuzz_hdf5_take(const char *path);
/* The changed file, written to path. One with changed bytes is another file than the last of this path, and so is looked through by
 * a child process before it is read (sim/hdf5/hdf5_survey.h); of the others few are, since that costs more than all the rest. */
void fuzz_hdf5_forge(const fuzz_hdf5 *valid, const uint8_t *data, size_t size, const char *path);

#endif
