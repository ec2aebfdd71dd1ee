/* Powers P, P^2, P^4, ... of a chain that ends at its target, as matrices over its nodes. */
#ifndef KR_CHAIN_POWERS_H
#define KR_CHAIN_POWERS_H

#include <stdbool.h>
#include <stddef.h>

enum { KR_CHAIN_POWERS_NODES = 700, KR_CHAIN_POWERS_MOST = 63 };

/* 2^j steps: matrix[n][n] from the row's node to the column's; of each node [n], the parts that have arrived and that have passed
 * a cut by then. */
typedef struct kr_chain_power {
    double *matrix, *arrived, *lost;
} kr_chain_power;

typedef struct kr_chain_powers {
    double rate; /* learning rate */
    size_t n;
    int count;
    kr_chain_power power[KR_CHAIN_POWERS_MOST];
} kr_chain_powers;

/* Room for P itself, which the caller fills in before kr_chain_powers_first. false: no memory. */
bool kr_chain_powers_create(kr_chain_powers *powers, size_t n, double rate);
void kr_chain_powers_first(kr_chain_powers *powers);
/* One more. */
bool kr_chain_powers_square(kr_chain_powers *powers);
void kr_chain_powers_destroy(kr_chain_powers *powers);

/* 2^j steps from mass[n] (of sum 1) to next[n] (of sum 1 again). Returns the sum of the changes. */
double kr_chain_powers_apply(const kr_chain_powers *powers, int j, const double *mass, double *next, double *hazard, double *lost);

#endif
