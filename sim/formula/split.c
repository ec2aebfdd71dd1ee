/* A sum over coordinates taken apart: V(x) = sum_i V_i(x_i). */
#include "expression.h"

#include <stdlib.h>

typedef struct term {
    uint32_t node, factor;
} term;

static bool single(uint64_t variables) {
    return (variables & (variables - 1)) == 0;
}

static size_t first(uint64_t variables) {
    size_t i = 0;
    while (variables && !(variables >> i & 1)) i++;
    return i;
}

/* The terms of what is no term of one variable; 0: it is none of several. Factors without variables are multiplied out. */
static size_t open_term(kr_expression *e, term t, term parts[2]) {
    kr_node node = e->node[t.node];
    switch (node.operation) {
    case KR_OF_SUM:
    case KR_OF_DIFFERENCE: {
        uint32_t factor =
            node.operation == KR_OF_SUM ? t.factor : kr_binary_node(e, KR_OF_PRODUCT, kr_number_node(e, -1), t.factor);
        parts[0] = (term){node.b, factor};
        parts[1] = (term){node.a, t.factor};
        return 2;
    }
    case KR_OF_PRODUCT: {
        bool left = e->node[node.a].variables != 0, right = e->node[node.b].variables != 0;
        if (left && right) return 0;
        parts[0] = (term){left ? node.a : node.b, kr_binary_node(e, KR_OF_PRODUCT, t.factor, left ? node.b : node.a)};
        return 1;
    }
    case KR_OF_QUOTIENT:
        if (e->node[node.b].variables) return 0;
        parts[0] = (term){node.a, kr_binary_node(e, KR_OF_QUOTIENT, t.factor, node.b)};
        return 1;
    default: return 0;
    }
}

kr_status kr_expression_split(kr_expression *e, uint32_t root, size_t dim, uint32_t *part, bool *separable, kr_error *error) {
    size_t count = 1, capacity = 64;
    term *stack = malloc(capacity * sizeof *stack);
    *separable = stack;
    for (size_t i = 0; i < dim; i++) part[i] = kr_number_node(e, 0);
    if (stack) stack[0] = (term){root, kr_number_node(e, 1)};
    while (stack && *separable && count && !e->status) {
        term t = stack[--count], parts[2];
        uint64_t variables = e->node[t.node].variables;
        if (single(variables)) {
            uint32_t *to = &part[first(variables)];
            *to = kr_binary_node(e, KR_OF_SUM, *to, kr_binary_node(e, KR_OF_PRODUCT, t.factor, t.node));
            continue;
        }
        size_t more = open_term(e, t, parts);
        *separable = more > 0;
        if (count + more > capacity) {
            term *larger = realloc(stack, 2 * capacity * sizeof *stack);
            if (!larger) free(stack);
            stack = larger;
            capacity *= 2;
        }
        for (size_t i = 0; stack && i < more; i++) stack[count++] = parts[i];
    }
    if (!stack) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    free(stack);
    return kr_expression_check(e, error);
}
