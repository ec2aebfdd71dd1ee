#include "shared.h"

typedef struct values {
    double lr;
} values;

static const kr_parameter parameters[] = {KR_ROW_LR(values), KR_END};

static double at(const kr_schedule *self, uint64_t k) {
    (void)k;
    return ((const values *)self->values)->lr;
}

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "the same learning rate at every step",
                         .parameters = parameters,
                         .values_size = sizeof(values)},
               .constant = true,
               .at = at};
