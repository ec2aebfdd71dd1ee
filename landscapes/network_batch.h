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

static inline void repeat_row(size_t inputs, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < inputs; i++)
        for (size_t s = 0; s < SLICE; s++) to[i * SLICE + s] = from[i];
}

static inline void gather_rows(size_t inputs, size_t lanes, const uint32_t *index, const double *restrict from,
                               double *restrict to) {
    if (lanes < SLICE) memset(to, 0, inputs * SLICE * sizeof *to);
    for (size_t s = 0; s < lanes; s++) {
        const double *row = from + index[s] * inputs;
        for (size_t i = 0; i < inputs; i++) to[i * SLICE + s] = row[i];
    }
}

/* `tile` data from number `begin` on, for the particles from first on. */
static inline void fill_tile(const network_batch *b, size_t begin, size_t tile, size_t first, double *input, double *label) {
    size_t inputs = b->data.inputs, lanes = lanes_of(b->n, first);
    for (size_t t = 0; t < tile; t++) {
        double *to = input + t * inputs * SLICE;
        const uint32_t *index = b->index ? b->index + (begin + t) * b->n + first : NULL;
        if (b->input)
            pack(inputs, b->n, first, b->input + (begin + t) * inputs * b->n, to);
        else if (index)
            gather_rows(inputs, lanes, index, b->data.input, to);
        else
            repeat_row(inputs, b->data.input + (begin + t) * inputs, to);
        for (size_t s = 0; s < SLICE; s++)
            label[t * SLICE + s] = !b->data.label ? 0 : !index ? b->data.label[begin + t] : s < lanes ? b->data.label[index[s]] : 0;
    }
}

#endif
