/* Some particles at one sample of the observer of transitions: in which core each is, and what it has done since the last sample.
 */
#ifndef KR_TRANSITION_LOOK_H
#define KR_TRANSITION_LOOK_H

#include "transition_counts.h"

#include <kramers/observer.h>

/* Its arrays are in the work space of a part. */
typedef struct kr_transition_look {
    size_t first, count;          /* particles */
    const double *x;              /* the coordinate of the committor */
    uint8_t *moves, *well, *core; /* 1 or 0; basin plus 1 and core plus 1, 0: none, or it has stopped */
    uint8_t *chosen;              /* 1: something is to be done for it, or 0 */
    uint32_t *which;              /* a list of those */
} kr_transition_look;

kr_status kr_transition_look_at(const kr_transition_counts *counts, const kr_observer_part *part, kr_transition_look *look,
                                kr_error *error);

/* How many moving particles of each segment have each core as their last, are in each basin, and are there at all. */
size_t kr_transition_segment_width(const kr_transition_counts *counts);
void kr_transition_sum_segments(const kr_transition_counts *counts, const kr_transition_look *look, double *sums);

/* The arrays of a tally that begins here. */
kr_transition_tally kr_transition_tally_at(const kr_transition_counts *counts, uint64_t *words);
/* Enters into the tally who has come to a core, and who is in a bin for the first time since its last one. */
void kr_transition_follow(const kr_transition_counts *counts, const kr_transition_look *look, const kr_transition_tally *tally);

#endif
