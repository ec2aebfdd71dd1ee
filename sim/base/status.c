#include <kramers/status.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#ifdef KR_NOTE_MESSAGES /* which messages do tests provoke? */
#include "../../tests/faults/note_messages.h"
#define KR_NOTE(format) kr_note(format)
#else
#define KR_NOTE(format) (void)0
#endif

#define TEXT(code, exit_status, text) [code] = text,
static const char *const texts[] = {KR_STATUS_LIST(TEXT)};
#define EXIT(code, exit_status, text) [code] = exit_status,
static const int exits[] = {KR_STATUS_LIST(EXIT)};

const char *kr_status_text(kr_status status) {
    return (unsigned)status < KR_STATUS_COUNT ? texts[status] : "unknown status";
}

const char *kr_errno_text(int number) {
    return number ? strerror(number) : "the system does not say why";
}

int kr_status_exit(kr_status status) {
    return (unsigned)status < KR_STATUS_COUNT ? exits[status] : 3;
}

/* Bytes of the character that begins here; 0: none does, or it is not of the shortest form of UTF-8. */
static size_t character(const unsigned char *at) {
    size_t bytes = *at < 0x80                  ? 1
                   : *at >= 0xc2 && *at < 0xe0 ? 2
                   : *at >= 0xe0 && *at < 0xf0 ? 3
                   : *at >= 0xf0 && *at < 0xf5 ? 4
                                               : 0;
    for (size_t i = 1; i < bytes; i++)
        if (at[i] < 0x80 || at[i] >= 0xc0) return 0;
    bool longer = (*at == 0xe0 && at[1] < 0xa0) || (*at == 0xf0 && at[1] < 0x90),
         none = (*at == 0xed && at[1] >= 0xa0) || (*at == 0xf4 && at[1] >= 0x90);
    return longer || none ? 0 : bytes;
}

/* Texts of scenes, files and arguments stand in messages: none of them sends a terminal its control characters, of which some are
 * single bytes beyond ASCII, and whoever reads messages as UTF-8 can. */
static void make_printable(char *text) {
    for (unsigned char *at = (unsigned char *)text; *at;) {
        size_t bytes = character(at);
        bool control = *at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0);
        if (!bytes || control) memset(at, '?', bytes = bytes ? bytes : 1);
        at += bytes;
    }
}

kr_status kr_fail(kr_error *error, kr_status status, const char *format, ...) {
    if (error) {
        KR_NOTE(format);
        error->status = status;
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
        make_printable(error->message);
    }
    return status;
}

kr_status kr_fail_at(kr_error *error, kr_status status, const char *format, ...) {
    if (!error) return status;
    KR_NOTE(format);
    char message[sizeof error->message];
    memcpy(message, error->message, sizeof message);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length + 2 < sizeof error->message)
        snprintf(error->message + length, sizeof error->message - (size_t)length, ": %s", message);
    make_printable(error->message);
    return error->status = status;
}
