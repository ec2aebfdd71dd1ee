/* A small neural network as a landscape: a point is the network, its coordinates are weights and biases in the order of PyTorch's
 * state_dict, layer by layer weight[out][in] row by row and then bias[out]. Kernels go through SLICE networks at once.
 *
 * network_shape.h says how numbers lie in memory, network_pass.h how they follow from each other. */
#include "datasets/dataset_rows.h"
#include "network_pass.h"

#include <float.h>

typedef struct network {
    kr_dataset_source source;
    kr_list hidden;
    int activation;
    bool residual;
    int loss;
} network;

static const char *const losses[] = {"cross_entropy", "squared", NULL};

enum { WIDEST = 65536, DEEPEST = 256 };

static const kr_parameter parameters[] = {
    KR_DATASET_ROWS(network, source),
    {"hidden", NULL, "units of each hidden layer; []: none, softmax regression", NULL, KR_LIST, KR_FIXED, offsetof(network, hidden),
     .initial = NAN, .minimum = 1, .maximum = WIDEST, .initial_text = "[8]"},
    {"activation", "f", "of the hidden units; gelu is the exact one", NULL, KR_CHOICE, 0, offsetof(network, activation),
     .initial = 0, .choices = network_activations},
    {"residual", NULL, "a hidden layer behind one of the same width adds to it", NULL, KR_SWITCH, KR_FIXED,
     offsetof(network, residual), .initial = 0},
    {"loss", NULL, "cross_entropy of the softmax, mean over data; squared: mean over data and outputs of (y - one-hot)^2", NULL,
     KR_CHOICE, 0, offsetof(network, loss), .initial = CROSS_ENTROPY, .choices = losses},
    KR_END};

/* ---- layers ---- */

static kr_status check_hidden(const network *v, kr_error *error) {
    if (v->hidden.count > DEEPEST)
        return kr_fail(error, KR_BAD_ARGUMENT, "landscape 'network': hidden lists %zu layers; there can be at most %d",
                       v->hidden.count, DEEPEST);
    for (size_t l = 0; l < v->hidden.count; l++) {
        double width = v->hidden.value[l];
        if (width != (double)(size_t)width)
            return kr_fail(error, KR_BAD_ARGUMENT, "landscape 'network': hidden lists %g; the units of a layer are a whole number",
                           width);
    }
    return KR_OK;
}

/* The layers from the input on; returns the number of parameters. layer NULL: only that. */
static size_t lay_out(const network *v, size_t inputs, size_t classes, kr_network_layer *layer) {
    size_t dim = 0;
    for (size_t l = 0; l <= v->hidden.count; l++) {
        size_t outputs = l < v->hidden.count ? (size_t)v->hidden.value[l] : classes, weights = outputs * inputs;
        bool residual = v->residual && l > 0 && l < v->hidden.count && outputs == inputs;
        if (layer) layer[l] = (kr_network_layer){dim, dim + weights, inputs, outputs, residual};
        dim += weights + outputs;
        inputs = outputs;
    }
    return dim;
}

static kr_status measure(const void *values, const char *directory, size_t *dim, kr_error *error) {
    const network *v = values;
    size_t inputs, classes;
    kr_status status = check_hidden(v, error);
    if (status == KR_OK) status = kr_dataset_shape(&v->source, directory, &inputs, &classes, error);
    if (status == KR_OK) *dim = lay_out(v, inputs, classes, NULL);
    return status;
}

/* Without memory for them it does without. */
static float *shorten(size_t count, const double *input) {
    float *short_input = malloc(count * sizeof *short_input);
    bool exact = short_input != NULL;
    for (size_t i = 0; exact && i < count; i++) {
        exact = fabs(input[i]) <= FLT_MAX;
        short_input[i] = exact ? (float)input[i] : 0;
        exact = exact && (double)short_input[i] == input[i];
    }
    if (exact) return short_input;
    free(short_input);
    return NULL;
}

