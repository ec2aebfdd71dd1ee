/* The serial HDF5 is not made for threads: whoever calls it holds this lock, from opening a file to closing it. One thread may take
 * it again while it has it. */
#ifndef KR_HDF5_LOCK_H
#define KR_HDF5_LOCK_H

void kr_hdf5_lock(void);
void kr_hdf5_unlock(void);

#endif
