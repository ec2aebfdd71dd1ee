/* Reading, writing and shortening an open file, whole or with an error. false: errno says why. */
#ifndef KR_FILE_BYTES_H
#define KR_FILE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool kr_disk_write(int descriptor, const void *data, size_t size, uint64_t place);
bool kr_disk_append(int descriptor, const void *data, size_t size);         /* where its writing stands; pipes and devices too */
bool kr_disk_read(int descriptor, void *data, size_t size, uint64_t place); /* zeros beyond the end */
bool kr_disk_cut(int descriptor, uint64_t size);
/* What some file systems (NFS) only tell when a file is closed, as that there was no room for what they took. */
bool kr_disk_settle(int descriptor);
/* Waits until what was written is on the disk. */
bool kr_disk_sync(int descriptor);
bool kr_disk_sync_directory(const char *path); /* the one that has the file: its name, after it was made or changed */

#endif
