/* Kernels of the hot loop that are no plug-ins; one table per instruction set, the same bits from all. */
#ifndef KR_KERNELS_H
#define KR_KERNELS_H

#include <kramers/block.h>
#include <kramers/registry.h>

/* Which random numbers: those of a number of particles from `first` on and of coordinates from `coordinate` on. Both numbers of
 * particles are multiples of KR_GRANULE. A number depends on (seed, particle, step, stream, coordinate) and on nothing else; and on
 * `number` where a step needs several of one stream, as noise of several models does: up to KR_MAX_NOISE_DRAWS. */
typedef struct kr_draw {
    uint64_t seed, first, step;
    unsigned stream, coordinate, number;
} kr_draw;

/* The step as the counter has it. Steps of a run stay below 2^58, those of a splitting begin at 2^62, and those before step 0 are
 * counted down from 2^64: the number has the three bits in between. */
static inline uint64_t kr_draw_step(const kr_draw *draw) {
    return draw->step ^ (uint64_t)draw->number << 58;
}

/* Sums over one granule of x[KR_GRANULE] where keep[KR_GRANULE] has all bits set; elsewhere it has none, and x may be anything. */
typedef struct kr_sum_kernels {
    /* keep[KR_GRANULE] of those whose stopped_at is 0; returns how many. */
    size_t (*moving)(const uint64_t *stopped_at, uint64_t *keep);
    double (*sum)(const double *x, const uint64_t *keep);
    double (*squares)(const double *x, const uint64_t *keep);
    /* Adds the sums of x - origin and of its square. */
    void (*moments)(const double *x, double origin, const uint64_t *keep, double *first, double *second);
} kr_sum_kernels;

/* Particles by bytes: 1 where moves, 0 elsewhere; well and core are numbers from 1 on, 0: none, or it has stopped. */
typedef struct kr_census_kernels {
    /* From numbers from 0 on, -1: none. */
    void (*narrow)(size_t n, const uint64_t *stopped_at, const int32_t *well, const int32_t *core, uint8_t *moves,
                   uint8_t *narrow_well, uint8_t *narrow_core);
    /* chosen[n] 1: in a core, which is not last. */
    void (*entering)(size_t n, const uint8_t *last, const uint8_t *core, uint8_t *chosen);
    /* chosen[n] 1: moves, in no core, from low on and below high. */
    void (*between)(size_t n, double low, double high, const double *x, const uint8_t *moves, const uint8_t *core, uint8_t *chosen);
    /* How many of values, masked, are this one where counted is 1. At most 255 of them, since they are counted in a byte. */
    size_t (*equal)(size_t n, const uint8_t *values, uint8_t mask, uint8_t value, const uint8_t *counted);
    /* How often from is i and to is j while third is not 0. At most 255. */
    size_t (*pairs)(size_t n, uint8_t i, uint8_t j, const uint8_t *from, const uint8_t *to, const uint8_t *third);
} kr_census_kernels;

struct kr_kernels {
    /* out[dim][n]: standard normals. */
    void (*normals)(kr_draw draw, size_t dim, size_t n, double *restrict out);
    /* out[count][dim][n]: uniform in (0, 1), 52 bits; the numbers from draw.number on. */
    void (*uniforms)(kr_draw draw, size_t count, size_t dim, size_t n, double *restrict out);
    /* x[dim][n] = keep x + amplitude normal. */
    void (*shake)(kr_draw draw, size_t dim, size_t n, double amplitude, double keep, double *restrict x);
    /* x[dim][n] = (x + descent direction) + amplitude normal; returns how many of the results are not strictly between low and
     * high; NaN counts. */
    size_t (*descend_and_shake)(kr_draw draw, size_t dim, size_t n, double amplitude, double descent,
                                const double *restrict direction, double low, double high, double *restrict x);
    /* gradient[dim][n] += sqrt(variance) normal. */
    void (*spread_noise)(kr_draw draw, size_t dim, size_t n, const double *restrict variance, double *restrict gradient);
    /* x[dim][n] = 0 where a bit of kept[dim][stride], of 64 particles a word, is not set; NaN stays. */
    void (*clear)(size_t dim, size_t n, size_t stride, const uint64_t *restrict kept, double *restrict x);
    /* How many of x[n] are not strictly between low and high; NaN counts. */
    size_t (*outside)(size_t n, const double *restrict x, double low, double high);
    /* How many of n points are within radius of center[dim]; NaN counts. Coordinate i of point p is x[i * stride + p]. */
    size_t (*within)(size_t dim, size_t n, size_t stride, const double *restrict x, const double *restrict center, double radius);
    /* Sets after[p] to level where a Brownian bridge from before[p] to after[p], both below the level times sign, has crossed it:
     * with probability exp(scale (level - before)(level - after)). */
    void (*bridge)(uint64_t seed, uint64_t first, uint64_t step, unsigned stream, size_t n, double sign, double level, double scale,
                   const double *restrict before, double *restrict after);
    /* y[n] += factor * x[n]. */
    void (*accumulate)(size_t n, double factor, const double *restrict x, double *restrict y);
    /* y[n] += sqrt(square[n]) x[n]. */
    void (*accumulate_roots)(size_t n, const double *restrict square, const double *restrict x, double *restrict y);
    /* to[n] += factor * weight[n] * exp(-(scale (x[n] - mean))^2): one Gaussian spread over quadrature nodes. */
    void (*spread)(size_t n, double factor, double mean, double scale, const double *restrict x, const double *restrict weight,
                   double *restrict to);
    /* y[n] += a[0] x0 + a[1] x1 + a[2] x2 + a[3] x3 for dense linear algebra; products are rounded, so that no table is slow. */
    void (*accumulate_four)(size_t n, const double a[4], const double *restrict x0, const double *restrict x1,
                            const double *restrict x2, const double *restrict x3, double *restrict y);
    const struct kr_ledger_kernels *ledger; /* ledger.h */
    const kr_sum_kernels *sums;
    const kr_census_kernels *census;
};

/* Those of the table that kr_registry_find gives without a name. */
const kr_kernels *kr_kernels_here(void);

#endif
