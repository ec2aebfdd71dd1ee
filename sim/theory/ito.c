/* The exact mean first-passage time when the noise depends on the position, in continuous time and Ito's sense, in which an
 * optimizer draws it: dx = -V' dt + sqrt(2 D(x)) dW with D = T + eta sigma^2(x) / (2B),
 *
 *     tau = int e^Phi int e^-Phi / D,   Phi = int V'/D,
 *
 * by sim/passage_integral; with noise of one temperature it is the quadrature. Noise in proportion to the loss gives Phi in
 * proportion to log(loss), and the power law of the escape rate in the height of the barrier (Mori, Ziyin, Liu, Ueda 2022).
 *
 * Holds for any noise model at a constant learning rate, in the limit of small rates at fixed D, as long as D > 0 everywhere
 * between start and target: where it vanishes the integral diverges, and this theory says where.
 */
#include "solvers/fokker_planck/passage_integral.h"

#include <math.h>

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_problem_1d line;
    if (!kr_problem_1d_make(problem, &line, out)) return;
    double variance;
    kr_problem_1d_variance(&line, 1, &line.start, &variance);
    if (variance > 0.0)
        kr_passage_integral(&line, NAN, out);
    else
        kr_theory_refuse(out, "There is no noise at the start, %g, so nothing leaves it.", line.start);
}

KR_THEORY = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "tau = int e^Phi int e^-Phi / D,  Phi = int V'/D,  D = T + eta sigma^2(x) / (2B)",
              .doc = "exact mean passage time in continuous time, one coordinate, any noise that vanishes nowhere (small rates)",
              .reference = "Gardiner, Handbook of Stochastic Methods, 5.2; T. Mori, L. Ziyin, K. Liu, M. Ueda, ICML 2022"},
    .rank = 22,
    .predict = predict};
