/* Statuses and messages. */
#include "assert_close.h"

#include <kramers/status.h>

#include <string.h>

static kr_status inner(kr_error *error) {
    return kr_fail(error, KR_IO, "%s is missing", "data.h5");
}

static kr_status outer(kr_error *error) {
    return kr_fail_at(error, inner(error), "scene.yaml:%d", 3);
}

static void a_place_goes_before_the_message(void **state) {
    (void)state;
    kr_error error;
    assert_int_equal(outer(&error), KR_IO);
    assert_int_equal(error.status, KR_IO);
    assert_string_equal(error.message, "scene.yaml:3: data.h5 is missing");
}

static void the_status_stays_without_a_message(void **state) {
    (void)state;
    assert_int_equal(inner(NULL), KR_IO);
    assert_int_equal(outer(NULL), KR_IO);
}

static void a_long_message_keeps_its_beginning(void **state) {
    (void)state;
    kr_error error;
    char name[sizeof error.message];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(kr_fail(&error, KR_NO_MEMORY, "%s and more", name), KR_NO_MEMORY);
    assert_int_equal(kr_fail_at(&error, KR_NO_MEMORY, "here"), KR_NO_MEMORY);
    assert_memory_equal(error.message, "here: xxx", 9);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

static void what_no_terminal_should_see_is_a_question_mark(void **state) {
    (void)state;
    kr_error error;
    static const struct {
        const char *text, *shown;
    } cases[] = {{"a\tb\x1b[2J\x7f", "a?b?[2J?"},
                 {"\xc2\x9b", "??"},                                   /* a control character of two bytes */
                 {"\x9b 2J \xff", "? 2J ?"},                           /* the same as one byte, and no character at all */
                 {"\xc0\xaf \xe0\x80\xaf \xed\xa0\x80", "?? ??? ???"}, /* longer than needed, half of a pair */
                 {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
                 {"cut \xe2\x82", "cut ??"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kr_fail(&error, KR_IO, "%s", cases[i].text);
        assert_string_equal(error.message, cases[i].shown);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_goes_before_the_message), cmocka_unit_test(the_status_stays_without_a_message),
        cmocka_unit_test(a_long_message_keeps_its_beginning), cmocka_unit_test(what_no_terminal_should_see_is_a_question_mark)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
