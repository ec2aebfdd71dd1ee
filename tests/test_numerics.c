/* Roots, integrals, panels, minima, symmetric eigenvalues and exact intervals against closed forms, and what they say when there is
 * no answer. */
#include "assert_close.h"

#include "numerics/adaptive_panels.h"
#include "numerics/eigen.h"
#include "numerics/gauss_legendre.h"
#include "numerics/integral.h"
#include "numerics/minimum.h"
#include "numerics/root.h"

#include <kramers/confidence.h>

#include <math.h>

static double cubic(double x, void *context) {
    (void)context;
    return x * x * x - 2.0;
}

/* Not finite between two places of different sign. */
static double torn(double x, void *context) {
    (void)context;
    return fabs(x) < 0.5 ? NAN : x;
}

static void roots(void **state) {
    (void)state;
    assert_close(kr_root(cubic, NULL, 0.0, 2.0, 0.0, 0.0), cbrt(2.0), 4e-16, 0);
    assert_close(kr_root(cubic, NULL, 2.0, 0.0, 1e-3, 0.0), cbrt(2.0), 0, 1e-3);
    assert_true(isnan(kr_root(cubic, NULL, 2.0, 3.0, 0.0, 0.0)));
    assert_true(isnan(kr_root(torn, NULL, -1.0, 2.0, 0.0, 0.0)));
    assert_close(kr_first_positive(cubic, NULL, -1.0, 1.0, 1.0), cbrt(2.0), 4e-16, 0);
    assert_true(isnan(kr_first_positive(cubic, NULL, -1.0, -1.0, 1.0)));
}

static bool below_two(double x, void *context) {
    (*(int *)context)++;
    return x * x < 2.0;
}

static void bisection_ends_between_neighbours(void **state) {
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        int calls = 0;
        double inside = 0.1 * sign, outside = 7.0 * sign;
        kr_bisect(below_two, &calls, &inside, &outside);
        assert_true(inside * inside < 2.0 && outside * outside >= 2.0);
        assert_true(nextafter(inside, outside) == outside);
        assert_in_range(calls, 40, 80);
    }
}

static double pole(double x, void *context) {
    (void)context;
    return 1.0 / x;
}

static double bell(double x, void *context) {
    (void)context;
    return exp(-x * x);
}

static double minus_log(double x, void *context) {
    (void)context;
    return -log(x);
}

static void integrals(void **state) {
    (void)state;
    assert_close(kr_integral(bell, NULL, -8.0, 8.0, 1e-12, 1e-12), sqrt(acos(-1.0)), 1e-13, 0);
    assert_close(kr_integral(bell, NULL, 8.0, -8.0, 1e-12, 1e-12), -sqrt(acos(-1.0)), 1e-13, 0);
    assert_close(kr_integral_singular(minus_log, NULL, 0.0, 1.0, 1e-12, 1e-12), 1.0, 1e-12, 0);
    assert_true(isnan(kr_integral(pole, NULL, 0.0, 1.0, 1e-10, 1e-8)));
    assert_true(isnan(kr_integral(torn, NULL, -1.0, 1.0, 1e-10, 1e-8)));
}

static double variation_of_exp(const void *context, double a, double b) {
    return b <= *(const double *)context ? exp(b) - exp(a) : NAN;
}

static double sum_over(const kr_panels *panels, const kr_gauss_rule *rule) {
    double sum = 0.0, x[KR_GAUSS_NODES];
    for (size_t k = 0; k < panels->count; k++) {
        double half = kr_gauss_nodes(rule, 1, panels->edge[k], panels->edge[k + 1], x);
        for (size_t i = 0; i < KR_GAUSS_NODES; i++) sum += half * rule->weight[i] * exp(x[i]);
    }
    return sum;
}

static void panels_are_narrow_where_a_function_varies(void **state) {
    (void)state;
    double end = 6.0, limit = 3.0, widest = 1.5;
    kr_gauss_rule rule;
    kr_panels panels;
    kr_gauss_rule_make(&rule);
    assert_true(kr_panels_create(&panels, 2000, -6.0));
    assert_true(kr_panels_append(&panels, 0.0, widest, limit, variation_of_exp, &end));
    assert_true(kr_panels_append(&panels, end, widest, limit, variation_of_exp, &end));
    bool at_zero = false;
    for (size_t k = 0; k < panels.count; k++) {
        double a = panels.edge[k], b = panels.edge[k + 1];
        assert_true(b > a && b - a <= widest && exp(b) - exp(a) <= limit);
        at_zero = at_zero || b == 0.0;
    }
    assert_true(at_zero && panels.edge[panels.count] == end && isnan(panels.stuck));
    assert_in_range(panels.count, 4 + 403 / 3, 4 + 2 * 403 / 3);
    assert_close(sum_over(&panels, &rule), exp(6.0) - exp(-6.0), 1e-15, 0);
    kr_panels_destroy(&panels);
}

