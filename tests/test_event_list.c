/* A list of first passages keeps all of them in order, however they come, and its memory once it is emptied. */
#include <kramers/event_list.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MOST = 1000 };

static void keeps_what_it_is_given(void **state) {
    (void)state;
    kr_event_list list = {0};
    kr_event event[MOST];
    size_t total = 0;
    for (uint64_t i = 0; i < MOST; i++) event[i] = (kr_event){.step = i, .particle = 3 * i, .duration = 5 * i, .target = 7};
    assert_true(kr_event_list_add(&list, NULL, 0));
    assert_null(list.event);
    for (size_t count = 0; total + count <= MOST; total += count++) assert_true(kr_event_list_add(&list, event + total, count));
    assert_int_equal(list.count, total);
    assert_true(list.capacity >= total);
    for (size_t i = 0; i < total; i++) assert_memory_equal(&list.event[i], &event[i], sizeof event[i]);
    kr_event_list_destroy(&list);
    assert_null(list.event);
    assert_int_equal(list.count + list.capacity, 0);
}

static void emptied_it_keeps_its_memory(void **state) {
    (void)state;
    kr_event_list list = {0};
    kr_event event = {.step = 1};
    for (int i = 0; i < MOST; i++) assert_true(kr_event_list_add(&list, &event, 1));
    const kr_event *memory = list.event;
    size_t capacity = list.capacity;
    list.count = 0;
    for (int i = 0; i < MOST; i++) assert_true(kr_event_list_add(&list, &event, 1));
    assert_ptr_equal(list.event, memory);
    assert_int_equal(list.capacity, capacity);
    kr_event_list_destroy(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_it_is_given),
        cmocka_unit_test(emptied_it_keeps_its_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
