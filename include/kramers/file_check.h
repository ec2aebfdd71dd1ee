/* What is whole in a file. */
#ifndef KRAMERS_FILE_CHECK_H
#define KRAMERS_FILE_CHECK_H

#include <kramers/status.h>

KR_BEGIN_DECLARATIONS

/* New checksums of a file that was changed on purpose, by other programs. KR_BAD_ARGUMENT: it has none. */
KR_API kr_status kr_file_renew(const char *file, kr_error *error);

KR_END_DECLARATIONS

#endif
