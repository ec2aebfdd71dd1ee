#include "bath.h"

#include "overdamped.h"
#include "temperature.h"

#include <math.h>
#include <stdio.h>

bool kr_bath_langevin(const kr_problem *problem, kr_bath *bath, kr_prediction *out) {
    const kr_dynamics *dynamics = problem->dynamics;
    double eta = kr_schedule_constant(problem->schedule);
    if (!dynamics->type->friction) {
        kr_theory_refuse(out, "The dynamics '%s' has no friction parameter; this theory is about Langevin dynamics with momentum.",
                         dynamics->type->about.name);
        return false;
    }
    if (!(eta > 0.0)) {
        kr_theory_refuse(out, "The learning rate is not constant.");
        return false;
    }
    bath->friction = dynamics->type->friction(dynamics, eta);
    if (isnan(bath->friction)) {
        kr_theory_refuse(out, "With Nesterov's gradient or dampening, momentum is not Langevin dynamics.");
        return false;
    }
    if (!(bath->friction > 0.0)) {
        kr_theory_refuse(out, "The friction is 0, so nothing escapes.");
        return false;
    }
    if (!kr_problem_one_temperature(problem, eta, &bath->temperature, out)) return false;
    bath->rate_unit = sqrt(eta) / kr_dynamics_time_step(dynamics, eta);
    bath->close_to_langevin = !dynamics->type->physical_time;
    return true;
}

bool kr_bath_make(const kr_problem *problem, kr_bath *bath, kr_prediction *out) {
    if (problem->dynamics->type->friction) return kr_bath_langevin(problem, bath, out);
    *bath = (kr_bath){.friction = NAN, .rate_unit = 1.0};
    return kr_overdamped_temperature(problem, &bath->temperature, out);
}

void kr_bath_describe(const kr_bath *bath, kr_prediction *out) {
    if (!bath->close_to_langevin) return;
    kr_theory_add(out, "friction", bath->friction);
    snprintf(out->note, sizeof out->note,
             "heavy ball read as Langevin dynamics: good to 7 %% at learning rates to 0.01, up to 27 %% slow at 0.04");
}

/* The other form of sqrt(gamma^2/4 + unstable) - gamma/2, which does not cancel at high friction. */
double kr_bath_growth(const kr_bath *bath, double unstable) {
    if (isnan(bath->friction)) return unstable;
    double half = 0.5 * bath->friction;
    return unstable / (half + sqrt(half * half + unstable));
}
