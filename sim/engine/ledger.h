/* What dynamics report to the energy ledger, when block->ledger is there. Call each just before what it is named after, but for
 * kr_ledger_moved, which comes after the positions have changed. None of them changes the particles. */
#ifndef KR_LEDGER_H
#define KR_LEDGER_H

#include <kramers/energy.h>

#include "block.h"

struct kr_ledger {
    double *account[KR_ENERGY_ACCOUNTS]; /* [n] of the block's particles */
    double *gross;                       /* [n] sum of the sizes of all entries */
    double *potential;                   /* [n] at the positions */
    double *energy;                      /* [n] work space */
    double *before;                      /* [n] work space */
    double *clean;                       /* [dim][n] gradient without noise */
};

/* m becomes mu m + kick share g~, kinetic energy scale m^2 / 2 per coordinate; g~ is gradient, taken at where. share[dim][n] may be
 * NULL: 1. What mu takes is friction; what the noiseless gradient changes is an exchange with the potential; the rest is the noise.
 */
void kr_ledger_kick(kr_block *block, double scale, double mu, const double *m, double kick, const double *share,
                    const double *where, const double *gradient);
/* p becomes c p + amplitude normal, kinetic energy p^2 / 2. */
void kr_ledger_thermostat(kr_block *block, double c, double amplitude, const double *normal, const double *p);
void kr_ledger_moved(kr_block *block);

/* For the engine. */
void kr_ledger_begin(kr_block *block);
/* kinetic + potential at this learning rate into energy[n]; kinetic alone when potential is NULL. Overwrites scratch. */
void kr_ledger_energy(const kr_dynamics *dynamics, kr_block *block, double learning_rate, const double *potential, double *energy);
/* The learning rate changes. */
void kr_ledger_rate(const kr_dynamics *dynamics, kr_block *block, double before, double after);
void kr_ledger_post(struct kr_ledger *ledger, kr_energy_account account, size_t p, double amount);

#endif
