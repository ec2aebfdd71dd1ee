/* The landscape formula: its functions and derivatives against other arithmetic, and what is found out about it. */
#include "formula_fixture.h"

#include "formula/elementary.h"
#include "formula/expression.h"

#include <kramers/critical_points.h>

#include <float.h>

enum { POINTS = 1000 };

/* ---- functions ---- */

static double error_ulp(double value, long double exact) {
    int exponent;
    frexpl(exact, &exponent);
    if (exponent < DBL_MIN_EXP) exponent = DBL_MIN_EXP;
    return (double)fabsl(((long double)value - exact) / ldexpl(1.0L, exponent - DBL_MANT_DIG));
}

static double sine(double x) {
    double s, c;
    kr_sincos(x, &s, &c);
    return s;
}

static double cosine(double x) {
    double s, c;
    kr_sincos(x, &s, &c);
    return c;
}

static double tangent(double x) {
    double s, c;
    kr_sincos(x, &s, &c);
    return s / c;
}

static void functions_are_exact_to_a_few_ulp(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double (*ours)(double);
        long double (*exact)(long double);
        double low, high, most; /* at 10^high and 10^low, both signs */
        bool negative;
    } function[] = {{"sin", sine, sinl, -8, 9, 3, true},         {"cos", cosine, cosl, -8, 9, 3, true},
                    {"tan", tangent, tanl, -8, 9, 4.5, true},    {"sinh", kr_sinh, sinhl, -8, 2.84, 3, true},
                    {"cosh", kr_cosh, coshl, -8, 2.84, 3, true}, {"tanh", kr_tanh, tanhl, -8, 2, 3, true},
                    {"atan", kr_atan, atanl, -8, 12, 2, true},   {"log", kr_log_any, logl, -320, 308, 2, false}};
    bool good = true;
    for (size_t f = 0; f < sizeof function / sizeof *function; f++) {
        double worst = 0;
        for (uint64_t i = 1; i <= 400000; i++) {
            double x = pow(10, function[f].low + (function[f].high - function[f].low) * point(i));
            if (function[f].negative && i % 2) x = -x;
            worst = fmax(worst, error_ulp(function[f].ours(x), function[f].exact(x)));
        }
        print_message("largest error of %s: %.3f ulp\n", function[f].name, worst);
        good = good && worst < function[f].most;
    }
    assert_true(good);
}

static void functions_at_the_edges(void **state) {
    (void)state;
    double (*const all[])(double) = {sine, cosine, tangent, kr_sinh, kr_cosh, kr_tanh, kr_atan, kr_log_any, kr_sign};
    for (size_t f = 0; f < sizeof all / sizeof *all; f++) assert_true(isnan(all[f](NAN)));
    assert_true(sine(0) == 0 && cosine(0) == 1 && kr_sinh(0) == 0 && kr_cosh(0) == 1 && kr_tanh(0) == 0 && kr_atan(0) == 0);
    assert_true(kr_log_any(0) == -INFINITY && isnan(kr_log_any(-1)) && kr_log_any(INFINITY) == INFINITY && kr_log_any(1) == 0);
    assert_true(kr_tanh(INFINITY) == 1 && kr_tanh(-INFINITY) == -1 && kr_sinh(-INFINITY) == -INFINITY &&
                kr_cosh(INFINITY) == INFINITY);
    assert_close(kr_atan(INFINITY), acos(0), 1e-16, 0);
    assert_true(isnan(sine(1e10)) && isnan(sine(INFINITY)));
    assert_true(kr_power(0, 0.3) == 0 && kr_power(0, -0.3) == INFINITY && isnan(kr_power(-1, 0.3)));
    assert_true(isnan(kr_least(NAN, 1)) && isnan(kr_least(1, NAN)) && isnan(kr_most(NAN, 1)) && isnan(kr_most(1, NAN)));
}

/* ---- derivatives ---- */

