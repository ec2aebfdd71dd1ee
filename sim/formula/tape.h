/* What an expression comes to: steps in order, each one operation on whole rows of points. */
#ifndef KR_FORMULA_TAPE_H
#define KR_FORMULA_TAPE_H

#include "expression.h"

/* r: row to be written; a, b, c: rows; k: the step's number. */
#define KR_TAPE_OPERATIONS(X)                                                                                                      \
    X(FILL, k)                                                                                                                     \
    X(COPY, a[p])                                                                                                                  \
    X(SUM, a[p] + b[p])                                                                                                            \
    X(SUM_NUMBER, a[p] + k)                                                                                                        \
    X(DIFFERENCE, a[p] - b[p])                                                                                                     \
    X(NUMBER_LESS, k - a[p])                                                                                                       \
    X(PRODUCT, a[p] * b[p])                                                                                                        \
    X(SCALE, k *a[p])                                                                                                              \
    X(QUOTIENT, a[p] / b[p])                                                                                                       \
    X(NUMBER_OVER, k / a[p])                                                                                                       \
    X(MULTIPLY_ADD, fma(a[p], b[p], c[p]))                                                                                         \
    X(MULTIPLY_ADD_NUMBER, fma(a[p], b[p], k))                                                                                     \
    X(MULTIPLY_LESS, fma(a[p], b[p], -c[p]))                                                                                       \
    X(LESS_PRODUCT, fma(-a[p], b[p], c[p]))                                                                                        \
    X(NUMBER_LESS_PRODUCT, fma(-a[p], b[p], k))                                                                                    \
    X(SCALE_ADD, fma(k, a[p], c[p]))                                                                                               \
    X(SCALE_LESS, fma(k, a[p], -c[p]))                                                                                             \
    X(SCALE_ADD_NUMBER, fma(k, a[p], l))                                                                                           \
    X(LEAST, kr_least(a[p], b[p]))                                                                                                 \
    X(MOST, kr_most(a[p], b[p]))                                                                                                   \
    X(LESS, a[p] < b[p] ? 1.0 : 0.0)                                                                                               \
    X(POWER, kr_power(a[p], k))                                                                                                    \
    X(EXP, kr_exp(a[p]))                                                                                                           \
    X(LOG, kr_log_any(a[p]))                                                                                                       \
    X(SQRT, sqrt(a[p]))                                                                                                            \
    X(SIN, kr_sine(a[p]))                                                                                                          \
    X(COS, kr_cosine(a[p]))                                                                                                        \
    X(TAN, kr_tangent(a[p]))                                                                                                       \
    X(SINH, kr_sinh(a[p]))                                                                                                         \
    X(COSH, kr_cosh(a[p]))                                                                                                         \
    X(TANH, kr_tanh(a[p]))                                                                                                         \
    X(ATAN, kr_atan(a[p]))                                                                                                         \
    X(ABS, fabs(a[p]))                                                                                                             \
    X(SIGN, kr_sign(a[p]))                                                                                                         \
    X(POSITIVE, kr_positive(a[p]))

#define KR_TAPE_ENUM(name, value) KR_TAPE_##name,
typedef enum kr_tape_operation { KR_TAPE_OPERATIONS(KR_TAPE_ENUM) KR_TAPE_OPERATION_COUNT } kr_tape_operation;
#undef KR_TAPE_ENUM

typedef enum kr_row_kind { KR_ROW_VARIABLE, KR_ROW_RESULT, KR_ROW_WORK } kr_row_kind;

typedef struct kr_row {
    uint32_t kind, number;
} kr_row;

typedef struct kr_tape_step {
    kr_tape_operation operation;
    kr_row to, a, b, c; /* those that the operation has not are variable 0 */
    double k, l;
} kr_tape_step;

typedef struct kr_tape {
    kr_tape_step *step; /* owned */
    size_t count;
    size_t work; /* rows of work space */
} kr_tape;

/* results[count] nodes, in the order of the rows; no node below them is a parameter. */
kr_status kr_tape_create(kr_tape *tape, const kr_expression *e, size_t count, const uint32_t *results, kr_error *error);
void kr_tape_destroy(kr_tape *tape);

#endif
