/* What the observer of transitions counts, kept by transitions.c, and what transitions_conclude.c makes of it. */
#ifndef KR_TRANSITION_COUNTS_H
#define KR_TRANSITION_COUNTS_H

#include <kramers/ensemble.h>
#include <kramers/transitions.h>

#include "cores.h"
#include "time_windows.h"

/* Populations are kept at up to KR_TRANSITION_ROWS samples; when they are full every second is dropped. Groups of particles are
 * independent of each other: their scatter is the error of what is fitted to the populations. */
enum { KR_TRANSITION_ROWS = 256, KR_TRANSITION_GROUPS = 32, KR_TRANSITION_FEWEST_GROUPS = 8 };

/* Words and numbers before the arrays. */
enum {
    KR_TRANSITION_SAMPLES,
    KR_TRANSITION_LAST_STEP,
    KR_TRANSITION_ROW_STRIDE,
    KR_TRANSITION_ROW_COUNT,
    KR_TRANSITION_MOVING,
    KR_TRANSITION_IN_CORE,
    KR_TRANSITION_HEADER_WORDS
};
enum { KR_TRANSITION_LAST_TIME, KR_TRANSITION_FIRST_TIME, KR_TRANSITION_HEADER_NUMBERS };

typedef struct kr_transition_counts {
    kr_transitions result;
    const kr_landscape *landscape;
    kr_cores *cores;
    int threads;
    size_t particles, wells, groups, columns; /* columns of a row: each group's wells and how many particles it has */
    double temperature, gap_low, gap_high;    /* of the exact committor; NAN: none */

    size_t word_count, number_count;
    uint64_t *words; /* header, then the arrays below */
    uint64_t *count, *residence, *next, *row_step, *row;
    kr_windows windows;
    uint64_t *last, *seen; /* [particles] core visited last, plus 1; bins seen since then, as bits */
    double *numbers;       /* header, then the arrays below */
    double *residence_time, *bin_sum, *bin_seen, *row_time;

    int32_t *well, *core; /* [particles] of one sample */
    double *velocity;     /* [dim][stride] */
    size_t velocity_size;
    double *mode; /* [wells] */
} kr_transition_counts;

/* Fills t->result. */
kr_status kr_transitions_conclude(kr_transition_counts *t, const kr_view *view, kr_error *error);

#endif
