/* How particles are divided for sums whose order anybody can follow: a segment holds those of one group in one granule. Groups are
 * successive particles; each granule and each group begins a new segment. */
#ifndef KR_SEGMENTS_H
#define KR_SEGMENTS_H

#include <stddef.h>

enum { KR_MOST_GROUPS = 32 };

typedef struct kr_segments {
    size_t particles, groups;
    size_t bound[KR_MOST_GROUPS + 1]; /* first particle of each group, then particles */
} kr_segments;

typedef struct kr_segment {
    size_t group, granule; /* the granule's first particle */
    size_t first, end;     /* its particles */
    size_t place;          /* its number, less than kr_segments_count; some numbers are left out */
} kr_segment;

size_t kr_segments_count(const kr_segments *segments);
/* The one that begins with this particle, or what comes before end of it. */
kr_segment kr_segment_at(const kr_segments *segments, size_t first, size_t end);

#endif
