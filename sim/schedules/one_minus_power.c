/* lr (1 - (k/K)^power): at power 1/2 the decay "1 - sqrt" that Haegele et al. find best behind a constant rate. `polynomial` is the
 * other one, a power of the steps that are left. */
#include "shared.h"

typedef struct values {
    double lr, power;
    int64_t steps;
} values;

static const kr_parameter parameters[] = {KR_ROW_LR(values),
                                          KR_ROW_STEPS(values),
                                          {.name = "power",
                                           .symbol = "p",
                                           .doc = "exponent; 1/2 falls steeply at first, 1 is a straight line, 2 a parabola",
                                           .type = KR_NUMBER,
                                           .flags = KR_ABOVE_MINIMUM,
                                           .offset = offsetof(values, power),
                                           .initial = 0.5,
                                           .minimum = 0,
                                           .maximum = 1000},
                                          KR_END};

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    uint64_t length = kr_length(self, v->steps);
    double part = (double)kr_min_u64(k, length) / (double)length;
    return v->lr * (1 - (v->power == 0.5 ? sqrt(part) : kr_pow(part, v->power)));
}

static kr_rate_sums sums(const kr_schedule *self) {
    (void)self;
    return kr_sums_of_lasting(0);
}

static const kr_twin twins[] = {
    {"PyTorch", NULL, "has none; LambdaLR(lambda k: 1 - (min(k, steps) / steps) ** power) makes one"},
    {"optax", NULL, "has none; a function lambda k: lr * (1 - (min(k, steps) / steps) ** power) is one"},
    {"Keras", NULL, "has none"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "eta_k = lr (1 - (min(k, K) / K)^power), K = steps",
                         .doc = "falls to zero, lr less a power of the steps that are done",
                         .reference = "A. Haegele et al., Scaling laws and compute-optimal training beyond fixed training "
                                      "durations, NeurIPS 2024 (1 - sqrt)",
                         .parameters = parameters,
                         .twins = twins,
                         .values_size = sizeof(values)},
               .at = at,
               .sums = sums,
               .diverges = "never: it ends at 0",
               .squares_converge = "always"};
