/* What a network is made of, and the memory that a call needs.
 *
 * Particles go through a network SLICE at a time, data TILE at a time. All arrays of a pass are rows of SLICE numbers, one for each
 * particle of the slice: values of a layer are [width][STRIDE][SLICE], of which TILE data are used (with an odd stride they do not
 * all fall on the same lines of a cache), parameters [dim][SLICE]. Lanes without a particle hold zeros, so that a particle's bits
 * do not depend on who its neighbours are, and each sum has one order. */
#ifndef LANDSCAPES_NETWORK_SHAPE_H
#define LANDSCAPES_NETWORK_SHAPE_H

#include "datasets/dataset.h"

#include <stdlib.h>
#include <string.h>

/* GRANULE: slices of the 64 particles that the engine moves together. */
enum { SLICE = 8, GRANULE = 8, TILE = 16, STRIDE = TILE + 1 };

typedef enum network_loss { CROSS_ENTROPY, SQUARED } network_loss;

/* The landscape's state, made by prepare. */
typedef struct network_state {
    kr_dataset *dataset;
    size_t count;       /* layers */
    float *short_input; /* the training data, if floats hold them exactly; otherwise NULL */
    size_t widest;      /* hidden layer */
    int activation;
    network_loss loss;
    kr_network_layer layer[];
} network_state;

/* What a pass keeps of a layer: [outputs][STRIDE][SLICE] each. */
typedef struct layer_values {
    double *output; /* of the layer; of the last one what softmax takes */
    double *slope;  /* f' of the weighted sum */
    double *error;  /* derivative of the loss by the weighted sum */
    /* Of Hessian times direction alone: f'', and the derivatives of sum, output and error along the direction. */
    double *curl, *sum_along, *output_along, *error_along;
} layer_values;

typedef struct network_work {
    const double *from; /* parameters of the slice, rows `apart` slices from each other: x, or of a granule */
    double *to;         /* their gradient, likewise */
    size_t apart;
    double *x;         /* [dim][SLICE] */
    double *gradient;  /* [dim][SLICE] */
    double *direction; /* [dim][SLICE]; of Hessian times direction alone */
    double *turned;    /* [dim][SLICE]: weights of all layers but the first as [inputs][outputs] */
    double *turned_direction;
    double *datum; /* [inputs][SLICE]; work space */
    double *input; /* [inputs][STRIDE][SLICE] */
    double *label; /* [TILE][SLICE] */
    double *back;  /* [widest][STRIDE][SLICE]: derivative of the loss by a layer's output */
    double *back_along;
    double *memory;
    layer_values layer[];
} network_work;

typedef enum network_need { NEED_OUTPUTS, NEED_GRADIENT, NEED_HESSIAN } network_need;

static inline const network_state *network_of(const kr_landscape *self) {
    return self->state;
}

/* Hands out rows of SLICE numbers from one piece; with memory NULL it counts them only. */
typedef struct piece {
    double *memory;
    size_t used;
} piece;

static inline double *take(piece *from, size_t rows) {
    double *place = from->memory ? from->memory + from->used * SLICE : NULL;
    from->used += rows;
    return place;
}

static inline void divide(network_work *w, const network_state *net, size_t dim, network_need need, piece *from) {
    bool backward = need >= NEED_GRADIENT, along = need == NEED_HESSIAN;
    w->x = take(from, dim);
    w->gradient = take(from, backward ? dim : 0);
    w->direction = take(from, along ? dim : 0);
    w->turned = take(from, backward ? dim : 0);
    w->turned_direction = take(from, along ? dim : 0);
    w->datum = take(from, net->layer[0].inputs);
    w->input = take(from, STRIDE * net->layer[0].inputs);
    w->label = take(from, TILE);
    w->back = take(from, backward ? STRIDE * net->widest : 0);
    w->back_along = take(from, along ? STRIDE * net->widest : 0);
    for (size_t l = 0; l < net->count; l++) {
        layer_values *v = &w->layer[l];
        size_t rows = STRIDE * net->layer[l].outputs;
        v->output = take(from, rows);
        v->slope = take(from, backward ? rows : 0);
        v->error = take(from, backward ? rows : 0);
        v->curl = take(from, along ? rows : 0);
        v->sum_along = take(from, along ? rows : 0);
        v->output_along = take(from, along ? rows : 0);
        v->error_along = take(from, along ? rows : 0);
    }
}

static inline void network_work_destroy(network_work *w) {
    if (w) free(w->memory);
    free(w);
}

/* Beyond this no machine has enough, and some allocators end the program when they are asked. */
static const double most_bytes = 0x1p38;

static inline double network_work_bytes(const network_state *net, size_t dim, network_need need, network_work *counted) {
    piece all = {.memory = NULL};
    divide(counted, net, dim, need, &all);
    return (double)all.used * SLICE * sizeof(double);
}

/* NULL: there is not enough memory. */
static inline network_work *network_work_create(const network_state *net, size_t dim, network_need need) {
    network_work *w = calloc(1, sizeof *w + net->count * sizeof *w->layer);
    if (!w) return NULL;
    double bytes = network_work_bytes(net, dim, need, w);
    w->memory = bytes <= most_bytes ? aligned_alloc(SLICE * sizeof(double), (size_t)bytes) : NULL;
    if (!w->memory) {
        network_work_destroy(w);
        return NULL;
    }
    piece all = {.memory = w->memory};
    divide(w, net, dim, need, &all);
    w->from = w->x;
    w->to = w->gradient;
    w->apart = 1;
    return w;
}

/* ---- rows of particles, and back ---- */

static inline size_t lanes_of(size_t n, size_t first) {
    return n - first < SLICE ? n - first : SLICE;
}

/* Of a whole slice. */
static inline void pack_slice(size_t rows, size_t n, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < rows; i++)
        for (size_t s = 0; s < SLICE; s++) to[i * SLICE + s] = from[i * n + s];
}

static inline void unpack_slice(size_t rows, size_t n, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < rows; i++)
        for (size_t s = 0; s < SLICE; s++) to[i * n + s] = from[i * SLICE + s];
}

/* Particles first .. of from[rows][n]. */
static inline void pack(size_t rows, size_t n, size_t first, const double *from, double *to) {
    size_t lanes = lanes_of(n, first);
    if (lanes == SLICE) {
        pack_slice(rows, n, from + first, to);
        return;
    }
    memset(to, 0, rows * SLICE * sizeof *to);
    for (size_t i = 0; i < rows; i++) memcpy(to + i * SLICE, from + i * n + first, lanes * sizeof *to);
}

static inline void unpack(size_t rows, size_t n, size_t first, const double *from, double *to) {
    size_t lanes = lanes_of(n, first);
    if (lanes == SLICE) {
        unpack_slice(rows, n, from, to + first);
        return;
    }
    for (size_t i = 0; i < rows; i++) memcpy(to + i * n + first, from + i * SLICE, lanes * sizeof *to);
}

static inline void fill_nan(size_t count, double *restrict out) {
    for (size_t i = 0; i < count; i++) out[i] = NAN;
}

#endif
