/* What a run keeps to go on from. */
#include "run_state.h"

#include <stdlib.h>
#include <string.h>

size_t kr_run_checkpoint_words(const kr_run *run) {
    return kr_ensemble_state_words(run->ensemble) + KR_MAX_TARGETS + KR_DURATION_WORDS + kr_observers_words(&run->observers);
}

uint64_t *kr_run_checkpoint(const kr_run *run) {
    uint64_t *words = malloc(kr_run_checkpoint_words(run) * sizeof *words);
    if (!words) return NULL;
    uint64_t *next = words;
    kr_ensemble_save(run->ensemble, next);
    next += kr_ensemble_state_words(run->ensemble);
    memcpy(next, run->target_events, sizeof run->target_events);
    next += KR_MAX_TARGETS;
    kr_passage_durations_save(&run->durations, next);
    kr_observers_save(&run->observers, next + KR_DURATION_WORDS);
    return words;
}

kr_status kr_run_restore(kr_run *run, const uint64_t *words, size_t count, kr_error *error) {
    if (count != kr_run_checkpoint_words(run))
        return kr_fail(error, KR_IO,
                       "the checkpoint has %zu words where this scene needs %zu: the file is of another version or damaged", count,
                       kr_run_checkpoint_words(run));
    kr_status status = kr_ensemble_restore(run->ensemble, words, error);
    if (status != KR_OK) return status;
    words += kr_ensemble_state_words(run->ensemble);
    memcpy(run->target_events, words, sizeof run->target_events);
    words += KR_MAX_TARGETS;
    kr_passage_durations_restore(&run->durations, words);
    kr_observers_restore(&run->observers, words + KR_DURATION_WORDS);
    run->steps_resumed = kr_ensemble_view(run->ensemble).step;
    run->finished = run->steps_resumed >= run->steps;
    return KR_OK;
}
