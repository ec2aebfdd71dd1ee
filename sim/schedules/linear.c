/* From lr to lr_end over K steps, then lr_end: PyTorch's LinearLR with start_factor 1 and end_factor lr_end / lr, in its closed
 * form. A rise to lr is what warmup is for. */
#include "shared.h"

typedef struct values {
    double lr, lr_end;
    int64_t steps;
} values;

static const kr_parameter parameters[] = {KR_ROW_LR(values),
                                          {.name = "lr_end",
                                           .symbol = "eta_end",
                                           .doc = "learning rate after the last step, at most lr",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, lr_end),
                                           .initial = 0,
                                           .minimum = 0,
                                           .maximum = 1e6},
                                          KR_ROW_STEPS(values),
                                          KR_END};

static kr_status check(const kr_schedule *self, kr_error *error) {
    const values *v = self->values;
    if (v->lr_end > v->lr && !self->type->about.drives)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "lr_end = %.10g is larger than lr = %.10g, which is the largest rate of a schedule; "
                       "give lr_end <= lr, and for a rise use any schedule with warmup: {steps: W, factor: f}.",
                       v->lr_end, v->lr);
    return KR_OK;
}

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    uint64_t length = kr_length(self, v->steps);
    if (k >= length) return v->lr_end;
    if (v->lr == 0) return k ? v->lr_end * (double)k / (double)length : 0; /* of another number than the learning rate */
    return v->lr * (1 + (v->lr_end / v->lr - 1) * (double)k / (double)length);
}

static kr_rate_sums sums(const kr_schedule *self) {
    const values *v = self->values;
    return kr_sums_of_lasting(v->lr_end);
}

static const kr_twin twins[] = {
    {"PyTorch", "LinearLR(start_factor=1, end_factor=lr_end/lr, total_iters=steps)", NULL},
    {"optax", "linear_schedule(init_value=lr, end_value=lr_end, transition_steps=steps)", NULL},
    {"Keras", "PolynomialDecay(initial_learning_rate=lr, decay_steps=steps, end_learning_rate=lr_end, power=1)", NULL},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "eta_k = lr + (lr_end - lr) min(k, K) / K, K = steps",
                         .doc = "falls on a straight line, then stays",
                         .parameters = parameters,
                         .twins = twins,
                         .values_size = sizeof(values)},
               .check = check,
               .at = at,
               .sums = sums,
               .diverges = "where lr_end > 0",
               .squares_converge = "where lr_end = 0"};
