/* Files that are read because somebody named them: in a scene, in a file that was recorded elsewhere, on the command line. */
#ifndef KRAMERS_INPUT_FILE_H
#define KRAMERS_INPUT_FILE_H

#include <kramers/api.h>
#include <kramers/status.h>

#include <stdio.h>

KR_BEGIN_DECLARATIONS

/* A descriptor for reading, which the caller closes. Only regular files are opened, and at once: a pipe that nobody writes, a
 * device or a directory is refused as what it is. *descriptor -1: KR_IO says why. */
KR_API kr_status kr_input_open(const char *path, int *descriptor, kr_error *error);

/* The same as a stream, which the caller closes. NULL: the status says why. */
KR_API kr_status kr_input_stream(const char *path, FILE **stream, kr_error *error);
/* Whether it can be opened so; nothing stays open. */
KR_API kr_status kr_input_check(const char *path, kr_error *error);

KR_END_DECLARATIONS

#endif
