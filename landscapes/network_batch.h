/* Where a tile of data comes from: the data in order, the same for all particles; numbers that each particle chose; or inputs that
 * were made for each. */
#ifndef LANDSCAPES_NETWORK_BATCH_H
#define LANDSCAPES_NETWORK_BATCH_H

#include "network_shape.h"

typedef struct network_batch {
    kr_data data;
    size_t count;          /* data of each particle */
    size_t n;              /* particles in index and input */
    const uint32_t *index; /* [count][n]; NULL: 0 .. count - 1 */
    const double *input;   /* [count][inputs][n]; NULL: those of the data */
} network_batch;

/* Rows of a tile are those of an input layer, [inputs][STRIDE][SLICE]. */

static inline void repeat_datum(size_t inputs, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < inputs; i++)
        for (size_t s = 0; s < SLICE; s++) to[i * STRIDE * SLICE + s] = from[i];
}

static inline void copy_datum(size_t inputs, size_t n, size_t lanes, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < inputs; i++)
        for (size_t s = 0; s < SLICE; s++) to[i * STRIDE * SLICE + s] = s < lanes ? from[i * n + s] : 0;
}

/* Eight data side by side, [inputs][SLICE]: stores that follow each other, which the compiler makes of whole vectors. */
static inline void turn_eight(size_t inputs, const double *restrict a, const double *restrict b, const double *restrict c,
                              const double *restrict d, const double *restrict e, const double *restrict f,
                              const double *restrict g, const double *restrict h, double *restrict to) {
    for (size_t i = 0; i < inputs; i++) {
        to[8 * i] = a[i];
        to[8 * i + 1] = b[i];
        to[8 * i + 2] = c[i];
        to[8 * i + 3] = d[i];
        to[8 * i + 4] = e[i];
        to[8 * i + 5] = f[i];
        to[8 * i + 6] = g[i];
        to[8 * i + 7] = h[i];
    }
}

static inline void place_datum(size_t inputs, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < inputs; i++)
        for (size_t s = 0; s < SLICE; s++) to[i * STRIDE * SLICE + s] = from[i * SLICE + s];
}

static inline void gather_datum(size_t inputs, size_t lanes, const uint32_t *index, const double *from, double *turned,
                                double *to) {
    const double *row[SLICE];
    for (size_t s = 0; s < SLICE; s++) row[s] = from + (s < lanes ? index[s] : 0) * inputs;
    turn_eight(inputs, row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], turned);
    place_datum(inputs, turned, to);
}

/* `tile` data from number `begin` on, for the particles from first on. */
static inline void fill_tile(const network_batch *b, size_t begin, size_t tile, size_t first, double *turned, double *input,
                             double *label) {
    size_t inputs = b->data.inputs, lanes = lanes_of(b->n, first);
    for (size_t t = 0; t < tile; t++) {
        double *to = input + t * SLICE;
        const uint32_t *index = b->index ? b->index + (begin + t) * b->n + first : NULL;
        if (b->input)
            copy_datum(inputs, b->n, lanes, b->input + (begin + t) * inputs * b->n + first, to);
        else if (index)
            gather_datum(inputs, lanes, index, b->data.input, turned, to);
        else
            repeat_datum(inputs, b->data.input + (begin + t) * inputs, to);
        for (size_t s = 0; s < SLICE; s++)
            label[t * SLICE + s] = !b->data.label ? 0 : !index ? b->data.label[begin + t] : s < lanes ? b->data.label[index[s]] : 0;
    }
}

#endif
