/* Triangles between lr_min and lr: up in steps_up, down in steps_down; PyTorch's CyclicLR with base_lr = lr_min and
 * max_lr = lr. The height above lr_min is halved at each cycle (triangular2) or multiplied by factor^k (exp_range). */
#include "shared.h"

enum { TRIANGULAR, TRIANGULAR2, EXP_RANGE };

typedef struct values {
    double lr, lr_min, factor;
    int64_t steps_up, steps_down;
    int mode;
} values;

static const char *const mode_choices[] = {"triangular", "triangular2", "exp_range", NULL};

static const kr_parameter parameters[] = {
    KR_ROW_LR(values),
    KR_ROW_LR_MIN(values),
    {.name = "steps_up",
     .doc = "steps from lr_min to lr",
     .unit = "steps",
     .type = KR_INTEGER,
     .offset = offsetof(values, steps_up),
     .initial = 2000,
     .minimum = 1,
     .maximum = 1e18},
    {.name = "steps_down",
     .doc = "steps from lr to lr_min; 0: as many as steps_up",
     .unit = "steps",
     .type = KR_INTEGER,
     .offset = offsetof(values, steps_down),
     .initial = 0,
     .minimum = 0,
     .maximum = 1e18},
    {.name = "mode",
     .doc = "height of the cycles: all the same, halved from one to the next, or times factor^k",
     .type = KR_CHOICE,
     .offset = offsetof(values, mode),
     .initial = TRIANGULAR,
     .choices = mode_choices},
    KR_ROW_FACTOR(values, "exp_range: the height is multiplied by this at each step", 1),
    KR_END};

static kr_status check(const kr_schedule *self, kr_error *error) {
    const values *v = self->values;
    if (v->mode != EXP_RANGE && v->factor != 1)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "factor = %.10g has no effect in mode '%s'; give mode: exp_range or leave factor out.", v->factor,
                       mode_choices[v->mode]);
    return kr_check_below_lr(self, "lr_min", v->lr_min, v->lr, error);
}

/* Height of the triangle, 0 to 1, at this position of the cycle. */
static double triangle(uint64_t cycle, uint64_t position, uint64_t up, uint64_t total) {
    double x = (double)position / (double)total, ratio = (double)up / (double)total;
    /* PyTorch keeps the cycles in x, 1 + k/total - (1 + cycle), with a rounding error that grows like the number of cycles. Its
     * values to 1e-14 need the same rounding; after 1000 cycles it would be 1e-13, and the exact position is taken. */
    if (cycle < 1000 && total < (uint64_t)1 << 40) x = 1 + (double)(cycle * total + position) / (double)total - (double)(cycle + 1);
    return x <= ratio ? x / ratio : (x - 1) / (ratio - 1);
}

static uint64_t cycle_length(const values *v) {
    return (uint64_t)v->steps_up + (uint64_t)(v->steps_down > 0 ? v->steps_down : v->steps_up);
}

static uint64_t next_cycle(const kr_schedule *self, uint64_t k) {
    uint64_t total = cycle_length(self->values), left = total - k % total;
    return k > UINT64_MAX - left ? UINT64_MAX : k + left;
}

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    uint64_t up = (uint64_t)v->steps_up, total = cycle_length(v);
    uint64_t cycle = k / total;
    double height = (v->lr - v->lr_min) * triangle(cycle, k % total, up, total);
    if (v->mode == TRIANGULAR2) height *= ldexp(1, -(int)kr_min_u64(cycle, 2000));
    if (v->mode == EXP_RANGE) height *= kr_pow(v->factor, (double)k);
    return v->lr_min + height;
}

static kr_rate_sums sums(const kr_schedule *self) {
    const values *v = self->values;
    bool falls = v->mode == TRIANGULAR2 || (v->mode == EXP_RANGE && v->factor < 1);
    return kr_sums_of_lasting(falls ? v->lr_min : v->lr);
}

static const kr_twin twins[] = {
    {"PyTorch", "CyclicLR(base_lr=lr_min, max_lr=lr, step_size_up=steps_up, step_size_down=steps_down, mode=mode, gamma=factor)",
     "equal with cycle_momentum=False; by default it drives the momentum, too"},
    {"optax", NULL, "has none; join_schedules of linear_schedule makes one"},
    {"Keras", NULL, "has none; CyclicalLearningRate of TensorFlow Addons has steps_down = steps_up"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "eta_k = lr_min + (lr - lr_min) a t, t up from 0 to 1 in steps_up, down in steps_down\n"
                                     "a = 1 (triangular), 2^-i in cycle i (triangular2), factor^k (exp_range)",
                         .doc = "goes up and down on triangles",
                         .reference = "L. N. Smith, Cyclical learning rates for training neural networks, WACV 2017",
                         .parameters = parameters,
                         .twins = twins,
                         .values_size = sizeof(values)},
               .check = check,
               .at = at,
               .sums = sums,
               .diverges = "where lr_min > 0, or where the height of the cycles stays the same",
               .squares_converge = "where lr_min = 0 and the height of the cycles falls",
               .next_cycle = next_cycle};
