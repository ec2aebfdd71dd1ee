/* Subtraction-free solution of (I - P) x = b for a random chain on n states that ends with probability excess[i] from state i.
 *
 * LU of I - P loses all digits when the chain ends rarely: the information is in tiny row sums that are differences of numbers
 * near 1. Here a row is known by its off-diagonal entries and its excess, and elimination (Grassmann, Taksar, Heyman 1985; for
 * matrices with an excess Alfa, Xue, Ye 2002) only adds, multiplies and divides positive numbers: every x has full relative
 * accuracy. Rows are stored between their first and last entry, so that a narrow band costs little.
 */
#ifndef KR_GTH_SOLVER_H
#define KR_GTH_SOLVER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct kr_gth {
    size_t n;
    size_t *first, *last; /* columns stored of each row: [first, last) */
    size_t *reach;        /* reach[k]: no row above this one has a column >= k */
    double **row;         /* row[i][j - first[i]], probability of i -> j; the diagonal is never looked at */
    double *excess;       /* probability that the chain ends */
    double *pivot;
    double *storage;
} kr_gth;

/* first and last [n] are the columns to be filled in (borrowed); rows are widened to hold what elimination fills in.
 * false: not enough memory, or the work would exceed max_work multiplications. */
bool kr_gth_create(kr_gth *matrix, size_t n, const size_t *first, const size_t *last, double max_work);
void kr_gth_destroy(kr_gth *matrix);

/* false: some state can neither move on nor end (a pivot is not positive). */
bool kr_gth_eliminate(kr_gth *matrix);
/* The stationary probabilities of a chain that ends from state 0 alone and begins there again, up to a factor: subtraction-free
 * too, so that states which hardly ever communicate get their shares right. After the elimination. */
void kr_gth_stationary(const kr_gth *matrix, double *probability);
/* In place: b becomes x. */
void kr_gth_solve(const kr_gth *matrix, double *b);

#endif
