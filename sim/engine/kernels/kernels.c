/* The table of this instruction set, and its shorter kernels. */
#include "engine/ledger.h"
#include "normals.h"
#include "philox.h"

#include <kramers/vector_math.h>

#include <stdbool.h>

static size_t outside(size_t n, const double *restrict x, double low, double high) {
    uint64_t count = 0;
    for (size_t p = 0; p < n; p++) count += (uint64_t) !((x[p] > low) & (x[p] < high));
    return (size_t)count;
}

static size_t within(size_t dim, size_t n, size_t stride, const double *restrict x, const double *restrict center, double radius) {
    enum { WIDTH = 64 };
    uint64_t count = 0;
    for (size_t start = 0; start < n; start += WIDTH) {
        size_t width = n - start < WIDTH ? n - start : WIDTH;
        double square[WIDTH] = {0};
        for (size_t i = 0; i < dim; i++)
            for (size_t p = 0; p < width; p++) {
                double d = x[i * stride + start + p] - center[i];
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

/* Uniform numbers of one granule: 52 bits from each of the pair of words, so that a call serves two particles. */
static void uniform_granule(const philox_shared *shared, uint64_t first, uint32_t place, double *restrict uniform) {
    enum { PAIRS = KR_GRANULE / 2 };
    uint64_t words[2][PAIRS];
    philox_run runs[2] = {{(uint32_t)(first / 2), place}};
    runs[1] = (philox_run){runs[0].group + PHILOX_RUN, runs[0].place};
    philox_pairs(shared, runs, 2, words[0], words[1]);
    for (size_t j = 0; j < PAIRS; j++) {
        uniform[j] = kr_from_bits((words[0][j] >> 12) | UINT64_C(0x3ff0000000000000)) - (1.0 - 0x1p-53);
        uniform[PAIRS + j] = kr_from_bits((words[1][j] >> 12) | UINT64_C(0x3ff0000000000000)) - (1.0 - 0x1p-53);
    }
}

static void uniforms(kr_draw d, size_t count, size_t dim, size_t n, double *restrict out) {
    for (size_t a = 0; a < count; a++, d.number++) {
        philox_shared shared = philox_prepare(kr_draw_step(&d), d.seed);
        for (size_t i = 0; i < dim; i++)
            for (size_t done = 0; done < n; done += KR_GRANULE, out += KR_GRANULE)
                uniform_granule(&shared, d.first + done, (uint32_t)d.stream << 24 | (uint32_t)(d.coordinate + i), out);
    }
}

static void bridge(uint64_t seed, uint64_t first, uint64_t step, unsigned stream, size_t n, double sign, double level, double scale,
                   const double *restrict before, double *restrict after) {
    double uniform[KR_GRANULE];
    philox_shared shared = philox_prepare(step, seed);
    for (size_t done = 0; done < n; done += KR_GRANULE) {
        uniform_granule(&shared, first + done, (uint32_t)stream << 24, uniform);
        cross(KR_GRANULE, uniform, sign, level, scale, before + done, after + done);
    }
}

static void clear_granule(uint64_t kept, double *restrict x) {
    for (size_t p = 0; p < KR_GRANULE; p++) x[p] = (((kept >> p) & 1) | (uint64_t)(x[p] != x[p])) ? x[p] : 0.0;
}

static void clear(size_t dim, size_t n, size_t stride, const uint64_t *restrict kept, double *restrict x) {
    for (size_t i = 0; i < dim; i++)
        for (size_t g = 0; g < n / KR_GRANULE; g++)
            if (kept[i * stride + g] != UINT64_MAX) clear_granule(kept[i * stride + g], x + i * n + g * KR_GRANULE);
}

static void accumulate(size_t n, double factor, const double *restrict x, double *restrict y) {
    for (size_t p = 0; p < n; p++) y[p] = fma(factor, x[p], y[p]);
}

static void accumulate_roots(size_t n, const double *restrict square, const double *restrict x, double *restrict y) {
    for (size_t p = 0; p < n; p++) y[p] = fma(sqrt(square[p]), x[p], y[p]);
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
extern const kr_sum_kernels KR_PASTE_HOST(sum_kernels, KR_ISA);
extern const kr_census_kernels KR_PASTE_HOST(census_kernels, KR_ISA);
extern const kr_kernels KR_PASTE_HOST(kernels, KR_ISA);
const kr_kernels KR_PASTE_HOST(kernels, KR_ISA) = {.normals = KR_KERNEL(normals),
                                                   .shake = KR_KERNEL(shake),
                                                   .descend_and_shake = KR_KERNEL(descend_and_shake),
                                                   .spread_noise = KR_KERNEL(spread_noise),
                                                   .uniforms = uniforms,
                                                   .clear = clear,
                                                   .outside = outside,
                                                   .within = within,
                                                   .bridge = bridge,
                                                   .spread = spread,
                                                   .accumulate = accumulate,
                                                   .accumulate_roots = accumulate_roots,
                                                   .accumulate_four = accumulate_four,
                                                   .ledger = &KR_PASTE_HOST(ledger_kernels, KR_ISA),
                                                   .sums = &KR_PASTE_HOST(sum_kernels, KR_ISA),
                                                   .census = &KR_PASTE_HOST(census_kernels, KR_ISA)};
