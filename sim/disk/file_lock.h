/* One writer a file: whoever opens a file to write into it holds a lock on it until the descriptor is closed, however the process
 * ends. */
#ifndef KR_FILE_LOCK_H
#define KR_FILE_LOCK_H

#include <kramers/status.h>

#include <stdbool.h>

/* Opens (open's flags, without O_TRUNC) and locks. A file that another process writes is refused with the process's name and
 * number; one that cannot be opened leaves *descriptor at -1 and KR_OK, and errno says why. Where the file system has no locks,
 * there is none. */
kr_status kr_lock_open(const char *path, int flags, int *descriptor, kr_error *error);
/* Whether another process writes it: what is read of such a file may be half of a change. */
kr_status kr_lock_check(const char *path, kr_error *error);
/* The same of a file that is open for reading, whoever it is. */
bool kr_lock_is_held(int descriptor);

#endif
