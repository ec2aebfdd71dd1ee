/* Pruning: which coordinates of each particle stop for good, at 0.
 *
 * Every particle loses its own ones. They have no gradient and get no noise from then on, whatever the dynamics, and their momenta
 * and buffers are 0. J. Frankle, M. Carbin, The lottery ticket hypothesis, ICLR 2019. */
#ifndef KRAMERS_PRUNE_H
#define KRAMERS_PRUNE_H

#include <kramers/ensemble.h>

KR_BEGIN_DECLARATIONS

/* Which go first: those with the smallest |x|, of equals the lowest number; any; those with the smallest |x| at step 0. */
enum { KR_PRUNE_MAGNITUDE, KR_PRUNE_RANDOM, KR_PRUNE_INITIAL_MAGNITUDE };
/* What the fraction is of: all that may go, or of each layer of a network by itself. */
enum { KR_PRUNE_GLOBAL, KR_PRUNE_LAYER };

typedef struct kr_prune {
    double fraction;
    int by, scope;
    bool biases;    /* of a network may go, too; of other landscapes every coordinate may */
    bool iterative; /* the fraction is of what still moves; else of everything, pruned before or not */
} kr_prune;

/* Why such an ensemble cannot be pruned in this way; the message says what is meant instead. */
KR_API kr_status kr_prune_check(const kr_prune *how, const kr_ensemble_setup *setup, kr_error *error);

KR_END_DECLARATIONS

#endif
