/* What the counts of transitions, the windows and the populations say. */
#include <kramers/confidence.h>

#include "numerics/integral.h"
#include "transition_counts.h"

#include <math.h>
#include <stdlib.h>

static kr_status conclude_rates(kr_transition_counts *t, kr_error *error) {
    kr_transitions *r = &t->result;
    size_t n = t->wells;
    double *variance = calloc(n * n, sizeof *variance);
    if (!variance) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a matrix of rates");
    for (size_t i = 0; i < n * n; i++) {
        double time = t->residence_time[i / n], count = (double)t->tally.count[i];
        bool known = i / n != i % n && time > 0;
        kr_interval ends = kr_poisson_interval(t->tally.count[i], 0.95);
        r->rate[i] = known ? count / time : NAN;
        r->rate_ci95[i] = known ? (kr_interval){ends.low / time, ends.high / time} : (kr_interval){NAN, NAN};
        variance[i] = known ? count / (time * time) : 0.0;
    }
    kr_status status = kr_relaxation(n, r->rate, variance, &r->rate_relaxation, &r->rate_relaxation_error, t->mode, error);
    free(variance);
    return status;
}

/* Time for which a particle keeps its energy, 1 / friction. Time passes by eta a step, not sqrt(eta), where it is not physical. */
static double memory_of(const kr_view *view) {
    const kr_dynamics_type *type = view->dynamics->type;
    double friction = type->friction ? type->friction(view->dynamics, view->learning_rate) : NAN;
    return isnan(friction) ? 0.0 : (type->physical_time ? 1.0 : sqrt(view->learning_rate)) / friction;
}

static kr_status conclude_relaxation(kr_transition_counts *t, double memory, kr_error *error) {
    kr_transitions *r = &t->result;
    uint64_t looks = t->words[KR_TRANSITION_SAMPLES];
    double spacing = (t->numbers[KR_TRANSITION_LAST_TIME] - t->numbers[KR_TRANSITION_FIRST_TIME]) / ((double)looks - 1.0);
    double *work = malloc((2 * t->wells + 1) * t->wells * sizeof *work);
    if (!work) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu wells", t->wells);
    kr_window_rate found =
        kr_windows_rate(&t->windows, looks, spacing, kr_forgetting_time(r->rate_relaxation, memory, kr_shortest_lag), work);
    free(work);
    bool known = isfinite(found.lag);
    r->relaxation_rate = known ? found.rate : r->rate_relaxation;
    r->relaxation_rate_error = known ? found.error : r->rate_relaxation_error;
    r->relaxation_lag = found.lag;
    double spread = exp(KR_NORMAL_95 * r->relaxation_rate_error / r->relaxation_rate);
    r->relaxation_rate_ci95 = (kr_interval){r->relaxation_rate / spread, r->relaxation_rate * spread};
    return KR_OK;
}

/* The slow mode's value in every row, without one group (groups: with all). */
static void mode_values(const kr_transition_counts *t, size_t without, double *value) {
    for (size_t i = 0; i < t->result.rows; i++) {
        double sum = 0.0, all = 0.0;
        for (size_t g = 0; g < t->segments.groups; g++) {
            const uint64_t *mine = t->row + i * t->columns + g * (t->wells + 1);
            if (g == without) continue;
            for (size_t m = 0; m < t->wells; m++) sum += t->mode[m] * (double)mine[m];
            all += (double)mine[t->wells];
        }
        value[i] = sum / all;
    }
}

/* Fast modes are left out: overdamped they have died after a tenth of the slow one's time. Fits over less than one relaxation time
 * cannot tell the rate from the final populations. */
static void conclude_decay(kr_transition_counts *t, double memory) {
    kr_transitions *r = &t->result;
    double value[KR_TRANSITION_ROWS], guess = r->relaxation_rate, each[KR_TRANSITION_GROUPS];
    r->decay_rate = r->decay_rate_error = NAN;
    if (!(guess > 0) || r->rows < 8 || !(guess * (r->time[r->rows - 1] - r->time[0]) > 1.0)) return;
    double from = r->time[0] + kr_forgetting_time(guess, memory, 0.1);
    mode_values(t, t->segments.groups, value);
    r->decay_rate = kr_decay_fit(r->rows, r->time, value, from, guess);
    if (t->segments.groups < KR_TRANSITION_FEWEST_GROUPS) return;
    for (size_t g = 0; g < t->segments.groups; g++) {
        mode_values(t, g, value);
        each[g] = kr_decay_fit(r->rows, r->time, value, from, guess);
    }
    r->decay_rate_error = kr_jackknife(t->segments.groups, each);
}

