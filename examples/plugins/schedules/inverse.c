/* lr / (1 + decay k), the rate of Robbins and Monro (1951). */
#include <kramers/parameter_rows.h>
#include <kramers/schedule.h>

typedef struct values {
    double lr, decay;
} values;

static const kr_parameter parameters[] = {KR_ROW_LR(values),
                                          {.name = "decay",
                                           .doc = "the rate has halved after 1 / decay steps",
                                           .unit = "1/steps",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, decay),
                                           .initial = 1e-4,
                                           .minimum = 0,
                                           .maximum = 1e6},
                                          KR_END};

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    return v->lr / (1 + v->decay * (double)k);
}

/* sum 1/k diverges, sum 1/k^2 converges. */
static kr_rate_sums sums(const kr_schedule *self) {
    const values *v = self->values;
    return (kr_rate_sums){.diverges = true, .squares_converge = v->decay > 0};
}

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "falls as one over the steps",
                         .reference = "H. Robbins, S. Monro, Ann. Math. Statist. 22, 400 (1951)",
                         .parameters = parameters,
                         .values_size = sizeof(values)},
               .at = at,
               .sums = sums,
               .diverges = "always",
               .squares_converge = "where decay > 0"};
