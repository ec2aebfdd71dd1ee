/* The landscape formula: its functions and derivatives against other arithmetic, its text against what it refuses, its parameters.
 */
#include "landscape_fixture.h"
#include "scene_errors.h"

#include "formula/elementary.h"
#include "formula/expression.h"
#include "scene/scene_parts.h"

#include <kramers/critical_points.h>

#include <float.h>

enum { POINTS = 1000 };

typedef struct made {
    kr_scene scene;
    kr_landscape landscape;
} made;

static kr_status try_in(made *m, const kr_registry *registry, const char *rest, kr_error *error) {
    size_t size = strlen(rest) + 64;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(text, size, "landscape: {name: formula, %s}\n", rest);
    kr_status status = kr_scene_parse(&m->scene, registry, "test", ".", text, NULL, 0, error);
    free(text);
    if (status) return status;
    status = kr_landscape_create(&m->landscape, (const kr_landscape_type *)m->scene.landscape.about, m->scene.landscape.values,
                                 NULL, 0, error);
    if (status) kr_scene_destroy(&m->scene);
    return status;
}

static const kr_registry *any_registry(void) {
    const kr_registry *registry;
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    return registry;
}

/* rest: what stands behind the name in a scene. */
static made make(const char *rest) {
    made m;
    kr_error error;
    if (try_in(&m, any_registry(), rest, &error)) fail_msg("%s: %s", rest, error.message);
    return m;
}

static void unmake(made *m) {
    kr_landscape_destroy(&m->landscape);
    kr_scene_destroy(&m->scene);
}

/* A fixed low-discrepancy sequence in (0, 1). */
static double point(uint64_t i) {
    return ((double)((i * UINT64_C(0x9e3779b97f4a7c15)) >> 11) + 0.5) * 0x1p-53;
}

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

/* ---- parameters ---- */

static kr_scene parse(const char *text, const char *const *set, size_t count) {
    kr_scene scene;
    kr_error error;
    if (kr_scene_parse(&scene, any_registry(), "test", ".", text, set, count, &error)) fail_msg("%s", error.message);
    return scene;
}

#define WELL "landscape: {name: formula, potential: 'h*(x^2-1)^2 + c*x', variables: [x], h: 1, c: 0.1}\n"

static void names_are_parameters(void **state) {
    (void)state;
    const char *set[] = {"landscape.h=2.5"};
    kr_scene scene = parse(WELL, set, 1), again, copy;
    kr_error error;
    char *text;
    const kr_parameter *h = kr_scene_parameter(&scene, "landscape.h");
    assert_non_null(h);
    assert_int_equal(h->type, KR_NUMBER);
    assert_true(kr_get_number(&scene.landscape, h) == 2.5);
    assert_null(kr_scene_parameter(&scene, "landscape.k"));
    /* Written and read again it is the same scene, with the same descriptor. */
    assert_int_equal(kr_scene_write(&scene, &text, &error), KR_OK);
    assert_non_null(strstr(text, "variables: [x]"));
    again = parse(text, NULL, 0);
    assert_true(kr_scene_equal(&scene, &again));
    assert_ptr_equal(scene.landscape.about, again.landscape.about);
    assert_int_equal(kr_scene_copy(&copy, &scene, &error), KR_OK);
    assert_true(kr_scene_equal(&scene, &copy));
    free(text);
    kr_scene_destroy(&copy);
    kr_scene_destroy(&again);
    kr_scene_destroy(&scene);
}

static void another_formula_drops_the_names_of_the_old_one(void **state) {
    (void)state;
    const char *set[] = {"landscape.potential=k*x^2+h*y^2", "landscape.variables=[x, y]", "landscape.k=3"};
    kr_scene scene = parse(WELL, set, 3);
    assert_null(kr_scene_parameter(&scene, "landscape.c"));
    assert_true(kr_get_by_name(scene.landscape.about, scene.landscape.values, "k", 0) == 3);
    assert_true(kr_get_by_name(scene.landscape.about, scene.landscape.values, "h", 0) == 1);
    assert_int_equal(((const kr_landscape_type *)scene.landscape.about)->dim, 2);
    kr_scene_destroy(&scene);
    const char *other[] = {"landscape.name=harmonic"};
    scene = parse(WELL, other, 1);
    assert_string_equal(scene.landscape.about->name, "harmonic");
    kr_scene_destroy(&scene);
}

