/* Which numbers change, and their values. */
#include <kramers/drive.h>

#include "drive_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for numbers that change");
}

/* Of a batch that is drawn: no more than there are data. */
static double most_of(const kr_drive *drive, kr_drive_part part, const kr_parameter *row) {
    const kr_landscape *landscape = drive->setup.landscape;
    const kr_noise *noise = drive->setup.noise;
    kr_noise sampler;
    if (part != KR_DRIVE_NOISE || !landscape || !landscape->type->data) return INFINITY;
    if (!noise || !kr_noise_sampler_of(noise, &sampler)) return INFINITY;
    size_t offset = (size_t)((const char *)sampler.values - (const char *)noise->values);
    if (row->offset != offset + sampler.type->sampler->size) return INFINITY;
    return (double)sampler.type->sampler->most(&sampler, landscape);
}

static kr_driven_number *add(kr_drive *drive, kr_drive_part part, const kr_parameter *row, const char *name, kr_error *error) {
    for (size_t i = 0; i < drive->count; i++)
        if (!strcmp(drive->number[i].about.name, name)) {
            kr_fail(error, KR_BAD_ARGUMENT, "%s can't follow two things: it is there twice among schedules and keep", name);
            return NULL;
        }
    if (drive->count == KR_MAX_DRIVEN) {
        kr_fail(error, KR_BAD_ARGUMENT, "%s: at most %d numbers can change with the step", name, KR_MAX_DRIVEN);
        return NULL;
    }
    kr_driven_number *number = &drive->number[drive->count++];
    *number = (kr_driven_number){.part = part, .about = {.row = row}, .most = most_of(drive, part, row)};
    snprintf(number->about.name, sizeof number->about.name, "%s", name);
    return number;
}

static const char *const part_names[KR_DRIVE_PARTS] = {
    [KR_DRIVE_LANDSCAPE] = "landscape", [KR_DRIVE_DYNAMICS] = "dynamics", [KR_DRIVE_NOISE] = "noise"};

/* ---- numbers with a schedule ---- */

static kr_status add_schedules(kr_drive *drive, kr_drive_part part, kr_error *error) {
    const kr_settings *settings = drive->settings[part];
    for (size_t i = 0; settings && i < settings->child_count; i++) {
        const kr_child *child = &settings->child[i];
        char name[KR_DRIVEN_NAME];
        if (!child->row || !child->settings.about->drives) continue;
        snprintf(name, sizeof name, "%s.%s", part_names[part], child->row->name);
        kr_driven_number *number = add(drive, part, child->row, name, error);
        if (!number) return KR_BAD_ARGUMENT;
        uint64_t steps = drive->setup.steps;
        kr_status status = drive->setup.schedule ? kr_schedule_create_child(&number->about.schedule, &child->settings,
                                                                            drive->setup.directory, steps, error)
                                                 : kr_schedule_check_child(&child->settings, steps, error);
        if (status != KR_OK) return kr_fail_at(error, status, "%s", name);
    }
    return KR_OK;
}

/* ---- invariants ---- */

/* The row behind "dynamics.weight_decay". */
static const kr_parameter *find_row(const kr_drive *drive, const char *key, kr_drive_part *part) {
    for (*part = 0; *part < KR_DRIVE_PARTS; ++*part) {
        size_t length = strlen(part_names[*part]);
        if (!strncmp(key, part_names[*part], length) && key[length] == '.' && drive->settings[*part])
            return kr_parameter_find(drive->settings[*part]->about, key + length + 1);
    }
    return NULL;
}