static kr_status prepare(kr_landscape *self, kr_error *error) {
    const network *v = self->values;
    size_t count = v->hidden.count + 1;
    network_state *net = self->state = calloc(1, sizeof *net + count * sizeof *net->layer);
    if (!net) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a network of %zu layers", count);
    kr_status status = kr_dataset_create(&net->dataset, &v->source, self->directory, error);
    if (status != KR_OK) return status;
    const kr_data *train = &net->dataset->part[KR_DATA_TRAIN];
    net->short_input = shorten(train->count * train->inputs, train->input);
    net->count = count;
    net->activation = v->activation;
    net->loss = (network_loss)v->loss;
    if (lay_out(v, train->inputs, train->classes, net->layer) != self->dim)
        return kr_fail(error, KR_IO, "'%s' changed while it was read", v->source.data);
    for (size_t l = 0; l + 1 < count; l++)
        if (net->layer[l].outputs > net->widest) net->widest = net->layer[l].outputs;
    network_work *work = network_work_create(net, self->dim, NEED_HESSIAN);
    if (!work) status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a network of %zu parameters", self->dim);
    network_work_destroy(work);
    return status;
}

static void release(kr_landscape *self) {
    network_state *net = self->state;
    kr_dataset_destroy(net->dataset);
    free(net->short_input);
    free(net);
}

static network_batch all_of(const network_state *net, kr_data_part part) {
    kr_data data = net->dataset->part[part];
    return (network_batch){.data = data, .count = data.count};
}

/* ---- the landscape ---- */

/* Losses and hits, means over the part; either may be NULL. */
static void evaluate(const kr_landscape *self, kr_data_part part, size_t n, const double *restrict x, double *restrict loss,
                     double *restrict correct) {
    const network_state *net = network_of(self);
    network_batch b = all_of(net, part);
    network_work *w = b.count ? network_work_create(net, self->dim, NEED_OUTPUTS) : NULL;
    if (!w || !b.data.label) {
        if (loss) fill_nan(n, loss);
        if (correct) fill_nan(n, correct);
        network_work_destroy(w);
        return;
    }
    size_t classes = b.data.classes;
    double *output = w->layer[net->count - 1].output;
    b.n = n;
    for (size_t first = 0; first < n && !kr_interrupt_wanted(); first += SLICE) {
        double losses_of[SLICE] = {0}, hits[SLICE] = {0};
        pack(self->dim, n, first, x, w->x);
        for (size_t begin = 0; begin < b.count && !kr_interrupt_wanted(); begin += TILE) {
            size_t tile = at_most(b.count - begin, TILE);
            fill_tile(&b, begin, tile, first, w->datum, w->input, w->label);
            forward(net, w, tile, NEED_OUTPUTS);
            if (correct) add_hits(tile, classes, output, w->label, hits);
            if (loss) add_losses(net->loss, tile, classes, output, w->label, losses_of);
        }
        for (size_t s = 0; s < lanes_of(n, first); s++) {
            if (loss) loss[first + s] = losses_of[s] / (double)b.count;
            if (correct) correct[first + s] = hits[s] / (double)b.count;
        }
    }
    network_work_destroy(w);
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    evaluate(self, KR_DATA_TRAIN, n, x, energy, NULL);
}

/* For passes back. */
static void pack_turned(const network_state *net, network_work *w, size_t dim, size_t n, size_t first, const double *x) {
    pack(dim, n, first, x, w->x);
    turn_weights(net, 1, w->x, w->turned);
}

/* Of the particles from first on. A granule with few data each is not copied. */
static void slice_gradient(const network_state *net, network_work *w, size_t dim, const network_batch *b, size_t first,
                           const double *x, double *gradient) {
    size_t n = b->n;
    if (n == GRANULE * SLICE && b->count <= TILE) {
        w->from = x + first;
        w->to = gradient + first;
        w->apart = GRANULE;
        turn_weights(net, w->apart, w->from, w->turned);
        batch_gradient(net, w, b, first);
        return;
    }
    pack_turned(net, w, dim, n, first, x);
    memset(w->gradient, 0, dim * SLICE * sizeof *w->gradient);
    batch_gradient(net, w, b, first);
    unpack(dim, n, first, w->gradient, gradient);
}

