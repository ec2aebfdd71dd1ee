/* What is measured at the end of each phase: the mean of V, what is pruned, first passages, and how well the particles do on the
 * data of this phase and of all before it. */
#ifndef KR_PHASE_RESULTS_H
#define KR_PHASE_RESULTS_H

#include "phases.h"

#include <kramers/run.h>

/* Of one phase; its members have eight bytes each, as checkpoints have them. */
typedef struct kr_phase_measures {
    uint64_t steps;                  /* done in it; 0: not reached */
    uint64_t events, exposure_steps; /* since step 0 */
    double pruned, potential;
    kr_interval potential_ci95;
} kr_phase_measures;

typedef struct kr_phase_results {
    size_t count;
    kr_phase_measures *phase; /* [count] */
    kr_task_result *task;     /* [count][count]: of a phase and an earlier one, or itself */
    kr_phase_result *row;     /* [count], for the table */
    double *mean;             /* [KR_TASK_QUANTITIES][count][count], likewise */
    kr_interval *ci95;        /* likewise */
} kr_phase_results;

kr_status kr_phase_results_create(kr_phase_results *results, const kr_phases *phases, kr_error *error);
void kr_phase_results_destroy(kr_phase_results *results);
/* Of the present phase, as the ensemble is now. */
kr_status kr_phase_results_measure(kr_phase_results *results, const kr_phases *phases, const kr_view *view, int threads,
                                   kr_error *error);
/* Of those that were reached. */
void kr_phase_results_fill(kr_phase_results *results, const kr_phases *phases, uint64_t particles, kr_result *result);

size_t kr_phase_results_words(const kr_phase_results *results);
void kr_phase_results_save(const kr_phase_results *results, uint64_t *words);
void kr_phase_results_restore(kr_phase_results *results, const uint64_t *words);

#endif
