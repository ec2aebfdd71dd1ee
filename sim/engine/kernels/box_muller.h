/* Pairs of words to pairs of normals (Box and Muller 1958).
 *
 * Of a word's 64 bits the top 40 are the radius, tail to 7.5 sigma, and 24 the angle: a side of zero, an exchange of x and y, and
 * 22 bits of place in the eighth of a turn on either side of an axis. Both are taken at the middle of their cell. Words are as
 * coarse as that, so the functions need not be good to the last bit: the radius is within 2e-11 of libm's, sine and cosine within
 * 7e-11, relatively (tests/test_normals.c asserts 1e-10 for every number).
 *
 * The logarithm has no division, which takes as long as the square root and would stand in its way: u = 2^k m with m in [3/4, 3/2),
 * 1 + r = m c with c near 1/m from a table, and log u = k log 2 - log c + log(1 + r). c = 1 where m is just below 1, so that the
 * logarithm of a u near 1 keeps its relative accuracy. The other c are numbers of 21 bits whose logarithm is one of 21 bits within
 * 7e-12 (Gal 1986), because AVX2 looks up halves of a double in one instruction, and only halves. Polynomials are minimax fits
 * (Remez exchange at 60 digits): relative error of log(1 + r) 7e-12 for |r| <= 1/16, of the sine 5e-12, of the cosine 6.4e-11 in an
 * eighth of a turn. */
#ifndef KR_BOX_MULLER_H
#define KR_BOX_MULLER_H

#include "lanes.h"

enum { PAIRS_TOGETHER = 2 };

/* By the three highest bits of m's fraction: [1, 9/8), .. [11/8, 3/2), then [3/4, 13/16), .. [15/16, 1). */
static const double inverse[8] = {0x1.e2a5cp-1, 0x1.b06c6p-1, 0x1.86727p-1, 0x1.64388p-1,
                                  0x1.4d497p+0, 0x1.27761p+0, 0x1.1add8p+0, 1.0};
static const double twice_log_inverse[8] = {-0x1.e3a3fp-4, -0x1.59f28p-2, -0x1.15898p-1, -0x1.737b1p-1,
                                            0x1.0e287p-1,  0x1.2599fp-2,  0x1.98c0bp-3,  0.0};

/* sqrt(-2 log u), u = (R + 1/2) 2^-40 with R the top 40 bits: as the fraction of a number from 2^12 on, then without the 2^12. */
static inline void radii(const lanes_words *restrict word, lanes_numbers *restrict radius) {
    lanes_numbers u[PAIRS_TOGETHER], k[PAIRS_TOGETHER], r[PAIRS_TOGETHER], p[PAIRS_TOGETHER];
    for (int v = 0; v < PAIRS_TOGETHER; v++) {
        u[v] = numbers_of_words(words_or(LANES_DOWN(word[v], 24), words_of(UINT64_C(0x40b0000000000000))));
        u[v] = numbers_sum(u[v], numbers_of(-(0x1p12 - 0x1p-41)));
    }
    for (int v = 0; v < PAIRS_TOGETHER; v++) {
        lanes_numbers m;
        numbers_split(u[v], &k[v], &m);
        r[v] = numbers_fma(m, numbers_look_up(inverse, m), numbers_of(-1.0));
        k[v] = numbers_fma(k[v], numbers_of(-0x1.62e42fefa39efp+0), numbers_look_up(twice_log_inverse, m));
    }
    lanes_numbers z[PAIRS_TOGETHER], q[PAIRS_TOGETHER];
    for (int v = 0; v < PAIRS_TOGETHER; v++) {
        z[v] = numbers_product(r[v], r[v]);
        p[v] = numbers_fma(r[v], numbers_of(-0x1.264ee2923b2b4p-2), numbers_of(0x1.5716860733058p-2));
        q[v] = numbers_fma(r[v], numbers_of(-0x1.999891c6a254ap-2), numbers_of(0x1.ffff1fabd8a3fp-2));
        k[v] = numbers_fma(r[v], numbers_of(-2.0), k[v]);
        p[v] = numbers_fma(p[v], z[v], q[v]);
    }
    for (int v = 0; v < PAIRS_TOGETHER; v++) {
        q[v] = numbers_fma(r[v], numbers_of(-0x1.5555556c130e6p-1), numbers_of(0x1.00000006f8d83p+0));
        p[v] = numbers_fma(p[v], z[v], q[v]);
        radius[v] = numbers_root(numbers_fma(p[v], z[v], k[v]));
    }
}

/* Cosine and sine of the angle, exchanged or not. In units of 2^-24 turns the place is a whole number and a half. */
static inline void directions(const lanes_words *restrict word, lanes_numbers *restrict first, lanes_numbers *restrict second) {
    lanes_numbers t[PAIRS_TOGETHER], z[PAIRS_TOGETHER], s[PAIRS_TOGETHER], c[PAIRS_TOGETHER];
    for (int v = 0; v < PAIRS_TOGETHER; v++) {
        t[v] = numbers_of_words(words_or(words_and(word[v], words_of(0x3fffff)), words_of(KR_TWO_52_BITS)));
        t[v] = numbers_sum(numbers_sum(t[v], numbers_of(-(KR_TWO_52 + 0x1p21))), numbers_of(0.5));
        z[v] = numbers_product(t[v], t[v]);
    }
    for (int v = 0; v < PAIRS_TOGETHER; v++) {
        s[v] = numbers_fma(z[v], numbers_of(0x1.4bc25582e400ap-211), numbers_of(-0x1.32ca854d03fcbp-162));
        c[v] = numbers_fma(z[v], numbers_of(0x1.d9d57cb22694dp-187), numbers_of(-0x1.55c5dfb76087fp-138));
        s[v] = numbers_fma(s[v], z[v], numbers_of(0x1.466bba8bfd338p-114));
        c[v] = numbers_fma(c[v], z[v], numbers_of(0x1.03c1dd960ced5p-90));
    }
    for (int v = 0; v < PAIRS_TOGETHER; v++) {
        s[v] = numbers_fma(s[v], z[v], numbers_of(-0x1.4abbce564cdacp-67));
        c[v] = numbers_fma(c[v], z[v], numbers_of(-0x1.3bd3cc7b83a0ap-44));
        s[v] = numbers_fma(s[v], z[v], numbers_of(0x1.921fb5443af5fp-22));
        c[v] = numbers_fma(c[v], z[v], numbers_of(1.0));
        s[v] = numbers_product(s[v], t[v]);
    }
    for (int v = 0; v < PAIRS_TOGETHER; v++) {
        first[v] = numbers_choose(word[v], s[v], c[v]);
        second[v] = numbers_choose(word[v], c[v], s[v]);
    }
}

/* Some vectors of words to as many pairs. */
static inline void box_muller(const lanes_words *restrict word, lanes_numbers *restrict first, lanes_numbers *restrict second) {
    lanes_numbers radius[PAIRS_TOGETHER];
    radii(word, radius);
    directions(word, first, second);
    for (int v = 0; v < PAIRS_TOGETHER; v++) {
        lanes_words side = words_and(LANES_UP(word[v], 40), words_of(UINT64_C(0x8000000000000000)));
        radius[v] = numbers_of_words(words_xor(words_of_numbers(radius[v]), side));
        first[v] = numbers_product(radius[v], first[v]);
        second[v] = numbers_product(radius[v], second[v]);
    }
}

#endif