/* As the window's fields and sliders change a scene that runs. */
static void a_scene_changes_while_it_runs(void **state) {
    (void)state;
    kr_scene scene = parse(WELL, NULL, 0), changed;
    kr_error error;
    const kr_setting slider = {"landscape.h", kr_number_value(1.75)},
                     field = {"landscape.potential", kr_text_value("h*x^4 - c*x^2")},
                     wrong = {"landscape.potential", kr_text_value("h*x^4 - q*x^2")};
    const kr_setting both[] = {{"landscape.variables", kr_text_value("x, y")},
                               {"landscape.potential", kr_text_value("h*x^4 + y^2")}};
    assert_int_equal(kr_scene_change_values(&changed, &scene, &slider, 1, "scene", &error), KR_OK);
    assert_ptr_equal(changed.landscape.about, scene.landscape.about);
    assert_true(kr_get_by_name(changed.landscape.about, changed.landscape.values, "h", 0) == 1.75);
    kr_scene_destroy(&changed);
    assert_int_equal(kr_scene_change_values(&changed, &scene, &field, 1, "scene", &error), KR_OK);
    assert_string_equal(((const char *const *)changed.landscape.values)[0], "h*x^4 - c*x^2");
    kr_scene_destroy(&changed);
    assert_int_equal(kr_scene_change_values(&changed, &scene, both, 2, "scene", &error), KR_OK);
    assert_null(kr_scene_parameter(&changed, "landscape.c"));
    kr_scene_destroy(&changed);
    assert_int_equal(kr_scene_change_values(&changed, &scene, &wrong, 1, "scene", &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "potential, column 9: unknown name 'q'"));
    kr_scene_destroy(&scene);
}

static void bad_formulas_are_refused_with_the_column(void **state) {
    (void)state;
#define BAD(rest) "landscape: {name: formula, " rest "}\n"
    static const broken_scene broken[] = {
        {BAD("potential: 'h*x^2 + c*xx', variables: [x], h: 1, c: 1"), NULL,
         "test:1:39: potential, column 11: unknown name 'xx'; did you mean 'x'?"},
        {BAD("potential: 'h*x^2', variables: [x]"), NULL,
         "column 1: unknown name 'h'; list it in variables, or give it a value in the scene (h: 1)"},
        {BAD("potential: 'h*x^2', variables: [x], h: 1, g: 2"), NULL,
         "test:1:70: unknown parameter of landscape 'formula' 'g'; there are potential, variables"},
        {BAD("potential: 'height*x^2', variables: [x], hieght: 1"), NULL,
         "column 1: unknown name 'height'; did you mean 'hieght'?"},
        {BAD("potential: 'cso(x)', variables: [x]"), NULL, "column 1: unknown function 'cso'; did you mean 'cos'?"},
        {BAD("potential: '1 + ln(x)', variables: [x]"), NULL, "column 5: unknown function 'ln'; did you mean 'log'?"},
        {BAD("potential: 'gamma(x)', variables: [x]"), NULL, "unknown function 'gamma'; there are abs, atan, cos"},
        {BAD("potential: 'x(1+x)', variables: [x]"), NULL, "column 1: 'x' is no function; a product is written x*(...)"},
        {BAD("potential: '(x^2-1', variables: [x]"), NULL, "column 7: expected ')' for the '(' in column 1, not the end"},
        {BAD("potential: 'x^2)', variables: [x]"), NULL, "column 4: there is no '(' for this ')'"},
        {BAD("potential: '2x', variables: [x]"), NULL, "column 2: expected an operator, not 'x'; a product is written with *"},
        {BAD("potential: 'x + ', variables: [x]"), NULL, "column 5: expected a number, a name or '(', not the end"},
        {BAD("potential: '', variables: [x]"), NULL, "column 1: expected a number"},
        {BAD("potential: 'x\xc2\xb2 + q', variables: [x]"), NULL, "column 2: '\xc2\xb2' is not understood"},
        {BAD("potential: '\xc2\xb2x + q', variables: [x]"), NULL, "column 1: expected a number, a name or '(', not '\xc2\xb2'"},
        {BAD("potential: 'V = x^2', variables: [x]"), NULL, "column 1: the potential is one expression; leave 'V =' out"},
        {BAD("potential: 'x/0', variables: [x]"), NULL, "column 2: the numbers here give one that is not finite"},
        {BAD("potential: 'x*log(h)', variables: [x], h: -1"), NULL, "column 3: the numbers here give one that is not finite"},
        {BAD("potential: 'x*1e999', variables: [x]"), NULL, "column 3: 1e999 is beyond the largest number"},
        {BAD("potential: 'min(x)', variables: [x]"), NULL, "min takes 2 arguments or more, not 1"},
        {BAD("potential: 'sin(x, x)', variables: [x]"), NULL, "sin takes 1 argument, not 2"},
        {BAD("potential: 'sin + x', variables: [x]"), NULL, "sin is a function; its argument stands in parentheses"},
        {BAD("potential: 'x*reach', variables: [x], reach: 3"), NULL, "'reach' is a key of the landscape"},
        {BAD("potential: 'x^2', variables: [x, y]"), NULL, "variables: 'y' does not occur in the potential"},
        {BAD("potential: 'x^2', variables: [x, x]"), NULL, "variables: 'x' is listed twice"},
        {BAD("potential: 'x^2', variables: [x, 2y]"), NULL, "variables: '2y' is no name"},
        {BAD("potential: 'x^2', variables: []"), NULL, "variables: '' is no name"},
        {BAD("potential: 'pi^2', variables: [pi]"), NULL, "variables: 'pi' has a meaning in formulas"},
        {BAD("potential: 'x^2'"), NULL, "'formula' needs 'variables'"},
        {BAD("variables: [x]"), NULL, "'formula' needs 'potential'"},
        {BAD("potential: 'x^2', variables: [[x]]"), NULL, "variables must be a list of names, not a list"},
        {BAD("potential: 'x^2', variables: [x], reach: 0"), NULL, "reach = 0 is out of range"},
        {BAD("potential: 'x^2', variables: [x], center: [1, 2]"), NULL, "center lists 2 numbers for 1 variables"},
        {BAD("potential: 'h*x^2', variables: [x], h: 1e101"), NULL, "h = 1e101 is out of range"},
        {WELL, "landscape.potential=x^2+q", "--set landscape.potential=x^2+q: potential, column 5: unknown name 'q'"},
        {WELL, "landscape.hh=1", "unknown parameter of landscape 'formula' 'hh'; did you mean 'h'?"},
    };
#undef BAD
    refuse_scenes(any_registry(), broken, sizeof broken / sizeof *broken);
}

