/* The engine's random numbers as a stream of 32-bit words, and what is counted of it.
 *
 * A stream is a sequence of blocks of STREAM_BLOCK words. Which index of the random numbers runs fastest is the order. Files named
 * stream_*.c are compiled once per instruction set; word_tests.c and normal_tests.c turn counts into p-values. */
#ifndef KR_STREAM_H
#define KR_STREAM_H

#include "engine/kernels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For the orders other than by particle a block is STREAM_RUN values of the index for each of the particles of a granule. */
enum { STREAM_BLOCK = 1 << 16, STREAM_RUN = STREAM_BLOCK / KR_GRANULE };

typedef enum stream_order { STREAM_PARTICLES, STREAM_STEPS, STREAM_COORDINATES, STREAM_SEEDS, STREAM_ORDERS } stream_order;

typedef struct stream_source {
    const kr_kernels *kernels;
    stream_order order;
    uint64_t seed;
    bool normals; /* words are normals through their distribution function */
    /* What spoils the stream on purpose. */
    int rounds;   /* of Philox, 10 */
    bool lagged;  /* seed s + 1 has what seed s has one step later */
    double scale; /* of normals, 1 */
} stream_source;

/* Where block b of a stream begins. */
kr_draw stream_place(const stream_source *source, uint64_t block);

/* ---- tests of words ---- */

enum {
    PAIR_LAGS = 8,
    MATCH_LAGS = 73,       /* 1 to 64, then powers of two */
    MATCH_TURNS = 16,      /* a word with itself turned by 1 to 16 bits */
    MATCH_NEXT_TURNS = 31, /* a word with the next one turned by 1 to 31 bits */
    MATCHES = MATCH_LAGS + MATCH_TURNS + MATCH_NEXT_TURNS,
    MATCHES_A_BLOCK = 8,
    NEIGHBOURS = 8,
    WEIGHTS = 33,
    GAP_BITS = 5, /* a hit is a word below 2^(32 - GAP_BITS) */
    GAPS = 256,
    RUNS = 12,
    BIRTHDAYS = 4096,
    BALLS = 1 << 14,
    URN_BITS = 20
};

/* All numbers, no pointers: kept in files as it is. */
typedef struct word_counts {
    uint64_t blocks;
    uint32_t half[2][65536]; /* lower, upper 16 bits */
    uint32_t pair[PAIR_LAGS][65536];
    uint64_t pairs[PAIR_LAGS];
    uint64_t different[MATCHES][32], matched[MATCHES]; /* by bit: how often not equal, of so many words */
    uint64_t neighbour[NEIGHBOURS][32], neighbours[NEIGHBOURS];
    uint64_t weight[WEIGHTS * WEIGHTS]; /* ones in a word and in the next */
    uint64_t gap[GAPS + 1], gap_open;
    uint64_t run[RUNS + 1];
    int64_t run_start; /* of the open one, in the next block */
    uint32_t last;
    uint64_t rank[33];
    uint64_t birthday_sets, birthday_same;
    uint64_t ball_sets, collisions;
} word_counts;

/* ---- tests of normals ---- */

enum {
    CORNERS = 16, /* step, coordinate, stream, seed: this or the next */
    CORNER_SIZE = 2048,
    CORNER_PAIRS = CORNERS * (CORNERS - 1) / 2,
    PARTICLE_LAGS = 8,
    MOMENTS = 8,
    TAILS = 7
};

typedef struct normal_counts {
    uint64_t blocks; /* of CORNERS * CORNER_SIZE normals */
    double power[MOMENTS + 1];
    uint64_t above[TAILS + 1], below[TAILS + 1];
    uint32_t cell[65536];  /* equally probable */
    uint32_t joint[65536]; /* 256 cells of each of the pair that Box and Muller make at once */
    double product[CORNER_PAIRS], squares[CORNER_PAIRS];
    double lag_product[PARTICLE_LAGS], lag_squares[PARTICLE_LAGS];
    uint64_t lagged[PARTICLE_LAGS];
} normal_counts;

extern const int stream_particle_lags[PARTICLE_LAGS];

/* ---- by instruction set ---- */

typedef struct stream_kernels {
    const char *isa;
    void (*words)(const stream_source *source, kr_draw place, uint32_t *restrict out);
    /* As words of 32 bits: floor(2^32 P(x)). */
    void (*uniform)(size_t n, const double *restrict x, uint32_t *restrict out);
    /* Everything that is counted of block number counts->blocks. neighbour: room for a block. */
    void (*count_words)(const stream_source *source, const uint32_t *word, uint32_t *scratch, word_counts *counts);
    void (*count_normals)(const stream_source *source, double *scratch, normal_counts *counts);
} stream_kernels;

/* Room that count_normals needs. */
enum { NORMALS_SCRATCH = 3 * CORNERS * CORNER_SIZE };

const stream_kernels *stream_kernels_find(const char *isa);

#define STREAM_PASTE_AGAIN(name, isa) stream_##name##_##isa
#define STREAM_PASTE(name, isa) STREAM_PASTE_AGAIN(name, isa)
#define STREAM(name) STREAM_PASTE(name, KR_ISA)

/* ---- verdicts ---- */

/* The p-values of one kind of test, of which the smallest counts. */
typedef struct p_values {
    struct p_family {
        const char *name;
        double bytes; /* that each of them has seen, on average */
        int tests;
        double smallest;
        char where[64];
    } family[32];
    int families;
} p_values;

void p_begin(p_values *p, const char *name, double bytes);
void p_add(p_values *p, double value, const char *where, ...) KR_PRINTF(3, 4);
void p_normal(p_values *p, double z, const char *where);
/* Two-sided: too even is as suspicious as too uneven. Cells with fewer than ten expected are put together with what follows. */
void p_chi_square(p_values *p, const char *where, size_t cells, const double *expected, const double *observed);
/* Prints the table and the verdict; true: nothing is suspicious. */
bool p_report(const p_values *p);

void word_tests(const word_counts *counts, p_values *p);
void normal_tests(const normal_counts *counts, p_values *p);

#endif
