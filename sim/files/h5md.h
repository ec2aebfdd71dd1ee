/* The parts of the H5MD writer. H5MD: de Buyl, Colberg, Hoefling, Comput. Phys.
 * Commun. 185, 1546 (2014), version 1.1. */
#ifndef KRAMERS_H5MD_H
#define KRAMERS_H5MD_H

#include <kramers/basin.h>
#include <kramers/trajectory.h>

#include "base/elapsed.h"
#include "h5md_names.h"
#include "hdf5/hdf5_read.h"
#include "hdf5/hdf5_write.h"
#include "store.h"

/* ---- parts that every H5MD file has (h5md.c; the scene: trajectory_parameters.c) ---- */

/* One time-dependent H5MD element. */
typedef struct kr_element {
    const char *name;
    bool of_particles;      /* below /particles/trajectory, else below /observables */
    hsize_t row[2];         /* size of one frame */
    size_t rank;            /* axes of one frame: 0 to 2 */
    size_t words;           /* numbers in one frame */
    double *waiting;        /* [frames][words] */
    const char *doc, *unit; /* unit NULL: none is stored */
} kr_element;

/* rows and columns as rank says. */
static inline kr_element kr_element_make(const char *name, bool of_particles, size_t rank, size_t rows, size_t columns,
                                         const char *doc) {
    return (kr_element){.name = name,
                        .of_particles = of_particles,
                        .row = {rows, columns},
                        .rank = rank,
                        .words = (rank > 0 ? rows : 1) * (rank > 1 ? columns : 1),
                        .doc = doc};
}
void kr_element_path(const kr_element *element, const char *member, char *path, size_t size);
void kr_h5md_begin(kr_h5 *h5, size_t width); /* format, author and program, and a box without bounds */
/* Fails where the file says that it is of a format that this version does not read, or of one that has checksums (store_anchor.h)
 * when those were not found: format is kr_store_format, 0: nobody has looked for them. */
void kr_h5md_check_format(kr_h5 *h5, uint64_t format);
void kr_h5_check_format(kr_h5 *h5, const char *place, uint64_t format); /* the same of a file that says it elsewhere */
void kr_h5md_numbers(kr_h5 *h5, uint64_t particles);
/* All share the steps and times of the first. flush: rows that are usually added at once. */
void kr_h5md_elements(kr_h5 *h5, const kr_element *element, size_t count, uint64_t flush);
/* Rows from..from + rows - 1 of all elements, from their waiting frames. */
void kr_h5md_append(kr_h5 *h5, const kr_element *element, size_t count, uint64_t from, uint64_t rows, const int64_t *step,
                    const double *time);
/* /parameters/kramers: a scene (kr_scene_record_make) as text and attributes. flush: as an attribute; 0: none. */
void kr_h5md_scene(kr_h5 *h5, const kr_scene *scene, const char *text, uint64_t flush);
/* Refuses a file whose attributes say other settings than the scene, which is that of its text. */
void kr_h5md_check_scene(kr_h5 *h5, const kr_scene *scene);
/* The file's text of the scene, the caller frees it; NULL after a failure. */
char *kr_h5md_read_scene(kr_h5 *h5);
/* Plug-ins from outside: an attribute of parent, where the registry has any. */
void kr_h5md_plugins(kr_h5 *h5, hid_t parent, const kr_registry *registry);
/* Fails where the file was made with a plug-in that the registry has not, or has from another build. NULL: a built-in registry. */
void kr_h5md_check_plugins(kr_h5 *h5, const kr_registry *registry);

/* ---- the writer ---- */

/* The element that a row of an observer's frame data fills. */
typedef struct kr_frame_source {
    kr_element *element;
    const kr_observer *observer;
    const kr_frame_data *row;
} kr_frame_source;

struct kr_trajectory {
    kr_store *store;
    const kr_scene *scene;
    const kr_landscape *landscape;
    const kr_dynamics *dynamics;
    const kr_drive *const *drive; /* [drives], one for each phase; NULL: nothing changes with the step */
    size_t drives, present;
    uint64_t every, particles; /* particles: recorded; every 0: no frames */
    uint64_t save_every;       /* without frames, what there is is saved so often */
    bool save_due;
    size_t dim, width; /* width: coordinates written, 3 for MDAnalysis */
    bool mdanalysis;
    kr_scene recorded;
    char *scene_text; /* of recorded */

