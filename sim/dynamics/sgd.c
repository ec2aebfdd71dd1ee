/* Stochastic gradient descent: x' = x - eta (g + n + lambda x). */
#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct values {
    double weight_decay;
} values;

static const kr_parameter parameters[] = {KR_ROW_WEIGHT_DECAY(values), KR_END};

static void descend(size_t count, double rate, const double *restrict gradient, double *restrict x) {
    for (size_t i = 0; i < count; i++) x[i] = fma(-rate, gradient[i], x[i]);
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    (void)self;
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    descend(block->dim * block->n, controls->learning_rate, gradient, block->position);
}

static double thermal_variance(const kr_dynamics *self, double learning_rate) {
    (void)self, (void)learning_rate;
    return 0.0;
}

/* Gradient noise of variance s^2 enters as eta n, which is what a temperature eta s^2 / 2 would do in time eta. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    (void)self;
    return 0.5 * learning_rate * noise_variance;
}

static const kr_twin twins[] = {
    {"PyTorch", "SGD(lr=schedule.lr, weight_decay=weight_decay)", NULL},
    {"optax", "sgd(learning_rate=schedule.lr)", "equal without weight_decay, which add_decayed_weights before it adds"},
    {"Keras", "SGD(learning_rate=schedule.lr)", "equal without weight_decay"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "x' = x - eta (g + n + lambda x)",
              .doc = "stochastic gradient descent: heat comes from the gradient noise alone",
              .reference = "Jastrzebski et al. 2018, arXiv:1711.04623",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .step = step,
    .thermal_variance = thermal_variance,
    .temperature = temperature,
};
