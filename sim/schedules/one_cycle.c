/* Up from lr / div_factor to lr over pct_start of the steps, then down to lr / (div_factor final_div_factor); in three phases:
 * up, down to where it began, and further down. PyTorch's OneCycleLR with its fractional phase boundaries pct_start K - 1.
 * Past its end, where PyTorch raises an error, the last rate is held. */
#include "shared.h"

enum { COS, LINEAR };

typedef struct values {
    double lr, pct_start, div_factor, final_div_factor;
    int64_t steps;
    int anneal_strategy;
    bool three_phase;
} values;

static const char *const anneal_choices[] = {"cos", "linear", NULL};

static const kr_parameter parameters[] = {KR_ROW_LR(values),
                                          KR_ROW_STEPS(values),
                                          {.name = "pct_start",
                                           .doc = "fraction of the steps spent rising",
                                           .type = KR_NUMBER,
                                           .offset = offsetof(values, pct_start),
                                           .initial = 0.3,
                                           .minimum = 0,
                                           .maximum = 1},
                                          {.name = "anneal_strategy",
                                           .doc = "shape of each phase",
                                           .type = KR_CHOICE,
                                           .offset = offsetof(values, anneal_strategy),
                                           .initial = COS,
                                           .choices = anneal_choices},
                                          {.name = "div_factor",
                                           .doc = "the first rate is lr / div_factor",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, div_factor),
                                           .initial = 25,
                                           .minimum = 1,
                                           .maximum = 1e12},
                                          {.name = "final_div_factor",
                                           .doc = "the last rate is the first one / final_div_factor",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, final_div_factor),
                                           .initial = 1e4,
                                           .minimum = 1,
                                           .maximum = 1e12},
                                          {.name = "three_phase",
                                           .doc = "fall back to the first rate as fast as it rose, then on to the last one",
                                           .type = KR_SWITCH,
                                           .offset = offsetof(values, three_phase),
                                           .initial = 0},
                                          KR_END};

static kr_status check(const kr_schedule *self, kr_error *error) {
    const values *v = self->values;
    if (v->three_phase && v->pct_start > 0.5)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "pct_start = %.10g with three_phase: rise and fall take twice that part of the steps; give "
                       "pct_start <= 0.5 or three_phase: false.",
                       v->pct_start);
    return KR_OK;
}

static double anneal(int strategy, double from, double to, double fraction) {
    if (strategy == LINEAR) return (to - from) * fraction + from;
    return to + (from - to) / 2 * (kr_cos(kr_pi * fraction) + 1);
}

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    double length = (double)kr_length(self, v->steps), first = v->lr / v->div_factor, last = first / v->final_div_factor;
    double step = (double)kr_min_u64(k, kr_length(self, v->steps) - 1);
    double top = v->pct_start * length - 1, down = 2 * v->pct_start * length - 2, end = length - 1;
    double from = first, to = v->lr, begins = 0, ends = top;
    if (step > top && v->three_phase) {
        from = v->lr, to = first, begins = top, ends = down;
        if (step > down) from = first, to = last, begins = down, ends = end;
    } else if (step > top) {
        from = v->lr, to = last, begins = top, ends = end;
    }
    /* A phase without length (pct_start K = 1, where PyTorch divides by zero) is at its end. */
    return anneal(v->anneal_strategy, from, to, ends > begins ? (step - begins) / (ends - begins) : 1);
}

static kr_rate_sums sums(const kr_schedule *self) {
    return kr_sums_of_lasting(at(self, UINT64_MAX));
}

static const kr_twin twins[] = {
    {"PyTorch",
     "OneCycleLR(max_lr=lr, total_steps=steps, pct_start=pct_start, anneal_strategy=anneal_strategy, div_factor=div_factor, "
     "final_div_factor=final_div_factor, three_phase=three_phase)",
     "equal with cycle_momentum=False, up to its last step; by default it drives the momentum, too"},
    {"optax",
     "cosine_onecycle_schedule(transition_steps=steps, peak_value=lr, pct_start=pct_start, div_factor=div_factor, "
     "final_div_factor=final_div_factor)",
     "not equal: its phases end at the steps int(pct_start K) and K instead of pct_start K - 1 and K - 1"},
    {"Keras", NULL, "has none"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {
    .about =
        {.name = KR_PLUGIN_NAME,
         .equation =
             "from lr / div_factor up to lr until step pct_start K - 1, then down to lr / (div_factor final_div_factor) at K - 1\n"
             "cos: to + (from - to) (1 + cos(pi u)) / 2;  linear: from + (to - from) u;  0 <= u <= 1 the part of a phase",
         .doc = "one rise and one long fall",
         .reference = "L. N. Smith, N. Topin, Super-convergence, arXiv:1708.07120 (2017)",
         .parameters = parameters,
         .twins = twins,
         .values_size = sizeof(values)},
    .check = check,
    .at = at,
    .sums = sums,
    .diverges = "always: it holds its last rate",
    .squares_converge = "never"};
