/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011) for consecutive groups, as pairs of words.
 *
 * One counter to a 64-bit lane, whose upper half may hold anything because the multiplication ignores it: a round is two
 * multiplications, two shifts and four exclusive ors and nothing else. A round takes six cycles from start to end, so four vectors
 * go through it side by side. Only the group differs between counters: what the first three rounds make of the rest is computed
 * once. Same numbers as Random123's header, tested against it.
 *
 * Why not the paper's ARS, with which AES instructions make a normal in 0.83 ns instead of 1.14 (a prototype with AVX-512 on a Zen
 * 4 core): without them, as in a web page, it takes five times as long (tables; WebAssembly in Node 20: 48 ns for 128 bits, Philox
 * 9.6; bit-sliced 71), and a run is to be the same everywhere. */
#ifndef KR_PHILOX_H
#define KR_PHILOX_H

#include "lanes.h"

#include <Random123/philox.h>

/* Calls come in runs of 16 consecutive groups, enough for the normals of one granule and coordinate. */
enum { PHILOX_ROUNDS = 10, PHILOX_RUN = 16, PHILOX_TOGETHER = 4 };

/* What all counters of a step and stream share, and each run's own two words of the counter. */
typedef struct philox_shared {
    uint32_t key0[PHILOX_ROUNDS], key1[PHILOX_ROUNDS];
    uint32_t second; /* round 1: into word 0 */
    uint32_t third;  /* round 1: into word 2 */
    uint32_t fourth; /* round 2: into word 2 */
} philox_shared;

typedef struct philox_run {
    uint32_t group, place;
} philox_run;

static inline philox_shared philox_prepare(uint64_t step, uint64_t seed) {
    philox_shared s;
    s.key0[0] = (uint32_t)seed;
    s.key1[0] = (uint32_t)(seed >> 32);
    for (int round = 1; round < PHILOX_ROUNDS; round++) {
        s.key0[round] = s.key0[round - 1] + PHILOX_W32_0;
        s.key1[round] = s.key1[round - 1] + PHILOX_W32_1;
    }
    uint64_t high = (uint64_t)PHILOX_M4x32_1 * (step >> 32);
    uint32_t word0 = (uint32_t)(high >> 32) ^ (uint32_t)step ^ s.key0[0];
    uint64_t low = (uint64_t)PHILOX_M4x32_0 * word0;
    s.second = (uint32_t)high ^ s.key0[1];
    s.third = (uint32_t)(low >> 32) ^ s.key1[1];
    s.fourth = (uint32_t)low ^ s.key1[2];
    return s;
}

/* Calls j .. j + count LANES - 1 of the runs, count up to PHILOX_TOGETHER and a literal. */
static inline void philox_together(const philox_shared *s, const philox_run *runs, size_t j, size_t count, uint64_t *restrict first,
                                   uint64_t *restrict second) {
    enum { LAST = PHILOX_ROUNDS - 1 };
    const lanes_words multiplier0 = words_of(PHILOX_M4x32_0), multiplier1 = words_of(PHILOX_M4x32_1);
    lanes_words c0[PHILOX_TOGETHER], c1[PHILOX_TOGETHER], c2[PHILOX_TOGETHER], c3[PHILOX_TOGETHER];
    for (size_t v = 0; v < count; v++) {
        size_t call = j + v * LANES;
        const philox_run *run = &runs[call / PHILOX_RUN];
        c3[v] = words_product(multiplier0, words_from(run->group + (uint32_t)(call % PHILOX_RUN)));
        c2[v] = LANES_DOWN(c3[v], 32) ^ words_of(run->place ^ s->key1[0]);
    }
    for (size_t v = 0; v < count; v++) {
        c1[v] = words_product(multiplier1, c2[v]);
        c0[v] = LANES_DOWN(c1[v], 32) ^ words_of(s->second);
        c2[v] = c3[v] ^ words_of(s->third);
    }
    for (int round = 2; round < LAST; round++)
        for (size_t v = 0; v < count; v++) {
            lanes_words p0 = words_product(multiplier0, c0[v]), p1 = words_product(multiplier1, c2[v]);
            lanes_words other = words_of(round == 2 ? s->fourth : s->key1[round]);
            if (round > 2) other = other ^ c3[v];
            c0[v] = LANES_DOWN(p1, 32) ^ c1[v] ^ words_of(s->key0[round]);
            c2[v] = LANES_DOWN(p0, 32) ^ other;
            c1[v] = p1;
            c3[v] = p0;
        }
    /* The last one leaves words 0 and 2 where they are wanted, in the upper halves of the products. */
    const lanes_words key0 = words_of((uint64_t)s->key0[LAST] << 32), key1 = words_of((uint64_t)s->key1[LAST] << 32);
    for (size_t v = 0; v < count; v++) {
        lanes_words p0 = words_product(multiplier0, c0[v]), p1 = words_product(multiplier1, c2[v]);
        words_store(first + j + v * LANES, p1 ^ LANES_UP(c1[v], 32) ^ key0);
        words_store(second + j + v * LANES, p0 ^ LANES_UP(c3[v], 32) ^ key1);
    }
}

/* first[16 i + j] = word 0 above word 1 and second[16 i + j] = word 2 above word 3 of the call with counter (group of run i + j,
 * step, place of run i) and the seed as key. */
static inline void philox_pairs(const philox_shared *shared, const philox_run *runs, size_t count, uint64_t *restrict first,
                                uint64_t *restrict second) {
    enum { WIDTH = PHILOX_TOGETHER * LANES };
    size_t calls = count * PHILOX_RUN, j = 0;
    for (; j + WIDTH <= calls; j += WIDTH) philox_together(shared, runs, j, PHILOX_TOGETHER, first, second);
    for (; j < calls; j += WIDTH / 2) philox_together(shared, runs, j, PHILOX_TOGETHER / 2, first, second);
}

#endif
