/* Landscapes that are a mean over data, V(x) = (1/M) sum_m l_m(x): what a minibatch, a test set and predictions need of them.
 *
 * A landscape names its kr_data_sum in kr_landscape_type.data. Points are structures of arrays as everywhere: coordinate i of
 * point p is x[i * n + p]. No function here knows of weight decay. All but `data` and `layers` are kernels: batched, vectorised, no
 * libm, the same bits for a point whatever n is.
 */
#ifndef KRAMERS_DATA_SUM_H
#define KRAMERS_DATA_SUM_H

#include <kramers/landscape.h>

KR_BEGIN_DECLARATIONS

typedef enum kr_data_part {
    KR_DATA_TRAIN, /* V is the mean over these */
    KR_DATA_TEST   /* held back; there may be none */
} kr_data_part;

/* The data of one part. Borrowed from the landscape. */
typedef struct kr_data {
    size_t count, inputs;
    size_t classes;        /* 0: data have no classes */
    size_t rows, columns;  /* of an image, rows * columns = inputs, row by row; 0: inputs are no image */
    const double *input;   /* [count][inputs] */
    const uint32_t *label; /* [count], below classes; NULL: none */
} kr_data;

/* One layer of a network: a weight matrix [outputs][inputs], row by row, from coordinate `weight` on, and [outputs] biases from
 * coordinate `bias` on. */
typedef struct kr_network_layer {
    size_t weight, bias, inputs, outputs;
    bool residual; /* its input is added to its output */
} kr_network_layer;

typedef struct kr_data_sum {
    kr_data (*data)(const kr_landscape *self, kr_data_part part);

    /* gradient[dim][n] of the mean of `batch` training data, which each point chooses for itself: number index[b * n + p]. input
     * [batch][inputs][n] stands for what is stored (augmented data); NULL: as stored. */
    void (*gradient)(const kr_landscape *self, size_t n, size_t batch, const uint32_t *KR_RESTRICT index,
                     const double *KR_RESTRICT input, const double *KR_RESTRICT x, double *KR_RESTRICT gradient);

    /* spread[dim][n]: the variance over the training data (divided by M) of each component of the gradient of l_m. */
    void (*spread)(const kr_landscape *self, size_t n, const double *KR_RESTRICT x, double *KR_RESTRICT spread);

    /* loss[n], the mean over a part, and correct[n], the share of it whose class is the likeliest by the prediction (the lowest
     * number of equals). Either may be NULL; correct is NAN without classes, both are without data. */
    void (*evaluate)(const kr_landscape *self, kr_data_part part, size_t n, const double *KR_RESTRICT x, double *KR_RESTRICT loss,
                     double *KR_RESTRICT correct);

    /* probability[count][classes][n] of each class at `count` inputs [count][inputs]: softmax of the outputs. NULL: no classes. */
    void (*predict)(const kr_landscape *self, size_t count, const double *KR_RESTRICT input, size_t n, const double *KR_RESTRICT x,
                    double *KR_RESTRICT probability);

    /* Layers from the input on; layer NULL: only how many. NULL: the landscape is no network. */
    size_t (*layers)(const kr_landscape *self, kr_network_layer *layer);
} kr_data_sum;

/* The data sum of a landscape, or NULL. */
static inline const kr_data_sum *kr_landscape_data(const kr_landscape *landscape) {
    return landscape->type->data;
}

KR_END_DECLARATIONS

#endif
