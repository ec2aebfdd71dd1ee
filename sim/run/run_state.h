/* The inside of a run, shared by run.c, what judges it (run_result.c), what it needs (run_estimate.c) and resume.c. */
#ifndef KR_RUN_STATE_H
#define KR_RUN_STATE_H

#include <kramers/run.h>
#include <kramers/splitting.h>
#include <kramers/trajectory.h>

#include "base/elapsed.h"
#include "observers.h"
#include "phase_results.h"
#include "phases.h"
#include "sampling.h"
#include "scene/scene_schedule.h"
#include "stage.h"
#include "statistics/moving_steps.h"
#include "statistics/passage_durations.h"

#include <omp.h>

/* First passages with the check of the ends, observers, what phases keep and measure, the file. */
enum { KR_RUN_SAMPLERS = 4 };

/* What does not depend on what is measured, beside the theories in the result. */
typedef struct kr_foreseen {
    bool known;           /* with the theories; all but survival */
    kr_survival survival; /* predicted to the end of the steps; count 0: not yet */
    double temperature;
    double curvature[KR_MAX_PHASES]; /* the largest at the start of each phase */
    double slowest;                  /* relaxations of the start in a time of one; of runs without changes that count events */
} kr_foreseen;

struct kr_run {
    kr_scene whole;        /* a copy */
    const kr_scene *scene; /* the same */
    kr_phases phases;
    kr_phase_results phase_results;
    kr_stage *stage;                      /* of the present phase; borrowed */
    const kr_drive *drive[KR_MAX_PHASES]; /* of each; borrowed */
    kr_schedule schedule;                 /* of the whole run */
    kr_run_options options;
    const char *output;      /* NULL: no file; borrowed */
    kr_ensemble *ensemble;   /* NULL: a splitting */
    kr_splitting *splitting; /* NULL: events are counted */
    kr_observers observers;
    kr_sampler sampler[KR_RUN_SAMPLERS];
    kr_trajectory *trajectory; /* NULL: no file */
    uint64_t steps;            /* where the run ends */
    uint64_t check_every;      /* cadence at which ends and divergence are tested; from the scene alone */
    uint64_t steps_resumed;    /* done before this process took over */
    uint64_t target_events[KR_MAX_TARGETS];
    kr_moving_steps moving;
    uint64_t still_events; /* passages at steps that do not move */
    bool finished;
    bool torn;           /* interrupted while observers looked: some have seen this step, some have not, nor has the file */
    double look_seconds; /* that the last look of the observers took */
    double wall_seconds;
    kr_passages passages;
    kr_passage_durations durations; /* since step 0, resumed or not */
    kr_elapsed began;               /* to be made */
    kr_estimate estimate;
    double saving_bytes; /* of its memory, those for moments at which the state is saved, or passages are tested */
    double peak_before;  /* memory that the process had at most before it */
    double expected_passages, expected_share; /* the latter of the steps; NAN: not known */
    kr_result result;
    bool concluded; /* result is that of the end */
    kr_foreseen foreseen;
};

/* Threads that work for it. */
static inline int kr_run_threads(const kr_run *run) {
    return run->options.threads > 0 ? run->options.threads : omp_get_max_threads();
}
/* The part of an ensemble's setup that the scene has no say in. */
static inline kr_ensemble_setup kr_run_setup_options(const kr_run *run) {
    return (kr_ensemble_setup){.threads = run->options.threads, .block_size = run->options.block_size};
}
/* The file follows the present phase. */
void kr_run_follow_phase(kr_run *run);

/* As of now; of events that are counted. */
kr_escape_estimate kr_run_escape(const kr_run *run, const kr_view *view);

/* Everything but the trajectory and the samples of step 0. */
kr_status kr_run_prepare(kr_run **run, const kr_scene *scene, const kr_run_options *options, kr_error *error);
/* Observers and trajectory see the ensemble as it is now. */
kr_status kr_run_sample(kr_run *run, kr_error *error);

/* Checkpoints: the ensemble, the counts of each target, durations of passages and the observers, as 64-bit words. */
size_t kr_run_checkpoint_words(const kr_run *run);
/* malloc'd; NULL when memory is short. */
uint64_t *kr_run_checkpoint(const kr_run *run);
kr_status kr_run_restore(kr_run *run, const uint64_t *words, size_t count, kr_error *error);

/* A scene with escape.method splitting. */
kr_status kr_run_split(kr_run *run, kr_error *error);

/* Passages at steps that do not move: as they happen, and those that the file has from before this process took over. */
void kr_run_count_still(kr_run *run, const kr_event *event, size_t count);
kr_status kr_run_recall_still(kr_run *run, const char *file, kr_error *error);
/* The mean over the steps that move. */
void kr_run_measure_moving(const kr_run *run, const kr_view *view, kr_result *result);

/* Numbers that change with the step, over those before done; result->mean stands. */
void kr_run_measure_driven(const kr_run *run, uint64_t done, kr_result *result);

/* Once: run->foreseen, and the theories in run->result. */
void kr_run_foresee(kr_run *run);

/* The predictions on the rows of survival; those that are known already are handed over. */
kr_status kr_run_predict_survival(kr_run *run, kr_survival *survival, kr_error *error);

/* Fills in run->estimate; refuses what cannot fit. Then, when step 0 has been sampled, what only observers and file know. The
 * third: of a splitting that was created. */
kr_status kr_run_estimate_make(kr_run *run, const kr_ensemble_setup *setup, kr_error *error);
void kr_run_estimate_complete(kr_run *run);
kr_status kr_run_estimate_splitting(kr_run *run, kr_error *error);
/* What is foreseen took so long. */
void kr_run_estimate_predicted(kr_run *run, kr_elapsed took);

#endif
