/* Numbers in a row: in the scene, or a column of a file, for instance a learning rate that another program logged. One for every
 * `every` steps, held or joined by straight lines; behind the last one it stays, or they begin again. */
#include "geometry/column_file.h"

#include "shared.h"

#include <stdlib.h>

enum { HOLD, LINEAR };
enum { STAY, REPEAT };

typedef struct values {
    double lr;
    char *file, *column, *dataset;
    kr_list values;
    int64_t every;
    int interpolate, after;
} values;

static const char *const interpolate_choices[] = {"hold", "linear", NULL};
static const char *const after_choices[] = {"hold", "repeat", NULL};

static const kr_parameter parameters[] = {
    {.name = "lr",
     .symbol = "eta",
     .doc = "largest learning rate, to which all numbers are scaled; not given: they are learning rates as they stand",
     .type = KR_NUMBER,
     .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     .offset = offsetof(values, lr),
     .initial = NAN,
     .minimum = 0,
     .maximum = 1e6},
    {.name = "values",
     .symbol = "v",
     .doc = "the numbers, where no file is given; neither: three as an example",
     .type = KR_LIST,
     .offset = offsetof(values, values),
     .initial = NAN,
     .minimum = 0,
     .maximum = 1e6},
    {.name = "file",
     .doc = "text of columns (CSV), .npy or HDF5; not given: the values",
     .type = KR_TEXT,
     .flags = KR_PATH,
     .offset = offsetof(values, file)},
    {.name = "column",
     .doc = "of a file with several: its number, from 0 on, or its name in the first line",
     .type = KR_TEXT,
     .offset = offsetof(values, column)},
    {.name = "dataset",
     .doc = "of an HDF5 file: the data set",
     .type = KR_TEXT,
     .offset = offsetof(values, dataset),
     .initial_text = "/observables/learning_rate/value"},
    {.name = "every",
     .symbol = "s",
     .doc = "steps from one number to the next",
     .unit = "steps",
     .type = KR_INTEGER,
     .offset = offsetof(values, every),
     .initial = 1,
     .minimum = 1,
     .maximum = 1e18},
    {.name = "interpolate",
     .doc = "between two numbers: hold the first, or a straight line",
     .type = KR_CHOICE,
     .offset = offsetof(values, interpolate),
     .initial = HOLD,
     .choices = interpolate_choices},
    {.name = "after",
     .doc = "behind the last number: hold it, or repeat all",
     .type = KR_CHOICE,
     .offset = offsetof(values, after),
     .initial = STAY,
     .choices = after_choices},
    KR_END};

static const double example[] = {0.01, 0.003, 0.001};

/* What `at` looks in. */
typedef struct row {
    const kr_column *column; /* NULL: they are the scene's */
    size_t count;
    const double *value;
    double highest;
} row;

/* By magnitude: other numbers than learning rates may be negative. */
static double highest_of(const kr_list *list) {
    double highest = 0;
    for (size_t i = 0; i < list->count; i++) highest = fmax(highest, fabs(list->value[i]));
    return highest;
}

static bool from_file(const values *v) {
    return v->file && *v->file;
}

static kr_status check_scale(const values *v, double highest, kr_error *error) {
    if (isnan(v->lr) || highest > 0) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT, "lr = %.10g cannot be the largest of numbers that are all 0; leave lr out.", v->lr);
}

static kr_status check(const kr_schedule *self, kr_error *error) {
    const values *v = self->values;
    if (from_file(v) && v->values.count)
        return kr_fail(error, KR_BAD_ARGUMENT, "values and file '%s' are both given; leave one of them out.", v->file);
    if (!from_file(v) && v->column && *v->column)
        return kr_fail(error, KR_BAD_ARGUMENT, "column '%s' is that of a file, and none is given; give file: or leave column out.",
                       v->column);
    return from_file(v) || !v->values.count ? KR_OK : check_scale(v, highest_of(&v->values), error);
}

