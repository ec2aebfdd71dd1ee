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

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "decays by the same factor at each step",
                         .parameters = parameters,
                         .values_size = sizeof(values)},
               .at = at};
