/* The ensemble: the only thing that changes. The caller owns the loop:
 *
 *     kr_ensemble_create(&ensemble, &setup, &error);
 *     while (...) { kr_ensemble_advance(ensemble, 1000, &error);  kr_view view = kr_ensemble_view(ensemble);  ... }
 *     kr_ensemble_destroy(ensemble);
 *
 * Same setup and seed give the same bits for any number of threads, block size, instruction set and pattern of calls.
 */
#ifndef KRAMERS_ENSEMBLE_H
#define KRAMERS_ENSEMBLE_H

#include <kramers/drive.h>
#include <kramers/event_list.h>
#include <kramers/registry.h>
#include <kramers/target.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_ensemble kr_ensemble;

/* Borrowed pointers must outlive the ensemble. */
typedef struct kr_ensemble_setup {
    const kr_registry *registry;
    const kr_landscape *landscape;
    const kr_noise *noise;
    const kr_dynamics *dynamics;
    const kr_schedule *schedule;
    const kr_drive *drive; /* numbers of landscape, noise and dynamics that change with the step; NULL: none */
    const double *start;   /* [dim] */
    const double *spread;  /* [dim]: each departure draws every coordinate by itself, uniformly within this distance of start;
                            * copied;  NULL: start */
    bool spread_normal;    /* normal instead, with spread as standard deviation */
    const double *pool;    /* [pool_count][dim]: each departure draws its start from here; copied; NULL: start */
    size_t pool_count;
    bool pool_in_turn;        /* particle p departs from number p mod pool_count of the pool instead */
    uint64_t burn_in;         /* steps before step 0, not counted; arrivals start again */
    bool absorb;              /* arrivals are removed instead of starting again */
    bool ledger;              /* keep an energy ledger (energy.h); for dynamics with a velocity */
    bool bridge;              /* Brownian-bridge correction of the first-passage test towards continuous time */
    const kr_target *targets; /* centers filled in */
    size_t target_count;
    uint64_t particles;
    uint64_t seed;
    int threads;       /* 0: as many as OpenMP would use */
    size_t block_size; /* particles; 0: chosen from dim; never visible in results */
    /* Where a step takes long, a second set of particles is kept, so that somebody who interrupts need not wait for its end; true:
     * there is no memory for that. */
    bool finish_steps;
} kr_ensemble_setup;

KR_API kr_status kr_ensemble_create(kr_ensemble **ensemble, const kr_ensemble_setup *setup, kr_error *error);
KR_API void kr_ensemble_destroy(kr_ensemble *ensemble);

/* Does this many steps; interrupted (interrupt.h), fewer of them, and KR_INTERRUPTED. Particles that become non-finite are stopped
 * and counted, which is not an error here. */
KR_API kr_status kr_ensemble_advance(kr_ensemble *ensemble, uint64_t steps, kr_error *error);

#define KR_ABSORBED UINT64_MAX

/* What observers see between calls; pointers stay valid until the next advance. */
enum { KR_LEDGER_ACCOUNTS = 6 };

typedef struct kr_view {
    uint64_t step; /* steps done */
    double time;
    double learning_rate; /* of the step that comes next */
    uint64_t seed;        /* of the ensemble's random numbers */
    uint64_t particles;
    size_t stride; /* particles padded: coordinate i of particle p is position[i * stride + p] */
    size_t dim, auxiliary_count;
    const double *position;
    const double *auxiliary[KR_MAX_AUXILIARIES]; /* each [dim][stride] */
    const uint64_t *departure;  /* [particles] step at which the particle last left the start; KR_ABSORBED: it arrived for good */
    const uint64_t *stopped_at; /* [particles] step at which it was found non-finite or was absorbed, and set to NaN; 0: it moves */
    uint64_t diverged;          /* how many became non-finite */
    uint64_t absorbed;          /* how many arrived and stay away */
    uint64_t exposure_steps;    /* particle-steps of particles that move */
    double exposure_time;
    uint64_t events;        /* first passages since step 0 */
    const kr_event *recent; /* those of the last advance, ordered by step, then particle */
    size_t recent_count;
    const double *ledger[KR_LEDGER_ACCOUNTS]; /* [particles] each: entries of the energy ledger; NULL: none is kept */
    const double *ledger_gross, *ledger_start;
    const uint64_t *kept; /* [dim][stride / 64], bit p of word g is of particle 64 g + p: coordinates that move; NULL: all do */
    size_t kept_stride;
    const kr_landscape *landscape; /* these as the step that comes next has them */
    const kr_dynamics *dynamics;
    const kr_noise *noise;
} kr_view;

KR_API kr_view kr_ensemble_view(const kr_ensemble *ensemble);

/* Velocities [dim][stride] into the caller's array; false when the dynamics has none. */
KR_API bool kr_ensemble_velocity(const kr_view *view, double *velocity);
/* Of particles first .. first + count - 1, [dim][count]. */
KR_API bool kr_ensemble_velocity_of(const kr_view *view, size_t first, size_t count, double *velocity);

/* Coordinates of particles that are pruned, of all that move; 0 where nothing is. */
KR_API double kr_ensemble_pruned(const kr_view *view);

/* Everything that a resumed run needs (positions, auxiliaries, clocks, counters) as one flat array of 64-bit words whose
 * size depends on the setup only. */
KR_API size_t kr_ensemble_state_words(const kr_ensemble *ensemble);
KR_API void kr_ensemble_save(const kr_ensemble *ensemble, uint64_t *words);
KR_API kr_status kr_ensemble_restore(kr_ensemble *ensemble, const uint64_t *words, kr_error *error);

KR_END_DECLARATIONS

#endif