static void gradient_of(const kr_landscape *self, network_batch b, size_t n, const double *x, double *gradient) {
    const network_state *net = network_of(self);
    network_work *w = network_work_create(net, self->dim, NEED_GRADIENT);
    if (!w) fill_nan(self->dim * n, gradient);
    b.n = n;
    for (size_t first = 0; w && first < n && !kr_interrupt_wanted(); first += SLICE)
        slice_gradient(net, w, self->dim, &b, first, x, gradient);
    network_work_destroy(w);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    gradient_of(self, all_of(network_of(self), KR_DATA_TRAIN), n, x, gradient);
}

static void hessian_times(const kr_landscape *self, size_t n, const double *restrict x, const double *restrict direction,
                          double *restrict product) {
    const network_state *net = network_of(self);
    network_batch b = all_of(net, KR_DATA_TRAIN);
    network_work *w = network_work_create(net, self->dim, NEED_HESSIAN);
    if (!w) fill_nan(self->dim * n, product);
    for (size_t first = 0; w && first < n; first += SLICE) {
        pack_turned(net, w, self->dim, n, first, x);
        pack(self->dim, n, first, direction, w->direction);
        batch_hessian_times(net, w, self->dim, &b);
        unpack(self->dim, n, first, w->gradient, product);
    }
    network_work_destroy(w);
}

/* Row i of the Hessian of the slice in w->x. */
static void hessian_row(const network_state *net, network_work *w, size_t dim, const network_batch *b, size_t i) {
    memset(w->direction, 0, dim * SLICE * sizeof *w->direction);
    for (size_t s = 0; s < SLICE; s++) w->direction[i * SLICE + s] = 1;
    batch_hessian_times(net, w, dim, b);
}

/* Of each pair of equal entries the one in the lower row counts, so that the matrix is symmetric to the bit. */
static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    const network_state *net = network_of(self);
    size_t dim = self->dim;
    network_batch b = all_of(net, KR_DATA_TRAIN);
    network_work *w = network_work_create(net, dim, NEED_HESSIAN);
    if (!w) fill_nan(dim * dim * n, hessian);
    for (size_t first = 0; w && first < n; first += SLICE) {
        pack_turned(net, w, dim, n, first, x);
        for (size_t i = 0; i < dim; i++) {
            hessian_row(net, w, dim, &b, i);
            unpack(dim - i, n, first, w->gradient + i * SLICE, hessian + (i * dim + i) * n);
            for (size_t j = i + 1; j < dim; j++) unpack(1, n, first, w->gradient + j * SLICE, hessian + (j * dim + i) * n);
        }
    }
    network_work_destroy(w);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    const network_state *net = network_of(self);
    network_batch b = all_of(net, KR_DATA_TRAIN);
    network_work *w = network_work_create(net, self->dim, NEED_HESSIAN);
    if (!w) fill_nan(self->dim * n, curvature);
    for (size_t first = 0; w && first < n; first += SLICE) {
        pack_turned(net, w, self->dim, n, first, x);
        for (size_t i = 0; i < self->dim && !kr_interrupt_wanted(); i++) { /* each a pass over the data */
            hessian_row(net, w, self->dim, &b, i);
            unpack(1, n, first, w->gradient + i * SLICE, curvature + i * n);
        }
    }
    network_work_destroy(w);
}

/* ---- as a mean over data ---- */

static kr_data data(const kr_landscape *self, kr_data_part part) {
    return network_of(self)->dataset->part[part];
}

static void batch(const kr_landscape *self, size_t n, size_t count, const uint32_t *restrict index, const double *restrict input,
                  const double *restrict x, double *restrict gradient) {
    network_batch b = all_of(network_of(self), KR_DATA_TRAIN);
    b.count = count;
    b.short_input = network_of(self)->short_input;
    b.index = index;
    b.input = input;
    gradient_of(self, b, n, x, gradient);
}

static void add_deviations(size_t count, double share, const double *restrict gradient, const double *restrict mean,
                           double *restrict spread) {
    for (size_t i = 0; i < count; i++) {
        double off = gradient[i] - mean[i];
        spread[i] = fma(share * off, off, spread[i]);
    }
}

