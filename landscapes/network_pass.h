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

/* ---- loops over rows ---- */

static inline void set_rows(size_t tile, size_t count, const double *restrict from, double *restrict to) {
    for (size_t t = 0; t < tile; t++)
        for (size_t i = 0; i < count; i++) to[t * count + i] = from[i];
}

static inline void add_rows(size_t count, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < count; i++) to[i] += from[i];
}

static inline void multiply_rows(size_t count, const double *restrict a, const double *restrict b, double *restrict product) {
    for (size_t i = 0; i < count; i++) product[i] = a[i] * b[i];
}

/* d. of the formula above. */
static inline void bend_rows(size_t count, const double *restrict curl, const double *restrict sum_along,
                             const double *restrict back, const double *restrict slope, const double *restrict back_along,
                             double *restrict error_along) {
    for (size_t i = 0; i < count; i++) error_along[i] = fma(curl[i] * sum_along[i], back[i], slope[i] * back_along[i]);
}

static inline void add_over_tile(size_t tile, size_t count, const double *restrict error, double *restrict bias) {
    for (size_t t = 0; t < tile; t++)
        for (size_t i = 0; i < count; i++) bias[i] += error[t * count + i];
}

/* ---- layers ---- */

static inline const double *input_of(const network_work *w, size_t l) {
    return l ? w->layer[l - 1].output : w->input;
}

/* z += W u of each datum; parameters: x, or a direction. */
static inline void add_sums(const kr_network_layer *y, size_t tile, const double *parameters, const double *u, double *z) {
    rows data = {u, y->inputs, 1}, weights = {parameters + y->weight * SLICE, y->inputs, 1};
    add_products(tile, y->outputs, y->inputs, data, weights, z);
}

/* e += W^T d of each datum. */
static inline void add_back(const kr_network_layer *y, size_t tile, const double *parameters, const double *error, double *back) {
    rows errors = {error, y->outputs, 1}, weights = {parameters + y->weight * SLICE, 1, y->inputs};
    add_products(tile, y->inputs, y->outputs, errors, weights, back);
}

/* dl/dW += d u^T over the tile. */
static inline void add_weights(const kr_network_layer *y, size_t tile, const double *error, const double *u, double *gradient) {
    rows errors = {error, 1, y->outputs}, data = {u, 1, y->inputs};
    add_products(y->outputs, y->inputs, tile, errors, data, gradient + y->weight * SLICE);
}

static inline void forward(const network_state *net, network_work *w, size_t tile, network_need need) {
    const activation_loops *f = &activate[net->activation];
    for (size_t l = 0; l < net->count; l++) {
        const kr_network_layer *y = &net->layer[l];
        layer_values *v = &w->layer[l];
        size_t count = tile * y->outputs * SLICE;
        set_rows(tile, y->outputs * SLICE, w->x + y->bias * SLICE, v->output);
        add_sums(y, tile, w->x, input_of(w, l), v->output);
        if (l + 1 == net->count) break;
        if (need == NEED_OUTPUTS)
            f->values(count, v->output);
        else if (need == NEED_GRADIENT)
            f->slopes(count, v->output, v->slope);
        else
            f->curls(count, v->output, v->slope, v->curl);
        if (y->residual) add_rows(count, input_of(w, l), v->output);
    }
}

/* From the last layer's error to the gradient. */
static inline void backward(const network_state *net, network_work *w, size_t tile) {
    for (size_t l = net->count; l-- > 0;) {
        const kr_network_layer *y = &net->layer[l];
        layer_values *v = &w->layer[l];
        size_t count = tile * y->outputs * SLICE;
        if (l + 1 < net->count) multiply_rows(count, v->slope, w->back, v->error);
        add_over_tile(tile, y->outputs * SLICE, v->error, w->gradient + y->bias * SLICE);
        add_weights(y, tile, v->error, input_of(w, l), w->gradient);
        if (!l) break;
        if (!y->residual) memset(w->back, 0, tile * y->inputs * SLICE * sizeof *w->back);
        add_back(y, tile, w->x, v->error, w->back);
    }
}