static void conclude_populations(kr_transition_counts *t) {
    kr_transitions *r = &t->result;
    r->rows = t->words[KR_TRANSITION_ROW_COUNT];
    for (size_t i = 0; i < r->rows; i++)
        for (size_t m = 0; m < t->wells; m++) {
            uint64_t inside = 0, all = 0;
            for (size_t g = 0; g < t->segments.groups; g++) {
                inside += t->row[i * t->columns + g * (t->wells + 1) + m];
                all += t->row[i * t->columns + g * (t->wells + 1) + t->wells];
            }
            r->population[i * t->wells + m] = (double)inside / (double)all;
        }
}

/* exp((V - V_middle) / T) along the coordinate with the others at 0, which cancel in the committor. */
typedef struct barrier {
    const kr_transition_counts *t;
    double *point, reference;
} barrier;

static double boltzmann_inverse(double x, void *context) {
    const barrier *b = context;
    double energy;
    b->point[b->t->result.coordinate] = x;
    kr_landscape_energy(b->t->landscape, 1, b->point, &energy);
    return exp((energy - b->reference) / b->t->temperature);
}

/* Overdamped in one dimension: q' is proportional to e^(V/T) between low, where q is 0, and high, where it is 1. */
static void conclude_exact(kr_transition_counts *t, double low, double high, double *exact) {
    kr_transitions *r = &t->result;
    barrier b = {.t = t, .point = calloc(t->landscape->dim, sizeof(double))};
    if (low < high && b.point) {
        double x = low, sum = 0.0;
        b.point[r->coordinate] = 0.5 * (t->gap_low + t->gap_high);
        kr_landscape_energy(t->landscape, 1, b.point, &b.reference);
        for (size_t i = 0; i < r->bins; i++) {
            double next = r->bin_position[i];
            if (!(next > low && next < high)) continue;
            sum += kr_integral(boltzmann_inverse, &b, x, next, 1e-12, 1e-8);
            exact[i] = sum;
            x = next;
        }
        sum += kr_integral(boltzmann_inverse, &b, x, high, 1e-12, 1e-8);
        for (size_t i = 0; i < r->bins; i++) exact[i] /= sum;
    }
    free(b.point);
}

static void conclude_committor(kr_transition_counts *t) {
    kr_transitions *r = &t->result;
    const kr_transition_tally bin = t->tally;
    for (size_t i = 0; i < r->bins; i++) {
        double width = (r->high - r->low) / (double)r->bins,
               place = kr_transition_mean_place(bin.bin_seen[i], bin.bin_high[i], bin.bin_low[i]);
        r->bin_position[i] = bin.bin_seen[i] ? r->low + (double)i * width + place * width : NAN;
        r->committor[i] = r->committor_exact[i] = r->committor_minima[i] = NAN;
        r->committor_ci95[i] = (kr_interval){NAN, NAN};
        uint64_t up = t->wells == 2 ? t->tally.next[2 * i + 1] : 0, all = t->wells == 2 ? t->tally.next[2 * i] + up : 0;
        if (!all) continue;
        r->committor[i] = (double)up / (double)all;
        r->committor_ci95[i] = kr_binomial_interval(up, all, 0.95);
    }
    if (!r->bins || !isfinite(t->gap_low)) return;
    conclude_exact(t, t->gap_low, t->gap_high, r->committor_exact);
    conclude_exact(t, r->low, r->high, r->committor_minima); /* these are the minima */
}

kr_status kr_transitions_conclude(kr_transition_counts *t, const kr_view *view, kr_error *error) {
    t->result.samples = t->words[KR_TRANSITION_SAMPLES];
    t->result.core_fraction = t->tally.looks[0] ? (double)t->tally.looks[1] / (double)t->tally.looks[0] : NAN;
    double memory = memory_of(view);
    kr_status status = conclude_rates(t, error);
    if (status == KR_OK) status = conclude_relaxation(t, memory, error);
    conclude_populations(t);
    conclude_decay(t, memory);
    conclude_committor(t);
    return status;
}
