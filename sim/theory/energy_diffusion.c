/* Kramers' rate at weak friction: the energy diffuses slowly, and a particle leaves as soon as it has reached the barrier's,
 *
 *     leaving a well:  d omega_0 / (2 pi) e^{-(V_b - V_a)/T},   d = gamma S / T,  S = int p dq around the orbit of the barrier's
 * energy
 *
 * (Kramers 1940). One that leaves wanders over both wells until friction catches it, with a probability in proportion to the
 * losses there: the net rate is the above times d' / (d + d'), half of it for a symmetric landscape, whose spectral gap is then
 * d omega_0 / (2 pi) e^{-...}. Holds for d << 1, where it is an upper bound. */
#include "solvers/underdamped/underdamped_wells.h"

#include <math.h>

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_underdamped_wells w;
    if (!kr_underdamped_wells_make_single(problem, &w, out)) return;
    double side = kr_start_side(&w, 0), here = w.friction * kr_barrier_action(&w, 0, side) / w.temperature;
    double there = w.friction * kr_barrier_action(&w, 0, -side) / w.temperature;
    if (isnan(here) || (w.two && isnan(there))) {
        kr_theory_refuse(out, "There is no closed orbit at the energy of the barrier.");
        return;
    }
    kr_well_rates rates = kr_transition_state_rates(&w, 0);
    double factor = w.two ? here * there / (here + there) : here;
    kr_underdamped_wells_predict(&w, (kr_well_rates){factor * rates.leave, w.two ? factor * rates.back : NAN}, out);
    kr_theory_add(out, "loss_per_orbit", here);
    kr_theory_add(out, "loss_per_orbit_beyond", there);
}

KR_THEORY = {
    .about =
        {.name = KR_PLUGIN_NAME,
         .equation =
             "k = d omega_0 / (2 pi) e^{-(V_b - V_a)/T} d' / (d + d'),  d = gamma S / T,  S = int p dq at the barrier's energy",
         .doc = "Kramers' rate at weak friction, one coordinate (loss of energy per round trip well below T)",
         .reference = "H. A. Kramers, Physica 7, 284 (1940)"},
    .rank = 34,
    .extras = (const char *const[]){"friction", "loss_per_orbit", "loss_per_orbit_beyond", NULL},
    .predict = predict};
