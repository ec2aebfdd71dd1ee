/* Schedules: the learning rate, or any other number of a scene, as a pure function of the step, which counts from 0. */
#ifndef KRAMERS_SCHEDULE_H
#define KRAMERS_SCHEDULE_H

#include <kramers/parameter.h>
#include <kramers/plugin.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_schedule kr_schedule;

/* A descent in gradient noise gets as far as it must where the sum of the rates diverges, and comes to rest where that of their
 * squares converges (H. Robbins, S. Monro, Ann. Math. Statist. 22, 400 (1951)). */
typedef struct kr_rate_sums {
    bool diverges;         /* sum eta_k over k = 0, 1, 2, ... */
    bool squares_converge; /* sum eta_k^2 */
} kr_rate_sums;

typedef struct kr_schedule_type {
    kr_descriptor about;                       /* every schedule has the number "lr", the largest rate, as its first parameter */
    bool constant;                             /* the rate never changes, whatever the values: theories of a constant rate apply */
    double (*steady)(const kr_schedule *self); /* optional: the rate where these values keep it the same; else NAN */
    /* Optional: whether the parameters fit together. Opens no file. */
    kr_status (*check)(const kr_schedule *self, kr_error *error);
    /* Optional: reads files and builds what `at` looks things up in, as self->state; release frees it. Otherwise a schedule keeps
     * nothing but its values, which may change from one step to the next. */
    kr_status (*prepare)(kr_schedule *self, kr_error *error);
    void (*release)(kr_schedule *self);
    /* Learning rate of step k without warmup. Exact integer arithmetic for cycles; no state; any order of queries. */
    double (*at)(const kr_schedule *self, uint64_t k);
    /* Optional, of schedules that come in cycles: first step of the cycle after the one of step k, without warmup. UINT64_MAX:
     * never (these parameters make no cycles, or the next one begins beyond what can be counted). */
    uint64_t (*next_cycle)(const kr_schedule *self, uint64_t k);
    /* Optional: the largest rate, where "lr" may be left out (NAN); otherwise it is lr. */
    double (*largest)(const kr_schedule *self);
    /* The conditions of Robbins and Monro, over infinitely many steps, for these values; and in words, when they hold. Both or
     * none. */
    kr_rate_sums (*sums)(const kr_schedule *self);
    const char *diverges, *squares_converge; /* "always", "never", "where power <= 1" */
} kr_schedule_type;

/* Linear from factor to 1 over the first steps, then the schedule from its own step 0. */
typedef struct kr_warmup {
    int64_t steps; /* 0: none */
    double factor;
} kr_warmup;
KR_API extern const kr_descriptor kr_warmup_descriptor; /* parameters of the scene's section schedule.warmup */

/* The length of a schedule that is a part of another one: a child, of no row, of the part's settings. */
typedef struct kr_part {
    int64_t steps; /* 0: not given, which only the last may leave out */
} kr_part;
KR_API extern const kr_descriptor kr_part_descriptor;

struct kr_schedule {
    const kr_schedule_type *type;
    const void *values;          /* borrowed from the scene */
    const kr_settings *settings; /* the same with its children; borrowed */
    const char *directory;       /* relative file names are relative to this; borrowed; NULL: the working directory */
    void *state;                 /* made by prepare; a copy of the schedule borrows it */
    kr_warmup warmup;
    uint64_t steps;  /* of the run less the warmup: default of parameters "steps" that are 0 */
    uint64_t origin; /* a warm restart by hand: from this step on everything, warmup included, is as it was from step 0 on */
};

/* settings are of a schedule, and must outlive it where they are. kr_schedule_destroy ends it, also after an error, where it does
 * nothing. */
KR_API kr_status kr_schedule_create(kr_schedule *self, const kr_settings *settings, const char *directory, kr_warmup warmup,
                                    uint64_t run_steps, kr_error *error);
/* The same with the warmup that is a child of the settings, as in schedules within others. */
KR_API kr_status kr_schedule_create_child(kr_schedule *self, const kr_settings *settings, const char *directory, uint64_t run_steps,
                                          kr_error *error);
KR_API void kr_schedule_destroy(kr_schedule *self);
/* What these refuse, as far as it can be known without opening a file. */
KR_API kr_status kr_schedule_check(const kr_settings *settings, kr_warmup warmup, uint64_t run_steps, kr_error *error);
KR_API kr_status kr_schedule_check_child(const kr_settings *settings, uint64_t run_steps, kr_error *error);
/* Whether the schedule, or one within it, reads a file. */
KR_API bool kr_schedule_reads_file(const kr_settings *settings);

/* The schedule as one that a number follows, instead of the learning rate: its rows lr, lr_min and lr_end are called value,
 * value_min and value_end and have the limits of the number's row; value may be the smaller one. Equal arguments give the same
 * pointer, which stays valid. NULL: there is no memory. */
KR_API const kr_schedule_type *kr_schedule_for_value(const kr_schedule_type *type, const kr_parameter *row);
/* Whether a number of this row may follow a schedule: it is one number, and sizes no arrays. */
KR_API bool kr_parameter_may_follow(const kr_parameter *row);
/* Learning rate of step k, warmup included. */
KR_API double kr_schedule_at(const kr_schedule *self, uint64_t k);
/* First step of the cycle after the one of step k; the warmup belongs to the first. UINT64_MAX: there is none. */
KR_API uint64_t kr_schedule_next_cycle(const kr_schedule *self, uint64_t k);
/* The rate when it never changes (constant, no warmup), else NAN. */
KR_API double kr_schedule_constant(const kr_schedule *self);
/* The largest rate that the schedule means to take. */
KR_API double kr_schedule_largest(const kr_schedule *self);
/* false: the schedule does not say. A warmup, which ends, changes nothing. */
KR_API bool kr_schedule_sums(const kr_schedule *self, kr_rate_sums *sums);

KR_END_DECLARATIONS

#endif
