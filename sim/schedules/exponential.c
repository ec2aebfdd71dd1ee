/* lr factor^k, PyTorch's ExponentialLR (which multiplies step by step, with the rounding errors of k products). */
#include "shared.h"

typedef struct values {
    double lr, factor;
} values;

static const kr_parameter parameters[] = {KR_ROW_LR(values),
                                          KR_ROW_FACTOR(values, "the rate is multiplied by this at each step", 0.999), KR_END};

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    return v->lr * kr_pow(v->factor, (double)k);
}

static kr_rate_sums sums(const kr_schedule *self) {
    const values *v = self->values;
    return kr_sums_of_lasting(v->factor < 1 ? 0 : v->lr);
}

static const kr_twin twins[] = {
    {"PyTorch", "ExponentialLR(gamma=factor)", "equal when it is stepped at each step, not at each epoch"},
    {"optax", "exponential_decay(init_value=lr, transition_steps=1, decay_rate=factor)", NULL},
    {"Keras", "ExponentialDecay(initial_learning_rate=lr, decay_steps=1, decay_rate=factor)", NULL},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "eta_k = lr factor^k",
                         .doc = "decays by the same factor at each step",
                         .parameters = parameters,
                         .twins = twins,
                         .values_size = sizeof(values)},
               .at = at,
               .sums = sums,
               .diverges = "where factor = 1",
               .squares_converge = "where factor < 1"};
