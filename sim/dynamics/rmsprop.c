/* RMSprop (Hinton 2012), with centering (Graves 2013) and momentum, as PyTorch 1.13 does it:
 *
 *   v = alpha v + (1 - alpha) g~^2,  centered: a = alpha a + (1 - alpha) g~
 *   b = mu b + g~ / (sqrt(v - a^2) + epsilon),  x' = x - eta b
 *
 * The buffer is kept without momentum too, where it is the step itself, so that momentum may begin at any time. */
#include "preconditioned.h"

#include <kramers/block.h>
#include <kramers/parameter_rows.h>

typedef struct values {
    double alpha, epsilon, momentum, weight_decay;
    bool centered;
} values;

enum { SQUARE, BUFFER, MEAN };

static const kr_parameter parameters[] = {
    KR_ROW_MEMORY(values, alpha, "alpha", "memory of the mean of the gradient's square", 0.99),
    KR_ROW_EPSILON(values, 1e-8),
    {.name = "momentum",
     .symbol = "mu",
     .doc = "part of the divided gradients that survives a step",
     .type = KR_NUMBER,
     .flags = KR_BELOW_MAXIMUM,
     .offset = offsetof(values, momentum),
     .initial = 0,
     .minimum = 0,
     .maximum = 1},
    {.name = "centered",
     .doc = "divides by the standard deviation of the gradient instead of its root mean square",
     .type = KR_SWITCH,
     .offset = offsetof(values, centered),
     .initial = 0},
    KR_ROW_WEIGHT_DECAY(values),
    KR_END};

static size_t auxiliaries(const kr_dynamics *self) {
    return ((const values *)self->values)->centered ? MEAN + 1 : MEAN;
}

typedef struct numbers {
    double rate, alpha, epsilon, momentum;
} numbers;

static void follow(size_t count, numbers s, const double *restrict gradient, double *restrict square, double *restrict buffer,
                   double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        double g = gradient[i];
        square[i] = kr_running_square(s.alpha, square[i], g);
        buffer[i] = s.momentum * buffer[i] + g / (sqrt(square[i]) + s.epsilon);
        x[i] = fma(-s.rate, buffer[i], x[i]);
    }
}

/* A variance that rounding has made negative is 0 (PyTorch has NaN there). */
static void follow_centered(size_t count, numbers s, const double *restrict gradient, double *restrict square,
                            double *restrict mean, double *restrict buffer, double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        double g = gradient[i];
        square[i] = kr_running_square(s.alpha, square[i], g);
        mean[i] = kr_running_mean(s.alpha, mean[i], g);
        double variance = fma(-mean[i], mean[i], square[i]);
        variance = variance < 0.0 ? 0.0 : variance;
        buffer[i] = s.momentum * buffer[i] + g / (sqrt(variance) + s.epsilon);
        x[i] = fma(-s.rate, buffer[i], x[i]);
    }
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    numbers s = {controls->learning_rate, v->alpha, kr_above_zero(v->epsilon), v->momentum};
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    size_t count = block->dim * block->n;
    if (v->centered)
        follow_centered(count, s, gradient, block->auxiliary[SQUARE], block->auxiliary[MEAN], block->auxiliary[BUFFER],
                        block->position);
    else
        follow(count, s, gradient, block->auxiliary[SQUARE], block->auxiliary[BUFFER], block->position);
}

/* Momentum stretches each kick by 1 / (1 - mu). */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    const values *v = self->values;
    return kr_preconditioned_temperature(learning_rate, noise_variance, v->epsilon) / (1.0 - v->momentum);
}

static const char *temperature_regime(const kr_dynamics *self) {
    (void)self;
    return kr_preconditioned_regime;
}

static double preconditioned_limit(const kr_dynamics *self) {
    return 2.0 * (1.0 + ((const values *)self->values)->momentum);
}

static double preconditioner(const kr_dynamics *self, double noise_variance) {
    return kr_noise_preconditioner(noise_variance, ((const values *)self->values)->epsilon);
}

static const kr_twin twins[] = {
    {"PyTorch",
     "RMSprop(lr=schedule.lr, alpha=alpha, eps=epsilon, momentum=momentum, centered=centered, weight_decay=weight_decay)",
     "equal without maximize, for which the landscape is turned over"},
    {"optax", "rmsprop(learning_rate=schedule.lr, decay=alpha, eps=epsilon, centered=centered, momentum=momentum)",
     "not quite: epsilon is added below the root, and decay is 0.9 unless it is given; there is no weight_decay"},
    {"Keras", "RMSprop(learning_rate=schedule.lr, rho=alpha, epsilon=epsilon, momentum=momentum, centered=centered)",
     "not quite: epsilon, 1e-7 there, is added below the root, and rho is 0.9 unless it is given"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "v' = alpha v + (1 - alpha) g~^2,  b' = mu b + g~ / (sqrt(v') + epsilon),  x' = x - eta b'\n"
                          "centered: v' - a'^2 instead of v', a' = alpha a + (1 - alpha) g~\n"
                          "g~ = g + n + lambda x",
              .doc = "RMSprop: the gradient divided by the root of a running mean of its square",
              .reference = "T. Tieleman, G. Hinton, Coursera lecture 6.5, 2012; centered: A. Graves 2013, arXiv:1308.0850",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .auxiliaries = auxiliaries,
    .step = step,
    .temperature = temperature,
    .temperature_regime = temperature_regime,
    .stability_limit = kr_never_unstable,
    .preconditioned_limit = preconditioned_limit,
    .preconditioner = preconditioner,
};
