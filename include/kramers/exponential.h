/* Are the times to escape exponential? Anderson and Darling's test with the mean estimated from the same times. */
#ifndef KRAMERS_EXPONENTIAL_H
#define KRAMERS_EXPONENTIAL_H

#include <kramers/ensemble.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_exponential {
    uint64_t intervals; /* that the test saw */
    double variation;   /* their standard deviation over their mean; 1 for an exponential */
    double statistic;   /* A^2 (1 + 0.6 / n); NAN with less than 8 intervals */
    double p_value; /* to 2 % of itself (or of 1 - p) between 0.001 and 0.999, to 10 % at 0.0001; smaller ones by extrapolation */
} kr_exponential;

/* Of n positive times, which become sorted; at least 8 (Stephens 1974; D'Agostino and Stephens 1986, case of unknown scale). */
KR_API kr_exponential kr_exponential_test(size_t n, double *time);

/* First passages of a run as they happen. When there are too many to keep, those of the first half of the particles stay: the
 * choice does not depend on the times. */
typedef struct kr_passages {
    kr_event_list list;
    uint64_t particles; /* looked at: the first so many; 0: not begun */
} kr_passages;

enum { KR_MOST_PASSAGES = 1 << 20 };

/* Takes view->recent. false: memory is short, and nothing is kept. */
KR_API bool kr_passages_add(kr_passages *passages, const kr_view *view);
KR_API void kr_passages_destroy(kr_passages *passages);

/* With unfinished times considered: the particles' clocks are laid end to end, and times run from passage to passage across them.
 * Of a process without memory these times are exponential whatever was cut off where, so the test is exact under its hypothesis
 * for runs of any length, with renewal or without. Steps are whole numbers; each time gets the fraction of a step that makes a
 * geometric number exponential. */
KR_API kr_exponential kr_passages_test(const kr_passages *passages, const kr_view *view);

KR_END_DECLARATIONS

#endif
