/* lr factor^floor(k / every), PyTorch's StepLR. PyTorch multiplies once more at each drop; the closed form here differs from
 * that by its rounding errors, one part in 10^16 a drop. */
#include "shared.h"

typedef struct values {
    double lr, factor;
    int64_t every;
} values;

static const kr_parameter parameters[] = {KR_ROW_LR(values),
                                          {.name = "every",
                                           .symbol = "s",
                                           .doc = "steps between drops",
                                           .unit = "steps",
                                           .type = KR_INTEGER,
                                           .offset = offsetof(values, every),
                                           .initial = 1000,
                                           .minimum = 1,
                                           .maximum = 1e18},
                                          KR_ROW_FACTOR(values, "the rate is multiplied by this at each drop", 0.1),
                                          KR_END};

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    return v->lr * kr_pow(v->factor, (double)(k / (uint64_t)v->every));
}

static kr_rate_sums sums(const kr_schedule *self) {
    const values *v = self->values;
    return kr_sums_of_lasting(v->factor < 1 ? 0 : v->lr);
}

static const kr_twin twins[] = {
    {"PyTorch", "StepLR(step_size=every, gamma=factor)", NULL},
    {"optax", "exponential_decay(init_value=lr, transition_steps=every, decay_rate=factor, staircase=True)", NULL},
    {"Keras", "ExponentialDecay(initial_learning_rate=lr, decay_steps=every, decay_rate=factor, staircase=True)", NULL},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "eta_k = lr factor^floor(k / every)",
                         .doc = "drops by a factor every so many steps",
                         .parameters = parameters,
                         .twins = twins,
                         .values_size = sizeof(values)},
               .at = at,
               .sums = sums,
               .diverges = "where factor = 1",
               .squares_converge = "where factor < 1"};
