/* The invariant `temperature`: how much of the gradient noise must be left for what it adds to the temperature to be that of step
 * 0. Other numbers may change as well: a momentum, a sigma, another model of the noise. */
#include "drive_state.h"

#include <kramers/data_sum.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Variances of the gradient noise. Where they depend on the place, or are not all that there is, the number that follows is what
 * they are proportional to: own is 1 and rest is 0. */
typedef struct budget {
    double wanted;    /* for the temperature of step 0 */
    double own, rest; /* of the model whose number follows, with that number as at step 0, and of the others */
} budget;

static bool is_sigma(const kr_driven_number *number) {
    return kr_drive_is_called(number, "sigma");
}

/* Whether it is the size of a batch that is drawn from data. */
static bool is_drawn(const kr_driven_number *number) {
    return isfinite(number->most);
}

/* The share of this batch is A / B + C, where C is not 0 when none is drawn twice. */
static double share_of(const kr_drive *drive, const kr_driven_number *number, double batch) {
    const kr_landscape *landscape = drive->setup.landscape;
    kr_noise noise = *drive->setup.noise;
    void *values = malloc(noise.type->about.values_size);
    if (!values) return NAN;
    memcpy(values, noise.values, noise.type->about.values_size);
    kr_drive_put(values, number->about.row, batch);
    noise.values = values;
    double share = kr_noise_batch_share(&noise, landscape->type->data->data(landscape, KR_DATA_TRAIN).count);
    free(values);
    return share;
}

/* Variance with the number at this value over that with it as at step 0, and the other way round. */
static double part_with(const kr_drive *drive, const kr_driven_number *number, double value) {
    if (is_drawn(number)) return share_of(drive, number, value) / share_of(drive, number, number->first);
    double change = value / number->first;
    return is_sigma(number) ? change * change : 1 / change;
}

static double value_for(const kr_drive *drive, const kr_driven_number *number, double part) {
    if (!is_drawn(number)) return is_sigma(number) ? number->first * sqrt(part) : number->first / part;
    double one = share_of(drive, number, 1), two = share_of(drive, number, 2), a = 2 * (one - two);
    return a / (part * share_of(drive, number, number->first) - (one - a));
}

/* ---- at one step ---- */

/* A copy of the values of a part as they are at a step; but for numbers that follow the temperature, and lists, which it shares.
 * NULL: no memory. */
static void *values_at(const kr_drive *drive, kr_drive_part part, uint64_t step) {
    const kr_settings *settings = drive->settings[part];
    void *values = malloc(settings->about->values_size);
    if (!values) return NULL;
    memcpy(values, settings->values, settings->about->values_size);
    for (size_t i = 0; i < drive->count; i++) {
        const kr_driven *about = &drive->number[i].about;
        if (drive->number[i].part != part || about->keep == KR_KEEP_TEMPERATURE || about->row->type == KR_LIST) continue;
        kr_drive_put(values, about->row, kr_drive_settled(&drive->number[i], kr_drive_wanted(drive, i, step), NULL));
    }
    return values;
}

/* The dynamics of a step, on values that the caller frees. */
static void *dynamics_at(const kr_drive *drive, uint64_t step, kr_dynamics *dynamics) {
    *dynamics = *drive->setup.dynamics;
    void *values = drive->changes[KR_DRIVE_DYNAMICS] ? values_at(drive, KR_DRIVE_DYNAMICS, step) : NULL;
    if (!values) return NULL;
    if (kr_dynamics_create(dynamics, drive->setup.dynamics->type, values, NULL) == KR_OK) return values;
    *dynamics = *drive->setup.dynamics;
    free(values);
    return NULL;
}

/* The variance with the number that follows at this value. */
static double variance_with(kr_noise noise, void *values, const kr_parameter *row, double value) {
    kr_drive_put(values, row, value);
    noise.values = values;
    return kr_noise_additive_variance(&noise);
}

static void find_variances(const kr_drive *drive, const kr_driven_number *number, uint64_t step, budget *b) {
    const kr_parameter *row = number->about.row;
    void *values = values_at(drive, KR_DRIVE_NOISE, step);
    if (!values || row->type != KR_NUMBER) {
        free(values);
        return;
    }
    double whole = variance_with(*drive->setup.noise, values, row, number->first);
    double rest = variance_with(*drive->setup.noise, values, row, is_sigma(number) ? 0 : INFINITY);
    if (whole > rest) *b = (budget){.wanted = b->wanted, .own = whole - rest, .rest = rest};
    free(values);
}

/* ---- the temperature ---- */

/* Heat that gradient noise of this variance adds. */
static double heat_of(const kr_dynamics *dynamics, double rate, double variance) {
    return kr_dynamics_temperature(dynamics, rate, variance) - kr_dynamics_temperature(dynamics, rate, 0);
}

/* Heat grows as variance^p with p = 1 or, in dynamics that divide by its root, from 1/2 on: each round at least halves the error.
 */
static double wanted_variance(const kr_drive *drive, uint64_t step, double first) {
    double rate = kr_schedule_at(drive->setup.schedule, step), variance = first;
    double target = heat_of(drive->setup.dynamics, drive->first_rate, first);
    kr_dynamics now;
    void *values = dynamics_at(drive, step, &now);
    for (int i = 0; i < 100; i++) {
        double ratio = target / heat_of(&now, rate, variance);
        variance *= ratio;
        if (!(isfinite(ratio) && fabs(ratio - 1) > 1e-15)) break;
    }
    free(values);
    return variance;
}

static budget budget_at(const kr_drive *drive, const kr_driven_number *number, uint64_t step) {
    const kr_noise *noise = drive->setup.noise;
    budget b = {.own = 1};
    double first = kr_noise_is_additive(noise, true) ? kr_noise_additive_variance(noise) : 1;
    if (!(first > 0)) first = 1;
    b.own = first;
    b.wanted = wanted_variance(drive, step, first);
    if (kr_noise_is_additive(noise, true)) find_variances(drive, number, step, &b);
    return b;
}

bool kr_drive_has_heat(const kr_dynamics *dynamics, double rate) {
    return heat_of(dynamics, rate, 1) > 0;
}

double kr_drive_kept_by_temperature(const kr_drive *drive, size_t i, uint64_t step) {
    const kr_driven_number *number = &drive->number[i];
    budget b = budget_at(drive, number, step);
    return value_for(drive, number, fmax(0, b.wanted - b.rest) / b.own);
}

double kr_drive_temperature_held(const kr_drive *drive, size_t i, uint64_t step, double value) {
    const kr_driven_number *number = &drive->number[i];
    budget b = budget_at(drive, number, step);
    return (b.rest + b.own * part_with(drive, number, value)) / b.wanted;
}
