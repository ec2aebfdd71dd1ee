/* Losses of a tile: outputs z[classes][STRIDE][SLICE] of the last layer, labels [TILE][SLICE]. A row here is that of a class,
 * `count` = data times SLICE numbers.
 *
 * Cross entropy: l = log sum_c exp(z_c) - z_label, with the largest output subtracted from all first; dl/dz_c = q_c - [c = label]
 * with q = softmax z. Squared: l = mean over c of (z_c - [c = label])^2. */
#ifndef LANDSCAPES_NETWORK_LOSSES_H
#define LANDSCAPES_NETWORK_LOSSES_H

#include "network_shape.h"

#include <kramers/activation_math.h>

enum { ROW = STRIDE * SLICE, MOST_IN_ROW = TILE * SLICE };

/* ---- over one row ---- */

static inline void raise_row(size_t count, const double *restrict z, double *restrict most) {
    for (size_t k = 0; k < count; k++) most[k] = z[k] > most[k] ? z[k] : most[k];
}

static inline void exponentials_of_row(size_t count, const double *restrict z, const double *restrict most, double *restrict e,
                                       double *restrict sum) {
    for (size_t k = 0; k < count; k++) {
        double rest, below = kr_exp_below(z[k] - most[k], &rest);
        e[k] = below;
        sum[k] += below;
    }
}

static inline void divide_row(size_t count, const double *restrict sum, double *restrict e) {
    for (size_t k = 0; k < count; k++) e[k] *= sum[k];
}

static inline void invert_row(size_t count, double *restrict sum) {
    for (size_t k = 0; k < count; k++) sum[k] = 1.0 / sum[k];
}

static inline void choose_row(size_t count, double class, const double *restrict label, const double *restrict z,
                              double *restrict of_label) {
    for (size_t k = 0; k < count; k++) of_label[k] = label[k] == class ? z[k] : of_label[k];
}

static inline void entropy_of_row(size_t count, const double *restrict most, const double *restrict sum,
                                  double *restrict of_label) {
    for (size_t k = 0; k < count; k++) of_label[k] = kr_log(sum[k]) - (of_label[k] - most[k]);
}

static inline void square_row(size_t count, double class, const double *restrict label, const double *restrict z,
                              double *restrict sum) {
    for (size_t k = 0; k < count; k++) {
        double off = z[k] - (label[k] == class ? 1.0 : 0.0);
        sum[k] = fma(off, off, sum[k]);
    }
}

static inline void behind_row(size_t count, double class, const double *restrict label, const double *restrict z,
                              const double *restrict of_label, double *restrict hit) {
    for (size_t k = 0; k < count; k++) {
        double ahead = class < label[k] ? (of_label[k] > z[k] ? 1.0 : 0.0) : (of_label[k] >= z[k] ? 1.0 : 0.0);
        hit[k] = ahead < hit[k] ? ahead : hit[k];
    }
}

static inline void error_of_row(size_t count, double class, double scale, const double *restrict label, const double *restrict q,
                                double *restrict error) {
    for (size_t k = 0; k < count; k++) error[k] = scale * (q[k] - (label[k] == class ? 1.0 : 0.0));
}

static inline void add_products_of_row(size_t count, const double *restrict q, const double *restrict along, double *restrict sum) {
    for (size_t k = 0; k < count; k++) sum[k] = fma(q[k], along[k], sum[k]);
}

static inline void error_along_of_row(size_t count, double scale, const double *restrict along, const double *restrict mean,
                                      double *restrict q) {
    for (size_t k = 0; k < count; k++) q[k] *= scale * (along[k] - mean[k]);
}

static inline void scale_row(size_t count, double scale, const double *restrict from, double *restrict to) {
    for (size_t k = 0; k < count; k++) to[k] = scale * from[k];
}

/* sum[SLICE] over data. */
static inline void add_data(size_t tile, const double *restrict row, double *restrict sum) {
    for (size_t t = 0; t < tile; t++)
        for (size_t s = 0; s < SLICE; s++) sum[s] += row[t * SLICE + s];
}

