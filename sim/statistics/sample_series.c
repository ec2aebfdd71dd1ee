#include "sample_series.h"

#include <string.h>

/* Entries are samples 0, d, 2d, ... with d a power of two that follows from how many there were. */
static uint64_t distance(uint64_t samples) {
    uint64_t d = 1;
    while (samples > d * KR_SERIES_ENTRIES) d *= 2;
    return d;
}

static void thin(kr_series *s) {
    s->count = KR_SERIES_ENTRIES / 2;
    for (size_t i = 0; i < s->count; i++) {
        s->step[i] = s->step[2 * i];
        for (size_t c = 0; c < KR_SERIES_WIDTH; c++) s->number[c][i] = s->number[c][2 * i];
    }
}

void kr_series_add(kr_series *s, uint64_t step, const double number[KR_SERIES_WIDTH]) {
    uint64_t sample = s->samples++;
    if (s->count == KR_SERIES_ENTRIES && sample % distance(sample + 1) == 0) thin(s);
    if (sample % distance(sample + 1)) return;
    s->step[s->count] = step;
    for (size_t c = 0; c < KR_SERIES_WIDTH; c++) s->number[c][s->count] = number[c];
    s->count++;
}

void kr_series_restore(kr_series *s, const uint64_t *words) {
    memcpy(s, words, sizeof *s);
    if (s->count > KR_SERIES_ENTRIES || s->count > s->samples || s->samples >> 50) *s = (kr_series){.count = 0};
}
