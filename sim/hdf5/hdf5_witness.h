/* What HDF5 saw of a file when a child process looked through it (hdf5_survey.h): a checksum of every block from which it took
 * structures. Whoever reads the file afterwards gets these bytes or none: if another program has changed them since, reading fails
 * before HDF5 sees what nobody has tried. Numbers are read past it, as they are in the file, but for those that filters unpack. */
#ifndef KR_HDF5_WITNESS_H
#define KR_HDF5_WITNESS_H

#include <hdf5.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kr_h5_witness kr_h5_witness;

/* In memory that a child has, too. NULL: there is none, and everything is read as it is. */
kr_h5_witness *kr_h5_witness_make(void);
kr_h5_witness *kr_h5_witness_share(kr_h5_witness *witness); /* another owner */
void kr_h5_witness_destroy(kr_h5_witness *witness);         /* one owner less */

/* In the child: from here on what is read is noted. */
void kr_h5_witness_begin(kr_h5_witness *witness);
/* In the child: the numbers that are read now are unpacked by filters. */
void kr_h5_witness_unpacks(kr_h5_witness *witness, bool unpacks);

/* A piece of the file, zeros beyond its end. false: it is not what was seen, or the disk cannot read it. */
bool kr_h5_witness_read(kr_h5_witness *witness, int descriptor, H5FD_mem_t kind, uint64_t place, size_t size, void *data);
/* The reader itself writes from here on, and sees that. */
void kr_h5_witness_leave_out(kr_h5_witness *witness, uint64_t from);

bool kr_h5_witness_differs(const kr_h5_witness *witness); /* something was not what was seen, also while it was looked through */
bool kr_h5_witness_is_full(const kr_h5_witness *witness); /* more was read than can be noted */

#endif