static kr_status read_file(const kr_schedule *self, row *r, kr_error *error) {
    const values *v = self->values;
    const kr_column_source source = {v->file, self->directory, v->column, v->dataset, "schedule"};
    kr_status status = kr_column_open(&r->column, &source, error);
    if (status != KR_OK) return status;
    r->count = r->column->count;
    r->value = r->column->value;
    r->highest = fmax(-r->column->lowest, r->column->highest);
    if (r->column->lowest < 0 && !self->type->about.drives)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has the number %.10g; a learning rate is at least 0", v->file,
                       r->column->lowest);
    return check_scale(v, r->highest, error);
}

static kr_status prepare(kr_schedule *self, kr_error *error) {
    const values *v = self->values;
    row *r = self->state = calloc(1, sizeof *r);
    if (!r) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a table");
    if (from_file(v)) return read_file(self, r, error);
    bool given = v->values.count > 0;
    *r = (row){NULL, given ? v->values.count : 3, given ? v->values.value : example, given ? highest_of(&v->values) : example[0]};
    return KR_OK;
}

static void release(kr_schedule *self) {
    kr_column_close(((row *)self->state)->column);
    free(self->state);
}

/* The interval that step k is in; *within: how far. */
static uint64_t find(const values *v, uint64_t count, uint64_t k, double *within) {
    uint64_t every = (uint64_t)v->every, interval = k / every;
    *within = (double)(k % every) / (double)every;
    if (v->after == REPEAT) return interval % count;
    if (interval >= count - 1) *within = 0;
    return kr_min_u64(interval, count - 1);
}

static double at(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    const row *r = self->state;
    double within;
    uint64_t i = find(v, r->count, k, &within);
    double value = r->value[i];
    if (v->interpolate == LINEAR && within > 0) value += (r->value[(i + 1) % r->count] - value) * within;
    return isnan(v->lr) ? value : v->lr * (value / r->highest);
}

static uint64_t next_cycle(const kr_schedule *self, uint64_t k) {
    const values *v = self->values;
    uint64_t count = ((const row *)self->state)->count, every = (uint64_t)v->every;
    if (v->after != REPEAT || count > UINT64_MAX / every) return UINT64_MAX;
    uint64_t left = count * every - k % (count * every);
    return k > UINT64_MAX - left ? UINT64_MAX : k + left;
}

static double largest(const kr_schedule *self) {
    const values *v = self->values;
    return isnan(v->lr) ? ((const row *)self->state)->highest : v->lr;
}

static kr_rate_sums sums(const kr_schedule *self) {
    const row *r = self->state;
    return kr_sums_of_lasting(((const values *)self->values)->after == REPEAT ? r->highest : r->value[r->count - 1]);
}

static const kr_twin twins[] = {
    {"PyTorch", NULL, "has none; LambdaLR(lambda k: values[min(k // every, len(values) - 1)]) at an optimizer's lr of 1 makes one"},
    {"optax", "piecewise_interpolate_schedule(interpolate_type='linear')",
     "it takes factors at steps, not one number every so many"},
    {"Keras", "PiecewiseConstantDecay(values=values)",
     "its boundaries are steps that may lie anywhere; the value changes one step later"},
    {NULL, NULL, NULL}};

KR_SCHEDULE = {.about = {.name = KR_PLUGIN_NAME,
                         .equation = "eta_k = v_i, i = floor(k / s), s = every (hold)\n"
                                     "eta_k = v_i + (v_(i+1) - v_i) (k / s - i) (linear)",
                         .doc = "numbers from the scene or from a file, for instance a learning rate that was logged elsewhere",
                         .parameters = parameters,
                         .twins = twins,
                         .values_size = sizeof(values)},
               .check = check,
               .prepare = prepare,
               .release = release,
               .at = at,
               .next_cycle = next_cycle,
               .largest = largest,
               .sums = sums,
               .diverges = "where the last number is above 0, or after is repeat",
               .squares_converge = "where it holds a last number of 0"};
