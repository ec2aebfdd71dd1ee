/* A run: a scene made into landscape, dynamics, noise, schedule, ensemble and observers, and run to its end.
 *
 *     kr_run_create(&run, &scene, &options, &error);
 *     while (!kr_run_finished(run)) kr_run_advance(run, &error);     // to the next cadence; stop between calls as you like
 *     kr_run_finish(run, &error);                                    // closes the file
 *     const kr_result *result = kr_run_result(run);
 */
#ifndef KRAMERS_RUN_H
#define KRAMERS_RUN_H

#include <kramers/durability.h>
#include <kramers/energy.h>
#include <kramers/escape.h>
#include <kramers/exponential.h>
#include <kramers/result_row.h>
#include <kramers/scene.h>
#include <kramers/splitting.h>
#include <kramers/statistics.h>
#include <kramers/survival.h>
#include <kramers/transitions.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_run kr_run;

typedef struct kr_run_options {
    int threads;        /* 0: all */
    size_t block_size;  /* 0: chosen */
    uint64_t cadence;   /* most steps of one kr_run_advance; ends are looked at as often. 0: chosen from the scene */
    const char *output; /* HDF5 file; NULL: trajectory.file of the scene, or none */
    bool overwrite;     /* else an existing file is an error */
    kr_durability durability;
    const char *directory; /* for resume: where the scene's files are; NULL: as recorded in the run's file */
} kr_run_options;

typedef struct kr_theory_result {
    const kr_theory_type *type;
    kr_prediction prediction;
    double z;     /* of the measured passages; NAN: none */
    double gap_z; /* of the measured relaxation rate; NAN: none */
} kr_theory_result;

KR_API extern const kr_result_row kr_theory_rows[]; /* of a kr_theory_result */

enum { KR_MAX_WARNINGS = 16 };

/* What came to one of several targets. */
typedef struct kr_target_result {
    const kr_target *target; /* borrowed */
    uint64_t events;
    double probability; /* of all events; NAN without any */
    kr_interval probability_ci95;
} kr_target_result;

/* Of the steps at a learning rate above 0 that is at least a thousandth of the run's largest: at the others nothing moves. */
typedef struct kr_moving_estimate {
    double still_fraction; /* share of the others in all; NAN before the first step */
    uint64_t events;
    double exposure_steps;
    double mfpt_steps; /* exposure / events; NAN without events */
    kr_interval mfpt_steps_ci95;
} kr_moving_estimate;

/* A number that changed with the step, and the invariant that it was to hold. */
typedef struct kr_driven_result {
    char name[KR_DRIVEN_NAME], invariant[KR_DRIVEN_NAME]; /* invariant empty: it followed a schedule */
    double start, end, mean;
    double clamped;                                                  /* share of the steps at which it was held in its range */
    double held_to;                                                  /* largest relative deviation of the invariant */
    double temperature_start, temperature_end, measured_temperature; /* NAN: there is none */
} kr_driven_result;

/* Loss and accuracy on the data of a phase, over the particles; NAN: there are no such data, or classes. */
enum { KR_TASK_TRAIN_LOSS, KR_TASK_TRAIN_ACCURACY, KR_TASK_TEST_LOSS, KR_TASK_TEST_ACCURACY, KR_TASK_QUANTITIES };
typedef struct kr_task_result {
    const char *name; /* of the phase; borrowed */
    double mean[KR_TASK_QUANTITIES];
    kr_interval ci95[KR_TASK_QUANTITIES];
} kr_task_result;

/* A phase at its end, or as far as it has come. First passages: those in it. */
typedef struct kr_phase_result {
    const char *name; /* borrowed */
    uint64_t begin, steps;
    double pruned; /* share of the coordinates of all particles */
    double potential;
    kr_interval potential_ci95;
    bool escape_measured;
    uint64_t events;
    double exposure_steps, mfpt_steps;
    kr_interval mfpt_steps_ci95;
    const kr_task_result *task; /* [task_count], of the data of phases 0, 1, ... up to this one; 0: there are none */
    size_t task_count;
} kr_phase_result;

