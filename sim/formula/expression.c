#include "expression.h"

#include "elementary.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_NODES = 1 << 20, FIRST_CAPACITY = 256 };
/* Larger powers are cheaper, and as exact, by exp and log. */
static const double largest_power = 1 << 20;

kr_status kr_expression_create(kr_expression *e, kr_error *error) {
    *e = (kr_expression){.capacity = FIRST_CAPACITY, .table_size = 4 * FIRST_CAPACITY};
    e->node = malloc(e->capacity * sizeof *e->node);
    e->table = calloc(e->table_size, sizeof *e->table);
    if (!e->node || !e->table) {
        kr_expression_destroy(e);
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    }
    kr_number_node(e, 0); /* node 0, which failures return */
    return KR_OK;
}

void kr_expression_destroy(kr_expression *e) {
    free(e->node);
    free(e->table);
    *e = (kr_expression){.count = 0};
}

kr_status kr_expression_check(const kr_expression *e, kr_error *error) {
    if (!e->status) return KR_OK;
    if (e->status == KR_NO_MEMORY) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    if (e->overflow) return kr_fail(error, e->status, "its numbers give one that is not finite");
    return kr_fail(error, e->status, "formula, gradient and Hessian take more than %d operations", (int)MOST_NODES);
}

static uint32_t fail(kr_expression *e, kr_status status) {
    if (!e->status) e->status = status;
    return 0;
}

/* ---- nodes that are there already ---- */

static size_t hash(const kr_node *node) {
    uint64_t h = (uint64_t)node->operation * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ node->a) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ (h >> 29) ^ node->b) * UINT64_C(0x94d049bb133111eb);
    h = (h ^ (h >> 31) ^ kr_bits(node->value)) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(h ^ (h >> 32));
}

static bool same(const kr_node *x, const kr_node *y) {
    return x->operation == y->operation && x->a == y->a && x->b == y->b && kr_bits(x->value) == kr_bits(y->value);
}

static uint32_t *place_of(const kr_expression *e, const kr_node *node) {
    size_t at = hash(node) & (e->table_size - 1);
    while (e->table[at] && !same(&e->node[e->table[at] - 1], node)) at = (at + 1) & (e->table_size - 1);
    return &e->table[at];
}

static bool grow(kr_expression *e) {
    if (e->count == MOST_NODES) return fail(e, KR_BAD_ARGUMENT), false;
    kr_node *node = realloc(e->node, 2 * e->capacity * sizeof *node);
    if (node) e->node = node;
    uint32_t *table = node ? calloc(8 * (size_t)e->capacity, sizeof *table) : NULL;
    if (!table) return fail(e, KR_NO_MEMORY), false;
    free(e->table);
    e->table = table;
    e->capacity *= 2;
    e->table_size = 4 * (size_t)e->capacity;
    for (uint32_t i = 0; i < e->count; i++) *place_of(e, &e->node[i]) = i + 1;
    return true;
}

static uint32_t add(kr_expression *e, kr_node node) {
    if (e->status) return 0;
    uint32_t *place = place_of(e, &node);
    if (*place) return *place - 1;
    if (e->count == e->capacity) {
        if (!grow(e)) return 0;
        place = place_of(e, &node);
    }
    e->node[e->count] = node;
    *place = ++e->count;
    return e->count - 1;
}

uint32_t kr_number_node(kr_expression *e, double value) {
    if (!isfinite(value)) {
        if (!e->status) e->overflow = true;
        return fail(e, KR_BAD_ARGUMENT);
    }
    return add(e, (kr_node){.operation = KR_OF_NUMBER, .value = value == 0 ? 0 : value});
}

uint32_t kr_variable_node(kr_expression *e, uint32_t number) {
    return add(e, (kr_node){.operation = KR_OF_VARIABLE, .a = number, .variables = UINT64_C(1) << number});
}

uint32_t kr_parameter_node(kr_expression *e, uint32_t number) {
    return add(e, (kr_node){.operation = KR_OF_PARAMETER, .a = number});
}

bool kr_is_number(const kr_expression *e, uint32_t node) {
    return e->node[node].operation == KR_OF_NUMBER;
}

static bool is(const kr_expression *e, uint32_t node, double value) {
    return kr_is_number(e, node) && e->node[node].value == value;
}

static bool of(const kr_expression *e, uint32_t node, kr_operation operation) {
    return e->node[node].operation == operation;
}

/* A number times something. */
static bool is_scaled(const kr_expression *e, uint32_t node) {
    return of(e, node, KR_OF_PRODUCT) && kr_is_number(e, e->node[node].a);
}

static double factor_of(const kr_expression *e, uint32_t node) {
    return is_scaled(e, node) ? e->node[e->node[node].a].value : 1;
}

