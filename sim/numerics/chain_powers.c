#include "chain_powers.h"

#include <gsl/gsl_blas.h>

#include <math.h>
#include <stdlib.h>

static bool make_room(kr_chain_powers *powers) {
    size_t n = powers->n;
    double *data = powers->count < KR_CHAIN_POWERS_MOST ? malloc((n + 2) * n * sizeof *data) : NULL;
    if (!data) return false;
    powers->power[powers->count++] = (kr_chain_power){.matrix = data, .arrived = data + n * n, .lost = data + n * n + n};
    return true;
}

bool kr_chain_powers_create(kr_chain_powers *powers, size_t n, double rate) {
    *powers = (kr_chain_powers){.rate = rate, .n = n};
    return make_room(powers);
}

void kr_chain_powers_destroy(kr_chain_powers *powers) {
    while (powers->count) free(powers->power[--powers->count].matrix);
}

/* What is still there, what has arrived and what is lost make 1. The small ones of these are sums of positive terms, with all their
 * digits; what is there is scaled to the rest, so that powers do not drift (as in Grassmann, Taksar and Heyman 1985). */
static void scale_rows(const kr_chain_powers *powers, kr_chain_power *power) {
    size_t n = powers->n;
    for (size_t i = 0; i < n; i++) {
        double *row = power->matrix + i * n, sum = 0.0, rest = fmax(0.0, 1.0 - power->arrived[i] - power->lost[i]);
        for (size_t j = 0; j < n; j++) sum += row[j];
        for (size_t j = 0; j < n && sum > 0.0; j++) row[j] *= rest / sum;
    }
}

void kr_chain_powers_first(kr_chain_powers *powers) {
    scale_rows(powers, &powers->power[0]);
}

bool kr_chain_powers_square(kr_chain_powers *powers) {
    size_t n = powers->n;
    if (!make_room(powers)) return false;
    const kr_chain_power *half = &powers->power[powers->count - 2];
    kr_chain_power *whole = &powers->power[powers->count - 1];
    gsl_matrix_view a = gsl_matrix_view_array(half->matrix, n, n), c = gsl_matrix_view_array(whole->matrix, n, n);
    gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1.0, &a.matrix, &a.matrix, 0.0, &c.matrix);
    for (size_t i = 0; i < n; i++) {
        double arrived = half->arrived[i], lost = half->lost[i];
        for (size_t j = 0; j < n; j++) {
            arrived += half->matrix[i * n + j] * half->arrived[j];
            lost += half->matrix[i * n + j] * half->lost[j];
        }
        whole->arrived[i] = arrived;
        whole->lost[i] = lost;
    }
    scale_rows(powers, whole);
    return true;
}

double kr_chain_powers_apply(const kr_chain_powers *powers, int j, const double *mass, double *next, double *hazard, double *lost) {
    size_t n = powers->n;
    const kr_chain_power *power = &powers->power[j];
    double sum = 0.0, change = 0.0;
    *hazard = *lost = 0.0;
    for (size_t i = 0; i < n; i++) next[i] = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double *row = power->matrix + i * n;
        *hazard += mass[i] * power->arrived[i];
        *lost += mass[i] * power->lost[i];
        for (size_t k = 0; k < n; k++) next[k] += mass[i] * row[k];
    }
    *hazard = fmax(0.0, *hazard);
    for (size_t k = 0; k < n; k++) sum += next[k];
    for (size_t k = 0; k < n && sum > 0.0; k++) {
        next[k] /= sum;
        change += fabs(next[k] - mass[k]);
    }
    return sum > 0.0 ? change : INFINITY;
}