typedef struct kr_result {
    uint64_t steps, particle_steps;
    double time, wall_seconds;
    double temperature; /* kr_model_temperature */
    bool interrupted;   /* kr_run_finish came before the end */
    uint64_t diverged;
    uint64_t first_diverged_step, first_diverged_particle;
    kr_view view; /* of the ensemble; valid until the next advance; nothing in it after a splitting */
    bool escape_measured;
    kr_escape_estimate escape;
    kr_moving_estimate moving;
    kr_exponential exponential; /* no intervals: not tested (no events, or a resumed run, which has not seen them all) */
    bool absorbed;              /* each particle arrives once: then the two below */
    double crossed_fraction;    /* of the particles that did not diverge before */
    kr_interval crossed_fraction_ci95;
    kr_survival survival;
    const kr_splitting_result *splitting; /* NULL: events were counted. Else steps, time and mean are absent */
    size_t target_count;
    kr_target_result target[KR_MAX_TARGETS];
    uint64_t target_events[KR_MAX_TARGETS]; /* the same counts */
    kr_observer *const *observers;          /* [observer_count], after end(); borrowed; their rows and results are in their types */
    size_t observer_count;
    kr_driven_result driven[KR_MAX_DRIVEN];
    size_t driven_count;
    const kr_phase_result *phase;                /* [phase_count], those that have begun */
    size_t phase_count;                          /* 0: the scene has no phases */
    const double *task_mean[KR_TASK_QUANTITIES]; /* [phase_count][phase_count], NAN above the diagonal; NULL: there are no data */
    const kr_interval *task_ci95[KR_TASK_QUANTITIES]; /* likewise */
    const kr_statistics *mean;
    const kr_energy_result *energy;    /* NULL: no ledger is kept */
    const kr_transitions *transitions; /* NULL: not counted */
    kr_theory_result theory[KR_MAX_THEORIES];
    size_t theory_count;
    char warnings[KR_MAX_WARNINGS][256];
    size_t warning_count;
} kr_result;

/* All that a run gives, as rows: those of the run itself, of escape and theories (result_table.c), and of every observer of the
 * registry. Every part is always there, without a source where nothing was measured. result NULL: no part has a source. Returns how
 * many. */
enum { KR_MAX_PARTS = 16 + KR_MAX_OBSERVERS };
KR_API size_t kr_result_parts(const kr_registry *registry, const kr_result *result, kr_result_part parts[KR_MAX_PARTS]);

/* What a run needs, before it starts: its process has process_bytes already, memory_bytes come on top. The file with the first
 * passages that a moment of the same steps lets expect. seconds: from now on, of the steps, their looks and the writing; NAN where
 * a run waits for events and none was seen, 0 where it is an instant. Theories are in it when they are known (kr_run_predict). */
typedef struct kr_estimate {
    double process_bytes, memory_bytes, file_bytes, seconds;
    double processor_seconds; /* the same of all processors together, which does not depend on what else they have to do */
    double seconds_before;    /* that the start and the theories have taken */
    double memory_available, disk_available; /* NAN: unknown, or no file */
} kr_estimate;

/* Copies the scene. Fails with a message that says which limit is exceeded when memory or disk cannot do. */
KR_API kr_status kr_run_create(kr_run **run, const kr_scene *scene, const kr_run_options *options, kr_error *error);
/* From the last flush of a file. scene: empty but for the registry (NULL: the best); becomes that of the file, which the caller
 * destroys. steps: the run's new length (0: as in the file). seed: branch into the new file options->output
 * with this seed from here on; NULL: goes on in the file. */
KR_API kr_status kr_run_resume(kr_run **run, kr_scene *scene, const char *file, uint64_t steps, const uint64_t *seed,
                               const kr_run_options *options, kr_error *error);
KR_API void kr_run_destroy(kr_run *run);

KR_API kr_estimate kr_run_estimate(const kr_run *run);
/* Computes the theories now instead of at the first kr_run_result, so that the estimate knows what they take; interrupted, they are
 * left to that. */
KR_API void kr_run_predict(kr_run *run);
KR_API bool kr_run_finished(const kr_run *run);
/* To the next step that somebody waits for: the file, the check of the ends, an observer without sample_part. KR_DIVERGED when too
 * many particles are non-finite: the run is then finished and keeps its result. KR_INTERRUPTED (interrupt.h): after an earlier
 * step, or during a look of an observer; the run can be concluded, and after a look its file goes on from the flush before. */
KR_API kr_status kr_run_advance(kr_run *run, kr_error *error);
/* Closes the file. KR_INTERRUPTED: the results that were not there yet are left out, and resuming the file makes them. */
KR_API kr_status kr_run_finish(kr_run *run, kr_error *error);
/* As of now; theories are computed at the first call, unless they are known. Borrowed from the run. */
KR_API const kr_result *kr_run_result(kr_run *run);
KR_API kr_view kr_run_view(const kr_run *run);
/* Of the repeats finished so far; NULL: events are counted. */
KR_API const kr_splitting_result *kr_run_splitting(const kr_run *run);
KR_API uint64_t
kr_run_steps(const kr_run *run); /* where it ends; a splitting counts its repeats instead of steps, here and in the view */

/* Theory without a run. results: at least KR_MAX_THEORIES. */
KR_API kr_status kr_run_theories(const kr_scene *scene, kr_theory_result *results, size_t *count, kr_error *error);

KR_END_DECLARATIONS

#endif
