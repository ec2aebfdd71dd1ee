/* Whether the minimum at the start can hold an optimizer at all. On a parabola of curvature k a step multiplies the distance by a
 * matrix whose eigenvalues lie inside the unit circle for eta k below a limit: 2 for gradient descent, 2 (1 + mu) for heavy ball,
 * and so on. The largest curvature decides.
 *
 * Holds for small displacements, at a constant learning rate, in any number of dimensions; noise narrows the range further (Wu, Ma,
 * E 2018).
 */
#include <kramers/theory.h>

#include "solvers/problem/stability.h"

#include <math.h>
#include <stdio.h>

static void predict(const kr_problem *problem, kr_prediction *out) {
    double learning_rate = kr_schedule_constant(problem->schedule);
    double curvature = kr_largest_curvature(problem->landscape, problem->start);
    if (!(learning_rate > 0.0)) {
        kr_theory_refuse(out, "The learning rate is not constant.");
        return;
    }
    if (!(curvature > 0.0)) {
        kr_theory_refuse(out, "The curvature at the start is not positive.");
        return;
    }
    double product = learning_rate * curvature, limit = kr_stability_limit(problem->dynamics, learning_rate);
    kr_theory_add(out, "lr_times_curvature", product);
    kr_theory_add(out, "stability_limit", limit);
    if (product >= limit) snprintf(out->note, sizeof out->note, "beyond stability: the minimum at the start cannot hold particles");
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .equation = "eta max k_i against its limit: 2 for gradient descent, 2 (1 + mu) for heavy ball",
                       .doc = "learning rate times largest curvature at the start against the largest stable value",
                       .reference = "L. Wu, C. Ma, W. E, How SGD selects the global minima, NeurIPS 2018"},
             .rank = 2,
             .extras = (const char *const[]){"lr_times_curvature", "stability_limit", NULL},
             .predict = predict};
