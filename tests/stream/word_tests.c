/* From counts of words to p-values. */
#include "stream.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double block_bytes(double blocks) {
    return blocks * STREAM_BLOCK * sizeof(uint32_t);
}

/* Equally probable cells. */
static void even(p_values *p, const char *where, size_t cells, const double *observed) {
    double total = 0, *expected = malloc(cells * sizeof *expected);
    for (size_t i = 0; i < cells; i++) total += observed[i];
    for (size_t i = 0; i < cells; i++) expected[i] = total / (double)cells;
    p_chi_square(p, where, cells, expected, observed);
    free(expected);
}

static void cells(const word_counts *c, p_values *p) {
    static double seen[65536], byte[4][256], bit[32];
    static const char *const halves[] = {"lower half", "upper half"};
    char where[32];
    double bytes = block_bytes((double)c->blocks), words = (double)c->blocks * STREAM_BLOCK;
    p_begin(p, "cells of 16 bits", bytes);
    for (unsigned h = 0; h < 2; h++) {
        for (unsigned i = 0; i < 65536; i++) {
            seen[i] = c->half[h][i];
            byte[2 * h][i & 0xff] += seen[i];
            byte[2 * h + 1][i >> 8] += seen[i];
            for (unsigned b = 0; b < 16; b++) bit[16 * h + b] += i >> b & 1 ? seen[i] : 0;
        }
        even(p, halves[h], 65536, seen);
    }
    p_begin(p, "bytes", bytes);
    for (int b = 0; b < 4; b++) {
        snprintf(where, sizeof where, "byte %d", b);
        even(p, where, 256, byte[b]);
    }
    p_begin(p, "bits", bytes);
    for (int b = 0; b < 32; b++) {
        snprintf(where, sizeof where, "bit %d", b);
        p_normal(p, (bit[b] - words / 2) / sqrt(words / 4), where);
    }
}

static void pairs(const word_counts *c, p_values *p) {
    static double seen[65536];
    static const int lags[PAIR_LAGS] = {1, 2, 3, 4, 16, 64, 1024, 4096};
    char where[32];
    double total = 0;
    for (int k = 0; k < PAIR_LAGS; k++) total += (double)c->pairs[k];
    p_begin(p, "pairs of bytes over lags", total / PAIR_LAGS * 8);
    for (int k = 0; k < PAIR_LAGS; k++) {
        for (int i = 0; i < 65536; i++) seen[i] = c->pair[k][i];
        snprintf(where, sizeof where, "lag %d", lags[k]);
        if (c->pairs[k]) even(p, where, 65536, seen);
    }
}

/* 32 independent numbers of variance n / 4. */
static void different(p_values *p, const char *where, uint64_t n, const uint64_t bit[32]) {
    double chi_square = 0;
    if (!n) return;
    for (int b = 0; b < 32; b++) {
        double off = (double)(int64_t)(2 * bit[b] - n);
        chi_square += off * off / (double)n;
    }
    p_add(p, 2 * fmin(gsl_cdf_chisq_P(chi_square, 32), gsl_cdf_chisq_Q(chi_square, 32)), "%s: chi-square %.1f of 32", where,
          chi_square);
}

static double mean_words(const uint64_t *counts, int from, int to) {
    double total = 0;
    for (int k = from; k < to; k++) total += (double)counts[k];
    return 4 * total / (to - from);
}

static void matches(const word_counts *c, p_values *p) {
    static const char *const indices[NEIGHBOURS] = {
        "seed + 1",   "seed + 2^32",    "step + 1",           "step + 2^32",
        "stream + 1", "coordinate + 1", "seed + 1, step - 1", "coordinate + 1, step - 1"};
    char where[32];
    p_begin(p, "equal bits over lags", mean_words(c->matched, 0, MATCH_LAGS));
    for (int k = 0; k < MATCH_LAGS; k++) {
        snprintf(where, sizeof where, "lag %d", k < 64 ? k + 1 : 128 << (k - 64));
        different(p, where, c->matched[k], c->different[k]);
    }
    /* Turned by 16, a word has each pair of bits twice. */
    p_begin(p, "equal bits of a word turned by 1 to 15", mean_words(c->matched, MATCH_LAGS, MATCH_LAGS + MATCH_TURNS - 1));
    for (int k = MATCH_LAGS; k < MATCH_LAGS + MATCH_TURNS - 1; k++) {
        snprintf(where, sizeof where, "turned by %d", k - MATCH_LAGS + 1);
        different(p, where, c->matched[k], c->different[k]);
    }
    p_begin(p, "equal bits with the next word turned", mean_words(c->matched, MATCH_LAGS + MATCH_TURNS, MATCHES));
    for (int k = MATCH_LAGS + MATCH_TURNS; k < MATCHES; k++) {
        snprintf(where, sizeof where, "turned by %d", k - MATCH_LAGS - MATCH_TURNS + 1);
        different(p, where, c->matched[k], c->different[k]);
    }
    p_begin(p, "equal bits with a neighbour's words", mean_words(c->neighbours, 0, NEIGHBOURS));
    for (int k = 0; k < NEIGHBOURS; k++) different(p, indices[k], c->neighbours[k], c->neighbour[k]);
}