/* Twice through the data: for the mean, and for the squares of what differs from it. */
static void spread(const kr_landscape *self, size_t n, const double *restrict x, double *restrict spread) {
    const network_state *net = network_of(self);
    size_t dim = self->dim;
    network_batch all = all_of(net, KR_DATA_TRAIN), one = all;
    network_work *w = network_work_create(net, dim, NEED_GRADIENT);
    double *mean = malloc(2 * dim * SLICE * sizeof *mean), *sum = mean + dim * SLICE;
    one.count = 1;
    if (!w || !mean) fill_nan(dim * n, spread);
    for (size_t first = 0; w && mean && first < n && !kr_interrupt_wanted(); first += SLICE) {
        pack_turned(net, w, dim, n, first, x);
        memset(w->gradient, 0, dim * SLICE * sizeof *w->gradient);
        batch_gradient(net, w, &all, first);
        memcpy(mean, w->gradient, dim * SLICE * sizeof *mean);
        memset(sum, 0, dim * SLICE * sizeof *sum);
        for (size_t m = 0; m < all.count; m++) {
            one.data.input = all.data.input + m * all.data.inputs;
            one.data.label = all.data.label + m;
            memset(w->gradient, 0, dim * SLICE * sizeof *w->gradient);
            batch_gradient(net, w, &one, first);
            add_deviations(dim * SLICE, 1.0 / (double)all.count, w->gradient, mean, sum);
        }
        unpack(dim, n, first, sum, spread);
    }
    free(mean);
    network_work_destroy(w);
}

static void predict(const kr_landscape *self, size_t count, const double *restrict input, size_t n, const double *restrict x,
                    double *restrict probability) {
    const network_state *net = network_of(self);
    size_t classes = net->layer[net->count - 1].outputs;
    network_batch b = all_of(net, KR_DATA_TRAIN);
    network_work *w = network_work_create(net, self->dim, NEED_GRADIENT);
    if (!w) fill_nan(count * classes * n, probability);
    b.data.input = input;
    b.data.label = NULL;
    for (size_t first = 0; w && first < n; first += SLICE) {
        layer_values *last = &w->layer[net->count - 1];
        pack(self->dim, n, first, x, w->x);
        for (size_t begin = 0; begin < count; begin += TILE) {
            size_t tile = at_most(count - begin, TILE);
            fill_tile(&b, begin, tile, first, w->datum, w->input, w->label);
            forward(net, w, tile, NEED_OUTPUTS);
            softmax(tile * SLICE, classes, last->output, last->error);
            for (size_t t = 0; t < tile; t++)
                for (size_t c = 0; c < classes; c++)
                    unpack(1, n, first, last->error + c * ROW + t * SLICE, probability + ((begin + t) * classes + c) * n);
        }
    }
    network_work_destroy(w);
}

static size_t layers(const kr_landscape *self, kr_network_layer *layer) {
    const network_state *net = network_of(self);
    if (layer) memcpy(layer, net->layer, net->count * sizeof *layer);
    return net->count;
}

static const kr_data_sum data_sum = {
    .data = data, .gradient = batch, .spread = spread, .evaluate = evaluate, .predict = predict, .layers = layers};

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .bench = "data: moons, points: 64", /* a step goes through all data */
              .bound = "a product for each weight and datum, twice",
              .equation = "V = mean over the training data (u, c) of the loss\n"
                          "h_1 = f(W_1 u + b_1); h = f(W h + b), with residual h + f(W h + b) where widths agree; y = W h + b\n"
                          "cross_entropy: -log softmax(y)_c; squared: mean over outputs of (y - one-hot(c))^2",
              .doc = "Small neural network that classifies data: a point is all weights and biases, layer by layer weight[out][in] "
                     "then bias[out]",
              .reference = "D. E. Rumelhart, G. E. Hinton, R. J. Williams, Nature 323 (1986); B. A. Pearlmutter, Neural Comput. 6 "
                           "(1994) for the Hessian",
              .parameters = parameters,
              .values_size = sizeof(network)},
    .measure = measure,
    .prepare = prepare,
    .release = release,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .hessian_times = hessian_times,
    .data = &data_sum,
};
