/* Reading, writing and shortening a file, past HDF5. false: errno says why. */
#ifndef KR_STORE_DISK_H
#define KR_STORE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool kr_disk_write(int descriptor, const void *data, size_t size, uint64_t place);
bool kr_disk_read(int descriptor, void *data, size_t size, uint64_t place); /* zeros beyond the end */
bool kr_disk_cut(int descriptor, uint64_t size);

#endif
