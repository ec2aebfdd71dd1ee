/* The table of this instruction set. Normals: Philox4x32-10 and Box-Muller.
 *
 * Counter: (group of four particles, step, stream and coordinate); key: the seed and only the seed, so that runs with different
 * seeds are never lagged copies of each other. A granule of 64 particles takes 16 calls of four 32-bit words; output q of call j
 * belongs to particle 16 q + j of the granule, so that all loads and stores are contiguous.
 *
 * Each pair of words gives a pair of normals: 40 bits of radius (tail to 7.5 sigma), 24 bits of angle, both taken at the middle
 * of their cell. log and sincos are inline polynomials, within 2 ulp of libm.
 */
#include "engine/kernels.h"
#include "engine/ledger.h"
#include "philox.h"

#include <kramers/plugin.h>
#include <kramers/vector_math.h>

#include <stdbool.h>

enum { CALLS = KR_GRANULE / 4, CHUNK = 8 * CALLS };

/* One granule's share: 16 pairs of words to 16 pairs of normals. */
static void box_muller(const uint64_t *restrict words, double *restrict first, double *restrict second) {
    for (size_t j = 0; j < CALLS; j++) {
        uint64_t bits = words[j];
        /* (R + 1/2) 2^-40 with R the top 40 bits; below it the side, the exchange of x and y, and 22 bits of place in the quarter.
         */
        double uniform = kr_from_bits((bits >> 24) | KR_TWO_52_BITS) - (KR_TWO_52 - 0.5);
        double radius = sqrt(kr_log_scaled(uniform, 40.0, -2.0));
        double turn = fma(kr_from_bits((bits & 0x3fffff) | KR_TWO_52_BITS) - (KR_TWO_52 + 0x1p21), 0x1p-24, 0x1p-25);
        double sine = kr_sin_eighth(turn), cosine = kr_cos_eighth(turn);
        /* Which quarter of the circle: exchanged or not, and on which side of zero. */
        bool exchanged = (bits & 0x400000) != 0;
        double x = exchanged ? sine : cosine, y = exchanged ? cosine : sine;
        radius = kr_from_bits(kr_bits(radius) ^ (bits << 40 & UINT64_C(0x8000000000000000)));
        first[j] = radius * x;
        second[j] = radius * y;
    }
}

static void normals(uint64_t seed, uint64_t first, uint64_t step, unsigned stream, size_t dim, size_t n, double *restrict out) {
    uint64_t words[2][CHUNK];
    for (size_t i = 0; i < dim; i++) {
        uint32_t place = (uint32_t)stream << 24 | (uint32_t)i;
        for (size_t done = 0; done < n / 4; done += CHUNK) {
            size_t calls = n / 4 - done < CHUNK ? n / 4 - done : CHUNK;
            kr_philox_pairs((uint32_t)(first / 4 + done), step, place, seed, calls, words[0], words[1]);
            double *granule = out + i * n + done * 4;
            for (size_t call = 0; call < calls; call += CALLS, granule += KR_GRANULE) {
                box_muller(words[0] + call, granule, granule + CALLS);
                box_muller(words[1] + call, granule + 2 * CALLS, granule + 3 * CALLS);
            }
        }
    }
}

static size_t outside(size_t n, const double *restrict x, double low, double high) {
    uint64_t count = 0;
    for (size_t p = 0; p < n; p++) count += (uint64_t) !((x[p] > low) & (x[p] < high));
    return (size_t)count;
}

static size_t within(size_t dim, size_t n, const double *restrict x, const double *restrict center, double radius) {
    enum { WIDTH = 64 };
    uint64_t count = 0;
    for (size_t start = 0; start < n; start += WIDTH) {
        size_t width = n - start < WIDTH ? n - start : WIDTH;
        double square[WIDTH] = {0};
        for (size_t i = 0; i < dim; i++)
            for (size_t p = 0; p < width; p++) {
                double d = x[i * n + start + p] - center[i];
                square[p] = fma(d, d, square[p]);
            }
        for (size_t p = 0; p < width; p++) count += (uint64_t) !(square[p] > radius * radius);
    }
    return (size_t)count;
}

static void cross(size_t n, const double *restrict uniform, double sign, double level, double scale, const double *restrict before,
                  double *restrict after) {
    for (size_t p = 0; p < n; p++) {
        double from = sign * (level - before[p]), to = sign * (level - after[p]);
        double chance = kr_exp(scale * from * to);
        bool crossed = (from > 0) & (to > 0) & (uniform[p] < chance);
        after[p] = crossed ? level : after[p];
    }
}

/* Uniform numbers come by the granule, like normals: 52 bits from each of the pair of words; a call serves two particles. */
static void bridge(uint64_t seed, uint64_t first, uint64_t step, unsigned stream, size_t n, double sign, double level, double scale,
                   const double *restrict before, double *restrict after) {
    enum { PAIRS = KR_GRANULE / 2 };
    uint64_t words[2][PAIRS];
    double uniform[KR_GRANULE];
    for (size_t done = 0; done < n; done += KR_GRANULE) {
        kr_philox_pairs((uint32_t)((first + done) / 2), step, (uint32_t)stream << 24, seed, PAIRS, words[0], words[1]);
        for (size_t j = 0; j < PAIRS; j++) {
            uniform[j] = kr_from_bits((words[0][j] >> 12) | UINT64_C(0x3ff0000000000000)) - (1.0 - 0x1p-53);
            uniform[PAIRS + j] = kr_from_bits((words[1][j] >> 12) | UINT64_C(0x3ff0000000000000)) - (1.0 - 0x1p-53);
        }
        cross(KR_GRANULE, uniform, sign, level, scale, before + done, after + done);
    }
}

static void accumulate(size_t n, double factor, const double *restrict x, double *restrict y) {
    for (size_t p = 0; p < n; p++) y[p] = fma(factor, x[p], y[p]);
}

static void spread(size_t n, double factor, double mean, double scale, const double *restrict x, const double *restrict weight,
                   double *restrict to) {
    for (size_t j = 0; j < n; j++) {
        double z = scale * (x[j] - mean);
        to[j] = fma(factor * weight[j], kr_exp(-(z * z)), to[j]);
    }
}

static void accumulate_four(size_t n, const double a[4], const double *restrict x0, const double *restrict x1,
                            const double *restrict x2, const double *restrict x3, double *restrict y) {
    double a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];
    for (size_t i = 0; i < n; i++) y[i] += (a0 * x0[i] + a1 * x1[i]) + (a2 * x2[i] + a3 * x3[i]);
}

extern const kr_ledger_kernels KR_PASTE_HOST(ledger_kernels, KR_ISA);
extern const kr_kernels KR_PASTE_HOST(kernels, KR_ISA);
const kr_kernels KR_PASTE_HOST(kernels, KR_ISA) = {.normals = normals,
                                                   .outside = outside,
                                                   .within = within,
                                                   .bridge = bridge,
                                                   .spread = spread,
                                                   .accumulate = accumulate,
                                                   .accumulate_four = accumulate_four,
                                                   .ledger = &KR_PASTE_HOST(ledger_kernels, KR_ISA)};