/* ---- over all classes ---- */

/* q[classes][STRIDE][SLICE], not yet divided by their sum. */
static inline void exponentials(size_t count, size_t classes, const double *z, double *most, double *q, double *sum) {
    memcpy(most, z, count * sizeof *most);
    memset(sum, 0, count * sizeof *sum);
    for (size_t c = 1; c < classes; c++) raise_row(count, z + c * ROW, most);
    for (size_t c = 0; c < classes; c++) exponentials_of_row(count, z + c * ROW, most, q + c * ROW, sum);
}

static inline void softmax(size_t count, size_t classes, const double *z, double *q) {
    double most[MOST_IN_ROW], sum[MOST_IN_ROW];
    exponentials(count, classes, z, most, q, sum);
    invert_row(count, sum);
    for (size_t c = 0; c < classes; c++) divide_row(count, sum, q + c * ROW);
}

static inline void output_of_label(size_t count, size_t classes, const double *z, const double *label, double *of_label) {
    memcpy(of_label, z, count * sizeof *of_label);
    for (size_t c = 1; c < classes; c++) choose_row(count, (double)c, label, z + c * ROW, of_label);
}

/* loss[SLICE] grows by those of the tile; z is used up. */
static inline void add_losses(network_loss kind, size_t tile, size_t classes, double *z, const double *label, double *loss) {
    double most[MOST_IN_ROW], sum[MOST_IN_ROW] = {0}, of_datum[MOST_IN_ROW];
    size_t count = tile * SLICE;
    if (kind == SQUARED) {
        for (size_t c = 0; c < classes; c++) square_row(count, (double)c, label, z + c * ROW, sum);
        scale_row(count, 1.0 / (double)classes, sum, of_datum);
    } else {
        output_of_label(count, classes, z, label, of_datum);
        exponentials(count, classes, z, most, z, sum);
        entropy_of_row(count, most, sum, of_datum);
    }
    add_data(tile, of_datum, loss);
}

/* hits[SLICE]: data whose class is the likeliest; of equals the lowest counts, and NaN is never likely. */
static inline void add_hits(size_t tile, size_t classes, const double *z, const double *label, double *hits) {
    double of_label[MOST_IN_ROW], hit[MOST_IN_ROW];
    size_t count = tile * SLICE;
    for (size_t k = 0; k < count; k++) hit[k] = 1;
    output_of_label(count, classes, z, label, of_label);
    for (size_t c = 0; c < classes; c++) behind_row(count, (double)c, label, z + c * ROW, of_label, hit);
    add_data(tile, hit, hits);
}

/* error = scale dl/dz. */
static inline void output_errors(network_loss kind, size_t tile, size_t classes, double scale, const double *z, const double *label,
                                 double *error) {
    size_t count = tile * SLICE;
    if (kind == SQUARED) scale *= 2.0 / (double)classes;
    if (kind != SQUARED) softmax(count, classes, z, error);
    for (size_t c = 0; c < classes; c++)
        error_of_row(count, (double)c, scale, label, (kind == SQUARED ? z : error) + c * ROW, error + c * ROW);
}

/* The derivative of output_errors where z changes by along: dq_c = q_c (dz_c - sum_k q_k dz_k). */
static inline void output_errors_along(network_loss kind, size_t tile, size_t classes, double scale, const double *z,
                                       const double *along, double *error_along) {
    double mean[MOST_IN_ROW] = {0};
    size_t count = tile * SLICE;
    if (kind == SQUARED) {
        for (size_t c = 0; c < classes; c++)
            scale_row(count, 2.0 / (double)classes * scale, along + c * ROW, error_along + c * ROW);
        return;
    }
    softmax(count, classes, z, error_along);
    for (size_t c = 0; c < classes; c++) add_products_of_row(count, error_along + c * ROW, along + c * ROW, mean);
    for (size_t c = 0; c < classes; c++) error_along_of_row(count, scale, along + c * ROW, mean, error_along + c * ROW);
}

#endif
