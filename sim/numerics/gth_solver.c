#include "gth_solver.h"

#include <kramers/interrupt.h>

#include <stdlib.h>

/* Eliminating state k adds row k to every row i < k that has a column k, so the band of i grows to the left. */
static double fill_in(kr_gth *m) {
    size_t lowest = m->n;
    for (size_t k = 0; k < m->n; k++) m->reach[k] = m->n;
    for (size_t i = 0; i < m->n; i++)
        if (i < m->reach[m->last[i] - 1]) m->reach[m->last[i] - 1] = i;
    for (size_t k = m->n; k-- > 0;) {
        if (m->reach[k] < lowest) lowest = m->reach[k];
        m->reach[k] = lowest;
    }
    double work = 0.0;
    for (size_t k = m->n; k-- > 0;)
        for (size_t i = m->reach[k]; i < k; i++) {
            if (m->last[i] <= k) continue;
            if (m->first[k] < m->first[i]) m->first[i] = m->first[k];
            work += (double)k - (double)m->first[k];
        }
    return work;
}

bool kr_gth_create(kr_gth *m, size_t n, const size_t *first, const size_t *last, double max_work) {
    *m = (kr_gth){.n = n};
    m->first = malloc(3 * n * sizeof *m->first);
    m->row = malloc(n * sizeof *m->row);
    m->excess = calloc(2 * n, sizeof *m->excess);
    if (!m->first || !m->row || !m->excess) return kr_gth_destroy(m), false;
    m->last = m->first + n;
    m->reach = m->last + n;
    m->pivot = m->excess + n;
    for (size_t i = 0; i < n; i++) { /* the diagonal too, so that the columns of a row always include its own */
        m->first[i] = first[i] < i ? first[i] : i;
        m->last[i] = last[i] > i ? last[i] : i + 1;
    }
    if (fill_in(m) > max_work) return kr_gth_destroy(m), false;
    size_t total = 0;
    for (size_t i = 0; i < n; i++) total += m->last[i] - m->first[i];
    m->storage = calloc(total, sizeof *m->storage);
    if (!m->storage) return kr_gth_destroy(m), false;
    double *next = m->storage;
    for (size_t i = 0; i < n; i++) {
        m->row[i] = next;
        next += m->last[i] - m->first[i];
    }
    return true;
}

void kr_gth_destroy(kr_gth *m) {
    free(m->first);
    free(m->row);
    free(m->excess);
    free(m->storage);
    *m = (kr_gth){0};
}

static void add_row(size_t n, double factor, const double *restrict from, double *restrict to) {
    for (size_t j = 0; j < n; j++) to[j] += factor * from[j];
}

bool kr_gth_eliminate(kr_gth *m) {
    for (size_t k = m->n; k-- > 0;) {
        if (kr_interrupt_wanted()) return false;
        size_t width = k - m->first[k];
        double pivot = m->excess[k];
        for (size_t j = 0; j < width; j++) pivot += m->row[k][j];
        if (!(pivot > 0.0)) return false;
        m->pivot[k] = pivot;
        for (size_t i = m->reach[k]; i < k; i++) {
            if (m->last[i] <= k || m->row[i][k - m->first[i]] == 0.0) continue;
            double *entry = &m->row[i][k - m->first[i]];
            *entry /= pivot;
            m->excess[i] += *entry * m->excess[k];
            add_row(width, *entry, m->row[k], m->row[i] + (m->first[k] - m->first[i]));
        }
    }
    return true;
}

void kr_gth_stationary(const kr_gth *m, double *probability) {
    for (size_t k = 0; k < m->n; k++) probability[k] = 0.0;
    probability[0] = 1.0;
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = i + 1; k < m->last[i]; k++) probability[k] += probability[i] * m->row[i][k - m->first[i]];
}

void kr_gth_solve(const kr_gth *m, double *b) {
    for (size_t i = m->n; i-- > 0;)
        for (size_t k = i + 1; k < m->last[i]; k++) b[i] += m->row[i][k - m->first[i]] * b[k];
    for (size_t k = 0; k < m->n; k++) {
        size_t width = k - m->first[k];
        for (size_t j = 0; j < width; j++) b[k] += m->row[k][j] * b[m->first[k] + j];
        b[k] /= m->pivot[k];
    }
}