/* ---- size ---- */

static char *repeated(const char *begin, const char *part, size_t count, const char *end) {
    size_t size = strlen(begin) + count * strlen(part) + strlen(end) + 1, used;
    char *text = malloc(size);
    assert_non_null(text);
    used = (size_t)snprintf(text, size, "%s", begin);
    for (size_t i = 0; i < count; i++) used += (size_t)snprintf(text + used, size - used, "%s", part);
    snprintf(text + used, size - used, "%s", end);
    return text;
}

static void refuse_size(char *rest, const char *message) {
    made m;
    kr_error error;
    if (try_in(&m, any_registry(), rest, &error) != KR_BAD_ARGUMENT) fail_msg("accepted: %.200s", rest);
    if (!strstr(error.message, message)) fail_msg("%s\nwithout %s", error.message, message);
    free(rest);
}

static double energy_of(char *rest, double x) {
    made m = make(rest);
    double energy;
    kr_landscape_energy(&m.landscape, 1, &x, &energy);
    unmake(&m);
    free(rest);
    return energy;
}

static void sizes_have_limits(void **state) {
    (void)state;
    const char *begin = "potential: '", *end = "', variables: [x]";
    assert_close(energy_of(repeated("potential: 'x", "+x*1.5", 4000, end), 2), 2 + 4000 * 3, 1e-12, 0);
    assert_close(energy_of(repeated("potential: '", "-", 150, "x', variables: [x]"), 2), 2, 0, 0);
    char *open = repeated(begin, "(", 150, "x"), *nested = repeated(open, ")", 150, end);
    assert_close(energy_of(nested, 2), 2, 0, 0);
    free(open);
    refuse_size(repeated(begin, "(", 30000, "x', variables: [x]"),
                "column 201: parentheses, signs and powers are nested more than 200 deep");
    refuse_size(repeated(begin, "-", 30000, "x', variables: [x]"), "nested more than 200 deep");
    refuse_size(repeated(begin, "x^", 10000, "x', variables: [x]"), "nested more than 200 deep");
    refuse_size(repeated("potential: 'x", "+x", 20000, end), "potential: has 40001 characters; there may be at most 32768");
    refuse_size(repeated(begin, "long_", 10, "name', variables: [x]"), "a name may have at most 39 letters");
    refuse_size(repeated(begin, "1", 100, "*x', variables: [x]"), "a number may have at most 63 digits");
}

