/* The one product of all passes: c[a][b] += sum_k p[a][k] q[b][k], each element a row of SLICE particles. Strides are in
 * rows. k goes from 0 up, so that a sum has one order however the elements are blocked. */
#ifndef LANDSCAPES_NETWORK_PRODUCTS_H
#define LANDSCAPES_NETWORK_PRODUCTS_H

#include "network_shape.h"

/* An array of rows [.][.]: element (a, k) is row a * step + k * along. */
typedef struct rows {
    const double *at;
    size_t step, along;
} rows;

static inline void add_product(size_t depth, const double *restrict p, size_t p_along, const double *restrict q, size_t q_along,
                               double *restrict c) {
    double sum[SLICE];
    memcpy(sum, c, sizeof sum);
    for (size_t k = 0; k < depth; k++)
        for (size_t s = 0; s < SLICE; s++) sum[s] = fma(p[k * p_along * SLICE + s], q[k * q_along * SLICE + s], sum[s]);
    memcpy(c, sum, sizeof sum);
}

static inline void add_products(size_t as, size_t bs, size_t depth, rows p, rows q, double *c) {
    for (size_t a = 0; a < as; a++)
        for (size_t b = 0; b < bs; b++)
            add_product(depth, p.at + a * p.step * SLICE, p.along, q.at + b * q.step * SLICE, q.along, c + (a * bs + b) * SLICE);
}

#endif
