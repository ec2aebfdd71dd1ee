/* a (b + k)^-power, of which Robbins and Monro ask 1/2 < power <= 1, with b = 1 / decay and a = lr b^power: so that lr is the first
 * rate, and decay the part of it that a step at the beginning takes away where power is 1. */
#include "shared.h"

typedef struct values {
    double lr, decay, power;
} values;

static const kr_parameter parameters[] = {KR_ROW_LR(values),
                                          {.name = "decay",
                                           .symbol = "d",
                                           .doc = "at power 1 the rate has halved after 1 / decay steps",
                                           .unit = "1/steps",
                                           .type = KR_NUMBER,
                                           .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
                                           .offset = offsetof(values, decay),
                                           .initial = 0.001,
                                           .minimum = 0,
                                           .maximum = 1e6},
                                          {.name = "power",
                                           .symbol = "p",
                                           .doc = "exponent; of Robbins and Monro: above 1/2, at most 1",
                                           .type = KR_NUMBER,
                                           .flags = KR_ABOVE_MINIMUM,
                                           .offset = offsetof(values, power),
                                           .initial = 1,
                                           .minimum = 0,
                                           .maximum = 1000},
                                          KR_END};

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    double base = 1 + v->decay * (double)k;
    return v->lr / (v->power == 1 ? base : kr_pow(base, v->power));
}

static kr_rate_sums sums(const kr_schedule *self) {
    const values *v = self->values;
    return (kr_rate_sums){.diverges = v->power <= 1, .squares_converge = 2 * v->power > 1};
}

static const kr_twin twins[] = {
    {"PyTorch", NULL,
     "has none; LambdaLR(lambda k: (1 + decay * k) ** -power) makes one. ASGD and Adagrad have it built in: lambd, alpha; "
     "lr_decay"},
    {"optax", NULL, "has none; a function lambda k: lr * (1 + decay * k) ** -power is one"},
    {"Keras", "InverseTimeDecay(initial_learning_rate=lr, decay_steps=1, decay_rate=decay)", "equal at power 1"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "eta_k = lr / (1 + decay k)^power = a (b + k)^-power, b = 1 / decay, a = lr b^power",
              .doc = "falls as a power of one over the steps, which Robbins and Monro's conditions allow",
              .reference = "H. Robbins, S. Monro, Ann. Math. Statist. 22, 400 (1951); M. Welling, Y. W. Teh, Bayesian learning via "
                           "stochastic gradient Langevin dynamics, ICML 2011",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .at = at,
    .sums = sums,
    .diverges = "where power <= 1",
    .squares_converge = "where power > 1/2"};
