/* A process that a signal ends takes what it is building with it, and nothing that has a name or is to be kept. */
#include "assert_close.h"

#include <kramers/fresh_file.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static kr_fresh_file begin(const char *path) {
    kr_fresh_file file;
    kr_error error;
    assert_int_equal(kr_fresh_file_begin(&file, path, false, -1, &error), KR_OK);
    return file;
}

static void what_is_being_built_is_removed(void **state) {
    (void)state;
    kr_fresh_file file = begin("fresh_removed");
    assert_int_equal(access(file.temporary, F_OK), 0);
    kr_fresh_files_remove();
    assert_int_not_equal(access(file.temporary, F_OK), 0);
    kr_fresh_file_end(&file);
    assert_int_not_equal(access("fresh_removed", F_OK), 0);
}

static void what_has_its_name_stays(void **state) {
    (void)state;
    kr_error error;
    kr_fresh_file file = begin("fresh_named");
    assert_int_equal(kr_fresh_file_publish(&file, &error), KR_OK);
    kr_fresh_files_remove();
    kr_fresh_file_end(&file);
    assert_int_equal(unlink("fresh_named"), 0);
}

static void what_is_kept_stays(void **state) {
    (void)state;
    kr_fresh_file file = begin("fresh_kept");
    char *name = strdup(file.temporary);
    kr_fresh_file_keep(&file);
    kr_fresh_files_remove();
    kr_fresh_file_end(&file);
    assert_int_equal(unlink(name), 0);
    free(name);
}

/* What ended leaves its place to others, however many come. */
static void places_are_free_again(void **state) {
    (void)state;
    for (int i = 0; i < 100; i++) {
        kr_fresh_file file = begin("fresh_again");
        kr_fresh_file_end(&file);
    }
    what_is_being_built_is_removed(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_being_built_is_removed), cmocka_unit_test(what_has_its_name_stays),
                                       cmocka_unit_test(what_is_kept_stays), cmocka_unit_test(places_are_free_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
