/* Sums over a granule of particles, for observers. Always in the same order, by halves, which vectors of any length can follow. */
#include "engine/kernels.h"

#include <kramers/plugin.h>
#include <kramers/vector_math.h>

typedef double granule[KR_GRANULE];
_Static_assert(KR_GRANULE == 64, "the folds below are of 64 numbers");

static inline void fold(const size_t half, double *restrict x) {
    for (size_t p = 0; p < half; p++) x[p] += x[p + half];
}

static inline double total(double *restrict x) {
    fold(32, x);
    fold(16, x);
    fold(8, x);
    fold(4, x);
    fold(2, x);
    return x[0] + x[1];
}

static inline double masked(double x, uint64_t keep) {
    return kr_from_bits(kr_bits(x) & keep);
}

static size_t moving(const uint64_t *restrict stopped_at, uint64_t *restrict keep) {
    uint64_t count = 0;
    for (size_t p = 0; p < KR_GRANULE; p++) {
        uint64_t moves = stopped_at[p] == 0;
        keep[p] = 0 - moves;
        count += moves;
    }
    return (size_t)count;
}

static double sum(const double *restrict x, const uint64_t *restrict keep) {
    granule term;
    for (size_t p = 0; p < KR_GRANULE; p++) term[p] = masked(x[p], keep[p]);
    return total(term);
}

static double squares(const double *restrict x, const uint64_t *restrict keep) {
    granule term;
    for (size_t p = 0; p < KR_GRANULE; p++) {
        double kept = masked(x[p], keep[p]);
        term[p] = kept * kept;
    }
    return total(term);
}

static void moments(const double *restrict x, double origin, const uint64_t *restrict keep, double *restrict first,
                    double *restrict second) {
    granule term, square;
    for (size_t p = 0; p < KR_GRANULE; p++) {
        double d = masked(x[p] - origin, keep[p]);
        term[p] = d;
        square[p] = d * d;
    }
    *first += total(term);
    *second += total(square);
}

extern const kr_sum_kernels KR_PASTE_HOST(sum_kernels, KR_ISA);
const kr_sum_kernels KR_PASTE_HOST(sum_kernels, KR_ISA) = {.moving = moving, .sum = sum, .squares = squares, .moments = moments};
