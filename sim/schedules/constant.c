#include <kramers/schedule.h>

typedef struct values {
    double lr;
} values;

static const kr_parameter parameters[] = {{.name = "lr",
                                           .symbol = "eta",
                                           .doc = "learning rate",
                                           .type = KR_NUMBER,
                                           .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
                                           .offset = offsetof(values, lr),
                                           .initial = 0.01,
                                           .minimum = 0,
                                           .maximum = 1e6},
                                          KR_END};

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