/* Rest of the scene, and the box of points to try it at. */
static const struct {
    const char *rest;
    double low, high;
} smooth[] = {
    {"potential: 'h*(x^2-1)^2 + c*x + k*y^2/2', variables: [x, y], h: 1, c: 0.1, k: 2", -2, 2},
    {"potential: '100*(y-x^2)^2 + (1-x)^2', variables: [x, y]", -2, 2},
    {"potential: 'x^2*y^3/(1 + z^2) - x*y*z', variables: [x, y, z]", -2, 2},
    {"potential: 'exp(-x^2-y^2)*sin(3*x)*cos(2*y)', variables: [x, y]", -2, 2},
    {"potential: 'log(1 + exp(x + 2*y)) - x', variables: [x, y]", -3, 3},
    {"potential: 'sqrt(1 + x^2 + x*y + y^2)', variables: [x, y]", -3, 3},
    {"potential: 'tanh(x*y) + atan(x - y) + sinh(x/3)*cosh(y/2)', variables: [x, y]", -2, 2},
    {"potential: 'tan(x/3)^2 + pow(x^2 + 1, -1.3)', variables: [x]", -3, 3},
    {"potential: 'x^y + y^(x/2) + 2^x + e^(-y)', variables: [x, y]", 0.5, 3},
    {"potential: 'x^-3 + 1/x^2 + x^1.5 + x^-0.5 + x^0.3', variables: [x]", 0.5, 3},
    {"potential: 'abs(x)^p*exp(-abs(y)) + min(x, 0.1*y) - max(x*y, 0, y)', variables: [x, y], p: 2.7", 0.2, 2},
    {"potential: '-(x - a)^2^2 / -b + (((x)))', variables: [x], a: 0.3, b: 2", -2, 2},
    {"potential: 'log(exp(a) + exp(b) + exp(c) + exp(d) + exp(f))', variables: [a, b, c, d, f]", -3, 3},
    {"potential: '-k*exp(-((x-1)^2+y^2)/(2*s^2)) - exp(-((x+1)^2+y^2)/(2*s^2)) + (x^2+y^2)/10', variables: [x, y], k: 2, s: 0.5",
     -2, 2},
    {"potential: '(w*tanh(u*0.7 + b) - 0.3)^2/2 + (w*tanh(-u + b) + 0.5)^2/2', variables: [w, u, b]", -2, 2},
    {"potential: 'x - x + 0*y*x + 3*y - y*3 + x', variables: [x, y]", -2, 2},
};

/* Fourth-order differences, so fine that rounding dominates. */
static double difference(const double f[5], double h) {
    return (8 * (f[3] - f[1]) - (f[4] - f[0])) / (12 * h);
}

static void check_derivatives(const kr_landscape *l, const double *center) {
    size_t dim = l->dim;
    double x[KR_MOST_VARIABLES], gradient[KR_MOST_VARIABLES], beside[5][KR_MOST_VARIABLES], energy[5];
    double *hessian = malloc(dim * dim * sizeof *hessian), curvature[KR_MOST_VARIABLES], h = 1e-3;
    memcpy(x, center, dim * sizeof *x);
    kr_landscape_gradient(l, 1, x, gradient);
    kr_landscape_hessian(l, 1, x, hessian);
    kr_landscape_curvature(l, 1, x, curvature);
    for (size_t i = 0; i < dim; i++) {
        for (int k = 0; k < 5; k++) {
            x[i] = center[i] + h * (k - 2);
            kr_landscape_energy(l, 1, x, &energy[k]);
            kr_landscape_gradient(l, 1, x, beside[k]);
        }
        x[i] = center[i];
        double size = fmax(1, fabs(energy[2])), steep = 1;
        for (size_t j = 0; j < dim; j++) steep = fmax(steep, fabs(gradient[j]));
        assert_close(gradient[i], difference(energy, h), 1e-8, 2e-10 * size);
        assert_close(curvature[i], hessian[i * dim + i], 0, 0);
        for (size_t j = 0; j < dim; j++) {
            const double row[5] = {beside[0][j], beside[1][j], beside[2][j], beside[3][j], beside[4][j]};
            assert_close(hessian[i * dim + j], difference(row, h), 1e-8, 2e-9 * steep);
            assert_close(hessian[i * dim + j], hessian[j * dim + i], 0, 0);
        }
    }
    free(hessian);
}

static void derivatives_agree_with_differences(void **state) {
    (void)state;
    for (size_t f = 0; f < sizeof smooth / sizeof *smooth; f++) {
        made m = make(smooth[f].rest);
        for (uint64_t p = 1; p <= 50; p++) {
            double x[KR_MOST_VARIABLES];
            for (size_t i = 0; i < m.landscape.dim; i++)
                x[i] = smooth[f].low + (smooth[f].high - smooth[f].low) * point(p * m.landscape.dim + i);
            check_derivatives(&m.landscape, x);
        }
        unmake(&m);
    }
}