static kr_status add_kept(kr_drive *drive, const kr_keep *keep, const char *key, kr_keep_kind kind, kr_error *error) {
    kr_drive_part part;
    const kr_parameter *row = find_row(drive, key, &part);
    if (!row) return kr_fail(error, KR_BAD_ARGUMENT, "keep: '%s' names '%s', which this scene does not have", keep->invariant, key);
    if (!kr_parameter_may_follow(row))
        return kr_fail(error, KR_BAD_ARGUMENT, "keep: %s can't follow the learning rate: it is needed before the first step", key);
    kr_driven_number *number = add(drive, part, row, key, error);
    if (!number) return KR_BAD_ARGUMENT;
    number->about.keep = kind;
    number->about.integer = keep->integer;
    const kr_parameter_value value = kr_get_value(drive->settings[part], row);
    if (value.type == KR_LIST && value.list.count != 1)
        return kr_fail(error, KR_BAD_ARGUMENT, "keep: %s is %zu numbers, and one can follow the learning rate", key,
                       value.list.count);
    number->first = value.type == KR_LIST ? value.list.value[0] : kr_get_number(drive->settings[part], row);
    snprintf(number->about.invariant, sizeof number->about.invariant, "%s", keep->invariant);
    if (number->first == 0 && kind == KR_KEEP_RATIO)
        return kr_fail(error, KR_BAD_ARGUMENT, "keep: %s is 0, so lr/%s says nothing", key, key);
    return KR_OK;
}

/* The first of these rows that the part has; of noise that is a sum, the row of one of its models. */
static const char *first_of(const kr_drive *drive, kr_drive_part part, const char *const *names) {
    for (; drive->settings[part] && *names; names++)
        for (const kr_parameter *row = drive->settings[part]->about->parameters; row && row->name; row++) {
            const char *point = strrchr(row->name, '.');
            if (!strcmp(point ? point + 1 : row->name, *names)) return row->name;
        }
    return NULL;
}

static kr_status add_physical(kr_drive *drive, const kr_keep *keep, kr_error *error) {
    static const char *const heat[] = {"batch_size", "sigma", NULL}, *const drag[] = {"momentum", "alpha", NULL};
    bool temperature = !strcmp(keep->invariant, "temperature");
    kr_drive_part part = temperature ? KR_DRIVE_NOISE : KR_DRIVE_DYNAMICS;
    const char *name = first_of(drive, part, temperature ? heat : drag);
    char key[KR_DRIVEN_NAME];
    if (!name)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       temperature
                           ? "keep: temperature needs gradient noise with a batch_size or a sigma that can follow; '%s' has none"
                           : "keep: friction needs dynamics with a momentum or an alpha that can follow; '%s' has none",
                       drive->settings[part] ? drive->settings[part]->about->name : "none");
    if (!temperature && !drive->setup.dynamics->type->friction)
        return kr_fail(error, KR_BAD_ARGUMENT, "keep: friction needs dynamics with a friction, and '%s' has none",
                       drive->setup.dynamics->type->about.name);
    snprintf(key, sizeof key, "%s.%s", part_names[part], name);
    kr_status status = add_kept(drive, keep, key, temperature ? KR_KEEP_TEMPERATURE : KR_KEEP_FRICTION, error);
    const kr_dynamics *dynamics = drive->setup.dynamics;
    if (status == KR_OK && temperature && drive->setup.schedule &&
        !kr_drive_has_heat(dynamics, kr_schedule_at(drive->setup.schedule, 0)))
        return kr_fail(error, KR_BAD_ARGUMENT, "keep: the gradient noise of '%s' has no temperature to keep",
                       dynamics->type->about.name);
    return status;
}

/* "lr*KEY", "KEY*lr", "lr/KEY" or "KEY/lr", without blanks. */
static kr_status add_invariant(kr_drive *drive, const kr_keep *keep, kr_error *error) {
    const char *text = keep->invariant, *sign = strpbrk(text, "*/");
    if (!strcmp(text, "temperature") || !strcmp(text, "friction")) return add_physical(drive, keep, error);
    bool first = sign && sign - text == 2 && !strncmp(text, "lr", 2), last = sign && !strcmp(sign + 1, "lr");
    if (first == last)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "keep: '%s' is no invariant; there are lr*NUMBER, lr/NUMBER (such as lr/noise.batch_size), temperature and "
                       "friction",
                       text);
    char key[KR_DRIVEN_NAME];
    if (first)
        snprintf(key, sizeof key, "%s", sign + 1);
    else
        snprintf(key, sizeof key, "%.*s", (int)(sign - text), text);
    return add_kept(drive, keep, key, *sign == '*' ? KR_KEEP_PRODUCT : KR_KEEP_RATIO, error);
}

