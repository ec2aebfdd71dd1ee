/* Hazards by age, between passage_durations.c, which counts, and mean_passage.c, which concludes. */
#ifndef KR_PASSAGE_HAZARD_H
#define KR_PASSAGE_HAZARD_H

#include "passage_durations.h"

/* The first age of a bin. */
uint64_t kr_duration_bin_begin(size_t bin);
/* Passages at the ages of each bin, and steps that were spent there: events[KR_DURATION_BINS], exposure[KR_DURATION_BINS]. Returns
 * how many bins there are up to the last with exposure. */
size_t kr_passage_hazard(const kr_passage_durations *durations, const kr_view *view, double *events, double *exposure);

#endif
