/* What the simulation tells the window: copies that do not change while the window draws from them. */
#ifndef KR_SNAPSHOT_H
#define KR_SNAPSHOT_H

#include <kramers/energy.h>
#include <kramers/session.h>

enum { KR_PICKED_NUMBERS = 64, KR_MAX_WELLS = 64 };

/* One of the compared dynamics. Means are over the first particles (up to 4096); NAN where there is no such number. */
typedef struct kr_snapshot_variant {
    char name[64]; /* of the dynamics, with what tells it from others of its kind */
    uint64_t particles, diverged, absorbed;
    size_t dim;
    size_t count;              /* particles copied: all up to a million, fewer above 8 dimensions */
    float *position;           /* [dim][count]; above 64 dimensions the scene's leading ones only */
    double potential, kinetic; /* means per particle */
    double kinetic_temperature, configurational_temperature;
    double set_temperature, predicted_kinetic_temperature; /* by theory at the momentary learning rate */
    bool has_ledger;
    kr_energy ledger; /* sums, when has_ledger */
    bool escape_measured;
    kr_escape_estimate escape; /* since the last change */
    uint64_t events;
    size_t wells;
    double population[KR_MAX_WELLS];
    bool has_velocity;
    double followed_position[KR_PICKED_NUMBERS], followed_velocity[KR_PICKED_NUMBERS],
        followed_energy; /* of the followed particle */
    uint64_t followed_departure;
} kr_snapshot_variant;

typedef struct kr_snapshot {
    uint64_t number;  /* grows with every snapshot */
    uint64_t version; /* of the settings: grows when scene changes; the window takes it over then */
    uint64_t generation, step;
    double made, busy; /* when it was made, by a clock, and the processor time that the simulation's thread had used by then */
    double time, learning_rate;
    uint64_t schedule_origin;         /* step of this generation at which the schedule began anew by hand; 0: never */
    double particle_steps_per_second; /* of all variants together, smoothed */
    bool playing, diverged;
    char message[256]; /* of the last intervention that failed, with message_number growing */
    uint64_t message_number;
    kr_scene scene; /* as it is; changes with version; owned by the snapshot */
    uint64_t interventions;
    uint64_t followed; /* particle whose numbers are in the variants; UINT64_MAX: none */
    size_t variants;
    kr_snapshot_variant variant[KR_MAX_VARIANTS];
} kr_snapshot;

#endif
