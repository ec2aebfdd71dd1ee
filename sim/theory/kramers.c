/* Kramers' rate of leaving a well over a barrier in one coordinate, overdamped:
 *
 *     k = sqrt(V''(a) |V''(b)|) / (2 pi) exp(-(V(b) - V(a)) / T),   a the minimum, b the top
 *
 * (Kramers 1940; Haenggi, Talkner, Borkovec 1990). It is the leading term for a barrier much higher than T of (1/T) int e^{-V/T}
 * int e^{V/T}, each integral done around its parabola. A target in the other well is passed at the rate k, the top itself at 2 k,
 * since half of the particles fall back from there; and near the top, at u thermal lengths beyond it, at 2 k / (1 + erf u), which
 * is where the outer integral is cut. The rates of two exits add up.
 *
 * Holds for additive noise, small learning rates, one well between the exits, and barriers well above T.
 */
#include "solvers/problem/escape_well.h"
#include "solvers/problem/overdamped.h"

#include <math.h>

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_problem_1d line;
    kr_escape_well well;
    double temperature, total = 0.0;
    if (!kr_problem_1d_make(problem, &line, out) || !kr_overdamped_temperature(problem, &temperature, out)) return;
    if (!kr_escape_well_find(&line, &well, out) || !kr_escape_well_leave(&line, temperature, &well, out)) return;
    for (size_t i = 0; i < well.exits; i++) total += kr_exit_rate(&well, &well.exit[i], temperature);
    if (!(total > 1e-300)) {
        kr_theory_refuse(out, "The mean passage time is beyond the range of numbers.");
        return;
    }
    out->rate = total;
    out->temperature = temperature;
    out->variation = 1.0; /* exponential law, in the limit the formula is about */
}

KR_THEORY = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "k = sqrt(V''(a) |V''(b)|) / (2 pi) exp(-(V(b) - V(a)) / T), a the minimum, b the top",
              .doc = "Kramers' overdamped rate over one barrier, one coordinate (barrier high above T, small learning rates)",
              .reference = "H. A. Kramers, Physica 7, 284 (1940)"},
    .rank = 10,
    .predict = predict};
