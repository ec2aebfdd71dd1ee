/* Observers sample the ensemble at their own cadence and never change it.
 *
 * An observer is one file in sim/observers/ that defines KR_OBSERVER. Its parameters are a section of the scene under its name;
 * from its descriptor follow defaults, range checks, --set, sweeps, `kramers list observers` and what is stored. Its result rows
 * appear in the report, in JSON, in HDF5 files and as columns of a sweep; its frame data go with the frames of a trajectory.
 */
#ifndef KRAMERS_OBSERVER_H
#define KRAMERS_OBSERVER_H

#include <kramers/ensemble.h>
#include <kramers/plugin.h>
#include <kramers/result_row.h>
#include <kramers/theory.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_observer kr_observer;
typedef struct kr_observer_type kr_observer_type;

/* First member of what an observer keeps; filled in before begin. */
struct kr_observer {
    const kr_observer_type *type;
    uint64_t every; /* sampled at steps that are multiples of this, 0 included; 0: never */
    uint64_t from;  /* first step that counts */
    int threads;    /* so many may look at parts at the same time */
};

/* What it is made for. Borrowed pointers, which outlive the observer. */
typedef struct kr_observer_setup {
    const void *values;          /* of its parameters */
    kr_problem problem;          /* landscape, noise, dynamics, schedule, start, targets; of the first phase */
    const kr_schedule *schedule; /* of the whole run, with all phases */
    uint64_t particles, steps, seed;
    int threads; /* 0: all */
} kr_observer_setup;

/* What a scene says before anything is made of it, for .check. */
typedef struct kr_observer_scene {
    const char *landscape; /* its name */
    size_t dim;
    size_t target_count;  /* 0: no escape is measured */
    bool velocity;        /* the dynamics has one */
    bool data;            /* the landscape is a mean over data (data_sum.h) */
    const char *dynamics; /* its name */
} kr_observer_scene;

/* How much it needs beside its own few numbers. */
typedef struct kr_observer_need {
    double words;       /* 64-bit words that checkpoints keep, too */
    double scratch;     /* further bytes */
    double file;        /* bytes of what files keep of it (kr_kept_positions) */
    double evaluations; /* of the loss at single points, over all data, that end() makes */
} kr_observer_need;

/* Some particles at a sample: whole granules (block.h) while they are in the cache of one thread. */
typedef struct kr_observer_part {
    kr_view view; /* of these particles alone: coordinate i of particle first + p is view.position[i * view.stride + p]; events and
                     exposure are left out. The stride is a multiple of KR_GRANULE; beyond view.particles there is padding */
    uint64_t first; /* number of the first of them in the ensemble, a multiple of KR_GRANULE */
    int thread;     /* 0 .. threads - 1: no other one has it at the same time */
    double *work;   /* [3 dim + 4][view.stride], anything */
    double *sums;   /* [part_sums] of the whole ensemble at this sample: each part fills in what belongs to its particles */
} kr_observer_part;

typedef enum kr_observer_presence {
    KR_OBSERVER_WITH_SECTION, /* only where a scene has its section, with every above 0 */
    KR_OBSERVER_WITH_CADENCE, /* every scene has its section, written or not; it is on where every is above 0 */
    KR_OBSERVER_ALWAYS        /* the same, and it is always on: where every is 0 only end() is called */
} kr_observer_presence;

/* Numbers that go with every frame of a trajectory: the H5MD element /observables/NAME. What there is at the end is a result row:
 * lists and matrices become data sets there. */
typedef struct kr_frame_data {
    const char *name; /* NULL ends a table */
    const char *doc;  /* one line for people, stored beside it */
    const char *unit; /* NULL: none is stored */
    /* How many numbers, the same throughout a run; 0: the element is left out. NULL: one, and not as a list. */
    size_t (*count)(const kr_observer *self);
    const double *(*numbers)(const kr_observer *self); /* after .frame, until the observer is called again */
    size_t offset;                                     /* of one double in the observer's struct, when numbers is NULL */
} kr_frame_data;

/* Positions of all particles that an observer keeps, at steps of its own choice. They are too many for checkpoints: files take them
 * in as they come, as the H5MD element /particles/NAME/position, and give them back to a run that goes on. */
typedef struct kr_kept_positions {
    /* How many there are; after restore() as many as there were. */
    size_t (*count)(const kr_observer *self);
    /* Number i < count: [particles][dim]. */
    void (*get)(const kr_observer *self, size_t i, uint64_t *step, double *time, double *position);
    /* After restore(), for each of them in turn. */
    kr_status (*set)(kr_observer *self, size_t i, uint64_t step, double time, const double *position, kr_error *error);
} kr_kept_positions;

