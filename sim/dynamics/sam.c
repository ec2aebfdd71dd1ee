/* Sharpness-aware minimisation (Foret et al. 2021) around gradient descent: the gradient is taken where the loss is highest within
 * the distance rho, to first order,
 *
 *   x' = x - eta (g~(x + rho g~(x) / |g~(x)|) + lambda x),  g~ = g + n, |.| over all coordinates of a particle
 *
 * Both gradients are of one minibatch, as in practice: they have the same normals, and differ in their noise only where its
 * strength depends on the position. Weight decay is not part of what is sharp, as in the paper: it acts at x. */
#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct values {
    double rho, weight_decay;
} values;

static const kr_parameter parameters[] = {{.name = "rho",
                                           .symbol = "rho",
                                           .doc = "distance at which the gradient is taken",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, rho),
                                           .initial = 0.05,
                                           .minimum = 0,
                                           .maximum = 1e6},
                                          KR_ROW_WEIGHT_DECAY(values),
                                          KR_END};

static void take_out_decay(size_t count, double decay, const double *restrict x, double *restrict gradient) {
    for (size_t i = 0; i < count; i++) gradient[i] = fma(-decay, x[i], gradient[i]);
}

static void add_squares(size_t n, const double *restrict gradient, double *restrict sum) {
    for (size_t p = 0; p < n; p++) sum[p] = fma(gradient[p], gradient[p], sum[p]);
}

/* The tiny number of common implementations: a particle without a slope stays where it is. */
static void scale_by_norm(size_t n, double rho, double *restrict sum) {
    for (size_t p = 0; p < n; p++) sum[p] = rho / (sqrt(sum[p]) + 1e-12);
}

static void climb(size_t n, const double *restrict x, const double *restrict gradient, const double *restrict scale,
                  double *restrict top) {
    for (size_t p = 0; p < n; p++) top[p] = fma(scale[p], gradient[p], x[p]);
}

/* top = x + rho g / |g|, in block->scratch; the scales stand in the first row of block->normal, which is free by now. */
static void climb_all(kr_block *block, double rho, const double *gradient) {
    size_t n = block->n;
    double *scale = block->normal, *top = block->scratch;
    for (size_t p = 0; p < n; p++) scale[p] = 0.0;
    for (size_t i = 0; i < block->dim; i++) add_squares(n, gradient + i * n, scale);
    scale_by_norm(n, rho, scale);
    for (size_t i = 0; i < block->dim; i++) climb(n, block->position + i * n, gradient + i * n, scale, top + i * n);
}

static void descend(size_t count, double rate, const double *restrict gradient, double *restrict x) {
    for (size_t i = 0; i < count; i++) x[i] = fma(-rate, gradient[i], x[i]);
}

static void descend_with_decay(size_t count, double rate, double decay, const double *restrict gradient, const double *restrict top,
                               double *restrict x) {
    for (size_t i = 0; i < count; i++) x[i] = fma(-rate, fma(-decay, top[i] - x[i], gradient[i]), x[i]);
}

/* The landscape's gradients hold lambda times where they are taken. */
static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    size_t count = block->dim * block->n;
    double decay = block->landscape->weight_decay, *x = block->position;
    double *gradient = kr_block_gradient(block, controls, x, KR_STREAM_GRADIENT_NOISE);
    if (decay != 0.0) take_out_decay(count, decay, x, gradient);
    climb_all(block, v->rho, gradient);
    gradient = kr_block_gradient_again(block, controls, block->scratch, KR_STREAM_GRADIENT_NOISE);
    if (decay != 0.0)
        descend_with_decay(count, controls->learning_rate, decay, gradient, block->scratch, x);
    else
        descend(count, controls->learning_rate, gradient, x);
}

/* Gradient descent's, to leading order in rho. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    (void)self;
    return 0.5 * learning_rate * noise_variance;
}

static const char *temperature_regime(const kr_dynamics *self) {
    (void)self;
    return "of gradient descent; the ascent heats by the part rho x curvature / sigma, times sqrt(2 / pi) in one dimension";
}

static const kr_twin twins[] = {
    {"PyTorch", NULL, "SAM around SGD, sam.SAM(base_optimizer, rho), of the usual implementations is equal"},
    {"optax", NULL, "contrib.sam around sgd, with sync_period 2, is equal: two of its updates are one step"},
    {"Keras", NULL, "the model SharpnessAwareMinimization around SGD is equal"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "x+ = x + rho (g + n) / |g + n|,  x' = x - eta (g(x+) + n + lambda x)\n"
                          "n of one minibatch: the same normals in both; |.| over all coordinates",
              .doc = "sharpness-aware minimisation: gradient descent with the gradient from uphill",
              .reference = "P. Foret, A. Kleiner, H. Mobahi, B. Neyshabur, ICLR 2021",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .step = step,
    .temperature = temperature,
    .temperature_regime = temperature_regime,
};
