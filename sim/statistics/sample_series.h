/* What a few numbers were at the samples of a run, as a list of bounded length: when it is full, every second entry goes, and from
 * then on every second sample is left out. */
#ifndef KR_SAMPLE_SERIES_H
#define KR_SAMPLE_SERIES_H

#include <stddef.h>
#include <stdint.h>

enum { KR_SERIES_ENTRIES = 256, KR_SERIES_WIDTH = 6 };

/* Eight bytes each, as checkpoints have them; zeros are an empty series. */
typedef struct kr_series {
    uint64_t count, samples;          /* entries; samples that were offered */
    uint64_t step[KR_SERIES_ENTRIES]; /* of each entry */
    double number[KR_SERIES_WIDTH][KR_SERIES_ENTRIES];
} kr_series;

/* Of a checkpoint, which may come from anywhere: a series that cannot be is begun anew. */
void kr_series_restore(kr_series *series, const uint64_t *words);
void kr_series_add(kr_series *series, uint64_t step, const double number[KR_SERIES_WIDTH]);

#endif
