/* Transition-state theory: every crossing of the top out of the well counts, and the well is in equilibrium.
 *
 *     k = omega_0 / (2 pi) e^{-(V_b - V_a)/T}
 *
 * (Eyring 1935; Wigner 1938), with the well taken as harmonic, as in all theories here that correct it. The exact flux of
 * equilibrium through the top, sqrt(T / (2 pi)) e^{-V_b/T} / int_well e^{-V/T}, is added as
 * rate_exact_partition_function. An upper bound for the exact
 * flux: friction makes particles cross several times, and too little of it starves the well of particles near the top. The rates
 * over two barriers add up. */
#include "numerics/integral.h"
#include "numerics/root.h"
#include "solvers/underdamped/underdamped_wells.h"

#include <math.h>

static double boltzmann(double x, void *context) {
    const kr_underdamped_wells *w = context;
    double energy;
    kr_problem_1d_evaluate(&w->line, 1, &x, &energy, NULL, NULL);
    return exp(-(energy - w->well.energy) / w->temperature);
}

static double beyond_tail(double x, void *context) {
    const kr_underdamped_wells *w = context;
    double energy;
    kr_problem_1d_evaluate(&w->line, 1, &x, &energy, NULL, NULL);
    return energy - w->well.energy - 45.0 * w->temperature;
}

/* int e^{-(V - V_a)/T} from the minimum to the top on this side, or as far as there is any weight. */
static double weight_on(kr_underdamped_wells *w, double side) {
    double end = NAN, width = sqrt(w->temperature) / w->well.frequency;
    for (size_t i = 0; i < w->barriers; i++)
        if (side * (w->barrier[i].position - w->well.position) > 0.0) end = w->barrier[i].position;
    if (isnan(end)) end = kr_first_positive(beyond_tail, w, w->well.position, side, 8.0 * width);
    return isnan(end) ? NAN : fabs(kr_integral(boltzmann, w, w->well.position, end, 1e-10, 1e-10));
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_underdamped_wells w;
    if (!kr_underdamped_wells_make(problem, &w, out)) return;
    kr_well_rates rates = {0.0, NAN};
    double exact = 0.0;
    for (size_t i = 0; i < w.barriers; i++) {
        kr_well_rates over = kr_transition_state_rates(&w, i);
        rates.leave += over.leave;
        if (w.two) rates.back = over.back;
        exact += sqrt(w.temperature / 6.28318530717958647693) * exp(-(w.barrier[i].energy - w.well.energy) / w.temperature);
    }
    kr_underdamped_wells_predict(&w, rates, out);
    exact *= w.bath.rate_unit / (weight_on(&w, -1.0) + weight_on(&w, 1.0));
    if (exact > 0.0) kr_theory_add(out, "rate_exact_partition_function", exact);
}

KR_THEORY = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "k = omega_0 / (2 pi) e^{-(V_b - V_a)/T}",
              .doc = "transition-state rate of a harmonic well, underdamped, one coordinate (an upper bound, at any friction)",
              .reference = "E. Wigner, Trans. Faraday Soc. 34, 29 (1938)"},
    .rank = 30,
    .extras = (const char *const[]){"friction", "rate_exact_partition_function", NULL},
    .predict = predict};
