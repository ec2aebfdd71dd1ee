/* Stochastic gradient Langevin dynamics (Welling and Teh 2011): x' = x - eta (g + n + lambda x) + sqrt(2 eta T) xi.
 *
 * The Euler-Maruyama step of dx = -grad V dt + sqrt(2 T) dW with time step eta. Welling and Teh write eta/2 for the drift; here the
 * learning rate means what it means to an optimizer. */
#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct values {
    double temperature, weight_decay;
} values;

static const kr_parameter parameters[] = {KR_ROW_TEMPERATURE(values, "of the added thermal noise"), KR_ROW_WEIGHT_DECAY(values),
                                          KR_END};

static double thermal_variance(const kr_dynamics *self, double learning_rate) {
    const values *v = self->values;
    return 2.0 * learning_rate * v->temperature;
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    double amplitude = sqrt(thermal_variance(self, controls->learning_rate));
    kr_block_descend_and_shake(block, controls, KR_STREAM_THERMAL, amplitude, -controls->learning_rate, gradient);
}

/* Gradient noise of variance s^2 adds eta s^2 / 2. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    const values *v = self->values;
    return v->temperature + 0.5 * learning_rate * noise_variance;
}

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "x' = x - eta (g + n + lambda x) + sqrt(2 eta T) xi",
              .doc = "stochastic gradient Langevin dynamics: gradient descent with thermal noise at a set temperature",
              .reference = "Welling and Teh 2011",
              .parameters = parameters,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .step = step,
    .thermal_variance = thermal_variance,
    .temperature = temperature,
};
