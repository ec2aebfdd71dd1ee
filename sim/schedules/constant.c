#include "shared.h"

typedef struct values {
    double lr;
} values;

static const kr_parameter parameters[] = {KR_ROW_LR(values), KR_END};

static double at(const kr_schedule *self, uint64_t k) {
    (void)k;
    return ((const values *)self->values)->lr;
}

static kr_rate_sums sums(const kr_schedule *self) {
    return kr_sums_of_lasting(((const values *)self->values)->lr);
}

static const kr_twin twins[] = {{"PyTorch", NULL, "needs no scheduler: it is the lr of the optimizer. ConstantLR is another thing"},
                                {"optax", "constant_schedule(value=lr)", NULL},
                                {"Keras", NULL, "needs no schedule: it is the learning_rate of the optimizer"},
                                {NULL, NULL, NULL}};

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "eta_k = lr",
                         .doc = "the same learning rate at every step",
                         .parameters = parameters,
                         .twins = twins,
                         .values_size = sizeof(values)},
               .constant = true,
               .at = at,
               .sums = sums,
               .diverges = "always",
               .squares_converge = "never"};