    kr_element *element; /* [elements], fixed at the beginning */
    size_t elements;
    kr_element *driven; /* [driven_count], one for each number that some drive has */
    size_t driven_count;
    kr_element *position, *velocity, *force, *learning_rate, *temperature, *potential, *kinetic, *population;
    kr_observer *const *observers; /* [observer_count], borrowed */
    size_t observer_count;
    kr_frame_source *frame_source; /* [frame_sources] */
    size_t frame_sources;
    uint64_t *kept_written;            /* [observer_count] positions that the observer keeps and the file has */
    uint64_t flush, waiting, capacity; /* in frames */
    kr_elapsed first_frame;            /* what it took; 0: it was written by another process */
    int64_t *step;
    double *time;
    int64_t last_step;    /* seen by sample; -1: none */
    kr_event_list events; /* waiting */
    size_t events_flush;  /* so many of them make a flush, too */

    uint64_t frames_written, events_written, commits;
    bool finished;  /* the file has the result of just this state */
    bool fell_back; /* opened at the checkpoint before a damaged one */
    size_t checkpoint_words;
    uint64_t place[2]; /* of the checkpoint's slots in the file */

    kr_basins *basins; /* NULL: no populations */
    double *scratch;   /* of a frame */
    size_t scratch_size;
    double *speed; /* velocities of all particles */
    size_t speed_size;
};

/* trajectory_observed.c: what observers add to a frame: how many elements at most; the elements; their numbers. */
size_t kr_trajectory_observed_most(const kr_trajectory *t);
kr_status kr_trajectory_observed_plan(kr_trajectory *t, kr_error *error);
kr_status kr_trajectory_observed_frame(kr_trajectory *t, const kr_view *view, kr_error *error);

/* trajectory_kept.c: the positions that observers keep. append: those that are new, which done says are in the file. */
kr_status kr_trajectory_kept_plan(kr_trajectory *t, kr_error *error);
void kr_trajectory_kept_layout(kr_h5 *h5, const kr_trajectory *t);
void kr_trajectory_kept_append(kr_h5 *h5, const kr_trajectory *t);
void kr_trajectory_kept_done(kr_trajectory *t);
/* To as many as the observers have. */
void kr_trajectory_kept_cut(kr_h5 *h5, const kr_trajectory *t);

/* What one frame holds and how many frames make a flush (trajectory_layout.c). */
kr_status kr_trajectory_plan(kr_trajectory *t, kr_error *error);
kr_status kr_trajectory_layout(kr_trajectory *t, kr_error *error); /* writes the static parts of a new file */

/* trajectory_frame.c */
kr_status kr_trajectory_frame(kr_trajectory *t, const kr_view *view, kr_error *error);

/* trajectory_events.c: the table of first passages. */
extern const char *const kr_events_path;
hid_t kr_event_type(bool packed);

/* trajectory_results.c: what was measured and predicted. */
typedef struct kr_trajectory_result {
    const kr_view *view;
    const kr_result_part *parts;
    size_t count;
} kr_trajectory_result;
void kr_trajectory_write_result(kr_h5 *h5, const kr_trajectory_result *result);

/* trajectory_checkpoint.c: two slots, written in turn; the newest whole one counts. */
typedef struct kr_commit {
    uint64_t number, frames, events, step, words, checksum; /* number 0: never written */
} kr_commit;
void kr_checkpoint_layout(kr_h5 *h5, const kr_trajectory *t);
/* Whether it is one of the data sets of checkpoints. */
bool kr_checkpoint_owns(const char *path);
/* Into a file that is being made from what is whole in another one: those checkpoints that are whole and need no more frames and
 * events than this. A run cannot go on from the others, which stay as damaged ones. */
void kr_checkpoint_save(kr_h5 *from, kr_store *source, kr_h5 *to, uint64_t frames, uint64_t events);
/* The slots, where they are as they must be, are written past sessions. */
void kr_checkpoint_leave_out(kr_h5 *h5, kr_store *store);
/* Where the slots are, and the newest whole commit (number 0: none) with its words when words is not NULL; the caller frees. */
kr_status kr_checkpoint_read(kr_store *store, uint64_t place[2], kr_commit *newest, uint64_t **words, kr_error *error);
/* Whether the checkpoint is older than one that was lost. A file that was not damaged has a whole newest one at every moment. */
kr_status kr_checkpoint_fell_back(kr_store *store, const kr_commit *commit, bool *fell_back, kr_error *error);
/* Before a session: the words into the older slot. In it: the commit, which makes them count. */
kr_status kr_checkpoint_write(kr_trajectory *t, const uint64_t *words, kr_commit *commit, kr_error *error);
void kr_checkpoint_commit(kr_h5 *h5, const kr_commit *commit);

#endif