static uint32_t rest_of(const kr_expression *e, uint32_t node) {
    return is_scaled(e, node) ? e->node[node].b : node;
}

/* ---- two nodes ---- */

static uint32_t plain(kr_expression *e, kr_operation operation, uint32_t a, uint32_t b) {
    return add(e, (kr_node){.operation = operation, .a = a, .b = b, .variables = e->node[a].variables | e->node[b].variables});
}

static uint32_t product(kr_expression *e, uint32_t a, uint32_t b);

static uint32_t scaled(kr_expression *e, double factor, uint32_t b) {
    if (kr_is_number(e, b)) return kr_number_node(e, factor * e->node[b].value);
    return product(e, kr_number_node(e, factor), b);
}

static uint32_t sum(kr_expression *e, uint32_t a, uint32_t b) {
    if (kr_is_number(e, a) || (!kr_is_number(e, b) && a > b)) { /* one order, numbers last */
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    if (is(e, b, 0)) return a;
    if (kr_is_number(e, b) && of(e, a, KR_OF_SUM) && kr_is_number(e, e->node[a].b))
        return sum(e, e->node[a].a, kr_number_node(e, e->node[e->node[a].b].value + e->node[b].value));
    if (rest_of(e, a) == rest_of(e, b)) return scaled(e, factor_of(e, a) + factor_of(e, b), rest_of(e, a));
    if (factor_of(e, b) == -1) return kr_binary_node(e, KR_OF_DIFFERENCE, a, rest_of(e, b));
    if (factor_of(e, a) == -1) return kr_binary_node(e, KR_OF_DIFFERENCE, b, rest_of(e, a));
    return plain(e, KR_OF_SUM, a, b);
}

static uint32_t difference(kr_expression *e, uint32_t a, uint32_t b) {
    if (is(e, a, 0) || kr_is_number(e, b) || is_scaled(e, b) || a == rest_of(e, b) || rest_of(e, a) == b)
        return sum(e, a, scaled(e, -1, b));
    return plain(e, KR_OF_DIFFERENCE, a, b);
}

static uint32_t product(kr_expression *e, uint32_t a, uint32_t b) {
    if (kr_is_number(e, b) || (!kr_is_number(e, a) && a > b)) { /* one order, numbers first */
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    if (is(e, a, 0) || is(e, a, 1)) return is(e, a, 0) ? a : b;
    if (kr_is_number(e, a)) {
        double factor = e->node[a].value;
        kr_node with = e->node[b];
        if (is_scaled(e, b)) return scaled(e, factor * factor_of(e, b), rest_of(e, b));
        if (with.operation == KR_OF_QUOTIENT && kr_is_number(e, with.a))
            return kr_binary_node(e, KR_OF_QUOTIENT, kr_number_node(e, factor * e->node[with.a].value), with.b);
        if (with.operation == KR_OF_DIFFERENCE && factor == -1) return difference(e, with.b, with.a);
        return plain(e, KR_OF_PRODUCT, a, b);
    }
    if (is_scaled(e, a)) return scaled(e, factor_of(e, a), product(e, rest_of(e, a), b));
    if (is_scaled(e, b)) return scaled(e, factor_of(e, b), product(e, a, rest_of(e, b)));
    for (int side = 0; side < 2; side++) { /* one division less */
        kr_node with = e->node[side ? b : a];
        if (with.operation == KR_OF_QUOTIENT && kr_is_number(e, with.a))
            return kr_binary_node(e, KR_OF_QUOTIENT, product(e, with.a, side ? a : b), with.b);
    }
    return plain(e, KR_OF_PRODUCT, a, b);
}

static uint32_t quotient(kr_expression *e, uint32_t a, uint32_t b) {
    if (kr_is_number(e, b)) return scaled(e, 1 / e->node[b].value, a);
    if (is(e, a, 0)) return a;
    if (is_scaled(e, a)) return scaled(e, factor_of(e, a), quotient(e, rest_of(e, a), b));
    if (is_scaled(e, b)) return scaled(e, 1 / factor_of(e, b), quotient(e, a, rest_of(e, b)));
    return plain(e, KR_OF_QUOTIENT, a, b);
}

static double of_numbers(kr_operation operation, double a, double b) {
    switch (operation) {
    case KR_OF_SUM: return a + b;
    case KR_OF_DIFFERENCE: return a - b;
    case KR_OF_PRODUCT: return a * b;
    case KR_OF_QUOTIENT: return a / b;
    case KR_OF_LEAST: return kr_least(a, b);
    case KR_OF_MOST: return kr_most(a, b);
    default: return a < b ? 1 : 0;
    }
}

uint32_t kr_binary_node(kr_expression *e, kr_operation operation, uint32_t a, uint32_t b) {
    if (e->status) return 0;
    if (kr_is_number(e, a) && kr_is_number(e, b))
        return kr_number_node(e, of_numbers(operation, e->node[a].value, e->node[b].value));
    switch (operation) {
    case KR_OF_SUM: return sum(e, a, b);
    case KR_OF_DIFFERENCE: return difference(e, a, b);
    case KR_OF_PRODUCT: return product(e, a, b);
    case KR_OF_QUOTIENT: return quotient(e, a, b);
    case KR_OF_LESS: return a == b ? kr_number_node(e, 0) : plain(e, operation, a, b);
    default: return a == b ? a : plain(e, operation, a, b);
    }
}

/* ---- one node ---- */

static double of_number(kr_operation operation, double a) {
    double sine, cosine;
    switch (operation) {
    case KR_OF_EXP: return kr_exp(a);
    case KR_OF_LOG: return kr_log_any(a);
    case KR_OF_SQRT: return sqrt(a);
    case KR_OF_SIN: return kr_sincos(a, &sine, &cosine), sine;
    case KR_OF_COS: return kr_sincos(a, &sine, &cosine), cosine;
    case KR_OF_TAN: return kr_sincos(a, &sine, &cosine), sine / cosine;
    case KR_OF_SINH: return kr_sinh(a);
    case KR_OF_COSH: return kr_cosh(a);
    case KR_OF_TANH: return kr_tanh(a);
    case KR_OF_ATAN: return kr_atan(a);
    case KR_OF_ABS: return fabs(a);
    case KR_OF_SIGN: return kr_sign(a);
    case KR_OF_POSITIVE: return kr_positive(a);
    default: return NAN;
    }
}

uint32_t kr_unary_node(kr_expression *e, kr_operation operation, uint32_t a) {
    if (e->status) return 0;
    if (kr_is_number(e, a)) return kr_number_node(e, of_number(operation, e->node[a].value));
    return add(e, (kr_node){.operation = operation, .a = a, .variables = e->node[a].variables});
}

static uint32_t integer_power(kr_expression *e, uint32_t a, uint32_t exponent) {
    uint32_t power = kr_number_node(e, 1), square = a;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1) power = kr_binary_node(e, KR_OF_PRODUCT, square, power);
        if (exponent > 1) square = kr_binary_node(e, KR_OF_PRODUCT, square, square);
    }
    return power;
}

