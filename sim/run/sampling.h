/* How runs and sessions advance an ensemble: to the next step that somebody samples, and no further.
 *
 *     kr_sampler sampler[] = {{&counts, NULL, keep_events, NULL}, {&history, next_frame, NULL, add_frame}};
 *     while (step < end) kr_sampled_advance(ensemble, sampler, 2, NULL, 0, end, &error);
 *
 * A run and a session have this loop and their stages (stage.h) in common, and each keeps what is its own. A run is no session
 * inside: a session remembers a history, at first of every step, and settings from which a reset begins; a run has observers and
 * a file, reckons both into the memory that it needs, and ends by itself. A session that could leave out the one and do the other
 * would be two things in one struct; the sampler is where they differ. */
#ifndef KR_SAMPLING_H
#define KR_SAMPLING_H

#include <kramers/observer.h>

/* Somebody who follows an ensemble. Each function gets the context; NULL: not wanted. */
typedef struct kr_sampler {
    void *context;
    /* The first step after this one that must be sampled, at most limit. */
    uint64_t (*next)(const void *context, uint64_t step, uint64_t limit);
    /* view->recent: first passages since the last call. Also after an advance that failed. */
    kr_status (*keep)(void *context, const kr_view *view, kr_error *error);
    /* At every step that anybody wants. */
    kr_status (*sample)(void *context, const kr_view *view, kr_error *error);
} kr_sampler;

/* The next step that one of them wants, at most end; all keep its first passages, then all sample, in their order. The first that
 * fails ends it. Interrupted, it ends at an earlier step, which nobody wants. Observers with sample_part look from inside the loop,
 * at steps that nobody else has to want. */
kr_status kr_sampled_advance(kr_ensemble *ensemble, const kr_sampler *sampler, size_t count, kr_observer *const *inside,
                             size_t inside_count, uint64_t end, kr_error *error);
/* All sample the present step. */
kr_status kr_sample_all(const kr_sampler *sampler, size_t count, const kr_view *view, kr_error *error);

/* The first multiple of every after this step, at most limit; every 0: limit. */
uint64_t kr_next_multiple(uint64_t step, uint64_t every, uint64_t limit);

#endif
