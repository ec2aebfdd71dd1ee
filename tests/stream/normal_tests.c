/* From counts of normals to p-values. */
#include "stream.h"

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <stdio.h>

const int stream_particle_lags[PARTICLE_LAGS] = {1, 2, 15, 16, 17, 32, 64, 128};

static double words_bytes(double normals) {
    return normals * sizeof(uint32_t);
}

/* Central moments are raw ones here: E x^k = (k - 1)!! and Var x^k = E x^2k - (E x^k)^2. */
static void moments(const normal_counts *c, double n, p_values *p) {
    double exact[2 * MOMENTS + 1] = {1};
    char where[32];
    for (int k = 2; k <= 2 * MOMENTS; k += 2) exact[k] = exact[k - 2] * (k - 1);
    p_begin(p, "moments", words_bytes(n));
    for (int k = 1; k <= MOMENTS; k++) {
        snprintf(where, sizeof where, "moment %d", k);
        p_normal(p, (c->power[k] / n - exact[k]) / sqrt((exact[2 * k] - exact[k] * exact[k]) / n), where);
    }
}

/* So large means are normal; below that the exact two-sided value of the Poisson distribution. */
static void tail(p_values *p, const char *where, double seen, double expected) {
    if (expected > 1e6) {
        p_normal(p, (seen - expected) / sqrt(expected), where);
        return;
    }
    double low = gsl_cdf_chisq_Q(2 * expected, 2 * seen + 2), high = seen > 0 ? gsl_cdf_chisq_P(2 * expected, 2 * seen) : 1;
    p_add(p, fmin(1, 2 * fmin(low, high)), "%s: %.0f, expected %.2f", where, seen, expected);
}

static void tails(const normal_counts *c, double n, p_values *p) {
    char where[32];
    p_begin(p, "beyond 1 to 7 sigma", words_bytes(n));
    for (int s = 1; s <= TAILS; s++) {
        double chance = gsl_cdf_ugaussian_Q(s), spread = sqrt(1 - chance); /* binomial */
        const uint64_t seen[2] = {c->above[s], c->below[s]};
        for (int side = 0; side < 2; side++) {
            snprintf(where, sizeof where, "%s %d sigma", side ? "below" : "above", side ? -s : s);
            double off = ((double)seen[side] - n * chance) / spread;
            tail(p, where, s < 4 ? n * chance + off : (double)seen[side], n * chance);
        }
    }
}

static void even(p_values *p, const char *where, const uint32_t cell[65536], double total) {
    static double expected[65536], observed[65536];
    for (int i = 0; i < 65536; i++) {
        expected[i] = total / 65536;
        observed[i] = cell[i];
    }
    p_chi_square(p, where, 65536, expected, observed);
}

static void products(const normal_counts *c, p_values *p) {
    static const char *const index[4] = {"step", "coordinate", "stream", "seed"};
    double n = (double)c->blocks * CORNER_SIZE;
    p_begin(p, "products of neighbours by index", words_bytes(2 * n));
    for (unsigned a = 1, pair = 0; a < CORNERS; a++)
        for (unsigned b = 0; b < a; b++, pair++) {
            char where[64];
            int used = 0;
            for (int k = 0; k < 4; k++) {
                int direction = (int)(a >> k & 1) - (int)(b >> k & 1);
                if (direction)
                    used += snprintf(where + used, sizeof where - (size_t)used, "%s%c ", index[k], direction > 0 ? '+' : '-');
            }
            p_normal(p, c->product[pair] / sqrt(n), where);
            p_normal(p, c->squares[pair] / sqrt(4 * n), where);
        }
}

static void lags(const normal_counts *c, p_values *p) {
    char where[32];
    p_begin(p, "products of neighbouring particles", words_bytes((double)c->lagged[0]));
    for (int k = 0; k < PARTICLE_LAGS; k++) {
        double n = (double)c->lagged[k];
        snprintf(where, sizeof where, "%d particles on", stream_particle_lags[k]);
        p_normal(p, c->lag_product[k] / sqrt(n), where);
        p_normal(p, c->lag_squares[k] / sqrt(4 * n), where);
    }
}

void normal_tests(const normal_counts *c, p_values *p) {
    double n = (double)c->blocks * CORNERS * CORNER_SIZE;
    moments(c, n, p);
    tails(c, n, p);
    p_begin(p, "2^16 equally probable cells", words_bytes(n));
    even(p, "cells", c->cell, n);
    p_begin(p, "256 by 256 cells of a pair", words_bytes(n));
    even(p, "pairs", c->joint, n / 2);
    products(c, p);
    lags(c, p);
}
