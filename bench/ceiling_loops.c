/* Compiled once per instruction set. As many independent chains as hide the latency of an operation; KEEP makes the compiler
 * execute every single one, in a register. */
#include "ceiling.h"

#include <kramers/plugin.h>
#include <kramers/vector_math.h>

#include <immintrin.h>
#include <stdalign.h>

#if defined(__AVX512F__)
typedef __m512d numbers;
typedef __m512i words;
enum { LANES = 8, CHAINS = 24 };
#define SET(x) _mm512_set1_pd(x)
#define SET_WORDS(x) _mm512_set1_epi64(x)
#define FMA _mm512_fmadd_pd
#define ADD _mm512_add_pd
#define DIVIDE _mm512_div_pd
#define ROOT _mm512_sqrt_pd
#define LOAD _mm512_load_pd
#define STORE _mm512_store_pd
#define MULTIPLY _mm512_mul_epu32
#define XOR "vpxorq"
#else
typedef __m256d numbers;
typedef __m256i words;
enum { LANES = 4, CHAINS = 12 };
#define SET(x) _mm256_set1_pd(x)
#define SET_WORDS(x) _mm256_set1_epi64x(x)
#define FMA _mm256_fmadd_pd
#define ADD _mm256_add_pd
#define DIVIDE _mm256_div_pd
#define ROOT _mm256_sqrt_pd
#define LOAD _mm256_load_pd
#define STORE _mm256_store_pd
#define MULTIPLY _mm256_mul_epu32
#define XOR "vpxor"
#endif
#define KEEP(x) __asm__ volatile("" : "+v"(x))

/* Loops over k that the compiler writes out. */
enum { UNROLLED = 16 };
#define EACH_CHAIN _Pragma("GCC unroll 24") for (size_t k = 0; k < CHAINS; k++)
#define EACH_UNROLLED _Pragma("GCC unroll 16") for (size_t k = 0; k < UNROLLED; k++)

static double fma_loop(size_t times, double *memory) {
    numbers a[CHAINS], x = SET(0.5), y = SET(0.75);
    (void)memory;
    EACH_CHAIN a[k] = SET(1.5);
    KEEP(x);
    for (size_t i = 0; i < times; i++) {
        EACH_CHAIN {
            a[k] = FMA(a[k], x, y);
            KEEP(a[k]);
        }
    }
    return (double)times * CHAINS * LANES;
}

static double sum_loop(size_t times, double *memory) {
    numbers a[CHAINS], x = SET(0.5);
    (void)memory;
    EACH_CHAIN a[k] = SET(1.5);
    KEEP(x);
    for (size_t i = 0; i < times; i++) {
        EACH_CHAIN {
            a[k] = ADD(a[k], x);
            KEEP(a[k]);
        }
    }
    return (double)times * CHAINS * LANES;
}

static double divide_loop(size_t times, double *memory) {
    numbers a[CHAINS], x = SET(1.25);
    (void)memory;
    EACH_CHAIN a[k] = SET(1.5);
    KEEP(x);
    for (size_t i = 0; i < times; i++) {
        EACH_CHAIN {
            a[k] = DIVIDE(x, a[k]);
            KEEP(a[k]);
        }
    }
    return (double)times * CHAINS * LANES;
}

static double root_loop(size_t times, double *memory) {
    numbers a[CHAINS];
    (void)memory;
    EACH_CHAIN a[k] = SET(1.5);
    for (size_t i = 0; i < times; i++) {
        EACH_CHAIN {
            a[k] = ROOT(a[k]);
            KEEP(a[k]);
        }
    }
    return (double)times * CHAINS * LANES;
}

static double multiply_loop(size_t times, double *memory) {
    words b[CHAINS], x = SET_WORDS(0x5bd1e995);
    (void)memory;
    EACH_CHAIN b[k] = x;
    KEEP(x);
    for (size_t i = 0; i < times; i++) {
        EACH_CHAIN {
            b[k] = MULTIPLY(b[k], x);
            KEEP(b[k]);
        }
    }
    return (double)times * CHAINS * LANES;
}

