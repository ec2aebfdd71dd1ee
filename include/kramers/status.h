/* Status codes and error messages.
 *
 * Every fallible function returns a kr_status and takes a kr_error, which may be NULL. On failure the message names the
 * thing, its value, the allowed range and the place, and says what to do. The library never prints and never exits.
 */
#ifndef KRAMERS_STATUS_H
#define KRAMERS_STATUS_H

#include <kramers/api.h>

KR_BEGIN_DECLARATIONS

/* One list: code, exit status of the command line, meaning. */
#define KR_STATUS_LIST(X)                                                                                                          \
    X(KR_OK, 0, "done")                                                                                                            \
    X(KR_BAD_ARGUMENT, 2, "an argument or a scene is not valid")                                                                   \
    X(KR_IO, 3, "a file or a device could not be read or written")                                                                 \
    X(KR_NO_MEMORY, 3, "there is not enough memory")                                                                               \
    X(KR_DIVERGED, 4, "too many particles are no longer finite")                                                                   \
    X(KR_NUMERICAL, 3, "a numerical method did not reach its accuracy")                                                            \
    X(KR_INTERRUPTED, 130, "interrupted")

#define KR_STATUS_ENUM(code, exit_status, text) code,
typedef enum kr_status { KR_STATUS_LIST(KR_STATUS_ENUM) KR_STATUS_COUNT } kr_status;
#undef KR_STATUS_ENUM

typedef struct kr_error {
    kr_status status;
    char message[1024]; /* one or more whole sentences without a trailing newline */
} kr_error;

KR_API const char *kr_status_text(kr_status status);
/* What a number of errno means; of 0, that the system says no more. */
KR_API const char *kr_errno_text(int number);
KR_API int kr_status_exit(kr_status status);

#if defined(__GNUC__)
#define KR_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define KR_PRINTF(text, first)
#endif

/* Writes the message (when error is not NULL) and returns status, so that a failing function ends with
 * `return kr_fail(error, KR_IO, ...)`. */
KR_API kr_status kr_fail(kr_error *error, kr_status status, const char *format, ...) KR_PRINTF(3, 4);

/* Puts a place in front of the message of a failure with this status (when error is not NULL), as in "scene.yaml:3:12: ...".
 * Returns the status, so that a caller without an error ends with `return kr_fail_at(error, status, ...)` too. */
KR_API kr_status kr_fail_at(kr_error *error, kr_status status, const char *format, ...) KR_PRINTF(3, 4);

KR_END_DECLARATIONS

#endif
