/* The inside of a session. */
#ifndef KR_SESSION_STATE_H
#define KR_SESSION_STATE_H

#include <kramers/session.h>

#include "engine/ensemble_state.h"
#include "session_history.h"

/* What one dynamics makes of the settings: never changed, only replaced. */
typedef struct kr_stage {
    kr_scene scene; /* with this variant's dynamics, without compare and lesson */
    kr_model model;
} kr_stage;

typedef struct kr_variant {
    kr_stage *stage;
    kr_ensemble *ensemble;
    /* When the physics changed last. */
    uint64_t events, exposure_steps;
    double exposure_time;
    kr_event_list recent; /* first passages of the last kr_session_advance */
} kr_variant;

struct kr_session {
    kr_scene first, scene; /* at the beginning and now */
    int threads;
    kr_variant variant[KR_MAX_VARIANTS];
    size_t variants;
    uint64_t generation, version;
    uint64_t *restart; /* [restarts] warm restarts by hand in this generation */
    size_t restarts;
    kr_intervention *log;
    size_t logged, log_capacity;
    kr_history history; /* of variant 0 in this generation */
};

/* Adds a sample to the history. */
void kr_session_sample(kr_session *session);
/* Where the schedule of step k begins, warm restarts included. */
uint64_t kr_session_origin(const kr_session *session, uint64_t k);

/* A stage for variant number variant of the scene. before: NULL or the one it replaces, from which it borrows until it inherits.
 * quick: for particles that go on, who come back to a smaller pool of starts. */
kr_status kr_stage_create(kr_stage **stage, const kr_scene *scene, size_t variant, uint64_t origin, kr_stage *before, bool quick,
                          kr_error *error);
void kr_stage_destroy(kr_stage *stage);
kr_status kr_stage_setup(kr_stage *stage, int threads, kr_ensemble_setup *setup, kr_error *error);
/* Refuses an ensemble beyond the machine's memory, instead of being killed for it: a slider goes far. before: the one that goes on,
 * of the same shape; NULL: none. */
kr_status kr_stage_memory(const kr_ensemble_setup *setup, const kr_ensemble *before, kr_error *error);

#endif
