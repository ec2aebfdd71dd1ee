/* Observers that look from inside the loop over steps: when they do, and where their sums are until they are joined. */
#ifndef KR_OBSERVED_H
#define KR_OBSERVED_H

#include <kramers/observer.h>

/* Steps that a block does in one go: their controls are computed once for all blocks. */
enum { KR_CHUNK_STEPS = 1024 };

/* Those of one advance, with room for some samples of each. */
typedef struct kr_observed {
    kr_observer *const *observer; /* all have sample_part */
    size_t count;
    size_t width[KR_MAX_OBSERVERS], slots[KR_MAX_OBSERVERS];
    double *sums[KR_MAX_OBSERVERS]; /* [slots][width] */
} kr_observed;

/* Bytes in which kr_observer_sample_parts looks at the particles. */
double kr_observer_look_bytes(const kr_view *view, int threads);

/* For an advance of so many steps. Destroy also after a failure. */
kr_status kr_observed_create(kr_observed *observed, kr_observer *const *observer, size_t count, uint64_t particles, uint64_t steps,
                             kr_error *error);
void kr_observed_destroy(kr_observed *observed);

/* How many steps after this one, at most limit, have room for their samples. */
size_t kr_observed_reach(const kr_observed *observed, uint64_t step, size_t limit);
/* The first step after this one at which somebody samples; UINT64_MAX: none. */
uint64_t kr_observed_next(const kr_observed *observed, uint64_t step);
/* Those who sample at the part's step look at it. from: the step that the chunk of steps began with. */
kr_status kr_observed_look(const kr_observed *observed, uint64_t from, kr_observer_part *part, kr_error *error);
/* Of those who have sampled at view->step, when all parts have been there. */
kr_status kr_observed_join(const kr_observed *observed, uint64_t from, const kr_view *view, kr_error *error);

#endif
