/* YAML of others: each text gives what the specification says or one message with its place, whatever its size, and quickly. Run
 * under valgrind too, which sees bytes that nobody wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <kramers/scene.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const kr_registry *registry;

static int open_registry(void **state) {
    (void)state;
    return kr_registry_find(NULL, &registry, NULL) == KR_OK ? 0 : -1;
}

typedef struct text_case {
    const char *text, *caption, *message; /* the first lesson's caption; NULL: refused with this message */
} text_case;

#define BOM "\xef\xbb\xbf"

static const text_case cases[] = {
    /* block texts: style, chomping, indentation */
    {"lesson:\n - caption: >\n     a\n     b\n", "a b\n", NULL},
    {"lesson:\n - caption: |\n     a\n     b\n", "a\nb\n", NULL},
    {"lesson:\n - caption: >-\n     a\n\n     b\n\n\n", "a\nb", NULL},
    {"lesson:\n - caption: |-\n     a\n      b\n\n", "a\n b", NULL},
    {"lesson:\n - caption: |+\n     a\n\n\n", "a\n\n\n", NULL},
    {"lesson:\n - caption: >2\n      a\n     b\n", " a\nb\n", NULL},
    {"lesson:\n - caption: |2-\n      a\n     b\n", " a\nb", NULL},
    {"lesson:\n - caption: |-2\n      a\n     b\n", " a\nb", NULL},
    {"lesson:\n - caption: > # about it\n     a\n", "a\n", NULL},
    {"lesson:\n - caption: |\n     a # b\n", "a # b\n", NULL},
    {"lesson:\n - caption: |\n     a\tb\n     \tc\n", "a\tb\n\tc\n", NULL},
    {"lesson:\r\n - caption: |\r\n     a\r\n     b\r\n", "a\nb\n", NULL},
    {"lesson:\n - caption: |\n     a", "a", NULL}, /* no line end at the end */
    {"lesson: [{caption: a,\n  speed: 1}]\n", "a", NULL},
    /* folded text at the indentation of its parent */
    {"lesson:\n - caption: >\n   a\n    \n    }}", NULL, "test:5:7: a key needs a ':' behind it"},
    {"lesson:\n - caption: >\n   a\n   b\n", NULL, "test:4:4: a key needs a ':' behind it"},
    {"lesson:\n - caption: |0\n     a\n", NULL, "test:2:14: the indentation behind '|' or '>' is a number from 1 to 9"},
    {"lesson:\n - caption: |x\n     a\n", NULL, "behind '|' or '>' the text begins on the next line"},
    {"lesson: [{caption: |\n  a}]\n", NULL, "test:1:20: a text that begins with '|' needs quotation marks"},
    /* quoted and plain */
    {"lesson:\n - caption: 'it''s'\n", "it's", NULL},
    {"lesson:\n - caption: \"a\\u00e9\\x41\\n\\\n     b\"\n",
     "a\xc3\xa9"
     "A\nb",
     NULL},
    {"lesson:\n - caption: a\n     b\n", "a b", NULL},
    {"lesson:\n - caption: -x:y#z\n", "-x:y#z", NULL},
    {"{\"lesson\": [{\"caption\": \"a\"}]}", "a", NULL}, /* JSON is YAML */
    {"lesson:\n - caption: \"a\\0b\"\n", NULL, "test:2:13: a text must not contain a zero byte"},
    {"lesson:\n - caption: \"a\\qb\"\n", NULL,
     "test:2:15: this '\\' says nothing in double quotation marks; write \\\\, or take single ones"},
    {"lesson:\n - caption: \"a\n", NULL, "test:2:13: this quotation mark has no other that ends the text"},
    {"lesson:\n - caption: @a\n", NULL, "test:2:13: a text that begins with '@' needs quotation marks"},
    {"lesson:\n - caption: `a`\n", NULL, "test:2:13: a text that begins with '`' needs quotation marks"},
    {"lesson:\n -\tcaption: a\n", NULL, "test:2:3: tab character may not be used as indentation; use blanks"},
    {"lesson:\n\t- caption: a\n", NULL, "test:2:1: tab character may not be used as indentation; use blanks"},
    /* documents and directives */
    {"%YAML 1.2\n---\nlesson:\n - caption: a\n...\n", "a", NULL},
    {"%YAML 1.1\n---\nlesson:\n - caption: a\n", "a", NULL},
    {"%YAML 3.0\n---\nlesson:\n - caption: a\n", NULL, "directives (%) are not used in scenes"},
    {"lesson:\n - caption: a\n---\nlesson:\n - caption: b\n", NULL, "test:3:1: a second document begins here"},
    {"%TAG ! x:\n---\nlesson:\n - caption: !a b\n", NULL, "tags are not used in scenes"},
    {"lesson:\n - caption: ! b\n", NULL, "tags are not used in scenes"},
    {"lesson:\n - caption: !!str b\n", NULL, "tags are not used in scenes"},
    /* what multiplies */
    {"lesson:\n - caption: &x a\n", NULL, "test:2:13: anchors are not used in scenes"},
    {"lesson:\n - caption: *x\n", NULL, "test:2:13: aliases are not used in scenes"},
    {"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", NULL, "test:1:4: anchors are not used in scenes"},
    {"<<: {lesson: [{caption: a}]}\n", NULL, "test:1:1: unknown section '<<'"},
    {"lesson:\n - caption: a\nlesson:\n - caption: b\n", NULL,
     "test:3:1: 'lesson' stands here for the second time; the first is in line 1"},
    {"? [a]\n: b\n", NULL, "test:1:3: a key must be a plain name"},
    {"? ? ? a\n", NULL, "test:1:3: a key must be a plain name"},
    {"*a : b\n", NULL, "aliases are not used in scenes"},
    /* encodings */
    {BOM "lesson:\n - caption: a\n", "a", NULL},
    {"lesson:\n - caption: a" BOM "b\n", NULL, "test:2:14: byte 0xef is no UTF-8 text"},
    {"\xff\xfel\0e\0", NULL, "test:1:1: byte 0xff is no UTF-8 text"},
    {"lesson:\n - caption: \x1b[31m\n", NULL, "test:2:13: byte 0x1b is no UTF-8 text"},
    {"lesson:\n - caption: a\xc2\x85"
     "b\n",
     NULL, "test:2:14: byte 0xc2"},
    {"lesson:\n - caption: a\xe2\x80\xa8"
     "b\n",
     NULL, "test:2:14: byte 0xe2"},
    {"lesson:\n - caption: \xc0\xaf\n", NULL, "test:2:13: byte 0xc0"},
    {"lesson:\r - caption: \xed\xa0\x80\r", NULL, "test:2:13: byte 0xed"},
    /* what made an earlier parser free twice */
    {"?  ...# x|b: \t- !t \\n \tkey: value>-key: value", NULL, "test:1:"},
    {"? - a: 'b\n", NULL, "test:1:3: a key must be a plain name"},
};

