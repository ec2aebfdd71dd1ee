/* When first passages happen after the departure: a histogram in which those who have not arrived count as long as they were seen.
 */
#ifndef KRAMERS_PASSAGE_TIMES_H
#define KRAMERS_PASSAGE_TIMES_H

#include <kramers/interval.h>
#include <kramers/status.h>

#include <stddef.h>
#include <stdint.h>

KR_BEGIN_DECLARATIONS

enum { KR_PASSAGE_BINS = 40 };

/* Bins are of about one width, up to where all but a few have arrived or no one has been seen; what lies beyond is survival. The
 * density is S(begin) - S(end) over the width, with Kaplan and Meier's survival S from passages over steps spent at each age: right
 * for a run of any length, with renewal or without. Where observation began with particles that were under way, ages before that of
 * the youngest are not seen, and survival is 1 at the first edge. */
typedef struct kr_passage_times {
    size_t count;                     /* bins; 0: no passages */
    double edge[KR_PASSAGE_BINS + 1]; /* ages in steps: a bin has those above its edge, up to the next */
    uint64_t passages[KR_PASSAGE_BINS];
    double density[KR_PASSAGE_BINS];   /* per step */
    kr_interval ci95[KR_PASSAGE_BINS]; /* of density, from the exact interval of a Poisson count */
    double survival;                   /* beyond the last edge */
    uint64_t events, under_way;        /* passages in all; particles that have not arrived */
} kr_passage_times;

KR_END_DECLARATIONS

#endif
