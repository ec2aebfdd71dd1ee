/* What a run keeps to go on from. */
#include "run_state.h"

#include <stdlib.h>
#include <string.h>

/* Phases may need more or less than others. */
static size_t state_words(const kr_run *run) {
    return run->scene->phase_count ? run->phases.state_words : kr_ensemble_state_words(run->ensemble);
}

/* Without what phases keep, which stands behind. */
static size_t run_words(const kr_run *run) {
    return state_words(run) + KR_MAX_TARGETS + KR_DURATION_WORDS + kr_observers_words(&run->observers);
}

size_t kr_run_checkpoint_words(const kr_run *run) {
    return run_words(run) + kr_phases_words(&run->phases, run->ensemble) + kr_phase_results_words(&run->phase_results);
}

uint64_t *kr_run_checkpoint(const kr_run *run) {
    uint64_t *words = calloc(kr_run_checkpoint_words(run), sizeof *words);
    if (!words) return NULL;
    uint64_t *next = words;
    kr_ensemble_save(run->ensemble, next);
    next += state_words(run);
    memcpy(next, run->target_events, sizeof run->target_events);
    next += KR_MAX_TARGETS;
    kr_passage_durations_save(&run->durations, next);
    kr_observers_save(&run->observers, next + KR_DURATION_WORDS);
    next = words + run_words(run);
    kr_phases_save(&run->phases, run->ensemble, next);
    kr_phase_results_save(&run->phase_results, next + kr_phases_words(&run->phases, run->ensemble));
    return words;
}

/* The one that a state after this step is of. */
static kr_status go_to_phase(kr_run *run, uint64_t step, kr_error *error) {
    size_t number = kr_phases_of_step(&run->phases, step);
    kr_ensemble_setup options = kr_run_setup_options(run);
    kr_status status = number ? kr_phases_go_to(&run->phases, run->ensemble, number, &options, error) : KR_OK;
    run->stage = run->phases.stage[run->phases.now];
    return status;
}

kr_status kr_run_restore(kr_run *run, const uint64_t *words, size_t count, kr_error *error) {
    if (count != kr_run_checkpoint_words(run))
        return kr_fail(error, KR_IO,
                       "the checkpoint has %zu words where this scene needs %zu: the file is of another version or damaged", count,
                       kr_run_checkpoint_words(run));
    const uint64_t *behind = words + run_words(run);
    kr_status status = go_to_phase(run, words[0], error);
    if (status == KR_OK) status = kr_ensemble_restore(run->ensemble, words, error);
    if (status == KR_OK) status = kr_phases_restore(&run->phases, run->ensemble, behind, error);
    if (status != KR_OK) return status;
    kr_phase_results_restore(&run->phase_results, behind + kr_phases_words(&run->phases, run->ensemble));
    words += state_words(run);
    memcpy(run->target_events, words, sizeof run->target_events);
    words += KR_MAX_TARGETS;
    kr_passage_durations_restore(&run->durations, words);
    kr_observers_restore(&run->observers, words + KR_DURATION_WORDS);
    run->steps_resumed = kr_ensemble_view(run->ensemble).step;
    run->finished = run->steps_resumed >= run->steps;
    return KR_OK;
}
