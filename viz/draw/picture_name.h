/* What the names of pictures and films say of their format. */
#ifndef KRAMERS_PICTURE_NAME_H
#define KRAMERS_PICTURE_NAME_H

#include <kramers/status.h>

/* The end of a file's name from its last dot on; NULL: there is none (.name has none either). */
const char *kr_file_extension(const char *file);

/* Whether a picture can have this name: .png in any case, or no extension. Other formats are not written. */
kr_status kr_picture_name_check(const char *file, kr_error *error);

#endif