static double load_loop(size_t times, double *memory) {
    for (size_t i = 0; i < times; i++) {
        for (size_t j = 0; j < KR_CEILING_NUMBERS; j += UNROLLED * LANES) {
            const double *from = memory + j;
            EACH_UNROLLED {
                numbers a = LOAD(from + k * LANES);
                KEEP(a);
            }
        }
    }
    return (double)times * KR_CEILING_NUMBERS;
}

static double store_loop(size_t times, double *memory) {
    numbers a = SET(1.5);
    for (size_t i = 0; i < times; i++) {
        for (size_t j = 0; j < KR_CEILING_NUMBERS; j += UNROLLED * LANES) {
            double *to = memory + j;
            EACH_UNROLLED {
                KEEP(a);
                STORE(to + k * LANES, a);
            }
        }
    }
    __asm__ volatile("" ::"r"(memory) : "memory");
    return (double)times * KR_CEILING_NUMBERS;
}

/* One that does not wait for others, of each of three kinds in turn: between them they reach every unit. */
static inline __attribute__((always_inline)) void one_vector_instruction(size_t k, numbers x, words z) {
    numbers a;
    words b;
    if (k % 4 == 0) __asm__ volatile("vmulpd %1, %1, %0" : "=v"(a) : "v"(x));
    if (k % 4 == 2) __asm__ volatile("vaddpd %1, %1, %0" : "=v"(a) : "v"(x));
    if (k % 2 == 1) __asm__ volatile(XOR " %1, %2, %0" : "=v"(b) : "v"(z), "v"(x));
}

static double vector_loop(size_t times, double *memory) {
    numbers x = SET(0.5);
    words z = SET_WORDS(0x5bd1e995);
    (void)memory;
    for (size_t i = 0; i < times; i++) {
        EACH_UNROLLED one_vector_instruction(k, x, z);
    }
    return (double)times * UNROLLED;
}

/* The same with two scalar instructions for each. */
static double instruction_loop(size_t times, double *memory) {
    numbers x = SET(0.5);
    words z = SET_WORDS(0x5bd1e995);
    unsigned long c[4] = {0}, one = 1;
    (void)memory;
    for (size_t i = 0; i < times; i++) {
        EACH_UNROLLED {
            one_vector_instruction(k, x, z);
            __asm__ volatile("xor %2, %0\n\txor %2, %1" : "+r"(c[k % 2]), "+r"(c[2 + k % 2]) : "r"(one) : "cc");
        }
    }
    return (double)times * UNROLLED * 3;
}

/* Exclusive ors that wait for each other: one a cycle, which tells the clock. (Additions of a constant do not tell it: processors
 * of Intel from Golden Cove on join a run of them into one.) */
static double cycle_loop(size_t times, double *memory) {
    unsigned long a = 0, b = 1;
    (void)memory;
    for (size_t i = 0; i < times; i++) EACH_UNROLLED __asm__ volatile("xor %1, %0" : "+r"(a) : "r"(b) : "cc");
    return (double)times * UNROLLED;
}

static void exponentials(const double *restrict x, double *restrict y) {
    for (size_t j = 0; j < KR_CEILING_NUMBERS; j++) y[j] = kr_exp(x[j]);
}

static double exp_loop(size_t times, double *memory) {
    static alignas(64) double result[KR_CEILING_NUMBERS];
    for (size_t i = 0; i < times; i++) {
        exponentials(memory, result);
        __asm__ volatile("" ::"r"(result) : "memory");
    }
    return (double)times * KR_CEILING_NUMBERS;
}

/* Stores come last: they change the memory. */
const kr_ceiling_loop KR_PASTE_HOST(ceiling, KR_ISA)[] = {{"fma", fma_loop},
                                                          {"add", sum_loop},
                                                          {"divide", divide_loop},
                                                          {"sqrt", root_loop},
                                                          {"multiply", multiply_loop},
                                                          {"load", load_loop},
                                                          {"exp", exp_loop},
                                                          {"vector_instruction", vector_loop},
                                                          {"instruction", instruction_loop},
                                                          {"cycle", cycle_loop},
                                                          {"store", store_loop},
                                                          {NULL, NULL}};
