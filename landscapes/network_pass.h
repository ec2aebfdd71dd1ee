/* A tile of data through the network and back (Rumelhart, Hinton and Williams 1986), and the derivative of both along a direction
 * in parameter space (Pearlmutter 1994), which gives Hessian times direction exactly.
 *
 * With u the input of a layer, z = W u + b, h = f(z) (+ u), e = dl/dh and d = dl/dz = f'(z) e:
 *
 *     dl/dW = d u^T,  dl/db = d,  dl/du = W^T d (+ e).
 *
 * A dot for the derivative along (V, c): z. = W u. + V u + c, h. = f'(z) z. (+ u.), d. = f''(z) z. e + f'(z) e.,
 * (dl/dW). = d. u^T + d u.^T, (dl/du). = W^T d. + V^T d (+ e.). */
#ifndef LANDSCAPES_NETWORK_PASS_H
#define LANDSCAPES_NETWORK_PASS_H

#include "network_activation.h"
#include "network_batch.h"
#include "network_losses.h"
#include "network_products.h"

#include <kramers/interrupt.h>

/* ---- loops over the rows of a layer ---- */

static inline void set_row(size_t tile, const double *restrict from, double *restrict to) {
    for (size_t t = 0; t < tile; t++)
        for (size_t s = 0; s < SLICE; s++) to[t * SLICE + s] = from[s];
}

static inline void add_row(size_t count, const double *restrict from, double *restrict to) {
    for (size_t k = 0; k < count; k++) to[k] += from[k];
}

static inline void multiply_row(size_t count, const double *restrict a, const double *restrict b, double *restrict product) {
    for (size_t k = 0; k < count; k++) product[k] = a[k] * b[k];
}

/* d. of the formula above. */
static inline void bend_row(size_t count, const double *restrict curl, const double *restrict sum_along,
                            const double *restrict back, const double *restrict slope, const double *restrict back_along,
                            double *restrict error_along) {
    for (size_t k = 0; k < count; k++) error_along[k] = fma(curl[k] * sum_along[k], back[k], slope[k] * back_along[k]);
}

/* Weights of all layers but the first as [inputs][outputs]: once for a slice, however many passes follow. */
static inline void turn_weights(const network_state *net, size_t apart, const double *x, double *turned) {
    for (size_t l = 1; l < net->count; l++) {
        const kr_network_layer *y = &net->layer[l];
        for (size_t o = 0; o < y->outputs; o++)
            for (size_t i = 0; i < y->inputs; i++)
                memcpy(turned + (y->weight + i * y->outputs + o) * SLICE, x + (y->weight + o * y->inputs + i) * apart * SLICE,
                       SLICE * sizeof *turned);
    }
}

/* ---- layers ---- */

static inline const double *input_of(const network_work *w, size_t l) {
    return l ? w->layer[l - 1].output : w->input;
}

/* z = W u + b of each datum; parameters: x, or a direction. */
static inline void layer_sums(const kr_network_layer *y, size_t tile, size_t apart, const double *parameters, const double *u,
                              double *z) {
    for (size_t o = 0; o < y->outputs; o++) set_row(tile, parameters + (y->bias + o) * apart * SLICE, z + o * ROW);
    add_sums(y->outputs, y->inputs, tile, apart, parameters + y->weight * apart * SLICE, u, z);
}

/* dl/dW and dl/db over the tile. */
static inline void layer_gradient(const kr_network_layer *y, size_t tile, size_t apart, const double *error, const double *u,
                                  double *gradient) {
    for (size_t o = 0; o < y->outputs; o++) {
        double *bias = gradient + (y->bias + o) * apart * SLICE;
        if (apart != 1) memset(bias, 0, SLICE * sizeof *bias);
        add_data(tile, error + o * ROW, bias);
    }
    add_weights(y->outputs, y->inputs, tile, apart, error, u, gradient + y->weight * apart * SLICE);
}

/* dl/du += W^T d of each datum. */
static inline void layer_back(const kr_network_layer *y, size_t tile, const double *turned, const double *error, double *back) {
    add_sums(y->inputs, y->outputs, tile, 1, turned + y->weight * SLICE, error, back);
}

static inline void forward(const network_state *net, network_work *w, size_t tile, network_need need) {
    const activation_loops *f = &activate[net->activation];
    size_t count = tile * SLICE;
    for (size_t l = 0; l < net->count; l++) {
        const kr_network_layer *y = &net->layer[l];
        layer_values *v = &w->layer[l];
        layer_sums(y, tile, w->apart, w->from, input_of(w, l), v->output);
        for (size_t o = 0; l + 1 < net->count && o < y->outputs; o++) {
            size_t at = o * ROW;
            if (need == NEED_OUTPUTS)
                f->values(count, v->output + at);
            else if (need == NEED_GRADIENT)
                f->slopes(count, v->output + at, v->slope + at);
            else
                f->curls(count, v->output + at, v->slope + at, v->curl + at);
            if (y->residual) add_row(count, input_of(w, l) + at, v->output + at);
        }
    }
}

