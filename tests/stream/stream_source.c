/* Blocks of words in every order, for one instruction set. */
#include "stream_isa.h"

#include "engine/kernels/philox.h"

#include <math.h>
#include <string.h>

enum { ROWS = 16, RUNS_TOGETHER = 8 };

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

/* The upper tail 2^32 Q(a) of the normal distribution by its Taylor series about the next multiple of 1/NODES, to a^6: Q' is minus
 * the density phi, whose derivatives are Hermite's polynomials. The rest is below 3e-16 of 1. */
enum { NODES = 32, LAST = 8 * NODES, TERMS = 8 };
static double tail[LAST + 1][TERMS];

static void prepare_tail(void) {
    static const double factorial[TERMS] = {1, 1, 2, 6, 24, 120, 720, 5040};
    for (int k = 0; k <= LAST; k++) {
        double x = (double)k / NODES, density = exp(-x * x / 2) / sqrt(2 * acos(-1.0)), before = 0, hermite = 1;
        tail[k][0] = 0x1p32 * 0.5 * erfc(x * sqrt(0.5));
        for (int n = 1; n < TERMS; n++) {
            tail[k][n] = 0x1p32 * (n % 2 ? -1 : 1) * hermite * density / factorial[n];
            double next = x * hermite - (n - 1) * before;
            before = hermite;
            hermite = next;
        }
    }
}

void STREAM(uniform)(size_t n, const double *restrict x, uint32_t *restrict out) {
    if (tail[0][0] == 0.0) prepare_tail();
    for (size_t i = 0; i < n; i++) {
        double a = fabs(x[i]) < 8.0 ? fabs(x[i]) : 8.0;
        int k = (int)(a * NODES + 0.5);
        const double *c = tail[k];
        double d = a - (double)k / NODES, q = c[7];
        for (int term = 6; term >= 0; term--) q = fma(q, d, c[term]);
        uint32_t upper = q < 0x1p32 - 1 ? (uint32_t)q : UINT32_MAX;
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

/* The index runs along the columns of out[KR_GRANULE][STREAM_RUN]. */
static void transposed(const stream_source *source, kr_draw d, uint32_t *restrict out) {
    uint32_t row[ROWS][KR_GRANULE];
    for (size_t done = 0; done < STREAM_RUN; done += ROWS) {
        for (size_t r = 0; r < ROWS; r++) {
            some(source, d, 1, row[r]);
            if (source->order == STREAM_STEPS) d.step++;
            if (source->order == STREAM_COORDINATES) d.coordinate++;
            if (source->order == STREAM_SEEDS) d.seed++;
        }
        for (size_t p = 0; p < KR_GRANULE; p++)
            for (size_t r = 0; r < ROWS; r++) out[p * STREAM_RUN + done + r] = row[r][p];
    }
}

void STREAM(words)(const stream_source *source, kr_draw place, uint32_t *restrict out) {
    if (source->order == STREAM_PARTICLES)
        some(source, place, STREAM_RUN, out);
    else
        transposed(source, place, out);
}
