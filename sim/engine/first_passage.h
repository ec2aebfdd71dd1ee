/* First passages of a block's particles: the test after every step, and what it finds. */
#ifndef KR_FIRST_PASSAGE_H
#define KR_FIRST_PASSAGE_H

#include "ensemble_state.h"

/* The bounds that positions are tested against after a step: in one dimension the targets' sides, otherwise finiteness. */
void kr_watch(const kr_ensemble *ensemble, kr_block *block);
/* Counts worker->still of a block that has just been loaded. */
void kr_count_still(const kr_ensemble *ensemble, kr_worker *worker);
/* Whether some particle that moves is not finite or at a side of a target, of the coordinates of a block or of a tile of one;
 * still: lanes that never move. Balls ask for all coordinates. */
bool kr_anything_new(const kr_ensemble *ensemble, const kr_block *block, size_t still);
bool kr_in_a_ball(const kr_ensemble *ensemble, const kr_block *block, size_t still);
/* Stops particles that are not finite, records arrivals in events and puts them back at the start, or stops them there. done: steps
 * done, at this time; next: of the step that follows. Returns false when memory is short. */
bool kr_first_passages(kr_ensemble *ensemble, kr_worker *worker, kr_event_list *events, uint64_t done, double time,
                       const kr_controls *next);

/* Brownian bridge: before the step, and after it, before the test. */
void kr_bridge_keep(const kr_ensemble *ensemble, kr_worker *worker);
void kr_bridge(const kr_ensemble *ensemble, kr_worker *worker, const kr_controls *controls);

#endif
