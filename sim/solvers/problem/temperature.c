#include "temperature.h"

double kr_problem_temperature(const kr_problem *problem, double learning_rate) {
    double variance = kr_noise_mean_variance(problem->noise, problem->landscape, problem->start);
    return kr_dynamics_temperature(problem->dynamics, learning_rate, variance);
}

bool kr_problem_one_temperature(const kr_problem *problem, double learning_rate, double *temperature, kr_prediction *out) {
    char why[160];
    if (kr_noise_objects(problem->noise, problem->landscape->type->separable, ~0u, why, sizeof why)) {
        kr_theory_refuse(out, "T%s, and this theory is about one temperature.", why + 1);
        return false;
    }
    *temperature = kr_dynamics_temperature(problem->dynamics, learning_rate, kr_noise_additive_variance(problem->noise));
    if (*temperature > 0.0) return true;
    kr_theory_refuse(out, "The temperature is 0, so nothing escapes.");
    return false;
}
