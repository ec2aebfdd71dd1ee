/* The parts of a result's JSON that belong to the estimators: transitions, survival. */
#include "cli/command.h"

#include <math.h>

static void add(json_object *object, const char *key, json_object *value) {
    json_object_object_add(object, key, value);
}

static json_object *counts(const uint64_t *value, size_t n) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < n; i++) json_object_array_add(array, json_object_new_uint64(value[i]));
    return array;
}

static json_object *intervals(const kr_interval *value, size_t n) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < n; i++)
        json_object_array_add(array, isnan(value[i].low) ? NULL : kr_json_numbers((double[]){value[i].low, value[i].high}, 2));
    return array;
}

static json_object *populations(const kr_transitions *t) {
    json_object *object = json_object_new_object(), *rows = json_object_new_array();
    for (size_t i = 0; i < t->rows; i++) json_object_array_add(rows, kr_json_numbers(t->population + i * t->wells, t->wells));
    add(object, "step", counts(t->step, t->rows));
    add(object, "time", kr_json_numbers(t->time, t->rows));
    add(object, "fraction", rows);
    add(object, "decay_rate", kr_json_number(t->decay_rate));
    add(object, "decay_rate_error", kr_json_number(t->decay_rate_error));
    return object;
}

static json_object *committor(const kr_transitions *t) {
    json_object *object = json_object_new_object(), *next = json_object_new_array();
    for (size_t i = 0; i < t->bins; i++) json_object_array_add(next, counts(t->next + i * t->wells, t->wells));
    add(object, "coordinate", json_object_new_uint64(t->coordinate));
    add(object, "position", kr_json_numbers(t->bin_position, t->bins));
    add(object, "next", next);
    if (t->wells != 2) return object;
    add(object, "measured", kr_json_numbers(t->committor, t->bins));
    add(object, "measured_ci95", intervals(t->committor_ci95, t->bins));
    add(object, "exact", kr_json_numbers(t->committor_exact, t->bins));
    return object;
}

/* Beside every theory of the relaxation rate. */
static json_object *gaps(const kr_result *result) {
    const kr_transitions *t = result->transitions;
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < result->theory_count; i++) {
        const kr_prediction *p = &result->theory[i].prediction;
        if (!p->applies || !isfinite(p->spectral_gap)) continue;
        json_object *object = json_object_new_object();
        add(object, "name", json_object_new_string(result->theory[i].type->about.name));
        add(object, "spectral_gap", kr_json_number(p->spectral_gap));
        if (isfinite(p->spectral_gap_steps)) add(object, "spectral_gap_steps", kr_json_number(p->spectral_gap_steps));
        double z = (t->relaxation_rate - kr_prediction_relaxation(p)) / t->relaxation_rate_error;
        if (isfinite(z)) add(object, "z", kr_json_number(z));
        json_object_array_add(array, object);
    }
    return array;
}

json_object *kr_json_transitions(const kr_result *result) {
    const kr_transitions *t = result->transitions;
    json_object *object = json_object_new_object(), *count = json_object_new_array(), *rate = json_object_new_array(),
                *ends = json_object_new_array();
    size_t n = t->wells;
    for (size_t i = 0; i < n; i++) {
        json_object_array_add(count, counts(t->count + i * n, n));
        json_object_array_add(rate, kr_json_numbers(t->rate + i * n, n));
        json_object_array_add(ends, intervals(t->rate_ci95 + i * n, n));
    }
    add(object, "samples", json_object_new_uint64(t->samples));
    add(object, "core_fraction", kr_json_number(t->core_fraction));
    add(object, "count", count);
    add(object, "residence_steps", counts(t->residence_steps, n));
    add(object, "residence_time", kr_json_numbers(t->residence_time, n));
    add(object, "rate", rate);
    add(object, "rate_ci95", ends);
    add(object, "relaxation_rate", kr_json_number(t->relaxation_rate));
    add(object, "relaxation_rate_error", kr_json_number(t->relaxation_rate_error));
    add(object, "relaxation_rate_ci95", kr_json_numbers((double[]){t->relaxation_rate_ci95.low, t->relaxation_rate_ci95.high}, 2));
    add(object, "relaxation_lag", kr_json_number(t->relaxation_lag));
    add(object, "rate_relaxation", kr_json_number(t->rate_relaxation));
    add(object, "rate_relaxation_error", kr_json_number(t->rate_relaxation_error));
    add(object, "theory", gaps(result));
    add(object, "populations", populations(t));
    if (t->bins) add(object, "committor", committor(t));
    return object;
}

static json_object *survival(const kr_survival *s) {
    json_object *object = json_object_new_object();
    add(object, "step", counts(s->step, s->count));
    add(object, "measured", kr_json_numbers(s->measured, s->count));
    add(object, "low", kr_json_numbers(s->low, s->count));
    add(object, "high", kr_json_numbers(s->high, s->count));
    if (s->chain) add(object, "chain", kr_json_numbers(s->chain, s->count));
    if (s->adiabatic) add(object, "adiabatic", kr_json_numbers(s->adiabatic, s->count));
    if (s->chain) add(object, "chain_accuracy", kr_json_number(s->chain_accuracy));
    if (s->chain_why[0]) add(object, "chain_why", json_object_new_string(s->chain_why));
    if (s->adiabatic_why[0]) add(object, "adiabatic_why", json_object_new_string(s->adiabatic_why));
    return object;
}

void kr_json_add_measured(json_object *escape, const kr_result *result) {
    const kr_exponential *e = &result->exponential;
    if (result->absorbed) {
        kr_interval ends = result->crossed_fraction_ci95;
        add(escape, "crossed_fraction", kr_json_number(result->crossed_fraction));
        add(escape, "crossed_fraction_ci95", kr_json_numbers((double[]){ends.low, ends.high}, 2));
        if (result->survival.count) add(escape, "survival", survival(&result->survival));
    }
    if (e->intervals < 8) return;
    json_object *object = json_object_new_object();
    add(object, "intervals", json_object_new_uint64(e->intervals));
    add(object, "variation", kr_json_number(e->variation));
    add(object, "statistic", kr_json_number(e->statistic));
    add(object, "p_value", kr_json_number(e->p_value));
    add(escape, "exponential", object);
}