static bool is_as_expected(const text_case *c) {
    kr_scene scene;
    kr_error error = {.message = ""};
    kr_status status = kr_scene_parse(&scene, registry, "test", NULL, c->text, NULL, 0, &error);
    const char *found = status ? error.message : scene.lesson_count ? scene.lesson[0].caption : "";
    bool good = c->caption ? !status && !strcmp(found, c->caption) : status && strstr(found, c->message);
    if (!good) print_error("'%s' gives '%s', not '%s'\n", c->text, found, c->caption ? c->caption : c->message);
    if (!status) kr_scene_destroy(&scene);
    return good;
}

static void each_text_has_its_value_or_message(void **state) {
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) wrong += !is_as_expected(&cases[i]);
    assert_int_equal(wrong, 0);
}

/* Escapes of a text do not reach the terminal through a message. */
static void messages_have_no_control_characters(void **state) {
    (void)state;
    kr_scene scene;
    kr_error error;
    assert_int_equal(kr_scene_parse(&scene, registry, "test", NULL, "landscape: \"\\e[31m\\n\\u009bx\"\n", NULL, 0, &error),
                     KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "unknown landscape '?[31m???x'"));
}

/* ---- large texts ---- */

static char *repeat(const char *before, const char *what, size_t times, const char *after) {
    size_t length = strlen(what), begin = strlen(before);
    char *text = malloc(begin + times * length + strlen(after) + 1), *at = text + begin;
    assert_non_null(text);
    memcpy(text, before, begin);
    for (size_t i = 0; i < times; i++, at += length) memcpy(at, what, length);
    memcpy(at, after, strlen(after) + 1);
    return text;
}

/* Within two processor seconds, and seen with this message; NULL: read. */
static void assert_quick(char *text, const char *message) {
    kr_scene scene;
    kr_error error = {.message = ""};
    clock_t begin = clock();
    kr_status status = kr_scene_parse(&scene, registry, "test", NULL, text, NULL, 0, &error);
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    if (message && (!status || !strstr(error.message, message))) fail_msg("gives '%s', not '%s'", error.message, message);
    if (!message && status) fail_msg("%s", error.message);
    if (seconds > 2) fail_msg("'%.40s...' took %g s", text, seconds);
    if (!status) kr_scene_destroy(&scene);
    free(text);
}

static void large_texts_are_quick(void **state) {
    (void)state;
    const char *deep = "this is nested too deeply for a scene";
    assert_quick(repeat("a: ", "[", 100000, ""), deep);
    assert_quick(repeat("a: ", "{a: ", 100000, ""), deep);
    assert_quick(repeat("", "? ", 100000, ""), "a key must be a plain name");
    assert_quick(repeat("", "- ", 100000, ""), deep);
    assert_quick(repeat("lesson: [{caption: \"", "a ", 400000, "\"}]"), NULL);
    assert_quick(repeat("lesson:\n - caption: >\n", "     a b c d\n", 60000, ""), NULL);
    assert_quick(repeat("lesson:\n - caption: |\n", "\n", 800000, "     a\n"), NULL);
    assert_quick(repeat("", "# c\n", 200000, "schedule: {lr: 0.1}\n"), NULL);
    assert_quick(repeat("a", "a", 900000, ": 1\n"), "a ':' has no place here");
    assert_quick(repeat("a: [", "1,", 400000, "1]\n"), "unknown section 'a'");
    assert_quick(repeat("ensemble: {start: {point: [", "1,", 400000, "1]}}\n"), "point has 400001 coordinates");
    char *many = malloc(800000), *at = many;
    assert_non_null(many);
    for (int i = 0; i < 90000; i++) at += sprintf(at, "k%d:\n", i);
    assert_quick(many, "test:1:1: this map has more than 4096 entries; is this a scene?");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_text_has_its_value_or_message),
                                       cmocka_unit_test(messages_have_no_control_characters),
                                       cmocka_unit_test(large_texts_are_quick)};
    if (getenv("KRAMERS_TEST_SKIP")) cmocka_set_skip_filter(getenv("KRAMERS_TEST_SKIP")); /* a round that has less time */
    return cmocka_run_group_tests(tests, open_registry, NULL);
}
