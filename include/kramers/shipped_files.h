/* Where the files are that come with the program: scenes, and the data that they name. */
#ifndef KRAMERS_SHIPPED_FILES_H
#define KRAMERS_SHIPPED_FILES_H

#include <kramers/api.h>

KR_BEGIN_DECLARATIONS

/* The directory that contains data/, where the files of shipped scenes are: the environment variable KRAMERS_DATA, else where
 * this version is installed, else the source tree. */
KR_API const char *kr_shipped_directory(void);

KR_END_DECLARATIONS

#endif
