/* The mean first-passage time of the process an optimizer really is, x' = x - eta V'(x) + s(x) xi with
 * s^2 = thermal variance + eta^2 sigma^2(x): exact at any learning rate, no expansion.
 *
 * n(x) = 1 + int p(x, y) n(y) dy outside the target (the backward equation of a Markov chain, Kemeny and Snell 1960; for
 * overshoot at discrete times Broadie, Glasserman, Kou 1997), by Nystrom's method (sim/walk) and subtraction-free elimination
 * (sim/m_matrix), driven by sim/walk_passage. On a side without a target the region is cut off; the cut is pushed out until it is
 * practically never crossed, then the panels are refined until the mean no longer changes. E[N^2] comes from the same matrix.
 *
 * With escape.bridge a move from x to y counts as a passage of the level b with the probability exp(-2 (b - x)(b - y) / s^2) of a
 * Brownian bridge, and the mean is that of this process.
 *
 * Holds for gradient descent with Gaussian noise in one coordinate, additive or not, at a constant learning rate.
 */
#include "solvers/chain/chain.h"

#include <math.h>
#include <stdio.h>

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_problem_1d line;
    if (!kr_problem_is_chain(problem, out) || !kr_problem_1d_make(problem, &line, out)) return;
    if (problem->bridge && isnan(kr_problem_1d_temperature(&line))) {
        kr_theory_refuse(out, "The Brownian bridge is for noise that does not depend on the position.");
        return;
    }
    kr_chain_passage(&line, out);
    if (problem->bridge && out->applies) snprintf(out->note, sizeof out->note, "with the Brownian bridge between steps");
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .equation = "n(x) = 1 + int p(x, y) n(y) dy outside the target, for x' = x - eta V'(x) + s(x) xi",
                       .doc = "exact mean passage time of the discrete-time walk, one coordinate, any noise and learning rate",
                       .reference = "backward equation by Nystrom's method; elimination by Grassmann, Taksar, Heyman 1985"},
             .rank = 30,
             .discrete_time = true,
             .predict = predict};
