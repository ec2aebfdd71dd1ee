/* Data sets: what comes with the program, files of others, and what is wrong with them. */
#include "datasets/dataset.h"

#include "assert_close.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static void digits_are_those_of_the_file(void **state) {
    (void)state;
    kr_error error = {0};
    kr_dataset *digits;
    kr_dataset_source source = {.data = "digits"};
    size_t inputs, classes;
    assert_int_equal(kr_dataset_shape(&source, "/nowhere", &inputs, &classes, &error), KR_OK);
    assert_int_equal(inputs, 64);
    assert_int_equal(classes, 10);
    assert_int_equal(kr_dataset_create(&digits, &source, "/nowhere", &error), KR_OK);
    static const size_t count[2] = {1437, 360};
    for (int part = 0; part < 2; part++) {
        const kr_data *data = &digits->part[part];
        assert_int_equal(data->count, count[part]);
        assert_int_equal(data->inputs, 64);
        assert_int_equal(data->classes, 10);
        assert_int_equal(data->rows, 8);
        assert_int_equal(data->columns, 8);
        double largest = 0, sum = 0;
        for (size_t k = 0; k < data->count * data->inputs; k++) {
            largest = data->input[k] > largest ? data->input[k] : largest;
            sum += data->input[k];
        }
        assert_close(largest, 1, 0, 0);
        for (size_t m = 0; m < data->count; m++) assert_true(data->label[m] < 10);
    }
    assert_int_equal(digits->part[0].label[0], 0); /* the first image is a 0, its third pixel 5 of 16 */
    assert_close(digits->part[0].input[2], 5.0 / 16, 0, 0);
    kr_dataset_destroy(digits);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_those_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
