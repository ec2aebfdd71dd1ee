/* What becomes of a session between two steps: made beside it, where everything can fail, and carried out at once. */
#ifndef KR_SESSION_PLAN_H
#define KR_SESSION_PLAN_H

#include "engine/jump.h"
#include "session_state.h"

typedef struct kr_plan {
    kr_scene scene;
    bool replans; /* with the phases of another scene: */
    kr_scene phased;
    bool restart; /* the schedule begins anew at the present step */
    bool again;   /* everything from step 0 */
    bool prunes;
    kr_prune prune;
    bool rewinds;
    char *back_phase; /* where particles go back to; owned */
    uint64_t back_step;
    bool anew;     /* momenta and buffers */
    bool begins;   /* a phase */
    char *name;    /* its name; owned */
    size_t number; /* in the scene; KR_NO_PHASE: it is none of those */

    bool physics; /* something that theories and rates depend on has changed */
    uint64_t origin, phase_origin;
    size_t variants;
    kr_variant_plan variant[KR_MAX_VARIANTS];
    kr_jump jump[KR_MAX_VARIANTS];
    bool jumps;
    kr_session_place end, beginning; /* of the phase that ends, and of the one that begins */
    kr_history history;              /* made, when there was none of this shape */
} kr_plan;

/* From what is wanted, above, to what will be done. */
kr_status kr_plan_make(kr_session *session, kr_plan *plan, kr_error *error);
/* Nothing here fails. */
void kr_plan_carry_out(kr_session *session, kr_plan *plan);
void kr_plan_drop(kr_plan *plan);

/* Adds the lesson, which stays. */
kr_status kr_plan_keep_lesson(const kr_session *session, kr_scene *scene, kr_error *error);
/* Settings of a phase of the scene, with those of `now` that are of the whole run. */
kr_status kr_plan_phase_scene(const kr_session *session, const kr_scene *now, size_t number, kr_scene *scene, kr_error *error);
/* A phase of the scene begins. */
kr_status kr_plan_enter(const kr_session *session, kr_plan *plan, size_t number, kr_error *error);

#endif
