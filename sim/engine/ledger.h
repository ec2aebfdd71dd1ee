/* The energy ledger of a block, and what the engine reports to it; what dynamics report is in <kramers/block.h>. */
#ifndef KR_LEDGER_H
#define KR_LEDGER_H

#include <kramers/block.h>
#include <kramers/energy.h>

#include "kernels.h"

struct kr_ledger {
    double *account[KR_ENERGY_ACCOUNTS]; /* [n] of the block's particles */
    double *gross;                       /* [n] sum of the sizes of all entries */
    double *potential;                   /* [n] when the last step was over */
    double *earlier;                     /* [n] before that step; not entered yet where drifted */
    double *clean;                       /* [dim][n] gradient without noise */
    const double *clean_at;              /* the positions that clean was taken at; NULL: they have changed since */
    bool moved, drifted;
    bool whole;              /* no particle stands still */
    double *energy, *before; /* [n] work space */
};

/* What is entered for a kick, in which m becomes mu m + push share g~; before and after: the drift that has not been entered yet.
 */
typedef struct kr_ledger_kick_terms {
    double scale, mu, push;
    const double *m;              /* [dim][n] */
    const double *share;          /* [dim][n]; NULL: 1 */
    const double *clean;          /* [dim][n] gradient without noise */
    const double *noisy;          /* [dim][n]; NULL: there is no noise */
    const double *before, *after; /* [n] */
    bool whole;                   /* no particle stands still */
} kr_ledger_kick_terms;

/* Entries of n particles, a multiple of KR_GRANULE; one table per instruction set. account: all of a block; gross[n]. */
typedef struct kr_ledger_kernels {
    void (*kick)(size_t dim, size_t n, const kr_ledger_kick_terms *terms, double *const *account, double *gross);
    /* p becomes c p + amplitude normal. */
    void (*thermostat)(size_t dim, size_t n, bool whole, double c, double amplitude, const double *normal, const double *p,
                       double *friction, double *thermal, double *gross);
    /* The difference of two energies. */
    void (*difference)(size_t n, const double *before, const double *after, double *account, double *gross);
    /* energy[n] += v^2 / 2 of velocity[dim][n]. */
    void (*kinetic)(size_t dim, size_t n, const double *velocity, double *energy);
} kr_ledger_kernels;

/* The block's particles are new, or have been put elsewhere. */
void kr_ledger_begin(kr_block *block);
/* A step is over: the potential where the particles are now. What it has changed by is entered with the next kick, in the same pass
 * over the accounts, or by kr_ledger_settle. */
void kr_ledger_finish_step(kr_block *block);
/* Everything is entered: somebody is about to look at the accounts. */
void kr_ledger_settle(kr_block *block);
/* kinetic + potential at this learning rate into energy[n]; kinetic alone when potential is NULL. Overwrites scratch. */
void kr_ledger_energy(const kr_dynamics *dynamics, kr_block *block, double learning_rate, const double *potential, double *energy);
/* The learning rate changes, or what the dynamics calls a velocity. */
void kr_ledger_rate(kr_block *block, const kr_dynamics *dynamics, double rate, const kr_dynamics *next, double next_rate);
/* The landscape becomes this one under the particles: it works on them. */
void kr_ledger_landscape(kr_block *block, const kr_landscape *next);
void kr_ledger_post(struct kr_ledger *ledger, kr_energy_account account, size_t p, double amount);
/* Of a particle that is no longer finite: what became of its energies is nobody's business, but the same for all block sizes. */
void kr_ledger_close(struct kr_ledger *ledger, size_t p);

/* Gradient of the landscape with weight decay, without noise, into gradient[dim][n]. */
void kr_block_clean_gradient(const kr_block *block, const double *position, double *gradient);
/* Velocity that one unit of the first auxiliary means; NAN where there is no such thing. */
double kr_unit_velocity(const kr_dynamics *dynamics, double learning_rate);

#endif
