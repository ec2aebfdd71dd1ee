/* Principal axes of covariances that are known, and what they say of those that are none. */
#include "assert_close.h"

#include <kramers/principal_axes.h>

#include <math.h>

enum { DIM = 4 };

/* sum_k variance[k] axis_k axis_k^T of orthogonal axes: rows of a Hadamard matrix. */
static const double wide[DIM] = {0.5, 7.0, 2.0, 0.1};
static const double direction[DIM][DIM] = {
    {0.5, 0.5, 0.5, 0.5}, {-0.5, 0.5, -0.5, 0.5}, {0.5, 0.5, -0.5, -0.5}, {0.5, -0.5, -0.5, 0.5}};

static void covariance_make(double covariance[DIM * DIM]) {
    for (size_t i = 0; i < DIM; i++)
        for (size_t j = 0; j < DIM; j++) {
            covariance[i * DIM + j] = 0.0;
            for (size_t k = 0; k < DIM; k++) covariance[i * DIM + j] += wide[k] * direction[k][i] * direction[k][j];
        }
}

static void the_widest_come_first_and_do_not_flip(void **state) {
    (void)state;
    double covariance[DIM * DIM], before[DIM * DIM], variance[3], axis[3 * DIM];
    kr_error error;
    covariance_make(covariance);
    covariance_make(before);
    assert_int_equal(kr_principal_axes(DIM, covariance, 3, variance, axis, &error), KR_OK);
    const size_t order[] = {1, 2, 0};
    for (size_t k = 0; k < 3; k++) {
        assert_close(variance[k], wide[order[k]], 1e-14, 0);
        double sign = direction[order[k]][0] < 0.0 ? -1.0 : 1.0; /* of entries that are equally large the first is positive */
        for (size_t i = 0; i < DIM; i++) assert_close(axis[k * DIM + i], sign * direction[order[k]][i], 0, 1e-14);
    }
    for (size_t k = 0; k < DIM * DIM; k++) assert_true(covariance[k] == before[k]);
}

static void the_largest_entry_is_positive(void **state) {
    (void)state;
    const double covariance[4] = {0.36, -0.48, -0.48, 0.64}; /* of the direction (0.6, -0.8) alone */
    double variance[2], axis[4];
    kr_error error;
    assert_int_equal(kr_principal_axes(2, covariance, 2, variance, axis, &error), KR_OK);
    assert_close(axis[0], -0.6, 0, 1e-15);
    assert_close(axis[1], 0.8, 0, 1e-15);
    assert_close(variance[0], 1.0, 1e-15, 0);
    assert_close(variance[1], 0.0, 0, 1e-15);
}

static void what_is_no_covariance_is_refused(void **state) {
    (void)state;
    const double torn[4] = {1.0, NAN, NAN, 1.0}, whole[4] = {1.0, 0.0, 0.0, 1.0};
    double variance[3], axis[6];
    kr_error error;
    assert_int_equal(kr_principal_axes(2, torn, 2, variance, axis, &error), KR_BAD_ARGUMENT);
    assert_int_equal(kr_principal_axes(2, whole, 3, variance, axis, &error), KR_BAD_ARGUMENT);
    assert_string_equal(error.message, "3 axes in 2 dimensions");
    assert_int_equal(kr_principal_axes(0, whole, 0, variance, axis, &error), KR_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_widest_come_first_and_do_not_flip),
                                       cmocka_unit_test(the_largest_entry_is_positive),
                                       cmocka_unit_test(what_is_no_covariance_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
