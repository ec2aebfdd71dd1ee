/* Where a tile of data comes from: the data in order, the same for all particles; numbers that each particle chose; or inputs that
 * were made for each. */
#ifndef LANDSCAPES_NETWORK_BATCH_H
#define LANDSCAPES_NETWORK_BATCH_H

#include "network_shape.h"

typedef struct network_batch {
    kr_data data;
    const float *short_input; /* those of the data, where they are all floats: half as much to read; NULL: they are not */
    size_t count;             /* data of each particle */
    size_t n;                 /* particles in index and input */
    const uint32_t *index;    /* [count][n]; NULL: 0 .. count - 1 */
    const double *input;      /* [count][inputs][n]; NULL: those of the data */
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
#define TURN_EIGHT(name, number)                                                                                                   \
    static inline void name(size_t inputs, const number *restrict a, const number *restrict b, const number *restrict c,           \
                            const number *restrict d, const number *restrict e, const number *restrict f,                          \
                            const number *restrict g, const number *restrict h, number *restrict to) {                             \
        for (size_t i = 0; i < inputs; i++) {                                                                                      \
            to[8 * i] = a[i];                                                                                                      \
            to[8 * i + 1] = b[i];                                                                                                  \
            to[8 * i + 2] = c[i];                                                                                                  \
            to[8 * i + 3] = d[i];                                                                                                  \
            to[8 * i + 4] = e[i];                                                                                                  \
            to[8 * i + 5] = f[i];                                                                                                  \
            to[8 * i + 6] = g[i];                                                                                                  \
            to[8 * i + 7] = h[i];                                                                                                  \
        }                                                                                                                          \
    }
TURN_EIGHT(turn_eight, double)
TURN_EIGHT(turn_eight_short, float)

static inline void place_datum(size_t inputs, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < inputs; i++)
        for (size_t s = 0; s < SLICE; s++) to[i * STRIDE * SLICE + s] = from[i * SLICE + s];
}

static inline void place_short_datum(size_t inputs, const float *restrict from, double *restrict to) {
    for (size_t i = 0; i < inputs; i++)
        for (size_t s = 0; s < SLICE; s++) to[i * STRIDE * SLICE + s] = (double)from[i * SLICE + s];
}

static inline void gather_datum(size_t inputs, const size_t *at, const double *from, double *turned, double *to) {
    turn_eight(inputs, from + at[0], from + at[1], from + at[2], from + at[3], from + at[4], from + at[5], from + at[6],
               from + at[7], turned);
    place_datum(inputs, turned, to);
}

static inline void gather_short_datum(size_t inputs, const size_t *at, const float *from, float *turned, double *to) {
    turn_eight_short(inputs, from + at[0], from + at[1], from + at[2], from + at[3], from + at[4], from + at[5], from + at[6],
                     from + at[7], turned);
    place_short_datum(inputs, turned, to);
}

static inline void gather(const network_batch *b, size_t lanes, const uint32_t *index, void *turned, double *to) {
    size_t inputs = b->data.inputs, at[SLICE];
    for (size_t s = 0; s < SLICE; s++) at[s] = (s < lanes ? index[s] : 0) * inputs;
    if (b->short_input)
        gather_short_datum(inputs, at, b->short_input, turned, to);
    else
        gather_datum(inputs, at, b->data.input, turned, to);
}

/* `tile` data from number `begin` on, for the particles from first on. */
static inline void fill_tile(const network_batch *b, size_t begin, size_t tile, size_t first, void *turned, double *input,
                             double *label) {
    size_t inputs = b->data.inputs, lanes = lanes_of(b->n, first);
    for (size_t t = 0; t < tile; t++) {
        double *to = input + t * SLICE;
        const uint32_t *index = b->index ? b->index + (begin + t) * b->n + first : NULL;
        if (b->input)
            copy_datum(inputs, b->n, lanes, b->input + (begin + t) * inputs * b->n + first, to);
        else if (index)
            gather(b, lanes, index, turned, to);
        else
            repeat_datum(inputs, b->data.input + (begin + t) * inputs, to);
        for (size_t s = 0; s < SLICE; s++)
            label[t * SLICE + s] = !b->data.label ? 0 : !index ? b->data.label[begin + t] : s < lanes ? b->data.label[index[s]] : 0;
    }
}

#endif
