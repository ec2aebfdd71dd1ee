/* Where the files are that come with the program: scenes, and the data that they name. */
#ifndef KRAMERS_SHIPPED_FILES_H
#define KRAMERS_SHIPPED_FILES_H

#include <kramers/status.h>

KR_BEGIN_DECLARATIONS

/* The directory that contains data/, where the files of shipped scenes are: the environment variable KRAMERS_DATA, else
 * share/kramers of the tree in which the program or the library lies, however it was moved, else where it was to be installed, else
 * the source tree. */
KR_API const char *kr_shipped_directory(void);
/* Where nothing is at `full`, but a shipped file has the name that was given: an error that says so, since only its own scene uses
 * it. Otherwise KR_OK, and whoever opens the file says what is wrong. */
KR_API kr_status kr_shipped_check(const char *full, const char *given, kr_error *error);

KR_END_DECLARATIONS

#endif
