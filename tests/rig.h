/* For tests: landscape, noise, dynamics, schedule and ensemble from names and "key=value" texts. */
#ifndef RIG_H
#define RIG_H

#include "plugin_setup.h"

#include <kramers/ensemble.h>

#include <stdlib.h>

typedef struct rig {
    const char *landscape, *landscape_parameters;
    const char *dynamics, *dynamics_parameters;
    const char *noise, *noise_parameters;       /* NULL: none */
    const char *schedule, *schedule_parameters; /* NULL: constant */
    double start[32];
    uint64_t particles, seed, steps;
    const kr_registry *registry; /* NULL: the best */
    size_t block_size;
    const kr_target *targets;
    size_t target_count;
    /* what is made of it */
    kr_settings settings[4];
    kr_landscape made_landscape;
    kr_noise made_noise;
    kr_dynamics made_dynamics;
    kr_schedule made_schedule;
    kr_ensemble *ensemble;
} rig;

/* Everything but the ensemble. */
static inline void rig_make(rig *r) {
    kr_error error;
    if (!r->registry) r->registry = best_registry();
    const kr_landscape_type *landscape = find_landscape(r->registry, r->landscape);
    const kr_dynamics_type *dynamics = find_dynamics(r->registry, r->dynamics);
    const kr_noise_type *noise = find_noise(r->registry, r->noise ? r->noise : "none");
    const kr_schedule_type *schedule = find_schedule(r->registry, r->schedule ? r->schedule : "constant");
    r->settings[0] = make_settings(&landscape->about, r->landscape_parameters ? r->landscape_parameters : "");
    r->settings[1] = make_settings(&dynamics->about, r->dynamics_parameters ? r->dynamics_parameters : "");
    r->settings[2] = make_settings(&noise->about, r->noise_parameters ? r->noise_parameters : "");
    r->settings[3] = make_settings(&schedule->about, r->schedule_parameters ? r->schedule_parameters : "");
    require(kr_dynamics_create(&r->made_dynamics, dynamics, r->settings[1].values, &error), &error);
    double decay = kr_dynamics_weight_decay(&r->made_dynamics);
    require(kr_landscape_create(&r->made_landscape, landscape, r->settings[0].values, NULL, decay, &error), &error);
    require(kr_schedule_create(&r->made_schedule, &r->settings[3], NULL, (kr_warmup){0, 1}, r->steps, &error), &error);
    require(kr_noise_create(&r->made_noise, noise, r->settings[2].values, r->made_landscape.dim, &error), &error);
}

static inline void rig_begin(rig *r) {
    kr_error error;
    kr_ensemble_setup setup = {.registry = r->registry,
                               .landscape = &r->made_landscape,
                               .noise = &r->made_noise,
                               .dynamics = &r->made_dynamics,
                               .schedule = &r->made_schedule,
                               .start = r->start,
                               .particles = r->particles,
                               .seed = r->seed,
                               .targets = r->targets,
                               .target_count = r->target_count,
                               .block_size = r->block_size};
    require(kr_ensemble_create(&r->ensemble, &setup, &error), &error);
}

/* Stops the test with the message where anything is refused. */
static inline void rig_create(rig *r) {
    rig_make(r);
    rig_begin(r);
}

static inline kr_view rig_advance(rig *r, uint64_t steps) {
    kr_error error;
    require(kr_ensemble_advance(r->ensemble, steps, &error), &error);
    return kr_ensemble_view(r->ensemble);
}

static inline void rig_destroy(rig *r) {
    kr_ensemble_destroy(r->ensemble);
    r->ensemble = NULL;
    kr_noise_destroy(&r->made_noise);
    kr_landscape_destroy(&r->made_landscape);
    kr_schedule_destroy(&r->made_schedule);
    for (int i = 0; i < 4; i++) kr_settings_destroy(&r->settings[i]);
}

/* false: the dynamics is not made for this landscape or noise, and the message says so; there is nothing to destroy. */
static inline bool rig_create_if_it_fits(rig *r) {
    kr_error error = {.message = ""};
    rig_make(r);
    if (kr_dynamics_fits(&r->made_dynamics, &r->made_landscape, &r->made_noise, &error) == KR_OK) {
        rig_begin(r);
        return true;
    }
    assert_true(strstr(error.message, r->dynamics) && strlen(error.message) > 40);
    rig_destroy(r);
    return false;
}

#endif
