/* Whether the minimum at the start can hold an optimizer at all. On a parabola of curvature k a step multiplies the distance by a
 * matrix whose eigenvalues lie inside the unit circle for eta k below a limit: 2 for gradient descent, 2 (1 + mu) for heavy ball,
 * and so on. The largest curvature decides.
 *
 * Adaptive dynamics divide the gradient by P: for Adam eta k / P has the limit 2 (1 + beta1) / (1 - beta1) (Cohen et al. 2022). P
 * is known where it is that of noise far above the slopes; beyond the limit the slopes themselves raise it until the particle
 * holds.
 *
 * Holds for small displacements, at a constant learning rate, in any number of dimensions; noise narrows the range further (Wu, Ma,
 * E 2018).
 */
#include <kramers/theory.h>

#include <kramers/stability.h>

#include <math.h>
#include <stdio.h>

static void refuse_any(const kr_dynamics *dynamics, kr_prediction *out) {
    kr_theory_refuse(out, "The steps of '%s' do not grow with the gradient: they are stable at any curvature.",
                     dynamics->type->about.name);
}

static void predict_preconditioned(const kr_problem *problem, double product, kr_prediction *out) {
    const kr_dynamics *dynamics = problem->dynamics;
    double variance = kr_noise_mean_variance(problem->noise, problem->landscape, problem->start);
    double limit = dynamics->type->preconditioned_limit(dynamics), divisor = kr_gradient_divisor(dynamics, variance);
    if (limit == INFINITY) {
        refuse_any(dynamics, out);
        return;
    }
    if (!isfinite(divisor)) {
        kr_theory_refuse(
            out,
            "What '%s' divides by follows the gradients: curvature over that is stable below %.6g / learning rate, and "
            "beyond it gradients raise what they are divided by.",
            dynamics->type->about.name, limit);
        return;
    }
    kr_theory_add(out, "lr_times_curvature", product / divisor);
    kr_theory_add(out, "stability_limit", limit);
    snprintf(out->note, sizeof out->note, "of the curvature over what noise alone makes the divisor, %.6g%s", divisor,
             product / divisor >= limit ? "; beyond stability, where slopes raise it: particles stay, but further out" : "");
}

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
    if (problem->dynamics->type->preconditioned_limit) {
        predict_preconditioned(problem, learning_rate * curvature, out);
        return;
    }
    double product = learning_rate * curvature, limit = kr_stability_limit(problem->dynamics, learning_rate);
    if (limit == INFINITY) {
        refuse_any(problem->dynamics, out);
        return;
    }
    kr_theory_add(out, "lr_times_curvature", product);
    kr_theory_add(out, "stability_limit", limit);
    if (product >= limit)
        snprintf(out->note, sizeof out->note, "beyond stability: the minimum at the start cannot hold particles");
    else if (!problem->landscape->type->candidates)
        snprintf(out->note, sizeof out->note,
                 "at the start, which is no minimum; the observer sharpness has it where particles are");
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .equation = "eta max k_i against its limit: 2 for gradient descent, 2 (1 + mu) for heavy ball",
                       .doc = "learning rate times largest curvature at the start against the largest stable value",
                       .reference = "L. Wu, C. Ma, W. E, How SGD selects the global minima, NeurIPS 2018"},
             .rank = 2,
             .at_start = true,
             .extras = (const char *const[]){"lr_times_curvature", "stability_limit", NULL},
             .predict = predict};
