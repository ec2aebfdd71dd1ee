/* The observers of a run: made from the scene's sections, sampled at their cadences, kept in checkpoints. */
#ifndef KR_OBSERVERS_H
#define KR_OBSERVERS_H

#include "base/elapsed.h"

#include <kramers/model.h>
#include <kramers/observer.h>

/* In the order of the registry. */
typedef struct kr_observers {
    kr_observer *observer[KR_MAX_OBSERVERS];
    size_t count;
    bool failed[KR_MAX_OBSERVERS];         /* the newest kr_observers_end could not make the results of this one */
    kr_error failure[KR_MAX_OBSERVERS];    /* why */
    kr_observer *inside[KR_MAX_OBSERVERS]; /* those with sample_part, which look from inside the loop over steps */
    size_t inside_count;
    kr_elapsed look[KR_MAX_OBSERVERS]; /* what its newest look took, of those between steps and at the beginning */
} kr_observers;

/* One of this type. On failure *observer is NULL. */
kr_status kr_observer_create(kr_observer **observer, const kr_observer_type *type, const kr_observer_setup *setup, kr_error *error);
void kr_observer_destroy(kr_observer *observer);

/* What observers of the model are made from, but for their values. schedule: of the whole run. */
kr_observer_setup kr_observers_setup(const kr_model *model, const kr_schedule *schedule, int threads);
/* All that the scene has on. Destroy also after a failure. */
kr_status kr_observers_create(kr_observers *observers, const kr_model *model, const kr_schedule *schedule, int threads,
                              kr_error *error);
void kr_observers_destroy(kr_observers *observers);
/* Of all together, before they are made. */
kr_observer_need kr_observers_need(const kr_model *model, const kr_schedule *schedule);

/* The observer of this name; NULL: the run has none. */
kr_observer *kr_observers_find(const kr_observers *observers, const char *name);
/* Those whose cadence the step is on, where no step led: at the beginning. */
kr_status kr_observers_sample_first(kr_observers *observers, const kr_view *view, kr_error *error);
/* Those of them that have not looked from inside the loop. */
kr_status kr_observers_sample(kr_observers *observers, const kr_view *view, kr_error *error);
/* Results of the samples so far; one that fails says so in failed and does not stop the others. */
void kr_observers_end(kr_observers *observers, const kr_view *view);
/* The first step after this one at which kr_observers_sample has something to do, at most limit. */
uint64_t kr_observers_next(const kr_observers *observers, uint64_t step, uint64_t limit);

/* Their state in checkpoints, one after the other; save and restore return what follows it. */
size_t kr_observers_words(const kr_observers *observers);
uint64_t *kr_observers_save(const kr_observers *observers, uint64_t *words);
const uint64_t *kr_observers_restore(const kr_observers *observers, const uint64_t *words);

#endif
