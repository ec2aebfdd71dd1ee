/* The inside of an ensemble, shared by the loop (ensemble.c) and what makes, saves and restores it (ensemble_state.c). */
#ifndef KR_ENSEMBLE_STATE_H
#define KR_ENSEMBLE_STATE_H

#include <kramers/ensemble.h>

#include "block_storage.h"
#include "kernels.h"
#include "ledger.h"
#include "observed.h"

/* Particles of a block that have stopped, so that nobody has to look through all of them. */
typedef struct kr_stopped {
    size_t diverged, absorbed;
} kr_stopped;

/* What one thread needs, on cache lines of its own and in memory that it has touched first. */
typedef struct kr_worker {
    _Alignas(KR_CACHE_LINE) kr_block block;
    size_t tile;         /* coordinates that a step takes at once */
    size_t still;        /* lanes of the block that never move, padding and stopped particles: all NaN */
    kr_stopped *stopped; /* of the block */
    kr_block granule;    /* for particles that begin anew */
    double *point;       /* [dim] */
    uint32_t *which;     /* [block size] */
    double *before;      /* [targets][block size], coordinates before the step, for the bridge */
    kr_ledger ledger;
    double *ledger_storage;          /* owns its work space; NULL: none is kept */
    void *storage, *granule_storage; /* own all arrays of the blocks */
    double *observer_work;           /* of kr_observer_part; NULL until somebody looks */
    kr_error error;                  /* of an observer */
} kr_worker;

typedef struct kr_undo {
    bool on;                               /* in this chunk: blocks go here and not to the ensemble's own arrays */
    double *array[1 + KR_MAX_AUXILIARIES]; /* positions and auxiliaries; NULL: not needed yet */
    double *rows;                          /* the particles' other numbers as they were */
    double time_sum, time_rest;
    uint64_t drawn;
    size_t recent;
} kr_undo;

struct kr_ensemble {
    kr_ensemble_setup setup;
    size_t dim, auxiliary_count;
    size_t stride;                  /* particles padded to whole granules; padding is NaN and never moves */
    size_t block_size, block_count; /* particles of the largest block */
    int threads;

    uint64_t step;
    double time_sum, time_rest;
    uint64_t drawn; /* data that each particle's gradients have drawn, of noise that samples: the next epoch begins at a multiple of
                     * their number, whatever the batches were */
    uint64_t events, diverged, absorbed;
    bool burning_in;                       /* steps before step 0 */
    double *position;                      /* [dim][stride] */
    double *auxiliary[KR_MAX_AUXILIARIES]; /* [dim][stride] each */
    uint64_t *kept;                        /* [dim][stride / KR_GRANULE], as in a block; NULL: nothing is pruned */
    uint64_t *departure, *stopped_at;      /* [stride] */
    double *stopped_time;                  /* [stride] */
    double *ledger;                        /* [accounts, gross, start][stride]; NULL: not kept */

    kr_undo undo;          /* state before a chunk, where steps can be given up */
    double step_seconds;   /* that the last step took; 0: nobody knows yet */
    size_t pace;           /* most steps of a chunk, by the time that chunks took; never visible in results */
    kr_controls *controls; /* [KR_CHUNK_STEPS + 1] of one chunk */
    kr_moment **moments;   /* [KR_CHUNK_STEPS + 1] of the same, made when needed; NULL: nothing changes with the step */
    kr_moment *now;        /* of the step that comes next; NULL likewise */
    double *times;
    kr_worker *workers;          /* [threads] */
    kr_event_list *block_events; /* [block_count] */
    kr_stopped *stopped;         /* [block_count] */
    kr_event_list recent;
    kr_observed observed;      /* in this advance */
    double *start;             /* [dim], a copy */
    double *spread;            /* [dim], a copy; NULL: there is none */
    double *pool;              /* [pool_count][dim], a copy; NULL: all particles start at start */
    const double *pool_source; /* what it is a copy of */
};

/* kr_ensemble_advance; these observers, all with sample_part, look from inside the loop. */
kr_status kr_ensemble_advance_observed(kr_ensemble *ensemble, uint64_t steps, kr_observer *const *observer, size_t count,
                                       kr_error *error);

/* The first particle of a block, 0 to block_count: whole granules, as evenly as they go. */
static inline size_t kr_block_begin(const kr_ensemble *ensemble, size_t block) {
    return ensemble->stride / KR_GRANULE * block / ensemble->block_count * KR_GRANULE;
}