/* ---- along a direction ---- */

static inline void forward_along(const network_state *net, network_work *w, size_t tile) {
    for (size_t l = 0; l < net->count; l++) {
        const kr_network_layer *y = &net->layer[l];
        layer_values *v = &w->layer[l];
        size_t count = tile * y->outputs * SLICE;
        bool last = l + 1 == net->count;
        set_rows(tile, y->outputs * SLICE, w->direction + y->bias * SLICE, v->sum_along);
        add_sums(y, tile, w->direction, input_of(w, l), v->sum_along);
        if (l) add_sums(y, tile, w->x, w->layer[l - 1].output_along, v->sum_along);
        if (last) break;
        multiply_rows(count, v->slope, v->sum_along, v->output_along);
        if (y->residual) add_rows(count, w->layer[l - 1].output_along, v->output_along);
    }
}

/* w->gradient becomes Hessian times direction. */
static inline void backward_along(const network_state *net, network_work *w, size_t tile) {
    for (size_t l = net->count; l-- > 0;) {
        const kr_network_layer *y = &net->layer[l];
        layer_values *v = &w->layer[l];
        size_t count = tile * y->outputs * SLICE, below = tile * y->inputs * SLICE;
        if (l + 1 < net->count) {
            multiply_rows(count, v->slope, w->back, v->error);
            bend_rows(count, v->curl, v->sum_along, w->back, v->slope, w->back_along, v->error_along);
        }
        add_over_tile(tile, y->outputs * SLICE, v->error_along, w->gradient + y->bias * SLICE);
        add_weights(y, tile, v->error_along, input_of(w, l), w->gradient);
        if (!l) break;
        add_weights(y, tile, v->error, w->layer[l - 1].output_along, w->gradient);
        if (!y->residual) {
            memset(w->back, 0, below * sizeof *w->back);
            memset(w->back_along, 0, below * sizeof *w->back_along);
        }
        add_back(y, tile, w->x, v->error, w->back);
        add_back(y, tile, w->x, v->error_along, w->back_along);
        add_back(y, tile, w->direction, v->error, w->back_along);
    }
}

/* ---- all data of a batch, for the slice in w->x ---- */

static inline void batch_gradient(const network_state *net, network_work *w, size_t dim, const network_batch *b, size_t first) {
    layer_values *last = &w->layer[net->count - 1];
    size_t classes = net->layer[net->count - 1].outputs;
    memset(w->gradient, 0, dim * SLICE * sizeof *w->gradient);
    for (size_t begin = 0; begin < b->count; begin += TILE) {
        size_t tile = b->count - begin < TILE ? b->count - begin : TILE;
        fill_tile(b, begin, tile, first, w->input, w->label);
        forward(net, w, tile, NEED_GRADIENT);
        output_errors(net->loss, tile, classes, 1.0 / (double)b->count, last->output, w->label, last->error);
        backward(net, w, tile);
    }
}

static inline void batch_hessian_times(const network_state *net, network_work *w, size_t dim, const network_batch *b) {
    layer_values *last = &w->layer[net->count - 1];
    size_t classes = net->layer[net->count - 1].outputs;
    double scale = 1.0 / (double)b->count;
    memset(w->gradient, 0, dim * SLICE * sizeof *w->gradient);
    for (size_t begin = 0; begin < b->count; begin += TILE) {
        size_t tile = b->count - begin < TILE ? b->count - begin : TILE;
        fill_tile(b, begin, tile, 0, w->input, w->label);
        forward(net, w, tile, NEED_HESSIAN);
        forward_along(net, w, tile);
        output_errors(net->loss, tile, classes, scale, last->output, w->label, last->error);
        output_errors_along(net->loss, tile, classes, scale, last->output, last->sum_along, last->error_along);
        backward_along(net, w, tile);
    }
}

#endif
