/* Whether a file that is being written can still be found. */
#ifndef KR_FILE_NAME_H
#define KR_FILE_NAME_H

#include <kramers/status.h>

#include <stdbool.h>
#include <sys/stat.h>

bool kr_same_file(const struct stat *a, const struct stat *b);
/* Whether the name leads to the open file. */
bool kr_name_leads_to(const char *path, int descriptor);
/* KR_IO, and what became of it, where the name does not lead to the open file any more: it was removed, replaced or renamed, or its
 * directory was. */
kr_status kr_name_check(const char *path, int descriptor, kr_error *error);

#endif
