/* What a writer does to a file, in a process that may crash on it and whose writes go nowhere (hdf5_survey.h). */
#ifndef KR_HDF5_TRIAL_H
#define KR_HDF5_TRIAL_H

#include <hdf5.h>

#include <stddef.h>

/* Adds to every group and every data set that grows, and then takes everything away. at: the object that it is at. */
void kr_h5_try_changes(hid_t root, char *at, size_t size);

#endif
