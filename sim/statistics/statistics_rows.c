/* Rows of the observer `statistics`. */
#include <kramers/statistics.h>

static bool position(const void *source, kr_value *value) {
    const kr_statistics *s = source;
    return kr_value_list(value, s->position, s->dim, 0);
}

static bool position_variance(const void *source, kr_value *value) {
    const kr_statistics *s = source;
    return kr_value_list(value, s->position_variance, s->dim, 0);
}

static bool well_population(const void *source, kr_value *value) {
    const kr_statistics *s = source;
    return kr_value_list(value, s->well_population, s->wells, 0);
}

/* Getters of the errors look at the same members of `error`. */
static bool position_error(const void *source, kr_value *value) {
    const kr_statistics *s = source;
    return s->error && position(s->error, value);
}

static bool position_variance_error(const void *source, kr_value *value) {
    const kr_statistics *s = source;
    return s->error && position_variance(s->error, value);
}

static bool well_population_error(const void *source, kr_value *value) {
    const kr_statistics *s = source;
    return s->error && well_population(s->error, value);
}

static bool potential_error(const void *source, kr_value *value) {
    const kr_statistics *s = source;
    return s->error && kr_value_number(value, s->error->potential);
}

static bool kinetic_temperature_error(const void *source, kr_value *value) {
    const kr_statistics *s = source;
    return s->error && kr_value_number(value, s->error->kinetic_temperature);
}

static bool configurational_temperature_error(const void *source, kr_value *value) {
    const kr_statistics *s = source;
    return s->error && kr_value_number(value, s->error->configurational_temperature);
}

#define WHY_NO_ERROR "the page keeps to the means; JSON has their errors"

const kr_result_row kr_statistics_rows[] = {
    KR_ROW("mean.samples", COUNT, 0, NULL, "samples taken, each of the whole ensemble", KR_BY("samples"), KR_AT("mean/samples"),
           KR_AT("mean_samples"), .offset = offsetof(kr_statistics, samples)),
    KR_ROW("mean.position", NUMBER, 1, "length", "mean of each coordinate", KR_AT("position"), KR_AT("mean/position"),
           KR_NOT(KR_WHY_LIST), .get = position),
    KR_ROW("mean.position_error", NUMBER, 1, "length", "standard error of the mean of each coordinate", KR_NOT(WHY_NO_ERROR),
           KR_AT("mean/position_error"), KR_NOT(KR_WHY_LIST), .get = position_error),
    KR_ROW("mean.position_variance", NUMBER, 1, "length^2", "variance of each coordinate", KR_AT("variance of the position"),
           KR_AT("mean/position_variance"), KR_NOT(KR_WHY_LIST), .get = position_variance),
    KR_ROW("mean.position_variance_error", NUMBER, 1, "length^2", "standard error of the variance of each coordinate",
           KR_NOT(WHY_NO_ERROR), KR_AT("mean/position_variance_error"), KR_NOT(KR_WHY_LIST), .get = position_variance_error),
    KR_ROW("mean.potential", NUMBER, 0, "energy", "mean of the landscape's energy", KR_WITH("potential", KR_OR_UNKNOWN),
           KR_AT("mean/potential"), KR_AT("potential"), .offset = offsetof(kr_statistics, potential)),
    KR_ROW("mean.potential_error", NUMBER, 0, "energy", "standard error of the mean of the landscape's energy",
           KR_NOT(WHY_NO_ERROR), KR_AT("mean/potential_error"), KR_AT("potential_error"), .get = potential_error),
    KR_ROW("mean.kinetic_temperature", NUMBER, 0, "energy", "mean square of each coordinate of the velocity",
           KR_AT("kinetic temperature"), KR_AT("mean/kinetic_temperature"), KR_AT("kinetic_temperature"),
           .offset = offsetof(kr_statistics, kinetic_temperature)),
    KR_ROW("mean.kinetic_temperature_error", NUMBER, 0, "energy", "standard error of the kinetic temperature", KR_NOT(WHY_NO_ERROR),
           KR_AT("mean/kinetic_temperature_error"), KR_AT("kinetic_temperature_error"), .get = kinetic_temperature_error),
    KR_ROW("mean.configurational_temperature", NUMBER, 0, "energy", "mean square of the gradient over the mean of the Laplacian",
           KR_AT("configurational temperature"), KR_AT("mean/configurational_temperature"), KR_AT("configurational_temperature"),
           .offset = offsetof(kr_statistics, configurational_temperature)),
    KR_ROW("mean.configurational_temperature_error", NUMBER, 0, "energy", "standard error of the configurational temperature",
           KR_NOT(WHY_NO_ERROR), KR_AT("mean/configurational_temperature_error"), KR_AT("configurational_temperature_error"),
           .get = configurational_temperature_error),
    KR_ROW("mean.well_population", NUMBER, 1, NULL, "fraction of the particles in the basin of each minimum",
           KR_AT("population of the wells"), KR_AT("mean/well_population"), KR_NOT(KR_WHY_LIST), .get = well_population),
    KR_ROW("mean.well_population_error", NUMBER, 1, NULL, "standard error of the fraction in each basin", KR_NOT(WHY_NO_ERROR),
           KR_AT("mean/well_population_error"), KR_NOT(KR_WHY_LIST), .get = well_population_error),
    KR_RESULT_END};
