/* The literature estimate of how long SGD stays in a minimum when its noise follows the curvature (Xie, Sato, Sugiyama 2021):
 *
 *     tau = (2 pi / |H_b|) exp[ (2 B dL / (strength eta)) (s / H_a + (1 - s) / |H_b|) ],   0 < s < 1,
 *
 * a Kramers rate in which the barrier dL is climbed at the temperature of the minimum, eta strength H_a / (2B), up to some point
 * and at that of the top from there on. The paper leaves s open; it is what escape.xie_s says, 1/2 unless given. s_implied is the s
 * with which the formula gives the exact mean time of the chain in discrete time: it would be one number between 0 and 1 if the
 * formula held.
 *
 * The paper's noise is strength |H| / B. Where V'' changes sign on the way up that noise vanishes, and the exact time then depends
 * on how a finite step, or a floor epsilon, carries particles across: the formula knows neither. Holds, if at all, for one
 * coordinate, a target in the other well, and barriers well above both temperatures.
 */
#include "solvers/chain/chain.h"
#include "solvers/problem/escape_well.h"

#include <math.h>
#include <stdio.h>

static const double two_pi = 6.28318530717958647693, half = 0.5;

/* eta / (2B) of the noise times strength, and epsilon. */
typedef struct curvature_noise {
    double heat, epsilon;
} curvature_noise;

static bool read_noise(const kr_problem_1d *line, curvature_noise *noise, kr_prediction *out) {
    kr_noise model = kr_noise_part_of(line->problem->noise, 0);
    if (kr_noise_part_count(line->problem->noise) > 1 || kr_noise_needs(&model, true) != KR_NOISE_INPUT_CURVATURE ||
        line->thermal_variance > 0.0) {
        kr_theory_refuse(out, "This estimate is about gradient noise that follows the curvature, and no other.");
        return false;
    }
    const double energy[2] = {0.0, 0.0}, curvature[2] = {0.0, 1.0};
    double variance[2];
    model.type->variance(&model, 2, energy, curvature, variance);
    double slope = variance[1] - variance[0];
    *noise = (curvature_noise){line->learning_rate * slope / 2.0, variance[0] / slope};
    if (noise->heat > 0.0) return true;
    kr_theory_refuse(out, "The noise is 0, so nothing escapes.");
    return false;
}

/* What the exact mean time says of s. */
static double implied_share(const kr_problem_1d *line, double prefactor, double climb, double at_minimum, double at_top) {
    kr_prediction exact = {.applies = true, .mfpt_steps = NAN};
    kr_chain_passage(line, &exact);
    if (!exact.applies) return NAN;
    double exponent = log(exact.mfpt_steps * line->learning_rate / prefactor);
    return (exponent / climb - at_top) / (at_minimum - at_top);
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_problem_1d line;
    kr_escape_well well;
    curvature_noise noise;
    if (!kr_problem_1d_make(problem, &line, out) || !read_noise(&line, &noise, out)) return;
    if (!kr_escape_well_find(&line, &well, out) || !kr_escape_well_leave(&line, noise.heat * well.curvature, &well, out)) return;
    const kr_exit *exit = &well.exit[0];
    if (well.exits > 1) {
        kr_theory_refuse(out, "There are targets on both sides; this estimate is about one barrier.");
        return;
    }
    if (!exit->in_other_well) {
        kr_exit_refuse(exit, noise.heat * well.curvature, "This estimate", out);
        return;
    }
    /* The noise is that of the loss without weight decay. */
    double decay = problem->landscape->weight_decay, at_minimum = 1.0 / fabs(well.curvature - decay),
           at_top = 1.0 / fabs(exit->curvature - decay);
    double share = problem->xie_s > 0.0 ? problem->xie_s : half;
    double prefactor = two_pi / -exit->curvature, climb = exit->height / noise.heat;
    double log_time = log(prefactor) + climb * (share * at_minimum + (1.0 - share) * at_top);
    if (log_time > 690.0) {
        kr_theory_refuse(out, "The mean passage time, e^%.4g, is beyond the range of numbers.", log_time);
        return;
    }
    out->mfpt_time = exp(log_time);
    out->variation = 1.0;
    kr_theory_add(out, "s", share);
    double implied = implied_share(&line, prefactor, climb, at_minimum, at_top);
    kr_theory_add(out, "s_implied", implied);
    snprintf(out->note, sizeof out->note, "%s; s_implied is what the exact mean time needs%s%s",
             share == half ? "s is not known from theory, 1/2 is a guess (escape.xie_s sets it)" : "s as escape.xie_s gives it",
             implied <= 0.0 || implied >= 1.0 ? ", and it does not lie between 0 and 1: the estimate fails" : "",
             noise.epsilon > 0.0 ? "; the estimate leaves the floor epsilon of the noise out" : "");
}

KR_THEORY = {
    .about =
        {.name = KR_PLUGIN_NAME,
         .equation = "tau = (2 pi / |H_b|) exp[(2 B dV / (strength eta)) (s / H_a + (1 - s) / |H_b|)]",
         .doc = "literature estimate of the mean time for noise that follows the curvature, s = escape.xie_s (not a derived value)",
         .reference = "Z. Xie, I. Sato, M. Sugiyama, A diffusion theory for deep learning dynamics, ICLR 2021"},
    .rank = 16,
    .extras = (const char *const[]){"s", "s_implied", NULL},
    .predict = predict};
