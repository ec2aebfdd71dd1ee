/* How long first passages took, as counts in bins, and from them the mean with an interval that covers at any length of run.
 *
 *     kr_passage_durations_begin(&durations, &view, burn_in, relaxation);   // observation begins
 *     kr_passage_durations_add(&durations, view.recent, count);      // as they happen
 *     mean = kr_mean_passage_find(&durations, &view);    // now
 *
 * A spell is what lies between a particle's departure from the start and its passage; all spells are alike and independent, so
 * their hazard, the chance to arrive in the next step, is a function of their age alone. Bins of age are single steps up to 32,
 * then sixteen to a factor of two. */
#ifndef KR_PASSAGE_DURATIONS_H
#define KR_PASSAGE_DURATIONS_H

#include <kramers/ensemble.h>
#include <kramers/interval.h>

enum { KR_DURATION_BINS = 592 }; /* ages up to 2^40 steps; longer ones fall into the last */

typedef struct kr_passage_durations {
    double relaxation;                      /* steps in which a particle in the well forgets where it was; NAN: not known */
    uint64_t first_age;                     /* of spells that are under way at step 0 */
    uint64_t ended[KR_DURATION_BINS];       /* passages by their age */
    uint64_t ended_steps[KR_DURATION_BINS]; /* their steps in that bin */
    uint64_t begun[KR_DURATION_BINS], begun_steps[KR_DURATION_BINS]; /* spells that were older when observation began, likewise */
} kr_passage_durations;

/* Nothing is counted yet, and the particles of the view are as old as their clocks; those that have not arrived since step 0 older
 * by burn_in. */
void kr_passage_durations_begin(kr_passage_durations *durations, const kr_view *view, uint64_t burn_in, double relaxation);
void kr_passage_durations_add(kr_passage_durations *durations, const kr_event *event, size_t count);

/* What has been counted as 64-bit words, for a checkpoint; begin, then restore. */
enum { KR_DURATION_WORDS = 2 * KR_DURATION_BINS };
void kr_passage_durations_save(const kr_passage_durations *durations, uint64_t words[KR_DURATION_WORDS]);
void kr_passage_durations_restore(kr_passage_durations *durations, const uint64_t words[KR_DURATION_WORDS]);

typedef struct kr_mean_passage {
    double steps;     /* NAN: no passages, or nothing can be said */
    kr_interval ci95; /* high INFINITY without passages; NAN: nothing can be said */
    double memory;    /* age in steps from which on the hazard is taken as constant */
    double needed;    /* 0; where nothing can be said, how many steps a run needs to be */
} kr_mean_passage;

kr_mean_passage kr_mean_passage_find(const kr_passage_durations *durations, const kr_view *view);

#endif
