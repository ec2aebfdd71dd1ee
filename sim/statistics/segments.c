#include "segments.h"

#include <kramers/block.h>

size_t kr_segments_count(const kr_segments *s) {
    return (s->particles + KR_GRANULE - 1) / KR_GRANULE + s->groups;
}

/* The guess is at most one off. */
static size_t group_of(const kr_segments *s, size_t particle) {
    size_t group = (size_t)((double)particle / (double)s->particles * (double)s->groups);
    if (group >= s->groups) group = s->groups - 1;
    while (s->bound[group] > particle) group--;
    while (s->bound[group + 1] <= particle) group++;
    return group;
}

kr_segment kr_segment_at(const kr_segments *s, size_t first, size_t end) {
    size_t group = group_of(s, first), number = first / KR_GRANULE, stop = (number + 1) * KR_GRANULE;
    if (stop > s->bound[group + 1]) stop = s->bound[group + 1];
    return (kr_segment){
        .group = group, .granule = number * KR_GRANULE, .first = first, .end = stop < end ? stop : end, .place = number + group};
}