/* Of the second formula from the end but one; by hand, in long double. */
static void values_agree_with_long_double(void **state) {
    (void)state;
    made m = make("potential: 'exp(-x^2)*sin(3*y) + log(1 + x^2*y^2) + sqrt(2 + x)*tanh(y)', variables: [x, y]");
    for (uint64_t p = 1; p <= POINTS; p++) {
        double at[2] = {3 * point(2 * p) - 1.5, 4 * point(2 * p + 1) - 2}, value, gradient[2];
        long double x = at[0], y = at[1], root = sqrtl(2 + x), mixed = 1 + x * x * y * y;
        kr_landscape_energy(&m.landscape, 1, at, &value);
        kr_landscape_gradient(&m.landscape, 1, at, gradient);
        assert_close(value, (double)(expl(-x * x) * sinl(3 * y) + logl(mixed) + root * tanhl(y)), 1e-15, 2e-15);
        assert_close(gradient[0], (double)(-2 * x * expl(-x * x) * sinl(3 * y) + 2 * x * y * y / mixed + tanhl(y) / (2 * root)),
                     2e-15, 5e-15);
        assert_close(gradient[1], (double)(3 * expl(-x * x) * cosl(3 * y) + 2 * x * x * y / mixed + root / (coshl(y) * coshl(y))),
                     2e-15, 5e-15);
    }
    unmake(&m);
}

/* Particles that have left the domain of a logarithm must not go on with the slope 1/x of another branch. */
static void there_is_no_slope_where_there_is_no_value(void **state) {
    (void)state;
    static const char *const formula[] = {"potential: 'x - log(x)', variables: [x]", "potential: 'x + x^1.5', variables: [x]",
                                          "potential: 'x + sqrt(x)', variables: [x]", "potential: 'x^y', variables: [x, y]",
                                          "potential: 'x + x^0.3', variables: [x]"};
    for (size_t f = 0; f < sizeof formula / sizeof *formula; f++) {
        made m = make(formula[f]);
        double x[2] = {-0.5, 1.2}, energy, slope[2], hessian[4];
        kr_landscape_energy(&m.landscape, 1, x, &energy);
        kr_landscape_gradient(&m.landscape, 1, x, slope);
        kr_landscape_hessian(&m.landscape, 1, x, hessian);
        assert_true(isnan(energy) && isnan(slope[0]) && isnan(hessian[0]));
        unmake(&m);
    }
}

static void kinks_have_the_slopes_beside_them(void **state) {
    (void)state;
    made m = make("potential: 'abs(x) + max(x, 2*x) + abs(x)^1.5', variables: [x]");
    double x[3] = {-1, 0, 1}, slope[3], bend[3], energy[3];
    kr_landscape_energy(&m.landscape, 3, x, energy);
    kr_landscape_gradient(&m.landscape, 3, x, slope);
    kr_landscape_curvature(&m.landscape, 1, x, bend);
    assert_close(energy[0], 1, 0, 0);
    assert_close(slope[0], -1 + 1 - 1.5, 1e-15, 0);
    assert_true(slope[1] == 1 || slope[1] == 2); /* sign(0) = 0; one of both slopes of max; 1.5 sqrt(0) */
    assert_close(slope[2], 1 + 2 + 1.5, 1e-15, 0);
    assert_close(bend[0], 0.75, 1e-15, 0);
    unmake(&m);
}

static const struct {
    const char *name, *options, *rest;
} twins[] = {
    {"double_well", "barrier=1.3 tilt=0.2 stiffness=0.7 dim=3",
     "potential: 'h*(x^2-1)^2 + c*x + k*(y^2+z^2)/2', variables: [x, y, z], h: 1.3, c: 0.2, k: 0.7"},
    {"muller_brown", "scale=0.5",
     "potential: 's*(-200*exp(-(x-1)^2 - 10*y^2) - 100*exp(-x^2 - 10*(y-0.5)^2) - 170*exp(-6.5*(x+0.5)^2 + 11*(x+0.5)*(y-1.5) - "
     "6.5*(y-1.5)^2) + 15*exp(0.7*(x+1)^2 + 0.6*(x+1)*(y-1) + 0.7*(y-1)^2))', variables: [x, y], s: 0.5, center: [-0.15, 0.75], "
     "reach: [1.45, 1.35]"},
    {"himmelblau", "", "potential: '(x^2 + y - 11)^2 + (x + y^2 - 7)^2', variables: [x, y]"},
    {"styblinski_tang", "dim=2", "potential: '(x^4 - 16*x^2 + 5*x + y^4 - 16*y^2 + 5*y)/2', variables: [x, y]"},
};

