#include <kramers/stationary_populations.h>

#include "geometry/walls.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_CRITICAL_POINTS = 4096 };

static kr_status unknown(kr_stationary_populations *populations, const char *format, ...) KR_PRINTF(2, 3);

static kr_status unknown(kr_stationary_populations *populations, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(populations->why, sizeof populations->why, format, arguments);
    va_end(arguments);
    free(populations->share);
    free(populations->of_steps);
    populations->share = populations->of_steps = NULL;
    populations->minima = 0;
    populations->law = KR_STATIONARY_UNKNOWN;
    return KR_OK;
}

static size_t count_minima(const kr_critical_points *critical) {
    size_t minima = 0;
    for (size_t i = 0; i < critical->count; i++) minima += critical->point[i].index == 0;
    return minima;
}

/* Minima and maxima alternate in one dimension: a basin lies between two maxima. */
static void integrate(const kr_critical_points *critical, const kr_density_curve *curve, double *share) {
    size_t minimum = 0;
    double sum = 0;
    for (size_t i = 0; i < critical->count; i++) {
        if (critical->point[i].index != 0) continue;
        double low = i > 0 ? critical->point[i - 1].position[0] : -INFINITY;
        double high = i + 1 < critical->count ? critical->point[i + 1].position[0] : INFINITY;
        share[minimum] = kr_density_mass(curve, low, high);
        sum += share[minimum++];
    }
    for (size_t i = 0; i < minimum; i++) share[i] /= sum;
}

static kr_status along_the_line(kr_stationary_populations *populations, const kr_problem *problem, double learning_rate,
                                const kr_critical_points *critical, kr_error *error) {
    kr_stationary_density density;
    kr_status status = kr_stationary_density_create(&density, problem, 0, learning_rate, (kr_interval){NAN, NAN}, error);
    if (status != KR_OK) return status;
    populations->law = density.law;
    populations->part = density.part;
    populations->temperature = density.temperature;
    if (density.law == KR_STATIONARY_UNKNOWN) {
        unknown(populations, "%s", density.why);
    } else if (density.part == KR_STATIONARY_VALLEY) {
        unknown(populations, "the density is known in the start's valley only");
    } else {
        integrate(critical, &density.continuous, populations->share);
        populations->of_steps = density.steps.count ? malloc(populations->minima * sizeof(double)) : NULL;
        if (populations->of_steps) integrate(critical, &density.steps, populations->of_steps);
    }
    kr_stationary_density_destroy(&density);
    return KR_OK;
}

/* exp(-V/T) / sqrt(det H) of each minimum. */
static void harmonic(const kr_critical_points *critical, double temperature, double *share) {
    size_t minimum = 0, count = 0;
    double most = -INFINITY, sum = 0;
    for (size_t i = 0; i < critical->count; i++) {
        const kr_critical_point *point = &critical->point[i];
        if (point->index != 0) continue;
        double weight = -point->energy / temperature;
        for (size_t d = 0; d < critical->dim; d++) weight -= 0.5 * log(point->eigenvalues[d]);
        most = fmax(most, weight);
        share[count++] = weight;
    }
    for (minimum = 0; minimum < count; minimum++) sum += share[minimum] = exp(share[minimum] - most);
    for (minimum = 0; minimum < count; minimum++) share[minimum] /= sum;
}

static kr_status in_the_wells(kr_stationary_populations *populations, const kr_problem *problem, double learning_rate,
                              const kr_critical_points *critical) {
    const char *bent = problem->dynamics->type->not_boltzmann;
    if (problem->target_count) return unknown(populations, "a target takes particles away");
    if (bent) return unknown(populations, "%s", bent);
    char why[160];
    if (kr_noise_objects(problem->noise, problem->landscape->type->separable, ~0u, why, sizeof why))
        return unknown(populations, "%s", why);
    if (kr_dynamics_decoupled_decay(problem->dynamics) > 0)
        return unknown(populations, "decoupled weight decay is not part of the landscape");
    double temperature = kr_dynamics_temperature(problem->dynamics, learning_rate, kr_noise_additive_variance(problem->noise));
    if (!(temperature > 0) || !isfinite(temperature)) return unknown(populations, "there is no temperature");
    populations->law = KR_STATIONARY_BOLTZMANN;
    populations->temperature = temperature;
    populations->harmonic = true;
    harmonic(critical, temperature, populations->share);
    return KR_OK;
}

static kr_status fill(kr_stationary_populations *populations, const kr_problem *problem, double learning_rate,
                      const kr_critical_points *critical, kr_error *error) {
    const kr_landscape_type *type = problem->landscape->type;
    const char *why = type->unlisted ? type->unlisted(problem->landscape) : NULL;
    if (problem->landscape->type->period > 0)
        return unknown(populations, problem->landscape->weight_decay == 0 ? "the landscape goes on for ever"
                                                                          : "the minima of all periods are not known");
    if (critical->dim != problem->landscape->dim || !count_minima(critical)) return unknown(populations, "no minimum is known");
    if (why && problem->landscape->dim > 1) return unknown(populations, "%s", why);
    populations->minima = count_minima(critical);
    populations->share = malloc(populations->minima * sizeof(double));
    if (!populations->share)
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for the shares of %zu minima", populations->minima);
    if (problem->landscape->dim == 1 || kr_has_walls(problem->landscape))
        return along_the_line(populations, problem, learning_rate, critical, error);
    return in_the_wells(populations, problem, learning_rate, critical);
}

kr_status kr_stationary_populations_create(kr_stationary_populations *populations, const kr_problem *problem, double learning_rate,
                                           const kr_critical_points *critical, kr_error *error) {
    kr_critical_points found = {0};
    kr_error none;
    *populations = (kr_stationary_populations){.temperature = NAN};
    if (isnan(learning_rate)) learning_rate = kr_schedule_constant(problem->schedule);
    if (!(learning_rate > 0)) return unknown(populations, "the learning rate is not constant");
    if (!problem->landscape->type->candidates) return unknown(populations, "the landscape lists no minima");
    if (!critical && kr_critical_points_all(problem->landscape, MOST_CRITICAL_POINTS, &found, &none) != KR_OK)
        return unknown(populations, "the minima cannot be found");
    kr_status status = fill(populations, problem, learning_rate, critical ? critical : &found, error);
    kr_critical_points_destroy(&found);
    if (status != KR_OK) kr_stationary_populations_destroy(populations);
    return status;
}

void kr_stationary_populations_destroy(kr_stationary_populations *populations) {
    free(populations->share);
    free(populations->of_steps);
    *populations = (kr_stationary_populations){.law = KR_STATIONARY_UNKNOWN, .temperature = NAN};
}
