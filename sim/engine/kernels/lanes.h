/* Vectors of as many 64-bit numbers as one instruction takes: eight with AVX-512, four with AVX2, one in plain C, so that the
 * arithmetic of random numbers is written once. Every operation gives the same bits in each lane on all three.
 *
 * Only where the compiler's own vectors are slow: counters and polynomials that want many independent results at once, and
 * instructions that it does not find (32-bit products in 64-bit lanes, tables in registers). Other kernels are plain loops.
 *
 * Sums, products and logic are C's own operators, which GCC and Clang know for vectors too; what follows are the rest.
 * LANES_DOWN and LANES_UP are macros because their count must be a literal. */
#ifndef KR_LANES_H
#define KR_LANES_H

#include <kramers/vector_math.h>

#include <stddef.h>
#include <stdint.h>

#if defined(__AVX512F__) && defined(__AVX512DQ__)

#include <immintrin.h>

enum { LANES = 8 };
typedef __m512i lanes_words;
typedef __m512d lanes_numbers;

#define LANES_DOWN(a, count) _mm512_srli_epi64(a, count)
#define LANES_UP(a, count) _mm512_slli_epi64(a, count)

/* The same pointer to constants, of which the compiler does not know that it is. It would make whole vectors of them, of which a
 * processor loads one a cycle; of numbers that an instruction repeats for all lanes it loads two. */
static inline const void *lanes_hide(const void *constants) {
    __asm__ volatile("" : "+r"(constants));
    return constants;
}
static inline lanes_words words_of(uint64_t a) {
    return _mm512_set1_epi64((long long)a);
}
static inline lanes_words words_from(uint64_t first) {
    return _mm512_add_epi64(words_of(first), _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0));
}
static inline lanes_words words_load(const uint64_t *from) {
    return _mm512_loadu_si512((const void *)from);
}
static inline void words_store(uint64_t *to, lanes_words a) {
    _mm512_storeu_si512((void *)to, a);
}
/* Product of the lower halves. */
static inline lanes_words words_product(lanes_words a, lanes_words b) {
    return _mm512_mul_epu32(a, b);
}
static inline lanes_words words_of_numbers(lanes_numbers a) {
    return _mm512_castpd_si512(a);
}
static inline lanes_numbers numbers_of_words(lanes_words a) {
    return _mm512_castsi512_pd(a);
}
static inline lanes_numbers numbers_of(double a) {
    return _mm512_set1_pd(a);
}
static inline lanes_numbers numbers_load(const double *from) {
    return _mm512_loadu_pd(from);
}
static inline void numbers_store(double *to, lanes_numbers a) {
    _mm512_storeu_pd(to, a);
}
static inline lanes_numbers numbers_fma(lanes_numbers a, lanes_numbers b, lanes_numbers c) {
    return _mm512_fmadd_pd(a, b, c);
}
static inline lanes_numbers numbers_root(lanes_numbers a) {
    return _mm512_sqrt_pd(a);
}
/* With chooser's bit 22 a, without it b. */
static inline lanes_numbers numbers_choose(lanes_words chooser, lanes_numbers a, lanes_numbers b) {
    return _mm512_mask_blend_pd(_mm512_test_epi64_mask(chooser, words_of(UINT64_C(1) << 22)), b, a);
}
/* One more in each lane where a is strictly between low and high, which NaN is not. */
static inline lanes_words words_count_between(lanes_words count, lanes_numbers a, lanes_numbers low, lanes_numbers high) {
    __mmask8 above = _mm512_cmp_pd_mask(a, low, _CMP_GT_OQ);
    return _mm512_mask_add_epi64(count, _mm512_mask_cmp_pd_mask(above, a, high, _CMP_LT_OQ), count, words_of(1));
}
/* y = 2^k m with m in [3/4, 3/2), for positive y of at most 42 significant bits (so that the product is not rounded up).
 * four_thirds is 4/3. */
static inline void numbers_split(lanes_numbers y, double four_thirds, lanes_numbers *k, lanes_numbers *m) {
    *k = _mm512_getexp_pd(y * numbers_of(four_thirds));
    *m = _mm512_getmant_pd(y, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero);
}
/* The entry that the three highest bits of m's fraction name, of a table whose numbers have nothing in their lower halves. */
static inline lanes_numbers numbers_look_up(const double table[8], lanes_numbers m) {
    return _mm512_permutexvar_pd(LANES_DOWN(words_of_numbers(m), 49), numbers_load(table));
}

#else

static inline const void *lanes_hide(const void *constants) {
    return constants;
}

/* y = 2^k m with m in [3/4, 3/2), for positive normal y: adding half to the fraction carries into the exponent from 3/2 on. */
#define LANES_HALF UINT64_C(0x0008000000000000)
#define LANES_FRACTION UINT64_C(0x000fffffffffffff)
#define LANES_THREE_QUARTERS UINT64_C(0x3fe8000000000000)

#if defined(__AVX2__) && defined(__FMA__)

#include <immintrin.h>

enum { LANES = 4 };
typedef __m256i lanes_words;
typedef __m256d lanes_numbers;

#define LANES_DOWN(a, count) _mm256_srli_epi64(a, count)
#define LANES_UP(a, count) _mm256_slli_epi64(a, count)

