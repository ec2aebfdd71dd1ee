/* The two products of all passes, over rows of SLICE particles:
 *
 *     add_sums:     z[o][t] += sum_i w[o][i] u[i][t]        add_weights:     g[o][i] += sum_t d[o][t] u[i][t]
 *
 * Sums go from index 0 up: they have one order however elements are taken together. A few elements of the result at a time stay in
 * registers: A + B rows are read for A B products. With A and B literal the compiler writes the inner loops out, and vectorises
 * over the particles, whose loop is the outermost. (It can only where rows of the innermost index are a constant distance apart:
 * that is why data are the last index of values.) */
#ifndef LANDSCAPES_NETWORK_PRODUCTS_H
#define LANDSCAPES_NETWORK_PRODUCTS_H

#include "network_shape.h"

/* As many sums as there are registers for. */
#if defined(__AVX512F__)
enum { MOST_A = 4, MOST_B = 4 };
#define FOR_EACH_BLOCK(X)                                                                                                          \
    X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(1, 2) X(2, 2) X(3, 2) X(4, 2) X(1, 3) X(2, 3) X(3, 3) X(4, 3) X(1, 4) X(2, 4) X(3, 4) X(4, 4)
#else
enum { MOST_A = 4, MOST_B = 3 };
#define FOR_EACH_BLOCK(X) X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(1, 2) X(2, 2) X(3, 2) X(4, 2) X(1, 3) X(2, 3) X(3, 3) X(4, 3)
#endif

/* ts data and os outputs. */
#define SUMS_BLOCK(name, apart, ts, os)                                                                                            \
    static void name##_##ts##_##os(size_t inputs, const double *restrict w, const double *restrict u, double *restrict z) {        \
        for (size_t s = 0; s < SLICE; s++) {                                                                                       \
            double sum[os][ts];                                                                                                    \
            size_t i = 0;                                                                                                          \
            for (size_t o = 0; o < os; o++)                                                                                        \
                for (size_t t = 0; t < ts; t++) sum[o][t] = z[(o * STRIDE + t) * SLICE + s];                                       \
            do {                                                                                                                   \
                double of_w[os];                                                                                                   \
                for (size_t o = 0; o < os; o++) of_w[o] = w[(o * inputs + i) * (apart)*SLICE + s];                                 \
                for (size_t t = 0; t < ts; t++) {                                                                                  \
                    double of_u = u[(i * STRIDE + t) * SLICE + s];                                                                 \
                    for (size_t o = 0; o < os; o++) sum[o][t] = fma(of_w[o], of_u, sum[o][t]);                                     \
                }                                                                                                                  \
            } while (++i < inputs);                                                                                                \
            for (size_t o = 0; o < os; o++)                                                                                        \
                for (size_t t = 0; t < ts; t++) z[(o * STRIDE + t) * SLICE + s] = sum[o][t];                                       \
        }                                                                                                                          \
    }
#define SUMS_OF_SLICE(ts, os) SUMS_BLOCK(sums_of_slice, 1, ts, os)
#define SUMS_OF_GRANULE(ts, os) SUMS_BLOCK(sums_of_granule, GRANULE, ts, os)
FOR_EACH_BLOCK(SUMS_OF_SLICE)
FOR_EACH_BLOCK(SUMS_OF_GRANULE)

/* os outputs and is inputs; g0, g1, ... are the rows of the outputs, which the compiler could not tell apart by their distance. */
#define WEIGHTS_BLOCK(name, apart, fresh, os, is)                                                                                  \
    static void name##_##os##_##is(size_t tile, const double *restrict d, const double *restrict u, double *restrict g0,           \
                                   double *restrict g1, double *restrict g2, double *restrict g3) {                                \
        for (size_t s = 0; s < SLICE; s++) {                                                                                       \
            double sum[4][is];                                                                                                     \
            size_t t = 0;                                                                                                          \
            for (size_t i = 0; i < is; i++) {                                                                                      \
                sum[0][i] = fresh ? 0 : g0[i * (apart)*SLICE + s];                                                                 \
                if (os > 1) sum[1][i] = fresh ? 0 : g1[i * (apart)*SLICE + s];                                                     \
                if (os > 2) sum[2][i] = fresh ? 0 : g2[i * (apart)*SLICE + s];                                                     \
                if (os > 3) sum[3][i] = fresh ? 0 : g3[i * (apart)*SLICE + s];                                                     \
            }                                                                                                                      \
            do {                                                                                                                   \
                double of_u[is];                                                                                                   \
                for (size_t i = 0; i < is; i++) of_u[i] = u[(i * STRIDE + t) * SLICE + s];                                         \
                for (size_t o = 0; o < os; o++) {                                                                                  \
                    double of_d = d[(o * STRIDE + t) * SLICE + s];                                                                 \
                    for (size_t i = 0; i < is; i++) sum[o][i] = fma(of_d, of_u[i], sum[o][i]);                                     \
                }                                                                                                                  \
            } while (++t < tile);                                                                                                  \
            for (size_t i = 0; i < is; i++) {                                                                                      \
                g0[i * (apart)*SLICE + s] = sum[0][i];                                                                             \
                if (os > 1) g1[i * (apart)*SLICE + s] = sum[1][i];                                                                 \
                if (os > 2) g2[i * (apart)*SLICE + s] = sum[2][i];                                                                 \
                if (os > 3) g3[i * (apart)*SLICE + s] = sum[3][i];                                                                 \
            }                                                                                                                      \
        }                                                                                                                          \
    }