/* The same energies up to a constant, slopes, curvatures and critical points as a landscape in C. */
static void built_in_landscapes_can_be_spelled_out(void **state) {
    (void)state;
    for (size_t t = 0; t < sizeof twins / sizeof *twins; t++) {
        fixture f = fixture_open(twins[t].name, 0, twins[t].options);
        made m = make(twins[t].rest);
        size_t dim = f.landscape.dim;
        kr_critical_points a, b;
        kr_error error;
        assert_int_equal(m.landscape.dim, dim);
        assert_int_equal(m.landscape.type->separable, f.landscape.type->separable);
        if (kr_critical_points_all(&f.landscape, 1000, &a, &error) || kr_critical_points_all(&m.landscape, 1000, &b, &error))
            fail_msg("%s: %s", twins[t].name, error.message);
        assert_true(a.count > 1);
        assert_int_equal(a.count, b.count);
        for (size_t k = 0; k < a.count; k++) {
            assert_int_equal(a.point[k].index, b.point[k].index);
            double scale = f.settings.about && !strcmp(twins[t].name, "himmelblau") ? 0 : 1, x[3], ga[3], gb[3];
            for (size_t i = 0; i < dim; i++) {
                assert_close(a.point[k].position[i], b.point[k].position[i], 1e-9, 1e-9);
                x[i] = a.point[k].position[i] + 0.137;
            }
            kr_landscape_gradient(&f.landscape, 1, x, ga);
            kr_landscape_gradient(&m.landscape, 1, x, gb);
            for (size_t i = 0; scale > 0 && i < dim; i++) assert_close(ga[i], gb[i], 1e-12, 1e-12);
        }
        kr_critical_points_destroy(&a);
        kr_critical_points_destroy(&b);
        unmake(&m);
        fixture_close(&f);
    }
}

static void all_instruction_sets_and_batches_give_the_same_bits(void **state) {
    (void)state;
    const kr_registry *registries[8];
    size_t count = kr_registry_available(registries, 8);
    for (size_t f = 0; f < sizeof smooth / sizeof *smooth; f++) {
        made first = make(smooth[f].rest);
        size_t dim = first.landscape.dim, rows = 1 + dim + dim * dim, one = 1 + dim;
        double *x = malloc(dim * POINTS * sizeof *x), *a = malloc(2 * rows * POINTS * sizeof *a), *b = a + rows * POINTS;
        for (size_t k = 0; k < dim * POINTS; k++) x[k] = smooth[f].low + (smooth[f].high - smooth[f].low) * point(k + 1);
        kr_landscape_energy(&first.landscape, POINTS, x, a);
        kr_landscape_gradient(&first.landscape, POINTS, x, a + POINTS);
        kr_landscape_hessian(&first.landscape, POINTS, x, a + one * POINTS);
        for (size_t r = 0; r < count; r++) {
            made other;
            assert_int_equal(try_in(&other, registries[r], smooth[f].rest, NULL), KR_OK);
            kr_landscape_energy(&other.landscape, POINTS, x, b);
            kr_landscape_gradient(&other.landscape, POINTS, x, b + POINTS);
            kr_landscape_hessian(&other.landscape, POINTS, x, b + one * POINTS);
            assert_memory_equal(a, b, rows * POINTS * sizeof *a);
            unmake(&other);
        }
        for (size_t p = 0; p < POINTS; p += 97) {
            double alone[KR_MOST_VARIABLES], slope[KR_MOST_VARIABLES];
            for (size_t i = 0; i < dim; i++) alone[i] = x[i * POINTS + p];
            kr_landscape_gradient(&first.landscape, 1, alone, slope);
            for (size_t i = 0; i < dim; i++) assert_memory_equal(&slope[i], &a[(1 + i) * POINTS + p], sizeof *slope);
        }
        free(a);
        free(x);
        unmake(&first);
    }
}

/* ---- what a formula is ---- */