static void weights(const word_counts *c, p_values *p) {
    static double expected[WEIGHTS * WEIGHTS], observed[WEIGHTS * WEIGHTS];
    double n = (double)c->blocks * (STREAM_BLOCK / 2);
    for (unsigned i = 0; i < WEIGHTS * WEIGHTS; i++) {
        expected[i] = n * gsl_ran_binomial_pdf(i / WEIGHTS, 0.5, 32) * gsl_ran_binomial_pdf(i % WEIGHTS, 0.5, 32);
        observed[i] = (double)c->weight[i];
    }
    p_begin(p, "ones in two words", block_bytes((double)c->blocks));
    p_chi_square(p, "pairs", WEIGHTS * WEIGHTS, expected, observed);
}

static void gaps_and_runs(const word_counts *c, p_values *p) {
    double expected[GAPS + 1], observed[GAPS + 1], total = 0, chance = ldexp(1.0, -GAP_BITS), factorial = 1;
    for (int k = 0; k <= GAPS; k++) total += observed[k] = (double)c->gap[k];
    for (int k = 0; k <= GAPS; k++) expected[k] = total * pow(1 - chance, k) * (k < GAPS ? chance : 1);
    p_begin(p, "gaps", block_bytes((double)c->blocks));
    p_chi_square(p, "gaps", GAPS + 1, expected, observed);
    total = 0;
    for (int k = 1; k <= RUNS; k++) total += observed[k - 1] = (double)c->run[k];
    for (int k = 1; k <= RUNS; k++, factorial *= k) expected[k - 1] = total / factorial * (k < RUNS ? 1 - 1.0 / (k + 1) : 1);
    p_begin(p, "runs upwards", block_bytes((double)c->blocks));
    p_chi_square(p, "runs", RUNS, expected, observed);
}

/* A matrix of 32 by 32 random bits has rank r with probability 2^(r (64 - r) - 1024) prod_(i < r) (1 - 2^(i - 32))^2 / (1 - 2^(i -
 * r)). */
static void ranks(const word_counts *c, p_values *p) {
    double expected[4] = {0}, observed[4] = {0}, total = 0;
    for (int r = 32; r >= 0; r--) {
        double chance = ldexp(1.0, r * (64 - r) - 1024);
        for (int i = 0; i < r; i++) chance *= pow(1 - ldexp(1.0, i - 32), 2) / (1 - ldexp(1.0, i - r));
        int cell = r < 29 ? 3 : 32 - r;
        expected[cell] += chance;
        observed[cell] += (double)c->rank[r];
        total += (double)c->rank[r];
    }
    for (int k = 0; k < 4; k++) expected[k] *= total;
    p_begin(p, "ranks of 32 by 32 bits", block_bytes((double)c->blocks));
    p_chi_square(p, "ranks 32, 31, 30, less", 4, expected, observed);
}

/* Around the circle all m spacings have one distribution, and any two are the same day with probability (m - 1) / (2 n), any three
 * with (m - 1)(m - 2) / (3 n^2). g equal ones count g - 1 = C(g, 2) - C(g, 3) + ... */
static void birthdays(const word_counts *c, p_values *p) {
    double m = BIRTHDAYS, n = 0x1p32, sets = (double)c->birthday_sets;
    double two = m * (m - 1) / 2 * (m - 1) / (2 * n);
    double three = m * (m - 1) * (m - 2) / 6 * (m - 1) * (m - 2) / (3 * n * n);
    double mean = sets * (two - three);
    p_begin(p, "birthday spacings", sets * m * 4);
    p_normal(p, ((double)c->birthday_same - mean) / sqrt(mean), "equal spacings");
}

/* Urns that stay empty: mean k q^n with q = 1 - 1/k, variance by pairs of urns. */
static void collisions(const word_counts *c, p_values *p) {
    long double k = 1 << URN_BITS, one = powl(1 - 1 / k, BALLS), both = powl(1 - 2 / k, BALLS);
    double mean = (double)(BALLS - k * (1 - one)), variance = (double)(k * (k - 1) * both + k * one - k * k * one * one);
    double sets = (double)c->ball_sets;
    p_begin(p, "collisions of 2^14 balls in 2^20 urns", sets * BALLS * 4);
    p_normal(p, ((double)c->collisions - sets * mean) / sqrt(sets * variance), "collisions");
}

void word_tests(const word_counts *c, p_values *p) {
    cells(c, p);
    pairs(c, p);
    matches(c, p);
    weights(c, p);
    gaps_and_runs(c, p);
    ranks(c, p);
    birthdays(c, p);
    collisions(c, p);
}
