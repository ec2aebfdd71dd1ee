#include "overdamped.h"

bool kr_overdamped_temperature(const kr_problem *problem, double *temperature, kr_prediction *out) {
    const kr_dynamics *dynamics = problem->dynamics;
    const kr_noise *noise = problem->noise;
    double learning_rate = kr_schedule_constant(problem->schedule);
    if (!(learning_rate > 0.0)) {
        kr_theory_refuse(out, "The learning rate is not constant.");
        return false;
    }
    if (!dynamics->type->thermal_variance) {
        kr_theory_refuse(out, "The dynamics '%s' is not gradient descent with noise, which this theory is about.",
                         dynamics->type->about.name);
        return false;
    }
    double variance = 0.0, nothing = 0.0;
    if (!noise->type->is_zero) {
        if (noise->type->input && noise->type->input(noise, problem->landscape->type->separable) != KR_NOISE_INPUT_NONE) {
            kr_theory_refuse(out, "The noise depends on the position, and this theory is about one temperature.");
            return false;
        }
        noise->type->variance(noise, 1, &nothing, &nothing, &variance);
    }
    *temperature =
        dynamics->type->thermal_variance(dynamics, learning_rate) / (2.0 * learning_rate) + learning_rate * variance / 2.0;
    if (*temperature > 0.0) return true;
    kr_theory_refuse(out, "The temperature is 0, so nothing escapes.");
    return false;
}
