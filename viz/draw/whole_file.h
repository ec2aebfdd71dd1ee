/* Files that are there whole or not at all: a full disk leaves what was there before, and no half of a picture. */
#ifndef KRAMERS_WHOLE_FILE_H
#define KRAMERS_WHOLE_FILE_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>

/* Written under another name first, which then takes the file's place; what is no plain file (a pipe, a device), and a file in a
 * folder that takes no others, is written as it is. */
kr_status kr_whole_file_write(const char *file, const void *bytes, size_t size, kr_error *error);

/* The end of a file's name from its last dot on; NULL: there is none (.name has none either). */
const char *kr_file_extension(const char *file);

/* Whether a picture can have this name: .png in any case, or no extension. Other formats are not written. */
kr_status kr_picture_name_check(const char *file, kr_error *error);

#endif