uint32_t kr_power_node(kr_expression *e, uint32_t a, uint32_t b) {
    if (e->status) return 0;
    if (!kr_is_number(e, b)) {
        bool natural = is(e, a, KR_EULER); /* e^x */
        return kr_unary_node(e, KR_OF_EXP, natural ? b : kr_binary_node(e, KR_OF_PRODUCT, b, kr_unary_node(e, KR_OF_LOG, a)));
    }
    double exponent = e->node[b].value, size = fabs(exponent);
    if (size <= largest_power && size == floor(size)) {
        uint32_t power = integer_power(e, a, (uint32_t)size);
        return exponent < 0 ? kr_binary_node(e, KR_OF_QUOTIENT, kr_number_node(e, 1), power) : power;
    }
    if (exponent == 0.5) return kr_unary_node(e, KR_OF_SQRT, a);
    if (e->status) return 0;
    if (kr_is_number(e, a)) return kr_number_node(e, kr_power(e->node[a].value, exponent));
    return add(e, (kr_node){.operation = KR_OF_POWER, .a = a, .value = exponent, .variables = e->node[a].variables});
}

kr_status kr_expression_lower(kr_expression *e, size_t count, uint32_t *root, kr_error *error) {
    uint32_t last = e->count, *lowered = malloc(last * sizeof *lowered);
    if (!lowered) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    for (uint32_t i = 0; i < last && !e->status; i++) {
        kr_node node = e->node[i];
        uint32_t a = node.operation > KR_OF_PARAMETER ? lowered[node.a] : 0;
        double exponent = node.value;
        if (node.operation <= KR_OF_PARAMETER) {
            lowered[i] = i;
        } else if (node.operation == KR_OF_POWER) {
            bool half = 2 * fabs(exponent) <= 64 && 2 * exponent == floor(2 * exponent);
            uint32_t whole = half ? kr_power_node(e, a, kr_number_node(e, floor(exponent))) : 0;
            lowered[i] = half ? kr_binary_node(e, KR_OF_PRODUCT, whole, kr_unary_node(e, KR_OF_SQRT, a))
                              : kr_power_node(e, a, kr_number_node(e, exponent));
        } else {
            lowered[i] = node.operation < KR_OF_POWER ? kr_binary_node(e, node.operation, a, lowered[node.b])
                                                      : kr_unary_node(e, node.operation, a);
        }
    }
    for (size_t i = 0; i < count && !e->status; i++) root[i] = lowered[root[i]];
    free(lowered);
    return kr_expression_check(e, error);
}
