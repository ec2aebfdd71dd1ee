/* Survival: the probability of not having arrived yet after so many steps, measured and predicted on one grid of steps. */
#ifndef KRAMERS_SURVIVAL_H
#define KRAMERS_SURVIVAL_H

#include <kramers/confidence.h>
#include <kramers/theory.h>

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

/* Survival of a walk from the problem's start (or Boltzmann starts, after the burn-in), predicted at steps step[count] (ascending,
 * the first is 0), for gradient descent with noise in one coordinate; false: why says why not, in one sentence.
 *
 * chain leads the density of the discrete-time walk from step to step with the learning rate of each: exact up to accuracy, an
 * absolute error. adiabatic multiplies exp(-1/n), n the exact mean number of steps at the momentary learning rate: right when the
 * rate changes slowly against the relaxation within the well. (n is the mean over the starts; burn-in does not enter.) */
KR_API bool kr_survival_chain(const kr_problem *problem, size_t count, const uint64_t *step, double *survival, double *accuracy,
                              char why[256]);
KR_API bool kr_survival_adiabatic(const kr_problem *problem, size_t count, const uint64_t *step, double *survival, char why[256]);

/* Both on the rows of survival. */
KR_API kr_status kr_survival_predict(kr_survival *survival, const kr_problem *problem, kr_error *error);

KR_END_DECLARATIONS

#endif
