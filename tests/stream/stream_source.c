/* Blocks of words in every order, for one instruction set. */
#include "stream_isa.h"

#include "engine/kernels/philox.h"

#include <kramers/vector_math.h>

#include <string.h>

enum { LINE = 16, RUNS_TOGETHER = 8 };

/* The first seed's numbers where seeds are to be lagged copies. */
static kr_draw really(const stream_source *source, kr_draw d) {
    if (source->lagged) {
        d.step += d.seed - source->seed;
        d.seed = source->seed;
    }
    return d;
}

/* ---- Philox ---- */

static uint64_t joined(uint32_t upper, uint32_t lower) {
    return (uint64_t)upper << 32 | lower;
}

/* The same with another number of rounds. */
static void spoiled_pairs(int rounds, kr_draw d, const philox_run *runs, size_t count, uint64_t *first, uint64_t *second) {
    philox4x32_key_t key = {{(uint32_t)d.seed, (uint32_t)(d.seed >> 32)}};
    for (size_t call = 0; call < count * PHILOX_RUN; call++) {
        const philox_run *run = &runs[call / PHILOX_RUN];
        philox4x32_ctr_t counter = {
            {run->group + (uint32_t)(call % PHILOX_RUN), (uint32_t)d.step, (uint32_t)(d.step >> 32), run->place}};
        philox4x32_ctr_t r = philox4x32_R((unsigned)rounds, counter, key);
        first[call] = joined(r.v[0], r.v[1]);
        second[call] = joined(r.v[2], r.v[3]);
    }
}

/* The words of some granules from d.first on, as the engine has them. */
static void granules(const stream_source *source, kr_draw d, size_t count, uint32_t *restrict out) {
    uint64_t words[2][RUNS_TOGETHER * PHILOX_RUN];
    philox_run runs[RUNS_TOGETHER];
    d = really(source, d);
    philox_shared shared = philox_prepare(d.step, d.seed);
    for (size_t done = 0; done < count; done += RUNS_TOGETHER) {
        size_t now = count - done < RUNS_TOGETHER ? count - done : RUNS_TOGETHER;
        for (size_t g = 0; g < now; g++) {
            runs[g].group = (uint32_t)((d.first + (done + g) * KR_GRANULE) / 4);
            runs[g].place = (uint32_t)d.stream << 24 | (uint32_t)d.coordinate;
        }
        if (source->rounds == PHILOX_ROUNDS)
            philox_pairs(&shared, runs, now, words[0], words[1]);
        else
            spoiled_pairs(source->rounds, d, runs, now, words[0], words[1]);
        for (size_t g = 0; g < now; g++)
            for (int half = 0; half < 2; half++)
                memcpy(out + (done + g) * KR_GRANULE + half * 2 * PHILOX_RUN, words[half] + g * PHILOX_RUN,
                       PHILOX_RUN * sizeof(uint64_t));
    }
}

/* ---- normals ---- */

/* The upper tail of the normal distribution is Q(a) = exp(-a^2 / 2) p(u), u = 5 / (2 + a) - 3/2, which is in [-1, 1] for a in
 * [0, 8]; p interpolates at Chebyshev's nodes (40 digits). The error of Q is below 1e-13: 4e-4 of a word's cell. */
static inline double upper_tail(double a) {
    double u = 5.0 / (2.0 + a) - 1.5, p = -0x1.e081e1e4be5e3p-27;
    p = fma(p, u, -0x1.d8eaf1a1b41a6p-30);
    p = fma(p, u, 0x1.38e21a6fb289cp-23);
    p = fma(p, u, -0x1.17c6b2d20e9e3p-22);
    p = fma(p, u, -0x1.3605eeebcc743p-23);
    p = fma(p, u, 0x1.e13e19c9dbc24p-20);
    p = fma(p, u, -0x1.443b51e1b5de7p-18);
    p = fma(p, u, 0x1.a2e6090ba8ca4p-19);
    p = fma(p, u, 0x1.c223326626b78p-16);
    p = fma(p, u, -0x1.c5b48817d737cp-14);
    p = fma(p, u, 0x1.667f0f08e9b30p-14);
    p = fma(p, u, 0x1.a5176b5bad065p-11);
    p = fma(p, u, -0x1.82aafb2e3313ap-9);
    p = fma(p, u, -0x1.21de6d5735857p-8);
    p = fma(p, u, 0x1.c6fa7d09ca76ep-5);
    p = fma(p, u, 0x1.d552f3f9538f8p-3);
    p = fma(p, u, 0x1.c660e41e1f2b3p-3);
    return kr_exp(-0.5 * a * a) * p;
}

void STREAM(uniform)(size_t n, const double *restrict x, uint32_t *restrict out) {
    for (size_t i = 0; i < n; i++) {
        double a = fabs(x[i]) < 8.0 ? fabs(x[i]) : 8.0, q = 0x1p32 * upper_tail(a);
        uint32_t upper = (uint32_t)(int32_t)(q < INT32_MAX ? q : INT32_MAX); /* vectors convert to 32 bits with sign only */
        out[i] = x[i] < 0 ? upper : ~upper;
    }
}

static void normal_granules(const stream_source *source, kr_draw d, size_t count, uint32_t *restrict out) {
    enum { TOGETHER = 64 };
    double x[TOGETHER * KR_GRANULE];
    d = really(source, d);
    for (size_t done = 0; done < count; done += TOGETHER) {
        size_t n = (count - done < TOGETHER ? count - done : TOGETHER) * KR_GRANULE;
        source->kernels->normals(d, 1, n, x);
        d.first += n;
        if (source->scale != 1.0)
            for (size_t i = 0; i < n; i++) x[i] *= source->scale;
        STREAM(uniform)(n, x, out + done * KR_GRANULE);
    }
}

/* ---- orders ---- */

static void some(const stream_source *source, kr_draw d, size_t count, uint32_t *out) {
    if (source->normals)
        normal_granules(source, d, count, out);
    else
        granules(source, d, count, out);
}

/* The index runs along the rows of out[KR_GRANULE][STREAM_RUN], which are filled by the line of the cache. */
static void transposed(const stream_source *source, kr_draw d, uint32_t *restrict out) {
    uint32_t drawn[KR_GRANULE], line[KR_GRANULE][LINE];
    for (size_t done = 0; done < STREAM_RUN; done += LINE) {
        for (size_t r = 0; r < LINE; r++) {
            some(source, d, 1, drawn);
            for (size_t p = 0; p < KR_GRANULE; p++) line[p][r] = drawn[p];
            if (source->order == STREAM_STEPS) d.step++;
            if (source->order == STREAM_COORDINATES) d.coordinate++;
            if (source->order == STREAM_SEEDS) d.seed++;
        }
        for (size_t p = 0; p < KR_GRANULE; p++) memcpy(out + p * STREAM_RUN + done, line[p], sizeof line[p]);
    }
}

void STREAM(words)(const stream_source *source, kr_draw place, uint32_t *restrict out) {
    if (source->order == STREAM_PARTICLES)
        some(source, place, STREAM_RUN, out);
    else
        transposed(source, place, out);
}
