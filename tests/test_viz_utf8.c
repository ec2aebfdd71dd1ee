/* Characters of UTF-8 texts, valid and not. */
#include "assert_close.h"

#include "draw/utf8.h"

#include <string.h>

static void CharactersAreDecoded(void **state) {
    (void)state;
    const char *text = "a\xc3\xa4\xe2\x88\x9e\xf0\x9f\x98\x80";
    const uint32_t expected[] = {'a', 0xe4, 0x221e, 0x1f600};
    for (size_t i = 0; i < 4; i++) assert_int_equal(kr_utf8_next(&text), expected[i]);
    assert_int_equal(*text, 0);
}

/* Overlong, a surrogate, beyond U+10FFFF, cut off by the end, continuation alone: one U+FFFD a byte, and never past the end. */
static void WhatIsNoCharacterIsPassedByteByByte(void **state) {
    (void)state;
    const char *const wrong[] = {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x88", "\x80", "\xff"};
    for (size_t i = 0; i < 6; i++) {
        const char *at = wrong[i];
        size_t count = 0;
        for (; *at; count++) assert_int_equal(kr_utf8_next(&at), 0xfffd);
        assert_int_equal(count, strlen(wrong[i]));
        assert_ptr_equal(at, wrong[i] + strlen(wrong[i]));
    }
}

static void PlacesBeforeAndAfter(void **state) {
    (void)state;
    const char *const text = "a\xc3\xa4\xe2\x88\x9e\xff\xf0\x9f\x98\x80";
    const size_t place[] = {0, 1, 3, 6, 7, 11};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(kr_utf8_after(text, place[i]), place[i + 1]);
        assert_int_equal(kr_utf8_before(text, place[i + 1]), place[i]);
    }
    assert_int_equal(kr_utf8_before(text, 0), 0);
    assert_int_equal(kr_utf8_after(text, 11), 11);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(CharactersAreDecoded),
        cmocka_unit_test(WhatIsNoCharacterIsPassedByteByByte),
        cmocka_unit_test(PlacesBeforeAndAfter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
