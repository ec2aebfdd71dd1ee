/* Half cosine waves, each from lr down towards lr_min, which the last step of a cycle does not quite reach unless reach_min asks
 * for it: PyTorch's CosineAnnealingWarmRestarts, but for the cycle's number. PyTorch finds it by a floating-point logarithm, which
 * is wrong at some restarts (T_mult = 3, fifth; T_mult = 10, third and sixth).
 *
 * Cycle i begins at step B_i = K_0 (1 + m + ... + m^(i-1)), rounded to the nearest step, half a step up. Where m = period_mult is
 * an integer nothing is rounded. */
#include "shared.h"

typedef struct values {
    double lr, lr_min, amplitude_factor, period_mult;
    int64_t period;
    bool reach_min;
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
                                           .type = KR_NUMBER,
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
                                          {.name = "reach_min",
                                           .doc = "the last step of each cycle takes lr_min; otherwise the step behind it would",
                                           .type = KR_SWITCH,
                                           .offset = offsetof(values, reach_min),
                                           .initial = 0},
                                          KR_END};

static kr_status check(const kr_schedule *self, kr_error *error) {
    const values *v = self->values;
    return kr_check_below_lr(self, "lr_min", v->lr_min, v->lr, error);
}

/* ---- where cycles begin ---- */

/* A real number as an unevaluated sum, |low| <= half a unit of the last place of high: 106 bits, with which integers of 64 bits are
 * exact, and sums of powers off by so little that their nearest step is the right one. */
typedef struct wide {
    double high, low;
} wide;

static wide add(wide a, wide b) {
    double sum = a.high + b.high, part = sum - a.high, low = (a.high - (sum - part)) + (b.high - part) + a.low + b.low;
    double high = sum + low;
    return (wide){high, low - (high - sum)};
}

static wide multiply(wide a, wide b) {
    double product = a.high * b.high, low = fma(a.high, b.high, -product) + fma(a.high, b.low, a.low * b.high);
    double high = product + low;
    return (wide){high, low - (high - product)};
}

/* The nearest step; UINT64_MAX: beyond what can be counted. */
static uint64_t nearest(wide a) {
    if (!(a.high < 0x1p63)) return UINT64_MAX;
    wide up = add(a, (wide){0.5, 0});
    double whole = floor(up.high), rest = floor((up.high - whole) + up.low);
    return (uint64_t)((int64_t)whole + (int64_t)rest);
}

/* count cycles from the first on: m^count, and the sum of the powers below, in units of the first cycle. */
typedef struct cycles {
    uint64_t count;
    wide power, sum;
} cycles;

static cycles behind(cycles a, cycles b) {
    return (cycles){a.count + b.count, multiply(a.power, b.power), add(a.sum, multiply(a.power, b.sum))};
}

static uint64_t border(const values *v, cycles c) {
    return nearest(multiply((wide){(double)v->period, 0}, c.sum));
}

static bool begins_by(const values *v, cycles c, uint64_t k) {
    uint64_t first = border(v, c);
    return first <= k && first != UINT64_MAX;
}

/* The cycle of step k: its number, its length and the step's position in it. */
typedef struct place {
    uint64_t cycle, length, position;
} place;

/* Any factor above 1: the last border at or before k, by halves of the number of cycles. */
static place find_among_rounded(const values *v, uint64_t k) {
    cycles twofold[64] = {{1, {v->period_mult, 0}, {1, 0}}}, here = {0, {1, 0}, {0, 0}};
    int doublings = 0;
    while (doublings < 63 && begins_by(v, twofold[doublings], k)) {
        twofold[doublings + 1] = behind(twofold[doublings], twofold[doublings]);
        doublings++;
    }
    for (int i = doublings; i >= 0; i--) {
        cycles next = behind(here, twofold[i]);
        if (begins_by(v, next, k)) here = next;
    }
    uint64_t first = border(v, here), next = border(v, behind(here, twofold[0]));
    return (place){here.count, next - first, k - first};
}

/* The same where lengths are integers, to the last step that can be counted. */
static place find_place(const values *v, uint64_t k) {
    uint64_t length = (uint64_t)v->period, factor = (uint64_t)v->period_mult;
    if (v->period_mult > (double)factor) return find_among_rounded(v, k);
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
    uint64_t fall = v->reach_min && p.length > 1 ? p.length - 1 : p.length; /* of a single step there is only the top */
    return v->lr_min + amplitude * (1 + kr_cos(kr_pi * (double)p.position / (double)fall)) / 2;
}

/* Of a cycle of n steps the sum is f^i (n + 1) / 2, that of the squares f^2i (3 n + 4) / 8, and n grows like m^i. */
static kr_rate_sums sums(const kr_schedule *self) {
    const values *v = self->values;
    double f = v->amplitude_factor, m = v->period_mult;
    if (v->lr_min > 0) return kr_sums_of_lasting(v->lr_min);
    return (kr_rate_sums){.diverges = f * m >= 1, .squares_converge = f * f * m < 1};
}

static uint64_t next_cycle(const kr_schedule *self, uint64_t k) {
    place p = find_place(self->values, k);
    uint64_t left = p.length - p.position;
    return k > UINT64_MAX - left ? UINT64_MAX : k + left;
}

static const kr_twin twins[] = {
    {"PyTorch", "CosineAnnealingWarmRestarts(T_0=period, T_mult=period_mult, eta_min=lr_min)",
     "equal with amplitude_factor 1 and an integer period_mult; there the cycle's number comes from a rounded logarithm and is "
     "wrong at some restarts"},
    {"optax", "sgdr_schedule([dict(init_value=lr, peak_value=lr, warmup_steps=0, decay_steps=period, end_value=lr_min), ...])",
     "equal for the cycles that are listed; behind them it stays at lr_min"},
    {"Keras",
     "CosineDecayRestarts(initial_learning_rate=lr, first_decay_steps=period, t_mul=period_mult, m_mul=amplitude_factor, "
     "alpha=lr_min/lr)",
     "equal where period_mult is an integer, in single precision and with a rounded logarithm for the cycle's number"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation =
                  "eta_k = lr_min + (lr - lr_min) f^i (1 + cos(pi j / K_i)) / 2, step j of cycle i, K_i = K_0 m^i\n"
                  "cycle i begins at step K_0 (m^i - 1) / (m - 1), rounded to the nearest; reach_min: K_i - 1 instead of K_i",
              .doc = "cosine cycles with warm restarts",
              .reference = "I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .check = check,
    .at = at,
    .next_cycle = next_cycle,
    .sums = sums,
    .diverges = "where lr_min > 0, or f m >= 1",
    .squares_converge = "where lr_min = 0 and f^2 m < 1"};
