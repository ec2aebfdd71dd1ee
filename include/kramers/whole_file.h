/* Files that are there whole or not at all: a full disk leaves what was there before, and no half of a picture. */
#ifndef KRAMERS_WHOLE_FILE_H
#define KRAMERS_WHOLE_FILE_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>

KR_BEGIN_DECLARATIONS

/* Written under another name first, which then takes the file's place; what is no plain file (a pipe, a device), and a file in a
 * folder that takes no others, is written as it is. A symbolic link stands for what it leads to. Without overwrite, what is there
 * is refused (KR_BAD_ARGUMENT). */
KR_API kr_status kr_whole_file_write(const char *file, const void *bytes, size_t size, bool overwrite, kr_error *error);

KR_END_DECLARATIONS

#endif
