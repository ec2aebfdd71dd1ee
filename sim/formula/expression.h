/* Formulas as graphs of operations on variables, parameters and numbers, simplified as they are made; equal parts are one node, and
 * the parts of a node come before it. Derivatives are graphs too: reverse mode gives the gradient of a node at a small multiple of
 * its own size, forward mode over that gradient one column of the Hessian after the other. */
#ifndef KR_FORMULA_EXPRESSION_H
#define KR_FORMULA_EXPRESSION_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KR_MOST_VARIABLES = 64 };

typedef enum kr_operation {
    KR_OF_NUMBER,    /* value */
    KR_OF_VARIABLE,  /* number a */
    KR_OF_PARAMETER, /* number a, while its value is not known */
    KR_OF_SUM,
    KR_OF_DIFFERENCE,
    KR_OF_PRODUCT, /* a number comes first */
    KR_OF_QUOTIENT,
    KR_OF_LEAST,
    KR_OF_MOST,
    KR_OF_LESS,  /* 1 where a < b, else 0 */
    KR_OF_POWER, /* a^value */
    KR_OF_EXP,
    KR_OF_LOG,
    KR_OF_SQRT,
    KR_OF_SIN,
    KR_OF_COS,
    KR_OF_TAN,
    KR_OF_SINH,
    KR_OF_COSH,
    KR_OF_TANH,
    KR_OF_ATAN,
    KR_OF_ABS,
    KR_OF_SIGN,
    KR_OF_POSITIVE /* a, or NaN where it is negative */
} kr_operation;

/* a and b are nodes. */
typedef struct kr_node {
    kr_operation operation;
    uint32_t a, b;
    double value;
    uint64_t variables; /* a bit for each that it depends on */
} kr_node;

typedef struct kr_expression {
    kr_node *node;
    uint32_t count, capacity;
    uint32_t *table; /* of their hashes: number of the node and 1, or 0 */
    size_t table_size;
    kr_status status; /* of the first failure; nodes made after it mean nothing */
    bool overflow;    /* it was a number that is not finite */
} kr_expression;

kr_status kr_expression_create(kr_expression *e, kr_error *error);
void kr_expression_destroy(kr_expression *e);
/* What went wrong, if something did. */
kr_status kr_expression_check(const kr_expression *e, kr_error *error);

uint32_t kr_number_node(kr_expression *e, double value);
uint32_t kr_variable_node(kr_expression *e, uint32_t number);
uint32_t kr_parameter_node(kr_expression *e, uint32_t number);
/* For the operations on two nodes. */
uint32_t kr_binary_node(kr_expression *e, kr_operation operation, uint32_t a, uint32_t b);
/* For the functions of one. */
uint32_t kr_unary_node(kr_expression *e, kr_operation operation, uint32_t a);
/* a^b: products for small integers, a square root for 1/2, exp(b log a) for what is no number. */
uint32_t kr_power_node(kr_expression *e, uint32_t a, uint32_t b);
bool kr_is_number(const kr_expression *e, uint32_t node);

/* gradient[dim] */
kr_status kr_expression_gradient(kr_expression *e, uint32_t root, size_t dim, uint32_t *gradient, kr_error *error);
/* hessian[dim][dim], of which the upper triangle is made and the lower one the same. */
kr_status kr_expression_hessian(kr_expression *e, size_t dim, const uint32_t *gradient, uint32_t *hessian, kr_error *error);
/* Whether the terms of root depend on one variable each (or on none), and then part[dim], their sums. */
kr_status kr_expression_split(kr_expression *e, uint32_t root, size_t dim, uint32_t *part, bool *separable, kr_error *error);
/* Powers of half an integer as products with a square root; the nodes from *root to root[count - 1] are replaced. */
kr_status kr_expression_lower(kr_expression *e, size_t count, uint32_t *root, kr_error *error);

#endif
