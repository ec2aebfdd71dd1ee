/* The phases of a run: a stage for each, the change from one to the next, and what is kept on the way. A scene without phases has
 * one, in which nothing changes.
 *
 * A change comes just before the first step of a phase, so that the state after the last step of the phase before is sampled and
 * saved as that phase has left it, and a run that goes on from there makes the same change. */
#ifndef KR_PHASES_H
#define KR_PHASES_H

#include "engine/jump.h"
#include "stage.h"

/* Positions that somebody goes back to. */
typedef struct kr_phase_place {
    size_t phase;
    uint64_t at; /* step of the run; at the beginning of a phase but the first: after its change */
    bool begins; /* it is the beginning of its phase */
    bool taken;
    double *position; /* [dim][stride] */
} kr_phase_place;

typedef struct kr_phases {
    const kr_scene *scene;
    kr_stage **stage; /* [count] */
    size_t count, now;
    bool change;        /* something is not the same all the time */
    bool prune;         /* some phase does */
    size_t state_words; /* of an ensemble's saved state: the most that a phase needs */
    size_t dim, stride;
    kr_phase_place *place; /* [places] */
    size_t places;
} kr_phases;

/* The scene must outlive it. Everything that a change would refuse is refused here. Destroy it also after a failure. */
kr_status kr_phases_create(kr_phases *phases, const kr_scene *scene, kr_error *error);
void kr_phases_destroy(kr_phases *phases);

/* Where phase number i ends. */
uint64_t kr_phases_end(const kr_phases *phases, size_t number);
/* From the present phase, at its end, to the next one. Nothing has changed after a failure. */
kr_status kr_phases_enter_next(kr_phases *phases, kr_ensemble *ensemble, const kr_ensemble_setup *options, kr_error *error);
/* The settings of this phase alone, for a saved state that belongs to it. */
kr_status kr_phases_go_to(kr_phases *phases, kr_ensemble *ensemble, size_t number, const kr_ensemble_setup *options,
                          kr_error *error);
/* The phase that a state after this step is of. */
size_t kr_phases_of_step(const kr_phases *phases, uint64_t step);

/* The first step after this one at which positions are kept, at most limit; and keeps them. */
uint64_t kr_phases_next_place(const kr_phases *phases, uint64_t step, uint64_t limit);
void kr_phases_keep(kr_phases *phases, const kr_view *view);

/* In checkpoints: what is pruned, and the places. */
size_t kr_phases_words(const kr_phases *phases, const kr_ensemble *ensemble);
void kr_phases_save(const kr_phases *phases, const kr_ensemble *ensemble, uint64_t *words);
kr_status kr_phases_restore(kr_phases *phases, kr_ensemble *ensemble, const uint64_t *words, kr_error *error);

#endif
