/* lr_min + (lr - lr_min) (1 + cos(pi k/K))/2 over K steps, PyTorch's CosineAnnealingLR in its closed form (PyTorch's own steps
 * are recursive ratios of the same 1 + cos). Past K PyTorch rises again, which surprises; here that is one choice of three. */
#include "shared.h"

enum { HOLD, REPEAT, MIRROR };

typedef struct values {
    double lr, lr_min;
    int64_t steps;
    int after;
} values;

static const char *const after_choices[] = {"hold", "repeat", "mirror", NULL};

static const kr_parameter parameters[] = {
    KR_ROW_LR(values),
    KR_ROW_LR_MIN(values),
    KR_ROW_STEPS(values),
    {.name = "after",
     .doc = "past the last step: hold lr_min, repeat from lr, or mirror back up to lr as PyTorch does",
     .type = KR_CHOICE,
     .offset = offsetof(values, after),
     .initial = HOLD,
     .choices = after_choices},
    KR_END};

static kr_status check(const kr_schedule *self, kr_error *error) {
    const values *v = self->values;
    return kr_check_below_lr(self, "lr_min", v->lr_min, v->lr, error);
}

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    uint64_t length = kr_length(self, v->steps);
    uint64_t position = v->after == HOLD ? kr_min_u64(k, length) : v->after == REPEAT ? k % length : k % (2 * length);
    return v->lr_min + (v->lr - v->lr_min) * (1 + kr_cos(kr_pi * (double)position / (double)length)) / 2;
}

static uint64_t next_cycle(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    uint64_t length = kr_length(self, v->steps);
    if (v->after == HOLD) return UINT64_MAX;
    length *= v->after == MIRROR ? 2 : 1;
    uint64_t left = length - k % length;
    return k > UINT64_MAX - left ? UINT64_MAX : k + left;
}

static kr_rate_sums sums(const kr_schedule *self) {
    const values *v = self->values;
    return kr_sums_of_lasting(v->after == HOLD ? v->lr_min : v->lr);
}

static const kr_twin twins[] = {
    {"PyTorch", "CosineAnnealingLR(T_max=steps, eta_min=lr_min)", "equal with after: mirror; until step T_max with any"},
    {"optax", "cosine_decay_schedule(init_value=lr, decay_steps=steps, alpha=lr_min/lr)", "equal with after: hold"},
    {"Keras", "CosineDecay(initial_learning_rate=lr, decay_steps=steps, alpha=lr_min/lr)", "equal with after: hold"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "eta_k = lr_min + (lr - lr_min) (1 + cos(pi k / K)) / 2, K = steps",
                         .doc = "falls on half a cosine wave",
                         .reference = "I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017",
                         .parameters = parameters,
                         .twins = twins,
                         .values_size = sizeof(values)},
               .check = check,
               .at = at,
               .sums = sums,
               .diverges = "where lr_min > 0, or where it does not hold after its end",
               .squares_converge = "where it holds lr_min = 0 after its end",
               .next_cycle = next_cycle};
