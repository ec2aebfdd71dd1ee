/* The energy ledger of a block, and what the engine reports to it; what dynamics report is in <kramers/block.h>. */
#ifndef KR_LEDGER_H
#define KR_LEDGER_H

#include <kramers/block.h>
#include <kramers/energy.h>

struct kr_ledger {
    double *account[KR_ENERGY_ACCOUNTS]; /* [n] of the block's particles */
    double *gross;                       /* [n] sum of the sizes of all entries */
    double *potential;                   /* [n] at the positions */
    double *energy;                      /* [n] work space */
    double *before;                      /* [n] work space */
    double *clean;                       /* [dim][n] gradient without noise */
};

void kr_ledger_begin(kr_block *block);
/* kinetic + potential at this learning rate into energy[n]; kinetic alone when potential is NULL. Overwrites scratch. */
void kr_ledger_energy(const kr_dynamics *dynamics, kr_block *block, double learning_rate, const double *potential, double *energy);
/* The learning rate changes. */
void kr_ledger_rate(const kr_dynamics *dynamics, kr_block *block, double before, double after);
void kr_ledger_post(struct kr_ledger *ledger, kr_energy_account account, size_t p, double amount);

#endif