/* log(sum_i exp(x_i)) of many variables: full gradient and Hessian, softmax and diag(p) - p p^T. */
static void sixty_four_variables(void **state) {
    (void)state;
    enum { DIM = 64 };
    char text[2000] = "potential: 'log(", variables[600] = "', variables: [";
    for (int i = 0; i < DIM; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%sexp(x%d)", i ? " + " : "", i);
        snprintf(variables + strlen(variables), sizeof variables - strlen(variables), "%sx%d", i ? ", " : "", i);
    }
    snprintf(text + strlen(text), sizeof text - strlen(text), ")%s]", variables);
    made m = make(text);
    double x[DIM], gradient[DIM], *hessian = malloc(DIM * DIM * sizeof *hessian), sum = 0;
    for (int i = 0; i < DIM; i++) sum += exp(x[i] = 2 * point((uint64_t)i + 1));
    kr_landscape_gradient(&m.landscape, 1, x, gradient);
    kr_landscape_hessian(&m.landscape, 1, x, hessian);
    for (int i = 0; i < DIM; i++) {
        assert_close(gradient[i], exp(x[i]) / sum, 1e-13, 0);
        for (int j = 0; j < DIM; j++)
            assert_close(hessian[i * DIM + j], (i == j ? gradient[i] : 0) - gradient[i] * gradient[j], 1e-12, 1e-17);
    }
    free(hessian);
    unmake(&m);
    char *more = repeated("potential: 'x', variables: [x", ", y", 1, "]");
    free(more);
    char many[1200] = "potential: 'v0', variables: [v0";
    for (int i = 1; i <= DIM; i++) snprintf(many + strlen(many), sizeof many - strlen(many), ", v%d", i);
    refuse_size(repeated(many, "", 0, "]"), "variables: there may be at most 64");
}

/* Texts that nobody would write: refused or not, nothing worse. Run under the sanitizers too. */
static void any_text_is_parsed_or_refused(void **state) {
    (void)state;
    static const char *const tokens[] = {
        "x",  "y",        "h",  "2",      "1e3", ".5", "(x)",  "exp(x)", "min(x,y)", "pow(x,3)", "tanh(x)", "0",
        "pi", "-1",       "e",  "abs(y)", "+",   "-",  "*",    "/",      "^",        "**",       "-",       "*",
        "+",  "/-",       "*(", ")/",     ",",   " ",  "*-",   "^-",     "exp(",     "min(",     "log",     "sqrt(",
        "1e", "\xc2\xb2", "#",  "=",      "_",   "x)", "0.5)", "pow(x,", "((",       ")",        "-1",      "e+"};
    uint64_t seed = 1;
    size_t accepted = 0;
    for (int trial = 0; trial < 20000; trial++) {
        char rest[400] = "potential: \"";
        int length = 1 + (int)((seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407) >> 60);
        for (int k = 0; k < length; k++) { /* an operand and an operation in turn, and now and then something else */
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            size_t kind = seed >> 59 == 0 ? 2 : (size_t)k % 2;
            strcat(rest, tokens[16 * kind + (seed >> 33) % 16]);
        }
        strcat(rest, length % 2 ? "" : "h"), strcat(rest, " + x + y\", variables: [x, y], h: 0.7");
        made m;
        kr_error error;
        kr_status status = try_in(&m, any_registry(), rest, &error);
        if (status) {
            assert_int_equal(status, KR_BAD_ARGUMENT);
            continue;
        }
        double x[6] = {0.3, -0.2, 1.4, 0.7, 0.1, -2}, out[12];
        accepted++;
        kr_landscape_energy(&m.landscape, 3, x, out);
        kr_landscape_gradient(&m.landscape, 3, x, out);
        kr_landscape_hessian(&m.landscape, 3, x, out);
        unmake(&m);
    }
    print_message("%zu of 20000 texts are formulas\n", accepted);
    assert_true(accepted > 1000);
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
        cmocka_unit_test(names_are_parameters),
        cmocka_unit_test(another_formula_drops_the_names_of_the_old_one),
        cmocka_unit_test(a_scene_changes_while_it_runs),
        cmocka_unit_test(bad_formulas_are_refused_with_the_column),
        cmocka_unit_test(sizes_have_limits),
        cmocka_unit_test(sixty_four_variables),
        cmocka_unit_test(any_text_is_parsed_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
