/* What a run or a session has measured of first passages: the one place where counts become a mean. */
#ifndef KR_MEASURED_ESCAPE_H
#define KR_MEASURED_ESCAPE_H

#include "statistics/passage_durations.h"

#include <kramers/escape.h>
#include <kramers/model.h>

/* Nothing is counted yet. */
void kr_measured_escape_begin(const kr_model *model, const kr_view *view, kr_passage_durations *durations);
/* events, exposure: since the durations began to be counted. While the learning rate changes there is no one mean, and the estimate
 * is that of a process without memory. */
kr_escape_estimate kr_measured_escape(const kr_model *model, const kr_passage_durations *durations, const kr_view *view,
                                      uint64_t events, double exposure_steps, double exposure_time);

#endif
