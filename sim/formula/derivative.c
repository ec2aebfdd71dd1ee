/* Derivatives of expressions, by reverse mode and by forward mode over it. */
#include "expression.h"

#include <stdlib.h>
#include <string.h>

static uint32_t square(kr_expression *e, uint32_t a) {
    return kr_binary_node(e, KR_OF_PRODUCT, a, a);
}

static uint32_t minus(kr_expression *e, uint32_t a) {
    return kr_binary_node(e, KR_OF_PRODUCT, kr_number_node(e, -1), a);
}

static uint32_t over(kr_expression *e, double value, uint32_t a) {
    return kr_binary_node(e, KR_OF_QUOTIENT, kr_number_node(e, value), a);
}

/* d node / d a of a function of one node. At kinks (abs, min, max) it is one of the values beside them. */
static uint32_t of_function(kr_expression *e, uint32_t number, kr_node node) {
    uint32_t one = kr_number_node(e, 1), a = node.a;
    switch (node.operation) {
    case KR_OF_POWER: {
        uint32_t power = kr_power_node(e, a, kr_number_node(e, node.value - 1));
        return kr_binary_node(e, KR_OF_PRODUCT, kr_number_node(e, node.value), power);
    }
    case KR_OF_EXP: return number;
    case KR_OF_LOG: return over(e, 1, kr_unary_node(e, KR_OF_POSITIVE, a)); /* no slope where there is no value */
    case KR_OF_POSITIVE: return one;
    case KR_OF_SQRT: return over(e, 0.5, number);
    case KR_OF_SIN: return kr_unary_node(e, KR_OF_COS, a);
    case KR_OF_COS: return minus(e, kr_unary_node(e, KR_OF_SIN, a));
    case KR_OF_TAN: return kr_binary_node(e, KR_OF_SUM, square(e, number), one);
    case KR_OF_SINH: return kr_unary_node(e, KR_OF_COSH, a);
    case KR_OF_COSH: return kr_unary_node(e, KR_OF_SINH, a);
    case KR_OF_TANH: return kr_binary_node(e, KR_OF_DIFFERENCE, one, square(e, number));
    case KR_OF_ATAN: return over(e, 1, kr_binary_node(e, KR_OF_SUM, square(e, a), one));
    case KR_OF_ABS: return kr_unary_node(e, KR_OF_SIGN, a);
    default: return kr_number_node(e, 0); /* sign */
    }
}

/* d node / d a, or d node / d b. */
static uint32_t partial(kr_expression *e, uint32_t number, bool second) {
    kr_node node = e->node[number];
    uint32_t one = kr_number_node(e, 1), less;
    switch (node.operation) {
    case KR_OF_SUM: return one;
    case KR_OF_DIFFERENCE: return second ? minus(e, one) : one;
    case KR_OF_PRODUCT: return second ? node.a : node.b;
    case KR_OF_QUOTIENT: return second ? minus(e, kr_binary_node(e, KR_OF_QUOTIENT, number, node.b)) : over(e, 1, node.b);
    case KR_OF_LEAST:
    case KR_OF_MOST:
        less = kr_binary_node(e, KR_OF_LESS, node.a, node.b);
        return second == (node.operation == KR_OF_MOST) ? less : kr_binary_node(e, KR_OF_DIFFERENCE, one, less);
    case KR_OF_LESS: return kr_number_node(e, 0);
    default: return of_function(e, number, node);
    }
}

static size_t parts(kr_operation operation) {
    return operation <= KR_OF_PARAMETER ? 0 : operation < KR_OF_POWER ? 2 : 1;
}

static uint32_t part(const kr_expression *e, uint32_t node, size_t which) {
    return which ? e->node[node].b : e->node[node].a;
}

kr_status kr_expression_gradient(kr_expression *e, uint32_t root, size_t dim, uint32_t *gradient, kr_error *error) {
    enum { NONE = 0 }; /* node 0 is the number 0 */
    uint32_t *adjoint = calloc((size_t)root + 1, sizeof *adjoint);
    if (!adjoint) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    for (size_t i = 0; i < dim; i++) gradient[i] = NONE;
    adjoint[root] = kr_number_node(e, 1);
    for (uint32_t i = root + 1; i-- > 0 && !e->status;) {
        if (adjoint[i] == NONE) continue;
        if (e->node[i].operation == KR_OF_VARIABLE) gradient[e->node[i].a] = adjoint[i];
        for (size_t k = 0; k < parts(e->node[i].operation); k++) {
            uint32_t to = part(e, i, k);
            if (!e->node[to].variables) continue;
            uint32_t share = kr_binary_node(e, KR_OF_PRODUCT, adjoint[i], partial(e, i, k));
            adjoint[to] = kr_binary_node(e, KR_OF_SUM, adjoint[to], share);
        }
    }
    free(adjoint);
    return kr_expression_check(e, error);
}

/* Those that the gradient is made of. */
static bool *needed(const kr_expression *e, size_t dim, const uint32_t *gradient) {
    bool *live = calloc(e->count, sizeof *live);
    for (size_t i = 0; live && i < dim; i++) live[gradient[i]] = true;
    for (uint32_t i = e->count; live && i-- > 0;)
        for (size_t k = 0; live[i] && k < parts(e->node[i].operation); k++) live[part(e, i, k)] = true;
    return live;
}

/* d node / d variable for all nodes below count. */
static void tangents(kr_expression *e, uint32_t count, const bool *live, uint32_t variable, uint32_t *tangent) {
    for (uint32_t i = 0; i < count && !e->status; i++) {
        tangent[i] = 0;
        if (!live[i] || !(e->node[i].variables >> variable & 1)) continue;
        if (e->node[i].operation == KR_OF_VARIABLE) tangent[i] = kr_number_node(e, 1);
        for (size_t k = 0; k < parts(e->node[i].operation); k++) {
            uint32_t of = part(e, i, k);
            if (!tangent[of]) continue;
            uint32_t share = kr_binary_node(e, KR_OF_PRODUCT, tangent[of], partial(e, i, k));
            tangent[i] = kr_binary_node(e, KR_OF_SUM, tangent[i], share);
        }
    }
}

kr_status kr_expression_hessian(kr_expression *e, size_t dim, const uint32_t *gradient, uint32_t *hessian, kr_error *error) {
    uint32_t count = e->count, *tangent = malloc(count * sizeof *tangent);
    bool *live = needed(e, dim, gradient);
    kr_status status = KR_OK;
    if (!tangent || !live) status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    for (uint32_t j = 0; j < dim && !status; j++) {
        tangents(e, count, live, j, tangent);
        status = kr_expression_check(e, error);
        for (size_t i = 0; i <= j && !status; i++) hessian[i * dim + j] = hessian[j * dim + i] = tangent[gradient[i]];
    }
    free(tangent);
    free(live);
    return status;
}