/* From the last layer's error to the gradient. */
static inline void backward(const network_state *net, network_work *w, size_t tile) {
    for (size_t l = net->count; l-- > 0;) {
        const kr_network_layer *y = &net->layer[l];
        layer_values *v = &w->layer[l];
        for (size_t o = 0; l + 1 < net->count && o < y->outputs; o++)
            multiply_row(tile * SLICE, v->slope + o * ROW, w->back + o * ROW, v->error + o * ROW);
        layer_gradient(y, tile, w->apart, v->error, input_of(w, l), w->to);
        if (!l) break;
        if (!y->residual) memset(w->back, 0, y->inputs * ROW * sizeof *w->back);
        layer_back(y, tile, w->turned, v->error, w->back);
    }
}

/* ---- along a direction ---- */

static inline void forward_along(const network_state *net, network_work *w, size_t tile) {
    size_t count = tile * SLICE;
    for (size_t l = 0; l < net->count; l++) {
        const kr_network_layer *y = &net->layer[l];
        layer_values *v = &w->layer[l];
        layer_sums(y, tile, 1, w->direction, input_of(w, l), v->sum_along);
        if (l) add_sums(y->outputs, y->inputs, tile, 1, w->x + y->weight * SLICE, w->layer[l - 1].output_along, v->sum_along);
        for (size_t o = 0; l + 1 < net->count && o < y->outputs; o++) {
            size_t at = o * ROW;
            multiply_row(count, v->slope + at, v->sum_along + at, v->output_along + at);
            if (y->residual) add_row(count, w->layer[l - 1].output_along + at, v->output_along + at);
        }
    }
}

/* w->gradient becomes Hessian times direction. */
static inline void backward_along(const network_state *net, network_work *w, size_t tile) {
    size_t count = tile * SLICE;
    for (size_t l = net->count; l-- > 0;) {
        const kr_network_layer *y = &net->layer[l];
        layer_values *v = &w->layer[l];
        for (size_t o = 0; l + 1 < net->count && o < y->outputs; o++) {
            size_t at = o * ROW;
            multiply_row(count, v->slope + at, w->back + at, v->error + at);
            bend_row(count, v->curl + at, v->sum_along + at, w->back + at, v->slope + at, w->back_along + at, v->error_along + at);
        }
        layer_gradient(y, tile, 1, v->error_along, input_of(w, l), w->gradient);
        if (!l) break;
        add_weights(y->outputs, y->inputs, tile, 1, v->error, w->layer[l - 1].output_along, w->gradient + y->weight * SLICE);
        if (!y->residual) {
            memset(w->back, 0, y->inputs * ROW * sizeof *w->back);
            memset(w->back_along, 0, y->inputs * ROW * sizeof *w->back_along);
        }
        layer_back(y, tile, w->turned, v->error, w->back);
        layer_back(y, tile, w->turned, v->error_along, w->back_along);
        layer_back(y, tile, w->turned_direction, v->error, w->back_along);
    }
}

/* ---- all data of a batch ---- */

/* Of the slice in w->from, whose weights are turned, into w->to: w->x and w->gradient, or where they are among the 64 of a granule.
 * There each number is written once, so that all data have to be in one tile. */
static inline void batch_gradient(const network_state *net, network_work *w, const network_batch *b, size_t first) {
    layer_values *last = &w->layer[net->count - 1];
    size_t classes = net->layer[net->count - 1].outputs;
    for (size_t begin = 0; begin < b->count && !kr_interrupt_wanted(); begin += TILE) {
        size_t tile = at_most(b->count - begin, TILE);
        fill_tile(b, begin, tile, first, w->datum, w->input, w->label);
        forward(net, w, tile, NEED_GRADIENT);
        output_errors(net->loss, tile, classes, 1.0 / (double)b->count, last->output, w->label, last->error);
        backward(net, w, tile);
    }
}

/* Of the slice in w->x, whose weights are turned, and w->direction, into w->gradient. */
static inline void batch_hessian_times(const network_state *net, network_work *w, size_t dim, const network_batch *b) {
    layer_values *last = &w->layer[net->count - 1];
    size_t classes = net->layer[net->count - 1].outputs;
    double scale = 1.0 / (double)b->count;
    memset(w->gradient, 0, dim * SLICE * sizeof *w->gradient);
    turn_weights(net, 1, w->direction, w->turned_direction);
    for (size_t begin = 0; begin < b->count && !kr_interrupt_wanted(); begin += TILE) {
        size_t tile = at_most(b->count - begin, TILE);
        fill_tile(b, begin, tile, 0, w->datum, w->input, w->label);
        forward(net, w, tile, NEED_HESSIAN);
        forward_along(net, w, tile);
        output_errors(net->loss, tile, classes, scale, last->output, w->label, last->error);
        output_errors_along(net->loss, tile, classes, scale, last->output, last->sum_along, last->error_along);
        backward_along(net, w, tile);
    }
}

#endif
