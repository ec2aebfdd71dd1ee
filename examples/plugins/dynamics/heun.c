/* Gradient flow to second order (Heun's method):  y = x - eta g(x),  x' = x - eta/2 (g(x) + g(y)). */
#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct values {
    double weight_decay;
} values;

static const kr_parameter parameters[] = {KR_ROW_WEIGHT_DECAY(values), KR_END};

static void predict(size_t count, double rate, const double *restrict gradient, const double *restrict x, double *restrict ahead) {
    for (size_t i = 0; i < count; i++) ahead[i] = fma(-rate, gradient[i], x[i]);
}

static void descend(size_t count, double rate, const double *restrict gradient, double *restrict x) {
    for (size_t i = 0; i < count; i++) x[i] = fma(-rate, gradient[i], x[i]);
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    (void)self;
    size_t count = block->dim * block->n;
    double rate = controls->learning_rate;
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    predict(count, rate, gradient, block->position, block->scratch);
    descend(count, 0.5 * rate, gradient, block->position);
    gradient = kr_block_gradient(block, controls, block->scratch, KR_STREAM_GRADIENT_SECOND); /* a noise of its own */
    descend(count, 0.5 * rate, gradient, block->position);
}

/* The mean of two independent noises has half the variance. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    (void)self;
    return 0.25 * learning_rate * noise_variance;
}

KR_DYNAMICS = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "x+ = x - eta (g(x) + n),  x' = x - eta/2 (g(x) + n + g(x+) + n+)",
                         .doc = "gradient flow to second order, with two gradients a step",
                         .reference = "K. Heun, Z. Math. Phys. 45, 23 (1900)",
                         .parameters = parameters,
                         .values_size = sizeof(values)},
               .step = step,
               .temperature = temperature};
