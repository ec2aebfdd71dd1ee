#include "utf8.h"

#include <unistr.h>

uint32_t kr_utf8_next(const char **text) {
    ucs4_t code;
    int length = u8_strmbtouc(&code, (const uint8_t *)*text);
    *text += length > 0 ? length : 1;
    return length > 0 ? code : 0xfffd;
}

size_t kr_utf8_before(const char *text, size_t place) {
    ucs4_t code;
    if (place == 0) return 0;
    const uint8_t *begin = u8_prev(&code, (const uint8_t *)text + place, (const uint8_t *)text);
    return begin ? (size_t)(begin - (const uint8_t *)text) : place - 1;
}

size_t kr_utf8_after(const char *text, size_t place) {
    const char *end = text + place;
    if (*end) kr_utf8_next(&end);
    return (size_t)(end - text);
}
