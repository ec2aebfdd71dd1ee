/* A landscape as a formula of h, c and k; the first line has the names of the variables. What tapes give must be what a plain walk
 * over the graph gives, of the formula and of its gradient, wherever that does not hang on the last bits. */
#include "fuzz.h"

#include "formula/formula.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 5, MOST_DIM = 4 };

static const kr_landscape_type *type;
static const double number[3] = {1.1, -0.3, 0.7};

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    for (const kr_landscape_type *const *at = fuzz_registry()->landscapes; *at; at++)
        if (!strcmp((*at)->about.name, "formula")) type = *at;
    fuzz_check(type != NULL, "no landscape", "formula");
    return 0;
}

static double value_of(const kr_node *node, const double *value, const double *x) {
    const double a = node->operation > KR_OF_PARAMETER ? value[node->a] : 0;
    const double b = node->operation >= KR_OF_SUM && node->operation <= KR_OF_LESS ? value[node->b] : 0;
    switch (node->operation) {
    case KR_OF_NUMBER: return node->value;
    case KR_OF_VARIABLE: return x[node->a];
    case KR_OF_PARAMETER: return NAN;
    case KR_OF_SUM: return a + b;
    case KR_OF_DIFFERENCE: return a - b;
    case KR_OF_PRODUCT: return a * b;
    case KR_OF_QUOTIENT: return a / b;
    case KR_OF_LEAST: return isnan(a) || isnan(b) ? NAN : a < b ? a : b;
    case KR_OF_MOST: return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
    case KR_OF_LESS: return a < b ? 1 : 0;
    case KR_OF_POWER: return a < 0 ? NAN : pow(a, node->value); /* whole powers are products */
    case KR_OF_EXP: return exp(a);
    case KR_OF_LOG: return log(a);
    case KR_OF_SQRT: return sqrt(a);
    case KR_OF_SIN: return sin(a);
    case KR_OF_COS: return cos(a);
    case KR_OF_TAN: return tan(a);
    case KR_OF_SINH: return sinh(a);
    case KR_OF_COSH: return cosh(a);
    case KR_OF_TANH: return tanh(a);
    case KR_OF_ATAN: return atan(a);
    case KR_OF_ABS: return fabs(a);
    case KR_OF_SIGN: return a > 0 ? 1 : a < 0 ? -1 : 0;
    case KR_OF_POSITIVE: return a < 0 ? NAN : a;
    }
    return NAN;
}

/* Each node is off by 1 to 4 times `noise` of itself, all of them differently: what a value hangs on shows. */
static void walk(const kr_expression *e, const double *x, double noise, double *value) {
    uint32_t random = 12345;
    for (uint32_t i = 0; i < e->count; i++) {
        random = random * 1664525u + 1013904223u;
        value[i] = value_of(&e->node[i], value, x) * (1 + noise * (1 + 3 * (double)(random >> 8) * 0x1p-24));
    }
}

static bool near(double a, double b, double tolerance) {
    return fabs(a - b) <= tolerance * (1 + fabs(b));
}

static void compare(const kr_expression *e, uint32_t root, const double *x, double result, const char *text) {
    double *value = malloc(3 * (size_t)e->count * sizeof *value);
    if (!value) return;
    walk(e, x, 0, value);
    walk(e, x, 4e-16, value + e->count);
    walk(e, x, -4e-16, value + 2 * e->count);
    double plain = value[root];
    bool firm = isfinite(plain) && fabs(plain) < 1e200 && near(value[e->count + root], plain, 1e-9) &&
                near(value[2 * e->count + root], plain, 1e-9);
    for (uint32_t i = 0; i < e->count && firm; i++)
        firm = isfinite(value[i]) && fabs(value[i]) < 1e200; /* not what sums overflow to */
    if (firm && !near(result, plain, 1e-6)) {
        fprintf(stderr, "the tape gives %.17g, the graph %.17g\n", result, plain);
        fuzz_check(false, "a tape and its graph differ", text);
    }
    free(value);
}

/* The graph, and a landscape type with this number of variables: those of kr_formula_type are kept for ever. */
static kr_status read_formula(const kr_formula_values *values, kr_expression *e, uint32_t *root, kr_landscape_type *own,
                              kr_error *error) {
    static kr_formula_names names;
    uint32_t part[KR_MOST_VARIABLES];
    bool separable = false;
    memset(&names, 0, sizeof names);
    kr_status status = kr_formula_read_variables(values->variables, &names, error);
    names.parameter_count = 3;
    for (size_t i = 0; i < 3; i++) names.parameter[i][0] = "hck"[i];
    if (!status) status = kr_formula_parse(values->potential, &names, number, NULL, e, root, error);
    if (!status) status = kr_expression_split(e, *root, names.variable_count, part, &separable, error);
    *own = *type;
    own->dim = names.variable_count;
    own->separable = own->tiles = separable;
    return status;
}

static void check_values(const kr_landscape *landscape, kr_expression *e, uint32_t root, const char *text) {
    kr_error error;
    uint32_t slope[MOST_DIM];
    double x[MOST_DIM * POINTS], energy[POINTS], gradient[MOST_DIM * POINTS], hessian[MOST_DIM * MOST_DIM * POINTS];
    const size_t dim = landscape->dim;
    if (dim > MOST_DIM) return;
    for (size_t i = 0; i < dim * POINTS; i++) x[i] = sin(1 + 2.7 * (double)i) * (1 + 0.3 * (double)(i % 7));
    kr_landscape_energy(landscape, POINTS, x, energy);
    kr_landscape_gradient(landscape, POINTS, x, gradient);
    kr_landscape_hessian(landscape, POINTS, x, hessian);
    kr_status status = kr_expression_gradient(e, root, dim, slope, &error);
    for (size_t p = 0; p < POINTS && !status; p++) {
        double point[MOST_DIM];
        for (size_t i = 0; i < dim; i++) point[i] = x[i * POINTS + p];
        compare(e, root, point, energy[p], text);
        for (size_t i = 0; i < dim; i++) compare(e, slope[i], point, gradient[i * POINTS + p], text);
    }
}

static kr_status try_formula(const kr_formula_values *values, kr_error *error) {
    kr_expression e;
    kr_landscape landscape;
    kr_landscape_type own;
    uint32_t root = 0;
    kr_status status = kr_expression_create(&e, error);
    if (status) return status;
    status = read_formula(values, &e, &root, &own, error);
    if (!status && !(status = kr_landscape_create(&landscape, &own, values, NULL, 0, error))) {
        check_values(&landscape, &e, root, values->potential);
        kr_landscape_destroy(&landscape);
    }
    kr_expression_destroy(&e);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t first = end ? (size_t)(end - data) : 0, skip = end ? first + 1 : 0;
    double zero = 0, ten = 10;
    kr_error error = {.status = KR_OK};
    kr_formula_values values = {.potential = strndup((const char *)data + skip, size - skip),
                                .variables = end ? strndup((const char *)data, first) : strdup("x, y"),
                                .center = {.count = 1, .value = &zero},
                                .reach = {.count = 1, .value = &ten},
                                .number = {number[0], number[1], number[2]}};
    if (values.potential && values.variables) fuzz_check_message(try_formula(&values, &error), &error);
    free(values.potential);
    free(values.variables);
    return 0;
}
