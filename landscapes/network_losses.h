/* Losses of a tile: outputs z[TILE][classes][SLICE], labels [TILE][SLICE].
 *
 * Cross entropy: l = log sum_c exp(z_c) - z_label, with the largest output subtracted from all first; dl/dz_c = q_c - [c = label]
 * with q = softmax z. Squared: l = mean over c of (z_c - [c = label])^2. */
#ifndef LANDSCAPES_NETWORK_LOSSES_H
#define LANDSCAPES_NETWORK_LOSSES_H

#include "network_shape.h"

#include <kramers/vector_math.h>

static inline void largest_output(size_t classes, const double *restrict z, double *restrict most) {
    for (size_t s = 0; s < SLICE; s++) most[s] = z[s];
    for (size_t c = 1; c < classes; c++)
        for (size_t s = 0; s < SLICE; s++) most[s] = z[c * SLICE + s] > most[s] ? z[c * SLICE + s] : most[s];
}

/* e[classes][SLICE] = exp(z - most), and their sum. */
static inline void exponentials(size_t classes, const double *restrict z, const double *restrict most, double *restrict e,
                                double *restrict sum) {
    for (size_t s = 0; s < SLICE; s++) sum[s] = 0;
    for (size_t c = 0; c < classes; c++)
        for (size_t s = 0; s < SLICE; s++) {
            double of_class = kr_exp(z[c * SLICE + s] - most[s]);
            e[c * SLICE + s] = of_class;
            sum[s] += of_class;
        }
}

static inline void scale_rows(size_t count, const double *restrict sum, double *restrict e) {
    double inverse[SLICE];
    for (size_t s = 0; s < SLICE; s++) inverse[s] = 1.0 / sum[s];
    for (size_t c = 0; c < count; c++)
        for (size_t s = 0; s < SLICE; s++) e[c * SLICE + s] *= inverse[s];
}

/* q[classes][SLICE] of one datum. */
static inline void softmax(size_t classes, const double *restrict z, double *restrict q) {
    double most[SLICE], sum[SLICE];
    largest_output(classes, z, most);
    exponentials(classes, z, most, q, sum);
    scale_rows(classes, sum, q);
}

static inline void add_cross_entropy(size_t classes, const double *restrict z, const double *restrict label,
                                     double *restrict loss) {
    double most[SLICE], sum[SLICE] = {0}, of_label[SLICE] = {0};
    largest_output(classes, z, most);
    for (size_t c = 0; c < classes; c++)
        for (size_t s = 0; s < SLICE; s++) {
            double above = z[c * SLICE + s] - most[s];
            sum[s] += kr_exp(above);
            of_label[s] = label[s] == (double)c ? above : of_label[s];
        }
    for (size_t s = 0; s < SLICE; s++) loss[s] += kr_log(sum[s]) - of_label[s];
}

static inline void add_squares(size_t classes, const double *restrict z, const double *restrict label, double *restrict loss) {
    double sum[SLICE] = {0}, inverse = 1.0 / (double)classes;
    for (size_t c = 0; c < classes; c++)
        for (size_t s = 0; s < SLICE; s++) {
            double off = z[c * SLICE + s] - (label[s] == (double)c ? 1.0 : 0.0);
            sum[s] = fma(off, off, sum[s]);
        }
    for (size_t s = 0; s < SLICE; s++) loss[s] = fma(inverse, sum[s], loss[s]);
}

/* loss[SLICE] grows by those of the tile. */
static inline void add_losses(network_loss kind, size_t tile, size_t classes, const double *z, const double *label, double *loss) {
    for (size_t t = 0; t < tile; t++)
        (kind == SQUARED ? add_squares : add_cross_entropy)(classes, z + t * classes * SLICE, label + t * SLICE, loss);
}

/* Of a class that is the likeliest; of equals the lowest counts, and NaN is never likely. */
static inline void add_hits(size_t classes, const double *restrict z, const double *restrict label, double *restrict hits) {
    double of_label[SLICE], hit[SLICE];
    for (size_t s = 0; s < SLICE; s++) of_label[s] = z[s], hit[s] = 1;
    for (size_t c = 1; c < classes; c++)
        for (size_t s = 0; s < SLICE; s++) of_label[s] = label[s] == (double)c ? z[c * SLICE + s] : of_label[s];
    for (size_t c = 0; c < classes; c++)
        for (size_t s = 0; s < SLICE; s++) {
            double other = z[c * SLICE + s], number = (double)c;
            double ahead = number < label[s] ? (of_label[s] > other ? 1.0 : 0.0) : (of_label[s] >= other ? 1.0 : 0.0);
            hit[s] = ahead < hit[s] ? ahead : hit[s];
        }
    for (size_t s = 0; s < SLICE; s++) hits[s] += hit[s];
}

static inline void subtract_label(size_t classes, double scale, const double *restrict label, double *restrict q) {
    for (size_t c = 0; c < classes; c++)
        for (size_t s = 0; s < SLICE; s++) q[c * SLICE + s] = scale * (q[c * SLICE + s] - (label[s] == (double)c ? 1.0 : 0.0));
}

/* error = scale dl/dz of the tile. */
static inline void output_errors(network_loss kind, size_t tile, size_t classes, double scale, const double *z, const double *label,
                                 double *error) {
    for (size_t t = 0; t < tile; t++) {
        double *of_datum = error + t * classes * SLICE;
        if (kind == SQUARED)
            memcpy(of_datum, z + t * classes * SLICE, classes * SLICE * sizeof *error);
        else
            softmax(classes, z + t * classes * SLICE, of_datum);
        subtract_label(classes, kind == SQUARED ? 2.0 * scale / (double)classes : scale, label + t * SLICE, of_datum);
    }
}

/* q becomes scale dq, of dq_c = q_c (dz_c - sum_k q_k dz_k). */
static inline void softmax_along(size_t classes, double scale, const double *restrict along, double *restrict q) {
    double mean[SLICE] = {0};
    for (size_t c = 0; c < classes; c++)
        for (size_t s = 0; s < SLICE; s++) mean[s] = fma(q[c * SLICE + s], along[c * SLICE + s], mean[s]);
    for (size_t c = 0; c < classes; c++)
        for (size_t s = 0; s < SLICE; s++) q[c * SLICE + s] *= scale * (along[c * SLICE + s] - mean[s]);
}

/* The derivative of output_errors where z changes by along. */
static inline void output_errors_along(network_loss kind, size_t tile, size_t classes, double scale, const double *z,
                                       const double *along, double *error_along) {
    for (size_t t = 0; t < tile; t++) {
        size_t at = t * classes * SLICE;
        if (kind == SQUARED) {
            for (size_t i = 0; i < classes * SLICE; i++) error_along[at + i] = 2.0 * scale / (double)classes * along[at + i];
        } else {
            softmax(classes, z + at, error_along + at);
            softmax_along(classes, scale, along + at, error_along + at);
        }
    }
}

#endif