#define WEIGHTS_OF_SLICE(os, is) WEIGHTS_BLOCK(weights_of_slice, 1, false, os, is)
#define WEIGHTS_OF_GRANULE(os, is) WEIGHTS_BLOCK(weights_of_granule, GRANULE, true, os, is)
FOR_EACH_BLOCK(WEIGHTS_OF_SLICE)
FOR_EACH_BLOCK(WEIGHTS_OF_GRANULE)

typedef void sums_block(size_t inputs, const double *restrict w, const double *restrict u, double *restrict z);
typedef void weights_block(size_t tile, const double *restrict d, const double *restrict u, double *restrict g0,
                           double *restrict g1, double *restrict g2, double *restrict g3);
typedef sums_block *sums_blocks[MOST_B + 1][MOST_A + 1];
typedef weights_block *weights_blocks[MOST_B + 1][MOST_A + 1];

#define SLICE_SUMS(a, b) [b][a] = sums_of_slice_##a##_##b,
#define GRANULE_SUMS(a, b) [b][a] = sums_of_granule_##a##_##b,
#define SLICE_WEIGHTS(a, b) [b][a] = weights_of_slice_##a##_##b,
#define GRANULE_WEIGHTS(a, b) [b][a] = weights_of_granule_##a##_##b,
static const sums_blocks slice_sums = {FOR_EACH_BLOCK(SLICE_SUMS)}, granule_sums = {FOR_EACH_BLOCK(GRANULE_SUMS)};
static const weights_blocks slice_weights = {FOR_EACH_BLOCK(SLICE_WEIGHTS)}, granule_weights = {FOR_EACH_BLOCK(GRANULE_WEIGHTS)};

static inline size_t at_most(size_t rest, size_t most) {
    return rest < most ? rest : most;
}

/* w[outputs][inputs], rows `apart` slices from each other; u[inputs][tile]; z[outputs][tile]; tile and inputs at least 1. */
static inline void add_sums(size_t outputs, size_t inputs, size_t tile, size_t apart, const double *w, const double *u, double *z) {
    const sums_blocks *blocks = apart == 1 ? &slice_sums : &granule_sums;
    for (size_t o = 0; o < outputs; o += MOST_B)
        for (size_t t = 0; t < tile; t += MOST_A)
            (*blocks)[at_most(outputs - o, MOST_B)][at_most(tile - t, MOST_A)](inputs, w + o * inputs * apart * SLICE,
                                                                               u + t * SLICE, z + (o * STRIDE + t) * SLICE);
}

/* d[outputs][tile]; u[inputs][tile]; g[outputs][inputs], rows `apart` slices from each other. */
static inline void add_weights(size_t outputs, size_t inputs, size_t tile, size_t apart, const double *d, const double *u,
                               double *g) {
    const weights_blocks *blocks = apart == 1 ? &slice_weights : &granule_weights;
    size_t row = inputs * apart * SLICE;
    for (size_t i = 0; i < inputs; i += MOST_B)
        for (size_t o = 0; o < outputs; o += MOST_A) {
            double *first = g + o * row + i * apart * SLICE;
            size_t some = at_most(outputs - o, MOST_A);
            (*blocks)[at_most(inputs - i, MOST_B)][some](tile, d + o * STRIDE * SLICE, u + i * STRIDE * SLICE, first,
                                                         first + (some > 1 ? row : 0), first + (some > 2 ? 2 * row : 0),
                                                         first + (some > 3 ? 3 * row : 0));
        }
}

#endif
