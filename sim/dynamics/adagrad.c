/* Adagrad (Duchi, Hazan, Singer 2011), as PyTorch 1.13 does it:
 *
 *   v += g~^2,  x' = x - eta / (1 + t lr_decay) g~ / (sqrt(v) + epsilon),  t = 0 in the first step after a start
 *
 * v begins at initial_accumulator_value. */
#include "preconditioned.h"

#include <kramers/block.h>
#include <kramers/parameter_rows.h>

typedef struct values {
    double lr_decay, epsilon, initial_accumulator_value, weight_decay;
} values;

enum { SUM, STEPS };

static const kr_parameter parameters[] = {{.name = "lr_decay",
                                           .doc = "the learning rate is divided by 1 + this times the steps since the start",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE | KR_FIXED,
                                           .offset = offsetof(values, lr_decay),
                                           .initial = 0,
                                           .minimum = 0,
                                           .maximum = 1e6},
                                          KR_ROW_EPSILON(values, 1e-10),
                                          {.name = "initial_accumulator_value",
                                           .doc = "sum of squares at the start",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, initial_accumulator_value),
                                           .initial = 0,
                                           .minimum = 0,
                                           .maximum = 1e300},
                                          KR_ROW_WEIGHT_DECAY(values),
                                          KR_END};

/* Steps are counted only where they matter. */
static size_t auxiliaries(const kr_dynamics *self) {
    return ((const values *)self->values)->lr_decay > 0 ? STEPS + 1 : STEPS;
}

static void start(const kr_dynamics *self, const kr_controls *controls, kr_block *block, const uint32_t *which, size_t count) {
    (void)controls;
    double initial = ((const values *)self->values)->initial_accumulator_value;
    for (size_t i = 0; i < block->dim; i++)
        for (size_t j = 0; j < count; j++) block->auxiliary[SUM][i * block->n + which[j]] = initial;
}

static void follow(size_t count, double rate, double epsilon, const double *restrict gradient, double *restrict sum,
                   double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        sum[i] = fma(gradient[i], gradient[i], sum[i]);
        x[i] -= rate * gradient[i] / (sqrt(sum[i]) + epsilon);
    }
}

static void follow_decaying(size_t count, double rate, double decay, double epsilon, const double *restrict gradient,
                            double *restrict sum, double *restrict steps, double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        sum[i] = fma(gradient[i], gradient[i], sum[i]);
        x[i] -= rate * gradient[i] / (fma(steps[i], decay, 1.0) * (sqrt(sum[i]) + epsilon));
        steps[i] += 1.0;
    }
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    double rate = controls->learning_rate, epsilon = kr_above_zero(v->epsilon);
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    size_t count = block->dim * block->n;
    if (v->lr_decay > 0)
        follow_decaying(count, rate, v->lr_decay, epsilon, gradient, block->auxiliary[SUM], block->auxiliary[STEPS],
                        block->position);
    else
        follow(count, rate, epsilon, gradient, block->auxiliary[SUM], block->position);
}

static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    (void)self, (void)learning_rate, (void)noise_variance;
    return NAN;
}

static const char *temperature_regime(const kr_dynamics *self) {
    (void)self;
    return "the sum of squares grows for ever: after t steps particles are as at eta sigma / (2 sqrt(t)), and cool";
}

static double preconditioned_limit(const kr_dynamics *self) {
    return ((const values *)self->values)->lr_decay > 0 ? INFINITY : 2.0; /* in the end any is stable, where the rate falls */
}

static const kr_twin twins[] = {
    {"PyTorch",
     "Adagrad(lr=schedule.lr, lr_decay=lr_decay, eps=epsilon, initial_accumulator_value=initial_accumulator_value, "
     "weight_decay=weight_decay)",
     "equal without maximize, for which the landscape is turned over"},
    {"optax", "adagrad(learning_rate=schedule.lr, initial_accumulator_value=initial_accumulator_value, eps=epsilon)",
     "not quite: eps is added below the root, and the sum begins at 0.1 unless it is given; no lr_decay, no weight_decay"},
    {"Keras", "Adagrad(learning_rate=schedule.lr, initial_accumulator_value=initial_accumulator_value, epsilon=epsilon)",
     "not quite: epsilon, 1e-7 there, is added below the root, and the sum begins at 0.1 unless it is given"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "v' = v + g~^2,  x' = x - eta / (1 + t lr_decay) g~ / (sqrt(v') + epsilon)\n"
                          "g~ = g + n + lambda x; v = initial_accumulator_value and t = 0 at a start",
              .doc = "Adagrad: the gradient divided by the root of the sum of all its squares",
              .reference = "J. Duchi, E. Hazan, Y. Singer, J. Mach. Learn. Res. 12, 2121 (2011)",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .auxiliaries = auxiliaries,
    .start = start,
    .step = step,
    .temperature = temperature,
    .temperature_regime = temperature_regime,
    .stability_limit = kr_never_unstable,
    .preconditioned_limit = preconditioned_limit,
};
