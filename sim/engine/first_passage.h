/* First passages of a block's particles: the test after every step, and what it finds. */
#ifndef KR_FIRST_PASSAGE_H
#define KR_FIRST_PASSAGE_H

#include "ensemble_state.h"

/* The bounds that positions are tested against after a step: in one dimension the targets' sides, otherwise finiteness. */
void kr_watch(const kr_ensemble *ensemble, kr_block *block);
/* How many of the block's positions are not strictly between its bounds, NaN among them: as the step has counted, or counted now.
 */
size_t kr_not_between(const kr_block *block);
/* Counts worker->still of a block that has just been loaded. */
void kr_count_still(const kr_ensemble *ensemble, kr_worker *worker);
/* Whether some particle that moves has reached a target or is not finite. */
bool kr_anything_new(const kr_ensemble *ensemble, const kr_worker *worker);
/* Stops particles that are not finite, records arrivals in events and puts them back at the start, or stops them there. done: steps
 * done, at this time; next: of the step that follows. Returns false when memory is short. */
bool kr_first_passages(kr_ensemble *ensemble, kr_worker *worker, kr_event_list *events, uint64_t done, double time,
                       const kr_controls *next);

/* Brownian bridge: before the step, and after it, before the test. */
void kr_bridge_keep(const kr_ensemble *ensemble, kr_worker *worker);
void kr_bridge(const kr_ensemble *ensemble, kr_worker *worker, const kr_controls *controls);

#endif
