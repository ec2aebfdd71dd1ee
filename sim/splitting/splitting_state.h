/* The inside of a splitting: what all repeats share (plan), particles side by side in a block (walkers), one repeat's replicas, and
 * groups of repeats whose paths are integrated together. */
#ifndef KR_SPLITTING_STATE_H
#define KR_SPLITTING_STATE_H

#include <kramers/splitting.h>

#include "engine/block_storage.h"
#include "geometry/reaction_coordinate.h"

/* The first step, beyond those of any run that counts events: random numbers of both are then independent at the same seed. */
#define KR_SPLITTING_FIRST_STEP (UINT64_C(1) << 62)
/* Particles of the pilot are numbered from here, those of the repeats from 0. */
#define KR_SPLITTING_PILOT (UINT64_C(1) << 33)

typedef struct kr_splitting_plan {
    kr_ensemble_setup setup;
    kr_reaction_coordinate coordinate;
    double learning_rate;
    size_t auxiliaries, width; /* width: doubles of a particle's state, positions and auxiliaries */
    double basin, surface;     /* A is where the coordinate is <= basin; entrances are > surface >= basin */
    bool inertial;             /* there are velocities: in A the energy is <= energy, too */
    double energy;
    uint64_t relaxation_steps; /* the start is forgotten, if relaxed */
    bool relaxed;
    double stride;              /* root mean square change of the coordinate in one step */
    uint64_t warm_loops, loops; /* of each replica before it is split: those that forget the start, those that are timed */
    size_t replicas, killed;    /* at least so many at each level */
    size_t repeats, group;      /* group: repeats integrated together */
    size_t lanes;
} kr_splitting_plan;

/* ---- splitting_walkers.c ---- */

/* A block in which particles are replaced by others. A particle's random numbers depend on its place in the block and on the step,
 * which only grows: no number is used twice. */
typedef struct kr_walkers {
    const kr_splitting_plan *plan;
    kr_block block;
    double *storage;
    size_t capacity, active; /* places 0 .. active - 1 are in use; the block's others are NaN */
    uint64_t step;           /* the next one */
    double *value;           /* [capacity] reaction coordinate */
    double *inner;           /* [capacity] the same, INFINITY where the energy forbids A; may be value itself */
    double *energy;          /* [capacity] kinetic and potential; NULL: not inertial */
    double *point;           /* [dim] */
} kr_walkers;

bool kr_walkers_make(kr_walkers *walkers, const kr_splitting_plan *plan, uint64_t first, size_t capacity);
void kr_walkers_free(kr_walkers *walkers);
void kr_walkers_resize(kr_walkers *walkers, size_t active);
/* state[width]: positions, then each auxiliary. */
void kr_walkers_put(kr_walkers *walkers, size_t place, const double *state);
void kr_walkers_get(const kr_walkers *walkers, size_t place, double *state);
/* Puts these at the start, by the first-step rule, and evaluates the coordinate. */
void kr_walkers_depart(kr_walkers *walkers, const uint32_t *which, size_t count);
void kr_walkers_step(kr_walkers *walkers);
/* Whether any may be in the target, or not finite. */
bool kr_walkers_any_arrived(const kr_walkers *walkers);
bool kr_walkers_finite(const kr_walkers *walkers, size_t place);
/* Of a finite one. */
bool kr_walkers_arrived(const kr_walkers *walkers, size_t place);

/* ---- splitting_pilot.c ---- */

/* Measures relaxation and chooses basin, surface, warm_loops and loops. */
kr_status kr_splitting_pilot(kr_splitting_plan *plan, kr_error *error);

/* ---- splitting_repeat.c ---- */

/* A path by the points at which its coordinate was higher than ever before: only there can copies branch off. */
typedef struct kr_replica {
    double score;   /* highest coordinate; INFINITY once in the target */
    double *record; /* [count][1 + width]: coordinate, state */
    size_t count, capacity;
} kr_replica;

typedef struct kr_splitting_replicas {
    uint64_t number; /* of the repeat */
    kr_replica *replica;
    double *scratch; /* [replicas] */
    uint32_t *alive; /* [replicas] */
    size_t running;  /* replicas whose path has not ended */
    double weight;
    uint64_t levels, draws, loop_steps, loops, diverged, paths;
    bool finished;
    kr_splitting_repeat result;
} kr_splitting_replicas;

bool kr_replicas_make(kr_splitting_replicas *replicas, const kr_splitting_plan *plan, uint64_t number);
void kr_replicas_free(kr_splitting_replicas *replicas, const kr_splitting_plan *plan);
/* Appends a point; false when memory is short. */
bool kr_replica_record(kr_replica *replica, size_t width, double value, const double *state);
/* Once no path runs: kills the lowest and branches the others until some copies have to run, which are left in running and in
 * restart[replicas] (in ascending order), or the repeat is finished. false when memory is short. */
bool kr_replicas_branch(kr_splitting_replicas *replicas, const kr_splitting_plan *plan, uint32_t *restart);

/* ---- splitting_group.c ---- */

typedef struct kr_splitting_group kr_splitting_group;

/* The repeats number * plan->group and following. */
kr_splitting_group *kr_splitting_group_create(const kr_splitting_plan *plan, size_t number);
void kr_splitting_group_destroy(kr_splitting_group *group);
/* Up to so many steps of the block; false when memory is short. */
bool kr_splitting_group_run(kr_splitting_group *group, uint64_t steps);
bool kr_splitting_group_finished(const kr_splitting_group *group);
size_t kr_splitting_group_repeats(const kr_splitting_group *group, const kr_splitting_replicas **repeats);
uint64_t kr_splitting_group_particle_steps(const kr_splitting_group *group);

#endif
