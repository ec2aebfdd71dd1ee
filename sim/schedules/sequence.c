/* Schedules one after the other, each from its own step 0: PyTorch's SequentialLR, with the lengths of the parts instead of the
 * steps between them. The last part goes on for ever. A new part begins a new cycle. */
#include "shared.h"

#include <stdlib.h>

typedef struct values {
    double lr;
} values;

static const kr_parameter parameters[] = {
    {.name = "lr",
     .symbol = "eta",
     .doc = "largest learning rate, to which all parts are scaled; not given: they are as they stand",
     .type = KR_NUMBER,
     .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     .offset = offsetof(values, lr),
     .initial = NAN,
     .minimum = 0,
     .maximum = 1e6},
    {.name = "parts",
     .doc = "schedules, each with its length as steps (the last one goes on) and a warmup of its own where it has one",
     .type = KR_SCHEDULES,
     .flags = KR_SEVERAL,
     .initial_text = "[{name: constant, steps: 1000}, {name: cosine, steps: 1000}]"},
    KR_END};

/* Part i has the steps from first[i] to first[i + 1] - 1. */
typedef struct row {
    size_t count;
    uint64_t *first;
    kr_schedule *part;
    double largest;
} row;

/* The settings of part number i; NULL: there are not so many. */
static const kr_settings *part_of(const kr_schedule *self, size_t i) {
    for (size_t c = 0; c < self->settings->child_count; c++) {
        const kr_child *child = &self->settings->child[c];
        if (child->row && child->row->type == KR_SCHEDULES && i-- == 0) return &child->settings;
    }
    return NULL;
}

static size_t count_of(const kr_schedule *self) {
    size_t count = 0;
    while (part_of(self, count)) count++;
    return count;
}

static uint64_t steps_of(const kr_settings *part) {
    const kr_settings *length = kr_settings_child(part, NULL, &kr_part_descriptor);
    return length ? (uint64_t)((const kr_part *)length->values)->steps : 0;
}

/* Of the last part, where it has no length: what is left of the run. */
static uint64_t length_of(const kr_schedule *self, const kr_settings *part, uint64_t first) {
    uint64_t steps = steps_of(part);
    if (steps > 0) return steps;
    return self->steps > first ? self->steps - first : 1;
}

static kr_status check(const kr_schedule *self, kr_error *error) {
    const kr_settings *part;
    uint64_t first = 0;
    for (size_t i = 0; (part = part_of(self, i)); i++) {
        uint64_t length = length_of(self, part, first);
        if (!steps_of(part) && part_of(self, i + 1))
            return kr_fail(error, KR_BAD_ARGUMENT, "parts.%zu: '%s' needs steps, its length: only the last part goes on.", i,
                           part->about->name);
        kr_status status = kr_schedule_check_child(part, length, error);
        if (status != KR_OK) return kr_fail_at(error, status, "parts.%zu", i);
        if (length > UINT64_MAX - first)
            return kr_fail(error, KR_BAD_ARGUMENT, "parts.%zu: the parts are together longer than steps can be counted.", i);
        first += length;
    }
    return KR_OK;
}

static kr_status prepare(kr_schedule *self, kr_error *error) {
    size_t count = count_of(self);
    row *r = self->state = calloc(1, sizeof *r);
    if (r) r->first = calloc(count + 1, sizeof *r->first);
    if (r) r->part = calloc(count + 1, sizeof *r->part);
    if (!r || !r->first || !r->part) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu parts", count);
    for (size_t i = 0; i < count; i++) {
        const kr_settings *part = part_of(self, i);
        uint64_t length = length_of(self, part, r->first[i]);
        kr_status status = kr_schedule_create_child(&r->part[i], part, self->directory, length, error);
        if (status != KR_OK) return kr_fail_at(error, status, "parts.%zu", i);
        r->count = i + 1;
        r->first[i + 1] = r->first[i] + length;
        r->largest = fmax(r->largest, fabs(kr_schedule_largest(&r->part[i])));
    }
    if (!isnan(((const values *)self->values)->lr) && count && !(r->largest > 0))
        return kr_fail(error, KR_BAD_ARGUMENT, "lr cannot be the largest rate of parts that are all 0; leave lr out.");
    return KR_OK;
}

static void release(kr_schedule *self) {
    row *r = self->state;
    for (size_t i = 0; r->part && i < r->count; i++) kr_schedule_destroy(&r->part[i]);
    free(r->part);
    free(r->first);
    free(r);
}

static size_t find(const row *r, uint64_t k) {
    size_t low = 0, high = r->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (r->first[middle] <= k)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Without parts, as a program may make it: a constant rate. */
static double alone(const values *v) {
    return isnan(v->lr) ? 0.01 : v->lr;
}

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    const row *r = self->state;
    if (!r->count) return alone(v);
    size_t i = find(r, k);
    double rate = kr_schedule_at(&r->part[i], k - r->first[i]);
    return isnan(v->lr) ? rate : v->lr * (rate / r->largest);
}

static uint64_t next_cycle(const kr_schedule *self, uint64_t k) {
    const row *r = self->state;
    if (!r->count) return UINT64_MAX;
    size_t i = find(r, k);
    uint64_t within = kr_schedule_next_cycle(&r->part[i], k - r->first[i]);
    uint64_t next = within > UINT64_MAX - r->first[i] ? UINT64_MAX : within + r->first[i];
    return i + 1 < r->count ? kr_min_u64(next, r->first[i + 1]) : next;
}

static double largest(const kr_schedule *self) {
    const values *v = self->values;
    const row *r = self->state;
    return !r->count ? alone(v) : isnan(v->lr) ? r->largest : v->lr;
}

static double steady(const kr_schedule *self) {
    const row *r = self->state;
    for (size_t i = 0; i < r->count; i++)
        if (!(kr_schedule_constant(&r->part[i]) == kr_schedule_constant(&r->part[0]))) return NAN;
    return at(self, 0);
}

static kr_rate_sums sums(const kr_schedule *self) {
    const row *r = self->state;
    kr_rate_sums last = kr_sums_of_lasting(largest(self));
    if (r->count) kr_schedule_sums(&r->part[r->count - 1], &last);
    return last;
}

static const kr_twin twins[] = {
    {"PyTorch", "SequentialLR(schedulers=parts)", "its milestones are the steps at which parts begin, not their lengths"},
    {"optax", "join_schedules(schedules=parts)", "its boundaries are the steps at which parts begin, not their lengths"},
    {"Keras", NULL, "has none; PiecewiseConstantDecay joins constants"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "eta_k = s_i(k - B_i), part i from step B_i on, B_i the sum of the steps of the parts before",
                         .doc = "schedules one after the other",
                         .parameters = parameters,
                         .twins = twins,
                         .values_size = sizeof(values)},
               .check = check,
               .prepare = prepare,
               .release = release,
               .at = at,
               .next_cycle = next_cycle,
               .largest = largest,
               .steady = steady,
               .sums = sums,
               .diverges = "where it does for the last part",
               .squares_converge = "where it does for the last part"};
