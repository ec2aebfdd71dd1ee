/* The store's state and the HDF5 file driver that works on it; only for trajectory_store.c and trajectory_driver.c. */
#ifndef KRAMERS_TRAJECTORY_DRIVER_H
#define KRAMERS_TRAJECTORY_DRIVER_H

#include "trajectory_store.h"

typedef struct kr_overwrite {
    uint64_t place;
    size_t size;
    H5FD_mem_t kind;
    unsigned char *data;
} kr_overwrite;

struct kr_store {
    char *path, *temporary;
    int descriptor;
    bool writable, fresh, overwrite_file, broken;
    bool provisional;      /* this session leaves a way back */
    uint64_t old_end, end; /* of the HDF5 file: before this session, now */
    uint64_t size;         /* of the file when the session began */
    int problem;           /* errno of the first write that failed in this session */
    kr_overwrite *overwrite;
    size_t count, capacity;
    H5E_auto2_t print; /* how HDF5 printed errors before the session */
    void *print_data;
};

/* false: no memory, or the file cannot be read. */
bool kr_store_driver_write(kr_store *store, H5FD_mem_t kind, uint64_t place, const void *data, size_t size);
bool kr_store_driver_read(kr_store *store, uint64_t place, void *data, size_t size);

hid_t kr_store_driver_open(kr_store *store);

/* Takes HDF5's reason and refuses further sessions: going on after an error can crash HDF5. */
kr_status kr_store_fail_hdf5(kr_store *store, const char *what, kr_error *error);

#endif
