/* Warmup, stable, decay: a constant rate until D steps before the end, then down to lr_min as any schedule falls. The warmup is
 * that of every schedule. With the linear one it is the trapezoid of Zhai et al.; what is gained in the decay is the physics of a
 * valley: landscape river_valley. */
#include "shared.h"

#include <stdlib.h>

typedef struct values {
    double lr, lr_min, decay_fraction;
    int64_t steps, decay_steps;
} values;

static const double usual_fraction = 0.1;

static const kr_parameter parameters[] = {KR_ROW_LR(values),
                                          KR_ROW_LR_MIN(values),
                                          KR_ROW_STEPS(values),
                                          {.name = "decay_steps",
                                           .symbol = "D",
                                           .doc = "steps of the decay, which are the last; 0: decay_fraction says so",
                                           .unit = "steps",
                                           .type = KR_INTEGER,
                                           .offset = offsetof(values, decay_steps),
                                           .initial = 0,
                                           .minimum = 0,
                                           .maximum = 1e18},
                                          {.name = "decay_fraction",
                                           .doc = "part of the steps that is decay, where decay_steps is 0; not given: 0.1",
                                           .type = KR_NUMBER,
                                           .offset = offsetof(values, decay_fraction),
                                           .initial = NAN,
                                           .minimum = 0,
                                           .maximum = 1},
                                          {.name = "decay",
                                           .doc = "how it falls: any schedule, which begins at lr",
                                           .type = KR_SCHEDULES,
                                           .initial_text = "{name: linear}"},
                                          KR_END};

/* The schedule of the decay, with lr for its own. */
typedef struct fall {
    kr_settings settings;
    kr_schedule schedule; /* type NULL: a straight line */
    double lr;
} fall;

static uint64_t decay_length(const kr_schedule *self) {
    const values *v = self->values;
    if (v->decay_steps > 0) return (uint64_t)v->decay_steps;
    double fraction = isnan(v->decay_fraction) ? usual_fraction : v->decay_fraction;
    return (uint64_t)(fraction * (double)kr_length(self, v->steps) + 0.5);
}

static const kr_settings *decay_of(const kr_schedule *self) {
    for (size_t i = 0; i < self->settings->child_count; i++) {
        const kr_child *child = &self->settings->child[i];
        if (child->row && child->row->type == KR_SCHEDULES) return &child->settings;
    }
    return NULL;
}

/* Makes f->settings; the caller destroys them. */
static kr_status at_own_rate(const kr_schedule *self, fall *f, kr_error *error) {
    *f = (fall){.lr = ((const values *)self->values)->lr};
    const kr_settings *decay = decay_of(self);
    if (!decay) return KR_OK;
    kr_status status = kr_settings_copy(&f->settings, decay, error);
    return status == KR_OK ? kr_set_number(&f->settings, decay->about->parameters, f->lr, error) : status;
}

static kr_status check_lengths(const kr_schedule *self, kr_error *error) {
    const values *v = self->values;
    uint64_t length = kr_length(self, v->steps), decay = decay_length(self);
    if (v->decay_steps > 0 && !isnan(v->decay_fraction))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "decay_steps = %lld and decay_fraction = %.10g are both given; leave one of them out.",
                       (long long)v->decay_steps, v->decay_fraction);
    if (decay > length)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "decay_steps = %lld is more than the %llu steps of the schedule; give fewer, or decay_fraction.",
                       (long long)v->decay_steps, (unsigned long long)length);
    return KR_OK;
}

static kr_status check(const kr_schedule *self, kr_error *error) {
    const values *v = self->values;
    fall f;
    kr_status status = check_lengths(self, error);
    if (status == KR_OK) status = kr_check_below_lr(self, "lr_min", v->lr_min, v->lr, error);
    if (status != KR_OK) return status;
    status = at_own_rate(self, &f, error);
    uint64_t decay = decay_length(self);
    if (status == KR_OK && f.settings.about) status = kr_schedule_check_child(&f.settings, decay ? decay : 1, error);
    kr_settings_destroy(&f.settings);
    return status == KR_OK ? status : kr_fail_at(error, status, "decay");
}

