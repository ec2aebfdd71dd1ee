#include "overdamped.h"

#include "temperature.h"

bool kr_overdamped_temperature(const kr_problem *problem, double *temperature, kr_prediction *out) {
    const kr_dynamics *dynamics = problem->dynamics;
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
    return kr_problem_one_temperature(problem, learning_rate, temperature, out);
}
