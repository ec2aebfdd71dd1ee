/* Makes the histogram of passage_times.h from what has been counted. */
#ifndef KR_PASSAGE_TIMES_FIND_H
#define KR_PASSAGE_TIMES_FIND_H

#include "passage_durations.h"

#include <kramers/passage_times.h>

void kr_passage_times_find(const kr_passage_durations *durations, const kr_view *view, kr_passage_times *out);

#endif
