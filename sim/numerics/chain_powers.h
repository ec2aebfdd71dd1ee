/* Powers P, P^2, P^4, ... of a walk that ends at its target, as matrices over its nodes. */
#ifndef KR_WALK_POWERS_H
#define KR_WALK_POWERS_H

#include <stdbool.h>
#include <stddef.h>

enum { KR_WALK_POWERS_NODES = 700, KR_WALK_POWERS_MOST = 63 };

/* 2^j steps: matrix[n][n] from the row's node to the column's; of each node [n], the parts that have arrived and that have passed
 * a cut by then. */
typedef struct kr_walk_power {
    double *matrix, *arrived, *lost;
} kr_walk_power;

typedef struct kr_walk_powers {
    double rate; /* learning rate */
    size_t n;
    int count;
    kr_walk_power power[KR_WALK_POWERS_MOST];
} kr_walk_powers;

/* Room for P itself, which the caller fills in before kr_walk_powers_first. false: no memory. */
bool kr_walk_powers_create(kr_walk_powers *powers, size_t n, double rate);
void kr_walk_powers_first(kr_walk_powers *powers);
/* One more. */
bool kr_walk_powers_square(kr_walk_powers *powers);
void kr_walk_powers_destroy(kr_walk_powers *powers);

/* 2^j steps from mass[n] (of sum 1) to next[n] (of sum 1 again). Returns the sum of the changes. */
double kr_walk_powers_lead(const kr_walk_powers *powers, int j, const double *mass, double *next, double *hazard, double *lost);

#endif