struct kr_observer_type {
    /* Parameters that mean the same in all: `every`, the cadence (KR_OBSERVER_EVERY); `discard`, steps before the first sample;
     * `coordinate`, one of the landscape, which is checked against its dimension. rank: place in scenes, checkpoints, reports. */
    kr_descriptor about;
    kr_observer_presence presence;
    bool ledger; /* needs the energy ledger of the ensemble (energy.h) */

    /* Refuses a scene that it does not fit; *key: the parameter to blame (NULL: all of the section). NULL: fits all. */
    kr_status (*check)(const void *values, const kr_observer_scene *scene, const char **key, kr_error *error);
    kr_observer_need (*need)(const kr_observer_setup *setup); /* NULL: a few numbers */

    size_t size; /* of what it keeps, a struct that begins with kr_observer; zeros at begin */
    kr_status (*begin)(kr_observer *self, const kr_observer_setup *setup, kr_error *error); /* NULL: zeros are all it needs */
    kr_status (*sample)(kr_observer *self, const kr_view *view, kr_error *error);

    /* Instead of waiting for all particles to reach the sample's step: looks from inside the loop over steps, part by part, which
     * leaves the particles in the cache. With these .sample is kr_observer_sample_parts. All NULL: .sample alone.
     *
     * Several threads call sample_part at the same time, for different particles, in any order; a particle's samples come in
     * theirs. So that nobody can see how particles are divided: what depends on an order goes into sums of granules, which join()
     * adds up in the order of the particles; integers may be counted for each thread. Memory that belongs to the particles may
     * change. */
    size_t (*part_sums)(const kr_observer *self); /* NULL: 0 */
    kr_status (*sample_part)(kr_observer *self, const kr_observer_part *part, kr_error *error);
    /* After all parts of a sample, in the order of the samples. Of view only what is not a particle's: step, time, learning rate.
     */
    kr_status (*join)(kr_observer *self, const kr_view *view, const double *sums, kr_error *error);

    /* Instead of multiples of `every`, without sample_part: the first step after this one that is sampled; UINT64_MAX: none. The
     * observer is then on wherever its section is. */
    uint64_t (*next)(const kr_observer *self, uint64_t step);

    /* Results of the samples so far, at any time, also several times; may be NULL. */
    kr_status (*end)(kr_observer *self, const kr_view *view, kr_error *error);
    /* At the frames of a trajectory, whatever the cadence: computes what frame_data gives. Both NULL: nothing goes with frames. */
    kr_status (*frame)(kr_observer *self, const kr_view *view, kr_error *error);
    const kr_frame_data *frame_data;
    void (*destroy)(kr_observer *self); /* what begin has made, also when that failed half-way; NULL: nothing */

    /* State for checkpoints, as 64-bit words; NULL: none. The count depends on the setup alone. */
    size_t (*state_words)(const kr_observer *self);
    void (*save)(const kr_observer *self, uint64_t *words);
    void (*restore)(kr_observer *self, const uint64_t *words);
    const kr_kept_positions *kept; /* NULL: it keeps none */

    /* After end(). The source of rows is what .result gives; NULL: the observer itself. Their names begin with the observer's:
     * "NAME.word", "NAME/word" in files, "NAME_word" in sweeps. */
    const kr_result_row *rows;
    const void *(*result)(const kr_observer *self);
    /* Warning number 0, 1, ...; false: there are no more. NULL: never any. */
    bool (*warning)(const kr_observer *self, size_t number, char *text, size_t size);
};

/* A sample by sample_part and join of an ensemble that stands still. */
KR_API kr_status kr_observer_sample_parts(kr_observer *self, const kr_view *view, kr_error *error);

/* The row of a cadence; put it first into the table of parameters. normally: its default. */
#define KR_OBSERVER_EVERY(values, normally, what)                                                                                  \
    {                                                                                                                              \
        .name = "every", .doc = what, .unit = "steps", .type = KR_INTEGER, .offset = offsetof(values, every),                      \
        .initial = (normally), .minimum = 0, .maximum = 1e18                                                                       \
    }

/* The row of what comes before the first sample. */
#define KR_OBSERVER_DISCARD(values, what)                                                                                          \
    {                                                                                                                              \
        .name = "discard", .doc = what, .unit = "steps", .type = KR_INTEGER, .offset = offsetof(values, discard), .minimum = 0,    \
        .maximum = 1e18                                                                                                            \
    }

KR_END_DECLARATIONS

#endif
