/* What the observer of transitions counts, kept by transitions.c, and what transitions_conclude.c makes of it. */
#ifndef KR_TRANSITION_COUNTS_H
#define KR_TRANSITION_COUNTS_H

#include <kramers/ensemble.h>
#include <kramers/transitions.h>

#include "cores.h"
#include "segments.h"
#include "time_windows.h"

/* Populations are kept at up to KR_TRANSITION_ROWS samples; when they are full every second is dropped. Groups of particles are
 * independent of each other: their scatter is the error of what is fitted to the populations. */
enum { KR_TRANSITION_ROWS = 256, KR_TRANSITION_GROUPS = KR_MOST_GROUPS, KR_TRANSITION_FEWEST_GROUPS = 8 };

/* Words and numbers before the arrays. */
enum {
    KR_TRANSITION_SAMPLES,
    KR_TRANSITION_LAST_STEP,
    KR_TRANSITION_ROW_STRIDE,
    KR_TRANSITION_ROW_COUNT,
    KR_TRANSITION_HEADER_WORDS
};
enum { KR_TRANSITION_LAST_TIME, KR_TRANSITION_FIRST_TIME, KR_TRANSITION_HEADER_NUMBERS };

/* What particles were seen to do, in integers one after another, so that threads count for themselves and add up later. */
typedef struct kr_transition_tally {
    uint64_t *count;                         /* [wells][wells] from one core to another */
    uint64_t *next;                          /* [bins][wells] core that was reached after being seen in a bin */
    uint64_t *bin_seen, *bin_high, *bin_low; /* [bins] how many were seen, and the sum of their kr_transition_place */
    uint64_t *looks;                         /* [2] at moving particles, and at those of them in a core */
} kr_transition_tally;

typedef struct kr_transition_counts {
    kr_transitions result;
    const kr_landscape *landscape;
    kr_cores *cores;
    size_t particles, wells;
    kr_segments segments;                  /* of the groups */
    size_t columns;                        /* of a row: each group's wells and how many particles it has */
    uint64_t first_sample;                 /* how many times `every` its step is */
    double temperature, gap_low, gap_high; /* of the exact committor; NAN: none */

    size_t word_count, number_count, tally_count;
    uint64_t *words; /* header, then the arrays below */
    kr_transition_tally tally;
    uint64_t *residence, *row_step, *row;
    kr_windows windows;
    uint64_t *seen;  /* [stride] bins seen since the last core, as bits */
    uint8_t *last;   /* [stride] core visited last, plus 1 */
    double *numbers; /* header, then the arrays below */
    double *residence_time, *row_time;

    uint64_t *tallies; /* [threads][tally_count], nothing but zeros between samples */
    double *mode;      /* [wells] */
} kr_transition_counts;

/* Places in a bin, from 0 at its low edge to 1 at the other, are summed as integers, so that their order cannot be seen: in units
 * of 2^-60, and from -1 on, since rounding may put one a little below 0. high and low: the upper bits of the sum and the lower 30.
 */
enum { KR_TRANSITION_LOW_BITS = 30 };
static inline uint64_t kr_transition_place(double place) {
    return (uint64_t)(int64_t)((place + 1.0) * 0x1p60);
}
static inline double kr_transition_mean_place(uint64_t seen, uint64_t high, uint64_t low) {
    return ((double)high * 0x1p30 + (double)low) / (double)seen * 0x1p-60 - 1.0;
}

/* Fills t->result. */
kr_status kr_transitions_conclude(kr_transition_counts *t, const kr_view *view, kr_error *error);

#endif
