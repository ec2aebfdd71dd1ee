/* Interventions about phases, and the phases of the scene as they come. */
#ifndef KR_SESSION_PHASES_H
#define KR_SESSION_PHASES_H

#include "session_plan.h"

/* From the text behind the intervention's word. */
kr_status kr_plan_prune(kr_plan *plan, const char *text, kr_error *error);
kr_status kr_plan_rewind(kr_plan *plan, const char *text, kr_error *error);
kr_status kr_plan_optimizer(kr_plan *plan, const char *text, kr_error *error);
kr_status kr_plan_phase(const kr_session *session, kr_plan *plan, const char *text, kr_error *error);

/* Where the present phase ends by itself; UINT64_MAX: nowhere. */
uint64_t kr_session_phase_end(const kr_session *session);
/* When it has ended, the next one begins. first passages of this advance stay. */
kr_status kr_session_enter_due(kr_session *session, kr_error *error);
/* The first step after the present one at which positions of the present phase are kept, or it ends, at most limit. */
uint64_t kr_session_next_stop(const kr_session *session, uint64_t limit);
/* Those of the present step, if they are to be kept. */
kr_status kr_session_keep_due(kr_session *session, kr_error *error);

#endif
