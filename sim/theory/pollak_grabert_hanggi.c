/* The rate at any friction by Pollak, Grabert and Haenggi: Mel'nikov and Meshkov's depopulation factors, with the energy that the
 * unstable normal mode of barrier and heat bath loses in one excursion instead of gamma S. It needs no interpolation: at strong
 * friction the factors go to where Kramers' formula is, at weak friction the loss is gamma S. Within 4 % of the exact gap on the
 * double well at barriers of 5 T and more and gamma >= 0.15 omega_b, 5 to 15 % low at 3 T. */
#include "solvers/underdamped/normal_mode_loss.h"

#include <math.h>

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_underdamped_wells w;
    if (!kr_underdamped_wells_make_single(problem, &w, out)) return;
    double side = kr_start_side(&w, 0), accuracy, accuracy_beyond, there = NAN;
    double here = kr_normal_mode_loss(&w, 0, side, &accuracy);
    if (w.two) {
        there = kr_normal_mode_loss(&w, 0, -side, &accuracy_beyond);
        accuracy = fmax(accuracy, accuracy_beyond);
    }
    if (isnan(here) || (w.two && isnan(there))) {
        kr_theory_refuse(out, "The excursion of the unstable mode into the well and back could not be followed.");
        return;
    }
    kr_underdamped_wells_predict(&w, kr_turnover_rates(&w, here / w.temperature, there / w.temperature), out);
    kr_underdamped_wells_predict_passage(&w, out);
    out->accuracy = accuracy;
    kr_theory_add(out, "loss_per_orbit", here / w.temperature);
    kr_theory_add(out, "loss_per_orbit_beyond", there / w.temperature);
}

KR_THEORY = {
    .about =
        {.name = KR_PLUGIN_NAME,
         .equation =
             "k = kappa omega_0 / (2 pi) e^{-(V_b - V_a)/T} Y(d) Y(d') / Y(d + d'), d the loss of the unstable normal mode over T",
         .doc = "Kramers' turnover by the energy loss of the unstable normal mode, one coordinate, any friction (barriers "
                "of several T)",
         .reference = "E. Pollak, H. Grabert, P. Haenggi, J. Chem. Phys. 91, 4073 (1989)"},
    .rank = 38,
    .extras = (const char *const[]){"friction", "loss_per_orbit", "loss_per_orbit_beyond", NULL},
    .predict = predict};