static kr_status prepare(kr_schedule *self, kr_error *error) {
    uint64_t decay = decay_length(self);
    fall *f = self->state = calloc(1, sizeof *f);
    if (!f) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a schedule");
    kr_status status = at_own_rate(self, f, error);
    if (status == KR_OK && f->settings.about)
        status = kr_schedule_create_child(&f->schedule, &f->settings, self->directory, decay ? decay : 1, error);
    return status == KR_OK ? status : kr_fail_at(error, status, "decay");
}

static void release(kr_schedule *self) {
    fall *f = self->state;
    kr_schedule_destroy(&f->schedule);
    kr_settings_destroy(&f->settings);
    free(f);
}

/* What is left of lr in step j of the decay, as a part of it. */
static double left(const fall *f, uint64_t j, uint64_t decay) {
    if (f->schedule.type) return f->lr != 0 ? kr_schedule_at(&f->schedule, j) / f->lr : 0;
    return 1 - (double)kr_min_u64(j, decay) / (double)decay;
}

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    const fall *f = self->state;
    uint64_t decay = decay_length(self), stable = kr_length(self, v->steps) - decay;
    if (k < stable || !decay) return v->lr;
    if (v->lr_min == 0 && f->schedule.type && v->lr == f->lr) return kr_schedule_at(&f->schedule, k - stable);
    return v->lr_min + (v->lr - v->lr_min) * left(f, k - stable, decay);
}

static uint64_t next_cycle(const kr_schedule *self, uint64_t k) {
    const fall *f = self->state;
    uint64_t decay = decay_length(self), stable = kr_length(self, ((const values *)self->values)->steps) - decay;
    if (!f->schedule.type || !decay) return UINT64_MAX;
    uint64_t next = kr_schedule_next_cycle(&f->schedule, k > stable ? k - stable : 0);
    return next > UINT64_MAX - stable ? UINT64_MAX : next + stable;
}

static kr_rate_sums sums(const kr_schedule *self) {
    const values *v = self->values;
    const fall *f = self->state;
    kr_rate_sums last = kr_sums_of_lasting(decay_length(self) ? v->lr_min : v->lr);
    if (!last.diverges && f->schedule.type) kr_schedule_sums(&f->schedule, &last);
    return last;
}

static const kr_twin twins[] = {
    {"PyTorch", NULL, "has none; SequentialLR of ConstantLR(factor=1) and a scheduler that falls makes one"},
    {"optax", NULL, "has none; join_schedules of constant_schedule and one that falls makes one"},
    {"Keras", NULL, "has none"},
    {"Transformers", "get_wsd_schedule(num_decay_steps=decay_steps, decay_type=decay)",
     "equal with lr_min = min_lr_ratio lr and decay linear, cosine, or one_minus_power ('1-sqrt'); its warmup begins at 0"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "eta_k = lr up to step K - D, K = steps\n"
                          "eta_k = lr_min + (lr - lr_min) s(k - K + D) / lr behind it, s the decay with its rows at lr",
              .doc = "warmup, stable, decay: constant, then down to lr_min in the last steps as any schedule falls",
              .reference = "S. Hu et al., MiniCPM, arXiv:2404.06395 (2024); A. Haegele et al., NeurIPS 2024; K. Wen et al., "
                           "Understanding warmup-stable-decay learning rates: a river valley loss landscape perspective, ICLR 2025",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .check = check,
    .prepare = prepare,
    .release = release,
    .at = at,
    .next_cycle = next_cycle,
    .sums = sums,
    .diverges = "where lr_min > 0, or it does for the decay",
    .squares_converge = "where lr_min = 0 and it does for the decay"};
