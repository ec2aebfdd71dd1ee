/* HDF5 reads a file through a descriptor that is open already, and past a witness. */
#ifndef KR_HDF5_SOURCE_H
#define KR_HDF5_SOURCE_H

#include "hdf5_witness.h"

#include <hdf5.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

typedef struct kr_h5_source {
    H5FD_t about; /* HDF5's part, first: it needs no memory of its own, without which HDF5 1.10 crashes */
    int descriptor;
    kr_h5_witness *witness; /* or NULL */
    uint64_t size, end;     /* of the file, of the HDF5 file in it */
} kr_h5_source;

/* Read only. The source stays where it is until the file is closed; under the lock. */
hid_t kr_h5_source_open(kr_h5_source *source);

/* The number of a driver, which is registered once and kept in *number: HDF5 still reads its copy of the class after it has
 * released the file's reference to it, so that reference must never be the last one. HDF5 may have been closed and begun anew
 * since. Under the lock. */
hid_t kr_h5_driver_registered(const H5FD_class_t *class, hid_t *number);

#endif
