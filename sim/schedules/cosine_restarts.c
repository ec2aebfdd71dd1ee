/* Half cosine waves of K_i = period period_mult^i steps, each from lr down towards lr_min, which is never quite reached:
 * PyTorch's CosineAnnealingWarmRestarts, but for the cycle's number. PyTorch finds it by a floating-point logarithm, which is
 * wrong at some restarts (T_mult = 3, fifth; T_mult = 10, third and sixth); integers are not. */
#include "shared.h"

typedef struct values {
    double lr, lr_min, amplitude_factor;
    int64_t period, period_mult;
} values;

static const kr_parameter parameters[] = {KR_ROW_LR(values),
                                          KR_ROW_LR_MIN(values),
                                          {.name = "period",
                                           .symbol = "K_0",
                                           .doc = "steps of the first cycle",
                                           .unit = "steps",
                                           .type = KR_INTEGER,
                                           .offset = offsetof(values, period),
                                           .initial = 1000,
                                           .minimum = 1,
                                           .maximum = 1e18},
                                          {.name = "period_mult",
                                           .symbol = "m",
                                           .doc = "each cycle is this many times as long as the one before",
                                           .type = KR_INTEGER,
                                           .offset = offsetof(values, period_mult),
                                           .initial = 1,
                                           .minimum = 1,
                                           .maximum = 1e9},
                                          {.name = "amplitude_factor",
                                           .symbol = "f",
                                           .doc = "the i-th restart goes up to lr_min + (lr - lr_min) f^i",
                                           .type = KR_NUMBER,
                                           .flags = KR_ABOVE_MINIMUM,
                                           .offset = offsetof(values, amplitude_factor),
                                           .initial = 1,
                                           .minimum = 0,
                                           .maximum = 1},
                                          KR_END};

static kr_status check(const kr_schedule *self, kr_error *error) {
    const values *v = self->values;
    return kr_check_below_lr(self, "lr_min", v->lr_min, v->lr, error);
}

/* The cycle of step k: its number, its length and the step's position in it. */
typedef struct place {
    uint64_t cycle, length, position;
} place;

static place find_place(const values *v, uint64_t k) {
    uint64_t length = (uint64_t)v->period, factor = (uint64_t)v->period_mult;
    if (factor == 1) return (place){k / length, length, k % length};
    place p = {0, length, k};
    /* Lengths grow geometrically: at most 64 rounds. A length that would not fit is longer than any k. */
    while (p.position >= p.length) {
        p.position -= p.length;
        p.length = p.length <= UINT64_MAX / factor ? p.length * factor : UINT64_MAX;
        p.cycle++;
    }
    return p;
}

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    place p = find_place(v, k);
    double amplitude = v->lr - v->lr_min;
    if (v->amplitude_factor < 1) amplitude *= kr_pow(v->amplitude_factor, (double)p.cycle);
    return v->lr_min + amplitude * (1 + kr_cos(kr_pi * (double)p.position / (double)p.length)) / 2;
}

static uint64_t next_cycle(const kr_schedule *self, uint64_t k) {
    place p = find_place(self->values, k);
    uint64_t left = p.length - p.position;
    return k > UINT64_MAX - left ? UINT64_MAX : k + left;
}

static const kr_twin twins[] = {
    {"PyTorch", "CosineAnnealingWarmRestarts(T_0=period, T_mult=period_mult, eta_min=lr_min)",
     "equal with amplitude_factor 1; there the cycle's number comes from a rounded logarithm and is wrong at some restarts"},
    {"optax", "sgdr_schedule([dict(init_value=lr, peak_value=lr, warmup_steps=0, decay_steps=period, end_value=lr_min), ...])",
     "equal for the cycles that are listed; behind them it stays at lr_min"},
    {"Keras",
     "CosineDecayRestarts(initial_learning_rate=lr, first_decay_steps=period, t_mul=period_mult, m_mul=amplitude_factor, "
     "alpha=lr_min/lr)",
     "equal, in single precision and with a rounded logarithm for the cycle's number"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "eta_k = lr_min + (lr - lr_min) f^i (1 + cos(pi j / K_i)) / 2, step j of cycle i, K_i = K_0 m^i",
              .doc = "cosine cycles with warm restarts",
              .reference = "I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .check = check,
    .at = at,
    .next_cycle = next_cycle};