static void panels_that_cannot_be_made(void **state) {
    (void)state;
    double end = 1.0;
    kr_panels panels;
    assert_true(kr_panels_create(&panels, 7, 0.0));
    assert_false(kr_panels_append(&panels, 1.0, 0.125, 9.0, variation_of_exp, &end)); /* eight are needed */
    assert_true(panels.count == 7 && isnan(panels.stuck));
    kr_panels_destroy(&panels);
    assert_true(kr_panels_create(&panels, 8, 0.0));
    assert_true(kr_panels_append(&panels, 1.0, 0.125, 9.0, variation_of_exp, &end));
    assert_false(kr_panels_append(&panels, 3.0, 0.125, 9.0, variation_of_exp, &end)); /* not finite above 1 */
    assert_true(panels.stuck == 2.0);
    kr_panels_destroy(&panels);
}

static void nodes_of_equal_panels(void **state) {
    (void)state;
    enum { PANELS = 3, N = PANELS * KR_GAUSS_NODES };
    kr_gauss_rule rule;
    double x[N], sum = 0.0;
    kr_gauss_rule_make(&rule);
    double half = kr_gauss_nodes(&rule, PANELS, -1.0, 2.0, x);
    assert_close(half, 0.5, 1e-15, 0);
    for (size_t i = 0; i < N; i++) sum += half * rule.weight[i % KR_GAUSS_NODES] * pow(x[i], 9.0);
    assert_close(sum, (1024.0 - 1.0) / 10.0, 1e-14, 0);
    for (size_t i = 1; i < N; i++) assert_true(x[i] > x[i - 1]);
}

static double bowl(double x, void *context) {
    return (x - *(double *)context) * (x - *(double *)context);
}

static void minima(void **state) {
    (void)state;
    double at = 0.3;
    assert_close(kr_minimum(bowl, &at, -1.0, 0.0, 1.0, 1e-8), 0.3, 0, 1e-8);
    assert_true(kr_minimum(bowl, &at, 0.5, 0.7, 1.0, 1e-8) == 0.7); /* it lies outside */
}

static void eigenvalues_ascend(void **state) {
    (void)state;
    /* The chain of springs: 2 - 2 cos(k pi / 5). */
    enum { N = 4 };
    double matrix[N * N] = {0}, value[N], vector[N * N], again[N * N];
    for (size_t i = 0; i < N; i++) {
        matrix[i * N + i] = 2.0;
        if (i) matrix[i * N + i - 1] = matrix[(i - 1) * N + i] = -1.0;
    }
    for (size_t k = 0; k < N * N; k++) again[k] = matrix[k];
    assert_true(kr_symmetric_eigen(N, again, value, vector));
    for (size_t k = 0; k < N; k++) {
        assert_close(value[k], 2.0 - 2.0 * cos((double)(k + 1) * acos(-1.0) / 5.0), 1e-14, 0);
        for (size_t i = 0; i < N; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < N; j++) sum += matrix[i * N + j] * vector[k * N + j];
            assert_close(sum, value[k] * vector[k * N + i], 0, 1e-14);
        }
    }
    for (size_t k = 0; k < N * N; k++) again[k] = matrix[k];
    double alone[N];
    assert_true(kr_symmetric_eigen(N, again, alone, NULL));
    for (size_t k = 0; k < N; k++) assert_close(alone[k], value[k], 1e-14, 0);
    matrix[1] = NAN;
    assert_false(kr_symmetric_eigen(N, matrix, value, vector));
}

static void a_confidence_that_is_none(void **state) {
    (void)state;
    static const double wrong[] = {0.0, 1.0, -0.5, 2.0, NAN};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_true(isnan(kr_poisson_interval(3, wrong[i]).low));
        assert_true(isnan(kr_binomial_interval(3, 7, wrong[i]).high));
    }
    /* Clopper and Pearson of 3 in 7 */
    assert_close(kr_binomial_interval(3, 7, 0.95).low, 0.09898828, 1e-6, 0);
    assert_close(kr_binomial_interval(3, 7, 0.95).high, 0.81594843, 1e-6, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(roots),
                                       cmocka_unit_test(bisection_ends_between_neighbours),
                                       cmocka_unit_test(integrals),
                                       cmocka_unit_test(panels_are_narrow_where_a_function_varies),
                                       cmocka_unit_test(panels_that_cannot_be_made),
                                       cmocka_unit_test(nodes_of_equal_panels),
                                       cmocka_unit_test(minima),
                                       cmocka_unit_test(eigenvalues_ascend),
                                       cmocka_unit_test(a_confidence_that_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
