/* Rare escapes by adaptive multilevel splitting.
 *
 *     kr_splitting_create(&splitting, &setup, &error);
 *     while (!kr_splitting_finished(splitting)) kr_splitting_advance(splitting, &error);   // stop between calls as you like
 *     const kr_splitting_result *result = kr_splitting_result_now(splitting);
 *
 * What is measured is the mean first-passage time of an ensemble whose particles start again when they arrive, as if its events
 * had been counted. Let A be the set where the reaction coordinate is at most `basin` (and, with inertia, the energy at most
 * `energy`), and an entrance the first time after A (or after a start) at which the coordinate is above `surface` or the target is
 * reached. In the stationary state of that process
 *
 *     mean first-passage time = mean time between entrances / P(target before A | entrance),
 *
 * which is exact for every choice of A and surface (Hill 1989). The time is measured directly; the probability by splitting, whose
 * estimator is unbiased in discrete time with any number of replicas: all replicas whose highest level is at or below that of the
 * k-th are killed, and copies of the others go on from their first point strictly above it (Brehier, Gazeau, Goudenege, Lelievre,
 * Rousset 2016; Cerou, Delyon, Guyader, Rousset 2019). Repeats are independent; the interval comes from their scatter.
 *
 * It pays where paths climb by many small steps. Where they leap over the barrier in one step from far below (noise that vanishes
 * on the way, steps near instability), all depends on leaps that few repeats see: the mean is still unbiased, but its scatter, and
 * so the interval, come out too small until such repeats are many.
 *
 * Same setup and seed give the same bits for any number of threads and any instruction set.
 */
#ifndef KRAMERS_SPLITTING_H
#define KRAMERS_SPLITTING_H

#include <kramers/ensemble.h>
#include <kramers/escape.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_splitting kr_splitting;

typedef struct kr_splitting_setup {
    /* One target, a constant learning rate; particles, block_size, burn_in, absorb and bridge are not used. */
    kr_ensemble_setup ensemble;
    uint64_t replicas, repeats;
    const char *coordinate; /* "path", or the number of a coordinate; NULL: path */
} kr_splitting_setup;

typedef struct kr_splitting_repeat {
    double probability;   /* of the target before A from an entrance; 0 when all replicas died */
    double loop_steps;    /* mean steps between entrances */
    double mfpt_steps;    /* loop_steps / probability; INFINITY when all replicas died */
    uint64_t levels;      /* at which replicas were killed */
    uint64_t transitions; /* replicas that reached the target */
} kr_splitting_repeat;

typedef struct kr_splitting_result {
    uint64_t repeats, wanted; /* finished ones, and how many were asked for */
    uint64_t replicas;
    const kr_splitting_repeat *repeat;      /* [repeats], in their order */
    double basin, surface;                  /* of the reaction coordinate */
    double energy;                          /* kinetic and potential, at most that in A; NAN: dynamics without velocities */
    uint64_t relaxation_steps;              /* after so many the start is forgotten; measured */
    bool relaxed;                           /* false: it was remembered for longer than one can wait */
    double probability, loop_steps, levels; /* means over the repeats */
    double probability_error;               /* standard error of the mean */
    uint64_t transitions, extinct;          /* extinct: repeats in which all replicas died */
    uint64_t particle_steps;
    uint64_t diverged; /* paths that became non-finite */
    uint64_t paths;
    kr_escape_estimate escape;           /* events = transitions; no exposure (NAN); intervals by Student's t from the repeats */
    double rate_steps, rate_steps_error; /* per step, and its standard error; NAN with fewer than two repeats */
} kr_splitting_result;

/* Looks how fast the start is forgotten and where particles are then, and chooses A and surface. Borrowed pointers must outlive
 * the splitting. */
KR_API kr_status kr_splitting_create(kr_splitting **splitting, const kr_splitting_setup *setup, kr_error *error);
/* About what the replicas will need at most, from what the paths so far have shown. */
KR_API double kr_splitting_memory_bytes(const kr_splitting *splitting);
KR_API void kr_splitting_destroy(kr_splitting *splitting);
/* A fraction of a second's work. */
KR_API kr_status kr_splitting_advance(kr_splitting *splitting, kr_error *error);
KR_API bool kr_splitting_finished(const kr_splitting *splitting);
/* Of the repeats finished so far; valid until the next call. */
KR_API const kr_splitting_result *kr_splitting_result_now(kr_splitting *splitting);

/* (measured - predicted) rate in standard errors of the measured one; positive: more escapes than predicted. NAN when nothing can
 * be said. Its law is Student's with repeats - 1 degrees of freedom. */
KR_API double kr_splitting_z(const kr_splitting_result *result, double mean_steps);

KR_END_DECLARATIONS

#endif
