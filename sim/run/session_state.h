/* The inside of a session. */
#ifndef KR_SESSION_STATE_H
#define KR_SESSION_STATE_H

#include <kramers/session.h>

#include "engine/ensemble_state.h"
#include "session_history.h"
#include "session_places.h"
#include "stage.h"
#include "statistics/passage_durations.h"

#include <stdlib.h>

typedef struct kr_variant {
    kr_stage *stage; /* its scene has this variant's dynamics, and neither compare nor lesson */
    kr_ensemble *ensemble;
    /* When the physics changed last. */
    uint64_t events, exposure_steps;
    double exposure_time;
    kr_passage_durations durations;
    kr_event_list recent; /* first passages of the last kr_session_advance */
} kr_variant;

#define KR_NO_PHASE SIZE_MAX

typedef struct kr_phase_now {
    char *name;             /* owned; NULL: there is none */
    uint64_t begin, origin; /* steps of this generation: of the phase, and of its schedules */
    size_t number;          /* in the first scene; KR_NO_PHASE: begun by hand */
} kr_phase_now;

struct kr_session {
    kr_scene first, scene; /* at the beginning and now */
    kr_scene phased;       /* whose phases come: the first, or the last that was put in its place with other phases */
    int threads;
    kr_variant variant[KR_MAX_VARIANTS];
    size_t variants;
    uint64_t generation, version;
    uint64_t *restart; /* [restarts] warm restarts by hand in this generation */
    size_t restarts;
    kr_intervention *log;
    size_t logged, log_capacity;
    kr_history history; /* of variant 0 in this generation */
    kr_phase_now phase;
    kr_session_places places;
};

static inline void kr_phase_now_clear(kr_phase_now *phase) {
    free(phase->name);
    *phase = (kr_phase_now){.number = KR_NO_PHASE};
}

/* Fills in the place and takes it. */
void kr_session_keep(kr_session *session, kr_session_place *place);
/* Adds a sample to the history. */
void kr_session_sample(kr_session *session);
/* Where the schedule of step k begins, warm restarts included. */
uint64_t kr_session_origin(const kr_session *session, uint64_t k);

/* ---- session_variant.c ---- */

/* A variant in the making: all that can fail. */
typedef struct kr_variant_plan {
    kr_stage *stage;       /* borrows from the one that it replaces */
    kr_ensemble *change;   /* prepared, when the ensemble goes on */
    kr_ensemble *ensemble; /* made, when there was none of this shape */
} kr_variant_plan;

/* Whether its particles can go on in this scene. */
bool kr_variant_fits(const kr_variant *variant, const kr_scene *scene);
/* For variant number of the scene; origin: where its schedule begins, phase_origin: those of other numbers. quick: as of
 * kr_stage_create. Drop the plan also after a failure. */
kr_status kr_variant_prepare(kr_variant_plan *plan, const kr_session *session, const kr_scene *scene, size_t number,
                             uint64_t origin, uint64_t phase_origin, bool quick, kr_error *error);
void kr_variant_drop_plan(kr_variant_plan *plan);
/* The variant becomes as planned. Its clocks go on when its ensemble does. */
void kr_variant_commit(kr_variant *variant, kr_variant_plan *plan);
/* First passages are counted from here. */
void kr_variant_begin_counting(kr_variant *variant);
void kr_variant_destroy(kr_variant *variant);

#endif
