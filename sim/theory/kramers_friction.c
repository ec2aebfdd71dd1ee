/* Kramers' rate at moderate to strong friction: transition-state theory of the harmonic well times the fraction of crossings that
 * are not undone at the parabolic top,
 *
 *     k = kappa omega_0 / (2 pi) e^{-(V_b - V_a)/T},   kappa = (sqrt(gamma^2/4 + omega_b^2) - gamma/2) / omega_b
 *
 * (Kramers 1940). Holds where a particle loses much more than T on one round trip in the well, gamma S >> T; below, the well is not
 * in equilibrium near the top, and this is too fast. The rates over two barriers add up. */
#include "solvers/underdamped/underdamped_wells.h"

#include <math.h>

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_underdamped_wells w;
    if (!kr_underdamped_wells_make(problem, &w, out)) return;
    kr_well_rates rates = {0.0, NAN};
    for (size_t i = 0; i < w.barriers; i++) {
        kr_well_rates over = kr_transition_state_rates(&w, i);
        double kappa = kr_kramers_transmission(w.friction, w.barrier[i].frequency);
        kr_theory_add(out, "transmission", kappa);
        rates.leave += kappa * over.leave;
        if (w.two) rates.back = kappa * over.back;
    }
    kr_underdamped_wells_predict(&w, rates, out);
    kr_underdamped_wells_predict_passage(&w, out);
}

KR_THEORY = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation =
                  "k = kappa omega_0 / (2 pi) e^{-(V_b - V_a)/T},  kappa = (sqrt(gamma^2/4 + omega_b^2) - gamma/2) / omega_b",
              .doc = "Kramers' rate at moderate to strong friction, one coordinate (barrier and loss of energy per round trip "
                     "well above T)",
              .reference = "H. A. Kramers, Physica 7, 284 (1940)"},
    .rank = 32,
    .extras = (const char *const[]){"friction", "transmission", NULL},
    .predict = predict};
