/* The exact mean first-passage time of dx = -V' dt + sqrt(2 T) dW in one coordinate, and its variance, by sim/passage_integral:
 * with a target above only, (1/T) int e^{V/T} int e^{-V/T}.
 *
 * Holds for additive noise at a constant learning rate in the limit of small rates.
 */
#include "solvers/fokker_planck/passage_integral.h"

#include <math.h>

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_problem_1d line;
    if (!kr_problem_1d_make(problem, &line, out)) return;
    double temperature = kr_problem_1d_temperature(&line);
    if (isnan(temperature)) {
        kr_theory_refuse(out, "The noise depends on the position, and this theory is about one temperature.");
        return;
    }
    if (!(temperature > 0.0)) {
        kr_theory_refuse(out, "The temperature is 0: without noise the path is not random.");
        return;
    }
    kr_passage_integral(&line, temperature, out);
    if (out->applies) out->temperature = temperature;
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .equation = "tau = (1/T) int_start^target e^{V(y)/T} int_-inf^y e^{-V(z)/T} dz dy",
                       .doc = "exact mean passage time in continuous time, one coordinate, one temperature (small learning rates)",
                       .reference = "Gardiner, Handbook of Stochastic Methods, section 5.2"},
             .rank = 20,
             .predict = predict};
