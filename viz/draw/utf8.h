/* Going through UTF-8 by characters (code points); the decoding is libunistring's. A byte that belongs to no character counts as
 * one, U+FFFD. */
#ifndef KR_UTF8_H
#define KR_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The character at *text, which moves behind it; *text is not at the end. */
uint32_t kr_utf8_next(const char **text);
/* Where the character before this place begins, and where the one at this place ends; at the ends of text the place itself. */
size_t kr_utf8_before(const char *text, size_t place);
size_t kr_utf8_after(const char *text, size_t place);

#endif
