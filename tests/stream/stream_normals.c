/* What is counted of normals: a cube of blocks, two steps by two coordinates by two streams by two seeds, every pair of which is
 * multiplied, so that also a seed that repeats another one a step later is seen. */
#include "stream_isa.h"

#include <math.h>
#include <string.h>

static vector_numbers load(const double *x) {
    vector_numbers v;
    memcpy(&v, x, sizeof v);
    return v;
}

static double sum(vector_numbers v) {
    double total = 0;
    for (size_t lane = 0; lane < NUMBERS_WIDE; lane++) total += v[lane];
    return total;
}

static kr_draw corner_place(const stream_source *source, uint64_t block, unsigned corner) {
    static const unsigned streams[4][2] = {{KR_STREAM_THERMAL, KR_STREAM_GRADIENT_NOISE},
                                           {KR_STREAM_THERMAL, KR_STREAM_START_MOMENTUM},
                                           {KR_STREAM_THERMAL_SECOND, KR_STREAM_GRADIENT_SECOND},
                                           {KR_STREAM_THERMAL, KR_STREAM_THERMAL_SECOND}};
    kr_draw d = {.first = block % 256 * CORNER_SIZE, .step = 2 * (block / 256), .coordinate = (unsigned)(2 * (block / 4 % 4))};
    d.step += corner & 1;
    d.coordinate += corner >> 1 & 1;
    d.stream = streams[block % 4][corner >> 2 & 1];
    d.seed = source->seed;
    if (corner >> 3) d.seed = block / 16 % 2 ? d.seed ^ UINT64_C(1) << 32 : d.seed + 1;
    return d;
}

static void make_corners(const stream_source *source, uint64_t block, double *restrict x) {
    for (unsigned corner = 0; corner < CORNERS; corner++) {
        kr_draw d = corner_place(source, block, corner);
        if (source->lagged) {
            d.step += d.seed - source->seed;
            d.seed = source->seed;
        }
        source->kernels->normals(d, 1, CORNER_SIZE, x + corner * CORNER_SIZE);
    }
    if (source->scale != 1.0)
        for (size_t i = 0; i < (size_t)CORNERS * CORNER_SIZE; i++) x[i] *= source->scale;
}

/* ---- each by itself ---- */

static void count_moments(size_t n, const double *restrict x, double *restrict power) {
    vector_numbers total[MOMENTS + 1] = {0};
    for (size_t i = 0; i < n; i += NUMBERS_WIDE) {
        vector_numbers v = load(x + i), p = v;
        for (int k = 1; k <= MOMENTS; k++, p *= v) total[k] += p;
    }
    for (int k = 1; k <= MOMENTS; k++) power[k] += sum(total[k]);
}

static void count_tails(size_t n, const double *restrict x, normal_counts *counts) {
    vector_flags above[TAILS + 1] = {0}, below[TAILS + 1] = {0};
    for (size_t i = 0; i < n; i += NUMBERS_WIDE) {
        vector_numbers v = load(x + i);
        for (int s = 1; s <= TAILS; s++) {
            above[s] -= (vector_flags)(v > (double)s);
            below[s] -= (vector_flags)(v < -(double)s);
        }
    }
    for (int s = 1; s <= TAILS; s++)
        for (size_t lane = 0; lane < NUMBERS_WIDE; lane++) {
            counts->above[s] += (uint64_t)above[s][lane];
            counts->below[s] += (uint64_t)below[s][lane];
        }
}

static void count_cells(size_t n, const uint32_t *restrict word, normal_counts *counts) {
    for (size_t i = 0; i < n; i++) counts->cell[word[i] >> 16]++;
    for (size_t start = 0; start < n; start += 32)
        for (size_t i = start; i < start + 16; i++) counts->joint[word[i] >> 24 << 8 | word[i + 16] >> 24]++;
}

/* ---- products ---- */

/* Sums of x y and (x^2 - 1)(y^2 - 1); sx and sy are x^2 - 1 and y^2 - 1. n a multiple of 16. */
static inline void multiply(size_t n, const double *restrict x, const double *restrict y, const double *restrict sx,
                            const double *restrict sy, double *restrict product, double *restrict squares) {
    vector_numbers p[2] = {0}, q[2] = {0};
    for (size_t i = 0; i < n; i += 2 * NUMBERS_WIDE)
        for (size_t k = 0; k < 2; k++) {
            p[k] += load(x + i + k * NUMBERS_WIDE) * load(y + i + k * NUMBERS_WIDE);
            q[k] += load(sx + i + k * NUMBERS_WIDE) * load(sy + i + k * NUMBERS_WIDE);
        }
    *product += sum(p[0] + p[1]);
    *squares += sum(q[0] + q[1]);
}

static void count_products(const double *restrict x, const double *restrict s, normal_counts *counts) {
    enum { PART = 128 }; /* both arrays of all corners in the first-level cache */
    double product[CORNER_PAIRS] = {0}, squares[CORNER_PAIRS] = {0};
    for (size_t part = 0; part < CORNER_SIZE; part += PART)
        for (size_t a = 1, pair = 0; a < CORNERS; a++)
            for (size_t b = 0; b < a; b++, pair++) {
                size_t left = a * CORNER_SIZE + part, right = b * CORNER_SIZE + part;
                multiply(PART, x + left, x + right, s + left, s + right, &product[pair], &squares[pair]);
            }
    for (size_t pair = 0; pair < CORNER_PAIRS; pair++) {
        counts->product[pair] += product[pair];
        counts->squares[pair] += squares[pair];
    }
}

static void count_lags(const double *restrict x, const double *restrict s, normal_counts *counts) {
    for (size_t k = 0; k < PARTICLE_LAGS; k++) {
        size_t lag = (size_t)stream_particle_lags[k], n = (CORNER_SIZE - lag) / 16 * 16;
        multiply(n, x, x + lag, s, s + lag, &counts->lag_product[k], &counts->lag_squares[k]);
        counts->lagged[k] += n;
    }
}

void STREAM(count_normals)(const stream_source *source, double *scratch, normal_counts *counts) {
    const size_t n = (size_t)CORNERS * CORNER_SIZE;
    double *x = scratch, *s = x + n;
    uint32_t *word = (uint32_t *)(void *)(s + n);
    uint64_t block = counts->blocks;
    make_corners(source, block, x);
    for (size_t i = 0; i < n; i++) s[i] = fma(x[i], x[i], -1.0);
    STREAM(uniform)(n, x, word);
    count_moments(n, x, counts->power);
    count_tails(n, x, counts);
    count_cells(n, word, counts);
    count_products(x, s, counts);
    size_t corner = block % CORNERS * CORNER_SIZE;
    count_lags(x + corner, s + corner, counts);
    counts->blocks++;
}
