/* Survival: the probability of not having arrived yet after so many steps, measured; and beside it, on the same steps, what is
 * predicted (survival_predicted.h). */
#ifndef KRAMERS_SURVIVAL_H
#define KRAMERS_SURVIVAL_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_survival {
    size_t count;       /* rows; 0: none */
    uint64_t *step;     /* [count] ascending, the first is 0 */
    double *measured;   /* Kaplan and Meier's estimate */
    double *low, *high; /* 95 % at each step by itself (Greenwood's variance, log-log scale) */
    /* Predictions on the same steps; NULL where there is none, and then why says so in one sentence. */
    double *chain, *adiabatic;
    double chain_accuracy; /* absolute error of chain */
    char chain_why[256], adiabatic_why[256];
} kr_survival;

enum { KR_SURVIVAL_ROWS = 201 };

/* Everything allocated with malloc; the structure is reset. */
KR_API void kr_survival_destroy(kr_survival *survival);

/* Rows at 0, steps/200, ... up to reached, where the last row is; fewer in a shorter run. measured, low and high are NAN. */
KR_API kr_status kr_survival_create(kr_survival *survival, uint64_t steps, uint64_t reached, kr_error *error);

/* Kaplan and Meier 1958. particle p left at step 0 and was seen until step until[p], 0 standing for reached; arrived(p) tells
 * whether it arrived then, or was lost from sight (diverged, or still on its way). An arrival at a step goes before a loss at it.
 */
KR_API kr_status kr_survival_measure(kr_survival *survival, uint64_t particles, uint64_t reached, const uint64_t *until,
                                     bool (*arrived)(const void *context, uint64_t particle), const void *context, kr_error *error);

KR_END_DECLARATIONS

#endif
