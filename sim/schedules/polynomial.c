/* lr (1 - min(k, K)/K)^power, PyTorch's PolynomialLR in its closed form. */
#include "shared.h"

typedef struct values {
    double lr, power;
    int64_t steps;
} values;

static const kr_parameter parameters[] = {KR_ROW_LR(values),
                                          KR_ROW_STEPS(values),
                                          {.name = "power",
                                           .symbol = "p",
                                           .doc = "exponent; 1 is a straight line to zero",
                                           .type = KR_NUMBER,
                                           .flags = KR_ABOVE_MINIMUM,
                                           .offset = offsetof(values, power),
                                           .initial = 1,
                                           .minimum = 0,
                                           .maximum = 1000},
                                          KR_END};

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    uint64_t length = kr_length(self, v->steps);
    return v->lr * kr_pow(1 - (double)kr_min_u64(k, length) / (double)length, v->power);
}

static kr_rate_sums sums(const kr_schedule *self) {
    (void)self;
    return kr_sums_of_lasting(0);
}

static const kr_twin twins[] = {
    {"PyTorch", "PolynomialLR(total_iters=steps, power=power)", NULL},
    {"optax", "polynomial_schedule(init_value=lr, end_value=0, power=power, transition_steps=steps)", NULL},
    {"Keras", "PolynomialDecay(initial_learning_rate=lr, decay_steps=steps, end_learning_rate=0, power=power)",
     "equal with end_learning_rate=0, which is 0.0001 by default"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "eta_k = lr (1 - min(k, K) / K)^power, K = steps",
                         .doc = "falls to zero as a power of the steps that are left",
                         .parameters = parameters,
                         .twins = twins,
                         .values_size = sizeof(values)},
               .at = at,
               .sums = sums,
               .diverges = "never: it ends at 0",
               .squares_converge = "always"};
