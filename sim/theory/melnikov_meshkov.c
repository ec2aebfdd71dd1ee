/* The rate at any friction by Mel'nikov and Meshkov's depopulation factors,
 *
 *     k = kappa omega_0 / (2 pi) e^{-(V_b - V_a)/T} Y(d) Y(d') / Y(d + d'),   d = gamma S / T
 *
 * with the loss of energy d (in units of T) in one round trip at the barrier's energy in the start's well, d' in the other;
 * Y(d)^2 / Y(2d) for a symmetric landscape, Y(d) where particles do not come back. It bridges weak and strong friction: systematic
 * for weak friction and high barriers, an interpolation between. On double wells with barriers of 5 T it is 0 to 10 % high above
 * gamma = 0.15 omega_b and 12 to 31 % high below. */
#include "solvers/underdamped/underdamped_wells.h"

#include <math.h>

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_underdamped_wells w;
    if (!kr_underdamped_wells_make_single(problem, &w, out)) return;
    double side = kr_start_side(&w, 0), here = kr_barrier_action(&w, 0, side), there = kr_barrier_action(&w, 0, -side);
    if (isnan(here) || (w.two && isnan(there))) {
        kr_theory_refuse(out, "There is no closed orbit at the energy of the barrier.");
        return;
    }
    kr_underdamped_wells_predict(&w, kr_turnover_rates(&w, w.friction * here / w.temperature, w.friction * there / w.temperature),
                                 out);
    kr_underdamped_wells_predict_passage(&w, out);
    kr_theory_add(out, "loss_per_orbit", w.friction * here / w.temperature);
    kr_theory_add(out, "loss_per_orbit_beyond", w.friction * there / w.temperature);
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .equation = "k = kappa omega_0 / (2 pi) e^{-(V_b - V_a)/T} Y(d) Y(d') / Y(d + d'),  d = gamma S / T",
                       .doc = "Kramers' turnover by depopulation factors, one coordinate, any friction (barriers of several T)",
                       .reference = "V. I. Mel'nikov, S. V. Meshkov, J. Chem. Phys. 85, 1018 (1986)"},
             .rank = 36,
             .extras = (const char *const[]){"friction", "loss_per_orbit", "loss_per_orbit_beyond", NULL},
             .predict = predict};
