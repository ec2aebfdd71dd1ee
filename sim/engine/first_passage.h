/* First passages of a block's particles: the test after every step, and what it finds. */
#ifndef KR_FIRST_PASSAGE_H
#define KR_FIRST_PASSAGE_H

#include "ensemble_state.h"

/* Lanes of a block that never move: padding and stopped particles. All NaN. */
size_t kr_still_lanes(const kr_ensemble *ensemble, const kr_block *block);
/* Whether some other particle has reached a target or is not finite. */
bool kr_anything_new(const kr_ensemble *ensemble, const kr_block *block, size_t still);
/* Stops particles that are not finite, records arrivals in events and puts them back at the start, or stops them there. done: steps
 * done, at this time; next: of the step that follows. Returns false when memory is short. */
bool kr_first_passages(kr_ensemble *ensemble, kr_worker *worker, kr_event_list *events, uint64_t done, double time,
                       const kr_controls *next);

/* Brownian bridge: before the step, and after it, before the test. */
void kr_bridge_keep(const kr_ensemble *ensemble, kr_worker *worker);
void kr_bridge(const kr_ensemble *ensemble, kr_worker *worker, const kr_controls *controls);

#endif