static inline lanes_words words_of(uint64_t a) {
    return _mm256_set1_epi64x((long long)a);
}
static inline lanes_words words_from(uint64_t first) {
    return _mm256_add_epi64(words_of(first), _mm256_set_epi64x(3, 2, 1, 0));
}
static inline lanes_words words_load(const uint64_t *from) {
    return _mm256_loadu_si256((const __m256i *)(const void *)from);
}
static inline void words_store(uint64_t *to, lanes_words a) {
    _mm256_storeu_si256((__m256i *)(void *)to, a);
}
static inline lanes_words words_product(lanes_words a, lanes_words b) {
    return _mm256_mul_epu32(a, b);
}
static inline lanes_words words_of_numbers(lanes_numbers a) {
    return _mm256_castpd_si256(a);
}
static inline lanes_numbers numbers_of_words(lanes_words a) {
    return _mm256_castsi256_pd(a);
}
static inline lanes_numbers numbers_of(double a) {
    return _mm256_set1_pd(a);
}
static inline lanes_numbers numbers_load(const double *from) {
    return _mm256_loadu_pd(from);
}
static inline void numbers_store(double *to, lanes_numbers a) {
    _mm256_storeu_pd(to, a);
}
static inline lanes_numbers numbers_fma(lanes_numbers a, lanes_numbers b, lanes_numbers c) {
    return _mm256_fmadd_pd(a, b, c);
}
static inline lanes_numbers numbers_root(lanes_numbers a) {
    return _mm256_sqrt_pd(a);
}
static inline lanes_numbers numbers_choose(lanes_words chooser, lanes_numbers a, lanes_numbers b) {
    return _mm256_blendv_pd(b, a, numbers_of_words(LANES_UP(chooser, 41)));
}
static inline lanes_words words_count_between(lanes_words count, lanes_numbers a, lanes_numbers low, lanes_numbers high) {
    __m256d between = _mm256_and_pd(_mm256_cmp_pd(a, low, _CMP_GT_OQ), _mm256_cmp_pd(a, high, _CMP_LT_OQ));
    return _mm256_sub_epi64(count, words_of_numbers(between));
}
static inline void numbers_split(lanes_numbers y, double four_thirds, lanes_numbers *k, lanes_numbers *m) {
    (void)four_thirds;
    lanes_words shifted = _mm256_add_epi64(words_of_numbers(y), words_of(LANES_HALF));
    *k = numbers_of_words(LANES_DOWN(shifted, 52) | words_of(KR_TWO_52_BITS)) + numbers_of(-(KR_TWO_52 + 1023));
    *m = numbers_of_words(_mm256_add_epi64(shifted & words_of(LANES_FRACTION), words_of(LANES_THREE_QUARTERS)));
}
/* Eight upper halves fill a register; the instruction looks at three bits of each 32-bit lane. */
static inline lanes_numbers numbers_look_up(const double table[8], lanes_numbers m) {
    const __m256 low = _mm256_loadu_ps((const float *)(const void *)table),
                 high = _mm256_loadu_ps((const float *)(const void *)(table + 4));
    __m256i upper = _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1))),
                                             _MM_SHUFFLE(3, 1, 2, 0));
    __m256i entry = _mm256_permutevar8x32_epi32(upper, _mm256_srli_epi32(words_of_numbers(m), 17));
    return numbers_of_words(entry & words_of(UINT64_C(0xffffffff00000000)));
}

#else

enum { LANES = 1 };
typedef uint64_t lanes_words;
typedef double lanes_numbers;

#define LANES_DOWN(a, count) ((a) >> (count))
#define LANES_UP(a, count) ((a) << (count))

static inline lanes_words words_of(uint64_t a) {
    return a;
}
static inline lanes_words words_from(uint64_t first) {
    return first;
}
static inline lanes_words words_load(const uint64_t *from) {
    return *from;
}
static inline void words_store(uint64_t *to, lanes_words a) {
    *to = a;
}
static inline lanes_words words_product(lanes_words a, lanes_words b) {
    return (a & UINT64_C(0xffffffff)) * (b & UINT64_C(0xffffffff));
}
static inline lanes_words words_of_numbers(lanes_numbers a) {
    return kr_bits(a);
}
static inline lanes_numbers numbers_of_words(lanes_words a) {
    return kr_from_bits(a);
}
static inline lanes_numbers numbers_of(double a) {
    return a;
}
static inline lanes_numbers numbers_load(const double *from) {
    return *from;
}
static inline void numbers_store(double *to, lanes_numbers a) {
    *to = a;
}
static inline lanes_numbers numbers_fma(lanes_numbers a, lanes_numbers b, lanes_numbers c) {
    return fma(a, b, c);
}
static inline lanes_numbers numbers_root(lanes_numbers a) {
    return sqrt(a);
}
static inline lanes_numbers numbers_choose(lanes_words chooser, lanes_numbers a, lanes_numbers b) {
    return chooser & UINT64_C(1) << 22 ? a : b;
}
static inline lanes_words words_count_between(lanes_words count, lanes_numbers a, lanes_numbers low, lanes_numbers high) {
    return count + (uint64_t)((a > low) & (a < high));
}
static inline void numbers_split(lanes_numbers y, double four_thirds, lanes_numbers *k, lanes_numbers *m) {
    (void)four_thirds;
    uint64_t shifted = kr_bits(y) + LANES_HALF;
    *k = kr_from_bits(shifted >> 52 | KR_TWO_52_BITS) - (KR_TWO_52 + 1023);
    *m = kr_from_bits((shifted & LANES_FRACTION) + LANES_THREE_QUARTERS);
}
static inline lanes_numbers numbers_look_up(const double table[8], lanes_numbers m) {
    return table[kr_bits(m) >> 49 & 7];
}

#endif
#endif
#endif