/* Whose numbers a step has: those of its moment, or of the setup. */
static inline const kr_dynamics *kr_dynamics_at(const kr_ensemble *ensemble, const kr_controls *controls) {
    return controls->moment ? controls->moment->dynamics : ensemble->setup.dynamics;
}
static inline const kr_noise *kr_noise_at(const kr_ensemble *ensemble, const kr_controls *controls) {
    return controls->moment ? controls->moment->noise : ensemble->setup.noise;
}
static inline const kr_landscape *kr_landscape_now(const kr_ensemble *ensemble) {
    return ensemble->now ? ensemble->now->landscape : ensemble->setup.landscape;
}
static inline const kr_dynamics *kr_dynamics_now(const kr_ensemble *ensemble) {
    return ensemble->now ? ensemble->now->dynamics : ensemble->setup.dynamics;
}
/* From here on the block's landscape and noise are those of this moment. */
static inline void kr_block_enter(kr_block *block, const kr_moment *moment) {
    if (!moment) return;
    block->landscape = moment->landscape;
    block->noise = moment->noise;
}
/* ensemble->now as at ensemble->step, or as at step 0 while burning in. */
kr_status kr_ensemble_settle_now(kr_ensemble *ensemble, kr_error *error);

/* The coordinates of the ensemble that move, for a block, and whether one of its particle p does. */
static inline void kr_block_prune(kr_block *block, const kr_ensemble *ensemble) {
    block->kept = ensemble->kept ? ensemble->kept + block->first / KR_GRANULE : NULL;
    block->kept_stride = ensemble->stride / KR_GRANULE;
}
static inline bool kr_block_keeps(const kr_block *block, size_t coordinate, size_t p) {
    return !block->kept || (block->kept[coordinate * block->kept_stride + p / KR_GRANULE] >> p % KR_GRANULE & 1);
}

/* First-step rule for all moving particles, of auxiliaries from number keep on; the others stay. */
void kr_ensemble_depart(kr_ensemble *ensemble, size_t keep);
kr_status kr_ensemble_burn_in(kr_ensemble *ensemble, kr_error *error);
/* Rows of ensemble->ledger beyond the accounts. */
enum { KR_LEDGER_GROSS = KR_ENERGY_ACCOUNTS, KR_LEDGER_START, KR_LEDGER_ROWS };
/* energy[stride], kinetic and potential; of dynamics with a velocity, while a ledger is kept. */
void kr_ensemble_energies(kr_ensemble *ensemble, double *energy);
/* The ledger stays balanced: what a change between two steps adds to energies before[stride] is entered as work. after[stride]:
 * room. */
void kr_ensemble_enter_work(kr_ensemble *ensemble, const double *before, double *after);
/* ensemble->stopped anew, after particles or blocks have changed; and the sums over blocks. */
void kr_ensemble_count_stopped(kr_ensemble *ensemble);
void kr_ensemble_sum_stopped(kr_ensemble *ensemble);

/* What an ensemble of this setup works with, but for the particles' own arrays; and for the pool of starts, when it is that of
 * pooled (NULL: it never is). */
kr_status kr_ensemble_shell(kr_ensemble **shell, const kr_ensemble_setup *setup, const kr_ensemble *pooled, kr_error *error);
/* Whether there can be an ensemble of this setup; and the words of its saved state. */
kr_status kr_ensemble_check(const kr_ensemble_setup *setup, kr_error *error);
size_t kr_setup_words(const kr_ensemble_setup *setup);

/* What the threads work in. */
double kr_setup_work_bytes(const kr_ensemble_setup *setup);
/* All particles at the start, all clocks at zero, and the steps before step 0. */
kr_status kr_ensemble_begin(kr_ensemble *ensemble, kr_error *error);

/* ---- going on with another setup (ensemble_change.c) ----
 * Particles stay where they are, with their clocks; landscape, noise, dynamics, schedule, targets and start change between two
 * steps. In two parts, so that several ensembles change together or not at all: prepare does everything that can fail, commit the
 * rest.
 *
 * Auxiliaries of the same kind of dynamics stay, as velocities where the same number means another velocity; what the new dynamics
 * has besides, and everything when it is of another kind, begins with its first-step rule. A carried gradient stays that of the old
 * landscape until the next one is taken. Energy that a change puts in or takes out is entered into the ledger as work. */
kr_status kr_ensemble_prepare_change(const kr_ensemble *ensemble, const kr_ensemble_setup *setup, kr_ensemble **change,
                                     kr_error *error);
/* Takes the change. */
void kr_ensemble_commit_change(kr_ensemble *ensemble, kr_ensemble *change);

#endif
