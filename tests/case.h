/* A problem for theories, from the names of its parts: "double_well", "barrier=1 tilt=0.25". */
#ifndef CASE_H
#define CASE_H

#include "plugin_setup.h"

#include <kramers/kramers.h>

typedef struct part {
    const char *name, *values;
} part;

typedef struct problem_case {
    const kr_registry *registry;
    kr_settings settings[4];
    kr_landscape landscape;
    kr_noise noise;
    kr_dynamics dynamics;
    kr_schedule schedule;
    double start[8], center[8];
    kr_target target[8];
    kr_problem problem;
} problem_case;

/* Coordinate 0 starts at start, the others too; targets are added with case_target and case_ball. */
static inline void case_make(problem_case *c, part landscape, part dynamics, part noise, double learning_rate, double start) {
    kr_error error;
    memset(c, 0, sizeof *c);
    c->registry = best_registry();
    const kr_dynamics_type *moved_by = find_dynamics(c->registry, dynamics.name);
    c->settings[1] = make_settings(&moved_by->about, dynamics.values);
    require(kr_dynamics_create(&c->dynamics, moved_by, c->settings[1].values, &error), &error);
    const kr_landscape_type *descended = find_landscape(c->registry, landscape.name);
    c->settings[0] = make_settings(&descended->about, landscape.values);
    double decay = kr_dynamics_weight_decay(&c->dynamics);
    require(kr_landscape_create(&c->landscape, descended, c->settings[0].values, NULL, decay, &error), &error);
    c->noise.type = find_noise(c->registry, noise.name);
    c->settings[2] = make_settings(&c->noise.type->about, noise.values);
    c->noise.values = c->settings[2].values;
    char rate[32];
    snprintf(rate, sizeof rate, "lr=%.17g", learning_rate);
    const kr_schedule_type *constant = find_schedule(c->registry, "constant");
    c->settings[3] = make_settings(&constant->about, rate);
    require(kr_schedule_create(&c->schedule, &c->settings[3], NULL, (kr_warmup){0, 1.0}, 1000000, &error), &error);
    for (size_t i = 0; i < c->landscape.dim && i < 8; i++) c->start[i] = start;
    c->problem = (kr_problem){.landscape = &c->landscape,
                              .noise = &c->noise,
                              .dynamics = &c->dynamics,
                              .schedule = &c->schedule,
                              .start = c->start,
                              .targets = c->target};
}

static inline void case_target(problem_case *c, double below, double above) {
    c->target[c->problem.target_count++] = (kr_target){.coordinate = 0, .below = below, .above = above};
}

static inline void case_ball(problem_case *c, double center, double radius) {
    size_t t = c->problem.target_count++;
    c->center[t] = center;
    c->target[t] = (kr_target){.radius = radius, .center = &c->center[t], .below = -INFINITY, .above = INFINITY};
}

static inline void case_free(problem_case *c) {
    kr_landscape_destroy(&c->landscape);
    for (int i = 0; i < 4; i++) kr_settings_destroy(&c->settings[i]);
}

static inline kr_prediction case_predict(const problem_case *c, const char *theory) {
    kr_prediction prediction;
    kr_theory_predict(find_theory(c->registry, theory), &c->problem, &prediction);
    return prediction;
}

#endif
