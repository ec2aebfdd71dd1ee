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

/* By the three highest bits of m's fraction: [1, 9/8), .. [11/8, 3/2), then [3/4, 13/16), .. [15/16, 1). */
static const double inverse[8] = {0x1.e2a5cp-1, 0x1.b06c6p-1, 0x1.86727p-1, 0x1.64388p-1,
                                  0x1.4d497p+0, 0x1.27761p+0, 0x1.1add8p+0, 1.0};
static const double twice_log_inverse[8] = {-0x1.e3a3fp-4, -0x1.59f28p-2, -0x1.15898p-1, -0x1.737b1p-1,
                                            0x1.0e287p-1,  0x1.2599fp-2,  0x1.98c0bp-3,  0.0};

/* All constants in one place in memory, for lanes_hide. Polynomials from the constant term on; those of sine and cosine are in
 * units of 2^-24 turns. */
typedef struct constants {
    uint64_t fraction_of_4096, place, two_52, side;
    double minus_4096_and_half, four_thirds, minus_center, half, minus_one, one, minus_two, minus_log_4;
    double logarithm[6], sine[5], cosine[4];
} constants;
static const constants box_muller_constants = {
    .fraction_of_4096 = UINT64_C(0x40b0000000000000),
    .minus_4096_and_half = -(0x1p12 - 0x1p-41),
    .four_thirds = 4.0 / 3.0,
    .place = 0x3fffff,
    .two_52 = KR_TWO_52_BITS,
    .side = UINT64_C(0x8000000000000000),
    .minus_center = -(KR_TWO_52 + 0x1p21),
    .half = 0.5,
    .minus_one = -1.0,
    .one = 1.0,
    .minus_two = -2.0,
    .minus_log_4 = -0x1.62e42fefa39efp+0,
    .logarithm = {0x1.00000006f8d83p+0, -0x1.5555556c130e6p-1, 0x1.ffff1fabd8a3fp-2, -0x1.999891c6a254ap-2, 0x1.5716860733058p-2,
                  -0x1.264ee2923b2b4p-2},
    .sine = {0x1.921fb5443af5fp-22, -0x1.4abbce564cdacp-67, 0x1.466bba8bfd338p-114, -0x1.32ca854d03fcbp-162,
             0x1.4bc25582e400ap-211},
    .cosine = {-0x1.3bd3cc7b83a0ap-44, 0x1.03c1dd960ced5p-90, -0x1.55c5dfb76087fp-138, 0x1.d9d57cb22694dp-187}};

/* The logarithm on its way: -2 log u = k + r (-2 + r P(r)). */
typedef struct reduced {
    lanes_numbers r, k;
} reduced;

/* u = (R + 1/2) 2^-40 with R the top 40 bits: as the fraction of a number from 2^12 on, then without the 2^12. */
static inline reduced reduce(const constants *c, lanes_words word) {
    lanes_numbers u = numbers_of_words(LANES_DOWN(word, 24) | words_of(c->fraction_of_4096)), k, m;
    u = u + numbers_of(c->minus_4096_and_half);
    numbers_split(u, c->four_thirds, &k, &m);
    return (reduced){.r = numbers_fma(m, numbers_look_up(inverse, m), numbers_of(c->minus_one)),
                     .k = numbers_fma(k, numbers_of(c->minus_log_4), numbers_look_up(twice_log_inverse, m))};
}

/* -2 log u, the radius squared. */
static inline lanes_numbers square_of(const constants *c, reduced l) {
    lanes_numbers r = l.r, z = r * r;
    lanes_numbers p = numbers_fma(r, numbers_of(c->logarithm[5]), numbers_of(c->logarithm[4]));
    lanes_numbers q = numbers_fma(r, numbers_of(c->logarithm[3]), numbers_of(c->logarithm[2]));
    lanes_numbers k = numbers_fma(r, numbers_of(c->minus_two), l.k);
    p = numbers_fma(p, z, q);
    q = numbers_fma(r, numbers_of(c->logarithm[1]), numbers_of(c->logarithm[0]));
    p = numbers_fma(p, z, q);
    return numbers_fma(p, z, k);
}

/* Cosine and sine of the angle, exchanged or not. In units of 2^-24 turns the place is a whole number and a half. */
static inline void direction_of(const constants *c, lanes_words word, lanes_numbers *first, lanes_numbers *second) {
    lanes_numbers t = numbers_of_words((word & words_of(c->place)) | words_of(c->two_52));
    t = t + numbers_of(c->minus_center) + numbers_of(c->half);
    lanes_numbers z = t * t;
    lanes_numbers sine = numbers_fma(z, numbers_of(c->sine[4]), numbers_of(c->sine[3]));
    lanes_numbers cosine = numbers_fma(z, numbers_of(c->cosine[3]), numbers_of(c->cosine[2]));
    sine = numbers_fma(sine, z, numbers_of(c->sine[2]));
    cosine = numbers_fma(cosine, z, numbers_of(c->cosine[1]));
    sine = numbers_fma(sine, z, numbers_of(c->sine[1]));
    cosine = numbers_fma(cosine, z, numbers_of(c->cosine[0]));
    sine = numbers_fma(sine, z, numbers_of(c->sine[0])) * t;
    cosine = numbers_fma(cosine, z, numbers_of(c->one));
    *first = numbers_choose(word, sine, cosine);
    *second = numbers_choose(word, cosine, sine);
}

/* The radius of each number of a pair: the same, unless they are scaled. A normal is its radius times the cosine or sine. */
typedef struct radii {
    lanes_numbers first, second;
} radii;

/* With the side of zero of a word. */
static inline radii signed_of(const constants *c, lanes_words word, radii radius) {
    lanes_words side = LANES_UP(word, 40) & words_of(c->side);
    return (radii){.first = numbers_of_words(words_of_numbers(radius.first) ^ side),
                   .second = numbers_of_words(words_of_numbers(radius.second) ^ side)};
}

#endif
