#include "initial_distribution.h"

#include "numerics/gauss_legendre.h"

#include <kramers/boltzmann_sample.h>

#include <math.h>
#include <stdlib.h>

enum { PANELS = 32, NODES = KR_GAUSS_NODES };

/* Gauss-Legendre panels over the basin, weighed with exp(-V/T): some half thermal length each. */
static bool fill(kr_initial_distribution *d, const kr_problem_1d *line, kr_interval range) {
    kr_gauss_rule rule;
    kr_gauss_rule_make(&rule);
    double lowest = INFINITY, sum = 0.0;
    kr_gauss_nodes(&rule, PANELS, range.low, range.high, d->x);
    kr_problem_1d_evaluate(line, d->count, d->x, d->weight, NULL, NULL);
    for (size_t i = 0; i < d->count; i++) lowest = fmin(lowest, d->weight[i]);
    for (size_t i = 0; i < d->count; i++) {
        d->weight[i] = rule.weight[i % NODES] * exp((lowest - d->weight[i]) / line->problem->start_temperature);
        sum += d->weight[i];
    }
    for (size_t i = 0; i < d->count; i++) d->weight[i] /= sum;
    return isfinite(sum);
}

bool kr_initial_distribution_make(kr_initial_distribution *d, const kr_problem_1d *line, kr_prediction *out) {
    const kr_problem *problem = line->problem;
    bool boltzmann = problem->start_temperature > 0.0;
    kr_interval range;
    kr_error error;
    *d = (kr_initial_distribution){.count = boltzmann ? PANELS * NODES : 1};
    d->x = malloc(2 * d->count * sizeof *d->x);
    d->weight = d->x ? d->x + d->count : NULL;
    if (!d->x) {
        kr_theory_refuse(out, "There is not enough memory.");
        return false;
    }
    if (!boltzmann) {
        *d->x = line->start;
        *d->weight = 1.0;
        return true;
    }
    if (kr_boltzmann_range(problem->landscape, problem->start_minimum, problem->start_temperature, line->coordinate, &range,
                           &error) == KR_OK &&
        fill(d, line, range))
        return true;
    kr_initial_distribution_destroy(d);
    kr_theory_refuse(out, "The Boltzmann distribution of the start cannot be had.");
    return false;
}

void kr_initial_distribution_destroy(kr_initial_distribution *d) {
    free(d->x);
    d->x = d->weight = NULL;
}
