/* Escape cycle by cycle under a schedule that comes in cycles. */
#ifndef KRAMERS_CYCLE_SURVIVAL_H
#define KRAMERS_CYCLE_SURVIVAL_H

#include <kramers/theory.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_cycle {
    uint64_t first, steps;                     /* the last cycle may be cut short by the end of the run */
    double highest;                            /* learning rate */
    double chain, adiabatic;                   /* probability to escape in this cycle for those still there; NAN: not predicted */
    double chain_survival, adiabatic_survival; /* at its end */
} kr_cycle;

enum { KR_MAX_CYCLES = 1000 };

typedef struct kr_cycle_survival {
    size_t count; /* at most KR_MAX_CYCLES, the first ones; a schedule without cycles is one as long as the run */
    kr_cycle *cycle;
    double chain_accuracy;                   /* absolute error of chain_survival */
    char chain_why[256], adiabatic_why[256]; /* why there is none; empty: there is */
    double half_rate; /* largest learning rate (the schedule's lr) with which half escape in the first cycle, step by step; NAN: */
    char half_why[256];
} kr_cycle_survival;

/* Of a run of this many steps. Everything else of the schedule stays when lr is varied for half_rate. */
KR_API kr_status kr_cycle_survival_predict(kr_cycle_survival *cycles, const kr_problem *problem, uint64_t steps, kr_error *error);
KR_API void kr_cycle_survival_destroy(kr_cycle_survival *cycles);

KR_END_DECLARATIONS

#endif