static void sums_over_coordinates_are_found(void **state) {
    (void)state;
    static const struct {
        const char *rest;
        bool separable;
    } formula[] = {
        {"potential: 'x^4 - x + exp(y)', variables: [x, y]", true},
        {"potential: 'k*((x^2 + y^2)/2 - 3*(x - cos(y)))/m', variables: [x, y], k: 1, m: 2", true},
        {"potential: '-(x^2 - (y^2 - z))', variables: [x, y, z]", true},
        {"potential: 'x*y', variables: [x, y]", false},
        {"potential: 'c*x*y + x^2 + y^2', variables: [x, y], c: 0", false}, /* whatever the parameters are */
        {"potential: '(x + y)^2', variables: [x, y]", false},
        {"potential: 'x*y/x', variables: [x, y]", false},
        {"potential: 'sin(x)*exp(x)', variables: [x]", true},
    };
    for (size_t f = 0; f < sizeof formula / sizeof *formula; f++) {
        made m = make(formula[f].rest);
        assert_int_equal(m.landscape.type->separable, formula[f].separable);
        unmake(&m);
    }
}

/* Coordinates left out at the end add a constant; tiles are consecutive coordinates. */
static void parts_of_a_sum_answer_alone(void **state) {
    (void)state;
    made m = make("potential: '(x^2-1)^2 + y^4 + 3*y + cosh(z)', variables: [x, y, z]");
    double x[3] = {0.3, -0.7, 1.1}, gradient[3], curvature[3], part[2], bend[2];
    kr_landscape tile = m.landscape;
    kr_landscape_gradient(&m.landscape, 1, x, gradient);
    kr_landscape_curvature(&m.landscape, 1, x, curvature);
    tile.coordinate = 1;
    tile.dim = 2;
    kr_landscape_gradient(&tile, 1, x + 1, part);
    kr_landscape_curvature(&tile, 1, x + 1, bend);
    assert_memory_equal(part, gradient + 1, sizeof part);
    assert_memory_equal(bend, curvature + 1, sizeof bend);
    kr_landscape front = m.landscape;
    front.dim = 1;
    double whole[2], least[2], other[3] = {-0.4, -0.7, 1.1};
    kr_landscape_energy(&m.landscape, 1, x, &whole[0]);
    kr_landscape_energy(&m.landscape, 1, other, &whole[1]);
    kr_landscape_energy(&front, 1, x, &least[0]);
    kr_landscape_energy(&front, 1, other, &least[1]);
    assert_close(whole[1] - whole[0], least[1] - least[0], 1e-14, 0);
    unmake(&m);
}

static void critical_points_are_those_in_the_box(void **state) {
    (void)state;
    static const struct {
        const char *rest;
        size_t count;
    } formula[] = {
        {"potential: 'cos(x) + x^2/1000', variables: [x]", 7},
        {"potential: 'cos(x) + x^2/1000', variables: [x], center: 3, reach: 1", 1},
        {"potential: '((x-30)^2 - 1)^2', variables: [x]", 0},
        {"potential: '((x-30)^2 - 1)^2', variables: [x], center: 30", 3},
        {"potential: '((x/s)^2 - 1)^2 + (y/s)^2 + x*y/s^2/5', variables: [x, y], s: 1e-4, reach: 1e-3", 3},
        {"potential: '(x^2-1)^2+(y^2-1)^2+z^2+x*y*z/3', variables: [x, y, z]", 9},
        {"potential: '(x^2-1)^2+(y^2-1)^2+z^2+x*y*z/3', variables: [x, y, z], center: [1, 1, 0], reach: [0.5, 0.5, 1]", 1},
    };
    for (size_t f = 0; f < sizeof formula / sizeof *formula; f++) {
        made m = make(formula[f].rest);
        kr_critical_points points;
        kr_error error;
        if (kr_critical_points_all(&m.landscape, 1000, &points, &error)) fail_msg("%s", error.message);
        if (points.count != formula[f].count) fail_msg("%s: %zu points", formula[f].rest, points.count);
        kr_critical_points_destroy(&points);
        unmake(&m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_exact_to_a_few_ulp),
        cmocka_unit_test(functions_at_the_edges),
        cmocka_unit_test(derivatives_agree_with_differences),
        cmocka_unit_test(values_agree_with_long_double),
        cmocka_unit_test(there_is_no_slope_where_there_is_no_value),
        cmocka_unit_test(kinks_have_the_slopes_beside_them),
        cmocka_unit_test(built_in_landscapes_can_be_spelled_out),
        cmocka_unit_test(all_instruction_sets_and_batches_give_the_same_bits),
        cmocka_unit_test(sums_over_coordinates_are_found),
        cmocka_unit_test(parts_of_a_sum_answer_alone),
        cmocka_unit_test(critical_points_are_those_in_the_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
