/* Vectors side by side, as points are everywhere: component i of column p of n is x[i * n + p]. No sum crosses columns. */
#ifndef KR_COLUMN_PRODUCTS_H
#define KR_COLUMN_PRODUCTS_H

#include <stddef.h>

/* dot[n]: the scalar product of each column x with the column y of the same number; x and y may be the same. */
static inline void kr_column_products(size_t dim, size_t n, const double *restrict x, const double *restrict y,
                                      double *restrict dot) {
    for (size_t p = 0; p < n; p++) dot[p] = 0.0;
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < n; p++) dot[p] += x[i * n + p] * y[i * n + p];
}

/* square[n]: of the length of each column. */
static inline void kr_column_squares(size_t dim, size_t n, const double *x, double *restrict square) {
    kr_column_products(dim, n, x, x, square);
}

#endif
