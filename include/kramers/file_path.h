/* Names of files that a text gives: relative ones start at the directory of the file that the text stands in. */
#ifndef KRAMERS_FILE_PATH_H
#define KRAMERS_FILE_PATH_H

#include <kramers/api.h>

KR_BEGIN_DECLARATIONS

/* All malloc'd; NULL: no memory, or a working directory that is gone. */

/* What opens the file from the working directory. An absolute path stays as it is; directory NULL or ".": so does every path. */
KR_API char *kr_path_join(const char *directory, const char *path);
/* The same file from the root; a directory that is there without symbolic links. */
KR_API char *kr_path_absolute(const char *path);
/* The same file as seen from a directory: with "../" as far as they share more than the root, else from the root. */
KR_API char *kr_path_between(const char *directory, const char *path);
/* The directory that a file is in: "." for a bare name. */
KR_API char *kr_path_directory(const char *file);

KR_END_DECLARATIONS

#endif
