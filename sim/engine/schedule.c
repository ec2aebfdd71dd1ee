#include <kramers/schedule.h>

#include <math.h>
#include <stddef.h>
#include <string.h>

static const kr_parameter warmup_parameters[] = {{.name = "steps",
                                                  .symbol = "W",
                                                  .doc = "steps of linear rise before the schedule begins; 0: none",
                                                  .unit = "steps",
                                                  .type = KR_INTEGER,
                                                  .offset = offsetof(kr_warmup, steps),
                                                  .minimum = 0,
                                                  .maximum = 1e18},
                                                 {.name = "factor",
                                                  .doc = "the rise begins at this times the schedule's first rate",
                                                  .type = KR_NUMBER,
                                                  .offset = offsetof(kr_warmup, factor),
                                                  .initial = 1.0 / 3,
                                                  .minimum = 0,
                                                  .maximum = 1},
                                                 KR_END};

static const kr_twin twins[] = {
    {"PyTorch", "LinearLR(start_factor=factor, end_factor=1, total_iters=steps)",
     "joined to the schedule by SequentialLR(milestones=[steps])"},
    {"optax", "linear_schedule(init_value=factor*lr, end_value=lr, transition_steps=steps)",
     "joined by join_schedules(boundaries=[steps]); decay_steps of warmup_cosine_decay_schedule counts the warmup, too"},
    {"Keras", NULL, "has one in CosineDecay: initial_learning_rate=factor*lr, warmup_target=lr, warmup_steps=steps"},
    {NULL, NULL, NULL}};

const kr_descriptor kr_warmup_descriptor = {.name = "warmup",
                                            .doc = "linear rise of the learning rate before the schedule's own step 0",
                                            .reference = "P. Goyal et al., Accurate, large minibatch SGD, arXiv:1706.02677 (2017)",
                                            .parameters = warmup_parameters,
                                            .twins = twins,
                                            .values_size = sizeof(kr_warmup)};

/* Without a state. */
static kr_status set_up(kr_schedule *self, const kr_settings *settings, kr_warmup warmup, uint64_t run_steps, kr_error *error) {
    const kr_schedule_type *type = (const kr_schedule_type *)settings->about;
    *self = (kr_schedule){.type = NULL};
    if (warmup.steps < 0)
        return kr_fail(error, KR_BAD_ARGUMENT, "warmup.steps is %lld; it counts steps and can't be negative.",
                       (long long)warmup.steps);
    if (!(warmup.factor >= 0 && warmup.factor <= 1))
        return kr_fail(error, KR_BAD_ARGUMENT, "warmup.factor is %g; allowed is 0 <= factor <= 1.", warmup.factor);
    uint64_t rise = (uint64_t)warmup.steps;
    /* A run that ends within the warmup never asks its schedule for more than step 0, but lengths must stay positive. */
    *self = (kr_schedule){.type = type,
                          .values = settings->values,
                          .settings = settings,
                          .warmup = warmup,
                          .steps = run_steps > rise ? run_steps - rise : 1};
    return type->check ? type->check(self, error) : KR_OK;
}

static kr_warmup warmup_of(const kr_settings *settings) {
    const kr_settings *warmup = kr_settings_child(settings, NULL, &kr_warmup_descriptor);
    return warmup ? *(const kr_warmup *)warmup->values : (kr_warmup){0, 1};
}

static const kr_parameter part_parameters[] = {{.name = "steps",
                                                .symbol = "K",
                                                .doc = "length of the part, its warmup included; the last one goes on",
                                                .unit = "steps",
                                                .type = KR_INTEGER,
                                                .offset = offsetof(kr_part, steps),
                                                .minimum = 0,
                                                .maximum = 1e18},
                                               KR_END};
const kr_descriptor kr_part_descriptor = {
    .name = "part", .doc = "a schedule within another one", .parameters = part_parameters, .values_size = sizeof(kr_part)};

kr_status kr_schedule_check(const kr_settings *settings, kr_warmup warmup, uint64_t run_steps, kr_error *error) {
    kr_schedule checked;
    return set_up(&checked, settings, warmup, run_steps, error);
}

kr_status kr_schedule_check_child(const kr_settings *settings, uint64_t run_steps, kr_error *error) {
    return kr_schedule_check(settings, warmup_of(settings), run_steps, error);
}

kr_status kr_schedule_create(kr_schedule *self, const kr_settings *settings, const char *directory, kr_warmup warmup,
                             uint64_t run_steps, kr_error *error) {
    kr_status status = set_up(self, settings, warmup, run_steps, error);
    self->directory = directory;
    if (status == KR_OK && self->type->prepare) status = self->type->prepare(self, error);
    if (status != KR_OK) kr_schedule_destroy(self);
    return status;
}

kr_status kr_schedule_create_child(kr_schedule *self, const kr_settings *settings, const char *directory, uint64_t run_steps,
                                   kr_error *error) {
    return kr_schedule_create(self, settings, directory, warmup_of(settings), run_steps, error);
}

bool kr_schedule_reads_file(const kr_settings *settings) {
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++)
        if (row->flags & KR_PATH && !kr_parameter_value_absent(kr_get_value(settings, row))) return true;
    for (size_t i = 0; i < settings->child_count; i++)
        if (kr_schedule_reads_file(&settings->child[i].settings)) return true;
    return false;
}

void kr_schedule_destroy(kr_schedule *self) {
    if (self->type && self->type->release && self->state) self->type->release(self);
    *self = (kr_schedule){.type = NULL};
}

double kr_schedule_at(const kr_schedule *self, uint64_t k) {
    uint64_t rise = (uint64_t)self->warmup.steps;
    if (k >= self->origin) k -= self->origin;
    if (k >= rise) return self->type->at(self, k - rise);
    double factor = self->warmup.factor;
    return self->type->at(self, 0) * (factor + (1 - factor) * (double)k / (double)rise);
}

uint64_t kr_schedule_next_cycle(const kr_schedule *self, uint64_t k) {
    uint64_t rise = (uint64_t)self->warmup.steps, origin = k >= self->origin ? self->origin : 0;
    uint64_t least = origin ? UINT64_MAX : self->origin ? self->origin : UINT64_MAX; /* a restart that is still to come */
    if (!self->type->next_cycle) return least;
    uint64_t next = self->type->next_cycle(self, k - origin >= rise ? k - origin - rise : 0);
    next = next > UINT64_MAX - rise - origin ? UINT64_MAX : next + rise + origin;
    return next < least ? next : least;
}

double kr_schedule_constant(const kr_schedule *self) {
    bool rises = self->warmup.steps > 0 && self->warmup.factor < 1;
    if (rises) return NAN;
    if (self->type->constant) return self->type->at(self, 0);
    return self->type->steady ? self->type->steady(self) : NAN;
}

double kr_schedule_largest(const kr_schedule *self) {
    double rate;
    if (self->type->largest) return self->type->largest(self);
    memcpy(&rate, (const char *)self->values + self->type->about.parameters[0].offset, sizeof rate);
    return rate;
}

bool kr_schedule_sums(const kr_schedule *self, kr_rate_sums *sums) {
    if (!self->type->sums) return false;
    *sums = self->type->sums(self);
    return true;
}
