/* What a row has of a run's result: the names of its columns, and its values in the same order. */
#include "sweep_state.h"

#include <math.h>

enum { ENERGIES = 5 + KR_ENERGY_ACCOUNTS };

static const kr_sweep_column columns[] = {
    {"events", KR_SWEEP_COUNT},
    {"exposure_steps", KR_SWEEP_COUNT},
    {"exposure_time", KR_SWEEP_NUMBER},
    {"mfpt_steps", KR_SWEEP_NUMBER},
    {"mfpt_steps_low", KR_SWEEP_NUMBER},
    {"mfpt_steps_high", KR_SWEEP_NUMBER},
    {"mfpt_time", KR_SWEEP_NUMBER},
    {"rate", KR_SWEEP_NUMBER},
    {"rate_low", KR_SWEEP_NUMBER},
    {"rate_high", KR_SWEEP_NUMBER},
    {"temperature", KR_SWEEP_NUMBER},
    {"kinetic_temperature", KR_SWEEP_NUMBER},
    {"configurational_temperature", KR_SWEEP_NUMBER},
    {"relaxation_rate", KR_SWEEP_NUMBER},
    {"relaxation_rate_low", KR_SWEEP_NUMBER},
    {"relaxation_rate_high", KR_SWEEP_NUMBER},
    {"decay_rate", KR_SWEEP_NUMBER},
    {"decay_rate_error", KR_SWEEP_NUMBER},
    {"relaxation_rate_error", KR_SWEEP_NUMBER},
    {"relaxation_lag", KR_SWEEP_NUMBER},
    {"rate_relaxation", KR_SWEEP_NUMBER},
    {"rate_relaxation_error", KR_SWEEP_NUMBER},
    {"crossed_fraction", KR_SWEEP_NUMBER},
    {"crossed_fraction_low", KR_SWEEP_NUMBER},
    {"crossed_fraction_high", KR_SWEEP_NUMBER},
    {"crossed_fraction_chain", KR_SWEEP_NUMBER},
    {"crossed_fraction_adiabatic", KR_SWEEP_NUMBER},
    {"splitting_repeats", KR_SWEEP_COUNT},
    {"splitting_extinct", KR_SWEEP_COUNT},
    {"splitting_probability", KR_SWEEP_NUMBER},
    {"splitting_probability_error", KR_SWEEP_NUMBER},
    {"splitting_loop_steps", KR_SWEEP_NUMBER},
    {"splitting_rate_error", KR_SWEEP_NUMBER},
    {"potential", KR_SWEEP_NUMBER},
    {"energy_kinetic", KR_SWEEP_NUMBER},
    {"energy_potential", KR_SWEEP_NUMBER},
    {"energy_start", KR_SWEEP_NUMBER},
    {"energy_work", KR_SWEEP_NUMBER},
    {"energy_noise_heat", KR_SWEEP_NUMBER},
    {"energy_thermal_heat", KR_SWEEP_NUMBER},
    {"energy_friction", KR_SWEEP_NUMBER},
    {"energy_shadow", KR_SWEEP_NUMBER},
    {"energy_returns", KR_SWEEP_NUMBER},
    {"energy_residual", KR_SWEEP_NUMBER},
    {"energy_largest_relative_residual", KR_SWEEP_NUMBER},
};
_Static_assert(sizeof columns / sizeof *columns == KR_SWEEP_MEASURED, "as many values as columns");

const kr_sweep_column *kr_sweep_measured_columns(void) {
    return columns;
}

/* Values that follow each other; NAN: empty. */
typedef struct values {
    double *value;
    size_t count;
} values;

static void put(values *v, size_t count, const double *value, bool there) {
    for (size_t i = 0; i < count; i++) v->value[v->count++] = there ? value[i] : NAN;
}

static void put_escape(values *v, const kr_result *result) {
    const kr_escape_estimate *e = &result->escape;
    put(v, 10,
        (double[]){(double)e->events, e->exposure_steps, e->exposure_time, e->mfpt_steps, e->mfpt_steps_ci95.low,
                   e->mfpt_steps_ci95.high, e->mfpt_time, e->rate, e->rate_ci95.low, e->rate_ci95.high},
        result->escape_measured);
}

static void put_transitions(values *v, const kr_transitions *t) {
    if (!t) {
        put(v, 9, NULL, false);
        return;
    }
    put(v, 9,
        (double[]){t->relaxation_rate, t->relaxation_rate_ci95.low, t->relaxation_rate_ci95.high, t->decay_rate,
                   t->decay_rate_error, t->relaxation_rate_error, t->relaxation_lag, t->rate_relaxation, t->rate_relaxation_error},
        true);
}

/* Of the whole run, beside what is predicted for it. */
static void put_crossed(values *v, const kr_result *result) {
    const kr_survival *s = &result->survival;
    size_t last = s->count ? s->count - 1 : 0;
    put(v, 5,
        (double[]){result->crossed_fraction, result->crossed_fraction_ci95.low, result->crossed_fraction_ci95.high,
                   s->count && s->chain ? 1 - s->chain[last] : NAN, s->count && s->adiabatic ? 1 - s->adiabatic[last] : NAN},
        result->absorbed);
}

/* The error of the rate per unit of time, from that per step. */
static void put_splitting(values *v, const kr_result *result) {
    const kr_splitting_result *s = result->splitting;
    if (!s) {
        put(v, 6, NULL, false);
        return;
    }
    double error = s->rate_steps > 0 ? s->rate_steps_error / s->rate_steps * result->escape.rate : NAN;
    put(v, 6, (double[]){(double)s->repeats, (double)s->extinct, s->probability, s->probability_error, s->loop_steps, error}, true);
}

static void put_energy(values *v, const kr_energy_result *energy) {
    if (!energy) {
        put(v, ENERGIES, NULL, false);
        return;
    }
    put(v, 3, (double[]){energy->now.kinetic, energy->now.potential, energy->now.start}, true);
    put(v, KR_ENERGY_ACCOUNTS, energy->now.account, true);
    put(v, 2, (double[]){energy->now.residual, energy->largest_residual}, true);
}

void kr_sweep_measured(const kr_result *result, double temperature, double value[KR_SWEEP_MEASURED]) {
    values v = {.value = value};
    const kr_statistics *mean = result->mean;
    put_escape(&v, result);
    put(&v, 1, &temperature, true);
    put(&v, 2, (double[]){mean ? mean->kinetic_temperature : NAN, mean ? mean->configurational_temperature : NAN}, mean != NULL);
    put_transitions(&v, result->transitions);
    put_crossed(&v, result);
    put_splitting(&v, result);
    put(&v, 1, (double[]){mean ? mean->potential : NAN}, mean != NULL);
    put_energy(&v, result->energy);
}