/* ---- values ---- */

double kr_drive_value(const kr_drive *drive, size_t i, uint64_t step, bool *clamped) {
    const kr_driven_number *number = &drive->number[i];
    bool temperature = number->about.keep == KR_KEEP_TEMPERATURE;
    double wanted = temperature ? kr_drive_kept_by_temperature(drive, i, step) : kr_drive_wanted(drive, i, step);
    return kr_drive_settled(number, wanted, clamped);
}

double kr_drive_held(const kr_drive *drive, size_t i, uint64_t step) {
    const kr_driven_number *number = &drive->number[i];
    if (number->about.keep == KR_KEEP_NOTHING) return NAN;
    double value = kr_drive_value(drive, i, step, NULL);
    if (number->about.keep == KR_KEEP_TEMPERATURE) return kr_drive_temperature_held(drive, i, step, value);
    double wanted = kr_drive_wanted(drive, i, step);
    bool momentum = kr_drive_is_called(number, "momentum");
    switch (number->about.keep) {
    case KR_KEEP_PRODUCT: return value / wanted;
    case KR_KEEP_FRICTION: return momentum ? (1 - value) / (1 - wanted) : value / wanted;
    default: return wanted / value;
    }
}

size_t kr_drive_count(const kr_drive *drive) {
    return drive ? drive->count : 0;
}

const kr_driven *kr_drive_number(const kr_drive *drive, size_t i) {
    return &drive->number[i].about;
}

/* ---- the whole ---- */

/* Weight decay belongs to the landscape. */
static void note_changes(kr_drive *drive) {
    for (size_t i = 0; i < drive->count; i++) {
        const kr_driven_number *number = &drive->number[i];
        drive->changes[number->part] = true;
        if (number->part == KR_DRIVE_DYNAMICS && !strcmp(number->about.row->name, "weight_decay")) drive->decay_changes = true;
    }
}

kr_status kr_drive_create(kr_drive **result, const kr_drive_setup *setup, kr_error *error) {
    *result = NULL;
    kr_drive *drive = calloc(1, sizeof *drive);
    if (!drive) return no_memory(error);
    drive->setup = *setup;
    drive->settings[KR_DRIVE_LANDSCAPE] = setup->landscape_settings;
    drive->settings[KR_DRIVE_DYNAMICS] = setup->dynamics_settings;
    drive->settings[KR_DRIVE_NOISE] = setup->noise_settings;
    drive->first_rate = setup->schedule ? kr_schedule_at(setup->schedule, 0) : 1;
    kr_status status = KR_OK;
    for (int part = 0; part < KR_DRIVE_PARTS && status == KR_OK; part++) status = add_schedules(drive, (kr_drive_part)part, error);
    for (size_t i = 0; i < setup->keep_count && status == KR_OK; i++) status = add_invariant(drive, &setup->keep[i], error);
    if (status == KR_OK && setup->keep_count && !(drive->first_rate > 0))
        status = kr_fail(error, KR_BAD_ARGUMENT, "keep: the learning rate of step 0 is 0, so no product with it can be kept");
    note_changes(drive);
    if (status == KR_OK && drive->count && setup->schedule)
        *result = drive;
    else
        kr_drive_destroy(drive);
    return status;
}

void kr_drive_begin_at(kr_drive *drive, uint64_t step) {
    for (size_t i = 0; drive && i < drive->count; i++) drive->number[i].about.schedule.origin = step;
}

void kr_drive_destroy(kr_drive *drive) {
    for (size_t i = 0; drive && i < drive->count; i++) kr_schedule_destroy(&drive->number[i].about.schedule);
    free(drive);
}
