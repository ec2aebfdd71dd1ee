/* H5MD files: written so that a run killed at any moment leaves a file that opens and from which it resumes to the same bytes.
 *
 * Between flushes the file is closed: frames wait in memory, each flush opens the file, appends, writes a checkpoint and closes.
 * So other programs can read it while it grows, and an unbroken run and a resumed one make the same HDF5 calls.
 */
#ifndef KRAMERS_TRAJECTORY_H
#define KRAMERS_TRAJECTORY_H

#include <kramers/durability.h>
#include <kramers/observer.h>
#include <kramers/result_row.h>
#include <kramers/scene.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_trajectory kr_trajectory;

/* Creates the file (refused when it exists, unless overwrite) with its static parts, and the writer. drive[drives]: numbers that
 * change with the step in each phase, recorded with every frame; NULL in it: none. observers: their frame data go with every frame;
 * borrowed, alive as long as the writer. checkpoint_words: size of the state that each flush keeps. */
KR_API kr_status kr_trajectory_create(kr_trajectory **trajectory, const char *file, bool overwrite, const kr_scene *scene,
                                      const kr_landscape *landscape, const kr_dynamics *dynamics, const kr_drive *const *drive,
                                      size_t drives, kr_observer *const *observers, size_t observer_count, size_t checkpoint_words,
                                      kr_error *error);
/* Opens a file for going on: what was written after the last complete checkpoint is dropped. */
KR_API kr_status kr_trajectory_reopen(kr_trajectory **trajectory, const char *file, const kr_scene *scene,
                                      const kr_landscape *landscape, const kr_dynamics *dynamics, const kr_drive *const *drive,
                                      size_t drives, kr_observer *const *observers, size_t observer_count, size_t checkpoint_words,
                                      kr_error *error);
/* Whether a file was opened at the checkpoint before its newest one, which is damaged. */
KR_API bool kr_trajectory_fell_back(const kr_trajectory *trajectory);
/* What of the file survives a loss of power from here on; KR_DURABILITY_FLUSH at first. */
KR_API kr_status kr_trajectory_durable(kr_trajectory *trajectory, kr_durability durability, kr_error *error);
/* The numbers that change are those of drive number i from here on; it is that of 0 at first. */
KR_API void kr_trajectory_follow(kr_trajectory *trajectory, size_t i);
KR_API void kr_trajectory_destroy(kr_trajectory *trajectory);

/* Keeps this frame if its step is on the cadence (step 0 is), and the events of the last advance. */
KR_API kr_status kr_trajectory_sample(kr_trajectory *trajectory, const kr_view *view, kr_error *error);
/* True when enough frames wait: the caller then makes its checkpoint and calls flush. */
KR_API bool kr_trajectory_due(const kr_trajectory *trajectory);
KR_API kr_status kr_trajectory_flush(kr_trajectory *trajectory, const uint64_t *checkpoint, kr_error *error);
/* Last flush, then what was measured and predicted, from these rows, below /parameters. A run that has not ended is taken back to
 * its last flush when it goes on, so that it gets the bytes of one that was never stopped. */
KR_API kr_status kr_trajectory_finish(kr_trajectory *trajectory, const uint64_t *checkpoint, const kr_view *view,
                                      const kr_result_part *parts, size_t count, bool ended, kr_error *error);

/* Steps between samples that the file waits for: its frames or, where it has none (trajectory.every 0), saved states. */
KR_API uint64_t kr_trajectory_save_every(const kr_scene *scene);
/* What is known of a run before it starts; steps, events: those that it is expected to have, which may end before the scene's. */
typedef struct kr_trajectory_run {
    size_t dim, checkpoint_words;
    bool velocity;
    double steps, events;
} kr_trajectory_run;

enum { KR_HDF5_BYTES = 9 << 19 }; /* of memory that HDF5 takes for itself in the process that uses it first, measured */

/* Bytes: of the file at its end without passages, of each of these in it, and of memory beside the checkpoint. How often it is
 * flushed. */
typedef struct kr_trajectory_need {
    double file, event, memory, flushes;
} kr_trajectory_need;

KR_API kr_trajectory_need kr_trajectory_needs(const kr_scene *scene, const kr_trajectory_run *run);
/* Bytes of the file when so many steps more are done, with so many passages in them; without what observers keep. */
KR_API double kr_trajectory_grown(const kr_trajectory *trajectory, double steps, double events);
/* What a frame of this view takes, on the clock and of all processors together: one is made and forgotten. */
KR_API void kr_trajectory_time_frame(kr_trajectory *trajectory, const kr_view *view, double *seconds, double *processor_seconds);

/* For resume: the scene's text and the newest complete checkpoint of a file; both malloc'd, the caller frees them.
 * KR_BAD_ARGUMENT when its random numbers are of another generator (generator.h), or when the registry has not the plug-ins from
 * outside that the file was made with (NULL: it has none). */
KR_API kr_status kr_trajectory_read(const char *file, const kr_registry *registry, char **scene_text, uint64_t **checkpoint,
                                    size_t *words, kr_error *error);

/* For resume, after the observers were restored: what they keep beside their state (kr_kept_positions), which the file has. */
KR_API kr_status kr_trajectory_recall(const char *file, kr_observer *const *observers, size_t observer_count, uint64_t particles,
                                      size_t dim, kr_error *error);

/* Passages up to the newest complete checkpoint of a file, some at a time, in their order. */
KR_API kr_status kr_trajectory_read_events(const char *file, void (*take)(void *context, const kr_event *event, size_t count),
                                           void *context, kr_error *error);

/* The step that a file's result is of, as every reader sees it; 0: it has none. A run that was interrupted goes on from its last
 * flush, which may be earlier. */
KR_API uint64_t kr_trajectory_steps_done(const char *file);
/* KR_IO when what a file says a run was made of is not this scene, which is that of its own text. */
KR_API kr_status kr_trajectory_check_scene(const char *file, const kr_scene *scene, kr_error *error);
/* KR_BAD_ARGUMENT when the energies that a file keeps of its landscape are not those of this one. */
KR_API kr_status kr_trajectory_check_landscape(const char *file, const kr_landscape *landscape, kr_error *error);

KR_END_DECLARATIONS

#endif
